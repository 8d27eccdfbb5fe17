package match

import (
	"fmt"

	"msw/internal/allocation/runfile"
	"msw/internal/problem"
)

// Evaluation is what an allocation made by hand comes to: the price tag on a
// move.
type Evaluation struct {
	Objective []runfile.Level
	Broken    []string // limits and rules it breaks, as sentences; empty when none
}

// Evaluate judges placements that no rule made, as after a named move. Doctors
// who are not named are without a post; pinned ones stay where they are.
func Evaluate(run *runfile.Run, placements []runfile.Placement) (*Evaluation, error) {
	in, err := Prepare(run, runfile.Flow)
	if err != nil {
		return nil, err
	}
	given := make([]int32, len(in.pinned))
	copy(given, in.pinned)
	e := &Evaluation{}
	for _, p := range placements {
		d, ok := in.known.Doctors[p.Doctor]
		post, ok2 := in.known.Posts[p.Post]
		if !ok || !ok2 {
			return nil, problem.New(problem.Invalid, fmt.Sprintf("The run has no doctor %q or no post %q.", p.Doctor, p.Post))
		}
		if given[d] >= 0 && given[d] != post {
			e.Broken = append(e.Broken, p.Doctor+" is given two posts, or moved from a pinned one.")
			continue
		}
		given[d] = post
		if !in.free(d) {
			continue
		}
		if code, sentence := in.forbids(d, post, in.miles(d, post)); code != "" {
			e.Broken = append(e.Broken, p.Doctor+" in "+lower(in.postWords(post))+": "+sentence)
		} else if in.choiceOf(d, post) == 0 {
			e.Broken = append(e.Broken, p.Doctor+" did not list "+lower(in.postWords(post))+".")
		}
	}
	e.Broken = append(e.Broken, in.over(given)...)
	e.Objective = in.levels(given)
	return e, nil
}

// over says which limits and floors an allocation breaks.
func (in *Instance) over(given []int32) []string {
	var broken []string
	posts, limits, cross := make([]int32, len(in.places)), make([]int32, len(in.limits)), make([]int32, len(in.cross))
	for d, p := range given {
		if p < 0 || !in.free(int32(d)) {
			continue
		}
		posts[p]++
		for at := in.within[p]; at >= 0; at = in.limits[at].parent {
			limits[at]++
		}
		for c := range cross {
			if in.counted(int32(d), p, c) {
				cross[c]++
			}
		}
	}
	say := func(name string, n, most, least int32) {
		if n > most {
			broken = append(broken, fmt.Sprintf("%s takes %d too many.", capital(name), n-most))
		}
		if n < least {
			broken = append(broken, fmt.Sprintf("%s falls %d short of its floor.", capital(name), least-n))
		}
	}
	for p, n := range posts {
		say(in.postWords(int32(p)), n, in.places[p], 0)
	}
	for i, l := range in.limits {
		say(in.limitWords(int32(i)), limits[i], l.most, l.least)
	}
	for i, c := range in.cross {
		say(limitName(in.run.Limits[c.id]), cross[i], c.most, c.least)
	}
	return broken
}

// counted tells whether a placement counts to a crossing limit.
func (in *Instance) counted(d, p int32, c int) bool {
	return (in.tags[0][d]|in.tags[1][p])>>c&1 == 1
}
