package app

import (
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// What a role does only by the programme's own right, it may not do by itself:
// referral speaks for the referrer.
func TestReferrersReachNoRecordByThemselves(t *testing.T) {
	table, err := Permissions()
	if err != nil {
		t.Fatal(err)
	}
	charity := access.Actor{Account: "c", Tenant: "msw", Members: []access.Membership{{Role: organisation.RoleReferrer, Organisation: "CH1"}}}
	for _, act := range []access.Action{"fact.record", "consent.give", "doctor.create", "doctor.read"} {
		if table.May(charity, act, access.Resource{Kind: "x", Tenant: "msw", Doctor: "d1", Referrers: []string{"CH1"}}) == nil || table.Can(charity, act) {
			t.Errorf("a referrer may %s", act)
		}
	}
}

func TestAnAssessmentTouchesItsOwnCaseOnly(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 160)
	call := operator("msw", a.Now())
	cases := some(t, a)[casefile.StageEligible]
	if len(cases) < 2 {
		t.Fatalf("%d cases were found eligible", len(cases))
	}
	records, err := a.Facts.For(t.Context(), "msw", cases[1].Doctor)
	if err != nil || len(records) == 0 {
		t.Fatal(records, err)
	}
	if err := a.Eligibility.Prove(t.Context(), call, cases[0].Ref, records[0].ID, rulebook.Refused); problem.KindOf(err) != problem.NotFound {
		t.Errorf("a fact of another case was refused: %v", err)
	}
	if err := a.Eligibility.Prove(t.Context(), call, cases[1].Ref, records[0].ID, rulebook.Seen); err != nil {
		t.Errorf("a fact of the case: %v", err)
	}
	self := call
	self.Actor.Doctor = cases[0].Doctor
	if _, err := a.Eligibility.Decide(t.Context(), self, eligibility.Decide{Doctor: cases[0].Doctor, Outcome: eligibility.NotYet, Note: "n"}); problem.KindOf(err) != problem.Refused {
		t.Errorf("an assessor decided about themselves: %v", err)
	}
}

func TestQuietHoursAreLondons(t *testing.T) {
	for at, want := range map[string]string{"2026-07-01": "21:30", "2026-12-01": "20:30"} {
		if got := londonTime(clock.At(clock.MustDate(at).Time().Add(20*time.Hour + 30*time.Minute))); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}
