package post

import (
	"context"
	"errors"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// What can be done with posts.
const (
	ActSee       access.Action = "post.see"       // lists and pages of posts
	ActRegister  access.Action = "post.register"  // write down and change a post
	ActApprove   access.Action = "post.approve"   // the programme agrees
	ActOpen      access.Action = "post.open"      // open and close
	ActSupervise access.Action = "post.supervise" // say who supervises and how many
	ActInterest  access.Action = "post.interest"  // say whether an employer wants to take part
	ActMap       access.Action = "post.map"       // see what would open posts, and places at risk
	ActOutcodes  access.Action = "post.outcodes"  // take in where postcode districts lie
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActSee, ActRegister, ActApprove, ActOpen, ActSupervise, ActInterest, ActMap, ActOutcodes}
}

// Phase is a programme phase as far as a post shows it.
type Phase struct {
	ID, Title    string
	Starts, Ends clock.Date
}

// Options for New. Places is needed; the rest of the funcs may be nil.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log

	// Places gives organisations by id; those it does not know are left out.
	Places func(ctx context.Context, tenant string, ids []string) (map[string]Place, error)
	// FindPlaces looks for organisations that fit a text, the best first: for
	// forms sent without the type-ahead.
	FindPlaces func(ctx context.Context, call access.Call, text string) ([]Place, error)
	// Phases lists the programme's phases.
	Phases func(ctx context.Context, tenant string) ([]Phase, error)
	// FullTimeWeek is the programme's full-time week in minutes; FullTimeWeek
	// the constant stands when it is nil or gives 0.
	FullTimeWeek func(ctx context.Context, tenant string) (int, error)
	// Account makes or finds the account of an e-mail address and gives it the
	// role of supervisor at an organisation.
	Account func(ctx context.Context, call access.Call, email, organisation string) (account string, err error)
	// Funded gives the funded places of each running phase and region as far as
	// the actor may see money.
	Funded func(ctx context.Context, call access.Call) ([]Funded, error)
}

// Service keeps posts and supervisors. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
}

// New makes the service; a database, a permission table, an audit log and
// Places are needed.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Places == nil {
		return nil, errors.New("post needs a database, a permission table, an audit log and places")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit}, nil
}

// Resource is the post as access sees it.
func (p Post) Resource(tenant string) access.Resource {
	r := access.Resource{Kind: "post", ID: p.ID, Tenant: tenant, Organisations: []string{p.Employer, p.Host}}
	if p.Region != "" {
		r.Regions = []string{p.Region}
	}
	for _, account := range []string{p.Clinical, p.Educational} {
		if account != "" {
			r.Supervisors = append(r.Supervisors, account)
		}
	}
	return r
}

// may asks the permission; a post one may not see is missing, like one that is
// not there.
func (s *Service) may(call access.Call, act access.Action, p Post) error {
	r := p.Resource(call.Actor.Tenant)
	if s.access.May(call.Actor, ActSee, r) != nil {
		return problem.Missing()
	}
	return s.access.May(call.Actor, act, r)
}

// mayAsEmployer asks the permission for the employer of record: who only hosts
// may see a post but neither change its terms nor open it.
func (s *Service) mayAsEmployer(call access.Call, act access.Action, p Post) error {
	if err := s.may(call, act, p); err != nil {
		return err
	}
	r := access.Resource{Kind: "post", ID: p.ID, Tenant: call.Actor.Tenant, Organisations: []string{p.Employer}}
	if p.Region != "" {
		r.Regions = []string{p.Region}
	}
	if s.access.May(call.Actor, act, r) != nil {
		return problem.Denied("Only the employer of record can do this. Ask them, or the programme team.")
	}
	return nil
}

func (s *Service) full(ctx context.Context, tenant string) (int, error) {
	if s.o.FullTimeWeek == nil {
		return FullTimeWeek, nil
	}
	minutes, err := s.o.FullTimeWeek(ctx, tenant)
	if err == nil && minutes == 0 {
		minutes = FullTimeWeek
	}
	return minutes, err
}

// Registration is a new post. On is the day it was registered, today when none.
type Registration struct {
	Details
	On clock.Date
}

// Register writes down a new post as a draft. It may have gaps: those are
// shown as what stops it from opening.
func (s *Service) Register(ctx context.Context, call access.Call, cmd Registration) (Post, error) {
	tenant := call.Actor.Tenant
	p := Post{ID: database.NewRef(), Version: 1, Status: Draft, Details: cmd.Details, RegisteredOn: cmd.On}
	if p.RegisteredOn.IsZero() {
		p.RegisteredOn = call.Today
	}
	if p.Host == "" {
		p.Host = p.Employer
	}
	full, err := s.full(ctx, tenant)
	if err != nil {
		return Post{}, err
	}
	if err := Check(p.Details, full); err != nil {
		return Post{}, err
	}
	p.WholeTime = WholeTime(p.MinutesWeek, full)
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.settle(ctx, call, &p); err != nil {
			return err
		}
		if err := s.insert(ctx, tenant, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRegister, Kind: "post", ID: p.ID, After: p})
	})
	return p, err
}

