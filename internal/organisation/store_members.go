package organisation

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const memberColumns = `tenant_id, id, account_id, organisation_id, role, region, from_date, until_date, added_by, version`

func scanMember(r *sql.Rows) (m Member, err error) {
	err = r.Scan(&m.Tenant, &m.ID, &m.Account, &m.Organisation, &m.Role, &m.Region, &m.From, &m.Until, &m.AddedBy, &m.Version)
	return m, err
}

// membersOf reads across tenants by nature: one human may act in several.
func (s store) membersOf(ctx context.Context, account string, today clock.Date) ([]Member, error) {
	return database.Collect(ctx, s.db, scanMember, `SELECT `+memberColumns+` FROM organisation_member
		WHERE tenant_id > '' AND account_id = $1 AND from_date <= $2 AND (until_date = '' OR until_date > $2) ORDER BY tenant_id, id`, account, today)
}

func (s store) members(ctx context.Context, tenant, organisation string, today clock.Date) ([]Member, error) {
	return database.Collect(ctx, s.db, scanMember, `SELECT `+memberColumns+` FROM organisation_member
		WHERE tenant_id = $1 AND organisation_id = $2 AND (until_date = '' OR until_date > $3) ORDER BY id LIMIT 500`, tenant, organisation, today)
}

func (s store) accountsWith(ctx context.Context, tenant string, role access.Role, organisation string, today clock.Date) ([]string, error) {
	return database.Collect(ctx, s.db, func(r *sql.Rows) (account string, err error) {
		err = r.Scan(&account)
		return account, err
	}, `SELECT DISTINCT account_id FROM organisation_member
		WHERE tenant_id = $1 AND role = $2 AND ($3 = '' OR organisation_id = $3) AND from_date <= $4 AND (until_date = '' OR until_date > $4) ORDER BY account_id`,
		tenant, string(role), organisation, today)
}

func (s store) goneFrom(ctx context.Context, tenant string, role access.Role, organisations []string, today clock.Date) ([]string, error) {
	return database.Collect(ctx, s.db, func(r *sql.Rows) (account string, err error) {
		err = r.Scan(&account)
		return account, err
	}, `SELECT account_id FROM organisation_member WHERE tenant_id = $1 AND role = $2 AND organisation_id IN `+database.In(3, len(organisations))+
		fmt.Sprintf(` GROUP BY account_id HAVING max(CASE WHEN until_date = '' THEN '9' ELSE until_date END) <= $%d ORDER BY account_id`, len(organisations)+3),
		append(append([]any{tenant, string(role)}, database.Args(organisations)...), today)...)
}

func (s store) member(ctx context.Context, tenant, id string) (Member, error) {
	found, err := database.Collect(ctx, s.db, scanMember, `SELECT `+memberColumns+` FROM organisation_member WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(found) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Member{}, err
	}
	return found[0], nil
}

func (s store) addMember(ctx context.Context, m Member) (added bool, err error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO organisation_member (tenant_id, id, account_id, organisation_id, role, region, from_date, until_date, added_by, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,1) ON CONFLICT DO NOTHING`,
		m.Tenant, m.ID, m.Account, m.Organisation, string(m.Role), m.Region, m.From, m.Until, m.AddedBy)
	if err != nil {
		return false, fmt.Errorf("add member to %q: %w", m.Organisation, err)
	}
	return n == 1, nil
}

func (s store) endMember(ctx context.Context, m Member, today clock.Date) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE organisation_member SET until_date=$1, version=version+1
		WHERE tenant_id=$2 AND id=$3 AND version=$4`, today, m.Tenant, m.ID, m.Version)
	if err == nil && n == 0 {
		err = problem.Stale()
	}
	return err
}
