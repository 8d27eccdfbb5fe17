package casefile

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// file is a case as loaded for a change: its row and all it is derived from.
type file struct {
	Case
	live    []Milestone
	tasks   []Task // open urgent ones
	holds   []Hold // open ones
	lastSeq int64
}

func (f *file) derive() Derived {
	return Derive(Input{Opened: f.Opened, Caseworker: f.Caseworker, Milestones: f.live, Tasks: f.tasks, Holds: f.holds})
}

// One statement loads a whole case: what differs between the four kinds of row
// is named by the first column.
const loadSQL = `
SELECT 'case', ref, region, route, caseworker, opened, stage, turn, turn_owner, since, next_date, organisation_id, same_as, flags, version
FROM casefile_case WHERE tenant_id = $1 AND doctor_id = $2
UNION ALL
SELECT 'milestone', kind, code, source, owing, on_date, superseded_by, '', '', due, recorded_at, organisation_id, '', seq, 0
FROM casefile_milestone WHERE tenant_id = $1 AND doctor_id = $2
UNION ALL
SELECT 'hold', id, reason, party, '', from_date, '', '', '', until, '', '', '', 0, 0
FROM casefile_hold WHERE tenant_id = $1 AND doctor_id = $2 AND ended = ''
UNION ALL
SELECT 'task', kind, source, party, owner, since, title, url, '', due, '', '', '', calm, version
FROM casefile_task WHERE tenant_id = $1 AND doctor_id = $2 AND closed_on = '' AND calm = 0`

