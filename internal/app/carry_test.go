package app

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/portfolio"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/sdjwt"
)

// emptyStore is another msw: a store without anybody, with a key of its own.
func emptyStore(t *testing.T, at clock.Instant) *App {
	t.Helper()
	key := bytes.Repeat([]byte{7}, 32)
	a, err := New(t.Context(), Options{Config: Config{Database: "sqlite:" + t.TempDir() + "/other.db", Blobs: t.TempDir(), Address: "https://other.example"}, Key: key, Now: func() clock.Instant { return at }, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := a.EnsureProgramme(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// another is a doctor of the same programme.
func (r *living) another() string {
	for _, p := range r.personas {
		if strings.HasPrefix(p.ID, "doctor-") && p.ID != "doctor-hospital" && p.Tenant == programme.National {
			return p.ID
		}
	}
	r.t.Fatal("there is no other doctor")
	return ""
}

func (r *living) exported() (portfolio.Export, []byte) {
	r.t.Helper()
	e, err := r.Portfolios.Export(r.t.Context(), operator(programme.National, r.Now()), r.ref)
	if err != nil {
		r.t.Fatal(err)
	}
	text, err := e.Text()
	if err != nil {
		r.t.Fatal(err)
	}
	return e, text
}

func TestAPortfolioGoesToAnotherMSW(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r := living1(t, database)
		id := r.signed()
		r.vouched(id)
		r.me.open("/portfolio/new?kind=reflection")
		r.me.send("/portfolio/new", fill{"title": "A hard day", "what": "Canary-private. A patient was afraid."}.day("on", "2026-10-01"))
		r.me.open("/portfolio/passport")
		r.me.send("/portfolio/passport", nil)
		e, text := r.exported()
		r.mayExport()
		r.ownCopy(text)
		if len(e.Items) < 5 || len(e.Posts) == 0 || e.Passport == nil || !strings.Contains(string(text), "Canary-private") || strings.Contains(string(text), "kavita.rao@nhs.net") {
			t.Fatalf("%d items, %d posts, or an address of an assessor", len(e.Items), len(e.Posts))
		}
		if len(e.Feedback) == 0 || e.Feedback[0].Result == nil || len(e.Reports) == 0 || e.Reports[0].Signer == nil {
			t.Fatalf("%d rounds of feedback and %d signed reports are in the file", len(e.Feedback), len(e.Reports))
		}
		list, err := r.Portfolios.RevokedList(t.Context(), operator(programme.National, r.Now()), programme.National)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := r.Portfolios.PublicKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.unchecked(e, text)
		other := emptyStore(t, r.Now())
		call := operator(programme.National, r.Now())
		done, err := other.Portfolios.Import(t.Context(), call, portfolio.Importing{Text: text, Keys: &keys, Revoked: list})
		if err != nil || !done.Made || done.Proven == 0 || done.Added != len(e.Items) {
			t.Fatalf("%+v %v", done, err)
		}
		item := e.Items[slices.IndexFunc(e.Items, func(i portfolio.ExportItem) bool { return i.ID == id })]
		if got := stateOf(t, other, r.ref, item.ID); got != portfolio.Vouched {
			t.Errorf("what the passport proves came in as %s", got)
		}
		r.sameAgain(other, text, portfolio.Importing{Text: text, Keys: &keys, Revoked: list})
		r.backHome(text)
	})
}

// mayExport: nobody but the doctor and the operator of the computer.
func (r *living) mayExport() {
	for who, call := range map[string]access.Call{"supervisor": r.supervisor, "employer": r.employer, "stranger": r.stranger} {
		if _, err := r.Portfolios.Export(r.t.Context(), call, r.ref); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s takes a portfolio along: %v", who, err)
		}
		if _, err := r.Portfolios.Import(r.t.Context(), call, portfolio.Importing{Text: []byte("{}"), Ref: r.ref}); problem.KindOf(err) == problem.Refused || err == nil {
			r.t.Errorf("%s takes a portfolio in: %v", who, err)
		}
	}
}

// ownCopy is the same from the doctor's own page, and the page that prints.
func (r *living) ownCopy(text []byte) {
	r.me.open("/portfolio/export")
	if p := r.me.try("/portfolio/export/file?format=json"); p.body != string(text) || !strings.Contains(p.header.Get("Content-Disposition"), "attachment") {
		r.t.Errorf("the doctor's own file: %d", p.status)
	}
	page := r.me.try("/portfolio/export/file?format=html").body
	for _, said := range []string{"Canary-private", "not registered with the GMC", "Kavita Rao", "0123456", "Feedback from colleagues", "A strength: ", "Reports and references"} {
		if !strings.Contains(page, said) {
			r.t.Errorf("the page to print does not say %s", said)
		}
	}
	if strings.Contains(page, "Dr ") || strings.Contains(page, "<script") {
		r.t.Error("the page to print has a title or a script in it")
	}
	if p := r.as(r.t, r.another()).try("/portfolio/export/file?format=json"); strings.Contains(p.body, r.ref) {
		r.t.Error("another doctor gets this portfolio")
	}
	if p := r.visitor(r.t, guest).try("/portfolio/export/file"); p.status == http.StatusOK && strings.Contains(p.body, r.ref) {
		r.t.Error("a guest gets this portfolio")
	}
}

func stateOf(t *testing.T, a *App, ref, id string) portfolio.State {
	t.Helper()
	c, err := a.Cases.ByRef(t.Context(), programme.National, ref)
	if err != nil {
		t.Fatal(err)
	}
	call := operator(programme.National, a.Now())
	call.Actor = access.Actor{Account: "me", Tenant: programme.National, Doctor: c.Doctor}
	item, _, err := a.Portfolios.LookItem(t.Context(), call, id)
	if err != nil {
		t.Fatal(err)
	}
	return item.State
}

// unchecked: without a key that is known here nothing that was signed counts.
func (r *living) unchecked(e portfolio.Export, text []byte) {
	other := emptyStore(r.t, r.Now())
	call := operator(programme.National, r.Now())
	done, err := other.Portfolios.Import(r.t.Context(), call, portfolio.Importing{Text: text})
	if err != nil || done.Proven != 0 || done.Signed == 0 || !strings.Contains(done.Passport, "--keys") {
		r.t.Fatalf("%+v %v", done, err)
	}
	for _, i := range e.Items {
		if got := stateOf(r.t, other, r.ref, i.ID); got == portfolio.Vouched || got == portfolio.Signed {
			r.t.Errorf("item %s, which nobody could check, came in as %s", i.ID, got)
		}
	}
	r.sameAgain(other, text, portfolio.Importing{Text: text})
	var loose map[string]any
	if err := json.Unmarshal(text, &loose); err != nil {
		r.t.Fatal(err)
	}
	items := loose["items"].([]any)
	items[0].(map[string]any)["on"] = "2031-01-01"
	items[1].(map[string]any)["kind"] = "miracle"
	loose["stamp"] = "approved"
	bad, _ := json.Marshal(loose)
	_, err = emptyStore(r.t, r.Now()).Portfolios.Import(r.t.Context(), call, portfolio.Importing{Text: bad})
	if err == nil {
		r.t.Fatal("an altered file was taken in")
	}
	for _, fault := range []string{"stamp", "digest does not fit", "in the future", "miracle is not known"} {
		if !strings.Contains(err.Error(), fault) {
			r.t.Errorf("the refusal does not say %q: %v", fault, err)
		}
	}
	if _, err = other.Portfolios.Import(r.t.Context(), call, portfolio.Importing{Text: []byte(`{"resourceType":"Bundle"}`)}); err == nil {
		r.t.Error("a foreign file was taken in")
	}
}

// sameAgain: taken in twice changes nothing, and what goes out is what came in.
func (r *living) sameAgain(other *App, text []byte, cmd portfolio.Importing) {
	r.t.Helper()
	call := operator(programme.National, r.Now())
	done, err := other.Portfolios.Import(r.t.Context(), call, cmd)
	if err != nil || done.Added != 0 || done.Left != 0 || done.Made {
		r.t.Errorf("the second time: %+v %v", done, err)
	}
	e, err := other.Portfolios.Export(r.t.Context(), call, r.ref)
	if err != nil {
		r.t.Fatal(err)
	}
	again, err := e.Text()
	if err != nil || string(again) != string(text) {
		r.t.Errorf("out, in and out again is not the same (%v):\n%s", err, firstLine(string(text), string(again)))
	}
}

// backHome: the file changes nothing where it came from.
func (r *living) backHome(text []byte) {
	done, err := r.Portfolios.Import(r.t.Context(), operator(programme.National, r.Now()), portfolio.Importing{Text: text})
	if err != nil || done.Added != 0 || done.Left != 0 {
		r.t.Errorf("at home: %+v %v", done, err)
	}
	if _, again := r.exported(); string(again) != string(text) {
		r.t.Error("the portfolio changed by taking its own file in")
	}
	other := r.as(r.t, r.another()).open("/portfolio/export")
	if !other.has("Bring a file") {
		r.t.Error("there is no way to bring a file")
	}
	c, err := r.Cases.Get(r.t.Context(), r.actorOf(r.t, r.another()).Doctor, programme.National)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.Portfolios.Import(r.t.Context(), operator(programme.National, r.Now()), portfolio.Importing{Text: text, Ref: c.Ref}); err == nil || !strings.Contains(err.Error(), "another person") {
		r.t.Errorf("into somebody else's record: %v", err)
	}
}

func firstLine(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return "one is longer"
}

// TestAPassportForOneRecipient: access for one, in part, for a time; who looked
// is read by the doctor; an employer takes it in where it still stands.
func TestAPassportForOneRecipient(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r := living1(t, database)
		r.vouched(r.signed())
		r.me.open("/portfolio/passport")
		r.me.send("/portfolio/passport", nil)
		if p := r.me.open("/portfolio/passport/print"); !p.has("Signed off") || !p.has("valid, expired or revoked") {
			t.Errorf("the page to print: %s", p.text())
		}
		r.me.open("/portfolio/passport/access")
		if p := r.me.attempt("/portfolio/passport/access", fill{"to": "", "days": "900"}); !p.has("Enter who it is for") || !p.has("from 1 to 366") || !p.has("Choose what to show") {
			t.Errorf("wrong input: %s", p.text())
		}
		show := claimOf.FindStringSubmatch(r.me.page.body)
		names, _ := r.doctorNames(t.Context(), programme.National, []string{r.doctor})
		r.me.open("/portfolio/passport/access")
		r.me.send("/portfolio/passport/access", fill{"to": "Jo Bell, Riverside", "days": "14", "show": show[1]})
		link := shownLink.FindString(r.me.page.body)
		jo := r.visitor(t, "a recipient")
		if p := jo.open(link); p.has("Blood from a vein") || strings.Contains(p.body, names[r.doctor]) || p.header.Get("X-Robots-Tag") == "" {
			t.Errorf("before saying who: %s", p.text())
		}
		if p := jo.attempt(link, fill{"who": ""}); !p.has("Enter your name") {
			t.Errorf("nobody looks: %s", p.text())
		}
		jo.send(link, fill{"who": "Jo Bell, practice manager"})
		page := jo.page.url.Path
		if !jo.page.has("Blood from a vein") || strings.Contains(jo.page.body, names[r.doctor]) {
			t.Errorf("the recipient reads %s", jo.page.text())
		}
		if p := r.me.open("/portfolio/passport/access"); !p.has("Jo Bell, practice manager") {
			t.Errorf("the doctor does not read who looked: %s", p.text())
		}
		if p := jo.try(otherKey(page)); p.status != http.StatusNotFound {
			t.Errorf("another key: %d", p.status)
		}
		afterwards := r.taken(link)
		r.me.open("/portfolio/passport/access")
		r.me.send("/end", nil)
		for _, at := range []string{link, page, page + "/file"} {
			if p := jo.try(at); p.status != http.StatusNotFound {
				t.Errorf("%s works after it was taken back: %d", at, p.status)
			}
		}
		afterwards()
	})
}

