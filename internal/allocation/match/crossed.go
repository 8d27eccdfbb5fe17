package match

import (
	"fmt"
	"slices"

	"msw/internal/allocation/runfile"
	"msw/internal/problem"
)

// mostOrders is how many orders of several crossing limits are tried.
const mostOrders = 6

// crossed solves a run with crossing limits. First without them: often they
// hold anyway. Then each that does not hold alone: its bound is a bound for
// all. Where several meet, one after another is settled and kept, in several
// orders, and the best is taken.
func (in *Instance) crossed() (*Outcome, error) {
	f := newFlow(in)
	if err := f.solve(); err != nil {
		return nil, err
	}
	given := f.given()
	broken := in.sides(given)
	if len(broken) == 0 {
		return &Outcome{Given: given, flow: f, bound: &runfile.Bound{Objective: in.whole(given)}}, nil
	}
	bound := &runfile.Bound{}
	for _, s := range in.allSides() {
		if !slices.Contains(broken, s) && !s.floor {
			continue // a cap that holds anyway gives no better bound
		}
		one, err := in.along(s)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(broken, s) {
			continue
		}
		if bound.Objective == nil || compareFractions(one.bounds, bound.Objective) > 0 {
			limit := in.run.Limits[in.cross[s.c].id].ID
			bound.Objective, bound.Multipliers = one.bounds, []runfile.Multiplier{{Limit: limit, Floor: s.floor, Price: one.prices}}
		}
	}
	best, met := in.orders(broken)
	if len(met) > len(broken) {
		again, _ := in.orders(met)
		best = in.better(best, again)
	}
	for _, simple := range [][]int32{in.informed(), in.priority()} { // never below what is shown beside it
		if len(in.over(simple)) == 0 {
			best = in.better(best, simple)
		}
	}
	if best == nil {
		return nil, problem.Refuse("No allocation was found that keeps all crossing limits at once, so nothing was given out. Lower a floor or raise a limit.", in.names(broken)...)
	}
	bound.Gap = in.gap(best, bound.Objective)
	return &Outcome{Given: best, bound: bound}, nil
}

// allSides lists both directions of every crossing limit.
func (in *Instance) allSides() []side {
	var out []side
	for c, l := range in.cross {
		if l.least > 0 {
			out = append(out, side{c, true, int64(l.least)})
		}
		if l.most < unlimited/2 {
			out = append(out, side{c, false, int64(l.most)})
		}
	}
	return out
}

// sides lists the sides that an allocation breaks.
func (in *Instance) sides(given []int32) []side {
	var out []side
	for _, s := range in.allSides() {
		n := int64(0)
		for d, p := range given {
			if p >= 0 && in.free(int32(d)) && in.counted(int32(d), p, s.c) {
				n++
			}
		}
		if s.floor && n < s.need || !s.floor && n > s.need {
			out = append(out, s)
		}
	}
	return out
}

func (in *Instance) names(sides []side) []string {
	var out []string
	for _, s := range sides {
		out = append(out, capital(limitName(in.run.Limits[in.cross[s.c].id]))+" can be kept alone, but not with the others as far as was found.")
	}
	return out
}

// orders tries several orders of settling the sides and gives the best answer,
// with all sides that broke on the way.
func (in *Instance) orders(broken []side) (best []int32, met []side) {
	met = slices.Clone(broken)
	tried := 0
	var permute func(done, rest []side)
	permute = func(done, rest []side) {
		if tried == mostOrders {
			return
		}
		if len(rest) == 0 {
			tried++
			given, more := in.settle(done)
			best = in.better(best, given)
			for _, s := range more {
				if !slices.Contains(met, s) {
					met = append(met, s)
				}
			}
			return
		}
		for i := range rest {
			permute(append(slices.Clone(done), rest[i]), slices.Delete(slices.Clone(rest), i, i+1))
		}
	}
	permute(nil, broken)
	return best, met
}

// better gives the better of two answers, either of which may be none.
func (in *Instance) better(a, b []int32) []int32 {
	if a == nil || b != nil && slices.Compare(in.score(b), in.score(a)) < 0 {
		return b
	}
	return a
}

// settle keeps one side after another, and then any other that broke on the
// way; nil when it finds no answer.
func (in *Instance) settle(order []side) (given []int32, met []side) {
	now, queue := in, slices.Clone(order)
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		f, err := now.along(s)
		if err != nil {
			return nil, slices.Concat(met, []side{s}, queue)
		}
		given = f.given()
		now, met = now.hold(s, given), append(met, s)
		again := false
		for _, b := range in.sides(given) {
			again = again || slices.Contains(met, b)
			if !slices.Contains(met, b) && !slices.Contains(queue, b) {
				queue = append(queue, b)
			}
		}
		if again {
			return nil, append(met, queue...)
		}
	}
	return given, met
}

