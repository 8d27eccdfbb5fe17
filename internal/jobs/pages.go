package jobs

import (
	"msw/internal/access"
	"msw/internal/problem"
	"msw/internal/web"
	"strconv"
)

// The actions of this package.
const (
	ActLook  access.Action = "jobs.look"
	ActRetry access.Action = "jobs.retry"
)

// Actions lists them, for the permission table.
func Actions() []access.Action { return []access.Action{ActLook, ActRetry} }

// Pages shows the work that was laid aside after its last attempt.
type Pages struct{ outbox *Outbox }

// NewPages makes the pages of an outbox.
func NewPages(o *Outbox) *Pages { return &Pages{o} }

// Routes lists them.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/jobs", Action: ActLook, Handle: p.list},
		{Method: "POST", Pattern: "/jobs/again", Action: ActRetry, Handle: p.again},
	}
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	dead, err := p.outbox.Laid(r.Context(), r.Call.Actor.Tenant, 100)
	if err != nil {
		return web.Response{}, err
	}
	keys := make([]string, len(dead))
	for i := range keys {
		keys[i] = r.Key()
	}
	return web.Page(r, web.PageData{Title: "Work that could not be done", Wide: true, Body: laidAside(dead, keys, r.May(ActRetry))}), nil
}

func (p *Pages) again(r *web.Request) (web.Response, error) {
	found, err := p.outbox.Again(r.Context(), r.Call.Actor.Tenant, r.Text("job"))
	if err != nil {
		return web.Response{}, err
	}
	if !found {
		return web.Response{}, problem.Missing()
	}
	return web.SeeOther("/jobs", "It will be tried again now"), nil
}

func askedText(d Dead) string {
	times := strconv.Itoa(d.Attempt) + " times"
	if d.Attempt == 1 {
		times = "once"
	}
	return "Asked for on " + d.Since.Local().Long() + " at " + d.Since.LocalTime() + ", tried " + times + ". Reference " + d.ID + "."
}
