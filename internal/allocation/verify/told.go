package verify

import (
	"fmt"
	"slices"

	"msw/internal/allocation/runfile"
)

// told is what everybody should read of an allocation that holds: each
// sentence, with its numbers, is worked out again and compared.
type told struct {
	*check
	w             *world
	posts, limits []int // doctors by post and by limit
	listed        [][]int
	said          []runfile.Explanation // by doctor
	pinned        []int                 // pinned doctors by post, and by limit
	under         []int
	place         []int // by doctor, in the order of the comparison rules
	priced        bool  // crossing limits were in play
	walks         *walks
}

// numbers compares every sentence of the result with what it should say.
func (c *check) numbers() {
	w := c.world
	t := &told{check: c, w: w, listed: make([][]int, len(w.posts)), said: make([]runfile.Explanation, len(w.doctors))}
	pinned := slices.Clone(c.given)
	for d := range pinned {
		if w.doctors[d].Pinned == "" {
			pinned[d] = -1
		}
	}
	t.pinned, t.under = w.tally(pinned)
	t.posts, t.limits = w.tally(c.given)
	for d := range w.wishes {
		for _, o := range w.wishes[d] {
			t.listed[o.post] = append(t.listed[o.post], d)
		}
	}
	switch c.result.Rule {
	case runfile.Flow:
		if t.priced = c.result.Bound != nil && len(c.result.Bound.Multipliers) > 0; !t.priced {
			t.walks = newWalks(w, c.given)
		}
	case runfile.Informed, runfile.Priority:
		t.place = w.places(c.result.Rule)
	}
	t.doctors()
	t.hosts()
	t.pairs()
}

// says compares a sentence.
func (t *told) says(where, got, want string) {
	if got != want {
		t.wrong("%s says %q, and it should be %q.", where, got, want)
	}
}

func (t *told) doctors() {
	wanted := map[int][]int{} // by post: those who would rather have it
	for _, e := range t.result.Explanations {
		d := t.w.doctor[e.Doctor]
		t.said[d] = e
		where := "The explanation of doctor " + e.Doctor
		t.says(where, e.Sentence, t.headline(d))
		if p := t.given[d]; p >= 0 && e.Choice != t.w.listed(d, p) {
			t.wrong("%s names choice %d.", where, e.Choice)
		}
		for _, why := range e.Better {
			p := t.w.post[why.Post]
			if choice := t.w.listed(d, p); why.Choice != choice {
				t.wrong("%s calls post %s choice %d, and it is %d.", where, why.Post, why.Choice, choice)
			}
			if t.w.barred(d, p) == "" {
				wanted[p] = append(wanted[p], d)
				continue
			}
			code, sentence := t.barrier(d, p)
			t.says(where+", of post "+why.Post+", by its code,", why.Code, code)
			t.says(where+", of post "+why.Post, why.Sentence, sentence)
		}
		t.ways(where, d, e)
	}
	for p := range t.w.posts {
		t.compare(p, wanted[p])
	}
}

// compare checks what those are told who would rather have one post.
func (t *told) compare(p int, doctors []int) {
	if len(doctors) == 0 {
		return
	}
	if t.walks != nil && !t.shut(p) {
		t.walks.from(p, doctors)
	}
	for _, d := range doctors {
		e := t.said[d]
		for _, why := range e.Better {
			if why.Post != t.w.posts[p].ID {
				continue
			}
			code, sentence := t.why(d, p)
			where := "The explanation of doctor " + e.Doctor + ", of post " + why.Post
			t.says(where+", by its code,", why.Code, code)
			t.says(where, why.Sentence, sentence)
		}
	}
}

func (t *told) headline(d int) string {
	doctor, p := t.w.doctors[d], t.given[d]
	switch {
	case doctor.Pinned != "":
		return t.postWords(p) + " was set aside for you before the round by the panel."
	case p >= 0 && t.w.listed(d, p) == 1:
		return "You have your first choice, " + t.postWords(p) + "."
	case p >= 0:
		return fmt.Sprintf("You have your %s choice of %d, %s.", ordinal(t.w.listed(d, p)), len(doctor.Choices), t.postWords(p))
	case len(doctor.Choices) == 0:
		return "You are without a post in this round, since your list was empty."
	case len(t.w.usable[d]) == 0:
		return "You are without a post in this round: none of the posts on your list could be given to you, for the reasons below."
	}
	return fmt.Sprintf("You are without a post in this round. %s on your list could be given to you; below is why each was not.", several(len(t.w.usable[d]), "post"))
}

