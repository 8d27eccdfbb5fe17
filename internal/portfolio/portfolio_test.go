package portfolio

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/rules"
)

func frameworks(t testing.TB) *Frameworks {
	t.Helper()
	fw, err := LoadFrameworks(rules.Portfolio)
	if err != nil {
		t.Fatal(err)
	}
	return fw
}

func TestFrameworksAreThoseOfTheSources(t *testing.T) {
	fw := frameworks(t)
	for code, want := range map[string]int{"ukfp/2021": 13, "crest/2024": 7, "gmp/2013": 4, "gmp/2024": 4} {
		f, ok := fw.Find(code)
		if !ok || len(f.Headings) != want {
			t.Errorf("%s has %d headings, want %d", code, len(f.Headings), want)
		}
	}
	crest, _ := fw.Find("crest/2024")
	if !crest.Every || crest.SignatoryMonths != 3 || crest.WithinMonths != 42 {
		t.Errorf("CREST asks for %v, %d months, within %d", crest.Every, crest.SignatoryMonths, crest.WithinMonths)
	}
	old, _ := fw.Find("gmp/2013")
	young, _ := fw.Find("gmp/2024")
	for day, want := range map[string][2]bool{"2024-01-29": {true, false}, "2024-01-30": {false, true}} {
		on := clock.MustDate(day)
		if old.InForce(on) != want[0] || young.InForce(on) != want[1] {
			t.Errorf("on %s: 2013 %v, 2024 %v", day, old.InForce(on), young.InForce(on))
		}
	}
	if known, unknown := fw.Known([]string{"ukfp/2021/fpc1", "ukfp/2021/fpc1", "ukfp/2016/fpc1", "x"}); len(known) != 1 || len(unknown) != 2 {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
}

func TestWhatIsMissingForCREST(t *testing.T) {
	fw := frameworks(t)
	crest, _ := fw.Find("crest/2024")
	today := clock.MustDate("2026-10-30")
	all := func(on clock.Date, state State, role string) (out []Mark) {
		for _, h := range crest.Headings {
			out = append(out, Mark{Shows: fw.Numbers(h.Tag), On: on, State: state, Role: role})
		}
		return out
	}
	long := []Time{{From: today - 200, Share: 1000, MSW: true, With: "a"}}
	for name, c := range map[string]struct {
		marks   []Mark
		times   []Time
		covered int
		sure    int // things that surely stand in the way
		says    string
	}{
		"all there":               {all(today-30, Vouched, "consultant"), long, 7, 0, "Ask the recruitment office"},
		"nothing":                 {nil, nil, 0, 3, "7 are missing"},
		"only drafts":             {all(today-30, Draft, ""), long, 0, 2, ""},
		"not vouched for":         {all(today-30, Signed, "consultant"), long, 0, 2, ""},
		"too long ago":            {all(clock.AddMonths(today, -42)-1, Vouched, "consultant"), long, 0, 2, ""},
		"on the first day":        {all(clock.AddMonths(today, -42), Vouched, "gp"), long, 7, 0, ""},
		"in the future":           {all(today+1, Vouched, "consultant"), long, 0, 2, ""},
		"own word alone":          {append(all(today-30, Vouched, "consultant")[:6], all(today-30, Kept, "")[6]), long, 7, 1, "1 rests on your own word"},
		"many, none by name":      {all(today-30, Kept, rolesOfMany), long, 7, 1, "signatory"},
		"nobody senior":           {all(today-30, Vouched, "nurse"), long, 7, 1, "signatory"},
		"two halves are no whole": {all(today-30, Vouched, "consultant"), []Time{{From: today - 120, To: today - 61, Share: 1000, With: "a"}, {From: today - 60, Share: 1000, With: "b"}}, 7, 1, "3 months"},
		"a break":                 {all(today-30, Vouched, "consultant"), []Time{{From: today - 120, To: today - 62, Share: 1000, With: "a"}, {From: today - 60, Share: 1000, With: "a"}}, 7, 1, "without a break"},
		"no break":                {all(today-30, Vouched, "consultant"), []Time{{From: today - 120, To: today - 61, Share: 1000, With: "a"}, {From: today - 60, Share: 1000, With: "a"}}, 7, 0, ""},
		"half time":               {all(today-30, Vouched, "consultant"), []Time{{From: today - 120, Share: 500, With: "a"}}, 7, 1, "full time"},
	} {
		got := Picture(crest, c.marks, c.times, today)
		sure, words := 0, ""
		for _, m := range got.Missing {
			if m.Sure {
				sure++
			}
			words += m.Text + " "
		}
		if got.Covered != c.covered || sure != c.sure || !strings.Contains(words, c.says) {
			t.Errorf("%s: %d headings, %d in the way: %s", name, got.Covered, sure, words)
		}
	}
}

// More evidence never makes the picture worse, and time counted twice is counted
// once.
func TestCoverageOnlyGrows(t *testing.T) {
	fw := frameworks(t)
	today := clock.MustDate("2026-10-30")
	states := []State{Draft, Asked, Signed, Vouched, Declined, Refused, Kept}
	rapid.Check(t, func(r *rapid.T) {
		f := fw.List[rapid.IntRange(0, len(fw.List)-1).Draw(r, "framework")]
		mark := rapid.Custom(func(r *rapid.T) Mark {
			return Mark{Shows: fw.Numbers(f.Headings[rapid.IntRange(0, len(f.Headings)-1).Draw(r, "heading")].Tag), On: today - clock.Date(rapid.IntRange(-10, 2000).Draw(r, "ago")),
				State: rapid.SampledFrom(states).Draw(r, "state"), Role: rapid.SampledFrom([]string{"", "consultant", "nurse"}).Draw(r, "role")}
		})
		marks := rapid.SliceOf(mark).Draw(r, "marks")
		times := rapid.SliceOf(rapid.Custom(func(r *rapid.T) Time {
			from := today - clock.Date(rapid.IntRange(0, 900).Draw(r, "from"))
			return Time{From: from, To: from + clock.Date(rapid.IntRange(0, 300).Draw(r, "days")), Share: rapid.IntRange(0, 1000).Draw(r, "share"), With: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "with")}
		})).Draw(r, "times")
		before := Picture(f, marks, times, today)
		after := Picture(f, append(marks, mark.Draw(r, "more")), times, today)
		if after.Covered < before.Covered {
			r.Fatalf("%d headings, then %d", before.Covered, after.Covered)
		}
		twice := Picture(f, marks, append(times, times...), today)
		if twice.Longest != before.Longest {
			r.Fatalf("%d days, and %d when told twice", before.Longest, twice.Longest)
		}
		for _, s := range before.Shown {
			if s.Latest > today {
				r.Fatalf("%s is shown on %s, which is not yet", s.Heading.ID, s.Latest)
			}
		}
	})
}

