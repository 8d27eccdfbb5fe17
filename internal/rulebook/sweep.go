package rulebook

import (
	"math"
	"slices"
	"sync/atomic"

	"msw/internal/clock"
)

// A sweep answers, in one walk over the facts of a kind, every requirement that
// asks no more of them than each can say alone: most of what rule files hold.
// What it needs to know of the day is worked out once a day, not once a fact.
// All others go the long way, and so do these where a fact is left out as not
// proved well enough: both ways give the same answer, which a test holds.
type sweep struct {
	groups []sweepGroup
	rest   []*requirement // that go the long way
	tests  []rangeTest    // of all groups
	days   []dayTest      // those of them that the day decides, in their order
	plan   atomic.Pointer[dayPlan]
}

// sweepGroup is the questions about one kind of fact at one proof state. Each
// test and each join of tests is a bit of a word.
type sweepGroup struct {
	kind     int
	least    State
	from, to int // its tests in those of the day
	codes    []codeTest
	joins    []joinTest
	needs    uint64 // the bits of row.known that the tests look at
	// all and negated are the bits that are asked by "all", and by "no" or "all":
	// their deciding answer is the other one.
	all, negated uint64
	asked        []sweepAsk
	sums         []sweepSum
	long         []*requirement // all of the group's, for when one is left out
}

// rangeTest tells whether a slot lies between lo and lo+size. Both wrap, so that
// the numbers outside of a range are a range too.
type rangeTest struct {
	lo      int64
	size    uint64
	slot    uint8
	knownBy uint8 // the bit of row.known that tells whether the slot is known
}

// dayTest is a rangeTest whose ends move with the day of evaluation.
type dayTest struct {
	slot, knownBy uint8
	negate        bool
	op            string // how the slot stands to the day: "<" …, or within, or in_force
	n             int
	unit          string
	at            int // its place among the tests
}

type codeTest struct {
	wanted        uint64
	slot, knownBy uint8
}

// joinTest joins bits that stand before it.
type joinTest struct {
	bits   uint64
	either bool // any of them, else all
}

type sweepAsk struct {
	q     *requirement
	index int
	bit   uint8
	dated *datedAsk // of a question that the passing of days can answer otherwise
}

type sweepSum struct {
	q      *requirement
	bit    int8 // which facts count; below 0 all of them
	amount summand
	lo, hi int64 // a sum between them is what is asked for
	negate bool
	days   bool // passing days change which facts count: until when is asked the long way
}

// dayPlan is the tests of one day.
type dayPlan struct {
	on    clock.Date
	tests []rangeTest
}

// swept is what a sweep makes of one fact.
type swept struct {
	row     *row
	yes, no uint64
}

const (
	knownAlways = 63 // the bit of row.known that every fact has
	sweptFacts  = 63 // facts of one kind are bits of a word
	sweptFields = 60 // more fields leave no bits for date, until and that one
)

// planFor gives the plan of a day, made anew only when the day is another than
// that of the last evaluation.
func (s *sweep) planFor(on clock.Date) *dayPlan {
	if p := s.plan.Load(); p != nil && p.on == on {
		return p
	}
	p := &dayPlan{on: on, tests: slices.Clone(s.tests)}
	for i := range s.days {
		p.tests[s.days[i].at] = s.days[i].on(on)
	}
	s.plan.Store(p)
	return p
}

// nowhere is a range that no date lies in.
const nowhere = math.MinInt64

func (t *dayTest) on(on clock.Date) rangeTest {
	out := rangeTest{slot: t.slot, knownBy: t.knownBy}
	switch t.op {
	case "in_force": // no end, which is 0, or one that has not passed
		out.lo, out.size = int64(on), -uint64(on)
	case "within":
		if out.lo = int64(earliestWithin(on, t.n, t.unit)); out.lo > int64(on) {
			out.lo = nowhere
		} else {
			out.size = uint64(int64(on) - out.lo)
		}
	default:
		out.lo, out.size = dateRange(t.op, on)
	}
	if t.negate {
		out.lo, out.size = outside(out.lo, out.size)
	}
	return out
}

// earliestWithin gives the earliest date whose window of that length still holds
// a day: a later date never has an earlier end.
func earliestWithin(on clock.Date, n int, unit string) clock.Date {
	if unit == "day" {
		return on.AddDays(1 - n)
	}
	d := clock.AddMonths(on, -n) - 4
	for clock.AddMonths(d, n) <= on {
		d++
	}
	return d
}

// dateRange is the dates that stand to d as op says.
func dateRange(op string, d clock.Date) (lo int64, size uint64) {
	day := int64(d)
	switch op {
	case "<":
		return math.MinInt64, uint64(day-1) - 1<<63
	case "<=":
		return math.MinInt64, uint64(day) - 1<<63
	case ">":
		return day + 1, uint64(math.MaxInt64 - day - 1)
	case ">=":
		return day, uint64(math.MaxInt64 - day)
	case "!=":
		return outside(day, 0)
	}
	return day, 0
}

func outside(lo int64, size uint64) (int64, uint64) {
	return lo + int64(size) + 1, math.MaxUint64 - size - 1
}

