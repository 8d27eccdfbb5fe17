package post

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/fact"
)

var today = clock.MustDate("2022-08-01")

func readyPost() (Post, Surroundings) {
	p := Post{ID: "P", Status: Approved, Details: Details{Setting: Hospital, Employer: "RX1", Host: "RX1A", Specialty: "Medicine", MinutesWeek: 2250,
		Pay: Pay{Kind: AgendaForChange, Point: Entry, HCAS: NoZone}, StartFrom: clock.MustDate("2022-09-01"),
		ContractEnd: clock.MustDate("2023-08-31"), Indemnity: TrustScheme, Clinical: "sup"}}
	return p, Surroundings{Today: today, Employer: Place{ID: "RX1", Found: true, England: true}, Host: Place{ID: "RX1A", Found: true, England: true},
		Clinical: &Supervisor{Account: "sup", Capacity: 2, Holding: 1}}
}

func TestStopsAreShownAllAtOnce(t *testing.T) {
	p, around := readyPost()
	if stops := Stops(p, around); len(stops) != 0 {
		t.Fatalf("a complete post is stopped: %v", stops)
	}
	cases := map[string]struct {
		change func(*Post, *Surroundings)
		want   []string
	}{
		"draft":            {func(p *Post, _ *Surroundings) { p.Status = Draft }, []string{"not_approved"}},
		"nobody named":     {func(p *Post, _ *Surroundings) { p.Clinical = "" }, []string{"no_supervisor"}},
		"unknown":          {func(_ *Post, s *Surroundings) { s.Clinical = nil }, []string{"no_supervisor"}},
		"full":             {func(_ *Post, s *Surroundings) { s.Clinical.Holding = 2 }, []string{"no_room"}},
		"over full":        {func(_ *Post, s *Surroundings) { s.Clinical.Holding = 9 }, []string{"no_room"}},
		"closed today":     {func(_ *Post, s *Surroundings) { s.Employer.Closed = today }, []string{"employer_closed"}},
		"closes later":     {func(_ *Post, s *Surroundings) { s.Employer.Closed = today.AddDays(1) }, nil},
		"host in Wales":    {func(_ *Post, s *Surroundings) { s.Host.England = false }, []string{"host_not_in_england"}},
		"no pay":           {func(p *Post, _ *Surroundings) { p.Pay = Pay{} }, []string{"no_pay"}},
		"half a pay":       {func(p *Post, _ *Surroundings) { p.Pay.HCAS = "" }, []string{"no_pay"}},
		"local, no amount": {func(p *Post, _ *Surroundings) { p.Pay = Pay{Kind: LocalPay} }, []string{"no_pay"}},
		"no indemnity":     {func(p *Post, _ *Surroundings) { p.Indemnity = "" }, []string{"no_indemnity"}},
		"contract over":    {func(p *Post, _ *Surroundings) { p.ContractEnd = today - 1 }, []string{"contract_over"}},
		"everything": {func(p *Post, s *Surroundings) {
			p.Clinical, p.Pay, p.Indemnity = "", Pay{}, ""
			s.Employer.England, s.Host.Closed = false, today
		}, []string{"employer_not_in_england", "host_closed", "no_supervisor", "no_pay", "no_indemnity"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, around := readyPost()
			c.change(&p, &around)
			var got []string
			for _, stop := range Stops(p, around) {
				got = append(got, stop.Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Adding what was missing never adds a reason, and every stop has words.
func TestCompletingAPostNeverMakesItWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, around := readyPost()
		full := p
		p.Status = rapid.SampledFrom(Statuses()).Draw(t, "status")
		full.Status = p.Status
		if rapid.Bool().Draw(t, "no pay") {
			p.Pay = Pay{}
		}
		if rapid.Bool().Draw(t, "no indemnity") {
			p.Indemnity = ""
		}
		if rapid.Bool().Draw(t, "no supervisor") {
			p.Clinical = ""
		}
		if rapid.Bool().Draw(t, "closed") {
			around.Employer.Closed = today
		}
		some, fewer := Stops(p, around), Stops(full, around)
		if len(fewer) > len(some) {
			t.Fatalf("completing added reasons: %v to %v", some, fewer)
		}
		for _, stop := range some {
			if stop.Text == "" || stop.Code == "" {
				t.Fatalf("a stop without words: %+v", stop)
			}
		}
		if p.Status != Approved && len(some) == 0 {
			t.Fatalf("a post that is %s could be opened", p.Status)
		}
	})
}

func TestWholeTime(t *testing.T) {
	for minutes, want := range map[int]int{2250: 1000, 1125: 500, 1800: 800, 1: 0, 2249: 1000, 750: 333} {
		if got := WholeTime(minutes, FullTimeWeek); got != want {
			t.Errorf("WholeTime(%d) = %d, want %d", minutes, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(0, 2249).Draw(t, "minutes")
		if WholeTime(m, FullTimeWeek) > WholeTime(m+1, FullTimeWeek) {
			t.Fatal("more minutes, smaller share")
		}
	})
}

func TestWords(t *testing.T) {
	for pence, want := range map[int64]string{0: "£0", 5: "£0.05", 3370600: "£33,706", 123456789: "£1,234,567.89", -100: "-£1"} {
		if got := Pounds(pence); got != want {
			t.Errorf("Pounds(%d) = %s, want %s", pence, got, want)
		}
	}
	for minutes, want := range map[int]string{2250: "37.5 hours a week", 1200: "20 hours a week", 1215: "20.25 hours a week"} {
		if got := Hours(minutes); got != want {
			t.Errorf("Hours(%d) = %s, want %s", minutes, got, want)
		}
	}
	for text, want := range map[string]int{"37.5": 2250, "37:30": 2250, "20": 1200} {
		if got, err := MinutesOf(text); err != nil || got != want {
			t.Errorf("MinutesOf(%s) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "-3", "NaN", "1e9", "37:75"} {
		if got, err := MinutesOf(text); err == nil {
			t.Errorf("MinutesOf(%q) = %d without an error", text, got)
		}
	}
}

func TestNextNeverSkipsApproval(t *testing.T) {
	for _, from := range Statuses() {
		for _, to := range Statuses() {
			want := from == Draft && to == Approved || from == Approved && to == Open || to == Closed && (from == Draft || from == Approved || from == Open)
			if Next(from, to) != want {
				t.Errorf("Next(%s, %s) = %v", from, to, !want)
			}
		}
	}
}

func TestWhatAPostAsksForIsComparedWithWhatIsRecorded(t *testing.T) {
	r := Requires{Medicine: 12, Surgery: 1, After: 24}
	if got := r.Lacks(fact.Months{Medicine: 12, Surgery: 1, After: 24}); len(got) != 0 {
		t.Errorf("enough is not enough: %v", got)
	}
	got := r.Lacks(fact.Months{Medicine: 11, After: 23})
	if len(got) != 3 || got[0].Staff != "The post needs at least 12 months in medicine, and 11 months are recorded." ||
		!strings.Contains(got[1].Doctor, "at least 1 month in surgery, and your application shows 0 months") {
		t.Errorf("what is missing: %q", got)
	}
	if got := (Requires{}).Lacks(fact.Months{}); got != nil {
		t.Errorf("nothing is asked for, and %v is missing", got)
	}
	if got := r.Lines(); len(got) != 3 || got[0] != "At least 12 months in medicine" {
		t.Errorf("as lines: %q", got)
	}
}
