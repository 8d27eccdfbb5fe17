package rulebook

import (
	"slices"
	"strings"

	"msw/internal/clock"
)

// unbounded stands for a number of which no bound is known.
const unbounded = int64(1) << 60

// span is a whole number known to lie between lo and hi; both are the same when
// it is known.
type span struct {
	lo, hi int64
	until  clock.Date
	facts  factSet
}

var unknownSpan = span{lo: -unbounded, hi: unbounded, until: forever}

// day is a date, or zero when not known.
type day struct {
	date  clock.Date
	until clock.Date
	facts factSet
}

func clamp(n int64) int64 { return max(-unbounded, min(unbounded, n)) }

// number compiles an operand that is a whole number.
func (c *compiler) number(e *expr) intFn {
	f := c.numberOf(e)
	if !c.traced || e.op == "int" {
		return f
	}
	text := c.source[e.pos:e.end]
	return func(m *machine) span {
		outer := m.trace.open(text)
		v := f(m)
		m.trace.closeValue(outer, valueText(v.lo, v.hi), v.facts)
		return v
	}
}

func (c *compiler) numberOf(e *expr) intFn {
	switch e.op {
	case "int":
		v := span{e.number, e.number, forever, factSet{}}
		return func(*machine) span { return v }
	case "+", "-":
		return c.arithmetic(e)
	case "sum", "count":
		return c.total(e)
	case "most":
		return c.most(e)
	case "value":
		return c.valueInt(e)
	case "field":
		return c.intField(e)
	}
	c.fault(e, "a whole number is needed here")
	return func(*machine) span { return unknownSpan }
}

func (c *compiler) intField(e *expr) intFn {
	depth, f, ok := c.field(e)
	if !ok || f.Type != TypeInt {
		c.fault(e, "a whole number is needed here")
		return func(*machine) span { return unknownSpan }
	}
	slot, mask := f.slot, uint64(1)<<f.slot
	missing := unknownSpan
	if f.Bounded {
		missing.lo, missing.hi = f.Min, f.Max
	}
	return func(m *machine) span {
		r := m.frames[depth]
		if r.known&mask == 0 {
			return missing
		}
		return span{r.slots[slot], r.slots[slot], forever, factSet{}}
	}
}

func (c *compiler) arithmetic(e *expr) intFn {
	for _, side := range []*expr{e.a, e.b} {
		if t := c.typeOf(side); t != TypeInt && t != "" {
			c.fault(side, "only whole numbers are added; to move a date, add days, months or years")
			return func(*machine) span { return unknownSpan }
		}
	}
	a, b := c.number(e.a), c.number(e.b)
	minus := e.op == "-"
	return func(m *machine) span {
		x, y := a(m), b(m)
		if minus {
			y.lo, y.hi = -y.hi, -y.lo
		}
		return span{clamp(x.lo + y.lo), clamp(x.hi + y.hi), min(x.until, y.until), x.facts.or(y.facts)}
	}
}

// day compiles an operand that is a date.
func (c *compiler) day(e *expr) dayFn {
	f := c.dayOf(e)
	if !c.traced || e.op == "date" {
		return f
	}
	text := c.source[e.pos:e.end]
	return func(m *machine) day {
		outer := m.trace.open(text)
		v := f(m)
		value := v.date.String()
		if v.date == 0 {
			value = "not known"
		}
		m.trace.closeValue(outer, value, v.facts)
		return v
	}
}

func (c *compiler) dayOf(e *expr) dayFn {
	none := func(*machine) day { return day{until: forever} }
	switch e.op {
	case "date":
		v := day{date: clock.Date(e.number), until: forever}
		return func(*machine) day { return v }
	case "on":
		return func(m *machine) day { return day{date: m.on, until: forever} }
	case "shift":
		if t := c.typeOf(e.a); t != TypeDate || e.a.op == "on" {
			c.fault(e, "days, months and years are added to a date that is not the day of evaluation: write date + 24 months > on")
			return none
		}
		from, n, unit := c.day(e.a), int(e.number), e.unit
		return func(m *machine) day {
			d := from(m)
			d.date = max(lengthen(d.date, n, unit), 0)
			return d
		}
	case "newest", "oldest":
		return c.extreme(e)
	case "value":
		return c.valueDay(e)
	case "+", "-":
		return c.shifted(e)
	case "field":
		return c.dayField(e)
	}
	c.fault(e, "a date is needed here")
	return none
}

// shifted compiles a date moved by a value that is a length.
func (c *compiler) shifted(e *expr) dayFn {
	if e.a.op == "on" || e.b.op != "value" {
		c.fault(e, "days, months and years are added to a date that is not the day of evaluation: write date + 24 months > on")
		return func(*machine) day { return day{until: forever} }
	}
	from, long, back := c.day(e.a), c.stretch(&expr{length: e.b}), e.op == "-"
	return func(m *machine) day {
		d, l := from(m), long(m)
		if back {
			l.n = -l.n
		}
		return day{max(l.from(d.date), 0), min(d.until, l.until), d.facts.or(l.facts)}
	}
}

