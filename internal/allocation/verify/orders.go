package verify

import (
	"container/heap"
	"slices"
	"sort"

	"msw/internal/allocation/runfile"
)

// start places the pinned doctors and lists the others.
func (w *world) start() (given, free []int) {
	given = make([]int, len(w.doctors))
	for d, doctor := range w.doctors {
		given[d] = -1
		if doctor.Pinned != "" {
			given[d] = w.post[doctor.Pinned]
			continue
		}
		free = append(free, d)
	}
	return given, free
}

// fits tells whether one more doctor fits a post under all upper limits.
func (w *world) fits(posts, limits []int, d, p int) bool {
	if posts[p] >= w.posts[p].Places {
		return false
	}
	for _, l := range w.touched(d, p) {
		if most := w.run.Limits[l].AtMost; most != nil && limits[l] >= *most {
			return false
		}
	}
	return true
}

// touched lists the limits to which a placement counts.
func (w *world) touched(d, p int) []int {
	out := append([]int(nil), w.above[p]...)
	for _, l := range w.crossing {
		if w.cross[l][p] || w.person[l][d] {
			out = append(out, l)
		}
	}
	return out
}

// serve goes through an order of doctors once.
func (w *world) serve(order, given []int, firstOnly bool) {
	posts, limits := w.tally(given)
	for _, d := range order {
		if given[d] >= 0 {
			continue
		}
		for _, o := range w.usable[d] {
			if firstOnly && o.choice > 1 {
				break
			}
			if w.fits(posts, limits, d, o.post) {
				given[d] = o.post
				posts[o.post]++
				for _, l := range w.touched(d, o.post) {
					limits[l]++
				}
				break
			}
		}
	}
}

func (w *world) informed() []int {
	given, order := w.start()
	w.byDraw(order)
	w.serve(order, given, true)
	w.serve(order, given, false)
	return given
}

func (w *world) priority() []int {
	given, order := w.start()
	w.byClass(order)
	w.serve(order, given, false)
	return given
}

// byDraw puts doctors in the order of their draw numbers.
func (w *world) byDraw(order []int) {
	sort.SliceStable(order, func(i, j int) bool { return w.drawn(order[i], -1) < w.drawn(order[j], -1) })
}

// byClass puts doctors in the order of the priority pass.
func (w *world) byClass(order []int) {
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if x, y := w.doctors[a].Priority, w.doctors[b].Priority; x != y {
			return x
		}
		if x, y := w.waited(a), w.waited(b); x != y {
			return x > y
		}
		return w.drawn(a, -1) < w.drawn(b, -1)
	})
}

// places gives each doctor's place in the order of a comparison rule.
func (w *world) places(rule string) []int {
	_, order := w.start()
	if rule == runfile.Informed {
		w.byDraw(order)
	} else {
		w.byClass(order)
	}
	out := make([]int, len(w.doctors))
	for i, d := range order {
		out[d] = i
	}
	return out
}

// suit is a doctor held by a post in a ranked round.
type suit struct {
	doctor, post, grade int
	drawn               int64
}

func (a suit) before(b suit) bool {
	if a.grade != b.grade {
		return a.grade < b.grade
	}
	if a.drawn != b.drawn {
		return a.drawn < b.drawn
	}
	return a.doctor < b.doctor
}

// grades reads the hosts' rankings: by post, the step of each ranked doctor.
func (w *world) grades() []map[int]int {
	out := make([]map[int]int, len(w.posts))
	for p, post := range w.posts {
		out[p] = map[int]int{}
		for step, ids := range post.Ranking {
			for _, id := range ids {
				out[p][w.doctor[id]] = step
			}
		}
	}
	return out
}

// suits makes the pair of a doctor and a post, or says that the host refuses.
func (w *world) suits(grades []map[int]int, d, p int) (suit, bool) {
	post := w.posts[p]
	step, ok := grades[p][d]
	if !ok {
		step = len(post.Ranking)
		if len(post.Ranking) > 0 && !post.Others {
			return suit{}, false
		}
	}
	return suit{d, p, step, w.drawn(d, p)}, true
}

// accepted takes out the wishes that hosts refuse by their ranking.
func (w *world) accepted() {
	grades := w.grades()
	for d := range w.usable {
		w.usable[d] = slices.DeleteFunc(w.usable[d], func(o wish) bool {
			_, ok := w.suits(grades, d, o.post)
			return !ok
		})
	}
}

