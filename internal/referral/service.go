package referral

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/notify"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
)

// Outbox takes work to be done after the transaction; jobs.Outbox is one.
type Outbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
	EnqueueAt(ctx context.Context, tenant, kind string, ids map[string]string, due clock.Instant) error
}

// Options for New; all but Holidays are needed.
type Options struct {
	DB            *database.DB
	Access        *access.Table
	Audit         *audit.Log
	Jobs          Outbox
	Organisations *organisation.Service
	Doctors       *doctor.Service
	Facts         *fact.Service
	Consents      *consent.Service
	Cases         *casefile.Service
	Sender        notify.Sender
	// Setting gives a number of the programme's settings: programme.Service.Int.
	Setting func(ctx context.Context, tenant, name string) (int, error)
	Now     func() clock.Instant // for jobs only
	Address string               // of this service, as https://example.org: links in invitations begin with it
	// Holidays are the English bank holidays, for reply dates.
	Holidays map[clock.Date]bool
}

// Service is the use cases on referrals. Safe for many goroutines.
type Service struct {
	o         Options
	db        *database.DB
	access    *access.Table
	audit     *audit.Log
	countries countryList
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Jobs == nil || o.Setting == nil || o.Sender == nil || o.Now == nil {
		return nil, errors.New("referral: DB, Access, Audit, Jobs, Setting, Sender and Now are needed")
	}
	if o.Organisations == nil || o.Doctors == nil || o.Facts == nil || o.Consents == nil || o.Cases == nil {
		return nil, errors.New("referral: Organisations, Doctors, Facts, Consents and Cases are needed")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, countries: newCountries()}, nil
}

// asProgramme is the same person acting by the programme's own right: for what
// follows from a use case that was permitted, such as making the record of the
// person referred. The audit still names who acts.
func asProgramme(call access.Call) access.Call {
	call.Actor.Members = append(slices.Clone(call.Actor.Members), access.Membership{Role: organisation.RoleOperator})
	call.Actor.Hidden = nil
	if call.Actor.Account == "" {
		call.Actor.Account = "nobody" // a public form
	}
	return call
}

func isOperator(call access.Call) bool { return call.Actor.Has(organisation.RoleOperator) }

// mayRefer decides on an organisation's referral; what only staff may say in it
// needs more.
func (s *Service) mayRefer(call access.Call, n NewReferral) error {
	if err := s.access.May(call.Actor, ActRefer, access.Resource{Kind: "referral", Tenant: call.Actor.Tenant, Organisations: []string{n.Referrer}}); err != nil {
		return err
	}
	if n.Referrer == "" && !isOperator(call) {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "referrer", Message: "Choose the organisation that refers the doctor"}}}
	}
	staff := s.access.May(call.Actor, ActStaff, access.Resource{Kind: "referral", Tenant: call.Actor.Tenant}) == nil
	if (n.KnownNew || n.First == FirstNone) && !isOperator(call) || (n.Doctor != "" || n.Caseworker != "" || n.On != call.Today) && !staff {
		return problem.Denied("Only the programme's own staff can do this.")
	}
	return nil
}

// Refer takes in one referral. To the referrer the answer is the same whether
// the doctor was known or not: a record of its own is made, and when it looks
// like someone already here, a caseworker is asked to put the two side by side.
// Refused when the same organisation has already referred the same person.
func (s *Service) Refer(ctx context.Context, call access.Call, n NewReferral) (Referral, error) {
	if n.On.IsZero() {
		n.On = call.Today
	}
	if err := s.mayRefer(call, n); err != nil {
		return Referral{}, err
	}
	n.Person = n.Person.Tidy()
	if n.Route == "" && n.Referrer != "" {
		o, err := s.o.Organisations.Get(ctx, call.Actor.Tenant, n.Referrer)
		if err != nil {
			return Referral{}, err
		}
		n.Route = RouteOf(o.Kind)
		if n.Region == "" {
			n.Region = o.Region
		}
	}
	var r Referral
	err := s.db.Tx(ctx, func(ctx context.Context) (err error) {
		r, _, err = s.take(ctx, call, n)
		return err
	})
	return r, err
}

