package post

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

func (p *Pages) interestRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/interest", Action: ActInterest, Handle: p.interest},
		{Method: "POST", Pattern: "/interest", Action: ActInterest, Handle: p.sayInterest},
	}
}

// interestView is the answers of hosts, and the form to give one.
type interestView struct {
	Key         string
	Own         []Interest // of the actor's organisations
	Others      bool       // the actor may answer for others, and sees the list
	ManyRegions bool
	List        []Interest
	Query       InterestQuery
	Regions     []Region
	Next        string
	// what was typed
	Organisation choice
	Answer       string
	Places       string
	Errors       nhs.Errors
}

func (p *Pages) interest(r *web.Request) (web.Response, error) {
	return p.interestPage(r, interestView{}, nil)
}

func (p *Pages) interestPage(r *web.Request, v interestView, errs nhs.Errors) (web.Response, error) {
	scope := p.s.access.Scope(r.Call.Actor, ActInterest)
	v.Key, v.Errors, v.Regions, v.Others = r.Key(), errs, p.regions, scope.All || len(scope.Regions) > 0
	v.ManyRegions = scope.All
	title := "Would you take a Medical Support Worker?"
	if v.Others {
		title = "Who would take a Medical Support Worker"
	}
	var err error
	if v.Own, err = p.s.OwnInterest(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	if v.Others {
		v.Query = InterestQuery{Answer: Answer(r.Text("show")), Region: r.Text("region"), After: r.After(2), Limit: pageSize + 1}
		if v.List, err = p.s.Interests(r.Context(), r.Call, v.Query); err != nil {
			return web.Response{}, err
		}
		if len(v.List) > pageSize {
			v.List = v.List[:pageSize]
			last := v.List[pageSize-1]
			v.Next = r.NextPage(last.SaidOn.String(), last.Organisation)
		}
	}
	if errs == nil && len(v.Own) == 1 {
		v.Organisation, v.Answer, v.Places = choice{v.Own[0].Name, v.Own[0].Organisation}, string(v.Own[0].Answer), plain(v.Own[0].Places)
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Posts", Back: "/posts", BackText: "Posts", Wide: v.Others, Errors: errs, Body: interestBody(v)}), nil
}

func plain(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (p *Pages) sayInterest(r *web.Request) (web.Response, error) {
	v := interestView{Organisation: choice{r.Text("organisation"), r.Text("organisation-value")}, Answer: r.Text("answer"), Places: r.Text("places")}
	var c problem.Check
	places, err := r.Int("places")
	c.Add(err)
	if v.Organisation.ID, err = p.find(r, "organisation", &v.Organisation); problem.KindOf(err) != problem.Invalid && err != nil {
		return web.Response{}, err
	}
	c.Add(err)
	c.That(Answer(v.Answer).Words() != "", "answer", "Choose one of the four answers")
	if err = c.Err(); err == nil {
		said, readErr := p.s.interestsOf(r.Context(), r.Call.Actor.Tenant, []string{v.Organisation.ID})
		if readErr != nil {
			return web.Response{}, readErr
		}
		_, err = p.s.SayInterest(r.Context(), r.Call, Interest{Organisation: v.Organisation.ID, Answer: Answer(v.Answer), Places: places, Version: said[v.Organisation.ID].Version})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.interestPage(r, v, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	flash := "Thank you. We have written that down."
	if a := Answer(v.Answer); a == Looking || a == Interested {
		flash = "Thank you. You can offer a post now: it takes ten short answers."
	}
	return web.SeeOther("/interest", flash), nil
}

func (v interestView) table() nhs.Table {
	names := map[string]string{}
	for _, r := range v.Regions {
		names[r.Code] = r.Name
	}
	t := nhs.Table{Caption: "What employers and hosts said, the latest first", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Organisation"}, {Text: "Region"}, {Text: "Answer"}, {Text: "People", Numeric: true}, {Text: "Said on"}}}
	for _, i := range v.List {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: i.Name}, {Text: or(names[i.Region], "Not known")}, {Body: i.Answer.Tag()}, {Text: or(plain(i.Places), "Not said")}, {Text: i.SaidOn.Long()}})
	}
	return t
}

// Tag is the answer as a tag.
func (a Answer) Tag() nhs.Tag {
	colour := map[Answer]string{Looking: "green", Interested: "blue", NotNow: "grey", Arranged: "purple"}[a]
	text := map[Answer]string{Looking: "Looking", Interested: "Interested", NotNow: "Not now", Arranged: "Already arranged"}[a]
	return nhs.Tag{Text: text, Colour: colour}
}

func interestOwn(list []Interest) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, one := range list {
		out[i] = nhs.Option{Value: one.Organisation, Label: one.Name}
		if one.Version > 0 {
			out[i].Hint = one.Answer.Words() + ", said on " + one.SaidOn.Long()
		}
	}
	return out
}
