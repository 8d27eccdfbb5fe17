package post

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Region is a region to choose from.
type Region struct{ Code, Name string }

// Pages is the browser's face of posts.
type Pages struct {
	s       *Service
	regions []Region
}

// NewPages makes the pages; regions are those lists can be narrowed to.
func NewPages(s *Service, regions []Region) *Pages { return &Pages{s, regions} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	routes := append(p.offerRoutes(), p.interestRoutes()...)
	return append(routes, []web.Route{
		{Method: "GET", Pattern: "/posts/map", Action: ActMap, Handle: p.gaps},
		{Method: "GET", Pattern: "/posts", Action: ActSee, Handle: p.list},
		{Method: "GET", Pattern: "/posts/new", Action: ActRegister, Handle: p.blank},
		{Method: "POST", Pattern: "/posts/new", Action: ActRegister, Handle: p.register},
		{Method: "GET", Pattern: "/posts/{id}", Action: ActSee, Handle: p.show},
		{Method: "GET", Pattern: "/posts/{id}/change", Action: ActRegister, Handle: p.edit},
		{Method: "POST", Pattern: "/posts/{id}/change", Action: ActRegister, Handle: p.amend},
		{Method: "POST", Pattern: "/posts/{id}/approve", Action: ActApprove, Handle: p.approve},
		{Method: "POST", Pattern: "/posts/{id}/open", Action: ActOpen, Handle: p.open},
		{Method: "POST", Pattern: "/posts/{id}/close", Action: ActOpen, Handle: p.close},
		{Method: "GET", Pattern: "/supervisors", Action: ActSupervise, Handle: p.supervisors},
		{Method: "POST", Pattern: "/supervisors", Action: ActSupervise, Handle: p.supervise},
	}...)
}

const pageSize = 25

type listView struct {
	Today    clock.Date
	Posts    []Post
	Places   map[string]Place
	Query    Query
	Regions  []Region
	Next     string
	Register bool
	Interest bool
	Map      bool
	Narrowed bool
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	q := Query{Status: Status(r.Text("status")), Setting: Setting(r.Text("setting")), Region: r.Text("region"), After: r.After(2), Limit: pageSize + 1}
	list, err := p.s.List(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := listView{Today: r.Call.Today, Query: q, Regions: p.regions, Register: r.May(ActRegister), Interest: r.May(ActInterest), Map: r.May(ActMap), Narrowed: q.Status != "" || q.Setting != "" || q.Region != "" || q.After != nil}
	if len(list) > pageSize {
		list = list[:pageSize]
		last := list[pageSize-1]
		v.Next = r.NextPage(last.StartFrom.String(), last.ID)
	}
	v.Posts = list
	var ids []string
	for _, one := range list {
		ids = append(ids, one.Employer, one.Host)
	}
	if v.Places, err = p.s.Places(r.Context(), r.Call.Actor.Tenant, ids); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Posts", Wide: true, Body: listPage(v)}), nil
}

type showView struct {
	Sight
	Key    string
	Errors nhs.Errors
}

func (p *Pages) show(r *web.Request) (web.Response, error) { return p.sheet(r, nil) }

func (p *Pages) sheet(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: sight.Specialty + ", " + sight.HostName, Caption: "Post " + sight.ID, Back: "/posts", BackText: "Posts",
		Errors: errs, Body: showPage(showView{sight, r.Key(), errs})}), nil
}

type stepFunc func(r *web.Request, cmd Step) (Post, error)

// step does one of the buttons of a post's page.
func (p *Pages) step(r *web.Request, done string, do stepFunc) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		_, err = do(r, Step{ID: r.PathValue("id"), Version: version})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.sheet(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/posts/"+r.PathValue("id"), done), nil
}

func (p *Pages) approve(r *web.Request) (web.Response, error) {
	return p.step(r, "Post approved", func(r *web.Request, cmd Step) (Post, error) { return p.s.Approve(r.Context(), r.Call, cmd) })
}

func (p *Pages) open(r *web.Request) (web.Response, error) {
	return p.step(r, "Post opened. People can be proposed for it.", func(r *web.Request, cmd Step) (Post, error) { return p.s.Open(r.Context(), r.Call, cmd) })
}

func (p *Pages) close(r *web.Request) (web.Response, error) {
	return p.step(r, "Post closed", func(r *web.Request, cmd Step) (Post, error) { return p.s.Close(r.Context(), r.Call, cmd) })
}

