package casefile

import (
	"context"
	"testing"

	"msw/internal/database"
)

// A search for somebody one may not know of must answer like a search for
// nobody: the totals beside the empty list told them apart once.
func TestSearchTellsNothingOfCasesOutOfReach(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred)
		w.open("d2", Referred)
		blind := caseworker
		blind.Actor.Hidden = []string{"d1"}
		for _, call := range []struct {
			name string
			call func(ref string) (Found, error)
		}{
			{"hidden", func(ref string) (Found, error) { return w.List(w.ctx, blind, Query{Text: ref}) }},
			{"another region", func(ref string) (Found, error) { return w.List(w.ctx, north, Query{Text: ref}) }},
		} {
			there, err := call.call(ref)
			if err != nil {
				t.Fatal(err)
			}
			nobody, err := call.call(database.NewRef())
			if err != nil {
				t.Fatal(err)
			}
			if len(there.Rows) != 0 || (there.Sums == nil) != (nobody.Sums == nil) || there.Next != nobody.Next {
				t.Errorf("%s: %+v, but nobody is %+v", call.name, there, nobody)
			}
		}
	})
}

// The alarm of a doctor who is not safe must not ring in their own mailbox.
func TestADoctorsOwnWordsSendThemNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", Referred, Submitted)
		if err := w.Urgent(w.ctx, byDoctor("d1"), "d1", ""); err != nil {
			t.Fatal(err)
		}
		for _, job := range w.sent.list {
			if job == "casefile.message d1" {
				t.Error("the doctor is mailed about their own alarm")
			}
		}
	})
}

func TestWhoEmployedOnceReadsNoMore(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted, FoundEligible, OfferAccepted, Started)
		if _, err := w.Sheet(w.ctx, employer, ref); err != nil {
			t.Fatalf("the employer of a person in post: %v", err)
		}
		w.must(func(ctx context.Context) error {
			return w.Record(ctx, system, Milestone{Doctor: "d1", Kind: Ended, On: today, Organisation: "RX1", Code: "contract_end"})
		})
		if _, err := w.Sheet(w.ctx, employer, ref); err == nil {
			t.Error("the case is open to somebody who no longer employs the doctor")
		}
		w.check()
	})
}
