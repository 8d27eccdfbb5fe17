package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
	"github.com/go-rod/rod/lib/proto"

	"msw/internal/clock"
	"msw/internal/demo"
	"msw/internal/web/assets"
)

const guest = "guest"

// browsingRoles are the demo's personas, with those first whose pages hold most.
var browsingRoles = []string{guest, "assessor", "caseworker", "national", "doctor-in-post", "doctor-applying", "doctor-matched", "doctor-in-checks", "doctor-supported", "doctor-waiting", "doctor-proof-lost", "doctor-referees", "doctor-hospital", "trusthr", "practicehr",
	"charity", "region", "finance", "supervisor", "shiftlead", "board", "editor", "admin", "national2"}

// alwaysSeen are the pages looked at as every one of several roles: elsewhere
// one role is enough.
var alwaysSeen = map[string][]string{
	"/home":            browsingRoles[1:],
	"/cases/{ref}":     {"assessor", "caseworker", "national", "trusthr", "supervisor", "doctor-in-post", "doctor-applying", "doctor-supported"},
	"/apply":           {"doctor-applying", "doctor-in-post", "doctor-supported"},
	"/offers/{id}":     {"caseworker", "trusthr", "doctor-matched"},
	"/placements/{id}": {"national", "trusthr", "supervisor"},
	"/checks":          {"caseworker", "trusthr"},
	"/checks/{id}":     {"caseworker", "trusthr", "doctor-in-checks"},
	"/posts":           {"national", "trusthr"},
	"/referrals":       {"charity", "caseworker"},
	"/rounds/{id}":     {"region", "board"},
	"/money":           {"national", "trusthr"},
}

// notPages are addresses that answer with something else than a page.
var notPages = map[string]string{
	"/me/organisations.json": "data", "/organisations/search.json": "data", "/organisations/hosts.json": "data", "/organisations/referrers.json": "data",
	"/supervisors.json": "data", "/me/record.json": "data", "/tracker.json": "data", "/tracker.csv": "data",
	"/news/feed.atom": "feed", "/news/feed.rss": "feed", "/news/feed.json": "feed", "/sitemap.xml": "for search engines", "/robots.txt": "for search engines",
	"/rounds/{id}/runs/{run}/file/{which}": "a download", "/portfolio/passport/file": "a file to save", "/portfolio/export/file": "a file to save",
	"/passport/shown/{secret}/{look}/file": "a file to save",
	"/passport-keys/{place}/revoked":       "a list for programs",
	"/.well-known/security.txt":            "text", "/.well-known/msw-passport-keys.json": "data", "/calendar/{secret}": "feed", "/documents/{id}/pages/{page}/file": "a file to save",
	"/documents/{id}/pages/{page}/picture": "a picture inside a page", "/documents/{id}/uploads/{upload}/progress.json": "asked by the upload's script", "/referral-files/{id}/result": "the file, given back",
}

// notReached says why a page is not looked at: none of those that stand here
// now.
var notReached = map[string]string{
	"/sign-off":             "is told, not linked: for somebody with a code",
	"/sign-off/{secret}":    "behind a link that works once; the portfolio's journey opens it",
	"/passport/{secret}":    "behind a code to scan; the portfolio's journey opens it",
	"/events/{id}/calendar": "is a file for a calendar, of one's own booking",
}

// sample is one page as one role sees it.
type sample struct {
	role, pattern, path, html string
}

func (s sample) String() string { return s.role + " " + s.path }

func (s sample) file() string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(s.role+s.pattern, "-"), "-")
}

// town is a demo that is served.
type town struct {
	t       *testing.T
	site    string
	match   func(path string) string // the route's pattern, or ""
	pages   []string                 // patterns of all pages
	clients map[string]*http.Client
	scenery map[string][]string // where pages lie that nothing leads to, by who goes there

	lock     sync.Mutex
	profiles map[string]*rod.Browser
}

