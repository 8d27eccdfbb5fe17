package casefile

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/database"
)

// conditions gathers the WHERE of a list with its placeholders in order.
type conditions struct {
	text []string
	args []any
}

func (c *conditions) add(cond string, args ...any) {
	c.args = append(c.args, args...)
	c.text = append(c.text, cond)
}

// is adds "column = value".
func (c *conditions) is(column string, value any) {
	c.add(column+" = $"+strconv.Itoa(len(c.args)+1), value)
}

// in adds "column IN (values)".
func (c *conditions) in(column string, values []string) {
	c.add(column+" IN "+database.In(len(c.args)+1, len(values)), database.Args(values)...)
}

func (c *conditions) where() string { return strings.Join(c.text, " AND ") }

var caseScope = database.Columns{Tenant: "c.tenant_id", Doctor: "c.doctor_id", Organisation: "c.organisation_id", Region: "c.region"}

// scope narrows a list of cases (alias c) to what an actor may see. Host sites
// and supervisors stand in casefile_party and are few: they are looked up first.
func (s *Service) scope(ctx context.Context, c *conditions, sc access.Scope) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	doctors, err := s.related(ctx, sc)
	if err != nil {
		return err
	}
	if len(doctors) == 0 {
		cond, args := database.Narrow(len(c.args)+1, sc, caseScope)
		c.add(cond, args...)
		return nil
	}
	cond, args := database.Narrow(len(c.args)+1, access.Scope{Tenant: sc.Tenant, All: true, Hidden: sc.Hidden}, caseScope)
	c.add(cond, args...)
	direct, args := database.Narrow(len(c.args)+1, sc, caseScope)
	c.add("("+direct+" OR c.doctor_id IN "+database.In(len(c.args)+len(args)+1, len(doctors))+")", append(args, database.Args(doctors)...)...)
	return nil
}

// related gives the doctors to whom a scope's supervisor or organisations are
// related otherwise than by the case's own columns; at most 500.
func (s *Service) related(ctx context.Context, sc access.Scope) ([]string, error) {
	if sc.All || sc.Supervisor == "" && len(sc.Organisations) == 0 {
		return nil, nil
	}
	var doctors []string
	for _, by := range []struct {
		rel Relation
		ids []string
	}{{RelSupervisor, []string{sc.Supervisor}}, {RelOrganisation, sc.Organisations}} {
		if len(by.ids) == 0 || by.ids[0] == "" {
			continue
		}
		rows, err := s.db.Q(ctx).Query(ctx, "SELECT doctor_id FROM casefile_party WHERE tenant_id = $1 AND relation = $2 AND party_id IN "+
			database.In(3, len(by.ids))+" ORDER BY doctor_id LIMIT 500", append([]any{sc.Tenant, string(by.rel)}, database.Args(by.ids)...)...)
		if err != nil {
			return nil, fmt.Errorf("related cases: %w", err)
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				rows.Close()
				return nil, fmt.Errorf("related cases: %w", err)
			}
			doctors = append(doctors, id)
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("related cases: %w", err)
		}
	}
	return doctors, nil
}

// listed runs one page of the list, the longest waiting first.
func (s *Service) listed(ctx context.Context, sc access.Scope, q Query, stages []string) ([]Case, error) {
	var c conditions
	if err := s.scope(ctx, &c, sc); err != nil {
		return nil, err
	}
	c.add("c.same_as = ''") // one person stands in a list once
	if len(stages) > 0 {
		c.in("c.stage", stages)
	}
	if q.Doctors == nil {
		c.is("c.active", !q.Closed)
	} else {
		c.in("c.doctor_id", q.Doctors)
	}
	if q.Region != "" {
		c.is("c.region", q.Region)
	}
	if q.Turn != "" {
		c.is("c.turn", string(q.Turn))
	}
	if q.Caseworker != "" {
		c.is("c.caseworker", q.Caseworker)
	}
	if q.After[1] != "" {
		n := len(c.args)
		c.add(fmt.Sprintf("(c.since, c.ref) > ($%d, $%d)", n+1, n+2), q.After[0], q.After[1])
	}
	return s.cases(ctx, "SELECT "+caseColumns+" FROM casefile_case c WHERE "+c.where()+
		" ORDER BY c.since, c.ref LIMIT "+strconv.Itoa(pageRows+1), c.args...)
}

