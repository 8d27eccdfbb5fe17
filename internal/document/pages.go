package document

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages is the browser's face of documents.
type Pages struct{ s *Service }

// NewPages makes the pages.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/documents", Action: ActAdd, Handle: p.own},
		{Method: "GET", Pattern: "/cases/{ref}/documents", Action: ActSee, Handle: p.list},
		{Method: "GET", Pattern: "/documents/add", Action: ActAdd, Handle: p.adding},
		{Method: "POST", Pattern: "/documents/add", Action: ActAdd, Handle: p.add},
		{Method: "GET", Pattern: "/documents/{id}", Action: ActSee, Handle: p.show},
		{Method: "POST", Pattern: "/documents/{id}/pages", Action: ActAdd, Handle: p.receive, Stream: true, OwnTx: true, Limit: 60},
		{Method: "GET", Pattern: "/documents/{id}/pages/{page}/picture", Action: ActSee, Handle: p.picture},
		{Method: "GET", Pattern: "/documents/{id}/pages/{page}/file", Action: ActSee, Handle: p.file},
		{Method: "POST", Pattern: "/documents/{id}/pages/{page}/remove", Action: ActAdd, Handle: p.remove},
		{Method: "GET", Pattern: "/documents/{id}/details", Action: ActAdd, Handle: p.details},
		{Method: "POST", Pattern: "/documents/{id}/details", Action: ActAdd, Handle: p.rename},
		{Method: "GET", Pattern: "/documents/{id}/withdraw", Action: ActAdd, Handle: p.withdrawing},
		{Method: "POST", Pattern: "/documents/{id}/withdraw", Action: ActAdd, Handle: p.withdraw},
		{Method: "POST", Pattern: "/documents/{id}/uploads.json", Action: ActAdd, Handle: p.begin, OwnTx: true, Limit: 120},
		{Method: "GET", Pattern: "/documents/{id}/uploads/{upload}/progress.json", Action: ActAdd, Handle: p.progress},
		{Method: "POST", Pattern: "/documents/{id}/uploads/{upload}/part.json", Action: ActAdd, Handle: p.part, Stream: true, OwnTx: true},
		{Method: "POST", Pattern: "/documents/{id}/uploads/{upload}/finish.json", Action: ActAdd, Handle: p.finish, OwnTx: true},
		{Method: "GET", Pattern: "/same-files", Action: ActSame, Handle: p.same},
	}
}

// Panel shows a doctor's documents on the case page.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	v, err := p.shelf(ctx, call, doctor)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v.Panel = true
	return shelfBody(v), nil
}

// Panels are the parts of the case page this package owns.
func (p *Pages) Panels() []casefile.Panel {
	return []casefile.Panel{{ID: "documents", Title: "Documents", Order: 25, Render: p.Panel}}
}

// Viewer shows the pages of one document beside something else, as for a check;
// the look is recorded, and each picture's opening as well.
func (p *Pages) Viewer(ctx context.Context, call access.Call, id string) (templ.Component, error) {
	v, err := p.s.Look(ctx, call, id)
	if err != nil {
		return nil, err
	}
	return viewer(showView{Sight: v}), nil
}

// State tells the application's task list how far the documents are: they can
// be left out.
func (s *Service) State(ctx context.Context, call access.Call, doctor string) (string, error) {
	list, err := s.Of(ctx, call.Actor.Tenant, doctor)
	state := casefile.StateNotStarted
	for _, d := range list {
		switch {
		case d.State == Empty || d.State == Infected:
			return casefile.StateInProgress, err
		default:
			state = casefile.StateDone
		}
	}
	return state, err
}

// shelfView is a doctor's documents as one actor sees them.
type shelfView struct {
	Documents []Document
	Old       []Document // replaced and withdrawn
	Ref       string
	Own       bool
	MayAdd    bool
	Scanner   bool
	Note      string
	Right     string // what the team may know of the right to work
	Employer  bool   // the actor opens evidence of the right to work and nothing else
	Panel     bool
	MaySame   bool
	Limits    Limits
}

