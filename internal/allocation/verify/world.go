package verify

import (
	"crypto/sha256"
	"math/big"
	"slices"
	"sort"

	"msw/internal/allocation/runfile"
)

// wish is one post on a doctor's list. Distance and draw are filled in for
// those that nothing bars.
type wish struct {
	post, choice, miles int
	drawn               int64
}

// world is a run as verify reads it: plain maps and lists.
type world struct {
	run      *runfile.Run
	doctors  []runfile.Doctor // sorted by id, as posts
	posts    []runfile.Post
	doctor   map[string]int
	post     map[string]int
	limit    map[string]int
	bundles  map[string][]string
	above    [][]int // by post: nested limits above it, narrowest first
	wishes   [][]wish
	usable   [][]wish // wishes that nothing bars
	area     map[int]string
	crossing []int    // limits that are
	cross    [][]bool // by limit: whether a post counts to it
	person   [][]bool // by limit: whether a doctor does
}

func newWorld(run *runfile.Run) *world {
	w := &world{run: run, doctors: slices.Clone(run.Doctors), posts: slices.Clone(run.Posts), doctor: map[string]int{}, post: map[string]int{}, limit: map[string]int{}, area: map[int]string{}}
	sort.Slice(w.doctors, func(i, j int) bool { return w.doctors[i].ID < w.doctors[j].ID })
	sort.Slice(w.posts, func(i, j int) bool { return w.posts[i].ID < w.posts[j].ID })
	for i, d := range w.doctors {
		w.doctor[d.ID] = i
	}
	for i, p := range w.posts {
		w.post[p.ID] = i
	}
	for i, l := range run.Limits {
		w.limit[l.ID] = i
	}
	w.bundles = map[string][]string{}
	for _, b := range run.Bundles {
		w.bundles[b.ID] = b.Posts
	}
	w.above = make([][]int, len(w.posts))
	for i, p := range w.posts {
		for id := p.Within; id != ""; id = run.Limits[w.limit[id]].Within {
			w.above[i] = append(w.above[i], w.limit[id])
		}
	}
	w.counted()
	w.wishes = make([][]wish, len(w.doctors))
	for d := range w.doctors {
		w.wishes[d] = w.spell(d)
	}
	w.pairs()
	w.usable = make([][]wish, len(w.doctors))
	for d := range w.doctors {
		w.usable[d] = w.able(d)
	}
	return w
}

func (w *world) counted() {
	w.cross, w.person = make([][]bool, len(w.run.Limits)), make([][]bool, len(w.run.Limits))
	for i, l := range w.run.Limits {
		if !l.Crossing {
			continue
		}
		w.crossing = append(w.crossing, i)
		w.cross[i], w.person[i] = make([]bool, len(w.posts)), make([]bool, len(w.doctors))
	}
	for p, post := range w.posts {
		for _, id := range post.Counts {
			w.cross[w.limit[id]][p] = true
		}
	}
	for d, doctor := range w.doctors {
		for _, id := range doctor.Counts {
			w.person[w.limit[id]][d] = true
		}
	}
}

// spell writes a list out, each bundle as its posts.
func (w *world) spell(d int) []wish {
	var out []wish
	seen := map[int]bool{}
	for i, id := range w.doctors[d].Choices {
		posts, isBundle := w.bundles[id]
		if !isBundle {
			posts = []string{id}
		}
		for _, p := range posts {
			if post := w.post[p]; !seen[post] {
				seen[post] = true
				out = append(out, wish{post: post, choice: i + 1})
			}
		}
	}
	return out
}

func (w *world) everyListed(d int) []wish { return w.wishes[d] }

// listed is the choice at which a doctor listed a post; 0 for not at all.
func (w *world) listed(d, post int) int {
	for _, o := range w.wishes[d] {
		if o.post == post {
			return o.choice
		}
	}
	return 0
}

// miles is the distance, -1 where the run does not tell.
func (w *world) miles(d, post int) int {
	doctor, p := w.doctors[d], w.posts[post]
	if m, ok := doctor.Travel[p.ID]; ok {
		return m
	}
	if doctor.Home == nil || p.At == nil {
		return -1
	}
	east, north := big.NewInt(int64(doctor.Home.East-p.At.East)), big.NewInt(int64(doctor.Home.North-p.At.North))
	square := new(big.Int).Add(east.Mul(east, east), north.Mul(north, north))
	metres := square.Sqrt(square).Int64()
	whole, rest := metres*1000/1609344, metres*1000%1609344
	if rest*2 >= 1609344 {
		whole++
	}
	return int(whole)
}

// barred says why a doctor cannot have a post; empty when they can.
func (w *world) barred(d, post int) string {
	doctor, id := w.doctors[d], w.posts[post].ID
	for _, r := range doctor.Refused {
		if r.Post == id {
			return "the rule " + r.Rule + " forbids it."
		}
	}
	for _, n := range doctor.NotAcceptable {
		if n == id {
			return "they said they would not take it."
		}
	}
	if doctor.TravelLimit > 0 && w.miles(d, post) > doctor.TravelLimit {
		return "it is beyond their travel limit."
	}
	if area := w.area[d]; area != "" && !slices.Contains(w.above[post], w.limit[area]) {
		return "it lies outside the area of their linked pair."
	}
	return ""
}

