package app

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"

	"msw/internal/clock"
	"msw/internal/demo"
	"msw/internal/notify"
	"msw/internal/signin"
)

// testClock is the clock of a site: it stands still until a test moves it.
type testClock struct {
	mu sync.Mutex
	at clock.Instant
}

func (c *testClock) now() clock.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) move(to clock.Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = to
}

// site is a whole msw behind a real HTTP server, filled with the demo's people.
type site struct {
	*App
	url      string
	clock    *testClock
	mailbox  *notify.Mailbox
	personas []signin.Persona
	routes   []struct{ method, pattern, action string }
}

// newSite makes a demo of some size, whose history ends on a day, in a store of
// its own and serves it.
func newSite(t *testing.T, database string, people int, day string) *site {
	t.Helper()
	return serveSite(t, database, day, func(a *App) ([]signin.Persona, error) {
		return a.fill(t.Context(), demoCommand{People: people, Seed: 2022, Today: clock.MustDate(day)})
	})
}

// serveSite serves a store of its own that fill has filled, from a day on.
func serveSite(t *testing.T, database, day string, fill func(a *App) ([]signin.Persona, error)) *site {
	t.Helper()
	today := clock.MustDate(day)
	s := &site{clock: &testClock{at: clock.StartOf(today).Add(9 * time.Hour)}}
	s.mailbox = notify.NewMailbox(500, s.clock.now)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	server := httptest.NewUnstartedServer(nil)
	s.url = "http://" + server.Listener.Addr().String()
	a, err := New(t.Context(), Options{Config: Config{Database: database, Blobs: t.TempDir(), Brand: "Test", Address: s.url}, Log: log, Key: demoKey(), Now: s.clock.now, Sender: s.mailbox, Fast: true,
		Personas: func(context.Context) []signin.Persona { return s.personas }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	s.App = a
	if s.personas, err = fill(a); err != nil {
		t.Fatal(err)
	}
	web, err := a.Server(Face{Version: "test", Notice: demo.Notice, Mailbox: s.mailbox})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range web.Routes() {
		s.routes = append(s.routes, struct{ method, pattern, action string }{r.Method, r.Pattern, string(r.Action)})
	}
	server.Config.Handler = web
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// postgresAddress makes a schema of its own on the server of MSW_TEST_POSTGRES
// and gives its address.
func postgresAddress(t *testing.T) string {
	t.Helper()
	address := os.Getenv("MSW_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("MSW_TEST_STRICT") != "" {
			t.Fatal("MSW_TEST_POSTGRES is not set: make test starts a server and sets it")
		}
		t.Skip("left out: PostgreSQL (set MSW_TEST_POSTGRES, or run make test)")
	}
	schema := "t" + strings.ToLower(rand.Text())
	run := func(statement string) {
		conn, err := pgx.Connect(context.Background(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE SCHEMA " + schema)
	t.Cleanup(func() { run("DROP SCHEMA " + schema + " CASCADE") })
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + "search_path=" + schema
}

// eachEngine runs a test on a store of each engine; PostgreSQL where
// MSW_TEST_POSTGRES holds an address.
func eachEngine(t *testing.T, fn func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, "sqlite:"+t.TempDir()+"/msw.db") })
	t.Run("postgres", func(t *testing.T) { fn(t, postgresAddress(t)) })
}

// visitor is somebody's browser: cookies, redirects followed, no script.
type visitor struct {
	t      *testing.T
	name   string
	base   string
	client *http.Client
	page   *page
}

// page is one answer, as a person sees it.
type page struct {
	status int
	url    *url.URL
	body   string
	header http.Header
	root   *html.Node
}

func (s *site) visitor(t *testing.T, name string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, name: name, base: s.url, client: &http.Client{Jar: jar, Timeout: time.Minute}}
}

// as signs in as one of the demo's people.
func (s *site) as(t *testing.T, persona string) *visitor {
	t.Helper()
	v := s.visitor(t, persona)
	if p := v.read(v.client.PostForm(v.base+"/sign-in/as", url.Values{"persona": {persona}})); p.status != http.StatusOK {
		t.Fatalf("cannot be %q: %d %s", persona, p.status, p.text())
	}
	return v
}

// read takes an answer in.
func (v *visitor) read(resp *http.Response, err error) *page {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%s: %v", v.name, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	p := &page{status: resp.StatusCode, url: resp.Request.URL, body: string(b), header: resp.Header}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		if p.root, err = html.Parse(strings.NewReader(p.body)); err != nil {
			v.t.Fatalf("%s: %s: %v", v.name, p.url, err)
		}
	}
	v.page = p
	return p
}

