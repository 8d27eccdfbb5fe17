package outcome

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
)

var start = clock.MustDate("2020-12-15")

func anyHistory(t *rapid.T) History {
	h := History{Region: rapid.SampledFrom([]string{"Y56", "Y58", "Y60"}).Draw(t, "region")}
	day := func(from clock.Date, name string) clock.Date {
		return from + clock.Date(rapid.IntRange(0, 500).Draw(t, name))
	}
	h.Started = day(start, "started")
	switch rapid.IntRange(0, 4).Draw(t, "fate") {
	case 1:
		h.Registered = day(h.Started, "registered")
		h.DoctorPost = day(h.Registered, "doctor post")
		h.Ended = h.DoctorPost
	case 2:
		h.Ended = day(h.Started, "ended")
		h.Left = h.Ended
	case 3:
		h.Ended = day(h.Started, "ended")
	case 4:
		h.Registered = day(h.Started, "registered")
	}
	return h
}

func figures(people []History, on clock.Date) (Figures, map[string]Figures) {
	total, regions := none(), map[string]Figures{}
	for _, h := range people {
		if regions[h.Region] == nil {
			regions[h.Region] = none()
		}
		total.Count(h, on)
		regions[h.Region].Count(h, on)
	}
	return total, regions
}

func TestEveryoneWhoStartedIsInExactlyOnePlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SliceOfN(rapid.Custom(anyHistory), 0, 60).Draw(t, "people")
		on := start + clock.Date(rapid.IntRange(0, 1500).Draw(t, "on"))
		f, _ := figures(people, on)
		if f[Started] != f[InPost]+f[DoctorPosts]+f[Left]+f[Unknown] {
			t.Fatalf("%v does not add up", f)
		}
	})
}

// TestDifferencingFindsNoSmallCell plays the adversary: it takes every pair of
// publications, every sum with one number missing, and every region's share,
// and looks for a group of one to four.
func TestDifferencingFindsNoSmallCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SliceOfN(rapid.Custom(anyHistory), 0, 300).Draw(t, "people")
		publications := publishAll(people, Small)
		if fault := attack(publications, Small); fault != "" {
			t.Fatal(fault)
		}
	})
}

// TestTheAttackWorks makes sure that the test above could fail: with the
// control off it must find small cells.
func TestTheAttackWorks(t *testing.T) {
	people := []History{{Region: "Y56", Started: start}, {Region: "Y56", Started: start + 40}}
	for range 20 {
		people = append(people, History{Region: "Y58", Started: start + 5})
	}
	if attack(publishAll(people, 0), Small) == "" {
		t.Fatal("the attack found nothing in unprotected figures")
	}
}

// TestOneRegionIsNotPublishedBesideItsTotal: its hidden numbers could be read
// from the total, and nothing else in the column could be hidden for it.
func TestOneRegionIsNotPublishedBesideItsTotal(t *testing.T) {
	var people []History
	for i := range 12 {
		h := History{Region: "Y56", Started: start}
		if i < 3 {
			h.Ended, h.Left = start+60, start+60
		}
		people = append(people, h)
	}
	for _, p := range publishAll(people, Small) {
		if len(p.Regions) > 0 {
			t.Errorf("%s: %d regions", p.AsAt, len(p.Regions))
		}
	}
}

func publishAll(people []History, small int64) []Publication {
	var out []Publication
	for _, on := range Due(start, start+1500, []clock.Date{start + 33, start + 200}) {
		total, regions := figures(people, on)
		out = append(out, Publish(out, on, on, total, regions, small))
	}
	return out
}

func attack(publications []Publication, small int64) string {
	tiny := func(v int64) bool { return v != 0 && v >= -small && v <= small }
	for i, p := range publications {
		if s := attackOne(p, tiny); s != "" {
			return s
		}
		for _, q := range publications[:i] {
			if s := attackRests(p, q, tiny); s != "" {
				return s
			}
			for m, c := range p.Total {
				if d, ok := q.Total[m]; ok && m != InPost && m != FundedPlaces && !c.Hidden && !d.Hidden && tiny(c.Value-d.Value) {
					return string(m) + " changed by few between " + q.AsAt.String() + " and " + p.AsAt.String()
				}
			}
			for code, cells := range p.Regions {
				for m, c := range cells {
					if d, ok := q.Regions[code][m]; ok && m != InPost && !c.Hidden && !d.Hidden && tiny(c.Value-d.Value) {
						return code + " " + string(m) + " changed by few"
					}
				}
			}
		}
	}
	return ""
}

