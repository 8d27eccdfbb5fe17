package onboarding

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/rules"
)

func theRules(t *testing.T) *Rules {
	t.Helper()
	return must[*Rules](t)(LoadRules(rules.Checks))
}

func TestRulesAreComplete(t *testing.T) {
	r := theRules(t)
	for _, k := range r.Checks {
		if k.Private && k.Reuse.Months > 0 && !strings.Contains(k.Reuse.Says, "agrees") {
			t.Errorf("%s can be used again and does not say that the doctor agrees first", k.Code)
		}
		for _, e := range k.Evidence {
			if e.Contact && k.Code != CheckCriminalRecord {
				t.Errorf("%s asks for contact abroad", k.Code)
			}
		}
	}
	// A refugee has another way in each standard that rests on papers.
	for _, code := range []string{CheckIdentity, CheckQualification, CheckHistory, CheckRightToWork, CheckCriminalRecord} {
		k, _ := r.Kind(code)
		if !slices.ContainsFunc(k.Evidence, func(e Evidence) bool { return e.Instead }) {
			t.Errorf("%s leaves no way for lost papers", code)
		}
	}
	if len(r.Subjects) < 11 {
		t.Errorf("%d subjects of training", len(r.Subjects))
	}
	if got := len(r.Owed(clock.MustDate("2022-08-01"))); got != 6 {
		t.Errorf("in 2022 there were %d checks", got)
	}
	if got := len(r.Owed(clock.MustDate("2026-10-01"))); got != 8 {
		t.Errorf("in 2026 there are %d checks and gates", got)
	}
}

func TestLadderKeepsToWorkingDays(t *testing.T) {
	r := theRules(t)
	// Offered on Monday 19 December 2022, due on Friday 30 December: 26 and 27
	// December and 2 January are bank holidays.
	due := clock.AddWorkingDays(clock.MustDate("2022-12-19"), 7, r.Holidays)
	if due != clock.MustDate("2022-12-30") {
		t.Fatalf("7 working days end on %s", due)
	}
	var got []string
	for _, rung := range Ladder(r, clock.MustDate("2022-12-19"), due) {
		got = append(got, rung.ID+" "+rung.On.String())
	}
	if want := []string{"first 2022-12-23", "last 2022-12-29", "due 2023-01-03", "lapse 2023-01-05"}; !slices.Equal(got, want) {
		t.Errorf("the ladder is %v, want %v", got, want)
	}
	if list := Ladder(r, due-1, due); list[0].ID != RungDue {
		t.Errorf("a reminder on or before the day of the offer: %v", list)
	}
}

