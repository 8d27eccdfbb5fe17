package rulebook_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// The engine leaps from hole to hole to find the day on which an answer about
// covered time changes; asking every day must give the same.
func TestCoveredTimeChangesOnTheDayThatAskingEveryDayFinds(t *testing.T) {
	var sets []*rulebook.Set
	for i, body := range []string{"covered tool from on - 3 months to on gaps 2 days", "covered tool from on - 5 months to on", "covered tool from on - 20 days to on + 1 month gaps 10 days",
		"covered tool from 2022-02-01 to on gaps 5 days", "covered tool from on - 3 months to on least 2 months", "covered tool from on - 40 days to on least 10 days",
		"covered tool for weight > 3 from on - 2 months to on gaps 3 days",
		"covered tool from on - 40 days to 2022-08-31 gaps 10 days", "covered tool from on - 3 months to 2022-05-31 gaps 60 days"} {
		book, err := compile(toolSet("shed", fmt.Sprintf("v%d", i), "from: 2000-01-01", when("tool", body)))
		if err != nil {
			t.Fatal(err)
		}
		set, _ := book.Set("shed", clock.MustDate("2022-01-01"))
		sets = append(sets, set)
	}
	rapid.Check(t, func(t *rapid.T) {
		start := clock.MustDate("2022-03-01")
		var facts []rulebook.Fact
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			f := rulebook.Fact{Kind: "tool", State: rulebook.Seen, Date: start.AddDays(rapid.IntRange(-200, 60).Draw(t, "from")), Fields: map[string]any{}}
			if rapid.Bool().Draw(t, "weighed") {
				f.Fields["weight"] = int64(rapid.IntRange(1, 6).Draw(t, "weight"))
			}
			if rapid.IntRange(0, 5).Draw(t, "ends") > 0 {
				f.Until = f.Date.AddDays(rapid.IntRange(0, 120).Draw(t, "long"))
			}
			if rapid.IntRange(0, 9).Draw(t, "undated") == 0 {
				f.Date = 0
			}
			facts = append(facts, f)
		}
		set := rapid.SampledFrom(sets).Draw(t, "set")
		got := set.Evaluate(facts, start)
		for d := start; d < start.AddDays(600); d++ {
			state := set.Evaluate(facts, d).State
			inside := got.Until.IsZero() || d <= got.Until
			if inside && state != got.State {
				t.Fatalf("%s: %s until %s, but %s on %s", set.Name(), got.State, got.Until, state, d)
			}
			if !inside {
				break
			}
		}
	})
}
