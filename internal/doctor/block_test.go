package doctor

import (
	"slices"
	"testing"
)

func TestTheNearestAreRankedBeforeAnyRecordIsOpened(t *testing.T) {
	keys := []token{{tokenPair, "common"}, {tokenPair, "rare"}, {tokenBorn, "born"}, {tokenEmail, "email"}, {tokenWhole, "nobody"}}
	holders := map[string][]string{"common": {"a", "b", "c", "d", "e"}, "rare": {"b"}, "born": {"c"}, "email": {"d"}}
	for limit, want := range map[int][]string{10: {"d", "c", "b", "a", "e"}, 2: {"d", "c"}, 0: {}} {
		if got := nearest(keys, holders, limit); !slices.Equal(got, want) {
			t.Errorf("at most %d: %v, want %v", limit, got, want)
		}
	}
}
