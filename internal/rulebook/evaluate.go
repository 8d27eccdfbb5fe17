package rulebook

import (
	"math/bits"
	"slices"

	"msw/internal/clock"
)

// requirement is a Requirement compiled. Either cond is set or anyOf is.
type requirement struct {
	Requirement
	cond, traced         condFn
	asking               *asking // cond for a sweep; nil where it asks for more
	plain                plainFn // cond for its answer alone; nil where it asks for another requirement
	anyOf                []*requirement
	countsFirst          bool
	uses                 *reference // it is that requirement, under another id
	spared, sparedTraced condFn     // it is not asked
	sparedWhy            *Reason
	sparedText           string
	simple               bool // one condition and nothing else decides it
	onlyUnmet            *Reason
	unmet                []reasonCase
	unknown              []reasonCase
	waiting              []reasonCase
	refs                 []*reference
	asked, sparedAsked   []askedFor // every condition within cond and spared
	reads                []string   // kinds of fact
	index                int        // in the set, of a requirement that is no alternative
	file                 string
	line, column         int
}

// reasonCase is a reason with the condition that chooses it; a nil when always
// does.
type reasonCase struct {
	reason *Reason
	when   condFn
	text   string // of the condition
}

// judgement is what evaluation knows of one requirement before it is written as
// an Outcome.
type judgement struct {
	verdict
	ifProved                  Answer
	waiting, refused, untried bool
	turn                      clock.Date // the last day before untried may turn by the day alone
}

// judge answers a requirement from its condition: once over the facts proved as
// it asks, and if that left any out, once over all that are not refused. Where
// the two differ the answer is not yet known: it waits for proof.
func (m *machine) judge(q *requirement, cond condFn) judgement {
	m.least, m.assumed, m.skipped, m.refused, m.touched, m.turn = q.Accepts, false, false, false, false, forever
	proved := cond(m)
	if !m.skipped {
		return judgement{verdict: proved, ifProved: proved.answer, refused: m.refused, untried: !m.touched, turn: m.turn}
	}
	m.least, m.assumed = Claimed, true
	all := cond(m)
	j := judgement{verdict: proved, ifProved: all.answer, refused: m.refused, untried: !m.touched, turn: m.turn}
	j.until = min(proved.until, all.until)
	if all.answer != proved.answer {
		j.answer, j.facts, j.waiting = Unknown, all.facts, true
	}
	return j
}

// maxReferences bounds how deep requirements use one another.
const maxReferences = 16

// inner judges another requirement in the middle of one, and leaves the machine
// as it was, except that what it saw counts as seen. One that waits for proof
// makes the outer one ask again as if all were proved.
func (m *machine) inner(q *requirement) verdict {
	if m.depth >= maxReferences {
		return verdict{until: m.on}
	}
	j := m.remembered(q)
	m.refused, m.touched, m.turn = m.refused || j.refused, m.touched || !j.untried, min(m.turn, j.turn)
	if j.waiting {
		if m.skipped = true; m.assumed {
			j.answer = j.ifProved
		}
	}
	return j.verdict
}

// remembered judges another requirement, once for the whole evaluation if it is
// one of the set's own and asked on the day itself.
func (m *machine) remembered(q *requirement) judgement {
	own := m.trace == nil && m.on == m.base && q.index < len(m.set.requirements) && m.set.requirements[q.index] == q
	if own && m.c.judged[q.index] {
		return m.c.memo[q.index]
	}
	least, assumed, skipped, refused, touched, turn, frames := m.least, m.assumed, m.skipped, m.refused, m.touched, m.turn, m.frames
	m.depth++
	j := m.whole(q)
	m.depth--
	m.least, m.assumed, m.skipped, m.refused, m.touched, m.turn, m.frames = least, assumed, skipped, refused, touched, turn, frames
	if own {
		m.c.judged[q.index], m.c.memo[q.index] = true, j
	}
	return j
}

// whole judges a requirement with its alternatives, without writing them down.
func (m *machine) whole(q *requirement) judgement {
	spared := clock.Date(forever)
	if q.spared != nil {
		j, yes := m.spare(q)
		if spared = j.until; yes {
			return j
		}
	}
	j := m.rest(q)
	j.until = min(j.until, spared)
	return j
}

func (m *machine) rest(q *requirement) judgement {
	if q.anyOf == nil {
		return m.judge(q, q.chosen(m))
	}
	var room [8]judgement
	parts := room[:0]
	for _, alternative := range q.anyOf {
		parts = append(parts, m.whole(alternative))
	}
	return either(parts)
}

