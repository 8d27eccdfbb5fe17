package placement

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages is the browser's face of placements.
type Pages struct{ s *Service }

// NewPages makes the pages.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	routes := slices.Concat(p.cardRoutes(), p.supervisionRoutes(), p.teamRoutes(), p.endRoutes())
	return append(routes, []web.Route{
		{Method: "GET", Pattern: "/starts/{id}", Action: ActStart, Handle: p.door},
		{Method: "POST", Pattern: "/starts/{id}", Action: ActStart, Handle: p.start},
		{Method: "GET", Pattern: "/placements", Action: ActSee, Handle: p.list},
		{Method: "GET", Pattern: "/placements/{id}", Action: ActSee, Handle: p.show},
		{Method: "GET", Pattern: "/placements/{id}/change", Action: ActChange, Handle: p.edit},
		{Method: "POST", Pattern: "/placements/{id}/change", Action: ActChange, Handle: p.change},
		{Method: "GET", Pattern: "/placements/{id}/follow-up", Action: ActFollowUp, Handle: p.after},
		{Method: "POST", Pattern: "/placements/{id}/follow-up", Action: ActFollowUp, Handle: p.follow},
	}...)
}

// Panels are the parts of the case page this package owns.
func (p *Pages) Panels() []casefile.Panel {
	return []casefile.Panel{{ID: "placement", Title: "In post", Order: 70, Render: p.Panel}}
}

// Panel shows a doctor's placements as the actor may see them.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	scope := p.s.access.Scope(call.Actor, ActSee)
	if scope.None() {
		return nil, nil
	}
	list, err := p.s.list(ctx, scope, Query{Doctor: doctor, Limit: 20})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	rows, err := p.s.dress(ctx, call.Actor.Tenant, list)
	if err != nil {
		return nil, err
	}
	return panel(rows), nil
}

const pageSize = 25

type listView struct {
	Own        bool // the doctor reads of their own
	Rows       []Row
	Query      Query
	Supervisor bool // the actor looks at the people they supervise
	Next       string
	Today      clock.Date
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	q := Query{Which: Which(r.Text("which")), Region: r.Text("region"), After: r.After(2), Limit: pageSize + 1}
	scope := p.s.access.Scope(r.Call.Actor, ActSee)
	v := listView{Today: r.Call.Today, Supervisor: scope.Supervisor != "" && !scope.All && len(scope.Organisations) == 0 && len(scope.Regions) == 0}
	if v.Supervisor && q.Which == "" && !r.Form.Has("which") {
		q.Which = Now
	}
	rows, err := p.s.List(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[pageSize-1]
		v.Next = r.NextPage(last.StartedOn.String(), last.ID)
	}
	v.Rows, v.Query = rows, q
	if v.Own = r.Call.Actor.Doctor != ""; v.Own && len(rows) == 1 {
		return web.SeeOther("/placements/"+rows[0].ID, ""), nil
	}
	title := "People in post"
	switch {
	case v.Supervisor:
		title = "People you supervise"
	case v.Own:
		title = "Your posts"
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Medical Support Workers", Wide: !v.Supervisor, Body: listPage(v)}), nil
}

type showView struct {
	Sight
	Today clock.Date
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	page := web.PageData{Title: sight.Name, Caption: sight.Heading(), Back: "/placements", BackText: "People in post", Body: showPage(showView{sight, r.Call.Today})}
	if sight.OwnPlacement {
		page.Title, page.Back, page.BackText = "Your post: "+sight.Specialty+" at "+sight.HostName, "/home", "Home"
	}
	return web.Page(r, page), nil
}

type doorView struct {
	Doorstep
	Key                   string
	On                    [3]string
	Clinical, Educational string
	Errors                nhs.Errors
}

func (p *Pages) door(r *web.Request) (web.Response, error) { return p.doorForm(r, nil) }

func (p *Pages) doorForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	d, err := p.s.LookStart(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := doorView{Doorstep: d, Key: r.Key(), Errors: errs, On: typed(r, "on"), Clinical: r.Text("clinical"), Educational: r.Text("educational")}
	if errs == nil {
		v.Clinical, v.Educational = d.Terms.Clinical, d.Terms.Educational
	}
	return web.Page(r, web.PageData{Title: "Record the start", Caption: d.Name, Back: "/offers/" + d.ID, BackText: "Offer", Errors: errs, Body: doorPage(v)}), nil
}

func (p *Pages) start(r *web.Request) (web.Response, error) {
	var c problem.Check
	version, err := r.Int("version")
	c.Add(err)
	on, err := r.Date("on")
	c.Add(err)
	c.That(!on.IsZero() || err != nil, "on", "Enter the first day at work")
	c.That(r.Text("clinical") != "", "clinical", "Choose a clinical supervisor")
	var made Placement
	if err = c.Err(); err == nil {
		made, err = p.s.Start(r.Context(), r.Call, Starting{Offer: r.PathValue("id"), Version: version, On: on, Clinical: r.Text("clinical"), Educational: r.Text("educational")})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.doorForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+made.ID, "Start recorded"), nil
}

func typed(r *web.Request, name string) [3]string {
	return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
}

type changeView struct {
	Sight
	Key                     string
	On, ContractEnd, Funded [3]string
	Hours, Host, HostID     string
	Clinical, Educational   string
	Errors                  nhs.Errors
}

func (p *Pages) edit(r *web.Request) (web.Response, error) { return p.changeForm(r, nil) }

func (p *Pages) changeForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MayChange {
		return web.Response{}, problem.Missing()
	}
	v := changeView{Sight: sight, Key: r.Key(), Errors: errs, On: typed(r, "on"), ContractEnd: typed(r, "contract_end"), Funded: typed(r, "funded_until"),
		Hours: r.Text("hours"), Host: r.Text("host"), HostID: r.Text("host-value"), Clinical: r.Text("clinical"), Educational: r.Text("educational")}
	return web.Page(r, web.PageData{Title: "Change a placement", Caption: sight.Name, Back: "/placements/" + sight.ID, Errors: errs, Body: changePage(v)}), nil
}