// tested is the words of bits that the tests say yes and no to for one fact.
func (g *sweepGroup) tested(r *row, tests []rangeTest) (yes, no uint64) {
	var in uint64
	slots := r.slots
	for i := range tests {
		t := &tests[i]
		var hit uint64
		if uint64(slots[t.slot]-t.lo) <= t.size {
			hit = 1
		}
		in |= hit << (i & 63)
	}
	for i := range g.codes {
		t := &g.codes[i]
		in |= t.wanted >> (slots[t.slot] & 63) & 1 << ((len(tests) + i) & 63)
	}
	yes, no = in, ^in
	if r.known&g.needs != g.needs {
		known := g.known(r.known, tests)
		yes, no = yes&known, no&known
	}
	at := len(tests) + len(g.codes)
	for i := range g.joins {
		t := &g.joins[i]
		if t.either {
			yes, no = no, yes
		}
		var every, some uint64
		if yes&t.bits == t.bits {
			every = 1
		}
		if no&t.bits != 0 {
			some = 1
		}
		bit := uint64(1) << (at & 63)
		yes, no = yes&^bit|every<<(at&63), no&^bit|some<<(at&63)
		if t.either {
			yes, no = no, yes
		}
		at++
	}
	return yes, no
}

// known is the bits of the tests whose slots are known.
func (g *sweepGroup) known(recorded uint64, tests []rangeTest) (known uint64) {
	for i := range tests {
		known |= recorded >> (tests[i].knownBy & 63) & 1 << (i & 63)
	}
	for i := range g.codes {
		known |= recorded >> (g.codes[i].knownBy & 63) & 1 << ((len(tests) + i) & 63)
	}
	return known
}

// found is what a sweep over the facts of a group says.
type found struct {
	met, unmet uint64     // a bit for each question; neither is unknown
	decided    uint64     // the questions of which some fact decides the answer
	change     clock.Date // the last day before a fact of a later day comes in
	refused    bool
}

// over walks the facts of the group's kind. It is not ok where one is left out
// because it is not proved well enough, or where there are too many.
func (g *sweepGroup) over(c *Case, plan *dayPlan, f *found) (ok bool) {
	change, refused := forever, false
	rows, list := c.kinds[g.kind], c.swept[:0]
	if len(rows) > sweptFacts {
		return false
	}
	tests := plan.tests[g.from:g.to]
	var yes, no, open uint64
	for i := range rows {
		r := &rows[i]
		if r.state < g.least {
			if r.state != Refused {
				return false
			}
			refused = true
			continue
		}
		if r.date > plan.on {
			change = min(change, r.date-1)
			continue
		}
		y, n := g.tested(r, tests)
		list = append(list, swept{r, y, n})
		yes, no, open = yes|y, no|n, open|^(y|n)
	}
	c.swept = list
	f.change, f.refused = change, refused
	if len(list) == 0 {
		f.met, f.unmet, f.decided = 0, 0, 0
		return true
	}
	decided := yes&^g.all | no&g.all
	rest := ^(decided | open)
	f.decided = decided
	f.met = decided&^g.negated | rest&g.negated
	f.unmet = decided&g.negated | rest&^g.negated
	return true
}

// answer is that of one bit.
func (f *found) answer(bit uint8) Answer {
	return Answer(f.met>>(bit&63)&1 | f.unmet>>(bit&63)&1<<1)
}

// answer compares a sum over the facts of the last walk with what is asked.
func (t *sweepSum) answer(list []swept) Answer {
	if len(list) == 0 {
		return Unknown
	}
	var sum span
	for i := range list {
		s := &list[i]
		least, most := t.amount.of(s.row)
		if t.bit >= 0 {
			switch bit := uint64(1) << (t.bit & 63); {
			case s.no&bit != 0:
				continue
			case s.yes&bit == 0:
				least, most = min(least, 0), max(most, 0)
			}
		}
		sum.lo, sum.hi = clamp(sum.lo+least), clamp(sum.hi+most)
	}
	answer := Unknown
	switch {
	case t.lo <= sum.lo && sum.hi <= t.hi:
		answer = Met
	case sum.hi < t.lo || sum.lo > t.hi:
		answer = Unmet
	}
	if t.negate {
		return opposite[answer]
	}
	return answer
}

// Answers is Evaluate without dates, facts and reasons: only each requirement's
// answer, in file order, written into the memory of into.
func (s *Set) Answers(c *Case, on clock.Date, into []Answer) []Answer {
	m := &c.machine
	m.begin(c, s, on)
	s.forget(c)
	n := len(s.requirements)
	into = slices.Grow(into[:0], n)[:n]
	plan := s.sweep.planFor(on)
	var f found
	for i := range s.sweep.groups {
		g := &s.sweep.groups[i]
		if !g.over(c, plan, &f) {
			for _, q := range g.long {
				into[q.index] = m.quick(q)
			}
			continue
		}
		for j := range g.asked {
			a := &g.asked[j]
			into[a.index] = f.answer(a.bit)
		}
		for j := range g.sums {
			into[g.sums[j].q.index] = g.sums[j].answer(c.swept)
		}
	}
	for _, q := range s.sweep.rest {
		if q.plain != nil && q.spared == nil {
			into[q.index] = m.quick(q)
		} else {
			into[q.index] = m.whole(q).answer
		}
	}
	return into
}