// spare judges whether the requirement is not needed at all.
func (m *machine) spare(q *requirement) (judgement, bool) {
	cond := q.spared
	if m.trace != nil {
		cond = q.sparedTraced
	}
	j := m.judge(q, cond)
	return j, j.answer == Met
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
	out := judgement{verdict: verdict{until: forever}, untried: true, turn: forever}
	var answers, proved [3]int
	metUntil := clock.Date(0)
	var facts [3]factSet
	for i := range parts {
		p := &parts[i]
		out.until = min(out.until, p.until)
		out.refused, out.turn = out.refused || p.refused, min(out.turn, p.turn)
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
	} else if turns(parts, answers, out.answer) {
		out.until = min(out.until, out.turn)
	}
	out.waiting = out.waiting && out.answer == Unknown
	return out
}

// turns tells whether alternatives would be answered otherwise if those whose
// facts are dated ahead were tried, or no longer were: one of them, or all.
func turns(parts []judgement, counts [3]int, now Answer) bool {
	every := counts
	for i := range parts {
		p := &parts[i]
		if p.turn == forever || p.answer == Met {
			continue
		}
		by := 1
		if !p.untried {
			by = -1
		}
		one := counts
		one[p.answer] += by
		every[p.answer] += by
		if settle(one) != now {
			return true
		}
	}
	return settle(every) != now
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
	m.begin(c, s, on)
	s.run(m, res)
}

func (s *Set) run(m *machine, res *Result) {
	*res = Result{
		RuleSet: s.id, Name: s.name, Version: s.version, On: m.on, FactsCut: m.c.total > maxListed,
		Requirements: slices.Grow(res.Requirements[:0], len(s.requirements))[:len(s.requirements)],
		indexes:      res.indexes[:0], dates: res.dates[:0], alts: res.alts[:0],
	}
	clear(res.Requirements)
	s.forget(m.c)
	for i := range s.uses {
		res.Uses = s.uses[i].append(res.Uses, m.on)
	}
	t := totals{all: forever}
	long := s.requirements
	if m.trace == nil && m.c.total <= maxListed {
		m.sweepInto(res, &t)
		long = s.sweep.rest
	}
	for _, q := range long {
		m.answerInto(q, res, &t)
	}
	res.last, res.lastFacts = nil, factSet{}
	switch {
	case t.answers[Unmet] > 0:
		res.State, res.Until = Unmet, ended(t.until[Unmet])
	case t.answers[Unknown] > 0:
		res.Until = ended(t.all)
	default:
		res.State, res.Until = Met, ended(t.all)
	}
}

// begin makes the machine ready for an evaluation.
func (m *machine) begin(c *Case, s *Set, on clock.Date) {
	m.c, m.set, m.base, m.on = c, s, on, on
	m.assumed, m.depth, m.trace = false, 0, nil
}

// totals is what the answers come to.
type totals struct {
	answers [3]int
	until   [3]clock.Date
	all     clock.Date
}

func (t *totals) add(answer Answer, until clock.Date) {
	t.answers[answer]++
	t.until[answer] = max(t.until[answer], until)
	t.all = min(t.all, until)
}

// answerInto answers a requirement the long way.
func (m *machine) answerInto(q *requirement, res *Result, t *totals) {
	o := &res.Requirements[q.index]
	if !q.simple {
		j := m.outcome(q, o, res)
		t.add(j.answer, j.until)
		return
	}
	o.Requirement = &q.Requirement
	m.least, m.assumed, m.skipped, m.refused, m.touched, m.turn = q.Accepts, false, false, false, false, forever
	if v := q.cond(m); !m.skipped {
		m.writeProved(q, o, res, v)
		t.add(v.answer, v.until)
		return
	}
	j := m.judge(q, q.cond)
	m.write(q, o, res, &j)
	t.add(j.answer, j.until)
}

// forget makes room for what one requirement remembers for another.
func (s *Set) forget(c *Case) {
	if !s.refers {
		return
	}
	n := len(s.requirements)
	c.memo = slices.Grow(c.memo[:0], n)[:n]
	c.judged = slices.Grow(c.judged[:0], n)[:n]
	clear(c.judged)
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
	o.Requirement = &q.Requirement
	spared := clock.Date(forever)
	if q.spared != nil {
		j, yes := m.spare(q)
		if spared = j.until; yes {
			o.NotNeeded = q.sparedWhy
			m.write(q, o, res, &j)
			return j
		}
	}
	var j judgement
	switch {
	case q.uses != nil:
		return m.outcomeUsed(q, o, res, spared)
	case q.anyOf == nil:
		j = m.judge(q, q.chosen(m))
	default:
		start := len(res.alts)
		for range q.anyOf {
			res.alts = append(res.alts, Outcome{})
		}
		own := res.alts[start:len(res.alts):len(res.alts)]
		var room [8]judgement
		parts := room[:0]
		for i, alternative := range q.anyOf {
			parts = append(parts, m.outcome(alternative, &own[i], res))
		}
		o.Alternatives = own
		if j = either(parts); q.countsFirst {
			o.By = firstComplete(own)
		}
	}
	j.until = min(j.until, spared)
	m.write(q, o, res, &j)
	return j
}

