package casefile

import (
	"math/rand"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
)

var day0 = clock.MustDate("2022-01-10")

// path builds milestones a day apart, with one employer.
func path(kinds ...Kind) []Milestone {
	var list []Milestone
	for i, k := range kinds {
		list = append(list, Milestone{Kind: k, On: day0.AddDays(i), Organisation: "RX1", Seq: int64(i + 1)})
	}
	return list
}

func TestDeriveStages(t *testing.T) {
	road := []Kind{Referred, Invited, TakenOver, ApplicationStarted, Submitted, FoundEligible, Proposed, Offered, OfferAccepted, ChecksComplete, Started}
	with := func(more ...Kind) []Kind { return append(append([]Kind(nil), road...), more...) }
	for _, c := range []struct {
		name  string
		kinds []Kind
		stage Stage
		turn  Party
		since int // days after day0
	}{
		{"nothing yet", nil, StageReferred, PartyCaseworker, -1},
		{"referred", road[:1], StageReferred, PartyCaseworker, 0},
		{"invited", road[:2], StageReferred, PartyDoctor, 1},
		{"begun: the turn goes on", road[:4], StageApplying, PartyDoctor, 2},
		{"submitted", road[:5], StageAssessing, PartyAssessor, 4},
		{"eligible", road[:6], StageEligible, PartyProgramme, 5},
		{"proposed", road[:7], StageMatched, PartyEmployer, 6},
		{"offered", road[:8], StageMatched, PartyDoctor, 7},
		{"checks", road[:10], StageChecking, PartyEmployer, 8},
		{"in post", road, StageInPost, PartyDoctor, 10},
		{"second referral while in post", with(Referred, Invited, Submitted), StageInPost, PartyDoctor, 10},
		{"eligible again at start", append(append([]Kind(nil), road[:10]...), FoundEligible), StageChecking, PartyEmployer, 8},
		{"not eligible at start", append(append([]Kind(nil), road[:10]...), FoundNotEligible), StageClosed, PartyNobody, 10},
		{"eligible on review", append(append([]Kind(nil), road[:5]...), FoundNotEligible, FoundEligible), StageEligible, PartyProgramme, 6},
		{"declined", append(append([]Kind(nil), road[:8]...), OfferDeclined), StageEligible, PartyProgramme, 8},
		{"ended", with(Ended), StageEnded, PartyCaseworker, 11},
		{"registered, then the post ends", with(Registered, Ended), StageRegistered, PartyDoctor, 11},
		{"doctor post", with(Ended, Registered, DoctorPost), StageDoctorPost, PartyNobody, 13},
		{"left", with(Ended, Left), StageClosed, PartyNobody, 12},
		{"left, registered later", with(Ended, Left, Registered), StageRegistered, PartyDoctor, 13},
		{"not known", with(Ended, OutcomeUnknown), StageEnded, PartyNobody, 12},
		{"supported", append(append([]Kind(nil), road[:5]...), FoundSupported), StageSupported, PartyDoctor, 5},
		{"closed", append(append([]Kind(nil), road[:5]...), Closed, FoundEligible, Started), StageClosed, PartyNobody, 5},
		{"reopened where it stood", append(append([]Kind(nil), road[:5]...), Closed, Reopened), StageAssessing, PartyAssessor, 6},
		{"not eligible, then reopened", append(append([]Kind(nil), road[:5]...), FoundNotEligible, Reopened), StageAssessing, PartyCaseworker, 6},
		{"paused keeps the place", append(append([]Kind(nil), road[:6]...), Paused), StageEligible, PartyDoctor, 5},
		{"resumed keeps the place", append(append([]Kind(nil), road[:6]...), Paused, Resumed), StageEligible, PartyProgramme, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Derive(Input{Opened: day0.AddDays(-1), Milestones: path(c.kinds...)})
			if d.Stage != c.stage || d.Turn != c.turn || d.Since != day0.AddDays(c.since) {
				t.Errorf("got %s, turn %s since %s; want %s, %s since %s", d.Stage, d.Turn, d.Since, c.stage, c.turn, day0.AddDays(c.since))
			}
		})
	}
}

