package rulebook_test

import (
	"testing"

	"msw/internal/rulebook"
	"msw/rules"
)

func TestTheRulesPassTheTestsBesideThem(t *testing.T) {
	report := rulebook.RunTests(rules.Files, ".")
	if report.Failed() {
		for _, line := range report.Lines() {
			t.Error(line)
		}
	}
}
