package app

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"msw/internal/clock"
	"msw/internal/outcome"
)

// newDemo makes a demo of some size in a store of its own.
func newDemo(t *testing.T, database string, people int) *App {
	t.Helper()
	a, _, _, err := NewDemo(t.Context(), Config{Database: database, Brand: "Test", Address: "http://127.0.0.1"},
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
	if different, err := a.Cases.Recheck(t.Context(), "msw"); err != nil || different != 0 {
		t.Errorf("%d cases differ from a recomputation, %v", different, err)
	}
	if r, err := a.Audit.Verify(t.Context(), "msw"); err != nil || !r.OK() {
		t.Errorf("audit: %+v, %v", r, err)
	}
}
