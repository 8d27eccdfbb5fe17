package app

import (
	"context"

	"msw/internal/casefile"
	"msw/internal/clock"
)

// doctorPostOn is the first day of a doctor's first post as one, or none.
func (a *App) doctorPostOn(ctx context.Context, tenant, doctor string) (clock.Date, error) {
	list, err := a.Cases.Milestones(ctx, tenant, doctor)
	var on clock.Date
	for _, m := range list {
		if m.Kind == casefile.DoctorPost && (on.IsZero() || m.On < on) {
			on = m.On
		}
	}
	return on, err
}

// endDue ends placements and access when their days are over.
func (a *App) endDue(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := a.Placements.EndDue(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}
