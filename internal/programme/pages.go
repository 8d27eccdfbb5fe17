package programme

import (
	"context"
	"strconv"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Names gives the names of accounts, for "set by"; the app fills it.
type Names func(ctx context.Context, accounts []string) (map[string]string, error)

// Pages is the browser face.
type Pages struct {
	s     *Service
	names Names
}

// NewPages makes it. Without names people are shown as "the programme team".
func NewPages(s *Service, names Names) *Pages { return &Pages{s, names} }

// Routes lists the pages.
func (p *Pages) Routes() []web.Route {
	get := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: pattern, Action: act, Handle: fn}
	}
	post := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: act, Handle: fn}
	}
	return []web.Route{
		get("/phases", ActPhases, p.phases),
		get("/phases/new", ActChangePhase, p.newPhase),
		post("/phases/new", ActChangePhase, p.addPhase),
		get("/phases/{id}", ActPhases, p.phase),
		get("/phases/{id}/edit", ActChangePhase, p.editPhase),
		post("/phases/{id}/edit", ActChangePhase, p.changePhase),
		get("/settings", ActSettings, p.settings),
		get("/settings/{name}", ActSettings, p.setting),
		post("/settings/{name}", ActChangeSetting, p.changeSetting),
		get("/rules", ActRuleSets, p.ruleSets),
		get("/rules/new", ActProposeRuleSet, p.newRuleSet),
		{Method: "POST", Pattern: "/rules/new", Action: ActProposeRuleSet, Upload: true, Handle: p.proposeRuleSet},
		get("/rules/{id}", ActRuleSets, p.ruleSet),
		post("/rules/{id}/decide", ActApproveRuleSet, p.decideRuleSet),
		post("/rules/{id}/try", ActTry, p.try),
		get("/rule-trials/{id}", ActTry, p.trial),
	}
}

const (
	caption = "Programme"
	team    = "the programme team"
)

func (p *Pages) who(ctx context.Context, accounts ...string) (func(account string) string, error) {
	known := map[string]string{}
	if p.names != nil {
		var err error
		if known, err = p.names(ctx, accounts); err != nil {
			return nil, err
		}
	}
	return func(account string) string {
		if name := known[account]; name != "" {
			return name
		}
		return team
	}, nil
}

type phasesData struct {
	Phases       []Phase
	Claims       []Claim
	Afterwards   Afterwards
	Published    bool // the programme's phases include the published ones
	Today        clock.Date
	Applications Opening
	Waiting      Opening
	MayChange    bool
	MaySettings  bool
	MayRules     bool
}

func (p *Pages) phases(r *web.Request) (web.Response, error) {
	ctx, tenant := r.Context(), r.Call.Actor.Tenant
	all, err := p.s.Phases(ctx, tenant)
	if err != nil {
		return web.Response{}, err
	}
	claims, err := p.s.Claims(ctx, tenant, 0)
	if err != nil {
		return web.Response{}, err
	}
	known, err := ReadPublished()
	if err != nil {
		return web.Response{}, err
	}
	d := phasesData{Phases: all, Claims: claims, Afterwards: known.Afterwards, Today: r.Call.Today, MayChange: r.May(ActChangePhase), MaySettings: r.May(ActSettings), MayRules: r.May(ActRuleSets),
		Applications: OpenToday(all, r.Call.Today), Waiting: WaitingOpenToday(all, r.Call.Today)}
	for _, phase := range all {
		d.Published = d.Published || phase.Code == known.Phases[len(known.Phases)-1].Code
	}
	return web.Page(r, web.PageData{Title: "Phases of the programme", Caption: caption, Body: phasesPage(d)}), nil
}

func (p *Pages) phase(r *web.Request) (web.Response, error) {
	phase, err := p.s.Phase(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: phase.Title, Caption: "Phase", Back: "/phases", BackText: "All phases",
		Body: phasePage(phase, r.May(ActChangePhase))}), nil
}

// phaseForm holds a phase as typed.
type phaseForm struct {
	Key, Action, Version          string
	Code, Title, Summary          string
	Money, Places, Eligibility    string
	Days                          map[string][3]string
	Status, Source, Note, Stamped map[Field]string
	Errors                        nhs.Errors
}

var phaseDates = [...]struct{ Name, Legend string }{
	{"announced", "Announced on"}, {"starts", "First day"}, {"ends", "Last day"},
	{"applications_open", "Applications open on"}, {"applications_close", "Last day for applications"},
	{"waiting_open", "Waiting list opens on"}, {"waiting_close", "Last day of the waiting list"},
}

