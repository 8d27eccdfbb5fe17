package onboarding

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"msw/internal/casefile"
	"msw/internal/post"
	"msw/internal/problem"
)

func reasons(err error) string {
	if e, ok := errors.AsType[*problem.Error](err); ok {
		return strings.Join(e.Reasons, "|")
	}
	return ""
}

func TestFromProposalToChecksComplete(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		p := w.post()
		o := w.propose("d1", p)
		if _, err := w.Propose(ctx, caseworker, Proposal{Doctor: "d1", Post: p.ID}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("proposed twice: %v", err)
		}
		if _, err := w.Offer(ctx, other, Making{ID: o.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another trust offered: %v", err)
		}
		if _, err := w.Offer(ctx, caseworker, Making{ID: o.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the team offered for the employer: %v", err)
		}
		o = must[Offer](t)(w.Offer(ctx, employer, Making{ID: o.ID, Version: o.Version}))
		if o.ReplyBy != today+9 || o.Rule == "" || o.Terms.Pay.Pence != 3350000 || o.Terms.WholeTime != 800 {
			t.Fatalf("offered %+v", o)
		}
		if !slices.Contains(*w.sent, JobOffered+" d1") {
			t.Error("nobody is told of the offer")
		}
		if _, err := w.Accept(ctx, byDoctor("d2"), Answer{ID: o.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another doctor accepted: %v", err)
		}
		o = must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: o.ID, Version: o.Version}))
		if len(o.Checks) != 7 || w.stage("d1") != casefile.StageChecking {
			t.Fatalf("accepted %+v, the case is %s", o, w.stage("d1"))
		}
		w.tickAll(o)
		o = must[Offer](t)(w.Get(ctx, tenant, o.ID))
		if o.State != Checked || o.CheckedOn != today || len(must[[]string](t)(w.StartStops(ctx, tenant, o))) != 0 {
			t.Fatalf("after all checks %+v", o)
		}
		back := must[Offer](t)(w.Tick(ctx, employer, Ticking{ID: o.ID, Ticks: []Tick{{Kind: CheckHistory, State: CheckProblem, NoNote: true}}}))
		stops := must[[]string](t)(w.StartStops(ctx, tenant, back))
		if back.State != Accepted || len(stops) != 1 || !strings.Contains(stops[0], "Employment history") {
			t.Errorf("a check taken back: %s, %v", back.State, stops)
		}
		if n, err := w.cases.Recheck(ctx, tenant); n != 0 || err != nil {
			t.Errorf("%d cases differ from what they derive from (%v)", n, err)
		}
	})
}

// tickAll does the checks one after another, and nothing is complete before the
// last.
func (w world) tickAll(o Offer) {
	w.t.Helper()
	for i, kind := range o.Checks {
		tick := Tick{Kind: kind, State: Done, On: today - 3 + 1}
		if i == len(o.Checks)-1 {
			tick.On = today
		}
		tick.Evidence, tick.Detail = proof(kind)
		if kind == CheckRightToWork {
			tick.Until, tick.Note = today+900, "Share code canary"
		}
		next := must[Offer](w.t)(w.Tick(w.ctx, employer, Ticking{ID: o.ID, Ticks: []Tick{tick}}))
		if (next.State == Checked) != (i == len(o.Checks)-1) {
			w.t.Fatalf("after %d checks the offer is %s", i+1, next.State)
		}
	}
}

func TestRefusals(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		p := w.post()
		w.doctor("supported", casefile.FoundSupported)
		_, err := w.Propose(ctx, caseworker, Proposal{Doctor: "supported", Post: p.ID})
		if problem.KindOf(err) != problem.Refused || !strings.Contains(reasons(err), "cannot be employed yet") {
			t.Errorf("a supported doctor was proposed: %v", err)
		}
		if _, err := w.Propose(ctx, north, Proposal{Doctor: "supported", Post: p.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another region proposed: %v", err)
		}
		w.doctor("d1")
		o := w.propose("d1", p)
		w.rulings["d1 offer"] = []string{"Passed PLAB 2 on 3 July 2022.", "Right to work ended on 1 July 2022."}
		if _, err = w.Offer(ctx, employer, Making{ID: o.ID}); reasons(err) != "Passed PLAB 2 on 3 July 2022.|Right to work ended on 1 July 2022." {
			t.Errorf("not every reason: %v", err)
		}
		delete(w.rulings, "d1 offer")
		if _, err = w.Accept(ctx, byDoctor("d1"), Answer{ID: o.ID}); problem.KindOf(err) != problem.Refused {
			t.Errorf("accepted before an offer: %v", err)
		}
		if _, err = w.Withdraw(ctx, caseworker, Withdrawal{ID: o.ID, Reason: "because"}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("withdrawn for no listed reason: %v", err)
		}
		must[Offer](t)(w.Offer(ctx, employer, Making{ID: o.ID}))
		o = must[Offer](t)(w.Decline(ctx, byDoctor("d1"), Answer{ID: o.ID}))
		if o.Reason != "not_said" || w.stage("d1") != casefile.StageEligible {
			t.Errorf("declined for %q, the case is %s", o.Reason, w.stage("d1"))
		}
		if p := must[post.Post](t)(w.posts.Get(ctx, tenant, p.ID)); p.Status != post.Open {
			t.Errorf("the post is %s", p.Status)
		}
		w.propose("d1", p) // a doctor who said no may be asked again
	})
}

