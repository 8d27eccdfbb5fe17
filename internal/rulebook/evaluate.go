package rulebook

import (
	"slices"

	"msw/internal/clock"
)

// requirement is a Requirement compiled. Either cond is set or anyOf is.
type requirement struct {
	Requirement
	cond, traced condFn
	anyOf        []*requirement
	unmet        []reasonCase
	unknown      *Reason
	waiting      *Reason
	refs         []*reference
	line, column int
}

// reasonCase is a reason with the condition that chooses it; a nil when always
// does.
type reasonCase struct {
	reason *Reason
	when   condFn
}

// judgement is what evaluation knows of one requirement before it is written as
// an Outcome.
type judgement struct {
	verdict
	ifProved                  Answer
	waiting, refused, untried bool
}

// judge answers a requirement from its condition: once over the facts proved as
// it asks, and if that left any out, once over all that are not refused. Where
// the two differ the answer is not yet known: it waits for proof.
func (m *machine) judge(q *requirement, cond condFn) judgement {
	m.least, m.skipped, m.refused, m.touched = q.Accepts, false, false, false
	proved := cond(m)
	if !m.skipped {
		return judgement{verdict: proved, ifProved: proved.answer, refused: m.refused, untried: !m.touched}
	}
	m.least = Claimed
	all := cond(m)
	j := judgement{verdict: proved, ifProved: all.answer, refused: m.refused, untried: !m.touched}
	j.until = min(proved.until, all.until)
	if all.answer != proved.answer {
		j.answer, j.facts, j.waiting = Unknown, all.facts, true
	}
	return j
}

// maxReferences bounds how deep requirements use one another.
const maxReferences = 16

// inner judges another requirement in the middle of one, and leaves the machine
// as it was, except that what it saw counts as seen.
func (m *machine) inner(q *requirement) verdict {
	if m.depth >= maxReferences {
		return verdict{until: m.on}
	}
	least, skipped, refused, touched, frames := m.least, m.skipped, m.refused, m.touched, m.frames
	m.depth++
	j := m.whole(q)
	m.depth--
	m.least, m.skipped, m.frames = least, skipped, frames
	m.refused, m.touched = refused || j.refused, touched || !j.untried
	return j.verdict
}

// whole judges a requirement with its alternatives, without writing them down.
func (m *machine) whole(q *requirement) judgement {
	if q.anyOf == nil {
		return m.judge(q, q.chosen(m))
	}
	parts := make([]judgement, len(q.anyOf))
	for i, alternative := range q.anyOf {
		parts[i] = m.whole(alternative)
	}
	return either(parts)
}

func (q *requirement) chosen(m *machine) condFn {
	if m.trace != nil {
		return q.traced
	}
	return q.cond
}

// either joins alternatives: one that is met meets all; otherwise those for
// which nothing at all is recorded do not hold the answer open, unless none was
// tried.
func either(parts []judgement) judgement {
	out := judgement{verdict: verdict{until: forever}, untried: true}
	var answers, proved [3]int
	metUntil := clock.Date(0)
	var facts [3]factSet
	for i := range parts {
		p := &parts[i]
		out.until = min(out.until, p.until)
		out.refused = out.refused || p.refused
		if p.untried && p.answer != Met {
			continue
		}
		out.untried = false
		out.waiting = out.waiting || p.waiting
		answers[p.answer]++
		proved[p.ifProved]++
		facts[p.answer] = facts[p.answer].or(p.facts)
		if p.answer == Met {
			metUntil = max(metUntil, p.until)
		}
	}
	out.answer, out.ifProved = settle(answers), settle(proved)
	out.facts = facts[out.answer]
	if out.answer == Met {
		out.until = metUntil
	}
	out.waiting = out.waiting && out.answer == Unknown
	return out
}

func settle(counts [3]int) Answer {
	switch {
	case counts[Met] > 0:
		return Met
	case counts[Unknown] > 0 || counts[Unmet] == 0:
		return Unknown
	}
	return Unmet
}

// Evaluate answers every requirement of the set for these facts on this day. It
// is pure: the same facts in the same order, day and set give the same result.
func (s *Set) Evaluate(facts []Fact, on clock.Date) Result {
	var c Case
	var res Result
	s.book.schema.Prepare(facts, &c)
	s.EvaluateInto(&c, on, &res)
	return res
}

