// Package support looks after people: short private check-ins, a way to say
// "please tell someone", early warnings that the doctor switches on, mentors,
// a directory of help, and requests when money has run out.
//
// It is apart from placement on purpose (decision 0014): what a doctor says
// here is never read by an employer, a supervisor or an assessor, and it is
// there before a post and after it. It is not an alarm for danger (casefile's
// urgent button is), gives no treatment, and pays nothing: a hardship request
// ends with an answer, the money is funding's.
package support

import (
	"slices"
	"unicode/utf8"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What can be done here.
const (
	ActOwn      access.Action = "support.own"       // the doctor's own check-ins, choices and requests
	ActCall     access.Action = "support.call"      // see whom to call, and say that it is done
	ActMentor   access.Action = "support.mentor"    // offer to be a mentor, and be one
	ActPair     access.Action = "support.pair"      // bring doctors and mentors together
	ActHelp     access.Action = "support.help"      // read the directory of help
	ActKeepHelp access.Action = "support.keep_help" // keep the directory of help
	ActHardship access.Action = "support.hardship"  // answer requests for help with money
	ActLook     access.Action = "support.look"      // the nightly look for check-ins that are due
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActOwn, ActCall, ActMentor, ActPair, ActHelp, ActKeepHelp, ActHardship, ActLook}
}

// Code is a choice with its words.
type Code struct{ Value, Words string }

func known(list []Code, value string) bool {
	return slices.ContainsFunc(list, func(c Code) bool { return c.Value == value })
}

func words(list []Code, value string) string {
	for _, c := range list {
		if c.Value == value {
			return c.Words
		}
	}
	return value
}

// Rhythm is how often a doctor wants to be asked.
type Rhythm string

// The rhythms.
const (
	Weekly      Rhythm = "week"
	Fortnightly Rhythm = "fortnight"
	Monthly     Rhythm = "month"
	Never       Rhythm = "never"
)

// Rhythms lists them with their words.
func Rhythms() []Code {
	return []Code{{string(Weekly), "Every week"}, {string(Fortnightly), "Every 2 weeks"}, {string(Monthly), "Every month"}, {string(Never), "Do not ask me"}}
}

// After is the next day on which the doctor is asked; none for Never.
func (r Rhythm) After(on clock.Date) clock.Date {
	switch r {
	case Weekly:
		return on.AddDays(7)
	case Fortnightly:
		return on.AddDays(14)
	case Monthly:
		return clock.AddMonths(on, 1)
	}
	return 0
}

// Who can be asked to call. They are never the employer, a supervisor or an
// assessor: the doctor may be speaking about them.
const (
	TellCaseworker = "caseworker" // the named one
	TellTeam       = "team"       // any caseworker of the programme
	TellMentor     = "mentor"
)

// Plan is how a doctor wants to be looked after.
type Plan struct {
	Doctor    string        `json:"-"`
	Rhythm    Rhythm        `json:"rhythm"`
	Next      clock.Date    `json:"next"` // day of the next check-in, none for never
	Answers   bool          `json:"answers"`
	Exams     bool          `json:"exams"`
	Told      string        `json:"told"`
	warned    string        // what the last early warning rested on
	ChangedAt clock.Instant `json:"changed_at"`
	Version   int           `json:"-"`
}

func (p Plan) check() error {
	var c problem.Check
	c.That(known(Rhythms(), string(p.Rhythm)), "rhythm", "Choose how often we ask")
	watching := p.Answers || p.Exams
	c.That(!watching || slices.Contains([]string{TellCaseworker, TellTeam, TellMentor}, p.Told), "told", "Choose who is asked to call you")
	return c.Err()
}

// Areas are what a check-in asks about.
func Areas() []Code {
	return []Code{
		{"workload", "Your work and study"},
		{"mood", "How you feel"},
		{"housing", "Where you live"},
		{"fairness", "How people treat you"},
		{"money", "Money"},
	}
}

// Answer is how one area goes: 1 is well, 4 is very hard; 0 is not said.
type Answer int

// The answers.
const (
	NotSaid Answer = iota
	Well
	Mixed
	Hard
	VeryHard
)

// Answers lists the answers of a check-in, in the order of the page.
func Answers() []Code {
	return []Code{{"1", "It goes well"}, {"2", "Up and down"}, {"3", "It is hard"}, {"4", "It is very hard"}, {"0", "I would rather not say"}}
}

// CheckIn is one answer to "how are you?". Nobody but the doctor reads it.
type CheckIn struct {
	ID      string            `json:"-"`
	Doctor  string            `json:"-"`
	On      clock.Date        `json:"on"`
	Answers map[string]Answer `json:"answers"`
	Note    string            `json:"note,omitempty"`
}

// noteLength is the longest text somebody may write here, in characters.
const noteLength = 1000

func (c CheckIn) check() error {
	var p problem.Check
	said := false
	for area, a := range c.Answers {
		p.That(known(Areas(), area) && a >= NotSaid && a <= VeryHard, area, "Choose one of the answers")
		said = said || a != NotSaid
	}
	p.That(said || c.Note != "", Areas()[0].Value, "Answer at least one question, or write a note")
	p.That(utf8.RuneCountInString(c.Note) <= noteLength, "note", "Write 1,000 characters or fewer")
	return p.Err()
}

// Call says that somebody should call a doctor. It never says why.
type Call struct {
	ID, Doctor  string
	Told, Owner string
	AskedAt     clock.Instant
	DoneAt      clock.Instant // zero while it waits
	DoneBy      string
	Version     int
}

// CanCall are the people a doctor can ask to call them, by what the doctor has.
func CanCall(caseworker, mentor string) []Code {
	var out []Code
	if caseworker != "" {
		out = append(out, Code{TellCaseworker, "My caseworker, " + caseworker})
	}
	if mentor != "" {
		out = append(out, Code{TellMentor, "My mentor, " + mentor})
	}
	return append(out, Code{TellTeam, "Anyone in the team who looks after doctors"})
}
