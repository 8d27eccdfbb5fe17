package registration

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

// calendar is the address of one doctor's feed.
type calendar struct {
	ID, Tenant, Doctor string
	Made               clock.Instant
}

// calendarOf gives the address that works; the zero value when there is none.
func (s *Service) calendarOf(ctx context.Context, tenant, doctor string) (calendar, error) {
	c := calendar{Tenant: tenant, Doctor: doctor}
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT id, made_at FROM registration_calendar WHERE tenant_id = $1 AND doctor_id = $2 AND revoked_at = ''`, tenant, doctor).Scan(&c.ID, &c.Made)
	if database.IsNoRows(err) {
		return calendar{}, nil
	}
	if err != nil {
		return calendar{}, fmt.Errorf("calendar of %s: %w", doctor, err)
	}
	return c, nil
}

// calendarBySecret finds an address that works; whoever asks is signed in
// nowhere, so that no tenant narrows it.
func (s *Service) calendarBySecret(ctx context.Context, hash string) (calendar, bool, error) {
	var c calendar
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT /* every tenant */ tenant_id, id, doctor_id, made_at FROM registration_calendar WHERE secret_hash = $1 AND revoked_at = ''`, hash).
		Scan(&c.Tenant, &c.ID, &c.Doctor, &c.Made)
	if database.IsNoRows(err) {
		return calendar{}, false, nil
	}
	if err != nil {
		return calendar{}, false, fmt.Errorf("calendar: %w", err)
	}
	return c, true, nil
}

func (s *Service) insertCalendar(ctx context.Context, c calendar, hash string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_calendar (tenant_id, id, doctor_id, secret_hash, made_at) VALUES ($1, $2, $3, $4, $5)`,
		c.Tenant, c.ID, c.Doctor, hash, c.Made)
	if err != nil {
		return fmt.Errorf("calendar of %s: %w", c.Doctor, err)
	}
	return nil
}

func (s *Service) revokeCalendars(ctx context.Context, tenant, doctor string, at clock.Instant) (int64, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE registration_calendar SET revoked_at = $1 WHERE tenant_id = $2 AND doctor_id = $3 AND revoked_at = ''`, at, tenant, doctor)
	if err != nil {
		return 0, fmt.Errorf("calendar of %s: %w", doctor, err)
	}
	return n, nil
}
