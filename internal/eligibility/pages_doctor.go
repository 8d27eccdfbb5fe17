package eligibility

import (
	"errors"
	"slices"
	"strconv"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/eligibility/assessment"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

const toHome = "Back to your page"

type letterView struct {
	Answered
	Key   string
	Today clock.Date
}

func (p *Pages) letter(r *web.Request) (web.Response, error) {
	a, err := p.service.Answered(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Our answer to your application", Back: "/home", BackText: toHome, Body: answerPage(letterView{a, r.Key(), r.Call.Today})}), nil
}

type appealView struct {
	Answered
	Key       string
	Errors    nhs.Errors
	Text, Why string
}

func (p *Pages) appealing(r *web.Request) (web.Response, error) { return p.appealPage(r, nil) }

func (p *Pages) appealPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	a, err := p.service.Answered(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	if !a.Found {
		return web.Response{}, problem.Missing()
	}
	return web.Page(r, web.PageData{Title: "Ask for a review", Back: "/decision", BackText: "Back to our answer", Errors: errs, Body: appealPage(appealView{a, r.Key(), errs, r.Text("text"), r.Text("late")})}), nil
}

func (p *Pages) appeal(r *web.Request) (web.Response, error) {
	_, err := p.service.Appeal(r.Context(), r.Call, Appeal{Text: r.Text("text"), Why: r.Text("late")})
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			if errs[i].Name == "" {
				errs[i].Name = "text"
			}
		}
		return p.appealPage(r, errs)
	}
	return web.SeeOther("/decision", "We have your request. Somebody who did not decide will look at it."), err
}

func (p *Pages) goBack(r *web.Request) (web.Response, error) {
	return web.SeeOther("/apply", "Your application is open again. What you told us before is still here. Change what has changed, then send it."), p.service.Return(r.Context(), r.Call)
}

type questionsView struct {
	Key    string
	Rounds []Round
	Limits Limits
	Errors nhs.Errors
	Today  clock.Date
}

// Current is the round that waits for the doctor.
func (v questionsView) Current() (Round, bool) {
	for _, r := range v.Rounds {
		if r.Open() && r.Answered.IsZero() {
			return r, true
		}
	}
	return Round{}, false
}

// Before are the rounds that are over for the doctor.
func (v questionsView) Before() []Round {
	return slices.DeleteFunc(slices.Clone(v.Rounds), func(r Round) bool { return r.Open() && r.Answered.IsZero() })
}

func (p *Pages) questions(r *web.Request) (web.Response, error) { return p.questionsPage(r, nil) }

func (p *Pages) questionsPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	rounds, limits, err := p.service.Asked(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Our questions to you", Back: "/home", BackText: toHome, Errors: errs, Body: questionsPage(questionsView{r.Key(), rounds, limits, errs, r.Call.Today})}), nil
}

func (p *Pages) sendAnswers(r *web.Request) (web.Response, error) {
	err := p.service.Send(r.Context(), r.Call, r.Bool("partly"))
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			errs[i].Name = "partly"
		}
		return p.questionsPage(r, errs)
	}
	return web.SeeOther("/information", "Thank you. We have your answers and will read them."), err
}

type questionView struct {
	Key, Action string
	Item        Item
	Round       Round
	Version     string
	Errors      nhs.Errors
	Answer      string
	Document    string
	D, M, Y     string
	Documents   []nhs.Option
	Upload      string
}

func (p *Pages) question(r *web.Request) (web.Response, error) { return p.questionPage(r, nil) }

func (p *Pages) questionPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	c, err := p.service.own(r.Context(), r.Call, ActAnswer)
	if err != nil {
		return web.Response{}, err
	}
	it, round, err := p.service.itemOf(r.Context(), c, r.PathValue("item"))
	if err != nil {
		return web.Response{}, err
	}
	v := questionView{Key: r.Key(), Action: r.URL.Path, Item: it, Round: round, Version: strconv.FormatInt(it.Version, 10), Errors: errs, Answer: it.Answer, Document: it.Document, Upload: p.service.Upload}
	if !it.Day.IsZero() {
		v.D, v.M, v.Y = strconv.Itoa(it.Day.Day()), strconv.Itoa(int(it.Day.Month())), strconv.Itoa(it.Day.Year())
	}
	if r.Method == "POST" {
		v.Answer, v.Document, v.D, v.M, v.Y = r.Text("answer"), r.Text("document"), r.Text("day-day"), r.Text("day-month"), r.Text("day-year")
	}
	if it.Kind == assessment.AskDocument {
		if v.Documents, err = p.documents(r, c); err != nil {
			return web.Response{}, err
		}
	}
	return web.Page(r, web.PageData{Title: "Answer a question", Back: "/information", BackText: "Back to all questions", Errors: errs, Body: questionPage(v)}), nil
}

// documents are the doctor's own papers, to choose from.
func (p *Pages) documents(r *web.Request, c casefile.Case) ([]nhs.Option, error) {
	var out []nhs.Option
	if p.service.OwnPapers == nil {
		return nil, nil
	}
	list, err := p.service.OwnPapers(r.Context(), r.Call, c.Doctor)
	for _, paper := range list {
		out = append(out, nhs.Option{Value: paper.ID, Label: paper.Title})
	}
	return out, err
}

func (p *Pages) answer(r *web.Request) (web.Response, error) {
	in := Answer{Item: r.PathValue("item"), Text: r.Text("answer"), Document: r.Text("document")}
	in.Version, _ = strconv.ParseInt(r.Text("version"), 10, 64)
	var err error
	if r.Text("day-year") != "" || r.Text("day-day") != "" {
		if in.Day, err = r.Date("day"); err != nil {
			return p.questionPage(r, nhs.Errors{{Name: "day", Message: "Enter a real date, like 27 3 2021"}})
		}
	}
	err = p.service.Answer(r.Context(), r.Call, in)
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			if r.Text("kind") == string(assessment.AskDate) {
				errs[i].Name = "day"
			}
		}
		return p.questionPage(r, errs)
	}
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Kind == problem.Conflict {
		return p.questionPage(r, nhs.Errors{{Name: "answer", Message: e.Message}})
	}
	return web.SeeOther("/information", "Your answer is saved."), err
}

type earlyView struct {
	Key    string
	Case   casefile.Case
	List   []Early
	Ahead  []assessment.LetterReason
	Ask    bool
	Coded  func(codes []string) []assessment.Reason
	Errors nhs.Errors
}

func (p *Pages) earlyCheck(r *web.Request) (web.Response, error) {
	c, list, ahead, err := p.service.Earlies(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := earlyView{Key: r.Key(), Case: c, List: list, Ahead: ahead, Coded: p.service.Reasons.Named}
	v.Ask = slices.Contains([]casefile.Stage{casefile.StageReferred, casefile.StageApplying, casefile.StageNotYet}, c.Stage) && (len(list) == 0 || !list[0].Answered.IsZero())
	return web.Page(r, web.PageData{Title: "Early check, before you spend money", Back: "/home", BackText: toHome, Body: earlyPage(v)}), nil
}

func (p *Pages) askEarly(r *web.Request) (web.Response, error) {
	return web.SeeOther("/early-check", "We will look at what you have told us so far, and answer here."), p.service.AskEarly(r.Context(), r.Call)
}
