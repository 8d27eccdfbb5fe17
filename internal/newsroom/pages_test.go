package newsroom_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/newsroom"
	"msw/internal/programme"
)

func TestPublicPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		h.publish(item("New dates"))
		for _, c := range []struct {
			path      string
			status    int
			must, not []string
		}{
			{"/", 200, []string{"Can I apply today?", "Not known: last published 31 March 2023", "/schemes", "/refer-yourself", "jobs.nhs.uk", "Has a medical qualification that the GMC can register",
				"prescribe medicines", "Figures as at 20 June 2022", "470", "Not shown", "New dates", "There are no stories yet", "/sign-in", "/referrals", "/posts", `href="/news/feed.atom"`}, nil},
			{"/about", 200, []string{"healthcareers.nhs.uk", "must not", "It is not a doctor's post"}, nil},
			{"/eligibility", 200, []string{"We keep none of your answers", "Do you live in the UK?", "Have you passed PLAB 2?", "IELTS writing", "OET speaking"}, []string{"OET overall", "last work as a doctor", `type="email"`, "idempotency-key"}},
			{"/stories", 200, []string{"There are no stories here"}, nil},
			{"/news", 200, []string{"New dates", "/news/feed.rss", "Programme, 22 November 2026"}, nil},
			{"/news/no-such", 404, nil, nil},
			{"/stories/new-dates", 404, nil, nil},
			{"/schemes", 200, []string{"11 schemes", "REACHE", "WARD", "was not kept", "recalled, not confirmed"}, nil},
			{"/schemes?place=Y62", 200, []string{"REACHE", "RefuAid"}, []string{"Building Bridges", "USE-IT"}},
			{"/schemes?place=Y60&taker=asylum", 200, []string{"1 scheme<", "RefuAid"}, []string{"REACHE"}},
			{"/schemes?place=Y58&taker=overseas", 200, []string{"0 schemes", "We know of no scheme"}, nil},
			{"/schemes?place=nonsense&taker='", 200, []string{"11 schemes"}, nil},
			{"/accessibility", 200, []string{"We do not claim"}, nil},
			{"/privacy", 200, []string{"8 years", "set by this programme on 22 November 2026"}, nil},
			{"/cookies", 200, []string{"msw-session"}, nil},
			{"/contact", 200, []string{"Call 999"}, []string{"mailto:"}},
			{"/robots.txt", 200, []string{"Sitemap: https://msw.test/sitemap.xml"}, nil},
			{"/.well-known/security.txt", 200, []string{"Contact: https://msw.test/contact", "Expires: 2027-0"}, nil},
			{"/newsroom", 303, nil, []string{"New dates"}},
		} {
			a := h.get(c.path)
			if a.status != c.status {
				t.Errorf("%s: %d", c.path, a.status)
			}
			for _, m := range c.must {
				if !strings.Contains(a.body, m) {
					t.Errorf("%s does not say %q", c.path, m)
				}
			}
			for _, m := range c.not {
				if strings.Contains(a.body, m) {
					t.Errorf("%s says %q", c.path, m)
				}
			}
			if c.status == 200 && strings.Contains(a.body, "<html") {
				headings(t, c.path, a.body)
				if !strings.HasPrefix(a.header.Get("Cache-Control"), "public") || a.header.Get("ETag") == "" {
					t.Errorf("%s cannot be kept by a cache: %v", c.path, a.header)
				}
				if b := h.get(c.path, "X-Who", "writer", "X-Role", "editor"); strings.Contains(b.header.Get("Cache-Control"), "public") || b.header.Get("ETag") != "" {
					t.Errorf("%s drawn for one reader may be kept: %v", c.path, b.header)
				}
				if b := h.get(c.path, "Cookie", "msw-said=x"); strings.Contains(b.header.Get("Cache-Control"), "public") {
					t.Errorf("%s with words for one reader may be kept", c.path)
				}
			}
		}
		// Whoever is signed in to another programme sees the same public site.
		if a := h.get("/news", "X-Who", "writer", "X-Role", "editor", "X-Tenant", programme.GPScheme); !strings.Contains(a.body, "New dates") {
			t.Error("the public site depends on the programme signed in to")
		}
	})
}

