package referral

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/consent"
	"msw/internal/problem"
)

// Follow lets the referrals of one record follow another record that staff
// linked as the same person: their referrers then hear of the one case that
// goes on. Nothing is moved; Unfollow undoes it. The record left behind is
// closed as a duplicate. Refused when the two were not linked, or when the
// doctor took over the record that would be left behind.
func (s *Service) Follow(ctx context.Context, call access.Call, fromRef, toRef string) error {
	from, err := s.mayFollow(ctx, call, fromRef)
	if err != nil {
		return err
	}
	to, err := s.mayFollow(ctx, call, toRef)
	if err != nil {
		return err
	}
	same, err := s.o.Doctors.SamePerson(ctx, call.Actor.Tenant, from.Doctor)
	if err != nil {
		return err
	}
	d, err := s.o.Doctors.Get(ctx, call.Actor.Tenant, from.Doctor)
	if err != nil {
		return err
	}
	var why []string
	if !slices.Contains(same, to.Doctor) {
		why = append(why, "First put the two records side by side and say that they are the same person.")
	}
	if d.Account != "" {
		why = append(why, "The doctor has taken over this record. Let the other record's referrals follow this one.")
	}
	if len(why) > 0 {
		return problem.Refuse("The referrals cannot follow the other record.", why...)
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.ofPersons(ctx, call.Actor.Tenant, []string{from.Doctor})
		if err != nil {
			return err
		}
		if err := s.repoint(ctx, call, list, to.Doctor); err != nil {
			return err
		}
		if err := s.revokeInvitations(ctx, call, from.Doctor); err != nil {
			return err
		}
		for _, kind := range []string{TaskDuplicate, TaskInvite, TaskCall} {
			if err := s.o.Cases.CloseTask(ctx, call, from.Doctor, kind, "referral"); err != nil {
				return err
			}
		}
		if from.Stage == casefile.StageClosed {
			return nil
		}
		return s.o.Cases.Record(ctx, call, casefile.Milestone{Doctor: from.Doctor, Kind: casefile.Closed, On: call.Today, Code: "duplicate", Source: "referral"})
	})
}

// Unfollow gives the referrals back to the record they were made for.
func (s *Service) Unfollow(ctx context.Context, call access.Call, ref string) error {
	c, err := s.mayFollow(ctx, call, ref)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.ofDoctor(ctx, call.Actor.Tenant, c.Doctor)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(r Referral) bool { return r.Person == r.Doctor })
		if len(list) == 0 {
			return problem.New(problem.Conflict, "No referral of this record follows another one.")
		}
		if err := s.repoint(ctx, call, list, c.Doctor); err != nil || c.Stage != casefile.StageClosed {
			return err
		}
		return s.o.Cases.Record(ctx, call, casefile.Milestone{Doctor: c.Doctor, Kind: casefile.Reopened, On: call.Today, Source: "referral"})
	})
}

func (s *Service) mayFollow(ctx context.Context, call access.Call, ref string) (casefile.Case, error) {
	c, err := s.o.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return c, err
	}
	return c, s.access.May(call.Actor, ActFollow, c.Resource())
}

// repoint moves what each referral rests on: its consent counts for the record
// it follows, with the same scope and the same last day.
func (s *Service) repoint(ctx context.Context, call access.Call, list []Referral, to string) error {
	for _, r := range list {
		before, old := r, r.Person
		given, err := s.consentOf(ctx, call, r)
		if err != nil {
			return err
		}
		r.Person = to
		switch {
		case r.Organisation != "" && r.WithdrawnOn.IsZero() && given.Live(call.Today):
			if err := s.give(ctx, call, &r, given.Scope, given.Until); err != nil {
				return err
			}
		default:
			if err := s.update(ctx, call.Actor.Tenant, r); err != nil {
				return err
			}
		}
		if err := s.ConsentChanged(ctx, call, old); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActFollow, Kind: "referral", ID: r.ID, Person: r.Doctor, Before: before, After: r}); err != nil {
			return err
		}
	}
	return nil
}

