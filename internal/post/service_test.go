package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/problem"
	"msw/internal/web"
)

// grants are the rows this package proposes for the permission table.
const grants = `employer_hr post.see organisation
employer_finance post.see organisation
supervisor post.see organisation
caseworker post.see tenant
national_lead post.see tenant
operator post.see tenant
regional_lead post.see region
employer_hr post.register organisation
national_lead post.register tenant
operator post.register tenant
regional_lead post.approve region
national_lead post.approve tenant
operator post.approve tenant
employer_hr post.open organisation
national_lead post.open tenant
operator post.open tenant
employer_hr post.supervise organisation
operator post.supervise tenant
employer_hr post.interest organisation
regional_lead post.interest region
national_lead post.interest tenant
regional_lead post.map region
national_lead post.map tenant
operator post.outcodes tenant`

const tenant = "msw"

func call(account string, members ...access.Membership) access.Call {
	now := clock.At(time.Date(2022, 8, 1, 9, 0, 0, 0, time.UTC))
	return access.Call{Actor: access.Actor{Account: account, Tenant: tenant, Name: "Name of " + account, Members: members}, Now: now, Today: now.Local()}
}

var (
	employer = call("hr", access.Membership{Role: "employer_hr", Organisation: "RX1"})
	other    = call("hr2", access.Membership{Role: "employer_hr", Organisation: "RX2"})
	national = call("nat", access.Membership{Role: "national_lead"})
	london   = call("lon", access.Membership{Role: "regional_lead", Region: "Y56"})
	north    = call("nor", access.Membership{Role: "regional_lead", Region: "Y62"})
	board    = call("board", access.Membership{Role: "board"})
)

type world struct {
	t *testing.T
	*Service
}

func inWorld(t *testing.T, fn func(t *testing.T, w world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		var rows []access.Grant
		for line := range strings.Lines(grants) {
			f := strings.Fields(line)
			rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
		}
		table, err := access.NewTable(rows...)
		if err != nil {
			t.Fatal(err)
		}
		log, err := audit.New(db)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]Place{}
		for _, p := range []Place{{ID: "RX1", Name: "Riverside Trust", Region: "Y56"}, {ID: "RX2", Name: "Hillside Trust", Region: "Y62"},
			{ID: "G1", Name: "Canal Practice", Region: "Y56"}, {ID: "SHUT", Name: "Shut Trust", Closed: clock.MustDate("2022-01-01")}} {
			p.Found, p.England = true, true
			all[p.ID] = p
		}
		s, err := New(Options{DB: db, Access: table, Audit: log,
			Places: func(_ context.Context, _ string, ids []string) (map[string]Place, error) {
				out := map[string]Place{}
				for _, id := range ids {
					if p, ok := all[id]; ok {
						out[id] = p
					}
				}
				return out, nil
			},
			Phases: func(context.Context, string) ([]Phase, error) {
				return []Phase{{ID: "ph", Title: "2022/23", Starts: clock.MustDate("2022-04-01"), Ends: clock.MustDate("2023-03-31")}}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, world{t, s})
	})
}

func (w world) supervisor(account string, capacity int) {
	w.t.Helper()
	if _, err := w.SetSupervisor(context.Background(), employer, NewSupervisor{Account: account, Organisation: "RX1", Name: "Senior " + account, Capacity: capacity}); err != nil {
		w.t.Fatal(err)
	}
}

func details() Details {
	p, _ := readyPost()
	d := p.Details
	d.Host, d.Phase, d.FundedUntil = "G1", "ph", clock.MustDate("2023-06-30")
	return d
}

