package rulebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
)

// loader reads rule files of which some extend others.
type loader struct {
	book  *Book
	files []*ruleFile
}

// ruleFile is one rule file, opened but not yet compiled.
type ruleFile struct {
	r        *reader
	root     *yaml.Node
	keys     map[string]*yaml.Node
	id, name string
	later    bool // it takes over from those before it
}

func (l *loader) open(r *reader, later bool) {
	root := r.document()
	if root == nil {
		return
	}
	f := &ruleFile{r: r, root: root, later: later}
	f.keys = r.mapping(root, "the rule file", "id", "name", "extends", "title", "effective", "sources", "notes", "changes", "values", "without", "requirements")
	f.id, f.name = r.id(f.keys["id"], root, "id"), r.id(f.keys["name"], root, "name")
	l.files = append(l.files, f)
}

// read compiles every file that was opened.
func (l *loader) read() []Issue {
	var issues []Issue
	for _, f := range l.files {
		f.r.issues = nil
		l.book.sets = append(l.book.sets, l.set(f))
		issues = append(issues, f.r.issues...)
	}
	return issues
}

// piece is a requirement of a file with the file it stands in.
type piece struct {
	f *ruleFile
	n *yaml.Node
}

func (l *loader) set(f *ruleFile) *Set {
	r, m := f.r, f.keys
	s := &Set{book: l.book, id: f.id, name: f.name, file: r.file, text: r.body, takesOver: f.later}
	s.title = r.text(m["title"], f.root, "title")
	s.notes = r.optional(m["notes"], "notes")
	r.effective(s, m["effective"], f.root)
	chain := l.chain(f)
	sum := sha256.New()
	for i, part := range chain {
		if i > 0 {
			sum.Write([]byte{0})
			s.extends = append(s.extends, part.name)
		}
		sum.Write([]byte(part.r.body))
		if len(s.sources) == 0 {
			s.sources = part.reader(nil).sources(part.keys["sources"])
		}
	}
	s.version = hex.EncodeToString(sum.Sum(nil))
	if m["sources"] != nil {
		r.sources(m["sources"])
	}
	if len(s.sources) == 0 {
		r.report(f.root, "sources is missing: say where the rules come from and how sure that is")
	}
	s.changes = r.changes(m["changes"])
	s.values = l.values(chain)
	l.requirements(s, chain)
	return s
}

// reader reads one more time from the file, with the values a version has.
func (f *ruleFile) reader(values []*Value) *reader {
	return &reader{file: f.r.file, body: f.r.body, values: values}
}

const maxChain = 8

// chain gives the file and those it extends, nearest first.
func (l *loader) chain(f *ruleFile) []*ruleFile {
	list := []*ruleFile{f}
	for len(list) <= maxChain {
		last := list[len(list)-1]
		n := last.keys["extends"]
		if n == nil {
			return list
		}
		name := last.r.text(n, last.root, "extends")
		i := slices.IndexFunc(l.files, func(o *ruleFile) bool { return o.id == f.id && o.name == name })
		if i < 0 || slices.Contains(list, l.files[i]) {
			f.r.report(n, "%s extends %q, which is no other version of %s", last.name, name, f.id)
			return list
		}
		list = append(list, l.files[i])
	}
	f.r.report(f.root, "versions extend one another more than %d deep", maxChain)
	return list
}

// values joins those of the chain; a nearer one replaces one of the same id.
func (l *loader) values(chain []*ruleFile) []*Value {
	var list []*Value
	for i, f := range slices.Backward(chain) {
		r := f.reader(nil)
		for _, v := range r.readValues(f.keys["values"]) {
			if at := slices.IndexFunc(list, func(o *Value) bool { return o.ID == v.ID }); at >= 0 {
				list[at] = v
			} else {
				list = append(list, v)
			}
		}
		if i == 0 {
			f.r.issues = append(f.r.issues, r.issues...)
		}
	}
	return list
}

// requirements compiles those of the chain, in the order of the file furthest
// away; a nearer one takes the place of one of the same id.
func (l *loader) requirements(s *Set, chain []*ruleFile) {
	own := chain[0].r
	var list []piece
	find := func(id string) int {
		return slices.IndexFunc(list, func(p piece) bool { return idOf(p.n) == id })
	}
	for _, f := range slices.Backward(chain) {
		for _, id := range own.list(f.keys["without"], "without") {
			if at := find(id); at >= 0 {
				list = slices.Delete(list, at, at+1)
			} else if f == chain[0] {
				own.report(f.keys["without"], "there is no requirement %s to do without", id)
			}
		}
		inherited := len(list)
		for _, n := range own.items(f.keys["requirements"], "requirements") {
			if at := find(idOf(n)); at >= 0 && at < inherited {
				list[at] = piece{f, n}
			} else {
				list = append(list, piece{f, n})
			}
		}
	}
	if len(list) == 0 {
		own.report(chain[0].root, "requirements is missing")
	}
	seen := map[string]bool{}
	for i, p := range list {
		r := p.f.reader(s.values)
		q := l.book.readRequirement(r, p.n, nil)
		q.file = p.f.r.file
		if seen[q.ID] && q.ID != "" {
			r.report(p.n, "the requirement %s comes twice", q.ID)
		}
		seen[q.ID] = true
		q.index = i
		s.requirements = append(s.requirements, q)
		own.issues = append(own.issues, r.issues...)
	}
}

func idOf(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "id" {
				return n.Content[i+1].Value
			}
		}
	}
	return ""
}

// Change is one entry of a rule set's own history.
type Change struct {
	On     clock.Date `json:"on"`
	Says   string     `json:"says"`
	Source Source     `json:"source"`
}

func (r *reader) changes(n *yaml.Node) []Change {
	var list []Change
	for _, item := range r.items(n, "changes") {
		m := r.mapping(item, "a change", "on", "says", "url", "title", "read", "mark")
		c := Change{On: r.date(m["on"], "on"), Says: r.text(m["says"], item, "says"), Source: Source{URL: r.optional(m["url"], "url"),
			Title: r.optional(m["title"], "title"), Read: r.date(m["read"], "read"),
			Mark: Mark(r.choice(m["mark"], item, "mark", string(Confirmed), string(Recalled), string(SetByUs)))}}
		if c.Source.Mark == Confirmed && c.Source.URL == "" {
			r.report(item, "a confirmed change names its url")
		}
		if c.On == 0 {
			r.report(item, "a change needs the day it took effect")
		}
		list = append(list, c)
	}
	return list
}

// prerequisites checks that each requirement comes after others that are there,
// and never after itself.
func (s *Set) prerequisites() []Issue {
	var issues []Issue
	byID := map[string]*requirement{}
	for _, q := range s.requirements {
		byID[q.ID] = q
	}
	var reaches func(from *requirement, goal string, seen map[string]bool) bool
	reaches = func(from *requirement, goal string, seen map[string]bool) bool {
		for _, id := range from.After {
			if id == goal {
				return true
			}
			if next := byID[id]; next != nil && !seen[id] {
				seen[id] = true
				if reaches(next, goal, seen) {
					return true
				}
			}
		}
		return false
	}
	for _, q := range s.requirements {
		for _, id := range q.After {
			if byID[id] == nil {
				issues = append(issues, Issue{q.file, q.line, q.column, fmt.Sprintf("%s comes after %s, and there is no such requirement", q.ID, id)})
			}
		}
		if reaches(q, q.ID, map[string]bool{}) {
			issues = append(issues, Issue{q.file, q.line, q.column, q.ID + " comes after itself"})
		}
	}
	return issues
}
