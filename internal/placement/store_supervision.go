package placement

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

type meetingSecret struct {
	Agenda []string
	Notes  string
	Needs  map[string]string
}

func secretPlace(tenant, doctor, table, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "placement_" + table, Row: id, Column: "sealed"}
}

// read collects rows; each scan may leave a sealed value that is opened after.
func read[T any](ctx context.Context, s *Service, what string, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", what, err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

type sealedRow[T any] struct {
	v      T
	sealed []byte
}

// one runs a statement that must change exactly one row.
func (s *Service) one(ctx context.Context, what string, otherwise error, text string, args ...any) error {
	n, err := s.db.Q(ctx).Exec(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if n == 0 {
		return otherwise
	}
	return nil
}

const meetingColumns = `id, version, placement_id, doctor_id, kind, held_on, doctor_at, supervisor_at, supervisor_id, by_account, recorded_at`

func (s *Service) insertMeeting(ctx context.Context, tenant string, m Meeting) error {
	sealed, err := s.db.Vault().SealJSON(ctx, secretPlace(tenant, m.Doctor, "meeting", m.ID), meetingSecret{m.Agenda, m.Notes, m.Needs})
	if err != nil {
		return fmt.Errorf("seal meeting: %w", err)
	}
	return s.one(ctx, "insert meeting", problem.New(problem.Conflict, "This meeting was recorded meanwhile. Look at it again."),
		`INSERT INTO placement_meeting (tenant_id, `+meetingColumns+`, sealed) VALUES `+database.Rows(1, 13, 1)+` ON CONFLICT DO NOTHING`,
		tenant, m.ID, m.Version, m.Placement, m.Doctor, m.Kind, m.On, m.DoctorAt, m.SupervisorAt, m.Supervisor, m.By, m.RecordedAt, sealed)
}

func (s *Service) agreeMeeting(ctx context.Context, tenant string, m Meeting) error {
	return s.one(ctx, "agree to meeting", problem.Stale(), `UPDATE placement_meeting SET doctor_at = $1, supervisor_at = $2, supervisor_id = $3, version = version + 1
		WHERE tenant_id = $4 AND id = $5 AND version = $6`, m.DoctorAt, m.SupervisorAt, m.Supervisor, tenant, m.ID, m.Version)
}

func scanMeeting(r *sql.Rows) (Meeting, error) {
	var m Meeting
	err := r.Scan(&m.ID, &m.Version, &m.Placement, &m.Doctor, &m.Kind, &m.On, &m.DoctorAt, &m.SupervisorAt, &m.Supervisor, &m.By, &m.RecordedAt)
	return m, err
}

// meetingsOf reads the meetings of some placements without what was said.
func (s *Service) meetingsOf(ctx context.Context, tenant string, placements []string) (map[string][]Meeting, error) {
	out := map[string][]Meeting{}
	if len(placements) == 0 {
		return out, nil
	}
	list, err := read(ctx, s, "meetings", scanMeeting, `SELECT `+meetingColumns+` FROM placement_meeting WHERE tenant_id = $1 AND placement_id IN `+
		database.In(2, len(placements))+` ORDER BY held_on, id`, append([]any{tenant}, database.Args(placements)...)...)
	for _, m := range list {
		out[m.Placement] = append(out[m.Placement], m)
	}
	return out, err
}

// loadMeeting reads one meeting whole.
func (s *Service) loadMeeting(ctx context.Context, tenant, id string) (Meeting, error) {
	list, err := read(ctx, s, "meeting", func(r *sql.Rows) (row sealedRow[Meeting], err error) {
		m := &row.v
		err = r.Scan(&m.ID, &m.Version, &m.Placement, &m.Doctor, &m.Kind, &m.On, &m.DoctorAt, &m.SupervisorAt, &m.Supervisor, &m.By, &m.RecordedAt, &row.sealed)
		return row, err
	}, `SELECT `+meetingColumns+`, sealed FROM placement_meeting WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err != nil || len(list) == 0 {
		return Meeting{}, cmpErr(err, problem.Missing())
	}
	m := list[0].v
	var secret meetingSecret
	if err := s.db.Vault().OpenJSON(ctx, secretPlace(tenant, m.Doctor, "meeting", m.ID), list[0].sealed, &secret); err != nil {
		return m, fmt.Errorf("open meeting: %w", err)
	}
	m.Agenda, m.Notes, m.Needs = secret.Agenda, secret.Notes, secret.Needs
	return m, nil
}

// tick says that an induction step was done; the first to say so counts.
func (s *Service) tick(ctx context.Context, tenant, account string, p Placement, step string, on clock.Date, at clock.Instant) error {
	return s.one(ctx, "tick induction", problem.New(problem.Conflict, "Somebody recorded this step meanwhile."),
		`INSERT INTO placement_induction (tenant_id, placement_id, step, doctor_id, done_on, by_account, recorded_at) VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT DO NOTHING`,
		tenant, p.ID, step, p.Doctor, on, account, at)
}

// stepsOf reads the steps done, by placement.
func (s *Service) stepsOf(ctx context.Context, tenant string, placements []string) (map[string]map[string]clock.Date, error) {
	out := map[string]map[string]clock.Date{}
	if len(placements) == 0 {
		return out, nil
	}
	type done struct {
		placement, step string
		on              clock.Date
	}
	list, err := read(ctx, s, "induction", func(r *sql.Rows) (d done, err error) {
		err = r.Scan(&d.placement, &d.step, &d.on)
		return d, err
	}, `SELECT placement_id, step, done_on FROM placement_induction WHERE tenant_id = $1 AND placement_id IN `+database.In(2, len(placements)),
		append([]any{tenant}, database.Args(placements)...)...)
	for _, d := range list {
		if out[d.placement] == nil {
			out[d.placement] = map[string]clock.Date{}
		}
		out[d.placement][d.step] = d.on
	}
	return out, err
}

func (s *Service) insertGoal(ctx context.Context, tenant string, g Goal) error {
	sealed, err := s.db.Vault().SealJSON(ctx, secretPlace(tenant, g.Doctor, "goal", g.ID), g.Text)
	if err != nil {
		return fmt.Errorf("seal goal: %w", err)
	}
	return s.one(ctx, "insert goal", problem.Stale(), `INSERT INTO placement_goal (tenant_id, id, version, placement_id, doctor_id, due_on, by_account, recorded_at, sealed)
		VALUES ($1,$2,1,$3,$4,$5,$6,$7,$8)`, tenant, g.ID, g.Placement, g.Doctor, g.Due, g.By, g.RecordedAt, sealed)
}

func (s *Service) meetGoal(ctx context.Context, tenant, placement, id string, on clock.Date) error {
	return s.one(ctx, "meet goal", problem.Stale(), `UPDATE placement_goal SET met_on = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND placement_id = $4 AND met_on = ''`,
		on, tenant, id, placement)
}

func (s *Service) goalsOf(ctx context.Context, tenant string, p Placement) ([]Goal, error) {
	rows, err := read(ctx, s, "goals", func(r *sql.Rows) (row sealedRow[Goal], err error) {
		g := &row.v
		err = r.Scan(&g.ID, &g.Version, &g.Due, &g.Met, &g.By, &g.RecordedAt, &row.sealed)
		return row, err
	}, `SELECT id, version, due_on, met_on, by_account, recorded_at, sealed FROM placement_goal WHERE tenant_id = $1 AND placement_id = $2 ORDER BY due_on, id`, tenant, p.ID)
	var out []Goal
	for _, row := range rows {
		g := row.v
		g.Placement, g.Doctor = p.ID, p.Doctor
		if err := s.db.Vault().OpenJSON(ctx, secretPlace(tenant, p.Doctor, "goal", g.ID), row.sealed, &g.Text); err != nil {
			return nil, fmt.Errorf("open goal: %w", err)
		}
		out = append(out, g)
	}
	return out, err
}

func (s *Service) insertCover(ctx context.Context, tenant string, v Cover) error {
	return s.one(ctx, "insert cover", problem.Stale(), `INSERT INTO placement_cover (tenant_id, id, version, placement_id, doctor_id, role, account_id, from_date, to_date, by_account, recorded_at)
		VALUES ($1,$2,1,$3,$4,$5,$6,$7,$8,$9,$10)`, tenant, v.ID, v.Placement, v.Doctor, v.Role, v.Account, v.From, v.To, v.By, v.RecordedAt)
}

func (s *Service) insertAbsence(ctx context.Context, tenant string, v Absence) error {
	sealed, err := s.db.Vault().SealJSON(ctx, secretPlace(tenant, v.Doctor, "absence", v.ID), v.Kind)
	if err != nil {
		return fmt.Errorf("seal absence: %w", err)
	}
	return s.one(ctx, "insert absence", problem.Stale(), `INSERT INTO placement_absence (tenant_id, id, version, placement_id, doctor_id, from_date, to_date, by_account, recorded_at, sealed)
		VALUES ($1,$2,1,$3,$4,$5,$6,$7,$8,$9)`, tenant, v.ID, v.Placement, v.Doctor, v.From, v.To, v.By, v.RecordedAt, sealed)
}

// endAbsence records the return of somebody whose last day away nobody knew.
func (s *Service) endAbsence(ctx context.Context, tenant, placement, id string, last clock.Date) error {
	return s.one(ctx, "end absence", problem.Stale(), `UPDATE placement_absence SET to_date = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND placement_id = $4
		AND to_date = '' AND from_date <= $5`, last, tenant, id, placement, last)
}

// absences reads the times without work; the kind only when asked for it.
func (s *Service) absences(ctx context.Context, tenant string, p Placement, kinds bool) ([]Absence, error) {
	rows, err := read(ctx, s, "absences", func(r *sql.Rows) (row sealedRow[Absence], err error) {
		v := &row.v
		err = r.Scan(&v.ID, &v.Version, &v.From, &v.To, &v.By, &v.RecordedAt, &row.sealed)
		return row, err
	}, `SELECT id, version, from_date, to_date, by_account, recorded_at, sealed FROM placement_absence WHERE tenant_id = $1 AND placement_id = $2 ORDER BY from_date DESC, id`, tenant, p.ID)
	var out []Absence
	for _, row := range rows {
		v := row.v
		v.Placement, v.Doctor = p.ID, p.Doctor
		if kinds {
			if err := s.db.Vault().OpenJSON(ctx, secretPlace(tenant, p.Doctor, "absence", v.ID), row.sealed, &v.Kind); err != nil {
				return nil, fmt.Errorf("open absence: %w", err)
			}
		}
		out = append(out, v)
	}
	return out, err
}
