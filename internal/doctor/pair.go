package doctor

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

const similarLimit = 100

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
	ids := []string{id}
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	papers, err := s.papersOf(ctx, call.Actor.Tenant, ids...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		mine, theirs := papers[id], papers[list[i].ID]
		for j, kind := range typedKinds {
			list[i].Papers[j][0], list[i].Papers[j][1] = paperWords(mine[kind], theirs[kind])
		}
		for _, p := range decided {
			if p.other(id) == list[i].ID {
				list[i].Verdict, list[i].Kept = p.verdict, p.kept
				if p.fields != "" {
					list[i].Fields = strings.Split(p.fields, ",")
				}
			}
		}
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActCompare, Query: "same person", Kind: "doctor", IDs: ids, Person: id})
}

func (s *Service) similar(ctx context.Context, call access.Call, self string, d Details) ([]Candidate, error) {
	keys, err := s.searchKeys(ctx, call.Actor.Tenant, self, d)
	if err != nil {
		return nil, err
	}
	holders, err := s.holders(ctx, call.Actor.Tenant, values(keys))
	if err != nil {
		return nil, err
	}
	for k, ids := range holders {
		holders[k] = slices.DeleteFunc(ids, func(id string) bool { return id == self || slices.Contains(call.Actor.Hidden, id) })
	}
	ids := nearest(keys, holders, similarLimit)
	if err := s.db.Vault().PreloadOf(ctx, call.Actor.Tenant, ids); err != nil {
		return nil, err
	}
	found, err := s.many(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	var list []Candidate
	mine := forms(d)
	for _, other := range found {
		var shared []string
		for _, k := range keys {
			if ofPaper(k.kind) && slices.Contains(holders[k.value], other.ID) {
				shared = append(shared, k.kind)
			}
		}
		reasons, weight := compareForms(d, other.Details, mine, forms(other.Details), shared)
		if len(reasons) > 0 {
			list = append(list, Candidate{ID: other.ID, Ref: other.Ref, Name: other.name(), Reasons: reasons, Details: other.For(call.Actor, other.ID), weight: weight, Likely: weight >= likelyWeight})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(b.weight-a.weight, cmp.Compare(a.ID, b.ID)) < 0
	})
	return list, nil
}

// searchKeys are the keys by which records like one are found.
func (s *Service) searchKeys(ctx context.Context, tenant, self string, d Details) ([]token, error) {
	keys := s.keyed(tenant, d)
	if self == "" {
		return keys, nil
	}
	papers, err := s.papersOf(ctx, tenant, self)
	for kind, list := range papers[self] {
		for _, key := range list {
			keys = append(keys, token{kind, key})
		}
	}
	return keys, err
}

func values(keys []token) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.value
	}
	return out
}

// SameNumber is a number that several records have.
type SameNumber struct {
	Why   string
	Names []Name
}

const sameNumbersPage = 25

// SameNumbers lists numbers of papers that several records have and that nobody
// has decided about, a page at a time, and notes the look.
func (s *Service) SameNumbers(ctx context.Context, call access.Call, after []string) (rows []SameNumber, next []string, err error) {
	tenant := call.Actor.Tenant
	if err := s.access.May(call.Actor, ActCompare, access.Resource{Kind: "doctor", Tenant: tenant}); err != nil {
		return nil, nil, err
	}
	from := token{}
	if len(after) == 2 {
		from = token{after[0], after[1]}
	}
	keys, err := s.sharedNumbers(ctx, tenant, from, sameNumbersPage+1)
	if err != nil {
		return nil, nil, err
	}
	if len(keys) > sameNumbersPage {
		keys = keys[:sameNumbersPage]
		last := keys[sameNumbersPage-1]
		next = []string{last.kind, last.value}
	}
	holders, err := s.holders(ctx, tenant, values(keys))
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, list := range holders {
		ids = append(ids, list...)
	}
	decided, err := s.decided(ctx, tenant, ids)
	if err != nil {
		return nil, nil, err
	}
	names, err := s.Names(ctx, tenant, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range keys {
		list := slices.DeleteFunc(holders[k.value], func(id string) bool { return slices.Contains(call.Actor.Hidden, id) })
		slices.Sort(list)
		if len(list) < 2 || len(list) == 2 && decided[[2]string{list[0], list[1]}] {
			continue
		}
		row := SameNumber{}
		_, row.Why = paperReason(k.kind)
		for _, id := range list {
			row.Names = append(row.Names, names[id])
		}
		rows = append(rows, row)
	}
	return rows, next, s.audit.Look(ctx, call, audit.Look{Action: ActCompare, Query: "the same number under two people", Kind: "doctor", IDs: ids})
}

// SetNumbers keeps keys of the numbers that are recorded of a doctor (of a GMC
// registration, a test report), by which the same number under two people is
// found; the numbers themselves stay where they are. It asks no permission.
func (s *Service) SetNumbers(ctx context.Context, tenant, id string, numbers []string) error {
	var keys []string
	for _, n := range numbers {
		if n = numberKey(n); len(n) >= leastNumber {
			keys = append(keys, s.db.Vault().Token(tenant, "doctor "+tokenNumber, n))
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error { return s.setNumbers(ctx, tenant, id, keys) })
}

// Retoken makes the keys of records anew that were made by an earlier rule, a
// few hundred at a time, and tells how many. It asks no permission.
func (s *Service) Retoken(ctx context.Context, tenant string) (n int, err error) {
	for {
		ids, err := s.withOldTokens(ctx, tenant, 200)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		err = s.db.Tx(ctx, func(ctx context.Context) error {
			list, err := s.many(ctx, tenant, ids)
			if err != nil {
				return err
			}
			for _, d := range list {
				if err := s.retoken(ctx, tenant, d); err != nil {
					return err
				}
			}
			for _, id := range ids { // one whose key was destroyed has no tokens to make
				if err := s.tokensDone(ctx, tenant, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(ids)
	}
}

// Decide remembers whether two records are one person: Same links them and
// moves nothing, Different keeps them from being shown as alike again, ""
// takes an earlier decision back.
func (s *Service) Decide(ctx context.Context, call access.Call, id, other, verdict string) error {
	if id == other || verdict != Same && verdict != Different && verdict != "" {
		return problem.New(problem.Invalid, "Choose whether these two records are the same person.")
	}
	p := pair{first: min(id, other), second: max(id, other), verdict: verdict}
	if verdict == Same {
		p.kept = id
	}
	return s.pairUp(ctx, call, p)
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
