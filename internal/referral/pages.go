package referral

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/doctor"
	"msw/internal/nhs"
	"msw/internal/web"
)

// SignIn is what these pages need to prove an email address and to begin a
// session: package signin's use cases, given by app.
type SignIn struct {
	Ensure func(ctx context.Context, email string) (account string, err error)
	Ask    func(ctx context.Context, now clock.Instant, email string) (ticket string, err error)
	Answer func(ctx context.Context, now clock.Instant, ticket, code string) (account string, err error)
	// Start begins a session of an account whose address was just proved. When
	// nil, the doctor is sent to the sign-in page.
	Start  func(ctx context.Context, call access.Call, account, tenant string) ([]*http.Cookie, error)
	Secure bool // served over TLS
}

// Pages is the browser face.
type Pages struct {
	s      *Service
	signIn SignIn
}

// NewPages makes the pages.
func NewPages(s *Service, in SignIn) *Pages { return &Pages{s: s, signIn: in} }

// Routes lists every address of this package. Those of an invitation keep their
// own transactions: what is proved on one page must stay proved on the next.
func (p *Pages) Routes() []web.Route {
	type handle = func(*web.Request) (web.Response, error)
	get := func(pattern string, act access.Action, fn handle) web.Route {
		return web.Route{Method: "GET", Pattern: pattern, Action: act, Handle: fn}
	}
	post := func(pattern string, act access.Action, fn handle) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: act, Handle: fn}
	}
	own := func(pattern string, act access.Action, limit int, fn handle) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: act, Handle: fn, OwnTx: true, Limit: limit}
	}
	upload := own("/referrals/import", ActImport, 0, p.upload)
	upload.Upload = true
	self := post("/refer-yourself", ActSelf, p.referSelf)
	self.Limit = 5
	return []web.Route{
		get("/referrals", ActDesk, p.desk),
		get("/referrals/new", ActRefer, p.new),
		post("/referrals/new", ActRefer, p.refer),
		get("/referrals/import", ActImport, p.importing),
		upload,
		get("/referral-files/{id}", ActImport, p.uploaded),
		own("/referral-files/{id}", ActImport, 0, p.confirm),
		get("/referral-files/{id}/result", ActImport, p.result),
		get("/referrals/{ref}", ActDesk, p.show),
		get("/referrals/{ref}/withdraw", ActWithdraw, p.askWithdraw),
		post("/referrals/{ref}/withdraw", ActWithdraw, p.withdraw),
		get("/referrals/{ref}/renew", ActRenew, p.askRenew),
		post("/referrals/{ref}/renew", ActRenew, p.renew),
		get("/sharing/{ref}", ActAgree, p.question),
		post("/sharing/{ref}", ActAgree, p.answer),
		get("/routes", ActRoutes, p.routes),
		post("/routes", ActRoutes, p.saveRoute),
		get("/refer-yourself", ActSelf, p.self),
		self,
		get("/refer-yourself/sent", ActSelf, p.selfSent),
		get("/invitation", ActTakeOver, p.invitation),
		own("/invitation", ActTakeOver, 10, p.enter),
		get("/invitation/{secret}", ActTakeOver, p.invited),
		own("/invitation/{secret}", ActTakeOver, 10, p.email),
		get("/invitation/{secret}/code", ActTakeOver, p.askCode),
		own("/invitation/{secret}/code", ActTakeOver, 10, p.prove),
		own("/invitation/{secret}/take", ActTakeOver, 10, p.take),
		post("/cases/{ref}/invitation/send", ActInvite, p.send),
		post("/cases/{ref}/invitation/call", ActInvite, p.call),
		own("/cases/{ref}/invitation/paper", ActInvite, 0, p.paper),
		post("/cases/{ref}/follow", ActFollow, p.follow),
		post("/cases/{ref}/unfollow", ActFollow, p.unfollow),
	}
}

type deskView struct {
	Desk
	Group  Group
	Next   string
	Routes []Route
	Names  map[string]string
	Today  clock.Date
	Refers bool
	Files  bool
	Lists  bool // may change the list of routes
}