func (p *Pages) change(r *web.Request) (web.Response, error) {
	var c problem.Check
	cmd := Change{ID: r.PathValue("id"), Host: r.Text("host-value"), Clinical: r.Text("clinical"), Educational: r.Text("educational")}
	var err error
	cmd.Version, err = r.Int("version")
	c.Add(err)
	cmd.On, err = r.Date("on")
	c.Add(err)
	c.That(!cmd.On.IsZero() || err != nil, "on", "Enter the day from which it is different")
	cmd.ContractEnd, err = r.Date("contract_end")
	c.Add(err)
	cmd.FundedUntil, err = r.Date("funded_until")
	c.Add(err)
	if text := r.Text("hours"); text != "" {
		cmd.MinutesWeek, err = post.MinutesOf(text)
		c.Add(err)
	}
	if cmd.Host != "" || r.Text("host") != "" {
		var place post.Place
		place, err = p.s.posts.FindPlace(r.Context(), r.Call, "host", r.Text("host"), cmd.Host)
		if err != nil && problem.KindOf(err) != problem.Invalid {
			return web.Response{}, err
		}
		c.Add(err)
		cmd.Host = place.ID
	}
	if err = c.Err(); err == nil {
		_, err = p.s.Change(r.Context(), r.Call, cmd)
	}
	return p.done(r, err, "Change recorded", p.changeForm)
}

// done ends a form of a placement: on to its page, or the form again.
func (p *Pages) done(r *web.Request, err error, flash string, again func(*web.Request, nhs.Errors) (web.Response, error)) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return again(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+r.PathValue("id"), flash), nil
}

func (p *Pages) after(r *web.Request) (web.Response, error) { return p.followForm(r, nil) }

func (p *Pages) followForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MayFollow {
		return web.Response{}, problem.Missing()
	}
	v := endView{Sight: sight, Key: r.Key(), On: typed(r, "on"), Code: r.Text("code"), Leaves: r.Text("outcome"), Errors: errs}
	return web.Page(r, web.PageData{Title: "What became of them?", Caption: sight.Name, Back: "/placements/" + sight.ID, Errors: errs, Body: followPage(v)}), nil
}

func (p *Pages) follow(r *web.Request) (web.Response, error) {
	var c problem.Check
	on, err := r.Date("on")
	c.Add(err)
	c.That(!on.IsZero() || err != nil, "on", "Enter the date")
	c.That(r.Text("outcome") == "left" || r.Text("outcome") == CodeUnknown, "outcome", "Say whether they left, or nobody knows")
	if err = c.Err(); err == nil {
		err = p.s.Follow(r.Context(), r.Call, FollowUp{ID: r.PathValue("id"), On: on, Unknown: r.Text("outcome") == CodeUnknown, Code: r.Text("code")})
	}
	return p.done(r, err, "Recorded", p.followForm)
}
