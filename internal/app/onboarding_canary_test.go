package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"msw/internal/onboarding"
)

// What an employer writes about evidence stays the employer's; whether health
// and criminal record checks are done stays between doctor and employer; what
// somebody wrote in an application is read without their name.
func TestCheckEvidenceReachesOnlyTheEmployer(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	doctor := s.actorOf(t, "doctor-in-checks").Doctor
	rows, err := s.Offers.List(t.Context(), operator("msw", s.Now()), onboarding.Query{Doctor: doctor, State: onboarding.Accepted})
	if err != nil || len(rows) != 1 {
		t.Fatal(len(rows), err)
	}
	offer, note, number := rows[0].ID, unique("note"), unique("n")[:9]
	hr := s.as(t, "trusthr")
	at := "/checks/" + offer
	hr.open(at + "/right_to_work")
	hr.send("/right_to_work", fill{"right_to_work-state": "done", "right_to_work-evidence": "share_code", "right_to_work-share_code": "WQ7 654 3ZX", "right_to_work-note": note}.
		day("right_to_work-on", demoDay).day("right_to_work-until", "2031-01-31"))
	hr.open(at + "/criminal_record")
	hr.send("/criminal_record", fill{"criminal_record-state": "done", "criminal_record-evidence": "risk_assessment", "criminal_record-level": "enhanced_barred",
		"criminal_record-assessment": "declaration|references", "criminal_record-certificate": number}.day("criminal_record-on", demoDay))
	hr.open(at + "/work_health")
	hr.send("/work_health", fill{"work_health-state": "done"}.day("work_health-on", demoDay))
	vacancies, err := s.Offers.Vacancies(t.Context(), operator("msw", s.Now()), onboarding.ActRecruit, 10)
	if err != nil || len(vacancies) < 2 {
		t.Fatal(len(vacancies), err)
	}
	paths := []string{at, at + "/right_to_work", at + "/criminal_record", at + "/interview-day", at + "/training", at + "/criminal_record/say", "/offers/" + offer, "/checks",
		"/home", "/cases/" + rows[0].ID, "/starts/" + offer, "/recruitment/" + vacancies[0].ID, "/recruitment/" + vacancies[1].ID}
	employer, both := []string{"trusthr"}, []string{"trusthr", "doctor-in-checks"}
	for _, c := range []canary{
		{"note on the evidence", note, employer, ""}, {"certificate number", number, employer, ""}, {"share code", "WQ76543ZX", nil, ""}, {"masked share code", "WQ•••••ZX", employer, ""},
		{"outcome of the criminal record check", "Criminal record</", both, ""}, {"outcome of the health check", "Work health assessment</", both, ""},
	} {
		reached := false
		for _, persona := range append([]string{"nobody"}, s.ids()...) {
			v := s.visitor(t, "nobody")
			if persona != "nobody" {
				v = s.as(t, persona)
			}
			for _, path := range paths {
				p := v.try(path)
				if p.status >= http.StatusInternalServerError {
					t.Errorf("%s opens %s: %d", persona, path, p.status)
				}
				if strings.Contains(p.body, c.text) {
					reached = true
					if !slices.Contains(c.readers, persona) {
						t.Errorf("%s reads the %s on %s", persona, c.what, path)
					}
				}
			}
		}
		if !reached && c.readers != nil {
			t.Errorf("nobody reads the %s: the test looks in the wrong place", c.what)
		}
	}
}
