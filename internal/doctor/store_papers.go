package doctor

import (
	"context"
	"fmt"

	"msw/internal/database"
)

// numberKinds are the kinds of number as the index of them is made for.
const numberKinds = `('number', 'passport', 'licence', 'certificate')`

// sharedNumbers gives the next keys of numbers that several records have.
func (s *Service) sharedNumbers(ctx context.Context, tenant string, after token, limit int) (out []token, err error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT kind, token FROM doctor_token WHERE tenant_id = $1 AND kind IN `+numberKinds+` AND (kind, token) > ($2, $3)
		GROUP BY kind, token HAVING count(*) > 1 ORDER BY kind, token LIMIT $4`, tenant, after.kind, after.value, limit)
	if err != nil {
		return nil, fmt.Errorf("numbers that several have: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t token
		if err := rows.Scan(&t.kind, &t.value); err != nil {
			return nil, fmt.Errorf("numbers that several have: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// papersOf gives the tokens of several doctors' numbers, by id and kind. It reads
// by doctor: without coalesce SQLite would walk the index of all numbers.
func (s *Service) papersOf(ctx context.Context, tenant string, ids ...string) (map[string]map[string][]string, error) {
	out := make(map[string]map[string][]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, kind, token FROM doctor_token WHERE tenant_id = $1 AND coalesce(kind, '') IN `+numberKinds+` AND doctor_id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	if err != nil {
		return nil, fmt.Errorf("numbers of doctors: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, kind, key string
		if err := rows.Scan(&id, &kind, &key); err != nil {
			return nil, fmt.Errorf("numbers of doctors: %w", err)
		}
		if out[id] == nil {
			out[id] = map[string][]string{}
		}
		out[id][kind] = append(out[id][kind], key)
	}
	return out, rows.Err()
}

// dropTokens takes away a record's tokens but those that stay when typed is saved.
func (s *Service) dropTokens(ctx context.Context, tenant, id string, typed Papers) error {
	kept := func(kind string) string {
		if typed.keeps(kind) {
			return kind
		}
		return tokenNumber
	}
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM doctor_token WHERE tenant_id = $1 AND doctor_id = $2 AND kind NOT IN ($3, $4, $5, $6)`,
		tenant, id, tokenNumber, kept(tokenPassport), kept(tokenLicence), kept(tokenCertificate))
	if err != nil {
		return fmt.Errorf("delete tokens of doctor %s: %w", id, err)
	}
	return nil
}
