package doctor

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
)

// whom is what of a word is sealed.
type whom struct {
	Name    string `json:"name,omitempty"`
	Country string `json:"country,omitempty"`
	Email   string `json:"email,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

func askingPlace(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "doctor_asking", Row: id, Column: "sealed", Version: 1}
}

func (s *Service) insertSaid(ctx context.Context, call access.Call, doctor string, w Said) error {
	tenant := call.Actor.Tenant
	sealed, err := s.db.Vault().SealJSON(ctx, askingPlace(tenant, doctor, w.ID), whom{w.Name, w.Country, w.Email, w.Reason})
	if err != nil {
		return fmt.Errorf("seal a word on whom to ask about doctor %s: %w", doctor, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO doctor_asking (tenant_id, id, doctor_id, party, allowed, staff, said_on, made_at, by_account, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, tenant, w.ID, doctor, string(w.Party), w.Allowed, w.Staff, w.On, w.At, w.By, sealed)
	if err != nil {
		return fmt.Errorf("insert a word on whom to ask about doctor %s: %w", doctor, err)
	}
	s.db.Again(ctx, "doctor asking "+tenant+" "+doctor)
	return nil
}

// SaidOf gives what is kept here on whom one may ask, for several doctors in one
// statement, each oldest first. It asks no permission.
func (s *Service) SaidOf(ctx context.Context, tenant string, doctors []string) (map[string][]Said, error) {
	out := map[string][]Said{}
	if len(doctors) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, id, party, allowed, staff, said_on, made_at, by_account, sealed FROM doctor_asking
		WHERE tenant_id = $1 AND doctor_id IN `+database.In(2, len(doctors))+` ORDER BY made_at, id`, append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("whom one may ask: %w", err)
	}
	defer rows.Close()
	type row struct {
		Said
		doctor string
		sealed []byte
	}
	var list []row
	for rows.Next() {
		var w row
		if err := rows.Scan(&w.doctor, &w.ID, &w.Party, &w.Allowed, &w.Staff, &w.On, &w.At, &w.By, &w.sealed); err != nil {
			return nil, fmt.Errorf("whom one may ask: %w", err)
		}
		list = append(list, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("whom one may ask: %w", err)
	}
	for _, w := range list {
		var what whom
		err := s.db.Vault().OpenJSON(ctx, askingPlace(tenant, w.doctor, w.ID), w.sealed, &what)
		if errors.Is(err, database.ErrNoKey) { // the person was erased: nothing allows anything any more
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open a word on whom to ask about doctor %s: %w", w.doctor, err)
		}
		w.Name, w.Country, w.Email, w.Reason = what.Name, what.Country, what.Email, what.Reason
		out[w.doctor] = append(out[w.doctor], w.Said)
	}
	return out, nil
}
