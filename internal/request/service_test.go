package request

import (
	"errors"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/notify"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Nobody is asked before the doctor says yes to that person; then the doctor
// hands the link over, the answer comes once, and only a person's judgement
// makes the fact verified.
func TestAReferenceGoesFromYesToVerified(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		factID, err := w.facts.Record(w.ctx, w.operator(), fact.NewFact{Doctor: w.id, Kind: fact.Experience, On: clock.MustDate("2012-01-01"), Until: clock.MustDate("2014-06-30"),
			Fields: map[string]any{"specialty_group": "medicine", "months_full_time": 30, "postgraduate": true}})
		fatal(t, err)
		r, err := w.Make(w.ctx, w.caseworker(), Fresh{Doctor: w.id, Kind: "reference", Fact: factID, Whom: referee()})
		fatal(t, err)
		w.stands(r.ID, CannotStart, OwesDoctor, WhyNoYes)
		if w.tasks("doctor") != 1 {
			t.Error("the doctor has no task")
		}
		if _, err := w.HandOver(w.ctx, w.own(), r.ID, 0); problem.KindOf(err) != problem.Refused {
			t.Fatalf("a link without a yes: %v", err)
		}
		fatal(t, w.Permit(w.ctx, w.own(), r.ID, true))
		w.stands(r.ID, CannotStart, OwesDoctor, WhyNotAsked)
		_, err = w.HandOver(w.ctx, w.own(), r.ID, 0)
		fatal(t, err)
		r = w.stands(r.ID, Waiting, OwesOther, WhyAnswer)
		if r.Expires != clock.MustDate("2027-01-04") || w.tasks("doctor") != 0 {
			t.Errorf("expires %s", r.Expires)
		}
		w.drain()
		if sent := w.box.Newest(tenant, 500); len(sent) != 0 {
			t.Errorf("msw wrote to %d people; the link is handed over", len(sent))
		}
		link := w.link(r.ID)
		asked, err := w.Look(w.ctx, w.nobody(), link)
		fatal(t, err)
		if asked.Name != "Layla Haddad" || !asked.Choose {
			t.Errorf("asked: %+v", asked)
		}
		if _, err := w.Reply(w.ctx, w.nobody(), link, Answer{Says: SaysConfirm}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("an answer without a name: %v", err)
		}
		_, err = w.Reply(w.ctx, w.nobody(), link, Answer{Says: SaysConfirm, Role: "Head of ward", Signed: "S Nasser", Text: "A careful colleague."})
		fatal(t, err)
		if _, err := w.Look(w.ctx, w.nobody(), link); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a used link: %v", err)
		}
		r = w.stands(r.ID, Received, OwesAssessor, WhyJudge)
		if v, err := w.See(w.ctx, w.own(), r.ID); err != nil || strings.Contains(v.Reply.Text, "careful") {
			t.Errorf("the doctor reads a confidential reference: %+v %v", v.Reply, err)
		}
		if _, err := w.Judge(w.ctx, w.caseworker(), Judging{ID: r.ID, Verdict: Accepted}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a caseworker judges: %v", err)
		}
		r, err = w.Judge(w.ctx, w.assessor(), Judging{ID: r.ID, Version: r.Version, Verdict: Accepted})
		fatal(t, err)
		w.stands(r.ID, Verified, OwesNobody, WhyDone)
		facts, err := w.facts.For(w.ctx, tenant, w.id)
		fatal(t, err)
		if len(facts) != 1 || facts[0].State != rulebook.Verified || facts[0].Source != "request:"+r.ID || facts[0].ID != r.Fact {
			t.Errorf("facts: %+v", facts)
		}
		if w.tasks("assessor")+w.tasks("doctor")+w.tasks("caseworker") != 0 {
			t.Error("a task is left")
		}
	})
}

