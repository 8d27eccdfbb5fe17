package request

import (
	"context"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/notify"
	"msw/internal/problem"
)

// Outbox takes work to be done after the transaction; jobs.Outbox is one.
type Outbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
}

// Options for New.
type Options struct {
	DB      *database.DB
	Access  *access.Table
	Audit   *audit.Log
	Jobs    Outbox
	Cases   *casefile.Service
	Doctors *doctor.Service
	Facts   *fact.Service
	Sender  notify.Sender
	Rules   *Rules
	Setting func(ctx context.Context, tenant, name string) (int, error)
	Numbers func(ctx context.Context, tenant, name string) ([]int, error)
	Now     func() clock.Instant
	Address string // where links lead to
	// Changed is told, in its transaction, that a request stands otherwise.
	Changed func(ctx context.Context, call access.Call, r Request) error
}

// Service keeps requests. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Jobs == nil || o.Cases == nil || o.Doctors == nil || o.Facts == nil || o.Rules == nil || o.Setting == nil || o.Numbers == nil || o.Now == nil {
		return nil, errors.New("request: everything but Sender, Address and Changed is needed")
	}
	o.Address = strings.TrimSuffix(o.Address, "/")
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit}, nil
}

// Rules are the kinds and alternatives in force.
func (s *Service) Rules() *Rules { return s.o.Rules }

func (s *Service) resource(tenant string, r Request) access.Resource {
	res := access.Resource{Kind: "request", ID: r.ID, Tenant: tenant, Doctor: r.Doctor}
	if r.Region != "" {
		res.Regions = []string{r.Region}
	}
	if r.Organisation != "" {
		res.Organisations = []string{r.Organisation}
	}
	return res
}

func (s *Service) may(call access.Call, act access.Action, r Request) error {
	return s.access.May(call.Actor, act, s.resource(call.Actor.Tenant, r))
}

// Fresh is a request as it is made.
type Fresh struct {
	Doctor, Kind         string
	Fact, Parent, Source string
	Organisation         string // the employer that may see how it stands
	Whom                 Whom
}

// Make makes a request. It asks nobody: without the doctor's yes it cannot
// start, and it says so.
func (s *Service) Make(ctx context.Context, call access.Call, n Fresh) (Request, error) {
	k, known := s.o.Rules.Kind(n.Kind)
	if !known || k.ID == kindFurther { // a station that keeps its questions asks: Keep
		return Request{}, problem.Missing()
	}
	c, err := s.o.Cases.Get(ctx, n.Doctor, call.Actor.Tenant)
	if err != nil {
		return Request{}, err
	}
	r := Request{ID: database.NewRef(), Doctor: n.Doctor, Kind: n.Kind, Version: 1, Fact: n.Fact, Parent: n.Parent, Source: n.Source, Region: c.Region,
		Organisation: n.Organisation, Made: call.Today, Round: 1, Whom: n.Whom.tidy()}
	if err := s.may(call, ActMake, r); err != nil {
		return Request{}, err
	}
	if err := r.Whom.Check(k, call.Today); err != nil {
		return Request{}, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if k.Link && r.Whom.DoctorName == "" {
			names, err := s.o.Doctors.Names(ctx, call.Actor.Tenant, []string{r.Doctor})
			if err != nil {
				return err
			}
			r.Whom.DoctorName = names[r.Doctor].AsWritten
		}
		if k.From == "doctor" && k.Party == "" || k.From == "team" { // nobody outside: asked with its making
			if err := s.ask(ctx, call, &r, k); err != nil {
				return err
			}
		}
		if err := s.enter(ctx, call, &r, k); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActMake, Kind: "request", ID: r.ID, Person: r.Doctor, After: r})
	})
	return r, err
}

// enter derives and stores a new request with all that follows it.
func (s *Service) enter(ctx context.Context, call access.Call, r *Request, k Kind) error {
	if err := s.derive(ctx, call, r); err != nil {
		return err
	}
	if err := s.insert(ctx, call.Actor.Tenant, *r); err != nil {
		return err
	}
	if err := s.total(ctx, call.Actor.Tenant, *r, 1); err != nil {
		return err
	}
	return s.task(ctx, call, Request{}, *r, k)
}

// ask sets the clock going.
func (s *Service) ask(ctx context.Context, call access.Call, r *Request, k Kind) error {
	if !r.Asked.IsZero() {
		return nil
	}
	r.Asked = call.Today
	t, err := s.times(ctx, call.Actor.Tenant, *r, k)
	r.Expires = ExpiresOn(call.Today, t.Days, s.o.Rules.Holidays)
	return err
}

