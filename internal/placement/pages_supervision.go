package placement

import (
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// supervisionRoutes are the addresses of supervision and of concerns, which have
// a door of their own.
func (p *Pages) supervisionRoutes() []web.Route {
	const at = "/placements/{id}/"
	return []web.Route{
		{Method: "GET", Pattern: at + "supervision", Action: ActMeet, Handle: p.supervision},
		{Method: "POST", Pattern: at + "induction", Action: ActMeet, Handle: p.tick},
		{Method: "GET", Pattern: at + "meetings/new", Action: ActMeet, Handle: p.newMeeting},
		{Method: "POST", Pattern: at + "meetings/new", Action: ActMeet, Handle: p.meet},
		{Method: "GET", Pattern: at + "meetings/{meeting}", Action: ActMeet, Handle: p.meeting},
		{Method: "POST", Pattern: at + "meetings/{meeting}/agree", Action: ActAgree, Handle: p.agree},
		{Method: "GET", Pattern: at + "goal", Action: ActMeet, Handle: p.newGoal},
		{Method: "POST", Pattern: at + "goal", Action: ActMeet, Handle: p.goal},
		{Method: "POST", Pattern: at + "goals/{goal}/met", Action: ActMeet, Handle: p.goalMet},
		{Method: "GET", Pattern: at + "cover", Action: ActCover, Handle: p.newCover},
		{Method: "POST", Pattern: at + "cover", Action: ActCover, Handle: p.cover},
		{Method: "GET", Pattern: at + "absence", Action: ActCover, Handle: p.newAbsence},
		{Method: "POST", Pattern: at + "absence", Action: ActCover, Handle: p.absence},
		{Method: "POST", Pattern: at + "absences/{absence}/return", Action: ActCover, Handle: p.back},
		{Method: "GET", Pattern: at + "concern", Action: ActWorry, Handle: p.newConcern},
		{Method: "POST", Pattern: at + "concern", Action: ActWorry, Handle: p.concern},
		{Method: "GET", Pattern: at + "concerns", Action: ActConcern, Handle: p.concerns},
		{Method: "POST", Pattern: at + "concerns", Action: ActConcern, Handle: p.addConcern},
	}
}

type supervisionView struct {
	Supervision
	Key    string
	Today  clock.Date
	Errors nhs.Errors
	On     [3]string
	Step   string
}

func (p *Pages) supervision(r *web.Request) (web.Response, error) { return p.supervisionForm(r, nil) }

func (p *Pages) supervisionForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v, err := p.s.LookSupervision(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Supervision", Caption: v.Name, Back: "/placements/" + v.ID, BackText: "Post", Errors: errs,
		Body: supervisionPage(supervisionView{v, r.Key(), r.Call.Today, errs, typed(r, "on"), r.Text("step")})}), nil
}

// finished ends a form of supervision: back to its page, or the form again.
func (p *Pages) finished(r *web.Request, err error, flash string, again func(*web.Request, nhs.Errors) (web.Response, error)) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return again(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+r.PathValue("id")+"/supervision", flash), nil
}

func (p *Pages) tick(r *web.Request) (web.Response, error) {
	on, err := r.Date("on")
	if err == nil {
		err = p.s.Tick(r.Context(), r.Call, r.PathValue("id"), r.Text("step"), on)
	}
	return p.finished(r, err, "Recorded", p.supervisionForm)
}

type meetingView struct {
	Placement
	Plan     *Induction
	Agenda   []string
	Key      string
	Kind     string
	On       [3]string
	Notes    string
	Needs    map[string]string
	Errors   nhs.Errors
	Meeting  Meeting
	Own      bool
	MayAgree bool
}

func (p *Pages) newMeeting(r *web.Request) (web.Response, error) { return p.meetingForm(r, nil) }

func (p *Pages) meetingForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	pl, agenda, err := p.s.PrepareMeeting(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := meetingView{Placement: pl, Plan: p.s.o.Induction, Agenda: agenda, Key: r.Key(), Kind: r.Text("kind"), On: typed(r, "on"), Notes: r.Text("notes"), Needs: p.needs(r), Errors: errs}
	return web.Page(r, web.PageData{Title: "Record a meeting", Caption: "Supervision", Back: "/placements/" + pl.ID + "/supervision", BackText: "Supervision", Errors: errs, Body: newMeetingPage(v)}), nil
}

func (p *Pages) needs(r *web.Request) map[string]string {
	out := map[string]string{}
	for _, n := range p.s.o.Induction.Needs {
		if text := r.Text("need-" + n.ID); text != "" {
			out[n.ID] = text
		}
	}
	return out
}

func (p *Pages) meet(r *web.Request) (web.Response, error) {
	on, err := r.Date("on")
	if err == nil {
		_, err = p.s.Meet(r.Context(), r.Call, Meeting{Placement: r.PathValue("id"), Kind: r.Text("kind"), On: on, Notes: r.Text("notes"), Needs: p.needs(r)})
	}
	return p.finished(r, err, "Meeting recorded. The other one of you agrees to it next", p.meetingForm)
}

