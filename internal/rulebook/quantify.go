package rulebook

import "msw/internal/clock"

// picked is what a selection made of one row.
type picked uint8

const (
	leftOut picked = iota
	unsure         // the filter could not tell
	chosen
)

// selection walks the facts of one kind that count now.
type selection struct {
	kind    int
	frame   int
	planned bool
	filter  condFn // nil when every fact of the kind speaks
	where   condFn // nil for "recorded"
	// row is where, asked of one fact alone; nil if that cannot be, or a filter
	// or planned facts stand before it. lasting tells that no day changes it.
	row     rowFn
	lasting bool
	amount  summand // of a sum
	dated   datedFn // as row, with the last day on which the answer holds
}

func (c *compiler) selection(e *expr) (selection, bool) {
	kind, ok := c.enterScope(e)
	if !ok {
		return selection{}, false
	}
	defer c.leaveScope()
	s := selection{kind: kind.index, frame: len(c.scopes) - 1, planned: e.planned}
	if e.filter != nil {
		s.filter = c.cond(e.filter)
	}
	if e.where != nil {
		s.where = c.cond(e.where)
		c.shorten(&s, e)
	}
	return s, true
}

// shorten finds the short way of asking, where there is one. The working shows
// every step, and so takes none.
func (c *compiler) shorten(s *selection, e *expr) {
	if !c.traced && len(c.faults) == 0 && e.filter == nil && !e.planned {
		s.row, s.lasting = c.rowAsk(e.where)
		s.dated = c.rowDated(e.where)
	}
}

// pick tells whether a row is chosen and until when that stays so. change is
// lowered to the last day before a fact left out today comes in.
func (s *selection) pick(m *machine, r *row, change *clock.Date) (p picked, until clock.Date) {
	if !m.counts(r) {
		return leftOut, forever
	}
	until = forever
	if happened := m.happened(r); s.planned {
		if happened {
			return leftOut, forever
		}
		until = r.date - 1
		m.later(r)
	} else if !happened {
		m.later(r)
		*change = min(*change, r.date-1)
		return leftOut, forever
	}
	m.frames[s.frame] = r
	if s.filter != nil {
		touched := m.touched
		v := s.filter(m)
		until = min(until, v.until)
		if m.on == m.base {
			m.turn = min(m.turn, v.until)
		}
		if v.answer != Met {
			m.touched = touched // a fact left out speaks on nothing, nor does what it was compared with
			*change = min(*change, until)
			if v.answer == Unknown {
				return unsure, until
			}
			return leftOut, until
		}
	}
	m.touched = true
	return chosen, until
}

func (s *selection) ask(m *machine, r *row) verdict {
	m.frames[s.frame] = r
	if m.trace != nil {
		outer := m.trace.openFact(int(r.index))
		v := s.where(m)
		m.trace.close(outer, v)
		return v
	}
	return s.where(m)
}

func (c *compiler) quantified(e *expr) condFn {
	s, ok := c.selection(e)
	if !ok {
		return nothing
	}
	if s.row != nil && s.lasting {
		switch e.op {
		case "any":
			return func(m *machine) verdict { return s.someLasting(m, Met) }
		case "no":
			return func(m *machine) verdict { return s.someLasting(m, Met).not() }
		case "all":
			return func(m *machine) verdict { return s.someLasting(m, Unmet) }
		}
	}
	if s.dated != nil {
		switch e.op {
		case "any":
			return func(m *machine) verdict { return s.someDated(m, Met) }
		case "no":
			return func(m *machine) verdict { return s.someDated(m, Met).not() }
		case "all":
			return func(m *machine) verdict { return s.someDated(m, Unmet) }
		}
	}
	switch e.op {
	case "any":
		return func(m *machine) verdict { return s.some(m, Met) }
	case "no":
		return func(m *machine) verdict { return s.some(m, Met).not() }
	case "all":
		return func(m *machine) verdict { return s.some(m, Unmet) }
	case "latest":
		return s.latest
	}
	return s.recorded
}

