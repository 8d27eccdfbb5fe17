package match

import (
	"cmp"
	"slices"
)

// room is what is left everywhere while doctors are placed one by one.
type room struct {
	in     *Instance
	places []int32
	limits []int32
	cross  []int32
}

func newRoom(in *Instance) *room {
	r := &room{in: in, places: slices.Clone(in.places)}
	for _, l := range in.limits {
		r.limits = append(r.limits, l.most)
	}
	for _, c := range in.cross {
		r.cross = append(r.cross, c.most)
	}
	return r
}

// full says whether a post has no room for a doctor.
func (r *room) full(d, post int32) bool {
	if r.places[post] == 0 {
		return true
	}
	for at := r.in.within[post]; at >= 0; at = r.in.limits[at].parent {
		if r.limits[at] == 0 {
			return true
		}
	}
	tags := r.in.tags[0][d] | r.in.tags[1][post]
	for c, left := range r.cross {
		if left == 0 && tags>>c&1 == 1 {
			return true
		}
	}
	return false
}

func (r *room) take(d, post int32) {
	r.places[post]--
	for at := r.in.within[post]; at >= 0; at = r.in.limits[at].parent {
		r.limits[at]--
	}
	tags := r.in.tags[0][d] | r.in.tags[1][post]
	for c := range r.cross {
		if tags>>c&1 == 1 {
			r.cross[c]--
		}
	}
}

// byTicket is the order of preference-informed allocation: by the draw alone.
func (in *Instance) byTicket() []int32 {
	return in.order(func(a, b int32) int { return 0 })
}

// byPriority is the order of the priority pass.
func (in *Instance) byPriority() []int32 {
	return in.order(func(a, b int32) int {
		x, y := in.run.Doctors[a].Priority, in.run.Doctors[b].Priority
		if x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Compare(in.waited[b], in.waited[a])
	})
}

// order gives the doctors who are to be placed, by a rule and then the draw.
func (in *Instance) order(rule func(a, b int32) int) []int32 {
	var out []int32
	tickets := make([]int64, len(in.pinned))
	for d := range in.pinned {
		if in.free(int32(d)) {
			out = append(out, int32(d))
			tickets[d] = in.ticket(int32(d))
		}
	}
	slices.SortFunc(out, func(a, b int32) int {
		return cmp.Or(rule(a, b), cmp.Compare(tickets[a], tickets[b]), cmp.Compare(a, b))
	})
	return out
}

// pass gives each doctor in turn the first option with room, among the choices
// up to last.
func (in *Instance) pass(order []int32, last int32, given []int32, r *room) {
	for _, d := range order {
		if given[d] >= 0 {
			continue
		}
		for _, o := range in.of(d) {
			if o.choice > last {
				break
			}
			if !r.full(d, o.post) {
				r.take(d, o.post)
				given[d] = o.post
				break
			}
		}
	}
}

// informed is preference-informed allocation: first choices in one pass, the
// rest in a second of the same order.
func (in *Instance) informed() []int32 {
	given, r, order := slices.Clone(in.pinned), newRoom(in), in.byTicket()
	in.pass(order, 1, given, r)
	in.pass(order, unlimited, given, r)
	return given
}

// priority is one pass in order of priority.
func (in *Instance) priority() []int32 {
	given, r := slices.Clone(in.pinned), newRoom(in)
	in.pass(in.byPriority(), unlimited, given, r)
	return given
}
