package app

import (
	"net/http"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/eligibility"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/registration"
)

// tightened proposes the rules in force with one number changed.
func tightened(t *testing.T, a *App, call access.Call) programme.RuleSet {
	t.Helper()
	row, found, err := a.Programme.RuleSet(t.Context(), "msw", "eligibility", call.Today)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	v, err := a.Programme.ProposeRuleSet(t.Context(), call, strings.ReplaceAll(row.Text, "where postgraduate) >= 12", "where postgraduate) >= 1200"), "Only for this test.")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAVersionIsTriedOnAllCases(t *testing.T) {
	eachEngine(t, func(t *testing.T, address string) {
		a := newDemo(t, address, 400)
		call := operator("msw", a.Now())
		v := tightened(t, a, call)
		id, err := a.Programme.AskTrial(t.Context(), call, v.ID, "eligibility")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Worker.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := a.Programme.WorkTrial(t.Context(), call, id); err != nil { // a job that comes twice
			t.Fatal(err)
		}
		seen, err := a.Programme.Trial(t.Context(), call, id, 0)
		if err != nil || seen.State != programme.TrialDone || seen.Cases != seen.Total || seen.Cases < 200 || seen.Changed == 0 || seen.Percent() != 100 {
			t.Fatalf("%+v, %v", seen.Trial, err)
		}
		answers := 0
		for _, s := range seen.Sums {
			answers += s.N
			if s.To == eligibility.Eligible.Words() {
				t.Errorf("a harder rule makes somebody eligible: %+v", s)
			}
		}
		if answers != seen.Answers {
			t.Errorf("the sums hold %d answers of %d", answers, seen.Answers)
		}
		listed := 0
		for after := int64(0); ; after = seen.Next {
			if seen, err = a.Programme.Trial(t.Context(), call, id, after); err != nil {
				t.Fatal(err)
			}
			for _, c := range seen.Changes {
				if c.Ref == "" || c.Name == "" || len(c.Why) == 0 || c.From == c.To {
					t.Fatalf("%+v", c)
				}
				listed++
			}
			if seen.Next == 0 {
				break
			}
		}
		if listed != seen.Changed {
			t.Errorf("%d changes listed of %d", listed, seen.Changed)
		}
		a.trialIsNarrowed(t, call, id)
		replayOfAVersion(t, a, call)
	})
}

// trialIsNarrowed checks that nobody hidden and no role without the right reads
// whom a version would change.
func (a *App) trialIsNarrowed(t *testing.T, call access.Call, id string) {
	t.Helper()
	all, err := a.Programme.Trial(t.Context(), call, id, 0)
	if err != nil {
		t.Fatal(err)
	}
	narrow := call
	narrow.Actor.Hidden = []string{all.Changes[0].Doctor}
	if got, err := a.Programme.Trial(t.Context(), narrow, id, 0); err != nil || got.Changes[0].Doctor == all.Changes[0].Doctor {
		t.Errorf("somebody hidden is listed: %v", err)
	}
	for _, role := range []access.Role{organisation.RoleCaseworker, organisation.RoleRegionalLead, organisation.RoleEmployerHR, organisation.RoleBoard, organisation.RoleReferrer, organisation.RoleAdministrator} {
		other := call
		other.Actor.Members = []access.Membership{{Role: role, Organisation: "RX1", Region: "Y56"}}
		if _, err := a.Programme.Trial(t.Context(), other, id, 0); problem.KindOf(err) != problem.NotFound {
			t.Errorf("%s reads a trial: %v", role, err)
		}
	}
	elsewhere := operator(programme.GPScheme, a.Now())
	if _, err := a.Programme.Trial(t.Context(), elsewhere, id, 0); problem.KindOf(err) != problem.NotFound {
		t.Errorf("another programme reads a trial: %v", err)
	}
}

func replayOfAVersion(t *testing.T, a *App, call access.Call) {
	t.Helper()
	row, _, err := a.Programme.RuleSet(t.Context(), "msw", "eligibility", call.Today)
	if err != nil {
		t.Fatal(err)
	}
	id, err := a.Programme.AskTrial(t.Context(), call, row.ID, "eligibility-replay")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen, err := a.Programme.Trial(t.Context(), call, id, 0); err != nil || seen.Answers < 30 || seen.Changed != 0 || !seen.Replay {
		t.Errorf("%+v, %v", seen.Trial, err)
	}
}

func TestTheWorkbenchInTheBrowser(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 160, demoDay)
	v := s.as(t, "national")
	v.open("/rules/new")
	page := v.attempt("/rules/new", fill{"text": "id: eligibility\nname: X\nwhen: now\n", "note": "Kept words"})
	if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, "Line 3, column 1") || !strings.Contains(page.body, "Kept words") || !strings.Contains(page.body, "name: X") {
		t.Errorf("faults are not told by line, or something typed is lost: %d", page.status)
	}
	if page = v.try("/rules"); !strings.Contains(page.body, "Waits for a second person") {
		t.Error("the proposed version is not listed")
	}
}

// A version of the registration rules that is switched on makes the ladders
// from its day on; one that a station could not work with is refused.
func TestSwitchedOnRegistrationRulesMakeTheLadders(t *testing.T) {
	a := newDemo(t, "sqlite::memory:", 120)
	call := operator("msw", a.Now())
	row, found, err := a.Programme.RuleSet(t.Context(), "msw", registration.RoadRuleSet, call.Today)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	second := call
	second.Actor.Account = "somebody else"
	propose := func(text string) programme.RuleSet {
		t.Helper()
		v, err := a.Programme.ProposeRuleSet(t.Context(), call, text, "Only for this test.")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	before, err := a.roadOf(t.Context(), "msw")
	if err != nil || before != a.Road {
		t.Fatal("the road is not the one of the software", err)
	}
	lame := propose(strings.ReplaceAll(row.Text, "CGS", "CGT"))
	if err := a.Programme.DecideRuleSet(t.Context(), second, lame.ID, 1, true); problem.KindOf(err) != problem.Refused {
		t.Errorf("a version without a requirement that ladders need was switched on: %v", err)
	}
	v := propose(row.Text + "\n# the same rules with a remark\n")
	id, err := a.Programme.AskTrial(t.Context(), call, v.ID, "registration")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen, err := a.Programme.Trial(t.Context(), call, id, 0); err != nil || seen.State != programme.TrialDone || seen.Changed != 0 || seen.Cases < 50 {
		t.Errorf("%+v, %v", seen.Trial, err)
	}
	lead := call
	lead.Actor.Members = []access.Membership{{Role: organisation.RoleNationalLead}}
	if seen, err := a.Programme.Trial(t.Context(), lead, id, 0); err != nil || !seen.Withheld {
		t.Errorf("the national lead is told whose exams: %v", err)
	}
	if err := a.Programme.DecideRuleSet(t.Context(), second, v.ID, 1, true); err != nil {
		t.Fatal(err)
	}
	after, err := a.roadOf(t.Context(), "msw")
	if err != nil || after == before {
		t.Errorf("the ladders do not follow what is switched on: %v", err)
	}
	if other, err := a.roadOf(t.Context(), programme.GPScheme); err != nil || other != before {
		t.Errorf("another programme's ladders changed too: %v", err)
	}
}
