package audit

import (
	"context"
	"database/sql"

	"msw/internal/clock"
	"msw/internal/database"
)

const rowColumns = "tenant_id, id, at, look, account_id, action, kind, subject_id, person_id, shown, purpose, request_id, sealed, mac"

// linksAtOnce keeps a statement to about 200 placeholders.
const linksAtOnce = 50

var entries = database.Into{Table: "audit_entry", Columns: rowColumns}

func (r row) values() []any {
	return []any{r.tenant, r.id, r.at, r.look, r.account, string(r.action), r.kind, r.subject, r.person, r.shown, r.purpose, r.request, r.sealed, r.mac}
}

func insertRow(ctx context.Context, db *database.DB, rows ...row) error {
	list := make([]database.Row, len(rows))
	for i, r := range rows {
		list[i] = database.Values(r.values()...)
	}
	return db.Put(ctx, entries, list...)
}

type chainLink struct {
	seq   int64
	entry string
	hash  []byte
}

func head(ctx context.Context, db *database.DB, tenant string) (seq int64, hash []byte, entry string, err error) {
	err = db.Q(ctx).QueryRow(ctx, "SELECT seq, hash, entry_id FROM audit_link WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1", tenant).Scan(&seq, &hash, &entry)
	if database.IsNoRows(err) {
		return 0, nil, "", nil
	}
	return seq, hash, entry, err
}

// Latest is when something was last recorded in a tenant; zero when nothing was.
func (l *Log) Latest(ctx context.Context, tenant string) (at clock.Instant, err error) {
	err = l.db.Q(ctx).QueryRow(ctx, "SELECT at FROM audit_entry WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1", tenant).Scan(&at)
	if database.IsNoRows(err) {
		return at, nil
	}
	return at, err
}

func unlinked(ctx context.Context, db *database.DB, tenant, from string, limit int) ([]row, error) {
	rows, err := db.Q(ctx).Query(ctx, `SELECT `+rowColumns+` FROM audit_entry e
		WHERE e.tenant_id = $1 AND e.id >= $2
		AND NOT EXISTS (SELECT 1 FROM audit_link k WHERE k.tenant_id = e.tenant_id AND k.entry_id = e.id)
		ORDER BY e.id LIMIT $3`, tenant, from, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func scanRow(rows *sql.Rows, before ...any) (r row, err error) {
	err = rows.Scan(append(before, &r.tenant, &r.id, &r.at, &r.look, &r.account, &r.action, &r.kind, &r.subject, &r.person, &r.shown,
		&r.purpose, &r.request, &r.sealed, &r.mac)...)
	return r, err
}

func insertLinks(ctx context.Context, db *database.DB, tenant string, links []chainLink) error {
	for len(links) > 0 {
		n := min(len(links), linksAtOnce)
		args := make([]any, 0, 4*n)
		for _, k := range links[:n] {
			args = append(args, tenant, k.seq, k.entry, k.hash)
		}
		if _, err := db.Q(ctx).Exec(ctx, "INSERT INTO audit_link (tenant_id, seq, entry_id, hash) VALUES "+database.Rows(1, 4, n), args...); err != nil {
			return err
		}
		links = links[n:]
	}
	return nil
}

func insertCheckpoint(ctx context.Context, db *database.DB, tenant string, seq int64, at clock.Instant, hash, signature []byte) error {
	_, err := db.Q(ctx).Exec(ctx, "INSERT INTO audit_checkpoint (tenant_id, seq, at, hash, signature) VALUES ($1, $2, $3, $4, $5)", tenant, seq, at, hash, signature)
	return err
}

type checkpoint struct {
	seq             int64
	at              clock.Instant
	hash, signature []byte
}

func checkpoints(ctx context.Context, db *database.DB, tenant string) (map[int64]checkpoint, error) {
	rows, err := db.Q(ctx).Query(ctx, "SELECT seq, at, hash, signature FROM audit_checkpoint WHERE tenant_id = $1", tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]checkpoint{}
	for rows.Next() {
		var c checkpoint
		if err := rows.Scan(&c.seq, &c.at, &c.hash, &c.signature); err != nil {
			return nil, err
		}
		out[c.seq] = c
	}
	return out, rows.Err()
}

// eachLinked walks the chain in order, each link with its row if that is there.
func eachLinked(ctx context.Context, db *database.DB, tenant string, fn func(chainLink, row, bool)) error {
	rows, err := db.Q(ctx).Query(ctx, `SELECT k.seq, k.entry_id, k.hash, coalesce(e.tenant_id, ''), coalesce(e.id, ''), coalesce(e.at, ''), coalesce(e.look, false),
		coalesce(e.account_id, ''), coalesce(e.action, ''), coalesce(e.kind, ''), coalesce(e.subject_id, ''), coalesce(e.person_id, ''),
		coalesce(e.shown, ''), coalesce(e.purpose, ''), coalesce(e.request_id, ''), e.sealed, e.mac
		FROM audit_link k LEFT JOIN audit_entry e ON e.tenant_id = k.tenant_id AND e.id = k.entry_id
		WHERE k.tenant_id = $1 ORDER BY k.seq`, tenant)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c chainLink
		r, err := scanRow(rows, &c.seq, &c.entry, &c.hash)
		if err != nil {
			return err
		}
		fn(c, r, r.id != "")
	}
	return rows.Err()
}
