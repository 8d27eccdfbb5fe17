package doctor

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/database"
	"msw/internal/problem"
)

func equalityPlace(tenant, id string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: id, Table: "doctor_equality", Row: id, Column: "sealed", Version: version}
}

// saveEquality stores answers over the version that was read.
func (s *Service) saveEquality(ctx context.Context, tenant, id string, e Equality) error {
	before := e.Version
	e.Version++
	sealed, err := s.db.Vault().SealJSON(ctx, equalityPlace(tenant, id, e.Version), e)
	if err != nil {
		return fmt.Errorf("seal answers of %s: %w", id, err)
	}
	var rows int64
	if before == 0 {
		rows, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO doctor_equality (tenant_id, doctor_id, sealed, version) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, doctor_id) DO NOTHING`, tenant, id, sealed, e.Version)
	} else {
		rows, err = s.db.Q(ctx).Exec(ctx, `UPDATE doctor_equality SET sealed = $1, version = $2 WHERE tenant_id = $3 AND doctor_id = $4 AND version = $5`,
			sealed, e.Version, tenant, id, before)
	}
	if err != nil {
		return fmt.Errorf("save answers of %s: %w", id, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) dropEquality(ctx context.Context, tenant, id string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM doctor_equality WHERE tenant_id = $1 AND doctor_id = $2`, tenant, id); err != nil {
		return fmt.Errorf("forget answers of %s: %w", id, err)
	}
	return nil
}

func (s *Service) equalities(ctx context.Context, tenant string, ids []string) (map[string]Equality, error) {
	out := make(map[string]Equality, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, version, sealed FROM doctor_equality WHERE tenant_id = $1 AND doctor_id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	if err != nil {
		return nil, fmt.Errorf("load answers: %w", err)
	}
	sealed := map[string][]byte{}
	for rows.Next() {
		var id string
		var e Equality
		var b []byte
		if err := rows.Scan(&id, &e.Version, &b); err != nil {
			rows.Close()
			return nil, fmt.Errorf("load answers: %w", err)
		}
		out[id], sealed[id] = e, b
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("load answers: %w", err)
	}
	for id, e := range out {
		err := s.db.Vault().OpenJSON(ctx, equalityPlace(tenant, id, e.Version), sealed[id], &e)
		if errors.Is(err, database.ErrNoKey) {
			delete(out, id)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open answers of %s: %w", id, err)
		}
		out[id] = e
	}
	return out, nil
}
