package rulebook

import (
	"fmt"
	"slices"
	"strings"
)

// seen counts answers: how often each of Met, Unmet and Unknown was given.
type seen [3]int

func count(list map[string]*seen, key string, a Answer) {
	if list[key] == nil {
		list[key] = &seen{}
	}
	list[key][a]++
}

// CoverageOf tells with which answers the tests saw one requirement.
type CoverageOf struct {
	RuleSet     string `json:"ruleset"`
	Name        string `json:"name"`
	Requirement string `json:"requirement"`
	Met         int    `json:"met"`
	Unmet       int    `json:"unmet"`
	Unknown     int    `json:"unknown"`
	// Never lists answers that the test file says it cannot give.
	Never []string `json:"never,omitempty"`
}

// ConditionOf tells with which answers the tests saw one condition within a
// requirement: each part of its "when", as written. A part may be one that can
// never be unknown, such as a comparison of a field that every fact has.
type ConditionOf struct {
	RuleSet     string `json:"ruleset"`
	Name        string `json:"name"`
	Requirement string `json:"requirement"`
	Condition   string `json:"condition"`
	True        int    `json:"true"`
	False       int    `json:"false"`
	Unknown     int    `json:"unknown"`
}

// Whole tells whether each answer was seen that it can give, and none that it
// cannot.
func (c CoverageOf) Whole() bool {
	for answer, n := range map[Answer]int{Met: c.Met, Unmet: c.Unmet, Unknown: c.Unknown} {
		if slices.Contains(c.Never, answer.String()) == (n > 0) {
			return false
		}
	}
	return true
}

// Failed tells whether a case failed or a requirement was not seen met, unmet
// and unknown.
func (r Report) Failed() bool {
	return len(r.Failures) > 0 || slices.ContainsFunc(r.Coverage, func(c CoverageOf) bool { return !c.Whole() })
}

// Lines gives the report as sentences: each failure, each gap, then the count.
func (r Report) Lines() []string {
	var lines []string
	for _, f := range r.Failures {
		lines = append(lines, f.String())
	}
	for _, c := range r.Coverage {
		if !c.Whole() {
			line := fmt.Sprintf("%s %s %s: seen met %d times, unmet %d, unknown %d; each must be seen", c.RuleSet, c.Name, c.Requirement, c.Met, c.Unmet, c.Unknown)
			if len(c.Never) > 0 {
				line += ", and never " + strings.Join(c.Never, " or ")
			}
			lines = append(lines, line)
		}
	}
	return append(lines, fmt.Sprintf("%d cases, %d failures", r.Cases, len(r.Failures)))
}

// Seen gives what the tests saw, a line for each requirement and, below it, for
// each condition within it, with what was never seen marked.
func (r Report) Seen() []string {
	var lines []string
	next := 0
	for _, c := range r.Coverage {
		line := fmt.Sprintf("%s %s %s: met %d, unmet %d, unknown %d", c.RuleSet, c.Name, c.Requirement, c.Met, c.Unmet, c.Unknown)
		if len(c.Never) > 0 {
			line += " (cannot be " + strings.Join(c.Never, " or ") + ")"
		}
		lines = append(lines, line)
		for ; next < len(r.Conditions) && r.Conditions[next].of(c); next++ {
			n := r.Conditions[next]
			lines = append(lines, fmt.Sprintf("    true %d, false %d, unknown %d: %s", n.True, n.False, n.Unknown, n.Condition))
		}
	}
	return lines
}

// of tells whether the condition is one of that requirement's.
func (n ConditionOf) of(c CoverageOf) bool {
	return n.RuleSet == c.RuleSet && n.Name == c.Name && strings.TrimSuffix(n.Requirement, notNeeded) == c.Requirement
}

// cover writes down what the tests saw of every requirement and condition, each
// in the version it was written for.
func (t *tester) cover() {
	for _, s := range t.book.sets {
		inherited := false
		s.each(func(path string, q *requirement) {
			if !strings.Contains(path, "/") {
				inherited = q.file != s.file
			}
			if inherited {
				return // the version it was written for shows it
			}
			c := CoverageOf{RuleSet: s.id, Name: s.name, Requirement: path}
			if n := t.seen[s.file+" "+path]; n != nil {
				c.Met, c.Unmet, c.Unknown = n[Met], n[Unmet], n[Unknown]
			}
			c.Never = t.never[s.file+" "+path]
			t.report.Coverage = append(t.report.Coverage, c)
			if q.uses == nil { // another requirement's, which is seen there
				t.conditions(s, path, q.asked)
			}
			t.conditions(s, path+notNeeded, q.sparedAsked)
		})
	}
}

func (t *tester) conditions(s *Set, path string, asked []string) {
	for i, text := range asked {
		if text == "unknown" || slices.Contains(asked[:i], text) {
			continue // the word for an answer that is still to come; the same words twice
		}
		c := ConditionOf{RuleSet: s.id, Name: s.name, Requirement: path, Condition: text}
		if n := t.asked[s.file+" "+path+": "+text]; n != nil {
			c.True, c.False, c.Unknown = n[Met], n[Unmet], n[Unknown]
		}
		t.report.Conditions = append(t.report.Conditions, c)
	}
}

// steps counts the answers of a step and of all within it.
func (t *tester) steps(path string, s *Step) {
	if s.Text != "" && s.Value == "" {
		count(t.asked, path+": "+s.Text, s.State)
	}
	for i := range s.Steps {
		t.steps(path, &s.Steps[i])
	}
}
