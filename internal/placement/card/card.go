// Package card decides what one medical support worker may do at one instant:
// from the history of a post, its sign-offs, its host's levels and who
// supervises, to lines that are allowed, not allowed or never allowed.
//
// It reads no store and no clock, and it holds no page. Whatever is unknown,
// out of date or not yet true at the instant is not allowed: the ways to a yes
// are few, and all of them are in decide.go.
package card

import (
	"msw/internal/clock"
)

// Level is how closely somebody is supervised in a task.
type Level int

// The levels a host may give. There is no fourth: somebody who is not
// registered never works with a supervisor who is only on the phone.
const (
	Watch    Level = 1 // observes only
	Direct   Level = 2 // does it with the supervisor in the room
	Indirect Level = 3 // does it with the supervisor on site
)

// Known tells whether a number is a level at all.
func (l Level) Known() bool { return l >= Watch && l <= Indirect }

// SignOff says that somebody was seen to do a task, at one host.
type SignOff struct {
	ID, Task, Host string
	Level          Level
	On             clock.Date    // the day it was seen
	Recheck        clock.Date    // the last day it counts
	RecordedAt     clock.Instant // before this nobody knew
	ConfirmedAt    clock.Instant // when the host vouched for the assessor, none while it has not
	WithdrawnAt    clock.Instant // none while it stands
	Assessor       string        // name and role as recorded
}

// HostLevel is the highest level a host gives for a task, from an instant on; 0
// when the host does not let anybody do it.
type HostLevel struct {
	Host, Task string
	Level      Level
	At         clock.Instant
}

// Stint is a time at one host: To is the last day, none while it runs.
type Stint struct {
	Host     string
	From, To clock.Date
}

// Cover is a time in which a clinical supervisor answers for daily work; To is
// the last day, none when it has no end.
type Cover struct {
	Account, Name string
	From, To      clock.Date
	Stands        bool // stands in for the named one
}

// Away is a time without work: leave, sickness, a pause. To is the last day,
// none while nobody knows it.
type Away struct{ From, To clock.Date }

// History is everything a card is decided from, as it was read at ReadAt.
type History struct {
	ReadAt     clock.Instant
	Stints     []Stint
	Levels     []HostLevel
	SignOffs   []SignOff
	Covers     []Cover
	Away       []Away
	Registered clock.Date // from when the GMC's register has them, if it does
}

// State is what a card says of one task.
type State string

// The states; only Allowed lets anybody do anything.
const (
	Allowed     State = "allowed"
	NotSigned   State = "not_signed"  // nobody signed it off here
	Elsewhere   State = "elsewhere"   // signed off at another host only
	Unconfirmed State = "unconfirmed" // the host has not vouched for the assessor
	Expired     State = "expired"     // its re-check is overdue
	Withdrawn   State = "withdrawn"   // taken back
	NotHere     State = "not_here"    // this host does not let anybody do it
	NoLevel     State = "no_level"    // this host has not said
	Unclear     State = "unclear"     // the record does not hold together
	Nobody      State = "nobody"      // no supervisor covers
	NotAtWork   State = "not_at_work" // away
	NotInPost   State = "not_in_post" // before the start, after the end
	Ended       State = "registered"  // the card ends with registration
	TooOld      State = "out_of_date" // what was read is too old to say
)

// Line is one task of a card.
type Line struct {
	Task     Task
	State    State
	Level    Level         // when allowed
	SignOff  SignOff       // the one the answer rests on, if any
	NotAfter clock.Instant // when allowed: from then on this line says nothing
}

// Card is what may be done at one instant.
type Card struct {
	At       clock.Instant
	Host     string
	Under    []Cover // who covers; the first is the one to ask
	State    State   // why nothing at all is allowed; Allowed when something might be
	Lines    []Line  // one a task, in the order of the rules
	Never    []Never
	NotAfter clock.Instant // the earliest end of any allowed line, none when nothing is allowed
}

// Allowed lists the lines that may be done at an instant: none once it has
// passed what a line carries, or before the card was made.
func (c Card) Allowed(now clock.Instant) []Line {
	var out []Line
	for _, l := range c.Lines {
		if l.State == Allowed && !now.Before(c.At) && now.Before(l.NotAfter) {
			out = append(out, l)
		}
	}
	return out
}

// Refused lists the other lines.
func (c Card) Refused() []Line {
	var out []Line
	for _, l := range c.Lines {
		if l.State != Allowed {
			out = append(out, l)
		}
	}
	return out
}
