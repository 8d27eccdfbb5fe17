package rulebook

import (
	"fmt"
	"slices"
	"strings"

	"msw/internal/clock"
)

type (
	condFn func(*machine) verdict
	intFn  func(*machine) span
	dayFn  func(*machine) day
)

// compiler turns one expression into closures over typed slots. It compiles the
// same expression a second time, traced, for the working.
type compiler struct {
	schema *Schema
	source string
	traced bool
	scopes []scope
	faults []*fault
	kinds  []string   // kinds of fact the expression reads
	values []*Value   // what "value(…)" may name
	used   []string   // and which it named
	asked  []askedFor // every condition in it; only when traced
	refs   []*reference
}

type scope struct {
	kind  *Kind
	alias string
}

// reference is a "met(…)" whose targets are found once every file is read: text
// as written, and then the set it names and the requirement's path there.
type reference struct {
	text, set, id string
	targets       []target
}

// on gives the target in force on a day, or nil.
func (r *reference) on(day clock.Date) *target {
	for i := range r.targets {
		if t := &r.targets[i]; t.own || t.set.effectiveOn(day) {
			return t
		}
	}
	return nil
}

type target struct {
	set         *Set
	requirement *requirement
	own         bool // in the referring version itself, whatever the day
}

func (c *compiler) fault(e *expr, format string, args ...any) {
	c.faults = append(c.faults, faultAt(e.pos, format, args...))
}

// nothing answers unknown. It also stands for a part that could not be compiled,
// which is never run since its fault is recorded.
func nothing(*machine) verdict { return verdict{until: forever} }

// cond compiles an expression that must be true or false.
func (c *compiler) cond(e *expr) condFn {
	f := c.condOf(e)
	if !c.traced {
		return f
	}
	text := strings.Join(strings.Fields(c.source[e.pos:e.end]), " ")
	c.asked = append(c.asked, askedFor{text, possible(e)})
	return func(m *machine) verdict {
		outer := m.trace.open(text)
		v := f(m)
		m.trace.close(outer, v)
		return v
	}
}

func (c *compiler) condOf(e *expr) condFn {
	switch e.op {
	case "and", "or":
		return c.joined(e)
	case "not":
		f := c.cond(e.a)
		return func(m *machine) verdict { return f(m).not() }
	case "any", "no", "all", "latest", "recorded":
		return c.quantified(e)
	case "met":
		return c.referred(e)
	case "at":
		return c.asAt(e)
	case "covered":
		return c.covered(e)
	case "unbroken":
		return c.unbroken(e)
	case "known":
		return c.known(e.a)
	case "truth":
		v := verdict{answerOf(e.number == 1), forever, factSet{}}
		return func(*machine) verdict { return v }
	case "unknown":
		return nothing
	case "field":
		return c.truthField(e)
	case "in":
		return c.in(e)
	case "has":
		return c.has(e)
	case "within":
		return c.within(e)
	case "=", "!=", "<", "<=", ">", ">=":
		return c.compare(e)
	}
	c.fault(e, "this is a value, and a condition is needed here: compare it with something")
	return nothing
}

// joined evaluates every part, so that the working and the dates are whole.
func (c *compiler) joined(e *expr) condFn {
	parts := make([]condFn, len(e.items))
	for i, item := range e.items {
		parts[i] = c.cond(item)
	}
	if e.op == "or" {
		return func(m *machine) verdict { return combine(m, parts, Met) }
	}
	return func(m *machine) verdict { return combine(m, parts, Unmet) }
}

// combine joins answers: one part that gives the deciding answer decides, and
// the longest-lived of these keeps it; otherwise one unknown part leaves it
// open; otherwise all agree on the other answer until the first of them ends.
func combine(m *machine, parts []condFn, deciding Answer) verdict {
	decided := verdict{answer: deciding}
	open, rest := verdict{until: forever}, verdict{answer: Met + Unmet - deciding, until: forever}
	found, unknown := false, false
	for _, part := range parts {
		v := part(m)
		switch v.answer {
		case deciding:
			found = true
			decided.until = max(decided.until, v.until)
			decided.facts = decided.facts.or(v.facts)
		case Unknown:
			unknown = true
			open.facts = open.facts.or(v.facts)
		default:
			rest.facts = rest.facts.or(v.facts)
		}
		rest.until = min(rest.until, v.until)
	}
	switch {
	case found:
		return decided
	case unknown:
		open.until = rest.until
		return open
	}
	return rest
}

