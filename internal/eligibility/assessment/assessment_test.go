package assessment

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/rulebook"
	"msw/rules"
)

var today = clock.MustDate("2022-09-01")

func TestNothingHoldsByOnePersonsJudgement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3).Draw(t, "voices")
		var voices []Voice
		for i := range n {
			voices = append(voices, Voice{Seat: Seat(i + 1), By: string(rune('a' + i)), Holds: rapid.Bool().Draw(t, "holds")})
		}
		got := Settle(voices)
		if got.Settled && len(voices) < 2 {
			t.Fatalf("%+v settled", voices)
		}
		if !got.Settled {
			if got.Holds || got.Next == 0 {
				t.Fatalf("%+v: open, but holds or nobody is next", got)
			}
			return
		}
		agree := 0
		for _, v := range voices {
			if v.Holds == got.Holds {
				agree++
			}
		}
		if agree < 2 {
			t.Fatalf("%+v settles as %v, which only %d said", voices, got.Holds, agree)
		}
	})
}

func TestNobodySpeaksTwice(t *testing.T) {
	one := []Voice{{First, "a", true}}
	if MaySit(one, "a") == nil || MaySit(one, "b") != nil {
		t.Fatal("the first person may not be the second, and somebody else may")
	}
	if MaySit([]Voice{{First, "a", true}, {Second, "b", true}}, "c") == nil {
		t.Fatal("a settled judgement takes no third voice")
	}
}

func TestEveryReasonSaysAllThatADoctorNeeds(t *testing.T) {
	c, err := LoadReasons(rules.Checks, "checks/reasons.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]bool{}
	for _, r := range c.All() {
		kinds[r.Kind] = true
		for _, text := range []string{r.Doctor, r.Cure} {
			if !strings.HasSuffix(text, ".") || strings.Contains(text, "applicant") {
				t.Errorf("%s: %q is not a sentence for a doctor", r.Code, text)
			}
		}
	}
	if len(kinds) != 3 {
		t.Errorf("kinds used: %v", kinds)
	}
	for _, s := range Sections() {
		if len(c.On(s, today)) == 0 {
			t.Errorf("section %s has no reason", s)
		}
	}
	if len(c.On(Exclusions, clock.MustDate("2021-01-01"))) != 0 {
		t.Error("a reason is offered before its first day")
	}
}

// What belongs to the application to the GMC is never asked for to join.
func TestNoReasonAsksForWhatOnlyTheGMCNeeds(t *testing.T) {
	c, err := LoadReasons(rules.Checks, "checks/reasons.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.All() {
		text := strings.ToLower(r.Staff + " " + r.Doctor + " " + r.Cure)
		for _, never := range []string{"primary source", "epic", "ecfmg", "good standing", "certificate of current", "plab"} {
			if strings.Contains(text, never) {
				t.Errorf("%s speaks of %q", r.Code, never)
			}
		}
	}
}

func TestReviewIsBySomebodyElseAndLateNeedsAReason(t *testing.T) {
	d := Given{On: today, By: "tom", Voices: []string{"ruth"}}
	if MayReview(d, "tom") == nil || MayReview(d, "ruth") == nil || MayReview(d, "gareth") != nil {
		t.Fatal("who decided or judged may not review; anybody else may")
	}
	for _, c := range []struct {
		day  clock.Date
		late bool
	}{{today, false}, {today + 28, false}, {today + 29, true}} {
		late, no := MayAppeal(d, false, c.day, 28)
		if late != c.late || no != nil {
			t.Errorf("%s: late %v, no %v", c.day, late, no)
		}
	}
	if f, _ := CheckAppeal("You counted one job twice.", "", true); f != "late" {
		t.Error("a late appeal needs a reason")
	}
	if _, no := MayAppeal(Given{Yes: true}, true, today, 28); len(no) != 2 {
		t.Errorf("not all reasons at once: %v", no)
	}
}

func TestLetterHasEveryReasonItsCureAndTheWayOn(t *testing.T) {
	reasons := []LetterReason{{Why: "A.", Cure: "Bring a."}, {Why: "B.", Cure: "Bring b."}}
	l := Compose(Answer{Outcome: "not_eligible", On: today, Rules: "eligibility B", Reasons: reasons, ReviewDays: 28})
	if !slices.Equal(l.Reasons, reasons) || !strings.Contains(l.Review, "29 September 2022") || !strings.Contains(l.Review, "set by this programme") || !strings.Contains(l.Return, "apply again") {
		t.Errorf("%+v", l)
	}
	if l := Compose(Answer{Outcome: "not_eligible", On: today, Barred: today + 365, ReviewDays: 28}); !strings.Contains(l.Return, "after 1 September 2023") {
		t.Error(l.Return)
	}
	if l := Compose(Answer{Outcome: "eligible", On: today, Reasons: reasons}); l.Reasons != nil || l.Review != "" {
		t.Errorf("a yes has no reasons: %+v", l)
	}
	if l := Compose(Answer{Outcome: "eligible", Reversed: true}); !strings.Contains(l.Opening, "changed") {
		t.Error(l.Opening)
	}
}

func TestPriorityWhenAllIsVerifiedButOne(t *testing.T) {
	met, open := rulebook.Outcome{State: rulebook.Met}, rulebook.Outcome{State: rulebook.Unknown}
	fatal := rulebook.Outcome{State: rulebook.Unmet, Reason: &rulebook.Reason{Kind: "fatal"}}
	for _, c := range []struct {
		in   []rulebook.Outcome
		want int
	}{{[]rulebook.Outcome{met, met, open}, Priority}, {[]rulebook.Outcome{met, open, open}, Ordinary}, {[]rulebook.Outcome{met, fatal}, Ordinary}, {[]rulebook.Outcome{met, met}, Ordinary}} {
		if got := Lane(c.in); got != c.want {
			t.Errorf("%d requirements: lane %d", len(c.in), got)
		}
	}
}

func TestMedianIsThatOfTheSortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 60).Draw(t, "days")
		s := Spread{}
		for _, d := range list {
			s[d]++
		}
		slices.Sort(list)
		if got, n, _ := s.Median(); got != list[(len(list)-1)/2] || n != len(list) {
			t.Fatalf("median %d of %v", got, list)
		}
	})
	if _, _, found := (Spread{}).Median(); found {
		t.Error("nothing has no median")
	}
}

