package document

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

// Of lists the documents of a doctor that stand, the oldest first, for another
// station: no permission asked, no look recorded.
func (s *Service) Of(ctx context.Context, tenant, doctor string) ([]Document, error) {
	list, err := s.ofDoctor(ctx, tenant, doctor)
	return slices.DeleteFunc(list, func(d Document) bool { return !d.Live() }), err
}

// Get reads a document for another station: no permission asked, no look recorded.
func (s *Service) Get(ctx context.Context, tenant, id string) (Document, error) {
	return s.load(ctx, tenant, id)
}

// Exists tells whether a document is this doctor's and stands.
func (s *Service) Exists(ctx context.Context, tenant, doctor, id string) (bool, error) {
	return s.exists(ctx, tenant, doctor, id)
}

// MayOpen tells whether the actor may open documents of this class of a doctor.
func (s *Service) MayOpen(ctx context.Context, call access.Call, doctor string, class Class) (bool, error) {
	err := s.may(ctx, call, class.open(), doctor, class)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil
	}
	return err == nil, err
}

// List gives the documents of a doctor that the actor may know of, with what
// was replaced only for the doctor and the team. It records the look.
func (s *Service) List(ctx context.Context, call access.Call, doctor string) ([]Document, error) {
	list, err := s.visible(ctx, call, doctor)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Query: "documents of one doctor", Kind: "document", IDs: ids, Person: doctor})
}

// visible is List without the look.
func (s *Service) visible(ctx context.Context, call access.Call, doctor string) ([]Document, error) {
	may := map[Class]bool{}
	some := false
	for _, class := range []Class{General, RightToWork, Protected} {
		if s.may(ctx, call, ActSee, doctor, class) != nil {
			continue
		}
		ok, err := s.MayOpen(ctx, call, doctor, class)
		if err != nil {
			return nil, err
		}
		may[class], some = ok, some || ok
	}
	if !some {
		return nil, problem.Missing()
	}
	list, err := s.ofDoctor(ctx, call.Actor.Tenant, doctor)
	own := call.Actor.Doctor == doctor
	return slices.DeleteFunc(list, func(d Document) bool { return !may[d.Class()] || !own && (d.State == Withdrawn || d.State == Empty) }), err
}

// Sight is a document with its pages, as one actor sees it.
type Sight struct {
	Document
	PagesList []Page
	Own       bool // the actor is the doctor
	MayChange bool
	MayOpen   bool // the pages may be opened by this actor now
	Original  *Document
	Others    []Document // translations of it
	Scanner   bool       // one is configured
}

// Look opens a document's page for an actor and records the look.
func (s *Service) Look(ctx context.Context, call access.Call, id string) (Sight, error) {
	v, err := s.sight(ctx, call, id)
	if err != nil {
		return v, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Query: "one document", Kind: "document", IDs: []string{id}, Person: v.Doctor})
}

func (s *Service) sight(ctx context.Context, call access.Call, id string) (Sight, error) {
	tenant := call.Actor.Tenant
	d, err := s.permit(ctx, call, ActSee, id)
	if err != nil {
		return Sight{}, err
	}
	ok, err := s.MayOpen(ctx, call, d.Doctor, d.Class())
	if err != nil {
		return Sight{}, err
	}
	v := Sight{Document: d, Own: call.Actor.Doctor == d.Doctor, Scanner: s.o.Scanner != nil}
	if !ok || !v.Own && (d.State == Withdrawn || d.State == Empty) {
		return Sight{}, problem.Missing()
	}
	v.MayOpen = v.Own || d.State == Ready || d.State == Replaced
	_, err = s.changeable(ctx, call, id)
	v.MayChange = d.Live() && err == nil
	if v.PagesList, err = s.pagesOf(ctx, tenant, id); err != nil {
		return v, err
	}
	return v, s.beside(ctx, tenant, &v)
}