func TestEvidenceIsAskedFor(t *testing.T) {
	r, today := theRules(t), clock.MustDate("2026-10-01")
	safe := []Check{{Kind: CheckCriminalRecord, secret: secret{ContactSafe: true}}}
	level := map[string]string{"level": "enhanced"}
	for name, c := range map[string]struct {
		old  []Check
		tick Tick
		ok   bool
	}{
		"nothing said":         {nil, Tick{Kind: CheckIdentity, State: Done, On: today}, false},
		"travel document":      {nil, Tick{Kind: CheckIdentity, State: Done, On: today, Evidence: "travel_document"}, true},
		"unknown evidence":     {nil, Tick{Kind: CheckIdentity, State: Done, On: today, Evidence: "card"}, false},
		"contact abroad":       {nil, Tick{Kind: CheckCriminalRecord, State: Done, On: today, Evidence: "police_abroad", Detail: level}, false},
		"contact that is safe": {safe, Tick{Kind: CheckCriminalRecord, State: Done, On: today, Evidence: "police_abroad", Detail: level}, true},
		"empty assessment":     {nil, Tick{Kind: CheckCriminalRecord, State: Done, On: today, Evidence: "risk_assessment", Detail: level}, false},
		"assessment": {nil, Tick{Kind: CheckCriminalRecord, State: Done, On: today, Evidence: "risk_assessment",
			Detail: map[string]string{"level": "enhanced", "assessment": "declaration references"}}, true},
		"health turned down": {nil, Tick{Kind: CheckWorkHealth, State: CheckProblem}, false},
		"short share code":   {nil, Tick{Kind: CheckRightToWork, State: Done, On: today, Evidence: "share_code", Detail: map[string]string{"share_code": "W12"}}, false},
	} {
		if err := CheckTicks(r.Owed(today), c.old, []Tick{c.tick}, today, true); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := mask("WABC12345"); got != "WA•••••45" {
		t.Errorf("masked: %s", got)
	}
}

func TestMedianNeedsPeople(t *testing.T) {
	if _, shown := Median(map[int]int{10: 2, 20: 2}, 5); shown {
		t.Error("four people have a number")
	}
	if m, shown := Median(map[int]int{10: 1, 20: 3, 90: 1}, 5); !shown || m != 20 {
		t.Errorf("the median is %d", m)
	}
}

// in2026 moves the world to a day on which the gates hold.
func (w world) accepted2026(doctor string) Offer {
	w.t.Helper()
	w.doctor(doctor)
	p := must[post.Post](w.t)(w.posts.Get(w.ctx, tenant, w.lastingPost()))
	o := w.propose(doctor, p)
	day := clock.MustDate("2026-10-01")
	must[Offer](w.t)(w.Offer(w.ctx, system, Making{ID: o.ID, On: day}))
	return must[Offer](w.t)(w.Accept(w.ctx, system, Answer{ID: o.ID, On: day}))
}

func (w world) lastingPost() string {
	w.t.Helper()
	p := must[post.Post](w.t)(w.posts.Register(w.ctx, system, post.Registration{Details: post.Details{Setting: post.Hospital, Employer: "RX1", Host: "RX1",
		Specialty: "General medicine", MinutesWeek: 1800, Pay: post.Pay{Kind: post.LocalPay, Pence: 3350000}, StartFrom: clock.MustDate("2026-10-01"),
		ContractEnd: clock.MustDate("2027-09-30"), Indemnity: post.TrustScheme, Clinical: "sup"}}))
	must[post.Post](w.t)(w.posts.Approve(w.ctx, system, post.Step{ID: p.ID}))
	must[post.Post](w.t)(w.posts.Open(w.ctx, system, post.Step{ID: p.ID}))
	return p.ID
}

func TestGatesKeepFromTheStart(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		o := w.accepted2026("d1")
		if !slices.Contains(o.Checks, GateIT) || !slices.Contains(o.Checks, GateTraining) {
			t.Fatalf("the gates are missing: %v", o.Checks)
		}
		var ticks []Tick
		for _, kind := range o.Checks {
			if !isGate(kind) {
				ticks = append(ticks, Tick{Kind: kind, State: Done, On: clock.MustDate("2026-10-05")})
			}
		}
		o = must[Offer](t)(w.Tick(w.ctx, system, Ticking{ID: o.ID, On: clock.MustDate("2026-10-05"), Ticks: ticks}))
		stops := must[[]string](t)(w.StartStops(w.ctx, tenant, o))
		if o.State != Checked || len(stops) != 2 || !strings.Contains(strings.Join(stops, " "), "IT access ready") {
			t.Fatalf("%s, stopped by %v", o.State, stops)
		}
		late := employer
		late.Today = clock.MustDate("2026-10-06")
		training := Ticking{ID: o.ID, Ticks: []Tick{{Kind: GateTraining, State: Done, On: late.Today}}}
		if _, err := w.Tick(w.ctx, late, training); problem.KindOf(err) != problem.Refused || !strings.Contains(reasons(err), "Fire safety") {
			t.Errorf("training without training: %v", err)
		}
		var first []string
		for _, sub := range theRules(t).Subjects {
			if sub.First {
				first = append(first, sub.ID)
			}
		}
		must[Offer](t)(w.Train(w.ctx, late, Training{ID: o.ID, Subjects: first, On: clock.MustDate("2026-09-30")}))
		must[Offer](t)(w.Tick(w.ctx, late, training))
		o = must[Offer](t)(w.Tick(w.ctx, late, Ticking{ID: o.ID, Ticks: []Tick{{Kind: GateIT, State: Done, On: late.Today}}}))
		if stops := must[[]string](t)(w.StartStops(w.ctx, tenant, o)); len(stops) != 0 {
			t.Errorf("still stopped by %v", stops)
		}
	})
}

