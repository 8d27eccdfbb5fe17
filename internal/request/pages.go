package request

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/document"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages is the browser's face of requests.
type Pages struct {
	s    *Service
	docs *document.Service
}

// NewPages makes the pages; docs gives the papers a doctor can point to.
func NewPages(s *Service, docs *document.Service) *Pages { return &Pages{s, docs} }

// askedLimit is how often a minute one address may call the page of a link.
const askedLimit = 20

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/requests", Action: ActBoard, Handle: p.board},
		{Method: "GET", Pattern: "/requests/{id}", Action: ActSee, Handle: p.show},
		{Method: "POST", Pattern: "/requests/{id}/judge", Action: ActJudge, Handle: p.judge},
		{Method: "POST", Pattern: "/requests/{id}/judge-instead", Action: ActJudge, Handle: p.judgeInstead},
		{Method: "POST", Pattern: "/requests/{id}/tell", Action: ActMake, Handle: p.tellStaff},
		{Method: "POST", Pattern: "/requests/{id}/withdraw", Action: ActMake, Handle: p.withdraw},
		{Method: "GET", Pattern: "/cases/{ref}/requests/new", Action: ActMake, Handle: p.fresh},
		{Method: "POST", Pattern: "/cases/{ref}/requests/new", Action: ActMake, Handle: p.make},

		{Method: "GET", Pattern: "/my-requests", Action: ActOwn, Handle: p.mine},
		{Method: "GET", Pattern: "/my-requests/new", Action: ActOwn, Handle: p.offer},
		{Method: "POST", Pattern: "/my-requests/new", Action: ActOwn, Handle: p.offered},
		{Method: "GET", Pattern: "/my-requests/{id}", Action: ActOwn, Handle: p.own},
		{Method: "GET", Pattern: "/my-requests/{id}/whom", Action: ActOwn, Handle: p.whom},
		{Method: "POST", Pattern: "/my-requests/{id}/whom", Action: ActOwn, Handle: p.change},
		{Method: "POST", Pattern: "/my-requests/{id}/permit", Action: ActOwn, Handle: p.permit},
		{Method: "POST", Pattern: "/my-requests/{id}/ask", Action: ActAsk, Handle: p.ask},
		{Method: "POST", Pattern: "/my-requests/{id}/tell", Action: ActOwn, Handle: p.tell},
		{Method: "POST", Pattern: "/my-requests/{id}/lost", Action: ActOwn, Handle: p.lost},
		{Method: "POST", Pattern: "/my-requests/{id}/instead", Action: ActOwn, Handle: p.instead},

		{Method: "GET", Pattern: "/asked/{link}", Action: ActAnswer, Handle: p.asked, Limit: askedLimit},
		{Method: "POST", Pattern: "/asked/{link}/agree", Action: ActAnswer, Handle: p.agree, Limit: askedLimit},
		{Method: "POST", Pattern: "/asked/{link}", Action: ActAnswer, Handle: p.reply, Limit: askedLimit},
		{Method: "POST", Pattern: "/asked/{link}/take-back", Action: ActAnswer, Handle: p.takeBack, Limit: askedLimit},
	}
}

// Panels are the parts of the case page this package owns.
func (p *Pages) Panels() []casefile.Panel {
	return []casefile.Panel{{ID: "requests", Title: "What others are asked", Order: 28, Render: p.Panel}}
}

// Panel shows a doctor's requests as the actor may see them.
func (p *Pages) Panel(ctx context.Context, call access.Call, id string) (templ.Component, error) {
	own := call.Actor.Doctor == id
	if !own && !p.s.access.Can(call.Actor, ActSee) {
		return nil, nil
	}
	rows, err := p.s.List(ctx, call, id)
	if err != nil {
		return nil, err
	}
	v := panelView{Rows: rows, Own: own}
	if c, err := p.s.o.Cases.Get(ctx, id, call.Actor.Tenant); err == nil && p.s.may(call, ActMake, Request{Doctor: id, Region: c.Region}) == nil {
		v.Ref = c.Ref
	}
	if len(rows) == 0 && v.Ref == "" {
		return nil, nil
	}
	return panel(v), nil
}

