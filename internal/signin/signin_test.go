package signin

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
	"msw/internal/web"
)

const actWork access.Action = "test.work"

// house is a service with its pages, a worker, a mailbox and a moving clock.
type house struct {
	t      *testing.T
	db     *database.DB
	s      *Service
	worker *jobs.Worker
	box    *notify.Mailbox
	server *web.Server

	mu     sync.Mutex
	at     clock.Instant
	actors map[string][]access.Actor
}

func (h *house) now() clock.Instant {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func build(t *testing.T, db *database.DB, change ...func(*Options)) *house {
	t.Helper()
	h := &house{t: t, db: db, at: clock.StartOf(clock.MustDate("2026-11-22")), actors: map[string][]access.Actor{}}
	log, err := audit.New(db)
	must(t, err)
	outbox := jobs.NewOutbox(db, h.now)
	h.box = notify.NewMailbox(50, h.now)
	o := Options{
		DB: db, Audit: log, Jobs: outbox, Sender: notify.NewOnce(db, h.box, h.now), Now: h.now, Secure: true,
		Actors: func(_ context.Context, account string) ([]access.Actor, error) { return h.actors[account], nil },
	}
	for _, c := range change {
		c(&o)
	}
	h.s, err = New(o)
	must(t, err)
	h.worker = jobs.NewWorker(outbox, slog.New(slog.DiscardHandler))
	h.s.Jobs(h.worker)
	table, err := access.NewTable(
		access.Grant{Action: ActEnter, Relation: access.Public},
		access.Grant{Role: "caseworker", Action: actWork, Relation: access.Tenant},
	)
	must(t, err)
	h.server, err = web.New(web.Options{DB: db, Access: table, Log: slog.New(slog.DiscardHandler), Now: h.now, Actor: h.s.Actor, Secure: true})
	must(t, err)
	must(t, h.server.Handle(NewPages(h.s).Routes()...))
	must(t, h.server.Handle(web.Route{Method: "GET", Pattern: "/work", Action: actWork, Handle: func(r *web.Request) (web.Response, error) {
		return web.JSON(map[string]string{"account": r.Call.Actor.Account, "tenant": r.Call.Actor.Tenant}), nil
	}}))
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) person(email string, tenants ...string) string {
	h.t.Helper()
	account, err := h.s.Ensure(h.t.Context(), email)
	must(h.t, err)
	for _, tenant := range tenants {
		h.actors[account] = append(h.actors[account], access.Actor{
			Account: account, Tenant: tenant, Name: "Someone", Members: []access.Membership{{Role: "caseworker"}},
		})
	}
	return account
}

// code drains the worker and reads the newest code mailed to an address.
func (h *house) code(email string) string {
	h.t.Helper()
	must(h.t, h.worker.Drain(h.t.Context()))
	for _, k := range h.box.Newest("", 50) {
		if k.To == email {
			return regexp.MustCompile(`\b[0-9]{6}\b`).FindString(k.Text)
		}
	}
	return ""
}

// other is a code that is not this one.
func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// browser keeps cookies like a browser and follows no redirect.
type browser struct {
	h   *house
	jar http.CookieJar
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	return &browser{h, jar}
}

var site = &url.URL{Scheme: "https", Host: "example.com", Path: "/"}

func (b *browser) send(method, path string, form url.Values) (*http.Response, string) {
	b.h.t.Helper()
	r := httptest.NewRequest(method, "https://example.com"+path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range b.jar.Cookies(site) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.h.server.ServeHTTP(w, r)
	resp := w.Result()
	b.jar.SetCookies(site, resp.Cookies())
	body, err := io.ReadAll(resp.Body)
	must(b.h.t, err)
	return resp, string(body)
}

func (b *browser) cookie(name string) string {
	for _, c := range b.jar.Cookies(site) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) signIn(email string) *http.Response {
	b.h.t.Helper()
	b.send("POST", "/sign-in", url.Values{"email": {email}})
	resp, _ := b.send("POST", "/sign-in/code", url.Values{"code": {b.h.code(email)}})
	return resp
}

func (b *browser) works() bool {
	b.h.t.Helper()
	resp, _ := b.send("GET", "/work", nil)
	return resp.StatusCode == 200
}

func TestSigningInWithACode(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1")
		b := h.browser()
		resp, _ := b.send("GET", "/work?tab=2", nil)
		if resp.StatusCode != 303 || resp.Header.Get("Location") != "/sign-in?next=%2Fwork%3Ftab%3D2" {
			t.Fatalf("signed out: %d to %s", resp.StatusCode, resp.Header.Get("Location"))
		}
		resp, _ = b.send("POST", "/sign-in", url.Values{"email": {" Amina@Example.org "}, "next": {"/work?tab=2"}})
		if resp.Header.Get("Location") != "/sign-in/code?next=%2Fwork%3Ftab%3D2" {
			t.Fatalf("asked for a code: %d to %s", resp.StatusCode, resp.Header.Get("Location"))
		}
		code := h.code("amina@example.org")
		resp, _ = b.send("POST", "/sign-in/code", url.Values{"code": {code[:3] + " " + code[3:]}, "next": {"/work?tab=2"}})
		if resp.StatusCode != 303 || resp.Header.Get("Location") != "/work?tab=2" {
			t.Fatalf("right code: %d to %s", resp.StatusCode, resp.Header.Get("Location"))
		}
		for _, c := range resp.Cookies() {
			if c.Name == "__Host-msw-session" && (!c.HttpOnly || !c.Secure || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode) {
				t.Errorf("the session's cookie is not bound: %+v", c)
			}
		}
		if !b.works() {
			t.Fatal("signed in, but not let in")
		}
		resp, body := b.send("GET", "/account", nil)
		if resp.StatusCode != 200 || !strings.Contains(body, "amina@example.org") {
			t.Fatalf("account page: %d", resp.StatusCode)
		}
		token := b.cookie("__Host-msw-session")
		b.send("POST", "/sign-out", nil)
		if b.works() {
			t.Fatal("signed out, still let in")
		}
		b.jar.SetCookies(site, []*http.Cookie{{Name: "__Host-msw-session", Value: token, Secure: true, Path: "/"}})
		if b.works() {
			t.Fatal("an ended session was used again")
		}
	})
}

