package registration

import (
	"context"
	"slices"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// known gives a doctor's live facts with what was said on whom one may ask, as
// all advice is made from it.
func (s *Service) known(ctx context.Context, tenant, id string) ([]fact.Record, error) {
	records, err := s.facts.For(ctx, tenant, id)
	if err != nil || s.o.Asked == nil {
		return records, err
	}
	said, err := s.o.Asked(ctx, tenant, []string{id})
	return withWords(records, said[id]), err
}

// withWords puts the doctor's word on whom one may ask, which is doctor's,
// beside the facts: advice reads both in one form. A caseworker's "not safe"
// stands over every yes, and a forbidden country forbids all whom the facts
// place there, or place nowhere.
func withWords(records []fact.Record, said []doctor.Said) []fact.Record {
	if len(said) == 0 {
		return records
	}
	out := slices.Clone(records)
	add := func(w doctor.Said, party doctor.Party, on clock.Date) {
		out = append(out, fact.Record{ID: w.ID, Kind: fact.Contact, On: on, RecordedAt: w.At, State: rulebook.Claimed,
			Fields: map[string]any{"party": string(party), "name": w.Name, "country": w.Country, "allowed": w.Allowed}})
	}
	latest := clock.Date(0)
	for _, w := range said {
		latest = max(latest, w.On)
	}
	var staff []doctor.Said
	for _, w := range doctor.Standing(said) {
		switch {
		case w.Staff:
			staff = append(staff, w)
		case w.Party != doctor.PartyCountry:
			add(w, w.Party, w.On)
		default:
			staff = append(staff, w) // a country is never allowed, so its no stands over every yes too
		}
	}
	for _, w := range staff {
		if w.Party != doctor.PartyCountry {
			add(w, w.Party, latest)
			continue
		}
		for party, kinds := range map[doctor.Party][]string{doctor.PartyInstitution: {fact.Qualification}, doctor.PartyRegulator: {fact.GoodStanding},
			doctor.PartyEmployer: {fact.Experience, fact.Activity}, doctor.PartyEmbassy: nil, doctor.PartyPolice: nil} {
			if reaches(records, kinds, w.Country) {
				add(w, party, latest)
			}
		}
	}
	return out
}

// reaches tells whether facts of some kinds may lie in a country: one of them
// does, one does not say where it lies, or there is none yet.
func reaches(records []fact.Record, kinds []string, country string) bool {
	found := fact.Of(records, kinds...)
	return len(found) == 0 || slices.ContainsFunc(found, func(f fact.Record) bool {
		at := f.Text("country")
		return at == "" || at == country
	})
}
