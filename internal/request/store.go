package request

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// sealedPart is what of a request only those may read who may see it.
type sealedPart struct {
	Whom      Whom      `json:"whom"`
	Answer    Answer    `json:"answer"`
	Judgement Judgement `json:"judgement"`
}

func place(tenant string, r Request) database.Place {
	return database.Place{Tenant: tenant, Person: r.Doctor, Table: "request_request", Row: r.ID, Column: "sealed", Version: r.Version}
}

const columns = `id, version, doctor_id, kind, state, owes, why, since, next_on, fact_id, parent_id, source, region, organisation_id, made_on, asked_on, expires_on,
	reminded, agreed_on, received_on, declined_on, judged_on, verdict, judged_by, withdrawn_on, blocked_on, round, instead, sealed`

const width = 30

func (s *Service) values(ctx context.Context, tenant string, r Request) ([]any, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, r), sealedPart{r.Whom, r.Answer, r.Judgement})
	if err != nil {
		return nil, fmt.Errorf("seal request %s: %w", r.ID, err)
	}
	return []any{tenant, r.ID, r.Version, r.Doctor, r.Kind, string(r.State), string(r.Owes), r.Why, r.Since, r.Next, r.Fact, r.Parent, r.Source, r.Region, r.Organisation,
		r.Made, r.Asked, r.Expires, strings.Join(r.Reminded, " "), r.Agreed, r.Received, r.Declined, r.Judged, r.Verdict, r.JudgedBy, r.Gone, r.Blocked, r.Round, r.Instead, sealed}, nil
}

func (s *Service) insert(ctx context.Context, tenant string, r Request) error {
	args, err := s.values(ctx, tenant, r)
	if err != nil {
		return err
	}
	if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO request_request (tenant_id, `+columns+`) VALUES `+database.Rows(1, width, 1), args...); err != nil {
		return fmt.Errorf("insert request %s: %w", r.ID, err)
	}
	return nil
}

// update saves a request over the version that was read.
func (s *Service) update(ctx context.Context, tenant string, r Request, version int) error {
	args, err := s.values(ctx, tenant, r)
	if err != nil {
		return err
	}
	args = append(args[2:], tenant, r.ID, version)
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE request_request SET version = $1, doctor_id = $2, kind = $3, state = $4, owes = $5, why = $6, since = $7, next_on = $8, fact_id = $9,
		parent_id = $10, source = $11, region = $12, organisation_id = $13, made_on = $14, asked_on = $15, expires_on = $16, reminded = $17, agreed_on = $18,
		received_on = $19, declined_on = $20, judged_on = $21, verdict = $22, judged_by = $23, withdrawn_on = $24, blocked_on = $25, round = $26, instead = $27, sealed = $28
		WHERE tenant_id = $29 AND id = $30 AND version = $31`, args...)
	if err != nil {
		return fmt.Errorf("update request %s: %w", r.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) query(ctx context.Context, tenant, text string, args ...any) ([]Request, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("load requests: %w", err)
	}
	list, sealed, err := scan(rows)
	if err != nil {
		return nil, fmt.Errorf("load requests: %w", err)
	}
	for i := range list {
		var p sealedPart
		err := s.db.Vault().OpenJSON(ctx, place(tenant, list[i]), sealed[i], &p)
		if err != nil && !errors.Is(err, database.ErrNoKey) { // of somebody erased the empty row stays
			return nil, fmt.Errorf("open request %s: %w", list[i].ID, err)
		}
		list[i].Whom, list[i].Answer, list[i].Judgement = p.Whom, p.Answer, p.Judgement
	}
	return list, nil
}

func scan(rows *sql.Rows) (list []Request, sealed [][]byte, err error) {
	defer rows.Close()
	for rows.Next() {
		var r Request
		var b []byte
		var reminded string
		if err := rows.Scan(&r.ID, &r.Version, &r.Doctor, &r.Kind, &r.State, &r.Owes, &r.Why, &r.Since, &r.Next, &r.Fact, &r.Parent, &r.Source, &r.Region, &r.Organisation,
			&r.Made, &r.Asked, &r.Expires, &reminded, &r.Agreed, &r.Received, &r.Declined, &r.Judged, &r.Verdict, &r.JudgedBy, &r.Gone, &r.Blocked, &r.Round, &r.Instead, &b); err != nil {
			return nil, nil, err
		}
		r.Reminded = rungs(reminded)
		list, sealed = append(list, r), append(sealed, b)
	}
	return list, sealed, rows.Err()
}

