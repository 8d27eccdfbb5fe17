package casefile

import (
	"context"
	"fmt"
)

// Standing is where a case stands, for work on all of them.
type Standing struct {
	Doctor, Ref string
	Stage       Stage
	SameAs      string // the doctor whose record goes on as the same person
}

// Standings gives one page of every case of a tenant in the order of the
// doctor's id, after one. It asks no permission: regular work goes through all.
func (s *Service) Standings(ctx context.Context, tenant, after string, limit int) ([]Standing, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT doctor_id, ref, stage, same_as FROM casefile_case WHERE tenant_id = $1 AND doctor_id > $2 ORDER BY doctor_id LIMIT $3", tenant, after, limit)
	if err != nil {
		return nil, fmt.Errorf("page of cases: %w", err)
	}
	defer rows.Close()
	var out []Standing
	for rows.Next() {
		var c Standing
		if err := rows.Scan(&c.Doctor, &c.Ref, &c.Stage, &c.SameAs); err != nil {
			return nil, fmt.Errorf("page of cases: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// HowMany counts the cases of a tenant, for the progress of such work; not for
// pages.
func (s *Service) HowMany(ctx context.Context, tenant string) (n int, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, "SELECT count(*) FROM casefile_case WHERE tenant_id = $1", tenant).Scan(&n)
	return n, err
}