// A word said while a message waits in the outbox stops it, and the links die.
func TestAMarkMidWayStopsWhatIsOnItsWay(t *testing.T) {
	type mark struct {
		name string
		doctor.Subject
	}
	marks := []mark{
		{"the person", doctor.Subject{Party: doctor.PartyPerson, Name: "Samir Nasser", Country: "SY"}},
		{"by address", doctor.Subject{Party: doctor.PartyPerson, Email: "S.Nasser@hospital.example"}},
		{"the hospital", doctor.Subject{Party: doctor.PartyEmployer, Name: "Aleppo Teaching Hospital"}},
		{"other script", doctor.Subject{Party: doctor.PartyPerson, Name: "سمير ناصر"}},
		{"the country", doctor.Subject{Party: doctor.PartyCountry, Country: "SY"}},
	}
	inWorld(t, func(t *testing.T, w *world) {
		for _, m := range marks {
			name, subject := m.name, m.Subject
			for _, staff := range []bool{false, true} {
				r := w.make("reference", referee())
				fatal(t, w.Permit(w.ctx, w.own(), r.ID, true))
				_, err := w.Send(w.ctx, w.own(), r.ID, 0)
				fatal(t, err)
				link := w.link(r.ID)
				said := doctor.NewSaid{Doctor: w.id, Subject: subject}
				who := w.own()
				if staff {
					who, said.Reason = w.caseworker(), "Said on the phone."
				}
				fatal(t, w.doctors.Say(w.ctx, who, said))
				before := len(w.box.Newest(tenant, 500))
				w.drain()
				if got := len(w.box.Newest(tenant, 500)); got != before {
					t.Errorf("%s, staff %v: a message left after the mark", name, staff)
				}
				if _, err := w.Look(w.ctx, w.nobody(), link); problem.KindOf(err) != problem.NotFound {
					t.Errorf("%s: the link still works: %v", name, err)
				}
				if _, err := w.Reply(w.ctx, w.nobody(), link, Answer{Says: SaysConfirm, Role: "x", Signed: "y"}); problem.KindOf(err) != problem.NotFound {
					t.Errorf("%s: the link still takes an answer: %v", name, err)
				}
				w.stands(r.ID, CannotStart, OwesDoctor, WhyMustNot)
				if staff { // the doctor's yes does not take a caseworker's word back
					fatal(t, w.Permit(w.ctx, w.own(), r.ID, true))
					w.stands(r.ID, CannotStart, OwesDoctor, WhyMustNot)
				}
				if said.Party == doctor.PartyCountry { // nothing takes a forbidden country back in this test
					return
				}
				if who, said.Allowed = w.own(), true; staff {
					who = w.caseworker()
				}
				fatal(t, w.doctors.Say(w.ctx, who, said))
				_, err = w.Withdraw(w.ctx, w.caseworker(), r.ID, 0)
				fatal(t, err)
			}
		}
	})
}

// The guard stands at the one door: with it off, the test's message leaves.
func TestTheGuardStopsWhatNobodyAnswersFor(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.make("reference", referee())
		fatal(t, w.Permit(w.ctx, w.own(), r.ID, true))
		_, err := w.Send(w.ctx, w.own(), r.ID, 0)
		fatal(t, err)
		w.drain()
		if sent := w.box.Newest(tenant, 500); len(sent) != 1 || strings.Contains(sent[0].Text+sent[0].Subject, "Layla") || strings.Contains(strings.ToLower(sent[0].Text), "medical support") {
			t.Fatalf("sent: %+v", sent)
		}
		m := notify.Message{Tenant: tenant, ID: "x1", Channel: notify.Mail, To: "s.nasser@hospital.example", Subject: "a", Text: "b", Outside: "request:" + r.ID}
		for name, change := range map[string]func(m *notify.Message){
			"another address":   func(m *notify.Message) { m.To = "else@hospital.example" },
			"no such request":   func(m *notify.Message) { m.Outside = "request:ABCDEFGH" },
			"nobody answers":    func(m *notify.Message) { m.Outside = "offer:" + r.ID },
			"another programme": func(m *notify.Message) { m.Tenant = "other" },
		} {
			n := m
			n.ID = name
			change(&n)
			if err := w.once.Send(w.ctx, n); !errors.Is(err, notify.ErrStopped) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A word that is said while the message is already on its way to the door.
		fatal(t, w.doctors.Say(w.ctx, w.caseworker(), doctor.NewSaid{Doctor: w.id, Reason: "Said on the phone.", Subject: doctor.Subject{Party: doctor.PartyCountry, Country: "SY"}}))
		m.ID = "x2"
		if err := w.once.Send(w.ctx, m); !errors.Is(err, notify.ErrStopped) {
			t.Errorf("after a mark: %v", err)
		}
		w.once.SetGuard(nil)
		if err := w.once.Send(w.ctx, m); err == nil {
			t.Error("a message left without a guard")
		}
		if len(w.box.Newest(tenant, 500)) != 1 {
			t.Error("something left")
		}
	})
}

