package tabular

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"msw/internal/problem"
)

func TestOpenUnderstands(t *testing.T) {
	gz := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		io.WriteString(w, s)
		w.Close()
		return b.String()
	}
	arabic, err := charmap.Windows1256.NewEncoder().String("اسم,مدينة\nعلي,لندن\n")
	if err != nil {
		t.Fatal(err)
	}
	late := "name,town\n" + strings.Repeat("Ann,Leeds\n", 10_000) + "Ren\xe9e,Leeds\n"
	for name, c := range map[string]struct {
		data string
		opts Options
		last []string
		desc Description
	}{
		"semicolons, Windows-1252": {"name;town\r\nRen\xe9e;K\xf6ln\r\n", Options{}, []string{"Renée", "Köln"},
			Description{Format: CSV, Encoding: "Windows-1252", Delimiter: ';', Notes: []string{"The file is not in UTF-8. It was read as Windows-1252 (Western European). If letters with accents look wrong, save it again as “CSV UTF-8”."}}},
		"commas in the text of a file of semicolons": {"name;address;town\nA;1, High St;X\nB;2, Low St;Y\n", Options{}, []string{"B", "2, Low St", "Y"}, Description{Format: CSV, Encoding: "UTF-8", Delimiter: ';', Notes: []string{}}},
		"gzip":              {gz("a\tb\n1\t2\n"), Options{}, []string{"1", "2"}, Description{Format: CSV, Encoding: "UTF-8", Delimiter: '\t', Compressed: true, Notes: []string{}}},
		"declared alphabet": {arabic, Options{Encoding: "Windows-1256"}, []string{"علي", "لندن"}, Description{Format: CSV, Encoding: "Windows-1256", Delimiter: ',', Notes: []string{}}},
		"accent after a long stretch of ASCII": {late, Options{}, []string{"Renée", "Leeds"},
			Description{Format: CSV, Encoding: "Windows-1252", Delimiter: ',', Notes: []string{"Line 10002: The file is not in UTF-8. It was read as Windows-1252 (Western European). If letters with accents look wrong, save it again as “CSV UTF-8”."}}},
		"trimmed":                           {"a,b\n x ,\u00a0y\n", Options{Trim: true}, []string{"x", "y"}, Description{Format: CSV, Encoding: "UTF-8", Delimiter: ',', Notes: []string{}}},
		"end mark of old days":              {"a,b\n1,2\n\x1a", Options{}, []string{"1", "2"}, Description{Format: CSV, Encoding: "UTF-8", Delimiter: ',', Notes: []string{}}},
		"a name that begins like a picture": {"BMA number,town\n123,Leeds\n", Options{Name: "x.CSV"}, []string{"123", "Leeds"}, Description{Format: CSV, Encoding: "UTF-8", Delimiter: ',', Notes: []string{}}},
		"blank rows":                        {"a,b\n\n1,2\n,\n", Options{}, []string{"1", "2"}, Description{Format: CSV, Encoding: "UTF-8", Delimiter: ',', BlankRows: 2, Notes: []string{}}},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.Header = true
			tb := mustOpen(t, c.data, c.opts)
			rows := cells(t, tb)
			if d := cmp.Diff(c.last, rows[len(rows)-1]); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.desc, tb.Describe()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	header := Options{Header: true}
	for name, c := range map[string]struct {
		data string
		opts Options
		want string
	}{
		"empty":               {"", header, "empty"},
		"only white space":    {" \n\t\n", header, "empty"},
		"PDF":                 {"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", header, "PDF"},
		"PNG":                 {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01", Options{Name: "list.csv"}, "picture"},
		"HTML":                {"\n<!DOCTYPE html>\n<table><tr><td>a,b", header, "web page"},
		"HTML in UTF-16":      {"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00\n\x00", header, "web page"},
		"XML":                 {"<?xml version=\"1.0\"?><a>1,2</a>", header, "XML"},
		"JSON":                {`[{"name":"a","town":"b"},{"name":"c","town":"d"}]`, header, "JSON"},
		"program":             {"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8\x00\x00\x00\x00\x00\x00\x00@\x00", header, "program"},
		"other bytes":         {"a,b\n1,\x02\n", header, "line 2"},
		"zip":                 {string(zipOf(t, map[string]string{"list.csv": "a,b\n1,2\n"})), header, "Unpack it"},
		"Word":                {string(zipOf(t, map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})), header, "Word"},
		"OpenDocument":        {string(zipOf(t, map[string]string{"content.xml": "<a/>", "META-INF/manifest.xml": "<a/>"})), header, "OpenDocument"},
		"text named xlsx":     {"a,b\n1,2\n", Options{Name: "Liste.XLSX"}, "plain text"},
		"two delimiters":      {"h1,h2;h3\n1,2;3\n", header, "sep="},
		"two equal columns":   {"E-mail,e mail\nx,y\n", header, "same name"},
		"title above":         {"Doctors we know\nname,town,year\nA,B,1\nC,D,2\nE,F,3\n", header, "first row must hold the names"},
		"Cyrillic":            {"name,town\n\xc8\xe2\xe0\xed,\xca\xe8\xe5\xe2\n", header, "alphabet"},
		"Polish":              {"name,town\nPawe\xb3ek,\xa3\xf3d\xbf\n", header, "alphabet"},
		"Turkish":             {"name,town\nAy\xfee,\xddzmir\n", header, "alphabet"},
		"mark of UTF-16 only": {"\xff\xfeid,value\nA,1\n", header, "UTF-16"},
		"header unclosed":     {"a,\"b\n1,2\n", header, "column names"},
		"gzip cut short":      {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c", header, "cut short"},
		"larger than allowed": {strings.Repeat("a,b\n", 100), Options{MaxBytes: 200}, "larger than 200 bytes"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, []byte(c.data), c.opts, c.want) })
	}
	t.Run("grows past the limit while read", func(t *testing.T) {
		tb, err := Open(io.LimitReader(&endless1{line: "aaaa,bbbb\n"}, 1<<20), Options{MaxBytes: 200_000})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = readAll(tb); problem.KindOf(err) != problem.Invalid {
			t.Fatal(err)
		}
		if _, again := tb.Next(); !errors.Is(again, err) {
			t.Errorf("the error does not stay: %v", again)
		}
	})
}

