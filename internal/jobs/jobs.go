// Package jobs is the outbox: work a use case asks for in its own transaction
// and that is done after the commit, at least once, on any node; and work done
// at regular times, once across the nodes.
//
// A job holds ids, never personal data. It is not a queue between services and
// not a scheduler of exact times: what is due is taken within about a second.
// (An existing library was tried; docs/decisions says why this is our own.)
package jobs

import (
	"context"
	"encoding/json"
	"time"

	"msw/internal/clock"
	"msw/internal/database"
)

// Job is one piece of work as its handler sees it. ID stays the same when the
// work is tried again: use it as the effect's key.
type Job struct {
	Tenant  string
	ID      string
	Kind    string
	IDs     map[string]string
	Attempt int // 1 the first time

	version int64
}

// attempts is how often a job is tried before it is laid aside as dead.
const attempts = 8

// backoff is the wait after an attempt that failed: 10 s, 40 s, 90 s … 8 min.
func backoff(attempt int) time.Duration { return time.Duration(attempt*attempt) * 10 * time.Second }

// Outbox takes jobs. Safe for many goroutines.
type Outbox struct {
	db   *database.DB
	now  func() clock.Instant
	wake chan struct{}
}

// NewOutbox makes the outbox of a store; now is asked when a job is taken in.
func NewOutbox(db *database.DB, now func() clock.Instant) *Outbox {
	return &Outbox{db: db, now: now, wake: make(chan struct{}, 1)}
}

// Enqueue takes in a job in the transaction of ctx: it is done after the
// commit, and never when the transaction is undone. ids hold ids only.
func (o *Outbox) Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error {
	return o.EnqueueAt(ctx, tenant, kind, ids, o.now())
}

// EnqueueAt is Enqueue for a job that is not to be done before an instant.
func (o *Outbox) EnqueueAt(ctx context.Context, tenant, kind string, ids map[string]string, due clock.Instant) error {
	if ids == nil {
		ids = map[string]string{}
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	if err := o.insert(ctx, Job{Tenant: tenant, ID: database.NewID(), Kind: kind}, string(text), due); err != nil {
		return err
	}
	o.db.AfterCommit(ctx, o.rouse)
	return nil
}

func (o *Outbox) rouse() {
	select {
	case o.wake <- struct{}{}:
	default: // a worker is already being woken
	}
}

// First tells a handler, in the handler's own transaction, whether this job's
// effect is done for the first time; name tells apart several effects of one
// job. The key is kept with the transaction: undone with it, done with it.
func (o *Outbox) First(ctx context.Context, job Job, name string) (bool, error) {
	return o.mark(ctx, job.Tenant, job.ID+"/"+name)
}

// Depth is how many jobs wait and how many are dead, for /metrics; it reads an
// index and is not for pages.
func (o *Outbox) Depth(ctx context.Context) (waiting, dead int64, err error) { return o.depth(ctx) }

// Dead is a job that was laid aside after its last attempt.
type Dead struct {
	Job
	Since   clock.Instant
	Trouble string // the last error's words, opened
}

// Laid lists a tenant's dead jobs, the oldest first, at most limit.
func (o *Outbox) Laid(ctx context.Context, tenant string, limit int) ([]Dead, error) {
	return o.dead(ctx, tenant, limit)
}

// Again puts a dead job back to be tried at once; false when there is none.
func (o *Outbox) Again(ctx context.Context, tenant, id string) (found bool, err error) {
	err = o.db.Tx(ctx, func(ctx context.Context) error {
		found, err = o.revive(ctx, tenant, id, o.now())
		o.db.AfterCommit(ctx, o.rouse)
		return err
	})
	return found, err
}
