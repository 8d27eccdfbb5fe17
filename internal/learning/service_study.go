package learning

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/placement"
	"msw/internal/problem"
)

// StudySight is the study time of one post, for those it concerns.
type StudySight struct {
	Placement placement.Placement
	Name      string // of the doctor
	Employer  string // name
	Open      *Study // waits for an answer
	Running   *Study // agreed, with no last day or one that has not passed
	History   []Study
	Side      string // the actor's: doctor, employer or none
	Today     clock.Date
}

// side tells on whose side the actor may propose, answer and end; "" for one
// who only looks. The employer of record agrees, not the place of work.
func (s *Service) side(call access.Call, p placement.Placement) string {
	r := p.Resource(call.Actor.Tenant)
	r.Organisations = []string{p.Employer}
	switch {
	case s.access.May(call.Actor, ActAgree, r) != nil:
		return ""
	case call.Actor.Doctor != "" && call.Actor.Doctor == p.Doctor:
		return SideDoctor
	}
	return SideEmployer
}

// LookStudy shows the study time of a post to the doctor, the employer, the
// place of work and the supervisors; to nobody else.
func (s *Service) LookStudy(ctx context.Context, call access.Call, id string) (StudySight, error) {
	p, err := s.o.Placement(ctx, call.Actor.Tenant, id)
	if err != nil {
		return StudySight{}, err
	}
	if s.access.May(call.Actor, ActStudy, p.Resource(call.Actor.Tenant)) != nil {
		return StudySight{}, problem.Missing()
	}
	v, err := s.study(ctx, call, p)
	if err != nil {
		return v, err
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{p.Doctor})
	if err != nil {
		return v, err
	}
	v.Name = names[p.Doctor]
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActStudy, Kind: "study", IDs: []string{p.ID}, Person: p.Doctor})
}

func (s *Service) study(ctx context.Context, call access.Call, p placement.Placement) (StudySight, error) {
	v := StudySight{Placement: p, Side: s.side(call, p), Today: call.Today}
	var err error
	if v.Employer, err = s.organiser(ctx, call.Actor.Tenant, p.Employer); err != nil {
		return v, err
	}
	v.History, err = s.studies(ctx, call.Actor.Tenant, p.ID)
	for i, x := range v.History {
		switch {
		case x.State == Proposed:
			v.Open = &v.History[i]
		case x.State == Agreed && (x.To.IsZero() || x.To >= call.Today) && (v.Running == nil || x.From <= call.Today):
			v.Running = &v.History[i]
		}
	}
	if !p.EndedOn.IsZero() {
		v.Side = "" // a post that is over is only read
	}
	return v, err
}

// Propose asks the other side to agree to hours a week from a day.
func (s *Service) Propose(ctx context.Context, call access.Call, id string, minutes int, from clock.Date) (Study, error) {
	var out Study
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		p, side, err := s.agreeing(ctx, call, id)
		if err != nil {
			return err
		}
		if err := checkStudy(p, minutes, from); err != nil {
			return err
		}
		out = Study{ID: database.NewID(), Version: 1, Placement: p.ID, Doctor: p.Doctor, Employer: p.Employer, MinutesWeek: minutes, From: from,
			State: Proposed, Side: side, ProposedBy: call.Actor.Account, ProposedAt: call.Now}
		fresh, err := s.insertStudy(ctx, call.Actor.Tenant, out)
		if err != nil {
			return err
		}
		if !fresh {
			return problem.Refuse("Something waits for an answer already.", "Answer it, or take it back, before you propose other hours.")
		}
		if side == SideEmployer {
			if err := s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobChanged, map[string]string{"doctor": p.Doctor}); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActAgree, Kind: "study", ID: out.ID, Person: p.Doctor, After: out})
	})
	return out, err
}

// agreeing loads a post in which the actor is one of the two who agree.
func (s *Service) agreeing(ctx context.Context, call access.Call, id string) (placement.Placement, string, error) {
	p, err := s.o.Placement(ctx, call.Actor.Tenant, id)
	if err != nil {
		return p, "", err
	}
	side := s.side(call, p)
	switch {
	case side == "":
		return p, "", problem.Missing()
	case !p.EndedOn.IsZero():
		return p, "", problem.Refuse("This post is over.", "Study time is agreed for a post that runs.")
	}
	return p, side, nil
}

