package registration

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const outcomeColumns = `id, doctor_id, version, state, number_token, kind, licence, aps, registered_on, first_by, first_read_on,
	second_by, second_read_on, objection, fact_id, sealed`

type secret struct {
	Number string `json:"number,omitempty"`
	Name   string `json:"name,omitempty"` // of an employer without a code
}

func outcomePlace(tenant string, o Outcome) database.Place {
	// The number never changes within a row, so it is sealed once.
	return database.Place{Tenant: tenant, Person: o.Doctor, Table: "registration_outcome", Row: o.ID, Column: "sealed", Version: 1}
}

func (s *Service) token(tenant, number string) string {
	return s.db.Vault().Token(tenant, "gmc number", number)
}

// insert stores a new outcome; false when another proposal stands.
func (s *Service) insert(ctx context.Context, tenant string, o Outcome) (bool, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, outcomePlace(tenant, o), secret{Number: o.Number})
	if err != nil {
		return false, fmt.Errorf("seal outcome %s: %w", o.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_outcome (tenant_id, `+outcomeColumns+`) VALUES `+database.Rows(1, 17, 1)+` ON CONFLICT DO NOTHING`,
		tenant, o.ID, o.Doctor, o.Version, string(o.State), o.token, string(o.Kind), o.Licence == Yes, o.APS == Yes, o.Registered, o.First, o.ReadOn,
		o.Second, o.SecondReadOn, o.Objection, o.Fact, sealed)
	if err != nil {
		return false, fmt.Errorf("insert outcome %s: %w", o.ID, err)
	}
	return n == 1, nil
}

// update saves what may change of an outcome at its next version.
func (s *Service) update(ctx context.Context, tenant string, o *Outcome) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE registration_outcome SET state = $1, second_by = $2, second_read_on = $3, objection = $4, fact_id = $5,
		version = $6 WHERE tenant_id = $7 AND id = $8 AND version = $9`,
		string(o.State), o.Second, o.SecondReadOn, o.Objection, o.Fact, o.Version+1, tenant, o.ID, o.Version)
	if err != nil {
		return fmt.Errorf("update outcome %s: %w", o.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	o.Version++
	return nil
}

// standing gives the outcomes of a doctor that are proposed or confirmed, and
// the newest disputed one.
func (s *Service) standing(ctx context.Context, tenant, doctor string) (map[State]Outcome, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+outcomeColumns+` FROM registration_outcome WHERE tenant_id = $1 AND doctor_id = $2 AND state <> 'superseded' ORDER BY id`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("outcomes of %s: %w", doctor, err)
	}
	defer rows.Close()
	found, sealed := map[State]Outcome{}, map[State][]byte{}
	for rows.Next() {
		var o Outcome
		var licence, aps bool
		var b []byte
		err := rows.Scan(&o.ID, &o.Doctor, &o.Version, &o.State, &o.token, &o.Kind, &licence, &aps, &o.Registered, &o.First, &o.ReadOn,
			&o.Second, &o.SecondReadOn, &o.Objection, &o.Fact, &b)
		if err != nil {
			return nil, fmt.Errorf("outcomes of %s: %w", doctor, err)
		}
		o.Licence, o.APS = answer(licence), answer(aps)
		found[o.State], sealed[o.State] = o, b
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for state, o := range found {
		var hidden secret
		if err := s.db.Vault().OpenJSON(ctx, outcomePlace(tenant, o), sealed[state], &hidden); err != nil {
			return nil, fmt.Errorf("open outcome %s: %w", o.ID, err)
		}
		o.Number = hidden.Number
		found[state] = o
	}
	return found, nil
}

// holder tells whose number it is, "" for nobody's.
func (s *Service) holder(ctx context.Context, tenant, token string) (string, error) {
	var doctor string
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT doctor_id FROM registration_number WHERE tenant_id = $1 AND token = $2`, tenant, token).Scan(&doctor)
	if database.IsNoRows(err) {
		return "", nil
	}
	return doctor, err
}

// take gives the number to the doctor; false when it, or another number of
// theirs, is already taken.
func (s *Service) take(ctx context.Context, tenant string, o Outcome) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_number (tenant_id, token, doctor_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, tenant, o.token, o.Doctor)
	if err != nil || n == 1 {
		return n == 1, err
	}
	doctor, err := s.holder(ctx, tenant, o.token)
	return doctor == o.Doctor, err
}

func (s *Service) giveBack(ctx context.Context, tenant, doctor string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM registration_number WHERE tenant_id = $1 AND doctor_id = $2`, tenant, doctor)
	return err
}

func postPlace(tenant string, p DoctorPost) database.Place {
	return database.Place{Tenant: tenant, Person: p.Doctor, Table: "registration_post", Row: p.Doctor, Column: "sealed", Version: p.Version}
}

// post reads the first doctor post; Version 0 when there is none.
func (s *Service) post(ctx context.Context, tenant, doctor string) (DoctorPost, error) {
	p := DoctorPost{Doctor: doctor}
	var sealed []byte
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT version, state, employer_id, title, started_on, sealed FROM registration_post WHERE tenant_id = $1 AND doctor_id = $2`,
		tenant, doctor).Scan(&p.Version, &p.State, &p.Employer, &p.Title, &p.On, &sealed)
	if database.IsNoRows(err) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("doctor post of %s: %w", doctor, err)
	}
	var hidden secret
	err = s.db.Vault().OpenJSON(ctx, postPlace(tenant, p), sealed, &hidden)
	p.EmployerName = hidden.Name
	return p, err
}

// savePost stores the post at the version after before, 0 for a new one.
func (s *Service) savePost(ctx context.Context, call access.Call, p *DoctorPost, before int) error {
	tenant := call.Actor.Tenant
	p.Version = before + 1
	sealed, err := s.db.Vault().SealJSON(ctx, postPlace(tenant, *p), secret{Name: p.EmployerName})
	if err != nil {
		return fmt.Errorf("seal doctor post of %s: %w", p.Doctor, err)
	}
	var n int64
	if before == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_post (tenant_id, doctor_id, version, state, employer_id, title, started_on, by_account, recorded_at, sealed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
			tenant, p.Doctor, p.Version, p.State, p.Employer, p.Title, p.On, call.Actor.Account, call.Now, sealed)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE registration_post SET version = $1, state = $2, employer_id = $3, title = $4, started_on = $5, by_account = $6,
			recorded_at = $7, sealed = $8 WHERE tenant_id = $9 AND doctor_id = $10 AND version = $11`,
			p.Version, p.State, p.Employer, p.Title, p.On, call.Actor.Account, call.Now, sealed, tenant, p.Doctor, before)
	}
	if err != nil {
		return fmt.Errorf("save doctor post of %s: %w", p.Doctor, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// confirmedOn gives the day registration began, from the confirmed outcome.
func (s *Service) confirmedOn(ctx context.Context, tenant, doctor string) (on clock.Date, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT registered_on FROM registration_outcome WHERE tenant_id = $1 AND doctor_id = $2 AND state = 'confirmed'`, tenant, doctor).Scan(&on)
	if database.IsNoRows(err) {
		return 0, nil
	}
	return on, err
}