// times are the settings of a request's clock.
func (s *Service) times(ctx context.Context, tenant string, r Request, k Kind) (t Times, err error) {
	c := k.clock(r.Asked)
	name := c.Days
	if r.Round > 1 && c.Again != "" {
		name = c.Again
	}
	if t.Days, err = s.setting(ctx, tenant, name); err != nil || c.Remind == "" {
		return t, err
	}
	t.Remind, err = database.Once(ctx, s.db, "request numbers "+tenant+" "+c.Remind, func() ([]int, error) { return s.o.Numbers(ctx, tenant, c.Remind) })
	return t, err
}

func (s *Service) setting(ctx context.Context, tenant, name string) (int, error) {
	return database.Once(ctx, s.db, "request setting "+tenant+" "+name, func() (int, error) { return s.o.Setting(ctx, tenant, name) })
}

// derive says anew how a request stands.
func (s *Service) derive(ctx context.Context, call access.Call, r *Request) error {
	k, _ := s.o.Rules.Kind(r.Kind)
	said, err := s.o.Doctors.Asked(ctx, call.Actor.Tenant, r.Doctor)
	if err != nil {
		return err
	}
	var t Times
	if !r.Asked.IsZero() {
		if t, err = s.times(ctx, call.Actor.Tenant, *r, k); err != nil {
			return err
		}
	}
	if answer, on := Allowed(*r, k, said); answer == doctor.MustNot {
		r.Blocked = max(on, r.Made)
	} else {
		r.Blocked = 0
	}
	r.Derived = Derive(*r, k, said, t, call.Today)
	return nil
}

// target names one request at the version that was read; 0 = whatever stands.
type target struct {
	id      string
	version int
}

// change is one use case on one request: load, permit, change, derive, save,
// move totals and task, record. A link of somebody who must not be asked any
// more dies with it.
func (s *Service) change(ctx context.Context, call access.Call, act access.Action, t target, fn func(ctx context.Context, r *Request, k Kind) error) (Request, error) {
	var out Request
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.load(ctx, call.Actor.Tenant, t.id)
		if err != nil {
			return err
		}
		if act != ActAnswer {
			if err := s.may(call, act, r); err != nil {
				return err
			}
		}
		if err := r.apart(); err != nil {
			return err
		}
		if t.version != 0 && t.version != r.Version {
			return problem.Stale()
		}
		k, _ := s.o.Rules.Kind(r.Kind)
		before := r
		if err := fn(ctx, &r, k); err != nil {
			return err
		}
		if err := s.settle(ctx, call, before, &r, k); err != nil {
			return err
		}
		out = r
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "request", ID: r.ID, Person: r.Doctor, Before: before, After: r})
	})
	return out, err
}

// settle derives and saves a changed request with all that follows it.
func (s *Service) settle(ctx context.Context, call access.Call, before Request, r *Request, k Kind) error {
	tenant := call.Actor.Tenant
	if err := s.derive(ctx, call, r); err != nil {
		return err
	}
	if r.State != Waiting && r.State != Overdue || r.Whom.Name != before.Whom.Name || r.Whom.Email != before.Whom.Email {
		if err := s.revokeLinks(ctx, tenant, r.ID, PurposeAnswer, call.Now); err != nil {
			return err
		}
	}
	r.Version = before.Version + 1
	if err := s.update(ctx, tenant, *r, before.Version); err != nil {
		return err
	}
	if err := s.total(ctx, tenant, before, -1); err != nil {
		return err
	}
	if err := s.total(ctx, tenant, *r, 1); err != nil {
		return err
	}
	if err := s.task(ctx, call, before, *r, k); err != nil {
		return err
	}
	if s.o.Changed == nil || before.State == r.State {
		return nil
	}
	return s.o.Changed(ctx, call, *r)
}

// taskKind is the kind of a request's task.
const taskKind = "request"

// task keeps the one task of a request with whom it waits for. Its title names
// nobody.
func (s *Service) task(ctx context.Context, call access.Call, before, r Request, k Kind) error {
	if before.Owes == r.Owes && before.Why == r.Why || r.Source == sourceRound { // whoever keeps the questions keeps the task
		return nil
	}
	t := casefile.Task{Doctor: r.Doctor, Kind: taskKind, Source: r.SourceID(), Since: r.Since, Due: dueOf(r), Title: k.Title + ": " + doNext(r), URL: "/requests/" + r.ID}
	switch r.Owes {
	case OwesDoctor:
		t.Party, t.URL = casefile.PartyDoctor, "/my-requests/"+r.ID
	case OwesCaseworker:
		t.Party = casefile.PartyCaseworker
	case OwesAssessor:
		t.Party = casefile.PartyAssessor
	default:
		if before.Owes == "" {
			return nil
		}
		return s.o.Cases.CloseTask(ctx, call, r.Doctor, taskKind, r.SourceID())
	}
	return s.o.Cases.OpenTask(ctx, call, t)
}

