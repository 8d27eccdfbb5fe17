package placement

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/placement/card"
	"msw/internal/problem"
)

const signedColumns = `id, version, doctor_id, placement_id, host_id, task, level, signed_on, recheck_on, assessor_id, source, flagged,
	confirmed_at, confirmed_by, recorded_at, by_account, withdrawn_at, withdrawn_by, withdrawn, replaced_by, sealed`

// assessorSecret is who the assessor is; sealed with the doctor's key, so that it
// goes when their record goes.
type assessorSecret struct{ Name, Role, GMC string }

func signedPlace(tenant string, s Signed) database.Place {
	return database.Place{Tenant: tenant, Person: s.Doctor, Table: "placement_signoff", Row: s.ID, Column: "sealed"}
}

// insertSigned adds a sign-off; false when the doctor has one of this task at
// this host that stands, however close together the two came.
func (s *Service) insertSigned(ctx context.Context, tenant string, v Signed) (bool, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, signedPlace(tenant, v), assessorSecret{v.Assessor.Name, v.Assessor.Role, v.Assessor.GMC})
	if err != nil {
		return false, fmt.Errorf("seal sign-off %s: %w", v.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_signoff (tenant_id, `+signedColumns+`) VALUES `+database.Rows(1, 22, 1)+` ON CONFLICT DO NOTHING`,
		tenant, v.ID, v.Version, v.Doctor, v.Placement, v.Host, v.Task, int(v.Level), v.On, v.Recheck, v.Assessor.Account, v.Source, v.Flagged,
		v.ConfirmedAt, v.ConfirmedBy, v.RecordedAt, v.By, v.WithdrawnAt, v.WithdrawnBy, v.Why, v.ReplacedBy, sealed)
	if err != nil {
		return false, fmt.Errorf("insert sign-off %s: %w", v.ID, err)
	}
	return n == 1, nil
}

// updateSigned stores what can happen to a sign-off of a known version.
func (s *Service) updateSigned(ctx context.Context, tenant string, v Signed) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_signoff SET confirmed_at = $1, confirmed_by = $2, withdrawn_at = $3, withdrawn_by = $4, withdrawn = $5,
		replaced_by = $6, version = version + 1 WHERE tenant_id = $7 AND id = $8 AND version = $9 AND withdrawn_at = '' AND replaced_by = ''`,
		v.ConfirmedAt, v.ConfirmedBy, v.WithdrawnAt, v.WithdrawnBy, v.Why, v.ReplacedBy, tenant, v.ID, v.Version)
	if err != nil {
		return fmt.Errorf("update sign-off %s: %w", v.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// signedOf reads a doctor's sign-offs, oldest first.
func (s *Service) signedOf(ctx context.Context, tenant, doctor string) ([]Signed, error) {
	return s.querySigned(ctx, tenant, `SELECT `+signedColumns+` FROM placement_signoff WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY recorded_at, id`, tenant, doctor)
}

func (s *Service) loadSigned(ctx context.Context, tenant, id string) (Signed, error) {
	list, err := s.querySigned(ctx, tenant, `SELECT `+signedColumns+` FROM placement_signoff WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err != nil || len(list) == 0 {
		return Signed{}, cmpErr(err, problem.Missing())
	}
	return list[0], nil
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (s *Service) querySigned(ctx context.Context, tenant, text string, args ...any) ([]Signed, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read sign-offs: %w", err)
	}
	defer rows.Close()
	var list []Signed
	var sealed [][]byte
	for rows.Next() {
		var v Signed
		var b []byte
		if err := rows.Scan(&v.ID, &v.Version, &v.Doctor, &v.Placement, &v.Host, &v.Task, &v.Level, &v.On, &v.Recheck, &v.Assessor.Account, &v.Source, &v.Flagged,
			&v.ConfirmedAt, &v.ConfirmedBy, &v.RecordedAt, &v.By, &v.WithdrawnAt, &v.WithdrawnBy, &v.Why, &v.ReplacedBy, &b); err != nil {
			return nil, fmt.Errorf("read sign-offs: %w", err)
		}
		list, sealed = append(list, v), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read sign-offs: %w", err)
	}
	for i := range list {
		v := &list[i]
		var secret assessorSecret
		if err := s.db.Vault().OpenJSON(ctx, signedPlace(tenant, *v), sealed[i], &secret); err != nil {
			return nil, fmt.Errorf("open sign-off %s: %w", v.ID, err)
		}
		v.Assessor.Name, v.Assessor.Role, v.Assessor.GMC = secret.Name, secret.Role, secret.GMC
		v.SignOff.Assessor = v.Assessor.Words()
	}
	return list, nil
}

// saveLevels adds what a host says of some tasks at an instant.
func (s *Service) saveLevels(ctx context.Context, tenant, account string, list []card.HostLevel) error {
	if len(list) == 0 {
		return nil
	}
	var args []any
	for _, l := range list {
		args = append(args, tenant, l.Host, l.Task, l.At, int(l.Level), account)
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_level (tenant_id, host_id, task, recorded_at, level, by_account) VALUES `+database.Rows(1, 6, len(list))+
		` ON CONFLICT (tenant_id, host_id, task, recorded_at) DO NOTHING`, args...)
	if err != nil {
		return fmt.Errorf("save levels of %s: %w", list[0].Host, err)
	}
	return nil
}

// levelsOf reads all a host ever said, oldest first, with who said it.
func (s *Service) levelsOf(ctx context.Context, tenant, host string) ([]card.HostLevel, []string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT task, recorded_at, level, by_account FROM placement_level WHERE tenant_id = $1 AND host_id = $2 ORDER BY recorded_at, task`, tenant, host)
	if err != nil {
		return nil, nil, fmt.Errorf("read levels of %s: %w", host, err)
	}
	defer rows.Close()
	var list []card.HostLevel
	var by []string
	for rows.Next() {
		l, account := card.HostLevel{Host: host}, ""
		if err := rows.Scan(&l.Task, &l.At, &l.Level, &account); err != nil {
			return nil, nil, fmt.Errorf("read levels of %s: %w", host, err)
		}
		list, by = append(list, l), append(by, account)
	}
	return list, by, rows.Err()
}

func (s *Service) coversOf(ctx context.Context, tenant, placement string) ([]Cover, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, version, placement_id, doctor_id, role, account_id, from_date, to_date, by_account, recorded_at FROM placement_cover
		WHERE tenant_id = $1 AND placement_id = $2 ORDER BY from_date, id`, tenant, placement)
	if err != nil {
		return nil, fmt.Errorf("read covers: %w", err)
	}
	defer rows.Close()
	var list []Cover
	for rows.Next() {
		var v Cover
		if err := rows.Scan(&v.ID, &v.Version, &v.Placement, &v.Doctor, &v.Role, &v.Account, &v.From, &v.To, &v.By, &v.RecordedAt); err != nil {
			return nil, fmt.Errorf("read covers: %w", err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// awayOf reads the times without work, and not why.
func (s *Service) awayOf(ctx context.Context, tenant, placement string) ([]card.Away, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT from_date, to_date FROM placement_absence WHERE tenant_id = $1 AND placement_id = $2 ORDER BY from_date, id`, tenant, placement)
	if err != nil {
		return nil, fmt.Errorf("read absences: %w", err)
	}
	defer rows.Close()
	var list []card.Away
	for rows.Next() {
		var from, to clock.Date
		if err := rows.Scan(&from, &to); err != nil {
			return nil, fmt.Errorf("read absences: %w", err)
		}
		list = append(list, card.Away{From: from, To: to})
	}
	return list, rows.Err()
}