// barrier is what keeps a doctor from a post before any comparison.
func (t *told) barrier(d, p int) (code, sentence string) {
	doctor, id := t.w.doctors[d], t.w.posts[p].ID
	for _, r := range doctor.Refused {
		if r.Post == id {
			return "refused", r.Sentence
		}
	}
	switch miles := t.w.miles(d, p); {
	case slices.Contains(doctor.NotAcceptable, id):
		return "not_acceptable", "You said that you would not take this post."
	case doctor.TravelLimit > 0 && miles > doctor.TravelLimit:
		return "too_far", fmt.Sprintf("It is %s from your home and your limit is %d.", several(miles, "mile"), doctor.TravelLimit)
	}
	return "outside_area", "It lies outside " + t.limitWords(t.w.limit[t.w.area[d]]) + ", where you and your linked partner are placed together."
}

// before is how full the post is, or what above it is full.
func (t *told) before(p int) string {
	post, n := t.w.posts[p], t.posts[p]
	switch {
	case post.Places == 0:
		return "It has no places."
	case n >= post.Places:
		return "Its " + several(post.Places, "place") + " went to others."
	}
	are := " are"
	if n == 1 {
		are = " is"
	}
	text := thousands(n) + " of its " + several(post.Places, "place") + are + " filled"
	if post.Places == 1 {
		text = "Its 1 place is not filled"
	}
	for _, l := range t.w.above[p] {
		if t.full(l) {
			return fmt.Sprintf("%s, and %s is full: %d of %d.", text, t.limitWords(l), t.limits[l], *t.run.Limits[l].AtMost)
		}
	}
	return text + "."
}

func (t *told) full(l int) bool {
	most := t.run.Limits[l].AtMost
	return most != nil && t.limits[l] >= *most
}

// shut tells whether a post cannot take anybody but pinned doctors.
func (t *told) shut(p int) bool {
	if t.w.posts[p].Places == 0 {
		return true
	}
	return t.pinned[p] >= t.w.posts[p].Places || slices.ContainsFunc(t.w.above[p], func(l int) bool {
		most := t.run.Limits[l].AtMost
		return most != nil && t.under[l] >= *most
	})
}

// why is what a doctor should read of a post that they would rather have.
func (t *told) why(d, p int) (code, sentence string) {
	before := t.before(p)
	switch {
	case t.result.Rule == runfile.Ranked:
		return t.byRanking(d, p, before)
	case t.place != nil:
		return "ahead", before + " " + t.queue(d, p)
	case t.priced:
		return "limits", t.crossing(d, p, before)
	case t.shut(p):
		return "no_place", before
	}
	change, found := t.walks.change(d, p)
	if !found {
		return "no_place", before
	}
	for i, v := range change {
		if v != 0 {
			return t.walks.steps[i].aim, before + " " + t.worse(t.walks.steps[i], v)
		}
	}
	return runfile.AimDraw, before + " All else was equal, and the draw decided."
}

// worse says which aim would suffer, and by how much.
func (t *told) worse(s step, by int64) string {
	rule := string(rune('a' + slices.Index(t.w.aims(), s.aim)))
	n, text := int(by), ""
	switch s.aim {
	case runfile.AimDraw:
		return "Giving you one would be just as good by every other aim, and the draw (" + rule + ") decided."
	case floors:
		return fmt.Sprintf("Giving you one would leave a floor short by %d.", by)
	case runfile.AimFilled:
		text = "leave " + several(n, "more doctor") + " without a post"
	case runfile.AimPriority:
		text = "leave " + several(n, "more doctor") + " of the priority class without a post"
	case runfile.AimGenerous:
		text = "leave the round with " + several(n, "more doctor") + " at their " + ordinal(s.choice) + " choice, and no fewer at a worse one"
	case runfile.AimGreedy:
		text = "give " + several(n, "doctor") + " fewer their " + ordinal(s.choice) + " choice"
	case runfile.AimTravel:
		text = "make everybody's journeys together " + several(n, "mile") + " longer"
	case runfile.AimWaiting:
		text = "leave doctors without a post who have together waited " + several(n, "more day")
	}
	return "Giving you one would " + text + " (rule " + rule + ")."
}

