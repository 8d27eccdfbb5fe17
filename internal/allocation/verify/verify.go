// Package verify checks a result against its run file: that everybody stands
// once and on their own list, that every limit is kept, that the objective is
// what it says, that no exchange would be better by the rule, down to the draw,
// and that every sentence told to a doctor or a host is true, with its numbers.
//
// It is written apart from match, which it may not import: it reads the run
// file its own way and trusts nothing in the result. It never changes a result
// and does not look for a better one further than to say that there is one.
package verify

import (
	"fmt"
	"slices"

	"msw/internal/allocation/runfile"
)

// mostFaults is how many broken rules are told.
const mostFaults = 20

// check is one look at one result.
type check struct {
	run    *runfile.Run
	result *runfile.Result
	world  *world
	given  []int // post by doctor, -1 for none
	faults []string
}

// Check says which rules a result breaks; none means that it is right.
func Check(run *runfile.Run, result *runfile.Result) []string {
	if err := run.Check(); err != nil {
		return []string{"The run file itself is wrong: " + err.Error()}
	}
	c := &check{run: run, result: result, world: newWorld(run)}
	if result.Rule == runfile.Ranked {
		c.world.accepted()
	}
	c.heading()
	c.people()
	if len(c.faults) > 0 {
		return c.faults // nothing further can be trusted to mean anything
	}
	c.limits()
	c.objective()
	c.comparisons()
	c.stories()
	if len(c.faults) > 0 {
		return c.faults
	}
	switch result.Rule {
	case runfile.Flow:
		c.flow()
	case runfile.Ranked:
		c.ranked()
	case runfile.Informed:
		c.same(c.world.informed(), "preference-informed allocation")
	case runfile.Priority:
		c.same(c.world.priority(), "the priority pass")
	}
	if len(c.faults) == 0 { // what is told of a wrong allocation is wrong anyway
		c.numbers()
	}
	return c.faults
}

