package referral

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"msw/internal/cli"
	"msw/internal/consent"
	"msw/internal/problem"
	"msw/internal/tabular"
)

func (w *world) options() ImportOptions {
	return ImportOptions{Name: "may.csv", Referrer: w.a, ConsentScope: []string{consent.ScopeProgress}, ConsentUntil: today.AddDays(200)}
}

func (w *world) importFile(file []byte, o ImportOptions) (Report, string, error) {
	var out bytes.Buffer
	o.Out = &out
	r, err := w.ImportFile(w.ctx, operator, bytes.NewReader(file), o)
	return r, out.String(), err
}

const awkward = "Given Name;SURNAME;Date of Birth;E-mail;Mobile;Country of qualification;Languages;Story\r\n" +
	"Amina;Al-Hadi;1988-05-14;amina@example.org;7700900123;Syria;Arabic, English;canary story\r\n" +
	"أمينة;الهادي;;amina2@example.org;;Syrian Arab Republic;;\r\n" +
	"\r\n" +
	"Bahram;;01/02/1990;;;Iran;;\r\n" + // a date that can be read two ways
	"Cyrus;Vanaki;1990-13-40;not-an-address;4.47701E+11;Atlantis;;\r\n" +
	"Amina;Al-Hadi;1988-05-14;amina@example.org;07700900123;SY;Arabic,English;\r\n" + // the first row again
	";;;nobody@example.org;;;;\r\n" +
	"\"=HYPERLINK(\"\"x\"\")\";Formula;;formula@example.org;;;;\r\n" +
	"One;Cell;too;many;;;;;;extra\r\n"

func TestImportAwkwardFiles(t *testing.T) {
	latin, err := charmap.Windows1252.NewEncoder().Bytes([]byte("first name,surname,email\nJosé,Muñoz,jose@example.org\n"))
	fatal(t, err)
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeffName\tTelephone\nВікторія Шевченко\t+44 7700 900456\n")) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	inWorld(t, func(t *testing.T, w *world) {
		r, out, err := w.importFile([]byte(awkward), w.options())
		fatal(t, err)
		if r.Read != 8 || r.Added != 3 || r.Unchanged != 1 || r.Refused != 4 || r.Read != r.Added+r.Changed+r.Unchanged+r.Closed+r.Refused {
			t.Errorf("report %+v", r)
		}
		if r.Reasons["Enter a name"] != 1 || !slices.Equal(r.Examples["We do not know the country Atlantis. Write its English name"], []int{6}) {
			t.Errorf("reasons %v, examples %v", r.Reasons, r.Examples)
		}
		for _, want := range []string{";result;reason\r\n", ";canary story;added;", ";refused;", "The same as line 2 of this file", "cut the phone number short"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is missing in the answer\n%s", want, out)
			}
		}
		if strings.Contains(out, "\n=HYPERLINK") || strings.Contains(out, ";=HYPERLINK") {
			t.Errorf("a formula goes back alive\n%s", out)
		}
		if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasSuffix(n, "did not keep: Story") }) {
			t.Errorf("notes %v", r.Notes)
		}
		o := w.options()
		r, _, err = w.importFile(latin, o)
		if err != nil || r.Added != 1 {
			t.Errorf("Windows-1252: %+v, %v", r, err)
		}
		r, _, err = w.importFile(wide, o)
		if err != nil || r.Added != 1 {
			t.Errorf("UTF-16: %+v, %v", r, err)
		}
		var names []string
		for _, a := range w.desk(w.charityA(), GroupAll) {
			names = append(names, a.Name)
		}
		for _, want := range []string{"Amina Al-Hadi", "أمينة الهادي", "José Muñoz", "Вікторія Шевченко"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s is not among %v", want, names)
			}
		}
	})
}

