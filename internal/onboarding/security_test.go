package onboarding

import (
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

func TestHiddenFromARegionIsNotProposedThere(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.post()
		w.hidden["region:Y56"] = []string{"d1"}
		if _, err := w.Propose(w.ctx, caseworker, Proposal{Doctor: "d1", Post: p.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("proposed in a region the doctor hides from: %v", err)
		}
	})
}

// The place of work sees who comes; offers, checks and the evidence behind
// them are the employer's of record.
func TestThePlaceOfWorkDoesNotEmploy(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		host := call("hr-host", access.Membership{Role: "employer_hr", Organisation: "RX2"})
		w.doctor("d1")
		p := must[post.Post](t)(w.posts.Register(w.ctx, system, post.Registration{Details: post.Details{Setting: post.Hospital, Employer: "RX1", Host: "RX2",
			Specialty: "General medicine", MinutesWeek: 1800, Pay: post.Pay{Kind: post.LocalPay, Pence: 3350000}, StartFrom: today + 30,
			ContractEnd: today + 395, Indemnity: post.TrustScheme, Clinical: "sup"}}))
		must[post.Post](t)(w.posts.Approve(w.ctx, system, post.Step{ID: p.ID}))
		p = must[post.Post](t)(w.posts.Open(w.ctx, system, post.Step{ID: p.ID}))
		o := w.propose("d1", p)
		if _, err := w.Offer(w.ctx, host, Making{ID: o.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the place of work made the employer's offer: %v", err)
		}
		o = must[Offer](t)(w.Offer(w.ctx, employer, Making{ID: o.ID}))
		o = must[Offer](t)(w.Accept(w.ctx, byDoctor("d1"), Answer{ID: o.ID}))
		tick := Ticking{ID: o.ID, Ticks: []Tick{{Kind: o.Checks[0], State: Done, On: today, Evidence: "travel_document", Note: "canary evidence"}}}
		if _, err := w.Tick(w.ctx, host, tick); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the place of work ticked the employer's check: %v", err)
		}
		must[Offer](t)(w.Tick(w.ctx, employer, tick))
		seen := must[Sight](t)(w.LookChecks(w.ctx, host, o.ID))
		if len(seen.Checks) != 1 || seen.Checks[0].DoneOn != clock.Date(today) || seen.Checks[0].Note != "" || seen.MaySeeEvidence {
			t.Errorf("the place of work sees %+v", seen.Checks)
		}
	})
}
