package registration

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

// duration is how long one stretch took one doctor.
type duration struct {
	Doctor, Stretch string
	Days            int
	Ended           clock.Date
}

// replaceDurations stores the stretches of one doctor in place of older ones.
func (s *Service) replaceDurations(ctx context.Context, tenant, doctor string, list []duration) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM registration_duration WHERE tenant_id = $1 AND doctor_id = $2`, tenant, doctor); err != nil {
		return fmt.Errorf("durations of %s: %w", doctor, err)
	}
	if len(list) == 0 {
		return nil
	}
	var args []any
	for _, d := range list {
		args = append(args, tenant, doctor, d.Stretch, d.Days, d.Ended)
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_duration (tenant_id, doctor_id, stretch, days, ended_on) VALUES `+database.Rows(1, 5, len(list)), args...)
	if err != nil {
		return fmt.Errorf("durations of %s: %w", doctor, err)
	}
	return nil
}

// measured tells of which of some doctors stretches are stored.
func (s *Service) measured(ctx context.Context, tenant string, doctors []string) (map[string]bool, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id FROM registration_duration WHERE tenant_id = $1 AND doctor_id IN `+database.In(2, len(doctors)),
		append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("durations: %w", err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("durations: %w", err)
		}
		out[id] = true
	}
	return out, rows.Err()
}

// days reads every duration of a tenant, by stretch, the shortest first.
func (s *Service) days(ctx context.Context, tenant string) (map[string][]int, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT stretch, days FROM registration_duration WHERE tenant_id = $1 ORDER BY stretch, days`, tenant)
	if err != nil {
		return nil, fmt.Errorf("durations: %w", err)
	}
	defer rows.Close()
	out := map[string][]int{}
	for rows.Next() {
		var stretch string
		var n int
		if err := rows.Scan(&stretch, &n); err != nil {
			return nil, fmt.Errorf("durations: %w", err)
		}
		out[stretch] = append(out[stretch], n)
	}
	return out, rows.Err()
}

func (s *Service) saveUsual(ctx context.Context, tenant string, u Usual) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_usual (tenant_id, stretch, cases, low, median, high, as_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, stretch) DO UPDATE SET cases = excluded.cases, low = excluded.low, median = excluded.median, high = excluded.high, as_at = excluded.as_at`,
		tenant, u.Step, u.N, u.Short, u.Median, u.Long, u.AsAt)
	if err != nil {
		return fmt.Errorf("usual duration %s: %w", u.Step, err)
	}
	return nil
}

// usuals reads what the history comes to.
func (s *Service) usuals(ctx context.Context, tenant string) ([]Usual, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT stretch, cases, low, median, high, as_at FROM registration_usual WHERE tenant_id = $1 ORDER BY stretch`, tenant)
	if err != nil {
		return nil, fmt.Errorf("usual durations: %w", err)
	}
	defer rows.Close()
	var out []Usual
	for rows.Next() {
		var u Usual
		if err := rows.Scan(&u.Step, &u.N, &u.Short, &u.Median, &u.Long, &u.AsAt); err != nil {
			return nil, fmt.Errorf("usual durations: %w", err)
		}
		out = append(out, u)
	}
	return out, rows.Err()
}
