package portfolio

import (
	"errors"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// feedbackRoutes are the doctor's and supervisor's pages of feedback, and the one
// of whoever has a link.
func (p *Pages) feedbackRoutes() []web.Route {
	const few = 20
	post := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: act, Handle: fn}
	}
	return []web.Route{
		{Method: "GET", Pattern: "/portfolio/feedback", Action: ActFeedback, Handle: p.rounds},
		post("/portfolio/feedback", ActFeedback, p.openRound),
		{Method: "GET", Pattern: "/portfolio/feedback/{id}", Action: ActFeedbackRead, Handle: p.round},
		post("/portfolio/feedback/{id}/people", ActFeedback, p.askMore),
		post("/portfolio/feedback/{id}/remind", ActFeedback, p.remindRaters),
		post("/portfolio/feedback/{id}/extend", ActFeedback, p.extend),
		post("/portfolio/feedback/{id}/unused", ActFeedback, p.leaveUnused),
		{Method: "GET", Pattern: "/portfolio/feedback/{id}/self", Action: ActFeedback, Handle: p.selfForm},
		post("/portfolio/feedback/{id}/self", ActFeedback, p.rateSelf),
		post("/portfolio/feedback/{id}/release", ActFeedbackRead, p.release),
		{Method: "GET", Pattern: "/feedback/{secret}", Action: ActRate, Handle: p.rating, Limit: 60},
		{Method: "POST", Pattern: "/feedback/{secret}", Action: ActRate, Handle: p.rate, OwnTx: true, Limit: few},
	}
}

type roundsView struct {
	RoundsSight
	Key, People string
	Day         [3]string
	Tags        []string
	Frameworks  []Framework
	Errors      nhs.Errors
}

func (p *Pages) rounds(r *web.Request) (web.Response, error) { return p.roundsForm(r, nil) }

func (p *Pages) roundsForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookRounds(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := roundsView{RoundsSight: sight, Key: r.Key(), People: r.Text("people"), Tags: r.Texts("tags"), Frameworks: p.s.o.Frameworks.InForce(r.Call.Today), Errors: errs, Day: typedDay(r, "closes", r.Call.Today.AddDays(sight.Days), errs)}
	return web.Page(r, web.PageData{Title: "Feedback from colleagues", Caption: "Your portfolio", Back: "/portfolio", BackText: "Your portfolio", Errors: errs, Body: roundsPage(v)}), nil
}

// typedDay is a day for its three fields: as typed where something was wrong,
// else a suggestion.
func typedDay(r *web.Request, name string, first clock.Date, errs nhs.Errors) [3]string {
	if errs != nil || first.IsZero() {
		return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
	}
	return nhs.DateParts(first)
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' })
}

func people(r *web.Request) []string {
	var out []string
	for _, line := range lines(r.Text("people")) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (p *Pages) openRound(r *web.Request) (web.Response, error) {
	device, cookie := p.device(r)
	closes, err := r.Date("closes")
	f, _, refused := p.s.OpenRound(r.Context(), r.Call, NewRound{People: people(r), ClosesOn: closes, Tags: r.Texts("tags"), Device: device})
	err = besideDay(err, refused)
	if errs, ok := web.FieldErrors(err); ok {
		return p.roundsForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolio/feedback/"+f.ID, "Asked. Each of them gets a link").WithCookie(cookie), nil
}

// besideDay puts a last day that could not be read beside what else is wrong: a
// round without a last day is always refused, so nothing was opened.
func besideDay(unread, refused error) error {
	e, ok := errors.AsType[*problem.Error](refused)
	if unread == nil || !ok || e.Kind != problem.Invalid {
		return refused
	}
	var c problem.Check
	c.Add(unread)
	for _, f := range e.Fields {
		c.That(f.Name == "closes", f.Name, f.Message)
	}
	return c.Err()
}

type roundView struct {
	RoundSight
	Key, Typed string
	Day        [3]string
	Open       bool
	questions  []Question
	Errors     nhs.Errors
}

func (p *Pages) round(r *web.Request) (web.Response, error) { return p.roundForm(r, nil) }

func (p *Pages) roundForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookRound(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := roundView{RoundSight: sight, Key: r.Key(), Typed: r.Text("people"), Day: typedDay(r, "closes", 0, errs), Open: sight.Takes(r.Call.Today), questions: p.s.o.Questions.List, Errors: errs}
	back, caption := "/portfolio/feedback", "Your portfolio"
	if !sight.Own {
		back, caption = "/portfolios/"+sight.Ref, sight.Name
	}
	return web.Page(r, web.PageData{Title: "Feedback from colleagues", Caption: caption, Back: back, Errors: errs, Body: roundPage(v)}), nil
}

// done answers a change of a round: back to its page, with what was typed where
// something was wrong.
func (p *Pages) done(r *web.Request, err error, said string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.roundForm(r, errs)
	}
	return web.SeeOther("/portfolio/feedback/"+r.PathValue("id"), said), err
}

func (p *Pages) askMore(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.AskMore(r.Context(), r.Call, r.PathValue("id"), people(r)), "Asked them too")
}

