package database_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/database/dbtest"
)

func table(t *testing.T, db *database.DB) {
	t.Helper()
	err := db.Tx(t.Context(), func(ctx context.Context) error {
		_, err := db.Q(ctx).Exec(ctx, "CREATE TABLE thing (tenant_id text NOT NULL, id text NOT NULL, doctor_id text NOT NULL, org text NOT NULL, version bigint NOT NULL, PRIMARY KEY (tenant_id, id))")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func insert(ctx context.Context, db *database.DB, tenant, id, doctor, org string) error {
	_, err := db.Q(ctx).Exec(ctx, "INSERT INTO thing (tenant_id, id, doctor_id, org, version) VALUES ($1, $2, $3, $4, 1)", tenant, id, doctor, org)
	return err
}

func ids(t *testing.T, db *database.DB, cond string, args ...any) []string {
	t.Helper()
	rows, err := db.Q(t.Context()).Query(t.Context(), "SELECT id FROM thing WHERE "+cond+" ORDER BY id", args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		out = append(out, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTxJoinsAndRollsBackTogether(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		table(t, db)
		after := 0
		boom := errors.New("boom")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := insert(ctx, db, "t", "1", "d", "o"); err != nil {
				return err
			}
			db.AfterCommit(ctx, func() { after++ })
			if err := db.Tx(ctx, func(ctx context.Context) error { return insert(ctx, db, "t", "2", "d", "o") }); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || after != 0 || len(ids(t, db, "tenant_id = $1", "t")) != 0 {
			t.Fatalf("a failed unit of work left something behind (err %v, after %d)", err, after)
		}
		if _, err := db.Q(t.Context()).Exec(t.Context(), "DELETE FROM thing"); err == nil {
			t.Fatal("a write outside a transaction was let through")
		}
	})
}

func TestOneOfManyWritersWins(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		table(t, db)
		if err := db.Tx(t.Context(), func(ctx context.Context) error { return insert(ctx, db, "t", "1", "d", "o") }); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		won := 0
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				err := db.Tx(t.Context(), func(ctx context.Context) error {
					n, err := db.Q(ctx).Exec(ctx, "UPDATE thing SET version = 2 WHERE tenant_id = $1 AND id = $2 AND version = $3", "t", "1", 1)
					mu.Lock()
					won += int(n)
					mu.Unlock()
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if won != 1 {
			t.Fatalf("%d writers won", won)
		}
	})
}

func TestIsDuplicateOnBothEngines(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		table(t, db)
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := insert(ctx, db, "t", "1", "d", "o"); err != nil {
				return err
			}
			return insert(ctx, db, "t", "1", "d", "o")
		})
		if !database.IsDuplicate(err) {
			t.Fatalf("%v is not seen as a duplicate", err)
		}
	})
}

func TestNarrowKeepsAListInsideItsScope(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		table(t, db)
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			for i, row := range [][3]string{{"t", "d1", "A"}, {"t", "d2", "B"}, {"t", "d3", "A"}, {"u", "d4", "A"}} {
				if err := insert(ctx, db, row[0], fmt.Sprint(i+1), row[1], row[2]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		columns := database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Organisation: "org"}
		for name, c := range map[string]struct {
			scope access.Scope
			want  []string
		}{
			"all":          {access.Scope{Tenant: "t", All: true}, []string{"1", "2", "3"}},
			"all, hidden":  {access.Scope{Tenant: "t", All: true, Hidden: []string{"d1"}}, []string{"2", "3"}},
			"organisation": {access.Scope{Tenant: "t", Organisations: []string{"A"}}, []string{"1", "3"}},
			"either":       {access.Scope{Tenant: "t", Doctor: "d2", Organisations: []string{"A", "C"}, Hidden: []string{"d3"}}, []string{"1", "2"}},
			"nothing":      {access.Scope{Tenant: "t"}, nil},
			"no column":    {access.Scope{Tenant: "t", Regions: []string{"Y56"}}, nil},
		} {
			cond, args := database.Narrow(1, c.scope, columns)
			if got := ids(t, db, cond, args...); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v (%s)", name, got, c.want, cond)
			}
		}
	})
}

func TestVaultOpensOnlyInItsPlace(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		p := database.Place{Tenant: "t", Person: "d1", Table: "doctor_record", Row: "d1", Column: "sealed", Version: 3}
		var sealed []byte
		err := db.Tx(t.Context(), func(ctx context.Context) (err error) {
			sealed, err = db.Vault().Seal(ctx, p, []byte("somewhere safe"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := db.Vault().Open(t.Context(), p, sealed); err != nil || string(plain) != "somewhere safe" {
			t.Fatalf("%q, %v", plain, err)
		}
		for _, q := range []database.Place{
			{"t", "d1", "doctor_record", "d1", "sealed", 4}, {"t", "d1", "doctor_record", "d2", "sealed", 3},
			{"t", "d1", "doctor_record", "d1", "other", 3}, {"t", "d1", "fact_record", "d1", "sealed", 3},
		} {
			if _, err := db.Vault().Open(t.Context(), q, sealed); err == nil {
				t.Errorf("the value opened at %+v", q)
			}
		}
		err = db.Tx(t.Context(), func(ctx context.Context) error { return db.Vault().Forget(ctx, "t", "d1") })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Vault().Open(t.Context(), p, sealed); !errors.Is(err, database.ErrNoKey) {
			t.Fatalf("a forgotten person's value opened: %v", err)
		}
	})
}

func TestAKeyMadeInARolledBackTransactionIsNotKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		p := database.Place{Tenant: "t", Person: "d1", Table: "x", Row: "1", Column: "sealed"}
		boom := errors.New("boom")
		_ = db.Tx(t.Context(), func(ctx context.Context) error {
			if _, err := db.Vault().Seal(ctx, p, []byte("x")); err != nil {
				t.Error(err)
			}
			return boom
		})
		if _, err := db.Vault().Open(t.Context(), p, []byte("anything")); !errors.Is(err, database.ErrNoKey) {
			t.Fatalf("want no key, got %v", err)
		}
	})
}

func TestRefFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := database.NewRef()
		typed := strings.ToLower(ref[:3] + " " + ref[3:6] + "-" + ref[6:])
		if got, ok := database.CheckRef(typed); !ok || got != ref {
			t.Fatalf("%q typed as %q came back as %q, %v", ref, typed, got, ok)
		}
		i := rapid.IntRange(0, len(ref)-3).Draw(t, "place")
		swapped := ref[:i] + string(ref[i+1]) + string(ref[i]) + ref[i+2:]
		if _, ok := database.CheckRef(swapped); ok && swapped != ref && (ref[i] != ref[i+1]) {
			// Characters 31 apart in the alphabet weigh the same: 0 and Z.
			if !strings.ContainsAny(ref[i:i+2], "0Z") {
				t.Fatalf("swapping two characters of %q was not found", ref)
			}
		}
	})
}
