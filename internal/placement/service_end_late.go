package placement

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
)

// TaskLeaving says that something of an end is late; TaskMeeting that a meeting
// of supervision is. Both close by themselves when it is done.
const (
	TaskLeaving = "leaving_late"
	TaskMeeting = "meeting_late"
)

// lateWindow is for how many days after the last one late steps are looked for
// day by day. A task that is open stays open until its steps are done.
const lateWindow = 120

// late opens one task for each who still owes a step of an end, and closes those
// of who owes nothing.
func (s *Service) late(ctx context.Context, call access.Call, p Placement, l Leaving) error {
	owes := map[string]clock.Date{}
	if l.Version > 0 && l.State != LeavingWithdrawn {
		steps, err := s.endSteps(ctx, call.Actor.Tenant, l)
		if err != nil {
			return err
		}
		for _, st := range steps {
			if st.Who == doerSupervisor && len(st.Kinds) > 0 {
				continue // a supervisor is not told why a post ends
			}
			if first, some := owes[st.Who]; st.Late(call.Today) && (!some || st.Due < first) {
				owes[st.Who] = st.Due
			}
		}
	}
	for _, who := range []string{doerEmployer, doerSupervisor, doerDoctor, doerProgramme} {
		source := p.Source() + ":" + who
		due, some := owes[who]
		t := casefile.Task{Doctor: p.Doctor, Kind: TaskLeaving, Title: "Finish what the end of a post asks", Source: source, URL: "/placements/" + p.ID + "/leaving", Since: due, Due: due}
		switch who {
		case doerEmployer:
			t.Party, t.Owner = casefile.PartyEmployer, p.Employer
		case doerSupervisor: // who does not see the post any more can do nothing for it
			t.Party, t.Owner = casefile.PartySupervisor, p.Clinical
			some = some && p.ClosedOn.IsZero() && p.Clinical != ""
		case doerDoctor:
			t.Party = casefile.PartyDoctor
		case doerProgramme:
			t.Party = casefile.PartyProgramme
		}
		var err error
		if some {
			err = s.cases.OpenTask(ctx, call, t)
		} else {
			err = s.cases.CloseTask(ctx, call, p.Doctor, TaskLeaving, source)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endSteps gives the steps of one end, as they stand.
func (s *Service) endSteps(ctx context.Context, tenant string, l Leaving) ([]StepState, error) {
	ticks, err := s.stepsDone(ctx, tenant, l.Placement)
	if err != nil {
		return nil, err
	}
	var proof Proof
	if proof.Registered, err = s.registeredOn(ctx, tenant, l.Doctor); err != nil {
		return nil, err
	}
	if s.o.DoctorPost != nil {
		if proof.DoctorPost, err = s.o.DoctorPost(ctx, tenant, l.Doctor); err != nil {
			return nil, err
		}
	}
	return s.o.Ends.states(l, ticks, proof), nil
}

// lateAll looks at every end of the last months; a job calls it.
func (s *Service) lateAll(ctx context.Context, call access.Call) error {
	const page = 100
	from, id := call.Today.AddDays(-lateWindow), ""
	for {
		n := 0
		err := s.db.Tx(ctx, func(ctx context.Context) error {
			list, err := s.leavingsSince(ctx, call.Actor.Tenant, from, id, page)
			if err != nil {
				return err
			}
			for _, l := range list {
				p, err := s.load(ctx, call.Actor.Tenant, l.Placement)
				if err != nil {
					return err
				}
				if err := s.late(ctx, call, p, l); err != nil {
					return err
				}
				from, id = l.LastDay, l.Placement
			}
			n = len(list)
			return nil
		})
		if err != nil || n < page {
			return err
		}
	}
}

// lateMeeting keeps the task of a meeting that should have been held.
func (s *Service) lateMeeting(ctx context.Context, call access.Call, p Placement, dues []Due) error {
	var first clock.Date
	for _, d := range dues {
		if d.Kind != "induction" && d.Overdue(call.Today) && (first.IsZero() || d.By < first) {
			first = d.By
		}
	}
	if first.IsZero() {
		return s.cases.CloseTask(ctx, call, p.Doctor, TaskMeeting, p.Source())
	}
	t := casefile.Task{Doctor: p.Doctor, Kind: TaskMeeting, Title: "Hold a supervision meeting: it is overdue", Source: p.Source(), URL: "/placements/" + p.ID, // who may not read of supervision reads the task too
		Party: casefile.PartySupervisor, Owner: p.Clinical, Since: first, Due: first}
	if p.Clinical == "" {
		t.Party, t.Owner = casefile.PartyEmployer, p.Employer
	}
	return s.cases.OpenTask(ctx, call, t)
}