// settle asks permission for the employer of record and takes the region from
// the place of work.
func (s *Service) settle(ctx context.Context, call access.Call, p *Post) error {
	places, err := s.o.Places(ctx, call.Actor.Tenant, []string{p.Employer, p.Host})
	if err != nil {
		return err
	}
	var c problem.Check
	c.That(places[p.Employer].Found, "employer", "Choose the employer from the list")
	c.That(places[p.Host].Found, "host", "Choose the place of work from the list")
	if err := c.Err(); err != nil {
		return err
	}
	p.Region = places[p.Host].Region
	if err := s.knownSupervisors(ctx, call, p); err != nil {
		return err
	}
	if err := s.knownBefore(ctx, call, p); err != nil {
		return err
	}
	r := access.Resource{Kind: "post", ID: p.ID, Tenant: call.Actor.Tenant, Organisations: []string{p.Employer}}
	if p.Region != "" {
		r.Regions = []string{p.Region}
	}
	if err := s.access.May(call.Actor, ActRegister, r); err != nil {
		c.That(false, "employer", "You can only register posts of your own organisation")
		return c.Err()
	}
	return nil
}

// knownSupervisors refuses supervisors of other organisations: nobody can be
// put down for people they have never heard of.
func (s *Service) knownSupervisors(ctx context.Context, call access.Call, p *Post) error {
	known, err := s.SupervisorNames(ctx, call.Actor.Tenant, p.Clinical, p.Educational)
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
	return c.Err()
}

// knownBefore refuses to take over from a post of somebody else.
func (s *Service) knownBefore(ctx context.Context, call access.Call, p *Post) error {
	if p.Follows == "" {
		return nil
	}
	before, err := s.load(ctx, call.Actor.Tenant, p.Follows)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	var c problem.Check
	c.That(err == nil && before.ID != p.ID && before.Employer == p.Employer, "follows", "Enter the reference of another post of the same employer")
	return c.Err()
}

// several is the most posts that can be registered in one go.
const several = 20

// RegisterSeveral writes down a number of posts that are alike, all or none.
func (s *Service) RegisterSeveral(ctx context.Context, call access.Call, cmd Registration, count int) ([]Post, error) {
	var c problem.Check
	c.That(count >= 1 && count <= several, "count", "Enter how many posts, from 1 to 20")
	if err := c.Err(); err != nil {
		return nil, err
	}
	var made []Post
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		for range count {
			p, err := s.Register(ctx, call, cmd)
			if err != nil {
				return err
			}
			made = append(made, p)
		}
		return nil
	})
	return made, err
}

// Amendment changes the details of a post that nobody has been offered yet.
type Amendment struct {
	ID      string
	Version int
	Details
}

// Amend writes new details of a draft or approved post. An approved post
// becomes a draft again when what the programme agreed to has changed.
func (s *Service) Amend(ctx context.Context, call access.Call, cmd Amendment) (Post, error) {
	tenant := call.Actor.Tenant
	full, err := s.full(ctx, tenant)
	if err != nil {
		return Post{}, err
	}
	if err := Check(cmd.Details, full); err != nil {
		return Post{}, err
	}
	var p Post
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		before, err := s.load(ctx, tenant, cmd.ID)
		if err != nil {
			return err
		}
		if err := s.mayAsEmployer(call, ActRegister, before); err != nil {
			return err
		}
		if before.Version != cmd.Version {
			return problem.Stale()
		}
		if before.Status != Draft && before.Status != Approved {
			return problem.Refuse("This post cannot be changed now.", "Only a draft or an approved post can be changed. Close this one and register another.")
		}
		p = before
		p.Details, p.WholeTime = cmd.Details, WholeTime(cmd.MinutesWeek, full)
		if AgreedAnew(before.Details, cmd.Details) {
			p.Status = Draft
		}
		if err := s.settle(ctx, call, &p); err != nil {
			return err
		}
		if err := s.amend(ctx, tenant, p); err != nil {
			return err
		}
		p.Version++
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRegister, Kind: "post", ID: p.ID, Before: before, After: p})
	})
	return p, err
}

// Step moves a post by hand. Version 0 means whichever is there: for callers
// that show no page between looking and doing.
type Step struct {
	ID      string
	Version int
	On      clock.Date
}

// Approve records that the programme agrees to a draft.
func (s *Service) Approve(ctx context.Context, call access.Call, cmd Step) (Post, error) {
	return s.step(ctx, call, cmd, ActApprove, Approved)
}

// Open makes an approved post one that doctors can be proposed for, and takes a
// place with its clinical supervisor. Refused with every stop at once.
func (s *Service) Open(ctx context.Context, call access.Call, cmd Step) (Post, error) {
	return s.step(ctx, call, cmd, ActOpen, Open)
}

// Close ends a post that nobody holds.
func (s *Service) Close(ctx context.Context, call access.Call, cmd Step) (Post, error) {
	return s.step(ctx, call, cmd, ActOpen, Closed)
}