func (c *check) wrong(format string, args ...any) {
	if len(c.faults) < mostFaults {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

func (c *check) heading() {
	r := c.result
	if !slices.Contains(runfile.Rules(), r.Rule) {
		c.wrong("rule: there is no rule %q.", r.Rule)
	}
	if r.RuleVersion != runfile.RuleVersion {
		c.wrong("rule_version: the result was made by the rules as of %q, this program knows %q.", r.RuleVersion, runfile.RuleVersion)
	}
	if r.RunHash != c.run.Hash() {
		c.wrong("run_hash: the result was made from another run file.")
	}
}

// people checks that each doctor stands once, in a post they can have.
func (c *check) people() {
	w := c.world
	c.given = make([]int, len(w.doctors))
	seen := make([]bool, len(w.doctors))
	for d := range c.given {
		c.given[d] = -1
	}
	stand := func(id, where string) int {
		d, ok := w.doctor[id]
		if !ok {
			c.wrong("%s: the run has no doctor %q.", where, id)
			return -1
		}
		if seen[d] {
			c.wrong("%s: doctor %s stands twice.", where, id)
			return -1
		}
		seen[d] = true
		return d
	}
	for i, p := range c.result.Placements {
		where := fmt.Sprintf("placements[%d]", i)
		d := stand(p.Doctor, where)
		if d < 0 {
			continue
		}
		post, ok := w.post[p.Post]
		if !ok {
			c.wrong("%s: the run has no post %q.", where, p.Post)
			continue
		}
		c.given[d] = post
		c.placement(where, d, post, p)
	}
	for i, id := range c.result.Unplaced {
		if d := stand(id, fmt.Sprintf("unplaced[%d]", i)); d >= 0 && w.doctors[d].Pinned != "" {
			c.wrong("unplaced[%d]: doctor %s is pinned to a post.", i, id)
		}
	}
	for d, ok := range seen {
		if !ok {
			c.wrong("Doctor %s is neither placed nor unplaced.", w.doctors[d].ID)
		}
	}
}

func (c *check) placement(where string, d, post int, p runfile.Placement) {
	w := c.world
	pinned := w.doctors[d].Pinned
	if p.Pinned != (pinned != "") {
		c.wrong("%s: pinned is wrong for doctor %s.", where, p.Doctor)
	}
	choice := w.listed(d, post)
	switch {
	case pinned != "" && pinned != p.Post:
		c.wrong("%s: doctor %s is pinned to %s, not %s.", where, p.Doctor, pinned, p.Post)
	case pinned == "" && choice == 0:
		c.wrong("%s: doctor %s did not list post %s.", where, p.Doctor, p.Post)
	case pinned == "" && w.barred(d, post) != "":
		c.wrong("%s: doctor %s cannot have post %s: %s", where, p.Doctor, p.Post, w.barred(d, post))
	}
	if p.Choice != choice {
		c.wrong("%s: post %s is choice %d of doctor %s, not %d.", where, p.Post, choice, p.Doctor, p.Choice)
	}
	if miles := max(0, w.miles(d, post)); p.Travel != miles {
		c.wrong("%s: doctor %s travels %d miles to post %s, not %d.", where, p.Doctor, miles, p.Post, p.Travel)
	}
}

// limits checks places, nested and crossing limits, pinned doctors included.
func (c *check) limits() {
	w := c.world
	posts, limits := w.tally(c.given)
	for p, n := range posts {
		if n > w.posts[p].Places {
			c.wrong("Post %s has %d places and %d doctors.", w.posts[p].ID, w.posts[p].Places, n)
		}
	}
	for i, l := range c.run.Limits {
		if l.AtMost != nil && limits[i] > *l.AtMost {
			c.wrong("Limit %s: at most %d, and %d are placed.", l.ID, *l.AtMost, limits[i])
		}
		if c.result.Rule == runfile.Flow && limits[i] < l.AtLeast {
			c.wrong("Limit %s: at least %d, and %d are placed.", l.ID, l.AtLeast, limits[i])
		}
	}
}

// objective recomputes every aim.
func (c *check) objective() {
	want := c.world.levels(c.given)
	if len(want) != len(c.result.Objective) {
		c.wrong("objective: the run has %d aims, the result %d.", len(want), len(c.result.Objective))
		return
	}
	for i, l := range c.result.Objective {
		if letter := string(rune('a' + i)); l.Letter != letter {
			c.wrong("objective[%d]: it is rule %s, not %s.", i, letter, l.Letter)
		}
		if l.Aim != want[i].Aim {
			c.wrong("objective[%d]: the aim is %s, not %s.", i, want[i].Aim, l.Aim)
			continue
		}
		if l.Value != want[i].Value {
			c.wrong("objective[%d]: %s is %d, not %d.", i, l.Aim, want[i].Value, l.Value)
		}
		if !slices.Equal(l.Profile, want[i].Profile) {
			c.wrong("objective[%d]: the profile is %v, not %v.", i, want[i].Profile, l.Profile)
		}
	}
}

// comparisons recomputes how each rule does.
func (c *check) comparisons() {
	for i, got := range c.result.Comparisons {
		given := c.given
		switch {
		case got.Rule == c.result.Rule:
		case got.Rule == runfile.Informed:
			given = c.world.informed()
		case got.Rule == runfile.Priority:
			given = c.world.priority()
		default:
			continue
		}
		profile := c.world.profile(given)
		filled, travel, ranks, first, three := 0, 0, 0, 0, 0
		for d, p := range given {
			if p >= 0 {
				filled, travel = filled+1, travel+max(0, c.world.miles(d, p))
			}
		}
		for j, n := range profile {
			if ranks += (j + 1) * n; j == 0 {
				first = n
			}
			if j < 3 {
				three += n
			}
		}
		if travel != got.Travel || ranks != got.Ranks || first != got.First || three != got.TopThree {
			c.wrong("comparisons[%d]: %s gives %d a first choice and %d one of three, with choices adding up to %d and miles to %d; the result says otherwise.", i, got.Rule, first, three, ranks, travel)
		}
		if filled != got.Filled || !slices.Equal(profile, got.Profile) {
			c.wrong("comparisons[%d]: %s fills %d with the profile %v, not %d with %v.", i, got.Rule, filled, profile, got.Filled, got.Profile)
		}
	}
}

// stories checks that everybody is told about the post they got, and about
// each choice above it.
func (c *check) stories() {
	w := c.world
	told := map[string]bool{}
	for i, e := range c.result.Explanations {
		d, ok := w.doctor[e.Doctor]
		if !ok || told[e.Doctor] {
			c.wrong("explanations[%d]: doctor %q is not in the run, or told twice.", i, e.Doctor)
			continue
		}
		told[e.Doctor] = true
		post, choice := "", 0
		if p := c.given[d]; p >= 0 {
			post, choice = w.posts[p].ID, w.listed(d, p)
		}
		if e.Post != post || e.Sentence == "" {
			c.wrong("explanations[%d]: doctor %s is told of post %q and has %q.", i, e.Doctor, e.Post, post)
		}
		if w.doctors[d].Pinned != "" {
			continue
		}
		missing := map[string]bool{}
		for _, o := range w.everyListed(d) {
			if post == "" || o.choice < choice {
				missing[w.posts[o.post].ID] = true
			}
		}
		for _, why := range e.Better {
			if why.Sentence == "" || !missing[why.Post] {
				c.wrong("explanations[%d]: doctor %s is told twice, nothing, or wrongly about %s.", i, e.Doctor, why.Post)
			}
			delete(missing, why.Post)
		}
		if len(missing) > 0 {
			c.wrong("explanations[%d]: doctor %s is not told about %d better choices.", i, e.Doctor, len(missing))
		}
	}
	if len(told) != len(w.doctors) {
		c.wrong("explanations: %d of %d doctors are told.", len(told), len(w.doctors))
	}
}

// same compares with an answer that the rule fixes completely.
func (c *check) same(want []int, rule string) {
	for d, p := range want {
		if p != c.given[d] {
			c.wrong("Doctor %s gets %s by %s, not %s.", c.world.doctors[d].ID, c.world.name(p), rule, c.world.name(c.given[d]))
		}
	}
}
