package newsroom_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/newsroom"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/rulebook"
	"msw/internal/web"
	"msw/rules"
)

// rows are this package's rows of internal/app/permissions.go.
const rows = `
- newsroom.read public
editor newsroom.desk tenant
editor newsroom.write tenant
editor newsroom.review tenant
editor newsroom.publish tenant
editor newsroom.consent tenant
editor newsroom.withdraw tenant
caseworker newsroom.desk tenant
caseworker newsroom.review tenant
caseworker newsroom.withdraw tenant
operator programme.create tenant
operator programme.change_phase tenant
`

func table(t testing.TB) *access.Table {
	t.Helper()
	var grants []access.Grant
	lines := bufio.NewScanner(strings.NewReader(rows))
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) == 3 {
			grants = append(grants, access.Grant{Role: access.Role(strings.TrimPrefix(f[0], "-")), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
		}
	}
	tab, err := access.NewTable(grants...)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// house is a whole newsroom on a store, on a day that can be turned on.
type house struct {
	t     *testing.T
	db    *database.DB
	s     *newsroom.Service
	p     *programme.Service
	site  http.Handler
	today clock.Date
}

func build(t *testing.T, db *database.DB) *house {
	t.Helper()
	log, err := audit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	tab := table(t)
	h := &house{t: t, db: db, today: clock.MustDate("2026-11-22")}
	if h.p, err = programme.New(programme.Options{DB: db, Access: tab, Audit: log}); err != nil {
		t.Fatal(err)
	}
	book, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	h.s, err = newsroom.New(newsroom.Options{DB: db, Access: tab, Audit: log, Programme: h.p, Book: book,
		Figures: func(context.Context, access.Call) (newsroom.Latest, bool, error) {
			return newsroom.Latest{AsAt: clock.MustDate("2022-06-20"), Figures: []newsroom.Figure{{Label: "Started", Value: "470"}, {Label: "Left"}}}, true, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := h.p.CreateTenant(ctx, h.as("op", "operator"), programme.NewTenant{Code: programme.National, Name: "Programme", Kind: programme.KindNational, Published: true}); err != nil {
		t.Fatal(err)
	}
	other := h.as("op", "operator")
	other.Actor.Tenant = programme.GPScheme
	if _, err := h.p.CreateTenant(ctx, other, programme.NewTenant{Code: programme.GPScheme, Name: "Local", Kind: programme.KindLocal}); err != nil {
		t.Fatal(err)
	}
	if err := h.p.SetPublic(ctx, h.as("op", "operator"), programme.National); err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Options{DB: db, Access: tab, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() clock.Instant { return h.as("", "").Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			a := h.as(r.Header.Get("X-Who"), access.Role(r.Header.Get("X-Role"))).Actor
			if tenant := r.Header.Get("X-Tenant"); tenant != "" {
				a.Tenant = tenant
			}
			return a, a.Account != "", nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Handle(newsroom.NewPages(h.s, newsroom.PagesOptions{Address: "https://msw.test", Edition: "1", Notice: "fictional people"}).Routes()...); err != nil {
		t.Fatal(err)
	}
	h.site = server
	return h
}

func (h *house) as(account string, role access.Role) access.Call {
	return access.Call{Actor: access.Actor{Account: account, Tenant: programme.National, Name: account, Members: []access.Membership{{Role: role}}},
		Now: clock.StartOf(h.today).Add(10 * 3600 * 1e9), Today: h.today}
}

func (h *house) writer() access.Call { return h.as("writer", "editor") }
func (h *house) second() access.Call { return h.as("second", "caseworker") }

func ok[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func kind(t *testing.T, what string, err error, want problem.Kind) {
	t.Helper()
	if err == nil || problem.KindOf(err) != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// publish takes a piece the whole way.
func (h *house) publish(n newsroom.NewPiece, channels ...newsroom.Channel) newsroom.Piece {
	h.t.Helper()
	ctx := context.Background()
	p := ok2(h.t, func() (newsroom.Piece, error) { return h.s.Write(ctx, h.writer(), n) })
	if n.Kind == newsroom.Story {
		if err := h.s.RecordConsent(ctx, h.writer(), newsroom.NewConsent{Piece: p.ID, Channels: channels, GivenOn: h.today, Expires: h.today.AddDays(30),
			Whose: newsroom.Whose{Person: "7KQF2M9X", Given: "Signed form"}}); err != nil {
			h.t.Fatal(err)
		}
	}
	ok2(h.t, func() (newsroom.Piece, error) { return h.s.Submit(ctx, h.writer(), p.ID) })
	ok2(h.t, func() (newsroom.Piece, error) {
		return h.s.Review(ctx, h.second(), newsroom.Review{ID: p.ID, Agrees: true, For: "A charity"})
	})
	return ok2(h.t, func() (newsroom.Piece, error) {
		return h.s.Publish(ctx, h.writer(), newsroom.Publish{ID: p.ID})
	})
}

func ok2[T any](t *testing.T, f func() (T, error)) T {
	t.Helper()
	v, err := f()
	return ok(t, v, err)
}

func story(title string) newsroom.NewPiece {
	return newsroom.NewPiece{Kind: newsroom.Story, Title: title, Author: "Noor", Summary: "From a village clinic to a ward. CANARY", Body: "I began again. CANARY\n\n## A heading\n\n- one\n- two"}
}

func item(title string) newsroom.NewPiece {
	return newsroom.NewPiece{Kind: newsroom.News, Category: "Programme", Title: title, Author: "Programme team", Summary: "What is new.", Body: "See [the page](https://www.england.nhs.uk/x?a=1&b=2), please."}
}

type answer struct {
	status int
	body   string
	header http.Header
}

func (h *house) get(path string, headers ...string) answer {
	r := httptest.NewRequest("GET", "http://msw.test"+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	return answer{w.Code, w.Body.String(), w.Header()}
}

func (h *house) post(path string, form url.Values, headers ...string) answer {
	r := httptest.NewRequest("POST", "http://msw.test"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	return answer{w.Code, w.Body.String(), w.Header()}
}

// everywhere are the addresses at which a story can be met.
func everywhere(p newsroom.Piece) []string {
	return []string{"/", "/stories", p.Path(), "/news", "/news/feed.atom", "/news/feed.rss", "/news/feed.json", "/sitemap.xml"}
}

// met lists the addresses that show a story's words or its address.
func (h *house) met(p newsroom.Piece) (found []string) {
	for _, path := range everywhere(p) {
		a := h.get(path)
		if strings.Contains(a.body, "CANARY") || strings.Contains(a.body, p.Slug) {
			found = append(found, path)
		}
	}
	return found
}

func TestWithdrawalRemovesEverywhere(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		p := h.publish(story("Back in a white coat"), newsroom.Channels()...)
		if p.Slug != "back-in-a-white-coat" {
			t.Errorf("address %q", p.Slug)
		}
		if got := h.met(p); strings.Join(got, " ") != "/ /stories /stories/back-in-a-white-coat /news/feed.atom /news/feed.rss /news/feed.json /sitemap.xml" {
			t.Fatalf("the canary is not where it should be: %v", got)
		}
		tags := map[string]string{}
		for _, path := range everywhere(p) {
			a := h.get(path)
			if tags[path] = a.header.Get("ETag"); tags[path] == "" || a.header.Get("Cache-Control") != "public, no-cache" {
				t.Errorf("%s: tag %q, %q", path, tags[path], a.header.Get("Cache-Control"))
			}
			if a := h.get(path, "If-None-Match", tags[path]); a.status != 304 {
				t.Errorf("%s has not changed: %d", path, a.status)
			}
		}
		feed := h.get("/news/feed.atom")
		since := feed.header.Get("Last-Modified")
		if a := h.get("/news/feed.atom", "If-Modified-Since", since); a.status != 304 {
			t.Errorf("the feed has not changed since %s: %d", since, a.status)
		}
		h.today = h.today.AddDays(1)
		if _, err := h.s.Withdraw(context.Background(), h.second(), p.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.met(p); len(got) > 0 {
			t.Errorf("withdrawn and still met at %v", got)
		}
		if a := h.get(p.Path(), "If-None-Match", tags[p.Path()]); a.status != 404 || strings.Contains(a.body, "white coat") {
			t.Errorf("the story's page: %d", a.status)
		}
		if a := h.get("/news/feed.atom", "If-Modified-Since", since); a.status != 200 {
			t.Errorf("a reader of the feed is not told: %d", a.status)
		}
		for _, path := range []string{"/", "/stories", "/news/feed.json", "/sitemap.xml"} {
			if a := h.get(path, "If-None-Match", tags[path]); a.status != 200 {
				t.Errorf("%s: a cache may go on showing it: %d", path, a.status)
			}
		}
		for _, path := range []string{"/newsroom", "/newsroom/" + p.ID} {
			if a := h.get(path, "X-Who", "writer", "X-Role", "editor"); a.status != 200 || strings.Contains(a.body, "CANARY") || strings.Contains(a.body, "white coat") {
				t.Errorf("%s shows the words: %d", path, a.status)
			}
		}
		whose, err := h.s.Whose(context.Background(), h.writer(), p.ID)
		if err != nil || whose != (newsroom.Whose{}) {
			t.Errorf("whose it was is still known: %v %v", whose, err)
		}
		var n int
		if err := db.Q(context.Background()).QueryRow(context.Background(), `SELECT count(*) FROM database_key WHERE person_id = $1`, p.ID).Scan(&n); err != nil || n != 0 {
			t.Errorf("the story's key is still there: %d %v", n, err)
		}
		_, err = h.s.Withdraw(context.Background(), h.second(), p.ID)
		kind(t, "twice", err, problem.Refused)
		err = h.s.RecordConsent(context.Background(), h.writer(), newsroom.NewConsent{Piece: p.ID, Channels: newsroom.Channels(), GivenOn: h.today, Expires: h.today.AddDays(9), Whose: newsroom.Whose{Person: "x", Given: "x"}})
		kind(t, "consent after withdrawal", err, problem.Refused)
	})
}

func TestConsentEndsAndChannelsHold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		p := h.publish(story("Only here"), newsroom.Site)
		if got := strings.Join(h.met(p), " "); got != "/ /stories /stories/only-here" {
			t.Errorf("agreed to the website only, and met at %v", got)
		}
		if a := h.get(p.Path()); !strings.Contains(a.header.Get("X-Robots-Tag"), "noindex") {
			t.Error("search engines are not told to leave it out")
		}
		first := h.today
		h.today = first.AddDays(29)
		if len(h.met(p)) == 0 {
			t.Error("gone on the last day of the consent")
		}
		h.today = first.AddDays(30)
		if got := h.met(p); len(got) > 0 {
			t.Errorf("shown after the consent ended: %v", got)
		}
		if a := h.get(p.Path()); a.status != 404 {
			t.Errorf("the story's page: %d", a.status)
		}
		if err := h.s.RecordConsent(context.Background(), h.writer(), newsroom.NewConsent{Piece: p.ID, Channels: []newsroom.Channel{newsroom.Site, newsroom.Feeds},
			GivenOn: h.today, Expires: h.today.AddDays(10), Whose: newsroom.Whose{Person: "7KQF2M9X", Given: "By phone"}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(h.met(p), " "); got != "/ /stories /stories/only-here /news/feed.atom /news/feed.rss /news/feed.json" {
			t.Errorf("with a new consent: %v", got)
		}
		if _, err := h.s.TakeDown(context.Background(), h.writer(), p.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.met(p); len(got) > 0 {
			t.Errorf("taken off and met at %v", got)
		}
	})
}

func TestSecondPersonReadsFirst(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		ctx := context.Background()
		p := ok2(t, func() (newsroom.Piece, error) { return h.s.Write(ctx, h.writer(), story("Two people")) })
		_, err := h.s.Publish(ctx, h.writer(), newsroom.Publish{ID: p.ID})
		kind(t, "publish a draft", err, problem.Refused)
		if e, _ := errors.AsType[*problem.Error](err); e == nil || len(e.Reasons) != 2 {
			t.Errorf("not every reason is given: %v", err)
		}
		ok2(t, func() (newsroom.Piece, error) { return h.s.Submit(ctx, h.writer(), p.ID) })
		_, err = h.s.Review(ctx, h.writer(), newsroom.Review{ID: p.ID, Agrees: true})
		kind(t, "review one's own", err, problem.Refused)
		_, err = h.s.Review(ctx, h.second(), newsroom.Review{ID: p.ID})
		kind(t, "send back without a word", err, problem.Invalid)
		ok2(t, func() (newsroom.Piece, error) {
			return h.s.Review(ctx, h.second(), newsroom.Review{ID: p.ID, Note: "Leave out the town"})
		})
		// Another editor changes it: that one is the writer now and may not review.
		third := h.as("third", "editor")
		back, _, err := h.s.Piece(ctx, third, p.ID)
		if err != nil || back.State != newsroom.Draft || back.Text.ReviewNote != "Leave out the town" {
			t.Fatalf("%+v %v", back, err)
		}
		_, err = h.s.Change(ctx, third, p.ID, back.Version+1, story("Two people"))
		kind(t, "an old version", err, problem.Conflict)
		ok2(t, func() (newsroom.Piece, error) { return h.s.Change(ctx, third, p.ID, back.Version, story("Two people")) })
		ok2(t, func() (newsroom.Piece, error) { return h.s.Submit(ctx, h.writer(), p.ID) })
		_, err = h.s.Review(ctx, third, newsroom.Review{ID: p.ID, Agrees: true})
		kind(t, "review one's own change", err, problem.Refused)
		ok2(t, func() (newsroom.Piece, error) {
			return h.s.Review(ctx, h.second(), newsroom.Review{ID: p.ID, Agrees: true})
		})
		_, err = h.s.Publish(ctx, h.writer(), newsroom.Publish{ID: p.ID})
		kind(t, "publish without consent", err, problem.Refused)
		_, err = h.s.Publish(ctx, h.second(), newsroom.Publish{ID: p.ID})
		kind(t, "publish without the role", err, problem.NotFound)
		elsewhere := h.writer()
		elsewhere.Actor.Tenant = programme.GPScheme
		_, _, err = h.s.Piece(ctx, elsewhere, p.ID)
		kind(t, "another programme's draft", err, problem.NotFound)
	})
}

func TestWordsAreChecked(t *testing.T) {
	db := dbtest.SQLite(t)
	h := build(t, db)
	ctx := context.Background()
	for _, c := range []struct {
		name   string
		change func(*newsroom.NewPiece)
		field  string
	}{
		{"no title", func(n *newsroom.NewPiece) { n.Title = " " }, "title"},
		{"a title of Dr", func(n *newsroom.NewPiece) { n.Author = "Dr Noor" }, "author"},
		{"a doctor of an article", func(n *newsroom.NewPiece) { n.Body = "as said by Kirti  SINGHAL, who" }, "body"},
		{"a pseudonym of an article", func(n *newsroom.NewPiece) { n.Author = "Su" }, "author"},
	} {
		n := story("A story")
		c.change(&n)
		_, err := h.s.Write(ctx, h.writer(), n)
		e, _ := errors.AsType[*problem.Error](err)
		if e == nil || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	p := ok2(t, func() (newsroom.Piece, error) {
		return h.s.Write(ctx, h.writer(), newsroom.NewPiece{Kind: newsroom.Story, Title: "Not finished"})
	})
	_, err := h.s.Submit(ctx, h.writer(), p.ID)
	if e, _ := errors.AsType[*problem.Error](err); e == nil || len(e.Fields) != 3 {
		t.Errorf("an unfinished draft: %v", err)
	}
	err = h.s.RecordConsent(ctx, h.writer(), newsroom.NewConsent{Piece: p.ID})
	if e, _ := errors.AsType[*problem.Error](err); e == nil || len(e.Fields) != 5 {
		t.Errorf("an empty consent: %v", err)
	}
}

func TestNewsIsCorrectedInTheOpen(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		ctx := context.Background()
		p, same := h.publish(item("New dates")), h.publish(item("New dates"))
		if p.Slug != "new-dates" || same.Slug != "new-dates-2" {
			t.Errorf("addresses %q %q", p.Slug, same.Slug)
		}
		before := h.get("/news/feed.json")
		n := item("New dates for exams")
		_, err := h.s.Correct(ctx, h.writer(), p.ID, p.Version, n, "")
		kind(t, "a correction that does not say what was wrong", err, problem.Invalid)
		ok2(t, func() (newsroom.Piece, error) {
			return h.s.Correct(ctx, h.writer(), p.ID, p.Version, n, "The day was wrong.")
		})
		a := h.get("/news/new-dates")
		for _, must := range []string{"New dates for exams", "What was corrected", "22 November 2026: The day was wrong.",
			`See <a href="https://www.england.nhs.uk/x?a=1&amp;b=2">the page</a>, please.`} {
			if !strings.Contains(a.body, must) {
				t.Errorf("the page does not say %q", must)
			}
		}
		after := h.get("/news/feed.json")
		id := regexp.MustCompile(`urn:uuid:` + p.ID)
		if !id.MatchString(before.body) || !id.MatchString(after.body) || before.body == after.body {
			t.Error("the item does not keep its name in the feed")
		}
		_, err = h.s.Change(ctx, h.writer(), p.ID, 0, n)
		kind(t, "change published news", err, problem.Refused)
		later := ok2(t, func() (newsroom.Piece, error) { return h.s.TakeDown(ctx, h.writer(), same.ID) })
		ok2(t, func() (newsroom.Piece, error) { return h.s.Submit(ctx, h.writer(), later.ID) })
		ok2(t, func() (newsroom.Piece, error) {
			return h.s.Review(ctx, h.second(), newsroom.Review{ID: later.ID, Agrees: true})
		})
		ok2(t, func() (newsroom.Piece, error) {
			return h.s.Publish(ctx, h.writer(), newsroom.Publish{ID: later.ID, From: h.today.AddDays(2), Until: h.today.AddDays(4)})
		})
		first := h.today
		for days, want := range map[int]int{0: 404, 2: 200, 3: 200, 4: 404} {
			h.today = first.AddDays(days)
			if a := h.get("/news/new-dates-2"); a.status != want {
				t.Errorf("after %d days: %d", days, a.status)
			}
		}
	})
}
