package onboarding

import (
	"slices"

	"msw/internal/clock"
	"msw/internal/problem"
)

// CheckKind is one employment check an employer must tick off.
type CheckKind struct{ Code, Title, Hint string }

// The codes of the six NHS Employment Check Standards (confirmed, domain 3.1).
const (
	CheckIdentity       = "identity"
	CheckQualification  = "qualification"
	CheckHistory        = "history"
	CheckRightToWork    = "right_to_work"
	CheckWorkHealth     = "work_health"
	CheckCriminalRecord = "criminal_record"
)

// Standards lists the six standards. For a medical support worker the
// professional registration standard is a check of qualification and English,
// since there is no registration to verify (derived, domain 3.1).
func Standards() []CheckKind {
	return []CheckKind{
		{CheckIdentity, "Identity", "Originals that are in date: 2 with a photograph and 1 with the address, or 1 with a photograph and 2 with the address. A letter from a charity or from the accommodation can prove an address."},
		{CheckQualification, "Qualification and English", "In place of professional registration. If the medical school cannot be reached, say what was seen instead."},
		{CheckHistory, "Employment history and references", "Gaps may have a good reason. Other referees can be asked when former employers cannot be reached."},
		{CheckRightToWork, "Right to work", "Check online with a share code. The end date is the one on the online profile, not the one printed on a card."},
		{CheckWorkHealth, "Work health assessment", "Only say whether it is done. Lost vaccination records are no reason to turn someone down: blood tests and vaccination can be offered."},
		{CheckCriminalRecord, "Criminal record", "Do not ask a refugee to contact the country they fled. A written risk assessment can be used."},
	}
}

// CheckState is how a check stands.
type CheckState string

// The states of a check. Problem keeps the start away until it is sorted out.
const (
	Waiting      CheckState = "waiting"
	Done         CheckState = "done"
	CheckProblem CheckState = "problem"
)

// Words is the state as a person reads it.
func (s CheckState) Words() string {
	switch s {
	case Done:
		return "Done"
	case CheckProblem:
		return "Something to sort out"
	}
	return "Waiting"
}

// Check is one check of one offer.
type Check struct {
	Kind    string
	Version int
	State   CheckState
	DoneOn  clock.Date
	Until   clock.Date // end of the right to work, none when it has no end
	By      string     // account that ticked
	ByName  string     // opened only for those who may see evidence
	Note    string     // the employer's, opened only for those who may see evidence
}

// Tick is what an employer says of one check.
type Tick struct {
	Kind   string
	State  CheckState
	On     clock.Date
	Until  clock.Date
	Note   string
	NoNote bool // leave the note as it is
}

// CheckTicks tells everything wrong with ticks for an offer; field names are
// kind-state, kind-on, kind-until and kind-note.
func CheckTicks(owed []string, ticks []Tick, today clock.Date) error {
	var c problem.Check
	for _, t := range ticks {
		c.That(slices.Contains(owed, t.Kind), t.Kind+"-state", "This check does not belong to this offer")
		c.That(t.State == Waiting || t.State == Done || t.State == CheckProblem, t.Kind+"-state", "Say whether the check is done")
		if t.State == Done {
			c.That(!t.On.IsZero(), t.Kind+"-on", "Enter the date the check was done")
			c.That(t.On <= today, t.Kind+"-on", "The date the check was done must be today or earlier")
		}
		c.That(t.Until.IsZero() || t.Kind == CheckRightToWork, t.Kind+"-until", "Only the right to work has an end date")
		c.That(t.Until.IsZero() || t.On.IsZero() || t.Until > t.On, t.Kind+"-until", "The right to work must end after the day it was checked")
		c.That(len(t.Note) <= 500, t.Kind+"-note", "The note must be 500 characters or fewer")
		c.That(t.Note == "" || t.Kind != CheckWorkHealth, t.Kind+"-note", "Write nothing about health here")
	}
	return c.Err()
}

// Outstanding lists the checks of an offer that are not done, in their order.
func Outstanding(owed []string, checks []Check) []string {
	var out []string
	for _, kind := range owed {
		i := slices.IndexFunc(checks, func(c Check) bool { return c.Kind == kind })
		if i < 0 || checks[i].State != Done {
			out = append(out, kind)
		}
	}
	return out
}

// CompletedOn is the day the last check was done; none while one is outstanding.
func CompletedOn(owed []string, checks []Check) clock.Date {
	if len(owed) == 0 || len(Outstanding(owed, checks)) > 0 {
		return 0
	}
	var last clock.Date
	for _, c := range checks {
		if slices.Contains(owed, c.Kind) {
			last = max(last, c.DoneOn)
		}
	}
	return last
}
