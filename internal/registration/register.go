package registration

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
)

// The GMC's register extract: what it says of a doctor's number, beside what
// two people read. It never registers anybody and never overrules a reading:
// where the two differ, two people settle it.

// What can be done with the extract and with differences from it.
const (
	ActImport      access.Action = "registration.import_register" // take an extract in
	ActDifferences access.Action = "registration.differences"     // see where ours and theirs differ
	ActSettle      access.Action = "registration.settle"          // put one off, answer it, agree as second person
)

// Standing is what an entry's status comes to.
type Standing string

// The standings. A status we do not know is for a person to read.
const (
	StandsOn      Standing = "on"
	StandsOff     Standing = "off"
	StandsUnknown Standing = "unknown"
)

// Entry is what the extract says of one number on one day. A zero date, or an
// empty answer, is what the file does not say.
type Entry struct {
	Status                            string // as the file writes it
	Provisional, Full, Specialist, GP clock.Date
	APS                               Answer
	SameName                          Answer // the name is the doctor's; empty where it could not be compared
	Listed                            bool   // false: this extract does not have the number
	AsAt                              clock.Date
}

// ReadStatus tells what a status comes to. Only "Registered with Licence" is
// published; the other words are recalled, and what is in none of them stays
// unknown instead of being guessed.
func ReadStatus(status string) (Standing, Answer) {
	s := strings.Join(strings.Fields(strings.ToLower(status)), " ")
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
	}
	switch {
	case has("not registered", "erased", "erasure", "relinquished", "removed", "deceased", "suspended", "suspension"):
		return StandsOff, No
	case !has("registered", "registration"):
		return StandsUnknown, ""
	case has("without a licence", "without licence", "without a license", "without license", "no licence", "no license"):
		return StandsOn, No
	case has("with a licence", "with licence", "with a license", "with license"):
		return StandsOn, Yes
	}
	return StandsUnknown, ""
}

// Kinds are the kinds of registration that fit the entry's dates; none when
// the file gives no date.
func (e Entry) Kinds() []Kind {
	switch {
	case !e.Specialist.IsZero() && !e.GP.IsZero():
		return []Kind{Specialist, GP}
	case !e.Specialist.IsZero():
		return []Kind{Specialist}
	case !e.GP.IsZero():
		return []Kind{GP}
	case !e.Full.IsZero():
		return []Kind{Full}
	case !e.Provisional.IsZero():
		return []Kind{Provisional}
	}
	return nil
}

// starts are the days on which registration of a kind may be said to begin.
func (e Entry) starts(k Kind) []clock.Date {
	list := map[Kind][]clock.Date{Provisional: {e.Provisional}, Full: {e.Full}, GP: {e.Full, e.GP}, Specialist: {e.Full, e.Specialist}}[k]
	return slices.DeleteFunc(slices.Clone(list), clock.Date.IsZero)
}

// Mismatch is one thing in which ours and theirs differ, in words.
type Mismatch struct {
	Code   string `json:"code"`
	What   string `json:"what"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// Verdict is what a comparison comes to.
type Verdict string

// The verdicts. TooOld: the extract was made before the registration began, so
// that it cannot speak of it.
const (
	Agrees    Verdict = "agrees"
	Differs   Verdict = "differs"
	TooOld    Verdict = "too_old"
	NoExtract Verdict = "no_extract"
)

// Compare sets an entry beside a reading and names every difference at once.
func Compare(ours Reading, e Entry) (Verdict, []Mismatch) {
	if e.AsAt.IsZero() {
		return NoExtract, nil
	}
	if e.AsAt < ours.Registered {
		return TooOld, nil
	}
	var list []Mismatch
	add := func(code, what, our, their string) { list = append(list, Mismatch{code, what, our, their}) }
	standing, licence := ReadStatus(e.Status)
	switch {
	case !e.Listed:
		add("not_found", "The number", "On the register", "Not in the extract of "+e.AsAt.Long())
		return Differs, list
	case e.SameName == No:
		add("name", "The name", "The doctor's name", "Another name")
	}
	switch {
	case standing == StandsOff:
		add("not_registered", "Status", "Registered", e.Status)
	case standing == StandsUnknown:
		add("unknown_status", "Status", "Registered", "“"+e.Status+"”, which we do not know. Read the register.")
	case licence != ours.Licence:
		add("licence", "Licence to practise", ours.Licence.words(), licence.words())
	}
	if kinds := e.Kinds(); len(kinds) > 0 && !slices.Contains(kinds, ours.Kind) {
		add("kind", "Kind of registration", ours.Kind.Words(), kinds[0].Words())
	} else if days := e.starts(ours.Kind); len(days) > 0 && !slices.Contains(days, ours.Registered) {
		add("registered", "Date of registration", ours.Registered.Long(), days[0].Long())
	}
	if e.APS != "" && e.APS != ours.APS {
		add("aps", "Must work in an approved practice setting", ours.APS.words(), e.APS.words())
	}
	if len(list) > 0 {
		return Differs, list
	}
	return Agrees, nil
}

func (a Answer) words() string {
	switch a {
	case Yes:
		return "Yes"
	case No:
		return "No"
	}
	return "Not said"
}

// The ways in which a difference is settled.
const (
	WayAgrees = "agrees" // a newer extract or reading took it away
	WayTheirs = "theirs" // the register is right: it is read again
	WayOurs   = "ours"   // what two people read is right
	WayPerson = "person" // it is another person's entry: ours is taken back
)

// Ways lists how people can settle a difference.
func Ways() []Coded {
	return []Coded{{WayTheirs, "The register has changed: two people must read it again"},
		{WayOurs, "What two people read is right, and the extract is wrong or out of date"},
		{WayPerson, "It is the entry of another person: take our registration back"}}
}

// SnoozeReasons are why a difference is put off, each with whom one waits for.
func SnoozeReasons() []Coded {
	return []Coded{{"new_extract", "We wait for the next extract"}, {"asked_gmc", "We asked the GMC"}, {"asked_doctor", "We asked the doctor"}, {"other", "Another reason"}}
}

func waitsFor(reason string) casefile.Party {
	switch reason {
	case "asked_gmc":
		return casefile.PartyGMC
	case "asked_doctor":
		return casefile.PartyDoctor
	}
	return casefile.PartyNobody
}

// The states of a difference. Answered: one person said how to settle it, and
// a second must agree.
const (
	DifferenceOpen     = "open"
	DifferenceAnswered = "answered"
	DifferenceSettled  = "settled"
)

// Disagreement is one registration of which ours and theirs differ.
type Disagreement struct {
	ID, Doctor    string
	Version       int
	State         string
	Turn          casefile.Party
	Due           clock.Date // not shown as waiting before this day
	Opened        clock.Date
	Way           string
	First, Second string // accounts
	SettledOn     clock.Date
	Details
	mark   string
	tasked bool
}

// Details are what of a disagreement is sealed.
type Details struct {
	Differences []Mismatch `json:"differences"`
	Theirs      Entry      `json:"theirs"`
	Registered  clock.Date `json:"registered"`
	ReadOn      clock.Date `json:"read_on"`
	Reason      string     `json:"reason,omitempty"` // why it was put off, a code
	Note        string     `json:"note,omitempty"`   // why it was put off or settled so, typed
}

// Source names the disagreement in tasks.
func (d Disagreement) Source() string { return "register:" + d.ID }

// Snoozed tells whether it is put off on a day.
func (d Disagreement) Snoozed(today clock.Date) bool {
	return d.State == DifferenceOpen && d.Due > today
}

// TaskDifference asks the team to look at a difference.
const TaskDifference = "register_difference"
