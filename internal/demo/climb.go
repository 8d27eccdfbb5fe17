package demo

import (
	"math/rand/v2"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// climbing tells whether somebody is on the way to registration on the demo's
// day, so that their ladder is worth filling.
func (l *loader) climbing(p *life) bool {
	return p.begins != 0 && p.ended == 0 && p.registered == 0 && p.left == 0
}

// climb gives the papers, bookings and history that such a person has brought
// together by now. It draws from a stream of its own, so that the rest of the
// history stays as it is.
func (l *loader) climb(p *life, id string) []fact.NewFact {
	r := rand.New(rand.NewPCG(uint64(p.born), uint64(p.referred)))
	today := l.o.Today
	var list []fact.NewFact
	add := func(kind string, on, until clock.Date, s rulebook.State, fields map[string]any) {
		list = append(list, fact.NewFact{Doctor: id, Kind: kind, On: on, Until: until, State: s, Source: "account", Fields: fields})
	}
	add(fact.Step, p.submitted+40, 0, rulebook.Seen, map[string]any{"name": "account", "outcome": "done"})
	if r.IntN(3) > 0 {
		add(fact.Step, today-clock.Date(60+r.IntN(200)), 0, rulebook.Verified, map[string]any{"name": "psv", "outcome": "done"})
	} else {
		add(fact.Step, today-clock.Date(20+r.IntN(60)), 0, rulebook.Seen, map[string]any{"name": "psv", "outcome": "started"})
	}
	standing := map[string]any{"regulator": "Medical council (fictional)", "country": p.origin.country, "certificate": "asked"}
	signed := today - clock.Date(r.IntN(140))
	switch r.IntN(4) {
	case 0:
		standing["certificate"] = "not_possible"
	case 1, 2:
		standing["certificate"] = "signed"
	}
	add(fact.GoodStanding, signed, 0, rulebook.Seen, standing)
	worked := p.arrived - clock.Date(30+r.IntN(90))
	add(fact.Activity, clock.AddMonths(p.graduated, 12), worked, rulebook.Seen, map[string]any{"kind": "practice", "country": p.origin.country, "reference": "asked"})
	if r.IntN(3) > 0 { // some still have a gap to explain
		add(fact.Activity, worked+1, p.begins-1, rulebook.Claimed, map[string]any{"kind": "study", "country": "GB"})
	}
	add(fact.Activity, p.begins, 0, rulebook.Seen, map[string]any{"kind": "support_role", "country": "GB", "reference": "not_asked"})
	if l.booked(p) && r.IntN(3) > 0 {
		on := today + clock.Date(40+r.IntN(160))
		add(fact.Exam, on, 0, rulebook.Seen, map[string]any{"name": "PLAB2", "outcome": "booked", "booked": today - clock.Date(15+r.IntN(40))})
	}
	return list
}

// booked tells whether PLAB 2 can be booked: PLAB 1 is passed, PLAB 2 is not.
func (l *loader) booked(p *life) bool {
	one := false
	for _, e := range p.exams {
		if e.passed && e.test == "PLAB2" {
			return false
		}
		one = one || e.passed && e.test == "PLAB1"
	}
	return one
}
