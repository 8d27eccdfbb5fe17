package casefile

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/web"
)

// site serves the pages of a world; the header Who names the actor.
func (w world) site() http.Handler {
	w.t.Helper()
	people := map[string]access.Call{"caseworker": caseworker, "national": national, "assessor": assessor, "london": london, "north": north,
		"employer": employer, "other": other, "supervisor": supervisor, "charity": charity, "board": board, "d1": byDoctor("d1"), "d2": byDoctor("d2")}
	s, err := web.New(web.Options{DB: w.db, Access: w.access, Log: slog.New(slog.DiscardHandler),
		Now: func() clock.Instant { return caseworker.Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			if !ok {
				return access.Actor{Tenant: tenant}, false, nil
			}
			return c.Actor, true, nil
		}})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Handle(NewPages(w.Service).Routes()...); err != nil {
		w.t.Fatal(err)
	}
	return s
}

var keyPattern = regexp.MustCompile(`name="idempotency-key"[^>]*value="([^"]+)"`)

// ask sends one request; a form is sent by POST with a key of its own.
func (w world) ask(h http.Handler, who, path string, form url.Values) (int, string, http.Header) {
	w.t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method = "POST"
		form.Set("idempotency-key", fmt.Sprintf("key-%s-%d", who, len(path)+len(form.Encode())))
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
	return rec.Code, rec.Body.String(), rec.Header()
}

type scene struct {
	who, path string
	form      url.Values
	status    int
	must, not []string
}

func (w world) play(h http.Handler, scenes []scene) {
	w.t.Helper()
	for _, sc := range scenes {
		status, body, _ := w.ask(h, sc.who, sc.path, sc.form)
		if status != sc.status {
			w.t.Errorf("%s %s: status %d, want %d\n%s", sc.who, sc.path, status, sc.status, body)
			continue
		}
		for _, m := range sc.must {
			if !strings.Contains(body, m) {
				w.t.Errorf("%s %s: %q is missing\n%s", sc.who, sc.path, m, body)
			}
		}
		for _, m := range append(sc.not, "Dr ") {
			if strings.Contains(body, m) {
				w.t.Errorf("%s %s: %q must not be there", sc.who, sc.path, m)
			}
		}
	}
}

func TestPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted, FoundEligible, OfferAccepted)
		sup := w.open("d2", Referred, Submitted, FoundSupported)
		w.must(func(ctx context.Context) error {
			if err := w.Place(ctx, system, "d1", Placing{Supervisors: []string{supervisor.Actor.Account}}); err != nil {
				return err
			}
			return w.OpenTask(ctx, system, Task{Doctor: "d1", Kind: "check", Source: "x", Title: "Do the canary checks", Party: PartyEmployer, Owner: "RX1", Since: today.AddDays(-4), Due: today.AddDays(-1)})
		})
		w.SetPanels(Panel{ID: "two", Title: "Second panel", Order: 2, Render: func(context.Context, access.Call, string) (templ.Component, error) {
			return nhs.InsetText{Text: "canary panel"}, nil
		}}, Panel{ID: "none", Title: "Hidden panel", Order: 1, Render: func(context.Context, access.Call, string) (templ.Component, error) { return nil, nil }})
		h := w.site()
		w.play(h, []scene{
			{who: "", path: "/home", status: 303},
			{who: "employer", path: "/home", status: 200, must: []string{"Do the canary checks", "4 days", "(late)", "Name of d1", "/cases/" + ref}},
			{who: "other", path: "/home", status: 200, must: []string{"Nothing waits for you"}, not: []string{"canary", "Name of"}},
			{who: "charity", path: "/home", status: 200, must: []string{"Nothing waits for you"}, not: []string{"canary", "Name of", ref}},
			{who: "board", path: "/home", status: 200, not: []string{"canary", "Name of", ref}},
			{who: "d1", path: "/home", status: 200, must: []string{"Your employer is doing its checks", "Waiting for the employer", "/urgent", "Pause without losing your place"}, not: []string{"canary", "Name of"}},
			{who: "d2", path: "/home", status: 200, must: []string{"We support you, but you cannot be employed yet", "It is your turn"}},

			{who: "caseworker", path: "/cases", status: 200, must: []string{"Name of d1", "Name of d2", "Employment checks", "Supported, cannot be employed yet", "The employer"}},
			{who: "london", path: "/cases", status: 200, must: []string{"Name of d2", "Not ready yet"}, not: []string{"Supported"}},
			{who: "london", path: "/cases?stage=not_yet", status: 200, must: []string{"Name of d2"}, not: []string{"Name of d1"}},
			{who: "london", path: "/cases?stage=supported", status: 200, must: []string{"No cases found"}, not: []string{"Name of"}},
			{who: "north", path: "/cases", status: 200, must: []string{"No cases yet"}, not: []string{"Name of"}},
			{who: "employer", path: "/cases", status: 200, must: []string{"Name of d1"}, not: []string{"Name of d2", "How many cases"}},
			{who: "supervisor", path: "/cases", status: 200, must: []string{"Name of d1"}, not: []string{"Name of d2"}},
			{who: "charity", path: "/cases", status: 404, not: []string{"Name of"}},
			{who: "board", path: "/cases", status: 404},
			{who: "caseworker", path: "/cases?q=" + strings.ToLower(ref), status: 200, must: []string{"Name of d1"}, not: []string{"Name of d2"}},
			{who: "caseworker", path: "/cases?after=rubbish&stage=rubbish", status: 200, must: []string{"No cases found"}},

			{who: "caseworker", path: "/cases/" + ref, status: 200, must: []string{"Name of d1", "Sent the application", "Referred to the programme", "canary panel", "Second panel", "Change this case"}, not: []string{"Hidden panel"}},
			{who: "employer", path: "/cases/" + ref, status: 200, must: []string{"Accepted the offer", "Do the canary checks"}, not: []string{"Referred to", "Found eligible", "Change this case"}},
			{who: "supervisor", path: "/cases/" + ref, status: 200, must: []string{"Nothing yet that you can see"}, not: []string{"Accepted the offer", "Do the canary checks"}},
			{who: "london", path: "/cases/" + sup, status: 200, must: []string{"Found not ready yet"}, not: []string{"cannot be employed"}},
			{who: "d1", path: "/cases/" + ref, status: 200, must: []string{"Found eligible"}, not: []string{"Do the canary checks"}},
			{who: "d2", path: "/cases/" + ref, status: 404},
			{who: "charity", path: "/cases/" + ref, status: 404},
			{who: "other", path: "/cases/" + ref, status: 404},
			{who: "north", path: "/cases/" + ref, status: 404},
			{who: "employer", path: "/cases/" + sup, status: 404},
			{who: "employer", path: "/cases/" + ref + "/hold", status: 404},
			{who: "assessor", path: "/cases/" + ref + "/close", status: 404},

			{who: "caseworker", path: "/cases/" + ref + "/tasks", form: url.Values{"do": {"close"}, "kind": {"check"}, "source": {"x"}}, status: 303},
			{who: "employer", path: "/home", status: 200, must: []string{"Nothing waits for you"}},
			{who: "employer", path: "/cases/" + ref + "/tasks", form: url.Values{"do": {"close"}, "kind": {"check"}, "source": {"x"}}, status: 404},
		})
	})
}

