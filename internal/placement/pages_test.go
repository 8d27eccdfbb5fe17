package placement

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
)

// nameless is an error page without the reference each has of its own.
func nameless(body string) string { return reference.ReplaceAllString(body, "Reference") }

var reference = regexp.MustCompile(`Reference: [0-9A-Z]+`)

func TestPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.doctor("d1")
		p := w.inPost("d1")
		h, at := w.site(), "/placements/"+p.ID
		_, missing, _ := ask(h, "other", "/placements/NOSUCHONE", nil)
		for _, sc := range []struct {
			who, path string
			form      url.Values
			status    int
			must, not []string
		}{
			{who: "employer", path: "/placements", status: 200, must: []string{"Canary of d1", "Riverside Trust", "Senior sup"}},
			{who: "supervisor", path: "/placements", status: 200, must: []string{"People you supervise", "Canary of d1"}},
			{who: "educator", path: "/placements", status: 200, must: []string{"Canary of d1"}},
			{who: "london", path: "/placements", status: 200, must: []string{"Canary of d1"}},
			{who: "d1", path: "/placements", status: 303}, // to their only post
			{who: "d2", path: "/placements", status: 200, must: []string{"You are not in post yet"}, not: []string{"Canary"}},
			{who: "other", path: "/placements", status: 200, must: []string{"Nobody here"}, not: []string{"Canary", ref}},
			{who: "host", path: "/placements", status: 200, not: []string{"Canary", ref}},
			{who: "stranger", path: "/placements", status: 200, must: []string{"Nobody here"}, not: []string{"Canary"}},
			{who: "north", path: "/placements", status: 200, not: []string{"Canary"}},
			{who: "board", path: "/placements", status: 404, not: []string{"Canary"}},
			{who: "employer", path: "/placements?which=ended", status: 200, not: []string{"Canary"}},

			{who: "employer", path: at, status: 200, must: []string{"Medical Support Worker, not registered with the GMC", "Canary of d1", "Contract ends", "23 August 2023", "Funded until", "28 February 2023", "31 March 2023", "band 6", "Record the end"}},
			{who: "supervisor", path: at, status: 200, must: []string{"Canary of d1", "not registered with the GMC"}, not: []string{"band 6", "Record the end"}},
			{who: "d1", path: at, status: 200, must: []string{"Your post: General medicine", "band 6"}, not: []string{"Record the end"}},
			{who: "d2", path: at, status: 404, not: []string{"Canary", "medicine"}},
			{who: "other", path: at, status: 404, not: []string{"Canary", "medicine"}},
			{who: "north", path: at, status: 404, not: []string{"Canary"}},
			{who: "stranger", path: at, status: 404, not: []string{"Canary"}},
			{who: "other", path: at + "/end", status: 404, not: []string{"Canary"}},
			{who: "other", path: at + "/change", form: url.Values{"on": {"2022-11-01"}, "hours": {"20"}}, status: 404},

			{who: "employer", path: at + "/change", status: 200, must: []string{"Now 37.5 hours a week", "Senior sup2 (room for 1)"}},
			{who: "employer", path: at + "/change", form: url.Values{"on": {"2022-13-01"}, "hours": {"typed nonsense"}}, status: 422, must: []string{"typed nonsense", "Enter a real date"}},
			{who: "employer", path: at + "/change", form: url.Values{"version": {"1"}, "on": {"2022-11-01"}, "hours": {"20"}}, status: 303},
			{who: "employer", path: at + "/change", form: url.Values{"version": {"1"}, "on": {"2022-11-02"}, "hours": {"30"}}, status: 409},
			{who: "employer", path: at, status: 200, must: []string{"20 hours a week", "Changed hours", "37.5 hours a week at Riverside Trust"}},
			{who: "employer", path: at + "/end", form: url.Values{"version": {"2"}}, status: 422, must: []string{"Enter the last day in post", "Choose how the placement ends"}},
			{who: "employer", path: at + "/end", form: url.Values{"version": {"2"}, "on": {"2022-11-20"}, "kind": {"left"}, "code-left": {"family_or_health"}}, status: 303},
			{who: "employer", path: at, status: 200, must: []string{"20 November 2022", "Family or health"}},
			{who: "supervisor", path: at, status: 200, must: []string{"20 November 2022"}, not: []string{"Family or health"}},
			{who: "caseworker", path: at + "/follow-up", status: 200, must: []string{"Nobody knows"}},
			{who: "employer", path: at + "/follow-up", status: 404},
		} {
			status, body, _ := ask(h, sc.who, sc.path, sc.form)
			if status != sc.status {
				t.Errorf("%s %s: status %d, want %d\n%s", sc.who, sc.path, status, sc.status, body)
			}
			if sc.who == "other" && sc.path == at && sc.form == nil && nameless(body) != nameless(missing) {
				t.Errorf("another trust's placement does not look exactly like one that is not there\n%s\n%s", body, missing)
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

func TestStartPage(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.offer("d1", w.post())
		h := w.site()
		status, body, _ := ask(h, "employer", "/starts/"+o.ID, nil)
		if status != 200 || !strings.Contains(body, "What stops the start") || !strings.Contains(body, "The check is not done: Right to work.") {
			t.Errorf("before the checks: %d\n%s", status, body)
		}
		w.tick(o)
		form := func() url.Values { return url.Values{"on": {"2022-09-01"}, "clinical": {"sup"}} }
		w.rulings["d1 start"] = []string{"Passed PLAB 2 on 3 November 2022: the programme cannot start after that."}
		status, body, _ = ask(h, "employer", "/starts/"+o.ID, form())
		if status != 422 || !strings.Contains(body, "Passed PLAB 2 on 3 November 2022") {
			t.Errorf("the page does not say why: %d\n%s", status, body)
		}
		delete(w.rulings, "d1 start")
		if status, _, _ = ask(h, "other", "/starts/"+o.ID, form()); status != 404 {
			t.Errorf("another trust started it: %d", status)
		}
		status, _, to := ask(h, "employer", "/starts/"+o.ID, form())
		if status != 303 || !strings.HasPrefix(to, "/placements/") {
			t.Errorf("the start: %d to %s", status, to)
		}
	})
}

func TestPanelIsForThoseWhoMaySee(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		w.inPost("d1")
		p := NewPages(w.Service)
		for _, c := range []struct {
			who   access.Call
			shown bool
		}{{employer, true}, {supervisor, true}, {caseworker, true}, {byDoctor("d1"), true}, {other, false}, {stranger, false}, {board, false}, {byDoctor("d2"), false}} {
			panel, err := p.Panel(w.ctx, c.who, "d1")
			if err != nil || (panel != nil) != c.shown {
				t.Errorf("%s: panel %v, %v", c.who.Actor.Account, panel != nil, err)
			}
		}
	})
}
