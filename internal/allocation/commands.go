package allocation

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
	"msw/internal/cli"
	"msw/internal/problem"
)

// Build is the name of this program's build, as results tell it.
type Build string

// SolveCommand is `msw allocate run`. It and the commands beside it need no
// database.
type SolveCommand struct {
	File string `arg:"" help:"The run file, or - for standard input. docs/allocation.md explains its fields." placeholder:"RUN"`
	Rule string `help:"Solve by this rule in place of the run's own: flow, ranked, informed or priority." enum:",flow,ranked,informed,priority" default:""`
}

// Help teaches the command.
func (SolveCommand) Help() string {
	return `The result goes to standard output as JSON, a summary to standard error. The same run gives the same bytes on any machine, whatever the order of its rows.

	msw allocate generate --doctors 500 --posts 180 --choices 8 --seed 1 > run.json
	msw allocate run.json > result.json
	msw allocate verify run.json result.json

When a floor cannot be met, nothing is given out: the sentence that binds goes to standard error and the exit code is 1.`
}

// Run solves and prints.
func (cmd *SolveCommand) Run(c cli.Console, build Build) error {
	run, err := readRun(cmd.File, os.Stdin)
	if err != nil {
		return err
	}
	result, err := match.Solve(run, match.Options{Rule: cmd.Rule, Build: string(build)})
	if err != nil {
		return err
	}
	if !c.JSON {
		summary(c.Err, run, result)
	}
	return runfile.Encode(c.Out, result)
}

// summary says in a few lines what came out.
func summary(w io.Writer, run *runfile.Run, r *runfile.Result) {
	fmt.Fprintf(w, "Rule %s: %d of %d doctors have a post.\n", r.Rule, len(r.Placements), len(run.Doctors))
	for _, l := range r.Objective {
		if l.Profile != nil {
			fmt.Fprintf(w, "  %s %s: %v\n", l.Letter, l.Words, l.Profile)
			continue
		}
		fmt.Fprintf(w, "  %s %s: %d\n", l.Letter, l.Words, l.Value)
	}
	if r.Stability != nil {
		fmt.Fprintf(w, "  Blocking pairs: %d\n", r.Stability.BlockingPairs)
	}
	if r.Bound != nil {
		gap := r.Bound.Gap
		if gap == "" {
			gap = "None: no allocation within the limits is better."
		}
		fmt.Fprintf(w, "  Gap: %s\n", gap)
	}
	for _, o := range r.Comparisons[1:] {
		fmt.Fprintf(w, "Beside it, %s: %d placed, %d on a first choice, %d on one of the first three.\n", o.Rule, o.Filled, o.First, o.TopThree)
	}
}

// GenerateCommand prints a fictional run file.
type GenerateCommand struct {
	Doctors  int    `help:"How many doctors." default:"500"`
	Posts    int    `help:"How many posts; their places add up to about one for each doctor." default:"180"`
	Choices  int    `help:"How many posts each doctor lists." default:"8"`
	Seed     uint64 `help:"The same seed gives the same run." default:"1"`
	Crossing bool   `help:"With two funders across regions and a floor for GP practices."`
	Ranked   bool   `help:"With hosts that rank whoever listed them; the rule is then ranked."`
}

const mostGenerated = 2_000_000 // more than any round on earth; a larger number is a slip

// Run makes and prints.
func (cmd *GenerateCommand) Run(c cli.Console) error {
	for name, n := range map[string]int{"--doctors": cmd.Doctors, "--posts": cmd.Posts, "--choices": cmd.Choices} {
		if n < 0 || n > mostGenerated {
			return cli.Wrong("%s must be from 0 to %d", name, mostGenerated)
		}
	}
	if cmd.Crossing && cmd.Ranked {
		return cli.Wrong("--crossing and --ranked do not go together: a ranked round cannot keep crossing limits")
	}
	return runfile.Encode(c.Out, runfile.Generate(runfile.Shape{Doctors: cmd.Doctors, Posts: cmd.Posts, Choices: cmd.Choices, Seed: cmd.Seed, Crossing: cmd.Crossing, Ranked: cmd.Ranked}))
}

// VerifyCommand checks a result.
type VerifyCommand struct {
	RunFile string `arg:"" name:"run" help:"The run file, or - for standard input."`
	Result  string `arg:"" help:"The result, or - for standard input."`
}

// Help teaches the command.
func (VerifyCommand) Help() string {
	return `The check shares no code with the solver. It looks that everybody stands once and on their own list, that every limit is kept, that the objective is what it says, and that no exchange of places, however long the chain, would be better: down to the draw that breaks ties.`
}

// Run checks and says what is wrong.
func (cmd *VerifyCommand) Run(c cli.Console) error {
	if cmd.RunFile == "-" && cmd.Result == "-" {
		return cli.Wrong("only one of the two can come from standard input")
	}
	run, err := readRun(cmd.RunFile, os.Stdin)
	if err != nil {
		return err
	}
	var result *runfile.Result
	err = withFile(cmd.Result, os.Stdin, func(r io.Reader) (err error) { result, err = runfile.DecodeResult(r); return err })
	if err != nil {
		return err
	}
	faults := verify.Check(run, result)
	if err := c.Print(map[string]any{"ok": len(faults) == 0, "faults": faults}, func(w io.Writer) {
		if len(faults) == 0 {
			fmt.Fprintf(w, "Right: %d placements and %d without a post, as the rule %s has it.\n", len(result.Placements), len(result.Unplaced), result.Rule)
			if result.Rule != run.Rule {
				fmt.Fprintf(w, "The run itself declares the rule %s: this is a comparison, not the result of its round.\n", run.Rule)
			}
		}
	}); err != nil {
		return err
	}
	if len(faults) > 0 {
		return problem.Refuse("This is not a right result of this run.", faults...)
	}
	return nil
}

func readRun(name string, in io.Reader) (run *runfile.Run, err error) {
	err = withFile(name, in, func(r io.Reader) (err error) { run, err = runfile.Decode(r); return err })
	return run, err
}

// withFile hands a file, or standard input for -, to f, and puts its name before
// what f says.
func withFile(name string, in io.Reader, f func(io.Reader) error) error {
	if name == "-" {
		return fromFile("standard input", f(in))
	}
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return problem.Wrap(problem.NotFound, "There is no file "+name+".", err)
	}
	if err != nil {
		return problem.Wrap(problem.Unavailable, "The file "+name+" cannot be read.", err)
	}
	defer file.Close()
	return fromFile(name, f(file))
}

func fromFile(name string, err error) error {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return err
	}
	if p.Kind == problem.Invalid && len(p.Fields) > 0 {
		p.Message = "It cannot be read as it stands."
	}
	p.Message = name + ": " + p.Message
	return err
}
