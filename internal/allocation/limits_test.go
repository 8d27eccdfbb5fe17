package allocation

import "testing"

func TestACapIsFullWhenAsManyArePlaced(t *testing.T) {
	round := Round{Rules: RoundRules{Limits: []RoundLimit{{Kind: LimitRegion, Of: "Y56", Number: 2}, {Kind: LimitFunder, Of: "f", Number: 3}, {Kind: LimitFloor, Of: GPPractice, Number: 1}}}}
	at := &RoundPost{Region: "Y56", Phase: "f", Setting: GPPractice}
	for _, c := range []struct{ region, phase, stops int }{{1, 2, 0}, {2, 2, 1}, {1, 3, 1}, {2, 3, 2}} {
		got := fullLimits(round, at, map[string]int{"Y56": c.region, "Y60": 9}, map[string]int{"f": c.phase})
		if len(got) != c.stops {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if got := fullLimits(round, &RoundPost{Region: "Y60", Phase: "g"}, map[string]int{"Y56": 9}, map[string]int{"f": 9}); len(got) != 0 {
		t.Errorf("another region and funder: %v", got)
	}
}
