package referral

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/doctor"
	"msw/internal/jobs"
	"msw/internal/problem"
)

func TestReferAndTwoReferrersApart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := w.refer(w.charityA(), amina)
		twin := amina
		twin.Given, twin.Email = "Amena Khaled", "amina@example.org"
		second := w.refer(w.charityB(), twin)
		if first.Person == second.Person || first.Ref == second.Ref {
			t.Fatal("two referrals were merged by themselves")
		}
		if first.Route != RouteCharity || second.Route != RouteNetwork {
			t.Errorf("routes %s, %s", first.Route, second.Route)
		}
		if n := w.tasks(TaskDuplicate); n != 1 {
			t.Errorf("%d tasks to compare, want 1", n)
		}
		for _, x := range []struct {
			who         access.Call
			mine, other string
		}{{w.charityA(), first.Ref, second.Ref}, {w.charityB(), second.Ref, first.Ref}} {
			list := w.desk(x.who, GroupAll)
			if len(list) != 1 || list[0].Ref != x.mine || list[0].Coarse != casefile.CoarseReceived || list[0].CaseRef != "" {
				t.Errorf("desk %+v", list)
			}
			if _, err := w.Open(w.ctx, x.who, x.other); problem.KindOf(err) != problem.NotFound {
				t.Errorf("the other's referral answered %v", err)
			}
			if err := w.Withdraw(w.ctx, x.who, x.other); problem.KindOf(err) != problem.NotFound {
				t.Errorf("the other's referral could be withdrawn: %v", err)
			}
		}
		if _, err := w.Refer(w.ctx, w.charityA(), w.referral(w.b, amina)); problem.KindOf(err) == problem.Unknown {
			t.Errorf("referring for another organisation answered %v", err)
		}
		if list := w.desk(caseworker, GroupAll); len(list) != 2 || list[0].CaseRef == "" {
			t.Errorf("staff see %+v", list)
		}
		again := w.referral(w.a, amina)
		if _, err := w.Refer(w.ctx, w.charityA(), again); problem.KindOf(err) != problem.Refused {
			t.Errorf("the same person again by the same organisation answered %v", err)
		}
		if n, err := w.cases.Recheck(w.ctx, tenant); n != 0 || err != nil {
			t.Errorf("%d cases differ, %v", n, err)
		}
	})
}

func TestReferRefusesAllAtOnceAndKeepsNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		before := w.counts()
		n := w.referral(w.a, doctor.NewDoctor{Email: "nonsense"})
		n.ConsentScope, n.ConsentUntil, n.Country, n.First = nil, today, "XX", FirstText
		_, err := w.Refer(w.ctx, w.charityA(), n)
		for _, want := range []string{"given", "email", "consent-scope", "consent-until", "country", "mobile"} {
			e, ok := errors.AsType[*problem.Error](err)
			if !ok || !slices.ContainsFunc(e.Fields, func(f problem.Field) bool { return f.Name == want }) {
				t.Errorf("nothing said about %s: %v", want, err)
			}
		}
		n = w.referral(w.a, amina)
		n.ConsentUntil = clock.AddMonths(today, 24).AddDays(1)
		if _, err := w.Refer(w.ctx, w.charityA(), n); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a consent beyond the longest answered %v", err)
		}
		for _, c := range []func(*NewReferral){func(n *NewReferral) { n.KnownNew = true }, func(n *NewReferral) { n.On = today.AddDays(-400) },
			func(n *NewReferral) { n.Doctor = "x" }, func(n *NewReferral) { n.First = FirstNone }} {
			n := w.referral(w.a, amina)
			c(&n)
			if _, err := w.Refer(w.ctx, w.charityA(), n); problem.KindOf(err) != problem.Forbidden {
				t.Errorf("a referrer did what only staff may: %v", err)
			}
		}
		if after := w.counts(); !same(before, after) {
			t.Errorf("something was kept: %v, %v", before, after)
		}
	})
}

func same(a, b map[string]int) bool {
	for k := range a {
		if a[k] != b[k] {
			return false
		}
	}
	return len(a) == len(b)
}