func TestACodeWorksOnceForItsBrowserForTenMinutesAndFiveTries(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		account, ctx := h.person("amina@example.org", "t1"), t.Context()
		ask := func() (ticket, code string) {
			h.move(codeWindow)
			ticket, err := h.s.Ask(ctx, h.now(), "amina@example.org")
			must(t, err)
			return ticket, h.code("amina@example.org")
		}
		refused := func(what, ticket, code string) {
			t.Helper()
			if got, err := h.s.Answer(ctx, h.now(), ticket, code); problem.KindOf(err) != problem.Invalid || got != "" {
				t.Errorf("%s: let %q in, %v", what, got, err)
			}
		}
		ticket, code := ask()
		refused("no ticket", "", code)
		stranger, _ := secret()
		refused("another browser", stranger, code)
		if got, err := h.s.Answer(ctx, h.now(), ticket, code); err != nil || got != account {
			t.Fatalf("the right code: %q, %v", got, err)
		}
		refused("replay", ticket, code)

		ticket, code = ask()
		for range codeTries - 1 {
			refused("a wrong code", ticket, other(code))
		}
		if got, err := h.s.Answer(ctx, h.now(), ticket, code); err != nil || got != account {
			t.Fatalf("the right code at the last try: %q, %v", got, err)
		}
		ticket, code = ask()
		for range codeTries {
			refused("a wrong code", ticket, other(code))
		}
		refused("the right code after five wrong ones", ticket, code)

		ticket, code = ask()
		h.move(codeLife - time.Second)
		if _, err := h.s.Answer(ctx, h.now(), ticket, code); err != nil {
			t.Fatalf("in the last second: %v", err)
		}
		ticket, code = ask()
		h.move(codeLife)
		refused("too late", ticket, code)
		oldTicket, oldCode := ask()
		newTicket, _ := ask()
		refused("an older code with a newer ticket", newTicket, other(oldCode)[:5]+"x")
		refused("an older ticket past its time", oldTicket, oldCode)
	})
}

func TestWrongCodesStayCountedOverPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1")
		b := h.browser()
		b.send("POST", "/sign-in", url.Values{"email": {"amina@example.org"}})
		code := h.code("amina@example.org")
		for range codeTries {
			if resp, body := b.send("POST", "/sign-in/code", url.Values{"code": {other(code)}}); resp.StatusCode != 422 || !strings.Contains(body, "There is a problem") {
				t.Fatalf("a wrong code: %d", resp.StatusCode)
			}
		}
		if resp, _ := b.send("POST", "/sign-in/code", url.Values{"code": {code}}); resp.StatusCode != 422 || b.works() {
			t.Fatalf("the right code after five wrong ones: %d", resp.StatusCode)
		}
	})
}

