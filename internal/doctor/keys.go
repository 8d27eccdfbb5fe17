package doctor

import (
	"context"
	"slices"
)

// keyLength keeps a name's key short: it confirms a name beside a number and
// is never used to find somebody.
const keyLength = 12

// NameKeys gives one keyed token for each sound of each part of a name, by
// which two spellings of it, in any script, are compared without keeping
// either. Empty for a name without letters.
func (s *Service) NameKeys(tenant, name string) []string {
	var out []string
	for _, p := range fold(name) {
		for _, k := range p.skeletons {
			if key := s.db.Vault().Token(tenant, "doctor register", k)[:keyLength]; !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
	}
	return out
}

// NameKeysOf gives the keys of every form of several doctors' names, by id. It
// asks no permission: a key tells nothing but whether a name is the same.
func (s *Service) NameKeysOf(ctx context.Context, tenant string, ids []string) (map[string][]string, error) {
	out := make(map[string][]string, len(ids))
	for part := range slices.Chunk(ids, 150) {
		list, err := s.many(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			out[d.ID] = s.NameKeys(tenant, d.AsWritten()+" "+d.Preferred+" "+d.Native)
		}
	}
	return out, nil
}

// PersonTokens gives PersonToken of every doctor between two ids, both
// included, by id; "" where too little is known of a person.
func (s *Service) PersonTokens(ctx context.Context, tenant, from, to string) (map[string]string, error) {
	if err := s.db.Vault().Preload(ctx, tenant, from, to); err != nil {
		return nil, err
	}
	list, err := s.query(ctx, tenant, selectDoctor+`p.id >= $2 AND p.id <= $3`, tenant, from, to)
	out := make(map[string]string, len(list))
	for _, d := range list {
		out[d.ID] = s.PersonToken(ctx, first(d.AsWritten(), d.Native), d.BirthDate)
	}
	return out, err
}
