package document

import (
	"context"
	"errors"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/jobs"
	"msw/internal/problem"
	"msw/internal/programme"
)

// Options for New; Scanner, Ready and the funcs of names may be left out.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Jobs   *jobs.Outbox
	Blobs  Blobs
	// Scanner looks for malware; without one nothing is shown to others.
	Scanner Scanner
	// Resource tells how a doctor's case lies.
	Resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)
	// Employers are the organisations that employ a doctor or made them an offer
	// they accepted: the only ones that open evidence of the right to work.
	Employers func(ctx context.Context, tenant, doctor string) ([]string, error)
	// Setting reads a number the programme set.
	Setting func(ctx context.Context, tenant, name string) (int, error)
	// Ready, when set, is called in the transaction in which a document may be
	// opened by those who may, for the first time.
	Ready func(ctx context.Context, call access.Call, d Document) error
	// Names and AccountNames name doctors and colleagues on pages.
	Names        func(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	AccountNames func(ctx context.Context, tenant string, accounts []string) (map[string]string, error)
	// Ref and ByRef go from a doctor to the outside reference of their case and back.
	Ref   func(ctx context.Context, tenant, doctor string) (string, error)
	ByRef func(ctx context.Context, tenant, ref string) (doctor string, err error)
	// RightToWork says in one line what the team may know of a doctor's permission
	// to work: category, outcome and end date. "" when nothing is known.
	RightToWork func(ctx context.Context, call access.Call, doctor string) (string, error)
	// ScannerNote is said wherever it matters what the scanner is worth: the demo's.
	ScannerNote string
	// Fictional says that the records are invented, as in the demo.
	Fictional bool
	// AtOnce is how many files are checked at the same time; 1 when 0.
	AtOnce int
}

// Service keeps documents. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	room   chan struct{} // one for each file that may be checked at once
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Jobs == nil || o.Blobs == nil || o.Resource == nil || o.Employers == nil || o.Setting == nil {
		return nil, errors.New("document needs a database, a permission table, an audit log, an outbox, a blob store, resources, employers and settings")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, room: make(chan struct{}, max(1, o.AtOnce))}, nil
}

// resource is how a doctor's documents of a class lie: evidence of the right to
// work belongs to the employer of record, whoever else is near the case.
func (s *Service) resource(ctx context.Context, tenant, doctor string, class Class) (access.Resource, error) {
	r, err := s.o.Resource(ctx, tenant, doctor)
	if err != nil {
		return r, err
	}
	r.Kind, r.Doctor = "document", doctor
	r.Organisations = nil
	if class == RightToWork {
		r.Organisations, err = s.o.Employers(ctx, tenant, doctor)
	}
	return r, err
}

// permit loads a document for an action; Missing for all who may not open its
// class, or not do this.
func (s *Service) permit(ctx context.Context, call access.Call, act access.Action, id string) (Document, error) {
	d, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return d, err
	}
	return d, s.may(ctx, call, act, d.Doctor, d.Class())
}

// changeable is permit for what changes a document: it is its doctor's to change,
// and theirs who brought it. Others look; nobody destroys another's evidence.
func (s *Service) changeable(ctx context.Context, call access.Call, id string) (Document, error) {
	d, err := s.permit(ctx, call, ActAdd, id)
	if err == nil && call.Actor.Doctor != d.Doctor && call.Actor.Account != d.By {
		err = problem.Missing()
	}
	return d, err
}

func (s *Service) may(ctx context.Context, call access.Call, act access.Action, doctor string, class Class) error {
	r, err := s.resource(ctx, call.Actor.Tenant, doctor, class)
	if err != nil {
		return err
	}
	if err := s.access.May(call.Actor, act, r); err != nil {
		return problem.Missing()
	}
	if act == ActAdd && class != General && call.Actor.Doctor != doctor {
		return problem.Missing() // staff may not even bring what they may not open
	}
	return nil
}

// Limits reads what the programme allows.
func (s *Service) Limits(ctx context.Context, tenant string) (l Limits, err error) {
	megabytes, err := s.o.Setting(ctx, tenant, programme.DocumentMegabytes)
	if err != nil {
		return l, err
	}
	l.FileBytes = int64(megabytes) << 20
	if l.Pages, err = s.o.Setting(ctx, tenant, programme.DocumentPages); err != nil {
		return l, err
	}
	l.Documents, err = s.o.Setting(ctx, tenant, programme.DocumentCount)
	return l, err
}

