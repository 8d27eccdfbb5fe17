package onboarding

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
)

func TestStopsProposal(t *testing.T) {
	for _, stage := range casefile.Stages() {
		for _, status := range post.Statuses() {
			stops := StopsProposal(stage, post.Post{Status: status})
			may := (stage == casefile.StageEligible || stage == casefile.StageMatched) && status == post.Open
			if (len(stops) == 0) != may {
				t.Errorf("%s doctor, %s post: %v", stage, status, stops)
			}
		}
	}
	if stops := StopsProposal(casefile.StageSupported, post.Post{Status: post.Draft}); len(stops) != 2 {
		t.Errorf("both reasons at once: %v", stops)
	}
}

func TestStopsOfferNamesEveryReason(t *testing.T) {
	ruling := Ruling{Reasons: []string{"Passed PLAB 2.", "Registered with the GMC."}}
	stops := StopsOffer(Offer{State: Declined}, post.Post{Status: post.Filled}, ruling)
	if len(stops) != 4 || !slices.Contains(stops, "Passed PLAB 2.") {
		t.Errorf("%v", stops)
	}
	if len(StopsOffer(Offer{State: Proposed}, post.Post{Status: post.Open}, Ruling{})) != 1 {
		t.Error("a no without a reason must still stop the offer")
	}
	if stops := StopsOffer(Offer{State: Proposed}, post.Post{Status: post.Open}, Ruling{OK: true}); len(stops) != 0 {
		t.Errorf("stopped without cause: %v", stops)
	}
}

func anyChecks(t *rapid.T, owed []string) []Check {
	var out []Check
	for _, kind := range owed {
		if rapid.Bool().Draw(t, "said") {
			state := rapid.SampledFrom([]CheckState{Waiting, Done, CheckProblem}).Draw(t, "state")
			c := Check{Kind: kind, State: state}
			if state == Done {
				c.DoneOn = clock.Date(738000 + rapid.IntRange(0, 400).Draw(t, "day"))
			}
			out = append(out, c)
		}
	}
	return out
}

// Checks are complete exactly when none is outstanding, and one more done never
// takes the start further away.
func TestChecksComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owed := standards()
		checks := anyChecks(t, owed)
		open := Outstanding(owed, checks)
		if (len(open) == 0) != !CompletedOn(owed, checks).IsZero() {
			t.Fatalf("outstanding %v but complete on %v", open, CompletedOn(owed, checks))
		}
		if len(StopsStart(Offer{State: Accepted, Checks: owed}, checks, nil)) != len(open) {
			t.Fatal("not every outstanding check is a reason")
		}
		for _, kind := range open {
			more := append(slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return c.Kind == kind }), Check{Kind: kind, State: Done, DoneOn: 738500})
			if len(Outstanding(owed, more)) != len(open)-1 {
				t.Fatalf("doing %s left %v", kind, Outstanding(owed, more))
			}
		}
	})
}

func TestCheckTicks(t *testing.T) {
	today := clock.MustDate("2022-08-01")
	var owed []CheckKind
	for _, code := range []string{CheckIdentity, CheckRightToWork, CheckWorkHealth, CheckCriminalRecord, CheckHistory} {
		k, _ := theRules(t).Kind(code)
		owed = append(owed, k)
	}
	for name, c := range map[string]struct {
		tick Tick
		ok   bool
	}{
		"done":             {Tick{Kind: CheckIdentity, State: Done, On: today}, true},
		"no date":          {Tick{Kind: CheckIdentity, State: Done}, false},
		"tomorrow":         {Tick{Kind: CheckIdentity, State: Done, On: today + 1}, false},
		"no end":           {Tick{Kind: CheckRightToWork, State: Done, On: today}, true},
		"with end":         {Tick{Kind: CheckRightToWork, State: Done, On: today, Until: today + 900}, true},
		"ended":            {Tick{Kind: CheckRightToWork, State: Done, On: today, Until: today}, false},
		"end of identity":  {Tick{Kind: CheckIdentity, State: Done, On: today, Until: today + 9}, false},
		"about health":     {Tick{Kind: CheckWorkHealth, State: Done, On: today, Note: "vaccinated"}, false},
		"of another offer": {Tick{Kind: "driving_licence", State: Done, On: today}, false},
		"no state":         {Tick{Kind: CheckIdentity}, false},
	} {
		if err := CheckTicks(owed, nil, []Tick{c.tick}, today, false); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No reason of a refusal may be without words, whatever the state.
func TestEveryStateHasWords(t *testing.T) {
	for _, s := range States() {
		if s.Words() == "" {
			t.Errorf("%s has no words", s)
		}
		for _, stop := range slices.Concat(StopsAnswer(Offer{State: s}, true, 1), StopsWithdrawal(Offer{State: s}), StopsStart(Offer{State: s}, nil, nil)) {
			if stop == "" {
				t.Errorf("%s stops without words", s)
			}
		}
		if s.Live() == (len(StopsWithdrawal(Offer{State: s})) > 0) {
			t.Errorf("%s: live and withdrawable differ", s)
		}
	}
}
