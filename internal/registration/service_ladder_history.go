package registration

import (
	"context"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// The stretches of the road that are measured, in days between two dated facts
// or milestones.
const (
	StretchEnglishPLAB1  = "english_plab1"       // English passed → PLAB 1 passed
	StretchPLAB1PLAB2    = "plab1_plab2"         // PLAB 1 passed → PLAB 2 passed
	StretchPLAB2Register = "plab2_registered"    // PLAB 2 passed → registered
	StretchPostRegister  = "post_registered"     // started in post → registered
	StretchEligible      = "eligible_registered" // found eligible → registered
)

// enoughCases is the least number of roads from which a usual time is told: with
// fewer, one person's own road could be read from it, and it would say little.
// Twice the 5 below which the NHS hides figures (domain 5.2, recalled).
const enoughCases = 10

// stretches measures one road that came to its end. Only what was seen or
// verified counts.
func stretches(doctor string, records []fact.Record, milestones []casefile.Milestone) []duration {
	first := map[string]clock.Date{}
	note := func(name string, on clock.Date) {
		if was, ok := first[name]; !on.IsZero() && (!ok || on < was) {
			first[name] = on
		}
	}
	for _, r := range records {
		if r.State != rulebook.Seen && r.State != rulebook.Verified || r.Text("outcome") != "passed" {
			continue
		}
		switch {
		case r.Kind == fact.EnglishTest:
			note("english", r.On)
		case r.Kind == fact.Exam:
			note(r.Text("name"), r.On)
		}
	}
	for _, m := range milestones {
		switch m.Kind {
		case casefile.Started, casefile.FoundEligible, casefile.Registered:
			note(string(m.Kind), m.On)
		}
	}
	var out []duration
	for _, x := range []struct{ stretch, from, to string }{
		{StretchEnglishPLAB1, "english", "PLAB1"}, {StretchPLAB1PLAB2, "PLAB1", "PLAB2"}, {StretchPLAB2Register, "PLAB2", string(casefile.Registered)},
		{StretchPostRegister, string(casefile.Started), string(casefile.Registered)}, {StretchEligible, string(casefile.FoundEligible), string(casefile.Registered)}} {
		from, to := first[x.from], first[x.to]
		if !from.IsZero() && !to.IsZero() && from <= to {
			out = append(out, duration{Doctor: doctor, Stretch: x.stretch, Days: from.DaysUntil(to), Ended: to})
		}
	}
	return out
}

// measure stores the stretches of a road that ended in registration, once.
func (s *Service) measure(ctx context.Context, c casefile.Case, b keeping) error {
	if !registered(c) || b.measured[c.Doctor] {
		return nil
	}
	list, err := s.cases.Milestones(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return err
	}
	return s.replaceDurations(ctx, c.Tenant, c.Doctor, stretches(c.Doctor, b.facts[c.Doctor], list))
}

// refreshHistory makes what the history comes to anew, as at a day.
func (s *Service) refreshHistory(ctx context.Context, tenant string, today clock.Date) error {
	all, err := s.days(ctx, tenant)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		for stretch, days := range all {
			u := Usual{Step: stretch, N: len(days), Short: quantile(days, 1), Median: quantile(days, 2), Long: quantile(days, 3), AsAt: today}
			if err := s.saveUsual(ctx, tenant, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// quantile gives the value below which so many quarters of a sorted list lie.
func quantile(sorted []int, quarters int) int {
	return sorted[min(len(sorted)-1, len(sorted)*quarters/4)]
}