func TestDeriveOffersSideBySide(t *testing.T) {
	at := func(k Kind, org string, n int) Milestone {
		return Milestone{Kind: k, On: day0.AddDays(n), Organisation: org, Seq: int64(n + 1)}
	}
	list := []Milestone{at(FoundEligible, "", 0), at(Proposed, "A", 1), at(Proposed, "B", 2), at(Offered, "B", 3)}
	for _, c := range []struct {
		add  Milestone
		turn Party
		org  string
	}{
		{at(OfferDeclined, "B", 4), PartyEmployer, "A"},
		{at(OfferWithdrawn, "A", 5), PartyProgramme, ""},
	} {
		list = append(list, c.add)
		if d := Derive(Input{Milestones: list}); d.Turn != c.turn || d.Organisation != c.org {
			t.Errorf("after %s of %s: turn %s, employer %q; want %s, %q", c.add.Kind, c.add.Organisation, d.Turn, d.Organisation, c.turn, c.org)
		}
	}
}

func TestDeriveHoldsAndAlarms(t *testing.T) {
	in := Input{Caseworker: "cw", Milestones: path(Referred), Holds: []Hold{{ID: "1", Party: PartyGMC, From: day0, Until: day0.AddDays(30)}}}
	if d := Derive(in); d.Turn != PartyGMC || d.NextDate != day0.AddDays(30) || !d.Flags.Has(FlagHeld) || d.Since != day0 {
		t.Errorf("on hold: %+v", d)
	}
	in.Holds = nil
	in.Tasks = []Task{{Kind: "urgent", Urgent: true}}
	if d := Derive(in); d.TurnOwner != "cw" || !d.Flags.Has(FlagUrgent) || !d.Active() {
		t.Errorf("urgent: %+v", d)
	}
	in.Milestones = path(Referred, Closed)
	if d := Derive(in); !d.Active() {
		t.Error("a closed case with an alarm must stay among the active ones")
	}
}

var anyMilestones = rapid.Custom(func(t *rapid.T) []Milestone {
	kinds := rapid.SliceOfN(rapid.SampledFrom(Kinds()), 0, 20).Draw(t, "kinds")
	list := make([]Milestone, len(kinds))
	for i, k := range kinds {
		list[i] = Milestone{Kind: k, On: day0.AddDays(i * rapid.IntRange(1, 9).Draw(t, "gap")), Seq: int64(i + 1),
			Organisation: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "org"),
			Owing:        rapid.SampledFrom([]Party{"", "", PartyGMC, PartySupervisor}).Draw(t, "owing")}
	}
	return list
})

func TestDeriveIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Derive(Input{Opened: day0, Milestones: anyMilestones.Draw(t, "milestones")})
		if !d.Stage.Known() || !d.Turn.Known() || d.Since == 0 {
			t.Fatalf("a case without stage, turn or day: %+v", d)
		}
	})
}

func TestClosedStaysClosed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyMilestones.Draw(t, "milestones")
		last := day0.AddDays(1000)
		list = append(list, Milestone{Kind: Closed, On: last, Seq: 100})
		for i, m := range anyMilestones.Draw(t, "later") {
			if m.Kind == Reopened {
				continue
			}
			m.On, m.Seq = last.AddDays(i+1), int64(101+i)
			list = append(list, m)
		}
		if d := Derive(Input{Milestones: list}); d.Stage != StageClosed || d.Turn != PartyNobody {
			t.Fatalf("closed moved to %s, turn %s", d.Stage, d.Turn)
		}
	})
}

func TestOrderOfRecordingDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyMilestones.Draw(t, "milestones")
		for i := range list { // one a day
			list[i].On = day0.AddDays(i)
		}
		want := Derive(Input{Opened: day0, Milestones: list})
		shuffled := append([]Milestone(nil), list...)
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		for i := range shuffled {
			shuffled[i].Seq = int64(i + 1)
		}
		if got := Derive(Input{Opened: day0, Milestones: shuffled}); got != want {
			t.Fatalf("recorded in another order: %+v, want %+v", got, want)
		}
	})
}

func TestWordsForEverything(t *testing.T) {
	for _, s := range Stages() {
		if !s.Known() || s.Coarse() == "" {
			t.Errorf("stage %q has no words", s)
		}
	}
	for _, k := range Kinds() {
		if !k.Known() {
			t.Errorf("kind %q has no words", k)
		}
	}
	for _, p := range Parties() {
		if !p.Known() {
			t.Errorf("party %q has no words", p)
		}
	}
}
