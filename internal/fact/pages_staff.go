package fact

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// panelView is the facts of a case as one actor may see them.
type panelView struct {
	Ref     string
	Records []Record
	Months  Months
	Schema  *rulebook.Schema
	Enter   bool
	Verify  bool
	Actor   access.Actor
}

// Panel is the table of facts on the case page, each with how well it is
// proved; nothing for an actor who may see none.
func (p *Pages) Panel(ctx context.Context, call access.Call, id string) (templ.Component, error) {
	if err := p.s.May(ctx, call, ActRead, id); err != nil {
		return nil, nil //nolint:nilerr // a no means: no panel
	}
	records, err := p.s.For(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	as, err := p.s.reader(ctx, call, id)
	if err != nil {
		return nil, err
	}
	records = VisibleTo(as, records)
	names, err := p.people.Names(ctx, call.Actor.Tenant, []string{id})
	if err != nil {
		return nil, err
	}
	v := panelView{Actor: call.Actor, Ref: names[id].Ref, Records: records, Months: Count(records), Schema: p.s.schema,
		Enter:  call.Actor.Doctor != id && p.s.May(ctx, call, ActEnter, id) == nil,
		Verify: call.Actor.Doctor != id && p.s.May(ctx, call, ActVerify, id) == nil}
	if len(records) == 0 && !v.Enter {
		return nil, nil
	}
	slices.SortStableFunc(v.Records, func(a, b Record) int { return order(a.Kind) - order(b.Kind) })
	return v.body(), nil
}

func order(kind string) int {
	return slices.Index([]string{Qualification, Experience, Practice, EnglishTest, English, Exam, Registration, RightToWork, Residence, Identity, Step, GoodStanding, Activity, Route, Decided, Contact, Placement}, kind)
}

func (v panelView) table() nhs.Table {
	t := nhs.Table{Caption: "What we know, and how well it is proved", HiddenCaption: true, Responsive: true, Classes: "msw-whole-words",
		Head: []nhs.Head{{Text: "Fact"}, {Text: "What it says"}, {Text: "Date"}, {Text: "Proof"}}}
	if v.Verify {
		t.Head = append(t.Head, nhs.Head{Text: "Check"})
	}
	for _, r := range v.Records {
		tag := StateTag(r.State)
		row := []nhs.Cell{{Text: Words(r.Kind)}, {Text: Summary(v.Schema, r)}, {Text: dates(r)}, {Body: tag}}
		if v.Verify && maySay(v.Actor, r.Doctor, r.Kind) != nil {
			row = append(row, nhs.Cell{})
		} else if v.Verify {
			row = append(row, nhs.Cell{Text: "Check", Href: "/cases/" + v.Ref + "/facts/" + r.ID, VisuallyHiddenText: Words(r.Kind)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// enterView is the staff form for one fact.
type enterView struct {
	Key, Path string
	Part      part
	State     string
	Note      string
	Errors    nhs.Errors
	Countries []nhs.Option
	MayVerify bool
	Kinds     []nhs.Option // offered when no kind is chosen yet
}

func (p *Pages) doctor(r *web.Request) (id, home string, err error) {
	ref := r.PathValue("ref")
	id, err = p.people.ByRef(r.Context(), r.Call.Actor.Tenant, ref)
	if err != nil {
		return "", "", err
	}
	return id, "/cases/" + ref, p.s.May(r.Context(), r.Call, ActEnter, id)
}

func (p *Pages) add(r *web.Request) (web.Response, error) {
	id, home, err := p.doctor(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.enterPage(r, id, home, p.blank(r, id, home, r.Text("kind"))), nil
}

func (p *Pages) blank(r *web.Request, id, home, kind string) enterView {
	v := enterView{Key: r.Key(), Path: home + "/facts/new", State: rulebook.Seen.String(), Countries: countries(),
		MayVerify: p.s.May(r.Context(), r.Call, ActVerify, id) == nil}
	_, known := p.s.schema.Kind(kind)
	open := func(kind string) bool {
		_, visible := Visible(r.Call.Actor, id, kind, map[string]any{"outcome": "passed"})
		return visible && maySay(r.Call.Actor, id, kind) == nil
	}
	if !known || !open(kind) {
		for _, k := range p.s.schema.Kinds() {
			if open(k.Name) {
				v.Kinds = append(v.Kinds, nhs.Option{Value: k.Name, Label: Words(k.Name)})
			}
		}
		return v
	}
	v.Part = part{Kind: kind, Questions: questions(p.s.schema, kind, true), Values: map[string]string{}, Chosen: map[string][]string{}, ShowQuestions: true}
	return v
}

func (p *Pages) enterPage(r *web.Request, _ string, home string, v enterView) web.Response {
	title := "Add a fact"
	if v.Part.Kind != "" {
		title = Words(v.Part.Kind)
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Case " + r.PathValue("ref"), Back: home, Errors: v.Errors, Body: enterBody(v)})
}

func (p *Pages) saveNew(r *web.Request) (web.Response, error) {
	id, home, err := p.doctor(r)
	if err != nil {
		return web.Response{}, err
	}
	v := p.blank(r, id, home, r.Text("kind"))
	return p.keep(r, id, home, v, func(n NewFact) error {
		_, err := p.s.Record(r.Context(), r.Call, n)
		return err
	})
}

// keep reads the staff form and saves it, or shows it again.
func (p *Pages) keep(r *web.Request, id, home string, v enterView, save func(NewFact) error) (web.Response, error) {
	if v.Part.Kind == "" {
		v.Errors = nhs.Errors{{Name: "kind", Message: "Choose what you want to add"}}
		return p.enterPage(r, id, home, v), nil
	}
	n, empty, err := answers(r, v.Part.Kind, "", v.Part.Questions)
	var check problem.Check
	check.Add(err)
	check.That(!empty || err != nil, v.Part.Questions[0].Name, "Answer at least one question")
	v.State, v.Note = r.Text("state"), r.Text("note")
	n.Doctor, n.Note, n.Source = id, v.Note, "staff"
	if v.MayVerify {
		state, stateErr := rulebook.ParseState(v.State)
		check.That(stateErr == nil, "state", "Choose how well it is proved")
		n.State = state
	}
	if err = check.Err(); err == nil {
		err = save(n)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		v.Part.retype(r)
		return p.enterPage(r, id, home, v), nil
	}
	return web.SeeOther(home, "Saved"), err
}

// checkView is one fact as staff check it.
type checkView struct {
	Key, Path string
	Record    Record
	Lines     []line
	Verify    bool
	Seal      bool
	Errors    nhs.Errors
}

func (p *Pages) one(r *web.Request) (rec Record, home string, err error) {
	id, home, err := p.doctor(r)
	if err != nil {
		return rec, home, err
	}
	rec, err = p.s.one(r.Context(), r.Call.Actor.Tenant, r.PathValue("fact"))
	if err != nil {
		return rec, home, err
	}
	as, err := p.s.reader(r.Context(), r.Call, id)
	if err != nil {
		return rec, home, err
	}
	seen, ok := rec.For(as)
	if !ok || rec.Doctor != id {
		return rec, home, problem.Missing()
	}
	return seen, home, nil
}

func (p *Pages) check(r *web.Request) (web.Response, error) {
	rec, home, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.checkPage(r, rec, home, nil), nil
}

func (p *Pages) checkPage(r *web.Request, rec Record, home string, errs nhs.Errors) web.Response {
	v := checkView{Key: r.Key(), Path: home + "/facts/" + rec.ID, Record: rec, Lines: lines(p.s.schema, rec), Errors: errs,
		Verify: rec.Live() && p.s.mayProve(r.Context(), r.Call, rec.Doctor) == nil && maySay(r.Call.Actor, rec.Doctor, rec.Kind) == nil,
		Seal:   rec.Note != "" && !rec.NoteSealed && p.s.May(r.Context(), r.Call, ActSeal, rec.Doctor) == nil}
	return web.Page(r, web.PageData{Title: Words(rec.Kind), Caption: "Case " + r.PathValue("ref"), Back: home, Errors: errs, Body: checkBody(v)})
}

func (p *Pages) saveCheck(r *web.Request) (web.Response, error) {
	rec, home, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	state, wrong := rulebook.ParseState(r.Text("state"))
	if wrong != nil {
		return p.checkPage(r, rec, home, nhs.Errors{{Name: "state", Message: "Choose how well it is proved"}}), nil
	}
	version, err := strconv.Atoi(r.Text("version"))
	if err != nil {
		return web.Response{}, problem.Stale()
	}
	return web.SeeOther(home, "Saved"), p.s.verify(r.Context(), r.Call, rec.ID, state, version, p.s.mayHaveAsked)
}

func (p *Pages) changing(r *web.Request) (enterView, Record, string, error) {
	rec, home, err := p.one(r)
	if err != nil {
		return enterView{}, rec, home, err
	}
	v := p.blank(r, rec.Doctor, home, rec.Kind)
	v.Path, v.State, v.Note = home+"/facts/"+rec.ID+"/change", rec.State.String(), rec.Note
	v.Part.fill(rec)
	return v, rec, home, nil
}

func (p *Pages) change(r *web.Request) (web.Response, error) {
	v, rec, home, err := p.changing(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.enterPage(r, rec.Doctor, home, v), nil
}

func (p *Pages) saveChange(r *web.Request) (web.Response, error) {
	v, rec, home, err := p.changing(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.keep(r, rec.Doctor, home, v, func(n NewFact) error {
		_, err := p.s.Supersede(r.Context(), r.Call, rec.ID, n)
		return err
	})
}

func (p *Pages) seal(r *web.Request) (web.Response, error) {
	rec, home, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(home, "Sealed. Only the doctor can read that text now."), p.s.SealNarrative(r.Context(), r.Call, rec.ID)
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	rec, home, err := p.one(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(home, "Taken back"), p.s.Withdraw(r.Context(), r.Call, rec.ID)
}

func stateOptions() []nhs.Option {
	var out []nhs.Option
	for _, s := range []rulebook.State{rulebook.Claimed, rulebook.Seen, rulebook.Verified, rulebook.Refused} {
		out = append(out, nhs.Option{Value: s.String(), Label: StateWords(s), Hint: stateHint(s)})
	}
	return out
}

func stateHint(s rulebook.State) string {
	switch s {
	case rulebook.Claimed:
		return "The doctor or the referrer said so"
	case rulebook.Seen:
		return "You have seen the document, or a copy of it"
	case rulebook.Verified:
		return "The place that issued it, or a register, confirmed it"
	case rulebook.Refused:
		return "You looked at the evidence and it does not hold"
	}
	return ""
}

func (v checkView) rows() []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	for _, l := range v.Lines {
		rows = append(rows, nhs.SummaryRow{Key: l.Label, Value: l.Value})
	}
	rows = append(rows, nhs.SummaryRow{Key: "Proof", Body: StateTag(v.Record.State)})
	if v.Record.Source != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Told by", Value: sourceWords(v.Record.Source)})
	}
	rows = append(rows, nhs.SummaryRow{Key: "Recorded", Value: v.Record.RecordedAt.Local().Long()})
	if v.Record.NoteSealed {
		rows = append(rows, nhs.SummaryRow{Key: "Note", Value: "Sealed: only the doctor can read it"})
	} else if v.Record.Note != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Note", Value: v.Record.Note})
	}
	return rows
}

func (v checkView) version() string { return strconv.Itoa(v.Record.Version) }

// sourceWords says where a fact came from, without the id of the record that
// told it.
func sourceWords(source string) string {
	kind, _, _ := strings.Cut(source, ":")
	switch kind {
	case "referral":
		return "A referral"
	case "application":
		return "The doctor's application"
	}
	return source
}
