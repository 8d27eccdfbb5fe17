package rulebook_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"msw/internal/rulebook"
)

// TestAFileKeptInPartsIsOneFile: the version is that of the whole text, and a
// fault is told where it stands.
func TestAFileKeptInPartsIsOneFile(t *testing.T) {
	whole := toolSet("shed", "one", "from: 2020-01-01", when("tool", "any tool where sharp")+"\n"+strings.Replace(when("tool", "no tool where sharp"), "id: R", "id: S", 1))
	second := strings.LastIndex(whole, "  - id:")
	first := strings.Index(whole, "  - id:")
	if first == second {
		t.Fatalf("two requirements are needed:\n%s", whole)
	}
	files := fstest.MapFS{
		rulebook.SchemaFile:      {Data: []byte(toolFacts)},
		"shed/tools.yaml":        {Data: []byte(whole[:first])},
		"shed/tools/1.yaml":      {Data: []byte(whole[first:second])},
		"shed/tools/2.yaml":      {Data: []byte(whole[second:])},
		"shed/tools/2_test.yaml": {Data: []byte("ruleset: shed\nname: one\ncases:\n  - {name: nothing, on: 2022-01-01, others: unknown}\n")},
	}
	one, err := rulebook.Compile([]rulebook.File{{Name: rulebook.SchemaFile, Text: toolFacts}, {Name: "shed/tools.yaml", Text: whole}})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := rulebook.Load(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(parts.Sets()) != 1 || parts.Sets()[0].Version() != one.Sets()[0].Version() || parts.Sets()[0].Text() != whole {
		t.Errorf("in parts it is another version")
	}
	if report := rulebook.RunTests(files, "."); report.Cases != 1 || len(report.Failures) > 0 {
		t.Errorf("the test beside the parts: %d cases, %v", report.Cases, report.Failures)
	}

	files["shed/tools/2.yaml"].Data = []byte(strings.Replace(whole[second:], "sharp", "sharpe", 1))
	_, err = rulebook.Load(files, ".")
	var faults *rulebook.LoadError
	if !errors.As(err, &faults) || len(faults.Issues) != 1 {
		t.Fatalf("a fault in a part: %v", err)
	}
	at := strings.Count(whole[second:second+strings.Index(whole[second:], "sharp")], "\n") + 1
	if got := faults.Issues[0]; got.File != "shed/tools/2.yaml" || got.Line != at {
		t.Errorf("the fault is told at %s, it stands in line %d of shed/tools/2.yaml", got, at)
	}
}
