package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress tells on stderr how far a long work is: a bar on a terminal, one
// line at its end elsewhere, nothing with --json. Not for several goroutines.
type Progress struct {
	what string
	n    int64
	bar  *progressbar.ProgressBar
	line io.Writer
}

// Progress begins to tell of a work of total steps; total -1 is not known.
func (c Console) Progress(total int64, what string) *Progress {
	p := &Progress{what: what}
	switch {
	case c.JSON:
	case terminal(c.Err):
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(c.Err), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	default:
		p.line = c.Err
	}
	return p
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Add counts n further steps as done.
func (p *Progress) Add(n int) {
	p.n += int64(n)
	if p.bar != nil {
		_ = p.bar.Add(n) // a bar that cannot be drawn stops no work
	}
}

// Done ends it; more than once does no harm.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
	if p.line != nil {
		fmt.Fprintf(p.line, "%s: %d done\n", p.what, p.n)
		p.line = nil
	}
}
