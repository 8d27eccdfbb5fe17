package placement

import (
	"msw/internal/database"
	"msw/internal/nhs"
	"msw/internal/web"
)

type checkView struct {
	Number  string
	Asked   bool
	Genuine bool
	Error   string
}

// checkRoute is for anybody who holds a certificate. It is asked seldom, so that
// guessing is slow.
func (p *Pages) checkRoute() web.Route {
	return web.Route{Method: "GET", Pattern: "/certificate-check", Action: ActCertificateCheck, Handle: p.check, Limit: 10}
}

func (p *Pages) check(r *web.Request) (web.Response, error) {
	v := checkView{Number: r.Text("number"), Asked: r.Form.Has("number")}
	var errs nhs.Errors
	if v.Asked {
		number, ok := database.CheckRef(v.Number)
		if !ok {
			v.Error = "Enter the 9 letters and numbers of the certificate. Check each of them"
			errs = nhs.Errors{{Name: "number", Message: v.Error}}
		} else {
			var err error
			v.Number = number
			if v.Genuine, err = p.s.Genuine(r.Context(), number); err != nil {
				return web.Response{}, err
			}
		}
	}
	page := web.Page(r, web.PageData{Title: "Is this certificate genuine?", Caption: "Certificates of service", Errors: errs, Body: checkPage(v)})
	return page.With("X-Robots-Tag", "noindex, nofollow, noarchive").With("Cache-Control", "no-store"), nil
}
