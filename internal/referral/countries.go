package referral

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"msw/internal/tabular"
)

// countryList knows the countries of the world by code and English name, as the
// Unicode consortium gives them.
type countryList struct {
	names [][2]string       // code and name, by name
	codes map[string]string // folded name or code
}

// notCountries are codes of the standard that name no country.
var notCountries = []string{"EU", "EZ", "QO", "UN", "ZZ"}

func newCountries() countryList {
	l := countryList{codes: map[string]string{}}
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			r, err := language.ParseRegion(code)
			if err != nil || !r.IsCountry() || r.Canonicalize() != r || r.String() != code || code[0] == 'X' && code != "XK" || slices.Contains(notCountries, code) {
				continue
			}
			name := names.Name(r)
			if name == "" || strings.HasPrefix(name, "Unknown") { // codes of countries that are no more
				continue
			}
			l.names = append(l.names, [2]string{code, name})
			l.codes[tabular.Fold(name)], l.codes[tabular.Fold(code)] = code, code
			if before, _, two := strings.Cut(name, " ("); two { // "Myanmar (Burma)" is Myanmar too
				l.codes[tabular.Fold(before)] = code
			}
		}
	}
	// Names people write besides the list's own.
	for name, code := range map[string]string{"Burma": "MM", "Turkey": "TR", "DRC": "CD", "DR Congo": "CD", "Democratic Republic of the Congo": "CD",
		"Republic of the Congo": "CG", "Ivory Coast": "CI", "Czech Republic": "CZ", "UK": "GB", "Great Britain": "GB", "England": "GB",
		"Scotland": "GB", "Wales": "GB", "Northern Ireland": "GB", "USA": "US", "United States of America": "US", "UAE": "AE",
		"Hong Kong": "HK", "Macedonia": "MK", "Palestine": "PS", "State of Palestine": "PS", "Gaza": "PS", "West Bank": "PS", "Swaziland": "SZ",
		"Syrian Arab Republic": "SY", "Islamic Republic of Iran": "IR", "Russian Federation": "RU", "Korea": "KR", "Republic of Korea": "KR",
		"Trinidad and Tobago": "TT", "Bosnia": "BA", "Bosnia and Herzegovina": "BA", "Republic of Ireland": "IE", "Holland": "NL", "Viet Nam": "VN"} {
		l.codes[tabular.Fold(name)] = code
	}
	slices.SortFunc(l.names, func(a, b [2]string) int { return strings.Compare(tabular.Fold(a[1]), tabular.Fold(b[1])) })
	return l
}

// code finds a country by name or code as a person wrote it.
func (l countryList) code(text string) (string, bool) {
	c, ok := l.codes[tabular.Fold(text)]
	return c, ok
}

func (l countryList) name(code string) string {
	for _, n := range l.names {
		if n[0] == code {
			return n[1]
		}
	}
	return code
}
