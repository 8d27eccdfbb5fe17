package registration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/rulebook"
)

// readers are every kind of reader with less than all rights.
func readers() map[string]View {
	as := func(role access.Role, shared ...string) View {
		return ViewOf(access.Actor{Account: "a", Members: []access.Membership{{Role: role}}}, "d1", shared...)
	}
	return map[string]View{
		"national": as(organisation.RoleNationalLead), "region": as(organisation.RoleRegionalLead), "employer": as(organisation.RoleEmployerHR),
		"supervisor": as(organisation.RoleSupervisor), "referrer": as(organisation.RoleReferrer), "referrer with exams": as(organisation.RoleReferrer, fact.ShareExams),
		"referrer with the application": as(organisation.RoleReferrer, fact.ShareApplication), "referrer with immigration": as(organisation.RoleReferrer, fact.ShareImmigration),
		"board": as(organisation.RoleBoard), "nobody": {},
	}
}

func text(t interface{ Fatal(...any) }, l Ladder) string {
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// anyFacts draws facts of every kind that ladders read.
func anyFacts(t *rapid.T, label string, most int) []fact.Record {
	on := func() string {
		return day("2026-11-22").AddDays(rapid.IntRange(-900, 300).Draw(t, label+" day")).String()
	}
	pick := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, label+" code") }
	score := func() int { return rapid.SampledFrom([]int{60, 70, 75, 80}).Draw(t, label+" score") }
	truth := func() bool { return rapid.Bool().Draw(t, label+" truth") }
	var list []fact.Record
	for range rapid.IntRange(0, most).Draw(t, label) {
		var r fact.Record
		switch rapid.IntRange(0, 9).Draw(t, label+" kind") {
		case 0, 1:
			r = rec(fact.EnglishTest, on(), "test", pick("IELTS", "IELTS"), "overall", score(), "listening", score(), "reading", score(), "writing", score(), "speaking", score(), "outcome", pick("passed", "failed", "booked"))
		case 2, 3, 4:
			r = rec(fact.Exam, on(), "name", pick("PLAB1", "PLAB2"), "outcome", pick("passed", "failed", "booked", "awaited"), "attempt", rapid.IntRange(1, 5).Draw(t, label+" attempt"))
		case 5:
			r = rec(fact.RightToWork, on(), "category", pick("refugee", "skilled_worker", "citizen"), "may_work", truth())
			r.Until = r.On.AddDays(rapid.IntRange(1, 1500).Draw(t, label+" until"))
		case 6:
			r = rec("registration_step", on(), "name", pick("psv", "application", "fee", "identity_invitation", "account"), "outcome", pick("done", "sent", "started"))
		case 7:
			r = rec("good_standing", on(), "regulator", pick("One", "Two"), "certificate", pick("signed", "asked", "not_possible"))
		case 8:
			r = rec("contact_permission", on(), "party", pick("institution", "regulator"), "allowed", truth())
		default:
			r = rec("gmc_decision", on(), "about", pick("internship", "qualification"), "accepted", truth())
		}
		list = append(list, r)
	}
	return list
}

// What a reader may not know makes no difference at all to what they are shown:
// not a state, a date, an advice, a warning or a bar.
func TestWhatAReaderMayNotKnowMakesNoDifference(t *testing.T) {
	road := ladderRoad(t)
	differed := map[string]int{}
	for name, view := range readers() {
		rapid.Check(t, func(t *rapid.T) {
			in := onDay
			in.Post = Post{Starts: day("2026-05-01"), Ends: day("2027-04-30"), Funded: day("2027-03-31"), Waiting: rapid.Bool().Draw(t, "waiting")}
			common := append(practised(), anyFacts(t, "common", 4)...)
			a, b := in.with(common...), in.with(common...)
			// the same facts for this reader, and any others beside them
			for i, r := range anyFacts(t, "hidden", 6) {
				if _, ok := visible(view, r); !ok {
					r.ID = fmt.Sprintf("hidden%d", i)
					b.Facts = append(b.Facts, r)
				}
			}
			full := text(t, road.Climb(a)) != text(t, road.Climb(b))
			if got, want := text(t, road.Climb(b).For(view)), text(t, road.Climb(a).For(view)); got != want {
				t.Fatalf("%s can tell:\n%s\nfrom\n%s", name, got, want)
			}
			if full {
				differed[name]++
			}
		})
		if differed[name] == 0 && !view.May(RightAll) {
			t.Errorf("%s: the facts that were tried made no difference to anybody, so this shows nothing", name)
		}
	}
}

