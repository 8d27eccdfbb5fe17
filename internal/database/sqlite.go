package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// openSQLite opens a file with one write connection and a pool of readers.
// synchronous=FULL: an answered write survives a power cut.
func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if path == "" {
		return nil, errors.New("name a file after sqlite:")
	}
	db := &DB{engine: SQLite}
	if path == ":memory:" {
		dir, err := os.MkdirTemp("", "msw-memory-")
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, "msw.db")
		db.close = append(db.close, func() error { return os.RemoveAll(dir) })
	}
	sync := "FULL"
	if o.Fast {
		sync = "OFF"
	}
	write, err := sql.Open("sqlite", sqliteAddress(path, "synchronous("+sync+")", "journal_mode(WAL)", "cache_size(-32000)"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := sql.Open("sqlite", sqliteAddress(path, "query_only(1)", readerCache))
	if err != nil {
		return nil, errors.Join(err, conn.Close(), write.Close())
	}
	readers := o.Readers
	if readers == 0 {
		readers = 4 * runtime.NumCPU()
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	db.read = read
	db.migrationAddress = sqliteAddress(path, "synchronous("+sync+")")
	db.cache = newStatements(func(ctx context.Context, q string) (*sql.Stmt, error) { return read.PrepareContext(ctx, unnamed(q)) })
	db.writer = &sqliteWriter{conn: conn, turn: make(chan struct{}, 1),
		cache: newStatements(func(ctx context.Context, q string) (*sql.Stmt, error) { return conn.PrepareContext(ctx, unnamed(q)) })}
	db.close = append([]func() error{read.Close, conn.Close, write.Close}, db.close...)
	return db, nil
}

// readerCache is the pages that each of the readers keeps, 8 MB: together they
// bound what reading a large store takes, and the system keeps the rest.
const readerCache = "cache_size(-8000)"

func sqliteAddress(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append(pragmas, "foreign_keys(1)", "busy_timeout(10000)", "trusted_schema(0)",
		"secure_delete(1)", "temp_store(2)")}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// sqliteWriter is SQLite's single writer: one connection, one transaction at a
// time, statements prepared once for its whole life.
type sqliteWriter struct {
	conn  *sql.Conn
	cache *statements
	turn  chan struct{}
}

func (w *sqliteWriter) Begin(ctx context.Context) (transaction, error) {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		<-w.turn
		return nil, err
	}
	return &sqliteTx{w}, nil
}

type sqliteTx struct{ w *sqliteWriter }

// A statement of the writer is not cut off half-way: a context that can end
// costs the driver a goroutine for every statement. Whoever has gone away is
// noticed between statements.
func (t *sqliteTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	ctx = detached{}
	s, err := t.w.cache.get(ctx, query)
	if err != nil {
		return 0, err
	}
	var r sql.Result
	if s != nil {
		r, err = s.ExecContext(ctx, args...)
	} else {
		r, err = t.w.conn.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t *sqliteTx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = detached{}
	s, err := t.w.cache.get(ctx, query)
	if err != nil {
		return nil, err
	}
	if s != nil {
		return s.QueryContext(ctx, args...)
	}
	return t.w.conn.QueryContext(ctx, query, args...)
}

func (t *sqliteTx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() == nil {
		ctx = detached{}
	}
	if s, err := t.w.cache.get(ctx, query); err == nil && s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return t.w.conn.QueryRowContext(ctx, query, args...)
}

// Commit and Rollback end the work whatever became of the request that began
// it: a cancelled context must not leave the only writer inside a transaction.
func (t *sqliteTx) Commit() error {
	if err := t.end("COMMIT"); err != nil {
		return errors.Join(err, t.Rollback())
	}
	<-t.w.turn
	return nil
}

func (t *sqliteTx) Rollback() error {
	err := t.end("ROLLBACK")
	<-t.w.turn
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR {
		return nil // SQLite had already rolled back by itself (disk full, for one)
	}
	return err
}

func (t *sqliteTx) end(how string) error {
	_, err := t.w.conn.ExecContext(detached{}, how)
	if err != nil {
		return fmt.Errorf("%s: %w", how, err)
	}
	return nil
}

func sqliteDuplicate(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// sqliteForMigration opens the same file once more with the right to change it.
// It runs before the first write, so the single writer is not in the way.
func (db *DB) sqliteForMigration() (*sql.DB, error) {
	return sql.Open("sqlite", db.migrationAddress)
}