func (p *Pages) meeting(r *web.Request) (web.Response, error) {
	pl, m, err := p.s.LookMeeting(r.Context(), r.Call, r.PathValue("id"), r.PathValue("meeting"))
	if err != nil {
		return web.Response{}, err
	}
	v := meetingView{Placement: pl, Plan: p.s.o.Induction, Meeting: m, Key: r.Key()}
	own, supervises := r.Call.Actor.Doctor == pl.Doctor, r.Call.Actor.Account == pl.Clinical || r.Call.Actor.Account == pl.Educational
	v.MayAgree = pl.EndedOn.IsZero() && (own && m.DoctorAt.IsZero() || supervises && m.SupervisorAt.IsZero())
	return web.Page(r, web.PageData{Title: MeetingWords(m.Kind), Caption: m.On.Long(), Back: "/placements/" + pl.ID + "/supervision", BackText: "Supervision", Body: meetingPage(v)}), nil
}

func (p *Pages) agree(r *web.Request) (web.Response, error) {
	return p.finished(r, p.s.Agree(r.Context(), r.Call, r.PathValue("id"), r.PathValue("meeting")), "Agreed", p.supervisionForm)
}

type formView struct {
	Placement
	Key      string
	Errors   nhs.Errors
	On, To   [3]string
	Text     string
	Kind     string
	Account  string
	Choices  []post.Supervisor
	Abouts   []About
	Concerns []Concern
	Own      bool
}

// allowed asks for one of the small forms what its use case will ask.
func (p *Pages) allowed(r *web.Request, pl Placement, act access.Action) error {
	_, err := p.s.permit(r.Context(), r.Call, act, pl.ID)
	return err
}

// form shows one of the small forms of supervision.
func (p *Pages) form(r *web.Request, errs nhs.Errors, fill func(*formView) error, page func(formView) web.PageData) (web.Response, error) {
	pl, err := p.s.load(r.Context(), r.Call.Actor.Tenant, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := formView{Placement: pl, Key: r.Key(), Errors: errs, On: typed(r, "from"), To: typed(r, "to"), Text: r.Text("text"), Kind: r.Text("kind"), Account: r.Text("account"), Own: pl.Doctor == r.Call.Actor.Doctor}
	if err := fill(&v); err != nil {
		return web.Response{}, err
	}
	d := page(v)
	d.Back, d.BackText, d.Errors = "/placements/"+pl.ID+"/supervision", "Supervision", errs
	return web.Page(r, d), nil
}

func (p *Pages) newGoal(r *web.Request) (web.Response, error) { return p.goalForm(r, nil) }

func (p *Pages) goalForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	return p.form(r, errs, func(v *formView) error { return p.allowed(r, v.Placement, ActMeet) }, func(v formView) web.PageData {
		return web.PageData{Title: "Set a goal", Caption: "Supervision", Body: goalPage(v)}
	})
}

func (p *Pages) goal(r *web.Request) (web.Response, error) {
	due, err := r.Date("to")
	if err == nil {
		err = p.s.SetGoal(r.Context(), r.Call, Goal{Placement: r.PathValue("id"), Due: due, Text: r.Text("text")})
	}
	return p.finished(r, renamed(err, "due", "to"), "Goal set", p.goalForm)
}

func (p *Pages) goalMet(r *web.Request) (web.Response, error) {
	return p.finished(r, p.s.MeetGoal(r.Context(), r.Call, r.PathValue("id"), r.PathValue("goal")), "Goal met", p.supervisionForm)
}

func (p *Pages) newCover(r *web.Request) (web.Response, error) { return p.coverForm(r, nil) }

func (p *Pages) coverForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	return p.form(r, errs, func(v *formView) (err error) {
		if err = p.allowed(r, v.Placement, ActCover); err != nil {
			return err
		}
		all, err := p.s.posts.SupervisorsOf(r.Context(), r.Call.Actor.Tenant, v.Host, v.Employer)
		for _, s := range all {
			if s.Account != v.Clinical && !s.Lapsed(r.Call.Today) {
				v.Choices = append(v.Choices, s)
			}
		}
		return err
	}, func(v formView) web.PageData {
		return web.PageData{Title: "Name who stands in", Caption: "Supervision", Body: coverPage(v)}
	})
}

func (p *Pages) cover(r *web.Request) (web.Response, error) {
	var c problem.Check
	from, err := r.Date("from")
	c.Add(err)
	to, err := r.Date("to")
	c.Add(err)
	if err = c.Err(); err == nil {
		err = p.s.StandIn(r.Context(), r.Call, Cover{Placement: r.PathValue("id"), Role: r.Text("kind"), Account: r.Text("account"), From: from, To: to})
	}
	return p.finished(r, renamed(err, "role", "kind"), "Recorded", p.coverForm)
}

func (p *Pages) newAbsence(r *web.Request) (web.Response, error) { return p.absenceForm(r, nil) }

func (p *Pages) absenceForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	return p.form(r, errs, func(v *formView) error { return p.allowed(r, v.Placement, ActCover) }, func(v formView) web.PageData {
		return web.PageData{Title: "Record a time without work", Caption: "Supervision", Body: absencePage(v)}
	})
}

