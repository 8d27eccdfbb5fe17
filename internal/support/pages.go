package support

import (
	"strconv"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/web"
)

// Pages are the browser face.
type Pages struct{ s *Service }

// NewPages makes them.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	get := func(path string, act access.Action, h func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: path, Action: act, Handle: h}
	}
	post := func(path string, act access.Action, h func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: path, Action: act, Handle: h}
	}
	return []web.Route{
		get("/support", ActOwn, p.home),
		get("/support/plan", ActOwn, p.askPlan),
		post("/support/plan", ActOwn, p.savePlan),
		get("/support/check-in", ActOwn, p.askCheckIn),
		post("/support/check-in", ActOwn, p.saveCheckIn),
		post("/support/check-in/forget", ActOwn, p.forget),
		get("/support/tell", ActOwn, p.askTell),
		post("/support/tell", ActOwn, p.tell),
		get("/support/calls", ActCall, p.calls),
		post("/support/calls", ActCall, p.called),
		get("/support/help", ActHelp, p.help),
		get("/support/help/new", ActKeepHelp, p.newHelp),
		post("/support/help/new", ActKeepHelp, p.saveHelp),
		get("/support/help/{id}", ActKeepHelp, p.changeHelp),
		post("/support/help/{id}", ActKeepHelp, p.saveHelp),
		post("/support/help/{id}/close", ActKeepHelp, p.closeHelp),
		get("/support/mentor", ActOwn, p.askMentor),
		post("/support/mentor", ActOwn, p.saveMentor),
		post("/support/mentor/answer", ActOwn, p.answerPair),
		post("/support/mentor/end", ActOwn, p.endPair),
		get("/support/mentoring", ActMentor, p.mentoring),
		post("/support/mentoring", ActMentor, p.saveMentoring),
		post("/support/mentoring/answer", ActMentor, p.answerPair),
		post("/support/mentoring/end", ActMentor, p.endPair),
		get("/support/pairs", ActPair, p.pairs),
		get("/support/pairs/{id}", ActPair, p.candidates),
		post("/support/pairs/{id}", ActPair, p.propose),
		get("/support/hardship", ActOwn, p.askMoney),
		post("/support/hardship", ActOwn, p.saveMoney),
		post("/support/hardship/back", ActOwn, p.takeBack),
		get("/support/requests", ActHardship, p.requests),
		post("/support/requests", ActHardship, p.decide),
	}
}

func (p *Pages) home(r *web.Request) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Looking after yourself", Body: homePage(homeView{Key: r.Key(), Mine: m})}), nil
}

type homeView struct {
	Key string
	Mine
}

// waiting gives the calls that nobody made yet.
func (v homeView) waiting() []Call {
	var out []Call
	for _, c := range v.Calls {
		if c.DoneAt.IsZero() {
			out = append(out, c)
		}
	}
	return out
}

func (v homeView) told(told string) string {
	switch told {
	case TellCaseworker:
		if v.Caseworker != "" {
			return v.Caseworker + ", your caseworker"
		}
		return "your caseworker"
	case TellMentor:
		if v.Mentor != "" {
			return v.Mentor + ", your mentor"
		}
		return "your mentor"
	}
	return "the team who look after doctors"
}

func (v homeView) watching() string {
	switch {
	case v.Plan.Answers && v.Plan.Exams:
		return "Your check-ins and your exam results may ask " + v.told(v.Plan.Told) + " to call you. They are not told why."
	case v.Plan.Answers:
		return "Your check-ins may ask " + v.told(v.Plan.Told) + " to call you. They are not told why."
	case v.Plan.Exams:
		return "Your exam results may ask " + v.told(v.Plan.Told) + " to call you. They are not told why."
	}
	return "Nothing you say here makes anybody call you, unless you ask for it."
}

func (v homeView) rhythm() string {
	switch {
	case v.Plan.Version == 0 || v.Plan.Rhythm == Never:
		return "We do not ask you. You can check in whenever you like."
	case v.Due:
		return "Your check-in waits for you."
	}
	return words(Rhythms(), string(v.Plan.Rhythm)) + ". Next on " + v.Plan.Next.Long() + "."
}

type planView struct {
	Key     string
	Rhythm  string
	Watch   []string
	Told    string
	People  []nhs.Option
	Version string
	Errors  nhs.Errors
}

func options(list []Code) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, c := range list {
		out[i] = nhs.Option{Value: c.Value, Label: c.Words}
	}
	return out
}

