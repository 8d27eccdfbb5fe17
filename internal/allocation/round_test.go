package allocation_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/allocation"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/post"
)

func day(s string) clock.Date { return clock.MustDate(s) }

func TestARoundsStateFollowsFromTheDayAndWhatWasRecorded(t *testing.T) {
	r := allocation.Round{Opens: day("2027-01-10"), Closes: day("2027-01-20"), Results: day("2027-01-30")}
	with := func(change func(*allocation.Round)) allocation.Round { c := r; change(&c); return c }
	for _, x := range []struct {
		round allocation.Round
		on    string
		want  allocation.RoundState
	}{
		{r, "2027-01-09", allocation.RoundDeclared}, {r, "2027-01-10", allocation.RoundOpen}, {r, "2027-01-20", allocation.RoundOpen}, {r, "2027-01-21", allocation.RoundClosed},
		{with(func(r *allocation.Round) { r.LastRun = "a" }), "2027-01-21", allocation.RoundTried},
		{with(func(r *allocation.Round) { r.LastRun, r.ProposedRun = "a", "a" }), "2027-01-21", allocation.RoundSigned},
		{with(func(r *allocation.Round) { r.ProposedRun, r.Published = "a", "a" }), "2027-01-25", allocation.RoundPublished},
		{with(func(r *allocation.Round) { r.CancelledOn = day("2027-01-15") }), "2027-01-21", allocation.RoundCancelled},
	} {
		if got := x.round.State(day(x.on)); got != x.want {
			t.Errorf("on %s: %s, want %s", x.on, got, x.want)
		}
		if who, what := x.round.NextStep(day(x.on)); who == "" || what == "" {
			t.Errorf("%s: nobody knows what is next", x.want)
		}
	}
	for on, want := range map[string]bool{"2027-01-20": false, "2027-01-21": true} {
		if r.Revealed(day(on)) != want {
			t.Errorf("the seed on %s: %v", on, !want)
		}
	}
}

func TestALimitSaysItsNumber(t *testing.T) {
	for want, l := range map[string]allocation.RoundLimit{
		"At most 1 doctor in London":                      {Kind: allocation.LimitRegion, Number: 1},
		"Nobody in London":                                {Kind: allocation.LimitRegion},
		"At most 2 doctors paid from London":              {Kind: allocation.LimitFunder, Number: 2},
		"At least 1 doctor in this kind of place: London": {Kind: allocation.LimitFloor, Number: 1},
	} {
		if got := l.Words("London"); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestADeclarationSaysEverythingThatIsWrong(t *testing.T) {
	err := allocation.Round{Way: "auction", Region: "Mars", Opens: day("2026-01-01"), Closes: day("2026-01-01"), Results: day("2025-01-01"),
		Rules: allocation.RoundRules{PriorityDays: 5, Limits: []allocation.RoundLimit{{Kind: "moon", Number: -1}}}}.Check(day("2026-11-22"))
	for _, f := range []string{"title", "way", "region", "opens", "closes", "results", "priority_source", "limit_number", "limit_source", "limit_of"} {
		if err == nil || !strings.Contains(err.Error(), f+": ") {
			t.Errorf("nothing about %s: %v", f, err)
		}
	}
}

func TestTheHardRulesSayEveryReasonAndNothingOfAHiddenPair(t *testing.T) {
	place := &allocation.RoundPost{ID: "p", Region: "Y56", Starts: day("2027-03-01"), ContractEnd: day("2027-12-31"), Requires: post.Requires{Surgery: 6}, Phase: "f", Room: false}
	doctor := allocation.RoundDoctor{Doctor: "d", Eligible: false, EligibleWhy: []allocation.Stop{{Code: "eligible", Staff: "s", Doctor: "d"}}, Paused: true, RightEnds: day("2027-02-01"),
		FreeFrom: day("2028-01-01"), Months: fact.Months{Medicine: 24, Surgery: 5, After: 24}}
	round := allocation.Round{Rules: allocation.RoundRules{Limits: []allocation.RoundLimit{{Kind: allocation.LimitRegion, Of: "Y56", Source: "us"}, {Kind: allocation.LimitFunder, Of: "f", Source: "us"}}}}
	codes := func(stops []allocation.Stop) (out []string) {
		for _, s := range stops {
			if s.Staff == "" || s.Doctor == "" {
				t.Errorf("%s has no words", s.Code)
			}
			out = append(out, s.Code)
		}
		return out
	}
	if got := codes(allocation.HardRules(doctor, place, round)); !slices.Equal(got, []string{"eligible", "paused", "right_to_work", "dates", "specialty", "supervision", "region_cap", "funder_cap"}) {
		t.Errorf("stops %v", got)
	}
	doctor.Private = map[string]bool{"p": true}
	if got := allocation.HardRules(doctor, place, round); len(got) != 1 || !got[0].Private() || got[0].ToHost() != got[0].Staff {
		t.Errorf("a pair that must not meet says more than that: %v", got)
	}
	if got := codes(allocation.HardRules(doctor, nil, round)); !slices.Equal(got, []string{"gone"}) {
		t.Errorf("a post that is not there: %v", got)
	}
	free := allocation.RoundDoctor{Doctor: "d", Eligible: true}
	if got := allocation.HardRules(free, &allocation.RoundPost{ID: "q", Region: "Y56", Room: true}, allocation.Round{Region: "Y56"}); len(got) != 0 {
		t.Errorf("a pair that may meet: %v", got)
	}
	if got := codes(allocation.HardRules(free, &allocation.RoundPost{ID: "q", Region: "Y60", Room: true}, allocation.Round{Region: "Y56"})); !slices.Equal(got, []string{"gone"}) {
		t.Errorf("a post of another region: %v", got)
	}
}

func entries(t *rapid.T) []allocation.WaitingEntry {
	var out []allocation.WaitingEntry
	for i := range rapid.IntRange(0, 30).Draw(t, "n") {
		e := allocation.WaitingEntry{Doctor: string(rune('a' + i)), Since: day("2026-01-01") + clock.Date(rapid.IntRange(0, 5).Draw(t, "since")), Priority: rapid.Bool().Draw(t, "priority")}
		if rapid.IntRange(0, 4).Draw(t, "moved") == 0 {
			e.Moved = e.Since + 3
		}
		out = append(out, e)
	}
	return out
}

func TestTheWaitingListHasOneOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := entries(t)
		first := allocation.OrderWaiting(list, "lot")
		shuffled := rapid.Permutation(list).Draw(t, "shuffled")
		if !slices.Equal(first, allocation.OrderWaiting(shuffled, "lot")) {
			t.Fatal("the order of the rows matters")
		}
		for i := 1; i < len(first); i++ {
			a, b := first[i-1], first[i]
			if b.Priority && !a.Priority || a.Priority == b.Priority && max(a.Since, a.Moved) > max(b.Since, b.Moved) {
				t.Fatalf("%+v before %+v", a, b)
			}
		}
		for _, ev := range allocation.Changes(first, first, day("2026-11-22")) {
			t.Fatalf("nothing changed, and yet %+v", ev)
		}
	})
}

