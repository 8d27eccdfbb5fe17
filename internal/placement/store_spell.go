package placement

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const spellColumns = `placement_id, number, doctor_id, post_id, employer_id, host_id, region, phase_id, setting, from_date, to_date,
	minutes_week, whole_time, pay_kind, pay_point, hcas, pay_pence, clinical_id, educational_id, contract_end, funded_until,
	reason, by_account, recorded_at`

func scanSpell(row scanner) (v Spell, err error) {
	err = row.Scan(&v.Placement, &v.Number, &v.Doctor, &v.Post, &v.Employer, &v.Host, &v.Region, &v.Phase, &v.Setting, &v.From, &v.To,
		&v.MinutesWeek, &v.WholeTime, &v.Pay.Kind, &v.Pay.Point, &v.Pay.HCAS, &v.Pay.Pence, &v.Clinical, &v.Educational,
		&v.ContractEnd, &v.FundedUntil, &v.Changed, &v.By, &v.RecordedAt)
	return v, err
}

var spellRows = database.Into{Table: "placement_spell", Columns: "tenant_id, " + spellColumns}

func (s *Service) insertSpell(ctx context.Context, tenant string, v Spell) error {
	err := s.db.Put(ctx, spellRows, database.Values(tenant, v.Placement, v.Number, v.Doctor, v.Post, v.Employer, v.Host, v.Region, v.Phase, string(v.Setting), v.From, v.To,
		v.MinutesWeek, v.WholeTime, string(v.Pay.Kind), string(v.Pay.Point), string(v.Pay.HCAS), v.Pay.Pence, v.Clinical, v.Educational,
		v.ContractEnd, v.FundedUntil, v.Changed, v.By, v.RecordedAt))
	if err != nil {
		return fmt.Errorf("insert spell %d of placement %s: %w", v.Number, v.Placement, err)
	}
	return nil
}

// endSpell gives the running spell its last day.
func (s *Service) endSpell(ctx context.Context, tenant, placement string, number int, last clock.Date) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_spell SET to_date = $1 WHERE tenant_id = $2 AND placement_id = $3 AND number = $4 AND to_date = ''`,
		last, tenant, placement, number)
	if err != nil {
		return fmt.Errorf("end spell %d of placement %s: %w", number, placement, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) spell(ctx context.Context, tenant, placement string, number int) (Spell, error) {
	v, err := scanSpell(s.db.Q(ctx).QueryRow(ctx, `SELECT `+spellColumns+` FROM placement_spell WHERE tenant_id = $1 AND placement_id = $2 AND number = $3`,
		tenant, placement, number))
	if err != nil {
		return Spell{}, fmt.Errorf("spell %d of placement %s: %w", number, placement, err)
	}
	return v, nil
}

func (s *Service) spells(ctx context.Context, tenant, placement string) ([]Spell, error) {
	return s.querySpells(ctx, `SELECT `+spellColumns+` FROM placement_spell WHERE tenant_id = $1 AND placement_id = $2 ORDER BY number`, tenant, placement)
}

func (s *Service) querySpells(ctx context.Context, text string, args ...any) ([]Spell, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read spells: %w", err)
	}
	defer rows.Close()
	var list []Spell
	for rows.Next() {
		v, err := scanSpell(rows)
		if err != nil {
			return nil, fmt.Errorf("read spells: %w", err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// spellPage reads the next spells of a tenant in the order of their first day.
// Spells replaced on the day they began are left out: nobody worked them.
func (s *Service) spellPage(ctx context.Context, tenant string, q SpellQuery, after Spell, limit int) ([]Spell, error) {
	cond := `(to_date = '' OR to_date >= from_date)`
	args := []any{tenant}
	add := func(text string, value any) {
		args = append(args, value)
		cond += fmt.Sprintf(" AND "+text, len(args))
	}
	if !q.From.IsZero() {
		add("(to_date = '' OR to_date >= $%d)", q.From)
	}
	if !q.To.IsZero() {
		add("from_date <= $%d", q.To)
	}
	if q.Phase != "" {
		add("phase_id = $%d", q.Phase)
	}
	if q.Region != "" {
		add("region = $%d", q.Region)
	}
	if q.Employer != "" {
		add("employer_id = $%d", q.Employer)
	}
	if after.Placement != "" {
		cond += fmt.Sprintf(" AND (from_date, placement_id, number) > ($%d, $%d, $%d)", len(args)+1, len(args)+2, len(args)+3)
		args = append(args, after.From, after.Placement, after.Number)
	}
	args = append(args, limit)
	return s.querySpells(ctx, `SELECT `+spellColumns+` FROM placement_spell WHERE tenant_id = $1 AND `+cond+
		fmt.Sprintf(` ORDER BY from_date, placement_id, number LIMIT $%d`, len(args)), args...)
}
