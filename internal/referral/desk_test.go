package referral

import (
	"context"
	"fmt"
	"testing"

	"msw/internal/clock"
	"msw/internal/doctor"
)

func (w *world) history(n int, from clock.Date) {
	w.t.Helper()
	err := w.db.Tx(w.ctx, func(ctx context.Context) error {
		for i := range n {
			r := w.referral(w.a, doctor.NewDoctor{Given: fmt.Sprintf("Person%d", i), Family: "Bulk", Email: fmt.Sprintf("p%d@example.org", i)})
			r.KnownNew, r.First, r.On, r.Route, r.Region = true, FirstNone, from.AddDays(i/3), RouteCharity, "Y56"
			if i%4 == 3 {
				r.ConsentUntil = r.On.AddDays(1)
			}
			if _, err := w.Refer(ctx, operator, r); err != nil {
				return err
			}
		}
		return nil
	})
	fatal(w.t, err)
}

func TestDeskByKeyShowsEachOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.history(260, clock.MustDate("2026-03-02"))
		for group, want := range map[Group]int{GroupAll: 260, GroupWaiting: 195, GroupEnded: 65, GroupInPost: 0} {
			seen := map[string]bool{}
			q := DeskQuery{Group: group}
			for pages := 0; ; pages++ {
				d, err := w.Desk(w.ctx, w.charityA(), q)
				fatal(t, err)
				if len(d.Answers) > deskRows || pages > 20 {
					t.Fatalf("%s: page %d holds %d", group, pages, len(d.Answers))
				}
				for _, a := range d.Answers {
					if seen[a.Ref] {
						t.Errorf("%s: %s twice", group, a.Ref)
					}
					seen[a.Ref] = true
				}
				if d.Next == nil {
					break
				}
				q.After = d.Next
			}
			if len(seen) != want {
				t.Errorf("%s: %d referrals, want %d", group, len(seen), want)
			}
		}
	})
}
