package match

import (
	"math"
	"slices"
)

// deferred is deferred acceptance with doctors proposing. What a host, or a
// nested limit above it, holds is always the best of all that were proposed
// to it so far. Everything is numbers in flat lists: at the size of a national
// round the time goes into reaching memory, not into comparing.
type deferred struct {
	in      *Instance
	askers  []asker  // by doctor
	holders []holder // by post
	bar     []int32  // of a post: nobody ranked beyond this grade is taken any more
	slots   []uint64 // grade above, doctor below: of each post a heap, the first to go on top

	up    []int32 // of a limit: the next above it that can be full and holds many posts, or -1
	count []int32 // of a limit
	order []int32 // posts in the order of a walk through the limits
	span  []span  // of a limit: its stretch of that order
	wide  []*wide // of a limit that was found full and holds many posts
	asked bool    // some wide is kept
}

// asker is a doctor while posts are given: what is read together lies together.
type asker struct {
	draw      int64 // with the post that holds them or that they ask, -1 until a tie asks for it
	next, end int32 // the offers they have not made yet
	at        int32 // the post that holds them, or -1
}

// holder is a post while posts are given.
type holder struct {
	first, holds int32 // where its slots begin, how many are taken
	places       int32 // lowered by limits that hold no other post
	above        int32 // the narrowest limit above it that can be full and holds others too, or -1
}

// span is a stretch of a list.
type span struct{ from, to int32 }

// offer is what deferred acceptance reads of an option, kept small.
type offer struct {
	post, grade int32
}

// slot is a doctor held or asking at a grade; a greater one goes first.
func slot(grade, doctor int32) uint64 { return uint64(grade)<<32 | uint64(uint32(doctor)) }

func gradeOf(s uint64) int32  { return int32(s >> 32) }
func doctorOf(s uint64) int32 { return int32(uint32(s)) }

// deferred gives each doctor a post, or -1.
func (in *Instance) deferred() []int32 {
	s := &deferred{in: in, askers: make([]asker, len(in.pinned))}
	for d := range s.askers {
		s.askers[d] = asker{-1, in.start[d], in.start[d+1], -1}
	}
	s.lay()
	s.reserve()
	given := slices.Clone(in.pinned)
	for d := range int32(len(given)) {
		if in.free(d) {
			// Any order of proposals leads to the same answer.
			for asks := d; asks >= 0; {
				asks = s.seek(asks)
			}
		}
	}
	for d := range s.askers {
		if p := s.askers[d].at; p >= 0 {
			given[d] = p
		}
	}
	return given
}

// seek lets a doctor propose down their list until a post takes them, and gives
// who is without a post by that, or -1.
func (s *deferred) seek(d int32) int32 {
	me := &s.askers[d]
	for me.next < me.end {
		o := s.in.offers[me.next]
		me.next++
		if o.grade > s.bar[o.post] {
			continue
		}
		if out := s.propose(d, o); out != d {
			return out
		}
		s.bar[o.post] = min(s.bar[o.post], o.grade) // who is worse will not be taken either, now or later
	}
	return -1
}

// reserve gives each post the room it can need, in one piece.
func (s *deferred) reserve() {
	s.bar = make([]int32, len(s.holders))
	for _, o := range s.in.offers {
		s.bar[o.post]++
	}
	total := int32(0)
	for p := range s.holders {
		r, listed := &s.holders[p], s.bar[p]
		r.first, s.bar[p] = total, math.MaxInt32
		total += min(listed, r.places)
		if r.places == 0 {
			s.bar[p] = -1
		}
	}
	s.slots = make([]uint64, total)
}

// held gives the slots of a post that are taken.
func (s *deferred) held(p int32) []uint64 {
	r := &s.holders[p]
	return s.slots[r.first : r.first+r.holds]
}

// before tells whether x at post p stands before y at post q.
func (s *deferred) before(x uint64, p int32, y uint64, q int32) bool {
	if gradeOf(x) != gradeOf(y) {
		return x < y
	}
	if a, b := s.draw(doctorOf(x), p), s.draw(doctorOf(y), q); a != b {
		return a < b
	}
	return x < y
}

func (s *deferred) draw(d, p int32) int64 {
	who := &s.askers[d]
	if who.draw < 0 {
		who.draw = s.in.draw(d, p)
	}
	return who.draw
}

