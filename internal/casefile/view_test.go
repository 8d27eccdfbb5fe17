package casefile

import (
	"slices"
	"testing"

	"msw/internal/access"
)

// everything is a timeline with each kind once, each with a code of its own,
// at the employer RX1, after a first one at RX9.
func everything() []Milestone {
	list := []Milestone{{Kind: Proposed, On: day0, Code: "canary_elsewhere", Organisation: "RX9"}, {Kind: Started, On: day0, Code: "canary_elsewhere", Organisation: "RX9"}}
	for i, k := range Kinds() {
		list = append(list, Milestone{Kind: k, On: day0.AddDays(i + 1), Code: "canary_" + string(k), Organisation: "RX1"})
	}
	return list
}

func TestTimelineCanaryPerRole(t *testing.T) {
	c := Case{Tenant: tenant, Doctor: "d1", Region: "Y56", Supervisors: []string{supervisor.Actor.Account},
		Derived: Derived{Stage: StageSupported, Turn: PartyDoctor, Organisation: "RX1", Flags: FlagUrgent}}
	var all []Kind
	for _, k := range Kinds() {
		all = append(all, k)
	}
	hiddenFrom := caseworker
	hiddenFrom.Actor.Hidden = []string{"d1"}
	for _, row := range []struct {
		name    string
		who     access.Call
		kinds   []Kind
		codes   []Kind // of which the reason may be read
		lines   int    // all lines, those of the other employer included
		stage   Stage
		alarmed bool
	}{
		{"doctor", byDoctor("d1"), all, all, len(all) + 2, StageSupported, true},
		{"caseworker", caseworker, all, all, len(all) + 2, StageSupported, true},
		{"region", london, slices.DeleteFunc(slices.Clone(all), func(k Kind) bool { return k == FoundSupported }), nil, len(all) + 2, StageNotYet, true},
		{"other region", north, nil, nil, 0, StageNotYet, false},
		{"employer", employer, []Kind{Proposed, Offered, OfferAccepted, OfferDeclined, OfferWithdrawn, ChecksComplete, Started, Ended, Registered}, []Kind{Ended}, 9, StageNotYet, false},
		{"other employer", other, nil, nil, 0, StageNotYet, false},
		{"supervisor", supervisor, []Kind{Started, Ended, Registered}, nil, 4, StageNotYet, false},
		{"referrer", charity, nil, nil, 0, StageNotYet, false},
		{"board", board, nil, nil, 0, StageNotYet, false},
		{"another doctor", byDoctor("d2"), nil, nil, 0, StageNotYet, false},
		{"caseworker from whom they hid", hiddenFrom, nil, nil, 0, StageNotYet, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := ViewsOf(row.who.Actor, c)
			lines := v.Timeline(everything())
			if len(lines) != row.lines {
				t.Errorf("%d lines, want %d", len(lines), row.lines)
			}
			for _, k := range all {
				shown := slices.ContainsFunc(lines, func(l Line) bool { return l.Kind == k && l.Words == k.Words() })
				if shown != slices.Contains(row.kinds, k) {
					t.Errorf("%s is shown: %v", k, shown)
				}
				told := slices.ContainsFunc(lines, func(l Line) bool { return l.Code == "canary_"+string(k) })
				if told != slices.Contains(row.codes, k) {
					t.Errorf("the reason of %s is told: %v", k, told)
				}
			}
			elsewhere := slices.ContainsFunc(lines, func(l Line) bool { return l.Organisation == "RX9" })
			if elsewhere && (row.name == "employer" || row.name == "supervisor") {
				t.Error("another employer is named")
			}
			if got := v.See(c); got.Stage != row.stage || got.Flags.Has(FlagUrgent) != row.alarmed {
				t.Errorf("stage %s, urgent %v", got.Stage, got.Flags.Has(FlagUrgent))
			}
		})
	}
}

func TestRegionDoesNotLearnWhoReferred(t *testing.T) {
	c := Case{Tenant: tenant, Doctor: "d1", Region: "Y56"}
	for _, l := range ViewsOf(london.Actor, c).Timeline([]Milestone{{Kind: Referred, On: day0, Organisation: "CHARITY"}}) {
		if l.Organisation != "" {
			t.Errorf("the region reads %q", l.Organisation)
		}
	}
}

func TestTasksPerRole(t *testing.T) {
	c := Case{Tenant: tenant, Doctor: "d1", Region: "Y56", Supervisors: []string{supervisor.Actor.Account}, Derived: Derived{Organisation: "RX1"}}
	var list []Task
	for _, p := range Parties() {
		list = append(list, Task{Kind: string(p), Party: p})
	}
	list = append(list, Task{Kind: "mine", Party: PartyEmployer, Owner: "RX1"}, Task{Kind: "theirs", Party: PartyEmployer, Owner: "RX2"},
		Task{Kind: "another supervisor", Party: PartySupervisor, Owner: "acc-other"})
	for _, row := range []struct {
		who   access.Call
		kinds []string
	}{
		{byDoctor("d1"), []string{"doctor"}},
		{byDoctor("d2"), nil},
		{employer, []string{"mine"}},
		{other, nil},
		{supervisor, []string{"supervisor"}},
		{london, []string{"programme"}},
		{charity, nil},
		{board, nil},
	} {
		var got []string
		for _, task := range ViewsOf(row.who.Actor, c).Tasks(list) {
			got = append(got, task.Kind)
		}
		if !slices.Equal(got, row.kinds) {
			t.Errorf("%s sees %v, want %v", row.who.Actor.Account, got, row.kinds)
		}
	}
	if n := len(ViewsOf(caseworker.Actor, c).Tasks(list)); n != len(list) {
		t.Errorf("the caseworker sees %d of %d", n, len(list))
	}
}

// A referrer's answer must be the same for every stage between received and in
// post, whatever was found, and never name anyone of the programme.
func TestCoarseTellsNothingMore(t *testing.T) {
	same := map[Stage]Coarse{StageReferred: CoarseReceived, StageInPost: CoarseInPost, StageRegistered: CoarseRegistered,
		StageDoctorPost: CoarseRegistered, StageClosed: CoarseClosed}
	for _, st := range Stages() {
		want := same[st]
		if want == "" {
			want = CoarseChecked
		}
		for _, p := range Parties() {
			got := Case{Derived: Derived{Stage: st, Turn: p, Flags: FlagPaused | FlagHeld | FlagUrgent}}.Coarse()
			if got.Answer != want || !slices.Contains([]string{"", "the doctor", "the employer", "the programme team", "you"}, got.On) {
				t.Errorf("%s, turn %s: %+v", st, p, got)
			}
		}
	}
}
