package request

import (
	"net/url"
	"slices"

	"msw/internal/doctor"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

func (p *Pages) mine(r *web.Request) (web.Response, error) {
	id := r.Call.Actor.Doctor
	if id == "" {
		return web.Response{}, problem.Missing()
	}
	rows, err := p.s.List(r.Context(), r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "What others are asked about you", Caption: "Proof", Back: "/home", Body: minePage(rows)}), nil
}

type ownView struct {
	Sight
	Key       string
	Papers    map[string]string
	Text      string
	Said      string
	Code      string
	Chosen    []string
	Errors    nhs.Errors
	Statement *Kind
}

func (p *Pages) own(r *web.Request) (web.Response, error) { return p.ownForm(r, nil) }

func (p *Pages) ownForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.See(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.Own {
		return web.Response{}, problem.Missing()
	}
	if sight.Questions {
		return web.SeeOther("/information", ""), nil
	}
	v := ownView{Sight: sight, Key: r.Key(), Text: r.Text("text"), Said: r.Text("allowed"), Code: r.Text("code"), Chosen: r.Texts("documents"), Errors: errs}
	if v.Papers, err = p.papers(r.Context(), r.Call.Actor.Tenant, sight.Doctor); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: sight.Kind.Title, Caption: "Proof", Back: "/my-requests", BackText: "All of them", Errors: errs, Body: ownPage(v)}), nil
}

// offer is the form by which a doctor names somebody: a referee, somebody else
// in place of one, or a person who swears a statement.
func (p *Pages) offer(r *web.Request) (web.Response, error) { return p.offerForm(r, nil) }

func (p *Pages) offerForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	if r.Call.Actor.Doctor == "" {
		return web.Response{}, problem.Missing()
	}
	k, ok := p.s.o.Rules.Kind(r.Text("kind"))
	if !ok || !k.Link {
		return web.Response{}, problem.Missing()
	}
	var ignored problem.Check
	v := freshView{Key: r.Key(), Action: "/my-requests/new", Kind: k.ID, K: k, Parent: r.Text("parent"), Own: true, Whom: whomOf(r, &ignored), From: typed(r, "from"), To: typed(r, "to"), Errors: errs}
	return web.Page(r, web.PageData{Title: "Name somebody", Caption: k.Title, Back: "/my-requests", Errors: errs, Body: offerPage(v)}), nil
}

