package portfolio

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages is the browser's face of portfolios.
type Pages struct {
	s      *Service
	secure bool
}

// NewPages makes the pages; secure says that the site is served over TLS.
func NewPages(s *Service, secure bool) *Pages { return &Pages{s, secure} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	get := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: pattern, Action: act, Handle: fn}
	}
	post := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: act, Handle: fn}
	}
	list := []web.Route{
		get("/portfolio", ActOwn, p.mine),
		get("/portfolio/new", ActOwn, p.add),
		post("/portfolio/new", ActOwn, p.create),
		get("/portfolio/items/{id}", ActSignOffs, p.show),
		get("/portfolio/items/{id}/change", ActOwn, p.edit),
		post("/portfolio/items/{id}/change", ActOwn, p.save),
		post("/portfolio/items/{id}/share", ActOwn, p.share),
		post("/portfolio/items/{id}/delete", ActOwn, p.remove),
		get("/portfolio/items/{id}/ask", ActOwn, p.asking),
		post("/portfolio/items/{id}/ask", ActOwn, p.ask),
		get("/portfolios/{ref}", ActSignOffs, p.portfolio),
		get("/portfolios/{ref}/coverage", ActSee, p.coverage),
		get("/assessors", ActVouch, p.assessors),
		post("/assessors/{id}", ActVouch, p.vouch),
	}
	return slices.Concat(list, p.signRoutes(), p.passportRoutes(), p.exportRoutes(), p.feedbackRoutes(), p.reportRoutes(), p.grantRoutes())
}

// Panels are the parts of the case page this package owns.
func (p *Pages) Panels() []casefile.Panel {
	return []casefile.Panel{{ID: "portfolio", Title: "Portfolio", Order: 75, Render: p.Panel}}
}

// Panel leads to the portfolio, for those who may see any of it.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	c, err := p.s.o.Cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil || p.s.stands(call, c.Resource()) == nobody {
		return nil, err
	}
	return panelBody(c.Ref, p.s.access.May(call.Actor, ActTakeIn, c.Resource()) == nil), nil
}

const pageSize = 25

