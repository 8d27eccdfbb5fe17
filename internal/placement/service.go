package placement

import (
	"context"
	"errors"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/onboarding"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Options for New; all but Elsewhere-related PersonToken are needed.
type Options struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Casefile *casefile.Service
	Facts    *fact.Service
	Posts    *post.Service
	Offers   *onboarding.Service

	// Begun and Over, when set, are called in the transaction in which a placement
	// starts or ends: money is bound and freed there.
	Begun func(ctx context.Context, call access.Call, p Placement) error
	Over  func(ctx context.Context, call access.Call, p Placement) error
	// Moved, when set, is called in the transaction in which a placement goes to
	// another region from a day: its funded place goes with it, or the move fails.
	Moved func(ctx context.Context, call access.Call, p Placement, on clock.Date) error
	// PersonToken is the cross-programme key of a doctor, or "" when too little
	// is known of them. Without it placements elsewhere cannot be matched.
	PersonToken func(ctx context.Context, tenant, doctor string) (string, error)
	// Practice says in words what an employer must know of a doctor's entry in
	// the GMC register, "" for nothing.
	Practice func(ctx context.Context, tenant, doctor string) (string, error)
	// Links lead from a placement's page to what later stations keep of it, for
	// those who may see that.
	Links func(call access.Call, p Placement) []Link
	// AccessDays is for how many days after the last one host and supervisors see a
	// placement; without it for none.
	AccessDays func(ctx context.Context, tenant string) (int, error)
	// DoctorPost is the first day of a doctor's first post as one, or none.
	DoctorPost func(ctx context.Context, tenant, doctor string) (clock.Date, error)
	// Suppress is the number below which figures of people are not shown.
	Suppress func(ctx context.Context, tenant string) (int, error)
	// Ends are what must be done at an end.
	Ends *EndRules
	// Tasks are the named tasks and levels people are signed off for.
	Tasks *card.Rules
	// Induction is the plan of a first time in post.
	Induction *Induction
	// MeetingWeeks is the rhythm of meetings, RollDays the time to sign a list.
	MeetingWeeks, RollDays func(ctx context.Context, tenant string) (int, error)
	// Tenants lists the programmes, for who asks of a certificate from outside.
	Tenants func(ctx context.Context) ([]string, error)
	// AccountNames names accounts, for who wrote a concern.
	AccountNames func(ctx context.Context, tenant string, accounts []string) (map[string]string, error)
	// Address is where the service is reached, for codes to scan.
	Address string
	// CodeMinutes is how long a code for a card works.
	CodeMinutes func(ctx context.Context, tenant string) (int, error)
	// Gone lists the accounts that no longer supervise for any of some
	// organisations. Without it nobody ever leaves.
	Gone func(ctx context.Context, tenant string, organisations []string, on clock.Date) ([]string, error)
}

// Link leads to a page of another station.
type Link struct{ Text, URL string }

// Service keeps placements. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	cases  *casefile.Service
	facts  *fact.Service
	posts  *post.Service
	offers *onboarding.Service
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Casefile == nil || o.Facts == nil || o.Posts == nil || o.Offers == nil || o.Tasks == nil || o.Induction == nil || o.Ends == nil {
		return nil, errors.New("placement needs a database, a permission table, an audit log, cases, facts, posts, offers, tasks, induction and ends")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, cases: o.Casefile, facts: o.Facts, posts: o.Posts, offers: o.Offers}, nil
}

// Starting records that somebody began work. Supervisors left empty are those
// of the offer.
type Starting struct {
	Offer                 string
	Version               int // of the offer, 0 = whichever is there
	On                    clock.Date
	Clinical, Educational string
}

// Start begins a placement. The eligibility rules are asked again; Refused
// gives every reason at once, Conflict when the doctor or the post already has
// a running placement.
func (s *Service) Start(ctx context.Context, call access.Call, cmd Starting) (Placement, error) {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	var p Placement
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		o, err := s.offers.Get(ctx, tenant, cmd.Offer)
		if err != nil {
			return err
		}
		if err := s.access.May(call.Actor, ActStart, o.EmployerResource(tenant)); err != nil {
			return err
		}
		if cmd.Version != 0 && cmd.Version != o.Version {
			return problem.Stale()
		}
		if cmd.Clinical == "" {
			cmd.Clinical = o.Terms.Clinical
		}
		if cmd.Educational == "" {
			cmd.Educational = o.Terms.Educational
		}
		if err := s.mayMeet(ctx, tenant, o, cmd); err != nil {
			return err
		}
		ready, err := s.readiness(ctx, call, o, cmd.Clinical, on)
		if err != nil {
			return err
		}
		if stops := StopsStart(ready); len(stops) > 0 {
			return problem.Refuse("The start cannot be recorded.", stops...)
		}
		p = begin(o, cmd, on)
		p.Rule = ready.Ruling.Rule
		return s.start(ctx, call, &p, o)
	})
	return p, err
}

// mayMeet keeps a doctor from being given, at the start, to a supervisor they
// hid from; those of the offer were looked at when it was made.
func (s *Service) mayMeet(ctx context.Context, tenant string, o onboarding.Offer, cmd Starting) error {
	if cmd.Clinical == o.Terms.Clinical && cmd.Educational == o.Terms.Educational {
		return nil
	}
	var where post.Post
	where.Employer, where.Host, where.Clinical, where.Educational = o.Employer, o.Host, cmd.Clinical, cmd.Educational
	return s.offers.Visible(ctx, tenant, o.Doctor, where)
}

