package eligibility

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/clock"
	"msw/internal/eligibility/assessment"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/request"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// sectionView is one section of the assessor's page: its conditions with their
// evidence, what else is recorded, the papers, and what was found.
type sectionView struct {
	Section assessment.Section
	Key     string // the digit that leads to it
	Lines   []line
	More    []evidence
	Papers  []Paper
	Finding assessment.Finding
	Found   bool
	Codes   []assessment.Reason
	Errors  nhs.Errors
	Beside  *beside // the paper that is read beside this section
}

// beside is the paper somebody chose to read beside a section, as shown.
type beside struct {
	Beside
	Body templ.Component
}

// ID is the section's place on the page.
func (s sectionView) ID() string { return "section-" + strings.ReplaceAll(string(s.Section), "_", "-") }

func (s sectionView) tag() nhs.Tag {
	switch {
	case !s.Found:
		return nhs.Tag{Text: "Not looked at", Colour: "grey"}
	case s.Finding.Holds:
		return nhs.Tag{Text: "Holds", Colour: "green"}
	}
	return nhs.Tag{Text: "Does not hold", Colour: "red"}
}

// theirs is what somebody typed beside what another did meanwhile.
type theirs struct {
	Changes []Change
	Latest  *Decision
}

type assessView struct {
	F        File
	A        Assessment
	Name     string
	Sections []sectionView
	Key      string
	Errors   nhs.Errors
	Outcome  string
	Words    string
	Note     string
	MayDo    bool
	MayJudge bool
	MayGive  bool
	All      bool // may read every fact
	Asks     []ask
	Staff    []nhs.Option
	Theirs   *theirs
	Today    clock.Date
	Age      int
	Account  string
	Paper    string // the id of the one that is read beside
	Last     int    // the number of the last condition
}

// with is the address of this page with a paper beside its section.
func with(ref string, s sectionView, paper string) string {
	return "/assess/" + ref + "?beside=" + url.QueryEscape(paper) + "#" + s.ID()
}

func (v assessView) to(more string) string { return "/assess/" + v.A.Case.Ref + more }

func (v assessView) seen() string { return strconv.FormatInt(v.F.Work.Version, 10) }

func (p *Pages) form(r *web.Request, errs nhs.Errors) (web.Response, error) {
	return p.assessPage(r, errs, nil)
}

