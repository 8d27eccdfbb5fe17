package organisation

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/problem"
)

// ImportCommand is "msw import organisations".
type ImportCommand struct {
	Files  []string   `arg:"" name:"file" type:"existingfile" help:"Files of the Organisation Data Service as downloaded: epraccur, etr, etrust, eccg, egpam, the list of ICBs. Gzip too, in any order."`
	AsAt   clock.Date `name:"as-at" help:"The day the files speak for, YYYY-MM-DD; read from each file's name when not given." placeholder:"DATE"`
	Delta  bool       `help:"The files are amendments to a full file of the same day."`
	DryRun bool       `name:"dry-run" help:"Check and count, store nothing."`
}

// Help is what --help adds.
func (ImportCommand) Help() string {
	return `What each file holds is found out from its rows. A value is replaced only by one from a newer file; a file that leaves something out closes nothing. Importing the same files again, in any order, changes nothing. Rows that no doctor can be placed at (prescribers, cost centres that are not GP practices) are refused and counted by reason.

Example: msw import organisations epraccur-2025-11.csv etr-2025-12.csv icb_names_codes_dec_2024.csv`
}

// total is the counts over all files.
type total struct {
	Read      int            `json:"read"`
	Added     int            `json:"added"`
	Changed   int            `json:"changed"`
	Unchanged int            `json:"unchanged"`
	Closed    int            `json:"closed"`
	Refused   int            `json:"refused"`
	Reasons   map[string]int `json:"reasons"`
	DryRun    bool           `json:"dry_run"`
	Files     []Report       `json:"files"`
}

func (t *total) add(r Report) {
	t.Read, t.Added, t.Changed = t.Read+r.Read, t.Added+r.Added, t.Changed+r.Changed
	t.Unchanged, t.Closed, t.Refused = t.Unchanged+r.Unchanged, t.Closed+r.Closed, t.Refused+r.Refused
	for reason, n := range r.Reasons {
		t.Reasons[reason] += n
	}
	t.Files = append(t.Files, r)
}

// Run takes in the files one after another. A file that is refused stops it;
// those before stay taken in.
func (c *ImportCommand) Run(x cli.Context, s *Service) error {
	all := total{Reasons: map[string]int{}, DryRun: c.DryRun, Files: []Report{}}
	for _, name := range c.Files {
		r, err := c.one(x, s, name)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		all.add(r)
	}
	return x.Print(all, func(w io.Writer) {
		for _, r := range all.Files {
			r.print(w)
		}
		if c.DryRun {
			fmt.Fprintln(w, "Nothing was stored (--dry-run). Each file was compared with what is stored, not with the files before it.")
		}
	})
}

func (c *ImportCommand) one(x cli.Context, s *Service, name string) (Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return Report{}, problem.Wrap(problem.Refused, "The file cannot be opened.", err)
	}
	defer f.Close()
	size := int64(-1)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	bar := x.Progress(size, filepath.Base(name))
	defer bar.Done()
	var shown int64
	return s.ImportFile(x.Console.Context, x.Call, f, name, ImportOptions{AsAt: c.AsAt, Delta: c.Delta, DryRun: c.DryRun, Progress: func(done, _ int64) {
		bar.Add(int(done - shown))
		shown = done
	}})
}

func (r Report) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s as at %s\n", r.File, r.Content, r.AsAt.Long())
	fmt.Fprintf(w, "  %s\n", r.Summary())
	reasons := make([]string, 0, len(r.Reasons))
	for reason := range r.Reasons {
		reasons = append(reasons, reason)
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		first := r.Examples[reason][0]
		fmt.Fprintf(w, "  refused %d: %s (first: line %d, %s)\n", r.Reasons[reason], reason, first.Line, first.Code)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
}