func TestAgeAndLight(t *testing.T) {
	friday := clock.MustDate("2022-08-26")
	if got := WorkingDays(friday, friday+4, map[clock.Date]bool{friday + 3: true}); got != 1 {
		t.Errorf("weekend and bank holiday count: %d", got)
	}
	for age, want := range map[int]Light{0: Green, 16: Green, 17: Amber, 20: Amber, 21: Red} {
		if got := Shine(age, 20, 4); got != want {
			t.Errorf("age %d is %s", age, got)
		}
	}
}

func TestOneRoundAfterAnotherAtMostThree(t *testing.T) {
	for _, c := range []struct {
		rounds int
		open   bool
		no     int
	}{{0, false, 0}, {2, false, 0}, {3, false, 1}, {3, true, 2}, {1, true, 1}} {
		if no := MayAsk(c.rounds, c.open, 3); len(no) != c.no {
			t.Errorf("%+v: %v", c, no)
		}
	}
}

func TestWhatIsDoneFirst(t *testing.T) {
	o := Open{Assessing: true, Since: today}
	if s, _ := Next(o); s != StepFirst {
		t.Error(s)
	}
	o.Looked, o.Second = true, today+1
	if s, since := Next(o); s != StepSecond || since != today+1 {
		t.Error(s, since)
	}
	o.Asked = today + 2
	if s, _ := Next(o); s != StepAsked || s.Turn() != "doctor" {
		t.Error(s)
	}
	o.Review = today + 3
	if s, _ := Next(o); s != StepReview {
		t.Error(s)
	}
	if s, _ := Next(Open{}); s != "" {
		t.Error(s)
	}
}

// Whatever a doctor is told to send, the letter says not to turn to anybody
// where that is not safe; a yes asks for nothing.
func TestALetterNeverSendsSomebodyIntoDanger(t *testing.T) {
	reasons := []LetterReason{{Why: "We have not seen enough proof.", Cure: "A letter from each hospital."}}
	for _, outcome := range []string{"not_yet", "supported", "not_eligible", "eligible"} {
		l := Compose(Answer{Outcome: outcome, On: clock.MustDate("2026-11-01"), Reasons: reasons, ReviewDays: 28})
		if got := slices.Contains(l.Next, OnlyIfSafe); got != (outcome != "eligible") {
			t.Errorf("%s: says it %v", outcome, got)
		}
	}
}
