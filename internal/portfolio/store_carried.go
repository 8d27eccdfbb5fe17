package portfolio

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// carried is what a doctor brought from elsewhere beside items.
type carried struct {
	Version      int                 `json:"-"`
	Posts        []ExportPost        `json:"posts,omitempty"`
	Certificates []ExportCertificate `json:"certificates,omitempty"`
	Passport     *ExportPassport     `json:"passport,omitempty"`
	Feedback     []Feedback          `json:"feedback,omitempty"`
	Reports      []Report            `json:"reports,omitempty"`
}

func carriedPlace(tenant, doctor string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "portfolio_carried", Row: doctor, Column: "sealed", Version: version}
}

func (s *Service) carried(ctx context.Context, tenant, doctor string) (b carried, err error) {
	var sealed []byte
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT version, sealed FROM portfolio_carried WHERE tenant_id = $1 AND doctor_id = $2`, tenant, doctor).Scan(&b.Version, &sealed)
	if database.IsNoRows(err) {
		return carried{}, nil
	}
	if err != nil {
		return b, fmt.Errorf("portfolio from elsewhere: %w", err)
	}
	return b, s.db.Vault().OpenJSON(ctx, carriedPlace(tenant, doctor, b.Version), sealed, &b)
}

func (s *Service) saveCarried(ctx context.Context, tenant, doctor string, on clock.Date, b carried) error {
	was := b.Version
	sealed, err := s.db.Vault().SealJSON(ctx, carriedPlace(tenant, doctor, was+1), b)
	if err != nil {
		return fmt.Errorf("portfolio from elsewhere: %w", err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_carried (tenant_id, doctor_id, version, taken_on, sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET version = excluded.version, taken_on = excluded.taken_on, sealed = excluded.sealed WHERE portfolio_carried.version = excluded.version - 1`,
		tenant, doctor, was+1, on, sealed)
	if err != nil {
		return fmt.Errorf("portfolio from elsewhere: %w", err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// itemExists tells whether a reference of an item is used by anybody.
func (s *Service) itemExists(ctx context.Context, tenant, id string) (bool, error) {
	var n int
	if err := s.db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*) FROM portfolio_item WHERE tenant_id = $1 AND id = $2`, tenant, id).Scan(&n); err != nil {
		return false, fmt.Errorf("portfolio item %s: %w", id, err)
	}
	return n > 0, nil
}
