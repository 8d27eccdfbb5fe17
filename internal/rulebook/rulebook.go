// Package rulebook reads rule files strictly, compiles them once, evaluates
// dated facts against them on a given day, and explains the answer.
//
// It knows no word of any programme: kinds of fact, requirements and texts all
// come from files. It has no clock and does no I/O of its own beyond reading
// the file system it is handed; the same facts, day and file always give the
// same bytes. What a person decides on the strength of an answer is not here.
package rulebook

import (
	"fmt"

	"msw/internal/clock"
)

// State is how well a fact is proved. Claimed < Seen < Verified can be compared
// with <; Refused means the proof was looked at and turned down, and such a
// fact never counts.
type State uint8

// The proof states. The zero value is not a state: Check refuses it and
// evaluation leaves such a fact out.
const (
	Unstated State = iota
	Refused
	Claimed
	Seen
	Verified
)

var stateNames = [...]string{"", "refused", "claimed", "seen", "verified"}

// String gives the state as it is written in files and JSON.
func (s State) String() string { return stateNames[s] }

// ParseState reads what String wrote.
func ParseState(text string) (State, error) {
	for i, name := range stateNames {
		if name == text && text != "" {
			return State(i), nil
		}
	}
	return Unstated, fmt.Errorf("%q is not a proof state: use claimed, seen, verified or refused", text)
}

// MarshalText lets a state stand in JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote; nothing is Unstated.
func (s *State) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*s = Unstated
		return nil
	}
	*s, err = ParseState(string(b))
	return err
}

// Answer is the three-valued result of a requirement.
type Answer uint8

// The answers. Unknown is the zero value: nothing is met by saying nothing.
const (
	Unknown Answer = iota // no fact says, or what says it is not proved well enough
	Met                   // proved facts say yes
	Unmet                 // proved facts say no
)

var answerNames = [...]string{"unknown", "met", "unmet"}

// String gives the answer as it is written in files and JSON.
func (a Answer) String() string { return answerNames[a] }

