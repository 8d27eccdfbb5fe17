package match

import (
	"fmt"
	"slices"

	"msw/internal/allocation/runfile"
	"msw/internal/problem"
)

// side is one crossing limit in one direction: excess(x) ≤ 0 is to hold, where
// excess is need minus the count for a floor, and the count minus need for a
// cap.
type side struct {
	c     int
	floor bool
	need  int64
}

// face is the search for the best flow that keeps one side. Aim after aim it
// finds the price of the side: at that price the best flows are a face of the
// polyhedron on which some (perhaps between whole numbers) keep it exactly.
type face struct {
	*flow
	side   side
	sign   int64 // of one counted placement in excess
	tight  bool  // a price was paid, so the side must hold with equality
	base   []int32
	step   []int64 // cost of the aim in hand
	bounds []runfile.Fraction
	prices []runfile.Fraction
	best   []int32 // flows of the best whole answer
}

// corner is one solution met on the way: its value, excess and flows.
type corner struct {
	value, excess int64
	flow          []int32
}

// along solves an instance with one side kept. The answer keeps it; whether it
// is best, the bound tells.
func (in *Instance) along(s side) (*face, error) {
	f := &face{flow: newFlow(in), side: s, sign: 1}
	if s.floor {
		f.sign = -1
	}
	for _, pack := range packs(in.steps(), true) {
		f.price(pack)
		f.step = slices.Clone(f.net.cost)
		f.base = slices.Clone(f.net.active)
		if err := f.aim(pack); err != nil {
			return nil, err
		}
	}
	if f.best == nil {
		f.best = slices.Clone(f.net.flow)
	}
	copy(f.net.flow, f.best)
	return f, nil
}

// aim goes one aim further.
func (f *face) aim(pack []step) error {
	f.best = nil
	a := f.at(1, 0)
	if pack[0].aim == floors {
		if err := f.short(pack); err != nil {
			return err
		}
		f.net.restrict()
		return f.reachable()
	}
	if f.keeps(a.excess) {
		f.net.restrict()
		f.record(pack[0], a, 1, 0)
		return nil
	}
	way := int64(1)
	if a.excess < 0 {
		way = -1
	}
	b := f.at(0, way)
	if !f.tight && b.excess > 0 {
		return f.missed(b.excess)
	}
	for {
		q, p := (a.excess-b.excess)*way, (b.value-a.value)*way
		if d := gcd(q, p); d > 1 {
			q, p = q/d, p/d
		}
		if f.tooWide(pack[0], q, p) { // only the draw can be so wide: give up its last word
			f.best = b.flow
			f.record(pack[0], a, 1, 0)
			return nil
		}
		c := f.at(q, p)
		if q*c.value+p*c.excess >= q*a.value+p*a.excess {
			f.net.restrict()
			f.tight = f.tight || p != 0
			f.record(pack[0], a, q, p)
			f.choose(a, b, c)
			return nil
		}
		if c.excess*way > 0 {
			a = c
		} else {
			b = c
		}
	}
}

// reachable fails when the side cannot be kept at all, once floors are met.
func (f *face) reachable() error {
	was, base := slices.Clone(f.step), f.base
	f.base = slices.Clone(f.net.active)
	clear(f.step)
	b := f.at(0, 1)
	f.step, f.base, f.net.active = was, base, append(f.net.active[:0], f.base...)
	if b.excess > 0 {
		return f.missed(b.excess)
	}
	return nil
}

func (f *face) keeps(excess int64) bool { return excess == 0 || excess < 0 && !f.tight }

// at solves for q times the aim plus p times the excess, from the arcs that
// the aims before left.
func (f *face) at(q, p int64) corner {
	in, net := f.in, f.net
	for a, v := range f.step {
		net.cost[a] = q * v
	}
	for d := range int32(len(in.pinned)) {
		for k := in.start[d]; k < in.start[d+1]; k++ {
			if in.counted(d, in.options[k].post, f.side.c) {
				net.cost[k] += p * f.sign
			}
		}
	}
	net.active = append(net.active[:0], f.base...)
	net.minimise()
	c := corner{excess: -f.sign * f.side.need, flow: slices.Clone(net.flow)}
	for a, v := range f.step {
		c.value += v * int64(net.flow[a])
	}
	for d := range int32(len(in.pinned)) {
		for k := in.start[d]; k < in.start[d+1]; k++ {
			if net.flow[k] > 0 && in.counted(d, in.options[k].post, f.side.c) {
				c.excess += f.sign
			}
		}
	}
	return c
}

// choose keeps a whole answer of an edge: one that keeps the side exactly, or
// else one that keeps it.
func (f *face) choose(corners ...corner) {
	for _, exact := range []bool{true, false} {
		for _, c := range corners {
			if c.excess == 0 || c.excess < 0 && !exact {
				f.best = c.flow
				return
			}
		}
	}
}

// record notes what the aim can come to at best: the value where the line
// through a of slope p/q meets an excess of 0.
func (f *face) record(s step, a corner, q, p int64) {
	value := runfile.Fraction{Step: s.name(), Num: q*a.value + p*a.excess, Den: q}
	if p == 0 {
		value.Num, value.Den = a.value, 1
	}
	f.bounds = append(f.bounds, value)
	f.prices = append(f.prices, runfile.Fraction{Step: s.name(), Num: p, Den: q})
}

// tooWide tells whether costs would leave 64 bits.
func (f *face) tooWide(s step, q, p int64) bool {
	spread := int64(0)
	low, high := int64(0), int64(0)
	last := int32(-1)
	for _, a := range f.base {
		from := f.net.from[a]
		if from < f.doc0 {
			continue
		}
		if from != last {
			spread, last = spread+high-low, from
			low, high = f.step[a], f.step[a]
		}
		low, high = min(low, f.step[a]), max(high, f.step[a])
	}
	spread += high - low
	n := int64(len(f.in.pinned) + 1)
	widest := int64(1) << 60
	if s.aim == runfile.AimDraw && q > widest/(n<<drawBits) {
		return true // whoever checks may not know which doctors are still free
	}
	return spread > 0 && q > widest/spread || p > widest/n || -p > widest/n
}

// missed is the refusal for a crossing limit that cannot be kept.
func (f *face) missed(by int64) error {
	limit := f.in.run.Limits[f.in.cross[f.side.c].id]
	sentence := fmt.Sprintf("%s may take at most %d, and pinned doctors and floors already bring more.", capital(limitName(limit)), *orZero(limit.AtMost))
	if f.side.floor {
		sentence = fmt.Sprintf("%s must take at least %d; with every other limit kept the most that can be reached is %d.", capital(limitName(limit)), limit.AtLeast, int64(limit.AtLeast)-by)
	}
	return problem.Refuse("A floor cannot be met, so nothing was given out. Lower it, or bring more posts or doctors who list them.", sentence)
}

func orZero(n *int) *int {
	if n == nil {
		return new(int)
	}
	return n
}

func gcd(a, b int64) int64 {
	a, b = max(a, -a), max(b, -b)
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// name is how a step is called in bounds.
func (s step) name() string {
	if s.choice > 0 {
		return fmt.Sprintf("%s:%d", s.aim, s.choice)
	}
	return s.aim
}
