package rulebook

import (
	"slices"

	"msw/internal/clock"
)

// stint is a run of days that one fact covers, both ends included.
type stint struct{ from, to clock.Date }

// stints is the time that the chosen facts cover: sure by those that speak,
// and maybe by those of which that is not known. Undated ones may cover any day.
type stints struct {
	sure, maybe []stint
	undated     bool
	any         bool
	until       clock.Date // last day before a fact may drop out
	coming      clock.Date // last day before one may come in
	facts       factSet
}

// gather walks the facts of a selection; each covers from its date until its
// until, or without end.
func (s *selection) gather(m *machine, room []stint) stints {
	out := stints{until: forever, coming: forever, sure: room[:0]}
	rows := m.of(s.kind)
	for i := range rows {
		r := &rows[i]
		p, until := s.pick(m, r, &out.coming)
		if p == leftOut {
			continue
		}
		out.until = min(out.until, until)
		out.facts.add(r.index)
		out.any = out.any || p == chosen
		t := stint{r.date, r.until}
		if t.to == 0 {
			t.to = forever
		}
		switch {
		case r.date == 0:
			out.undated = true
		case p == unsure:
			out.maybe = append(out.maybe, t)
		default:
			out.sure = append(out.sure, t)
		}
	}
	out.maybe = append(out.maybe, out.sure...)
	byFrom := func(a, b stint) int { return int(a.from - b.from) }
	slices.SortFunc(out.sure, byFrom)
	slices.SortFunc(out.maybe, byFrom)
	return out
}

// answer joins what the sure stints say with what the possible ones would.
func (t *stints) answer(holds func([]stint) bool) Answer {
	switch {
	case !t.any:
		return Unknown // nothing is met by saying nothing, however short the window
	case holds(t.sure):
		return Met
	case t.undated || holds(t.maybe):
		return Unknown
	}
	return Unmet
}

// edge is one end of a window: a date, or the day of evaluation moved by a
// length of time.
type edge struct {
	fixed dayFn
	moved stretchFn
	back  bool
}

// edge compiles an end of a window, which alone may move with the day.
func (c *compiler) edge(e *expr) edge {
	still := func(*machine) stretch { return stretch{ok: true, until: forever} }
	switch {
	case e.op == "on":
		return edge{moved: still}
	case e.op == "shift" && e.a.op == "on":
		return edge{moved: c.stretch(e)}
	case (e.op == "+" || e.op == "-") && e.a.op == "on" && e.b.op == "value":
		return edge{moved: c.stretch(&expr{length: e.b}), back: e.op == "-"}
	}
	if t := c.typeOf(e); t != TypeDate && t != "" {
		c.fault(e, "a window runs from a date to a date")
	}
	return edge{fixed: c.day(e)}
}

// place is an edge found for one case: a function of the day.
type place struct {
	date  clock.Date // of a fixed edge
	by    stretch
	moves bool
}

func (e *edge) find(m *machine) (p place, until clock.Date, facts factSet) {
	if e.fixed != nil {
		d := e.fixed(m)
		return place{date: d.date}, d.until, d.facts
	}
	p = place{by: e.moved(m), moves: true}
	if e.back {
		p.by.n = -p.by.n
	}
	return p, p.by.until, p.by.facts
}

func (p *place) on(day clock.Date) clock.Date {
	if !p.moves {
		return p.date
	}
	return p.by.from(day)
}

