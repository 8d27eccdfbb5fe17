package casefile

import (
	"net/url"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/web"
)

// Pages are the browser face of the cases.
type Pages struct{ s *Service }

// NewPages makes the pages.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists every address of this package.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/home", Action: ActHome, Handle: p.home},
		{Method: "GET", Pattern: "/cases", Action: ActList, Handle: p.list},
		{Method: "GET", Pattern: "/cases/{ref}", Action: ActRead, Handle: p.sheet},
		{Method: "POST", Pattern: "/cases/{ref}/tasks", Action: ActWork, Handle: p.task},
		{Method: "POST", Pattern: "/cases/{ref}/caseworker", Action: ActWork, Handle: p.caseworker},
		{Method: "GET", Pattern: "/cases/{ref}/hold", Action: ActWork, Handle: p.hold},
		{Method: "POST", Pattern: "/cases/{ref}/hold", Action: ActWork, Handle: p.putOnHold},
		{Method: "POST", Pattern: "/cases/{ref}/hold/{id}", Action: ActWork, Handle: p.endHold},
		{Method: "GET", Pattern: "/cases/{ref}/close", Action: ActClose, Handle: p.closing},
		{Method: "POST", Pattern: "/cases/{ref}/close", Action: ActClose, Handle: p.close},
		{Method: "POST", Pattern: "/cases/{ref}/reopen", Action: ActClose, Handle: p.reopen},
		{Method: "GET", Pattern: "/cases/{ref}/pause", Action: ActPause, Handle: p.pausing},
		{Method: "POST", Pattern: "/cases/{ref}/pause", Action: ActPause, Handle: p.pause},
		{Method: "POST", Pattern: "/cases/{ref}/resume", Action: ActPause, Handle: p.resume},
		{Method: "GET", Pattern: "/cases/{ref}/messages", Action: ActMessage, Handle: p.threads},
		{Method: "GET", Pattern: "/cases/{ref}/messages/new", Action: ActMessage, Handle: p.newThread},
		{Method: "POST", Pattern: "/cases/{ref}/messages/new", Action: ActMessage, Handle: p.start},
		{Method: "GET", Pattern: "/cases/{ref}/messages/{id}", Action: ActMessage, Handle: p.thread},
		{Method: "POST", Pattern: "/cases/{ref}/messages/{id}", Action: ActMessage, Handle: p.reply},
		{Method: "GET", Pattern: "/messages", Action: ActApply, Handle: p.ownThreads},
		{Method: "GET", Pattern: "/apply", Action: ActApply, Handle: p.apply},
		{Method: "POST", Pattern: "/apply", Action: ActApply, Handle: p.send},
		{Method: "GET", Pattern: "/urgent", Action: ActUrgent, Handle: p.urgent},
		{Method: "POST", Pattern: "/urgent", Action: ActUrgent, Handle: p.raise},
	}
}

func caseURL(ref string, more ...string) string {
	u := "/cases/" + url.PathEscape(ref)
	for _, m := range more {
		u += "/" + url.PathEscape(m)
	}
	return u
}

type homeView struct {
	Home
	Step NextStep
	Call access.Call
	List bool // the actor has a list of cases
}