func dueOf(r Request) clock.Date {
	if r.State == Waiting {
		return r.Expires
	}
	return 0
}

// doNext says in a few words what the one who owes it does next.
func doNext(r Request) string {
	switch r.Why {
	case WhyNoYes:
		return "say if somebody may be asked"
	case WhyMustNot:
		return "show another proof"
	case WhyWhom:
		return "tell us who can be asked"
	case WhyNotAsked:
		return "ask for it"
	case WhyDeclined:
		return "name somebody else"
	case WhySilence:
		if r.Owes == OwesDoctor {
			return "no answer came, name somebody else"
		}
		return "no answer came"
	case WhyJudge:
		return "look at what came"
	}
	return "answer"
}

// Change says anew whom to ask and about what. Links given out die when it is
// somebody else.
func (s *Service) Change(ctx context.Context, call access.Call, id string, version int, w Whom) (Request, error) {
	return s.change(ctx, call, ActMake, target{id, version}, func(_ context.Context, r *Request, k Kind) error {
		if r.State.Over() || r.State == Received {
			return problem.Refuse("This cannot be changed any more.", "An answer has come, or the request is over. Make a new one.")
		}
		w = w.tidy()
		w.Ask, w.Lost, w.Party = r.Whom.Ask, r.Whom.Lost, r.Whom.Party
		if w.DoctorName == "" {
			w.DoctorName = r.Whom.DoctorName
		}
		if w.Name != r.Whom.Name || w.Email != r.Whom.Email {
			w.SendByUs = false // the yes to be written to was for that person
			r.Asked, r.Expires, r.Reminded, r.Agreed = 0, 0, nil, 0
		}
		r.Whom = w
		return r.Whom.Check(k, call.Today)
	})
}

// Lost records the doctor's word that the proof is lost or destroyed: then
// other evidence counts, and nobody need be asked.
func (s *Service) Lost(ctx context.Context, call access.Call, id string, version int, lost bool) (Request, error) {
	return s.change(ctx, call, ActMake, target{id, version}, func(_ context.Context, r *Request, k Kind) error {
		if len(k.Instead) == 0 {
			return problem.Refuse("Nothing else counts for this.")
		}
		r.Whom.Lost = lost
		return nil
	})
}

// Withdraw takes a request back; links given out die.
func (s *Service) Withdraw(ctx context.Context, call access.Call, id string, version int) (Request, error) {
	return s.change(ctx, call, ActMake, target{id, version}, func(_ context.Context, r *Request, _ Kind) error {
		if r.State.Over() {
			return problem.Refuse("This request is over.")
		}
		r.Gone = call.Today
		return nil
	})
}

// Replace makes a new request for somebody else in place of one that stayed
// without an answer, was declined, or whose one must not be asked.
func (s *Service) Replace(ctx context.Context, call access.Call, id string, w Whom) (made Request, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.change(ctx, call, ActMake, target{id: id}, func(_ context.Context, r *Request, k Kind) error {
			if !k.Link || r.State == Received || r.State == Verified || r.State == Withdrawn {
				return problem.Refuse("Somebody else cannot be named for this request.")
			}
			r.Gone = call.Today
			return nil
		})
		if err != nil {
			return err
		}
		made, err = s.Make(ctx, call, Fresh{Doctor: old.Doctor, Kind: old.Kind, Fact: old.Fact, Parent: old.ID, Source: old.Source, Organisation: old.Organisation, Whom: w})
		return err
	})
	return made, err
}

// AskingChanged looks again at a doctor's open requests after a new word on
// whom one may ask: what must stop stops now, in the same transaction.
func (s *Service) AskingChanged(ctx context.Context, call access.Call, id string) error {
	list, err := s.ofDoctor(ctx, call.Actor.Tenant, id)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := s.renew(ctx, call, r); err != nil {
			return err
		}
	}
	return nil
}

// renew derives a request anew and saves it if it stands otherwise.
func (s *Service) renew(ctx context.Context, call access.Call, r Request) error {
	next := r
	if err := s.derive(ctx, call, &next); err != nil {
		return err
	}
	if next.Derived == r.Derived && next.Blocked == r.Blocked {
		return nil
	}
	if next.State == CannotStart && !next.Asked.IsZero() { // stopped on its way: it starts anew if it may again
		next.Asked, next.Expires, next.Reminded = 0, 0, nil
		next.Whom.SendByUs = false
	}
	k, _ := s.o.Rules.Kind(r.Kind)
	return s.settle(ctx, call, r, &next, k)
}

// mine keeps of a list what an actor may see.
func (s *Service) mine(call access.Call, list []Request) []Request {
	return slices.DeleteFunc(list, func(r Request) bool { return s.may(call, ActSee, r) != nil })
}
