package newsroom

import (
	"errors"
	"net/url"
	"slices"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

func (p *Pages) deskRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/newsroom", Action: ActDesk, Handle: p.desk},
		{Method: "GET", Pattern: "/newsroom/new", Action: ActWrite, Handle: p.newPiece},
		{Method: "POST", Pattern: "/newsroom/new", Action: ActWrite, Handle: p.write},
		{Method: "GET", Pattern: "/newsroom/{id}", Action: ActDesk, Handle: p.piece},
		{Method: "GET", Pattern: "/newsroom/{id}/change", Action: ActWrite, Handle: p.changeForm},
		{Method: "POST", Pattern: "/newsroom/{id}/change", Action: ActWrite, Handle: p.change},
		{Method: "POST", Pattern: "/newsroom/{id}/submit", Action: ActWrite, Handle: p.submit},
		{Method: "POST", Pattern: "/newsroom/{id}/review", Action: ActReview, Handle: p.review},
		{Method: "POST", Pattern: "/newsroom/{id}/publish", Action: ActPublish, Handle: p.publish},
		{Method: "POST", Pattern: "/newsroom/{id}/take-down", Action: ActPublish, Handle: p.takeDown},
		{Method: "GET", Pattern: "/newsroom/{id}/correct", Action: ActPublish, Handle: p.correctForm},
		{Method: "POST", Pattern: "/newsroom/{id}/correct", Action: ActPublish, Handle: p.correct},
		{Method: "GET", Pattern: "/newsroom/{id}/consent", Action: ActConsent, Handle: p.consentForm},
		{Method: "POST", Pattern: "/newsroom/{id}/consent", Action: ActConsent, Handle: p.consent},
		{Method: "GET", Pattern: "/newsroom/{id}/withdraw", Action: ActWithdraw, Handle: p.withdrawForm},
		{Method: "POST", Pattern: "/newsroom/{id}/withdraw", Action: ActWithdraw, Handle: p.withdraw},
	}
}

type deskView struct {
	Pieces []Piece
	State  State
	Next   string
	Today  clock.Date
	Write  bool
	Me     string
}