func TestHoldRemindLapse(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		first, second := w.offered("d1", w.post()), w.offered("d1", w.post())
		held := must[Offer](t)(w.Hold(ctx, byDoctor("d1"), Answer{ID: first.ID}))
		if held.State != Held || held.ReplyBy != clock.AddWorkingDays(first.ReplyBy, 5, w.o.Rules.Holidays) {
			t.Fatalf("held %+v", held)
		}
		if _, err := w.Hold(ctx, byDoctor("d1"), Answer{ID: second.ID}); problem.KindOf(err) != problem.Refused {
			t.Errorf("two held: %v", err)
		}
		rung := func(id string, due clock.Date) map[string]string {
			return map[string]string{"doctor": "d1", "offer": first.ID, "rung": id, "due": due.String()}
		}
		count := func() (n int) {
			for _, s := range *w.sent {
				if s == JobOffered+" d1" {
					n++
				}
			}
			return n
		}
		before := count()
		for range 3 {
			if err := w.Rung(ctx, system, rung("first", held.ReplyBy)); err != nil {
				t.Fatal(err)
			}
			if err := w.Rung(ctx, system, rung("last", first.ReplyBy)); err != nil { // of the old date
				t.Fatal(err)
			}
		}
		if count() != before+1 {
			t.Errorf("%d reminders instead of one", count()-before)
		}
		for _, id := range []string{RungDue, RungLapse, RungLapse} {
			if err := w.Rung(ctx, system, rung(id, held.ReplyBy)); err != nil {
				t.Fatal(err)
			}
		}
		o := must[Offer](t)(w.Get(ctx, tenant, first.ID))
		if o.State != Lapsed || !slices.Equal(*w.fallen, []string{"lapsed d1"}) {
			t.Errorf("after the ladder: %s, fallen %v", o.State, *w.fallen)
		}
		if _, err := w.Accept(ctx, byDoctor("d1"), Answer{ID: first.ID}); problem.KindOf(err) != problem.Refused {
			t.Errorf("a lapsed offer was accepted: %v", err)
		}
		must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: second.ID}))
		if n, err := w.cases.Recheck(ctx, tenant); n != 0 || err != nil {
			t.Errorf("%d cases differ from what they derive from (%v)", n, err)
		}
	})
}

func TestTwoPeopleWithdraw(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		p := w.post()
		o := w.offered("d1", p)
		o = must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: o.ID}))
		o = must[Offer](t)(w.Withdraw(ctx, employer, Withdrawal{ID: o.ID, Reason: "post_gone"}))
		if o.State != Accepted || o.Ask.By != "hr" {
			t.Fatalf("one person was enough: %+v", o)
		}
		if _, err := w.Second(ctx, employer, Seconding{ID: o.ID, Agree: true}); problem.KindOf(err) != problem.Refused {
			t.Errorf("the same person seconded: %v", err)
		}
		if v := must[Sight](t)(w.Look(ctx, byDoctor("d1"), o.ID)); v.Ask.By != "" {
			t.Error("the doctor hears of it before two people agreed")
		}
		o = must[Offer](t)(w.Second(ctx, caseworker, Seconding{ID: o.ID}))
		if o.State != Accepted || o.Ask.By != "" {
			t.Fatalf("a refusal: %+v", o)
		}
		must[Offer](t)(w.Withdraw(ctx, employer, Withdrawal{ID: o.ID, Reason: "post_gone"}))
		o = must[Offer](t)(w.Second(ctx, caseworker, Seconding{ID: o.ID, Agree: true}))
		if o.State != Withdrawn || o.Reason != "post_gone" || w.stage("d1") != casefile.StageEligible {
			t.Errorf("withdrawn by two: %+v, the case is %s", o, w.stage("d1"))
		}
		if got := must[post.Post](t)(w.posts.Get(ctx, tenant, p.ID)); got.Status != post.Open {
			t.Errorf("the post is %s", got.Status)
		}
	})
}

