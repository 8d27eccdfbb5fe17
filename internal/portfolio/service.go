package portfolio

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/placement"
	"msw/internal/problem"
)

// Task is one that a host may let a medical support worker do.
type Task struct {
	ID, Title string
	Highest   Level
}

// SignOff is what placement is told when a signature counts.
type SignOff struct {
	ID, Doctor, Placement, Host, Task string
	Level                             Level
	On, Recheck                       clock.Date
	Name, Role, GMC                   string // of the assessor
	VouchedBy                         string // account that vouches for them at the host
}

// Subject is one of mandatory training, with how long it lasts.
type Subject struct {
	ID, Title, Mark string
	Months          int
}

// Checked is an employment check that was done, for the passport.
type Checked struct {
	Kind, Title, Employer string
	On                    clock.Date
}

// Contact is where the doctor can be reached, to notice when somebody signs
// from there.
type Contact struct{ Emails, Phones []string }

// Options for New; the func fields may be nil in tests.
type Options struct {
	DB         *database.DB
	Access     *access.Table
	Audit      *audit.Log
	Cases      *casefile.Service
	Facts      *fact.Service
	Placements *placement.Service
	Jobs       *jobs.Outbox
	Sender     notify.Sender
	Frameworks *Frameworks
	Questions  *Questions // of feedback
	Reports    *ReportRules
	Subjects   []Subject
	Address    string // of this site, without a slash at the end

	Setting           func(ctx context.Context, tenant, name string) (int, error)
	Names             func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	OrganisationNames func(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	AccountNames      func(ctx context.Context, tenant string, accounts []string) (map[string]string, error)
	Email             func(ctx context.Context, account string) (string, error)
	Contact           func(ctx context.Context, tenant, doctor string) (Contact, error)
	Programme         func(ctx context.Context, tenant string) (string, error)
	Tenants           func(ctx context.Context) ([]string, error)
	Checks            func(ctx context.Context, tenant, doctor string) ([]Checked, error)
	// Trained lists the mandatory training that employers recorded of a doctor.
	Trained func(ctx context.Context, tenant, doctor string) ([]Trained, error)
	// CheckStands tells until when an employment check done elsewhere on a day may be
	// used, and what the rules say; no day when it must be done again.
	CheckStands func(code string, on clock.Date) (until clock.Date, says string)
	// Arrive makes the record of somebody who comes with a portfolio from elsewhere.
	Arrive func(ctx context.Context, call access.Call, name, ref string) (doctor string, err error)
	// Tasks are those a host lets people do; SignedOff tells placement of a
	// signature. Without them a sign-off opens nothing.
	Tasks     func(ctx context.Context, tenant, host string) ([]Task, error)
	SignedOff func(ctx context.Context, call access.Call, s SignOff) error
}

// Service keeps portfolios. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Cases == nil || o.Facts == nil || o.Placements == nil || o.Frameworks == nil || o.Questions == nil || o.Reports == nil || o.Setting == nil || o.Names == nil {
		return nil, errors.New("portfolio needs a database, a permission table, an audit log, cases, facts, placements, frameworks, questions, rules of reports, settings and names")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit}, nil
}

// Frameworks are the lists that evidence is tagged with.
func (s *Service) Frameworks() *Frameworks { return s.o.Frameworks }

// Settings this package asks of the programme.
const (
	SettingLinkDays    = "sign_off_link_days"
	SettingCodeMinutes = "sign_off_code_minutes"
	SettingRecheck     = "sign_off_recheck_months"
)

// reach finds somebody's case and tells whether the actor may do an action on
// the portfolio in it.
func (s *Service) reach(ctx context.Context, call access.Call, act access.Action, ref string) (casefile.Case, error) {
	c, err := s.o.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return c, err
	}
	return c, s.access.May(call.Actor, act, c.Resource())
}

// own gives the actor's own doctor id.
func (s *Service) own(call access.Call, act access.Action) (string, error) {
	d := call.Actor.Doctor
	if d == "" {
		return "", problem.Missing()
	}
	return d, s.access.May(call.Actor, act, access.Resource{Kind: "portfolio", ID: d, Tenant: call.Actor.Tenant, Doctor: d})
}