// able gives the wishes that nothing bars, in a strict order.
func (w *world) able(d int) []wish {
	var out []wish
	for _, o := range w.wishes[d] {
		if w.barred(d, o.post) == "" {
			o.miles, o.drawn = max(0, w.miles(d, o.post)), w.drawn(d, o.post)
			out = append(out, o)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.choice != b.choice {
			return a.choice < b.choice
		}
		if a.miles != b.miles {
			return a.miles < b.miles
		}
		return a.drawn < b.drawn
	})
	return out
}

// pairs finds the area of each linked pair.
func (w *world) pairs() {
	areas := map[int]string{}
	for _, pair := range w.run.Linked {
		a, b := w.doctor[pair.Doctors[0]], w.doctor[pair.Doctors[1]]
		area := pair.Area
		if area == "" {
			area = w.choose(a, b)
		}
		areas[a], areas[b] = area, area
	}
	w.area = areas
}

func (w *world) choose(a, b int) string {
	first := func(d int, area int) int {
		best := 0
		for _, o := range w.able(d) {
			if slices.Contains(w.above[o.post], area) && (best == 0 || o.choice < best) {
				best = o.choice
			}
		}
		return best
	}
	chosen, worst, sum := "", 0, 0
	for i, l := range w.run.Limits {
		if l.Crossing || l.Within != "" {
			continue
		}
		x, y := first(a, i), first(b, i)
		if x == 0 || y == 0 {
			continue
		}
		m, s := max(x, y), x+y
		if chosen == "" || m < worst || m == worst && (s < sum || s == sum && l.ID < chosen) {
			chosen, worst, sum = l.ID, m, s
		}
	}
	return chosen
}

// drawn is the draw number of a doctor and a post; post -1 for a doctor alone.
func (w *world) drawn(d, post int) int64 {
	text := string(w.run.Seed) + "\n" + w.doctors[d].ID
	if post >= 0 {
		text += "\n" + w.posts[post].ID
	}
	sum := sha256.Sum256([]byte(text))
	return int64(sum[0])<<32 | int64(sum[1])<<24 | int64(sum[2])<<16 | int64(sum[3])<<8 | int64(sum[4])
}

func (w *world) waited(d int) int64 {
	since := w.doctors[d].WaitingSince
	if since.IsZero() {
		return 0
	}
	return int64(max(0, since.DaysUntil(w.run.AsOf)))
}

func (w *world) name(post int) string {
	if post < 0 {
		return "no post"
	}
	return "post " + w.posts[post].ID
}

// tally counts placements by post and by limit.
func (w *world) tally(given []int) (posts, limits []int) {
	posts, limits = make([]int, len(w.posts)), make([]int, len(w.run.Limits))
	for d, p := range given {
		if p < 0 {
			continue
		}
		posts[p]++
		for _, l := range w.above[p] {
			limits[l]++
		}
		for _, id := range w.posts[p].Counts {
			limits[w.limit[id]]++
		}
		for _, id := range w.doctors[d].Counts {
			if l := w.limit[id]; !w.cross[l][p] {
				limits[l]++
			}
		}
	}
	return posts, limits
}

func (w *world) aims() []string {
	if len(w.run.Aims) > 0 {
		return w.run.Aims
	}
	return runfile.DefaultAims()
}

func (w *world) profile(given []int) []int {
	out := []int{}
	for d, p := range given {
		if p < 0 {
			continue
		}
		c := w.listed(d, p)
		for len(out) < c {
			out = append(out, 0)
		}
		if c > 0 {
			out[c-1]++
		}
	}
	return out
}

// levels is what an allocation comes to by each aim.
func (w *world) levels(given []int) []runfile.Level {
	var out []runfile.Level
	for _, aim := range w.aims() {
		l := runfile.Level{Aim: aim}
		for d, p := range given {
			switch {
			case p < 0 && aim == runfile.AimPriority && w.doctors[d].Priority:
				l.Value++
			case p < 0 && aim == runfile.AimWaiting:
				l.Value += w.waited(d)
			case p < 0:
			case aim == runfile.AimFilled:
				l.Value++
			case aim == runfile.AimTravel:
				l.Value += int64(max(0, w.miles(d, p)))
			case aim == runfile.AimGenerous || aim == runfile.AimGreedy:
				l.Value += int64(w.listed(d, p))
			case aim == runfile.AimDraw && w.doctors[d].Pinned == "":
				l.Value += w.drawn(d, p)
			}
		}
		if aim == runfile.AimGenerous || aim == runfile.AimGreedy {
			l.Profile = w.profile(given)
		}
		out = append(out, l)
	}
	return out
}
