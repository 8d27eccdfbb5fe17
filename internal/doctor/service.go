package doctor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Options for New. Resource, when set, tells how a doctor's record lies
// (regions, hosts, referrers): the case knows that, so app fills it.
type Options struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)
	// AskingChanged is told, in its transaction, of a new word on whom to ask.
	AskingChanged func(ctx context.Context, call access.Call, doctor string) error
	// SameAs is told, in its transaction, of the records that two verdicts touch:
	// of each, which record goes on as the same person, "" when it does itself.
	SameAs func(ctx context.Context, call access.Call, goesOn map[string]string) error
	// Earlier gives what was said on whom to ask before it was kept here.
	Earlier func(ctx context.Context, tenant, doctor string) ([]Said, error)
}

// Service is the use cases on people. Safe for many goroutines.
type Service struct {
	db       *database.DB
	access   *access.Table
	audit    *audit.Log
	resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)

	askingChanged func(ctx context.Context, call access.Call, doctor string) error
	sameAs        func(ctx context.Context, call access.Call, goesOn map[string]string) error
	earlier       func(ctx context.Context, tenant, doctor string) ([]Said, error)
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil {
		return nil, errors.New("doctor: DB, Access and Audit are needed")
	}
	return &Service{db: o.DB, access: o.Access, audit: o.Audit, resource: o.Resource,
		askingChanged: o.AskingChanged, sameAs: o.SameAs, earlier: o.Earlier}, nil
}

// May decides on one doctor's record. The case is asked only where the tenant
// or the person alone does not already give the answer.
func (s *Service) May(ctx context.Context, call access.Call, act access.Action, id string) error {
	r := access.Resource{Kind: "doctor", ID: id, Tenant: call.Actor.Tenant, Doctor: id}
	err := s.access.May(call.Actor, act, r)
	if err == nil || s.resource == nil || !s.access.Can(call.Actor, act) {
		return err
	}
	full, found := s.resource(ctx, call.Actor.Tenant, id)
	if found != nil {
		return err
	}
	return s.access.May(call.Actor, act, full)
}

// Create makes a record and gives its id and outside reference. Invalid
// details are refused with every fault.
func (s *Service) Create(ctx context.Context, call access.Call, n NewDoctor) (id, ref string, err error) {
	if err := s.access.May(call.Actor, ActCreate, access.Resource{Kind: "doctor", Tenant: call.Actor.Tenant}); err != nil {
		return "", "", err
	}
	return s.create(ctx, call, n, database.NewRef())
}

// CreateAs is Create for somebody who comes with a reference from elsewhere. It
// must be free here.
func (s *Service) CreateAs(ctx context.Context, call access.Call, n NewDoctor, ref string) (id string, err error) {
	if err := s.access.May(call.Actor, ActCreate, access.Resource{Kind: "doctor", Tenant: call.Actor.Tenant}); err != nil {
		return "", err
	}
	clean, ok := database.CheckRef(ref)
	if !ok || clean != ref {
		return "", problem.Refuse("The reference " + ref + " is not one of msw.")
	}
	if _, err := s.ByRef(ctx, call.Actor.Tenant, ref); problem.KindOf(err) != problem.NotFound {
		return "", cmp.Or[error](err, problem.Refuse("The reference "+ref+" is used here already."))
	}
	id, _, err = s.create(ctx, call, n, ref)
	return id, err
}

func (s *Service) create(ctx context.Context, call access.Call, n NewDoctor, ref string) (id, _ string, err error) {
	n = n.Tidy()
	if err := n.Check(call.Today); err != nil {
		return "", "", err
	}
	d := Doctor{Details: n, ID: database.NewID(), Ref: ref, Created: call.Now, Version: 1}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, call.Actor.Tenant, d); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCreate, Kind: "doctor", ID: d.ID, Person: d.ID, After: d.Details})
	})
	return d.ID, d.Ref, err
}

// Change replaces a record's details.
type Change struct {
	Doctor  string
	Version int // as read: a newer one in the store answers Stale
	Details
}

// Change saves new details over the version that was read.
func (s *Service) Change(ctx context.Context, call access.Call, c Change) error {
	if err := s.May(ctx, call, ActChange, c.Doctor); err != nil {
		return err
	}
	return s.change(ctx, call, c)
}

