package registration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func differencePlace(tenant string, d Disagreement) database.Place {
	return database.Place{Tenant: tenant, Person: d.Doctor, Table: "registration_register_difference", Row: d.ID, Column: "sealed", Version: d.Version}
}

const differenceColumns = `id, doctor_id, version, state, turn, due, opened_on, mark, way, first_by, second_by, settled_on, tasked, sealed`

func scanDifference(rows *sql.Rows) (d Disagreement, sealed []byte, err error) {
	err = rows.Scan(&d.ID, &d.Doctor, &d.Version, &d.State, &d.Turn, &d.Due, &d.Opened, &d.mark, &d.Way, &d.First, &d.Second, &d.SettledOn, &d.tasked, &sealed)
	return d, sealed, err
}

func (s *Service) differences(ctx context.Context, tenant, query string, args ...any) ([]Disagreement, error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("register differences: %w", err)
	}
	var list []Disagreement
	var sealed [][]byte
	for rows.Next() {
		d, b, err := scanDifference(rows)
		if err != nil {
			rows.Close()
			return nil, fmt.Errorf("register differences: %w", err)
		}
		list, sealed = append(list, d), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("register differences: %w", err)
	}
	kept := list[:0]
	for i, d := range list {
		err := s.db.Vault().OpenJSON(ctx, differencePlace(tenant, d), sealed[i], &d.Details)
		if errors.Is(err, database.ErrNoKey) { // the person was erased
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open difference %s: %w", d.ID, err)
		}
		kept = append(kept, d)
	}
	return kept, nil
}

// difference reads one; Missing when there is none.
func (s *Service) difference(ctx context.Context, tenant, id string) (Disagreement, error) {
	list, err := s.differences(ctx, tenant, `SELECT `+differenceColumns+` FROM registration_register_difference WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Disagreement{}, err
	}
	return list[0], nil
}

// lastDifference gives a doctor's newest disagreement; no ID when there is none.
func (s *Service) lastDifference(ctx context.Context, tenant, doctor string) (Disagreement, error) {
	list, err := s.differences(ctx, tenant, `SELECT `+differenceColumns+` FROM registration_register_difference
		WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY id DESC LIMIT 1`, tenant, doctor)
	if err != nil || len(list) == 0 {
		return Disagreement{}, err
	}
	return list[0], nil
}

func (s *Service) insertDifference(ctx context.Context, tenant string, d Disagreement) error {
	sealed, err := s.db.Vault().SealJSON(ctx, differencePlace(tenant, d), d.Details)
	if err != nil {
		return fmt.Errorf("seal difference %s: %w", d.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_register_difference (tenant_id, `+differenceColumns+`) VALUES `+database.Rows(1, 15, 1),
		tenant, d.ID, d.Doctor, d.Version, d.State, string(d.Turn), d.Due, d.Opened, d.mark, d.Way, d.First, d.Second, d.SettledOn, d.tasked, sealed)
	if err != nil {
		return fmt.Errorf("insert difference %s: %w", d.ID, err)
	}
	return nil
}

// updateDifference saves a disagreement at its next version.
func (s *Service) updateDifference(ctx context.Context, tenant string, d *Disagreement) error {
	before := d.Version
	d.Version++
	sealed, err := s.db.Vault().SealJSON(ctx, differencePlace(tenant, *d), d.Details)
	if err != nil {
		return fmt.Errorf("seal difference %s: %w", d.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE registration_register_difference SET version = $1, state = $2, turn = $3, due = $4, mark = $5, way = $6,
		first_by = $7, second_by = $8, settled_on = $9, tasked = $10, sealed = $11 WHERE tenant_id = $12 AND id = $13 AND version = $14`,
		d.Version, d.State, string(d.Turn), d.Due, d.mark, d.Way, d.First, d.Second, d.SettledOn, d.tasked, sealed, tenant, d.ID, before)
	if err != nil {
		return fmt.Errorf("update difference %s: %w", d.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// queue reads one page: what waits on a day, what is put off, what waits for a
// second person, what is settled; the oldest first, settled ones the newest.
func (s *Service) queue(ctx context.Context, sc access.Scope, q QueueQuery, today clock.Date, limit int) ([]Disagreement, error) {
	cond, args := database.Narrow(1, sc, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	next := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	order, than := "due, id", ">"
	switch q.Show {
	case ShowSecond:
		cond += " AND state = " + next(DifferenceAnswered)
	case ShowSnoozed:
		cond += " AND state = " + next(DifferenceOpen) + " AND due > " + next(today)
	case ShowSettled:
		cond += " AND state = " + next(DifferenceSettled)
		order, than = "due DESC, id DESC", "<"
	default:
		cond += " AND state = " + next(DifferenceOpen) + " AND due <= " + next(today)
	}
	if len(q.After) == 2 {
		cond += " AND (due, id) " + than + " (" + next(q.After[0]) + ", " + next(q.After[1]) + ")"
	}
	return s.differences(ctx, sc.Tenant, `SELECT `+differenceColumns+` FROM registration_register_difference WHERE `+cond+` AND tenant_id = `+next(sc.Tenant)+
		` ORDER BY `+order+` LIMIT `+next(limit), args...)
}

// due lists what was put off and is shown again, without a task yet.
func (s *Service) untasked(ctx context.Context, tenant string, today clock.Date, limit int) ([]Disagreement, error) {
	return s.differences(ctx, tenant, `SELECT `+differenceColumns+` FROM registration_register_difference
		WHERE tenant_id = $1 AND state = 'open' AND due <= $2 AND tasked = false ORDER BY due, id LIMIT $3`, tenant, today, limit)
}
