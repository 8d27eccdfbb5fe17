package verify

import (
	"fmt"
	"math/big"
	"slices"

	"msw/internal/allocation/runfile"
)

// step is one number of the comparison: an aim, or one choice of a profile.
type step struct {
	aim    string
	choice int
}

func (s step) name() string {
	if s.choice > 0 {
		return fmt.Sprintf("%s:%d", s.aim, s.choice)
	}
	return s.aim
}

// exchange looks for a better allocation by exchanges: a walk from post to
// post and limit to limit that ends where it began. There is a better
// allocation exactly when there is a walk whose sum is below nothing.
type exchange struct {
	w      *world
	steps  []step
	scale  []int64     // by step
	prices [][]int64   // by step, by limit: what a counted placement costs
	need   map[int]int // the side of each priced limit
	given  []int
	posts  []int
	limits []int
	short  bool    // a floor may be broken, at a price before all others
	sums   []int64 // of the last search that found nothing better
	edges  []edge
	costs  []int64 // len(steps) for each edge
}

// edge is one move: a doctor to a post (or to none), or a limit letting go of
// one placement or taking one more.
type edge struct {
	from, to int
	doctor   int // -1 for limits
	post     int
}

func newExchange(w *world, given []int) *exchange {
	x := &exchange{w: w, given: slices.Clone(given), need: map[int]int{}}
	longest := 0
	for d := range w.usable {
		for _, o := range w.usable[d] {
			longest = max(longest, o.choice)
		}
	}
	for _, aim := range w.aims() {
		switch aim {
		case runfile.AimGenerous:
			for c := longest; c > 1; c-- {
				x.steps = append(x.steps, step{aim, c})
			}
		case runfile.AimGreedy:
			for c := 1; c < longest; c++ {
				x.steps = append(x.steps, step{aim, c})
			}
		default:
			x.steps = append(x.steps, step{aim, 0})
		}
	}
	x.scale, x.prices = make([]int64, len(x.steps)), make([][]int64, len(x.steps))
	for i := range x.steps {
		x.scale[i] = 1
	}
	return x
}

// worth is one doctor's part in the steps, priced; nil is no post.
func (x *exchange) worth(d int, o *wish, out []int64) {
	w := x.w
	for i, s := range x.steps {
		v := int64(0)
		switch {
		case o == nil && s.aim == runfile.AimFilled, o == nil && s.aim == runfile.AimPriority && w.doctors[d].Priority:
			v = 1
		case o == nil && s.aim == runfile.AimWaiting:
			v = w.waited(d)
		case o == nil:
		case s.aim == runfile.AimGenerous && o.choice == s.choice:
			v = 1
		case s.aim == runfile.AimGreedy && o.choice == s.choice:
			v = -1
		case s.aim == runfile.AimTravel:
			v = int64(max(0, o.miles))
		case s.aim == runfile.AimDraw:
			v = o.drawn
		}
		out[i] = v * x.scale[i]
		if o == nil {
			continue
		}
		for l, p := range x.prices[i] {
			if p != 0 && (w.cross[l][o.post] || w.person[l][d]) {
				out[i] += p
			}
		}
	}
}

// has is the wish a doctor was given; nil for none.
func (x *exchange) has(d int) *wish {
	for i := range x.w.usable[d] {
		if o := &x.w.usable[d][i]; o.post == x.given[d] {
			return o
		}
	}
	return nil
}

// lay writes down every move that keeps the nested limits one by one. Nodes:
// posts, then limits, then the outside.
func (x *exchange) lay() {
	w := x.w
	x.posts, x.limits = w.tally(x.given)
	x.edges, x.costs = x.edges[:0], x.costs[:0]
	nodes, outside := len(w.posts), len(w.posts)+len(w.run.Limits)
	zero, below := make([]int64, len(x.steps)), make([]int64, len(x.steps))
	below[0] = 1 // only of use where a floor may be broken
	here, there := make([]int64, len(x.steps)), make([]int64, len(x.steps))
	add := func(e edge, cost []int64) {
		x.edges, x.costs = append(x.edges, e), append(x.costs, cost...)
	}
	for d, doctor := range w.doctors {
		if doctor.Pinned != "" {
			continue
		}
		from := outside
		if x.given[d] >= 0 {
			from = x.given[d]
		}
		x.worth(d, x.has(d), here)
		to := func(o *wish, node, post int) {
			x.worth(d, o, there)
			for i := range there {
				there[i] -= here[i]
			}
			add(edge{from, node, d, post}, there)
		}
		for i := range w.usable[d] {
			if o := &w.usable[d][i]; o.post != x.given[d] {
				to(o, o.post, o.post)
			}
		}
		if x.given[d] >= 0 {
			to(nil, outside, -1)
		}
	}
	parent := func(id string) int {
		if id == "" {
			return outside
		}
		return nodes + w.limit[id]
	}
	between := func(node, up, count, most, least int) {
		if count < most {
			add(edge{node, up, -1, 0}, zero)
		}
		if count > least {
			add(edge{up, node, -1, 0}, zero)
		} else if x.short && count > 0 {
			add(edge{up, node, -1, 0}, below)
		}
	}
	for p, post := range w.posts {
		between(p, parent(post.Within), x.posts[p], post.Places, 0)
	}
	for l, limit := range w.run.Limits {
		if limit.Crossing {
			continue
		}
		most := len(w.doctors) + 1
		if limit.AtMost != nil {
			most = *limit.AtMost
		}
		between(nodes+l, parent(limit.Within), x.limits[l], most, max(limit.AtLeast, 0))
	}
}

