package registration

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

func (p *Pages) forecast(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActLadder, "forecast")
	if err != nil {
		return web.Response{}, err
	}
	return p.climbPage(r, v, "When registration can come", forecastBody(v)), nil
}

func (p *Pages) costs(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActLadder, "costs")
	if err != nil {
		return web.Response{}, err
	}
	return p.costsPage(r, v, nil)
}

// payView is the form on which a payment is recorded.
type payView struct {
	climbView
	r      *web.Request
	Key    string
	Errors nhs.Errors
}

func (v payView) value(name string) string { return v.r.Text(name) }

func (v payView) date() nhs.DateField {
	return nhs.DateField{Name: "on", Legend: "When was it paid?", LegendSize: "s", Hint: "For example, 31 3 2026", Error: v.Errors.Of("on"), Day: v.value("on-day"), Month: v.value("on-month"), Year: v.value("on-year")}
}

func (p *Pages) costsPage(r *web.Request, v climbView, errs nhs.Errors) (web.Response, error) {
	if v.Costs.Hidden {
		return web.Response{}, problem.Missing()
	}
	view := payView{climbView: v, r: r, Key: r.Key(), Errors: errs}
	return web.Page(r, web.PageData{Title: "What the way to registration costs", Caption: v.Name, Back: "/registration/" + v.Ref + "/ladder", BackText: "What is needed",
		Wide: true, Errors: errs, Body: climbBody(v, costsBody(view))}), nil
}

// changeCosts records a payment, or takes one back.
func (p *Pages) changeCosts(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	there := "/registration/" + ref + "/costs"
	if id := r.Text("back"); id != "" {
		return web.SeeOther(there, "Taken back"), p.s.TakeBack(r.Context(), r.Call, ref, id)
	}
	var check problem.Check
	on, err := r.Date("on")
	check.Add(err)
	if err != nil {
		on = r.Call.Today // its own message is there already
	}
	pence, err := r.Pence("amount")
	check.Add(err)
	if err != nil {
		pence = 1
	}
	err = gather(&check, p.s.Pay(r.Context(), r.Call, ref, Payment{What: r.Text("what"), On: on, Pence: pence, Payer: r.Text("payer")}))
	if errs, ok := web.FieldErrors(err); ok {
		v, err := p.climbing(r, ActLadder, "costs")
		if err != nil {
			return web.Response{}, err
		}
		return p.costsPage(r, v, errs)
	}
	return web.SeeOther(there, "Saved"), err
}

func (p *Pages) working(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActWorking, "working")
	if err != nil {
		return web.Response{}, err
	}
	if v.hidden() {
		return web.Response{}, problem.Missing()
	}
	records, explained, err := p.s.Working(r.Context(), r.Call, v.Doctor)
	if err != nil {
		return web.Response{}, err
	}
	w := workView{climbView: v, Names: map[string]string{}, Explained: explained}
	for _, f := range records {
		on := "no day given"
		if !f.On.IsZero() {
			on = f.On.Long()
		}
		text := fact.Words(f.Kind) + ": " + fact.Summary(p.s.facts.Schema(), f) + " (" + on + ", " + strings.ToLower(fact.StateWords(f.State)) + ")"
		w.Names[f.ID] = text
		w.Facts = append(w.Facts, text)
	}
	return p.climbPage(r, v, "How this was worked out", workingBody(w)), nil
}

// workView is the working of one ladder: the facts in words, by id and in the
// order in which the rules read them.
type workView struct {
	climbView
	Names     map[string]string
	Facts     []string
	Explained rulebook.Explanation
}

// dateOr writes a date, or that it cannot be told.
func dateOr(d clock.Date, other string) string {
	if d.IsZero() {
		return other
	}
	return d.Long()
}

// month writes the month of a date: a forecast to the day would promise more
// than anybody knows.
func month(d clock.Date) string {
	if d.IsZero() {
		return "Not known"
	}
	return d.Month().String() + " " + strconv.Itoa(d.Year())
}

