package post

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
)

type supervisorSecret struct{ Name string }

func supervisorPlace(tenant, account string, version int) database.Place {
	return database.Place{Tenant: tenant, Table: "post_supervisor", Row: account, Column: "sealed", Version: version}
}

// saveSupervisor writes a supervisor of the version before Version, or a new
// one when Version is 1; false when someone else was first.
func (s *Service) saveSupervisor(ctx context.Context, tenant string, v Supervisor) (bool, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, supervisorPlace(tenant, v.Account, v.Version), supervisorSecret{v.Name})
	if err != nil {
		return false, fmt.Errorf("seal supervisor %s: %w", v.Account, err)
	}
	var n int64
	if v.Version == 1 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO post_supervisor (tenant_id, account_id, organisation_id, capacity, holding, sealed, approved_until, away_from, away_until, version)
			VALUES ($1,$2,$3,$4,0,$5,$6,$7,$8,1) ON CONFLICT (tenant_id, account_id) DO NOTHING`,
			tenant, v.Account, v.Organisation, v.Capacity, sealed, v.ApprovedUntil, v.AwayFrom, v.AwayUntil)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE post_supervisor SET organisation_id = $1, capacity = $2, sealed = $3, approved_until = $4,
			away_from = $5, away_until = $6, version = version + 1 WHERE tenant_id = $7 AND account_id = $8 AND version = $9`,
			v.Organisation, v.Capacity, sealed, v.ApprovedUntil, v.AwayFrom, v.AwayUntil, tenant, v.Account, v.Version-1)
	}
	if err != nil {
		return false, fmt.Errorf("save supervisor %s: %w", v.Account, err)
	}
	return n == 1, nil
}

const supervisorColumns = `account_id, organisation_id, capacity, holding, approved_until, away_from, away_until, sealed, version`

func (s *Service) supervisors(ctx context.Context, tenant, column string, values []string) ([]Supervisor, error) {
	if len(values) == 0 {
		return nil, nil
	}
	return s.readSupervisors(ctx, tenant, column+" IN "+database.In(2, len(values)),
		database.Args(values))
}

// scopedSupervisors lists those within a scope; 500 are more than any one
// employer has and enough for a page.
func (s *Service) scopedSupervisors(ctx context.Context, scope access.Scope) ([]Supervisor, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "organisation_id"})
	return s.readSupervisors(ctx, scope.Tenant, cond, args)
}

func (s *Service) readSupervisors(ctx context.Context, tenant, cond string, args []any) ([]Supervisor, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+supervisorColumns+` FROM post_supervisor WHERE tenant_id = $1 AND `+cond+` ORDER BY organisation_id, account_id LIMIT 500`,
		append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read supervisors: %w", err)
	}
	defer rows.Close()
	var list []Supervisor
	var sealed [][]byte
	for rows.Next() {
		var v Supervisor
		var b []byte
		if err := rows.Scan(&v.Account, &v.Organisation, &v.Capacity, &v.Holding, &v.ApprovedUntil, &v.AwayFrom, &v.AwayUntil, &b, &v.Version); err != nil {
			return nil, fmt.Errorf("read supervisors: %w", err)
		}
		list, sealed = append(list, v), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read supervisors: %w", err)
	}
	for i := range list {
		var secret supervisorSecret
		if err := s.db.Vault().OpenJSON(ctx, supervisorPlace(tenant, list[i].Account, list[i].Version), sealed[i], &secret); err != nil {
			return nil, fmt.Errorf("open supervisor %s: %w", list[i].Account, err)
		}
		list[i].Name = secret.Name
	}
	return list, nil
}

// take gives a supervisor one more person; false when there is no room left.
// Counting and testing in one statement keeps two people from taking the last
// place at once.
func (s *Service) take(ctx context.Context, tenant, account string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE post_supervisor SET holding = holding + 1
		WHERE tenant_id = $1 AND account_id = $2 AND holding < capacity`, tenant, account)
	if err != nil {
		return false, fmt.Errorf("take place with supervisor %s: %w", account, err)
	}
	return n == 1, nil
}

func (s *Service) giveBack(ctx context.Context, tenant, account string) error {
	if account == "" {
		return nil
	}
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE post_supervisor SET holding = holding - 1
		WHERE tenant_id = $1 AND account_id = $2 AND holding > 0`, tenant, account)
	if err != nil {
		return fmt.Errorf("give back place with supervisor %s: %w", account, err)
	}
	return nil
}
