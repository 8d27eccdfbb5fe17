package consent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

var grantRows = database.Into{Table: "consent_grant", Columns: "tenant_id, id, doctor_id, organisation_id, scope, given_on, until, source, recorded_at, version"}

func (s *Service) insert(ctx context.Context, tenant string, c Consent) error {
	return s.db.Put(ctx, grantRows, database.Values(tenant, c.ID, c.Doctor, c.Organisation, strings.Join(c.Scope, ","), c.GivenOn, c.Until, c.Source, c.RecordedAt, 1))
}

func (s *Service) withdraw(ctx context.Context, tenant string, c Consent, on clock.Date) error {
	rows, err := s.db.Q(ctx).Exec(ctx, `UPDATE consent_grant SET withdrawn_on = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`,
		on, tenant, c.ID, c.Version)
	if err == nil && rows == 0 {
		return problem.Stale()
	}
	return err
}

const consentColumns = `SELECT id, doctor_id, organisation_id, scope, given_on, until, source, recorded_at, withdrawn_on, version FROM consent_grant WHERE tenant_id = $1 AND `

// liveOn is the part of a condition that keeps consents live on a day; the
// day's placeholder is written twice.
const liveOn = `withdrawn_on = '' AND given_on <= $2 AND (until = '' OR until >= $2)`

func (s *Service) query(ctx context.Context, where string, args ...any) ([]Consent, error) {
	rows, err := s.db.Q(ctx).Query(ctx, consentColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("load consents: %w", err)
	}
	defer rows.Close()
	var out []Consent
	for rows.Next() {
		var c Consent
		var scope string
		if err := rows.Scan(&c.ID, &c.Doctor, &c.Organisation, &scope, &c.GivenOn, &c.Until, &c.Source, &c.RecordedAt, &c.WithdrawnOn, &c.Version); err != nil {
			return nil, fmt.Errorf("load consents: %w", err)
		}
		c.Scope = strings.Split(scope, ",")
		out = append(out, c)
	}
	return out, rows.Err()
}

func hidePlace(tenant, doctor, subject string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "consent_hide", Row: doctor + " " + subject, Column: "sealed", Version: version}
}

// saveHide stores the subject; hiding again after showing counts anew.
func (s *Service) saveHide(ctx context.Context, call access.Call, doctor string, h Subject) error {
	// The label is sealed for version 1 always: it never changes after the first time.
	sealed, err := s.db.Vault().SealJSON(ctx, hidePlace(call.Actor.Tenant, doctor, h.Key(), 1), h.Label)
	if err != nil {
		return fmt.Errorf("seal hide of doctor %s: %w", doctor, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO consent_hide (tenant_id, subject, doctor_id, since, sealed, version) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (tenant_id, subject, doctor_id) DO UPDATE SET since = excluded.since, ended_at = '', sealed = excluded.sealed, version = consent_hide.version + 1`,
		call.Actor.Tenant, h.Key(), doctor, call.Now, sealed)
	return err
}

func (s *Service) endHide(ctx context.Context, call access.Call, doctor, subject string) (bool, error) {
	rows, err := s.db.Q(ctx).Exec(ctx, `UPDATE consent_hide SET ended_at = $1, version = version + 1 WHERE tenant_id = $2 AND subject = $3 AND doctor_id = $4 AND ended_at = ''`,
		call.Now, call.Actor.Tenant, subject, doctor)
	return rows == 1, err
}

func (s *Service) hides(ctx context.Context, tenant, doctor string) ([]Hidden, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT subject, since, sealed FROM consent_hide WHERE tenant_id = $1 AND doctor_id = $2 AND ended_at = '' ORDER BY since, subject`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("hides of doctor %s: %w", doctor, err)
	}
	var out []Hidden
	var sealed [][]byte
	for rows.Next() {
		var h Hidden
		var subject string
		var b []byte
		if err := rows.Scan(&subject, &h.Since, &b); err != nil {
			rows.Close()
			return nil, fmt.Errorf("hides of doctor %s: %w", doctor, err)
		}
		h.Kind, h.ID, _ = strings.Cut(subject, ":")
		out, sealed = append(out, h), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("hides of doctor %s: %w", doctor, err)
	}
	for i := range out {
		if err := s.db.Vault().OpenJSON(ctx, hidePlace(tenant, doctor, out[i].Key(), 1), sealed[i], &out[i].Label); err != nil {
			return nil, fmt.Errorf("open hide of doctor %s: %w", doctor, err)
		}
	}
	return out, nil
}

func (s *Service) hiddenFrom(ctx context.Context, tenant string, subjects []string) ([]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT DISTINCT doctor_id FROM consent_hide WHERE tenant_id = $1 AND subject IN `+database.In(2, len(subjects))+` AND ended_at = '' ORDER BY doctor_id`,
		append([]any{tenant}, database.Args(subjects)...)...)
	if err != nil {
		return nil, fmt.Errorf("who hides: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("who hides: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

func (s *Service) declared(ctx context.Context, tenant, doctor string) (map[string]clock.Instant, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT code, changed_at FROM consent_declaration WHERE tenant_id = $1 AND doctor_id = $2 AND given = true`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("declarations of doctor %s: %w", doctor, err)
	}
	defer rows.Close()
	out := map[string]clock.Instant{}
	for rows.Next() {
		var code string
		var at clock.Instant
		if err := rows.Scan(&code, &at); err != nil {
			return nil, fmt.Errorf("declarations of doctor %s: %w", doctor, err)
		}
		out[code] = at
	}
	return out, rows.Err()
}

func (s *Service) declare(ctx context.Context, call access.Call, doctor string, given map[string]bool) error {
	var args []any
	for _, code := range Declarations() {
		args = append(args, call.Actor.Tenant, doctor, code, given[code], call.Now, 1)
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO consent_declaration (tenant_id, doctor_id, code, given, changed_at, version) VALUES `+
		database.Rows(1, 6, len(Declarations()))+` ON CONFLICT (tenant_id, doctor_id, code) DO UPDATE SET
		changed_at = CASE WHEN consent_declaration.given = excluded.given THEN consent_declaration.changed_at ELSE excluded.changed_at END,
		given = excluded.given, version = consent_declaration.version + 1`, args...)
	return err
}