func TestImportIsIdempotentForOneReferrerOnly(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		file := []byte("first name,surname,email,date of birth\nAmina,Al-Hadi,amina@example.org,14/05/1988\nDawit,Tesfaye,dawit@example.org,\n")
		o := w.options()
		o.Dates = tabular.DayFirst
		_, _, err := w.importFile(file, o)
		fatal(t, err)
		tables := w.counts()
		// Saved again by another program: other order, delimiter, names of columns and encoding; the same people.
		again := []byte("\ufeffE-mail address;Family name;Forename;DOB\r\ndawit@example.org;Tesfaye;Dawit;\r\namina@example.org;Al-Hadi;Amina;14/05/1988\r\n")
		r, _, err := w.importFile(again, o)
		if err != nil || r.Unchanged != 2 || r.Added+r.Refused != 0 {
			t.Errorf("again: %+v, %v", r, err)
		}
		after := w.counts()
		delete(after, "audit_entry")
		for table, n := range after {
			if !strings.HasPrefix(table, "audit_") && n != tables[table] {
				t.Errorf("importing again changed %s from %d to %d rows", table, tables[table], n)
			}
		}
		// One detail changed: told, not guessed.
		r, _, err = w.importFile([]byte("first name,surname,email,languages\nDawit,Tesfaye,dawit@example.org,Tigrinya\n"), o)
		if err != nil || r.Refused != 1 {
			t.Errorf("changed: %+v, %v", r, err)
		}
		// Another organisation's referrals are its own.
		o.Referrer = w.b
		r, out, err := w.importFile(file, o)
		if err != nil || r.Added != 2 || len(r.Alike) != 2 || strings.Contains(out, "referred before") {
			t.Errorf("another referrer: %+v, %v\n%s", r, err, out)
		}
		o.Name = "b.csv"
		r, err = w.ImportFile(w.ctx, w.charityB(), strings.NewReader("name,email\nAmina Alhadi,amina@example.org\n"), o)
		if err != nil || r.Added != 1 || len(r.Alike) != 0 {
			t.Errorf("a referrer was told of people already here: %+v, %v", r, err)
		}
		if _, err := w.ImportFile(w.ctx, w.charityB(), bytes.NewReader(file), w.options()); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("importing for another organisation answered %v", err)
		}
	})
}

func TestDryRunSavesNothingAndSaysTheSame(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.refer(w.charityB(), amina)
		w.importFile([]byte("first name,surname,email\nEsra,Yilmaz,esra@example.org\n"), w.options())
		before := w.counts()
		o := w.options()
		o.DryRun = true
		dry, dryOut, err := w.importFile([]byte(awkward), o)
		fatal(t, err)
		if after := w.counts(); !maps.Equal(before, after) {
			t.Errorf("a dry run changed the tables: %v, %v", before, after)
		}
		w.drain()
		for _, m := range w.box.Newest(tenant, 20) {
			if m.To == "formula@example.org" {
				t.Error("a dry run wrote to people")
			}
		}
		real, realOut, err := w.importFile([]byte(awkward), w.options())
		fatal(t, err)
		dry.DryRun = false
		a, _ := json.Marshal(dry)
		b, _ := json.Marshal(real)
		if string(a) != string(b) || dryOut != realOut {
			t.Errorf("the dry run said\n%s\nthe real one\n%s", a, b)
		}
	})
}

func TestImportRefusesWholeFiles(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		many := "name,email\n" + strings.Repeat("A B,a@example.org\n", maxRows+1)
		before := w.counts()
		for name, file := range map[string]string{"empty.csv": "", "header.csv": "first name,surname\n", "numbers.csv": "a,b\n1,2\n",
			"twice.csv": "first name,surname,email,e-mail\nA,B,a@example.org,b@example.org\n", "many.csv": many, "x.xlsx": "PK\x03\x04 not a workbook"} {
			o := w.options()
			o.Name = name
			_, _, err := w.importFile([]byte(file), o)
			if k := problem.KindOf(err); k != problem.Invalid && k != problem.Refused {
				t.Errorf("%s answered %v", name, err)
			}
		}
		o := w.options()
		o.Referrer = "nobody"
		if _, _, err := w.importFile([]byte(awkward), o); problem.KindOf(err) != problem.Refused {
			t.Errorf("an unknown referrer answered %v", err)
		}
		if after := w.counts(); !maps.Equal(before, after) {
			t.Errorf("something was kept: %v, %v", before, after)
		}
	})
}

