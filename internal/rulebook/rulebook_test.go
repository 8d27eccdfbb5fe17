package rulebook_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/rules"
)

func book(t testing.TB) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func eligibilityB(t testing.TB) *rulebook.Set {
	t.Helper()
	set, err := book(t).Named("eligibility", "B")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var day = clock.MustDate("2022-06-20")

// ready is a person who meets everything on day.
func ready() []rulebook.Fact {
	fact := func(kind, date string, fields map[string]any) rulebook.Fact {
		return rulebook.Fact{Kind: kind, Date: clock.MustDate(date), State: rulebook.Verified, Fields: fields}
	}
	return []rulebook.Fact{
		fact("identity", "2022-05-01", map[string]any{"document": "passport"}),
		fact("medical_qualification", "2014-07-01", map[string]any{"registrable": "yes", "country": "SY"}),
		fact("experience", "2014-08-01", map[string]any{"specialty_group": "medicine", "months_full_time": int64(6), "postgraduate": true}),
		fact("experience", "2015-02-01", map[string]any{"specialty_group": "surgery", "months_full_time": int64(6), "postgraduate": true}),
		fact("english_test", "2021-12-04", map[string]any{"test": "IELTS", "overall": int64(75), "listening": int64(70), "reading": int64(70), "writing": int64(70), "speaking": int64(70)}),
		fact("right_to_work", "2020-03-02", map[string]any{"category": "refugee", "may_work": true, "may_reside": true, "visitor": false}),
		fact("residence", "2022-05-01", map[string]any{"in_uk": true}),
		fact("gmc_registration", "2022-05-01", map[string]any{"kind": "none"}),
		fact("exam", "2022-05-01", map[string]any{"name": "PLAB2", "outcome": "not_taken"}),
		fact("programme_placement", "2022-05-01", map[string]any{"placed": false}),
	}
}

func TestAResultNamesFactsDatesProofAndSource(t *testing.T) {
	facts := ready()
	facts[2].State = rulebook.Seen
	res := eligibilityB(t).Evaluate(facts, day)
	if res.State != rulebook.Met || res.Until.String() != "2023-12-03" || len(res.Version) != 64 {
		t.Fatalf("the whole is %s until %s in version %q", res.State, res.Until, res.Version)
	}
	b2 := res.Requirement("B2")
	if diff := cmp.Diff([]int{2, 3}, b2.Facts); diff != "" || b2.Proof != rulebook.Seen || len(b2.Dates) != 2 || b2.Reason != nil {
		t.Fatalf("B2 is decided by %v of %s on %v with %v", b2.Facts, b2.Proof, b2.Dates, b2.Reason)
	}
	if b3 := res.Requirement("B3"); len(b3.Facts) != 1 || b3.Facts[0] != 4 || b3.Sources[0].URL == "" || !b3.Alternatives[1].Untried {
		t.Fatalf("B3 is %+v", b3)
	}
}

func TestAResultSurvivesJSONAndReplaysByteForByte(t *testing.T) {
	set := eligibilityB(t)
	facts := ready()[:6]
	facts[5].Fields["category"], facts[5].Fields["may_work"] = "asylum_applicant", false
	first, err := json.Marshal(set.Evaluate(facts, day))
	if err != nil {
		t.Fatal(err)
	}
	var read rulebook.Result
	if err := json.Unmarshal(first, &read); err != nil {
		t.Fatal(err)
	}
	if b4 := read.Requirement("B4"); b4.State != rulebook.Unmet || b4.Reason.Outcome != "supported" {
		t.Fatalf("B4 read back is %+v", b4)
	}
	again, _ := json.Marshal(read)
	text, err := set.Schema().WriteFacts(facts)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := set.Schema().ReadFacts(text)
	if err != nil {
		t.Fatal(err)
	}
	replayed, _ := json.Marshal(eligibilityB(t).Evaluate(stored, day))
	if string(first) != string(again) || string(first) != string(replayed) {
		t.Fatal("a result read back or replayed from stored facts has other bytes")
	}
}

func TestMemoryUsedAgainGivesTheSameResult(t *testing.T) {
	set := eligibilityB(t)
	var c rulebook.Case
	var res rulebook.Result
	for _, facts := range [][]rulebook.Fact{ready(), nil, ready()[:3], ready()} {
		set.Schema().Prepare(facts, &c)
		set.EvaluateInto(&c, day, &res)
		got, _ := json.Marshal(res)
		want, _ := json.Marshal(set.Evaluate(facts, day))
		if string(got) != string(want) {
			t.Fatalf("reused memory gives\n%s\nwant\n%s", got, want)
		}
	}
}

func TestTheVersionEffectiveOnADayIsChosen(t *testing.T) {
	b := book(t)
	for on, want := range map[string]string{"2020-12-15": "A", "2022-03-31": "A", "2022-04-01": "B", "2026-11-22": "B"} {
		if set, err := b.Set("eligibility", clock.MustDate(on)); err != nil || set.Name() != want {
			t.Errorf("on %s: %v, %v", on, set, err)
		}
	}
	if _, err := b.Set("eligibility", clock.MustDate("2020-12-14")); err == nil {
		t.Error("there is a version before the first one")
	}
	if len(b.Review()) == 0 {
		t.Error("nothing in the rules is marked as not confirmed")
	}
}

func TestCheckRefusesAFactThatDoesNotFit(t *testing.T) {
	schema := book(t).Schema()
	for _, f := range ready() {
		if err := schema.Check(f); err != nil {
			t.Errorf("%s: %v", f.Kind, err)
		}
	}
	bad := rulebook.Fact{Kind: "gmc_registration", Date: day, Until: day - 1, Fields: map[string]any{
		"number": "123456", "kind": "royal", "licence": "yes", "shoe_size": int64(9)}}
	err := schema.Check(bad)
	for _, field := range []string{"state", "until", "number", "kind", "licence", "shoe_size"} {
		if problem.KindOf(err) != problem.Invalid || !strings.Contains(err.Error(), field+":") {
			t.Errorf("%s is not refused in %v", field, err)
		}
	}
	if schema.Check(rulebook.Fact{Kind: "horse", State: rulebook.Seen}) == nil {
		t.Error("a horse is a fact")
	}
}

func TestReadFactsNamesEachFaultyRecord(t *testing.T) {
	_, err := book(t).Schema().ReadFacts([]byte(`[{"fact":"exam","date":"2022-13-01","state":"seen"},
		{"fact":"exam","state":"hoped","attempt":1.5},{"fact":"residence","state":"seen","in_uk":"yes"}]`))
	for _, want := range []string{"fact 1: date", "line 1, column 2, fact 1: ", "fact 2: state", "line 2, column 3, fact 2: attempt", "fact 3: in_uk"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// anyFacts draws facts that fit the schema, around day, of the kinds that
// eligibility reads.
func anyFacts(schema *rulebook.Schema) *rapid.Generator[[]rulebook.Fact] {
	return rapid.Custom(func(t *rapid.T) []rulebook.Fact {
		facts := ready()[:rapid.IntRange(0, len(ready())).Draw(t, "ready")]
		kinds := schema.Kinds()
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			facts = append(facts, anyFact(t, rapid.SampledFrom(kinds).Draw(t, fmt.Sprint("kind", i))))
		}
		return facts
	})
}

func anyFact(t *rapid.T, k rulebook.Kind) rulebook.Fact {
	f := rulebook.Fact{
		Kind: k.Name, Fields: map[string]any{},
		Date:  day + clock.Date(rapid.IntRange(-900, 200).Draw(t, "date")),
		State: rapid.SampledFrom([]rulebook.State{rulebook.Refused, rulebook.Claimed, rulebook.Seen, rulebook.Verified}).Draw(t, "state"),
	}
	if rapid.Bool().Draw(t, "ends") {
		f.Until = f.Date + clock.Date(rapid.IntRange(0, 900).Draw(t, "until"))
	}
	for _, field := range k.Fields {
		if rapid.IntRange(0, 4).Draw(t, "left out") == 0 {
			continue
		}
		switch field.Type {
		case rulebook.TypeCode:
			f.Fields[field.Name] = rapid.SampledFrom(field.Codes).Draw(t, field.Name)
		case rulebook.TypeBool:
			f.Fields[field.Name] = rapid.Bool().Draw(t, field.Name)
		case rulebook.TypeInt:
			f.Fields[field.Name] = rapid.SampledFrom([]int64{1, 3, 12, 70, 75, 350}).Draw(t, field.Name)
		case rulebook.TypeDate:
			f.Fields[field.Name] = day + clock.Date(rapid.IntRange(-900, 200).Draw(t, field.Name))
		}
	}
	return f
}

func TestUntilIsTrueForEveryDayItCovers(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(b.Schema()).Draw(t, "facts")
		for _, set := range b.Sets() {
			res := set.Evaluate(facts, day)
			later := day + clock.Date(rapid.IntRange(1, 1200).Draw(t, "later"))
			then := set.Evaluate(facts, later)
			for i, o := range res.Requirements {
				if o.Until != 0 && o.Until < day {
					t.Fatalf("%s is %s until %s, before the day it was asked on", o.ID, o.State, o.Until)
				}
				if (o.Until == 0 || later <= o.Until) && then.Requirements[i].State != o.State {
					t.Fatalf("%s is %s until %q but %s on %s", o.ID, o.State, o.Until, then.Requirements[i].State, later)
				}
			}
			if (res.Until == 0 || later <= res.Until) && then.State != res.State {
				t.Fatalf("the whole is %s until %q but %s on %s", res.State, res.Until, then.State, later)
			}
		}
	})
}

