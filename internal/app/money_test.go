package app

import (
	"testing"

	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/problem"
)

// TestAFundedPlaceFollowsItsPlacement: money of a phase stands with the region
// that pays, so a move to another region takes a place there or does not happen.
func TestAFundedPlaceFollowsItsPlacement(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 400)
	call := operator("msw", a.Now())
	rows, err := a.Placements.List(t.Context(), call, placement.Query{})
	if err != nil || len(rows) == 0 {
		t.Fatal(rows, err)
	}
	p := rows[0].Placement
	other := "Y62"
	if p.Region == other {
		other = "Y63"
	}
	found, err := a.Organisations.Search(t.Context(), call, organisation.Query{Region: other, Hostable: true, Limit: 1})
	if err != nil || len(found.Organisations) == 0 {
		t.Fatal(found, err)
	}
	committed := func(region string) int64 {
		t.Helper()
		v, err := a.Funding.Look(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		for _, ph := range v.Phases {
			if ph.ID != p.Phase {
				continue
			}
			full, err := a.Funding.LookPhase(t.Context(), call, ph.Code)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range full.Phases[0].ByRegion {
				if r.Region == region {
					return int64(r.Committed)
				}
			}
		}
		return 0
	}
	here, there := committed(p.Region), committed(other)
	move := placement.Change{ID: p.ID, Host: found.Organisations[0].ID, On: call.Today}
	if _, err := a.Placements.Change(t.Context(), call, move); err != nil {
		t.Fatal(err, problem.KindOf(err))
	}
	if h, o := committed(p.Region), committed(other); h != here-1 || o != there+1 {
		t.Errorf("places %d and %d before, %d and %d after", here, there, h, o)
	}
}
