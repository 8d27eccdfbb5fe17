package doctor

import (
	"cmp"
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

const similarLimit = 50

// Similar gives the records of the tenant that may be the same person as one
// not yet saved, each with its reasons, likeliest first. People hidden from
// the actor are not among them.
func (s *Service) Similar(ctx context.Context, call access.Call, n NewDoctor) ([]Candidate, error) {
	return s.similar(ctx, call, "", n.Tidy())
}

// SimilarTo is Similar for a saved record, with what staff decided earlier; it
// notes the look at all of them.
func (s *Service) SimilarTo(ctx context.Context, call access.Call, id string) ([]Candidate, error) {
	if err := s.May(ctx, call, ActCompare, id); err != nil {
		return nil, err
	}
	d, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	list, err := s.similar(ctx, call, id, d.Details)
	if err != nil {
		return nil, err
	}
	decided, err := s.pairs(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for _, p := range decided {
			if p.other(id) == list[i].ID {
				list[i].Verdict = p.verdict
			}
		}
	}
	seen := []string{id}
	for _, c := range list {
		seen = append(seen, c.ID)
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActCompare, Query: "same person", Kind: "doctor", IDs: seen, Person: id})
}

func (s *Service) similar(ctx context.Context, call access.Call, self string, d Details) ([]Candidate, error) {
	ids, err := s.alike(ctx, call.Actor.Tenant, s.tokens(call.Actor.Tenant, d), similarLimit)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == self || slices.Contains(call.Actor.Hidden, id) })
	found, err := s.many(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	var list []Candidate
	for _, other := range found {
		if reasons, weight := compare(d, other.Details); len(reasons) > 0 {
			list = append(list, Candidate{ID: other.ID, Ref: other.Ref, Name: other.name(), Reasons: reasons, Details: other.For(call.Actor, other.ID), weight: weight})
		}
	}
	slices.SortFunc(list, func(a, b Candidate) int { return cmp.Or(b.weight-a.weight, cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// Decide remembers whether two records are one person: Same links them and
// moves nothing, Different keeps them from being shown as alike again, ""
// takes an earlier decision back.
func (s *Service) Decide(ctx context.Context, call access.Call, id, other, verdict string) error {
	if id == other || verdict != Same && verdict != Different && verdict != "" {
		return problem.New(problem.Invalid, "Choose whether these two records are the same person.")
	}
	for _, d := range []string{id, other} {
		if err := s.May(ctx, call, ActCompare, d); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		found, err := s.many(ctx, call.Actor.Tenant, []string{id, other})
		if err != nil {
			return err
		}
		if len(found) != 2 {
			return problem.Missing()
		}
		p := pair{first: min(id, other), second: max(id, other), verdict: verdict}
		if err := s.savePair(ctx, call, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCompare, Kind: "doctor", ID: id, Person: id,
			After: map[string]string{"other": other, "verdict": verdict}})
	})
}

// SamePerson lists the other records staff linked to one as the same person.
func (s *Service) SamePerson(ctx context.Context, tenant, id string) ([]string, error) {
	decided, err := s.pairs(ctx, tenant, id)
	var out []string
	for _, p := range decided {
		if p.verdict == Same {
			out = append(out, p.other(id))
		}
	}
	return out, err
}
