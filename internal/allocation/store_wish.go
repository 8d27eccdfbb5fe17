package allocation

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func (s *Service) saveWishes(ctx context.Context, call access.Call, l WishList) error {
	tenant := call.Actor.Tenant
	sealed, err := s.db.Vault().SealJSON(ctx, wishPlace(tenant, l.Doctor, l.Version+1), l)
	if err != nil {
		return fmt.Errorf("seal wishes of doctor %s: %w", l.Doctor, err)
	}
	rows, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_wish (tenant_id, doctor_id, sealed, updated_at, version) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at, version = excluded.version
		WHERE allocation_wish.version = excluded.version - 1`, tenant, l.Doctor, sealed, call.Now, l.Version+1)
	if err != nil {
		return fmt.Errorf("save wishes of doctor %s: %w", l.Doctor, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	return nil
}

// wishLists reads the lists of some doctors; who said nothing is left out.
func (s *Service) wishLists(ctx context.Context, tenant string, doctors []string) (map[string]WishList, error) {
	out := map[string]WishList{}
	if len(doctors) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, sealed, version FROM allocation_wish WHERE tenant_id = $1 AND doctor_id IN `+database.In(2, len(doctors)),
		append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("read wishes: %w", err)
	}
	defer rows.Close()
	sealed := map[string][]byte{}
	for rows.Next() {
		var l WishList
		var b []byte
		if err := rows.Scan(&l.Doctor, &b, &l.Version); err != nil {
			return nil, fmt.Errorf("read wishes: %w", err)
		}
		out[l.Doctor], sealed[l.Doctor] = l, b
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read wishes: %w", err)
	}
	for id, l := range out {
		err := s.db.Vault().OpenJSON(ctx, wishPlace(tenant, id, l.Version), sealed[id], &l)
		if errors.Is(err, database.ErrNoKey) { // erased: nothing was said
			delete(out, id)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open wishes of doctor %s: %w", id, err)
		}
		out[id] = l
	}
	return out, nil
}

// link is one doctor's side of a linked pair.
type link struct {
	doctor, pair, token string
	state               LinkState
	since               clock.Date
	version             int
}

func (s *Service) links(ctx context.Context, tenant, column string, values []string) ([]link, error) {
	if len(values) == 0 {
		return nil, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, pair_id, code_token, state, since, version FROM allocation_link
		WHERE tenant_id = $1 AND `+column+` IN `+database.In(2, len(values)), append([]any{tenant}, database.Args(values)...)...)
	if err != nil {
		return nil, fmt.Errorf("read links: %w", err)
	}
	defer rows.Close()
	var out []link
	for rows.Next() {
		var l link
		if err := rows.Scan(&l.doctor, &l.pair, &l.token, &l.state, &l.since, &l.version); err != nil {
			return nil, fmt.Errorf("read links: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// partners gives the linked partner of doctors whose link both have agreed to.
func (s *Service) partners(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	own, err := s.links(ctx, tenant, "doctor_id", doctors)
	if err != nil {
		return nil, err
	}
	pairs, of := []string{}, map[string]string{}
	for _, l := range own {
		if l.state == LinkAgreed {
			pairs = append(pairs, l.pair)
			of[l.doctor] = l.pair
		}
	}
	both, err := s.links(ctx, tenant, "pair_id", pairs)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, other := range both {
		for doctor, pair := range of {
			if pair == other.pair && doctor != other.doctor && other.state == LinkAgreed {
				out[doctor] = other.doctor
			}
		}
	}
	return out, nil
}

func (s *Service) insertLink(ctx context.Context, tenant string, l link) error {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_link (tenant_id, doctor_id, pair_id, code_token, state, since, version) VALUES ($1, $2, $3, $4, $5, $6, 1)
		ON CONFLICT (tenant_id, doctor_id) DO NOTHING`, tenant, l.doctor, l.pair, l.token, string(l.state), l.since)
	if err != nil {
		return fmt.Errorf("link doctor %s: %w", l.doctor, err)
	}
	if n == 0 {
		return problem.Refuse("You have a link already.", "End it first, then make or enter another code.")
	}
	return nil
}

// moveLink takes one side on; its code, if any, is used up.
func (s *Service) moveLink(ctx context.Context, tenant string, l link, to LinkState, on clock.Date) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_link SET state = $1, code_token = '', since = $2, version = version + 1
		WHERE tenant_id = $3 AND doctor_id = $4 AND version = $5`, string(to), on, tenant, l.doctor, l.version)
	if err != nil {
		return fmt.Errorf("link doctor %s: %w", l.doctor, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) deletePair(ctx context.Context, tenant, pair string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM allocation_link WHERE tenant_id = $1 AND pair_id = $2`, tenant, pair); err != nil {
		return fmt.Errorf("end link %s: %w", pair, err)
	}
	return nil
}
