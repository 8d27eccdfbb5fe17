package rulebook

import (
	"math/bits"

	"msw/internal/clock"
)

// sweepInto answers and writes down all requirements that a sweep can.
func (m *machine) sweepInto(res *Result, t *totals) {
	s := m.set.sweep
	plan := s.planFor(m.on)
	w := sweepWriter{m: m, res: res}
	for i := range s.groups {
		g := &s.groups[i]
		if !g.over(m.c, plan, &w.found) {
			for _, q := range g.long {
				m.answerInto(q, res, t)
			}
			continue
		}
		w.list, w.all, w.listed = m.c.swept, 1<<len(m.c.swept)-1, [8]*Outcome{}
		for j := range g.asked {
			w.ask(g, &g.asked[j], t)
		}
		for j := range g.sums {
			if sum := &g.sums[j]; sum.days {
				m.answerInto(sum.q, res, t)
			} else {
				answer := sum.answer(w.list)
				w.write(sum.q, answer, w.found.change, sum.counted(w.list), t)
			}
		}
	}
}

// sweepWriter writes the outcomes of one group. Outcomes that the same facts
// decide share their lists.
type sweepWriter struct {
	m      *machine
	res    *Result
	found  found
	list   []swept
	all    uint64      // the facts of list as bits
	listed [8]*Outcome // by the set of facts, of up to three
}

func (w *sweepWriter) ask(g *sweepGroup, a *sweepAsk, t *totals) {
	f, bit := &w.found, a.bit&63
	answer, until, chosen := f.answer(bit), f.change, w.all
	switch decided := f.decided>>bit&1 == 1 && len(w.list) > 0; {
	case decided:
		chosen = w.deciding(g.all>>bit&1 == 1, bit)
		if until = forever; a.dated != nil {
			until = w.longest(a.dated, chosen)
		}
	default:
		if answer == Unknown {
			chosen = w.open(bit)
		}
		if a.dated != nil {
			until = min(until, w.first(a.dated))
		}
	}
	w.write(a.q, answer, until, chosen, t)
}

// deciding is the facts that give the deciding answer.
func (w *sweepWriter) deciding(no bool, bit uint8) (set uint64) {
	if len(w.list) == 1 {
		return 1
	}
	for i := range w.list {
		if s := &w.list[i]; no {
			set |= s.no >> (bit & 63) & 1 << (i & 63)
		} else {
			set |= s.yes >> (bit & 63) & 1 << (i & 63)
		}
	}
	return set
}

// open is the facts that leave the answer open.
func (w *sweepWriter) open(bit uint8) (set uint64) {
	for i := range w.list {
		s := &w.list[i]
		set |= ^(s.yes | s.no) >> (bit & 63) & 1 << (i & 63)
	}
	return set
}

// longest is the last day on which one of the facts still says the same, and
// first the last on which all do.
func (w *sweepWriter) longest(d *datedAsk, chosen uint64) (until clock.Date) {
	for ; chosen != 0; chosen &= chosen - 1 {
		until = max(until, d.until(w.m, &w.list[bits.TrailingZeros64(chosen)]))
	}
	return until
}

func (w *sweepWriter) first(d *datedAsk) clock.Date {
	until := forever
	for i := range w.list {
		until = min(until, d.until(w.m, &w.list[i]))
	}
	return until
}

// datedAsk tells until when what a fact says to a question still holds: by the
// one test in it that the day decides, or as the whole condition does.
type datedAsk struct {
	whole  datedFn
	one    bool
	day    dayTest
	still  uint64 // the bits of tests joined with it that no day changes
	either bool   // any of them decides, else each of them that says no
}

func (d *datedAsk) until(m *machine, s *swept) clock.Date {
	if !d.one {
		_, until := d.whole(m, s.row)
		return until
	}
	if d.either && s.yes&d.still != 0 || !d.either && s.no&d.still != 0 {
		return forever
	}
	return d.day.until(m.on, s.row)
}

// until is the last day on which a test still says what it does.
func (t *dayTest) until(on clock.Date, r *row) clock.Date {
	if r.known>>(t.knownBy&63)&1 == 0 {
		return forever
	}
	d := clock.Date(r.slots[t.slot])
	switch {
	case t.op == "in_force":
		if d == 0 || on > d {
			return forever
		}
		return d
	case t.op != "within":
		return againstOn(t.op, day{date: d, until: forever}, on).until
	case on < d:
		return d - 1
	case long(on, d, t.n, t.unit):
		return forever
	}
	if end := lengthen(d, t.n, t.unit); on < end {
		return end - 1
	}
	return forever
}

// counted is the facts that count or may count in a sum, or all where none does.
func (t *sweepSum) counted(list []swept) (set uint64) {
	all := uint64(1)<<len(list) - 1
	if t.bit < 0 {
		return all
	}
	for i := range list {
		set |= (list[i].no>>(t.bit&63)&1 ^ 1) << (i & 63)
	}
	if set == 0 {
		return all
	}
	return set
}

func (w *sweepWriter) write(q *requirement, answer Answer, until clock.Date, chosen uint64, t *totals) {
	o := &w.res.Requirements[q.index]
	o.Requirement, o.State, o.IfProved, o.Refused = &q.Requirement, answer, answer, w.found.refused
	o.Until = ended(until)
	if chosen != 0 {
		w.facts(o, chosen)
	}
	switch {
	case answer == Met:
	case answer == Unmet && q.onlyUnmet != nil:
		o.Reason = q.onlyUnmet
	default:
		o.Untried = answer == Unknown && len(w.list) == 0
		o.Reason = w.m.reason(q, &judgement{verdict: verdict{answer: answer}})
	}
	t.add(answer, until)
}

// facts writes down which facts decide.
func (w *sweepWriter) facts(o *Outcome, chosen uint64) {
	if chosen < uint64(len(w.listed)) {
		if same := w.listed[chosen]; same != nil {
			o.Facts, o.Dates, o.Proof = same.Facts, same.Dates, same.Proof
			return
		}
		w.listed[chosen] = o
	}
	r := w.res
	indexes, dates := r.indexes, r.dates
	from, fromDate, proof := len(indexes), len(dates), Verified
	for ; chosen != 0; chosen &= chosen - 1 {
		row := w.list[bits.TrailingZeros64(chosen)].row
		indexes = append(indexes, int(row.index))
		proof = min(proof, row.state)
		switch n := len(dates); {
		case row.date == 0:
		case n == fromDate || dates[n-1] < row.date:
			dates = append(dates, row.date)
		default:
			dates = insert(dates, fromDate, row.date)
		}
	}
	o.Proof = proof
	o.Facts, o.Dates = indexes[from:len(indexes):len(indexes)], dates[fromDate:len(dates):len(dates)]
	r.indexes, r.dates = indexes, dates
}
