package placement

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/web"
)

func (p *Pages) newConcern(r *web.Request) (web.Response, error) { return p.concernForm(r, nil) }

func (p *Pages) concernForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	return p.form(r, errs, func(v *formView) (err error) {
		v.Kind = r.Text("whom")
		v.Abouts, err = p.s.Abouts(r.Context(), r.Call, v.ID)
		return err
	}, func(v formView) web.PageData {
		return web.PageData{Title: "Raise a concern", Caption: "Apart from the learning record", Body: concernPage(v)}
	})
}

func (p *Pages) concern(r *web.Request) (web.Response, error) {
	err := p.s.Raise(r.Context(), r.Call, Concern{Placement: r.PathValue("id"), Text: r.Text("text")}, r.Text("whom"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.concernForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/home", "Your concern was passed on. Only the people the form named can read it"), nil
}

func (p *Pages) concerns(r *web.Request) (web.Response, error) { return p.concernsForm(r, nil) }

func (p *Pages) concernsForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	pl, list, err := p.s.Concerns(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := formView{Placement: pl, Key: r.Key(), Errors: errs, Text: r.Text("text"), Account: r.Text("about"), Concerns: list}
	return private(web.Page(r, web.PageData{Title: "Concerns", Caption: "Apart from the learning record", Back: "/placements/" + pl.ID, BackText: "Post", Errors: errs, Body: concernsPage(v)})), nil
}

func (p *Pages) addConcern(r *web.Request) (web.Response, error) {
	about := r.Text("about")
	if about == "" {
		about = "none" // an answer always belongs to a concern
	}
	err := p.s.Raise(r.Context(), r.Call, Concern{Placement: r.PathValue("id"), About: about, Closes: r.Bool("closes"), Text: r.Text("text")}, "")
	if errs, ok := web.FieldErrors(err); ok {
		return p.concernsForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+r.PathValue("id")+"/concerns", "Recorded"), nil
}

func (v supervisionView) concernWords() string {
	if v.Waiting == 0 {
		return "None waits for an answer."
	}
	return strconv.Itoa(v.Waiting) + " not settled."
}

// whom lists whom a concern may be about, as options that say who reads it.
func (v formView) whom() []nhs.Option {
	var out []nhs.Option
	for _, a := range v.Abouts {
		out = append(out, nhs.Option{Value: a.ID, Label: a.Who, Hint: a.words()})
	}
	return out
}

// of gives what somebody typed to one of several concerns.
func (v formView) of(concern, text string) string {
	if v.Account != concern {
		return ""
	}
	return text
}