// propose offers a doctor to a post and gives who is sent away: the doctor,
// another one, or -1 for nobody.
func (s *deferred) propose(d int32, o offer) (out int32) {
	p, me := o.post, slot(o.grade, d)
	r := &s.holders[p]
	s.askers[d].draw = -1
	if r.holds == r.places {
		top := s.slots[r.first]
		if !s.before(me, p, top, p) {
			return d
		}
		out = doctorOf(top)
		s.askers[out].at, s.askers[d].at = -1, p
		s.slots[r.first] = me
		s.sink(p)
		s.bar[p] = min(s.bar[p], gradeOf(s.slots[r.first]))
		s.enter(p, me)
		return out
	}
	full := r.above
	for full >= 0 && s.count[full] < s.in.limits[full].most {
		full = s.up[full]
	}
	out = -1
	if full >= 0 {
		worst, q := s.worstUnder(full)
		if q < 0 || !s.before(me, p, worst, q) {
			if q >= 0 {
				s.bar[p] = min(s.bar[p], gradeOf(worst))
			}
			return d
		}
		out = doctorOf(worst)
		s.drop(q, full)
	}
	s.add(p, me, full)
	return out
}

// add puts a doctor into a post; limits from full upwards keep their number.
func (s *deferred) add(p int32, me uint64, full int32) {
	r := &s.holders[p]
	r.holds++
	list := s.held(p)
	i := len(list) - 1
	for i > 0 && s.before(list[(i-1)/2], p, me, p) {
		list[i] = list[(i-1)/2]
		i = (i - 1) / 2
	}
	list[i] = me
	s.askers[doctorOf(me)].at = p
	if r.holds == r.places {
		s.bar[p] = min(s.bar[p], gradeOf(list[0]))
	}
	for at := r.above; at != full; at = s.up[at] {
		s.count[at]++
	}
	s.enter(p, me)
}

// drop sends away the first to go of a post.
func (s *deferred) drop(p, full int32) {
	r, list := &s.holders[p], s.held(p)
	s.askers[doctorOf(list[0])].at = -1
	list[0] = list[len(list)-1]
	r.holds--
	s.sink(p)
	for at := r.above; at != full; at = s.up[at] {
		s.count[at]--
	}
}

// sink brings the top of a post's heap to where it belongs.
func (s *deferred) sink(p int32) {
	list := s.held(p)
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(list) {
			return
		}
		if c+1 < len(list) && s.before(list[c], p, list[c+1], p) {
			c++
		}
		if !s.before(list[i], p, list[c], p) {
			return
		}
		list[i], list[c] = list[c], list[i]
		i = c
	}
}

// lay puts the posts in the order of a walk through the limits, so that those
// under one limit stand side by side, and notes which limits can be full.
func (s *deferred) lay() {
	limits := s.in.limits // parents before children
	own, all := make([]int32, len(limits)), make([]int32, len(limits))
	for _, at := range s.in.within {
		own[at]++
	}
	for i := len(limits) - 1; i >= 0; i-- {
		if all[i] += own[i]; i > 0 {
			all[limits[i].parent] += all[i]
		}
	}
	s.span, s.up, s.count, s.wide = make([]span, len(limits)), make([]int32, len(limits)), make([]int32, len(limits)), make([]*wide, len(limits))
	binds := func(i int32) bool { return limits[i].most != unlimited && all[i] > 1 }
	free := make([]int32, len(limits)) // where the next child of a limit goes
	for i := range int32(len(limits)) {
		from, parent := int32(0), limits[i].parent
		s.up[i] = -1
		if parent >= 0 {
			from = free[parent]
			free[parent] += all[i]
			if s.up[i] = s.up[parent]; binds(parent) {
				s.up[i] = parent
			}
		}
		s.span[i], free[i] = span{from, from + all[i]}, from+own[i]
	}
	s.order, s.holders = make([]int32, len(s.in.within)), make([]holder, len(s.in.within))
	for p, at := range s.in.within {
		own[at]--
		s.order[s.span[at].from+own[at]] = int32(p)
		r := &s.holders[p]
		r.places = s.in.places[p]
		for ; at >= 0 && all[at] == 1; at = limits[at].parent { // a limit of this post alone is a number of places
			r.places = min(r.places, limits[at].most)
		}
		if r.above = at; at >= 0 && !binds(at) {
			r.above = s.up[at]
		}
	}
}
