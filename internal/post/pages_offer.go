package post

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// offerPath is where posts are offered in ten answers.
const offerPath = "/offer-a-post"

func (p *Pages) offerRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: offerPath, Action: ActRegister, Handle: p.offers},
		{Method: "POST", Pattern: offerPath, Action: ActRegister, Handle: p.beginOffer},
		{Method: "GET", Pattern: offerPath + "/{id}", Action: ActRegister, Handle: p.checkOffer},
		{Method: "POST", Pattern: offerPath + "/{id}", Action: ActRegister, Handle: p.submitOffer},
		{Method: "POST", Pattern: offerPath + "/{id}/drop", Action: ActRegister, Handle: p.dropOffer},
		{Method: "GET", Pattern: offerPath + "/{id}/{question}", Action: ActRegister, Handle: p.question},
		{Method: "POST", Pattern: offerPath + "/{id}/{question}", Action: ActRegister, Handle: p.answer},
	}
}

type offersView struct {
	Key    string
	Drafts []Offering
}

func (p *Pages) offers(r *web.Request) (web.Response, error) {
	drafts, err := p.s.Drafts(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Offer a post", Caption: "Posts", Back: "/posts", BackText: "Posts", Body: offersPage(offersView{r.Key(), drafts})}), nil
}

func (p *Pages) beginOffer(r *web.Request) (web.Response, error) {
	d, err := p.s.BeginOffer(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(offerPath+"/"+d.ID+"/"+Questions()[0].Name, ""), nil
}

func (p *Pages) dropOffer(r *web.Request) (web.Response, error) {
	if err := p.s.DropOffer(r.Context(), r.Call, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(offerPath, "Thrown away. No post was offered."), nil
}

// questionView is one question with what was typed.
type questionView struct {
	Key      string
	ID       string
	Question Question
	Answers  map[string]string
	Start    [3]string
	End      [3]string
	Own      []Place
	People   []Supervisor
	Changing bool // came from the check page and goes back to it
	Errors   nhs.Errors
}

func numbered(name string) int {
	return slices.IndexFunc(Questions(), func(q Question) bool { return q.Name == name }) + 1
}

func (p *Pages) question(r *web.Request) (web.Response, error) {
	d, err := p.s.DraftOf(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return p.ask(r, d, nil)
}

// ask shows one question.
func (p *Pages) ask(r *web.Request, d Offering, errs nhs.Errors) (web.Response, error) {
	n := numbered(r.PathValue("question"))
	if n == 0 {
		return web.Response{}, problem.Missing()
	}
	v := questionView{Key: r.Key(), ID: d.ID, Question: Questions()[n-1], Answers: d.Answers, Start: d.date("start"), End: d.date("contract_end"),
		Changing: r.Bool("changing"), Errors: errs}
	var err error
	if v.Own, err = p.ownPlaces(r); err != nil {
		return web.Response{}, err
	}
	if v.Question.Name == "supervisor" {
		if v.People, err = p.s.SupervisorsOf(r.Context(), r.Call.Actor.Tenant, []string{d.Answers["employer-value"], d.Answers["host-value"]}...); err != nil {
			return web.Response{}, err
		}
	}
	back := offerPath
	if v.Changing {
		back += "/" + d.ID
	} else if n > 1 {
		back += "/" + d.ID + "/" + Questions()[n-2].Name
	}
	return web.Page(r, web.PageData{Title: v.Question.Title, Caption: "Offer a post: question " + strconv.Itoa(n) + " of " + strconv.Itoa(len(Questions())),
		Back: back, Errors: errs, Body: questionPage(v)}), nil
}

func (p *Pages) ownPlaces(r *web.Request) ([]Place, error) {
	orgs := p.s.access.Scope(r.Call.Actor, ActRegister).Organisations
	known, err := p.s.Places(r.Context(), r.Call.Actor.Tenant, orgs)
	var out []Place
	for _, id := range orgs {
		if place, ok := known[id]; ok {
			out = append(out, place)
		}
	}
	return out, err
}

// answer keeps what was typed, and goes on when it holds.
func (p *Pages) answer(r *web.Request) (web.Response, error) {
	n := numbered(r.PathValue("question"))
	if n == 0 {
		return web.Response{}, problem.Missing()
	}
	q := Questions()[n-1]
	fields, err := p.typedFor(r, q)
	wrong, invalid := web.FieldErrors(err)
	if err != nil && !invalid {
		return web.Response{}, err
	}
	d, err := p.s.AnswerOffer(r.Context(), r.Call, r.PathValue("id"), fields)
	if err != nil {
		return web.Response{}, err
	}
	if r.Text("then") == "later" {
		return web.SeeOther(offerPath, "Saved. You can go on whenever you like."), nil
	}
	if !invalid {
		wrong, invalid = web.FieldErrors(p.s.Mistakes(r.Context(), r.Call, d, q))
	}
	if invalid {
		return p.ask(r, d, wrong)
	}
	if r.Bool("changing") || n == len(Questions()) {
		return web.SeeOther(offerPath+"/"+d.ID, ""), nil
	}
	return web.SeeOther(offerPath+"/"+d.ID+"/"+Questions()[n].Name, ""), nil
}

// typedFor gathers the inputs of a question; organisations are looked up.
func (p *Pages) typedFor(r *web.Request, q Question) (map[string]string, error) {
	fields := map[string]string{}
	for _, name := range q.Fields {
		if name == "start" || name == "contract_end" {
			for _, part := range []string{"-day", "-month", "-year"} {
				fields[name+part] = r.Text(name + part)
			}
			continue
		}
		fields[name] = r.Text(name)
	}
	switch q.Name {
	case "supervisor":
		fields["clinical_said"] = "yes"
		if fields["clinical"] == "later" {
			fields["clinical"] = ""
		}
	case "employer":
		return fields, p.lookUp(r, fields, "employer")
	case "host":
		var c problem.Check
		c.That(fields["elsewhere"] != "", "elsewhere", "Choose whether the work is at the employer")
		if fields["elsewhere"] == "yes" {
			c.Add(p.lookUp(r, fields, "host"))
		} else {
			fields["host"], fields["host-value"] = "", ""
		}
		return fields, c.Err()
	}
	return fields, nil
}

func (p *Pages) lookUp(r *web.Request, fields map[string]string, field string) error {
	at, err := p.s.FindPlace(r.Context(), r.Call, field, fields[field], fields[field+"-value"])
	if err != nil {
		return err
	}
	fields[field], fields[field+"-value"] = at.Name, at.ID
	return nil
}

// checkView is the page before the offer is sent.
type checkView struct {
	Key    string
	Offer  Offering
	Errors nhs.Errors
	People map[string]Supervisor
	Rows   []nhs.SummaryRow
	Warn   []Stop
}

func (p *Pages) checkOffer(r *web.Request) (web.Response, error) {
	d, err := p.s.DraftOf(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if n := d.Next(); n > 0 && !r.Bool("all") {
		return web.SeeOther(offerPath+"/"+d.ID+"/"+Questions()[n-1].Name, ""), nil
	}
	return p.checking(r, d, nil)
}

func (p *Pages) checking(r *web.Request, d Offering, errs nhs.Errors) (web.Response, error) {
	full, err := p.s.full(r.Context(), r.Call.Actor.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	o, _ := d.Offer(full) // what is wrong is said when it is sent
	people, err := p.s.SupervisorNames(r.Context(), r.Call.Actor.Tenant, o.Clinical)
	if err != nil {
		return web.Response{}, err
	}
	places, err := p.s.Places(r.Context(), r.Call.Actor.Tenant, []string{o.Employer, o.Host})
	if err != nil {
		return web.Response{}, err
	}
	around := Surroundings{Today: r.Call.Today, Employer: places[o.Employer], Host: places[o.Host]}
	if v, known := people[o.Clinical]; known {
		around.Clinical = &v
	}
	v := checkView{Key: r.Key(), Offer: d, Errors: errs, People: people, Rows: offerRows(d, o, places, people), Warn: Warnings(Post{Details: o.Details, Status: Draft}, around)}
	return web.Page(r, web.PageData{Title: "Check your answers", Caption: "Offer a post", Back: offerPath, BackText: "Offer a post", Errors: errs, Body: checkPage(v)}), nil
}

func (p *Pages) submitOffer(r *web.Request) (web.Response, error) {
	made, err := p.s.SubmitOffer(r.Context(), r.Call, r.PathValue("id"))
	if errs, ok := web.FieldErrors(err); ok {
		d, err := p.s.DraftOf(r.Context(), r.Call, r.PathValue("id"))
		if err != nil {
			return web.Response{}, err
		}
		return p.checking(r, d, onRows(errs))
	}
	if err != nil {
		return web.Response{}, err
	}
	if len(made) == 1 {
		return web.SeeOther("/posts/"+made[0].ID, "Post offered. The programme team will look at it."), nil
	}
	return web.SeeOther("/posts", strconv.Itoa(len(made))+" posts offered. The programme team will look at them."), nil
}

// onRows leads each error to the row of its question.
func onRows(errs nhs.Errors) nhs.Errors {
	out := make(nhs.Errors, len(errs))
	for i, e := range errs {
		out[i] = e
		for _, q := range Questions() {
			if slices.Contains(q.Fields, e.Name) {
				out[i].Name = "answer-" + q.Name
			}
		}
	}
	return out
}

// offerRows are the answers with a link to change each.
func offerRows(d Offering, o Offered, places map[string]Place, people map[string]Supervisor) []nhs.SummaryRow {
	words := map[string]string{"setting": o.Setting.Words(), "employer": placeName(places, o.Employer), "host": placeName(places, o.Host), "specialty": strings.Join(append([]string{o.Specialty}, o.Requires.Lines()...), "; "),
		"count": d.Answers["count"], "dates": "From " + Day(o.StartFrom) + ", contract ends: " + noEnd(o), "indemnity": o.Indemnity.Words(),
		"supervisor": supervisorName(people, o.Clinical), "pay": o.Pay.Words()}
	if o.MinutesWeek > 0 {
		words["hours"] = Hours(o.MinutesWeek)
	}
	keys := map[string]string{"setting": "Kind of place", "employer": "Employer", "host": "Place of work", "specialty": "Area of medicine", "count": "How many posts",
		"dates": "Dates", "hours": "Hours", "pay": "Pay", "indemnity": "Indemnity", "supervisor": "Clinical supervisor"}
	var rows []nhs.SummaryRow
	for _, q := range Questions() {
		value := words[q.Name]
		if value == "" {
			value = "Not answered yet"
		}
		rows = append(rows, nhs.SummaryRow{Key: keys[q.Name], Body: answerText(q.Name, value), Actions: []nhs.Action{{Text: "Change",
			VisuallyHiddenText: lower(keys[q.Name]), Href: offerPath + "/" + d.ID + "/" + q.Name + "?changing=yes"}}})
	}
	return rows
}

func noEnd(o Offered) string {
	if o.ContractEnd.IsZero() {
		return "no end"
	}
	return o.ContractEnd.Long()
}

func supervisorRadios(v questionView) []nhs.Option {
	out := SupervisorOptions(v.People)
	if len(out) > 0 {
		out = append(out, nhs.Option{Label: "or", Divider: true})
	}
	return append(out, nhs.Option{Value: "later", Label: "I will name them later", Hint: "The post waits until a supervisor with room is named."})
}

func (v questionView) chosenSupervisor() string {
	if v.Answers["clinical"] == "" && v.Answers["clinical_said"] != "" {
		return "later"
	}
	return v.Answers["clinical"]
}

func (v questionView) employer() string {
	if v.Answers["employer-value"] == "" && len(v.Own) == 1 {
		return v.Own[0].ID
	}
	return v.Answers["employer-value"]
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// needsMonths tells whether something was typed about experience.
func (v questionView) needsMonths() bool {
	return v.Answers["least_medicine"] != "" || v.Answers["least_surgery"] != "" || v.Answers["least_after"] != ""
}

func (v questionView) form() formView {
	return formView{LeastMedicine: v.Answers["least_medicine"], LeastSurgery: v.Answers["least_surgery"], LeastAfter: v.Answers["least_after"], Point: v.Answers["point"], HCAS: v.Answers["hcas"], Amount: v.Answers["amount"], Errors: v.Errors}
}
