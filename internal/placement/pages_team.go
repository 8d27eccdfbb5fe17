package placement

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// teamRoutes are the addresses of the employer's and the region's view, and of
// the lists that hosts sign.
func (p *Pages) teamRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/team", Action: ActTeam, Handle: p.team},
		{Method: "GET", Pattern: "/team/hosts", Action: ActTeam, Handle: p.hosts},
		{Method: "GET", Pattern: "/lists", Action: ActRoll, Handle: p.lists},
		{Method: "GET", Pattern: "/lists/{id}", Action: ActRoll, Handle: p.roll},
		{Method: "POST", Pattern: "/lists/{id}", Action: ActRollSign, Handle: p.signRoll},
	}
}

type teamView struct {
	Levels bool // may say at which level tasks are done here
	Team
	Query Query
	Next  string
	Today clock.Date
}

func (p *Pages) team(r *web.Request) (web.Response, error) {
	q := Query{Light: r.Text("light"), Host: r.Text("host"), After: r.After(2), Limit: pageSize + 1}
	t, err := p.s.LookTeam(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := teamView{Levels: r.May(ActLevels), Team: t, Query: q, Today: r.Call.Today}
	if len(v.Rows) > pageSize {
		v.Rows = v.Rows[:pageSize]
		last := v.Rows[pageSize-1]
		v.Next = r.NextPage(last.StartedOn.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "How people in post are doing", Caption: "Medical Support Workers", Wide: true, Body: teamPage(v)}), nil
}

func (p *Pages) hosts(r *web.Request) (web.Response, error) {
	after := ""
	if keys := r.After(1); len(keys) == 1 {
		after = keys[0]
	}
	list, err := p.s.HostTotals(r.Context(), r.Call, after)
	if err != nil {
		return web.Response{}, err
	}
	next := ""
	if len(list) > mostHosts {
		list = list[:mostHosts]
		next = r.NextPage(list[mostHosts-1].Host)
	}
	return web.Page(r, web.PageData{Title: "Hosts", Caption: "How people in post are doing", Back: "/team", BackText: "People", Wide: true, Body: hostsPage(list, next)}), nil
}

type listsView struct {
	Rolls  []Roll
	Places map[string]post.Place
	Next   string
	Today  clock.Date
}

func (p *Pages) lists(r *web.Request) (web.Response, error) {
	list, places, err := p.s.Rolls(r.Context(), r.Call, r.After(2), pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := listsView{Rolls: list, Places: places, Today: r.Call.Today}
	if len(list) > pageSize {
		v.Rolls = list[:pageSize]
		last := v.Rolls[pageSize-1]
		v.Next = r.NextPage(last.Ends.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Lists to sign", Caption: "People in post, by quarter", Wide: true, Body: listsPage(v)}), nil
}

type rollView struct {
	RollSight
	Key              string
	Today            clock.Date
	Errors           nhs.Errors
	Name, Role, Text string
}

func (p *Pages) roll(r *web.Request) (web.Response, error) { return p.rollForm(r, nil) }

func (p *Pages) rollForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	s, err := p.s.LookRoll(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := rollView{RollSight: s, Key: r.Key(), Today: r.Call.Today, Errors: errs, Name: r.Text("name"), Role: r.Text("role"), Text: r.Text("text")}
	return web.Page(r, web.PageData{Title: s.HostName, Caption: "People in post: " + lower(s.Quarter()), Back: "/lists", BackText: "Lists", Errors: errs, Wide: true, Body: rollPage(v)}), nil
}

func (p *Pages) signRoll(r *web.Request) (web.Response, error) {
	var c problem.Check
	version, err := r.Int("version")
	c.Add(err)
	if err = c.Err(); err == nil {
		err = p.s.SignRoll(r.Context(), r.Call, Signing{Roll: r.PathValue("id"), Version: version, Name: r.Text("name"), Role: r.Text("role"), Text: r.Text("text")})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.rollForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/lists/"+r.PathValue("id"), "Signed"), nil
}

// ---- words

func (l Light) tag() nhs.Tag {
	return nhs.Tag{Text: l.Words(), Colour: map[Light]string{Green: "green", Amber: "yellow", Red: "red"}[l]}
}

func teamTable(rows []TeamRow) nhs.Table {
	t := nhs.Table{Caption: "People in post, the latest start first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Person"}, {Text: "Place of work"}, {Text: "Clinical supervisor"}, {Text: "State"}, {Text: "What to do"}}}
	for _, p := range rows {
		todo := "Nothing now"
		if len(p.Reasons) > 0 {
			todo = strings.Join(p.Reasons[:min(3, len(p.Reasons))], " ")
		}
		if more := len(p.Reasons) - 3; more > 0 {
			todo += " And " + strconv.Itoa(more) + " more."
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: BareName(p.Name)}, Href: "/placements/" + p.ID}, {Text: p.HostName}, {Text: orNone(p.SupervisorName)}, {Body: p.Light.tag()}, {Text: todo}})
	}
	return t
}

