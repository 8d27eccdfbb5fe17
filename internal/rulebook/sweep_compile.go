package rulebook

import (
	"math"
	"slices"

	"msw/internal/clock"
)

// asking is a condition that a sweep can answer.
type asking struct {
	kind   int
	op     string // any, no, all or sum
	test   *test  // of each fact; nil for a sum of all
	negate bool
	amount summand
	lo, hi int64
	dated  datedFn // test with the days that end its answer, if any do
}

// test is a question about one fact alone. Negations have been moved down to
// its leaves.
type test struct {
	op     string // and, or, range, code or day
	items  []*test
	within rangeTest
	code   codeTest
	day    dayTest
}

// sweepable compiles a whole condition for a sweep; nil where it asks for more.
func (c *compiler) sweepable(e *expr) *asking {
	sum := e
	switch e.op {
	case "any", "no", "all":
	case "=", "<", "<=", ">", ">=":
		if sum = e.a; sum.op != "sum" && sum.op != "count" || e.b.op != "int" {
			return nil
		}
	default:
		return nil
	}
	if sum.filter != nil || sum.planned {
		return nil
	}
	a := &asking{op: e.op}
	if sum != e {
		s, _, ok := c.gathered(sum)
		if !ok {
			return nil
		}
		a.op, a.amount = "sum", s.amount
		a.lo, a.hi = rangeOf(e)
	}
	kind, ok := c.enterScope(sum)
	if !ok {
		return nil
	}
	defer c.leaveScope()
	if a.kind = kind.index; len(kind.Fields) > sweptFields {
		return nil
	}
	if sum.where == nil {
		if a.op == "sum" {
			return a
		}
		return nil
	}
	if a.test = c.test(kind, sum.where, false); a.test == nil {
		return nil
	}
	if a.test.dated() {
		if a.dated = c.rowDated(sum.where); a.dated == nil {
			return nil
		}
	}
	return a
}

// test compiles a question about one fact; nil where it needs more than that.
func (c *compiler) test(kind *Kind, e *expr, negate bool) *test {
	switch e.op {
	case "not":
		return c.test(kind, e.a, !negate)
	case "and", "or":
		t := &test{op: e.op}
		if negate {
			t.op = map[string]string{"and": "or", "or": "and"}[e.op]
		}
		for _, item := range e.items {
			part := c.test(kind, item, negate)
			if part == nil {
				return nil
			}
			t.items = append(t.items, part)
		}
		return t
	case "field":
		if f, ok := c.innermost(e); ok && f.Type == TypeBool {
			return rangeOn(uint8(f.slot), uint8(f.slot), 1, 0, negate)
		}
		if e.text == "in_force" && c.innermostScope(e) {
			return &test{op: "day", day: dayTest{op: "in_force", slot: kind.untilSlot(), knownBy: knownAlways, negate: negate}}
		}
	case "=", "!=", "<", "<=", ">", ">=":
		return c.testCompare(kind, e, negate)
	case "in":
		return c.testIn(e, negate)
	case "within":
		if slot, ok := c.dateSlot(kind, e.a); ok && c.rowWithin(e) != nil {
			return &test{op: "day", day: dayTest{op: "within", slot: slot, knownBy: slot, negate: negate, n: int(e.number), unit: e.unit}}
		}
	}
	return nil
}

func rangeOn(slot, known uint8, lo int64, size uint64, negate bool) *test {
	if negate {
		if size == math.MaxUint64 {
			return nil
		}
		lo, size = outside(lo, size)
	}
	return &test{op: "range", within: rangeTest{lo, size, slot, known}}
}

func (c *compiler) testIn(e *expr, negate bool) *test {
	f, ok := c.innermost(e.a)
	if !ok || f.Type != TypeCode {
		return nil
	}
	t := &test{op: "code", code: codeTest{slot: uint8(f.slot), knownBy: uint8(f.slot)}}
	for _, item := range e.items {
		if i := c.literal(f, item); i >= 0 {
			t.code.wanted |= 1 << i
		}
	}
	if negate {
		t.code.wanted = ^t.code.wanted
	}
	return t
}

