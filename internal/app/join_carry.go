package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/doctor"
)

// comesWithPortfolio makes the record and the case of a doctor who brings a
// portfolio to a programme that did not know them.
func (a *App) comesWithPortfolio(ctx context.Context, call access.Call, name, ref string) (string, error) {
	id, err := a.Doctors.CreateAs(ctx, call, doctor.NewDoctor{Given: name}, ref)
	if err != nil {
		return "", err
	}
	return id, a.Cases.Open(ctx, call, casefile.NewCase{Doctor: id, Ref: ref, Route: "self", Opened: call.Today,
		First: []casefile.Milestone{{Doctor: id, Kind: casefile.Referred, On: call.Today}}})
}

// checkStands tells until when an employment check that was done elsewhere may be
// used, by the rules of checks.
func (a *App) checkStands(code string, on clock.Date) (clock.Date, string) {
	kind, known := a.Checks.Kind(code)
	if !known || kind.Reuse.Months == 0 {
		return 0, kind.Reuse.Says
	}
	return clock.AddMonths(on, kind.Reuse.Months), kind.Reuse.Says
}
