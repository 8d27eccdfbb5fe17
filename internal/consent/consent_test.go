package consent_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
	"msw/rules"
)

const tenant = "msw"

var now = clock.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))

type world struct {
	t       *testing.T
	db      *database.DB
	table   *access.Table
	s       *consent.Service
	people  *doctor.Service
	facts   *fact.Service
	id      string
	changed int
	log     *audit.Log

	urgent  []string
	paused  bool
	arrived []string
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, db *database.DB) *world {
	t.Helper()
	var grants []access.Grant
	for _, act := range slices.Concat(consent.Actions(), doctor.Actions(), fact.Actions()) {
		grants = append(grants, access.Grant{Role: "operator", Action: act, Relation: access.Tenant})
		if act != fact.ActVerify {
			grants = append(grants, access.Grant{Role: "doctor", Action: act, Relation: access.Own})
		}
	}
	grants = append(grants, access.Grant{Role: "caseworker", Action: consent.ActRead, Relation: access.Tenant})
	table, err := access.NewTable(grants...)
	must(t, err)
	w := &world{t: t, db: db, table: table}
	w.log, err = audit.New(db)
	must(t, err)
	book, err := rulebook.Load(rules.Files, ".")
	must(t, err)
	w.people, err = doctor.New(doctor.Options{DB: db, Access: table, Audit: w.log})
	must(t, err)
	w.facts, err = fact.New(fact.Options{DB: db, Access: table, Audit: w.log, Schema: book.Schema()})
	must(t, err)
	w.s, err = consent.New(consent.Options{DB: db, Access: table, Audit: w.log, Changed: func(context.Context, access.Call, string) error { w.changed++; return nil }})
	must(t, err)
	w.id, _, err = w.people.Create(t.Context(), w.call("operator"), doctor.NewDoctor{Given: "Amina", Family: "Test", Mobile: "07700900111"})
	must(t, err)
	must(t, w.people.Link(t.Context(), w.call("operator"), w.id, "a-doctor"))
	return w
}

func (w *world) call(role access.Role) access.Call {
	a := access.Actor{Account: "a-" + string(role), Tenant: tenant}
	if role == access.Doctor {
		a.Doctor = w.id
	} else {
		a.Members = []access.Membership{{Role: role}}
	}
	return access.Call{Actor: a, Now: now, Today: now.Local()}
}

func TestConsentEndsAndIsTakenBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		today := now.Local()
		id, err := w.s.Give(ctx, w.call("operator"), consent.Consent{Doctor: w.id, Organisation: "charity", Scope: []string{consent.ScopeProgress, consent.ScopeExams}, Until: today.AddDays(10), Source: "referral"})
		must(t, err)
		live := func(on clock.Date) []string {
			got, err := w.s.LiveFor(ctx, tenant, "charity", []string{w.id, "other"}, on)
			must(t, err)
			return got[w.id]
		}
		if got := live(today); !slices.Equal(got, []string{consent.ScopeProgress, consent.ScopeExams}) {
			t.Errorf("today: %v", got)
		}
		for _, on := range []clock.Date{today.AddDays(-1), today.AddDays(11)} {
			if got := live(on); got != nil {
				t.Errorf("on %s: %v", on, got)
			}
		}
		if got, err := w.s.LiveFor(ctx, tenant, "another", []string{w.id}, today); err != nil || len(got) != 0 {
			t.Errorf("another organisation: %v, %v", got, err)
		}
		if ending, err := w.s.Ending(ctx, tenant, today, today.AddDays(30)); err != nil || len(ending) != 1 {
			t.Errorf("ending: %v, %v", ending, err)
		}
		stranger := w.call(access.Doctor)
		stranger.Actor.Doctor = "d2"
		if err := w.s.Withdraw(ctx, stranger, id); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another doctor took it back: %v", err)
		}
		for range 2 {
			must(t, w.s.Withdraw(ctx, w.call(access.Doctor), id))
		}
		if got := live(today); got != nil {
			t.Errorf("after it was taken back: %v", got)
		}
		if w.changed != 2 {
			t.Errorf("told %d times, want 2", w.changed)
		}
		_, err = w.s.Give(ctx, w.call("operator"), consent.Consent{Doctor: w.id, Scope: []string{"everything"}, Until: today.AddDays(-1)})
		for _, f := range []string{"organisation", "scope", "until"} {
			if err == nil || !strings.Contains(err.Error(), f+": ") {
				t.Errorf("nothing about %s: %v", f, err)
			}
		}
	})
}

