package registration

import (
	"context"

	"msw/internal/access"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// roadOf gives the road by the rules that are switched on in a programme.
func (s *Service) roadOf(ctx context.Context, tenant string) (*Road, error) {
	if s.o.RoadOf == nil {
		return s.o.Road, nil
	}
	return s.o.RoadOf(ctx, tenant)
}

// tryPage is how many cases one step of a trial takes.
const tryPage = 300

// Stations are what the rule workbench tries a version of the registration rules
// on: every requirement of every case, as its facts are today. inForce gives the
// set that holds now.
func (s *Service) Stations(inForce func(ctx context.Context, tenant string, call access.Call) (*rulebook.Set, error)) []programme.Station {
	try := func(ctx context.Context, call access.Call, t programme.Candidate, after string) (programme.TriedPage, error) {
		var out programme.TriedPage
		cases, err := s.cases.Standings(ctx, call.Actor.Tenant, after, tryPage)
		if err != nil || len(cases) == 0 {
			return out, err
		}
		first, last := cases[0].Doctor, cases[len(cases)-1].Doctor
		out.Next, out.Cases = last, len(cases)
		facts, err := s.facts.Between(ctx, call.Actor.Tenant, first, last)
		if err != nil {
			return out, err
		}
		force, err := inForce(ctx, call.Actor.Tenant, call)
		if err != nil {
			return out, err
		}
		for _, c := range cases {
			was, now := force.Evaluate(facts[c.Doctor], call.Today), t.Set.Evaluate(facts[c.Doctor], call.Today)
			out.Tried = append(out.Tried, triedRequirements(c.Doctor, &was, &now)...)
		}
		return out, nil
	}
	count := func(ctx context.Context, call access.Call) (int, error) {
		return s.cases.HowMany(ctx, call.Actor.Tenant)
	}
	// The list of people tells of fails, so only those who work on the cases read it.
	return []programme.Station{{ID: "registration", Purpose: RoadRuleSet, Title: "Registration: every requirement of all present cases", Count: count, Try: try, List: ActStep}}
}

// triedRequirements gives one line for each requirement that changes, or one
// that says that none does.
func triedRequirements(doctor string, was, now *rulebook.Result) []programme.Tried {
	var out []programme.Tried
	add := func(id, title, from, to, why string) {
		t := programme.Tried{Doctor: doctor, What: programme.TriedPresent, On: now.On, From: id + ": " + from, To: id + ": " + to, Why: []string{title + "."}}
		if why != "" {
			t.Why = append(t.Why, why)
		}
		out = append(out, t)
	}
	for i := range now.Requirements {
		o := &now.Requirements[i]
		old, why := was.Requirement(o.ID), ""
		if o.Reason != nil {
			why = o.Reason.Staff
		}
		switch {
		case old == nil:
			add(o.ID, o.Title, "not asked", answerWords(o), why)
		case answerWords(old) != answerWords(o):
			add(o.ID, o.Title, answerWords(old), answerWords(o), why)
		}
	}
	for i := range was.Requirements {
		if o := &was.Requirements[i]; now.Requirement(o.ID) == nil {
			add(o.ID, o.Title, answerWords(o), "not asked any more", "")
		}
	}
	if len(out) == 0 {
		return []programme.Tried{{Doctor: doctor, What: programme.TriedPresent, On: now.On, From: "No requirement", To: "No requirement"}}
	}
	return out
}

func answerWords(o *rulebook.Outcome) string {
	switch {
	case o.NotNeeded != nil:
		return "not needed"
	case o.State == rulebook.Met:
		return "met"
	case o.State == rulebook.Unmet:
		return "not met"
	}
	return "not known"
}
