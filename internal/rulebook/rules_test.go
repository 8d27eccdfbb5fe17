package rulebook_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"msw/internal/rulebook"
	"msw/rules"
)

func TestTheRulesPassTheTestsBesideThem(t *testing.T) {
	report := rulebook.RunTests(rules.Files, ".")
	if report.Failed() || report.Cases == 0 {
		for _, line := range report.Lines() {
			t.Error(line)
		}
	}
}

func TestAWrongExpectationAndAGapInCoverageFail(t *testing.T) {
	tests := `ruleset: shed
name: one
cases:
  - {name: sharp, on: 2022-01-01, facts: [{fact: tool, state: seen, sharp: true}], expect: {R: ANSWER}}
  - {name: blunt, on: 2022-01-01, facts: [{fact: tool, state: seen, sharp: false}], state: unmet}
  - {name: none, on: 2022-01-01, others: unknown}
`
	rule := "any tool where sharp"
	run := func(tests string) string {
		report := rulebook.RunTests(fstest.MapFS{
			rulebook.SchemaFile:  {Data: []byte(toolFacts)},
			"shed/one.yaml":      {Data: []byte(toolSet("shed", "one", "from: 2020-01-01", when("tool", rule)))},
			"shed/one_test.yaml": {Data: []byte(tests)},
		}, ".")
		if !report.Failed() {
			return ""
		}
		return strings.Join(report.Lines(), "\n")
	}
	right := strings.Replace(tests, "ANSWER", "met", 1)
	if got := run(right); got != "" {
		t.Errorf("right tests fail: %s", got)
	}
	if got := run(strings.Replace(tests, "ANSWER", "unmet", 1)); !strings.Contains(got, `shed/one_test.yaml:4:`) {
		t.Errorf("a wrong expectation gives %q", got)
	}
	if got := run(right[:strings.Index(right, "  - {name: none")]); !strings.Contains(got, "unknown 0") {
		t.Errorf("a gap in coverage gives %q", got)
	}
	rule = "any tool where sharp and known(sharp)"
	if got := run(right); !strings.Contains(got, "seen true 2 times and false 0; each must be seen: known(sharp)") {
		t.Errorf("a condition that was never seen false gives %q", got)
	}
	rule = "any tool where sharp and true"
	if got := run(right); got != "" {
		t.Errorf("a condition that cannot be false is asked for: %q", got)
	}
	rule = "any tool where sharp"
	if got := run(strings.Replace(right, "sharp: true", "sharp: maybe", 1)); !strings.Contains(got, "sharp") {
		t.Errorf("a faulty fact gives %q", got)
	}
}
