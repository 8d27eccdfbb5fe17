package learning

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/fact"
)

// Whoever is offered a place asked before everybody who still waits, and no more
// are chosen than there are places.
func TestNobodyPassesWhoAskedEarlier(t *testing.T) {
	start := clock.StartOf(clock.MustDate("2026-11-01"))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "people")
		var list []Booking
		for i := range n {
			list = append(list, Booking{ID: fmt.Sprint(i), AskedAt: start.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "minute")) * time.Minute),
				State: rapid.SampledFrom([]BookingState{Waiting, Offered, Booked, Left, Declined, TimedOut}).Draw(t, "state")})
		}
		free := rapid.IntRange(-2, 14).Draw(t, "free")
		got := Next(list, free)
		var left []Booking
		waits := 0
		for _, b := range list {
			if b.State != Waiting {
				continue
			}
			waits++
			if !slices.ContainsFunc(got, func(g Booking) bool { return g.ID == b.ID }) {
				left = append(left, b)
			}
		}
		if len(got) != max(0, min(free, waits)) {
			t.Fatalf("%d chosen of %d for %d places", len(got), waits, free)
		}
		for _, g := range got {
			if g.State != Waiting {
				t.Fatalf("%s is %s and was chosen", g.ID, g.State)
			}
			for _, b := range left {
				if b.AskedAt.Before(g.AskedAt) || b.AskedAt == g.AskedAt && b.ID < g.ID {
					t.Fatalf("%s passed %s", g.ID, b.ID)
				}
			}
		}
	})
}

func TestStopsGivesEveryReason(t *testing.T) {
	now := clock.StartOf(clock.MustDate("2026-11-22"))
	open := Event{Way: WayPlace, State: Open, Takes: "all", FirstAt: now.Add(time.Hour)}
	with := func(fn func(*Event)) Event { e := open; fn(&e); return e }
	for name, x := range map[string]struct {
		e     Event
		stage casefile.Stage
		want  int
	}{
		"open":               {open, casefile.StageApplying, 0},
		"closed case":        {open, casefile.StageClosed, 1},
		"closed":             {with(func(e *Event) { e.State = Closed }), casefile.StageInPost, 1},
		"outside":            {with(func(e *Event) { e.Way = WayOutside }), casefile.StageInPost, 1},
		"begun":              {with(func(e *Event) { e.FirstAt = now }), casefile.StageInPost, 1},
		"for others":         {with(func(e *Event) { e.Takes = "in_post" }), casefile.StageEligible, 1},
		"in post":            {with(func(e *Event) { e.Takes = "in_post" }), casefile.StageInPost, 0},
		"waiting, in post":   {with(func(e *Event) { e.Takes = "waiting" }), casefile.StageInPost, 1},
		"registered":         {with(func(e *Event) { e.Takes = "registered" }), casefile.StageDoctorPost, 0},
		"everything at once": {with(func(e *Event) { e.Takes, e.State, e.FirstAt = "registered", Cancelled, now }), casefile.StageInPost, 3},
	} {
		if got := Stops(x.e, x.stage, now); len(got) != x.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestCountdownIsOfBookedExamsOnly(t *testing.T) {
	today := clock.MustDate("2026-11-22")
	exam := func(kind, field, name, outcome string, in int) fact.Record {
		return fact.Record{Kind: kind, Doctor: "d1", On: today.AddDays(in), Fields: map[string]any{field: name, "outcome": outcome}}
	}
	gone := exam(fact.Exam, "name", "PLAB1", "booked", 9)
	gone.SupersededBy = "x"
	list := []fact.Record{exam(fact.Exam, "name", "PLAB2", "booked", 23), exam(fact.Exam, "name", "PLAB2", "booked", 23), exam(fact.EnglishTest, "test", "OET", "booked", 1),
		exam(fact.Exam, "name", "PLAB1", "failed", 5), exam(fact.Exam, "name", "PLAB1", "booked", -1), exam(fact.Exam, "name", "PLAB1", "cancelled", 6), exam(fact.Exam, "name", "other", "booked", 0), gone}
	words := func(list []Ahead) string {
		var out []string
		for _, a := range list {
			out = append(out, a.Words())
		}
		return strings.Join(out, "; ")
	}
	if got, want := words(Countdown(list, today)), "Exam is today; OET is tomorrow; PLAB 2 in 23 days"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	for role, sees := range map[access.Role]bool{"caseworker": true, "assessor": true, "national_lead": false, "regional_lead": false, "employer_hr": false, "supervisor": false, "referrer": false} {
		a := access.Actor{Account: "x", Members: []access.Membership{{Role: role, Organisation: "RX1"}}}
		if got := Countdown(fact.VisibleTo(a, list), today); (len(got) > 0) != sees {
			t.Errorf("%s sees %s", role, words(got))
		}
	}
}

func TestTimesAndHoursAreReadAsPeopleWriteThem(t *testing.T) {
	for s, want := range map[string]int{"14:30": 870, "9am": 540, "12am": 0, "12pm": 720, "2.30 pm": 870, "0:05": 5, "": -1, "9": -1, "25:00": -1, "9:5": -1, "13pm": -1, "x": -1} {
		if got, ok := timeOfDay(s); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d %v", s, got, ok)
		}
	}
	for s, want := range map[string]int{"4": 240, "3.5": 210, " 3,5": 210, "NaN": -1, "-1": -1, "": -1, "4 hours": 240, "1e9": -1, "0.001": -1} {
		if got := hoursTyped(s); got != want {
			t.Errorf("%q: %d", s, got)
		}
	}
}
