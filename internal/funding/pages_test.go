package funding

import (
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
	"msw/internal/web"
)

func (w *world) site() http.Handler {
	w.t.Helper()
	hiding := finance
	hiding.Actor.Hidden = []string{"canary-doctor-1"}
	people := map[string]access.Call{"national": national, "london": london, "north": north, "board": board, "finance": finance, "other": other,
		"caseworker": caseworker, "supervisor": supervisor, "charity": charity, "hidden from": hiding}
	s, err := web.New(web.Options{DB: w.db, Access: w.access, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return national.Now },
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

func (w *world) play(h http.Handler, scenes []scene) {
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
		for _, m := range append(sc.not, "canary", "Dr ") {
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

func TestWhoSeesWhichMoney(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		h := w.site()
		w.play(h, []scene{{who: "national", path: "/money", status: 200, must: []string{"Nothing has been estimated yet", "Not estimated yet", "Not set"}}})
		w.set("Y56", 400)
		w.set("Y62", 33)
		w.must(w.Commit(w.ctx, system, taking("PLACE1")))
		w.fill()
		w.must(w.Refresh(w.ctx, tenant, today))
		one := "/money/2022-23/PLACE1"
		w.play(h, []scene{
			{who: "", path: "/money", status: 303},
			{who: "national", path: "/money", status: 200, must: []string{"£16,454,000 for 433 places", "1 of 433 places", "for 4 places", "Nothing recorded", "30 September 2022",
				"planned average £38,000", "derived, not a rate", "different things"}, not: []string{"£16,454,001"}},
			{who: "board", path: "/money", status: 200, must: []string{"1 of 433 places"}, not: []string{`href="/money/2022-23"`}},
			{who: "london", path: "/money", status: 200, must: []string{"1 of 400 places", "for 3 places"}, not: []string{"433", "33 places"}},
			{who: "north", path: "/money", status: 200, must: []string{"0 of 33 places", "for 1 place"}, not: []string{"400"}},
			{who: "finance", path: "/money", status: 200, must: []string{"for 3 places"}, not: []string{"400", "433", "planned average", "Budget</th>"}},
			{who: "other", path: "/money", status: 200, must: []string{"for 1 place"}, not: []string{"400", "433"}},
			{who: "caseworker", path: "/money", status: 404}, {who: "supervisor", path: "/money", status: 404}, {who: "charity", path: "/money", status: 404},

			{who: "national", path: "/money/2022-23", status: 200, must: []string{"London", "North West", "budget version 1, set by this programme on 30 September 2022", "£19 million of national money", "/money/2022-23/places?region=Y56"}},
			{who: "london", path: "/money/2022-23", status: 200, must: []string{"London", "1 of 400 places"}, not: []string{"North West", "of national money", "Change<"}},
			{who: "finance", path: "/money/2022-23", status: 200, must: []string{"London, Trust RX1", "North West, Trust RX1"}, not: []string{"RX2", "400", "33 places"}},
			{who: "board", path: "/money/2022-23", status: 404},
			{who: "national", path: "/money/never", status: 404},

			{who: "national", path: "/money/2022-23/places", status: 200, must: []string{"PLACE1", "PLACE2", "PLACE3", "Still in post"}, not: []string{"PLACE4", "PLACE5"}},
			{who: "finance", path: "/money/2022-23/places", status: 200, must: []string{"PLACE1", "PLACE3"}, not: []string{"PLACE2", "RX2"}},
			{who: "hidden from", path: "/money/2022-23/places", status: 200, must: []string{"PLACE3"}, not: []string{"PLACE1"}},
			{who: "north", path: "/money/2022-23/places", status: 200, must: []string{"PLACE1"}, not: []string{"PLACE2", "PLACE3", "London"}},
			{who: "north", path: "/money/2022-23/places?region=Y56", status: 200, must: []string{"No places"}, not: []string{"PLACE"}},

			{who: "finance", path: one, status: 200, must: []string{"£33,706 a year, entry step, full time", "91 of 365 days", "Recalled, not confirmed", "https://lasunison.com/pay", "Trust RX1", "not a claim", "Rate version " + w.rates.Version}},
			{who: "north", path: one, status: 200, must: []string{"North West"}, not: []string{"London"}},
			{who: "other", path: one, status: 404}, {who: "hidden from", path: one, status: 404}, {who: "board", path: one, status: 404},
			{who: "finance", path: "/money/2022-23/PLACE2", status: 404}, {who: "finance", path: "/money/later/PLACE1", status: 404},
			{who: "other", path: "/money/2022-23/PLACE2", status: 200, must: []string{"0.5 of full time", "30 of 365 days"}},
			{who: "board", path: "/money/rates", status: 200, must: []string{"15.05%", "14.38%", "£33,706", "Set by this programme", "20%", "£9,100, on pay above"}},
		})
	})
}

func TestSettingABudgetOnPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		h := w.site()
		at := "/money/2022-23/budget"
		w.play(h, []scene{
			{who: "london", path: at, status: 404}, {who: "finance", path: at, status: 404},
			{who: "national", path: at, status: 200, must: []string{"Set the budget", "Choose one"}},
			{who: "national", path: at, form: typed("places", "many", "money", "1.234", "version", "-1"), status: 422, must: []string{"Choose a region", "#places", "#money", `value="many"`, `value="1.234"`}},
			{who: "national", path: at, form: typed("region", "Y56", "places", "12", "money", "456,000.50", "version", "-1", "note", "first"), status: 303},
			{who: "national", path: at, form: typed("region", "Y56", "places", "13", "money", "1", "version", "-1"), status: 409},
			{who: "national", path: at + "?region=Y56", status: 200, must: []string{`value="456,000.50"`, `value="12"`, "Version 1: £456,000.50 for 12 places", "first"}},
			{who: "london", path: at, form: typed("region", "Y56", "places", "99", "money", "1", "version", "1"), status: 404},
			{who: "national", path: "/money", status: 200, must: []string{"£456,000.50 for 12 places"}},
		})
	})
}
