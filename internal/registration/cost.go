package registration

import (
	"msw/internal/clock"
	"msw/internal/rulebook"
)

// CostLine is one amount of the road. Pence is what is to be paid after the
// concession, -1 when no fee is known.
type CostLine struct {
	Fee        string
	What       string
	On         clock.Date // paid on, or expected to be decided on
	Full       int64      // the fee without help, -1 when not known
	Pence      int64
	Paid       bool
	Concession string // why it is less, in words
	Payer      string
	Mark       rulebook.Mark
	Source     string
	Says       string
	Needs      Right
}

// Ledger is what a road has cost and will cost.
type Ledger struct {
	Lines        []CostLine
	Spent, ToPay int64
	Saved        int64 // by concessions
	Unknown      int   // lines to pay whose fee is not known
	Hidden       bool
	Needs        Right
}
