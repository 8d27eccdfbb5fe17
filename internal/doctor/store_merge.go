package doctor

import (
	"context"
	"fmt"

	"msw/internal/database"
)

func (s *Service) anyLinked(ctx context.Context, tenant string) (found bool, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM doctor_pair WHERE tenant_id = $1 AND kept_id <> '')`, tenant).Scan(&found)
	return found, err
}

// links gives the links in which records go on and take something.
func (s *Service) links(ctx context.Context, tenant string, ids []string) ([]pair, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT first_id, second_id, verdict, kept_id, fields, version FROM doctor_pair WHERE tenant_id = $1 AND verdict = 'same' AND fields <> '' AND kept_id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	if err != nil {
		return nil, fmt.Errorf("links of doctors: %w", err)
	}
	defer rows.Close()
	var out []pair
	for rows.Next() {
		var p pair
		if err := rows.Scan(&p.first, &p.second, &p.verdict, &p.kept, &p.fields, &p.version); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}
