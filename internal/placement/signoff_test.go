package placement

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
)

// ready is a doctor in post at a host that has said its levels.
func (w world) ready(doctor string) Placement {
	w.t.Helper()
	w.doctor(doctor)
	p := w.inPost(doctor)
	before := employer
	before.Now = before.Now.Add(-24 * time.Hour)
	if err := w.SetLevels(w.ctx, before, p.Host, map[string]card.Level{"venepuncture": card.Indirect, "ecg_read": card.Direct, "spirometry": 0}); err != nil {
		w.t.Fatal(err)
	}
	return p
}

func blood(doctor string) SignOff {
	return SignOff{Doctor: doctor, Task: "venepuncture", Level: card.Indirect, Assessor: Assessor{Account: "sup"}, On: today - 1}
}

// says is the line of a task on a doctor's card at an instant.
func (w world) says(doctor, task string, at clock.Instant) card.Line {
	w.t.Helper()
	for _, l := range must[card.Card](w.t)(w.CardOf(w.ctx, tenant, doctor, at)).Lines {
		if l.Task.ID == task {
			return l
		}
	}
	w.t.Fatalf("no line for %s", task)
	return card.Line{}
}

func TestASignOffOpensATaskAndAWithdrawalClosesIt(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.ready("d1")
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.NotSigned {
			t.Errorf("before: %s", l.State)
		}
		v := must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		l := w.says("d1", "venepuncture", supervisor.Now)
		if l.State != card.Allowed || l.Level != card.Indirect || l.SignOff.Assessor != "Senior sup, supervisor" || l.SignOff.Recheck != clock.AddMonths(today-1, 12) {
			t.Errorf("after the sign-off: %+v", l)
		}
		if l := w.says("d1", "venepuncture", supervisor.Now.Add(-time.Minute)); l.State != card.NotSigned {
			t.Errorf("a minute before it was recorded: %s", l.State)
		}
		later := supervisor
		later.Now = later.Now.Add(time.Hour)
		if err := w.WithdrawSignOff(w.ctx, stranger, v.ID, "seen_unsafe"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a stranger took it back: %v", err)
		}
		if err := w.WithdrawSignOff(w.ctx, later, v.ID, "no such reason"); problem.KindOf(err) != problem.Refused {
			t.Errorf("without a reason: %v", err)
		}
		if err := w.WithdrawSignOff(w.ctx, later, v.ID, "seen_unsafe"); err != nil {
			t.Fatal(err)
		}
		if l := w.says("d1", "venepuncture", later.Now); l.State != card.Withdrawn {
			t.Errorf("after: %s", l.State)
		}
		if err := w.WithdrawSignOff(w.ctx, later, v.ID, "seen_unsafe"); problem.KindOf(err) != problem.Conflict {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestEveryReasonAgainstASignOff(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.ready("d1")
		must[post.Supervisor](t)(w.posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: "old", Organisation: "RX1", Name: "Senior old", Capacity: 1, ApprovedUntil: today - 2}))
		w.gone["sup2"] = true
		outside := Assessor{Name: "Ada Flint", Role: "registrar", GMC: "7654321"}
		for name, sc := range map[string]struct {
			with func(*SignOff)
			want string
		}{
			"future":          {func(c *SignOff) { c.On = today + 1 }, "in the future"},
			"before start":    {func(c *SignOff) { c.On = today - 101 }, "before the start"},
			"too long":        {func(c *SignOff) { c.Recheck = today + 400 }, "at the latest"},
			"above the role":  {func(c *SignOff) { c.Task = "ecg_read" }, "above level 2"},
			"not at the host": {func(c *SignOff) { c.Task = "spirometry" }, "lets nobody"},
			"host silent":     {func(c *SignOff) { c.Task = "observations" }, "has not said"},
			"left":            {func(c *SignOff) { c.Assessor.Account = "sup2" }, "does not work at this host any more"},
			"lapsed":          {func(c *SignOff) { c.Assessor.Account = "old" }, "approval to supervise ended"},
			"unknown":         {func(c *SignOff) { c.Assessor.Account = "nobody" }, "not a supervisor"},
			"no task":         {func(c *SignOff) { c.Task = "surgery" }, "task"},
			"level 4":         {func(c *SignOff) { c.Level = 4 }, "level"},
			"no day":          {func(c *SignOff) { c.On = 0 }, "on"},
			"backwards":       {func(c *SignOff) { c.Recheck = today - 5 }, "recheck"},
			"no number":       {func(c *SignOff) { c.Assessor = outside; c.Assessor.GMC = "76543" }, "gmc"},
			"no role":         {func(c *SignOff) { c.Assessor = outside; c.Assessor.Role = "" }, "role"},
		} {
			cmd := blood("d1")
			sc.with(&cmd)
			_, err := w.SignOff(w.ctx, supervisor, cmd)
			text := reasons(err)
			if err != nil && text == "" {
				text = err.Error()
			}
			if err == nil || !strings.Contains(text, sc.want) {
				t.Errorf("%s: %v (%s), want %q", name, err, text, sc.want)
			}
		}
		for who, c := range map[string]access.Call{"stranger": stranger, "HR": employer, "another trust": other, "the doctor": byDoctor("d1")} {
			if _, err := w.SignOff(w.ctx, c, blood("d1")); problem.KindOf(err) != problem.NotFound && problem.KindOf(err) != problem.Forbidden {
				t.Errorf("%s signed off: %v", who, err)
			}
		}
		own := byDoctor("d1")
		cmd := blood("d1")
		cmd.Assessor.Account = own.Actor.Account
		if _, err := w.TakeSignOff(w.ctx, own, cmd); !strings.Contains(reasons(err), "own task") {
			t.Errorf("the doctor's own: %v", err)
		}
		if got := must[[]Signed](t)(w.SignedOf(w.ctx, tenant, "d1")); len(got) != 0 {
			t.Errorf("something was recorded: %+v", got)
		}
	})
}

