package doctor

import (
	"fmt"
	"io"
	"os"

	"msw/internal/cli"
	"msw/internal/problem"
)

// EvalCommand is "msw duplicates eval".
type EvalCommand struct {
	File string `arg:"" type:"existingfile" help:"CSV in UTF-8 with a header: same (yes or no), way, and given, family, native, birth, email, mobile and, if known, passport and licence, each with _a and _b."`
}

// Help is what --help adds.
func (EvalCommand) Help() string {
	return `Asks of every pair of a labelled file what the search for duplicates would find in a full store, by its keys and its comparison both, and prints precision and recall: of what a person is shown side by side, and of what is called likely. Needs no database, and keeps nothing of the file.

A set made from invented people, with how it was made, is in the source under internal/doctor/testdata.

Example: msw duplicates eval internal/doctor/testdata/pairs.csv --json`
}

// Run evaluates a file.
func (c *EvalCommand) Run(x cli.Console) error {
	f, err := os.Open(c.File)
	if err != nil {
		return problem.Wrap(problem.Refused, "The file cannot be opened.", err)
	}
	defer f.Close()
	list, err := ReadLabelled(f)
	if err != nil {
		return err
	}
	e := Evaluate(list)
	return x.Print(e, func(w io.Writer) {
		fmt.Fprintf(w, "%d pairs, of which %d are one person.\n\n", e.Pairs, e.Same)
		for _, q := range []struct {
			name string
			Quality
		}{{"Shown to a person", e.Shown}, {"Called likely", e.Likely}} {
			fmt.Fprintf(w, "%-18s precision %.3f, recall %.3f (%d found, %d right)\n", q.name, q.Precision, q.Recall, q.Found, q.Right)
		}
		fmt.Fprintln(w)
		for _, y := range e.Ways {
			fmt.Fprintf(w, "  %-10s %-45s %4d of %4d shown, %4d likely\n", map[bool]string{true: "one person", false: "two people"}[y.Same], y.Way, y.Shown, y.Pairs, y.Likely)
		}
	})
}
