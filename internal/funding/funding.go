// Package funding is the programme's money in its first form: budgets for each
// phase and region, the places committed against them, and what places are
// estimated to have cost, by calendar day from dated rates.
//
// Budget, committed, estimated, claimed and paid are different things and never
// added together. No estimate is a claim: nothing here pays, and no unit rate
// is published (domain 1.6). Names of people have no place in it.
package funding

import (
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
)

// What can be done with money.
const (
	ActSee    access.Action = "funding.see"    // totals by phase
	ActPlace  access.Action = "funding.place"  // by region, employer and place, with the working
	ActBudget access.Action = "funding.budget" // set a budget
)

// Actions lists every action of this package.
func Actions() []access.Action { return []access.Action{ActSee, ActPlace, ActBudget} }

// Budget is what a region may spend in a phase: places and pence. Who set it
// and when is kept with every version.
type Budget struct {
	Phase, Region string
	Places        int
	Pence         int64
	Note          string
	Version       int // when setting: 0 = whichever stands, Unset = there is none yet
	Committed     int // places taken now
	SetBy         string
	SetOn         clock.Date
}

// Unset is the version of a budget that nobody has set yet.
const Unset = -1

// most bounds what can be typed, in pence: a hundred thousand million pounds.
const most = 10_000_000_000_000

func checkBudget(b Budget, phases []programme.Phase) error {
	var c problem.Check
	c.That(slices.ContainsFunc(phases, func(p programme.Phase) bool { return p.ID == b.Phase }), "phase", "Choose a phase")
	c.That(organisation.RegionName(b.Region) != "", "region", "Choose a region")
	c.That(b.Places >= 0 && b.Places <= 100_000, "places", "Places must be a number from 0 to 100,000")
	c.That(b.Pence >= 0 && b.Pence <= most, "money", "Money must be an amount of 0 or more")
	c.That(len([]rune(b.Note)) <= 500, "note", "The note must be 500 characters or fewer")
	return c.Err()
}

// Commitment takes one funded place. Source is the placement it is for.
type Commitment struct {
	Source, Phase, Region, Employer string
	On                              clock.Date
}

// PlannedAverage is a phase's national money over its target places, in pence;
// false when either is not known. It is derived and no rate: it says nothing of
// what a place costs.
func PlannedAverage(p programme.Phase) (int64, bool) {
	if !p.Known(programme.FieldMoney) || !p.Known(programme.FieldPlaces) || p.Money <= 0 || p.Places <= 0 {
		return 0, false
	}
	return halfUp(p.Money, int64(p.Places)), true
}

// Figures stand side by side and are never added together. Claimed and paid
// are not recorded yet, and not the same as nothing.
type Figures struct {
	Budgeted    bool  // a budget is set and the actor may see it
	Places      int   // funded places
	Budget      int64 // pence
	Committed   int   // places taken now
	Estimated   int64 // pence, as at the day of the estimate
	Started     int   // places the estimate covers
	Days        int
	UnknownDays int // days without a known rate
}

func (f *Figures) add(g Figures) {
	f.Budgeted = f.Budgeted || g.Budgeted
	f.Places, f.Budget, f.Committed = f.Places+g.Places, f.Budget+g.Budget, f.Committed+g.Committed
	f.Estimated, f.Started, f.Days, f.UnknownDays = f.Estimated+g.Estimated, f.Started+g.Started, f.Days+g.Days, f.UnknownDays+g.UnknownDays
}

// Place is one placement's estimate as the last refresh stored it.
type Place struct {
	Phase, Region, Placement, Employer, doctor string
	From, To                                   clock.Date
	Days, UnknownDays                          int
	Pence                                      int64
}
