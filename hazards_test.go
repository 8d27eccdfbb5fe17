package msw

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryHazardIsControlledByATestThatExists reads docs/hazards.md.
func TestEveryHazardIsControlledByATestThatExists(t *testing.T) {
	text, err := os.ReadFile("docs/hazards.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "<!-- hazards: begin -->")
	table, _, found := strings.Cut(rest, "<!-- hazards: end -->")
	if !found {
		t.Fatal("docs/hazards.md has no table of hazards")
	}
	named := regexp.MustCompile("`([a-z/]+)` (Test[A-Za-z]+) \\|$")
	for _, must := range []string{"stale sign-off", "wrong person", "level misread"} {
		if !strings.Contains(table, "| "+must) {
			t.Errorf("the hazard %q is missing", must)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
		m := named.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no test is named: %s", line)
			continue
		}
		if !declares(t, m[1], m[2]) {
			t.Errorf("%s has no %s, named by: %s", m[1], m[2], line)
		}
	}
}

// declares tells whether a test of a package stands in one of its files.
func declares(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
