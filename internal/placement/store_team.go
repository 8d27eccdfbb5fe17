package placement

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// overdueSigned counts the sign-offs that stand and are to be seen again, by
// doctor.
func (s *Service) overdueSigned(ctx context.Context, tenant string, doctors []string, today clock.Date) (map[string]int, error) {
	out := map[string]int{}
	if len(doctors) == 0 {
		return out, nil
	}
	type count struct {
		doctor string
		n      int
	}
	args := append([]any{tenant}, database.Args(doctors)...)
	list, err := read(ctx, s, "overdue sign-offs", func(r *sql.Rows) (c count, err error) {
		err = r.Scan(&c.doctor, &c.n)
		return c, err
	}, `SELECT doctor_id, count(*) FROM placement_signoff WHERE tenant_id = $1 AND doctor_id IN `+database.In(2, len(doctors))+
		fmt.Sprintf(` AND withdrawn_at = '' AND replaced_by = '' AND recheck_on < $%d GROUP BY doctor_id`, len(args)+1), append(args, today)...)
	for _, c := range list {
		out[c.doctor] = c.n
	}
	return out, err
}

// coversToday reads who stands in on a day, by placement.
func (s *Service) coversToday(ctx context.Context, tenant string, placements []string, today clock.Date) (map[string][]Cover, error) {
	out := map[string][]Cover{}
	if len(placements) == 0 {
		return out, nil
	}
	args := append([]any{tenant}, database.Args(placements)...)
	list, err := read(ctx, s, "covers", func(r *sql.Rows) (v Cover, err error) {
		err = r.Scan(&v.Placement, &v.Role, &v.Account, &v.From, &v.To)
		return v, err
	}, `SELECT placement_id, role, account_id, from_date, to_date FROM placement_cover WHERE tenant_id = $1 AND placement_id IN `+database.In(2, len(placements))+
		fmt.Sprintf(` AND from_date <= $%d AND to_date >= $%d ORDER BY from_date, id`, len(args)+1, len(args)+2), append(args, today, today)...)
	for _, v := range list {
		out[v.Placement] = append(out[v.Placement], v)
	}
	return out, err
}

type lit struct{ Employer, Host, Region, Light string }

func (s *Service) lightOf(ctx context.Context, tenant, placement string) (lit, error) {
	var l lit
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT employer_id, host_id, region, light FROM placement_light WHERE tenant_id = $1 AND placement_id = $2`, tenant, placement).
		Scan(&l.Employer, &l.Host, &l.Region, &l.Light)
	if database.IsNoRows(err) {
		return lit{}, nil
	}
	if err != nil {
		return lit{}, fmt.Errorf("light of a placement: %w", err)
	}
	return l, nil
}

// setLight keeps the light of a placement, none once it has ended, and the
// totals with it.
func (s *Service) setLight(ctx context.Context, tenant, placement string, now lit, today clock.Date) error {
	before, err := s.lightOf(ctx, tenant, placement)
	if err != nil {
		return err
	}
	if now.Light == "" {
		_, err = s.db.Q(ctx).Exec(ctx, `DELETE FROM placement_light WHERE tenant_id = $1 AND placement_id = $2`, tenant, placement)
	} else {
		_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_light (tenant_id, placement_id, employer_id, host_id, region, light, seen_on) VALUES ($1,$2,$3,$4,$5,$6,$7)
			ON CONFLICT (tenant_id, placement_id) DO UPDATE SET employer_id = excluded.employer_id, host_id = excluded.host_id, region = excluded.region,
			light = excluded.light, seen_on = excluded.seen_on`, tenant, placement, now.Employer, now.Host, now.Region, now.Light, today)
	}
	if err != nil {
		return fmt.Errorf("keep light: %w", err)
	}
	if before.Host == now.Host && before.Region == now.Region && before.Light == now.Light {
		return nil
	}
	for _, move := range []struct {
		l  lit
		by int
	}{{before, -1}, {now, 1}} {
		if move.l.Light == "" {
			continue
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_total (tenant_id, host_id, region, light, number) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (tenant_id, host_id, region, light) DO UPDATE SET number = placement_total.number + excluded.number`,
			tenant, move.l.Host, move.l.Region, move.l.Light, move.by); err != nil {
			return fmt.Errorf("keep totals of lights: %w", err)
		}
	}
	return nil
}

// unseen lists running placements whose light is not of today.
func (s *Service) unseen(ctx context.Context, tenant string, today clock.Date, limit int) ([]Placement, error) {
	return s.query(ctx, `SELECT `+columns+` FROM placement_placement p WHERE tenant_id = $1 AND ended_on = '' AND NOT EXISTS
		(SELECT 1 FROM placement_light l WHERE l.tenant_id = p.tenant_id AND l.placement_id = p.id AND l.seen_on >= $2) ORDER BY started_on, id LIMIT $3`, tenant, today, limit)
}

// totals gives the hosts of a scope with their numbers, at most limit hosts
// after one.
func (s *Service) totals(ctx context.Context, scope access.Scope, after string, limit int) ([]HostTotal, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "host_id", Region: "region"})
	args = append(append([]any{scope.Tenant}, args...), after, 3*limit)
	type row struct {
		host, region string
		light        Light
		n            int
	}
	list, err := read(ctx, s, "totals of lights", func(r *sql.Rows) (v row, err error) {
		err = r.Scan(&v.host, &v.region, &v.light, &v.n)
		return v, err
	}, `SELECT host_id, region, light, number FROM placement_total WHERE tenant_id = $1 AND `+cond+
		fmt.Sprintf(` AND number > 0 AND host_id > $%d ORDER BY host_id, light LIMIT $%d`, len(args)-1, len(args)), args...)
	var out []HostTotal
	for _, v := range list {
		if n := len(out); n == 0 || out[n-1].Host != v.host {
			out = append(out, HostTotal{Host: v.host, Region: v.region, Number: map[Light]int{}})
		}
		out[len(out)-1].Number[v.light] += v.n
	}
	return out[:min(len(out), limit)], err
}

const rollColumns = `id, version, host_id, region, ends_on, opened_on, due_on, signed_at`

func scanRoll(r *sql.Rows) (v Roll, err error) {
	err = r.Scan(&v.ID, &v.Version, &v.Host, &v.Region, &v.Ends, &v.Opened, &v.Due, &v.SignedAt)
	return v, err
}

// openRolls opens the lists of a quarter for the hosts where somebody was in
// post at its end; those that are open already stay as they are.
func (s *Service) hostsAt(ctx context.Context, tenant string, day clock.Date) ([]Roll, error) {
	return read(ctx, s, "hosts of a quarter", func(r *sql.Rows) (v Roll, err error) {
		err = r.Scan(&v.Host, &v.Region)
		return v, err
	}, `SELECT DISTINCT host_id, region FROM placement_spell v WHERE tenant_id = $1 AND from_date <= $2 AND (to_date = '' OR to_date >= $3)
		AND NOT EXISTS (SELECT 1 FROM placement_roll r WHERE r.tenant_id = v.tenant_id AND r.host_id = v.host_id AND r.ends_on = $4) ORDER BY host_id`, tenant, day, day, day)
}

func (s *Service) insertRoll(ctx context.Context, tenant string, v Roll) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_roll (tenant_id, `+rollColumns+`) VALUES ($1,$2,1,$3,$4,$5,$6,$7,'') ON CONFLICT DO NOTHING`,
		tenant, v.ID, v.Host, v.Region, v.Ends, v.Opened, v.Due)
	if err != nil {
		return false, fmt.Errorf("open a list: %w", err)
	}
	return n == 1, nil
}

