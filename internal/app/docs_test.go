package app

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/organisation"
	"msw/internal/rulebook"
	"msw/internal/web"
	"msw/rules"
)

func testTable(t *testing.T, grants ...access.Grant) *access.Table {
	t.Helper()
	table, err := access.NewTable(grants...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func testSchema(t *testing.T) *rulebook.Schema {
	t.Helper()
	book, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	return book.Schema()
}

func TestSchemaAndFactsDocumentsAreCurrent(t *testing.T) {
	got, err := Documents(testTable(t), nil, database.Migrations(), testSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schema.md", "facts.md"} {
		want, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Errorf("%v; write it with: make docs", err)
			continue
		}
		if !bytes.Equal(want, got[name]) {
			t.Errorf("docs/%s is not current; write it anew with: make docs\n%s", name, cmp.Diff(string(want), string(got[name])))
		}
	}
}

func TestSchemaIsReadFromMigrations(t *testing.T) {
	files := fstest.MapFS{
		"0002_b.sql": {Data: []byte("-- +goose Up\nALTER TABLE a_person ADD COLUMN nick text NOT NULL DEFAULT ''; -- name: as friends say\nDROP INDEX a_person_ref;\n")},
		"0001_a.sql": {Data: []byte("-- People.\n-- +goose Up\nCREATE TABLE a_person (\n    tenant_id text NOT NULL,\n    ref text NOT NULL UNIQUE, -- what's said; outside\n" +
			"    state text NOT NULL CHECK (state IN ('new, old', 'x--y')),\n    sealed bytea, -- sealed: all\n    mail text NOT NULL DEFAULT '', -- sealed\n    PRIMARY KEY (tenant_id, ref)\n);\n" +
			"CREATE INDEX a_person_ref ON a_person (ref);\nCREATE UNIQUE INDEX a_person_new ON a_person (tenant_id, state) WHERE state = 'new, old';\nUPDATE a_person SET ref = 'x';\n-- +goose Down\nDROP TABLE a_person;\n")},
	}
	got, err := readSchema(files)
	if err != nil {
		t.Fatal(err)
	}
	want := []tableShape{{name: "a_person", about: "People.", file: "0001_a.sql",
		columns: []columnShape{
			{"tenant_id", "text", "open", "NOT NULL", ""},
			{"ref", "text", "open", "NOT NULL UNIQUE", "what's said; outside"},
			{"state", "text", "open", "NOT NULL CHECK (state IN ('new, old', 'x--y'))", ""},
			{"sealed", "bytea", "sealed", "", "sealed: all"},
			{"mail", "text", "sealed", "NOT NULL DEFAULT ''", "sealed"},
			{"nick", "text", "name", "NOT NULL DEFAULT ''", "name: as friends say"},
		},
		keys: []keyShape{
			{unique: true, columns: []string{"ref"}},
			{primary: true, unique: true, columns: []string{"tenant_id", "ref"}},
			{name: "a_person_new", unique: true, columns: []string{"tenant_id", "state"}, where: "state = 'new, old'"},
		}}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(tableShape{}, columnShape{}, keyShape{})); d != "" {
		t.Error(d)
	}
	files["0003_c.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE VIEW a_view AS SELECT 1;\n")}
	if _, err := readSchema(files); err == nil || !strings.Contains(err.Error(), "0003_c.sql") {
		t.Errorf("a statement nobody knows was passed over: %v", err)
	}
}

func TestPermissionsAndRoutesDocuments(t *testing.T) {
	table := testTable(t,
		access.Grant{Role: organisation.RoleCaseworker, Action: "case.read", Relation: access.Tenant},
		access.Grant{Role: organisation.RoleDoctor, Action: "case.read", Relation: access.Own},
		access.Grant{Role: organisation.RoleCaseworker, Action: "case.read", Relation: access.Region},
		access.Grant{Action: "tracker.see", Relation: access.Public},
	)
	routes := []web.Route{{Method: "POST", Pattern: "/tracker", Action: "tracker.see", Upload: true, Limit: 5}, {Method: "GET", Pattern: "/cases/{ref}", Action: "case.read"}}
	got, err := Documents(table, routes, database.Migrations(), testSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string][]string{
		"permissions.md": {"\n## case\n\n| action | doctor | caseworker |\n|---|---|---|\n| case.read | own | region, tenant |\n", "| action | anyone |\n|---|---|\n| tracker.see | public |\n"},
		"routes.md": {"\n| `/cases/{ref}` | GET | case.read | doctor, caseworker |  |\n" +
			"| `/tracker` | POST | tracker.see | anyone | takes a file, at most 5 a minute from one place on the network |\n"},
	} {
		for _, line := range lines {
			if !strings.Contains(string(got[name]), line) {
				t.Errorf("%s does not say %q:\n%s", name, line, got[name])
			}
		}
	}
	routes[0].Action = "tracker.nobody"
	if _, err := Documents(table, routes, database.Migrations(), testSchema(t)); err == nil {
		t.Error("a route that nobody may use was written down without complaint")
	}
}