// better finds a walk below nothing, as edges; none when the allocation is
// best. It is Bellman and Ford's search from everywhere at once.
func (x *exchange) better() []int {
	k, nodes := len(x.steps), len(x.w.posts)+len(x.w.run.Limits)+1
	sums, by := make([]int64, nodes*k), make([]int, nodes)
	changed, next := make([]bool, nodes), make([]bool, nodes)
	for v := range by {
		by[v], changed[v] = -1, true
	}
	trial := make([]int64, k)
	for {
		moved := false
		for e, edge := range x.edges {
			if !changed[edge.from] {
				continue
			}
			from, to, cost := sums[edge.from*k:edge.from*k+k], sums[edge.to*k:edge.to*k+k], x.costs[e*k:e*k+k]
			less := false
			for i := range k {
				v := from[i] + cost[i]
				if v != to[i] {
					less = v < to[i]
					break
				}
			}
			if !less {
				continue
			}
			for i := range k {
				trial[i] = from[i] + cost[i]
			}
			copy(to, trial)
			by[edge.to], next[edge.to], changed[edge.to], moved = e, true, true, true
		}
		if !moved {
			x.sums = sums
			return nil
		}
		if loop := x.loop(by); loop != nil {
			return loop
		}
		changed, next = next, changed
		clear(next)
	}
}

// loop finds a circle among the last improving edges of each node.
func (x *exchange) loop(by []int) []int {
	seen := make([]int, len(by))
	for v := range by {
		at := v
		for seen[at] == 0 && by[at] >= 0 {
			seen[at] = v + 1
			at = x.edges[by[at]].from
		}
		if seen[at] != v+1 || by[at] < 0 {
			if seen[at] == 0 {
				seen[at] = v + 1
			}
			continue
		}
		var out []int
		for end := at; ; {
			out = append(out, by[at])
			if at = x.edges[by[at]].from; at == end {
				return out
			}
		}
	}
	return nil
}

// gain sums a walk.
func (x *exchange) gain(walk []int) []int64 {
	k := len(x.steps)
	out := make([]int64, k)
	for _, e := range walk {
		for i := range k {
			out[i] += x.costs[e*k+i]
		}
	}
	return out
}

// apply makes the moves of a walk.
func (x *exchange) apply(walk []int) {
	for _, e := range walk {
		if edge := x.edges[e]; edge.doctor >= 0 {
			x.given[edge.doctor] = edge.post
		}
	}
}

// flow checks that no exchange is better; where crossing limits had prices, at
// those prices, and that the stated bound follows from them.
func (c *check) flow() {
	x := newExchange(c.world, c.given)
	b := c.result.Bound
	crossing := slices.ContainsFunc(c.run.Limits, func(l runfile.Limit) bool { return l.Crossing })
	if b != nil && !crossing {
		c.wrong("bound: a run without crossing limits has none.")
		return
	}
	if b == nil || len(b.Multipliers) == 0 {
		x.lay()
		if walk := x.better(); walk != nil {
			c.wrong("Not the best allocation: %s", x.tell(walk))
		}
		if b == nil && crossing {
			c.wrong("bound: a run with crossing limits must say how good any allocation could be.")
		}
	}
	if b != nil {
		c.bound(x, b)
	}
}

// tell says what a better walk does.
func (x *exchange) tell(walk []int) string {
	moved := 0
	for _, e := range walk {
		if x.edges[e].doctor >= 0 {
			moved++
		}
	}
	for i, v := range x.gain(walk) {
		if v == 0 {
			continue
		}
		name := x.steps[i].name()
		if name == runfile.AimDraw {
			return fmt.Sprintf("moving %d doctors leaves all aims equal and is better by the draw, so the tie is broken wrongly.", moved)
		}
		return fmt.Sprintf("moving %d doctors is better by %s (by %d) and by no earlier aim worse.", moved, name, -v)
	}
	return "an exchange changes nothing."
}