func TestHidingAndShowing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		own := w.call(access.Doctor)
		org := consent.Subject{Kind: consent.FromOrganisation, ID: "RJ1", Label: "canary hospital"}
		must(t, w.s.Hide(ctx, own, w.id, org))
		must(t, w.s.Hide(ctx, own, w.id, consent.Subject{Kind: consent.FromPlace, ID: "ls1", Label: "Leeds"}))
		hidden := func(subjects ...string) []string {
			got, err := w.s.HiddenFrom(ctx, tenant, subjects)
			must(t, err)
			return got
		}
		if got := hidden("account:x", "org:RJ1", "place:LS1"); !slices.Equal(got, []string{w.id}) {
			t.Errorf("hidden: %v", got)
		}
		if got := hidden("org:RJ2", "place:LS2", "account:RJ1"); len(got) != 0 {
			t.Errorf("hidden from others: %v", got)
		}
		if got := hidden(); got != nil {
			t.Errorf("hidden from nobody: %v", got)
		}
		if err := w.s.Hide(ctx, w.call("caseworker"), w.id, org); problem.KindOf(err) != problem.NotFound {
			t.Errorf("staff hid a doctor: %v", err)
		}
		must(t, w.s.Show(ctx, own, w.id, org))
		if got := hidden("org:RJ1"); len(got) != 0 {
			t.Errorf("shown again, yet hidden: %v", got)
		}
		org.Label = "renamed"
		must(t, w.s.Hide(ctx, own, w.id, org))
		list, err := w.s.Hides(ctx, own)
		must(t, err)
		if len(list) != 2 || !slices.ContainsFunc(list, func(h consent.Hidden) bool { return h.Label == "renamed" }) {
			t.Errorf("the doctor's list: %+v", list)
		}
	})
}

func TestDeclarationsAreSavedPartByPart(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		own := w.call(access.Doctor)
		for _, c := range []struct {
			codes []string
			state string
		}{{nil, "not started"}, {[]string{consent.DeclareTrue, "nonsense"}, "in progress"}, {consent.Declarations(), "done"}, {[]string{consent.DeclareChecks}, "in progress"}} {
			must(t, w.s.Declare(ctx, own, w.id, c.codes))
			if state, err := w.s.State(ctx, own, w.id); err != nil || state != c.state {
				t.Errorf("%v: %s, %v", c.codes, state, err)
			}
		}
	})
}

// browse gives the pages as the doctor uses them, with the case pretended.
func (w *world) browse() func(method, path string, form url.Values) (int, string) {
	w.t.Helper()
	server, err := web.New(web.Options{DB: w.db, Access: w.table, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return now },
		Actor: func(*http.Request) (access.Actor, bool, error) { return w.call(access.Doctor).Actor, true, nil }})
	must(w.t, err)
	pages := consent.NewPages(consent.PagesOptions{Consent: w.s, Doctors: w.people, Facts: w.facts, FactPanel: fact.NewPages(w.facts, w.people).Panel,
		Organisations: func(_ context.Context, _ access.Call, text string) ([]consent.Named, error) {
			all := []consent.Named{{ID: "RJ1", Name: "North Hospital", Place: "London"}, {ID: "RJ2", Name: "South Hospital", Place: "Leeds"}}
			return slices.DeleteFunc(all, func(n consent.Named) bool {
				return !strings.Contains(strings.ToLower(n.Name+n.ID), strings.ToLower(text))
			}), nil
		},
		OrganisationNames: func(context.Context, string, []string) (map[string]string, error) {
			return map[string]string{"charity": "Kind Charity"}, nil
		},
		AccountOf: func(_ context.Context, email string) (string, error) { return "acc-" + email[:3], nil },
		Journey: func(context.Context, access.Call) (consent.Journey, error) {
			return consent.Journey{Stage: "Applying", Caseworker: "Sam", Paused: w.paused}, nil
		},
		Pause:  func(context.Context, access.Call, clock.Date) error { w.paused = true; return nil },
		Resume: func(context.Context, access.Call) error { w.paused = false; return nil },
		Urgent: func(_ context.Context, _ access.Call, id, text string) error {
			w.urgent = append(w.urgent, id+text)
			return nil
		},
		Schemes: func(context.Context) ([]consent.Named, error) {
			return []consent.Named{{ID: tenant, Name: "MSW"}, {ID: "gp", Name: "GP scheme"}}, nil
		},
		Arrived: func(_ context.Context, there access.Call, id, _ string) error {
			w.arrived = append(w.arrived, there.Actor.Tenant+there.Actor.Doctor[:0]+":"+id)
			return nil
		},
	})
	must(w.t, server.Handle(pages.Routes()...))
	return func(method, path string, form url.Values) (int, string) {
		r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(form.Encode()))
		if method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
}

