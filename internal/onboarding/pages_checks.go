package onboarding

import (
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/request"
	"msw/internal/web"
)

type boardView struct {
	Rows []BoardRow
	Next string
}

func (p *Pages) board(r *web.Request) (web.Response, error) {
	rows, err := p.s.Board(r.Context(), r.Call, r.After(2), pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	var v boardView
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		v.Next = r.NextPage(rows[pageSize-1].AnsweredOn.String(), rows[pageSize-1].ID)
	}
	v.Rows = rows
	return web.Page(r, web.PageData{Title: "Employment checks", Caption: "Who owes what, since when", Wide: true, Body: boardPage(v)}), nil
}

type timesView struct {
	Rows []HostTime
	Next string
}

func (p *Pages) times(r *web.Request) (web.Response, error) {
	after := ""
	if keys := r.After(1); len(keys) == 1 {
		after = keys[0]
	}
	rows, err := p.s.Times(r.Context(), r.Call, after, pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	var v timesView
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		v.Next = r.NextPage(rows[pageSize-1].Host)
	}
	v.Rows = rows
	return web.Page(r, web.PageData{Title: "How long checks take", Back: "/checks", BackText: "Employment checks", Body: timesPage(v)}), nil
}

type checksView struct {
	Sight
	Key      string
	StartURL string
	Errors   nhs.Errors
}

func (p *Pages) checks(r *web.Request) (web.Response, error) { return p.checkList(r, nil) }

func (p *Pages) checkList(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookChecks(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := checksView{Sight: sight, Key: r.Key(), Errors: errs}
	if sight.startable() {
		v.StartURL = "/starts/" + sight.ID
	}
	caption := sight.Name
	if sight.OwnOffer {
		caption = "Your offer"
	}
	return web.Page(r, web.PageData{Title: "Employment checks", Caption: caption, Back: "/offers/" + sight.ID, BackText: "Offer", Errors: errs, Body: checksPage(v)}), nil
}

type checkView struct {
	Key, Offer string
	Version    int
	Kind       CheckKind
	Check      Check
	State      string
	Turn       string
	Lane       string
	Evidence   string
	Answers    map[string]string
	Dates      map[string][3]string
	On, Until  [3]string
	Note       string
	WithNote   bool
	Standing   Standing
	References []request.Request
	MayAsk     bool // for one more reference
	Errors     nhs.Errors
}

func (p *Pages) check(r *web.Request) (web.Response, error) { return p.checkForm(r, nil) }

// kindOf loads an offer with the check of the address, for who may tick.
func (p *Pages) kindOf(r *web.Request) (Sight, CheckKind, error) {
	sight, err := p.s.LookChecks(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return sight, CheckKind{}, err
	}
	i := slices.IndexFunc(sight.Kinds, func(k CheckKind) bool { return k.Code == r.PathValue("kind") })
	if i < 0 {
		return sight, CheckKind{}, problem.Missing()
	}
	return sight, sight.Kinds[i], nil
}

func (p *Pages) checkForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, kind, err := p.kindOf(r)
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MayTick {
		return web.Response{}, problem.Missing()
	}
	c := checkOf(sight.Checks, kind.Code)
	v := checkView{Key: r.Key(), Offer: sight.ID, Version: sight.Version, Kind: kind, Check: c, Errors: errs, Standing: sight.Standing[kind.Code],
		State: string(c.State), Turn: string(c.Turn), Lane: c.Lane, Evidence: c.Evidence, Answers: c.Detail, On: nhs.DateParts(c.DoneOn), Until: nhs.DateParts(c.Until), Note: c.Note}
	if kind.Code == CheckHistory {
		v.References, v.MayAsk = sight.References, sight.MayReference
	}
	v.WithNote = sight.MaySeeEvidence && !kind.Cleared
	if v.Answers == nil {
		v.Answers = map[string]string{}
	}
	v.Dates = map[string][3]string{}
	if errs != nil {
		v.typed(r)
	}
	for _, a := range kind.Asks {
		if a.Kind != "date" {
			continue
		}
		if on, err := clock.ParseDate(v.Answers[a.ID]); err == nil && errs == nil {
			v.Dates[a.ID] = nhs.DateParts(on)
		}
	}
	return web.Page(r, web.PageData{Title: kind.Title, Caption: sight.Name, Back: "/checks/" + sight.ID, BackText: "Employment checks", Errors: errs, Body: checkPage(v)}), nil
}

