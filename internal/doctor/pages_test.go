package doctor_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/web"
)

// browse gives the pages as one actor uses them.
func browse(t *testing.T, db *database.DB, s *doctor.Service, who access.Call) func(method, path string, form url.Values) (int, string) {
	t.Helper()
	server, err := web.New(web.Options{DB: db, Access: grants(t), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return who.Now },
		Actor: func(*http.Request) (access.Actor, bool, error) { return who.Actor, true, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Handle(doctor.NewPages(s).Routes()...); err != nil {
		t.Fatal(err)
	}
	return func(method, path string, form url.Values) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
		if method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
}

func TestApplicationPagesSaveAndLoseNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, _ := create(t, s, doctor.NewDoctor{Given: "Amina", Email: "amina@example.org"})
		own := call("doctor", id)
		ask := browse(t, db, s, own)
		if code, body := ask("GET", "/apply/about-you", nil); code != 200 || strings.Count(body, "<h1") != 1 || !strings.Contains(body, "Whoever referred you") || !strings.Contains(body, `value="Amina"`) {
			t.Errorf("about you: %d %.400s", code, body)
		}
		form := url.Values{"version": {"1"}, "given": {"Amina Maria"}, "native": {"أمينة"}, "birth-date-day": {"31"}, "birth-date-month": {"2"}, "birth-date-year": {"1988"}}
		code, body := ask("POST", "/apply/about-you", form)
		if code != 422 || !strings.Contains(body, `value="Amina Maria"`) || !strings.Contains(body, `value="31"`) || !strings.Contains(body, "#birth-date") {
			t.Errorf("a date that does not exist: %d %.400s", code, body)
		}
		form.Set("birth-date-month", "3")
		if code, body = ask("POST", "/apply/about-you", form); code != 303 {
			t.Fatalf("save: %d %.400s", code, body)
		}
		if state, err := s.AboutState(ctx, own, id); err != nil || state != doctor.InProgress {
			t.Errorf("not finished, yet %s, %v", state, err)
		}
		code, body = ask("POST", "/apply/about-you", url.Values{"version": {"1"}, "given": {"Typed later"}, "finished": {"yes"}})
		if code != 422 || !strings.Contains(body, "Typed later") || !strings.Contains(body, "now says: Amina Maria") || !strings.Contains(body, `name="version" value="2"`) {
			t.Errorf("stale: %d %.900s", code, body)
		}
		if code, _ = ask("POST", "/apply/about-you", url.Values{"version": {"2"}, "given": {"Typed later"}, "finished": {"yes"}}); code != 303 {
			t.Errorf("saved knowingly: %d", code)
		}
		if state, _ := s.AboutState(ctx, own, id); state != doctor.Done {
			t.Errorf("finished, yet %s", state)
		}
		if code, body = ask("POST", "/apply/contact", url.Values{"version": {"3"}, "email": {"amina@example.org"}, "ways": {"email"}, "quiet-from": {"21.00"}, "quiet-to": {"8:30"}, "outcode": {"LS1 4AP"}, "languages": {"Arabic, Dari"}, "finished": {"yes"}}); code != 303 {
			t.Fatalf("contact: %d %.400s", code, body)
		}
		d, err := s.Get(ctx, tenant, id)
		if err != nil || d.Outcode != "LS1" || d.QuietFrom != "21:00" || d.QuietTo != "08:30" || len(d.Languages) != 2 || d.ContactState() != doctor.Done || d.Given != "Typed later" {
			t.Errorf("stored %+v, %v", d, err)
		}
		c, err := s.Contact(ctx, tenant, id)
		if err != nil || c.Allows(doctor.WayText) || !c.Allows(doctor.WayEmail) || !c.Quiet("23:00") || !c.Quiet("08:00") || c.Quiet("12:00") {
			t.Errorf("contact %+v, %v", c, err)
		}
	})
}

func TestStaffCompareAndSeal(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, ref := create(t, s, amina)
		twin, twinRef := create(t, s, doctor.NewDoctor{Given: "Al-Canary", Family: "Ameena Khaled", BirthDate: amina.BirthDate})
		ask := browse(t, db, s, call("caseworker", ""))
		code, body := ask("GET", "/cases/"+ref+"/same", nil)
		if code != 200 || !strings.Contains(body, twinRef) || !strings.Contains(body, "another spelling") {
			t.Fatalf("same: %d %.900s", code, body)
		}
		if code, _ = ask("POST", "/cases/"+ref+"/same", url.Values{"other": {twinRef}, "verdict": {"same"}}); code != 303 {
			t.Errorf("decide: %d", code)
		}
		if same, err := s.SamePerson(ctx, tenant, id); err != nil || len(same) != 1 || same[0] != twin {
			t.Errorf("linked %v, %v", same, err)
		}
		if code, _ = ask("POST", "/cases/"+ref+"/same", url.Values{"other": {twinRef}, "verdict": {"undo"}}); code != 303 {
			t.Errorf("undo: %d", code)
		}
		if code, _ = ask("POST", "/cases/"+ref+"/seal-note", url.Values{}); code != 303 {
			t.Errorf("seal: %d", code)
		}
		if _, body = ask("GET", "/cases/"+ref+"/contact", nil); strings.Contains(body, "canary-note") {
			t.Error("a sealed note is shown to staff")
		}
		if code, _ = ask("POST", "/cases/"+ref+"/contact", url.Values{"version": {"2"}, "mobile": {"07700 900 555"}}); code != 303 {
			t.Errorf("staff change: %d", code)
		}
		if d, err := s.Get(ctx, tenant, id); err != nil || d.Note != amina.Note || d.Mobile != "07700 900 555" || d.Given != amina.Given {
			t.Errorf("after the staff's change: %+v, %v", d, err)
		}
		if code, _ = browse(t, db, s, call("doctor", twin))("GET", "/cases/"+ref+"/contact", nil); code != 404 {
			t.Errorf("another doctor got %d", code)
		}
	})
}

func TestPanelOnlyForThoseWhoMay(t *testing.T) {
	s := service(t, dbtest.SQLite(t))
	id, _ := create(t, s, amina)
	for role, want := range map[access.Role]bool{"caseworker": true, "regional_lead": true, "board": false} {
		c, err := doctor.NewPages(s).Panel(t.Context(), call(role, ""), id)
		if err != nil || (c != nil) != want {
			t.Errorf("%s: %v, %v", role, c != nil, err)
		}
	}
}
