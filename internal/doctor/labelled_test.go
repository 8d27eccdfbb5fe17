package doctor

import (
	"bytes"
	"encoding/csv"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"msw/internal/clock"
)

var writePairs = flag.Bool("write-pairs", false, "make testdata/pairs.csv anew from testdata/shapes.csv")

// shape is one name in its own script, with the ways it is commonly spelt.
type shape struct {
	native    string
	spellings []string
}

func shapes(t testing.TB) (given, family []shape) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "shapes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		s := shape{r[1], strings.Split(r[2], "|")}
		if r[0] == "given" {
			given = append(given, s)
		} else {
			family = append(family, s)
		}
	}
	return given, family
}

// maker draws people from the shapes; the same seed gives the same people.
type maker struct {
	*rand.Rand
	given, family []shape
}

type invented struct {
	given, family shape
	birth         clock.Date
}

func (m maker) person() invented {
	return invented{m.given[m.IntN(len(m.given))], m.family[m.IntN(len(m.family))], clock.MustDate("1965-01-02") + clock.Date(m.IntN(12000))}
}

func (m maker) spell(s shape) string { return s.spellings[m.IntN(len(s.spellings))] }

func (m maker) details(p invented) Details {
	return Details{Given: m.spell(p.given), Family: m.spell(p.family), BirthDate: p.birth}
}

func (p invented) native() string {
	if p.given.native == "" || p.family.native == "" {
		return ""
	}
	return p.given.native + " " + p.family.native
}

func firstOfJanuary(d clock.Date) clock.Date { return clock.MakeDate(d.Year(), 1, 1) }

// swapped exchanges day and month where that is a date too.
func swapped(d clock.Date) clock.Date {
	if d.Day() > 12 {
		return d + 1
	}
	return clock.MakeDate(d.Year(), time.Month(d.Day()), int(d.Month()))
}

// otherThan draws a person none of whose names is p's, nor looks like it.
func (m maker) otherThan(p invented) invented {
	for {
		q := m.person()
		if _, all := commonParts(forms(m.details(p)), forms(m.details(q))); !all && q.given.native+q.given.spellings[0] != p.given.native+p.given.spellings[0] && q.family.spellings[0] != p.family.spellings[0] && (q.birth-p.birth > 400 || p.birth-q.birth > 400) {
			return q
		}
	}
}

// makePairs makes the labelled set: so many of each way in which two records
// are, or are not, one person.
func makePairs(t testing.TB) []Labelled {
	given, family := shapes(t)
	m := maker{rand.New(rand.NewPCG(2026, 11)), given, family}
	ways := []struct {
		name string
		same bool
		make func(p invented) (a, b Details)
	}{
		{"spelt differently", true, func(p invented) (a, b Details) { return m.details(p), m.details(p) }},
		{"own script and Latin letters", true, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			if n := p.native(); n != "" {
				b.Given, b.Family, b.Native = "", "", n
			}
			return a, b
		}},
		{"family name first", true, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			b.Given, b.Family = b.Family, b.Given
			return a, b
		}},
		{"day and month exchanged, or a day off", true, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			b.BirthDate = swapped(p.birth)
			return a, b
		}},
		{"one date is 1 January", true, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			b.BirthDate = firstOfJanuary(p.birth)
			return a, b
		}},
		{"one name only, the same email", true, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			a.Email, b.Email = "one.person@doctor.example", "One.Person@doctor.example"
			b.Family = ""
			return a, b
		}},
		{"a father's name between", true, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			b.Given += " " + m.spell(m.given[m.IntN(len(m.given))])
			return a, b
		}},
		{"same name, years apart", false, func(p invented) (a, b Details) {
			a, b = m.details(p), m.details(p)
			b.BirthDate = p.birth + clock.Date(800+m.IntN(4000))
			return a, b
		}},
		{"different names, both born on 1 January", false, func(p invented) (a, b Details) {
			q := m.otherThan(p)
			p.birth = firstOfJanuary(p.birth)
			q.birth = p.birth
			return m.details(p), m.details(q)
		}},
		{"same given name, both born on 1 January", false, func(p invented) (a, b Details) {
			q := m.otherThan(p)
			q.given, q.birth = p.given, firstOfJanuary(p.birth)
			p.birth = q.birth
			return m.details(p), m.details(q)
		}},
		{"brothers or sisters", false, func(p invented) (a, b Details) {
			q := m.otherThan(p)
			q.family = p.family
			return m.details(p), m.details(q)
		}},
		{"same family name and birthday", false, func(p invented) (a, b Details) {
			q := m.otherThan(p)
			q.family, q.birth = p.family, p.birth
			return m.details(p), m.details(q)
		}},
		{"two people", false, func(p invented) (a, b Details) { return m.details(p), m.details(m.otherThan(p)) }},
	}
	var out []Labelled
	for range 60 {
		for _, w := range ways {
			a, b := w.make(m.person())
			out = append(out, Labelled{Way: w.name, Same: w.same, A: a, B: b})
		}
	}
	papers := maker{rand.New(rand.NewPCG(2026, 12)), given, family} // drawn apart: the pairs above stay as they were
	number := func() string { return "N" + strconv.Itoa(1e7+papers.IntN(9e7)) }
	for range 60 {
		p := papers.person()
		a, b := papers.details(p), papers.details(papers.otherThan(p))
		a.Papers.Passport = number()
		b.Papers.Passport = strings.ToLower(a.Papers.Passport[:3]) + " " + a.Papers.Passport[3:]
		out = append(out, Labelled{Way: "another name and date, the same passport", Same: true, A: a, B: b})
		q := papers.otherThan(p)
		a, b = papers.details(p), papers.details(q)
		a.Papers.Licence = strconv.Itoa(1e4 + papers.IntN(9e4))
		b.Papers.Licence = a.Papers.Licence
		out = append(out, Labelled{Way: "two people, the same registration number in two countries", A: a, B: b})
	}
	return out
}

func pairsFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(LabelledColumns()); err != nil {
		t.Fatal(err)
	}
	for _, l := range makePairs(t) {
		if err := w.Write(l.row()); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

func TestTheLabelledSetIsWhatItsMakerMakes(t *testing.T) {
	name := filepath.Join("testdata", "pairs.csv")
	made := pairsFile(t)
	if *writePairs {
		if err := os.WriteFile(name, made, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, kept) {
		t.Error("testdata/pairs.csv is not what testdata/shapes.csv gives: run with -write-pairs and read what changed")
	}
}

// The floor below which the search for duplicates must not fall.
func TestDuplicatesAreFoundOnTheLabelledSet(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "pairs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := ReadLabelled(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	e := Evaluate(list)
	for _, w := range e.Ways {
		t.Logf("%-45s same %v: %d of %d shown, %d likely", w.Way, w.Same, w.Shown, w.Pairs, w.Likely)
	}
	t.Logf("shown: precision %.3f recall %.3f; likely: precision %.3f recall %.3f", e.Shown.Precision, e.Shown.Recall, e.Likely.Precision, e.Likely.Recall)
	if e.Shown.Recall < 0.95 || e.Likely.Precision < 0.9 {
		t.Errorf("recall %.3f of what is shown, precision %.3f of what is likely", e.Shown.Recall, e.Likely.Precision)
	}
	for _, w := range e.Ways {
		if strings.Contains(w.Way, "1 January") && !w.Same && w.Likely > 0 {
			t.Errorf("%s: %d are called likely because of 1 January", w.Way, w.Likely)
		}
	}
}

func TestAPairThatSharesNothingIsNotFound(t *testing.T) {
	e := Evaluate([]Labelled{{Way: "x", Same: true, A: Details{Given: "Samira", Family: "Testwala"}, B: Details{Given: "Peter", Family: "Olsen"}}})
	if e.Shown.Recall != 0 || e.Shown.Found != 0 {
		t.Errorf("%+v", e)
	}
}

func TestDatesWithinTolerance(t *testing.T) {
	d := clock.MustDate("1988-04-02")
	for _, c := range []struct {
		other string
		near  bool
	}{{"1988-04-03", true}, {"1988-02-04", true}, {"1988-04-09", false}, {"1989-04-02", true}, {"1988-01-01", false}, {"1995-04-02", false}} {
		if got := near(d, clock.MustDate(c.other)); got != c.near {
			t.Errorf("%s: %v", c.other, got)
		}
	}
}
