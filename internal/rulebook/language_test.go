package rulebook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

const toolFacts = `facts:
  tool:
    doc: A tool in the shed.
    fields:
      shape: {type: code, codes: [flat, round, unknown], doc: Its shape.}
      uses: {type: list, codes: [dig, cut, lift], doc: What it is for.}
      weight: {type: int, min: 0, max: 90, doc: Kilograms.}
      sharp: {type: bool, doc: Cuts.}
      bought: {type: date, doc: Day it was bought.}
      maker: {type: text, doc: Who made it.}
  loan:
    doc: A loan of a tool.
    fields:
      back: {type: date, doc: Day it came back.}
`

// toolSet is a rule file with one requirement R whose condition is given as a
// literal block, so that columns count from its own line.
func toolSet(id, name, effective, body string) string {
	return fmt.Sprintf(`id: %s
name: %s
title: Shed rules
effective: {%s, mark: set-by-us}
sources: [{title: The gardener, mark: set-by-us}]
requirements:
%s`, id, name, effective, body)
}

func requirement(id, rest string) string {
	return fmt.Sprintf(`  - id: %s
    title: A requirement
    accepts: claimed
    unmet: {kind: fixable, staff: No., doctor: No.}
    unknown: {staff: Not known., doctor: Not known.}
    sources: [{title: The gardener, mark: set-by-us}]
    %s
`, id, strings.ReplaceAll(rest, "\n", "\n    "))
}

func when(needs, condition string) string {
	return requirement("R", "needs: ["+needs+"]\nwhen: |\n  "+strings.ReplaceAll(condition, "\n", "\n  "))
}

func compile(sets ...string) (*rulebook.Book, error) {
	files := []rulebook.File{{Name: rulebook.SchemaFile, Text: toolFacts}}
	for i, text := range sets {
		files = append(files, rulebook.File{Name: fmt.Sprintf("set%d.yaml", i), Text: text})
	}
	return rulebook.Compile(files)
}

func tools() []rulebook.Fact {
	d := clock.MustDate
	return []rulebook.Fact{
		{Kind: "tool", Date: d("2020-01-31"), State: rulebook.Seen, Fields: map[string]any{
			"shape": "flat", "uses": []string{"dig", "lift"}, "weight": int64(3), "sharp": false, "bought": d("2020-01-31"), "maker": "Ash"}},
		{Kind: "tool", Date: d("2021-06-01"), Until: d("2021-12-31"), State: rulebook.Seen, Fields: map[string]any{
			"shape": "round", "uses": []string{"cut"}, "weight": int64(5), "sharp": true, "bought": d("2021-05-01"), "maker": "Elm"}},
		{Kind: "loan", Date: d("2020-03-01"), State: rulebook.Seen, Fields: map[string]any{"back": d("2021-07-01")}},
		{Kind: "loan", Date: d("2023-01-01"), State: rulebook.Seen},
	}
}

