package post

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

func (s *Service) saveInterest(ctx context.Context, tenant string, in Interest) error {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO post_interest (tenant_id, organisation_id, region, answer, places, said_on, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, organisation_id) DO UPDATE SET region = excluded.region, answer = excluded.answer, places = excluded.places,
		said_on = excluded.said_on, version = excluded.version WHERE post_interest.version = excluded.version - 1`,
		tenant, in.Organisation, in.Region, string(in.Answer), in.Places, in.SaidOn, in.Version+1)
	return inTurn(n, err, "interest of "+in.Organisation)
}

const interestColumns = `organisation_id, region, answer, places, said_on, version`

func (s *Service) readInterests(ctx context.Context, tenant, rest string, args []any) ([]Interest, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+interestColumns+` FROM post_interest WHERE tenant_id = $1 AND `+rest, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read interest: %w", err)
	}
	defer rows.Close()
	var out []Interest
	for rows.Next() {
		var i Interest
		if err := rows.Scan(&i.Organisation, &i.Region, &i.Answer, &i.Places, &i.SaidOn, &i.Version); err != nil {
			return nil, fmt.Errorf("read interest: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

func (s *Service) interests(ctx context.Context, scope access.Scope, q InterestQuery) ([]Interest, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "organisation_id", Region: "region"})
	add := func(text string, value any) {
		args = append(args, value)
		cond += fmt.Sprintf(text, len(args)+1)
	}
	if q.Answer != "" {
		add(" AND answer = $%d", string(q.Answer))
	}
	if q.Region != "" {
		add(" AND region = $%d", q.Region)
	}
	if len(q.After) == 2 {
		args = append(args, q.After[0], q.After[1])
		cond += fmt.Sprintf(" AND (said_on, organisation_id) < ($%d, $%d)", len(args), len(args)+1)
	}
	add(" ORDER BY said_on DESC, organisation_id DESC LIMIT $%d", q.Limit)
	return s.readInterests(ctx, scope.Tenant, cond, args)
}

func (s *Service) interestsOf(ctx context.Context, tenant string, ids []string) (map[string]Interest, error) {
	out := map[string]Interest{}
	if len(ids) == 0 {
		return out, nil
	}
	list, err := s.readInterests(ctx, tenant, `organisation_id IN `+database.In(2, len(ids)), database.Args(ids))
	for _, i := range list {
		out[i.Organisation] = i
	}
	return out, err
}

func (s *Service) insertDraft(ctx context.Context, tenant, account string, d Offering, text []byte) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO post_draft (tenant_id, id, account_id, answers, updated_at, version) VALUES ($1, $2, $3, $4, $5, 1)`,
		tenant, d.ID, account, string(text), d.Updated)
	if err != nil {
		return fmt.Errorf("begin an offer of a post: %w", err)
	}
	return nil
}

func (s *Service) saveDraft(ctx context.Context, tenant, account string, d Offering, text []byte) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE post_draft SET answers = $1, updated_at = $2, version = version + 1
		WHERE tenant_id = $3 AND id = $4 AND account_id = $5 AND version = $6`, string(text), d.Updated, tenant, d.ID, account, d.Version)
	return inTurn(n, err, "the offer of a post "+d.ID)
}

func (s *Service) deleteDraft(ctx context.Context, tenant, account, id string) error {
	n, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM post_draft WHERE tenant_id = $1 AND id = $2 AND account_id = $3`, tenant, id, account)
	if err == nil && n == 0 {
		return problem.Missing()
	}
	return inTurn(n, err, "the offer of a post "+id)
}

// drafts reads what an account has half written, one when an id is given.
func (s *Service) drafts(ctx context.Context, tenant, account, id string) ([]Offering, error) {
	cond, args := "", []any{tenant, account}
	if id != "" {
		cond, args = " AND id = $3", append(args, id)
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, answers, updated_at, version FROM post_draft WHERE tenant_id = $1 AND account_id = $2`+cond+` ORDER BY updated_at DESC LIMIT 50`, args...)
	if err != nil {
		return nil, fmt.Errorf("read offers of posts: %w", err)
	}
	defer rows.Close()
	var out []Offering
	for rows.Next() {
		var d Offering
		var text string
		if err := rows.Scan(&d.ID, &text, &d.Updated, &d.Version); err != nil {
			return nil, fmt.Errorf("read offers of posts: %w", err)
		}
		if err := d.read(text); err != nil {
			return nil, fmt.Errorf("read offer of a post %s: %w", d.ID, err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
