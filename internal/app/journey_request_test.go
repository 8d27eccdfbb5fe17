package app

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/rulebook"
	"msw/internal/signin"
)

// notTold are addresses of the page's own parts and classes of its style.
var notTold = regexp.MustCompile(`/assets/[^"]*|/asked/[^"]*|class="[^"]*"|value="[^"]*"`)

var askedLink = regexp.MustCompile(`/asked/msw-[0-9a-f]{32}`)

// asking is a programme from nothing with one doctor who has applied.
func asking(t *testing.T, database string) (r *road, caseworker, assessor, second *visitor) {
	t.Helper()
	r = &road{site: serveSite(t, database, "2026-10-27", func(a *App) ([]signin.Persona, error) { return nil, a.EnsureProgramme(t.Context()) }), t: t}
	call := operator("msw", r.Now())
	charity, err := r.Organisations.Create(t.Context(), call, organisation.NewOrganisation{Kind: organisation.Charity, Name: "Testshire Refugee Help"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct {
		email string
		role  access.Role
		org   string
	}{{"joan@charity.example", organisation.RoleReferrer, charity.ID}, {"ruth@example.org", organisation.RoleCaseworker, ""},
		{"tom@example.org", organisation.RoleAssessor, ""}, {"ada@example.org", organisation.RoleAssessor, ""}} {
		account, err := r.SignIn.Ensure(t.Context(), m.email)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Organisations.AddMember(t.Context(), call, organisation.Member{Account: account, Organisation: m.org, Role: m.role, From: r.Now().Local()}); err != nil {
			t.Fatal(err)
		}
	}
	joan := r.signedIn("joan@charity.example")
	joan.open("/referrals/new")
	joan.send("/referrals/new", fill{"given": "Samira", "family": "Testwala", "email": doctorEmail, "ways": "email", "first": "email",
		"consent-scope": "progress", "agreed": "yes", "region": "Y56"}.day("consent-until", "2028-10-27"))
	r.takenOver()
	r.applied()
	return r, r.signedIn("ruth@example.org"), r.signedIn("tom@example.org"), r.signedIn("ada@example.org")
}

// outside lists the messages that went to anybody but the doctor and colleagues.
func (r *road) outside() (out []string) {
	r.t.Helper()
	if err := r.Worker.Drain(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	for _, m := range r.mailbox.Newest("msw", 500) {
		if m.To != doctorEmail && !strings.HasSuffix(m.To, "@example.org") && m.To != "joan@charity.example" {
			out = append(out, m.To+": "+m.Text)
		}
	}
	return out
}

// requested makes a request as the caseworker and gives the doctor's page of it.
func requested(v *visitor, ref string, in fill) string {
	v.open("/cases/" + ref + "/requests/new")
	v.send("/cases/"+ref+"/requests/new", in)
	return "/my-requests/" + strings.TrimPrefix(v.page.url.Path, "/requests/")
}

// qualificationFact is the fact a request can be made to prove.
func qualificationFact(v *visitor, ref string) string {
	v.open("/cases/" + ref + "/requests/new")
	return v.choice("fact", "Medical qualification")
}

// A doctor whose university was destroyed goes from the first proof to a
// decision, and nobody is asked.
func TestADestroyedUniversityIsProvedWithoutAskingAnybody(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r, ruth, tom, ada := asking(t, database)
		proves := qualificationFact(ruth, r.ref)
		own := requested(ruth, r.ref, fill{"kind": "qualification", "fact": proves, "name": "University of Testwick", "country": "SY"}.day("from", "2006-09-01").day("to", "2012-06-30"))
		staff := "/requests/" + strings.TrimPrefix(own, "/my-requests/")
		d := r.doctor
		d.open("/home")
		r.must(d, "say if somebody may be asked")
		d.open(own)
		d.attempt(own+"/permit", fill{})
		r.must(d, "Choose yes or no")
		d.open(own)
		d.send(own+"/permit", fill{"allowed": "no"})
		r.must(d, "It is not safe to ask here")
		if d.page.has("Why is it not safe") {
			t.Error("the doctor is asked for a reason")
		}
		d.send(own+"/instead", fill{"do": "cannot"})
		r.must(d, "The next way is open")
		d.attempt(own+"/instead", fill{"do": "give"})
		r.must(d, "Say what you send")
		d.open(own)
		d.send(own+"/instead", fill{"do": "give", "text": "The charity keeps a copy of my certificate."})
		r.must(d, "An assessor looks at it")

		tom.open(staff)
		tom.open("/assess/" + r.ref)
		tom.attempt("/assess/"+r.ref+"/proof", fill{"fact": proves, "state": "verified"})
		r.must(tom, "cannot have been checked there")
		tom.open("/cases/" + r.ref + "/facts/" + proves)
		tom.attempt("/cases/"+r.ref+"/facts/"+proves, fill{"state": "verified"})
		r.must(tom, "cannot have been checked there")
		tom.open("/cases/" + r.ref + "/facts/" + proves + "/change")
		tom.attempt("/cases/"+r.ref+"/facts/"+proves+"/change", fill{"registrable": "yes", "state": "verified"})
		r.must(tom, "cannot have been checked there")
		tom.open(staff)
		tom.send(staff+"/judge-instead", fill{"verdict": "not_enough", "note": "Only the first page."})
		for _, way := range []string{"unhcr", "photographs"} {
			d.open(own)
			if got := d.page.values("code"); !slices.Equal(got, []string{way}) {
				t.Fatalf("open now is %v, not %s", got, way)
			}
			d.send(own+"/instead", fill{"do": "cannot"})
		}
		d.send(own+"/instead", fill{"do": "give", "text": "My statutory declaration before a solicitor."})
		if d.page.has("Only the first page") {
			t.Error("the doctor reads the team's note")
		}
		tom.open(staff)
		tom.send(staff+"/judge-instead", fill{"verdict": "accepted"})
		r.must(tom, "A second person must look too")
		tom.attempt(staff+"/judge-instead", fill{"verdict": "accepted"})
		r.must(tom, "Somebody else must look")
		ada.open(staff)
		ada.send(staff+"/judge-instead", fill{"verdict": "accepted"})
		r.must(ada, "Verified")
		r.assessedBy(tom)
		if sent := r.outside(); len(sent) != 0 {
			t.Errorf("somebody was asked: %v", sent)
		}
		r.sealed()
	})
}

// assessedBy decides on the doctor's application.
func (r *road) assessedBy(a *visitor) {
	a.open("/assess/" + r.ref)
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
	a.send("/assess/"+r.ref, fill{"outcome": "eligible"})
	r.must(a, "Decided: eligible")
}

// A doctor who lets somebody be asked hands a link over; the page behind it
// tells nothing but a name and a time, on a phone, to nobody signed in.
func TestARefereeAnswersByALinkAndLearnsNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r, ruth, tom, _ := asking(t, database)
		own := requested(ruth, r.ref, fill{"kind": "reference"})
		d := r.doctor
		d.open(own)
		d.open(own + "/whom")
		d.send(own+"/whom", fill{"name": "Omar Example", "place": "Testwick Hospital", "country": "DE", "email": "omar@gmail.com"}.day("from", "2012-08-01").day("to", "2015-07-31"))
		d.send(own+"/permit", fill{"allowed": "yes"})
		d.send(own+"/ask", fill{"how": "link"})
		link := askedLink.FindString(d.page.text())
		if link == "" {
			t.Fatalf("no link on the doctor's page:\n%s", d.page.text())
		}
		referee := r.visitor(t, "the referee")
		referee.open(link)
		r.must(referee, "Samira Testwala")
		r.must(referee, "1 August 2012")
		html := strings.ToLower(notTold.ReplaceAllString(referee.page.body, ""))
		for _, secret := range []string{"refugee", "medical support", "msw", "nhs england", "london", doctorEmail, "07700", "testwick hospital", "university", "gmc", "eligib", "sign in", "programme", "demonstration", "registration"} {
			if strings.Contains(html, secret) {
				t.Errorf("the page behind the link tells %q", secret)
			}
		}
		if got := referee.page.header.Get("X-Robots-Tag"); !strings.Contains(got, "noindex") {
			t.Errorf("X-Robots-Tag: %q", got)
		}
		referee.attempt(link, fill{"says": "confirm", "text": "We worked together well.", "read": "no"})
		r.must(referee, "Write your name")
		if !strings.Contains(referee.page.body, "We worked together well.") {
			t.Error("what was typed is lost")
		}
		referee.send(link, fill{"says": "confirm", "text": "We worked together well.", "role": "Head of ward", "signed": "O Example", "read": "no"})
		r.must(referee, "Thank you")
		if p := referee.try(link); p.status != http.StatusNotFound {
			t.Errorf("a used link answers %d", p.status)
		}
		for _, dead := range []string{"/asked/msw-" + strings.Repeat("a", 32), "/asked/other-" + link[len("/asked/msw-"):], "/asked/x", "/asked/-"} {
			if p := referee.try(dead); p.status != http.StatusNotFound || strings.Contains(p.body, "Samira") {
				t.Errorf("%s answers %d", dead, p.status)
			}
		}
		d.open(own)
		if d.page.has("We worked together well") {
			t.Error("the doctor reads what was said in confidence")
		}
		staff := "/requests/" + strings.TrimPrefix(own, "/my-requests/")
		tom.open(staff)
		r.must(tom, "A free email address")
		r.must(tom, "We worked together well")
		tom.send(staff+"/judge", fill{"verdict": "accepted"})
		r.must(tom, "Verified")
		if sent := r.outside(); len(sent) != 0 {
			t.Errorf("msw wrote to somebody: %v", sent)
		}
	})
}