func TestOneRefusalKeepsThePlace(t *testing.T) {
	e := allocation.WaitingEntry{Doctor: "d", Since: day("2026-01-01")}
	once := e.Refuse(day("2026-06-01"))
	if once.Moved != 0 || once.Refused != 1 || !strings.Contains(strings.Join(once.Reasons(day("2026-07-01")), " "), "kept your place") {
		t.Errorf("after one refusal: %+v", once)
	}
	twice := once.Refuse(day("2026-08-01"))
	if twice.Moved != day("2026-08-01") || !strings.Contains(strings.Join(twice.Reasons(day("2026-09-01")), " "), "1 August 2026") {
		t.Errorf("after two: %+v", twice)
	}
	now := allocation.OrderWaiting([]allocation.WaitingEntry{twice}, "x")
	ev := allocation.Changes([]allocation.WaitingEntry{{Doctor: "d", Since: e.Since, Refused: 1, Place: 1}}, now, day("2026-09-01"))
	if len(ev) != 1 || ev[0].Kind != allocation.WaitBehind {
		t.Errorf("it is not said: %+v", ev)
	}
}

func TestBands(t *testing.T) {
	for place, want := range map[int]string{1: "Among the first 10", 10: "Among the first 10", 11: "Between 11 and 25", 200: "Between 101 and 200", 5000: "After the first 3200"} {
		if got := allocation.BandWords(place); got != want {
			t.Errorf("%d: %s", place, got)
		}
	}
}

func TestSmallGroupsAreNotShown(t *testing.T) {
	var fates []allocation.Fate
	add := func(n int, age string, placed bool) {
		for range n {
			fates = append(fates, allocation.Fate{Groups: allocation.Groups{Age: age}, Placed: placed, Choice: 1, Miles: 3, Setting: allocation.Hospital})
		}
	}
	add(20, "30 to 39", true)
	add(12, "40 to 49", true)
	add(3, "50 and over", true)
	f := allocation.FairnessOf(fates, 5)
	for _, b := range f.Breakdowns {
		switch b.Title {
		case "Age":
			var hidden []string
			for _, r := range b.Rows {
				if r.Hidden {
					hidden = append(hidden, r.Group)
					if r.Doctors != 0 || r.Placed != 0 {
						t.Errorf("%s is hidden and yet there: %+v", r.Group, r)
					}
				}
			}
			if !slices.Equal(hidden, []string{"40 to 49", "50 and over"}) {
				t.Errorf("hidden %v: one alone could be worked out from the total", hidden)
			}
		case "Sex":
			if b.Recorded {
				t.Error("sex is not recorded, and the page does not say so")
			}
		}
	}
	if got := allocation.ShareOf(18, 20, 5); got != "Too few to show" {
		t.Errorf("2 of 20 are left: %s", got)
	}
	if got := allocation.ShareOf(10, 20, 5); got != "50%" {
		t.Errorf("half is %s", got)
	}
}