func (p *Pages) remindRaters(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.RemindRaters(r.Context(), r.Call, r.PathValue("id")), "Reminded. Each of them gets a new link, and the earlier one stops working")
}

func (p *Pages) extend(r *web.Request) (web.Response, error) {
	closes, err := r.Date("closes")
	version, e := r.Int("version")
	if err == nil {
		err = e
	}
	if err == nil {
		err = p.s.Extend(r.Context(), r.Call, r.PathValue("id"), version, closes)
	}
	return p.done(r, err, "The round goes on")
}

func (p *Pages) leaveUnused(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		err = p.s.LeaveUnused(r.Context(), r.Call, r.PathValue("id"), version)
	}
	return p.done(r, err, "Closed. Nobody reads what was said")
}

func (p *Pages) release(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	held := map[string]string{}
	for name := range r.Form {
		list, number, _ := strings.Cut(name, "-")
		if _, e := strconv.Atoi(number); e == nil && (list == "well" || list == "better") && r.Text(name) != "" {
			held[name] = r.Text(name)
		}
	}
	if err == nil {
		err = p.s.Release(r.Context(), r.Call, Releasing{Round: r.PathValue("id"), Version: version, Held: held})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.roundForm(r, errs)
	}
	return web.SeeOther("/home", "Thank you. The doctor can read it now"), err
}

type rateView struct {
	Answer
	Key, action, name, well, hint string
	self                          bool
	closes                        clock.Date
	Questions                     []Question
	Errors                        nhs.Errors
}

func (v rateView) intro() string {
	if v.self {
		return "Say what you think of your own work. It is shown beside what colleagues say."
	}
	return "How is it to work with " + v.name + "? Leave out what you did not see. Nobody learns who said what, and it is shown only if enough people answer. Closes on " + v.closes.Long() + "."
}

func typedAnswer(r *web.Request, questions []Question) Answer {
	a := Answer{Said: map[string]string{}, Well: r.Text("well"), Better: r.Text("better")}
	for _, q := range questions {
		if said := r.Text("q-" + q.ID); said != "" {
			a.Said[q.ID] = said
		}
	}
	return a
}

func (p *Pages) selfForm(r *web.Request) (web.Response, error) { return p.selfPage(r, nil) }

func (p *Pages) selfPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookRound(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := rateView{Key: r.Key(), action: "/portfolio/feedback/" + sight.ID + "/self", self: true, well: "What do you do well? (optional)", Questions: p.s.o.Questions.List, Errors: errs}
	switch {
	case errs != nil:
		v.Answer = typedAnswer(r, v.Questions)
	case sight.Self != nil:
		v.Answer = *sight.Self
	}
	return web.Page(r, web.PageData{Title: "What do you think yourself?", Caption: "Feedback from colleagues", Back: "/portfolio/feedback/" + sight.ID, Errors: errs, Body: ratePage(v)}), nil
}

func (p *Pages) rateSelf(r *web.Request) (web.Response, error) {
	err := p.s.RateSelf(r.Context(), r.Call, r.PathValue("id"), 0, typedAnswer(r, p.s.o.Questions.List))
	if errs, ok := web.FieldErrors(err); ok {
		return p.selfPage(r, errs)
	}
	return web.SeeOther("/portfolio/feedback/"+r.PathValue("id"), "Saved"), err
}

func (p *Pages) rating(r *web.Request) (web.Response, error) { return p.rateForm(r, nil) }

func (p *Pages) rateForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.OpenRating(r.Context(), r.Call, r.PathValue("secret"))
	if err != nil {
		return web.Response{}, err
	}
	if sight.Used {
		return hidden(web.Page(r, web.PageData{Title: "Thank you", Body: ratedPage()})), nil
	}
	v := rateView{Key: r.Key(), action: "/feedback/" + sight.Secret, name: sight.Name, closes: sight.ClosesOn, Questions: sight.Questions, Errors: errs,
		well: "What do they do well? (optional)", hint: "Write nothing that shows who you are, or who a patient is."}
	if errs != nil {
		v.Answer = typedAnswer(r, v.Questions)
	}
	caption := sight.Name + ", Medical Support Worker"
	if sight.HostName != "" {
		caption += ", " + sight.HostName
	}
	return hidden(web.Page(r, web.PageData{Title: "A minute of feedback", Caption: caption, Errors: errs, Body: ratePage(v)})), nil
}