func (p *Pages) home(r *web.Request) (web.Response, error) {
	h, err := p.s.Home(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := homeView{Home: h, Call: r.Call, List: r.May(ActList)}
	if h.Own != nil {
		v.Step = Next(*h.Own)
	}
	return web.Page(r, web.PageData{Title: "What waits for you", Wide: h.Own == nil, Body: homePage(v)}), nil
}

type listView struct {
	Found
	Query
	Call            access.Call
	Stages, Parties []nhs.Option
	Regions         []nhs.Option
	RegionNames     map[string]string
	NextHref        string
	Asked           bool // the list is narrowed
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	q := Query{Stage: Stage(r.Text("stage")), Region: r.Text("region"), Turn: Party(r.Text("turn")), Mine: r.Bool("mine"),
		Closed: r.Bool("closed"), Text: r.Text("q")}
	if after := r.After(2); len(after) == 2 {
		q.After = [2]string{after[0], after[1]}
	}
	found, err := p.s.List(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := listView{Found: found, Query: q, Call: r.Call, RegionNames: map[string]string{},
		Asked: q.Stage != "" || q.Region != "" || q.Turn != "" || q.Mine || q.Closed || q.Text != ""}
	narrow := !seesImmigration(r.Call.Actor)
	for _, st := range Stages() {
		if _, ok := stagesAs(st, narrow); ok {
			v.Stages = append(v.Stages, nhs.Option{Value: string(st), Label: st.Words()})
		}
	}
	for _, party := range Parties() {
		v.Parties = append(v.Parties, nhs.Option{Value: string(party), Label: sentence(party.Words())})
	}
	for _, g := range organisation.Regions() {
		v.Regions = append(v.Regions, nhs.Option{Value: g.Code, Label: g.Name})
		v.RegionNames[g.Code] = g.Name
	}
	if found.Next {
		last := found.Rows[len(found.Rows)-1]
		v.NextHref = r.NextPage(last.Since.String(), last.Ref)
	}
	return web.Page(r, web.PageData{Title: "Cases", Wide: true, Body: listPage(v)}), nil
}

type panelView struct {
	ID, Title string
	Body      templ.Component
}

type sheetView struct {
	Sheet
	Call    access.Call
	Key     func() string
	Panels  []panelView
	Staff   []nhs.Option
	May     map[access.Action]bool
	Region  string
	Working string // the caseworker's name
}

func (p *Pages) sheet(r *web.Request) (web.Response, error) {
	sh, err := p.s.Sheet(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v := sheetView{Sheet: sh, Call: r.Call, Key: r.Key, May: map[access.Action]bool{}, Region: organisation.RegionName(sh.Case.Region)}
	for _, act := range []access.Action{ActWork, ActClose, ActMessage, ActPause} {
		v.May[act] = p.s.access.May(r.Call.Actor, act, sh.Case.Resource()) == nil
	}
	if v.May[ActWork] && p.s.Staff != nil {
		staff, err := p.s.Staff(r.Context(), r.Call.Actor.Tenant)
		if err != nil {
			return web.Response{}, err
		}
		for _, a := range staff {
			v.Staff = append(v.Staff, nhs.Option{Value: a[0], Label: a[1]})
			if a[0] == sh.Case.Caseworker {
				v.Working = a[1]
			}
		}
	}
	for _, panel := range p.s.panels {
		body, err := panel.Render(r.Context(), r.Call, sh.Case.Doctor)
		if err != nil {
			return web.Response{}, err
		}
		if body != nil {
			v.Panels = append(v.Panels, panelView{panel.ID, panel.Title, body})
		}
	}
	back := "/home"
	if r.May(ActList) {
		back = "/cases"
	}
	return web.Page(r, web.PageData{Title: sh.Name, Caption: "Case " + sh.Case.Ref, Back: back, Wide: true, Body: sheetPage(v)}), nil
}

func (p *Pages) task(r *web.Request) (web.Response, error) {
	ref, kind, source := r.PathValue("ref"), r.Text("kind"), r.Text("source")
	if r.Text("do") == "assign" {
		if err := p.s.Assign(r.Context(), r.Call, ref, kind, source, r.Text("account")); err != nil {
			return web.Response{}, err
		}
		return web.SeeOther(caseURL(ref), "Task given"), nil
	}
	if err := p.s.Settle(r.Context(), r.Call, ref, kind, source); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(ref), "Task closed"), nil
}

func (p *Pages) caseworker(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	if err := p.s.Name(r.Context(), r.Call, ref, r.Text("account")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(ref), "Caseworker named"), nil
}

// returnTo is where a person goes after something done to a case: the doctor
// to their home, staff to the case.
func returnTo(r *web.Request, ref string) string {
	if r.Call.Actor.Doctor != "" && !r.May(ActList) {
		return "/home"
	}
	return caseURL(ref)
}
