package casefile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Outbox takes work to be done after the transaction; jobs.Outbox is one.
type Outbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
}

// Options for New. The func fields are facts of other stations and may be nil.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Jobs   Outbox

	// Names gives how to address doctors, by id. Without it the reference stands.
	Names func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// Search finds the doctors whose name or reference fits what was typed.
	Search func(ctx context.Context, call access.Call, text string) (doctors []string, err error)
	// ReplyDays is the programme's setting for answering a message, in working
	// days; 0 = none set, and then a reply has no date unless a person gives one.
	ReplyDays func(ctx context.Context, tenant string) (int, error)
	// SafetyPhone is the number a doctor who is not safe may call, "" for none.
	SafetyPhone func(ctx context.Context, tenant string) (string, error)
	// OrganisationNames gives names by organisation id. Without it the id stands.
	OrganisationNames func(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	// Staff lists the accounts that can be named as caseworker, id and name.
	Staff func(ctx context.Context, tenant string) ([][2]string, error)
	// FirstSteps lists what an actor still has to do before the programme can
	// work at all; none for most. Asked only while nothing waits for them.
	FirstSteps func(ctx context.Context, call access.Call) ([]FirstStep, error)
	// Soon is what comes soon for the actor, a doctor, and is theirs to read.
	Soon func(ctx context.Context, call access.Call) ([]Soon, error)
	// Moved hears, in the same transaction, of cases whose stage changed, or that
	// go on as another record of the same person, or no longer do. Of a
	// batch the call holds nothing but the tenant.
	Moved func(ctx context.Context, call access.Call, list []Moved) error
	// Holidays are the English bank holidays, for reply dates.
	Holidays map[clock.Date]bool
}

// Soon is one line of what comes soon, with the page that tells more.
type Soon struct{ Text, URL string }

// Moved is a case before and after its stage changed; Before has no stage when
// the case is new.
type Moved struct{ Before, After Case }

// Service keeps the cases. Safe for many goroutines once panels and sections
// are set.
type Service struct {
	Options
	db       *database.DB
	access   *access.Table
	audit    *audit.Log
	panels   []Panel
	sections []Section
}

// New makes the service; a database, a permission table, an audit log and an
// outbox are needed.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Jobs == nil {
		return nil, errors.New("casefile needs a database, a permission table, an audit log and an outbox")
	}
	return &Service{Options: o, db: o.DB, access: o.Access, audit: o.Audit}, nil
}

// Open begins a doctor's case. The caller has decided that it may; Conflict
// when the doctor has one already.
func (s *Service) Open(ctx context.Context, call access.Call, n NewCase) error {
	if n.Opened == 0 {
		n.Opened = call.Today
	}
	f := &file{Case: Case{Tenant: call.Actor.Tenant, Doctor: n.Doctor, Ref: n.Ref, Region: n.Region, Route: n.Route,
		Caseworker: n.Caseworker, Opened: n.Opened}}
	if err := f.take(n.First); err != nil {
		return err
	}
	f.Derived = f.derive()
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insertCase(ctx, f.Case); err != nil {
			return err
		}
		if err := s.insertMilestones(ctx, f.Tenant, f.Doctor, call.Now, f.live); err != nil {
			return err
		}
		if err := s.addParties(ctx, f.Tenant, f.Doctor, RelReferrer, n.Referrers); err != nil {
			return err
		}
		f.Version = 1
		if err := s.moveTotals(ctx, &held{file: f}); err != nil {
			return err
		}
		if err := s.tellMoved(ctx, call, &held{file: f}); err != nil {
			return err
		}
		s.keep(ctx, f).fresh = s.batch(ctx) != nil
		return nil
	})
}

// take adds milestones to the file in order of recording, and checks them.
func (f *file) take(list []Milestone) error {
	for _, m := range list {
		if !m.Kind.Known() || m.On == 0 || m.Owing != "" && !m.Owing.Known() {
			return fmt.Errorf("milestone %q of %s on %q owed by %q is not complete", m.Kind, f.Doctor, m.On, m.Owing)
		}
		f.lastSeq++
		m.Doctor, m.Seq = f.Doctor, f.lastSeq
		f.live = append(f.live, m)
	}
	return nil
}

// Record adds one milestone and derives the case anew. It asks no permission
// and writes no audit row: the use case that calls it did both.
func (s *Service) Record(ctx context.Context, call access.Call, m Milestone) error {
	return s.RecordAll(ctx, call, m.Doctor, []Milestone{m})
}

