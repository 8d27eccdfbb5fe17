package support

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func place(tenant, person, table, row string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: person, Table: table, Row: row, Column: "sealed", Version: version}
}

// changed turns an update that found no row into "somebody else was first".
func changed(rows int64, err error, what string) error {
	if err != nil {
		return fmt.Errorf("save %s: %w", what, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	return nil
}

func missing(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return problem.Missing()
	}
	return fmt.Errorf("%s: %w", what, err)
}

// plan gives a doctor's plan; before the first one, a plan that asks nothing.
func (s *Service) plan(ctx context.Context, tenant, doctor string) (Plan, error) {
	p := Plan{Doctor: doctor, Rhythm: Never}
	var sealed []byte
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT rhythm, next_on, answers, exams, told, changed_at, sealed, version FROM support_plan WHERE tenant_id = $1 AND doctor_id = $2`,
		tenant, doctor).Scan(&p.Rhythm, &p.Next, &p.Answers, &p.Exams, &p.Told, &p.ChangedAt, &sealed, &p.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("plan of doctor %s: %w", doctor, err)
	}
	return p, s.db.Vault().OpenJSON(ctx, place(tenant, doctor, "support_plan", doctor, p.Version), sealed, &p.warned)
}

// savePlan writes a plan over the version it was read with.
func (s *Service) savePlan(ctx context.Context, tenant string, p Plan) error {
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, p.Doctor, "support_plan", p.Doctor, p.Version+1), p.warned)
	if err != nil {
		return err
	}
	if p.Version == 0 {
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO support_plan (tenant_id, doctor_id, rhythm, next_on, answers, exams, told, changed_at, sealed, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`, tenant, p.Doctor, string(p.Rhythm), p.Next, p.Answers, p.Exams, p.Told, p.ChangedAt, sealed)
		if database.IsDuplicate(err) {
			return problem.Stale()
		}
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_plan SET rhythm = $1, next_on = $2, answers = $3, exams = $4, told = $5, changed_at = $6, sealed = $7, version = version + 1
		WHERE tenant_id = $8 AND doctor_id = $9 AND version = $10`, string(p.Rhythm), p.Next, p.Answers, p.Exams, p.Told, p.ChangedAt, sealed, tenant, p.Doctor, p.Version)
	return changed(n, err, "plan")
}

// due lists the plans whose check-in is due, by doctor.
func (s *Service) due(ctx context.Context, tenant string, today clock.Date, after string, limit int) ([]Plan, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, next_on FROM support_plan WHERE tenant_id = $1 AND next_on <> '' AND next_on <= $2 AND doctor_id > $3 ORDER BY doctor_id LIMIT $4`,
		tenant, today, after, limit)
	if err != nil {
		return nil, fmt.Errorf("check-ins due: %w", err)
	}
	defer rows.Close()
	var out []Plan
	for rows.Next() {
		var p Plan
		if err := rows.Scan(&p.Doctor, &p.Next); err != nil {
			return nil, fmt.Errorf("check-ins due: %w", err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func (s *Service) insertCheckIn(ctx context.Context, call access.Call, c CheckIn) error {
	tenant := call.Actor.Tenant
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, c.Doctor, "support_checkin", c.ID, 1), c)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO support_checkin (tenant_id, id, doctor_id, on_day, made_at, sealed, version) VALUES ($1, $2, $3, $4, $5, $6, 1)`,
		tenant, c.ID, c.Doctor, c.On, call.Now, sealed)
	return err
}

func (s *Service) deleteCheckIn(ctx context.Context, tenant, doctor, id string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM support_checkin WHERE tenant_id = $1 AND id = $2 AND doctor_id = $3`, tenant, id, doctor)
	return n == 1, err
}

// checkIns gives a doctor's last check-ins, newest first.
func (s *Service) checkIns(ctx context.Context, tenant, doctor string, limit int) ([]CheckIn, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, on_day, sealed FROM support_checkin WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY on_day DESC, made_at DESC, id DESC LIMIT $3`, tenant, doctor, limit)
	if err != nil {
		return nil, fmt.Errorf("check-ins of doctor %s: %w", doctor, err)
	}
	var out []CheckIn
	var sealed [][]byte
	for rows.Next() {
		var c CheckIn
		var b []byte
		if err := rows.Scan(&c.ID, &c.On, &b); err != nil {
			rows.Close()
			return nil, fmt.Errorf("check-ins of doctor %s: %w", doctor, err)
		}
		out, sealed = append(out, c), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("check-ins of doctor %s: %w", doctor, err)
	}
	for i := range out {
		out[i].Doctor = doctor
		if err := s.db.Vault().OpenJSON(ctx, place(tenant, doctor, "support_checkin", out[i].ID, 1), sealed[i], &out[i]); err != nil {
			return nil, fmt.Errorf("open check-in %s: %w", out[i].ID, err)
		}
	}
	return out, nil
}

const callColumns = `SELECT id, doctor_id, told, owner, asked_at, done_at, done_by, version FROM support_call WHERE tenant_id = $1 AND `

func (s *Service) queryCalls(ctx context.Context, where string, args ...any) ([]Call, error) {
	rows, err := s.db.Q(ctx).Query(ctx, callColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	defer rows.Close()
	var out []Call
	for rows.Next() {
		var c Call
		if err := rows.Scan(&c.ID, &c.Doctor, &c.Told, &c.Owner, &c.AskedAt, &c.DoneAt, &c.DoneBy, &c.Version); err != nil {
			return nil, fmt.Errorf("calls: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func (s *Service) callsOf(ctx context.Context, tenant, doctor string) ([]Call, error) {
	return s.queryCalls(ctx, `doctor_id = $2 ORDER BY asked_at DESC, id DESC LIMIT 10`, tenant, doctor)
}

func (s *Service) call(ctx context.Context, tenant, id string) (Call, error) {
	list, err := s.queryCalls(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Call{}, err
	}
	return list[0], nil
}

// calls lists the calls that wait for some owners, the oldest first.
func (s *Service) calls(ctx context.Context, tenant string, owners, hidden []string, limit int) ([]Call, error) {
	args := append([]any{tenant}, database.Args(owners)...)
	narrow, more := database.Narrow(len(args)+1, access.Scope{Tenant: tenant, All: true, Hidden: hidden}, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	args = append(append(args, more...), limit)
	return s.queryCalls(ctx, `done_at = '' AND owner IN `+database.In(2, len(owners))+` AND `+narrow+` ORDER BY asked_at, id LIMIT `+database.In(len(args), 1), args...)
}

func (s *Service) insertCall(ctx context.Context, tenant string, c Call) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO support_call (tenant_id, id, doctor_id, told, owner, asked_at, version) VALUES ($1, $2, $3, $4, $5, $6, 1)`,
		tenant, c.ID, c.Doctor, c.Told, c.Owner, c.AskedAt)
	return err
}

func (s *Service) doneCall(ctx context.Context, call access.Call, c Call) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_call SET done_at = $1, done_by = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5`,
		call.Now, call.Actor.Account, call.Actor.Tenant, c.ID, c.Version)
	return changed(n, err, "call")
}