func TestConsentEndedHides(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.refer(w.charityA(), amina)
		past := later(w.charityA(), 101)
		check := func(c access.Call, when string) {
			t.Helper()
			list := w.desk(c, GroupAll)
			if len(list) != 1 || !list[0].Ended || list[0].Name != "" || list[0].Coarse != "" || list[0].Days != 0 {
				t.Errorf("%s the desk shows %+v", when, list)
			}
			if waiting := w.desk(c, GroupWaiting); len(waiting) != 0 {
				t.Errorf("%s still among the waiting: %+v", when, waiting)
			}
			o, err := w.Open(w.ctx, c, r.Ref)
			if err != nil || o.Said.Name() != "" || o.Said.Email != "" || len(o.Scope) != 0 || o.Name != "" {
				t.Errorf("%s the page holds %+v, %v", when, o, err)
			}
		}
		if list := w.desk(later(w.charityA(), 100), GroupWaiting); len(list) != 1 || list[0].Days != 100 || list[0].Name != "Amina Khalid Al-Hadi" {
			t.Errorf("on the last day the desk shows %+v", list)
		}
		check(past, "after the last day")
		fatal(t, w.EndConsents(w.ctx, later(operator, 101), 0))
		if c, err := w.cases.Get(w.ctx, r.Person, tenant); err != nil || len(c.Referrers) != 0 {
			t.Errorf("referrers after the end: %v, %v", c.Referrers, err)
		}
		fatal(t, w.Renew(w.ctx, past, Renewal{Ref: r.Ref, Scope: []string{consent.ScopeProgress}, Until: past.Today.AddDays(50)}))
		if list := w.desk(past, GroupWaiting); len(list) != 1 || list[0].Coarse != casefile.CoarseReceived {
			t.Errorf("renewed: %+v", list)
		}
		// The doctor takes it back: at once, and the referrer cannot give it back alone.
		me := call(access.Actor{Account: "me", Doctor: r.Person})
		me.Today, me.Now = past.Today, past.Now
		live, err := w.consents.Live(w.ctx, tenant, r.Person, past.Today)
		if err != nil || len(live) != 1 {
			t.Fatalf("live %v, %v", live, err)
		}
		fatal(t, w.consents.Withdraw(w.ctx, me, live[0].ID))
		check(past, "taken back")
		fatal(t, w.Renew(w.ctx, past, Renewal{Ref: r.Ref, Scope: []string{consent.ScopeProgress}, Until: past.Today.AddDays(50)}))
		check(past, "asked but not answered")
		if n := w.tasks(TaskAgree); n != 1 {
			t.Errorf("%d questions, want 1", n)
		}
		fatal(t, w.AnswerQuestion(w.ctx, me, r.Ref, true))
		if list := w.desk(past, GroupWaiting); len(list) != 1 {
			t.Errorf("agreed again: %+v", list)
		}
		if n := w.tasks(TaskAgree); n != 0 {
			t.Errorf("%d questions left", n)
		}
		// Hiding is more than ending: the referral does not exist for them.
		hidden := past
		hidden.Actor.Hidden = []string{r.Person}
		if list := w.desk(hidden, GroupAll); len(list) != 0 {
			t.Errorf("hidden, but listed: %+v", list)
		}
		if _, err := w.Open(w.ctx, hidden, r.Ref); problem.KindOf(err) != problem.NotFound {
			t.Errorf("hidden, but opened: %v", err)
		}
	})
}

func TestConsentWithoutProgressTellsNoProgress(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		n := w.referral(w.a, amina)
		n.ConsentScope = []string{consent.ScopeContact}
		_, err := w.Refer(w.ctx, w.charityA(), n)
		fatal(t, err)
		if list := w.desk(w.charityA(), GroupAll); len(list) != 1 || list[0].Coarse != "" || list[0].Ended {
			t.Errorf("desk %+v", list)
		}
	})
}

func TestWithdraw(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.refer(w.charityA(), amina)
		fatal(t, w.Withdraw(w.ctx, w.charityA(), r.Ref))
		if list := w.desk(w.charityA(), GroupAll); len(list) != 1 || list[0].Withdrawn != today || list[0].Coarse != "" || list[0].Name != "" {
			t.Errorf("desk %+v", list)
		}
		live, err := w.consents.Live(w.ctx, tenant, r.Person, today)
		c, err2 := w.cases.Get(w.ctx, r.Person, tenant)
		if err != nil || err2 != nil || len(live) != 0 || len(c.Referrers) != 0 || c.Stage == casefile.StageClosed {
			t.Errorf("live %v, referrers %v, stage %s, %v %v", live, c.Referrers, c.Stage, err, err2)
		}
		if err := w.Withdraw(w.ctx, w.charityA(), r.Ref); problem.KindOf(err) != problem.Conflict {
			t.Errorf("twice: %v", err)
		}
		w.refer(w.charityA(), amina) // after taking back, the same person can be referred again
	})
}

