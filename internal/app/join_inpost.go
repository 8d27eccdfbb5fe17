package app

import (
	"context"

	"msw/internal/clock"
	"msw/internal/organisation"
)

// supervisorsGone lists who no longer supervises for any of some organisations:
// their role there has ended.
func (a *App) supervisorsGone(ctx context.Context, tenant string, organisations []string, on clock.Date) ([]string, error) {
	return a.Organisations.GoneFrom(ctx, tenant, organisation.RoleSupervisor, organisations, on)
}

// keepLights brings the lights of people in post up to the day, and opens the
// hosts' lists of the quarter that ended last.
func (a *App) keepLights(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		call := operator(t.ID, now)
		if _, err := a.Placements.RenewDay(ctx, call); err != nil {
			return err
		}
		if _, err := a.Placements.OpenRolls(ctx, call); err != nil {
			return err
		}
	}
	return nil
}
