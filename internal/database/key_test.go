package database_test

import (
	"errors"
	"path/filepath"
	"testing"

	"msw/internal/database"
)

func TestASecondMasterKeyIsRefused(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "msw.db")
	first, second := database.NewMasterKey(), database.NewMasterKey()
	for _, c := range []struct {
		key  []byte
		want error
	}{{first, nil}, {second, database.ErrWrongKey}, {first, nil}, {nil, database.ErrNoKey}} {
		db, err := database.Open(t.Context(), address, database.Options{Key: c.key})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.Vault().CheckKey(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("key %x: %v, want %v", c.key, err, c.want)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
