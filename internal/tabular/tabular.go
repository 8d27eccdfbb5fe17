// Package tabular reads and writes tables: CSV of any usual encoding and
// delimiter, gzip of it, and XLSX. It finds out what a file is, refuses what it
// cannot understand with words its owner can act on, and reports every row it
// could not read instead of guessing.
//
// It streams: memory does not grow with the file. It is not a spreadsheet (it
// calculates nothing), knows no column of any programme, and opens no paths.
package tabular

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"msw/internal/problem"
)

// Format is what kind of file a table came from or goes to.
type Format string

// The formats read and written.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Limits used where Options leaves them zero.
const (
	defaultMaxBytes  = 256 << 20
	defaultMaxRow    = 1 << 20
	defaultMaxMemory = 64 << 20
)

// Options says how to read a table. The zero value reads a table without a
// header and finds out everything else.
type Options struct {
	Header        bool   // the first row that is not blank names the columns
	Name          string // the file's name: its ending must agree with what is inside; "" is not checked
	Columns       int    // cells in each row when Header is false; 0 takes the first row's number
	Delimiter     byte   // 0 finds it out
	Encoding      string // "" finds it out; else one of Encodings
	Sheet         string // XLSX sheet by name; "" is the first that is not hidden
	IncludeHidden bool   // read hidden XLSX rows like others, noted, instead of giving each a Problem
	Trim          bool   // take white space off both ends of each cell
	MaxBytes      int64  // most bytes of file, and of text after unpacking gzip; 0 is 256 MB; XLSX may unpack to four times this
	MaxRow        int    // most bytes of one row; 0 is 1 MB
	MaxMemory     int64  // most memory for an XLSX's list of shared texts, and for an XLSX that arrives as a plain stream; 0 is 64 MB
	TempDir       string // where an XLSX that arrives as a plain stream is kept while read; "" keeps it in memory up to MaxMemory
}

// Row is one row of a table. When Problem is set the row must not be used:
// Cells then hold what could be told apart, or the one raw line.
type Row struct {
	Line    int // physical line in a CSV, row number in an XLSX; both from 1
	Cells   []string
	Problem error // a problem.Error of kind Invalid, in words for the file's owner
	Hidden  bool  // an XLSX row that the spreadsheet does not show
}

// Description tells how a file was understood. It is complete once Next has
// given io.EOF: later rows may add notes.
type Description struct {
	Format     Format
	Encoding   string // "UTF-8", "UTF-16LE", "Windows-1252" …; empty for XLSX
	Delimiter  byte   // 0 for XLSX and for a file of one column
	Sheet      string // the XLSX sheet read
	Compressed bool   // came as gzip
	BlankRows  int    // rows with nothing in them, passed over
	Notes      []string
}

// source gives raw rows; Table adds the header, widths and blank rows.
type source interface {
	next() (Row, error)
	padded() bool // a short row is normal here and means empty cells
	progress() (done, total int64)
	close() error
}

// Table is an open table. It is for one goroutine.
type Table struct {
	opts    Options
	src     source
	notes   *notes
	desc    Description
	header  []string
	width   int
	pending *Row
	failed  error
}

// Open finds out what r holds and reads as far as the header. It refuses, with
// a problem.Error of kind Invalid, what it does not understand. An XLSX is read
// in place when r is also an io.ReaderAt and io.Seeker (a file, a form upload),
// else through Options.TempDir or memory. r must stay open until Close.
func Open(r io.Reader, opts Options) (*Table, error) {
	opts = opts.withDefaults()
	t := &Table{opts: opts, notes: &notes{}}
	if err := t.detect(r); err != nil {
		t.Close()
		return nil, err
	}
	if err := t.begin(); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// OpenAt is Open for something of a known size that can be read anywhere.
func OpenAt(r io.ReaderAt, size int64, opts Options) (*Table, error) {
	return Open(io.NewSectionReader(r, 0, size), opts)
}

func (o Options) withDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxRow <= 0 {
		o.MaxRow = defaultMaxRow
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = defaultMaxMemory
	}
	return o
}

// begin reads the header and settles how many cells a row has.
func (t *Table) begin() error {
	t.width = t.opts.Columns
	if !t.opts.Header {
		return nil
	}
	row, err := t.raw()
	if errors.Is(err, io.EOF) {
		return invalid("This file is empty. It needs a first row with the names of the columns.")
	}
	if err != nil {
		return err
	}
	if row.Problem != nil {
		return invalid(fmt.Sprintf("The row with the column names (line %d) cannot be read. %s", row.Line, row.Problem))
	}
	if err := t.setHeader(row); err != nil {
		return err
	}
	return t.titleCheck(row.Line)
}

func (t *Table) setHeader(row Row) error {
	names := row.Cells
	if t.src.padded() {
		names = names[:lastFilled(names)]
	}
	seen := map[string]string{}
	for i, name := range names {
		name = cleanName(name)
		names[i] = name
		folded := Fold(name)
		if folded == "" {
			t.notes.add("unnamed", row.Line, fmt.Sprintf("Column %s has no name", columnName(i)))
			continue
		}
		if first, twice := seen[folded]; twice {
			return invalid(fmt.Sprintf("Two columns have the same name: %q and %q. Give each column its own name.", first, name))
		}
		seen[folded] = name
	}
	t.header, t.width = names, len(names)
	return nil
}