func TestConditions(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		o := w.propose("d1", w.post())
		if _, err := w.Offer(ctx, employer, Making{ID: o.ID, Conditions: []string{"nonsense"}}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("an unknown condition: %v", err)
		}
		o = must[Offer](t)(w.Offer(ctx, employer, Making{ID: o.ID, Conditions: []string{"english", "money"}}))
		must[Offer](t)(w.Decide(ctx, employer, Deciding{ID: o.ID, Code: "english", State: Met}))
		o = must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: o.ID}))
		w.tickAll(o)
		o = must[Offer](t)(w.Get(ctx, tenant, o.ID))
		stops := must[[]string](t)(w.StartStops(ctx, tenant, o))
		if len(stops) != 1 || !strings.Contains(stops[0], "funding of the place") {
			t.Errorf("stopped by %v", stops)
		}
	})
}

func TestDoctorSaysAndEmployerReuses(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		o := w.offered("d1", w.post())
		o = must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: o.ID}))
		tick := func(o Offer, kind string, s CheckState, turn Turn) error {
			evidence, detail := proof(kind)
			k := Tick{Kind: kind, State: s, Turn: turn, Evidence: evidence, Detail: detail}
			if s == Done {
				k.On = today
			}
			_, err := w.Tick(ctx, employer, Ticking{ID: o.ID, Ticks: []Tick{k}})
			return err
		}
		if err := tick(o, CheckHistory, Waiting, TurnDoctor); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Say(ctx, byDoctor("d2"), Saying{ID: o.ID, Kind: CheckHistory, Said: SaidLost}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another doctor spoke: %v", err)
		}
		must[Offer](t)(w.Say(ctx, byDoctor("d1"), Saying{ID: o.ID, Kind: CheckHistory, Said: SaidLost}))
		if c := checkOf(must[Sight](t)(w.LookChecks(ctx, employer, o.ID)).Checks, CheckHistory); c.Turn != TurnEmployer || c.Cannot != SaidLost {
			t.Errorf("after the doctor spoke: %+v", c)
		}
		for _, kind := range []string{CheckQualification, CheckCriminalRecord} {
			if err := tick(o, kind, Done, ""); err != nil {
				t.Fatal(err)
			}
		}
		must[Offer](t)(w.Withdraw(ctx, system, Withdrawal{ID: o.ID, Reason: "post_gone"}))
		next := w.offered("d1", w.post())
		next = must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: next.ID}))
		if v := must[Sight](t)(w.LookChecks(ctx, employer, next.ID)); len(v.Standing) != 0 {
			t.Errorf("the employer learns of earlier checks without the doctor's word: %+v", v.Standing)
		}
		if _, err := w.Reuse(ctx, employer, Saying{ID: next.ID, Kind: CheckCriminalRecord}); problem.KindOf(err) != problem.Refused {
			t.Errorf("used without the doctor's word: %v", err)
		}
		must[Offer](t)(w.Agree(ctx, byDoctor("d1"), Saying{ID: next.ID, Kind: CheckCriminalRecord}))
		must[Offer](t)(w.Reuse(ctx, employer, Saying{ID: next.ID, Kind: CheckCriminalRecord}))
		c := checkOf(must[Sight](t)(w.LookChecks(ctx, employer, next.ID)).Checks, CheckCriminalRecord)
		if c.State != Done || c.DoneOn != today || c.Reused != o.ID {
			t.Errorf("used again: %+v", c)
		}
		if _, err := w.Agree(ctx, byDoctor("d1"), Saying{ID: next.ID, Kind: CheckRightToWork}); problem.KindOf(err) != problem.Refused {
			t.Errorf("a right to work check goes from employer to employer: %v", err)
		}
	})
}

// The key of somebody who asked to be forgotten is gone: their row is there,
// what was sealed is empty, and no list fails.
func TestChecksOfSomebodyForgotten(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.offered("d1", w.post())
		o = must[Offer](t)(w.Accept(w.ctx, byDoctor("d1"), Answer{ID: o.ID}))
		must[Offer](t)(w.Tick(w.ctx, employer, Ticking{ID: o.ID, Ticks: []Tick{{Kind: CheckIdentity, State: Done, On: today, Evidence: "travel_document", Note: "canary"}}}))
		if err := w.db.Tx(w.ctx, func(ctx context.Context) error { return w.db.Vault().Forget(ctx, tenant, "d1") }); err != nil {
			t.Fatal(err)
		}
		v, err := w.LookChecks(w.ctx, employer, o.ID)
		if err != nil || checkOf(v.Checks, CheckIdentity).State != Done || checkOf(v.Checks, CheckIdentity).Note != "" {
			t.Errorf("after the key is gone: %+v, %v", v.Checks, err)
		}
		if rows, err := w.Board(w.ctx, employer, nil, 10); err != nil || len(rows) != 1 {
			t.Errorf("the board: %v, %v", rows, err)
		}
	})
}

