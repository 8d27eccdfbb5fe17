package tabular

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// The parts of a workbook with one sheet and no styles, formulas or links: all
// that our files need, streamed row by row in the memory of one row. A library
// for this made the program a third larger: it copies by reflection on methods
// (docs/decisions/0011).
const (
	xlsxTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`
	xlsxRels = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/></Relationships>`
	xlsxBook = xml.Header + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`
	xlsxSheet    = xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	xlsxSheetEnd = `</sheetData></worksheet>`
)

// sheetWriter streams the only sheet of a workbook.
type sheetWriter struct {
	zip  *zip.Writer
	rows *bufio.Writer
}

func newSheetWriter(w io.Writer, name string) (*sheetWriter, error) {
	z := zip.NewWriter(w)
	for _, part := range [][2]string{
		{"[Content_Types].xml", xlsxTypes},
		{"_rels/.rels", fmt.Sprintf(xlsxRels, "officeDocument", "xl/workbook.xml")},
		{"xl/workbook.xml", fmt.Sprintf(xlsxBook, escaped(name))},
		{"xl/_rels/workbook.xml.rels", fmt.Sprintf(xlsxRels, "worksheet", "worksheets/sheet1.xml")},
	} {
		p, err := z.Create(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(p, part[1]); err != nil {
			return nil, err
		}
	}
	p, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	s := &sheetWriter{zip: z, rows: bufio.NewWriterSize(p, chunk)}
	s.rows.WriteString(xlsxSheet)
	return s, nil
}

// write writes one row; the buffer keeps the error of each part to the last.
func (s *sheetWriter) write(line int, cells []string, number func(column int, cell string) bool) error {
	fmt.Fprintf(s.rows, `<row r="%d">`, line)
	for i, cell := range cells {
		switch {
		case cell == "":
		case number(i, cell):
			fmt.Fprintf(s.rows, `<c r="%s%d"><v>%s</v></c>`, columnName(i), line, cell)
		default:
			fmt.Fprintf(s.rows, `<c r="%s%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, columnName(i), line, escaped(cell))
		}
	}
	_, err := s.rows.WriteString("</row>")
	return err
}

func (s *sheetWriter) close() error {
	s.rows.WriteString(xlsxSheetEnd)
	if err := s.rows.Flush(); err != nil {
		return err
	}
	return s.zip.Close()
}

// looksEscaped finds what a spreadsheet would take for one of its own escapes.
var looksEscaped = regexp.MustCompile(`_(x[0-9A-Fa-f]{4}_)`)

// escaped is text for XML. Characters that XML cannot hold are written as
// spreadsheets do, _x0007_, and text that only looks like that stays text.
func escaped(text string) string {
	if strings.Contains(text, "_x") {
		text = looksEscaped.ReplaceAllString(text, "_x005F_$1")
	}
	var b strings.Builder
	last := 0
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\t' && c != '\n' {
			xml.EscapeText(&b, []byte(text[last:i])) // a Builder takes everything
			fmt.Fprintf(&b, "_x%04X_", c)
			last = i + 1
		}
	}
	xml.EscapeText(&b, []byte(text[last:]))
	return b.String()
}

// writeSheet writes one row of a workbook, or nothing of it where a cell is too
// long for a spreadsheet.
func (w *Writer) writeSheet(cells []string) error {
	if w.line > maxSheetRow {
		return fmt.Errorf("tabular: an Excel sheet holds %d rows; write CSV instead", maxSheetRow)
	}
	for i, cell := range cells {
		if len(cell) > maxCellUnits && len(utf16.Encode([]rune(cell))) > maxCellUnits {
			return fmt.Errorf("tabular: row %d column %s: an Excel cell holds %d characters; write CSV instead", w.line, columnName(i), maxCellUnits)
		}
	}
	err := w.sheet.write(w.line, cells, func(column int, cell string) bool {
		return slices.Contains(w.opts.Numbers, column) && plainNumberText.MatchString(cell)
	})
	if err != nil {
		return fmt.Errorf("tabular: write row %d: %w", w.line, err)
	}
	return nil
}
