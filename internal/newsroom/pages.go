package newsroom

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"msw/internal/clock"
	"msw/internal/web"
)

// PagesOptions are what the pages must know of the server around them.
type PagesOptions struct {
	Address string // of the site, "https://msw.example"; "" takes it from each request
	Edition string // changes with each build and look; "" for pages without an ETag
	Notice  string // said in feeds too, "" for none
	Brand   string // title of the feeds; the service's name
}

// Pages are the public site and the newsroom's desk.
type Pages struct {
	s *Service
	o PagesOptions
}

// NewPages makes them.
func NewPages(s *Service, o PagesOptions) *Pages {
	if o.Brand == "" {
		o.Brand = "Medical Support Worker programme"
	}
	return &Pages{s, o}
}

// Routes lists them.
func (p *Pages) Routes() []web.Route {
	read := func(pattern string, h func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: pattern, Action: ActRead, Handle: h}
	}
	routes := []web.Route{
		read("/", p.home), read("/about", p.about),
		read("/eligibility", p.questions),
		// Not kept for a repeat and in no transaction: an answer must leave no trace.
		{Method: "POST", Pattern: "/eligibility", Action: ActRead, Handle: p.answers, OwnTx: true, Limit: 300},
		read("/stories", p.stories), read("/stories/{slug}", p.story),
		read("/news", p.news), read("/news/{slug}", p.item),
		read("/news/feed.atom", p.atom), read("/news/feed.rss", p.rss), read("/news/feed.json", p.feedJSON),
		read("/schemes", p.schemes),
		read("/accessibility", p.accessibility), read("/privacy", p.privacy), read("/cookies", p.cookies), read("/contact", p.contact),
		read("/sitemap.xml", p.sitemap), read("/robots.txt", p.robots), read("/.well-known/security.txt", p.security),
	}
	return append(routes, p.deskRoutes()...)
}

const (
	// always lets a cache keep a page but not show it without asking: a story
	// that is withdrawn is gone with the next look.
	always = "public, no-cache"
	// aWhile is for pages that hold nobody's story.
	aWhile = "public, max-age=60"
	never  = "no-store"
)

// page answers with a public page that caches may keep, unless it was drawn for
// one reader: for somebody signed in, or with words left by a form before.
func (p *Pages) page(r *web.Request, age string, d web.PageData) (web.Response, error) {
	if r.SignedIn() || len(r.Cookies()) > 0 {
		return web.Page(r, d), nil
	}
	if p.o.Edition == "" {
		return web.Page(r, d).With("Cache-Control", age), nil
	}
	var body bytes.Buffer
	if err := d.Body.Render(r.Context(), &body); err != nil {
		return web.Response{}, err
	}
	tag := tagOf([]byte(p.o.Edition), []byte(d.Title+d.Caption+d.Description), body.Bytes())
	d.Body = templ.ComponentFunc(func(_ context.Context, w io.Writer) error { _, err := w.Write(body.Bytes()); return err })
	if r.Header.Get("If-None-Match") != "" && matches(r.Request, tag, clock.Instant{}) {
		d.Status = http.StatusNotModified
	}
	return web.Page(r, d).With("Cache-Control", age).With("ETag", tag), nil
}

// file answers with a feed or another text for machines.
func (p *Pages) file(r *web.Request, kind string, text []byte, changed clock.Instant) (web.Response, error) {
	tag := tagOf([]byte(kind), text)
	var resp web.Response
	if matches(r.Request, tag, changed) {
		resp = web.Page(r, web.PageData{Title: "Not changed", Status: http.StatusNotModified})
	} else {
		resp = web.Inline(kind, bytes.NewReader(text))
	}
	if !changed.IsZero() {
		resp = resp.With("Last-Modified", changed.Time().UTC().Format(http.TimeFormat))
	}
	return resp.With("Cache-Control", always).With("ETag", tag), nil
}

func tagOf(parts ...[]byte) string {
	h := sha256.New()
	for _, b := range parts {
		_, _ = h.Write(b)
		_, _ = h.Write([]byte{0})
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]) + `"`
}

// matches tells whether the sender holds this very answer. A date is asked only
// without a tag, since two changes can fall in one second.
func matches(q *http.Request, tag string, changed clock.Instant) bool {
	if have := q.Header.Get("If-None-Match"); have != "" {
		for _, t := range strings.Split(have, ",") {
			if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(q.Header.Get("If-Modified-Since"))
	return err == nil && !changed.IsZero() && !changed.Time().Truncate(time.Second).After(since)
}

// base is the site's address without a slash at its end.
func (p *Pages) base(r *web.Request) string {
	if p.o.Address != "" {
		return strings.TrimSuffix(p.o.Address, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (p *Pages) site(r *web.Request, pieces []Piece, changed clock.Instant) SiteInfo {
	return SiteInfo{Title: p.o.Brand, Base: p.base(r), Notice: p.o.Notice, Pieces: pieces, Changed: changed}
}

func (p *Pages) feed(r *web.Request, kind string, write func(SiteInfo) ([]byte, error)) (web.Response, error) {
	pieces, changed, err := p.s.Feed(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	text, err := write(p.site(r, pieces, changed))
	if err != nil {
		return web.Response{}, err
	}
	return p.file(r, kind, text, changed)
}

func (p *Pages) atom(r *web.Request) (web.Response, error) {
	return p.feed(r, "application/atom+xml; charset=utf-8", SiteInfo.Atom)
}

func (p *Pages) rss(r *web.Request) (web.Response, error) {
	return p.feed(r, "application/rss+xml; charset=utf-8", SiteInfo.RSS)
}

func (p *Pages) feedJSON(r *web.Request) (web.Response, error) {
	return p.feed(r, "application/feed+json; charset=utf-8", SiteInfo.JSON)
}

// mapped are the public pages that search engines are told of.
func mapped() []string {
	return []string{"/", "/about", "/eligibility", "/tracker", "/stories", "/news", "/schemes", "/refer-yourself", "/accessibility", "/privacy", "/cookies", "/contact"}
}

func (p *Pages) sitemap(r *web.Request) (web.Response, error) {
	pieces, changed, err := p.s.Map(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	text, err := p.site(r, pieces, changed).Sitemap(mapped())
	if err != nil {
		return web.Response{}, err
	}
	return p.file(r, "application/xml; charset=utf-8", text, changed)
}

func (p *Pages) robots(r *web.Request) (web.Response, error) {
	text := "User-agent: *\nDisallow: /sign-in\nDisallow: /invitation\nDisallow: /home\nDisallow: /newsroom\n\nSitemap: " + p.base(r) + "/sitemap.xml\n"
	return p.file(r, "text/plain; charset=utf-8", []byte(text), clock.Instant{})
}

// security tells where faults of safety are reported (RFC 9116). Without an
// address there is nothing true to say.
func (p *Pages) security(r *web.Request) (web.Response, error) {
	mail, _, err := p.s.Contact(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	contact := p.base(r) + "/contact"
	if mail != "" {
		contact = "mailto:" + mail
	}
	expires := clock.StartOf(clock.AddMonths(r.Call.Today.MonthEnd().AddDays(1), 6))
	text := "Contact: " + contact + "\nExpires: " + stamp(expires) + "\nPreferred-Languages: en\nCanonical: " + p.base(r) + "/.well-known/security.txt\n"
	return p.file(r, "text/plain; charset=utf-8", []byte(text), clock.Instant{})
}
