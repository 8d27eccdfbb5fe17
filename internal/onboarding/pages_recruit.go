package onboarding

import (
	"strconv"
	"strings"
	"time"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// recruitRoutes are the addresses of open recruitment.
func (p *Pages) recruitRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/vacancies", Action: ActApply, Handle: p.vacancies},
		{Method: "GET", Pattern: "/vacancies/{vacancy}", Action: ActApply, Handle: p.applyForm},
		{Method: "POST", Pattern: "/vacancies/{vacancy}", Action: ActApply, Handle: p.apply},
		{Method: "GET", Pattern: "/applications/{application}", Action: ActApply, Handle: p.application},
		{Method: "POST", Pattern: "/applications/{application}/time", Action: ActApply, Handle: p.book},
		{Method: "POST", Pattern: "/applications/{application}/take-back", Action: ActApply, Handle: p.pullOut},
		{Method: "GET", Pattern: "/recruitment", Action: ActScore, Handle: p.recruitment},
		{Method: "GET", Pattern: "/recruitment/new", Action: ActRecruit, Handle: p.advertiseForm},
		{Method: "POST", Pattern: "/recruitment/new", Action: ActRecruit, Handle: p.advertise},
		{Method: "GET", Pattern: "/recruitment/{vacancy}", Action: ActScore, Handle: p.run},
		{Method: "GET", Pattern: "/recruitment/{vacancy}/{application}", Action: ActScore, Handle: p.markForm},
		{Method: "POST", Pattern: "/recruitment/{vacancy}/{application}", Action: ActScore, Handle: p.mark},
		{Method: "POST", Pattern: "/recruitment/{vacancy}/offer", Action: ActRecruit, Handle: p.chooseApplicant},
		{Method: "POST", Pattern: "/recruitment/{vacancy}/invitations", Action: ActRecruit, Handle: p.invite},
		{Method: "POST", Pattern: "/recruitment/{vacancy}/times", Action: ActRecruit, Handle: p.addTime},
		{Method: "POST", Pattern: "/recruitment/{vacancy}/close", Action: ActRecruit, Handle: p.shut},
	}
}

const mostVacancies = 100

func (p *Pages) vacancies(r *web.Request) (web.Response, error) {
	rows, err := p.s.OpenVacancies(r.Context(), r.Call, mostVacancies)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Posts you can apply for", Body: vacanciesPage(rows)}), nil
}

type applyView struct {
	VacancyRow
	Key     string
	Rules   Recruitment
	Answers map[string]string
	Errors  nhs.Errors
}

func (p *Pages) applyForm(r *web.Request) (web.Response, error) { return p.applyAgain(r, nil) }

func (p *Pages) applyAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v, err := p.s.ForDoctor(r.Context(), r.Call, r.PathValue("vacancy"))
	if err != nil {
		return web.Response{}, err
	}
	view := applyView{VacancyRow: v, Key: r.Key(), Rules: p.s.o.Rules.Recruitment, Answers: map[string]string{}, Errors: errs}
	for _, w := range v.Criteria {
		view.Answers[w.Code] = r.Text(w.Code)
	}
	return web.Page(r, web.PageData{Title: v.At.Specialty + " at " + v.HostName, Caption: "Apply for a post", Back: "/vacancies", BackText: "Posts you can apply for",
		Errors: errs, Body: applyPage(view)}), nil
}

func (p *Pages) apply(r *web.Request) (web.Response, error) {
	answers := map[string]string{}
	for _, c := range p.s.o.Rules.Criteria {
		if text := strings.TrimSpace(r.Text(c.ID)); text != "" {
			answers[c.ID] = text
		}
	}
	a, err := p.s.Apply(r.Context(), r.Call, Applying{Vacancy: r.PathValue("vacancy"), Answers: answers})
	if errs, ok := web.FieldErrors(err); ok {
		return p.applyAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/applications/"+a.ID, "Your application is sent"), nil
}

type applicationView struct {
	OwnApplication
	Key     string
	Rules   Recruitment
	Reasons []string
	Errors  nhs.Errors
}

func (p *Pages) application(r *web.Request) (web.Response, error) { return p.applicationAgain(r, nil) }

func (p *Pages) applicationAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	a, err := p.s.Own(r.Context(), r.Call, r.PathValue("application"))
	if err != nil {
		return web.Response{}, err
	}
	v := applicationView{OwnApplication: a, Key: r.Key(), Rules: p.s.o.Rules.Recruitment, Reasons: ReasonSentences(p.s.o.Rules.Recruitment, a.Application), Errors: errs}
	return web.Page(r, web.PageData{Title: a.Vacancy.At.Specialty + " at " + a.Vacancy.HostName, Caption: "Your application", Back: "/vacancies",
		BackText: "Posts you can apply for", Errors: errs, Body: applicationPage(v)}), nil
}

