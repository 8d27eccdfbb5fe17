package programme_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/programme"
	"msw/internal/web"
	"msw/rules"
)

// browser sends requests as whoever the header X-Role says.
type browser struct {
	t *testing.T
	h http.Handler
}

func pages(t *testing.T, db *database.DB, s *programme.Service) browser {
	t.Helper()
	now := as("", "", "").Now
	server, err := web.New(web.Options{DB: db, Access: table(t), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			role := access.Role(r.Header.Get("X-Role"))
			return as(string(role)+r.Header.Get("X-Who"), programme.National, role).Actor, role != "", nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Handle(programme.NewPages(s, nil).Routes()...); err != nil {
		t.Fatal(err)
	}
	return browser{t, server}
}

func (b browser) get(role, path string) (int, string) {
	r := httptest.NewRequest("GET", "http://msw.test"+path, nil)
	return b.send(r, role)
}

var keyField = regexp.MustCompile(`name="key"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="key"`)

// post fetches the form's page for its key and sends the values.
func (b browser) post(role, form, action string, values url.Values) (int, string) {
	b.t.Helper()
	_, page := b.get(role, form)
	if m := keyField.FindStringSubmatch(page); m != nil {
		values.Set("key", m[1]+m[2])
	}
	r := httptest.NewRequest("POST", "http://msw.test"+action, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r, role)
}

func (b browser) send(r *http.Request, role string) (int, string) {
	name, who, _ := strings.Cut(role, ":")
	r.Header.Set("X-Role", name)
	r.Header.Set("X-Who", who)
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w.Code, w.Body.String() + w.Header().Get("Location")
}

func TestPagesShowAndChange(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		national(t, s)
		if _, err := s.InstallRuleSets(context.Background(), as("op", programme.National, "operator")); err != nil {
			t.Fatal(err)
		}
		b := pages(t, db, s)
		phases, _ := s.Phases(context.Background(), programme.National)
		last := "/phases/" + phases[2].ID
		for _, c := range []struct {
			role, path string
			status     int
			must, not  []string
		}{
			{"national_lead", "/phases", 200, []string{"£19 million", "Not known: last published 31 March 2023", "Nothing published was found", "About 2,000", "Add a phase", "Planned average, derived, not a rate"}, nil},
			{"caseworker", "/phases", 200, []string{"£15 million"}, []string{"Add a phase"}},
			{"caseworker", last, 200, []string{"A further 500.", "gponline.com"}, []string{"Change this phase"}},
			{"caseworker", last + "/edit", 404, nil, nil},
			{"national_lead", last + "/edit", 200, []string{`value="19000000"`, "Save phase"}, nil},
			{"caseworker", "/phases/no-such", 404, nil, nil},
			{"stranger", "/phases", 404, nil, nil},
			{"caseworker", "/settings", 200, []string{"not national rules", "Set by this programme on 22 November 2026", "12 months"}, nil},
			{"caseworker", "/settings/suppress_below", 200, []string{"5 people"}, []string{"Save"}},
			{"caseworker", "/settings/no_such", 404, nil, nil},
			{"national_lead", "/settings/plab2_during_post", 200, []string{"The post goes on to its agreed end", "Not published"}, nil},
			{"caseworker", "/rules", 200, []string{"eligibility, version B", "1 April 2022"}, []string{"Propose"}},
		} {
			status, body := b.get(c.role, c.path)
			if status != c.status {
				t.Errorf("%s %s: %d", c.role, c.path, status)
			}
			for _, m := range c.must {
				if !strings.Contains(body, m) {
					t.Errorf("%s %s does not say %q", c.role, c.path, m)
				}
			}
			for _, m := range c.not {
				if strings.Contains(body, m) {
					t.Errorf("%s %s says %q", c.role, c.path, m)
				}
			}
		}
		status, body := b.post("national_lead", "/settings/suppress_below", "/settings/suppress_below", url.Values{"value": {"3"}, "version": {"1"}, "note": {"Kept words"}})
		if status != 422 || !strings.Contains(body, "from 5 to 50") || !strings.Contains(body, "Kept words") {
			t.Errorf("too low a number: %d", status)
		}
		if status, _ := b.post("national_lead", "/settings/suppress_below", "/settings/suppress_below", url.Values{"value": {"7"}, "version": {"1"}}); status != 303 {
			t.Errorf("a change: %d", status)
		}
		if _, body := b.get("caseworker", "/settings/suppress_below"); !strings.Contains(body, "7 people") {
			t.Error("the change is not shown")
		}
		values := url.Values{"code": {"2026-27"}, "title": {"Local money"}, "starts-day": {"1"}, "starts-month": {"4"}, "starts-year": {"2026"}, "money": {"1,000,000"}, "places": {"40"},
			"applications_open-day": {"1"}, "applications_open-month": {"11"}, "applications_open-year": {"2026"}, "ends-day": {"31"}, "ends-month": {"13"}, "ends-year": {"2027"}}
		status, body = b.post("national_lead", "/phases/new", "/phases/new", values)
		if status != 422 || !strings.Contains(body, "Enter a real date") || !strings.Contains(body, "Local money") {
			t.Errorf("a date that is none: %d", status)
		}
		values.Set("ends-month", "3")
		if status, body = b.post("national_lead", "/phases/new", "/phases/new", values); status != 303 {
			t.Errorf("a new phase: %d %s", status, body)
		}
		if _, body := b.get("caseworker", "/phases"); !strings.Contains(body, "Yes, until 31 March 2027") {
			t.Error("the new window does not answer")
		}
	})
}

func TestRealRulesAreReadAndProposed(t *testing.T) {
	db := dbtest.SQLite(t)
	read, err := programme.NewReader(rules.Files)
	if err != nil {
		t.Fatal(err)
	}
	s := serviceWith(t, db, read)
	national(t, s)
	if n, err := s.InstallRuleSets(context.Background(), as("op", programme.National, "operator")); err != nil || n != len(read.Sets()) {
		t.Fatalf("%d sets installed, %v", n, err)
	}
	v, ok, err := s.RuleSet(context.Background(), programme.National, "eligibility", clock.MustDate("2022-10-01"))
	if err != nil || !ok || v.Name != "B" {
		t.Fatalf("%+v %v", v, err)
	}
	b := pages(t, db, s)
	if _, body := b.get("caseworker", "/rules/"+v.ID); !strings.Contains(body, "This rules a person out.") || !strings.Contains(body, "england.nhs.uk") {
		t.Error("the rules are not read in plain words")
	}
	status, body := b.post("national_lead", "/rules/new", "/rules/new", url.Values{"text": {"id: nonsense\n"}, "note": {"x"}})
	if status != 422 || !strings.Contains(body, "Line 1, column ") {
		t.Errorf("nonsense: %d", status)
	}
	status, body = b.post("national_lead", "/rules/new", "/rules/new", url.Values{"text": {v.Text + "\n# a remark\n"}, "note": {"A remark"}})
	if status != 303 {
		t.Fatalf("a proposal: %d %s", status, body)
	}
	path := strings.TrimSpace(body[strings.Index(body, "/rules/"):])
	if _, body := b.get("national_lead", path); !strings.Contains(body, "Another person must approve") {
		t.Error("the proposer is offered to approve")
	}
	if status, _ := b.post("national_lead", path, path+"/decide", url.Values{"decision": {"approve"}, "version": {"1"}}); status == 303 {
		t.Error("the proposer approved")
	}
	if status, body := b.post("national_lead:2", path, path+"/decide", url.Values{"decision": {"approve"}, "version": {"1"}}); status != 303 {
		t.Errorf("a second person: %d %s", status, body)
	}
}
