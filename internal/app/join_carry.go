package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/learning"
	"msw/internal/portfolio"
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

// certified puts a certificate of an event into the doctor's portfolio.
func (a *App) certified(ctx context.Context, call access.Call, e learning.Event, doctor string, on clock.Date) error {
	return a.Portfolios.Certify(ctx, call, portfolio.Certified{Doctor: doctor, Event: e.ID, Title: e.Title, On: on})
}

// trained is the mandatory training that employers recorded, for the portfolio.
func (a *App) trained(ctx context.Context, tenant, doctor string) ([]portfolio.Trained, error) {
	list, err := a.Offers.TrainingOf(ctx, tenant, doctor)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var employers []string
	for _, t := range list {
		employers = append(employers, t.Employer)
	}
	names, err := a.organisationNames(ctx, tenant, employers)
	if err != nil {
		return nil, err
	}
	out := make([]portfolio.Trained, len(list))
	for i, t := range list {
		out[i] = portfolio.Trained{Subject: t.Title, Employer: names[t.Employer], On: t.DoneOn, Until: t.Until}
	}
	return out, nil
}
