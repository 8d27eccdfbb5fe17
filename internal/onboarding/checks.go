package onboarding

import (
	"maps"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// The codes of the six NHS Employment Check Standards (confirmed, domain 3.1).
// For a medical support worker the professional registration standard is a
// check of qualification and English, since there is no registration to verify.
const (
	CheckIdentity       = "identity"
	CheckQualification  = "qualification"
	CheckHistory        = "history"
	CheckRightToWork    = "right_to_work"
	CheckWorkHealth     = "work_health"
	CheckCriminalRecord = "criminal_record"
)

// The start gates besides the six standards.
const (
	GateTraining = "training"
	GateIT       = "it_access"
)

func standards() []string {
	return []string{CheckIdentity, CheckQualification, CheckHistory, CheckRightToWork, CheckWorkHealth, CheckCriminalRecord}
}

// CheckState is how a check stands.
type CheckState string

// The states of a check. Problem keeps the start away until it is sorted out.
const (
	Waiting      CheckState = "waiting"
	Done         CheckState = "done"
	CheckProblem CheckState = "problem"
)

// Words is the state as a person reads it.
func (s CheckState) Words() string {
	switch s {
	case Done:
		return "Done"
	case CheckProblem:
		return "Something to sort out"
	}
	return "Waiting"
}

// Turn is who owes the next step of a check; none when it is done.
type Turn string

// The turns.
const (
	TurnEmployer Turn = "employer"
	TurnDoctor   Turn = "doctor"
	TurnOther    Turn = "other"
)

// Check is one check of one offer.
type Check struct {
	Kind     string
	Version  int
	State    CheckState
	DoneOn   clock.Date
	Until    clock.Date // end of the right to work, none when it has no end
	Turn     Turn
	TurnOn   clock.Date // since when
	Lane     string
	LaneOn   clock.Date // since when it goes this way
	Reused   string     // offer whose check stands in for this one
	AgreedOn clock.Date // the doctor lets a check done elsewhere be used
	By       string     // account that ticked
	secret
}

// secret is what only the employer and, for Cannot and ContactSafe, the doctor
// know of a check.
type secret struct {
	Note, ByName string
	Evidence     string            // code of the rules
	Detail       map[string]string // answers of the rules' questions
	Cannot       string            // what the doctor said: lost, cannot
	ContactSafe  bool              // the doctor said that asking abroad is safe
}

func (s secret) equal(o secret) bool {
	return s.Note == o.Note && s.Evidence == o.Evidence && s.Cannot == o.Cannot && s.ContactSafe == o.ContactSafe && maps.Equal(s.Detail, o.Detail)
}

// same tells whether nothing but the version and the hand differs.
func (c Check) same(o Check) bool {
	a, b := c, o
	a.secret, b.secret = secret{}, secret{}
	a.Version, b.Version, a.By, b.By = 0, 0, "", ""
	return a.Kind == b.Kind && a.State == b.State && a.DoneOn == b.DoneOn && a.Until == b.Until && a.Turn == b.Turn && a.TurnOn == b.TurnOn &&
		a.Lane == b.Lane && a.LaneOn == b.LaneOn && a.Reused == b.Reused && a.AgreedOn == b.AgreedOn && c.secret.equal(o.secret)
}

// Tick is what an employer says of one check.
type Tick struct {
	Kind     string
	State    CheckState
	On       clock.Date
	Until    clock.Date
	Turn     Turn // who owes the next step; "" = as it stands, the employer at first
	Lane     string
	Evidence string
	Detail   map[string]string
	Note     string
	NoNote   bool // leave note, evidence and answers as they are
}

// CheckTicks tells everything wrong with ticks for an offer; field names are
// kind-state, kind-on, kind-until, kind-note and the like. complete asks for
// evidence and answers too: history may lack them.
func CheckTicks(owed []CheckKind, old []Check, ticks []Tick, today clock.Date, complete bool) error {
	var c problem.Check
	for _, t := range ticks {
		i := slices.IndexFunc(owed, func(k CheckKind) bool { return k.Code == t.Kind })
		c.That(i >= 0, t.Kind+"-state", "This check does not belong to this offer")
		if i < 0 {
			continue
		}
		tickState(&c, owed[i], t, today)
		if complete {
			tickEvidence(&c, owed[i], checkOf(old, t.Kind), t)
		}
	}
	return c.Err()
}

func tickState(c *problem.Check, k CheckKind, t Tick, today clock.Date) {
	c.That(t.State == Waiting || t.State == Done || t.State == CheckProblem && !k.Cleared, t.Kind+"-state", "Say whether the check is done")
	c.That(t.Turn == "" || t.Turn == TurnEmployer || t.Turn == TurnDoctor || t.Turn == TurnOther, t.Kind+"-turn", "Say who does something next")
	if t.State == Done {
		c.That(!t.On.IsZero(), t.Kind+"-on", "Enter the date the check was done")
		c.That(t.On <= today, t.Kind+"-on", "The date the check was done must be today or earlier")
	}
	c.That(t.Until.IsZero() || k.Ends, t.Kind+"-until", "Only the right to work has an end date")
	c.That(t.Until.IsZero() || t.On.IsZero() || t.Until > t.On, t.Kind+"-until", "The right to work must end after the day it was checked")
	c.That(len(t.Note) <= 500, t.Kind+"-note", "The note must be 500 characters or fewer")
	c.That(t.Note == "" || !k.Cleared, t.Kind+"-note", "Write nothing about health here")
	if _, known := k.lane(t.Lane); t.Lane != "" {
		c.That(known, t.Kind+"-lane", "Choose from the list")
	}
}

func tickEvidence(c *problem.Check, k CheckKind, old Check, t Tick) {
	if t.Evidence != "" {
		e, known := k.evidence(t.Evidence)
		c.That(known, t.Kind+"-evidence", "Choose from the list")
		c.That(!e.Contact || old.ContactSafe, t.Kind+"-evidence", "The doctor has not said that asking abroad is safe. Use a risk assessment")
	}
	if len(k.Evidence) > 0 && !k.Cleared && t.State == Done && !t.NoNote {
		c.That(t.Evidence != "", t.Kind+"-evidence", "Say what the check rests on")
	}
	for _, a := range k.Asks {
		field, value := t.Kind+"-"+a.ID, t.Detail[a.ID]
		if t.State == Done && a.Needed && !t.NoNote {
			c.That(value != "", field, "Before the check is done, answer: "+a.Words)
		}
		c.That(len(value) <= 60, field, "The answer must be 60 characters or fewer")
		switch {
		case value == "":
		case a.Kind == "masked":
			c.That(masked(value) || plainCode(value), field, "A share code has 9 letters and numbers")
		case a.Kind == "choice":
			c.That(choiceWords(a.Options, value) != "", field, "Choose from the list")
		case a.Kind == "many":
			for _, one := range strings.Fields(value) {
				c.That(choiceWords(a.Options, one) != "", field, "Choose from the list")
			}
		}
	}
	c.That(t.Evidence != "risk_assessment" || t.State != Done || len(strings.Fields(t.Detail["assessment"])) > 0, t.Kind+"-assessment",
		"Say what belongs to the risk assessment")
}

const bullet = "•"

func masked(code string) bool { return strings.Contains(code, bullet) }

// mask keeps the first and the last two characters of a share code.
func mask(code string) string {
	if masked(code) || len(code) < 5 {
		return code
	}
	return code[:2] + strings.Repeat(bullet, len(code)-4) + code[len(code)-2:]
}

func plainCode(code string) bool {
	return len(code) == 9 && !strings.ContainsFunc(code, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}

func checkOf(checks []Check, kind string) Check {
	if i := slices.IndexFunc(checks, func(c Check) bool { return c.Kind == kind }); i >= 0 {
		return checks[i]
	}
	return Check{Kind: kind, State: Waiting}
}

// isGate tells a gate by its code alone, since offers keep codes.
func isGate(code string) bool { return code == GateTraining || code == GateIT }

// Outstanding lists the checks and gates of an offer that are not done.
func Outstanding(owed []string, checks []Check) []string {
	var out []string
	for _, kind := range owed {
		if checkOf(checks, kind).State != Done {
			out = append(out, kind)
		}
	}
	return out
}

// CompletedOn is the day the last check was done; none while one is
// outstanding. Gates keep from the start, not from completion.
func CompletedOn(owed []string, checks []Check) clock.Date {
	var last clock.Date
	count := 0
	for _, kind := range owed {
		if isGate(kind) {
			continue
		}
		c := checkOf(checks, kind)
		if c.State != Done {
			return 0
		}
		last, count = max(last, c.DoneOn), count+1
	}
	if count == 0 {
		return 0
	}
	return last
}

// Stands is until when a check done elsewhere may be used, by the rules; none
// when it may not be.
func Stands(k CheckKind, c Check, today clock.Date) clock.Date {
	if k.Reuse.Months == 0 || c.State != Done || c.DoneOn.IsZero() {
		return 0
	}
	until := clock.AddMonths(c.DoneOn, k.Reuse.Months)
	if until <= today {
		return 0
	}
	return until
}

// Median is the middle of a histogram of days, the lower one of two; false when
// fewer than least people are in it.
func Median(byDays map[int]int, least int) (int, bool) {
	total := 0
	for _, n := range byDays {
		total += n
	}
	if total == 0 || total < least {
		return 0, false
	}
	seen := 0
	for _, d := range slices.Sorted(maps.Keys(byDays)) {
		if seen += byDays[d]; 2*seen >= total {
			return d, true
		}
	}
	return 0, false
}