func (p *Pages) assessPage(r *web.Request, errs nhs.Errors, other *theirs) (web.Response, error) {
	f, err := p.service.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	names, err := p.names(r.Context(), f.Case.Tenant, []string{f.Case.Doctor})
	if err != nil {
		return web.Response{}, err
	}
	v := assessView{F: f, A: f.Assessment, All: seesAll(r.Call.Actor), Name: names[f.Case.Doctor], Key: r.Key(), Errors: errs, Outcome: r.Text("outcome"), Words: r.Text("words"), Note: r.Text("note"),
		MayDo: r.May(ActDecide), MayJudge: r.May(ActJudge), MayGive: r.May(ActAssign), Theirs: other, Today: r.Call.Today, Account: r.Call.Actor.Account}
	v.Age = assessment.WorkingDays(f.Work.Since, r.Call.Today, p.service.Holidays)
	if v.Outcome == "" {
		v.Outcome = string(f.Suggestion.Outcome)
	}
	v.Sections = p.sections(r, f, errs)
	if v.Paper, err = p.chosen(r, f, v.Sections); err != nil {
		return web.Response{}, err
	}
	for _, s := range v.Sections {
		for i := range s.Lines {
			v.Last++
			s.Lines[i].Number = v.Last
		}
	}
	v.Asks = open(f.Assessment)
	staff, err := p.service.assessors(r.Context(), f.Case.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	for _, s := range staff {
		v.Staff = append(v.Staff, nhs.Option{Value: s[0], Label: s[1]})
	}
	status := 0
	if other != nil {
		status = 409
	}
	return web.Page(r, web.PageData{Title: "Assess " + v.Name, Caption: "Case " + f.Case.Ref, Back: "/cases/" + f.Case.Ref, BackText: "Back to the case", Errors: errs, Wide: true, Status: status, Body: assessPage(v)}), nil
}

// chosen puts the paper that was asked for beside its section, and gives its
// id. What is not among this case's papers, or cannot be opened, is not shown.
func (p *Pages) chosen(r *web.Request, f File, sections []sectionView) (string, error) {
	id := r.Text("beside")
	i := slices.IndexFunc(f.Papers, func(paper Paper) bool { return paper.Beside && paper.ID == id })
	if id == "" || i < 0 || p.show == nil {
		return "", nil
	}
	j := slices.IndexFunc(sections, func(s sectionView) bool { return s.Section == f.Papers[i].Section })
	if j < 0 {
		return "", nil
	}
	b := Beside{Paper: f.Papers[i], Key: r.Key() + "-beside-", Back: with(f.Case.Ref, sections[j], id)}
	body, err := p.show(r.Context(), r.Call, b)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	sections[j].Beside = &beside{b, body}
	return id, err
}

// sections puts every condition, fact and paper into its section.
func (p *Pages) sections(r *web.Request, f File, errs nhs.Errors) []sectionView {
	actor := p.service.Access.As(r.Call.Actor, ActAssess, f.Case.Resource())
	var out []sectionView
	for i, s := range assessment.Sections() {
		v := sectionView{Section: s, Key: strconv.Itoa(i + 1), Codes: p.service.Reasons.On(s, r.Call.Today), Errors: errs}
		shown := map[string]bool{}
		for _, o := range f.Result.Requirements {
			if assessment.Place(o.Kind == "exclusion", needs(o)) == s {
				v.Lines = append(v.Lines, p.line(actor, f.Assessment, o))
			}
		}
		for _, l := range v.Lines {
			for _, e := range l.Evidence {
				shown[e.ID] = true
			}
		}
		for _, rec := range f.Records {
			if rec.Kind == fact.Step { // for the GMC only: never a part of whether somebody may join
				continue
			}
			if r, ok := rec.For(actor); ok && assessment.Of(rec.Kind) == s && !shown[rec.ID] {
				v.More = append(v.More, evidence{ID: r.ID, Words: describe(r), State: fact.StateWords(r.State), On: r.On, Open: true})
			}
		}
		for _, paper := range f.Papers {
			if paper.Section == s {
				v.Papers = append(v.Papers, paper)
			}
		}
		v.Finding, v.Found = f.Findings[s]
		out = append(out, v)
	}
	return out
}

// needs are the kinds of fact a requirement reads, or its first way does.
func needs(o rulebook.Outcome) []string {
	if len(o.Needs) == 0 && len(o.Alternatives) > 0 {
		return o.Alternatives[0].Needs
	}
	return o.Needs
}

// describe names a record beside a condition. Of the right to work the assessor
// reads the category, whether it allows the work, and its end; its evidence is
// opened by the employer only.
func describe(r fact.Record) string {
	if r.Kind == fact.RightToWork {
		return rightWords(r)
	}
	parts := []string{fact.Words(r.Kind)}
	for _, key := range []string{"name", "test", "institution", "specialty_group", "category", "outcome", "kind"} {
		if v := r.Text(key); v != "" && v != "unknown" {
			parts = append(parts, strings.ReplaceAll(v, "_", " "))
		}
	}
	return strings.Join(parts, ", ")
}

func rightWords(r fact.Record) string {
	out := fact.Words(r.Kind) + ", " + strings.ReplaceAll(r.Text("category"), "_", " ")
	switch may, known := r.Fields["may_work"].(bool); {
	case known && may:
		out += ", may do this work"
	case known:
		out += ", may not do this work"
	}
	if !r.Until.IsZero() {
		out += ", until " + r.Until.Long()
	}
	return out
}

func (p *Pages) decide(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	c, err := p.service.Cases.ByRef(r.Context(), r.Call.Actor.Tenant, ref)
	if err != nil {
		return web.Response{}, err
	}
	in := Decide{Doctor: c.Doctor, Outcome: Outcome(r.Text("outcome")), Words: r.Text("words"), Note: r.Text("note"), Seen: seen(r)}
	switch r.Text("step") {
	case "preview":
		return p.preview(r, in)
	case "edit":
		return p.form(r, nil)
	}
	d, err := p.service.Decide(r.Context(), r.Call, in)
	if err != nil {
		return p.notDecided(r, in, err)
	}
	return web.SeeOther("/cases/"+ref, "Decided: "+strings.ToLower(d.Outcome.Words())+". The doctor has been told."), nil
}

func seen(r *web.Request) int64 {
	n, _ := strconv.ParseInt(r.Text("seen"), 10, 64) // none, or not a number: nothing is compared
	return n
}

// notDecided shows the page again with what was typed: beside what somebody
// else did first, or with every reason why not.
func (p *Pages) notDecided(r *web.Request, in Decide, err error) (web.Response, error) {
	if problem.KindOf(err) == problem.Conflict && in.Seen != 0 {
		changes, latest, err := p.service.Since(r.Context(), r.Call, r.PathValue("ref"), in.Seen)
		if err != nil {
			return web.Response{}, err
		}
		return p.assessPage(r, nil, &theirs{changes, latest})
	}
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			if errs[i].Name == "" {
				errs[i].Name = "outcome"
			}
		}
		return p.form(r, errs)
	}
	return web.Response{}, err
}

