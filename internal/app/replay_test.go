package app

import (
	"context"
	"testing"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// some gives the cases of a small demo, by stage.
func some(t *testing.T, a *App) map[casefile.Stage][]casefile.Case {
	t.Helper()
	call := operator("msw", a.Now())
	out := map[casefile.Stage][]casefile.Case{}
	var after [2]string
	for range 100 {
		found, err := a.Cases.List(t.Context(), call, casefile.Query{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range found.Rows {
			out[row.Case.Stage] = append(out[row.Case.Stage], row.Case)
			after = [2]string{row.Case.Since.String(), row.Case.Ref}
		}
		if !found.Next {
			break
		}
	}
	return out
}

func TestEveryDecisionReplaysToTheSameAnswer(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 160)
	call := operator("msw", a.Now())
	replayed := 0
	for _, cases := range some(t, a) {
		for _, c := range cases {
			seen, err := a.Eligibility.Assess(t.Context(), call, c.Ref)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range seen.Decisions {
				if _, same, err := a.Eligibility.Replay(t.Context(), c.Tenant, d); err != nil || !same {
					t.Errorf("case %s: the %s of %s does not replay: %v", c.Ref, d.Moment, d.On, err)
				}
				replayed++
			}
		}
	}
	if replayed < 60 {
		t.Fatalf("only %d decisions were there to replay", replayed)
	}
	told := 0
	all, err := a.Eligibility.ReplayAll(t.Context(), call, "", func(eligibility.Replayed) { told++ })
	if err != nil || all.Replayed < replayed || all.Same != all.Replayed || told != all.Replayed || len(all.Faults) > 0 {
		t.Fatalf("all at once, %d replay, %d the same, %d told (%v, %v)", all.Replayed, all.Same, told, all.Faults, err)
	}
	err = a.DB.Tx(t.Context(), func(ctx context.Context) error {
		_, err := a.DB.Q(ctx).Exec(ctx, "UPDATE eligibility_decision SET answer_hash = 'x' WHERE tenant_id = $1 AND moment = 'decision'", "msw")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if all, err = a.Eligibility.ReplayAll(t.Context(), call, "", func(eligibility.Replayed) {}); err != nil || len(all.Faults) == 0 || all.Same+len(all.Faults) != all.Replayed {
		t.Fatalf("a decision that was changed replays: %+v, %v", all, err)
	}
}

func TestASupportedCaseWakesWhenTheRightToWorkChanges(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 400)
	call := operator("msw", a.Now())
	cases := some(t, a)[casefile.StageSupported]
	if len(cases) == 0 {
		t.Fatal("the demo has no supported case")
	}
	c := cases[0]
	before, err := a.Cases.Sheet(t.Context(), call, c.Ref)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Facts.Record(t.Context(), call, fact.NewFact{Doctor: c.Doctor, Kind: fact.RightToWork, On: call.Today, Until: clock.AddMonths(call.Today, 60), State: rulebook.Seen,
		Source: "test", Fields: map[string]any{"category": "refugee", "may_work": true, "may_reside": true, "visitor": false}})
	if err != nil {
		t.Fatal(err)
	}
	after, err := a.Cases.Sheet(t.Context(), call, c.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Tasks) != len(before.Tasks)+1 {
		t.Fatalf("no task for the assessor: %d tasks before, %d after", len(before.Tasks), len(after.Tasks))
	}
}

func TestNobodyIsFoundEligibleOverAGap(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 400)
	call := operator("msw", a.Now())
	tried := 0
	for _, c := range some(t, a)[casefile.StageNotYet] {
		_, err := a.Eligibility.Decide(t.Context(), call, eligibility.Decide{Doctor: c.Doctor, Outcome: eligibility.Eligible, Note: "I am quite sure."})
		if problem.KindOf(err) != problem.Refused {
			t.Errorf("case %s was found eligible over a gap: %v", c.Ref, err)
		}
		tried++
	}
	if tried == 0 {
		t.Fatal("the demo has no case with a gap")
	}
}
