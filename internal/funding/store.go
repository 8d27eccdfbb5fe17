package funding

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// saveBudget sets places and money, never below what is committed, and keeps
// the version.
func (s *Service) saveBudget(ctx context.Context, call access.Call, b *Budget) error {
	tenant := call.Actor.Tenant
	old, err := s.budget(ctx, tenant, b.Phase, b.Region)
	if err != nil {
		return err
	}
	if b.Version != 0 && b.Version != old.Version && (b.Version != Unset || old.Version != 0) {
		return problem.Stale()
	}
	b.Version, b.Committed, b.SetBy, b.SetOn = old.Version+1, old.Committed, call.Actor.Account, call.Today
	var n int64
	if old.Version == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_budget (tenant_id, phase_id, region, version, places, pence, committed, set_by, set_on, note)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9) ON CONFLICT DO NOTHING`,
			tenant, b.Phase, b.Region, b.Version, b.Places, b.Pence, b.SetBy, b.SetOn, b.Note)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE funding_budget SET version = $1, places = $2, pence = $3, set_by = $4, set_on = $5, note = $6
			WHERE tenant_id = $7 AND phase_id = $8 AND region = $9 AND version = $10 AND committed <= $11`,
			b.Version, b.Places, b.Pence, b.SetBy, b.SetOn, b.Note, tenant, b.Phase, b.Region, old.Version, b.Places)
	}
	if err != nil {
		return fmt.Errorf("save budget of %s in %s: %w", b.Phase, b.Region, err)
	}
	if n == 0 {
		if b.Places < old.Committed {
			return problem.Refuse("The budget cannot be set.", strconv.Itoa(old.Committed)+" places are already committed. Set at least as many, or release places first.")
		}
		return problem.Stale()
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_budget_change (tenant_id, phase_id, region, version, places, pence, set_by, set_at, note) VALUES `+database.Rows(1, 9, 1),
		tenant, b.Phase, b.Region, b.Version, b.Places, b.Pence, b.SetBy, call.Now, b.Note)
	return err
}

func (s *Service) budget(ctx context.Context, tenant, phase, region string) (Budget, error) {
	list, err := s.budgets(ctx, `SELECT phase_id, region, version, places, pence, committed, set_by, set_on, note FROM funding_budget
		WHERE tenant_id = $1 AND phase_id = $2 AND region = $3`, tenant, phase, region)
	if err != nil || len(list) == 0 {
		return Budget{Phase: phase, Region: region}, err
	}
	return list[0], nil
}

// budgetsOf lists the budgets of a tenant: at most phases times regions.
func (s *Service) budgetsOf(ctx context.Context, tenant string) ([]Budget, error) {
	return s.budgets(ctx, `SELECT phase_id, region, version, places, pence, committed, set_by, set_on, note FROM funding_budget WHERE tenant_id = $1 ORDER BY phase_id, region`, tenant)
}

func (s *Service) budgets(ctx context.Context, text string, args ...any) ([]Budget, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read budgets: %w", err)
	}
	defer rows.Close()
	var list []Budget
	for rows.Next() {
		var b Budget
		if err := rows.Scan(&b.Phase, &b.Region, &b.Version, &b.Places, &b.Pence, &b.Committed, &b.SetBy, &b.SetOn, &b.Note); err != nil {
			return nil, fmt.Errorf("read budgets: %w", err)
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

// history lists every version of a budget, the newest first.
func (s *Service) history(ctx context.Context, tenant, phase, region string) ([]Budget, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT version, places, pence, set_by, set_at, note FROM funding_budget_change
		WHERE tenant_id = $1 AND phase_id = $2 AND region = $3 ORDER BY version DESC`, tenant, phase, region)
	if err != nil {
		return nil, fmt.Errorf("read budget history: %w", err)
	}
	defer rows.Close()
	var list []Budget
	for rows.Next() {
		b := Budget{Phase: phase, Region: region}
		var at clock.Instant
		if err := rows.Scan(&b.Version, &b.Places, &b.Pence, &b.SetBy, &at, &b.Note); err != nil {
			return nil, err
		}
		b.SetOn = at.Local()
		list = append(list, b)
	}
	return list, rows.Err()
}

