package tabular

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
)

// WriterOptions says how a table is written. The zero value writes commas, UTF-8
// without a mark, LF line ends.
type WriterOptions struct {
	Delimiter byte   // CSV; 0 is a comma
	BOM       bool   // CSV; begin with the mark by which Excel knows UTF-8
	CRLF      bool   // CSV; end lines the Windows way
	Sheet     string // XLSX; "" is Sheet1
	Numbers   []int  // XLSX; columns, from 0, whose plain numbers are written as numbers
}

// Writer writes a table row by row. Close completes it; without Close an XLSX
// cannot be opened.
type Writer struct {
	csv   *bufio.Writer
	sheet *sheetWriter // of an XLSX
	opts  WriterOptions
	line  int
}

// Excel's own limits for one cell and one sheet's name.
const (
	maxCellUnits = 32_767
	maxSheetName = 31
)

// NewWriter begins a table in w. It does not close w.
func NewWriter(w io.Writer, format Format, opts WriterOptions) (*Writer, error) {
	if opts.Delimiter == 0 {
		opts.Delimiter = ','
	}
	switch format {
	case CSV:
		if !canDelimit(opts.Delimiter) {
			return nil, fmt.Errorf("tabular: %q cannot be a delimiter", opts.Delimiter)
		}
		out := &Writer{csv: bufio.NewWriterSize(w, chunk), opts: opts}
		if opts.BOM {
			out.csv.WriteString("\ufeff")
		}
		return out, nil
	case XLSX:
		return newXLSX(w, opts)
	}
	return nil, fmt.Errorf("tabular: format %q is not known", format)
}

func newXLSX(w io.Writer, opts WriterOptions) (*Writer, error) {
	if opts.Sheet == "" {
		opts.Sheet = "Sheet1"
	}
	sheet, err := newSheetWriter(w, SheetName(opts.Sheet))
	if err != nil {
		return nil, fmt.Errorf("tabular: write workbook: %w", err)
	}
	return &Writer{opts: opts, sheet: sheet}, nil
}

// SheetName makes a name that Excel takes: no []:*?/\, no quote at an end, at most 31 characters.
func SheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' {
			return '-'
		}
		return r
	}, strings.Trim(name, "' "))
	for len(utf16.Encode([]rune(name))) > maxSheetName {
		r := []rune(name)
		name = strings.TrimRight(string(r[:len(r)-1]), "' ")
	}
	if name == "" {
		return "Sheet1"
	}
	return name
}

// Write writes one row. In CSV a cell that a spreadsheet would take for a formula
// is made inert; in XLSX every cell is text, which nothing calculates, save the
// columns named in WriterOptions.Numbers.
func (w *Writer) Write(cells []string) error {
	w.line++
	if w.csv == nil {
		return w.writeSheet(cells)
	}
	if len(cells) == 1 && cells[0] == "" {
		w.csv.WriteString(`""`) // an empty line would not be a row
	}
	for i, cell := range cells {
		if i > 0 {
			w.csv.WriteByte(w.opts.Delimiter)
		}
		w.cell(Inert(cell))
	}
	if w.opts.CRLF {
		w.csv.WriteByte('\r')
	}
	if err := w.csv.WriteByte('\n'); err != nil {
		return fmt.Errorf("tabular: write line %d: %w", w.line, err)
	}
	return nil
}

// cell quotes where another reader could split or trim it; the buffer keeps the error.
func (w *Writer) cell(cell string) {
	if cell == "" {
		return
	}
	plain := strings.IndexByte(cell, w.opts.Delimiter) < 0 && !strings.ContainsAny(cell, "\"\r\n,;\t|") &&
		cell[0] != ' ' && cell[len(cell)-1] != ' '
	if plain {
		w.csv.WriteString(cell)
		return
	}
	w.csv.WriteByte('"')
	w.csv.WriteString(strings.ReplaceAll(cell, `"`, `""`))
	w.csv.WriteByte('"')
}

// Close writes what is still held.
func (w *Writer) Close() error {
	if w.csv != nil {
		if err := w.csv.Flush(); err != nil {
			return fmt.Errorf("tabular: write: %w", err)
		}
		return nil
	}
	if err := w.sheet.close(); err != nil {
		return fmt.Errorf("tabular: write workbook: %w", err)
	}
	return nil
}

var (
	// up to 15 digits and no leading zero: what a number cell keeps unchanged
	plainNumberText = regexp.MustCompile(`^-?(0|[1-9]\d{0,14})(\.\d{1,10})?$`)
	plainNegative   = regexp.MustCompile(`^-\d+([.,]\d+)*%?$`)
	plainTelephone  = regexp.MustCompile(`^\+\d[\d ]*$`)
)

// Inert makes a cell safe to open in a spreadsheet: one that would be run as a
// formula gets an apostrophe in front. Plain negative numbers and telephone
// numbers such as +44 20 7946 0000 calculate nothing and stay as they are.
func Inert(cell string) string {
	if cell == "" {
		return cell
	}
	switch cell[0] {
	case '-':
		if plainNegative.MatchString(cell) {
			return cell
		}
	case '+':
		if plainTelephone.MatchString(cell) {
			return cell
		}
	case '=', '@', '\t', '\r':
	default:
		if strings.HasPrefix(cell, "＝") || strings.HasPrefix(cell, "＋") || strings.HasPrefix(cell, "－") || strings.HasPrefix(cell, "＠") {
			break // some spreadsheets take the full-width signs too
		}
		return cell
	}
	return "'" + cell
}
