package app

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/portfolio"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/sdjwt"
)

var (
	signLink = regexp.MustCompile(`/sign-off/[a-z0-9-]+\.[A-Z2-7]{26}`)
	readCode = regexp.MustCompile(`: ([0-9A-Z]{9})\.`)
	itemID   = regexp.MustCompile(`/portfolio/items/([0-9A-Z]{9})`)
)

// living is a doctor in post who keeps a portfolio, and who stands around them.
type living struct {
	*site
	t            *testing.T
	doctor, ref  string
	host         string
	me           *visitor
	employer     access.Call // who vouches for the host
	supervisor   access.Call
	stranger     access.Call // the same roles at another place
	signedOff    []portfolio.SignOff
	placementRef string
}

func living1(t *testing.T, database string) *living {
	r := &living{site: newSite(t, database, 200, demoDay), t: t}
	r.me = r.as(t, "doctor-hospital")
	r.doctor = r.actorOf(t, "doctor-hospital").Doctor
	c, err := r.Cases.Get(t.Context(), r.doctor, programme.National)
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Placements.Of(t.Context(), programme.National, r.doctor)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	r.ref, r.host, r.placementRef = c.Ref, list[0].Host, list[0].ID
	call := func(account string, m access.Membership) access.Call {
		k := operator(programme.National, r.Now())
		k.Actor = access.Actor{Account: account, Tenant: programme.National, Name: account, Members: []access.Membership{m}}
		return k
	}
	r.employer = call("hr", access.Membership{Role: "employer_hr", Organisation: r.host})
	r.supervisor = call(list[0].Clinical, access.Membership{Role: "supervisor", Organisation: r.host})
	r.stranger = call("elsewhere", access.Membership{Role: "supervisor", Organisation: "ZZZ"})
	r.stranger.Actor.Members = append(r.stranger.Actor.Members, access.Membership{Role: "employer_hr", Organisation: "ZZZ"})
	r.Portfolios.Tell(func(_ context.Context, _ access.Call, s portfolio.SignOff) error {
		r.signedOff = append(r.signedOff, s)
		return nil
	}, func(context.Context, string, string) ([]portfolio.Task, error) {
		return []portfolio.Task{{ID: "venepuncture", Title: "Take blood from a vein", Highest: 3}, {ID: "ecg_read", Title: "Read an ECG", Highest: 2}}, nil
	})
	return r
}

// mailTo does the waiting work and gives the newest message to an address.
func (r *living) mailTo(to string) string { return (&road{site: r.site, t: r.t}).mail(to) }

// dops adds something that was watched, and asks for a signature.
func (r *living) dops(title, to string) (id, said string) {
	r.t.Helper()
	r.me.open("/portfolio/new?kind=dops")
	r.me.send("/portfolio/new", fill{"title": title, "what": "Took blood twice, both at the first try.", "task": "venepuncture", "level": "3"}.day("on", "2026-10-28"))
	id = itemID.FindStringSubmatch(r.me.page.url.Path)[1]
	r.me.send("/ask", fill{"to": to, "name": "Kavita Rao"})
	return id, r.me.page.text()
}

func TestALivingPortfolio(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r := living1(t, database)
		r.drafted()
		id := r.signed()
		r.vouched(id)
		r.knownAssessor()
		r.byCode()
		r.fromOneselfIsFlagged()
		r.declined()
		r.carried()
	})
}

