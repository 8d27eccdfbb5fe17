package eligibility

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/eligibility/assessment"
	"msw/internal/problem"
)

const workColumns = `doctor_id, ref, number, assessing, sent_on, looked, early_on, again_on, step, turn, since, lane, assessor, version, same_as`

func (s store) works(ctx context.Context, query string, args ...any) (out []Work, err error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("work on applications: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w Work
		if err := rows.Scan(&w.Doctor, &w.Ref, &w.Number, &w.Assessing, &w.Sent, &w.Looked, &w.Early, &w.Again, &w.Step, &w.Turn, &w.Since, &w.Lane, &w.Assessor, &w.Version, &w.SameAs); err != nil {
			return nil, fmt.Errorf("work on applications: %w", err)
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

func (s store) work(ctx context.Context, tenant, doctor string) (Work, bool, error) {
	list, err := s.works(ctx, `SELECT `+workColumns+` FROM eligibility_work WHERE tenant_id = $1 AND doctor_id = $2`, tenant, doctor)
	if err != nil || len(list) == 0 {
		return Work{Lane: assessment.Ordinary}, false, err
	}
	return list[0], true, nil
}

// insertWorks stores rows that are not there yet; Stale when one is.
func (s store) insertWorks(ctx context.Context, tenant string, list []Work) error {
	for part := range slices.Chunk(list, 50) {
		var args []any
		for _, w := range part {
			args = append(args, tenant, w.Doctor, w.Ref, w.Number, w.Assessing, w.Sent, w.Looked, w.Early, w.Again, string(w.Step), w.Turn, w.Since, w.Lane, w.Assessor, 1, w.SameAs)
		}
		n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_work (tenant_id, `+workColumns+`) VALUES `+database.Rows(1, 16, len(part))+` ON CONFLICT (tenant_id, doctor_id) DO NOTHING`, args...)
		if err != nil {
			return fmt.Errorf("open work: %w", err)
		}
		if n != int64(len(part)) {
			return problem.Stale()
		}
	}
	return nil
}

// saveWork stores a row over the version that was read.
func (s store) saveWork(ctx context.Context, tenant string, w Work) error {
	if w.Version == 0 {
		return s.insertWorks(ctx, tenant, []Work{w})
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE eligibility_work SET number = $1, assessing = $2, sent_on = $3, looked = $4, early_on = $5, again_on = $6, step = $7, turn = $8, since = $9,
		lane = $10, assessor = $11, same_as = $12, version = $13 WHERE tenant_id = $14 AND doctor_id = $15 AND version = $16`,
		w.Number, w.Assessing, w.Sent, w.Looked, w.Early, w.Again, string(w.Step), w.Turn, w.Since, w.Lane, w.Assessor, w.SameAs, w.Version+1, tenant, w.Doctor, w.Version)
	if err != nil {
		return fmt.Errorf("save work: %w", err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// setLane moves a row between lanes; nothing that somebody decides rests on it,
// so that its version stays.
func (s store) setLane(ctx context.Context, tenant, doctor string, lane int) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE eligibility_work SET lane = $1 WHERE tenant_id = $2 AND doctor_id = $3 AND lane <> $4`, lane, tenant, doctor, lane)
	return err
}

func (s store) addTotal(ctx context.Context, tenant string, step assessment.Step, assessor string, n int) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_total (tenant_id, step, assessor, cases) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, step, assessor) DO UPDATE SET cases = eligibility_total.cases + excluded.cases`, tenant, string(step), assessor, n)
	return err
}

// moveTotal keeps the totals true for a row that changed. The two rows are
// always locked in the same order.
func (s store) moveTotal(ctx context.Context, tenant string, before, after Work) error {
	if before.Step == after.Step && before.Assessor == after.Assessor {
		return nil
	}
	type move struct {
		w Work
		n int
	}
	moves := [2]move{{before, -1}, {after, 1}}
	if before.Step > after.Step || before.Step == after.Step && before.Assessor > after.Assessor {
		moves[0], moves[1] = moves[1], moves[0]
	}
	for _, m := range moves {
		if m.w.Step == "" {
			continue
		}
		if err := s.addTotal(ctx, tenant, m.w.Step, m.w.Assessor, m.n); err != nil {
			return err
		}
	}
	return nil
}

// Total is how many applications are at a step with one assessor.
type Total struct {
	Step     assessment.Step
	Assessor string
	Cases    int
}

func (s store) totals(ctx context.Context, tenant string) (out []Total, err error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT step, assessor, cases FROM eligibility_total WHERE tenant_id = $1 AND cases <> 0 ORDER BY step, assessor`, tenant)
	if err != nil {
		return nil, fmt.Errorf("totals of work: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Total
		if err := rows.Scan(&t.Step, &t.Assessor, &t.Cases); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// QueueQuery narrows the queue; empty parts do not.
type QueueQuery struct {
	Turn     string
	Step     assessment.Step
	Assessor string
	After    []string // lane, since, doctor of the last row before
	Limit    int
}

// queue gives one page, the priority lane first, then the longest waiting.
func (s store) queue(ctx context.Context, tenant string, q QueueQuery) ([]Work, error) {
	where, args := "", []any{tenant}
	add := func(cond string, v any) {
		args = append(args, v)
		where += " AND " + cond + " $" + strconv.Itoa(len(args))
	}
	if q.Assessor != "" {
		add("assessor =", q.Assessor)
	}
	if q.Step != "" {
		add("step =", string(q.Step))
	} else {
		add("turn =", q.Turn)
	}
	if len(q.After) == 3 {
		lane, err := strconv.Atoi(q.After[0])
		if err != nil {
			return nil, problem.Missing()
		}
		n := len(args)
		where += fmt.Sprintf(" AND (lane, since, doctor_id) > ($%d, $%d, $%d)", n+1, n+2, n+3)
		args = append(args, lane, q.After[1], q.After[2])
	}
	args = append(args, q.Limit)
	return s.works(ctx, `SELECT `+workColumns+` FROM eligibility_work WHERE tenant_id = $1`+where+` ORDER BY lane, since, doctor_id LIMIT $`+strconv.Itoa(len(args)), args...)
}

func (s store) cell(tenant, doctor, table, row string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: table, Row: row, Column: "sealed"}
}

func (s store) addChange(ctx context.Context, tenant, doctor string, c Change) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, doctor, "eligibility_change", strconv.FormatInt(c.Version, 10)), c.Text)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_change (tenant_id, doctor_id, version, by_account, at, what, step, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tenant, doctor, c.Version, c.By, c.At, c.What, string(c.Step), sealed)
	return err
}

// changes gives what was done after a version, newest first.
func (s store) changes(ctx context.Context, tenant, doctor string, after int64) (out []Change, err error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT version, by_account, at, what, step, sealed FROM eligibility_change WHERE tenant_id = $1 AND doctor_id = $2 AND version > $3 ORDER BY version DESC LIMIT 50`, tenant, doctor, after)
	if err != nil {
		return nil, fmt.Errorf("changes of an assessment: %w", err)
	}
	var sealed [][]byte
	for rows.Next() {
		var c Change
		var b []byte
		if err := rows.Scan(&c.Version, &c.By, &c.At, &c.What, &c.Step, &b); err != nil {
			rows.Close()
			return nil, err
		}
		out, sealed = append(out, c), append(sealed, b)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.db.Vault().OpenJSON(ctx, s.cell(tenant, doctor, "eligibility_change", strconv.FormatInt(out[i].Version, 10)), sealed[i], &out[i].Text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s store) saveSection(ctx context.Context, tenant, doctor string, number int, f assessment.Finding, by string, at clock.Instant) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, doctor, "eligibility_section", strconv.Itoa(number)+"/"+string(f.Section)), f.Note)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_section (tenant_id, doctor_id, number, section, holds, codes, by_account, at, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (tenant_id, doctor_id, number, section) DO UPDATE SET holds = excluded.holds, codes = excluded.codes, by_account = excluded.by_account, at = excluded.at, sealed = excluded.sealed`,
		tenant, doctor, number, string(f.Section), f.Holds, strings.Join(f.Codes, ","), by, at, sealed)
	return err
}

func (s store) sections(ctx context.Context, tenant, doctor string, number int) (map[assessment.Section]assessment.Finding, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT section, holds, codes, sealed FROM eligibility_section WHERE tenant_id = $1 AND doctor_id = $2 AND number = $3`, tenant, doctor, number)
	if err != nil {
		return nil, fmt.Errorf("sections of an assessment: %w", err)
	}
	var list []assessment.Finding
	var sealed [][]byte
	for rows.Next() {
		var f assessment.Finding
		var codes string
		var b []byte
		if err := rows.Scan(&f.Section, &f.Holds, &codes, &b); err != nil {
			rows.Close()
			return nil, err
		}
		if codes != "" {
			f.Codes = strings.Split(codes, ",")
		}
		list, sealed = append(list, f), append(sealed, b)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := map[assessment.Section]assessment.Finding{}
	for i, f := range list {
		if err := s.db.Vault().OpenJSON(ctx, s.cell(tenant, doctor, "eligibility_section", strconv.Itoa(number)+"/"+string(f.Section)), sealed[i], &f.Note); err != nil {
			return nil, err
		}
		out[f.Section] = f
	}
	return out, nil
}
