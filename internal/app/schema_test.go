package app

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/database"
)

// tenantless reads the list that arch_test.go holds SQL to as well.
func tenantless(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- no-tenant: begin -->")
	body, _, ok2 := strings.Cut(rest, "<!-- no-tenant: end -->")
	if !ok || !ok2 {
		t.Fatal("docs/architecture.md has no list of tables without a tenant")
	}
	var out []string
	for line := range strings.Lines(body) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok {
			out = append(out, name)
		}
	}
	return out
}

// schemaFaults gives what is wrong with the shape of tables.
func schemaFaults(tables []tableShape, without []string) []string {
	var faults []string
	for _, t := range tables {
		say := func(words ...string) { faults = append(faults, t.file+": "+t.name+": "+strings.Join(words, " ")) }
		folder := regexp.MustCompile(`^\d+_([a-z]+).*\.sql$`).FindStringSubmatch(t.file)
		if folder == nil || !strings.HasPrefix(t.name, folder[1]+"_") {
			say("does not begin with the name of its file's folder")
		}
		for _, c := range t.columns {
			columnFaults(c, say)
		}
		keyFaults(t, slices.Contains(without, t.name), say)
	}
	return faults
}

var inventsValues = regexp.MustCompile(`(?i)\b(autoincrement|serial|bigserial|identity|generated|nextval|now|current_timestamp|current_date|current_time|randomblob|gen_random_uuid)\b`)

func columnFaults(c columnShape, say func(...string)) {
	if !slices.Contains([]string{"text", "bigint", "boolean", "bytea"}, c.kind) {
		say(c.name, "is", c.kind+"; only text, bigint, boolean and bytea mean the same on both engines")
	}
	if m := inventsValues.FindString(c.rest); m != "" {
		say(c.name, "lets the engine make a value ("+m+"); ids and times are made in Go")
	}
	if c.name == "sealed" && c.kind != "bytea" {
		say("sealed is", c.kind+", not bytea")
	}
	if c.name == "version" && c.kind != "bigint" {
		say("version is", c.kind+", not bigint")
	}
}

func keyFaults(t tableShape, tenantless bool, say func(...string)) {
	primary := 0
	for _, k := range t.keys {
		if k.primary {
			primary++
		}
		if k.unique && !tenantless && k.columns[0] != "tenant_id" {
			say(k.String(), "does not begin with tenant_id")
		}
		if k.name != "" && !strings.HasPrefix(k.name, t.name+"_") {
			say("index", k.name, "does not begin with the table's name")
		}
		for _, name := range k.columns {
			name, _, _ = strings.Cut(name, " ") // DESC
			if !slices.ContainsFunc(t.columns, func(c columnShape) bool { return c.name == name }) {
				say(k.String(), "names", name+", which is not a column")
			}
		}
	}
	if primary != 1 {
		say("must have one primary key")
	}
}

func TestTablesKeepTheirShape(t *testing.T) {
	tables, err := readSchema(database.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) < 20 {
		t.Fatalf("only %d tables were read", len(tables))
	}
	without := tenantless(t)
	for _, fault := range schemaFaults(tables, without) {
		t.Error(fault)
	}
	for _, name := range without {
		if name != "goose_db_version" && !slices.ContainsFunc(tables, func(t tableShape) bool { return t.name == name }) {
			t.Errorf("docs/architecture.md lists %s as a table without a tenant, but there is no such table", name)
		}
	}
}

func TestMigrationsOnlyGoForward(t *testing.T) {
	files, err := os.ReadDir("../database/migrations")
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{}
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		if other, twice := numbers[number]; twice {
			t.Errorf("%s and %s have one number", other, f.Name())
		}
		numbers[number] = f.Name()
		text, err := os.ReadFile("../database/migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "-- +goose Up\n") || strings.Contains(string(text), "+goose Down") {
			t.Errorf("%s must have a part Up and none Down", f.Name())
		}
	}
}

// The lint must be able to fail: each of these shapes is wrong in one way.
func TestSchemaFaultsAreFound(t *testing.T) {
	good := func() tableShape {
		return tableShape{name: "post_post", file: "0070_post.sql", columns: []columnShape{{name: "tenant_id", kind: "text"}, {name: "id", kind: "text"}},
			keys: []keyShape{{primary: true, unique: true, columns: []string{"tenant_id", "id"}}}}
	}
	if faults := schemaFaults([]tableShape{good()}, nil); len(faults) != 0 {
		t.Fatalf("a good table is blamed: %v", faults)
	}
	for name, spoil := range map[string]func(*tableShape){
		"no tenant first":     func(s *tableShape) { s.keys[0].columns = []string{"id", "tenant_id"} },
		"no primary key":      func(s *tableShape) { s.keys = nil },
		"another type":        func(s *tableShape) { s.columns[1].kind = "jsonb" },
		"the engine's clock":  func(s *tableShape) { s.columns[1].rest = "NOT NULL DEFAULT now()" },
		"the engine's number": func(s *tableShape) { s.columns[1].rest = "PRIMARY KEY AUTOINCREMENT" },
		"another folder":      func(s *tableShape) { s.name = "posting_post" },
		"unknown column":      func(s *tableShape) { s.keys[0].columns[1] = "ref" },
		"unique across":       func(s *tableShape) { s.keys = append(s.keys, keyShape{unique: true, columns: []string{"id"}}) },
	} {
		bad := good()
		spoil(&bad)
		if len(schemaFaults([]tableShape{bad}, nil)) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}
