package tabular

import (
	"io"
	"slices"
)

// Echo gives a table back to its owner in the format it came in, with columns
// added. CSV keeps its delimiter and comes as UTF-8 with the mark Excel needs;
// blank rows are left out. An XLSX keeps the sheet's name and its texts, not its
// looks or its other sheets.
type Echo struct {
	w     *Writer
	table *Table
	extra int
}

// NewEcho begins the answer in w and writes the header, if the table has one,
// followed by the names of the added columns.
func NewEcho(w io.Writer, t *Table, added ...string) (*Echo, error) {
	opts := WriterOptions{Delimiter: t.desc.Delimiter, BOM: true, CRLF: true, Sheet: t.desc.Sheet}
	out, err := NewWriter(w, t.desc.Format, opts)
	if err != nil {
		return nil, err
	}
	e := &Echo{w: out, table: t, extra: len(added)}
	if t.header == nil {
		return e, nil
	}
	return e, e.w.Write(slices.Concat(t.header, added))
}

// Write writes row back with the values of the added columns. The added columns
// always stand under their names: a row with too few cells is filled up, and the
// cells a row has too many come after them.
func (e *Echo) Write(row Row, values ...string) error {
	width := max(e.table.width, 1)
	cells := make([]string, width, width+e.extra+len(row.Cells))
	n := copy(cells, row.Cells)
	cells = append(cells, values...)
	for i := len(values); i < e.extra; i++ {
		cells = append(cells, "")
	}
	return e.w.Write(append(cells, row.Cells[n:]...))
}

// Close completes the answer.
func (e *Echo) Close() error { return e.w.Close() }
