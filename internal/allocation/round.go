package allocation

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/problem"
)

// What can be done with rounds; internal/app grants it to roles.
const (
	ActRounds     access.Action = "round.see"      // lists and pages of rounds
	ActDeclare    access.Action = "round.declare"  // say beforehand how a round works
	ActDryRun     access.Action = "round.dry_run"  // try a round without telling anybody
	ActPublish    access.Action = "round.publish"  // propose or confirm what is published
	ActMove       access.Action = "round.move"     // change a published round by a named move
	ActExport     access.Action = "round.export"   // take the run and result files out
	ActRules      access.Action = "round.rules"    // what was declared, for everybody of the programme
	ActRank       access.Action = "round.rank"     // a host ranks the doctors it interviewed
	ActHostResult access.Action = "round.host"     // a host reads what came of its posts
	ActResult     access.Action = "round.result"   // a doctor reads what came of their own choices
	ActWaiting    access.Action = "waiting.own"    // a doctor reads their own place on the waiting list
	ActWaitList   access.Action = "waiting.see"    // staff read the waiting list
	ActFairness   access.Action = "round.fairness" // how a round treated groups
)

// RoundWay is how a round brings doctors and posts together. It is declared
// before preferences open and never changes afterwards.
type RoundWay string

// The ways. Rolling recruitment is onboarding's.
const (
	WayAllocation RoundWay = "allocation" // only doctors rank; the published list of aims decides
	WayRanked     RoundWay = "ranked"     // hosts interviewed and rank too
)

// RoundWays lists them as the form offers them.
func RoundWays() []RoundWay { return []RoundWay{WayAllocation, WayRanked} }

// Words names the way.
func (w RoundWay) Words() string {
	switch w {
	case WayAllocation:
		return "Allocation round"
	case WayRanked:
		return "Ranked round"
	}
	return string(w)
}

// Explains says the way in one sentence, for who reads it for the first time.
func (w RoundWay) Explains() string {
	switch w {
	case WayAllocation:
		return "Doctors say which posts they want, in order. Hosts do not choose people. The aims below decide, in their order."
	case WayRanked:
		return "Doctors say which posts they want, in order. Hosts have interviewed and rank the doctors they met. No doctor and host will both prefer each other to what they get."
	}
	return ""
}

// RoundAim is one of the aims a round is decided by.
type RoundAim struct{ Code, Words string }

// Aims lists what decides a round of a way, the most important first. Two
// results are compared by the first aim in which they differ, never by a sum.
func (w RoundWay) Aims() []RoundAim {
	if w == WayRanked {
		return []RoundAim{
			{"stable", "No doctor and host both prefer each other to what they get"},
			{"doctors", "Among such results, every doctor gets the best they can"},
			{"lot", "Equal rankings are settled by a lot drawn from the seed"},
		}
	}
	return []RoundAim{
		{"filled", "As many funded posts as possible are filled"},
		{"priority", "As few doctors as possible of the priority class stay without a post"},
		{"generous", "As few doctors as possible get a low choice, the lowest choices first"},
		{"travel", "The miles all doctors travel together are as few as possible. Who has not said where they live is counted with the longest way in the round"},
		{"waiting", "Those who have waited longest come first"},
		{"lot", "What is still equal is settled by a lot drawn from the seed"},
	}
}

// RoundLimit is a cap or a floor of one round, set by this programme.
type RoundLimit struct {
	Kind   string `json:"kind"` // region, funder or floor
	Of     string `json:"of"`   // region code, phase id or setting
	Number int    `json:"number"`
	Source string `json:"source"` // who set it, where it is written
}

// The kinds of limit.
const (
	LimitRegion = "region" // at most Number doctors in a region
	LimitFunder = "funder" // at most Number doctors paid by a phase
	LimitFloor  = "floor"  // at least Number doctors in a setting
)

// Words says the limit in one sentence; name is what Of is called.
func (l RoundLimit) Words(name string) string {
	n := counted(l.Number, "doctor", "doctors")
	if l.Number == 0 && l.Kind != LimitFloor {
		return map[string]string{LimitRegion: "Nobody in " + name, LimitFunder: "Nobody paid from " + name}[l.Kind]
	}
	switch l.Kind {
	case LimitRegion:
		return "At most " + n + " in " + name
	case LimitFunder:
		return "At most " + n + " paid from " + name
	case LimitFloor:
		return "At least " + n + " in this kind of place: " + name
	}
	return l.Kind
}

// RoundRules are what a round is decided by besides its way, declared beforehand.
type RoundRules struct {
	Limits         []RoundLimit `json:"limits,omitempty"`
	PriorityDays   int          `json:"priority_days"`   // found eligible this many days before the round closes; 0 = no priority class
	PrioritySource string       `json:"priority_source"` // who set it
	LeastChoices   int          `json:"least_choices"`   // shortest list that is taken, 0 = any
}

// Round is one time doctors and posts are brought together.
type Round struct {
	ID      string
	Version int
	Title   string
	Way     RoundWay
	Region  string // "" = every region
	Rules   RoundRules
	Opens   clock.Date // first day on which preferences are taken
	Closes  clock.Date // last such day
	Results clock.Date // by when results are published

	SeedHash string // published with the declaration
	Seed     string // "" until preferences have closed

	DeclaredBy string
	DeclaredAt clock.Instant

	FrozenAt    clock.Instant // when the doctors' lists were taken as they stood
	LastRun     string        // newest dry run that is finished
	ProposedRun string        // what one person wants to publish
	ProposedBy  string
	ProposedAt  clock.Instant
	Published   string // the run that was published
	PublishedBy string
	PublishedAt clock.Instant
	CancelledOn clock.Date
	CancelWhy   string
}

