package registration

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// Pages is the browser's face of the road to registration.
type Pages struct{ s *Service }

// NewPages makes the pages.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	pair := func(path string, act access.Action, f form) []web.Route {
		return []web.Route{
			{Method: "GET", Pattern: "/registration/{ref}/" + path, Action: act, Handle: func(r *web.Request) (web.Response, error) { return p.show(r, act, f, nil) }},
			{Method: "POST", Pattern: "/registration/{ref}/" + path, Action: act, Handle: func(r *web.Request) (web.Response, error) { return p.send(r, act, f) }},
		}
	}
	routes := []web.Route{{Method: "GET", Pattern: "/registration/{ref}", Action: ActSee, Handle: p.road}}
	routes = append(routes, p.registerRoutes()...)
	routes = append(routes, pair("step", ActStep, newForm("Add a step", stepForm, p.step))...)
	routes = append(routes, pair("english", ActStep, newForm("Add an English test", englishForm, p.english))...)
	routes = append(routes, pair("outcome", ActPropose, newForm("What the GMC register says", readingForm, p.propose))...)
	routes = append(routes, pair("confirm", ActConfirm, newForm("Read the GMC register a second time", readingForm, p.confirm))...)
	routes = append(routes, pair("dispute", ActConfirm, newForm("Say that an entry is not right", disputeForm, p.dispute))...)
	routes = append(routes, pair("doctor-post", ActTell, newForm("First doctor post", postForm, p.post))...)
	routes = append(routes, pair("leaving", ActLeave, newForm("Left, or not known", leavingForm, p.leaving))...)
	return append(routes, p.ladderRoutes()...)
}

// Panels are this package's part of the case page.
func (p *Pages) Panels() []casefile.Panel {
	return []casefile.Panel{{ID: "registration", Title: "Registration with the GMC", Order: 60, Render: p.Panel},
		{ID: "ladder", Title: "The way to registration", Order: 55, Render: p.LadderPanel}}
}

// Panel shows where a doctor stands on the road, for those who may know.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	c, err := p.s.cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	v, err := p.s.sight(ctx, call, c)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return panel(v), nil
}

