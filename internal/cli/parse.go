package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// runner is one run of the program: what is parsed, and what came of it.
type runner struct {
	Options
	ctx     context.Context
	globals Globals
	began   bool // past parsing: what fails now is not wrong use
}

// root makes the tree of commands.
func (r *runner) root() (*cobra.Command, error) {
	r.globals.Database = r.Database
	globals, err := fieldsOf(&r.globals)
	if err != nil {
		return nil, err
	}
	all := append(slices.Clip(r.Commands), Command{name: "completion", help: "Print what makes a shell complete these commands: bash, zsh, fish or powershell."})
	root, err := r.command("", Command{name: r.Name, help: r.Description, sub: all}, globals)
	if err != nil {
		return nil, err
	}
	addFlags(root.PersistentFlags(), globals)
	root.SetUsageFunc(func(c *cobra.Command) error { return c.Help() })
	root.SetFlagErrorFunc(flagError)
	root.SetOut(r.Out)
	root.SetErr(r.Err)
	root.SetArgs(append([]string{}, r.Args...)) // nil would mean those of this process
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, RunE: func(_ *cobra.Command, words []string) error {
		c, _, err := root.Find(words)
		if err != nil {
			return err
		}
		return c.Help()
	}})
	return root, nil
}

// command makes cobra's command of ours and of those below it.
func (r *runner) command(above string, c Command, globals []*field) (*cobra.Command, error) {
	fields, err := fieldsOf(c.fields)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	var arguments, flags []*field
	for _, f := range fields {
		if f.argument {
			arguments = append(arguments, f)
		} else {
			flags = append(flags, f)
		}
	}
	path := strings.TrimSpace(above + " " + c.name)
	out := &cobra.Command{Use: c.name, Short: c.help, Hidden: c.hidden, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 2}
	out.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if cmd != out { // of the completion of a shell, which is cobra's own
			fmt.Fprintln(r.Out, cmd.Long)
			return
		}
		io.WriteString(r.Out, help(path, c, fields, globals))
	})
	addFlags(out.Flags(), flags)
	markFlags(out, flags)
	for _, below := range c.sub {
		if below.run == nil && below.sub == nil {
			continue // cobra adds it
		}
		sub, err := r.command(path, below, globals)
		if err != nil {
			return nil, err
		}
		out.AddCommand(sub)
	}
	out.RunE = func(_ *cobra.Command, words []string) error {
		if c.run == nil {
			return noCommand(out, c.sub, words)
		}
		if err := takeArguments(arguments, words); err != nil {
			return err
		}
		r.began = true
		return c.run(r, Console{Context: r.ctx, Globals: r.globals, Out: r.Out, Err: r.Err})
	}
	return out, nil
}

func addFlags(set *pflag.FlagSet, flags []*field) {
	set.SortFlags = false
	for _, f := range flags {
		flag := set.VarPF(f, f.name, "", f.tag.Get("help"))
		if _, is := f.target.(*bool); is {
			flag.NoOptDefVal = "true"
		}
	}
}

// markFlags says which flags are required, and which exclude each other.
func markFlags(cmd *cobra.Command, flags []*field) {
	groups := map[string][]string{}
	for _, f := range flags {
		if f.has("required") {
			_ = cmd.MarkFlagRequired(f.name) // fails only for a flag that is not there
		}
		if group := f.tag.Get("xor"); group != "" {
			groups[group] = append(groups[group], f.name)
		}
	}
	for _, names := range groups {
		cmd.MarkFlagsMutuallyExclusive(names...)
	}
}

// takeArguments gives the words that are no flags to the arguments in order.
func takeArguments(arguments []*field, words []string) error {
	for _, f := range arguments {
		n := min(1, len(words))
		if f.several() {
			n = len(words)
		}
		if n == 0 && !f.has("optional") {
			return fmt.Errorf("expected %s", f.usage())
		}
		for _, word := range words[:n] {
			if err := f.Set(word); err != nil {
				return fmt.Errorf("%s: %w", f.usage(), err)
			}
		}
		words = words[n:]
	}
	if len(words) > 0 {
		return fmt.Errorf("unexpected argument %q", words[0])
	}
	return nil
}

// noCommand says what a group expects.
func noCommand(cmd *cobra.Command, sub []Command, words []string) error {
	var names []string
	for _, c := range sub {
		if !c.hidden {
			names = append(names, c.name)
		}
	}
	if len(words) == 0 {
		return fmt.Errorf("expected one of %s", strings.Join(names, ", "))
	}
	if near := cmd.SuggestionsFor(words[0]); len(near) > 0 {
		return fmt.Errorf("unexpected argument %q, did you mean %q?", words[0], near[0])
	}
	return fmt.Errorf("unexpected argument %q, expected one of %s", words[0], strings.Join(names, ", "))
}

// flagError words what is wrong with a flag like the rest of the program.
func flagError(_ *cobra.Command, err error) error {
	if e, is := errors.AsType[*pflag.InvalidValueError](err); is {
		return fmt.Errorf("--%s: %w", e.GetFlag().Name, e.Unwrap())
	}
	return err
}