func (p *Pages) offered(r *web.Request) (web.Response, error) {
	k, ok := p.s.o.Rules.Kind(r.Text("kind"))
	if !ok || !k.Link || r.Call.Actor.Doctor == "" {
		return web.Response{}, problem.Missing()
	}
	var check problem.Check
	w := whomOf(r, &check)
	check.That(w.Name != "", "name", "Enter a name")
	check.That(!w.From.IsZero() || check.Err() != nil, "from", "Enter when it began")
	check.That(w.Country != "" || k.Party != doctor.PartyPerson, "country", "Choose the country where this person is now")
	var made Request
	err := check.Err()
	if err == nil {
		made, err = p.name(r, k, w)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.offerForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/my-requests/"+made.ID, "Saved. Nobody is asked yet."), nil
}

// name makes the request for somebody the doctor names.
func (p *Pages) name(r *web.Request, k Kind, w Whom) (Request, error) {
	parent := r.Text("parent")
	if parent == "" {
		return p.s.Make(r.Context(), r.Call, Fresh{Doctor: r.Call.Actor.Doctor, Kind: k.ID, Whom: w})
	}
	old, err := p.s.See(r.Context(), r.Call, parent)
	if err != nil {
		return Request{}, err
	}
	if k.ID == kindStatement {
		return p.s.Make(r.Context(), r.Call, Fresh{Doctor: old.Doctor, Kind: k.ID, Parent: old.ID, Whom: w})
	}
	return p.s.Replace(r.Context(), r.Call, parent, w)
}

func (p *Pages) whom(r *web.Request) (web.Response, error) { return p.whomForm(r, nil) }

func (p *Pages) whomForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.See(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.Own || sight.State.Over() || sight.State == Received {
		return web.Response{}, problem.Missing()
	}
	var ignored problem.Check
	v := freshView{Key: r.Key(), Action: "/my-requests/" + sight.ID + "/whom", Kind: sight.Kind.ID, K: sight.Kind, Own: true, Whom: sight.Whom, From: nhs.DateParts(sight.Whom.From), To: nhs.DateParts(sight.Whom.To), Errors: errs}
	if errs != nil {
		v.Whom, v.From, v.To = whomOf(r, &ignored), typed(r, "from"), typed(r, "to")
	}
	return web.Page(r, web.PageData{Title: "Whom to ask", Caption: sight.Kind.Title, Back: "/my-requests/" + sight.ID, Errors: errs, Body: offerPage(v)}), nil
}

func (p *Pages) change(r *web.Request) (web.Response, error) {
	var check problem.Check
	w := whomOf(r, &check)
	check.That(w.Name != "", "name", "Enter a name")
	err := check.Err()
	if err == nil {
		_, err = p.s.Change(r.Context(), r.Call, r.PathValue("id"), 0, w)
	}
	return p.done(r, err, "/my-requests/", "Saved. Nobody is asked before you say yes.", p.whomForm)
}

func (p *Pages) permit(r *web.Request) (web.Response, error) {
	said := r.Text("allowed")
	if said != "yes" && said != "no" {
		return p.ownForm(r, nhs.Errors{{Name: "allowed", Message: "Choose yes or no"}})
	}
	flash := "You said yes. Nobody is asked before you hand over the link."
	if said == "no" {
		flash = "You said no. Nobody is asked. There are other ways below."
	}
	return p.done(r, p.s.Permit(r.Context(), r.Call, r.PathValue("id"), said == "yes"), "/my-requests/", flash, p.ownForm)
}

func (p *Pages) ask(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	id := r.PathValue("id")
	var err error
	flash := "Here is the link. Hand it over in the way that is safe for both of you."
	switch r.Text("how") {
	case "link":
		_, err = p.s.HandOver(r.Context(), r.Call, id, version)
	case "send":
		flash = "We write to this person once, in words that tell nothing about you."
		_, err = p.s.Send(r.Context(), r.Call, id, version)
	case "myself":
		flash = "Saved. Come back when you have it."
		_, err = p.s.AskedMyself(r.Context(), r.Call, id, version)
	default:
		return p.ownForm(r, nhs.Errors{{Name: "how", Message: "Choose how"}})
	}
	return p.done(r, err, "/my-requests/", flash, p.ownForm)
}

func (p *Pages) tell(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	docs, err := p.ownPapers(r)
	if err == nil {
		said := r.Text("allowed")
		if r.Form.Has("consent") && said != "yes" && said != "no" {
			return p.ownForm(r, nhs.Errors{{Name: "allowed", Message: "Choose yes or no"}})
		}
		_, err = p.s.Tell(r.Context(), r.Call, Telling{ID: r.PathValue("id"), Version: version, Text: r.Text("text"), Yes: said == "yes", Documents: docs})
	}
	return p.done(r, err, "/my-requests/", "Sent. We look at it next.", p.ownForm)
}

func (p *Pages) lost(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	_, err := p.s.Lost(r.Context(), r.Call, r.PathValue("id"), version, r.Text("lost") != "no")
	return p.done(r, err, "/my-requests/", "Saved. Nobody need be asked. Use the other ways below.", p.ownForm)
}

func (p *Pages) instead(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	docs, err := p.ownPapers(r)
	if err == nil {
		_, err = p.s.GiveInstead(r.Context(), r.Call, Instead{ID: r.PathValue("id"), Version: version, Code: r.Text("code"), Text: r.Text("text"),
			Documents: docs, Cannot: r.Text("do") == "cannot"})
	}
	flash := "Sent. An assessor looks at it next. Nobody is asked."
	if r.Text("do") == "cannot" {
		flash = "Saved. The next way is open."
	}
	return p.done(r, err, "/my-requests/", flash, p.ownForm)
}

// ownPapers are the ticked documents; one that is not the doctor's is refused.
func (p *Pages) ownPapers(r *web.Request) ([]string, error) {
	chosen := p.chosen(r)
	if len(chosen) == 0 {
		return nil, nil
	}
	mine, err := p.papers(r.Context(), r.Call.Actor.Tenant, r.Call.Actor.Doctor)
	if err != nil {
		return nil, err
	}
	for _, id := range chosen {
		if mine[id] == "" {
			return nil, problem.Missing()
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(chosen))), nil
}

func ownURL(id string) string { return "/my-requests/" + url.PathEscape(id) }
