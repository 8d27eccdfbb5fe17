// Package learning is what helps a doctor learn for registration: study time
// agreed with the employer, the days to a booked exam, and events and courses
// with places, a waiting list and attendance.
//
// It is no portfolio: what was learnt and who signed for it is kept elsewhere.
// It takes no money: a price is shown, the organiser collects it. Nothing here
// tells an employer or a supervisor of an exam or of an event somebody goes to.
package learning

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What can be done here.
const (
	ActOwn      access.Action = "learning.own"      // a doctor's own page
	ActSee      access.Action = "learning.see"      // events that are offered
	ActBook     access.Action = "learning.book"     // book, wait, answer, cancel for oneself
	ActOrganise access.Action = "learning.organise" // make and change events
	ActPeople   access.Action = "learning.people"   // who booked, and who came
	ActStudy    access.Action = "learning.study"    // see the study time of a post
	ActAgree    access.Action = "learning.agree"    // propose, answer and end study time
	ActSweep    access.Action = "learning.sweep"    // end offers of a place that nobody answered
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActOwn, ActSee, ActBook, ActOrganise, ActPeople, ActStudy, ActAgree, ActSweep}
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

// KindWelcome is the GMC's workshop for doctors new to practice here.
const KindWelcome = "welcome"

// Kinds lists the kinds of events.
func Kinds() []Code {
	return []Code{{KindWelcome, "Welcome to UK Practice"}, {"induction", "Induction"}, {"english", "English course"}, {"plab", "PLAB course"}, {"workshop", "Workshop"}, {"other", "Other"}}
}

// Fact is something a published page says of a kind of event.
type Fact struct{ Text, Source string }

// FactOf gives what is confirmed of a kind (domain 2.12 and 4.4).
func FactOf(kind string) (Fact, bool) {
	if kind != KindWelcome {
		return Fact{}, false
	}
	return Fact{"Welcome to UK Practice is a free workshop of the GMC. The GMC suggests it after you pass PLAB 2.",
		"https://www.gmc-uk.org/registration-and-licensing/join-the-register/plab/plab-2-guide/what-do-you-do-after-you-get-your-results"}, true
}

// The ways to take part.
const (
	WayPlace   = "place"
	WayOnline  = "online"
	WayOutside = "outside" // booked on the organiser's own page: no places are kept here
)

// Ways lists them.
func Ways() []Code {
	return []Code{{WayPlace, "In a room"}, {WayOnline, "Online"}, {WayOutside, "On the organiser's own web page, with their own booking"}}
}

// State is how far an event is.
type State string

// The states of an event.
const (
	Draft     State = "draft" // only the organiser sees it
	Open      State = "open"
	Closed    State = "closed" // takes no more bookings; those there are stand
	Cancelled State = "cancelled"
)

// Words names a state.
func (s State) Words() string {
	return map[State]string{Draft: "Not shown yet", Open: "Open", Closed: "Booking closed", Cancelled: "Cancelled"}[s]
}

// Event is something doctors can go to.
type Event struct {
	ID           string        `json:"id"`
	Version      int           `json:"-"`
	Kind         string        `json:"kind"`
	Title        string        `json:"title"`
	About        string        `json:"about"`
	Organisation string        `json:"organisation"` // "" for the programme
	Way          string        `json:"way"`
	Region       string        `json:"region"`
	Takes        string        `json:"takes"`
	Pence        int64         `json:"pence"`
	Places       int           `json:"places"` // 0 for no limit
	State        State         `json:"state"`
	Place        string        `json:"-"` // told only to those booked and the organiser
	Link         string        `json:"-"` // the same, unless Way is WayOutside
	Taken        int           `json:"-"`
	Waiting      int           `json:"-"`
	FirstAt      clock.Instant `json:"first_at"`
	LastAt       clock.Instant `json:"last_at"`
	MadeAt       clock.Instant `json:"-"`
	By           string        `json:"-"`
}

// Resource is the event as access sees it.
func (e Event) Resource(tenant string) access.Resource {
	r := access.Resource{Kind: "event", ID: e.ID, Tenant: tenant}
	if e.Organisation != "" {
		r.Organisations = []string{e.Organisation}
	}
	return r
}

const (
	mostPlaces = 1000
	titleLong  = 120
	aboutLong  = 2000
	placeLong  = 300
)

func (e Event) check() error {
	var c problem.Check
	long := func(s string, most int) bool { return utf8.RuneCountInString(s) <= most }
	c.That(known(Kinds(), e.Kind), "kind", "Choose what it is")
	c.That(e.Title != "" && long(e.Title, titleLong), "title", "Give it a name of up to "+strconv.Itoa(titleLong)+" characters")
	c.That(e.About != "" && long(e.About, aboutLong), "about", "Say what it is for, in up to 2,000 characters")
	c.That(known(Ways(), e.Way), "way", "Choose how doctors take part")
	c.That(e.Way != WayPlace || e.Place != "", "place", "Say where it is. Only those who booked read it")
	c.That(long(e.Place, placeLong), "place", "Write 300 characters or fewer")
	c.That(e.Way != WayOutside || e.Link != "", "link", "Give the web address where doctors book")
	c.That(e.Link == "" || isWeb(e.Link), "link", "The web address must begin with https://")
	c.That(known(Takers(), e.Takes), "takes", "Choose whom it is for")
	c.That(e.Pence >= 0 && e.Pence <= 1_000_000, "pence", "The price must be between £0 and £10,000")
	c.That(e.Places >= 0 && e.Places <= mostPlaces, "places", "The places must be between 1 and 1,000, or nothing for no limit")
	c.That(e.Places >= e.Taken || e.Places == 0, "places", "There are already "+strconv.Itoa(e.Taken)+" people with a place. Keep at least as many places, or ask some to cancel")
	return c.Err()
}

// Session is one meeting of an event.
type Session struct {
	Starts  clock.Instant
	Minutes int
}

// BookingState is how a doctor stands to an event.
type BookingState string

// The states of a booking.
const (
	Waiting   BookingState = "waiting"
	Offered   BookingState = "offered" // a place was freed for them; they have not answered
	Booked    BookingState = "booked"
	Left      BookingState = "cancelled"
	Declined  BookingState = "declined"
	TimedOut  BookingState = "lapsed"
	cameYes                = "yes"
	cameNo                 = "no"
	notMarked              = ""
)

// Words names a state as its doctor reads it.
func (s BookingState) Words() string {
	return map[BookingState]string{Waiting: "On the waiting list", Offered: "A place is free for you", Booked: "Booked", Left: "You cancelled", Declined: "You said no", TimedOut: "The time to answer is over"}[s]
}

func (s BookingState) holds() bool { return s == Booked || s == Offered }
func (s BookingState) live() bool  { return s.holds() || s == Waiting }

// Booking is one doctor's at one event.
type Booking struct {
	ID            string        `json:"-"`
	Version       int           `json:"-"`
	Event         string        `json:"event"`
	Doctor        string        `json:"-"`
	State         BookingState  `json:"state"`
	AskedAt       clock.Instant `json:"asked_at"`
	Until         clock.Instant `json:"offered_until"`
	Attended      string        `json:"attended"`
	CertificateOn clock.Date    `json:"certificate_on"`
	NotedBy       string        `json:"-"`
}
