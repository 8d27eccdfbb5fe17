package app

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/rulebook"
	"msw/internal/web"
)

const generatedMark = "<!-- Written by `make docs`; a test compares. Do not edit. -->\n"

// Documents writes the generated pages of docs/ from what the program itself
// is made of: permissions.md, routes.md, schema.md and facts.md. The same
// input gives the same bytes. A route whose action has no row in the table, or
// a migration with a statement it does not know, is an error.
func Documents(t *access.Table, routes []web.Route, migrations fs.FS, schema *rulebook.Schema) (map[string][]byte, error) {
	permissions, err := permissionsDocument(t)
	if err != nil {
		return nil, err
	}
	addresses, err := routesDocument(t, routes)
	if err != nil {
		return nil, err
	}
	tables, err := schemaDocument(migrations)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"permissions.md": permissions, "routes.md": addresses, "schema.md": tables, "facts.md": factsDocument(schema)}, nil
}

// WriteDocs writes documents into a folder, which must be there.
func WriteDocs(dir string, documents map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		if err := os.WriteFile(filepath.Join(dir, name), documents[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// relationWords says what each relation means, in the order documents print.
var relationWords = [...]struct {
	relation access.Relation
	words    string
}{
	{access.Own, "the record is about the person themself"},
	{access.Referred, "their organisation referred this doctor, and the doctor's consent still runs"},
	{access.Supervised, "they supervise this doctor"},
	{access.Organisation, "the record belongs to their organisation"},
	{access.Region, "the record lies in their region"},
	{access.Tenant, "any record of their programme"},
	{access.Self, "the record belongs to their own account"},
	{access.Public, "anyone, signed in or not"},
}

func relationOrder(r access.Relation) int {
	for i, w := range relationWords {
		if w.relation == r {
			return i
		}
	}
	return -1
}

// roleAnyone stands for the role of a public row.
const roleAnyone = access.Role("")

// roleOrder is the order of the columns: along the road, the operator last.
func roleOrder() []access.Role {
	return []access.Role{roleAnyone, organisation.RoleDoctor, organisation.RoleReferrer, organisation.RoleCaseworker, organisation.RoleAssessor,
		organisation.RoleRegionalLead, organisation.RoleNationalLead, organisation.RoleEmployerHR, organisation.RoleEmployerFinance,
		organisation.RoleSupervisor, organisation.RoleShiftLead, organisation.RoleBoard, organisation.RoleEditor, organisation.RoleAdministrator, organisation.RoleOperator}
}

func roleWords(r access.Role) string {
	if r == roleAnyone {
		return "anyone"
	}
	return string(r)
}

// capabilityOf is the part of an action before the dot.
func capabilityOf(a access.Action) string {
	name, _, _ := strings.Cut(string(a), ".")
	return name
}

func permissionsDocument(t *access.Table) ([]byte, error) {
	cells := map[access.Action]map[access.Role][]access.Relation{}
	for _, g := range t.Grants() {
		if relationOrder(g.Relation) < 0 || !slices.Contains(roleOrder(), g.Role) {
			return nil, fmt.Errorf("docs: permission row %+v has a role or relation that docs.go does not know", g)
		}
		if cells[g.Action] == nil {
			cells[g.Action] = map[access.Role][]access.Relation{}
		}
		cells[g.Action][g.Role] = append(cells[g.Action][g.Role], g.Relation)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Who may do what\n%s\n", generatedMark)
	b.WriteString("One table, `internal/app/permissions.go`, is asked by every page, command and job. A cell names the relation in which the role must stand to the record; an empty cell means no. A no on a record about a person reads exactly as if there were no such record. A doctor hidden from somebody does not exist for them, whatever stands here.\n\n")
	for _, w := range relationWords {
		fmt.Fprintf(&b, "- **%s**: %s\n", w.relation, w.words)
	}
	groups := map[string][]access.Action{}
	for a := range cells {
		groups[capabilityOf(a)] = append(groups[capabilityOf(a)], a)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		slices.Sort(groups[name])
		permissionsTable(&b, name, groups[name], cells)
	}
	return b.Bytes(), nil
}

// permissionsTable writes one capability's actions; only roles that may do one
// of them get a column.
func permissionsTable(b *bytes.Buffer, name string, actions []access.Action, cells map[access.Action]map[access.Role][]access.Relation) {
	roles := slices.DeleteFunc(roleOrder(), func(r access.Role) bool {
		return !slices.ContainsFunc(actions, func(a access.Action) bool { return len(cells[a][r]) > 0 })
	})
	heads := make([]string, len(roles))
	for i, r := range roles {
		heads[i] = roleWords(r)
	}
	fmt.Fprintf(b, "\n## %s\n\n| action | %s |\n|---|%s\n", name, strings.Join(heads, " | "), strings.Repeat("---|", len(roles)))
	for _, a := range actions {
		fmt.Fprintf(b, "| %s |", a)
		for _, r := range roles {
			fmt.Fprintf(b, " %s |", relationList(cells[a][r]))
		}
		b.WriteString("\n")
	}
}

func relationList(list []access.Relation) string {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b access.Relation) int { return cmp.Compare(relationOrder(a), relationOrder(b)) })
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

func routesDocument(t *access.Table, routes []web.Route) ([]byte, error) {
	who := map[access.Action][]string{}
	for _, role := range roleOrder() {
		for _, g := range t.Grants() {
			if word := roleWords(role); g.Role == role && !slices.Contains(who[g.Action], word) {
				who[g.Action] = append(who[g.Action], word)
			}
		}
	}
	sorted := slices.Clone(routes)
	slices.SortFunc(sorted, func(a, b web.Route) int {
		return cmp.Or(cmp.Compare(a.Pattern, b.Pattern), cmp.Compare(a.Method, b.Method))
	})
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Addresses\n%s\n", generatedMark)
	fmt.Fprintf(&b, "%d routes, each with the action it does and the roles that may do it on some record; [permissions.md](permissions.md) says on which. Besides these, without a sign-in: `/assets/` (files of the pages), `/healthz`, `/readyz` and `/metrics` (no personal data).\n\n", len(sorted))
	b.WriteString("| address | method | action | who | remark |\n|---|---|---|---|---|\n")
	for _, r := range sorted {
		if len(who[r.Action]) == 0 {
			return nil, fmt.Errorf("docs: route %s %s: action %q has no row in the permission table", r.Method, r.Pattern, r.Action)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.Pattern, r.Method, r.Action, strings.Join(who[r.Action], ", "), routeRemark(r))
	}
	return b.Bytes(), nil
}

func routeRemark(r web.Route) string {
	var words []string
	if r.Upload {
		words = append(words, "takes a file")
	}
	if r.OwnTx {
		words = append(words, "opens its own transactions")
	}
	if r.Limit > 0 {
		words = append(words, fmt.Sprintf("at most %d a minute from one place on the network", r.Limit))
	}
	return strings.Join(words, ", ")
}

func factsDocument(schema *rulebook.Schema) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Kinds of fact\n%s\n", generatedMark)
	b.WriteString("What may be recorded about a doctor and read by a rule, from `rules/facts.yaml`. Every fact also has a date, an optional last day, a source, and a proof state: claimed, seen, verified or refused. A field left out, or the code \"unknown\", means not known; no fact at all means not known too.\n")
	kinds := schema.Kinds()
	slices.SortFunc(kinds, func(a, b rulebook.Kind) int { return cmp.Compare(a.Name, b.Name) })
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", k.Name, asSentence(k.Doc))
		if len(k.Fields) == 0 {
			continue
		}
		b.WriteString("| field | type | values | meaning |\n|---|---|---|---|\n")
		for _, f := range k.Fields {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.Name, f.Type, fieldValues(f), markdownCell(f.Doc))
		}
	}
	return b.Bytes()
}

func fieldValues(f rulebook.Field) string {
	switch {
	case len(f.Codes) > 0:
		return markdownCell(strings.Join(f.Codes, ", "))
	case f.Bounded:
		return fmt.Sprintf("%d to %d", f.Min, f.Max)
	case f.Pattern != "":
		return "`" + markdownCell(f.Pattern) + "`"
	}
	return ""
}

// markdownCell makes a text fit for one cell of a Markdown table.
func markdownCell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}

// asSentence begins a text with a capital letter and ends it with a full stop.
func asSentence(text string) string {
	text = markdownCell(text)
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