// drafted keeps what is half written, and says all that is wrong at once.
func (r *living) drafted() {
	r.me.open("/portfolio/new?kind=reflection")
	p := r.me.attempt("/portfolio/new", fill{"what": "Canary-reflection. Mrs Okafor, NHS number 943 476 5919, was afraid."})
	if p.status != http.StatusUnprocessableEntity || !p.has("Enter the day") || !p.has("Enter what it was") || !strings.Contains(p.body, "Canary-reflection") {
		r.t.Fatalf("wrong input: %d %s", p.status, p.text())
	}
	p = r.me.attempt("/portfolio/new", fill{"title": "A hard day"}.day("on", "2026-10-01"))
	if !p.has("An NHS number: 943 476 5919") || !p.has("A name: Okafor") {
		r.t.Fatalf("no warning: %s", p.text())
	}
	r.me.send("/portfolio/new", fill{"what": "Canary-reflection. A patient was afraid. I learnt to sit down first."}.day("on", "2026-10-01"))
	id := itemID.FindStringSubmatch(r.me.page.url.Path)[1]
	for who, call := range map[string]access.Call{"supervisor": r.supervisor, "employer": r.employer, "stranger": r.stranger, "operator": operator(programme.National, r.Now())} {
		if _, _, err := r.Portfolios.LookItem(r.t.Context(), call, id); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s reads a private reflection: %v", who, err)
		}
	}
	r.me.open("/portfolio/items/" + id)
	r.me.send("/share", nil)
	if item, _, err := r.Portfolios.LookItem(r.t.Context(), r.supervisor, id); err != nil || !strings.Contains(item.What, "Canary-reflection") {
		r.t.Errorf("a shared reflection: %v", err)
	}
	for who, call := range map[string]access.Call{"employer": r.employer, "stranger": r.stranger} {
		if _, _, err := r.Portfolios.LookItem(r.t.Context(), call, id); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s reads a reflection shared with supervisors: %v", who, err)
		}
	}
}

// signed has somebody without an account sign by a link, once.
func (r *living) signed() string {
	id, _ := r.dops("Blood from a vein in clinic", "kavita.rao@nhs.net")
	link := signLink.FindString(r.mailTo("kavita.rao@nhs.net"))
	v := r.visitor(r.t, "an assessor")
	p := v.open(link)
	if p.header.Get("X-Robots-Tag") == "" || !p.has("not registered with the GMC") || !p.has("Take blood from a vein") {
		r.t.Fatalf("the page of the link: %v %s", p.header, p.text())
	}
	p = v.attempt(link, fill{"name": "", "gmc": "12345"})
	for _, said := range []string{"Enter your full name", "Choose your role", "7 numbers", "Tick that you saw this"} {
		if !p.has(said) {
			r.t.Errorf("signing with nothing does not say %q: %s", said, p.text())
		}
	}
	v.send(link, fill{"name": "Kavita Rao", "role": "consultant", "gmc": "0123456", "saw": "yes", "level": "2", "well": "Explained every step."})
	if !v.page.has("level 2") || !v.page.has("confirms who you are") || !v.page.has("Next without evidence") {
		r.t.Errorf("after signing: %s", v.page.text())
	}
	other := r.visitor(r.t, "somebody with the same link")
	r.clock.move(r.Now().Add(2 * hour))
	r.me = r.as(r.t, "doctor-hospital") // the session has ended meanwhile
	if p := other.try(link); p.status == http.StatusOK || !p.has("has been used") || p.has("Blood from a vein") {
		r.t.Errorf("a used link: %d %s", p.status, p.text())
	}
	if p := other.try(otherKey(link)); p.status != http.StatusNotFound {
		r.t.Errorf("a guessed link: %d", p.status)
	}
	if len(r.signedOff) != 0 {
		r.t.Error("placement was told before the host vouched for the assessor")
	}
	return id
}

func (r *living) vouched(id string) {
	if err := r.Portfolios.Vouch(r.t.Context(), r.stranger, portfolio.Vouching{Item: id, Known: true}); problem.KindOf(err) != problem.NotFound {
		r.t.Errorf("another employer vouches: %v", err)
	}
	rows, err := r.Portfolios.Waiting(r.t.Context(), r.employer, portfolio.Query{Limit: 50})
	if err != nil || len(rows) == 0 || rows[len(rows)-1].Signature.GMC != "0123456" {
		r.t.Fatalf("%d wait, %v", len(rows), err)
	}
	if err := r.Portfolios.Vouch(r.t.Context(), r.employer, portfolio.Vouching{Item: id, Known: true}); err != nil {
		r.t.Fatal(err)
	}
	if len(r.signedOff) != 1 || r.signedOff[0].Level != 2 || r.signedOff[0].Task != "venepuncture" || r.signedOff[0].Placement != r.placementRef || r.signedOff[0].Recheck.String() != "2027-10-27" {
		r.t.Errorf("placement was told %+v", r.signedOff)
	}
	item, _, err := r.Portfolios.LookItem(r.t.Context(), r.employer, id)
	if err != nil || item.State != portfolio.Vouched || item.Signature.Well != "" {
		r.t.Errorf("the employer reads %+v (%v)", item.Signature, err)
	}
}