func (s *Service) readiness(ctx context.Context, call access.Call, o onboarding.Offer, clinical string, on clock.Date) (Readiness, error) {
	r := Readiness{Offer: o, Clinical: clinical, On: on, Today: call.Today}
	var err error
	if r.OfferStops, err = s.offers.StartStops(ctx, call.Actor.Tenant, o); err != nil {
		return r, err
	}
	if r.Post, err = s.posts.Get(ctx, call.Actor.Tenant, o.Post); err != nil {
		return r, err
	}
	r.Ruling, err = s.offers.AskAgain(ctx, call, o.Doctor, "start")
	return r, err
}

// begin is the placement an offer becomes.
func begin(o onboarding.Offer, cmd Starting, on clock.Date) Placement {
	return Placement{ID: database.NewRef(), Version: 1, Doctor: o.Doctor, Post: o.Post, Offer: o.ID, Employer: o.Employer, Host: o.Host,
		Region: o.Region, Phase: o.Terms.Phase, Setting: o.Terms.Setting, Specialty: o.Terms.Specialty,
		Clinical: cmd.Clinical, Educational: cmd.Educational, StartedOn: on, Spell: 1}
}

// start saves a placement with all that belongs to it.
func (s *Service) start(ctx context.Context, call access.Call, p *Placement, o onboarding.Offer) error {
	tenant := call.Actor.Tenant
	if err := s.supervisors(ctx, call, *p, Terms{Clinical: o.Terms.Clinical}); err != nil {
		return err
	}
	var err error
	if p.Fact, err = s.facts.Record(ctx, asProgramme(call), p.fact(tenant)); err != nil {
		return err
	}
	fresh, err := s.insert(ctx, tenant, *p)
	if err != nil {
		return err
	}
	if !fresh {
		return problem.New(problem.Conflict, "This doctor or this post already has a placement that has not ended.")
	}
	v := Spell{Placement: p.ID, Doctor: p.Doctor, Post: p.Post, Employer: p.Employer, Phase: p.Phase, Setting: p.Setting, Number: 1,
		From: p.StartedOn, By: call.Actor.Account, RecordedAt: call.Now, Terms: Terms{Host: p.Host, Region: p.Region,
			MinutesWeek: o.Terms.MinutesWeek, WholeTime: o.Terms.WholeTime, Pay: o.Terms.Pay, Clinical: p.Clinical, Educational: p.Educational,
			ContractEnd: o.Terms.ContractEnd, FundedUntil: o.Terms.FundedUntil}}
	if err := s.insertSpell(ctx, tenant, v); err != nil {
		return err
	}
	if err := s.markPerson(ctx, tenant, p.Doctor); err != nil {
		return err
	}
	if err := s.offers.MarkStarted(ctx, call, o, p.StartedOn); err != nil {
		return err
	}
	m := casefile.Milestone{Doctor: p.Doctor, Kind: casefile.Started, On: p.StartedOn, Code: string(p.Setting), Organisation: p.Employer, Source: p.Source()}
	if err := s.cases.Record(ctx, call, m); err != nil {
		return err
	}
	if err := s.place(ctx, call, *p); err != nil {
		return err
	}
	if s.o.Begun != nil {
		if err := s.o.Begun(ctx, call, *p); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActStart, Kind: "placement", ID: p.ID, Person: p.Doctor, After: *p})
}

// asProgramme lets the programme itself say what an asked-for step proves, such
// as that a placement was made: the one who asked was permitted the step, and
// need not hold the right to verify facts.
func asProgramme(call access.Call) access.Call {
	call.Actor.Members = append(slices.Clone(call.Actor.Members), access.Membership{Role: "operator"})
	return call
}

func (p Placement) fact(tenant string) fact.NewFact {
	fields := map[string]any{"placed": true, "started": p.StartedOn, "programme": tenant}
	if !p.EndedOn.IsZero() {
		fields["ended"] = p.EndedOn
	}
	return fact.NewFact{Doctor: p.Doctor, Kind: fact.Placement, On: p.StartedOn, State: rulebook.Verified, Source: p.Source(), Fields: fields}
}

func (s *Service) markPerson(ctx context.Context, tenant, doctor string) error {
	if s.o.PersonToken == nil {
		return nil
	}
	token, err := s.o.PersonToken(ctx, tenant, doctor)
	if err != nil || token == "" {
		return err
	}
	return s.mark(ctx, tenant, token)
}

// place copies onto the case who may now see it; the region of a person in post
// is that of their work.
func (s *Service) place(ctx context.Context, call access.Call, p Placement) error {
	in := casefile.Placing{Region: p.Region, Organisations: []string{}, Supervisors: []string{}}
	if p.Host != p.Employer {
		in.Organisations = append(in.Organisations, p.Host)
	}
	for _, account := range []string{p.Clinical, p.Educational} {
		if account != "" && !slices.Contains(in.Supervisors, account) {
			in.Supervisors = append(in.Supervisors, account)
		}
	}
	return s.cases.Place(ctx, call, p.Doctor, in)
}

// supervisors checks who is named and moves the clinical supervisor's place.
func (s *Service) supervisors(ctx context.Context, call access.Call, p Placement, before Terms) error {
	if p.Clinical == before.Clinical && (p.Educational == "" || p.Educational == before.Educational) {
		return nil
	}
	known, err := s.posts.SupervisorNames(ctx, call.Actor.Tenant, p.Clinical, p.Educational)
	if err != nil {
		return err
	}
	theirs := func(account string) bool {
		v, ok := known[account]
		return account == "" || ok && (v.Organisation == p.Employer || v.Organisation == p.Host)
	}
	var c problem.Check
	c.That(theirs(p.Clinical), "clinical", "Choose a clinical supervisor of the employer or the place of work")
	c.That(theirs(p.Educational), "educational", "Choose an educational supervisor of the employer or the place of work")
	if err := c.Err(); err != nil {
		return err
	}
	return s.posts.Hand(ctx, call, before.Clinical, p.Clinical)
}
