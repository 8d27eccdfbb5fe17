package placement

import (
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

// What can be done with supervision.
const (
	ActMeet    access.Action = "placement.supervision" // see and write meetings, induction, goals
	ActAgree   access.Action = "placement.agree"       // agree to a meeting's record
	ActCover   access.Action = "placement.cover"       // who stands in, and times without work
	ActWorry   access.Action = "placement.raise"       // raise a concern
	ActConcern access.Action = "placement.concerns"    // read concerns: the named few
)

// Meeting is a meeting with a supervisor that was held.
type Meeting struct {
	ID                     string
	Version                int
	Placement, Doctor      string
	Kind                   string
	On                     clock.Date
	DoctorAt, SupervisorAt clock.Instant // when each agreed
	Supervisor             string        // account that agreed
	By                     string
	RecordedAt             clock.Instant
	Agenda                 []string // as prepared from the record
	Notes                  string
	Needs                  map[string]string // of the first meeting, by question
}

// Agreed tells whether both agreed to the record.
func (m Meeting) Agreed() bool { return !m.DoctorAt.IsZero() && !m.SupervisorAt.IsZero() }

// Goal is one thing to reach by a day (PDP).
type Goal struct {
	ID                string
	Version           int
	Placement, Doctor string
	By                string
	Due, Met          clock.Date
	RecordedAt        clock.Instant
	Text              string
}

// Absence is a time without work. Its kind is for those who arrange the work.
type Absence struct {
	ID                string
	Version           int
	Placement, Doctor string
	From, To          clock.Date
	Kind              string
	By                string
	RecordedAt        clock.Instant
}

// AbsenceKinds are the categories; a reason is never written down.
func AbsenceKinds() []Named {
	return []Named{{"leave", "Leave"}, {"sickness", "Sickness"}, {"pause", "The post is paused"}}
}

func absenceWords(kind string) string {
	for _, k := range AbsenceKinds() {
		if k.ID == kind {
			return k.Title
		}
	}
	return "Not at work"
}

// longText checks something a person wrote.
func longText(c *problem.Check, field, text, ask string) {
	c.That(strings.TrimSpace(text) != "", field, ask)
	c.That(len(text) <= 4000, field, "Write 4,000 characters or fewer")
}

// supervisorProblem says in a sentence what is wrong with a supervisor today, "" when
// they can cover.
func supervisorProblem(role, account string, v post.Supervisor, there bool, today clock.Date) string {
	role = strings.ToUpper(role[:1]) + role[1:] + " supervisor: "
	switch {
	case account == "":
		return role + "nobody is named."
	case v.Account == "":
		return role + "not known in this programme."
	case !there:
		return role + "has left."
	case v.Lapsed(today):
		return role + "the approval ended on " + v.ApprovedUntil.Long() + "."
	case v.Away(today):
		return role + "is away."
	}
	return ""
}