func TestBoardTellsEachWhatTheyMayKnow(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.offered("d1", w.post())
		o = must[Offer](t)(w.Accept(w.ctx, byDoctor("d1"), Answer{ID: o.ID}))
		at := "/checks/" + o.ID
		dbs := url.Values{"version": {"3"}, "criminal_record-state": {"waiting"}, "criminal_record-turn": {"other"}, "criminal_record-lane": {"fingerprints"}}
		w.play([]scene{
			{who: "employer", path: at + "/criminal_record", status: 200, must: []string{"Do not contact the country they left", "By fingerprints", "Statutory declaration"}, not: []string{"police certificate from abroad</label>"}},
			{who: "employer", path: at + "/criminal_record", form: dbs, status: 303},
			{who: "employer", path: "/checks", status: 200, must: []string{"Canary of d1", "0 of 7 done", "Criminal record", "Someone else"}},
			{who: "caseworker", path: "/checks", status: 200, must: []string{"Canary of d1", "0 of 5 done"}, not: []string{"Criminal record", "Work health"}},
			{who: "london", path: "/checks", status: 200, must: []string{"Canary of d1"}, not: []string{"Criminal record"}},
			{who: "north", path: "/checks", status: 200, must: []string{"No checks under way"}, not: []string{"Canary"}},
			{who: "other", path: "/checks", status: 200, not: []string{"Canary"}},
			{who: "d1", path: "/checks", status: 404},
			{who: "caseworker", path: at, status: 200, not: []string{"fingerprints", "Criminal record</"}},
			{who: "d1", path: at, status: 200, must: []string{"By fingerprints, since 1 August 2022", at + "/criminal_record/say"}},
			{who: "d1", path: at + "/criminal_record/say", status: 200, must: []string{"You never have to contact the country you fled", "It is safe to ask"}},
			{who: "d2", path: at + "/criminal_record/say", status: 404},
			{who: "employer", path: at + "/criminal_record/say", status: 404},
			{who: "d1", path: at + "/criminal_record/say", form: url.Values{"version": {"4"}, "said": {""}}, status: 422, must: []string{"Choose what you want to say"}},
			{who: "d1", path: at + "/criminal_record/say", form: url.Values{"version": {"4"}, "said": {"safe"}}, status: 303},
			{who: "employer", path: at + "/criminal_record", status: 200, must: []string{"police certificate from abroad"}, not: []string{"Do not contact"}},
			{who: "employer", path: at + "/interview-day", status: 200, must: []string{"Interview-day list", "Originals with photograph and address", "Print this list"}},
			{who: "caseworker", path: at + "/interview-day", status: 404},
			{who: "caseworker", path: "/check-times", status: 200, must: []string{"Nothing to count yet"}},
		})
	})
}

func TestTimesAreKeptAndSmallNumbersHidden(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		for i := range 5 {
			id := "d" + string(rune('1'+i))
			w.doctor(id)
			o := w.offered(id, w.post())
			o = must[Offer](t)(w.Accept(w.ctx, byDoctor(id), Answer{ID: o.ID}))
			var ticks []Tick
			for _, kind := range o.Checks {
				ticks = append(ticks, Tick{Kind: kind, State: Done, On: today + clock.Date(10+i)})
			}
			later := system
			later.Today = today + 30
			must[Offer](t)(w.Tick(w.ctx, later, Ticking{ID: o.ID, On: today + 30, Ticks: ticks}))
			rows := must[[]HostTime](t)(w.Times(w.ctx, employer, "", 10))
			if len(rows) != 1 || rows[0].Shown != (i == 4) {
				t.Fatalf("after %d: %+v", i+1, rows)
			}
			if i == 4 && rows[0].Median != 12 {
				t.Errorf("the median is %d", rows[0].Median)
			}
		}
		if rows := must[[]HostTime](t)(w.Times(w.ctx, north, "", 10)); len(rows) != 0 {
			t.Errorf("another region sees %+v", rows)
		}
	})
}
