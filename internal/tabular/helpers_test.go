package tabular

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"msw/internal/problem"
)

// sharedCSV gives a folder of the shared corpora, or leaves the test out.
func sharedCSV(t *testing.T, folder string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "csv", folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("left out: the CSV corpus %s is not beside this checkout", folder)
	}
	return dir
}

// readAll reads a table to its end.
func readAll(tb *Table) (rows []Row, err error) {
	for {
		row, err := tb.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func mustOpen(t *testing.T, data string, o Options) *Table {
	t.Helper()
	tb, err := Open(strings.NewReader(data), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { tb.Close() })
	return tb
}

// cells reads everything and fails on any row with a problem.
func cells(t *testing.T, tb *Table) [][]string {
	t.Helper()
	rows, err := readAll(tb)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	var out [][]string
	for _, r := range rows {
		if r.Problem != nil {
			t.Fatalf("line %d: %v", r.Line, r.Problem)
		}
		out = append(out, r.Cells)
	}
	return out
}

// refused opens data and wants a refusal in words that hold each of want.
func refused(t *testing.T, data []byte, o Options, want ...string) {
	t.Helper()
	tb, err := Open(bytes.NewReader(data), o)
	if err == nil {
		_, err = readAll(tb)
		tb.Close()
	}
	if err == nil {
		t.Fatalf("was read, should be refused with %q", want)
	}
	if problem.KindOf(err) != problem.Invalid {
		t.Fatalf("kind %v, want invalid: %v", problem.KindOf(err), err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("refusal %q does not say %q", err, w)
		}
	}
}
