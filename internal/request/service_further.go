package request

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const (
	kindFurther = "further"
	sourceRound = "round" // of a request whose questions another station keeps
)

// Questions is a round of questions to a doctor. The station that asks keeps the
// questions and the answers; the request has the clock, the reminders and the
// place on the board.
type Questions struct {
	Request          string // "" until there is one
	Doctor           string
	Round            int
	Asked            clock.Date
	Due              clock.Date // none: by the programme's settings
	Answered, Closed clock.Date
	Verdict          string // once closed: Accepted, NotEnough, or "" when nothing was judged
	By               string // who closed it
	Reminded         []string
}

// Keep brings the request of a round of questions to where the round is, and
// makes it the first time. Its caller asked for permission and tells the doctor.
func (s *Service) Keep(ctx context.Context, call access.Call, q Questions) (r Request, err error) {
	k, _ := s.o.Rules.Kind(kindFurther)
	tenant := call.Actor.Tenant
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		var before Request
		if q.Request != "" {
			if before, err = s.load(ctx, tenant, q.Request); err != nil {
				return err
			}
			r = before
		} else {
			c, err := s.o.Cases.Get(ctx, q.Doctor, tenant)
			if err != nil {
				return err
			}
			r = Request{ID: database.NewRef(), Version: 1, Doctor: q.Doctor, Kind: kindFurther, Source: sourceRound, Region: c.Region, Made: q.Asked, Asked: q.Asked, Expires: q.Due,
				Round: q.Round, Reminded: q.Reminded}
		}
		if err := s.became(ctx, tenant, &r, k, q); err != nil {
			return err
		}
		if q.Request != "" {
			err = s.settle(ctx, call, before, &r, k)
		} else {
			err = s.enter(ctx, call, &r, k)
		}
		if err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActMake, Kind: "request", ID: r.ID, Person: r.Doctor, Before: before, After: r})
	})
	return r, err
}

// became takes over what became of the questions.
func (s *Service) became(ctx context.Context, tenant string, r *Request, k Kind, q Questions) error {
	if r.Expires.IsZero() {
		t, err := s.times(ctx, tenant, *r, k)
		if err != nil {
			return err
		}
		r.Expires = ExpiresOn(r.Asked, t.Days, s.o.Rules.Holidays)
	}
	r.Received = q.Answered
	switch {
	case q.Closed.IsZero():
	case q.Verdict == "":
		r.Gone = q.Closed
	default:
		r.Judged, r.JudgedBy, r.Verdict = q.Closed, q.By, q.Verdict
	}
	return nil
}

// apart refuses to change here what another station keeps.
func (r Request) apart() error {
	if r.Source != sourceRound {
		return nil
	}
	return problem.Refuse("These questions are not answered here.", "The doctor answers them under “Our questions to you”, and the assessor judges each answer on the page of the assessment.")
}