func (s *Service) rolls(ctx context.Context, scope access.Scope, after []string, limit int) ([]Roll, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "host_id", Region: "region"})
	args = append([]any{scope.Tenant}, args...)
	if len(after) == 2 {
		cond += fmt.Sprintf(" AND (ends_on, id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, after[0], after[1])
	}
	args = append(args, limit)
	return read(ctx, s, "lists", scanRoll, `SELECT `+rollColumns+` FROM placement_roll WHERE tenant_id = $1 AND `+cond+
		fmt.Sprintf(` ORDER BY ends_on DESC, id DESC LIMIT $%d`, len(args)), args...)
}

func (s *Service) roll(ctx context.Context, tenant, id string) (Roll, error) {
	list, err := read(ctx, s, "list", scanRoll, `SELECT `+rollColumns+` FROM placement_roll WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err != nil || len(list) == 0 {
		return Roll{}, cmpErr(err, problem.Missing())
	}
	return list[0], nil
}

// peopleAt lists the spells that ran at a host on a day.
func (s *Service) peopleAt(ctx context.Context, tenant, host string, day clock.Date) ([]Spell, error) {
	return s.querySpells(ctx, `SELECT `+spellColumns+` FROM placement_spell WHERE tenant_id = $1 AND host_id = $2 AND from_date <= $3 AND (to_date = '' OR to_date >= $4)
		ORDER BY placement_id, number`, tenant, host, day, day)
}

type signerSecret struct{ Name, Role, Text string }

// addEntry adds a signature or correction; the second of two at once is told.
func (s *Service) addEntry(ctx context.Context, tenant string, r Roll, e RollEntry) error {
	place := database.Place{Tenant: tenant, Table: "placement_roll_entry", Row: r.ID, Column: "sealed", Version: e.Number}
	sealed, err := s.db.Vault().SealJSON(ctx, place, signerSecret{e.Name, e.Role, e.Text})
	if err != nil {
		return fmt.Errorf("seal signature: %w", err)
	}
	if err := s.one(ctx, "sign a list", problem.Stale(), `INSERT INTO placement_roll_entry (tenant_id, roll_id, number, by_account, recorded_at, people, placements, sealed)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT DO NOTHING`, tenant, r.ID, e.Number, e.By, e.RecordedAt, e.People, e.Placements, sealed); err != nil {
		return err
	}
	signed := r.SignedAt
	if signed.IsZero() {
		signed = e.RecordedAt
	}
	return s.one(ctx, "sign a list", problem.Stale(), `UPDATE placement_roll SET signed_at = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`, signed, tenant, r.ID, r.Version)
}

func (s *Service) rollEntries(ctx context.Context, tenant, roll string) ([]RollEntry, error) {
	rows, err := read(ctx, s, "signatures", func(r *sql.Rows) (row sealedRow[RollEntry], err error) {
		e := &row.v
		err = r.Scan(&e.Number, &e.By, &e.RecordedAt, &e.People, &e.Placements, &row.sealed)
		return row, err
	}, `SELECT number, by_account, recorded_at, people, placements, sealed FROM placement_roll_entry WHERE tenant_id = $1 AND roll_id = $2 ORDER BY number`, tenant, roll)
	var out []RollEntry
	for _, row := range rows {
		e := row.v
		var secret signerSecret
		place := database.Place{Tenant: tenant, Table: "placement_roll_entry", Row: roll, Column: "sealed", Version: e.Number}
		if err := s.db.Vault().OpenJSON(ctx, place, row.sealed, &secret); err != nil {
			return nil, fmt.Errorf("open signature: %w", err)
		}
		e.Name, e.Role, e.Text = secret.Name, secret.Role, secret.Text
		out = append(out, e)
	}
	return out, err
}