func (p *Pages) absence(r *web.Request) (web.Response, error) {
	var c problem.Check
	from, err := r.Date("from")
	c.Add(err)
	to, err := r.Date("to")
	c.Add(err)
	if err = c.Err(); err == nil {
		err = p.s.StayAway(r.Context(), r.Call, Absence{Placement: r.PathValue("id"), Kind: r.Text("kind"), From: from, To: to})
	}
	return p.finished(r, err, "Recorded", p.absenceForm)
}

func (p *Pages) back(r *web.Request) (web.Response, error) {
	day, err := r.Date("back")
	if err == nil {
		err = p.s.Return(r.Context(), r.Call, r.PathValue("id"), r.PathValue("absence"), day)
	}
	return p.finished(r, err, "Return recorded", p.supervisionForm)
}

// renamed gives the errors of a field the name it has on the form.
func renamed(err error, from, to string) error {
	e, ok := err.(*problem.Error)
	if !ok {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		if f.Name == from {
			f.Name = to
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}

// ---- words

func (v supervisionView) who(role string) string {
	account := v.Clinical
	if role == Educational {
		account = v.Educational
	}
	name := orNone(v.Supervisors[account].Name)
	for _, c := range v.Covers {
		if c.Role == role && c.From <= v.Today && v.Today <= c.To {
			name += ". Stands in until " + c.To.Long() + ": " + v.Supervisors[c.Account].Name
		}
	}
	return name
}

func (v supervisionView) people() []nhs.SummaryRow {
	return []nhs.SummaryRow{{Key: "Clinical supervisor", Value: v.who(Clinical)}, {Key: "Educational supervisor", Value: v.who(Educational)}}
}

func (v supervisionView) at(more string) templ.SafeURL {
	return templ.SafeURL("/placements/" + v.ID + more)
}

func dueTag(d Due, today clock.Date) nhs.Tag {
	switch {
	case d.Agree:
		return nhs.Tag{Text: "To be agreed", Colour: "yellow"}
	case !d.Done.IsZero():
		return nhs.Tag{Text: "Done", Colour: "green"}
	case d.Overdue(today):
		return nhs.Tag{Text: "Overdue", Colour: "red"}
	case d.By <= today.AddDays(soon):
		return nhs.Tag{Text: "Due soon", Colour: "yellow"}
	}
	return nhs.Tag{Text: "Later", Colour: "grey"}
}

func dueWords(d Due) string {
	if !d.Done.IsZero() {
		return "Done " + d.Done.Long()
	}
	return "Due " + d.By.Long()
}

// dues makes a table of the induction, or of the meetings.
func (v supervisionView) dues(induction bool) nhs.Table {
	t := nhs.Table{Caption: "Meetings", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Meeting"}, {Text: "When"}, {Text: "State"}}}
	if induction {
		t.Caption, t.Head[0].Text = "Induction", "Step"
	}
	for _, d := range v.Dues {
		if (d.Kind == "induction") != induction {
			continue
		}
		first := nhs.Cell{Text: d.Title}
		if !induction && d.ID != "" {
			first.Href = "/placements/" + v.ID + "/meetings/" + d.ID
		}
		t.Rows = append(t.Rows, []nhs.Cell{first, {Text: dueWords(d)}, {Body: dueTag(d, v.Today)}})
	}
	return t
}

// openSteps are the steps that wait, as options.
func (v supervisionView) openSteps() []nhs.Option {
	var out []nhs.Option
	for _, d := range v.Dues {
		if d.Kind == "induction" && d.Done.IsZero() {
			out = append(out, nhs.Option{Value: d.ID, Label: d.Title})
		}
	}
	return out
}

func meetingOptions() []nhs.Option {
	var out []nhs.Option
	for _, k := range []string{MeetingStart, MeetingMiddle, MeetingEnd, MeetingRhythm} {
		out = append(out, nhs.Option{Value: k, Label: MeetingWords(k)})
	}
	return out
}

func absenceOptions() []nhs.Option {
	var out []nhs.Option
	for _, k := range AbsenceKinds() {
		out = append(out, nhs.Option{Value: k.ID, Label: k.Title})
	}
	return out
}

func (v formView) choices() []nhs.Option {
	var out []nhs.Option
	for _, s := range v.Choices {
		out = append(out, nhs.Option{Value: s.Account, Label: s.Name})
	}
	return out
}

func (a Absence) words() string {
	text := absenceWords(a.Kind) + " from " + a.From.Long()
	if a.To.IsZero() {
		return text + ", end not known"
	}
	return text + " to " + a.To.Long()
}

func agreedWords(m Meeting) string {
	var who []string
	if !m.DoctorAt.IsZero() {
		who = append(who, "the person in post")
	}
	if !m.SupervisorAt.IsZero() {
		who = append(who, "the supervisor")
	}
	if len(who) == 0 {
		return "Nobody agreed yet."
	}
	return "Agreed by " + strings.Join(who, " and ") + "."
}
