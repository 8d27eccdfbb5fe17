package casefile

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/clock"
)

func calm(urgent bool) int64 {
	if urgent {
		return 0
	}
	return 1
}

// upsertTask opens a task, or opens it again with the new words; one already
// open keeps the day it began.
func (s *Service) upsertTask(ctx context.Context, tenant string, t Task) error {
	if s.waits(ctx, tenant, t) {
		return nil
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_task (tenant_id, doctor_id, kind, source, title, url, party, owner, calm, since, due)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
		ON CONFLICT (tenant_id, doctor_id, kind, source) DO UPDATE SET title = excluded.title, url = excluded.url, party = excluded.party,
			owner = excluded.owner, calm = excluded.calm, due = excluded.due, closed_on = '', version = casefile_task.version + 1,
			since = CASE WHEN casefile_task.closed_on = '' AND casefile_task.party = excluded.party THEN casefile_task.since ELSE excluded.since END`,
		tenant, t.Doctor, t.Kind, t.Source, t.Title, t.URL, string(t.Party), t.Owner, calm(t.Urgent), t.Since, t.Due)
	if err != nil {
		return fmt.Errorf("open task %s of %s: %w", t.Kind, t.Doctor, err)
	}
	return nil
}

func (s *Service) closeTask(ctx context.Context, tenant, doctor, kind, source string, on clock.Date) error {
	if s.waitsClosed(ctx, taskKey{tenant, doctor, kind, source}, on) {
		return nil
	}
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE casefile_task SET closed_on = $1, version = version + 1
		WHERE tenant_id = $2 AND doctor_id = $3 AND kind = $4 AND source = $5 AND closed_on = ''`, on, tenant, doctor, kind, source)
	if err != nil {
		return fmt.Errorf("close task %s of %s: %w", kind, doctor, err)
	}
	return nil
}

func (s *Service) assignTask(ctx context.Context, tenant, doctor, kind, source, account string) (bool, error) {
	if err := s.flush(ctx); err != nil {
		return false, err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE casefile_task SET owner = $1, version = version + 1
		WHERE tenant_id = $2 AND doctor_id = $3 AND kind = $4 AND source = $5 AND closed_on = ''`, account, tenant, doctor, kind, source)
	if err != nil {
		return false, fmt.Errorf("assign task %s of %s: %w", kind, doctor, err)
	}
	return n > 0, nil
}

const taskColumns = "t.doctor_id, t.kind, t.source, t.title, t.url, t.party, t.owner, t.calm, t.since, t.due"

func scanTask(rows *sql.Rows, more ...any) (t Task, err error) {
	var rank int64
	err = rows.Scan(append([]any{&t.Doctor, &t.Kind, &t.Source, &t.Title, &t.URL, &t.Party, &t.Owner, &rank, &t.Since, &t.Due}, more...)...)
	t.Urgent = rank == 0
	return t, err
}

// openTasks lists a case's open tasks, urgent first, then the longest waiting.
func (s *Service) openTasks(ctx context.Context, tenant, doctor string) ([]Task, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT "+taskColumns+` FROM casefile_task t
		WHERE t.tenant_id = $1 AND t.doctor_id = $2 AND t.closed_on = '' ORDER BY t.calm, t.since, t.kind, t.source`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("tasks of %s: %w", doctor, err)
	}
	defer rows.Close()
	var list []Task
	for rows.Next() {
		t, err := scanTask(rows)
		if err != nil {
			return nil, fmt.Errorf("tasks of %s: %w", doctor, err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

func (s *Service) insertHold(ctx context.Context, tenant string, h Hold) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_hold (tenant_id, doctor_id, id, reason, party, from_date, until) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		tenant, h.Doctor, h.ID, h.Reason, string(h.Party), h.From, h.Until)
	if err != nil {
		return fmt.Errorf("hold of %s: %w", h.Doctor, err)
	}
	return nil
}

func (s *Service) endHold(ctx context.Context, tenant, doctor, id string, on clock.Date) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE casefile_hold SET ended = $1, version = version + 1
		WHERE tenant_id = $2 AND doctor_id = $3 AND id = $4 AND ended = ''`, on, tenant, doctor, id)
	if err != nil {
		return false, fmt.Errorf("end hold of %s: %w", doctor, err)
	}
	return n > 0, nil
}