func newTown(t *testing.T) *town {
	t.Helper()
	files, err := assets.Open()
	if err != nil {
		leftOut(t, err.Error())
	}
	server := httptest.NewUnstartedServer(nil)
	a, personas, mailbox, err := NewDemo(t.Context(), Config{Database: "sqlite::memory:", Brand: "Medical Support Worker programme", Address: "http://" + server.Listener.Addr().String()},
		demoCommand{People: 800, Seed: 2022, Today: clock.MustDate(demoDay)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	s, err := a.server(Face{Version: "test", Notice: demo.Notice, Mailbox: mailbox}, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.refreshMoney(t.Context(), a.Now()); err != nil { // the hourly job's work
		t.Fatal(err)
	}
	if err := a.keepRoads(t.Context(), a.Now()); err != nil { // the nightly job's
		t.Fatal(err)
	}
	if err := a.keepLights(t.Context(), a.Now()); err != nil { // the hourly job's
		t.Fatal(err)
	}
	server.Config.Handler = s
	server.Start()
	t.Cleanup(server.Close)
	w := &town{t: t, site: server.URL, clients: map[string]*http.Client{}, profiles: map[string]*rod.Browser{}}
	w.scenery = scenery(t, &site{App: a, url: server.URL, clock: &testClock{at: a.Now()}, mailbox: mailbox, personas: personas})
	mux := http.NewServeMux()
	for _, route := range s.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		pattern := route.Pattern
		if pattern == "/" {
			pattern = "/{$}"
		}
		mux.Handle("GET "+pattern, http.NotFoundHandler())
		if notPages[route.Pattern] == "" {
			w.pages = append(w.pages, route.Pattern)
		}
	}
	w.match = func(path string) string {
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, path, nil))
		return strings.TrimSuffix(strings.TrimPrefix(pattern, "GET "), "{$}")
	}
	for _, role := range browsingRoles {
		w.clients[role] = w.enter(role)
	}
	return w
}

// enter signs in as a role.
func (w *town) enter(role string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	if role != guest {
		answer, err := c.PostForm(w.site+"/sign-in/as", url.Values{"persona": {role}})
		if err != nil || answer.StatusCode != http.StatusOK {
			w.t.Fatalf("sign in as %s: %v, %v", role, answer, err)
		}
		_ = answer.Body.Close()
	}
	return c
}

func (w *town) get(role, path string) (int, string) {
	answer, err := w.clients[role].Get(w.site + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

var aLink = regexp.MustCompile(`href="(/[^"#]*)`)

// walk follows links from the start as one role, two pages of every kind.
func (w *town) walk(role string) []sample {
	var out []sample
	seen, visits := map[string]bool{}, map[string]int{}
	from := map[string]string{}
	todo := []string{"/", "/home", "/account", "/mailbox"}
	if role == guest {
		todo = []string{"/", "/sign-in", "/mailbox"}
	}
	todo = append(todo, w.scenery[role]...)
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		bare, _, _ := strings.Cut(path, "?")
		pattern := w.match(bare)
		if pattern == "" || notPages[pattern] != "" || seen[path] || visits[pattern] >= visitsOf(pattern) {
			if pattern == "" && !strings.HasPrefix(path, assets.Prefix) {
				w.t.Errorf("%s is led from %s to %s, which nothing answers", role, from[path], path)
			}
			continue
		}
		seen[path] = true
		visits[pattern]++
		status, html := w.get(role, path)
		if status != http.StatusOK {
			w.t.Errorf("%s is led from %s to %s, which answers %d", role, from[path], path, status)
			continue
		}
		out = append(out, sample{role, pattern, path, html})
		for _, m := range aLink.FindAllStringSubmatch(html, -1) {
			link := strings.ReplaceAll(m[1], "&amp;", "&")
			if from[link] == "" {
				from[link] = path
				todo = append(todo, link)
			}
		}
	}
	return out
}

// visitsOf is how many pages of a kind the walk opens: records differ in what
// they lead to, lists do not.
func visitsOf(pattern string) int {
	if strings.HasSuffix(pattern, "}") {
		return 12
	}
	return 1
}

// samples chooses the pages to look at: every kind of page, in the roles that
// alwaysSeen names or in the first that reaches it.
func (w *town) samples() []sample {
	found := map[string][]sample{}
	for _, role := range browsingRoles {
		for _, s := range w.walk(role) {
			if !slices.ContainsFunc(found[s.pattern], func(o sample) bool { return o.role == s.role }) {
				found[s.pattern] = append(found[s.pattern], s)
			}
		}
	}
	var out []sample
	for _, pattern := range w.pages {
		list := found[pattern]
		if len(list) == 0 && notReached[pattern] == "" {
			w.t.Errorf("no role comes to a page of %s by following links", pattern)
		}
		wanted := alwaysSeen[pattern]
		for i, s := range list {
			if slices.Contains(wanted, s.role) || (wanted == nil && i == 0) {
				out = append(out, s)
			}
		}
	}
	return out
}

// TestEveryPageIsReached is the walk alone: it needs no browser.
func TestEveryPageIsReached(t *testing.T) {
	w := newTown(t)
	t.Logf("%d pages of %d kinds", len(w.samples()), len(w.pages))
}

func TestPagesInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: short")
	}
	path := chromium(t)
	w := newTown(t)
	samples := w.samples()
	t.Run("HTML is valid", func(t *testing.T) { validate(t, samples) })
	t.Run("forms work without script", func(t *testing.T) { scriptless(t, samples) })

	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		leftOut(t, "axe-core: "+err.Error())
	}
	browser := open(t, path)
	next := make(chan sample)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for s := range next {
				for _, fault := range w.look(browser, s, string(axe)) {
					t.Errorf("%s: %s", s, fault)
				}
			}
		})
	}
	for _, s := range samples {
		next <- s
	}
	close(next)
	group.Wait()
	t.Logf("%d pages of %d kinds", len(samples), len(w.pages))
}

