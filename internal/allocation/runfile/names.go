package runfile

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Names are a run's posts and doctors as their places in it, and its lists
// spelled in them: read once, for the check and for whoever solves the run.
type Names struct {
	Posts, Doctors map[string]int32
	choices        []int32 // all lists one after another: a post, or ^ the place of a bundle
	choicesFrom    []int32 // by doctor
	ranked         []int32 // all rankings one after another: doctors
	rankedFrom     []int32 // by post
}

// Choices gives a doctor's list: posts, and bundles as ^ their place.
func (n *Names) Choices(doctor int32) []int32 {
	return n.choices[n.choicesFrom[doctor]:n.choicesFrom[doctor+1]]
}

// Ranking gives the doctors a post's host ranked, step after step.
func (n *Names) Ranking(post int32) []int32 {
	return n.ranked[n.rankedFrom[post]:n.rankedFrom[post+1]]
}

// fewEntries are done faster by one processor than shared out.
const fewEntries = 4096

// Parts shares n entries out between the processors and waits for all. What f
// does with an entry must not touch what it does with another, so that the
// answer never depends on how many processors there are.
func Parts(n int, f func(from, to int)) {
	parts := runtime.GOMAXPROCS(0)
	if n < fewEntries || parts < 2 {
		f(0, n)
		return
	}
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() { f(n*i/parts, n*(i+1)/parts) })
	}
	all.Wait()
}

// choices spells the doctors' lists, and says what is wrong with them.
func (c *checker) choices(r *Run, n *Names, bundles map[string]int32) {
	n.choicesFrom = make([]int32, len(r.Doctors)+1)
	for i := range r.Doctors {
		n.choicesFrom[i+1] = n.choicesFrom[i] + int32(len(r.Doctors[i].Choices))
	}
	n.choices = make([]int32, n.choicesFrom[len(r.Doctors)])
	var bad atomic.Bool
	Parts(len(r.Doctors), func(from, to int) {
		for i := from; i < to; i++ {
			mine := n.Choices(int32(i))
			for j, id := range r.Doctors[i].Choices {
				k, ok := n.Posts[id]
				if !ok {
					k, ok = bundles[id]
					k = ^k
				}
				if !ok || slices.Contains(mine[:j], k) {
					bad.Store(true)
				}
				mine[j] = k
			}
		}
	})
	if !bad.Load() {
		return
	}
	for i := range r.Doctors {
		for j, id := range r.Doctors[i].Choices {
			c.that(has(n.Posts, id) || has(bundles, id), "There is no post or bundle "+quote(id)+".", "doctors[%d].choices[%d]", i, j)
			c.that(!slices.Contains(r.Doctors[i].Choices[:j], id), quote(id)+" stands twice.", "doctors[%d].choices[%d]", i, j)
		}
	}
}

// rankings spells the hosts' rankings, and says what is wrong with them.
func (c *checker) rankings(r *Run, n *Names) {
	n.rankedFrom = make([]int32, len(r.Posts)+1)
	for i := range r.Posts {
		n.rankedFrom[i+1] = n.rankedFrom[i]
		for _, step := range r.Posts[i].Ranking {
			n.rankedFrom[i+1] += int32(len(step))
		}
	}
	n.ranked = make([]int32, n.rankedFrom[len(r.Posts)])
	if len(n.ranked) == 0 {
		return
	}
	var bad atomic.Bool
	Parts(len(r.Posts), func(from, to int) {
		seen := make([]int32, len(r.Doctors)) // by doctor: the post, from 1, that was last found to rank them
		for i := from; i < to; i++ {
			mine, j := n.Ranking(int32(i)), 0
			for _, step := range r.Posts[i].Ranking {
				for _, id := range step {
					d, ok := n.Doctors[id]
					if !ok || seen[d] == int32(i+1) {
						bad.Store(true)
					} else {
						seen[d] = int32(i + 1)
					}
					mine[j], j = d, j+1
				}
			}
		}
	})
	if bad.Load() {
		c.rankingFaults(r, n.Doctors)
	}
}

func (c *checker) rankingFaults(r *Run, doctors map[string]int32) {
	for i := range r.Posts {
		seen := map[string]bool{}
		for j, step := range r.Posts[i].Ranking {
			for _, id := range step {
				c.that(has(doctors, id), "There is no doctor "+quote(id)+".", "posts[%d].ranking[%d]", i, j)
				c.that(!seen[id], quote(id)+" stands twice.", "posts[%d].ranking[%d]", i, j)
				seen[id] = true
			}
		}
	}
}
