package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
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
