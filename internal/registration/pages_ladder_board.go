package registration

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/web"
)

// boardView is the board as its page shows it.
type boardView struct {
	Board
	Query   BoardQuery
	Path    string
	NextURL string
	Regions []nhs.Option
	Kinds   []nhs.Option
}

func (p *Pages) board(r *web.Request) (web.Response, error) {
	days, _ := strconv.Atoi(r.Text("days"))
	q := BoardQuery{Days: days, Region: r.Text("region"), Kind: LapseKind(r.Text("kind")), After: r.After(4)}
	b, err := p.s.Lapses(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	q.Days = b.Days
	v := boardView{Board: b, Query: q, Path: r.URL.Path}
	if len(b.Next) > 0 {
		v.NextURL = r.NextPage(b.Next...)
	}
	if b.Reader != ReaderRegion {
		for _, x := range organisation.Regions() {
			v.Regions = append(v.Regions, nhs.Option{Value: x.Code, Label: x.Name})
		}
	}
	for _, k := range LapseKinds() {
		if kindShown(b.Reader, k) {
			v.Kinds = append(v.Kinds, nhs.Option{Value: string(k), Label: k.Words()})
		}
	}
	return web.Page(r, web.PageData{Title: "What runs out soon", Caption: "All doctors", Wide: true, Body: boardBody(v)}), nil
}

// kindShown tells whether a kind can be on a reader's board at all.
func kindShown(reader Reader, k LapseKind) bool {
	switch reader {
	case ReaderTeam:
		return true
	case ReaderNational:
		return k == LapseContract || k == LapseFunding || k == LapseEnglish || k == LapsePLAB1 || k == LapsePLAB2
	}
	return k == LapseContract || k == LapseFunding
}

func (v boardView) daysURL(days int) string {
	q := url.Values{"days": {strconv.Itoa(days)}}
	if v.Query.Region != "" {
		q.Set("region", v.Query.Region)
	}
	if v.Query.Kind != "" {
		q.Set("kind", string(v.Query.Kind))
	}
	return v.Path + "?" + q.Encode()
}

func (v boardView) table() nhs.Table {
	t := nhs.Table{Caption: "What runs out in the next " + strconv.Itoa(v.Days) + " days", HiddenCaption: true, Responsive: true,
		Head: []nhs.Head{{Text: "Last day"}, {Text: "Doctor"}, {Text: "What runs out"}, {Text: "Region"}, {Text: ""}}}
	t.Head[4] = nhs.Head{VisuallyHiddenText: "Open", Text: "Open"}
	for _, r := range v.Rows {
		when := nhs.Tag{Text: daysWords(r.Days), Colour: "blue"}
		if r.Days <= 14 {
			when.Colour = "red"
		} else if r.Days <= 30 {
			when.Colour = "orange"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Body: lastDay(r, when)}, {Body: nhs.Name{Text: r.Name}}, {Text: r.Kind.Words()}, {Text: organisation.RegionName(r.Region)},
			{Text: "Case " + r.Ref, Href: "/cases/" + r.Ref}})
	}
	return t
}

func (p *Pages) calendar(r *web.Request) (web.Response, error) {
	a, err := p.s.Calendar(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Your dates in your own calendar", Back: "/registration/" + a.Ref + "/ladder", BackText: "Your way to registration",
		Body: calendarBody(r.Key(), a)}), nil
}

func (p *Pages) changeCalendar(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	var err error
	said := ""
	switch r.Text("do") {
	case "new":
		said, err = "Your new address is ready. An older one does not work any more.", p.s.NewCalendar(r.Context(), r.Call, ref)
	case "revoke":
		said, err = "The address does not work any more.", p.s.RevokeCalendar(r.Context(), r.Call, ref)
	default:
		err = problem.Missing()
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/registration/"+ref+"/calendar", said), nil
}

// feed answers whoever holds the address; it is read by calendars, not people.
func (p *Pages) feed(r *web.Request) (web.Response, error) {
	text, err := p.s.Feed(r.Context(), r.Call, strings.TrimSuffix(r.PathValue("secret"), ".ics"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Inline("text/calendar; charset=utf-8", bytes.NewReader([]byte(text))).With("Cache-Control", "private, no-store").
		With("X-Robots-Tag", "noindex").With("Content-Disposition", `inline; filename="dates.ics"`), nil
}
