package rulebook

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
)

const sweptFactsFile = `facts:
  tool:
    doc: A tool.
    fields:
      weight: {type: int, doc: Its weight., min: 0, max: 9}
      length: {type: int, doc: Its length.}
      sharp: {type: bool, doc: Whether it is sharp.}
      shape: {type: code, doc: Its shape., codes: [flat, round, unknown]}
      maker: {type: text, doc: Who made it.}
      bought: {type: date, doc: When it was bought.}
  loan:
    doc: A loan.
    fields:
      back: {type: date, doc: When it came back.}
`

// sweptRules draws a rule file of many conditions that mostly ask each fact
// alone, so that they share tests, groups and bits.
func sweptRules(t *rapid.T) string {
	pick := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, "pick") }
	var alone func(depth int) string
	alone = func(depth int) string {
		if depth > 0 && rapid.Bool().Draw(t, "join") {
			return pick("(", "not (") + alone(depth-1) + pick(" and ", " or ") + alone(depth-1) + ")"
		}
		return pick("sharp", "in_force", "not sharp", "weight > 3", "weight != 5", "weight <= 20", "length < 4", "length = 7", `shape = "flat"`, `shape != "round"`,
			`shape in ["flat", "round"]`, `maker = "Ash"`, "bought < 2022-01-01", "2022-01-01 <= bought", "date = 2021-03-01", "until > on", "on >= bought", "date != on", "until = on",
			"date within 6 months", "bought within 40 days", "bought within 0 months", "date within 13 months", "known(bought)", "true")
	}
	var b strings.Builder
	b.WriteString("id: shed\nname: one\ntitle: The shed\neffective: {from: 2000-01-01, mark: set-by-us}\nsources: [{title: Us, mark: set-by-us}]\nrequirements:\n")
	for i := range rapid.IntRange(1, 40).Draw(t, "requirements") {
		condition, needs := pick("any", "no", "all")+" tool where "+alone(2), "tool"
		switch rapid.IntRange(0, 6).Draw(t, "form") {
		case 0:
			condition = "sum(tool.length where " + alone(1) + ") " + pick("<", ">=", "=", "<=", ">") + pick(" 0", " 7", " 9")
		case 1:
			condition = "count(tool where " + alone(1) + ") " + pick("<", ">=", "=", "!=") + pick(" 0", " 2")
		case 2:
			condition, needs = pick("any", "no", "all")+" loan where "+pick("back within 3 months", "in_force", "back > date", "back > 2022-01-01"), "loan"
		}
		kind, when := "condition", "when"
		if rapid.IntRange(0, 3).Draw(t, "exclusion") == 0 {
			kind, when = "exclusion", "excludes_when"
		}
		fmt.Fprintf(&b, "  - id: R%d\n    title: R%d\n    kind: %s\n    accepts: %s\n    needs: [%s]\n    %s: |\n      %s\n"+
			"    unmet: {kind: fixable, staff: No., doctor: No.}\n    unknown: {staff: Unknown., doctor: Unknown.}\n    sources: [{title: Us, mark: set-by-us}]\n",
			i, i, kind, pick("claimed", "seen", "verified", "verified"), needs, when, condition)
	}
	return b.String()
}

