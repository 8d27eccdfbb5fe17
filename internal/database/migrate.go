package database

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations gives the schema's files, for the documents generated from them.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // cannot happen: the folder is embedded
	}
	return sub
}

// Migrate brings the schema up to date. The same files run on both engines,
// forward only. On PostgreSQL several nodes may start at once: one migrates,
// the others wait.
func (db *DB) Migrate(ctx context.Context) error {
	dialect := goose.DialectSQLite3
	var options []goose.ProviderOption
	var target *sql.DB
	if db.engine == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
		target = db.read
	} else {
		var err error
		if target, err = db.sqliteForMigration(); err != nil {
			return err
		}
		defer target.Close()
	}
	provider, err := goose.NewProvider(dialect, target, Migrations(), options...)
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Version is the number of the newest migration in the store.
func (db *DB) Version(ctx context.Context) (n int64, err error) {
	err = db.Q(ctx).QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&n)
	return n, err
}
