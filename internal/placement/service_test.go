package placement

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/problem"
)

func reasons(err error) string {
	if e, ok := errors.AsType[*problem.Error](err); ok {
		return strings.Join(e.Reasons, "|")
	}
	return ""
}

func TestStartNeedsEverything(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.offer("d1", w.post())
		w.rulings["d1 start"] = []string{"Passed PLAB 2 on 3 November 2022."}
		_, err := w.Start(w.ctx, system, Starting{Offer: o.ID, On: today + 1})
		for _, want := range []string{"Identity", "Right to work", "Criminal record", "Passed PLAB 2 on 3 November 2022.", "in the future"} {
			if problem.KindOf(err) != problem.Refused || !strings.Contains(reasons(err), want) {
				t.Errorf("%q is not among the reasons: %v", want, err)
			}
		}
		o = w.tick(o)
		if _, err = w.Start(w.ctx, system, Starting{Offer: o.ID, On: today - 100}); reasons(err) != "Passed PLAB 2 on 3 November 2022." {
			t.Errorf("with checks complete: %v", err)
		}
		if w.stage("d1") != casefile.StageChecking {
			t.Errorf("a refused start moved the case to %s", w.stage("d1"))
		}
		if _, err = w.offers.Withdraw(w.ctx, system, onboarding.Withdrawal{ID: o.ID, Reason: "no_longer_eligible"}); err != nil {
			t.Fatal(err)
		}
		if p := must[post.Post](t)(w.posts.Get(w.ctx, tenant, o.Post)); p.Status != post.Open || p.Holder != "" {
			t.Errorf("the post stayed %s after the withdrawal", p.Status)
		}
	})
}

func TestStartChangeEnd(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		p := w.inPost("d1")
		c := must[casefile.Case](t)(w.cases.Get(ctx, "d1", tenant))
		if c.Stage != casefile.StageInPost || c.Organisation != "RX1" || c.Region != "Y56" || !slices.Equal(c.Supervisors, []string{"edu", "sup"}) {
			t.Fatalf("the case after the start: %+v", c)
		}
		records := must[[]fact.Record](t)(w.facts.For(ctx, tenant, "d1"))
		if len(records) != 1 || records[0].Kind != fact.Placement || records[0].On != today-100 || records[0].Fields["placed"] != true {
			t.Fatalf("facts after the start: %+v", records)
		}
		if _, err := w.Change(ctx, employer, Change{ID: p.ID, On: today - 50}); problem.KindOf(err) != problem.Refused {
			t.Errorf("an empty change: %v", err)
		}
		p = must[Placement](t)(w.Change(ctx, employer, Change{ID: p.ID, On: today - 50, MinutesWeek: 1125, Clinical: "sup2"}))
		p = must[Placement](t)(w.Change(ctx, employer, Change{ID: p.ID, Version: p.Version, On: today - 20, Host: "G1", ContractEnd: today + 300}))
		if p.Host != "G1" || p.Region != "Y62" || p.Spell != 3 {
			t.Fatalf("after two changes: %+v", p)
		}
		if _, err := w.Change(ctx, employer, Change{ID: p.ID, On: today - 30, MinutesWeek: 2250}); problem.KindOf(err) != problem.Refused {
			t.Errorf("a change before the last one: %v", err)
		}
		known := must[map[string]post.Supervisor](t)(w.posts.SupervisorNames(ctx, tenant, "sup", "sup2"))
		if known["sup"].Holding != 0 || known["sup2"].Holding != 1 {
			t.Errorf("after the change of supervisor: %+v", known)
		}
		p = must[Placement](t)(w.End(ctx, employer, Ending{ID: p.ID, Version: p.Version, On: today - 5, Code: "moved_country", Leaves: true}))
		if w.stage("d1") != casefile.StageClosed {
			t.Errorf("after leaving the case is %s", w.stage("d1"))
		}
		if _, err := w.End(ctx, employer, Ending{ID: p.ID, On: today - 5, Code: "unknown"}); problem.KindOf(err) != problem.Refused {
			t.Errorf("a second end: %v", err)
		}
		records = must[[]fact.Record](t)(w.facts.For(ctx, tenant, "d1"))
		if len(records) != 1 || records[0].Fields["ended"] != today-5 {
			t.Errorf("facts after the end: %+v", records)
		}
		vacancy := must[post.Post](t)(w.posts.Get(ctx, tenant, p.Post))
		if vacancy.Status != post.Approved || vacancy.Holder != "" {
			t.Errorf("the post after the end: %+v", vacancy)
		}
		w.checkSpells(p.ID)
	})
}