func (w world) register(d Details) Post {
	w.t.Helper()
	p, err := w.Register(context.Background(), employer, Registration{Details: d})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestAPostGoesItsWay(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		w.supervisor("sup", 1)
		p := w.register(details())
		if p.Status != Draft || p.WholeTime != 1000 || p.Region != "Y56" {
			t.Fatalf("registered %+v", p)
		}
		_, err := w.Open(ctx, employer, Step{ID: p.ID})
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Kind != problem.Refused || len(e.Reasons) != 1 {
			t.Fatalf("a draft was opened: %v", err)
		}
		if _, err := w.Approve(ctx, employer, Step{ID: p.ID}); problem.KindOf(err) != problem.NotFound && problem.KindOf(err) != problem.Forbidden {
			t.Fatalf("an employer approved: %v", err)
		}
		if _, err := w.Approve(ctx, north, Step{ID: p.ID}); problem.KindOf(err) != problem.NotFound {
			t.Fatalf("another region approved: %v", err)
		}
		if p, err = w.Approve(ctx, london, Step{ID: p.ID, Version: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err = w.Open(ctx, employer, Step{ID: p.ID, Version: 1}); problem.KindOf(err) != problem.Conflict {
			t.Fatalf("an old version opened: %v", err)
		}
		if p, err = w.Open(ctx, employer, Step{ID: p.ID, Version: p.Version}); err != nil {
			t.Fatal(err)
		}
		second := w.register(details())
		if _, err = w.Approve(ctx, national, Step{ID: second.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err = w.Open(ctx, employer, Step{ID: second.ID}); problem.KindOf(err) != problem.Refused {
			t.Fatalf("a supervisor with room for one got two: %v", err)
		}
		if _, err = w.Close(ctx, employer, Step{ID: p.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err = w.Open(ctx, employer, Step{ID: second.ID}); err != nil {
			t.Fatalf("closing gave no room back: %v", err)
		}
	})
}

func TestAmendingAsksForApprovalAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		w.supervisor("sup", 3)
		d := details()
		d.Clinical = ""
		p := w.register(d)
		p, err := w.Approve(ctx, london, Step{ID: p.ID})
		if err != nil {
			t.Fatal(err)
		}
		d.Clinical = "sup"
		if p, err = w.Amend(ctx, employer, Amendment{ID: p.ID, Version: p.Version, Details: d}); err != nil || p.Status != Approved {
			t.Fatalf("naming a supervisor: %v, %s", err, p.Status)
		}
		d.MinutesWeek = 1125
		if p, err = w.Amend(ctx, employer, Amendment{ID: p.ID, Version: p.Version, Details: d}); err != nil || p.Status != Draft || p.WholeTime != 500 {
			t.Fatalf("halving the hours: %v, %+v", err, p)
		}
		if _, err = w.Amend(ctx, employer, Amendment{ID: p.ID, Version: 1, Details: d}); problem.KindOf(err) != problem.Conflict {
			t.Fatalf("an old version was amended: %v", err)
		}
		d.Clinical = "stranger"
		if _, err = w.Amend(ctx, employer, Amendment{ID: p.ID, Version: p.Version, Details: d}); problem.KindOf(err) != problem.Invalid {
			t.Fatalf("an unknown supervisor was named: %v", err)
		}
		d = details()
		d.Employer = "RX2"
		d.Clinical = ""
		if _, err = w.Register(ctx, employer, Registration{Details: d}); problem.KindOf(err) != problem.Invalid {
			t.Fatalf("a post of another organisation: %v", err)
		}
	})
}

func TestTheLastPlaceIsTakenOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		w.supervisor("sup", 4)
		p := w.register(details())
		for _, step := range []func(context.Context, access.Call, Step) (Post, error){w.Approve, w.Open} {
			if _, err := step(ctx, national, Step{ID: p.ID}); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { errs[i] = w.Fill(ctx, national, p.ID, fmt.Sprint("offer", i)) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if problem.KindOf(err) != problem.Conflict {
				t.Errorf("a loser got %v", err)
			}
		}
		if won != 1 {
			t.Fatalf("%d offers filled one post", won)
		}
	})
}

