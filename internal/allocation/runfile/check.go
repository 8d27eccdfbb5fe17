package runfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"msw/internal/problem"
)

// checker gathers what is wrong with a run, at most mostFaults of it.
type checker struct {
	problem.Check
	faults int
}

const mostFaults = 50

func (c *checker) that(ok bool, sentence, path string, at ...any) {
	if ok || c.faults >= mostFaults {
		return
	}
	c.faults++
	c.That(false, fmt.Sprintf(path, at...), sentence)
}

// Check says all that is wrong with a run, each with the path of the field.
func (r *Run) Check() error {
	_, err := r.Names()
	return err
}

// Names checks a run and gives its names as numbers.
func (r *Run) Names() (*Names, error) {
	c := &checker{}
	c.that(r.Format == 0 || r.Format == 1, "This program reads format 1.", "format")
	c.that(slices.Contains(Rules(), r.Rule), "The rule must be one of "+strings.Join(Rules(), ", ")+".", "rule")
	c.that(r.RuleVersion == "" || r.RuleVersion == RuleVersion, "This program knows the rules as of "+RuleVersion+" only; another build solves this run.", "rule_version")
	c.that(r.Seed != "" && !strings.ContainsFunc(string(r.Seed), unicode.IsControl), "A seed is needed: any text without line breaks.", "seed")
	c.that(r.Commitment == "" || r.Commitment == Commit(r.Seed), "The seed is not the one whose hash was published.", "commitment")
	c.aims(r.Aims)
	if len(r.Posts) == 0 && r.namesPosts() {
		c.that(false, "The run has no posts, but its doctors name some. Put the posts back, or empty the doctors' lists as well: then nobody is placed, and each is told so.", "posts")
		return nil, c.Err()
	}
	posts, bundles := c.posts(r), map[string]int32{}
	nested, crossing := c.limits(r)
	for i, p := range r.Posts {
		c.that(p.Within == "" || nested[p.Within], "There is no nested limit "+quote(p.Within)+".", "posts[%d].within", i)
		c.crossings(p.Counts, crossing, fmt.Sprintf("posts[%d]", i))
	}
	for i, b := range r.Bundles {
		c.that(named(b.ID), "A bundle needs an id without line breaks.", "bundles[%d].id", i)
		c.that(!has(bundles, b.ID) && !has(posts, b.ID), "The id "+quote(b.ID)+" stands twice.", "bundles[%d].id", i)
		bundles[b.ID] = int32(i)
		c.known(b.Posts, posts, fmt.Sprintf("bundles[%d].posts", i))
	}
	n := &Names{Posts: posts, Doctors: c.doctors(r, posts, crossing)}
	c.choices(r, n, bundles)
	c.rankings(r, n)
	c.linked(r, n.Doctors, nested)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return n, nil
}

// namesPosts tells whether anything but the list of posts names one.
func (r *Run) namesPosts() bool {
	return slices.ContainsFunc(r.Doctors, func(d Doctor) bool {
		return len(d.Choices)+len(d.NotAcceptable)+len(d.Refused)+len(d.Travel) > 0 || d.Pinned != ""
	}) || slices.ContainsFunc(r.Bundles, func(b Bundle) bool { return len(b.Posts) > 0 })
}

func has(m map[string]int32, id string) bool { _, ok := m[id]; return ok }

func named(id string) bool { return id != "" && !strings.ContainsFunc(id, unicode.IsControl) }

func quote(s string) string { return fmt.Sprintf("%q", s) }

func (c *checker) aims(aims []string) {
	if len(aims) == 0 {
		return
	}
	c.that(aims[0] == AimFilled, "The first aim must be filled.", "aims[0]")
	c.that(aims[len(aims)-1] == AimDraw, "The last aim must be draw, so that there is one answer.", "aims[%d]", len(aims)-1)
	for i, a := range aims {
		known := slices.Contains(DefaultAims(), a) || a == AimGreedy
		c.that(known, "There is no aim "+quote(a)+".", "aims[%d]", i)
		c.that(!slices.Contains(aims[:i], a), "The aim "+quote(a)+" stands twice.", "aims[%d]", i)
	}
	c.that(!slices.Contains(aims, AimGreedy) || !slices.Contains(aims, AimGenerous), "An allocation is generous or greedy, not both.", "aims")
}

func (c *checker) posts(r *Run) map[string]int32 {
	posts := make(map[string]int32, len(r.Posts))
	for i, p := range r.Posts {
		c.that(named(p.ID), "A post needs an id without line breaks.", "posts[%d].id", i)
		c.that(!has(posts, p.ID), "The id "+quote(p.ID)+" stands twice.", "posts[%d].id", i)
		c.that(p.Places >= 0 && p.Places <= 1e6, "Places must be a whole number from 0 to a million.", "posts[%d].places", i)
		posts[p.ID] = int32(i)
	}
	return posts
}

