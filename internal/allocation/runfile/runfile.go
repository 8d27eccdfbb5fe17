// Package runfile holds what goes into an allocation and what comes out: the
// run file and the result, as Go types and as JSON, and a generator of
// fictional runs.
//
// It decides nothing about who gets which post: match does, and verify checks
// match without sharing anything with it but the types here. It knows no
// database, no page and no clock. docs/allocation.md explains each field to a
// stranger who wants to check a round.
package runfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"msw/internal/clock"
)

// RuleVersion names the meaning of the rules as docs/allocation.md states it.
// It changes whenever the same run would give another result.
const RuleVersion = "2026-11"

// The rules by which a run can be solved.
const (
	Flow     = "flow"     // the published list of aims, compared one after another
	Ranked   = "ranked"   // hosts ranked too: doctor-proposing deferred acceptance
	Informed = "informed" // for comparison: the Foundation Programme's preference-informed allocation
	Priority = "priority" // for comparison: one pass in order of priority
)

// Rules lists them; the first two decide rounds, the others only compare.
func Rules() []string { return []string{Flow, Ranked, Informed, Priority} }

// The aims of Flow.
const (
	AimFilled   = "filled"   // most funded places filled
	AimPriority = "priority" // fewest doctors of the priority class without a post
	AimGenerous = "generous" // fewest at the last choice, then at the one before, …
	AimGreedy   = "greedy"   // most at the first choice, then at the second, …: instead of generous
	AimTravel   = "travel"   // fewest miles between homes and posts, added up
	AimWaiting  = "waiting"  // fewest days waited by those left without, added up
	AimDraw     = "draw"     // least sum of the draw numbers of (seed, doctor, post)
)

// DefaultAims is the published order.
func DefaultAims() []string {
	return []string{AimFilled, AimPriority, AimGenerous, AimTravel, AimWaiting, AimDraw}
}

// Run is everything an allocation depends on. The order of Doctors, Posts,
// Limits, Bundles and Linked never matters; the order of a doctor's Choices
// does.
type Run struct {
	Format      int        `json:"format"` // 1
	ID          string     `json:"id,omitempty"`
	AsOf        clock.Date `json:"as_of,omitzero"` // the day on which waiting is counted
	Rule        string     `json:"rule"`
	RuleVersion string     `json:"rule_version"`
	Aims        []string   `json:"aims,omitempty"` // DefaultAims when empty
	Seed        Seed       `json:"seed"`
	Commitment  string     `json:"commitment,omitempty"` // Commit(Seed), published before choices closed
	Build       string     `json:"build,omitempty"`      // of the program that wrote the run
	Doctors     []Doctor   `json:"doctors"`
	Posts       []Post     `json:"posts"`
	Limits      []Limit    `json:"limits"`
	Bundles     []Bundle   `json:"bundles,omitempty"`
	Linked      []Pair     `json:"linked,omitempty"`
}

// Seed is the text that all draws hang on. JSON may give it as a number.
type Seed string

// Doctor is one person to place, by a name that tells nothing.
type Doctor struct {
	ID            string         `json:"id"`
	Choices       []string       `json:"choices"`                  // posts or bundles, most wanted first
	NotAcceptable []string       `json:"not_acceptable,omitempty"` // posts never to be given, also out of a bundle
	Priority      bool           `json:"priority,omitempty"`       // of the priority class
	WaitingSince  clock.Date     `json:"waiting_since,omitzero"`
	Home          *Point         `json:"home,omitempty"`
	Travel        map[string]int `json:"travel,omitempty"`       // miles by post; counts before Home and At
	TravelLimit   int            `json:"travel_limit,omitempty"` // miles; 0 is none
	Refused       []Refusal      `json:"refused,omitempty"`      // pairs a hard rule forbids
	Pinned        string         `json:"pinned,omitempty"`       // post decided beforehand by a panel
	Counts        []string       `json:"counts,omitempty"`       // crossing limits this doctor counts to
}

// Point is a place on the national grid, in whole metres.
type Point struct {
	East  int `json:"east"`
	North int `json:"north"`
}

// Refusal says which hard rule keeps a doctor from a post.
type Refusal struct {
	Post     string `json:"post"`
	Rule     string `json:"rule"`     // short name, the same for all pairs it refuses
	Sentence string `json:"sentence"` // as the doctor reads it
}

