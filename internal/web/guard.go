package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"msw/internal/access"
	"msw/internal/problem"
)

// trace is what one request gathers for its log line.
type trace struct {
	id      string
	pattern string
	account string
}

type traceKey struct{}

func traceOf(q *http.Request) *trace {
	if t, ok := q.Context().Value(traceKey{}).(*trace); ok {
		return t
	}
	return &trace{id: "none"}
}

// named notes which pattern a request met: the log and the figures know
// patterns, never addresses, since an address may tell about a person.
func named(pattern string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		traceOf(q).pattern = pattern
		next.ServeHTTP(w, q)
	})
}

// contentPolicy lets a page use this site's own files and nothing else, and be
// framed by nobody.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard is what every request passes: an id, the security headers, the check
// for requests forged by other sites, the catch for panics, and the log line.
func (s *Server) guard(next http.Handler) http.Handler {
	forged := http.NewCrossOriginProtection()
	forged.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.fail(w, q, Route{Pattern: q.URL.Path}, access.Actor{}, problem.Denied("This request came from another site, so we did nothing. Open this service itself and try again."))
	}))
	next = forged.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		t := &trace{id: rand.Text()[:12], pattern: "refused"}
		q = q.WithContext(context.WithValue(q.Context(), traceKey{}, t))
		out := &watched{ResponseWriter: w}
		s.headers(out.Header(), t.id)
		start := s.o.Now().Time()
		defer func() { s.finish(out, q, start, recover()) }()
		next.ServeHTTP(out, q)
	})
}

func (s *Server) headers(h http.Header, id string) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
	h.Set("X-Request-Id", id)
	if s.o.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// finish answers for a handler that panicked, then logs and counts.
func (s *Server) finish(out *watched, q *http.Request, start time.Time, panicked any) {
	t := traceOf(q)
	if panicked != nil {
		if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(panicked)
		}
		s.o.Log.Error("panic", "request", t.id, "route", t.pattern, "what", panicked, "stack", string(debug.Stack()))
		if out.status == 0 {
			s.fail(out, q, Route{Pattern: q.URL.Path}, access.Actor{}, errors.New("panic"))
		}
	}
	took := s.o.Now().Time().Sub(start)
	status := out.status
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.observe(q.Method, t.pattern, status, took)
	s.o.Log.Info("request", "request", t.id, "method", q.Method, "route", t.pattern, "status", status,
		"ms", took.Milliseconds(), "account", t.account)
}

// watched remembers the status that was sent.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// limited keeps one address on the network from calling a route too often.
func (s *Server) limited(r Route, next http.Handler) http.Handler {
	limit := r.Limit
	if limit == 0 && r.Method == http.MethodPost && s.o.Access.IsPublic(r.Action) {
		limit = 60
	}
	if limit <= 0 {
		return next
	}
	return httprate.LimitBy(limit, time.Minute,
		func(q *http.Request) (string, error) { return s.sender(q), nil },
		httprate.WithLimitHandler(func(w http.ResponseWriter, q *http.Request) {
			s.fail(w, q, r, access.Actor{}, errTooMany)
		}))(next)
}

var errTooMany = problem.New(problem.Unavailable, "You have tried too often in a short time. Wait one minute, then try again.")

// Sender is the network address of who sent the request.
func (r *Request) Sender() string { return r.server.sender(r.Request) }

// sender is the network address of who sent a request. Behind a proxy it is
// the last one of X-Forwarded-For: the others are the sender's own claim.
func (s *Server) sender(q *http.Request) string {
	address := q.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	if s.o.Proxied {
		chain := strings.Split(strings.Join(q.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(chain[len(chain)-1]); last != "" {
			address = last
		}
	}
	return httprate.CanonicalizeIP(address)
}
