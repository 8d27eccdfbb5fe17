package allocation

import (
	"slices"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Standing is how far a protected reason has come.
type Standing string

// The standings.
const (
	Asked     Standing = "asked"     // the doctor asked
	Seen      Standing = "seen"      // a caseworker saw the evidence: the panel can vote
	Agreed    Standing = "agreed"    // it goes before every wish
	Refused   Standing = "refused"   // the panel said no
	Withdrawn Standing = "withdrawn" // the doctor took it back
)

// Words is the standing as the doctor reads it.
func (s Standing) Words() string {
	switch s {
	case Asked:
		return "Sent: your caseworker will look at it"
	case Seen:
		return "Evidence seen: the panel will decide"
	case Agreed:
		return "Agreed"
	case Refused:
		return "Not agreed"
	case Withdrawn:
		return "Taken back"
	}
	return ""
}

// Protected is one reason of one doctor that goes before all wishes.
type Protected struct {
	ID, Doctor string
	Standing   Standing
	AskedOn    clock.Date
	SettledOn  clock.Date
	Version    int
	Asking
	Evidence string     // what was seen, in the caseworker's words
	Papers   []string   // documents that were seen, as document.Source names them
	SeenOn   clock.Date // by the caseworker
	SeenBy   string     // their account
}

// Asking is what the doctor asks for and why.
type Asking struct {
	Ground    Ground   `json:"ground"`
	Regions   []string `json:"regions"`             // where the post must be, any when empty
	Miles     int      `json:"miles"`               // at most this far from home, any when 0
	Statement string   `json:"statement"`           // in the doctor's own words; may be empty for safety
	Documents []string `json:"documents,omitempty"` // papers that show it, as document.Source names them
}

// Check says all that is wrong with what is asked.
func (a Asking) Check() error {
	var c problem.Check
	c.That(a.Ground.Words() != "", "ground", "Choose the reason")
	c.That(!slices.ContainsFunc(a.Regions, func(r string) bool { return !slices.Contains(regionCodes(), r) }), "regions", "Choose regions from the list")
	c.That(a.Miles >= 0 && a.Miles <= mostMiles, "miles", "Miles must be between 1 and 300")
	c.That(len(a.Regions) > 0 || a.Miles > 0, "regions", "Choose the regions, or the miles, that a post must be within")
	c.That(a.Statement != "" || a.Ground == GroundSafety, "statement", "Say in a few words why. For safety you do not have to")
	c.That(len(a.Statement) <= 2000, "statement", "Use 2,000 characters or fewer")
	return c.Err()
}

// quorum is how many of the panel must say the same.
const quorum = 2

// Verdict counts the votes of a panel: Agreed or Refused when enough say the
// same, else Seen.
func Verdict(yes, no int) Standing {
	switch {
	case yes >= quorum:
		return Agreed
	case no >= quorum:
		return Refused
	}
	return Seen
}

// live tells whether a reason still needs somebody or still counts.
func (p Protected) live() bool {
	return p.Standing == Asked || p.Standing == Seen || p.Standing == Agreed
}