// firstComplete names the alternative that was met earliest, by the last of its
// deciding dates; of several the one that stands first in the file.
func firstComplete(list []Outcome) string {
	by, first := "", forever
	for i := range list {
		o := &list[i]
		if o.State != Met {
			continue
		}
		done := clock.Date(0)
		if len(o.Dates) > 0 {
			done = o.Dates[len(o.Dates)-1]
		}
		if by == "" || done < first {
			by, first = o.ID, done
		}
	}
	return by
}

// outcomeUsed writes down the requirement that this one is under another id,
// with that one's alternatives, and its reasons where this has none.
func (m *machine) outcomeUsed(q *requirement, o *Outcome, res *Result, spared clock.Date) judgement {
	t := q.uses.on(m.on)
	if t == nil {
		j := judgement{verdict: verdict{until: m.on}}
		m.write(q, o, res, &j)
		return j
	}
	j := m.outcome(t.requirement, o, res)
	if o.Requirement = &q.Requirement; t.set.to != 0 && !t.own {
		j.until = min(j.until, t.set.to)
	}
	j.until = min(j.until, spared)
	if o.Until = ended(j.until); len(q.unmet) > 0 || len(q.unknown) > 0 {
		o.Reason = m.reason(q, &j)
	}
	return j
}

// write writes a judgement down in an outcome that is empty but for its
// requirement.
func (m *machine) write(q *requirement, o *Outcome, res *Result, j *judgement) {
	o.State, o.Until, o.IfProved = j.answer, ended(j.until), j.ifProved
	o.Waiting, o.Refused = j.waiting, j.refused
	o.Untried = j.untried && j.answer == Unknown
	if j.facts != (factSet{}) {
		res.list(m.c, o, j.facts)
	}
	switch {
	case j.answer == Met:
	case j.answer == Unmet && q.onlyUnmet != nil:
		o.Reason = q.onlyUnmet
	default:
		o.Reason = m.reason(q, j)
	}
}

// writeProved is write for a requirement that left out no fact: what all facts
// say is what the proved ones say.
func (m *machine) writeProved(q *requirement, o *Outcome, res *Result, v verdict) {
	o.State, o.Until, o.IfProved, o.Refused = v.answer, ended(v.until), v.answer, m.refused
	if v.facts != (factSet{}) {
		res.list(m.c, o, v.facts)
	}
	switch {
	case v.answer == Met:
	case v.answer == Unmet && q.onlyUnmet != nil:
		o.Reason = q.onlyUnmet
	default:
		o.Untried = v.answer == Unknown && !m.touched
		o.Reason = m.reason(q, &judgement{verdict: v})
	}
}

// list writes the deciding facts into the result's own memory. Outcomes one
// after another that the same facts decide share it.
func (r *Result) list(c *Case, o *Outcome, facts factSet) {
	if last := r.last; last != nil && r.lastFacts == facts {
		o.Facts, o.Dates, o.Proof = last.Facts, last.Dates, last.Proof
		return
	}
	r.last, r.lastFacts = o, facts
	indexes, dates := r.indexes, r.dates
	from, fromDate, proof := len(indexes), len(dates), Verified
	for word, base := facts.low, 0; ; word &= word - 1 {
		if word == 0 {
			if base > 0 {
				break
			}
			if word, base = facts.high, 64; word == 0 {
				break
			}
		}
		index := base + bits.TrailingZeros64(word)
		indexes = append(indexes, index)
		row := &c.rows[c.places[index]]
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

// insert puts a date in its place among those from a position on, once.
func insert(dates []clock.Date, from int, d clock.Date) []clock.Date {
	at := len(dates)
	for at > from && dates[at-1] > d {
		at--
	}
	if at > from && dates[at-1] == d {
		return dates
	}
	dates = append(dates, d)
	if at < len(dates)-1 {
		copy(dates[at+1:], dates[at:])
		dates[at] = d
	}
	return dates
}

// reason chooses the text: the first whose condition holds. What is not met is
// explained from the facts proved as asked, what is not known from all.
func (m *machine) reason(q *requirement, j *judgement) *Reason {
	list, least := q.unmet, q.Accepts
	if j.answer == Unknown {
		if list, least = q.unknown, Claimed; j.waiting && len(q.waiting) > 0 {
			list = q.waiting
		}
	}
	if len(list) == 1 {
		return list[0].reason
	}
	trace, assumed := m.trace, m.assumed
	m.trace, m.least, m.assumed = nil, least, least < q.Accepts
	defer func() { m.trace, m.assumed = trace, assumed }()
	for i := range list {
		if c := &list[i]; c.when == nil || c.when(m).answer == Met {
			return c.reason
		}
	}
	return nil
}
