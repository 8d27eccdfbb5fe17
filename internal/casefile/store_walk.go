package casefile

import (
	"context"
	"fmt"
)

// Walk lists the doctors of a tenant's cases after one of them, by id, at most
// limit: for jobs that look at every case. It asks no permission.
func (s *Service) Walk(ctx context.Context, tenant, after string, limit int) ([]string, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id FROM casefile_case WHERE tenant_id = $1 AND doctor_id > $2 ORDER BY doctor_id LIMIT $3`, tenant, after, limit)
	if err != nil {
		return nil, fmt.Errorf("walk cases: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("walk cases: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
