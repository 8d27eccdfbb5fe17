package newsroom

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// askView is the checker's form as typed, with the questions of today's rules.
type askView struct {
	r      *web.Request
	Errors nhs.Errors
	needs  []string
	Again  bool // below an answer: to change what was said
}

// Asks tells whether today's rules need the answer to a question.
func (v askView) Asks(question string) bool {
	return slices.ContainsFunc(v.needs, func(kind string) bool { q, _ := questionOf(kind); return q == question })
}

// Typed gives what was typed in a field.
func (v askView) Typed(name string) string { return v.r.Text(name) }

func (v askView) date(name, legend, hint string) nhs.DateField {
	return nhs.DateField{Name: name, Legend: legend, LegendSize: "s", Hint: hint, Error: v.Errors.Of(name),
		Day: v.Typed(name + "-day"), Month: v.Typed(name + "-month"), Year: v.Typed(name + "-year")}
}

func (v askView) number(name, label, mode string) nhs.TextField {
	return nhs.TextField{Name: name, Label: label, Width: "4", InputMode: mode, Value: v.Typed(name), Error: v.Errors.Of(name)}
}

func (v askView) choice(name, legend, hint string, options []nhs.Option) nhs.RadioField {
	return nhs.RadioField{Name: name, Legend: legend, Hint: hint, Options: options, Value: v.Typed(name), Error: v.Errors.Of(name)}
}

func (p *Pages) questions(r *web.Request) (web.Response, error) {
	kinds, _, err := p.s.Needs(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return p.page(r, aWhile, web.PageData{Title: "Check if you can join", Back: "/", BackText: "Home", Body: askPage(askView{r: r, needs: kinds}),
		Description: "Answer a few questions to see which conditions of the Medical Support Worker programme you may meet. No name is asked and nothing is kept."})
}

// answers works out an answer and forgets it: it writes nothing, sets no
// cookie, and tells caches to keep nothing.
func (p *Pages) answers(r *web.Request) (web.Response, error) {
	kinds, _, err := p.s.Needs(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := askView{r: r, needs: kinds}
	a, err := readAnswers(r)
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return web.Page(r, web.PageData{Title: "Check if you can join", Back: "/", BackText: "Home", Errors: errs, Body: askPage(v)}).With("Cache-Control", never), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	c, err := p.s.Check(r.Context(), r.Call, a)
	if err != nil {
		return web.Response{}, err
	}
	v.Again = true
	return web.Page(r, web.PageData{Title: "What your answers mean", Back: "/eligibility", BackText: "Start again", Body: checkedPage(c, v)}).With("Cache-Control", never), nil
}

func readAnswers(r *web.Request) (Answers, error) {
	var c problem.Check
	oneOf := func(name string, allowed ...string) string {
		s := r.Text(name)
		c.That(s == "" || slices.Contains(allowed, s), name, "Choose one of the answers")
		return s
	}
	date := func(name string) clock.Date {
		d, err := r.Date(name)
		c.Add(err)
		c.That(d <= r.Call.Today, name, "The date must be today or in the past")
		return d
	}
	a := Answers{InUK: oneOf("in-uk", "yes", "no"), Qualification: oneOf("qualification", "registrable", "not-sure", "not-registrable", "none"),
		English: oneOf("english", "IELTS", "OET", "taught", "accepted", "none"),
		Work:    oneOf("work", "citizen", "may-work", "may-not-work", "asylum", "visitor", "ended"), Registered: oneOf("registered", "yes", "no"),
		PLAB2: oneOf("plab2", "passed", "not-passed", "waiting"), Placed: oneOf("placed", "yes", "no"), Supervision: oneOf("supervision", "yes", "no"),
		LastWorked: date("last-worked"), Months: map[string]int{}, Scores: map[string]int{}}
	for _, group := range specialtyGroups() {
		n, err := r.Int("months-" + group)
		c.Add(err)
		c.That(n >= 0 && n <= 720, "months-"+group, "Enter a number of months from 0 to 720")
		if r.Text("months-"+group) != "" {
			a.Months[group] = n
		}
	}
	if a.English != "" && a.English != "none" {
		a.EnglishOn = date(strings.ToLower(a.English) + "-on")
	}
	for _, part := range scoreNames() {
		name := strings.ToLower(a.English) + "-" + part
		if s := r.Text(name); s != "" && (a.English == "IELTS" || a.English == "OET" && part != "overall") {
			n, ok := score(a.English, s)
			c.That(ok, name, scoreWords(a.English))
			a.Scores[part] = n
		}
	}
	return a, c.Err()
}

// score reads a score as facts hold it: tenths for IELTS, whole for OET.
func score(test, typed string) (int, bool) {
	if test == "OET" {
		n, err := strconv.Atoi(typed)
		return n, err == nil && n >= 0 && n <= 500
	}
	whole, half, point := strings.Cut(strings.ReplaceAll(typed, ",", "."), ".")
	n, err := strconv.Atoi(whole)
	tenths := 0
	if point {
		if half != "0" && half != "5" {
			return 0, false
		}
		tenths = int(half[0] - '0')
	}
	return n*10 + tenths, err == nil && n >= 0 && n*10+tenths <= 90
}

func scoreWords(test string) string {
	if test == "OET" {
		return "Enter an OET score from 0 to 500, like 350"
	}
	return "Enter an IELTS score from 0 to 9, like 7 or 7.5"
}

func stateTag(s rulebook.Answer) nhs.Tag {
	switch s {
	case rulebook.Met:
		return nhs.Tag{Text: "Met", Colour: "green"}
	case rulebook.Unmet:
		return nhs.Tag{Text: "Not met", Colour: "red"}
	}
	return nhs.Tag{Text: "Not known", Colour: "grey"}
}

// wholeWords says what the answers together mean.
func wholeWords(c Checked) (heading, text string) {
	met, unmet := 0, 0
	for _, l := range c.Conditions {
		switch l.State {
		case rulebook.Met:
			met++
		case rulebook.Unmet:
			unmet++
		}
	}
	of := strconv.Itoa(met) + " of " + strconv.Itoa(len(c.Conditions)) + " conditions are met by what you said."
	switch {
	case unmet > 0:
		return "It looks like you cannot join at the moment", of + " Look below at what is not met. Some of it can change."
	case met == len(c.Conditions):
		return "It looks like you can join", of + " We would still need to see proof."
	}
	return "We cannot tell yet", of + " Nothing that you said speaks against joining."
}