var heading = regexp.MustCompile(`<h([1-6])[ >]`)

// headings holds that there is one h1 and that no level is left out.
func headings(t *testing.T, path, body string) {
	t.Helper()
	last, ones := 0, 0
	for _, m := range heading.FindAllStringSubmatch(body, -1) {
		level, _ := strconv.Atoi(m[1])
		if level == 1 {
			ones++
		}
		if level > last+1 {
			t.Errorf("%s: h%d after h%d", path, level, last)
		}
		last = level
	}
	if ones != 1 {
		t.Errorf("%s has %d main headings", path, ones)
	}
}

func TestAppliesWhenAWindowIsOpen(t *testing.T) {
	db := dbtest.SQLite(t)
	h := build(t, db)
	save := func(p programme.Phase) {
		t.Helper()
		if _, err := h.p.SavePhase(context.Background(), h.as("op", "operator"), p); err != nil {
			t.Fatal(err)
		}
	}
	before := h.get("/").header.Get("ETag")
	save(programme.Phase{Code: "2026-27", Title: "Local money", Starts: clock.MustDate("2026-04-01"), Ends: clock.MustDate("2027-03-31"),
		ApplicationsOpen: clock.MustDate("2026-11-01"), ApplicationsClose: clock.MustDate("2026-11-30"), Eligibility: "B"})
	for on, want := range map[string]string{"2026-11-22": "You can apply until 30 November 2026", "2026-12-01": "Applications closed on 30 November 2026", "2026-10-01": "You can apply from 1 November 2026"} {
		h.today = clock.MustDate(on)
		if a := h.get("/"); !strings.Contains(a.body, want) || a.header.Get("ETag") == before {
			t.Errorf("on %s home does not say %q", on, want)
		}
	}
}

// counts gives the number of rows of every table.
func counts(t *testing.T, db *database.DB) map[string]int {
	t.Helper()
	ctx := context.Background()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if strings.HasSuffix(t.Name(), "postgres") {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	rows, err := db.Q(ctx).Query(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		names = append(names, n)
	}
	rows.Close()
	out := map[string]int{}
	for _, n := range names {
		var c int
		if err := db.Q(ctx).QueryRow(ctx, `SELECT count(*) FROM `+n).Scan(&c); err != nil {
			t.Fatal(err)
		}
		out[n] = c
	}
	return out
}

func rightAnswers() url.Values {
	return url.Values{"in-uk": {"yes"}, "qualification": {"registrable"}, "months-medicine": {"6"}, "months-surgery": {"6"}, "english": {"IELTS"},
		"ielts-on-day": {"10"}, "ielts-on-month": {"1"}, "ielts-on-year": {"2026"}, "ielts-overall": {"7.5"}, "ielts-listening": {"7"}, "ielts-reading": {"7.5"},
		"ielts-writing": {"7.0"}, "ielts-speaking": {"8"}, "work": {"may-work"}, "registered": {"no"}, "plab2": {"not-passed"}, "placed": {"no"}}
}

func TestCheckerAnswersAndStoresNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		before := counts(t, db)
		if len(before) < 20 {
			t.Fatalf("only %d tables were counted", len(before))
		}
		for _, c := range []struct {
			name      string
			change    func(url.Values)
			status    int
			must, not []string
		}{
			{"right", func(url.Values) {}, 200, []string{"It looks like you can join", "8 of 8 conditions are met", "not a GMC decision", "version B", "This holds until 9 January 2028", "Not known: last published 31 March 2023", `value="7.5"`}, []string{"Not met"}},
			{"nothing", func(v url.Values) { clear(v) }, 200, []string{"We cannot tell yet", "0 of 8", "You did not answer", `href="#in-uk"`}, []string{"Not met"}},
			{"PLAB 2", func(v url.Values) { v.Set("plab2", "passed") }, 200, []string{"cannot join at the moment", "You have passed PLAB 2", "7 of 8"}, nil},
			{"asylum", func(v url.Values) { v.Set("work", "asylum") }, 200, []string{"We can still support you in other ways"}, nil},
			{"no English", func(v url.Values) { v.Set("english", "none") }, 200, []string{"You need proof of English"}, nil},
			{"OET", func(v url.Values) {
				v.Set("english", "OET")
				for _, part := range []string{"listening", "reading", "writing", "speaking"} {
					v.Set("oet-"+part, "360")
				}
				v.Set("oet-on-day", "1")
				v.Set("oet-on-month", "2")
				v.Set("oet-on-year", "2026")
			}, 200, []string{"8 of 8"}, nil},
			{"nonsense", func(v url.Values) {
				v.Set("ielts-writing", "7.3")
				v.Set("months-medicine", "six")
				v.Set("ielts-on-year", "2027")
				v.Set("work", "spy")
			}, 422, []string{"Enter an IELTS score", "Enter a whole number", "must be today or in the past", "Choose one of the answers", `value="7.3"`, `value="six"`}, []string{"What your answers mean"}},
		} {
			v := rightAnswers()
			c.change(v)
			for _, who := range []string{"", "writer"} {
				a := h.post("/eligibility", v, "X-Who", who, "X-Role", "editor")
				if a.status != c.status {
					t.Errorf("%s: %d", c.name, a.status)
				}
				for _, m := range c.must {
					if !strings.Contains(a.body, m) {
						t.Errorf("%s: does not say %q", c.name, m)
					}
				}
				for _, m := range c.not {
					if strings.Contains(a.body, m) {
						t.Errorf("%s: says %q", c.name, m)
					}
				}
				if c.status == 200 { // the list of errors stands before the main heading
					headings(t, c.name, a.body)
				}
				if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
					t.Errorf("%s leaves a trace: %v", c.name, a.header)
				}
			}
		}
		h.get("/eligibility")
		after := counts(t, db)
		for name, n := range after {
			if before[name] != n {
				t.Errorf("%s had %d rows, now %d", name, before[name], n)
			}
		}
	})
}

