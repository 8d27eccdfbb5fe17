package placement

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/problem"
	"msw/rules"
)

// later is a call some days after today.
func later(c access.Call, days int) access.Call {
	c.Now = clock.StartOf(today.AddDays(days))
	c.Today = today.AddDays(days)
	return c
}

func (w world) plan(p Placement, kind EndKind, code string, days int) {
	w.t.Helper()
	if err := w.SetEnd(w.ctx, employer, 0, Leaving{Placement: p.ID, Kind: kind, Code: code, LastDay: today.AddDays(days)}); err != nil {
		w.t.Fatal(err)
	}
}

func TestEveryKindOfEndHasStepsAndOnlyReasonsThatFit(t *testing.T) {
	r := must[*EndRules](t)(LoadEndRules(rules.Placement))
	for _, k := range EndKinds() {
		if len(r.Of(k)) < 6 || len(k.codes()) == 0 || k.Words() == "" {
			t.Errorf("%s: %d steps, %d reasons", k, len(r.Of(k)), len(k.codes()))
		}
	}
	on := today.AddDays(3)
	for _, sc := range []struct {
		l    Leaving
		good bool
	}{
		{Leaving{Kind: EndRegistered, LastDay: on}, true},
		{Leaving{Kind: EndTransferred, LastDay: on}, true},
		{Leaving{Kind: EndLeft, Code: "moved_country", LastDay: on}, true},
		{Leaving{Kind: EndLeft, Code: codeRegistered, LastDay: on}, false},
		{Leaving{Kind: EndFinished, LastDay: on}, false},
		{Leaving{Kind: EndFinished, Code: "family_or_health", LastDay: on}, false},
		{Leaving{Kind: "sacked", LastDay: on}, false},
		{Leaving{Kind: EndRegistered}, false},
	} {
		if err := checkLeaving(sc.l.fill()); (err == nil) != sc.good {
			t.Errorf("%+v: %v", sc.l, err)
		}
	}
}

func TestACardKnowsAPlannedEndBeforeItComes(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		before := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", system.Now))
		if before.State != card.Allowed {
			t.Fatalf("the card before: %v", before.State)
		}
		w.plan(p, EndFinished, "contract_ended_unfunded", 1)
		last, after := later(system, 1).Now, later(system, 2).Now
		if c := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", last)); c.State != card.Allowed {
			t.Errorf("on the last day: %v", c.State)
		}
		if c := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", after)); c.State != card.NotInPost {
			t.Errorf("the day after the planned last day the card says %v", c.State)
		}
		if err := w.KeepPost(w.ctx, employer, p.ID); err != nil {
			t.Fatal(err)
		}
		if c := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", after)); c.State != card.Allowed {
			t.Errorf("after the end was taken back: %v", c.State)
		}
	})
}

func TestAccessClosesOnTime(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		p = must[Placement](t)(w.Change(w.ctx, employer, Change{ID: p.ID, On: today - 50, Host: "G1"}))
		w.plan(p, EndLeft, "moved_country", 2)
		night := func(days int) {
			t.Helper()
			if err := w.EndDue(w.ctx, later(system, days)); err != nil {
				t.Fatal(err)
			}
		}
		sees := func(who access.Call) bool {
			t.Helper()
			_, err := w.Look(w.ctx, who, p.ID)
			rows := must[[]Row](t)(w.List(w.ctx, who, Query{}))
			if err != nil && problem.KindOf(err) != problem.NotFound || (err == nil) != (len(rows) == 1) {
				t.Fatalf("page %v, list %d rows", err, len(rows))
			}
			return err == nil
		}
		night(2)
		if w.stage("d1") != casefile.StageInPost {
			t.Fatal("ended before the last day was over")
		}
		night(3)
		if w.stage("d1") == casefile.StageInPost {
			t.Fatal("not ended on the day after the last day")
		}
		c := must[casefile.Case](t)(w.cases.Get(w.ctx, "d1", tenant))
		if r := c.Resource(); len(r.Organisations)+len(r.Supervisors) != 0 {
			t.Errorf("the case is still open to %v and %v", r.Organisations, r.Supervisors)
		}
		night(16) // 14 days after the last one: still
		for name, who := range map[string]access.Call{"supervisor": supervisor, "educator": educator, "host": host, "employer": employer, "doctor": byDoctor("d1")} {
			if !sees(who) {
				t.Errorf("on the last day of access the %s sees nothing", name)
			}
		}
		night(17)
		for name, who := range map[string]access.Call{"supervisor": supervisor, "educator": educator, "host": host} {
			if sees(who) {
				t.Errorf("the %s still sees the placement", name)
			}
			if _, err := w.LookCard(w.ctx, who, p.ID); problem.KindOf(err) != problem.NotFound {
				t.Errorf("the %s still sees the card: %v", name, err)
			}
		}
		for name, who := range map[string]access.Call{"employer": employer, "doctor": byDoctor("d1"), "caseworker": caseworker} {
			if !sees(who) {
				t.Errorf("the %s lost the placement", name)
			}
		}
		if err := w.EndDue(w.ctx, employer); err == nil {
			t.Error("an employer ran the nightly end")
		}
	})
}

