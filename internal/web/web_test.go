package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/nhs"
	"msw/internal/problem"
)

const (
	actPublic access.Action = "test.public"
	actStaff  access.Action = "test.staff"
	actBoss   access.Action = "test.boss"
)

// site is a server whose sender is named by the header "Test-Account"; its
// handlers write rows of web_command as a stand-in for any capability's.
type site struct {
	t   *testing.T
	db  *database.DB
	s   *Server
	log *bytes.Buffer
	ran int
}

func build(t *testing.T, db *database.DB, change ...func(*Options)) *site {
	t.Helper()
	table, err := access.NewTable(
		access.Grant{Action: actPublic, Relation: access.Public},
		access.Grant{Role: "staff", Action: actStaff, Relation: access.Tenant},
		access.Grant{Role: "boss", Action: actBoss, Relation: access.Tenant},
	)
	must(t, err)
	h := &site{t: t, db: db, log: &bytes.Buffer{}}
	o := Options{
		DB: db, Access: table, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Now: func() clock.Instant { return clock.StartOf(clock.MustDate("2026-11-22")) },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			account := r.Header.Get("Test-Account")
			if account == "broken" {
				return access.Actor{}, false, errors.New("the database does not answer")
			}
			return access.Actor{Account: account, Tenant: "t1", Name: "Amina Secret", Members: []access.Membership{{Role: "staff"}}}, account != "", nil
		},
		Navigation: func(access.Actor) []nhs.NavigationItem { return []nhs.NavigationItem{{Text: "Cases", Href: "/cases"}} },
	}
	for _, c := range change {
		c(&o)
	}
	h.s, err = New(o)
	must(t, err)
	must(t, h.s.Handle(h.routes()...))
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write leaves a mark in the store, in the transaction of the request.
func (h *site) write(r *Request, mark string) error {
	h.ran++
	_, err := h.db.Q(r.Context()).Exec(r.Context(), `INSERT INTO web_command (tenant_id, account, command_key, body_hash, created_at) VALUES ($1, $2, $3, $4, $5)`,
		"mark", "mark", mark, "", r.Call.Now)
	return err
}

func (h *site) marks() (n int) {
	h.t.Helper()
	must(h.t, h.db.Q(h.t.Context()).QueryRow(h.t.Context(), `SELECT count(*) FROM web_command WHERE tenant_id = $1`, "mark").Scan(&n))
	return n
}

func (h *site) routes() []Route {
	page := func(r *Request) (Response, error) {
		return Page(r, PageData{Title: "A page", Caption: "Part", Back: "/", Body: templ.Raw("<p>words</p>")}), nil
	}
	save := func(r *Request) (Response, error) {
		if err := h.write(r, r.Text("mark")); err != nil {
			return Response{}, err
		}
		switch r.Text("then") {
		case "field":
			errs, _ := FieldErrors(&problem.Error{Kind: problem.Invalid, Fields: []problem.Field{{Name: "mark", Message: "Enter a mark"}}})
			return Page(r, PageData{Title: "Again", Errors: errs, Body: Form(r.Key(), "/save")}), nil
		case "refuse":
			return Response{}, problem.Refuse("Not yet", "first reason", "second reason")
		case "stale":
			return Response{}, problem.Stale()
		case "panic":
			panic("secret words of a person")
		case "json":
			return JSON(map[string]int{"made": h.ran}), nil
		}
		return SeeOther("/cases/1", "Saved it"), nil
	}
	fails := func(err error) func(*Request) (Response, error) {
		return func(*Request) (Response, error) { return Response{}, err }
	}
	return []Route{
		{Method: "GET", Pattern: "/", Action: actPublic, Handle: page},
		{Method: "GET", Pattern: "/cases/{ref}", Action: actStaff, Handle: page},
		{Method: "GET", Pattern: "/boss", Action: actBoss, Handle: page},
		{Method: "GET", Pattern: "/hidden", Action: actStaff, Handle: fails(problem.New(problem.NotFound, "no row in secret table"))},
		{Method: "GET", Pattern: "/denied", Action: actStaff, Handle: fails(problem.Denied("Not this one"))},
		{Method: "GET", Pattern: "/fault", Action: actPublic, Handle: fails(errors.New("pq: secret cause"))},
		{Method: "GET", Pattern: "/later", Action: actPublic, Handle: fails(problem.New(problem.Unavailable, "Later"))},
		{Method: "GET", Pattern: "/figures.json", Action: actPublic, Handle: func(*Request) (Response, error) { return JSON(map[string]int{"started": 470}), nil }},
		{Method: "GET", Pattern: "/fault.json", Action: actPublic, Handle: fails(errors.New("pq: secret cause"))},
		{Method: "GET", Pattern: "/file", Action: actStaff, Handle: func(*Request) (Response, error) {
			return Download("Отчёт \"1\".csv", "text/csv", strings.NewReader("a,b\n")), nil
		}},
		{Method: "POST", Pattern: "/save", Action: actStaff, Handle: save},
		{Method: "POST", Pattern: "/say", Action: actPublic, Handle: save},
		{Method: "POST", Pattern: "/upload", Action: actStaff, Upload: true, Handle: func(r *Request) (Response, error) {
			f, found, err := r.File("file")
			if err != nil || !found {
				return JSON("none"), err
			}
			defer f.Close()
			b, err := io.ReadAll(f)
			return JSON(f.Name + " " + string(b[:min(len(b), 5)])), err
		}},
	}
}

