package app

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/onboarding"
	"msw/internal/request"
)

// makeReference makes the request for a reference in an employer's name, whose
// right to the check was asked. It names nobody: the doctor does.
func (a *App) makeReference(ctx context.Context, call access.Call, o onboarding.Offer) error {
	_, err := a.Requests.Make(ctx, a.as(call), request.Fresh{Doctor: o.Doctor, Kind: "employer_reference", Organisation: o.Employer, Source: o.ReferenceSource()})
	return err
}

// references are the requests that serve one offer's history check.
func (a *App) references(ctx context.Context, tenant, id, source string) ([]request.Request, error) {
	return a.Requests.Of(ctx, tenant, id, func(r request.Request) bool { return r.Source == source })
}

// requestChanged lets the station whose check a request serves look again.
func (a *App) requestChanged(ctx context.Context, call access.Call, r request.Request) error {
	if !strings.HasPrefix(r.Source, "reference:") {
		return nil
	}
	return a.Offers.ReferenceChanged(ctx, operator(call.Actor.Tenant, call.Now), r)
}