func TestExpressionsMeanWhatTheySay(t *testing.T) {
	for condition, want := range map[string]string{
		`any tool where shape = "flat"`:                                           "met",
		`any tool where shape != "flat" and sharp`:                                "met",
		`all tool where sharp`:                                                    "unmet",
		`all tool where weight > 2 and weight <= 5`:                               "met",
		`no tool where weight = 4`:                                                "met",
		`latest tool where sharp = true`:                                          "met",
		`latest tool for shape = "flat" where sharp = false`:                      "met",
		`latest tool for shape = "flat" where in_force`:                           "met",
		`latest tool where in_force`:                                              "unmet",
		`any tool for weight > 80 where sharp`:                                    "unknown",
		`any tool where uses has "cut"`:                                           "met",
		`no tool where uses has "cut" and uses has "dig"`:                         "met",
		`any tool where maker in ["Oak", "Elm"]`:                                  "met",
		`any tool where maker = "Oak"`:                                            "unmet",
		`any tool where weight in [5, 6]`:                                         "met",
		`any tool where bought = 2020-01-31`:                                      "met",
		`any tool where bought + 1 month = 2020-02-29`:                            "met",
		`any tool where date - 31 days > bought`:                                  "unmet",
		`any tool where date within 5 months`:                                     "unmet",
		`any tool where date within 2 years`:                                      "met",
		`any tool as t where (any loan where t.date within 18 months of back)`:    "met",
		`any tool as t where (any loan where t.date within 17 months of back)`:    "met",
		`any tool as t for t.shape = "flat" where (any loan where back < t.date)`: "unmet",
		`sum(tool.weight) = 8`:                                                    "met",
		`sum(tool.weight where sharp) + count(tool) >= 7`:                         "met",
		`(sum(tool.weight) - 1) < 7`:                                              "unmet",
		`count(tool where sharp) = 1 and count(tool for sharp) = 1`:               "met",
		`count(loan) = 1`:                                                         "met",
		`count(planned loan) = 1`:                                                 "met",
		`any planned loan where date > on`:                                        "met",
		`newest(tool.bought) = 2021-05-01 and oldest(tool.bought) = 2020-01-31`:   "met",
		`newest(tool.bought where shape = "flat") < on`:                           "met",
		`recorded tool and not recorded tool for weight > 80`:                     "met",
		`any loan where known(back) and known(date) and not known(until)`:         "met",
		`any planned loan where back < on`:                                        "unknown",
		`any tool where sharp and unknown`:                                        "unknown",
		`unknown or true`:                                                         "met",
		`true and not false`:                                                      "met",
		`not (any tool where sharp) or (no tool where shape = "flat")`:            "unmet",
		`any tool where (weight + 2) * 1 = 7`:                                     "error",
		`sum(loan.back) > 1`:                                                      "error",
		`any tool where on = on`:                                                  "error",
		`any tool where shape = "square"`:                                         "error",
		`any tool where shape = "unknown"`:                                        "error",
		`any tool where colour = "red"`:                                           "error",
		`any horse where true`:                                                    "error",
		`any tool where weight`:                                                   "error",
		`any tool where weight = "3"`:                                             "error",
		`any tool where on - 24 months < date`:                                    "error",
		`any tool where any loan where true`:                                      "error",
		`sharp`:                                                                   "error",
		`any tool where sharp = 1`:                                                "error",
		`any tool where x.sharp`:                                                  "error",
		`any tool where weight within 2 days`:                                     "error",
		`any tool where bought = 2020-02-30`:                                      "error",
		`any tool where`:                                                          "error",
		`any tool where sharp and`:                                                "error",
		`any tool where bought + 999999 years > on`:                               "error",
		strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200):              "error",
	} {
		var needs []string
		for _, kind := range []string{"tool", "loan"} {
			if strings.Contains(condition, " "+kind) || strings.Contains(condition, "("+kind) {
				needs = append(needs, kind)
			}
		}
		b, err := compile(toolSet("shed", "one", "from: 2020-01-01", when(strings.Join(needs, ", "), condition)))
		got := "error"
		if err == nil {
			got = b.Sets()[0].Evaluate(tools(), clock.MustDate("2022-05-31")).State.String()
		}
		if got != want {
			t.Errorf("%s\nis %s, want %s (%v)", condition, got, want, err)
		}
	}
}

func TestEveryFaultIsReportedAtOnceWithItsPlace(t *testing.T) {
	text := toolSet("shed", "one", "from: 2020-01-01", requirement("R", `needs: [tool]
when: |
  any tool
  where sharp and wieght > 3
hat: on`)+requirement("S", `needs: [tool]
when: any tool where shape = "flat" and maker < "b"`)+requirement("R", `when: "no tool where horse"
needs: [tool, loan]
accepts: claimed`))
	_, err := compile(text)
	var bad *rulebook.LoadError
	if !errors.As(err, &bad) {
		t.Fatalf("no LoadError but %v", err)
	}
	var got []string
	for _, issue := range bad.Issues {
		got = append(got, issue.String())
	}
	for _, want := range []string{
		`set0.yaml:16:23: tool has no field "wieght"`,
		`set0.yaml:17:5: a requirement has no key "hat"`,
		`set0.yaml:25:45: a field that is a code or text`,
		`the requirement R comes twice`,
		`set0.yaml:32:26: tool has no field "horse"`,
		`has the key "accepts" twice`,
	} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s\nis not among\n%s", want, strings.Join(got, "\n"))
		}
	}
}

