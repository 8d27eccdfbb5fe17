package app

import (
	"context"
	"io"
	"log/slog"
	"syscall"
	"testing"

	"msw/internal/clock"
)

// BenchmarkDemoStored is the filling of the demo as `msw demo` begins it: wall
// time, and the processor's time, which a busy machine leaves alone. One round:
//
//	go test ./internal/app -run XXX -bench DemoStored -benchtime 1x -cpuprofile cpu.out
func BenchmarkDemoStored(b *testing.B) {
	for b.Loop() {
		before := processorSeconds(b)
		a, _, _, err := NewDemo(context.Background(), Config{Database: "sqlite::memory:", Address: "http://127.0.0.1"},
			demoCommand{People: 2640, Seed: 2022, Today: clock.MustDate(demoDay)}, slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(processorSeconds(b)-before, "cpu-s/op")
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func processorSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
