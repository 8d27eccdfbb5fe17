package fact_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// What a transaction remembers of somebody new in it is what the rows say
// afterwards, whichever way their facts came and went.
func TestFactsOfSomebodyNewAreRememberedAsTheyAreStored(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		var id string
		list := func(ctx context.Context) []fact.Record {
			t.Helper()
			got, err := w.s.For(ctx, tenant, id)
			must(t, err)
			return got
		}
		var remembered []fact.Record
		must(t, db.Tx(t.Context(), func(ctx context.Context) error {
			var err error
			id, _, err = w.people.Create(ctx, w.call("operator"), doctor.NewDoctor{Given: "Amal", Family: "Haddad"})
			must(t, err)
			day := clock.MustDate("2026-05-04")
			ids, err := w.s.RecordAll(ctx, w.call("operator"), []fact.NewFact{
				{Doctor: id, Kind: fact.Practice, On: day, State: rulebook.Seen, Note: "as she said", Fields: map[string]any{"last_practised": day - 90, "needs_supervision": true}},
				{Doctor: id, Kind: fact.Experience, On: day - 300, Fields: map[string]any{"specialty_group": "surgery", "months_full_time": 14, "postgraduate": true, "country": "SY"}},
				{Doctor: id, Kind: fact.EnglishTest, On: day - 30, Until: day + 30, Fields: map[string]any{"test": "IELTS", "overall": int64(75), "outcome": "passed"}},
			})
			must(t, err)
			if got := list(ctx); len(got) != 3 || got[0].Kind != fact.Experience {
				t.Errorf("after recording: %+v", got)
			}
			must(t, w.s.Withdraw(ctx, w.call("operator"), ids[2]))
			if got := list(ctx); len(got) != 2 {
				t.Errorf("after withdrawing: %+v", got)
			}
			_, err = w.s.Record(ctx, w.call("operator"), fact.NewFact{Doctor: id, Kind: fact.Residence, On: day - 400, Fields: map[string]any{"in_uk": true}})
			must(t, err)
			must(t, w.s.Verify(ctx, w.call("operator"), ids[1], rulebook.Verified))
			_, err = w.s.Record(ctx, w.call("operator"), fact.NewFact{Doctor: id, Kind: fact.Exam, On: day, Fields: map[string]any{"name": "PLAB1", "attempt": 2, "outcome": "passed"}})
			must(t, err)
			remembered = list(ctx)
			return nil
		}))
		if stored := list(t.Context()); len(stored) != 4 || !reflect.DeepEqual(remembered, stored) {
			t.Errorf("remembered %+v\nstored %+v", remembered, stored)
		}
		must(t, db.Tx(t.Context(), func(ctx context.Context) error { // no longer new
			before := list(ctx)
			_, err := w.s.Record(ctx, w.call("operator"), fact.NewFact{Doctor: id, Kind: fact.Residence, On: clock.MustDate("2026-06-01"), Fields: map[string]any{"in_uk": false}})
			must(t, err)
			if after := list(ctx); len(after) != len(before)+1 {
				t.Errorf("%d facts after one more than %d", len(after), len(before))
			}
			return nil
		}))
		must(t, db.Tx(t.Context(), func(ctx context.Context) error { // remembered from the first, without a withdrawal between
			var err error
			id, _, err = w.people.Create(ctx, w.call("operator"), doctor.NewDoctor{Given: "Nur", Family: "Karimi"})
			must(t, err)
			for i := range 20 {
				_, err = w.s.Record(ctx, w.call("operator"), fact.NewFact{Doctor: id, Kind: fact.Exam, On: clock.MustDate("2026-06-01") - clock.Date(i%3), Note: "n",
					Fields: map[string]any{"name": "PLAB1", "attempt": i%4 + 1, "outcome": "failed"}})
				must(t, err)
			}
			newer := func(old string) string { // in its place, and that one's too
				made, err := w.s.Supersede(ctx, w.call("operator"), old, fact.NewFact{On: clock.MustDate("2026-06-02"), Fields: map[string]any{"name": "PLAB1", "attempt": 1, "outcome": "passed"}})
				must(t, err)
				return made
			}
			twice := newer(newer(list(ctx)[7].ID))
			if _, err := w.s.Supersede(ctx, w.call("operator"), list(ctx)[0].ID, fact.NewFact{On: clock.MustDate("2026-06-02"), Fields: map[string]any{"name": "PLAB2"}}); err != nil {
				t.Error(err)
			}
			remembered = list(ctx)
			if !slices.ContainsFunc(remembered, func(r fact.Record) bool { return r.ID == twice }) {
				t.Error("what stands in place of two is not remembered")
			}
			return nil
		}))
		if stored := list(t.Context()); len(stored) != 20 || !reflect.DeepEqual(remembered, stored) {
			t.Errorf("remembered %+v\nstored %+v", remembered, stored)
		}
	})
}