// TestVerifiedFavourableFactsTakeNothingAway: a further verified fact that says
// yes leaves met requirements met. The favourable facts are those of ready, each
// re-dated to the day itself. None is left out: the exclusions read facts that
// speak against, and the newest English sitting is a good one. What can take
// away is named: a worse sitting (B3), a pass (X2), a registration (X1), a
// placement (X3), a newer permission that does not let work (B4).
func TestVerifiedFavourableFactsTakeNothingAway(t *testing.T) {
	b := book(t)
	set := eligibilityB(t)
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(b.Schema()).Draw(t, "facts")
		more := rapid.SampledFrom(ready()).Draw(t, "more")
		more.Date = day
		before, after := set.Evaluate(facts, day), set.Evaluate(append(facts, more), day)
		for i, o := range before.Requirements {
			now := after.Requirements[i]
			if o.State == rulebook.Met && now.State != rulebook.Met && !sameDayRival(facts, more) {
				t.Fatalf("a verified %s took %s from met to %s", more.Kind, o.ID, now.State)
			}
		}
	})
	for id, worse := range map[string]rulebook.Fact{
		"B3": {Kind: "english_test", Fields: map[string]any{"test": "IELTS", "overall": int64(60)}},
		"B4": {Kind: "right_to_work", Fields: map[string]any{"category": "visitor", "may_work": false}},
		"X1": {Kind: "gmc_registration", Fields: map[string]any{"kind": "full"}},
		"X2": {Kind: "exam", Fields: map[string]any{"name": "PLAB2", "outcome": "passed"}},
		"X3": {Kind: "programme_placement", Fields: map[string]any{"placed": true}},
	} {
		worse.State, worse.Date = rulebook.Verified, day
		if res := set.Evaluate(append(ready(), worse), day); res.Requirement(id).State != rulebook.Unmet {
			t.Errorf("%s is %s after the fact that takes it away", id, res.Requirement(id).State)
		}
	}
}

