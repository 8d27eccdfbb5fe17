package match

import "slices"

// fewPosts is up to how many posts under a limit are looked through for the
// first to go, rather than kept in order.
const fewPosts = 16

// wide keeps who is held under a limit of many posts by grade, from the moment
// on which it was first found full: from then on the worst grade held under it
// never rises. The draw is asked only of those at the worst grade. Entries of
// those who left stay until they are met.
type wide struct {
	newest  []int32 // by grade: the last entry, or -1
	entries []entry
	grade   int32    // entries from this one on are in front
	front   []heldAt // a heap, the first to go on top
}

// entry is a doctor at a post; a doctor asks a post once, so it holds as long
// as they are there.
type entry struct {
	doctor, post, older int32
}

type heldAt struct {
	draw int64
	slot uint64
	post int32
}

// goesBefore tells whether h is sent away before g.
func (h *heldAt) goesBefore(g *heldAt) bool {
	if gradeOf(h.slot) != gradeOf(g.slot) {
		return h.slot > g.slot
	}
	if h.draw != g.draw {
		return h.draw > g.draw
	}
	return h.slot > g.slot
}

// worstUnder gives who is the first to go under a limit, and their post, or -1.
func (s *deferred) worstUnder(limit int32) (worst uint64, post int32) {
	in := s.span[limit]
	if in.to-in.from > fewPosts {
		return s.worstOf(limit)
	}
	post = -1
	for _, p := range s.order[in.from:in.to] {
		if list := s.held(p); len(list) > 0 && (post < 0 || s.before(worst, post, list[0], p)) {
			worst, post = list[0], p
		}
	}
	return worst, post
}

func (s *deferred) worstOf(limit int32) (worst uint64, post int32) {
	w := s.wide[limit]
	if w == nil {
		w = s.widen(limit)
	}
	for {
		for len(w.front) > 0 {
			top := &w.front[0]
			if s.askers[doctorOf(top.slot)].at == top.post {
				return top.slot, top.post
			}
			w.pop()
		}
		if w.grade == 0 {
			return 0, -1
		}
		w.grade--
		for e := w.newest[w.grade]; e >= 0; {
			x := w.entries[e]
			if e = x.older; s.askers[x.doctor].at == x.post {
				w.push(heldAt{s.draw(x.doctor, x.post), slot(w.grade, x.doctor), x.post})
			}
		}
	}
}

// widen begins to keep a limit's doctors by grade.
func (s *deferred) widen(limit int32) *wide {
	posts := s.order[s.span[limit].from:s.span[limit].to]
	grades := 0
	for _, p := range posts {
		grades = max(grades, len(s.in.run.Posts[p].Ranking)+1)
	}
	w := &wide{newest: slices.Repeat([]int32{-1}, grades), grade: int32(grades), entries: make([]entry, 0, 2*s.count[limit])}
	for _, p := range posts {
		for _, h := range s.held(p) {
			w.note(p, h)
		}
	}
	s.wide[limit], s.asked = w, true
	return w
}

// enter notes a doctor who was just taken with the wide limits above the post.
func (s *deferred) enter(p int32, h uint64) {
	if !s.asked {
		return
	}
	for at := s.holders[p].above; at >= 0; at = s.up[at] {
		if w := s.wide[at]; w == nil {
			continue
		} else if gradeOf(h) < w.grade {
			w.note(p, h)
		} else {
			w.push(heldAt{s.draw(doctorOf(h), p), h, p})
		}
	}
}

func (w *wide) note(p int32, h uint64) {
	g := gradeOf(h)
	w.entries = append(w.entries, entry{doctorOf(h), p, w.newest[g]})
	w.newest[g] = int32(len(w.entries) - 1)
}

func (w *wide) push(h heldAt) {
	w.front = append(w.front, h)
	i := len(w.front) - 1
	for i > 0 && h.goesBefore(&w.front[(i-1)/2]) {
		w.front[i] = w.front[(i-1)/2]
		i = (i - 1) / 2
	}
	w.front[i] = h
}

func (w *wide) pop() {
	last := len(w.front) - 1
	h := w.front[last]
	w.front = w.front[:last]
	for i := 0; last > 0; {
		c := 2*i + 1
		if c+1 < last && w.front[c+1].goesBefore(&w.front[c]) {
			c++
		}
		if c >= last || !w.front[c].goesBefore(&h) {
			w.front[i] = h
			return
		}
		w.front[i] = w.front[c]
		i = c
	}
}
