package portfolio

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const reportColumns = `id, version, doctor_id, placement_id, kind, state, issue, replaces, by_account, begun_on, signed_at, sealed`

// reportSealed is what is sealed of a report.
type reportSealed struct {
	Record  ReportRecord `json:"record"`
	Written Written      `json:"written"`
	Signer  *Signer      `json:"signer,omitempty"`
}

func reportPlace(tenant, doctor, id string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "portfolio_report", Row: id, Column: "sealed", Version: version}
}

func (r Report) state() string {
	if r.Draft {
		return "draft"
	}
	return "signed"
}

// saveReport writes a report, a new one when was is 0. One that is signed is
// never written again: the statement finds drafts only.
func (s *Service) saveReport(ctx context.Context, tenant string, r *Report, was int) error {
	r.Version = was + 1
	sealed, err := s.db.Vault().SealJSON(ctx, reportPlace(tenant, r.Doctor, r.Number, r.Version), reportSealed{r.Record, r.Written, r.Signer})
	if err != nil {
		return fmt.Errorf("report %s: %w", r.Number, err)
	}
	var n int64
	if was == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_report (tenant_id, `+reportColumns+`) VALUES `+database.Rows(1, 13, 1),
			tenant, r.Number, r.Version, r.Doctor, r.Placement, string(r.Kind), r.state(), r.Issue, r.Replaces, r.By, r.BegunOn, r.SignedAt, sealed)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_report SET version = $1, state = $2, by_account = $3, signed_at = $4, sealed = $5 WHERE tenant_id = $6 AND id = $7 AND version = $8 AND state = 'draft'`,
			r.Version, r.state(), r.By, r.SignedAt, sealed, tenant, r.Number, was)
	}
	if database.IsDuplicate(err) {
		return problem.New(problem.Conflict, "Somebody else has begun or signed one meanwhile. Look at it first.")
	}
	if err != nil {
		return fmt.Errorf("report %s: %w", r.Number, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) deleteDraft(ctx context.Context, tenant, id string) error {
	n, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM portfolio_report WHERE tenant_id = $1 AND id = $2 AND state = 'draft'`, tenant, id)
	if err != nil {
		return fmt.Errorf("report %s: %w", id, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) reports(ctx context.Context, tenant, cond string, args ...any) ([]Report, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+reportColumns+` FROM portfolio_report WHERE tenant_id = $1 AND `+cond+` ORDER BY begun_on DESC, id DESC`, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	defer rows.Close()
	var list []Report
	var sealed [][]byte
	for rows.Next() {
		var r Report
		var b []byte
		var kind, state string
		if err := rows.Scan(&r.Number, &r.Version, &r.Doctor, &r.Placement, &kind, &state, &r.Issue, &r.Replaces, &r.By, &r.BegunOn, &r.SignedAt, &b); err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
		r.Kind, r.Draft = ReportKind(kind), state == "draft"
		list, sealed = append(list, r), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	for i := range list {
		r := &list[i]
		var v reportSealed
		if err := s.db.Vault().OpenJSON(ctx, reportPlace(tenant, r.Doctor, r.Number, r.Version), sealed[i], &v); err != nil {
			return nil, err
		}
		r.Record, r.Written, r.Signer = v.Record, v.Written, v.Signer
	}
	for i := range list {
		for _, other := range list {
			if !other.Draft && other.Replaces == list[i].Number {
				list[i].ReplacedBy = other.Number
			}
		}
	}
	return list, nil
}

func (s *Service) reportsOf(ctx context.Context, tenant, doctor string) ([]Report, error) {
	return s.reports(ctx, tenant, `doctor_id = $2`, doctor)
}

// report reads one, with what replaced it.
func (s *Service) report(ctx context.Context, tenant, id string) (Report, error) {
	list, err := s.reports(ctx, tenant, `(id = $2 OR replaces = $3)`, id, id)
	if err != nil {
		return Report{}, err
	}
	for _, r := range list {
		if r.Number == id {
			return r, nil
		}
	}
	return Report{}, problem.Missing()
}

// Body is what an employer says of itself: that it is a designated body.
type Body struct {
	Organisation, Code, By string
	On                     clock.Date
}

func (s *Service) bodies(ctx context.Context, tenant string, organisations []string) (map[string]Body, error) {
	out := map[string]Body{}
	if len(organisations) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT organisation_id, code, stated_by, stated_on FROM portfolio_body WHERE tenant_id = $1 AND organisation_id IN `+database.In(2, len(organisations)),
		append([]any{tenant}, database.Args(organisations)...)...)
	if err != nil {
		return nil, fmt.Errorf("designated bodies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var b Body
		if err := rows.Scan(&b.Organisation, &b.Code, &b.By, &b.On); err != nil {
			return nil, fmt.Errorf("designated bodies: %w", err)
		}
		out[b.Organisation] = b
	}
	return out, rows.Err()
}

func (s *Service) saveBody(ctx context.Context, tenant string, b Body) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_body (tenant_id, organisation_id, version, code, stated_by, stated_on) VALUES ($1, $2, 1, $3, $4, $5)
		ON CONFLICT (tenant_id, organisation_id) DO UPDATE SET version = portfolio_body.version + 1, code = excluded.code, stated_by = excluded.stated_by, stated_on = excluded.stated_on`,
		tenant, b.Organisation, b.Code, b.By, b.On)
	if err != nil {
		return fmt.Errorf("designated body: %w", err)
	}
	return nil
}
