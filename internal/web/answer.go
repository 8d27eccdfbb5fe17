package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/problem"
)

// answers says how each kind of problem is answered: the one place that maps
// kinds to HTTP.
var answers = [...]struct {
	status int
	title  string
}{
	problem.Unknown:     {http.StatusInternalServerError, "Sorry, there is a problem with the service"},
	problem.Invalid:     {http.StatusUnprocessableEntity, "There is a problem with what was sent"},
	problem.NotFound:    {http.StatusNotFound, "Page not found"},
	problem.Forbidden:   {http.StatusForbidden, "You cannot do this"},
	problem.Conflict:    {http.StatusConflict, "This has changed"},
	problem.Refused:     {http.StatusUnprocessableEntity, "This cannot be done"},
	problem.Unavailable: {http.StatusServiceUnavailable, "Sorry, this cannot be done right now"},
}

const faultWords = "Try again in a few minutes. What you typed was not saved. If it happens again, tell us the reference."

// told is an error as it is told: to a page, or as RFC 9457 JSON.
type told struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail"`
	Reference string          `json:"reference"`
	Fields    []problem.Field `json:"fields,omitempty"`
	Reasons   []string        `json:"reasons,omitempty"`
	Notice    string          `json:"notice,omitempty"`
}

func tell(err error, reference string) told {
	kind := problem.KindOf(err)
	t := told{Type: "urn:msw:problem:" + kind.String(), Title: answers[kind].title, Status: answers[kind].status, Reference: reference, Detail: faultWords}
	e, ok := errors.AsType[*problem.Error](err)
	switch {
	case kind == problem.NotFound: // one answer, whatever was missing or hidden
		t.Detail = problem.Missing().Message
	case ok:
		t.Detail, t.Fields, t.Reasons = e.Message, e.Fields, e.Reasons
	}
	if errors.Is(err, errTooMany) {
		t.Status, t.Title = http.StatusTooManyRequests, "Too many tries"
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		t.Type, t.Status, t.Title = "urn:msw:problem:too-large", http.StatusRequestEntityTooLarge, "This is too large"
		t.Detail = "What you sent is larger than we can take. Choose a smaller file or send it in parts."
	}
	return t
}

// fail answers with an error: the log gets the cause, the person the words.
func (s *Server) fail(w http.ResponseWriter, q *http.Request, rt Route, actor access.Actor, err error) {
	t := tell(err, traceOf(q).id)
	if t.Status >= 500 {
		s.o.Log.Error("failed", "request", t.Reference, "route", rt.Pattern, "err", err)
	}
	if strings.HasPrefix(rt.Pattern, "/api/") || strings.HasSuffix(rt.Pattern, ".json") {
		t.Notice = s.o.Notice
		b, _ := json.Marshal(t) // strings and numbers always marshal
		s.bytes(w, q, Response{status: t.Status, kind: "application/problem+json"}, b)
		return
	}
	s.send(w, q, actor, Page(nil, PageData{Title: t.Title, Status: t.Status, Body: problemBody(t)}))
}

// send renders an answer whole, then sends it.
func (s *Server) send(w http.ResponseWriter, q *http.Request, actor access.Actor, r Response) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Cookie")
	if actor.Account != "" || r.status >= 300 {
		h.Set("Cache-Control", "no-store")
	}
	for name, values := range r.header {
		h[name] = values
	}
	for _, c := range r.cookies {
		http.SetCookie(w, c)
	}
	switch {
	case r.location != "":
		s.setFlash(w, q, r.flash)
		h.Set("Location", r.location)
		w.WriteHeader(r.status)
	case r.page != nil:
		s.page(w, q, actor, r)
	case r.body != nil:
		s.stream(w, q, r)
	case r.json != nil || r.raw != nil:
		s.json(w, q, actor, r)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *Server) json(w http.ResponseWriter, q *http.Request, actor access.Actor, r Response) {
	b := r.raw
	if b == nil {
		var err error
		if b, err = json.Marshal(r.json); err != nil {
			s.fail(w, q, Route{Pattern: ".json"}, actor, err)
			return
		}
	}
	if s.o.Notice != "" && len(b) > 1 && b[0] == '{' {
		notice, _ := json.Marshal(map[string]string{"notice": s.o.Notice})
		rest := string(b[1:])
		if rest != "}" {
			rest = "," + rest
		}
		b = []byte(strings.TrimSuffix(string(notice), "}") + rest)
	}
	r.kind = "application/json"
	s.bytes(w, q, r, b)
}

// shown is everything the layout draws around a page.
type shown struct {
	PageData
	Brand, Notice string
	Actor         access.Actor
	Navigation    []nhs.NavigationItem
	Footer        []nhs.NavigationItem
	Style         string
	Script        string
	Icon          string
}

func (s *Server) page(w http.ResponseWriter, q *http.Request, actor access.Actor, r Response) {
	p := shown{PageData: *r.page, Brand: s.o.Brand, Notice: s.o.Notice, Actor: actor, Footer: s.o.Footer}
	if s.o.Navigation != nil {
		p.Navigation = s.o.Navigation(actor)
		if r.status == http.StatusOK || len(p.Errors) > 0 { // an error page must look the same wherever it stands
			p.Navigation = marked(p.Navigation, q.URL.Path)
		}
	}
	p.Style, p.Script, p.Icon = s.o.Assets.URL("msw.css"), s.o.Assets.URL("msw.js"), s.o.Assets.URL("favicon.svg")
	if said := s.takeFlash(w, q); p.Flash == "" {
		p.Flash = said
	}
	buf := s.gzip.buffer()
	defer s.gzip.release(buf)
	surround := layout(p)
	if p.Slim {
		if s.o.Assets.Has("slim.css") {
			p.Style = s.o.Assets.URL("slim.css")
		}
		surround = slim(p)
	}
	if err := surround.Render(q.Context(), buf); err != nil {
		s.o.Log.Error("failed", "request", traceOf(q).id, "route", traceOf(q).pattern, "err", err)
		http.Error(w, answers[problem.Unknown].title+"\nReference: "+traceOf(q).id, http.StatusInternalServerError)
		return
	}
	r.kind = "text/html"
	s.bytes(w, q, r, buf.Bytes())
}

// marked marks the entry of the page that is shown, or the one it lies below.
func marked(items []nhs.NavigationItem, path string) []nhs.NavigationItem {
	out := append([]nhs.NavigationItem(nil), items...)
	best, length := -1, 1
	for i, item := range out {
		switch {
		case item.Href == path:
			out[i].Current = true
			return out
		case strings.HasPrefix(path, item.Href+"/") && len(item.Href) > length:
			best, length = i, len(item.Href)
		}
	}
	if best >= 0 {
		out[best].Active = true
	}
	return out
}
