package document

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"msw/internal/cli"
	"msw/internal/document/inspect"
	"msw/internal/problem"
)

// CheckCommand is `msw documents check`. It needs no database.
type CheckCommand struct {
	Files []string `arg:"" help:"The files to look at." placeholder:"FILE"`
}

// Help teaches the command.
func (CheckCommand) Help() string {
	return `Says of each file what msw would make of it: accepted, neutralised (kept, with something taken away) or refused, its type by content, and why. Nothing is kept and nothing is sent anywhere. The scanner is not asked: it looks at a page after it was added.

	msw documents check photo.jpg certificate.pdf
	msw documents check --json *.pdf

The exit code is 1 when any file is refused. One file at a time is held, in less than 128 MiB of memory.`
}

// checked is what the command says of one file.
type checked struct {
	File    string          `json:"file"`
	Verdict inspect.Verdict `json:"verdict"`
	Type    string          `json:"type"`
	Reason  string          `json:"reason,omitempty"`
	Removed []string        `json:"removed,omitempty"`
	Width   int             `json:"width,omitempty"`
	Height  int             `json:"height,omitempty"`
	Pages   int             `json:"pages,omitempty"`
}

// memoryLimit has the collector work harder before a check takes more.
const memoryLimit = 96 << 20

// Run looks at the files.
func (cmd *CheckCommand) Run(c cli.Console) error {
	debug.SetMemoryLimit(memoryLimit)
	refused := 0
	list := []checked{}
	for _, name := range cmd.Files {
		r, err := checkFile(c.Context, name)
		if err != nil {
			return err
		}
		if r.Verdict == inspect.Refused {
			refused++
		}
		one := checked{name, r.Verdict, r.Type, r.Reason, r.Cut, r.Width, r.Height, r.Pages}
		if c.JSON {
			list = append(list, one)
			continue
		}
		fmt.Fprintf(c.Out, "%s: %s, %s", visible(name), one.Verdict, one.Type)
		if one.Reason != "" {
			fmt.Fprintf(c.Out, ". %s", one.Reason)
		}
		fmt.Fprintln(c.Out)
	}
	if c.JSON {
		e := json.NewEncoder(c.Out)
		e.SetIndent("", "  ")
		if err := e.Encode(list); err != nil {
			return err
		}
	}
	if refused > 0 {
		return problem.New(problem.Refused, fmt.Sprintf("%d of %d files would be refused.", refused, len(cmd.Files)))
	}
	return nil
}

// checkFile reads a file only when it is not too large to be looked at.
func checkFile(ctx context.Context, name string) (inspect.Result, error) {
	about, err := os.Stat(name)
	if err != nil {
		return inspect.Result{}, problem.Wrap(problem.Refused, "The file "+visible(name)+" cannot be read.", err)
	}
	if !about.Mode().IsRegular() {
		return inspect.Result{}, cli.Wrong("%s is not a file", visible(name))
	}
	if about.Size() > inspect.MostBytes {
		return inspect.TooLarge(), nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return inspect.Result{}, problem.Wrap(problem.Refused, "The file "+visible(name)+" cannot be read.", err)
	}
	r := inspect.Check(ctx, data)
	r.Data = nil
	return r, nil
}
