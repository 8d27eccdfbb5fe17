package database_test

import (
	"context"
	"errors"
	"testing"

	"msw/internal/database"
	"msw/internal/database/dbtest"
)

// A key made in a transaction that is rolled back must open nothing afterwards,
// whoever fetched it with others meanwhile.
func TestKeysFetchedTogether(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		v, undone := db.Vault(), errors.New("undone")
		at := func(person string) database.Place {
			return database.Place{Tenant: "msw", Person: person, Table: "t", Row: person, Column: "sealed"}
		}
		sealed := map[string][]byte{}
		for _, person := range []string{"kept", "lost"} {
			err := db.Tx(t.Context(), func(ctx context.Context) (err error) {
				if sealed[person], err = v.Seal(ctx, at(person), []byte("text")); err != nil {
					return err
				}
				if err := v.PreloadOf(ctx, "msw", []string{"kept", "lost", "nobody"}); err != nil || person == "kept" {
					return err
				}
				return undone
			})
			if err != nil && !errors.Is(err, undone) {
				t.Fatal(err)
			}
		}
		if err := v.PreloadOf(t.Context(), "msw", []string{"kept", "lost", "nobody"}); err != nil {
			t.Fatal(err)
		}
		if plain, err := v.Open(t.Context(), at("kept"), sealed["kept"]); err != nil || string(plain) != "text" {
			t.Errorf("kept: %q, %v", plain, err)
		}
		if _, err := v.Open(t.Context(), at("lost"), sealed["lost"]); !errors.Is(err, database.ErrNoKey) {
			t.Errorf("lost: %v", err)
		}
	})
}