func (c *compiler) testCompare(kind *Kind, e *expr, negate bool) *test {
	if f, ok := c.innermost(e.a); ok && f.Type != TypeDate {
		slot := uint8(f.slot)
		negate, equal := negate != (e.op == "!="), e.op == "=" || e.op == "!="
		switch {
		case (f.Type == TypeCode || f.Type == TypeText) && equal && e.b.op == "text":
			return rangeOn(slot, slot, c.literal(f, e.b), 0, negate)
		case f.Type == TypeBool && equal && e.b.op == "truth":
			return rangeOn(slot, slot, e.b.number, 0, negate)
		case f.Type == TypeInt && e.b.op == "int" && missingAnswer(f, e) == Unknown:
			lo, hi := rangeOf(e)
			if lo > hi {
				return nil
			}
			return rangeOn(slot, slot, lo, uint64(hi-lo), negate)
		}
		return nil
	}
	a, b, op := e.a, e.b, e.op
	if a.op == "on" || a.op == "date" {
		a, b, op = b, a, mirrored[op]
	}
	slot, ok := c.dateSlot(kind, a)
	switch {
	case !ok:
		return nil
	case b.op == "on":
		return &test{op: "day", day: dayTest{op: op, slot: slot, knownBy: slot, negate: negate}}
	case b.op == "date":
		lo, size := dateRange(op, clock.Date(b.number))
		return rangeOn(slot, slot, lo, size, negate)
	}
	return nil
}

func (c *compiler) innermostScope(e *expr) bool {
	return len(c.scopes) > 0 && (e.scope == "" || e.scope == c.scopes[len(c.scopes)-1].alias)
}

// dateSlot is where a date of the fact being asked stands, and whether it is
// known.
func (c *compiler) dateSlot(kind *Kind, e *expr) (uint8, bool) {
	if e.op != "field" || !c.innermostScope(e) {
		return 0, false
	}
	switch e.text {
	case "date":
		return kind.dateSlot(), true
	case "until":
		return kind.untilSlot(), true
	}
	f, ok := c.innermost(e)
	if !ok || f.Type != TypeDate {
		return 0, false
	}
	return uint8(f.slot), true
}

// The dates that every fact has stand behind its fields.
func (k *Kind) dateSlot() uint8  { return uint8(len(k.Fields)) }
func (k *Kind) untilSlot() uint8 { return uint8(len(k.Fields) + 1) }

// newSweep sorts the requirements of a set into groups.
func newSweep(list []*requirement) *sweep {
	s := &sweep{}
	var builders []*sweepBuilder
	for _, q := range list {
		if !q.simple || q.asking == nil {
			s.rest = append(s.rest, q)
			continue
		}
		i := slices.IndexFunc(builders, func(b *sweepBuilder) bool {
			return b.kind == q.asking.kind && b.least == q.Accepts && b.bits+q.asking.test.size() <= 64
		})
		if i < 0 {
			i = len(builders)
			builders = append(builders, &sweepBuilder{kind: q.asking.kind, least: q.Accepts})
		}
		b := builders[i]
		b.bits += q.asking.test.size()
		b.list = append(b.list, q)
	}
	for _, b := range builders {
		s.groups = append(s.groups, b.build(s))
	}
	return s
}

// size is how many bits a test needs at most: one for each part of it, and one
// more where the same is also asked in another way.
func (t *test) size() int {
	if t == nil {
		return 0
	}
	n := 2
	for _, item := range t.items {
		n += item.size()
	}
	return n
}

// sweepBuilder gathers the requirements of one group and gives out its bits.
type sweepBuilder struct {
	kind  int
	least State
	bits  int
	list  []*requirement

	group sweepGroup
	tests []rangeTest
	days  []dayTest
}