func (p *Pages) road(r *web.Request) (web.Response, error) {
	v, err := p.s.Look(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Road to registration", Caption: v.Name, Back: "/cases/" + v.Ref, BackText: "Case", Body: road(v)}), nil
}

// form is one question page: its title, how it is drawn, and what it does. do
// answers with the words said when it worked.
type form struct {
	title string
	draw  func(view formView) templ.Component
	do    func(r *web.Request, doctor string) (string, error)
}

func newForm(title string, draw func(formView) templ.Component, do func(r *web.Request, doctor string) (string, error)) form {
	return form{title, draw, do}
}

// formView is a form as typed.
type formView struct {
	Sight
	r      *web.Request
	Key    string
	Action string
	Errors nhs.Errors
	Second bool // the second reading
}

// Value gives what was typed; Part one part of a date.
func (v formView) Value(name string) string { return v.r.Text(name) }

func (v formView) date(name, legend, hint string) nhs.DateField {
	return nhs.DateField{Name: name, Legend: legend, LegendSize: "s", Hint: hint, Error: v.Errors.Of(name),
		Day: v.r.Text(name + "-day"), Month: v.r.Text(name + "-month"), Year: v.r.Text(name + "-year")}
}

func (v formView) radios(name, legend, hint string, options []nhs.Option) nhs.RadioField {
	return nhs.RadioField{Name: name, Legend: legend, LegendSize: "s", Hint: hint, Options: options, Value: v.r.Text(name), Error: v.Errors.Of(name)}
}

func (v formView) text(name, label, hint, width string) nhs.TextField {
	return nhs.TextField{Name: name, Label: label, Hint: hint, Width: width, Value: v.r.Text(name), Error: v.Errors.Of(name)}
}

func (p *Pages) show(r *web.Request, act access.Action, f form, errs nhs.Errors) (web.Response, error) {
	ref := r.PathValue("ref")
	if _, err := p.s.doctor(r.Context(), r.Call, act, ref); err != nil {
		return web.Response{}, err
	}
	sight, err := p.s.Look(r.Context(), r.Call, ref)
	if err != nil {
		return web.Response{}, err
	}
	v := formView{Sight: sight, r: r, Key: r.Key(), Action: r.URL.Path, Errors: errs, Second: strings.HasSuffix(r.URL.Path, "/confirm")}
	return web.Page(r, web.PageData{Title: f.title, Caption: sight.Name, Back: "/registration/" + sight.Ref, Errors: errs, Body: f.draw(v)}), nil
}

func (p *Pages) send(r *web.Request, act access.Action, f form) (web.Response, error) {
	doctor, err := p.s.doctor(r.Context(), r.Call, act, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	said, err := f.do(r, doctor)
	if errs, ok := web.FieldErrors(err); ok {
		return p.show(r, act, f, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/registration/"+r.PathValue("ref"), said), nil
}

// gather joins what is wrong with the parts of a form with what the use case
// says, so that all of it is shown at once.
func gather(check *problem.Check, err error) error {
	if problem.KindOf(err) == problem.Invalid {
		seen := *check
		seen.Add(err)
		return seen.Err()
	}
	if bad := check.Err(); bad != nil {
		return bad
	}
	return err
}

func (p *Pages) proof(r *web.Request) rulebook.State {
	if state, err := rulebook.ParseState(r.Text("proof")); err == nil && state > rulebook.Claimed {
		return state
	}
	return rulebook.Claimed
}

func (p *Pages) step(r *web.Request, doctor string) (string, error) {
	var check problem.Check
	on, err := r.Date("on")
	check.Add(err)
	booked, err := r.Date("booked")
	check.Add(err)
	attempt := 0
	if r.Text("attempt") != "" {
		attempt, err = r.Int("attempt")
		check.Add(err)
	}
	bad := check.Err() != nil
	cmd := Step{Doctor: doctor, Name: r.Text("name"), Outcome: r.Text("outcome"), On: on, Booked: booked, Attempt: attempt, State: p.proof(r)}
	if bad && on.IsZero() {
		cmd.On = r.Call.Today // its own message is there already
	}
	_, err = p.s.AddStep(r.Context(), r.Call, cmd)
	return "Step added", gather(&check, err)
}

func (p *Pages) english(r *web.Request, doctor string) (string, error) {
	var check problem.Check
	on, err := r.Date("on")
	check.Add(err)
	if err != nil {
		on = r.Call.Today
	}
	cmd := Sitting{Doctor: doctor, Test: r.Text("test"), Outcome: r.Text("outcome"), On: on, State: p.proof(r)}
	for name, to := range map[string]*int{"overall": &cmd.Overall, "listening": &cmd.Listening, "reading": &cmd.Reading, "writing": &cmd.Writing, "speaking": &cmd.Speaking} {
		score, ok := parseScore(r.Text(name), cmd.Test)
		check.That(ok, name, "Enter the score as the result shows it, for example 7.5 or 350")
		*to = score
	}
	_, err = p.s.AddEnglish(r.Context(), r.Call, cmd)
	return "English test added", gather(&check, err)
}

// parseScore reads 7.5 or 7 as tenths for IELTS, and a whole number otherwise.
func parseScore(text, test string) (int, bool) {
	if text == "" {
		return 0, true
	}
	if test != "IELTS" {
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= 0
	}
	whole, tenth, _ := strings.Cut(text, ".")
	if tenth == "" {
		tenth = "0"
	}
	n, err := strconv.Atoi(whole + tenth)
	return n, err == nil && len(tenth) == 1 && n >= 0
}

// reading takes the reading from the form; its dates' own faults are in check.
func reading(r *web.Request, check *problem.Check) Reading {
	registered, err := r.Date("registered")
	check.Add(err)
	if err != nil {
		registered = 1 // its own message is there already
	}
	read, err := r.Date("read")
	check.Add(err)
	return Reading{Number: r.Text("number"), Kind: Kind(r.Text("kind")), Licence: Answer(r.Text("licence")), APS: Answer(r.Text("aps")), Registered: registered, ReadOn: read}
}

func (p *Pages) propose(r *web.Request, doctor string) (string, error) {
	var check problem.Check
	_, err := p.s.Propose(r.Context(), r.Call, Proposal{Doctor: doctor, Reading: reading(r, &check)})
	return "Saved. A second person must read the register now.", gather(&check, err)
}

func (p *Pages) confirm(r *web.Request, doctor string) (string, error) {
	var check problem.Check
	version, _ := r.Int("version")
	_, err := p.s.Confirm(r.Context(), r.Call, Confirmation{Doctor: doctor, Version: version, Reading: reading(r, &check)})
	return "Registration confirmed", gather(&check, err)
}

func (p *Pages) dispute(r *web.Request, doctor string) (string, error) {
	version, _ := r.Int("version")
	err := p.s.Dispute(r.Context(), r.Call, Objection{Doctor: doctor, Version: version, Code: r.Text("code")})
	return "The register must be read again", err
}

func (p *Pages) post(r *web.Request, doctor string) (string, error) {
	var check problem.Check
	on, err := r.Date("on")
	check.Add(err)
	version, _ := r.Int("version")
	cmd := DoctorPost{Doctor: doctor, Employer: r.Text("employer-value"), EmployerName: r.Text("employer"), Title: r.Text("title"), On: on, Version: version}
	if cmd.Employer == "" && len(cmd.EmployerName) <= 10 && !strings.Contains(cmd.EmployerName, " ") {
		cmd.Employer = strings.ToUpper(cmd.EmployerName) // a code typed without the list
	}
	own := r.Call.Actor.Doctor == doctor
	do, said := p.s.RecordDoctorPost, "First doctor post recorded"
	if own {
		do, said = p.s.TellDoctorPost, "Thank you. We will check it and write to you."
	}
	return said, gather(&check, do(r.Context(), r.Call, cmd))
}

func (p *Pages) leaving(r *web.Request, doctor string) (string, error) {
	var check problem.Check
	on, err := r.Date("on")
	check.Add(err)
	check.That(err != nil || !on.IsZero(), "on", "Enter the date")
	cmd := Leaving{Doctor: doctor, On: on, Code: r.Text("code")}
	if cmd.Code == "unknown" {
		return "Recorded as not known", gather(&check, p.s.RecordUnknown(r.Context(), r.Call, cmd))
	}
	return "Leaving recorded", gather(&check, p.s.RecordLeft(r.Context(), r.Call, cmd))
}

// items are the steps as a timeline, the newest first.
func (v Sight) items() []nhs.TimelineItem {
	items := make([]nhs.TimelineItem, 0, len(v.Facts))
	for i := len(v.Facts) - 1; i >= 0; i-- {
		items = append(items, item(v.Facts[i]))
	}
	return items
}

func item(r fact.Record) nhs.TimelineItem {
	it := nhs.TimelineItem{Date: r.On.Long(), DateTime: r.On.String(), Text: r.Note, Future: r.Text("outcome") == "booked"}
	name, outcomes := words(Steps(), r.Text("name")), StepOutcomes()
	switch r.Kind {
	case fact.Exam:
		outcomes = ExamOutcomes()
		if r.Text("name") == "other" {
			name = "Another exam"
		}
	case fact.EnglishTest:
		name, outcomes = "English test: "+words(Tests(), r.Text("test")), ExamOutcomes()
	case fact.English:
		it.Heading = fact.Words(r.Kind)
		return it
	}
	it.Heading = name
	var parts []string
	if o := r.Text("outcome"); o != "" {
		parts = append(parts, words(append(outcomes, Coded{"not_taken", "Not taken yet"}), o))
	}
	if n := r.Int("attempt"); n > 0 {
		parts = append(parts, "attempt "+strconv.Itoa(n))
	}
	if scores := scores(r); scores != "" {
		parts = append(parts, scores)
	}
	it.Text = strings.TrimSpace(strings.Join(parts, ", ") + ". " + it.Text)
	it.Tag = &nhs.Tag{Text: fact.StateWords(r.State), Colour: map[rulebook.State]string{rulebook.Verified: "green", rulebook.Seen: "blue", rulebook.Refused: "red"}[r.State]}
	return it
}

func scores(r fact.Record) string {
	var parts []string
	for _, name := range []string{"overall", "listening", "reading", "writing", "speaking"} {
		n := r.Int(name)
		if n == 0 {
			continue
		}
		text := strconv.Itoa(n)
		if r.Text("test") == "IELTS" {
			text = strconv.Itoa(n/10) + "." + strconv.Itoa(n%10)
		}
		parts = append(parts, name+" "+text)
	}
	return strings.Join(parts, ", ")
}

// entry is the confirmed registration as a list.
func (v Sight) entry() nhs.SummaryList {
	yes := func(field string) string {
		value, known := v.Entry.Bool(field)
		switch {
		case !known:
			return "Not known"
		case value:
			return "Yes"
		}
		return "No"
	}
	rows := []nhs.SummaryRow{
		{Key: "GMC number", Value: v.Entry.Text("number")},
		{Key: "Registration", Value: Kind(v.Entry.Text("kind")).Words()},
		{Key: "Date of registration", Value: v.Entry.On.Long()},
		{Key: "Licence to practise", Value: yes("licence")},
		{Key: "Must work in an approved practice setting", Value: yes("aps")},
	}
	if len(v.Readers) == 2 {
		rows = append(rows, nhs.SummaryRow{Key: "Read in the register", Value: "By " + v.Readers[0] + " on " + v.ReadOn[0] + " and by " + v.Readers[1] + " on " + v.ReadOn[1]})
	}
	return nhs.SummaryList{Rows: rows}
}

func options(list []Coded) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, c := range list {
		out[i] = nhs.Option{Value: c.Code, Label: c.Words}
	}
	return out
}

func kindOptions() []nhs.Option {
	var out []nhs.Option
	for _, k := range Kinds() {
		out = append(out, nhs.Option{Value: string(k), Label: k.Words()})
	}
	return append(out, nhs.Option{Value: "or", Label: "or", Divider: true}, nhs.Option{Value: string(None), Label: "There is only a GMC number", Hint: "A number is given out before any exam. It does not show registration."})
}

func proofOptions() []nhs.Option {
	return []nhs.Option{{Value: "claimed", Label: "The doctor told us"}, {Value: "seen", Label: "I have seen proof"}, {Value: "verified", Label: "I checked it with the body that gave it"}}
}
