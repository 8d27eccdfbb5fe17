package placement

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/problem"
)

func TestNameNeverHasATitle(t *testing.T) {
	for in, want := range map[string]string{"Dr Sara Aden": "Sara Aden", "dr. Sara Aden": "Sara Aden", "DR.Sara Aden": "Sara Aden", "Doctor Sara": "Sara", "Prof. Dr. Sara Aden": "Sara Aden",
		"Dr": "Dr", "Drita Hoxha": "Drita Hoxha", "Andrew Drake": "Andrew Drake", " Sara ": "Sara"} {
		if got := BareName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestCardPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.titles["d1"] = "Dr. Canary of d1"
		p := w.ready("d1")
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		h, at := w.site(), "/placements/"+p.ID
		end := supervisor.Now.Add(24 * time.Hour)
		for _, sc := range []struct {
			who, path string
			status    int
			must, not []string
		}{
			{who: "shift", path: at + "/card", status: 200, must: []string{Heading, "Canary of d1", "Works under: <strong>Senior sup", "Take blood from a vein</strong> – level 3", "Not valid after " + moment(end),
				"Seen 30 November 2022 by Senior sup, supervisor", "Re-check by 30 November 2023", "Prescribe any medicine", "Sign a fit note", "recalled, not confirmed", "not national",
				"the host has not said its level"}, not: []string{"Sign off<", "band 6"}},
			{who: "d1", path: at + "/card", status: 200, must: []string{Heading}},
			{who: "employer", path: at + "/card", status: 200, must: []string{Heading}},
			{who: "shift", path: at + "/card/print", status: 200, must: []string{Heading, "noindex", "Not valid after"}, not: []string{"<script", "nhsuk-header"}},
			{who: "shift", path: at + "/badge", status: 200, must: []string{Heading, "Canary of d1", "Riverside Trust"}},
			{who: "shift", path: "/cards", status: 200, must: []string{"Canary of d1", at + "/card"}},
			{who: "elsewhere", path: "/cards", status: 200, must: []string{"Nobody in post here"}, not: []string{"Canary"}},
			{who: "elsewhere", path: at + "/card", status: 404, not: []string{"Canary"}},
			{who: "stranger", path: at + "/card", status: 404, not: []string{"Canary"}},
			{who: "d2", path: at + "/badge", status: 404, not: []string{"Canary"}},
			{who: "board", path: at + "/card", status: 404, not: []string{"Canary"}},
			{who: "supervisor", path: at + "/sign-offs", status: 200, must: []string{"Level 3 until 30 November 2023", "Take it back", "Sign off<"}},
			{who: "shift", path: at + "/sign-offs", status: 200, not: []string{"Take it back", "Sign off<"}},
			{who: "supervisor", path: at + "/sign-offs/venepuncture", status: 200, must: []string{"What you write replaces it", "Level 3"}},
			{who: "supervisor", path: at + "/sign-offs/ecg_read", status: 200, must: []string{"Level 2"}, not: []string{"Level 3"}},
			{who: "shift", path: at + "/sign-offs/venepuncture", status: 404},
			{who: "employer", path: "/levels", status: 200, must: []string{"Levels at Riverside Trust", "Not said yet", "They are not national"}},
			{who: "employer", path: "/levels?host=G1", status: 404},
			{who: "supervisor", path: "/levels", status: 404},
		} {
			status, body, _ := ask(h, sc.who, sc.path, nil)
			if status != sc.status {
				t.Errorf("%s %s: status %d, want %d\n%s", sc.who, sc.path, status, sc.status, body)
			}
			for _, m := range sc.must {
				if !strings.Contains(body, m) {
					t.Errorf("%s %s: %q is missing\n%s", sc.who, sc.path, m, body)
				}
			}
			for _, m := range append(sc.not, "Dr ", "Dr.") {
				if strings.Contains(body, m) {
					t.Errorf("%s %s: %q must not be there", sc.who, sc.path, m)
				}
			}
		}
	})
}

