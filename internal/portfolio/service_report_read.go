package portfolio

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

// ReportsSight are the reports about one doctor.
type ReportsSight struct {
	Ref, Name string
	Own       bool
	MayWrite  bool
	List      []Report
}

// LookReports lists the reports about a doctor that the actor may read; for a
// supervisor of the post also its drafts.
func (s *Service) LookReports(ctx context.Context, call access.Call, ref string) (ReportsSight, error) {
	c, err := s.reach(ctx, call, ActReports, ref)
	if err != nil {
		return ReportsSight{}, err
	}
	tenant := call.Actor.Tenant
	v := ReportsSight{Ref: c.Ref, Own: s.access.May(call.Actor, ActOwn, c.Resource()) == nil}
	list, err := s.reportsOf(ctx, tenant, c.Doctor)
	if err != nil {
		return v, err
	}
	var ids []string
	for _, r := range list {
		if _, err := s.readable(ctx, call, r); problem.KindOf(err) == problem.NotFound {
			continue
		} else if err != nil {
			return v, err
		}
		v.List, ids = append(v.List, r), append(ids, r.Number)
	}
	if _, _, err := s.reportable(ctx, call, ref); err == nil {
		v.MayWrite = true
	} else if problem.KindOf(err) != problem.NotFound {
		return v, err
	}
	names, err := s.o.Names(ctx, tenant, []string{c.Doctor})
	if err != nil {
		return v, err
	}
	v.Name = names[c.Doctor]
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActReports, Kind: "report", IDs: ids, Person: c.Doctor})
}

// ReportsOf gives the signed reports about a doctor, to carry away: no permission
// asked, no look recorded.
func (s *Service) ReportsOf(ctx context.Context, tenant, doctor string) ([]Report, error) {
	list, err := s.reportsOf(ctx, tenant, doctor)
	return slices.DeleteFunc(list, func(r Report) bool { return r.Draft }), err
}

// StatedBody is one of the actor's employers, with its code.
type StatedBody struct {
	Body
	Name string
}

// Bodies lists the actor's own employers and what is recorded of each.
func (s *Service) Bodies(ctx context.Context, call access.Call) ([]StatedBody, error) {
	scope := s.access.Scope(call.Actor, ActBody)
	if len(scope.Organisations) == 0 {
		return nil, problem.Missing()
	}
	known, err := s.bodies(ctx, call.Actor.Tenant, scope.Organisations)
	if err != nil {
		return nil, err
	}
	names, err := s.organisationNames(ctx, call.Actor.Tenant, scope.Organisations)
	if err != nil {
		return nil, err
	}
	var out []StatedBody
	for _, id := range scope.Organisations {
		b := known[id]
		b.Organisation = id
		out = append(out, StatedBody{b, names[id]})
	}
	return out, nil
}

// StateBody records that an employer is a designated body, by its code, or that
// it is not, by none.
func (s *Service) StateBody(ctx context.Context, call access.Call, organisation, code string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		if err := s.access.May(call.Actor, ActBody, access.Resource{Kind: "designated body", ID: organisation, Tenant: tenant, Organisations: []string{organisation}}); err != nil {
			return err
		}
		clean, ok := BodyCode(code)
		if code != "" && !ok {
			return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "code", Message: "Enter the code as the GMC writes it, like 1-1RUZV1D, or leave it empty"}}}
		}
		b := Body{Organisation: organisation, Code: clean, By: call.Actor.Account, On: call.Today}
		if err := s.saveBody(ctx, tenant, b); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActBody, Kind: "designated body", ID: organisation, After: b})
	})
}
