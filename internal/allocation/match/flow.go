package match

import (
	"fmt"

	"msw/internal/problem"
)

// flow is one solving of an instance by its aims.
type flow struct {
	in     *Instance
	net    *network
	packs  [][]step
	stages []stage
	post0  int32   // node of post 0; limits are nodes 0 to post0-1
	doc0   int32   // node of doctor 0
	alone  []int32 // arc of each doctor that leaves them without a post; -1 for pinned ones
	up     []int32 // arc from each limit or post node to its parent
	floor  []int32 // arc that counts towards a limit's at_least, or -1
	closed []bool  // posts with no room at all
	lower  [][]int32
}

// stage is what is kept of one group of aims: enough to price an exchange.
type stage struct {
	pack      []step
	potential []int64
	cost      []int64
}

// newFlow lays out the network: doctor → post → limit → … → 0, with an arc from
// each doctor straight to 0 for having no post. Option k is arc k.
func newFlow(in *Instance) *flow {
	l, p, n := len(in.limits), len(in.places), len(in.pinned)
	f := &flow{in: in, post0: int32(l), doc0: int32(l + p)}
	f.net = newNetwork(l+p+n, len(in.options)+n+p+2*l)
	for d := range n {
		for _, o := range in.of(int32(d)) {
			f.net.arc(f.doc0+int32(d), f.post0+o.post, unlimited)
		}
	}
	f.alone, f.up, f.floor = make([]int32, n), make([]int32, l+p), make([]int32, l)
	tree, start := make([]int32, l+p+n), make([]int32, l+p+n)
	for d := range n {
		f.alone[d] = f.net.arc(f.doc0+int32(d), 0, unlimited)
		tree[int(f.doc0)+d], start[int(f.doc0)+d] = f.alone[d], 1
	}
	f.closed = make([]bool, p)
	shut := make([]bool, l)
	f.floor[0], f.up[0] = -1, -1
	for i := 1; i < l; i++ {
		lim := in.limits[i]
		shut[i] = shut[lim.parent] || lim.most == 0
		f.up[i], f.floor[i] = f.net.arc(int32(i), lim.parent, max(1, lim.most-lim.least)), -1
		tree[i] = f.up[i]
		if lim.least > 0 {
			f.floor[i] = f.net.arc(int32(i), lim.parent, lim.least)
			if lim.most == lim.least {
				tree[i] = f.floor[i]
			}
		}
	}
	for j := range p {
		f.closed[j] = in.places[j] == 0 || shut[in.within[j]]
		f.up[l+j] = f.net.arc(f.post0+int32(j), in.within[j], max(1, in.places[j]))
		tree[l+j] = f.up[l+j]
	}
	f.net.begin(tree, start)
	f.activate()
	return f
}

// activate lets every arc take part that leads somewhere.
func (f *flow) activate() {
	f.net.active = f.net.active[:0]
	for d := range f.in.pinned {
		if !f.in.free(int32(d)) {
			continue
		}
		for k := f.in.start[d]; k < f.in.start[d+1]; k++ {
			if !f.closed[f.in.options[k].post] {
				f.net.active = append(f.net.active, k)
			}
		}
		f.net.active = append(f.net.active, f.alone[d])
	}
	for i, a := range f.up {
		switch {
		case i == 0:
		case i >= int(f.post0), f.in.limits[i].most > f.in.limits[i].least:
			f.net.active = append(f.net.active, a)
		}
		if i > 0 && i < int(f.post0) && f.floor[i] >= 0 {
			f.net.active = append(f.net.active, f.floor[i])
		}
	}
}

// price sets the costs of a group of steps.
func (f *flow) price(pack []step) {
	in, cost := f.in, f.net.cost
	clear(cost)
	for i, w := range weights(pack) {
		s := pack[i]
		if s.aim == floors {
			for _, a := range f.floor {
				if a >= 0 {
					cost[a] -= w
				}
			}
			for d, must := range in.must {
				if must {
					cost[f.alone[d]] += w
				}
			}
			continue
		}
		for d := range int32(len(in.pinned)) {
			if !in.free(d) {
				continue
			}
			cost[f.alone[d]] += w * in.without(s, d)
			for k := in.start[d]; k < in.start[d+1]; k++ {
				if in.options[k].choice == s.choice || s.choice == 0 {
					cost[k] += w * in.given(s, d, in.options[k])
				}
			}
		}
	}
}

// keep remembers a stage for explanations.
func (f *flow) keep(pack []step) {
	f.stages = append(f.stages, stage{pack, append([]int64(nil), f.net.potential...), append([]int64(nil), f.net.cost...)})
}

// solve goes through the aims. It fails when a nested floor cannot be met.
func (f *flow) solve() error {
	f.packs = packs(f.in.steps(), false)
	for _, pack := range f.packs {
		f.price(pack)
		f.net.minimise()
		if err := f.short(pack); err != nil {
			return err
		}
		f.keep(pack)
		f.net.restrict()
	}
	return nil
}

// short says which nested floors are missed, once the first group is solved.
func (f *flow) short(pack []step) error {
	if pack[0].aim != floors {
		return nil
	}
	var broken []string
	for i, a := range f.floor {
		if a < 0 || f.net.flow[a] == f.net.cap[a] {
			continue
		}
		lim := f.in.limits[i]
		if lim.id < 0 {
			broken = append(broken, "A post that counts to a floor cannot be filled.")
			continue
		}
		limit := f.in.run.Limits[lim.id]
		pinned := int32(limit.AtLeast) - lim.least
		broken = append(broken, fmt.Sprintf("%s must take at least %d and gets at most %d with every other limit and floor kept.", capital(limitName(limit)), limit.AtLeast, f.net.flow[a]+pinned))
	}
	for d, must := range f.in.must {
		if must && f.net.flow[f.alone[d]] > 0 {
			broken = append(broken, "A doctor who counts to a floor cannot be placed.")
		}
	}
	if len(broken) > 0 {
		return problem.Refuse("A floor cannot be met, so nothing was given out. Lower it, or bring more posts or doctors who list them.", broken...)
	}
	return nil
}

// given reads the answer: a post for each doctor, or -1.
func (f *flow) given() []int32 {
	out := make([]int32, len(f.in.pinned))
	for d := range out {
		out[d] = f.in.pinned[d]
		if out[d] >= 0 {
			continue
		}
		for k := f.in.start[d]; k < f.in.start[d+1]; k++ {
			if f.net.flow[k] > 0 {
				out[d] = f.in.options[k].post
			}
		}
	}
	return out
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// below gives, for each limit node, the nodes whose parent it is.
func (f *flow) below() [][]int32 {
	if f.lower == nil {
		f.lower = make([][]int32, f.post0)
		for u := 1; u < len(f.up); u++ {
			p := f.net.to[f.up[u]]
			f.lower[p] = append(f.lower[p], int32(u))
		}
	}
	return f.lower
}