func TestRowProblems(t *testing.T) {
	many := strings.Repeat("x,y\n", 300)
	for name, c := range map[string]struct {
		data string
		want map[int]string // line → words of its problem; other lines are good
		rows int
	}{
		"too few and too many":                        {"a,b\n1\n1,2,3\n1,2\n", map[int]string{2: "1 cell ", 3: "3 cells"}, 3},
		"a stray quote does not swallow what follows": {"a,b\n1,\"2\n3,4\n5,6\n", map[int]string{2: "never closed"}, 3},
		"a stray quote meets another":                 {"a,b\n1,\"2\n3,4\n\"5\",6\n", map[int]string{2: "line 4"}, 3},
		"a stray quote far above the next":            {"a,b\n1,\"2\n" + many + "3,4\"\n", map[int]string{2: "never closed", 303: "quote mark inside"}, 302},
		"lines are counted inside cells":              {"a,b\n\"x\ny\nz\",1\n1\n", map[int]string{5: "1 cell "}, 2},
		"text after a closing quote":                  {"a,b\n\"x\"y,1\n", map[int]string{2: "after its closing quote"}, 1},
		"zero byte late":                              {"a,b\n" + strings.Repeat("1,2\n", 20_000) + "1,\x00\n", map[int]string{20_002: "zero byte"}, 20_001},
		"two encodings":                               {"a,b\né,é\nx,\xe9\n", map[int]string{3: "not in UTF-8"}, 2},
		"long line":                                   {"a,b\n1," + strings.Repeat("x", 3<<20) + "\n3,4\n", map[int]string{2: "longer than 1 MB"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := readAll(mustOpen(t, c.data, Options{Header: true}))
			if err != nil || len(rows) != c.rows {
				t.Fatalf("%d rows, want %d (%v)", len(rows), c.rows, err)
			}
			for _, r := range rows {
				want, bad := c.want[r.Line]
				switch {
				case bad && (r.Problem == nil || !strings.Contains(r.Problem.Error(), want)):
					t.Errorf("line %d: %v, want %q", r.Line, r.Problem, want)
				case !bad && r.Problem != nil:
					t.Errorf("line %d: %v", r.Line, r.Problem)
				}
				delete(c.want, r.Line)
			}
			if len(c.want) > 0 {
				t.Errorf("not reported: %v", c.want)
			}
		})
	}
}

func TestJoinedRowsAreNoted(t *testing.T) {
	tb := mustOpen(t, "a,b\n1,\"x\n2,y\n3,z\"\n", Options{Header: true})
	if n := len(cells(t, tb)); n != 1 {
		t.Fatalf("%d rows", n)
	}
	if notes := tb.Describe().Notes; len(notes) != 1 || !strings.HasPrefix(notes[0], "Line 2: A cell holds several lines") {
		t.Errorf("notes %q", notes)
	}
}

