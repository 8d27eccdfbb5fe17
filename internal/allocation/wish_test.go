package allocation_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// market is the wishes of doctors beside a few open posts.
type market struct {
	*allocation.Service
	t     *testing.T
	posts *post.Service
	table *access.Table
	refs  []string // open posts: a hospital in Y56, a practice in Y56, a practice in Y62
}

var lead = access.Call{Actor: access.Actor{Account: "nat", Tenant: "msw", Members: []access.Membership{{Role: "national_lead"}}}, Now: now, Today: now.Local()}

func staff(account, role string) access.Call {
	return access.Call{Actor: access.Actor{Account: account, Tenant: "msw", Members: []access.Membership{{Role: access.Role(role)}}}, Now: now, Today: now.Local()}
}

func openMarket(t *testing.T, db *database.DB) *market {
	t.Helper()
	var grants []access.Grant
	for line := range strings.Lines(`doctor allocation.prefer own
doctor allocation.link own
doctor allocation.ask own
caseworker allocation.prefer tenant
caseworker allocation.read tenant
caseworker allocation.ask tenant
caseworker allocation.vouch tenant
assessor allocation.judge tenant
national_lead allocation.judge tenant
national_lead post.see tenant
national_lead post.register tenant
national_lead post.approve tenant
national_lead post.open tenant
national_lead post.supervise tenant
national_lead post.outcodes tenant`) {
		f := strings.Fields(line)
		grants = append(grants, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
	}
	table, err := access.NewTable(grants...)
	must(t, err)
	log, err := audit.New(db)
	must(t, err)
	places := map[string]post.Place{"RX1": {Name: "Riverside Trust", Region: "Y56", Outcode: "E1"}, "G1": {Name: "Canal Practice", Region: "Y56", Outcode: "SE5"}, "G2": {Name: "Moor Practice", Region: "Y62", Outcode: "M6"}}
	posts, err := post.New(post.Options{DB: db, Access: table, Audit: log, Places: func(_ context.Context, _ string, ids []string) (map[string]post.Place, error) {
		out := map[string]post.Place{}
		for _, id := range ids {
			if p, ok := places[id]; ok {
				p.ID, p.Found, p.England = id, true, true
				out[id] = p
			}
		}
		return out, nil
	}})
	must(t, err)
	s, err := allocation.New(allocation.Options{DB: db, Access: table, Audit: log, Posts: posts,
		Outcodes: func(_ context.Context, _ string, ids []string) (map[string]string, error) {
			return map[string]string{"d1": "E1", "d2": "M6"}, nil
		}})
	must(t, err)
	m := &market{Service: s, t: t, posts: posts, table: table}
	_, err = posts.ImportOutcodes(t.Context(), lead, strings.NewReader("postcode,eastings,northings\nE1,534700,181700\nSE5,532600,176700\nM6,380300,399500\n"), "o.csv", false)
	must(t, err)
	for _, host := range []string{"RX1", "G1", "G2"} {
		_, err := posts.SetSupervisor(t.Context(), lead, post.NewSupervisor{Account: "s-" + host, Organisation: host, Name: "Senior", Capacity: 3})
		must(t, err)
		d := post.Details{Setting: post.GPPractice, Employer: host, Host: host, Specialty: "General practice", MinutesWeek: 2250, Pay: post.Pay{Kind: post.LocalPay, Pence: 3_800_000},
			StartFrom: now.Local().AddDays(60), Indemnity: post.PracticeScheme, Clinical: "s-" + host}
		if host == "RX1" {
			d.Setting, d.Specialty = post.Hospital, "Acute medicine"
		}
		p, err := posts.Register(t.Context(), lead, post.Registration{Details: d})
		must(t, err)
		_, err = posts.Approve(t.Context(), lead, post.Step{ID: p.ID})
		must(t, err)
		_, err = posts.Open(t.Context(), lead, post.Step{ID: p.ID})
		must(t, err)
		m.refs = append(m.refs, p.ID)
	}
	return m
}

func (m *market) spell(doctor string) ([]allocation.Ranked, []allocation.Left) {
	m.t.Helper()
	w, err := m.Wishes(m.t.Context(), lead, []string{doctor})
	must(m.t, err)
	openings, atlas, err := m.Openings(m.t.Context(), lead)
	must(m.t, err)
	return allocation.Spell(w[doctor], openings, atlas)
}

func postsOf(list []allocation.Ranked) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.Post)
	}
	return out
}

