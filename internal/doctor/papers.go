package doctor

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"msw/internal/problem"
)

// Papers are numbers as somebody types them from a doctor's papers. They are
// never kept: only a keyed token of each is, by which the same number under two
// people is found.
type Papers struct {
	Passport    string // or of another travel document
	Licence     string // of a registration as a doctor, in any country
	Certificate string // of the medical degree
	Forget      bool   // the tokens kept before
}

// The kinds of token of a number.
const (
	tokenNumber      = "number"   // of a GMC registration or a test report, from what is recorded
	tokenPassport    = "passport" // as typed, like those that follow
	tokenLicence     = "licence"
	tokenCertificate = "certificate"
)

// typedKinds are the kinds of number that are typed, as pages show them.
var typedKinds = [...]string{tokenPassport, tokenLicence, tokenCertificate}

// leastNumber is how long a number must be: a shorter one is shared by chance.
const leastNumber = 5

func ofPaper(kind string) bool {
	return kind == tokenNumber || slices.Contains(typedKinds[:], kind)
}

func (p Papers) each(do func(kind, number string)) {
	do(tokenPassport, numberKey(p.Passport))
	do(tokenLicence, numberKey(p.Licence))
	do(tokenCertificate, numberKey(p.Certificate))
}

func (p Papers) check(c *problem.Check) {
	for field, text := range map[string]string{"passport": p.Passport, "licence": p.Licence, "certificate": p.Certificate} {
		n := len(numberKey(text))
		c.That(strings.TrimSpace(text) == "" || n >= leastNumber && n <= 40, field, "Enter the whole number as it is printed, or leave this empty")
	}
}

// keeps tells whether a token kept before stays when these are saved.
func (p Papers) keeps(kind string) bool {
	typed := false
	p.each(func(k, number string) { typed = typed || k == kind && number != "" })
	return kind == tokenNumber || !typed && !p.Forget
}

// shared are the kinds of number that two people have in common.
func (p Papers) shared(q Papers) (kinds []string) {
	p.each(func(kind, mine string) {
		q.each(func(other, theirs string) {
			if kind == other && mine != "" && mine == theirs {
				kinds = append(kinds, kind)
			}
		})
	})
	return kinds
}

// paperReason is what a shared number says. Countries number their doctors, and
// schools their certificates, each for itself: two may have the same by chance.
func paperReason(kind string) (weight int, why string) {
	switch kind {
	case tokenPassport:
		return 6, "The same number of a passport or travel document"
	case tokenLicence:
		return 2, "The same registration number as a doctor abroad"
	case tokenCertificate:
		return 2, "The same number on the medical degree certificate"
	}
	return 6, "The same number of a GMC registration or a test report"
}

// numberKey keeps the letters and figures of a number, whatever stands between.
func numberKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || unicode.IsLetter(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

// paperWords compares one kind of number of two records for the page on which
// they stand side by side; "" where neither has one.
func paperWords(mine, theirs []string) (a, b string) {
	given := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "Given"
	}
	a, b = given(mine), given(theirs)
	if a == "" || b == "" {
		return a, b
	}
	return a, cmp.Or(map[bool]string{overlap(mine, theirs): "The same number"}[true], "Another number")
}
