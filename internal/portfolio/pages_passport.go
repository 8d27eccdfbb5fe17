package portfolio

import (
	"encoding/json"
	"net/url"
	"strings"

	"msw/internal/chart"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/sdjwt"
	"msw/internal/web"
)

func (p *Pages) passportRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/portfolio/passport", Action: ActPassport, Handle: p.passport},
		{Method: "POST", Pattern: "/portfolio/passport", Action: ActPassport, Handle: p.issue},
		{Method: "POST", Pattern: "/portfolio/passport/take-back", Action: ActPassport, Handle: p.takeBack},
		{Method: "GET", Pattern: "/portfolio/passport/file", Action: ActPassport, Handle: p.carry},
		{Method: "GET", Pattern: "/passport/{secret}", Action: ActCheck, Handle: p.standing, Limit: 60},
		{Method: "GET", Pattern: "/.well-known/msw-passport-keys.json", Action: ActCheck, Handle: p.keys},
		{Method: "GET", Pattern: "/passport-keys/{place}/revoked", Action: ActCheck, Handle: p.revoked, Limit: 60},
	}
}

type passportView struct {
	Passport *Passport
	State    string
	Options  []nhs.Option
	Key      string
	Code     chart.QR
	Address  string
	Errors   nhs.Errors
}

func (p *Pages) passport(r *web.Request) (web.Response, error) { return p.passportPage(r, nil) }

func (p *Pages) passportPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	list, err := p.s.Mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := passportView{Key: r.Key(), Errors: errs}
	if len(list) > 0 {
		v.Passport, v.State = &list[0], list[0].State(r.Call.Today)
		token, err := sdjwt.Parse(list[0].Sealed.Token)
		if err != nil {
			return web.Response{}, err
		}
		v.Options = claimOptions(token)
		v.Address = p.s.o.Address + "/passport/" + list[0].Sealed.Code
		v.Code = chart.QR{ID: "passport-code", Title: "Code of this passport", Text: v.Address}
	}
	return web.Page(r, web.PageData{Title: "Your passport", Back: "/portfolio", BackText: "Your portfolio", Errors: errs, Body: passportPage(v)}), nil
}

func (p *Pages) issue(r *web.Request) (web.Response, error) {
	_, err := p.s.Issue(r.Context(), r.Call)
	if errs, ok := web.FieldErrors(err); ok {
		return p.passportPage(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolio/passport", "Your new passport is ready. The one before no longer holds"), nil
}

func (p *Pages) takeBack(r *web.Request) (web.Response, error) {
	if err := p.s.TakeBack(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolio/passport", "Taken back. It no longer holds"), nil
}

func (p *Pages) carry(r *web.Request) (web.Response, error) {
	if r.Text("do") == "print" {
		return web.SeeOther("/portfolio/passport/print?"+url.Values{"passport": {r.Text("passport")}, "show": r.Texts("show")}.Encode(), ""), nil
	}
	f, err := p.s.Carry(r.Context(), r.Call, r.Text("passport"), r.Texts("show"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.passportPage(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return web.Response{}, err
	}
	return web.Download("passport.json", "application/json", strings.NewReader(string(text)+"\n")).With("Cache-Control", "no-store"), nil
}

// standing is the public page of a code: one of three words, and nobody's name.
func (p *Pages) standing(r *web.Request) (web.Response, error) {
	state, err := p.s.Standing(r.Context(), r.Call, r.PathValue("secret"))
	if err != nil {
		return web.Response{}, err
	}
	title := map[string]string{Valid: "Valid", Expired: "Expired", Revoked: "Revoked"}[state]
	return hidden(web.Page(r, web.PageData{Title: title, Caption: "Passport of a Medical Support Worker", Body: standingPage(state)})), nil
}

const keep = "public, max-age=3600"

func (p *Pages) keys(r *web.Request) (web.Response, error) {
	keys, err := p.s.PublicKeys(r.Context())
	if err != nil {
		return web.Response{}, err
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return web.Response{}, err
	}
	return web.Inline("application/jwk-set+json", strings.NewReader(string(text))).With("Cache-Control", keep), nil
}

func (p *Pages) revoked(r *web.Request) (web.Response, error) {
	tenants, err := p.s.o.Tenants(r.Context())
	if err != nil {
		return web.Response{}, err
	}
	for _, tenant := range tenants {
		if tenant != r.PathValue("place") {
			continue
		}
		list, err := p.s.RevokedList(r.Context(), r.Call, tenant)
		if err != nil {
			return web.Response{}, err
		}
		return web.Inline("application/"+sdjwt.ListKind, strings.NewReader(list)).With("Cache-Control", keep), nil
	}
	return web.Response{}, problem.Missing()
}

// factsOf gives what a passport can show, in its order.
func factsOf(token sdjwt.Token) []Fact {
	claims := token.Claims()
	out := make([]Fact, len(claims))
	for i, c := range claims {
		if raw, err := json.Marshal(c.Value); err == nil {
			_ = json.Unmarshal(raw, &out[i]) // what cannot be read is shown as nothing
		}
	}
	return out
}

// claimOptions offers what a passport can show.
func claimOptions(token sdjwt.Token) []nhs.Option {
	var out []nhs.Option
	facts := factsOf(token)
	for i, c := range token.Claims() {
		f := facts[i]
		hint := strings.Trim(f.Proof+", "+f.By, ", ")
		if !f.On.IsZero() {
			hint = strings.Trim(f.On.Long()+", "+hint, ", ")
		}
		out = append(out, nhs.Option{Value: c.Name, Label: f.What + ": " + f.Detail, Hint: hint})
	}
	return out
}