func (p *Pages) desk(r *web.Request) (web.Response, error) {
	v := deskView{Group: Group(r.Text("show")), Today: r.Call.Today, Refers: r.May(ActRefer), Files: r.May(ActImport), Lists: r.May(ActRoutes)}
	if !v.Group.Known() {
		v.Group = GroupWaiting
	}
	var err error
	if v.Desk, err = p.s.Desk(r.Context(), r.Call, DeskQuery{Group: v.Group, After: r.After(2)}); err != nil {
		return web.Response{}, err
	}
	if v.Desk.Next != nil {
		v.Next = r.NextPage(v.Desk.Next...)
	}
	if v.Routes, err = p.s.AllRoutes(r.Context(), r.Call.Actor.Tenant); err != nil {
		return web.Response{}, err
	}
	var ids []string
	for _, a := range v.Answers {
		if a.Organisation != "" && !slices.Contains(ids, a.Organisation) {
			ids = append(ids, a.Organisation)
		}
	}
	if v.Names, err = p.names(r, ids); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: deskTitle(v.Staff), Wide: true, Body: deskPage(v)}), nil
}

func (p *Pages) names(r *web.Request, ids []string) (map[string]string, error) {
	found, err := p.s.o.Organisations.GetMany(r.Context(), r.Call.Actor.Tenant, ids)
	names := make(map[string]string, len(found))
	for id, o := range found {
		names[id] = o.Name
	}
	return names, err
}

type openView struct {
	Opened
	Organisation, Route, Country string
	Today                        clock.Date
	Staff                        bool
}

func (p *Pages) show(r *web.Request) (web.Response, error) {
	o, err := p.s.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v := openView{Opened: o, Country: p.s.countries.name(o.Said.Country), Today: r.Call.Today, Staff: o.CaseRef != ""}
	names, err := p.names(r, []string{o.Answer.Organisation})
	if err != nil {
		return web.Response{}, err
	}
	v.Organisation = names[o.Answer.Organisation]
	routes, err := p.s.AllRoutes(r.Context(), r.Call.Actor.Tenant)
	v.Route = routeTitle(routes, o.Answer.Route)
	return web.Page(r, web.PageData{Title: "Referral " + o.Ref, Back: "/referrals", Body: openPage(v)}), err
}

func refURL(ref string, more ...string) string {
	u := "/referrals/" + url.PathEscape(ref)
	for _, m := range more {
		u += "/" + m
	}
	return u
}

func (p *Pages) askWithdraw(r *web.Request) (web.Response, error) {
	o, err := p.s.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Take this referral back", Caption: "Referral " + o.Ref, Back: refURL(o.Ref), Body: withdrawPage(r.Key(), o.Ref)}), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	return web.SeeOther(refURL(ref), "Referral taken back"), p.s.Withdraw(r.Context(), r.Call, ref)
}

type renewForm struct {
	Key, Ref string
	Scope    []string
	Until    [3]string
	Agreed   bool
	Errors   nhs.Errors
}

func (p *Pages) askRenew(r *web.Request) (web.Response, error) {
	o, err := p.s.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	return p.renewAgain(r, renewForm{Key: r.Key(), Ref: o.Ref, Scope: o.Scope}), nil
}

func (p *Pages) renewAgain(r *web.Request, f renewForm) web.Response {
	return web.Page(r, web.PageData{Title: "The doctor agrees to go on sharing", Caption: "Referral " + f.Ref, Back: refURL(f.Ref), Errors: f.Errors, Body: renewPage(f)})
}

func (p *Pages) renew(r *web.Request) (web.Response, error) {
	f := renewForm{Key: r.Key(), Ref: r.PathValue("ref"), Scope: r.Texts("consent-scope"), Until: typed(r, "consent-until"), Agreed: r.Bool("agreed")}
	err := agreed(r)
	until, wrong := r.Date("consent-until")
	if err == nil {
		err = wrong
	}
	if err == nil {
		err = p.s.Renew(r.Context(), r.Call, Renewal{Ref: f.Ref, Scope: f.Scope, Until: until})
	}
	if errs, ok := web.FieldErrors(err); ok {
		f.Errors = errs
		return p.renewAgain(r, f), nil
	}
	return web.SeeOther(refURL(f.Ref), "Thank you. If the doctor looks after their own record, we ask them first."), err
}

func typed(r *web.Request, name string) [3]string {
	return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
}

func (p *Pages) question(r *web.Request) (web.Response, error) {
	q, err := p.s.Question(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "May we go on telling " + q.Organisation + "?", Back: "/home", Body: questionPage(r.Key(), q, nil)}), nil
}

