package allocation

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const runColumns = `id, round_id, number, state, progress, step, asked_by, asked_at, done_at, rule, rule_version, build, doctors, posts, placed,
	run_hash, result_hash, trouble`

func scanRun(row interface{ Scan(...any) error }) (r DryRun, err error) {
	return r, row.Scan(&r.ID, &r.Round, &r.Number, &r.State, &r.Progress, &r.Step, &r.AskedBy, &r.AskedAt, &r.DoneAt, &r.Rule, &r.RuleVersion, &r.Build,
		&r.Doctors, &r.Posts, &r.Placed, &r.RunHash, &r.ResultHash, &r.Trouble)
}

// insertRun takes in a dry run under the next number of its round.
func (s *Rounds) insertRun(ctx context.Context, tenant string, r DryRun) (DryRun, error) {
	var last int
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT COALESCE(max(number), 0) FROM allocation_run WHERE tenant_id = $1 AND round_id = $2`, tenant, r.Round).Scan(&last)
	if err != nil {
		return r, fmt.Errorf("number a dry run of %s: %w", r.Round, err)
	}
	r.Number = last + 1
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_run (tenant_id, id, round_id, number, state, step, asked_by, asked_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		tenant, r.ID, r.Round, r.Number, string(r.State), r.Step, r.AskedBy, r.AskedAt)
	if database.IsDuplicate(err) {
		return r, problem.New(problem.Conflict, "Somebody else has just asked for a dry run of this round. Look at that one.")
	}
	if err != nil {
		return r, fmt.Errorf("insert dry run: %w", err)
	}
	return r, nil
}

func (s *Rounds) loadRun(ctx context.Context, tenant, id string) (DryRun, error) {
	r, err := scanRun(s.db.Q(ctx).QueryRow(ctx, `SELECT `+runColumns+` FROM allocation_run WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return DryRun{}, problem.Missing()
	}
	if err != nil {
		return DryRun{}, fmt.Errorf("load dry run %s: %w", id, err)
	}
	return r, nil
}

// runs gives a round's dry runs, the newest first.
func (s *Rounds) runs(ctx context.Context, tenant, round string) ([]DryRun, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+runColumns+` FROM allocation_run WHERE tenant_id = $1 AND round_id = $2 ORDER BY number DESC LIMIT 20`, tenant, round)
	if err != nil {
		return nil, fmt.Errorf("dry runs of %s: %w", round, err)
	}
	defer rows.Close()
	var out []DryRun
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, fmt.Errorf("dry runs of %s: %w", round, err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// advance tells how far a run is. It changes nothing of one that is over.
func (s *Rounds) advance(ctx context.Context, tenant, id string, percent int, step string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_run SET state = $1, progress = $2, step = $3 WHERE tenant_id = $4 AND id = $5 AND state IN ('waiting', 'working')`,
		string(RunWorking), percent, step, tenant, id)
	if err != nil {
		return fmt.Errorf("progress of dry run %s: %w", id, err)
	}
	return nil
}

func (s *Rounds) stopRun(ctx context.Context, tenant, id, why string, at clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_run SET state = $1, trouble = $2, done_at = $3, step = '' WHERE tenant_id = $4 AND id = $5 AND state IN ('waiting', 'working')`,
		string(RunStopped), why, at, tenant, id)
	if err != nil {
		return fmt.Errorf("stop dry run %s: %w", id, err)
	}
	return nil
}

func runPlace(tenant, run, column string) database.Place {
	return database.Place{Tenant: tenant, Table: "allocation_run", Row: run, Column: column, Version: 1}
}

// finish stores what a run worked out; false when another node did so first.
func (s *Rounds) finish(ctx context.Context, tenant string, r DryRun, input, result []byte, report RunReport) (bool, error) {
	vault := s.db.Vault()
	in, err := vault.Seal(ctx, runPlace(tenant, r.ID, "input"), input)
	if err != nil {
		return false, fmt.Errorf("seal run file %s: %w", r.ID, err)
	}
	out, err := vault.Seal(ctx, runPlace(tenant, r.ID, "result"), result)
	if err != nil {
		return false, fmt.Errorf("seal result file %s: %w", r.ID, err)
	}
	rep, err := vault.SealJSON(ctx, runPlace(tenant, r.ID, "report"), report)
	if err != nil {
		return false, fmt.Errorf("seal report of %s: %w", r.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_run SET state = $1, progress = 100, step = '', done_at = $2, rule = $3, rule_version = $4, build = $5,
		doctors = $6, posts = $7, placed = $8, run_hash = $9, result_hash = $10, input = $11, result = $12, report = $13
		WHERE tenant_id = $14 AND id = $15 AND state IN ('waiting', 'working')`,
		string(RunDone), r.DoneAt, r.Rule, r.RuleVersion, r.Build, r.Doctors, r.Posts, r.Placed, r.RunHash, r.ResultHash, in, out, rep, tenant, r.ID)
	if err != nil {
		return false, fmt.Errorf("finish dry run %s: %w", r.ID, err)
	}
	return n == 1, nil
}

// files opens the run and result files of a run that is done.
func (s *Rounds) files(ctx context.Context, tenant, id string) (input, result []byte, err error) {
	var in, out []byte
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT input, result FROM allocation_run WHERE tenant_id = $1 AND id = $2 AND state = 'done'`, tenant, id).Scan(&in, &out)
	if database.IsNoRows(err) {
		return nil, nil, problem.Missing()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("files of dry run %s: %w", id, err)
	}
	if input, err = s.db.Vault().Open(ctx, runPlace(tenant, id, "input"), in); err != nil {
		return nil, nil, fmt.Errorf("open run file %s: %w", id, err)
	}
	if result, err = s.db.Vault().Open(ctx, runPlace(tenant, id, "result"), out); err != nil {
		return nil, nil, fmt.Errorf("open result file %s: %w", id, err)
	}
	return input, result, nil
}

func (s *Rounds) report(ctx context.Context, tenant, id string) (RunReport, error) {
	var sealed []byte
	var report RunReport
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT report FROM allocation_run WHERE tenant_id = $1 AND id = $2`, tenant, id).Scan(&sealed)
	if err != nil || len(sealed) == 0 {
		return report, err
	}
	return report, s.db.Vault().OpenJSON(ctx, runPlace(tenant, id, "report"), sealed, &report)
}

func readingPlace(tenant, run, doctor string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "allocation_reading", Row: run + ":" + doctor, Column: "sealed", Version: 1}
}

func (s *Rounds) saveReadings(ctx context.Context, tenant, run string, list []Reading) error {
	const width, most = 6, 30
	for from := 0; from < len(list); from += most {
		part := list[from:min(from+most, len(list))]
		args := make([]any, 0, width*len(part))
		for _, r := range part {
			sealed, err := s.db.Vault().SealJSON(ctx, readingPlace(tenant, run, r.Doctor), r)
			if err != nil {
				return fmt.Errorf("seal reading of %s: %w", r.Doctor, err)
			}
			args = append(args, tenant, run, r.Doctor, r.Post, r.Choice, sealed)
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_reading (tenant_id, run_id, doctor_id, post_id, choice, sealed) VALUES `+
			database.Rows(1, width, len(part)), args...); err != nil {
			return fmt.Errorf("save readings of %s: %w", run, err)
		}
	}
	return nil
}