// referred compiles "met(set/ID)": the other requirement's own answer, under
// its own proof state, from the version effective on the day.
func (c *compiler) referred(e *expr) condFn {
	ref := &reference{text: e.text}
	c.refs = append(c.refs, ref)
	return func(m *machine) verdict {
		t := ref.on(m.on)
		if t == nil {
			return verdict{until: m.on}
		}
		v := m.inner(t.requirement)
		if t.set.to != 0 && !t.own {
			v.until = min(v.until, t.set.to)
		}
		return v
	}
}

// asAt compiles "at DATE (…)": the same facts asked as that day would have, so
// that passing time changes nothing but the date itself.
func (c *compiler) asAt(e *expr) condFn {
	if t := c.typeOf(e.a); t != TypeDate && t != "" || e.a.op == "on" {
		c.fault(e.a, "at needs a date that is not the day of evaluation")
		return nothing
	}
	date, f := c.day(e.a), c.cond(e.b)
	return func(m *machine) verdict {
		d := date(m)
		if d.date == 0 {
			return verdict{until: d.until, facts: d.facts}
		}
		on := m.on
		m.on = d.date
		v := f(m)
		m.on = on
		v.until, v.facts = d.until, v.facts.or(d.facts)
		return v
	}
}

// resolve finds a field in the innermost scope, or in the one its alias names.
func (c *compiler) resolve(e *expr) (depth int, kind *Kind, ok bool) {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if s := c.scopes[i]; e.scope == "" || s.alias == e.scope {
			return i, s.kind, true
		}
	}
	if e.scope == "" {
		c.fault(e, "%q stands alone: a field is read inside any, no, all, latest, sum or count of a kind of fact", e.text)
	} else {
		c.fault(e, "%q is not the name (after \"as\") of a fact around this", e.scope)
	}
	return 0, nil, false
}

// field finds the typed field an expression names; date, until and in_force
// belong to every fact and have no field.
func (c *compiler) field(e *expr) (depth int, f *Field, ok bool) {
	depth, kind, ok := c.resolve(e)
	if !ok {
		return 0, nil, false
	}
	slot, ok := kind.slots[e.text]
	if !ok {
		names := make([]string, len(kind.Fields))
		for i := range kind.Fields {
			names[i] = kind.Fields[i].Name
		}
		c.fault(e, "%s has no field %q; it has date, until, in_force, %s", kind.Name, e.text, strings.Join(names, ", "))
		return 0, nil, false
	}
	return depth, &kind.Fields[slot], true
}

// typeOf tells an operand's type; the empty type is one that has a fault.
func (c *compiler) typeOf(e *expr) Type {
	switch e.op {
	case "+", "-":
		if c.typeOf(e.a) == TypeDate {
			return TypeDate
		}
		return TypeInt
	case "value":
		if i := slices.IndexFunc(c.values, func(v *Value) bool { return v.ID == e.text }); i >= 0 {
			return c.values[i].Type
		}
		c.fault(e, "there is no value %q in this file", e.text)
		return ""
	case "int", "sum", "count", "most":
		return TypeInt
	case "date", "on", "shift", "newest", "oldest":
		return TypeDate
	case "text":
		return TypeText
	case "truth":
		return TypeBool
	case "field":
		switch e.text {
		case "date", "until":
			return TypeDate
		case "in_force":
			return TypeBool
		}
		if _, f, ok := c.field(e); ok {
			return f.Type
		}
		return ""
	}
	c.fault(e, "this is a condition, and a value is needed here")
	return ""
}

// truthField compiles a yes-or-no field standing as a condition.
func (c *compiler) truthField(e *expr) condFn {
	if e.text == "in_force" {
		depth, _, ok := c.resolve(e)
		if !ok {
			return nothing
		}
		return func(m *machine) verdict { return m.inForce(m.frames[depth]) }
	}
	if e.text == "date" || e.text == "until" {
		c.fault(e, "%s is a date: compare it with something", e.text)
		return nothing
	}
	depth, f, ok := c.field(e)
	if !ok {
		return nothing
	}
	if f.Type != TypeBool {
		c.fault(e, "%s is a %s, not yes or no: compare it with something", f.Name, f.Type)
		return nothing
	}
	return equals(depth, f.slot, 1, false)
}

