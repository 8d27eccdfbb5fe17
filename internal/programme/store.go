package programme

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

type store struct{ db *database.DB }

func (s store) addTenant(ctx context.Context, t Tenant) (added bool, err error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_tenant (tenant_id, name, kind, opened, public_programme, version)
		VALUES ($1,$2,$3,$4,$5,1) ON CONFLICT (tenant_id) DO NOTHING`, t.ID, t.Name, t.Kind, t.Opened, t.Public)
	if err != nil {
		return false, fmt.Errorf("add programme %s: %w", t.ID, err)
	}
	return n == 1, nil
}

// tenants lists every programme: the one list that is not of one tenant.
func (s store) tenants(ctx context.Context) ([]Tenant, error) {
	return database.Collect(ctx, s.db, func(r *sql.Rows) (t Tenant, err error) {
		err = r.Scan(&t.ID, &t.Name, &t.Kind, &t.Opened, &t.Public)
		t.Code = t.ID
		return t, err
	}, `SELECT tenant_id, name, kind, opened, public_programme FROM programme_tenant ORDER BY tenant_id`)
}

func (s store) setPublic(ctx context.Context, tenant string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `UPDATE programme_tenant SET public_programme = false, version = version + 1
		WHERE tenant_id <> $1 AND public_programme = true`, tenant); err != nil {
		return fmt.Errorf("public programme: %w", err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE programme_tenant SET public_programme = true, version = version + 1 WHERE tenant_id = $1`, tenant)
	if err == nil && n == 0 {
		err = problem.Missing()
	}
	return err
}

const phaseColumns = `tenant_id, id, code, title, summary, announced, starts, ends, money, places,
	applications_open, applications_close, waiting_open, waiting_close, eligibility, marks, version`

func scanPhase(r *sql.Rows) (p Phase, err error) {
	var marks string
	err = r.Scan(&p.Tenant, &p.ID, &p.Code, &p.Title, &p.Summary, &p.Announced, &p.Starts, &p.Ends, &p.Money, &p.Places,
		&p.ApplicationsOpen, &p.ApplicationsClose, &p.WaitingOpen, &p.WaitingClose, &p.Eligibility, &marks, &p.Version)
	if err == nil {
		err = json.Unmarshal([]byte(marks), &p.Marks)
	}
	return p, err
}

func (s store) phases(ctx context.Context, tenant string) ([]Phase, error) {
	all, err := database.Once(ctx, s.db, "programme phases "+tenant, func() ([]Phase, error) {
		return database.Collect(ctx, s.db, scanPhase, `SELECT `+phaseColumns+` FROM programme_phase WHERE tenant_id = $1 ORDER BY starts, code`, tenant)
	})
	return slices.Clone(all), err
}

func (s store) phase(ctx context.Context, tenant, id string) (Phase, error) {
	found, err := database.Collect(ctx, s.db, scanPhase, `SELECT `+phaseColumns+` FROM programme_phase WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(found) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Phase{}, err
	}
	return found[0], nil
}

func phaseArgs(p Phase) ([]any, error) {
	marks, err := json.Marshal(p.Marks)
	if err != nil {
		return nil, err
	}
	return []any{p.Code, p.Title, p.Summary, p.Announced, p.Starts, p.Ends, p.Money, p.Places,
		p.ApplicationsOpen, p.ApplicationsClose, p.WaitingOpen, p.WaitingClose, p.Eligibility, string(marks)}, nil
}

func (s store) addPhase(ctx context.Context, p Phase) error {
	s.db.Again(ctx, "programme phases "+p.Tenant)
	args, err := phaseArgs(p)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_phase (tenant_id, id, code, title, summary, announced, starts, ends, money, places,
		applications_open, applications_close, waiting_open, waiting_close, eligibility, marks, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,1) ON CONFLICT (tenant_id, code) DO NOTHING`,
		append([]any{p.Tenant, p.ID}, args...)...)
	if err != nil {
		return fmt.Errorf("add phase %s: %w", p.Code, err)
	}
	if n == 0 {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "code", Message: "There is already a phase with this code"}}}
	}
	return nil
}