func formOf(p Phase) phaseForm {
	f := phaseForm{Version: strconv.FormatInt(p.Version, 10), Code: p.Code, Title: p.Title, Summary: p.Summary, Eligibility: p.Eligibility,
		Days: map[string][3]string{}, Status: map[Field]string{}, Source: map[Field]string{}, Note: map[Field]string{}, Stamped: map[Field]string{}}
	if p.Known(FieldMoney) {
		f.Money = pounds(p.Money)
	}
	if p.Known(FieldPlaces) {
		f.Places = strconv.Itoa(p.Places)
	}
	for i, d := range []clock.Date{p.Announced, p.Starts, p.Ends, p.ApplicationsOpen, p.ApplicationsClose, p.WaitingOpen, p.WaitingClose} {
		f.Days[phaseDates[i].Name] = nhs.DateParts(d)
	}
	for field, m := range p.Marks {
		f.Status[field], f.Source[field], f.Note[field], f.Stamped[field] = string(m.Status), m.Source, m.Note, m.On.String()
	}
	return f
}

func pounds(pence int64) string {
	s := strconv.FormatInt(pence/100, 10)
	if rest := pence % 100; rest != 0 {
		s += "." + string(rune('0'+rest/10)) + string(rune('0'+rest%10))
	}
	return s
}

func typedPhase(r *web.Request) phaseForm {
	f := formOf(Phase{})
	f.Version, f.Code, f.Title, f.Summary = r.Text("version"), r.Text("code"), r.Text("title"), r.Text("summary")
	f.Money, f.Places, f.Eligibility = r.Text("money"), r.Text("places"), r.Text("eligibility")
	for _, d := range phaseDates {
		f.Days[d.Name] = [3]string{r.Text(d.Name + "-day"), r.Text(d.Name + "-month"), r.Text(d.Name + "-year")}
	}
	for _, field := range fields {
		n := string(field)
		f.Status[field], f.Source[field], f.Note[field], f.Stamped[field] = r.Text(n+"_status"), r.Text(n+"_source"), r.Text(n+"_note"), r.Text(n+"_on")
	}
	return f
}

func readPhase(r *web.Request) (Phase, error) {
	var c problem.Check
	p := Phase{Code: r.Text("code"), Title: r.Text("title"), Summary: r.Text("summary"), Eligibility: r.Text("eligibility"), Marks: map[Field]Mark{}}
	into := []*clock.Date{&p.Announced, &p.Starts, &p.Ends, &p.ApplicationsOpen, &p.ApplicationsClose, &p.WaitingOpen, &p.WaitingClose}
	for i, d := range phaseDates {
		v, err := r.Date(d.Name)
		c.Add(err)
		*into[i] = v
	}
	var err error
	p.Money, err = r.Pence("money")
	c.Add(err)
	p.Places, err = r.Int("places")
	c.Add(err)
	version, _ := strconv.ParseInt(r.Text("version"), 10, 64)
	p.Version = version
	for _, f := range fields {
		n := string(f)
		m := Mark{Status: Status(r.Text(n + "_status")), Source: r.Text(n + "_source"), Note: r.Text(n + "_note")}
		if m.Status == "" {
			m.Status = Own
		}
		// A source keeps its date; what we set is set today.
		if m.Status != Own {
			m.On, _ = clock.ParseDate(r.Text(n + "_on"))
		}
		p.Marks[f] = m
	}
	if err := c.Err(); err != nil {
		c.Add(checkPhase(p))
		return p, c.Err()
	}
	return p, nil
}

func (p *Pages) newPhase(r *web.Request) (web.Response, error) {
	return p.phaseForm(r, formOf(Phase{}), "/phases/new", nil), nil
}

func (p *Pages) phaseForm(r *web.Request, f phaseForm, action string, errs nhs.Errors) web.Response {
	f.Key, f.Action, f.Errors = r.Key(), action, errs
	title, back := "Add a phase", "/phases"
	if action != "/phases/new" {
		title, back = "Change a phase", "/phases/"+r.PathValue("id")
	}
	return web.Page(r, web.PageData{Title: title, Caption: caption, Back: back, Errors: errs, Body: phaseFormPage(f)})
}

func (p *Pages) addPhase(r *web.Request) (web.Response, error) { return p.save(r, "", "/phases/new") }

func (p *Pages) editPhase(r *web.Request) (web.Response, error) {
	phase, err := p.s.Phase(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return p.phaseForm(r, formOf(phase), "/phases/"+phase.ID+"/edit", nil), nil
}

func (p *Pages) changePhase(r *web.Request) (web.Response, error) {
	return p.save(r, r.PathValue("id"), "/phases/"+r.PathValue("id")+"/edit")
}

func (p *Pages) save(r *web.Request, id, action string) (web.Response, error) {
	phase, err := readPhase(r)
	if err == nil {
		phase.ID = id
		phase, err = p.s.SavePhase(r.Context(), r.Call, phase)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.phaseForm(r, typedPhase(r), action, errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/phases/"+phase.ID, "Phase saved"), nil
}
