package match

import (
	"fmt"
	"slices"

	"msw/internal/allocation/runfile"
)

// mostChanges is how many ways out an unplaced doctor is told.
const mostChanges = 3

// change tells a doctor without a post which limits bind, and what one more
// place or some miles more would do. Each sentence holds for this outcome: a
// chain of moves shows it, in which nobody loses a post.
func (t *teller) change(d int32, e *runfile.Explanation) {
	in, f := t.in, t.out.flow
	r := t.rest
	seen := map[string]bool{}
	for _, u := range r.reach(d) {
		if u == 0 {
			continue
		}
		parent := f.net.to[f.up[u]]
		if !r.spared[parent] || r.room(u, f.up[u]) {
			continue
		}
		o := in.options[r.first[u]]
		name := t.nodeWords(u)
		if seen[name] || len(e.Change) == mostChanges {
			continue
		}
		seen[name] = true
		e.Binds = append(e.Binds, t.nodeID(u))
		e.Change = append(e.Change, fmt.Sprintf("With one more place %s you could have your %s choice, %s, and nobody would lose a post.", name, ordinal(int(o.choice)), t.in.postWords(o.post)))
	}
	if len(e.Binds) == 0 {
		e.Binds = t.cut(d)
	}
	t.further(d, e)
}

// further tells of posts beyond the travel limit that have room.
func (t *teller) further(d int32, e *runfile.Explanation) {
	in, best, miles := t.in, int32(-1), 0
	choice := int32(0)
	in.each(d, func(post, c int32) {
		m := in.miles(d, post)
		if code, _ := in.forbids(d, post, m); code != CodeTooFar || !t.rest.spared[t.out.flow.post0+post] {
			return
		}
		if best < 0 || m < miles {
			best, miles, choice = post, m, c
		}
	})
	if best >= 0 {
		e.Change = append(e.Change, fmt.Sprintf("With a travel limit of %s in place of %d you could have your %s choice, %s, and nobody would lose a post.",
			count(miles, "mile"), in.run.Doctors[d].TravelLimit, ordinal(int(choice)), in.postWords(best)))
	}
}

// cut gives the limits that hold a doctor back where raising any one of them
// is not enough.
func (t *teller) cut(d int32) []string {
	var out []string
	for _, u := range t.rest.reach(d) {
		if u == 0 {
			continue
		}
		if t.rest.first[t.out.flow.net.to[t.out.flow.up[u]]] < 0 && len(out) < mostChanges {
			out = append(out, t.nodeID(u))
		}
	}
	slices.Sort(out)
	return out
}

func (t *teller) nodeID(u int32) string {
	if u >= t.out.flow.post0 {
		return t.in.run.Posts[u-t.out.flow.post0].ID
	}
	return t.in.run.Limits[t.in.limits[u].id].ID
}

func (t *teller) nodeWords(u int32) string {
	if u >= t.out.flow.post0 {
		return "in " + lower(t.in.postWords(u-t.out.flow.post0))
	}
	return "under " + t.in.limitWords(u)
}

// lower takes the capital from "Post 9" without a name, and leaves names alone.
func lower(s string) string {
	if len(s) > 5 && s[:5] == "Post " {
		return "p" + s[1:]
	}
	return s
}

// posts tells each host how their post came out.
func (t *teller) posts() []runfile.PostStory {
	in := t.in
	out := make([]runfile.PostStory, len(in.places))
	for p := range int32(len(out)) {
		s := &out[p]
		s.Post, s.Places, s.Filled, s.Listed = in.run.Posts[p].ID, in.run.Posts[p].Places, int(t.byPost[p]), len(t.listed[p])
		wanted, elsewhere := 0, 0
		for _, d := range t.listed[p] {
			if !t.usable(d, p) {
				s.Refused++
				continue
			}
			got := t.out.Given[d]
			if got == p || got < 0 {
				continue
			}
			if elsewhere++; !in.free(d) || in.choiceOf(d, got) < in.choiceOf(d, p) {
				wanted++
			}
		}
		s.Sentence = t.postSentence(p, s, wanted, elsewhere)
	}
	return out
}

// usable tells whether a doctor who listed a post could be given it at all.
func (t *teller) usable(d, p int32) bool {
	if !t.in.free(d) {
		return t.out.Given[d] == p
	}
	return slices.ContainsFunc(t.in.of(d), func(o option) bool { return o.post == p })
}

func (t *teller) postSentence(p int32, s *runfile.PostStory, wanted, elsewhere int) string {
	empty := s.Places - s.Filled
	switch {
	case s.Places == 0:
		return "This post has no places."
	case empty == 0:
		return fmt.Sprintf("All filled: %s for %s who listed it.", count(s.Places, "place"), count(s.Listed, "doctor"))
	case s.Listed == 0:
		return capital(left(empty)) + ": nobody listed it."
	}
	for at := t.in.within[p]; at >= 0 && t.in.limits[at].id >= 0; at = t.in.limits[at].parent {
		if l := t.in.run.Limits[t.in.limits[at].id]; l.AtMost != nil && int(t.byLimit[at]) >= *l.AtMost {
			return fmt.Sprintf("%s: %s takes no more, %d of %d.", capital(left(empty)), limitName(l), t.byLimit[at], *l.AtMost)
		}
	}
	if s.Refused == s.Listed {
		return fmt.Sprintf("%s: %s who listed it could not be given it, by a rule or by distance.", capital(left(empty)), all(s.Listed))
	}
	text := fmt.Sprintf("%s: of %s who listed it, %d could be given it and %d got it.", capital(left(empty)), count(s.Listed, "doctor"), s.Listed-s.Refused, s.Filled)
	if wanted > 0 {
		text += fmt.Sprintf(" %d got a post they wanted more.", wanted)
	}
	if elsewhere > wanted {
		text += fmt.Sprintf(" %d got another, since that is better for all by the aims.", elsewhere-wanted)
	}
	return text
}

func left(n int) string { return count(n, "place") + " left" }

func all(n int) string {
	if n == 1 {
		return "the one doctor"
	}
	return fmt.Sprintf("all %s doctors", thousands(n))
}

// pairs tells what became of linked doctors.
func (t *teller) pairs() []runfile.PairStory {
	var out []runfile.PairStory
	for _, pair := range t.in.run.Linked {
		a, b := t.in.known.Doctors[pair.Doctors[0]], t.in.known.Doctors[pair.Doctors[1]]
		s := runfile.PairStory{Doctors: pair.Doctors, Back: t.out.Given[a] < 0 || t.out.Given[b] < 0}
		if area := t.in.areas[a]; area > 0 {
			s.Area = t.in.run.Limits[t.in.limits[area].id].ID
		}
		if s.Sentence = "Both have a post in " + t.in.limitWords(max(0, t.in.areas[a])) + "."; s.Back {
			s.Sentence = "At least one of the two is without a post, so both return to the panel."
		}
		out = append(out, s)
	}
	return out
}
