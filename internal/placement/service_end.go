package placement

import (
	"context"
	"errors"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

// SetEnd sets how and when a placement ends: at once for a day that has come,
// else planned, and done by EndDue when the last day is over.
func (s *Service) SetEnd(ctx context.Context, call access.Call, version int, l Leaving) error {
	l = l.fill()
	if err := checkLeaving(l); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if l.LastDay <= call.Today {
			_, err := s.End(ctx, call, Ending{ID: l.Placement, Version: version, On: l.LastDay, Code: l.Code, Leaves: l.Leaves})
			return err
		}
		p, spell, err := s.running(ctx, call, ActEnd, l.Placement, version)
		if err != nil {
			return err
		}
		if stops := stopsLeaving(p, spell, l.LastDay); len(stops) > 0 {
			return problem.Refuse("This end cannot be planned.", stops...)
		}
		l.State = LeavingPlanned
		return s.keepLeaving(ctx, call, p, l)
	})
}

// KeepPost takes a planned end back: the placement goes on.
func (s *Service) KeepPost(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, _, err := s.running(ctx, call, ActEnd, id, 0)
		if err != nil {
			return err
		}
		l, err := s.leaving(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if !l.Planned() || !p.EndedOn.IsZero() {
			return problem.Refuse("There is no planned end to take back.")
		}
		l.State = LeavingWithdrawn
		return s.keepLeaving(ctx, call, p, l)
	})
}

// keepLeaving saves an end over what stood before.
func (s *Service) keepLeaving(ctx context.Context, call access.Call, p Placement, l Leaving) error {
	old, err := s.leaving(ctx, call.Actor.Tenant, p.ID)
	if err != nil {
		return err
	}
	l.Placement, l.Doctor, l.Version, l.By, l.RecordedAt = p.ID, p.Doctor, old.Version, call.Actor.Account, call.Now
	if err := s.saveLeaving(ctx, call.Actor.Tenant, l); err != nil {
		return err
	}
	if old.Version > 0 { // what was late for another last day may not be late now
		l.Version = old.Version + 1
		if err := s.late(ctx, call, p, l); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActEnd, Kind: "leaving", ID: p.ID, Person: p.Doctor, Before: old, After: l})
}

// endDone notes that a placement has ended, however it was told.
func (s *Service) endDone(ctx context.Context, call access.Call, p Placement, leaves bool) error {
	return s.keepLeaving(ctx, call, p, Leaving{Kind: kindOfEnd(p.EndCode, leaves), LastDay: p.EndedOn, Code: p.EndCode, Leaves: leaves, State: LeavingEnded})
}

// EndDue ends the placements whose planned last day is over, and takes ended ones
// from the sight of host and supervisors when their days are over. What cannot be
// ended is told together at the end; the others are ended.
func (s *Service) EndDue(ctx context.Context, call access.Call) error {
	if err := s.access.May(call.Actor, ActEndDue, access.Resource{Kind: "placement", Tenant: call.Actor.Tenant}); err != nil {
		return err
	}
	const most = 500
	due, err := s.leavingDue(ctx, call.Actor.Tenant, call.Today, most)
	if err != nil {
		return err
	}
	var failed []error
	for _, l := range due {
		_, err := s.End(ctx, call, Ending{ID: l.Placement, On: l.LastDay, Code: l.Code, Leaves: l.Leaves})
		failed = append(failed, err)
	}
	return errors.Join(append(failed, s.closeAccess(ctx, call), s.lateAll(ctx, call))...)
}

func (s *Service) closeAccess(ctx context.Context, call access.Call) error {
	days, err := s.accessDays(ctx, call.Actor.Tenant)
	if err != nil {
		return err
	}
	const page = 150
	for {
		n := 0
		err := s.db.Tx(ctx, func(ctx context.Context) error {
			list, err := s.toClose(ctx, call.Actor.Tenant, call.Today.AddDays(-days), page)
			if n = len(list); err != nil || n == 0 {
				return err
			}
			ids := make([]string, n)
			for i, p := range list {
				ids[i] = p.ID
			}
			if err := s.close(ctx, call.Actor.Tenant, ids, call.Today); err != nil {
				return err
			}
			return s.audit.Record(ctx, call, audit.Entry{Action: ActEndDue, Kind: "placement", After: map[string]any{"closed": ids}})
		})
		if err != nil || n < page {
			return err
		}
	}
}

