package app

import (
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/outcome"
)

// newDemo makes a demo of some size in a store of its own.
func newDemo(t *testing.T, database string, people int) *App {
	t.Helper()
	a, _, _, err := NewDemo(t.Context(), Config{Database: database, Blobs: t.TempDir(), Brand: "Test", Address: "http://127.0.0.1"},
		demoCommand{People: people, Seed: 2022, Today: clock.MustDate(demoDay)}, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestTheDemoReproducesThePublishedPosition(t *testing.T) {
	began := time.Now()
	a := newDemo(t, "sqlite::memory:", 2640)
	t.Logf("made in %.1f s", time.Since(began).Seconds())
	call := operator("msw", a.Now())
	p, found, err := a.Outcomes.Tracker(t.Context(), call, clock.MustDate("2022-06-20"))
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if p.AsAt.String() != "2022-06-20" {
		t.Fatalf("the publication is of %s", p.AsAt)
	}
	for m, want := range map[outcome.Measure]int64{outcome.FundedPlaces: 500, outcome.Started: 471, outcome.InPost: 350, outcome.DoctorPosts: 121, outcome.Left: 0, outcome.Unknown: 0} {
		if c := p.Total[m]; c.Hidden || c.Value != want {
			t.Errorf("%s: %+v, want %d", m, c, want)
		}
	}
	openings, _, err := a.Preferences.Openings(t.Context(), call)
	if err != nil || len(openings) == 0 {
		t.Fatalf("%d open posts: %v", len(openings), err)
	}
	for _, o := range openings {
		if o.StartFrom < call.Today {
			t.Errorf("%s at %s is open and starts on %s, in the past", o.Specialty, o.HostName, o.StartFrom)
		}
	}
	if n := passedOver(t, a); n == 0 {
		t.Error("nobody was passed over in the demo: that list cannot be tried")
	}
	if different, err := a.Cases.Recheck(t.Context(), "msw"); err != nil || different != 0 {
		t.Errorf("%d cases differ from a recomputation, %v", different, err)
	}
	if r, err := a.Audit.Verify(t.Context(), "msw"); err != nil || !r.OK() {
		t.Errorf("audit: %+v, %v", r, err)
	}
}

// passedOver counts whom staff read of as passed over in the demo's rounds.
func passedOver(t *testing.T, a *App) (n int) {
	t.Helper()
	call := operator("msw", a.Now())
	rounds, err := a.Rounds.List(t.Context(), call, nil, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rounds {
		sight, err := a.Rounds.Look(t.Context(), call, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		n += len(sight.Passed)
	}
	return n
}

// TestADemoOfAnySizeSeedAndDayIsMade: who has which place in a demo is drawn, and
// the scenery must stand whoever it falls to.
func TestADemoOfAnySizeSeedAndDayIsMade(t *testing.T) {
	for seed, people := range []int{1, 2, 13, 40, 120, 121, 300, 301} {
		d := demoCommand{People: people, Seed: uint64(seed), Today: clock.MustDate([]string{demoDay, "2022-06-20", "2021-11-01", "2029-02-28"}[seed%4])}
		a, _, _, err := NewDemo(t.Context(), Config{Database: "sqlite::memory:", Address: "http://127.0.0.1", Blobs: t.TempDir()}, d, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Errorf("%d people, seed %d, %s: %v", people, seed, d.Today, err)
			continue
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestADemoIsOpenedAgainAsItWasLeft: with a file of its own a demo goes on, its
// clock never going back; a real programme's database is refused.
func TestADemoIsOpenedAgainAsItWasLeft(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		d := demoCommand{People: 30, Seed: 7, Today: clock.MustDate(demoDay)}
		config := Config{Database: database, Brand: "Test", Address: "http://127.0.0.1"}
		first, before, _, err := NewDemo(t.Context(), config, d, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		later := first.Now().Add(3 * time.Hour)
		call := operator("msw", later)
		if _, err := first.Organisations.Create(t.Context(), call, organisation.NewOrganisation{Kind: organisation.Charity, Name: "Made by hand"}); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		d.People, d.Today = 5, clock.MustDate("2025-01-31")
		again, after, _, err := NewDemo(t.Context(), config, d, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if len(before) == 0 || !slices.Equal(before, after) {
			t.Errorf("one could be %v, now %v", before, after)
		}
		if again.Now().Before(later) {
			t.Errorf("the clock went back to %s", again.Now())
		}
	})
}
