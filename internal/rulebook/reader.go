package rulebook

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
)

// Issue is one fault in a file, at a line and column counted from 1.
type Issue struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// String gives the issue as file:line:column: message.
func (i Issue) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", i.File, i.Line, i.Column, i.Message)
}

// LoadError is every fault found in the files that were read.
type LoadError struct{ Issues []Issue }

// Error lists the issues, one a line.
func (e *LoadError) Error() string {
	lines := make([]string, len(e.Issues))
	for i, issue := range e.Issues {
		lines[i] = issue.String()
	}
	return strings.Join(lines, "\n")
}

// sortIssues puts issues in the order of the files, each once.
func sortIssues(issues []Issue) []Issue {
	slices.SortStableFunc(issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(issues)
}

// maxFileSize bounds a rule file, so that a hostile one costs little.
const maxFileSize = 1 << 20

// reader walks one YAML file strictly and gathers every fault in it.
type reader struct {
	file   string
	body   string
	issues []Issue
	values []*Value // of the rule file being read
}

func (r *reader) report(n *yaml.Node, format string, args ...any) {
	r.reportAt(n.Line, n.Column, fmt.Sprintf(format, args...))
}

func (r *reader) reportAt(line, column int, message string) {
	r.issues = append(r.issues, Issue{r.file, max(line, 1), max(column, 1), message})
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// document parses the file into its one document's root mapping, or reports why
// that cannot be done.
func (r *reader) document() *yaml.Node {
	if len(r.body) > maxFileSize {
		r.reportAt(1, 1, "the file is larger than a rule file may be (1 MB)")
		return nil
	}
	decoder := yaml.NewDecoder(strings.NewReader(r.body))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		r.reportAt(line, 1, "not YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if decoder.Decode(&more) == nil {
		r.reportAt(more.Line, more.Column, "one file holds one document")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		r.reportAt(1, 1, "the file must be a mapping of keys")
		return nil
	}
	return doc.Content[0]
}

// entry is one key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

// entries lists a mapping in file order, reporting keys that come twice and
// anything that is no mapping.
func (r *reader) entries(n *yaml.Node, what string) []entry {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode || n.Anchor != "" {
		r.report(n, "%s must be a mapping of keys", what)
		return nil
	}
	seen := map[string]bool{}
	var list []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
			r.report(key, "a key of %s must be a plain word", what)
		case seen[key.Value]:
			r.report(key, "%s has the key %q twice", what, key.Value)
		default:
			seen[key.Value] = true
			list = append(list, entry{key, value})
		}
	}
	return list
}

// mapping gives a mapping's values by key, reporting keys that are not allowed.
func (r *reader) mapping(n *yaml.Node, what string, allowed ...string) map[string]*yaml.Node {
	m := map[string]*yaml.Node{}
	for _, e := range r.entries(n, what) {
		if !slices.Contains(allowed, e.key.Value) {
			r.report(e.key, "%s has no key %q; it may have %s", what, e.key.Value, strings.Join(allowed, ", "))
			continue
		}
		m[e.key.Value] = e.value
	}
	return m
}

// scalar gives a single value's text; where is reported when it is missing.
func (r *reader) scalar(n, where *yaml.Node, what string) (string, bool) {
	switch {
	case n == nil:
		r.report(where, "%s is missing", what)
	case n.Kind != yaml.ScalarNode || n.Anchor != "":
		r.report(n, "%s must be a single value", what)
	case strings.TrimSpace(n.Value) == "":
		r.report(n, "%s is empty", what)
	default:
		return strings.TrimSpace(n.Value), true
	}
	return "", false
}

// text reads a sentence that must be there.
func (r *reader) text(n, where *yaml.Node, what string) string {
	s, ok := r.scalar(n, where, what)
	if ok && n.Tag != "!!str" && n.Tag != "!!bool" {
		r.report(n, "%s must be text; put it in quotes", what)
	}
	return s
}

// optional reads a sentence that may be left out.
func (r *reader) optional(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	return r.text(n, n, what)
}

func (r *reader) name(n *yaml.Node, what string) string {
	s, ok := r.scalar(n, n, what)
	if ok && (!nameForm.MatchString(s) || slices.Contains(reserved, s)) {
		r.report(n, "%q cannot be the name of %s: use letters, digits and _ and no word of the rule language", s, what)
	}
	return s
}

func (r *reader) choice(n, where *yaml.Node, what string, allowed ...string) string {
	s, ok := r.scalar(n, where, what)
	if ok && !slices.Contains(allowed, s) {
		r.report(n, "%s is %q; it must be one of %s", what, s, strings.Join(allowed, ", "))
		return ""
	}
	return s
}

func (r *reader) whole(n, where *yaml.Node, what string) int64 {
	s, ok := r.scalar(n, where, what)
	if !ok {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		r.report(n, "%s must be a whole number", what)
	}
	return v
}

func (r *reader) date(n *yaml.Node, what string) clock.Date {
	if n == nil {
		return 0
	}
	s, ok := r.scalar(n, n, what)
	if !ok {
		return 0
	}
	d, err := clock.ParseDate(s)
	if err != nil {
		r.report(n, "%s: %s", what, err)
	}
	return d
}

// items lists a sequence's nodes; a missing one is empty.
func (r *reader) items(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode || n.Anchor != "" {
		r.report(n, "%s must be a list", what)
		return nil
	}
	return n.Content
}

// list reads a sequence of different words.
func (r *reader) list(n *yaml.Node, what string) []string {
	var words []string
	for _, item := range r.items(n, what) {
		s, ok := r.scalar(item, item, what)
		if ok && slices.Contains(words, s) {
			r.report(item, "%s has %q twice", what, s)
		}
		words = append(words, s)
	}
	return words
}

// place maps an offset inside a scalar's value to the file's line and column.
// Folded and escaped scalars keep the line and column of their beginning, since
// their text is not that of the file.
func (r *reader) place(n *yaml.Node, offset int) (line, column int) {
	switch n.Style {
	case yaml.LiteralStyle:
		value := n.Value[:min(offset, len(n.Value))]
		row := strings.Count(value, "\n")
		line = n.Line + 1 + row
		column = offset - strings.LastIndexByte(value, '\n')
		if lines := strings.Split(r.body, "\n"); line-1 < len(lines) {
			column += len(lines[line-1]) - len(strings.TrimLeft(lines[line-1], " "))
		}
		return line, column
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		offset++
	case 0:
	default:
		offset = 0
	}
	return n.Line, n.Column + offset
}
