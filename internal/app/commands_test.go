package app

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runMain(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Main("test", args, &o, &e)
	return code, o.String(), e.String()
}

func TestCommandsRefuseInASentence(t *testing.T) {
	t.Setenv("MSW_KEY_FILE", "")
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("junk.db"), []byte(strings.Repeat("junk ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if code, _, errs := runMain("admin", "create", "lead@example.org", "--database", "sqlite:"+file("real.db")); code != 0 {
		t.Fatal(code, errs)
	}
	for _, c := range []struct {
		args, says string
		code       int
	}{
		{"audit verify --database sqlite:" + file("absent.db"), "There is no database", 1},
		{"rules replay --database sqlite:" + file("absent.db"), "There is no database", 1},
		{"import register " + file("junk.db") + " --dry-run --database sqlite:" + file("absent.db"), "There is no database", 1},
		{"import organisations " + file("junk.db") + " --dry-run --database sqlite:" + file("absent.db"), "There is no database", 1},
		{"import portfolio " + file("junk.db") + " --dry-run=true --database sqlite:" + file("absent.db"), "There is no database", 1},
		{"migrate --database sqlite:" + file("absent/x.db"), "There is no folder", 1},
		{"migrate --database mysql://x", "must be sqlite:FILE or postgres://", 2},
		{"migrate --database sqlite:", "must be sqlite:FILE or postgres://", 2},
		{"audit verify --database sqlite:" + file("junk.db"), "There is no key for", 1},
		{"demo --people 1 --database sqlite:" + file("real.db"), "is not the demo's", 1},
		{"demo --people 1 --addr " + taken.Addr().String(), "Another program uses", 1},
		{"serve --database sqlite:" + file("real.db") + " --addr " + taken.Addr().String(), "Another program uses", 1},
		{"serve --addr nonsense --database sqlite:" + file("real.db"), "HOST:PORT", 1},
		{"admin create nonsense --database sqlite:" + file("real.db"), "name@example.com", 1},
		{"demo --people 0", "--people must be", 2},
		{"nonsense", "unexpected argument", 2},
	} {
		code, _, errs := runMain(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %q, want %d and %q", c.args, code, errs, c.code, c.says)
		}
	}
	for _, name := range []string{"absent.db", "absent.db.key", "junk.db.key"} {
		if _, err := os.Stat(file(name)); err == nil {
			t.Errorf("%s was made", name)
		}
	}
}

func TestAnotherKeySpoilsNothing(t *testing.T) {
	t.Setenv("MSW_KEY_FILE", "")
	dir := t.TempDir()
	address := "sqlite:" + filepath.Join(dir, "msw.db")
	if code, _, errs := runMain("migrate", "--database", address); code != 0 {
		t.Fatal(errs)
	}
	other := filepath.Join(dir, "other.key")
	if code, _, errs := runMain("key", other); code != 0 {
		t.Fatal(errs)
	}
	t.Setenv("MSW_KEY_FILE", other)
	for _, args := range [][]string{{"audit", "verify"}, {"migrate"}, {"admin", "create", "a@example.org"}} {
		if code, _, errs := runMain(append(args, "--database", address)...); code != 1 || !strings.Contains(errs, "another master key") {
			t.Errorf("%v: %d %s", args, code, errs)
		}
	}
	t.Setenv("MSW_KEY_FILE", "")
	if code, out, errs := runMain("audit", "verify", "--database", address); code != 0 {
		t.Errorf("the record was spoiled: %d %s %s", code, out, errs)
	}
}
