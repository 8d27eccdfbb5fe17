package placement

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

const exitColumns = `placement_id, version, doctor_id, state, reader, given_at, sealed`

func exitPlace(tenant string, e Exit) database.Place {
	return database.Place{Tenant: tenant, Person: e.Doctor, Table: "placement_exit", Row: e.Placement, Column: "sealed"}
}

// exit reads what a doctor said of a placement; Version 0 for nothing yet.
func (s *Service) exit(ctx context.Context, tenant string, p Placement) (Exit, error) {
	list, err := s.queryExits(ctx, tenant, `SELECT `+exitColumns+` FROM placement_exit WHERE tenant_id = $1 AND placement_id = $2`, tenant, p.ID)
	if err != nil || len(list) == 0 {
		return Exit{Placement: p.ID, Doctor: p.Doctor}, err
	}
	return list[0], nil
}

// exits gives the answers the team may read, latest first.
func (s *Service) exits(ctx context.Context, scope access.Scope, after []string, limit int) ([]Exit, error) {
	cond, args := database.Narrow(3, scope, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	args = append([]any{scope.Tenant, ReadTeam}, args...)
	if len(after) == 2 {
		cond += fmt.Sprintf(" AND (given_at, placement_id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, after[0], after[1])
	}
	args = append(args, limit)
	return s.queryExits(ctx, scope.Tenant, `SELECT `+exitColumns+` FROM placement_exit WHERE tenant_id = $1 AND reader = $2 AND state = 'answered' AND `+cond+
		fmt.Sprintf(` ORDER BY given_at DESC, placement_id DESC LIMIT $%d`, len(args)), args...)
}

func (s *Service) queryExits(ctx context.Context, tenant, text string, args ...any) ([]Exit, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read exit answers: %w", err)
	}
	defer rows.Close()
	var list []Exit
	var sealed [][]byte
	for rows.Next() {
		var e Exit
		var b []byte
		if err := rows.Scan(&e.Placement, &e.Version, &e.Doctor, &e.State, &e.Reader, &e.GivenAt, &b); err != nil {
			return nil, fmt.Errorf("read exit answers: %w", err)
		}
		list, sealed = append(list, e), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read exit answers: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, exitPlace(tenant, list[i]), sealed[i], &list[i].Answers); err != nil {
			return nil, fmt.Errorf("open exit answers %s: %w", list[i].Placement, err)
		}
	}
	return list, nil
}

func (s *Service) saveExit(ctx context.Context, tenant string, e Exit) error {
	sealed, err := s.db.Vault().SealJSON(ctx, exitPlace(tenant, e), e.Answers)
	if err != nil {
		return fmt.Errorf("seal exit answers %s: %w", e.Placement, err)
	}
	var n int64
	if e.Version == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_exit (tenant_id, `+exitColumns+`) VALUES `+database.Rows(1, 8, 1)+` ON CONFLICT DO NOTHING`,
			tenant, e.Placement, 1, e.Doctor, e.State, e.Reader, e.GivenAt, sealed)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE placement_exit SET state = $1, reader = $2, given_at = $3, sealed = $4, version = version + 1
			WHERE tenant_id = $5 AND placement_id = $6 AND version = $7`, e.State, e.Reader, e.GivenAt, sealed, tenant, e.Placement, e.Version)
	}
	if err != nil {
		return fmt.Errorf("save exit answers %s: %w", e.Placement, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// countExit counts answers, and moves what is shown when enough new ones came.
func (s *Service) countExit(ctx context.Context, tenant string, codes []string) error {
	var args []any
	for _, code := range codes {
		args = append(args, tenant, code, 1, 0)
	}
	if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_exit_total (tenant_id, code, n, shown) VALUES `+database.Rows(1, 4, len(codes))+
		` ON CONFLICT (tenant_id, code) DO UPDATE SET n = placement_exit_total.n + 1`, args...); err != nil {
		return fmt.Errorf("count exit answers: %w", err)
	}
	var n, shown int
	if err := s.db.Q(ctx).QueryRow(ctx, `SELECT n, shown FROM placement_exit_total WHERE tenant_id = $1 AND code = $2`, tenant, exitCount).Scan(&n, &shown); err != nil {
		return fmt.Errorf("count exit answers: %w", err)
	}
	least, err := s.suppress(ctx, tenant)
	if err != nil || n-shown < least {
		return err
	}
	if _, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_exit_total SET shown = n WHERE tenant_id = $1`, tenant); err != nil {
		return fmt.Errorf("show exit answers: %w", err)
	}
	return nil
}

func (s *Service) exitShown(ctx context.Context, tenant string) (map[string]int, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT code, shown FROM placement_exit_total WHERE tenant_id = $1`, tenant)
	if err != nil {
		return nil, fmt.Errorf("figures of exit answers: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var code string
		var n int
		if err := rows.Scan(&code, &n); err != nil {
			return nil, fmt.Errorf("figures of exit answers: %w", err)
		}
		out[code] = n
	}
	return out, rows.Err()
}
