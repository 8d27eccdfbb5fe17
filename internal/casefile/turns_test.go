package casefile

import (
	"slices"
	"testing"

	"msw/internal/clock"
)

func TestSpansSayWhoHadTheTurnAndHowLong(t *testing.T) {
	day := clock.MustDate("2022-01-01")
	got := Spans([]Milestone{{Kind: Referred, On: day, Seq: 1}, {Kind: Invited, On: day + 2, Seq: 2}, {Kind: Submitted, On: day + 10, Seq: 3}, {Kind: FoundEligible, On: day + 25, Seq: 4}, {Kind: Proposed, On: day + 40, Seq: 5, Organisation: "RX1"}})
	want := []Span{{PartyCaseworker, day, day + 2}, {PartyDoctor, day + 2, day + 10}, {PartyAssessor, day + 10, day + 25}, {PartyProgramme, day + 25, day + 40}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if Spans(nil) != nil {
		t.Error("no milestone has no span")
	}
}
