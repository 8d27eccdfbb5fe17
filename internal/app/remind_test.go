package app

import (
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/eligibility/assessment"
	"msw/internal/organisation"
	"msw/internal/programme"
)

// The doctor is reminded of our questions on each rung of the programme's ladder
// once, in words that say nothing; not before, not twice, not after answering.
func TestADoctorIsRemindedOfQuestionsOnEachRungOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		ctx, assessor := t.Context(), a.by(a.account("assessor"), organisation.RoleAssessor)
		round, err := a.Eligibility.Ask(ctx, assessor, a.ref, 0, []eligibility.Question{{Kind: assessment.AskWords, Question: "In which year did you begin to study?"}})
		a.fatal(err)
		rungs, err := a.Programme.Numbers(ctx, programme.National, programme.RequestRemindDays)
		a.fatal(err)
		if len(rungs) != 2 || rungs[0] <= rungs[1] || round.Due.AddDays(-rungs[0]) <= round.Asked {
			t.Fatalf("rungs %v of a round from %s to %s", rungs, round.Asked, round.Due)
		}
		sent := func(on clock.Date) (n int) {
			call := operator(programme.National, clock.StartOf(on).Add(9*60*60*1e9))
			call.Today = on
			for range 2 {
				k, err := a.Eligibility.Remind(ctx, call)
				a.fatal(err)
				n += k
			}
			return n
		}
		before := len(a.mailbox.Newest(programme.National, 500))
		for _, step := range []struct {
			on   clock.Date
			want int
		}{{round.Asked, 0}, {round.Due.AddDays(-rungs[0] - 1), 0}, {round.Due.AddDays(-rungs[0]), 1}, {round.Due.AddDays(-rungs[1] - 1), 0}, {round.Due.AddDays(-rungs[1] + 1), 1}, {round.Due, 0}, {round.Due + 1, 0}} {
			if got := sent(step.on); got != step.want {
				t.Errorf("on %s reminded %d times, not %d", step.on, got, step.want)
			}
		}
		a.fatal(a.Worker.Drain(ctx))
		for _, m := range a.mailbox.Newest(programme.National, 500)[:max(0, len(a.mailbox.Newest(programme.National, 500))-before)] {
			if strings.Contains(m.Text, "study") || strings.Contains(m.Text, "question") {
				t.Errorf("the reminder tells too much: %s", m.Text)
			}
		}
		a.fatal(a.Eligibility.CloseRound(ctx, assessor, a.ref))
		round, err = a.Eligibility.Ask(ctx, assessor, a.ref, 0, []eligibility.Question{{Kind: assessment.AskWords, Question: "And when did you qualify?"}})
		a.fatal(err)
		own := operator(programme.National, a.Now())
		own.Actor.Members, own.Actor.Doctor = nil, round.Doctor
		a.fatal(a.Eligibility.Send(ctx, own, true))
		if got := sent(round.Due.AddDays(-rungs[1])); got != 0 {
			t.Errorf("reminded %d times of what was answered", got)
		}
	})
}