// takeRow is Refer for a row of a file that was permitted as a whole; it also
// gives the records that may be the same person.
func (s *Service) takeRow(ctx context.Context, call access.Call, n NewReferral) (Referral, []string, error) {
	r, alike, err := s.take(ctx, call, n)
	ids := make([]string, len(alike))
	for i, c := range alike {
		ids[i] = c.ID
	}
	return r, ids, err
}

// ReferSelf takes in a doctor who comes by themself: a name, and an address to
// which the invitation goes. The answer never tells whether they were known,
// nor that the same address asked before today: that sends nothing more.
func (s *Service) ReferSelf(ctx context.Context, call access.Call, name doctor.NewDoctor) error {
	if err := s.access.May(call.Actor, ActSelf, access.Resource{Kind: "referral", Tenant: call.Actor.Tenant}); err != nil {
		return err
	}
	n := NewReferral{Route: RouteSelf, Person: name.Tidy(), First: FirstEmail, On: call.Today}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if n.Person.Email != "" {
			first, err := s.firstToday(ctx, call, s.db.Vault().Token(call.Actor.Tenant, "referral mailbox", strings.ToLower(n.Person.Email)))
			if err != nil || !first {
				return err
			}
		}
		_, _, err := s.take(ctx, call, n)
		return err
	})
}

// limits reads the settings a referral is checked against.
func (s *Service) limits(ctx context.Context, tenant string) (l limits, err error) {
	if l.longest, err = s.o.Setting(ctx, tenant, programme.ConsentLongestMonths); err != nil {
		return l, err
	}
	l.reply, err = s.o.Setting(ctx, tenant, programme.ReferralReplyDays)
	return l, err
}

// take checks everything first, so that a referral which cannot be kept leaves
// nothing behind, then writes all of it.
func (s *Service) take(ctx context.Context, call access.Call, n NewReferral) (Referral, []doctor.Candidate, error) {
	tenant, in := call.Actor.Tenant, asProgramme(call)
	l, err := s.limits(ctx, tenant)
	if err != nil {
		return Referral{}, nil, err
	}
	if n.KnownNew {
		l.longest = 0 // history was agreed under the settings of its time
	}
	routes, err := s.AllRoutes(ctx, tenant)
	if err != nil {
		return Referral{}, nil, err
	}
	if err := n.check(call.Today, l, routes, s.countries); err != nil {
		return Referral{}, nil, err
	}
	key, alike, err := s.look(ctx, call, n)
	if err != nil {
		return Referral{}, nil, err
	}
	r := Referral{ID: database.NewID(), Ref: database.NewRef(), Doctor: n.Doctor, Organisation: n.Referrer, Route: n.Route, On: n.On,
		Account: call.Actor.Account, Said: n.said(), Version: 1}
	way := n.firstWay()
	if n.Doctor != "" {
		err = s.another(ctx, in, n, &r)
	} else {
		err = s.begin(ctx, in, n, &r, way, l)
	}
	if err != nil {
		return Referral{}, nil, err
	}
	r.Person = r.Doctor
	if r.Consent, err = s.agree(ctx, in, n, r); err != nil {
		return Referral{}, nil, err
	}
	if err := s.insert(ctx, call, r, key); err != nil {
		return Referral{}, nil, err
	}
	if n.Doctor == "" {
		if err := s.reach(ctx, in, n, r, way, alike); err != nil {
			return Referral{}, nil, err
		}
	}
	return r, alike, s.audit.Record(ctx, call, audit.Entry{Action: ActRefer, Kind: "referral", ID: r.ID, Person: r.Doctor, After: r})
}

// look gives the key by which the same organisation's people are known, and the
// records that may be this person.
func (s *Service) look(ctx context.Context, call access.Call, n NewReferral) (key string, alike []doctor.Candidate, err error) {
	in := asProgramme(call)
	if n.KnownNew {
		return "", nil, nil
	}
	if same := n.sameKey(); same != "" && n.Referrer != "" {
		key = s.db.Vault().Token(in.Actor.Tenant, "referral person", n.Referrer+"\n"+same)
		on, ref, err := s.earlier(ctx, call.Actor, n.Referrer, key)
		if err != nil {
			return "", nil, err
		}
		if ref != "" {
			return "", nil, problem.Refuse("You have already referred this person.",
				fmt.Sprintf("Your organisation referred them on %s: referral %s. If something has changed, tell us there.", on.Long(), ref))
		}
	}
	if n.Doctor == "" {
		alike, err = s.o.Doctors.Similar(ctx, in, n.Person)
	}
	return key, alike, err
}

