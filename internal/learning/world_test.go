package learning

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/web"
)

const tenant = "msw"

var today = clock.MustDate("2026-11-22")

// mail counts the messages that would go out.
type mail struct {
	mu   sync.Mutex
	sent []string
}

func (m *mail) Enqueue(_ context.Context, _, kind string, ids map[string]string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, kind+" "+ids["doctor"])
	return nil
}

type world struct {
	*Service
	t      *testing.T
	ctx    context.Context
	db     *database.DB
	table  *access.Table
	mail   *mail
	hidden map[string][]string
	facts  []fact.Record
	post   placement.Placement
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) is(kind problem.Kind, err error) {
	w.t.Helper()
	if err == nil || problem.KindOf(err) != kind {
		w.t.Errorf("%v, not %s", err, kind)
	}
}

func inWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := &world{t: t, ctx: t.Context(), db: db, mail: &mail{}, hidden: map[string][]string{}}
		var grants []access.Grant
		give := func(role access.Role, rel access.Relation, acts ...access.Action) {
			for _, a := range acts {
				grants = append(grants, access.Grant{Role: role, Action: a, Relation: rel})
			}
		}
		give("doctor", access.Own, ActOwn, ActBook, ActStudy, ActAgree)
		give("doctor", access.Tenant, ActSee)
		give("caseworker", access.Tenant, ActSee, ActOrganise, ActPeople)
		give("referrer", access.Organisation, ActSee, ActOrganise, ActPeople)
		give("employer_hr", access.Organisation, ActSee, ActOrganise, ActPeople, ActStudy, ActAgree)
		give("supervisor", access.Supervised, ActStudy)
		give("operator", access.Tenant, ActSweep)
		w.table = must[*access.Table](t)(access.NewTable(grants...))
		w.post = placement.Placement{ID: "p1", Doctor: "d1", Employer: "RX1", Host: "RX2", Clinical: "acc-boss", StartedOn: today - 100}
		of := func(doctor string) []placement.Placement {
			if doctor == w.post.Doctor {
				return []placement.Placement{w.post}
			}
			return nil
		}
		w.Service = must[*Service](t)(New(Options{DB: db, Access: w.table, Audit: must[*audit.Log](t)(audit.New(db)), Jobs: w.mail,
			Names: func(_ context.Context, _ string, ids []string) (map[string]string, error) {
				out := map[string]string{}
				for _, id := range ids {
					out[id] = "Canary of " + id
				}
				return out, nil
			},
			Organisations: func(_ context.Context, _ string, ids []string) (map[string]organisation.Organisation, error) {
				out := map[string]organisation.Organisation{}
				for _, id := range ids {
					out[id] = organisation.Organisation{ID: id, Name: "House " + id}
				}
				return out, nil
			},
			Stage: func(_ context.Context, _, doctor string) (casefile.Stage, error) {
				if len(of(doctor)) > 0 {
					return casefile.StageInPost, nil
				}
				return casefile.StageEligible, nil
			},
			Facts: func(context.Context, string, string) ([]fact.Record, error) { return w.facts, nil },
			HiddenFrom: func(_ context.Context, _ string, subjects []string) ([]string, error) {
				var out []string
				for _, s := range subjects {
					out = append(out, w.hidden[s]...)
				}
				return out, nil
			},
			AnswerDays: func(context.Context, string) (int, error) { return 3, nil },
			Placement: func(_ context.Context, _, id string) (placement.Placement, error) {
				if id != w.post.ID {
					return placement.Placement{}, problem.Missing()
				}
				return w.post, nil
			},
			PlacementsOf: func(_ context.Context, _, doctor string) ([]placement.Placement, error) { return of(doctor), nil }}))
		fn(t, w)
	})
}

func at(a access.Actor) access.Call {
	a.Tenant = tenant
	return access.Call{Actor: a, Today: today, Now: clock.OnDay(today, 9*60)}
}

func byDoctor(id string) access.Call { return at(access.Actor{Account: "acc-" + id, Doctor: id}) }

func staff(account string, role access.Role, org string) access.Call {
	return at(access.Actor{Account: account, Members: []access.Membership{{Role: role, Organisation: org}}})
}

var (
	scheme    = staff("scheme", "referrer", "s1")
	other     = staff("other", "referrer", "s2")
	employer  = staff("hr", "employer_hr", "RX1")
	host      = staff("host", "employer_hr", "RX2")
	boss      = staff("acc-boss", "supervisor", "RX1")
	caseworks = staff("cw", "caseworker", "")
	system    = staff("op", "operator", "")
)

func after(c access.Call, d time.Duration) access.Call {
	c.Now = c.Now.Add(d)
	c.Today = c.Now.Local()
	return c
}

// course is an open event of the scheme in 20 days with some places.
func (w *world) course(places int) Event {
	w.t.Helper()
	e := must[Event](w.t)(w.SaveEvent(w.ctx, scheme, Event{Kind: "english", Title: "English for the ward", About: "Speaking and listening.", Organisation: "s1",
		Way: WayPlace, Place: "Canary House, 5 Hidden Street", Takes: "all", Places: places}))
	w.ok(w.AddSessions(w.ctx, scheme, e.ID, today+20, 18*60, 90, 2))
	w.ok(w.SetState(w.ctx, scheme, e.ID, 2, Open))
	return w.get(e.ID)
}

func (w *world) get(id string) Event {
	w.t.Helper()
	return must[Event](w.t)(w.event(w.ctx, tenant, id))
}

func (w *world) book(id, doctor string, minute int) BookingState {
	w.t.Helper()
	return must[Booking](w.t)(w.Book(w.ctx, after(byDoctor(doctor), time.Duration(minute)*time.Minute), id)).State
}

func (w *world) state(id, doctor string) BookingState {
	w.t.Helper()
	b := must[*Booking](w.t)(w.bookingOf(w.ctx, tenant, id, doctor))
	if b == nil {
		return ""
	}
	return b.State
}

func (w *world) counts(id string, taken, waiting int) {
	w.t.Helper()
	if e := w.get(id); e.Taken != taken || e.Waiting != waiting {
		w.t.Errorf("taken %d and waiting %d, not %d and %d", e.Taken, e.Waiting, taken, waiting)
	}
}

func (w *world) site() http.Handler {
	people := map[string]access.Call{"scheme": scheme, "other": other, "employer": employer, "host": host, "boss": boss, "caseworker": caseworks, "d1": byDoctor("d1"), "d2": byDoctor("d2")}
	s := must[*web.Server](w.t)(web.New(web.Options{DB: w.db, Access: w.table, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return system.Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			return c.Actor, ok, nil
		}}))
	w.ok(s.Handle(NewPages(w.Service).Routes()...))
	return s
}

func ask(h http.Handler, who, path string, form url.Values) (int, string) {
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method = "POST"
		form.Set("idempotency-key", database.NewID())
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Who", who)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

func (w *world) wasTold(lines ...string) {
	w.t.Helper()
	if !slices.Equal(w.mail.sent, lines) {
		w.t.Errorf("told %q, not %q", w.mail.sent, lines)
	}
	w.mail.sent = nil
}

type ctx = context.Context

func lines(list []casefile.Soon, err error) ([]string, error) {
	var out []string
	for _, l := range list {
		out = append(out, l.Text)
	}
	return out, err
}
