package placement

import (
	"context"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

const columns = `id, version, doctor_id, post_id, offer_id, employer_id, host_id, region, phase_id, setting, specialty,
	clinical_id, educational_id, started_on, ended_on, end_code, fact_id, rule, spell, closed_on`

type scanner interface{ Scan(dest ...any) error }

func scanPlacement(row scanner) (p Placement, err error) {
	err = row.Scan(&p.ID, &p.Version, &p.Doctor, &p.Post, &p.Offer, &p.Employer, &p.Host, &p.Region, &p.Phase, &p.Setting, &p.Specialty,
		&p.Clinical, &p.Educational, &p.StartedOn, &p.EndedOn, &p.EndCode, &p.Fact, &p.Rule, &p.Spell, &p.ClosedOn)
	return p, err
}

// insert adds a placement; false when the doctor or the post has one already,
// however close together the two came.
func (s *Service) insert(ctx context.Context, tenant string, p Placement) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_placement (tenant_id, `+columns+`) VALUES `+database.Rows(1, 21, 1)+` ON CONFLICT DO NOTHING`,
		tenant, p.ID, p.Version, p.Doctor, p.Post, p.Offer, p.Employer, p.Host, p.Region, p.Phase, string(p.Setting), p.Specialty,
		p.Clinical, p.Educational, p.StartedOn, p.EndedOn, p.EndCode, p.Fact, p.Rule, p.Spell, p.ClosedOn)
	if err != nil {
		return false, fmt.Errorf("insert placement %s: %w", p.ID, err)
	}
	return n == 1, nil
}

// update stores what moves in a placement of a known version.
func (s *Service) update(ctx context.Context, tenant string, p Placement) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_placement SET host_id = $1, region = $2, clinical_id = $3, educational_id = $4, ended_on = $5,
		end_code = $6, fact_id = $7, spell = $8, version = version + 1 WHERE tenant_id = $9 AND id = $10 AND version = $11`,
		p.Host, p.Region, p.Clinical, p.Educational, p.EndedOn, p.EndCode, p.Fact, p.Spell, tenant, p.ID, p.Version)
	if err != nil {
		return fmt.Errorf("update placement %s: %w", p.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) load(ctx context.Context, tenant, id string) (Placement, error) {
	p, err := scanPlacement(s.db.Q(ctx).QueryRow(ctx, `SELECT `+columns+` FROM placement_placement WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return Placement{}, problem.Missing()
	}
	if err != nil {
		return Placement{}, fmt.Errorf("load placement %s: %w", id, err)
	}
	return p, nil
}

func (s *Service) loadMany(ctx context.Context, tenant string, ids []string) ([]Placement, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.query(ctx, `SELECT `+columns+` FROM placement_placement WHERE tenant_id = $1 AND id IN `+database.In(2, len(ids))+` ORDER BY started_on DESC, id DESC`,
		append([]any{tenant}, database.Args(ids)...)...)
}

func (s *Service) query(ctx context.Context, text string, args ...any) ([]Placement, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read placements: %w", err)
	}
	defer rows.Close()
	var list []Placement
	for rows.Next() {
		p, err := scanPlacement(rows)
		if err != nil {
			return nil, fmt.Errorf("read placements: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// narrow keeps a list inside a scope: a placement is its employer's and its
// host's, its clinical and its educational supervisor's.
func narrow(n int, scope access.Scope) (string, []any) {
	c := database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Organisation: "employer_id", Region: "region", Supervisor: "clinical_id"}
	cond, args := database.Narrow(n, scope, c)
	if scope.All || len(scope.Organisations) == 0 && scope.Supervisor == "" {
		return cond, args
	}
	c.Organisation, c.Supervisor = "host_id", "educational_id"
	other, more := database.Narrow(n+len(args), scope, c)
	// After the close only what is not by host or supervision is left.
	closed := scope
	closed.Supervisor = ""
	c.Organisation, c.Supervisor = "employer_id", ""
	left, last := database.Narrow(n+len(args)+len(more), closed, c)
	return "(" + cond + " OR " + other + ") AND (closed_on = '' OR " + left + ")", append(append(args, more...), last...)
}

func (s *Service) list(ctx context.Context, scope access.Scope, q Query) ([]Placement, error) {
	cond, args := narrow(2, scope)
	if q.HostOnly {
		cond, args = database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Organisation: "host_id", Region: "region", Supervisor: "clinical_id"})
		cond += " AND closed_on = ''"
	}
	args = append([]any{scope.Tenant}, args...)
	add := func(text string, value any) {
		args = append(args, value)
		cond += fmt.Sprintf(" AND "+text, len(args))
	}
	switch q.Which {
	case Now:
		cond += " AND ended_on = ''"
	case Over:
		cond += " AND ended_on <> ''"
	}
	if q.Region != "" {
		add("region = $%d", q.Region)
	}
	if q.Doctor != "" {
		add("doctor_id = $%d", q.Doctor)
	}
	if q.Host != "" {
		add("host_id = $%d", q.Host)
	}
	if q.Light != "" {
		add("id IN (SELECT placement_id FROM placement_light WHERE tenant_id = placement_placement.tenant_id AND light = $%d)", q.Light)
	}
	if len(q.After) == 2 {
		cond += fmt.Sprintf(" AND (started_on, id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, q.After[0], q.After[1])
	}
	args = append(args, q.Limit)
	return s.query(ctx, `SELECT `+columns+` FROM placement_placement WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` ORDER BY started_on DESC, id DESC LIMIT $%d`, len(args)), args...)
}

// mark remembers, by a keyed token, that a person was placed in this tenant.
func (s *Service) mark(ctx context.Context, tenant, token string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_person (tenant_id, token) VALUES ($1,$2) ON CONFLICT (tenant_id, token) DO NOTHING`, tenant, token)
	if err != nil {
		return fmt.Errorf("mark a placed person: %w", err)
	}
	return nil
}

// elsewhere tells whether a token is marked in another tenant, and not which.
func (s *Service) elsewhere(ctx context.Context, tenant, token string) (bool, error) {
	var found bool
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM placement_person WHERE tenant_id <> $1 AND token = $2)`, tenant, token).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("match a placed person: %w", err)
	}
	return found, nil
}

