package post

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const columns = `id, version, status, setting, employer_id, host_id, region, specialty, minutes_week, whole_time,
	pay_kind, pay_point, hcas, pay_pence, start_from, contract_end, funded_until, phase_id, indemnity,
	clinical_id, educational_id, essential, wished, funder, follows,
	least_medicine, least_surgery, least_after, holder, registered_on, filled_on, vacated_on`

type scanner interface{ Scan(dest ...any) error }

func scanPost(row scanner) (p Post, err error) {
	err = row.Scan(&p.ID, &p.Version, &p.Status, &p.Setting, &p.Employer, &p.Host, &p.Region, &p.Specialty, &p.MinutesWeek, &p.WholeTime,
		&p.Pay.Kind, &p.Pay.Point, &p.Pay.HCAS, &p.Pay.Pence, &p.StartFrom, &p.ContractEnd, &p.FundedUntil, &p.Phase, &p.Indemnity,
		&p.Clinical, &p.Educational, &p.Essential, &p.Wished, &p.Funder, &p.Follows,
		&p.Medicine, &p.Surgery, &p.After, &p.Holder, &p.RegisteredOn, &p.FilledOn, &p.VacatedOn)
	return p, err
}

// detailArgs are the values of a post that its employer writes, in the order of
// the columns from setting to least_after.
func (p Post) detailArgs() []any {
	return []any{string(p.Setting), p.Employer, p.Host, p.Region, p.Specialty, p.MinutesWeek, p.WholeTime,
		string(p.Pay.Kind), string(p.Pay.Point), string(p.Pay.HCAS), p.Pay.Pence, p.StartFrom, p.ContractEnd, p.FundedUntil,
		p.Phase, string(p.Indemnity), p.Clinical, p.Educational, p.Essential, p.Wished, string(p.Funder), p.Follows, p.Medicine, p.Surgery, p.After}
}

func (s *Service) insert(ctx context.Context, tenant string, p Post) error {
	args := append([]any{tenant, p.ID, p.Version, string(p.Status)}, p.detailArgs()...)
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO post_post (tenant_id, `+columns+`) VALUES `+database.Rows(1, 33, 1),
		append(args, p.Holder, p.RegisteredOn, p.FilledOn, p.VacatedOn)...)
	if err != nil {
		return fmt.Errorf("insert post %s: %w", p.ID, err)
	}
	return nil
}

func (s *Service) load(ctx context.Context, tenant, id string) (Post, error) {
	p, err := scanPost(s.db.Q(ctx).QueryRow(ctx, `SELECT `+columns+` FROM post_post WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return Post{}, problem.Missing()
	}
	if err != nil {
		return Post{}, fmt.Errorf("load post %s: %w", id, err)
	}
	return p, nil
}

func (s *Service) loadMany(ctx context.Context, tenant string, ids []string) (map[string]Post, error) {
	byID := make(map[string]Post, len(ids))
	if len(ids) == 0 {
		return byID, nil
	}
	list, err := s.query(ctx, `SELECT `+columns+` FROM post_post WHERE tenant_id = $1 AND id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	for _, p := range list {
		byID[p.ID] = p
	}
	return byID, err
}

func (s *Service) query(ctx context.Context, text string, args ...any) ([]Post, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	defer rows.Close()
	var list []Post
	for rows.Next() {
		p, err := scanPost(rows)
		if err != nil {
			return nil, fmt.Errorf("read posts: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// list reads one page of a scope, the latest start first.
func (s *Service) list(ctx context.Context, scope access.Scope, q Query) ([]Post, error) {
	employer, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "employer_id", Region: "region", Supervisor: "clinical_id"})
	cond := employer
	if !scope.All { // a post is also its host's, and its educational supervisor's
		host, more := database.Narrow(2+len(args), scope, database.Columns{Tenant: "tenant_id", Organisation: "host_id", Region: "region", Supervisor: "educational_id"})
		cond = "(" + employer + " OR " + host + ")"
		args = append(args, more...)
	}
	args = append([]any{scope.Tenant}, args...)
	add := func(text string, value any) {
		args = append(args, value)
		cond += fmt.Sprintf(" AND "+text, len(args))
	}
	if q.Status != "" {
		add("status = $%d", string(q.Status))
	}
	if q.Setting != "" {
		add("setting = $%d", string(q.Setting))
	}
	if q.Region != "" {
		add("region = $%d", q.Region)
	}
	if !q.From.IsZero() {
		add("start_from > $%d", q.From)
	}
	if q.Phase != "" {
		add("phase_id = $%d", q.Phase)
	}
	if len(q.After) == 2 {
		cond += fmt.Sprintf(" AND (start_from, id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, q.After[0], q.After[1])
	}
	args = append(args, q.Limit)
	return s.query(ctx, `SELECT `+columns+` FROM post_post WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` ORDER BY start_from DESC, id DESC LIMIT $%d`, len(args)), args...)
}

// amend stores new details of a post of a known version.
func (s *Service) amend(ctx context.Context, tenant string, p Post) error {
	args := append(p.detailArgs(), string(p.Status), tenant, p.ID, p.Version)
	return s.guarded(ctx, p.ID, `UPDATE post_post SET setting = $1, employer_id = $2, host_id = $3, region = $4, specialty = $5,
		minutes_week = $6, whole_time = $7, pay_kind = $8, pay_point = $9, hcas = $10, pay_pence = $11, start_from = $12,
		contract_end = $13, funded_until = $14, phase_id = $15, indemnity = $16, clinical_id = $17, educational_id = $18,
		essential = $19, wished = $20, funder = $21, follows = $22,
		least_medicine = $23, least_surgery = $24, least_after = $25, status = $26, version = version + 1
		WHERE tenant_id = $27 AND id = $28 AND version = $29`, args...)
}

func (s *Service) setStatus(ctx context.Context, tenant string, p Post, to Status) error {
	return s.guarded(ctx, p.ID, `UPDATE post_post SET status = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`,
		string(to), tenant, p.ID, p.Version)
}

// fill gives an open post to an offer; false when it is no longer open, which
// is how one of two acceptances at the same moment loses.
func (s *Service) fill(ctx context.Context, tenant, id, offer string, on clock.Date) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE post_post SET status = $1, holder = $2, filled_on = $3, version = version + 1
		WHERE tenant_id = $4 AND id = $5 AND status = $6 AND holder = ''`, string(Filled), offer, on, tenant, id, string(Open))
	if err != nil {
		return false, fmt.Errorf("fill post %s: %w", id, err)
	}
	return n == 1, nil
}

// free takes a post from who held it; left is the last day, the day before
// filled_on when nobody had begun.
func (s *Service) free(ctx context.Context, tenant string, p Post, to Status, left clock.Date) error {
	return s.guarded(ctx, p.ID, `UPDATE post_post SET status = $1, holder = '', filled_on = '', vacated_on = $2, version = version + 1
		WHERE tenant_id = $3 AND id = $4 AND version = $5`, string(to), left, tenant, p.ID, p.Version)
}

func (s *Service) guarded(ctx context.Context, id, text string, args ...any) error {
	n, err := s.db.Q(ctx).Exec(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("update post %s: %w", id, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}
