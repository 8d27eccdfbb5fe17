package registration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/tabular"
)

// ImportOptions say how an extract is taken in.
type ImportOptions struct {
	AsAt     clock.Date // the day the file speaks for; zero reads it from the file's name
	Delta    bool       // only what changed: numbers it leaves out stay
	DryRun   bool       // check and count, store nothing
	Progress func(done, total int64)
}

// ImportReport tells what became of a file's rows. Differing and Agreeing count
// doctors of the programme whose entry was compared.
type ImportReport struct {
	File      string           `json:"file"`
	AsAt      clock.Date       `json:"as_at"`
	Delta     bool             `json:"delta"`
	DryRun    bool             `json:"dry_run"`
	Read      int              `json:"read"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Gone      int              `json:"gone"` // in the extract before, not in this one
	Refused   int              `json:"refused"`
	Ours      int              `json:"ours"` // numbers of doctors of this programme
	Agreeing  int              `json:"agreeing"`
	Differing int              `json:"differing"`
	Reasons   map[string]int   `json:"reasons"`
	Examples  map[string][]int `json:"examples"` // the first lines of each reason
	NotKept   []string         `json:"not_kept"` // columns of the file that are not stored
	Notes     []string         `json:"notes"`
}

// Summary is the counts in one line.
func (r ImportReport) Summary() string {
	return fmt.Sprintf("read %d, added %d, changed %d, unchanged %d, gone %d, refused %d", r.Read, r.Added, r.Changed, r.Unchanged, r.Gone, r.Refused)
}

const (
	registerBatch = 900
	maxExamples   = 5
)

// ImportRegister takes in the GMC's register extract (CSV or XLSX of any usual
// encoding, gzip too), streaming. Rows are stored in batches, each in its own
// transaction unless the context carries one: a broken import is finished by
// running it again. Kept are keyed tokens of number and name, dates and status;
// gender, qualification and place of study are not. An extract older than the
// newest full one is Refused.
func (s *Service) ImportRegister(ctx context.Context, call access.Call, r io.Reader, name string, o ImportOptions) (ImportReport, error) {
	if err := s.access.May(call.Actor, ActImport, access.Resource{Kind: "register", Tenant: call.Actor.Tenant}); err != nil {
		return ImportReport{}, err
	}
	if s.o.NameKeys == nil {
		return ImportReport{}, problem.New(problem.Unavailable, "The register cannot be taken in here: names cannot be compared.")
	}
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	im := &registerImport{s: s, call: call, o: o, run: database.NewID(), report: ImportReport{File: name, Delta: o.Delta, DryRun: o.DryRun,
		Reasons: map[string]int{}, Examples: map[string][]int{}, NotKept: []string{}, Notes: []string{}}}
	if err := im.date(ctx); err != nil {
		return im.report, err
	}
	sum := sha256.New()
	table, err := tabular.Open(io.TeeReader(r, sum), tabular.Options{Trim: true, MaxBytes: 2 << 30})
	if err != nil {
		return im.report, err
	}
	defer table.Close()
	im.table = table
	if err := im.rows(ctx); err != nil {
		return im.report, err
	}
	im.report.Notes = append(im.report.Notes, table.Describe().Notes...)
	if o.DryRun {
		return im.report, nil
	}
	if _, err := io.Copy(io.Discard, io.TeeReader(r, sum)); err != nil {
		return im.report, err
	}
	return im.report, im.finish(ctx, hex.EncodeToString(sum.Sum(nil)))
}

type registerImport struct {
	s      *Service
	call   access.Call
	o      ImportOptions
	table  *tabular.Table
	layout registerLayout
	run    string
	report ImportReport
}

func (im *registerImport) tenant() string { return im.call.Actor.Tenant }

var dayInName = regexp.MustCompile(`(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])`)

// date finds out for which day the file speaks.
func (im *registerImport) date(ctx context.Context) error {
	im.report.AsAt = im.o.AsAt
	if m := dayInName.FindStringSubmatch(im.report.File); im.o.AsAt.IsZero() && m != nil {
		im.report.AsAt, _ = clock.ParseDate(m[1] + "-" + m[2] + "-" + m[3])
	}
	if im.report.AsAt.IsZero() {
		return problem.Refuse("We do not know for which day "+im.report.File+" speaks.", "The file's name has no date. Say it with --as-at, like --as-at 2026-10-05.")
	}
	if im.report.AsAt > im.call.Today {
		return problem.Refuse("The file's date, "+im.report.AsAt.Long()+", is still to come.", "Say the right one with --as-at.")
	}
	newest, found, err := im.s.newestFile(ctx, im.tenant(), true)
	if err != nil {
		return err
	}
	if found && im.report.AsAt < newest.AsAt {
		return problem.Refuse("A newer extract was taken in already.", "The extract of "+newest.AsAt.Long()+" is here. One of "+im.report.AsAt.Long()+" would put old entries in the place of new ones.")
	}
	if !found && im.o.Delta {
		return problem.Refuse("There is no full extract yet.", "Take in a full extract first. A file of changes alone does not tell who is not on the register.")
	}
	return nil
}

// rows reads the file to its end; the first row says which column is which.
func (im *registerImport) rows(ctx context.Context) error {
	held := make([]tabular.Row, 0, registerBatch)
	for first := true; ; {
		row, err := im.table.Next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return err
		}
		if !end && first {
			first = false
			header := false
			if im.layout, header, err = readLayout(row.Cells); err != nil {
				return err
			}
			im.report.NotKept = im.layout.notKept
			if header {
				continue
			}
		}
		if !end {
			held = append(held, row)
		}
		if end || len(held) == registerBatch {
			if err := im.batch(ctx, held); err != nil {
				return err
			}
			held = held[:0]
			if im.o.Progress != nil {
				im.o.Progress(im.table.Progress())
			}
		}
		if end {
			return nil
		}
	}
}

func (im *registerImport) refuse(line int, reason string) {
	im.report.Refused++
	im.report.Reasons[reason]++
	if list := im.report.Examples[reason]; len(list) < maxExamples {
		im.report.Examples[reason] = append(list, line)
	}
}

func (im *registerImport) batch(ctx context.Context, rows []tabular.Row) error {
	seen := map[string]bool{}
	list, lines := make([]entryRow, 0, len(rows)), make([]int, 0, len(rows))
	for _, r := range rows {
		im.report.Read++
		if r.Problem != nil {
			im.refuse(r.Line, r.Problem.Error())
			continue
		}
		p, reason := im.layout.parse(r.Cells, im.report.AsAt)
		if reason != "" {
			im.refuse(r.Line, reason)
			continue
		}
		e := entryRow{Entry: p.Entry, token: im.s.token(im.tenant(), p.number), run: im.run,
			family: strings.Join(im.s.o.NameKeys(im.tenant(), p.family), " "), given: strings.Join(im.s.o.NameKeys(im.tenant(), p.given), " ")}
		if seen[e.token] {
			im.refuse(r.Line, reasonTwice)
			continue
		}
		seen[e.token] = true
		list, lines = append(list, e), append(lines, r.Line)
	}
	if im.o.DryRun {
		return im.merge(ctx, list, lines)
	}
	return im.s.db.Tx(ctx, func(ctx context.Context) error { return im.merge(ctx, list, lines) })
}

// merge compares rows with what is stored, writes the difference, and sets the
// entries of our own doctors beside what two people read.
func (im *registerImport) merge(ctx context.Context, list []entryRow, lines []int) error {
	tokens := make([]string, len(list))
	for i, e := range list {
		tokens[i] = e.token
	}
	stored, err := im.s.entries(ctx, im.tenant(), tokens)
	if err != nil {
		return err
	}
	var write []entryRow
	var touch, compare []string
	now := map[string]entryRow{}
	for i, e := range list {
		old, known := stored[e.token]
		switch {
		case known && old.run == im.run:
			im.refuse(lines[i], reasonTwice)
			continue
		case known && old.same(e):
			im.report.Unchanged++
			touch = append(touch, e.token)
		case known:
			im.report.Changed++
			write = append(write, e)
		default:
			im.report.Added++
			write = append(write, e)
		}
		compare, now[e.token] = append(compare, e.token), e
	}
	if !im.o.DryRun {
		if err := im.s.putEntries(ctx, im.tenant(), write); err != nil {
			return err
		}
		if err := im.s.touchEntries(ctx, im.tenant(), im.run, im.report.AsAt, touch); err != nil {
			return err
		}
	}
	return im.compare(ctx, compare, now)
}

// compare looks at those numbers that belong to doctors of the programme.
func (im *registerImport) compare(ctx context.Context, tokens []string, now map[string]entryRow) error {
	holders, err := im.s.holders(ctx, im.tenant(), tokens)
	if err != nil || len(holders) == 0 {
		return err
	}
	im.report.Ours += len(holders)
	return im.reconcile(ctx, holders, now)
}

func (im *registerImport) reconcile(ctx context.Context, holders map[string]string, now map[string]entryRow) error {
	verdicts, err := im.s.reconcileAll(ctx, im.call, holders, now, im.o.DryRun)
	for _, v := range verdicts {
		switch v {
		case Agrees:
			im.report.Agreeing++
		case Differs:
			im.report.Differing++
		}
	}
	return err
}

// finish tells who is gone from a full extract and records the file.
func (im *registerImport) finish(ctx context.Context, hash string) error {
	return im.s.db.Tx(ctx, func(ctx context.Context) error {
		if !im.o.Delta {
			if im.report.Read == im.report.Refused {
				return problem.Refuse("Nothing in this file could be taken in.", "See the reasons of its rows. What was stored before stays as it was.")
			}
			gone, err := im.s.unlist(ctx, im.tenant(), im.run, im.report.AsAt)
			if err != nil {
				return err
			}
			im.report.Gone = int(gone)
			if err := im.missing(ctx); err != nil {
				return err
			}
		}
		f := RegisterFile{Name: im.report.File, AsAt: im.report.AsAt, Delta: im.o.Delta, At: im.call.Now, Counts: im.report.Summary(), hash: hash}
		if err := im.s.addRegisterFile(ctx, im.tenant(), im.call.Actor.Account, f); err != nil {
			return err
		}
		return im.s.audit.Record(ctx, im.call, audit.Entry{Action: ActImport, Kind: "register_file", ID: im.report.File, After: im.report})
	})
}

// missing looks at the doctors whose number this full extract does not have.
func (im *registerImport) missing(ctx context.Context) error {
	for after := ""; ; {
		page, err := im.s.numbers(ctx, im.tenant(), after, tokenChunk)
		if err != nil || len(page) == 0 {
			return err
		}
		tokens := make([]string, 0, len(page))
		for token := range page {
			tokens, after = append(tokens, token), max(after, token)
		}
		stored, err := im.s.entries(ctx, im.tenant(), tokens)
		if err != nil {
			return err
		}
		for token := range page {
			if stored[token].run == im.run {
				delete(page, token)
				continue
			}
			stored[token] = entryRow{Entry: Entry{AsAt: im.report.AsAt}}
		}
		im.report.Ours += len(page)
		if err := im.reconcile(ctx, page, stored); err != nil {
			return err
		}
	}
}
