package match

import "slices"

// deferred is deferred acceptance with doctors proposing. What a host, or a
// nested limit above it, holds is always the best of all that were proposed
// to it so far.
type deferred struct {
	in     *Instance
	holds  [][]held // by post, a heap with the one to go first on top
	count  []int32  // by limit
	nested bool
	// Posts under one limit stand side by side in the order of a walk through
	// the limits, so that the worst held under it is the worst of a stretch.
	places []int32    // of a post, lowered by limits that hold no other post
	above  []int32    // of a post: the first limit above it that holds others too
	place  []int32    // of a post in that order
	span   [][2]int32 // of a limit
	widest [][2]int32 // of a post: the stretch of the widest limit above it that can be full
	worst  []int32    // a tree over that order: the post holding the worst, or -1
	top    []int32    // of a post: the grade of the worst it holds
	size   int32
}

// offer is what deferred acceptance reads of an option, kept small.
type offer struct {
	post, grade int32
}

// held is a doctor a post holds for now.
type held struct {
	grade, doctor int32
	draw          int64 // -1 until a tie asks for it
}

// deferred gives each doctor a post, or -1.
func (in *Instance) deferred() []int32 {
	s := &deferred{in: in, holds: make([][]held, len(in.places)), count: make([]int32, len(in.limits)), places: in.places, above: in.within}
	for i, l := range in.limits {
		s.nested = s.nested || i > 0 && l.most != unlimited
	}
	if s.nested {
		s.lay()
	}
	s.reserve()
	return s.rounds()
}

// rounds lets everybody without a post propose to their next option, round
// after round. Any order of proposals leads to the same answer.
func (s *deferred) rounds() []int32 {
	in := s.in
	given := slices.Clone(in.pinned)
	next := slices.Clone(in.start[:len(in.pinned)])
	waiting := make([]int32, 0, len(in.pinned))
	for d := range int32(len(in.pinned)) {
		if in.free(d) {
			waiting = append(waiting, d)
		}
	}
	for len(waiting) > 0 {
		again := waiting[:0] // each who proposes sends at most one away
		for _, d := range waiting {
			k := next[d]
			if k == in.start[d+1] {
				continue
			}
			next[d]++
			if out := s.propose(d, in.offers[k]); out >= 0 {
				again = append(again, out)
			}
		}
		waiting = again
	}
	for p, list := range s.holds {
		for _, h := range list {
			given[h.doctor] = int32(p)
		}
	}
	return given
}

// reserve gives each post the room it can need, in one piece.
func (s *deferred) reserve() {
	listed := make([]int32, len(s.places))
	for i := range s.in.options {
		listed[s.in.options[i].post]++
	}
	total := int32(0)
	for p := range listed {
		listed[p] = min(listed[p], s.places[p])
		total += listed[p]
	}
	all := make([]held, total)
	for p, n := range listed {
		s.holds[p], all = all[:0:n], all[n:]
	}
}

// before tells whether x at post p stands before y at post q.
func (s *deferred) before(x *held, p int32, y *held, q int32) bool {
	if x.grade != y.grade {
		return x.grade < y.grade
	}
	if x.draw < 0 {
		x.draw = s.in.draw(x.doctor, p)
	}
	if y.draw < 0 {
		y.draw = s.in.draw(y.doctor, q)
	}
	if x.draw != y.draw {
		return x.draw < y.draw
	}
	return x.doctor < y.doctor
}

// propose offers a doctor to a post and gives who is sent away: the doctor,
// another one, or -1 for nobody.
func (s *deferred) propose(d int32, o offer) (out int32) {
	in, p := s.in, o.post
	if s.places[p] == 0 {
		return d
	}
	me := held{o.grade, d, -1}
	if int32(len(s.holds[p])) == s.places[p] {
		top := &s.holds[p][0]
		if !s.before(&me, p, top, p) {
			return d
		}
		out = top.doctor
		*top = me
		s.sink(p, 0)
		s.note(p)
		return out
	}
	full := int32(-1)
	if s.nested {
		for at := s.above[p]; at >= 0 && full < 0; at = in.limits[at].parent {
			if s.count[at] >= in.limits[at].most {
				full = at
			}
		}
	}
	if full < 0 {
		s.add(p, me, 1)
		return -1
	}
	if s.worst == nil {
		s.build()
	}
	q := s.worstIn(s.span[full][0], s.span[full][1])
	if q < 0 || !s.before(&me, p, &s.holds[q][0], q) {
		return d
	}
	out = s.holds[q][0].doctor
	s.drop(q)
	s.add(p, me, 1)
	return out
}

func (s *deferred) add(p int32, h held, by int32) {
	list := append(s.holds[p], h)
	s.holds[p] = list
	for i := len(list) - 1; i > 0; {
		up := (i - 1) / 2
		if !s.before(&list[up], p, &list[i], p) {
			break
		}
		list[up], list[i] = list[i], list[up]
		i = up
	}
	s.tally(p, by)
	s.note(p)
}

func (s *deferred) drop(p int32) {
	list := s.holds[p]
	last := len(list) - 1
	list[0] = list[last]
	s.holds[p] = list[:last]
	s.sink(p, 0)
	s.tally(p, -1)
	s.note(p)
}

func (s *deferred) tally(p, by int32) {
	if !s.nested {
		return
	}
	for at := s.above[p]; at >= 0; at = s.in.limits[at].parent {
		s.count[at] += by
	}
}

func (s *deferred) sink(p int32, i int) {
	list := s.holds[p]
	for {
		c := 2*i + 1
		if c >= len(list) {
			return
		}
		if c+1 < len(list) && s.before(&list[c], p, &list[c+1], p) {
			c++
		}
		if !s.before(&list[i], p, &list[c], p) {
			return
		}
		list[i], list[c] = list[c], list[i]
		i = c
	}
}