// sameDayRival: facts of one day must agree to be the newest, so a rival of the
// same day that said nothing before can be drawn into the question.
func sameDayRival(facts []rulebook.Fact, more rulebook.Fact) bool {
	for _, f := range facts {
		if f.Kind == more.Kind && f.Date == more.Date {
			return true
		}
	}
	return false
}

func TestTheWorkingAgreesWithTheAnswer(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(b.Schema()).Draw(t, "facts")
		for _, set := range b.Sets() {
			plain, err := json.Marshal(set.Evaluate(facts, day))
			if err != nil {
				t.Fatal(err)
			}
			explained := set.Explain(facts, day)
			traced, _ := json.Marshal(explained.Result)
			if string(plain) != string(traced) {
				t.Fatalf("explaining gives another result\n%s\n%s", plain, traced)
			}
			for _, w := range explained.Working {
				if o := explained.Result.Requirement(w.Requirement); o != nil && !o.Waiting && w.Step.State != o.State {
					t.Fatalf("the working of %s (%s) ends in %s, the answer is %s", w.Requirement, w.Pass, w.Step.State, o.State)
				}
			}
		}
	})
}

func TestTheWorkingShowsEachStep(t *testing.T) {
	out, err := json.MarshalIndent(eligibilityB(t).Explain(ready(), day).Working, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"requirement": "B3/IELTS"`, `date within 24 months`, `"value": "12"`, `"until": "2023-12-03"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in the working", want)
		}
	}
}

func TestMoreFactsThanCanBeNamedStillCount(t *testing.T) {
	facts := ready()[4:]
	for range 130 {
		facts = append(facts, rulebook.Fact{Kind: "identity", Date: day, State: rulebook.Seen})
	}
	facts = append(facts, ready()[:4]...)
	res := eligibilityB(t).Evaluate(facts, day)
	if res.State != rulebook.Met || !res.FactsCut || len(res.Requirement("B2").Facts) != 0 || len(res.Requirement("B3").Facts) != 1 {
		t.Fatalf("%s, cut %v, B2 %v, B3 %v", res.State, res.FactsCut, res.Requirement("B2").Facts, res.Requirement("B3").Facts)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	set := eligibilityB(b)
	var c rulebook.Case
	var res rulebook.Result
	set.Schema().Prepare(ready(), &c)
	b.Run("prepared", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			set.EvaluateInto(&c, day, &res)
		}
	})
	facts := ready()
	b.Run("with facts", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			set.Schema().Prepare(facts, &c)
			set.EvaluateInto(&c, day, &res)
		}
	})
}
