// Package post keeps the posts that employers register for the programme: where
// the work is, who employs, what it pays, until when it is paid for, and who
// supervises with how much room.
//
// It knows nothing of who is in a post: offers and checks belong to onboarding,
// people at work to placement. It only lets one of them hold a post at a time.
package post

import (
	"fmt"
	"strings"

	"msw/internal/clock"
)

// Setting is the kind of place where the work is done.
type Setting string

// The settings a post may have.
const (
	Hospital   Setting = "hospital"
	GPPractice Setting = "gp_practice"
	Community  Setting = "community"
)

// Settings lists them in the order pages show them.
func Settings() []Setting { return []Setting{Hospital, GPPractice, Community} }

// Words is the setting as a person reads it, or "" for no known setting.
func (s Setting) Words() string {
	switch s {
	case Hospital:
		return "Hospital"
	case GPPractice:
		return "GP practice"
	case Community:
		return "Community service"
	}
	return ""
}

// Status is how far a post has come.
type Status string

// The statuses, in the order a post goes through them.
const (
	Draft    Status = "draft"    // written down by the employer
	Approved Status = "approved" // the programme agrees to it
	Open     Status = "open"     // doctors can be proposed for it
	Filled   Status = "filled"   // one doctor has accepted it or works in it
	Closed   Status = "closed"   // no longer used
)

// Statuses lists them in order.
func Statuses() []Status { return []Status{Draft, Approved, Open, Filled, Closed} }

// Words is the status as a person reads it.
func (s Status) Words() string {
	switch s {
	case Draft:
		return "Draft"
	case Approved:
		return "Approved"
	case Open:
		return "Open"
	case Filled:
		return "Filled"
	case Closed:
		return "Closed"
	}
	return ""
}

// PayKind says whose pay scale applies.
type PayKind string

// The kinds of pay: the national scale of NHS staff, or what the employer
// states. GP practices are independent contractors and may pay locally
// (recalled, domain 1.6).
const (
	AgendaForChange PayKind = "agenda_for_change"
	LocalPay        PayKind = "local"
)

// Point is a step within Agenda for Change band 6, the band of the role
// (confirmed, domain 1.4).
type Point string

// The steps of band 6 in England (confirmed, domain 1.4): entry, after two
// years, after three more.
const (
	Entry        Point = "entry"
	Intermediate Point = "intermediate"
	Top          Point = "top"
)

// Points lists the steps from the lowest.
func Points() []Point { return []Point{Entry, Intermediate, Top} }

// Words is the step as a person reads it.
func (p Point) Words() string {
	switch p {
	case Entry:
		return "entry step"
	case Intermediate:
		return "middle step"
	case Top:
		return "top step"
	}
	return ""
}

// Zone is a high cost area supplement (HCAS) zone; the percentages are rates of
// the funding rules, not of this package.
type Zone string

// The zones (confirmed, domain 1.4). NoZone is a stated answer: it is not the
// same as an empty one.
const (
	NoZone Zone = "none"
	Inner  Zone = "inner"
	Outer  Zone = "outer"
	Fringe Zone = "fringe"
)

// Zones lists them as pages show them.
func Zones() []Zone { return []Zone{NoZone, Inner, Outer, Fringe} }

// Words is the zone as a person reads it.
func (z Zone) Words() string {
	switch z {
	case NoZone:
		return "no high cost area supplement"
	case Inner:
		return "inner London supplement"
	case Outer:
		return "outer London supplement"
	case Fringe:
		return "London fringe supplement"
	}
	return ""
}

// Pay is what a post pays. Point and HCAS belong to Agenda for Change; Pence is
// the whole-time amount for a year in pence and belongs to local pay.
type Pay struct {
	Kind  PayKind
	Point Point
	HCAS  Zone
	Pence int64
}

// Stated tells whether the pay is complete enough to be offered to a person.
func (p Pay) Stated() bool {
	switch p.Kind {
	case AgendaForChange:
		return p.Point.Words() != "" && p.HCAS.Words() != ""
	case LocalPay:
		return p.Pence > 0
	}
	return false
}

// Words is the pay as a person reads it.
func (p Pay) Words() string {
	if !p.Stated() {
		return "Not stated yet"
	}
	if p.Kind == LocalPay {
		return Pounds(p.Pence) + " a year for full time, set by the employer"
	}
	return "NHS Agenda for Change band 6, " + p.Point.Words() + ", " + p.HCAS.Words()
}

// Pounds writes pence as pounds with separators: £31,250, £31,250.50.
func Pounds(pence int64) string {
	sign := ""
	if pence < 0 {
		sign, pence = "-", -pence
	}
	whole := fmt.Sprint(pence / 100)
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if pence%100 == 0 {
		return sign + "£" + b.String()
	}
	return fmt.Sprintf("%s£%s.%02d", sign, b.String(), pence%100)
}

// Indemnity says who pays if a patient is harmed.
type Indemnity string

// The arrangements (recalled, domain 3.5): the trusts' scheme, the scheme for
// general practice, or another the employer has arranged.
const (
	TrustScheme    Indemnity = "trust_scheme"
	PracticeScheme Indemnity = "practice_scheme"
	OwnIndemnity   Indemnity = "own_arrangement"
)

