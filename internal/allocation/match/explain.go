package match

import (
	"fmt"
	"slices"

	"msw/internal/allocation/runfile"
)

// teller writes the sentences of one outcome.
type teller struct {
	in      *Instance
	out     *Outcome
	byPost  []int32 // doctors in each post
	byLimit []int32 // under each limit
	byCross []int   // counting to each crossing limit
	listed  [][]int32
	rest    *residual
	place   []int32 // in the order of the comparison rules
	options []int32 // by doctor of the post in hand, scratch
}

func (in *Instance) tell(out *Outcome) *teller {
	t := &teller{in: in, out: out, byPost: make([]int32, len(in.places)), byLimit: make([]int32, len(in.limits)), byCross: make([]int, len(in.cross)), listed: make([][]int32, len(in.places))}
	for d, p := range out.Given {
		if p < 0 {
			continue
		}
		t.byPost[p]++
		for c := range t.byCross {
			if in.counted(int32(d), p, c) {
				t.byCross[c]++
			}
		}
		for at := in.within[p]; at >= 0; at = in.limits[at].parent {
			t.byLimit[at]++
		}
	}
	for d := range int32(len(out.Given)) {
		in.each(d, func(post, choice int32) { t.listed[post] = append(t.listed[post], d) })
	}
	switch {
	case out.flow != nil:
		t.rest = newResidual(out.flow, out.Given)
	case in.rule == runfile.Informed:
		t.place = places(in.byTicket(), len(out.Given))
	case in.rule == runfile.Priority:
		t.place = places(in.byPriority(), len(out.Given))
	}
	return t
}

func places(order []int32, n int) []int32 {
	out := make([]int32, n)
	for i, d := range order {
		out[d] = int32(i)
	}
	return out
}

// doctors explains the outcome to each doctor, in order.
func (t *teller) doctors() []runfile.Explanation {
	in := t.in
	out := make([]runfile.Explanation, len(in.pinned))
	wanted := make([][]int32, len(in.places)) // doctors who would rather have the post
	for d := range int32(len(out)) {
		e := &out[d]
		e.Doctor, e.Better = in.run.Doctors[d].ID, []runfile.Why{}
		got := t.out.Given[d]
		if got >= 0 {
			e.Post, e.Choice = in.run.Posts[got].ID, int(in.choiceOf(d, got))
		}
		e.Sentence = t.headline(d, e)
		if !in.free(d) {
			continue
		}
		in.each(d, func(post, choice int32) {
			if got >= 0 && int(choice) >= e.Choice {
				return
			}
			w := runfile.Why{Choice: int(choice), Post: in.run.Posts[post].ID}
			if w.Code, w.Sentence = in.forbids(d, post, in.miles(d, post)); w.Code == "" {
				wanted[post] = append(wanted[post], d)
			}
			e.Better = append(e.Better, w)
		})
	}
	for p, list := range wanted {
		t.compare(int32(p), list, out)
	}
	for d, p := range t.out.Given {
		switch {
		case p >= 0:
		case t.rest != nil:
			t.change(int32(d), &out[d])
		default:
			out[d].Binds = t.full(int32(d))
		}
	}
	return out
}

// headline is the sentence everybody reads first.
func (t *teller) headline(d int32, e *runfile.Explanation) string {
	list := len(t.in.run.Doctors[d].Choices)
	switch {
	case !t.in.free(d):
		return t.in.postWords(t.out.Given[d]) + " was set aside for you before the round by the panel."
	case e.Post != "" && e.Choice == 1:
		return "You have your first choice, " + t.in.postWords(t.out.Given[d]) + "."
	case e.Post != "":
		return fmt.Sprintf("You have your %s choice of %d, %s.", ordinal(e.Choice), list, t.in.postWords(t.out.Given[d]))
	case list == 0:
		return "You are without a post in this round, since your list was empty."
	case t.in.start[d] == t.in.start[d+1]:
		return "You are without a post in this round: none of the posts on your list could be given to you, for the reasons below."
	}
	return fmt.Sprintf("You are without a post in this round. %s on your list could be given to you; below is why each was not.", capital(count(int(t.in.start[d+1]-t.in.start[d]), "post")))
}