func TestWishesBecomePosts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		m := openMarket(t, db)
		ctx := t.Context()
		hospital, canal, moor := m.refs[0], m.refs[1], m.refs[2]
		if got, _ := m.spell("d1"); len(got) != 0 {
			t.Errorf("who said nothing is given %v", got)
		}
		must(t, m.Prefer(ctx, call("d1"), allocation.Preference{Doctor: "d1", Settings: []string{"gp_practice"}}))
		if got, _ := m.spell("d1"); !slices.Equal(postsOf(got), []string{canal, moor}) || got[0].Place != 1 || got[1].Place != 1 || got[0].Miles != 3 {
			t.Errorf("by preference: %+v", got)
		}
		l := allocation.WishList{Doctor: "d1", Wishes: []allocation.Wish{{Post: hospital}, {Setting: "gp_practice"}}}
		must(t, m.Rank(ctx, call("d1"), l))
		if got, _ := m.spell("d1"); !slices.Equal(postsOf(got), []string{hospital, canal, moor}) || got[0].Place != 1 || got[2].Place != 2 {
			t.Errorf("ranked: %+v", got)
		}
		if err := m.Rank(ctx, call("d1"), l); problem.KindOf(err) != problem.Conflict {
			t.Errorf("a stale list was saved: %v", err)
		}
		l.Version, l.Refusals = 1, []allocation.Refusal{{Wish: allocation.Wish{Region: "Y62"}, Class: allocation.Family}}
		must(t, m.Rank(ctx, call("d1"), l))
		got, left := m.spell("d1")
		if !slices.Equal(postsOf(got), []string{hospital, canal}) || len(left) != 1 || left[0].Code != allocation.LeftRefused || left[0].Post != moor {
			t.Errorf("with a refusal: %+v, %+v", got, left)
		}
		must(t, m.Prefer(ctx, call("d1"), allocation.Preference{Doctor: "d1", Travel: 2, Version: 1}))
		if got, left = m.spell("d1"); !slices.Equal(postsOf(got), []string{hospital}) || left[0].Code != allocation.LeftTravel && left[1].Code != allocation.LeftTravel {
			t.Errorf("with a travel limit: %+v, %+v", got, left)
		}
	})
}

func TestAListIsChecked(t *testing.T) {
	m := openMarket(t, dbtest.SQLite(t))
	for name, l := range map[string]allocation.WishList{
		"twice":             {Wishes: []allocation.Wish{{Region: "Y56"}, {Region: "Y56"}}},
		"anything":          {Wishes: []allocation.Wish{{}}},
		"nowhere":           {Wishes: []allocation.Wish{{Region: "Mars"}}},
		"both":              {Wishes: []allocation.Wish{{Region: "Y56"}}, Refusals: []allocation.Refusal{{Wish: allocation.Wish{Region: "Y56"}, Class: allocation.Health}}},
		"no reason":         {Refusals: []allocation.Refusal{{Wish: allocation.Wish{Region: "Y56"}}}},
		"a guessed post":    {Wishes: []allocation.Wish{{Post: "GUESSED"}}},
		"a post and a kind": {Wishes: []allocation.Wish{{Post: m.refs[0], Region: "Y56"}}},
		"very long":         {Wishes: make([]allocation.Wish, 31)},
	} {
		l.Doctor = "d1"
		if err := m.Rank(t.Context(), call("d1"), l); problem.KindOf(err) != problem.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := m.Rank(t.Context(), call("d2"), allocation.WishList{Doctor: "d1"}); problem.KindOf(err) != problem.NotFound {
		t.Errorf("another doctor saved it: %v", err)
	}
	if _, err := m.WishListOf(t.Context(), staff("hr", "employer_hr"), "d1"); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an employer reads it: %v", err)
	}
}

func TestSpellDoesNotDependOnTheOrderOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		regions, settings := []string{"Y56", "Y60", "Y62"}, []post.Setting{post.Hospital, post.GPPractice}
		atlas := post.Atlas{"A1": {Easting: 1}, "B1": {Easting: 90_000}, "C1": {Easting: 400_000}}
		outcodes := []string{"A1", "B1", "C1", "Q1"}
		var openings []post.Opening
		for i := range rapid.IntRange(0, 12).Draw(t, "posts") {
			openings = append(openings, post.Opening{Post: string(rune('a' + i)), Region: rapid.SampledFrom(regions).Draw(t, "r"), Setting: rapid.SampledFrom(settings).Draw(t, "s"), Outcode: rapid.SampledFrom(outcodes).Draw(t, "o")})
		}
		w := allocation.Wishes{Outcode: "A1", Preference: allocation.Preference{Travel: rapid.IntRange(0, 300).Draw(t, "travel")}}
		for range rapid.IntRange(1, 5).Draw(t, "lines") {
			w.List.Wishes = append(w.List.Wishes, allocation.Wish{Region: rapid.SampledFrom(append(regions, "")).Draw(t, "wr"), Setting: rapid.SampledFrom([]string{"hospital", "gp_practice", ""}).Draw(t, "ws")})
		}
		if rapid.Bool().Draw(t, "no") {
			w.List.Refusals = []allocation.Refusal{{Wish: allocation.Wish{Region: "Y60"}, Class: allocation.Safety}}
		}
		got, left := allocation.Spell(w, openings, atlas)
		other, leftOther := allocation.Spell(w, rapid.Permutation(openings).Draw(t, "order"), atlas)
		if !slices.Equal(got, other) || !slices.Equal(left, leftOther) {
			t.Fatalf("%v, then %v", got, other)
		}
		seen := map[string]bool{}
		for i, r := range got {
			if seen[r.Post] || i > 0 && got[i-1].Place > r.Place || w.Preference.Travel > 0 && r.Miles > w.Preference.Travel {
				t.Fatalf("%+v", got)
			}
			seen[r.Post] = true
		}
	})
}

func TestAPairAgreesOnBothSides(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		m := openMarket(t, db)
		ctx := t.Context()
		partner := func(doctor string) string {
			w, err := m.Wishes(ctx, lead, []string{"d1", "d2", "d3"})
			must(t, err)
			return w[doctor].Partner
		}
		look := func(doctor string) allocation.Link {
			l, err := m.LinkOf(ctx, call(doctor))
			must(t, err)
			return l
		}
		must(t, m.InvitePartner(ctx, call("d1")))
		code := look("d1").Code
		if len(code) != 11 || code != look("d1").Code {
			t.Fatalf("code %q", code)
		}
		if err := m.EnterCode(ctx, call("d1"), code); problem.KindOf(err) != problem.Invalid {
			t.Errorf("linked with oneself: %v", err)
		}
		if err := m.EnterCode(ctx, call("d2"), "AAAAA-AAAAA"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a guess: %v", err)
		}
		elsewhere := call("d2")
		elsewhere.Actor.Tenant = "scheme"
		if err := m.EnterCode(ctx, elsewhere, code); problem.KindOf(err) != problem.Invalid {
			t.Errorf("from another programme: %v", err)
		}
		must(t, m.EnterCode(ctx, call("d2"), strings.ToLower(strings.ReplaceAll(code, "-", " "))))
		if partner("d1") != "" || partner("d2") != "" || look("d1").Both {
			t.Error("linked before both agreed")
		}
		if err := m.EnterCode(ctx, call("d3"), code); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a code was used twice: %v", err)
		}
		if err := m.ConfirmPartner(ctx, call("d2")); problem.KindOf(err) != problem.Refused {
			t.Errorf("the wrong side confirmed: %v", err)
		}
		must(t, m.ConfirmPartner(ctx, call("d1")))
		if partner("d1") != "d2" || partner("d2") != "d1" || !look("d2").Both || partner("d3") != "" {
			t.Error("not linked after both agreed")
		}
		if err := m.InvitePartner(ctx, call("d2")); problem.KindOf(err) != problem.Refused {
			t.Errorf("two links at once: %v", err)
		}
		must(t, m.EndLink(ctx, call("d2")))
		if partner("d1") != "" || look("d1").State != "" {
			t.Error("one side cannot end it")
		}
		if err := m.InvitePartner(ctx, staff("cw", "caseworker")); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a caseworker linked: %v", err)
		}
	})
}

