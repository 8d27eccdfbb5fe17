package registration

import (
	"fmt"
	"io/fs"
	"sync"

	"msw/internal/rulebook"
)

// RoadRuleSet is the id of the rule set of the road to registration.
const RoadRuleSet = "registration"

// The files of a road beside its rules.
const (
	durationsFile = "registration/durations.yaml"
	feesFile      = "funding/fees.yaml"
)

// Road is the rules, durations and fees by which ladders are made. It never
// changes and serves any number of goroutines.
type Road struct {
	book     *rulebook.Book
	versions map[*rulebook.Set]*roadVersion
	steps    map[string]stepTime
	fees     fees
	cases    sync.Pool // of *rulebook.Case
}

// roadVersion is one version of the rules with what is looked up for each case.
type roadVersion struct {
	set   *rulebook.Set
	at    map[string]int // where a requirement stands
	needs map[string]Right
	mark  map[string]rulebook.Mark
	rungs []rungDef
}

// NewRoad makes it from the rules that are switched on and the tables of
// rules.Road; an error names what the files lack.
func NewRoad(book *rulebook.Book, tables fs.FS) (*Road, error) {
	r := &Road{book: book, versions: map[*rulebook.Set]*roadVersion{}}
	r.cases.New = func() any { return &rulebook.Case{} }
	var err error
	if r.steps, err = readStepTimes(tables, durationsFile); err != nil {
		return nil, err
	}
	if r.fees, err = readFees(tables, feesFile); err != nil {
		return nil, err
	}
	for _, set := range book.Sets() {
		if set.ID() != RoadRuleSet {
			continue
		}
		v := &roadVersion{set: set, at: map[string]int{}, needs: needsOf(set), mark: map[string]rulebook.Mark{}}
		for i, q := range set.Requirements() {
			v.at[q.ID] = i
			v.mark[q.ID] = weakest(q.Sources)
		}
		for _, d := range rungDefs() {
			if _, ok := v.at[d.id]; ok {
				v.rungs = append(v.rungs, d)
			}
		}
		for _, id := range []string{"ENG", "PLAB1", "PLAB2", "ROUTE", "REG-FULL", "REF-FEE", "CGS", "READY-FULL"} {
			if _, ok := v.at[id]; !ok {
				return nil, fmt.Errorf("the rules of %s, version %s, have no requirement %s", RoadRuleSet, set.Name(), id)
			}
		}
		r.versions[set] = v
	}
	return r, nil
}

// Climb gives the whole ladder, for readers with every right; Ladder.For gives
// what another may see.
func (r *Road) Climb(in Inputs) Ladder { return r.climb(&in, View{Rights: RightAll}) }

// Foresee gives the forecast alone.
func (r *Road) Foresee(in Inputs) Forecast { return r.Climb(in).Forecast }

// Review lists every duration and fee that no source confirms, as the rules'
// own review does.
func (r *Road) Review() []rulebook.ReviewLine {
	var lines []rulebook.ReviewLine
	add := func(set, name string, mark rulebook.Mark, title, says string) {
		if mark != rulebook.Confirmed {
			lines = append(lines, rulebook.ReviewLine{RuleSet: set, Name: name, Mark: mark, Title: title, Says: says})
		}
	}
	for _, id := range stepIDs() {
		add("durations", id, r.steps[id].Mark, r.steps[id].Title, r.steps[id].Says)
	}
	for _, id := range feeIDs() {
		f := r.fees.byID[id]
		for _, rate := range f.Rates {
			add("fees", id, rate.Mark, f.Title+" from "+rate.From.Date.String(), rate.Says)
		}
	}
	return lines
}