func TestStepsOnACase(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted)
		h := w.site()
		in := func(pairs ...string) url.Values {
			v := url.Values{}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return v
		}
		w.play(h, []scene{
			{who: "caseworker", path: "/cases/" + ref + "/hold", form: in("reason", "gmc_answer"), status: 422, must: []string{"Choose whom the case waits for", "There is a problem", "#until"}},
			{who: "caseworker", path: "/cases/" + ref + "/hold", form: in("reason", "gmc_answer", "party", "gmc", "until-day", "31", "until-month", "2", "until-year", "2027"), status: 422, must: []string{`value="31"`, "There is a problem"}},
			{who: "caseworker", path: "/cases/" + ref + "/hold", form: in("reason", "gmc_answer", "party", "gmc", "until-day", "1", "until-month", "2", "until-year", "2027"), status: 303},
			{who: "caseworker", path: "/cases/" + ref, status: 200, must: []string{"Waiting for the GMC", "1 February 2027", "End this hold"}},
			{who: "d1", path: "/home", status: 200, must: []string{"We are waiting for someone else"}},
			{who: "london", path: "/cases/" + ref, status: 200, not: []string{"Waiting for the GMC."}},
			{who: "d1", path: "/cases/" + ref + "/pause", status: 200, must: []string{"You keep your place"}},
			{who: "d1", path: "/cases/" + ref + "/pause", form: in("until-day", "1", "until-month", "1", "until-year", "2020"), status: 422, must: []string{"Enter a date in the future"}},
			{who: "d1", path: "/cases/" + ref + "/pause", form: in("reason", "study"), status: 303},
			{who: "d1", path: "/home", status: 200, must: []string{"You have paused", "Carry on"}},
			{who: "d1", path: "/cases/" + ref + "/resume", form: in("x", "y"), status: 303},
			{who: "caseworker", path: "/cases/" + ref + "/close", form: in(), status: 422, must: []string{"Choose why the case is closed"}},
			{who: "caseworker", path: "/cases/" + ref + "/close", form: in("reason", "no_contact"), status: 303},
			{who: "caseworker", path: "/cases/" + ref, status: 200, must: []string{"Open this case again", "We could not reach the doctor"}},
			{who: "d1", path: "/home", status: 200, must: []string{"Your case is closed", `href="/decision"`}},
			{who: "caseworker", path: "/cases?closed=yes", status: 200, must: []string{"Name of d1"}},
			{who: "caseworker", path: "/cases/" + ref + "/reopen", form: in("a", "b"), status: 303},
		})
		w.check()
	})
}

