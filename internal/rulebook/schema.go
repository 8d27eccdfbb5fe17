package rulebook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Type is the type of a field.
type Type string

// The field types. A code is one of the field's listed codes, a list any number
// of them.
const (
	TypeText Type = "text"
	TypeCode Type = "code"
	TypeInt  Type = "int"
	TypeBool Type = "bool"
	TypeDate Type = "date"
	TypeList Type = "list"
)

// unknownCode is the code that means the same as a field left out.
const unknownCode = "unknown"

const maxFields = 63 // known fields of a fact are bits of one word

// Field is one typed field of a kind of fact. Min and Max bound an int and are
// both zero when it is not bounded.
type Field struct {
	Name     string   `json:"name"`
	Type     Type     `json:"type"`
	Doc      string   `json:"doc"`
	Codes    []string `json:"codes,omitempty"`
	Min, Max int64    `json:"-"`
	Bounded  bool     `json:"-"`
	Pattern  string   `json:"pattern,omitempty"`

	match  *regexp.Regexp
	slot   int
	joined bool // some rule compares it with another fact's field
}

// Kind is a kind of fact with its fields in the order of the file.
type Kind struct {
	Name   string  `json:"name"`
	Doc    string  `json:"doc"`
	Fields []Field `json:"fields"`

	index int
	slots map[string]int
}

// Field gives a field of the kind by name.
func (k *Kind) Field(name string) (Field, bool) {
	i, ok := k.slots[name]
	if !ok {
		return Field{}, false
	}
	return k.Fields[i], true
}

// Schema lists every kind of fact that rules may read.
type Schema struct {
	kinds  []Kind
	byName map[string]int
	texts  map[string]int64 // texts that some rule compares with, each with its number
}

// Kinds lists the kinds in the order of the file.
func (s *Schema) Kinds() []Kind { return slices.Clone(s.kinds) }

// Kind gives a kind by name.
func (s *Schema) Kind(name string) (Kind, bool) {
	i, ok := s.byName[name]
	if !ok {
		return Kind{}, false
	}
	return s.kinds[i], true
}

// Check tells everything wrong with a fact as a problem.Invalid whose field
// names are the fact's own (kind, state, until and the kind's fields).
func (s *Schema) Check(f Fact) error {
	var check problem.Check
	k, ok := s.Kind(f.Kind)
	check.That(ok, "kind", fmt.Sprintf("There is no kind of fact called %q", f.Kind))
	check.That(f.State > Unstated && f.State <= Verified, "state", "Say whether this is claimed, seen, verified or refused")
	check.That(f.Until == 0 || f.Until >= f.Date, "until", "The end must not be before the start")
	if !ok {
		return check.Err()
	}
	names := make([]string, 0, len(f.Fields))
	for name := range f.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		field, known := k.Field(name)
		if !known {
			check.That(false, name, fmt.Sprintf("%s has no field %s", f.Kind, name))
			continue
		}
		message := field.fault(f.Fields[name])
		check.That(message == "", name, message)
	}
	return check.Err()
}

// fault says what is wrong with a value, or nothing.
func (f *Field) fault(value any) string {
	switch v := value.(type) {
	case string:
		return f.textFault(v)
	case int64:
		if f.Type == TypeInt && f.Bounded && (v < f.Min || v > f.Max) {
			return fmt.Sprintf("%s must be between %d and %d", f.Name, f.Min, f.Max)
		}
		return f.typeFault(TypeInt)
	case bool:
		return f.typeFault(TypeBool)
	case clock.Date:
		return f.typeFault(TypeDate)
	case []string:
		for _, code := range v {
			if !slices.Contains(f.Codes, code) {
				return fmt.Sprintf("%q is not one of %s", code, strings.Join(f.Codes, ", "))
			}
		}
		return f.typeFault(TypeList)
	}
	return fmt.Sprintf("%s must be a %s, not a %T", f.Name, f.Type, value)
}