func (p *Pages) preview(r *web.Request, in Decide) (web.Response, error) {
	d, err := p.service.Preview(r.Context(), r.Call, in)
	if err != nil {
		return p.notDecided(r, in, err)
	}
	return web.Page(r, web.PageData{Title: "This is what the doctor will read", Caption: "Case " + r.PathValue("ref"), Back: "/assess/" + r.PathValue("ref"),
		Body: previewPage(r.Key(), "/assess/"+r.PathValue("ref"), in, *d.Letter)}), nil
}

func (p *Pages) section(r *web.Request) (web.Response, error) {
	s := assessment.Section(r.Text("section"))
	in := assessment.Finding{Section: s, Holds: r.Text("holds-"+string(s)) == "yes", Codes: r.Texts("codes-" + string(s)), Note: r.Text("note-" + string(s))}
	if r.Text("holds-"+string(s)) == "" {
		return p.form(r, nhs.Errors{{Name: "holds-" + string(s), Message: "Choose whether this section holds"}})
	}
	err := p.service.Find(r.Context(), r.Call, r.PathValue("ref"), seen(r), in)
	if problem.KindOf(err) == problem.Conflict && seen(r) != 0 {
		return p.notDecided(r, Decide{Seen: seen(r)}, err)
	}
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			errs[i].Name += "-" + string(s)
		}
		return p.form(r, errs)
	}
	back := "/assess/" + r.PathValue("ref") + "#" + sectionView{Section: s}.ID()
	if id := r.Text("beside"); id != "" {
		back = with(r.PathValue("ref"), sectionView{Section: s}, id)
	}
	return web.SeeOther(back, "Saved: "+s.Words()+"."), err
}