// typed puts back what was typed, so that nothing is lost.
func (v *checkView) typed(r *web.Request) {
	name := v.Kind.Code
	date := func(field string) [3]string {
		return [3]string{r.Text(name + field + "-day"), r.Text(name + field + "-month"), r.Text(name + field + "-year")}
	}
	v.State, v.On, v.Until, v.Note = r.Text(name+"-state"), date("-on"), date("-until"), r.Text(name+"-note")
	v.Turn, v.Lane, v.Evidence = r.Text(name+"-turn"), r.Text(name+"-lane"), r.Text(name+"-evidence")
	v.Answers = map[string]string{}
	for _, a := range v.Kind.Asks {
		switch a.Kind {
		case "date":
			v.Dates[a.ID] = date("-" + a.ID)
		case "many":
			v.Answers[a.ID] = strings.Join(r.Texts(name+"-"+a.ID), " ")
		default:
			v.Answers[a.ID] = r.Text(name + "-" + a.ID)
		}
	}
}

func (p *Pages) tick(r *web.Request) (web.Response, error) {
	sight, kind, err := p.kindOf(r)
	if err != nil {
		return web.Response{}, err
	}
	name := kind.Code
	var c problem.Check
	version, err := r.Int("version")
	c.Add(err)
	t := Tick{Kind: name, State: CheckState(r.Text(name + "-state")), Turn: Turn(r.Text(name + "-turn")), Lane: r.Text(name + "-lane"),
		Evidence: r.Text(name + "-evidence"), Detail: map[string]string{}, Note: r.Text(name + "-note")}
	if kind.Cleared && t.State == Done {
		t.Evidence = "cleared"
	}
	t.On, err = r.Date(name + "-on")
	c.Add(err)
	if kind.Ends {
		t.Until, err = r.Date(name + "-until")
		c.Add(err)
	}
	for _, a := range kind.Asks {
		value := r.Text(name + "-" + a.ID)
		switch a.Kind {
		case "date":
			on, err := r.Date(name + "-" + a.ID)
			c.Add(err)
			value = on.String()
		case "masked":
			value = strings.ToUpper(strings.ReplaceAll(value, " ", ""))
		case "many":
			value = strings.Join(r.Texts(name+"-"+a.ID), " ")
		}
		if value != "" {
			t.Detail[a.ID] = value
		}
	}
	if err = c.Err(); err == nil {
		_, err = p.s.Tick(r.Context(), r.Call, Ticking{ID: r.PathValue("id"), Version: version, Ticks: []Tick{t}})
	} else {
		c.Rest(CheckTicks([]CheckKind{kind}, sight.Checks, []Tick{t}, r.Call.Today, true))
		err = c.Err()
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.checkForm(r, errs)
	}
	return p.backToChecks(r, err, "Saved")
}

func (p *Pages) backToChecks(r *web.Request, err error, flash string) (web.Response, error) {
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/checks/"+r.PathValue("id"), flash), nil
}

func (p *Pages) saying(r *web.Request) (Saying, error) {
	version, err := r.Int("version")
	return Saying{ID: r.PathValue("id"), Version: version, Kind: r.PathValue("kind"), Said: r.Text("said")}, err
}

func (p *Pages) reuse(r *web.Request) (web.Response, error) {
	cmd, err := p.saying(r)
	if err == nil {
		_, err = p.s.Reuse(r.Context(), r.Call, cmd)
	}
	return p.backToChecks(r, err, "The check done elsewhere is used")
}

func (p *Pages) reference(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		_, err = p.s.AskReference(r.Context(), r.Call, r.PathValue("id"), version)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/checks/"+r.PathValue("id")+"/"+CheckHistory, "Asked. The doctor says whom you may ask, and that it is safe. Nobody is asked before."), nil
}

