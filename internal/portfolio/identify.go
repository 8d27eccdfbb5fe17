package portfolio

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Finding is a place in a text where a patient may be named.
type Finding struct{ What, Text string }

// decimal writes a number.
func decimal(n int) string { return strconv.Itoa(n) }

var (
	tenDigits  = regexp.MustCompile(`(?:^|[^\d])(\d{3}[ -]?\d{3}[ -]?\d{4})(?:[^\d]|$)`)
	birthDates = regexp.MustCompile(`(?i)\b(?:dob|d\.o\.b\.?|born(?: on)?|date of birth|birthday)\b[:\s]*(?:is |was |on )?([0-9][0-9 ./-]{3,9}[0-9]|[0-9]{1,2}(?:st|nd|rd|th)? \pL{3,9} [0-9]{2,4})`)
	titled     = regexp.MustCompile(`\b(?:Mr|Mrs|Ms|Miss|Master|Mx|Baby)\.? (\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+)?)`)
	called     = regexp.MustCompile(`(?:\b[Pp]atient|\b[Pp]t|\b[Hh]er name|\b[Hh]is name|\b[Tt]heir name|\bcalled|\bnamed)(?: was| is)?,? (\p{Lu}\pL+ \p{Lu}[\pL'’-]+)`)
	hospital   = regexp.MustCompile(`(?i)\b(?:mrn|hospital (?:no|number)|hosp no|unit number)\b[.:\s#]*([A-Z]{0,3}[0-9]{5,10})`)
	postcodes  = regexp.MustCompile(`\b([A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})\b`)
)

// Identifiers finds what may tell who a patient is. It warns and cannot be sure:
// a text without findings may still tell, and one with findings may not.
func Identifiers(text string) []Finding {
	var out []Finding
	add := func(what, found string) {
		f := Finding{what, strings.TrimSpace(found)}
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for rest := text; ; { // matches may share the character between them
		at := tenDigits.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		if found := rest[at[2]:at[3]]; NHSNumber(found) {
			add("An NHS number", found)
		}
		rest = rest[at[3]:]
	}
	for what, pattern := range map[string]*regexp.Regexp{"A date of birth": birthDates, "A name": titled, "A hospital number": hospital, "A postcode": postcodes} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			add(what, m[1])
		}
	}
	for _, m := range called.FindAllStringSubmatch(text, -1) {
		add("A name", m[1])
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return strings.Index(text, a.Text)-strings.Index(text, b.Text) < 0
	})
	return out
}

// NHSNumber tells whether ten digits are one, by its check digit (modulus 11).
func NHSNumber(s string) bool {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	if len(s) != 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		sum += int(s[i]-'0') * (10 - i)
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check != 10 && int(s[9]-'0') == check
}
