package allocation

import (
	"cmp"
	"slices"
	"sort"

	"msw/internal/post"
	"msw/internal/problem"
)

// Wish is one line of what a doctor wants: a post, or every post of a kind.
// Empty parts of a bundle mean any.
type Wish struct {
	Post      string `json:"post,omitempty"` // a post's reference; else a bundle:
	Region    string `json:"region,omitempty"`
	Setting   string `json:"setting,omitempty"`
	Specialty string `json:"specialty,omitempty"` // code of post.Specialties
}

// Fits tells whether a post is the one wished for, or one of the bundle.
func (w Wish) Fits(o post.Opening) bool {
	if w.Post != "" {
		return w.Post == o.Post
	}
	return (w.Region == "" || w.Region == o.Region) && (w.Setting == "" || w.Setting == string(o.Setting)) && (w.Specialty == "" || w.Specialty == o.Code)
}

// Class is why something is not acceptable, as coarse as a fair count needs.
type Class string

// The classes of reasons.
const (
	TooFar       Class = "travel"
	Family       Class = "family"
	Health       Class = "health"
	Safety       Class = "safety"
	NotMyWork    Class = "work" // other experience or other hopes
	OtherReasons Class = "other"
)

// Classes lists them as pages show them.
func Classes() []Class { return []Class{TooFar, Family, Health, Safety, NotMyWork, OtherReasons} }

// Words is the class as a person reads it, or "" for no known one.
func (c Class) Words() string {
	switch c {
	case TooFar:
		return "It is too far, or too hard to reach"
	case Family:
		return "My family, or somebody I look after"
	case Health:
		return "My health"
	case Safety:
		return "I would not be safe there"
	case NotMyWork:
		return "It is not the work I have experience in or hope for"
	case OtherReasons:
		return "Another reason"
	}
	return ""
}

// Refusal is a post or bundle that a doctor would not accept.
type Refusal struct {
	Wish
	Class Class `json:"class"`
}

// WishList is what one doctor said, best first.
type WishList struct {
	Doctor   string    `json:"-"`
	Wishes   []Wish    `json:"wishes"`
	Refusals []Refusal `json:"refusals"`
	Version  int       `json:"-"` // 0 when nothing was said yet
}

// mostWishes is set by this programme: longer lists help nobody to be placed.
const mostWishes = 30

// Check says all that is wrong with a list.
func (l WishList) Check() error {
	var c problem.Check
	c.That(len(l.Wishes) <= mostWishes, "wishes", "Your list can have 30 lines at most. Take one off before you add another")
	c.That(len(l.Refusals) <= mostWishes, "refusals", "You can say no to 30 lines at most")
	known := func(w Wish) bool {
		return w.Post != "" && w == (Wish{Post: w.Post}) ||
			w != (Wish{}) && w.Post == "" && allowed(w.Region, regionCodes()) && allowed(w.Setting, Settings()) && allowed(w.Specialty, specialtyCodes())
	}
	seen := map[Wish]bool{}
	for _, w := range l.Wishes {
		c.That(known(w), "wishes", "Choose a region, a kind of place or an area of medicine from the lists")
		c.That(!seen[w], "wishes", "That line is on your list already")
		seen[w] = true
	}
	for _, r := range l.Refusals {
		c.That(known(r.Wish), "refusals", "Choose a region, a kind of place or an area of medicine from the lists")
		c.That(r.Class.Words() != "", "class", "Choose why, so that we can look for something better")
		c.That(!seen[r.Wish], "refusals", "A line cannot be both on your list and not acceptable, or twice on either")
		seen[r.Wish] = true
	}
	return c.Err()
}

func allowed(code string, list []string) bool { return code == "" || slices.Contains(list, code) }

// Ground is a reason that goes before every wish of others.
type Ground string

// The protected reasons.
const (
	GroundCare   Ground = "care"
	GroundHealth Ground = "health"
	GroundSafety Ground = "safety"
	GroundCourt  Ground = "court"
)

// Grounds lists them as pages show them.
func Grounds() []Ground { return []Ground{GroundCare, GroundHealth, GroundSafety, GroundCourt} }

// Words is the ground as a person reads it, or "" for no known one.
func (g Ground) Words() string {
	switch g {
	case GroundCare:
		return "I care for somebody"
	case GroundHealth:
		return "My health or a disability"
	case GroundSafety:
		return "My safety"
	case GroundCourt:
		return "A court order"
	}
	return ""
}

