package eligibility

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/eligibility/assessment"
)

// worksBetween gives the rows of work between two ids, both included, by id.
func (s store) worksBetween(ctx context.Context, tenant, first, last string) (map[string]Work, error) {
	list, err := s.works(ctx, `SELECT `+workColumns+` FROM eligibility_work WHERE tenant_id = $1 AND doctor_id >= $2 AND doctor_id <= $3`, tenant, first, last)
	out := make(map[string]Work, len(list))
	for _, w := range list {
		out[w.Doctor] = w
	}
	return out, err
}

// lastOutcomes gives the outcome of the newest decision of every doctor between
// two ids, both included, by id.
func (s store) lastOutcomes(ctx context.Context, tenant, first, last string) (map[string]Outcome, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, outcome FROM eligibility_decision
		WHERE tenant_id = $1 AND doctor_id >= $2 AND doctor_id <= $3 AND moment = 'decision' ORDER BY doctor_id, made_on, id`, tenant, first, last)
	if err != nil {
		return nil, fmt.Errorf("last decisions: %w", err)
	}
	defer rows.Close()
	out := map[string]Outcome{}
	for rows.Next() {
		var doctor string
		var o Outcome
		if err := rows.Scan(&doctor, &o); err != nil {
			return nil, err
		}
		out[doctor] = o
	}
	return out, rows.Err()
}

func (s store) doctors(ctx context.Context, query string, args ...any) (list []string, err error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("find what cannot be: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, rows.Err()
}

// ownReviews are doctors whose review was decided by who decided before.
func (s store) ownReviews(ctx context.Context, tenant string) ([]string, error) {
	return s.doctors(ctx, `SELECT r.doctor_id FROM eligibility_review r JOIN eligibility_decision d ON d.tenant_id = r.tenant_id AND d.id = r.decision_id
		WHERE r.tenant_id = $1 AND r.state <> 'open' AND r.decided_by = d.made_by`, tenant)
}

// loneVoices are doctors with a judgement that counts without two who agree.
func (s store) loneVoices(ctx context.Context, tenant string) ([]string, error) {
	return s.doctors(ctx, `SELECT j.doctor_id FROM eligibility_judgement j WHERE j.tenant_id = $1 AND j.state = 'holds'
		AND (SELECT count(*) FROM eligibility_voice v WHERE v.tenant_id = j.tenant_id AND v.judgement_id = j.id AND v.holds) < 2`, tenant)
}

// leftRounds are doctors asked for something although nobody assesses them.
func (s store) leftRounds(ctx context.Context, tenant string) ([]string, error) {
	return s.doctors(ctx, `SELECT r.doctor_id FROM eligibility_round r JOIN eligibility_work w ON w.tenant_id = r.tenant_id AND w.doctor_id = r.doctor_id
		WHERE r.tenant_id = $1 AND r.closed_on = '' AND w.assessing = $2`, tenant, false)
}

// Fault is a case in a state that cannot be.
type Fault struct {
	Kind, Doctor string
	Found        clock.Date
}

// keepNight puts what a night counted in place of the night before.
func (s store) keepNight(ctx context.Context, tenant string, n Night) error {
	for _, q := range []string{`DELETE FROM eligibility_days WHERE tenant_id = $1`, `DELETE FROM eligibility_fault WHERE tenant_id = $1`, `DELETE FROM eligibility_night WHERE tenant_id = $1`} {
		if _, err := s.db.Q(ctx).Exec(ctx, q, tenant); err != nil {
			return err
		}
	}
	for _, party := range BoardParties() {
		for days, turns := range n.Spread[party] {
			if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_days (tenant_id, party, days, turns) VALUES ($1, $2, $3, $4)`, tenant, party, days, turns); err != nil {
				return err
			}
		}
	}
	for _, f := range n.Faults {
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_fault (tenant_id, kind, doctor_id, found_on) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, tenant, f.Kind, f.Doctor, f.Found); err != nil {
			return err
		}
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_night (tenant_id, on_day, cases, faults) VALUES ($1, $2, $3, $4)`, tenant, n.On, n.Cases, len(n.Faults))
	return err
}

// night reads what the last night counted; false before the first.
func (s store) night(ctx context.Context, tenant string) (n Night, found bool, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT on_day, cases FROM eligibility_night WHERE tenant_id = $1 ORDER BY on_day DESC LIMIT 1`, tenant).Scan(&n.On, &n.Cases)
	if database.IsNoRows(err) {
		return n, false, nil
	}
	if err != nil {
		return n, false, err
	}
	n.Spread = map[string]assessment.Spread{}
	err = s.each(ctx, `SELECT party, days, turns FROM eligibility_days WHERE tenant_id = $1`, func(rows *sql.Rows) error {
		var party string
		var days, turns int
		if err := rows.Scan(&party, &days, &turns); err != nil {
			return err
		}
		if n.Spread[party] == nil {
			n.Spread[party] = assessment.Spread{}
		}
		n.Spread[party][days] = turns
		return nil
	}, tenant)
	return n, true, err
}

func (s store) each(ctx context.Context, query string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// faults gives one page of the cases in impossible states.
func (s store) faults(ctx context.Context, tenant string, after []string, limit int) (out []Fault, err error) {
	if len(after) != 2 {
		after = []string{"", ""}
	}
	err = s.each(ctx, `SELECT kind, doctor_id, found_on FROM eligibility_fault WHERE tenant_id = $1 AND (kind, doctor_id) > ($2, $3) ORDER BY kind, doctor_id LIMIT $4`, func(rows *sql.Rows) error {
		var f Fault
		err := rows.Scan(&f.Kind, &f.Doctor, &f.Found)
		out = append(out, f)
		return err
	}, tenant, after[0], after[1], limit)
	return slices.Clip(out), err
}

func (s store) mended(ctx context.Context, tenant, kind, doctor string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM eligibility_fault WHERE tenant_id = $1 AND kind = $2 AND doctor_id = $3`, tenant, kind, doctor)
	return err
}
