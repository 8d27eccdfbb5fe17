package consent

import (
	"net/mail"
	"regexp"
	"strings"

	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/web"
)

// chooseView is a form that chooses an organisation by typing, with or
// without script, and for hiding also a person, a place or a region.
type chooseView struct {
	Key          string
	Kind         string
	Email        string
	Place        string
	Region       string
	Organisation string // as typed
	Chosen       string // its id
	Matches      []nhs.Option
	Scope        []string
	Until        [3]string
	Errors       nhs.Errors
}

func (p *Pages) suggest(r *web.Request) (web.Response, error) {
	found, err := p.Organisations(r.Context(), r.Call, r.Text("q"))
	if err != nil {
		return web.Response{}, err
	}
	out := make([]map[string]string, 0, len(found))
	for _, n := range found {
		out = append(out, map[string]string{"value": n.ID, "text": n.Name, "hint": n.Place})
	}
	return web.JSON(out), nil
}

func typed(r *web.Request) chooseView {
	return chooseView{Key: r.Key(), Kind: r.Text("kind"), Email: r.Text("email"), Place: strings.ToUpper(r.Text("place")), Region: r.Text("region"),
		Organisation: r.Text("organisation"), Chosen: r.Text("organisation-value"), Scope: r.Texts("scope"),
		Until: [3]string{r.Text("until-day"), r.Text("until-month"), r.Text("until-year")}}
}

// organisationOf finds the organisation that was typed: chosen from the
// suggestions, or the only one found, or asked back.
func (p *Pages) organisationOf(r *web.Request, v *chooseView) (Named, error) {
	if v.Organisation == "" && v.Chosen == "" {
		return Named{}, fault("organisation", "Enter the name of the organisation")
	}
	if p.Organisations == nil {
		return Named{}, problem.New(problem.Unavailable, "Organisations cannot be searched at the moment. Ask your caseworker.")
	}
	text := v.Organisation
	if text == "" {
		text = v.Chosen
	}
	found, err := p.Organisations(r.Context(), r.Call, text)
	if err != nil {
		return Named{}, err
	}
	for _, n := range found {
		if n.ID == v.Chosen {
			return n, nil
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	for _, n := range found {
		v.Matches = append(v.Matches, nhs.Option{Value: n.ID, Label: n.Name, Hint: n.Place})
	}
	if len(found) == 0 {
		return Named{}, fault("organisation", "We could not find an organisation with that name. Try a part of it, or its postcode")
	}
	return Named{}, fault("organisation-value", "Choose which one you mean")
}

func fault(field, message string) error {
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: field, Message: message}}}
}

func (p *Pages) hide(r *web.Request) (web.Response, error) {
	if _, err := own(r); err != nil {
		return web.Response{}, err
	}
	return hidePage(r, chooseView{Key: r.Key()}), nil
}

func hidePage(r *web.Request, v chooseView) web.Response {
	return web.Page(r, web.PageData{Title: "Hide from a person, organisation or place", Caption: "My record", Back: "/me", Errors: v.Errors, Body: hideBody(v)})
}

