package newsroom

import (
	"msw/internal/clock"
	"msw/internal/web"
)

type listView struct {
	Kind   Kind
	Pieces []Piece
	Next   string
	First  bool // the first page of the list
}

const listLength = 20

func (p *Pages) list(r *web.Request, kind Kind) (listView, error) {
	var after After
	if keys := r.After(2); keys != nil {
		from, err := clock.ParseDate(keys[0])
		if err == nil {
			after = After{from, keys[1]}
		}
	}
	pieces, more, err := p.s.Shown(r.Context(), r.Call, kind, after, listLength)
	v := listView{Kind: kind, Pieces: pieces, First: after.ID == ""}
	if more && len(pieces) > 0 {
		last := pieces[len(pieces)-1]
		v.Next = r.NextPage(last.ShownFrom.String(), last.ID)
	}
	return v, err
}

func (p *Pages) stories(r *web.Request) (web.Response, error) {
	v, err := p.list(r, Story)
	if err != nil {
		return web.Response{}, err
	}
	return p.page(r, always, web.PageData{Title: "Stories", Body: storiesPage(v), Feed: "/news/feed.atom",
		Description: "Doctors who trained overseas tell of their way into the NHS, under another name and with their consent."})
}

func (p *Pages) news(r *web.Request) (web.Response, error) {
	v, err := p.list(r, News)
	if err != nil {
		return web.Response{}, err
	}
	return p.page(r, always, web.PageData{Title: "News", Body: newsPage(v), Feed: "/news/feed.atom", Description: "News of the Medical Support Worker programme."})
}

type pieceView struct {
	Piece       Piece
	Corrections []Correction
	Blocks      []Block
}

func (p *Pages) story(r *web.Request) (web.Response, error) {
	piece, _, err := p.s.Read(r.Context(), r.Call, Story, r.PathValue("slug"))
	if err != nil {
		return web.Response{}, err
	}
	resp, err := p.page(r, always, web.PageData{Title: piece.Text.Title, Caption: "Story", Back: "/stories", BackText: "Stories",
		Description: piece.Text.Summary, Body: storyPage(pieceView{Piece: piece, Blocks: Blocks(piece.Text.Body)})})
	if err == nil && !piece.In(Search, r.Call.Today) {
		resp = resp.With("X-Robots-Tag", "noindex, noarchive")
	}
	return resp, err
}

func (p *Pages) item(r *web.Request) (web.Response, error) {
	piece, corrections, err := p.s.Read(r.Context(), r.Call, News, r.PathValue("slug"))
	if err != nil {
		return web.Response{}, err
	}
	return p.page(r, always, web.PageData{Title: piece.Text.Title, Caption: piece.Category, Back: "/news", BackText: "News", Feed: "/news/feed.atom",
		Description: piece.Text.Summary, Body: itemPage(pieceView{piece, corrections, Blocks(piece.Text.Body)})})
}

type schemesView struct {
	Place, Taker string
	Schemes      []Scheme
}

func (p *Pages) schemes(r *web.Request) (web.Response, error) {
	v := schemesView{Place: r.Text("place"), Taker: r.Text("taker")}
	if wordOf(Places(), v.Place) == "" {
		v.Place = ""
	}
	if wordOf(Takers(), v.Taker) == "" {
		v.Taker = ""
	}
	v.Schemes = p.s.Schemes(v.Place, v.Taker)
	return p.page(r, aWhile, web.PageData{Title: "Local schemes and other help", Body: schemesPage(v),
		Description: "Schemes that help refugee and overseas doctors with English, exams, practice and costs, by region."})
}