func (s *Service) change(ctx context.Context, call access.Call, c Change) error {
	c.Details = c.Details.Tidy()
	if err := c.Check(call.Today); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		before, err := s.load(ctx, call.Actor.Tenant, c.Doctor)
		if err != nil {
			return err
		}
		if before.Version != c.Version {
			return problem.Stale()
		}
		if before.NoteSealed && call.Actor.Doctor != c.Doctor { // staff must not write over what they cannot read
			c.Note, c.NoteSealed = before.Note, true
		}
		after := before
		if after.Details, err = s.untaken(ctx, call.Actor.Tenant, c.Doctor, before.Details, c.Details); err != nil {
			return err
		}
		if err := s.update(ctx, call.Actor.Tenant, before, after, call.Now); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActChange, Kind: "doctor", ID: c.Doctor, Person: c.Doctor, Before: before.Details, After: c.Details})
	})
}

// Read gives one record as the actor may see it, and notes the look.
func (s *Service) Read(ctx context.Context, call access.Call, id string) (Doctor, error) {
	if err := s.May(ctx, call, ActRead, id); err != nil {
		return Doctor{}, err
	}
	d, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return Doctor{}, err
	}
	d.Details = d.For(call.Actor, id)
	return d, s.audit.Look(ctx, call, audit.Look{Action: ActRead, Kind: "doctor", IDs: []string{id}, Person: id})
}

// Own gives the actor's own record.
func (s *Service) Own(ctx context.Context, call access.Call) (Doctor, error) {
	if call.Actor.Doctor == "" {
		return Doctor{}, problem.Missing()
	}
	if err := s.May(ctx, call, ActRead, call.Actor.Doctor); err != nil {
		return Doctor{}, err
	}
	return s.load(ctx, call.Actor.Tenant, call.Actor.Doctor)
}

// Names gives the names of many doctors in one statement, by id. It asks no
// permission: the caller has narrowed its list already.
func (s *Service) Names(ctx context.Context, tenant string, ids []string) (map[string]Name, error) {
	found, err := s.many(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	names := make(map[string]Name, len(found))
	for _, d := range found {
		names[d.ID] = d.name()
	}
	return names, nil
}

// Births gives dates of birth as far as they are known, for counting by age
// group. It asks no permission.
func (s *Service) Births(ctx context.Context, tenant string, ids []string) (map[string]clock.Date, error) {
	found, err := s.many(ctx, tenant, ids)
	out := make(map[string]clock.Date, len(found))
	for _, d := range found {
		if !d.BirthDate.IsZero() {
			out[d.ID] = d.BirthDate
		}
	}
	return out, err
}

// Outcodes gives where doctors live, as the first half of their postcodes; who
// said none is left out. It is location: for distances only, never for a page
// or a store. It asks no permission.
func (s *Service) Outcodes(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	found, err := s.many(ctx, tenant, ids)
	out := make(map[string]string, len(found))
	for _, d := range found {
		if d.Outcode != "" {
			out[d.ID] = d.Outcode
		}
	}
	return out, err
}

func (d Doctor) name() Name {
	return Name{Ref: d.Ref, Preferred: d.Preferred, AsWritten: d.AsWritten(), Native: d.Native}
}

// ByRef gives the id of the record with an outside reference as a person
// typed it. It asks no permission; the use case that follows does.
func (s *Service) ByRef(ctx context.Context, tenant, ref string) (id string, err error) {
	clean, ok := database.CheckRef(ref)
	if !ok {
		return "", problem.Missing()
	}
	return s.idByRef(ctx, tenant, clean)
}

// Get gives one record to another service, without permission or look.
func (s *Service) Get(ctx context.Context, tenant, id string) (Doctor, error) {
	return s.load(ctx, tenant, id)
}

// Contact gives what a message handler needs.
func (s *Service) Contact(ctx context.Context, tenant, id string) (Contact, error) {
	d, err := s.load(ctx, tenant, id)
	return d.contact(), err
}

// OfAccount gives the id of the record an account took over, "" for none.
func (s *Service) OfAccount(ctx context.Context, tenant, account string) (string, error) {
	return s.idByAccount(ctx, tenant, account)
}

// Link makes the account the owner of the record. The caller has proved the
// right to it (an invitation's code); one record has one owner, one account
// one record in a tenant, else Conflict.
func (s *Service) Link(ctx context.Context, call access.Call, id, account string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		done, err := s.insertAccount(ctx, call.Actor.Tenant, account, id, call.Now)
		if err != nil {
			return err
		}
		if !done {
			owned, err := s.idByAccount(ctx, call.Actor.Tenant, account)
			if err != nil || owned == id {
				return err
			}
			return problem.New(problem.Conflict, "This record, or this account, is already linked. Ask your caseworker to look.")
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActLink, Kind: "doctor", ID: id, Person: id, After: map[string]string{"account": account}})
	})
}

// Hit is one record found by a search.
type Hit struct {
	ID   string
	Name Name
}

const searchLimit = 150 // records opened for ranking one search