func (s *Service) load(ctx context.Context, tenant, doctor string) (*file, error) {
	rows, err := s.db.Q(ctx).Query(ctx, loadSQL, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("load case %s: %w", doctor, err)
	}
	defer rows.Close()
	f := &file{Case: Case{Tenant: tenant, Doctor: doctor}}
	for rows.Next() {
		var what string
		var t [12]string
		var n [2]int64
		if err := rows.Scan(&what, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7], &t[8], &t[9], &t[10], &t[11], &n[0], &n[1]); err != nil {
			return nil, fmt.Errorf("load case %s: %w", doctor, err)
		}
		if err := f.add(what, t, n); err != nil {
			return nil, fmt.Errorf("load case %s: %w", doctor, err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load case %s: %w", doctor, err)
	}
	if f.Version == 0 {
		return nil, problem.Missing()
	}
	return f, nil
}

func (f *file) add(what string, t [12]string, n [2]int64) error {
	from, err := clock.ParseDate(t[4])
	if err != nil {
		return err
	}
	due, err := clock.ParseDate(t[8])
	if err != nil {
		return err
	}
	switch what {
	case "case":
		next, err := clock.ParseDate(t[9])
		if err != nil {
			return err
		}
		f.Ref, f.Region, f.Route, f.Caseworker, f.Opened = t[0], t[1], t[2], t[3], from
		f.Derived = Derived{Stage: Stage(t[5]), Turn: Party(t[6]), TurnOwner: t[7], Since: due, NextDate: next, Organisation: t[10], Flags: Flags(n[0])}
		f.SameAs, f.Version = t[11], n[1]
	case "milestone":
		f.lastSeq = max(f.lastSeq, n[0])
		if t[5] == "" {
			f.live = append(f.live, Milestone{Doctor: f.Doctor, Kind: Kind(t[0]), Code: t[1], Source: t[2], Owing: Party(t[3]), On: from, Due: due, Organisation: t[10], Seq: n[0]})
		}
	case "hold":
		f.holds = append(f.holds, Hold{ID: t[0], Doctor: f.Doctor, Reason: t[1], Party: Party(t[2]), From: from, Until: due})
	case "task":
		f.tasks = append(f.tasks, Task{Doctor: f.Doctor, Kind: t[0], Source: t[1], Party: Party(t[2]), Owner: t[3], Since: from, Due: due, Title: t[5], URL: t[6], Urgent: n[0] == 0})
	}
	return nil
}

func (s *Service) insertCase(ctx context.Context, c Case) error {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_case (tenant_id, doctor_id, ref, region, route, caseworker, opened,
		stage, turn, turn_owner, since, next_date, organisation_id, flags, active, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,1) ON CONFLICT (tenant_id, doctor_id) DO NOTHING`,
		c.Tenant, c.Doctor, c.Ref, c.Region, c.Route, c.Caseworker, c.Opened,
		string(c.Stage), string(c.Turn), c.TurnOwner, c.Since, c.NextDate, c.Organisation, int64(c.Flags), c.Active())
	if err != nil {
		return fmt.Errorf("open case %s: %w", c.Doctor, err)
	}
	if n == 0 {
		return problem.New(problem.Conflict, "This doctor already has a case in this programme.")
	}
	return nil
}

// updateCase writes the row, guarded by its version.
func (s *Service) updateCase(ctx context.Context, c Case) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE casefile_case SET region = $1, route = $2, caseworker = $3, stage = $4, turn = $5, turn_owner = $6,
		since = $7, next_date = $8, organisation_id = $9, flags = $10, active = $11, version = version + 1
		WHERE tenant_id = $12 AND doctor_id = $13 AND version = $14`,
		c.Region, c.Route, c.Caseworker, string(c.Stage), string(c.Turn), c.TurnOwner, c.Since, c.NextDate, c.Organisation,
		int64(c.Flags), c.Active(), c.Tenant, c.Doctor, c.Version)
	if err != nil {
		return fmt.Errorf("update case %s: %w", c.Doctor, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) setSame(ctx context.Context, tenant, doctor, as string) error {
	_, err := s.db.Q(ctx).Exec(ctx, "UPDATE casefile_case SET same_as = $1 WHERE tenant_id = $2 AND doctor_id = $3", as, tenant, doctor)
	if err != nil {
		return fmt.Errorf("same person as %s: %w", doctor, err)
	}
	return nil
}

// Same gives, of some doctors, those whose record goes on as another, and that
// other. It asks no permission.
func (s *Service) Same(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT doctor_id, same_as FROM casefile_case WHERE tenant_id = $1 AND same_as <> '' AND doctor_id IN "+
		database.In(2, len(doctors)), append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("same people: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var id, as string
		if err := rows.Scan(&id, &as); err != nil {
			return nil, fmt.Errorf("same people: %w", err)
		}
		out[id] = as
	}
	return out, rows.Err()
}

func (s *Service) addTotal(ctx context.Context, k totalKey, n int) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_total (tenant_id, region, stage, cases) VALUES ($1,$2,$3,$4)
		ON CONFLICT (tenant_id, region, stage) DO UPDATE SET cases = casefile_total.cases + excluded.cases`,
		k.tenant, k.region, string(k.stage), n)
	if err != nil {
		return fmt.Errorf("total of %s: %w", k.stage, err)
	}
	return nil
}

// insertMilestones writes them in as few statements as the engines take.
func (s *Service) insertMilestones(ctx context.Context, tenant, doctor string, at clock.Instant, list []Milestone) error {
	rows := make([]waitingMilestone, len(list))
	for i, m := range list {
		m.Doctor = doctor
		rows[i] = waitingMilestone{m, tenant, at}
	}
	if b := s.batch(ctx); b != nil {
		b.milestones = append(b.milestones, rows...)
		return nil
	}
	return s.writeMilestones(ctx, rows)
}

const milestoneColumns = "doctor_id, seq, kind, on_date, due, owing, code, organisation_id, source, recorded_at"

var (
	milestoneRows = database.Into{Table: "casefile_milestone", Columns: "tenant_id, " + milestoneColumns}
	taskRows      = database.Into{Table: "casefile_task", Columns: "tenant_id, doctor_id, kind, source, title, url, party, owner, calm, since, due, closed_on, version"}
)

// writeMilestones sends one case's at once, so that who was first is told now.
func (s *Service) writeMilestones(ctx context.Context, list []waitingMilestone) error {
	const width, most = 11, 18
	for part := range slices.Chunk(list, most) {
		args := make([]any, 0, width*len(part))
		for _, m := range part {
			args = append(args, m.values()...)
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_milestone (tenant_id, `+milestoneColumns+`) VALUES `+database.Rows(1, width, len(part)), args...); err != nil {
			return fmt.Errorf("milestones of %s and others: %w", part[0].Doctor, err)
		}
	}
	return nil
}

func (m waitingMilestone) values() []any {
	return []any{m.tenant, m.Doctor, m.Seq, string(m.Kind), m.On, m.Due, string(m.Owing), m.Code, m.Organisation, m.Source, m.at}
}

// flushRows writes the rows that waited, oldest first.
func (s *Service) flushRows(ctx context.Context, b *batch) error {
	for _, m := range b.milestones {
		if err := s.db.Put(ctx, milestoneRows, database.Values(m.values()...)); err != nil {
			return err
		}
	}
	for _, t := range b.tasks {
		err := s.db.Put(ctx, taskRows, database.Values(t.tenant, t.Doctor, t.Kind, t.Source, t.Title, t.URL, string(t.Party), t.Owner, calm(t.Urgent), t.Since, t.Due, t.closed, t.version))
		if err != nil {
			return err
		}
	}
	b.milestones, b.tasks = nil, nil
	clear(b.byTask)
	for _, h := range b.held {
		h.fresh = false
	}
	return nil
}

