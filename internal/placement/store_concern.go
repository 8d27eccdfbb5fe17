package placement

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"msw/internal/problem"
)

func (s *Service) insertConcern(ctx context.Context, tenant string, c Concern) error {
	sealed, err := s.db.Vault().SealJSON(ctx, secretPlace(tenant, c.Doctor, "concern", c.ID), c.Text)
	if err != nil {
		return fmt.Errorf("seal concern: %w", err)
	}
	return s.one(ctx, "insert concern", problem.Stale(), `INSERT INTO placement_concern (tenant_id, id, placement_id, doctor_id, about_id, closes, kept_from, by_account, recorded_at, sealed)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`, tenant, c.ID, c.Placement, c.Doctor, c.About, c.Closes, strings.Join(c.KeptFrom, " "), c.By, c.RecordedAt, sealed)
}

// concernsOf reads all concerns on a post, for everybody: ask readable.
func (s *Service) concernsOf(ctx context.Context, tenant string, p Placement) ([]Concern, error) {
	rows, err := read(ctx, s, "concerns", func(r *sql.Rows) (row sealedRow[Concern], err error) {
		c := &row.v
		var kept string
		err = r.Scan(&c.ID, &c.About, &c.Closes, &kept, &c.By, &c.RecordedAt, &row.sealed)
		c.KeptFrom = strings.Fields(kept)
		return row, err
	}, `SELECT id, about_id, closes, kept_from, by_account, recorded_at, sealed FROM placement_concern WHERE tenant_id = $1 AND placement_id = $2 ORDER BY recorded_at, id`, tenant, p.ID)
	var out []Concern
	for _, row := range rows {
		c := row.v
		c.Placement, c.Doctor = p.ID, p.Doctor
		if err := s.db.Vault().OpenJSON(ctx, secretPlace(tenant, p.Doctor, "concern", c.ID), row.sealed, &c.Text); err != nil {
			return nil, fmt.Errorf("open concern: %w", err)
		}
		out = append(out, c)
	}
	return out, err
}
