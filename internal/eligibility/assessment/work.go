package assessment

import (
	"cmp"
	"slices"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// Step is what has to be done next on an application.
type Step string

// The steps. "" means that nothing is open.
const (
	StepEarly    Step = "early"    // an early check was asked for
	StepFirst    Step = "first"    // sent, and nobody has looked yet
	StepAssess   Step = "assess"   // being assessed
	StepAsked    Step = "asked"    // further information is awaited
	StepAnswered Step = "answered" // it came
	StepSecond   Step = "second"   // a second person has to judge
	StepThird    Step = "third"    // two disagree
	StepReview   Step = "review"   // the doctor asked for a review
	StepAgain    Step = "again"    // rules or facts changed since an answer
)

// Steps lists them as boards show them.
func Steps() []Step {
	return []Step{StepReview, StepThird, StepSecond, StepAnswered, StepFirst, StepAssess, StepEarly, StepAgain, StepAsked}
}

// Words names a step.
func (s Step) Words() string {
	switch s {
	case StepEarly:
		return "Early check"
	case StepFirst:
		return "First look"
	case StepAssess:
		return "Assess"
	case StepAsked:
		return "Further information asked"
	case StepAnswered:
		return "Further information came"
	case StepSecond:
		return "Second person"
	case StepThird:
		return "Third person"
	case StepReview:
		return "Review"
	case StepAgain:
		return "Look again"
	}
	return string(s)
}

// Known tells whether it is one of Steps.
func (s Step) Known() bool { return slices.Contains(Steps(), s) }

// Turn is who has the next step of an assessment.
func (s Step) Turn() string {
	switch s {
	case StepAsked:
		return "doctor"
	case StepSecond, StepThird:
		return "second"
	case StepReview:
		return "reviewer"
	case "":
		return ""
	}
	return "assessor"
}

// Turns lists the turns a queue can be narrowed to, with their words.
func Turns() [][2]string {
	return [][2]string{{"assessor", "The assessor"}, {"second", "A second or third person"}, {"reviewer", "A reviewer"}, {"doctor", "The doctor"}}
}

// Open is all that is open on an application.
type Open struct {
	Assessing bool // sent, and no answer yet
	Since     clock.Date
	Looked    bool // somebody has begun
	Review    clock.Date
	Early     clock.Date
	Again     clock.Date
	Asked     clock.Date // of an open round
	Answered  clock.Date // when its last answer came, if it is complete
	Second    clock.Date // since when a second person is awaited
	Third     clock.Date
}

// Next says what is to be done first of all that is open, and since when.
func Next(o Open) (Step, clock.Date) {
	switch {
	case !o.Review.IsZero():
		return StepReview, o.Review
	case !o.Answered.IsZero():
		return StepAnswered, o.Answered
	case !o.Asked.IsZero():
		return StepAsked, o.Asked
	case !o.Third.IsZero():
		return StepThird, o.Third
	case !o.Second.IsZero():
		return StepSecond, o.Second
	case o.Assessing && o.Looked:
		return StepAssess, o.Since
	case o.Assessing:
		return StepFirst, o.Since
	case !o.Again.IsZero():
		return StepAgain, o.Again
	case !o.Early.IsZero():
		return StepEarly, o.Early
	}
	return "", 0
}

// Lanes.
const (
	Priority = 0 // all that is needed is verified but one thing
	Ordinary = 1
)

// Lane gives the lane: priority when every requirement asked is met and proved
// but one, and that one can still be met.
func Lane(asked []rulebook.Outcome) int {
	left := 0
	for _, o := range asked {
		if o.State == rulebook.Met {
			continue
		}
		if left++; left > 1 || o.State == rulebook.Unmet && o.Reason != nil && o.Reason.Kind == "fatal" {
			return Ordinary
		}
	}
	if left == 1 {
		return Priority
	}
	return Ordinary
}

// WorkingDays counts the working days from a day, not counted, to another.
func WorkingDays(from, to clock.Date, holidays map[clock.Date]bool) int {
	n := 0
	for d := from + 1; d <= to; d++ {
		if clock.WorkingDay(d, holidays) {
			n++
		}
	}
	return n
}

// Light is the colour of an age.
type Light string

// The lights.
const (
	Green Light = "green"
	Amber Light = "amber"
	Red   Light = "red"
)

// Shine gives an age's light: red past the target, amber some days before.
func Shine(age, target, amber int) Light {
	switch {
	case target <= 0:
		return Green
	case age > target:
		return Red
	case age > target-amber:
		return Amber
	}
	return Green
}

// Spread is how often each number of days was counted.
type Spread map[int]int

// Median is the middle of all, or the lower of the two middle ones; false when
// there is nothing.
func (s Spread) Median() (days, n int, found bool) {
	keys := make([]int, 0, len(s))
	for d, c := range s {
		if c > 0 {
			keys, n = append(keys, d), n+c
		}
	}
	slices.SortFunc(keys, cmp.Compare)
	left := (n + 1) / 2
	for _, d := range keys {
		if left -= s[d]; left <= 0 {
			return d, n, true
		}
	}
	return 0, 0, false
}
