package newsroom

import (
	"msw/internal/programme"
	"msw/internal/web"
)

func (p *Pages) accessibility(r *web.Request) (web.Response, error) {
	return p.page(r, aWhile, web.PageData{Title: "Accessibility", Body: accessibilityPage()})
}

func (p *Pages) cookies(r *web.Request) (web.Response, error) {
	return p.page(r, aWhile, web.PageData{Title: "Cookies", Body: cookiesPage()})
}

type privacyView struct{ Keep programme.Setting }

func (p *Pages) privacy(r *web.Request) (web.Response, error) {
	keep, err := p.s.Keep(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return p.page(r, aWhile, web.PageData{Title: "Privacy", Body: privacyPage(privacyView{keep})})
}

type contactView struct{ Mail, Phone string }

func (p *Pages) contact(r *web.Request) (web.Response, error) {
	mail, phone, err := p.s.Contact(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return p.page(r, aWhile, web.PageData{Title: "Contact us", Body: contactPage(contactView{mail, phone})})
}
