package referral

import (
	"testing"
	"time"

	"msw/internal/clock"
)

// TestHistoryIsCheap holds the demo's budget: it makes its doctors through
// Refer, and this is one of some fifteen use cases for each.
func TestHistoryIsCheap(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: -short")
	}
	inWorld(t, func(t *testing.T, w *world) {
		const n = 500
		begin := time.Now()
		w.history(n, clock.MustDate("2020-01-06"))
		each := time.Since(begin) / n
		t.Logf("%s each on %s", each, w.db.Engine())
		if each > 20*time.Millisecond {
			t.Errorf("a referral of history takes %s", each)
		}
	})
}
