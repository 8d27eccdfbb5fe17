package placement

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/placement/card"
	"msw/internal/problem"
)

const leavingColumns = `placement_id, version, doctor_id, kind, last_day, code, leaves, state, by_account, recorded_at`

func scanLeaving(row scanner) (l Leaving, err error) {
	err = row.Scan(&l.Placement, &l.Version, &l.Doctor, &l.Kind, &l.LastDay, &l.Code, &l.Leaves, &l.State, &l.By, &l.RecordedAt)
	return l, err
}

// leaving reads the end of a placement; Version 0 when none was told.
func (s *Service) leaving(ctx context.Context, tenant, placement string) (Leaving, error) {
	l, err := scanLeaving(s.db.Q(ctx).QueryRow(ctx, `SELECT `+leavingColumns+` FROM placement_leaving WHERE tenant_id = $1 AND placement_id = $2`, tenant, placement))
	if database.IsNoRows(err) {
		return Leaving{Placement: placement}, nil
	}
	if err != nil {
		return Leaving{}, fmt.Errorf("end of placement %s: %w", placement, err)
	}
	return l, nil
}

// saveLeaving puts an end in the place of the one of a known version.
func (s *Service) saveLeaving(ctx context.Context, tenant string, l Leaving) error {
	var n int64
	var err error
	if l.Version == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_leaving (tenant_id, `+leavingColumns+`) VALUES `+database.Rows(1, 11, 1)+` ON CONFLICT DO NOTHING`,
			tenant, l.Placement, 1, l.Doctor, string(l.Kind), l.LastDay, l.Code, l.Leaves, l.State, l.By, l.RecordedAt)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE placement_leaving SET kind = $1, last_day = $2, code = $3, leaves = $4, state = $5, by_account = $6, recorded_at = $7,
			version = version + 1 WHERE tenant_id = $8 AND placement_id = $9 AND version = $10`,
			string(l.Kind), l.LastDay, l.Code, l.Leaves, l.State, l.By, l.RecordedAt, tenant, l.Placement, l.Version)
	}
	if err != nil {
		return fmt.Errorf("save the end of placement %s: %w", l.Placement, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// leavingDue lists the planned ends whose last day is over, by placement.
func (s *Service) leavingDue(ctx context.Context, tenant string, today clock.Date, limit int) ([]Leaving, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+leavingColumns+` FROM placement_leaving WHERE tenant_id = $1 AND state = $2 AND last_day < $3 ORDER BY last_day, placement_id LIMIT $4`,
		tenant, LeavingPlanned, today, limit)
	if err != nil {
		return nil, fmt.Errorf("ends that are due: %w", err)
	}
	defer rows.Close()
	var out []Leaving
	for rows.Next() {
		l, err := scanLeaving(rows)
		if err != nil {
			return nil, fmt.Errorf("ends that are due: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// leavingsSince lists ends whose last day is from a day on, after one of them.
func (s *Service) leavingsSince(ctx context.Context, tenant string, from clock.Date, after string, limit int) ([]Leaving, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+leavingColumns+` FROM placement_leaving WHERE tenant_id = $1 AND (last_day, placement_id) > ($2, $3) ORDER BY last_day, placement_id LIMIT $4`, tenant, from, after, limit)
	if err != nil {
		return nil, fmt.Errorf("ends of the last months: %w", err)
	}
	defer rows.Close()
	var out []Leaving
	for rows.Next() {
		l, err := scanLeaving(rows)
		if err != nil {
			return nil, fmt.Errorf("ends of the last months: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// cutStints ends what a card rests on with the last day that is planned: the
// card must know before the day comes.
func (s *Service) cutStints(ctx context.Context, tenant string, p Placement, list []card.Stint) error {
	l, err := s.leaving(ctx, tenant, p.ID)
	if err != nil || !l.Planned() {
		return err
	}
	for i := range list {
		if list[i].To.IsZero() || l.LastDay < list[i].To {
			list[i].To = l.LastDay
		}
	}
	return nil
}

func (s *Service) stepsDone(ctx context.Context, tenant, placement string) (map[string]clock.Date, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT step, done_on FROM placement_leaving_step WHERE tenant_id = $1 AND placement_id = $2`, tenant, placement)
	if err != nil {
		return nil, fmt.Errorf("steps of an end: %w", err)
	}
	defer rows.Close()
	out := map[string]clock.Date{}
	for rows.Next() {
		var step string
		var on clock.Date
		if err := rows.Scan(&step, &on); err != nil {
			return nil, fmt.Errorf("steps of an end: %w", err)
		}
		out[step] = on
	}
	return out, rows.Err()
}

func (s *Service) saveStep(ctx context.Context, tenant, placement, step, account string, on clock.Date) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_leaving_step (tenant_id, placement_id, step, done_on, by_account) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		tenant, placement, step, on, account); err != nil {
		return fmt.Errorf("step of an end: %w", err)
	}
	return nil
}

func (s *Service) dropStep(ctx context.Context, tenant, placement, step string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM placement_leaving_step WHERE tenant_id = $1 AND placement_id = $2 AND step = $3`, tenant, placement, step); err != nil {
		return fmt.Errorf("step of an end: %w", err)
	}
	return nil
}

// toClose lists ended placements whose last day lies before a day and which host
// and supervisors still see.
func (s *Service) toClose(ctx context.Context, tenant string, before clock.Date, limit int) ([]Placement, error) {
	return s.query(ctx, `SELECT `+columns+` FROM placement_placement WHERE tenant_id = $1 AND closed_on = '' AND ended_on <> '' AND ended_on < $2 ORDER BY ended_on, id LIMIT $3`,
		tenant, before, limit)
}

func (s *Service) close(ctx context.Context, tenant string, ids []string, on clock.Date) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_placement SET closed_on = $1 WHERE tenant_id = $2 AND closed_on = '' AND id IN `+database.In(3, len(ids)),
		append([]any{on, tenant}, database.Args(ids)...)...)
	if err != nil {
		return fmt.Errorf("close ended placements: %w", err)
	}
	return nil
}
