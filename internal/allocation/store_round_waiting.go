package allocation

import (
	"context"
	"fmt"

	"msw/internal/database"
)

const waitingColumns = `doctor_id, version, since, priority, refused, moved_on, left_on, left_why, place, list_size`

func (s *Rounds) waitingRows(ctx context.Context, text string, args ...any) ([]WaitingEntry, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read waiting list: %w", err)
	}
	defer rows.Close()
	var out []WaitingEntry
	for rows.Next() {
		var e WaitingEntry
		var priority int64
		if err := rows.Scan(&e.Doctor, &e.Version, &e.Since, &priority, &e.Refused, &e.Moved, &e.LeftOn, &e.LeftWhy, &e.Place, &e.Of); err != nil {
			return nil, fmt.Errorf("read waiting list: %w", err)
		}
		e.Priority = priority == 1
		out = append(out, e)
	}
	return out, rows.Err()
}

// allWaiting reads everybody who is or was on the list.
func (s *Rounds) allWaiting(ctx context.Context, tenant string) ([]WaitingEntry, error) {
	return s.waitingRows(ctx, `SELECT `+waitingColumns+` FROM allocation_waiting WHERE tenant_id = $1 ORDER BY doctor_id`, tenant)
}

func (s *Rounds) waitingOf(ctx context.Context, tenant, doctor string) (WaitingEntry, bool, error) {
	list, err := s.waitingRows(ctx, `SELECT `+waitingColumns+` FROM allocation_waiting WHERE tenant_id = $1 AND doctor_id = $2`, tenant, doctor)
	if err != nil || len(list) == 0 {
		return WaitingEntry{}, false, err
	}
	return list[0], true, nil
}

// waitingPage gives those on the list after a place, in order.
func (s *Rounds) waitingPage(ctx context.Context, tenant string, regions []string, after, limit int) ([]WaitingEntry, error) {
	cond, args := "", []any{tenant, after}
	if len(regions) > 0 {
		cond = " AND region IN " + database.In(3, len(regions))
		args = append(args, database.Args(regions)...)
	}
	args = append(args, limit)
	return s.waitingRows(ctx, `SELECT `+waitingColumns+` FROM allocation_waiting WHERE tenant_id = $1 AND left_on = '' AND place > $2`+cond+
		fmt.Sprintf(` ORDER BY place, doctor_id LIMIT $%d`, len(args)), args...)
}

// saveWaiting writes entries as they are now, with their regions, over the
// versions they were read at: who lost the race is left for the next time.
func (s *Rounds) saveWaiting(ctx context.Context, tenant string, list []WaitingEntry, regions map[string]string) error {
	const width, most = 12, 15
	for from := 0; from < len(list); from += most {
		part := list[from:min(from+most, len(list))]
		args := make([]any, 0, width*len(part))
		for _, e := range part {
			priority := int64(0)
			if e.Priority {
				priority = 1
			}
			args = append(args, tenant, e.Doctor, e.Version+1, regions[e.Doctor], e.Since, priority, e.Refused, e.Moved, e.LeftOn, e.LeftWhy, e.Place, e.Of)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_waiting (tenant_id, doctor_id, version, region, since, priority, refused, moved_on, left_on,
			left_why, place, list_size) VALUES `+database.Rows(1, width, len(part))+` ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET version = excluded.version,
			region = excluded.region, since = excluded.since, priority = excluded.priority, refused = excluded.refused, moved_on = excluded.moved_on,
			left_on = excluded.left_on, left_why = excluded.left_why, place = excluded.place, list_size = excluded.list_size
			WHERE allocation_waiting.version = excluded.version - 1`, args...)
		if err != nil {
			return fmt.Errorf("save waiting list: %w", err)
		}
	}
	return nil
}

func (s *Rounds) saveWaitingEvents(ctx context.Context, tenant string, list []WaitingEvent) error {
	const width, most = 8, 20
	for from := 0; from < len(list); from += most {
		part := list[from:min(from+most, len(list))]
		args := make([]any, 0, width*len(part))
		for _, e := range part {
			args = append(args, tenant, e.Doctor, database.NewID(), e.Kind, e.On, e.Before, e.Now, e.Why)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_waiting_event (tenant_id, doctor_id, id, kind, on_day, before_place, now_place, why)
			VALUES `+database.Rows(1, width, len(part)), args...)
		if err != nil {
			return fmt.Errorf("save waiting list events: %w", err)
		}
	}
	return nil
}

// waitingEvents gives what happened to a doctor's place, the newest first.
func (s *Rounds) waitingEvents(ctx context.Context, tenant, doctor string) ([]WaitingEvent, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT kind, on_day, before_place, now_place, why FROM allocation_waiting_event
		WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY id DESC LIMIT 30`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("waiting list events: %w", err)
	}
	defer rows.Close()
	var out []WaitingEvent
	for rows.Next() {
		e := WaitingEvent{Doctor: doctor}
		if err := rows.Scan(&e.Kind, &e.On, &e.Before, &e.Now, &e.Why); err != nil {
			return nil, fmt.Errorf("waiting list events: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// lotOf is the lot's text for a tenant's waiting list: the seed hash of the
// newest round would move everybody at each round, so it is the tenant's own.
func (s *Rounds) lotOf(tenant string) string { return s.db.Vault().Token(tenant, "waiting-lot", "lot") }
