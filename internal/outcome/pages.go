package outcome

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/tabular"
	"msw/internal/web"
)

// Pages are the tracker for the public and the exact figures for staff.
type Pages struct {
	service   *Service
	programme *programme.Service
	notice    string // said in every file, "" for none
}

// NewPages makes them.
func NewPages(s *Service, p *programme.Service, notice string) *Pages { return &Pages{s, p, notice} }

// Routes lists them.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/tracker", Action: ActTracker, Handle: p.tracker},
		{Method: "GET", Pattern: "/tracker.json", Action: ActTracker, Handle: p.trackerJSON},
		{Method: "GET", Pattern: "/tracker.csv", Action: ActTracker, Handle: p.trackerCSV},
		{Method: "GET", Pattern: "/figures", Action: ActFigures, Handle: p.figures},
		{Method: "POST", Pattern: "/figures/publish", Action: ActPublish, Handle: p.publish},
	}
}

type trackerView struct {
	AsAt, Asked clock.Date
	Found       bool
	P           Publication
	Dates       []clock.Date
	Claims      []programme.Claim
	Note        string
	Regions     []string
}

// Another names the day shown when it is not the day asked for.
func (v trackerView) Another() bool { return v.Found && !v.Asked.IsZero() && v.Asked != v.P.AsAt }

func (p *Pages) asked(r *web.Request) (clock.Date, clock.Date, error) {
	asked, err := r.Date("as_at")
	if err != nil {
		return 0, 0, problem.New(problem.Invalid, "The date in as_at is not a date. Write it like 2022-06-20.")
	}
	by := asked
	if by.IsZero() || by > r.Call.Today {
		by = r.Call.Today
	}
	return asked, by, nil
}

func (p *Pages) view(r *web.Request) (trackerView, error) {
	asked, by, err := p.asked(r)
	if err != nil {
		return trackerView{}, err
	}
	v := trackerView{Asked: asked, AsAt: by}
	if v.P, v.Found, err = p.service.Tracker(r.Context(), r.Call, by); err != nil {
		return v, err
	}
	all, err := p.service.Publications(r.Context(), r.Call)
	if err != nil {
		return v, err
	}
	for _, q := range slices.Backward(all) {
		v.Dates = append(v.Dates, q.AsAt)
	}
	v.Claims, err = p.programme.Claims(r.Context(), r.Call.Actor.Tenant, v.P.AsAt)
	v.Note = noteOn(v.P.AsAt)
	v.Regions = slices.Sorted(maps.Keys(v.P.Regions))
	return v, err
}

// noteOn is what must be said beside the figures of one published day.
func noteOn(d clock.Date) string {
	if d == clock.MustDate("2022-06-20") {
		return "The published position of June 2022 was about 470 people employed, more than 140 of them in London, 350 in post and more than 120 in doctor posts. Its source gives no as-at date and shows no leavers."
	}
	return ""
}

func (p *Pages) tracker(r *web.Request) (web.Response, error) {
	v, err := p.view(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Programme figures", Wide: true, Body: trackerPage(v),
		Description: "How many people started as Medical Support Workers, are in post, and became NHS doctors."}), nil
}

func (p *Pages) trackerJSON(r *web.Request) (web.Response, error) {
	v, err := p.view(r)
	if err != nil {
		return web.Response{}, err
	}
	if !v.Found {
		return web.Response{}, problem.New(problem.NotFound, "Nothing was published by that date.")
	}
	out := map[string]any{"as_at": v.P.AsAt.String(), "published": v.P.Published.String(), "suppressed": namesOf(v.P.Suppressed()), "definitions": definitionsJSON()}
	if v.Another() {
		out["asked"] = v.Asked.String()
	}
	if v.Note != "" {
		out["note"] = v.Note
	}
	for m, c := range v.P.Total {
		out[string(m)] = value(c)
	}
	if len(v.P.Regions) > 0 {
		regions := map[string]any{}
		for code, cells := range v.P.Regions {
			row := map[string]any{"name": organisation.RegionName(code)}
			for m, c := range cells {
				row[string(m)] = value(c)
			}
			regions[code] = row
		}
		out["regions"] = regions
	}
	return web.JSON(out), nil
}

func namesOf(list []Measure) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = string(m)
	}
	return out
}

func value(c Cell) any {
	if c.Hidden {
		return nil
	}
	return c.Value
}

func definitionsJSON() map[string]string {
	out := map[string]string{}
	for _, d := range Definitions() {
		out[string(d.Measure)] = d.Text
	}
	return out
}

func (p *Pages) trackerCSV(r *web.Request) (web.Response, error) {
	all, err := p.service.Publications(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	var b bytes.Buffer
	w, err := tabular.NewWriter(&b, tabular.CSV, tabular.WriterOptions{})
	if err != nil {
		return web.Response{}, err
	}
	header := []string{"as_at", "published"}
	for _, d := range Definitions() {
		header = append(header, string(d.Measure))
	}
	if p.notice != "" {
		header = append(header, "notice")
	}
	rows := [][]string{header}
	for _, q := range all {
		row := []string{q.AsAt.String(), q.Published.String()}
		for _, d := range Definitions() {
			row = append(row, shown(q.Total[d.Measure]))
		}
		if p.notice != "" {
			row = append(row, p.notice)
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return web.Response{}, err
		}
	}
	if err := w.Close(); err != nil {
		return web.Response{}, err
	}
	return web.Download("msw-figures.csv", "text/csv; charset=utf-8", &b), nil
}

func shown(c Cell) string {
	if c.Hidden {
		return "suppressed"
	}
	return fmt.Sprint(c.Value)
}

// grouped writes 12345 as 12,345.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

type figuresView struct {
	On      clock.Date
	Total   Figures
	Regions map[string]Figures
	Codes   []string
	Last    Publication
	Have    bool
	Key     string
	Publish bool
}

func (p *Pages) figures(r *web.Request) (web.Response, error) {
	on, err := r.Date("on")
	if err != nil {
		return web.Response{}, err
	}
	if on.IsZero() || on > r.Call.Today {
		on = r.Call.Today
	}
	v := figuresView{On: on, Key: r.Key(), Publish: r.May(ActPublish)}
	if v.Total, v.Regions, err = p.service.Live(r.Context(), r.Call, on); err != nil {
		return web.Response{}, err
	}
	v.Codes = slices.SortedFunc(maps.Keys(v.Regions), func(a, b string) int {
		return strings.Compare(organisation.RegionName(a), organisation.RegionName(b))
	})
	if v.Last, v.Have, err = p.service.Tracker(r.Context(), r.Call, r.Call.Today); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Figures today", Caption: "For staff: not for publication", Wide: true, Body: figuresPage(v)}), nil
}

func (p *Pages) publish(r *web.Request) (web.Response, error) {
	n, err := p.service.PublishDue(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	switch n {
	case 0:
		return web.SeeOther("/figures", "Nothing is due. The next figures are published at the end of the month."), nil
	case 1:
		return web.SeeOther("/figures", "The figures of 1 day were published."), nil
	}
	return web.SeeOther("/figures", fmt.Sprintf("The figures of %d days were published.", n)), nil
}