// knownAssessor signs at once: the link went to an address the host vouches for.
func (r *living) knownAssessor() {
	id, _ := r.dops("Blood from a child", "kavita.rao@nhs.net")
	link := signLink.FindString(r.mailTo("kavita.rao@nhs.net"))
	v := r.visitor(r.t, "the assessor again")
	if p := v.open(link); !strings.Contains(p.body, `value="0123456"`) {
		r.t.Error("the form is not filled in for an assessor the host knows")
	}
	v.send(link, fill{"saw": "yes"})
	if !v.page.has("may now do this at") {
		r.t.Errorf("after signing: %s", v.page.text())
	}
	item, _, err := r.Portfolios.LookItem(r.t.Context(), r.supervisor, id)
	if err != nil || item.State != portfolio.Vouched || len(r.signedOff) != 2 {
		r.t.Errorf("%s, told %d times (%v)", item.State, len(r.signedOff), err)
	}
	id, _ = r.dops("Blood, by an impostor", "kavita.rao@nhs.net")
	link = signLink.FindString(r.mailTo("kavita.rao@nhs.net"))
	v.open(link)
	v.send(link, fill{"saw": "yes", "gmc": "7654321"})
	if item, _, _ = r.Portfolios.LookItem(r.t.Context(), r.supervisor, id); item.State != portfolio.Signed {
		r.t.Errorf("another GMC number than the host knows: %s", item.State)
	}
}

// byCode has a code read out: it works once, and a wrong one says nothing.
func (r *living) byCode() {
	_, said := r.dops("Blood at the bedside", "")
	code := readCode.FindStringSubmatch(said)
	if code == nil {
		r.t.Fatalf("no code in %s", said)
	}
	v := r.visitor(r.t, "an assessor at the bedside")
	v.open("/sign-off")
	wrong := v.attempt("/sign-off", fill{"code": "000000000"})
	v.open("/sign-off")
	v.send("/sign-off", fill{"code": strings.ToLower(code[1])})
	v.send(v.page.url.Path, fill{"name": "Bo Lind", "role": "nurse", "gmc": "4567890", "saw": "yes", "level": "1"})
	if !v.page.has("confirms who you are") {
		r.t.Errorf("by code: %s", v.page.text())
	}
	v.open("/sign-off")
	again := v.attempt("/sign-off", fill{"code": code[1]})
	if !wrong.has("This code does not work") || !again.has("This code does not work") {
		r.t.Errorf("a wrong and a used code: %s\n%s", wrong.text(), again.text())
	}
}

// fromOneselfIsFlagged: neither the doctor's own address, session nor browser
// makes a signature count.
func (r *living) fromOneselfIsFlagged() {
	r.me.open("/portfolio/new?kind=cbd")
	r.me.send("/portfolio/new", fill{"title": "A talk", "what": "We talked."}.day("on", "2026-10-20"))
	id := itemID.FindStringSubmatch(r.me.page.url.Path)[1]
	own, err := r.SignIn.Email(r.t.Context(), r.actorOf(r.t, "doctor-hospital").Account)
	if err != nil {
		r.t.Fatal(err)
	}
	name, host, _ := strings.Cut(own, "@")
	for _, address := range []string{own, name + "+boss@" + strings.ToUpper(host)} {
		if p := r.me.attempt("/ask", fill{"to": address}); !p.has("not your own") {
			r.t.Errorf("asked at the doctor's own address %s: %s", address, p.text())
		}
	}
	r.me.open("/portfolio/items/" + id + "/ask")
	r.me.send("/ask", fill{"to": "friend@post.example"})
	link := signLink.FindString(r.mailTo("friend@post.example"))
	answer := fill{"name": "A Friend", "role": "gp", "gmc": "2345678", "saw": "yes"}
	r.me.open(link)
	if p := r.me.attempt(link, answer); p.status == http.StatusOK || !p.has("cannot sign your own work") {
		r.t.Errorf("the doctor signs: %d %s", p.status, p.text())
	}
	r.me.read(r.me.client.PostForm(r.me.base+"/sign-out", nil))
	r.me.open(link)
	r.me.send(link, answer)
	r.me = r.as(r.t, "doctor-hospital")
	item, _, err := r.Portfolios.LookItem(r.t.Context(), r.supervisor, id)
	flags := strings.Join(item.Signature.Flags, "; ")
	if err != nil || item.State != portfolio.Signed || !strings.Contains(flags, portfolio.FlagDevice) || !strings.Contains(flags, portfolio.FlagAddress) {
		r.t.Errorf("signed in the doctor's browser: %s, flags %q (%v)", item.State, flags, err)
	}
}

