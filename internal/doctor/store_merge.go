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
	return s.pairsBy(ctx, `verdict = 'same' AND fields <> '' AND kept_id IN `+database.In(2, len(ids)), append([]any{tenant}, database.Args(ids)...)...)
}

// decided tells of which pairs among some records somebody has decided.
func (s *Service) decided(ctx context.Context, tenant string, ids []string) (map[[2]string]bool, error) {
	out := map[[2]string]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	list, err := s.pairsBy(ctx, `verdict <> '' AND first_id IN `+database.In(2, len(ids)), append([]any{tenant}, database.Args(ids)...)...)
	for _, p := range list {
		out[[2]string{p.first, p.second}] = true
	}
	return out, err
}

// untold gives links of which the cases were not told yet.
func (s *Service) untold(ctx context.Context, tenant string, limit int) ([]pair, error) {
	return s.pairsBy(ctx, `verdict = 'same' AND kept_id <> '' AND told = 0 ORDER BY first_id, second_id LIMIT $2`, tenant, limit)
}

func (s *Service) setTold(ctx context.Context, tenant string, p pair) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE doctor_pair SET told = 1 WHERE tenant_id = $1 AND first_id = $2 AND second_id = $3`, tenant, p.first, p.second)
	return err
}

// pairsBy gives the pairs of a tenant, the first argument, by what more is asked.
func (s *Service) pairsBy(ctx context.Context, where string, args ...any) ([]pair, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT first_id, second_id, verdict, kept_id, fields, version FROM doctor_pair WHERE tenant_id = $1 AND `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("pairs of doctors: %w", err)
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
