package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/fact"
	"msw/internal/organisation"
)

// consentPages joins the doctor's own page: what it shows of later stations.
func (a *App) consentPages() pagesOf {
	return consent.NewPages(consent.PagesOptions{
		Consent: a.Consents, Doctors: a.Doctors, Facts: a.Facts, FactPanel: fact.NewPages(a.Facts, a.Doctors).Panel,
		Organisations: a.namedOrganisations, OrganisationNames: a.organisationNames, AccountOf: a.SignIn.Ensure,
		Journey: a.journey, Pause: a.pause, Resume: a.resume, Urgent: a.Cases.Urgent, Phone: a.safetyPhone,
		Schemes: a.schemes, Arrived: a.arrived, CarryPreferences: a.Preferences.CarryOver,
	})
}

func (a *App) preferencePages() *allocation.Pages {
	return allocation.NewPages(a.Preferences, allocation.PagesOptions{Cases: a.namedCases, Rounds: a.openRounds})
}

// openRounds asks the rounds, which are made after these pages hang.
func (a *App) openRounds(ctx context.Context, call access.Call, region string) ([]allocation.Round, error) {
	return a.Rounds.Open(ctx, call, region)
}

// namedCases names doctors for a caseworker's list.
func (a *App) namedCases(ctx context.Context, tenant string, ids []string) (map[string]allocation.Named, error) {
	names, err := a.Doctors.Names(ctx, tenant, ids)
	out := make(map[string]allocation.Named, len(names))
	for id, n := range names {
		out[id] = allocation.Named{Name: n.Shown(), Ref: n.Ref}
	}
	return out, err
}

func (a *App) namedOrganisations(ctx context.Context, call access.Call, text string) ([]consent.Named, error) {
	found, err := a.Organisations.Search(ctx, call, organisation.Query{Text: text, Limit: 10})
	if err != nil {
		return nil, err
	}
	var out []consent.Named
	for _, o := range found.Organisations {
		out = append(out, consent.Named{ID: o.ID, Name: o.Name, Place: o.Postcode})
	}
	return out, nil
}

func (a *App) journey(ctx context.Context, call access.Call) (consent.Journey, error) {
	c, err := a.Cases.Get(ctx, call.Actor.Doctor, call.Actor.Tenant)
	if err != nil {
		return consent.Journey{}, err
	}
	j := consent.Journey{Ref: c.Ref, Stage: c.Stage.Words(), Paused: c.Flags&casefile.FlagPaused != 0}
	if c.Caseworker != "" {
		names, err := a.accountNames(ctx, []string{c.Caseworker})
		if err != nil {
			return j, err
		}
		j.Caseworker = names[c.Caseworker]
	}
	return j, nil
}

func (a *App) pause(ctx context.Context, call access.Call, until clock.Date) error {
	ref, err := a.Cases.OwnRef(ctx, call)
	if err != nil {
		return err
	}
	return a.Cases.Pause(ctx, call, ref, "", until)
}

func (a *App) resume(ctx context.Context, call access.Call) error {
	ref, err := a.Cases.OwnRef(ctx, call)
	if err != nil {
		return err
	}
	return a.Cases.Resume(ctx, call, ref)
}

func (a *App) schemes(ctx context.Context) ([]consent.Named, error) {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var out []consent.Named
	for _, t := range tenants {
		out = append(out, consent.Named{ID: t.ID, Name: t.Name})
	}
	return out, nil
}

// arrived opens the case of a doctor who carried their record into a scheme.
func (a *App) arrived(ctx context.Context, there access.Call, id, ref string) error {
	return a.Cases.Open(ctx, there, casefile.NewCase{Doctor: id, Ref: ref, Route: "self", Opened: there.Today,
		First: []casefile.Milestone{{Doctor: id, Kind: casefile.Referred, On: there.Today}, {Doctor: id, Kind: casefile.TakenOver, On: there.Today}}})
}
