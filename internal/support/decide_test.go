package support

import (
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
)

func checkIn(id string, answers ...Answer) CheckIn {
	c := CheckIn{ID: id, Answers: map[string]Answer{}}
	for i, a := range answers {
		c.Answers[Areas()[i].Value] = a
	}
	return c
}

func TestWarn(t *testing.T) {
	today := clock.MustDate("2026-11-22")
	limits := Limits{HardInARow: 2, Fails: 2}
	for _, c := range []struct {
		name string
		plan Plan
		w    Watched
		want int
	}{
		{"once is not a row", Plan{Answers: true}, Watched{CheckIns: []CheckIn{checkIn("1", Hard)}}, 0},
		{"twice is", Plan{Answers: true}, Watched{CheckIns: []CheckIn{checkIn("2", VeryHard), checkIn("1", Hard)}}, 1},
		{"a good answer breaks it", Plan{Answers: true}, Watched{CheckIns: []CheckIn{checkIn("3", Hard), checkIn("2", Well), checkIn("1", Hard)}}, 0},
		{"an answer left out does not", Plan{Answers: true}, Watched{CheckIns: []CheckIn{checkIn("3", Hard), checkIn("2"), checkIn("1", Hard)}}, 1},
		{"two areas are two patterns", Plan{Answers: true}, Watched{CheckIns: []CheckIn{checkIn("2", Hard, Hard), checkIn("1", Hard, VeryHard)}}, 2},
		{"answers are not watched", Plan{Exams: true}, Watched{CheckIns: []CheckIn{checkIn("2", Hard), checkIn("1", Hard)}}, 0},
		{"one exam", Plan{Exams: true}, Watched{Fails: []clock.Date{today.AddDays(-10)}}, 0},
		{"two exams in a year", Plan{Exams: true}, Watched{Fails: []clock.Date{today.AddDays(-10), today.AddDays(-300)}}, 1},
		{"one of them long ago", Plan{Exams: true}, Watched{Fails: []clock.Date{today.AddDays(-10), today.AddDays(-400)}}, 0},
		{"exams are not watched", Plan{Answers: true}, Watched{Fails: []clock.Date{today, today}}, 0},
	} {
		c.w.Today = today
		if got := Warn(c.plan, c.w, limits); len(got) != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// What a doctor has not switched on never makes a difference.
func TestNothingIsWatchedThatIsNotSwitchedOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Watched{Today: clock.MustDate("2026-11-22")}
		for range rapid.IntRange(0, 6).Draw(t, "check-ins") {
			w.CheckIns = append(w.CheckIns, checkIn("x", Answer(rapid.IntRange(0, 4).Draw(t, "a")), Answer(rapid.IntRange(0, 4).Draw(t, "b"))))
		}
		for range rapid.IntRange(0, 4).Draw(t, "fails") {
			w.Fails = append(w.Fails, w.Today.AddDays(-rapid.IntRange(0, 500).Draw(t, "day")))
		}
		plan := Plan{Answers: rapid.Bool().Draw(t, "answers"), Exams: rapid.Bool().Draw(t, "exams")}
		limits := Limits{HardInARow: rapid.IntRange(1, 4).Draw(t, "row"), Fails: rapid.IntRange(1, 4).Draw(t, "least")}
		seen := w
		if !plan.Answers {
			seen.CheckIns = nil
		}
		if !plan.Exams {
			seen.Fails = nil
		}
		if a, b := len(Warn(plan, w, limits)), len(Warn(plan, seen, limits)); a != b {
			t.Fatalf("%d patterns, and %d from only what is switched on", a, b)
		}
	})
}

func TestSuggest(t *testing.T) {
	wish := Wish{Languages: []string{"Arabic", "English"}, Area: "Paediatrics", Ways: []string{"phone"}}
	got := Suggest("me", wish, []Offer{
		{Doctor: "me", Offered: true, Places: 2, Languages: []string{"Arabic"}, Ways: []string{"phone"}},
		{Doctor: "full", Offered: true, Places: 1, Taken: 1, Languages: []string{"Arabic"}, Ways: []string{"phone"}},
		{Doctor: "rests", Places: 2, Languages: []string{"Arabic"}, Ways: []string{"phone"}},
		{Doctor: "no language", Offered: true, Places: 2, Languages: []string{"Burmese"}, Ways: []string{"phone"}},
		{Doctor: "no way", Offered: true, Places: 2, Languages: []string{"Arabic"}, Ways: []string{"person"}},
		{Doctor: "one language", Offered: true, Places: 2, Languages: []string{"ARABIC "}, Ways: []string{"phone"}},
		{Doctor: "same area", Offered: true, Places: 1, Languages: []string{"english"}, Area: "paediatrics", Ways: []string{"phone"}},
	})
	if len(got) != 2 || got[0].Mentor != "same area" || got[1].Mentor != "one language" {
		t.Errorf("suggested %+v", got)
	}
}

func TestListed(t *testing.T) {
	if got := Listed(" English,  arabic;\nEnglish , "); len(got) != 2 || got[1] != "arabic" {
		t.Errorf("%q", got)
	}
}
