package support

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

const helpColumns = `SELECT id, name, topic, takes, does, reach, link, checked_on, checked_by, closed_on, version FROM support_help WHERE tenant_id = $1 AND `

func (s *Service) queryHelp(ctx context.Context, where string, args ...any) ([]Help, error) {
	rows, err := s.db.Q(ctx).Query(ctx, helpColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("directory of help: %w", err)
	}
	defer rows.Close()
	var out []Help
	for rows.Next() {
		var h Help
		if err := rows.Scan(&h.ID, &h.Name, &h.Topic, &h.Takes, &h.Does, &h.Reach, &h.Link, &h.CheckedOn, &h.CheckedBy, &h.ClosedOn, &h.Version); err != nil {
			return nil, fmt.Errorf("directory of help: %w", err)
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

func (s *Service) helps(ctx context.Context, tenant, topic string) ([]Help, error) {
	if topic == "" {
		return s.queryHelp(ctx, `closed_on = '' ORDER BY topic, name, id LIMIT 200`, tenant)
	}
	return s.queryHelp(ctx, `closed_on = '' AND topic = $2 ORDER BY name, id LIMIT 200`, tenant, topic)
}

func (s *Service) help(ctx context.Context, tenant, id string) (Help, error) {
	list, err := s.queryHelp(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Help{}, err
	}
	return list[0], nil
}

func (s *Service) insertHelp(ctx context.Context, tenant string, h Help) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO support_help (tenant_id, id, name, topic, takes, does, reach, link, checked_on, checked_by, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
		tenant, h.ID, h.Name, h.Topic, h.Takes, h.Does, h.Reach, h.Link, h.CheckedOn, h.CheckedBy)
	return err
}

func (s *Service) saveHelp(ctx context.Context, tenant string, h Help) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_help SET name = $1, topic = $2, takes = $3, does = $4, reach = $5, link = $6, checked_on = $7, checked_by = $8, closed_on = $9, version = version + 1
		WHERE tenant_id = $10 AND id = $11 AND version = $12`, h.Name, h.Topic, h.Takes, h.Does, h.Reach, h.Link, h.CheckedOn, h.CheckedBy, h.ClosedOn, tenant, h.ID, h.Version)
	return changed(n, err, "help")
}

const hardshipColumns = `SELECT id, doctor_id, kind, pence, needed_by, state, asked_on, decided_on, decided_by, reason, sealed, version FROM support_hardship WHERE tenant_id = $1 AND `

func (s *Service) queryHardship(ctx context.Context, where string, args ...any) ([]Hardship, error) {
	rows, err := s.db.Q(ctx).Query(ctx, hardshipColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("hardship requests: %w", err)
	}
	var out []Hardship
	var sealed [][]byte
	for rows.Next() {
		var h Hardship
		var b []byte
		if err := rows.Scan(&h.ID, &h.Doctor, &h.Kind, &h.Pence, &h.NeededBy, &h.State, &h.AskedOn, &h.DecidedOn, &h.DecidedBy, &h.Reason, &b, &h.Version); err != nil {
			rows.Close()
			return nil, fmt.Errorf("hardship requests: %w", err)
		}
		out, sealed = append(out, h), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("hardship requests: %w", err)
	}
	tenant, _ := args[0].(string)
	for i, h := range out {
		if err := s.db.Vault().OpenJSON(ctx, place(tenant, h.Doctor, "support_hardship", h.ID, 1), sealed[i], &out[i].Why); err != nil {
			return nil, fmt.Errorf("open hardship request %s: %w", h.ID, err)
		}
	}
	return out, nil
}

func (s *Service) hardshipOf(ctx context.Context, tenant, doctor string) ([]Hardship, error) {
	return s.queryHardship(ctx, `doctor_id = $2 ORDER BY asked_on DESC, id DESC LIMIT 20`, tenant, doctor)
}

func (s *Service) hardship(ctx context.Context, tenant, id string) (Hardship, error) {
	list, err := s.queryHardship(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Hardship{}, err
	}
	return list[0], nil
}

func (s *Service) hardshipsAsked(ctx context.Context, tenant string, hidden, after []string, limit int) ([]Hardship, error) {
	args := []any{tenant, string(Asked)}
	where := `state = $2`
	if len(after) == 2 {
		where += ` AND (asked_on > $3 OR asked_on = $4 AND id > $5)`
		args = append(args, after[0], after[0], after[1])
	}
	narrow, more := database.Narrow(len(args)+1, access.Scope{Tenant: tenant, All: true, Hidden: hidden}, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	args = append(append(args, more...), limit)
	return s.queryHardship(ctx, where+` AND `+narrow+` ORDER BY asked_on, id LIMIT `+database.In(len(args), 1), args...)
}

func (s *Service) insertHardship(ctx context.Context, tenant string, h Hardship) error {
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, h.Doctor, "support_hardship", h.ID, 1), h.Why)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO support_hardship (tenant_id, id, doctor_id, kind, pence, needed_by, state, asked_on, open, sealed, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
		tenant, h.ID, h.Doctor, h.Kind, h.Pence, h.NeededBy, string(h.State), h.AskedOn, h.Doctor, sealed)
	if database.IsDuplicate(err) {
		return problem.Stale()
	}
	return err
}

// saveHardship ends a request: only those that wait are changed.
func (s *Service) saveHardship(ctx context.Context, tenant string, h Hardship) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_hardship SET state = $1, decided_on = $2, decided_by = $3, reason = $4, open = NULL, version = version + 1 WHERE tenant_id = $5 AND id = $6 AND version = $7`,
		string(h.State), h.DecidedOn, h.DecidedBy, h.Reason, tenant, h.ID, h.Version)
	return changed(n, err, "hardship request")
}
