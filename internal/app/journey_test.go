package app

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"msw/internal/clock"
)

var (
	invitationLink = regexp.MustCompile(`/invitation/[A-Za-z0-9_-]+`)
	caseLink       = regexp.MustCompile(`/cases/[A-Z0-9]+`)
	signInCode     = regexp.MustCompile(`\b\d{3} ?\d{3}\b`)
)

func TestARefugeeDoctorsWholeRoad(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		people := 200
		if !strings.HasPrefix(database, "postgres") {
			database, people = "sqlite::memory:", 2640 // enough for a month whose change may be published
		}
		r := &road{site: newSite(t, database, people, "2026-10-27"), t: t, full: people > 200}
		before, published := r.live(), r.published()
		r.referred()
		r.told("Received")
		r.takenOver()
		r.applied()
		r.told("Being checked")
		r.assessed()
		r.told("Being checked")
		r.posted()
		r.matched()
		r.told("Being checked")
		r.started()
		r.told("In post")
		r.registered()
		r.told("Registered")
		r.inDoctorPost()
		r.told("Registered")
		r.counted(before, published)
		r.sealed()
	})
}

// road is one doctor's way through the pages.
type road struct {
	*site
	t        *testing.T
	full     bool   // of full size
	referral string // address of the charity's page
	ref      string // of the case
	post     string // address of the post
	offer    string
	hr       *visitor
	doctor   *visitor
}

const doctorEmail = "samira.journey@doctor.example"

func (r *road) referred() {
	charity := r.as(r.t, "charity")
	charity.open("/referrals/new")
	charity.send("/referrals/new", fill{"given": "Samira", "family": "Testwala", "email": doctorEmail, "ways": "email", "first": "email", "consent-scope": "progress",
		"agreed": "yes", "region": "Y56"}.day("consent-until", "2028-10-27"))
	r.referral = charity.page.url.Path
}