// try opens an address, whatever the answer.
func (v *visitor) try(path string) *page {
	v.t.Helper()
	return v.read(v.client.Get(v.base + path))
}

// open opens an address that must be there.
func (v *visitor) open(path string) *page {
	v.t.Helper()
	p := v.try(path)
	if p.status != http.StatusOK {
		v.t.Fatalf("%s opens %s: %d at %s\n%s", v.name, path, p.status, p.url, p.text())
	}
	return p
}

// follow opens the first link of the present page whose words or address hold s.
func (v *visitor) follow(s string) *page {
	v.t.Helper()
	for _, a := range v.page.all("a") {
		if href := attr(a, "href"); strings.HasPrefix(href, "/") && (strings.Contains(words(a), s) || strings.Contains(href, s)) {
			return v.open(href)
		}
	}
	v.t.Fatalf("%s: no link %q on %s\n%s", v.name, s, v.page.url, v.page.text())
	return nil
}

// fill is what a person enters, by the field's name.
type fill map[string]string

// send fills in the form of the present page that goes to an address with the
// given ending, as a browser would, and follows to where it leads. Every field
// entered must be on the form, and every choice among its choices. An answer
// that is not a page in good order fails the test with the errors shown.
func (v *visitor) send(action string, in fill) *page {
	v.t.Helper()
	p := v.attempt(action, in)
	if p.status != http.StatusOK {
		v.t.Fatalf("%s sends %s: %d at %s\n%s", v.name, action, p.status, p.url, p.text())
	}
	return p
}

func (v *visitor) attempt(action string, in fill) *page {
	v.t.Helper()
	form := v.page.form(action, in)
	if form == nil {
		v.t.Fatalf("%s: no form to %q on %s\n%s", v.name, action, v.page.url, v.page.text())
	}
	values, wrong := filled(form, in)
	if wrong != "" {
		v.t.Fatalf("%s: form %q on %s: %s", v.name, action, v.page.url, wrong)
	}
	to := attr(form, "action")
	if to == "" {
		to = v.page.url.RequestURI()
	}
	if !strings.EqualFold(attr(form, "method"), "post") {
		return v.read(v.client.Get(v.base + to + "?" + values.Encode()))
	}
	return v.read(v.client.PostForm(v.base+to, values))
}

// form finds the form whose action ends so and that has all the fields.
func (p *page) form(action string, in fill) *html.Node {
	var nearest *html.Node
	for _, f := range p.all("form") {
		to, _, _ := strings.Cut(attr(f, "action"), "?")
		if to == "" {
			to = p.url.Path
		}
		if !strings.HasSuffix(to, action) {
			continue
		}
		if _, wrong := filled(f, in); wrong == "" {
			return f
		}
		if nearest == nil {
			nearest = f
		}
	}
	return nearest
}

