package signin

import (
	"net/url"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages is the browser face.
type Pages struct{ s *Service }

// NewPages makes it.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the pages. The one-click persona exists only in the demo. They
// keep their own transactions: a wrong code must stay counted.
func (p *Pages) Routes() []web.Route {
	post := func(pattern string, limit int, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: ActEnter, Handle: fn, OwnTx: true, Limit: limit}
	}
	routes := []web.Route{
		{Method: "GET", Pattern: "/sign-in", Action: ActEnter, Handle: p.ask},
		post("/sign-in", 30, p.send),
		{Method: "GET", Pattern: "/sign-in/code", Action: ActEnter, Handle: p.askCode},
		post("/sign-in/code", 30, p.check),
		{Method: "GET", Pattern: "/sign-in/programme", Action: ActEnter, Handle: p.programmes},
		post("/sign-in/programme", 30, p.choose),
		{Method: "GET", Pattern: "/account", Action: ActEnter, Handle: p.account},
		post("/sign-out", 120, p.leave),
		post("/sign-out/everywhere", 30, p.leaveEverywhere),
	}
	if p.s.o.Personas != nil {
		routes = append(routes, post("/sign-in/as", 600, p.be))
	}
	return routes
}

// after is where to go once signed in: the page first asked for, or home.
func (p *Pages) after(r *web.Request) string {
	if next := web.Local(r.Text("next")); next != "/" {
		return next
	}
	return p.s.o.Home
}

func withNext(path string, r *web.Request) string {
	if next := web.Local(r.Text("next")); next != "/" {
		return path + "?next=" + url.QueryEscape(next)
	}
	return path
}

func (p *Pages) ask(r *web.Request) (web.Response, error) {
	if r.SignedIn() {
		return web.SeeOther(p.after(r), ""), nil
	}
	return p.askAgain(r, nil), nil
}

func (p *Pages) askAgain(r *web.Request, errs nhs.Errors) web.Response {
	f := askForm{Next: r.Text("next"), Email: r.Text("email"), Errors: errs}
	if p.s.o.Personas != nil {
		f.Personas = p.s.o.Personas(r.Context())
	}
	return web.Page(r, web.PageData{Title: "Sign in", Errors: errs, Body: askPage(f)})
}

