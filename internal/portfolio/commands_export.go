package portfolio

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"msw/internal/cli"
	"msw/internal/problem"
	"msw/internal/sdjwt"
)

// ExportCommand is "msw export portfolio".
type ExportCommand struct {
	Doctor string `required:"" placeholder:"REF" help:"Reference of the doctor whose portfolio it is."`
	Format string `default:"json" enum:"html,json" help:"html prints; json can be taken in again." placeholder:"FORMAT"`
	Out    string `help:"Where to write it; on standard output when not given." placeholder:"FILE"`
}

// Help is what --help adds.
func (ExportCommand) Help() string {
	return `Writes a doctor's whole portfolio, also what only they can read. That it was done stands in the record of deeds. Give it to nobody but the doctor.

The form of the JSON is described in docs/portfolio-file.md. It has no day of its own: the same portfolio is the same file.

Example: msw export portfolio --doctor 7K3M9QX2T --format html --out portfolio.html`
}

// Run writes the portfolio.
func (c *ExportCommand) Run(x cli.Context, s *Service) error {
	e, err := s.Export(x.Console.Context, x.Call, c.Doctor)
	if err != nil {
		return err
	}
	text, err := e.Text()
	if c.Format == "html" {
		var b bytes.Buffer
		err = s.writeHTML(x.Console.Context, e, &b)
		text = b.Bytes()
	}
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = x.Out.Write(text)
		return err
	}
	const private = 0o600
	if err := os.WriteFile(c.Out, text, private); err != nil {
		return problem.Wrap(problem.Refused, "The file "+c.Out+" cannot be written.", err)
	}
	return x.Print(map[string]any{"file": c.Out, "items": len(e.Items), "digest": e.Digest}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s. Give it to nobody but the doctor.\n", c.Out, amount(len(e.Items), "item", "items"))
	})
}

// ImportCommand is "msw import portfolio".
type ImportCommand struct {
	File    string `arg:"" type:"existingfile" help:"The portfolio file (JSON), as msw export portfolio wrote it."`
	Doctor  string `help:"Reference of the record it goes into. Without it, the reference in the file; a record is made when there is none." placeholder:"REF"`
	Keys    string `type:"existingfile" help:"Keys of the msw that made the passport inside, saved from its /.well-known/msw-passport-keys.json." placeholder:"FILE"`
	Revoked string `type:"existingfile" help:"That msw's list of what was taken back, saved from it." placeholder:"FILE"`
	DryRun  bool   `name:"dry-run" help:"Check everything and say what would come of it; save nothing."`
}

// Help is what --help adds.
func (ImportCommand) Help() string {
	return `Takes in a portfolio that a doctor brings. A file that was changed, or that no msw wrote, is refused whole, with every fault. What is here already stays as it is: taking the same file in twice changes nothing.

What the file says was signed keeps the name of who signed. It counts only when the passport inside says the same and is signed with a key known here: one of this msw, or one you saved yourself and name with --keys and --revoked. Everything else is marked as not checked here.

Example: msw import portfolio portfolio.json --keys keys.json --revoked revoked.jwt --dry-run`
}

// Run takes the file in.
func (c *ImportCommand) Run(x cli.Context, s *Service) error {
	cmd := Importing{Ref: c.Doctor, DryRun: c.DryRun}
	var err error
	if cmd.Text, err = readFile(c.File); err != nil {
		return err
	}
	if c.Keys != "" {
		text, err := readFile(c.Keys)
		if err != nil {
			return err
		}
		keys, err := sdjwt.ParseKeys(text)
		if err != nil {
			return problem.Wrap(problem.Refused, "The keys cannot be read: "+err.Error()+".", err)
		}
		cmd.Keys = &keys
	}
	if c.Revoked != "" {
		text, err := readFile(c.Revoked)
		if err != nil {
			return err
		}
		cmd.Revoked = string(bytes.TrimSpace(text))
	}
	done, err := s.Import(x.Console.Context, x.Call, cmd)
	if err != nil {
		return err
	}
	return x.Print(done, done.print)
}

func (d Imported) print(w io.Writer) {
	fmt.Fprintf(w, "%s: added %d, unchanged %d, left as they are here %d\n", d.Reference, d.Added, d.Same, d.Left)
	if d.Made {
		fmt.Fprintln(w, "  a record was made for this doctor")
	}
	fmt.Fprintf(w, "  signed elsewhere %d, of these proven by the passport %d\n  %s\n", d.Signed, d.Proven, d.Passport)
	if d.DryRun {
		fmt.Fprintln(w, "Nothing was stored (--dry-run).")
	}
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, problem.Wrap(problem.Refused, "The file "+name+" cannot be opened.", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, longestExport+1))
}
