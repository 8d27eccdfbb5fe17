package verify

import (
	"container/heap"
	"slices"

	"msw/internal/allocation/runfile"
)

// floors is the aim before all aims: the nested limits' at_least.
const floors = "floors"

// walks finds the cheapest ways through the exchanges of a best allocation.
type walks struct {
	*exchange
	out    [][]int // by node: edges from it
	stays  []int64 // by node: so that no edge costs less than nothing
	cost   [][]int64
	outer  int // the node outside
	nodes  int
	posted int // the post of the last search
}

func newWalks(w *world, given []int) *walks {
	x := newExchange(w, given)
	if slices.ContainsFunc(w.run.Limits, func(l runfile.Limit) bool { return !l.Crossing && l.AtLeast > 0 }) {
		x.steps = append([]step{{floors, 0}}, x.steps...)
		x.scale, x.prices = append([]int64{1}, x.scale...), append([][]int64{nil}, x.prices...)
		x.short = true
	}
	x.lay()
	x.better()
	v := &walks{exchange: x, outer: len(w.posts) + len(w.run.Limits), stays: x.sums}
	v.nodes = v.outer + 1
	v.out = make([][]int, v.nodes)
	for e, edge := range x.edges {
		v.out[edge.from] = append(v.out[edge.from], e)
	}
	return v
}

// home is where a doctor's place would be given back.
func (v *walks) home(d int) int {
	if v.given[d] >= 0 {
		return v.given[d]
	}
	return v.outer
}

// way is a node that a search has reached for a sum.
type way struct {
	node int
	sum  []int64
}

type ways []way

func (q ways) Len() int           { return len(q) }
func (q ways) Less(i, j int) bool { return slices.Compare(q[i].sum, q[j].sum) < 0 }
func (q ways) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *ways) Push(x any)        { *q = append(*q, x.(way)) }
func (q *ways) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// from finds the cheapest way from a post to where each of some doctors would
// give their place back.
func (v *walks) from(p int, doctors []int) {
	k := len(v.steps)
	v.cost, v.posted = make([][]int64, v.nodes), p
	wanted := map[int]bool{}
	for _, d := range doctors {
		wanted[v.home(d)] = true
	}
	best := make([][]int64, v.nodes)
	best[p] = make([]int64, k)
	open, sum := ways{{p, best[p]}}, make([]int64, k)
	for len(open) > 0 && len(wanted) > 0 {
		at := heap.Pop(&open).(way)
		if v.cost[at.node] != nil {
			continue
		}
		v.cost[at.node] = at.sum
		delete(wanted, at.node)
		for _, e := range v.out[at.node] {
			to := v.edges[e].to
			if v.cost[to] != nil {
				continue
			}
			costs, from, there := v.costs[e*k:e*k+k], v.stays[at.node*k:at.node*k+k], v.stays[to*k:to*k+k]
			if best[to] != nil && at.sum[0]+costs[0]+from[0]-there[0] > best[to][0] {
				continue // most are no way to anywhere nearer, which the first step tells
			}
			for i := range k {
				sum[i] = at.sum[i] + costs[i] + from[i] - there[i]
			}
			if best[to] == nil || slices.Compare(sum, best[to]) < 0 {
				best[to] = slices.Clone(sum)
				heap.Push(&open, way{to, best[to]})
			}
		}
	}
}

// change is what giving a doctor the post of the last search would cost in each
// step; false when it cannot be done at all.
func (v *walks) change(d, p int) ([]int64, bool) {
	home, k := v.home(d), len(v.steps)
	if p != v.posted || v.cost[home] == nil {
		return nil, false
	}
	var there *wish
	for i := range v.w.usable[d] {
		if v.w.usable[d][i].post == p {
			there = &v.w.usable[d][i]
		}
	}
	was, now := make([]int64, k), make([]int64, k)
	v.worth(d, v.has(d), was)
	v.worth(d, there, now)
	for i := range k {
		now[i] += v.cost[home][i] - v.stays[p*k+i] + v.stays[home*k+i] - was[i]
	}
	return now, true
}

// open tells whether one more doctor could come into a post with nobody losing
// theirs, were there one more place at a node (-1 for none).
func (v *walks) open(p, more int) bool {
	seen, queue := make([]bool, v.nodes), []int{p}
	seen[p] = true
	see := func(node int) {
		if !seen[node] {
			seen[node] = true
			queue = append(queue, node)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		if queue = queue[1:]; at == v.outer {
			return true
		}
		for _, e := range v.out[at] {
			if edge := v.edges[e]; edge.doctor < 0 || edge.post >= 0 {
				see(edge.to)
			}
		}
		if at == more {
			see(v.above(at))
		}
	}
	return false
}

// above is the node that a post or limit lies within.
func (v *walks) above(node int) int {
	within := ""
	if node < len(v.w.posts) {
		within = v.w.posts[node].Within
	} else {
		within = v.w.run.Limits[node-len(v.w.posts)].Within
	}
	if within == "" {
		return v.outer
	}
	return len(v.w.posts) + v.w.limit[within]
}
