package referral

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func (s *Service) storedRoutes(ctx context.Context, tenant string) ([]Route, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT code, title, sort_order, retired, version FROM referral_route WHERE tenant_id = $1`, tenant)
	if err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	defer rows.Close()
	var out []Route
	for rows.Next() {
		var r Route
		if err := rows.Scan(&r.Code, &r.Title, &r.Order, &r.Retired, &r.Version); err != nil {
			return nil, fmt.Errorf("routes: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// saveRoute stores a route over the version that was read; false when someone
// else was first.
func (s *Service) saveRoute(ctx context.Context, tenant string, r Route) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO referral_route (tenant_id, code, title, sort_order, retired, version) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant_id, code) DO UPDATE SET title = excluded.title, sort_order = excluded.sort_order, retired = excluded.retired,
		version = excluded.version WHERE referral_route.version = excluded.version - 1`, tenant, r.Code, r.Title, r.Order, r.Retired, r.Version+1)
	return n == 1, err
}

func (s *Service) countFirst(ctx context.Context, tenant string) (map[string]int, error) {
	return s.counts(ctx, `SELECT route, count(*) FROM (SELECT route, row_number() OVER (PARTITION BY person_id ORDER BY referred_on, id) AS place
		FROM referral_referral WHERE tenant_id = $1 AND withdrawn_on = '') AS ranked WHERE place = 1 GROUP BY route`, tenant)
}

func (s *Service) countAny(ctx context.Context, tenant string) (map[string]int, error) {
	return s.counts(ctx, `SELECT route, count(DISTINCT person_id) FROM referral_referral WHERE tenant_id = $1 AND withdrawn_on = '' GROUP BY route`, tenant)
}

func (s *Service) counts(ctx context.Context, text, tenant string) (map[string]int, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, tenant)
	if err != nil {
		return nil, fmt.Errorf("count routes: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var code string
		var n int
		if err := rows.Scan(&code, &n); err != nil {
			return nil, fmt.Errorf("count routes: %w", err)
		}
		out[code] = n
	}
	return out, rows.Err()
}

func place(tenant string, r Referral) database.Place {
	// The referrer's text never changes: it is sealed once, for version 1.
	return database.Place{Tenant: tenant, Person: r.Doctor, Table: "referral_referral", Row: r.ID, Column: "sealed", Version: 1}
}

var referralRows = database.Into{Table: "referral_referral", Columns: `tenant_id, id, ref, doctor_id, person_id, organisation_id, route, referred_on,
	account_id, recorded_at, consent_id, person_key, sealed, version`}

func (s *Service) insert(ctx context.Context, call access.Call, r Referral, sameKey string) error {
	tenant := call.Actor.Tenant
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, r), r.Said)
	if err != nil {
		return fmt.Errorf("seal referral %s: %w", r.ID, err)
	}
	return s.db.Put(ctx, referralRows, database.Values(tenant, r.ID, r.Ref, r.Doctor, r.Person, r.Organisation, r.Route, r.On, r.Account, call.Now, r.Consent, sameKey, sealed, 1))
}

