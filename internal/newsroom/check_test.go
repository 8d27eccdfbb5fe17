package newsroom

import (
	"maps"
	"testing"

	"msw/internal/clock"
	"msw/internal/rulebook"
	"msw/rules"
)

func TestAnswersBecomeConditions(t *testing.T) {
	rulesBook, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	set, err := rulesBook.Named("eligibility", "B")
	if err != nil {
		t.Fatal(err)
	}
	today := clock.MustDate("2026-11-22")
	good := func() Answers {
		return Answers{InUK: "yes", Qualification: "registrable", Months: map[string]int{"medicine": 6, "surgery": 6}, English: "IELTS",
			EnglishOn: clock.MustDate("2026-01-10"), Scores: map[string]int{"overall": 75, "listening": 70, "reading": 75, "writing": 70, "speaking": 80},
			Work: "may-work", Registered: "no", PLAB2: "not-passed", Placed: "no"}
	}
	const met, unmet, unknown = rulebook.Met, rulebook.Unmet, rulebook.Unknown
	for _, c := range []struct {
		name   string
		change func(*Answers)
		want   map[string]rulebook.Answer // besides met
		whole  rulebook.Answer
	}{
		{"everything is right", func(*Answers) {}, nil, met},
		{"nothing is answered", func(a *Answers) { *a = Answers{} }, map[string]rulebook.Answer{"B1": unknown, "B2": unknown, "B3": unknown, "B4": unknown, "B5": unknown, "X1": unknown, "X2": unknown, "X3": unknown}, unknown},
		{"lives abroad", func(a *Answers) { a.InUK = "no" }, map[string]rulebook.Answer{"B5": unmet}, unmet},
		{"not sure about the degree", func(a *Answers) { a.Qualification = "not-sure" }, map[string]rulebook.Answer{"B1": unknown}, unknown},
		{"the GMC said no", func(a *Answers) { a.Qualification = "not-registrable" }, map[string]rulebook.Answer{"B1": unmet}, unmet},
		{"no degree", func(a *Answers) { a.Qualification = "none" }, map[string]rulebook.Answer{"B1": unmet}, unmet},
		{"no surgery", func(a *Answers) { a.Months = map[string]int{"medicine": 24} }, map[string]rulebook.Answer{"B2": unmet}, unmet},
		{"too few months", func(a *Answers) { a.Months = map[string]int{"medicine": 3, "surgery": 3} }, map[string]rulebook.Answer{"B2": unmet}, unmet},
		{"three each and six others", func(a *Answers) { a.Months = map[string]int{"medicine": 3, "surgery": 3, "other": 6} }, nil, met},
		{"one part of IELTS too low", func(a *Answers) { a.Scores["writing"] = 65 }, map[string]rulebook.Answer{"B3": unmet}, unmet},
		{"IELTS too old", func(a *Answers) { a.EnglishOn = clock.MustDate("2024-11-21") }, map[string]rulebook.Answer{"B3": unmet}, unmet},
		{"IELTS without a date", func(a *Answers) { a.EnglishOn = 0 }, map[string]rulebook.Answer{"B3": unknown}, unknown},
		{"OET", func(a *Answers) {
			a.English, a.Scores = "OET", map[string]int{"listening": 350, "reading": 360, "writing": 350, "speaking": 400}
		}, nil, met},
		{"OET below B", func(a *Answers) {
			a.English, a.Scores = "OET", map[string]int{"listening": 350, "reading": 360, "writing": 340, "speaking": 400}
		}, map[string]rulebook.Answer{"B3": unmet}, unmet},
		{"taught in English last year", func(a *Answers) { a.English, a.EnglishOn = "taught", clock.MustDate("2025-07-01") }, nil, met},
		{"taught in English long ago", func(a *Answers) { a.English, a.EnglishOn = "taught", clock.MustDate("2005-07-01") }, map[string]rulebook.Answer{"B3": unmet}, unmet},
		{"accepted by the GMC", func(a *Answers) { a.English = "accepted" }, nil, met},
		{"no proof of English", func(a *Answers) { a.English, a.EnglishOn, a.Scores = "none", 0, nil }, map[string]rulebook.Answer{"B3": unmet}, unmet},
		{"citizen", func(a *Answers) { a.Work = "citizen" }, nil, met},
		{"waits for an asylum decision", func(a *Answers) { a.Work = "asylum" }, map[string]rulebook.Answer{"B4": unmet}, unmet},
		{"visitor", func(a *Answers) { a.Work = "visitor" }, map[string]rulebook.Answer{"B4": unmet}, unmet},
		{"permission ended", func(a *Answers) { a.Work = "ended" }, map[string]rulebook.Answer{"B4": unmet}, unmet},
		{"may live but not work", func(a *Answers) { a.Work = "may-not-work" }, map[string]rulebook.Answer{"B4": unmet}, unmet},
		{"registered", func(a *Answers) { a.Registered = "yes" }, map[string]rulebook.Answer{"X1": unmet}, unmet},
		{"passed PLAB 2", func(a *Answers) { a.PLAB2 = "passed" }, map[string]rulebook.Answer{"X2": unmet}, unmet},
		{"waits for PLAB 2", func(a *Answers) { a.PLAB2 = "waiting" }, map[string]rulebook.Answer{"X2": unknown}, unknown},
		{"was in the programme", func(a *Answers) { a.Placed = "yes" }, map[string]rulebook.Answer{"X3": unmet}, unmet},
		{"several at once", func(a *Answers) { a.Placed, a.InUK = "yes", "no" }, map[string]rulebook.Answer{"X3": unmet, "B5": unmet}, unmet},
	} {
		a := good()
		c.change(&a)
		facts := a.Facts(today)
		for _, f := range facts {
			if err := rulesBook.Schema().Check(f); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		res := set.Evaluate(facts, today)
		got := map[string]rulebook.Answer{}
		for _, o := range res.Requirements {
			if o.State != met {
				got[o.ID] = o.State
			}
			l := a.line(o)
			if l.State != met && l.Text == "" {
				t.Errorf("%s: %s says nothing", c.name, l.ID)
			}
		}
		if !maps.Equal(got, c.want) || res.State != c.whole {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, res.State, c.want, c.whole)
		}
	}
}
