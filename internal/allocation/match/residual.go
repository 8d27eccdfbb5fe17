package match

import "slices"

// residual is what can still move in a solved flow: posts and limits as nodes
// (numbered as in the network), with an arc for each doctor who could go from
// the post they have to another on their list.
type residual struct {
	f      *flow
	given  []int32
	moves  [][]int32 // by post held: options of its holders, other than the one they have
	enter  []int32   // options of those without a post
	has    []int32   // by doctor: the option they have, or -1
	nodes  int
	width  int     // stages
	price  []int64 // of each option, by stages
	dist   []int64
	sum    []int64
	done   []int8
	heap   []int32
	where  []int32
	first  []int32 // of a reach: the option by which a node was first reached
	queue  []int32
	spared []bool    // nodes from which one more unit gets through to the sink with nobody losing a post
	unseat [][]int32 // by post held: its holders
}

func newResidual(f *flow, given []int32) *residual {
	in := f.in
	r := &residual{f: f, given: given, nodes: int(f.doc0), width: len(f.stages), has: make([]int32, len(given))}
	r.moves, r.unseat = make([][]int32, len(in.places)), make([][]int32, len(in.places))
	for d := range int32(len(given)) {
		r.has[d] = -1
		if in.free(d) && given[d] < 0 {
			for k := in.start[d]; k < in.start[d+1]; k++ {
				r.enter = append(r.enter, k)
			}
		}
		if !in.free(d) || given[d] < 0 {
			continue
		}
		for k := in.start[d]; k < in.start[d+1]; k++ {
			if in.options[k].post == given[d] {
				r.has[d] = k
			}
		}
		for k := in.start[d]; k < in.start[d+1]; k++ {
			if k != r.has[d] {
				r.moves[given[d]] = append(r.moves[given[d]], k)
			}
		}
		r.unseat[given[d]] = append(r.unseat[given[d]], d)
	}
	r.dist, r.sum, r.done = make([]int64, r.nodes*r.width), make([]int64, r.width), make([]int8, r.nodes)
	r.where, r.first = make([]int32, r.nodes), make([]int32, r.nodes)
	r.spare()
	r.prices()
	return r
}

// prices works out once what each option costs in the stages.
func (r *residual) prices() {
	net := r.f.net
	r.price = make([]int64, len(r.f.in.options)*r.width)
	for i := range r.f.stages {
		s := &r.f.stages[i]
		for k := range r.f.in.options {
			r.price[k*r.width+i] = s.cost[k] + s.potential[net.from[k]] - s.potential[net.to[k]]
		}
	}
}

// doctorOf gives the doctor of an option.
func (r *residual) doctorOf(k int32) int32 { return r.f.net.from[k] - r.f.doc0 }

// room tells whether an arc could carry more, by the true limits.
func (r *residual) room(node, arc int32) bool {
	in, net := r.f.in, r.f.net
	if node >= r.f.post0 {
		return net.flow[arc] < in.places[node-r.f.post0]
	}
	if arc == r.f.floor[node] {
		return net.flow[arc] < net.cap[arc]
	}
	return net.flow[arc] < in.limits[node].most-in.limits[node].least
}

// arcs gives the arcs from a post or limit node upwards.
func (r *residual) arcs(node int32) [2]int32 {
	if node >= r.f.post0 {
		return [2]int32{r.f.up[node], -1}
	}
	return [2]int32{r.f.up[node], r.f.floor[node]}
}

// spare finds the nodes from which the sink can be reached with nobody losing
// a post, going backwards from it.
func (r *residual) spare() {
	in, net := r.f.in, r.f.net
	below := r.f.below()
	into := make([][]int32, len(in.places)) // posts whose holders could move here
	for q, list := range r.moves {
		for _, k := range list {
			p := in.options[k].post
			into[p] = append(into[p], int32(q))
		}
	}
	for p := range into {
		slices.Sort(into[p])
		into[p] = slices.Compact(into[p])
	}
	r.spared = make([]bool, r.nodes)
	r.spared[0] = true
	queue := []int32{0}
	reach := func(u int32) {
		if !r.spared[u] {
			r.spared[u] = true
			queue = append(queue, u)
		}
	}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		if v < r.f.post0 {
			for _, u := range below[v] {
				for _, a := range r.arcs(u) {
					if a >= 0 && r.room(u, a) {
						reach(u)
					}
				}
			}
		} else {
			for _, q := range into[v-r.f.post0] {
				reach(r.f.post0 + q)
			}
		}
		if v != 0 {
			for _, a := range r.arcs(v) {
				if a >= 0 && net.flow[a] > 0 { // its parent could send one back
					reach(net.to[a])
				}
			}
		}
	}
}

// add puts the price of an arc, forwards or backwards, onto sum.
func (r *residual) add(a int32, forwards bool) {
	net := r.f.net
	from, to := net.from[a], net.to[a]
	for i := range r.f.stages {
		s := &r.f.stages[i]
		c := s.cost[a] + s.potential[from] - s.potential[to]
		if !forwards {
			c = -c
		}
		r.sum[i] += c
	}
}

