// Package web is the one way into msw over HTTP: routes that pass through
// access, forms read before a transaction is opened, commands that happen once
// however often they are sent, answers rendered whole before the first byte
// leaves, and errors that say what to do next.
//
// It knows no word of the programme: capabilities bring routes and pages, the
// app brings the actor, the navigation and the assets. It is not a template
// library (nhs is) and holds no session (signin does).
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/nhs"
	"msw/internal/web/assets"
)

// Route is one address with one method. Every route names the action it does;
// an action nobody may do is refused by Handle, so that no route is served
// without a row in the permission table.
type Route struct {
	Method  string // GET or POST
	Pattern string // as in net/http.ServeMux without the method: "/cases/{ref}"
	Action  access.Action
	Handle  func(*Request) (Response, error)

	// OwnTx leaves transactions to the handler, which must wrap its writes
	// itself: for effects that must stay although the page says no (a counted
	// wrong code), and for long imports. No idempotency key is kept for it.
	OwnTx bool
	// Upload allows a multipart body up to Options.UploadLimit instead of 1 MiB.
	Upload bool
	// Stream leaves a body of up to Options.UploadLimit unread: the handler reads
	// it as it comes, so that a file is nowhere written in the open. Only what
	// stands in the address is in Form. Use it with OwnTx.
	Stream bool
	// Limit is how many requests a minute one address on the network may make;
	// 0 means the default: 60 for a POST that anyone may make, else no limit.
	Limit int
}

// Options are what a server needs. DB, Access, Log, Now and Actor must be set.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Assets *assets.Assets // served under /assets/
	Log    *slog.Logger
	Now    func() clock.Instant
	// Actor tells who sent a request. With false nobody is signed in; the actor
	// then carries only the tenant whose public pages are shown.
	Actor      func(*http.Request) (access.Actor, bool, error)
	Navigation func(access.Actor) []nhs.NavigationItem // the entry of the shown address is marked
	Footer     []nhs.NavigationItem                    // instead of the usual four links
	Brand      string                                  // the service's name in the header
	Notice     string                                  // shown on every page and put in every JSON answer, "" for none
	Secure     bool                                    // served over TLS: HSTS and __Host- cookies
	Proxied    bool                                    // behind a proxy that appends to X-Forwarded-For

	UploadLimit int64         // bytes; 25 MiB when 0
	Timeout     time.Duration // of one request's work; 30 s when 0
	Metrics     *Metrics      // made when nil
}

// Server answers requests. Make it with New, fill it with Handle.
type Server struct {
	o       Options
	mux     *http.ServeMux
	outer   http.Handler
	metrics *Metrics
	gzip    zipper
	routes  []Route
}

// New makes a server with the assets, the health pages and the answer for
// unknown addresses; everything else comes through Handle.
func New(o Options) (*Server, error) {
	if o.DB == nil || o.Access == nil || o.Log == nil || o.Now == nil || o.Actor == nil {
		return nil, errors.New("web: DB, Access, Log, Now and Actor must be set")
	}
	if o.UploadLimit == 0 {
		o.UploadLimit = 25 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Brand == "" {
		o.Brand = "Medical Support Worker programme"
	}
	if o.Assets == nil {
		o.Assets = assets.None()
	}
	s := &Server{o: o, mux: http.NewServeMux(), metrics: o.Metrics}
	if s.metrics == nil {
		s.metrics = NewMetrics("")
	}
	s.mux.Handle("GET "+assets.Prefix, named(assets.Prefix, o.Assets.Handler()))
	s.mux.Handle("GET /healthz", named("/healthz", http.HandlerFunc(s.healthy)))
	s.mux.Handle("GET /readyz", named("/readyz", http.HandlerFunc(s.ready)))
	s.mux.Handle("GET /metrics", named("/metrics", s.metrics.handler()))
	s.mux.Handle("/", named("unknown", http.HandlerFunc(s.unknown)))
	s.outer = s.guard(s.mux)
	return s, nil
}

// Handle adds routes. An incomplete route, one whose action has no row in the
// permission table, or two for one address are errors.
func (s *Server) Handle(routes ...Route) (err error) {
	for _, r := range routes {
		if r.Method != http.MethodGet && r.Method != http.MethodPost || !strings.HasPrefix(r.Pattern, "/") || r.Handle == nil {
			return fmt.Errorf("route %s %s is not complete", r.Method, r.Pattern)
		}
		if !s.o.Access.Known(r.Action) {
			return fmt.Errorf("route %s %s: action %q has no row in the permission table", r.Method, r.Pattern, r.Action)
		}
		if err := s.add(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) add(r Route) (err error) {
	defer func() { // ServeMux reports a doubled pattern only by panicking
		if p := recover(); p != nil {
			err = fmt.Errorf("route %s %s: %v", r.Method, r.Pattern, p)
		}
	}()
	pattern := r.Pattern
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}"
	}
	s.mux.Handle(r.Method+" "+pattern, named(r.Pattern, s.limited(r, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.serve(r, w, q)
	}))))
	s.routes = append(s.routes, r)
	return nil
}

// Routes lists what was added, for the generated document and the matrix test.
func (s *Server) Routes() []Route { return append([]Route(nil), s.routes...) }

// Metrics gives the register of figures, so that the app can add its own.
func (s *Server) Metrics() *Metrics { return s.metrics }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.outer.ServeHTTP(w, r) }

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("alive\n"))
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.o.DB.Ping(ctx); err != nil {
		s.o.Log.Error("not ready", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("the database does not answer\n"))
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
