package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// tableShape is one table as the migrations leave it.
type tableShape struct {
	name, about, file string
	columns           []columnShape
	keys              []keyShape
	checks            []string
}

// owner is the folder that alone writes the table: the name's first word.
func (t tableShape) owner() string {
	word, _, _ := strings.Cut(t.name, "_")
	return word
}

// columnShape is one column. Class is open, name or sealed.
type columnShape struct{ name, kind, class, rest, note string }

// keyShape is a primary key, a unique constraint or an index.
type keyShape struct {
	name            string // "" for one within the table
	primary, unique bool
	columns         []string
	where           string
}

func (k keyShape) String() string {
	what := "index"
	switch {
	case k.primary:
		what = "primary key"
	case k.unique:
		what = "unique"
	}
	text := what + " (" + strings.Join(k.columns, ", ") + ")"
	if k.where != "" {
		text += " where " + k.where
	}
	return text
}

var (
	createTable = regexp.MustCompile(`(?is)^CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\((.*)\)$`)
	createIndex = regexp.MustCompile(`(?is)^CREATE (UNIQUE )?INDEX (?:IF NOT EXISTS )?(\w+) ON (\w+)\s*\((.*?)\)(?: WHERE (.*))?$`)
	addColumn   = regexp.MustCompile(`(?is)^ALTER TABLE (\w+) ADD COLUMN (.*)$`)
	dropIndex   = regexp.MustCompile(`(?i)^DROP INDEX (?:IF EXISTS )?(\w+)$`)
	changesRows = regexp.MustCompile(`(?i)^(INSERT|UPDATE|DELETE) `)
	columnList  = regexp.MustCompile(`\((.*)\)`)
)

// readSchema reads every migration in order and gives the tables that result.
// A statement it does not know is an error: the documents would be wrong.
func readSchema(migrations fs.FS) ([]tableShape, error) {
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var tables []tableShape
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return nil, err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		for _, s := range statements(up) {
			if tables, err = applyStatement(tables, name, s); err != nil {
				return nil, err
			}
		}
	}
	return tables, nil
}

// sqlLine is a line of SQL cut into code and comment.
type sqlLine struct{ code, comment string }

// statements cuts a migration at its semicolons.
func statements(text string) [][]sqlLine {
	var out [][]sqlLine
	var lines []sqlLine
	for line := range strings.Lines(text) {
		code, comment := cutComment(line)
		if strings.HasPrefix(comment, "+goose") {
			continue
		}
		lines = append(lines, sqlLine{strings.TrimSuffix(code, ";"), comment})
		if strings.HasSuffix(code, ";") {
			out = append(out, lines)
			lines = nil
		}
	}
	if strings.TrimSpace(codeOf(lines)) != "" {
		out = append(out, lines) // the last one's semicolon was left out
	}
	return out
}

func cutComment(line string) (code, comment string) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '\'':
			quoted = !quoted
		case !quoted && strings.HasPrefix(line[i:], "--"):
			return strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+2:])
		}
	}
	return strings.TrimSpace(line), ""
}

func codeOf(lines []sqlLine) string {
	var words []string
	for _, l := range lines {
		words = append(words, strings.Fields(l.code)...)
	}
	return strings.Join(words, " ")
}

func applyStatement(tables []tableShape, file string, lines []sqlLine) ([]tableShape, error) {
	code := codeOf(lines)
	find := func(name string) *tableShape {
		i := slices.IndexFunc(tables, func(t tableShape) bool { return t.name == name })
		if i < 0 {
			return &tableShape{} // the store itself refuses such a migration
		}
		return &tables[i]
	}
	if m := createTable.FindStringSubmatch(code); m != nil {
		return append(tables, readTable(m[1], file, lines)), nil
	}
	if m := createIndex.FindStringSubmatch(code); m != nil {
		t := find(m[3])
		t.keys = append(t.keys, keyShape{name: m[2], unique: m[1] != "", columns: commaList(m[4]), where: m[5]})
		return tables, nil
	}
	if m := addColumn.FindStringSubmatch(code); m != nil {
		find(m[1]).take(m[2], lines[len(lines)-1].comment)
		return tables, nil
	}
	if m := dropIndex.FindStringSubmatch(code); m != nil {
		for i := range tables {
			tables[i].keys = slices.DeleteFunc(tables[i].keys, func(k keyShape) bool { return k.name == m[1] })
		}
		return tables, nil
	}
	if changesRows.MatchString(code) {
		return tables, nil
	}
	return nil, fmt.Errorf("docs: %s has a statement that docs_schema.go does not know: %.60s", file, code)
}