func TestFilesThatDoNotHoldAreRefused(t *testing.T) {
	whole := when("tool", "any tool where sharp")
	for name, sets := range map[string][]string{
		"not YAML":             {"id: [", ""},
		"two documents":        {toolSet("a", "one", "from: 2020-01-01", whole) + "---\nid: x\n"},
		"an alias":             {strings.Replace(toolSet("a", "one", "from: 2020-01-01", whole), "title: Shed", "title: &x Shed", 1)},
		"no start":             {toolSet("a", "one", "to: 2020-01-01", whole)},
		"ends before it start": {toolSet("a", "one", "from: 2020-01-01, to: 2019-01-01", whole)},
		"overlap":              {toolSet("a", "one", "from: 2020-01-01", whole), toolSet("a", "two", "from: 2021-01-01", whole)},
		"same name":            {toolSet("a", "one", "from: 2020-01-01, to: 2020-12-31", whole), toolSet("a", "one", "from: 2021-01-01", whole)},
		"needs too much":       {toolSet("a", "one", "from: 2020-01-01", when("tool, loan", "any tool where sharp"))},
		"needs too little":     {toolSet("a", "one", "from: 2020-01-01", when("", "any tool where sharp"))},
		"uses nothing there":   {toolSet("a", "one", "from: 2020-01-01", requirement("R", "uses: b/R"))},
		"uses itself":          {toolSet("a", "one", "from: 2020-01-01", requirement("R", "uses: a/R"))},
		"a circle": {toolSet("a", "one", "from: 2020-01-01", requirement("R", "uses: b/R")),
			toolSet("b", "one", "from: 2020-01-01", requirement("R", "when: not met(a/R)"))},
		"exclusion without": {toolSet("a", "one", "from: 2020-01-01", requirement("R", "kind: exclusion\nneeds: [tool]\nwhen: any tool where sharp"))},
		"two conditions":    {toolSet("a", "one", "from: 2020-01-01", requirement("R", "needs: [tool]\nwhen: any tool where sharp\nuses: a/S"))},
		"unquoted number":   {strings.Replace(toolSet("a", "one", "from: 2020-01-01", whole), "Shed rules", "12", 1)},
		"no url":            {strings.Replace(toolSet("a", "one", "from: 2020-01-01", whole), "mark: set-by-us}]", "mark: confirmed}]", 1)},
	} {
		if _, err := compile(sets...); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := compile(toolSet("a", "one", "from: 2020-01-01", whole)); err != nil {
		t.Errorf("a file that holds is refused: %v", err)
	}
}

func TestARequirementMayUseAnotherSets(t *testing.T) {
	b, err := compile(
		toolSet("shed", "one", "from: 2020-01-01", requirement("SHARP", "uses: knives/K")+requirement("BOTH", "when: met(SHARP) and met(knives/K)")),
		toolSet("knives", "old", "from: 2020-01-01, to: 2021-12-31", requirement("K", "needs: [tool]\nwhen: any tool where sharp")),
		toolSet("knives", "new", "from: 2022-01-01", requirement("K", "needs: [tool]\nwhen: any tool where weight > 80")),
	)
	if err != nil {
		t.Fatal(err)
	}
	shed, _ := b.Named("shed", "one")
	old := shed.Evaluate(tools(), clock.MustDate("2021-10-01"))
	if old.State != rulebook.Met || old.Until.String() != "2021-12-31" || len(old.Uses) != 1 || len(old.Requirement("BOTH").Facts) != 1 {
		t.Fatalf("under the old rule: %+v", old)
	}
	now := shed.Evaluate(tools(), clock.MustDate("2022-01-01"))
	if now.State != rulebook.Unmet || now.Uses[0].Version == old.Uses[0].Version {
		t.Fatalf("under the new rule: %+v", now)
	}
}

func FuzzCondition(f *testing.F) {
	for _, seed := range []string{
		`any tool as t for shape = "flat" where t.date within 3 months of bought`, `sum(tool.weight where sharp) + 2 >= 3`,
		`not (known(until) or maker in ["a", "b"])`, `no tool where uses has "cut" and (any loan where back < on)`, `met(shed/R) or unknown`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, condition string) {
		if strings.ContainsAny(condition, "\r\n\t") {
			return
		}
		var b *rulebook.Book
		for _, needs := range []string{"tool", "loan", "tool, loan", ""} {
			var err error
			if b, err = compile(toolSet("shed", "one", "from: 2020-01-01", when(needs, condition))); err == nil {
				break
			}
			var bad *rulebook.LoadError
			if !errors.As(err, &bad) || len(bad.Issues) == 0 {
				t.Fatalf("refused without saying where: %v", err)
			}
		}
		if b == nil {
			return
		}
		on := clock.MustDate("2022-05-31")
		res := b.Sets()[0].Evaluate(tools(), on)
		explained := b.Sets()[0].Explain(tools(), on)
		if explained.Result.State != res.State || explained.Working[0].Step.State != res.State {
			t.Fatalf("%q is %s, but its working says %s", condition, res.State, explained.Working[0].Step.State)
		}
		if res.Until != 0 {
			if then := b.Sets()[0].Evaluate(tools(), res.Until); then.State != res.State {
				t.Fatalf("%q is %s until %s, but %s then", condition, res.State, res.Until, then.State)
			}
		}
	})
}

func FuzzRuleFile(f *testing.F) {
	f.Add(toolFacts, toolSet("shed", "one", "from: 2020-01-01", when("tool", "any tool where sharp")))
	f.Add("facts: {a: {doc: x, fields: {}}}", "id: x")
	f.Add("facts: &a [*a]", "- - -")
	f.Fuzz(func(t *testing.T, schema, set string) {
		b, err := rulebook.Compile([]rulebook.File{{Name: rulebook.SchemaFile, Text: schema}, {Name: "set.yaml", Text: set}})
		if (b == nil) == (err == nil) {
			t.Fatalf("a book and an error, or neither: %v", err)
		}
		if err == nil {
			b.Sets()[0].Evaluate(tools(), clock.MustDate("2022-05-31"))
		}
	})
}