// titleCheck refuses a title line taken for a header: one name over rows of several cells.
func (t *Table) titleCheck(line int) error {
	if lastFilled(t.header) != 1 && countFilled(t.header) != 1 {
		return nil
	}
	next, err := t.raw()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	t.pending = &next
	if next.Problem == nil && countFilled(next.Cells) > 1 && t.width < 2 {
		return invalid(fmt.Sprintf("Row %d has one cell and the row below it has several. The first row must hold the names of all columns. Delete any title above them.", line))
	}
	return nil
}

// Header gives the column names, trimmed; nil without Options.Header.
func (t *Table) Header() []string { return t.header }

// Width is the number of cells of a good row; 0 before the first row of a table without a header.
func (t *Table) Width() int { return t.width }

// Next gives the next row that is not blank, and io.EOF at the end. A row that
// cannot be read comes with its Problem set and reading goes on; an error other
// than io.EOF ends the table (too large, cut short, unreadable).
func (t *Table) Next() (Row, error) {
	row, err := t.raw()
	if err != nil {
		return Row{}, err
	}
	if row.Problem == nil {
		t.fit(&row)
	}
	return row, nil
}

// raw gives the next row that is not blank.
func (t *Table) raw() (Row, error) {
	if t.pending != nil {
		row := *t.pending
		t.pending = nil
		return row, nil
	}
	if t.failed != nil {
		return Row{}, t.failed
	}
	for {
		row, err := t.src.next()
		if err != nil {
			t.failed = err
			return Row{}, err
		}
		if row.Problem == nil && blank(row.Cells) {
			t.desc.BlankRows++
			continue
		}
		if t.opts.Trim {
			for i, c := range row.Cells {
				row.Cells[i] = strings.TrimFunc(c, unicode.IsSpace)
			}
		}
		return row, nil
	}
}

// fit holds a row against the table's width.
func (t *Table) fit(row *Row) {
	n := len(row.Cells)
	if t.width == 0 {
		t.width = n
	}
	switch {
	case n == t.width:
	case n > t.width && blank(row.Cells[t.width:]):
		row.Cells = row.Cells[:t.width]
	case n < t.width && t.src.padded():
		row.Cells = append(row.Cells, make([]string, t.width-n)...)
	case n > t.width:
		row.Problem = invalid(fmt.Sprintf("This row has %s but there are %s. Put a cell that holds the delimiter in quotes, or delete the extra cells.", count(n, "cell"), count(t.width, "column")))
	default:
		row.Problem = invalid(fmt.Sprintf("This row has %s but there are %s. Add the missing cells, empty if need be.", count(n, "cell"), count(t.width, "column")))
	}
}

// Describe tells how the file was understood so far.
func (t *Table) Describe() Description {
	d := t.desc
	if c, ok := t.src.(*csvSource); ok {
		d.Encoding = c.text.name()
	}
	d.Notes = t.notes.list()
	return d
}

// Progress gives how many bytes were worked through and how many there are; total is 0 when not known.
func (t *Table) Progress() (done, total int64) { return t.src.progress() }

// Close lets go of what Open made (a temporary file); it does not close the reader given to Open.
func (t *Table) Close() error {
	if t.src == nil {
		return nil
	}
	return t.src.close()
}

func invalid(message string) error { return problem.New(problem.Invalid, message) }

// broken keeps the cause for the log. An early io.EOF must not pass for the end of the table.
func broken(message string, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return problem.Wrap(problem.Invalid, message, err)
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func blank(cells []string) bool { return lastFilled(cells) == 0 }

// lastFilled is one more than the index of the last cell that is not white space.
func lastFilled(cells []string) int {
	for i := len(cells); i > 0; i-- {
		if filled(cells[i-1]) {
			return i
		}
	}
	return 0
}

func countFilled(cells []string) int {
	n := 0
	for _, c := range cells {
		if filled(c) {
			n++
		}
	}
	return n
}

func filled(cell string) bool {
	if cell == "" {
		return false
	}
	if c := cell[0]; c > ' ' && c < utf8.RuneSelf {
		return true
	}
	return strings.ContainsFunc(cell, func(r rune) bool { return !unicode.IsSpace(r) })
}

// notes gathers what the owner of a file should know; each kind of note keeps
// its first text and how many more there were.
type notes struct{ all []note }

type note struct {
	kind, text string
	line, more int
}

func (n *notes) add(kind string, line int, text string) {
	for i := range n.all {
		if n.all[i].kind == kind {
			n.all[i].more++
			return
		}
	}
	n.all = append(n.all, note{kind: kind, text: text, line: line})
}

func (n *notes) list() []string {
	out := make([]string, 0, len(n.all))
	for _, x := range n.all {
		s := x.text
		if x.line > 0 {
			s = fmt.Sprintf("Line %d: %s", x.line, x.text)
		}
		if x.more > 0 {
			s += fmt.Sprintf(" (and %d more like it)", x.more)
		}
		out = append(out, s+".")
	}
	return out
}