// checkSpells reads the spells as funding will: three, without a gap, every day
// counted once.
func (w world) checkSpells(id string) {
	t := w.t
	var days int
	var list []Spell
	for v, err := range w.Spells(w.ctx, tenant, SpellQuery{From: today - 365, To: today}) {
		if err != nil {
			t.Fatal(err)
		}
		days += v.From.DaysUntil(v.To) + 1
		list = append(list, v)
	}
	if len(list) != 3 || days != 96 || list[0].From != today-100 || list[2].To != today-5 {
		t.Fatalf("%d spells with %d days: %+v", len(list), days, list)
	}
	if list[0].WholeTime != 1000 || list[1].WholeTime != 500 || list[1].Changed != "hours clinical_supervisor" || list[2].Region != "Y62" || list[0].Region != "Y56" {
		t.Errorf("terms of the spells: %+v", list)
	}
	if list[0].Placement != id || list[0].Phase != "ph" || list[0].Pay.HCAS != post.Inner || list[0].FundedUntil != clock.MustDate("2023-02-28") {
		t.Errorf("the first spell: %+v", list[0])
	}
}

func TestEndLeavesUnknownUnknown(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		if err := w.Follow(w.ctx, caseworker, FollowUp{ID: p.ID, Unknown: true}); problem.KindOf(err) != problem.Refused {
			t.Errorf("an outcome before the end: %v", err)
		}
		if _, err := w.End(w.ctx, employer, Ending{ID: p.ID, On: today - 101, Code: "unknown"}); problem.KindOf(err) != problem.Refused {
			t.Errorf("an end before the start: %v", err)
		}
		if _, err := w.End(w.ctx, employer, Ending{ID: p.ID, On: today - 9, Code: "nonsense"}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("an unknown code: %v", err)
		}
		if _, err := w.End(w.ctx, supervisor, Ending{ID: p.ID, On: today - 9, Code: "unknown"}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a supervisor ended it: %v", err)
		}
		p = must[Placement](t)(w.End(w.ctx, employer, Ending{ID: p.ID, On: today - 9, Code: "unknown"}))
		if w.stage("d1") != casefile.StageEnded {
			t.Errorf("an end with an unknown reason moved the case to %s", w.stage("d1"))
		}
		if err := w.Follow(w.ctx, caseworker, FollowUp{ID: p.ID, On: today - 2, Unknown: true}); err != nil {
			t.Fatal(err)
		}
		if err := w.Follow(w.ctx, caseworker, FollowUp{ID: p.ID, On: today - 1, Unknown: true}); problem.KindOf(err) != problem.Refused {
			t.Errorf("unknown twice: %v", err)
		}
		c := must[casefile.Case](t)(w.cases.Get(w.ctx, "d1", tenant))
		if !c.Flags.Has(casefile.FlagUnknown) {
			t.Error("the case does not say that nobody knows")
		}
		if err := w.Follow(w.ctx, caseworker, FollowUp{ID: p.ID, On: today, Code: "moved_country"}); err != nil {
			t.Errorf("somebody found out: %v", err)
		}
	})
}

// Two starts of one offer at the same moment make one placement.
func TestOneStart(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.tick(w.offer("d1", w.post()))
		errs := make([]error, 3)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.Start(w.ctx, system, Starting{Offer: o.ID, On: today - 100}) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case problem.KindOf(err) != problem.Conflict && problem.KindOf(err) != problem.Refused:
				t.Errorf("a loser got %v", err)
			}
		}
		if list := must[[]Placement](t)(w.Of(w.ctx, tenant, "d1")); won != 1 || len(list) != 1 {
			t.Errorf("%d starts, %d placements", won, len(list))
		}
	})
}

func TestHiddenFromTheNewSite(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		for _, subject := range []string{"org:G1", "place:M6"} {
			w.hidden[subject] = []string{"d1"}
			if _, err := w.Change(w.ctx, employer, Change{ID: p.ID, On: today - 1, Host: "G1"}); problem.KindOf(err) != problem.NotFound {
				t.Errorf("moved to somewhere hidden from by %s: %v", subject, err)
			}
			delete(w.hidden, subject)
		}
		w.hidden["account:sup2"] = []string{"d1"}
		if _, err := w.Change(w.ctx, employer, Change{ID: p.ID, On: today - 1, Clinical: "sup2"}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("given to a supervisor hidden from: %v", err)
		}
	})
}

func TestElsewhereSaysYesOrNo(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		w.doctor("d2")
		w.tokens["d1"], w.tokens["d2"] = "one person", "another"
		p := w.inPost("d1")
		there := system
		there.Actor.Tenant = "gp-scheme"
		if found := must[bool](t)(w.Elsewhere(w.ctx, caseworker, "d1")); found {
			t.Error("a placement of one's own programme counts as elsewhere")
		}
		for token, want := range map[string]bool{"one person": true, "another": false, "": false} {
			if got := must[bool](t)(w.elsewhere(w.ctx, "gp-scheme", token)); got != want {
				t.Errorf("elsewhere for %q: %v", token, got)
			}
		}
		if _, err := w.Elsewhere(w.ctx, employer, "d1"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an employer asked: %v", err)
		}
		if _, err := w.End(w.ctx, there, Ending{ID: p.ID, On: today, Code: "unknown"}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another programme ended it: %v", err)
		}
	})
}