// What Writer writes, Open reads back, whatever the cells hold.
func TestWriteThenRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 5).Draw(t, "width")
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab1 ,;\t|\"\n\r'éش=+-\u2028"))).Filter(func(s string) bool { return Inert(s) == s })
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 8).Draw(t, "rows")
		var kept [][]string
		var b bytes.Buffer
		delim := rapid.SampledFrom([]byte{',', ';', '\t', '|'}).Draw(t, "delimiter")
		w, err := NewWriter(&b, CSV, WriterOptions{Delimiter: delim, BOM: rapid.Bool().Draw(t, "bom"), CRLF: rapid.Bool().Draw(t, "crlf")})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			w.Write(r)
			if !blank(r) {
				kept = append(kept, r)
			}
		}
		w.Close()
		if b.Len() == 0 {
			return
		}
		tb, err := Open(&b, Options{Delimiter: delim})
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		got, err := readAll(tb)
		if err != nil || len(got) != len(kept) {
			t.Fatalf("%d rows, want %d: %v", len(got), len(kept), err)
		}
		for i, r := range got {
			if r.Problem != nil || cmp.Diff(kept[i], r.Cells) != "" {
				t.Fatalf("row %d: %q %v, want %q", i, r.Cells, r.Problem, kept[i])
			}
		}
	})
}

// endless1 gives one line for ever.
type endless1 struct {
	line string
	at   int
}

func (e *endless1) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.line[e.at]
		e.at = (e.at + 1) % len(e.line)
	}
	return len(p), nil
}

func TestMemoryStaysSmall(t *testing.T) {
	const total = 64 << 20
	for name, line := range map[string]string{
		"rows":                    "12345,Some Name,\"1, High Street\",Leeds,2022-06-20\n",
		"one line without end":    "abcdefgh",
		"one quote after another": "\"a,b\n",
		"Mac lines":               "12345,Some Name,Leeds\r",
	} {
		t.Run(name, func(t *testing.T) {
			n := int64(total)
			if name == "one quote after another" {
				n = 1 << 20 // each line is looked at up to 200 times
			}
			runtime.GC()
			var before, during runtime.MemStats
			runtime.ReadMemStats(&before)
			var peak uint64
			began := time.Now()
			tb, err := Open(io.LimitReader(&endless1{line: line}, n), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; ; i++ {
				if _, err := tb.Next(); err != nil {
					if !errors.Is(err, io.EOF) {
						t.Fatal(err)
					}
					break
				}
				if i%100_000 == 0 {
					runtime.GC()
					runtime.ReadMemStats(&during)
					peak = max(peak, during.HeapAlloc)
				}
			}
			if grown := int64(peak) - int64(before.HeapAlloc); grown > 8<<20 {
				t.Errorf("heap grew by %s", size(grown))
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestColumns(t *testing.T) {
	want := map[string][]string{
		"family_name": {"Surname", "Last name"}, "given_name": {"First name"}, "email": {"E-mail address"}, "dob": {"Date of birth"},
	}
	header := []string{"\ufeffSurname ", "FIRST-NAME", "E‑mail  Address", "Prénom", ""}
	found, missing, unknown := Columns(header, want)
	if d := cmp.Diff(map[string]int{"family_name": 0, "given_name": 1, "email": 2}, found); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"dob"}, missing); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Prénom"}, unknown); d != "" {
		t.Error(d)
	}
	found, missing, unknown = Columns([]string{"surname", "last name"}, map[string][]string{"family_name": {"Surname", "Last name"}})
	if len(found) != 0 || len(missing) != 1 || len(unknown) != 2 {
		t.Errorf("a column named twice: %v %v %v", found, missing, unknown)
	}
	if Fold("Prénom  (légal)") != "prenomlegal" {
		t.Errorf("fold: %q", Fold("Prénom  (légal)"))
	}
}

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		text  string
		order DateOrder
		want  string // "" means refused
		says  string
	}{
		{"1980-04-03", Undeclared, "1980-04-03", ""},
		{"1980/4/3", MonthFirst, "1980-04-03", ""},
		{"1980-04-03T00:00:00", Undeclared, "1980-04-03", ""},
		{"19800403", Undeclared, "1980-04-03", ""},
		{"03/04/1980", Undeclared, "", "3 April or as 4 March"},
		{"03/04/1980", DayFirst, "1980-04-03", ""},
		{"03/04/1980", MonthFirst, "1980-03-04", ""},
		{"13.04.1980", Undeclared, "1980-04-13", ""},
		{"04-13-1980", Undeclared, "1980-04-13", ""},
		{"05/05/1980", Undeclared, "1980-05-05", ""},
		{"04/13/1980", DayFirst, "", "not a day"},
		{"29/02/2023", DayFirst, "", "not a day"},
		{"29/02/2024", DayFirst, "2024-02-29", ""},
		{"03/04/80", DayFirst, "", "two digits"},
		{"3 April 1980", Undeclared, "1980-04-03", ""},
		{"3rd Apr. 1980", Undeclared, "1980-04-03", ""},
		{"03-APR-1980", Undeclared, "1980-04-03", ""},
		{"April 3, 1980", Undeclared, "1980-04-03", ""},
		{"3 Avril 1980", Undeclared, "", "no month"},
		{"5071978", DayFirst, "1978-07-05", ""},
		{"5071978", Undeclared, "", "not a date"},
		{"20061978", DayFirst, "1978-06-20", ""},
		{"05071978", Undeclared, "", "5 July or as 7 May"},
		{"29314", Undeclared, "", "day number"},
		{"1360-01-12", Undeclared, "", "Western calendar"},
		{"١٩٨٠-٠٤-٠٣", Undeclared, "1980-04-03", ""},
		{"", Undeclared, "", "missing"},
		{"soon", Undeclared, "", "not a date"},
		{"1980-04/03", Undeclared, "", "not a date"},
	} {
		got, err := ParseDate(c.text, c.order)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q (%d): %q %v, want %q %q", c.text, c.order, got, err, c.want, c.says)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "sep=;\na;\"b\n\"\"\"\n", "\xff\xfea\x00,\x00", "a\rb\r\n\"", "PK\x03\x04", "\x1f\x8b\x08", "x\xe9,y\n1,2\n"} {
		f.Add([]byte(seed), true)
	}
	f.Add(workbookBytes(f, [][]string{{"a", "b"}, {"1", "é"}}), false)
	f.Fuzz(func(t *testing.T, data []byte, header bool) {
		tb, err := Open(bytes.NewReader(data), Options{Header: header, MaxRow: 1 << 16, MaxBytes: 1 << 22})
		if err != nil {
			if problem.KindOf(err) != problem.Invalid {
				t.Fatalf("not for the owner: %v", err)
			}
			return
		}
		defer tb.Close()
		last := 0
		for {
			row, err := tb.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if problem.KindOf(err) != problem.Invalid {
					t.Fatalf("not for the owner: %v", err)
				}
				break
			}
			if row.Line <= last {
				t.Fatalf("line %d after %d", row.Line, last)
			}
			if row.Problem == nil && len(row.Cells) != tb.Width() {
				t.Fatalf("line %d: %d cells, width %d", row.Line, len(row.Cells), tb.Width())
			}
			for _, c := range row.Cells {
				if strings.ToValidUTF8(c, "") != c {
					t.Fatalf("line %d: %q is not UTF-8", row.Line, c)
				}
			}
			last = row.Line
		}
		fmt.Fprint(io.Discard, tb.Describe())
	})
}