func TestStepsAreTickedByWhoeverTheyAreFor(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		if err := w.TickStep(w.ctx, employer, p.ID, "it_access", true); problem.KindOf(err) != problem.Refused {
			t.Errorf("ticked before an end was set: %v", err)
		}
		w.plan(p, EndLeft, "moved_country", 5)
		for _, sc := range []struct {
			name, step string
			who        access.Call
			ok         bool
		}{
			{"supervisor", "handover", supervisor, true}, {"supervisor", "it_access", supervisor, false}, {"stranger", "handover", stranger, false},
			{"doctor", "it_access", byDoctor("d1"), false}, {"doctor", "keep", byDoctor("d1"), true}, {"employer", "keep", employer, false},
			{"employer", "it_access", employer, true}, {"caseworker", "support", caseworker, true}, {"other trust", "it_access", other, false},
			{"employer", "card", employer, false}, {"employer", "practice_setting", employer, false},
		} {
			if err := w.TickStep(w.ctx, sc.who, p.ID, sc.step, true); (err == nil) != sc.ok {
				t.Errorf("%s ticks %s: %v", sc.name, sc.step, err)
			}
		}
		v := must[LeavingSight](t)(w.LookEnd(w.ctx, supervisor, p.ID))
		for _, s := range v.Steps {
			if len(s.Kinds) > 0 {
				t.Errorf("the supervisor reads the step %s, which tells why it ends", s.ID)
			}
		}
	})
}

func TestACertificateIsIssuedOnceAndCorrectedByName(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		in := Issuing{Placement: p.ID, Name: "Canary of d1", IssuedBy: "Pat Clerk", IssuedAs: "HR manager"}
		if _, err := w.IssueCertificate(w.ctx, employer, in); problem.KindOf(err) != problem.Refused {
			t.Errorf("issued while in post: %v", err)
		}
		must[Placement](t)(w.Change(w.ctx, employer, Change{ID: p.ID, On: today - 50, MinutesWeek: 1125}))
		w.plan(p, EndFinished, "contract_ended_unfunded", -1)
		titled := in
		titled.Name = "Dr Canary"
		if _, err := w.IssueCertificate(w.ctx, employer, titled); problem.KindOf(err) != problem.Invalid {
			t.Errorf("issued to a Dr: %v", err)
		}
		for _, who := range []access.Call{supervisor, other, byDoctor("d1"), caseworker} {
			if _, err := w.IssueCertificate(w.ctx, who, in); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s issued one: %v", who.Actor.Account, err)
			}
		}
		if _, body, _ := ask(w.site(), "employer", "/placements/"+in.Placement+"/certificate", nil); !strings.Contains(body, `name="issued_by"`) || strings.Contains(body, `value="Name of hr"`) {
			t.Errorf("the form gives an address as the name of who issues it\n%s", body)
		}
		first := must[Certificate](t)(w.IssueCertificate(w.ctx, employer, in))
		if _, err := w.IssueCertificate(w.ctx, employer, in); problem.KindOf(err) != problem.Conflict {
			t.Errorf("issued twice: %v", err)
		}
		in.Name, in.Replaces = "Canary Corrected", first.Number
		second := must[Certificate](t)(w.IssueCertificate(w.ctx, employer, in))
		old := must[Certificate](t)(w.LookCertificate(w.ctx, later(byDoctor("d1"), 4000), first.Number))
		if old.Name != "Canary of d1" || old.ReplacedBy != second.Number || second.Replaces != first.Number || second.Issue != 2 {
			t.Errorf("old %+v, new %+v", old, second)
		}
		if len(old.Times) != 2 || old.From != today-100 || old.To != today-1 || old.Employer != "Riverside Trust" {
			t.Errorf("the certificate says %+v", old.Served)
		}
		h := w.site()
		_, body, _ := ask(h, "d1", "/certificates/"+second.Number, nil)
		for _, m := range []string{PostTitle, "Riverside Trust", "Senior sup", "not internship for the GMC", second.Number, first.Number, "Pat Clerk", "18.75 hours"} {
			if !strings.Contains(body, m) {
				t.Errorf("%q is not on the certificate", m)
			}
		}
		if strings.Contains(body, "Dr ") {
			t.Error("the certificate says Dr")
		}
		for _, who := range []string{"supervisor", "host", "other", "d2"} {
			if status, body, _ := ask(h, who, "/certificates/"+second.Number, nil); status != 404 || strings.Contains(body, "Canary") {
				t.Errorf("%s: %d", who, status)
			}
		}
	})
}

