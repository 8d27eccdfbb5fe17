// Package msw holds the tests that keep the house in order; it has no code.
package msw

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the tree, parsed.
type source struct {
	path, pkg, name string // pkg is the folder under internal/, "" for others
	test, generated bool
	file            *ast.File
	lines           int
}

var files = token.NewFileSet()

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "node_modules" || d.Name() == "tools" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(files, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := ""
		if rest, ok := strings.CutPrefix(filepath.ToSlash(filepath.Dir(path)), "internal/"); ok {
			pkg = rest
		}
		out = append(out, source{path: filepath.ToSlash(path), pkg: pkg, name: filepath.Base(path), file: f,
			test: strings.HasSuffix(path, "_test.go") || strings.HasSuffix(pkg, "dbtest"), generated: ast.IsGenerated(f), lines: strings.Count(string(text), "\n")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func section(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- "+name+": begin -->")
	body, _, ok2 := strings.Cut(rest, "<!-- "+name+": end -->")
	if !ok || !ok2 {
		t.Fatalf("docs/architecture.md has no part %q", name)
	}
	return strings.Split(strings.TrimSpace(body), "\n")
}

type room struct {
	kind  string
	order int
	may   []string
}

func rooms(t *testing.T) map[string]room {
	out := map[string]room{}
	for i, line := range section(t, "imports")[2:] {
		cells := strings.Split(line, "|")
		out[strings.TrimSpace(cells[1])] = room{kind: strings.TrimSpace(cells[2]), order: i, may: strings.Fields(cells[3])}
	}
	return out
}

func imports(s source) []string {
	var out []string
	for _, i := range s.file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		out = append(out, path)
	}
	return out
}

func TestImportsFollowTheTable(t *testing.T) {
	table := rooms(t)
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if s.pkg == "" || s.test && !strings.HasSuffix(s.pkg, "dbtest") {
			continue
		}
		seen[s.pkg] = true
		me, ok := table[s.pkg]
		if !ok {
			t.Errorf("%s: package %s is not in docs/architecture.md", s.path, s.pkg)
			continue
		}
		for _, path := range imports(s) {
			other, ours := strings.CutPrefix(path, "msw/internal/")
			if !ours {
				continue
			}
			to := table[other]
			allowed := slices.Contains(me.may, other) || me.kind == "top" || me.kind == "road" && (to.kind == "pure" || to.kind == "kit" && other != "database/dbtest" || to.kind == "road" && to.order < me.order)
			if !allowed {
				t.Errorf("%s: %s may not import %s", s.path, s.pkg, other)
			}
			if other == "demo" && s.pkg != "app" {
				t.Errorf("%s: only app may import demo", s.path)
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("docs/architecture.md names %s, which does not exist", name)
		}
	}
}

func TestFacesAndStoresKeepTheirFileNames(t *testing.T) {
	clients := []string{"internal/document/store_s3.go"} // asks a store over HTTP and serves nothing, as notify's gateway does
	face := func(s source) bool {
		return slices.Contains(clients, s.path) || strings.HasPrefix(s.name, "pages") || strings.HasPrefix(s.name, "api") || slices.Contains([]string{"web", "web/assets", "nhs", "signin", "notify", "app"}, s.pkg) || s.pkg == ""
	}
	store := func(s source) bool { return strings.HasPrefix(s.name, "store") || s.pkg == "database" }
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, path := range imports(s) {
			switch {
			case (path == "net/http" || path == "github.com/a-h/templ") && !face(s) && !(path == "github.com/a-h/templ" && s.name == "panel.go"):
				t.Errorf("%s: %s belongs in pages*, api*, web, nhs, signin, app", s.path, path)
			case path == "database/sql" && !store(s):
				t.Errorf("%s: %s belongs in store* files and database", s.path, path)
			}
		}
	}
}

func TestTimeAndEnvironmentComeFromApp(t *testing.T) {
	forbidden := map[string][]string{"time": {"Now", "Since", "Until"}, "os": {"Getenv", "LookupEnv"}, "context": {"Background", "TODO"}}
	for _, s := range sources(t) {
		if s.test || s.pkg == "app" || s.pkg == "" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(forbidden[x.Name], sel.Sel.Name) && x.Obj == nil {
				t.Errorf("%s: %s.%s outside app", files.Position(n.Pos()), x.Name, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestPackagesAreDocumentedAndFilesAreShort(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		dir := filepath.Dir(s.path)
		if s.file.Doc != nil && !s.test {
			documented[dir] = true
		} else if _, ok := documented[dir]; !ok && !s.test {
			documented[dir] = false
		}
		if s.lines > 600 && !s.generated {
			t.Errorf("%s has %d lines; 600 is the most", s.path, s.lines)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: init function", files.Position(f.Pos()))
			}
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

var (
	sqlStart    = regexp.MustCompile(`(?is)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
	tableName   = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z]+_[a-z_]+)`)
	written     = regexp.MustCompile(`(?i)(?:\bINSERT\s+INTO|^\s*UPDATE|\bDELETE\s+FROM)\s+([a-z]+_[a-z_]+)`)
)

func TestSQLKeepsItsRules(t *testing.T) {
	var without []string
	for _, line := range section(t, "no-tenant") {
		without = append(without, strings.TrimPrefix(line, "- "))
	}
	all := sources(t)
	constants := stringConstants(all)
	for _, s := range all {
		if s.test || s.pkg == "" {
			continue
		}
		seen := map[ast.Node]bool{}
		ast.Inspect(s.file, func(n ast.Node) bool {
			text := ""
			switch e := n.(type) {
			case *ast.BinaryExpr:
				if e.Op != token.ADD || seen[e] {
					return true
				}
				text = flatten(e, constants[s.pkg], seen)
			case *ast.BasicLit:
				if e.Kind != token.STRING || seen[e] {
					return true
				}
				text, _ = strconv.Unquote(e.Value)
			}
			if sqlStart.MatchString(text) && tableName.MatchString(text) {
				checkSQL(t, s, files.Position(n.Pos()).String(), text, without)
			}
			return true
		})
	}
}

// flatten joins a concatenation of literals and constants into the text the
// engine will see; a part known only at run time becomes a space.
func flatten(e ast.Expr, known map[string]string, seen map[ast.Node]bool) string {
	seen[e] = true
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return flatten(e.X, known, seen) + flatten(e.Y, known, seen)
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		if text, ok := known[e.Name]; ok {
			return text
		}
	}
	return " "
}

// stringConstants finds each package's constants whose value is one literal.
func stringConstants(all []source) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, s := range all {
		for _, d := range s.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i < len(v.Values) {
						if out[s.pkg] == nil {
							out[s.pkg] = map[string]string{}
						}
						out[s.pkg][name.Name] = flatten(v.Values[i], out[s.pkg], map[ast.Node]bool{})
					}
				}
			}
		}
	}
	return out
}

func checkSQL(t *testing.T, s source, where, text string, without []string) {
	highest := 0
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		if n > highest+1 && highest > 0 || highest == 0 && n != 1 && strings.HasPrefix(strings.TrimSpace(text), "SELECT") {
			t.Errorf("%s: placeholder $%d comes before $%d", where, n, highest+1)
		}
		highest = max(highest, n)
	}
	needsTenant := false
	for _, m := range tableName.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(without, strings.ToLower(m[1])) {
			needsTenant = true
		}
	}
	if needsTenant && !strings.Contains(text, "tenant_id") && !strings.Contains(text, "/* every tenant */") {
		t.Errorf("%s: statement does not name tenant_id: %.80s", where, text)
	}
	for _, m := range written.FindAllStringSubmatch(text, -1) {
		owner, _, _ := strings.Cut(s.pkg, "/")
		if !strings.HasPrefix(m[1], owner+"_") {
			t.Errorf("%s: %s writes %s, which is another folder's table", where, s.pkg, m[1])
		}
	}
}
