package learning

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/fact"
)

// Takers are whom an event can be for.
func Takers() []Code {
	return []Code{{"all", "Every doctor of the programme"}, {"waiting", "Doctors who are not in post yet"}, {"in_post", "Doctors in post"}, {"registered", "Doctors registered with the GMC"}}
}

// fits tells whether an event is for somebody at a stage.
func fits(takes string, stage casefile.Stage) bool {
	switch takes {
	case "all":
		return stage != casefile.StageClosed
	case "in_post":
		return stage == casefile.StageInPost
	case "registered":
		return stage == casefile.StageRegistered || stage == casefile.StageDoctorPost
	case "waiting":
		return !slices.Contains([]casefile.Stage{casefile.StageInPost, casefile.StageRegistered, casefile.StageDoctorPost, casefile.StageClosed}, stage)
	}
	return false
}

func isWeb(link string) bool {
	return strings.HasPrefix(link, "https://") && len(link) > len("https://") && len(link) <= 500 && !strings.ContainsAny(link, " \n\t\"<>")
}

// Stops gives every reason why a doctor at a stage cannot book, none if they can.
func Stops(e Event, stage casefile.Stage, now clock.Instant) []string {
	var out []string
	if e.Way == WayOutside {
		out = append(out, "Book this on the organiser's own page. No places are kept here.")
	}
	if e.State == Cancelled {
		out = append(out, "This was cancelled.")
	} else if e.State != Open {
		out = append(out, "Booking is closed. Ask the organiser if you still want to come.")
	}
	if begun(e, now) {
		out = append(out, "This has already begun. Look for the next one.")
	}
	if !fits(e.Takes, stage) {
		out = append(out, "This is for: "+strings.ToLower(words(Takers(), e.Takes)[:1])+words(Takers(), e.Takes)[1:]+".")
	}
	return out
}

func begun(e Event, now clock.Instant) bool { return !e.FirstAt.IsZero() && !e.FirstAt.After(now) }

// Next chooses who of those who wait is offered a place: the first who asked,
// as many as places are free. Nobody passes somebody who asked earlier.
func Next(waiting []Booking, free int) []Booking {
	list := slices.Clone(waiting)
	list = slices.DeleteFunc(list, func(b Booking) bool { return b.State != Waiting })
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(strings.Compare(a.AskedAt.String(), b.AskedAt.String()), strings.Compare(a.ID, b.ID)) < 0
	})
	return list[:max(0, min(free, len(list)))]
}

// answerBy is when an offer of a place ends: after some days, and never after
// the event has begun.
func answerBy(e Event, now clock.Instant, days int) clock.Instant {
	until := now.Add(time.Duration(days) * 24 * time.Hour)
	if !e.FirstAt.IsZero() && e.FirstAt.Before(until) {
		until = e.FirstAt
	}
	return until
}

// Ahead is an exam a doctor has booked.
type Ahead struct {
	Exam string
	On   clock.Date
	Days int
}

// Words says how far away it is.
func (a Ahead) Words() string {
	switch a.Days {
	case 0:
		return a.Exam + " is today"
	case 1:
		return a.Exam + " is tomorrow"
	}
	return a.Exam + " in " + clock.HowLong(a.Days)
}

// Countdown gives the booked exams that come, the next first. It looks at what
// it is handed and nothing else: hand it only what the reader may see.
func Countdown(records []fact.Record, today clock.Date) []Ahead {
	var out []Ahead
	for _, r := range fact.Of(records, fact.Exam, fact.EnglishTest) {
		if !r.Live() || r.Text("outcome") != "booked" || r.On < today {
			continue
		}
		a := Ahead{Exam: examName(r), On: r.On, Days: today.DaysUntil(r.On)}
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Or(int(a.On-b.On), strings.Compare(a.Exam, b.Exam)) < 0
	})
	return out
}

func examName(r fact.Record) string {
	if r.Kind == fact.EnglishTest {
		if t := r.Text("test"); t == "IELTS" || t == "OET" {
			return t
		}
		return "English test"
	}
	switch r.Text("name") {
	case "PLAB1":
		return "PLAB 1"
	case "PLAB2":
		return "PLAB 2"
	}
	return "Exam"
}