// Indemnities lists them as pages show them.
func Indemnities() []Indemnity { return []Indemnity{TrustScheme, PracticeScheme, OwnIndemnity} }

// Words is the arrangement as a person reads it.
func (i Indemnity) Words() string {
	switch i {
	case TrustScheme:
		return "Clinical Negligence Scheme for Trusts"
	case PracticeScheme:
		return "Clinical Negligence Scheme for General Practice"
	case OwnIndemnity:
		return "Another arrangement made by the employer"
	}
	return ""
}

// Funder is whose money pays for a post.
type Funder string

// The funders. None is stated in records from before this was asked; a post of
// a programme phase is then the programme's.
const (
	Programme Funder = "programme"
	Board     Funder = "board" // an integrated care board or another NHS body
	Self      Funder = "employer"
	Elsewhere Funder = "other"
)

// Funders lists them as pages show them.
func Funders() []Funder { return []Funder{Programme, Board, Self, Elsewhere} }

// Words is the funder as a person reads it, or "" for no known one.
func (f Funder) Words() string {
	switch f {
	case Programme:
		return "The programme"
	case Board:
		return "An integrated care board or another NHS body"
	case Self:
		return "The employer"
	case Elsewhere:
		return "Somebody else"
	}
	return ""
}

// PaidBy is whose money pays, as stated or, in older records, as the phase
// tells; "" when nothing says.
func (d Details) PaidBy() Funder {
	if d.Funder == "" && d.Phase != "" {
		return Programme
	}
	return d.Funder
}

// FullTimeWeek is a full-time week in minutes, 37.5 hours, when the programme
// has set nothing else (recalled, domain 1.4).
const FullTimeWeek = 2250

// WholeTime is the share of a full-time week in thousandths, rounded half up.
func WholeTime(minutes, full int) int {
	if full <= 0 {
		return 0
	}
	return (minutes*2000 + full) / (2 * full)
}

// Hours writes minutes a week as hours: 37.5 hours a week.
func Hours(minutes int) string {
	text := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", float64(minutes)/60), "0"), ".")
	return text + " hours a week"
}

// Details are what an employer writes about a post. Employer is the employer of
// record, Host the place of work: they may differ, as when a training hub
// employs and a practice hosts. StartFrom, ContractEnd and FundedUntil are
// three dates of their own; the phase's end, a fourth, is the programme's.
type Details struct {
	Setting               Setting
	Employer, Host        string // organisation ids
	Specialty             string
	MinutesWeek           int
	Pay                   Pay
	StartFrom             clock.Date
	ContractEnd           clock.Date
	FundedUntil           clock.Date
	Phase                 string // id of the phase that pays, "" when no programme money is asked for
	Indemnity             Indemnity
	Clinical, Educational string // supervisors' accounts
	Essential, Wished     string // requirements in words, one a line: without and with which one can come
	Requires                     // the least experience, compared with facts
	Funder                Funder
	Follows               string // id of the post this one takes over from, "" for none
}

// Post is one job for one doctor at a time.
type Post struct {
	ID      string
	Version int
	Status  Status
	Details
	WholeTime    int    // share of full time in thousandths
	Region       string // where the host is
	Holder       string // offer that filled it, "" while free
	RegisteredOn clock.Date
	FilledOn     clock.Date // since when it is held; none in records from before this was kept
	VacatedOn    clock.Date // when it was last left
}

// Supervisor is a senior doctor who has said how many people they can take on
// at once.
type Supervisor struct {
	Account, Organisation, Name string
	Capacity, Holding           int
	ApprovedUntil               clock.Date // last day of the approval to supervise, none when no end was stated
	AwayFrom, AwayUntil         clock.Date // the next long absence, first and last day
	Version                     int
}

// Room is how many more people the supervisor can take on, whatever the day.
func (s Supervisor) Room() int { return max(0, s.Capacity-s.Holding) }

// Lapsed tells whether the approval has ended before a day.
func (s Supervisor) Lapsed(day clock.Date) bool {
	return !s.ApprovedUntil.IsZero() && s.ApprovedUntil < day
}

// Away tells whether the supervisor is away on a day.
func (s Supervisor) Away(day clock.Date) bool {
	return !s.AwayFrom.IsZero() && s.AwayFrom <= day && (s.AwayUntil.IsZero() || day <= s.AwayUntil)
}

// RoomOn is the room on a day: none once the approval has lapsed or while away.
func (s Supervisor) RoomOn(day clock.Date) int {
	if s.Lapsed(day) || s.Away(day) {
		return 0
	}
	return s.Room()
}

// FreeFrom is the first day from a day on when the supervisor has room, or no
// date when the present approval and number never give one.
func (s Supervisor) FreeFrom(day clock.Date) clock.Date {
	if s.Away(day) && !s.AwayUntil.IsZero() {
		day = s.AwayUntil.AddDays(1)
	}
	if s.RoomOn(day) == 0 {
		return 0
	}
	return day
}
