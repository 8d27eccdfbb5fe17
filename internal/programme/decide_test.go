package programme

import (
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
)

func day(s string) clock.Date { return clock.MustDate(s) }

func published(t *testing.T) []Phase {
	t.Helper()
	p, err := ReadPublished()
	if err != nil {
		t.Fatal(err)
	}
	return p.Phases
}

func TestPublishedPhasesSayWhatWasPublished(t *testing.T) {
	p, err := ReadPublished()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Phases) != 3 || p.Phases[2].Money != 19_000_000_00 || p.Phases[2].Places != 500 || p.Phases[0].Money != 15_000_000_00 {
		t.Errorf("phases = %+v", p.Phases)
	}
	for _, phase := range p.Phases {
		for _, f := range fields {
			m, ok := phase.Marks[f]
			if !ok {
				t.Errorf("%s has no mark for %s", phase.Code, f)
			}
			if m.Status != Unpublished && m.Source == "" {
				t.Errorf("%s %s has no source", phase.Code, f)
			}
		}
	}
	if last := p.Phases[2].Ends; last != day("2023-03-31") || p.Afterwards.From != last.AddDays(1) {
		t.Errorf("last published day %v, afterwards from %v", last, p.Afterwards.From)
	}
	for _, c := range p.Claims {
		if c.AsAt.IsZero() || c.Source == "" || c.Status == "" {
			t.Errorf("claim %s lacks its date, source or status", c.Code)
		}
		if c.Code == "planned_average" && (c.Status != Derived || c.Figure != p.Phases[2].Money/int64(p.Phases[2].Places)) {
			t.Errorf("planned average %d is not the money over the places", c.Figure)
		}
	}
	if p.Phases[1].Known(FieldPlaces) {
		t.Error("2021-22 has no published target")
	}
}

func TestOpenToday(t *testing.T) {
	window := func(code, starts, ends, open, close string) Phase {
		d := func(s string) clock.Date {
			if s == "" {
				return 0
			}
			return day(s)
		}
		return Phase{Code: code, Starts: d(starts), Ends: d(ends), ApplicationsOpen: d(open), ApplicationsClose: d(close),
			Marks: map[Field]Mark{FieldApplications: {Status: Own}}}
	}
	national := published(t)
	local := append(published(t), window("2026", "2026-04-01", "2027-03-31", "2026-05-01", "2026-06-30"), window("2027", "2027-04-01", "2028-03-31", "2027-05-01", ""))
	cases := []struct {
		name   string
		phases []Phase
		today  string
		answer Answer
		last   string
		next   string
		closes string
	}{
		{"long after the last published phase", national, "2026-11-22", NotKnown, "2023-03-31", "", ""},
		{"the day after", national, "2023-04-01", NotKnown, "2023-03-31", "", ""},
		{"in a phase that gives no dates", national, "2022-10-01", NotKnown, "2022-06-17", "", ""},
		{"before anything", national, "2019-01-01", NotKnown, "", "", ""},
		{"before the window", local, "2026-04-15", No, "2026-04-01", "2026-05-01", ""},
		{"first day", local, "2026-05-01", Yes, "2026-05-01", "", "2026-06-30"},
		{"last day", local, "2026-06-30", Yes, "2026-06-30", "", "2026-06-30"},
		{"after it closed", local, "2026-07-01", No, "2026-06-30", "2027-05-01", ""},
		{"a window without an end goes to the phase's", local, "2027-12-01", Yes, "2027-05-01", "", "2028-03-31"},
		{"nothing at all", nil, "2026-11-22", NotKnown, "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := OpenToday(c.phases, day(c.today))
			if got.Answer != c.answer || got.LastPublished.String() != c.last || got.Next.String() != c.next || got.Closes.String() != c.closes {
				t.Errorf("got %s, last %s, next %s, closes %s; want %s, %s, %s, %s",
					got.Answer, got.LastPublished, got.Next, got.Closes, c.answer, c.last, c.next, c.closes)
			}
		})
	}
	if got := OpenToday(national, day("2021-10-01")); got.Note == "" {
		t.Error("what was published without a date must go with the answer")
	}
}

func TestYesOnlyInsideADatedWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 400).Draw(t, "from")
		length := rapid.IntRange(0, 200).Draw(t, "length")
		today := day("2026-01-01").AddDays(rapid.IntRange(0, 700).Draw(t, "today"))
		open := day("2026-01-01").AddDays(from)
		p := Phase{Code: "x", Starts: day("2026-01-01"), Ends: day("2026-12-31"), WaitingOpen: open, WaitingClose: open.AddDays(length),
			Marks: map[Field]Mark{FieldWaiting: {Status: Own}}}
		inside := today >= p.WaitingOpen && today <= p.WaitingClose
		if got := WaitingOpenToday([]Phase{p}, today); (got.Answer == Yes) != inside {
			t.Fatalf("%v on %v, window %v to %v", got.Answer, today, p.WaitingOpen, p.WaitingClose)
		}
	})
}

func TestPhaseOnTakesTheLaterBegun(t *testing.T) {
	phases := []Phase{{Code: "a", Starts: day("2026-01-01")}, {Code: "b", Starts: day("2026-06-01"), Ends: day("2026-06-30")}}
	for d, want := range map[string]string{"2026-05-31": "a", "2026-06-01": "b", "2026-06-30": "b", "2026-07-01": "a", "2025-12-31": ""} {
		if p, _ := phaseOn(phases, day(d)); p.Code != want {
			t.Errorf("%s: %q, want %q", d, p.Code, want)
		}
	}
}

func TestSettingsCleanAndSay(t *testing.T) {
	for _, d := range Catalogue() {
		if v, err := d.clean(d.First); err != nil || v != d.First {
			t.Errorf("%s does not take its own first value: %q %v", d.Name, v, err)
		}
		if d.Title == "" || d.Why == "" || d.Group == "" {
			t.Errorf("%s is not described", d.Name)
		}
	}
	cases := []struct{ name, typed, stored, said string }{
		{SuppressBelow, " 7 ", "7", "7 people"},
		{SuppressBelow, "4", "", ""},
		{InvitationDays, "1", "1", "1 days"},
		{InvitationDays, "ten", "", ""},
		{FollowUpMonths, "3, 6,6,,12", "3,6,12", "3, 6, 12 months"},
		{PublicationDates, "2022-06-20, 2023-03-31", "2022-06-20,2023-03-31", "20 June 2022, 31 March 2023"},
		{PublicationDates, "20/6/2022", "", ""},
		{PLAB2DuringPost, "ends", "ends", "The post ends on that day"},
		{PLAB2DuringPost, "perhaps", "", ""},
		{StepPapers, "14, 42, 90", "14,42,90", "At least 14, usually 42, at most 90 days"},
		{StepPapers, "42,42,42", "42,42,42", "At least 42, usually 42, at most 42 days"},
		{StepPapers, "42,14,90", "", ""},
		{StepPapers, "14,42", "", ""},
		{StepPapers, "-1,42,90", "", ""},
	}
	for _, c := range cases {
		d, ok := Define(c.name)
		if !ok {
			t.Fatalf("no setting %s", c.name)
		}
		v, err := d.clean(c.typed)
		if (err != nil) != (c.stored == "") || v != c.stored {
			t.Errorf("%s %q: %q, %v; want %q", c.name, c.typed, v, err, c.stored)
		}
		if want := c.said; want != "" && want != "1 days" && d.Say(v) != want {
			t.Errorf("%s says %q, want %q", c.name, d.Say(v), want)
		}
	}
	if d, _ := Define(InvitationDays); d.Say("1") != "1 day" {
		t.Errorf("one day reads %q", d.Say("1"))
	}
	if d, _ := Define(SupervisorPlaces); d.Say("1") != "1 person" {
		t.Errorf("one person reads %q", d.Say("1"))
	}
}

func TestPounds(t *testing.T) {
	for pence, want := range map[int64]string{0: "£0", 5: "£0.05", 3_800_000: "£38,000", 1_900_000_000: "£19 million", 1_250_000_000: "£12.5 million", 123_456_789: "£1,234,567.89", -150: "-£1.50", 1_000_000_000_000: "£10,000 million"} {
		if got := Pounds(pence); got != want {
			t.Errorf("%d: %s, want %s", pence, got, want)
		}
	}
}
