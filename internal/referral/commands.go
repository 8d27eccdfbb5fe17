package referral

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/tabular"
)

// ImportCmd is `msw import referrals`.
type ImportCmd struct {
	Files        []string `arg:"" type:"existingfile" help:"CSV or XLSX of any usual encoding; gzip too."`
	Referrer     string   `required:"" placeholder:"ORG" help:"Code or whole name of the organisation that refers these doctors."`
	ConsentScope []string `required:"" placeholder:"SCOPE" help:"What the doctors agreed to share with it: progress, contact, application, exams, immigration. Several with commas."`
	ConsentUntil string   `required:"" placeholder:"DATE" help:"Last day of that agreement, YYYY-MM-DD."`
	Route        string   `placeholder:"CODE" help:"Route by which they were found; the usual one of the organisation when not given."`
	DayFirst     bool     `xor:"order" help:"Dates in numbers are day, month, year. Without this, a date that can be read two ways is refused."`
	MonthFirst   bool     `xor:"order" help:"Dates in numbers are month, day, year."`
	Silent       bool     `help:"Send no invitations; a caseworker decides on each."`
	DryRun       bool     `help:"Check every row and save nothing; the report is that of the real run."`
	Out          string   `placeholder:"FILE" help:"Where the file with result and reason goes; beside the file as NAME.result.csv when not given. For one file."`
}

// Run takes in each file and writes it back with two columns added.
func (c *ImportCmd) Run(x cli.Context, s *Service) error {
	until, err := clock.ParseDate(c.ConsentUntil)
	if err != nil || until.IsZero() {
		return cli.Wrong("--consent-until must be a date like 2027-03-31, not %q", c.ConsentUntil)
	}
	if c.Out != "" && len(c.Files) != 1 {
		return cli.Wrong("--out takes one file at a time")
	}
	var reports []Report
	for _, path := range c.Files {
		r, err := c.one(x, s, path, until)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		reports = append(reports, r)
	}
	var printed any = reports
	if len(reports) == 1 {
		printed = reports[0]
	}
	return x.Print(printed, func(w io.Writer) {
		for _, r := range reports {
			r.write(w)
		}
	})
}

// one takes in one file. Its answer is written under another name first, so
// that a file refused as a whole leaves none.
func (c *ImportCmd) one(x cli.Context, s *Service, path string, until clock.Date) (Report, error) {
	in, err := os.Open(path)
	if err != nil {
		return Report{}, err
	}
	defer in.Close()
	out := c.Out
	if out == "" {
		out = filepath.Join(filepath.Dir(path), ResultName(filepath.Base(path)))
	}
	tmp, err := os.CreateTemp(filepath.Dir(out), ".referrals-*")
	if err != nil {
		return Report{}, err
	}
	defer os.Remove(tmp.Name())
	o := ImportOptions{Name: filepath.Base(path), Referrer: c.Referrer, Route: c.Route, ConsentScope: c.ConsentScope, ConsentUntil: until,
		Silent: c.Silent, DryRun: c.DryRun, Out: tmp}
	switch {
	case c.DayFirst:
		o.Dates = tabular.DayFirst
	case c.MonthFirst:
		o.Dates = tabular.MonthFirst
	}
	size := int64(-1)
	if st, err := in.Stat(); err == nil {
		size = st.Size()
	}
	p, last := x.Progress(size, "Reading "+o.Name), int64(0)
	o.Progress = func(done, _ int64) { p.Add(int(done - last)); last = done }
	r, err := s.ImportFile(x.Context, x.Call, in, o)
	p.Done()
	if err != nil {
		tmp.Close()
		return r, err
	}
	if err := tmp.Close(); err != nil {
		return r, err
	}
	return r, os.Rename(tmp.Name(), out)
}

func (r Report) write(w io.Writer) {
	fmt.Fprintf(w, "%s: %d rows read, %d added, %d unchanged, %d refused\n", r.File, r.Read, r.Added, r.Unchanged, r.Refused)
	if r.DryRun {
		fmt.Fprintln(w, "  Dry run: nothing was saved.")
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "  %s\n", n)
	}
	reasons := make([]string, 0, len(r.Reasons))
	for why := range r.Reasons {
		reasons = append(reasons, why)
	}
	sort.Strings(reasons)
	for _, why := range reasons {
		fmt.Fprintf(w, "  refused: %s (%d; lines %s)\n", why, r.Reasons[why], strings.Trim(fmt.Sprint(r.Examples[why]), "[]"))
	}
	if len(r.Alike) > 0 {
		fmt.Fprintf(w, "  %d rows may be people already here; a caseworker has a task for each: lines %s\n", len(r.Alike), someLines(r.Alike))
	}
}

// someLines prints the first lines of many.
func someLines(lines []int) string {
	const most = 20
	shown := strings.Trim(fmt.Sprint(lines[:min(len(lines), most)]), "[]")
	if len(lines) > most {
		return fmt.Sprintf("%s and %d more", shown, len(lines)-most)
	}
	return shown
}
