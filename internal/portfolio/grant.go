package portfolio

import (
	"time"

	"msw/internal/clock"
)

// Grant is access to one passport for one recipient: to the named claims only,
// until a day, or until the doctor or a new passport ends it.
type Grant struct {
	ID       string
	Version  int
	Doctor   string
	Passport string
	Made     clock.Instant
	Ends     clock.Date // last day
	Ended    clock.Instant
	CodeHash string
	Sealed   grantWords
	Looks    []Look
}

type grantWords struct {
	To     string   `json:"to"`     // as the doctor calls them
	Secret string   `json:"secret"` // of the link
	Show   []string `json:"show"`   // claims
}

// Open tells whether the recipient can still look, with the passport as it stands.
func (g Grant) Open(p Passport, today clock.Date) bool {
	return g.Ended.IsZero() && today <= g.Ends && g.Passport == p.ID && p.State(today) == Valid
}

// Look is one look at a passport by somebody else.
type Look struct {
	ID, Doctor, Grant string
	At                clock.Instant
	CodeHash          string
	Sealed            lookWords
}

type lookWords struct {
	Who string `json:"who"`
	How string `json:"how"` // by the link, taken in
}

// lookOpenFor is how long the page of one look stays open.
const lookOpenFor = time.Hour

// mostDays is the longest a recipient gets access for.
const mostDays = 366

// Taken is a passport that an employer took in and checked.
type Taken struct {
	ID, Doctor, Organisation, By string
	At                           clock.Instant
	Sealed                       takenWords
}

type takenWords struct {
	Issuer   string       `json:"issuer"`
	ListAsAt string       `json:"list_as_at"`
	Expires  string       `json:"expires"`
	Claims   []ShownClaim `json:"claims"`
}

// Fit says where a claim helps at another employer.
type Fit struct {
	Text  string
	Until clock.Date // until when it serves; none for no end
	Over  bool       // it does not serve any more
}

// fit says where a claim helps on a day. checks knows for how long an employment
// check that was done elsewhere stands.
func (f Fact) fit(today clock.Date, checks func(code string, on clock.Date) (until clock.Date, says string)) Fit {
	over := !f.Until.IsZero() && f.Until < today
	switch {
	case f.Check != "" && checks != nil:
		until, says := checks(f.Check, f.On)
		if until.IsZero() {
			return Fit{Text: "Must be done again. " + says, Over: true}
		}
		if until < today {
			return Fit{Text: "Ran out for use elsewhere. " + says, Until: until, Over: true}
		}
		return Fit{Text: "Serves as this employment check, done elsewhere. " + says, Until: until}
	case over:
		return Fit{Text: "Ran out", Until: f.Until, Over: true}
	case f.Item != "":
		return Fit{Text: "Shows what was signed. It opens no task here: each host signs its own off"}
	case f.What == "Name":
		return Fit{Text: "Whose passport it is"}
	}
	return Fit{Text: "Was " + f.Proof + ". Need not be proved again", Until: f.Until}
}
