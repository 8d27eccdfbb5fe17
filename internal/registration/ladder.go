package registration

import (
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// Inputs is everything the picture of one doctor's road is made from. Facts are
// the live records of the doctor; nothing else about the person is looked at.
type Inputs struct {
	Facts []fact.Record
	On    clock.Date // the day the picture is of
	Post  Post
	// History are the programme's own medians by step, nothing where there are
	// too few cases; a demonstration's history is never handed in.
	History []Usual
	// Given is how long steps take as this programme has set it, by step: used
	// only where no page says it.
	Given map[string]Given
	// Paid is money recorded as spent on this road.
	Paid []Payment
}

// Post is the place in the programme; zero dates are not known or not so.
type Post struct {
	Waiting bool // may still get a place, and not started yet
	Starts  clock.Date
	Ends    clock.Date // last day of the contract
	Funded  clock.Date // last day that is paid for
}

// Payment is money spent: a fee id of fees.yaml (or free words), how much and by
// whom.
type Payment struct {
	Fee   string
	What  string
	On    clock.Date
	Pence int64
	Payer string
}

// Usual says how long a step took in the programme: median and range in days of
// N cases, as at a day.
type Usual struct {
	Step                string
	Median, Short, Long int
	N                   int
	AsAt                clock.Date
	Demonstration       bool // made by the demo: never used as evidence
}

// RungState is how far one requirement is.
type RungState string

// The states of a requirement. Likely is the best a requirement can have that
// the GMC decides on application; Accepted is used only once the GMC said so.
const (
	RungMet       RungState = "met"
	RungMetUntil  RungState = "met_until"
	RungLapses    RungState = "lapses_first" // good today, not on the day it is needed
	RungDoing     RungState = "in_progress"
	RungWaiting   RungState = "waiting"
	RungBlocked   RungState = "blocked"
	RungNotNeeded RungState = "not_needed"
	RungLikely    RungState = "likely"
	RungAccepted  RungState = "accepted"
	RungToDo      RungState = "to_do"
	RungUnknown   RungState = "not_known"
	RungHidden    RungState = "not_shown" // the reader may not know
	RungPass      RungState = "recorded"  // a pass is on record; whether it still counts is not shown
)

// Rung is one requirement on the ladder with everything the page says of it.
type Rung struct {
	ID    string // as in the rules: ENG, PLAB1, CGS …
	Title string
	Part  string // the part of the road it stands in, as road.yaml names it
	State RungState
	Until clock.Date // last day the state holds, none for no end
	// By is the day by which it is needed, as far as known.
	By        clock.Date
	BlockedBy []string // ids of rungs
	WaitsFor  string   // "you", "the GMC", "the team" …
	Why       string   // in words for the doctor
	Staff     string   // the same for the team, where it differs
	Proof     string   // what counts as proof
	Fee       string   // id of the fee that is still to be paid for it, none where there is none
	Pence     int64    // what that costs the doctor now, -1 when not known
	Usually   string   // how long it usually takes, or that nobody knows
	Now       string   // what to do now
	Facts     []string
	Dates     []clock.Date
	Sources   []rulebook.Source
	Mark      rulebook.Mark // the weakest mark among the sources
	Needs     Right         // what a reader must be allowed to know
	Ways      []Rung        // alternatives of this requirement
	Passed    clock.Date    // day of a recorded pass, for readers of RungPass
}

// RouteProgress is one of the roads to full registration.
type RouteProgress struct {
	ID, Title string
	State     RungState
	Done, Of  int
	Missing   []string // ids of rungs
	Following bool
	First     bool // the first complete one, which counts
	Needs     Right
}

// Advice is one thing to do now; Rung or Code tell a page which form to link to.
type Advice struct {
	ID    string // stable: the rung it helps, or a collision's code
	Rung  string
	Title string
	Why   string
	By    clock.Date
	// Risk is what to read first: what a worse result would cost, the last day
	// the present one serves, and other ways.
	Risk   []string
	Ways   []string
	Needs  Right
	Resits bool // a test would be sat again although a good result stands
	rank   int
}

// Window is one bar or day of the timeline.
type Window struct {
	Label       string
	Kind        string // one of the Window kinds
	Rung        string
	From, Until clock.Date // a single day when equal; Until none for no end
	Needs       Right
}

// The kinds of window.
const (
	WindowProof      = "proof"
	WindowExam       = "exam"
	WindowBooking    = "booking"
	WindowPermission = "permission"
	WindowContract   = "contract"
	WindowFunding    = "funding"
	WindowForecast   = "forecast"
)

// Who must act on a collision.
const (
	WhoDoctor = "doctor"
	WhoTeam   = "team"
)

// Collision is two dates that cannot both hold, told before they meet. Code is
// stable for as long as the same thing is wrong, so that a task opens once and
// closes when it is cured.
type Collision struct {
	Code  string
	Who   string // WhoDoctor or WhoTeam
	Title string // neutral: says nothing a reader without Needs may know
	By    clock.Date
	On    clock.Date // the day it happens
	Rung  string
	Text  string // what happens, with its dates
	Do    string
	Risk  []string // as in Advice
	Needs Right
}

// adviceOn is the advice that says what to do about a collision, nil for none.
func (l *Ladder) adviceOn(c Collision) *Advice {
	for i := range l.Next {
		if l.Next[i].ID == c.Code {
			return &l.Next[i]
		}
	}
	return nil
}

// Ladder is one doctor's road on one day.
type Ladder struct {
	On         clock.Date
	RuleSet    string
	Version    string // name of the version, and its hash
	Hash       string
	Where      string // where the doctor is, in one sentence
	Rungs      []Rung
	Routes     []RouteProgress
	Next       []Advice // at most three, best first
	Collisions []Collision
	Windows    []Window
	Forecast   Forecast
	Complete   bool // everything is ready for the application
	Registered bool // the register shows it, read by two people

	in         *Inputs
	road       *Road
	whereStaff string // Where as the team reads it
}

// Rung gives a rung by id, or nil.
func (l *Ladder) Rung(id string) *Rung {
	for i := range l.Rungs {
		if l.Rungs[i].ID == id {
			return &l.Rungs[i]
		}
	}
	return nil
}
