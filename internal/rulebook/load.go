package rulebook

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
)

// File is one file of a rule book: its path below the book's folder and text.
type File struct {
	Name, Text string

	joined *joined // of a file that was read in parts
}

// SchemaFile is the name of the file that lists the kinds of fact.
const SchemaFile = "facts.yaml"

const testSuffix = "_test.yaml"

// Load reads and compiles every rule file below dir. The error is a *LoadError
// holding every fault of every file, or the file system's own.
func Load(fsys fs.FS, dir string) (*Book, error) {
	files, err := ReadFiles(fsys, dir)
	if err != nil {
		return nil, err
	}
	return Compile(slices.DeleteFunc(files, File.Test))
}

// ReadFiles reads every YAML file below dir, tests among them. A rule file may
// be kept in parts: those of a.yaml are the files of the folder a, joined to it
// in the order of their names.
func ReadFiles(fsys fs.FS, dir string) ([]File, error) {
	var files []File
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		files = append(files, File{Name: strings.TrimPrefix(strings.TrimPrefix(name, dir), "/"), Text: string(text)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading rule files in %s: %w", dir, err)
	}
	return join(files), nil
}

// Test tells whether the file holds tests of rules.
func (f File) Test() bool { return strings.HasSuffix(f.Name, testSuffix) }

// Compile reads and compiles rule files given as texts: SchemaFile and the rule
// sets, which may use one another. The error is a *LoadError.
func Compile(files []File) (*Book, error) { return compileFiles(files, len(files), "") }

// With is the book with further rule files, as if they were switched on in this
// order: each takes over from the day it is effective, so that the version in
// force until then ends the day before and one that begins later never begins.
// The book itself stays as it is.
func (b *Book) With(more ...File) (*Book, error) {
	return compileFiles(append(slices.Clone(b.files), more...), b.original, "")
}

// Same tells whether two books were made of the very same files.
func (b *Book) Same(o *Book) bool {
	return b == o || slices.EqualFunc(b.sets, o.sets, func(x, y *Set) bool {
		return x.id == y.id && x.version == y.version && x.from == y.from && x.to == y.to
	})
}

// CompileBeside is Compile for a file that is to take over from others on the
// same days: it may extend one of those and use them all, and its dates are not
// compared with theirs. It gives the set of that file.
func CompileBeside(file File, others []File) (*Set, error) {
	b, err := compileFiles(append([]File{file}, others...), 1+len(others), file.Name)
	if err != nil {
		return nil, err
	}
	for _, s := range b.sets {
		if s.file == file.Name {
			return s, nil
		}
	}
	return nil, &LoadError{[]Issue{{file.Name, 1, 1, "the text holds no rule set"}}}
}

// compileFiles compiles files of which those from the original-th on take over
// from those before them. The dates of the file named beside are not compared.
func compileFiles(files []File, original int, beside string) (*Book, error) {
	b := &Book{schema: readSchema(&reader{}), files: files, original: original}
	var issues []Issue
	found := false
	for _, f := range files {
		if f.Name == SchemaFile {
			r := &reader{file: f.Name, body: f.Text}
			b.schema, found = readSchema(r), true
			issues = append(issues, r.issues...)
		}
	}
	if !found {
		issues = append(issues, Issue{SchemaFile, 1, 1, "there is no file that lists the kinds of fact"})
	} else if len(issues) == 0 {
		l := &loader{book: b}
		for i, f := range files {
			if f.Name != SchemaFile {
				r := &reader{file: f.Name, body: f.Text}
				l.open(r, i >= original)
				issues = append(issues, r.issues...)
			}
		}
		issues = append(issues, l.read()...)
		b.takeOver()
		issues = append(issues, b.overlaps(beside)...)
		issues = append(issues, b.link()...)
	}
	if len(issues) > 0 {
		return nil, &LoadError{sortIssues(inParts(files, issues))}
	}
	return b, nil
}

// takeOver ends the versions that later ones replace.
func (b *Book) takeOver() {
	for i, s := range b.sets {
		if !s.takesOver {
			continue
		}
		for _, old := range b.sets[:i] {
			switch clash := old.id == s.id && (old.to == 0 || s.from <= old.to) && (s.to == 0 || old.from <= s.to); {
			case clash && old.from < s.from:
				old.to = s.from - 1
			case clash:
				old.to = old.from - 1
			}
		}
	}
}

var idForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$`)

func (r *reader) id(n, where *yaml.Node, what string) string {
	s, ok := r.scalar(n, where, what)
	if ok && !idForm.MatchString(s) {
		r.report(n, "%s is %q: use letters, digits, _ and -", what, s)
	}
	return s
}

func (r *reader) effective(s *Set, n, root *yaml.Node) {
	if n == nil {
		r.report(root, "effective is missing")
		return
	}
	m := r.mapping(n, "effective", "from", "to", "mark", "says")
	s.from, s.to = r.date(m["from"], "from"), r.date(m["to"], "to")
	s.effectiveMark = Mark(r.choice(m["mark"], n, "mark", string(Confirmed), string(Recalled), string(SetByUs)))
	s.effectiveSays = r.optional(m["says"], "says")
	if m["from"] == nil {
		r.report(n, "effective needs a day it starts from")
	}
	if s.to != 0 && s.to < s.from {
		r.report(n, "effective ends before it starts")
	}
}

func (r *reader) sources(n *yaml.Node) []Source {
	var list []Source
	for _, item := range r.items(n, "sources") {
		m := r.mapping(item, "a source", "url", "title", "read", "mark", "says")
		s := Source{
			URL: r.optional(m["url"], "url"), Title: r.text(m["title"], item, "title"), Read: r.date(m["read"], "read"),
			Mark: Mark(r.choice(m["mark"], item, "mark", string(Confirmed), string(Recalled), string(SetByUs))),
			Says: r.optional(m["says"], "says"),
		}
		if s.Mark == Confirmed && s.URL == "" {
			r.report(item, "a confirmed source names its url")
		}
		list = append(list, s)
	}
	return list
}

var requirementKeys = []string{
	"id", "title", "kind", "needs", "accepts", "checked_at", "when", "excludes_when", "uses", "alternatives", "counts",
	"not_needed", "after", "routes", "decides", "proof", "unmet", "unknown", "waiting", "sources",
}

// readRequirement reads one requirement, or an alternative of parent.
func (b *Book) readRequirement(r *reader, n *yaml.Node, parent *requirement) *requirement {
	m := r.mapping(n, "a requirement", requirementKeys...)
	q := &requirement{line: n.Line, column: n.Column}
	q.ID = r.id(m["id"], n, "id")
	q.Title = r.text(m["title"], n, "title")
	q.Kind = "condition"
	if m["kind"] != nil {
		q.Kind = r.choice(m["kind"], n, "kind", "condition", "exclusion")
	}
	if parent != nil && m["accepts"] == nil {
		q.Accepts = parent.Accepts
	} else if m["uses"] == nil || m["accepts"] != nil {
		q.Accepts, _ = ParseState(r.choice(m["accepts"], n, "accepts", "claimed", "seen", "verified"))
	}
	q.CheckedAt = r.list(m["checked_at"], "checked_at")
	q.Needs = r.list(m["needs"], "needs")
	q.After, q.Routes = r.list(m["after"], "after"), r.list(m["routes"], "routes")
	q.Decides, q.ProofText = r.optional(m["decides"], "decides"), r.optional(m["proof"], "proof")
	q.Sources = r.sources(m["sources"])
	b.readCondition(r, n, m, q)
	b.readSpared(r, m["not_needed"], q)
	b.needed(r, n, q)
	q.unmet = b.reasons(r, m["unmet"], q, "unmet")
	q.unknown = b.reasons(r, m["unknown"], q, "unknown")
	q.waiting = b.reasons(r, m["waiting"], q, "waiting")
	q.simple = q.cond != nil && q.spared == nil && q.uses == nil
	if len(q.unmet) == 1 {
		q.onlyUnmet = q.unmet[0].reason
	}
	if parent == nil && m["uses"] == nil {
		r.missing(n, q.ID, "unmet", len(q.unmet) == 0)
		r.missing(n, q.ID, "unknown", len(q.unknown) == 0)
		r.missing(n, q.ID, "sources", len(q.Sources) == 0)
	}
	return q
}

func (r *reader) missing(n *yaml.Node, id, key string, missing bool) {
	if missing {
		r.report(n, "%s of %s is missing", key, id)
	}
}

// readCondition reads the one of when, excludes_when, uses and alternatives
// that the requirement has.
func (b *Book) readCondition(r *reader, n *yaml.Node, m map[string]*yaml.Node, q *requirement) {
	given := 0
	for _, key := range []string{"when", "excludes_when", "uses", "alternatives"} {
		if m[key] != nil {
			given++
		}
	}
	switch exclusion := q.Kind == "exclusion"; {
	case given != 1:
		r.report(n, "%s needs exactly one of when, excludes_when, uses and alternatives", q.ID)
	case exclusion != (m["excludes_when"] != nil):
		r.report(n, "%s: excludes_when belongs to kind: exclusion, and an exclusion needs it", q.ID)
	case m["alternatives"] != nil:
		seen := map[string]bool{}
		for _, item := range r.items(m["alternatives"], "alternatives") {
			a := b.readRequirement(r, item, q)
			if seen[a.ID] {
				r.report(item, "the alternative %s comes twice", a.ID)
			}
			seen[a.ID] = true
			q.anyOf = append(q.anyOf, a)
		}
		if len(q.anyOf) == 0 {
			r.report(n, "alternatives of %s is empty", q.ID)
		}
		if len(q.Needs) > 0 && m["not_needed"] == nil {
			r.report(m["needs"], "%s has alternatives: needs belongs to each of them", q.ID)
		}
		q.countsFirst = m["counts"] != nil && r.choice(m["counts"], n, "counts", "any", "first") == "first"
	case m["uses"] != nil:
		q.Condition = "met(" + r.text(m["uses"], n, "uses") + ")"
		b.compileInto(r, m["uses"], q)
		if len(q.refs) > 0 {
			q.uses = q.refs[0]
		}
	default:
		node, negate := m["when"], false
		if exclusion {
			node, negate = m["excludes_when"], true
		}
		q.Condition = r.text(node, n, "the condition")
		b.compileInto(r, node, q)
		if negate && q.cond != nil {
			if plain := q.plain; plain != nil {
				q.plain = func(m *machine) Answer { return opposite[plain(m)] }
			}
			if q.asking != nil {
				q.asking.negate = true
			}
			q.cond, q.traced = negated(q.cond), negatedStep(q.traced, q.Condition)
		}
	}
}

func negated(f condFn) condFn { return func(m *machine) verdict { return f(m).not() } }

func negatedStep(f condFn, text string) condFn {
	return func(m *machine) verdict {
		outer := m.trace.open("not (" + text + ")")
		v := f(m).not()
		m.trace.close(outer, v)
		return v
	}
}

// compileInto compiles the requirement's condition, plain and traced.
func (b *Book) compileInto(r *reader, node *yaml.Node, q *requirement) {
	if q.Condition == "" || q.Condition == "met()" {
		return
	}
	var used *compiler
	q.cond, used = b.compile(r, node, q.Condition, false)
	if q.cond == nil {
		return
	}
	q.take(used)
	q.traced, used = b.compile(r, node, q.Condition, true)
	q.take(used)
	q.asked = used.asked
	if e, bad := parse(q.Condition); bad == nil && len(used.refs) == 0 {
		c := &compiler{schema: b.schema, source: q.Condition, values: r.values}
		q.plain = c.plain(e, q.cond)
		q.asking = (&compiler{schema: b.schema, source: q.Condition, values: r.values}).sweepable(e)
	}
}

// take notes what an expression of the requirement reads.
func (q *requirement) take(used *compiler) {
	q.refs = append(q.refs, used.refs...)
	for _, kind := range used.kinds {
		if !slices.Contains(q.reads, kind) {
			q.reads = append(q.reads, kind)
		}
	}
	for _, value := range used.used {
		if !slices.Contains(q.Values, value) {
			q.Values = append(q.Values, value)
		}
	}
}

// readSpared reads not_needed: a condition under which the requirement is not
// asked, and why.
func (b *Book) readSpared(r *reader, n *yaml.Node, q *requirement) {
	if n == nil {
		return
	}
	m := r.mapping(n, "not_needed", "when", "staff", "doctor")
	text := r.text(m["when"], n, "when")
	q.sparedText = text
	q.sparedWhy = &Reason{Staff: r.text(m["staff"], n, "staff"), Doctor: r.text(m["doctor"], n, "doctor")}
	if text == "" {
		return
	}
	var used *compiler
	if q.spared, used = b.compile(r, m["when"], text, false); q.spared == nil {
		return
	}
	q.take(used)
	q.sparedTraced, used = b.compile(r, m["when"], text, true)
	q.take(used)
	q.sparedAsked = used.asked
}

// needed checks that the requirement reads exactly the kinds of fact it says it
// needs.
func (b *Book) needed(r *reader, n *yaml.Node, q *requirement) {
	if q.cond == nil && q.anyOf == nil {
		return
	}
	for _, kind := range q.reads {
		if !slices.Contains(q.Needs, kind) {
			r.report(n, "%s reads the fact %s, which its needs does not list", q.ID, kind)
		}
	}
	for _, kind := range q.Needs {
		if !slices.Contains(q.reads, kind) {
			r.report(n, "%s says it needs the fact %s, but its condition does not read it", q.ID, kind)
		}
	}
}

// compile compiles one expression, reporting each fault where it stands.
func (b *Book) compile(r *reader, node *yaml.Node, source string, traced bool) (condFn, *compiler) {
	e, bad := parse(source)
	if bad != nil {
		line, column := r.place(node, bad.pos)
		r.reportAt(line, column, bad.message)
		return nil, nil
	}
	c := &compiler{schema: b.schema, source: source, traced: traced, values: r.values}
	f := c.cond(e)
	for _, bad := range c.faults {
		line, column := r.place(node, bad.pos)
		r.reportAt(line, column, bad.message)
	}
	if len(c.faults) > 0 {
		return nil, c
	}
	return f, c
}

// reasons reads unmet, unknown or waiting: one reason, or a list of which all
// but the last say when.
func (b *Book) reasons(r *reader, n *yaml.Node, q *requirement, what string) []reasonCase {
	if n == nil {
		return nil
	}
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = r.items(n, what)
	}
	kinds := []string{"fixable", "fatal", "wait"}
	keys := []string{"when", "kind", "who", "staff", "doctor", "bring", "outcome"}
	if what != "unmet" {
		kinds, keys = []string{"wait", "progress", "ask"}, keys[:len(keys)-1]
	}
	var list []reasonCase
	for i, item := range nodes {
		m := r.mapping(item, what, keys...)
		c := reasonCase{reason: &Reason{
			Staff: r.text(m["staff"], item, "staff"), Doctor: r.text(m["doctor"], item, "doctor"), Who: r.optional(m["who"], "who"),
			Bring: r.optional(m["bring"], "bring"), Outcome: r.optional(m["outcome"], "outcome"),
		}}
		if what == "unmet" || m["kind"] != nil {
			c.reason.Kind = r.choice(m["kind"], item, "kind", kinds...)
		}
		if last := i == len(nodes)-1; last != (m["when"] == nil) {
			r.report(item, "every reason of %s but the last says when it is given, and the last never does", q.ID)
		} else if !last {
			var used *compiler
			c.text = r.text(m["when"], item, "when")
			if c.when, used = b.compile(r, m["when"], c.text, false); used != nil {
				q.refs = append(q.refs, used.refs...)
			}
		}
		list = append(list, c)
	}
	return list
}

// overlaps reports versions of one rule set that are effective on the same day
// or share a name.
func (b *Book) overlaps(beside string) []Issue {
	var issues []Issue
	for i, s := range b.sets {
		for _, t := range b.sets[:i] {
			if s.id != t.id {
				continue
			}
			if s.name == t.name {
				issues = append(issues, Issue{s.file, 1, 1, fmt.Sprintf("%s already has a version named %s, in %s", s.id, s.name, t.file)})
			}
			if s.file != beside && t.file != beside && !t.never() && !s.never() && (t.to == 0 || s.from <= t.to) && (s.to == 0 || t.from <= s.to) {
				issues = append(issues, Issue{s.file, 1, 1, fmt.Sprintf("%s is effective on the same days as the version in %s", s.id, t.file)})
			}
		}
	}
	return issues
}

// Book is every rule set that was read, with the facts they read. It never
// changes and serves any number of goroutines.
type Book struct {
	schema   *Schema
	sets     []*Set
	files    []File
	original int // how many of them it was first compiled from
}

// Schema gives the kinds of fact.
func (b *Book) Schema() *Schema { return b.schema }

// Sets lists every version of every rule set, in the order of the files.
func (b *Book) Sets() []*Set { return slices.Clone(b.sets) }

// Set gives the version of a rule set effective on a day.
func (b *Book) Set(id string, on clock.Date) (*Set, error) {
	for _, s := range b.sets {
		if s.id == id && s.effectiveOn(on) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("no version of the rule set %q is effective on %s", id, on)
}

// Named gives a version of a rule set by its name, whatever the day.
func (b *Book) Named(id, name string) (*Set, error) {
	for _, s := range b.sets {
		if s.id == id && s.name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("the rule set %q has no version named %q", id, name)
}