// bound recomputes the bound from its prices.
func (c *check) bound(x *exchange, b *runfile.Bound) {
	if !c.price(x, b) {
		return
	}
	for range 100 * (len(x.given) + 1) {
		x.lay()
		walk := x.better()
		if walk == nil {
			break
		}
		x.apply(walk)
	}
	reached := newExchange(c.world, c.given)
	stated := map[string]runfile.Fraction{}
	for _, f := range b.Objective {
		if f.Den <= 0 {
			c.wrong("bound: %s has no denominator.", f.Step)
			return
		}
		stated[f.Step] = f
	}
	best, mine := x.total(), reached.total()
	equal := true
	for i, s := range x.steps {
		value := new(big.Rat).SetFrac(best[i], big.NewInt(x.scale[i]))
		f, ok := stated[s.name()]
		if !ok {
			if value.Sign() != 0 && !s.constant(x.w) {
				c.wrong("bound: %s is missing.", s.name())
			}
			continue
		}
		if value.Cmp(big.NewRat(f.Num, f.Den)) != 0 {
			c.wrong("bound: the prices prove %s for %s, not %d/%d.", value.RatString(), s.name(), f.Num, f.Den)
			return
		}
		equal = equal && value.Cmp(new(big.Rat).SetInt(mine[i])) == 0
	}
	if equal != (b.Gap == "") {
		c.wrong("bound: gap must be empty exactly when the result reaches the bound.")
	}
}

// constant tells whether a step is the same for every allocation, so that a
// bound may leave it out.
func (s step) constant(w *world) bool {
	for d := range w.doctors {
		if w.doctors[d].Pinned != "" {
			continue
		}
		if s.aim == runfile.AimFilled || s.aim == runfile.AimDraw || s.aim == runfile.AimPriority && w.doctors[d].Priority || s.aim == runfile.AimWaiting && w.waited(d) > 0 {
			return false
		}
		for _, o := range w.usable[d] {
			if s.choice == o.choice || s.aim == runfile.AimTravel && o.miles > 0 {
				return false
			}
		}
	}
	return true
}

// price reads the multipliers: each must be a price, never a reward, for what
// breaks its limit.
func (c *check) price(x *exchange, b *runfile.Bound) bool {
	for _, m := range b.Multipliers {
		l, ok := x.w.limit[m.Limit]
		if !ok || !c.run.Limits[l].Crossing || !m.Floor && c.run.Limits[l].AtMost == nil {
			c.wrong("bound: %q is not a crossing limit with that side.", m.Limit)
			return false
		}
		prices := map[string]runfile.Fraction{}
		for _, f := range m.Price {
			prices[f.Step] = f
		}
		first := int64(0)
		for i, s := range x.steps {
			f, ok := prices[s.name()]
			if !ok {
				continue
			}
			if f.Den <= 0 || len(b.Multipliers) > 1 {
				c.wrong("bound: the prices cannot be read.")
				return false
			}
			if first == 0 {
				first = f.Num
			}
			sign := int64(1)
			if m.Floor {
				sign = -1
			}
			x.need[l] = x.w.run.Limits[l].AtLeast
			if !m.Floor {
				x.need[l] = *x.w.run.Limits[l].AtMost
			}
			x.scale[i] = f.Den
			x.prices[i] = make([]int64, len(c.run.Limits))
			x.prices[i][l] = sign * f.Num
		}
		if first < 0 {
			c.wrong("bound: the first price of %s is a reward.", m.Limit)
			return false
		}
	}
	return true
}

// total sums the steps over all doctors, with the prices' constant parts.
func (x *exchange) total() []*big.Int {
	out := make([]*big.Int, len(x.steps))
	for i := range out {
		out[i] = new(big.Int)
	}
	one := make([]int64, len(x.steps))
	pinned := make([]int, len(x.given))
	for d, p := range x.given {
		if pinned[d] = -1; x.w.doctors[d].Pinned != "" {
			pinned[d] = p
			continue
		}
		x.worth(d, x.has(d), one)
		for i, v := range one {
			out[i].Add(out[i], big.NewInt(v))
		}
	}
	_, already := x.w.tally(pinned)
	for i, prices := range x.prices {
		for l, p := range prices {
			if p == 0 {
				continue
			}
			out[i].Sub(out[i], new(big.Int).Mul(big.NewInt(p), big.NewInt(int64(x.need[l]-already[l]))))
		}
	}
	return out
}
