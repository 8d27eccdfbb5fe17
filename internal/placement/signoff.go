package placement

import (
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
)

// What can be done with what people in post may do.
const (
	ActCard   access.Action = "placement.card"   // see what one person may do today
	ActLevels access.Action = "placement.levels" // a host says which level it gives for each task
	ActSign   access.Action = "placement.sign"   // sign a task off, and take it back
	ActVouch  access.Action = "placement.vouch"  // the host confirms who an assessor is
)

// Assessor is who saw a task done: an account of the programme, or somebody from
// outside with name, role and GMC number, whom the host has to confirm.
type Assessor struct {
	Account         string
	Name, Role, GMC string
}

// Words are the assessor as a card names them.
func (a Assessor) Words() string {
	if a.Role == "" {
		return a.Name
	}
	return a.Name + ", " + a.Role
}

// SignOff asks to record that a task was seen done.
type SignOff struct {
	Doctor    string
	Task      string
	Level     card.Level
	Assessor  Assessor
	On        clock.Date // the day it was seen
	Recheck   clock.Date // the last day it counts; none = as long as the rules let it
	Source    string     // portfolio:ID, "" when written here
	Confirmed string     // account that vouched for the assessor at the host already, "" for none
	Flagged   bool       // looks as if it came from the doctor: the host must confirm the assessor
	// Replaces is the sign-off of the same task that was on the screen, "" for
	// none. Another one there meanwhile is a Conflict and names it.
	Replaces string
}

// Signed is a recorded sign-off.
type Signed struct {
	card.SignOff
	Version           int
	Doctor, Placement string
	Assessor          Assessor
	Source            string
	Flagged           bool
	ConfirmedBy, By   string
	WithdrawnBy, Why  string // code of the reason
	ReplacedBy        string
}

// Stands tells whether nothing replaced it and nobody took it back.
func (s Signed) Stands() bool { return s.WithdrawnAt.IsZero() && s.ReplacedBy == "" }

// Withdrawal is a coded reason for taking a sign-off back.
type Withdrawal struct{ Code, Words string }

// Withdrawals lists the reasons. No source publishes a list.
func Withdrawals() []Withdrawal {
	return []Withdrawal{
		{"seen_unsafe", "Seen done in an unsafe way"},
		{"needs_practice", "Needs more practice first"},
		{"by_mistake", "Signed off by mistake"},
		{"assessor_unknown", "The assessor cannot be confirmed"},
		{"asked_by_doctor", "The person asked for it"},
	}
}

// WithdrawalWords is the reason as a person reads it.
func WithdrawalWords(code string) string {
	for _, w := range Withdrawals() {
		if w.Code == code {
			return w.Words
		}
	}
	return ""
}

// signing is what decides whether a sign-off can be recorded.
type signing struct {
	Placement  Placement
	Task       card.Task
	Known      bool
	Given      card.Level // by the host
	Said       bool
	Supervisor post.Supervisor // when the assessor is one
	Found      bool            // and is known
	There      bool            // and still works at the host or the employer
	OwnAccount bool            // the assessor is the doctor
	Longest    int             // months
	Today      clock.Date
}

// decideSignOff gives everything that is in the way of a sign-off at once: what
// is wrong with it as typed, and why it cannot be recorded.
func decideSignOff(cmd SignOff, s signing) error {
	err, stops := checkSignOff(cmd, s), stopsSignOff(cmd, s)
	wrong, invalid := errors.AsType[*problem.Error](err)
	switch {
	case invalid:
		wrong.Reasons = stops
		return wrong
	case len(stops) > 0:
		return problem.Refuse("This task cannot be signed off.", stops...)
	}
	return nil
}