// open opens a code as somebody nobody knows, from one address on the network.
func open(h http.Handler, code, from string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/card/"+code, nil)
	r.RemoteAddr = from + ":1234"
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func TestCodePageTellsOnlyWhatAWardNeeds(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.doctor("d1")
		p := w.inPost("d1")
		before := employer
		before.Now = before.Now.Add(-time.Hour)
		if err := w.SetLevels(w.ctx, before, p.Host, map[string]card.Level{"venepuncture": 3, "ecg_read": 2}); err != nil {
			t.Fatal(err)
		}
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		h := w.site()
		status, _, to := ask(h, "d1", "/placements/"+p.ID+"/card/code", url.Values{})
		code := to[len(to)-9:]
		if _, body, _ := ask(h, "d1", to, nil); status != 303 || !strings.Contains(body, code) || !strings.Contains(body, "<path d=\"M") || !strings.Contains(body, "It works until 9:15am") {
			t.Fatalf("the code is not shown: %d %s\n%s", status, to, body)
		}
		if status, _, _ := ask(h, "supervisor", to, nil); status != 404 {
			t.Errorf("somebody else was shown the code: %d", status)
		}
		rec := open(h, code, "192.0.2.1")
		body := rec.Body.String()
		for _, m := range []string{Heading, "Canary of d1", "Take blood from a vein", "Not valid after", "Works under: <strong>Senior sup", "noindex"} {
			if !strings.Contains(body, m) {
				t.Errorf("the code page lacks %q\n%s", m, body)
			}
		}
		for _, m := range []string{"<img", "<script", "photo", "Nationality", "country", ref, "/cases/", "/placements/", "band 6", "Contract", "Taken back", "History", "Sign in", "Dr "} {
			if strings.Contains(body, m) {
				t.Errorf("the code page holds %q", m)
			}
		}
		if rec.Code != 200 || !strings.Contains(rec.Header().Get("X-Robots-Tag"), "noindex") || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("headers: %d %v", rec.Code, rec.Header())
		}
		wrong := nameless(open(h, "000000000", "192.0.2.2").Body.String())
		for i := range mostOpens - 1 {
			if rec := open(h, code, "192.0.2.3"); rec.Code != 200 {
				t.Fatalf("opening %d: %d", i+2, rec.Code)
			}
		}
		if rec := open(h, code, "192.0.2.4"); rec.Code != http.StatusGone || nameless(rec.Body.String()) != wrong || strings.Contains(rec.Body.String(), "Canary") {
			t.Errorf("a code used up does not look like a wrong one: %d\n%s", rec.Code, rec.Body)
		}
	})
}

func TestACodeServesForMinutesAndOnlyUntilTheNext(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		nobody := access.Call{Now: supervisor.Now, Today: today}
		first := must[Code](t)(w.MakeCode(w.ctx, byDoctor("d1"), p.ID))
		must[CardSight](t)(w.OpenCode(w.ctx, nobody, first.Text))
		must[CardSight](t)(w.OpenCode(w.ctx, nobody, strings.ToLower(first.Text)))
		second := must[Code](t)(w.MakeCode(w.ctx, byDoctor("d1"), p.ID))
		late := nobody
		late.Now = second.EndsAt
		for name, try := range map[string]func() error{
			"replaced":     func() error { _, err := w.OpenCode(w.ctx, nobody, first.Text); return err },
			"out of time":  func() error { _, err := w.OpenCode(w.ctx, late, second.Text); return err },
			"mistyped":     func() error { _, err := w.OpenCode(w.ctx, nobody, "NONSENSE"); return err },
			"empty":        func() error { _, err := w.OpenCode(w.ctx, nobody, ""); return err },
			"not for them": func() error { _, err := w.MakeCode(w.ctx, stranger, p.ID); return err },
			"other host":   func() error { _, err := w.MakeCode(w.ctx, elsewhere, p.ID); return err },
		} {
			if err := try(); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		var kept int
		if err := w.db.Q(w.ctx).QueryRow(w.ctx, `SELECT count(*) FROM placement_code WHERE secret_hash = $1`, second.Text).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("the code itself is stored: %d, %v", kept, err)
		}
		must[Placement](t)(w.End(w.ctx, employer, Ending{ID: p.ID, On: today, Code: CodeUnknown}))
		gone := nobody
		gone.Now, gone.Today = clock.StartOf(today+1).Add(time.Hour), today+1
		if v, err := w.OpenCode(w.ctx, gone, second.Text); err == nil && len(v.Card.Allowed(gone.Now)) > 0 {
			t.Error("a code outlived the placement")
		}
	})
}

func TestGuessingCodesIsSlow(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		h := w.site()
		refused := 0
		for range 25 {
			if rec := open(h, "7KQ2M9XTB", "192.0.2.9"); rec.Code == http.StatusServiceUnavailable || rec.Code == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 5 {
			t.Errorf("%d of 25 guesses in a minute were refused, want 5", refused)
		}
	})
}

func TestLevelIsToldInNumberAndWordsOnEveryLine(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		ecg := blood("d1")
		ecg.Task, ecg.Level = "ecg_read", card.Direct
		must[Signed](t)(w.SignOff(w.ctx, supervisor, ecg))
		v := must[CardSight](t)(w.LookCard(w.ctx, shift, p.ID))
		var b strings.Builder
		if err := cardBody(cardView{CardSight: v}).Render(w.ctx, &b); err != nil {
			t.Fatal(err)
		}
		for _, m := range []string{"Level 3: Does it alone, with the supervisor on site and ready to come", "Take blood from a vein</strong> – level 3, supervisor on site",
			"Level 2: Does it with the supervisor in the room", "Read an ECG</strong> – level 2, with supervisor in the room"} {
			if !strings.Contains(b.String(), m) {
				t.Errorf("%q is missing", m)
			}
		}
		if lines, ends := strings.Count(b.String(), "Re-check by"), strings.Count(b.String(), "Not valid after"); lines != 2 || ends != lines {
			t.Errorf("%d allowed lines, %d with an end", lines, ends)
		}
	})
}