// mail does the waiting work and gives the newest mail to an address.
func (r *road) mail(to string) string {
	r.t.Helper()
	if err := r.Worker.Drain(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	for _, m := range r.mailbox.Newest("msw", 500) {
		if m.To == to {
			return m.Text
		}
	}
	r.t.Fatalf("no mail to %s", to)
	return ""
}

func (r *road) takenOver() {
	link := invitationLink.FindString(r.mail(doctorEmail))
	d := r.visitor(r.t, "the doctor")
	r.doctor = d
	d.open(link)
	d.send(link, fill{"email": doctorEmail})
	d.send(link+"/code", fill{"code": signInCode.FindString(r.mail(doctorEmail))})
	r.must(d, "This record is yours now")
}

// must fails the test unless the present page says something.
func (r *road) must(v *visitor, said string) {
	r.t.Helper()
	if !v.page.has(said) {
		r.t.Fatalf("%s: %s does not say %q:\n%s", v.name, v.page.url, said, v.page.text())
	}
}

// section is one part of the application as the doctor fills it in.
type section struct {
	path string
	in   fill
}

func sections() []section {
	return []section{
		{"/apply/about-you", fill{"preferred": "Samira", "native": "سميرة", "finished": "yes"}.day("birth-date", "1988-04-02")},
		{"/apply/contact", fill{"mobile": "07700900123", "ways": "email", "voicemail": "no", "contact-language": "English", "languages": "Arabic, English", "interpreter": "no", "outcode": "E1", "finished": "yes"}},
		{"/apply/qualification", fill{"medical_qualification-institution": "University of Testwick", "medical_qualification-country": "SY", "medical_qualification-taught_in_english": "no", "finished": "yes"}.day("medical_qualification-on", "2012-06-30")},
		{"/apply/experience", fill{"experience-specialty_group": "medicine", "experience-hours": "40", "experience-postgraduate": "yes", "experience-internship": "no", "experience-country": "SY", "next": "add"}.
			day("experience-on", "2012-08-01").day("experience-until", "2015-07-31")},
		{"/apply/experience", fill{"experience-specialty_group": "surgery", "experience-hours": "40", "experience-postgraduate": "yes", "experience-internship": "no", "experience-country": "SY", "finished": "yes"}.
			day("experience-on", "2015-08-01").day("experience-until", "2017-07-31")},
		{"/apply/english", fill{"english_test-test": "IELTS", "english_test-outcome": "passed", "english_test-overall": "8", "english_test-listening": "8", "english_test-reading": "8", "english_test-writing": "7.5", "english_test-speaking": "8", "finished": "yes"}.
			day("english_test-on", "2026-03-14")},
		{"/apply/exams", fill{"exam-name": "PLAB2", "exam-outcome": "not_taken", "finished": "yes"}},
		{"/apply/right-to-work", fill{"right_to_work-category": "refugee", "right_to_work-may_work": "yes", "right_to_work-may_reside": "yes", "residence-in_uk": "yes", "finished": "yes"}.
			day("right_to_work-on", "2024-05-01").day("right_to_work-until", "2029-04-30")},
		{"/apply/preferences", fill{"regions": "Y56", "settings": "hospital|gp_practice", "travel": "20"}},
		{"/apply/declarations", fill{"declare": "true_and_complete|not_registered|checks"}},
	}
}

func (r *road) applied() {
	d := r.doctor
	for _, s := range sections() {
		d.open(s.path)
		d.send(s.path, s.in)
	}
	d.open("/apply")
	d.send("/apply", nil)
	d.open("/home")
	r.ref = caseLink.FindString(strings.Join(d.page.links(), " "))
	r.ref = strings.TrimPrefix(r.ref, "/cases/")
}

func (r *road) assessed() {
	a := r.as(r.t, "assessor")
	a.open("/home")
	a.follow("/assess/" + r.ref)
	for _, id := range a.page.values("fact") {
		a.send("/assess/"+r.ref+"/proof", fill{"fact": id, "state": "verified"})
	}
	for _, what := range a.page.values("what") {
		a.send("/assess/"+r.ref+"/checked", fill{"what": what})
	}
	a.open("/cases/" + r.ref)
	a.follow("Check Medical qualification")
	to := a.follow("Change what it says").url.Path
	a.send(to, fill{"registrable": "yes", "state": "verified"})
	a.open("/assess/" + r.ref)
	r.must(a, "The rules come to Eligible")
	a.send("/assess/"+r.ref, fill{"outcome": "eligible"})
	r.must(a, "Decided: eligible")
}

func (r *road) posted() {
	hr := r.as(r.t, "trusthr")
	hr.open("/home")
	hr.open("/posts")
	hr.follow("/offer-a-post")
	hr.follow("/posts/new")
	supervisor := hr.choice("clinical", "consultant")
	hr.send("/posts/new", fill{"setting": "hospital", "employer-value": hr.choice("employer-value", "Lambourne Vale"), "specialty": "general medicine", "hours": "37.5", "pay": "agenda_for_change", "point": "entry", "hcas": "inner",
		"indemnity": "trust_scheme", "phase": hr.choice("phase", "2026 to 2027"), "clinical": supervisor, "educational": supervisor}.
		day("start", "2026-10-28").day("contract_end", "2027-03-31").day("funded_until", "2027-03-31"))
	r.post = hr.page.url.Path
	lead := r.as(r.t, "region")
	lead.open(r.post)
	lead.send(r.post+"/approve", nil)
	hr.open(r.post)
	hr.send(r.post+"/open", nil)
	r.hr = hr
}

func (r *road) matched() {
	team := r.as(r.t, "national")
	team.open("/cases/" + r.ref)
	team.follow("/offers/new")
	id := strings.TrimPrefix(r.post, "/posts/")
	for !strings.Contains(team.page.body, id) { // the open posts fill several pages
		team.follow("after=")
	}
	team.send("/offers/new", fill{"post": id})
	r.hr.open("/home")
	r.offer = r.hr.follow("Decide on a proposed person").url.Path
	r.hr.send(r.offer+"/make", nil)
	r.doctor.open("/home")
	r.doctor.follow(r.offer)
	r.doctor.send(r.offer+"/accept", nil)
	checks := strings.Replace(r.offer, "/offers/", "/checks/", 1)
	ticksAll(r.hr, checks, "2026-10-27")
}

func (r *road) started() {
	r.on("2026-10-28")
	hr := r.as(r.t, "trusthr")
	hr.open("/home")
	start := strings.Replace(r.offer, "/offers/", "/starts/", 1)
	hr.follow("Record the start")
	hr.open(start)
	supervisor := hr.choice("clinical", "consultant")
	hr.send(start, fill{"clinical": supervisor, "educational": supervisor}.day("on", "2026-10-28"))
	r.must(hr, "Samira")
}

// on moves the clock to nine in the morning of a day.
func (r *road) on(day string) { r.clock.move(clock.StartOf(clock.MustDate(day)).Add(9 * time.Hour)) }

// signIn signs the doctor in with a code sent by e-mail.
func (r *road) signIn() {
	r.doctor = r.visitor(r.t, "the doctor")
	r.doctor.open("/sign-in")
	r.doctor.send("/sign-in", fill{"email": doctorEmail})
	r.doctor.send("/sign-in/code", fill{"code": signInCode.FindString(r.mail(doctorEmail))})
}

func (r *road) registered() {
	r.on("2026-10-29")
	r.signIn()
	d, at := r.doctor, "/registration/"+r.ref
	d.open("/cases/" + r.ref)
	d.follow(at)
	d.follow(at + "/step")
	for _, exam := range []string{"PLAB 1", "PLAB 2"} {
		d.open(at + "/step")
		d.send(at+"/step", fill{"name": d.choice("name", exam), "outcome": "passed", "attempt": "1"}.day("on", "2026-10-29"))
		r.must(d, exam)
	}
	r.on("2026-10-30")
	reading := func() fill {
		return fill{"number": "0123456", "kind": "full", "licence": "yes", "aps": "yes"}.day("registered", "2026-10-30")
	}
	first := r.as(r.t, "caseworker")
	first.open(at)
	first.follow(at + "/outcome")
	first.send(at+"/outcome", reading())
	first.open(at + "/confirm")
	r.must(first, "A colleague must do this")
	second := r.as(r.t, "assessor")
	second.open(at + "/confirm")
	if second.page.has("0123456") {
		r.t.Error("the second reader is shown what the first read")
	}
	second.send(at+"/confirm", reading())
	r.must(second, "0123456")
}

func (r *road) inDoctorPost() {
	r.on("2026-10-31")
	at := "/registration/" + r.ref
	c := r.as(r.t, "caseworker")
	c.open(at)
	c.follow(at + "/doctor-post")
	c.send(at+"/doctor-post", fill{"employer": "Eastwater University Hospitals NHS Foundation Trust", "title": c.choice("title", "Foundation")}.day("on", "2026-10-31"))
	r.must(c, "First doctor post recorded")
}

// told fails the test unless the charity reads one coarse answer and nothing
// more, and cannot open the doctor's pages.
func (r *road) told(answer string) {
	r.t.Helper()
	c := r.as(r.t, "charity")
	c.open(r.referral)
	r.must(c, "Where they are "+answer)
	for _, secret := range []string{"Lambourne", "PLAB", "0123456", "eligible", "Refugee status", "07700900123", "Foundation doctor"} {
		if c.page.has(secret) {
			r.t.Errorf("the charity reads %q:\n%s", secret, c.page.text())
		}
	}
	if r.ref == "" {
		return
	}
	for _, path := range []string{"/cases/", "/assess/", "/registration/"} {
		if p := c.try(path + r.ref); p.status != http.StatusNotFound {
			r.t.Errorf("the charity opens %s: %d", p.url, p.status)
		}
	}
}

var stat = regexp.MustCompile(`(Started|In post|Doctor posts|Registered) ([0-9,]+) People`)

// live gives the staff's exact figures of today.
func (r *road) live() map[string]int {
	r.t.Helper()
	n := r.as(r.t, "national")
	n.open("/figures")
	out := map[string]int{}
	for _, m := range stat.FindAllStringSubmatch(n.page.text(), -1) {
		out[m[1]], _ = strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
	}
	if len(out) != 4 {
		r.t.Fatalf("figures %v of %s", out, n.page.text())
	}
	return out
}

// publication is what the public reads.
type publication struct {
	AsAt        string `json:"as_at"`
	Started     *int   `json:"started"`
	DoctorPosts *int   `json:"doctor_posts"`
	Registered  *int   `json:"registered"`
	Suppressed  []string
}

func (r *road) published() publication {
	r.t.Helper()
	var p publication
	if err := json.Unmarshal([]byte(r.visitor(r.t, "the public").open("/tracker.json").body), &p); err != nil {
		r.t.Fatal(err)
	}
	return p
}

// counted checks that the road moved the staff's figures by one, and the
// public ones at the next publication and not before.
func (r *road) counted(before map[string]int, published publication) {
	r.t.Helper()
	after := r.live()
	for name, by := range map[string]int{"Started": 1, "Doctor posts": 1, "Registered": 1, "In post": 0} {
		if after[name] != before[name]+by {
			r.t.Errorf("%s went from %d to %d, want %d more", name, before[name], after[name], by)
		}
	}
	if now := r.published(); !reflect.DeepEqual(now, published) {
		r.t.Errorf("the public figures changed without a publication: %+v, %+v", published, now)
	}
	r.on("2026-11-01")
	r.Worker.RunPeriodic(r.t.Context())
	now := r.published()
	if now.AsAt != "2026-10-31" {
		r.t.Fatalf("the latest publication is of %s", now.AsAt)
	}
	for _, m := range []struct {
		key, title string
		value      *int
	}{{"started", "Started", now.Started}, {"doctor_posts", "Doctor posts", now.DoctorPosts}} {
		switch {
		case m.value != nil && *m.value != after[m.title]:
			r.t.Errorf("the public reads %s %d, the records say %d", m.key, *m.value, after[m.title])
		case m.value == nil && !slices.Contains(now.Suppressed, m.key):
			r.t.Errorf("%s is neither given nor named as suppressed", m.key)
		case m.value == nil && r.full: // in a small programme a change of 1 to 4 is not shown, and rightly
			r.t.Errorf("%s is suppressed in a programme of full size: %+v", m.key, now)
		}
	}
}

func (r *road) sealed() {
	r.t.Helper()
	report, err := r.Audit.Verify(r.t.Context(), "msw")
	if err != nil || !report.OK() {
		r.t.Errorf("the audit does not hold: %+v, %v", report, err)
	}
}
