package eligibility

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Replayed is one kept decision given again. Fault is empty when the answer is
// the same to the byte.
type Replayed struct {
	Decision string     `json:"decision"`
	On       clock.Date `json:"on"`
	Moment   Moment     `json:"moment"`
	Fault    string     `json:"fault,omitempty"`
}

// ReplayReport is what replaying many decisions came to.
type ReplayReport struct {
	Replayed int        `json:"replayed"`
	Same     int        `json:"same"`
	Faults   []Replayed `json:"faults"`
}

// replayPage is how many decisions are read at a time.
const replayPage = 200

// ReplayAll gives every kept decision's answer again, of one case or of all,
// under the rule version it was made with, and calls each after every one. It
// tells of no person: decisions are named by their ids.
func (s *Service) ReplayAll(ctx context.Context, call access.Call, ref string, each func(Replayed)) (ReplayReport, error) {
	report := ReplayReport{Faults: []Replayed{}}
	resource, doctor := access.Resource{Tenant: call.Actor.Tenant}, ""
	if ref != "" {
		c, err := s.Cases.ByRef(ctx, call.Actor.Tenant, ref)
		if err != nil {
			return report, err
		}
		resource, doctor = c.Resource(), c.Doctor
	}
	if err := s.Access.May(call.Actor, ActAssess, resource); err != nil {
		return report, err
	}
	sets, err := s.everySet(ctx, call)
	if err != nil {
		return report, err
	}
	for after := ""; ; {
		page, err := s.store.page(ctx, s.DB, call.Actor.Tenant, doctor, after, s.Book.Schema())
		if err != nil {
			return report, err
		}
		for _, d := range page {
			r := Replayed{Decision: d.ID, On: d.On, Moment: d.Moment}
			set, err := sets(d.RuleVersion)
			switch {
			case err != nil:
				r.Fault = err.Error()
			case answerHash(set.Evaluate(d.Facts, d.On)) != d.AnswerHash:
				r.Fault = "The answer is not the one that was kept."
			}
			if report.Replayed++; r.Fault == "" {
				report.Same++
			} else {
				report.Faults = append(report.Faults, r)
			}
			each(r)
			after = d.ID
		}
		if len(page) < replayPage {
			break
		}
	}
	look := audit.Look{Action: ActAssess, Kind: "replay", Query: ref}
	if doctor != "" {
		look.IDs, look.Person = []string{doctor}, doctor
	}
	return report, s.Audit.Look(ctx, call, look)
}

// everySet finds a rule version among those of this build and those that were
// switched on later.
func (s *Service) everySet(ctx context.Context, call access.Call) (func(version string) (*rulebook.Set, error), error) {
	rows, err := s.Programme.RuleSets(ctx, call)
	if err != nil {
		return nil, err
	}
	return func(version string) (*rulebook.Set, error) {
		for _, set := range s.Book.Sets() {
			if set.Version() == version {
				return set, nil
			}
		}
		for _, row := range rows {
			if row.Hash == version {
				return s.compile(row)
			}
		}
		return nil, problem.New(problem.Unavailable, "The rule version of this decision is not kept here.")
	}, nil
}
