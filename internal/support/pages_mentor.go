package support

import (
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

const pageSize = 25

// wishView is the form of a doctor who looks for a mentor, and of one who
// offers to be one.
type wishView struct {
	Key       string
	Action    string
	Languages string
	Area      string
	Ways      []string
	Contact   string
	Places    string
	Version   string
	Offered   bool
	Errors    nhs.Errors
}

func (v wishView) read(r *web.Request) wishView {
	v.Key = r.Key()
	v.Languages, v.Area, v.Ways, v.Contact = r.Text("languages"), r.Text("area"), r.Texts("ways"), r.Text("contact")
	v.Places, v.Version = r.Text("places"), r.Text("version")
	return v
}

type mentorView struct {
	Key    string
	Pair   *Pair
	Mentor string // name, when together
	Reach  string // the mentor's contact, when together
	Form   wishView
}

func (p *Pages) askMentor(r *web.Request) (web.Response, error) {
	return p.mentorPage(r, wishView{Key: r.Key(), Action: "/support/mentor"})
}

func (p *Pages) mentorPage(r *web.Request, form wishView) (web.Response, error) {
	m, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := mentorView{Key: r.Key(), Pair: m.Pair, Mentor: m.Mentor, Form: form}
	if m.Pair != nil && m.Pair.State == Together {
		o, err := p.s.offer(r.Context(), r.Call.Actor.Tenant, m.Pair.Mentor)
		if err != nil {
			return web.Response{}, err
		}
		v.Reach = o.Contact
	}
	return web.Page(r, web.PageData{Title: "A mentor", Caption: "Looking after yourself", Back: "/support", Errors: form.Errors, Body: mentorBody(v)}), nil
}

func (p *Pages) saveMentor(r *web.Request) (web.Response, error) {
	v := wishView{Action: "/support/mentor"}.read(r)
	err := p.s.WantMentor(r.Context(), r.Call, Wish{Languages: Listed(v.Languages), Area: v.Area, Ways: v.Ways, Contact: v.Contact})
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.mentorPage(r, v)
	}
	return web.SeeOther("/support/mentor", "We look for somebody. You hear from us here."), err
}

// after is where an answer about a pair leads back to.
func after(r *web.Request) string {
	if strings.HasPrefix(r.URL.Path, "/support/mentoring") {
		return "/support/mentoring"
	}
	return "/support/mentor"
}

func (p *Pages) answerPair(r *web.Request) (web.Response, error) {
	yes := r.Text("answer") == "yes"
	said := "Thank you. When the other says yes too, you read each other's name here."
	if !yes {
		said = "Thank you. We look for somebody else. Nobody is told why."
	}
	return web.SeeOther(after(r), said), p.s.AnswerPair(r.Context(), r.Call, r.Text("pair"), yes)
}

func (p *Pages) endPair(r *web.Request) (web.Response, error) {
	return web.SeeOther(after(r), "This has ended. Nobody is told why."), p.s.EndPair(r.Context(), r.Call, r.Text("pair"))
}

type mentoringView struct {
	Key string
	Mentoring
	Form wishView
}

func (p *Pages) mentoring(r *web.Request) (web.Response, error) {
	m, err := p.s.MyMentoring(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	o := m.Offer
	v := wishView{Key: r.Key(), Action: "/support/mentoring", Languages: strings.Join(o.Languages, ", "), Area: o.Area, Ways: o.Ways, Contact: o.Contact, Version: strconv.Itoa(o.Version), Offered: o.Offered}
	if o.Places > 0 {
		v.Places = strconv.Itoa(o.Places)
	}
	return mentoringPage(r, mentoringView{r.Key(), m, v}), nil
}

func mentoringPage(r *web.Request, v mentoringView) web.Response {
	return web.Page(r, web.PageData{Title: "Be a mentor", Caption: "Looking after yourself", Back: "/support", Errors: v.Form.Errors, Body: mentoringBody(v)})
}

func (p *Pages) saveMentoring(r *web.Request) (web.Response, error) {
	v := wishView{Action: "/support/mentoring"}.read(r)
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	v.Offered = r.Text("do") != "stop"
	places, err := r.Int("places")
	if err == nil || !v.Offered {
		err = p.s.SaveOffer(r.Context(), r.Call, Offer{Places: places, Offered: v.Offered, Languages: Listed(v.Languages), Area: v.Area, Ways: v.Ways, Contact: v.Contact, Version: version})
	}
	if errs, ok := web.FieldErrors(err); ok {
		m, err := p.s.MyMentoring(r.Context(), r.Call)
		if err != nil {
			return web.Response{}, err
		}
		v.Errors, v.Offered = errs, m.Offer.Offered
		return mentoringPage(r, mentoringView{r.Key(), m, v}), nil
	}
	said := "Thank you. We ask you before anybody is put in touch with you."
	if !v.Offered {
		said = "You are asked about nobody new. Those you help now are still yours."
	}
	return web.SeeOther("/support/mentoring", said), err
}

type pairsView struct {
	Rows []PairSight
	Next string
}

func (p *Pages) pairs(r *web.Request) (web.Response, error) {
	list, err := p.s.Wanting(r.Context(), r.Call, r.After(2), pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := pairsView{Rows: list}
	if len(list) > pageSize {
		v.Rows = list[:pageSize]
		last := v.Rows[pageSize-1]
		v.Next = r.NextPage(last.Since.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Mentors", Back: "/home", Body: pairsPage(v)}), nil
}

type candidatesView struct {
	Key  string
	Pair PairSight
	List []Candidate
}

func (p *Pages) candidates(r *web.Request) (web.Response, error) {
	sight, list, err := p.s.Candidates(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "A mentor for " + sight.DoctorName, Back: "/support/pairs", Body: candidatesPage(candidatesView{r.Key(), sight, list})}), nil
}

func (p *Pages) propose(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	if r.Text("mentor") == "" {
		return web.Response{}, problem.Missing()
	}
	return web.SeeOther("/support/pairs", "Both are asked now whether they want to."), p.s.Propose(r.Context(), r.Call, r.PathValue("id"), r.Text("mentor"), version)
}
