package allocation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"msw/internal/database"
)

func passedPlace(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "allocation_passed", Row: id, Column: "sealed", Version: 1}
}

// keptStops reads stops as they are kept. Of rows that were written as sentences
// alone it cannot tell which are about papers, so it takes each to be.
type keptStops []Stop

// UnmarshalJSON reads both forms.
func (k *keptStops) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, (*[]Stop)(k)) == nil {
		return nil
	}
	var sentences []string
	err := json.Unmarshal(b, &sentences)
	*k = nil
	for _, text := range sentences {
		*k = append(*k, Stop{Code: "eligible", Staff: text})
	}
	return err
}

// savePassed keeps who was passed over, and why.
func (s *Rounds) savePassed(ctx context.Context, tenant string, list []Passed) error {
	for _, p := range list {
		id := database.NewID()
		sealed, err := s.db.Vault().SealJSON(ctx, passedPlace(tenant, p.Doctor, id), p.Stops)
		if err != nil {
			return fmt.Errorf("seal who was passed over: %w", err)
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_passed (tenant_id, id, post_id, round_id, doctor_id, on_day, number, sealed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, tenant, id, p.Post, p.Round, p.Doctor, p.On, p.Number, sealed); err != nil {
			return fmt.Errorf("save who was passed over: %w", err)
		}
	}
	return nil
}

// passed reads who was passed over in a round, "" = along the waiting list, the
// newest day first. Of whom was erased, nothing is left to read.
func (s *Rounds) passed(ctx context.Context, tenant, round string) ([]Passed, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, post_id, doctor_id, on_day, number, sealed FROM allocation_passed
		WHERE tenant_id = $1 AND round_id = $2 ORDER BY on_day DESC, post_id, number LIMIT 50`, tenant, round) // more than one reads at once
	if err != nil {
		return nil, fmt.Errorf("who was passed over: %w", err)
	}
	defer rows.Close()
	var list []Passed
	var ids []string
	var sealed [][]byte
	for rows.Next() {
		p := Passed{Round: round}
		var id string
		var b []byte
		if err := rows.Scan(&id, &p.Post, &p.Doctor, &p.On, &p.Number, &b); err != nil {
			return nil, fmt.Errorf("who was passed over: %w", err)
		}
		list, ids, sealed = append(list, p), append(ids, id), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("who was passed over: %w", err)
	}
	var out []Passed
	for i, p := range list {
		err := s.db.Vault().OpenJSON(ctx, passedPlace(tenant, p.Doctor, ids[i]), sealed[i], (*keptStops)(&p.Stops))
		if errors.Is(err, database.ErrNoKey) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open who was passed over: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}