func (v climbView) stats() nhs.Stats {
	f := v.Ladder.Forecast
	return nhs.Stats{{Label: "Earliest", Value: month(f.Earliest), Definition: "If every step takes as little time as it can and every exam is passed at the next try."},
		{Label: "Likely", Value: month(f.Likely), Definition: "If steps take as long as they usually do."},
		{Label: "Late", Value: month(f.Latest), Definition: "If steps take long. Not known where nobody has said how long a step can take."}}
}

func (v climbView) pathTable() nhs.Table {
	t := nhs.Table{Caption: "The steps that decide the date", CaptionSize: "m", Responsive: true, Classes: "msw-whole-words", FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Step"}, {Text: "Can begin"}, {Text: "Takes"}, {Text: "Done, likely"}, {Text: "Why"}}}
	for _, l := range v.Ladder.Forecast.CriticalPath {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: l.Title}, {Text: month(l.From)}, {Text: takes(l)}, {Text: month(l.Likely)}, {Text: orNone(l.Why)}})
	}
	return t
}

func takes(l Leg) string {
	if !l.Known || l.Usual < 0 {
		return "Not known"
	}
	if l.Short >= 0 && l.Long >= 0 && l.Short != l.Long {
		return strconv.Itoa(l.Short) + " to " + strconv.Itoa(l.Long) + " days, usually " + strconv.Itoa(l.Usual)
	}
	return strconv.Itoa(l.Usual) + " days"
}

func (v climbView) costTable(paid bool, caption string) nhs.Table {
	t := nhs.Table{Caption: caption, CaptionSize: "m", Responsive: true, Classes: "msw-whole-words", FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "What"}, {Text: "When"}, {Text: "Without help", Numeric: true}, {Text: "Help with the fee"}, {Text: "To pay", Numeric: true}, {Text: "Who pays"}}}
	if paid {
		t.Head[4].Text = "Paid"
	}
	for _, l := range v.Costs.Lines {
		if l.Paid != paid {
			continue
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Body: costName(l)}, {Text: dateOr(l.On, "Not known")}, {Text: amount(l.Full), Format: "numeric"},
			{Text: orNone(l.Concession)}, {Text: amount(l.Pence), Format: "numeric"}, {Text: orNone(l.Payer)}})
	}
	return t
}

// amount writes an amount in a column of amounts.
func amount(pence int64) string {
	if pence < 0 {
		return "Not known"
	}
	return pounds(pence)
}

// markWords says how sure a source is.
func markWords(m rulebook.Mark) string {
	if m == rulebook.SetByUs {
		return "set by this programme"
	}
	return string(m)
}

// known says how sure a fee is.
func (l CostLine) known() string {
	text := markWords(l.Mark)
	if l.Says != "" {
		text = l.Says + " (" + text + ")"
	}
	return text
}

