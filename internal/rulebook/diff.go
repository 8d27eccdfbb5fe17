package rulebook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Difference is one thing that two versions of rules do not say alike. Was is
// empty for what is new, Is for what is gone.
type Difference struct {
	// Requirement is the path of a requirement or the id of a value; empty for
	// the rule set as a whole.
	Requirement string `json:"requirement,omitempty"`
	What        string `json:"what"`
	Was         string `json:"was,omitempty"`
	Is          string `json:"is,omitempty"`
}

// Diff lists what differs between two rule sets in effect or in what people are
// told: requirements, conditions, proof, values, reasons and sources, in the
// order of the older file and then of the newer.
func Diff(older, newer *Set) []Difference {
	was, is := older.parts(), newer.parts()
	var list []Difference
	for _, p := range was.order {
		before, after := was.of[p], is.of[p]
		if after == nil {
			list = append(list, Difference{Requirement: p, What: "gone", Was: before.text("title")})
			continue
		}
		for _, what := range before.order {
			if before.of[what] != after.of[what] {
				list = append(list, Difference{p, what, before.of[what], after.of[what]})
			}
		}
		for _, what := range after.order {
			if _, ok := before.of[what]; !ok {
				list = append(list, Difference{Requirement: p, What: what, Is: after.of[what]})
			}
		}
	}
	for _, p := range is.order {
		if was.of[p] == nil {
			list = append(list, Difference{Requirement: p, What: "new", Is: is.of[p].text("title")})
		}
	}
	return list
}

// ordered is a map that knows the order in which its keys came.
type ordered[V any] struct {
	order []string
	of    map[string]V
}

func (o *ordered[V]) put(key string, value V) {
	if o.of == nil {
		o.of = map[string]V{}
	}
	o.order, o.of[key] = append(o.order, key), value
}

func (o *ordered[V]) text(key string) string { return fmt.Sprint(o.of[key]) }

// parts are all that a set says, by path and then by what it is about.
func (s *Set) parts() ordered[*ordered[string]] {
	var all ordered[*ordered[string]]
	whole := &ordered[string]{}
	put := func(o *ordered[string], key, value string) {
		if value != "" {
			o.put(key, value)
		}
	}
	put(whole, "title", s.title)
	end := "with no end"
	if s.to != 0 {
		end = "to " + s.to.String()
	}
	put(whole, "effective", "from "+s.from.String()+" "+end)
	put(whole, "sources", sourcesText(s.sources))
	all.put("", whole)
	for _, v := range s.values {
		o := &ordered[string]{}
		put(o, "title", v.Title)
		var rows []string
		for _, row := range v.Rows {
			rows = append(rows, v.text(row)+" ("+string(row.Source.Mark)+")")
		}
		put(o, "rows", strings.Join(rows, "; "))
		all.put("value "+v.ID, o)
	}
	s.each(func(path string, q *requirement) {
		o := &ordered[string]{}
		put(o, "title", q.Title)
		put(o, "kind", q.Kind)
		put(o, "condition", strings.Join(strings.Fields(q.Condition), " "))
		put(o, "not needed", reasonsText([]reasonCase{{reason: q.sparedWhy, text: q.sparedText}}))
		put(o, "accepts", q.Accepts.String())
		put(o, "checked at", strings.Join(q.CheckedAt, ", "))
		put(o, "after", strings.Join(q.After, ", "))
		put(o, "routes", strings.Join(q.Routes, ", "))
		put(o, "decides", q.Decides)
		put(o, "proof", q.ProofText)
		put(o, "unmet", reasonsText(q.unmet))
		put(o, "unknown", reasonsText(q.unknown))
		put(o, "waiting", reasonsText(q.waiting))
		put(o, "sources", sourcesText(q.Sources))
		all.put(path, o)
	})
	return all
}

func reasonsText(list []reasonCase) string {
	var lines []string
	for _, c := range list {
		if c.reason != nil {
			when := strings.Join(strings.Fields(c.text), " ")
			if when != "" {
				when = "when " + when
			}
			lines = append(lines, strings.Join(slices.DeleteFunc([]string{when, c.reason.Kind, c.reason.Staff, c.reason.Doctor, c.reason.Bring, c.reason.Outcome},
				func(s string) bool { return s == "" }), " / "))
		}
	}
	return strings.Join(lines, "; ")
}

func sourcesText(list []Source) string {
	var lines []string
	for _, s := range list {
		lines = append(lines, s.String())
	}
	return strings.Join(lines, "; ")
}

// String gives the source in one line with its mark.
func (s Source) String() string {
	text := s.Title
	if s.Says != "" {
		text = strings.TrimSpace(text + ": " + s.Says)
	}
	if s.URL != "" {
		text += " <" + s.URL + ">"
	}
	return text + " (" + string(s.Mark) + ")"
}

// Rule is all that a rule set says about one requirement.
type Rule struct {
	RuleSet string `json:"ruleset"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Path    string `json:"id"`
	Requirement
	NotNeeded    []RuleReason `json:"not_needed,omitempty"`
	Unmet        []RuleReason `json:"unmet,omitempty"`
	Unknown      []RuleReason `json:"unknown,omitempty"`
	Waiting      []RuleReason `json:"waiting,omitempty"`
	Alternatives []Rule       `json:"alternatives,omitempty"`
	Reads        []Value      `json:"reads_values,omitempty"`
}

// RuleReason is a reason and the condition under which it is given.
type RuleReason struct {
	When string `json:"when,omitempty"`
	Reason
}

// Rule gives what the set says about a requirement or alternative by its path;
// ok is false when there is none.
func (s *Set) Rule(path string) (rule Rule, ok bool) {
	s.each(func(p string, q *requirement) {
		if p == path {
			rule, ok = s.rule(p, q), true
		}
	})
	return rule, ok
}

func (s *Set) rule(path string, q *requirement) Rule {
	texts := func(list ...reasonCase) (out []RuleReason) {
		for _, c := range list {
			if c.reason != nil {
				out = append(out, RuleReason{strings.Join(strings.Fields(c.text), " "), *c.reason})
			}
		}
		return out
	}
	r := Rule{RuleSet: s.id, Name: s.name, Version: s.version, Path: path, Requirement: q.Requirement,
		NotNeeded: texts(reasonCase{reason: q.sparedWhy, text: q.sparedText}),
		Unmet:     texts(q.unmet...), Unknown: texts(q.unknown...), Waiting: texts(q.waiting...)}
	for _, id := range q.Values {
		if v, ok := s.Value(id); ok {
			r.Reads = append(r.Reads, v)
		}
	}
	for _, a := range q.anyOf {
		r.Alternatives = append(r.Alternatives, s.rule(path+"/"+a.ID, a))
	}
	return r
}

// Paths lists the path of every requirement and alternative, in file order.
func (s *Set) Paths() []string {
	var list []string
	s.each(func(path string, _ *requirement) { list = append(list, path) })
	return list
}

// Same tells whether two results are equal to the byte.
func Same(a, b Result) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
