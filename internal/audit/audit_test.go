package audit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
)

func call(tenant string) access.Call {
	now := clock.At(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	return access.Call{Actor: access.Actor{Account: "a1", Tenant: tenant}, Now: now, Today: now.Local(), Request: "r1", Purpose: "test"}
}

func setup(t *testing.T, db *database.DB) *audit.Log {
	t.Helper()
	l, err := audit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			return l.Record(ctx, call("t"), audit.Entry{Action: "doctor.change", Kind: "doctor", ID: "d1", Person: "d1", After: map[string]string{"town": "CANARY"}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func exec(t *testing.T, db *database.DB, query string, args ...any) {
	t.Helper()
	err := db.Tx(t.Context(), func(ctx context.Context) error {
		n, err := db.Q(ctx).Exec(ctx, query, args...)
		if err == nil && n == 0 {
			t.Errorf("%s changed nothing", query)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, l *audit.Log) audit.Report {
	t.Helper()
	r, err := l.Verify(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyReportsTailThenChain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		if r := verify(t, l); !r.OK() || r.Tail != 7 || r.Linked != 0 {
			t.Fatalf("before linking: %+v", r)
		}
		if n, err := l.Link(t.Context(), "t", call("t").Now, false); err != nil || n != 7 {
			t.Fatalf("linked %d, %v", n, err)
		}
		if r := verify(t, l); !r.OK() || r.Tail != 0 || r.Linked != 7 || r.Checkpoints != 1 {
			t.Fatalf("after linking: %+v", r)
		}
	})
}

func TestVerifyFindsEveryKindOfTampering(t *testing.T) {
	for name, tamper := range map[string]string{
		"changed row":      "UPDATE audit_entry SET action = 'doctor.see' WHERE tenant_id = 't' AND id = (SELECT entry_id FROM audit_link WHERE tenant_id = 't' AND seq = 3)",
		"removed row":      "DELETE FROM audit_entry WHERE tenant_id = 't' AND id = (SELECT entry_id FROM audit_link WHERE tenant_id = 't' AND seq = 3)",
		"removed link":     "DELETE FROM audit_link WHERE tenant_id = 't' AND seq = 3",
		"removed the end":  "DELETE FROM audit_link WHERE tenant_id = 't' AND seq >= 6",
		"changed hash":     "UPDATE audit_link SET hash = mac FROM audit_entry e WHERE audit_link.tenant_id = 't' AND seq = 3 AND e.tenant_id = 't' AND e.id = audit_link.entry_id",
		"moved checkpoint": "UPDATE audit_checkpoint SET at = '2020-01-01T00:00:00.000000Z' WHERE tenant_id = 't'",
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, db *database.DB) {
				l := setup(t, db)
				if _, err := l.Link(t.Context(), "t", call("t").Now, false); err != nil {
					t.Fatal(err)
				}
				exec(t, db, tamper)
				if r := verify(t, l); r.OK() {
					t.Fatalf("not noticed: %+v", r)
				}
			})
		})
	}
}

func TestErasureLeavesTheChainWhole(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		if _, err := l.Link(t.Context(), "t", call("t").Now, false); err != nil {
			t.Fatal(err)
		}
		if err := db.Tx(t.Context(), func(ctx context.Context) error { return db.Vault().Forget(ctx, "t", "d1") }); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, l); !r.OK() {
			t.Fatalf("%+v", r)
		}
	})
}

func TestLooksAtOnceAreAllKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		l := setup(t, db)
		var wait sync.WaitGroup
		for range 40 {
			wait.Go(func() {
				if err := l.Look(t.Context(), call("t"), audit.Look{Action: "case.list", Query: "stage=in_post", Kind: "case", IDs: []string{"d1", "d2"}}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if _, err := l.Link(t.Context(), "t", call("t").Now, false); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, l); !r.OK() || r.Linked != 47 {
			t.Fatalf("%+v", r)
		}
	})
}

func TestImagesAreSealed(t *testing.T) {
	db := dbtest.SQLite(t)
	setup(t, db)
	var sealed []byte
	if err := db.Q(t.Context()).QueryRow(t.Context(), "SELECT sealed FROM audit_entry WHERE tenant_id = 't' LIMIT 1").Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if len(sealed) == 0 || strings.Contains(string(sealed), "CANARY") {
		t.Fatal("the image lies open in the store")
	}
}

func TestRecordOutsideATransactionIsRefused(t *testing.T) {
	db := dbtest.SQLite(t)
	l := setup(t, db)
	if err := l.Record(t.Context(), call("t"), audit.Entry{Action: "x"}); err == nil {
		t.Fatal("a record was written apart from its deed")
	}
}

// However many rows one transaction records, each is there at commit, whole,
// and none is there when it did not commit.
func TestEveryRowIsThereAtCommitAndNoneAfterARollback(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		l, err := audit.New(db)
		if err != nil {
			t.Fatal(err)
		}
		const deeds = 101
		stop := errors.New("stop")
		for _, end := range []error{stop, nil} {
			err := db.Tx(t.Context(), func(ctx context.Context) error {
				image := map[string]int{"n": 0}
				for i := range deeds {
					image["n"] = i // what is recorded is how it was then
					e := audit.Entry{Action: "doctor.change", Kind: "doctor", ID: fmt.Sprint(i), Person: fmt.Sprint("d", i%7), After: image}
					if err := l.Record(ctx, call("t"), e); err != nil {
						return err
					}
				}
				return end
			})
			if !errors.Is(err, end) {
				t.Fatal(err)
			}
			want := int64(0)
			if end == nil {
				want = deeds
			}
			if r := verify(t, l); !r.OK() || r.Tail != want {
				t.Errorf("after %v: %+v", end, r)
			}
		}
		rows, err := db.Q(t.Context()).Query(t.Context(), "SELECT id, subject_id, person_id, sealed FROM audit_entry WHERE tenant_id = 't'")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		seen := map[string]bool{}
		for rows.Next() {
			var id, subject, person string
			var sealed []byte
			if err := rows.Scan(&id, &subject, &person, &sealed); err != nil {
				t.Fatal(err)
			}
			seen[subject] = true
			var image struct{ After struct{ N int } }
			place := database.Place{Tenant: "t", Person: person, Table: "audit_entry", Row: id, Column: "sealed"}
			if err := db.Vault().OpenJSON(t.Context(), place, sealed, &image); err != nil || fmt.Sprint(image.After.N) != subject {
				t.Fatalf("row %s holds %+v, %v", subject, image, err)
			}
		}
		if len(seen) != deeds || rows.Err() != nil {
			t.Errorf("%d deeds, %v", len(seen), rows.Err())
		}
	})
}
