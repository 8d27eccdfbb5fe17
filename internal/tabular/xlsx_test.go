package tabular

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range parts {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, body)
	}
	w.Close()
	return b.Bytes()
}

// sheetOf makes the least workbook around the given sheet XML.
func sheetOf(t testing.TB, sheet string, more map[string]string) []byte {
	parts := map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/styles" Target="/xl/styles.xml"/><Relationship Id="r3" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
	for k, v := range more {
		parts[k] = v
	}
	return zipOf(t, parts)
}

func workbookBytes(t testing.TB, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, XLSX, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A workbook as Excel users make them, through a library that is not ours.
func TestWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	f.SetSheetRow("Sheet1", "A2", &[]any{"Name", "Born", "GMC", "Months", "Share", "At", "Yes"})
	f.SetSheetRow("Sheet1", "A3", &[]any{"Renée", time.Date(1980, 4, 3, 0, 0, 0, 0, time.UTC), 12345, 7.1, 0.1 + 0.2, time.Date(2022, 6, 20, 14, 30, 0, 0, time.UTC), true})
	f.SetSheetRow("Sheet1", "A4", &[]any{"=x", nil, 447700900123, -3, 1e-7})
	f.SetSheetRow("Sheet1", "A6", &[]any{"hidden", "x"})
	f.SetSheetRow("Sheet1", "A7", &[]any{"too", 1, 2, 3, 4, 5, 6, 7})
	f.SetSheetRow("Sheet1", "A8", &[]any{"last"})
	zeros := "0000000"
	style, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
	f.SetCellStyle("Sheet1", "C3", "C3", style)
	day := `[$-809]dd\ mmmm\ yyyy;@`
	style, _ = f.NewStyle(&excelize.Style{CustomNumFmt: &day})
	f.SetCellStyle("Sheet1", "B3", "B3", style)
	f.SetRowVisible("Sheet1", 6, false)
	f.SetColVisible("Sheet1", "D", false)
	f.NewSheet("Other")
	f.SetSheetRow("Other", "A1", &[]any{"only"})
	f.NewSheet("Secret")
	f.SetSheetVisible("Secret", false)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	tb, err := Open(bytes.NewReader(b.Bytes()), Options{Header: true, Name: "a.xlsx"})
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	rows, err := readAll(tb)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Name", "Born", "GMC", "Months", "Share", "At", "Yes"}, tb.Header()); d != "" {
		t.Error(d)
	}
	want := []Row{
		{Line: 3, Cells: []string{"Renée", "1980-04-03", "0012345", "7.1", "0.3", "2022-06-20T14:30:00", "TRUE"}},
		{Line: 4, Cells: []string{"=x", "", "447700900123", "-3", "0.0000001", "", ""}},
	}
	if d := cmp.Diff(want, rows[:2]); d != "" {
		t.Error(d)
	}
	if rows[2].Line != 6 || !rows[2].Hidden || rows[2].Problem == nil {
		t.Errorf("hidden row: %+v", rows[2])
	}
	if rows[3].Problem == nil || rows[4].Problem != nil || len(rows[4].Cells) != 7 || len(rows) != 5 {
		t.Errorf("last rows: %+v", rows[3:])
	}
	notes := strings.Join(tb.Describe().Notes, "\n")
	for _, says := range []string{`"Sheet1", "Other"`, `Hidden sheets were not read: "Secret"`, "Hidden columns were read too: D", "Line 6: There are hidden rows"} {
		if !strings.Contains(notes, says) {
			t.Errorf("notes do not say %q:\n%s", says, notes)
		}
	}
	if got := cells(t, mustOpen(t, b.String(), Options{Sheet: "other"})); len(got) != 1 || got[0][0] != "only" {
		t.Errorf("named sheet: %v", got)
	}
	all, _ := readAll(mustOpen(t, b.String(), Options{Header: true, IncludeHidden: true}))
	if all[2].Problem != nil && !strings.Contains(all[2].Problem.Error(), "cells") {
		t.Errorf("hidden row asked for: %v", all[2].Problem)
	}
	refused(t, b.Bytes(), Options{Sheet: "Nowhere"}, `no sheet named "Nowhere"`, `"Secret"`)
	refused(t, b.Bytes(), Options{Name: "a.csv"}, "Excel workbook")
}