func TestHiddenPairDoesNotExist(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		w.doctor("d1")
		p := w.post()
		_, missing := w.Propose(ctx, caseworker, Proposal{Doctor: "d1", Post: "NOSUCHONE"})
		for _, subject := range []string{"org:RX1", "place:E1", "account:sup"} {
			w.hidden[subject] = []string{"d1"}
			_, err := w.Propose(ctx, caseworker, Proposal{Doctor: "d1", Post: p.ID})
			if err == nil || err.Error() != missing.Error() || problem.KindOf(err) != problem.NotFound {
				t.Errorf("hidden from %s: %v, a missing post: %v", subject, err, missing)
			}
			delete(w.hidden, subject)
		}
		o := w.propose("d1", p)
		w.hidden["org:RX1"] = []string{"d1"}
		if _, err := w.Offer(ctx, employer, Making{ID: o.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("offered to somebody who hid since: %v", err)
		}
		blind := employer
		blind.Actor.Hidden = []string{"d1"}
		if rows := must[[]Row](t)(w.List(ctx, blind, Query{})); len(rows) != 0 {
			t.Errorf("a hidden doctor is listed: %+v", rows)
		}
		if _, err := w.Look(ctx, blind, o.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a hidden doctor's offer is shown: %v", err)
		}
	})
}

// Two doctors accept the same post at once: one wins, the other is told.
func TestOnePostOneDoctor(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.post()
		doctors := []string{"d1", "d2"}
		var offers []Offer
		for _, d := range doctors {
			w.doctor(d)
			offers = append(offers, w.offered(d, p))
		}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.Accept(w.ctx, byDoctor(doctors[i]), Answer{ID: offers[i].ID}) })
		}
		wg.Wait()
		won := slices.Index(errs, nil)
		if won < 0 || errs[1-won] == nil {
			t.Fatalf("both or none won: %v", errs)
		}
		if k := problem.KindOf(errs[1-won]); k != problem.Conflict && k != problem.Refused {
			t.Errorf("the other got %v", errs[1-won])
		}
		held := must[post.Post](t)(w.posts.Get(w.ctx, tenant, p.ID))
		lost := must[Offer](t)(w.Get(w.ctx, tenant, offers[1-won].ID))
		if held.Holder != offers[won].ID || held.Status != post.Filled || lost.State != Withdrawn || lost.Reason != "post_taken" {
			t.Errorf("post held by %q, the other offer is %s for %q", held.Holder, lost.State, lost.Reason)
		}
		if w.stage(doctors[1-won]) != casefile.StageEligible || w.stage(doctors[won]) != casefile.StageChecking {
			t.Errorf("winner %s, other %s", w.stage(doctors[won]), w.stage(doctors[1-won]))
		}
	})
}

// One doctor accepts one of two offers: the other ends.
func TestOneDoctorOnePost(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		first, second := w.offered("d1", w.post()), w.offered("d1", w.post())
		must[Offer](t)(w.Accept(w.ctx, byDoctor("d1"), Answer{ID: first.ID}))
		o := must[Offer](t)(w.Get(w.ctx, tenant, second.ID))
		if o.State != Withdrawn || o.Reason != "another_post" {
			t.Errorf("the other offer is %s for %q", o.State, o.Reason)
		}
		if _, err := w.Accept(w.ctx, byDoctor("d1"), Answer{ID: second.ID}); problem.KindOf(err) != problem.Refused {
			t.Errorf("a second acceptance: %v", err)
		}
	})
}

// A doctor who accepts two offers at the same moment gets one of them.
func TestTwoAcceptancesOfOneDoctor(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		offers := []Offer{w.offered("d1", w.post()), w.offered("d1", w.post()), w.offered("d1", w.post())}
		errs := make([]error, len(offers))
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.Accept(w.ctx, byDoctor("d1"), Answer{ID: offers[i].ID}) })
		}
		wg.Wait()
		won, filled := 0, 0
		for i, err := range errs {
			if err == nil {
				won++
			} else if k := problem.KindOf(err); k != problem.Conflict && k != problem.Refused {
				t.Errorf("a loser got %v", err)
			}
			if p := must[post.Post](t)(w.posts.Get(w.ctx, tenant, offers[i].Post)); p.Status == post.Filled {
				filled++
			}
		}
		if won != 1 || filled != 1 {
			t.Errorf("%d acceptances, %d posts filled", won, filled)
		}
	})
}

// proof is evidence and answers that are enough for a check.
func proof(kind string) (string, map[string]string) {
	switch kind {
	case CheckIdentity:
		return "travel_document", nil
	case CheckQualification:
		return "certificate", nil
	case CheckHistory:
		return "other_referees", map[string]string{"covers_from": "2019-01-01", "references": "2"}
	case CheckRightToWork:
		return "share_code", map[string]string{"share_code": "WABC12345"}
	case CheckWorkHealth:
		return "cleared", nil
	case CheckCriminalRecord:
		return "risk_assessment", map[string]string{"level": "enhanced_barred", "assessment": "declaration references"}
	}
	return "", nil
}
