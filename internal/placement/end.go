package placement

import (
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What can be done around an end.
const (
	ActLeaving access.Action = "placement.leaving"      // see the end and what must be done for it
	ActStep    access.Action = "placement.leaving_step" // say that something of it is done
	ActEndDue  access.Action = "placement.end_due"      // the nightly end of placements and of access
)

func endActions() []access.Action {
	return []access.Action{ActLeaving, ActStep, ActEndDue, ActCertify, ActCertificate, ActExit, ActExitRead, ActCertificateCheck}
}

// EndKind is how a placement ends; each has its own list of what must be done.
type EndKind string

// The kinds.
const (
	EndRegistered  EndKind = "registered"
	EndFinished    EndKind = "finished"
	EndTransferred EndKind = "transferred"
	EndLeft        EndKind = "left"
)

// EndKinds lists them.
func EndKinds() []EndKind { return []EndKind{EndRegistered, EndFinished, EndTransferred, EndLeft} }

// Words is the kind as a person reads it.
func (k EndKind) Words() string {
	switch k {
	case EndRegistered:
		return "Registered with the GMC"
	case EndFinished:
		return "Finished without registration"
	case EndTransferred:
		return "Moved to another host of the programme"
	case EndLeft:
		return "Left the programme"
	}
	return ""
}

const (
	codeRegistered = "registered_and_hired"
	// CodeTransferred is the reason of a move to another host: nobody leaves by it.
	CodeTransferred = "moved_to_other_host"
)

// codes are the reasons that fit a kind.
func (k EndKind) codes() []EndCode {
	var out []EndCode
	for _, c := range EndCodes() {
		fits := false
		switch c.Code {
		case codeRegistered:
			fits = k == EndRegistered
		case CodeTransferred:
			fits = k == EndTransferred
		case "contract_ended_unfunded", CodeUnknown:
			fits = k == EndFinished
		case "exams_exhausted":
			fits = k == EndFinished || k == EndLeft
		default:
			fits = k == EndLeft
		}
		if fits {
			out = append(out, c)
		}
	}
	return out
}

// kindOfEnd is the kind of an end that was told only by its reason.
func kindOfEnd(code string, leaves bool) EndKind {
	switch {
	case code == codeRegistered:
		return EndRegistered
	case code == CodeTransferred:
		return EndTransferred
	case leaves:
		return EndLeft
	}
	return EndFinished
}

// Leaving is the end of a placement as it is planned or was.
type Leaving struct {
	Placement, Doctor string
	Version           int // 0 = none told yet
	Kind              EndKind
	LastDay           clock.Date
	Code              string
	Leaves            bool
	State             string
	By                string
	RecordedAt        clock.Instant
}

// The states of a leaving.
const (
	LeavingPlanned   = "planned"
	LeavingEnded     = "ended"
	LeavingWithdrawn = "withdrawn"
)

// Planned tells whether an end is set that has not come.
func (l Leaving) Planned() bool { return l.State == LeavingPlanned }

// fill settles what a kind alone decides.
func (l Leaving) fill() Leaving {
	if list := l.Kind.codes(); len(list) == 1 {
		l.Code = list[0].Code
	}
	if l.Kind != EndFinished {
		l.Leaves = l.Kind == EndLeft
	}
	return l
}

// checkLeaving tells what is wrong with the form of an end.
func checkLeaving(l Leaving) error {
	var c problem.Check
	c.That(!l.LastDay.IsZero(), "on", "Enter the last day in post")
	c.That(slices.Contains(EndKinds(), l.Kind), "kind", "Choose how the placement ends")
	fits := slices.ContainsFunc(l.Kind.codes(), func(e EndCode) bool { return e.Code == l.Code })
	c.That(l.Kind.Words() == "" || fits, "code-"+string(l.Kind), "Choose why the placement ends")
	return c.Err()
}

// stopsLeaving gives every reason why an end cannot be set for a day to come.
func stopsLeaving(p Placement, latest Spell, on clock.Date) []string {
	if !p.EndedOn.IsZero() {
		return []string{"This placement has already ended, on " + p.EndedOn.Long() + "."}
	}
	if !latest.ContractEnd.IsZero() && on > latest.ContractEnd {
		return []string{"The contract ends before, on " + latest.ContractEnd.Long() + ". Choose that day or an earlier one, or change the contract first."}
	}
	return nil
}

// closes tells whether host and supervisors have lost sight of an ended
// placement: they keep it for some days after the last one.
func closes(ended clock.Date, days int, today clock.Date) bool {
	return !ended.IsZero() && ended.AddDays(days) < today
}
