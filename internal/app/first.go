package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/organisation"
)

// firstSteps lists what sets a programme up, for those who can do it, and
// nothing once all is done.
func (a *App) firstSteps(ctx context.Context, call access.Call) ([]casefile.FirstStep, error) {
	if !call.Actor.Has(organisation.RoleAdministrator) {
		return nil, nil
	}
	hosts, err := a.Organisations.Search(ctx, call, organisation.Query{Hostable: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	referrers, err := a.Organisations.Search(ctx, call, organisation.Query{Kinds: []organisation.Kind{organisation.Charity, organisation.Network, organisation.LocalScheme}, Limit: 1})
	if err != nil {
		return nil, err
	}
	steps := []casefile.FirstStep{
		{Title: "Bring in hospitals and GP practices", URL: "/organisations", Done: len(hosts.Organisations) > 0,
			Hint: "On the server, run: msw import organisations FILE. It takes the NHS organisation files as they are."},
		{Title: "Add the charities and networks that refer doctors", URL: "/organisations/new", Done: len(referrers.Organisations) > 0,
			Hint: "Then give their people a role, on the page of each."},
	}
	for _, role := range []struct {
		role        access.Role
		title, hint string
	}{
		{organisation.RoleCaseworker, "Name a caseworker", "Looks after doctors and answers their messages."},
		{organisation.RoleAssessor, "Name an assessor", "Decides who may join."},
		{organisation.RoleNationalLead, "Name a national lead", "Phases, settings and figures. Two are needed to sign what needs two."},
	} {
		there, err := a.Organisations.AccountsWith(ctx, call.Actor.Tenant, role.role, "", call.Today)
		if err != nil {
			return nil, err
		}
		steps = append(steps, casefile.FirstStep{Title: role.title, Hint: role.hint, URL: "/members", Done: len(there) > 0})
	}
	for _, s := range steps {
		if !s.Done {
			return steps, nil
		}
	}
	return nil, nil
}