func (p *Pages) mine(r *web.Request) (web.Response, error) {
	ref, err := p.s.o.Cases.OwnRef(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return p.list(r, ref)
}

func (p *Pages) portfolio(r *web.Request) (web.Response, error) { return p.list(r, r.PathValue("ref")) }

type listView struct {
	Here string // the list's own address
	Sight
	Query  Query
	Next   string
	Today  string
	ToRead string // feedback that waits for who looks
}

func (p *Pages) list(r *web.Request, ref string) (web.Response, error) {
	q := Query{Kind: Kind(r.Text("kind")), After: r.After(2), Limit: pageSize + 1}
	sight, err := p.s.Look(r.Context(), r.Call, ref, q)
	if err != nil {
		return web.Response{}, err
	}
	v := listView{Here: r.URL.Path, Sight: sight, Query: q, Today: r.Call.Today.String()}
	if len(v.Items) > pageSize {
		v.Items = v.Items[:pageSize]
		last := v.Items[pageSize-1]
		v.Next = r.NextPage(last.On.String(), last.ID)
	}
	if !sight.Own && !sight.OnlySignOffs {
		if v.ToRead, err = p.s.ToRead(r.Context(), r.Call, sight.Doctor); err != nil {
			return web.Response{}, err
		}
	}
	page := web.PageData{Title: "Portfolio", Caption: sight.Name, Back: "/cases/" + sight.Ref, BackText: "Case", Body: listPage(v)}
	if sight.Own {
		page.Title, page.Caption, page.Back, page.BackText = "Your portfolio", "", "/home", "Home"
	}
	return web.Page(r, page), nil
}

type showView struct {
	Item
	Sight
	fw    *Frameworks
	Title string
	Key   string
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	item, sight, err := p.s.LookItem(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := showView{Item: item, Sight: sight, fw: p.s.o.Frameworks, Title: item.Title, Key: r.Key()}
	back := "/portfolios/" + sight.Ref
	if sight.Own {
		back = "/portfolio"
	}
	return web.Page(r, web.PageData{Title: v.heading(), Caption: v.caption(), Back: back, BackText: "Portfolio", Body: showPage(v)}), nil
}

type formView struct {
	Saving
	Words      KindWords
	Day        [3]string
	Key        string
	Frameworks []Framework
	Tasks      []Task
	Subjects   []Subject
	Warned     bool
	Errors     nhs.Errors
}

func (p *Pages) add(r *web.Request) (web.Response, error) {
	words, known := WordsOf(Kind(r.Text("kind")))
	if !known || words.Kind.Made() {
		return web.Page(r, web.PageData{Title: "What do you want to add?", Back: "/portfolio", BackText: "Your portfolio", Body: choosePage()}), nil
	}
	return p.form(r, Saving{Kind: words.Kind}, nil, false)
}

func (p *Pages) edit(r *web.Request) (web.Response, error) {
	item, sight, err := p.s.LookItem(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.Own {
		return web.Response{}, problem.Missing()
	}
	cmd := Saving{ID: item.ID, Version: item.Version, Kind: item.Kind, On: item.On, Task: item.Task, Level: item.Level, Share: item.Shared, Story: item.Story}
	for _, t := range item.Tags {
		cmd.Tags = append(cmd.Tags, string(t))
	}
	return p.form(r, cmd, nil, false)
}

func (p *Pages) form(r *web.Request, cmd Saving, errs nhs.Errors, warned bool) (web.Response, error) {
	words, _ := WordsOf(cmd.Kind)
	v := formView{Saving: cmd, Words: words, Key: r.Key(), Errors: errs, Warned: warned, Subjects: p.s.o.Subjects, Frameworks: p.s.o.Frameworks.InForce(r.Call.Today)}
	var err error
	if v.Tasks, err = p.s.TasksNow(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	v.Day = [3]string{r.Text("on-day"), r.Text("on-month"), r.Text("on-year")}
	if !cmd.On.IsZero() {
		v.Day = nhs.DateParts(cmd.On)
	}
	return web.Page(r, web.PageData{Title: words.Title, Caption: "Your portfolio", Back: "/portfolio", BackText: "Your portfolio", Errors: errs, Body: formPage(v)}), nil
}

func (p *Pages) typed(r *web.Request) (Saving, error) {
	cmd := Saving{ID: r.PathValue("id"), Kind: Kind(r.Text("kind")), Task: r.Text("task"), Tags: r.Texts("tags"), Share: r.Bool("share"), Draft: r.Text("do") == "draft", Anyway: r.Bool("anyway"),
		Story: Story{Title: r.Text("title"), What: r.Text("what"), Learnt: r.Text("learnt"), Where: r.Text("where"), Subject: r.Text("subject")}}
	var c problem.Check
	var err error
	cmd.On, err = r.Date("on")
	c.Add(err)
	level, err := r.Int("level")
	c.Add(err)
	cmd.Level = Level(level)
	cmd.Version, err = r.Int("version")
	c.Add(err)
	return cmd, c.Err()
}

func (p *Pages) create(r *web.Request) (web.Response, error) { return p.keep(r) }
func (p *Pages) save(r *web.Request) (web.Response, error)   { return p.keep(r) }

func (p *Pages) keep(r *web.Request) (web.Response, error) {
	cmd, err := p.typed(r)
	var item Item
	if err == nil {
		item, err = p.s.Save(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		if cmd.ID != "" {
			if item, _, err := p.s.LookItem(r.Context(), r.Call, cmd.ID); err == nil {
				cmd.Kind = item.Kind
			}
		}
		return p.form(r, cmd, errs, errors.Is(err, ErrIdentified))
	}
	if err != nil {
		return web.Response{}, err
	}
	words, _ := WordsOf(item.Kind)
	switch {
	case cmd.Draft:
		return web.SeeOther("/portfolio", "Draft saved"), nil
	case words.Signed:
		return web.SeeOther("/portfolio/items/"+item.ID+"/ask", "Saved. Now ask for a signature"), nil
	}
	return web.SeeOther("/portfolio/items/"+item.ID, "Saved"), nil
}

func (p *Pages) share(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	share := r.Bool("share")
	if err := p.s.Share(r.Context(), r.Call, r.PathValue("id"), version, share); err != nil {
		return web.Response{}, err
	}
	flash := "Your supervisors can read this now"
	if !share {
		flash = "Only you can read this now"
	}
	return web.SeeOther("/portfolio/items/"+r.PathValue("id"), flash), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	if err := p.s.Delete(r.Context(), r.Call, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolio", "Draft deleted"), nil
}

type askView struct {
	Item
	Key, To, Name string
	Given         *Given
	Errors        nhs.Errors
}

func (p *Pages) asking(r *web.Request) (web.Response, error) { return p.askForm(r, nil) }

func (p *Pages) askForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	item, sight, err := p.s.LookItem(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if words, _ := WordsOf(item.Kind); !sight.Own || !words.Signed {
		return web.Response{}, problem.Missing()
	}
	v := askView{Item: item, Key: r.Key(), To: r.Text("to"), Name: r.Text("name"), Errors: errs}
	return web.Page(r, web.PageData{Title: "Ask for a signature", Caption: item.Title, Back: "/portfolio/items/" + item.ID, Errors: errs, Body: askPage(v)}), nil
}

// deviceCookie remembers a doctor's browser, so that signing in the same one is
// noticed. It holds a random number and is read nowhere else.
func (p *Pages) deviceCookie() string { return web.CookieName("msw-device", p.secure) }

// device gives what marks the doctor's browser, and the cookie that keeps it.
func (p *Pages) device(r *web.Request) (string, *http.Cookie) {
	device := NewDevice()
	if c, err := r.Cookie(p.deviceCookie()); err == nil && len(c.Value) == len(device) {
		device = c.Value
	}
	const year = 365 * 24 * 60 * 60
	return device, &http.Cookie{Name: p.deviceCookie(), Value: device, Path: "/", MaxAge: year, HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode}
}

func (p *Pages) ask(r *web.Request) (web.Response, error) {
	device, cookie := p.device(r)
	version, err := r.Int("version")
	var given Given
	if err == nil {
		given, err = p.s.Ask(r.Context(), r.Call, Asking{Item: r.PathValue("id"), Version: version, To: r.Text("to"), Name: r.Text("name"), Device: device, Network: r.Sender()})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.askForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	flash := "Asked. The link was sent"
	if !given.Sent {
		flash = "Read this code out to the person who watched you: " + given.Code + ". They enter it at " + p.s.o.Address + "/sign-off. It works once, until " + given.Until.LocalTime()
	}
	return web.SeeOther("/portfolio/items/"+r.PathValue("id"), flash).WithCookie(cookie), nil
}

type coverageView struct {
	CoverageSight
	Frameworks []Framework
}

func (p *Pages) coverage(r *web.Request) (web.Response, error) {
	code := r.Text("framework")
	if code == "" {
		code = p.s.o.Frameworks.List[0].Code()
	}
	sight, err := p.s.Coverage(r.Context(), r.Call, r.PathValue("ref"), code)
	if err != nil {
		return web.Response{}, err
	}
	back := "/portfolios/" + sight.Ref
	if sight.Own {
		back = "/portfolio"
	}
	return web.Page(r, web.PageData{Title: "What the evidence shows", Caption: sight.Name, Back: back, BackText: "Portfolio", Wide: true, Body: coveragePage(coverageView{sight, p.s.o.Frameworks.List})}), nil
}

type assessorsView struct {
	Rows   []ToVouch
	Key    string
	Next   string
	Errors nhs.Errors
}

func (p *Pages) assessors(r *web.Request) (web.Response, error) { return p.assessorList(r, nil) }

func (p *Pages) assessorList(r *web.Request, errs nhs.Errors) (web.Response, error) {
	rows, err := p.s.Waiting(r.Context(), r.Call, Query{After: r.After(2), Limit: pageSize + 1})
	if err != nil {
		return web.Response{}, err
	}
	v := assessorsView{Rows: rows, Key: r.Key(), Errors: errs}
	if len(rows) > pageSize {
		v.Rows = rows[:pageSize]
		last := v.Rows[pageSize-1]
		v.Next = r.NextPage(last.Recorded.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Who signed?", Caption: "Assessors without an account", Errors: errs, Body: assessorsPage(v)}), nil
}

func (p *Pages) vouch(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	known := r.Text("do") == "known"
	if err == nil {
		err = p.s.Vouch(r.Context(), r.Call, Vouching{Item: r.PathValue("id"), Version: version, Known: known, Say: r.Text("say")})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.assessorList(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	if known {
		return web.SeeOther("/assessors", "Confirmed. The signature counts"), nil
	}
	return web.SeeOther("/assessors", "The signature does not count"), nil
}
