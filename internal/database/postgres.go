package database

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens a pool; pgx keeps prepared statements per connection.
func openPostgres(ctx context.Context, url string, o Options) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	pool := stdlib.OpenDB(*config)
	size := o.Readers
	if size == 0 {
		size = max(10, 4*runtime.NumCPU())
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	var schema sql.NullString // what the search path names may not be there: then nothing can be made
	if err := pool.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	if !schema.Valid {
		return nil, errors.Join(errors.New("the search path names no schema that exists: create it first"), pool.Close())
	}
	return &DB{engine: Postgres, read: pool, writer: postgresWriter{pool}, close: []func() error{pool.Close}}, nil
}

type postgresWriter struct{ pool *sql.DB }

// Begin starts a READ COMMITTED transaction: versions and unique constraints
// carry the safety rules (docs/architecture.md, data).
func (w postgresWriter) Begin(ctx context.Context) (transaction, error) {
	tx, err := w.pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return postgresTx{tx}, nil
}

type postgresTx struct{ tx *sql.Tx }

func (t postgresTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t postgresTx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, query, args...)
}

func (t postgresTx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, query, args...)
}

func (t postgresTx) Commit() error { return t.tx.Commit() }

func (t postgresTx) Rollback() error {
	if err := t.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

func postgresDuplicate(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505"
}
