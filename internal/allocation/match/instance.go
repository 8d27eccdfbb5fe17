// Package match gives doctors posts by the rule of a run, and tells each of
// them why: a minimum-cost flow over nested limits with its aims compared one
// after another, deferred acceptance where hosts ranked, and the two rules
// that stand beside for comparison. docs/allocation.md states each rule.
//
// It is pure: the same run gives the same result, whatever the order of its
// rows. It does not judge who is eligible or who may see what, that is in the
// run already; and it does not check itself, that is verify's.
package match

import (
	"cmp"
	"slices"
	"strings"

	"msw/internal/allocation/runfile"
)

// unlimited stands for no upper limit; no run has so many doctors.
const unlimited = 1 << 30

// option is one post a doctor may be given.
type option struct {
	post   int32
	choice int32 // from 1; all posts of a bundle share one
	travel int32
	grade  int32 // the host's ranking from 0, for Ranked
}

// limit is a nested limit, or at 0 the root above all of them.
type limit struct {
	parent int32
	most   int32 // what is left of at_most after pinned doctors
	least  int32
	id     int32 // in run.Limits; -1 for the root
}

// crossing is one crossing limit that a placement may count to.
type crossing struct {
	most, least int32
	id          int32
}

// Instance is a run made ready for solving: indices in place of names, pairs
// that a rule forbids left out, pinned doctors already in their places. It
// must not be changed and is safe for many goroutines.
type Instance struct {
	run     *runfile.Run // canonical
	aims    []string
	rule    string
	start   []int32 // options of doctor d are options[start[d]:start[d+1]]
	options []option
	offers  []offer // the same for Ranked
	choices int     // the longest list
	waited  []int64 // days, by doctor
	pinned  []int32 // post by doctor, or -1
	places  []int32 // left by post
	within  []int32 // limit by post
	limits  []limit // parents before children
	cross   []crossing
	tags    [2][]uint64 // crossing limits by doctor and by post, as bits
	known   *runfile.Names
	must    []bool  // doctors who may not be left without, while crossing limits are sought
	areas   []int32 // for linked doctors: the limit their choices were cut to, else -1
}

// Prepare makes a run ready. rule, when not empty, replaces the run's own.
func Prepare(run *runfile.Run, rule string) (*Instance, error) {
	in := &Instance{run: run.Canonical(), rule: cmp.Or(rule, run.Rule), aims: run.Aims}
	names, err := in.run.Names()
	if err != nil {
		return nil, run.Check() // with the places as whoever wrote the run knows them
	}
	in.known = names
	if len(in.aims) == 0 {
		in.aims = runfile.DefaultAims()
	}
	in.index()
	if err := in.tree(); err != nil {
		return nil, err
	}
	in.lists()
	if err := in.pin(); err != nil {
		return nil, err
	}
	if in.rule == runfile.Ranked {
		in.grades()
	}
	return in, nil
}

func (in *Instance) index() {
	n := len(in.run.Doctors)
	in.waited, in.pinned, in.areas, in.must = make([]int64, n), make([]int32, n), make([]int32, n), make([]bool, n)
	for i := range in.run.Doctors {
		d := &in.run.Doctors[i]
		in.pinned[i], in.areas[i] = -1, -1
		if d.Pinned != "" {
			in.pinned[i] = in.known.Posts[d.Pinned]
		}
		if !d.WaitingSince.IsZero() {
			in.waited[i] = int64(max(0, d.WaitingSince.DaysUntil(in.run.AsOf)))
		}
	}
}

