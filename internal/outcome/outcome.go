// Package outcome says what became of the programme's people in figures: how
// many started, are in post, hold a doctor post, are registered, left, or are
// not known of, on any day; and which of those figures may be published.
//
// It counts civil dates of milestones and reads no name, contact or fact about
// a person. It does not decide what happened to anybody.
package outcome

import (
	"slices"

	"msw/internal/clock"
)

// Measure is one published figure.
type Measure string

// The measures, in the order every table shows them.
const (
	FundedPlaces Measure = "funded_places"
	Started      Measure = "started"
	InPost       Measure = "in_post"
	DoctorPosts  Measure = "doctor_posts"
	Registered   Measure = "registered"
	Left         Measure = "left"
	Unknown      Measure = "unknown"
)

// Definition says what a measure counts, in words for the public.
type Definition struct {
	Measure Measure
	Title   string
	Text    string
}

// Definitions gives every measure its words.
func Definitions() []Definition {
	return []Definition{
		{FundedPlaces, "Funded places", "Places of every phase that was announced by the date and had not ended on it."},
		{Started, "Started", "People who began a post as a Medical Support Worker in the programme by the date. Each person counts once."},
		{InPost, "In post", "People who started, whose post had not ended by the date, and who did not yet have a doctor post."},
		{DoctorPosts, "Doctor posts", "People who started and had begun their first post as a registered doctor by the date."},
		{Registered, "Registered", "People who started and were registered with the GMC by the date, of any kind. Two members of staff read the register."},
		{Left, "Left", "People who started and left the programme by the date without a doctor post, for a reason that was recorded."},
		{Unknown, "Not known", "People whose post ended by the date and of whom we do not know what they do now."},
	}
}

// counted are the measures that count people.
var counted = [...]Measure{Started, InPost, DoctorPosts, Registered, Left, Unknown}

// Figures are exact numbers on one day. A measure that is missing is not known.
type Figures map[Measure]int64

// History is what of one person's road the figures need.
type History struct {
	Region                                  string
	Started, Ended                          clock.Date // the first start; the end of the last post
	Registered, DoctorPost, Left, Undecided clock.Date
}

// Count adds one person to the figures of a day. Each person who has started is
// in exactly one of in post, doctor post, left and unknown, so that
// started = in post + doctor posts + left + unknown always holds.
func (f Figures) Count(h History, on clock.Date) {
	by := func(d clock.Date) bool { return !d.IsZero() && d <= on }
	if !by(h.Started) {
		return
	}
	f[Started]++
	if by(h.Registered) {
		f[Registered]++
	}
	switch {
	case by(h.DoctorPost):
		f[DoctorPosts]++
	case by(h.Left):
		f[Left]++
	case by(h.Ended):
		f[Unknown]++
	default:
		f[InPost]++
	}
}

// none makes figures with every counted measure at zero.
func none() Figures {
	f := Figures{}
	for _, m := range counted {
		f[m] = 0
	}
	return f
}

// Places adds the places of phases announced by a day and not ended on it. A
// phase without a day of announcement counts from its start; one whose number
// of places is not known adds nothing.
func Places(phases []PhasePlaces, on clock.Date) int64 {
	var sum int64
	for _, p := range phases {
		from := p.Announced
		if from.IsZero() {
			from = p.Starts
		}
		if !from.IsZero() && from <= on && (p.Ends.IsZero() || p.Ends >= on) {
			sum += p.Places
		}
	}
	return sum
}

// PhasePlaces is what of a phase the figures need.
type PhasePlaces struct {
	Announced, Starts, Ends clock.Date
	Places                  int64
}

// Cell is one figure as the public sees it: a number, or nothing because
// showing it, or comparing it with another, would show a group of one to four.
type Cell struct {
	Value  int64
	Hidden bool
}

// Publication is what was said of one day. It is written once and never
// changed; what was recorded later shows in later publications.
type Publication struct {
	AsAt      clock.Date
	Published clock.Date
	Total     map[Measure]Cell
	Regions   map[string]map[Measure]Cell // only on the days that publish regions
}

// Suppressed lists the measures whose total is not shown, in table order.
func (p Publication) Suppressed() []Measure {
	var out []Measure
	for _, d := range Definitions() {
		if c, ok := p.Total[d.Measure]; ok && c.Hidden {
			out = append(out, d.Measure)
		}
	}
	return out
}

// PublishesRegions tells whether the regions are published for a day: the ends
// of March and September only, so that months cannot be taken from each other.
func PublishesRegions(on clock.Date) bool {
	return on == on.MonthEnd() && (on.Month() == 3 || on.Month() == 9)
}

// Due lists the days from the first to the last whose figures are published: a
// fixed list and every month's end, the fixed ones first, since a figure that
// was promised for a day must not give way to a month's end.
func Due(first, last clock.Date, fixed []clock.Date) []clock.Date {
	var out []clock.Date
	for _, d := range fixed {
		if d >= first && d <= last && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	for d := first.MonthEnd(); d <= last; d = d.AddDays(1).MonthEnd() {
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}