func orNone(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func (v climbView) costRows() []nhs.SummaryRow {
	toPay := pounds(v.Costs.ToPay)
	if v.Costs.ToPay == 0 && v.Costs.Open > 0 {
		toPay = "Not known yet" // nought would be read as nothing to pay
	}
	rows := []nhs.SummaryRow{{Key: "Paid so far", Value: pounds(v.Costs.Spent)}, {Key: "Still to pay, as far as known", Value: toPay}}
	if v.Costs.Again > 0 {
		rows = append(rows, nhs.SummaryRow{Key: "On top, if what lapses has to be done again", Value: pounds(v.Costs.Again)})
	}
	if v.Costs.Saved > 0 {
		rows = append(rows, nhs.SummaryRow{Key: "Saved by help with fees", Value: pounds(v.Costs.Saved)})
	}
	if v.Costs.Unknown > 0 {
		rows = append(rows, nhs.SummaryRow{Key: "Fees that are not known yet", Value: strconv.Itoa(v.Costs.Unknown)})
	}
	return rows
}

// trial is the what-if form as typed, and what it would move.
type trial struct {
	climbView
	r       *web.Request
	Key     string
	Options []nhs.Option
	Errors  nhs.Errors
	Moves   *Difference
	Said    []string // what was tried
}

// trialRows is how many changes can be tried together.
const trialRows = 2

func (v trial) value(name string) string { return v.r.Text(name) }

// trials are the changes one can try besides moving what is recorded.
func trials() []nhs.Option {
	return []nhs.Option{
		{Value: "plab1-passed", Label: "PLAB 1 passed on"}, {Value: "plab1-failed", Label: "PLAB 1 not passed on"}, {Value: "plab1-booked", Label: "PLAB 1 booked for"},
		{Value: "plab2-passed", Label: "PLAB 2 passed on"}, {Value: "plab2-failed", Label: "PLAB 2 not passed on"}, {Value: "plab2-booked", Label: "PLAB 2 booked for"},
		{Value: "english-passed", Label: "English test passed on"}, {Value: "english-failed", Label: "English test not good enough on"},
		{Value: "standing", Label: "Certificate of good standing signed on"}, {Value: "application", Label: "Application sent to the GMC on"},
		{Value: "permission", Label: "Permission to work runs until"}, {Value: "contract", Label: "Contract runs until"}, {Value: "funding", Label: "Money for the post runs until"},
	}
}

func (p *Pages) trialView(r *web.Request, v climbView) (trial, []fact.Record, error) {
	t := trial{climbView: v, r: r, Key: r.Key(), Options: trials()}
	if v.hidden() {
		return t, nil, problem.Missing()
	}
	records, err := p.s.facts.For(r.Context(), r.Call.Actor.Tenant, v.Doctor)
	if err != nil {
		return t, nil, err
	}
	for _, f := range records {
		switch f.Kind {
		case fact.Exam, fact.EnglishTest, fact.Step, fact.GoodStanding:
			t.Options = append(t.Options, nhs.Option{Value: "fact:" + f.ID, Label: "Moved to another day: " + fact.Words(f.Kind) + ", " + fact.Summary(p.s.facts.Schema(), f) + ", " + f.On.Long()})
		}
	}
	return t, records, nil
}

func (p *Pages) whatIf(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActWorking, "what-if")
	if err != nil {
		return web.Response{}, err
	}
	t, _, err := p.trialView(r, v)
	if err != nil {
		return web.Response{}, err
	}
	return p.trialPage(r, t), nil
}

func (p *Pages) trialPage(r *web.Request, t trial) web.Response {
	return web.Page(r, web.PageData{Title: "What if?", Caption: t.Name, Back: "/registration/" + t.Ref + "/ladder", BackText: "What is needed", Errors: t.Errors,
		Body: climbBody(t.climbView, whatIfBody(t))})
}

// tryOut works out what was typed and shows it; nothing is saved.
func (p *Pages) tryOut(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActWorking, "what-if")
	if err != nil {
		return web.Response{}, err
	}
	t, records, err := p.trialView(r, v)
	if err != nil {
		return web.Response{}, err
	}
	changes, err := t.changes(records)
	var moved Difference
	if err == nil {
		_, moved, err = p.s.WhatIf(r.Context(), r.Call, r.PathValue("ref"), changes...)
	}
	if errs, ok := web.FieldErrors(err); ok {
		t.Errors = errs
		return p.trialPage(r, t), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	t.Moves = &moved
	return p.trialPage(r, t), nil
}

// changes reads the form. A line without a choice is left out.
func (t *trial) changes(records []fact.Record) ([]Change, error) {
	var check problem.Check
	var out []Change
	post := Post{}
	if in := t.Ladder.in; in != nil {
		post = in.Post
	}
	for i := range trialRows {
		n := strconv.Itoa(i + 1)
		what := t.r.Text("what" + n)
		if what == "" {
			continue
		}
		on, err := t.r.Date("on" + n)
		check.Add(err)
		check.That(err != nil || !on.IsZero(), "on"+n, "Enter the date to try")
		c, ok := changeOf(what, on, records, &post)
		check.That(ok, "what"+n, "Choose what to try from the list")
		out = append(out, c)
		for _, o := range t.Options {
			if o.Value == what {
				t.Said = append(t.Said, o.Label+" "+on.Long())
			}
		}
	}
	check.That(len(out) > 0, "what1", "Choose what to try")
	return out, check.Err()
}