// filled gives what a browser would send.
func filled(form *html.Node, in fill) (url.Values, string) {
	out, known, choices := url.Values{}, map[string]bool{}, map[string][]string{}
	for _, n := range walk(form) {
		name, kind := attr(n, "name"), attr(n, "type")
		if name == "" || n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "input" && (kind == "radio" || kind == "checkbox"):
			choices[name] = append(choices[name], attr(n, "value"))
			if has(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		case n.Data == "input" && kind == "hidden":
			choices[name] = append(choices[name], attr(n, "value"))
			out.Add(name, attr(n, "value"))
		case n.Data == "input" && kind == "submit", n.Data == "button":
			choices[name] = append(choices[name], attr(n, "value"))
		case n.Data == "input":
			out.Set(name, attr(n, "value"))
		case n.Data == "textarea":
			out.Set(name, words(n))
		case n.Data == "select":
			for _, o := range walk(n) {
				if o.Data != "option" || o.Type != html.ElementNode {
					continue
				}
				choices[name] = append(choices[name], attr(o, "value"))
				if has(o, "selected") {
					out.Set(name, attr(o, "value"))
				}
			}
		default:
			continue
		}
		known[name] = true
	}
	for name, value := range in {
		if !known[name] {
			return nil, "no field " + name + "; there are " + strings.Join(keys(known), ", ")
		}
		out.Del(name)
		for one := range strings.SplitSeq(value, "|") {
			if list := choices[name]; list != nil && !slices.Contains(list, one) {
				return nil, "field " + name + " has no choice " + one + "; there are " + strings.Join(list, ", ")
			}
			out.Add(name, one)
		}
	}
	return out, ""
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// day splits a date over the three fields of a date question.
func (f fill) day(name, date string) fill {
	parts := strings.Split(date, "-")
	f[name+"-year"], f[name+"-month"], f[name+"-day"] = parts[0], strings.TrimLeft(parts[1], "0"), strings.TrimLeft(parts[2], "0")
	return f
}

// text is the words of the page's main part, one line a block.
func (p *page) text() string {
	if p.root == nil {
		return p.body
	}
	for _, m := range p.all("main") {
		return words(m)
	}
	return words(p.root)
}

func (p *page) has(s string) bool { return strings.Contains(p.text(), s) }

func (p *page) all(tag string) []*html.Node {
	if p.root == nil {
		return nil
	}
	var out []*html.Node
	for _, n := range walk(p.root) {
		if n.Type == html.ElementNode && n.Data == tag {
			out = append(out, n)
		}
	}
	return out
}

// values lists what the page's hidden fields of a name hold.
func (p *page) values(name string) []string {
	var out []string
	for _, n := range p.all("input") {
		if attr(n, "type") == "hidden" && attr(n, "name") == name && !slices.Contains(out, attr(n, "value")) {
			out = append(out, attr(n, "value"))
		}
	}
	return out
}

// choice gives the value of the choice of a field whose words hold some text.
func (v *visitor) choice(name, label string) string {
	v.t.Helper()
	for _, n := range v.page.all("select") {
		for _, o := range walk(n) {
			if attr(n, "name") == name && o.Type == html.ElementNode && o.Data == "option" && strings.Contains(words(o), label) {
				return attr(o, "value")
			}
		}
	}
	for _, l := range v.page.all("label") {
		for _, n := range v.page.all("input") {
			if attr(n, "name") == name && attr(n, "id") == attr(l, "for") && strings.Contains(words(l), label) {
				return attr(n, "value")
			}
		}
	}
	v.t.Fatalf("%s: field %q on %s has no choice %q\n%s", v.name, name, v.page.url, label, v.page.text())
	return ""
}

// links lists the addresses of this site the page links to.
func (p *page) links() []string {
	var out []string
	for _, a := range p.all("a") {
		if href := attr(a, "href"); strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "//") {
			out = append(out, href)
		}
	}
	return out
}

func walk(n *html.Node) []*html.Node {
	out := []*html.Node{n}
	for c := range n.Descendants() {
		out = append(out, c)
	}
	return out
}

func words(n *html.Node) string {
	var b strings.Builder
	for _, c := range walk(n) {
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// unique gives a word found nowhere else.
func unique(prefix string) string { return prefix + strings.ToLower(rand.Text()[:10]) }