// TestTheBoardsWindowsAreThoseOfTheLadder: the short way for the board shows each
// reader what the whole ladder would.
func TestTheBoardsWindowsAreThoseOfTheLadder(t *testing.T) {
	road := ladderRoad(t)
	rapid.Check(t, func(t *rapid.T) {
		l := road.Climb(Inputs{On: onDay.On, Facts: anyFacts(t, "facts", 8), Post: Post{Starts: day("2026-06-01"), Ends: day("2027-05-31")}})
		for name, view := range readers() {
			if got, want := fmt.Sprint(l.windowsFor(view)), fmt.Sprint(l.For(view).Windows); got != want {
				t.Fatalf("%s: %s\nand on the ladder %s", name, got, want)
			}
		}
	})
}

func TestNoWordOfAFailReachesThoseWithoutTheRight(t *testing.T) {
	road := ladderRoad(t)
	in := onDay
	in.Post = Post{Starts: day("2026-05-01"), Ends: day("2027-04-30")}
	in.Paid = []Payment{{Fee: "PLAB2", On: day("2026-01-01"), Pence: 49900}}
	in = in.with(practised()...).with(refugee("2027-02-03"), ielts("2025-12-20"), poorIELTS("2026-08-04"), plab(1, "2026-02-10", "passed"),
		rec(fact.Exam, "2026-07-14", "name", "PLAB2", "outcome", "failed", "attempt", 3), rec(fact.Exam, "2027-01-15", "name", "PLAB2", "outcome", "booked", "attempt", 4))
	for name, view := range readers() {
		l := road.Climb(in).For(view)
		for i := range l.Rungs { // what the rules say is the same for everyone
			l.Rungs[i].Sources, l.Rungs[i].Title, l.Rungs[i].Proof = nil, "", ""
		}
		got := text(t, l)
		bad := []string{"2026-07-14", "14 July", "2026-08-04", "2027-01-15", "15 January", "failed", "not passed", "attempt", "half", "Free for"}
		if view.May(RightFails) {
			bad = []string{"half", "Free for"}
		}
		if !view.May(RightPermission) {
			bad = append(bad, "2027-02-03", "3 February 2027", "permission to live")
		}
		for _, b := range bad {
			if strings.Contains(got, b) {
				t.Errorf("%s is shown %q: %s", name, b, got)
			}
		}
		if !view.May(forecastNeeds) && (!l.Forecast.Hidden || !l.Forecast.Earliest.IsZero() || len(l.Next) > 0 || len(l.Routes) > 0 || l.Complete) {
			t.Errorf("%s is shown a forecast or what follows from one: %+v", name, l.Forecast)
		}
		if ledger := road.Costs(in).For(view); !ledger.Hidden || len(ledger.Lines) > 0 || ledger.Spent+ledger.ToPay+ledger.Saved != 0 {
			t.Errorf("%s is shown costs: %+v", name, ledger)
		}
	}
	employer := road.Climb(in).For(readers()["employer"])
	if r := employer.Rung("PLAB1"); r.State != RungPass || r.Passed != day("2026-02-10") {
		t.Errorf("an employer may know of a pass: %+v", r)
	}
	if r := employer.Rung("ENG"); r.State != RungPass || r.Passed != day("2025-12-20") || !r.Until.IsZero() {
		t.Errorf("an English pass is shown without whether it counts: %+v", r)
	}
	if collision(employer, CollisionPermissionPost) == nil {
		t.Error("an employer who may know the end of a permission is not warned")
	}
	own := road.Climb(in).For(ViewOf(access.Actor{Account: "x", Doctor: "d1"}, "d1"))
	if len(own.Next) == 0 || own.Forecast.Hidden {
		t.Error("the doctor sees less than everything")
	}
}

// mayTakeAway names for each kind of fact which requirements a further verified
// fact may make unmet, because a rule says so: the most recent sitting or
// permission counts, a longer internship asks for more, new work asks for a
// reference, the newest step speaks.
var mayTakeAway = map[string][]string{
	fact.EnglishTest:     {"ENG-IELTS", "ENG-OET", "ENG-SELR", "ENG-EXT", "ENG", "ENG-PLAB", "SPON", "ROUTE", "READY-FULL", "READY-PROV"},
	fact.Exam:            {"PLAB1-ATT", "PLAB2-ATT"},
	fact.RightToWork:     {"REF-FEE"},
	"registration_step":  {"GMC-ACC", "PMQ-PSV", "CGS", "DECL", "FEE", "APP-OPEN", "READY-FULL", "READY-PROV"},
	"good_standing":      {"CGS", "READY-FULL", "READY-PROV"},
	"gmc_decision":       {"PMQ-OK", "INT-P1", "INT-P2", "INT", "ACT-5Y", "READY-FULL", "READY-PROV"},
	"contact_permission": {},
}

