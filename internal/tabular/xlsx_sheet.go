package tabular

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// sheetSource is the rows of one worksheet, in order.
type sheetSource struct {
	w       *workbook
	p       *partReader
	notes   *notes
	maxRow  int
	all     bool // hidden rows are read like others
	line    int
	hidden  []string
	done    bool
	started bool
}

// open stands before a sheet's first row; hidden columns, told before the rows, are noted.
func (w *workbook) open(name string, t *Table) (*sheetSource, error) {
	p, err := w.part(name)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, invalid(damaged)
	}
	s := &sheetSource{w: w, p: p, notes: t.notes, maxRow: t.opts.MaxRow, all: t.opts.IncludeHidden}
	for !s.started && !s.done {
		tok, err := p.token()
		if err != nil {
			p.Close()
			if errors.Is(err, io.EOF) {
				err = invalid(damaged)
			}
			return nil, err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			s.started = x.Name.Local == "sheetData"
			if x.Name.Local == "col" && truth(attr(x, "hidden")) {
				s.hideColumns(atoi(attr(x, "min")), atoi(attr(x, "max")))
			}
		case xml.EndElement:
			s.done = x.Name.Local == "worksheet"
		}
	}
	if len(s.hidden) > 0 {
		s.notes.add("hidden columns", 0, fmt.Sprintf("Hidden columns were read too: %s. Delete them if they should not be sent", strings.Join(s.hidden, ", ")))
	}
	return s, nil
}

func (s *sheetSource) hideColumns(from, to int) {
	switch {
	case from < 1 || to < from || len(s.hidden) > 20:
	case from == to:
		s.hidden = append(s.hidden, columnName(from-1))
	default:
		s.hidden = append(s.hidden, columnName(from-1)+" to "+columnName(min(to, maxSheetCol)-1))
	}
}

func (s *sheetSource) padded() bool { return true }

func (s *sheetSource) progress() (done, total int64) { return s.p.n, s.p.total }

func (s *sheetSource) close() error {
	err := s.p.Close()
	if s.w.temp != nil {
		err = errors.Join(err, tempFile{s.w.temp}.Close())
		s.w.temp = nil
	}
	return err
}

func (s *sheetSource) next() (Row, error) {
	for !s.done {
		tok, err := s.p.token()
		if errors.Is(err, io.EOF) {
			return Row{}, invalid(damaged)
		}
		if err != nil {
			return Row{}, err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "row":
				return s.row(x)
			case "mergeCell":
				s.notes.add("merged", 0, fmt.Sprintf("Cells %s are merged. Only the first of them holds a value", short(attr(x, "ref"))))
			}
		case xml.EndElement:
			s.done = x.Name.Local == "worksheet"
		}
	}
	return Row{}, io.EOF
}

// sheetRow is a row under way.
type sheetRow struct {
	cells []string
	size  int
	fault string
}

func (r *sheetRow) wrong(col int, fault string) {
	if r.fault == "" {
		r.fault = fmt.Sprintf("Its cell in column %s %s", columnName(col), fault)
	}
}

func (s *sheetSource) row(start xml.StartElement) (Row, error) {
	line := s.line + 1
	if ref := attr(start, "r"); ref != "" {
		line = atoi(ref)
	}
	if line <= s.line || line > maxSheetRow {
		return Row{}, invalid(damaged)
	}
	s.line = line
	var r sheetRow
	for {
		tok, err := s.p.token()
		if err != nil {
			return Row{}, endless(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			if x.Name.Local != "c" {
				continue
			}
			if err := s.cell(&r, x); err != nil {
				return Row{}, err
			}
		case xml.EndElement:
			if x.Name.Local == "row" {
				return s.finish(r, truth(attr(start, "hidden"))), nil
			}
		}
	}
}

func (s *sheetSource) finish(r sheetRow, hidden bool) Row {
	r.cells = r.cells[:lastFilled(r.cells)]
	row := Row{Line: s.line, Cells: r.cells, Hidden: hidden}
	if len(r.cells) == 0 && r.fault == "" {
		return row
	}
	if hidden {
		did := "They were not read. Show or delete them"
		if s.all {
			did = "They were read"
		}
		s.notes.add("hidden rows", s.line, "There are hidden rows. "+did)
	}
	switch {
	case r.size > s.maxRow:
		row.Problem = invalid(fmt.Sprintf("This row cannot be read. It is longer than %s. Shorten it.", size(int64(s.maxRow))))
	case hidden && !s.all:
		row.Problem = invalid("This row is hidden in the spreadsheet. Show it if it should be read, or delete it.")
	case r.fault != "":
		row.Problem = invalid("This row cannot be read. " + r.fault)
	}
	return row
}

// cell reads one cell to its end and puts its text in the row.
func (s *sheetSource) cell(r *sheetRow, start xml.StartElement) error {
	col := len(r.cells)
	if ref := attr(start, "r"); ref != "" {
		col = columnOf(ref)
	}
	if col < len(r.cells) || col >= maxSheetCol {
		return invalid(damaged)
	}
	var value strings.Builder
	inValue, aid, formula := false, 0, false
	for {
		tok, err := s.p.token()
		if err != nil {
			return endless(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "v", "t":
				inValue = aid == 0
			case "rPh":
				aid++
			case "f":
				formula = true
			}
		case xml.EndElement:
			switch x.Name.Local {
			case "c":
				s.put(r, col, start, value.String(), formula)
				return nil
			case "v", "t":
				inValue = false
			case "rPh":
				aid--
			}
		case xml.CharData:
			if r.size += len(x); inValue && r.size <= s.maxRow {
				value.Write(x)
			}
		}
	}
}

// put turns a cell's stored value into the text it stands for.
func (s *sheetSource) put(r *sheetRow, col int, start xml.StartElement, value string, formula bool) {
	for len(r.cells) < col {
		r.cells = append(r.cells, "")
	}
	kind := attr(start, "t")
	cell, fault := value, ""
	if formula && value == "" && kind != "str" {
		fault = "holds a formula without its result. Open the file in Excel, save it and send it again."
		kind = "str"
	}
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(value))
		text, ok := s.w.shared.at(i)
		if err != nil || !ok {
			fault = "points to a text that is not in the file. Type it again."
		}
		if r.size += len(text); r.size <= s.maxRow {
			cell = string(text)
		}
	case "inlineStr", "str":
		cell = unescape(value)
	case "b":
		if cell = "FALSE"; value == "1" {
			cell = "TRUE"
		}
	case "e":
		fault = fmt.Sprintf("holds the error %s. Put in the right value.", short(value))
	case "d":
		cell = strings.TrimSuffix(value, "T00:00:00")
	default:
		if value != "" {
			cell, fault = s.w.number(value, atoi(attr(start, "s")))
		}
	}
	if fault != "" {
		r.wrong(col, fault)
	}
	r.cells = append(r.cells, cell)
}

// columnOf gives the column of a reference such as BC12, counted from 0; a bad one is past the last.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && asciiLetter(ref[i]); i++ {
		if n = n*26 + int(ref[i]|0x20-'a') + 1; n > maxSheetCol {
			return maxSheetCol
		}
	}
	if n == 0 {
		return maxSheetCol
	}
	return n - 1
}

// endless makes the end of a part inside a row what it is: a damaged file.
func endless(err error) error {
	if errors.Is(err, io.EOF) {
		return broken(damaged, err)
	}
	return err
}