type sent struct {
	*http.Response
	body string
}

func (h *site) send(r *http.Request) sent {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.s.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Result().Body)
	must(h.t, err)
	return sent{w.Result(), string(b)}
}

func (h *site) get(path, account string) sent {
	h.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Test-Account", account)
	return h.send(r)
}

func (h *site) post(path, account string, form url.Values, headers ...string) sent {
	h.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Test-Account", account)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.send(r)
}

func TestARequestForgedByAnotherSiteDoesNothing(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	for i, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		if got := h.post("/save", "a1", url.Values{"mark": {headers[1]}}, headers...); got.StatusCode != 403 {
			t.Errorf("%v: answered %d", headers, got.StatusCode)
		}
		if h.marks() != 0 {
			t.Fatalf("forged request %d wrote", i)
		}
	}
	if got := h.post("/save", "a1", url.Values{"mark": {"own"}}, "Sec-Fetch-Site", "same-origin"); got.StatusCode != 303 || h.marks() != 1 {
		t.Errorf("our own form: %d", got.StatusCode)
	}
	r := httptest.NewRequest("GET", "/save", nil)
	r.Header.Set("X-HTTP-Method-Override", "POST")
	r.Header.Set("Test-Account", "a1")
	if got := h.send(r); got.StatusCode != 404 || h.marks() != 1 {
		t.Errorf("a GET in disguise: %d", got.StatusCode)
	}
}

func TestACommandSentTwiceIsDoneOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		form := url.Values{keyField: {"k1"}, "mark": {"one"}}
		first := h.post("/save", "a1", form)
		again := h.post("/save", "a1", form)
		if first.StatusCode != 303 || again.StatusCode != 303 || again.Header.Get("Location") != first.Header.Get("Location") {
			t.Fatalf("%d then %d to %q", first.StatusCode, again.StatusCode, again.Header.Get("Location"))
		}
		if h.ran != 1 || h.marks() != 1 {
			t.Fatalf("ran %d times, wrote %d", h.ran, h.marks())
		}
		if again.Header.Get("Set-Cookie") == "" {
			t.Error("what is said next was not repeated")
		}
		if got := h.post("/save", "a1", url.Values{keyField: {"k1"}, "mark": {"two"}}); got.StatusCode != 422 || h.ran != 1 || !strings.Contains(got.body, "already sent") {
			t.Errorf("the key with other answers: %d", got.StatusCode)
		}
		if got := h.post("/save", "a2", url.Values{keyField: {"k1"}, "mark": {"three"}}); got.StatusCode != 303 || h.ran != 2 {
			t.Errorf("the key of another account: %d", got.StatusCode)
		}
		json := url.Values{"mark": {"four"}, "then": {"json"}}
		a := h.post("/save", "a1", json, "Idempotency-Key", "k2")
		b := h.post("/save", "a1", json, "Idempotency-Key", "k2")
		if a.StatusCode != 200 || a.body != b.body || h.ran != 3 {
			t.Errorf("JSON again: %q then %q", a.body, b.body)
		}
		var sealed []byte
		must(t, db.Q(t.Context()).QueryRow(t.Context(), `SELECT sealed FROM web_command WHERE tenant_id = $1 AND account = $2 AND command_key = $3`, "t1", "a1", "k1").Scan(&sealed))
		if bytes.Contains(sealed, []byte("Saved")) {
			t.Error("the answer is kept readable")
		}
		must(t, h.s.ForgetCommands(t.Context(), clock.StartOf(clock.MustDate("2026-11-23"))))
		if h.marks() != 0 {
			t.Error("old keys are kept for ever")
		}
		if got := h.post("/save", "a1", url.Values{keyField: {"not one\nof ours"}, "mark": {"x"}}); got.StatusCode != 422 {
			t.Errorf("a key that is none: %d", got.StatusCode)
		}
	})
}

func TestOnlyAFinishedCommandIsKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		for then, status := range map[string]int{"field": 422, "refuse": 422, "stale": 409, "panic": 500} {
			form := url.Values{keyField: {"k-" + then}, "mark": {then}, "then": {then}}
			got := h.post("/save", "a1", form)
			if got.StatusCode != status || h.marks() != 0 {
				t.Errorf("%s: %d, %d written", then, got.StatusCode, h.marks())
			}
			if strings.Contains(got.body, "secret words") {
				t.Errorf("%s: the page tells the panic", then)
			}
			form.Set("then", "")
			if got := h.post("/save", "a1", form); got.StatusCode != 303 || h.marks() != 1 {
				t.Errorf("%s: the key was used up by a command that was undone: %d", then, got.StatusCode)
			}
			must(t, h.s.ForgetCommands(t.Context(), clock.StartOf(clock.MustDate("2026-11-23"))))
		}
		if got := h.post("/save", "a1", url.Values{"mark": {"m"}, "then": {"refuse"}}); !strings.Contains(got.body, "first reason") || !strings.Contains(got.body, "second reason") {
			t.Error("not every reason is told")
		}
		got := h.post("/save", "a1", url.Values{"mark": {"m"}, "then": {"field"}})
		if !strings.Contains(got.body, `href="#mark"`) || !strings.Contains(got.body, "<title>Error: Again") {
			t.Errorf("the errors are not summed up:\n%s", got.body)
		}
	})
}

func TestWhatOneMayNotSeeDoesNotExist(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	id := regexp.MustCompile(`Reference: \w+`)
	plain := func(s sent) string {
		s.Header.Del("X-Request-Id")
		var b strings.Builder
		must(t, s.Header.Write(&b))
		return s.Status + b.String() + id.ReplaceAllString(s.body, "")
	}
	nowhere := plain(h.get("/nowhere", "a1"))
	if !strings.HasPrefix(nowhere, "404") {
		t.Fatal(nowhere)
	}
	for _, path := range []string{"/boss", "/hidden", "/nowhere/else", "/cases/1/x", "/save"} {
		if got := plain(h.get(path, "a1")); got != nowhere {
			t.Errorf("%s differs from an unknown address:\n%s\n%s", path, got, nowhere)
		}
	}
	if got := h.get("/denied", "a1"); got.StatusCode != 403 {
		t.Errorf("denied: %d", got.StatusCode)
	}
	if got := h.get("/boss", ""); got.StatusCode != 303 || got.Header.Get("Location") != "/sign-in?next=%2Fboss" {
		t.Errorf("signed out: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := h.post("/save", "", url.Values{"mark": {"m"}}); got.StatusCode != 303 || got.Header.Get("Location") != "/sign-in" || h.marks() != 0 {
		t.Errorf("a command of nobody: %d", got.StatusCode)
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	h := build(t, dbtest.SQLite(t), func(o *Options) { o.Secure = true })
	for _, path := range []string{"/", "/cases/1", "/nowhere", "/fault", "/figures.json", "/file", "/healthz"} {
		got := h.get(path, "a1").Header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.Get(name))
			}
		}
		policy := got.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	if got := h.get("/cases/1", "a1").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a signed-in page may be kept: %q", got)
	}
	if body := h.get("/cases/1", "a1").body; regexp.MustCompile(`(?i)<script(>| [^>]*>[^<])|style=|\son\w+=`).MatchString(body) {
		t.Errorf("the layout holds what its own policy forbids:\n%s", body)
	}
	if got := h.get("/file", "a1").Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename*=utf-8''") {
		t.Errorf("the file's name: %s", got)
	}
}