type panelView struct {
	Rows []Row
	Own  bool
	Ref  string // of the case, where requests can be made
}

const pageSize = 25

type boardView struct {
	Rows   []Row
	Totals []Total
	Query  Query
	Kinds  []Kind
	Next   string
}

func (p *Pages) board(r *web.Request) (web.Response, error) {
	q := Query{Kind: r.Text("kind"), State: State(r.Text("state")), Owes: Owes(r.Text("owes")), After: r.After(2), Limit: pageSize + 1}
	rows, totals, err := p.s.Board(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := boardView{Query: q, Totals: totals, Kinds: p.s.o.Rules.Kinds}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[pageSize-1]
		v.Next = r.NextPage(last.Since.String(), last.ID)
	}
	v.Rows = rows
	return web.Page(r, web.PageData{Title: "What others are asked", Caption: "Proof", Wide: true, Body: boardPage(v)}), nil
}

// Viewer shows a request beside something else, as for a check, with its papers
// and what is to be judged of it. Its forms come back to the page at back.
func (p *Pages) Viewer(ctx context.Context, call access.Call, id, key, back string) (templ.Component, error) {
	sight, err := p.s.See(ctx, call, id)
	if err != nil {
		return nil, err
	}
	v, err := p.dressed(ctx, call.Actor.Tenant, showView{Sight: sight, Key: key, Back: back})
	return besidePage(v), err
}

type showView struct {
	Sight
	Back                string // the page it is read beside something else on
	Key                 string
	Verdict, Note, Text string
	Fact                string
	Facts               []nhs.Option // to choose from, where the request names none
	Papers              map[string]string
	Errors              nhs.Errors
}

// dressed adds what a page shows of a request besides itself.
func (p *Pages) dressed(ctx context.Context, tenant string, v showView) (showView, error) {
	var err error
	if v.Papers, err = p.papers(ctx, tenant, v.Doctor); err != nil || !v.MayJudge || v.State != Received || v.Request.Fact != "" {
		return v, err
	}
	v.Facts, err = p.s.provable(ctx, tenant, v.Doctor)
	return v, err
}

func (p *Pages) show(r *web.Request) (web.Response, error) { return p.showForm(r, nil) }

func (p *Pages) showForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.See(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if sight.Own {
		return web.SeeOther("/my-requests/"+sight.ID, ""), nil
	}
	v, err := p.dressed(r.Context(), r.Call.Actor.Tenant, showView{Sight: sight, Back: r.Text("back"), Key: r.Key(), Verdict: r.Text("verdict"), Note: r.Text("note"), Text: r.Text("text"), Fact: r.Text("fact"), Errors: errs})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: sight.Kind.Title, Caption: sight.Name, Back: "/cases/" + sight.Ref, BackText: "Case", Errors: errs, Body: showPage(v)}), nil
}

