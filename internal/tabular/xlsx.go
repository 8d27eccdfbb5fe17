package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

const (
	maxDirectory = 4 << 20   // bytes of a zip's list of contents
	maxToken     = 4 << 20   // bytes of one piece of XML
	bombSize     = 32 << 20  // below this, how far a part unpacks does not matter
	bombRatio    = 150       // a real sheet rarely packs better than 40 to 1
	maxSheetRow  = 1_048_576 // Excel's own limits
	maxSheetCol  = 16_384
)

const damaged = "This Excel workbook is damaged or cut short. Open it in Excel, save it again and send the new file."

// workbook is an XLSX's parts, read in place.
type workbook struct {
	files  map[string]*zip.File
	left   int64 // bytes that may still be unpacked
	limit  int64
	budget int64 // bytes the XML token under way may still take
	size   int64
	dates  bool // the workbook counts days from 1904
	shared texts
	styles []cellStyle
	rels   map[string]relation
	temp   *os.File
}

type sheetRef struct {
	name, part string
	hidden     bool
}

// openXLSX opens the workbook in r and stands before the first row of its sheet.
func (t *Table) openXLSX(r *io.SectionReader, temp *os.File) error {
	w := &workbook{limit: 4 * t.opts.MaxBytes, left: 4 * t.opts.MaxBytes, size: r.Size(), temp: temp}
	zr, err := readZip(r)
	if err != nil {
		return err
	}
	w.files = make(map[string]*zip.File, len(zr.File))
	for _, f := range zr.File {
		if f.Flags&1 != 0 {
			return invalid("This packed file is protected by a password. Save the table without one and send it again.")
		}
		w.files[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	main, err := w.mainPart()
	if err != nil {
		return err
	}
	if err := t.nameIs(".xlsx"); err != nil {
		return err
	}
	if w.files["xl/vbaproject.bin"] != nil {
		t.notes.add("macros", 0, "The workbook has macros. They were ignored")
	}
	return t.openSheet(w, main)
}

func (t *Table) openSheet(w *workbook, main string) error {
	sheets, err := w.sheets(main)
	if err != nil {
		return err
	}
	chosen, err := t.chooseSheet(sheets)
	if err != nil {
		return err
	}
	if err := w.readStyles(w.related("/styles")); err != nil {
		return err
	}
	if err := w.readShared(w.related("/sharedStrings"), t.opts.MaxMemory); err != nil {
		return err
	}
	src, err := w.open(chosen.part, t)
	if err != nil {
		return err
	}
	t.src = src
	t.desc.Format, t.desc.Sheet = XLSX, chosen.name
	return nil
}

// readZip opens the zip after a look at its end: the standard reader would hold
// a list of contents of any length in memory.
func readZip(r *io.SectionReader) (*zip.Reader, error) {
	tail := make([]byte, min(r.Size(), 22+65535))
	if _, err := r.ReadAt(tail, r.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("tabular: read: %w", err)
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return nil, invalid(damaged)
	}
	offset := int64(binary.LittleEndian.Uint32(tail[i+16:]))
	if offset > r.Size() || r.Size()-offset > maxDirectory+int64(len(tail)) {
		return nil, invalid(damaged)
	}
	zr, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, broken(damaged, err)
	}
	return zr, nil
}

// mainPart tells a workbook from other packed files and gives its first part.
func (w *workbook) mainPart() (string, error) {
	has := func(prefix string) bool {
		for name := range w.files {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case w.files["xl/workbook.xml"] != nil:
		return "xl/workbook.xml", nil
	case has("xl/workbook.bin"):
		return "", invalid("This is an Excel binary workbook (.xlsb). Save it as an Excel workbook (.xlsx).")
	case w.files["encryptedpackage"] != nil || w.files["meta-inf/manifest.xml"] != nil && w.files["content.xml"] != nil:
		return "", invalid("This is an OpenDocument file. Save it as an Excel workbook (.xlsx) or as CSV.")
	case has("word/"):
		return "", invalid("This is a Word document, not a table. " + sendTable)
	case has("ppt/"):
		return "", invalid("This is a presentation, not a table. " + sendTable)
	case w.files["[content_types].xml"] != nil:
		return w.declaredMain()
	}
	return "", invalid("This is a packed (zip) file. Unpack it and send the CSV or Excel file that is inside.")
}

// declaredMain finds a workbook that stands where its root relations say.
func (w *workbook) declaredMain() (string, error) {
	rels, err := w.relations("_rels/.rels", "")
	if err != nil {
		return "", err
	}
	for _, rel := range rels {
		if strings.HasSuffix(rel.kind, "/officeDocument") && w.files[rel.part] != nil {
			return rel.part, nil
		}
	}
	return "", invalid(damaged)
}

type relation struct{ kind, part string }

// relations reads a part's list of related parts, by id.
func (w *workbook) relations(name, folder string) (map[string]relation, error) {
	rels := map[string]relation{}
	err := w.each(name, func(start xml.StartElement) {
		if start.Name.Local != "Relationship" {
			return
		}
		target := strings.ToLower(strings.ReplaceAll(attr(start, "Target"), `\`, "/"))
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		rels[attr(start, "Id")] = relation{kind: attr(start, "Type"), part: strings.TrimPrefix(path.Clean(target), "/")}
	})
	return rels, err
}

// related gives the name of the workbook's part of a kind, or "".
func (w *workbook) related(kind string) string {
	for _, rel := range w.rels {
		if strings.HasSuffix(rel.kind, kind) {
			return rel.part
		}
	}
	return ""
}

// sheets lists the worksheets in order; charts and dialogs are no tables.
func (w *workbook) sheets(main string) ([]sheetRef, error) {
	folder, file := path.Split(main)
	rels, err := w.relations(folder+"_rels/"+file+".rels", folder)
	if err != nil {
		return nil, err
	}
	w.rels = rels
	var all []sheetRef
	err = w.each(main, func(start xml.StartElement) {
		switch start.Name.Local {
		case "workbookPr":
			w.dates = truth(attr(start, "date1904"))
		case "sheet":
			rel := rels[attr(start, "id")]
			state := attr(start, "state")
			if strings.HasSuffix(rel.kind, "/worksheet") {
				all = append(all, sheetRef{name: attr(start, "name"), part: rel.part, hidden: state == "hidden" || state == "veryHidden"})
			}
		}
	})
	if err == nil && len(all) == 0 {
		err = invalid("This Excel workbook has no sheet with a table. " + sendTable)
	}
	return all, err
}

// chooseSheet takes the one asked for, or the first that shows; the others are noted.
func (t *Table) chooseSheet(all []sheetRef) (sheetRef, error) {
	chosen := -1
	var shown, hidden []string
	for i, s := range all {
		if t.opts.Sheet != "" && (s.name == t.opts.Sheet || chosen < 0 && Fold(s.name) == Fold(t.opts.Sheet)) {
			chosen = i
		}
		if t.opts.Sheet == "" && chosen < 0 && !s.hidden {
			chosen = i
		}
		if s.hidden {
			hidden = append(hidden, s.name)
		} else {
			shown = append(shown, s.name)
		}
	}
	if chosen < 0 && t.opts.Sheet != "" {
		return sheetRef{}, invalid(fmt.Sprintf("This workbook has no sheet named %q. It has: %s.", t.opts.Sheet, quotedList(append(shown, hidden...))))
	}
	if chosen < 0 {
		return sheetRef{}, invalid("All sheets of this workbook are hidden. Show the one with the table and save the file again.")
	}
	s := all[chosen]
	if len(shown) > 1 {
		t.notes.add("sheets", 0, fmt.Sprintf("The workbook has %d sheets (%s). Only %q was read", len(shown), quotedList(shown), s.name))
	}
	if s.hidden {
		t.notes.add("hidden sheet", 0, fmt.Sprintf("The sheet %q is hidden. It was read because it was asked for", s.name))
	} else if len(hidden) > 0 {
		t.notes.add("hidden sheets", 0, fmt.Sprintf("Hidden sheets were not read: %s", quotedList(hidden)))
	}
	return s, nil
}

func quotedList(names []string) string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		if len(out) == 10 {
			out = append(out, fmt.Sprintf("and %d more", len(names)-10))
			break
		}
		out = append(out, fmt.Sprintf("%q", short(n)))
	}
	return strings.Join(out, ", ")
}

// part opens one part for reading as XML; nil when there is none of that name.
func (w *workbook) part(name string) (*partReader, error) {
	f := w.files[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	if f.UncompressedSize64 > uint64(w.left) {
		return nil, w.tooMuch()
	}
	if f.UncompressedSize64 > bombSize && f.UncompressedSize64/bombRatio > uint64(w.size) {
		return nil, invalid(fmt.Sprintf("This Excel workbook unpacks to more than %d times its size, which real tables do not. Copy the table to a new workbook and send that.", bombRatio))
	}
	rc, err := f.Open()
	if err != nil {
		return nil, broken(damaged, err)
	}
	p := &partReader{w: w, rc: rc, total: int64(f.UncompressedSize64)}
	p.dec = xml.NewDecoder(p)
	return p, nil
}

func (w *workbook) tooMuch() error {
	return invalid(fmt.Sprintf("This Excel workbook unpacks to more than %s, the most that is read at once. Split it into several files.", size(w.limit)))
}

// partReader holds a part's XML within the workbook's limits.
type partReader struct {
	w     *workbook
	rc    io.ReadCloser
	dec   *xml.Decoder
	total int64
	n     int64
	err   error
}

func (p *partReader) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.rc.Read(b)
	p.n += int64(n)
	p.w.left -= int64(n)
	p.w.budget -= int64(n)
	switch {
	case p.w.left < 0:
		p.err = p.w.tooMuch()
		return 0, p.err
	case p.w.budget < 0:
		p.err = invalid("This Excel workbook has a cell that is far too large. Shorten it and send the file again.")
		return 0, p.err
	case p.n > bombSize && p.n/bombRatio > p.w.size:
		p.err = invalid(fmt.Sprintf("This Excel workbook unpacks to more than %d times its size, which real tables do not. Copy the table to a new workbook and send that.", bombRatio))
		return 0, p.err
	}
	return n, err
}

// token gives the next piece of XML; io.EOF at the end of the part.
func (p *partReader) token() (xml.Token, error) {
	p.w.budget = maxToken
	tok, err := p.dec.RawToken()
	switch {
	case err == nil:
		return tok, nil
	case p.err != nil:
		return nil, p.err
	case errors.Is(err, io.EOF) && p.dec.InputOffset() == p.n:
		return nil, io.EOF
	}
	return nil, broken(damaged, err)
}

func (p *partReader) Close() error { return p.rc.Close() }

// each hands every start element of a part to f; a part that is not there has none.
func (w *workbook) each(name string, f func(xml.StartElement)) error {
	p, err := w.part(name)
	if err != nil || p == nil {
		return err
	}
	defer p.Close()
	for {
		tok, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := tok.(xml.StartElement); ok {
			f(start)
		}
	}
}

func attr(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func truth(s string) bool { return s == "1" || s == "true" || s == "on" }
