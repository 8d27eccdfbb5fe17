package doctor

import (
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

type askingView struct {
	Key, Action string
	Own         bool
	Stand       []Said
	Form        NewSaid
	Said        string // yes, no or nothing yet
	Errors      nhs.Errors
}

// AskingPath is the doctor's own page of whom one may ask.
const AskingPath = "/asking"

func (p *Pages) asking(r *web.Request) (web.Response, error) {
	return p.askingForm(r, NewSaid{Subject: Subject{Party: Party(r.Text("party")), Name: r.Text("name"), Country: r.Text("country")}}, nil)
}

// subject gives whose page it is, for the doctor and for staff.
func (p *Pages) subject(r *web.Request) (id, home string, own bool, err error) {
	if ref := r.PathValue("ref"); ref != "" {
		id, err = p.s.ByRef(r.Context(), r.Call.Actor.Tenant, ref)
		return id, "/cases/" + ref, id == r.Call.Actor.Doctor, err
	}
	if r.Call.Actor.Doctor == "" {
		return "", "", true, problem.Missing()
	}
	return r.Call.Actor.Doctor, "/home", true, nil
}

func (p *Pages) askingForm(r *web.Request, n NewSaid, errs nhs.Errors) (web.Response, error) {
	id, home, own, err := p.subject(r)
	if err != nil {
		return web.Response{}, err
	}
	stand, err := p.s.Words(r.Context(), r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	v := askingView{Key: r.Key(), Action: home + "/asking", Own: own, Stand: stand, Form: n, Said: r.Text("allowed"), Errors: errs}
	title, caption := "Whom we may ask, and whom not", "Case"
	if own {
		v.Action, caption = AskingPath, "Your safety"
	}
	return web.Page(r, web.PageData{Title: title, Caption: caption, Back: home, Errors: errs, Body: askingBody(v)}), nil
}

func (p *Pages) say(r *web.Request) (web.Response, error) {
	id, _, own, err := p.subject(r)
	if err != nil {
		return web.Response{}, err
	}
	n := NewSaid{Doctor: id, Allowed: r.Text("allowed") == "yes", Reason: r.Text("reason"),
		Subject: Subject{Party: Party(r.Text("party")), Name: r.Text("name"), Country: r.Text("country"), Email: r.Text("email")}}
	var c problem.Check
	c.That(!own || r.Text("allowed") == "yes" || r.Text("allowed") == "no", "allowed", "Choose yes or no")
	c.Add(n.tidy().Check(own))
	if err = c.Err(); err == nil {
		err = p.s.Say(r.Context(), r.Call, n)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.askingForm(r, n, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	to := AskingPath
	if ref := r.PathValue("ref"); ref != "" {
		to = "/cases/" + ref + "/asking"
	}
	if n.Allowed {
		return web.SeeOther(to, "Saved."), nil
	}
	return web.SeeOther(to, "Saved. Nobody there is asked, and what was on its way is stopped."), nil
}

func partyOptions() []nhs.Option {
	var out []nhs.Option
	for _, p := range AskedParties() {
		out = append(out, nhs.Option{Value: string(p), Label: p.Words()})
	}
	return out
}

func (w Said) answer() nhs.Tag {
	switch {
	case w.Allowed:
		return nhs.Tag{Text: "May be asked", Colour: "green"}
	}
	return nhs.Tag{Text: "Do not ask", Colour: "red"}
}

// who names the subject of a word.
func (w Said) who() string {
	name := w.Name
	if name == "" {
		name = w.Email
	}
	switch {
	case w.Party == PartyCountry:
		return "Everybody in " + CountryName(w.Country)
	case name == "":
		name = w.Party.Words() + ", any"
	}
	if w.Country != "" {
		name += ", " + CountryName(w.Country)
	}
	return name
}

func (v askingView) table() nhs.Table {
	t := nhs.Table{Caption: "What stands now", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Who"}, {Text: "Answer"}, {Text: "Said"}}}
	for _, w := range v.Stand {
		by := "By the doctor"
		if v.Own {
			by = "By you"
		}
		if w.Staff {
			by = "By a caseworker"
			if !v.Own && w.Reason != "" {
				by += ": " + w.Reason
			}
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: w.who()}}, {Body: w.answer()}, {Text: by + ", " + day(w.On)}})
	}
	return t
}

func day(d clock.Date) string { return d.Long() }
