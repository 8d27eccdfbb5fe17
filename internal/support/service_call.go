package support

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/organisation"
	"msw/internal/problem"
)

// Ask asks somebody to call the doctor: the doctor's own wish, with no reason.
// Asking again while the first call waits changes nothing.
func (s *Service) Ask(ctx context.Context, call access.Call, told string) error {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		_, ok, err := s.target(ctx, call.Actor.Tenant, id, told)
		if err != nil {
			return err
		}
		if !ok {
			var p problem.Check
			p.That(false, "told", "Choose who we should ask")
			return p.Err()
		}
		return s.ring(ctx, call, id, told)
	})
}

// target is the account that is asked to call, "" for anyone of the team; false
// when there is no such person. A mentor who is also the doctor's supervisor is
// never asked.
func (s *Service) target(ctx context.Context, tenant, doctor, told string) (account string, ok bool, err error) {
	switch told {
	case TellTeam:
		return "", true, nil
	case TellCaseworker:
		account, _, err = s.caseworker(ctx, tenant, doctor)
		return account, account != "", err
	case TellMentor:
		p, err := s.pairOf(ctx, tenant, doctor)
		if err != nil || p == nil || p.State != Together {
			return "", false, err
		}
		if account, err = s.o.Account(ctx, tenant, p.Mentor); err != nil || account == "" {
			return "", false, err
		}
		apart, err := s.apart(ctx, tenant, doctor, account)
		return account, apart, err
	}
	return "", false, nil
}

func (s *Service) caseworker(ctx context.Context, tenant, doctor string) (account, name string, err error) {
	c, err := s.cases.Get(ctx, doctor, tenant)
	if problem.KindOf(err) == problem.NotFound {
		return "", "", nil
	}
	if err != nil || c.Caseworker == "" {
		return "", "", err
	}
	names, err := s.o.Staff(ctx, []string{c.Caseworker})
	return c.Caseworker, names[c.Caseworker], err
}

// ring opens a call and its task, unless one to the same person waits already.
func (s *Service) ring(ctx context.Context, call access.Call, doctor, told string) error {
	tenant := call.Actor.Tenant
	owner, _, err := s.target(ctx, tenant, doctor, told)
	if err != nil {
		return err
	}
	waiting, err := s.callsOf(ctx, tenant, doctor)
	if err != nil {
		return err
	}
	for _, c := range waiting {
		if c.DoneAt.IsZero() && c.Told == told && c.Owner == owner {
			return nil
		}
	}
	c := Call{ID: database.NewID(), Doctor: doctor, Told: told, Owner: owner, AskedAt: call.Now, Version: 1}
	if err := s.insertCall(ctx, tenant, c); err != nil {
		return err
	}
	t := casefile.Task{Doctor: doctor, Kind: casefile.TaskCall, Source: "support:" + c.ID, Title: "Please call", URL: "/support/calls",
		Party: casefile.PartyCaseworker, Owner: owner, Since: call.Today}
	if told == TellMentor {
		t.Party = casefile.PartyNobody // a mentor has no part in the case
	}
	if err := s.cases.OpenTask(ctx, call, t); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActCall, Kind: "support_call", ID: c.ID, Person: doctor, After: map[string]string{"told": told}})
}

// Ring is a call as the person who makes it sees it.
type Ring struct {
	Call
	Name, Ref string
	Contact   string // what a mentor may use; staff read the contact page
}

// Calls lists whom the actor should call, the longest waiting first: those
// asked of the actor and, for a caseworker, those asked of anyone.
func (s *Service) Calls(ctx context.Context, call access.Call) ([]Ring, error) {
	if err := s.may(call, ActCall); err != nil {
		return nil, err
	}
	owners := []string{call.Actor.Account}
	team := call.Actor.HasAny(organisation.RoleCaseworker, organisation.RoleOperator)
	if team {
		owners = append(owners, "")
	}
	const most = 50
	list, err := s.calls(ctx, call.Actor.Tenant, owners, call.Actor.Hidden, most)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.Doctor
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	cases, err := s.cases.Many(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Ring, len(list))
	for i, c := range list {
		out[i] = Ring{Call: c, Name: names[c.Doctor]}
		if c.Told != TellMentor {
			out[i].Ref = cases[c.Doctor].Ref
			continue
		}
		p, err := s.pairOf(ctx, call.Actor.Tenant, c.Doctor)
		if err != nil {
			return nil, err
		}
		if p != nil && p.Mentor == call.Actor.Doctor {
			out[i].Contact = p.Wish.Contact
		}
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActCall, Query: "whom to call", Kind: "support_call", IDs: ids})
}

// Called says that a call was made.
func (s *Service) Called(ctx context.Context, call access.Call, id string) error {
	if err := s.may(call, ActCall); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.call(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		mine := c.Owner == call.Actor.Account
		anyones := c.Owner == "" && call.Actor.HasAny(organisation.RoleCaseworker, organisation.RoleOperator)
		if !mine && !anyones || slices.Contains(call.Actor.Hidden, c.Doctor) {
			return problem.Missing()
		}
		if !c.DoneAt.IsZero() {
			return nil
		}
		if err := s.doneCall(ctx, call, c); err != nil {
			return err
		}
		if err := s.cases.CloseTask(ctx, call, c.Doctor, casefile.TaskCall, "support:"+c.ID); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCall, Kind: "support_call", ID: c.ID, Person: c.Doctor, Before: map[string]string{"told": c.Told}, After: map[string]string{"done": call.Today.String()}})
	})
}

// apart tells whether an account has no power over a doctor: it is not one of
// their supervisors, and the doctor does not hide from it.
func (s *Service) apart(ctx context.Context, tenant, doctor, account string) (bool, error) {
	hidden, err := s.o.HiddenFrom(ctx, tenant, []string{"account:" + account})
	if err != nil || slices.Contains(hidden, doctor) {
		return false, err
	}
	c, err := s.cases.Get(ctx, doctor, tenant)
	if problem.KindOf(err) == problem.NotFound {
		return true, nil
	}
	return !slices.Contains(c.Supervisors, account), err
}
