// Package doctor is the person: names as on the document, as preferred and in
// native script, birth date, contact and how to reach them safely; finding
// people in any spelling, and deciding whether two records are one person.
//
// What is claimed or proved about a doctor (exams, right to work …) is fact's;
// who may know of them is consent's; where they stand is casefile's.
package doctor

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What can be done with a doctor's record; internal/app grants them to roles.
const (
	ActCreate  access.Action = "doctor.create"  // make a record
	ActRead    access.Action = "doctor.read"    // see names and contact
	ActChange  access.Action = "doctor.change"  // change names and contact
	ActSearch  access.Action = "doctor.search"  // find people by name
	ActCompare access.Action = "doctor.compare" // decide whether two records are one person
	ActSeal    access.Action = "doctor.seal"    // seal a story typed by mistake
	ActCarry   access.Action = "doctor.carry"   // carry one's own record to another scheme
	ActLink    access.Action = "doctor.link"    // take a record over; an invitation's code is the permission
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActCreate, ActRead, ActChange, ActSearch, ActCompare, ActSeal, ActCarry, ActLink, ActAsking, ActEquality}
}

// Details is all that a record holds; everything in it is stored sealed.
type Details struct {
	Given     string     `json:"given,omitempty"`  // as written on the document
	Family    string     `json:"family,omitempty"` // may be empty: not everyone has one
	Preferred string     `json:"preferred,omitempty"`
	Native    string     `json:"native,omitempty"` // the name in its own script
	BirthDate clock.Date `json:"birth_date"`       // none when unknown; 1 January proves nothing

	Email     string   `json:"email,omitempty"`
	Mobile    string   `json:"mobile,omitempty"`
	Outcode   string   `json:"outcode,omitempty"` // first half of the postcode
	Address   string   `json:"address,omitempty"` // only if the doctor gave it
	Ways      []string `json:"ways,omitempty"`    // safe ways to reach them: WayEmail …
	QuietFrom string   `json:"quiet_from,omitempty"`
	QuietTo   string   `json:"quiet_to,omitempty"` // HH:MM, may pass midnight
	Voicemail bool     `json:"voicemail,omitempty"`
	Note      string   `json:"note,omitempty"` // anything that helps to reach them safely

	Languages       []string `json:"languages,omitempty"`
	ContactLanguage string   `json:"contact_language,omitempty"`
	Interpreter     bool     `json:"interpreter,omitempty"`
	Companion       string   `json:"companion,omitempty"` // who comes along or speaks for them, if they wish

	NoteSealed     bool `json:"note_sealed,omitempty"` // only the doctor reads Note
	AboutSaid      bool `json:"about_said,omitempty"`  // the doctor confirmed the names
	ContactSaid    bool `json:"contact_said,omitempty"`
	AddressPrivate bool `json:"address_private,omitempty"` // staff see the outcode only

	Papers Papers `json:"-"` // typed now; only tokens of it are kept
}

// NewDoctor is what is known of a person when their record is made.
type NewDoctor = Details

// Ways in which a doctor can safely be reached.
const (
	WayEmail = "email"
	WayText  = "text"
	WayCall  = "call"
	WayPost  = "post"
)

// Ways lists them in the order forms offer them.
func Ways() []string { return []string{WayEmail, WayText, WayCall, WayPost} }

// WayWords names a way on a page.
func WayWords(way string) string {
	switch way {
	case WayEmail:
		return "Email"
	case WayText:
		return "Text message"
	case WayCall:
		return "Phone call"
	case WayPost:
		return "Letter"
	}
	return way
}

// AsWritten is the name as on the document, with or without a family name.
func (d Details) AsWritten() string { return strings.TrimSpace(d.Given + " " + d.Family) }

// Shown is the name the doctor wishes to be called by.
func (d Details) Shown() string { return first(d.Preferred, d.AsWritten(), d.Native) }

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Doctor is one record.
type Doctor struct {
	Details
	ID, Ref string
	Account string // "" until the doctor took the record over
	Created clock.Instant
	Version int
}

// Name is how pages name a doctor. Never put "Dr" before it unless registered.
type Name struct{ Ref, Preferred, AsWritten, Native string }

// Shown is the name to write on a page.
func (n Name) Shown() string { return first(n.Preferred, n.AsWritten, n.Native) }

// Contact is what a message needs: addresses, the safe ways, and when not to.
type Contact struct {
	Name, Email, Mobile string
	Ways                []string
	QuietFrom, QuietTo  string
	Language            string
	Interpreter         bool
	Companion           string
}

// Allows tells whether the doctor may be reached in a way. Someone who was
// never asked may be reached by e-mail and text.
func (c Contact) Allows(way string) bool {
	if len(c.Ways) == 0 {
		return way == WayEmail || way == WayText
	}
	return slices.Contains(c.Ways, way)
}

