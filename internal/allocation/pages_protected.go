package allocation

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/document"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

func (p *Pages) partnerRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/apply/partner", Action: ActLink, Handle: p.partner},
		{Method: "POST", Pattern: "/apply/partner", Action: ActLink, Handle: p.linking},
	}
}

func (p *Pages) protectedRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/apply/protected", Action: ActAsk, Handle: p.protected},
		{Method: "POST", Pattern: "/apply/protected", Action: ActAsk, Handle: p.askProtected},
		{Method: "POST", Pattern: "/apply/protected/{id}/withdraw", Action: ActAsk, Handle: p.withdraw},
		{Method: "GET", Pattern: "/protected", Action: ActVouch, Handle: p.desk},
		{Method: "POST", Pattern: "/protected/{id}", Action: ActVouch, Handle: p.vouch},
		{Method: "GET", Pattern: "/panel", Action: ActJudge, Handle: p.panel},
		{Method: "POST", Pattern: "/panel/{id}", Action: ActJudge, Handle: p.vote},
	}
}

type partnerView struct {
	Key    string
	Link   Link
	Code   string // as typed
	Errors nhs.Errors
}

func (p *Pages) partner(r *web.Request) (web.Response, error) { return p.partnerPage(r, nil) }

func (p *Pages) partnerPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	l, err := p.s.LinkOf(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Stay near a partner", Caption: "The posts you want", Back: "/apply/wishes", Errors: errs,
		Body: partnerBody(partnerView{r.Key(), l, r.Text("code"), errs})}), nil
}