func (m *machine) inForce(r *row) verdict {
	switch {
	case r.date > m.on:
		return verdict{answer: Unmet, until: r.date - 1}
	case r.until == 0:
		return verdict{answer: Met, until: forever}
	case m.on <= r.until:
		return verdict{answer: Met, until: r.until}
	}
	return verdict{answer: Unmet, until: forever}
}

func (c *compiler) known(e *expr) condFn {
	depth, _, ok := c.resolve(e)
	if !ok {
		return nothing
	}
	if e.text == "date" || e.text == "until" {
		isDate := e.text == "date"
		return func(m *machine) verdict {
			r := m.frames[depth]
			return verdict{answer: answerOf(isDate && r.date != 0 || !isDate && r.until != 0), until: forever}
		}
	}
	_, f, ok := c.field(e)
	if !ok {
		return nothing
	}
	mask := uint64(1) << f.slot
	return func(m *machine) verdict {
		return verdict{answer: answerOf(m.frames[depth].known&mask != 0), until: forever}
	}
}

// equals compares a slot with one number; negate turns it round.
func equals(depth, slot int, want int64, negate bool) condFn {
	mask := uint64(1) << slot
	return func(m *machine) verdict {
		r := m.frames[depth]
		if r.known&mask == 0 {
			return verdict{until: forever}
		}
		return verdict{answer: answerOf((r.slots[slot] == want) != negate), until: forever}
	}
}

// literal is the number a text literal stands for in a code or text field.
func (c *compiler) literal(f *Field, e *expr) int64 {
	if e.op != "text" {
		c.fault(e, "%s is a %s: compare it with a text in quotes", f.Name, f.Type)
		return -1
	}
	if f.Type == TypeText {
		if c.schema.texts[e.text] == 0 {
			c.schema.texts[e.text] = int64(len(c.schema.texts) + 1)
		}
		return c.schema.texts[e.text]
	}
	i := f.code(e.text)
	switch {
	case e.text == unknownCode:
		c.fault(e, "unknown means not recorded: write not known(%s)", f.Name)
	case i < 0:
		c.fault(e, "%q is not a code of %s: %s", e.text, f.Name, strings.Join(f.Codes, ", "))
	}
	return int64(i)
}

// in compiles a test against a list of literals.
func (c *compiler) in(e *expr) condFn {
	kind := c.typeOf(e.a)
	if kind == TypeCode || kind == TypeText && e.a.op == "field" {
		depth, f, ok := c.field(e.a)
		if !ok {
			return nothing
		}
		var wanted []int64
		for _, item := range e.items {
			wanted = append(wanted, c.literal(f, item))
		}
		slot, mask := f.slot, uint64(1)<<f.slot
		return func(m *machine) verdict {
			r := m.frames[depth]
			if r.known&mask == 0 {
				return verdict{until: forever}
			}
			return verdict{answer: answerOf(slices.Contains(wanted, r.slots[slot])), until: forever}
		}
	}
	parts := make([]condFn, len(e.items))
	for i, item := range e.items {
		parts[i] = c.compare(&expr{op: "=", a: e.a, b: item, pos: e.pos, end: e.end})
	}
	return func(m *machine) verdict { return combine(m, parts, Met) }
}

func (c *compiler) has(e *expr) condFn {
	if e.a.op != "field" {
		c.fault(e.a, "only a list has things in it")
		return nothing
	}
	depth, f, ok := c.field(e.a)
	if !ok {
		return nothing
	}
	bit := f.code(e.text)
	if f.Type != TypeList || bit < 0 {
		c.fault(e, "%s is a %s of %s and cannot have %q", f.Name, f.Type, strings.Join(f.Codes, ", "), e.text)
		return nothing
	}
	slot, mask := f.slot, uint64(1)<<f.slot
	return func(m *machine) verdict {
		r := m.frames[depth]
		if r.known&mask == 0 {
			return verdict{until: forever}
		}
		return verdict{answer: answerOf(r.slots[slot]>>bit&1 == 1), until: forever}
	}
}