// lay puts the posts in the order of a walk through the limits.
func (s *deferred) lay() {
	in := s.in
	children, posts := make([][]int32, len(in.limits)), make([][]int32, len(in.limits))
	for i := 1; i < len(in.limits); i++ {
		children[in.limits[i].parent] = append(children[in.limits[i].parent], int32(i))
	}
	for p, at := range in.within {
		posts[at] = append(posts[at], int32(p))
	}
	s.place, s.span = make([]int32, len(in.places)), make([][2]int32, len(in.limits))
	next := int32(0)
	var walk func(at int32)
	walk = func(at int32) {
		s.span[at][0] = next
		for _, p := range posts[at] {
			s.place[p] = next
			next++
		}
		for _, c := range children[at] {
			walk(c)
		}
		s.span[at][1] = next
	}
	walk(0)
	s.widest = make([][2]int32, len(in.places))
	for p := range s.widest {
		for at := in.within[p]; at >= 0; at = in.limits[at].parent {
			if in.limits[at].most != unlimited {
				s.widest[p] = s.span[at]
			}
		}
	}
	s.narrow()
}

// build lays the tree when a limit is first found full; until then nobody asks
// for the worst.
func (s *deferred) build() {
	s.size = 1
	for s.size < int32(len(s.holds)) {
		s.size *= 2
	}
	s.worst, s.top = make([]int32, 2*s.size), make([]int32, len(s.holds))
	for i := range s.worst {
		s.worst[i] = -1
	}
	for p, list := range s.holds {
		if len(list) > 0 {
			s.worst[s.size+s.place[p]], s.top[p] = int32(p), list[0].grade
		}
	}
	for i := s.size - 1; i >= 1; i-- {
		s.worst[i] = s.worse(s.worst[2*i], s.worst[2*i+1])
	}
}

// narrow takes limits that hold one post only into that post's places.
func (s *deferred) narrow() {
	s.places, s.above = slices.Clone(s.in.places), slices.Clone(s.in.within)
	for p := range s.places {
		for at := s.above[p]; at > 0 && s.span[at][1]-s.span[at][0] == 1; at = s.above[p] {
			s.places[p] = min(s.places[p], s.in.limits[at].most)
			s.above[p] = s.in.limits[at].parent
		}
	}
}

// note brings the tree up to date after post p changed, as far as it matters.
func (s *deferred) note(p int32) {
	if s.worst == nil {
		return
	}
	i := s.size + s.place[p]
	s.worst[i] = -1
	if list := s.holds[p]; len(list) > 0 {
		s.worst[i], s.top[p] = p, list[0].grade
	}
	lo, hi := s.widest[p][0], s.widest[p][1]
	at, width := s.place[p], int32(1)
	for i /= 2; i >= 1; i /= 2 {
		if width, at = 2*width, at&^(2*width-1); at < lo || at+width > hi {
			return // nobody asks across the widest limit
		}
		was := s.worst[i]
		s.worst[i] = s.worse(s.worst[2*i], s.worst[2*i+1])
		if was != p && s.worst[i] == was {
			return // p was not the worst here before and is not now
		}
	}
}

// worse gives the post whose first to go would go first.
func (s *deferred) worse(p, q int32) int32 {
	switch {
	case p < 0:
		return q
	case q < 0:
		return p
	case s.top[p] != s.top[q]:
		if s.top[p] < s.top[q] {
			return q
		}
		return p
	case s.before(&s.holds[p][0], p, &s.holds[q][0], q):
		return q
	}
	return p
}

func (s *deferred) worstIn(lo, hi int32) int32 {
	best := int32(-1)
	for l, r := lo+s.size, hi+s.size; l < r; l, r = l/2, r/2 {
		if l&1 == 1 {
			best = s.worse(best, s.worst[l])
			l++
		}
		if r&1 == 1 {
			r--
			best = s.worse(best, s.worst[r])
		}
	}
	return best
}

// blocking counts the pairs of a doctor and a post that would both rather
// have each other than what they have.
func (in *Instance) blocking(given []int32) int {
	s := &deferred{in: in, holds: make([][]held, len(in.places)), count: make([]int32, len(in.limits)), above: in.within, nested: true}
	for d, p := range given {
		if p < 0 || !in.free(int32(d)) {
			continue
		}
		for _, o := range in.of(int32(d)) {
			if o.post == p {
				s.add(p, held{o.grade, int32(d), -1}, 1)
			}
		}
	}
	s.lay()
	s.build()
	pairs := 0
	for d := range int32(len(given)) {
		if !in.free(d) {
			continue
		}
		for _, o := range in.of(d) {
			if o.post == given[d] {
				break
			}
			if s.blocks(d, o) {
				pairs++
			}
		}
	}
	return pairs
}

// blocks tells whether the narrowest full limit above a post, or the post
// itself, would take a doctor in place of somebody, or has room.
func (s *deferred) blocks(d int32, o option) bool {
	in, p := s.in, o.post
	me := held{o.grade, d, -1}
	if in.places[p] == 0 {
		return false
	}
	if int32(len(s.holds[p])) >= in.places[p] {
		return s.before(&me, p, &s.holds[p][0], p)
	}
	for at := in.within[p]; at >= 0; at = in.limits[at].parent {
		if s.count[at] >= in.limits[at].most {
			q := s.worstIn(s.span[at][0], s.span[at][1])
			return q >= 0 && s.before(&me, p, &s.holds[q][0], q)
		}
	}
	return true
}
