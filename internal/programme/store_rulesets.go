package programme

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/database"
	"msw/internal/problem"
)

const ruleSetColumns = `tenant_id, id, purpose, name, title, content, hash, from_date, until_date, state, embedded,
	proposed_by, proposed_on, approved_by, approved_on, switched_from, note, version`

func scanRuleSet(r *sql.Rows) (v RuleSet, err error) {
	err = r.Scan(&v.Tenant, &v.ID, &v.Purpose, &v.Name, &v.Title, &v.Text, &v.Hash, &v.From, &v.Until, &v.State, &v.Embedded,
		&v.ProposedBy, &v.ProposedOn, &v.ApprovedBy, &v.ApprovedOn, &v.SwitchedFrom, &v.Note, &v.Version)
	return v, err
}

// addRuleSet answers false when the very same version is there already.
func (s store) addRuleSet(ctx context.Context, v RuleSet) (added bool, err error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_ruleset (tenant_id, id, purpose, name, title, content, hash, from_date, until_date,
		state, embedded, proposed_by, proposed_on, approved_by, approved_on, note, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,1)
		ON CONFLICT (tenant_id, purpose, name, from_date, hash) DO NOTHING`,
		v.Tenant, v.ID, v.Purpose, v.Name, v.Title, v.Text, v.Hash, v.From, v.Until, v.State, v.Embedded,
		v.ProposedBy, v.ProposedOn, v.ApprovedBy, v.ApprovedOn, v.Note)
	if err != nil {
		return false, fmt.Errorf("rule set %s %s: %w", v.Purpose, v.Name, err)
	}
	return n == 1, nil
}

func (s store) ruleSets(ctx context.Context, tenant, purpose string) ([]RuleSet, error) {
	return database.Collect(ctx, s.db, scanRuleSet, `SELECT `+ruleSetColumns+` FROM programme_ruleset
		WHERE tenant_id = $1 AND ($2 = '' OR purpose = $2) ORDER BY purpose, from_date DESC, id DESC`, tenant, purpose)
}

// ruleRows gives every row of a tenant without its text.
func (s store) ruleRows(ctx context.Context, tenant string) ([]RuleSet, error) {
	return database.Collect(ctx, s.db, scanRuleSet, `SELECT tenant_id, id, purpose, name, title, '', hash, from_date, until_date, state, embedded,
		proposed_by, proposed_on, approved_by, approved_on, switched_from, note, version FROM programme_ruleset WHERE tenant_id = $1 ORDER BY purpose, id`, tenant)
}

func (s store) ruleSet(ctx context.Context, tenant, id string) (RuleSet, error) {
	found, err := database.Collect(ctx, s.db, scanRuleSet, `SELECT `+ruleSetColumns+` FROM programme_ruleset WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(found) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return RuleSet{}, err
	}
	return found[0], nil
}

func (s store) decideRuleSet(ctx context.Context, v RuleSet) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE programme_ruleset SET state=$1, approved_by=$2, approved_on=$3, note=$4, switched_from=$5, version=version+1
		WHERE tenant_id=$6 AND id=$7 AND version=$8 AND state='proposed'`, v.State, v.ApprovedBy, v.ApprovedOn, v.Note, v.SwitchedFrom, v.Tenant, v.ID, v.Version)
	if err == nil && n == 0 {
		err = problem.Stale()
	}
	return err
}

func (s store) addClaim(ctx context.Context, tenant string, c Claim) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_claim (tenant_id, id, code, wording, figure, unit, as_at, status, source, note, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,1)
		ON CONFLICT (tenant_id, code) DO UPDATE SET wording=excluded.wording, figure=excluded.figure, unit=excluded.unit, as_at=excluded.as_at,
			status=excluded.status, source=excluded.source, note=excluded.note, version=programme_claim.version+1`,
		tenant, database.NewID(), c.Code, c.Text, c.Figure, c.Unit, c.AsAt, string(c.Status), c.Source, c.Note)
	if err != nil {
		return fmt.Errorf("claim %s: %w", c.Code, err)
	}
	return nil
}

func (s store) claims(ctx context.Context, tenant string) ([]Claim, error) {
	return database.Collect(ctx, s.db, func(r *sql.Rows) (c Claim, err error) {
		err = r.Scan(&c.Code, &c.Text, &c.Figure, &c.Unit, &c.AsAt, &c.Status, &c.Source, &c.Note)
		return c, err
	}, `SELECT code, wording, figure, unit, as_at, status, source, note FROM programme_claim WHERE tenant_id = $1 ORDER BY as_at, code`, tenant)
}
