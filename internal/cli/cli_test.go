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
	"msw/internal/clock"
	"msw/internal/problem"
)

// shop stands for a capability's service.
type shop struct{ made int }

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

type common struct {
	File []string `help:"More files." type:"existingfile" placeholder:"FILE"`
}

type showCmd struct {
	common
	Thing string     `arg:"" help:"Which thing."`
	On    clock.Date `help:"The day." placeholder:"DATE"`
	By    string     `help:"How." enum:",name,date" default:""`
	Most  int        `help:"How many." default:"8"`
	Up    bool       `xor:"order" help:"Rising."`
	Down  bool       `xor:"order" help:"Falling."`
}

func (*showCmd) Help() string { return "More about things.\n\n\tmsw things show one" }

func (c *showCmd) Run(x Console) error {
	fmt.Fprintln(x.Out, c.Thing, c.On, c.By, c.Most, c.File, c.Up)
	return nil
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
	open := func(c Console) (*shop, error) {
		if c.Database == "broken" {
			return nil, errors.New("open broken: no such file")
		}
		shops++
		return &shop{}, nil
	}
	show := Do("show", "Show one thing.", &showCmd{})
	code := Run(t.Context(), Options{
		Name: "msw", Description: "The programme.", Args: args, Out: &out, Err: &errs, Database: "sqlite:msw.db",
		Commands: []Command{
			With("import", "Take in files.", &importCmd{}, open),
			Group("things", "What there is.", show, Do("hidden", "Not in lists.", versionCmd{}).Hidden()).OrElse(show),
			Group("bare", "A group.", Do("version", "Tell the version.", versionCmd{})),
			Do("version", "Tell the version.", versionCmd{}),
		},
		Call: func(c Console) (access.Call, error) {
			if c.Programme == "none" {
				return access.Call{}, problem.New(problem.NotFound, "There is no programme none.")
			}
			return access.Call{Actor: access.Actor{Account: "as " + c.As}}, nil
		},
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
		{"import a --dry", Misuse, "", "unknown flag: --dry"},
		{"--as x@example.org import a", Done, "by as x@example.org", "1 done"},
		{"things show one", Done, "one   8 [] false", ""},
		{"things one --most=3 --by name --on 2026-02-01 --up", Done, "one 2026-02-01 name 3 [] true", ""},
		{"things show one --file cli.go --file cli_test.go,help.go", Done, "[cli.go cli_test.go help.go]", ""},
		{"things show one --up --down", Misuse, "", "[down up] were all set"},
		{"things show one --by colour", Misuse, "", `--by: must be one of name, date, not "colour"`},
		{"things show one --most x", Misuse, "", `--most: must be a whole number, not "x"`},
		{"things show one --on x", Misuse, "", "--on: "},
		{"things show one --file absent", Misuse, "", "--file: there is no file or folder absent"},
		{"things show one --file testdata/..", Misuse, "", "no file or folder"},
		{"things show one two", Misuse, "", `unexpected argument "two"`},
		{"things show", Misuse, "", "expected THING"},
		{"things show --help", Done, "\n    msw things show one\n", ""},
		{"things hidden", Done, "msw 1", ""},
		{"help things show", Done, "Which thing.", ""},
		{"bare", Misuse, "", "expected one of version"},
		{"bare colour", Misuse, "", `unexpected argument "colour"`},
		{"vesion", Misuse, "", `did you mean "version"?`},
		{"completion bash", Done, "__start_msw", ""},
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