func TestOwnPage(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		_, err := w.facts.Record(ctx, w.call(access.Doctor), fact.NewFact{Doctor: w.id, Kind: fact.Exam, Fields: map[string]any{"name": "PLAB1", "outcome": "passed"}})
		must(t, err)
		given, err := w.s.Give(ctx, w.call("operator"), consent.Consent{Doctor: w.id, Organisation: "charity", Scope: []string{consent.ScopeProgress}})
		must(t, err)
		ask := w.browse()
		for _, path := range []string{"/me", "/me/hide", "/me/share", "/me/pause", "/me/safety", "/me/carry", "/apply/declarations"} {
			code, body := ask("GET", path, nil)
			if code != 200 || strings.Count(body, "<h1") != 1 {
				t.Errorf("%s: %d %.300s", path, code, body)
			}
			ids := map[string]bool{}
			for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(body, -1) {
				if ids[m[1]] {
					t.Errorf("%s: id %s is there twice", path, m[1])
				}
				ids[m[1]] = true
			}
		}
		if _, body := ask("GET", "/me", nil); !strings.Contains(body, "Kind Charity") || !strings.Contains(body, "PLAB 1") || !strings.Contains(body, "Sam") {
			t.Errorf("own page: %.2000s", body)
		}
		if code, _ := ask("POST", "/me/withdraw", url.Values{"consent": {given}}); code != 303 {
			t.Errorf("take back: %d", code)
		}
		if _, body := ask("GET", "/me", nil); !strings.Contains(body, "You took this back on 22 November 2026") {
			t.Error("the page does not say that it was taken back")
		}
		for _, path := range []string{"/me/pause", "/me/safety"} {
			if code, body := ask("POST", path, url.Values{"text": {" help"}}); code != 303 {
				t.Errorf("%s: %d %.300s", path, code, body)
			}
		}
		if !w.paused || !slices.Equal(w.urgent, []string{w.id + "help"}) {
			t.Errorf("paused %v, urgent %v", w.paused, w.urgent)
		}
		if code, _ := ask("POST", "/me/resume", url.Values{}); code != 303 || w.paused {
			t.Errorf("resume: %d, paused %v", code, w.paused)
		}
	})
}

func TestHidePageChoosesAndAsksBack(t *testing.T) {
	w := build(t, dbtest.SQLite(t))
	ask := w.browse()
	for name, c := range map[string]struct {
		form   url.Values
		code   int
		within string
	}{
		"nothing":      {url.Values{}, 422, "Choose whom"},
		"two found":    {url.Values{"kind": {"org"}, "organisation": {"hospital"}}, 422, "Which one do you mean?"},
		"none found":   {url.Values{"kind": {"org"}, "organisation": {"zzz"}}, 422, "could not find"},
		"one found":    {url.Values{"kind": {"org"}, "organisation": {"north"}}, 303, ""},
		"chosen":       {url.Values{"kind": {"org"}, "organisation": {"hospital"}, "organisation-value": {"RJ2"}}, 303, ""},
		"a person":     {url.Values{"kind": {"account"}, "email": {"ann@example.org"}}, 303, ""},
		"no address":   {url.Values{"kind": {"account"}, "email": {"typed here"}}, 422, "typed here"},
		"a postcode":   {url.Values{"kind": {"place"}, "place": {"ls1 4ap"}}, 303, ""},
		"a region":     {url.Values{"kind": {"region"}, "region": {"Y56"}}, 303, ""},
		"other region": {url.Values{"kind": {"region"}, "region": {"Y99"}}, 422, "Choose a region"},
	} {
		code, body := ask("POST", "/me/hide", c.form)
		if code != c.code || !strings.Contains(body, c.within) {
			t.Errorf("%s: %d %.300s", name, code, body)
		}
	}
	got, err := w.s.HiddenFrom(t.Context(), tenant, []string{"org:RJ1"})
	if err != nil || len(got) != 1 {
		t.Errorf("hidden: %v, %v", got, err)
	}
	for _, subject := range []string{"org:RJ2", "account:acc-ann", "place:LS1", "region:Y56"} {
		if got, _ := w.s.HiddenFrom(t.Context(), tenant, []string{subject}); len(got) != 1 {
			t.Errorf("not hidden from %s", subject)
		}
	}
	if code, body := ask("POST", "/me/share", url.Values{"organisation": {"north"}, "scope": {"progress", "contact"}, "until-year": {"2027"}, "until-month": {"1"}, "until-day": {"31"}}); code != 303 {
		t.Errorf("share: %d %.300s", code, body)
	}
	if live, err := w.s.Live(t.Context(), tenant, w.id, now.Local()); err != nil || len(live) != 1 || live[0].Organisation != "RJ1" || len(live[0].Scope) != 2 {
		t.Errorf("shared: %+v, %v", live, err)
	}
}

