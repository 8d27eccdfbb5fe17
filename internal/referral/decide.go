package referral

import (
	"encoding/json"
	"slices"
	"strings"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/doctor"
	"msw/internal/organisation"
	"msw/internal/problem"
)

// limits are the settings of the programme a referral is checked against.
type limits struct {
	longest int // months a consent may run, 0 = no limit known
	reply   int // working days until the referrer should hear
}

// check says all that is wrong with a referral, so that nothing is written of
// one that cannot be kept.
func (n NewReferral) check(today clock.Date, l limits, routes []Route, countries countryList) error {
	var c problem.Check
	c.Add(n.Person.Check(today))
	c.That(n.On <= today, "on", "The date of the referral must not be in the future")
	i := slices.IndexFunc(routes, func(r Route) bool { return r.Code == n.Route })
	c.That(i >= 0 && !routes[i].Retired, "route", "Choose how the doctor was found")
	if n.Region != "" {
		c.That(organisation.RegionName(n.Region) != "", "region", "Choose a region of England")
	}
	code, ok := countries.code(n.Country)
	c.That(n.Country == "" || ok && code == n.Country, "country", "Choose a country from the list")
	switch n.First {
	case FirstEmail:
		c.That(n.Person.Email != "", "email", "Enter an email address, or choose another way to reach the doctor")
	case FirstText, FirstCall:
		c.That(n.Person.Mobile != "", "mobile", "Enter a phone number, or choose another way to reach the doctor")
	case FirstUsual, FirstPaper, FirstNone:
	default:
		c.That(false, "first", "Choose how to reach the doctor first")
	}
	if n.Referrer != "" {
		c.Add(checkConsent(n.ConsentScope, n.ConsentUntil, n.On, today, l.longest))
	}
	return c.Err()
}

func checkConsent(scope []string, until, from, today clock.Date, longest int) error {
	var c problem.Check
	c.That(len(scope) > 0, "consent-scope", "Choose what the doctor agreed to share with you")
	for _, s := range scope {
		c.That(slices.Contains(consent.Scopes(), s), "consent-scope", "There is nothing called "+s+" to share")
	}
	switch {
	case until.IsZero():
		c.That(false, "consent-until", "Enter the last day of the doctor's agreement")
	case until < from || from == today && until <= today:
		c.That(false, "consent-until", "The last day of the doctor's agreement must be in the future")
	case longest > 0 && until > clock.AddMonths(from, longest):
		c.That(false, "consent-until", "In this programme an agreement can run until "+clock.AddMonths(from, longest).Long()+" at the longest")
	}
	return c.Err()
}

// firstWay decides how the doctor is invited: a way of an invitation, or ""
// when a person has to decide. It does not depend on whether the doctor may be
// known already: the referrer would see it in whose turn it is.
func (n NewReferral) firstWay() string {
	switch n.First {
	case FirstCall:
		return ByCall
	case FirstNone, FirstPaper:
		return ""
	}
	if n.KnownNew && n.First == FirstUsual {
		return ""
	}
	reach := doctor.Contact{Ways: n.Person.Ways}
	switch {
	case n.First == FirstEmail, n.First == FirstText:
		return n.First
	case n.Person.Email != "" && reach.Allows(doctor.WayEmail):
		return ByEmail
	case n.Person.Mobile != "" && reach.Allows(doctor.WayText):
		return ByText
	}
	return ""
}

// said is the referrer's own text of a referral.
func (n NewReferral) said() Said {
	p := n.Person
	return Said{Given: p.Given, Family: p.Family, Native: p.Native, Email: p.Email, Mobile: p.Mobile, BirthDate: p.BirthDate,
		Country: n.Country, Languages: p.Languages, Ways: p.Ways, Note: p.Note, First: n.First}
}

// sameKey tells one organisation's people apart: the name in any order with
// one way to tell who it is. It is "" when nothing but a name is known.
func (n NewReferral) sameKey() string {
	p := n.Person
	who := strings.ToLower(strings.TrimSpace(p.Email))
	if who == "" {
		who = digits(p.Mobile)
	}
	if who == "" && !(p.BirthDate.Month() == 1 && p.BirthDate.Day() == 1) {
		who = p.BirthDate.String()
	}
	if who == "" {
		return ""
	}
	words := strings.Fields(strings.ToLower(p.AsWritten() + " " + p.Native))
	slices.Sort(words)
	return strings.Join(words, " ") + "\n" + who
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// rowText is what a row of a file says, in one form whatever the file's columns,
// encoding and order: the same again is no second referral.
func (n NewReferral) rowText() string {
	s := n.said()
	s.First = ""
	b, _ := json.Marshal(struct { // texts and dates always marshal
		Said   Said
		Route  string
		Region string
	}{s, n.Route, n.Region})
	return string(b)
}

// answer folds what is known of a referral into what its referrer may learn.
// view is absent when the agreement does not cover progress.
func (r Referral) answer(live bool, view *casefile.CoarseView, today clock.Date) Answer {
	a := Answer{Ref: r.Ref, Organisation: r.Organisation, Route: r.Route, On: r.On, Withdrawn: r.WithdrawnOn}
	if !live || !r.WithdrawnOn.IsZero() {
		a.Ended = r.WithdrawnOn.IsZero()
		return a
	}
	a.Name = r.Said.Name()
	if view == nil {
		return a
	}
	// What happened before this referral would tell that someone else referred
	// the doctor earlier.
	a.Coarse, a.Waits, a.Since = view.Answer, view.On, max(view.Since, r.On)
	a.Days = max(0, a.Since.DaysUntil(today))
	return a
}

const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 12 // 55 random bits and a check character

// checkChar weighs each place differently modulo a prime, as references do.
func checkChar(s string) byte {
	sum := 0
	for i := range len(s) {
		sum = (sum*5 + strings.IndexByte(codeAlphabet, s[i]) + 1) % 31
	}
	return codeAlphabet[sum]
}

// makeCode makes a paper code of random bytes.
func makeCode(random []byte) string {
	b := make([]byte, codeLength-1)
	for i := range b {
		b[i] = codeAlphabet[random[i]%32]
	}
	return string(b) + string(checkChar(string(b)))
}

// grouped writes a code in three groups of four, as it is printed.
func grouped(code string) string { return code[:4] + " " + code[4:8] + " " + code[8:] }

// tidySecret brings a typed code or the secret of a link into its one form.
func tidySecret(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(s)))
}

// mistyped tells whether a text of a code's length cannot be one: the check
// character does not fit, so that a person can be told to look again.
func mistyped(s string) bool {
	if len(s) != codeLength {
		return true
	}
	for i := range len(s) {
		if strings.IndexByte(codeAlphabet, s[i]) < 0 {
			return true
		}
	}
	return checkChar(s[:codeLength-1]) != s[codeLength-1]
}
