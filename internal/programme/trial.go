package programme

import (
	"context"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/rulebook"
)

// A trial tells whom a version of rules would change, before it is switched on.
// Each station tries the version on its own cases.

// What a tried answer is about.
const (
	TriedPresent = "present" // the facts as they are, today
	TriedPast    = "past"    // a decision that was made, with its facts and day
)

// Station is one place whose cases a version can be tried on.
type Station struct {
	ID      string // never changes
	Purpose string // of the rule sets it can try
	Title   string
	Replay  bool // it asks whether kept decisions come out the same
	// List, when set, is what somebody must be allowed to do with every case to
	// read who would change; others read the sums alone.
	List access.Action
	// Count tells how many cases there are, for the progress.
	Count func(ctx context.Context, call access.Call) (int, error)
	// Try gives the next page of cases after a key.
	Try func(ctx context.Context, call access.Call, c Candidate, after string) (TriedPage, error)
}

// Candidate is the version that is tried.
type Candidate struct {
	Row RuleSet
	Set *rulebook.Set
}

// TriedPage is one page; Next is "" at the end.
type TriedPage struct {
	Tried []Tried
	Cases int
	Next  string
}

// Tried is one answer, now and under the version that is tried.
type Tried struct {
	Doctor, What string
	On           clock.Date
	From, To     string // in words
	Why          []string
}

// The states of a trial.
const (
	TrialWaiting = "waiting"
	TrialDone    = "done"
	TrialFailed  = "failed"
)

// Trial is one run of a version over a station's cases.
type Trial struct {
	ID, RuleSet, Station string
	State                string
	By                   string // account
	At                   clock.Instant
	On                   clock.Date
	Cases, Total         int // done, and all
	Answers, Changed     int
	Sums                 []Sum
	Finished             clock.Instant
	after                string
	version              int64
}

// Sum is how many answers go from one to another.
type Sum struct {
	What string `json:"what"`
	From string `json:"from"`
	To   string `json:"to"`
	N    int    `json:"n"`
}

// Change of one answer, as a reader may see it.
type TrialChange struct {
	Serial    int64
	Doctor    string
	Ref, Name string
	What      string
	On        clock.Date
	From, To  string
	Why       []string
}

func (t *Trial) count(x Tried) {
	t.Answers++
	if x.From != x.To {
		t.Changed++
	}
	for i := range t.Sums {
		if s := &t.Sums[i]; s.What == x.What && s.From == x.From && s.To == x.To {
			s.N++
			return
		}
	}
	t.Sums = append(t.Sums, Sum{x.What, x.From, x.To, 1})
}
