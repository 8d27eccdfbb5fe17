package allocation_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/problem"
	"msw/internal/web"
)

var now = clock.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, db *database.DB) (*allocation.Service, *access.Table) {
	t.Helper()
	table, err := access.NewTable(access.Grant{Role: "doctor", Action: allocation.ActPrefer, Relation: access.Own},
		access.Grant{Role: "doctor", Action: allocation.ActLink, Relation: access.Own}, access.Grant{Role: "doctor", Action: allocation.ActAsk, Relation: access.Own},
		access.Grant{Role: "caseworker", Action: allocation.ActAsk, Relation: access.Tenant}, access.Grant{Role: "caseworker", Action: allocation.ActVouch, Relation: access.Tenant},
		access.Grant{Role: "assessor", Action: allocation.ActJudge, Relation: access.Tenant},
		access.Grant{Role: "caseworker", Action: allocation.ActRead, Relation: access.Tenant}, access.Grant{Role: "regional_lead", Action: allocation.ActRead, Relation: access.Region})
	must(t, err)
	log, err := audit.New(db)
	must(t, err)
	s, err := allocation.New(allocation.Options{DB: db, Access: table, Audit: log, Resource: func(_ context.Context, tenant, doctor string) (access.Resource, error) {
		return access.Resource{Tenant: tenant, Doctor: doctor, Regions: []string{"Y56"}}, nil
	}})
	must(t, err)
	return s, table
}

func call(doctor string, roles ...access.Membership) access.Call {
	return access.Call{Actor: access.Actor{Account: "a" + doctor, Tenant: "msw", Doctor: doctor, Members: roles}, Now: now, Today: now.Local()}
}

func TestPreferKeepsVersions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, _ := build(t, db)
		ctx := t.Context()
		wish := allocation.Preference{Doctor: "d1", Regions: []string{"Y56", "Y60"}, Settings: []string{"hospital"}, Hours: 30, Travel: 20}
		state := func() string { got, err := s.State(ctx, call("d1"), "d1"); must(t, err); return got }
		if state() != "not started" {
			t.Errorf("before: %s", state())
		}
		must(t, s.Prefer(ctx, call("d1"), wish))
		if err := s.Prefer(ctx, call("d1"), wish); problem.KindOf(err) != problem.Conflict {
			t.Errorf("a stale save answered %v", err)
		}
		wish.Version, wish.Regions = 1, nil
		must(t, s.Prefer(ctx, call("d1"), wish))
		got, err := s.Get(ctx, "msw", "d1")
		must(t, err)
		if got.Version != 2 || len(got.Regions) != 0 || !slices.Equal(got.Settings, wish.Settings) || got.Hours != 30 || state() != "in progress" {
			t.Errorf("stored %+v, %s", got, state())
		}
		if err := s.Prefer(ctx, call("d2"), wish); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another doctor's save answered %v", err)
		}
		all, err := s.Of(ctx, "msw", []string{"d1", "d2"})
		if err != nil || len(all) != 1 {
			t.Errorf("of many: %v, %v", all, err)
		}
		if other, err := s.Get(ctx, "scheme", "d1"); err != nil || other.Version != 0 {
			t.Errorf("another tenant reads %+v, %v", other, err)
		}
		there := call("d9")
		there.Actor.Tenant = "scheme"
		must(t, s.CarryOver(ctx, call("d1"), there))
		if other, _ := s.Get(ctx, "scheme", "d9"); other.Hours != 30 {
			t.Errorf("carried: %+v", other)
		}
	})
}

func TestCheckSaysEverythingWrong(t *testing.T) {
	err := allocation.Preference{Regions: []string{"Mars"}, Settings: []string{"ship"}, Specialties: []string{"magic"}, Hours: 99, Travel: -1}.Check()
	for _, f := range []string{"regions", "settings", "specialties", "hours", "travel"} {
		if err == nil || !strings.Contains(err.Error(), f+": ") {
			t.Errorf("nothing about %s: %v", f, err)
		}
	}
}

func TestMisses(t *testing.T) {
	wish := allocation.Preference{Regions: []string{"Y56"}, Settings: []string{"hospital"}, Hours: 20}
	if got := wish.Misses(allocation.Post{Region: "Y56", Setting: "hospital", Specialty: "surgery", Hours: 20}); len(got) != 0 {
		t.Errorf("a fitting post misses %v", got)
	}
	if got := wish.Misses(allocation.Post{Region: "Y60", Setting: "gp_practice", Hours: 37}); len(got) != 3 {
		t.Errorf("a post elsewhere misses %v", got)
	}
	if got := (allocation.Preference{}).Misses(allocation.Post{Region: "Y60", Setting: "gp_practice", Hours: 37}); len(got) != 0 {
		t.Errorf("who wishes for nothing misses %v", got)
	}
}

func TestPreferencesPage(t *testing.T) {
	db := dbtest.SQLite(t)
	s, table := build(t, db)
	server, err := web.New(web.Options{DB: db, Access: table, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return now },
		Actor: func(*http.Request) (access.Actor, bool, error) { return call("d1").Actor, true, nil }})
	must(t, err)
	must(t, server.Handle(allocation.NewPages(s, allocation.PagesOptions{}).Routes()...))
	send := func(form url.Values) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/apply/preferences", nil)
		if form != nil {
			r = httptest.NewRequestWithContext(t.Context(), "POST", "/apply/preferences", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	if code, body := send(nil); code != 200 || strings.Count(body, "<h1") != 1 {
		t.Fatalf("page: %d", code)
	}
	if code, body := send(url.Values{"regions": {"Y56"}, "hours": {"many"}, "travel": {"999"}, "version": {"0"}}); code != 422 || !strings.Contains(body, `value="many"`) || !strings.Contains(body, "#travel") {
		t.Errorf("wrong numbers: %d %.500s", code, body)
	}
	if code, _ := send(url.Values{"regions": {"Y56"}, "version": {"0"}}); code != 303 {
		t.Errorf("incomplete: %d", code)
	}
	if code, body := send(url.Values{"regions": {"Y60"}, "version": {"0"}}); code != 422 || !strings.Contains(body, "It now says: London") {
		t.Errorf("stale: %d %.600s", code, body)
	}
	panel := func(c access.Call) string {
		p, err := allocation.NewPages(s, allocation.PagesOptions{}).Panel(t.Context(), c, "d1")
		must(t, err)
		var b strings.Builder
		if p != nil {
			must(t, p.Render(t.Context(), &b))
		}
		return b.String()
	}
	if p := panel(call("", access.Membership{Role: "regional_lead", Region: "Y56"})); !strings.Contains(p, "London") {
		t.Errorf("the region's lead sees %q", p)
	}
	if p := panel(call("", access.Membership{Role: "regional_lead", Region: "Y60"})); p != "" {
		t.Errorf("another region's lead sees %q", p)
	}
}