func (r *living) declined() {
	id, _ := r.dops("Blood I did not see", "sam.okoro@nhs.net")
	link := signLink.FindString(r.mailTo("sam.okoro@nhs.net"))
	v := r.visitor(r.t, "an assessor who saw nothing")
	v.open(link)
	p := v.read(v.client.PostForm(v.base+link, map[string][]string{"do": {"decline"}, "name": {"Sam Okoro"}, "role": {"registrar"}, "gmc": {"3456789"}, "reason": {"Canary-reason: I was on leave."}}))
	if !p.has("did not sign") {
		r.t.Errorf("declined: %s", p.text())
	}
	if p := r.me.open("/portfolio/items/" + id); !p.has("Canary-reason") {
		r.t.Error("the doctor does not read why")
	}
	if _, _, err := r.Portfolios.LookItem(r.t.Context(), r.supervisor, id); problem.KindOf(err) != problem.NotFound {
		r.t.Errorf("a supervisor reads what was not signed: %v", err)
	}
}

// carried is a passport from the making to the taking back, checked by somebody
// outside who asks nobody.
func (r *living) carried() {
	r.me.open("/portfolio/passport")
	r.me.send("/portfolio/passport", nil)
	code := regexp.MustCompile(`/passport/msw\.[A-Z2-7]{26}`).FindString(r.me.page.body)
	id := regexp.MustCompile(`name="passport" value="([0-9A-Z]{9})"`).FindStringSubmatch(r.me.page.body)
	signOff := regexp.MustCompile(`value="(sign_off_[0-9]+)"`).FindStringSubmatch(r.me.page.body)
	if code == "" || id == nil || signOff == nil {
		r.t.Fatalf("the passport page: %s", r.me.page.text())
	}
	file := r.me.try("/portfolio/passport/file?passport=" + id[1] + "&show=" + signOff[1]).body
	keys := r.me.try("/.well-known/msw-passport-keys.json").body
	known, err := sdjwt.ParseKeys([]byte(keys))
	if err != nil {
		r.t.Fatalf("published keys: %v in %s", err, keys)
	}
	v := portfolio.Check([]byte(file), &known, "", r.Now())
	if v.State != portfolio.Valid || !v.Confirmed || len(v.Claims) != 1 {
		r.t.Errorf("outside: %+v", v)
	}
	names, err := r.doctorNames(r.t.Context(), programme.National, []string{r.doctor})
	var f portfolio.File
	if err != nil || json.Unmarshal([]byte(file), &f) != nil || strings.Contains(file, names[r.doctor]) {
		r.t.Errorf("the file says what was not chosen: %v", err)
	}
	out := r.visitor(r.t, "somebody who scanned the code")
	if p := out.open(code); !p.has("This passport is valid") || strings.Contains(p.body, names[r.doctor]) || p.header.Get("X-Robots-Tag") == "" {
		r.t.Errorf("the page of the code: %s", p.text())
	}
	r.me.open("/portfolio/passport")
	r.me.send("/take-back", nil)
	back, unknown := tidy(out.open(code).body), tidy(out.open(otherKey(code)).body)
	if !strings.Contains(back, "taken back, or there never was one") || back != unknown {
		r.t.Error("a passport that was taken back and one that never was are answered differently")
	}
	list := r.me.try("/passport-keys/msw/revoked").body
	if v := portfolio.Check([]byte(file), &known, list, r.Now()); v.State != portfolio.Revoked {
		r.t.Errorf("after it was taken back: %+v", v)
	}
	id1, err := r.Portfolios.Rotate(r.t.Context(), operator(programme.National, r.Now()))
	if err != nil || strings.Contains(keys, id1) {
		r.t.Fatal(err)
	}
	if p := r.me.try("/.well-known/msw-passport-keys.json"); !strings.Contains(p.body, id1) || !strings.Contains(p.body, v.Key) {
		r.t.Error("after a new key, the old one can no longer check what it signed")
	}
	if _, err := r.Portfolios.Mine(r.t.Context(), r.supervisor); problem.KindOf(err) != problem.NotFound {
		r.t.Errorf("a supervisor reads the passport: %v", err)
	}
}
