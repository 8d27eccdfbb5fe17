package registration

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/rulebook"
	"msw/internal/web"
)

func (w world) site() http.Handler {
	w.t.Helper()
	people := map[string]access.Call{"caseworker": caseworker, "national": national, "london": london, "north": north, "employer": employer,
		"other": other, "finance": finance, "supervisor": supervisor, "charity": charity, "board": board, "d1": byDoctor("d1"), "d2": byDoctor("d2")}
	s, err := web.New(web.Options{DB: w.db, Access: w.access, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return caseworker.Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			if !ok {
				return access.Actor{Tenant: tenant}, false, nil
			}
			return c.Actor, true, nil
		}})
	w.must(err)
	w.must(s.Handle(NewPages(w.Service).Routes()...))
	return s
}

type scene struct {
	who, path string
	form      url.Values
	status    int
	must, not []string
}

func (w world) play(h http.Handler, scenes []scene) {
	w.t.Helper()
	for i, sc := range scenes {
		method, body := "GET", io.Reader(nil)
		if sc.form != nil {
			method = "POST"
			sc.form.Set("idempotency-key", fmt.Sprintf("key-%s-%d-%d", sc.who, i, len(sc.path)))
			body = strings.NewReader(sc.form.Encode())
		}
		r := httptest.NewRequest(method, sc.path, body)
		r.Header.Set("Who", sc.who)
		if sc.form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		text := rec.Body.String()
		if rec.Code != sc.status {
			w.t.Errorf("%s %s: status %d, want %d\n%s", sc.who, sc.path, rec.Code, sc.status, text)
			continue
		}
		for _, m := range sc.must {
			if !strings.Contains(text, m) {
				w.t.Errorf("%s %s: %q is missing\n%s", sc.who, sc.path, m, text)
			}
		}
		for _, m := range append(sc.not, "Dr ") {
			if strings.Contains(text, m) {
				w.t.Errorf("%s %s: %q must not be there\n%s", sc.who, sc.path, m, text)
			}
		}
	}
}

func typed(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestWhoSeesTheRoad(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", inPost...)
		for _, st := range []Step{
			{Name: "PLAB1", Outcome: "failed", On: today.AddDays(-300), Attempt: 1, State: rulebook.Seen, Note: "canary note"},
			{Name: "PLAB1", Outcome: "passed", On: today.AddDays(-200), Attempt: 2, State: rulebook.Verified},
			{Name: "psv", Outcome: "sent", On: today.AddDays(-150), State: rulebook.Seen},
		} {
			st.Doctor = "d1"
			_, err := w.AddStep(w.ctx, caseworker, st)
			w.must(err)
		}
		h := w.site()
		at := "/registration/" + ref
		secret := []string{"Not passed", "attempt 2", "canary note", "Primary source", "Add an exam", "second time", "Record that the doctor left"}
		w.play(h, []scene{
			{who: "", path: at, status: 303},
			{who: "d1", path: at, status: 200, must: []string{"Not passed", "attempt 2", "Primary source verification", "tell your caseworker", "Add an exam"}, not: []string{"Write down what the register says", "Record that the doctor left"}},
			{who: "caseworker", path: at, status: 200, must: []string{"Not passed", "attempt 1", "Write down what the register says", "Name of d1", "Record that the doctor left"}},
			{who: "employer", path: at, status: 200, must: []string{"PLAB 1", "Passed", "No registration is confirmed"}, not: secret},
			{who: "supervisor", path: at, status: 200, must: []string{"PLAB 1", "Passed"}, not: secret},
			{who: "london", path: at, status: 200, must: []string{"Nothing here yet", "No registration is confirmed"}, not: append(secret, "Passed")},
			{who: "national", path: at, status: 200, must: []string{"Passed"}, not: []string{"Not passed", "attempt", "canary"}},
			{who: "other", path: at, status: 404}, {who: "finance", path: at, status: 404}, {who: "north", path: at, status: 404},
			{who: "charity", path: at, status: 404}, {who: "board", path: at, status: 404}, {who: "d2", path: at, status: 404},
			{who: "caseworker", path: "/registration/NOWHERE1", status: 404},
			{who: "employer", path: at + "/step", status: 404}, {who: "d1", path: at + "/outcome", status: 404}, {who: "d1", path: at + "/leaving", status: 404},
			{who: "d2", path: at + "/step", status: 404, form: typed("name", "PLAB2")},
		})
	})
}

func TestReadingTheRegisterOnPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", inPost...)
		h := w.site()
		at := "/registration/" + ref
		entry := func(more ...string) url.Values {
			v := typed("number", "c7654321", "kind", "full", "licence", "yes", "aps", "yes", "registered-day", "1", "registered-month", "9", "registered-year", "2026")
			for i := 0; i < len(more); i += 2 {
				v.Set(more[i], more[i+1])
			}
			return v
		}
		w.play(h, []scene{
			{who: "caseworker", path: at + "/outcome", status: 200, must: []string{"GMC number", "There is only a GMC number", "Registration and licence are two things"}},
			{who: "caseworker", path: at + "/outcome", form: typed("number", "L123456", "kind", "none", "registered-day", "31", "registered-month", "2", "registered-year", "2026"), status: 422,
				must: []string{"old limited registration", "a number alone does not show registration", "Say if the register shows a licence", `value="L123456"`, `value="31"`, "#registered"}},
			{who: "caseworker", path: at + "/outcome", form: entry(), status: 303},
			{who: "d1", path: at, status: 200, not: []string{"7654321", "read once", "Full registration"}},
			{who: "employer", path: at, status: 200, not: []string{"7654321", "read once", "Full registration"}},
			{who: "national", path: at, status: 200, must: []string{"The register was read once", "Reader acc-caseworker", at + "/confirm"}, not: []string{"7654321", "Full registration"}},
			{who: "caseworker", path: at, status: 200, must: []string{"a colleague must be the second"}, not: []string{at + "/confirm"}},
			{who: "caseworker", path: at + "/confirm", status: 200, must: []string{"A colleague must do this"}},
			{who: "caseworker", path: at + "/confirm", form: entry(), status: 422, must: []string{"You were the first to read the register"}},
			{who: "national", path: at + "/confirm", form: entry("number", "7654320", "aps", "no", "version", "1"), status: 422, must: []string{"differ on the GMC number", "differ on the approved practice setting", `value="7654320"`}, not: []string{"7654321"}},
			{who: "national", path: at + "/confirm", form: entry("version", "1"), status: 303},
			{who: "employer", path: at, status: 200, must: []string{"7654321", "Full registration", "1 September 2026", "approved practice setting"}, not: []string{"Reader acc", "not right"}},
			{who: "d1", path: at, status: 200, must: []string{"7654321", "Tell us about your first doctor post"}, not: []string{"Reader acc"}},
			{who: "national", path: at, status: 200, must: []string{"Reader acc-caseworker", "Reader acc-national_lead", "Say that this entry is not right"}},

			{who: "d1", path: at + "/doctor-post", form: typed("employer", "A clinic"), status: 422, must: []string{"Choose the kind of post", "Enter the first day", `value="A clinic"`}},
			{who: "d1", path: at + "/doctor-post", form: typed("employer", "A clinic", "title", "other", "on-day", "2", "on-month", "10", "on-year", "2026"), status: 303},
			{who: "caseworker", path: at, status: 200, must: []string{"Not checked yet", "A clinic", "Check the first doctor post"}},
			{who: "employer", path: at, status: 200, not: []string{"A clinic", "First doctor post"}},
			{who: "supervisor", path: at, status: 200, not: []string{"A clinic", "First doctor post"}},
			{who: "caseworker", path: at + "/doctor-post", status: 200, must: []string{"The doctor told us: Another doctor post, A clinic, from 2 October 2026"}},
			{who: "caseworker", path: at + "/doctor-post", form: typed("version", "1", "employer", "RX2", "title", "clinical_fellow", "on-day", "2", "on-month", "10", "on-year", "2026"), status: 303},
			{who: "d1", path: at, status: 200, must: []string{"Trust RX2", "Clinical fellow"}, not: []string{"Not checked yet"}},

			{who: "national", path: at + "/dispute", form: typed("version", "2"), status: 422, must: []string{"Choose what is not right"}},
			{who: "national", path: at + "/dispute", form: typed("version", "2", "code", "other_person"), status: 303},
			{who: "employer", path: at, status: 200, not: []string{"7654321"}},
			{who: "caseworker", path: at, status: 200, must: []string{"An entry was not right", "Write down what the register says"}, not: []string{"7654321"}},
		})
	})
}

func TestAddingAndLeavingOnPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", inPost...)
		h := w.site()
		at := "/registration/" + ref
		w.play(h, []scene{
			{who: "d1", path: at + "/step", status: 200, not: []string{"How well is it proved"}},
			{who: "d1", path: at + "/step", form: typed("name", "PLAB2", "outcome", "passed", "attempt", "1", "on-day", "3", "on-month", "3", "on-year", "2026", "proof", "verified"), status: 404},
			{who: "d1", path: at + "/step", form: typed("name", "PLAB2", "outcome", "passed", "attempt", "1", "on-day", "3", "on-month", "3", "on-year", "2026"), status: 303},
			{who: "d1", path: at, status: 200, must: []string{"PLAB 2", "3 March 2026", "Passed, attempt 1"}},
			{who: "caseworker", path: at + "/step", form: typed("attempt", "x", "on-day", "40", "on-month", "1", "on-year", "2026"), status: 422, must: []string{"Choose what to add", "#attempt", "#on", `value="40"`}},
			{who: "caseworker", path: at + "/english", form: typed("test", "IELTS", "outcome", "passed", "overall", "7.55", "listening", "9.5", "on-day", "1", "on-month", "2", "on-year", "2026"), status: 422, must: []string{"as the result shows it", "not one the test gives"}},
			{who: "caseworker", path: at + "/english", form: typed("test", "IELTS", "outcome", "passed", "overall", "7.5", "writing", "7", "on-day", "1", "on-month", "2", "on-year", "2026", "proof", "seen"), status: 303},
			{who: "employer", path: at, status: 200, must: []string{"overall 7.5, writing 7.0"}},
			{who: "caseworker", path: at + "/leaving", form: typed(), status: 422, must: []string{"Choose why the doctor left"}},
			{who: "caseworker", path: at + "/leaving", form: typed("code", "family_or_health", "on-day", "1", "on-month", "11", "on-year", "2026"), status: 303},
			{who: "caseworker", path: at, status: 200, must: []string{"Left the programme", "Family or health"}},
			{who: "london", path: at, status: 200, must: []string{"Left the programme"}, not: []string{"Family"}},
			{who: "employer", path: at, status: 200, not: []string{"Left the programme", "Family"}},
		})
	})
}

func TestPanelShowsOnlyWhatOneMayKnow(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		_, err := w.Propose(w.ctx, caseworker, Proposal{"d1", entryOf("7654321")})
		w.must(err)
		panel := NewPages(w.Service).Panels()[0]
		for _, c := range []struct {
			call access.Call
			want string
		}{{caseworker, "read once"}, {employer, "No registration"}, {charity, ""}, {byDoctor("d2"), ""}} {
			body, err := panel.Render(w.ctx, c.call, "d1")
			w.must(err)
			var b strings.Builder
			if body != nil {
				w.must(body.Render(context.Background(), &b))
			}
			if (c.want == "") != (body == nil) || !strings.Contains(b.String(), c.want) || strings.Contains(b.String(), "7654321") ||
				c.call.Actor.Account == employer.Actor.Account && strings.Contains(b.String(), "read once") {
				t.Errorf("%s sees %q", c.call.Actor.Account, b.String())
			}
		}
	})
}
