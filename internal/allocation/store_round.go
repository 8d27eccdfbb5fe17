package allocation

import (
	"context"
	"encoding/json"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const roundColumns = `id, version, title, way, region, rules, opens_on, closes_on, results_on, seed_hash, declared_by, declared_at, frozen_at, last_run,
	proposed_run, proposed_by, proposed_at, published, published_by, published_at, cancelled_on, cancel_why`

func scanRound(row interface{ Scan(...any) error }) (r Round, err error) {
	var rules string
	err = row.Scan(&r.ID, &r.Version, &r.Title, &r.Way, &r.Region, &rules, &r.Opens, &r.Closes, &r.Results, &r.SeedHash, &r.DeclaredBy, &r.DeclaredAt,
		&r.FrozenAt, &r.LastRun, &r.ProposedRun, &r.ProposedBy, &r.ProposedAt, &r.Published, &r.PublishedBy, &r.PublishedAt, &r.CancelledOn, &r.CancelWhy)
	if err == nil {
		err = json.Unmarshal([]byte(rules), &r.Rules)
	}
	return r, err
}

// seedPlace is where a round's seed is sealed. It never moves: the version is
// the first one's.
func seedPlace(tenant, round string) database.Place {
	return database.Place{Tenant: tenant, Table: "allocation_round", Row: round, Column: "seed", Version: 1}
}

func (s *Rounds) insertRound(ctx context.Context, tenant string, r Round, seed string) error {
	rules, err := json.Marshal(r.Rules)
	if err != nil {
		return fmt.Errorf("rules of round %s: %w", r.ID, err)
	}
	sealed, err := s.db.Vault().Seal(ctx, seedPlace(tenant, r.ID), []byte(seed))
	if err != nil {
		return fmt.Errorf("seal seed of round %s: %w", r.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_round (tenant_id, id, version, title, way, region, rules, opens_on, closes_on, results_on,
		seed_hash, seed, declared_by, declared_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`,
		tenant, r.ID, r.Version, r.Title, string(r.Way), r.Region, string(rules), r.Opens, r.Closes, r.Results, r.SeedHash, sealed, r.DeclaredBy, r.DeclaredAt)
	if err != nil {
		return fmt.Errorf("insert round %s: %w", r.ID, err)
	}
	return nil
}

// updateRound stores what moves in a round of a known version. What was
// declared is not among it.
func (s *Rounds) updateRound(ctx context.Context, tenant string, r Round) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_round SET frozen_at = $1, last_run = $2, proposed_run = $3, proposed_by = $4, proposed_at = $5,
		published = $6, published_by = $7, published_at = $8, cancelled_on = $9, cancel_why = $10, version = version + 1
		WHERE tenant_id = $11 AND id = $12 AND version = $13`,
		r.FrozenAt, r.LastRun, r.ProposedRun, r.ProposedBy, r.ProposedAt, r.Published, r.PublishedBy, r.PublishedAt, r.CancelledOn, r.CancelWhy, tenant, r.ID, r.Version)
	if err != nil {
		return fmt.Errorf("update round %s: %w", r.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Rounds) loadRound(ctx context.Context, tenant, id string) (Round, error) {
	r, err := scanRound(s.db.Q(ctx).QueryRow(ctx, `SELECT `+roundColumns+` FROM allocation_round WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return Round{}, problem.Missing()
	}
	if err != nil {
		return Round{}, fmt.Errorf("load round %s: %w", id, err)
	}
	return r, nil
}

// seed opens the seed of a round; callers show it only when it is revealed.
func (s *Rounds) seed(ctx context.Context, tenant, round string) (string, error) {
	var sealed []byte
	if err := s.db.Q(ctx).QueryRow(ctx, `SELECT seed FROM allocation_round WHERE tenant_id = $1 AND id = $2`, tenant, round).Scan(&sealed); err != nil {
		return "", fmt.Errorf("seed of round %s: %w", round, err)
	}
	plain, err := s.db.Vault().Open(ctx, seedPlace(tenant, round), sealed)
	if err != nil {
		return "", fmt.Errorf("open seed of round %s: %w", round, err)
	}
	return string(plain), nil
}

func (s *Rounds) queryRounds(ctx context.Context, text string, args ...any) ([]Round, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read rounds: %w", err)
	}
	defer rows.Close()
	var out []Round
	for rows.Next() {
		r, err := scanRound(rows)
		if err != nil {
			return nil, fmt.Errorf("read rounds: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// listRounds gives rounds of a scope, the last to close first.
func (s *Rounds) listRounds(ctx context.Context, scope access.Scope, after []string, limit int) ([]Round, error) {
	cond, args := "1 = 1", []any{scope.Tenant}
	if !scope.All {
		list := append([]string{""}, scope.Regions...)
		cond = "region IN " + database.In(2, len(list))
		args = append(args, database.Args(list)...)
	}
	if len(after) == 2 {
		cond += fmt.Sprintf(" AND (closes_on, id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, after[0], after[1])
	}
	args = append(args, limit)
	return s.queryRounds(ctx, `SELECT `+roundColumns+` FROM allocation_round WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` ORDER BY closes_on DESC, id DESC LIMIT $%d`, len(args)), args...)
}

// running gives the rounds that are announced or not yet published, the first
// to close first.
func (s *Rounds) running(ctx context.Context, tenant string) ([]Round, error) {
	return s.queryRounds(ctx, `SELECT `+roundColumns+` FROM allocation_round WHERE tenant_id = $1 AND cancelled_on = '' AND published = ''
		ORDER BY closes_on, id LIMIT 20`, tenant)
}

// published gives the rounds a doctor has a result in, the newest first.
func (s *Rounds) resultsOf(ctx context.Context, tenant, doctor string) ([]Round, error) {
	return s.queryRounds(ctx, `SELECT `+roundColumns+` FROM allocation_round WHERE tenant_id = $1 AND published IN
		(SELECT run_id FROM allocation_reading WHERE tenant_id = $2 AND doctor_id = $3) ORDER BY closes_on DESC, id DESC LIMIT 20`, tenant, tenant, doctor)
}

// newest gives the round declared last, for the priority class in force.
func (s *Rounds) newest(ctx context.Context, tenant string, on clock.Date) (Round, bool, error) {
	list, err := s.queryRounds(ctx, `SELECT `+roundColumns+` FROM allocation_round WHERE tenant_id = $1 AND cancelled_on = '' AND opens_on <= $2
		ORDER BY opens_on DESC, id DESC LIMIT 1`, tenant, on)
	if err != nil || len(list) == 0 {
		return Round{}, false, err
	}
	return list[0], true, nil
}