func TestTwoSignOffsAtOnceLeaveOneAndTheOtherSeesIt(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.ready("d1")
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, level := range []card.Level{card.Direct, card.Indirect} {
			both.Go(func() {
				cmd := blood("d1")
				cmd.Level = level
				_, errs[i] = w.SignOff(w.ctx, supervisor, cmd)
			})
		}
		both.Wait()
		won, lost := 0, ""
		for _, err := range errs {
			if err == nil {
				won++
			} else if problem.KindOf(err) == problem.Conflict {
				lost = err.Error()
			}
		}
		if won != 1 || !strings.Contains(lost, "Senior sup") {
			t.Fatalf("two at once: %v", errs)
		}
		first := must[[]Signed](t)(w.SignedOf(w.ctx, tenant, "d1"))[0]
		cmd := blood("d1")
		cmd.Replaces, cmd.Level = first.ID, card.Watch
		next := supervisor
		next.Now = next.Now.Add(time.Minute)
		must[Signed](t)(w.SignOff(w.ctx, next, cmd))
		if l := w.says("d1", "venepuncture", next.Now); l.Level != card.Watch {
			t.Errorf("after it was replaced on purpose: %+v", l)
		}
		if l := w.says("d1", "venepuncture", supervisor.Now); l.Level != first.Level {
			t.Errorf("as it was before: %+v", l)
		}
	})
}

