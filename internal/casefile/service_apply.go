package casefile

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Step is one section of the application with how far it is.
type Step struct {
	Section
	State string
}

// Application is the doctor's task list.
type Application struct {
	Case  Case
	Steps []Step
	Ready bool       // every section that is needed is done
	Open  bool       // it can be sent at this stage
	Sent  clock.Date // when it was last sent; zero = never
}

// Left lists the sections still needed, in words.
func (a Application) Left() []string {
	var left []string
	for _, st := range a.Steps {
		if !st.Optional && st.State != StateDone {
			left = append(left, st.Title+": "+st.State)
		}
	}
	return left
}

// Application reads the actor's own task list.
func (s *Service) Application(ctx context.Context, call access.Call) (Application, error) {
	c, err := s.own(ctx, call, ActApply)
	if err != nil {
		return Application{}, err
	}
	a := Application{Case: c, Open: slices.Contains([]Stage{StageReferred, StageApplying, StageNotYet, StageSupported, StageEnded}, c.Stage)}
	for _, sec := range s.sections {
		state, err := sec.State(ctx, call, c.Doctor)
		if err != nil {
			return Application{}, err
		}
		a.Steps = append(a.Steps, Step{sec, state})
	}
	a.Ready = len(a.Steps) > 0 && len(a.Left()) == 0
	list, err := s.Milestones(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Application{}, err
	}
	for _, m := range list {
		if m.Kind == Submitted {
			a.Sent = m.On
		}
	}
	return a, nil
}

// Begin notes that the doctor has begun to apply, once; later calls do nothing.
func (s *Service) Begin(ctx context.Context, call access.Call, doctor string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.Milestones(ctx, call.Actor.Tenant, doctor)
		if err != nil || slices.ContainsFunc(list, func(m Milestone) bool { return m.Kind == ApplicationStarted }) {
			return err
		}
		return s.Record(ctx, call, Milestone{Doctor: doctor, Kind: ApplicationStarted, On: call.Today, Source: "application"})
	})
}

// Submit sends the application: the turn passes to the assessors. Refused, with
// everything still missing, while a needed section is not done.
func (s *Service) Submit(ctx context.Context, call access.Call) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		a, err := s.Application(ctx, call)
		if err != nil {
			return err
		}
		if !a.Open {
			return problem.New(problem.Conflict, "Your application has already been sent. You do not need to send it again.")
		}
		if !a.Ready {
			return problem.Refuse("Your application cannot be sent yet. Finish these parts first.", a.Left()...)
		}
		c := a.Case
		if err := s.Record(ctx, call, Milestone{Doctor: c.Doctor, Kind: Submitted, On: call.Today, Source: "application"}); err != nil {
			return err
		}
		if err := s.CloseTask(ctx, call, c.Doctor, TaskApply, "application"); err != nil {
			return err
		}
		if err := s.OpenTask(ctx, call, Task{Doctor: c.Doctor, Kind: TaskAssess, Source: "application", Title: "Assess an application",
			URL: "/assess/" + c.Ref, Party: PartyAssessor, Since: call.Today}); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActApply, Kind: "case", ID: c.Doctor, Person: c.Doctor, After: "application sent"})
	})
}