func (s *Service) accessDays(ctx context.Context, tenant string) (int, error) {
	if s.o.AccessDays == nil {
		return 0, nil
	}
	return s.o.AccessDays(ctx, tenant)
}

// LeavingSight is what the page of an end shows.
type LeavingSight struct {
	Sight
	Leaving    Leaving
	Steps      []StepState
	AccessDays int
}

// LookEnd shows the end of a placement and what must be done for it.
func (s *Service) LookEnd(ctx context.Context, call access.Call, id string) (LeavingSight, error) {
	tenant := call.Actor.Tenant
	sight, err := s.Look(ctx, call, id)
	if err != nil {
		return LeavingSight{}, err
	}
	if s.access.May(call.Actor, ActLeaving, sight.Resource(tenant)) != nil {
		return LeavingSight{}, problem.Missing()
	}
	v := LeavingSight{Sight: sight}
	if v.Leaving, err = s.leaving(ctx, tenant, id); err != nil {
		return v, err
	}
	if v.AccessDays, err = s.accessDays(ctx, tenant); err != nil || v.Leaving.Version == 0 || v.Leaving.State == LeavingWithdrawn {
		return v, err
	}
	if v.Steps, err = s.endSteps(ctx, tenant, v.Leaving); err != nil {
		return v, err
	}
	if !v.MaySeeReason { // steps of one kind would tell why it ends
		v.Steps = slices.DeleteFunc(v.Steps, func(st StepState) bool { return len(st.Kinds) > 0 })
	}
	for i := range v.Steps {
		v.Steps[i].MayTick = v.Steps[i].Record == "" && s.mayTick(call, sight.Placement, v.Steps[i].Who)
	}
	return v, nil
}

// mayTick keeps each to their own part: a supervisor says nothing for the
// employer, and nobody for the doctor.
func (s *Service) mayTick(call access.Call, p Placement, who string) bool {
	r := p.Resource(call.Actor.Tenant)
	if s.access.May(call.Actor, ActStep, r) != nil {
		return false
	}
	own := p.Doctor == call.Actor.Doctor
	employer := s.access.May(call.Actor, ActEnd, p.resourceFor(ActEnd, call.Actor.Tenant)) == nil
	switch who {
	case doerDoctor:
		return own
	case doerEmployer:
		return employer && !own
	case doerSupervisor:
		return !own && (employer || call.Actor.Account != "" && (p.Clinical == call.Actor.Account || p.Educational == call.Actor.Account))
	case doerProgramme:
		return !own && s.access.May(call.Actor, ActFollowUp, r) == nil
	}
	return false
}

// TickStep says that a step of an end is done, or that it is not.
func (s *Service) TickStep(ctx context.Context, call access.Call, id, step string, done bool) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.load(ctx, tenant, id)
		if err != nil {
			return err
		}
		if s.access.May(call.Actor, ActStep, p.Resource(tenant)) != nil {
			return problem.Missing()
		}
		l, err := s.leaving(ctx, tenant, id)
		if err != nil {
			return err
		}
		if l.Version == 0 || l.State == LeavingWithdrawn {
			return problem.Refuse("Nothing is to be done yet: no end is set.")
		}
		for _, known := range s.o.Ends.Of(l.Kind) {
			if known.ID != step || known.Record != "" || !s.mayTick(call, p, known.Who) {
				continue
			}
			if done {
				err = s.saveStep(ctx, tenant, id, step, call.Actor.Account, call.Today)
			} else {
				err = s.dropStep(ctx, tenant, id, step)
			}
			if err != nil {
				return err
			}
			if err := s.late(ctx, call, p, l); err != nil {
				return err
			}
			return s.audit.Record(ctx, call, audit.Entry{Action: ActStep, Kind: "leaving", ID: id, Person: p.Doctor, After: map[string]any{"step": step, "done": done}})
		}
		return problem.Missing()
	})
}