func TestImportWorkbookGivesWorkbookBack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var book, out bytes.Buffer
		x, err := tabular.NewWriter(&book, tabular.XLSX, tabular.WriterOptions{Sheet: "Doctors"})
		fatal(t, err)
		for _, row := range [][]string{{"Full name", "Name in native script", "Country"}, {"Tesfaye, Dawit", "ዳዊት ተስፋዬ", "Eritrea"}, {"Nina", "", "Nowhere"}} {
			fatal(t, x.Write(row))
		}
		fatal(t, x.Close())
		o := w.options()
		o.Name, o.Out = "doctors.xlsx", &out
		r, err := w.ImportFile(w.ctx, w.charityA(), bytes.NewReader(book.Bytes()), o)
		if err != nil || r.Added != 1 || r.Refused != 1 {
			t.Fatalf("report %+v, %v", r, err)
		}
		back, err := tabular.Open(bytes.NewReader(out.Bytes()), tabular.Options{Header: true, Name: "doctors.result.xlsx"})
		fatal(t, err)
		if h := back.Header(); !slices.Equal(h, []string{"Full name", "Name in native script", "Country", "result", "reason"}) {
			t.Errorf("header %v", h)
		}
		if row, err := back.Next(); err != nil || row.Cells[3] != Added || row.Cells[1] != "ዳዊት ተስፋዬ" {
			t.Errorf("row %+v, %v", row, err)
		}
		o2, err := w.Open(w.ctx, w.charityA(), w.desk(w.charityA(), GroupAll)[0].Ref)
		if err != nil || o2.Said.Family != "Tesfaye" || o2.Said.Given != "Dawit" || o2.Said.Country != "ER" {
			t.Errorf("said %+v, %v", o2.Said, err)
		}
	})
}

func TestImportCommandWritesBeside(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		path := filepath.Join(t.TempDir(), "may.csv")
		fatal(t, os.WriteFile(path, []byte("name,email\nAmina Al-Hadi,amina@example.org\n"), 0o600))
		var out, errs bytes.Buffer
		x := cli.Context{Console: cli.Console{Context: w.ctx, Globals: cli.Globals{JSON: true}, Out: &out, Err: &errs}, Call: operator}
		c := ImportCmd{Files: []string{path}, Referrer: w.a, ConsentScope: []string{consent.ScopeProgress}, ConsentUntil: "2027-03-31"}
		fatal(t, c.Run(x, w.Service))
		var r Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Read != 1 || r.Added != 1 {
			t.Errorf("printed %s, %v", out.String(), err)
		}
		back, err := os.ReadFile(filepath.Join(filepath.Dir(path), "may.result.csv"))
		if err != nil || !strings.Contains(string(back), "amina@example.org,added,") {
			t.Errorf("beside: %q, %v", back, err)
		}
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".referrals-*"))
		if len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		c.ConsentUntil = "soon"
		if err := c.Run(x, w.Service); err == nil {
			t.Error("a date that is none was taken")
		}
	})
}

func TestPaperCodesRoundTripAndCatchSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := makeCode(rapid.SliceOfN(rapid.Byte(), codeLength, codeLength).Draw(t, "random"))
		if mistyped(tidySecret(strings.ToLower(grouped(code)))) {
			t.Fatalf("%s is not itself", code)
		}
		i := rapid.IntRange(0, codeLength-2).Draw(t, "place")
		other := codeAlphabet[rapid.IntRange(0, 30).Draw(t, "other")]
		if other == code[i] || strings.IndexByte(codeAlphabet, code[i]) == 31 && other == codeAlphabet[0] {
			return // the 32nd letter weighs as the first
		}
		if !mistyped(code[:i] + string(other) + code[i+1:]) {
			t.Fatalf("a slip at %d of %s to %c went unseen", i, code, other)
		}
	})
}

func FuzzRowNeverPanics(f *testing.F) {
	f.Add("Amina,Al-Hadi", "01/02/1990", "7.7E+10", "Syria;Atlantis", "email, sms")
	f.Add("أمينة", "31 March 1984", "+44 (0)7700", "", "؛،")
	countries := newCountries()
	cols := layout{"full": 0, "born": 1, "mobile": 2, "country": 3, "ways": 4, "languages": 3}
	f.Fuzz(func(t *testing.T, a, b, c, d, e string) {
		n, err := cols.referral([]string{a, b, c, d, e}, tabular.Undeclared, countries)
		if err == nil && n.Country != "" && len(n.Country) != 2 {
			t.Errorf("country %q of %q", n.Country, d)
		}
	})
}
