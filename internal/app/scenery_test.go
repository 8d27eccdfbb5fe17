package app

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"msw/internal/casefile"
	"msw/internal/doctor"
	"msw/internal/eligibility"
	"msw/internal/placement"
	"msw/internal/referral"
)

// scenery makes, through the pages, the records that the demo's history does
// not hold, so that the pages about them can be looked at, and gives where they
// lie by who goes there.
func scenery(t *testing.T, s *site) map[string][]string {
	r := &road{site: s, t: t}
	found := map[string][]string{}
	r.letters(found)
	r.files(found)
	r.messages(found)
	r.reading(found)
	r.afterwards(found)
	r.drafted(found)
	r.cards(found)
	r.ending(found)
	r.asked(found)
	r.evidence(found)
	r.appealed(found)
	r.carrying(found)
	return found
}

// cards are a code somebody was shown a moment ago, and the card it opens.
func (r *road) cards(found map[string][]string) {
	lead := r.as(r.t, "shiftlead")
	lead.open("/cards")
	at := cardLink.FindString(strings.Join(lead.page.links(), " "))
	lead.open(at)
	lead.send(at+"/code", fill{})
	code := lead.page.url.Query().Get("code")
	found["shiftlead"] = append(found["shiftlead"], at+"/code?code="+code)
	found[guest] = append(found[guest], "/card/"+code)
}

var cardLink = regexp.MustCompile(`/placements/\w+/card`)

// letters are the ways in that begin outside: a form, a mail.
func (r *road) letters(found map[string][]string) {
	v := r.visitor(r.t, guest)
	v.open("/refer-yourself")
	v.send("/refer-yourself", fill{"given": "Solomon", "family": "Teshome", "email": "solomon.scenery@doctor.example"})
	r.referred()
	link := invitationLink.FindString(r.mail(doctorEmail))
	v.open("/sign-in")
	v.send("/sign-in", fill{"email": "tom.ashdown@msw.example"})
	found[guest] = append(found[guest], "/refer-yourself/sent", link, link+"/code", "/sign-in/code")
}

// files is a charity's list of doctors between its preview and its result.
func (r *road) files(found map[string][]string) {
	charity := r.as(r.t, "charity")
	charity.open("/referrals/import")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	values, wrong := filled(charity.page.form("/referrals/import", nil), fill{"consent-scope": "progress", "agreed": "yes"}.day("consent-until", "2028-10-27"))
	if wrong != "" {
		r.t.Fatal(wrong)
	}
	for name, list := range values {
		for _, value := range list {
			_ = w.WriteField(name, value)
		}
	}
	part, _ := w.CreateFormFile("file", "october.csv")
	_, _ = part.Write([]byte("name,email\nHelen Scenery,helen.scenery@doctor.example\n,nobody@doctor.example\n"))
	_ = w.Close()
	q, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, charity.base+"/referrals/import", &body)
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", w.FormDataContentType())
	if p := charity.read(charity.client.Do(q)); p.status != http.StatusOK {
		r.t.Fatalf("%d at %s: %s", p.status, p.url, p.text())
	}
	found["charity"] = append(found["charity"], charity.page.url.Path)
}

// messages are a thread of the doctor in post, and a question about sharing.
func (r *road) messages(found map[string][]string) {
	d := r.as(r.t, "doctor-in-post")
	d.open("/home")
	at := caseLink.FindString(strings.Join(d.page.links(), " ")) + "/messages/new"
	d.open(at)
	d.send(at, fill{"readers": d.first("readers"), "subject": "Study time", "text": "Who agrees my study time on the ward?"})
	me := r.persona("doctor-in-post")
	call := operator("msw", r.Now())
	told, err := r.Referrals.Refer(r.t.Context(), call, referral.NewReferral{Referrer: r.charity(), Route: referral.RouteCharity, Doctor: me, On: call.Today, Person: doctor.NewDoctor{Given: "Known"},
		ConsentScope: []string{"progress"}, ConsentUntil: call.Today.AddDays(40)})
	if err != nil {
		r.t.Fatal(err)
	}
	charity := r.as(r.t, "charity")
	ask := "/referrals/" + told.Ref + "/renew"
	charity.open(ask)
	charity.send(ask, fill{"consent-scope": "progress", "agreed": "yes"}.day("consent-until", "2027-10-27"))
	d.open("/apply/contact")
	d.send("/apply/contact", fill{"note": "A long story that does not belong here."})
	c, err := r.Cases.Get(r.t.Context(), me, "msw")
	if err != nil {
		r.t.Fatal(err)
	}
	found["doctor-in-post"] = append(found["doctor-in-post"], "/decision", "/home", at)
	found["caseworker"] = append(found["caseworker"], "/cases/"+c.Ref, "/cases/"+c.Ref+"/seal-note")
}

