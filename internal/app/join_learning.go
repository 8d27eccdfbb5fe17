package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/learning"
	"msw/internal/placement"
	"msw/internal/programme"
)

// makeLearning makes study time, events and courses.
func (a *App) makeLearning(Options) (err error) {
	a.Learning, err = learning.New(learning.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Names: a.doctorNames,
		Organisations: a.Organisations.GetMany, HiddenFrom: a.Consents.HiddenFrom, Facts: a.Facts.For,
		Stage: func(ctx context.Context, tenant, doctor string) (casefile.Stage, error) {
			c, err := a.Cases.Get(ctx, doctor, tenant)
			return c.Stage, err
		},
		AnswerDays: a.setting(programme.LearningAnswerDays), Placement: a.Placements.Get, PlacementsOf: a.Placements.Of, Certified: a.certified})
	if err != nil {
		return err
	}
	for _, kind := range []string{learning.JobOffered, learning.JobChanged} {
		a.Worker.Handle(kind, a.tellDoctor)
	}
	a.Worker.Every("learning.sweep", hour, a.sweepLearning)
	return nil
}

// soon is what a doctor reads of later stations on their first page.
func (a *App) soon(ctx context.Context, call access.Call) ([]casefile.Soon, error) {
	list, err := a.Rounds.Soon(ctx, call)
	if err != nil {
		return nil, err
	}
	more, err := a.Learning.Soon(ctx, call)
	return append(list, more...), err
}

// placementLinks lead from a post to what later stations keep of it.
func (a *App) placementLinks(call access.Call, p placement.Placement) []placement.Link {
	var out []placement.Link
	if l, ok := a.Learning.StudyLink(call, p); ok {
		out = append(out, l)
	}
	return out
}

// sweepLearning gives places that nobody answered for to the next who wait.
func (a *App) sweepLearning(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		for {
			n, err := a.Learning.Sweep(ctx, operator(t.ID, now))
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}
