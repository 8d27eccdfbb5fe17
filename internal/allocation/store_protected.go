package allocation

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// protectedSecret is what is sealed of a protected reason.
type protectedSecret struct {
	Asking
	Evidence string     `json:"evidence,omitempty"`
	Papers   []string   `json:"papers,omitempty"`
	SeenOn   clock.Date `json:"seen_on"`
	SeenBy   string     `json:"seen_by,omitempty"`
}

func (s *Service) sealProtected(ctx context.Context, tenant string, p Protected, version int) ([]byte, error) {
	return s.db.Vault().SealJSON(ctx, protectedPlace(tenant, p, version), protectedSecret{p.Asking, p.Evidence, p.Papers, p.SeenOn, p.SeenBy})
}

func protectedPlace(tenant string, p Protected, version int) database.Place {
	return database.Place{Tenant: tenant, Person: p.Doctor, Table: "allocation_protected", Row: p.ID, Column: "sealed", Version: version}
}

func (s *Service) insertProtected(ctx context.Context, tenant string, p Protected) error {
	sealed, err := s.sealProtected(ctx, tenant, p, 1)
	if err == nil {
		_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_protected (tenant_id, id, doctor_id, state, sealed, asked_on, settled_on, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1)`, tenant, p.ID, p.Doctor, string(p.Standing), sealed, p.AskedOn, p.SettledOn)
	}
	if err != nil {
		return fmt.Errorf("save protected reason %s: %w", p.ID, err)
	}
	return nil
}

// saveProtected stores the next version of a reason.
func (s *Service) saveProtected(ctx context.Context, tenant string, p Protected) error {
	sealed, err := s.sealProtected(ctx, tenant, p, p.Version+1)
	if err != nil {
		return fmt.Errorf("seal protected reason %s: %w", p.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_protected SET state = $1, sealed = $2, settled_on = $3, version = version + 1
		WHERE tenant_id = $4 AND id = $5 AND version = $6`, string(p.Standing), sealed, p.SettledOn, tenant, p.ID, p.Version)
	if err != nil {
		return fmt.Errorf("save protected reason %s: %w", p.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) readProtected(ctx context.Context, tenant, cond string, args ...any) ([]Protected, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, doctor_id, state, sealed, asked_on, settled_on, version FROM allocation_protected
		WHERE tenant_id = $1 AND `+cond+` ORDER BY asked_on, id LIMIT 500`, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read protected reasons: %w", err)
	}
	defer rows.Close()
	var list []Protected
	var sealed [][]byte
	for rows.Next() {
		var p Protected
		var b []byte
		if err := rows.Scan(&p.ID, &p.Doctor, &p.Standing, &b, &p.AskedOn, &p.SettledOn, &p.Version); err != nil {
			return nil, fmt.Errorf("read protected reasons: %w", err)
		}
		list, sealed = append(list, p), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read protected reasons: %w", err)
	}
	kept := list[:0]
	for i, p := range list {
		var secret protectedSecret
		err := s.db.Vault().OpenJSON(ctx, protectedPlace(tenant, p, p.Version), sealed[i], &secret)
		if errors.Is(err, database.ErrNoKey) { // erased
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open protected reason %s: %w", p.ID, err)
		}
		p.Asking, p.Evidence, p.Papers, p.SeenOn, p.SeenBy = secret.Asking, secret.Evidence, secret.Papers, secret.SeenOn, secret.SeenBy
		kept = append(kept, p)
	}
	return kept, nil
}

func (s *Service) protectedOf(ctx context.Context, tenant string, doctors []string) ([]Protected, error) {
	if len(doctors) == 0 {
		return nil, nil
	}
	return s.readProtected(ctx, tenant, `doctor_id IN `+database.In(2, len(doctors)), database.Args(doctors)...)
}

// granted gives the reasons that hold, by doctor.
func (s *Service) granted(ctx context.Context, tenant string, doctors []string) (map[string][]Granted, error) {
	list, err := s.protectedOf(ctx, tenant, doctors)
	out := map[string][]Granted{}
	for _, p := range list {
		if p.Standing == Agreed {
			out[p.Doctor] = append(out[p.Doctor], Granted{p.Ground, p.Regions, p.Miles})
		}
	}
	return out, err
}

func (s *Service) oneProtected(ctx context.Context, tenant, id string) (Protected, error) {
	list, err := s.readProtected(ctx, tenant, `id = $2`, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Protected{}, err
	}
	return list[0], nil
}

// vote is one member of the panel's word.
type vote struct {
	account string
	yes     bool
}

// putVote writes a member's word; false when they have voted already.
func (s *Service) putVote(ctx context.Context, tenant, id, account string, yes bool, on clock.Date) (bool, error) {
	word := 0
	if yes {
		word = 1
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_vote (tenant_id, protected_id, account_id, yes, given_on) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, protected_id, account_id) DO NOTHING`, tenant, id, account, word, on)
	if err != nil {
		return false, fmt.Errorf("vote on %s: %w", id, err)
	}
	return n == 1, nil
}

// votes reads the panel's words on some reasons.
func (s *Service) votes(ctx context.Context, tenant string, ids []string) (map[string][]vote, error) {
	out := map[string][]vote{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT protected_id, account_id, yes FROM allocation_vote WHERE tenant_id = $1 AND protected_id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	if err != nil {
		return nil, fmt.Errorf("read votes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var v vote
		var word int
		if err := rows.Scan(&id, &v.account, &word); err != nil {
			return nil, fmt.Errorf("read votes: %w", err)
		}
		v.yes = word == 1
		out[id] = append(out[id], v)
	}
	return out, rows.Err()
}