// RecordAll is Record for many milestones of one doctor, in the order given,
// for the price of one.
func (s *Service) RecordAll(ctx context.Context, call access.Call, doctor string, list []Milestone) error {
	return s.change(ctx, call, doctor, func(ctx context.Context, f *file) error {
		n := len(f.live)
		if err := f.take(list); err != nil {
			return err
		}
		return s.insertMilestones(ctx, f.Tenant, doctor, call.Now, f.live[n:])
	})
}

// Supersede takes the standing milestones of a kind and source out of force
// and puts another in their place, or none. NotFound when there are none.
func (s *Service) Supersede(ctx context.Context, call access.Call, doctor string, kind Kind, source string, with *Milestone) error {
	return s.change(ctx, call, doctor, func(ctx context.Context, f *file) error {
		var old []int64
		f.live = slices.DeleteFunc(f.live, func(m Milestone) bool {
			if m.Kind != kind || m.Source != source {
				return false
			}
			old = append(old, m.Seq)
			return true
		})
		if len(old) == 0 {
			return problem.Missing()
		}
		var by int64
		if with != nil {
			if err := f.take([]Milestone{*with}); err != nil {
				return err
			}
			by = f.lastSeq
			if err := s.insertMilestones(ctx, f.Tenant, doctor, call.Now, f.live[len(f.live)-1:]); err != nil {
				return err
			}
		}
		return s.supersede(ctx, f.Tenant, doctor, old, by)
	})
}

// Place copies onto the case what scoping needs. It asks no permission.
func (s *Service) Place(ctx context.Context, call access.Call, doctor string, in Placing) error {
	return s.change(ctx, call, doctor, func(ctx context.Context, f *file) error {
		for _, set := range []struct {
			to *string
			v  string
		}{{&f.Region, in.Region}, {&f.Route, in.Route}, {&f.Caseworker, in.Caseworker}} {
			if set.v != "" {
				*set.to = set.v
			}
		}
		for _, p := range []struct {
			rel Relation
			ids []string
		}{{RelOrganisation, in.Organisations}, {RelReferrer, in.Referrers}, {RelSupervisor, in.Supervisors}} {
			if p.ids == nil {
				continue
			}
			if err := s.setParties(ctx, f.Tenant, doctor, p.rel, p.ids); err != nil {
				return err
			}
		}
		return nil
	})
}

// SameAs says that a doctor's record goes on as another one of the same person,
// or with "" that it goes on itself. Nothing else of the case changes: while it
// names another it is in no list and no total, and taking that back puts it
// where it was. It asks no permission; a doctor without a case is no error.
func (s *Service) SameAs(ctx context.Context, call access.Call, doctor, as string) error {
	err := s.change(ctx, call, doctor, func(ctx context.Context, f *file) error {
		f.SameAs = as
		return s.setSame(ctx, f.Tenant, doctor, as)
	})
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	return err
}

// AddParty lets one more party stand in a relation to the case, as when a
// referrer's consent begins. Inside Tx.
func (s *Service) AddParty(ctx context.Context, call access.Call, doctor string, rel Relation, id string) error {
	return s.addParties(ctx, call.Actor.Tenant, doctor, rel, []string{id})
}

// RemoveParty ends that, as when a consent is withdrawn or runs out. Inside Tx.
func (s *Service) RemoveParty(ctx context.Context, call access.Call, doctor string, rel Relation, id string) error {
	return s.removeParty(ctx, call.Actor.Tenant, doctor, rel, id)
}

// change loads a case, lets fn change what it is derived from, and stores the
// row and the totals if they moved.
func (s *Service) change(ctx context.Context, call access.Call, doctor string, fn func(ctx context.Context, f *file) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		h, err := s.hold(ctx, call.Actor.Tenant, doctor)
		if err != nil {
			return err
		}
		f := h.copied()
		if err := fn(ctx, f); err != nil {
			return err
		}
		f.Derived = f.derive()
		h.file = f
		return s.save(ctx, call, h)
	})
}

// OpenTask says that something waits for a party. The same kind and source
// again only renews its words and date. It asks no permission.
func (s *Service) OpenTask(ctx context.Context, call access.Call, t Task) error {
	if t.Doctor == "" || t.Kind == "" || t.Title == "" || !t.Party.Known() || t.Urgent != (t.Kind == TaskUrgent) {
		return fmt.Errorf("task %q of %q for %q is not complete", t.Kind, t.Doctor, t.Party)
	}
	if t.Since == 0 {
		t.Since = call.Today
	}
	if t.Urgent {
		return s.change(ctx, call, t.Doctor, func(ctx context.Context, f *file) error {
			f.tasks = append(f.tasks, t)
			return s.upsertTask(ctx, f.Tenant, t)
		})
	}
	return s.db.Tx(ctx, func(ctx context.Context) error { return s.upsertTask(ctx, call.Actor.Tenant, t) })
}