// leftOut skips, or fails where nothing may be left out.
func leftOut(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("MSW_TEST_STRICT") == "1" {
		t.Fatal("left out: ", what)
	}
	t.Skip("left out: ", what)
}

func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("MSW_TEST_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	leftOut(t, "no Chromium here; MSW_TEST_CHROMIUM names one")
	return ""
}

func open(t *testing.T, path string) *rod.Browser {
	t.Helper()
	l := launcher.New().Bin(path).Leakless(false).NoSandbox(true)
	for _, f := range []string{"disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"} {
		l.Set(flags.Flag(f))
	}
	address, err := l.Launch()
	if err != nil {
		t.Fatal(err)
	}
	browser := rod.New().ControlURL(address)
	if err := browser.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = browser.Close(); l.Cleanup() })
	return browser.NoDefaultDevice()
}

// press clicks the middle of an element as a hand does, after making sure that
// nothing lies over it. (Rod's own click takes a button's ::before, which newer
// Chromium reports as a node of its own, for a cover.)
func press(t *testing.T, e *rod.Element) {
	t.Helper()
	e.MustScrollIntoView()
	if !e.MustEval(`() => {
		const b = this.getBoundingClientRect();
		return this.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2));
	}`).Bool() {
		t.Fatalf("something lies over %s", e.MustHTML())
	}
	box := e.MustShape().Box()
	e.Page().Mouse.MustMoveTo(box.X+box.Width/2, box.Y+box.Height/2).MustClick(proto.InputMouseButtonLeft)
}

// profile is a role's own browser profile, signed in.
func (w *town) profile(browser *rod.Browser, role string) *rod.Browser {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.profiles[role] == nil {
		private, err := browser.Incognito()
		if err != nil {
			w.t.Error(err)
			return browser
		}
		site, _ := url.Parse(w.site)
		for _, c := range w.clients[role].Jar.Cookies(site) {
			if err := private.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: w.site}}); err != nil {
				w.t.Error(err)
			}
		}
		w.profiles[role] = private
	}
	return w.profiles[role]
}

// look opens a page wide and narrow and says what is wrong with it.
func (w *town) look(browser *rod.Browser, s sample, axe string) (faults []string) {
	page, err := w.profile(browser, s.role).Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = page.Close() }()
	var said []string
	var lock sync.Mutex
	note := func(kind, text string) { lock.Lock(); said = append(said, kind+": "+text); lock.Unlock() }
	go page.EachEvent(
		func(e *proto.LogEntryAdded) {
			if e.Entry.Level == proto.LogLogEntryLevelError {
				note("log", e.Entry.Text)
			}
		},
		func(e *proto.RuntimeConsoleAPICalled) {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError {
				note("console", fmt.Sprint(e.Args))
			}
		},
		func(e *proto.RuntimeExceptionThrown) { note("exception", e.ExceptionDetails.Text) },
	)()
	for _, width := range []int{1280, 375} {
		if err := page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: width, Height: 800, DeviceScaleFactor: 1}); err != nil {
			return append(faults, err.Error())
		}
		if err := page.Navigate(w.site + s.path); err != nil {
			return append(faults, err.Error())
		}
		if err := page.WaitLoad(); err != nil {
			return append(faults, err.Error())
		}
		for _, f := range judge(page, width, axe) {
			faults = append(faults, fmt.Sprintf("at %d: %s", width, f))
		}
		if folder := os.Getenv("MSW_PICTURES"); folder != "" {
			if err := picture(page, filepath.Join(folder, fmt.Sprintf("%s-%d.png", s.file(), width))); err != nil {
				faults = append(faults, err.Error())
			}
		}
	}
	lock.Lock()
	defer lock.Unlock()
	return append(faults, said...)
}

func picture(page *rod.Page, file string) error {
	bytes, err := page.Screenshot(true, &proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng})
	if err != nil {
		return err
	}
	return os.WriteFile(file, bytes, 0o644)
}