func TestExitAnswersReachNoEmployerAndNoSupervisor(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		const canary = "canary-note-8841"
		w.doctor("d1")
		p := w.inPost("d1")
		me := byDoctor("d1")
		say := Exit{Placement: p.ID, Reader: ReadNobody, Answers: Answers{Helped: []string{"helped_study"}, Recommend: "recommend_no", Note: canary}}
		if err := w.SayExit(w.ctx, me, say); problem.KindOf(err) != problem.Refused {
			t.Errorf("answered before an end was set: %v", err)
		}
		w.plan(p, EndLeft, "moved_country", -1)
		if err := w.SayExit(w.ctx, supervisor, say); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a supervisor answered: %v", err)
		}
		if err := w.SkipExit(w.ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.SayExit(w.ctx, me, say); err != nil {
			t.Fatal("after skipping: ", err)
		}
		if err := w.SayExit(w.ctx, me, say); problem.KindOf(err) != problem.Conflict {
			t.Errorf("answered twice: %v", err)
		}
		w.doctor("d2")
		h := w.site()
		at := "/placements/" + p.ID
		for _, who := range []string{"employer", "supervisor", "educator", "host", "other", "london", "d2", "caseworker", "board"} {
			for _, path := range []string{at, at + "/leaving", at + "/exit", at + "/certificate", "/exit-answers", "/placements"} {
				status, body, _ := ask(h, who, path, nil)
				if strings.Contains(body, canary) || path == at+"/exit" && status != 404 || path == "/exit-answers" && who != "caseworker" && status != 404 {
					t.Errorf("%s reads %s: %d", who, path, status)
				}
				if strings.Contains(body, "Read your answers") {
					t.Errorf("%s learns on %s that there are answers", who, path)
				}
			}
		}
		if _, body, _ := ask(h, "d1", at+"/exit", nil); !strings.Contains(body, canary) {
			t.Error("the doctor cannot read their own answers")
		}
	})
}

func TestAnswersTheTeamReadsAreNotInTheFigures(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		w.plan(p, EndLeft, "moved_country", -1)
		say := Exit{Placement: p.ID, Reader: ReadTeam, Answers: Answers{Recommend: "recommend_no", Note: "canary-for-the-team"}}
		if err := w.SayExit(w.ctx, byDoctor("d1"), say); err != nil {
			t.Fatal(err)
		}
		if shown := must[map[string]int](t)(w.exitShown(w.ctx, tenant)); len(shown) != 0 {
			t.Errorf("counted: %v", shown)
		}
		if _, body, _ := ask(w.site(), "caseworker", "/exit-answers", nil); !strings.Contains(body, "canary-for-the-team") {
			t.Error("the team cannot read what it may read")
		}
	})
}