func (s *Service) load(ctx context.Context, tenant, id string) (Request, error) {
	ref, ok := database.CheckRef(id)
	if !ok {
		return Request{}, problem.Missing()
	}
	list, err := s.query(ctx, tenant, `SELECT `+columns+` FROM request_request WHERE tenant_id = $1 AND id = $2`, tenant, ref)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Request{}, err
	}
	return list[0], nil
}

func (s *Service) ofDoctor(ctx context.Context, tenant, doctor string) ([]Request, error) {
	return s.query(ctx, tenant, `SELECT `+columns+` FROM request_request WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY made_on, id LIMIT 200`, tenant, doctor)
}

// due lists requests which time alone changes by a day.
func (s *Service) due(ctx context.Context, tenant string, today clock.Date, limit int) ([]Request, error) {
	return s.query(ctx, tenant, `SELECT `+columns+` FROM request_request WHERE tenant_id = $1 AND next_on <> '' AND next_on <= $2 ORDER BY next_on, id LIMIT $3`, tenant, today, limit)
}

// total moves the count of how many requests stand so.
func (s *Service) total(ctx context.Context, tenant string, r Request, n int) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO request_total (tenant_id, region, kind, state, owes, requests) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant_id, region, kind, state, owes) DO UPDATE SET requests = request_total.requests + excluded.requests`,
		tenant, r.Region, r.Kind, string(r.State), string(r.Owes), n)
	if err != nil {
		return fmt.Errorf("count request %s: %w", r.ID, err)
	}
	return nil
}

// Total is how many requests of a kind stand in a state.
type Total struct {
	Kind     string
	State    State
	Owes     Owes
	Requests int
}

func (s *Service) totals(ctx context.Context, scope access.Scope) ([]Total, error) {
	cond, args := database.Narrow(2, access.Scope{Tenant: scope.Tenant, All: scope.All, Regions: scope.Regions}, database.Columns{Tenant: "tenant_id", Region: "region"})
	args = append([]any{scope.Tenant}, args...)
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT kind, state, owes, SUM(requests) FROM request_total WHERE tenant_id = $1 AND `+cond+` GROUP BY kind, state, owes ORDER BY kind, state, owes`, args...)
	if err != nil {
		return nil, fmt.Errorf("totals of requests: %w", err)
	}
	defer rows.Close()
	var out []Total
	for rows.Next() {
		var t Total
		if err := rows.Scan(&t.Kind, &t.State, &t.Owes, &t.Requests); err != nil {
			return nil, fmt.Errorf("totals of requests: %w", err)
		}
		if t.Requests != 0 {
			out = append(out, t)
		}
	}
	return out, rows.Err()
}

// board lists requests in a scope, those that wait longest first.
func (s *Service) board(ctx context.Context, scope access.Scope, q Query) ([]Request, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Region: "region", Organisation: "organisation_id"})
	args = append([]any{scope.Tenant}, args...)
	and := func(column, value string) {
		if value != "" {
			args = append(args, value)
			cond += fmt.Sprintf(" AND %s = $%d", column, len(args))
		}
	}
	and("kind", q.Kind)
	and("state", string(q.State))
	and("owes", string(q.Owes))
	if q.State == "" && !q.Over {
		cond += ` AND state IN ('cannot_start', 'waiting', 'overdue', 'received')`
	}
	if len(q.After) == 2 {
		args = append(args, q.After[0], q.After[1])
		cond += fmt.Sprintf(" AND (since, id) > ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, q.Limit)
	return s.query(ctx, scope.Tenant, `SELECT `+columns+` FROM request_request WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` ORDER BY since, id LIMIT $%d`, len(args)), args...)
}