func (c *compiler) dayField(e *expr) dayFn {
	none := func(*machine) day { return day{until: forever} }
	if e.text == "date" || e.text == "until" {
		depth, _, ok := c.resolve(e)
		switch {
		case !ok:
			return none
		case e.text == "date":
			return func(m *machine) day { return day{date: m.frames[depth].date, until: forever} }
		}
		return func(m *machine) day { return day{date: m.frames[depth].until, until: forever} }
	}
	depth, f, ok := c.field(e)
	if !ok || f.Type != TypeDate {
		c.fault(e, "a date is needed here")
		return none
	}
	slot, mask := f.slot, uint64(1)<<f.slot
	return func(m *machine) day {
		r := m.frames[depth]
		if r.known&mask == 0 {
			return day{until: forever}
		}
		return day{date: clock.Date(r.slots[slot]), until: forever}
	}
}

// extreme compiles newest and oldest; anything in doubt leaves the date unknown.
func (c *compiler) extreme(e *expr) dayFn {
	s, _, ok := c.gathered(e)
	if !ok {
		return func(*machine) day { return day{until: forever} }
	}
	c.enterScope(e)
	value := c.dayField(e.a)
	c.leaveScope()
	newest := e.op == "newest"
	return func(m *machine) day {
		out, doubt := day{until: forever}, false
		rows := m.of(s.kind)
		for i := range rows {
			r := &rows[i]
			p, until := s.pick(m, r, &out.until)
			if p == leftOut {
				continue
			}
			out.until = min(out.until, until)
			v := verdict{answer: Met, until: forever}
			if s.where != nil {
				v = s.ask(m, r)
				out.until = min(out.until, v.until)
			}
			if v.answer == Unmet {
				continue
			}
			m.frames[s.frame] = r
			d := value(m)
			if d.date == 0 || p == unsure || v.answer == Unknown {
				doubt = true
			}
			out.facts.add(r.index)
			if out.date == 0 || newest == (d.date > out.date) {
				out.date = d.date
			}
		}
		if doubt {
			out.date = 0
		}
		return out
	}
}

// compare compiles =, !=, <, <=, > and >= between two values of one type.
func (c *compiler) compare(e *expr) condFn {
	a, b := c.typeOf(e.a), c.typeOf(e.b)
	if a == "" || b == "" {
		return nothing
	}
	if e.b.op == "field" && e.a.op == "field" && a == b && (a == TypeCode || a == TypeText) {
		return c.compareFields(e)
	}
	if b == TypeCode || b == TypeText && a != TypeCode && e.b.op == "field" {
		c.fault(e.b, "write the field first and the text it is compared with second")
		return nothing
	}
	if a == TypeCode || a == TypeText {
		return c.compareText(e)
	}
	if a != b {
		c.fault(e, "a %s cannot be compared with a %s", a, b)
		return nothing
	}
	switch a {
	case TypeInt:
		return c.compareInts(e)
	case TypeDate:
		return c.compareDays(e)
	case TypeBool:
		return c.compareBools(e)
	}
	c.fault(e, "a list is not compared: write has")
	return nothing
}

func (c *compiler) compareText(e *expr) condFn {
	if e.a.op != "field" || e.op != "=" && e.op != "!=" {
		c.fault(e, "a field that is a code or text is only compared by = and != with a text in quotes")
		return nothing
	}
	depth, f, ok := c.field(e.a)
	if !ok {
		return nothing
	}
	return equals(depth, f.slot, c.literal(f, e.b), e.op == "!=")
}

// compareFields compares the texts or codes of two facts.
func (c *compiler) compareFields(e *expr) condFn {
	depthA, a, okA := c.field(e.a)
	depthB, b, okB := c.field(e.b)
	switch {
	case !okA || !okB:
		return nothing
	case e.op != "=" && e.op != "!=":
		c.fault(e, "codes and texts are only compared by = and !=")
		return nothing
	case a.Type == TypeCode && !slices.Equal(a.Codes, b.Codes):
		c.fault(e, "%s and %s do not have the same codes and cannot be compared", a.Name, b.Name)
		return nothing
	}
	a.joined, b.joined = true, true
	slotA, slotB, maskA, maskB, negate := a.slot, b.slot, uint64(1)<<a.slot, uint64(1)<<b.slot, e.op == "!="
	return func(m *machine) verdict {
		x, y := m.frames[depthA], m.frames[depthB]
		if x.known&maskA == 0 || y.known&maskB == 0 {
			return verdict{until: forever}
		}
		return verdict{answer: answerOf((x.slots[slotA] == y.slots[slotB]) != negate), until: forever}
	}
}

