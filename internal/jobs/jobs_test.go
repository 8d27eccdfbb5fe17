package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
)

// hands is a clock that moves when told.
type hands struct {
	mu sync.Mutex
	at clock.Instant
}

func newHands() *hands { return &hands{at: clock.StartOf(clock.MustDate("2026-11-22"))} }

func (h *hands) now() clock.Instant {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hands) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func enqueue(t *testing.T, db *database.DB, o *Outbox, kind string) {
	t.Helper()
	err := db.Tx(t.Context(), func(ctx context.Context) error {
		return o.Enqueue(ctx, "t1", kind, map[string]string{"doctor": "d1"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJobIsDoneAfterTheCommitAndOnlyThen(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		o := NewOutbox(db, newHands().now)
		w := NewWorker(o, slog.New(slog.DiscardHandler))
		var got []Job
		w.Handle("greet", func(_ context.Context, j Job) error { got = append(got, j); return nil })
		undone := errors.New("undone")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := o.Enqueue(ctx, "t1", "greet", nil); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		enqueue(t, db, o, "greet")
		for range 2 {
			if err := w.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) != 1 || got[0].Tenant != "t1" || got[0].IDs["doctor"] != "d1" || got[0].Attempt != 1 {
			t.Fatalf("done: %+v", got)
		}
		if waiting, dead, err := o.Depth(t.Context()); err != nil || waiting != 0 || dead != 0 {
			t.Fatalf("waiting %d, dead %d, %v", waiting, dead, err)
		}
	})
}

func TestAFailedJobWaitsLongerEachTimeThenIsLaidAside(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := newHands()
		o := NewOutbox(db, h.now)
		var log strings.Builder
		w := NewWorker(o, slog.New(slog.NewTextHandler(&log, nil)))
		tries, works := 0, false
		w.Handle("mail", func(_ context.Context, j Job) error {
			tries++
			if j.Attempt != (tries-1)%attempts+1 {
				t.Errorf("try %d says attempt %d", tries, j.Attempt)
			}
			if works {
				return nil
			}
			return errors.New("no such mailbox: amina@example.org")
		})
		enqueue(t, db, o, "mail")
		_ = w.Drain(t.Context())
		_ = w.Drain(t.Context())
		if tries != 1 {
			t.Fatalf("tried %d times without waiting", tries)
		}
		for i := 1; i < attempts; i++ {
			h.move(backoff(i) - time.Second)
			_ = w.Drain(t.Context())
			if tries != i {
				t.Fatalf("tried again before its time: %d", tries)
			}
			h.move(2 * time.Second)
			_ = w.Drain(t.Context())
		}
		h.move(24 * time.Hour)
		_ = w.Drain(t.Context())
		if tries != attempts {
			t.Fatalf("tried %d times", tries)
		}
		if strings.Contains(log.String(), "amina") {
			t.Error("the log names a person")
		}
		dead, err := o.Laid(t.Context(), "t1", 10)
		if err != nil || len(dead) != 1 || !strings.Contains(dead[0].Trouble, "no such mailbox") {
			t.Fatalf("laid aside: %+v, %v", dead, err)
		}
		if other, _ := o.Laid(t.Context(), "t2", 10); len(other) != 0 {
			t.Error("another programme sees the job")
		}
		if found, _ := o.Again(t.Context(), "t2", dead[0].ID); found {
			t.Error("another programme could put the job back")
		}
		works = true
		if found, err := o.Again(t.Context(), "t1", dead[0].ID); !found || err != nil {
			t.Fatalf("not put back: %v", err)
		}
		if err := w.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waiting, dead, _ := o.Depth(t.Context()); waiting+dead != 0 {
			t.Fatalf("%d waiting, %d dead after it worked", waiting, dead)
		}
	})
}

func TestALeasedJobIsNotTakenTwiceAndComesBackWhenItsWorkerDies(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := newHands()
		o := NewOutbox(db, h.now)
		enqueue(t, db, o, "mail")
		list, err := o.due(t.Context(), h.now(), 10)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		first, second := list[0], list[0]
		if mine, err := o.lease(t.Context(), &first, h.now().Add(time.Minute)); !mine || err != nil {
			t.Fatal("the first could not lease it", err)
		}
		if mine, err := o.lease(t.Context(), &second, h.now().Add(time.Minute)); mine || err != nil {
			t.Fatal("leased twice", err)
		}
		if again, _ := o.due(t.Context(), h.now(), 10); len(again) != 0 {
			t.Fatal("a leased job is still offered")
		}
		h.move(61 * time.Second)
		if again, _ := o.due(t.Context(), h.now(), 10); len(again) != 1 || again[0].Attempt != 1 {
			t.Fatalf("the job of a dead worker did not come back: %+v", again)
		}
	})
}

