package learning

import (
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/post"
)

func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

func (e Event) price() string {
	if e.Pence == 0 {
		return "Free"
	}
	return post.Pounds(e.Pence) + ", paid to the organiser"
}

func (e Event) room() string {
	switch {
	case e.Way == WayOutside:
		return "See the organiser's page"
	case e.Places == 0:
		return "No limit"
	case e.Taken >= e.Places || e.Waiting > 0:
		return "Full. New bookings go on the waiting list"
	}
	return strconv.Itoa(e.Places-e.Taken) + " of " + strconv.Itoa(e.Places) + " places free"
}

func (e Event) how() string {
	switch e.Way {
	case WayOnline:
		return "Online"
	case WayOutside:
		return "On the organiser's own page"
	}
	if name := organisation.RegionName(e.Region); name != "" {
		return "In a room, " + name
	}
	return "In a room"
}

func (e Event) when() string {
	switch {
	case e.FirstAt.IsZero() && e.Way == WayOutside:
		return "See the organiser's page"
	case e.FirstAt.IsZero():
		return "No dates yet"
	case e.FirstAt.Local() == e.LastAt.Local():
		return moment(e.FirstAt)
	}
	return moment(e.FirstAt) + ", until " + e.LastAt.Local().Long()
}

func (e Event) tag() nhs.Tag {
	return nhs.Tag{Text: e.State.Words(), Colour: map[State]string{Draft: "grey", Open: "green", Closed: "blue", Cancelled: "red"}[e.State]}
}

func (b Booking) tag() nhs.Tag {
	return nhs.Tag{Text: b.State.Words(), Colour: map[BookingState]string{Waiting: "yellow", Offered: "orange", Booked: "green"}[b.State]}
}

// offered says who offers it and whether there is room.
func (r EventRow) offered() string {
	if r.Way == WayOutside {
		return "Listed by: " + r.Organiser + "."
	}
	return r.Organiser + ". " + r.room() + "."
}

func (r EventRow) line() string {
	if r.Way == WayOutside {
		return "You book on the organiser's own page. " + r.price() + "."
	}
	return r.when() + ". " + r.how() + ". " + r.price() + "."
}

func (v EventSight) rows() []nhs.SummaryRow {
	out := []nhs.SummaryRow{{Key: "Offered by", Value: v.Organiser}, {Key: "When", Value: v.when()}, {Key: "How", Value: v.how()}}
	if v.Place != "" {
		out = append(out, nhs.SummaryRow{Key: "Where", Value: v.Place})
	} else if v.Way == WayPlace {
		out = append(out, nhs.SummaryRow{Key: "Where", Value: "You see the address when you are booked"})
	}
	if v.Link != "" {
		out = append(out, nhs.SummaryRow{Key: "Web address", Body: outLink(v.Link)})
	} else if v.Way == WayOnline {
		out = append(out, nhs.SummaryRow{Key: "Web address", Value: "You see it when you are booked"})
	}
	out = append(out, nhs.SummaryRow{Key: "For", Value: words(Takers(), v.Takes)}, nhs.SummaryRow{Key: "Price", Value: v.price()}, nhs.SummaryRow{Key: "Places", Value: v.room()})
	if v.MayOrganise && v.Way != WayOutside {
		out = append(out, nhs.SummaryRow{Key: "Booked or offered", Value: strconv.Itoa(v.Taken)}, nhs.SummaryRow{Key: "Waiting", Value: strconv.Itoa(v.Waiting)})
	}
	if v.Way == WayOutside {
		out[0].Key = "Listed by"
	}
	return out
}

func (x Session) words() string { return moment(x.Starts) + ", " + length(x.Minutes) }

func length(minutes int) string {
	if minutes%60 == 0 || minutes == 90 {
		return Hours(minutes)
	}
	return strconv.Itoa(minutes) + " minutes"
}

// came is what was recorded of somebody's attendance.
func (b Booking) came() string {
	switch {
	case b.Attended == cameYes && !b.CertificateOn.IsZero():
		return "You came. Certificate of " + b.CertificateOn.Long()
	case b.Attended == cameYes:
		return "You came"
	case b.Attended == cameNo:
		return "You did not come"
	}
	return ""
}

func attendance() []nhs.Option {
	return []nhs.Option{{Value: cameYes, Label: "Came"}, {Value: cameNo, Label: "Did not come"}}
}

func (v peopleView) mark(b Booking) Mark {
	if m, ok := v.Marks[b.ID]; ok {
		return m
	}
	return Mark{b.ID, b.Attended, !b.CertificateOn.IsZero()}
}

func ticked(yes bool) []string {
	if yes {
		return []string{"yes"}
	}
	return nil
}

func (s Study) words() string { return Hours(s.MinutesWeek) + " a week from " + s.From.Long() }

// told is what happened to a study time, for the history.
func (s Study) told(employer string) string {
	who := employer
	if s.Side == SideDoctor {
		who = "The doctor"
	}
	out := who + " proposed it on " + s.ProposedAt.Local().Long() + ". "
	switch s.State {
	case Proposed:
		return out + "It waits for an answer."
	case SaidNo:
		return out + "The other side said no on " + s.AnsweredAt.Local().Long() + "."
	case Withdrawn:
		return out + "It was taken back on " + s.AnsweredAt.Local().Long() + "."
	}
	out += "Agreed on " + s.AnsweredAt.Local().Long() + "."
	if !s.To.IsZero() {
		out += " Last day " + s.To.Long() + "."
	}
	return out
}

func (s Study) stateTag(v StudySight) nhs.Tag {
	switch {
	case s.State == Proposed:
		return nhs.Tag{Text: "Waits for an answer", Colour: "yellow"}
	case s.State == SaidNo:
		return nhs.Tag{Text: "Not agreed", Colour: "grey"}
	case s.State == Withdrawn:
		return nhs.Tag{Text: "Taken back", Colour: "grey"}
	case s.InForce(v.Today):
		return nhs.Tag{Text: "Agreed", Colour: "green"}
	case s.From > v.Today:
		return nhs.Tag{Text: "Agreed, not begun", Colour: "blue"}
	}
	return nhs.Tag{Text: "Ended", Colour: "grey"}
}