func (s *Service) step(ctx context.Context, call access.Call, cmd Step, act access.Action, to Status) (Post, error) {
	tenant := call.Actor.Tenant
	var p Post
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		var err error
		if p, err = s.load(ctx, tenant, cmd.ID); err != nil {
			return err
		}
		if err := s.mayStep(call, act, p); err != nil {
			return err
		}
		if cmd.Version != 0 && cmd.Version != p.Version {
			return problem.Stale()
		}
		if err := s.ready(ctx, call, p, to, cmd.On); err != nil {
			return err
		}
		if p.Status == Open && to == Closed {
			if err := s.giveBack(ctx, tenant, p.Clinical); err != nil {
				return err
			}
		}
		if err := s.setStatus(ctx, tenant, p, to); err != nil {
			return err
		}
		before := p.Status
		p.Status, p.Version = to, p.Version+1
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "post", ID: p.ID,
			Before: map[string]Status{"status": before}, After: map[string]Status{"status": to}})
	})
	return p, err
}

// mayStep asks the permission for a step: approving is the programme's, opening
// and closing the employer's.
func (s *Service) mayStep(call access.Call, act access.Action, p Post) error {
	if act == ActApprove {
		return s.may(call, act, p)
	}
	return s.mayAsEmployer(call, act, p)
}

// ready refuses a step that may not be made, and takes the supervisor's place
// for one that opens.
func (s *Service) ready(ctx context.Context, call access.Call, p Post, to Status, on clock.Date) error {
	if to != Open {
		if !Next(p.Status, to) {
			return problem.Refuse("This cannot be done now.", "The post is "+lower(p.Status.Words())+".")
		}
		return nil
	}
	stops, err := s.stops(ctx, call.Actor.Tenant, p, call.On(on))
	if err != nil {
		return err
	}
	if len(stops) > 0 {
		return problem.Refuse("This post cannot be opened yet.", Texts(stops)...)
	}
	ok, err := s.take(ctx, call.Actor.Tenant, p.Clinical)
	if err == nil && !ok {
		err = problem.New(problem.Conflict, "Someone else has just taken the supervisor's last place. Name another supervisor, then try again.")
	}
	return err
}

func (s *Service) stops(ctx context.Context, tenant string, p Post, on clock.Date) ([]Stop, error) {
	around, err := s.around(ctx, tenant, p, on)
	if err != nil {
		return nil, err
	}
	return Stops(p, around), nil
}

func (s *Service) around(ctx context.Context, tenant string, p Post, on clock.Date) (Surroundings, error) {
	around := Surroundings{Today: on}
	places, err := s.o.Places(ctx, tenant, []string{p.Employer, p.Host})
	if err != nil {
		return around, err
	}
	around.Employer, around.Host = places[p.Employer], places[p.Host]
	around.Employer.ID, around.Host.ID = p.Employer, p.Host
	if p.Clinical != "" {
		list, err := s.supervisors(ctx, tenant, "account_id", []string{p.Clinical})
		if err != nil {
			return around, err
		}
		if len(list) == 1 {
			around.Clinical = &list[0]
		}
	}
	return around, nil
}

// Fill gives an open post to an accepted offer. It asks no permission: the
// acceptance did. Conflict when another offer was accepted first.
func (s *Service) Fill(ctx context.Context, call access.Call, id, offer string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		ok, err := s.fill(ctx, call.Actor.Tenant, id, offer, call.Today)
		if err == nil && !ok {
			err = problem.New(problem.Conflict, "This post has just been taken by someone else, or is no longer open. Look for another post.")
		}
		return err
	})
}

// Reopen frees a post whose accepted offer fell before the start: it is open
// again, and its supervisor keeps the place.
func (s *Service) Reopen(ctx context.Context, call access.Call, id, offer string) error {
	return s.release(ctx, call, id, offer, func(Post) Status { return Open }, "", 0)
}

// Vacate frees a post whose doctor has left on a day; supervisor is who
// supervised at the end and gets the place back.
func (s *Service) Vacate(ctx context.Context, call access.Call, id, offer, supervisor string, left clock.Date) error {
	return s.release(ctx, call, id, offer, func(p Post) Status { return AfterLeaving(p, left) }, supervisor, left)
}

func (s *Service) release(ctx context.Context, call access.Call, id, offer string, to func(Post) Status, supervisor string, left clock.Date) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.load(ctx, tenant, id)
		if err != nil {
			return err
		}
		if p.Holder != offer {
			return problem.Stale()
		}
		if err := s.giveBack(ctx, tenant, supervisor); err != nil {
			return err
		}
		if left.IsZero() { // nobody had begun: it stays empty since it was last left
			left = p.VacatedOn
		}
		return s.free(ctx, tenant, p, to(p), left)
	})
}

// Hand moves one person from one clinical supervisor to another, as when a
// placement changes hands. Refused when the new one has no room.
func (s *Service) Hand(ctx context.Context, call access.Call, from, to string) error {
	if from == to {
		return nil
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if to != "" {
			ok, err := s.take(ctx, call.Actor.Tenant, to)
			if err != nil {
				return err
			}
			if !ok {
				return problem.Refuse("This supervisor cannot take one more person.",
					"The clinical supervisor has no room. Name another one, or ask them to take on one more.")
			}
		}
		return s.giveBack(ctx, call.Actor.Tenant, from)
	})
}
