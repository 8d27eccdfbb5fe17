package consent

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Named is an organisation or scheme to choose from.
type Named struct{ ID, Name, Place string }

// Journey is as much of the case as the doctor's own page shows.
type Journey struct {
	Ref, Stage string
	Caseworker string // name, "" when nobody is named yet
	Paused     bool
}

// PagesOptions are what the pages need. What a later station knows comes as a
// func, filled by app; a page whose func is nil leaves that part out.
type PagesOptions struct {
	Consent *Service
	Doctors *doctor.Service
	Facts   *fact.Service
	// FactPanel draws what is known about the doctor.
	FactPanel func(ctx context.Context, call access.Call, doctor string) (templ.Component, error)
	// Organisations finds organisations by name, code or postcode.
	Organisations     func(ctx context.Context, call access.Call, text string) ([]Named, error)
	OrganisationNames func(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	// AccountOf gives the account of an address whether or not someone uses it
	// yet, so that the answer tells nothing about who does.
	AccountOf func(ctx context.Context, email string) (string, error)
	Journey   func(ctx context.Context, call access.Call) (Journey, error)
	Pause     func(ctx context.Context, call access.Call, until clock.Date) error
	Resume    func(ctx context.Context, call access.Call) error
	Urgent    func(ctx context.Context, call access.Call, doctor, text string) error
	Phone     func(ctx context.Context, tenant string) (string, error) // to ring when not safe
	// Schemes lists the tenants a record can be carried to; Arrived opens the
	// case of a record new there; CarryPreferences copies the wishes.
	Schemes          func(ctx context.Context) ([]Named, error)
	Arrived          func(ctx context.Context, there access.Call, doctor, ref string) error
	CarryPreferences func(ctx context.Context, call, there access.Call) error
	// Also adds further parts to the doctor's copy of their record.
	Also func(ctx context.Context, call access.Call) (map[string]any, error)
}

// Pages are the browser face: the doctor's own page and the declarations.
type Pages struct {
	PagesOptions
	s *Service
}

// NewPages makes them.
func NewPages(o PagesOptions) *Pages { return &Pages{PagesOptions: o, s: o.Consent} }

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	routes := []web.Route{
		{Method: "GET", Pattern: "/apply/declarations", Action: ActDeclare, Handle: p.declarations},
		{Method: "POST", Pattern: "/apply/declarations", Action: ActDeclare, Handle: p.saveDeclarations},
		{Method: "GET", Pattern: "/me", Action: ActSelf, Handle: p.me},
		{Method: "GET", Pattern: "/me/record.json", Action: ActSelf, Handle: p.record},
		{Method: "GET", Pattern: "/me/share", Action: ActGive, Handle: p.share},
		{Method: "POST", Pattern: "/me/share", Action: ActGive, Handle: p.saveShare},
		{Method: "POST", Pattern: "/me/withdraw", Action: ActWithdraw, Handle: p.withdraw},
		{Method: "GET", Pattern: "/me/hide", Action: ActHide, Handle: p.hide},
		{Method: "POST", Pattern: "/me/hide", Action: ActHide, Handle: p.saveHide},
		{Method: "POST", Pattern: "/me/show", Action: ActHide, Handle: p.show},
		{Method: "GET", Pattern: "/me/pause", Action: ActSelf, Handle: p.askPause},
		{Method: "POST", Pattern: "/me/pause", Action: ActSelf, Handle: p.pause},
		{Method: "POST", Pattern: "/me/resume", Action: ActSelf, Handle: p.resume},
		{Method: "GET", Pattern: "/me/safety", Action: ActSelf, Handle: p.safety},
		{Method: "POST", Pattern: "/me/safety", Action: ActSelf, Handle: p.urgent},
		{Method: "GET", Pattern: "/me/carry", Action: doctor.ActCarry, Handle: p.carry},
		{Method: "POST", Pattern: "/me/carry", Action: doctor.ActCarry, Handle: p.saveCarry},
	}
	if p.Organisations != nil {
		routes = append(routes, web.Route{Method: "GET", Pattern: "/me/organisations.json", Action: ActHide, Handle: p.suggest})
	}
	return routes
}

// own gives the actor's doctor id; staff have no such pages.
func own(r *web.Request) (string, error) {
	if r.Call.Actor.Doctor == "" {
		return "", problem.Missing()
	}
	return r.Call.Actor.Doctor, nil
}

type declarationsView struct {
	Key    string
	Given  []string
	Errors nhs.Errors
}

func (v declarationsView) options() []nhs.Option {
	var out []nhs.Option
	for _, code := range Declarations() {
		out = append(out, nhs.Option{Value: code, Label: DeclarationWords(code)})
	}
	return out
}

func (p *Pages) declarations(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	made, err := p.s.Declared(r.Context(), r.Call.Actor.Tenant, id)
	if err != nil {
		return web.Response{}, err
	}
	v := declarationsView{Key: r.Key()}
	for code := range made {
		v.Given = append(v.Given, code)
	}
	return web.Page(r, web.PageData{Title: "Declarations", Caption: "Your application", Back: "/apply", Body: declarationsBody(v)}), nil
}

func (p *Pages) saveDeclarations(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply", "Saved"), p.s.Declare(r.Context(), r.Call, id, r.Texts("declare"))
}