// placementOn gives where a doctor was in post on a day; the zero value for
// nowhere.
func (s *Service) placementOn(ctx context.Context, tenant, doctor string, on clock.Date) (placement.Placement, error) {
	list, err := s.o.Placements.Of(ctx, tenant, doctor)
	if err != nil {
		return placement.Placement{}, err
	}
	i := slices.IndexFunc(list, func(p placement.Placement) bool {
		return p.StartedOn <= on && (p.EndedOn.IsZero() || on <= p.EndedOn)
	})
	if i < 0 {
		return placement.Placement{}, nil
	}
	return list[i], nil
}

// Saving is what a doctor typed of an item. Draft keeps it however unfinished.
type Saving struct {
	ID      string // "" for a new one
	Version int
	Kind    Kind
	On      clock.Date
	Task    string
	Level   Level
	Tags    []string
	Share   bool
	Draft   bool
	Anyway  bool // the doctor looked at the warning of patient identifiers
	Story
}

// Save keeps an item of the actor's own. Everything that is wrong comes at once;
// what looks like a patient's identity is asked about before it leaves the draft.
func (s *Service) Save(ctx context.Context, call access.Call, cmd Saving) (Item, error) {
	var item Item
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActOwn)
		if err != nil {
			return err
		}
		if item, err = s.begin(ctx, call, doctor, cmd); err != nil {
			return err
		}
		before := item
		if err := s.fill(ctx, call, &item, cmd); err != nil {
			return err
		}
		if err := s.saveItem(ctx, call.Actor.Tenant, &item, before.Version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "portfolio item", ID: item.ID, Person: doctor, After: item})
	})
	return item, err
}

func (s *Service) begin(ctx context.Context, call access.Call, doctor string, cmd Saving) (Item, error) {
	if cmd.ID == "" {
		return Item{ID: database.NewRef(), Doctor: doctor, Kind: cmd.Kind, State: Draft, Recorded: call.Now}, nil
	}
	item, err := s.item(ctx, call.Actor.Tenant, cmd.ID)
	if err != nil {
		return item, err
	}
	if item.Doctor != doctor {
		return item, problem.Missing()
	}
	if item.Kind.Made() || item.State != Draft && item.State != Kept && item.State != Declined {
		return item, problem.Refuse("This cannot be changed now.", "It waits for a signature or was signed. Take the request back first, or write a new one.")
	}
	if cmd.Version != 0 && cmd.Version != item.Version {
		return item, problem.Stale()
	}
	return item, nil
}

func (s *Service) fill(ctx context.Context, call access.Call, item *Item, cmd Saving) error {
	words, known := WordsOf(item.Kind)
	if !known || item.Kind.Made() {
		return problem.New(problem.Invalid, "Choose what to add.")
	}
	tags, unknown := s.o.Frameworks.Known(cmd.Tags)
	var c problem.Check
	c.That(len(unknown) == 0, "tags", "Choose from the list what it shows")
	c.That(cmd.On <= call.Today, "on", "The day cannot be in the future")
	c.That(len(cmd.Title) <= 200, "title", "Use at most 200 letters")
	c.That(len(cmd.What) <= 5000 && len(cmd.Learnt) <= 5000, "what", "Use at most 5,000 letters")
	c.That(cmd.Level >= 0 && cmd.Level <= 3, "level", "Choose a level from 1 to 3")
	if !cmd.Draft {
		s.checkWhole(&c, item.Kind, cmd)
	}
	if err := c.Err(); err != nil {
		return err
	}
	if found := Identifiers(cmd.Title + "\n" + cmd.What + "\n" + cmd.Learnt); len(found) > 0 && !cmd.Draft && !cmd.Anyway {
		return identified(found)
	}
	p, err := s.placementOn(ctx, call.Actor.Tenant, item.Doctor, cmd.On)
	if err != nil {
		return err
	}
	if item.Source != "" { // what a certificate says stays as it is
		cmd.On, cmd.Title, cmd.Where = item.On, item.Title, item.Where
	}
	item.On, item.Task, item.Level, item.Tags, item.Story = cmd.On, cmd.Task, cmd.Level, tags, cmd.Story
	item.Placement, item.Host = p.ID, p.Host
	item.Shared = !cmd.Draft && (cmd.Share || !words.Private)
	item.State, item.Signature, item.Origin = Kept, nil, nil
	if cmd.Draft || words.Signed {
		item.State = Draft
	}
	item.Until = 0
	if item.Kind == Training {
		if i := slices.IndexFunc(s.o.Subjects, func(x Subject) bool { return x.ID == cmd.Subject }); i >= 0 {
			item.Title, item.Until = s.o.Subjects[i].Title, clock.AddMonths(cmd.On, s.o.Subjects[i].Months).AddDays(-1)
		}
	}
	return nil
}