func (b *sweepBuilder) build(s *sweep) sweepGroup {
	g := &b.group
	g.kind, g.least, g.long = b.kind, b.least, b.list
	for _, q := range b.list {
		b.leaves(q.asking.test)
	}
	b.place(s)
	used := map[uint8][2]bool{}
	for _, q := range b.list {
		a := q.asking
		bit := int8(-1)
		if a.test != nil {
			bit = int8(b.bit(a.test))
		}
		if a.op == "sum" {
			g.sums = append(g.sums, sweepSum{q, bit, a.amount, a.lo, a.hi, a.negate, a.dated != nil})
			continue
		}
		asked := [2]bool{a.op == "all", (a.op != "any") != a.negate}
		if before, ok := used[uint8(bit)]; ok && before != asked {
			bit = int8(b.join(joinTest{bits: 1 << bit}, true))
		}
		used[uint8(bit)] = asked
		if asked[0] {
			g.all |= 1 << bit
		}
		if asked[1] {
			g.negated |= 1 << bit
		}
		g.asked = append(g.asked, sweepAsk{q, q.index, uint8(bit), b.dated(a)})
	}
	return *g
}

// place puts the tests of the group behind those of the groups before it.
func (b *sweepBuilder) place(s *sweep) {
	g := &b.group
	g.from = len(s.tests)
	s.tests = append(s.tests, b.tests...)
	for _, day := range b.days {
		day.at = len(s.tests)
		s.days = append(s.days, day)
		s.tests = append(s.tests, rangeTest{slot: day.slot, knownBy: day.knownBy})
	}
	g.to = len(s.tests)
	for _, t := range s.tests[g.from:] {
		g.needs |= 1 << t.knownBy
	}
	for _, t := range g.codes {
		g.needs |= 1 << t.knownBy
	}
}

// leaves lists each different test once.
func (b *sweepBuilder) leaves(t *test) {
	if t == nil {
		return
	}
	g := &b.group
	switch t.op {
	case "range":
		if !slices.Contains(b.tests, t.within) {
			b.tests = append(b.tests, t.within)
		}
	case "day":
		if !slices.Contains(b.days, t.day) {
			b.days = append(b.days, t.day)
		}
	case "code":
		if !slices.Contains(g.codes, t.code) {
			g.codes = append(g.codes, t.code)
		}
	}
	for _, item := range t.items {
		b.leaves(item)
	}
}

// bit gives the bit of a test, in the order in which they are worked out.
func (b *sweepBuilder) bit(t *test) int {
	switch t.op {
	case "range":
		return slices.Index(b.tests, t.within)
	case "day":
		return len(b.tests) + slices.Index(b.days, t.day)
	case "code":
		return len(b.tests) + len(b.days) + slices.Index(b.group.codes, t.code)
	}
	j := joinTest{either: t.op == "or"}
	for _, item := range t.items {
		j.bits |= 1 << b.bit(item)
	}
	return b.join(j, false)
}

// dated makes the way to ask until when; nil where no day changes an answer.
func (b *sweepBuilder) dated(a *asking) *datedAsk {
	if a.dated == nil {
		return nil
	}
	d := &datedAsk{whole: a.dated, either: a.test.op == "or"}
	parts := a.test.items
	if a.test.op == "day" {
		parts = []*test{a.test}
	}
	days := 0
	for _, part := range parts {
		switch {
		case part.op == "day":
			d.day = part.day
			days++
		case part.dated():
			return d
		default:
			d.still |= 1 << b.bit(part)
		}
	}
	d.one = days == 1
	return d
}

// join gives the bit of a join, one of its own if asked.
func (b *sweepBuilder) join(j joinTest, own bool) int {
	g := &b.group
	at := slices.Index(g.joins, j)
	if at < 0 || own {
		at = len(g.joins)
		g.joins = append(g.joins, j)
	}
	return len(b.tests) + len(b.days) + len(g.codes) + at
}

// dated tells whether the passing of days can change what a test says.
func (t *test) dated() bool { return t.op == "day" || slices.ContainsFunc(t.items, (*test).dated) }
