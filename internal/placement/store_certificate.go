package placement

import (
	"context"
	"fmt"

	"msw/internal/database"
	"msw/internal/problem"
)

const certificateColumns = `number, placement_id, doctor_id, issue, replaces, issued_on, issued_at, by_account, sealed`

func certificatePlace(tenant string, c Certificate) database.Place {
	return database.Place{Tenant: tenant, Person: c.Doctor, Table: "placement_certificate", Row: c.Number, Column: "sealed"}
}

// insertCertificate adds one; Conflict when another of its issue came first.
func (s *Service) insertCertificate(ctx context.Context, tenant string, c Certificate) error {
	sealed, err := s.db.Vault().SealJSON(ctx, certificatePlace(tenant, c), c.Served)
	if err != nil {
		return fmt.Errorf("seal certificate %s: %w", c.Number, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_certificate (tenant_id, `+certificateColumns+`) VALUES `+database.Rows(1, 10, 1)+` ON CONFLICT DO NOTHING`,
		tenant, c.Number, c.Placement, c.Doctor, c.Issue, c.Replaces, c.IssuedOn, c.IssuedAt, c.By, sealed)
	if err != nil {
		return fmt.Errorf("insert certificate %s: %w", c.Number, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) certificate(ctx context.Context, tenant, number string) (Certificate, error) {
	list, err := s.queryCertificates(ctx, tenant, `SELECT `+certificateColumns+` FROM placement_certificate WHERE tenant_id = $1 AND number = $2`, tenant, number)
	if err != nil || len(list) == 0 {
		return Certificate{}, cmpErr(err, problem.Missing())
	}
	return list[0], nil
}

// certificateCounts tells whether there is a certificate that nothing replaced; it
// opens nothing.
func (s *Service) certificateCounts(ctx context.Context, tenant, number string) (bool, error) {
	var n int
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*) FROM placement_certificate c WHERE c.tenant_id = $1 AND c.number = $2
		AND NOT EXISTS (SELECT 1 FROM placement_certificate n WHERE n.tenant_id = $3 AND n.replaces = $4)`, tenant, number, tenant, number).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("check certificate: %w", err)
	}
	return n > 0, nil
}

// certificatesOf lists the issues of a placement's certificate, the first first.
func (s *Service) certificatesOf(ctx context.Context, tenant, placement string) ([]Certificate, error) {
	return s.queryCertificates(ctx, tenant, `SELECT `+certificateColumns+` FROM placement_certificate WHERE tenant_id = $1 AND placement_id = $2 ORDER BY issue`, tenant, placement)
}

func (s *Service) queryCertificates(ctx context.Context, tenant, text string, args ...any) ([]Certificate, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	defer rows.Close()
	var list []Certificate
	var sealed [][]byte
	for rows.Next() {
		var c Certificate
		var b []byte
		if err := rows.Scan(&c.Number, &c.Placement, &c.Doctor, &c.Issue, &c.Replaces, &c.IssuedOn, &c.IssuedAt, &c.By, &b); err != nil {
			return nil, fmt.Errorf("read certificates: %w", err)
		}
		list, sealed = append(list, c), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, certificatePlace(tenant, list[i]), sealed[i], &list[i].Served); err != nil {
			return nil, fmt.Errorf("open certificate %s: %w", list[i].Number, err)
		}
	}
	return list, nil
}
