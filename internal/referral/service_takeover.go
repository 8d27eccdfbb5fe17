package referral

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/problem"
)

// errNoInvitation is the one answer for a wrong, a used, a replaced and an old
// code: nothing can be learned by trying.
func errNoInvitation() error {
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "code",
		Message: "This code or link does not work, or does not work any more. Check it, or ask the person who gave it to you for a new one"}}}
}

// Holder is whoever has a working invitation in hand: in which programme it
// works, and nothing about the doctor.
type Holder struct {
	Tenant string
	inv    Invitation
}

// Check tells whether a code or a link's secret works today.
func (s *Service) Check(ctx context.Context, call access.Call, secret string) (Holder, error) {
	if len(secret) > 100 {
		return Holder{}, errNoInvitation()
	}
	inv, err := s.bySecret(ctx, s.secretHash(secret))
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return Holder{}, errNoInvitation()
	case err != nil:
		return Holder{}, err
	case !inv.Live(call.Today):
		return Holder{}, errNoInvitation()
	}
	return Holder{Tenant: inv.tenant, inv: inv}, nil
}

// Taken is what came of a take-over.
type Taken struct {
	Tenant string
	// Known: the account already owns another record in this programme; a
	// caseworker was asked to look, and nothing was joined.
	Known bool
}

// TakeOver gives the record to the account that holds the invitation; the
// caller has proved who the account is. An invitation works once, and ends all
// others of the record.
func (s *Service) TakeOver(ctx context.Context, call access.Call, secret, account string) (Taken, error) {
	if account == "" {
		return Taken{}, problem.Missing()
	}
	var taken Taken
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		h, err := s.Check(ctx, call, secret)
		if err != nil {
			return err
		}
		call := call
		call.Actor = access.Actor{Account: account, Tenant: h.Tenant}
		if err := s.access.May(call.Actor, ActTakeOver, access.Resource{Kind: "invitation", ID: h.inv.ID, Tenant: h.Tenant}); err != nil {
			return err
		}
		used, err := s.useInvitation(ctx, call, h.inv)
		if err != nil {
			return err
		}
		if !used {
			return errNoInvitation()
		}
		taken.Tenant = h.Tenant
		owned, err := s.o.Doctors.OfAccount(ctx, h.Tenant, account)
		if err != nil {
			return err
		}
		if owned != "" && owned != h.inv.Doctor {
			taken.Known = true
			return s.knownAlready(ctx, call, h.inv, owned)
		}
		return s.handOver(ctx, call, h.inv)
	})
	return taken, err
}

func (s *Service) handOver(ctx context.Context, call access.Call, inv Invitation) error {
	if err := s.o.Doctors.Link(ctx, call, inv.Doctor, call.Actor.Account); err != nil {
		return err
	}
	call.Actor.Doctor = inv.Doctor
	if err := s.revokeInvitations(ctx, call, inv.Doctor); err != nil {
		return err
	}
	m := casefile.Milestone{Doctor: inv.Doctor, Kind: casefile.TakenOver, On: call.Today, Source: "invitation:" + inv.ID}
	if err := s.o.Cases.Record(ctx, call, m); err != nil {
		return err
	}
	return s.invitedBy(ctx, call, inv, "taken over")
}

// knownAlready asks a caseworker to look: the same person, proved by their own
// address, has two records. Joining them is for people to decide.
func (s *Service) knownAlready(ctx context.Context, call access.Call, inv Invitation, owned string) error {
	c, err := s.o.Cases.Get(ctx, inv.Doctor, call.Actor.Tenant)
	if err != nil {
		return err
	}
	if err := s.o.Cases.OpenTask(ctx, call, casefile.Task{Doctor: inv.Doctor, Kind: TaskDuplicate, Source: "referral", Party: casefile.PartyCaseworker,
		Title: "The doctor says that they already have a record", URL: "/cases/" + c.Ref + "/same"}); err != nil {
		return err
	}
	call.Actor.Doctor = owned
	return s.invitedBy(ctx, call, inv, "already has a record")
}

func (s *Service) invitedBy(ctx context.Context, call access.Call, inv Invitation, what string) error {
	for _, kind := range []string{TaskInvite, TaskCall} {
		if err := s.o.Cases.CloseTask(ctx, call, inv.Doctor, kind, "referral"); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActTakeOver, Kind: "invitation", ID: inv.ID, Person: inv.Doctor, After: map[string]string{"outcome": what, "way": inv.Way}})
}