// sworn lets somebody who was there agree, and swear a statement; it gives the
// link by which they can take it back.
func (w *world) sworn(parent, name, charity string) (back string) {
	w.t.Helper()
	whom := Whom{Name: name, Place: "Aleppo Medical School", Country: "DE", From: clock.MustDate("2006-09-01"), To: clock.MustDate("2012-06-30")}
	r, err := w.Make(w.ctx, w.own(), Fresh{Doctor: w.id, Kind: kindStatement, Parent: parent, Whom: whom})
	fatal(w.t, err)
	fatal(w.t, w.Permit(w.ctx, w.own(), r.ID, true))
	_, err = w.HandOver(w.ctx, w.own(), r.ID, 0)
	fatal(w.t, err)
	link := w.link(r.ID)
	w.stands(r.ID, Waiting, OwesOther, WhyAgree)
	answer := Answer{Says: SaysConfirm, Role: "Studied in the same year", Signed: name, Charity: charity}
	if _, err := w.Reply(w.ctx, w.nobody(), link, answer); problem.KindOf(err) != problem.NotFound {
		w.t.Errorf("a statement of somebody who did not agree: %v", err)
	}
	fatal(w.t, w.Agree(w.ctx, w.nobody(), link))
	back, err = w.Reply(w.ctx, w.nobody(), link, answer)
	fatal(w.t, err)
	if got := w.stands(r.ID, Received, OwesAssessor, WhyJudge); got.Answer.Charity != charity {
		w.t.Errorf("signed through %q", got.Answer.Charity)
	}
	return back
}