func (p *Pages) send(r *web.Request) (web.Response, error) {
	ticket, err := p.s.Ask(r.Context(), r.Call.Now, r.Text("email"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.askAgain(r, errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(withNext("/sign-in/code", r), "").WithCookie(p.s.keep(p.s.ticketName(), ticket, int(codeLife.Seconds()))), nil
}

func (p *Pages) askCode(r *web.Request) (web.Response, error) {
	if cookie(r.Request, p.s.ticketName()) == "" {
		return web.SeeOther(withNext("/sign-in", r), ""), nil
	}
	return p.askCodeAgain(r, nil), nil
}

func (p *Pages) askCodeAgain(r *web.Request, errs nhs.Errors) web.Response {
	return web.Page(r, web.PageData{
		Title: "Check your email", Back: withNext("/sign-in", r), Errors: errs,
		Body: codePage(codeForm{Next: r.Text("next"), Errors: errs, Mailbox: p.s.o.Personas != nil}),
	})
}

func (p *Pages) check(r *web.Request) (web.Response, error) {
	ticket := cookie(r.Request, p.s.ticketName())
	account, err := p.s.Answer(r.Context(), r.Call.Now, ticket, digits(r.Text("code")))
	if errs, ok := web.FieldErrors(err); ok {
		return p.askCodeAgain(r, errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	actors, err := p.s.o.Actors(r.Context(), account)
	if err != nil {
		return web.Response{}, err
	}
	switch len(actors) {
	case 0:
		return web.Page(r, web.PageData{Title: "You do not have access yet", Body: noAccessPage()}).
			WithCookie(p.s.keep(p.s.ticketName(), "", -1)), nil
	case 1:
		return p.enter(r, actors[0], p.after(r))
	}
	return p.enter(r, access.Actor{Account: account}, withNext("/sign-in/programme", r))
}

// enter opens the session and sends the person on.
func (p *Pages) enter(r *web.Request, actor access.Actor, to string) (web.Response, error) {
	call := r.Call
	call.Actor = actor
	token, err := p.s.open(r.Context(), call, p.s.token(r.Request))
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(to, "").WithCookie(p.s.keep(p.s.cookieName(), token, 0)).WithCookie(p.s.keep(p.s.ticketName(), "", -1)), nil
}

func digits(s string) string {
	var out []rune
	for _, c := range s {
		if c != ' ' && c != '-' {
			out = append(out, c)
		}
	}
	return string(out)
}

func (p *Pages) programmes(r *web.Request) (web.Response, error) { return p.programmesAgain(r, nil) }

func (p *Pages) programmesAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	row, found, err := p.s.find(r.Context(), r.Call.Now, p.s.token(r.Request))
	if err != nil {
		return web.Response{}, err
	}
	if !found {
		return web.SeeOther(withNext("/sign-in", r), ""), nil
	}
	actors, err := p.s.o.Actors(r.Context(), row.account)
	if err != nil {
		return web.Response{}, err
	}
	f := programmeForm{Next: r.Text("next"), Errors: errs, Now: row.tenant}
	for _, a := range actors {
		name, err := p.s.o.Programme(r.Context(), a.Tenant)
		if err != nil {
			return web.Response{}, err
		}
		f.Options = append(f.Options, nhs.Option{Value: a.Tenant, Label: name})
	}
	return web.Page(r, web.PageData{Title: "Which programme?", NoHeading: true, Errors: errs, Body: programmePage(f)}), nil
}

func (p *Pages) choose(r *web.Request) (web.Response, error) {
	token, err := p.s.choose(r.Context(), r.Call.Now, p.s.token(r.Request), r.Text("programme"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.programmesAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(p.after(r), "").WithCookie(p.s.keep(p.s.cookieName(), token, 0)), nil
}

func (p *Pages) be(r *web.Request) (web.Response, error) {
	for _, persona := range p.s.o.Personas(r.Context()) {
		if persona.ID != r.Text("persona") {
			continue
		}
		actor, found, err := p.s.actorIn(r.Context(), persona.Account, persona.Tenant)
		if err != nil {
			return web.Response{}, err
		}
		if found {
			return p.enter(r, actor, p.after(r))
		}
	}
	return web.Response{}, problem.Missing()
}

func (p *Pages) leave(r *web.Request) (web.Response, error) {
	if err := p.s.End(r.Context(), p.s.token(r.Request)); err != nil {
		return web.Response{}, err
	}
	return p.gone("You are signed out"), nil
}

func (p *Pages) leaveEverywhere(r *web.Request) (web.Response, error) {
	row, found, err := p.s.find(r.Context(), r.Call.Now, p.s.token(r.Request))
	if err != nil {
		return web.Response{}, err
	}
	if found {
		if err := p.s.EndAll(r.Context(), row.account); err != nil {
			return web.Response{}, err
		}
	}
	return p.gone("You are signed out everywhere"), nil
}

func (p *Pages) gone(words string) web.Response {
	return web.SeeOther("/", words).WithCookie(p.s.keep(p.s.cookieName(), "", -1)).With("Clear-Site-Data", `"cache", "storage"`)
}

func (p *Pages) account(r *web.Request) (web.Response, error) {
	if !r.SignedIn() {
		return web.SeeOther("/sign-in?next=%2Faccount", ""), nil
	}
	actor := r.Call.Actor
	email, err := p.s.Email(r.Context(), actor.Account)
	if err != nil {
		return web.Response{}, err
	}
	open, err := p.s.openSessions(r.Context(), actor.Account, r.Call.Now)
	if err != nil {
		return web.Response{}, err
	}
	programme, err := p.s.o.Programme(r.Context(), actor.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	actors, err := p.s.o.Actors(r.Context(), actor.Account)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Your account", Back: p.s.o.Home, Body: accountPage(accountData{
		Name: actor.Name, Email: email, Programme: programme, Open: open, Several: len(actors) > 1,
	})}), nil
}
