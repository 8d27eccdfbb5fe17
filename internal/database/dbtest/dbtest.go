// Package dbtest gives tests a real, migrated store of their own on each
// engine. It is not for use outside tests: nothing but *_test.go imports it.
package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"msw/internal/database"
)

// Key is the master key of every test store.
var key = []byte("a master key for tests, 32 bytes")

// Run runs fn on a fresh SQLite store, and on a fresh PostgreSQL schema when
// MSW_TEST_POSTGRES holds an address. With MSW_TEST_STRICT set, leaving
// PostgreSQL out is a failure.
func Run(t *testing.T, fn func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// template is a migrated SQLite file, made once for each test binary: copying
// it is much cheaper than migrating again.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "msw-dbtest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	ctx := context.Background()
	db, err := database.Open(ctx, "sqlite:"+path, database.Options{Key: key, Fast: true})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // closing folds the write-ahead log into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite opens a fresh migrated SQLite store that is closed with the test.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	bytes, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "msw.db")
	if err := os.WriteFile(path, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+path)
}

// Postgres opens a fresh migrated schema on the server of MSW_TEST_POSTGRES,
// or skips the test, or fails it under MSW_TEST_STRICT.
func Postgres(t testing.TB) *database.DB {
	t.Helper()
	url := os.Getenv("MSW_TEST_POSTGRES")
	if url == "" {
		if os.Getenv("MSW_TEST_STRICT") != "" {
			t.Fatal("MSW_TEST_POSTGRES is not set: make test starts a server and sets it")
		}
		t.Skip("left out: PostgreSQL (set MSW_TEST_POSTGRES, or run make test)")
	}
	ctx := context.Background()
	schema := "t" + strings.ToLower(database.NewRef())
	admin := open(t, url)
	exec(t, admin, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { exec(t, admin, "DROP SCHEMA "+schema+" CASCADE") })
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	db := open(t, url+separator+"search_path="+schema)
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

func open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), url, database.Options{Key: key, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t testing.TB, db *database.DB, statement string) {
	t.Helper()
	err := db.Tx(context.Background(), func(ctx context.Context) error {
		_, err := db.Q(ctx).Exec(ctx, statement)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