func TestCarryPageTakesOnlyWhatIsTicked(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		var ids []string
		for _, name := range []string{"PLAB1", "PLAB2"} {
			id, err := w.facts.Record(ctx, w.call("operator"), fact.NewFact{Doctor: w.id, Kind: fact.Exam, State: rulebook.Verified, Fields: map[string]any{"name": name, "outcome": "failed"}})
			must(t, err)
			ids = append(ids, id)
		}
		ask := w.browse()
		if code, body := ask("POST", "/me/carry", url.Values{"to": {"gp"}, "carry": {"mobile"}}); code != 422 || !strings.Contains(body, "Enter a name") {
			t.Errorf("without a name: %d %.300s", code, body)
		}
		if code, _ := ask("POST", "/me/carry", url.Values{"to": {tenant}, "carry": {"given"}}); code != 422 {
			t.Errorf("to the same scheme: %d", code)
		}
		if code, body := ask("POST", "/me/carry", url.Values{"to": {"gp"}, "carry": {"given"}, "carry-facts": {"fact:" + ids[0]}}); code != 303 {
			t.Fatalf("carry: %d %.300s", code, body)
		}
		there, err := w.people.OfAccount(ctx, "gp", "a-doctor")
		must(t, err)
		d, err := w.people.Get(ctx, "gp", there)
		must(t, err)
		facts, err := w.facts.For(ctx, "gp", there)
		must(t, err)
		if d.Given != "Amina" || d.Family != "" || d.Mobile != "" || len(facts) != 1 || facts[0].Text("name") != "PLAB1" || facts[0].State != rulebook.Claimed {
			t.Errorf("arrived: %+v, %+v", d, facts)
		}
		if !slices.Equal(w.arrived, []string{"gp:" + there}) {
			t.Errorf("cases opened: %v", w.arrived)
		}
	})
}

func TestRecordHoldsAll(t *testing.T) {
	w := build(t, dbtest.SQLite(t))
	must(t, w.s.Hide(t.Context(), w.call(access.Doctor), w.id, consent.Subject{Kind: consent.FromOrganisation, ID: "RJ1", Label: "North"}))
	must(t, w.s.Declare(t.Context(), w.call(access.Doctor), w.id, []string{consent.DeclareTrue}))
	_, body := w.browse()("GET", "/me/record.json", nil)
	var got struct {
		Details      map[string]any `json:"details"`
		HiddenFrom   []string       `json:"hidden_from"`
		Declarations map[string]any `json:"declarations"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Details["given"] != "Amina" || len(got.HiddenFrom) != 1 || len(got.Declarations) != 1 {
		t.Errorf("%s: %+v, %v", body, got, err)
	}
}

func TestStaffNeverSeeHides(t *testing.T) {
	w := build(t, dbtest.SQLite(t))
	must(t, w.s.Hide(t.Context(), w.call(access.Doctor), w.id, consent.Subject{Kind: consent.FromOrganisation, ID: "RJ1", Label: "canary"}))
	_, err := w.s.Give(t.Context(), w.call(access.Doctor), consent.Consent{Doctor: w.id, Organisation: "charity", Scope: []string{consent.ScopeContact}})
	must(t, err)
	c, err := consent.NewPages(consent.PagesOptions{Consent: w.s, Doctors: w.people, Facts: w.facts}).Panel(t.Context(), w.call("caseworker"), w.id)
	must(t, err)
	var b strings.Builder
	must(t, c.Render(t.Context(), &b))
	if s := b.String(); strings.Contains(s, "canary") || strings.Contains(s, "RJ1") || !strings.Contains(s, "Name and contact") {
		t.Errorf("panel: %s", s)
	}
	if _, err := w.s.Hides(t.Context(), w.call("caseworker")); err == nil {
		t.Error("a caseworker was answered")
	}
}

func TestLabelsAreNotReadableInTheFile(t *testing.T) {
	path := t.TempDir() + "/canary.db"
	db, err := database.Open(t.Context(), "sqlite:"+path, database.Options{Key: []byte("a master key for tests, 32 bytes"), Fast: true})
	must(t, err)
	must(t, db.Migrate(t.Context()))
	w := build(t, db)
	must(t, w.s.Hide(t.Context(), w.call(access.Doctor), w.id, consent.Subject{Kind: consent.FromAccount, ID: "acc", Label: "canary@example.org"}))
	must(t, db.Close())
	var text string
	for _, suffix := range []string{"", "-wal"} {
		bytes, _ := os.ReadFile(path + suffix)
		text += string(bytes)
	}
	if !strings.Contains(text, "account:acc") {
		t.Error("the file was not read: this test proves nothing")
	}
	if strings.Contains(text, "canary@") {
		t.Error("the label stands in the file")
	}
}
