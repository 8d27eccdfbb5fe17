package rulebook

import (
	"fmt"
	"slices"
	"strings"

	"msw/internal/clock"
)

// Set is one version of a rule set, compiled. It never changes and serves any
// number of goroutines.
type Set struct {
	book                   *Book
	id, name, title, notes string
	file, text, version    string
	from, to               clock.Date
	effectiveMark          Mark
	effectiveSays          string
	sources                []Source
	requirements           []*requirement
	uses                   []use
	extends                []string
	values                 []*Value
	changes                []Change
	takesOver              bool // it was added to a book
	refers                 bool // some requirement asks for another
	sweep                  *sweep
}

// ID is the rule set's id, which its versions share; Name is the version's own.
func (s *Set) ID() string    { return s.id }
func (s *Set) Name() string  { return s.name }
func (s *Set) Title() string { return s.title }

// Schema gives the kinds of fact the set reads.
func (s *Set) Schema() *Schema { return s.book.schema }

// Notes is what the file says to whoever reads the rules.
func (s *Set) Notes() string { return s.notes }

// File is the name of the file, Text what stood in it and Version its SHA-256.
func (s *Set) File() string    { return s.file }
func (s *Set) Text() string    { return s.text }
func (s *Set) Version() string { return s.version }

// From and To are the first and last day on which the version is effective; To
// is zero when no end is known.
func (s *Set) From() clock.Date { return s.from }
func (s *Set) To() clock.Date   { return s.to }

// Sources say where the set as a whole comes from.
func (s *Set) Sources() []Source { return slices.Clone(s.sources) }

// Extends names the versions this one is built on, nearest first.
func (s *Set) Extends() []string { return slices.Clone(s.extends) }

// Values lists the values the file keeps by date.
func (s *Set) Values() []Value {
	list := make([]Value, len(s.values))
	for i, v := range s.values {
		list[i] = *v
	}
	return list
}

// Value gives one of them by its id.
func (s *Set) Value(id string) (Value, bool) {
	for _, v := range s.values {
		if v.ID == id {
			return *v, true
		}
	}
	return Value{}, false
}

// Changes is the history of the rules that the file tells.
func (s *Set) Changes() []Change { return slices.Clone(s.changes) }

// Requirements lists the fixed part of each requirement, in file order.
func (s *Set) Requirements() []Requirement {
	list := make([]Requirement, len(s.requirements))
	for i, q := range s.requirements {
		list[i] = q.Requirement
	}
	return list
}