var outcodeForm = regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9A-Z]?$`)

func (p *Pages) saveHide(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	v := typed(r)
	from, err := p.subject(r, &v)
	if err == nil {
		err = p.s.Hide(r.Context(), r.Call, id, from)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return hidePage(r, v), nil
	}
	return web.SeeOther("/me", "You are hidden from "+from.Label+". To them you do not exist here."), err
}

func (p *Pages) subject(r *web.Request, v *chooseView) (Subject, error) {
	switch v.Kind {
	case FromAccount:
		a, err := mail.ParseAddress(v.Email)
		if err != nil || a.Address != v.Email || p.AccountOf == nil {
			return Subject{}, fault("email", "Enter their email address in the correct format, like name@example.com")
		}
		account, err := p.AccountOf(r.Context(), v.Email)
		return Subject{FromAccount, account, v.Email}, err
	case FromOrganisation:
		n, err := p.organisationOf(r, v)
		return Subject{FromOrganisation, n.ID, n.Name}, err
	case FromPlace:
		place := strings.Join(strings.Fields(v.Place), "")
		if n := len(place); n > 4 && outcodeForm.MatchString(place[:n-3]) {
			place = place[:n-3]
		}
		if !outcodeForm.MatchString(place) {
			return Subject{}, fault("place", "Enter the first half of a postcode, like LS1")
		}
		return Subject{FromPlace, place, "everyone at " + place}, nil
	case FromRegion:
		name := organisation.RegionName(v.Region)
		if name == "" {
			return Subject{}, fault("region", "Choose a region")
		}
		return Subject{FromRegion, v.Region, "everyone in " + name}, nil
	}
	return Subject{}, fault("kind", "Choose whom you want to hide from")
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	kind, subject, _ := strings.Cut(r.Text("subject"), ":")
	return web.SeeOther("/me", "You are not hidden from them any more"), p.s.Show(r.Context(), r.Call, id, Subject{Kind: kind, ID: subject})
}

func (p *Pages) share(r *web.Request) (web.Response, error) {
	if _, err := own(r); err != nil {
		return web.Response{}, err
	}
	return sharePage(r, chooseView{Key: r.Key(), Scope: []string{ScopeProgress}}), nil
}

func sharePage(r *web.Request, v chooseView) web.Response {
	return web.Page(r, web.PageData{Title: "Let an organisation know", Caption: "My record", Back: "/me", Errors: v.Errors, Body: shareBody(v)})
}

func scopeOptions() []nhs.Option {
	var out []nhs.Option
	for _, s := range Scopes() {
		out = append(out, nhs.Option{Value: s, Label: ScopeWords(s)})
	}
	return out
}

func (p *Pages) saveShare(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	v := typed(r)
	var check problem.Check
	n, err := p.organisationOf(r, &v)
	if problem.KindOf(err) != problem.Invalid && err != nil {
		return web.Response{}, err
	}
	check.Add(err)
	until, err := r.Date("until")
	check.Add(err)
	check.That(len(v.Scope) > 0, "scope", "Choose what they may know")
	check.That(until.IsZero() || until >= r.Call.Today, "until", "The last day must be today or later")
	if err = check.Err(); err == nil {
		_, err = p.s.Give(r.Context(), r.Call, Consent{Doctor: id, Organisation: n.ID, Scope: v.Scope, Until: until, Source: "doctor"})
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return sharePage(r, v), nil
	}
	return web.SeeOther("/me", n.Name+" may now know what you chose. You can take it back at any time."), err
}

// pauseView asks when the doctor expects to carry on.
type pauseView struct {
	Key    string
	Until  [3]string
	Errors nhs.Errors
}

func (p *Pages) askPause(r *web.Request) (web.Response, error) {
	if _, err := own(r); err != nil {
		return web.Response{}, err
	}
	return pausePage(r, pauseView{Key: r.Key()}), nil
}

func pausePage(r *web.Request, v pauseView) web.Response {
	return web.Page(r, web.PageData{Title: "Take a break", Caption: "My record", Back: "/me", Errors: v.Errors, Body: pauseBody(v)})
}

func (p *Pages) pause(r *web.Request) (web.Response, error) {
	if _, err := own(r); err != nil {
		return web.Response{}, err
	}
	if p.Pause == nil {
		return web.Response{}, problem.Missing()
	}
	until, err := r.Date("until")
	if err == nil && !until.IsZero() && until <= r.Call.Today {
		err = fault("until", "The date must be after today")
	}
	if err == nil {
		err = p.Pause(r.Context(), r.Call, until)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return pausePage(r, pauseView{Key: r.Key(), Until: [3]string{r.Text("until-day"), r.Text("until-month"), r.Text("until-year")}, Errors: errs}), nil
	}
	return web.SeeOther("/me", "Paused. You keep your place."), err
}

func (p *Pages) resume(r *web.Request) (web.Response, error) {
	if _, err := own(r); err != nil || p.Resume == nil {
		return web.Response{}, problem.Missing()
	}
	return web.SeeOther("/me", "Welcome back. We carry on where you stopped."), p.Resume(r.Context(), r.Call)
}

type safetyView struct {
	Key, Phone, Text string
	Errors           nhs.Errors
}

func (p *Pages) safety(r *web.Request) (web.Response, error) {
	if _, err := own(r); err != nil {
		return web.Response{}, err
	}
	v := safetyView{Key: r.Key()}
	if p.Phone != nil {
		phone, err := p.Phone(r.Context(), r.Call.Actor.Tenant)
		if err != nil {
			return web.Response{}, err
		}
		v.Phone = phone
	}
	return web.Page(r, web.PageData{Title: "I do not feel safe", Caption: "My record", Back: "/me", Body: safetyBody(v)}), nil
}

func (p *Pages) urgent(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	if p.Urgent == nil {
		return web.Response{}, problem.Missing()
	}
	text := r.Text("text")
	if n := len([]rune(text)); n > 1000 {
		v := safetyView{Key: r.Key(), Text: text, Errors: nhs.Errors{{Name: "text", Message: "Write 1,000 characters or fewer"}}}
		return web.Page(r, web.PageData{Title: "I do not feel safe", Caption: "My record", Back: "/me", Errors: v.Errors, Body: safetyBody(v)}), nil
	}
	return web.SeeOther("/me", "We have told your caseworker and the team. If you are in danger now, call 999."), p.Urgent(r.Context(), r.Call, id, text)
}
