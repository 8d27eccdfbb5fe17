package app

import (
	"context"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/eligibility/assessment"
	"msw/internal/organisation"
	"msw/internal/programme"
	"msw/internal/request"
)

// The doctor is reminded of our questions on each rung of the programme's ladder
// once, in words that say nothing; not before, not twice, not after answering. The
// round's request stands as the round does.
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
		stands := func() request.Request {
			r, err := a.Requests.Get(ctx, programme.National, round.Request)
			a.fatal(err)
			return r
		}
		sent := func(on clock.Date) int {
			taken := len(stands().Reminded)
			call := operator(programme.National, clock.StartOf(on).Add(9*60*60*1e9))
			call.Today = on
			for range 2 {
				_, err := a.Requests.Sweep(ctx, call)
				a.fatal(err)
			}
			return len(stands().Reminded) - taken
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
		if r := stands(); r.State != request.Overdue || r.Owes != request.OwesCaseworker {
			t.Errorf("after its last day the request stands %s, owed by %s", r.State, r.Owes)
		}
		a.fatal(a.Eligibility.CloseRound(ctx, assessor, a.ref))
		if r := stands(); r.State != request.Withdrawn {
			t.Errorf("closed without an answer, the request stands %s", r.State)
		}
		round, err = a.Eligibility.Ask(ctx, assessor, a.ref, 0, []eligibility.Question{{Kind: assessment.AskWords, Question: "And when did you qualify?"}})
		a.fatal(err)
		own := operator(programme.National, a.Now())
		own.Actor.Members, own.Actor.Doctor = nil, round.Doctor
		a.fatal(a.Eligibility.Send(ctx, own, true))
		if got := sent(round.Due.AddDays(-rungs[1])); got != 0 {
			t.Errorf("reminded %d times of what was answered", got)
		}
		if r := stands(); r.State != request.Received || r.Round != 2 {
			t.Errorf("answered, the request of round %d stands %s", r.Round, r.State)
		}
		a.fatal(a.Eligibility.JudgeItem(ctx, assessor, a.ref, round.Items[0].ID, false, "We need the year."))
		if r := stands(); r.State != request.Refused {
			t.Errorf("judged not enough, the request stands %s", r.State)
		}
	})
}

// A round that was asked before rounds had requests gets one that tells the same,
// once, with the reminders that were sent.
func TestEarlierRoundsGetTheirRequests(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		ctx, assessor := t.Context(), a.by(a.account("assessor"), organisation.RoleAssessor)
		asked, err := a.Eligibility.Ask(ctx, assessor, a.ref, 0, []eligibility.Question{{Kind: assessment.AskWords, Question: "In which year did you begin to study?"}})
		a.fatal(err)
		a.fatal(a.DB.Tx(ctx, func(ctx context.Context) error {
			_, err := a.DB.Q(ctx).Exec(ctx, `UPDATE eligibility_round SET request_id = '', reminded = '28' WHERE tenant_id = $1 AND doctor_id = $2`, programme.National, asked.Doctor)
			return err
		}))
		for _, want := range []int{1, 0} {
			n, err := a.Eligibility.JoinRounds(ctx, operator(programme.National, a.Now()))
			a.fatal(err)
			if n != want {
				t.Errorf("joined %d rounds, not %d", n, want)
			}
		}
		list, err := a.Requests.Of(ctx, programme.National, asked.Doctor, func(r request.Request) bool { return r.ID != asked.Request && r.Source == "round" })
		a.fatal(err)
		if len(list) != 1 || list[0].State != request.Waiting || list[0].Expires != asked.Due || strings.Join(list[0].Reminded, " ") != "28" {
			t.Errorf("its request: %+v", list)
		}
	})
}
