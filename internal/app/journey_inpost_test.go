package app

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/programme"
)

// inPostRoad is one doctor's time in a post, from the first day to the first post
// as a registered doctor.
type inPostRoad struct {
	*road
	d         newcomer
	hr        string // who one can be at the employer
	host      string
	lead      string // mail of the shift lead
	number    string // on the register
	at        string // address of the placement
	placement placement.Placement
	passport  []byte
	keys      []byte
}

// TestATimeInPost goes it for a hospital and for a GP practice.
func TestATimeInPost(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newSite(t, database, 400, "2026-10-27")
		people := s.newcomers(t, "Y56", 2)
		for i, place := range []struct {
			hr      string
			setting post.Setting
		}{{"trusthr", post.Hospital}, {"practicehr", post.GPPractice}} {
			r := &inPostRoad{road: &road{site: s, t: t, ref: people[i].ref}, d: people[i], hr: place.hr, host: s.actorOf(t, place.hr).Organisations()[0],
				lead: "lead." + place.hr + "@nhs.net", number: []string{"0123456", "0123457"}[i]}
			r.on("2026-10-27")
			r.startsIn(place.setting)
			r.inducted()
			r.signedOff()
			r.cardRead()
			r.becomesRegistered()
			r.handsOver()
			r.isDoctor()
			r.getsCertificate()
			r.accessCloses()
			r.verifiedOutside()
		}
		if report, err := s.Audit.Verify(t.Context(), "msw"); err != nil || !report.OK() {
			t.Errorf("the audit does not hold: %+v, %v", report, err)
		}
	})
}

// me signs the doctor in on the present day.
func (r *inPostRoad) me() *visitor {
	r.t.Helper()
	d, err := r.Doctors.Get(r.t.Context(), "msw", r.d.id)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.signedIn(d.Email)
}

func (r *inPostRoad) startsIn(setting post.Setting) {
	hr, me := r.as(r.t, r.hr), r.me()
	offer := r.offered(r.t, r.as(r.t, "national"), hr, r.d, r.openPost(r.t, r.host, setting), "")
	me.open(offer)
	me.send(offer+"/accept", nil)
	ticksAll(hr, strings.Replace(offer, "/offers/", "/checks/", 1), "2026-10-27")
	start := strings.Replace(offer, "/offers/", "/starts/", 1)
	hr.open(start)
	hr.send(start, fill{}.day("on", "2026-10-27"))
	list, err := r.Placements.Of(r.t.Context(), programme.National, r.d.id)
	if err != nil || len(list) != 1 || list[0].Clinical == "" {
		r.t.Fatal(list, err)
	}
	r.placement, r.at = list[0], "/placements/"+list[0].ID
	levels := map[string]card.Level{}
	for _, task := range r.Placements.Tasks().Tasks {
		levels[task.ID] = task.Highest
	}
	if err := r.Placements.SetLevels(r.t.Context(), operator("msw", r.Now()), r.host, levels); err != nil {
		r.t.Fatal(err)
	}
}

// inducted: IT access before the first shift, on the first day.
func (r *inPostRoad) inducted() {
	hr := r.as(r.t, r.hr)
	hr.open(r.at + "/supervision")
	hr.send(r.at+"/induction", fill{"step": "it_access"}.day("on", "2026-10-27"))
	if p := r.me().open(r.at + "/supervision"); !p.has("Done on 27 October 2026") && !p.has("27 October 2026") {
		r.t.Errorf("the doctor does not read that a step was done: %s", p.text())
	}
}