func (p *Pages) note(r *web.Request) (web.Response, error) {
	err := p.service.Note(r.Context(), r.Call, r.PathValue("ref"), r.Text("text"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.form(r, errs)
	}
	return web.SeeOther("/assess/"+r.PathValue("ref"), "Your note is saved."), err
}

func (p *Pages) assign(r *web.Request) (web.Response, error) {
	err := p.service.Assign(r.Context(), r.Call, r.PathValue("ref"), r.Text("assessor"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.form(r, errs)
	}
	return web.SeeOther("/assess/"+r.PathValue("ref"), "Saved who assesses."), err
}

// judgeView is one fact that rests on judgement, with who said what.
type judgeView struct {
	Key, Action string
	Fact        fact.Record
	Judgement   *Judgement
	Names       map[string]string
	Errors      nhs.Errors
	State, Why  string
	Holds       string
	No          []string // why this reader may not judge
}

func (p *Pages) judging(r *web.Request) (web.Response, error) { return p.judgePage(r, nil) }

func (p *Pages) judgePage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	f, err := p.service.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	rec, err := p.service.factOf(r.Context(), f.Case, r.PathValue("fact"))
	if err != nil {
		return web.Response{}, err
	}
	seenBy, ok := rec.For(p.service.Access.As(r.Call.Actor, ActAssess, f.Case.Resource()))
	if !ok {
		return web.Response{}, problem.Missing()
	}
	v := judgeView{Key: r.Key(), Action: r.URL.Path, Fact: seenBy, Names: f.Colleagues, Errors: errs, State: r.Text("state"), Why: r.Text("why"), Holds: r.Text("holds")}
	for i, j := range f.Judgements {
		if j.Fact == rec.ID {
			v.Judgement = &f.Judgements[i]
		}
	}
	if v.Judgement != nil && v.Judgement.State == JudgementOpen {
		v.No = assessment.MaySit(v.Judgement.spoken(), r.Call.Actor.Account)
	}
	return web.Page(r, web.PageData{Title: "Judge evidence", Caption: "Case " + f.Case.Ref, Back: "/assess/" + f.Case.Ref, Errors: errs, Body: judgePage(v)}), nil
}

func (p *Pages) judge(r *web.Request) (web.Response, error) {
	state := rulebook.Verified
	if r.Text("state") == "seen" {
		state = rulebook.Seen
	}
	if r.Text("holds") == "" {
		return p.judgePage(r, nhs.Errors{{Name: "holds", Message: "Choose what you think"}})
	}
	verdict, err := p.service.Judge(r.Context(), r.Call, Judge{Ref: r.PathValue("ref"), Fact: r.PathValue("fact"), State: state, Holds: r.Text("holds") == "yes", Why: r.Text("why")})
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			if errs[i].Name == "" {
				errs[i].Name = "holds"
			}
		}
		return p.judgePage(r, errs)
	}
	said := "Saved. A second person has to judge it too."
	switch {
	case verdict.Settled && verdict.Holds:
		said = "Two people agree. The evidence counts now."
	case verdict.Settled:
		said = "Two people agree that it is not enough."
	case verdict.Next == assessment.Third:
		said = "You disagree. A third person has to judge it."
	}
	return web.SeeOther("/assess/"+r.PathValue("ref"), said), err
}

const questionsOnPage = 4

type askView struct {
	Key, Action, Seen string
	F                 File
	Errors            nhs.Errors
	Kinds, Questions  []string
	Codes             []string
	Options           []nhs.Option
	Due               clock.Date
}

func (p *Pages) asking(r *web.Request) (web.Response, error) { return p.askPage(r, nil) }

func (p *Pages) askPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	f, err := p.service.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v := askView{Key: r.Key(), Action: "/assess/" + f.Case.Ref + "/ask", Seen: strconv.FormatInt(f.Work.Version, 10), F: f, Errors: errs, Due: request.ExpiresOn(r.Call.Today, f.Limits.Reply(len(f.Rounds)+1), p.service.Holidays)}
	for _, s := range assessment.Sections() {
		for _, reason := range p.service.Reasons.On(s, r.Call.Today) {
			if reason.Kind == assessment.Fixable {
				v.Options = append(v.Options, nhs.Option{Value: reason.Code, Label: reason.Staff})
			}
		}
	}
	first := p.suggested(f)
	for i := range questionsOnPage {
		n := strconv.Itoa(i + 1)
		kind, question, code := r.Text("kind-"+n), r.Text("question-"+n), r.Text("code-"+n)
		if r.Method == "GET" && i < len(first) {
			kind, question, code = string(first[i].Kind), first[i].Question, first[i].Code
		}
		v.Kinds, v.Questions, v.Codes = append(v.Kinds, kind), append(v.Questions, question), append(v.Codes, code)
	}
	return web.Page(r, web.PageData{Title: "Ask for further information", Caption: "Case " + f.Case.Ref, Back: "/assess/" + f.Case.Ref, Errors: errs, Body: askPage(v)}), nil
}

// suggested are questions for what was found and can be mended.
func (p *Pages) suggested(f File) []Question {
	var out []Question
	for _, reason := range p.service.codes(f.Findings) {
		if reason.Kind == assessment.Fixable {
			out = append(out, Question{Kind: assessment.AskDocument, Question: reason.Doctor + " " + reason.Cure, Code: reason.Code})
		}
	}
	return out
}

