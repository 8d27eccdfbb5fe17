package support

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

// offer gives a doctor's offer to be a mentor; one never made has version 0.
func (s *Service) offer(ctx context.Context, tenant, doctor string) (Offer, error) {
	list, err := s.queryOffers(ctx, tenant, ` AND doctor_id = $2`, doctor)
	if err != nil || len(list) == 0 {
		return Offer{Doctor: doctor}, err
	}
	return list[0], nil
}

// offers gives the offers that have room: there are few mentors, so that all
// are compared.
func (s *Service) offers(ctx context.Context, tenant string) ([]Offer, error) {
	const most = 500
	return s.queryOffers(ctx, tenant, ` AND offered = true AND taken < places ORDER BY doctor_id LIMIT $2`, most)
}

func (s *Service) queryOffers(ctx context.Context, tenant, rest string, args ...any) ([]Offer, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, places, taken, offered, changed_at, sealed, version FROM support_mentor WHERE tenant_id = $1`+rest, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("mentors: %w", err)
	}
	var out []Offer
	var sealed [][]byte
	for rows.Next() {
		var o Offer
		var b []byte
		if err := rows.Scan(&o.Doctor, &o.Places, &o.Taken, &o.Offered, &o.ChangedAt, &b, &o.Version); err != nil {
			rows.Close()
			return nil, fmt.Errorf("mentors: %w", err)
		}
		out, sealed = append(out, o), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("mentors: %w", err)
	}
	for i, o := range out {
		// The words are sealed for version 1 always: a place taken does not change them.
		if err := s.db.Vault().OpenJSON(ctx, place(tenant, o.Doctor, "support_mentor", o.Doctor, 1), sealed[i], &out[i]); err != nil {
			return nil, fmt.Errorf("open offer of %s: %w", o.Doctor, err)
		}
		out[i].Places, out[i].Taken, out[i].Offered = o.Places, o.Taken, o.Offered
	}
	return out, nil
}

func (s *Service) saveOffer(ctx context.Context, tenant string, o Offer) error {
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, o.Doctor, "support_mentor", o.Doctor, 1), o)
	if err != nil {
		return err
	}
	if o.Version == 0 {
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO support_mentor (tenant_id, doctor_id, places, taken, offered, changed_at, sealed, version) VALUES ($1, $2, $3, 0, $4, $5, $6, 1)`,
			tenant, o.Doctor, o.Places, o.Offered, o.ChangedAt, sealed)
		if database.IsDuplicate(err) {
			return problem.Stale()
		}
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_mentor SET places = $1, offered = $2, changed_at = $3, sealed = $4, version = version + 1 WHERE tenant_id = $5 AND doctor_id = $6 AND version = $7`,
		o.Places, o.Offered, o.ChangedAt, sealed, tenant, o.Doctor, o.Version)
	return changed(n, err, "offer")
}

// takePlace takes a mentor's place or gives it back, never more than there are.
func (s *Service) takePlace(ctx context.Context, tenant, mentor string, by int) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_mentor SET taken = taken + $1, version = version + 1 WHERE tenant_id = $2 AND doctor_id = $3 AND taken + $4 >= 0 AND ($5 < 0 OR taken < places)`,
		by, tenant, mentor, by, by)
	return changed(n, err, "mentor's place")
}

const pairColumns = `SELECT id, doctor_id, mentor_id, state, doctor_yes, mentor_yes, since, sealed, version FROM support_pair WHERE tenant_id = $1 AND `

func (s *Service) queryPairs(ctx context.Context, where string, args ...any) ([]Pair, error) {
	rows, err := s.db.Q(ctx).Query(ctx, pairColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	var out []Pair
	var sealed [][]byte
	for rows.Next() {
		var p Pair
		var b []byte
		if err := rows.Scan(&p.ID, &p.Doctor, &p.Mentor, &p.State, &p.DoctorYes, &p.MentorYes, &p.Since, &b, &p.Version); err != nil {
			rows.Close()
			return nil, fmt.Errorf("pairs: %w", err)
		}
		out, sealed = append(out, p), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	tenant, _ := args[0].(string)
	for i, p := range out {
		// A wish is sealed once: it does not change as the pair moves on.
		if err := s.db.Vault().OpenJSON(ctx, place(tenant, p.Doctor, "support_pair", p.ID, 1), sealed[i], &out[i].Wish); err != nil {
			return nil, fmt.Errorf("open pair %s: %w", p.ID, err)
		}
	}
	return out, nil
}

// pairOf gives what a doctor has or looks for; nil when nothing.
func (s *Service) pairOf(ctx context.Context, tenant, doctor string) (*Pair, error) {
	list, err := s.queryPairs(ctx, `live = $2`, tenant, doctor)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (s *Service) pair(ctx context.Context, tenant, id string) (Pair, error) {
	list, err := s.queryPairs(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Pair{}, err
	}
	return list[0], nil
}

func (s *Service) pairsOfMentor(ctx context.Context, tenant, mentor string) ([]Pair, error) {
	return s.queryPairs(ctx, `mentor_id = $2 AND state IN ($3, $4) ORDER BY since, id`, tenant, mentor, string(Proposed), string(Together))
}

// openPairs lists those who look for a mentor or were proposed one.
func (s *Service) openPairs(ctx context.Context, tenant string, hidden, after []string, limit int) ([]Pair, error) {
	args := []any{tenant, string(Wanted), string(Proposed)}
	where := `state IN ($2, $3)`
	if len(after) == 2 {
		where += ` AND (since > $4 OR since = $5 AND id > $6)`
		args = append(args, after[0], after[0], after[1])
	}
	narrow, more := database.Narrow(len(args)+1, access.Scope{Tenant: tenant, All: true, Hidden: hidden}, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	args = append(append(args, more...), limit)
	return s.queryPairs(ctx, where+` AND `+narrow+` ORDER BY since, id LIMIT `+database.In(len(args), 1), args...)
}

func (s *Service) insertPair(ctx context.Context, tenant string, p Pair) error {
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, p.Doctor, "support_pair", p.ID, 1), p.Wish)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO support_pair (tenant_id, id, doctor_id, state, since, live, sealed, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)`,
		tenant, p.ID, p.Doctor, string(p.State), p.Since, p.Doctor, sealed)
	if database.IsDuplicate(err) {
		return problem.Stale()
	}
	return err
}

func (s *Service) savePair(ctx context.Context, tenant string, p Pair) error {
	live := any(p.Doctor)
	if p.State == Ended {
		live = nil
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE support_pair SET mentor_id = $1, state = $2, doctor_yes = $3, mentor_yes = $4, since = $5, live = $6, version = version + 1
		WHERE tenant_id = $7 AND id = $8 AND version = $9`, p.Mentor, string(p.State), p.DoctorYes, p.MentorYes, p.Since, live, tenant, p.ID, p.Version)
	return changed(n, err, "pair")
}
