package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// How far away a booked exam is follows from a fact that an employer, a
// supervisor and the programme's leads may not see: neither it nor anything
// made from it reaches them.
func TestCountdownReachesOnlyWhoMaySeeExams(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	x := s.specimens(t)[0]
	if _, err := s.Facts.Record(t.Context(), operator(x.tenant, s.Now()), fact.NewFact{Doctor: x.doctor, Kind: fact.Exam, On: clock.MustDate(demoDay) + 17,
		State: rulebook.Claimed, Fields: map[string]any{"name": "PLAB2", "outcome": "booked"}}); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/home", "/learning", "/events", "/study-time", "/cases/" + x.ref, "/registration/" + x.ref + "/ladder", "/registration/" + x.ref + "/timeline",
		"/placements", "/placements/" + x.placement, "/placements/" + x.placement + "/study-time"}
	readers := []string{"caseworker", "assessor", "assessor2", "assessor3"}
	reached, study := map[string]bool{}, map[string]bool{}
	own := map[string]bool{} // the doctor themself, where the demo shows them
	for _, persona := range append([]string{"nobody"}, s.ids()...) {
		v := s.visitor(t, "nobody")
		if persona != "nobody" {
			v = s.as(t, persona)
			own[persona] = s.actorOf(t, persona).Doctor == x.doctor
		}
		for _, path := range paths {
			p := v.try(path)
			if p.status >= http.StatusInternalServerError {
				t.Errorf("%s opens %s: %d", persona, path, p.status)
			}
			if strings.Contains(p.body, "in 17 days") {
				reached[persona] = true
				if !own[persona] && !slices.Contains(readers, persona) {
					t.Errorf("%s reads the countdown on %s", persona, path)
				}
			}
			if strings.HasSuffix(path, x.placement+"/study-time") && p.status == http.StatusOK && persona != "nobody" { // who is led to the sign-in page
				study[persona] = true
			}
		}
	}
	for _, persona := range readers {
		if !reached[persona] {
			t.Errorf("%s does not read the countdown: the test looks in the wrong place", persona)
		}
	}
	for persona := range study {
		if !own[persona] && persona != "trusthr" && persona != "supervisor" {
			t.Errorf("%s opens the study time of a post of somebody else", persona)
		}
	}
	if !study["trusthr"] {
		t.Error("the employer does not open the study time of a post")
	}
}
