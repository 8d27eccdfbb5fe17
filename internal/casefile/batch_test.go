package casefile

import (
	"context"
	"errors"
	"testing"

	"msw/internal/problem"
)

func TestTogetherEqualsOneByOne(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		kinds := []Kind{Referred, Invited, TakenOver, Submitted, FoundEligible, Offered, OfferAccepted, Started}
		steps := func(ctx context.Context, id string) error {
			for i, m := range path(kinds...) {
				m.Doctor = id
				if err := w.Record(ctx, system, m); err != nil {
					return err
				}
				if c, err := w.Get(ctx, id, tenant); err != nil || i == 3 && c.Stage != StageAssessing {
					return errors.Join(err, errors.New("inside it the case is "+string(c.Stage)))
				}
			}
			if err := w.Place(ctx, system, id, Placing{Region: "Y60", Supervisors: []string{"s1"}}); err != nil {
				return err
			}
			found, err := w.List(ctx, caseworker, Query{Stage: StageInPost, Region: "Y60"})
			if err == nil && len(found.Rows) == 0 {
				err = errors.New("inside it the list does not see the case")
			}
			return err
		}
		w.open("a")
		w.must(func(ctx context.Context) error { return steps(ctx, "a") })
		if err := w.Together(w.ctx, func(ctx context.Context) error {
			if err := w.Open(ctx, system, NewCase{Doctor: "b", Ref: "B", Region: "Y56", Caseworker: caseworker.Actor.Account, Opened: today.AddDays(-100)}); err != nil {
				return err
			}
			// What fails leaves nothing behind, though its transaction goes on.
			if err := w.Supersede(ctx, system, "b", Started, "no such", nil); problem.KindOf(err) != problem.NotFound {
				return errors.New("superseded what is not there")
			}
			return steps(ctx, "b")
		}); err != nil {
			t.Fatal(err)
		}
		a, b := w.get("a"), w.get("b")
		if a.Derived != b.Derived || b.Region != "Y60" || len(b.Supervisors) != 1 || a.Stage != StageInPost {
			t.Errorf("one by one %+v, together %+v", a, b)
		}
		w.check()
		if err := w.Together(w.ctx, func(ctx context.Context) error {
			if err := w.Record(ctx, system, Milestone{Doctor: "b", Kind: Ended, On: today}); err != nil {
				return err
			}
			return errors.New("stop")
		}); err == nil || w.get("b").Stage != StageInPost {
			t.Errorf("a batch that failed left the case %s (%v)", w.get("b").Stage, err)
		}
		w.check()
	})
}
