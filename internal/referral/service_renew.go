package referral

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/problem"
)

// Renewal says that the doctor agreed to go on sharing.
type Renewal struct {
	Ref   string
	Scope []string
	Until clock.Date
}

// Renew makes the agreement of a referral run on. While the referrer speaks for
// the doctor (nobody has taken over the record, and nobody took the agreement
// back) it counts at once; else the doctor, or a caseworker who asks them,
// answers first. The referrer is not told which.
func (s *Service) Renew(ctx context.Context, call access.Call, n Renewal) error {
	r, err := s.permit(ctx, call, ActRenew, n.Ref)
	if err != nil {
		return err
	}
	if !r.WithdrawnOn.IsZero() {
		return problem.New(problem.Conflict, "This referral was taken back. Refer the doctor again.")
	}
	l, err := s.limits(ctx, call.Actor.Tenant)
	if err != nil {
		return err
	}
	if err := checkConsent(n.Scope, n.Until, call.Today, call.Today, l.longest); err != nil {
		return err
	}
	given, err := s.consentOf(ctx, call, r)
	if err != nil {
		return err
	}
	d, err := s.o.Doctors.Get(ctx, call.Actor.Tenant, r.Person)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		before := r
		if d.Account == "" && given.WithdrawnOn.IsZero() {
			if err := s.give(ctx, call, &r, n.Scope, n.Until); err != nil {
				return err
			}
		} else if err := s.ask(ctx, call, &r, n, d.Account != ""); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRenew, Kind: "referral", ID: r.ID, Person: r.Person, Before: before, After: r})
	})
}

// ask leaves the renewal with the doctor, or with a caseworker who asks them.
func (s *Service) ask(ctx context.Context, call access.Call, r *Referral, n Renewal, own bool) error {
	r.AskScope, r.AskUntil = n.Scope, n.Until
	if err := s.update(ctx, call.Actor.Tenant, *r); err != nil {
		return err
	}
	t := casefile.Task{Doctor: r.Person, Kind: TaskAgree, Source: "referral:" + r.ID, Party: casefile.PartyCaseworker,
		Title: "Ask the doctor: an organisation wishes to go on knowing how they are getting on", URL: "/sharing/" + r.Ref}
	if own {
		t.Party, t.Owner, t.Title = casefile.PartyDoctor, r.Person, "Someone asks to go on knowing how you are getting on"
	}
	return s.o.Cases.OpenTask(ctx, call, t)
}

// give puts a new consent in the place of the one a referral rests on.
func (s *Service) give(ctx context.Context, call access.Call, r *Referral, scope []string, until clock.Date) error {
	in := asProgramme(call)
	if r.Consent != "" {
		if err := s.o.Consents.Withdraw(ctx, in, r.Consent); err != nil {
			return err
		}
	}
	var err error
	if r.Consent, err = s.o.Consents.Give(ctx, in, consent.Consent{Doctor: r.Person, Organisation: r.Organisation, Scope: scope,
		Until: until, Source: "referral:" + r.ID}); err != nil {
		return err
	}
	r.AskScope, r.AskUntil = nil, 0
	if err := s.update(ctx, call.Actor.Tenant, *r); err != nil {
		return err
	}
	return s.ConsentChanged(ctx, in, r.Person)
}

// Question is a renewal as the doctor, or the caseworker who asks them, sees it.
type Question struct {
	Ref, Organisation string
	Scope             []string
	Until             clock.Date
}

// mayAnswer finds a referral whose renewal waits for an answer.
func (s *Service) mayAnswer(ctx context.Context, call access.Call, ref string) (Referral, error) {
	r, err := s.permit(ctx, call, ActAgree, ref)
	if err == nil && len(r.AskScope) == 0 {
		err = problem.New(problem.Conflict, "This was already answered.")
	}
	return r, err
}

// Question gives the renewal that waits for an answer.
func (s *Service) Question(ctx context.Context, call access.Call, ref string) (Question, error) {
	r, err := s.mayAnswer(ctx, call, ref)
	if err != nil {
		return Question{}, err
	}
	o, err := s.o.Organisations.Get(ctx, call.Actor.Tenant, r.Organisation)
	return Question{Ref: r.Ref, Organisation: o.Name, Scope: r.AskScope, Until: r.AskUntil}, err
}

// AnswerQuestion gives the doctor's own answer.
func (s *Service) AnswerQuestion(ctx context.Context, call access.Call, ref string, yes bool) error {
	r, err := s.mayAnswer(ctx, call, ref)
	if err != nil {
		return err
	}
	if yes && r.AskUntil < call.Today {
		return problem.New(problem.Conflict, "The time they asked for is over. They can ask again.")
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		before := r
		if yes {
			err = s.give(ctx, call, &r, r.AskScope, r.AskUntil)
		} else {
			r.AskScope, r.AskUntil = nil, 0
			err = s.update(ctx, call.Actor.Tenant, r)
		}
		if err != nil {
			return err
		}
		if err := s.o.Cases.CloseTask(ctx, call, r.Person, TaskAgree, "referral:"+r.ID); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActAgree, Kind: "referral", ID: r.ID, Person: r.Person, Before: before, After: r})
	})
}

// ConsentChanged makes the case's referrers those whose consent runs today. It
// is consent's Changed, and asks no permission; a doctor without a case yet is
// no error.
func (s *Service) ConsentChanged(ctx context.Context, call access.Call, doctor string) error {
	c, err := s.o.Cases.Get(ctx, doctor, call.Actor.Tenant)
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	live, err := s.o.Consents.Live(ctx, call.Actor.Tenant, doctor, call.Today)
	if err != nil {
		return err
	}
	now := map[string]bool{}
	for _, l := range live {
		now[l.Organisation] = true
	}
	for _, old := range c.Referrers {
		if !now[old] {
			if err := s.o.Cases.RemoveParty(ctx, call, doctor, casefile.RelReferrer, old); err != nil {
				return err
			}
		}
		delete(now, old)
	}
	for org := range now {
		if err := s.o.Cases.AddParty(ctx, call, doctor, casefile.RelReferrer, org); err != nil {
			return err
		}
	}
	return nil
}

// EndConsents takes the effect of consents back whose last day lies between
// since and yesterday: run it daily for each tenant, with a call of the
// operator's and some days of overlap; with no date it looks at all.
func (s *Service) EndConsents(ctx context.Context, call access.Call, since clock.Date) error {
	if since.IsZero() {
		since = clock.MustDate("0001-01-02") // consents without a last day have the empty date
	}
	ended, err := s.o.Consents.Ending(ctx, call.Actor.Tenant, since, call.Today.AddDays(-1))
	if err != nil || len(ended) == 0 {
		return err
	}
	const batch = 200
	for part := range slices.Chunk(ended, batch) {
		err := s.db.Tx(ctx, func(ctx context.Context) error {
			for _, c := range part {
				if err := s.ConsentChanged(ctx, call, c.Doctor); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
