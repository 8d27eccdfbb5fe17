package post

import (
	"strconv"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

type supervisorsView struct {
	Today                     clock.Date
	List                      []Supervisor
	Places                    map[string]Place
	Own                       []Place
	Key                       string
	Name, Email, Organisation string
	Capacity                  string
	Account                   string
	Approved, Away, Back      [3]string // dates as typed
	Errors                    nhs.Errors
}

func (p *Pages) supervisors(r *web.Request) (web.Response, error) {
	return p.supervisorsPage(r, supervisorsView{}, nil)
}

func (p *Pages) supervisorsPage(r *web.Request, v supervisorsView, errs nhs.Errors) (web.Response, error) {
	var err error
	if v.List, err = p.s.OwnSupervisors(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	orgs := p.s.access.Scope(r.Call.Actor, ActSupervise).Organisations
	ask := orgs
	for _, one := range v.List {
		ask = append(ask, one.Organisation)
	}
	if v.Places, err = p.s.Places(r.Context(), r.Call.Actor.Tenant, ask); err != nil {
		return web.Response{}, err
	}
	for _, id := range orgs {
		if place, ok := v.Places[id]; ok {
			v.Own = append(v.Own, place)
		}
	}
	for _, one := range v.List {
		if errs == nil && one.Account == r.Text("change") {
			v.Account, v.Name, v.Organisation, v.Capacity = one.Account, one.Name, one.Organisation, strconv.Itoa(one.Capacity)
			v.Approved, v.Away, v.Back = nhs.DateParts(one.ApprovedUntil), nhs.DateParts(one.AwayFrom), nhs.DateParts(one.AwayUntil)
		}
	}
	v.Today, v.Key, v.Errors = r.Call.Today, r.Key(), errs
	return web.Page(r, web.PageData{Title: "Supervisors", Caption: "Posts", Wide: true, Back: "/posts", BackText: "Posts", Errors: errs, Body: supervisorsBody(v)}), nil
}

func (p *Pages) supervise(r *web.Request) (web.Response, error) {
	v := supervisorsView{Account: r.Text("account"), Name: r.Text("name"), Email: r.Text("email"), Organisation: r.Text("organisation"), Capacity: r.Text("capacity"),
		Approved: typedDate(r, "approved"), Away: typedDate(r, "away_from"), Back: typedDate(r, "away_until")}
	cmd := NewSupervisor{Account: v.Account, Email: v.Email, Organisation: v.Organisation, Name: v.Name}
	var c problem.Check
	var err error
	cmd.Capacity, err = r.Int("capacity")
	c.Add(err)
	cmd.ApprovedUntil, err = r.Date("approved")
	c.Add(err)
	cmd.AwayFrom, err = r.Date("away_from")
	c.Add(err)
	cmd.AwayUntil, err = r.Date("away_until")
	c.Add(err)
	c.That(v.Capacity != "", "capacity", "Enter how many people they can supervise")
	if err = c.Err(); err == nil {
		_, err = p.s.SetSupervisor(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.supervisorsPage(r, v, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/supervisors", "Supervisor saved"), nil
}

func typedDate(r *web.Request, name string) [3]string {
	return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
}