func (p *Pages) shelf(ctx context.Context, call access.Call, doctor string) (shelfView, error) {
	list, err := p.s.List(ctx, call, doctor)
	if err != nil {
		return shelfView{}, err
	}
	v := shelfView{Own: call.Actor.Doctor == doctor, Scanner: p.s.o.Scanner != nil, Note: p.s.o.ScannerNote,
		MaySame: p.s.access.Can(call.Actor, ActSame), MayAdd: p.s.may(ctx, call, ActAdd, doctor, General) == nil}
	for _, d := range list {
		if d.Live() {
			v.Documents = append(v.Documents, d)
		} else {
			v.Old = append(v.Old, d)
		}
	}
	if v.Limits, err = p.s.Limits(ctx, call.Actor.Tenant); err != nil {
		return v, err
	}
	if p.s.o.Ref != nil {
		if v.Ref, err = p.s.o.Ref(ctx, call.Actor.Tenant, doctor); err != nil {
			return v, err
		}
	}
	general, err := p.s.MayOpen(ctx, call, doctor, General)
	if err != nil {
		return v, err
	}
	right, err := p.s.MayOpen(ctx, call, doctor, RightToWork)
	v.Employer = right && !general
	if err == nil && general && !right && p.s.o.RightToWork != nil {
		v.Right, err = p.s.o.RightToWork(ctx, call, doctor)
	}
	return v, err
}