// tree puts the nested limits in an order with parents first, and the crossing
// ones as bits.
func (in *Instance) tree() error {
	children := map[string][]int32{}
	bit := map[string]int{}
	for i, l := range in.run.Limits {
		if !l.Crossing {
			children[l.Within] = append(children[l.Within], int32(i))
			continue
		}
		bit[l.ID] = len(in.cross)
		in.cross = append(in.cross, crossing{most: most(l), least: int32(l.AtLeast), id: int32(i)})
	}
	if len(in.cross) > mostCrossing {
		return tooManyCrossing()
	}
	in.limits = []limit{{parent: -1, most: unlimited, id: -1}}
	number := map[string]int32{"": 0}
	queue := []string{""}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, i := range children[at] {
			l := in.run.Limits[i]
			number[l.ID] = int32(len(in.limits))
			in.limits = append(in.limits, limit{parent: number[at], most: most(l), least: int32(l.AtLeast), id: i})
			queue = append(queue, l.ID)
		}
	}
	in.places, in.within = make([]int32, len(in.run.Posts)), make([]int32, len(in.run.Posts))
	in.tags = [2][]uint64{make([]uint64, len(in.run.Doctors)), make([]uint64, len(in.run.Posts))}
	for i, p := range in.run.Posts {
		in.places[i], in.within[i] = int32(p.Places), number[p.Within]
		for _, c := range p.Counts {
			in.tags[1][i] |= 1 << bit[c]
		}
	}
	for i, d := range in.run.Doctors {
		for _, c := range d.Counts {
			in.tags[0][i] |= 1 << bit[c]
		}
	}
	return nil
}

func most(l runfile.Limit) int32 {
	if l.AtMost == nil || *l.AtMost > unlimited {
		return unlimited
	}
	return int32(*l.AtMost)
}

// under tells whether a post lies under a limit.
func (in *Instance) under(post, area int32) bool {
	for at := in.within[post]; at >= 0; at = in.limits[at].parent {
		if at == area {
			return true
		}
	}
	return false
}

// each calls f for every post on a doctor's list with its choice, in order.
// Within a bundle the order is that of the posts' names.
func (in *Instance) each(d int32, f func(post, choice int32)) {
	list := in.known.Choices(d)
	var seen map[int32]bool // only a bundle can name a post once more
	if slices.ContainsFunc(list, func(n int32) bool { return n < 0 }) {
		seen = map[int32]bool{}
	}
	once := func(post, choice int32) {
		if !seen[post] {
			seen[post] = true
			f(post, choice)
		}
	}
	for i, n := range list {
		switch {
		case seen == nil:
			f(n, int32(i+1))
		case n >= 0:
			once(n, int32(i+1))
		default:
			for _, id := range in.run.Bundles[^n].Posts {
				once(in.known.Posts[id], int32(i+1))
			}
		}
	}
}

// lists fills the options: first for all, then once more for linked doctors,
// whose area depends on both lists.
func (in *Instance) lists() {
	n := len(in.run.Doctors)
	total := 0
	for i := range in.run.Doctors {
		total += len(in.run.Doctors[i].Choices)
	}
	in.start, in.options = make([]int32, n+1), make([]option, 0, total)
	in.fill()
	if len(in.run.Linked) == 0 {
		return
	}
	for _, pair := range in.run.Linked {
		a, b := in.known.Doctors[pair.Doctors[0]], in.known.Doctors[pair.Doctors[1]]
		area := in.area(pair, a, b)
		in.areas[a], in.areas[b] = area, area
	}
	in.options = in.options[:0]
	in.fill()
}

func (in *Instance) fill() {
	for d := range int32(len(in.run.Doctors)) {
		in.start[d] = int32(len(in.options))
		from := len(in.options)
		in.each(d, func(post, choice int32) {
			miles := in.miles(d, post)
			if code, _ := in.forbids(d, post, miles); code == "" {
				in.options = append(in.options, option{post: post, choice: choice, travel: int32(max(0, miles))})
				in.choices = max(in.choices, int(choice))
			}
		})
		if len(in.run.Bundles) > 0 {
			in.byWish(d, in.options[from:])
		}
	}
	in.start[len(in.run.Doctors)] = int32(len(in.options))
}

// byWish orders options as rules that need a strict order take them: choice,
// then miles, then the draw.
func (in *Instance) byWish(d int32, list []option) {
	slices.SortStableFunc(list, func(a, b option) int {
		if c := cmp.Or(cmp.Compare(a.choice, b.choice), cmp.Compare(a.travel, b.travel)); c != 0 || a.post == b.post {
			return c
		}
		return cmp.Compare(in.draw(d, a.post), in.draw(d, b.post))
	})
}