// ElsewhereMany tells which of the tokens were placed in another programme. It
// asks no permission: the rules look at many cases, and tell nobody.
func (s *Service) ElsewhereMany(ctx context.Context, tenant string, tokens []string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(tokens, 180) {
		rows, err := s.db.Q(ctx).Query(ctx, `SELECT DISTINCT token FROM placement_person WHERE tenant_id <> $1 AND token IN `+database.In(2, len(part)),
			append([]any{tenant}, database.Args(part)...)...)
		if err != nil {
			return nil, fmt.Errorf("match placed people: %w", err)
		}
		for rows.Next() {
			var token string
			if err := rows.Scan(&token); err != nil {
				rows.Close()
				return nil, fmt.Errorf("match placed people: %w", err)
			}
			out[token] = true
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("match placed people: %w", err)
		}
	}
	return out, nil
}

// latestSpells gives the terms that hold now, or held at the end, by placement.
func (s *Service) latestSpells(ctx context.Context, tenant string, placements []Placement) (map[string]Spell, error) {
	byID := make(map[string]Spell, len(placements))
	if len(placements) == 0 {
		return byID, nil
	}
	ids := make([]string, len(placements))
	number := make(map[string]int, len(placements))
	for i, p := range placements {
		ids[i], number[p.ID] = p.ID, p.Spell
	}
	list, err := s.querySpells(ctx, `SELECT `+spellColumns+` FROM placement_spell WHERE tenant_id = $1 AND placement_id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	for _, v := range list {
		if v.Number == number[v.Placement] {
			byID[v.Placement] = v
		}
	}
	return byID, err
}
