package funding

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/big"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/placement"
	"msw/internal/post"
	"msw/internal/rulebook"
	"msw/rules"
)

func day(s string) clock.Date { return clock.MustDate(s) }

func embedded(t testing.TB) *Rates {
	t.Helper()
	r, err := LoadRates(rules.Funding, "funding/pay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func spell(from, to string, share int) placement.Spell {
	s := placement.Spell{Placement: "P1", Doctor: "d1", Employer: "RX1", Phase: "ph1", Number: 1, From: day(from)}
	if to != "" {
		s.To = day(to)
	}
	s.WholeTime, s.Region = share, "Y56"
	s.Pay = post.Pay{Kind: post.AgendaForChange, Point: post.Entry, HCAS: post.NoZone}
	return s
}

// The worked estimate of domain 6.2: £33,706 + about £3,570 + £4,847 + £169 is
// about £42,300 for twelve months.
func TestTheWorkedExample(t *testing.T) {
	w := Estimate(spell("2022-04-01", "2023-03-31", 1000), embedded(t), day("2024-01-01"))
	if w.Days != 365 || len(w.Lines) != 2 {
		t.Fatalf("%d days in %d lines", w.Days, len(w.Lines))
	}
	if w.Lines[0].To != day("2022-11-05") || w.Lines[0].Days != 219 || w.Lines[1].Days != 146 {
		t.Errorf("the rate change of November 2022 does not begin a line: %+v", w.Lines)
	}
	sums := map[string]int64{}
	for _, l := range w.Lines {
		for _, c := range l.Costs {
			sums[c.Part] += c.Pence
		}
	}
	if sums[Basic] != 3370600 || sums[Pension] != 484692 && sums[Pension] != 484693 || sums[Levy] != 16853 {
		t.Errorf("parts are %v", sums)
	}
	// (33,706 - 9,100) × (15.05% × 219 + 13.8% × 146) / 365, by hand: 2,221.92 + 1,358.25
	if sums[Insurance] != 222192+135825 {
		t.Errorf("insurance is %d", sums[Insurance])
	}
	if w.Pence < 4220000 || w.Pence > 4240000 {
		t.Errorf("the year comes to %d, not about £42,300", w.Pence)
	}
}

func TestEstimateTable(t *testing.T) {
	rates := embedded(t)
	inner := spell("2023-04-01", "2024-03-31", 800)
	inner.Pay.HCAS = post.Inner
	local := spell("2025-04-06", "2025-04-06", 1000)
	local.Pay = post.Pay{Kind: post.LocalPay, Pence: 3650000}
	early := spell("2020-03-30", "2020-04-02", 1000)
	bare := spell("2022-04-01", "2022-04-10", 1000)
	bare.Pay = post.Pay{}
	funded := spell("2023-03-20", "2023-04-20", 1000)
	funded.FundedUntil = day("2023-03-31")
	never := spell("2023-03-20", "2023-03-29", 1000)
	never.FundedUntil = day("2023-03-01")
	for _, c := range []struct {
		name                    string
		s                       placement.Spell
		until                   string
		lines, days, unknown    int
		unfunded, firstYearDays int
		basic, all              int64 // pence; -1 = not looked at
	}{
		{"a leap year has 366 days and one year's pay", spell("2023-04-01", "2024-03-31", 1000), "2030-01-01", 1, 366, 0, 0, 366, 3539200, -1},
		{"29 February counts one day", spell("2024-02-29", "2024-02-29", 1000), "2030-01-01", 1, 1, 0, 0, 366, 9670, -1}, // 35,392.00 / 366 = 96.699…
		{"share 0.8 with the inner London supplement", inner, "2030-01-01", 1, 366, 0, 0, 366, 2831360, -1},
		{"running: up to the day asked", spell("2022-04-01", "", 1000), "2022-04-10", 1, 10, 0, 0, 365, 92345, -1},
		{"not begun yet", spell("2022-04-11", "", 1000), "2022-04-10", 0, 0, 0, 0, 0, 0, 0},
		{"across a financial year", spell("2022-03-31", "2022-04-01", 1000), "2030-01-01", 2, 2, 0, 0, 365, 8851 + 9235, -1},
		{"local pay: one day of £36,500 is £100, and the same on-costs", local, "2030-01-01", 1, 1, 0, 0, 365, 10000, 10000 + 1295 + 1438 + 50},
		{"before any rate is known", early, "2030-01-01", 2, 2, 2, 0, 366, -1, -1},
		{"pay not stated", bare, "2030-01-01", 1, 0, 10, 0, 365, 0, 0},
		{"after the money ended", funded, "2030-01-01", 1, 12, 0, 20, 365, -1, -1},
		{"never funded", never, "2030-01-01", 0, 0, 0, 10, 0, 0, 0},
	} {
		w := Estimate(c.s, rates, day(c.until))
		var basic int64
		for _, l := range w.Lines {
			for _, p := range l.Costs {
				if p.Part == Basic {
					basic += p.Pence
				}
			}
		}
		if len(w.Lines) != c.lines || w.Days != c.days || w.UnknownDays != c.unknown || w.Unfunded != c.unfunded {
			t.Errorf("%s: %d lines, %d days, %d unknown, %d unfunded", c.name, len(w.Lines), w.Days, w.UnknownDays, w.Unfunded)
			continue
		}
		if len(w.Lines) > 0 && w.Lines[0].YearDays != c.firstYearDays {
			t.Errorf("%s: a year of %d days", c.name, w.Lines[0].YearDays)
		}
		if c.basic >= 0 && basic != c.basic || c.all >= 0 && w.Pence != c.all {
			t.Errorf("%s: basic %d, all %d", c.name, basic, w.Pence)
		}
	}
	w := Estimate(inner, rates, day("2030-01-01"))
	if c := w.Lines[0].Costs[1]; c.Part != HCAS || c.Pence != 566272 { // 20% of 28,313.60
		t.Errorf("supplement is %+v", c)
	}
}

func TestMarksTellTheLeastSurePart(t *testing.T) {
	rates := embedded(t)
	middle := spell("2023-05-01", "2023-05-31", 1000)
	middle.Pay.Point = post.Intermediate
	for _, c := range []struct {
		s    placement.Spell
		want rulebook.Mark
	}{{spell("2022-05-01", "2022-05-31", 1000), rulebook.Confirmed}, {spell("2023-05-01", "2023-05-31", 1000), rulebook.Recalled}, {middle, rulebook.SetByUs}} {
		l := Estimate(c.s, rates, day("2030-01-01")).Lines[0]
		if l.Costs[0].Mark != c.want || len(l.Marks()) == 0 || l.Marks()[len(l.Marks())-1] == rulebook.Confirmed {
			t.Errorf("%s: basic pay is marked %s, the line %v", c.s.From, l.Costs[0].Mark, l.Marks())
		}
	}
}

func drawSpell(t *rapid.T) placement.Spell {
	from := day("2020-01-01") + clock.Date(rapid.IntRange(0, 2600).Draw(t, "from"))
	s := spell("2022-04-01", "", rapid.IntRange(1, 1200).Draw(t, "share"))
	s.From, s.To = from, from.AddDays(rapid.IntRange(0, 900).Draw(t, "days"))
	s.Pay.Point = rapid.SampledFrom(post.Points()).Draw(t, "point")
	s.Pay.HCAS = rapid.SampledFrom(post.Zones()).Draw(t, "zone")
	if rapid.Bool().Draw(t, "local") {
		s.Pay = post.Pay{Kind: post.LocalPay, Pence: rapid.Int64Range(1, 20_000_000).Draw(t, "pence")}
	}
	return s
}

func TestDaysAndPenceAddUp(t *testing.T) {
	rates := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpell(t)
		w := Estimate(s, rates, day("2040-01-01"))
		next, sum := s.From, int64(0)
		for _, l := range w.Lines {
			if l.From != next || l.To < l.From || l.Days != l.From.DaysUntil(l.To)+1 {
				t.Fatalf("a gap or an overlap before %s", l.From)
			}
			next, sum = l.To.AddDays(1), sum+l.Pence
			for d, whole := l.From, int64(0); ; d = d.AddDays(1) { // single days add up to the line
				if d > l.To {
					if whole != l.Pence || l.Between(l.From, l.To) != l.Pence {
						t.Fatalf("the days of %s to %s come to %d, the line to %d", l.From, l.To, whole, l.Pence)
					}
					break
				}
				whole += l.Between(d, d)
			}
			cut := l.From.AddDays(rapid.IntRange(0, l.Days).Draw(t, "cut"))
			if l.Between(l.From, cut.AddDays(-1))+l.Between(cut, l.To) != l.Pence {
				t.Fatalf("cut at %s the line does not add up", cut)
			}
			for _, c := range l.Costs {
				if want := exact(c.Year, l.Days, l.YearDays); c.Pence != want || c.Pence < 0 {
					t.Fatalf("%s: %d pence, half up would be %d", c.Part, c.Pence, want)
				}
			}
		}
		if next != s.To.AddDays(1) || w.Days+w.UnknownDays != s.From.DaysUntil(s.To)+1 || sum != w.Pence {
			t.Fatalf("%d + %d days, %d pence of %d", w.Days, w.UnknownDays, w.Pence, sum)
		}
	})
}

