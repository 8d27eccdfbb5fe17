package post

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"msw/internal/cli"
	"msw/internal/problem"
)

// ImportOutcodesCommand is "msw import outcodes".
type ImportOutcodesCommand struct {
	File   string `arg:"" type:"existingfile" help:"A table of postcode districts with the columns postcode, eastings and northings (metres on the national grid)."`
	DryRun bool   `name:"dry-run" help:"Check and count, store nothing."`
}

// Help is what --help adds.
func (ImportOutcodesCommand) Help() string {
	return `Distances between a doctor's home and a post are measured in a straight line between the middles of postcode districts (the first half of a postcode, such as SE5). Without this table no distance is shown and travel limits are not applied. The "UK postcode districts" table of Gibbs, in the public domain (CC0), has the right columns. Importing again replaces what was known of a district and removes nothing.

Example: msw import outcodes outcodes.csv`
}

// Run takes the file in.
func (c *ImportOutcodesCommand) Run(x cli.Context, s *Service) error {
	f, err := os.Open(c.File)
	if err != nil {
		return problem.Wrap(problem.Refused, "The file cannot be opened.", err)
	}
	defer f.Close()
	r, err := s.ImportOutcodes(x.Console.Context, x.Call, f, filepath.Base(c.File), c.DryRun)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(c.File), err)
	}
	return x.Print(r, func(w io.Writer) {
		fmt.Fprintf(w, "%d rows read, %d postcode districts stored, %d rows refused.\n", r.Read, r.Stored, r.Refused)
		for _, why := range r.Why {
			fmt.Fprintln(w, " ", why)
		}
		if r.DryRun {
			fmt.Fprintln(w, "Nothing was stored (--dry-run).")
		}
	})
}