// some looks for a fact that gives the deciding answer: Met for "any" and "no",
// Unmet for "all". With no fact that speaks, the answer is unknown.
func (s *selection) some(m *machine, deciding Answer) verdict {
	decided := verdict{answer: deciding}
	open := verdict{}
	rest := verdict{answer: Met + Unmet - deciding}
	change := forever
	found, unknown, any := false, false, false
	rows := m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		p, until := s.pick(m, r, &change)
		switch p {
		case leftOut:
			continue
		case unsure:
			unknown = true
			open.facts.add(r.index)
			continue
		}
		v := s.ask(m, r)
		until = min(until, v.until)
		any = true
		v.facts.add(r.index)
		switch v.answer {
		case deciding:
			found = true
			decided.until = max(decided.until, until)
			decided.facts = decided.facts.or(v.facts)
		case Unknown:
			unknown = true
			open.facts = open.facts.or(v.facts)
		default:
			rest.facts = rest.facts.or(v.facts)
		}
		change = min(change, until)
	}
	switch {
	case found:
		return decided
	case unknown || !any:
		open.until = change
		return open
	}
	rest.until = change
	return rest
}

// someLasting is some for a question that no passing of days answers otherwise.
func (s *selection) someLasting(m *machine, deciding Answer) verdict {
	var decided, open, rest factSet
	change := forever
	found, unknown, any := false, false, false
	ask, rows := s.row, m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		if !m.counts(r) {
			continue
		}
		if r.date > m.on {
			m.later(r)
			change = min(change, r.date-1)
			continue
		}
		any = true
		switch ask(m, r) {
		case deciding:
			found = true
			decided.add(r.index)
		case Unknown:
			unknown = true
			open.add(r.index)
		default:
			rest.add(r.index)
		}
	}
	m.touched = m.touched || any
	switch {
	case found:
		return verdict{deciding, forever, decided}
	case unknown || !any:
		return verdict{Unknown, change, open}
	}
	return verdict{opposite[deciding], change, rest}
}

// someDated is some for a question about each fact alone.
func (s *selection) someDated(m *machine, deciding Answer) verdict {
	var decided, open, rest factSet
	change, longest := forever, clock.Date(0)
	found, unknown, any := false, false, false
	ask, rows := s.dated, m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		if !m.counts(r) {
			continue
		}
		if r.date > m.on {
			m.later(r)
			change = min(change, r.date-1)
			continue
		}
		any = true
		answer, until := ask(m, r)
		switch answer {
		case deciding:
			found = true
			longest = max(longest, until)
			decided.add(r.index)
		case Unknown:
			unknown = true
			open.add(r.index)
		default:
			rest.add(r.index)
		}
		change = min(change, until)
	}
	m.touched = m.touched || any
	switch {
	case found:
		return verdict{deciding, longest, decided}
	case unknown || !any:
		return verdict{Unknown, change, open}
	}
	return verdict{opposite[deciding], change, rest}
}

// latest asks only the newest facts that speak; several of one day must agree.
// An undated fact beside another leaves open which is the newest.
func (s *selection) latest(m *machine) verdict {
	var newest clock.Date
	change := forever
	count, undated := 0, false
	var doubt factSet
	doubtful := clock.Date(-1)
	rows := m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		p, until := s.pick(m, r, &change)
		if p == leftOut {
			continue
		}
		change = min(change, until)
		if p == unsure {
			doubt.add(r.index)
			if doubtful = max(doubtful, r.date); r.date == 0 {
				doubtful = forever
			}
			continue
		}
		count++
		undated = undated || r.date == 0
		newest = max(newest, r.date)
	}
	if count == 0 || undated && count > 1 || doubtful >= newest {
		return verdict{until: change, facts: doubt}
	}
	return s.askNewest(m, newest, change)
}

func (s *selection) askNewest(m *machine, newest, change clock.Date) verdict {
	out := verdict{answer: Met, until: change}
	ignored := forever
	rows := m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		if r.date != newest {
			continue
		}
		if p, _ := s.pick(m, r, &ignored); p != chosen {
			continue
		}
		v := s.ask(m, r)
		out.until = min(out.until, v.until)
		out.facts = out.facts.or(v.facts)
		out.facts.add(r.index)
		if v.answer == Unmet || v.answer == Unknown && out.answer == Met {
			out.answer = v.answer
		}
	}
	return out
}

// recorded tells whether any fact speaks at all; it is never unknown unless a
// filter is.
func (s *selection) recorded(m *machine) verdict {
	out := verdict{answer: Unmet, until: forever}
	change := forever
	longest := clock.Date(0)
	var unsureFacts factSet
	rows := m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		switch p, until := s.pick(m, r, &change); p {
		case chosen:
			out.answer = Met
			out.facts.add(r.index)
			longest = max(longest, until)
		case unsure:
			unsureFacts.add(r.index)
		}
	}
	switch {
	case out.answer == Met:
		out.until = longest
	case unsureFacts != factSet{}:
		return verdict{until: change, facts: unsureFacts}
	default:
		out.until = change
	}
	return out
}