// papers names the documents one may point to: those of the general class.
func (p *Pages) papers(ctx context.Context, tenant, id string) (map[string]string, error) {
	list, err := p.docs.Of(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, d := range list {
		if d.Live() && d.Class() == document.General {
			out[d.ID] = d.Name()
		}
	}
	return out, nil
}

func (p *Pages) judging(r *web.Request) Judging {
	version, _ := r.Int("version") // a missing version judges whatever stands; the service still checks the state
	return Judging{ID: r.PathValue("id"), Version: version, Verdict: r.Text("verdict"), Note: r.Text("note"), Fact: r.Text("fact")}
}

func (p *Pages) judge(r *web.Request) (web.Response, error) {
	_, err := p.s.Judge(r.Context(), r.Call, p.judging(r))
	return p.done(r, err, "/requests/", "Saved", p.showForm)
}

func (p *Pages) judgeInstead(r *web.Request) (web.Response, error) {
	_, err := p.s.JudgeInstead(r.Context(), r.Call, p.judging(r))
	return p.done(r, err, "/requests/", "Saved", p.showForm)
}

func (p *Pages) tellStaff(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	_, err := p.s.Tell(r.Context(), r.Call, Telling{ID: r.PathValue("id"), Version: version, Text: r.Text("text"), Documents: p.chosen(r)})
	return p.done(r, err, "/requests/", "Answer recorded", p.showForm)
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	_, err := p.s.Withdraw(r.Context(), r.Call, r.PathValue("id"), version)
	return p.done(r, err, "/requests/", "Withdrawn. Links that were given out no longer work.", p.showForm)
}

// chosen are the papers that were ticked, of the doctor's own.
func (p *Pages) chosen(r *web.Request) []string { return r.Texts("documents") }

// done ends a form of a request: on to its page, or the form again with what
// was typed.
func (p *Pages) done(r *web.Request, err error, home, flash string, again func(*web.Request, nhs.Errors) (web.Response, error)) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return again(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	if back := r.Text("back"); strings.HasPrefix(back, "/assess/") {
		return web.SeeOther(back, flash), nil
	}
	return web.SeeOther(home+url.PathEscape(r.PathValue("id")), flash), nil
}

type freshView struct {
	Key, Action, Kind, Parent string
	Kinds                     []nhs.Option
	Facts                     []nhs.Option
	Fact                      string
	Own                       bool
	K                         Kind
	Whom                      Whom
	From, To                  [3]string
	Errors                    nhs.Errors
}

func typed(r *web.Request, name string) [3]string {
	return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
}

func whomOf(r *web.Request, c *problem.Check) Whom {
	w := Whom{Name: r.Text("name"), Place: r.Text("place"), Country: r.Text("country"), Email: r.Text("email"), Phone: r.Text("phone"), DoctorName: r.Text("doctor-name"),
		Party: r.Text("party")}
	var err error
	w.From, err = r.Date("from")
	c.Add(err)
	w.To, err = r.Date("to")
	c.Add(err)
	return w
}

func (p *Pages) fresh(r *web.Request) (web.Response, error) { return p.freshForm(r, nil) }

func (p *Pages) freshForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	c, err := p.s.o.Cases.ByRef(r.Context(), r.Call.Actor.Tenant, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	if err := p.s.may(r.Call, ActMake, Request{Doctor: c.Doctor, Region: c.Region}); err != nil {
		return web.Response{}, err
	}
	var ignored problem.Check
	v := freshView{Key: r.Key(), Action: "/cases/" + c.Ref + "/requests/new", Kind: r.Text("kind"), Whom: whomOf(r, &ignored), From: typed(r, "from"), To: typed(r, "to"), Fact: r.Text("fact"), Errors: errs}
	for _, k := range p.s.o.Rules.Kinds {
		if k.ID == kindFurther {
			continue
		}
		hint := ""
		if k.GMC {
			hint = "For the GMC. Never a condition of joining the programme"
		}
		v.Kinds = append(v.Kinds, nhs.Option{Value: k.ID, Label: k.Title, Hint: hint})
	}
	if v.Facts, err = p.s.provable(r.Context(), r.Call.Actor.Tenant, c.Doctor); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Ask for proof", Caption: "Case " + c.Ref, Back: "/cases/" + c.Ref, Errors: errs, Body: freshPage(v)}), nil
}

func (p *Pages) make(r *web.Request) (web.Response, error) {
	c, err := p.s.o.Cases.ByRef(r.Context(), r.Call.Actor.Tenant, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	var check problem.Check
	w := whomOf(r, &check)
	check.That(r.Text("kind") != "", "kind", "Choose what you need")
	var made Request
	if err = check.Err(); err == nil {
		made, err = p.s.Make(r.Context(), r.Call, Fresh{Doctor: c.Doctor, Kind: r.Text("kind"), Fact: r.Text("fact"), Whom: w})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.freshForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/requests/"+made.ID, "Request made. Nobody is asked before the doctor says yes."), nil
}