// readings opens what a run says to doctors: all of them, or those after an id.
func (s *Rounds) readings(ctx context.Context, tenant, run, after string, limit int) ([]Reading, error) {
	return s.openReadings(ctx, tenant, run, `SELECT doctor_id, post_id, choice, sealed FROM allocation_reading
		WHERE tenant_id = $1 AND run_id = $2 AND doctor_id > $3 ORDER BY doctor_id LIMIT $4`, tenant, run, after, limit)
}

func (s *Rounds) reading(ctx context.Context, tenant, run, doctor string) (Reading, error) {
	list, err := s.openReadings(ctx, tenant, run, `SELECT doctor_id, post_id, choice, sealed FROM allocation_reading
		WHERE tenant_id = $1 AND run_id = $2 AND doctor_id = $3`, tenant, run, doctor)
	if err != nil {
		return Reading{}, err
	}
	if len(list) == 0 {
		return Reading{}, problem.Missing()
	}
	return list[0], nil
}

func (s *Rounds) openReadings(ctx context.Context, tenant, run, text string, args ...any) ([]Reading, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("readings of %s: %w", run, err)
	}
	defer rows.Close()
	var out []Reading
	var sealed [][]byte
	for rows.Next() {
		var r Reading
		var b []byte
		if err := rows.Scan(&r.Doctor, &r.Post, &r.Choice, &b); err != nil {
			return nil, fmt.Errorf("readings of %s: %w", run, err)
		}
		out, sealed = append(out, r), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.db.Vault().OpenJSON(ctx, readingPlace(tenant, run, out[i].Doctor), sealed[i], &out[i]); err != nil {
			return nil, fmt.Errorf("open reading of %s: %w", out[i].Doctor, err)
		}
	}
	return out, nil
}

func (s *Rounds) saveRunPosts(ctx context.Context, tenant, run string, list []RunPost) error {
	const width, most = 8, 24
	for from := 0; from < len(list); from += most {
		part := list[from:min(from+most, len(list))]
		args := make([]any, 0, width*len(part))
		for _, p := range part {
			filled := int64(0)
			if p.Filled {
				filled = 1
			}
			args = append(args, tenant, run, p.Post, p.Host, p.Employer, p.Region, filled, p.Why)
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_run_post (tenant_id, run_id, post_id, host_id, employer_id, region, filled, why) VALUES `+
			database.Rows(1, width, len(part)), args...); err != nil {
			return fmt.Errorf("save posts of %s: %w", run, err)
		}
	}
	return nil
}

// runPosts gives what a run says of posts: of all, or of those of organisations.
func (s *Rounds) runPosts(ctx context.Context, tenant, run string, organisations []string) ([]RunPost, error) {
	cond, args := "", []any{tenant, run}
	if organisations != nil {
		cond = " AND (host_id IN " + database.In(3, len(organisations)) + " OR employer_id IN " + database.In(3+len(organisations), len(organisations)) + ")"
		args = append(append(args, database.Args(organisations)...), database.Args(organisations)...)
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT post_id, host_id, employer_id, region, filled, why FROM allocation_run_post WHERE tenant_id = $1 AND run_id = $2`+cond+` ORDER BY filled, region, post_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("posts of %s: %w", run, err)
	}
	defer rows.Close()
	var out []RunPost
	for rows.Next() {
		var p RunPost
		var filled int64
		if err := rows.Scan(&p.Post, &p.Host, &p.Employer, &p.Region, &filled, &p.Why); err != nil {
			return nil, fmt.Errorf("posts of %s: %w", run, err)
		}
		p.Filled = filled == 1
		out = append(out, p)
	}
	return out, rows.Err()
}
