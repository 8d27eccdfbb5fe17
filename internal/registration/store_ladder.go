package registration

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
)

// lapseRow is one row of the board for one kind of reader.
type lapseRow struct {
	Doctor string
	Reader Reader
	Lapse
	Region string
}

type lapseKey struct {
	Doctor string
	Reader Reader
	Kind   LapseKind
	Source string
}

func (r lapseRow) key() lapseKey { return lapseKey{r.Doctor, r.Reader, r.Kind, r.Source} }

// lapses reads what is stored of some doctors.
func (s *Service) lapses(ctx context.Context, tenant string, doctors []string) (map[lapseKey]lapseRow, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, reader, kind, source, on_date, region FROM registration_lapse WHERE tenant_id = $1 AND doctor_id IN `+
		database.In(2, len(doctors)), append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("lapses: %w", err)
	}
	defer rows.Close()
	out := map[lapseKey]lapseRow{}
	for rows.Next() {
		var r lapseRow
		if err := rows.Scan(&r.Doctor, &r.Reader, &r.Kind, &r.Source, &r.On, &r.Region); err != nil {
			return nil, fmt.Errorf("lapses: %w", err)
		}
		out[r.key()] = r
	}
	return out, rows.Err()
}

// saveLapses stores new and changed rows, some in a statement.
func (s *Service) saveLapses(ctx context.Context, tenant string, list []lapseRow) error {
	const width, most = 7, 28
	for len(list) > 0 {
		part := list[:min(most, len(list))]
		list = list[len(part):]
		args := make([]any, 0, width*len(part))
		for _, r := range part {
			args = append(args, tenant, r.Doctor, string(r.Reader), string(r.Kind), r.Source, r.On, r.Region)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_lapse (tenant_id, doctor_id, reader, kind, source, on_date, region) VALUES `+
			database.Rows(1, width, len(part))+` ON CONFLICT (tenant_id, doctor_id, reader, kind, source) DO UPDATE SET on_date = excluded.on_date, region = excluded.region`, args...)
		if err != nil {
			return fmt.Errorf("save lapses: %w", err)
		}
	}
	return nil
}

func (s *Service) dropLapse(ctx context.Context, tenant string, k lapseKey) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM registration_lapse WHERE tenant_id = $1 AND doctor_id = $2 AND reader = $3 AND kind = $4 AND source = $5`,
		tenant, k.Doctor, string(k.Reader), string(k.Kind), k.Source)
	if err != nil {
		return fmt.Errorf("drop lapse of %s: %w", k.Doctor, err)
	}
	return nil
}

var lapseScope = database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Region: "region"}

// board runs one page of what runs out, the soonest first.
func (s *Service) board(ctx context.Context, sc access.Scope, q BoardQuery) ([]lapseRow, error) {
	cond, narrowed := database.Narrow(2, sc, lapseScope)
	args := append([]any{sc.Tenant}, narrowed...)
	add := func(text string, values ...any) {
		n := make([]any, len(values))
		for i := range values {
			n[i] = len(args) + 1 + i
		}
		cond += " AND " + fmt.Sprintf(text, n...)
		args = append(args, values...)
	}
	add("reader = $%d", string(q.reader))
	add("on_date >= $%d", q.from)
	add("on_date <= $%d", q.until)
	if q.Region != "" {
		add("region = $%d", q.Region)
	}
	if q.Kind != "" {
		add("kind = $%d", string(q.Kind))
	}
	if len(q.After) == 4 {
		add("(on_date, doctor_id, kind, source) > ($%d, $%d, $%d, $%d)", q.After[0], q.After[1], q.After[2], q.After[3])
	}
	add("1 = 1 ORDER BY on_date, doctor_id, kind, source LIMIT $%d", boardRows+1)
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, kind, source, on_date, region FROM registration_lapse WHERE tenant_id = $1 AND `+cond, args...)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	defer rows.Close()
	var out []lapseRow
	for rows.Next() {
		r := lapseRow{Reader: q.reader}
		if err := rows.Scan(&r.Doctor, &r.Kind, &r.Source, &r.On, &r.Region); err != nil {
			return nil, fmt.Errorf("board: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// warning is a collision that a doctor or the team was told of.
type warning struct {
	Doctor, Code, Party string
	Due                 clock.Date
	Cured               bool
}

// warnings reads what stands, or stood, of some doctors.
func (s *Service) warnings(ctx context.Context, tenant string, doctors []string) (map[string]map[string]warning, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, code, party, due, cured_on FROM registration_warning WHERE tenant_id = $1 AND doctor_id IN `+
		database.In(2, len(doctors)), append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("warnings: %w", err)
	}
	defer rows.Close()
	out := map[string]map[string]warning{}
	for rows.Next() {
		var w warning
		var cured clock.Date
		if err := rows.Scan(&w.Doctor, &w.Code, &w.Party, &w.Due, &cured); err != nil {
			return nil, fmt.Errorf("warnings: %w", err)
		}
		w.Cured = !cured.IsZero()
		if out[w.Doctor] == nil {
			out[w.Doctor] = map[string]warning{}
		}
		out[w.Doctor][w.Code] = w
	}
	return out, rows.Err()
}

// saveWarning opens a warning, changes its date, or marks it cured.
func (s *Service) saveWarning(ctx context.Context, tenant string, w warning, today clock.Date) error {
	cured := clock.Date(0)
	if w.Cured {
		cured = today
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_warning (tenant_id, doctor_id, code, party, due, opened_on, cured_on, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
		ON CONFLICT (tenant_id, doctor_id, code) DO UPDATE SET party = excluded.party, due = excluded.due, cured_on = excluded.cured_on,
			opened_on = CASE WHEN registration_warning.cured_on = '' THEN registration_warning.opened_on ELSE excluded.opened_on END, version = registration_warning.version + 1`,
		tenant, w.Doctor, w.Code, w.Party, w.Due, today, cured)
	if err != nil {
		return fmt.Errorf("save warning of %s: %w", w.Doctor, err)
	}
	return nil
}
