package app

import (
	"context"

	"msw/internal/clock"
	"msw/internal/portfolio"
)

func (a *App) evidenceWork() {
	a.Worker.Handle(portfolio.JobRate, a.Portfolios.SendRate)
	a.Worker.Handle(portfolio.JobRead, a.Portfolios.SendRead)
	a.Worker.Every("portfolio.settle", hour, a.settleRounds)
}

// settleRounds closes the rounds of feedback whose last day is over.
func (a *App) settleRounds(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := a.Portfolios.SettleRounds(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}