// spread gives what a side lets each post count for: what it counts now, with
// what is left over taken off, or put on, first where no other crossing limit
// is in play for a cap, and last there for a floor.
func (in *Instance) spread(s side, given []int32) []int32 {
	counts := make([]int32, len(in.places))
	slack := s.need
	for d, p := range given {
		if p < 0 || !in.free(int32(d)) {
			continue
		}
		if in.tags[1][p]>>s.c&1 == 1 {
			counts[p]++
		}
		if in.counted(int32(d), p, s.c) {
			slack--
		}
	}
	for _, alone := range []bool{!s.floor, s.floor} {
		for p := range counts {
			if in.tags[1][p]>>s.c&1 == 0 || (in.tags[1][p]&^(1<<s.c) == 0) != alone {
				continue
			}
			by := int32(min(slack, int64(in.places[p]-counts[p])))
			if s.floor {
				by = -int32(min(-slack, int64(counts[p])))
			}
			counts[p], slack = counts[p]+by, slack-int64(by)
		}
	}
	return counts
}

// hold gives an instance in which every answer keeps a side, as this one does:
// by what each post and each counted doctor contributes now.
func (in *Instance) hold(s side, given []int32) *Instance {
	out := *in
	out.places, out.within, out.limits = slices.Clone(in.places), slices.Clone(in.within), slices.Clone(in.limits)
	out.must = slices.Clone(in.must)
	counts := in.spread(s, given)
	for p, n := range counts {
		if in.tags[1][p]>>s.c&1 == 0 {
			continue
		}
		if !s.floor {
			out.places[p] = n
		} else if n > 0 {
			out.limits = append(out.limits, limit{parent: in.within[p], most: unlimited, least: n, id: -1})
			out.within[p] = int32(len(out.limits) - 1)
		}
	}
	out.options, out.start = nil, make([]int32, len(in.start))
	for d := range int32(len(given)) {
		out.start[d] = int32(len(out.options))
		mine := in.tags[0][d]>>s.c&1 == 1
		outside := given[d] >= 0 && in.free(d) && in.tags[1][given[d]]>>s.c&1 == 0
		for _, o := range in.of(d) {
			counted := in.tags[1][o.post]>>s.c&1 == 1
			if mine && (s.floor && outside && counted || !s.floor && !outside && !counted) {
				continue // would count twice, or once more
			}
			out.options = append(out.options, o)
		}
		if mine && s.floor && outside {
			out.must[d] = true
		}
	}
	out.start[len(given)] = int32(len(out.options))
	return &out
}

// score is an allocation by the steps of the aims, for comparing.
func (in *Instance) score(given []int32) []int64 {
	var out []int64
	for _, s := range in.steps() {
		if s.aim == floors || s.bound == 0 {
			continue
		}
		v := int64(0)
		for d := range int32(len(given)) {
			if !in.free(d) {
				continue
			}
			if given[d] < 0 {
				v += in.without(s, d)
				continue
			}
			for _, o := range in.of(d) {
				if o.post == given[d] {
					v += in.given(s, d, o)
				}
			}
		}
		out = append(out, v)
	}
	return out
}

// whole is an allocation's score as fractions.
func (in *Instance) whole(given []int32) []runfile.Fraction {
	var out []runfile.Fraction
	score := in.score(given)
	i := 0
	for _, s := range in.steps() {
		if s.aim != floors && s.bound > 0 {
			out = append(out, runfile.Fraction{Step: s.name(), Num: score[i], Den: 1})
			i++
		}
	}
	return out
}

func compareFractions(a, b []runfile.Fraction) int {
	for i := range a {
		if c := compareFraction(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func compareFraction(a, b runfile.Fraction) int {
	// Whole parts first: products of large numbers could leave 64 bits.
	x, y := floorDiv(a.Num, a.Den), floorDiv(b.Num, b.Den)
	if x != y {
		if x < y {
			return -1
		}
		return 1
	}
	l, r := (a.Num-x*a.Den)*b.Den, (b.Num-y*b.Den)*a.Den
	switch {
	case l < r:
		return -1
	case l > r:
		return 1
	}
	return 0
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

// gap says in a sentence how much better than given another allocation could
// be; empty when none can.
func (in *Instance) gap(given []int32, bound []runfile.Fraction) string {
	reached := in.whole(given)
	for i, b := range bound {
		if compareFraction(reached[i], b) == 0 {
			continue
		}
		least := floorDiv(b.Num+b.Den-1, b.Den)
		name := reached[i].Step
		if reached[i].Num == least {
			return fmt.Sprintf("No allocation is better by %s or anything before it; by a later aim one could be.", name)
		}
		if name == runfile.AimFilled {
			return fmt.Sprintf("No allocation can leave fewer than %d doctors without a post; this one leaves %d.", least, reached[i].Num)
		}
		return fmt.Sprintf("Equal to the best possible up to %s, where no allocation is below %d and this one has %d.", name, least, reached[i].Num)
	}
	return ""
}
