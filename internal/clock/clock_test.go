package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDatePrintsWhatItRead(t *testing.T) {
	for _, s := range []string{"", "0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2026-11-22", "9999-12-31"} {
		if got := MustDate(s).String(); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	}
	for _, s := range []string{"2023-02-29", "22/11/2026", "2026-1-1", "nonsense", "0000-01-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q was read as %s", s, d)
		}
	}
}

func TestAddMonthsEndsOnTheMonthsLastDayWhereItMust(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2024-02-29", 24, "2026-02-28"}, {"2024-02-29", 48, "2028-02-29"}, {"2023-08-31", 1, "2023-09-30"},
		{"2023-03-31", 24, "2025-03-31"}, {"2023-01-31", -2, "2022-11-30"}, {"2023-12-05", 1, "2024-01-05"},
	} {
		if got := AddMonths(MustDate(c.from), c.n).String(); got != c.want {
			t.Errorf("%s plus %d months: %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDateArithmeticAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(1, 3_000_000).Draw(t, "d"))
		if MakeDate(d.Year(), d.Month(), d.Day()) != d {
			t.Fatalf("%s does not survive being taken apart", d)
		}
		if d.AddDays(1).Time().Sub(d.Time()) != 24*time.Hour {
			t.Fatalf("the day after %s is not 24 hours on", d)
		}
		if AddMonths(d, 1) <= d {
			t.Fatalf("a month after %s is not later", d)
		}
	})
}

func TestAddMonthsAgreesWithTheStandardLibrary(t *testing.T) {
	for d := Date(1); d < 1_000_000; d += 7 {
		for _, n := range []int{-36, -1, 0, 1, 3, 24} {
			if got, want := AddMonths(d, n), addMonthsByTime(d, n); got != want {
				t.Fatalf("%s plus %d months: %s, want %s", d, n, got, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(-5000, 3_000_000).Draw(t, "d"))
		n := rapid.IntRange(-30_000, 3_000_000).Draw(t, "n")
		if n > 60_000 && d > 2_000_000 {
			n %= 60_000 // the sum stays within what a date can hold
		}
		n %= 500_000
		if got, want := AddMonths(d, n), addMonthsByTime(d, n); d != 0 && got != want {
			t.Fatalf("%d plus %d months: %d, want %d", d, n, got, want)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"2024-02-29", "2026-11-22", "0001-01-01", "9999-12-31", "2023-02-29", "1900-2-1", "", "2024-13-01", "-001-01-01"} {
		f.Add(seed, 24)
	}
	f.Fuzz(func(t *testing.T, text string, n int) {
		d, err := ParseDate(text)
		if err != nil {
			return
		}
		if d.String() != text {
			t.Fatalf("%q is read as %q", text, d)
		}
		n %= 50_000
		end := AddMonths(d, n)
		if end != 0 && d != 0 && end != addMonthsByTime(d, n) {
			t.Fatalf("%s plus %d months: %d, want %d", d, n, end, addMonthsByTime(d, n))
		}
		if n > 0 && d != 0 && end <= d {
			t.Fatalf("%s plus %d months is not later: %s", d, n, end)
		}
		if again, err := ParseDate(end.String()); end >= 1 && end < 3_652_060 && (err != nil || again != end) {
			t.Fatalf("%s does not read back: %v", end, err)
		}
	})
}

func TestInstantTextOrderIsTimeOrder(t *testing.T) {
	a := At(time.Date(2026, 3, 28, 23, 59, 59, 999_999_999, time.UTC))
	b := a.Add(time.Microsecond)
	if !(a.String() < b.String()) || len(a.String()) != len(b.String()) {
		t.Fatalf("%s and %s do not sort as text", a, b)
	}
	if got := At(time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)).Local().String(); got != "2026-07-01" {
		t.Fatalf("half past midnight in London in summer is on %s", got)
	}
}

func TestAddWorkingDaysSkipsWeekendsAndHolidays(t *testing.T) {
	christmas := map[Date]bool{MustDate("2026-12-25"): true, MustDate("2026-12-28"): true}
	if got := AddWorkingDays(MustDate("2026-12-24"), 1, christmas).String(); got != "2026-12-29" {
		t.Fatalf("the working day after 24 December 2026 is %s", got)
	}
}

func TestHowLong(t *testing.T) {
	for days, want := range map[int]string{0: "0 days", 1: "1 day", 99: "99 days", 100: "3 months", 365: "12 months", 729: "23 months", 730: "2 years", 800: "2 years 2 months", 2111: "5 years 9 months"} {
		if got := HowLong(days); got != want {
			t.Errorf("%d days: %s, want %s", days, got, want)
		}
	}
}

func TestATimeOfDayStaysWhenTheClocksChange(t *testing.T) {
	for day, utc := range map[string]string{"2026-10-24": "13:30", "2026-10-25": "14:30", "2026-10-31": "14:30", "2027-03-28": "13:30"} {
		got := OnDay(MustDate(day), 14*60+30)
		if got.LocalTime() != "2:30pm" || got.Local().String() != day || got.Time().Format("15:04") != utc {
			t.Errorf("%s: %s, %s in London", day, got, got.LocalTime())
		}
	}
}