// Reads lists the kinds of fact that the answer to a requirement can follow
// from, also through alternatives and other requirements, in alphabetical order.
func (s *Set) Reads(id string) []string {
	var kinds []string
	seen := map[*requirement]bool{}
	var walk func(q *requirement)
	walk = func(q *requirement) {
		if seen[q] {
			return
		}
		seen[q] = true
		kinds = append(kinds, q.reads...)
		for _, next := range q.below() {
			walk(next)
		}
	}
	for _, q := range s.requirements {
		if q.ID == id {
			walk(q)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (s *Set) effectiveOn(on clock.Date) bool {
	return s.from <= on && (s.to == 0 || on <= s.to)
}

// never tells that a later version took over before this one began.
func (s *Set) never() bool { return s.to != 0 && s.to < s.from }

// each calls f with every requirement and alternative and its path: "B3", or
// "B3/OET" for an alternative.
func (s *Set) each(f func(path string, q *requirement)) {
	var walk func(prefix string, list []*requirement)
	walk = func(prefix string, list []*requirement) {
		for _, q := range list {
			f(prefix+q.ID, q)
			walk(prefix+q.ID+"/", q.anyOf)
		}
	}
	walk("", s.requirements)
}

// use is another rule set that this one refers to, in any of its versions.
type use struct {
	id       string
	versions []*Set
}

func (u *use) append(list []Used, on clock.Date) []Used {
	for _, s := range u.versions {
		if s.effectiveOn(on) {
			list = append(list, Used{s.id, s.version})
		}
	}
	return list
}

// link finds the target of every "met(…)" and refuses circles and targets that
// are not there.
func (b *Book) link() []Issue {
	var issues []Issue
	for _, s := range b.sets {
		s.each(func(path string, q *requirement) {
			for _, ref := range q.refs {
				if b.find(s, ref); len(ref.targets) == 0 {
					issues = append(issues, Issue{q.fileOr(s), q.line, q.column,
						fmt.Sprintf("%s uses %s/%s, and there is no such requirement", path, ref.set, ref.id)})
				}
				s.refers = true
			}
		})
	}
	for _, s := range b.sets {
		s.each(func(path string, q *requirement) {
			if circular(q, q, map[*requirement]bool{}) {
				issues = append(issues, Issue{q.fileOr(s), q.line, q.column, path + " depends on itself"})
			}
		})
		issues = append(issues, s.prerequisites()...)
		b.collectUses(s)
		s.sweep = newSweep(s.requirements)
	}
	return issues
}

// find fills a reference: ID or ID/ALTERNATIVE in its own version, or after the
// id of a set in every version of that one.
func (b *Book) find(own *Set, ref *reference) {
	first, rest, more := strings.Cut(ref.text, "/")
	isSet := slices.ContainsFunc(b.sets, func(s *Set) bool { return s.id == first })
	candidates := b.sets
	switch {
	case more && isSet:
		ref.set, ref.id = first, rest
	default:
		ref.set, ref.id, candidates = own.id, ref.text, []*Set{own}
	}
	for _, s := range candidates {
		if s.id != ref.set {
			continue
		}
		s.each(func(path string, q *requirement) {
			if path == ref.id {
				ref.targets = append(ref.targets, target{s, q, s == own})
			}
		})
	}
}

func (q *requirement) below() []*requirement {
	list := slices.Clone(q.anyOf)
	for _, ref := range q.refs {
		for _, t := range ref.targets {
			list = append(list, t.requirement)
		}
	}
	return list
}

func circular(start, at *requirement, seen map[*requirement]bool) bool {
	for _, q := range at.below() {
		if q == start {
			return true
		}
		if !seen[q] {
			seen[q] = true
			if circular(start, q, seen) {
				return true
			}
		}
	}
	return false
}

// collectUses lists the other sets a set depends on, also through another.
func (b *Book) collectUses(s *Set) {
	seen := map[*requirement]bool{}
	var walk func(q *requirement)
	walk = func(q *requirement) {
		if seen[q] {
			return
		}
		seen[q] = true
		for _, ref := range q.refs {
			if ref.set != s.id && !slices.ContainsFunc(s.uses, func(u use) bool { return u.id == ref.set }) {
				u := use{id: ref.set}
				for _, t := range b.sets {
					if t.id == ref.set {
						u.versions = append(u.versions, t)
					}
				}
				s.uses = append(s.uses, u)
			}
		}
		for _, next := range q.below() {
			walk(next)
		}
	}
	for _, q := range s.requirements {
		walk(q)
	}
}

// ReviewLine is one thing in the rules that no source confirms.
type ReviewLine struct {
	RuleSet     string `json:"ruleset"`
	Name        string `json:"name"`
	Requirement string `json:"requirement,omitempty"`
	Mark        Mark   `json:"mark"`
	Title       string `json:"title"`
	Says        string `json:"says,omitempty"`
}

// Review lists everything in the rules that is recalled or set by us.
func (b *Book) Review() []ReviewLine {
	var lines []ReviewLine
	for _, s := range b.sets {
		if s.effectiveMark != Confirmed {
			lines = append(lines, ReviewLine{s.id, s.name, "", s.effectiveMark, "effective dates", s.effectiveSays})
		}
		add := func(requirement string, sources []Source) {
			for _, source := range sources {
				if source.Mark != Confirmed {
					lines = append(lines, ReviewLine{s.id, s.name, requirement, source.Mark, source.Title, source.Says})
				}
			}
		}
		add("", s.sources)
		for _, v := range s.values {
			for _, row := range v.Rows {
				if row.Source.Mark != Confirmed || !row.Known {
					says := strings.TrimSpace(v.text(row) + ". " + row.Source.Says)
					lines = append(lines, ReviewLine{s.id, s.name, v.ID, row.Source.Mark, v.Title, says})
				}
			}
		}
		for _, c := range s.changes {
			if c.Source.Mark != Confirmed {
				lines = append(lines, ReviewLine{s.id, s.name, "", c.Source.Mark, "change of " + c.On.String(), c.Says})
			}
		}
		s.each(func(path string, q *requirement) { add(path, q.Sources) })
	}
	return lines
}

// fileOr gives the file the requirement stands in; alternatives stand in that
// of the set.
func (q *requirement) fileOr(s *Set) string {
	if q.file != "" {
		return q.file
	}
	return s.file
}