// Sheet is what staff see of how one doctor was found.
type Sheet struct {
	CaseRef    string
	Referrals  []Listed
	Left       []Listed // made for this record, but following another one
	Invitation Invitation
	Invited    bool
	TakenOver  bool
	Safe       []string // ways of an invitation that can be used now
	Same       []string // case references of other records of the person
	Invites    bool     // the reader may invite
	Follows    bool     // the reader may let referrals follow another record
}

// Listed is one referral on the staff's sheet.
type Listed struct {
	Referral
	By, Route string // names
	State     string // of the consent, in words
}

// Sheet gives all referrals of a doctor and the state of the invitation, for
// staff: Missing for everyone else.
func (s *Service) Sheet(ctx context.Context, call access.Call, id string) (Sheet, error) {
	c, err := s.o.Cases.Get(ctx, id, call.Actor.Tenant)
	if err != nil {
		return Sheet{}, err
	}
	if err := s.access.May(call.Actor, ActStaff, c.Resource()); err != nil {
		return Sheet{}, err
	}
	sh := Sheet{CaseRef: c.Ref, Invites: s.access.May(call.Actor, ActInvite, c.Resource()) == nil, Follows: s.access.May(call.Actor, ActFollow, c.Resource()) == nil}
	here, err := s.ofPersons(ctx, call.Actor.Tenant, []string{id})
	if err != nil {
		return Sheet{}, err
	}
	made, err := s.ofDoctor(ctx, call.Actor.Tenant, id)
	if err != nil {
		return Sheet{}, err
	}
	made = slices.DeleteFunc(made, func(r Referral) bool { return r.Person == id })
	if sh.Referrals, err = s.listed(ctx, call, here); err != nil {
		return Sheet{}, err
	}
	if sh.Left, err = s.listed(ctx, call, made); err != nil {
		return Sheet{}, err
	}
	if sh.Invitation, sh.Invited, err = s.newest(ctx, call.Actor.Tenant, id); err != nil {
		return Sheet{}, err
	}
	d, err := s.o.Doctors.Get(ctx, call.Actor.Tenant, id)
	if err != nil {
		return Sheet{}, err
	}
	sh.TakenOver = d.Account != ""
	for _, way := range []string{ByEmail, ByText} {
		if cannotReach(d.Details, way) == "" {
			sh.Safe = append(sh.Safe, way)
		}
	}
	sh.Same, err = s.sameRefs(ctx, call, id)
	return sh, err
}

func (s *Service) sameRefs(ctx context.Context, call access.Call, id string) ([]string, error) {
	same, err := s.o.Doctors.SamePerson(ctx, call.Actor.Tenant, id)
	if err != nil || len(same) == 0 {
		return nil, err
	}
	cases, err := s.o.Cases.Many(ctx, call.Actor.Tenant, same)
	var refs []string
	for _, c := range cases {
		if s.access.May(call.Actor, ActStaff, c.Resource()) == nil {
			refs = append(refs, c.Ref)
		}
	}
	slices.Sort(refs)
	return refs, err
}

func (s *Service) listed(ctx context.Context, call access.Call, list []Referral) ([]Listed, error) {
	if len(list) == 0 {
		return nil, nil
	}
	routes, err := s.AllRoutes(ctx, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range list {
		if r.Organisation != "" {
			ids = append(ids, r.Organisation)
		}
	}
	names, err := s.o.Organisations.GetMany(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Listed, len(list))
	for i, r := range list {
		given, err := s.consentOf(ctx, call, r)
		if err != nil {
			return nil, err
		}
		out[i] = Listed{Referral: r, By: names[r.Organisation].Name, Route: routeTitle(routes, r.Route), State: consentWords(r, given, call)}
		if r.Organisation == "" {
			out[i].By = "The doctor"
		}
	}
	return out, nil
}

func consentWords(r Referral, given consent.Consent, call access.Call) string {
	switch {
	case r.Organisation == "":
		return "None needed"
	case !r.WithdrawnOn.IsZero():
		return "Referral taken back on " + r.WithdrawnOn.Long()
	case !given.WithdrawnOn.IsZero():
		return "Taken back on " + given.WithdrawnOn.Long()
	case given.Until < call.Today && !given.Until.IsZero():
		return "Ended on " + given.Until.Long()
	case given.Until.IsZero():
		return "Runs"
	}
	return "Runs until " + given.Until.Long()
}
