package programme

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

const trialColumns = `id, ruleset_id, station, state, asked_by, asked_at, for_day, after_key, cases, total, answers, changed, sums, finished_at, version`

func scanTrial(r *sql.Rows) (t Trial, err error) {
	var sums string
	err = r.Scan(&t.ID, &t.RuleSet, &t.Station, &t.State, &t.By, &t.At, &t.On, &t.after, &t.Cases, &t.Total, &t.Answers, &t.Changed, &sums, &t.Finished, &t.version)
	if err == nil && sums != "" {
		err = json.Unmarshal([]byte(sums), &t.Sums)
	}
	return t, err
}

func (s store) addTrial(ctx context.Context, tenant string, t Trial) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_ruleset_trial (tenant_id, `+trialColumns+`) VALUES `+database.Rows(1, 16, 1),
		tenant, t.ID, t.RuleSet, t.Station, t.State, t.By, t.At, t.On, "", 0, t.Total, 0, 0, "[]", t.Finished, 1)
	if err != nil {
		return fmt.Errorf("rule trial: %w", err)
	}
	return nil
}

func (s store) trial(ctx context.Context, tenant, id string) (Trial, error) {
	found, err := database.Collect(ctx, s.db, scanTrial, `SELECT `+trialColumns+` FROM programme_ruleset_trial WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(found) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Trial{}, err
	}
	return found[0], nil
}

func (s store) trials(ctx context.Context, tenant, ruleSet string) ([]Trial, error) {
	return database.Collect(ctx, s.db, scanTrial, `SELECT `+trialColumns+` FROM programme_ruleset_trial WHERE tenant_id = $1 AND ruleset_id = $2 ORDER BY id DESC LIMIT 10`, tenant, ruleSet)
}

// saveTrial saves how far a trial is, with the changes of one more page, if
// nobody else did since it was at version before.
func (s store) saveTrial(ctx context.Context, tenant string, t Trial, changes []TrialChange, before int64) error {
	sums, err := json.Marshal(t.Sums)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE programme_ruleset_trial SET state = $1, after_key = $2, cases = $3, answers = $4, changed = $5, sums = $6, finished_at = $7,
		version = version + 1 WHERE tenant_id = $8 AND id = $9 AND version = $10`,
		t.State, t.after, t.Cases, t.Answers, t.Changed, string(sums), t.Finished, tenant, t.ID, before)
	if err != nil {
		return fmt.Errorf("save rule trial: %w", err)
	}
	if n == 0 {
		return problem.Stale()
	}
	for part := range slices.Chunk(changes, 20) {
		args := make([]any, 0, 9*len(part))
		for _, c := range part {
			sealed, err := s.db.Vault().SealJSON(ctx, changePlace(tenant, t.ID, c), c.Why)
			if errors.Is(err, database.ErrNoKey) { // the person was erased meanwhile
				sealed = []byte{}
			} else if err != nil {
				return err
			}
			args = append(args, tenant, t.ID, c.Serial, c.Doctor, c.What, c.On, c.From, c.To, sealed)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO programme_ruleset_change (tenant_id, trial_id, serial, doctor_id, what, on_day, from_answer, to_answer, sealed) VALUES `+
			database.Rows(1, 9, len(part)), args...)
		if err != nil {
			return fmt.Errorf("save changes of a rule trial: %w", err)
		}
	}
	return nil
}

func changePlace(tenant, trial string, c TrialChange) database.Place {
	return database.Place{Tenant: tenant, Person: c.Doctor, Table: "programme_ruleset_change", Row: trial + ":" + strconv.FormatInt(c.Serial, 10), Column: "sealed"}
}

// trialChanges gives one page of the changes a reader may see.
func (s store) trialChanges(ctx context.Context, sc access.Scope, trial string, after int64, limit int) ([]TrialChange, error) {
	cond, narrow := database.Narrow(4, sc, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	args := append([]any{sc.Tenant, trial, after}, narrow...)
	args = append(args, limit)
	type row struct {
		TrialChange
		sealed []byte
	}
	list, err := database.Collect(ctx, s.db, func(r *sql.Rows) (c row, err error) {
		err = r.Scan(&c.Serial, &c.Doctor, &c.What, &c.On, &c.From, &c.To, &c.sealed)
		return c, err
	}, `SELECT serial, doctor_id, what, on_day, from_answer, to_answer, sealed FROM programme_ruleset_change
		WHERE tenant_id = $1 AND trial_id = $2 AND serial > $3 AND `+cond+` ORDER BY serial LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, err
	}
	var out []TrialChange
	for _, c := range list {
		err := s.db.Vault().OpenJSON(ctx, changePlace(sc.Tenant, trial, c.TrialChange), c.sealed, &c.Why)
		if errors.Is(err, database.ErrNoKey) { // the person was erased
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c.TrialChange)
	}
	return out, nil
}
