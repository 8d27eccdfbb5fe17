package msw

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documented reads one table of docs/dependencies.md: version by name.
func documented(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- "+name+": begin -->")
	body, _, ok2 := strings.Cut(rest, "<!-- "+name+": end -->")
	if !ok || !ok2 {
		t.Fatalf("docs/dependencies.md has no table of %s", name)
	}
	out := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(body), "\n")[2:] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 5 {
			t.Errorf("docs/dependencies.md: a row has %d cells, not 5: %s", len(cells), line)
			continue
		}
		for i := range cells {
			if cells[i] = strings.TrimSpace(cells[i]); cells[i] == "" {
				t.Errorf("docs/dependencies.md: an empty cell in %s", line)
			}
		}
		if _, twice := out[cells[0]]; twice {
			t.Errorf("docs/dependencies.md lists %s twice", cells[0])
		}
		out[cells[0]] = cells[1]
	}
	return out
}

var (
	requirement = regexp.MustCompile(`^(?:require\s+)?([^\s()]+)\s+(v\S+)(\s*//\s*indirect.*)?$`)
	toolLine    = regexp.MustCompile(`^(?:tool\s+)?([^\s()/]+\.[^\s()/]+/\S+)$`)
)

// direct reads what a go.mod asks for itself: its direct requirements, and the
// modules of its tools, which go.mod marks as indirect.
func direct(text string) map[string]string {
	out, indirect := map[string]string{}, map[string]string{}
	var tools []string
	block := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if word, opens := strings.CutSuffix(line, " ("); opens {
			block = word
			continue
		}
		switch {
		case line == ")":
			block = ""
		case block == "require" || strings.HasPrefix(line, "require "):
			if m := requirement.FindStringSubmatch(line); m != nil && m[3] == "" {
				out[m[1]] = m[2]
			} else if m != nil {
				indirect[m[1]] = m[2]
			}
		case block == "tool" || strings.HasPrefix(line, "tool "):
			if m := toolLine.FindStringSubmatch(line); m != nil {
				tools = append(tools, m[1])
			}
		}
	}
	for _, tool := range tools {
		for module, version := range indirect {
			if tool == module || strings.HasPrefix(tool, module+"/") {
				out[module] = version
			}
		}
	}
	return out
}

func TestDependenciesAreDocumented(t *testing.T) {
	for _, file := range []string{"go.mod", "tools/go.mod", "package.json"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]string
		if strings.HasSuffix(file, ".json") {
			var p struct{ Dependencies, DevDependencies map[string]string }
			if err := json.Unmarshal(text, &p); err != nil {
				t.Fatal(err)
			}
			want = maps.Clone(p.Dependencies)
			maps.Copy(want, p.DevDependencies)
		} else {
			want = direct(string(text))
		}
		if len(want) == 0 {
			t.Errorf("nothing was read from %s", file)
		}
		got := documented(t, file)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got[name] != want[name] {
				t.Errorf("%s asks for %s %s; docs/dependencies.md says %q: change or add its row", file, name, want[name], got[name])
			}
		}
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if _, there := want[name]; !there {
				t.Errorf("docs/dependencies.md lists %s, which %s does not ask for: take the row out", name, file)
			}
		}
	}
}

func TestDirectRequirementsAreRead(t *testing.T) {
	got := direct("module m\n\ngo 1.26\n\nrequire example.org/one v1.0.0\n\nrequire (\n\texample.org/two/v2 v2.0.0\n\texample.org/three v0.1.0 // indirect\n\texample.org/four v0.2.0 // indirect\n)\n\ntool example.org/three/cmd/three\n")
	want := map[string]string{"example.org/one": "v1.0.0", "example.org/two/v2": "v2.0.0", "example.org/three": "v0.1.0"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
