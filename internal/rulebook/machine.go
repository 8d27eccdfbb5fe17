package rulebook

import (
	"math"
	"math/bits"
	"slices"

	"msw/internal/clock"
)

// forever stands inside the engine for "no date ends this"; it never leaves it.
const forever clock.Date = math.MaxInt32

// maxListed is how many facts of one case can be named as deciding. Facts
// beyond take part in every answer, and Result.FactsCut says they are unnamed.
const maxListed = 128

// factSet is a set of facts by index. It is no array, which Go would pass
// through memory.
type factSet struct{ low, high uint64 }

func (s *factSet) add(index int32) {
	switch {
	case index < 64:
		s.low |= 1 << (index & 63)
	case index < maxListed:
		s.high |= 1 << (index & 63)
	}
}

func (s factSet) or(t factSet) factSet { return factSet{s.low | t.low, s.high | t.high} }

func (s factSet) has(index int32) bool {
	if index < 64 {
		return s.low>>(index&63)&1 == 1
	}
	return index < maxListed && s.high>>(index&63)&1 == 1
}

// each calls f with every index in ascending order.
func (s factSet) each(f func(index int)) {
	for ; s.low != 0; s.low &= s.low - 1 {
		f(bits.TrailingZeros64(s.low))
	}
	for ; s.high != 0; s.high &= s.high - 1 {
		f(64 + bits.TrailingZeros64(s.high))
	}
}

// verdict is an answer, the last day it holds if nothing else is recorded, and
// the facts that decided it.
type verdict struct {
	answer Answer
	until  clock.Date
	facts  factSet
}

func (v verdict) not() verdict {
	switch v.answer {
	case Met:
		v.answer = Unmet
	case Unmet:
		v.answer = Met
	}
	return v
}

func answerOf(yes bool) Answer {
	if yes {
		return Met
	}
	return Unmet
}

// row is one fact in typed slots. known has a bit for each slot that holds a
// value.
type row struct {
	date, until clock.Date
	index       int32
	state       State
	known       uint64
	slots       []int64
}

// Case is the facts of one person, compiled to typed slots by Schema.Prepare. It
// can be prepared again and again without new memory; it serves one goroutine
// at a time.
type Case struct {
	rows    []row
	starts  []int32 // rows of kind k are rows[starts[k]:starts[k+1]]
	kinds   [][]row // the same by kind
	places  []int32 // where in rows the fact of an index stands
	arena   []int64
	total   int
	texts   []string // that no rule names, of fields compared with one another
	machine machine
	memo    []judgement
	judged  []bool
	swept   []swept
}

// machine is the state of one evaluation.
type machine struct {
	c       *Case
	set     *Set       // being evaluated
	base    clock.Date // the day it is evaluated on
	on      clock.Date // the same, or within "at" another
	least   State      // facts below this proof state are left out
	assumed bool       // asked as if all were proved
	skipped bool       // one was left out
	refused bool       // one was refused
	touched bool       // a quantifier found a fact that speaks on its matter
	turn    clock.Date // the last day before touched may turn by the day alone
	depth   int        // requirements being judged within one another
	frames  [maxFrames]*row
	trace   *tracer
}

const maxFrames = 8

// Prepare compiles facts into c, replacing what it held. Facts of kinds the
// schema does not know and values of a wrong type are left out, as if never
// recorded: Check is what refuses them, before they are stored.
func (s *Schema) Prepare(facts []Fact, c *Case) {
	if cap(c.starts) < len(s.kinds)+2 {
		c.starts = make([]int32, len(s.kinds)+2)
	}
	c.starts = c.starts[:len(s.kinds)+2]
	clear(c.starts)
	if cap(c.rows) < len(facts) {
		c.rows = make([]row, len(facts))
	}
	slots, kept := 0, 0
	for i := range facts {
		if k, ok := s.byName[facts[i].Kind]; ok && facts[i].State != Unstated {
			c.starts[k+2]++
			slots += len(s.kinds[k].Fields) + 2
			kept++
		}
	}
	c.rows, c.total, c.texts = c.rows[:kept], len(facts), c.texts[:0]
	for k := 2; k < len(c.starts); k++ {
		c.starts[k] += c.starts[k-1]
	}
	if cap(c.arena) < slots {
		c.arena = make([]int64, slots)
	}
	arena := c.arena[:slots]
	if cap(c.places) < len(facts) {
		c.places = make([]int32, len(facts))
	}
	c.places = c.places[:len(facts)]
	for i := range facts {
		k, ok := s.byName[facts[i].Kind]
		if !ok || facts[i].State == Unstated {
			continue
		}
		n := len(s.kinds[k].Fields) + 2
		c.places[i] = c.starts[k+1]
		s.fill(c, &c.rows[c.starts[k+1]], &facts[i], int32(i), arena[:n:n])
		c.starts[k+1]++
		arena = arena[n:]
	}
	c.starts = c.starts[:len(s.kinds)+1]
	c.kinds = slices.Grow(c.kinds[:0], len(s.kinds))[:len(s.kinds)]
	for k := range c.kinds {
		c.kinds[k] = c.rows[c.starts[k]:c.starts[k+1]]
	}
}

