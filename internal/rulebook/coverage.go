package rulebook

import (
	"fmt"
	"slices"
	"strings"
)

// seen counts answers: how often each of Met, Unmet and Unknown was given.
type seen [3]int

// askedFor is one condition as written, and which answers its form allows.
type askedFor struct {
	text string
	can  [3]bool // by Answer
}

// possible tells which answers a condition can give by its form alone: one that
// ends in "and unknown" is never true, one that ends in "or unknown" never
// false. What the facts allow is not asked.
func possible(e *expr) [3]bool {
	can := [3]bool{Met: true, Unmet: true, Unknown: true}
	switch e.op {
	case "unknown":
		can[Met], can[Unmet] = false, false
	case "truth":
		can = [3]bool{}
		can[answerOf(e.number == 1)] = true
	case "and", "or":
		deciding, other := Unmet, Met
		if e.op == "or" {
			deciding, other = Met, Unmet
		}
		can[deciding] = false
		for _, item := range e.items {
			part := possible(item)
			can[deciding] = can[deciding] || part[deciding]
			can[other] = can[other] && part[other]
		}
	case "not":
		inner := possible(e.a)
		can[Met], can[Unmet] = inner[Unmet], inner[Met]
	case "any", "latest", "all", "no":
		if e.where == nil {
			break
		}
		inner := possible(e.where)
		if can[Met], can[Unmet] = inner[Met], inner[Unmet]; e.op == "no" {
			can[Met], can[Unmet] = inner[Unmet], inner[Met]
		}
	}
	return can
}

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
// requirement: each part of its "when", as written. Unknown is counted and not
// asked for: a day that every fact has is never unknown.
type ConditionOf struct {
	RuleSet     string `json:"ruleset"`
	Name        string `json:"name"`
	Requirement string `json:"requirement"`
	Condition   string `json:"condition"`
	True        int    `json:"true"`
	False       int    `json:"false"`
	Unknown     int    `json:"unknown"`
	// NeverTrue and NeverFalse tell that its form does not allow that answer.
	NeverTrue  bool `json:"never_true,omitempty"`
	NeverFalse bool `json:"never_false,omitempty"`
}

// Whole tells whether the condition was seen true and false, where it can be.
func (n ConditionOf) Whole() bool {
	return (n.True > 0 || n.NeverTrue) && (n.False > 0 || n.NeverFalse)
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

// Failed tells whether a case failed, a requirement was not seen met, unmet and
// unknown, or a condition within one not true and false.
func (r Report) Failed() bool {
	return len(r.Failures) > 0 || slices.ContainsFunc(r.Coverage, func(c CoverageOf) bool { return !c.Whole() }) ||
		slices.ContainsFunc(r.Conditions, func(n ConditionOf) bool { return !n.Whole() })
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
	for _, n := range r.Conditions {
		if !n.Whole() {
			lines = append(lines, fmt.Sprintf("%s %s %s: seen true %d times and false %d; each must be seen: %s", n.RuleSet, n.Name, n.Requirement, n.True, n.False, n.Condition))
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
			never := ""
			if n.NeverTrue {
				never += " (cannot be true)"
			}
			if n.NeverFalse {
				never += " (cannot be false)"
			}
			lines = append(lines, fmt.Sprintf("    true %d, false %d, unknown %d%s: %s", n.True, n.False, n.Unknown, never, n.Condition))
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

func (t *tester) conditions(s *Set, path string, asked []askedFor) {
	for i, q := range asked {
		if q.text == "unknown" || slices.Contains(asked[:i], q) {
			continue // the word for an answer that is still to come; the same words twice
		}
		c := ConditionOf{RuleSet: s.id, Name: s.name, Requirement: path, Condition: q.text, NeverTrue: !q.can[Met], NeverFalse: !q.can[Unmet]}
		if n := t.asked[s.file+" "+path+": "+q.text]; n != nil {
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