// desk is one pile of tasks: of a doctor, an organisation, an account, or of
// anyone of a party.
type desk struct {
	party Party
	owner string
	all   bool // whatever the party: tasks given to this account
	scope access.Scope
}

// waiting lists the tasks of one desk, urgent first, then the longest waiting.
func (s *Service) waiting(ctx context.Context, d desk) ([]Item, error) {
	var c conditions
	c.is("t.tenant_id", d.scope.Tenant)
	if !d.all {
		c.is("t.party", string(d.party))
	}
	if d.party == PartyDoctor {
		c.is("t.doctor_id", d.owner)
	} else {
		c.is("t.owner", d.owner)
	}
	c.add("t.closed_on = ''")
	if err := s.scope(ctx, &c, d.scope); err != nil {
		return nil, err
	}
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT "+taskColumns+`, c.ref FROM casefile_task t
		JOIN casefile_case c ON c.tenant_id = t.tenant_id AND c.doctor_id = t.doctor_id
		WHERE `+c.where()+" ORDER BY t.calm, t.since, t.doctor_id, t.kind LIMIT "+strconv.Itoa(homeRows+1), c.args...)
	if err != nil {
		return nil, fmt.Errorf("tasks of %s: %w", d.party, err)
	}
	defer rows.Close()
	var list []Item
	for rows.Next() {
		var it Item
		if it.Task, err = scanTask(rows, &it.Ref); err != nil {
			return nil, fmt.Errorf("tasks of %s: %w", d.party, err)
		}
		list = append(list, it)
	}
	return list, rows.Err()
}

// totals reads the maintained totals of a tenant, by stage, for some regions or
// for all, less the cases of people hidden from the reader.
func (s *Service) totals(ctx context.Context, sc access.Scope) (map[Stage]int, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	c := conditions{args: []any{sc.Tenant}}
	where := ""
	if !sc.All {
		c.in("region", sc.Regions)
		where = " AND " + c.where()
	}
	sum := map[Stage]int{}
	if err := s.tally(ctx, sum, 1, "SELECT stage, cases FROM casefile_total WHERE tenant_id = $1"+where, c.args...); err != nil {
		return nil, err
	}
	if len(sc.Hidden) == 0 {
		return sum, nil
	}
	c.in("doctor_id", sc.Hidden)
	return sum, s.tally(ctx, sum, -1, "SELECT stage, 1 FROM casefile_case WHERE tenant_id = $1 AND same_as = '' AND "+c.where(), c.args...)
}

func (s *Service) tally(ctx context.Context, sum map[Stage]int, sign int, query string, args ...any) error {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("totals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var stage Stage
		var n int
		if err := rows.Scan(&stage, &n); err != nil {
			return fmt.Errorf("totals: %w", err)
		}
		sum[stage] += sign * n
	}
	return rows.Err()
}

// placeable reads each case's few milestones by its key: by the index on the kind
// every case would pass all that were ever found eligible, hence the empty text
// joined to it, which no index serves.
func (s *Service) placeable(ctx context.Context, tenant string) ([]Placeable, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT c.doctor_id, c.ref, c.region, c.flags, COALESCE(min(m.on_date), c.since) FROM casefile_case c
		LEFT JOIN casefile_milestone m ON m.tenant_id = c.tenant_id AND m.doctor_id = c.doctor_id AND m.kind || '' = $1 AND m.superseded_by = ''
		WHERE c.tenant_id = $2 AND c.stage = $3 AND c.same_as = '' GROUP BY c.doctor_id, c.ref, c.region, c.flags, c.since ORDER BY c.doctor_id`,
		string(FoundEligible), tenant, string(StageEligible))
	if err != nil {
		return nil, fmt.Errorf("cases waiting for a post: %w", err)
	}
	defer rows.Close()
	var out []Placeable
	for rows.Next() {
		var p Placeable
		var flags int64
		if err := rows.Scan(&p.Doctor, &p.Ref, &p.Region, &flags, &p.Eligible); err != nil {
			return nil, fmt.Errorf("cases waiting for a post: %w", err)
		}
		p.Paused = Flags(flags).Has(FlagPaused)
		out = append(out, p)
	}
	return out, rows.Err()
}