func TestSheetValues(t *testing.T) {
	const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[Red]0.00&quot;days&quot;"/><numFmt numFmtId="165" formatCode="mmm\-yy"/><numFmt numFmtId="166" formatCode="General"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/><xf numFmtId="166"/></cellXfs></styleSheet>`
	for name, c := range map[string]struct{ xml, want string }{
		"plain":                 {`<c><v>42</v></c>`, "42"},
		"noise":                 {`<c><v>7.0000000000000007E-2</v></c>`, "0.07"},
		"large":                 {`<c><v>1.23456789012E+11</v></c>`, "123456789012"},
		"day":                   {`<c s="1"><v>29314</v></c>`, "1980-04-03"},
		"first day":             {`<c s="1"><v>1</v></c>`, "1900-01-01"},
		"the day that was not":  {`<c s="1"><v>60</v></c>`, "!29 February 1900"},
		"quoted d is no date":   {`<c s="2"><v>3.5</v></c>`, "3.5"},
		"month":                 {`<c s="3"><v>29314</v></c>`, "1980-04-03"},
		"time":                  {`<c s="4"><v>0.5</v></c>`, "12:00:00"},
		"general":               {`<c s="5"><v>5</v></c>`, "5"},
		"negative date":         {`<c s="1"><v>-1</v></c>`, "!its number is none"},
		"inline, rich":          {`<c t="inlineStr"><is><r><t>ab</t></r><r><t> cd</t></r><rPh><t>no</t></rPh></is></c>`, "ab cd"},
		"escape":                {`<c t="str"><v>a_x000D_b</v></c>`, "a\rb"},
		"error":                 {`<c t="e"><v>#N/A</v></c>`, "!#N/A"},
		"formula":               {`<c t="str"><f>A1&amp;"x"</f><v>x</v></c>`, "x"},
		"formula not computed":  {`<c><f>1+1</f></c>`, "!formula without its result"},
		"ISO":                   {`<c t="d"><v>1980-04-03T00:00:00</v></c>`, "1980-04-03"},
		"shared text not there": {`<c t="s"><v>9</v></c>`, "!points to a text"},
		"not a number":          {`<c><v>abc</v></c>`, "!not a number"},
	} {
		t.Run(name, func(t *testing.T) {
			data := sheetOf(t, `<worksheet><sheetData><row>`+c.xml+`</row></sheetData></worksheet>`, map[string]string{"xl/styles.xml": styles})
			rows, err := readAll(mustOpen(t, string(data), Options{}))
			if err != nil || len(rows) != 1 {
				t.Fatal(rows, err)
			}
			if says, bad := strings.CutPrefix(c.want, "!"); bad {
				if rows[0].Problem == nil || !strings.Contains(rows[0].Problem.Error(), says) {
					t.Errorf("%v, want %q", rows[0].Problem, says)
				}
			} else if rows[0].Problem != nil || rows[0].Cells[0] != c.want {
				t.Errorf("%q %v, want %q", rows[0].Cells, rows[0].Problem, c.want)
			}
		})
	}
}

func TestWorkbookRefused(t *testing.T) {
	good := workbookBytes(t, [][]string{{"a", "b"}, {"1", "2"}})
	ole := make([]byte, 4096)
	copy(ole, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	named := func(name string) []byte {
		b := bytes.Clone(ole)
		for i := range len(name) {
			b[1024+2*i] = name[i]
		}
		return b
	}
	row := func(s string) []byte { return sheetOf(t, `<worksheet><sheetData>`+s, nil) }
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"password":         {named("EncryptedPackage"), "protected by a password"},
		"xls":              {named("Workbook"), "old kind (.xls)"},
		"OLE of some kind": {ole, "old kind, or one protected"},
		"cut short":        {good[:len(good)/2], "damaged or cut short"},
		"cut in directory": {good[:len(good)-10], "damaged or cut short"},
		"no sheet part":    {zipOf(t, map[string]string{"xl/workbook.xml": `<workbook/>`}), "no sheet"},
		"XML cut short":    {row(`<row r="1"><c><v>1</v></c>`), "damaged"},
		"XML not closed":   {row(`<row r="1"><c><v>1</v></c></row>`), "damaged"},
		"XML broken":       {row(`<row r="1"><c><v>1</v></c></row><row`), "damaged"},
		"rows go back":     {row(`<row r="2"><c><v>1</v></c></row><row r="1"/></sheetData></worksheet>`), "damaged"},
		"cells go back":    {row(`<row><c r="B1"/><c r="A1"/></row></sheetData></worksheet>`), "damaged"},
		"column too far":   {row(`<row><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>`), "damaged"},
		"bomb":             {row(`<row>` + strings.Repeat(" ", 40<<20) + `</row></sheetData></worksheet>`), "times its size"},
		"title above":      {workbookBytes(t, [][]string{{"Our doctors"}, {"a", "b"}, {"1", "2"}}), "first row must hold the names"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.data, Options{Header: true}, c.want) })
	}
	t.Run("middle overwritten", func(t *testing.T) {
		for at := 40; at < len(good); at += 97 {
			bad := bytes.Clone(good)
			copy(bad[at:], "\xff\xff\xff\xff")
			if tb, err := Open(bytes.NewReader(bad), Options{}); err == nil {
				readAll(tb)
				tb.Close()
			}
		}
	})
	t.Run("more texts than memory allows", func(t *testing.T) {
		var s strings.Builder
		for i := range 2000 {
			s.WriteString("<si><t>" + strings.Repeat(string(rune('a'+i%26)), 100) + "</t></si>")
		}
		data := sheetOf(t, `<worksheet/>`, map[string]string{"xl/sharedStrings.xml": "<sst>" + s.String() + "</sst>"})
		refused(t, data, Options{MaxMemory: 100_000}, "different texts")
	})
}