// Statements of people who were there count when two or more have sworn one:
// each agrees first, may sign through a charity, and may take it back, also after
// it was accepted. Then what rested on it is open again.
func TestStatementsOfTwoOrMoreWhoMayTakeThemBack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		factID, err := w.facts.Record(w.ctx, w.operator(), fact.NewFact{Doctor: w.id, Kind: fact.Experience, On: clock.MustDate("2012-01-01"), Until: clock.MustDate("2014-06-30"),
			Fields: map[string]any{"specialty_group": "medicine", "months_full_time": 30, "postgraduate": true}})
		fatal(t, err)
		r, err := w.Make(w.ctx, w.caseworker(), Fresh{Doctor: w.id, Kind: "reference", Fact: factID, Whom: referee()})
		fatal(t, err)
		fatal(t, w.Permit(w.ctx, w.own(), r.ID, false))
		give := func(papers ...string) error {
			_, err := w.GiveInstead(w.ctx, w.own(), Instead{ID: r.ID, Code: "contemporaries", Text: "They were there.", Documents: papers})
			return err
		}
		if err := give(); problem.KindOf(err) != problem.Refused {
			t.Errorf("no statement: %v", err)
		}
		w.sworn(r.ID, "Omar Example", "")
		if err := give(); problem.KindOf(err) != problem.Refused {
			t.Errorf("one statement: %v", err)
		}
		w.sworn(r.ID, "omar  example", "")
		if err := give("one", "one"); err != nil {
			t.Errorf("one person and a paper: %v", err)
		}
		_, err = w.JudgeInstead(w.ctx, w.assessor(), Judging{ID: r.ID, Verdict: NotEnough})
		fatal(t, err)

		r, err = w.Make(w.ctx, w.caseworker(), Fresh{Doctor: w.id, Kind: "reference", Fact: factID, Whom: referee()})
		fatal(t, err)
		w.sworn(r.ID, "Omar Example", "")
		back := w.sworn(r.ID, "Hana Sample", "Testshire Refugee Help")
		fatal(t, give())
		_, err = w.JudgeInstead(w.ctx, w.assessor(), Judging{ID: r.ID, Verdict: Accepted})
		fatal(t, err)
		second := w.assessor()
		second.Actor.Account = "acc-second"
		_, err = w.JudgeInstead(w.ctx, second, Judging{ID: r.ID, Verdict: Accepted})
		fatal(t, err)
		r = w.stands(r.ID, Verified, OwesNobody, WhyDone)
		state := func() rulebook.State {
			facts, err := w.facts.For(w.ctx, tenant, w.id)
			fatal(t, err)
			return facts[0].State
		}
		if state() != rulebook.Verified {
			t.Fatalf("the fact is %v", state())
		}
		fatal(t, w.TakeBack(w.ctx, w.nobody(), back))
		w.stands(r.ID, CannotStart, OwesDoctor, WhyMustNot)
		if state() != rulebook.Seen {
			t.Errorf("what rested on it is still %v", state())
		}
		if err := w.TakeBack(w.ctx, w.nobody(), back); problem.KindOf(err) != problem.NotFound {
			t.Errorf("taken back twice: %v", err)
		}
		if err := give(); problem.KindOf(err) != problem.Refused {
			t.Errorf("the one that is left: %v", err)
		}
		w.sworn(r.ID, "Ali Sample", "")
		fatal(t, give())
		w.stands(r.ID, Received, OwesAssessor, WhyJudge)
	})
}

// A round of further information is reminded of on each rung once, however often
// the clock comes by, and never after the answer.
func TestTheLadderOfFurtherInformation(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if _, err := w.Make(w.ctx, w.caseworker(), Fresh{Doctor: w.id, Kind: "further"}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("questions that nobody keeps were asked: %v", err)
		}
		r, err := w.Keep(w.ctx, w.caseworker(), Questions{Doctor: w.id, Round: 1, Asked: w.at})
		fatal(t, err)
		w.stands(r.ID, Waiting, OwesDoctor, WhyAnswer)
		if _, err := w.Tell(w.ctx, w.own(), Telling{ID: r.ID, Text: "In 2012"}); problem.KindOf(err) != problem.Refused {
			t.Errorf("answered past the questions: %v", err)
		}
		reminded := func() int { return len(w.get(r.ID).Reminded) }
		for _, step := range []struct{ before, want int }{{40, 0}, {28, 1}, {28, 1}, {20, 1}, {14, 2}, {13, 2}, {1, 2}, {-3, 2}} {
			w.at = r.Expires.AddDays(-step.before)
			for range 2 {
				_, err := w.Sweep(w.ctx, w.operator())
				fatal(t, err)
			}
			if reminded() != step.want {
				t.Errorf("%d days before the end reminded %d times, not %d", step.before, reminded(), step.want)
			}
		}
	})
}