// takePlace takes one place of a region's budget if one is left: the condition
// stands in the statement, so that two starts at once cannot both have the last.
func (s *Service) takePlace(ctx context.Context, tenant, phase, region string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE funding_budget SET committed = committed + 1
		WHERE tenant_id = $1 AND phase_id = $2 AND region = $3 AND committed < places`, tenant, phase, region)
	return n == 1, err
}

func (s *Service) freePlace(ctx context.Context, tenant, phase, region string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE funding_budget SET committed = committed - 1
		WHERE tenant_id = $1 AND phase_id = $2 AND region = $3 AND committed > 0`, tenant, phase, region)
	return err
}

// bind writes the commitment down; false when it already stands.
func (s *Service) bind(ctx context.Context, call access.Call, c Commitment) (bool, error) {
	tenant := call.Actor.Tenant
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_commitment (tenant_id, source, phase_id, region, employer_id, from_on, by_account) VALUES `+
		database.Rows(1, 7, 1)+` ON CONFLICT DO NOTHING`, tenant, c.Source, c.Phase, c.Region, c.Employer, c.On, call.Actor.Account)
	if err != nil || n == 1 {
		return n == 1, err
	}
	n, err = s.db.Q(ctx).Exec(ctx, `UPDATE funding_commitment SET phase_id = $1, region = $2, employer_id = $3, from_on = $4, released_on = '', by_account = $5
		WHERE tenant_id = $6 AND source = $7 AND released_on <> ''`, c.Phase, c.Region, c.Employer, c.On, call.Actor.Account, tenant, c.Source)
	return n == 1, err
}

// unbind ends a commitment and gives what it was; false when none stood.
func (s *Service) unbind(ctx context.Context, tenant, source string, on clock.Date) (c Commitment, ok bool, err error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE funding_commitment SET released_on = $1 WHERE tenant_id = $2 AND source = $3 AND released_on = ''`, on, tenant, source)
	if err != nil || n == 0 {
		return c, false, err
	}
	c.Source = source
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT phase_id, region, employer_id FROM funding_commitment WHERE tenant_id = $1 AND source = $2`, tenant, source).Scan(&c.Phase, &c.Region, &c.Employer)
	return c, true, err
}

func (s *Service) count(ctx context.Context, tenant string, c Commitment, by int) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_total (tenant_id, phase_id, region, employer_id, committed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, phase_id, region, employer_id) DO UPDATE SET committed = funding_total.committed + excluded.committed`,
		tenant, c.Phase, c.Region, c.Employer, by)
	return err
}

// total is one row of the kept totals.
type total struct {
	phase, region, employer string
	Figures
}