func TestShiftsSayWhoChangedAndWhy(t *testing.T) {
	there := map[string]bool{"p": true, "q": true}
	shift := func(before, now allocation.Reading, there map[string]bool) string {
		t.Helper()
		got := allocation.Shifts([]allocation.Reading{before}, []allocation.Reading{now}, there)
		if len(got) != 1 || got[0].From != before.Post || got[0].To != now.Post {
			t.Fatalf("%+v", got)
		}
		return got[0].Why
	}
	stop := func(code string) []allocation.Stop {
		return []allocation.Stop{{Code: code, Staff: "To staff " + code, Doctor: "To them " + code}}
	}
	one := allocation.Reading{Doctor: "a", Post: "p", Choices: []allocation.ReadChoice{{Post: "p", Got: true}, {Post: "q"}}}
	with := func(choices ...allocation.ReadChoice) allocation.Reading {
		return allocation.Reading{Doctor: "a", Post: "q", Choices: append(choices, allocation.ReadChoice{Post: "q", Got: true})}
	}
	if why := shift(one, with(allocation.ReadChoice{Post: "p", Stops: stop("supervision")}), there); !strings.Contains(why, "To them supervision") {
		t.Error(why)
	}
	if why := shift(one, with(allocation.ReadChoice{Post: "p"}), map[string]bool{"q": true}); !strings.Contains(why, "not in the round any more") {
		t.Error(why)
	}
	if why := shift(one, with(allocation.ReadChoice{Post: "p"}), there); !strings.Contains(why, "Another doctor's list") {
		t.Error(why)
	}
	if why := shift(allocation.Reading{Doctor: "a"}, with(), there); !strings.Contains(why, "can be given changed") {
		t.Error(why)
	}
	// Hiding, own limits and a kind of post that does not reach it any more are one.
	private := shift(one, with(), there)
	for _, code := range []string{"gone", "own_travel", "own_protected", "own_not_acceptable"} {
		if why := shift(one, with(allocation.ReadChoice{Post: "p", Stops: stop(code)}), there); why != private || strings.Contains(why, "To ") {
			t.Errorf("%s: %q, not %q", code, why, private)
		}
	}
	if got := allocation.Shifts([]allocation.Reading{one}, []allocation.Reading{one}, there); len(got) != 0 {
		t.Errorf("nothing changed: %+v", got)
	}
	if got := allocation.Shifts([]allocation.Reading{one}, nil, there); len(got) != 1 || got[0].To != "" {
		t.Errorf("gone: %+v", got)
	}
}

// Two groups of one would together be two people: the total would tell of them.
// A share that is hidden alone would follow from the others.
func TestWhatIsHiddenCannotBeWorkedOutFromTheTotals(t *testing.T) {
	var fates []allocation.Fate
	add := func(n, placed int, sex string) {
		for i := range n {
			fates = append(fates, allocation.Fate{Groups: allocation.Groups{Sex: sex}, Placed: i < placed, Choice: 1, Miles: 3, Setting: allocation.Hospital})
		}
	}
	rows := func() map[string]allocation.Fair {
		out := map[string]allocation.Fair{}
		for _, b := range allocation.FairnessOf(fates, 5).Breakdowns {
			if b.Title == "Sex" {
				for _, r := range b.Rows {
					out[r.Group] = r
				}
			}
		}
		return out
	}
	add(1, 1, "A")
	add(1, 1, "B")
	add(9, 9, "C")
	add(30, 15, "D")
	if got := rows(); !got["A"].Hidden || !got["B"].Hidden || !got["C"].Hidden || got["D"].Hidden {
		t.Errorf("two groups of one are worked out from the total: %+v", got)
	}
	fates = nil
	add(20, 2, "A")
	add(20, 10, "B")
	add(30, 15, "C")
	got := rows()
	if a, b, c := got["A"].Shares(), got["B"].Shares(), got["C"].Shares(); a[0] != "Too few to show" || b[0] != "Too few to show" || c[0] != "50%" {
		t.Errorf("2 of 20 are worked out from the total: %v %v %v", a, b, c)
	}
	if rank, _ := got["A"].Means(); rank != "Too few to show" {
		t.Errorf("the mean of two is shown: %s", rank)
	}
}