// signedOff: an assessor without an account signs, and the host confirms who it was.
func (r *inPostRoad) signedOff() {
	r.on("2026-11-10")
	atWork := placement.SignOff{Doctor: r.d.id, Task: "observations", Level: card.Watch, On: clock.MustDate("2026-11-09"), Assessor: placement.Assessor{Account: r.placement.Clinical, Role: "consultant"}}
	if _, err := r.Placements.SignOff(r.t.Context(), operator("msw", r.Now()), atWork); err != nil {
		r.t.Fatal(err)
	}
	me, to := r.me(), "assessor."+r.hr+"@nhs.net"
	me.open("/portfolio/new?kind=dops")
	me.send("/portfolio/new", fill{"title": "Blood from a vein", "what": "Took blood twice.", "task": "venepuncture", "level": "2"}.day("on", "2026-11-09"))
	me.send("/ask", fill{"to": to, "name": "Kavita Rao"})
	v, link := r.visitor(r.t, "an assessor"), signLink.FindString(r.mail(to))
	v.open(link)
	v.send(link, fill{"name": "Kavita Rao", "role": "consultant", "gmc": "9000001", "saw": "yes", "level": "2"})
	r.must(v, "confirms who you are")
	hr := r.as(r.t, r.hr)
	hr.open("/assessors")
	form := regexp.MustCompile(`action="(/assessors/[0-9A-Z]{9})"`)
	for _, m := range form.FindAllStringSubmatch(hr.page.body, -1) {
		item, _, err := r.Portfolios.LookItem(r.t.Context(), asDoctor(r.site, r.d.id), strings.TrimPrefix(m[1], "/assessors/"))
		if err == nil && item.Doctor == r.d.id {
			hr.send(m[1], fill{"do": "known"})
			return
		}
	}
	r.t.Fatalf("nothing waits for the host: %s", hr.page.text())
}

// cardRead: a shift lead of the host reads the card by the code the doctor shows.
func (r *inPostRoad) cardRead() {
	account, err := r.SignIn.Ensure(r.t.Context(), r.lead)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.Organisations.AddMember(r.t.Context(), operator("msw", r.Now()), organisation.Member{Account: account, Role: organisation.RoleShiftLead, Organisation: r.host, From: r.Now().Local()}); err != nil {
		r.t.Fatal(err)
	}
	me := r.me()
	me.open(r.at + "/card")
	me.send(r.at+"/card/code", fill{})
	lead := r.signedIn(r.lead)
	lead.open("/card/" + me.page.url.Query().Get("code"))
	r.must(lead, "not registered with the GMC")
	r.must(lead, "Take blood")
	r.must(lead, "Not valid after 11 November 2026")
	if lead.page.has("Dr ") {
		r.t.Error("the card gives a title")
	}
}

// becomesRegistered: two people read the register, each for themselves.
func (r *inPostRoad) becomesRegistered() {
	r.on("2027-01-11")
	at, reading := "/registration/"+r.ref, fill{"number": r.number, "kind": "full", "licence": "yes", "aps": "yes"}.day("registered", "2027-01-11")
	first, second := r.as(r.t, "caseworker"), r.as(r.t, "assessor")
	first.open(at + "/outcome")
	first.send(at+"/outcome", reading)
	second.open(at + "/confirm")
	second.send(at+"/confirm", reading)
	r.must(second, r.number)
	c, err := r.Placements.CardOf(r.t.Context(), programme.National, r.d.id, r.Now().Add(24*hour))
	if err == nil && len(c.Allowed(r.Now().Add(24*hour))) > 0 {
		r.t.Error("the card still allows something the day after registration")
	}
}

// handsOver: the employer sets the end, everybody does their part, and what is
// late is asked for.
func (r *inPostRoad) handsOver() {
	hr, doctor := r.as(r.t, r.hr), r.me()
	doctor.open("/home")
	r.must(doctor, "Your post and what comes next")
	doctor.open(r.at + "/concern")
	doctor.send(r.at+"/concern", fill{"whom": "clinical", "text": "Nobody was on site last night."})
	hr.open(r.at + "/concerns")
	names, err := r.Doctors.Names(r.t.Context(), "msw", []string{r.d.id})
	if err != nil {
		r.t.Fatal(err)
	}
	r.must(hr, "Nobody was on site last night. By "+names[r.d.id].Shown())
	hr.open(r.at + "/end")
	hr.send(r.at+"/end", fill{"kind": "registered"}.day("on", "2027-01-12"))
	me := r.me()
	me.open(r.at + "/leaving")
	r.must(me, "take your portfolio with you")
	me.open("/portfolio/passport")
	me.send("/portfolio/passport", nil)
	me.open("/portfolio/passport")
	id := regexp.MustCompile(`name="passport" value="([0-9A-Z]{9})"`).FindStringSubmatch(me.page.body)
	show := claimOf.FindStringSubmatch(me.page.body)
	r.must(me, "Signed off at work: Take clinical observations, level 1 of ")
	if id == nil || show == nil {
		r.t.Fatalf("no passport: %s", me.page.text())
	}
	r.passport = []byte(me.try("/portfolio/passport/file?passport=" + id[1] + "&show=name&show=" + show[1]).body)
	r.keys = []byte(me.try("/.well-known/msw-passport-keys.json").body)
	if p := me.try("/portfolio/export/file?format=json"); !strings.Contains(p.body, "Blood from a vein") {
		r.t.Error("the export does not hold the sign-off")
	}
	r.on("2027-01-15")
	r.nightOfEnds()
	hr = r.as(r.t, r.hr)
	hr.open("/home")
	r.must(hr, "Finish what the end of a post asks")
	for _, step := range []string{"it_access", "leave_balance", "doctor_contract", "practice_setting", "keep", "handover"} {
		who := hr
		if step == "keep" {
			who = r.me()
		}
		who.open(r.at + "/leaving")
		who.read(who.client.PostForm(who.base+r.at+"/leaving", map[string][]string{"step": {step}, "done": {"yes"}, "key": {step + r.ref}}))
	}
}