func TestProtectedReasons(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		m := openMarket(t, db)
		ctx := t.Context()
		cw, judge, lead2 := staff("cw", "caseworker"), staff("as", "assessor"), staff("nl", "national_lead")
		granted := func() []allocation.Granted {
			w, err := m.Wishes(ctx, lead, []string{"d1"})
			must(t, err)
			return w["d1"].Granted
		}
		if _, err := m.AskProtected(ctx, call("d1"), "d1", allocation.Asking{Ground: allocation.GroundCare}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("nothing asked for: %v", err)
		}
		care, err := m.AskProtected(ctx, call("d1"), "d1", allocation.Asking{Ground: allocation.GroundCare, Regions: []string{"Y56"}, Statement: "My mother needs me."})
		must(t, err)
		if _, err := m.AskProtected(ctx, call("d1"), "d1", allocation.Asking{Ground: allocation.GroundCare, Miles: 5, Statement: "Again."}); problem.KindOf(err) != problem.Refused {
			t.Errorf("asked twice: %v", err)
		}
		if err := m.Vote(ctx, judge, care.ID, 1, true); problem.KindOf(err) != problem.Refused {
			t.Errorf("voted before the evidence was seen: %v", err)
		}
		if err := m.Vouch(ctx, judge, care.ID, 1, "letter"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the panel vouched: %v", err)
		}
		if err := m.Vouch(ctx, cw, care.ID, 1, ""); problem.KindOf(err) != problem.Invalid {
			t.Errorf("no evidence named: %v", err)
		}
		must(t, m.Vouch(ctx, cw, care.ID, 1, "Letter of the council, 3 November 2026"))
		list, err := m.Panel(ctx, judge)
		if err != nil || len(list) != 1 || list[0].Doctor != "" || list[0].Statement == "" || list[0].Evidence == "" {
			t.Fatalf("the panel sees %+v, %v", list, err)
		}
		must(t, m.Vote(ctx, judge, care.ID, 2, true))
		if err := m.Vote(ctx, judge, care.ID, 3, true); problem.KindOf(err) != problem.Refused || len(granted()) != 0 {
			t.Errorf("one member voted twice: %v", err)
		}
		must(t, m.Vote(ctx, lead2, care.ID, 3, true))
		if g := granted(); len(g) != 1 || !slices.Equal(g[0].Regions, []string{"Y56"}) {
			t.Errorf("granted %+v", g)
		}
		must(t, m.Rank(ctx, call("d1"), allocation.WishList{Doctor: "d1", Wishes: []allocation.Wish{{Setting: "gp_practice"}}}))
		if got, left := m.spell("d1"); !slices.Equal(postsOf(got), m.refs[1:2]) || left[0].Code != allocation.LeftProtected {
			t.Errorf("posts %+v, left %+v", got, left)
		}
	})
}

func TestSafetyNeedsNoPaperAndThePanelIsToldNothing(t *testing.T) {
	m := openMarket(t, dbtest.SQLite(t))
	ctx := t.Context()
	cw, judge := staff("cw", "caseworker"), staff("as", "assessor")
	safety, err := m.AskProtected(ctx, call("d1"), "d1", allocation.Asking{Ground: allocation.GroundSafety, Miles: 20})
	must(t, err)
	if list, err := m.Panel(ctx, judge); err != nil || len(list) != 0 {
		t.Errorf("the panel sees %+v, %v", list, err)
	}
	hidden := cw
	hidden.Actor.Hidden = []string{"d1"}
	if list, err := m.Desk(ctx, hidden); err != nil || len(list) != 0 {
		t.Errorf("a caseworker the doctor hides from sees %+v", list)
	}
	if err := m.Vouch(ctx, hidden, safety.ID, 1, ""); problem.KindOf(err) != problem.NotFound {
		t.Errorf("and vouches: %v", err)
	}
	must(t, m.Vouch(ctx, cw, safety.ID, 1, ""))
	if n, err := m.SafetyAgreed(ctx, judge); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	must(t, m.WithdrawProtected(ctx, call("d1"), safety.ID, 2))
	if n, _ := m.SafetyAgreed(ctx, judge); n != 0 {
		t.Error("it stands although it was taken back")
	}
	if err := m.WithdrawProtected(ctx, call("d2"), safety.ID, 3); problem.KindOf(err) != problem.NotFound {
		t.Errorf("somebody else took it back: %v", err)
	}
}

