package database_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"msw/internal/database"
	"msw/internal/database/dbtest"
)

func TestOnceAsksOnceInATransactionUntilAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		asked := 0
		ask := func(ctx context.Context, key string) int {
			n, err := database.Once(ctx, db, key, func() (int, error) { asked++; return asked, nil })
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if a, b := ask(t.Context(), "k"), ask(t.Context(), "k"); a == b {
			t.Error("outside a transaction the first answer was remembered")
		}
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			first := ask(ctx, "k one")
			if again := ask(ctx, "k one"); again != first {
				t.Errorf("asked twice: %d, %d", first, again)
			}
			other := ask(ctx, "k two")
			db.Again(ctx, "k one")
			if again := ask(ctx, "k one"); again == first {
				t.Error("a changed thing was remembered")
			}
			if again := ask(ctx, "k two"); again != other {
				t.Error("one key forgot another")
			}
			db.Again(ctx, "k ")
			if again := ask(ctx, "k two"); again == other {
				t.Error("a key that ends in a space stands for all that begin so")
			}
			wrong := errors.New("no")
			if _, err := database.Once(ctx, db, "bad", func() (int, error) { return 0, wrong }); !errors.Is(err, wrong) {
				t.Error(err)
			}
			if n, err := database.Once(ctx, db, "bad", func() (int, error) { return 5, nil }); n != 5 || err != nil {
				t.Error("a failure was remembered")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestBeforeCommitRunsLastAndCanStopIt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		if db.BeforeCommit(t.Context(), func(context.Context) error { return nil }) {
			t.Error("taken outside a transaction")
		}
		var order []string
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			db.BeforeCommit(ctx, func(ctx context.Context) error {
				order = append(order, "first")
				db.BeforeCommit(ctx, func(context.Context) error { order = append(order, "third"); return nil })
				return nil
			})
			db.BeforeCommit(ctx, func(context.Context) error { order = append(order, "second"); return nil })
			return db.Tx(ctx, func(context.Context) error { order = append(order, "work"); return nil }) // an inner one ends nothing
		})
		if err != nil || !slices.Equal(order, []string{"work", "first", "second", "third"}) {
			t.Error(err, order)
		}
		stop := errors.New("stop")
		err = db.Tx(t.Context(), func(ctx context.Context) error {
			if err := db.Vault().Make(ctx, "t1", "p1"); err != nil {
				return err
			}
			db.BeforeCommit(ctx, func(context.Context) error { return stop })
			return nil
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if _, err := db.Vault().Open(t.Context(), database.Place{Tenant: "t1", Person: "p1"}, []byte("x")); !errors.Is(err, database.ErrNoKey) {
			t.Errorf("what was stopped was saved: %v", err)
		}
	})
}