func TestMessagePages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted, FoundEligible, OfferAccepted)
		h := w.site()
		w.play(h, []scene{
			{who: "d1", path: "/messages", status: 200, must: []string{"There are no messages yet", "/cases/" + ref + "/messages/new"}},
			{who: "d1", path: "/cases/" + ref + "/messages/new", status: 200, must: []string{"Employers, supervisors and referrers cannot read it", "people who manage staff at"}},
			{who: "employer", path: "/cases/" + ref + "/messages/new", status: 200, must: []string{"people who manage staff at"}, not: []string{"Doctor and programme team<"}},
			{who: "d1", path: "/cases/" + ref + "/messages/new", form: url.Values{"subject": {"canary typed"}}, status: 422, must: []string{"canary typed", "Enter your message", "Choose who can read"}},
		})
		status, _, header := w.ask(h, "d1", "/cases/"+ref+"/messages/new", url.Values{"readers": {"team"}, "subject": {"canary subject"}, "text": {"canary <b>text</b>\nsecond"}})
		where := header.Get("Location")
		if status != 303 || !strings.HasPrefix(where, "/cases/"+ref+"/messages/") {
			t.Fatalf("sent: %d, %s", status, where)
		}
		w.play(h, []scene{
			{who: "caseworker", path: where, status: 200, must: []string{"canary subject", "canary &lt;b&gt;text", "Who can read this", "answer by 27 November 2026", "Name of d1"}},
			{who: "employer", path: where, status: 404, not: []string{"canary"}},
			{who: "employer", path: "/cases/" + ref + "/messages", status: 200, not: []string{"canary"}},
			{who: "supervisor", path: where, status: 404},
			{who: "caseworker", path: where, form: url.Values{"text": {""}}, status: 422, must: []string{"Enter your message"}},
			{who: "caseworker", path: where, form: url.Values{"text": {"the answer"}}, status: 303},
			{who: "d1", path: where, status: 200, must: []string{"the answer", "The programme team", "You"}},
			{who: "d1", path: "/home", status: 200, must: []string{"Read and answer a message"}},
		})
	})
}

func TestApplyAndUrgentPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, TakenOver)
		state := StateNotStarted
		w.SetSections(Section{ID: "about-you", Title: "About you", URL: "/apply/about-you", Order: 1,
			State: func(context.Context, access.Call, string) (string, error) { return state, nil }})
		h := w.site()
		w.play(h, []scene{
			{who: "d1", path: "/apply", status: 200, must: []string{"About you", "/apply/about-you", "still needed"}, not: []string{"Send application"}},
			{who: "d1", path: "/apply", form: url.Values{"a": {"1"}}, status: 422, must: []string{"About you: not started"}},
			{who: "caseworker", path: "/apply", status: 404},
		})
		state = StateDone
		w.play(h, []scene{
			{who: "d1", path: "/apply", status: 200, must: []string{"Send application"}},
			{who: "d1", path: "/apply", form: url.Values{"b": {"22"}}, status: 303},
			{who: "d1", path: "/apply", status: 200, must: []string{"You sent your application on 22 November 2026"}, not: []string{"Send application"}},
			{who: "assessor", path: "/home", status: 200, must: []string{"Assess an application", "/assess/" + ref}},
			{who: "d1", path: "/urgent", status: 200, must: []string{"call 999", "Employers, supervisors and referrers cannot read it"}},
			{who: "d1", path: "/urgent", form: url.Values{"text": {"canary danger"}}, status: 303},
			{who: "caseworker", path: "/home", status: 200, must: []string{"someone may not be safe", "nhsuk-card--care--urgent"}, not: []string{"canary danger"}},
			{who: "national", path: "/home", status: 200, must: []string{"someone may not be safe"}},
			{who: "london", path: "/home", status: 200, must: []string{"someone may not be safe", "See the case"}, not: []string{"/messages/"}},
			{who: "london", path: "/cases/" + ref, status: 200, must: []string{"someone may not be safe"}, not: []string{"/messages/"}},
			{who: "employer", path: "/home", status: 200, not: []string{"safe"}},
			{who: "caseworker", path: "/cases", status: 200, must: []string{"Urgent"}},
			{who: "caseworker", path: "/urgent", status: 404},
		})
	})
}

func TestKeysAreOnEachForm(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted)
		w.must(func(ctx context.Context) error {
			return w.OpenTask(ctx, system, Task{Doctor: "d1", Kind: "call", Title: "Call", Party: PartyCaseworker})
		})
		_, body, _ := w.ask(w.site(), "caseworker", "/cases/"+ref, nil)
		forms, keys := strings.Count(body, `action="/cases/`), map[string]bool{}
		for _, m := range keyPattern.FindAllStringSubmatch(body, -1) {
			keys[m[1]] = true
		}
		if forms == 0 || len(keys) != forms {
			t.Errorf("%d forms, %d keys", forms, len(keys))
		}
	})
}