func (w *world) drain() { w.t.Helper(); fatal(w.t, w.worker.Drain(w.ctx)) }

func secretIn(t *testing.T, text string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "https://example.org/invitation/")
	if !ok {
		t.Fatalf("no link in %q", text)
	}
	return strings.Fields(rest)[0]
}

func TestInvitationByMailAndTakeOverOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.refer(w.charityA(), amina)
		w.drain()
		mail := w.box.Newest(tenant, 10)
		if len(mail) != 1 || mail[0].To != amina.Email {
			t.Fatalf("mail %+v", mail)
		}
		for _, telling := range []string{"doctor", "refugee", "NHS", "medical", "support worker", "Canary", "England", "Amina", "referr"} {
			if strings.Contains(strings.ToLower(mail[0].Subject+mail[0].Text), strings.ToLower(telling)) {
				t.Errorf("the invitation says %q: %s", telling, mail[0].Text)
			}
		}
		secret := secretIn(t, mail[0].Text)
		inv, _, err := w.newest(w.ctx, tenant, r.Person)
		fatal(t, err)
		fatal(t, w.Invite(w.ctx, jobs.Job{Tenant: tenant, ID: "again", IDs: map[string]string{"invitation": inv.ID}}))
		if got := len(w.box.Newest(tenant, 10)); got != 1 {
			t.Errorf("sent %d times", got)
		}
		if _, err := w.Check(w.ctx, later(nobody, 61), secret); problem.KindOf(err) != problem.Invalid {
			t.Errorf("past its last day it answered %v", err)
		}
		taken, err := w.TakeOver(w.ctx, nobody, secret, "acc-amina")
		if err != nil || taken.Known || taken.Tenant != tenant {
			t.Fatalf("taken %+v, %v", taken, err)
		}
		_, used := w.TakeOver(w.ctx, nobody, secret, "acc-other")
		_, wrong := w.TakeOver(w.ctx, nobody, "0123456789abcdef", "acc-other")
		if used == nil || wrong == nil || used.Error() != wrong.Error() {
			t.Errorf("used answers %v, wrong answers %v", used, wrong)
		}
		if id, err := w.doctors.OfAccount(w.ctx, tenant, "acc-amina"); id != r.Person || err != nil {
			t.Errorf("record of the account: %q, %v", id, err)
		}
		if c, _ := w.cases.Get(w.ctx, r.Person, tenant); c.Turn != casefile.PartyDoctor {
			t.Errorf("turn %s", c.Turn)
		}
		if err := w.Send(w.ctx, caseworker, r.Person, ByEmail); problem.KindOf(err) != problem.Conflict {
			t.Errorf("inviting someone who has taken over: %v", err)
		}
	})
}

func TestPaperCode(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		n := w.referral(w.a, doctor.NewDoctor{Given: "Bahram"})
		r, err := w.Refer(w.ctx, w.charityA(), n)
		fatal(t, err)
		if n := w.tasks(TaskInvite); n != 1 {
			t.Errorf("%d tasks to invite, want 1: nobody knows how to write to him", n)
		}
		if _, err := w.PaperCode(w.ctx, w.charityA(), r.Person); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a referrer printed a code: %v", err)
		}
		old, err := w.PaperCode(w.ctx, caseworker, r.Person)
		fatal(t, err)
		fresh, err := w.PaperCode(w.ctx, caseworker, r.Person)
		fatal(t, err)
		if n := w.tasks(TaskInvite); n != 0 {
			t.Errorf("%d tasks left", n)
		}
		if _, err := w.Check(w.ctx, nobody, old.Code); err == nil {
			t.Error("a replaced code still works")
		}
		if len(strings.ReplaceAll(fresh.Code, " ", "")) != 12 || mistyped(tidySecret(fresh.Code)) {
			t.Errorf("code %q", fresh.Code)
		}
		if _, err := w.TakeOver(w.ctx, nobody, " "+strings.ToLower(strings.ReplaceAll(fresh.Code, " ", "-")), "acc-b"); err != nil {
			t.Errorf("typed in small letters with dashes: %v", err)
		}
		if _, err := w.TakeOver(w.ctx, nobody, fresh.Code, "acc-b"); err == nil {
			t.Error("a paper code worked twice")
		}
	})
}

func TestQuietHoursAndCallFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		d := amina
		d.QuietFrom, d.QuietTo = "09:00", "11:00"
		w.refer(w.charityA(), d)
		w.drain()
		if got := len(w.box.Newest(tenant, 10)); got != 0 {
			t.Errorf("%d messages in the quiet hours", got)
		}
		n := w.referral(w.a, doctor.NewDoctor{Given: "Call", Family: "Me", Mobile: "07700 900123"})
		n.First = FirstCall
		r, err := w.Refer(w.ctx, w.charityA(), n)
		fatal(t, err)
		w.drain()
		if got := len(w.box.Newest(tenant, 10)); got != 0 || w.tasks(TaskCall) != 1 {
			t.Errorf("%d messages, %d calls", got, w.tasks(TaskCall))
		}
		if err := w.Send(w.ctx, caseworker, r.Person, ByEmail); problem.KindOf(err) != problem.Refused {
			t.Errorf("without an address: %v", err)
		}
		fatal(t, w.Send(w.ctx, caseworker, r.Person, ByText))
		w.drain()
		if got := w.box.Newest(tenant, 10); len(got) != 1 || got[0].To != "+447700900123" || w.tasks(TaskCall) != 0 {
			t.Errorf("text %+v, %d calls left", got, w.tasks(TaskCall))
		}
	})
}

func TestSamePersonFollowsAndUndo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		n := w.referral(w.a, amina)
		n.On = today
		first, err := w.Refer(w.ctx, w.charityA(), n)
		fatal(t, err)
		w.drain()
		_, err = w.TakeOver(w.ctx, nobody, secretIn(t, w.box.Newest(tenant, 1)[0].Text), "acc-amina")
		fatal(t, err)
		second := w.refer(later(w.charityB(), 30), amina)
		// The invitation of the second referral, opened by the same account, joins nothing.
		paper, err := w.PaperCode(w.ctx, later(caseworker, 30), second.Person)
		fatal(t, err)
		taken, err := w.TakeOver(w.ctx, later(nobody, 31), paper.Code, "acc-amina")
		if err != nil || !taken.Known {
			t.Fatalf("taken %+v, %v", taken, err)
		}
		if id, _ := w.doctors.OfAccount(w.ctx, tenant, "acc-amina"); id != first.Person {
			t.Error("the records were joined by themselves")
		}
		if err := w.Follow(w.ctx, caseworker, second.CaseRef, first.CaseRef); problem.KindOf(err) != problem.Refused {
			t.Errorf("not compared yet: %v", err)
		}
		fatal(t, w.doctors.Decide(w.ctx, caseworker, first.Person, second.Person, doctor.Same))
		if err := w.Follow(w.ctx, caseworker, first.CaseRef, second.CaseRef); problem.KindOf(err) != problem.Refused {
			t.Errorf("the record the doctor owns was left behind: %v", err)
		}
		at := later(caseworker, 31)
		fatal(t, w.Follow(w.ctx, at, second.CaseRef, first.CaseRef))
		b := later(w.charityB(), 40)
		list := w.desk(b, GroupAll)
		if len(list) != 1 || list[0].Coarse != casefile.CoarseReceived && list[0].Coarse != casefile.CoarseChecked || list[0].Since < second.On {
			t.Errorf("the second referrer sees %+v; nothing from before day %s may show", list, second.On)
		}
		found, err := w.OfDoctors(w.ctx, tenant, []string{first.Person})
		if f := found[first.Person]; err != nil || f.First != RouteCharity || !slices.Equal(f.Any, []string{RouteCharity, RouteNetwork}) {
			t.Errorf("found %+v, %v", f, err)
		}
		figures, err := w.Routes(w.ctx, tenant)
		fatal(t, err)
		for _, f := range figures {
			want := map[string][2]int{RouteCharity: {1, 1}, RouteNetwork: {0, 1}}[f.Code]
			if [2]int{f.First, f.Any} != want {
				t.Errorf("%s: first %d, any %d, want %v", f.Code, f.First, f.Any, want)
			}
		}
		if c, _ := w.cases.Get(w.ctx, second.Person, tenant); c.Stage != casefile.StageClosed || len(c.Referrers) != 0 {
			t.Errorf("left behind: %s, referrers %v", c.Stage, c.Referrers)
		}
		fatal(t, w.Unfollow(w.ctx, later(caseworker, 41), second.CaseRef))
		c, _ := w.cases.Get(w.ctx, second.Person, tenant)
		one, _ := w.cases.Get(w.ctx, first.Person, tenant)
		if c.Stage == casefile.StageClosed || !slices.Equal(c.Referrers, []string{w.b}) || !slices.Equal(one.Referrers, []string{w.a}) {
			t.Errorf("undone: %s, referrers %v and %v", c.Stage, c.Referrers, one.Referrers)
		}
		if n, err := w.cases.Recheck(w.ctx, tenant); n != 0 || err != nil {
			t.Errorf("%d cases differ, %v", n, err)
		}
	})
}

