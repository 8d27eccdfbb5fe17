package match

import "math"

// network is a minimum-cost flow problem that always has the answer "nobody
// gets a post", from which a primal network simplex starts. Every arc leads
// towards node 0, the sink. It is solved for one cost after another: between
// two costs, arcs that no optimal answer so far can use are left out.
//
// The spanning tree is kept strongly feasible (each tree arc could carry one
// more unit to the root), so that pivots that change nothing cannot circle.
type network struct {
	nodes    int
	from, to []int32
	cap      []int32
	flow     []int32
	cost     []int64 // of the present aim
	active   []int32 // arcs that may still change
	state    []int8  // of an arc: inTree, atLower, atUpper

	parent, pred      []int32 // pred is the arc between a node and its parent
	child, next, prev []int32 // children as doubly linked lists
	depth             []int32
	potential         []int64 // cost[a] + potential[from] - potential[to] is 0 on tree arcs
	stack             []int32
	cursor, pivots    int
}

const (
	inTree  int8 = 0
	atLower int8 = 1
	atUpper int8 = -1
)

// newNetwork makes an empty network.
func newNetwork(nodes, arcs int) *network {
	return &network{nodes: nodes, from: make([]int32, 0, arcs), to: make([]int32, 0, arcs), cap: make([]int32, 0, arcs)}
}

func (w *network) arc(from, to, capacity int32) int32 {
	w.from, w.to, w.cap = append(w.from, from), append(w.to, to), append(w.cap, capacity)
	return int32(len(w.from) - 1)
}

// begin lays the first tree: tree[v] is the arc from node v to its parent,
// which carries flow[v]; all other arcs are empty.
func (w *network) begin(tree []int32, flow []int32) {
	m := len(w.from)
	w.flow, w.cost, w.state = make([]int32, m), make([]int64, m), make([]int8, m)
	for a := range w.state {
		w.state[a] = atLower
	}
	n := w.nodes
	w.parent, w.pred, w.depth, w.potential = make([]int32, n), make([]int32, n), make([]int32, n), make([]int64, n)
	w.child, w.next, w.prev = make([]int32, n), make([]int32, n), make([]int32, n)
	for v := range n {
		w.child[v], w.next[v], w.prev[v], w.parent[v], w.pred[v] = -1, -1, -1, -1, -1
	}
	for v := 1; v < n; v++ {
		a := tree[v]
		w.flow[a], w.state[a] = flow[v], inTree
		w.hang(int32(v), w.to[a], a)
	}
}

// hang makes v a child of p by arc a.
func (w *network) hang(v, p, a int32) {
	w.parent[v], w.pred[v] = p, a
	first := w.child[p]
	w.next[v], w.prev[v] = first, -1
	if first >= 0 {
		w.prev[first] = v
	}
	w.child[p] = v
}

// cut takes v from among its parent's children.
func (w *network) cut(v int32) {
	if w.prev[v] >= 0 {
		w.next[w.prev[v]] = w.next[v]
	} else {
		w.child[w.parent[v]] = w.next[v]
	}
	if w.next[v] >= 0 {
		w.prev[w.next[v]] = w.prev[v]
	}
}

// settle gives depth and potential to v and all below it, from its parent.
func (w *network) settle(v int32) {
	w.stack = append(w.stack[:0], v)
	for len(w.stack) > 0 {
		u := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if p := w.parent[u]; p >= 0 {
			a := w.pred[u]
			w.depth[u] = w.depth[p] + 1
			if w.from[a] == u {
				w.potential[u] = w.potential[p] - w.cost[a]
			} else {
				w.potential[u] = w.potential[p] + w.cost[a]
			}
		}
		for c := w.child[u]; c >= 0; c = w.next[c] {
			w.stack = append(w.stack, c)
		}
	}
}

// reduced is what one unit more on an arc costs, the tree making up for it.
func (w *network) reduced(a int32) int64 {
	return w.cost[a] + w.potential[w.from[a]] - w.potential[w.to[a]]
}

