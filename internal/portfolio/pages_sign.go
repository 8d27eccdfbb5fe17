package portfolio

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/web"
)

// signRoutes are what somebody without an account reaches. They are asked
// seldom, so that guessing is slow.
func (p *Pages) signRoutes() []web.Route {
	const few = 20
	return []web.Route{
		{Method: "GET", Pattern: "/sign-off", Action: ActAssess, Handle: p.enterCode, Limit: 60},
		{Method: "POST", Pattern: "/sign-off", Action: ActAssess, Handle: p.exchange, OwnTx: true, Limit: 10},
		{Method: "GET", Pattern: "/sign-off/{secret}", Action: ActAssess, Handle: p.signing, Limit: 60},
		{Method: "POST", Pattern: "/sign-off/{secret}", Action: ActAssess, Handle: p.sign, Limit: few},
	}
}

// hidden keeps a page out of search engines and of every cache.
func hidden(resp web.Response) web.Response {
	return resp.With("X-Robots-Tag", "noindex, nofollow, noarchive").With("Cache-Control", "no-store")
}

type codeView struct {
	Key, Code string
	Errors    nhs.Errors
}

func (p *Pages) enterCode(r *web.Request) (web.Response, error) { return p.codeForm(r, nil) }

func (p *Pages) codeForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v := codeView{Key: r.Key(), Code: r.Text("code"), Errors: errs}
	return hidden(web.Page(r, web.PageData{Title: "Sign for a Medical Support Worker", Errors: errs, Body: codePage(v)})), nil
}

func (p *Pages) exchange(r *web.Request) (web.Response, error) {
	link, err := p.s.Exchange(r.Context(), r.Call, r.Text("code"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.codeForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return hidden(web.SeeOther("/sign-off/"+link, "")), nil
}

type signView struct {
	Request
	Signing
	Key    string
	Level  string
	Errors nhs.Errors
}

func (p *Pages) signing(r *web.Request) (web.Response, error) { return p.signForm(r, Signing{}, nil) }

func (p *Pages) signForm(r *web.Request, cmd Signing, errs nhs.Errors) (web.Response, error) {
	req, err := p.s.OpenAsk(r.Context(), r.Call, r.PathValue("secret"))
	if err != nil {
		return web.Response{}, err
	}
	if req.Used {
		return hidden(web.Page(r, web.PageData{Title: "Thank you", Body: signedPage(req)})), nil
	}
	v := signView{Request: req, Signing: cmd, Key: r.Key(), Errors: errs}
	if errs == nil {
		v.Signing = Signing{Name: req.KnownName(), Level: req.Item.Level, What: req.Item.What}
		if req.Known != nil {
			v.Role, v.GMC = req.Known.Role, req.Known.Sealed.GMC
		}
	}
	if v.Signing.Level > 0 {
		v.Level = strconv.Itoa(int(v.Signing.Level))
	}
	return hidden(web.Page(r, web.PageData{Title: "Did you see this?", Caption: req.Name + ", Medical Support Worker, not registered with the GMC", Errors: errs, Body: signPage(v)})), nil
}

func (p *Pages) sign(r *web.Request) (web.Response, error) {
	level, err := r.Int("level")
	cmd := Signing{Link: r.PathValue("secret"), Name: r.Text("name"), Role: r.Text("role"), GMC: r.Text("gmc"), Level: Level(level), What: r.Text("what"), Well: r.Text("well"), Better: r.Text("better"),
		Decline: r.Text("do") == "decline", Reason: r.Text("reason"), Saw: r.Bool("saw"), Network: r.Sender()}
	if c, err := r.Cookie(p.deviceCookie()); err == nil {
		cmd.Device = c.Value
	}
	if err == nil {
		err = p.s.Sign(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok && len(errs) > 0 && errs[0].Name != "" {
		return p.signForm(r, cmd, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return hidden(web.SeeOther("/sign-off/"+cmd.Link, "")), nil
}