// queue is a heap of pairs with the last on top. Pairs that were taken out
// stay in it until they come to the top.
type queue []suit

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[j].before(q[i]) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(suit)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// held are the present pairs, by post and by limit. Counts begin with the
// pinned doctors, who are in no queue.
type held struct {
	w       *world
	at      []int // by doctor: the post that holds them, or -1
	posts   []int
	limits  []int
	byPost  []queue
	byLimit []queue
}

func (w *world) newHeld(given []int) *held {
	h := &held{w: w, at: make([]int, len(given)), byPost: make([]queue, len(w.posts)), byLimit: make([]queue, len(w.run.Limits))}
	pinned := make([]int, len(given))
	for d := range given {
		if h.at[d], pinned[d] = -1, -1; w.doctors[d].Pinned != "" {
			pinned[d] = given[d]
		}
	}
	h.posts, h.limits = w.tally(pinned)
	return h
}

func (h *held) put(s suit) {
	h.at[s.doctor] = s.post
	h.posts[s.post]++
	heap.Push(&h.byPost[s.post], s)
	for _, l := range h.w.above[s.post] {
		h.limits[l]++
		heap.Push(&h.byLimit[l], s)
	}
}

func (h *held) take(s suit) {
	h.at[s.doctor] = -1
	h.posts[s.post]--
	for _, l := range h.w.above[s.post] {
		h.limits[l]--
	}
}

// last gives the last of a queue who is still held; doctor -1 for nobody.
func (h *held) last(q *queue) suit {
	for q.Len() > 0 {
		if top := (*q)[0]; h.at[top.doctor] == top.post {
			return top
		}
		heap.Pop(q)
	}
	return suit{doctor: -1}
}

// rival is who stands in the way of one more pair: the last in the narrowest
// full limit. full is false where there is room; the rival's doctor is -1
// where a full limit holds pinned doctors only, or nobody.
func (h *held) rival(p int) (last suit, full bool) {
	if h.posts[p] >= h.w.posts[p].Places {
		return h.last(&h.byPost[p]), true
	}
	for _, l := range h.w.above[p] {
		if most := h.w.run.Limits[l].AtMost; most != nil && h.limits[l] >= *most {
			return h.last(&h.byLimit[l]), true
		}
	}
	return suit{doctor: -1}, false
}

// ranked counts blocking pairs, and compares with deferred acceptance, done
// one doctor after another: the order does not matter.
func (c *check) ranked() {
	w := c.world
	grades := w.grades()
	now := w.newHeld(c.given)
	for d, p := range c.given {
		if p < 0 || w.doctors[d].Pinned != "" {
			continue
		}
		s, ok := w.suits(grades, d, p)
		if !ok {
			c.wrong("Post %s does not accept doctor %s.", w.posts[p].ID, w.doctors[d].ID)
			return
		}
		now.put(s)
	}
	blocking := 0
	for d := range w.doctors {
		if w.doctors[d].Pinned != "" {
			continue
		}
		for _, o := range w.usable[d] {
			if o.post == c.given[d] {
				break
			}
			s, ok := w.suits(grades, d, o.post)
			if !ok {
				continue
			}
			if last, full := now.rival(o.post); !full || last.doctor >= 0 && s.before(last) {
				blocking++
				c.wrong("Blocking pair: doctor %s and post %s would both rather have each other.", w.doctors[d].ID, w.posts[o.post].ID)
			}
		}
	}
	if s := c.result.Stability; s == nil || s.BlockingPairs != blocking {
		c.wrong("stability: there are %d blocking pairs; the result says otherwise.", blocking)
	}
	if blocking == 0 {
		c.same(w.deferred(grades), "deferred acceptance")
	}
}

func (w *world) deferred(grades []map[int]int) []int {
	given, waiting := w.start()
	now := w.newHeld(given)
	next := make([]int, len(w.doctors))
	for len(waiting) > 0 {
		d := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if next[d] == len(w.usable[d]) {
			continue
		}
		o := w.usable[d][next[d]]
		next[d]++
		s, ok := w.suits(grades, d, o.post)
		if !ok {
			waiting = append(waiting, d)
			continue
		}
		last, full := now.rival(o.post)
		switch {
		case !full:
		case last.doctor >= 0 && s.before(last):
			now.take(last)
			given[last.doctor] = -1
			waiting = append(waiting, last.doctor)
		default:
			waiting = append(waiting, d)
			continue
		}
		now.put(s)
		given[d] = o.post
	}
	return given
}
