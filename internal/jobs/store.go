package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

func (o *Outbox) insert(ctx context.Context, j Job, ids string, due clock.Instant) error {
	_, err := o.db.Q(ctx).Exec(ctx, `INSERT INTO jobs_outbox (tenant_id, id, kind, ids, state, attempts, due_at, version, created_at)
		VALUES ($1, $2, $3, $4, 'waiting', 0, $5, 1, $6)`, j.Tenant, j.ID, j.Kind, ids, due, o.now())
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", j.Kind, err)
	}
	return nil
}

// due lists jobs of every tenant that are due; the worker serves them all.
func (o *Outbox) due(ctx context.Context, now clock.Instant, limit int) ([]Job, error) {
	rows, err := o.db.Q(ctx).Query(ctx, `SELECT tenant_id, id, kind, ids, attempts, version FROM jobs_outbox
		WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $2`, now, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Job
	for rows.Next() {
		var j Job
		var ids string
		if err := rows.Scan(&j.Tenant, &j.ID, &j.Kind, &ids, &j.Attempt, &j.version); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(ids), &j.IDs); err != nil {
			return nil, fmt.Errorf("job %s: %w", j.ID, err)
		}
		list = append(list, j)
	}
	return list, rows.Err()
}

// lease takes a job until an instant; false when another worker was first.
func (o *Outbox) lease(ctx context.Context, j *Job, until clock.Instant) (mine bool, err error) {
	err = o.db.Tx(ctx, func(ctx context.Context) error {
		n, err := o.db.Q(ctx).Exec(ctx, `UPDATE jobs_outbox SET due_at = $1, attempts = attempts + 1, version = version + 1
			WHERE tenant_id = $2 AND id = $3 AND version = $4 AND state = 'waiting'`, until, j.Tenant, j.ID, j.version)
		mine = n == 1
		return err
	})
	j.version++
	j.Attempt++
	return mine, err
}

func (o *Outbox) finish(ctx context.Context, j Job) error {
	return o.db.Tx(ctx, func(ctx context.Context) error {
		_, err := o.db.Q(ctx).Exec(ctx, `DELETE FROM jobs_outbox WHERE tenant_id = $1 AND id = $2 AND version = $3`, j.Tenant, j.ID, j.version)
		return err
	})
}

func (o *Outbox) place(tenant, id string, version int64) database.Place {
	return database.Place{Tenant: tenant, Table: "jobs_outbox", Row: id, Column: "sealed", Version: int(version)}
}

// postpone keeps a job that failed, for later or, after the last attempt, as
// dead. What went wrong is sealed: an error may name a person's address.
func (o *Outbox) postpone(ctx context.Context, j Job, due clock.Instant, state string, trouble error) error {
	return o.db.Tx(ctx, func(ctx context.Context) error {
		sealed, err := o.db.Vault().Seal(ctx, o.place(j.Tenant, j.ID, j.version+1), []byte(trouble.Error()))
		if err != nil {
			return err
		}
		_, err = o.db.Q(ctx).Exec(ctx, `UPDATE jobs_outbox SET state = $1, due_at = $2, sealed = $3, version = version + 1
			WHERE tenant_id = $4 AND id = $5 AND version = $6`, state, due, sealed, j.Tenant, j.ID, j.version)
		return err
	})
}

func (o *Outbox) mark(ctx context.Context, tenant, key string) (bool, error) {
	n, err := o.db.Q(ctx).Exec(ctx, `INSERT INTO jobs_effect (tenant_id, effect_key, done_at) VALUES ($1, $2, $3)
		ON CONFLICT (tenant_id, effect_key) DO NOTHING`, tenant, key, o.now())
	return n == 1, err
}

func (o *Outbox) depth(ctx context.Context) (waiting, dead int64, err error) {
	err = o.db.Q(ctx).QueryRow(ctx, `SELECT count(tenant_id) FILTER (WHERE state = 'waiting'), count(tenant_id) FILTER (WHERE state = 'dead')
		FROM jobs_outbox`).Scan(&waiting, &dead)
	return waiting, dead, err
}

func (o *Outbox) dead(ctx context.Context, tenant string, limit int) ([]Dead, error) {
	rows, err := o.db.Q(ctx).Query(ctx, `SELECT id, kind, attempts, version, created_at, sealed FROM jobs_outbox
		WHERE tenant_id = $1 AND state = 'dead' ORDER BY due_at, id LIMIT $2`, tenant, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Dead
	var sealed [][]byte
	for rows.Next() {
		d := Dead{Job: Job{Tenant: tenant}}
		var s []byte
		if err := rows.Scan(&d.ID, &d.Kind, &d.Attempt, &d.version, &d.Since, &s); err != nil {
			return nil, err
		}
		list, sealed = append(list, d), append(sealed, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		words, err := o.db.Vault().Open(ctx, o.place(tenant, list[i].ID, list[i].version), sealed[i])
		if err != nil {
			return nil, err
		}
		list[i].Trouble = string(words)
	}
	return list, nil
}

func (o *Outbox) revive(ctx context.Context, tenant, id string, now clock.Instant) (bool, error) {
	n, err := o.db.Q(ctx).Exec(ctx, `UPDATE jobs_outbox SET state = 'waiting', attempts = 0, due_at = $1, version = version + 1
		WHERE tenant_id = $2 AND id = $3 AND state = 'dead'`, now, tenant, id)
	return n == 1, err
}

// forget deletes effect keys older than any job that could still be tried.
func (o *Outbox) forget(ctx context.Context, before clock.Instant) error {
	return o.db.Tx(ctx, func(ctx context.Context) error {
		_, err := o.db.Q(ctx).Exec(ctx, `DELETE FROM jobs_effect WHERE (tenant_id, effect_key) IN
			(SELECT tenant_id, effect_key FROM jobs_effect WHERE done_at < $1 ORDER BY done_at LIMIT 20000)`, before)
		return err
	})
}

// take moves a periodic job's next time on; false when it is not yet due or
// another node was first. A name not seen before is due at once.
func (o *Outbox) take(ctx context.Context, name string, now, next clock.Instant) (mine bool, err error) {
	var due clock.Instant
	var version int64
	err = o.db.Q(ctx).QueryRow(ctx, `SELECT due_at, version FROM jobs_periodic WHERE name = $1`, name).Scan(&due, &version)
	if err != nil && !database.IsNoRows(err) || err == nil && due.After(now) {
		return false, err
	}
	err = o.db.Tx(ctx, func(ctx context.Context) error {
		var n int64
		var err error
		if version == 0 {
			n, err = o.db.Q(ctx).Exec(ctx, `INSERT INTO jobs_periodic (name, due_at, version) VALUES ($1, $2, 1)
				ON CONFLICT (name) DO NOTHING`, name, next)
		} else {
			n, err = o.db.Q(ctx).Exec(ctx, `UPDATE jobs_periodic SET due_at = $1, version = version + 1
				WHERE name = $2 AND version = $3`, next, name, version)
		}
		mine = n == 1
		return err
	})
	return mine, err
}
