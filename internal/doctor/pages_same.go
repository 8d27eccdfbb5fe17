package doctor

import (
	"slices"
	"strings"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// sameView is one record beside those that look alike.
type sameView struct {
	Key, Action string
	Own         Doctor
	Others      []Candidate
}

func (p *Pages) same(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	list, err := p.s.SimilarTo(r.Context(), r.Call, d.ID)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Is this the same person?", Caption: "Case " + d.Ref, Back: home, Wide: true,
		Body: sameBody(sameView{Key: r.Key(), Action: home + "/same", Own: d, Others: list})}), nil
}

func (p *Pages) decide(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	other, err := p.s.ByRef(r.Context(), r.Call.Actor.Tenant, r.Text("other"))
	if err != nil {
		return web.Response{}, err
	}
	switch verdict := r.Text("verdict"); verdict {
	case Same:
		return web.SeeOther(home+"/same", "Linked as the same person. Both records are kept as they are, and you can undo it."), p.merge(r, d, other)
	case Different:
		return web.SeeOther(home+"/same", "Remembered: these are two people."), p.s.Decide(r.Context(), r.Call, d.ID, other, verdict)
	case "undo":
		return web.SeeOther(home+"/same", "Your earlier decision is undone. Both records are as they were."), p.s.Decide(r.Context(), r.Call, d.ID, other, "")
	}
	return web.Response{}, problem.New(problem.Invalid, "Choose whether these two records are the same person.")
}

// merge links two records by what was chosen of each line.
func (p *Pages) merge(r *web.Request, d Doctor, other string) error {
	ref := r.Text("other")
	m := Merge{Kept: d.ID, Other: other}
	theirs := "b"
	if r.Text("kept-"+ref) == "b" {
		m.Kept, m.Other, theirs = other, d.ID, "a"
	}
	for _, f := range mergeFields() {
		if r.Text(f.code+"-"+ref) == theirs {
			m.Fields = append(m.Fields, f.code)
		}
	}
	return p.s.Merge(r.Context(), r.Call, m)
}

type sameNumbersView struct {
	Rows []SameNumber
	Next string
}

func (p *Pages) sameNumbers(r *web.Request) (web.Response, error) {
	rows, next, err := p.s.SameNumbers(r.Context(), r.Call, r.After(2))
	if err != nil {
		return web.Response{}, err
	}
	v := sameNumbersView{Rows: rows}
	if next != nil {
		v.Next = r.NextPage(next...)
	}
	return web.Page(r, web.PageData{Title: "The same number under two people", Back: "/home", BackText: "Home", Wide: true, Body: sameNumbersBody(v)}), nil
}

// sides are the two values of one line, to choose from.
func sides(a, b string) []nhs.Option {
	return []nhs.Option{{Value: "a", Label: first(a, "Nothing")}, {Value: "b", Label: first(b, "Nothing")}}
}

// kept names the record that goes on, and what it takes from the other.
func (v sameView) kept(c Candidate) string {
	if c.Kept == "" { // an early link
		return "Nobody has said which record goes on, so both do. Undo this link and decide again to choose one."
	}
	ref, from := v.Own.Ref, c.Ref
	if c.Kept == c.ID {
		ref, from = c.Ref, v.Own.Ref
	}
	if len(c.Fields) == 0 {
		return "Record " + ref + " goes on."
	}
	var titles []string
	for _, f := range mergeFields() {
		if slices.Contains(c.Fields, f.code) {
			titles = append(titles, f.title)
		}
	}
	return "Record " + ref + " goes on. From " + from + " it takes: " + strings.Join(titles, ", ") + "."
}

func (v sameView) table(c Candidate) nhs.Table {
	row := func(what, a, b string) []nhs.Cell {
		return []nhs.Cell{{Text: what}, {Text: first(a, "–")}, {Text: first(b, "–")}}
	}
	script := func(a, b string) []nhs.Cell {
		return []nhs.Cell{{Text: "Name in own script"}, {Body: nhs.Name{Text: first(a, "–")}}, {Body: nhs.Name{Text: first(b, "–")}}}
	}
	a, b := v.Own.Details, c.Details
	return nhs.Table{Caption: "Record " + v.Own.Ref + " beside record " + c.Ref, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "What we know"}, {Text: v.Own.Ref}, {Text: c.Ref}},
		Rows: [][]nhs.Cell{row("Name on document", a.AsWritten(), b.AsWritten()), row("Likes to be called", a.Preferred, b.Preferred),
			script(a.Native, b.Native), row("Date of birth", birthWords(a.BirthDate), birthWords(b.BirthDate)),
			row("Passport or travel document", c.Papers[0][0], c.Papers[0][1]), row("Registration abroad", c.Papers[1][0], c.Papers[1][1]), row("Degree certificate", c.Papers[2][0], c.Papers[2][1]),
			row("Email", a.Email, b.Email), row("Mobile", a.Mobile, b.Mobile), row("Languages", listWords(a.Languages), listWords(b.Languages))}}
}