func (f *Field) typeFault(got Type) string {
	if f.Type == got {
		return ""
	}
	return fmt.Sprintf("%s must be a %s, not a %s", f.Name, f.Type, got)
}

func (f *Field) textFault(v string) string {
	switch {
	case f.Type == TypeCode && !slices.Contains(f.Codes, v):
		return fmt.Sprintf("%q is not one of %s", v, strings.Join(f.Codes, ", "))
	case f.Type == TypeCode:
		return ""
	case f.Type == TypeText && f.match != nil && v != "" && !f.match.MatchString(v):
		return fmt.Sprintf("%s is not written as it should be", f.Name)
	}
	return f.typeFault(TypeText)
}

var nameForm = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]*$`)

// reserved are the words of the expression language and the names every fact
// has; no kind or field may be called so.
var reserved = []string{
	"any", "no", "all", "latest", "recorded", "planned", "as", "for", "where", "and", "or", "not", "in", "has",
	"within", "of", "on", "met", "known", "unknown", "true", "false", "sum", "count", "newest", "oldest", "day", "days",
	"month", "months", "year", "years", "at", "covered", "unbroken", "most", "value", "date", "until", "in_force", "fact", "state",
}

// readSchema reads the fact file; every fault goes to the reader's issues.
func readSchema(r *reader) *Schema {
	s := &Schema{byName: map[string]int{}, texts: map[string]int64{}}
	root := r.document()
	if root == nil {
		return s
	}
	top := r.mapping(root, "the fact file", "facts")
	for _, e := range r.entries(top["facts"], "facts") {
		k := r.kind(e)
		k.index = len(s.kinds)
		s.byName[k.Name] = k.index
		s.kinds = append(s.kinds, k)
	}
	return s
}

func (r *reader) kind(e entry) Kind {
	k := Kind{Name: r.name(e.key, "a kind of fact"), slots: map[string]int{}}
	m := r.mapping(e.value, "kind "+k.Name, "doc", "fields")
	k.Doc = r.text(m["doc"], e.key, "doc")
	for _, fe := range r.entries(m["fields"], "fields of "+k.Name) {
		f := r.field(fe)
		f.slot = len(k.Fields)
		k.slots[f.Name] = f.slot
		k.Fields = append(k.Fields, f)
	}
	if len(k.Fields) > maxFields {
		r.report(e.key, "%s has %d fields; at most %d can be told apart", k.Name, len(k.Fields), maxFields)
	}
	return k
}

func (r *reader) field(e entry) Field {
	f := Field{Name: r.name(e.key, "a field")}
	m := r.mapping(e.value, "field "+f.Name, "type", "doc", "codes", "min", "max", "pattern")
	f.Type = Type(r.choice(m["type"], e.key, "type",
		string(TypeText), string(TypeCode), string(TypeInt), string(TypeBool), string(TypeDate), string(TypeList)))
	f.Doc = r.text(m["doc"], e.key, "doc")
	f.Codes = r.list(m["codes"], "codes")
	if takesCodes := f.Type == TypeCode || f.Type == TypeList; takesCodes != (len(f.Codes) > 0) {
		r.report(e.key, "field %s: codes belong to the types code and list, and these need some", f.Name)
	}
	if len(f.Codes) > maxFields {
		r.report(e.key, "field %s has more than %d codes", f.Name, maxFields)
	}
	if m["min"] != nil || m["max"] != nil {
		f.Min, f.Max, f.Bounded = r.whole(m["min"], e.key, "min"), r.whole(m["max"], e.key, "max"), true
		if f.Type != TypeInt || f.Min > f.Max {
			r.report(e.key, "field %s: min and max bound an int, and min comes first", f.Name)
		}
	}
	if n := m["pattern"]; n != nil {
		f.Pattern = r.text(n, e.key, "pattern")
		match, err := regexp.Compile("^(?:" + f.Pattern + ")$")
		if err != nil || f.Type != TypeText {
			r.report(n, "field %s: pattern must be a regular expression on a text", f.Name)
		}
		f.match = match
	}
	return f
}