func (c *checker) limits(r *Run) (nested, crossing map[string]bool) {
	nested, crossing = map[string]bool{}, map[string]bool{}
	within := map[string]string{}
	for i, l := range r.Limits {
		c.that(named(l.ID), "A limit needs an id without line breaks.", "limits[%d].id", i)
		c.that(!nested[l.ID] && !crossing[l.ID], "The id "+quote(l.ID)+" stands twice.", "limits[%d].id", i)
		c.that(l.AtMost == nil || *l.AtMost >= 0, "at_most cannot be below 0.", "limits[%d].at_most", i)
		c.that(l.AtLeast >= 0 && l.AtLeast <= 1e6, "at_least must be from 0 to a million.", "limits[%d].at_least", i)
		c.that(l.AtMost == nil || l.AtLeast <= *l.AtMost, "at_least is more than at_most.", "limits[%d].at_least", i)
		if l.Crossing {
			c.that(l.Within == "", "A crossing limit lies within none.", "limits[%d].within", i)
			crossing[l.ID] = true
			continue
		}
		nested[l.ID], within[l.ID] = true, l.Within
	}
	for i, l := range r.Limits {
		c.that(l.Within == "" || nested[l.Within], "There is no nested limit "+quote(l.Within)+".", "limits[%d].within", i)
		steps, at := 0, l.Within
		for ; at != "" && steps <= len(r.Limits); steps++ {
			at = within[at]
		}
		c.that(steps <= len(r.Limits), "This limit lies within itself.", "limits[%d].within", i)
	}
	return nested, crossing
}

func (c *checker) known(list []string, known map[string]int32, path string) {
	seen := make(map[string]bool, len(list))
	for j, id := range list {
		c.that(has(known, id), "There is no post "+quote(id)+".", "%s[%d]", path, j)
		c.that(!seen[id], quote(id)+" stands twice.", "%s[%d]", path, j)
		seen[id] = true
	}
}

func (c *checker) crossings(list []string, crossing map[string]bool, path string) {
	for j, id := range list {
		c.that(crossing[id], "There is no crossing limit "+quote(id)+".", "%s.counts[%d]", path, j)
		c.that(!slices.Contains(list[:j], id), quote(id)+" stands twice.", "%s.counts[%d]", path, j)
	}
}

func (c *checker) doctors(r *Run, posts map[string]int32, crossing map[string]bool) map[string]int32 {
	doctors := make(map[string]int32, len(r.Doctors))
	for i := range r.Doctors {
		d := &r.Doctors[i]
		c.that(named(d.ID), "A doctor needs an id without line breaks.", "doctors[%d].id", i)
		if has(doctors, d.ID) {
			c.that(false, "The id "+quote(d.ID)+" stands twice.", "doctors[%d].id", i)
		}
		doctors[d.ID] = int32(i)
		if len(d.NotAcceptable) > 0 {
			c.known(d.NotAcceptable, posts, fmt.Sprintf("doctors[%d].not_acceptable", i))
		}
		for j, f := range d.Refused {
			c.that(has(posts, f.Post), "There is no post "+quote(f.Post)+".", "doctors[%d].refused[%d].post", i, j)
			c.that(f.Rule != "" && f.Sentence != "", "A refusal needs its rule and its sentence.", "doctors[%d].refused[%d]", i, j)
		}
		for id, miles := range d.Travel {
			c.that(has(posts, id), "There is no post "+quote(id)+".", "doctors[%d].travel.%s", i, id)
			c.that(miles >= 0 && miles <= 10000, "Miles must be a whole number from 0 to 10,000.", "doctors[%d].travel.%s", i, id)
		}
		c.that(d.TravelLimit >= 0, "Miles cannot be below 0.", "doctors[%d].travel_limit", i)
		c.that(d.Pinned == "" || has(posts, d.Pinned), "There is no post "+quote(d.Pinned)+".", "doctors[%d].pinned", i)
		c.that(d.WaitingSince.IsZero() || !r.AsOf.IsZero(), "as_of is needed, the day on which waiting is counted.", "doctors[%d].waiting_since", i)
		c.crossings(d.Counts, crossing, fmt.Sprintf("doctors[%d]", i))
	}
	return doctors
}

func (c *checker) linked(r *Run, doctors map[string]int32, nested map[string]bool) {
	seen := map[string]bool{}
	for i, p := range r.Linked {
		c.that(p.Area == "" || nested[p.Area], "There is no nested limit "+quote(p.Area)+".", "linked[%d].area", i)
		for j, id := range p.Doctors {
			c.that(has(doctors, id), "There is no doctor "+quote(id)+".", "linked[%d].doctors[%d]", i, j)
			c.that(!seen[id], quote(id)+" is linked twice.", "linked[%d].doctors[%d]", i, j)
			seen[id] = true
		}
	}
}
