package doctor

import (
	"context"

	"msw/internal/clock"
	"msw/internal/database"
)

// The kinds of token, as stored.
const (
	tokenName   = "name"   // skeleton of one part
	tokenExact  = "exact"  // Latin spelling of one part
	tokenStart  = "start"  // first letters of a skeleton
	tokenWhole  = "whole"  // the name run together
	tokenEmail  = "email"  //
	tokenMobile = "mobile" //
)

type token struct{ kind, value string }

// tokens are the keyed hashes under which a record is found.
func (s *Service) tokens(tenant string, d Details) []token {
	vault := s.db.Vault()
	seen := map[token]bool{}
	var out []token
	add := func(kind, text string) {
		t := token{kind, text}
		if text == "" || seen[t] {
			return
		}
		seen[t] = true
		out = append(out, token{kind, vault.Token(tenant, "doctor "+kind, text)})
	}
	for _, form := range forms(d) {
		for _, p := range form {
			if !p.native {
				add(tokenExact, p.latin)
			}
			for _, k := range p.skeletons {
				add(tokenName, k)
				for _, n := range starts {
					if letters := []rune(k); len(letters) > n {
						add(tokenStart, string(letters[:n]))
					}
				}
			}
		}
	}
	for _, k := range blocks(d) {
		add(k.kind, k.value)
	}
	return out
}

// starts are the lengths of skeleton beginnings that are kept: enough for a
// search as one types, few enough to be cheap.
var starts = [...]int{2, 3}

// lookFor gives, for one typed part, the tokens any of which a record must have.
func (s *Service) lookFor(tenant string, p part, wide bool) []string {
	vault := s.db.Vault()
	out := []string{vault.Token(tenant, "doctor "+tokenExact, p.latin)}
	for _, k := range p.skeletons {
		out = append(out, vault.Token(tenant, "doctor "+tokenName, k), vault.Token(tenant, "doctor "+tokenWhole, k))
	}
	if !wide {
		return out
	}
	for _, k := range p.beginnings() {
		letters := []rune(k)
		if n := min(len(letters), starts[len(starts)-1]); n >= starts[0] {
			out = append(out, vault.Token(tenant, "doctor "+tokenStart, string(letters[:n])))
		}
		out = append(out, vault.Token(tenant, "doctor "+tokenName, k))
	}
	return out
}

// PersonToken is the cross-programme key of a person, by which "an earlier
// placement elsewhere?" is answered yes or no and nothing else. It is "" when
// the name or a telling birth date is missing: then it cannot be answered.
func (s *Service) PersonToken(_ context.Context, name string, birth clock.Date) string {
	key := personKey(name)
	if key == "" || !telling(birth) {
		return ""
	}
	return s.db.Vault().Token("", "doctor person", key+"|"+birth.String())
}

// PersonTokenOf is PersonToken of a record.
func (s *Service) PersonTokenOf(ctx context.Context, tenant, id string) (string, error) {
	return database.Once(ctx, s.db, "doctor token "+tenant+" "+id, func() (string, error) {
		d, err := s.load(ctx, tenant, id)
		if err != nil {
			return "", err
		}
		return s.PersonToken(ctx, first(d.AsWritten(), d.Native), d.BirthDate), nil
	})
}

func place(tenant, id string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: id, Table: "doctor_person", Row: id, Column: "sealed", Version: version}
}

// keyed are the blocking keys by which a search for one like this looks, as the
// store has them.
func (s *Service) keyed(tenant string, d Details) []token {
	var out []token
	for _, k := range append(blocks(d), nearBlocks(d)...) {
		out = append(out, token{k.kind, s.db.Vault().Token(tenant, "doctor "+k.kind, k.value)})
	}
	return out
}
