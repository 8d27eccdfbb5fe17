package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/eligibility"
	"msw/internal/eligibility/assessment"
	"msw/internal/organisation"
	"msw/internal/programme"
)

// assessing is a site with one doctor whose application was sent.
type assessing struct {
	*road
	assessor *visitor
}

// applicant refers somebody, who takes over their record and applies.
func applicant(t *testing.T, database string) *assessing {
	t.Helper()
	r := &road{site: newSite(t, database, 60, "2026-10-27"), t: t}
	r.referred()
	r.takenOver()
	r.applied()
	return &assessing{r, r.as(t, "assessor")}
}

// colleague makes one more member of the team who can sign in.
func (s *site) colleague(t *testing.T, email string, role access.Role) string {
	t.Helper()
	account, err := s.SignIn.Ensure(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Organisations.AddMember(t.Context(), operator(programme.National, s.Now()), organisation.Member{Account: account, Role: role, From: s.Now().Local() - 10}); err != nil {
		t.Fatal(err)
	}
	return account
}

// by is a call of somebody with one role.
func (s *site) by(account string, role access.Role) access.Call {
	return access.Call{Actor: access.Actor{Account: account, Tenant: programme.National, Members: []access.Membership{{Role: role}}}, Now: s.Now(), Today: s.Now().Local()}
}

func (a *assessing) stage() casefile.Stage {
	a.t.Helper()
	c, err := a.Cases.ByRef(a.t.Context(), programme.National, a.ref)
	if err != nil {
		a.t.Fatal(err)
	}
	return c.Stage
}

func (a *assessing) page(path string) *visitor {
	a.t.Helper()
	a.assessor.open(path)
	return a.assessor
}

// refuse finds that the qualification is no medical one, which is wrong.
func (a *assessing) refuse() {
	to := "/assess/" + a.ref
	v := a.page(to)
	v.send(to+"/section", fill{"section": "qualification", "holds-qualification": "no", "codes-qualification": "QUAL_NOT_A_DOCTOR", "note-qualification": "Looks like a nursing degree."})
	a.must(v, "Does not hold")
	a.must(v, "The qualification that you sent is not a medical degree.")
	v.send(to, fill{"outcome": "not_eligible", "words": "We are sorry.", "step": "preview"})
	a.must(v, "The qualification that you sent is not a medical degree.")
	a.must(v, "until 24 November 2026")
	if a.stage() != casefile.StageAssessing {
		a.t.Fatal("a preview moved the case")
	}
	v.send(to, fill{"words": "We are sorry."})
	a.must(v, "Decided: not eligible")
}

// answers shows the questions, answers each on its own page and sends them.
func (a *assessing) askedAndAnswered() {
	to := "/assess/" + a.ref
	v := a.page(to + "/ask")
	v.send(to+"/ask", fill{"kind-1": "words", "question-1": "In which year did you begin to study?", "kind-2": "yes_no", "question-2": "Did you study medicine?", "kind-3": "date", "question-3": "When did you qualify?"})
	a.must(v, "the doctor has been told")
	mail := a.mail(doctorEmail)
	if strings.Contains(mail, "question") || strings.Contains(mail, "study") {
		a.t.Fatalf("the mail tells too much: %s", mail)
	}
	d := a.doctor
	d.open("/home")
	d.follow("/information")
	item := d.follow("In which year").url.Path
	d.send(item, fill{"answer": "In 2006."})
	d.follow("Did you study medicine?")
	if p := d.attempt(d.page.url.Path, nil); p.status != 422 || !p.has("Choose yes or no") {
		a.t.Fatalf("an empty answer: %d %s", p.status, p.text())
	}
	d.send(d.page.url.Path, fill{"answer": "yes"})
	if p := d.attempt("/information/send", nil); p.status != 422 || !p.has("When did you qualify?") {
		a.t.Fatalf("what is left is not named: %d %s", p.status, p.text())
	}
	d.send("/information/send", fill{"partly": "yes"})
	a.must(d, "Thank you")
	v.open(to)
	a.must(v, "In 2006.")
	a.must(v, "Further information came")
	for _, id := range v.page.values("item") {
		v.open(to)
		if p := v.attempt(to+"/item", fill{"item": id}); p.status != 422 || !p.has("Choose if this is enough") {
			a.t.Errorf("an answer judged without a choice: %d", p.status)
		}
		v.open(to)
		v.send(to+"/item", fill{"item": id, "enough-" + id: "yes"})
	}
	v.open(to)
	a.must(v, "Closed on")
}

func TestARefusedApplicantAppealsAndWins(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		a.askedAndAnswered()
		a.refuse()
		if a.stage() != casefile.StageClosed {
			t.Fatalf("stage %s after a no", a.stage())
		}
		d := a.doctor
		d.open("/decision")
		a.must(d, "not a medical degree")
		a.must(d, "What would change this")
		a.must(d, "set by this programme")
		a.clock.move(a.Now().Add(40 * 24 * hour)) // too late, with a reason
		a.again()
		d, a.assessor = a.doctor, a.as(t, "assessor")
		d.open("/decision/review")
		if p := d.attempt("/decision/review", fill{"text": "My degree is in medicine, see the transcript."}); p.status != 422 || !p.has("Tell us why you ask only now") || !p.has("see the transcript") {
			t.Fatalf("a late appeal without a reason: %d %s", p.status, p.text())
		}
		d.send("/decision/review", fill{"text": "My degree is in medicine, see the transcript.", "late": "I was ill."})
		a.must(d, "You asked for a review on")
		if a.stage() != casefile.StageAssessing {
			t.Fatalf("stage %s under review", a.stage())
		}
		a.reviewed()
		d.open("/decision")
		a.must(d, "Our earlier answer is changed. You can join the programme.")
		if d.page.has("not a medical degree") {
			t.Fatal("the letter of the review still has the old reason")
		}
		a.kept()
	})
}