// of gives a doctor's options; none for a pinned one.
func (in *Instance) of(d int32) []option { return in.options[in.start[d]:in.start[d+1]] }

// area is where a linked pair is cut to: as given, or the outermost limit under
// which both have an option and the worse off of the two is best off.
func (in *Instance) area(pair runfile.Pair, a, b int32) int32 {
	number := map[string]int32{}
	for i, l := range in.limits[1:] {
		number[in.run.Limits[l.id].ID] = int32(i + 1)
	}
	if pair.Area != "" {
		return number[pair.Area]
	}
	best := func(d, area int32) int32 {
		for _, o := range in.of(d) {
			if in.under(o.post, area) {
				return o.choice
			}
		}
		return 0
	}
	chosen, key := int32(0), []int32(nil)
	for i := range in.limits {
		area := int32(i)
		if in.limits[area].parent != 0 { // the outermost only
			continue
		}
		x, y := best(a, area), best(b, area)
		if x == 0 || y == 0 {
			continue
		}
		if k := []int32{max(x, y), x + y}; key == nil || slices.Compare(k, key) < 0 {
			chosen, key = area, k
		}
	}
	return chosen // 0, the whole, when no area suits both
}

// pin puts pinned doctors in their places and lowers what is left.
func (in *Instance) pin() error {
	var broken []string
	room := make([]int32, len(in.limits))
	for d, p := range in.pinned {
		if p < 0 {
			continue
		}
		in.places[p]--
		for at := in.within[p]; at >= 0; at = in.limits[at].parent {
			room[at]++
		}
		for c := range in.cross {
			if (in.tags[0][d]|in.tags[1][p])>>c&1 == 1 {
				in.cross[c].most, in.cross[c].least = in.cross[c].most-1, in.cross[c].least-1
			}
		}
	}
	for p, left := range in.places {
		if left < 0 {
			broken = append(broken, in.postWords(int32(p))+" has fewer places than doctors pinned to it.")
		}
	}
	for i := range in.limits {
		l := &in.limits[i]
		if l.most != unlimited {
			l.most -= room[i]
		}
		l.least = max(0, l.least-room[i])
		if l.most < 0 {
			broken = append(broken, in.limitWords(int32(i))+" takes fewer than are pinned under it.")
		}
	}
	for _, c := range in.cross {
		if c.most < 0 {
			broken = append(broken, limitName(in.run.Limits[c.id])+" takes fewer than are pinned and count to it.")
		}
	}
	if len(broken) > 0 {
		return pinsBreak(broken)
	}
	return nil
}

// free tells whether a doctor is to be placed by the rule.
func (in *Instance) free(d int32) bool { return in.pinned[d] < 0 }

// grades reads the hosts' rankings into the options and takes out those whom
// the host does not accept.
func (in *Instance) grades() {
	const unranked = -1
	for i := range in.options {
		in.options[i].grade = unranked
	}
	runfile.Parts(len(in.run.Posts), func(from, to int) { // a post's options are no other's
		for p := int32(from); p < int32(to); p++ {
			ids := in.known.Ranking(p)
			for step, alike := range in.run.Posts[p].Ranking {
				for range alike {
					list := in.of(ids[0])
					ids = ids[1:]
					for k := range list {
						if list[k].post == p {
							list[k].grade = int32(step)
						}
					}
				}
			}
		}
	})
	kept, from := in.options[:0], int32(0)
	for d := range in.pinned {
		list := in.options[from:in.start[d+1]]
		from = in.start[d+1]
		for _, o := range list {
			post := &in.run.Posts[o.post]
			if o.grade == unranked && (len(post.Ranking) == 0 || post.Others) {
				o.grade = int32(len(post.Ranking))
			}
			if o.grade != unranked {
				kept = append(kept, o)
			}
		}
		in.start[d+1] = int32(len(kept))
	}
	in.options = kept
	in.offers = make([]offer, len(kept))
	for k, o := range kept {
		in.offers[k] = offer{o.post, o.grade}
	}
}

// sentences joins sentences.
func sentences(list ...string) string { return strings.Join(list, " ") }