// MarshalText lets an answer stand in JSON.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Answer) UnmarshalText(b []byte) error {
	for i, name := range answerNames {
		if name == string(b) {
			*a = Answer(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not an answer: use met, unmet or unknown", b)
}

// Fact is one dated thing that is claimed or known. Date is the civil date of
// the event, zero when not known; Until is the last day on which the fact holds,
// zero for no end. Fields hold string, int64, bool, clock.Date or []string as
// the schema says; a field that is not there is not known, and so is the code
// "unknown".
type Fact struct {
	Kind   string
	Date   clock.Date
	Until  clock.Date
	State  State
	Fields map[string]any
}

// Source says where a rule or number comes from.
type Source struct {
	URL   string     `json:"url,omitempty"`
	Title string     `json:"title"`
	Read  clock.Date `json:"read,omitzero"`
	Mark  Mark       `json:"mark"`
	Says  string     `json:"says,omitempty"`
}

// Mark says how sure a source is.
type Mark string

// The marks a source can carry.
const (
	Confirmed Mark = "confirmed"
	Recalled  Mark = "recalled"
	SetByUs   Mark = "set-by-us"
)

// Reason is what is told about a requirement that is not met or not known.
type Reason struct {
	// Kind is fixable, fatal or wait when unmet; when unknown it is empty, or
	// wait (for another), progress (under way) or ask (only Who can say).
	Kind string `json:"kind,omitempty"`
	// Who is a code of the rule file for whom this waits.
	Who string `json:"who,omitempty"`
	// Staff and Doctor are the sentences each of them reads; Bring says what
	// proof cures it. Outcome is a code from the rule file that a decision may
	// propose instead of a plain no.
	Staff   string `json:"staff"`
	Doctor  string `json:"doctor"`
	Bring   string `json:"bring,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

// Requirement is the fixed part of one requirement of a rule set, as written in
// its file. Condition is the expression whose truth means "met", or for an
// exclusion the one whose truth means "unmet".
type Requirement struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Kind      string   `json:"kind"` // condition or exclusion
	Accepts   State    `json:"accepts"`
	CheckedAt []string `json:"checked_at,omitempty"`
	Needs     []string `json:"needs,omitempty"`
	Condition string   `json:"condition,omitempty"`
	// Values are the values by date that it reads; After the requirements that
	// come first; Routes the ways it belongs to; Decides who alone can say that
	// it is met; ProofText what counts as proof.
	Values    []string `json:"values,omitempty"`
	After     []string `json:"after,omitempty"`
	Routes    []string `json:"routes,omitempty"`
	Decides   string   `json:"decides,omitempty"`
	ProofText string   `json:"proof_text,omitempty"`
	Sources   []Source `json:"sources,omitempty"`
}

// Outcome is the answer to one requirement for one set of facts on one day.
type Outcome struct {
	*Requirement
	State Answer `json:"state"`
	// Until is the last day on which State still holds if nothing else is
	// recorded; zero when no date ends it.
	Until clock.Date `json:"until,omitzero"`
	// Facts are the deciding facts, as indexes into the facts evaluated; Dates
	// are their dates, ascending, each once.
	Facts []int        `json:"facts,omitempty"`
	Dates []clock.Date `json:"dates,omitempty"`
	// Proof is the least proof state among the deciding facts.
	Proof State `json:"proof,omitzero"`
	// Waiting tells that facts are recorded but not yet proved as the
	// requirement asks; IfProved is the answer if all of them were.
	Waiting  bool   `json:"waiting,omitempty"`
	IfProved Answer `json:"if_proved"`
	// Refused tells that a fact this requirement could have used was refused.
	Refused bool `json:"refused,omitempty"`
	// Untried marks an alternative for which no fact is recorded at all.
	Untried bool `json:"untried,omitempty"`
	// Reason is nil when met.
	Reason *Reason `json:"reason,omitempty"`
	// NotNeeded tells why the requirement is not asked; it then counts as met.
	NotNeeded *Reason `json:"not_needed,omitempty"`
	// By names the alternative that counts, where the first complete one does.
	By           string    `json:"by,omitempty"`
	Alternatives []Outcome `json:"alternatives,omitempty"`
}

// Result is the answer of a whole rule set: every requirement, never only the
// first that fails. It can be written as JSON and read back.
type Result struct {
	RuleSet string     `json:"ruleset"`
	Name    string     `json:"name"`
	Version string     `json:"version"` // SHA-256 of the rule file, hex
	Uses    []Used     `json:"uses,omitempty"`
	On      clock.Date `json:"on"`
	// State is unmet if any requirement is unmet, else unknown if any is
	// unknown, else met. Until is the last day on which that still holds.
	State        Answer     `json:"state"`
	Until        clock.Date `json:"until,omitzero"`
	Requirements []Outcome  `json:"requirements"`
	// FactsCut tells that the case had more facts than can be named: those past
	// the 128th took part but are missing from the lists of deciding facts.
	FactsCut bool `json:"facts_cut,omitempty"`

	indexes   []int
	dates     []clock.Date
	alts      []Outcome
	last      *Outcome // whose facts were written last, while it is evaluated
	lastFacts factSet
}

// BlockedBy lists the requirements that come before this one and are not met.
func (r *Result) BlockedBy(o *Outcome) []string {
	var list []string
	for _, id := range o.After {
		if before := r.Requirement(id); before != nil && before.State != Met {
			list = append(list, id)
		}
	}
	return list
}

// Used names another rule set's version that a result depended on.
type Used struct {
	RuleSet string `json:"ruleset"`
	Version string `json:"version"`
}

// Requirement gives the outcome of a requirement by id, or nil.
func (r *Result) Requirement(id string) *Outcome {
	for i := range r.Requirements {
		if r.Requirements[i].ID == id {
			return &r.Requirements[i]
		}
	}
	return nil
}

// With lists the outcomes that have an answer.
func (r *Result) With(answer Answer) []*Outcome {
	var found []*Outcome
	for i := range r.Requirements {
		if r.Requirements[i].State == answer {
			found = append(found, &r.Requirements[i])
		}
	}
	return found
}

// Step is one line of the working: an expression as written, its answer or
// value, the facts that decided it and the steps beneath it.
type Step struct {
	Text  string     `json:"text"`
	State Answer     `json:"state"`
	Value string     `json:"value,omitempty"`
	Until clock.Date `json:"until,omitzero"`
	Fact  *int       `json:"fact,omitempty"`
	Facts []int      `json:"facts,omitempty"`
	Steps []Step     `json:"steps,omitempty"`
}

// Working is the step-by-step trace of one requirement. Pass tells over which
// facts: "proved" (those that are proved as asked) or "all" (any not refused).
type Working struct {
	Requirement string `json:"requirement"`
	Pass        string `json:"pass"`
	Step        Step   `json:"step"`
}

// Explanation is a result with all of its working.
type Explanation struct {
	Result  Result    `json:"result"`
	Working []Working `json:"working"`
}