func (s *Schema) fill(c *Case, r *row, f *Fact, index int32, slots []int64) {
	*r = row{date: f.Date, until: f.Until, index: index, state: f.State, slots: slots}
	kind := &s.kinds[s.byName[f.Kind]]
	if len(kind.Fields) <= sweptFields {
		date, until := kind.dateSlot(), kind.untilSlot()
		slots[date], slots[until] = int64(f.Date), int64(f.Until)
		r.known = 1<<knownAlways | known(f.Date)<<date | known(f.Until)<<until
	}
	for name, value := range f.Fields {
		slot, ok := kind.slots[name]
		if !ok {
			continue
		}
		if v, ok := s.number(c, &kind.Fields[slot], value); ok {
			slots[slot] = v
			r.known |= 1 << slot
		}
	}
}

func known(d clock.Date) uint64 {
	if d == 0 {
		return 0
	}
	return 1
}

// number is a value as the engine holds it: a code by its place in the list, a
// list as bits, a text by its number among the texts rules compare with.
func (s *Schema) number(c *Case, f *Field, value any) (int64, bool) {
	switch v := value.(type) {
	case int64:
		return v, f.Type == TypeInt
	case int:
		return int64(v), f.Type == TypeInt
	case bool:
		if v {
			return 1, f.Type == TypeBool
		}
		return 0, f.Type == TypeBool
	case clock.Date:
		return int64(v), f.Type == TypeDate && v != 0
	case string:
		if f.Type == TypeText {
			n := s.texts[v]
			if n == 0 && f.joined {
				n = c.text(v)
			}
			return n, v != "" // a text no rule knows is 0 or less, which no rule's text is
		}
		i := f.code(v)
		return int64(i), f.Type == TypeCode && i >= 0 && v != unknownCode
	case []string:
		var set int64
		for _, code := range v {
			if i := f.code(code); i >= 0 {
				set |= 1 << i
			}
		}
		return set, f.Type == TypeList
	}
	return 0, false
}

// text numbers a text that no rule names, below zero and within the case.
func (c *Case) text(v string) int64 {
	i := slices.Index(c.texts, v)
	if i < 0 {
		i = len(c.texts)
		c.texts = append(c.texts, v)
	}
	return -int64(i) - 1
}

func (f *Field) code(name string) int {
	for i := range f.Codes {
		if f.Codes[i] == name {
			return i
		}
	}
	return -1
}

// of gives the rows of a kind.
func (m *machine) of(kind int) []row { return m.c.kinds[kind] }

// counts tells whether a row takes part now, and notes why not.
func (m *machine) counts(r *row) bool { return r.state >= m.least || m.leaveOut(r) }

func (m *machine) leaveOut(r *row) bool {
	if r.state == Refused {
		m.refused = true
	} else {
		m.skipped = true
	}
	return false
}

// happened tells whether the fact's day has come; a fact without a date has.
func (m *machine) happened(r *row) bool { return r.date <= m.on }

// later notes that a fact begins, or stops being a plan, only on its own day: a
// requirement nobody has tried today may be one that was tried then. Within
// "at" another day it is that day that counts, and it does not move.
func (m *machine) later(r *row) {
	if m.on == m.base {
		m.turn = min(m.turn, r.date-1)
	}
}