func (p *Pages) applied(r *web.Request, err error, flash string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.applicationAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/applications/"+r.PathValue("application"), flash), nil
}

func (p *Pages) book(r *web.Request) (web.Response, error) {
	return p.applied(r, p.s.Book(r.Context(), r.Call, r.PathValue("application"), r.Text("slot")), "Your time is booked")
}

func (p *Pages) pullOut(r *web.Request) (web.Response, error) {
	return p.applied(r, p.s.PullOut(r.Context(), r.Call, r.PathValue("application")), "Your application is taken back. This does not count against you.")
}

func (p *Pages) recruitment(r *web.Request) (web.Response, error) {
	rows, err := p.s.Vacancies(r.Context(), r.Call, ActScore, mostVacancies)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Recruitment", Wide: true, Body: recruitmentPage(rows, r.May(ActRecruit))}), nil
}

type advertiseView struct {
	Key               string
	Posts             []post.Post
	Places            map[string]post.Place
	Post              string
	Rules             Recruitment
	Chosen, Essential []string
	Closes            [3]string
	Errors            nhs.Errors
}

func (p *Pages) advertiseForm(r *web.Request) (web.Response, error) { return p.advertiseAgain(r, nil) }

func (p *Pages) advertiseAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	list, err := p.s.posts.List(r.Context(), r.Call, post.Query{Status: post.Open, Limit: mostVacancies})
	if err != nil {
		return web.Response{}, err
	}
	v := advertiseView{Key: r.Key(), Post: r.Text("post"), Rules: p.s.o.Rules.Recruitment, Chosen: r.Texts("criteria"), Essential: r.Texts("essential"),
		Closes: [3]string{r.Text("closes-day"), r.Text("closes-month"), r.Text("closes-year")}, Errors: errs}
	var places []string
	for _, one := range list {
		if p.s.access.May(r.Call.Actor, ActRecruit, Vacancy{Employer: one.Employer}.Resource(r.Call.Actor.Tenant)) == nil {
			v.Posts, places = append(v.Posts, one), append(places, one.Host)
		}
	}
	if v.Places, err = p.s.posts.Places(r.Context(), r.Call.Actor.Tenant, places); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Advertise a post", Back: "/recruitment", BackText: "Recruitment", Errors: errs, Body: advertisePage(v)}), nil
}

func (p *Pages) advertise(r *web.Request) (web.Response, error) {
	var c problem.Check
	closes, err := r.Date("closes")
	c.Add(err)
	c.That(r.Text("post") != "", "post", "Choose a post")
	n := NewVacancy{Post: r.Text("post"), Criteria: r.Texts("criteria"), Essential: r.Texts("essential"), ClosesOn: closes}
	c.Rest(n.check(p.s.o.Rules.Recruitment.Criteria, r.Call.Today))
	var v Vacancy
	if err = c.Err(); err == nil {
		v, err = p.s.Advertise(r.Context(), r.Call, n)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.advertiseAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/recruitment/"+v.ID, "Doctors can apply now"), nil
}

type runView struct {
	Running
	Key    string
	Rules  Recruitment
	Typed  map[string]string
	Errors nhs.Errors
}

func (p *Pages) run(r *web.Request) (web.Response, error) { return p.runAgain(r, nil) }

func (p *Pages) runAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v, err := p.s.Run(r.Context(), r.Call, r.PathValue("vacancy"))
	if err != nil {
		return web.Response{}, err
	}
	typed := map[string]string{}
	for _, name := range []string{"places", "application", "on-day", "on-month", "on-year", "time", "minutes", "place"} {
		typed[name] = r.Text(name)
	}
	return web.Page(r, web.PageData{Title: v.At.Specialty + " at " + v.HostName, Caption: "Recruitment", Back: "/recruitment", BackText: "Recruitment", Wide: true, Errors: errs,
		Body: runPage(runView{Running: v, Key: r.Key(), Rules: p.s.o.Rules.Recruitment, Typed: typed, Errors: errs})}), nil
}

