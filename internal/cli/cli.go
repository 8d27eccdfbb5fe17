// Package cli is the shape of a command: the flags all commands share, the
// exit codes, sentences on stderr, results on stdout as text or JSON, and
// progress for long work.
//
// It knows no command: capabilities write theirs in commands.go, the app puts
// them together. It reads no environment: the app hands in what it read.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"msw/internal/access"
	"msw/internal/problem"
)

// Exit codes.
const (
	Done   = 0 // the command did what was asked
	Failed = 1 // refused or failed; a sentence on stderr says why
	Misuse = 2 // wrong use; stderr says what is expected
	// NotSure is an answer that nobody may rely on: neither done nor failed.
	NotSure = 3
)

// Globals are the flags every command has.
type Globals struct {
	Database  string `help:"Where the records are: sqlite:FILE or postgres://…; MSW_DATABASE or sqlite:msw.db when not given." placeholder:"URL"`
	Programme string `help:"Code of the programme to work in; not needed when there is only one." placeholder:"CODE"`
	As        string `help:"E-mail address of the account to act as; the operator of this computer when not given. The audit names it." placeholder:"EMAIL"`
	JSON      bool   `help:"Print the result as JSON, for other programs." name:"json"`
}

// Console is what a command has that asks for no programme: migrate, version,
// serve. It is also the command's context.
type Console struct {
	context.Context
	Globals
	Out, Err io.Writer
}

// Context is a Console with the call a use case wants: who acts, in which
// programme, at what time.
type Context struct {
	Console
	Call access.Call
}

// Options are what Run needs.
type Options struct {
	Name        string
	Description string
	Commands    []Command
	Args        []string // without the program's name
	Out, Err    io.Writer
	Database    string // default of --database
	// Call finds out who acts; asked only by commands that take a Context.
	Call func(Console) (access.Call, error)
}

// Run reads the arguments, runs one command and gives the exit code. What it
// prints on stderr is for people; nothing else goes there.
func Run(ctx context.Context, o Options) int {
	r := &runner{Options: o, ctx: ctx}
	root, err := r.root()
	if err != nil {
		fmt.Fprintf(o.Err, "%s: the commands are not put together rightly: %v\n", o.Name, err)
		return Failed
	}
	err = root.Execute()
	switch {
	case err == nil:
		return Done
	case !r.began:
		fmt.Fprintf(o.Err, "%s: %v\nTry %q.\n", o.Name, err, o.Name+" --help")
		return Misuse
	}
	fmt.Fprintf(o.Err, "%s: %s\n", o.Name, sentence(err))
	if errors.As(err, new(usage)) {
		return Misuse
	}
	if errors.As(err, new(unsure)) {
		return NotSure
	}
	return Failed
}

func (r *runner) context(c Console) (Context, error) {
	if r.Call == nil {
		return Context{}, errors.New("this program has no way to find out who acts")
	}
	k, err := r.Call(c)
	if err != nil {
		return Context{}, err
	}
	return Context{Console: c, Call: k}, nil
}

// usage is an error of use that only the command itself could see.
type usage struct{ error }

// Wrong makes an error of use: the exit code is 2.
func Wrong(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }

// unsure is an answer that nobody may rely on.
type unsure struct{ error }

func (u unsure) Unwrap() error { return u.error }

// Unsure makes an error of an answer that is neither yes nor no: the exit code is 3.
func Unsure(err error) error { return unsure{err} }

func sentence(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped before it was finished"
	}
	e, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return err.Error()
	}
	lines := []string{e.Message}
	for _, f := range e.Fields {
		lines = append(lines, "  "+f.Name+": "+f.Message)
	}
	for _, r := range e.Reasons {
		lines = append(lines, "  "+r)
	}
	if e.Kind == problem.Unknown && e.Err != nil {
		lines = append(lines, "  "+e.Err.Error())
	}
	return strings.Join(lines, "\n")
}

// Print writes a command's result on stdout: v as JSON with --json, else what
// text writes.
func (c Console) Print(v any, text func(w io.Writer)) error {
	if !c.JSON {
		text(c.Out)
		return nil
	}
	e := json.NewEncoder(c.Out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