func (s *Service) supersede(ctx context.Context, tenant, doctor string, old []int64, by int64) error {
	text := "withdrawn"
	if by > 0 {
		text = strconv.FormatInt(by, 10)
	}
	if b := s.batch(ctx); b != nil { // the rows may still wait
		if err := s.flushRows(ctx, b); err != nil {
			return err
		}
	}
	_, err := s.db.Q(ctx).Exec(ctx, "UPDATE casefile_milestone SET superseded_by = $1 WHERE tenant_id = $2 AND doctor_id = $3 AND seq IN "+
		database.In(4, len(old)), append([]any{text, tenant, doctor}, database.Args(old)...)...)
	if err != nil {
		return fmt.Errorf("supersede milestones of %s: %w", doctor, err)
	}
	return nil
}

// setParties replaces all parties of one relation.
func (s *Service) setParties(ctx context.Context, tenant, doctor string, rel Relation, ids []string) error {
	s.db.Again(ctx, "casefile parties "+tenant+" "+doctor)
	if _, err := s.db.Q(ctx).Exec(ctx, "DELETE FROM casefile_party WHERE tenant_id = $1 AND doctor_id = $2 AND relation = $3", tenant, doctor, string(rel)); err != nil {
		return fmt.Errorf("parties of %s: %w", doctor, err)
	}
	return s.addParties(ctx, tenant, doctor, rel, ids)
}

var partyRows = database.Into{Table: "casefile_party", Columns: "tenant_id, doctor_id, relation, party_id",
	Tail: " ON CONFLICT (tenant_id, doctor_id, relation, party_id) DO NOTHING"}

func (s *Service) addParties(ctx context.Context, tenant, doctor string, rel Relation, ids []string) error {
	s.db.Again(ctx, "casefile parties "+tenant+" "+doctor)
	for _, id := range ids {
		if err := s.db.Put(ctx, partyRows, database.Values(tenant, doctor, string(rel), id)); err != nil {
			return fmt.Errorf("parties of %s: %w", doctor, err)
		}
	}
	return nil
}

func (s *Service) removeParty(ctx context.Context, tenant, doctor string, rel Relation, id string) error {
	s.db.Again(ctx, "casefile parties "+tenant+" "+doctor)
	_, err := s.db.Q(ctx).Exec(ctx, "DELETE FROM casefile_party WHERE tenant_id = $1 AND doctor_id = $2 AND relation = $3 AND party_id = $4",
		tenant, doctor, string(rel), id)
	if err != nil {
		return fmt.Errorf("parties of %s: %w", doctor, err)
	}
	return nil
}

const caseColumns = `c.tenant_id, c.doctor_id, c.ref, c.region, c.route, c.caseworker, c.opened, c.stage, c.turn, c.turn_owner,
	c.since, c.next_date, c.organisation_id, c.flags, c.version, c.same_as`

func scanCase(rows *sql.Rows, more ...any) (c Case, err error) {
	err = rows.Scan(append([]any{&c.Tenant, &c.Doctor, &c.Ref, &c.Region, &c.Route, &c.Caseworker, &c.Opened, &c.Stage, &c.Turn, &c.TurnOwner,
		&c.Since, &c.NextDate, &c.Organisation, &c.Flags, &c.Version, &c.SameAs}, more...)...)
	return c, err
}

// cases runs a query that selects caseColumns.
func (s *Service) cases(ctx context.Context, query string, args ...any) ([]Case, error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	defer rows.Close()
	var list []Case
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, fmt.Errorf("cases: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// withParties fills in who is related to the cases, in one query.
func (s *Service) withParties(ctx context.Context, tenant string, list []Case) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[string]*Case, len(list))
	args := []any{tenant}
	for i := range list {
		at[list[i].Doctor] = &list[i]
		args = append(args, list[i].Doctor)
	}
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT doctor_id, relation, party_id FROM casefile_party WHERE tenant_id = $1 AND doctor_id IN "+
		database.In(2, len(list))+" ORDER BY doctor_id, relation, party_id", args...)
	if err != nil {
		return fmt.Errorf("parties: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var doctor, rel, id string
		if err := rows.Scan(&doctor, &rel, &id); err != nil {
			return fmt.Errorf("parties: %w", err)
		}
		c := at[doctor]
		switch Relation(rel) {
		case RelReferrer:
			c.Referrers = append(c.Referrers, id)
		case RelOrganisation:
			c.Organisations = append(c.Organisations, id)
		case RelSupervisor:
			c.Supervisors = append(c.Supervisors, id)
		}
	}
	return rows.Err()
}

// caseIDs gives the next thousand case ids of a tenant after one.
func (s *Service) caseIDs(ctx context.Context, tenant, after string) ([]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT doctor_id FROM casefile_case WHERE tenant_id = $1 AND doctor_id > $2 ORDER BY doctor_id LIMIT 1000", tenant, after)
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("cases: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