func (w world) site() http.Handler {
	people := map[string]access.Call{"employer": employer, "other": other, "national": national, "london": london, "north": north, "board": board}
	s, err := web.New(web.Options{DB: w.db, Access: w.access, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return employer.Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			return c.Actor, ok, nil
		}})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Handle(NewPages(w.Service, []Region{{"Y56", "London"}}).Routes()...); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func ask(h http.Handler, who, path string, form url.Values) (int, string, string) {
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
	return rec.Code, rec.Body.String(), rec.Header().Get("Location")
}

func TestPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.supervisor("sup", 1)
		h := w.site()
		gaps := url.Values{"setting": {"gp_practice"}, "employer-value": {"RX1"}, "host": {"g1"}, "specialty": {"Canary medicine"}, "hours": {"20"},
			"start-day": {"1"}, "start-month": {"9"}, "start-year": {"2022"}}
		status, body, location := ask(h, "employer", "/posts/new", gaps)
		if status != 303 {
			t.Fatalf("registering: %d\n%s", status, body)
		}
		wrong := url.Values{"specialty": {"Typed text"}, "hours": {"soon"}, "start-day": {"31"}, "start-month": {"2"}, "start-year": {"2022"}}
		for _, sc := range []struct {
			who, path string
			form      url.Values
			status    int
			must, not []string
		}{
			{who: "employer", path: "/posts", status: 200, must: []string{"Canary medicine", "Canal Practice", "Hours a week", "Draft"}},
			{who: "other", path: "/posts", status: 200, must: []string{"No posts yet"}, not: []string{"Canary"}},
			{who: "north", path: "/posts", status: 200, not: []string{"Canary"}},
			{who: "board", path: "/posts", status: 404, not: []string{"Canary"}},
			{who: "employer", path: "/posts?status=open", status: 200, must: []string{"No posts fit"}, not: []string{"Canary"}},
			{who: "employer", path: location, status: 200, must: []string{"What stops this post from opening", "has not approved", "No clinical supervisor is named", "The pay is not stated", "The indemnity is not stated", "Contract ends", "Funded until", "Programme phase"}},
			{who: "other", path: location, status: 404, not: []string{"Canary"}},
			{who: "other", path: "/posts/NOSUCHPOST", status: 404, not: []string{"Canary"}},
			{who: "employer", path: location + "/approve", form: url.Values{"version": {"1"}}, status: 404},
			{who: "london", path: location + "/approve", form: url.Values{"version": {"1"}}, status: 303},
			{who: "employer", path: location + "/open", form: url.Values{"version": {"2"}}, status: 422, must: []string{"No clinical supervisor is named", "The pay is not stated"}},
			{who: "other", path: location + "/open", form: url.Values{"version": {"2"}}, status: 404},
			{who: "employer", path: location + "/change", status: 200, must: []string{"Canary medicine", "Canal Practice", "Senior sup (room for 1)"}},
			{who: "other", path: location + "/change", status: 404, not: []string{"Canary"}},
			{who: "employer", path: "/posts/new", form: wrong, status: 422, must: []string{"Typed text", "Enter the hours a week", "Enter a real date", "Choose an organisation"}},
			{who: "employer", path: "/supervisors", status: 200, must: []string{"Senior sup"}},
			{who: "other", path: "/supervisors", status: 200, must: []string{"No supervisors yet"}, not: []string{"Senior sup"}},
		} {
			status, body, _ := ask(h, sc.who, sc.path, sc.form)
			if status != sc.status {
				t.Errorf("%s %s: status %d, want %d\n%s", sc.who, sc.path, status, sc.status, body)
			}
			for _, m := range sc.must {
				if !strings.Contains(body, m) {
					t.Errorf("%s %s: %q is missing", sc.who, sc.path, m)
				}
			}
			for _, m := range append(sc.not, "Dr ") {
				if strings.Contains(body, m) {
					t.Errorf("%s %s: %q must not be there", sc.who, sc.path, m)
				}
			}
		}
	})
}
