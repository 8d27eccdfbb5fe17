package organisation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/tabular"
)

// ImportOptions say how to take a file in.
type ImportOptions struct {
	AsAt     clock.Date // the day the file speaks for; zero reads it from the file's name
	Delta    bool       // an amendment: of two statements of one day, this one stands
	DryRun   bool       // check and count, store nothing
	Progress func(done, total int64)
}

// Report tells what became of a file's rows: Read is the sum of Added,
// Changed, Closed, Unchanged and Refused.
type Report struct {
	File      string           `json:"file"`
	Content   Content          `json:"content"`
	AsAt      clock.Date       `json:"as_at"`
	Delta     bool             `json:"delta"`
	DryRun    bool             `json:"dry_run"`
	Read      int              `json:"read"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Closed    int              `json:"closed"` // were open, are closed now
	Refused   int              `json:"refused"`
	Reasons   map[string]int   `json:"reasons"`  // refused rows by reason
	Examples  map[string][]Ref `json:"examples"` // the first few rows of each reason
	Notes     []string         `json:"notes"`    // how the file was understood
}

// Ref points to a row of the file.
type Ref struct {
	Line int    `json:"line"`
	Code string `json:"code"`
}

const (
	batchRows   = 1000
	sampleRows  = 500
	maxExamples = 5
)

// ImportFile takes in one file of the Organisation Data Service as it is
// (gzip too), recognising what it holds. Rows are stored in batches, each in
// its own transaction unless the context carries one: a broken import is
// finished by running it again. Importing the same files again, in any order,
// ends in the same state. A file that is none is Refused.
func (s *Service) ImportFile(ctx context.Context, call access.Call, r io.Reader, name string, o ImportOptions) (Report, error) {
	if err := s.may(call, ActImport, access.Resource{Kind: "organisation"}); err != nil {
		return Report{}, err
	}
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	im := &importing{s: s, call: call, o: o, report: Report{File: name, Delta: o.Delta, DryRun: o.DryRun, Reasons: map[string]int{}, Examples: map[string][]Ref{}}}
	if err := im.date(); err != nil {
		return im.report, err
	}
	sum := sha256.New()
	table, err := tabular.Open(io.TeeReader(r, sum), tabular.Options{})
	if err != nil {
		return im.report, err
	}
	defer table.Close()
	im.table = table
	if err := im.run(ctx); err != nil {
		return im.report, err
	}
	im.report.Notes = table.Describe().Notes
	if o.DryRun {
		return im.report, nil
	}
	return im.report, im.finish(ctx, hex.EncodeToString(sum.Sum(nil)))
}

type importing struct {
	s      *Service
	call   access.Call
	o      ImportOptions
	table  *tabular.Table
	layout layout
	report Report
	wrote  bool
}

func (im *importing) date() error {
	im.report.AsAt = im.o.AsAt
	if im.o.AsAt.IsZero() {
		d, ok := asAtOf(im.report.File)
		if !ok {
			return problem.Refuse("We do not know for which day "+im.report.File+" speaks.",
				"The file's name has no date. Say it with --as-at, like --as-at 2025-11-30.")
		}
		im.report.AsAt = d
	}
	if im.report.AsAt > im.call.Today.MonthEnd() {
		return problem.Refuse("The file's date, "+im.report.AsAt.Long()+", is still to come.",
			"Say the right one with --as-at.")
	}
	return nil
}

func (im *importing) stamp() string {
	if im.o.Delta {
		return im.report.AsAt.String() + "+"
	}
	return im.report.AsAt.String()
}

// run reads the file to its end. The first rows are held until the file is
// recognised by them.
func (im *importing) run(ctx context.Context) error {
	held := make([]tabular.Row, 0, batchRows)
	recognised := false
	for {
		row, err := im.table.Next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return err
		}
		if !end {
			held = append(held, row)
		}
		if !recognised && (end || len(held) == sampleRows) {
			if held, err = im.recognise(held); err != nil {
				return err
			}
			recognised = true
		}
		if end || len(held) == batchRows {
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

func (im *importing) recognise(rows []tabular.Row) ([]tabular.Row, error) {
	var sample [][]string
	for _, r := range rows {
		if r.Problem == nil {
			sample = append(sample, r.Cells)
		}
	}
	l, err := recognise(sample)
	if err != nil {
		return nil, err
	}
	im.layout, im.report.Content = l, l.content
	if l.header {
		rows = rows[1:]
	}
	return rows, nil
}

func (im *importing) refuse(line int, code, reason string) {
	im.report.Refused++
	im.report.Reasons[reason]++
	if list := im.report.Examples[reason]; len(list) < maxExamples {
		im.report.Examples[reason] = append(list, Ref{line, code})
	}
}

type parsed struct {
	line   int
	code   string
	values values
}

func (im *importing) batch(ctx context.Context, rows []tabular.Row) error {
	good := make([]parsed, 0, len(rows))
	codes := make([]string, 0, len(rows))
	for _, r := range rows {
		im.report.Read++
		if r.Problem != nil {
			im.refuse(r.Line, "", reasonUnreadable)
			continue
		}
		code, v, reason := im.layout.parse(r.Cells)
		if reason != "" && reason != reasonSetting && reason != reasonNoSetting {
			im.refuse(r.Line, code, reason)
			continue
		}
		good = append(good, parsed{r.Line, code, v})
		codes = append(codes, code)
	}
	if im.o.DryRun {
		return im.merge(ctx, good, codes)
	}
	return im.s.db.Tx(ctx, func(ctx context.Context) error { return im.merge(ctx, good, codes) })
}

// merge compares the rows with what is stored and writes the difference.
func (im *importing) merge(ctx context.Context, rows []parsed, codes []string) error {
	stored, err := im.s.store.byCode(ctx, codes)
	if err != nil {
		return err
	}
	before := make(map[string]*record, len(rows)) // as stored, of those to write
	var write []*record
	for _, row := range rows {
		r := stored[row.code]
		if r == nil {
			r = &record{code: row.code}
			stored[row.code] = r
		}
		old := *r
		r.merge(row.values, im.stamp())
		im.count(row, &old, r)
		if old.values != r.values || old.stamps != r.stamps {
			if before[row.code] == nil {
				before[row.code] = &old
				write = append(write, r)
			}
		}
	}
	if im.o.DryRun || len(write) == 0 {
		return nil
	}
	im.wrote = true
	return im.write(ctx, write, before)
}

func (im *importing) count(row parsed, old, now *record) {
	switch wasListed := old.values[vKind] != "" && old.listed(); {
	case !now.listed():
		im.refuse(row.line, row.code, refusal(now.values))
	case !wasListed:
		im.report.Added++
	case old.values == now.values:
		im.report.Unchanged++
	case !old.closedBy(im.call.Today) && now.closedBy(im.call.Today):
		im.report.Closed++
	default:
		im.report.Changed++
	}
}

func (im *importing) write(ctx context.Context, write []*record, before map[string]*record) error {
	var gone []string
	var tokens []token
	for _, r := range write {
		old := before[r.code]
		if old.values[vKind] == "" {
			r.derived = r.alone()
		}
		if was, now := tokensOf(old), tokensOf(r); strings.Join(was, " ") != strings.Join(now, " ") {
			if len(was) > 0 {
				gone = append(gone, r.code)
			}
			for _, w := range now {
				tokens = append(tokens, token{w, r.code})
			}
		}
	}
	if err := im.s.store.put(ctx, write); err != nil {
		return err
	}
	return im.s.store.putTokens(ctx, gone, tokens)
}

func tokensOf(r *record) []string {
	if r.values[vKind] == "" || !r.listed() {
		return nil
	}
	return searchTokens(r.values[vName], r.code, r.values[vPostcode])
}

// finish links the organisations anew and records the file.
func (im *importing) finish(ctx context.Context, hash string) error {
	return im.s.db.Tx(ctx, func(ctx context.Context) error {
		if im.wrote {
			if err := im.s.link(ctx); err != nil {
				return err
			}
		}
		r := im.report
		file := ImportedFile{Name: r.File, Content: r.Content, AsAt: r.AsAt, Delta: r.Delta, At: im.call.Now, Counts: r.Summary()}
		if err := im.s.store.addFile(ctx, file, hash, im.call.Actor.Account); err != nil {
			return err
		}
		return im.s.audit.Record(ctx, im.call, audit.Entry{Action: ActImport, Kind: "organisation_file", ID: r.File, After: r})
	})
}

// link works out region, board, country and closing day of every national
// organisation from all of them, and stores those that differ.
func (s *Service) link(ctx context.Context) error {
	linkers, err := s.store.linkers(ctx)
	if err != nil {
		return err
	}
	l := newLinks(linkers)
	for after := ""; ; {
		page, err := s.store.page(ctx, after, 2*batchRows)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].code
		changed := map[derived][]string{}
		var order []derived
		for i := range page {
			if d := l.derive(&page[i]); d != page[i].derived {
				if changed[d] == nil {
					order = append(order, d)
				}
				changed[d] = append(changed[d], page[i].code)
			}
		}
		for _, d := range order {
			if err := s.store.setDerived(ctx, d, changed[d]); err != nil {
				return err
			}
		}
	}
}

// Summary is the counts in one line.
func (r Report) Summary() string {
	return fmt.Sprintf("read %d, added %d, changed %d, unchanged %d, closed %d, refused %d", r.Read, r.Added, r.Changed, r.Unchanged, r.Closed, r.Refused)
}
