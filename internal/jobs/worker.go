package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"msw/internal/clock"
)

// Worker does the jobs. Register every handler before Run.
type Worker struct {
	outbox   *Outbox
	log      *slog.Logger
	handlers map[string]func(context.Context, Job) error
	periodic []periodic

	// Lease is how long a handler may take before another node may think this
	// one dead; the handler's context ends then.
	Lease time.Duration
	// Poll is how often the outbox is looked at when nothing wakes the worker.
	Poll time.Duration
	// Parallel is how many jobs are done at a time.
	Parallel int
}

type periodic struct {
	name string
	each time.Duration
	fn   func(context.Context, clock.Instant) error
}

// NewWorker makes a worker of an outbox.
func NewWorker(o *Outbox, log *slog.Logger) *Worker {
	w := &Worker{outbox: o, log: log, handlers: map[string]func(context.Context, Job) error{}, Lease: 2 * time.Minute, Poll: time.Second, Parallel: 4}
	w.Every("jobs.forget", time.Hour, func(ctx context.Context, now clock.Instant) error {
		return o.forget(ctx, now.Add(-90*24*time.Hour))
	})
	return w
}

// Handle names the function for a kind of job. It is called outside any
// transaction, perhaps more than once for a job: an effect in the store goes
// in its own DB.Tx with Outbox.First; an effect outside carries the job's ID.
// An error means the job is tried again later.
func (w *Worker) Handle(kind string, fn func(ctx context.Context, job Job) error) {
	w.handlers[kind] = fn
}

// Every names a function to be run once every so often across all nodes, first
// soon after the start. One that fails is tried again at its next time.
func (w *Worker) Every(name string, each time.Duration, fn func(ctx context.Context, now clock.Instant) error) {
	w.periodic = append(w.periodic, periodic{name, each, fn})
}

// Run does jobs until ctx ends; a job begun is finished within its lease.
func (w *Worker) Run(ctx context.Context) {
	tick := time.NewTicker(w.Poll)
	defer tick.Stop()
	for {
		for _, p := range w.periodic {
			if ctx.Err() == nil {
				w.runPeriodic(ctx, p)
			}
		}
		for ctx.Err() == nil {
			if n, err := w.round(ctx); err != nil {
				w.log.Error("outbox", "err", err)
				break
			} else if n == 0 {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.outbox.wake:
		}
	}
}

// Drain does everything that is due now, one after another, and gives the
// first error a handler met. For tests and for commands that must not leave
// work behind.
func (w *Worker) Drain(ctx context.Context) error {
	var first error
	for {
		list, err := w.outbox.due(ctx, w.outbox.now(), 50)
		if err != nil || len(list) == 0 {
			return errors.Join(first, err)
		}
		for _, j := range list {
			if err := w.do(ctx, j); err != nil && first == nil {
				first = err
			}
		}
	}
}

// RunPeriodic runs what is due of the regular work, once.
func (w *Worker) RunPeriodic(ctx context.Context) {
	for _, p := range w.periodic {
		w.runPeriodic(ctx, p)
	}
}

func (w *Worker) round(ctx context.Context) (int, error) {
	list, err := w.outbox.due(ctx, w.outbox.now(), 4*w.Parallel)
	if err != nil {
		return 0, err
	}
	work := make(chan Job)
	done := make(chan struct{})
	for range w.Parallel {
		go func() {
			defer func() { done <- struct{}{} }()
			for j := range work {
				_ = w.do(context.WithoutCancel(ctx), j) // logged and kept by do
			}
		}()
	}
	for _, j := range list {
		work <- j
	}
	close(work)
	for range w.Parallel {
		<-done
	}
	return len(list), nil
}

// do leases a job, calls its handler and keeps the result.
func (w *Worker) do(ctx context.Context, j Job) error {
	now := w.outbox.now()
	mine, err := w.outbox.lease(ctx, &j, now.Add(w.Lease))
	if err != nil || !mine {
		return err
	}
	trouble := w.call(ctx, j)
	if trouble == nil {
		if err := w.outbox.finish(ctx, j); err != nil {
			w.log.Error("job done but not crossed off", "job", j.ID, "kind", j.Kind, "err", err)
			return err
		}
		return nil
	}
	state := "waiting"
	if j.Attempt >= attempts {
		state = "dead"
	}
	// The error's words may name a person: the log gets none of them.
	w.log.Warn("job failed", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt, "state", state, "type", fmt.Sprintf("%T", trouble))
	if err := w.outbox.postpone(ctx, j, w.outbox.now().Add(backoff(j.Attempt)), state, trouble); err != nil {
		w.log.Error("job failed and could not be kept for later", "job", j.ID, "kind", j.Kind, "err", err)
	}
	return fmt.Errorf("job %s %s: %w", j.Kind, j.ID, trouble)
}

func (w *Worker) call(ctx context.Context, j Job) (err error) {
	fn := w.handlers[j.Kind]
	if fn == nil {
		return fmt.Errorf("nobody handles jobs of kind %q", j.Kind)
	}
	ctx, cancel := context.WithTimeout(ctx, w.Lease)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return fn(ctx, j)
}

func (w *Worker) runPeriodic(ctx context.Context, p periodic) {
	now := w.outbox.now()
	mine, err := w.outbox.take(ctx, p.name, now, now.Add(p.each))
	if err == nil && mine {
		err = func() (err error) {
			defer func() {
				if r := recover(); r != nil {
					err = fmt.Errorf("panic: %v", r)
				}
			}()
			return p.fn(ctx, now)
		}()
	}
	if err != nil && ctx.Err() == nil { // a stop is no failure
		w.log.Error("periodic work failed", "name", p.name, "err", err)
	}
}
