package rulebook

// total compiles sum and count. A fact of which it is not known whether it
// counts, or how much, widens the span; no fact at all leaves it unknown.
func (c *compiler) total(e *expr) intFn {
	s, amount, ok := c.gathered(e)
	if !ok {
		return func(*machine) span { return unknownSpan }
	}
	if s.filter == nil && !s.planned && !c.traced && (s.where == nil || s.row != nil && s.lasting) {
		return s.totalLasting
	}
	return func(m *machine) span {
		out := span{until: forever}
		all, any := factSet{}, false
		rows := m.of(s.kind)
		for i := range rows {
			r := &rows[i]
			p, until := s.pick(m, r, &out.until)
			if p == leftOut {
				continue
			}
			any = any || p == chosen
			out.until = min(out.until, until)
			v := verdict{answer: Met, until: forever}
			if s.where != nil {
				v = s.ask(m, r)
				out.until = min(out.until, v.until)
			}
			all.add(r.index)
			if v.answer == Unmet {
				continue
			}
			m.frames[s.frame] = r
			n := span{lo: 1, hi: 1}
			if amount != nil {
				n = amount(m)
			}
			if v.answer == Unknown || p == unsure {
				n.lo, n.hi = min(n.lo, 0), max(n.hi, 0)
			}
			out.lo, out.hi = clamp(out.lo+n.lo), clamp(out.hi+n.hi)
			out.facts.add(r.index)
		}
		if !any {
			return span{-unbounded, unbounded, out.until, all}
		}
		if (out.facts == factSet{}) {
			out.facts = all
		}
		return out
	}
}

// totalLasting is total where no passing of days changes which facts count.
func (s *selection) totalLasting(m *machine) span {
	out := span{until: forever}
	all, any := factSet{}, false
	rows := m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		if !m.counts(r) {
			continue
		}
		if r.date > m.on {
			m.later(r)
			out.until = min(out.until, r.date-1)
			continue
		}
		any = true
		all.add(r.index)
		answer := Met
		if s.row != nil {
			if answer = s.row(m, r); answer == Unmet {
				continue
			}
		}
		lo, hi := s.amount.of(r)
		if answer == Unknown {
			lo, hi = min(lo, 0), max(hi, 0)
		}
		out.lo, out.hi = clamp(out.lo+lo), clamp(out.hi+hi)
		out.facts.add(r.index)
	}
	m.touched = m.touched || any
	switch {
	case !any:
		return span{-unbounded, unbounded, out.until, all}
	case out.facts == factSet{}:
		out.facts = all
	}
	return out
}

// summand is what a fact adds to a sum: its field, or between lo and hi where
// that is not known. Without a field, mask 0, it counts as one.
type summand struct {
	mask   uint64
	slot   int
	lo, hi int64
}

func (a *summand) of(r *row) (lo, hi int64) {
	switch {
	case a.mask == 0:
		return 1, 1
	case r.known&a.mask != 0:
		return r.slots[a.slot], r.slots[a.slot]
	}
	return a.lo, a.hi
}

// gathered compiles the inside of sum, count, newest and oldest.
func (c *compiler) gathered(e *expr) (s selection, amount intFn, ok bool) {
	kind, ok := c.enterScope(e)
	if !ok {
		return s, nil, false
	}
	defer c.leaveScope()
	s = selection{kind: kind.index, frame: len(c.scopes) - 1, planned: e.planned}
	if e.op == "sum" || e.op == "most" {
		amount = c.intField(e.a)
		if f, ok := c.innermost(e.a); ok {
			s.amount = summand{mask: 1 << f.slot, slot: f.slot, lo: -unbounded, hi: unbounded}
			if f.Bounded {
				s.amount.lo, s.amount.hi = f.Min, f.Max
			}
		}
	}
	if e.filter != nil {
		s.filter = c.cond(e.filter)
	}
	if e.where != nil {
		s.where = c.cond(e.where)
		c.shorten(&s, e)
	}
	return s, amount, true
}
