package registration

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/problem"
)

// ImportCommand is "msw import register".
type ImportCommand struct {
	File   string     `arg:"" type:"existingfile" help:"The extract: CSV or XLSX of any usual encoding, gzip too, with a header or in the published order of columns."`
	AsAt   clock.Date `name:"as-at" help:"The day the extract speaks for, YYYY-MM-DD; read from the file's name when not given." placeholder:"DATE"`
	Delta  bool       `help:"The file holds only what changed: numbers it leaves out stay as they are."`
	DryRun bool       `name:"dry-run" help:"Check, count and compare; store nothing."`
}

// Help is what --help adds.
func (ImportCommand) Help() string {
	return `Takes in the GMC's register extract, which is licensed and must not be published again. Only keyed tokens of the number and the name, the dates, the status and the approved practice setting are kept. Dates are DDMMYYYY, also where the first zero was lost: 5071978 is 5 July 1978. A number with fewer than 7 digits is refused, not guessed.

The entry of each doctor of the programme is compared with what two people read. Where they differ, it comes to the list of differences; nothing is overwritten. Importing the same file again changes nothing.

Example: msw import register register-2026-10-05.csv --dry-run`
}

// Run takes the extract in.
func (c *ImportCommand) Run(x cli.Context, s *Service) error {
	f, err := os.Open(c.File)
	if err != nil {
		return problem.Wrap(problem.Refused, "The file cannot be opened.", err)
	}
	defer f.Close()
	size := int64(-1)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	bar := x.Progress(size, "Reading "+filepath.Base(c.File))
	var shown int64
	r, err := s.ImportRegister(x.Console.Context, x.Call, f, filepath.Base(c.File), ImportOptions{AsAt: c.AsAt, Delta: c.Delta, DryRun: c.DryRun, Progress: func(done, _ int64) {
		bar.Add(int(done - shown))
		shown = done
	}})
	bar.Done()
	if err != nil {
		return err
	}
	return x.Print(r, r.print)
}

func (r ImportReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: the register as at %s\n  %s\n", r.File, r.AsAt.Long(), r.Summary())
	fmt.Fprintf(w, "  doctors of this programme: %d compared, %d say the same, %d differ\n", r.Ours, r.Agreeing, r.Differing)
	reasons := make([]string, 0, len(r.Reasons))
	for reason := range r.Reasons {
		reasons = append(reasons, reason)
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		at := "line"
		if len(r.Examples[reason]) > 1 {
			at = "lines"
		}
		fmt.Fprintf(w, "  refused %d: %s (%s %s)\n", r.Reasons[reason], reason, at, strings.Trim(fmt.Sprint(r.Examples[reason]), "[]"))
	}
	if len(r.NotKept) > 0 {
		fmt.Fprintf(w, "  columns not kept: %s\n", strings.Join(r.NotKept, ", "))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
	if r.DryRun {
		fmt.Fprintln(w, "Nothing was stored (--dry-run). Numbers that a full extract leaves out are found by the real run only.")
	}
}
