package rulebook_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// anyCondition draws a condition of the language about tools and loans.
func anyCondition(t *rapid.T, depth int) string {
	pick := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, "pick") }
	selection := func() string {
		s := pick("", "", "planned ") + "tool"
		if rapid.Bool().Draw(t, "for") {
			s += " for " + anyAsked(t, 0)
		}
		return s
	}
	compare := pick("<", "<=", ">", ">=", "=", "!=")
	kinds := 13
	if depth <= 0 {
		kinds = 10
	}
	length := pick("40 days", "5 months", "13 months", "2 years", "value(lend_time)", "value(lend_time at 2020-01-01)")
	switch rapid.IntRange(0, kinds-1).Draw(t, "form") {
	case 0:
		return "(" + pick("any ", "no ", "all ", "latest ") + selection() + " where " + anyAsked(t, 2) + ")"
	case 1:
		return "recorded " + selection()
	case 2:
		return "sum(tool.weight where " + anyAsked(t, 1) + ") " + compare + pick(" 0", " 4", " 8 - 3")
	case 3:
		return "count(" + selection() + ") " + compare + pick(" 0", " 1", " 2")
	case 4:
		return pick("newest", "oldest") + "(tool.bought where " + anyAsked(t, 1) + ") " + compare + pick(" on", " 2022-01-01")
	case 5:
		return "covered " + selection() + " from " + pick("on - ", "2021-03-01 - ") + length + " to " + pick("on", "on + 3 months", "2022-08-31") +
			pick("", " gaps 10 days", " gaps 200 days", " least 90 days", " least 5 months")
	case 6:
		return "unbroken " + selection() + " lasts " + length + pick("", " gaps 30 days")
	case 7:
		return "most(tool.weight in " + length + " where " + anyAsked(t, 1) + ") " + compare + pick(" 4", " value(heavy)")
	case 8:
		return "at " + pick("newest(tool.bought)", "oldest(tool.date for "+anyAsked(t, 0)+")", "2023-01-01", "newest(tool.bought) + value(lend_time)") + " (" + anyCondition(t, 0) + ")"
	case 9:
		return "(any tool as a where (any tool as b where a." + pick("maker = b.maker", "shape != b.shape", "date < b.bought", "date within 9 months undecided of b.date") + "))"
	case 10:
		return "not " + anyCondition(t, depth-1)
	case 11:
		return "(" + anyCondition(t, depth-1) + pick(" and ", " or ") + anyCondition(t, depth-1) + ")"
	}
	return "(any tool as t where (any loan where " + pick("t.date", "t.bought") + pick(" within 9 months of back", " < back", " + 1 year > on") + "))"
}

// anyAsked draws a condition on one tool.
func anyAsked(t *rapid.T, depth int) string {
	if depth > 0 && rapid.Bool().Draw(t, "two") {
		return "(" + anyAsked(t, depth-1) + rapid.SampledFrom([]string{" and ", " or ", " and not "}).Draw(t, "join") + anyAsked(t, depth-1) + ")"
	}
	return rapid.SampledFrom([]string{
		"sharp", "in_force", "known(bought)", "weight > 3", "weight != 5", `shape = "flat"`, `uses has "cut"`, "unknown", "true",
		"date within 6 months", "bought within 40 days", "date within 1 year of bought", "until < on",
		"date within 7 months undecided", "bought within 3 months inclusive", "date within value(lend_time)", "weight >= value(heavy)", "bought < value(season)",
		"date + value(lend_time at date) > on", "bought + 3 months >= on",
		"date = on", "on != bought", "bought <= on", `maker in ["Ash"]`, "not known(until)",
	}).Draw(t, "asked")
}

func anyTools(t *rapid.T, schema *rulebook.Schema) []rulebook.Fact {
	var facts []rulebook.Fact
	for range rapid.IntRange(0, 5).Draw(t, "n") {
		f := anyFact(t, rapid.SampledFrom(schema.Kinds()).Draw(t, "kind"))
		if rapid.IntRange(0, 9).Draw(t, "undated") == 0 {
			f.Date = 0
		}
		if f.Kind == "tool" && rapid.Bool().Draw(t, "more") {
			f.Fields["uses"], f.Fields["maker"] = []string{"cut"}, "Ash"
		}
		facts = append(facts, f)
	}
	return facts
}

// TestAnyConditionKeepsItsPromises draws conditions, facts and proof states: the
// working agrees with the answer, and the answer holds until it says so.
func TestAnyConditionKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		condition := anyCondition(t, 3)
		needs := "tool"
		if strings.Contains(condition, "loan") {
			needs = "tool, loan"
		}
		text := strings.Replace(when(needs, condition), "accepts: claimed", "accepts: "+rapid.SampledFrom([]string{"claimed", "verified"}).Draw(t, "accepts"), 1)
		b, err := compile(withValues(toolSet("shed", "one", "from: 2020-01-01", text)))
		if err != nil {
			t.Fatalf("%s\n%v", condition, err)
		}
		set := b.Sets()[0]
		facts := anyTools(t, b.Schema())
		res := set.Evaluate(facts, day)
		o := res.Requirements[0]
		if e := set.Explain(facts, day); e.Result.State != res.State || !o.Waiting && e.Working[0].Step.State != res.State {
			t.Fatalf("%s\nis %s, its working says %s", condition, res.State, fmt.Sprint(e.Working))
		}
		if o.Until != 0 && o.Until < day {
			t.Fatalf("%s\nholds until %s, before the day asked about", condition, o.Until)
		}
		for _, later := range []clock.Date{day + 1, day + clock.Date(rapid.IntRange(2, 1200).Draw(t, "later")), o.Until} {
			if later == 0 || o.Until != 0 && later > o.Until {
				continue
			}
			if then := set.Evaluate(facts, later); then.State != res.State {
				t.Fatalf("%s\nis %s until %q, but %s on %s\n%v", condition, res.State, o.Until, then.State, later, facts)
			}
		}
	})
}