// queue is where a doctor stood among those who listed a post.
func (t *told) queue(d, p int) string {
	at := 1
	for _, other := range t.listed[p] {
		if t.w.doctors[other].Pinned == "" && t.place[other] < t.place[d] {
			at++
		}
	}
	text := fmt.Sprintf("You stood at place %s of the %s who listed it", thousands(at), thousands(len(t.listed[p])))
	if t.result.Rule == runfile.Informed {
		return text + ", by the draw; those for whom it was the first choice went before all others."
	}
	return text + ", by priority class, then waiting time, then the draw."
}

func (t *told) byRanking(d, p int, before string) (code, sentence string) {
	if !slices.ContainsFunc(t.w.usable[d], func(o wish) bool { return o.post == p }) {
		return "not_ranked", "The host did not rank you, and takes only doctors it ranked."
	}
	if t.posts[p] < t.w.posts[p].Places {
		return "ahead", before + " Everybody under that limit stands higher with their host, or as high and before you in the draw."
	}
	return "ahead", before + " Each of them stands higher in the host's ranking, or as high and before you in the draw."
}

func (t *told) crossing(d, p int, before string) string {
	if t.posts[p] < t.w.posts[p].Places {
		for _, l := range t.w.crossing {
			limit, counts := t.run.Limits[l], t.w.cross[l][p] || t.w.person[l][d]
			if counts && t.full(l) {
				before += fmt.Sprintf(" %s is full: %d of %d.", capital(t.limitWords(l)), t.limits[l], *limit.AtMost)
			} else if !counts && limit.AtLeast > 0 && t.limits[l] <= limit.AtLeast {
				before += fmt.Sprintf(" %s must have at least %d and has %d.", capital(t.limitWords(l)), limit.AtLeast, t.limits[l])
			}
		}
	}
	if t.result.Bound.Gap == "" {
		return before + " Every allocation that gives you one breaks a limit or is worse by the published aims."
	}
	return before + " No better allocation that gives you one was found with the limits that cut across hosts kept."
}

// ways checks what somebody without a post is told binds, and would change it.
func (t *told) ways(where string, d int, e runfile.Explanation) {
	if t.given[d] >= 0 {
		if len(e.Binds)+len(e.Change) > 0 {
			t.wrong("%s tells somebody who has a post what would change it.", where)
		}
		return
	}
	for _, id := range e.Binds {
		if p, is := t.w.post[id]; is && t.posts[p] >= t.w.posts[p].Places {
			continue
		}
		if l, is := t.w.limit[id]; !is || !t.full(l) {
			t.wrong("%s says that %q binds, and it has room.", where, id)
		}
	}
	for _, text := range e.Change {
		if !t.true(d, e, text) {
			t.wrong("%s says %q, and that is not so.", where, text)
		}
	}
}

// true tells whether one more place, or a longer way, would do what is said.
func (t *told) true(d int, e runfile.Explanation, text string) bool {
	if t.walks == nil {
		return false
	}
	for _, id := range e.Binds {
		node, name := 0, ""
		if p, is := t.w.post[id]; is {
			node, name = p, "in "+lower(t.postWords(p))
		} else {
			node, name = len(t.w.posts)+t.w.limit[id], "under "+t.limitWords(t.w.limit[id])
		}
		for _, o := range t.w.usable[d] {
			if text == fmt.Sprintf("With one more place %s you could have your %s choice, %s, and nobody would lose a post.", name, ordinal(o.choice), t.postWords(o.post)) {
				return t.walks.open(o.post, node)
			}
		}
	}
	for _, o := range t.w.wishes[d] {
		if code, _ := t.barrier(d, o.post); t.w.barred(d, o.post) == "" || code != "too_far" {
			continue
		}
		if text == fmt.Sprintf("With a travel limit of %s in place of %d you could have your %s choice, %s, and nobody would lose a post.",
			several(t.w.miles(d, o.post), "mile"), t.w.doctors[d].TravelLimit, ordinal(o.choice), t.postWords(o.post)) {
			return t.walks.open(o.post, -1)
		}
	}
	return false
}

