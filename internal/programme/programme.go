// Package programme holds the programmes that msw runs (tenants): their phases
// with money, places and windows, their settings, the rule sets they have
// switched on, and the dated claims that may be quoted about them.
//
// It decides nothing about a person and spends no money: eligibility and
// funding read what is kept here.
package programme

import (
	"strings"

	"msw/internal/clock"
)

// The codes of the two programmes the demo and the documents speak of. A
// tenant's id is its code: short, set once, never changed.
const (
	National = "msw"
	GPScheme = "gp-scheme"
)

// The kinds of programme.
const (
	KindNational = "national"
	KindLocal    = "local"
)

// Tenant is one programme. What belongs to one is invisible in every other.
type Tenant struct {
	ID, Code, Name string
	Kind           string
	Opened         clock.Date // when it was set up in msw
	Public         bool       // its pages are the public site
}

// Status says how well a value is known.
type Status string

// The statuses. Only Confirmed values may be called national facts.
const (
	Confirmed   Status = "confirmed"   // seen in a published page
	Recalled    Status = "recalled"    // general knowledge, not seen in a published page
	Derived     Status = "derived"     // worked out from confirmed values
	Unpublished Status = "unpublished" // looked for; nothing published found
	Own         Status = "programme"   // set by this programme
)

// Statuses in the order a form offers them.
var statuses = [...]Status{Confirmed, Recalled, Derived, Unpublished, Own}

// Words is the status as a page prints it.
func (s Status) Words() string {
	switch s {
	case Confirmed:
		return "Published"
	case Recalled:
		return "Recalled, not confirmed"
	case Derived:
		return "Worked out from published figures"
	case Own:
		return "Set by this programme"
	}
	return "Nothing published found"
}

// Field names a value of a phase that carries a mark.
type Field string

// The marked values of a phase.
const (
	FieldDates        Field = "dates"
	FieldAnnounced    Field = "announced"
	FieldMoney        Field = "money"
	FieldPlaces       Field = "places"
	FieldApplications Field = "applications"
	FieldWaiting      Field = "waiting"
	FieldEligibility  Field = "eligibility"
)

// Fields lists the marked values in the order pages show them.
var fields = [...]Field{FieldDates, FieldAnnounced, FieldMoney, FieldPlaces, FieldApplications, FieldWaiting, FieldEligibility}

// Words is the field as a page prints it.
func (f Field) Words() string {
	switch f {
	case FieldDates:
		return "Dates"
	case FieldAnnounced:
		return "Announced"
	case FieldMoney:
		return "National money"
	case FieldPlaces:
		return "Target places"
	case FieldApplications:
		return "Applications"
	case FieldWaiting:
		return "Waiting list"
	}
	return "Who could join"
}

// Mark says where a value comes from. On is the date of the source, or the day
// this programme set the value; Source is a web address or "".
type Mark struct {
	Status Status     `json:"status" yaml:"status"`
	Source string     `json:"source,omitempty" yaml:"source"`
	On     clock.Date `json:"on,omitzero" yaml:"on"`
	Note   string     `json:"note,omitempty" yaml:"note"`
}

// Phase is a stretch of a programme with its own money, places and criteria.
// A value whose mark is Unpublished is not known: ask Known before showing it.
type Phase struct {
	ID, Tenant           string
	Code, Title, Summary string
	Announced            clock.Date
	Starts, Ends         clock.Date // both days included; no Ends = open
	ApplicationsOpen     clock.Date
	ApplicationsClose    clock.Date // last day
	WaitingOpen          clock.Date
	WaitingClose         clock.Date // last day
	Money                int64      // national money, pence
	Places               int        // target
	Eligibility          string     // the version of the eligibility rules: "A", "B"
	Marks                map[Field]Mark
	Version              int64
}

// Known tells whether the phase has a value for the field.
func (p Phase) Known(f Field) bool {
	m, ok := p.Marks[f]
	return ok && m.Status != Unpublished
}

// Covers tells whether the phase runs on a day.
func (p Phase) Covers(d clock.Date) bool {
	return !p.Starts.IsZero() && d >= p.Starts && (p.Ends.IsZero() || d <= p.Ends)
}

// Setting is one value this programme has chosen.
type Setting struct {
	Name, Value string
	SetOn       clock.Date
	SetBy       string // account id, "" when set with the programme
	Note        string
	Version     int64
}

// Label is how a setting must be shown wherever its value is: never as a
// national or GMC rule.
func Label(s Setting) string {
	if s.SetOn.IsZero() {
		return "set by this programme"
	}
	return "set by this programme on " + s.SetOn.Long()
}

// Change is one earlier or present value of a setting.
type Change struct {
	Name, Value, SetBy, Note string
	SetOn                    clock.Date
	At                       clock.Instant
}

// The states of a rule set.
const (
	RuleSetProposed = "proposed"
	RuleSetApproved = "approved"
	RuleSetRejected = "rejected"
)

// RuleSet is one version of a set of rules, kept for ever once switched on.
type RuleSet struct {
	ID, Tenant             string
	Purpose, Name, Title   string // purpose "eligibility", name "B"
	Text, Hash             string
	From, Until            clock.Date // first and last day it applies, as the text says
	SwitchedFrom           clock.Date // the day from which a person switched it on, none for those that came with the software
	State                  string
	Embedded               bool // came with the software
	ProposedBy, ApprovedBy string
	ProposedOn, ApprovedOn clock.Date
	Note                   string
	Version                int64
}

// On tells whether the rule set applies on a day.
func (r RuleSet) On(d clock.Date) bool {
	return r.State == RuleSetApproved && d >= r.Effective() && (r.Until.IsZero() || d <= r.Until)
}

// Effective is the first day on which the rule set is used.
func (r RuleSet) Effective() clock.Date { return max(r.From, r.SwitchedFrom) }

// Claim is a figure somebody published: quoted with its date and source, never
// computed and never a baseline.
type Claim struct {
	Code, Text   string
	Figure       int64
	Unit         string // "people", "pence", "places"
	AsAt         clock.Date
	Status       Status
	Source, Note string
}

// Pounds writes pence as pounds: £19 million, £38,000, £12.50.
func Pounds(pence int64) string {
	sign := ""
	if pence < 0 {
		sign, pence = "-", -pence
	}
	if pence >= 100_000_000 && pence%10_000_000 == 0 {
		whole, tenth := pence/100_000_000, pence/10_000_000%10
		if tenth == 0 {
			return sign + "£" + thousands(whole) + " million"
		}
		return sign + "£" + thousands(whole) + "." + thousands(tenth) + " million"
	}
	out := sign + "£" + thousands(pence/100)
	if rest := pence % 100; rest != 0 {
		out += "." + string(rune('0'+rest/10)) + string(rune('0'+rest%10))
	}
	return out
}

func thousands(n int64) string {
	var digits []byte
	for i := 0; n > 0 || i == 0; i++ {
		if i > 0 && i%3 == 0 {
			digits = append(digits, ',')
		}
		digits = append(digits, byte('0'+n%10))
		n /= 10
	}
	var b strings.Builder
	for i := len(digits) - 1; i >= 0; i-- {
		b.WriteByte(digits[i])
	}
	return b.String()
}