// EvaluateInto is Evaluate on prepared facts, reusing the memory of res: what
// res held before, and every slice taken from it, is overwritten.
func (s *Set) EvaluateInto(c *Case, on clock.Date, res *Result) {
	m := &c.machine
	*m = machine{c: c, on: on}
	s.run(m, res)
}

func (s *Set) run(m *machine, res *Result) {
	*res = Result{
		RuleSet: s.id, Name: s.name, Version: s.version, On: m.on, FactsCut: m.c.total > maxListed,
		Requirements: slices.Grow(res.Requirements[:0], len(s.requirements))[:len(s.requirements)],
		indexes:      res.indexes[:0], dates: res.dates[:0], alts: res.alts[:0],
	}
	for i := range s.uses {
		res.Uses = s.uses[i].append(res.Uses, m.on)
	}
	var answers [3]int
	var until [3]clock.Date
	all := forever
	for i, q := range s.requirements {
		o := &res.Requirements[i]
		j := m.outcome(q, o, res)
		answers[j.answer]++
		until[j.answer] = max(until[j.answer], j.until)
		all = min(all, j.until)
	}
	switch {
	case answers[Unmet] > 0:
		res.State, res.Until = Unmet, ended(until[Unmet])
	case answers[Unknown] > 0:
		res.Until = ended(all)
	default:
		res.State, res.Until = Met, ended(all)
	}
}

// ended turns the engine's forever into the zero date that means no end.
func ended(d clock.Date) clock.Date {
	if d == forever {
		return 0
	}
	return d
}

// outcome judges a requirement and writes it down with its facts, dates and
// reason.
func (m *machine) outcome(q *requirement, o *Outcome, res *Result) judgement {
	*o = Outcome{Requirement: &q.Requirement}
	var j judgement
	if q.anyOf == nil {
		j = m.judge(q, q.chosen(m))
	} else {
		start := len(res.alts)
		res.alts = append(res.alts, make([]Outcome, len(q.anyOf))...)
		own := res.alts[start:len(res.alts):len(res.alts)]
		var room [8]judgement
		parts := room[:0]
		for i, alternative := range q.anyOf {
			parts = append(parts, m.outcome(alternative, &own[i], res))
		}
		o.Alternatives = own
		j = either(parts)
	}
	o.State, o.Until, o.IfProved = j.answer, ended(j.until), j.ifProved
	o.Waiting, o.Refused = j.waiting, j.refused
	o.Untried = j.untried && j.answer == Unknown
	res.list(m.c, o, j.facts)
	o.Reason = m.reason(q, j)
	return j
}

// list writes the deciding facts into the result's own memory.
func (r *Result) list(c *Case, o *Outcome, facts factSet) {
	if (facts == factSet{}) {
		return
	}
	from, fromDate := len(r.indexes), len(r.dates)
	facts.each(func(index int) { r.indexes = append(r.indexes, index) })
	o.Facts = r.indexes[from:len(r.indexes):len(r.indexes)]
	for i := range c.rows {
		row := &c.rows[i]
		if row.index >= maxListed || facts[row.index>>6]>>(row.index&63)&1 == 0 {
			continue
		}
		if o.Proof == Unstated || row.state < o.Proof {
			o.Proof = row.state
		}
		if row.date != 0 && !slices.Contains(r.dates[fromDate:], row.date) {
			r.dates = append(r.dates, row.date)
		}
	}
	o.Dates = r.dates[fromDate:len(r.dates):len(r.dates)]
	slices.Sort(o.Dates)
}

// reason chooses the text: unmet by the first case whose condition holds.
func (m *machine) reason(q *requirement, j judgement) *Reason {
	switch {
	case j.answer == Met:
		return nil
	case j.answer == Unknown && j.waiting && q.waiting != nil:
		return q.waiting
	case j.answer == Unknown:
		return q.unknown
	}
	trace := m.trace
	m.trace = nil
	defer func() { m.trace = trace }()
	m.least = q.Accepts
	for _, c := range q.unmet {
		if c.when == nil || c.when(m).answer == Met {
			return c.reason
		}
	}
	return nil
}