func (p *Pages) own(r *web.Request) (web.Response, error) {
	if r.Call.Actor.Doctor == "" {
		return web.Response{}, problem.Missing()
	}
	v, err := p.shelf(r.Context(), r.Call, r.Call.Actor.Doctor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Your documents", Back: "/apply", BackText: "Your application", Body: shelfBody(v)}), nil
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	doctor, err := p.s.o.ByRef(r.Context(), r.Call.Actor.Tenant, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v, err := p.shelf(r.Context(), r.Call, doctor)
	if err != nil {
		return web.Response{}, err
	}
	name, err := p.name(r, doctor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Documents", Caption: name, Back: "/cases/" + v.Ref, BackText: "Case", Body: shelfBody(v)}), nil
}

func (p *Pages) name(r *web.Request, doctor string) (string, error) {
	if p.s.o.Names == nil {
		return "", nil
	}
	names, err := p.s.o.Names(r.Context(), r.Call.Actor.Tenant, []string{doctor})
	return names[doctor], err
}

// whose is the doctor a form is about: the actor, or the one of a case.
func (p *Pages) whose(r *web.Request) (doctor string, err error) {
	if ref := r.Text("case"); ref != "" {
		doctor, err = p.s.o.ByRef(r.Context(), r.Call.Actor.Tenant, ref)
	} else {
		doctor = r.Call.Actor.Doctor
	}
	if err == nil && doctor == "" {
		err = problem.Missing()
	}
	return doctor, err
}

type addView struct {
	Key, Case                                    string
	Kind, Title, Language, Translator, Certified string
	TranslationOf                                string
	Replaces                                     Document
	Originals                                    []nhs.Option
	Kinds                                        []nhs.Option
	Limits                                       Limits
	Own                                          bool
	Errors                                       nhs.Errors
}

func (p *Pages) adding(r *web.Request) (web.Response, error) { return p.addForm(r, nil) }

func (p *Pages) addForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	ctx, tenant := r.Context(), r.Call.Actor.Tenant
	v := addView{Key: r.Key(), Case: r.Text("case"), Kind: r.Text("kind"), Title: r.Text("title"), Language: r.Text("language"), Translator: r.Text("translator"),
		Certified: r.Text("certified"), TranslationOf: r.Text("translation_of"), Errors: errs}
	doctor, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	if id := r.Text("replaces"); id != "" {
		if v.Replaces, err = p.s.changeable(ctx, r.Call, id); err != nil {
			return web.Response{}, err
		}
		doctor = v.Replaces.Doctor
		v.Kind = v.Replaces.Kind
	}
	if err := p.s.may(ctx, r.Call, ActAdd, doctor, General); err != nil {
		return web.Response{}, err
	}
	v.Own = r.Call.Actor.Doctor == doctor
	if v.Limits, err = p.s.Limits(ctx, tenant); err != nil {
		return web.Response{}, err
	}
	list, err := p.s.visible(ctx, r.Call, doctor)
	if err != nil {
		return web.Response{}, err
	}
	for _, d := range list {
		if d.Live() && !KindOf(d.Kind).Translation && d.Class() == General {
			v.Originals = append(v.Originals, nhs.Option{Value: d.ID, Label: d.Name()})
		}
	}
	for _, k := range Kinds() {
		if (v.Own || k.Class == General) && (v.Replaces.ID == "" || k.Code == v.Replaces.Kind) {
			option := nhs.Option{Value: k.Code, Label: k.Title, Hint: k.Hint}
			if k.Translation {
				if len(v.Originals) == 0 {
					continue
				}
				option.Conditional = translationFields(v)
			}
			v.Kinds = append(v.Kinds, option)
		}
	}
	page := web.PageData{Title: "Add a document", Back: "/documents", BackText: "Your documents", Errors: errs, Body: addPage(v)}
	if !v.Own {
		page.Back, page.BackText = "/cases/"+v.Case+"/documents", "Documents"
		if page.Caption, err = p.name(r, doctor); err != nil {
			return web.Response{}, err
		}
	}
	if v.Replaces.ID != "" {
		page.Title, page.Back, page.BackText = "Replace a document", "/documents/"+v.Replaces.ID, v.Replaces.Name()
	}
	return web.Page(r, page), nil
}

func (p *Pages) add(r *web.Request) (web.Response, error) {
	doctor, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	n := NewDocument{Doctor: doctor, Kind: r.Text("kind"), Replaces: r.Text("replaces"), Words: Words{Title: r.Text("title")}}
	if n.Replaces != "" {
		old, err := p.s.changeable(r.Context(), r.Call, n.Replaces)
		if err != nil {
			return web.Response{}, err
		}
		n.Doctor, n.Kind = old.Doctor, old.Kind
		n.TranslationOf, n.Language, n.Translator, n.Certified = old.TranslationOf, old.Language, old.Translator, old.Certified
		if n.Title == "" {
			n.Title = old.Title
		}
	} else if KindOf(n.Kind).Translation {
		n.TranslationOf, n.Language, n.Translator, n.Certified = r.Text("translation_of"), r.Text("language"), r.Text("translator"), r.Text("certified")
	}
	d, err := p.s.Add(r.Context(), r.Call, n)
	if errs, ok := web.FieldErrors(err); ok {
		return p.addForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/documents/"+d.ID, ""), nil
}

type showView struct {
	Sight
	Key      func() string
	Ref      string
	Note     string
	Limits   Limits
	PageName string
	Errors   nhs.Errors
}

func (p *Pages) show(r *web.Request) (web.Response, error) { return p.showPage(r, "", nil) }

func (p *Pages) showPage(r *web.Request, pageName string, errs nhs.Errors) (web.Response, error) {
	ctx, tenant := r.Context(), r.Call.Actor.Tenant
	sight, err := p.s.Look(ctx, r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := showView{Sight: sight, Key: r.Key, Note: p.s.o.ScannerNote, PageName: pageName, Errors: errs}
	if v.Limits, err = p.s.Limits(ctx, tenant); err != nil {
		return web.Response{}, err
	}
	page := web.PageData{Title: sight.Name(), Caption: KindOf(sight.Kind).Title, Back: "/documents", BackText: "Your documents", Errors: errs, Wide: !sight.Own}
	if sight.Title == "" {
		page.Caption = "Document"
	}
	if !sight.Own {
		if v.Ref, err = p.s.o.Ref(ctx, tenant, sight.Doctor); err != nil {
			return web.Response{}, err
		}
		name, err := p.name(r, sight.Doctor)
		if err != nil {
			return web.Response{}, err
		}
		page.Caption, page.Back, page.BackText = name+": "+KindOf(sight.Kind).Title, "/cases/"+v.Ref+"/documents", "Documents"
	}
	page.Body = showBody(v)
	return web.Page(r, page), nil
}

func (p *Pages) details(r *web.Request) (web.Response, error) { return p.detailsForm(r, nil) }

type detailsView struct {
	Sight
	Key    string
	Errors nhs.Errors
	Typed  func(name, now string) string
}

func (p *Pages) detailsForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err == nil && !sight.MayChange {
		err = problem.Missing()
	}
	if err != nil {
		return web.Response{}, err
	}
	v := detailsView{Sight: sight, Key: r.Key(), Errors: errs, Typed: func(name, now string) string {
		if errs != nil {
			return r.Text(name)
		}
		return now
	}}
	return web.Page(r, web.PageData{Title: "Names of the document and its pages", Back: "/documents/" + sight.ID, Errors: errs, Body: detailsPage(v)}), nil
}

func (p *Pages) rename(r *web.Request) (web.Response, error) {
	id := r.PathValue("id")
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	pages := map[string]string{}
	for name := range r.Form {
		if page, ok := strings.CutPrefix(name, "page-"); ok {
			pages[page] = r.Text(name)
		}
	}
	err = p.s.Rename(r.Context(), r.Call, id, version, Words{Title: r.Text("title"), Language: r.Text("language"), Translator: r.Text("translator"), Certified: r.Text("certified")}, pages)
	if errs, ok := web.FieldErrors(err); ok {
		return p.detailsForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/documents/"+id, "Saved"), nil
}

func (p *Pages) withdrawing(r *web.Request) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err == nil && !sight.MayChange {
		err = problem.Missing()
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Take this document back", Caption: sight.Name(), Back: "/documents/" + sight.ID,
		Body: withdrawPage(detailsView{Sight: sight, Key: r.Key()})}), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	d, err := p.s.changeable(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if err := p.s.Withdraw(r.Context(), r.Call, d.ID, version); err != nil {
		return web.Response{}, err
	}
	if r.Call.Actor.Doctor == d.Doctor {
		return web.SeeOther("/documents", "The document was taken back"), nil
	}
	ref, err := p.s.o.Ref(r.Context(), r.Call.Actor.Tenant, d.Doctor)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/cases/"+ref+"/documents", "The document was taken back"), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	id := r.PathValue("id")
	if err := p.s.TakeOut(r.Context(), r.Call, id, r.PathValue("page")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/documents/"+id, "The page was removed and its file destroyed"), nil
}

type sameView struct {
	Rows []sameRow
	Next string
}

type sameRow struct {
	Pair
	Name, OtherName, Ref, OtherRef string
}

func (p *Pages) same(r *web.Request) (web.Response, error) {
	const pageSize = 25
	after := ""
	if keys := r.After(1); keys != nil {
		after = keys[0]
	}
	list, err := p.s.SameFile(r.Context(), r.Call, after, pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	var v sameView
	if len(list) > pageSize {
		list = list[:pageSize]
		v.Next = r.NextPage(list[pageSize-1].ID)
	}
	var ids []string
	for _, pair := range list {
		ids = append(ids, pair.Doctor, pair.OtherDoctor)
	}
	names, err := p.s.o.Names(r.Context(), r.Call.Actor.Tenant, ids)
	if err != nil {
		return web.Response{}, err
	}
	for _, pair := range list {
		v.Rows = append(v.Rows, sameRow{Pair: pair, Name: names[pair.Doctor], OtherName: names[pair.OtherDoctor]})
	}
	return web.Page(r, web.PageData{Title: "The same file under two people", Back: "/home", BackText: "Home", Wide: true, Body: samePage(v)}), nil
}
