package fact

import (
	"slices"
	"strings"

	"msw/internal/doctor"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// roadPage is one kind of fact as a doctor tells of it on the way to
// registration.
type roadPage struct {
	Kind, Title, Add string
	Intro            []string
}

func roadPages() []roadPage {
	return []roadPage{
		{GoodStanding, "Certificates of good standing", "Add a regulator", []string{
			"Every place where you were registered as a doctor in the last 5 years gives a certificate that nothing speaks against you.",
			"If asking there could put anybody in danger, say so here. Nobody will be asked, and there may be another way."}},
		{Activity, "What you did in the last 5 years", "Add a time", []string{
			"The GMC wants to know what you did in the last 5 years, without gaps: work, study, family, time without work.",
			"Only say what you did and when. Please do not tell us why you left your country, or what happened to you."}},
		{Route, "Another way than PLAB", "Add a way", []string{
			"There are other ways to show the GMC what you know. Only the GMC decides if one is enough."}},
	}
}

// Told tells whether doctors can tell of a kind on a page of its own, and gives
// its address.
func (s *Service) Told(kind string) (path string, ok bool) {
	if kind == Contact { // the doctor's word, which is kept with the doctor
		return doctor.AskingPath, true
	}
	if _, known := s.schema.Kind(kind); !known || !slices.ContainsFunc(roadPages(), func(p roadPage) bool { return p.Kind == kind }) {
		return "", false
	}
	return "/me/facts/" + strings.ReplaceAll(kind, "_", "-"), true
}

// roadView is such a page with what is told already.
type roadView struct {
	sectionView
	Part part
}

func (p *Pages) tell(r *web.Request) (roadPage, roadView, error) {
	kind := strings.ReplaceAll(r.PathValue("kind"), "-", "_")
	path, ok := p.s.Told(kind)
	own := r.Call.Actor.Doctor
	if !ok || own == "" || kind == Contact {
		return roadPage{}, roadView{}, problem.Missing()
	}
	list := roadPages()
	page := list[slices.IndexFunc(list, func(p roadPage) bool { return p.Kind == kind })]
	records, err := p.s.For(r.Context(), r.Call.Actor.Tenant, own)
	if err != nil {
		return page, roadView{}, err
	}
	v := roadView{sectionView: sectionView{Key: r.Key(), Path: path, Intro: page.Intro, Countries: countries(), Schema: p.s.schema},
		Part: part{Kind: kind, Title: "What you told us", Add: page.Add, Existing: Of(records, kind), Questions: questions(p.s.schema, kind, false), ShowQuestions: true}}
	v.Part.pick(r.Text("change"))
	return page, v, nil
}

func tellPage(r *web.Request, page roadPage, v roadView) web.Response {
	return web.Page(r, web.PageData{Title: page.Title, Caption: "Your way to registration", Back: "/registration", Errors: v.Errors, Body: roadBody(v)})
}

func (p *Pages) road(r *web.Request) (web.Response, error) {
	page, v, err := p.tell(r)
	if err != nil {
		return web.Response{}, err
	}
	return tellPage(r, page, v), nil
}

func (p *Pages) saveRoad(r *web.Request) (web.Response, error) {
	page, v, err := p.tell(r)
	if err != nil {
		return web.Response{}, err
	}
	if id := r.Text("remove"); id != "" {
		return p.remove(r, sectionView{Path: v.Path, Parts: []part{v.Part}}, id)
	}
	n, empty, err := answers(r, v.Part.Kind, "", v.Part.Questions)
	var check problem.Check
	check.Add(err)
	check.That(!empty || err != nil, v.Part.Questions[0].Name, "Answer the first question")
	n.Doctor, n.Source = r.Call.Actor.Doctor, "registration"
	if err = check.Err(); err == nil {
		if e := v.Part.Editing; e != nil {
			_, err = p.s.Supersede(r.Context(), r.Call, e.ID, n)
		} else {
			_, err = p.s.Record(r.Context(), r.Call, n)
		}
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = nhs.Errors(errs)
		v.Part.retype(r)
		return tellPage(r, page, v), nil
	}
	return web.SeeOther(v.Path, "Saved"), err
}