// meView is the doctor's own page.
type meView struct {
	Key      string
	Doctor   doctor.Doctor
	Journey  *Journey
	Facts    templ.Component
	Live     []Consent
	Past     []Consent
	Names    map[string]string
	Hides    []Hidden
	MayHide  bool
	MayPause bool
	Safety   bool
	Carry    bool
}

func (p *Pages) me(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	ctx, tenant := r.Context(), r.Call.Actor.Tenant
	v := meView{Key: r.Key(), MayHide: true, MayPause: p.Pause != nil && p.Resume != nil, Safety: p.Urgent != nil}
	if v.Doctor, err = p.Doctors.Own(ctx, r.Call); err != nil {
		return web.Response{}, err
	}
	if p.Journey != nil {
		j, err := p.Journey(ctx, r.Call)
		if err != nil {
			return web.Response{}, err
		}
		v.Journey = &j
	}
	if p.FactPanel != nil {
		if v.Facts, err = p.FactPanel(ctx, r.Call, id); err != nil {
			return web.Response{}, err
		}
	}
	all, err := p.s.All(ctx, tenant, id)
	if err != nil {
		return web.Response{}, err
	}
	for _, c := range all {
		if c.Live(r.Call.Today) {
			v.Live = append(v.Live, c)
		} else {
			v.Past = append(v.Past, c)
		}
	}
	if v.Names, err = p.names(ctx, tenant, all); err != nil {
		return web.Response{}, err
	}
	if v.Hides, err = p.s.Hides(ctx, r.Call); err != nil {
		return web.Response{}, err
	}
	others, err := p.others(ctx, tenant)
	v.Carry = len(others) > 0
	return web.Page(r, web.PageData{Title: "My record", Body: meBody(v)}), err
}

func (p *Pages) names(ctx context.Context, tenant string, list []Consent) (map[string]string, error) {
	var ids []string
	for _, c := range list {
		if !slices.Contains(ids, c.Organisation) {
			ids = append(ids, c.Organisation)
		}
	}
	if p.OrganisationNames == nil || len(ids) == 0 {
		return map[string]string{}, nil
	}
	return p.OrganisationNames(ctx, tenant, ids)
}

// others lists the schemes a record can be carried to from a tenant.
func (p *Pages) others(ctx context.Context, tenant string) ([]Named, error) {
	if p.Schemes == nil {
		return nil, nil
	}
	all, err := p.Schemes(ctx)
	return slices.DeleteFunc(slices.Clone(all), func(n Named) bool { return n.ID == tenant }), err
}

func (v meView) name(organisation string) string {
	if n := v.Names[organisation]; n != "" {
		return n
	}
	return organisation
}

func (v meView) until(c Consent) string {
	switch {
	case !c.WithdrawnOn.IsZero():
		return "You took this back on " + c.WithdrawnOn.Long()
	case c.Until.IsZero():
		return "Since " + c.GivenOn.Long() + ", until you take it back"
	}
	return "Since " + c.GivenOn.Long() + ", until " + c.Until.Long()
}

func scopeWords(c Consent) []string {
	out := make([]string, len(c.Scope))
	for i, s := range c.Scope {
		out[i] = ScopeWords(s)
	}
	return out
}

func (v meView) details() []nhs.SummaryRow {
	d := v.Doctor
	row := func(key, value, path string) nhs.SummaryRow {
		if value == "" {
			value = "Not given yet"
		}
		return nhs.SummaryRow{Key: key, Value: value, Actions: []nhs.Action{{Text: "Change", Href: path, VisuallyHiddenText: strings.ToLower(key)}}}
	}
	rows := []nhs.SummaryRow{row("Name on document", d.AsWritten(), "/apply/about-you"), row("Likes to be called", d.Preferred, "/apply/about-you")}
	if d.Native != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Name in own script", Body: nhs.Name{Text: d.Native}})
	}
	rows[1].Key = "What we call you"
	return append(rows, row("Date of birth", d.BirthDate.Long(), "/apply/about-you"), row("Email", d.Email, "/apply/contact"), row("Mobile", d.Mobile, "/apply/contact"))
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	return web.SeeOther("/me", "You took back your agreement. From now on they learn nothing new."), p.s.Withdraw(r.Context(), r.Call, r.Text("consent"))
}

// Panel is, on the case page, what the doctor agreed that organisations may
// know; hides are never shown to anybody.
func (p *Pages) Panel(ctx context.Context, call access.Call, id string) (templ.Component, error) {
	if p.s.may(call, ActRead, id) != nil {
		return nil, nil
	}
	list, err := p.s.Live(ctx, call.Actor.Tenant, id, call.Today)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	names, err := p.names(ctx, call.Actor.Tenant, list)
	v := meView{Live: list, Names: names}
	return v.panel(), err
}

// staffWords says a scope to staff.
func staffWords(scope string) string {
	switch scope {
	case ScopeProgress:
		return "Coarse progress and waiting time"
	case ScopeContact:
		return "Name and contact"
	case ScopeApplication:
		return "Qualification and experience"
	case ScopeExams:
		return "Exams and English tests"
	case ScopeImmigration:
		return "Right to work"
	}
	return scope
}

func staffUntil(c Consent) string {
	if c.Until.IsZero() {
		return "Given on " + c.GivenOn.Long() + ", no end"
	}
	return "Given on " + c.GivenOn.Long() + ", until " + c.Until.Long()
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// tail ends the idempotency key of a hide's own form.
func (h Hidden) tail() string { k := h.Key(); return k[max(0, len(k)-16):] }