// covered compiles "covered … from A to B": no stretch of more than gap days in
// the window is without a fact, or with "least" the days covered, counted
// together, come to the length.
func (c *compiler) covered(e *expr) condFn {
	s, ok := c.selection(e)
	if !ok {
		return nothing
	}
	from, to := c.edge(e.a), c.edge(e.b)
	var least stretchFn
	if e.gap < 0 {
		least = c.stretch(e)
	}
	return func(m *machine) verdict {
		var room [16]stint
		t := s.gather(m, room[:])
		a, untilA, factsA := from.find(m)
		b, untilB, factsB := to.find(m)
		v := verdict{until: min(t.until, untilA, untilB), facts: t.facts.or(factsA).or(factsB)}
		spare := func(list []stint, on clock.Date) int { return int(e.gap) - longestGap(list, a.on(on), b.on(on)) }
		if least != nil {
			need := least(m)
			v.until, v.facts = min(v.until, need.until), v.facts.or(need.facts)
			if need.n = -need.n; !need.ok {
				return v
			}
			spare = func(list []stint, on clock.Date) int {
				end := b.on(on) + 1
				return daysCovered(list, a.on(on), b.on(on)) - int(end-need.from(end))
			}
		}
		if a.on(m.on) == 0 || b.on(m.on) == 0 {
			return v
		}
		w := &window{a, b, least == nil, int(e.gap)}
		if turns := w.turns(m.on); turns != forever {
			v.until = min(v.until, turns-1)
		}
		if w.empty(m.on) {
			return v // nothing is asked, so nothing is met
		}
		if v.answer = t.answer(func(list []stint) bool { return spare(list, m.on) >= 0 }); v.answer != Met {
			v.until = min(v.until, t.coming)
		}
		if a.moves || b.moves {
			v.until = min(v.until, t.holdsUntil(m.on, v.answer, w, spare))
		}
		return v
	}
}

// holdsUntil finds the last day before the answer changes while the window
// moves. In a day neither end moves by more than four days, so what is spare
// cannot change by more than sixteen: the search may leap as far as that allows.
func (t *stints) holdsUntil(on clock.Date, now Answer, w *window, spare func([]stint, clock.Date) int) clock.Date {
	a, b := &w.a, &w.b
	last := on
	for _, s := range t.maybe {
		last = max(last, s.from)
		if s.to != forever {
			last = max(last, s.to)
		}
	}
	last += max(b.on(on)-a.on(on), 0) + max(on-a.on(on), 0) + max(on-b.on(on), 0) + 800
	for d := on; d <= last; {
		sure, maybe := spare(t.sure, d), spare(t.maybe, d)
		if t.answer(func(list []stint) bool { return spare(list, d) >= 0 }) != now {
			return d - 1
		}
		if from := a.on(d); settled(t.sure, from) && settled(t.maybe, from) && a.moves && b.moves {
			return forever
		}
		leap := max(1, min(abs(sure), abs(maybe))/16)
		if w.gaps {
			from, to := a.on(d), b.on(d)
			leap = max(leap, min(steady(t.sure, from, to, w), steady(t.maybe, from, to, w))/4)
		}
		d += clock.Date(min(leap, int(last)))
	}
	return forever
}

// settled tells whether nothing in a window that begins there can change any
// more: all of it is covered without end, or none of it ever.
func settled(list []stint, from clock.Date) bool {
	over := true
	for _, s := range list {
		if s.to == forever && s.from <= from {
			return true
		}
		over = over && s.to < from
	}
	return over
}

// window is the two ends of a stretch of time, and whether holes of more than gap
// days are asked for in it.
type window struct {
	a, b place
	gaps bool
	gap  int
}

// empty tells whether the window ends before it begins.
func (w *window) empty(on clock.Date) bool { return w.a.on(on) > w.b.on(on) }