func (p *Pages) answer(r *web.Request) (web.Response, error) {
	ref, said := r.PathValue("ref"), r.Text("answer")
	if said != "yes" && said != "no" {
		q, err := p.s.Question(r.Context(), r.Call, ref)
		if err != nil {
			return web.Response{}, err
		}
		errs := nhs.Errors{{Name: "answer", Message: "Choose yes or no"}}
		return web.Page(r, web.PageData{Title: "May we go on telling " + q.Organisation + "?", Back: "/home", Errors: errs, Body: questionPage(r.Key(), q, errs)}), nil
	}
	flash := map[string]string{"yes": "Thank you. You can change this at any time.", "no": "Thank you. We tell them nothing more."}[said]
	return web.SeeOther("/home", flash), p.s.AnswerQuestion(r.Context(), r.Call, ref, said == "yes")
}

type routesView struct {
	Key    string
	Routes []Route
	Typed  Route
	Order  string
	Errors nhs.Errors
}

func (p *Pages) routes(r *web.Request) (web.Response, error) { return p.routesAgain(r, routesView{}) }

func (p *Pages) routesAgain(r *web.Request, v routesView) (web.Response, error) {
	var err error
	v.Key = r.Key()
	if v.Routes, err = p.s.AllRoutes(r.Context(), r.Call.Actor.Tenant); err != nil {
		return web.Response{}, err
	}
	if code := r.Text("change"); code != "" && v.Errors == nil {
		if i := slices.IndexFunc(v.Routes, func(x Route) bool { return x.Code == code }); i >= 0 {
			v.Typed, v.Order = v.Routes[i], strconv.Itoa(v.Routes[i].Order)
		}
	}
	return web.Page(r, web.PageData{Title: "How doctors are found", Back: "/settings", Errors: v.Errors, Wide: true, Body: routesPage(v)}), nil
}

func (p *Pages) saveRoute(r *web.Request) (web.Response, error) {
	v := routesView{Order: r.Text("order"), Typed: Route{Code: r.Text("code"), Title: r.Text("title"), Retired: r.Bool("retired")}}
	order, err := r.Int("order")
	version, wrong := r.Int("version")
	if err == nil {
		err = wrong
	}
	if err == nil {
		v.Typed.Order, v.Typed.Version = order, version
		_, err = p.s.SaveRoute(r.Context(), r.Call, v.Typed)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.routesAgain(r, v)
	}
	return web.SeeOther("/routes", "Route saved"), err
}

type selfForm struct {
	Key, Given, Family, Email string
	Errors                    nhs.Errors
}

func (p *Pages) self(r *web.Request) (web.Response, error) {
	return p.selfAgain(r, selfForm{Key: r.Key()}), nil
}

func (p *Pages) selfAgain(r *web.Request, f selfForm) web.Response {
	return web.Page(r, web.PageData{Title: "Ask to join", Back: "/", Errors: f.Errors, Body: selfPage(f)})
}

func (p *Pages) referSelf(r *web.Request) (web.Response, error) {
	f := selfForm{Key: r.Key(), Given: r.Text("given"), Family: r.Text("family"), Email: r.Text("email")}
	err := p.s.ReferSelf(r.Context(), r.Call, doctor.NewDoctor{Given: f.Given, Family: f.Family, Email: f.Email})
	if errs, ok := web.FieldErrors(err); ok {
		f.Errors = errs
		return p.selfAgain(r, f), nil
	}
	return web.SeeOther("/refer-yourself/sent", ""), err
}

func (p *Pages) selfSent(r *web.Request) (web.Response, error) {
	return web.Page(r, web.PageData{Title: "Check your email", Body: selfSentPage()}), nil
}

func scopeOptions() []nhs.Option {
	words := map[string]string{consent.ScopeProgress: "How far they are, in a few words, and how long they have waited", consent.ScopeContact: "Their name and how to reach them",
		consent.ScopeApplication: "Their qualification and experience", consent.ScopeExams: "Their exams and English tests, with results", consent.ScopeImmigration: "Their right to work"}
	var out []nhs.Option
	for _, s := range consent.Scopes() {
		out = append(out, nhs.Option{Value: s, Label: words[s]})
	}
	return out
}

func wayOptions() []nhs.Option {
	var out []nhs.Option
	for _, w := range doctor.Ways() {
		out = append(out, nhs.Option{Value: w, Label: doctor.WayWords(w)})
	}
	return out
}

func deskTitle(staff bool) string {
	if staff {
		return "Referrals"
	}
	return "Doctors you referred"
}
