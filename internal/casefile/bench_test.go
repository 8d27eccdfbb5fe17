package casefile

import (
	"context"
	"testing"

	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/database/dbtest"
)

// BenchmarkJourney measures one doctor's whole journey, milestone by milestone
// and all at once, inside one transaction as the demo does it.
func BenchmarkJourney(b *testing.B) {
	db := dbtest.SQLite(b)
	log, err := audit.New(db)
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(Options{DB: db, Access: table(b), Audit: log, Jobs: &sent{}})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	list := path(Referred, Invited, TakenOver, ApplicationStarted, Submitted, FoundEligible, Proposed, Offered, OfferAccepted, ChecksComplete, Started, Ended, Registered, DoctorPost)
	b.Run("each", func(b *testing.B) {
		err := db.Tx(ctx, func(ctx context.Context) error {
			for b.Loop() {
				id := database.NewID()
				if err := s.Open(ctx, system, NewCase{Doctor: id, Ref: database.NewRef(), Region: "Y56"}); err != nil {
					return err
				}
				for _, m := range list {
					m.Doctor = id
					if err := s.Record(ctx, system, m); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("all", func(b *testing.B) {
		err := db.Tx(ctx, func(ctx context.Context) error {
			for b.Loop() {
				id := database.NewID()
				if err := s.Open(ctx, system, NewCase{Doctor: id, Ref: database.NewRef(), Region: "Y56"}); err != nil {
					return err
				}
				if err := s.RecordAll(ctx, system, id, list); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("together", func(b *testing.B) {
		err := s.Together(ctx, func(ctx context.Context) error {
			for b.Loop() {
				id := database.NewID()
				if err := s.Open(ctx, system, NewCase{Doctor: id, Ref: database.NewRef(), Region: "Y56"}); err != nil {
					return err
				}
				for _, m := range list {
					m.Doctor = id
					if err := s.Record(ctx, system, m); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}
