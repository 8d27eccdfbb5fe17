package app

import (
	"log/slog"
	"testing"

	"msw/internal/clock"
	"msw/internal/eligibility"
)

// BenchmarkReevaluate asks the rules of every case of a demo again; a run in
// which nothing changes.
func BenchmarkReevaluate(b *testing.B) {
	a, _, _, err := NewDemo(b.Context(), Config{Database: "sqlite::memory:", Brand: "Test", Address: "http://127.0.0.1"},
		demoCommand{People: 2000, Seed: 2022, Today: clock.MustDate(demoDay)}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	call := operator("msw", a.Now())
	cases := 0
	for b.Loop() {
		out, err := a.Eligibility.Reevaluate(b.Context(), call, eligibility.AgainOptions{})
		if err != nil {
			b.Fatal(err)
		}
		cases += out.Cases
	}
	b.ReportMetric(float64(cases)/b.Elapsed().Seconds(), "cases/s")
}
