package rulebook

import (
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Report is what the tests beside the rules found.
type Report struct {
	Cases      int           `json:"cases"`
	Failures   []Issue       `json:"failures,omitempty"`
	Coverage   []CoverageOf  `json:"coverage"`
	Conditions []ConditionOf `json:"conditions"`
}

// RunTests loads the rules below dir and runs every *_test.yaml beside them. A
// fault in a rule or test file is a failure like any other.
func RunTests(fsys fs.FS, dir string) Report {
	var report Report
	book, err := Load(fsys, dir)
	if err != nil {
		return Report{Failures: faultsOf(err)}
	}
	files, err := ReadFiles(fsys, dir)
	if err != nil {
		return Report{Failures: faultsOf(err)}
	}
	t := &tester{book: book, report: &report, seen: map[string]*seen{}, asked: map[string]*seen{}, never: map[string][]string{}}
	for _, f := range files {
		if f.Test() {
			r := &reader{file: f.Name, body: f.Text}
			t.file(r)
			report.Failures = append(report.Failures, r.issues...)
		}
	}
	t.cover()
	return report
}

func faultsOf(err error) []Issue {
	if e, ok := err.(*LoadError); ok {
		return e.Issues
	}
	return []Issue{{Message: err.Error()}}
}

// tester runs test files. A file names a rule set and version, may give named
// lists of facts, and lists cases; never names answers that a requirement
// cannot give:
//
//	ruleset: ID
//	name: VERSION
//	never: {ID: [ANSWER …] …}
//	given: {NAME: [fact …] …}
//	cases:
//	  - name: what this shows
//	    on: DATE
//	    with: [NAME …]        facts of those lists
//	    without: [KIND …]     leaving out these kinds
//	    facts: [fact …]       and adding these
//	    state: ANSWER         of the whole set
//	    expect: {ID: met | unmet | unknown | waiting | not needed, ID/ALTERNATIVE: …}
//	    others: ANSWER        of every requirement not named in expect
//	    until: {ID: DATE}     nothing for no end
//	    reason: {ID: KIND}    fixable, fatal or wait
//	    outcome: {ID: CODE}
//	    by: {ID: ALTERNATIVE}
type tester struct {
	book   *Book
	report *Report
	seen   map[string]*seen // by file and requirement
	asked  map[string]*seen // by file, requirement and condition
	never  map[string][]string
}

func (t *tester) file(r *reader) {
	root := r.document()
	if root == nil {
		return
	}
	m := r.mapping(root, "the test file", "ruleset", "name", "never", "given", "cases")
	set, err := t.book.Named(r.text(m["ruleset"], root, "ruleset"), r.text(m["name"], root, "name"))
	if err != nil {
		r.report(root, "%s", err)
		return
	}
	for _, e := range r.entries(m["never"], "never") {
		if !set.hasPath(e.key.Value) {
			r.report(e.key, "there is no requirement %s", e.key.Value)
		}
		t.never[set.file+" "+e.key.Value] = r.list(e.value, "never")
	}
	given := map[string][]Fact{}
	for _, e := range r.entries(m["given"], "given") {
		given[e.key.Value] = t.facts(r, e.value)
	}
	for _, n := range r.items(m["cases"], "cases") {
		t.one(r, n, set, given)
	}
}

func (t *tester) one(r *reader, n *yaml.Node, set *Set, given map[string][]Fact) {
	m := r.mapping(n, "a case", "name", "on", "with", "without", "facts", "state", "expect", "others", "until", "reason", "outcome", "by")
	t.report.Cases++
	name := r.text(m["name"], n, "name")
	on := r.date(m["on"], "on")
	if on == 0 {
		r.report(n, "%s: on is missing", name)
	}
	without := r.list(m["without"], "without")
	var facts []Fact
	for _, item := range r.items(m["with"], "with") {
		list, ok := given[item.Value]
		if !ok {
			r.report(item, "%s: there are no facts given as %q", name, item.Value)
		}
		for _, f := range list {
			if !slices.Contains(without, f.Kind) {
				facts = append(facts, f)
			}
		}
	}
	facts = append(facts, t.facts(r, m["facts"])...)
	e := set.Explain(facts, on)
	outcomes := map[string]*Outcome{}
	collect(outcomes, "", e.Result.Requirements)
	for path, o := range outcomes {
		count(t.seen, set.file+" "+path, o.State)
	}
	for _, w := range e.Working {
		t.steps(set.file+" "+w.Requirement, &w.Step)
	}
	t.compare(r, m, name, &e.Result, outcomes)
}

func collect(outcomes map[string]*Outcome, prefix string, list []Outcome) {
	for i := range list {
		outcomes[prefix+list[i].ID] = &list[i]
		collect(outcomes, prefix+list[i].ID+"/", list[i].Alternatives)
	}
}

func (t *tester) compare(r *reader, m map[string]*yaml.Node, name string, res *Result, outcomes map[string]*Outcome) {
	expected := map[string]bool{}
	each := func(key string, got func(*Outcome) string) {
		for _, e := range r.entries(m[key], key) {
			expected[e.key.Value] = true
			o := outcomes[e.key.Value]
			if o == nil {
				r.report(e.key, "%s: there is no requirement %s", name, e.key.Value)
			} else if got(o) != e.value.Value {
				r.report(e.value, "%s: %s of %s is %q, expected %q", name, key, e.key.Value, got(o), e.value.Value)
			}
		}
	}
	each("until", func(o *Outcome) string { return o.Until.String() })
	each("reason", func(o *Outcome) string { return o.reason().Kind })
	each("outcome", func(o *Outcome) string { return o.reason().Outcome })
	each("by", func(o *Outcome) string { return o.By })
	clear(expected)
	each("expect", func(o *Outcome) string {
		switch {
		case o.Waiting:
			return "waiting"
		case o.NotNeeded != nil && o.State == Met:
			return "not needed"
		}
		return o.State.String()
	})
	if n := m["others"]; n != nil {
		for i := range res.Requirements {
			if o := &res.Requirements[i]; !expected[o.ID] && o.State.String() != n.Value {
				r.report(n, "%s: %s is %s, expected %s of all not named", name, o.ID, o.State, n.Value)
			}
		}
	}
	if n := m["state"]; n != nil && n.Value != res.State.String() {
		r.report(n, "%s: the whole is %s, expected %s", name, res.State, n.Value)
	}
}

func (s *Set) hasPath(want string) bool {
	found := false
	s.each(func(path string, _ *requirement) { found = found || path == want })
	return found
}

func (o *Outcome) reason() Reason {
	if o.Reason == nil {
		return Reason{}
	}
	return *o.Reason
}

// facts reads a list of flat records, as ReadFacts does from JSON.
func (t *tester) facts(r *reader, n *yaml.Node) []Fact {
	var facts []Fact
	for _, item := range r.items(n, "facts") {
		record := map[string]any{}
		for _, e := range r.entries(item, "a fact") {
			record[e.key.Value] = t.value(r, record, e)
		}
		f, faults := t.book.schema.factOf(record)
		for _, fault := range faults {
			r.report(item, "%s: %s", fault.Name, fault.Message)
		}
		facts = append(facts, f)
	}
	return facts
}

func (t *tester) value(r *reader, record map[string]any, e entry) any {
	kind, _ := t.book.schema.Kind(fmt.Sprint(record["fact"]))
	field, _ := kind.Field(e.key.Value)
	switch {
	case e.value.Kind == yaml.SequenceNode:
		var list []any
		for _, word := range r.list(e.value, e.key.Value) {
			list = append(list, word)
		}
		return list
	case field.Type == TypeInt:
		return r.whole(e.value, e.key, e.key.Value)
	case field.Type == TypeBool:
		return r.choice(e.value, e.key, e.key.Value, "true", "false") == "true"
	}
	return e.value.Value
}