func TestExitFiguresMoveOnlyInBatches(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		show := func() string {
			f, _, err := w.ReadExits(w.ctx, caseworker, nil, 10)
			if err != nil {
				t.Fatal(err)
			}
			return f.Words("helped_pay")
		}
		for i := 1; i <= 9; i++ {
			if err := w.db.Tx(w.ctx, func(ctx context.Context) error {
				return w.countExit(ctx, tenant, Answers{Helped: []string{"helped_pay"}}.codes())
			}); err != nil {
				t.Fatal(err)
			}
			want := "fewer than 5"
			if i >= 5 {
				want = "5" // 6 to 9 change nothing: nobody's answer shows
			}
			if got := show(); got != want {
				t.Errorf("after %d answers: %q, want %q", i, got, want)
			}
		}
		if _, _, err := w.ReadExits(w.ctx, employer, nil, 10); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an employer reads the figures: %v", err)
		}
	})
}

func TestAtANewHostSignOffsAreAskedAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		for _, h := range []string{"RX1", "G1"} {
			if err := w.SetLevels(w.ctx, system, h, map[string]card.Level{"venepuncture": 3}); err != nil {
				t.Fatal(err)
			}
		}
		must[Signed](t)(w.SignOff(w.ctx, system, SignOff{Doctor: "d1", Task: "venepuncture", Level: 3, On: today - 3, Assessor: Assessor{Account: "sup"}}))
		state := func() card.State {
			c := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", system.Now.Add(1000)))
			for _, l := range c.Lines {
				if l.Task.ID == "venepuncture" {
					return l.State
				}
			}
			return ""
		}
		if state() != card.Allowed {
			t.Fatalf("at the old host: %s", state())
		}
		must[Placement](t)(w.Change(w.ctx, employer, Change{ID: p.ID, On: today, Host: "G1"}))
		if state() != card.Elsewhere {
			t.Errorf("at the new host: %s", state())
		}
	})
}

func TestPagesOfAnEnd(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		h, at := w.site(), "/placements/"+p.ID
		ahead := today.AddDays(20)
		if _, body, _ := ask(h, "employer", at+"/leaving", nil); !strings.Contains(body, "No end is set") {
			t.Error("no empty state")
		}
		status, body, _ := ask(h, "employer", at+"/end", url.Values{"version": {"1"}, "on": {ahead.String()}, "kind": {"finished"}})
		if status != 422 || !strings.Contains(body, "Choose why the placement ends") || !strings.Contains(body, "Say whether the person leaves") {
			t.Errorf("an end without a reason: %d", status)
		}
		if status, _, to := ask(h, "employer", at+"/end", url.Values{"version": {"1"}, "on": {ahead.String()}, "kind": {"registered"}}); status != 303 || to != at+"/leaving" {
			t.Fatalf("planned: %d %s", status, to)
		}
		if _, body, _ := ask(h, "employer", at+"/leaving", nil); !strings.Contains(body, "Registered with the GMC") || !strings.Contains(body, "approved practice setting") || !strings.Contains(body, "Recalled, not confirmed") {
			t.Error("the list of a registered end is not there")
		}
		if status, _, _ := ask(h, "employer", at+"/leaving", url.Values{"step": {"it_access"}, "done": {"yes"}}); status != 303 {
			t.Errorf("tick: %d", status)
		}
		if _, body, _ := ask(h, "supervisor", at+"/leaving", nil); strings.Contains(body, "Registered with the GMC") || !strings.Contains(body, "hand-over meeting") {
			t.Error("the supervisor reads why, or no steps")
		}
		if status, _, _ := ask(h, "other", at+"/leaving", nil); status != 404 {
			t.Errorf("another trust: %d", status)
		}
		if status, _, _ := ask(h, "employer", at+"/end/take-back", url.Values{}); status != 303 {
			t.Errorf("take back: %d", status)
		}
		if status, _, _ := ask(h, "d1", at+"/exit", url.Values{"note": {"typed words"}}); status != 422 {
			t.Errorf("exit answers without a reader: %d", status)
		}
	})
}
