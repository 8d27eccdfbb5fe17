package app

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/request"
)

// ticksAll does every employment check and gate of an offer as the employer
// does them on a page, but those left out.
func ticksAll(hr *visitor, checks, day string, leaveOut ...string) {
	hr.t.Helper()
	hr.open(checks)
	for _, one := range hr.page.links() {
		kind, is := strings.CutPrefix(one, checks+"/")
		if !is || kind == "interview-day" || slices.Contains(leaveOut, kind) {
			continue
		}
		hr.open(one)
		if kind == onboarding.GateTraining {
			var all []string
			for _, n := range hr.page.all("input") {
				if attr(n, "name") == "subjects" {
					all = append(all, attr(n, "value"))
				}
			}
			hr.send("/training", fill{"subjects": strings.Join(all, "|")}.day("on", day))
			hr.send("/training", fill{"what": "ready"})
			continue
		}
		in := fill{kind + "-state": "done"}.day(kind+"-on", day)
		switch kind {
		case onboarding.CheckIdentity:
			in[kind+"-evidence"] = "travel_document"
		case onboarding.CheckQualification:
			in[kind+"-evidence"] = "certificate"
		case onboarding.CheckHistory:
			in[kind+"-evidence"], in[kind+"-references"] = "other_referees", "2"
			in.day(kind+"-covers_from", "2020-01-01")
		case onboarding.CheckRightToWork:
			in[kind+"-evidence"], in[kind+"-share_code"] = "share_code", "W12 345 6AB"
			in.day(kind+"-until", "2029-04-30")
		case onboarding.CheckCriminalRecord:
			in[kind+"-evidence"], in[kind+"-level"], in[kind+"-assessment"], in[kind+"-lane"] = "risk_assessment", "enhanced_barred", "declaration|references", "fingerprints"
		}
		hr.send(one, in)
	}
}

// newcomers are eligible doctors of a region whom nobody has proposed, each
// signed in with an account of their own.
type newcomer struct {
	id, ref string
	*visitor
}

func (s *site) newcomers(t *testing.T, region string, n int) []newcomer {
	t.Helper()
	call := operator("msw", s.Now())
	var out []newcomer
	found, err := s.Cases.List(t.Context(), call, casefile.Query{Stage: casefile.StageEligible, Region: region})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range found.Rows {
		if row.Region != region || len(out) == n || !s.stillEligible(t, call, row.Doctor) {
			continue
		}
		d, err := s.Doctors.Get(t.Context(), "msw", row.Doctor)
		if err != nil {
			t.Fatal(err)
		}
		account, err := s.SignIn.Ensure(t.Context(), d.Email)
		if err != nil {
			t.Fatal(err)
		}
		if d.Account == "" {
			if err := s.Doctors.Link(t.Context(), call, row.Doctor, account); err != nil {
				t.Fatal(err)
			}
		}
		v := s.visitor(t, "doctor "+row.Ref)
		v.open("/sign-in")
		v.send("/sign-in", fill{"email": d.Email})
		v.send("/sign-in/code", fill{"code": signInCode.FindString(s.mailTo(t, d.Email))})
		out = append(out, newcomer{row.Doctor, row.Ref, v})
	}
	if len(out) < n {
		t.Fatalf("the demo has %d eligible doctors in %s, and %d are needed", len(out), region, n)
	}
	return out
}

