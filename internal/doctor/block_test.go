package doctor

import (
	"slices"
	"testing"

	"msw/internal/clock"
)

// The search looks up exactly the dates that the comparison calls near.
func TestNearDatesAreThoseThatAreNear(t *testing.T) {
	for _, text := range []string{"1985-06-03", "1984-02-29", "1990-12-31", "1971-05-05", "1985-01-01", "1985-01-03", "1986-03-01"} {
		d := clock.MustDate(text)
		got := nearDates(d)
		for other := d - 400; other <= d+400; other++ {
			if slices.Contains(got, other) != near(d, other) {
				t.Errorf("%s and %s: near %v, looked up %v", d, other, near(d, other), slices.Contains(got, other))
			}
		}
	}
}

func TestTheNearestAreRankedBeforeAnyRecordIsOpened(t *testing.T) {
	keys := []token{{tokenPair, "common"}, {tokenPair, "rare"}, {tokenBorn, "born"}, {tokenEmail, "email"}, {tokenWhole, "nobody"}}
	holders := map[string][]string{"common": {"a", "b", "c", "d", "e"}, "rare": {"b"}, "born": {"c"}, "email": {"d"}}
	for limit, want := range map[int][]string{10: {"d", "c", "b", "a", "e"}, 2: {"d", "c"}, 0: {}} {
		if got := nearest(keys, holders, limit); !slices.Equal(got, want) {
			t.Errorf("at most %d: %v, want %v", limit, got, want)
		}
	}
}