func (p *Pages) ask(r *web.Request) (web.Response, error) {
	var list []Question
	for i := range questionsOnPage {
		n := strconv.Itoa(i + 1)
		if q := r.Text("question-" + n); q != "" || r.Text("kind-"+n) != "" && i == 0 {
			list = append(list, Question{Kind: assessment.ItemKind(r.Text("kind-" + n)), Question: q, Code: r.Text("code-" + n)})
		}
	}
	_, err := p.service.Ask(r.Context(), r.Call, r.PathValue("ref"), seen(r), list)
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			if errs[i].Name == "" {
				errs[i].Name = "question-1"
			}
		}
		return p.askPage(r, errs)
	}
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Kind == problem.Conflict {
		return p.askPage(r, nhs.Errors{{Name: "question-1", Message: e.Message + " What you typed is below."}})
	}
	return web.SeeOther("/assess/"+r.PathValue("ref"), "Your questions are on the doctor’s page, and the doctor has been told."), err
}

func (p *Pages) judgeItem(r *web.Request) (web.Response, error) {
	id := r.Text("item")
	if said := r.Text("enough-" + id); said != "yes" && said != "no" {
		return p.form(r, nhs.Errors{{Name: "enough-" + id, Message: "Choose if this is enough"}})
	}
	err := p.service.JudgeItem(r.Context(), r.Call, r.PathValue("ref"), id, r.Text("enough-"+id) == "yes", r.Text("words-"+id))
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			errs[i].Name += "-" + id
		}
		return p.form(r, errs)
	}
	return web.SeeOther("/assess/"+r.PathValue("ref")+"#information", "Saved."), err
}

func (p *Pages) closeRound(r *web.Request) (web.Response, error) {
	return web.SeeOther("/assess/"+r.PathValue("ref"), "The questions are closed."), p.service.CloseRound(r.Context(), r.Call, r.PathValue("ref"))
}

func (p *Pages) early(r *web.Request) (web.Response, error) {
	err := p.service.AnswerEarly(r.Context(), r.Call, r.PathValue("ref"), r.Texts("early-codes"), r.Text("early-words"))
	return web.SeeOther("/assess/"+r.PathValue("ref"), "The doctor can read what you found."), err
}

type reviewView struct {
	Key, Action, Seen string
	F                 File
	Review            *Review
	Decision          Decision
	Letter            assessment.Letter
	No                []string
	Errors            nhs.Errors
	Result            string
	Words, Note       string
}

func (p *Pages) reviewing(r *web.Request) (web.Response, error) { return p.reviewPage(r, nil) }

func (p *Pages) reviewPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	f, err := p.service.Open(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v := reviewView{Key: r.Key(), Action: "/assess/" + f.Case.Ref + "/review", Seen: strconv.FormatInt(f.Work.Version, 10), F: f, Errors: errs, Result: r.Text("result"), Words: r.Text("words"), Note: r.Text("note")}
	if i := slices.IndexFunc(f.Reviews, func(r Review) bool { return r.State == ReviewOpen }); i >= 0 {
		v.Review = &f.Reviews[i]
		if j := slices.IndexFunc(f.Decisions, func(d Decision) bool { return d.ID == v.Review.Decision }); j >= 0 {
			v.Decision = f.Decisions[j]
			v.Letter = v.Decision.letter(f.Limits.ReviewDays)
			v.No = assessment.MayReview(given(v.Decision, f.Judgements), r.Call.Actor.Account)
		}
	}
	return web.Page(r, web.PageData{Title: "Review a decision", Caption: "Case " + f.Case.Ref, Back: "/assess/" + f.Case.Ref, Errors: errs, Body: reviewPage(v)}), nil
}

func (p *Pages) review(r *web.Request) (web.Response, error) {
	result := r.Text("result")
	if result == "" {
		return p.reviewPage(r, nhs.Errors{{Name: "result", Message: "Choose what you decide"}})
	}
	d, err := p.service.DecideReview(r.Context(), r.Call, Reviewing{Ref: r.PathValue("ref"), Seen: seen(r), Changed: result != ReviewSame, Outcome: Outcome(result), Words: r.Text("words"), Note: r.Text("note")})
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs {
			if errs[i].Name == "" {
				errs[i].Name = "result"
			}
		}
		return p.reviewPage(r, errs)
	}
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Kind == problem.Conflict {
		return p.reviewPage(r, nhs.Errors{{Name: "result", Message: e.Message}})
	}
	return web.SeeOther("/cases/"+r.PathValue("ref"), "Review decided: "+strings.ToLower(d.Outcome.Words())+". The doctor has been told."), err
}