// linking does one of the steps of a link, as the button says.
func (p *Pages) linking(r *web.Request) (web.Response, error) {
	var err error
	said := ""
	switch r.Text("do") {
	case "invite":
		err, said = p.s.InvitePartner(r.Context(), r.Call), "Here is your code. Give it to your partner yourself."
	case "enter":
		var c problem.Check
		c.That(r.Text("code") != "", "code", "Enter the code that your partner gave you")
		if err = c.Err(); err == nil {
			err, said = p.s.EnterCode(r.Context(), r.Call, r.Text("code")), "Thank you. Your partner is asked to say yes."
		}
	case "confirm":
		err, said = p.s.ConfirmPartner(r.Context(), r.Call), "You are linked. We look for posts near each other."
	case "end":
		err, said = p.s.EndLink(r.Context(), r.Call), "The link is ended."
	default:
		return web.Response{}, problem.Missing()
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.partnerPage(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply/partner", said), nil
}

type protectedView struct {
	Key    string
	List   []Protected
	Asking Asking
	Miles  string
	Shelf  []Paper
	Errors nhs.Errors
}

func (p *Pages) protected(r *web.Request) (web.Response, error) {
	return p.protectedPage(r, protectedView{}, nil)
}

func (p *Pages) protectedPage(r *web.Request, v protectedView, errs nhs.Errors) (web.Response, error) {
	if r.Call.Actor.Doctor == "" {
		return web.Response{}, problem.Missing()
	}
	var err error
	if v.List, err = p.s.ProtectedOf(r.Context(), r.Call, r.Call.Actor.Doctor); err != nil {
		return web.Response{}, err
	}
	if v.Shelf, err = p.s.Shelf(r.Context(), r.Call.Actor.Tenant, r.Call.Actor.Doctor); err != nil {
		return web.Response{}, err
	}
	v.Key, v.Errors = r.Key(), errs
	return web.Page(r, web.PageData{Title: "A reason that comes before all wishes", Caption: "The posts you want", Back: "/apply/wishes", Errors: errs, Body: protectedBody(v)}), nil
}

func (p *Pages) askProtected(r *web.Request) (web.Response, error) {
	v := protectedView{Asking: Asking{Ground: Ground(r.Text("ground")), Regions: r.Texts("regions"), Statement: r.Text("statement"), Documents: r.Texts("documents")}, Miles: r.Text("miles")}
	var c problem.Check
	var err error
	v.Asking.Miles, err = r.Int("miles")
	c.Add(err)
	rest := v.Asking
	if err != nil {
		rest.Miles = 1 // something was typed: its own fault is told above
	}
	c.Add(rest.Check())
	if err = c.Err(); err == nil {
		_, err = p.s.AskProtected(r.Context(), r.Call, r.Call.Actor.Doctor, v.Asking)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.protectedPage(r, v, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply/protected", "Sent. Your caseworker will look at it."), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		err = p.s.WithdrawProtected(r.Context(), r.Call, r.PathValue("id"), version)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply/protected", "Taken back"), nil
}

type deskView struct {
	Key    string
	List   []Protected
	Names  map[string]Named
	Papers map[string][]Paper // by doctor
	At     string             // id of the one answered
	Typed  string
	Chosen []string
	Errors nhs.Errors
}

func (p *Pages) desk(r *web.Request) (web.Response, error) { return p.deskPage(r, nil) }

func (p *Pages) deskPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	list, err := p.s.Desk(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := deskView{Key: r.Key(), List: list, Names: map[string]Named{}, At: r.PathValue("id"), Typed: r.Text("evidence"), Chosen: r.Texts("documents"), Papers: map[string][]Paper{}, Errors: errs}
	for _, one := range list {
		if _, known := v.Papers[one.Doctor]; !known && one.Ground != GroundSafety {
			if v.Papers[one.Doctor], err = p.s.Shelf(r.Context(), r.Call.Actor.Tenant, one.Doctor); err != nil {
				return web.Response{}, err
			}
		}
	}
	if p.o.Cases != nil {
		var ids []string
		for _, one := range list {
			ids = append(ids, one.Doctor)
		}
		for from := 0; from < len(ids); from += batch {
			part, err := p.o.Cases(r.Context(), r.Call.Actor.Tenant, ids[from:min(from+batch, len(ids))])
			if err != nil {
				return web.Response{}, err
			}
			for id, n := range part {
				v.Names[id] = n
			}
		}
	}
	return web.Page(r, web.PageData{Title: "Protected reasons to look at", Back: "/home", Errors: errs, Body: deskBody(v)}), nil
}

func (p *Pages) vouch(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		err = p.s.Vouch(r.Context(), r.Call, r.PathValue("id"), version, r.Text("evidence"), r.Texts("documents")...)
	}
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			errs[i].Name += "-" + r.PathValue("id")
		}
		return p.deskPage(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/protected", "Saved"), nil
}

type panelView struct {
	Key    string
	List   []Hearing
	Safety int
}

func (p *Pages) panel(r *web.Request) (web.Response, error) {
	list, err := p.s.Panel(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	safety, err := p.s.SafetyAgreed(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Panel: protected reasons", Back: "/home", Body: panelBody(panelView{r.Key(), list, safety})}), nil
}

func (p *Pages) vote(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	word := r.Text("vote")
	if err == nil && word != "yes" && word != "no" {
		err = problem.Missing()
	}
	if err == nil {
		err = p.s.Vote(r.Context(), r.Call, r.PathValue("id"), version, word == "yes")
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/panel", "Your vote is written down"), nil
}

// shelfOptions are papers as choices.
func shelfOptions(shelf []Paper) (out []nhs.Option) {
	for _, p := range shelf {
		o := nhs.Option{Value: p.ID, Label: p.Name}
		if p.Sealed {
			o.Hint = "Only the panel can open it."
		}
		out = append(out, o)
	}
	return out
}

// shown are the papers that the doctor pointed to and that stand.
func (v deskView) shown(p Protected) (out []Paper) {
	for _, one := range v.Papers[p.Doctor] {
		if slices.Contains(p.Documents, document.Source(one.ID)) {
			out = append(out, one)
		}
	}
	return out
}

// asks is the question for evidence that is told in words.
func (v deskView) asks(p Protected) string {
	if len(v.Papers[p.Doctor]) == 0 {
		return "Which evidence did you see?"
	}
	return "Which other evidence did you see?"
}

// ticked are the papers the caseworker has seen: as typed, else those the doctor
// pointed to are offered unticked.
func (v deskView) ticked(id string) []string {
	if v.At == id {
		return v.Chosen
	}
	return nil
}

// seen says what a caseworker saw.
func (h Hearing) seen() string {
	list := h.Kinds
	if h.Evidence != "" {
		list = append([]string{h.Evidence}, list...)
	}
	if len(list) == 0 {
		return "None needed"
	}
	return strings.Join(list, "; ")
}

func groundOptions() (out []nhs.Option) {
	for _, g := range Grounds() {
		out = append(out, nhs.Option{Value: string(g), Label: g.Words(), Hint: groundHint(g)})
	}
	return out
}

func groundHint(g Ground) string {
	switch g {
	case GroundCare:
		return "For example a child at a special school, or a parent who needs you. A letter from the school, council or doctor helps."
	case GroundHealth:
		return "For example treatment that you can get in one place only. A letter from your doctor or hospital helps."
	case GroundSafety:
		return "You need no paper and need not say why here. Your caseworker's yes is enough. The panel is told nothing but the word safety."
	case GroundCourt:
		return "For example an order about where your children live. Show your caseworker the order."
	}
	return ""
}

// areaWords says what is asked for.
func areaWords(a Asking) string {
	var parts []string
	for _, r := range a.Regions {
		parts = append(parts, regionName(r))
	}
	text := strings.Join(parts, ", ")
	if a.Miles > 0 {
		if text != "" {
			text += ", "
		}
		text += "within " + strconv.Itoa(a.Miles) + " miles of home, in a straight line"
	}
	return text
}

func standingTag(s Standing) nhs.Tag {
	colour := map[Standing]string{Asked: "blue", Seen: "blue", Agreed: "green", Refused: "orange", Withdrawn: "grey"}[s]
	text := map[Standing]string{Asked: "With your caseworker", Seen: "With the panel", Agreed: "Agreed", Refused: "Not agreed", Withdrawn: "Taken back"}[s]
	return nhs.Tag{Text: text, Colour: colour}
}