// proved records that all there is was checked.
func (a *assessing) proved() {
	to := "/assess/" + a.ref
	v := a.page(to)
	for _, id := range v.page.values("fact") {
		v.open(to)
		v.send(to+"/proof", fill{"fact": id, "state": "verified"})
	}
	for _, what := range []string{"register", "plab2"} {
		v.open(to)
		if slices.Contains(v.page.values("what"), what) {
			v.send(to+"/checked", fill{"what": what})
		}
	}
	v.open("/cases/" + a.ref)
	v.follow("Check Medical qualification")
	edit := v.follow("Change what it says").url.Path
	v.send(edit, fill{"registrable": "yes", "state": "verified"})
}

// reviewed lets the decider fail and a second lead reverse the decision.
func (a *assessing) reviewed() {
	to := "/assess/" + a.ref
	a.proved()
	v := a.page(to + "/review")
	a.must(v, "Somebody else must review it")
	if _, err := a.Eligibility.DecideReview(a.t.Context(), a.by(a.accountOf("assessor"), organisation.RoleAssessor), eligibility.Reviewing{Ref: a.ref, Changed: true, Outcome: eligibility.Eligible, Words: "It is a medical degree."}); err == nil || !strings.Contains(err.Error(), "took part") {
		a.t.Fatalf("whoever decided may review: %v", err)
	}
	lead := a.as(a.t, "national")
	lead.open(to + "/review")
	a.must(lead, "I was ill.")
	lead.send(to+"/review", fill{"result": "eligible", "words": "The transcript shows that it is a medical degree."})
	a.must(lead, "Review decided: eligible")
}

func (s *site) accountOf(persona string) string {
	for _, p := range s.personas {
		if p.ID == persona {
			return p.Account
		}
	}
	return ""
}

// kept tells that nothing was taken away: both decisions stand in the record,
// the second as the opposite of the first, and both milestones too.
func (a *assessing) kept() {
	c, err := a.Cases.ByRef(a.t.Context(), programme.National, a.ref)
	if err != nil {
		a.t.Fatal(err)
	}
	f, err := a.Eligibility.Open(a.t.Context(), operator(programme.National, a.Now()), a.ref)
	if err != nil {
		a.t.Fatal(err)
	}
	if len(f.Decisions) != 2 || f.Decisions[0].Reverses != f.Decisions[1].ID || f.Decisions[1].Outcome != eligibility.NotEligible || f.Reviews[0].State != eligibility.ReviewChanged {
		a.t.Fatalf("%d decisions, review %+v", len(f.Decisions), f.Reviews)
	}
	list, err := a.Cases.Milestones(a.t.Context(), programme.National, c.Doctor)
	if err != nil {
		a.t.Fatal(err)
	}
	var kinds []casefile.Kind
	for _, m := range list {
		kinds = append(kinds, m.Kind)
	}
	for _, k := range []casefile.Kind{casefile.FoundNotEligible, casefile.Reopened, casefile.FoundEligible} {
		if !slices.Contains(kinds, k) {
			a.t.Errorf("milestone %s is gone: %v", k, kinds)
		}
	}
	if c.Stage != casefile.StageEligible || f.Work.Step != "" {
		a.t.Errorf("stage %s, step %q", c.Stage, f.Work.Step)
	}
}

func TestTwoAssessorsDecideAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		a.colleague(t, "second.assessor@msw.example", organisation.RoleAssessor)
		to := "/assess/" + a.ref
		first := a.page(to)
		second := a.visitor(t, "second")
		second.client = a.assessor.client // the same person in another window would do as well: versions count, not people
		second.open(to)
		first.send(to, fill{"outcome": "not_yet", "words": "First was here, send your papers.", "step": "preview"})
		first.send(to, fill{"words": "First was here, send your papers."})
		a.must(first, "Decided: not yet")
		p := second.attempt(to, fill{"outcome": "not_eligible", "words": "Second thinks otherwise.", "note": "My own long note.", "step": "preview"})
		if p.status != 409 {
			t.Fatalf("the second got %d: %s", p.status, p.text())
		}
		for _, said := range []string{"Somebody else was first", "First was here, send your papers.", "Second thinks otherwise.", "Decided", "My own long note."} {
			if !p.has(said) {
				t.Errorf("the second does not read %q:\n%s", said, p.text())
			}
		}
		if a.stage() != casefile.StageNotYet {
			t.Errorf("stage %s", a.stage())
		}
	})
}

func TestJudgementNeedsTwoAndAThirdWhenTheyDisagree(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		to := "/assess/" + a.ref
		v := a.page(to)
		judge := v.follow("Judge it by other evidence").url.Path
		v.send(judge, fill{"state": "verified", "holds": "yes", "why": "Two sworn statements agree with the photos."})
		a.must(v, "A second person has to judge it")
		a.must(v, "Second person")
		v.open(to)
		if p := v.attempt(to, fill{"outcome": "not_yet", "step": "preview"}); p.status != 422 || !p.has("A second person has to judge evidence") {
			t.Fatalf("decided over an open judgement: %d", p.status)
		}
		v.open(judge)
		a.must(v, "Somebody else must say what they think")
		caseworker := a.as(t, "caseworker")
		caseworker.open(judge)
		caseworker.send(judge, fill{"holds": "no", "why": "The statements are word for word the same."})
		a.must(caseworker, "You disagree. A third person has to judge it.")
		third := a.colleague(t, "third.assessor@msw.example", organisation.RoleAssessor)
		fact := judge[strings.LastIndex(judge, "/")+1:]
		if _, err := a.Eligibility.Judge(t.Context(), a.by(third, organisation.RoleAssessor), eligibility.Judge{Ref: a.ref, Fact: fact, Holds: true, Why: "The course photos settle it for me."}); err != nil {
			t.Fatal(err)
		}
		f, err := a.Eligibility.Open(t.Context(), operator(programme.National, a.Now()), a.ref)
		if err != nil {
			t.Fatal(err)
		}
		if f.Judgements[0].State != eligibility.JudgementHolds || len(f.Judgements[0].Voices) != 3 {
			t.Fatalf("%+v", f.Judgements)
		}
		for _, rec := range f.Records {
			if rec.ID == fact && rec.State.String() != "verified" {
				t.Errorf("the fact is %s after two of three said it holds", rec.State)
			}
		}
	})
}

