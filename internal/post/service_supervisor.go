package post

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// NewSupervisor says how many people somebody can supervise. Give an account,
// or an e-mail address for which one is made.
type NewSupervisor struct {
	Account, Email      string
	Organisation, Name  string
	Capacity            int
	ApprovedUntil       clock.Date // last day of the approval to supervise, none when it has no end
	AwayFrom, AwayUntil clock.Date // the next long absence
}

// SetSupervisor names a supervisor of an organisation, or changes how many
// people they can take on. Fewer than they hold already is allowed: it only
// keeps more from coming.
func (s *Service) SetSupervisor(ctx context.Context, call access.Call, cmd NewSupervisor) (Supervisor, error) {
	tenant := call.Actor.Tenant
	var c problem.Check
	c.That(cmd.Name != "" && len(cmd.Name) <= 120, "name", "Enter the supervisor's name, in 120 characters or fewer")
	c.That(cmd.Organisation != "", "organisation", "Choose the organisation")
	c.That(cmd.Capacity >= 0 && cmd.Capacity <= 50, "capacity", "Enter how many people they can supervise, from 0 to 50")
	c.That(cmd.AwayUntil.IsZero() || !cmd.AwayFrom.IsZero(), "away_from", "Enter the first day away")
	c.That(cmd.AwayFrom.IsZero() || !cmd.AwayUntil.IsZero(), "away_until", "Enter the last day away")
	c.That(cmd.AwayUntil.IsZero() || cmd.AwayUntil >= cmd.AwayFrom, "away_until", "The last day away must not be before the first")
	c.That(cmd.Account != "" || strings.Contains(cmd.Email, "@"), "email", "Enter an email address in the correct format, like name@example.com")
	if err := c.Err(); err != nil {
		return Supervisor{}, err
	}
	r := access.Resource{Kind: "supervisor", ID: cmd.Account, Tenant: tenant, Organisations: []string{cmd.Organisation}}
	if err := s.access.May(call.Actor, ActSupervise, r); err != nil {
		return Supervisor{}, err
	}
	v := Supervisor{Account: cmd.Account, Organisation: cmd.Organisation, Name: cmd.Name, Capacity: cmd.Capacity,
		ApprovedUntil: cmd.ApprovedUntil, AwayFrom: cmd.AwayFrom, AwayUntil: cmd.AwayUntil, Version: 1}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if v.Account == "" {
			if s.o.Account == nil {
				return problem.New(problem.Unavailable, "People cannot be added by email here.")
			}
			account, err := s.o.Account(ctx, call, cmd.Email, cmd.Organisation)
			if err != nil {
				return err
			}
			v.Account = account
		}
		return s.storeSupervisor(ctx, call, &v)
	})
	return v, err
}

// storeSupervisor writes a new supervisor, or the next version of a known one.
func (s *Service) storeSupervisor(ctx context.Context, call access.Call, v *Supervisor) error {
	saved, err := s.saveSupervisor(ctx, call.Actor.Tenant, *v)
	if err != nil {
		return err
	}
	if !saved {
		old, err := s.supervisors(ctx, call.Actor.Tenant, "account_id", []string{v.Account})
		if err != nil {
			return err
		}
		if len(old) == 0 {
			return problem.Stale()
		}
		if old[0].Organisation != v.Organisation {
			return problem.Refuse("This person cannot be added.", "They already supervise at another organisation. Ask the programme team.")
		}
		v.Version, v.Holding = old[0].Version+1, old[0].Holding
		if saved, err = s.saveSupervisor(ctx, call.Actor.Tenant, *v); err != nil {
			return err
		}
		if !saved {
			return problem.Stale()
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActSupervise, Kind: "supervisor", ID: v.Account, After: *v})
}

// SupervisorsOf lists the supervisors of organisations, for choosing one. It
// asks no permission: callers ask for the post or the placement.
func (s *Service) SupervisorsOf(ctx context.Context, tenant string, organisations ...string) ([]Supervisor, error) {
	return s.supervisors(ctx, tenant, "organisation_id", database.Distinct(organisations))
}

// SupervisorNames gives supervisors by account; unknown ones are left out.
func (s *Service) SupervisorNames(ctx context.Context, tenant string, accounts ...string) (map[string]Supervisor, error) {
	list, err := s.supervisors(ctx, tenant, "account_id", database.Distinct(accounts))
	byAccount := make(map[string]Supervisor, len(list))
	for _, v := range list {
		byAccount[v.Account] = v
	}
	return byAccount, err
}

// OwnSupervisors lists the supervisors of the organisations the actor may
// arrange supervision for.
func (s *Service) OwnSupervisors(ctx context.Context, call access.Call) ([]Supervisor, error) {
	scope := s.access.Scope(call.Actor, ActSupervise)
	list, err := s.scopedSupervisors(ctx, scope)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, v := range list {
		ids[i] = v.Account
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActSupervise, Kind: "supervisor", IDs: ids})
}
