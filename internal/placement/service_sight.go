package placement

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/post"
	"msw/internal/problem"
)

// Supervision is one placement with all that its supervision page shows.
type Supervision struct {
	Placement
	Judged
	Name                   string
	Supervisors            map[string]post.Supervisor
	Covers                 []Cover
	Goals                  []Goal
	Absences               []Absence
	Plan                   *Induction
	MayCover, MayConcern   bool
	MayRaise, Running, Own bool
	Waiting                int // concerns the reader may read and nobody settled
}

// LookSupervision shows the supervision of somebody in post. Why they are away
// is for the person and for those who arrange the work.
func (s *Service) LookSupervision(ctx context.Context, call access.Call, id string) (Supervision, error) {
	tenant := call.Actor.Tenant
	p, err := s.permit(ctx, call, ActMeet, id)
	if err != nil {
		return Supervision{}, err
	}
	may := func(act access.Action) bool { return s.access.May(call.Actor, act, p.Resource(tenant)) == nil }
	v := Supervision{Placement: p, Plan: s.o.Induction, Running: p.EndedOn.IsZero(), Own: p.Doctor == call.Actor.Doctor}
	v.MayCover, v.MayConcern, v.MayRaise = may(ActCover), may(ActConcern), may(ActWorry)
	if v.Judged, _, err = s.duesOf(ctx, call, p); err != nil {
		return v, err
	}
	if v.Covers, err = s.coversOf(ctx, tenant, p.ID); err != nil {
		return v, err
	}
	accounts := []string{p.Clinical, p.Educational}
	for _, c := range v.Covers {
		accounts = append(accounts, c.Account)
	}
	if v.Supervisors, err = s.posts.SupervisorNames(ctx, tenant, accounts...); err != nil {
		return v, err
	}
	if v.Goals, err = s.goalsOf(ctx, tenant, p); err != nil {
		return v, err
	}
	if v.MayCover || v.Own {
		if v.Absences, err = s.absences(ctx, tenant, p, true); err != nil {
			return v, err
		}
	}
	if v.MayConcern {
		concerns, err := s.concernsFor(ctx, call.Actor, p)
		if err != nil {
			return v, err
		}
		v.Waiting = waiting(concerns)
	}
	names, err := s.offers.Names(ctx, tenant, []string{p.Doctor})
	if err != nil {
		return v, err
	}
	v.Name = BareName(names[p.Doctor])
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActMeet, Kind: "supervision", IDs: []string{p.ID}, Person: p.Doctor})
}

// PrepareMeeting gives the agenda of the next meeting.
func (s *Service) PrepareMeeting(ctx context.Context, call access.Call, id string) (Placement, []string, error) {
	p, err := s.permit(ctx, call, ActMeet, id)
	if err != nil {
		return p, nil, err
	}
	agenda, err := s.agenda(ctx, call, p)
	return p, agenda, err
}

// LookMeeting shows one meeting whole.
func (s *Service) LookMeeting(ctx context.Context, call access.Call, placement, id string) (Placement, Meeting, error) {
	p, err := s.permit(ctx, call, ActMeet, placement)
	if err != nil {
		return p, Meeting{}, err
	}
	m, err := s.loadMeeting(ctx, call.Actor.Tenant, id)
	if err != nil {
		return p, m, err
	}
	if m.Placement != p.ID {
		return p, Meeting{}, problem.Missing()
	}
	return p, m, s.audit.Look(ctx, call, audit.Look{Action: ActMeet, Kind: "meeting", IDs: []string{m.ID}, Person: p.Doctor})
}