// What the right to work says stays coarse, and what only the GMC needs is no
// condition: the assessor's page shows neither papers nor such requests.
func TestTheAssessorSeesOnlyWhatJoiningNeeds(t *testing.T) {
	a := applicant(t, "sqlite::memory:")
	a.Eligibility.Papers = append(a.Eligibility.Papers, canaryPapers)
	v := a.page("/assess/" + a.ref)
	a.must(v, "Right to work, refugee, may do this work, until 30 April 2029")
	a.must(v, "Degree certificate canary")
	for _, never := range []string{"Biometric permit canary", "may reside", "fee help"} {
		if v.page.has(never) {
			t.Errorf("the page says %q", never)
		}
	}
	a.must(v, "Not needed to join")
	f, err := a.Eligibility.Open(t.Context(), operator(programme.National, a.Now()), a.ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range f.Result.Requirements {
		if slices.Contains(o.Needs, "registration_step") {
			t.Errorf("%s: joining rests on a step of the application to the GMC", o.ID)
		}
	}
}

func canaryPapers(context.Context, access.Call, string) ([]eligibility.Paper, error) {
	return []eligibility.Paper{{Section: assessment.RightToWork, ID: "1", Title: "Biometric permit canary", URL: "/x"}, {Section: assessment.Qualification, ID: "2", Title: "Degree certificate canary", URL: "/y"}}, nil
}

// again signs the doctor in anew, after a time in which sessions end.
func (r *road) again() {
	r.t.Helper()
	d := r.visitor(r.t, "the doctor again")
	d.open("/sign-in")
	d.send("/sign-in", fill{"email": doctorEmail})
	d.send("/sign-in/code", fill{"code": signInCode.FindString(r.mail(doctorEmail))})
	r.doctor = d
}

func TestQueueBoardsAndTheNight(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		v := a.page("/assessments?step=first")
		a.must(v, a.ref)
		a.must(v, "First look")
		to := "/assess/" + a.ref
		v.open(to)
		v.send(to+"/assign", fill{"assessor": a.accountOf("assessor")})
		v.open("/assessments?mine=yes")
		a.must(v, a.ref)
		night, err := a.Eligibility.Nightly(t.Context(), operator(programme.National, a.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if len(night.Faults) != 0 || night.Cases == 0 {
			t.Fatalf("%d cases, faults %+v", night.Cases, night.Faults)
		}
		for _, party := range []string{"person", "programme", "host"} {
			if _, n, found := night.Spread[party].Median(); !found || n == 0 {
				t.Errorf("no turns of %s were counted", party)
			}
		}
		v.open("/assessments/figures")
		a.must(v, "Tom Ashdown")
		a.must(v, "Median days")
		a.broken(v)
		hr := a.as(t, "trusthr")
		if p := hr.try("/assessments"); p.status == 200 {
			t.Error("an employer opens the assessors' queue")
		}
	})
}

// broken puts the queue and a case at odds, which the night finds and a button mends.
func (a *assessing) broken(v *visitor) {
	err := a.DB.Tx(a.t.Context(), func(ctx context.Context) error {
		_, err := a.DB.Q(ctx).Exec(ctx, `UPDATE eligibility_work SET assessing = $1, step = '', turn = '' WHERE tenant_id = $2 AND ref = $3`, false, programme.National, a.ref)
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := a.Eligibility.Nightly(a.t.Context(), operator(programme.National, a.Now())); err != nil {
		a.t.Fatal(err)
	}
	v.open("/assessments/faults")
	a.must(v, "it is in no queue")
	v.send("/assessments/faults/"+a.ref, fill{"kind": eligibility.FaultNotQueued})
	a.must(v, "All cases are in order")
	v.open("/assessments")
	a.must(v, a.ref)
}

func TestARefusedDoctorIsLookedAtAgainWhenTheRulesSayBetter(t *testing.T) {
	a := applicant(t, "sqlite::memory:")
	if _, err := a.Eligibility.Reevaluate(t.Context(), operator(programme.National, a.Now()), eligibility.AgainOptions{}); err != nil {
		t.Fatal(err)
	}
	a.refuse()
	if v := a.page("/assessments?step=again"); v.page.has(a.ref) {
		t.Error("looked at again although nothing changed")
	}
	a.proved()
	v := a.page("/assessments?step=again")
	a.must(v, a.ref)
	d := a.doctor
	d.open("/decision")
	d.send("/decision/return", nil)
	a.must(d, "What you told us before is still here")
	d.send("/apply", nil)
	if a.stage() != casefile.StageAssessing {
		t.Errorf("stage %s after coming back", a.stage())
	}
}
