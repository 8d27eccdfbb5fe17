package placement

import (
	"context"
	"fmt"
	"testing"

	"msw/internal/database/dbtest"
	"msw/internal/onboarding"
	"msw/internal/post"
)

// BenchmarkLife brings people from a new post to the end of a placement, in one
// transaction as the demo does: ten use cases each.
func BenchmarkLife(b *testing.B) {
	var t testing.T
	db := dbtest.SQLite(b)
	w := world{t: &t, ctx: context.Background(), rulings: map[string][]string{}, hidden: map[string][]string{}, tokens: map[string]string{}}
	w.build(db)
	if _, err := w.posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: "sup", Organisation: "RX1", Name: "Senior sup", Capacity: 50}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	err := db.Tx(w.ctx, func(ctx context.Context) error {
		w.ctx = ctx
		for i := range b.N {
			if err := w.life(fmt.Sprint("d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (w world) life(id string) error {
	w.doctor(id)
	o, err := w.offers.Propose(w.ctx, system, onboarding.Proposal{Doctor: id, Post: w.post().ID, On: today - 150})
	if err != nil {
		return err
	}
	if _, err = w.offers.Offer(w.ctx, system, onboarding.Making{ID: o.ID, On: today - 148}); err != nil {
		return err
	}
	if o, err = w.offers.Accept(w.ctx, system, onboarding.Answer{ID: o.ID, On: today - 145}); err != nil {
		return err
	}
	o = w.tick(o)
	p, err := w.Start(w.ctx, system, Starting{Offer: o.ID, On: today - 100})
	if err != nil {
		return err
	}
	_, err = w.End(w.ctx, system, Ending{ID: p.ID, On: today - 5, Code: "moved_country", Leaves: true})
	return err
}