// exact is the same rounding by rational numbers: an independent way.
func exact(year int64, days, yearDays int) int64 {
	r := new(big.Rat).Mul(big.NewRat(year, 1), big.NewRat(int64(days), int64(yearDays)))
	r.Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

// Money never meets a number that cannot hold it exactly.
func TestNoFloatAnywhere(t *testing.T) {
	set := token.NewFileSet()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if strings.HasPrefix(n.Name, "float") || strings.Contains(n.Name, "Float") {
					t.Errorf("%s: %s", set.Position(n.Pos()), n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					t.Errorf("%s: %s", set.Position(n.Pos()), n.Value)
				}
			case *ast.ImportSpec:
				if n.Path.Value == `"math"` {
					t.Errorf("%s imports math", e.Name())
				}
			}
			return true
		})
	}
}

func TestRatesAreReadStrictly(t *testing.T) {
	text, err := fs.ReadFile(rules.Funding, "funding/pay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for old, c := range map[string]struct{ with, want string }{
		"title: Estimated":              {"titel: Estimated", "titel"},
		"{rate: 50}":                    {"{rate: 50.5}", "50.5"},
		"{rate: 1438}":                  {"{rate: 1438, more: 1}", "the values must be"},
		"{inner: 2000, outer: 1500,":    {"{inner: 2000, outer: -1,", "outer"},
		"- from: 2025-04-06":            {"- from: 2022-11-06", "not after"},
		"- from: 2024-04-01":            {"- from: 2024-13-01", "2024-13-01"},
		"  - id: levy":                  {"  - id: tax", "the parts are"},
		"source: https://lasunison.com": {"source: http://lasunison.com", "https"},
		"says: 0.5% of pay.":            {"says: \"\"", "say where"},
		"marks: {above: set-by-us}":     {"marks: {above: sure}", "sure"},
		"mark: confirmed":               {"mark: stated", "stated"},
	} {
		if !strings.Contains(string(text), old) {
			t.Fatalf("the table has no %q", old)
		}
		bad := fstest.MapFS{"pay.yaml": {Data: []byte(strings.Replace(string(text), old, c.with, 1))}}
		if _, err := LoadRates(bad, "pay.yaml"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.with, err, c.want)
		}
	}
}