// hosts checks each post's story.
func (t *told) hosts() {
	if len(t.result.Posts) != len(t.w.posts) {
		t.wrong("posts: %d of %d hosts are told.", len(t.result.Posts), len(t.w.posts))
	}
	seen := map[string]bool{}
	for i, got := range t.result.Posts {
		p, known := t.w.post[got.Post]
		if !known || seen[got.Post] {
			t.wrong("posts[%d]: post %q is not in the run, or told twice.", i, got.Post)
			continue
		}
		seen[got.Post] = true
		if want := t.host(p); got != want {
			t.wrong("The story of post %s is %+v, and should be %+v.", got.Post, got, want)
		}
	}
}

func (t *told) host(p int) runfile.PostStory {
	s := runfile.PostStory{Post: t.w.posts[p].ID, Places: t.w.posts[p].Places, Filled: t.posts[p], Listed: len(t.listed[p])}
	better, other := 0, 0
	for _, d := range t.listed[p] {
		got, pinned := t.given[d], t.w.doctors[d].Pinned != ""
		if pinned && got != p || !pinned && !slices.ContainsFunc(t.w.usable[d], func(o wish) bool { return o.post == p }) {
			s.Refused++
			continue
		}
		switch {
		case got == p || got < 0:
		case pinned || t.w.listed(d, got) < t.w.listed(d, p):
			better++
		default:
			other++
		}
	}
	left := several(s.Places-s.Filled, "place") + " left"
	switch {
	case s.Places == 0:
		s.Sentence = "This post has no places."
		return s
	case s.Places == s.Filled:
		s.Sentence = fmt.Sprintf("All filled: %s for %s who listed it.", several(s.Places, "place"), several(s.Listed, "doctor"))
		return s
	case s.Listed == 0:
		s.Sentence = left + ": nobody listed it."
		return s
	}
	for _, l := range t.w.above[p] {
		if t.full(l) {
			s.Sentence = fmt.Sprintf("%s: %s takes no more, %d of %d.", left, t.limitWords(l), t.limits[l], *t.run.Limits[l].AtMost)
			return s
		}
	}
	if s.Refused == s.Listed {
		who := "the one doctor"
		if s.Listed > 1 {
			who = "all " + thousands(s.Listed) + " doctors"
		}
		s.Sentence = left + ": " + who + " who listed it could not be given it, by a rule or by distance."
		return s
	}
	s.Sentence = fmt.Sprintf("%s: of %s who listed it, %d could be given it and %d got it.", left, several(s.Listed, "doctor"), s.Listed-s.Refused, s.Filled)
	if better > 0 {
		s.Sentence += fmt.Sprintf(" %d got a post they wanted more.", better)
	}
	if other > 0 {
		s.Sentence += fmt.Sprintf(" %d got another, since that is better for all by the aims.", other)
	}
	return s
}

// pairs checks what linked doctors are told.
func (t *told) pairs() {
	if len(t.result.Linked) != len(t.run.Linked) {
		t.wrong("linked: %d of %d pairs are told.", len(t.result.Linked), len(t.run.Linked))
		return
	}
	for i, got := range t.result.Linked {
		a, known := t.w.doctor[got.Doctors[0]]
		b, both := t.w.doctor[got.Doctors[1]]
		if !known || !both {
			t.wrong("linked[%d] names somebody who is not in the run.", i)
			continue
		}
		where := "the whole round"
		if area := t.w.area[a]; area != "" {
			where = t.limitWords(t.w.limit[area])
		}
		want := runfile.PairStory{Doctors: got.Doctors, Area: t.w.area[a], Back: t.given[a] < 0 || t.given[b] < 0, Sentence: "Both have a post in " + where + "."}
		if want.Back {
			want.Sentence = "At least one of the two is without a post, so both return to the panel."
		}
		if got != want {
			t.wrong("linked[%d] is %+v, and should be %+v.", i, got, want)
		}
	}
}
