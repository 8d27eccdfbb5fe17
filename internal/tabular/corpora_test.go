package tabular

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"msw/internal/problem"
)

func TestSpectrum(t *testing.T) {
	dir := sharedCSV(t, "csv-spectrum")
	files, _ := filepath.Glob(filepath.Join(dir, "csvs", "*.csv"))
	if len(files) != 11 {
		t.Fatalf("%d files, want 11", len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			data, _ := os.ReadFile(file)
			if strings.HasSuffix(name, "_crlf") && !bytes.Contains(data, []byte("\r")) {
				// this copy of the corpus came without the CRs its name and oracle speak of
				data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			}
			oracle, err := os.ReadFile(filepath.Join(dir, "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want []map[string]string
			if err := json.Unmarshal(oracle, &want); err != nil {
				t.Fatal(err)
			}
			tb := mustOpen(t, string(data), Options{Header: true})
			var got []map[string]string
			for _, row := range cells(t, tb) {
				m := map[string]string{}
				for i, c := range row {
					m[tb.Header()[i]] = c
				}
				got = append(got, m)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// readmeRow is a line of the torture corpus's table of expectations.
var readmeRow = regexp.MustCompile("^\\| `([a-z0-9_]+\\.csv)` \\| [a-z]+ \\| `?([a-zA-Z_]+)`? \\| `?(.*?)`? \\| [^|]+ \\| .* \\|$")

// Where we do other than the corpus's own reader, each with the reason.
var tortureElse = map[string]string{
	"backslash_escape.csv":               "row", // a backslash is not an escape: the row is reported
	"ragged_rows_short.csv":              "row", // missing cells are reported, not filled in
	"extra_fields_non_empty.csv":         "row", // the row is at fault, not the file
	"extra_trailing_nonempty.csv":        "row",
	"wide_row_extra_non_empty.csv":       "row",
	"invalid_quote.csv":                  "row",
	"unterminated_quote.csv":             "row",
	"single_column.csv":                  "note",
	"control_byte_header.csv":            "refused", // its README too: without a declared delimiter
	"empty_headers.csv":                  "note",
	"empty_header_names.csv":             "note",
	"missingness_numeric_vs_missing.csv": "ok",
}

func TestTorture(t *testing.T) {
	dir := sharedCSV(t, "rvl-csv-torture")
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string][2]string{}
	for line := range strings.Lines(string(readme)) {
		if m := readmeRow.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			expected[m[1]] = [2]string{m[2], m[3]}
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.csv"))
	if len(files) < 85 || len(expected) < len(files)-1 {
		t.Fatalf("%d files, %d expectations", len(files), len(expected))
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			want := "ok"
			if expected[name][0] != "parse_ok" {
				want = "refused"
			}
			if other, ok := tortureElse[name]; ok {
				want = other
			}
			data, _ := os.ReadFile(file)
			got, tb, why := outcome(data)
			if got != want {
				t.Fatalf("%s (%s), want %s; corpus says %v", got, why, want, expected[name])
			}
			if d := expected[name][1]; want == "ok" && d != "" && tb.Describe().Delimiter != delimiterIn(d) {
				t.Errorf("delimiter %q, want %q", tb.Describe().Delimiter, d)
			}
			checkValues(t, name, data)
		})
	}
}

func delimiterIn(cell string) byte {
	switch {
	case cell == `\t`:
		return '\t'
	case cell == "0x1F":
		return 0x1f
	}
	return cell[0]
}

// outcome says in one word how data was taken: refused, row (some rows have a problem), note, ok.
func outcome(data []byte) (string, *Table, string) {
	tb, err := Open(bytes.NewReader(data), Options{Header: true})
	if err != nil {
		if problem.KindOf(err) != problem.Invalid {
			return "fault", nil, err.Error()
		}
		return "refused", nil, err.Error()
	}
	defer tb.Close()
	rows, err := readAll(tb)
	if err != nil {
		return "refused", tb, err.Error()
	}
	for _, r := range rows {
		if r.Problem != nil {
			return "row", tb, r.Problem.Error()
		}
	}
	if n := tb.Describe().Notes; len(n) > 0 {
		return "note", tb, strings.Join(n, " ")
	}
	return "ok", tb, ""
}

// checkValues holds a choice of the corpus against values read off by eye.
func checkValues(t *testing.T, name string, data []byte) {
	want := map[string][][]string{
		"accounting_parentheses.csv":      {{"A", "(1,234.56)"}, {"B", "($1,234.56)"}, {"C", "($-1,234.56)"}, {"D", "(-1,234.56)"}, {"E", "$1,234.56"}},
		"backslash_in_quoted_rfc.csv":     {{"1", `path C:\temp\file`}, {"2", `literal \\ backslash`}},
		"blank_records_between.csv":       {{"1", "10"}, {"2", "20"}},
		"caret_quoted.csv":                {{"1", "alpha^beta", "caret inside"}, {"2", "gamma", "ok"}},
		"delim_0x1f.csv":                  {{"A", "1"}, {"B", "2"}},
		"excel_quoted_commas.csv":         {{"1", "Smith, John", `He said "hello"`}, {"2", "Doe, Jane", "Multi, comma"}, {"3", `O"Brien, Tim`, `Quote "" inside`}},
		"extra_trailing_empty_fields.csv": {{"1", "10"}, {"2", "20"}},
		"empty_fields.csv":                {{"1", "", "missing value"}, {"2", "", ""}, {"3", "30", ""}},
		"mixed_line_endings.csv":          {{"1", "10"}, {"2", "20"}},
		"multiline_quoted.csv":            {{"1", "first line\nsecond line"}, {"2", "single line"}},
		"pipe_with_spaces.csv":            {{"1", " alpha ", " 10"}, {"2", " beta ", " 20"}},
		"sep_equals.csv":                  {{"1", "10", "alpha"}, {"2", "20", "beta"}},
		"trailing_spaces_fields.csv":      {{"1", " 10 "}, {"2", "20  "}},
		"utf8_accented.csv":               {{"1", "café"}, {"2", "naïve"}},
		"windows_quotes_crlf.csv":         {{"1", "line one"}, {"2", "line two"}},
	}[name]
	if want == nil {
		return
	}
	if d := cmp.Diff(want, cells(t, mustOpen(t, string(data), Options{Header: true}))); d != "" {
		t.Error(d)
	}
}

func TestTortureDeclaredDelimiter(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(sharedCSV(t, "rvl-csv-torture"), "control_byte_header.csv"))
	if err != nil {
		t.Fatal(err)
	}
	got := cells(t, mustOpen(t, string(data), Options{Header: true, Delimiter: 1}))
	if d := cmp.Diff([][]string{{"A", "1"}, {"B", "2"}}, got); d != "" {
		t.Error(d)
	}
}

func TestSpreadsheetCorpus(t *testing.T) {
	dir := sharedCSV(t, "phpspreadsheet-csv")
	read := func(t *testing.T, name string) [][]string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return cells(t, mustOpen(t, string(data), Options{}))
	}
	premiere := [][]string{{"première", "second", "troisième"}, {"Quatrième", "cinquième", "sixième"}}
	angstrom := [][]string{{"Å", "1"}, {"2", "3"}}
	lines := [][]string{{"A", "1"}, {"2", "3"}}
	headers := [][]string{{"This", "Are", "Headers"}, {"Cell A2", "Number with comma", "25,5"}, {"Two colons and a comma", "B|3", ":,:"}}
	want := map[string][][]string{
		"encoding.iso88591.csv": angstrom, "encoding.utf8.csv": angstrom, "encoding.utf8bom.csv": angstrom,
		"encoding.utf16be.csv": angstrom, "encoding.utf16le.csv": angstrom, "encoding.utf32be.csv": angstrom, "encoding.utf32le.csv": angstrom,
		"linend.mac.csv": lines, "linend.unix.csv": lines, "linend.win.csv": lines, "sep.csv": lines,
		"csv_without_extension": headers, "semicolon_separated.csv": headers,
		"backslash.csv":     {{"field 1", `field 2\`}, {`field 3\`, "field 4"}},
		"contains_html.csv": {{"Column A", "<a href=''>Link</a>", "Column C"}},
		"no_delimiter.csv":  {{"SingleLine"}},
	}
	for _, form := range []string{"utf8", "utf8bom", "utf16be", "utf16bebom", "utf16le", "utf16lebom", "utf32be", "utf32bebom", "utf32le", "utf32lebom", "win1252"} {
		want["premiere."+form+".csv"] = premiere
	}
	// this one has a third row, of letters and codes outside the common plane
	want["premiere.utf16le.csv"] = append(premiere[:2:2], []string{"\U00010400", "\uFFFE", "\uFFFF"})
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 37 {
		t.Errorf("%d files, want 37", len(files))
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			if w, ok := want[name]; ok {
				if d := cmp.Diff(w, read(t, name)); d != "" {
					t.Error(d)
				}
				return
			}
			data, _ := os.ReadFile(file)
			got, _, why := outcome(data)
			t.Logf("%s %s", got, why)
			switch name {
			case "line_break_in_enclosure.csv", "line_break_in_enclosure_with_escaped_quotes.csv", "utf16be.line_break_in_enclosure.csv", "line_break_escaped_32le.csv", "issue.2232.csv", "enclosure.csv":
				if name == "enclosure.csv" || got == "ok" {
					break
				}
				t.Errorf("%s: %s", got, why)
			case "empty.csv", "escape.csv":
				if got != "refused" {
					t.Errorf("%s, want refused", got)
				}
			case "NumberFormatTest.csv", "NumberFormatTest.de.csv":
				if got != "row" {
					t.Errorf("%s, want problems on the short rows", got)
				}
			default:
				t.Errorf("not judged: %s %s", got, why)
			}
		})
	}
}
