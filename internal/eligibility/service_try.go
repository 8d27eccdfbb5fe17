package eligibility

import (
	"context"

	"msw/internal/access"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// Kept gives what the rules were last found to say of one case. It asks no
// permission.
func (s *Service) Kept(ctx context.Context, tenant, doctor string) (Standing, bool, error) {
	all, err := s.store.standings(ctx, tenant, doctor, doctor)
	k, found := all[doctor]
	return k, found, err
}

// tryPage is how many cases one step of a trial or a replay takes.
const tryPage = 300

// decisionPage gives the decisions of the next cases; last is "" at the end.
func (s *Service) decisionPage(ctx context.Context, call access.Call, after string, limit int) (list []Decision, last string, n int, err error) {
	cases, err := s.Cases.Standings(ctx, call.Actor.Tenant, after, limit)
	if err != nil || len(cases) == 0 {
		return nil, "", 0, err
	}
	first, last := cases[0].Doctor, cases[len(cases)-1].Doctor
	if err := s.DB.Vault().Preload(ctx, call.Actor.Tenant, first, last); err != nil {
		return nil, "", 0, err
	}
	list, err = s.store.decisionsBetween(ctx, call.Actor.Tenant, first, last, s.Book.Schema())
	return list, last, len(cases), err
}

// Stations are what the rule workbench tries a version on: what each case's
// present facts come to, what past decisions would have come to, and whether
// decisions made by the version replay.
func (s *Service) Stations() []programme.Station {
	count := func(ctx context.Context, call access.Call) (int, error) {
		return s.Cases.HowMany(ctx, call.Actor.Tenant)
	}
	return []programme.Station{
		{ID: "eligibility", Purpose: "eligibility", Title: "Eligibility: all present cases and past decisions", Count: count, Try: s.tryCases},
		{ID: "eligibility-replay", Purpose: "eligibility", Title: "Replay: decisions made by this version", Count: count, Try: s.tryReplay, Replay: true},
	}
}

func (s *Service) tryCases(ctx context.Context, call access.Call, t programme.Candidate, after string) (programme.TriedPage, error) {
	var out programme.TriedPage
	p := s.loadPage(ctx, call, after, tryPage)
	if p.err != nil || len(p.list) == 0 {
		return out, p.err
	}
	out.Next, out.Cases = p.last, len(p.list)
	force, err := s.ruleSet(ctx, call.Actor.Tenant, call.Today)
	if err != nil {
		return out, err
	}
	for _, c := range p.list {
		was, now := force.Evaluate(c.facts, call.Today), t.Set.Evaluate(c.facts, call.Today)
		out.Tried = append(out.Tried, tried(c.Doctor, programme.TriedPresent, was, now))
	}
	past, err := s.store.decisionsBetween(ctx, call.Actor.Tenant, p.first, p.last, s.Book.Schema())
	if err != nil {
		return out, err
	}
	for _, d := range past {
		if d.Moment != AtDecision {
			continue
		}
		own, err := s.Programme.RulesOf(ctx, call.Actor.Tenant, d.RuleVersion, d.Uses)
		if err != nil {
			return out, err
		}
		out.Tried = append(out.Tried, tried(d.Doctor, programme.TriedPast, own.Evaluate(d.Facts, d.On), t.Set.Evaluate(d.Facts, d.On)))
	}
	return out, nil
}

// tried compares two answers; the reasons are those that only the new one has.
func tried(doctor, what string, was, now rulebook.Result) programme.Tried {
	before, after := Suggest(was, AtDecision), Suggest(now, AtDecision)
	t := programme.Tried{Doctor: doctor, What: what, On: now.On, From: before.Outcome.Words(), To: after.Outcome.Words()}
	had := map[string]bool{}
	for _, text := range before.Staff {
		had[text] = true
	}
	for _, text := range after.Staff {
		if !had[text] {
			t.Why = append(t.Why, text)
		}
	}
	if len(t.Why) == 0 && t.From != t.To {
		t.Why = []string{"What stood in the way before does not any more."}
	}
	return t
}

func (s *Service) tryReplay(ctx context.Context, call access.Call, t programme.Candidate, after string) (programme.TriedPage, error) {
	var out programme.TriedPage
	list, last, cases, err := s.decisionPage(ctx, call, after, tryPage)
	if err != nil {
		return out, err
	}
	out.Next, out.Cases = last, cases
	for _, d := range list {
		if d.RuleVersion != t.Row.Hash {
			continue
		}
		_, same, err := s.Replay(ctx, call.Actor.Tenant, d)
		if err != nil {
			return out, err
		}
		one := programme.Tried{Doctor: d.Doctor, What: programme.TriedPast, On: d.On, From: "The kept answer", To: "The kept answer"}
		if !same {
			one.To, one.Why = "Another answer", []string{"The answer is not byte for byte the one that was kept."}
		}
		out.Tried = append(out.Tried, one)
	}
	return out, nil
}
