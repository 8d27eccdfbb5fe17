package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// telling finds sentences that could send somebody to those whom a doctor may
// not be able to ask.
var (
	telling  = regexp.MustCompile(`(?i)\b(ask|start|contact|write to|call|phone|request|obtain|get|apply to|go to|visit|bring|send for|order)\b[^.":;]{0,70}\b(embassy|consulate|regulators?|police|university|medical school|your school|institutions?|medical council|former employers?|employer abroad|country you left|home country|authorities|certificates? of good standing|primary source verification|usual verification|police certificates?( from abroad)?|referees?)\b`)
	literal  = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|>[^<{}]+<")
	reviewed = "testdata/asking.txt"
)

// Every text of rules and pages that could tell somebody to ask those abroad is
// in testdata/asking.txt with the reason why it is safe: which word of the
// doctor it is guarded by, or that it says not to ask. A new one fails here
// until somebody has looked.
func TestEveryTextThatSendsSomebodyToAskIsReviewed(t *testing.T) {
	found := map[string]string{}
	walkTexts(t, func(path, text string) {
		for _, m := range telling.FindAllString(text, -1) {
			found[strings.Join(strings.Fields(strings.ToLower(m)), " ")] = path
		}
	})
	list, err := os.ReadFile(reviewed)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		text, why, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !ok || why == "" {
			t.Errorf("%q has no reason", line)
		}
		known[text] = true
		if found[text] == "" {
			t.Errorf("%q is reviewed, and nothing says it any more", text)
		}
	}
	var fresh []string
	for text, path := range found {
		if !known[text] {
			fresh = append(fresh, text+"   ("+path+")")
		}
	}
	slices.Sort(fresh)
	for _, one := range fresh {
		t.Errorf("not reviewed: %s", one)
	}
}

// walkTexts gives each text that a person may read: of rule files whole lines,
// of pages and services what stands in quotes or between tags.
func walkTexts(t *testing.T, each func(path, text string)) {
	t.Helper()
	for _, root := range []string{"../../rules", ".."} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && (d.Name() == "testdata" || d.Name() == "assets" || d.Name() == "nhs") {
					return filepath.SkipDir
				}
				return err
			}
			name := d.Name()
			code := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, ".templ")
			rule := strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, "_test.yaml")
			if !code && !rule {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if rule {
				each(path, string(b))
				return nil
			}
			for line := range strings.Lines(string(b)) {
				if strings.HasPrefix(strings.TrimSpace(line), "//") {
					continue
				}
				for _, text := range literal.FindAllString(line, -1) {
					each(path, text)
				}
				if !strings.ContainsAny(line, "\"`<>{}=") { // running text of a template
					each(path, line)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