func TestTwoWorkersDoEachJobOnceAndPanicsAreOnlyFailures(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		o := NewOutbox(db, newHands().now)
		var done atomic.Int64
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var wait sync.WaitGroup
		for range 2 {
			w := NewWorker(o, slog.New(slog.DiscardHandler))
			w.Poll = 5 * time.Millisecond
			w.Handle("count", func(context.Context, Job) error {
				if done.Add(1) == 30 {
					cancel()
				}
				return nil
			})
			w.Handle("burst", func(context.Context, Job) error { panic("burst") })
			wait.Go(func() { w.Run(ctx) })
		}
		enqueue(t, db, o, "burst")
		for range 30 {
			enqueue(t, db, o, "count")
		}
		wait.Wait()
		if done.Load() != 30 {
			t.Fatalf("done %d times", done.Load())
		}
		if waiting, _, _ := o.Depth(t.Context()); waiting != 1 {
			t.Fatalf("%d wait; the one that burst should", waiting)
		}
	})
}

func TestAnEffectIsMarkedOnceAndUndoneWithItsTransaction(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		o := NewOutbox(db, newHands().now)
		job, undone := Job{Tenant: "t1", ID: "j1"}, errors.New("undone")
		for i, want := range []bool{true, true, false} {
			err := db.Tx(t.Context(), func(ctx context.Context) error {
				first, err := o.First(ctx, job, "letter")
				if err != nil || first != want {
					t.Fatalf("time %d: first %v, %v", i, first, err)
				}
				if i == 0 {
					return undone
				}
				return nil
			})
			if i > 0 && err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestPeriodicWorkRunsOnceAcrossNodes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := newHands()
		o := NewOutbox(db, h.now)
		runs := 0
		var nodes []*Worker
		for range 3 {
			w := NewWorker(o, slog.New(slog.DiscardHandler))
			w.Every("remind", time.Hour, func(context.Context, clock.Instant) error { runs++; return nil })
			nodes = append(nodes, w)
		}
		everyone := func() {
			for _, w := range nodes {
				w.RunPeriodic(t.Context())
			}
		}
		everyone()
		everyone()
		if runs != 1 {
			t.Fatalf("ran %d times at the start", runs)
		}
		h.move(59 * time.Minute)
		everyone()
		h.move(2 * time.Minute)
		everyone()
		if runs != 2 {
			t.Fatalf("ran %d times in the first hour", runs)
		}
		due, err := o.take(t.Context(), "remind", h.now(), h.now().Add(time.Hour))
		if due || err != nil {
			t.Fatal("taken before its time", err)
		}
	})
}

func TestOldEffectKeysAreForgotten(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := newHands()
		o := NewOutbox(db, h.now)
		w := NewWorker(o, slog.New(slog.DiscardHandler))
		first := func() (first bool) {
			err := db.Tx(t.Context(), func(ctx context.Context) (err error) {
				first, err = o.First(ctx, Job{Tenant: "t1", ID: "j1"}, "letter")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return first
		}
		first()
		h.move(89 * 24 * time.Hour)
		w.RunPeriodic(t.Context())
		if first() {
			t.Fatal("forgotten too early")
		}
		h.move(2 * 24 * time.Hour)
		w.RunPeriodic(t.Context())
		if !first() {
			t.Fatal("kept for ever")
		}
	})
}
