package app

import (
	"strings"
	"testing"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

func TestReevaluation(t *testing.T) {
	eachEngine(t, func(t *testing.T, address string) {
		a := newDemo(t, address, 160)
		call := operator("msw", a.Now())
		again := func(o eligibility.AgainOptions) eligibility.Again {
			t.Helper()
			out, err := a.Eligibility.Reevaluate(t.Context(), call, o)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		dry := again(eligibility.AgainOptions{DryRun: true})
		first := again(eligibility.AgainOptions{})
		if first.Cases < 100 || first.Changed != first.Cases || first.First != first.Cases || dry.Changed != first.Changed || first.Woken != 0 {
			t.Fatalf("first %+v, dry %+v", first, dry)
		}
		if second := again(eligibility.AgainOptions{}); second.Cases != first.Cases || second.Changed != 0 {
			t.Errorf("asked twice: %+v", second)
		}
		// What is kept is what the assessor's page says of each case.
		tried := map[eligibility.Outcome]int{}
		for _, cases := range some(t, a) {
			for _, c := range cases {
				seen, err := a.Eligibility.Assess(t.Context(), call, c.Ref)
				if err != nil {
					t.Fatal(err)
				}
				kept, found, err := a.Eligibility.Kept(t.Context(), "msw", c.Doctor)
				if err != nil || !found || kept.Outcome != seen.Suggestion.Outcome {
					t.Fatalf("case %s: kept %+v, the page says %s, %v", c.Ref, kept, seen.Suggestion.Outcome, err)
				}
				tried[kept.Outcome]++
			}
		}
		if len(tried) < 2 {
			t.Errorf("only %v", tried)
		}
		oneCaseChanges(t, a, again)
		board := call
		board.Actor.Members = nil
		if _, err := a.Eligibility.Reevaluate(t.Context(), board, eligibility.AgainOptions{}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("without the right: %v", err)
		}
	})
}

// oneCaseChanges records a fact and checks that exactly that case was looked at.
func oneCaseChanges(t *testing.T, a *App, again func(eligibility.AgainOptions) eligibility.Again) {
	t.Helper()
	call := operator("msw", a.Now())
	var c casefile.Case
	for _, list := range some(t, a) {
		if len(list) > 1 {
			c = list[0]
		}
	}
	before, _, _ := a.Eligibility.Kept(t.Context(), "msw", c.Doctor)
	_, err := a.Facts.Record(t.Context(), call, fact.NewFact{Doctor: c.Doctor, Kind: fact.RightToWork, On: call.Today, State: rulebook.Refused,
		Source: "test", Fields: map[string]any{"category": "visitor", "may_work": false, "may_reside": true, "visitor": true}})
	if err == nil {
		_, err = a.Facts.Record(t.Context(), call, fact.NewFact{Doctor: c.Doctor, Kind: fact.Registration, On: call.Today, State: rulebook.Verified,
			Source: "test", Fields: map[string]any{"kind": "full", "number": "7654321", "licence": true, "aps": true}})
	}
	if err != nil {
		t.Fatal(err)
	}
	after, _, _ := a.Eligibility.Kept(t.Context(), "msw", c.Doctor)
	if before.Mark == after.Mark {
		t.Errorf("case %s: the kept answer did not change with its facts", c.Ref)
	}
	if third := again(eligibility.AgainOptions{}); third.Changed != 0 {
		t.Errorf("more than that case had to change: %+v", third)
	}
}

// A version that is switched on takes over from its day on, and decisions made
// under the older one replay byte for byte.
func TestRulesThatAreSwitchedOnHold(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 160)
	call := operator("msw", a.Now())
	row, found, err := a.Programme.RuleSet(t.Context(), "msw", "eligibility", call.Today)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	text := strings.Replace(row.Text, "where postgraduate) >= 12", "where postgraduate) >= 1200", 1)
	if text == row.Text {
		t.Fatal("the text to change is not there")
	}
	first, err := a.Eligibility.Reevaluate(t.Context(), call, eligibility.AgainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Programme.ProposeRuleSet(t.Context(), call, text, "Only for this test.")
	if err != nil {
		t.Fatal(err)
	}
	second := call
	second.Actor.Account = "somebody else"
	from := call.Today.AddDays(2)
	if err := a.Programme.SwitchOn(t.Context(), second, v.ID, 1, call.Today.AddDays(-1)); problem.KindOf(err) != problem.Invalid {
		t.Errorf("switched on for a day that is over: %v", err)
	}
	if err := a.Programme.SwitchOn(t.Context(), second, v.ID, 1, from); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[clock.Date]string{call.Today: row.Hash, from - 1: row.Hash, from: v.Hash, from + 400: v.Hash} {
		if set, err := a.Programme.Rules(t.Context(), "msw", "eligibility", day); err != nil || set.Version() != want {
			t.Errorf("on %s: %v, %v", day, set.Version(), err)
		}
	}
	later := call
	later.Today = from
	out, err := a.Eligibility.ReevaluateDue(t.Context(), later)
	if err != nil || out.Version != v.Hash || out.Cases != first.Cases || out.Now["eligible"] != 0 || first.Now["eligible"] == 0 {
		t.Errorf("%+v, before %+v, %v", out, first, err)
	}
	if out, err = a.Eligibility.ReevaluateDue(t.Context(), later); err != nil || out.Cases > first.Cases/2 {
		t.Errorf("asked again: %+v, %v", out, err)
	}
	r, err := a.Eligibility.ReplayAll(t.Context(), later, "", func(eligibility.Replayed) {})
	if err != nil || r.Replayed < 60 || r.Same != r.Replayed {
		t.Errorf("replay: %+v, %v", r, err)
	}
}