// nightOfEnds does what the job does. The two roads share a clock that is set back
// between them, so that the job's own rhythm cannot be waited for.
func (r *inPostRoad) nightOfEnds() {
	if err := r.endDue(r.t.Context(), r.Now()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *inPostRoad) isDoctor() {
	at, c := "/registration/"+r.ref, r.as(r.t, "caseworker")
	c.open(at + "/doctor-post")
	c.send(at+"/doctor-post", fill{"employer": "Eastwater University Hospitals NHS Foundation Trust", "title": c.choice("title", "Foundation")}.day("on", "2027-01-13"))
	r.must(c, "First doctor post recorded")
}

func (r *inPostRoad) getsCertificate() {
	hr := r.as(r.t, r.hr)
	hr.open(r.at + "/certificate")
	hr.send(r.at+"/certificate", fill{"name": "Samira Testwala", "issued_by": "Pat Clerk", "issued_as": "HR manager"})
	number := strings.TrimPrefix(hr.page.url.Path, "/certificates/")
	if p := r.me().open("/certificates/" + number); !p.has("Samira Testwala") {
		r.t.Errorf("the doctor's certificate: %s", p.text())
	}
	p := r.visitor(r.t, "a later employer").open("/certificate-check?number=" + number)
	if !p.has("Genuine.") || p.has("Samira") {
		r.t.Errorf("the check from outside: %s", p.text())
	}
}

// accessCloses: host and supervisors lose the post, the doctor keeps what is theirs.
func (r *inPostRoad) accessCloses() {
	r.on("2027-05-20")
	r.nightOfEnds()
	if p := r.signedIn(r.lead).try(r.at + "/card"); p.status == 200 {
		r.t.Errorf("the shift lead still opens the card: %s", p.text())
	}
	me := r.me()
	for _, at := range []string{"/portfolio", "/portfolio/export", r.at + "/leaving"} {
		me.open(at)
	}
}

// verifiedOutside: somebody with the program, the file and the keys, and no network.
func (r *inPostRoad) verifiedOutside() {
	dir := r.t.TempDir()
	write := func(name string, text []byte) string {
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at, text, 0o600); err != nil {
			r.t.Fatal(err)
		}
		return at
	}
	file, keys := write("passport.json", r.passport), write("keys.json", r.keys)
	altered := write("altered.json", bytes.Replace(r.passport, []byte("~W"), []byte("~X"), 1))
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{file, "--keys", keys}, 0, "Valid."},
		{[]string{file}, 3, "NOT CONFIRMED"},
		{[]string{altered, "--keys", keys}, 1, "changed"},
	} {
		var out, errs bytes.Buffer
		code := Main("test", append([]string{"passport", "verify"}, c.args...), &out, &errs)
		if code != c.code || !strings.Contains(out.String()+errs.String(), c.says) {
			r.t.Errorf("msw passport verify %v: %d, want %d\n%s%s", c.args, code, c.code, out.String(), errs.String())
		}
	}
}

// asDoctor acts as the doctor of a case.
func asDoctor(s *site, id string) access.Call {
	call := operator(programme.National, s.Now())
	call.Actor = access.Actor{Account: "doctor", Tenant: programme.National, Doctor: id}
	return call
}
