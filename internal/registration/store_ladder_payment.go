package registration

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// spent is what a row holds sealed.
type spent struct {
	Fee   string `json:"fee,omitempty"`
	What  string `json:"what,omitempty"`
	Pence int64  `json:"pence"`
	Payer string `json:"payer"`
}

// stored is a payment with its id.
type stored struct {
	ID string
	Payment
}

func paymentPlace(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "registration_payment", Row: id, Column: "sealed", Version: 1}
}

func (s *Service) insertPayment(ctx context.Context, call access.Call, doctor string, p stored) error {
	sealed, err := s.db.Vault().SealJSON(ctx, paymentPlace(call.Actor.Tenant, doctor, p.ID), spent{p.Fee, p.What, p.Pence, p.Payer})
	if err != nil {
		return fmt.Errorf("seal payment %s: %w", p.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_payment (tenant_id, id, doctor_id, paid_on, by_account, recorded_at, version, sealed) VALUES ($1, $2, $3, $4, $5, $6, 1, $7)`,
		call.Actor.Tenant, p.ID, doctor, p.On, call.Actor.Account, call.Now, sealed)
	if err != nil {
		return fmt.Errorf("insert payment %s: %w", p.ID, err)
	}
	return nil
}

// payments lists what was paid for a doctor's road and not taken back.
func (s *Service) payments(ctx context.Context, tenant, doctor string) ([]stored, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, paid_on, sealed FROM registration_payment WHERE tenant_id = $1 AND doctor_id = $2 AND taken_back = '' ORDER BY paid_on, id`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("payments of %s: %w", doctor, err)
	}
	var out []stored
	var sealed [][]byte
	for rows.Next() {
		var p stored
		var b []byte
		if err := rows.Scan(&p.ID, &p.On, &b); err != nil {
			rows.Close()
			return nil, fmt.Errorf("payments of %s: %w", doctor, err)
		}
		out, sealed = append(out, p), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("payments of %s: %w", doctor, err)
	}
	for i := range out {
		var hidden spent
		if err := s.db.Vault().OpenJSON(ctx, paymentPlace(tenant, doctor, out[i].ID), sealed[i], &hidden); err != nil {
			return nil, fmt.Errorf("open payment %s: %w", out[i].ID, err)
		}
		out[i].Fee, out[i].What, out[i].Pence, out[i].Payer = hidden.Fee, hidden.What, hidden.Pence, hidden.Payer
	}
	return out, nil
}

func (s *Service) takeBackPayment(ctx context.Context, tenant, doctor, id string, on clock.Date) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE registration_payment SET taken_back = $1, version = version + 1 WHERE tenant_id = $2 AND doctor_id = $3 AND id = $4 AND taken_back = ''`,
		on, tenant, doctor, id)
	if err != nil {
		return fmt.Errorf("take back payment %s: %w", id, err)
	}
	if n == 0 {
		return problem.Missing()
	}
	return nil
}
