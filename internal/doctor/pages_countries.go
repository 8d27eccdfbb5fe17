package doctor

import (
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"msw/internal/nhs"
)

// notCountries are codes of the standard that name groups of countries.
var notCountries = []string{"EU", "EZ", "QO", "UN"}

// Countries are all countries by name, as options of a form.
func Countries() []nhs.Option {
	names := display.English.Regions()
	var out []nhs.Option
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string(a) + string(b))
			if err != nil || !region.IsCountry() || region.Canonicalize() != region || slices.Contains(notCountries, region.String()) {
				continue
			}
			if name := names.Name(region); name != "" && !strings.HasPrefix(name, "Unknown") {
				out = append(out, nhs.Option{Value: region.String(), Label: name})
			}
		}
	}

	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return strings.Compare(a.Label, b.Label) < 0
	})
	return out
}

// CountryName is a country's name for its code of two letters.
func CountryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.English.Regions().Name(region)
}