func TestFeedsAreWellFormed(t *testing.T) {
	db := dbtest.SQLite(t)
	h := build(t, db)
	n := item(`Tea & <b>scones</b>`)
	n.Body = "<script>alert(1)</script>\n\n- [bad](javascript:alert(1))\n- one"
	p := h.publish(n)
	for _, path := range []string{"/news/feed.atom", "/news/feed.rss", "/sitemap.xml"} {
		a := h.get(path)
		dec := xml.NewDecoder(strings.NewReader(a.body))
		for {
			_, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		if !strings.Contains(a.body, "https://msw.test"+p.Path()) {
			t.Errorf("%s does not lead to the news", path)
		}
		if path != "/sitemap.xml" && (!strings.Contains(a.body, "fictional people") || !strings.Contains(a.body, "urn:uuid:"+p.ID)) {
			t.Errorf("%s has no notice or no lasting name", path)
		}
	}
	var feed struct {
		Version string
		Items   []struct{ ID, Title string }
	}
	if err := json.Unmarshal([]byte(h.get("/news/feed.json").body), &feed); err != nil || len(feed.Items) != 1 || feed.Items[0].Title != "Tea & <b>scones</b>" {
		t.Errorf("%+v %v", feed, err)
	}
	if a := h.get(p.Path()); strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, `href="javascript`) || strings.Contains(a.body, "<b>scones") {
		t.Error("what was typed became part of the page")
	}
}

var formKey = regexp.MustCompile(`name="idempotency-key" value="([^"]+)"`)

// step opens a page as somebody, fills in its form and sends it.
func (h *house) step(who, role, page, action string, v url.Values) answer {
	h.t.Helper()
	a := h.get(page, "X-Who", who, "X-Role", role)
	if m := formKey.FindStringSubmatch(a.body); m != nil {
		v.Set("idempotency-key", m[1])
	}
	return h.post(action, v, "X-Who", who, "X-Role", role)
}