// within compiles a window: the date is on or before the day asked about, and
// that day comes before the window's end (clock.AddMonths, exclusive).
func (c *compiler) within(e *expr) condFn {
	if c.typeOf(e.a) != TypeDate || e.a.op == "on" {
		c.fault(e.a, "a window starts at a date that is not the day of evaluation")
		return nothing
	}
	if f := c.rowWithin(e); f != nil && !c.traced {
		return c.ordinaryWindow(e)
	}
	start, long, edge := c.day(e.a), c.stretch(e), e.edge
	if e.b == nil || e.b.op == "on" {
		return func(m *machine) verdict {
			d, l := start(m), long(m)
			v := windowOn(m.on, d, l.from(d.date), edge)
			v.until, v.facts = min(v.until, l.until), v.facts.or(l.facts)
			return v
		}
	}
	if c.typeOf(e.b) != TypeDate {
		c.fault(e.b, "a window is asked of a date")
		return nothing
	}
	asked := c.day(e.b)
	return func(m *machine) verdict {
		d, a, l := start(m), asked(m), long(m)
		v := verdict{until: min(d.until, a.until, l.until), facts: d.facts.or(a.facts).or(l.facts)}
		if end := l.from(d.date); end != 0 && a.date != 0 {
			v.answer = windowOn(a.date, d, end, edge).answer
		}
		return v
	}
}

// ordinaryWindow is within for the commonest window.
func (c *compiler) ordinaryWindow(e *expr) condFn {
	start, n, unit := c.day(e.a), int(e.number), e.unit
	return func(m *machine) verdict {
		d := start(m)
		if d.date == 0 {
			return verdict{until: d.until}
		}
		end := lengthen(d.date, n, unit)
		switch {
		case m.on < d.date:
			return verdict{answer: Unmet, until: min(d.until, d.date-1)}
		case m.on < end:
			return verdict{answer: Met, until: min(d.until, end-1)}
		}
		return verdict{answer: Unmet, until: d.until}
	}
}

// windowOn tells whether a day lies in the window from d to end. The day of the
// end is outside, or inside ("inclusive"), or nobody can say ("undecided").
func windowOn(on clock.Date, d day, end clock.Date, edge string) verdict {
	v := verdict{until: d.until, facts: d.facts}
	if edge == "inclusive" {
		end++
	}
	switch {
	case d.date == 0 || end == 0:
	case on < d.date:
		v.answer, v.until = Unmet, min(v.until, d.date-1)
	case on < end:
		v.answer, v.until = Met, min(v.until, end-1)
	case on == end && edge == "undecided":
		v.until = min(v.until, end)
	default:
		v.answer = Unmet
	}
	return v
}

func lengthen(d clock.Date, n int, unit string) clock.Date {
	if d == 0 {
		return 0
	}
	if unit == "day" {
		return d.AddDays(n)
	}
	return clock.AddMonths(d, n)
}

func (c *compiler) enterScope(e *expr) (*Kind, bool) {
	i, ok := c.schema.byName[e.kind]
	if !ok {
		c.fault(e, "there is no kind of fact called %q", e.kind)
		return nil, false
	}
	if len(c.scopes) >= maxFrames {
		c.fault(e, "facts are looked up more than %d deep", maxFrames)
		return nil, false
	}
	for _, s := range c.scopes {
		if e.alias != "" && s.alias == e.alias {
			c.fault(e, "the name %q is already used around this", e.alias)
		}
	}
	if slices.Contains(reserved, e.alias) {
		c.fault(e, "%q is a word of the rule language and cannot name a fact", e.alias)
	}
	kind := &c.schema.kinds[i]
	if !slices.Contains(c.kinds, kind.Name) {
		c.kinds = append(c.kinds, kind.Name)
	}
	c.scopes = append(c.scopes, scope{kind, e.alias})
	return kind, true
}

func (c *compiler) leaveScope() { c.scopes = c.scopes[:len(c.scopes)-1] }

// valueText is a value as the working shows it.
func valueText(lo, hi int64) string {
	switch {
	case lo == hi:
		return fmt.Sprint(lo)
	case lo > -unbounded && hi >= unbounded:
		return fmt.Sprintf("%d or more", lo)
	case lo <= -unbounded && hi >= unbounded:
		return "not known"
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}