// turns gives the first later day on which an empty window holds days or one
// with days is empty. Where both ends move it stays as it is, but for a few days
// when they are close and months differ in length.
func (w *window) turns(on clock.Date) clock.Date {
	apart := int(w.b.on(on) - w.a.on(on))
	switch {
	case w.a.moves == w.b.moves && w.a.moves && abs(apart) <= 8:
		return on + 1
	case w.a.moves == w.b.moves, w.a.moves && apart < 0, w.b.moves && apart >= 0:
		return forever
	}
	was, low, high := w.empty(on), on, on+clock.Date(abs(apart))+8
	for high-low > 1 {
		if mid := low + (high-low)/2; w.empty(mid) == was {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// steady counts by how many days both ends of a window may move on before a hole
// of more than gap days can come into it, or the last one there can leave it.
func steady(list []stint, from, to clock.Date, w *window) int {
	next, leaves, gap := from, clock.Date(0), w.gap
	for _, s := range list {
		if s.to < next {
			continue
		}
		if int(s.from-next) > gap {
			if int(min(s.from-1, to)-next)+1 <= gap {
				break // it grows into the window
			}
			if leaves = s.from; s.from > to {
				break
			}
		}
		if next = s.to + 1; s.to == forever {
			next = forever
			break
		}
	}
	switch {
	case next != forever && int(to-next)+1 > gap && leaves <= next:
		if !w.b.moves {
			return max(0, int(to-from)-gap) // the window closes over it
		}
		return int(forever) // it never leaves
	case leaves != 0:
		return max(0, int(leaves-from)-gap-1)
	case next == forever:
		return int(forever)
	}
	return max(0, int(next-to)+gap-1)
}

func abs(n int) int { return max(n, -n) }

// longestGap counts the most days on end of the window that no stint covers.
func longestGap(list []stint, from, to clock.Date) int {
	longest, next := clock.Date(0), from
	for _, s := range list {
		if s.from > to {
			break
		}
		longest = max(longest, s.from-next)
		if s.to >= to {
			return int(longest)
		}
		next = max(next, s.to+1)
	}
	return int(max(longest, to+1-next))
}

// daysCovered counts the days of the window that some stint covers.
func daysCovered(list []stint, from, to clock.Date) int {
	days, next := clock.Date(0), from
	for _, s := range list {
		start, end := max(s.from, next), min(s.to, to)
		if start <= end {
			days += end - start + 1
			next = end + 1
		}
	}
	return int(days)
}

// unbroken compiles "unbroken … lasts N": some run of stints, each beginning at
// most gap days after the one before has ended, is as long as that. A run that
// goes on lasts up to the day of evaluation.
func (c *compiler) unbroken(e *expr) condFn {
	s, ok := c.selection(e)
	if !ok {
		return nothing
	}
	long, gap := c.stretch(e), clock.Date(e.gap)
	return func(m *machine) verdict {
		var room [16]stint
		t := s.gather(m, room[:])
		need := long(m)
		v := verdict{until: min(t.until, need.until), facts: t.facts.or(need.facts)}
		if !need.ok {
			return v
		}
		if v.answer = t.answer(func(list []stint) bool { return firstWhole(list, need, gap) <= m.on }); v.answer == Met {
			return v
		}
		v.until = min(v.until, t.coming)
		for _, list := range [][]stint{t.sure, t.maybe} {
			if whole := firstWhole(list, need, gap); whole > m.on && whole != forever {
				v.until = min(v.until, whole-1)
			}
		}
		return v
	}
}

// firstWhole gives the first day on whose evening some run has the length.
func firstWhole(list []stint, need stretch, gap clock.Date) clock.Date {
	first := forever
	for i := 0; i < len(list); {
		from, to := list[i].from, list[i].to
		for i++; i < len(list) && (to == forever || list[i].from <= to+1+gap); i++ {
			to = max(to, list[i].to)
		}
		if whole := need.from(from) - 1; whole <= to {
			first = min(first, max(whole, from))
		}
	}
	return first
}

// most compiles the largest sum of a field over facts whose dates lie within
// one length of time, wherever that begins.
func (c *compiler) most(e *expr) intFn {
	s, amount, ok := c.gathered(e)
	if !ok {
		return func(*machine) span { return unknownSpan }
	}
	long := c.stretch(e)
	return func(m *machine) span {
		l := long(m)
		out := span{until: l.until, facts: l.facts}
		type entry struct {
			date   clock.Date
			lo, hi int64
		}
		var room [16]entry
		list, any := room[:0], false
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
			out.facts.add(r.index)
			if v.answer == Unmet {
				continue
			}
			m.frames[s.frame] = r
			n := amount(m)
			if v.answer == Unknown || p == unsure {
				n.lo, n.hi = min(n.lo, 0), max(n.hi, 0)
			}
			list = append(list, entry{r.date, n.lo, n.hi})
		}
		if !any || !l.ok {
			out.lo, out.hi = -unbounded, unbounded
			return out
		}
		for i, start := range list {
			sum := entry{}
			for j, n := range list {
				switch {
				case start.date == 0 || n.date == 0:
					sum.hi = clamp(sum.hi + n.hi) // it may lie anywhere
					if i == j {
						sum.lo = clamp(sum.lo + n.lo)
					}
				case start.date <= n.date && n.date < l.from(start.date):
					sum.lo, sum.hi = clamp(sum.lo+n.lo), clamp(sum.hi+n.hi)
				}
			}
			out.lo, out.hi = max(out.lo, sum.lo), max(out.hi, sum.hi)
		}
		return out
	}
}