func (p *Pages) agree(r *web.Request) (web.Response, error) {
	cmd, err := p.saying(r)
	if err == nil {
		_, err = p.s.Agree(r.Context(), r.Call, cmd)
	}
	return p.backToChecks(r, err, "The employer may use that check")
}

type sayView struct {
	Key, Offer string
	Version    int
	Kind       CheckKind
	Check      Check
	Said       string
	Standing   Standing
	References []request.Request
	Errors     nhs.Errors
}

func (p *Pages) sayForm(r *web.Request) (web.Response, error) { return p.sayAgain(r, nil) }

func (p *Pages) sayAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, kind, err := p.kindOf(r)
	if err != nil {
		return web.Response{}, err
	}
	if !sight.OwnOffer {
		return web.Response{}, problem.Missing()
	}
	v := sayView{Key: r.Key(), Offer: sight.ID, Version: sight.Version, Kind: kind, Check: checkOf(sight.Checks, kind.Code), Said: r.Text("said"),
		Standing: sight.Standing[kind.Code], Errors: errs}
	if kind.Code == CheckHistory {
		v.References = sight.References
	}
	return web.Page(r, web.PageData{Title: kind.Title, Caption: "Your employment checks", Back: "/checks/" + sight.ID, BackText: "Employment checks", Errors: errs, Body: sayPage(v)}), nil
}

func (p *Pages) say(r *web.Request) (web.Response, error) {
	cmd, err := p.saying(r)
	if err == nil {
		_, err = p.s.Say(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.sayAgain(r, errs)
	}
	return p.backToChecks(r, err, "Thank you. The employer is told.")
}

type dayView struct {
	Sight
	Today clock.Date
}

func (p *Pages) interviewDay(r *web.Request) (web.Response, error) {
	sight, err := p.s.LookChecks(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MaySeeEvidence {
		return web.Response{}, problem.Missing()
	}
	return web.Page(r, web.PageData{Title: "Interview-day list", Caption: sight.Name, Back: "/checks/" + sight.ID, BackText: "Employment checks", Wide: true,
		Body: dayPage(dayView{Sight: sight, Today: r.Call.Today})}), nil
}

type trainingView struct {
	Sight
	Key    string
	Rules  *Rules
	Today  clock.Date
	Chosen []string
	On     [3]string
	Errors nhs.Errors
}

func (p *Pages) training(r *web.Request) (web.Response, error) { return p.trainingForm(r, nil) }

func (p *Pages) trainingForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookChecks(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MaySeeEvidence || !slices.Contains(sight.Offer.Checks, GateTraining) {
		return web.Response{}, problem.Missing()
	}
	v := trainingView{Sight: sight, Key: r.Key(), Rules: p.s.o.Rules, Today: r.Call.Today, Chosen: r.Texts("subjects"),
		On: [3]string{r.Text("on-day"), r.Text("on-month"), r.Text("on-year")}, Errors: errs}
	return web.Page(r, web.PageData{Title: "Mandatory training", Caption: sight.Name, Back: "/checks/" + sight.ID, BackText: "Employment checks", Errors: errs, Body: trainingPage(v)}), nil
}

// train records subjects, or says that the gate is open.
func (p *Pages) train(r *web.Request) (web.Response, error) {
	var c problem.Check
	version, err := r.Int("version")
	c.Add(err)
	flash := "Training saved"
	if r.Text("what") == "ready" {
		flash = "Saved"
		if err = c.Err(); err == nil {
			_, err = p.s.Tick(r.Context(), r.Call, Ticking{ID: r.PathValue("id"), Version: version,
				Ticks: []Tick{{Kind: GateTraining, State: Done, On: r.Call.Today}}})
		}
	} else {
		on, err2 := r.Date("on")
		c.Add(err2)
		if err = c.Err(); err == nil {
			_, err = p.s.Train(r.Context(), r.Call, Training{ID: r.PathValue("id"), Subjects: r.Texts("subjects"), On: on})
		}
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.trainingForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/checks/"+r.PathValue("id")+"/training", flash), nil
}
