package support

import (
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/web"
)

type helpView struct {
	Topic  string
	List   []Help
	Months int
	Today  clock.Date
	Keeps  bool
	Doctor bool
	Closed bool
}

func (v helpView) checked(h Help) string {
	switch {
	case h.CheckedOn.IsZero():
		return "When this was last looked at is not kept"
	case h.stale(v.Today, v.Months):
		return "Last looked at on " + h.CheckedOn.Long() + ". It may not be right any more."
	}
	return "Last looked at on " + h.CheckedOn.Long()
}

func (p *Pages) help(r *web.Request) (web.Response, error) {
	topic := r.Text("topic")
	if !known(Topics(), topic) {
		topic = ""
	}
	list, months, err := p.s.Directory(r.Context(), r.Call, topic)
	if err != nil {
		return web.Response{}, err
	}
	back := "/home"
	if r.Call.Actor.Doctor != "" {
		back = "/support"
	}
	v := helpView{Topic: topic, List: list, Months: months, Today: r.Call.Today, Keeps: r.May(ActKeepHelp), Doctor: r.Call.Actor.Doctor != ""}
	return web.Page(r, web.PageData{Title: "Where to get help", Back: back, Body: helpPage(v)}), nil
}

type helpForm struct {
	Key     string
	Action  string
	Help    Help
	Checked [3]string
	Old     bool
	Errors  nhs.Errors
}

func (p *Pages) newHelp(r *web.Request) (web.Response, error) {
	return helpFormPage(r, helpForm{Key: r.Key(), Action: "/support/help/new"}), nil
}

func helpFormPage(r *web.Request, v helpForm) web.Response {
	title := "Add help"
	if v.Old {
		title = "Change help"
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Where to get help", Back: "/support/help", Errors: v.Errors, Body: helpFormBody(v)})
}

func (p *Pages) changeHelp(r *web.Request) (web.Response, error) {
	h, err := p.s.Help(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return helpFormPage(r, helpForm{Key: r.Key(), Action: "/support/help/" + h.ID, Help: h, Old: true}), nil
}

func (p *Pages) saveHelp(r *web.Request) (web.Response, error) {
	h := Help{ID: r.PathValue("id"), Name: r.Text("name"), Topic: r.Text("topic"), Takes: r.Text("takes"), Does: r.Text("does"), Reach: r.Text("reach"), Link: r.Text("link")}
	v := helpForm{Key: r.Key(), Action: r.URL.Path, Help: h, Old: h.ID != "", Checked: [3]string{r.Text("checked-day"), r.Text("checked-month"), r.Text("checked-year")}}
	var err error
	if v.Old {
		if h.Version, err = r.Int("version"); err != nil {
			return web.Response{}, err
		}
		v.Help.Version = h.Version
	}
	if h.CheckedOn, err = r.Date("checked"); err == nil {
		err = p.s.KeepHelp(r.Context(), r.Call, h)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return helpFormPage(r, v), nil
	}
	return web.SeeOther("/support/help", "Saved. Doctors read it now."), err
}

func (p *Pages) closeHelp(r *web.Request) (web.Response, error) {
	open := r.Text("do") == "open"
	said := "Doctors do not see this any more. You can put it back."
	if open {
		said = "Doctors see this again."
	}
	return web.SeeOther("/support/help/"+r.PathValue("id"), said), p.s.CloseHelp(r.Context(), r.Call, r.PathValue("id"), open)
}

type moneyView struct {
	Key    string
	Kind   string
	Pence  string
	Needed [3]string
	Why    string
	List   []Hardship
	Errors nhs.Errors
}

func (p *Pages) askMoney(r *web.Request) (web.Response, error) {
	return p.moneyPage(r, moneyView{Key: r.Key()})
}

func (p *Pages) moneyPage(r *web.Request, v moneyView) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v.List = m.Hardship
	return web.Page(r, web.PageData{Title: "Help with money", Caption: "Looking after yourself", Back: "/support", Errors: v.Errors, Body: moneyBody(v)}), nil
}

func (p *Pages) saveMoney(r *web.Request) (web.Response, error) {
	v := moneyView{Key: r.Key(), Kind: r.Text("kind"), Pence: r.Text("pence"), Why: r.Text("why"), Needed: [3]string{r.Text("needed-day"), r.Text("needed-month"), r.Text("needed-year")}}
	h := Hardship{Kind: v.Kind, Why: v.Why}
	var err error
	if h.Pence, err = r.Pence("pence"); err == nil {
		h.NeededBy, err = r.Date("needed")
	}
	if err == nil {
		err = p.s.AskMoney(r.Context(), r.Call, h)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.moneyPage(r, v)
	}
	return web.SeeOther("/support/hardship", "We have your request. The answer appears here."), err
}

func (p *Pages) takeBack(r *web.Request) (web.Response, error) {
	return web.SeeOther("/support/hardship", "You took your request back."), p.s.TakeBack(r.Context(), r.Call, r.Text("id"))
}

type requestsView struct {
	Key    string
	Rows   []HardshipSight
	Next   string
	Errors nhs.Errors
}

func (p *Pages) requests(r *web.Request) (web.Response, error) { return p.requestsPage(r, nil) }

func (p *Pages) requestsPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	list, err := p.s.Requests(r.Context(), r.Call, r.After(2), pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := requestsView{Key: r.Key(), Rows: list, Errors: errs}
	if len(list) > pageSize {
		v.Rows = list[:pageSize]
		last := v.Rows[pageSize-1]
		v.Next = r.NextPage(last.AskedOn.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Requests for help with money", Back: "/home", Errors: errs, Body: requestsPage(v)}), nil
}

func (p *Pages) decide(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	agreed := r.Text("do") == "agree"
	err = p.s.Decide(r.Context(), r.Call, r.Text("id"), agreed, r.Text("reason"), version)
	if errs, ok := web.FieldErrors(err); ok {
		return p.requestsPage(r, errs)
	}
	return web.SeeOther("/support/requests", "Answered. The doctor reads it now."), err
}
