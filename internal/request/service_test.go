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
