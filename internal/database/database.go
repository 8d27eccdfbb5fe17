// Package database opens msw's store on either engine, SQLite or PostgreSQL,
// and holds what every store needs: transactions, one SQL text for both,
// migrations, sealed columns and ids.
//
// It knows no table but its own key table. SQL of a capability lives in that
// capability's store files.
package database

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Engine names a database engine.
type Engine string

// The two engines. One SQL text runs on both; asking which is for this package.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options for Open. The zero value opens a store whose vault refuses to work.
type Options struct {
	Key     []byte // master key of the vault, 32 bytes
	Readers int    // size of the read pool, 0 for the engine's default
	Fast    bool   // demo and tests only: do not wait for the disk at each commit
}

// DB is one open store. Safe for many goroutines.
type DB struct {
	engine Engine
	read   *sql.DB
	writer writer
	cache  *statements // read statements, SQLite only; pgx keeps its own
	vault  *Vault
	close  []func() error

	migrationAddress string // SQLite: how to open the file for migrations
}

// Querier runs SQL in the transaction of the context, or on the read pool.
type Querier interface {
	Exec(ctx context.Context, query string, args ...any) (rows int64, err error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// transaction is one open unit of work on the engine.
type transaction interface {
	Querier
	Commit() error
	Rollback() error
}

// writer begins transactions; SQLite has one at a time, PostgreSQL many.
type writer interface {
	Begin(ctx context.Context) (transaction, error)
}

// Open connects to "sqlite:FILE", "sqlite::memory:" (a private file that is
// gone after Close) or "postgres://…". It does not migrate.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	var db *DB
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		db, err = openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), o)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		db, err = openPostgres(ctx, url, o)
	default:
		return nil, fmt.Errorf("database address %q must begin with sqlite: or postgres://", hidePassword(url))
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", hidePassword(url), err)
	}
	db.vault = newVault(db, o.Key)
	return db, nil
}

func hidePassword(url string) string {
	at := strings.LastIndex(url, "@")
	colon := strings.Index(url, "://")
	if at < 0 || colon < 0 {
		return url
	}
	return url[:colon+3] + "…" + url[at:]
}

// Engine tells which engine this is; only database and report may ask.
func (db *DB) Engine() Engine { return db.engine }

// Vault seals and opens sensitive columns.
func (db *DB) Vault() *Vault { return db.vault }

// Close ends all connections.
func (db *DB) Close() error {
	var errs []error
	for _, f := range db.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// Ping tells whether the store answers.
func (db *DB) Ping(ctx context.Context) error { return db.read.PingContext(ctx) }

// Stats gives the read pool's figures for /metrics.
func (db *DB) Stats() sql.DBStats { return db.read.Stats() }

type txKey struct{ db *DB }

// unit is a transaction being carried in a context, with what to do once it is
// safely on disk.
type unit struct {
	transaction
	before []func(context.Context) error
	after  []func()
	once   map[string]any
	keys   map[[2]string]cipher.AEAD // made in this transaction, not yet safe to share

	behind  []*behind // rows put and not yet sent
	spoilt  error     // why rows put did not fit
	line    chan func(error) error
	lineEnd chan struct{}
}

// Tx runs fn in one transaction, committing when it answers nil. Inside a
// transaction of the same store it joins it: the outermost Tx commits. The
// transaction travels in fn's context, so that a use case may call another
// station's and both are saved, or neither.
func (db *DB) Tx(ctx context.Context, fn func(ctx context.Context) error) (err error) {
	if db.InTx(ctx) {
		return fn(ctx)
	}
	tx, err := db.writer.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	u := &unit{transaction: tx}
	done := false
	defer func() {
		u.stop()
		if !done {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	inside := context.WithValue(ctx, txKey{db}, u)
	if err = fn(inside); err != nil {
		return err
	}
	if err = u.finish(inside); err != nil {
		return err
	}
	u.stop()
	done = true
	if err = tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, f := range u.after {
		f()
	}
	return nil
}

// InTx tells whether the context carries a transaction of this store.
func (db *DB) InTx(ctx context.Context) bool {
	_, ok := ctx.Value(txKey{db}).(*unit)
	return ok
}

// AfterCommit runs fn once the context's transaction is committed, never when
// it is rolled back; outside a transaction at once. For waking workers and
// filling caches, not for effects that must happen (those use the outbox).
func (db *DB) AfterCommit(ctx context.Context, fn func()) {
	if u, ok := ctx.Value(txKey{db}).(*unit); ok {
		u.after = append(u.after, fn)
		return
	}
	fn()
}

func (db *DB) remember(ctx context.Context, id [2]string, a cipher.AEAD) {
	if u, ok := ctx.Value(txKey{db}).(*unit); ok {
		if u.keys == nil {
			u.keys = map[[2]string]cipher.AEAD{}
		}
		u.keys[id] = a
	}
}

func (db *DB) remembered(ctx context.Context, id [2]string) cipher.AEAD {
	if u, ok := ctx.Value(txKey{db}).(*unit); ok {
		return u.keys[id]
	}
	return nil
}

// Q is the transaction in ctx, or else the read pool, which refuses writes.
func (db *DB) Q(ctx context.Context) Querier {
	if u, ok := ctx.Value(txKey{db}).(*unit); ok {
		return u
	}
	return reader{db}
}

type reader struct{ db *DB }

func (r reader) Exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.New("write outside a transaction: wrap the use case in DB.Tx")
}

func (r reader) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s, err := r.db.cache.get(ctx, query); s != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return s.QueryContext(ctx, args...)
	}
	return r.db.read.QueryContext(ctx, query, args...)
}

func (r reader) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if s, _ := r.db.cache.get(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return r.db.read.QueryRowContext(ctx, query, args...)
}

// statements keeps prepared statements by their text. The texts are literals of
// the code and lists of a bounded length; past the limit it starts anew.
type statements struct {
	prepare func(ctx context.Context, query string) (*sql.Stmt, error)
	mu      sync.RWMutex
	byText  map[string]*sql.Stmt
}

const statementLimit = 800

func newStatements(prepare func(context.Context, string) (*sql.Stmt, error)) *statements {
	return &statements{prepare: prepare, byText: map[string]*sql.Stmt{}}
}

// get answers nil, nil when this engine keeps its statements itself.
func (c *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	if c == nil {
		return nil, nil
	}
	c.mu.RLock()
	s := c.byText[query]
	full := len(c.byText) >= statementLimit
	c.mu.RUnlock()
	if s != nil || full {
		return s, nil
	}
	s, err := c.prepare(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.byText[query]; first != nil {
		return first, s.Close()
	}
	c.byText[query] = s
	return s, nil
}

// IsNoRows tells whether a single-row query found nothing.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Collect reads every row of a query.
func Collect[T any](ctx context.Context, db *DB, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