func TestMoreEvidenceTakesAwayOnlyWhatARuleNames(t *testing.T) {
	road := ladderRoad(t)
	set, err := road.book.Set(RoadRuleSet, onDay.On)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		base := append(practised(), anyFacts(t, "base", 8)...)
		before := set.Evaluate(fact.Rules(base), onDay.On)
		for _, more := range anyFacts(t, "more", 2) {
			after := set.Evaluate(fact.Rules(append(base[:len(base):len(base)], more)), onDay.On)
			for i := range before.Requirements {
				id := before.Requirements[i].ID
				if before.Requirements[i].State == rulebook.Met && after.Requirements[i].State != rulebook.Met && !contains(mayTakeAway[more.Kind], id) {
					t.Fatalf("a verified %s of %s %v takes away %s", more.Kind, more.On, more.Fields, id)
				}
			}
		}
	})
}

func contains(list []string, id string) bool {
	for _, s := range list {
		if s == id {
			return true
		}
	}
	return false
}

// An answer holds up to the day it names, whatever day in between is asked.
func TestMovingTheDateOnlyMovesWindows(t *testing.T) {
	road := ladderRoad(t)
	set, err := road.book.Set(RoadRuleSet, onDay.On)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		facts := fact.Rules(append(append(practised(), papers()...), anyFacts(t, "facts", 8)...))
		before := set.Evaluate(facts, onDay.On)
		later := onDay.On.AddDays(rapid.IntRange(0, 500).Draw(t, "days"))
		after := set.Evaluate(facts, later)
		for i := range before.Requirements {
			a, b := &before.Requirements[i], &after.Requirements[i]
			if (a.Until.IsZero() || later <= a.Until) && a.State != b.State {
				t.Fatalf("%s is %s until %s, and %s on %s", a.ID, a.State, a.Until, b.State, later)
			}
		}
	})
}

// A ladder is the same whenever it is made, and whoever else is being looked at.
func TestTheSameInputsGiveTheSameLadder(t *testing.T) {
	road := ladderRoad(t)
	rapid.Check(t, func(t *rapid.T) {
		in := onDay.with(append(practised(), anyFacts(t, "facts", 8)...)...)
		in.On = clock.Date(int(in.On) + rapid.IntRange(-300, 300).Draw(t, "on"))
		first := text(t, road.Climb(in))
		road.Climb(onDay.with(anyFacts(t, "others", 5)...))
		if second := text(t, road.Climb(in)); first != second {
			t.Fatalf("two ladders of one case differ:\n%s\n%s", first, second)
		}
	})
}

// The ladder and "msw rules check" are one answer in two forms: a rung is good
// exactly where the rules say met of the same facts, and what the rules leave
// unmet or unknown is something to do, in progress, waited for, blocked or
// spared, never more.
func TestTheLadderSaysNoMoreAndNoLessThanTheRules(t *testing.T) {
	road := ladderRoad(t)
	good := map[RungState]bool{RungMet: true, RungMetUntil: true, RungLapses: true, RungLikely: true, RungAccepted: true}
	open := map[RungState]bool{RungToDo: true, RungDoing: true, RungWaiting: true, RungBlocked: true, RungUnknown: true}
	rapid.Check(t, func(t *rapid.T) {
		in := onDay.with(append(append(practised(), papers()...), anyFacts(t, "facts", 8)...)...)
		in.On = clock.Date(int(in.On) + rapid.IntRange(-200, 200).Draw(t, "on"))
		set, err := road.book.Set(RoadRuleSet, in.On)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]rulebook.Outcome{}
		for _, o := range set.Evaluate(fact.Rules(in.Facts), in.On).Requirements {
			said[o.ID] = o
		}
		for _, r := range road.Climb(in).Rungs {
			o := said[r.ID]
			if r.State == RungNotNeeded {
				continue
			}
			if o.State == rulebook.Met && !good[r.State] || o.State != rulebook.Met && !open[r.State] {
				t.Fatalf("the rules say %s of %s, the ladder %s: %s", o.State, r.ID, r.State, r.Why)
			}
			if o.State == rulebook.Met && o.Until != r.Until {
				t.Fatalf("%s: the rules say until %s, the ladder %s", r.ID, o.Until, r.Until)
			}
		}
	})
}