// A doctor who allowed contact goes through reference, verification by who
// issued the qualification, and decision. The assessor reads both answers beside
// the conditions, on one page, and judges them there; nobody but the two who
// were named is asked, and neither by msw.
func TestADoctorWhoAllowedContactIsDecided(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r, ruth, tom, _ := asking(t, database)
		d := r.doctor
		answered := func(in, whom, says fill) string {
			own := requested(ruth, r.ref, in)
			d.open(own)
			d.open(own + "/whom")
			d.send(own+"/whom", whom.day("from", "2006-09-01").day("to", "2012-06-30"))
			d.send(own+"/permit", fill{"allowed": "yes"})
			d.send(own+"/ask", fill{"how": "link"})
			link := askedLink.FindString(d.page.text())
			who := r.visitor(t, "who was asked")
			who.open(link)
			says["says"], says["signed"] = "confirm", "O Example"
			who.send(link, says)
			r.must(who, "Thank you")
			return strings.TrimPrefix(own, "/my-requests/")
		}
		reference := answered(fill{"kind": "reference"}, fill{"name": "Omar Example", "place": "Testwick Hospital", "country": "DE"}, fill{"role": "Head of ward", "read": "yes"})
		issuer := answered(fill{"kind": "qualification", "fact": qualificationFact(ruth, r.ref)}, fill{"name": "University of Testwick", "country": "JO"}, fill{"role": "Registrar"})

		assess := "/assess/" + r.ref
		for id, section := range map[string]string{reference: "experience", issuer: "qualification"} {
			beside := assess + "?beside=request%3A" + id + "#section-" + section
			tom.open(assess)
			if tom.page.has("O Example") {
				t.Error("an answer is shown that nobody chose")
			}
			if !slices.Contains(tom.page.links(), beside) {
				t.Fatalf("no link %s among %v", beside, tom.page.links())
			}
			tom.open(beside)
			r.must(tom, "Put it away")
			r.must(tom, "O Example")
			tom.attempt("/requests/"+id+"/judge", fill{})
			r.must(tom, "Choose if this is enough")
			tom.send("/requests/"+id+"/judge", fill{"verdict": "accepted"})
			if got := tom.page.url; got.Path != assess || got.Query().Get("beside") != "request:"+id {
				t.Errorf("the judgement comes back to %s", got)
			}
			r.must(tom, "Verified")
		}
		if p := tom.try(assess + "?beside=request:none"); p.has("Put it away") {
			t.Error("a request of nobody is shown")
		}
		c, err := r.Cases.ByRef(t.Context(), "msw", r.ref)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := r.Facts.For(t.Context(), "msw", c.Doctor)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(facts, func(f fact.Record) bool {
			return f.Kind == fact.Qualification && f.State == rulebook.Verified && f.Source == "request:"+issuer
		}) {
			t.Error("what the issuer confirmed is not verified by its request")
		}
		r.assessedBy(tom)
		if sent := r.outside(); len(sent) != 0 {
			t.Errorf("msw wrote to somebody: %v", sent)
		}
		r.sealed()
	})
}
