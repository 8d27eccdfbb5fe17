package portfolio

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

func grantPlace(tenant string, g Grant) database.Place {
	return database.Place{Tenant: tenant, Person: g.Doctor, Table: "portfolio_grant", Row: g.ID, Column: "sealed"}
}

func (s *Service) insertGrant(ctx context.Context, tenant string, g Grant) error {
	sealed, err := s.db.Vault().SealJSON(ctx, grantPlace(tenant, g), g.Sealed)
	if err != nil {
		return fmt.Errorf("passport access: %w", err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_grant (tenant_id, id, version, doctor_id, passport_id, code_hash, made_at, ends_on, ended_at, sealed) VALUES `+database.Rows(1, 10, 1),
		tenant, g.ID, g.Version, g.Doctor, g.Passport, g.CodeHash, g.Made, g.Ends, g.Ended, sealed)
	if err != nil {
		return fmt.Errorf("passport access: %w", err)
	}
	return nil
}

// grants reads those that fit a condition on $2.
func (s *Service) grants(ctx context.Context, tenant, cond, value string) ([]Grant, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, version, doctor_id, passport_id, code_hash, made_at, ends_on, ended_at, sealed FROM portfolio_grant WHERE tenant_id = $1 AND `+cond, tenant, value)
	if err != nil {
		return nil, fmt.Errorf("passport access: %w", err)
	}
	defer rows.Close()
	var list []Grant
	var sealed [][]byte
	for rows.Next() {
		var g Grant
		var b []byte
		if err := rows.Scan(&g.ID, &g.Version, &g.Doctor, &g.Passport, &g.CodeHash, &g.Made, &g.Ends, &g.Ended, &b); err != nil {
			return nil, fmt.Errorf("passport access: %w", err)
		}
		list, sealed = append(list, g), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("passport access: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, grantPlace(tenant, list[i]), sealed[i], &list[i].Sealed); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) endGrant(ctx context.Context, tenant, doctor, id string, at clock.Instant) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_grant SET ended_at = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND doctor_id = $4 AND ended_at = ''`, at, tenant, id, doctor)
	if err != nil {
		return false, fmt.Errorf("passport access: %w", err)
	}
	return n == 1, nil
}

func lookPlace(tenant string, l Look) database.Place {
	return database.Place{Tenant: tenant, Person: l.Doctor, Table: "portfolio_look", Row: l.ID, Column: "sealed"}
}

func (s *Service) insertLook(ctx context.Context, tenant string, l Look) error {
	sealed, err := s.db.Vault().SealJSON(ctx, lookPlace(tenant, l), l.Sealed)
	if err != nil {
		return fmt.Errorf("look at a passport: %w", err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_look (tenant_id, id, doctor_id, grant_id, looked_at, code_hash, sealed) VALUES `+database.Rows(1, 7, 1),
		tenant, l.ID, l.Doctor, l.Grant, l.At, l.CodeHash, sealed)
	if err != nil {
		return fmt.Errorf("look at a passport: %w", err)
	}
	return nil
}

// looks reads looks that fit a condition on $2.
func (s *Service) looks(ctx context.Context, tenant, cond, value string) ([]Look, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, doctor_id, grant_id, looked_at, code_hash, sealed FROM portfolio_look WHERE tenant_id = $1 AND `+cond, tenant, value)
	if err != nil {
		return nil, fmt.Errorf("looks at a passport: %w", err)
	}
	defer rows.Close()
	var list []Look
	var sealed [][]byte
	for rows.Next() {
		var l Look
		var b []byte
		if err := rows.Scan(&l.ID, &l.Doctor, &l.Grant, &l.At, &l.CodeHash, &b); err != nil {
			return nil, fmt.Errorf("looks at a passport: %w", err)
		}
		list, sealed = append(list, l), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("looks at a passport: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, lookPlace(tenant, list[i]), sealed[i], &list[i].Sealed); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func takenPlace(tenant string, t Taken) database.Place {
	return database.Place{Tenant: tenant, Person: t.Doctor, Table: "portfolio_taken", Row: t.ID, Column: "sealed"}
}

func (s *Service) insertTaken(ctx context.Context, tenant string, t Taken) error {
	sealed, err := s.db.Vault().SealJSON(ctx, takenPlace(tenant, t), t.Sealed)
	if err != nil {
		return fmt.Errorf("passport taken in: %w", err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_taken (tenant_id, id, doctor_id, organisation_id, taken_at, by_account, sealed) VALUES `+database.Rows(1, 7, 1),
		tenant, t.ID, t.Doctor, t.Organisation, t.At, t.By, sealed)
	if err != nil {
		return fmt.Errorf("passport taken in: %w", err)
	}
	return nil
}

// latestTaken is the passport of a doctor that one organisation took in last.
func (s *Service) latestTaken(ctx context.Context, tenant, doctor, organisation string) (t Taken, found bool, err error) {
	var sealed []byte
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT id, doctor_id, organisation_id, taken_at, by_account, sealed FROM portfolio_taken WHERE tenant_id = $1 AND doctor_id = $2 AND organisation_id = $3 ORDER BY taken_at DESC, id LIMIT 1`,
		tenant, doctor, organisation).Scan(&t.ID, &t.Doctor, &t.Organisation, &t.At, &t.By, &sealed)
	if database.IsNoRows(err) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("passport taken in: %w", err)
	}
	return t, true, s.db.Vault().OpenJSON(ctx, takenPlace(tenant, t), sealed, &t.Sealed)
}