// Other evidence is judged by two; where they disagree a third decides, nobody
// speaks twice, and only then does the fact that was named count as verified.
func TestAThirdDecidesWhereTwoDisagree(t *testing.T) {
	for _, last := range []string{Accepted, NotEnough} {
		inWorld(t, func(t *testing.T, w *world) {
			factID, err := w.facts.Record(w.ctx, w.operator(), fact.NewFact{Doctor: w.id, Kind: fact.Qualification, On: clock.MustDate("2012-06-30"), Fields: map[string]any{"institution": "Testwick", "country": "SY"}})
			fatal(t, err)
			r, err := w.Make(w.ctx, w.caseworker(), Fresh{Doctor: w.id, Kind: "qualification", Whom: Whom{Name: "Testwick", Country: "SY", From: clock.MustDate("2006-09-01")}})
			fatal(t, err)
			_, err = w.Lost(w.ctx, w.own(), r.ID, 0, true)
			fatal(t, err)
			_, err = w.GiveInstead(w.ctx, w.own(), Instead{ID: r.ID, Code: "contemporaries", Cannot: true})
			fatal(t, err)
			_, err = w.GiveInstead(w.ctx, w.own(), Instead{ID: r.ID, Code: "charity", Text: "A copy at the charity."})
			fatal(t, err)
			says := func(account, verdict string) error {
				a := w.assessor()
				a.Actor.Account = account
				_, err := w.JudgeInstead(w.ctx, a, Judging{ID: r.ID, Verdict: verdict, Fact: factID})
				return err
			}
			proved := func() bool {
				facts, err := w.facts.For(w.ctx, tenant, w.id)
				fatal(t, err)
				return facts[0].State == rulebook.Verified
			}
			fatal(t, says("one", Accepted))
			if err := says("one", Accepted); problem.KindOf(err) != problem.Refused {
				t.Errorf("the first spoke twice: %v", err)
			}
			fatal(t, says("two", NotEnough))
			for _, again := range []string{"one", "two"} {
				if err := says(again, Accepted); problem.KindOf(err) != problem.Refused {
					t.Errorf("%s spoke twice: %v", again, err)
				}
			}
			w.stands(r.ID, Received, OwesAssessor, WhyJudge)
			if proved() {
				t.Error("it counts while two disagree")
			}
			fatal(t, says("three", last))
			if last == Accepted {
				w.stands(r.ID, Verified, OwesNobody, WhyDone)
			} else if got := w.get(r.ID); got.State != CannotStart || got.Instead != "" {
				t.Errorf("after the third's no it stands %s", got.State)
			}
			if proved() != (last == Accepted) {
				t.Errorf("after the third said %s the fact counts: %v", last, proved())
			}
		})
	}
}

// After silence it is the doctor's turn to name somebody else, and the doctor is
// told so once; an answer that comes late is still taken.
func TestAfterSilenceTheDoctorIsAskedForSomebodyElse(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.make("reference", referee())
		fatal(t, w.Permit(w.ctx, w.own(), r.ID, true))
		_, err := w.HandOver(w.ctx, w.own(), r.ID, 0)
		fatal(t, err)
		r = w.get(r.ID)
		told := func() (n int) {
			fatal(t, w.db.Q(w.ctx).QueryRow(w.ctx, `SELECT count(*) FROM jobs_outbox WHERE tenant_id = $1 AND kind = $2`, tenant, JobRemindDoctor).Scan(&n))
			return n
		}
		w.at = r.Expires
		_, err = w.Sweep(w.ctx, w.operator())
		fatal(t, err)
		w.stands(r.ID, Waiting, OwesOther, WhyAnswer)
		before := told()
		w.at = r.Expires.AddDays(1)
		for range 2 {
			_, err = w.Sweep(w.ctx, w.operator())
			fatal(t, err)
		}
		w.stands(r.ID, Overdue, OwesDoctor, WhySilence)
		if n := told() - before; n != 1 {
			t.Errorf("the doctor is told %d times", n)
		}
		other := referee()
		other.Name = "Somebody Else"
		made, err := w.Replace(w.ctx, w.own(), r.ID, other)
		fatal(t, err)
		w.stands(made.ID, CannotStart, OwesDoctor, WhyNoYes)
		w.stands(r.ID, Withdrawn, OwesNobody, WhyDone)
	})
}
