// Package eligibility answers whether a doctor may join the programme: facts
// and the published rules give every condition's state, and an assessor decides.
//
// The rules are files (rules/eligibility) read by rulebook; facts are fact's.
// It is not about GMC registration, which is the registration package's.
package eligibility

import (
	"msw/internal/clock"
	"msw/internal/eligibility/assessment"
	"msw/internal/rulebook"
)

// Outcome is what an assessor decided.
type Outcome string

// The outcomes. Supported means everything but employment stays open, for
// somebody who may not work yet; it wakes when the right to work changes.
const (
	Eligible    Outcome = "eligible"
	NotYet      Outcome = "not_yet"
	NotEligible Outcome = "not_eligible"
	Supported   Outcome = "supported"
)

// Words names an outcome on a page.
func (o Outcome) Words() string {
	switch o {
	case Eligible:
		return "Eligible"
	case NotYet:
		return "Not yet"
	case NotEligible:
		return "Not eligible"
	case Supported:
		return "Supported, but cannot be employed yet"
	}
	return string(o)
}

// Explain says what an outcome means, to the assessor who chooses it.
func (o Outcome) Explain() string {
	switch o {
	case Eligible:
		return "Every condition is met. The doctor can be proposed for a post."
	case NotYet:
		return "Something is missing or not proved, and the doctor can still mend it."
	case NotEligible:
		return "A condition is not met and cannot be mended now. The doctor can ask for this to be looked at again."
	case Supported:
		return "The doctor may not work yet, for example while waiting for an asylum decision. Everything but a paid post stays open."
	}
	return ""
}

// Outcomes lists them in the order pages show them.
func Outcomes() []Outcome { return []Outcome{Eligible, NotYet, Supported, NotEligible} }

// Moment is when in the road the rules are asked; each requirement says at
// which it holds (checked_at in the rule file).
type Moment string

// The moments.
const (
	AtDecision Moment = "decision"
	AtOffer    Moment = "offer"
	AtStart    Moment = "start"
)

// Decision is one answer that was given, and all that is needed to give it
// again: the facts, the rule file's version and the day.
type Decision struct {
	ID, Doctor  string
	On          clock.Date
	Moment      Moment
	Outcome     Outcome
	RuleSet     string
	RuleVersion string
	Uses        []rulebook.Used // versions of other sets the answer rests on
	AnswerHash  string
	By          string
	Facts       []rulebook.Fact
	Reasons     []string // sentences the doctor received
	Note        string   // the assessor's, for staff
	Codes       []string // coded reasons besides the rules' own
	Letter      *assessment.Letter
	Reverses    string // the decision it is the written opposite of
	Review      string // the review it answers
}