// compare fills in, for everybody who would rather have one post, why not.
func (t *teller) compare(p int32, doctors []int32, out []runfile.Explanation) {
	if len(doctors) == 0 {
		return
	}
	prefix := t.taken(p)
	if t.rest != nil && !t.out.flow.closed[p] {
		var targets []int32
		for _, d := range doctors {
			targets = append(targets, t.home(d))
		}
		t.rest.from(t.out.flow.post0+p, targets)
	}
	for _, d := range doctors {
		for i := range out[d].Better {
			if w := &out[d].Better[i]; w.Code == "" && w.Post == t.in.run.Posts[p].ID {
				w.Code, w.Sentence = t.why(d, p, prefix)
			}
		}
	}
}

// home is the node to which a doctor's present place would be given back.
func (t *teller) home(d int32) int32 {
	if got := t.out.Given[d]; got >= 0 {
		return t.out.flow.post0 + got
	}
	return 0
}

// taken says what stands in the way of a post: itself or a limit above it.
func (t *teller) taken(p int32) string {
	in := t.in
	total := in.run.Posts[p].Places
	if total == 0 {
		return "It has no places."
	}
	if int(t.byPost[p]) >= total {
		return "Its " + count(total, "place") + " went to others."
	}
	for at := in.within[p]; at >= 0 && in.limits[at].id >= 0; at = in.limits[at].parent {
		if l := in.run.Limits[in.limits[at].id]; l.AtMost != nil && int(t.byLimit[at]) >= *l.AtMost {
			return fmt.Sprintf("%s, and %s is full: %d of %d.", t.filled(p), limitName(l), t.byLimit[at], *l.AtMost)
		}
	}
	return t.filled(p) + "."
}

// filled is how many of a post's places are filled while there is room left.
func (t *teller) filled(p int32) string {
	n, total := int(t.byPost[p]), t.in.run.Posts[p].Places
	switch {
	case total == 1:
		return "Its 1 place is not filled"
	case n == 1:
		return "1 of its " + count(total, "place") + " is filled"
	}
	return thousands(n) + " of its " + count(total, "place") + " are filled"
}

// why is the sentence on one post that one doctor would rather have.
func (t *teller) why(d, p int32, prefix string) (code, sentence string) {
	in := t.in
	switch {
	case in.rule == runfile.Ranked:
		return t.ranked(d, p, prefix)
	case t.place != nil:
		return CodeAhead, sentences(prefix, t.queue(d, p))
	case t.rest == nil:
		return t.priced(d, p, prefix)
	case t.out.flow.closed[p]:
		return CodeNoPlace, prefix
	}
	f, home := t.out.flow, t.home(d)
	if t.rest.done[home] != settled {
		return CodeNoPlace, prefix
	}
	k := in.start[d]
	for in.options[k].post != p {
		k++
	}
	copy(t.rest.sum, t.rest.dist[int(home)*t.rest.width:])
	t.rest.add(k, true)
	for i := range f.stages {
		if t.rest.sum[i] == 0 {
			continue
		}
		for j, change := range unpack(f.stages[i].pack, t.rest.sum[i]) {
			if change != 0 {
				return t.worse(f.stages[i].pack[j], change, prefix)
			}
		}
	}
	return runfile.AimDraw, sentences(prefix, "All else was equal, and the draw decided.")
}