// begin makes the person's record and case.
func (s *Service) begin(ctx context.Context, in access.Call, n NewReferral, r *Referral, way string, l limits) (err error) {
	if r.Doctor, r.CaseRef, err = s.o.Doctors.Create(ctx, in, n.Person); err != nil {
		return err
	}
	source := "referral:" + r.ID
	if err := s.qualified(ctx, in, n, r.Doctor, source); err != nil {
		return err
	}
	first := []casefile.Milestone{{Kind: casefile.Referred, On: n.On, Due: clock.AddWorkingDays(n.On, l.reply, s.o.Holidays), Source: source}}
	if way == ByEmail || way == ByText {
		first = append(first, casefile.Milestone{Kind: casefile.Invited, On: n.On, Code: way, Source: source})
	}
	c := casefile.NewCase{Doctor: r.Doctor, Ref: r.CaseRef, Region: n.Region, Route: n.Route, Caseworker: n.Caseworker, Opened: n.On, First: first}
	if n.Referrer != "" && n.ConsentUntil >= in.Today {
		c.Referrers = []string{n.Referrer}
	}
	return s.o.Cases.Open(ctx, in, c)
}

// another adds a referral to a person staff know to be here.
func (s *Service) another(ctx context.Context, in access.Call, n NewReferral, r *Referral) error {
	c, err := s.o.Cases.Get(ctx, n.Doctor, in.Actor.Tenant)
	if err != nil {
		return err
	}
	r.CaseRef = c.Ref
	if err := s.qualified(ctx, in, n, r.Doctor, "referral:"+r.ID); err != nil {
		return err
	}
	if n.ConsentUntil >= in.Today {
		return s.o.Cases.AddParty(ctx, in, n.Doctor, casefile.RelReferrer, n.Referrer)
	}
	return nil
}

func (s *Service) qualified(ctx context.Context, in access.Call, n NewReferral, id, source string) error {
	if n.Country == "" {
		return nil
	}
	_, err := s.o.Facts.Record(ctx, in, fact.NewFact{Doctor: id, Kind: fact.Qualification, On: 0, Source: source, Fields: map[string]any{"country": n.Country}})
	return err
}

func (s *Service) agree(ctx context.Context, in access.Call, n NewReferral, r Referral) (string, error) {
	if n.Referrer == "" {
		return "", nil
	}
	return s.o.Consents.Give(ctx, in, consent.Consent{Doctor: r.Doctor, Organisation: n.Referrer, Scope: n.ConsentScope, GivenOn: n.On,
		Until: n.ConsentUntil, Source: "referral:" + r.ID})
}

// reach invites the doctor, or asks a caseworker to. Titles of tasks tell
// nothing of the person.
func (s *Service) reach(ctx context.Context, in access.Call, n NewReferral, r Referral, way string, alike []doctor.Candidate) error {
	if len(alike) > 0 {
		if err := s.o.Cases.OpenTask(ctx, in, casefile.Task{Doctor: r.Doctor, Kind: TaskDuplicate, Source: "referral", Party: casefile.PartyCaseworker,
			Title: "Check whether we already know this person", URL: "/cases/" + r.CaseRef + "/same", Since: n.On}); err != nil {
			return err
		}
	}
	task := casefile.Task{Doctor: r.Doctor, Source: "referral", Party: casefile.PartyCaseworker, Since: n.On}
	switch {
	case way == ByEmail, way == ByText:
		_, err := s.invite(ctx, in, r.Doctor, way)
		return err
	case way == ByCall:
		task.Kind, task.Title = TaskCall, "Call this doctor before we write to them"
		if err := s.insertInvitation(ctx, in.Actor.Tenant, Invitation{ID: database.NewID(), Doctor: r.Doctor, Way: ByCall, Made: in.Now, By: in.Actor.Account}); err != nil {
			return err
		}
	case n.First == FirstNone || n.KnownNew:
		return nil
	default:
		task.Kind, task.Title = TaskInvite, "Invite this doctor"
	}
	return s.o.Cases.OpenTask(ctx, in, task)
}
