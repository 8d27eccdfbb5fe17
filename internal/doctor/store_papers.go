package doctor

import (
	"context"
	"fmt"

	"msw/internal/database"
)

// papersOf gives the tokens of several doctors' numbers, by id and kind.
func (s *Service) papersOf(ctx context.Context, tenant string, ids ...string) (map[string]map[string][]string, error) {
	out := make(map[string]map[string][]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, kind, token FROM doctor_token WHERE tenant_id = $1 AND kind IN ($2, $3, $4) AND doctor_id IN `+database.In(5, len(ids)),
		append([]any{tenant, tokenNumber, tokenPassport, tokenLicence}, database.Args(ids)...)...)
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
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM doctor_token WHERE tenant_id = $1 AND doctor_id = $2 AND kind NOT IN ($3, $4, $5)`,
		tenant, id, tokenNumber, kept(tokenPassport), kept(tokenLicence))
	if err != nil {
		return fmt.Errorf("delete tokens of doctor %s: %w", id, err)
	}
	return nil
}