// withTyped puts what a form could not read before what was decided without it,
// one message a field. Who did not say who saw the task is not asked for the
// words about somebody else.
func withTyped(typed, decided error) error {
	out := &problem.Error{Kind: problem.Invalid, Message: "There is a problem"}
	told := map[string]bool{}
	for _, err := range []error{typed, decided} {
		e, ok := errors.AsType[*problem.Error](err)
		if !ok {
			continue
		}
		for _, f := range e.Fields {
			if !told[f.Name] {
				out.Fields, told[f.Name] = append(out.Fields, f), true
			}
		}
		out.Reasons = append(out.Reasons, e.Reasons...)
		if told["assessor"] {
			told["name"], told["role"], told["gmc"] = true, true, true
		}
	}
	return out
}

// checkSignOff finds what is wrong with a sign-off as typed.
func checkSignOff(cmd SignOff, s signing) error {
	var c problem.Check
	c.That(s.Known, "task", "Choose a task from the list")
	c.That(cmd.Level.Known(), "level", "Choose level 1, 2 or 3")
	c.That(!cmd.On.IsZero(), "on", "Enter the day the task was seen")
	c.That(cmd.Recheck.IsZero() || cmd.On.IsZero() || cmd.Recheck > cmd.On, "recheck", "The re-check must be after the day the task was seen")
	if cmd.Assessor.Account == "" {
		c.That(strings.TrimSpace(cmd.Assessor.Name) != "" && len(cmd.Assessor.Name) <= 120, "name", "Enter the assessor's name, in 120 characters or fewer")
		c.That(strings.TrimSpace(cmd.Assessor.Role) != "" && len(cmd.Assessor.Role) <= 120, "role", "Enter the assessor's role, for example consultant in general medicine")
		c.That(gmcNumber(cmd.Assessor.GMC), "gmc", "Enter the assessor's GMC number, 7 digits")
	}
	return c.Err()
}

// stopsSignOff gives every reason why a sign-off cannot be recorded.
func stopsSignOff(cmd SignOff, s signing) []string {
	var out []string
	stop := func(bad bool, text string) {
		if bad {
			out = append(out, text)
		}
	}
	p := s.Placement
	stop(!p.EndedOn.IsZero(), "The placement has ended, on "+p.EndedOn.Long()+".")
	stop(cmd.On > s.Today, "The day is in the future. Sign off a task after it was seen.")
	stop(!cmd.On.IsZero() && cmd.On < p.StartedOn, "The day is before the start, on "+p.StartedOn.Long()+".")
	last := s.last(cmd)
	stop(!cmd.On.IsZero() && !cmd.Recheck.IsZero() && cmd.Recheck > last, "A sign-off counts until "+last.Long()+" at the latest.")
	stop(!cmd.On.IsZero() && last < s.Today, "A sign-off of that day would be out of date already. See the task again first.")
	stop(s.Known && cmd.Level > s.Task.Highest, "This task cannot be signed off above level "+levelDigit(s.Task.Highest)+" for somebody who is not registered.")
	stop(s.Known && !s.Said, "The host has not said which level it gives for this task.")
	stop(s.Said && s.Given == 0, "The host lets nobody in this role do this task.")
	stop(s.Said && s.Given > 0 && cmd.Level > s.Given && cmd.Level <= s.Task.Highest, "The host gives level "+levelDigit(s.Given)+" for this task at most.")
	stop(s.OwnAccount, "Nobody signs off their own task.")
	if cmd.Assessor.Account != "" && !s.OwnAccount {
		stop(!s.Found, "The assessor is not a supervisor in this programme.")
		stop(s.Found && !s.There, "The assessor does not work at this host any more.")
		stop(s.Found && (!cmd.On.IsZero() && s.Supervisor.Lapsed(cmd.On) || s.Supervisor.Lapsed(s.Today)), "The assessor's approval to supervise ended on "+s.Supervisor.ApprovedUntil.Long()+".")
	}
	return out
}

// last is the last day a sign-off can count.
func (s signing) last(cmd SignOff) clock.Date { return clock.AddMonths(cmd.On, s.Longest) }

func levelDigit(l card.Level) string { return string(rune('0' + l)) }

// gmcNumber tells whether a text has the form of a GMC reference number.
func gmcNumber(text string) bool {
	return len(text) == 7 && !slices.ContainsFunc([]byte(text), func(b byte) bool { return b < '0' || b > '9' })
}
