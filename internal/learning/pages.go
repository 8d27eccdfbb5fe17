package learning

import (
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/nhs"
	"msw/internal/web"
)

// Pages are the browser face.
type Pages struct{ s *Service }

// NewPages makes them.
func NewPages(s *Service) *Pages { return &Pages{s} }

const pageSize = 25

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	get := func(path string, act access.Action, h func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: path, Action: act, Handle: h}
	}
	post := func(path string, act access.Action, h func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: path, Action: act, Handle: h}
	}
	return []web.Route{
		get("/learning", ActOwn, p.own),
		get("/events", ActSee, p.list),
		get("/events/new", ActOrganise, p.newEvent),
		post("/events/new", ActOrganise, p.saveEvent),
		get("/events/{id}", ActSee, p.event),
		get("/events/{id}/change", ActOrganise, p.changeEvent),
		post("/events/{id}/change", ActOrganise, p.saveEvent),
		post("/events/{id}/state", ActOrganise, p.setState),
		get("/events/{id}/dates", ActOrganise, p.dates),
		post("/events/{id}/dates", ActOrganise, p.addDates),
		post("/events/{id}/dates/remove", ActOrganise, p.removeDate),
		get("/events/{id}/people", ActPeople, p.people),
		post("/events/{id}/people", ActPeople, p.attend),
		post("/events/{id}/book", ActBook, p.book),
		post("/events/{id}/answer", ActBook, p.answer),
		post("/events/{id}/cancel", ActBook, p.cancel),
		get("/events/{id}/calendar", ActBook, p.calendar),
		get("/study-time", ActAgree, p.studyWaiting),
		get("/placements/{id}/study-time", ActStudy, p.study),
		post("/placements/{id}/study-time", ActAgree, p.propose),
		post("/placements/{id}/study-time/answer", ActAgree, p.answerStudy),
		post("/placements/{id}/study-time/end", ActAgree, p.endStudy),
	}
}

// CountdownView shows booked exams, for the page of another station; nothing
// when there are none.
func CountdownView(list []Ahead) templ.Component { return countdown(list) }

type ownView struct {
	Mine
	Key   string
	Stage casefile.Stage
}

func (p *Pages) own(r *web.Request) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Learning", Body: ownPage(ownView{Mine: m, Key: r.Key()})}), nil
}

type listView struct {
	Rows     []EventRow
	Kind     string
	Past     bool
	Doctor   bool
	Organise bool
	Next     string
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	v := listView{Kind: r.Text("kind"), Past: r.Text("which") == "past", Doctor: r.Call.Actor.Doctor != "", Organise: r.May(ActOrganise)}
	if !known(Kinds(), v.Kind) {
		v.Kind = ""
	}
	rows, next, err := p.s.Events(r.Context(), r.Call, EventQuery{Kind: v.Kind, Past: v.Past, After: r.After(2), Limit: pageSize})
	if err != nil {
		return web.Response{}, err
	}
	v.Rows = rows
	if next != nil {
		v.Next = r.NextPage(next...)
	}
	page := web.PageData{Title: "Events and courses", Body: listPage(v)}
	if v.Doctor {
		page.Back, page.BackText = "/learning", "Learning"
	}
	return web.Page(r, page), nil
}

type eventView struct {
	EventSight
	Key    string
	Errors nhs.Errors
	Doctor bool
}

func (p *Pages) event(r *web.Request) (web.Response, error) { return p.eventPage(r, nil) }

func (p *Pages) eventPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v, err := p.s.LookEvent(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: v.Title, Caption: words(Kinds(), v.Kind), Back: "/events", BackText: "Events and courses", Errors: errs,
		Body: eventBody(eventView{EventSight: v, Key: r.Key(), Errors: errs, Doctor: r.Call.Actor.Doctor != ""})}), nil
}

// done shows the event again with what stopped a command, or goes on.
func (p *Pages) done(r *web.Request, err error, said string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.eventPage(r, errs)
	}
	return web.SeeOther("/events/"+r.PathValue("id"), said), err
}

func (p *Pages) book(r *web.Request) (web.Response, error) {
	b, err := p.s.Book(r.Context(), r.Call, r.PathValue("id"))
	said := "You are booked."
	if b.State == Waiting {
		said = "You are on the waiting list. We tell you when a place is free."
	}
	return p.done(r, err, said)
}

func (p *Pages) answer(r *web.Request) (web.Response, error) {
	yes := r.Text("do") == "yes"
	said := "You are booked."
	if !yes {
		said = "You gave the place to the next who waits."
	}
	return p.done(r, p.s.Answer(r.Context(), r.Call, r.PathValue("id"), yes), said)
}

func (p *Pages) cancel(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.Cancel(r.Context(), r.Call, r.PathValue("id")), "Cancelled. You can book again while there are places.")
}

func (p *Pages) calendar(r *web.Request) (web.Response, error) {
	v, err := p.s.LookEvent(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	text, err := p.s.Calendar(r.Call, v)
	return web.Download("dates.ics", "text/calendar; charset=utf-8", strings.NewReader(text)), err
}