func TestRankingPages(t *testing.T) {
	db := dbtest.SQLite(t)
	m := openMarket(t, db)
	server, err := web.New(web.Options{DB: db, Access: m.table, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return now },
		Actor: func(*http.Request) (access.Actor, bool, error) { return call("d1").Actor, true, nil }})
	must(t, err)
	must(t, server.Handle(allocation.NewPages(m.Service, allocation.PagesOptions{}).Routes()...))
	send := func(path string, form url.Values) (int, string) {
		method, body := "GET", ""
		if form != nil {
			method, body = "POST", form.Encode()
		}
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if strings.HasSuffix(path, "/order") {
			r.Header.Set("Accept", "application/json")
		}
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	lines := func() []string {
		code, body := send("/apply/wishes", nil)
		if code != 200 {
			t.Fatalf("%d %.300s", code, body)
		}
		var out []string
		for _, f := range regexp.MustCompile(`name="line" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
			out = append(out, f[1])
		}
		return out
	}
	if code, body := send("/apply/wishes/add?setting=gp_practice", nil); code != 200 || !strings.Contains(body, "2 open posts fit") || !strings.Contains(body, "in a straight line") {
		t.Errorf("choosing: %d %.900s", code, body)
	}
	for i, form := range []url.Values{{"post": {m.refs[0]}, "version": {"0"}}, {"setting": {"gp_practice"}, "version": {"1"}}, {"region": {"Y62"}, "version": {"2"}}} {
		if code, body := send("/apply/wishes/add", form); code != 303 {
			t.Fatalf("adding %d: %d %.500s", i, code, body)
		}
	}
	a, b, c := "post:"+m.refs[0], "kind:|gp_practice|", "kind:Y62||"
	for _, step := range []struct {
		path string
		form url.Values
		code int
		want []string
	}{
		{"/apply/wishes", url.Values{"line": {a, b, c}, "rank": {"3", "1", "2"}, "do": {"save"}, "version": {"3"}}, 303, []string{b, c, a}},
		{"/apply/wishes", url.Values{"line": {b, c, a}, "do": {"up:3"}, "version": {"4"}}, 303, []string{b, a, c}},
		{"/apply/wishes", url.Values{"line": {b, a, c}, "do": {"down:1"}, "version": {"5"}}, 303, []string{a, b, c}},
		{"/apply/wishes", url.Values{"line": {a, b, c}, "rank": {"first", "1", "2"}, "version": {"6"}}, 422, []string{a, b, c}},
		{"/apply/wishes", url.Values{"line": {a, b}, "do": {"up:2"}, "version": {"1"}}, 409, []string{a, b, c}},
		{"/apply/wishes/order", url.Values{"line": {c, b, a}, "rank": {"1", "2", "3"}, "version": {"6"}}, 200, []string{c, b, a}},
		{"/apply/wishes/order", url.Values{"line": {a, b, c}, "version": {"6"}}, 409, []string{c, b, a}},
		{"/apply/wishes/order", url.Values{"line": {a}, "version": {"7"}}, 409, []string{c, b, a}},
		{"/apply/wishes", url.Values{"line": {c, b, a}, "do": {"drop:2"}, "version": {"7"}}, 303, []string{c, a}},
	} {
		code, body := send(step.path, step.form)
		if got := lines(); code != step.code || !slices.Equal(got, step.want) {
			t.Errorf("%s %v: %d, list %v, want %v\n%.400s", step.path, step.form, code, got, step.want, body)
		}
	}
	if _, body := send("/apply/wishes", nil); strings.Contains(body, "Left out") {
		t.Error("a line is left out without a limit")
	}
	must(t, m.Prefer(t.Context(), call("d1"), allocation.Preference{Doctor: "d1", Travel: 2}))
	if _, body := send("/apply/wishes", nil); !strings.Contains(body, "Left out: you said at most 2 miles.") {
		t.Error("a line beyond the limit does not say that it is left out")
	}
	if code, body := send("/apply/wishes/refuse", url.Values{"region": {"Y62"}, "version": {"8"}}); code != 422 || !strings.Contains(body, "Choose why") {
		t.Errorf("no class: %d", code)
	}
	if code, _ := send("/apply/wishes/refuse", url.Values{"region": {"Y62"}, "class": {"family"}, "version": {"8"}}); code != 303 || !slices.Equal(lines()[:1], []string{a}) {
		t.Errorf("refusing a line of the list: %d %v", code, lines())
	}
	if code, body := send("/apply/wishes", nil); code != 200 || !strings.Contains(body, "My family") || strings.Count(body, "<h1") != 1 {
		t.Errorf("%d", code)
	}
}
