package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/problem"
)

// shop stands for a capability's service.
type shop struct{ made int }

type commands struct {
	Import  importCmd  `cmd:"" help:"Take in files."`
	Version versionCmd `cmd:"" help:"Tell the version."`
}

type importCmd struct {
	Files  []string `arg:"" help:"The files."`
	DryRun bool     `help:"Check only; change nothing."`
	Fail   string   `help:"How to fail."`
}

type result struct {
	Read  int    `json:"read"`
	Actor string `json:"actor"`
}

func (c *importCmd) Run(x Context, s *shop) error {
	switch c.Fail {
	case "refuse":
		return fmt.Errorf("import: %w", problem.Refuse("Nothing was saved.", "row 2 has no name", "row 3 has no date"))
	case "use":
		return Wrong("--fail must not be used")
	case "stop":
		return fmt.Errorf("import: %w", context.Canceled)
	}
	p := x.Progress(int64(len(c.Files)), "Reading")
	defer p.Done()
	p.Add(len(c.Files))
	s.made++
	r := result{Read: len(c.Files), Actor: x.Call.Actor.Account}
	return x.Print(r, func(w io.Writer) { fmt.Fprintf(w, "%d read in %s by %s\n", r.Read, x.Database, r.Actor) })
}

type versionCmd struct{}

func (versionCmd) Run(x Console) error {
	return x.Print(map[string]string{"version": "1"}, func(w io.Writer) { fmt.Fprintln(w, "msw 1") })
}

// run gives the exit code, stdout and stderr.
func run(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	shops := 0
	code := Run(t.Context(), Options{
		Name: "msw", Description: "The programme.", Commands: &commands{}, Args: args, Out: &out, Err: &errs, Database: "sqlite:msw.db",
		Call: func(c Console) (access.Call, error) {
			if c.Programme == "none" {
				return access.Call{}, problem.New(problem.NotFound, "There is no programme none.")
			}
			return access.Call{Actor: access.Actor{Account: "as " + c.As}}, nil
		},
		Providers: []any{func(c Console) (*shop, error) {
			if c.Database == "broken" {
				return nil, errors.New("open broken: no such file")
			}
			shops++
			return &shop{}, nil
		}},
	})
	if shops > 1 {
		t.Errorf("the service was made %d times", shops)
	}
	return code, out.String(), errs.String()
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args      string
		code      int
		out, errs string // what each must hold; "" for empty
	}{
		{"import a b", Done, "2 read in sqlite:msw.db by as ", "Reading: 2 done"},
		{"import a b --as x@example.org --database sqlite:other.db", Done, "2 read in sqlite:other.db by as x@example.org", "Reading: 2 done"},
		{"import a b --json", Done, `"read": 2`, ""},
		{"version", Done, "msw 1", ""},
		{"version --programme none", Done, "msw 1", ""},
		{"--help", Done, "Take in files.", ""},
		{"import --help", Done, "Check only; change nothing.", ""},
		{"import a --fail refuse", Failed, "", "Nothing was saved.\n  row 2 has no name\n  row 3 has no date\n"},
		{"import a --fail stop", Failed, "", "stopped before it was finished"},
		{"import a --programme none", Failed, "", "There is no programme none."},
		{"import a --database broken", Failed, "", "open broken: no such file"},
		{"import a --fail use", Misuse, "", "--fail must not be used"},
		{"import", Misuse, "", `Try "msw --help".`},
		{"", Misuse, "", "expected one of"},
		{"improt a", Misuse, "", "improt"},
		{"import a --dry", Misuse, "", "unknown flag --dry"},
	} {
		code, out, errs := run(t, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("%q: exit code %d, want %d", c.args, code, c.code)
		}
		for name, got := range map[string][2]string{"stdout": {out, c.out}, "stderr": {errs, c.errs}} {
			if got[1] == "" && got[0] != "" || !strings.Contains(got[0], got[1]) {
				t.Errorf("%q: %s is %q, want %q", c.args, name, got[0], got[1])
			}
		}
	}
}