// Add begins a document; its pages come next.
func (s *Service) Add(ctx context.Context, call access.Call, n NewDocument) (Document, error) {
	tenant := call.Actor.Tenant
	var d Document
	if err := n.check(); err != nil {
		return d, err
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.may(ctx, call, ActAdd, n.Doctor, KindOf(n.Kind).Class); err != nil {
			return err
		}
		limits, err := s.Limits(ctx, tenant)
		if err != nil {
			return err
		}
		count, err := s.howMany(ctx, tenant, n.Doctor)
		if err != nil {
			return err
		}
		if count >= limits.Documents && n.Replaces == "" {
			return problem.Refuse("There is no room for another document.", "There are already as many documents as this programme keeps for one person. Withdraw one that is not needed, or replace one.")
		}
		d = Document{ID: database.NewRef(), Version: 1, Doctor: n.Doctor, Kind: n.Kind, State: Empty, AddedOn: call.Today, AddedAt: call.Now, By: call.Actor.Account,
			Replaces: n.Replaces, TranslationOf: n.TranslationOf, Words: n.Words}
		if err := s.related(ctx, call, d); err != nil {
			return err
		}
		if err := s.insert(ctx, tenant, d); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActAdd, Kind: "document", ID: d.ID, Person: d.Doctor, After: d})
	})
	return d, err
}

// related checks what a document translates and what it takes the place of, and
// keeps the old one as history.
func (s *Service) related(ctx context.Context, call access.Call, d Document) error {
	tenant := call.Actor.Tenant
	if d.TranslationOf != "" {
		original, err := s.load(ctx, tenant, d.TranslationOf)
		if err != nil || original.Doctor != d.Doctor || original.Kind == "translation" || original.Class() != d.Class() {
			return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "translation_of", Message: "Choose which document this translates"}}}
		}
	}
	if d.Replaces == "" {
		return nil
	}
	old, err := s.changeable(ctx, call, d.Replaces)
	if err != nil {
		return err
	}
	if old.Doctor != d.Doctor || old.Class() != d.Class() {
		return problem.Missing()
	}
	if !old.Live() {
		return problem.Stale()
	}
	return nil
}

// replace puts a document in the place of the one it replaces, once it has a
// page: until then the old one stands.
func (s *Service) replace(ctx context.Context, call access.Call, d Document) error {
	if d.Replaces == "" {
		return nil
	}
	old, err := s.load(ctx, call.Actor.Tenant, d.Replaces)
	if err != nil || !old.Live() {
		return err
	}
	before := old
	old.ReplacedBy, old.State = d.ID, Replaced
	if err := s.update(ctx, call.Actor.Tenant, old); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActAdd, Kind: "document", ID: old.ID, Person: old.Doctor, Before: before, After: old})
}

// Rename gives a document another title and its pages their names; pages by id.
func (s *Service) Rename(ctx context.Context, call access.Call, id string, version int, words Words, pages map[string]string) error {
	return s.change(ctx, call, id, version, func(ctx context.Context, d *Document) error {
		if err := (NewDocument{Kind: d.Kind, TranslationOf: d.TranslationOf, Words: words}).check(); err != nil {
			return err
		}
		d.Words = words
		list, err := s.pagesOf(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		for _, p := range list {
			name, given := pages[p.ID]
			if !given || name == p.Name {
				continue
			}
			if p.Name = name; len([]rune(name)) > titleLength {
				p.Name = string([]rune(name)[:titleLength])
			}
			if err := s.updatePage(ctx, call.Actor.Tenant, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// Withdraw takes a document back: nobody but the doctor sees it any more, and
// what was decided on it keeps its record.
func (s *Service) Withdraw(ctx context.Context, call access.Call, id string, version int) error {
	return s.change(ctx, call, id, version, func(_ context.Context, d *Document) error {
		d.WithdrawnOn, d.State = call.Today, Withdrawn
		return nil
	})
}

// TakeOut removes one page: its file is destroyed, the row stays as a record.
func (s *Service) TakeOut(ctx context.Context, call access.Call, id, pageID string) error {
	return s.change(ctx, call, id, 0, func(ctx context.Context, d *Document) error {
		tenant := call.Actor.Tenant
		p, err := s.page(ctx, tenant, pageID)
		if err != nil {
			return err
		}
		if p.Document != id || !p.WithdrawnOn.IsZero() {
			return problem.Missing()
		}
		p.WithdrawnOn = call.Today
		if err := s.updatePage(ctx, tenant, p); err != nil {
			return err
		}
		if err := s.drop(ctx, tenant, call.Now, p.blob); err != nil {
			return err
		}
		left, err := s.pagesOf(ctx, tenant, id)
		if err != nil {
			return err
		}
		d.Pages, d.State = len(left), stateOf(*d, left)
		return nil
	})
}

// change is one change of a document that stands; version 0 takes any.
func (s *Service) change(ctx context.Context, call access.Call, id string, version int, fn func(ctx context.Context, d *Document) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.changeable(ctx, call, id)
		if err != nil {
			return err
		}
		if !d.Live() || version != 0 && version != d.Version {
			return problem.Stale()
		}
		before := d
		if err := fn(ctx, &d); err != nil {
			return err
		}
		if err := s.update(ctx, call.Actor.Tenant, d); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActAdd, Kind: "document", ID: id, Person: d.Doctor, Before: before, After: d})
	})
}