// attackOne looks inside one publication: shown small cells, a hidden number
// that is all that is missing from a sum, a small rest of several.
func attackOne(p Publication, tiny func(int64) bool) string {
	tables := append([]map[Measure]Cell{p.Total}, slices.Collect(maps.Values(p.Regions))...)
	for _, cells := range tables {
		for m, c := range cells {
			if m != FundedPlaces && !c.Hidden && tiny(c.Value) {
				return p.AsAt.String() + " shows " + string(m)
			}
		}
		if s := attackSum(cells[Started], tiny, cells[InPost], cells[DoctorPosts], cells[Left], cells[Unknown]); s != "" {
			return p.AsAt.String() + ": " + s
		}
	}
	for _, m := range counted {
		var column []Cell
		for _, cells := range p.Regions {
			column = append(column, cells[m])
		}
		if s := attackSum(p.Total[m], tiny, column...); len(column) > 0 && s != "" {
			return p.AsAt.String() + " " + string(m) + " by region: " + s
		}
	}
	return ""
}

func attackSum(total Cell, tiny func(int64) bool, parts ...Cell) string {
	hidden, rest := 0, total.Value
	for _, c := range parts {
		if c.Hidden {
			hidden++
		} else {
			rest -= c.Value
		}
	}
	switch {
	case total.Hidden && hidden == 0:
		return "the hidden sum can be worked out"
	case !total.Hidden && hidden == 1:
		return "the hidden part can be worked out"
	case !total.Hidden && hidden > 1 && tiny(rest):
		return "the hidden parts are few together"
	}
	return ""
}

// attackRests compares what is left of a column of regions between two
// publications that hide the same regions.
func attackRests(p, q Publication, tiny func(int64) bool) string {
	for _, m := range counted {
		if m == InPost || p.Total[m].Hidden || q.Total[m].Hidden || len(p.Regions) == 0 || len(p.Regions) != len(q.Regions) {
			continue
		}
		rest, hidden, alike := p.Total[m].Value-q.Total[m].Value, 0, true
		for code := range p.Regions {
			c, d := p.Regions[code][m], q.Regions[code][m]
			alike = alike && c.Hidden == d.Hidden
			if c.Hidden {
				hidden++
			}
			rest -= c.Value - d.Value
		}
		if alike && hidden > 0 && tiny(rest) {
			return string(m) + " of the hidden regions changed by few between " + q.AsAt.String() + " and " + p.AsAt.String()
		}
	}
	return ""
}

func TestPlacesCountAnnouncedPhasesThatHaveNotEnded(t *testing.T) {
	d := clock.MustDate
	phases := []PhasePlaces{{d("2020-12-15"), d("2020-12-15"), d("2021-03-31"), 1000}, {0, d("2021-04-01"), d("2022-03-31"), 0}, {d("2022-06-17"), d("2022-04-01"), d("2023-03-31"), 500}}
	for on, want := range map[string]int64{"2020-12-14": 0, "2021-03-31": 1000, "2021-04-01": 0, "2022-06-16": 0, "2022-06-20": 500, "2023-03-31": 500, "2023-04-01": 0} {
		if got := Places(phases, d(on)); got != want {
			t.Errorf("%s: %d places, want %d", on, got, want)
		}
	}
}

func TestDueHasFixedDaysThenMonthEnds(t *testing.T) {
	got := Due(clock.MustDate("2022-05-10"), clock.MustDate("2022-07-31"), []clock.Date{clock.MustDate("2022-06-20"), clock.MustDate("2019-01-01")})
	want := []string{"2022-06-20", "2022-05-31", "2022-06-30", "2022-07-31"}
	for i, w := range want {
		if i >= len(got) || got[i].String() != w {
			t.Fatalf("due %v, want %v", got, want)
		}
	}
}

// Two records that staff link after a day was published are one person from the
// next publication on. What was published stays; and that the count fell by one,
// in all or in one region, cannot be read from the two.
func TestALinkedPersonIsNotSeenInTheDifference(t *testing.T) {
	var people []History
	for i := range 60 {
		people = append(people, History{Region: []string{"Y56", "Y58", "Y60"}[i%3], Started: start})
	}
	first, second := clock.MustDate("2021-03-31"), clock.MustDate("2022-03-31")
	total, regions := figures(people, first)
	before := Publish(nil, first, first, total, regions, Small)
	if before.Total[Started] != (Cell{Value: 60}) || before.Regions["Y56"][Started] != (Cell{Value: 20}) {
		t.Fatalf("nothing was published: %+v", before)
	}
	total, regions = figures(people[1:], second)
	after := Publish([]Publication{before}, second, second, total, regions, Small)
	if c := after.Total[Started]; !c.Hidden || c.Value != 0 {
		t.Errorf("all who started: %+v", c)
	}
	if c := after.Regions["Y56"][Started]; !c.Hidden || c.Value != 0 {
		t.Errorf("who started in the region: %+v", c)
	}
	total, regions = figures(people[10:], second)
	if c := Publish([]Publication{before}, second, second, total, regions, Small).Total[Started]; c.Hidden {
		t.Error("a large change is hidden too: the test says nothing")
	}
}