func FuzzParseDate(f *testing.F) {
	f.Add("03/04/1980", 1)
	f.Fuzz(func(t *testing.T, text string, order int) {
		got, err := ParseDate(text, DateOrder(order%3))
		if err != nil {
			return
		}
		if again, err := ParseDate(got, Undeclared); err != nil || again != got {
			t.Errorf("%q gave %q, which gave %q %v", text, got, again, err)
		}
	})
}

// TestAShortNameOfAnotherAlphabetIsNotReadAsWestern: three letters of Windows-1256
// are letters with accents in Windows-1252, but no word is made of those alone.
func TestAShortNameOfAnotherAlphabetIsNotReadAsWestern(t *testing.T) {
	for name, raw := range map[string]string{"Arabic": "name,town\n\xda\xe1\xed,Leeds\n", "Cyrillic": "name,town\n\xdf\xed,Leeds\n"} {
		_, err := Open(strings.NewReader(raw), Options{Header: true})
		if err == nil || !strings.Contains(err.Error(), "We cannot tell which alphabet") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, raw := range []string{"name,town\nZo\xeb \xc5str\xf6m,\xc5\n", "name,town\nPelé \xe0 l'\xeele,Or\xe9e\xe9\n"} {
		if _, err := Open(strings.NewReader(strings.ReplaceAll(raw, "é", "\xe9")), Options{Header: true}); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// TestAPictureCalledASheetIsRefused says what it is, whatever its name.
func TestAPictureCalledASheetIsRefused(t *testing.T) {
	_, err := Open(strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), Options{Name: "doctors.xlsx", Header: true})
	if err == nil || !strings.Contains(err.Error(), "picture") {
		t.Errorf("%v", err)
	}
}