func TestAnUnknownAddressGetsTheSameAnswer(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1")
		known, unknown := h.browser(), h.browser()
		steps := []struct{ path, field, known, unknown string }{
			{"/sign-in", "email", "amina@example.org", "nobody@example.org"},
			{"/sign-in/code", "code", "abc", "abc"}, {"/sign-in/code", "code", "abc", "abc"}, {"/sign-in/code", "code", "abc", "abc"},
			{"/sign-in/code", "code", "abc", "abc"}, {"/sign-in/code", "code", "abc", "abc"}, {"/sign-in/code", "code", "abc", "abc"},
		}
		id := regexp.MustCompile(`X-Request-Id: .*|Reference: \w+`)
		for i, step := range steps {
			a, bodyA := known.send("POST", step.path, url.Values{step.field: {step.known}})
			b, bodyB := unknown.send("POST", step.path, url.Values{step.field: {step.unknown}})
			if a.StatusCode != b.StatusCode || id.ReplaceAllString(bodyA, "") != id.ReplaceAllString(bodyB, "") ||
				a.Header.Get("Location") != b.Header.Get("Location") || len(a.Cookies()) != len(b.Cookies()) {
				t.Errorf("step %d tells a known address (%d) from an unknown one (%d)", i, a.StatusCode, b.StatusCode)
			}
		}
		must(t, h.worker.Drain(t.Context()))
		if list := h.box.Newest("", 10); len(list) != 1 || list[0].To != "amina@example.org" || strings.Contains(list[0].Subject+list[0].Text, "octor") {
			t.Errorf("mailed %+v", list)
		}
	})
}

func TestOneAddressGetsFewCodes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1")
		for range codesAllowed + 3 {
			_, err := h.s.Ask(t.Context(), h.now(), "amina@example.org")
			must(t, err)
		}
		must(t, h.worker.Drain(t.Context()))
		if n := len(h.box.Newest("", 50)); n != codesAllowed {
			t.Errorf("%d codes were sent", n)
		}
	})
}

func TestNothingReadableIsLeftInTheStore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		account := h.person("amina@example.org", "t1")
		b := h.browser()
		b.signIn("amina@example.org")
		code := h.code("amina@example.org")
		for _, query := range []string{
			`SELECT id || email_hash || coalesce(CAST(sealed AS text), '') FROM signin_account`,
			`SELECT id || code_hash || account || coalesce(CAST(sealed AS text), '') FROM signin_code`,
			`SELECT token_hash || account FROM signin_session`,
		} {
			rows, err := db.Q(t.Context()).Query(t.Context(), query)
			must(t, err)
			for rows.Next() {
				var all string
				must(t, rows.Scan(&all))
				for _, secret := range []string{"amina", b.cookie("__Host-msw-session")} {
					if strings.Contains(all, secret) {
						t.Errorf("%s shows %q", query, secret)
					}
				}
			}
			must(t, rows.Close())
		}
		if c, err := h.s.code(t.Context(), hashOf("")); err == nil || c.codeHash == hashOf(code) {
			t.Error("codes are hashed without a key")
		}
		if email, err := h.s.Email(t.Context(), account); err != nil || email != "amina@example.org" {
			t.Errorf("the address came back as %q, %v", email, err)
		}
		again, err := h.s.Ensure(t.Context(), "AMINA@example.org")
		if err != nil || again != account {
			t.Errorf("a second account for one address: %v", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		account := h.person("amina@example.org", "t1")
		idle := h.browser()
		idle.signIn("amina@example.org")
		h.move(idleEnd - time.Second)
		if !idle.works() {
			t.Fatal("ended before half an hour")
		}
		h.move(idleEnd - time.Second)
		if !idle.works() {
			t.Fatal("use did not keep it open")
		}
		h.move(idleEnd)
		if idle.works() {
			t.Fatal("open after half an hour without use")
		}
		h.move(-idleEnd)
		if idle.works() {
			t.Fatal("a clock set back revived a session")
		}

		busy := h.browser()
		busy.signIn("amina@example.org")
		for range 35 {
			h.move(20 * time.Minute)
			if !busy.works() {
				t.Fatal("ended before 12 hours")
			}
		}
		h.move(20 * time.Minute)
		if busy.works() {
			t.Fatal("open after 12 hours")
		}

		one, two := h.browser(), h.browser()
		one.signIn("amina@example.org")
		two.signIn("amina@example.org")
		one.send("POST", "/sign-out/everywhere", nil)
		if one.works() || two.works() {
			t.Fatal("a session outlived signing out everywhere")
		}
		h.move(codeWindow)
		one.signIn("amina@example.org")
		h.actors[account] = nil
		if one.works() {
			t.Fatal("a role taken away still works")
		}
	})
}

func TestASessionCannotBeFixedBeforehand(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1")
		h.person("mallory@example.org", "t1")
		mallory, amina := h.browser(), h.browser()
		mallory.signIn("mallory@example.org")
		planted := mallory.cookie("__Host-msw-session")
		amina.jar.SetCookies(site, []*http.Cookie{{Name: "__Host-msw-session", Value: planted, Secure: true, Path: "/"}})
		amina.signIn("amina@example.org")
		if amina.cookie("__Host-msw-session") == planted {
			t.Fatal("the planted token was taken over")
		}
		if mallory.works() {
			t.Fatal("the replaced session lives on")
		}
		if !amina.works() {
			t.Fatal("she is not signed in")
		}
	})
}