// update stores all that moves in a referral over the version that was read.
func (s *Service) update(ctx context.Context, tenant string, r Referral) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE referral_referral SET person_id = $1, consent_id = $2, ask_scope = $3, ask_until = $4, withdrawn_on = $5,
		version = version + 1 WHERE tenant_id = $6 AND id = $7 AND version = $8`,
		r.Person, r.Consent, strings.Join(r.AskScope, ","), r.AskUntil, r.WithdrawnOn, tenant, r.ID, r.Version)
	if err != nil {
		return fmt.Errorf("update referral %s: %w", r.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

const columns = `SELECT id, ref, doctor_id, person_id, organisation_id, route, referred_on, account_id, consent_id, ask_scope, ask_until,
	withdrawn_on, sealed, version FROM referral_referral WHERE tenant_id = $1 AND `

// query reads referrals and opens the referrers' texts. A person whose key was
// destroyed is left out: there is nothing to show.
func (s *Service) query(ctx context.Context, tenant, text string, args ...any) ([]Referral, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("load referrals: %w", err)
	}
	var list []Referral
	var sealed [][]byte
	for rows.Next() {
		var r Referral
		var scope string
		var b []byte
		if err := rows.Scan(&r.ID, &r.Ref, &r.Doctor, &r.Person, &r.Organisation, &r.Route, &r.On, &r.Account, &r.Consent, &scope, &r.AskUntil,
			&r.WithdrawnOn, &b, &r.Version); err != nil {
			rows.Close()
			return nil, fmt.Errorf("load referrals: %w", err)
		}
		if scope != "" {
			r.AskScope = strings.Split(scope, ",")
		}
		list, sealed = append(list, r), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("load referrals: %w", err)
	}
	kept := list[:0]
	for i, r := range list {
		err := s.db.Vault().OpenJSON(ctx, place(tenant, r), sealed[i], &r.Said)
		if errors.Is(err, database.ErrNoKey) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open referral %s: %w", r.ID, err)
		}
		kept = append(kept, r)
	}
	return kept, nil
}

func (s *Service) byRef(ctx context.Context, tenant, ref string) (Referral, error) {
	clean, ok := database.CheckRef(ref)
	if !ok {
		return Referral{}, problem.Missing()
	}
	list, err := s.query(ctx, tenant, columns+`ref = $2`, tenant, clean)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Referral{}, err
	}
	return list[0], nil
}

// ofPersons gives the referrals that follow some records, oldest first.
func (s *Service) ofPersons(ctx context.Context, tenant string, persons []string) ([]Referral, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	return s.query(ctx, tenant, columns+`person_id IN `+database.In(2, len(persons))+` ORDER BY referred_on, id`,
		append([]any{tenant}, database.Args(persons)...)...)
}

// firstOf gives of each organisation and record the day and reference of the
// first referral that stands.
func (s *Service) firstOf(ctx context.Context, tenant string, persons []string) (map[[2]string]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT organisation_id, person_id, min(referred_on || ' ' || ref) FROM referral_referral WHERE tenant_id = $1 AND withdrawn_on = '' AND person_id IN `+
		database.In(2, len(persons))+` GROUP BY organisation_id, person_id`, append([]any{tenant}, database.Args(persons)...)...)
	if err != nil {
		return nil, fmt.Errorf("first referrals: %w", err)
	}
	defer rows.Close()
	out := map[[2]string]string{}
	for rows.Next() {
		var k [2]string
		var first string
		if err := rows.Scan(&k[0], &k[1], &first); err != nil {
			return nil, fmt.Errorf("first referrals: %w", err)
		}
		out[k] = first
	}
	return out, rows.Err()
}

// ofDoctor gives the referrals for which a record was made, oldest first.
func (s *Service) ofDoctor(ctx context.Context, tenant, doctor string) ([]Referral, error) {
	return s.query(ctx, tenant, columns+`doctor_id = $2 ORDER BY referred_on, id`, tenant, doctor)
}

// chunk reads the next rows of a desk, oldest referral first.
func (s *Service) chunk(ctx context.Context, scope access.Scope, after []string, limit int) ([]Referral, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Doctor: "person_id", Organisation: "organisation_id"})
	if len(after) == 2 {
		cond += fmt.Sprintf(" AND (referred_on, ref) > ($%d, $%d)", len(args)+2, len(args)+3)
		args = append(args, after[0], after[1])
	}
	cond += fmt.Sprintf(" ORDER BY referred_on, ref LIMIT $%d", len(args)+2)
	return s.query(ctx, scope.Tenant, columns+cond, append(append([]any{scope.Tenant}, args...), limit)...)
}

// earlier gives when one organisation referred the same person before; somebody
// hidden from the actor was never referred.
func (s *Service) earlier(ctx context.Context, a access.Actor, organisation, sameKey string) (on clock.Date, ref string, err error) {
	cond, args := database.Narrow(4, access.Scope{Tenant: a.Tenant, All: true, Hidden: a.Hidden}, database.Columns{Tenant: "tenant_id", Doctor: "person_id"})
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT referred_on, ref FROM referral_referral WHERE tenant_id = $1 AND organisation_id = $2 AND person_key = $3
		AND withdrawn_on = '' AND `+cond+` ORDER BY referred_on, id LIMIT 1`, append([]any{a.Tenant, organisation, sameKey}, args...)...).Scan(&on, &ref)
	if database.IsNoRows(err) {
		return 0, "", nil
	}
	return on, ref, err
}

// ownOf keeps those records that one organisation itself referred.
func (s *Service) ownOf(ctx context.Context, tenant, organisation string, doctors []string) ([]string, error) {
	if len(doctors) == 0 {
		return nil, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT DISTINCT doctor_id FROM referral_referral WHERE tenant_id = $1 AND organisation_id = $2 AND doctor_id IN `+
		database.In(3, len(doctors)), append([]any{tenant, organisation}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("own referrals: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("own referrals: %w", err)
		}
		out = append(out, id)
	}
	slices.Sort(out)
	return out, rows.Err()
}

// rowSeen tells whether a row that says the same was taken in before.
func (s *Service) rowSeen(ctx context.Context, tenant, organisation, key string) (bool, error) {
	var one int
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT 1 FROM referral_row WHERE tenant_id = $1 AND organisation_id = $2 AND row_key = $3`, tenant, organisation, key).Scan(&one)
	if database.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}

func (s *Service) insertRow(ctx context.Context, tenant, organisation, key, referral string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO referral_row (tenant_id, organisation_id, row_key, referral_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, organisation_id, row_key) DO NOTHING`, tenant, organisation, key, referral)
	return err
}
