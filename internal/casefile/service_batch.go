package casefile

import (
	"cmp"
	"context"
	"slices"
)

// batch holds the cases changed in one Together, by tenant and doctor.
type batch struct{ held map[[2]string]*held }

type held struct {
	*file
	stored Case // as the row stands
	dirty  bool
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
		b := &batch{held: map[[2]string]*held{}}
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
func (s *Service) save(ctx context.Context, h *held) error {
	if s.batch(ctx) != nil {
		h.dirty = true
		return nil
	}
	if err := s.updateCase(ctx, h.Case); err != nil {
		return err
	}
	return s.moveTotals(ctx, h)
}

// flush writes what the batch of ctx holds, if there is one; what reads rows
// of many cases calls it first.
func (s *Service) flush(ctx context.Context) error {
	b := s.batch(ctx)
	if b == nil {
		return nil
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
	for _, h := range list {
		h.stored, h.dirty = h.Case, false
	}
	return nil
}

type totalKey struct {
	tenant, region string
	stage          Stage
}

// moveTotals keeps the totals true in the transaction of the change. Rows are
// always locked in the same order, so that two transactions cannot wait for
// each other. A stored case without a stage was not counted before.
func (s *Service) moveTotals(ctx context.Context, list ...*held) error {
	by := map[totalKey]int{}
	for _, h := range list {
		if h.stored.Stage != "" {
			by[totalKey{h.Tenant, h.stored.Region, h.stored.Stage}]--
		}
		by[totalKey{h.Tenant, h.Region, h.Stage}]++
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
