package casefile

import (
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// stepView is a small form that does one thing to one case.
type stepView struct {
	Key, Ref, Action string
	Reason, Party    string
	Until            [3]string
	Reasons, Parties []nhs.Option
	Errors           nhs.Errors
	Paused, Own      bool
}

func options(list []Reason) []nhs.Option {
	var opts []nhs.Option
	for _, r := range list {
		opts = append(opts, nhs.Option{Value: r.Code, Label: r.Words})
	}
	return opts
}

func (p *Pages) step(r *web.Request, errs nhs.Errors) stepView {
	return stepView{Key: r.Key(), Ref: r.PathValue("ref"), Action: r.URL.Path, Reason: r.Text("reason"), Party: r.Text("party"),
		Until: [3]string{r.Text("until-day"), r.Text("until-month"), r.Text("until-year")}, Errors: errs}
}

func (p *Pages) hold(r *web.Request) (web.Response, error) { return p.holdForm(r, nil) }

func (p *Pages) holdForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	if _, err := p.s.permit(r.Context(), r.Call, ActWork, r.PathValue("ref")); err != nil {
		return web.Response{}, err
	}
	v := p.step(r, errs)
	v.Reasons = options(HoldReasons())
	for _, party := range Parties() {
		if party != PartyNobody {
			v.Parties = append(v.Parties, nhs.Option{Value: string(party), Label: sentence(party.Words())})
		}
	}
	return web.Page(r, web.PageData{Title: "Put this case on hold", Caption: "Case " + v.Ref, Back: caseURL(v.Ref), Errors: errs, Body: holdPage(v)}), nil
}

func (p *Pages) putOnHold(r *web.Request) (web.Response, error) {
	n := NewHold{Ref: r.PathValue("ref"), Reason: r.Text("reason"), Party: Party(r.Text("party"))}
	var check problem.Check
	until, err := r.Date("until")
	check.Add(err)
	n.Until = until
	bad := check.Err()
	if err = p.s.Hold(r.Context(), r.Call, n); bad != nil {
		// The date could not be read: its own message replaces "enter a date".
		err = merge(bad, err)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.holdForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(n.Ref), "The case is on hold"), nil
}

// merge joins two Invalid problems, one message a field, the first one's first.
func merge(first, second error) error {
	var check problem.Check
	check.Add(first)
	check.Add(second)
	seen := map[string]bool{}
	all, ok := check.Err().(*problem.Error)
	if !ok {
		return second
	}
	var fields []problem.Field
	for _, f := range all.Fields {
		if !seen[f.Name] {
			seen[f.Name] = true
			fields = append(fields, f)
		}
	}
	all.Fields = fields
	return all
}

func (p *Pages) endHold(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	if err := p.s.EndHold(r.Context(), r.Call, ref, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(ref), "The case goes on"), nil
}

func (p *Pages) closing(r *web.Request) (web.Response, error) { return p.closeForm(r, nil) }

func (p *Pages) closeForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	if _, err := p.s.permit(r.Context(), r.Call, ActClose, r.PathValue("ref")); err != nil {
		return web.Response{}, err
	}
	v := p.step(r, errs)
	v.Reasons = options(CloseReasons())
	return web.Page(r, web.PageData{Title: "Close this case", Caption: "Case " + v.Ref, Back: caseURL(v.Ref), Errors: errs, Body: closePage(v)}), nil
}

func (p *Pages) close(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	err := p.s.Close(r.Context(), r.Call, ref, r.Text("reason"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.closeForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(ref), "The case is closed"), nil
}

func (p *Pages) reopen(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	if err := p.s.Reopen(r.Context(), r.Call, ref); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(ref), "The case is open again"), nil
}

func (p *Pages) pausing(r *web.Request) (web.Response, error) { return p.pauseForm(r, nil) }

func (p *Pages) pauseForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	c, err := p.s.permit(r.Context(), r.Call, ActPause, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v := p.step(r, errs)
	v.Reasons = options(PauseReasons())
	v.Paused = c.Flags.Has(FlagPaused)
	v.Own = c.Doctor == r.Call.Actor.Doctor
	title := "Pause"
	if v.Paused {
		title = "Carry on"
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Case " + v.Ref, Back: returnTo(r, v.Ref), Errors: errs, Body: pausePage(v)}), nil
}

func (p *Pages) pause(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	until, err := r.Date("until")
	if err == nil || r.Text("until-day")+r.Text("until-month")+r.Text("until-year")+r.Text("until") == "" {
		err = p.s.Pause(r.Context(), r.Call, ref, r.Text("reason"), until)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.pauseForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(returnTo(r, ref), "Paused. Your place is kept."), nil
}

func (p *Pages) resume(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	if err := p.s.Resume(r.Context(), r.Call, ref); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(returnTo(r, ref), "Carrying on from where you were"), nil
}