// best and worst are scores at the ends of the scale, so that a trial says how
// it went and not how well.
const best, worst = 90, 0

func changeOf(what string, on clock.Date, records []fact.Record, post *Post) (Change, bool) {
	if id, ok := strings.CutPrefix(what, "fact:"); ok {
		i := slices.IndexFunc(records, func(f fact.Record) bool { return f.ID == id })
		return Change{Fact: id, On: on}, i >= 0
	}
	exam := func(name, outcome string) (Change, bool) {
		return Change{Kind: fact.Exam, On: on, Fields: map[string]any{"name": name, "outcome": outcome}}, true
	}
	english := func(outcome string, score int64) (Change, bool) {
		fields := map[string]any{"test": "IELTS", "outcome": outcome}
		for _, part := range []string{"overall", "listening", "reading", "writing", "speaking"} {
			fields[part] = score
		}
		return Change{Kind: fact.EnglishTest, On: on, Fields: fields}, true
	}
	name, outcome, _ := strings.Cut(what, "-")
	switch what {
	case "plab1-passed", "plab1-failed", "plab1-booked", "plab2-passed", "plab2-failed", "plab2-booked":
		return exam(strings.ToUpper(name), outcome)
	case "english-passed":
		return english("passed", best)
	case "english-failed":
		return english("failed", worst)
	case "standing":
		return Change{Kind: fact.GoodStanding, On: on, Fields: map[string]any{"certificate": "signed"}}, true
	case "application":
		return Change{Kind: fact.Step, On: on, Fields: map[string]any{"name": "application", "outcome": "sent"}}, true
	case "permission":
		return permissionUntil(on, records)
	case "contract":
		post.Ends = on
	case "funding":
		post.Funded = on
	default:
		return Change{}, false
	}
	return Change{Post: post}, true
}

// permissionUntil is the present permission with another last day.
func permissionUntil(on clock.Date, records []fact.Record) (Change, bool) {
	for i := len(records) - 1; i >= 0; i-- {
		if f := records[i]; f.Kind == fact.RightToWork {
			return Change{Fact: f.ID, On: f.On, Until: on}, true
		}
	}
	return Change{Kind: fact.RightToWork, Until: on, Fields: map[string]any{"may_work": true}}, true
}

func (t trial) movedTable() nhs.Table {
	table := nhs.Table{Caption: "What would be different", CaptionSize: "m", Responsive: true, Classes: "msw-whole-words", FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "What"}, {Text: "Now"}, {Text: "Then"}, {Text: "Better or worse"}}}
	for _, m := range t.Moves.Moved {
		tag := nhs.Tag{Text: "Different", Colour: "blue"}
		if m.Worse {
			tag = nhs.Tag{Text: "Worse", Colour: "red"}
		}
		if m.Better {
			tag = nhs.Tag{Text: "Better", Colour: "green"}
		}
		table.Rows = append(table.Rows, []nhs.Cell{{Text: m.What}, {Text: orNone(m.From)}, {Text: orNone(m.To)}, {Body: tag}})
	}
	return table
}

func (t trial) dateField(n string) nhs.DateField {
	return nhs.DateField{Name: "on" + n, Legend: "Which day?", LegendSize: "s", Hint: "For example, 31 3 2027", Error: t.Errors.Of("on" + n),
		Day: t.value("on" + n + "-day"), Month: t.value("on" + n + "-month"), Year: t.value("on" + n + "-year")}
}

func (t trial) selectField(n, label string) nhs.SelectField {
	return nhs.SelectField{Name: "what" + n, Label: label, LabelSize: "s", Empty: "Choose one", Options: t.Options, Value: t.value("what" + n), Error: t.Errors.Of("what" + n)}
}