// charity is the organisation of the charity worker one can be.
func (r *road) charity() string { return r.memberOf("charity") }

func (r *road) account(persona string) string {
	for _, p := range r.personas {
		if p.ID == persona {
			return p.Account
		}
	}
	r.t.Fatalf("nobody is %s", persona)
	return ""
}

// persona gives the doctor one can be.
func (r *road) persona(id string) string {
	r.t.Helper()
	d, err := r.Doctors.OfAccount(r.t.Context(), "msw", r.account(id))
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// first is the first choice of a field on the present page.
func (v *visitor) first(name string) string {
	v.t.Helper()
	for _, n := range v.page.all("input") {
		if attr(n, "name") == name {
			return attr(n, "value")
		}
	}
	v.t.Fatalf("no choice %s on %s", name, v.page.url)
	return ""
}

// reading is an entry in the register that waits for its second reader, and one
// that is confirmed, before the first doctor post.
func (r *road) reading(found map[string][]string) {
	rows, err := r.Placements.List(r.t.Context(), operator("msw", r.Now()), placement.Query{Which: placement.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	n := 0
	for _, row := range rows {
		c, err := r.Cases.Get(r.t.Context(), row.Doctor, "msw")
		if err != nil {
			r.t.Fatal(err)
		}
		if c.Stage != "in_post" {
			continue
		}
		at := "/registration/" + c.Ref
		in := fill{"number": []string{"0123456", "0123457"}[n], "kind": "full", "licence": "yes", "aps": "yes"}.day("registered", r.Now().Local().String())
		first := r.as(r.t, "caseworker")
		first.open(at + "/outcome")
		first.send(at+"/outcome", in)
		if n == 0 {
			found["assessor"] = append(found["assessor"], at+"/confirm", at+"/dispute")
			n++
			continue
		}
		second := r.as(r.t, "assessor")
		second.open(at + "/confirm")
		second.send(at+"/confirm", in)
		found["caseworker"] = append(found["caseworker"], at+"/doctor-post")
		return
	}
	r.t.Fatal("nobody is in post")
}

// afterwards is an end that nobody followed up.
func (r *road) afterwards(found map[string][]string) {
	lead := r.as(r.t, "national")
	rows, err := r.Placements.List(r.t.Context(), operator("msw", r.Now()), placement.Query{Which: placement.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	p := rows[len(rows)-1]
	at := "/placements/" + p.ID
	lead.open(at + "/end")
	lead.send(at+"/end", fill{"kind": "finished", "code-finished": "contract_ended_unfunded", "leaves": "no"}.day("on", r.Now().Local().String()))
	found["national"] = append(found["national"], at+"/follow-up")
}

// drafted is a news item that is not published, and a note typed by mistake.
func (r *road) drafted(found map[string][]string) {
	e := r.as(r.t, "editor")
	e.open("/newsroom/new?kind=news")
	e.send("/newsroom/new", fill{"title": "A draft", "summary": "A short summary.", "author": "Programme team", "category": e.choice("category", "Employers"), "body": "Words."})
	found["editor"] = append(found["editor"], e.page.url.Path, e.page.url.Path+"/change")
}

// ending is a certificate of service of the first trust's own, and what one of
// its doctors is asked at the end.
func (r *road) ending(found map[string][]string) {
	me := r.persona("doctor-hospital")
	list, err := r.Placements.Of(r.t.Context(), "msw", me)
	if err != nil || len(list) == 0 {
		r.t.Fatal(list, err)
	}
	at := "/placements/" + list[0].ID
	found["doctor-hospital"] = append(found["doctor-hospital"], at+"/exit")
	over, err := r.Placements.List(r.t.Context(), operator("msw", r.Now()), placement.Query{Which: placement.Over, Limit: 1})
	if err != nil || len(over) == 0 {
		r.t.Fatal(over, err)
	}
	at = "/placements/" + over[0].ID
	lead := r.as(r.t, "national")
	lead.open(at + "/leaving")
	for _, link := range lead.page.links() {
		if strings.HasPrefix(link, "/certificates/") {
			found["national"] = append(found["national"], link)
		}
	}
	found["national"] = append(found["national"], at+"/leaving")
	trust := r.as(r.t, "trusthr")
	over, err = r.Placements.List(r.t.Context(), operator("msw", r.Now()), placement.Query{Which: placement.Over, Limit: 500})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range over {
		if at := "/placements/" + p.ID + "/certificate"; p.Employer == r.memberOf("trusthr") && trust.try(at).status == http.StatusOK {
			found["trusthr"] = append(found["trusthr"], at)
			break
		}
	}
}

// memberOf is the organisation somebody one can be acts for.
func (r *road) memberOf(persona string) string {
	r.t.Helper()
	members, err := r.Organisations.MembersOf(r.t.Context(), r.account(persona), r.Now().Local())
	if err != nil {
		r.t.Fatal(err)
	}
	return members["msw"][0].Organisation
}

// asked is a link that a doctor handed over, which somebody opens.
func (r *road) asked(found map[string][]string) {
	d := r.as(r.t, "doctor-referees")
	d.open("/my-requests")
	for _, at := range d.page.links() {
		if !strings.HasPrefix(at, "/my-requests/") {
			continue
		}
		d.open(at)
		if link := askedLink.FindString(d.page.body); link != "" {
			found[guest] = append(found[guest], link)
			return
		}
	}
	r.t.Fatal("no request of the demo has a link to hand over")
}

// appealed are two answers somebody does not agree with: one doctor can ask for
// a review, and of another an assessor has to answer it.
func (r *road) appealed(found map[string][]string) {
	r.t.Helper()
	found["doctor-supported"] = append(found["doctor-supported"], "/decision/review")
	c := r.caseIn(casefile.StageNotYet, false)
	own := operator("msw", r.Now())
	own.Actor.Members, own.Actor.Doctor = nil, c.Doctor
	_, err := r.Eligibility.Appeal(r.t.Context(), own, eligibility.Appeal{Text: "My papers say otherwise.", Why: "I was ill."})
	r.fatal(err)
	found["assessor"] = append(found["assessor"], "/assess/"+c.Ref+"/review")
}

// carrying is what lies behind links and codes that a doctor gives away: a form to
// sign, and a passport as others see it.
func (r *road) carrying(found map[string][]string) {
	d := r.as(r.t, "doctor-hospital")
	d.open("/portfolio/new?kind=dops")
	d.send("/portfolio/new", fill{"title": "Blood at the bedside", "what": "Took blood once."}.day("on", r.Now().Local().AddDays(-1).String()))
	d.send("/ask", fill{"to": "scenery.assessor@nhs.net"})
	found[guest] = append(found[guest], "/sign-off", signLink.FindString(r.mail("scenery.assessor@nhs.net")))
	d.open("/portfolio/passport")
	d.send("/portfolio/passport", nil)
	d.open("/portfolio/passport")
	found[guest] = append(found[guest], regexp.MustCompile(`/passport/msw\.[A-Z2-7]{26}`).FindString(d.page.body))
	d.open("/portfolio/passport/access")
	show := regexp.MustCompile(`name="show"[^>]* value="([a-z_0-9]+)"`).FindStringSubmatch(d.page.body)
	if show == nil {
		r.t.Fatalf("nothing to show: %s", d.page.text())
	}
	d.send("/portfolio/passport/access", fill{"to": "Jo Bell, Riverside", "show": show[1]})
	link := shownLink.FindString(d.page.body)
	v := r.visitor(r.t, guest)
	v.open(link)
	v.send(link, fill{"who": "Jo Bell, practice manager"})
	found[guest] = append(found[guest], link, v.page.url.Path)
	found["doctor-hospital"] = append(found["doctor-hospital"], "/portfolio/passport/access", "/portfolio/passport/print", "/portfolio/export")
}