func TestAnOutsideAssessorCountsOnlyOnceTheHostConfirms(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.ready("d1")
		cmd := blood("d1")
		cmd.Assessor, cmd.Source = Assessor{Name: "Ada Flint", Role: "registrar", GMC: "7654321"}, "portfolio:1"
		v := must[Signed](t)(w.TakeSignOff(w.ctx, byDoctor("d1"), cmd))
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.Unconfirmed {
			t.Errorf("before the host confirms: %s", l.State)
		}
		for _, c := range []access.Call{other, supervisor, byDoctor("d1")} {
			if err := w.Vouch(w.ctx, c, v.ID); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s vouched: %v", c.Actor.Account, err)
			}
		}
		if err := w.Vouch(w.ctx, employer, v.ID); err != nil {
			t.Fatal(err)
		}
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.Allowed {
			t.Errorf("after: %s", l.State)
		}
		flagged := cmd
		flagged.Task, flagged.Level, flagged.Assessor, flagged.Flagged = "ecg_read", card.Direct, Assessor{Account: "sup"}, true
		must[Signed](t)(w.TakeSignOff(w.ctx, byDoctor("d1"), flagged))
		if l := w.says("d1", "ecg_read", supervisor.Now); l.State != card.Unconfirmed {
			t.Errorf("a sign-off that looks like the doctor's own: %s", l.State)
		}
	})
}

func TestNobodyIsShownAsCoveringWhoCannot(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.ready("d1")
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		change := func(until, from, to clock.Date) {
			must[post.Supervisor](t)(w.posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: "sup", Organisation: "RX1", Name: "Senior sup", Capacity: 5,
				ApprovedUntil: until, AwayFrom: from, AwayUntil: to}))
		}
		for name, set := range map[string]func(){
			"lapsed": func() { change(today-1, 0, 0) },
			"away":   func() { change(0, today-1, today+1) },
			"left":   func() { change(0, 0, 0); w.gone["sup"] = true },
		} {
			set()
			c := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", supervisor.Now))
			if c.State != card.Nobody || len(c.Under) != 0 || len(c.Allowed(supervisor.Now)) != 0 {
				t.Errorf("%s: %s under %+v", name, c.State, c.Under)
			}
			delete(w.gone, "sup")
		}
		change(today, 0, 0)
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.Allowed || l.NotAfter != clock.StartOf(today+1) {
			t.Errorf("on the last day of the approval: %s until %s", l.State, l.NotAfter)
		}
	})
}

func TestAMoveTakesNoSignOffAlong(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		must[Placement](t)(w.Change(w.ctx, employer, Change{ID: p.ID, On: today, Host: "G1"}))
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.NoLevel {
			t.Errorf("at a host that has said nothing: %s", l.State)
		}
		if err := w.SetLevels(w.ctx, employer, "G1", map[string]card.Level{"venepuncture": 2}); err == nil {
			t.Error("the employer set the levels of another host")
		}
		if err := w.SetLevels(w.ctx, host, "G1", map[string]card.Level{"venepuncture": 2}); err != nil {
			t.Fatal(err)
		}
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.Elsewhere {
			t.Errorf("signed off at the old host only: %s", l.State)
		}
	})
}

// A ward has a minute for the form: it hears of everything at once.
func TestTheFormOfASignOffTellsAllFaultsAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		h := w.site()
		at := "/placements/" + p.ID + "/sign-offs/"
		for _, sc := range []struct {
			task      string
			form      url.Values
			must, not []string
		}{
			{"spirometry", url.Values{}, []string{"Choose who saw the task", "Enter the day the task was seen", "Choose level 1, 2 or 3", "The host lets nobody in this role do this task"}, []string{"assessor&#39;s name", "before the start", "out of date"}},
			{"venepuncture", url.Values{"level": {"x"}, "assessor": {"outside"}, "role": {"kept as typed"}, "on-day": {"1"}, "on-month": {"1"}, "on-year": {"2090"}},
				[]string{"assessor&#39;s name", "GMC number, 7 digits", "The day is in the future", "kept as typed"}, []string{"Choose who saw the task"}},
		} {
			_, body, _ := ask(h, "supervisor", at+sc.task, sc.form)
			for _, m := range sc.must {
				if !strings.Contains(body, m) {
					t.Errorf("%s: %q is missing\n%s", sc.task, m, body)
				}
			}
			for _, m := range sc.not {
				if strings.Contains(body, m) {
					t.Errorf("%s: %q must not be there", sc.task, m)
				}
			}
			if n := strings.Count(body, "level 1, 2 or 3</a>"); n > 1 {
				t.Errorf("%s: the level is told %d times", sc.task, n)
			}
		}
	})
}