func TestTheDeskFromDraftToWithdrawal(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		h := build(t, db)
		words := url.Values{"kind": {"story"}, "title": {"By the sea"}, "author": {"Noor"}, "summary": {"A short way. CANARY"}, "body": {"Kept words"}}
		bad := url.Values{"kind": {"story"}, "author": {"Noor"}, "body": {"Kept words"}}
		if a := h.step("writer", "editor", "/newsroom/new?kind=story", "/newsroom/new", bad); a.status != 422 || !strings.Contains(a.body, "Kept words") || !strings.Contains(a.body, "Enter a title") {
			t.Errorf("without a title: %d", a.status)
		}
		a := h.step("writer", "editor", "/newsroom/new?kind=story", "/newsroom/new", words)
		if a.status != 303 {
			t.Fatalf("write: %d %s", a.status, a.body)
		}
		at := a.header.Get("Location")
		id := strings.TrimPrefix(at, "/newsroom/")
		for _, s := range []struct {
			name, who, role, page, action string
			v                             url.Values
			status                        int
			must                          string
		}{
			{"a stranger looks", "x", "", at, at + "/submit", url.Values{}, 404, ""},
			{"submit", "writer", "editor", at, at + "/submit", url.Values{}, 303, ""},
			{"review without an answer", "second", "caseworker", at, at + "/review", url.Values{"version": {"2"}}, 422, "Choose if it is safe"},
			{"review one's own", "writer", "editor", at, at + "/review", url.Values{"version": {"2"}, "agrees": {"yes"}}, 422, "A second person must read it"},
			{"review", "second", "caseworker", at, at + "/review", url.Values{"version": {"2"}, "agrees": {"yes"}}, 303, ""},
			{"publish without consent", "writer", "editor", at, at + "/publish", url.Values{"version": {"3"}}, 422, "Record the person&#39;s consent first"},
			{"consent is not the reviewer's", "second", "caseworker", at + "/consent", at + "/consent", url.Values{}, 404, ""},
			{"empty consent", "writer", "editor", at + "/consent", at + "/consent", url.Values{"person": {"7KQF2M9X"}, "photo": {"no"}}, 422, "7KQF2M9X"},
			{"consent", "writer", "editor", at + "/consent", at + "/consent", url.Values{"person": {"7KQF2M9X"}, "given": {"By letter"}, "photo": {"no"}, "channels": {"site"},
				"given-on": {"2026-11-01"}, "expires": {"2027-11-01"}}, 303, ""},
			{"publish on a day that is none", "writer", "editor", at, at + "/publish", url.Values{"version": {"4"}, "from-day": {"31"}, "from-month": {"2"}, "from-year": {"2027"}}, 422, "Enter a real date"},
			{"publish", "writer", "editor", at, at + "/publish", url.Values{"version": {"4"}}, 303, ""},
		} {
			a := h.step(s.who, s.role, s.page, s.action, s.v)
			if a.status != s.status || !strings.Contains(a.body, s.must) {
				t.Errorf("%s: %d, or does not say %q", s.name, a.status, s.must)
			}
		}
		for _, path := range []string{"/newsroom", at, at + "/consent", at + "/withdraw"} {
			a := h.get(path, "X-Who", "writer", "X-Role", "editor")
			if a.status != 200 {
				t.Errorf("%s: %d", path, a.status)
			}
			headings(t, path, a.body)
			if strings.Contains(path, "consent") != strings.Contains(a.body, "7KQF2M9X") {
				t.Errorf("%s: whose story it is belongs on the consent page only", path)
			}
		}
		if a := h.get("/stories/by-the-sea"); a.status != 200 || !strings.Contains(a.body, "Kept words") || strings.Contains(a.body, "7KQF2M9X") {
			t.Errorf("the story: %d", a.status)
		}
		headings(t, "the story", h.get("/stories/by-the-sea").body)
		if a := h.step("second", "caseworker", at+"/withdraw", at+"/withdraw", url.Values{}); a.status != 303 {
			t.Errorf("withdraw: %d", a.status)
		}
		if got := h.met(newsroom.Piece{Kind: newsroom.Story, Slug: "by-the-sea"}); len(got) > 0 {
			t.Errorf("withdrawn and met at %v", got)
		}
		p, _, err := h.s.Piece(context.Background(), h.writer(), id)
		if err != nil || p.State != newsroom.Withdrawn || p.Text != (newsroom.Text{}) {
			t.Errorf("%+v %v", p, err)
		}
	})
}