func (p *Pages) askPlan(r *web.Request) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := planView{Key: r.Key(), Rhythm: string(m.Plan.Rhythm), Told: m.Plan.Told, Version: strconv.Itoa(m.Plan.Version)}
	if m.Plan.Version == 0 {
		v.Rhythm = ""
	}
	if m.Plan.Answers {
		v.Watch = append(v.Watch, "answers")
	}
	if m.Plan.Exams {
		v.Watch = append(v.Watch, "exams")
	}
	return planPage(r, v, m), nil
}

func planPage(r *web.Request, v planView, m Mine) web.Response {
	v.People = options(CanCall(m.Caseworker, m.Mentor))
	return web.Page(r, web.PageData{Title: "How we look after you", Caption: "Looking after yourself", Back: "/support", Errors: v.Errors, Body: planBody(v)})
}

func (p *Pages) savePlan(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	plan := Plan{Rhythm: Rhythm(r.Text("rhythm")), Told: r.Text("told"), Version: version}
	for _, w := range r.Texts("watch") {
		plan.Answers = plan.Answers || w == "answers"
		plan.Exams = plan.Exams || w == "exams"
	}
	err = p.s.SavePlan(r.Context(), r.Call, plan)
	if errs, ok := web.FieldErrors(err); ok {
		m, err := p.s.Look(r.Context(), r.Call)
		if err != nil {
			return web.Response{}, err
		}
		return planPage(r, planView{Key: r.Key(), Rhythm: r.Text("rhythm"), Watch: r.Texts("watch"), Told: r.Text("told"), Version: r.Text("version"), Errors: errs}, m), nil
	}
	return web.SeeOther("/support", "Saved. You can change it at any time."), err
}

type checkInView struct {
	Key     string
	Answers map[string]string
	Note    string
	Last    *CheckIn
	Errors  nhs.Errors
}

func (p *Pages) askCheckIn(r *web.Request) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := checkInView{Key: r.Key()}
	if len(m.CheckIns) > 0 {
		v.Last = &m.CheckIns[0]
	}
	return checkInPage(r, v), nil
}

func checkInPage(r *web.Request, v checkInView) web.Response {
	return web.Page(r, web.PageData{Title: "How are you?", Caption: "Looking after yourself", Back: "/support", Errors: v.Errors, Body: checkInBody(v)})
}

func (p *Pages) saveCheckIn(r *web.Request) (web.Response, error) {
	c := CheckIn{Answers: map[string]Answer{}, Note: r.Text("note")}
	v := checkInView{Key: r.Key(), Answers: map[string]string{}, Note: c.Note}
	for _, area := range Areas() {
		v.Answers[area.Value] = r.Text(area.Value)
		for i, a := range Answers() {
			if a.Value == r.Text(area.Value) {
				c.Answers[area.Value] = Answer((i + 1) % len(Answers()))
			}
		}
	}
	called, err := p.s.CheckIn(r.Context(), r.Call, c)
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return checkInPage(r, v), nil
	}
	said := "Thank you. Only you can read this."
	if called {
		said = "Thank you. Only you can read this. As you chose, somebody is asked to call you. They are not told why."
	}
	return web.SeeOther("/support", said), err
}

func (p *Pages) forget(r *web.Request) (web.Response, error) {
	return web.SeeOther("/support", "This check-in is deleted."), p.s.Forget(r.Context(), r.Call, r.Text("id"))
}

type tellView struct {
	Key    string
	People []nhs.Option
	Told   string
	Errors nhs.Errors
}

func (p *Pages) askTell(r *web.Request) (web.Response, error) {
	return p.tellPage(r, tellView{Key: r.Key()})
}

func (p *Pages) tellPage(r *web.Request, v tellView) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v.People = options(CanCall(m.Caseworker, m.Mentor))
	return web.Page(r, web.PageData{Title: "Please tell someone", Caption: "Looking after yourself", Back: "/support", Errors: v.Errors, Body: tellBody(v)}), nil
}

func (p *Pages) tell(r *web.Request) (web.Response, error) {
	err := p.s.Ask(r.Context(), r.Call, r.Text("told"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.tellPage(r, tellView{Key: r.Key(), Told: r.Text("told"), Errors: errs})
	}
	return web.SeeOther("/support", "Somebody is asked to call you, in the ways you said are safe. They are not told why."), err
}

func (p *Pages) calls(r *web.Request) (web.Response, error) {
	list, err := p.s.Calls(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Please call", Back: "/home", Body: callsPage(callsView{Key: r.Key(), List: list})}), nil
}

type callsView struct {
	Key  string
	List []Ring
}

func (p *Pages) called(r *web.Request) (web.Response, error) {
	return web.SeeOther("/support/calls", "Noted. Thank you for calling."), p.s.Called(r.Context(), r.Call, r.Text("id"))
}