func (s *Service) checkWhole(c *problem.Check, kind Kind, cmd Saving) {
	c.That(!cmd.On.IsZero(), "on", "Enter the day")
	if kind == Training {
		c.That(slices.ContainsFunc(s.o.Subjects, func(x Subject) bool { return x.ID == cmd.Subject }), "subject", "Choose the subject")
		return
	}
	c.That(strings.TrimSpace(cmd.Title) != "", "title", "Enter what it was, in a few words")
	if kind != Course && kind != Procedure {
		c.That(strings.TrimSpace(cmd.What) != "", "what", "Describe it in a sentence or two")
	}
}

// ErrIdentified is in the chain when a text may tell who a patient is: the same
// again with Anyway saves it.
var ErrIdentified = errors.New("may tell who a patient is")

func identified(found []Finding) error {
	e := problem.Wrap(problem.Invalid, "This may tell who a patient is.", ErrIdentified)
	for _, f := range found {
		e.Fields = append(e.Fields, problem.Field{Name: "what", Message: f.What + ": " + f.Text + ". Take it out, or tick that nobody can be known by it"})
	}
	return e
}

// Share lets supervisors read an item, or no longer.
func (s *Service) Share(ctx context.Context, call access.Call, id string, version int, share bool) error {
	return s.change(ctx, call, id, version, func(_ context.Context, item *Item) error {
		if item.State == Draft {
			return problem.Refuse("A draft cannot be shared.", "Finish it first.")
		}
		item.Shared = share
		return nil
	})
}

// change alters an item of the actor's own.
func (s *Service) change(ctx context.Context, call access.Call, id string, version int, fn func(ctx context.Context, item *Item) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActOwn)
		if err != nil {
			return err
		}
		item, err := s.item(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if item.Doctor != doctor {
			return problem.Missing()
		}
		if version != 0 && version != item.Version {
			return problem.Stale()
		}
		before := item
		if err := fn(ctx, &item); err != nil {
			return err
		}
		if err := s.saveItem(ctx, call.Actor.Tenant, &item, before.Version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "portfolio item", ID: id, Person: doctor, Before: before, After: item})
	})
}

// Delete takes away a draft.
func (s *Service) Delete(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActOwn)
		if err != nil {
			return err
		}
		item, err := s.item(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if item.Doctor != doctor {
			return problem.Missing()
		}
		if item.State != Draft {
			return problem.Refuse("Only a draft can be deleted.", "This one is saved. You can stop sharing it.")
		}
		if err := s.deleteItem(ctx, call.Actor.Tenant, id, item.Version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "portfolio item", ID: id, Person: doctor, Before: item})
	})
}

// secret makes what stands in a link: the programme's code, so that the store
// is asked within it, and 128 random bits.
func secret(tenant string) string { return tenant + "." + rand.Text() }

// split takes a link's secret apart.
func split(secret string) (tenant string, ok bool) {
	tenant, rest, ok := strings.Cut(secret, ".")
	return tenant, ok && tenant != "" && len(rest) == 26 && len(secret) < 100
}

func (s *Service) hash(tenant, purpose, text string) string {
	return s.db.Vault().Token(tenant, "portfolio "+purpose, text)
}

// Tell joins the service to who keeps the scope of practice: who is told of
// signatures that count, and which tasks a host has. Call it once, while wiring.
func (s *Service) Tell(signedOff func(ctx context.Context, call access.Call, s SignOff) error, tasks func(ctx context.Context, tenant, host string) ([]Task, error)) {
	s.o.SignedOff, s.o.Tasks = signedOff, tasks
}