func (p *Pages) ran(r *web.Request, err error, flash string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.runAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/recruitment/"+r.PathValue("vacancy"), flash), nil
}

func (p *Pages) invite(r *web.Request) (web.Response, error) {
	places, err := r.Int("places")
	if err == nil {
		err = p.s.Invite(r.Context(), r.Call, r.PathValue("vacancy"), places)
	}
	return p.ran(r, err, "Decided. Everyone is told, with their reasons.")
}

func (p *Pages) addTime(r *web.Request) (web.Response, error) {
	var c problem.Check
	on, err := r.Date("on")
	c.Add(err)
	c.That(err != nil || !on.IsZero(), "on", "Enter the day")
	minutes, err := r.Int("minutes")
	c.Add(err)
	at, err := time.Parse("15:04", strings.TrimSpace(r.Text("time")))
	c.That(err == nil, "time", "Enter the time as hours and minutes, such as 14:30")
	if err = c.Err(); err == nil {
		starts := clock.StartOf(on).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
		err = p.s.AddSlot(r.Context(), r.Call, r.PathValue("vacancy"), NewSlot{starts, minutes, r.Text("place")})
	}
	return p.ran(r, err, "Time added")
}

func (p *Pages) chooseApplicant(r *web.Request) (web.Response, error) {
	var c problem.Check
	c.That(r.Text("application") != "", "application", "Choose a person")
	var o Offer
	err := c.Err()
	if err == nil {
		o, err = p.s.Choose(r.Context(), r.Call, r.PathValue("vacancy"), r.Text("application"))
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.runAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/offers/"+o.ID, "Offer made. It waits for the doctor's answer."), nil
}

func (p *Pages) shut(r *web.Request) (web.Response, error) {
	return p.ran(r, p.s.Shut(r.Context(), r.Call, r.PathValue("vacancy")), "The vacancy is closed")
}

type markView struct {
	Sheet
	Key    string
	Rules  Recruitment
	Typed  map[string]string
	Errors nhs.Errors
}

func (p *Pages) markForm(r *web.Request) (web.Response, error) { return p.markAgain(r, nil) }

func (p *Pages) markAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sheet, err := p.s.Read(r.Context(), r.Call, r.PathValue("vacancy"), r.PathValue("application"))
	if err != nil {
		return web.Response{}, err
	}
	v := markView{Sheet: sheet, Key: r.Key(), Rules: p.s.o.Rules.Recruitment, Typed: map[string]string{}, Errors: errs}
	for _, w := range sheet.Vacancy.Criteria {
		if m, ok := sheet.Own[w.Code]; ok {
			v.Typed[w.Code] = strconv.Itoa(m)
		}
		if errs != nil {
			v.Typed[w.Code] = r.Text("mark-" + w.Code)
		}
	}
	return web.Page(r, web.PageData{Title: "Application " + sheet.Application, Caption: sheet.Vacancy.At.Specialty + " at " + sheet.Vacancy.HostName,
		Back: "/recruitment/" + sheet.Vacancy.ID, BackText: "All applications", Errors: errs, Body: markPage(v)}), nil
}

func (p *Pages) mark(r *web.Request) (web.Response, error) {
	marks := map[string]int{}
	for _, c := range p.s.o.Rules.Criteria {
		if m, err := strconv.Atoi(r.Text("mark-" + c.ID)); err == nil {
			marks[c.ID] = m
		}
	}
	err := p.s.Mark(r.Context(), r.Call, r.PathValue("vacancy"), r.PathValue("application"), marks)
	if errs, ok := web.FieldErrors(err); ok {
		return p.markAgain(r, errs)
	}
	return p.ran(r, err, "Your marks are saved")
}