// totals lists the kept totals within reach, of one phase or of all ("").
func (s *Service) totals(ctx context.Context, tenant, phase string, r reach) ([]total, error) {
	cond, args := ``, []any{tenant, phase, phase}
	switch {
	case r.employers != nil:
		cond = ` AND employer_id IN ` + database.In(4, len(r.employers))
		args = append(args, database.Args(r.employers)...)
	case r.regions != nil:
		cond = ` AND employer_id = '' AND region IN ` + database.In(4, len(r.regions))
		args = append(args, database.Args(r.regions)...)
	default:
		cond = ` AND employer_id = ''`
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT phase_id, region, employer_id, committed, places, days, unknown_days, pence FROM funding_total
		WHERE tenant_id = $1 AND (phase_id = $2 OR $3 = '')`+cond+
		` ORDER BY phase_id, region, employer_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read totals: %w", err)
	}
	defer rows.Close()
	var list []total
	for rows.Next() {
		var t total
		if err := rows.Scan(&t.phase, &t.region, &t.employer, &t.Committed, &t.Started, &t.Days, &t.UnknownDays, &t.Estimated); err != nil {
			return nil, fmt.Errorf("read totals: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

const placeColumns = `phase_id, region, placement_id, employer_id, doctor_id, from_on, to_on, days, unknown_days, pence`

func (s *Service) queryPlaces(ctx context.Context, text string, args ...any) ([]Place, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	defer rows.Close()
	var list []Place
	for rows.Next() {
		var p Place
		if err := rows.Scan(&p.Phase, &p.Region, &p.Placement, &p.Employer, &p.doctor, &p.From, &p.To, &p.Days, &p.UnknownDays, &p.Pence); err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// narrowed is the condition that keeps places inside a scope, after the tenant
// in $1.
func narrowed(scope access.Scope) (string, []any) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Organisation: "employer_id", Region: "region"})
	return cond, append([]any{scope.Tenant}, args...)
}

func (s *Service) listPlaces(ctx context.Context, scope access.Scope, q PlacesQuery) ([]Place, error) {
	cond, args := narrowed(scope)
	n := len(args)
	cond += fmt.Sprintf(` AND phase_id = $%d AND placement_id > $%d`, n+1, n+2)
	args = append(args, q.phase, q.After)
	if q.Region != "" {
		cond += fmt.Sprintf(` AND region = $%d`, n+3)
		args = append(args, q.Region)
	}
	args = append(args, q.Limit)
	return s.queryPlaces(ctx, `SELECT `+placeColumns+` FROM funding_place WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` ORDER BY placement_id, region LIMIT $%d`, len(args)), args...)
}

func (s *Service) placesOf(ctx context.Context, scope access.Scope, phase, placement string) ([]Place, error) {
	cond, args := narrowed(scope)
	n := len(args)
	return s.queryPlaces(ctx, `SELECT `+placeColumns+` FROM funding_place WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` AND placement_id = $%d AND phase_id = $%d ORDER BY from_on`, n+1, n+2),
		append(args, placement, phase)...)
}

func (s *Service) allPlaces(ctx context.Context, tenant string) ([]Place, error) {
	return s.queryPlaces(ctx, `SELECT `+placeColumns+` FROM funding_place WHERE tenant_id = $1`, tenant)
}

// rowsAtOnce bounds the placeholders of one statement.
const rowsAtOnce = 15

func (s *Service) savePlaces(ctx context.Context, tenant string, list []Place) error {
	for part := range slices.Chunk(list, rowsAtOnce) {
		args := make([]any, 0, 11*len(part))
		for _, p := range part {
			args = append(args, tenant, p.Phase, p.Region, p.Placement, p.Employer, p.doctor, p.From, p.To, p.Days, p.UnknownDays, p.Pence)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_place (tenant_id, `+placeColumns+`) VALUES `+database.Rows(1, 11, len(part))+`
			ON CONFLICT (tenant_id, phase_id, region, placement_id) DO UPDATE SET employer_id = excluded.employer_id, from_on = excluded.from_on,
			to_on = excluded.to_on, days = excluded.days, unknown_days = excluded.unknown_days, pence = excluded.pence`, args...)
		if err != nil {
			return fmt.Errorf("save places: %w", err)
		}
	}
	return nil
}

func (s *Service) dropPlace(ctx context.Context, tenant string, p Place) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM funding_place WHERE tenant_id = $1 AND phase_id = $2 AND region = $3 AND placement_id = $4`, tenant, p.Phase, p.Region, p.Placement)
	return err
}

// saveTotals replaces the estimates of a tenant's totals; what is committed
// stays as it is.
func (s *Service) saveTotals(ctx context.Context, tenant string, list []total) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE funding_total SET places = 0, days = 0, unknown_days = 0, pence = 0 WHERE tenant_id = $1`, tenant)
	if err != nil {
		return fmt.Errorf("clear totals: %w", err)
	}
	for part := range slices.Chunk(list, rowsAtOnce) {
		args := make([]any, 0, 8*len(part))
		for _, t := range part {
			args = append(args, tenant, t.phase, t.region, t.employer, t.Started, t.Days, t.UnknownDays, t.Estimated)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_total (tenant_id, phase_id, region, employer_id, places, days, unknown_days, pence) VALUES `+database.Rows(1, 8, len(part))+`
			ON CONFLICT (tenant_id, phase_id, region, employer_id) DO UPDATE SET places = excluded.places, days = excluded.days,
			unknown_days = excluded.unknown_days, pence = excluded.pence`, args...)
		if err != nil {
			return fmt.Errorf("save totals: %w", err)
		}
	}
	return nil
}

// AsAt says of when the estimates are.
type AsAt struct {
	On    clock.Date // none: there was no refresh yet
	Rates string     // version of the rates they were made with
}

func (s *Service) asAt(ctx context.Context, tenant string) (a AsAt, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT as_at, rates FROM funding_refresh WHERE tenant_id = $1`, tenant).Scan(&a.On, &a.Rates)
	if database.IsNoRows(err) {
		return AsAt{}, nil
	}
	return a, err
}

func (s *Service) markRefresh(ctx context.Context, tenant string, a AsAt) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO funding_refresh (tenant_id, as_at, rates) VALUES ($1, $2, $3)
		ON CONFLICT (tenant_id) DO UPDATE SET as_at = excluded.as_at, rates = excluded.rates`, tenant, a.On, a.Rates)
	return err
}