func TestWhoBelongsToSeveralProgrammesChoosesOne(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1", "t2")
		b := h.browser()
		if to := b.signIn("amina@example.org").Header.Get("Location"); to != "/sign-in/programme" {
			t.Fatalf("sent to %s", to)
		}
		before := b.cookie("__Host-msw-session")
		if b.works() {
			t.Fatal("let in without a programme")
		}
		if resp, body := b.send("POST", "/sign-in/programme", url.Values{"programme": {"t3"}}); resp.StatusCode != 422 || !strings.Contains(body, "Choose one of the programmes") {
			t.Fatalf("a programme she is not in: %d", resp.StatusCode)
		}
		b.send("POST", "/sign-in/programme", url.Values{"programme": {"t2"}})
		resp, body := b.send("GET", "/work", nil)
		if resp.StatusCode != 200 || !strings.Contains(body, `"tenant":"t2"`) {
			t.Fatalf("in the chosen programme: %d %s", resp.StatusCode, body)
		}
		if b.cookie("__Host-msw-session") == before {
			t.Error("the token did not change with the programme")
		}
	})
}

func TestAnAccountWithoutAProgrammeIsNotLetIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org")
		b := h.browser()
		if resp := b.signIn("amina@example.org"); resp.StatusCode != 200 || b.cookie("__Host-msw-session") != "" || b.works() {
			t.Fatalf("answered %d", resp.StatusCode)
		}
	})
}

func TestOneClickPersonasExistOnlyWhenSet(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		plain := build(t, db)
		account := plain.person("amina@example.org", "t1")
		if resp, _ := plain.browser().send("POST", "/sign-in/as", url.Values{"persona": {"a"}}); resp.StatusCode != 404 {
			t.Errorf("without personas: %d", resp.StatusCode)
		}
		demo := build(t, db, func(o *Options) {
			o.Personas = func(context.Context) []Persona {
				return []Persona{{ID: "a", Title: "Caseworker", Name: "Amina", Account: account, Tenant: "t1", Explains: "Sees all cases."}}
			}
		})
		demo.actors = plain.actors
		b := demo.browser()
		if _, body := b.send("GET", "/sign-in", nil); !strings.Contains(body, "Caseworker: Amina") {
			t.Error("the persona is not offered")
		}
		if resp, _ := b.send("POST", "/sign-in/as", url.Values{"persona": {"b"}}); resp.StatusCode != 404 || b.works() {
			t.Errorf("an unknown persona: %d", resp.StatusCode)
		}
		if resp, _ := b.send("POST", "/sign-in/as", url.Values{"persona": {"a"}}); resp.Header.Get("Location") != "/home" || !b.works() {
			t.Errorf("one click: %d", resp.StatusCode)
		}
	})
}

func TestANextAddressOfAnotherSiteIsNotFollowed(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	h.person("amina@example.org", "t1")
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "/\t/evil.example"} {
		h.move(codeWindow)
		b := h.browser()
		b.send("POST", "/sign-in", url.Values{"email": {"amina@example.org"}, "next": {next}})
		resp, _ := b.send("POST", "/sign-in/code", url.Values{"code": {h.code("amina@example.org")}, "next": {next}})
		if to := resp.Header.Get("Location"); to != "/home" {
			t.Errorf("next=%q leads to %q", next, to)
		}
	}
}

func TestSignInIsRateLimited(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	b, last := h.browser(), 0
	for range 35 {
		resp, _ := b.send("POST", "/sign-in", url.Values{"email": {"amina@example.org"}})
		last = resp.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 35th try in a minute was answered with %d", last)
	}
}

func TestForgettingKeepsWhatLives(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.person("amina@example.org", "t1")
		old := h.browser()
		old.signIn("amina@example.org")
		h.move(2 * time.Hour)
		b := h.browser()
		b.signIn("amina@example.org")
		must(t, h.s.forget(t.Context(), h.now()))
		var codes, sessions int
		must(t, db.Q(t.Context()).QueryRow(t.Context(), `SELECT count(*) FROM signin_code`).Scan(&codes))
		must(t, db.Q(t.Context()).QueryRow(t.Context(), `SELECT count(*) FROM signin_session`).Scan(&sessions))
		if codes != 1 || sessions != 1 || !b.works() {
			t.Errorf("%d codes and %d sessions are left", codes, sessions)
		}
	})
}