// RoundState is where a round stands.
type RoundState string

// The states, in their order.
const (
	RoundDeclared  RoundState = "declared"
	RoundOpen      RoundState = "open"
	RoundClosed    RoundState = "closed"
	RoundTried     RoundState = "tried"
	RoundSigned    RoundState = "signed" // one person wants to publish; a second must
	RoundPublished RoundState = "published"
	RoundCancelled RoundState = "cancelled"
)

// Words is the state as a person reads it.
func (s RoundState) Words() string {
	switch s {
	case RoundDeclared:
		return "Announced"
	case RoundOpen:
		return "Taking preferences"
	case RoundClosed:
		return "Preferences closed"
	case RoundTried:
		return "Tried out"
	case RoundSigned:
		return "Waiting for a second person"
	case RoundPublished:
		return "Published"
	case RoundCancelled:
		return "Cancelled"
	}
	return string(s)
}

// State says where the round stands on a day; it follows from what was recorded
// and the day alone.
func (r Round) State(today clock.Date) RoundState {
	switch {
	case !r.CancelledOn.IsZero():
		return RoundCancelled
	case r.Published != "":
		return RoundPublished
	case r.ProposedRun != "":
		return RoundSigned
	case today < r.Opens:
		return RoundDeclared
	case today <= r.Closes:
		return RoundOpen
	case r.LastRun != "":
		return RoundTried
	}
	return RoundClosed
}

// Revealed tells whether the seed may be read: never while anybody can still
// change what they wish for.
func (r Round) Revealed(today clock.Date) bool { return today > r.Closes }

// SeedHash is what is published of a seed beforehand: the SHA-256 of its text.
func SeedHash(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])
}

// NextStep says what is to be done in a round, and whose turn it is.
func (r Round) NextStep(today clock.Date) (who, what string) {
	switch r.State(today) {
	case RoundDeclared:
		return "Nobody", "Doctors can say what they want from " + r.Opens.Long() + "."
	case RoundOpen:
		if r.Way == WayRanked {
			return "Doctors and hosts", "Doctors order their choices and hosts rank whom they met, until the end of " + r.Closes.Long() + "."
		}
		return "Doctors", "They order their choices until the end of " + r.Closes.Long() + "."
	case RoundClosed:
		return "The programme", "Preferences are closed. Do a dry run: nobody is told."
	case RoundTried:
		return "The programme", "Read the last dry run. If it is right, ask for it to be published."
	case RoundSigned:
		return "A second person", "Somebody else must read the result and publish it."
	case RoundPublished:
		return "Employers and doctors", "Everyone can read their result. Employers make the offers."
	}
	return "Nobody", "This round was cancelled."
}

// Check says all that is wrong with a round as declared on a day.
func (r Round) Check(today clock.Date) error {
	var c problem.Check
	c.That(strings.TrimSpace(r.Title) != "", "title", "Give the round a name")
	c.That(len(r.Title) <= 100, "title", "The name must be 100 letters or fewer")
	c.That(slices.Contains(RoundWays(), r.Way), "way", "Choose how this round works")
	c.That(r.Region == "" || slices.Contains(regionCodes(), r.Region), "region", "Choose a region from the list")
	c.That(!r.Opens.IsZero(), "opens", "Enter the day on which preferences open")
	c.That(r.Opens.IsZero() || r.Opens >= today, "opens", "Preferences cannot open in the past: the rules must be known before")
	c.That(!r.Closes.IsZero(), "closes", "Enter the last day for preferences")
	c.That(r.Closes.IsZero() || r.Closes > r.Opens, "closes", "Preferences must stay open for more than a day")
	c.That(!r.Results.IsZero(), "results", "Enter the day by which results are published")
	c.That(r.Results.IsZero() || r.Results > r.Closes, "results", "Results can only come after preferences have closed")
	r.Rules.check(&c)
	return c.Err()
}

func (u RoundRules) check(c *problem.Check) {
	c.That(u.PriorityDays >= 0 && u.PriorityDays <= 2000, "priority_days", "Enter days from 0 to 2,000; 0 for no priority class")
	c.That(u.PriorityDays == 0 || strings.TrimSpace(u.PrioritySource) != "", "priority_source", "Say who decided on the priority class, or where it is written")
	c.That(u.LeastChoices >= 0 && u.LeastChoices <= 20, "least_choices", "Enter a number from 0 to 20")
	for _, l := range u.Limits {
		c.That(l.Number >= 0 && l.Number <= 100_000, "limit_number", "Enter a whole number of doctors")
		c.That(strings.TrimSpace(l.Source) != "", "limit_source", "Say who set this limit, or where it is written")
		c.That(slices.Contains([]string{LimitRegion, LimitFunder, LimitFloor}, l.Kind) && l.Of != "", "limit_of", "Choose what the limit is about")
	}
}

// RegionName is the region of a round in words.
func (r Round) RegionName() string {
	if r.Region == "" {
		return "All regions"
	}
	return regionName(r.Region)
}

func regionName(code string) string {
	for _, one := range organisation.Regions() {
		if one.Code == code {
			return one.Name
		}
	}
	return code
}
