package notify

import (
	"msw/internal/access"
	"msw/internal/web"
)

// ActRead is reading the demo's mailbox; only the demo serves the page.
const ActRead access.Action = "notify.read"

// Actions lists the actions of this package.
func Actions() []access.Action { return []access.Action{ActRead} }

// Pages shows a mailbox: mail that in earnest would go to real people.
type Pages struct{ box *Mailbox }

// NewPages makes the page of a mailbox. Never serve it outside the demo: it
// shows everyone's mail.
func NewPages(b *Mailbox) *Pages { return &Pages{b} }

// Routes lists it.
func (p *Pages) Routes() []web.Route {
	return []web.Route{{Method: "GET", Pattern: "/mailbox", Action: ActRead, Handle: p.list}}
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	list := p.box.Newest(r.Call.Actor.Tenant, 100)
	return web.Page(r, web.PageData{Title: "Mailbox", Body: messages(list)}), nil
}

func heading(k Kept) string {
	if k.Channel == Text {
		return "Text message"
	}
	return k.Subject
}

func sentText(k Kept) string {
	return "To " + k.To + ", " + k.At.Local().Long() + " at " + k.At.LocalTime()
}