// Title is the ground as staff read it.
func (g Ground) Title() string {
	switch g {
	case GroundCare:
		return "Caring for somebody"
	case GroundHealth:
		return "Health or disability"
	case GroundSafety:
		return "Safety"
	case GroundCourt:
		return "Court order"
	}
	return ""
}

// Granted is a protected reason that holds: only posts in these regions and
// within these miles of home may be given.
type Granted struct {
	Ground  Ground
	Regions []string // any when empty
	Miles   int      // any when 0
}

// Wishes are everything an allocation needs to know of what one doctor wants.
type Wishes struct {
	Doctor     string
	List       WishList
	Preference Preference // for those who ranked nothing; travel limit for all
	Outcode    string     // of home; it is location: never show or store it elsewhere
	Partner    string     // the linked doctor, both having agreed; "" for none
	Granted    []Granted
}

// Ranked is one post a doctor can be given. Posts of one bundle share a place
// on the list and are ordered by distance, then by reference.
type Ranked struct {
	Post  string
	Place int // line of the doctor's list, from 1
	Miles int // straight line from home, -1 when not known
}

// Left says why a post that a line names is not among the ranked.
type Left struct {
	Post, Code, Text string
	Miles            int // straight line from home, -1 when not known
}

// Why a post is left out.
const (
	LeftRefused   = "not_acceptable"
	LeftTravel    = "travel"
	LeftProtected = "protected"
)

// Spell turns a doctor's wishes into the open posts they can be given, best
// first and each once, and says which were left out by their own limits. Who
// ranked nothing is taken by their preferences: every post that meets them all
// then shares the first place. The same wishes and openings give the same
// answer in whatever order the openings come.
func Spell(w Wishes, openings []post.Opening, atlas post.Atlas) ([]Ranked, []Left) {
	var out []Ranked
	var left []Left
	taken := map[string]bool{}
	lines := [][]post.Opening{}
	for _, wish := range w.List.Wishes {
		var of []post.Opening
		for _, o := range openings {
			if wish.Fits(o) {
				of = append(of, o)
			}
		}
		lines = append(lines, of)
	}
	if len(w.List.Wishes) == 0 && w.Preference.Version > 0 {
		var of []post.Opening
		for _, o := range openings {
			if len(w.Preference.Misses(Post{Region: o.Region, Setting: string(o.Setting), Specialty: o.Code, Hours: o.MinutesWeek / 60})) == 0 {
				of = append(of, o)
			}
		}
		lines = append(lines, of)
	}
	for i, of := range lines {
		var line []Ranked
		for _, o := range of {
			if taken[o.Post] {
				continue
			}
			taken[o.Post] = true
			r := Ranked{Post: o.Post, Place: i + 1, Miles: -1}
			if miles, known := atlas.Miles(w.Outcode, o.Outcode); known {
				r.Miles = miles
			}
			if l := w.leaves(o, r.Miles); l.Code != "" {
				l.Miles = r.Miles
				left = append(left, l)
				continue
			}
			line = append(line, r)
		}
		sort.Slice(line, func(i, j int) bool {
			a, b := line[i], line[j]
			return cmp.Or(cmp.Compare(uint(a.Miles), uint(b.Miles)), cmp.Compare(a.Post, b.Post)) < 0 // an unknown distance comes last
		})
		out = append(out, line...)
	}
	sort.Slice(left, func(i, j int) bool {
		a, b := left[i], left[j]
		return cmp.Or(cmp.Compare(a.Post, b.Post), cmp.Compare(a.Code, b.Code)) < 0
	})
	return out, left
}

// leaves says whether the doctor's own limits forbid a post.
func (w Wishes) leaves(o post.Opening, miles int) Left {
	for _, r := range w.List.Refusals {
		if r.Fits(o) && !slices.ContainsFunc(w.List.Wishes, func(x Wish) bool { return x.Post == o.Post }) { // a post named outright is meant
			return Left{Post: o.Post, Code: LeftRefused, Text: "You said that this is not acceptable."}
		}
	}
	if w.Preference.Travel > 0 && miles > w.Preference.Travel {
		return Left{Post: o.Post, Code: LeftTravel, Text: "It is farther from your home than the miles you allow, in a straight line."}
	}
	for _, g := range w.Granted {
		if len(g.Regions) > 0 && !slices.Contains(g.Regions, o.Region) || g.Miles > 0 && miles > g.Miles {
			return Left{Post: o.Post, Code: LeftProtected, Text: "It lies outside the area that was agreed for you."}
		}
	}
	return Left{}
}