// choice is what a type-ahead field holds: what was typed, and the id chosen
// from the list, if any.
type choice struct{ Text, ID string }

// formView is the form as typed: nothing is lost when it is shown again.
type formView struct {
	Key, Action, Button                     string
	Version                                 int
	Employer, Host                          choice
	Setting, Specialty, Hours               string
	Pay, Point, HCAS, Amount                string
	Start, ContractEnd, FundedUntil         [3]string
	Phase, Indemnity, Clinical, Educational string
	Essential, Wished, Funder, Follows      string
	LeastMedicine, LeastSurgery, LeastAfter string
	Phases                                  []Phase
	Supervisors                             []Supervisor
	Own                                     []Place // the actor's own organisations, to choose the employer from
	Errors                                  nhs.Errors
}

func (p *Pages) blank(r *web.Request) (web.Response, error) { return p.form(r, formView{}, nil) }

func (p *Pages) register(r *web.Request) (web.Response, error) {
	v, details, err := p.typed(r)
	if err == nil {
		var made Post
		made, err = p.s.Register(r.Context(), r.Call, Registration{Details: details})
		if err == nil {
			return web.SeeOther("/posts/"+made.ID, "Post registered. The programme team will look at it."), nil
		}
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.form(r, v, errs)
	}
	return web.Response{}, err
}

func (p *Pages) edit(r *web.Request) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MayChange {
		return web.Response{}, problem.Denied("This post cannot be changed now. Only drafts and approved posts can.")
	}
	v := written(sight)
	return p.form(r, v, nil)
}

func (p *Pages) amend(r *web.Request) (web.Response, error) {
	v, details, err := p.typed(r)
	if err == nil {
		_, err = p.s.Amend(r.Context(), r.Call, Amendment{ID: r.PathValue("id"), Version: v.Version, Details: details})
		if err == nil {
			return web.SeeOther("/posts/"+r.PathValue("id"), "Post changed"), nil
		}
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.form(r, v, errs)
	}
	return web.Response{}, err
}

func (p *Pages) form(r *web.Request, v formView, errs nhs.Errors) (web.Response, error) {
	v.Key, v.Errors, v.Action, v.Button = r.Key(), errs, "/posts/new", "Register post"
	title, back := "Register a post", "/posts"
	if id := r.PathValue("id"); id != "" {
		v.Action, v.Button, title, back = "/posts/"+id+"/change", "Save changes", "Change a post", "/posts/"+id
	}
	tenant := r.Call.Actor.Tenant
	var err error
	if v.Phases, err = p.s.Phases(r.Context(), tenant); err != nil {
		return web.Response{}, err
	}
	orgs := p.s.access.Scope(r.Call.Actor, ActRegister).Organisations
	known, err := p.s.Places(r.Context(), tenant, orgs)
	if err != nil {
		return web.Response{}, err
	}
	for _, id := range orgs {
		if place, ok := known[id]; ok {
			v.Own = append(v.Own, place)
		}
	}
	ask := append(orgs, v.Employer.ID, v.Host.ID)
	if v.Supervisors, err = p.s.SupervisorsOf(r.Context(), tenant, ask...); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Posts", Back: back, Errors: errs, Body: formPage(v)}), nil
}

func written(s Sight) formView {
	d := s.Details
	return formView{Version: s.Version, Employer: choice{s.EmployerName, d.Employer}, Host: choice{s.HostName, d.Host},
		Setting: string(d.Setting), Specialty: d.Specialty, Hours: strings.TrimSuffix(Hours(d.MinutesWeek), " hours a week"),
		Pay: string(d.Pay.Kind), Point: string(d.Pay.Point), HCAS: string(d.Pay.HCAS), Amount: amountText(d.Pay.Pence),
		Start: nhs.DateParts(d.StartFrom), ContractEnd: nhs.DateParts(d.ContractEnd), FundedUntil: nhs.DateParts(d.FundedUntil),
		Phase: d.Phase, Indemnity: string(d.Indemnity), Clinical: d.Clinical, Educational: d.Educational,
		Essential: d.Essential, Wished: d.Wished, Funder: string(d.PaidBy()), Follows: d.Follows,
		LeastMedicine: monthsText(d.Medicine), LeastSurgery: monthsText(d.Surgery), LeastAfter: monthsText(d.After)}
}