func TestAFaultIsToldWithAReferenceFoundInTheLog(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	for path, status := range map[string]int{"/fault": 500, "/later": 503, "/fault.json": 500} {
		h.log.Reset()
		got := h.get(path, "a1")
		if got.StatusCode != status || strings.Contains(got.body, "secret cause") {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
		reference := got.Header.Get("X-Request-Id")
		if !strings.Contains(got.body, reference) || strings.Count(h.log.String(), reference) != 2 {
			t.Errorf("%s: the reference %s is not in page and log:\n%s", path, reference, h.log)
		}
	}
	if got := h.get("/fault.json", ""); got.Header.Get("Content-Type") != "application/problem+json; charset=utf-8" || !strings.Contains(got.body, `"type":"urn:msw:problem:unknown"`) {
		t.Errorf("a fault of the API: %s", got.body)
	}
	if got := h.get("/cases/1", "broken"); got.StatusCode != 500 {
		t.Errorf("when nobody can be told apart: %d", got.StatusCode)
	}
}

func TestTheLogTellsTheRouteAndNoPerson(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	h.get("/cases/AMINA-77?q=amina", "a1")
	h.get("/amina", "a1")
	h.post("/save", "a1", url.Values{"mark": {"amina"}, "then": {"refuse"}})
	log := h.log.String()
	if strings.Contains(strings.ToLower(log), "amina") {
		t.Errorf("the log tells too much:\n%s", log)
	}
	for _, want := range []string{"route=/cases/{ref}", "status=200", "account=a1", "route=unknown", "status=422"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if got := h.get("/metrics", "").body; strings.Contains(got, "amina") || !strings.Contains(got, `msw_http_request_seconds_count{method="GET",route="/cases/{ref}",status="200"} 1`) {
		t.Errorf("figures:\n%s", got)
	}
}

func TestWhatIsSaidNextIsSaidOnceAndOnlyByUs(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	c := h.post("/save", "a1", url.Values{"mark": {"m"}}).Cookies()[0]
	ask := func(c *http.Cookie) sent {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(c)
		return h.send(r)
	}
	got := ask(c)
	if !strings.Contains(got.body, "Saved it") || len(got.Cookies()) != 1 || got.Cookies()[0].MaxAge >= 0 {
		t.Errorf("said %v, cookies %v", strings.Contains(got.body, "Saved it"), got.Cookies())
	}
	forged := *c
	forged.Value = "UGF5IG1lIGhlcmU." + strings.Repeat("0", 32)
	if strings.Contains(ask(&forged).body, "Pay me here") {
		t.Error("someone else's words were shown")
	}
}

func TestNoticeIsOnPagesAndInJSON(t *testing.T) {
	h := build(t, dbtest.SQLite(t), func(o *Options) { o.Notice = "Fictional people" })
	if got := h.get("/", "").body; !strings.Contains(got, "Fictional people") {
		t.Error("not on the page")
	}
	if got := h.get("/figures.json", "").body; got != `{"notice":"Fictional people","started":470}` {
		t.Errorf("JSON: %s", got)
	}
	if got := h.get("/fault.json", "").body; !strings.Contains(got, `"notice":"Fictional people"`) {
		t.Errorf("JSON error: %s", got)
	}
}

func TestPagesAreCompressedWhereTheBrowserTakesIt(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "br, gzip")
	got := h.send(r)
	z, err := gzip.NewReader(strings.NewReader(got.body))
	must(t, err)
	b, err := io.ReadAll(z)
	must(t, err)
	if plain := h.get("/", "").body; string(b) != plain || got.Header.Get("Content-Encoding") != "gzip" {
		t.Error("compressed and plain differ")
	}
}

func TestBodiesAreBounded(t *testing.T) {
	h := build(t, dbtest.SQLite(t), func(o *Options) { o.UploadLimit = 3 << 20 })
	if got := h.post("/save", "a1", url.Values{"mark": {strings.Repeat("x", bodyLimit)}}); got.StatusCode != 413 || h.ran != 0 {
		t.Errorf("a form of more than 1 MiB: %d", got.StatusCode)
	}
	upload := func(size int) sent {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		f, err := m.CreateFormFile("file", "проба.csv")
		must(t, err)
		_, _ = f.Write(bytes.Repeat([]byte("x"), size))
		must(t, m.Close())
		r := httptest.NewRequest("POST", "/upload", &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Test-Account", "a1")
		return h.send(r)
	}
	if got := upload(2 << 20); got.StatusCode != 200 || got.body != `"проба.csv xxxxx"` {
		t.Errorf("a file within the limit: %d %s", got.StatusCode, got.body)
	}
	if got := upload(5 << 20); got.StatusCode != 413 {
		t.Errorf("a file past it: %d", got.StatusCode)
	}
	if got := h.post("/upload", "a1", url.Values{}); got.body != `"none"` {
		t.Errorf("no file: %d %s", got.StatusCode, got.body)
	}
}

func TestPublicFormsAreRateLimited(t *testing.T) {
	for proxied, statuses := range map[bool][2]int{false: {429, 429}, true: {429, 303}} {
		h := build(t, dbtest.SQLite(t), func(o *Options) { o.Proxied = proxied })
		last := sent{}
		for i := range 70 {
			last = h.post("/say", "", url.Values{"mark": {string(rune('a' + i))}}, "X-Forwarded-For", "6.6.6.6, 192.0.2.9")
		}
		if last.StatusCode != statuses[0] {
			t.Errorf("the 70th in a minute: %d", last.StatusCode)
		}
		if got := h.post("/say", "", url.Values{"mark": {"else"}}, "X-Forwarded-For", "192.0.2.9, 198.51.100.7"); got.StatusCode != statuses[1] {
			t.Errorf("proxied %v: from another address: %d", proxied, got.StatusCode)
		}
	}
}

func TestRoutesAreCheckedWhenAdded(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	handle := func(*Request) (Response, error) { return Response{}, nil }
	for name, r := range map[string]Route{
		"no row":         {Method: "GET", Pattern: "/x", Action: "test.unknown", Handle: handle},
		"doubled":        {Method: "GET", Pattern: "/boss", Action: actBoss, Handle: handle},
		"no handler":     {Method: "GET", Pattern: "/x", Action: actBoss},
		"strange method": {Method: "DELETE", Pattern: "/x", Action: actBoss, Handle: handle},
		"bad pattern":    {Method: "GET", Pattern: "/{", Action: actBoss, Handle: handle},
	} {
		if err := h.s.Handle(r); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if n := len(h.s.Routes()); n != len(h.routes()) {
		t.Errorf("%d routes are listed", n)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	db := dbtest.SQLite(t)
	h := build(t, db)
	if a, b := h.get("/healthz", ""), h.get("/readyz", ""); a.StatusCode != 200 || b.StatusCode != 200 {
		t.Errorf("%d, %d", a.StatusCode, b.StatusCode)
	}
	must(t, h.s.Metrics().Gauge("msw_test", func() float64 { return 7 }))
	if got := h.get("/metrics", "").body; !strings.Contains(got, "msw_test 7") || !strings.Contains(got, "msw_build_info") {
		t.Error("the figure is not shown")
	}
}

func TestServeStopsWhenAsked(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewUnstartedServer(nil) // for its listener
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, server.Listener, h.s) }()
	resp, err := http.Get("http://" + server.Listener.Addr().String() + "/healthz")
	must(t, err)
	resp.Body.Close()
	cancel()
	must(t, <-done)
}
