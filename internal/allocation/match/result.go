package match

import (
	"msw/internal/allocation/runfile"
)

// result writes an outcome down.
func (in *Instance) result(out *Outcome, build string) *runfile.Result {
	r := &runfile.Result{Format: 1, Run: in.run.ID, RunHash: in.run.Hash(), Rule: in.rule, RuleVersion: runfile.RuleVersion, Build: build,
		Placements: []runfile.Placement{}, Unplaced: []string{}, Objective: in.levels(out.Given), Bound: out.bound}
	for d, p := range out.Given {
		id := in.run.Doctors[d].ID
		if p < 0 {
			r.Unplaced = append(r.Unplaced, id)
			continue
		}
		r.Placements = append(r.Placements, runfile.Placement{Doctor: id, Post: in.run.Posts[p].ID, Choice: int(in.choiceOf(int32(d), p)),
			Travel: max(0, in.miles(int32(d), p)), Pinned: !in.free(int32(d))})
	}
	t := in.tell(out)
	r.Explanations, r.Posts, r.Linked = t.doctors(), t.posts(), t.pairs()
	r.Comparisons = in.compare(out.Given)
	if in.rule == runfile.Ranked {
		r.Stability = &runfile.Stability{BlockingPairs: in.blocking(out.Given)}
	}
	return r
}

// compare tells how this rule and the others do on the same run.
func (in *Instance) compare(given []int32) []runfile.Comparison {
	out := []runfile.Comparison{in.comparison(in.rule, given)}
	for _, rule := range []string{runfile.Informed, runfile.Priority} {
		if rule == in.rule {
			continue
		}
		other := in.informed
		if rule == runfile.Priority {
			other = in.priority
		}
		out = append(out, in.comparison(rule, other()))
	}
	return out
}

func (in *Instance) comparison(rule string, given []int32) runfile.Comparison {
	c := runfile.Comparison{Rule: rule, Profile: in.profile(given)}
	for d, p := range given {
		if p < 0 {
			continue
		}
		c.Filled++
		c.Travel += max(0, in.miles(int32(d), p))
	}
	for i, n := range c.Profile {
		if i == 0 {
			c.First += n
		}
		if i < 3 {
			c.TopThree += n
		}
		c.Ranks += (i + 1) * n
	}
	return c
}
