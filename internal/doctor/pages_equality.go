package doctor

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/web"
)

const equalityPath = "/apply/equality"

func (p *Pages) equalityRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: equalityPath, Action: ActEquality, Handle: p.equality},
		{Method: "POST", Pattern: equalityPath, Action: ActEquality, Handle: p.sayEquality},
		{Method: "POST", Pattern: equalityPath + "/take-back", Action: ActEquality, Handle: p.takeBackEquality},
	}
}

type equalityView struct {
	Equality
	Key    string
	Errors nhs.Errors
}

func (v equalityView) version() string { return strconv.Itoa(v.Version) }

func equalityOptions(list []EqualityOption) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, o := range list {
		out[i] = nhs.Option{Value: o.Code, Label: o.Words}
	}
	return out
}

func (p *Pages) equality(r *web.Request) (web.Response, error) {
	e, err := p.s.OwnEquality(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return equalityPage(r, equalityView{Equality: e, Key: r.Key()}), nil
}

func equalityPage(r *web.Request, v equalityView) web.Response {
	return web.Page(r, web.PageData{Title: "Questions about equality", Caption: "Your application: you can leave this out", Back: "/apply", Errors: v.Errors, Body: equalityBody(v)})
}

func (p *Pages) sayEquality(r *web.Request) (web.Response, error) {
	e := Equality{Sex: r.Text("sex"), Nationality: r.Text("nationality")}
	var err error
	if e.Version, err = r.Int("version"); err != nil {
		return web.Response{}, err
	}
	err = p.s.SayEquality(r.Context(), r.Call, e)
	if errs, ok := web.FieldErrors(err); ok {
		return equalityPage(r, equalityView{Equality: e, Key: r.Key(), Errors: errs}), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply", "Saved. Thank you. Nobody sees your answers: they are only counted."), nil
}

func (p *Pages) takeBackEquality(r *web.Request) (web.Response, error) {
	if err := p.s.TakeBackEquality(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply", "Your answers are deleted."), nil
}