// minimise finds a cheapest flow for the present costs over the active arcs.
func (w *network) minimise() {
	w.potential[0], w.depth[0] = 0, 0
	w.settle(0)
	w.cursor = 0
	for {
		a := w.entering()
		if a < 0 {
			return
		}
		w.pivot(a)
	}
}

// entering looks through the active arcs in blocks, and takes the arc that
// breaks its condition most within the first block that has one.
func (w *network) entering() int32 {
	m := len(w.active)
	if m == 0 {
		return -1
	}
	block := max(int(math.Sqrt(float64(m))), 10)
	best, worst := int32(-1), int64(0)
	left := block
	for seen, i := 0, w.cursor; seen < m; seen++ {
		if i >= m {
			i = 0
		}
		a := w.active[i]
		i++
		if r := int64(w.state[a]) * (w.cost[a] + w.potential[w.from[a]] - w.potential[w.to[a]]); r < worst {
			best, worst = a, r
		}
		if left--; left == 0 {
			if best >= 0 {
				w.cursor = i
				return best
			}
			left = block
		}
	}
	return best
}

// pivot brings an arc into the tree. The arc that leaves is the last that
// blocks, going round the cycle from its top: this keeps the tree strongly
// feasible.
func (w *network) pivot(in int32) {
	w.pivots++
	first, second := w.from[in], w.to[in]
	if w.state[in] == atUpper {
		first, second = second, first
	}
	delta, out, onFirst := w.cap[in], int32(-1), false
	u, v := first, second
	for u != v { // both climb to the node they have in common
		if w.depth[u] >= w.depth[v] {
			a := w.pred[u]
			room := w.flow[a]
			if w.to[a] == u {
				room = w.cap[a] - w.flow[a]
			}
			if room < delta {
				delta, out, onFirst = room, u, true
			}
			u = w.parent[u]
			continue
		}
		v = w.climbSecond(v, &delta, &out, &onFirst)
	}
	w.push(first, second, u, in, delta)
	if out < 0 {
		w.state[in] = -w.state[in]
		return
	}
	leaving := w.pred[out]
	w.state[leaving] = atLower
	if w.flow[leaving] != 0 {
		w.state[leaving] = atUpper
	}
	w.state[in] = inTree
	if onFirst {
		w.rehang(first, second, out, in)
	} else {
		w.rehang(second, first, out, in)
	}
}

// climbSecond looks at one arc on the side to which the entering arc leads.
func (w *network) climbSecond(v int32, delta *int32, out *int32, onFirst *bool) int32 {
	a := w.pred[v]
	room := w.flow[a]
	if w.from[a] == v {
		room = w.cap[a] - w.flow[a]
	}
	if room <= *delta {
		*delta, *out, *onFirst = room, v, false
	}
	return w.parent[v]
}

// push sends delta round the cycle of the entering arc.
func (w *network) push(first, second, top, in, delta int32) {
	if delta == 0 {
		return
	}
	w.flow[in] += delta * int32(w.state[in])
	for u := first; u != top; u = w.parent[u] {
		if a := w.pred[u]; w.from[a] == u {
			w.flow[a] -= delta
		} else {
			w.flow[a] += delta
		}
	}
	for u := second; u != top; u = w.parent[u] {
		if a := w.pred[u]; w.from[a] == u {
			w.flow[a] += delta
		} else {
			w.flow[a] -= delta
		}
	}
}

// rehang cuts the subtree at out and hangs it by the entering arc, whose end
// in the subtree is v and whose other end is p.
func (w *network) rehang(v, p, out, in int32) {
	top, node, parent, arc := out, v, p, in
	for {
		oldParent, oldArc := w.parent[node], w.pred[node]
		w.cut(node)
		w.hang(node, parent, arc)
		if node == top {
			break
		}
		node, parent, arc = oldParent, node, oldArc
	}
	w.settle(v)
}

// restrict leaves out the arcs that no answer as good as the present one can
// use differently: those whose reduced cost is not 0.
func (w *network) restrict() {
	kept := w.active[:0]
	for _, a := range w.active {
		if w.state[a] == inTree || w.reduced(a) == 0 {
			kept = append(kept, a)
		}
	}
	w.active = kept
}