func (p *Pages) rate(r *web.Request) (web.Response, error) {
	cmd := Rating{Link: r.PathValue("secret"), Answer: typedAnswer(r, p.s.o.Questions.List)}
	if c, err := r.Cookie(p.deviceCookie()); err == nil {
		cmd.Device = c.Value
	}
	err := p.s.OwnTry(r.Context(), r.Call, cmd.Link, cmd.Device)
	if err == nil {
		err = p.s.Rate(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok && len(errs) > 0 && errs[0].Name != "" {
		return p.rateForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return hidden(web.SeeOther("/feedback/"+cmd.Link, "")), nil
}

func answerOptions() []nhs.Option {
	return []nhs.Option{{Value: Strong, Label: AnswerWords(Strong)}, {Value: Fine, Label: AnswerWords(Fine)}, {Value: Better, Label: AnswerWords(Better)}}
}

func heldOptions() []nhs.Option {
	var out []nhs.Option
	for _, h := range heldReasons() {
		out = append(out, nhs.Option{Value: h.ID, Label: "Hold it back: " + strings.ToLower(h.Title[:1]) + h.Title[1:]})
	}
	return out
}

func (v roundsView) table() nhs.Table {
	t := nhs.Table{Caption: "Your rounds of feedback", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Round"}, {Text: "Last day"}, {Text: "State"}}}
	for _, f := range v.Rounds {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: "Opened on " + f.OpenedOn.Long(), Href: "/portfolio/feedback/" + f.ID}, {Text: f.ClosesOn.Long()}, {Body: roundTag(f.State)}})
	}
	return t
}

func roundTag(s RoundState) nhs.Tag {
	return nhs.Tag{Text: s.Words(), Colour: map[RoundState]string{RoundOpen: "blue", RoundShort: "yellow", RoundUnused: "grey", RoundReading: "yellow", RoundShown: "green"}[s]}
}

func (v roundView) tag() nhs.Tag {
	if v.MayRelease {
		return nhs.Tag{Text: "Waits for you to read it", Colour: "yellow"}
	}
	return roundTag(v.State)
}

// tagFields asks what the round shows, by framework.
func (v roundsView) tagFields() templ.Component {
	return tagFields(v.Frameworks, v.Tags)
}

// says is where the round stands and what comes next.
func (v roundView) says() string {
	need := strconv.Itoa(v.Answered) + " of " + strconv.Itoa(v.Asked) + " have answered. At least " + strconv.Itoa(v.Minimum) + " must, or nothing is shown."
	switch {
	case v.MayRelease:
		return strconv.Itoa(v.Result.People) + " colleagues answered about " + v.Name + ". Nobody is told who said what. Read what they wrote, hold back only what must not be passed on, then show it. On " + v.ReadBy.AddDays(1).Long() + " it is shown as it is."
	case v.State == RoundOpen && v.Open:
		return need + " Last day: " + v.ClosesOn.Long() + ". You see nothing before that."
	case v.State == RoundOpen:
		return "The last day is over. What comes of it is worked out within the hour."
	case v.State == RoundShort:
		return need + " It closed on " + v.ClosesOn.Long() + " with too few, so nothing is shown, to anybody. Nothing is lost: give it more time, or close it."
	case v.State == RoundUnused:
		return "You closed it. Nobody reads what was said. You can still give it more time."
	case v.State == RoundReading:
		return "Enough people answered. Your educational supervisor reads it first. You see it on " + v.ReadBy.AddDays(1).Long() + " at the latest."
	}
	return strconv.Itoa(v.Result.People) + " colleagues answered by " + v.ClosesOn.Long() + "."
}

func (v roundView) tries() string {
	text, were := strconv.Itoa(v.Outside)+" of "+strconv.Itoa(v.Asked)+" people were asked at addresses outside the NHS.", "were"
	if v.OwnTries == 1 {
		were = "was"
	}
	if v.OwnTries > 0 {
		text += " " + amount(v.OwnTries, "answer", "answers") + " from the doctor's own device or address " + were + " refused and not counted."
	}
	return text
}

func (v roundView) heard() nhs.Table {
	t := nhs.Table{Caption: "What colleagues said", CaptionSize: "m", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Question"}, {Text: "A strength"}, {Text: "Could be better"}}}
	if v.Self != nil && !v.MayRelease {
		t.Head = append(t.Head, nhs.Head{Text: map[bool]string{true: "You said", false: "They said"}[v.Own]})
	}
	for _, h := range v.Result.Heard {
		row := []nhs.Cell{{Text: h.Question.Text}, {Text: string(h.Strong)}, {Text: string(h.Better)}}
		if !h.Enough {
			row[1].Text, row[2].Text = "Too few could say", "Too few could say"
		}
		if len(t.Head) == 4 {
			row = append(row, nhs.Cell{Text: AnswerWords(v.Self.Said[h.Question.ID])})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

type commentList struct {
	title, name string
	list        []Comment
}

func (r Result) comments() []commentList {
	return []commentList{{"What goes well", "well", r.Well}, {"What could be better", "better", r.Better}}
}

func (c Comment) shown() string {
	if c.Held != "" {
		return "Held back by the educational supervisor. " + heldWords(c.Held) + "."
	}
	return c.Text
}

func (v roundView) selfWords() string {
	if v.Self == nil {
		return "Say what you think yourself"
	}
	return "Change what you said yourself"
}
