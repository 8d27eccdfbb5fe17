package app

import (
	"context"
	"maps"
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
)

// sameAs lets the cases of records that are one person follow: the person is in
// every list, queue and figure once, as the record that goes on.
func (a *App) sameAs(ctx context.Context, call access.Call, goesOn map[string]string) error {
	for _, id := range slices.Sorted(maps.Keys(goesOn)) {
		if err := a.Cases.SameAs(ctx, call, id, goesOn[id]); err != nil {
			return err
		}
	}
	return nil
}

// remindRounds reminds doctors of questions that wait for an answer.
func (a *App) remindRounds(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Eligibility.Remind(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}
