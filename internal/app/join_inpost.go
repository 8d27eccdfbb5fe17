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
