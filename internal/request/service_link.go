package request

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
	"msw/internal/programme"
)

// The jobs of this package, with the ids request and link.
const (
	JobSend   = "request.send"   // write to somebody whom the doctor let us write to
	JobRemind = "request.remind" // remind who owes the answer
)

// secretLength is how many signs of a link's secret are given out: 128 bits.
const secretLength = 32

// secret is what stands in a link: made anew from its id whenever it is needed,
// so that the doctor's page can show it again, and stored nowhere.
func (s *Service) secret(tenant, id string) string {
	return s.db.Vault().Token(tenant, "request link", id)[:secretLength]
}

func (s *Service) hash(tenant, secret string) string {
	return s.db.Vault().Token(tenant, "request secret", secret)
}

// address is a link as it is handed over: the tenant's code first.
func (s *Service) address(tenant, id string) string {
	return s.o.Address + "/asked/" + tenant + "-" + s.secret(tenant, id)
}

// find takes a link apart and finds it; every link that does not work is as one
// that does not exist.
func (s *Service) find(ctx context.Context, call access.Call, text string) (tenant string, l Link, err error) {
	i := strings.LastIndexByte(text, '-')
	if i <= 0 || len(text)-i-1 != secretLength || len(text) > 100 {
		return "", Link{}, problem.Missing()
	}
	tenant = text[:i]
	l, err = s.linkByHash(ctx, tenant, s.hash(tenant, text[i+1:]))
	if err == nil && !l.live(call.Today) {
		err = problem.Missing()
	}
	return tenant, l, err
}

// newLink makes a link; those given out before stop working.
func (s *Service) newLink(ctx context.Context, call access.Call, request, purpose string) (Link, error) {
	tenant := call.Actor.Tenant
	days, err := s.o.Setting(ctx, tenant, programme.RequestLinkDays)
	if err != nil {
		return Link{}, err
	}
	l := Link{ID: database.NewID(), Request: request, Purpose: purpose, Made: call.Now, Expires: call.Today.AddDays(days)}
	if err := s.revokeLinks(ctx, tenant, request, purpose, call.Now); err != nil {
		return l, err
	}
	return l, s.insertLink(ctx, tenant, s.hash(tenant, s.secret(tenant, l.ID)), l)
}

// mayAskNow refuses what the doctor has not allowed by name.
func (s *Service) mayAskNow(ctx context.Context, tenant string, r Request, k Kind) error {
	said, err := s.o.Doctors.Asked(ctx, tenant, r.Doctor)
	if err != nil {
		return err
	}
	switch answer, _ := Allowed(r, k, said); {
	case answer == doctor.MustNot:
		return problem.Refuse("Nobody is asked.", "The doctor, or a caseworker, has said that it is not safe to ask here. Use one of the other ways.")
	case answer != doctor.MayAsk:
		return problem.Refuse("Nobody is asked yet.", "The doctor has not said yes to this person or place.")
	case !r.complete(k):
		return problem.Refuse("Nobody is asked yet.", "Say first whom to ask, in which country, and about which time.")
	}
	return nil
}

// HandOver makes a link for the doctor to hand over. The clock runs from then.
func (s *Service) HandOver(ctx context.Context, call access.Call, id string, version int) (Request, error) {
	return s.start(ctx, call, id, version, false)
}

// Send lets msw write to whom it asks: only the doctor can, for this one person.
func (s *Service) Send(ctx context.Context, call access.Call, id string, version int) (Request, error) {
	return s.start(ctx, call, id, version, true)
}

func (s *Service) start(ctx context.Context, call access.Call, id string, version int, send bool) (Request, error) {
	var link Link
	return s.change(ctx, call, ActAsk, target{id, version}, func(ctx context.Context, r *Request, k Kind) error {
		if !k.Link {
			return problem.Refuse("This is not asked for by a link.")
		}
		if !r.Received.IsZero() || !r.Judged.IsZero() || !r.Gone.IsZero() || !r.Declined.IsZero() {
			return problem.Refuse("This request is over, or an answer has come.")
		}
		if err := s.mayAskNow(ctx, call.Actor.Tenant, *r, k); err != nil {
			return err
		}
		if send && call.Actor.Doctor != r.Doctor {
			return problem.Refuse("Only the doctor can let us write to somebody.")
		}
		if send && r.Whom.Email == "" {
			return problem.Refuse("We have no email address of this person.")
		}
		if send {
			r.Whom.SendByUs = true
		}
		late := !r.Asked.IsZero() && call.Today > r.Expires
		if late { // asked again after silence: a new clock
			r.Asked, r.Reminded = 0, nil
		}
		if err := s.ask(ctx, call, r, k); err != nil {
			return err
		}
		var err error
		if link, err = s.newLink(ctx, call, r.ID, PurposeAnswer); err != nil || !send {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobSend, map[string]string{"request": r.ID, "link": link.ID})
	})
}

