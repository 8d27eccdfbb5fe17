package tabular

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestInert(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "plain": "plain", "=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\rx": "'\rx",
		"-12.5": "-12.5", "-1,234.56": "-1,234.56", "-5%": "-5%", "-1+1|cmd": "'-1+1|cmd", "-": "'-", "-A1": "'-A1",
		"+44 20 7946 0000": "+44 20 7946 0000", "+1+1": "'+1+1", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "＝1": "'＝1",
	} {
		if got := Inert(cell); got != want {
			t.Errorf("%q became %q, want %q", cell, got, want)
		}
	}
}

func TestEchoCSV(t *testing.T) {
	in := "\xef\xbb\xbfname;note\r\nA;\"x;y\"\r\nB\r\nC;1;2\r\nD;=1+1\r\n"
	tb := mustOpen(t, in, Options{Header: true})
	var b bytes.Buffer
	e, err := NewEcho(&b, tb, "result", "reason")
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := readAll(tb)
	for i, r := range rows {
		if err := e.Write(r, fmt.Sprint("r", i), "why"); err != nil {
			t.Fatal(err)
		}
	}
	e.Close()
	want := "\ufeffname;note;result;reason\r\nA;\"x;y\";r0;why\r\nB;;r1;why\r\nC;1;r2;why;2\r\nD;'=1+1;r3;why\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestEchoXLSX(t *testing.T) {
	tb := mustOpen(t, string(workbookBytes(t, [][]string{{"name", "note"}, {"A", "=1+1"}})), Options{Header: true})
	var b bytes.Buffer
	e, err := NewEcho(&b, tb, "result", "reason")
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := readAll(tb)
	if err := e.Write(rows[0], "refused", "why"); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _ := f.GetRows("Sheet1")
	if d := cmp.Diff([][]string{{"name", "note", "result", "reason"}, {"A", "=1+1", "refused", "why"}}, got); d != "" {
		t.Error(d)
	}
	if formula, _ := f.GetCellFormula("Sheet1", "B2"); formula != "" {
		t.Errorf("a text became the formula %q", formula)
	}
}

// TestWrittenXLSXReadsBack reads what we write with another's reader and ours.
func TestWrittenXLSXReadsBack(t *testing.T) {
	rows := [][]string{
		{"a", "", " spaces  kept ", "<&>\"'"},
		{"line\r\nend\ttab", "bell\x07", "_x0041_ as typed", "علي 😀"},
		{"", "", "", "last"},
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, XLSX, WriterOptions{Sheet: "R & D"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	theirs, err := f.GetRows("R & D")
	if err != nil {
		t.Fatal(err)
	}
	ours, _ := readAll(mustOpen(t, b.String(), Options{}))
	var own [][]string
	for _, r := range ours {
		own = append(own, r.Cells)
	}
	for name, got := range map[string][][]string{"excelize": theirs, "our reader": own} {
		if d := cmp.Diff(rows, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestWriteXLSX(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, XLSX, WriterOptions{Sheet: "Places: 2022/23 [a very long name indeed]", Numbers: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]string{"0012", "12"})
	w.Write([]string{"x", "0012"})
	if err := w.Write([]string{strings.Repeat("x", 40_000)}); err == nil {
		t.Error("a cell longer than Excel's was taken, it would have been cut")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	for cell, want := range map[string]excelize.CellType{"A1": excelize.CellTypeInlineString, "B1": excelize.CellTypeUnset, "B2": excelize.CellTypeInlineString} {
		if got, _ := f.GetCellType(sheet, cell); got != want {
			t.Errorf("%s has type %d, want %d", cell, got, want)
		}
	}
}

var benchLine = "12345,Some Name,\"1, High Street\",Leeds,LS1 1AA,2022-06-20,active\n54321,Other Name,2 Low Street,York,YO1 7EX,2022-06-20,closed\n"

func BenchmarkRead(b *testing.B) {
	data := strings.Repeat(benchLine, 20_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		tb, err := Open(strings.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if rows, err := countRows(tb); err != nil || rows != 40_000 {
			b.Fatal(rows, err)
		}
	}
}

func countRows(tb *Table) (n int, err error) {
	for {
		if _, err = tb.Next(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return n, err
		}
		n++
	}
}

// BenchmarkStandard is the standard library's reader over the same text.
func BenchmarkStandard(b *testing.B) {
	data := strings.Repeat(benchLine, 20_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := csv.NewReader(strings.NewReader(data))
		for {
			if _, err := r.Read(); err != nil {
				break
			}
		}
	}
}

func BenchmarkReadXLSX(b *testing.B) {
	rows := make([][]string, 5000)
	for i := range rows {
		rows[i] = []string{fmt.Sprint(i), "Some Name", "1, High Street", "Leeds", "2022-06-20"}
	}
	data := workbookBytes(b, rows)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		tb, err := Open(bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if n, err := countRows(tb); err != nil || n != len(rows) {
			b.Fatal(n, err)
		}
	}
}
