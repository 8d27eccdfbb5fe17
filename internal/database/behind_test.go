package database_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"msw/internal/database"
	"msw/internal/database/dbtest"
)

var putKeys = database.Into{Table: "database_key", Columns: "tenant_id, person_id, wrapped"}

func counted(ctx context.Context, t *testing.T, db *database.DB) (n int) {
	t.Helper()
	if err := db.Q(ctx).QueryRow(ctx, "SELECT count(*) FROM database_key WHERE tenant_id = $1", "put").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// put adds rows one by one, as many use cases of one transaction would.
func put(ctx context.Context, t *testing.T, db *database.DB, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := db.Put(ctx, putKeys, database.Values("put", fmt.Sprint(i), []byte{1})); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRowsPutAreThereForWhoNamesTheirTableAndAtCommit(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			for round := range 3 { // full statements, and a rest each time
				put(ctx, t, db, round*500, round*500+500)
				if n := counted(ctx, t, db); n != round*500+500 {
					t.Errorf("round %d reads %d rows", round, n)
				}
			}
			if n, err := db.Q(ctx).Exec(ctx, "UPDATE database_key SET wrapped = $1 WHERE tenant_id = $2", []byte{2}, "put"); err != nil || n != 1500 {
				t.Error(n, err)
			}
			put(ctx, t, db, 1500, 1777)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := counted(t.Context(), t, db); n != 1777 {
			t.Errorf("%d rows after commit", n)
		}
		if err := db.Put(t.Context(), putKeys); err == nil {
			t.Error("taken outside a transaction")
		}
		if err := db.Tx(t.Context(), func(ctx context.Context) error { return db.Put(ctx, database.Into{Table: "t", Columns: "id"}) }); err == nil {
			t.Error("taken without a tenant")
		}
	})
}

func TestRowsPutAreGoneWithTheirTransaction(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		stop := errors.New("stop")
		for name, end := range map[string]func(ctx context.Context) error{
			"an error": func(context.Context) error { return stop },
			"an error before commit": func(ctx context.Context) error {
				db.BeforeCommit(ctx, func(context.Context) error { return stop })
				return nil
			},
			"a row that cannot be made": func(ctx context.Context) error {
				return db.Put(ctx, putKeys, func([]any) ([]any, error) { return nil, stop })
			},
			"a row on the way that cannot be made": func(ctx context.Context) error {
				if err := db.Put(ctx, putKeys, func([]any) ([]any, error) { return nil, stop }); err != nil {
					return err
				}
				for i := 1000; i < 1500; i++ {
					if err := db.Put(ctx, putKeys, database.Values("put", fmt.Sprint(i), []byte{1})); err != nil {
						return err
					}
				}
				return nil
			},
			"a row there twice": func(ctx context.Context) error {
				put(ctx, t, db, 0, 1)
				return nil
			},
		} {
			err := db.Tx(t.Context(), func(ctx context.Context) error {
				put(ctx, t, db, 0, 500)
				return end(ctx)
			})
			if err == nil || name != "a row there twice" && !errors.Is(err, stop) || name == "a row there twice" && !database.IsDuplicate(err) {
				t.Errorf("%s: %v", name, err)
			}
			if n := counted(t.Context(), t, db); n != 0 {
				t.Errorf("%s: %d rows stayed", name, n)
			}
		}
	})
}

// What did not fit is not forgotten because its reader did not look.
func TestARowThatDoesNotFitStopsTheCommitWhoeverSawIt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		stop := errors.New("stop")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if err := db.Put(ctx, putKeys, func([]any) ([]any, error) { return nil, stop }); err != nil {
				return err
			}
			var n int
			if err := db.Q(ctx).QueryRow(ctx, "SELECT count(*) FROM database_key").Scan(&n); err == nil {
				t.Error("read past a row that could not be made")
			}
			return nil
		})
		if !errors.Is(err, stop) {
			t.Errorf("committed: %v", err)
		}
	})
}

// A reader may walk through one table while rows of another are written.
func TestRowsArePutWhileOthersAreRead(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		if db.Engine() != database.SQLite {
			t.Skip("PostgreSQL takes one statement at a time and Put runs in line")
		}
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			rows, err := db.Q(ctx).Query(ctx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n")
			if err != nil {
				return err
			}
			defer rows.Close()
			i := 0
			for ; rows.Next(); i++ {
				put(ctx, t, db, i, i+1)
			}
			if i != 2000 || rows.Err() != nil {
				t.Error(i, rows.Err())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := counted(t.Context(), t, db); n != 2000 {
			t.Errorf("%d rows", n)
		}
	})
}

// TestARowPutIsChangedAfterItIsSent changes rows while they are still to be sent,
// on their way, and there.
func TestARowPutIsChangedAfterItIsSent(t *testing.T) {
	const change = "UPDATE database_key SET wrapped = $1 WHERE tenant_id = $2 AND person_id = $3"
	changed := func(ctx context.Context, db *database.DB) (n int) {
		if err := db.Q(ctx).QueryRow(ctx, "SELECT count(*) FROM database_key WHERE tenant_id = $1 AND wrapped = $2", "put", []byte{2}).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			for i := range 500 {
				put(ctx, t, db, i, i+1)
				if err := db.Change(ctx, putKeys, change, []byte{2}, "put", fmt.Sprint(i)); err != nil {
					return err
				}
			}
			if n := changed(ctx, db); n != 500 {
				t.Errorf("%d rows read as changed", n)
			}
			put(ctx, t, db, 500, 501)
			return db.Change(ctx, putKeys, change, []byte{2}, "put", "500")
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := changed(t.Context(), db); n != 501 {
			t.Errorf("%d rows changed after commit", n)
		}
		err = db.Tx(t.Context(), func(ctx context.Context) error {
			put(ctx, t, db, 501, 502)
			return db.Change(ctx, putKeys, change, []byte{2}, "put", "nobody")
		})
		if n := counted(t.Context(), t, db); err == nil || n != 501 {
			t.Errorf("a change of no row: %v, %d rows", err, n)
		}
		if err := db.Change(t.Context(), putKeys, change); err == nil {
			t.Error("taken outside a transaction")
		}
	})
}
