package support

import (
	"strings"
	"unicode/utf8"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Topics are what help can be for.
func Topics() []Code {
	return []Code{
		{"danger", "In danger, or in crisis"},
		{"health", "Health and how you feel"},
		{"housing", "Housing"},
		{"money", "Money and debt"},
		{"law", "Immigration and the law"},
		{"fairness", "Racism and discrimination"},
		{"work", "Work and pay"},
		{"registration", "English, exams and the GMC"},
		{"family", "Family and children"},
	}
}

// Help is one entry of the directory: a service, whom it takes, how to reach
// it, and when somebody last looked whether that is still so.
type Help struct {
	ID        string     `json:"-"`
	Name      string     `json:"name"`
	Topic     string     `json:"topic"`
	Takes     string     `json:"takes"`
	Does      string     `json:"does"`
	Reach     string     `json:"reach"`
	Link      string     `json:"link,omitempty"`
	CheckedOn clock.Date `json:"checked_on"`
	CheckedBy string     `json:"checked_by"`
	ClosedOn  clock.Date `json:"closed_on,omitempty"`
	Version   int        `json:"-"`
	// Found says that the entry is not the programme's own but one of the public
	// directory of schemes, kept there with its sources.
	Found bool `json:"-"`
}

func (h Help) check(today clock.Date) error {
	var p problem.Check
	long := func(text string, most int, field string) {
		p.That(utf8.RuneCountInString(text) <= most, field, "This is too long")
	}
	p.That(h.Name != "", "name", "Enter the name of the service")
	long(h.Name, 120, "name")
	p.That(known(Topics(), h.Topic), "topic", "Choose what it helps with")
	p.That(h.Takes != "", "takes", "Say whom it takes")
	long(h.Takes, 300, "takes")
	p.That(h.Does != "", "does", "Say what it does")
	long(h.Does, 500, "does")
	p.That(h.Reach != "", "reach", "Say how to reach it")
	long(h.Reach, 200, "reach")
	p.That(h.Link == "" || strings.HasPrefix(h.Link, "https://"), "link", "Enter a web address that begins with https://")
	p.That(!h.CheckedOn.IsZero() && h.CheckedOn <= today, "checked", "Enter the day on which you looked whether this is right, not later than today")
	return p.Err()
}

// Stale tells whether an entry was not looked at for so many months.
func (h Help) Stale(today clock.Date, months int) bool {
	return !h.CheckedOn.IsZero() && clock.AddMonths(h.CheckedOn, months) <= today
}

// Purposes are what a hardship request can be for.
func Purposes() []Code {
	return []Code{
		{"exam", "An exam or test fee"},
		{"gmc", "A GMC fee"},
		{"travel", "Travel to an interview, exam or post"},
		{"move", "Moving for a post, or a deposit"},
		{"childcare", "Childcare"},
		{"living", "Food, heating or rent"},
		{"equipment", "A computer, phone or internet"},
		{"other", "Something else"},
	}
}

// HardshipState is how far a request has come.
type HardshipState string

// The states.
const (
	Asked       HardshipState = "asked"
	Agreed      HardshipState = "agreed" // in principle: the money is a step of its own
	NotPossible HardshipState = "not_possible"
	Withdrawn   HardshipState = "withdrawn"
)

// Words is the state as a person reads it.
func (s HardshipState) Words() string {
	switch s {
	case Asked:
		return "Waiting for an answer"
	case Agreed:
		return "Agreed"
	case NotPossible:
		return "Not possible"
	case Withdrawn:
		return "You took it back"
	}
	return string(s)
}

// Refusals are why help with money may not be possible, with the sentence the
// doctor reads.
func Refusals() []Code {
	return []Code{
		{"no_fund", "The programme has no money for this now."},
		{"other_source", "Another place pays for this. Your caseworker tells you which."},
		{"paid_before", "This was paid already."},
		{"too_late", "The day on which it was needed has passed."},
		{"more_needed", "We need to know more. Your caseworker writes to you. You can ask again."},
	}
}

// Hardship is a request for help with money.
type Hardship struct {
	ID, Doctor string
	Kind       string
	Pence      int64
	NeededBy   clock.Date
	State      HardshipState
	AskedOn    clock.Date
	DecidedOn  clock.Date
	DecidedBy  string
	Reason     string
	Why        string // what the doctor wrote
	Version    int
}

// mostPence keeps a slip of the finger from asking for millions.
const mostPence = 1_000_000

func (h Hardship) check(today clock.Date) error {
	var p problem.Check
	p.That(known(Purposes(), h.Kind), "kind", "Choose what you need the money for")
	p.That(h.Pence > 0 && h.Pence <= mostPence, "pence", "Enter an amount from 1p to £10,000")
	p.That(h.NeededBy.IsZero() || h.NeededBy >= today, "needed", "The day must be today or later")
	p.That(utf8.RuneCountInString(h.Why) <= noteLength, "why", "Write 1,000 characters or fewer")
	return p.Err()
}
