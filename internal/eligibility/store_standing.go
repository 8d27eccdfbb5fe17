package eligibility

import (
	"context"
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/database"
)

const keepsKey = "eligibility keeps "

// keeps tells whether answers are kept in a tenant: since every case was once
// gone through.
func (s store) keeps(ctx context.Context, tenant string) (bool, error) {
	return database.Once(ctx, s.db, keepsKey+tenant, func() (found bool, err error) {
		err = s.db.Q(ctx).QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM eligibility_run WHERE tenant_id = $1)`, tenant).Scan(&found)
		return found, err
	})
}

// lastRun gives the rule version of the last time every case was gone through.
func (s store) lastRun(ctx context.Context, tenant string) (version string, found bool, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT rule_version FROM eligibility_run WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1`, tenant).Scan(&version)
	if database.IsNoRows(err) {
		return "", false, nil
	}
	return version, err == nil, err
}

func (s store) addRun(ctx context.Context, tenant string, r Again, now clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_run (tenant_id, id, rule_version, on_day, cases, changed, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tenant, database.NewID(), r.Version, r.On, r.Cases, r.Changed, now)
	if err != nil {
		return fmt.Errorf("record a run: %w", err)
	}
	s.db.Again(ctx, keepsKey+tenant)
	return nil
}

// standings gives what is kept of the cases between two ids, both included.
func (s store) standings(ctx context.Context, tenant, first, last string) (map[string]Standing, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, outcome, mark, until, rule_version, on_day FROM eligibility_standing
		WHERE tenant_id = $1 AND doctor_id >= $2 AND doctor_id <= $3`, tenant, first, last)
	if err != nil {
		return nil, fmt.Errorf("kept answers: %w", err)
	}
	defer rows.Close()
	out := map[string]Standing{}
	for rows.Next() {
		var k Standing
		if err := rows.Scan(&k.Doctor, &k.Outcome, &k.Mark, &k.Until, &k.Version, &k.On); err != nil {
			return nil, fmt.Errorf("kept answers: %w", err)
		}
		out[k.Doctor] = k
	}
	return out, rows.Err()
}

// keep stores answers, each in place of the one before.
func (s store) keep(ctx context.Context, tenant string, list []Standing) error {
	for part := range slices.Chunk(list, 28) {
		args := make([]any, 0, 7*len(part))
		for _, k := range part {
			args = append(args, tenant, k.Doctor, string(k.Outcome), k.Mark, k.Until, k.Version, k.On)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_standing (tenant_id, doctor_id, outcome, mark, until, rule_version, on_day) VALUES `+database.Rows(1, 7, len(part))+`
			ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET outcome = excluded.outcome, mark = excluded.mark, until = excluded.until,
			rule_version = excluded.rule_version, on_day = excluded.on_day`, args...)
		if err != nil {
			return fmt.Errorf("keep answers: %w", err)
		}
	}
	return nil
}

// keepOne is keep for one case, and writes nothing where nothing changed.
func (s store) keepOne(ctx context.Context, tenant string, k Standing) error {
	old, err := s.standings(ctx, tenant, k.Doctor, k.Doctor)
	if err != nil {
		return err
	}
	if before, found := old[k.Doctor]; found && before.same(k) {
		return nil
	}
	return s.keep(ctx, tenant, []Standing{k})
}

// due lists cases whose kept answer's last day is over.
func (s store) due(ctx context.Context, tenant string, today clock.Date, after string, limit int) (list []string, err error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id FROM eligibility_standing WHERE tenant_id = $1 AND until <> '' AND until < $2 AND doctor_id > $3 ORDER BY doctor_id LIMIT $4`,
		tenant, today, after, limit)
	if err != nil {
		return nil, fmt.Errorf("answers whose day is over: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, rows.Err()
}