func TestIdentifiers(t *testing.T) {
	for text, want := range map[string]string{
		"NHS number 943 476 5919 was on the form": "943 476 5919",
		"(9434765919)":                              "9434765919",
		"943 476 5918":                              "", // the check digit is wrong
		"The theatre line is 020 7946 0958":         "",
		"DOB 12/03/1961, came with chest pain":      "12/03/1961",
		"born on 3rd March 1961":                    "3rd March 1961",
		"Mrs Okafor told me that she was afraid":    "Okafor",
		"the patient, Amina Yusuf, said":            "Amina Yusuf",
		"Hospital number: AB1234567":                "AB1234567",
		"lives at SW1A 1AA":                         "SW1A 1AA",
		"A woman of 80 came with a broken hip.":     "",
		"I saw 12 patients on 3 March 2026":         "",
		"Blood pressure was 120/80 and pulse 1234":  "",
		"two: 9434765919 9434765919 and 4010232137": "4010232137",
	} {
		found := Identifiers(text)
		if want == "" && len(found) > 0 {
			t.Errorf("%q: found %v", text, found)
		}
		if want != "" && (len(found) == 0 || found[len(found)-1].Text != want) {
			t.Errorf("%q: found %v, want %q", text, found, want)
		}
	}
}

func TestEveryNHSNumberIsFound(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{10}`).Draw(r, "digits")
		text := rapid.SampledFrom([]string{"", "x ", "(", "no."}).Draw(r, "before") + digits + rapid.SampledFrom([]string{"", " y", ")", "."}).Draw(r, "after")
		found := false
		for _, f := range Identifiers(text) {
			found = found || f.What == "An NHS number" && f.Text == digits
		}
		if found != NHSNumber(digits) {
			r.Fatalf("%q: found %v", text, found)
		}
	})
}

func TestGMCNumbersAreText(t *testing.T) {
	for typed, want := range map[string]string{"1234567": "1234567", "0123456": "0123456", "C1234567": "1234567", " 123 4567 ": "1234567", "123456": "", "12345678": "", "abcdefg": "", "": "", "0000000": ""} {
		if got, ok := GMCNumber(typed); got != want || ok != (want != "") {
			t.Errorf("%q is %q (%v)", typed, got, ok)
		}
	}
}

func TestAddressesOfOnePersonAreOne(t *testing.T) {
	for typed, want := range map[string]string{"Amina.Yusuf+work@NHS.net ": "amina.yusuf@nhs.net", "07700 900982": "+447700900982", "+44 7700 900-982": "+447700900982", "0044 7700 900982": "+447700900982"} {
		if got := plainAddress(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}

func TestRolesAndStates(t *testing.T) {
	if NeedsGMC("nurse") || !NeedsGMC("consultant") || Senior("registrar") || !Senior("gp") {
		t.Error("roles are not what they were")
	}
	for state, counts := range map[State]bool{Draft: false, Asked: false, Signed: false, Vouched: true, Declined: false, Refused: false, Kept: true} {
		if state.Counts() != counts || state.Words() == "" {
			t.Errorf("%s counts: %v (%s)", state, state.Counts(), state.Words())
		}
	}
}

// B: 100,000 portfolios of 60 items, and the picture of each.
func BenchmarkCoverageOf100000Portfolios(b *testing.B) {
	fw := frameworks(b)
	today := clock.MustDate("2026-10-30")
	ukfp, _ := fw.Find("ukfp/2021")
	crest, _ := fw.Find("crest/2024")
	const different = 200
	portfolios := make([][]Mark, different)
	for i := range portfolios {
		for j := range 60 {
			portfolios[i] = append(portfolios[i], Mark{Shows: fw.Numbers(ukfp.Headings[(i+j)%13].Tag, crest.Headings[j%7].Tag), On: today - clock.Date(i+j*9), State: []State{Vouched, Kept, Signed, Draft}[(i+j)%4], Role: []string{"consultant", "nurse", ""}[j%3]})
		}
	}
	times := []Time{{From: today - 200, Share: 1000, MSW: true, With: "a"}}
	for b.Loop() {
		start := time.Now()
		for i := range 100_000 {
			Picture(ukfp, portfolios[i%different], times, today)
			Picture(crest, portfolios[i%different], times, today)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/100000")
	}
}
