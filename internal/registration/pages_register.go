package registration

import (
	"strconv"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// registerRoutes are the pages of differences from the register extract.
func (p *Pages) registerRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/register-differences", Action: ActDifferences, Handle: p.queue},
		{Method: "GET", Pattern: "/register-differences/{id}", Action: ActDifferences, Handle: func(r *web.Request) (web.Response, error) { return p.difference(r, nil) }},
		{Method: "POST", Pattern: "/register-differences/{id}/snooze", Action: ActSettle, Handle: p.snooze},
		{Method: "POST", Pattern: "/register-differences/{id}/answer", Action: ActSettle, Handle: p.answer},
		{Method: "POST", Pattern: "/register-differences/{id}/agree", Action: ActSettle, Handle: p.agree},
	}
}

type queueView struct {
	Queue
	Show, More string
	Today      clock.Date
}

func (p *Pages) queue(r *web.Request) (web.Response, error) {
	q := QueueQuery{Show: r.Text("show"), After: r.After(2)}
	switch q.Show {
	case ShowSecond, ShowSnoozed, ShowSettled:
	default:
		q.Show = ShowWaiting
	}
	found, err := p.s.Queue(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := queueView{Queue: found, Show: q.Show, Today: r.Call.Today}
	if found.Next {
		last := found.Rows[len(found.Rows)-1]
		v.More = r.NextPage(last.Due.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Differences with the GMC register", Caption: "Registration", Wide: true, Body: queuePage(v)}), nil
}

type differenceView struct {
	DifferenceSight
	r      *web.Request
	Key    string
	Later  string // the key of the second form
	Errors nhs.Errors
	Today  clock.Date
}

func (p *Pages) difference(r *web.Request, errs nhs.Errors) (web.Response, error) {
	d, err := p.s.Difference(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := differenceView{DifferenceSight: d, r: r, Key: r.Key(), Later: r.Key(), Errors: errs, Today: r.Call.Today}
	return web.Page(r, web.PageData{Title: d.Name, Caption: "Difference with the GMC register", Back: "/register-differences", BackText: "All differences", Errors: errs, Body: differencePage(v)}), nil
}

// settle answers a form of one difference.
func (p *Pages) settle(r *web.Request, said string, err error) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.difference(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/register-differences/"+r.PathValue("id"), said), nil
}

func (p *Pages) snooze(r *web.Request) (web.Response, error) {
	var check problem.Check
	until, err := r.Date("until")
	check.Add(err)
	if err != nil {
		until = r.Call.Today.AddDays(1) // its own message is there already
	}
	version, _ := r.Int("version")
	err = p.s.Snooze(r.Context(), r.Call, Snooze{ID: r.PathValue("id"), Version: version, Until: until, Reason: r.Text("reason"), Note: r.Text("snooze-note")})
	return p.settle(r, "Put off until "+until.Long(), rename(gather(&check, err), "note", "snooze-note"))
}

// rename moves a message to the field that the form has for it.
func rename(err error, from, to string) error {
	if p, ok := err.(*problem.Error); ok {
		for i := range p.Fields {
			if p.Fields[i].Name == from {
				p.Fields[i].Name = to
			}
		}
	}
	return err
}

func (p *Pages) answer(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	err := p.s.Answer(r.Context(), r.Call, Settlement{ID: r.PathValue("id"), Version: version, Way: r.Text("way"), Note: r.Text("note")})
	return p.settle(r, "Saved. A second person must agree now.", err)
}

func (p *Pages) agree(r *web.Request) (web.Response, error) {
	version, _ := r.Int("version")
	back := r.Text("decision") == "back"
	said := "Settled"
	if back {
		said = "Sent back. It waits for an answer again."
	}
	return p.settle(r, said, p.s.Agree(r.Context(), r.Call, r.PathValue("id"), version, back))
}

func (v differenceView) version() string { return strconv.Itoa(v.Version) }

func (v differenceView) rows() [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, d := range v.Differences {
		rows = append(rows, []nhs.Cell{{Text: d.What}, {Text: d.Ours}, {Text: d.Theirs}})
	}
	return rows
}

// turn says in words whom a disagreement waits for.
func (d Disagreement) turn(today clock.Date) string {
	switch {
	case d.State == DifferenceSettled:
		return "Nobody"
	case d.State == DifferenceAnswered:
		return "A second person of the team"
	case d.Snoozed(today) && d.Reason == "new_extract":
		return "The next extract"
	case d.Snoozed(today) && d.Turn == "gmc":
		return "The GMC"
	case d.Snoozed(today) && d.Turn == "doctor":
		return "The doctor"
	case d.Snoozed(today):
		return "Nobody until " + d.Due.Long()
	}
	return "The team"
}

func (d Disagreement) tag(today clock.Date) nhs.Tag {
	switch {
	case d.State == DifferenceSettled:
		return nhs.Tag{Text: "Settled", Colour: "green"}
	case d.State == DifferenceAnswered:
		return nhs.Tag{Text: "Waits for a second person", Colour: "yellow"}
	case d.Snoozed(today):
		return nhs.Tag{Text: "Put off", Colour: "grey"}
	}
	return nhs.Tag{Text: "Waits for the team", Colour: "red"}
}

func (d Disagreement) whats() string {
	text := ""
	for i, x := range d.Differences {
		if i > 0 {
			text += ", "
		}
		text += x.What
	}
	return text
}

func (v queueView) rows() [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, d := range v.Rows {
		day := d.Opened
		if v.Show == ShowSettled {
			day = d.SettledOn
		} else if v.Show == ShowSnoozed {
			day = d.Due
		}
		rows = append(rows, []nhs.Cell{{Text: d.Name, Href: "/register-differences/" + d.ID}, {Text: d.whats()}, {Text: day.Long()}, {Text: d.turn(v.Today)}})
	}
	return rows
}

func (v queueView) head() []nhs.Head {
	day := map[string]string{ShowSettled: "Settled", ShowSnoozed: "Comes back"}[v.Show]
	if day == "" {
		day = "Since"
	}
	return []nhs.Head{{Text: "Doctor"}, {Text: "What differs"}, {Text: day}, {Text: "Whose turn"}}
}

func (v queueView) empty() (heading, text string) {
	switch v.Show {
	case ShowSecond:
		return "Nothing waits for a second person", "When somebody says how a difference is settled, a second person finds it here."
	case ShowSnoozed:
		return "Nothing is put off", "Differences that can wait until a day come here, and back to the team on that day."
	case ShowSettled:
		return "Nothing was settled yet", "Every settled difference is kept here with how it was settled and by whom."
	}
	if !v.Any {
		return "No register extract was taken in", "When an extract of the GMC register is imported, each doctor's entry is compared with what two people read. Where they differ, it comes here."
	}
	return "No differences", "What two people read and the extract of " + v.Newest.AsAt.Long() + " say the same of every doctor, or somebody is at work on it."
}

func besideCells(lines []BesideLine) [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, l := range lines {
		same := nhs.Cell{Text: "Same"}
		switch {
		case l.Differs:
			same = nhs.Cell{Body: nhs.Tag{Text: "Differs", Colour: "red"}}
		case l.Theirs == "Not said":
			same = nhs.Cell{Text: "–"}
		}
		rows = append(rows, []nhs.Cell{{Text: l.What}, {Text: l.Ours}, {Text: l.Theirs}, same})
	}
	return rows
}