// otherKey is a link or code with another last letter: keys are drawn and may end
// in any.
func otherKey(link string) string {
	if body, ends := strings.CutSuffix(link, "A"); ends {
		return body + "E"
	}
	return link[:len(link)-1] + "A"
}

var (
	claimOf   = regexp.MustCompile(`value="(sign_off_[0-9]+)"`)
	shownLink = regexp.MustCompile(`/passport/shown/msw\.[A-Z2-7]{26}`)
)

// taken: another employer checks a passport and reads what still stands.
func (r *living) taken(link string) (afterwards func()) {
	list, err := r.Portfolios.Mine(r.t.Context(), r.own())
	if err != nil || len(list) == 0 {
		r.t.Fatal(err)
	}
	token, err := sdjwt.Parse(list[0].Sealed.Token)
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, c := range token.Claims() {
		all = append(all, c.Name)
	}
	file := func(names []string) []byte {
		f, err := r.Portfolios.Carry(r.t.Context(), r.own(), list[0].ID, names)
		if err != nil {
			r.t.Fatal(err)
		}
		text, _ := json.Marshal(f)
		return text
	}
	take := func(call access.Call, cmd portfolio.Taking) error {
		cmd.Ref = r.ref
		return r.Portfolios.TakeIn(r.t.Context(), call, cmd)
	}
	whole := file(all)
	other := emptyStore(r.t, r.Now())
	if _, err := other.Portfolios.Rotate(r.t.Context(), operator(programme.National, r.Now())); err != nil {
		r.t.Fatal(err)
	}
	theirs, err := other.Portfolios.PublicKeys(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	foreign, _ := json.Marshal(theirs)
	for what, c := range map[string]struct {
		call access.Call
		cmd  portfolio.Taking
		says string
	}{
		"a stranger":          {r.stranger, portfolio.Taking{File: whole}, "not find"},
		"a supervisor":        {r.supervisor, portfolio.Taking{File: whole}, "not find"},
		"without a name":      {r.employer, portfolio.Taking{File: file(all[len(all)-1:])}, "whose it is"},
		"a link without name": {r.employer, portfolio.Taking{Link: link}, "whose it is"},
		"another's keys":      {r.employer, portfolio.Taking{File: whole, Keys: foreign}, "not signed with a key"},
		"a changed file":      {r.employer, portfolio.Taking{File: bytes.Replace(whole, []byte("~W"), []byte("~X"), 1)}, "changed"},
		"nothing":             {r.employer, portfolio.Taking{}, "Choose the file"},
	} {
		if err := take(c.call, c.cmd); err == nil || !strings.Contains(err.Error(), c.says) {
			r.t.Errorf("%s is taken in, or refused with: %v", what, err)
		}
	}
	if err := take(r.employer, portfolio.Taking{File: whole}); err != nil {
		r.t.Fatal(err)
	}
	v, err := r.Portfolios.LookTaken(r.t.Context(), r.employer, r.ref)
	if err != nil || !v.Any || len(v.Claims) != len(all) {
		r.t.Fatalf("%+v %v", v, err)
	}
	said := map[string]bool{}
	for _, c := range v.Claims {
		said[strings.SplitN(c.Fit.Text, ".", 2)[0]] = true
	}
	for _, c := range v.Claims {
		if !slices.Contains([]string{"as shown in the programme", "seen", "verified", "signed"}, c.Proof) {
			r.t.Errorf("%s says %q of how it was proved", c.What, c.Proof)
		}
	}
	for _, s := range []string{"Shows what was signed", "Whose passport it is"} {
		if !said[s] {
			r.t.Errorf("no claim says %q: %v", s, said)
		}
	}
	if p := r.me.open("/portfolio/passport/access"); !p.has("taken in and checked") {
		r.t.Errorf("the doctor does not read that it was taken in: %s", p.text())
	}
	return func() {
		if err := r.Portfolios.TakeBack(r.t.Context(), r.own()); err != nil {
			r.t.Fatal(err)
		}
		if err := take(r.employer, portfolio.Taking{File: whole}); err == nil || !strings.Contains(err.Error(), "taken back") {
			r.t.Errorf("after it was taken back: %v", err)
		}
	}
}

// own is the doctor themselves.
func (r *living) own() access.Call {
	call := operator(programme.National, r.Now())
	call.Actor = r.actorOf(r.t, "doctor-hospital")
	return call
}