// AskedMyself records that the doctor asked for a paper that only they can ask
// for, as a certificate of good standing.
func (s *Service) AskedMyself(ctx context.Context, call access.Call, id string, version int) (Request, error) {
	return s.change(ctx, call, ActAsk, target{id, version}, func(ctx context.Context, r *Request, k Kind) error {
		if k.Link || k.From != "doctor" {
			return problem.Refuse("This is not asked for in this way.")
		}
		if err := s.mayAskNow(ctx, call.Actor.Tenant, *r, k); err != nil {
			return err
		}
		return s.ask(ctx, call, r, k)
	})
}

// May is the guard at the door: it is asked of every message that leaves msw
// for somebody outside, at the moment it would leave. outside is the request
// for which it goes.
func (s *Service) May(ctx context.Context, m notify.Message) (bool, error) {
	id, ok := strings.CutPrefix(m.Outside, "request:")
	if !ok {
		return false, nil // nobody answers for it
	}
	r, err := s.load(ctx, m.Tenant, id)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	k, known := s.o.Rules.Kind(r.Kind)
	if !known || !r.Whom.SendByUs || r.Whom.Email != m.To || r.State != Waiting {
		return false, nil
	}
	said, err := s.o.Doctors.Asked(ctx, m.Tenant, r.Doctor)
	if err != nil {
		return false, err
	}
	answer, _ := Allowed(r, k, said)
	return answer == doctor.MayAsk, nil
}

// Deliver is the job that writes to somebody outside, or reminds them. Its
// words tell nothing of a status, a programme or a place.
func (s *Service) Deliver(ctx context.Context, job jobs.Job) error {
	r, err := s.load(ctx, job.Tenant, job.IDs["request"])
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	l, found, err := s.newestLink(ctx, job.Tenant, r.ID, PurposeAnswer)
	if err != nil || !found || !l.live(s.o.Now().Local()) || job.IDs["link"] != "" && job.IDs["link"] != l.ID {
		return err
	}
	err = s.o.Sender.Send(ctx, notify.Message{Tenant: job.Tenant, ID: job.ID, Channel: notify.Mail, To: r.Whom.Email, Outside: r.SourceID(),
		Subject: "A question for you", Text: letter(s.address(job.Tenant, l.ID), l.Expires)})
	if errors.Is(err, notify.ErrStopped) { // it must not leave: that is no failure to try again
		return nil
	}
	if err != nil {
		return fmt.Errorf("send request %s: %w", r.ID, err)
	}
	return nil
}

func letter(link string, until clock.Date) string {
	return "Hello,\n\nSomeone you know agreed that you are asked a question about them. To read it, open this link:\n\n" + link +
		"\n\nYou need no account. The link works until " + until.Long() + ", for one answer. You can also say no there." +
		"\n\nIf you did not expect this, you can ignore it. Please do not send the link on to anyone."
}

// Handed is a link as the doctor sees it.
type Handed struct {
	Address string
	Expires clock.Date
}

// handed gives the link of a request that is on its way, if it still works.
func (s *Service) handed(ctx context.Context, call access.Call, r Request) (Handed, error) {
	if r.State != Waiting && r.State != Overdue {
		return Handed{}, nil
	}
	l, found, err := s.newestLink(ctx, call.Actor.Tenant, r.ID, PurposeAnswer)
	if err != nil || !found || !l.live(call.Today) {
		return Handed{}, err
	}
	return Handed{Address: s.address(call.Actor.Tenant, l.ID), Expires: l.Expires}, nil
}

// MustNot tells whether somebody or a place must not be asked about a doctor. It
// asks no permission.
func (s *Service) MustNot(ctx context.Context, tenant, id string, subject doctor.Subject) (bool, error) {
	v, err := s.o.Doctors.Asking(ctx, tenant, id, subject)
	return v.Answer == doctor.MustNot, err
}