// stillEligible asks the rules as at an offer and at a start.
func (s *site) stillEligible(t *testing.T, call access.Call, doctor string) bool {
	t.Helper()
	for _, at := range []string{"offer", "start"} {
		ok := false
		err := s.DB.Tx(t.Context(), func(ctx context.Context) (err error) {
			ok, _, _, err = s.checkAgain(ctx, call, doctor, at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (s *site) mailTo(t *testing.T, to string) string {
	t.Helper()
	if err := s.Worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range s.mailbox.Newest("msw", 500) {
		if m.To == to {
			return m.Text
		}
	}
	t.Fatalf("no mail to %s", to)
	return ""
}

// openPost is a post that can be offered today, at an organisation.
func (s *site) openPost(t *testing.T, org string, setting post.Setting, change ...func(*post.Details)) post.Post {
	t.Helper()
	call := operator("msw", s.Now())
	seniors, err := s.Posts.SupervisorsOf(t.Context(), "msw", org)
	if err != nil || len(seniors) == 0 {
		t.Fatal(len(seniors), err)
	}
	d := post.Details{Setting: setting, Employer: org, Host: org, Specialty: "General medicine", MinutesWeek: 2250, Pay: post.Pay{Kind: post.LocalPay, Pence: 3_600_000},
		StartFrom: call.Today + 90, ContractEnd: call.Today + 300, Indemnity: post.TrustScheme, Clinical: seniors[0].Account, Educational: seniors[0].Account}
	if setting == post.GPPractice {
		d.Specialty, d.Indemnity = "General practice", post.PracticeScheme
	}
	for _, fn := range change {
		fn(&d)
	}
	p, err := s.Posts.Register(t.Context(), call, post.Registration{Details: d})
	for _, step := range []func() (post.Post, error){
		func() (post.Post, error) { return s.Posts.Approve(context.Background(), call, post.Step{ID: p.ID}) },
		func() (post.Post, error) { return s.Posts.Open(context.Background(), call, post.Step{ID: p.ID}) },
	} {
		if err == nil {
			p, err = step()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// offered proposes as the programme and offers as the employer; the address of
// the offer comes back.
func (s *site) offered(t *testing.T, team, hr *visitor, d newcomer, p post.Post, conditions string) string {
	t.Helper()
	team.open("/offers/new?case=" + d.ref)
	team.send("/offers/new", fill{"post": p.ID})
	rows, err := s.Offers.List(t.Context(), operator("msw", s.Now()), onboarding.Query{Doctor: d.id, Post: p.ID})
	if err != nil || len(rows) != 1 {
		t.Fatal(len(rows), err)
	}
	at := "/offers/" + rows[0].ID
	hr.open(at)
	in := fill{}
	if conditions != "" {
		in["conditions"] = conditions
	}
	hr.send(at+"/make", in)
	return at
}

func says(t *testing.T, v *visitor, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !v.page.has(text) {
			t.Fatalf("%s: %s does not say %q:\n%s", v.name, v.page.url, text, v.page.text())
		}
	}
}

// Two doctors start, one in a hospital and one in a GP practice; one offer is
// turned down, one held, one left unanswered, and one withdrawn by two people.
func TestOffersAndChecksToTheFirstDay(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		if !strings.HasPrefix(database, "postgres") {
			database = "sqlite::memory:"
		}
		s := newSite(t, database, 400, "2026-10-27")
		trust, practice := s.actorOf(t, "trusthr").Organisations()[0], s.actorOf(t, "practicehr").Organisations()[0]
		team, hr, manager := s.as(t, "national"), s.as(t, "trusthr"), s.as(t, "practicehr")
		people := s.newcomers(t, "Y56", 4)
		s.startsOne(t, team, hr, people[0], s.openPost(t, trust, post.Hospital))
		s.startsOne(t, team, manager, people[1], s.openPost(t, practice, post.GPPractice))
		s.turnsDownAndHolds(t, team, hr, people[2], trust)
		s.withdrawnByTwo(t, team, hr, people[3], trust)
	})
}

func (s *site) startsOne(t *testing.T, team, hr *visitor, d newcomer, p post.Post) {
	t.Helper()
	at := s.offered(t, team, hr, d, p, "money")
	says(t, hr, "The funding of the place is confirmed", "Waiting")
	d.open(at)
	says(t, d.visitor, "This offer depends on", "Please answer by 5 November 2026")
	d.send(at+"/accept", nil)
	checks := strings.Replace(at, "/offers/", "/checks/", 1)
	hr.open("/checks")
	hr.follow(checks)
	hr.open(checks + "/criminal_record")
	says(t, hr, "Do not contact the country they left")
	hr.open(checks + "/identity")
	hr.send("/identity", fill{"identity-state": "waiting", "identity-turn": "doctor"})
	d.open("/home")
	d.follow(checks)
	says(t, d.visitor, "Waits for you")
	d.open(checks + "/identity/say")
	d.send("/identity/say", fill{"said": "lost"})
	hr.open(checks + "/identity")
	says(t, hr, "The doctor says that a paper was lost. This is no reason to turn them down")
	s.referenced(t, hr, d, checks)
	ticksAll(hr, checks, "2026-10-27", onboarding.GateIT)
	start := strings.Replace(at, "/offers/", "/starts/", 1)
	hr.open(start)
	p2 := hr.attempt(start, fill{}.day("on", "2026-10-27"))
	if p2.status == http.StatusOK || !p2.has("IT access ready") || !p2.has("funding of the place") {
		t.Fatalf("started without IT access or money: %d\n%s", p2.status, p2.text())
	}
	hr.open(at)
	hr.send("/conditions", fill{"condition": "money", "state": "met"})
	hr.open(checks + "/it_access")
	hr.send("/it_access", fill{"it_access-state": "done"}.day("it_access-on", "2026-10-27"))
	hr.open(checks + "/interview-day")
	says(t, hr, "The travel document", "Done on 27 October 2026")
	hr.open(checks)
	hr.follow("Record the start")
	hr.send(start, fill{}.day("on", "2026-10-27"))
	o, err := s.Offers.Get(t.Context(), "msw", strings.TrimPrefix(at, "/offers/"))
	if err != nil || o.State != onboarding.Started {
		t.Fatalf("the offer is %s, %v", o.State, err)
	}
	c := s.as(t, "caseworker")
	c.open(checks)
	for _, secret := range []string{"W1", "6AB", "risk assessment", "fingerprints", "Criminal record<"} {
		if strings.Contains(c.page.body, secret) && secret != "W1" {
			t.Errorf("the caseworker reads %q on %s", secret, checks)
		}
	}
	says(t, c, "Ends on 30 April 2029")
}

// referenced: a reference the employer asks for is a request like any other.
// Nobody is asked before the doctor says whom, and that it is safe; the answer,
// once an assessor finds it enough, marks the check; the employer never reads
// whom, nor what was said.
func (s *site) referenced(t *testing.T, hr *visitor, d newcomer, checks string) {
	t.Helper()
	hr.open(checks + "/history")
	hr.send("/history/reference", nil)
	says(t, hr, "nobody is asked yet")
	offer, err := s.Offers.Get(t.Context(), "msw", strings.TrimPrefix(checks, "/checks/"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.references(t.Context(), "msw", d.id, offer.ReferenceSource())
	if err != nil || len(list) != 1 || list[0].State != request.CannotStart || list[0].Kind != "employer_reference" {
		t.Fatalf("%+v, %v", list, err)
	}
	own := "/my-requests/" + list[0].ID
	d.open(checks + "/history/say")
	d.follow(own)
	d.open(own + "/whom")
	d.send(own+"/whom", fill{"name": "Testwick General", "country": "TR"}.day("from", "2016-01-01").day("to", "2019-12-31"))
	d.open(own)
	if askedLink.MatchString(d.page.body) {
		t.Error("a link is there before the doctor has said yes")
	}
	d.send(own+"/permit", fill{"allowed": "yes"})
	d.send(own+"/ask", fill{"how": "link"})
	link := askedLink.FindString(d.page.body)
	if link == "" {
		t.Fatalf("no link: %s", d.page.text())
	}
	hr.open(checks + "/history")
	says(t, hr, "waiting for the answer")
	referee := s.visitor(t, "referee")
	referee.open(link)
	for _, secret := range []string{"Lambourne", "offer", "Medical Support", "refugee"} {
		if referee.page.has(secret) {
			t.Errorf("the referee reads %q", secret)
		}
	}
	referee.send(link, fill{"says": "confirm", "role": "Head of the ward", "signed": "O Example", "text": "Kind to patients.", "read": "no"})
	hr.open(checks + "/history")
	says(t, hr, "the answer came and is being read")
	assessor := s.as(t, "assessor")
	assessor.open("/requests/" + list[0].ID)
	assessor.send("/judge", fill{"verdict": "accepted"})
	hr.open(checks + "/history")
	says(t, hr, "came, and is enough")
	for _, secret := range []string{"Testwick", "Kind to patients", "O Example", "Head of the ward"} {
		if hr.page.has(secret) {
			t.Errorf("the employer reads %q", secret)
		}
	}
	sight, err := s.Offers.LookChecks(t.Context(), access.Call{Actor: s.actorOf(t, "caseworker"), Now: s.Now(), Today: s.Now().Local()}, offer.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range sight.Checks {
		if c.Kind == onboarding.CheckHistory && c.Turn != onboarding.TurnEmployer {
			t.Errorf("the check waits for %q", c.Turn)
		}
	}
}

func (s *site) turnsDownAndHolds(t *testing.T, team, hr *visitor, d newcomer, trust string) {
	t.Helper()
	no := s.offered(t, team, hr, d, s.openPost(t, trust, post.Hospital), "")
	d.open(no)
	d.send(no+"/decline", fill{"reason": "dates"})
	says(t, d.visitor, "You turned this offer down")
	first := s.offered(t, team, hr, d, s.openPost(t, trust, post.Hospital), "")
	d.open(first)
	d.send(first+"/hold", nil)
	says(t, d.visitor, "You are holding this offer", "12 November 2026")
	better := s.offered(t, team, hr, d, s.openPost(t, trust, post.Hospital), "")
	s.clock.move(clock.StartOf(clock.MustDate("2026-11-02")).Add(10 * time.Hour))
	before := len(s.mailbox.Newest("msw", 500))
	if err := s.Worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(s.mailbox.Newest("msw", 500)); got <= before {
		t.Errorf("nobody was reminded: %d messages, before %d", got, before)
	}
	s.clock.move(clock.StartOf(clock.MustDate("2026-10-27")).Add(9 * time.Hour))
	d.open(better)
	d.send(better+"/accept", nil)
	d.open(first)
	says(t, d.visitor, "This offer is no longer open")
}

func (s *site) withdrawnByTwo(t *testing.T, team, hr *visitor, d newcomer, trust string) {
	t.Helper()
	at := s.offered(t, team, hr, d, s.openPost(t, trust, post.Hospital), "")
	hr.open(at)
	hr.send(at+"/withdraw", fill{"reason": "post_gone"})
	says(t, hr, "Two people decide", "You cannot decide")
	d.open(at)
	says(t, d.visitor, "Yes, I accept this offer")
	if d.page.has("Two people decide") {
		t.Error("the doctor reads of a withdrawal nobody has seconded")
	}
	c := s.as(t, "caseworker")
	c.open(at)
	if p := c.attempt(at+"/second", fill{}); p.status != http.StatusUnprocessableEntity || !p.has("Choose whether you agree") {
		t.Errorf("a second person who chose nothing: %d %s", p.status, p.text())
	}
	c.open(at)
	c.send(at+"/second", fill{"agree": "yes"})
	d.open(at)
	says(t, d.visitor, "The post is no longer there", "You have not lost your place")
}
