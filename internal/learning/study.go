package learning

import (
	"strconv"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/placement"
	"msw/internal/post"
	"msw/internal/problem"
)

// The sides of study time.
const (
	SideDoctor   = "doctor"
	SideEmployer = "employer"
)

// StudyState is how far study time is agreed.
type StudyState string

// The states of study time. An agreed one with a last day has ended.
const (
	Proposed  StudyState = "proposed"
	Agreed    StudyState = "agreed"
	SaidNo    StudyState = "declined"
	Withdrawn StudyState = "withdrawn"
)

// Study is hours a week for study within paid time, as one side proposed them
// and the other answered. Rows are never removed: they are the history.
type Study struct {
	ID          string        `json:"-"`
	Version     int           `json:"-"`
	Placement   string        `json:"placement"`
	Doctor      string        `json:"-"`
	Employer    string        `json:"-"`
	MinutesWeek int           `json:"minutes_week"`
	From        clock.Date    `json:"from"`
	To          clock.Date    `json:"to"` // last day, none while it runs
	State       StudyState    `json:"state"`
	Side        string        `json:"side"` // who proposed
	ProposedBy  string        `json:"-"`
	ProposedAt  clock.Instant `json:"proposed_at"`
	AnsweredBy  string        `json:"-"`
	AnsweredAt  clock.Instant `json:"answered_at"`
	EndedBy     string        `json:"-"`
	EndedAt     clock.Instant `json:"ended_at"`
}

// Hours writes minutes as hours: 4 hours, 3.5 hours.
func Hours(minutes int) string {
	n := strconv.FormatFloat(float64(minutes)/60, 'f', -1, 64)
	if n == "1" {
		return "1 hour"
	}
	return n + " hours"
}

// InForce tells whether it counts on a day.
func (s Study) InForce(on clock.Date) bool {
	return s.State == Agreed && s.From <= on && (s.To.IsZero() || on <= s.To)
}

// checkStudy gives all that is wrong with a proposal for a post.
func checkStudy(p placement.Placement, minutes int, from clock.Date) error {
	var c problem.Check
	c.That(minutes >= 30 && minutes%30 == 0, "hours", "Enter hours a week, in whole or half hours, like 4 or 3.5")
	c.That(minutes <= post.FullTimeWeek, "hours", "That is more than a full week")
	c.That(!from.IsZero(), "from", "Enter the first day")
	c.That(from.IsZero() || from >= p.StartedOn, "from", "The first day must not be before the post began on "+p.StartedOn.Long())
	return c.Err()
}

// agree gives both rows after the other side said yes: the new one, and what was
// agreed before with its last day, nil when that had ended by itself.
func agree(s Study, latest *Study, side string, call access.Call) (Study, *Study, error) {
	if s.State != Proposed {
		return s, nil, problem.Stale()
	}
	if s.Side == side {
		return s, nil, problem.Refuse("The other side answers.", "You proposed this. Wait for the answer, or take it back.")
	}
	if latest != nil && latest.From >= s.From {
		return s, nil, problem.Refuse("These hours cannot begin on that day.", "What is agreed now began on "+latest.From.Long()+". Propose a later first day.")
	}
	var ended *Study
	if latest != nil && (latest.To.IsZero() || latest.To >= s.From) {
		old := *latest
		old.To, old.EndedBy, old.EndedAt = s.From.AddDays(-1), call.Actor.Account, call.Now
		ended = &old
	}
	s.State, s.AnsweredBy, s.AnsweredAt = Agreed, call.Actor.Account, call.Now
	return s, ended, nil
}

// end sets the last day of what runs.
func end(s Study, last clock.Date, call access.Call) (Study, error) {
	if s.State != Agreed || !s.To.IsZero() {
		return s, problem.Stale()
	}
	var c problem.Check
	c.That(!last.IsZero(), "last", "Enter the last day")
	c.That(last.IsZero() || last >= s.From, "last", "The last day must not be before the first, "+s.From.Long())
	if err := c.Err(); err != nil {
		return s, err
	}
	s.To, s.EndedBy, s.EndedAt = last, call.Actor.Account, call.Now
	return s, nil
}
