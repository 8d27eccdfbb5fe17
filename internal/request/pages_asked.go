package request

import (
	"net/http"
	"net/url"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// askedView is all that the page of a link holds.
type askedView struct {
	Asked
	Key, Link string
	Answer    Answer
	Read      string
	From, To  [3]string
	Address   string // of this page, for keeping
	Errors    nhs.Errors
}

// plain is a page that tells nothing of whose it is; search engines and
// neighbours must not keep it.
func plain(r *web.Request, p web.PageData) web.Response {
	p.Plain = true
	return web.Page(r, p).With("X-Robots-Tag", "noindex, nofollow, noarchive").With("Cache-Control", "no-store")
}

// thanks is where an answer leads; no link looks like it.
const thanks = "/asked/thank-you"

func (p *Pages) asked(r *web.Request) (web.Response, error) { return p.askedForm(r, nil) }

func (p *Pages) askedForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	link := r.PathValue("link")
	if "/asked/"+link == thanks {
		return plain(r, web.PageData{Title: "Thank you", Body: thanksPage()}), nil
	}
	look, err := p.s.Look(r.Context(), r.Call, link)
	if err != nil {
		return p.dead(r, err)
	}
	v := askedView{Asked: look, Key: r.Key(), Link: "/asked/" + url.PathEscape(link), Errors: errs, Read: r.Text("read"), From: typed(r, "from"), To: typed(r, "to"),
		Answer: Answer{Says: r.Text("says"), Text: r.Text("text"), Role: r.Text("role"), Signed: r.Text("signed"), Charity: r.Text("charity")}}
	title := "A question for you"
	switch {
	case look.TakeBack:
		title, v.Address = "Thank you", p.s.o.Address+v.Link
	case look.Agree:
		title = "Do you agree to be asked?"
	}
	return plain(r, web.PageData{Title: title, Errors: errs, Body: askedPage(v)}), nil
}

// dead is the one answer for every link that does not work.
func (p *Pages) dead(r *web.Request, err error) (web.Response, error) {
	if problem.KindOf(err) != problem.NotFound {
		return web.Response{}, err
	}
	return plain(r, web.PageData{Title: "This link does not work any more", Status: http.StatusNotFound, Body: deadPage()}), nil
}

func (p *Pages) agree(r *web.Request) (web.Response, error) {
	link := r.PathValue("link")
	if r.Text("agree") == "no" {
		if _, err := p.s.Reply(r.Context(), r.Call, link, Answer{Says: SaysDecline}); err != nil {
			return p.dead(r, err)
		}
		return web.SeeOther(thanks, ""), nil
	}
	if r.Text("agree") != "yes" {
		return p.askedForm(r, nhs.Errors{{Name: "agree", Message: "Choose yes or no"}})
	}
	if err := p.s.Agree(r.Context(), r.Call, link); err != nil {
		return p.dead(r, err)
	}
	return web.SeeOther("/asked/"+url.PathEscape(link), ""), nil
}

func (p *Pages) reply(r *web.Request) (web.Response, error) {
	link := r.PathValue("link")
	look, err := p.s.Look(r.Context(), r.Call, link)
	if err != nil {
		return p.dead(r, err)
	}
	var c problem.Check
	a := Answer{Says: r.Text("says"), Text: r.Text("text"), Role: r.Text("role"), Signed: r.Text("signed"), Charity: r.Text("charity"), MayRead: r.Text("read") == "yes"}
	if a.Says == SaysCorrect {
		for name, to := range map[string]*clock.Date{"from": &a.From, "to": &a.To} {
			*to, err = r.Date(name)
			c.Add(err)
		}
	}
	if !a.yes() { // who says no need not say more
		a = Answer{Says: a.Says}
	}
	c.That(!look.Choose || !a.yes() || r.Text("read") == "yes" || r.Text("read") == "no", "read", "Choose if they may read your answer")
	back := ""
	if err = c.Err(); err == nil {
		back, err = p.s.Reply(r.Context(), r.Call, link, a)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.askedForm(r, errs)
	}
	if err != nil {
		return p.dead(r, err)
	}
	if back != "" { // where a statement can be taken back; it is stored nowhere
		return web.SeeOther("/asked/"+url.PathEscape(back), ""), nil
	}
	return web.SeeOther(thanks, ""), nil
}

func (p *Pages) takeBack(r *web.Request) (web.Response, error) {
	link := r.PathValue("link")
	if err := p.s.TakeBack(r.Context(), r.Call, link); err != nil {
		return p.dead(r, err)
	}
	return web.SeeOther(thanks, ""), nil
}