// Post is one job description with its places.
type Post struct {
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Places  int      `json:"places"`           // 1 when absent
	Within  string   `json:"within,omitempty"` // the narrowest nested limit above it
	At      *Point   `json:"at,omitempty"`
	Counts  []string `json:"counts,omitempty"`       // crossing limits it counts to
	Ranking Ranking  `json:"ranking,omitempty"`      // for Ranked: whom the host would take, best first; none ranked is all alike
	Others  bool     `json:"takes_others,omitempty"` // doctors not in Ranking come after it; else they are not acceptable to the host
}

// Ranking is a host's order with ties: each step holds those ranked alike.
// In JSON a step of one may stand as plain text.
type Ranking [][]string

// Limit is a number of placements that a set of posts may not exceed, or must
// reach. Nested limits form trees by Within (supervisor within site within host within
// region). A crossing limit counts the placements whose post or doctor names
// it, wherever they lie.
type Limit struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"` // as sentences say it
	Kind     string `json:"kind,omitempty"` // supervisor, site, host, region, funder …: for sentences only
	Within   string `json:"within,omitempty"`
	Crossing bool   `json:"crossing,omitempty"`
	AtMost   *int   `json:"at_most,omitempty"` // nil is no upper limit
	AtLeast  int    `json:"at_least,omitempty"`
}

// Bundle is a set of posts wished for alike, as "GP practices in London".
type Bundle struct {
	ID    string   `json:"id"`
	Name  string   `json:"name,omitempty"`
	Posts []string `json:"posts"`
}

// Pair is two doctors who asked to be placed near each other. Their choices
// are cut to the posts under Area before the run; an empty Area is chosen by
// the rule that docs/allocation.md states.
type Pair struct {
	Doctors [2]string `json:"doctors"`
	Area    string    `json:"area,omitempty"` // a nested limit
}

// Commit gives the commitment to a seed that is published before choices close.
func Commit(s Seed) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Canonical gives the run with every list whose order does not matter sorted.
func (r *Run) Canonical() *Run {
	c := *r
	c.Doctors = sorted(r.Doctors, func(d *Doctor) string { return d.ID })
	c.Posts = sorted(r.Posts, func(p *Post) string { return p.ID })
	c.Limits = sorted(r.Limits, func(l *Limit) string { return l.ID })
	c.Bundles = sorted(r.Bundles, func(b *Bundle) string { return b.ID })
	c.Linked = sorted(r.Linked, func(p *Pair) string { return p.Doctors[0] })
	for i := range c.Doctors {
		d := &c.Doctors[i]
		d.NotAcceptable, d.Counts = sorted(d.NotAcceptable, same), sorted(d.Counts, same)
		d.Refused = sorted(d.Refused, func(x *Refusal) string { return x.Post + "\n" + x.Rule + "\n" + x.Sentence })
	}
	for i := range c.Posts {
		p := &c.Posts[i]
		p.Counts = sorted(p.Counts, same)
		p.Ranking = slices.Clone(p.Ranking)
		for j := range p.Ranking {
			if len(p.Ranking[j]) > 1 {
				p.Ranking[j] = sorted(p.Ranking[j], same)
			}
		}
	}
	for i := range c.Bundles {
		c.Bundles[i].Posts = sorted(c.Bundles[i].Posts, same)
	}
	for i := range c.Linked {
		slices.Sort(c.Linked[i].Doctors[:])
	}
	c.Linked = sorted(c.Linked, func(p *Pair) string { return p.Doctors[0] })
	return &c
}

func same(s *string) string { return *s }

// sorted gives a list in the order of its keys. Places are sorted rather than
// entries, which are large; a list that is in order is only copied.
func sorted[T any](list []T, key func(*T) string) []T {
	inOrder := true
	for i := 1; i < len(list) && inOrder; i++ {
		inOrder = key(&list[i-1]) <= key(&list[i])
	}
	if inOrder {
		return slices.Clone(list)
	}
	places := make([]int32, len(list))
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, func(a, b int32) int {
		return cmp.Or(cmp.Compare(key(&list[a]), key(&list[b])), cmp.Compare(a, b))
	})
	out := make([]T, len(list))
	for i, p := range places {
		out[i] = list[p]
	}
	return out
}

// Hash names a run: SHA-256 of its canonical JSON. The order of rows does not
// change it.
func (r *Run) Hash() string {
	text, err := json.Marshal(r.Canonical())
	if err != nil {
		return "" // only strings and numbers are in it
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
