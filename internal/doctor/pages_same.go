package doctor

import (
	"msw/internal/nhs"
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
	verdict := r.Text("verdict")
	said := map[string]string{Same: "Linked as the same person. Nothing was merged, and you can undo it.",
		Different: "Remembered: these are two people.", "undo": "Your earlier decision is undone."}[verdict]
	if verdict == "undo" {
		verdict = ""
	}
	return web.SeeOther(home+"/same", said), p.s.Decide(r.Context(), r.Call, d.ID, other, verdict)
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
			row("Email", a.Email, b.Email), row("Mobile", a.Mobile, b.Mobile), row("Languages", listWords(a.Languages), listWords(b.Languages))}}
}