// readTable takes a table apart: one item between two commas, with the comment
// that stands at the end of its line.
func readTable(name, file string, lines []sqlLine) tableShape {
	t := tableShape{name: name, file: file}
	for len(lines) > 0 && lines[0].code == "" {
		t.about = strings.TrimSpace(t.about + " " + lines[0].comment)
		lines = lines[1:]
	}
	item, note, depth := "", "", 0
	for i, l := range lines {
		code := l.code
		if i == 0 {
			_, code, _ = strings.Cut(code, "(")
		}
		if i == len(lines)-1 {
			code = strings.TrimSuffix(code, ")")
		}
		for _, c := range code {
			switch {
			case c == '(':
				depth++
			case c == ')':
				depth--
			case c == ',' && depth == 0:
				t.take(item, noteOf(note, l, code))
				item, note = "", ""
				continue
			}
			item += string(c)
		}
		if item = strings.TrimSpace(item); item != "" {
			item, note = item+" ", strings.TrimSpace(note+" "+l.comment)
		}
	}
	t.take(item, note)
	return t
}

// noteOf gives an item the comment of its last line only where it is the last
// item of that line.
func noteOf(before string, l sqlLine, code string) string {
	if strings.HasSuffix(code, ",") {
		return strings.TrimSpace(before + " " + l.comment)
	}
	return before
}

func commaList(text string) []string {
	var out []string
	for _, c := range strings.Split(text, ",") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

// take adds one item of a table: a constraint or a column.
func (t *tableShape) take(item, note string) {
	words := strings.Fields(item)
	if len(words) == 0 {
		return
	}
	item = strings.Join(words, " ")
	switch first := strings.ToUpper(words[0]); {
	case first == "PRIMARY" || first == "UNIQUE":
		if m := columnList.FindStringSubmatch(item); m != nil {
			t.keys = append(t.keys, keyShape{primary: first == "PRIMARY", unique: true, columns: commaList(m[1])})
		}
		return
	case first == "CHECK" || first == "FOREIGN" || first == "CONSTRAINT":
		t.checks = append(t.checks, item)
		return
	}
	c := columnShape{name: words[0], note: note}
	if len(words) > 1 {
		c.kind, c.rest = strings.ToLower(words[1]), strings.Join(words[2:], " ")
	}
	c.class = classOf(c)
	rest := strings.ToUpper(c.rest)
	if primary := strings.Contains(rest, "PRIMARY KEY"); primary || strings.Contains(rest, "UNIQUE") {
		t.keys = append(t.keys, keyShape{primary: primary, unique: true, columns: []string{c.name}})
	}
	t.columns = append(t.columns, c)
}

// classOf says how much a column tells to who can read the database but not
// the key: everything (open), a person's name, or nothing (sealed).
func classOf(c columnShape) string {
	switch {
	case c.name == "sealed" || c.name == "wrapped" || c.note == "sealed" || strings.HasPrefix(c.note, "sealed:"):
		return "sealed"
	case c.note == "name" || strings.HasPrefix(c.note, "name:"):
		return "name"
	}
	return "open"
}

func schemaDocument(migrations fs.FS) ([]byte, error) {
	tables, err := readSchema(migrations)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, t := range tables {
		for _, c := range t.columns {
			counts[c.class]++
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Tables\n%s\n", generatedMark)
	fmt.Fprintf(&b, "%d tables, in the order of `internal/database/migrations/`; the same text on SQLite and on PostgreSQL. The folder a table's name begins with is the only one that writes it. %d columns are sealed (unreadable without the master key: names, contact, location, immigration, health, narrative), %d hold names in the open, %d are open: ids, codes, states, civil dates, keyed hashes.\n",
		len(tables), counts["sealed"], counts["name"], counts["open"])
	owner := ""
	for _, t := range tables {
		if t.owner() != owner {
			owner = t.owner()
			fmt.Fprintf(&b, "\n## %s\n", owner)
		}
		t.write(&b)
	}
	return b.Bytes(), nil
}

func (t tableShape) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n### %s\n\n", t.name)
	if t.about != "" {
		fmt.Fprintf(b, "%s\n\n", asSentence(t.about))
	}
	b.WriteString("| column | type | class | remark |\n|---|---|---|---|\n")
	for _, c := range t.columns {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", c.name, c.kind, c.class, markdownCell(c.note))
	}
	b.WriteString("\n")
	for _, k := range t.keys {
		fmt.Fprintf(b, "- %s\n", markdownCell(k.String()))
	}
	for _, c := range t.checks {
		fmt.Fprintf(b, "- %s\n", markdownCell(c))
	}
}
