package rulebook_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// anyOfAll draws facts of every kind around a day.
func anyOfAll(t *rapid.T, schema *rulebook.Schema, around clock.Date) []rulebook.Fact {
	var facts []rulebook.Fact
	for range rapid.IntRange(0, 12).Draw(t, "n") {
		f := anyFact(t, rapid.SampledFrom(schema.Kinds()).Draw(t, "kind"))
		move := around - day
		f.Date += move
		if f.Until != 0 {
			f.Until += move
		}
		for name, value := range f.Fields {
			if d, ok := value.(clock.Date); ok {
				f.Fields[name] = d + move
			}
		}
		if schema.Check(f) == nil {
			facts = append(facts, f)
		}
	}
	return facts
}

// TestEveryRuleSetKeepsItsPromises holds for every version of every rule set of
// the programme: an answer holds until it says so, whatever day comes; the
// answers alone, the working and a replay from stored facts all agree; and the
// order in which facts were recorded changes no answer.
func TestEveryRuleSetKeepsItsPromises(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SampledFrom(b.Sets()).Draw(t, "set")
		on := set.From() + clock.Date(rapid.IntRange(0, 900).Draw(t, "on"))
		facts := anyOfAll(t, b.Schema(), on)
		res := set.Evaluate(facts, on)

		var c rulebook.Case
		b.Schema().Prepare(facts, &c)
		for i, answer := range set.Answers(&c, on, nil) {
			if answer != res.Requirements[i].State {
				t.Fatalf("%s %s is %s alone, %s with reasons", set.Name(), res.Requirements[i].ID, answer, res.Requirements[i].State)
			}
		}

		later := on + clock.Date(rapid.IntRange(1, 1500).Draw(t, "later"))
		then := set.Evaluate(facts, later)
		for i, o := range res.Requirements {
			if o.Until != 0 && o.Until < on {
				t.Fatalf("%s %s is %s until %s, before the day asked about", set.Name(), o.ID, o.State, o.Until)
			}
			if (o.Until == 0 || later <= o.Until) && then.Requirements[i].State != o.State {
				t.Fatalf("%s %s is %s until %q but %s on %s\n%v", set.Name(), o.ID, o.State, o.Until, then.Requirements[i].State, later, facts)
			}
		}

		text, err := b.Schema().WriteFacts(facts)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := b.Schema().ReadFacts(text)
		if err != nil {
			t.Fatal(err)
		}
		first, _ := json.Marshal(res)
		if again, _ := json.Marshal(set.Evaluate(stored, on)); string(first) != string(again) {
			t.Fatalf("a replay has other bytes\n%s\n%s", first, again)
		}
		if explained, _ := json.Marshal(set.Explain(facts, on).Result); string(first) != string(explained) {
			t.Fatalf("the working has another result\n%s\n%s", first, explained)
		}

		turned := slices.Clone(facts)
		slices.Reverse(turned)
		other := set.Evaluate(turned, on)
		for i, o := range res.Requirements {
			if other.Requirements[i].State != o.State || other.Requirements[i].Until != o.Until {
				t.Fatalf("%s %s is %s until %q, and %s until %q with the facts the other way round", set.Name(), o.ID, o.State, o.Until,
					other.Requirements[i].State, other.Requirements[i].Until)
			}
		}
	})
}

// TestProofNeverTakesAway: seeing or verifying what was only claimed turns no
// met requirement that did not wait for it into another.
func TestProofNeverTakesAway(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SampledFrom(b.Sets()).Draw(t, "set")
		on := set.From() + clock.Date(rapid.IntRange(0, 900).Draw(t, "on"))
		facts := anyOfAll(t, b.Schema(), on)
		if len(facts) == 0 {
			return
		}
		before := set.Evaluate(facts, on)
		i := rapid.IntRange(0, len(facts)-1).Draw(t, "proved")
		if facts[i].State == rulebook.Refused {
			return
		}
		facts[i].State = rulebook.Verified
		after := set.Evaluate(facts, on)
		for k, o := range before.Requirements {
			if o.State == rulebook.Met && after.Requirements[k].State != rulebook.Met {
				t.Fatalf("%s %s was met, and is %s since %s was verified", set.Name(), o.ID, after.Requirements[k].State, facts[i].Kind)
			}
		}
	})
}

func BenchmarkRegistration(b *testing.B) {
	all := book(b)
	set, err := all.Set("registration", clock.MustDate("2026-11-22"))
	if err != nil {
		b.Skip(err)
	}
	var c rulebook.Case
	var res rulebook.Result
	all.Schema().Prepare(ready(), &c)
	for b.Loop() {
		set.EvaluateInto(&c, clock.MustDate("2023-06-01"), &res)
	}
}
