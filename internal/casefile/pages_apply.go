package casefile

import (
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

type applyView struct {
	Application
	Key  string
	Step NextStep
}

func (v applyView) items() []nhs.TaskItem {
	var items []nhs.TaskItem
	for _, st := range v.Steps {
		item := nhs.TaskItem{Heading: st.Title, Href: st.URL, Hint: st.Hint}
		if st.Optional {
			item.Heading += " (optional)"
		}
		switch st.State {
		case StateDone:
			item = item.Done()
		case StateInProgress:
			item = item.InProgress()
		case StateCannotYet:
			item = item.CannotStart()
		default:
			item = item.NotStarted()
		}
		items = append(items, item)
	}
	return items
}

func (p *Pages) apply(r *web.Request) (web.Response, error) {
	a, err := p.s.Application(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Your application", Back: "/home", BackText: "Home",
		Body: applyPage(applyView{Application: a, Key: r.Key(), Step: Next(a.Case)})}), nil
}

func (p *Pages) send(r *web.Request) (web.Response, error) {
	if err := p.s.Submit(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/home", "Your application was sent"), nil
}

type urgentView struct {
	Key, Text, Phone string
	Errors           nhs.Errors
}

func (p *Pages) urgent(r *web.Request) (web.Response, error) { return p.urgentForm(r, nil) }

func (p *Pages) urgentForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	if _, err := p.s.own(r.Context(), r.Call, ActUrgent); err != nil {
		return web.Response{}, err
	}
	v := urgentView{Key: r.Key(), Text: r.Text("text"), Errors: errs}
	if p.s.SafetyPhone != nil {
		phone, err := p.s.SafetyPhone(r.Context(), r.Call.Actor.Tenant)
		if err != nil {
			return web.Response{}, err
		}
		v.Phone = phone
	}
	return web.Page(r, web.PageData{Title: "I do not feel safe", Back: "/home", BackText: "Home", Errors: errs, Body: urgentPage(v)}), nil
}

func (p *Pages) raise(r *web.Request) (web.Response, error) {
	if r.Call.Actor.Doctor == "" {
		return web.Response{}, problem.Missing()
	}
	err := p.s.Urgent(r.Context(), r.Call, r.Call.Actor.Doctor, r.Text("text"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.urgentForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/home", "Your caseworker and the national team have your message. They see it first."), nil
}