// worse is the sentence on the first aim that would suffer.
func (t *teller) worse(s step, change int64, prefix string) (code, sentence string) {
	if s.aim == runfile.AimDraw {
		return s.aim, sentences(prefix, "Giving you one would be just as good by every other aim, and the draw ("+t.letter(s.aim)+") decided.")
	}
	if s.aim == floors {
		return s.aim, sentences(prefix, "Giving you one would "+s.words(change)+".")
	}
	return s.aim, sentences(prefix, "Giving you one would "+s.words(change)+" (rule "+t.letter(s.aim)+").")
}

func (t *teller) letter(aim string) string {
	return string(rune('a' + slices.Index(t.in.aims, aim)))
}

// queue says where a doctor stood among those who listed a post.
func (t *teller) queue(d, p int32) string {
	ahead := 0
	for _, other := range t.listed[p] {
		if t.in.free(other) && t.place[other] < t.place[d] {
			ahead++
		}
	}
	where := fmt.Sprintf("You stood at place %s of the %s who listed it", thousands(ahead+1), thousands(len(t.listed[p])))
	if t.in.rule == runfile.Informed {
		return where + ", by the draw; those for whom it was the first choice went before all others."
	}
	return where + ", by priority class, then waiting time, then the draw."
}

// ranked is the sentence where hosts ranked.
func (t *teller) ranked(d, p int32, prefix string) (code, sentence string) {
	in := t.in
	k := slices.IndexFunc(in.of(d), func(o option) bool { return o.post == p })
	if k < 0 {
		return CodeNotRanked, "The host did not rank you, and takes only doctors it ranked."
	}
	if t.byPost[p] < int32(in.run.Posts[p].Places) {
		return CodeAhead, sentences(prefix, "Everybody under that limit stands higher with their host, or as high and before you in the draw.")
	}
	return CodeAhead, sentences(prefix, "Each of them stands higher in the host's ranking, or as high and before you in the draw.")
}

// priced is the sentence where crossing limits were in play.
func (t *teller) priced(d, p int32, prefix string) (code, sentence string) {
	if t.byPost[p] < int32(t.in.run.Posts[p].Places) {
		for c := range t.in.cross {
			if text := t.crossing(d, p, c); text != "" {
				prefix = sentences(prefix, text)
			}
		}
	}
	if t.out.bound != nil && t.out.bound.Gap == "" {
		return "limits", sentences(prefix, "Every allocation that gives you one breaks a limit or is worse by the published aims.")
	}
	return "limits", sentences(prefix, "No better allocation that gives you one was found with the limits that cut across hosts kept.")
}

// crossing says how a crossing limit stands in the way of a placement, or
// nothing.
func (t *teller) crossing(d, p int32, c int) string {
	limit := t.in.run.Limits[t.in.cross[c].id]
	n := t.byCross[c]
	counts := t.in.counted(d, p, c)
	switch {
	case counts && limit.AtMost != nil && n >= *limit.AtMost:
		return fmt.Sprintf("%s is full: %d of %d.", capital(limitName(limit)), n, *limit.AtMost)
	case !counts && limit.AtLeast > 0 && n <= limit.AtLeast:
		return fmt.Sprintf("%s must have at least %d and has %d.", capital(limitName(limit)), limit.AtLeast, n)
	}
	return ""
}

// full lists what is full above the posts a doctor could be given: the
// narrowest for each, where no exchange was priced.
func (t *teller) full(d int32) []string {
	var out []string
	add := func(id string) {
		if !slices.Contains(out, id) && len(out) < mostChanges {
			out = append(out, id)
		}
	}
	for _, o := range t.in.of(d) {
		if int(t.byPost[o.post]) >= t.in.run.Posts[o.post].Places {
			add(t.in.run.Posts[o.post].ID)
			continue
		}
		for at := t.in.within[o.post]; at >= 0 && t.in.limits[at].id >= 0; at = t.in.limits[at].parent {
			if l := t.in.run.Limits[t.in.limits[at].id]; l.AtMost != nil && int(t.byLimit[at]) >= *l.AtMost {
				add(l.ID)
				break
			}
		}
	}
	return out
}
