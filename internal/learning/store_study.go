package learning

import (
	"context"
	"database/sql"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

const studyColumns = `SELECT id, version, placement_id, doctor_id, employer_id, minutes_week, from_date, to_date, state, side, proposed_by, proposed_at, answered_by, answered_at, ended_by, ended_at FROM learning_study WHERE tenant_id = $1 AND `

func (s *Service) queryStudies(ctx context.Context, cond string, args ...any) ([]Study, error) {
	return database.Collect(ctx, s.db, func(rows *sql.Rows) (x Study, err error) {
		return x, rows.Scan(&x.ID, &x.Version, &x.Placement, &x.Doctor, &x.Employer, &x.MinutesWeek, &x.From, &x.To, &x.State, &x.Side,
			&x.ProposedBy, &x.ProposedAt, &x.AnsweredBy, &x.AnsweredAt, &x.EndedBy, &x.EndedAt)
	}, studyColumns+cond, args...)
}

// studies gives the latest of a post, the newest first.
func (s *Service) studies(ctx context.Context, tenant, placement string) ([]Study, error) {
	return s.queryStudies(ctx, `placement_id = $2 ORDER BY proposed_at DESC, id DESC LIMIT 50`, tenant, placement)
}

func (s *Service) studyByID(ctx context.Context, tenant, id string) (Study, error) {
	list, err := s.queryStudies(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Study{}, err
	}
	return list[0], nil
}

// latestAgreed is what was agreed last, whether it runs or has ended.
func (s *Service) latestAgreed(ctx context.Context, tenant, placement string) (*Study, error) {
	return oneStudy(s.queryStudies(ctx, `placement_id = $2 AND state = $3 ORDER BY from_date DESC, id DESC LIMIT 1`, tenant, placement, string(Agreed)))
}

func (s *Service) openStudy(ctx context.Context, tenant, placement string) (*Study, error) {
	return oneStudy(s.queryStudies(ctx, `open = $2`, tenant, placement))
}

func oneStudy(list []Study, err error) (*Study, error) {
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// studyPage gives doctors' proposals that wait for employers of a scope.
func (s *Service) studyPage(ctx context.Context, scope access.Scope, after []string, limit int) ([]Study, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Organisation: "employer_id"})
	args = append([]any{scope.Tenant}, args...)
	n := len(args)
	cond += ` AND state = ` + database.In(n+1, 1) + ` AND side = ` + database.In(n+2, 1)
	args = append(args, string(Proposed), SideDoctor)
	if len(after) == 2 {
		cond += ` AND (proposed_at > ` + database.In(n+3, 1) + ` OR proposed_at = ` + database.In(n+4, 1) + ` AND id > ` + database.In(n+5, 1) + `)`
		args = append(args, after[0], after[0], after[1])
	}
	args = append(args, limit)
	return s.queryStudies(ctx, cond+` ORDER BY proposed_at, id LIMIT `+database.In(len(args), 1), args...)
}

// marks are the columns that keep one open and one running row a post.
func (x Study) marks() (open, running any) {
	switch {
	case x.State == Proposed:
		return x.Placement, nil
	case x.State == Agreed && x.To.IsZero():
		return nil, x.Placement
	}
	return nil, nil
}

// insertStudy saves a proposal; false when another waits for an answer.
func (s *Service) insertStudy(ctx context.Context, tenant string, x Study) (bool, error) {
	open, _ := x.marks()
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO learning_study (tenant_id, id, version, placement_id, doctor_id, employer_id, minutes_week, from_date, state, side, proposed_by, proposed_at, open)
		VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (tenant_id, open) DO NOTHING`,
		tenant, x.ID, x.Placement, x.Doctor, x.Employer, x.MinutesWeek, x.From, string(x.State), x.Side, x.ProposedBy, x.ProposedAt, open)
	return n == 1, err
}

func (s *Service) updateStudy(ctx context.Context, tenant string, x Study) error {
	open, running := x.marks()
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE learning_study SET version = version + 1, to_date = $1, state = $2, answered_by = $3, answered_at = $4, ended_by = $5, ended_at = $6, open = $7, running = $8 WHERE tenant_id = $9 AND id = $10 AND version = $11`,
		x.To, string(x.State), x.AnsweredBy, x.AnsweredAt, x.EndedBy, x.EndedAt, open, running, tenant, x.ID, x.Version)
	if database.IsDuplicate(err) {
		return problem.Stale()
	}
	return changed(n, err, "study time")
}
