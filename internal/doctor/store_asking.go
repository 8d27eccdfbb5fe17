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

func (s *Service) loadSaid(ctx context.Context, tenant, doctor string) ([]Said, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, party, allowed, staff, said_on, made_at, by_account, sealed FROM doctor_asking
		WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY made_at, id`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("whom to ask about doctor %s: %w", doctor, err)
	}
	defer rows.Close()
	var list []Said
	var sealed [][]byte
	for rows.Next() {
		var w Said
		var b []byte
		if err := rows.Scan(&w.ID, &w.Party, &w.Allowed, &w.Staff, &w.On, &w.At, &w.By, &b); err != nil {
			return nil, fmt.Errorf("whom to ask about doctor %s: %w", doctor, err)
		}
		list, sealed = append(list, w), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("whom to ask about doctor %s: %w", doctor, err)
	}
	for i := range list {
		var what whom
		err := s.db.Vault().OpenJSON(ctx, askingPlace(tenant, doctor, list[i].ID), sealed[i], &what)
		if errors.Is(err, database.ErrNoKey) { // the person was erased: nothing allows anything any more
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("open a word on whom to ask about doctor %s: %w", doctor, err)
		}
		list[i].Name, list[i].Country, list[i].Email, list[i].Reason = what.Name, what.Country, what.Email, what.Reason
	}
	return list, nil
}