func sum(list []HostTotal, l Light) int {
	n := 0
	for _, h := range list {
		n += h.Number[l]
	}
	return n
}

func (v teamView) lights() []nhs.Option {
	var out []nhs.Option
	for _, l := range []Light{Red, Amber, Green} {
		out = append(out, nhs.Option{Value: string(l), Label: l.Words()})
	}
	return out
}

func hostsTable(list []HostTotal) nhs.Table {
	t := nhs.Table{Caption: "Hosts with the number of people", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Host"}, {Text: Red.Words()}, {Text: Amber.Words()}, {Text: Green.Words()}}}
	for _, h := range list {
		row := []nhs.Cell{{Text: h.HostName, Href: "/team?host=" + h.Host}}
		for _, l := range []Light{Red, Amber, Green} {
			row = append(row, nhs.Cell{Text: strconv.Itoa(h.Number[l])})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v teamView) supervisors() nhs.Table {
	t := nhs.Table{Caption: "Supervisors and how many people each has", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Supervisor"}, {Text: "Has"}, {Text: "Can have"}, {Text: "State"}}}
	for _, s := range v.Supervisors {
		state := "Can supervise"
		switch {
		case s.Lapsed(v.Today):
			state = "Approval ended " + s.ApprovedUntil.Long()
		case s.Away(v.Today):
			state = "Away"
		case s.Holding > s.Capacity:
			state = "Has more than agreed"
		case s.Room() == 0:
			state = "Full"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: s.Name}, {Text: strconv.Itoa(s.Holding)}, {Text: strconv.Itoa(s.Capacity)}, {Text: state}})
	}
	return t
}

func (v listsView) table() nhs.Table {
	t := nhs.Table{Caption: "Lists", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Host"}, {Text: "Quarter"}, {Text: "Sign by"}, {Text: "State"}}}
	for _, r := range v.Rolls {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: v.Places[r.Host].Name, Href: "/lists/" + r.ID}, {Text: r.Quarter()}, {Text: r.Due.Long()}, {Body: rollTag(r, v.Today)}})
	}
	return t
}

func rollTag(r Roll, today clock.Date) nhs.Tag {
	switch {
	case !r.SignedAt.IsZero():
		return nhs.Tag{Text: "Signed", Colour: "green"}
	case r.Late(today):
		return nhs.Tag{Text: "Overdue", Colour: "red"}
	}
	return nhs.Tag{Text: "To sign", Colour: "yellow"}
}

func (v rollView) entries() []nhs.TimelineItem {
	var out []nhs.TimelineItem
	for _, e := range v.Entries {
		heading := "Signed"
		if e.Number > 1 {
			heading = "Corrected"
		}
		out = append(out, nhs.TimelineItem{Date: moment(e.RecordedAt), Heading: heading, By: e.Name + ", " + e.Role, Text: strings.TrimSpace(strconv.Itoa(e.People) + " people on the list. " + e.Text)})
	}
	return out
}

func (v rollView) textLabel() string {
	if v.SignedAt.IsZero() {
		return "Anything to add (optional)"
	}
	return "What is not right on the list?"
}

func (v rollView) button() string {
	if v.SignedAt.IsZero() {
		return "This list is right: sign it"
	}
	return "Add the correction"
}
