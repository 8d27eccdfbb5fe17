package onboarding

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Kinds lists the checks an acceptance begins now: the six standards and the
// programme's own.
func (s *Service) Kinds(ctx context.Context, tenant string) ([]CheckKind, error) {
	kinds := Standards()
	if s.o.MoreChecks == nil {
		return kinds, nil
	}
	more, err := s.o.MoreChecks(ctx, tenant)
	return append(kinds, more...), err
}

// Ticking says how checks of one offer stand.
type Ticking struct {
	ID      string
	Version int
	On      clock.Date // the day it is said, today when none
	Ticks   []Tick
}

// Tick records how checks stand. When the last one is done the start can be
// recorded; when one is taken back before the start, it cannot any more.
func (s *Service) Tick(ctx context.Context, call access.Call, cmd Ticking) (Offer, error) {
	tenant, today := call.Actor.Tenant, dayOf(call, cmd.On)
	return s.change(ctx, call, ActTick, target{cmd.ID, cmd.Version}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		if o.State != Accepted && o.State != Checked {
			return "", problem.Refuse("These checks cannot be changed.", "The checks can be ticked off between the acceptance and the start only.")
		}
		if err := CheckTicks(o.Checks, cmd.Ticks, today); err != nil {
			return "", err
		}
		old, err := s.checks(ctx, tenant, *o, true)
		if err != nil {
			return "", err
		}
		changed := apply(old, cmd.Ticks, call)
		if len(changed) == 0 {
			return "", nil
		}
		if err := s.saveChecks(ctx, tenant, *o, changed); err != nil {
			return "", err
		}
		return s.settle(ctx, call, o, merge(old, changed), today)
	})
}

// apply turns ticks into the checks that differ from what stands.
func apply(old []Check, ticks []Tick, call access.Call) []Check {
	var changed []Check
	for _, t := range ticks {
		c := Check{Kind: t.Kind}
		if i := slices.IndexFunc(old, func(c Check) bool { return c.Kind == t.Kind }); i >= 0 {
			c = old[i]
		}
		next := c
		next.State, next.DoneOn, next.Until = t.State, t.On, t.Until
		if t.State == Waiting {
			next.DoneOn, next.Until = 0, 0
		}
		if !t.NoNote {
			next.Note = t.Note
		}
		if next.State == "" || next == c || next.State == Waiting && c.Version == 0 {
			continue
		}
		next.Version, next.By, next.ByName = c.Version+1, call.Actor.Account, call.Actor.Name
		changed = append(changed, next)
	}
	return changed
}

func merge(old, changed []Check) []Check {
	out := slices.Clone(old)
	for _, c := range changed {
		if i := slices.IndexFunc(out, func(o Check) bool { return o.Kind == c.Kind }); i >= 0 {
			out[i] = c
		} else {
			out = append(out, c)
		}
	}
	return out
}

// settle moves the offer between under way and complete, as the checks say.
func (s *Service) settle(ctx context.Context, call access.Call, o *Offer, checks []Check, today clock.Date) (casefile.Kind, error) {
	done := CompletedOn(o.Checks, checks)
	switch {
	case o.State == Accepted && !done.IsZero():
		// A check may have been done before the acceptance; the step cannot.
		o.State, o.CheckedOn = Checked, max(done, o.AnsweredOn)
		o.Since = o.CheckedOn
		return casefile.ChecksComplete, nil
	case o.State == Checked && done.IsZero():
		o.State, o.CheckedOn, o.Since = Accepted, 0, today
		return "", s.cases.Supersede(ctx, call, o.Doctor, casefile.ChecksComplete, o.Source(), nil)
	}
	return "", nil
}

// StartStops gives, as far as offer and checks go, every reason why a start
// cannot be recorded.
func (s *Service) StartStops(ctx context.Context, tenant string, o Offer) ([]string, error) {
	checks, err := s.checks(ctx, tenant, o, false)
	if err != nil {
		return nil, err
	}
	kinds, err := s.Kinds(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return StopsStart(o, checks, titles(kinds)), nil
}

func titles(kinds []CheckKind) map[string]string {
	byCode := make(map[string]string, len(kinds))
	for _, k := range kinds {
		byCode[k.Code] = k.Title
	}
	return byCode
}

// MarkStarted closes the offer because the placement has begun. It asks no
// permission and writes no milestone: the start did both.
func (s *Service) MarkStarted(ctx context.Context, call access.Call, o Offer, on clock.Date) error {
	before := o
	o.State, o.StartedOn, o.Since = Started, on, on
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.update(ctx, call.Actor.Tenant, o); err != nil {
			return err
		}
		return s.moveTask(ctx, call, before, o)
	})
}