func (s store) changePhase(ctx context.Context, p Phase) error {
	s.db.Again(ctx, "programme phases "+p.Tenant)
	args, err := phaseArgs(p)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE programme_phase SET code=$1, title=$2, summary=$3, announced=$4, starts=$5, ends=$6, money=$7, places=$8,
		applications_open=$9, applications_close=$10, waiting_open=$11, waiting_close=$12, eligibility=$13, marks=$14, version=version+1
		WHERE tenant_id=$15 AND id=$16 AND version=$17`, append(args, p.Tenant, p.ID, p.Version)...)
	if database.IsDuplicate(err) {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "code", Message: "There is already a phase with this code"}}}
	}
	if err != nil {
		return fmt.Errorf("change phase %s: %w", p.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s store) addSettings(ctx context.Context, tenant string, all []Setting) error {
	s.db.Again(ctx, "programme setting "+tenant+" ")
	var args []any
	for _, v := range all {
		args = append(args, tenant, v.Name, v.Value, v.SetOn, v.SetBy, v.Note, int64(1))
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_setting (tenant_id, name, value, set_on, set_by, note, version) VALUES `+
		database.Rows(1, 7, len(all)), args...)
	if err != nil {
		return fmt.Errorf("settings of %s: %w", tenant, err)
	}
	return nil
}

func scanSetting(r *sql.Rows) (v Setting, err error) {
	err = r.Scan(&v.Name, &v.Value, &v.SetOn, &v.SetBy, &v.Note, &v.Version)
	return v, err
}

func (s store) settings(ctx context.Context, tenant string) ([]Setting, error) {
	return database.Collect(ctx, s.db, scanSetting, `SELECT name, value, set_on, set_by, note, version FROM programme_setting WHERE tenant_id = $1 ORDER BY name`, tenant)
}

func (s store) setting(ctx context.Context, tenant, name string) (v Setting, found bool, err error) {
	kept, err := database.Once(ctx, s.db, "programme setting "+tenant+" "+name, func() ([]Setting, error) {
		return database.Collect(ctx, s.db, scanSetting, `SELECT name, value, set_on, set_by, note, version FROM programme_setting WHERE tenant_id = $1 AND name = $2`, tenant, name)
	})
	if err != nil || len(kept) == 0 {
		return v, false, err
	}
	return kept[0], true, nil
}

// saveSetting writes the value whose present version is v.Version (0 = none
// yet) and keeps the change for ever.
func (s store) saveSetting(ctx context.Context, tenant string, v Setting, at clock.Instant) error {
	s.db.Again(ctx, "programme setting "+tenant+" ")
	q := s.db.Q(ctx)
	n, err := q.Exec(ctx, `UPDATE programme_setting SET value=$1, set_on=$2, set_by=$3, note=$4, version=version+1
		WHERE tenant_id=$5 AND name=$6 AND version=$7`, v.Value, v.SetOn, v.SetBy, v.Note, tenant, v.Name, v.Version)
	if err == nil && n == 0 && v.Version == 0 {
		n, err = q.Exec(ctx, `INSERT INTO programme_setting (tenant_id, name, value, set_on, set_by, note, version)
			VALUES ($1,$2,$3,$4,$5,$6,1) ON CONFLICT (tenant_id, name) DO NOTHING`, tenant, v.Name, v.Value, v.SetOn, v.SetBy, v.Note)
	}
	if err != nil {
		return fmt.Errorf("setting %s: %w", v.Name, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	_, err = q.Exec(ctx, `INSERT INTO programme_setting_change (tenant_id, id, name, value, set_at, set_on, set_by, note)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`, tenant, database.NewID(), v.Name, v.Value, at, v.SetOn, v.SetBy, v.Note)
	return err
}

func (s store) changes(ctx context.Context, tenant, name string) ([]Change, error) {
	return database.Collect(ctx, s.db, func(r *sql.Rows) (c Change, err error) {
		err = r.Scan(&c.Name, &c.Value, &c.SetBy, &c.Note, &c.SetOn, &c.At)
		return c, err
	}, `SELECT name, value, set_by, note, set_on, set_at FROM programme_setting_change
		WHERE tenant_id = $1 AND name = $2 ORDER BY id DESC LIMIT 50`, tenant, name)
}