// AnswerStudy says yes or no to what the other side proposed. A yes ends what
// ran until then on the day before.
func (s *Service) AnswerStudy(ctx context.Context, call access.Call, placementID, id string, version int, yes bool) error {
	return s.changeStudy(ctx, call, placementID, id, version, func(ctx context.Context, x Study, side string) (Study, error) {
		if !yes {
			if x.State != Proposed || x.Side == side {
				return x, problem.Stale()
			}
			x.State, x.AnsweredBy, x.AnsweredAt = SaidNo, call.Actor.Account, call.Now
			return x, nil
		}
		latest, err := s.latestAgreed(ctx, call.Actor.Tenant, placementID)
		if err != nil {
			return x, err
		}
		x, ended, err := agree(x, latest, side, call)
		if err == nil && ended != nil {
			err = s.updateStudy(ctx, call.Actor.Tenant, *ended)
		}
		return x, err
	})
}

// TakeBack withdraws one's own proposal that nobody answered.
func (s *Service) TakeBack(ctx context.Context, call access.Call, placementID, id string, version int) error {
	return s.changeStudy(ctx, call, placementID, id, version, func(_ context.Context, x Study, side string) (Study, error) {
		if x.State != Proposed || x.Side != side {
			return x, problem.Stale()
		}
		x.State, x.AnsweredBy, x.AnsweredAt = Withdrawn, call.Actor.Account, call.Now
		return x, nil
	})
}

// EndStudy sets the last day of what is agreed; either side may.
func (s *Service) EndStudy(ctx context.Context, call access.Call, placementID, id string, version int, last clock.Date) error {
	return s.changeStudy(ctx, call, placementID, id, version, func(_ context.Context, x Study, _ string) (Study, error) {
		return end(x, last, call)
	})
}

func (s *Service) changeStudy(ctx context.Context, call access.Call, placementID, id string, version int, fn func(context.Context, Study, string) (Study, error)) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, side, err := s.agreeing(ctx, call, placementID)
		if err != nil {
			return err
		}
		old, err := s.studyByID(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if old.Placement != p.ID {
			return problem.Missing()
		}
		if old.Version != version {
			return problem.Stale()
		}
		x, err := fn(ctx, old, side)
		if err != nil {
			return err
		}
		if err := s.updateStudy(ctx, call.Actor.Tenant, x); err != nil {
			return err
		}
		if side == SideEmployer {
			if err := s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobChanged, map[string]string{"doctor": p.Doctor}); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActAgree, Kind: "study", ID: id, Person: p.Doctor, Before: old, After: x})
	})
}

// StudyRow is a proposal that waits for an employer.
type StudyRow struct {
	Study
	Name string
}

// StudyWaiting lists the doctors' proposals that wait for the actor's answer as
// an employer, the oldest first.
func (s *Service) StudyWaiting(ctx context.Context, call access.Call, after []string, limit int) ([]StudyRow, error) {
	scope := s.access.Scope(call.Actor, ActAgree)
	scope.Doctor = "" // a doctor's own are on their own page
	if scope.None() {
		return nil, problem.Missing()
	}
	list, err := s.studyPage(ctx, scope, after, limit)
	if err != nil {
		return nil, err
	}
	var doctors []string
	for _, x := range list {
		doctors = append(doctors, x.Doctor)
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, doctors)
	if err != nil {
		return nil, err
	}
	var out []StudyRow
	for _, x := range list {
		out = append(out, StudyRow{x, names[x.Doctor]})
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActAgree, Kind: "study", IDs: doctors, Query: "waiting"})
}

// StudyLink leads from a post to its study time, for those who may see it.
func (s *Service) StudyLink(call access.Call, p placement.Placement) (placement.Link, bool) {
	ok := s.access.May(call.Actor, ActStudy, p.Resource(call.Actor.Tenant)) == nil
	return placement.Link{Text: "Study time", URL: "/placements/" + p.ID + "/study-time"}, ok
}