func (p *Pages) desk(r *web.Request) (web.Response, error) {
	v := deskView{State: State(r.Text("state")), Today: r.Call.Today, Write: r.May(ActWrite), Me: r.Call.Actor.Account}
	if !slices.Contains([]State{Draft, Submitted, Reviewed, Published, Withdrawn}, v.State) {
		v.State = ""
	}
	var before clock.Instant
	id := ""
	if keys := r.After(2); keys != nil {
		at, err := clock.ParseInstant(keys[0])
		if err == nil {
			before, id = at, keys[1]
		}
	}
	var more bool
	var err error
	if v.Pieces, more, err = p.s.Desk(r.Context(), r.Call, v.State, before, id, 50); err != nil {
		return web.Response{}, err
	}
	if more {
		last := v.Pieces[len(v.Pieces)-1]
		v.Next = r.NextPage(last.ChangedAt.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Newsroom", Wide: true, Body: deskPage(v)}), nil
}

// formView is a piece's words as typed.
type formView struct {
	Key, Action, Button string
	Version             string
	Kind                Kind
	N                   NewPiece
	Correcting          bool
	Note                string
	Errors              nhs.Errors
}

func typedPiece(r *web.Request, kind Kind) NewPiece {
	return NewPiece{Kind: kind, Category: r.Text("category"), Title: r.Text("title"), Summary: r.Text("summary"), Body: r.Text("body"), Author: r.Text("author")}
}

func kindOf(r *web.Request) Kind {
	if r.Text("kind") == string(Story) {
		return Story
	}
	return News
}

func (p *Pages) newPiece(r *web.Request) (web.Response, error) {
	return writing(r, kindOf(r), NewPiece{Kind: kindOf(r)}, nil), nil
}

func writing(r *web.Request, kind Kind, n NewPiece, errs nhs.Errors) web.Response {
	title := "Write news"
	if kind == Story {
		title = "Write a story"
	}
	f := formView{Key: r.Key(), Action: "/newsroom/new", Button: "Save draft", Kind: kind, N: n, Errors: errs}
	return web.Page(r, web.PageData{Title: title, Back: "/newsroom", BackText: "Newsroom", Errors: errs, Body: pieceForm(f)})
}

func (p *Pages) write(r *web.Request) (web.Response, error) {
	n := typedPiece(r, kindOf(r))
	piece, err := p.s.Write(r.Context(), r.Call, n)
	if errs, ok := web.FieldErrors(err); ok {
		return writing(r, n.Kind, n, errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/newsroom/"+piece.ID, "Draft saved"), nil
}

func (p *Pages) changeForm(r *web.Request) (web.Response, error) {
	piece, _, err := p.s.Piece(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if err := mayWrite(piece); err != nil {
		return web.Response{}, err
	}
	return rewriting(r, piece.Kind, wordsOfPiece(piece), piece.Version, nil, false), nil
}

func wordsOfPiece(p Piece) NewPiece {
	return NewPiece{p.Kind, p.Category, p.Text.Title, p.Text.Summary, p.Text.Body, p.Text.Author}
}

func rewriting(r *web.Request, kind Kind, n NewPiece, version int64, errs nhs.Errors, correcting bool) web.Response {
	at := "/newsroom/" + r.PathValue("id")
	f := formView{Key: r.Key(), Action: at + "/change", Button: "Save draft", Kind: kind, Version: itoa(version), N: n, Errors: errs, Note: r.Text("note")}
	title := "Change the words"
	if correcting {
		f.Action, f.Button, f.Correcting, title = at+"/correct", "Publish the correction", true, "Correct published news"
	}
	return web.Page(r, web.PageData{Title: title, Back: at, Errors: errs, Body: pieceForm(f)})
}

// version is the version a form was drawn from.
func version(r *web.Request) (int64, error) {
	n, err := r.Int("version")
	if err == nil && n < 1 {
		err = problem.New(problem.Invalid, "The form is not complete. Go back, reload the page and try again.")
	}
	return int64(n), err
}

func (p *Pages) change(r *web.Request) (web.Response, error) {
	v, err := version(r)
	if err != nil {
		return web.Response{}, err
	}
	kind := kindOf(r)
	n := typedPiece(r, kind)
	_, err = p.s.Change(r.Context(), r.Call, r.PathValue("id"), v, n)
	if errs, ok := web.FieldErrors(err); ok {
		return rewriting(r, kind, n, v, errs, false), nil
	}
	return p.done(r, "Draft saved", err)
}

func (p *Pages) correctForm(r *web.Request) (web.Response, error) {
	piece, _, err := p.s.Piece(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if piece.State != Published || piece.Kind != News {
		return web.Response{}, problem.Refuse("Only published news can be corrected.")
	}
	return rewriting(r, News, wordsOfPiece(piece), piece.Version, nil, true), nil
}

func (p *Pages) correct(r *web.Request) (web.Response, error) {
	v, err := version(r)
	if err != nil {
		return web.Response{}, err
	}
	n := typedPiece(r, News)
	_, err = p.s.Correct(r.Context(), r.Call, r.PathValue("id"), v, n, r.Text("note"))
	if errs, ok := web.FieldErrors(err); ok {
		return rewriting(r, News, n, v, errs, true), nil
	}
	return p.done(r, "Correction published", err)
}

// done goes back to the piece after a step that worked.
func (p *Pages) done(r *web.Request, said string, err error) (web.Response, error) {
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/newsroom/"+r.PathValue("id"), said), nil
}

// workView is one piece with what may be done to it.
type workView struct {
	Piece                              Piece
	Corrections                        []Correction
	Blocks                             []Block
	Today                              clock.Date
	Mine                               bool // written by the reader of the page
	Write, Review, Publish, Own, Close bool // what the reader's role allows
	Key                                string
	Errors                             nhs.Errors
	From, Until                        [3]string
	Note, For                          string
}

func (p *Pages) piece(r *web.Request) (web.Response, error) { return p.work(r, nil) }

func (p *Pages) work(r *web.Request, errs nhs.Errors) (web.Response, error) {
	piece, corrections, err := p.s.Piece(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	typed := func(name string) [3]string {
		return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
	}
	v := workView{Piece: piece, Corrections: corrections, Blocks: Blocks(piece.Text.Body), Today: r.Call.Today, Mine: piece.WrittenBy == r.Call.Actor.Account,
		Write: r.May(ActWrite), Review: r.May(ActReview), Publish: r.May(ActPublish), Own: r.May(ActConsent), Close: r.May(ActWithdraw),
		Key: r.Key(), Errors: errs, From: typed("from"), Until: typed("until"), Note: r.Text("note"), For: r.Text("for")}
	title := piece.Text.Title
	if piece.State == Withdrawn {
		title = "Withdrawn"
	}
	return web.Page(r, web.PageData{Title: title, Caption: piece.Kind.Words(), Back: "/newsroom", BackText: "Newsroom", Errors: errs, Body: workPage(v)}), nil
}

// stepped answers a step that may be refused with reasons: they are shown on
// the piece's page with what was typed.
func (p *Pages) stepped(r *web.Request, said string, err error) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.work(r, errs)
	}
	return p.done(r, said, err)
}

func (p *Pages) submit(r *web.Request) (web.Response, error) {
	_, err := p.s.Submit(r.Context(), r.Call, r.PathValue("id"))
	return p.stepped(r, "Sent to a second person", err)
}

func (p *Pages) review(r *web.Request) (web.Response, error) {
	v, err := version(r)
	if err != nil {
		return web.Response{}, err
	}
	agrees := r.Text("agrees")
	if agrees != "yes" && agrees != "no" {
		return p.work(r, nhs.Errors{{Name: "agrees", Message: "Choose if it is safe to publish"}})
	}
	_, err = p.s.Review(r.Context(), r.Call, Review{ID: r.PathValue("id"), Version: v, Agrees: agrees == "yes", Note: r.Text("note"), For: r.Text("for")})
	if agrees == "no" {
		return p.stepped(r, "Sent back to the writer", err)
	}
	return p.stepped(r, "Ready to publish", err)
}

func (p *Pages) publish(r *web.Request) (web.Response, error) {
	v, err := version(r)
	if err != nil {
		return web.Response{}, err
	}
	from, errFrom := r.Date("from")
	until, errUntil := r.Date("until")
	var c problem.Check
	c.Add(errFrom)
	c.Add(errUntil)
	if err = c.Err(); err == nil {
		_, err = p.s.Publish(r.Context(), r.Call, Publish{ID: r.PathValue("id"), Version: v, From: from, Until: until})
	}
	return p.stepped(r, "Published", err)
}

func (p *Pages) takeDown(r *web.Request) (web.Response, error) {
	_, err := p.s.TakeDown(r.Context(), r.Call, r.PathValue("id"))
	return p.stepped(r, "Taken off the site", err)
}

type consentView struct {
	Key, ID           string
	Person, Given     string
	Channels          []string
	Photo             string
	GivenOn, ExpireOn [3]string
	Errors            nhs.Errors
}

func (p *Pages) consentForm(r *web.Request) (web.Response, error) {
	piece, _, err := p.s.Piece(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if piece.Kind != Story || piece.State == Withdrawn {
		return web.Response{}, problem.Missing()
	}
	w, err := p.s.Whose(r.Context(), r.Call, piece.ID)
	if err != nil {
		return web.Response{}, err
	}
	v := consentView{Key: r.Key(), ID: piece.ID, Person: w.Person, Given: w.Given, GivenOn: nhs.DateParts(piece.Consent.GivenOn), ExpireOn: nhs.DateParts(piece.Consent.Expires)}
	for _, c := range piece.Consent.Channels {
		v.Channels = append(v.Channels, string(c))
	}
	if piece.Consent.Recorded() {
		v.Photo = "no"
		if piece.Consent.Photo {
			v.Photo = "yes"
		}
	}
	return consenting(r, v), nil
}

func consenting(r *web.Request, v consentView) web.Response {
	return web.Page(r, web.PageData{Title: "Consent for this story", Back: "/newsroom/" + v.ID, Errors: v.Errors, Body: consentPage(v)})
}

func (p *Pages) consent(r *web.Request) (web.Response, error) {
	given, errGiven := r.Date("given-on")
	expires, errExpires := r.Date("expires")
	var c problem.Check
	c.Add(errGiven)
	c.Add(errExpires)
	c.That(r.Text("photo") == "yes" || r.Text("photo") == "no", "photo", "Choose if the person agreed to a photo. No is fine")
	err := c.Err()
	n := NewConsent{Piece: r.PathValue("id"), Photo: r.Bool("photo"), GivenOn: given, Expires: expires, Whose: Whose{r.Text("person"), r.Text("given")}}
	for _, ch := range Channels() {
		if slices.Contains(r.Texts("channels"), string(ch)) {
			n.Channels = append(n.Channels, ch)
		}
	}
	if err == nil {
		err = p.s.RecordConsent(r.Context(), r.Call, n)
	}
	if errs, ok := web.FieldErrors(err); ok {
		typed := func(name string) [3]string {
			return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
		}
		return consenting(r, consentView{Key: r.Key(), ID: n.Piece, Person: n.Whose.Person, Given: n.Whose.Given, Channels: r.Texts("channels"), Photo: r.Text("photo"),
			GivenOn: typed("given-on"), ExpireOn: typed("expires"), Errors: errs}), nil
	}
	return p.done(r, "Consent recorded", err)
}

func (p *Pages) withdrawForm(r *web.Request) (web.Response, error) {
	piece, _, err := p.s.Piece(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if piece.State == Withdrawn {
		return web.Response{}, problem.Missing()
	}
	return web.Page(r, web.PageData{Title: "Withdraw for good", Caption: piece.Text.Title, Back: "/newsroom/" + piece.ID, Body: withdrawPage(r.Key(), piece)}), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	_, err := p.s.Withdraw(r.Context(), r.Call, r.PathValue("id"))
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Kind == problem.Refused {
		return p.work(r, nhs.Errors{{Message: e.Message}})
	}
	return p.done(r, "Withdrawn. It is gone from the site, and its words are destroyed", err)
}

func stateLink(s State) string { return "/newsroom?state=" + url.QueryEscape(string(s)) }