// monthsText and monthsOf are a number of months as a form has it; an empty one
// is none, and what is no number is refused by Check.
func monthsText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func monthsOf(text string) int {
	if text = strings.TrimSpace(text); text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

func amountText(pence int64) string {
	if pence == 0 {
		return ""
	}
	return strings.TrimPrefix(Pounds(pence), "£")
}

// typed reads the form: what was typed, to show again, and what it means.
func (p *Pages) typed(r *web.Request) (formView, Details, error) {
	date := func(name string) [3]string {
		return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
	}
	v := formView{Employer: choice{r.Text("employer"), r.Text("employer-value")}, Host: choice{r.Text("host"), r.Text("host-value")},
		Setting: r.Text("setting"), Specialty: r.Text("specialty"), Hours: r.Text("hours"), Pay: r.Text("pay"), Point: r.Text("point"),
		HCAS: r.Text("hcas"), Amount: r.Text("amount"), Start: date("start"), ContractEnd: date("contract_end"), FundedUntil: date("funded_until"),
		Phase: r.Text("phase"), Indemnity: r.Text("indemnity"), Clinical: r.Text("clinical"), Educational: r.Text("educational"),
		Essential: r.Text("essential"), Wished: r.Text("wished"), Funder: r.Text("funder"), Follows: r.Text("follows"),
		LeastMedicine: r.Text("least_medicine"), LeastSurgery: r.Text("least_surgery"), LeastAfter: r.Text("least_after")}
	var c problem.Check
	var err error
	v.Version, err = r.Int("version")
	c.Add(err)
	d := Details{Setting: Setting(v.Setting), Specialty: v.Specialty, Phase: v.Phase, Indemnity: Indemnity(v.Indemnity), Clinical: v.Clinical, Educational: v.Educational,
		Pay: Pay{Kind: PayKind(v.Pay)}, Essential: v.Essential, Wished: v.Wished, Funder: Funder(v.Funder), Follows: v.Follows}
	if ref, ok := database.CheckRef(v.Follows); ok {
		d.Follows = ref
	}
	switch d.Pay.Kind {
	case AgendaForChange:
		d.Pay.Point, d.Pay.HCAS = Point(v.Point), Zone(v.HCAS)
	case LocalPay:
		d.Pay.Pence, err = r.Pence("amount")
		c.Add(err)
	}
	for text, to := range map[*string]*int{&v.LeastMedicine: &d.Medicine, &v.LeastSurgery: &d.Surgery, &v.LeastAfter: &d.After} {
		*to = monthsOf(*text)
	}
	d.MinutesWeek, err = MinutesOf(v.Hours)
	c.Add(err)
	for name, to := range map[string]*clock.Date{"start": &d.StartFrom, "contract_end": &d.ContractEnd, "funded_until": &d.FundedUntil} {
		*to, err = r.Date(name)
		c.Add(err)
	}
	if d.Employer, err = p.find(r, "employer", &v.Employer); err == nil {
		if v.Host == (choice{}) {
			v.Host = v.Employer
		}
		d.Host, err = p.find(r, "host", &v.Host)
	}
	c.Add(err)
	if problem.KindOf(err) != problem.Invalid && err != nil {
		return v, d, err
	}
	return v, d, c.Err()
}

// MinutesOf reads hours a week, such as 37.5 or 37:30, as minutes.
func MinutesOf(text string) (int, error) {
	wrong := &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
		Fields: []problem.Field{{Name: "hours", Message: "Enter the hours a week, like 37.5"}}}
	if h, m, ok := strings.Cut(text, ":"); ok {
		hours, err1 := strconv.Atoi(h)
		minutes, err2 := strconv.Atoi(m)
		if err1 != nil || err2 != nil || hours < 0 || minutes < 0 || minutes > 59 {
			return 0, wrong
		}
		return hours*60 + minutes, nil
	}
	hours, err := strconv.ParseFloat(text, 64)
	if err != nil || !(hours > 0 && hours < 169) {
		return 0, wrong
	}
	return int(hours*60 + 0.5), nil
}

// find gives the organisation chosen in a field, and keeps what was found for
// showing the form again.
func (p *Pages) find(r *web.Request, field string, c *choice) (string, error) {
	found, err := p.s.FindPlace(r.Context(), r.Call, field, c.Text, c.ID)
	if err == nil {
		c.ID = found.ID
		if found.Name != "" {
			c.Text = found.Name
		}
	}
	return found.ID, err
}