// CloseTask says that it no longer waits; a task that is not open is no error.
func (s *Service) CloseTask(ctx context.Context, call access.Call, doctor, kind, source string) error {
	if kind == TaskUrgent {
		return s.change(ctx, call, doctor, func(ctx context.Context, f *file) error {
			return s.settle(ctx, call, f, kind, source)
		})
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		return s.closeTask(ctx, call.Actor.Tenant, doctor, kind, source, call.Today)
	})
}

// settle closes a task of a case being changed; an alarm stops with its last.
func (s *Service) settle(ctx context.Context, call access.Call, f *file, kind, source string) error {
	f.tasks = slices.DeleteFunc(f.tasks, func(t Task) bool { return t.Kind == kind && t.Source == source })
	return s.closeTask(ctx, f.Tenant, f.Doctor, kind, source, call.Today)
}

// Get reads a case for another service: no permission asked, no look recorded.
func (s *Service) Get(ctx context.Context, doctor string, tenant string) (Case, error) {
	if h := s.kept(ctx, tenant, doctor); h != nil {
		return s.one(ctx, tenant, []Case{h.Case}, nil)
	}
	list, err := s.cases(ctx, "SELECT "+caseColumns+" FROM casefile_case c WHERE c.tenant_id = $1 AND c.doctor_id = $2", tenant, doctor)
	return s.one(ctx, tenant, list, err)
}

// ByRef is Get by the outside reference, as a person may have typed it.
func (s *Service) ByRef(ctx context.Context, tenant, ref string) (Case, error) {
	if clean, ok := database.CheckRef(ref); ok {
		ref = clean
	}
	if err := s.flush(ctx); err != nil {
		return Case{}, err
	}
	list, err := s.cases(ctx, "SELECT "+caseColumns+" FROM casefile_case c WHERE c.tenant_id = $1 AND c.ref = $2", tenant, ref)
	return s.one(ctx, tenant, list, err)
}

func (s *Service) one(ctx context.Context, tenant string, list []Case, err error) (Case, error) {
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Case{}, err
	}
	c := list[0]
	with, err := database.Once(ctx, s.db, "casefile parties "+tenant+" "+c.Doctor, func() (Case, error) {
		err := s.withParties(ctx, tenant, list[:1])
		return list[0], err
	})
	c.Referrers, c.Organisations, c.Supervisors = with.Referrers, with.Organisations, with.Supervisors
	return c, err
}

// Many reads the cases of several doctors in two queries; a doctor without one
// is left out.
func (s *Service) Many(ctx context.Context, tenant string, doctors []string) (map[string]Case, error) {
	byDoctor := make(map[string]Case, len(doctors))
	if len(doctors) == 0 {
		return byDoctor, nil
	}
	list, err := s.cases(ctx, "SELECT "+caseColumns+" FROM casefile_case c WHERE c.tenant_id = $1 AND c.doctor_id IN "+
		database.In(2, len(doctors)), append([]any{tenant}, database.Args(doctors)...)...)
	for i, c := range list {
		if h := s.kept(ctx, tenant, c.Doctor); h != nil {
			list[i] = h.Case
		}
	}
	if err == nil {
		err = s.withParties(ctx, tenant, list)
	}
	for _, c := range list {
		byDoctor[c.Doctor] = c
	}
	return byDoctor, err
}

// Milestones lists the milestones that stand, oldest first.
func (s *Service) Milestones(ctx context.Context, tenant, doctor string) ([]Milestone, error) {
	h, err := s.hold(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	f := h.copied()
	slices.SortStableFunc(f.live, func(a, b Milestone) int {
		if a.On != b.On {
			return int(a.On - b.On)
		}
		return int(a.Seq - b.Seq)
	})
	return f.live, nil
}

// Recheck derives every case of a tenant anew and counts the rows that differ
// from what is stored: always 0, or something wrote past this package.
func (s *Service) Recheck(ctx context.Context, tenant string) (different int, err error) {
	if err := s.flush(ctx); err != nil {
		return 0, err
	}
	after := ""
	for {
		ids, err := s.caseIDs(ctx, tenant, after)
		if err != nil || len(ids) == 0 {
			return different, err
		}
		for _, id := range ids {
			f, err := s.load(ctx, tenant, id)
			if err != nil {
				return different, err
			}
			if f.derive() != f.Derived {
				different++
			}
		}
		after = ids[len(ids)-1]
	}
}