// beside adds the original of a translation, or the translations of an original.
func (s *Service) beside(ctx context.Context, tenant string, v *Sight) error {
	list, err := s.ofDoctor(ctx, tenant, v.Doctor)
	for _, d := range list {
		switch {
		case d.ID == v.TranslationOf:
			v.Original = &d
		case d.TranslationOf == v.ID && (d.Live() || v.Own):
			v.Others = append(v.Others, d)
		}
	}
	return err
}

// Opened is a page's file. Close it.
type Opened struct {
	io.ReadCloser
	Document Document
	Page     Page
	Name     string // under which it is saved: of our own making
}

// Open opens a page for an actor and records it. It is Missing for all who may
// not, and for all but the doctor while a scan has not called the page clean; an
// infected page opens for nobody. It asks and records in a transaction of its
// own: call it outside one.
func (s *Service) Open(ctx context.Context, call access.Call, id, pageID string) (Opened, error) {
	tenant := call.Actor.Tenant
	d, err := s.load(ctx, tenant, id)
	if err != nil {
		return Opened{}, err
	}
	act := d.Class().open()
	if err := s.may(ctx, call, act, d.Doctor, d.Class()); err != nil {
		return Opened{}, err
	}
	p, err := s.page(ctx, tenant, pageID)
	if err != nil {
		return Opened{}, err
	}
	own := call.Actor.Doctor == d.Doctor
	switch {
	case p.Document != id, !p.WithdrawnOn.IsZero(), !own && d.State == Withdrawn, p.Scan == ScanInfected, !own && !p.Scan.opens():
		return Opened{}, problem.Missing()
	}
	if err := s.audit.Look(ctx, call, audit.Look{Action: act, Query: "opened a page", Kind: "document page", IDs: []string{p.ID}, Person: d.Doctor}); err != nil {
		return Opened{}, err
	}
	r, err := s.read(ctx, tenant, p)
	if err != nil {
		return Opened{}, err
	}
	return Opened{ReadCloser: r, Document: d, Page: p, Name: d.Kind + "-" + p.ID + p.Format.Suffix()}, nil
}

func (s *Service) read(ctx context.Context, tenant string, p Page) (io.ReadCloser, error) {
	in, err := s.o.Blobs.Open(ctx, p.blob)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.Wrap(problem.Unavailable, "This file is not in the store. Tell the people who run this service: a backup may have it.", err)
	}
	if err != nil {
		return nil, problem.Wrap(problem.Unavailable, "The store of documents does not answer. Try again in a few minutes.", err)
	}
	return s.opening(ctx, home{tenant: tenant, doctor: p.Doctor, document: p.Document, page: p.ID, blob: p.blob}, in), nil
}

// SameFile lists the same file, byte for byte, under two people: the newest
// first, after the key of the last pair seen. The look is recorded.
func (s *Service) SameFile(ctx context.Context, call access.Call, after string, most int) ([]Pair, error) {
	if err := s.access.May(call.Actor, ActSame, access.Resource{Kind: "document", Tenant: call.Actor.Tenant}); err != nil {
		return nil, err
	}
	list, err := s.same(ctx, call.Actor.Tenant, "", after, most)
	if err != nil {
		return nil, err
	}
	hidden := func(p Pair) bool {
		return slices.Contains(call.Actor.Hidden, p.Doctor) || slices.Contains(call.Actor.Hidden, p.OtherDoctor)
	}
	list = slices.DeleteFunc(list, hidden)
	var ids []string
	for _, p := range list {
		ids = append(ids, p.Page, p.OtherPage)
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActSame, Query: "the same file under two people", Kind: "document page", IDs: ids})
}

// SameFileOf lists the pairs of one doctor for another station: no permission
// asked, no look recorded.
func (s *Service) SameFileOf(ctx context.Context, tenant, doctor string) ([]Pair, error) {
	return s.same(ctx, tenant, doctor, "", 50)
}
