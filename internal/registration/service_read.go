package registration

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/fact"
	"msw/internal/problem"
)

// Sight is one doctor's road as one actor may see it.
type Sight struct {
	Doctor, Ref, Name string
	Own               bool
	Facts             []fact.Record // exams, English and steps, oldest first
	Entry             *fact.Record  // the confirmed registration
	Pending           *Pending      // a reading that waits for the second person
	Disputed          bool
	Readers           []string // names of the two readers of Entry, for staff
	ReadOn            [2]string
	Post              *DoctorPost
	PostEmployer      string
	Lines             []casefile.Line // registered, left, not known: as the actor may know them
	Stage             casefile.Stage
	Version           int // of the entry that can be disputed
	Beside            *Beside

	MayStep, MayPropose, MayConfirm, MayTell, MayPost, MayLeave bool
}

// Pending is a first reading: what it says stays unsaid, so that the second
// person reads with their own eyes.
type Pending struct {
	By, ReadOn string
	Mine       bool
	Version    int
}

// Look shows one doctor's road and notes the look.
func (s *Service) Look(ctx context.Context, call access.Call, ref string) (Sight, error) {
	c, err := s.cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return Sight{}, err
	}
	v, err := s.sight(ctx, call, c)
	if err != nil {
		return Sight{}, err
	}
	if err := s.beside(ctx, call, &v); err != nil {
		return Sight{}, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "registration", IDs: []string{c.Doctor}, Person: c.Doctor})
}

func (s *Service) sight(ctx context.Context, call access.Call, c casefile.Case) (Sight, error) {
	if s.access.May(call.Actor, ActSee, c.Resource()) != nil {
		return Sight{}, problem.Missing()
	}
	may := func(act access.Action) bool { return s.access.May(call.Actor, act, c.Resource()) == nil }
	views := casefile.ViewsOf(call.Actor, c)
	v := Sight{Doctor: c.Doctor, Ref: c.Ref, Name: c.Ref, Own: call.Actor.Doctor == c.Doctor && c.Doctor != "", Stage: views.Stage(c.Stage),
		MayStep: may(ActStep), MayPropose: may(ActPropose), MayConfirm: may(ActConfirm), MayTell: may(ActTell), MayPost: may(ActPost), MayLeave: may(ActLeave)}
	records, err := s.facts.For(ctx, call.Actor.Tenant, c.Doctor)
	if err != nil {
		return v, err
	}
	v.take(fact.VisibleTo(s.access.As(call.Actor, ActSee, c.Resource()), records))
	if err := s.furnish(ctx, call, &v); err != nil {
		return v, err
	}
	if views.Has(casefile.ViewDoctor, casefile.ViewTeam, casefile.ViewRegion) {
		if err := s.furnishPost(ctx, call, &v); err != nil {
			return v, err
		}
		list, err := s.cases.Milestones(ctx, call.Actor.Tenant, c.Doctor)
		if err != nil {
			return v, err
		}
		for _, line := range views.Timeline(list) {
			if slices.Contains([]casefile.Kind{casefile.Started, casefile.Ended, casefile.Left, casefile.OutcomeUnknown}, line.Kind) {
				v.Lines = append(v.Lines, line)
			}
		}
	}
	return v, nil
}

// take sorts the facts an actor may see.
func (v *Sight) take(records []fact.Record) {
	for _, r := range records {
		switch r.Kind {
		case fact.Exam, fact.EnglishTest, fact.English, stepFactKind:
			v.Facts = append(v.Facts, r)
		case fact.Registration:
			if k := r.Text("kind"); k != "" && k != string(None) && k != "unknown" && r.State.String() == "verified" {
				v.Entry = &r
			}
		}
	}
}

// furnish adds names and, for those who read the register, who read what.
func (s *Service) furnish(ctx context.Context, call access.Call, v *Sight) error {
	tenant := call.Actor.Tenant
	if s.o.Names != nil {
		names, err := s.o.Names(ctx, tenant, []string{v.Doctor})
		if err != nil {
			return err
		}
		if n := names[v.Doctor]; n != "" {
			v.Name = n
		}
	}
	if !v.MayPropose && !v.MayConfirm {
		return nil
	}
	standing, err := s.standing(ctx, tenant, v.Doctor)
	if err != nil {
		return err
	}
	entry := standing[Confirmed]
	names, err := s.accounts(ctx, tenant, standing[Proposed].First, entry.First, entry.Second)
	if err != nil {
		return err
	}
	if o, ok := standing[Proposed]; ok {
		v.Pending = &Pending{By: names[o.First], ReadOn: o.ReadOn.Long(), Mine: o.First == call.Actor.Account, Version: o.Version}
		v.Version = o.Version
	} else if entry.ID != "" {
		v.Version = entry.Version
	} else {
		_, v.Disputed = standing[Disputed]
	}
	if entry.ID != "" {
		v.Readers = []string{names[entry.First], names[entry.Second]}
		v.ReadOn = [2]string{entry.ReadOn.Long(), entry.SecondReadOn.Long()}
	}
	return nil
}

func (s *Service) accounts(ctx context.Context, tenant string, ids ...string) (map[string]string, error) {
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	names := map[string]string{}
	if s.o.AccountNames != nil && len(ids) > 0 {
		var err error
		if names, err = s.o.AccountNames(ctx, tenant, ids); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if names[id] == "" {
			names[id] = "a colleague"
		}
	}
	return names, nil
}

func (s *Service) furnishPost(ctx context.Context, call access.Call, v *Sight) error {
	p, err := s.post(ctx, call.Actor.Tenant, v.Doctor)
	if err != nil || p.Version == 0 {
		return err
	}
	v.Post, v.PostEmployer = &p, p.EmployerName
	if p.Employer != "" {
		v.PostEmployer = p.Employer
		if s.o.OrganisationNames != nil {
			names, err := s.o.OrganisationNames(ctx, call.Actor.Tenant, []string{p.Employer})
			if err != nil {
				return err
			}
			if names[p.Employer] != "" {
				v.PostEmployer = names[p.Employer]
			}
		}
	}
	return nil
}

// doctor gives the doctor of a reference, for the forms; Missing when the actor
// may not do the action on it.
func (s *Service) doctor(ctx context.Context, call access.Call, act access.Action, ref string) (string, error) {
	c, err := s.cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return "", err
	}
	return c.Doctor, s.access.May(call.Actor, act, c.Resource())
}