// A narrow page answers to every rule; the wide one only to those that look at
// what is drawn, since its markup is the same.
const (
	everyRule  = `{runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"], preload: false}`
	drawnRules = `{runOnly: {type: "rule", values: ["color-contrast", "target-size", "aria-hidden-focus", "scrollable-region-focusable"]}, resultTypes: ["violations"], preload: false}`
)

const measure = `(async rules => {
	const out = [];
	await new Promise(done => requestAnimationFrame(() => setTimeout(done, 20))); // the header folds its menu once it is drawn
	const h1 = document.querySelectorAll("h1").length;
	if (h1 !== 1) out.push(h1 + " first-level headings");
	const wide = document.scrollingElement.scrollWidth;
	if (wide > innerWidth) {
		const far = [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3);
		out.push("runs over to " + wide + " pixels: " + far.map(e => e.outerHTML.slice(0, 120)).join(" | "));
	}
	const thin = [...document.querySelectorAll("main *")].filter(e => e.clientWidth > 0 && e.clientWidth < 60 && e.clientHeight > 100 &&
		!e.closest("svg, .nhsuk-u-visually-hidden") && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim().length > 11)).slice(0, 3);
	if (thin.length) out.push("text is squeezed: " + thin.map(e => e.outerHTML.slice(0, 160)).join(" | "));
	const found = await axe.run(document, rules);
	for (const v of found.violations) {
		// The design system says with aria-expanded that a radio button opens a question.
		if (v.id === "aria-allowed-attr") v.nodes = v.nodes.filter(n => !/^<input class="nhsuk-(radios|checkboxes)__input"[^>]*aria-controls="conditional-/.test(n.html));
		if (v.nodes.length) out.push(v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
	}
	return out;
})`

// judge measures the page in front of it. Scripts come by the debugger, so that
// the page's own policy stays in force.
func judge(page *rod.Page, width int, axe string) []string {
	if _, err := (proto.RuntimeEvaluate{Expression: axe}).Call(page); err != nil {
		return []string{err.Error()}
	}
	rules := everyRule
	if width != 375 {
		rules = drawnRules
	}
	got, err := (proto.RuntimeEvaluate{Expression: measure + "(" + rules + ")", AwaitPromise: true, ReturnByValue: true}).Call(page)
	if err != nil {
		return []string{err.Error()}
	}
	if got.ExceptionDetails != nil {
		return []string{got.ExceptionDetails.Text + " " + got.ExceptionDetails.Exception.Description}
	}
	var out []string
	if err := json.Unmarshal([]byte(got.Result.Value.JSON("", "")), &out); err != nil {
		return []string{err.Error()}
	}
	return out
}

// validate has the HTML of every page checked in one go.
func validate(t *testing.T, samples []sample) {
	tool, err := filepath.Abs("../../node_modules/html-validate/bin/html-validate.mjs")
	if err == nil {
		_, err = os.Stat(tool)
	}
	if err != nil {
		leftOut(t, "html-validate: "+err.Error())
	}
	config, _ := filepath.Abs("../../.htmlvalidate.json")
	folder := t.TempDir()
	for _, s := range samples {
		if err := os.WriteFile(filepath.Join(folder, s.file()+".html"), []byte(s.html), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "node", tool, "--config", config, "--formatter", "text", folder).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, strings.ReplaceAll(string(out), folder+"/", ""))
	}
}

var (
	aForm   = regexp.MustCompile(`<form[^>]*>`)
	anEvent = regexp.MustCompile(`<[^>]+\son[a-z]+="`)
	noHref  = regexp.MustCompile(`<a [^>]*href="(#|javascript:[^"]*)"`)
)

// scriptless holds that nothing on a page needs a script: forms say where they
// go, and no markup listens.
func scriptless(t *testing.T, samples []sample) {
	for _, s := range samples {
		for _, f := range aForm.FindAllString(s.html, -1) {
			if !strings.Contains(f, `action="/`) || !strings.Contains(f, `method="`) {
				t.Errorf("%s: a form without a place to go: %s", s, f)
			}
		}
		if m := anEvent.FindString(s.html); m != "" {
			t.Errorf("%s: a handler in the markup: %s", s, m)
		}
		if m := noHref.FindString(s.html); m != "" {
			t.Errorf("%s: a link to nowhere: %s", s, m)
		}
		if n := strings.Count(s.html, "<script"); n != strings.Count(s.html, `<script type="module" src="/assets/`) {
			t.Errorf("%s: a script in the page", s)
		}
	}
}
