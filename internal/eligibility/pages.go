package eligibility

import (
	"context"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// Names gives how people are shown, by doctor id.
type Names func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)

// Pages are the assessor's page of a case, the doctor's letter and the panel of
// the case page.
type Pages struct {
	service *Service
	names   Names
	show    Show
}

// Beside is a paper chosen to be read beside the conditions. Forms on it carry
// Key, and come back to the page it is read on.
type Beside struct {
	Paper
	Key, Back string
}

// Show gives what another station keeps, to be read beside the conditions; it
// asks its own permission and records the look.
type Show func(ctx context.Context, call access.Call, b Beside) (templ.Component, error)

// NewPages makes them.
func NewPages(s *Service, names Names) *Pages { return &Pages{service: s, names: names} }

// Showing lets papers be read beside the conditions.
func (p *Pages) Showing(show Show) *Pages {
	p.show = show
	return p
}

// Routes lists them.
func (p *Pages) Routes() []web.Route {
	return append(p.boardRoutes(), []web.Route{
		{Method: "GET", Pattern: "/assess/{ref}", Action: ActAssess, Handle: p.assess},
		{Method: "POST", Pattern: "/assess/{ref}", Action: ActDecide, Handle: p.decide},
		{Method: "POST", Pattern: "/assess/{ref}/proof", Action: ActDecide, Handle: p.proof},
		{Method: "POST", Pattern: "/assess/{ref}/checked", Action: ActDecide, Handle: p.checked},
		{Method: "GET", Pattern: "/assess/{ref}/working", Action: ActAssess, Handle: p.working},
		{Method: "POST", Pattern: "/assess/{ref}/section", Action: ActDecide, Handle: p.section},
		{Method: "POST", Pattern: "/assess/{ref}/note", Action: ActAssess, Handle: p.note},
		{Method: "POST", Pattern: "/assess/{ref}/assign", Action: ActAssign, Handle: p.assign},
		{Method: "GET", Pattern: "/assess/{ref}/judge/{fact}", Action: ActJudge, Handle: p.judging},
		{Method: "POST", Pattern: "/assess/{ref}/judge/{fact}", Action: ActJudge, Handle: p.judge},
		{Method: "GET", Pattern: "/assess/{ref}/ask", Action: ActDecide, Handle: p.asking},
		{Method: "POST", Pattern: "/assess/{ref}/ask", Action: ActDecide, Handle: p.ask},
		{Method: "POST", Pattern: "/assess/{ref}/item", Action: ActDecide, Handle: p.judgeItem},
		{Method: "POST", Pattern: "/assess/{ref}/close-round", Action: ActDecide, Handle: p.closeRound},
		{Method: "POST", Pattern: "/assess/{ref}/early", Action: ActDecide, Handle: p.early},
		{Method: "GET", Pattern: "/assess/{ref}/review", Action: ActReview, Handle: p.reviewing},
		{Method: "POST", Pattern: "/assess/{ref}/review", Action: ActReview, Handle: p.review},
		{Method: "GET", Pattern: "/decision", Action: ActRead, Handle: p.letter},
		{Method: "GET", Pattern: "/decision/review", Action: ActAppeal, Handle: p.appealing},
		{Method: "POST", Pattern: "/decision/review", Action: ActAppeal, Handle: p.appeal},
		{Method: "POST", Pattern: "/decision/return", Action: ActAppeal, Handle: p.goBack},
		{Method: "GET", Pattern: "/information", Action: ActAnswer, Handle: p.questions},
		{Method: "POST", Pattern: "/information/send", Action: ActAnswer, Handle: p.sendAnswers},
		{Method: "GET", Pattern: "/information/{item}", Action: ActAnswer, Handle: p.question},
		{Method: "POST", Pattern: "/information/{item}", Action: ActAnswer, Handle: p.answer},
		{Method: "GET", Pattern: "/early-check", Action: ActAnswer, Handle: p.earlyCheck},
		{Method: "POST", Pattern: "/early-check", Action: ActAnswer, Handle: p.askEarly},
	}...)
}

// evidence is one recorded fact beside a condition.
type evidence struct {
	ID, Words, State string
	On               clock.Date
	Open             bool // its proof state can be changed here
}

// said is what is recorded, before what is known of its proof.
func (e evidence) said() string {
	if e.On.IsZero() {
		return e.Words + ":"
	}
	return e.Words + ", " + e.On.Long() + ":"
}

// line is one condition as the assessor sees it.
type line struct {
	Number          int // its place among all conditions of the page, from 1
	ID, Title, Kind string
	State           rulebook.Answer
	Waiting         bool
	Until           clock.Date
	Why             string
	Evidence        []evidence
	Sources         []rulebook.Source
	Alternatives    []line
}

// ask is a plain no that somebody must look up and record, since silence proves
// nothing: not on the register, PLAB 2 not taken.
type ask struct{ Code, Text, Button string }

var asks = []ask{
	{"register", "I looked at the GMC register today and this doctor is not on it. A GMC reference number does not count.", "Record: not on the register"},
	{"plab2", "The doctor has not taken PLAB 2. I asked them, or saw their GMC Online account.", "Record: PLAB 2 not taken"},
}

