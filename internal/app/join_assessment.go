package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/eligibility"
	"msw/internal/eligibility/assessment"
	"msw/internal/organisation"
	"msw/rules"
)

// makeEligibility makes the station of assessment and decision.
func (a *App) makeEligibility() error {
	reasons, err := assessment.LoadReasons(rules.Checks, "checks/reasons.yaml")
	if err != nil {
		return err
	}
	a.Eligibility, err = eligibility.New(eligibility.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Cases: a.Cases, Facts: a.Facts,
		Programme: a.Programme, Book: a.Book, Derived: a.derivedFacts, DerivedMany: a.derivedMany, Reasons: reasons, Accounts: a.colleagues, Staff: a.assessors, Holidays: a.Holidays})
	return err
}

// assessors lists who can assess an application, as account and name.
func (a *App) assessors(ctx context.Context, tenant string) ([][2]string, error) {
	accounts, err := a.Organisations.AccountsWith(ctx, tenant, organisation.RoleAssessor, "", a.Now().Local())
	if err != nil {
		return nil, err
	}
	names, err := a.accountNames(ctx, accounts)
	if err != nil {
		return nil, err
	}
	var out [][2]string
	for _, id := range accounts {
		out = append(out, [2]string{id, names[id]})
	}
	return out, nil
}

// caseMoved keeps the assessors' queue true as cases move.
func (a *App) caseMoved(ctx context.Context, call access.Call, list []casefile.Moved) error {
	return a.Eligibility.Moved(ctx, call, list)
}