func TestHistoryByOperatorInOneTransaction(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var r, again Referral
		err := w.db.Tx(w.ctx, func(ctx context.Context) (err error) {
			n := w.referral(w.a, amina)
			n.KnownNew, n.First, n.On, n.Route, n.Region = true, FirstNone, clock.MustDate("2021-11-02"), RouteCharity, "Y56"
			n.ConsentUntil = clock.MustDate("2022-11-01")
			if r, err = w.Refer(ctx, operator, n); err != nil {
				return err
			}
			n.Doctor, n.Referrer, n.Route, n.On = r.Person, w.b, RouteNetwork, clock.MustDate("2021-12-01")
			if again, err = w.Refer(ctx, operator, n); err != nil {
				return err
			}
			_, err = w.Refer(ctx, operator, NewReferral{Route: RouteSelf, Person: doctor.NewDoctor{Given: "Solo"}, On: n.On, KnownNew: true})
			return err
		})
		fatal(t, err)
		if again.Person != r.Person || again.Ref == r.Ref {
			t.Errorf("first %+v, again %+v", r, again)
		}
		c, err := w.cases.Get(w.ctx, r.Person, tenant)
		if err != nil || c.Opened != clock.MustDate("2021-11-02") || c.Since != clock.MustDate("2021-11-02") || len(c.Referrers) != 0 || w.tasks(TaskInvite) != 0 {
			t.Errorf("case %+v, %v", c, err)
		}
		w.drain()
		if len(w.box.Newest(tenant, 5)) != 0 {
			t.Error("history wrote to people")
		}
		sh, err := w.Sheet(w.ctx, caseworker, r.Person)
		if err != nil || len(sh.Referrals) != 2 || sh.Referrals[0].State != "Ended on 1 November 2022" {
			t.Errorf("sheet %+v, %v", sh, err)
		}
		for _, c := range []access.Call{w.charityA(), national} {
			if _, err := w.Sheet(w.ctx, c, r.Person); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%v sees the sheet: %v", c.Actor.Members, err)
			}
		}
	})
}

func TestRoutes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		added, err := w.SaveRoute(w.ctx, national, Route{Title: "Radio advert", Order: 60})
		if err != nil || added.Code != "radio_advert" {
			t.Fatalf("added %+v, %v", added, err)
		}
		if _, err := w.SaveRoute(w.ctx, national, Route{Title: "Radio  advert", Order: 60}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("twice: %v", err)
		}
		if _, err := w.SaveRoute(w.ctx, caseworker, Route{Title: "Mine"}); err == nil {
			t.Error("a caseworker changed the routes")
		}
		_, err = w.SaveRoute(w.ctx, national, Route{Code: RouteNetwork, Title: "BMA network", Order: 10, Retired: true})
		fatal(t, err)
		if _, err := w.SaveRoute(w.ctx, national, Route{Code: RouteNetwork, Title: "Other", Order: 10}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("over a newer version: %v", err)
		}
		if _, err := w.Refer(w.ctx, w.charityB(), w.referral(w.b, amina)); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a retired route was taken: %v", err)
		}
	})
}
