package app

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"syscall"
	"testing"

	"msw/internal/clock"
)

// BenchmarkDemoStored is the filling of the demo as `msw demo` begins it: wall
// time; the processor's time, which a busy machine leaves alone; and the part of
// it that one goroutine after all must take, which is the least that the wall
// clock can show when a second core is free. One round:
//
//	go test ./internal/app -run XXX -bench DemoStored -benchtime 1x -cpuprofile cpu.out
func BenchmarkDemoStored(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		before, own := processorSeconds(b, syscall.RUSAGE_SELF), processorSeconds(b, rusageThread)
		a, _, _, err := NewDemo(context.Background(), Config{Database: "sqlite::memory:", Address: "http://127.0.0.1"},
			demoCommand{People: 2640, Seed: 2022, Today: clock.MustDate(demoDay)}, slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(processorSeconds(b, syscall.RUSAGE_SELF)-before, "cpu-s/op")
		b.ReportMetric(processorSeconds(b, rusageThread)-own, "thread-s/op")
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// rusageThread is RUSAGE_THREAD of Linux.
const rusageThread = 1

func processorSeconds(b *testing.B, who int) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