func (c *compiler) compareBools(e *expr) condFn {
	if e.op != "=" && e.op != "!=" || e.b.op != "truth" {
		c.fault(e, "yes or no is only compared by = and != with true or false")
		return nothing
	}
	f := c.condOf(e.a)
	if (e.op == "=") == (e.b.number == 1) {
		return f
	}
	return func(m *machine) verdict { return f(m).not() }
}

func (c *compiler) compareInts(e *expr) condFn {
	a, b := c.number(e.a), c.number(e.b)
	op := e.op
	if strings.HasPrefix(op, ">") {
		a, b = b, a
		op = "<" + op[1:]
	}
	general := func(m *machine) verdict {
		x, y := a(m), b(m)
		return verdict{compareSpans(op, x, y), min(x.until, y.until), x.facts.or(y.facts)}
	}
	if e.a.op == "field" && e.b.op == "int" && !c.traced {
		return c.compareSlot(e, general)
	}
	if e.b.op == "int" && e.op != "!=" && !c.traced {
		return againstNumber(c.numberAgain(e, a, b), e)
	}
	return general
}

// compareSlot is the short way for a field that is known against a literal: is
// it in the range of numbers that give yes?
func (c *compiler) compareSlot(e *expr, general condFn) condFn {
	depth, f, ok := c.field(e.a)
	if !ok {
		return nothing
	}
	lo, hi := rangeOf(e)
	slot, mask, negate := f.slot, uint64(1)<<f.slot, e.op == "!="
	return func(m *machine) verdict {
		r := m.frames[depth]
		if r.known&mask == 0 {
			return general(m)
		}
		v := r.slots[slot]
		return verdict{answer: answerOf((lo <= v && v <= hi) != negate), until: forever}
	}
}

// numberAgain gives the side that is no literal, which > and >= have turned.
func (c *compiler) numberAgain(e *expr, a, b intFn) intFn {
	if strings.HasPrefix(e.op, ">") {
		return b
	}
	return a
}

// againstNumber compares a number with a literal.
func againstNumber(number intFn, e *expr) condFn {
	lo, hi := rangeOf(e)
	return func(m *machine) verdict {
		x := number(m)
		v := verdict{Unknown, x.until, x.facts}
		switch {
		case lo <= x.lo && x.hi <= hi:
			v.answer = Met
		case x.hi < lo || x.lo > hi:
			v.answer = Unmet
		}
		return v
	}
}

func compareSpans(op string, x, y span) Answer {
	yes, no := false, false
	switch op {
	case "<":
		yes, no = x.hi < y.lo, x.lo >= y.hi
	case "<=":
		yes, no = x.hi <= y.lo, x.lo > y.hi
	case "=":
		yes, no = x.lo == x.hi && y.lo == y.hi && x.lo == y.lo, x.hi < y.lo || x.lo > y.hi
	default:
		no, yes = x.lo == x.hi && y.lo == y.hi && x.lo == y.lo, x.hi < y.lo || x.lo > y.hi
	}
	switch {
	case yes:
		return Met
	case no:
		return Unmet
	}
	return Unknown
}

var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}

func (c *compiler) compareDays(e *expr) condFn {
	a, b, op := e.a, e.b, e.op
	if a.op == "on" {
		a, b, op = b, a, mirrored[op]
	}
	if a.op == "on" {
		c.fault(e, "the day of evaluation is compared with itself")
		return nothing
	}
	left := c.day(a)
	if b.op == "on" {
		return func(m *machine) verdict { return againstOn(op, left(m), m.on) }
	}
	right := c.day(b)
	return func(m *machine) verdict {
		x, y := left(m), right(m)
		v := verdict{until: min(x.until, y.until), facts: x.facts.or(y.facts)}
		if x.date != 0 && y.date != 0 {
			v.answer = answerOf(dateHolds(op, x.date, y.date))
		}
		return v
	}
}

func dateHolds(op string, a, b clock.Date) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "=":
		return a == b
	}
	return a != b
}

// againstOn compares a date with the day of evaluation, and tells the last day
// before the passing of time changes the answer.
func againstOn(op string, d day, on clock.Date) verdict {
	v := verdict{until: d.until, facts: d.facts}
	if d.date == 0 {
		return v
	}
	v.answer = answerOf(dateHolds(op, d.date, on))
	last := forever
	switch op {
	case ">", "<=":
		last = d.date - 1
	case ">=", "<":
		last = d.date
	default:
		if last = d.date; on < d.date {
			last--
		}
	}
	if last >= on {
		v.until = min(v.until, last)
	}
	return v
}