func (p *Pages) assess(r *web.Request) (web.Response, error) { return p.form(r, nil) }

// open keeps the questions nobody has answered yet.
func open(a Assessment) []ask {
	var out []ask
	for _, q := range asks {
		kind, answered := map[string]string{"register": fact.Registration, "plab2": fact.Exam}[q.Code], false
		for _, rec := range a.Records {
			if rec.Kind == kind && (q.Code != "plab2" || rec.Text("name") == "PLAB2") && rec.State >= rulebook.Seen {
				answered = true
			}
		}
		if !answered {
			out = append(out, q)
		}
	}
	return out
}

func (p *Pages) line(actor access.Actor, a Assessment, o rulebook.Outcome) line {
	l := line{ID: o.ID, Title: o.Title, Kind: o.Kind, State: o.State, Waiting: o.Waiting, Until: o.Until, Sources: o.Sources}
	if o.Reason != nil {
		l.Why = o.Reason.Staff
	}
	for _, i := range o.Facts {
		if i >= len(a.Records) {
			if i < len(a.Facts) {
				l.Evidence = append(l.Evidence, evidence{Words: "Found by msw in the programme's own records", State: fact.StateWords(a.Facts[i].State), On: a.Facts[i].Date})
			}
			continue
		}
		rec, ok := a.Records[i].For(actor)
		if !ok || rec.Until != a.Records[i].Until {
			l.Until = 0 // it would tell the day of what the reader may not know
		}
		if !ok {
			continue // not even that it exists: a failed exam has a date and a proof too
		}
		l.Evidence = append(l.Evidence, evidence{ID: rec.ID, Words: describe(rec), State: fact.StateWords(rec.State), On: rec.On, Open: true})
	}
	for _, alt := range o.Alternatives {
		if !alt.Untried {
			l.Alternatives = append(l.Alternatives, p.line(actor, a, alt))
		}
	}
	return l
}

func (p *Pages) proof(r *web.Request) (web.Response, error) {
	if _, err := p.service.Cases.ByRef(r.Context(), r.Call.Actor.Tenant, r.PathValue("ref")); err != nil {
		return web.Response{}, err
	}
	state, err := rulebook.ParseState(r.Text("state"))
	if err != nil {
		return web.Response{}, problem.New(problem.Invalid, "Choose what you saw, then try again.")
	}
	if err := p.service.Prove(r.Context(), r.Call, r.PathValue("ref"), r.Text("fact"), state); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/assess/"+r.PathValue("ref"), "Recorded."), nil
}

func (p *Pages) checked(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	c, err := p.service.Cases.ByRef(r.Context(), r.Call.Actor.Tenant, ref)
	if err != nil {
		return web.Response{}, err
	}
	n := fact.NewFact{Doctor: c.Doctor, On: r.Call.Today, State: rulebook.Verified, Source: "assessment"}
	switch r.Text("what") {
	case "register":
		n.Kind, n.Fields = fact.Registration, map[string]any{"kind": "none"}
	case "plab2":
		n.Kind, n.Fields = fact.Exam, map[string]any{"name": "PLAB2", "outcome": "not_taken"}
	default:
		return web.Response{}, problem.New(problem.Invalid, "Choose what you checked, then try again.")
	}
	if _, err := p.service.Facts.Record(r.Context(), r.Call, n); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/assess/"+ref, "Recorded."), nil
}

// seesAll tells whether somebody may read every fact, and so the working: it
// names them all (domain 5.2).
func seesAll(a access.Actor) bool {
	return a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator)
}

func (p *Pages) working(r *web.Request) (web.Response, error) {
	a, err := p.service.Assess(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	if !seesAll(r.Call.Actor) {
		return web.Response{}, problem.Missing()
	}
	return web.Page(r, web.PageData{Title: "The working", Caption: "Case " + a.Case.Ref, Back: "/assess/" + a.Case.Ref, Wide: true, Body: workingPage(a, p.service.Working(a))}), nil
}

// Panel shows the standing decision on the case page, to those who may read it.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	if !p.service.Access.Can(call.Actor, ActAssess) {
		return nil, nil
	}
	c, err := p.service.Cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	if p.service.Access.May(call.Actor, ActAssess, c.Resource()) != nil {
		return nil, nil
	}
	all, err := p.service.store.decisions(ctx, c.Tenant, doctor, p.service.Book.Schema())
	if err != nil {
		return nil, err
	}
	return panel(c.Ref, all), nil
}

func stateTag(a rulebook.Answer, waiting bool) nhs.Tag {
	switch {
	case a == rulebook.Met:
		return nhs.Tag{Text: "Met", Colour: "green"}
	case a == rulebook.Unmet:
		return nhs.Tag{Text: "Not met", Colour: "red"}
	case waiting:
		return nhs.Tag{Text: "Not proved yet", Colour: "yellow"}
	}
	return nhs.Tag{Text: "Not yet known", Colour: "grey"}
}
