package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// csvSource is rows of delimited text.
type csvSource struct {
	scan  *scanner
	text  *text
	in    *counted
	notes *notes
}

// openCSV works out encoding and delimiter from head, which in continues.
func (t *Table) openCSV(head []byte, in io.Reader, c *counted) error {
	x := &text{notes: t.notes}
	head, in, err := t.decoded(head, in, x)
	if err != nil {
		return err
	}
	src := &csvSource{text: x, in: c, notes: t.notes}
	t.src, t.desc.Format = src, CSV
	if err := t.refuseNotText(head); err != nil {
		return err
	}
	if err := t.nameIs(".csv"); err != nil {
		return err
	}
	if why := x.settle(head); why != "" {
		return invalid(why)
	}
	delim, skip := sepLine(head)
	if t.opts.Delimiter != 0 {
		delim = t.opts.Delimiter
	}
	if delim == 0 {
		if delim, err = findDelimiter(head, len(head) < sniff, t.notes); err != nil {
			return err
		}
	}
	t.desc.Delimiter = delim
	src.scan = newScanner(head[skip:], in, delim, t.opts.MaxRow)
	if skip > 0 {
		src.scan.line++
	}
	return nil
}

// decoded takes off a byte order mark and turns UTF-16 and UTF-32 into UTF-8.
// Byte encodings stay as they are: their delimiters are the same bytes.
func (t *Table) decoded(head []byte, in io.Reader, x *text) ([]byte, io.Reader, error) {
	name, length := bom(head)
	if asked := t.opts.Encoding; asked != "" {
		if name != asked {
			length = 0
		}
		name, x.sure = asked, true
	} else if name == "" {
		name = guessWide(head)
	} else {
		x.sure = true
	}
	wide := wideEncoding(name)
	if wide == nil {
		x.label, x.table = name, byteEncoding(name)
		return head[length:], in, nil
	}
	if rest := head[length:]; bytes.IndexByte(rest, 0) < 0 || asciiRunes(rest[:min(len(rest), 64)], name) == 0 && asciiRunes(rest, name) == 0 {
		if len(rest) == 0 {
			return nil, nil, invalid("This file is empty.")
		}
		return nil, nil, invalid(fmt.Sprintf("This file says that it is in %s but what follows is not. %s", name, saveAsUTF8))
	}
	x.label, x.wide, x.sure = "UTF-8", name, true
	r := transform.NewReader(io.MultiReader(bytes.NewReader(head[length:]), in), wide.NewDecoder())
	first := make([]byte, sniff)
	n, err := io.ReadFull(r, first)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, err
	}
	return first[:n], r, nil
}

func (c *csvSource) next() (Row, error) {
	for {
		rec, err := c.scan.record()
		if err != nil {
			if errors.Is(err, io.EOF) && c.scan.sawCR && c.scan.sawLF {
				c.notes.add("line ends", 0, "Line ends are mixed: some lines end in a carriage return alone. Each was taken as the end of a line")
			}
			return Row{}, err
		}
		if len(rec.raw) == 1 && rec.raw[0] == 0x1a { // the end mark of old systems
			continue
		}
		row := Row{Line: rec.line, Cells: rec.cells}
		fault := rec.fault
		if !isASCII(rec.raw) {
			if why := c.text.row(rec.raw, rec.line); fault == "" {
				fault = why
			}
			if fault != "" || c.text.table != nil {
				for i, cell := range row.Cells {
					row.Cells[i] = c.text.decode(cell)
				}
			}
		}
		if fault == "" && bytes.IndexByte(rec.raw, 0) >= 0 {
			fault = "It has a zero byte in it, so part of it is not text. Type the row again."
		}
		if fault != "" {
			row.Problem = invalid("This row cannot be read. " + fault)
		} else if rec.lines > 1 {
			c.doubt(rec)
		}
		return row, nil
	}
}

// doubt notes a cell of several lines in which one reads like a whole row: a
// stray quote may have joined rows.
func (c *csvSource) doubt(rec record) {
	if len(rec.cells) < 2 {
		return
	}
	for _, cell := range rec.cells {
		first := true
		for line := range strings.Lines(cell) {
			if !first && strings.Count(line, string(rune(c.scan.delim))) >= len(rec.cells)-1 {
				c.notes.add("joined", rec.line, "A cell holds several lines, and one of them looks like a row of its own. Check its quote marks")
				return
			}
			first = false
		}
	}
}

func (c *csvSource) padded() bool { return false }

func (c *csvSource) progress() (done, total int64) { return c.in.n, c.in.total }

func (c *csvSource) close() error { return nil }

// refuseNotText refuses a sample with bytes that text does not have, or that is
// text of another kind.
func (t *Table) refuseNotText(sample []byte) error {
	for i, c := range sample {
		if c >= ' ' || allowedControl(c) || (c == t.opts.Delimiter && c != 0) || (c == 0x1a && i == len(sample)-1) {
			continue
		}
		return notText(sample, 1+bytes.Count(sample[:i], []byte("\n")))
	}
	start := bytes.TrimSpace(sample[:min(len(sample), 512)])
	if !utf8.Valid(start) {
		start = bytes.ToValidUTF8(start, nil)
	}
	lower := strings.ToLower(string(start))
	for _, k := range textKinds() {
		if strings.HasPrefix(lower, k.prefix) {
			return invalid(k.message)
		}
	}
	if len(lower) > 1 && (lower[0] == '{' || lower[0] == '[') && looksJSON(sample) {
		return invalid("This file holds JSON data, not a table. Save the table as CSV or as an Excel workbook (.xlsx).")
	}
	return nil
}
