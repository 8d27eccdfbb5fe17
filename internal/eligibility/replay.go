package eligibility

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
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
	for after := ""; ; {
		page, err := s.store.page(ctx, call.Actor.Tenant, doctor, after, s.Book.Schema())
		if err != nil {
			return report, err
		}
		for _, d := range page {
			r := Replayed{Decision: d.ID, On: d.On, Moment: d.Moment}
			_, same, err := s.Replay(ctx, call.Actor.Tenant, d)
			switch {
			case err != nil:
				r.Fault = err.Error()
			case !same:
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