// Quiet tells whether a London time of day written HH:MM is in the quiet hours.
func (c Contact) Quiet(at string) bool {
	switch {
	case c.QuietFrom == "" || c.QuietTo == "" || c.QuietFrom == c.QuietTo:
		return false
	case c.QuietFrom < c.QuietTo:
		return at >= c.QuietFrom && at < c.QuietTo
	}
	return at >= c.QuietFrom || at < c.QuietTo
}

func (d Details) contact() Contact {
	return Contact{Name: d.Shown(), Email: d.Email, Mobile: d.Mobile, Ways: d.Ways, QuietFrom: d.QuietFrom, QuietTo: d.QuietTo,
		Language: d.ContactLanguage, Interpreter: d.Interpreter, Companion: d.Companion}
}

var (
	outcode = regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9A-Z]?$`)
	clockAt = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
)

// Tidy brings typed details into their one form; it loses nothing.
func (d Details) Tidy() Details {
	for _, p := range []*string{&d.Given, &d.Family, &d.Preferred, &d.Native, &d.Email, &d.Mobile, &d.Address, &d.Note,
		&d.ContactLanguage, &d.Companion} {
		*p = strings.TrimSpace(*p)
	}
	d.Outcode = strings.ToUpper(strings.Join(strings.Fields(d.Outcode), ""))
	if n := len(d.Outcode); n > 4 && unicode.IsDigit(rune(d.Outcode[n-3])) && outcode.MatchString(d.Outcode[:n-3]) {
		d.Outcode = d.Outcode[:n-3] // a whole postcode was typed: keep its first half only
	}
	d.QuietFrom, d.QuietTo = tidyTime(d.QuietFrom), tidyTime(d.QuietTo)
	return d
}

func tidyTime(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), ".", ":")
	if len(s) == 4 && s[1] == ':' {
		s = "0" + s
	}
	return s
}

// Check says all that is wrong with the details; today bounds the birth date.
// What is absent is no fault: a record may be incomplete.
func (d Details) Check(today clock.Date) error {
	var c problem.Check
	c.That(d.Shown() != "", "given", "Enter a name")
	for field, text := range map[string]string{"given": d.Given, "family": d.Family, "preferred": d.Preferred, "native": d.Native,
		"companion": d.Companion, "contact-language": d.ContactLanguage} {
		c.That(len([]rune(text)) <= 150, field, "This must be 150 characters or fewer")
	}
	c.That(d.BirthDate.IsZero() || d.BirthDate.Year() >= 1900 && d.BirthDate < today, "birth-date", "Date of birth must be in the past")
	if d.Email != "" {
		a, err := mail.ParseAddress(d.Email)
		c.That(err == nil && a.Address == d.Email, "email", "Enter an email address in the correct format, like name@example.com")
	}
	digits := mobileKey(d.Mobile)
	c.That(d.Mobile == "" || len(digits) >= 8 && len(digits) <= 15 && strings.Trim(d.Mobile, "+0123456789 ()-.") == "", "mobile",
		"Enter a phone number, like 07700 900 982 or +44 7700 900 982")
	c.That(d.Outcode == "" || outcode.MatchString(d.Outcode), "outcode", "Enter the first half of a postcode, like LS1")
	c.That(d.QuietFrom == "" || clockAt.MatchString(d.QuietFrom), "quiet-from", "Enter a time like 21:00")
	c.That(d.QuietTo == "" || clockAt.MatchString(d.QuietTo), "quiet-to", "Enter a time like 08:30")
	c.That((d.QuietFrom == "") == (d.QuietTo == ""), "quiet-to", "Enter both times, or neither")
	d.Papers.check(&c)
	c.That(len([]rune(d.Note)) <= 1000, "note", "This must be 1,000 characters or fewer")
	c.That(len([]rune(d.Address)) <= 500, "address", "Address must be 500 characters or fewer")
	return c.Err()
}

// mobileKey brings a number into international digits, for comparing only.
func mobileKey(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	switch {
	case strings.HasPrefix(digits, "00"):
		return digits[2:]
	case strings.HasPrefix(digits, "0"):
		return "44" + digits[1:]
	}
	return digits
}

func emailKey(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// telling tells whether a birth date says anything about who someone is: many
// people whose date is unknown were given 1 January.
func telling(d clock.Date) bool { return !d.IsZero() && !(d.Month() == 1 && d.Day() == 1) }

// For gives the details as an actor may read them: a sealed note only by the
// doctor, a private address as its outcode.
func (d Details) For(a access.Actor, doctor string) Details {
	if a.Doctor == doctor && doctor != "" {
		return d
	}
	if d.NoteSealed || !a.HasAny("caseworker", "assessor", "operator") { // what helps to reach them safely is for those who write to them
		d.Note = ""
	}
	if d.AddressPrivate {
		d.Address = ""
	}
	return d
}