// Search finds people by name in any script, spelling and order, or by their
// reference, among those the actor may know of; best first, at most limit.
func (s *Service) Search(ctx context.Context, call access.Call, text string, limit int) ([]Hit, error) {
	hits, err := s.Find(ctx, s.access.Scope(call.Actor, ActSearch), text, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	return hits, s.audit.Look(ctx, call, audit.Look{Action: ActSearch, Query: "search", Kind: "doctor", IDs: ids}) // what was typed may be a name
}

// Find is Search in a scope made by another service, which notes the look and
// narrows by its own columns: a scope of All with Hidden finds in the tenant.
func (s *Service) Find(ctx context.Context, scope access.Scope, text string, limit int) ([]Hit, error) {
	if scope.None() {
		return nil, nil
	}
	if ref, ok := database.CheckRef(text); ok {
		if hits, err := s.findRef(ctx, scope, ref); err != nil || len(hits) > 0 {
			return hits, err
		}
	}
	typed := fold(text)
	if len(typed) == 0 || len(typed) > 6 {
		return nil, nil
	}
	var ids []string
	for _, wide := range []bool{false, true} {
		groups := make([][]string, len(typed))
		for i, p := range typed {
			groups[i] = s.lookFor(scope.Tenant, p, wide)
		}
		more, err := s.idsByTokens(ctx, scope, groups, searchLimit)
		if err != nil {
			return nil, err
		}
		for _, id := range more {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if len(ids) >= limit {
			break
		}
	}
	return s.ranked(ctx, scope.Tenant, ids, typed, limit)
}

func (s *Service) findRef(ctx context.Context, scope access.Scope, ref string) ([]Hit, error) {
	id, err := s.idByRef(ctx, scope.Tenant, ref)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil || slices.Contains(scope.Hidden, id) || !scope.All && scope.Doctor != id {
		return nil, err
	}
	names, err := s.Names(ctx, scope.Tenant, []string{id})
	return []Hit{{id, names[id]}}, err
}

func (s *Service) ranked(ctx context.Context, tenant string, ids []string, typed []part, limit int) ([]Hit, error) {
	found, err := s.many(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	type scored struct {
		Hit
		score int
	}
	var list []scored
	whole := joined(typed)
	for _, d := range found {
		score := closeness(typed, d.Details)
		if score == 0 {
			for _, form := range forms(d.Details) {
				if joined(form) == whole {
					score = 1
				}
			}
		}
		if score > 0 {
			list = append(list, scored{Hit{d.ID, d.name()}, score})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(b.score-a.score, cmp.Compare(a.Name.Shown(), b.Name.Shown()), cmp.Compare(a.ID, b.ID)) < 0
	})
	var hits []Hit
	for _, h := range list[:min(limit, len(list))] {
		hits = append(hits, h.Hit)
	}
	return hits, nil
}

// SealNote makes a story typed by mistake into the contact note unreadable to
// all but the doctor. The record of the deed says that, never the text.
func (s *Service) SealNote(ctx context.Context, call access.Call, id string) error {
	if err := s.May(ctx, call, ActSeal, id); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		before, err := s.load(ctx, call.Actor.Tenant, id)
		if err != nil || before.Note == "" || before.NoteSealed {
			return err
		}
		after := before
		after.NoteSealed = true
		if err := s.update(ctx, call.Actor.Tenant, before, after, call.Now); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActSeal, Kind: "doctor", ID: id, Person: id, After: map[string]string{"sealed": "note"}})
	})
}

// The states of a section of the application.
const (
	NotStarted = "not started"
	InProgress = "in progress"
	Done       = "done"
)

// AboutState tells how far the doctor is with "About you".
func (d Details) AboutState() string {
	return state(d.AboutSaid && d.AsWritten() != "", d.AsWritten() != "" || d.Native != "")
}

// ContactState tells how far the doctor is with "Contact".
func (d Details) ContactState() string {
	return state(d.ContactSaid && (d.Email != "" || d.Mobile != "") && len(d.Ways) > 0, d.ContactSaid || len(d.Ways) > 0)
}

func state(done, begun bool) string {
	switch {
	case done:
		return Done
	case begun:
		return InProgress
	}
	return NotStarted
}

// AboutState and ContactState are the states of the two sections of the
// application that this package owns, for the task list.
func (s *Service) AboutState(ctx context.Context, call access.Call, id string) (string, error) {
	d, err := s.load(ctx, call.Actor.Tenant, id)
	return d.AboutState(), err
}

// ContactState is AboutState for "Contact".
func (s *Service) ContactState(ctx context.Context, call access.Call, id string) (string, error) {
	d, err := s.load(ctx, call.Actor.Tenant, id)
	return d.ContactState(), err
}