// sweptCase draws facts with every proof state, some without dates or values.
func sweptCase(t *rapid.T, on clock.Date) []Fact {
	var facts []Fact
	for range rapid.IntRange(0, 7).Draw(t, "facts") {
		f := Fact{Kind: rapid.SampledFrom([]string{"tool", "tool", "tool", "loan"}).Draw(t, "kind"), Fields: map[string]any{},
			State: rapid.SampledFrom([]State{Refused, Claimed, Seen, Verified, Verified, Verified, Verified}).Draw(t, "state")}
		near := func(what string) clock.Date { return on + clock.Date(rapid.IntRange(-500, 60).Draw(t, what)) }
		if rapid.IntRange(0, 8).Draw(t, "undated") > 0 {
			f.Date = near("date")
		}
		if rapid.Bool().Draw(t, "ends") {
			f.Until = max(f.Date, near("until"))
		}
		value := func(name string, v any) {
			if rapid.IntRange(0, 5).Draw(t, name) > 0 {
				f.Fields[name] = v
			}
		}
		if f.Kind == "loan" {
			value("back", near("back"))
		} else {
			value("weight", int64(rapid.IntRange(0, 9).Draw(t, "weight")))
			value("length", int64(rapid.IntRange(-2, 9).Draw(t, "length")))
			value("sharp", rapid.Bool().Draw(t, "sharp"))
			value("shape", rapid.SampledFrom([]string{"flat", "round", "unknown"}).Draw(t, "shape"))
			value("maker", rapid.SampledFrom([]string{"Ash", "Oak"}).Draw(t, "maker"))
			value("bought", near("bought"))
		}
		facts = append(facts, f)
	}
	return facts
}

// TestASweepSaysWhatTheLongWaySays compares both ways, byte for byte, and the
// answers alone with either.
func TestASweepSaysWhatTheLongWaySays(t *testing.T) {
	swept := 0
	rapid.Check(t, func(t *rapid.T) {
		text := sweptRules(t)
		b, err := Compile([]File{{Name: SchemaFile, Text: sweptFactsFile}, {Name: "shed.yaml", Text: text}})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		set := b.sets[0]
		swept += len(set.requirements) - len(set.sweep.rest)
		long := *set
		long.sweep = &sweep{rest: set.requirements}
		on := clock.MustDate("2022-02-28") + clock.Date(rapid.IntRange(0, 400).Draw(t, "on"))
		facts := sweptCase(t, on)
		short, far := set.Evaluate(facts, on), long.Evaluate(facts, on)
		a, _ := json.Marshal(short)
		z, _ := json.Marshal(far)
		if string(a) != string(z) {
			t.Fatalf("%s\n%v\nswept %s\n long %s", text, facts, a, z)
		}
		var c Case
		b.schema.Prepare(facts, &c)
		for range 2 { // also with a case that was used before
			for i, answer := range set.Answers(&c, on, nil) {
				if answer != far.Requirements[i].State {
					t.Fatalf("%s\n%v\n%s is %s alone and %s with reasons", text, facts, far.Requirements[i].ID, answer, far.Requirements[i].State)
				}
			}
		}
	})
	if swept == 0 {
		t.Error("no condition was swept")
	}
}

// TestASweepLeavesManyFactsToTheLongWay: more facts of a kind than a word has
// bits are asked one by one.
func TestASweepLeavesManyFactsToTheLongWay(t *testing.T) {
	text := "id: shed\nname: one\ntitle: The shed\neffective: {from: 2000-01-01, mark: set-by-us}\nsources: [{title: Us, mark: set-by-us}]\nrequirements:\n" +
		"  - {id: R, title: R, accepts: claimed, needs: [tool], when: any tool where sharp, unmet: {kind: fixable, staff: No., doctor: No.}, unknown: {staff: U., doctor: U.}, sources: [{title: Us, mark: set-by-us}]}\n"
	b, err := Compile([]File{{Name: SchemaFile, Text: sweptFactsFile}, {Name: "shed.yaml", Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	on := clock.MustDate("2022-02-28")
	for _, n := range []int{63, 64, 100, 200} {
		var facts []Fact
		for i := range n {
			facts = append(facts, Fact{Kind: "tool", Date: on, State: Claimed, Fields: map[string]any{"sharp": i == n-1}})
		}
		res := b.sets[0].Evaluate(facts, on)
		if o := res.Requirements[0]; o.State != Met || n <= 128 && (len(o.Facts) != 1 || o.Facts[0] != n-1) {
			t.Errorf("%d tools: %s by %v", n, o.State, o.Facts)
		}
	}
}
