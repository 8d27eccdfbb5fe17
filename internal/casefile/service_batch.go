package casefile

import (
	"cmp"
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
)

// batch holds the cases changed in one Together, by tenant and doctor, and the
// rows that wait to be written with many others.
type batch struct {
	held       map[[2]string]*held
	milestones []waitingMilestone
	tasks      []*waitingTask // of cases opened in this batch: no row of theirs stands yet
	byTask     map[taskKey]*waitingTask
}

type waitingMilestone struct {
	Milestone
	tenant string
	at     clock.Instant
}

type taskKey struct{ tenant, doctor, kind, source string }

type waitingTask struct {
	Task
	tenant  string
	closed  clock.Date
	version int
}

type held struct {
	*file
	stored Case // as the row stands
	dirty  bool
	fresh  bool // opened in this batch, so that its tasks can wait too
}

type batchKey struct{ s *Service }

// Together runs many use cases in one transaction and writes each case's row
// once, at its end, instead of at every milestone: for imports and histories
// of many doctors. Reading through this service inside it sees the changes.
func (s *Service) Together(ctx context.Context, fn func(ctx context.Context) error) error {
	if s.batch(ctx) != nil {
		return fn(ctx)
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		b := &batch{held: map[[2]string]*held{}, byTask: map[taskKey]*waitingTask{}}
		ctx = context.WithValue(ctx, batchKey{s}, b)
		if err := fn(ctx); err != nil {
			return err
		}
		return s.flush(ctx)
	})
}

func (s *Service) batch(ctx context.Context) *batch {
	b, _ := ctx.Value(batchKey{s}).(*batch)
	return b
}

// keep remembers a case whose row stands as it is.
func (s *Service) keep(ctx context.Context, f *file) *held {
	h := &held{file: f, stored: f.Case}
	if b := s.batch(ctx); b != nil {
		b.held[[2]string{f.Tenant, f.Doctor}] = h
	}
	return h
}

// hold gives a case to change: the one of the batch, or loaded anew.
func (s *Service) hold(ctx context.Context, tenant, doctor string) (*held, error) {
	if h := s.kept(ctx, tenant, doctor); h != nil {
		return h, nil
	}
	f, err := s.load(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	return s.keep(ctx, f), nil
}

func (s *Service) kept(ctx context.Context, tenant, doctor string) *held {
	if b := s.batch(ctx); b != nil {
		return b.held[[2]string{tenant, doctor}]
	}
	return nil
}

// copied lets a use case that fails leave the batch as it was.
func (f *file) copied() *file {
	g := *f
	g.live, g.tasks, g.holds = slices.Clone(f.live), slices.Clone(f.tasks), slices.Clone(f.holds)
	return &g
}

// save stores what change made, at once or with the batch.
func (s *Service) save(ctx context.Context, call access.Call, h *held) error {
	if s.batch(ctx) != nil {
		h.dirty = true
		return nil
	}
	if err := s.updateCase(ctx, h.Case); err != nil {
		return err
	}
	if err := s.moveTotals(ctx, h); err != nil {
		return err
	}
	return s.tellMoved(ctx, call, h)
}

// tellMoved tells who wants to hear of it which cases changed their stage, or go
// on as another.
func (s *Service) tellMoved(ctx context.Context, call access.Call, list ...*held) error {
	if s.Moved == nil {
		return nil
	}
	var moved []Moved
	for _, h := range list {
		if h.stored.Stage != h.Stage || h.stored.SameAs != h.SameAs {
			moved = append(moved, Moved{h.stored, h.Case})
		}
	}
	if len(moved) == 0 {
		return nil
	}
	return s.Moved(ctx, call, moved)
}

// flush writes what the batch of ctx holds, if there is one; what reads rows
// of many cases calls it first.
func (s *Service) flush(ctx context.Context) error {
	b := s.batch(ctx)
	if b == nil {
		return nil
	}
	if err := s.flushRows(ctx, b); err != nil {
		return err
	}
	var list []*held
	for _, h := range b.held {
		if h.dirty {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *held) int { return cmp.Compare(a.Doctor, b.Doctor) })
	for _, h := range list {
		if err := s.updateCase(ctx, h.Case); err != nil {
			return err
		}
		h.Version++
	}
	if err := s.moveTotals(ctx, list...); err != nil {
		return err
	}
	if len(list) > 0 {
		if err := s.tellMoved(ctx, access.Call{Actor: access.Actor{Tenant: list[0].Tenant}}, list...); err != nil {
			return err
		}
	}
	for _, h := range list {
		h.stored, h.dirty = h.Case, false
	}
	return nil
}

// waits takes a task of a case opened in this batch, as upsertTask would store
// it, and tells whether it did.
func (s *Service) waits(ctx context.Context, tenant string, t Task) bool {
	b := s.batch(ctx)
	if h := s.kept(ctx, tenant, t.Doctor); h == nil || !h.fresh {
		return false
	}
	k := taskKey{tenant, t.Doctor, t.Kind, t.Source}
	w := b.byTask[k]
	if w == nil {
		w = &waitingTask{Task: t, tenant: tenant, version: 1}
		b.byTask[k], b.tasks = w, append(b.tasks, w)
		return true
	}
	if w.closed == 0 && w.Party == t.Party {
		t.Since = w.Since
	}
	w.Task, w.closed = t, 0
	w.version++
	return true
}

// waitsClosed closes a task that waits to be written, and tells whether the
// case's tasks wait at all.
func (s *Service) waitsClosed(ctx context.Context, k taskKey, on clock.Date) bool {
	if h := s.kept(ctx, k.tenant, k.doctor); h == nil || !h.fresh {
		return false
	}
	if w := s.batch(ctx).byTask[k]; w != nil && w.closed == 0 {
		w.closed = on
		w.version++
	}
	return true
}

type totalKey struct {
	tenant, region string
	stage          Stage
}

// moveTotals keeps the totals true in the transaction of the change. Rows are
// always locked in the same order, so that two transactions cannot wait for
// each other. A stored case without a stage was not counted before, and of two
// records of one person only the one that goes on is.
func (s *Service) moveTotals(ctx context.Context, list ...*held) error {
	by := map[totalKey]int{}
	for _, h := range list {
		if h.stored.Stage != "" && h.stored.SameAs == "" {
			by[totalKey{h.Tenant, h.stored.Region, h.stored.Stage}]--
		}
		if h.SameAs == "" {
			by[totalKey{h.Tenant, h.Region, h.Stage}]++
		}
	}
	var keys []totalKey
	for k, n := range by {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b totalKey) int {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.region, b.region), cmp.Compare(a.stage, b.stage))
	})
	for _, k := range keys {
		if err := s.addTotal(ctx, k, by[k]); err != nil {
			return err
		}
	}
	return nil
}