// Texts that look like markup of the format come back as they were written.
func TestWorkbookRoundTrip(t *testing.T) {
	want := [][]string{{"_x0041_", "a\r\nb", " c "}, {"<&>\"'", "=1+1", "\U0001F600 علي"}, {"_x005F_", "x_x000D_", "0012"}}
	if d := cmp.Diff(want, cells(t, mustOpen(t, string(workbookBytes(t, want)), Options{}))); d != "" {
		t.Error(d)
	}
}

func TestWorkbookAsStream(t *testing.T) {
	good := workbookBytes(t, [][]string{{"a", "b"}, {"1", "2"}})
	for name, o := range map[string]Options{"memory": {}, "file": {TempDir: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			tb, err := Open(io.MultiReader(bytes.NewReader(good)), o)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(cells(t, tb)); n != 2 {
				t.Errorf("%d rows", n)
			}
			if err := tb.Close(); err != nil {
				t.Error(err)
			}
			if o.TempDir != "" {
				left, _ := os.ReadDir(o.TempDir)
				if len(left) != 0 {
					t.Errorf("left behind: %v", left)
				}
			}
		})
	}
	if _, err := Open(io.MultiReader(bytes.NewReader(good)), Options{MaxMemory: 100}); err == nil {
		t.Error("a workbook larger than memory allows was read")
	}
}

// A part that says it is small and is not.
func TestBombThatLies(t *testing.T) {
	sheet := `<worksheet><sheetData><row>` + strings.Repeat(" ", 40<<20) + `</row></sheetData></worksheet>`
	honest := sheetOf(t, sheet, nil)
	from, err := zip.NewReader(bytes.NewReader(honest), int64(len(honest)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range from.File {
		head := f.FileHeader
		if strings.Contains(f.Name, "sheet1") {
			head.UncompressedSize64 = 100
		}
		raw, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		to, err := w.CreateRaw(&head)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(to, raw)
	}
	w.Close()
	refused(t, b.Bytes(), Options{})
}

func FuzzSheet(f *testing.F) {
	f.Add(`<cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" s="1"><v>29314</v></c></row><row r="3" hidden="1"><c t="inlineStr"><is><t>x</t></is></c></row></sheetData>`)
	f.Fuzz(func(t *testing.T, body string) {
		data := sheetOf(t, "<worksheet>"+body+"</worksheet>", map[string]string{"xl/sharedStrings.xml": "<sst><si><t>a</t></si></sst>"})
		tb, err := Open(bytes.NewReader(data), Options{})
		if err != nil {
			return
		}
		defer tb.Close()
		rows, _ := readAll(tb)
		for i, r := range rows {
			if i > 0 && r.Line <= rows[i-1].Line {
				t.Fatalf("row %d after %d", r.Line, rows[i-1].Line)
			}
			if r.Problem == nil && len(r.Cells) != tb.Width() {
				t.Fatalf("row %d: %d cells, width %d", r.Line, len(r.Cells), tb.Width())
			}
		}
	})
}