// from finds the least price of getting one unit from a node to each of the
// wanted nodes. It stops when all are found.
func (r *residual) from(start int32, wanted []int32) {
	net := r.f.net
	clear(r.done)
	left := 0
	for _, t := range wanted {
		if r.done[t] != marked {
			r.done[t], left = marked, left+1
		}
	}
	r.heap = r.heap[:0]
	for i := range r.where {
		r.where[i] = -1
	}
	clear(r.sum)
	r.offer(start)
	for len(r.heap) > 0 && left > 0 {
		u := r.pop()
		if r.done[u] == marked {
			left--
		}
		r.done[u] = settled
		if u == 0 {
			r.climbDown(0)
			r.move(0, r.enter)
			continue
		}
		for _, a := range r.arcs(u) {
			if a >= 0 && r.room(u, a) {
				r.at(u)
				r.add(a, true)
				r.offer(net.to[a])
			}
		}
		if u < r.f.post0 {
			r.climbDown(u)
			continue
		}
		r.move(u, r.moves[u-r.f.post0])
		for _, d := range r.unseat[u-r.f.post0] {
			if r.done[0] != settled {
				r.at(u)
				r.add(r.f.alone[d], true)
				r.offer(0)
			}
		}
	}
}

const (
	marked  int8 = 1
	settled int8 = 2
)

// move goes from a node by options. Most are no way to anywhere nearer, which
// the first stage tells.
func (r *residual) move(u int32, options []int32) {
	here := r.dist[int(u)*r.width : (int(u)+1)*r.width]
	for _, k := range options {
		v := r.f.net.to[k]
		if r.done[v] == settled {
			continue
		}
		cost := r.price[int(k)*r.width : (int(k)+1)*r.width]
		if r.where[v] >= 0 && r.dist[int(v)*r.width] < here[0]+cost[0] {
			continue
		}
		for i := range r.sum {
			r.sum[i] = here[i] + cost[i]
		}
		r.offer(v)
	}
}

// climbDown goes from a limit to whatever sends something up to it.
func (r *residual) climbDown(u int32) {
	for _, v := range r.f.below()[u] {
		if r.done[v] == settled {
			continue
		}
		for _, a := range r.arcs(v) {
			if a >= 0 && r.f.net.flow[a] > 0 {
				r.at(u)
				r.add(a, false)
				r.offer(v)
			}
		}
	}
}

// at begins a sum with the price of a node.
func (r *residual) at(u int32) { copy(r.sum, r.dist[int(u)*r.width:]) }

// offer notes that a node can be reached for the sum.
func (r *residual) offer(v int32) {
	if r.done[v] == settled {
		return
	}
	mine := r.dist[int(v)*r.width : (int(v)+1)*r.width]
	if r.where[v] >= 0 && slices.Compare(mine, r.sum) <= 0 {
		return
	}
	copy(mine, r.sum)
	if r.where[v] < 0 {
		r.where[v] = int32(len(r.heap))
		r.heap = append(r.heap, v)
	}
	i := r.where[v]
	for i > 0 && r.less(v, r.heap[(i-1)/2]) {
		r.heap[i] = r.heap[(i-1)/2]
		r.where[r.heap[i]] = i
		i = (i - 1) / 2
	}
	r.heap[i], r.where[v] = v, i
}

func (r *residual) less(u, v int32) bool {
	a, b := int(u)*r.width, int(v)*r.width
	for i := range r.width {
		if r.dist[a+i] != r.dist[b+i] {
			return r.dist[a+i] < r.dist[b+i]
		}
	}
	return false
}

func (r *residual) pop() int32 {
	top := r.heap[0]
	last := r.heap[len(r.heap)-1]
	r.heap = r.heap[:len(r.heap)-1]
	n, i := int32(len(r.heap)), int32(0)
	if n == 0 {
		return top
	}
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && r.less(r.heap[c+1], r.heap[c]) {
			c++
		}
		if !r.less(r.heap[c], last) {
			break
		}
		r.heap[i] = r.heap[c]
		r.where[r.heap[i]] = i
		i = c
	}
	r.heap[i], r.where[last] = last, i
	return top
}

// reach finds every node that a doctor's options lead to with nobody losing a
// post, and by which option first.
func (r *residual) reach(d int32) []int32 {
	in, net := r.f.in, r.f.net
	for i := range r.first {
		r.first[i] = -1
	}
	r.queue = r.queue[:0]
	see := func(v, k int32) {
		if r.first[v] < 0 {
			r.first[v] = k
			r.queue = append(r.queue, v)
		}
	}
	for k := in.start[d]; k < in.start[d+1]; k++ {
		see(r.f.post0+in.options[k].post, k)
	}
	for i := 0; i < len(r.queue); i++ {
		u := r.queue[i]
		if u == 0 {
			continue
		}
		by := r.first[u]
		for _, a := range r.arcs(u) {
			if a >= 0 && r.room(u, a) {
				see(net.to[a], by)
			}
		}
		if u >= r.f.post0 {
			for _, k := range r.moves[u-r.f.post0] {
				see(net.to[k], by)
			}
			continue
		}
		for _, v := range r.f.below()[u] {
			for _, a := range r.arcs(v) {
				if a >= 0 && net.flow[a] > 0 {
					see(v, by)
				}
			}
		}
	}
	return r.queue
}
