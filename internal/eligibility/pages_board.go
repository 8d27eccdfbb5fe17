package eligibility

import (
	"slices"
	"strconv"

	"msw/internal/doctor"
	"msw/internal/document"
	"msw/internal/eligibility/assessment"
	"msw/internal/nhs"
	"msw/internal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

// boardRoutes lists the routes of the boards.
func (p *Pages) boardRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/assessments", Action: ActBoard, Handle: p.queue},
		{Method: "GET", Pattern: "/assessments/figures", Action: ActBoard, Handle: p.figures},
		{Method: "GET", Pattern: "/assessments/faults", Action: ActBoard, Handle: p.faults},
		{Method: "POST", Pattern: "/assessments/faults/{ref}", Action: ActDecide, Handle: p.mend},
	}
}

type queueView struct {
	Queue
	Query          QueueQuery
	Mine           bool
	Numbers, Files bool // may see what two people share
	More           string
}

func (p *Pages) queue(r *web.Request) (web.Response, error) {
	q := QueueQuery{Turn: r.Text("turn"), Step: assessment.Step(r.Text("step")), After: r.After(3)}
	if !slices.ContainsFunc(assessment.Turns(), func(t [2]string) bool { return t[0] == q.Turn }) {
		q.Turn = "assessor"
	}
	if !q.Step.Known() {
		q.Step = ""
	}
	if r.Bool("mine") {
		q.Assessor = r.Call.Actor.Account
	}
	found, err := p.service.Queue(r.Context(), r.Call, q, p.names)
	if err != nil {
		return web.Response{}, err
	}
	v := queueView{Queue: found, Query: q, Mine: q.Assessor != "", Numbers: r.May(doctor.ActCompare), Files: r.May(document.ActSame)}
	if found.Next != nil {
		v.More = r.NextPage(found.Next...)
	}
	return web.Page(r, web.PageData{Title: "Applications to assess", Back: "/home", Wide: true, Body: queuePageBody(v)}), nil
}

func turnOptions() []nhs.Option {
	var out []nhs.Option
	for _, t := range assessment.Turns() {
		out = append(out, nhs.Option{Value: t[0], Label: t[1]})
	}
	return out
}

func stepOptions() []nhs.Option {
	var out []nhs.Option
	for _, s := range assessment.Steps() {
		out = append(out, nhs.Option{Value: string(s), Label: s.Words()})
	}
	return out
}

func lightTag(l assessment.Light, age, target int) nhs.Tag {
	text := daysWords(age)
	switch l {
	case assessment.Red:
		return nhs.Tag{Text: text + ", late", Colour: "red"}
	case assessment.Amber:
		return nhs.Tag{Text: text + ", nearly late", Colour: "orange"}
	}
	if target == 0 {
		return nhs.Tag{Text: text, Colour: "grey"}
	}
	return nhs.Tag{Text: text, Colour: "green"}
}

type figuresView struct{ Board }

// sum is how many applications are at a step, whoever has them.
func sum(list []Total, s assessment.Step) (n int) {
	for _, t := range list {
		if t.Step == s {
			n += t.Cases
		}
	}
	return n
}

// people lists who has applications, those with most first.
func people(list []Total) (ids []string, by map[string]int) {
	by = map[string]int{}
	for _, t := range list {
		if _, found := by[t.Assessor]; !found {
			ids = append(ids, t.Assessor)
		}
		by[t.Assessor] += t.Cases
	}
	slices.SortStableFunc(ids, func(a, b string) int { return by[b] - by[a] })
	return ids, by
}

func (p *Pages) figures(r *web.Request) (web.Response, error) {
	b, err := p.service.Board(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "How assessment goes", Back: "/assessments", Wide: true, Body: figuresPage(figuresView{b})}), nil
}

type faultsView struct {
	Rows []FaultRow
	More string
	Key  string
	May  bool
}

func (p *Pages) faults(r *web.Request) (web.Response, error) {
	rows, next, err := p.service.Faults(r.Context(), r.Call, r.After(2))
	if err != nil {
		return web.Response{}, err
	}
	v := faultsView{Rows: rows, Key: r.Key(), May: r.May(ActDecide)}
	if next != nil {
		v.More = r.NextPage(next...)
	}
	return web.Page(r, web.PageData{Title: "Cases in a state that cannot be", Back: "/assessments", Wide: true, Body: faultsPage(v)}), nil
}

func (p *Pages) mend(r *web.Request) (web.Response, error) {
	return web.SeeOther("/assessments/faults", "Put right. The case and the queue agree again."), p.service.Mend(r.Context(), r.Call, r.PathValue("ref"), r.Text("kind"))
}
