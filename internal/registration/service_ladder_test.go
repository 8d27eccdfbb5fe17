package registration

import (
	"context"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// on puts something that runs out on the board of one reader.
func (w world) runsOut(doctor string, reader Reader, kind LapseKind, days int, region string) {
	w.t.Helper()
	row := lapseRow{Doctor: doctor, Reader: reader, Lapse: Lapse{Kind: kind, On: today.AddDays(days)}, Region: region}
	w.must(w.db.Tx(w.ctx, func(ctx context.Context) error { return w.saveLapses(ctx, tenant, []lapseRow{row}) }))
}

func (w world) read(call access.Call, q BoardQuery) []string {
	w.t.Helper()
	b, err := w.Lapses(w.ctx, call, q)
	w.must(err)
	var out []string
	for _, r := range b.Rows {
		out = append(out, r.Doctor+" "+string(r.Kind)+" "+decimal(r.Days))
	}
	return out
}

func TestTheBoardShowsEachReaderTheirOwnRows(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		w.open("d2", inPost...)
		w.runsOut("d1", ReaderTeam, LapsePermission, 20, "Y56")
		w.runsOut("d1", ReaderTeam, LapseContract, 80, "Y56")
		w.runsOut("d1", ReaderRegion, LapseContract, 80, "Y56")
		w.runsOut("d2", ReaderTeam, LapseEnglish, 31, "Y62")
		w.runsOut("d2", ReaderNational, LapsePLAB1, 45, "Y62")
		w.runsOut("d2", ReaderTeam, LapseEnglish, -1, "Y62") // the later row replaces it: one a kind
		w.runsOut("d2", ReaderTeam, LapsePLAB1, -1, "Y62")
		w.runsOut("d2", ReaderTeam, LapseEnglish, 31, "Y62")
		for _, x := range []struct {
			name string
			call access.Call
			q    BoardQuery
			want string
		}{
			{"caseworker, 30 days", caseworker, BoardQuery{}, "d1 right_to_work 20"},
			{"caseworker, 60 days", caseworker, BoardQuery{Days: 60}, "d1 right_to_work 20|d2 english 31"},
			{"caseworker, 90 days of London", caseworker, BoardQuery{Days: 90, Region: "Y56"}, "d1 right_to_work 20|d1 contract 80"},
			{"caseworker, contracts", caseworker, BoardQuery{Days: 90, Kind: LapseContract}, "d1 contract 80"},
			{"national lead", national, BoardQuery{Days: 90}, "d2 plab1 45"},
			{"region London", london, BoardQuery{Days: 90}, "d1 contract 80"},
			{"another region", north, BoardQuery{Days: 90}, ""},
			{"another region asks for London", north, BoardQuery{Days: 90, Region: "Y56"}, ""},
		} {
			if got := strings.Join(w.read(x.call, x.q), "|"); got != x.want {
				t.Errorf("%s: %q, want %q", x.name, got, x.want)
			}
		}
		hidden := caseworker
		hidden.Actor.Hidden = []string{"d1"}
		if got := w.read(hidden, BoardQuery{Days: 90}); len(got) != 1 {
			t.Errorf("somebody hidden is on the board: %v", got)
		}
		for _, call := range []access.Call{employer, charity, supervisor, finance, board} {
			if _, err := w.Lapses(w.ctx, call, BoardQuery{}); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s reads the board: %v", call.Actor.Account, err)
			}
		}
	})
}

func TestTheBoardGoesOnPageByPage(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		const people = boardRows*2 + 3
		for i := range people {
			id := "p" + decimal(100+i)
			w.open(id, inPost...)
			w.runsOut(id, ReaderTeam, LapseContract, i/4, "Y56")
		}
		seen, q := map[string]bool{}, BoardQuery{Days: 90}
		for range 5 {
			b, err := w.Lapses(w.ctx, caseworker, q)
			w.must(err)
			for _, r := range b.Rows {
				if seen[r.Doctor] {
					t.Errorf("%s stands twice", r.Doctor)
				}
				seen[r.Doctor] = true
			}
			if q.After = b.Next; len(b.Next) == 0 {
				break
			}
		}
		if len(seen) != people {
			t.Errorf("%d of %d seen", len(seen), people)
		}
	})
}

func TestACalendarAddressIsSecretAndCanBeTakenAway(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", inPost...)
		own := byDoctor("d1")
		a, err := w.Calendar(w.ctx, own, ref)
		w.must(err)
		if a.URL != "" {
			t.Fatalf("an address nobody asked for: %s", a.URL)
		}
		w.must(w.NewCalendar(w.ctx, own, ref))
		a, err = w.Calendar(w.ctx, own, ref)
		w.must(err)
		secret := strings.TrimPrefix(a.URL, "https://msw.example/calendar/")
		if len(secret) < 26 || secret == a.URL {
			t.Fatalf("address %q", a.URL)
		}
		nobody := access.Call{Actor: access.Actor{Tenant: "elsewhere"}, Now: own.Now, Today: today}
		text, err := w.Service.Feed(w.ctx, nobody, secret)
		w.must(err)
		if !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n") || strings.Contains(text, "d1") || strings.Contains(text, ref) {
			t.Errorf("feed %q", text)
		}
		for _, call := range []access.Call{caseworker, national, system, byDoctor("d2")} {
			if _, err := w.Calendar(w.ctx, call, ref); err == nil {
				t.Errorf("%s reads the address", call.Actor.Account)
			}
		}
		w.must(w.NewCalendar(w.ctx, own, ref))
		if _, err := w.Service.Feed(w.ctx, nobody, secret); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an older address still works: %v", err)
		}
		a, err = w.Calendar(w.ctx, own, ref)
		w.must(err)
		w.must(w.RevokeCalendar(w.ctx, own, ref))
		for _, s := range []string{strings.TrimPrefix(a.URL, "https://msw.example/calendar/"), "", "nonsense"} {
			if _, err := w.Service.Feed(w.ctx, nobody, s); problem.KindOf(err) != problem.NotFound {
				t.Errorf("the feed answers %q: %v", s, err)
			}
		}
	})
}

func TestEntriesSayNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("somebody", inPost...)
		c := w.get("somebody")
		windows := []Window{{Label: "PLAB 2, booked", Kind: WindowExam, Rung: "PLAB2", From: today.AddDays(40), Until: today.AddDays(40)},
			{Label: "Permission", Kind: WindowPermission, From: today.AddDays(-100), Until: today.AddDays(60)},
			{Label: "English", Kind: WindowProof, Rung: "ENG-IELTS", From: today.AddDays(-100), Until: today.AddDays(70)},
			{Label: "Forecast", Kind: WindowForecast, From: today, Until: today.AddDays(500)},
			{Label: "Long over", Kind: WindowProof, Rung: "PLAB1", From: today.AddDays(-900), Until: today.AddDays(-100)}}
		entries := w.calendarDays(c, windows, today)
		if len(entries) != 3 {
			t.Fatalf("%d entries: %+v", len(entries), entries)
		}
		titles := map[string]int{}
		for _, e := range entries {
			titles[e.Title]++
		}
		if titles[TitleExamDay] != 1 || titles[TitleRunsOut] != 2 {
			t.Errorf("titles %v: permission and English must read alike", titles)
		}
		text := Feed("Dates", "", entries, caseworker.Now)
		for _, word := range []string{"PLAB", "English", "ENG", "ermission", "right_to_work", "somebody", c.Ref, "GMC"} {
			if strings.Contains(text, word) {
				t.Errorf("the feed says %q:\n%s", word, text)
			}
		}
	})
}

// foretold is a ladder with collisions, as the road gives them.
func foretold(list ...Collision) Ladder { return Ladder{On: today, Collisions: list} }

func (w world) tasks(doctor string) []casefile.Task {
	w.t.Helper()
	home, err := w.cases.Home(w.ctx, caseworker)
	w.must(err)
	own := byDoctor(doctor)
	theirs, err := w.cases.Home(w.ctx, own)
	w.must(err)
	var out []casefile.Task
	for _, it := range append(home.Items, theirs.Items...) {
		if it.Doctor == doctor && it.Kind == TaskRoad {
			out = append(out, it.Task)
		}
	}
	return out
}

func TestACollisionOpensItsTaskOnceAndClosesItWhenCured(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		c := w.get("d1")
		english := Collision{Code: "english_lapses", Who: WhoDoctor, By: today.AddDays(30), Needs: RightFails}
		permission := Collision{Code: "permission_ends", Who: WhoTeam, By: today.AddDays(50), Needs: RightPermission}
		warn := func(l Ladder) {
			t.Helper()
			w.must(w.db.Tx(w.ctx, func(ctx context.Context) error {
				told, err := w.warnings(ctx, tenant, []string{"d1"})
				if err != nil {
					return err
				}
				return w.warn(ctx, system, c, l, told["d1"])
			}))
		}
		warn(foretold(english, permission))
		list := w.tasks("d1")
		if len(list) != 2 {
			t.Fatalf("%d tasks: %+v", len(list), list)
		}
		for _, task := range list {
			if task.Due.IsZero() {
				t.Errorf("the task has no day: %+v", task)
			}
			for _, word := range []string{"nglish", "ermission", "PLAB", "english_lapses", "permission_ends"} {
				if strings.Contains(task.Title+task.Source+task.URL+task.Kind, word) {
					t.Errorf("the task says %q: %+v", word, task)
				}
			}
		}
		if money := w.taskOf(system, c, Collision{Code: "funding", Who: WhoTeam, Title: "Money for the post", Needs: RightPost}); !strings.HasSuffix(money.Title, ": money for the post") {
			t.Errorf("what everybody may know is not said: %+v", money)
		}
		for _, call := range []access.Call{national, london, employer, supervisor} {
			if seen := casefile.ViewsOf(call.Actor, c).Tasks(list); len(seen) > 0 {
				t.Errorf("%s sees that something does not fit: %+v", call.Actor.Account, seen)
			}
		}
		w.must(w.cases.CloseTask(w.ctx, system, "d1", TaskRoad, w.taskSource(c, "permission_ends"))) // read, and closed by hand
		warn(foretold(english, permission))
		if list = w.tasks("d1"); len(list) != 1 || list[0].Party != casefile.PartyDoctor {
			t.Errorf("a task closed by hand comes back, or another is gone: %+v", list)
		}
		warn(foretold(permission))
		if list = w.tasks("d1"); len(list) != 0 {
			t.Errorf("cured, but open: %+v", list)
		}
		warn(foretold(english))
		if list = w.tasks("d1"); len(list) != 1 {
			t.Errorf("it came back, but no task: %+v", list)
		}
		w.must(w.Keep(w.ctx, system, []string{"d1"})) // the road of these facts foretells nothing of it
		if list = w.tasks("d1"); len(list) != 0 {
			t.Errorf("Keep leaves a task of nothing: %+v", list)
		}
	})
}

func TestStretchesAreMeasuredFromWhatWasSeen(t *testing.T) {
	d := clock.MustDate
	pass := func(kind, name, on string, state rulebook.State) fact.Record {
		return fact.Record{Kind: kind, On: d(on), State: state, Fields: map[string]any{"name": name, "outcome": "passed"}}
	}
	facts := []fact.Record{pass(fact.EnglishTest, "", "2024-01-01", rulebook.Verified), pass(fact.Exam, "PLAB1", "2024-03-01", rulebook.Claimed),
		pass(fact.Exam, "PLAB1", "2024-04-10", rulebook.Seen), pass(fact.Exam, "PLAB2", "2025-01-01", rulebook.Verified),
		{Kind: fact.Exam, On: d("2024-02-01"), State: rulebook.Verified, Fields: map[string]any{"name": "PLAB2", "outcome": "failed"}}}
	miles := []casefile.Milestone{{Kind: casefile.Started, On: d("2024-06-01")}, {Kind: casefile.Registered, On: d("2025-03-02")}}
	got := map[string]int{}
	for _, x := range stretches("d", facts, miles) {
		got[x.Stretch] = x.Days
	}
	want := map[string]int{StretchEnglishPLAB1: 100, StretchPLAB1PLAB2: 266, StretchPLAB2Register: 60, StretchPostRegister: 274}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: %d days, want %d", k, got[k], n)
		}
	}
}

func TestHistoryNeedsEnoughPeopleAndIsNeverInvented(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		for i := range enoughCases {
			if list, err := w.history(w.ctx, tenant); err != nil || len(list) != 0 {
				t.Fatalf("after %d people: %v, %v", i, list, err)
			}
			w.must(w.db.Tx(w.ctx, func(ctx context.Context) error {
				return w.replaceDurations(ctx, tenant, "h"+decimal(i), []duration{{Stretch: StretchPostRegister, Days: 100 + 10*i, Ended: today}})
			}))
			w.must(w.refreshHistory(w.ctx, tenant, today))
		}
		list, err := w.history(w.ctx, tenant)
		w.must(err)
		if len(list) != 1 || list[0].N != enoughCases || list[0].Short != 120 || list[0].Median != 150 || list[0].Long != 170 {
			t.Errorf("history %+v", list)
		}
		w.o.Fictional = func(string) bool { return true }
		if list, err = w.history(w.ctx, tenant); err != nil || len(list) != 0 {
			t.Errorf("an invented history is offered: %+v, %v", list, err)
		}
	})
}

func TestPaymentsAreForThoseWhoMayKnow(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", inPost...)
		own := byDoctor("d1")
		good := Payment{What: "PLAB 1", On: today.AddDays(-5), Pence: 27300, Payer: "charity"}
		w.must(w.Pay(w.ctx, own, ref, good))
		err := w.Pay(w.ctx, own, ref, Payment{On: today.AddDays(3), Payer: "me"})
		for _, text := range []string{"what was paid", "between 1p", "in the future", "who paid"} {
			wants(t, err, problem.Invalid, text)
		}
		for _, call := range []access.Call{national, london, employer, supervisor, charity, byDoctor("d2")} {
			if err := w.Pay(w.ctx, call, ref, good); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s records a payment: %v", call.Actor.Account, err)
			}
			if v, err := w.Climb(w.ctx, call, ActLadder, ref); err == nil && (len(v.Paid) > 0 || !v.Costs.Hidden) {
				t.Errorf("%s reads what was paid: %+v", call.Actor.Account, v.Paid)
			}
		}
		v, err := w.Climb(w.ctx, caseworker, ActLadder, ref)
		w.must(err)
		if len(v.Paid) != 1 || v.Paid[0].Payment != good {
			t.Fatalf("paid %+v", v.Paid)
		}
		w.must(w.TakeBack(w.ctx, own, ref, v.Paid[0].ID))
		wants(t, w.TakeBack(w.ctx, own, ref, v.Paid[0].ID), problem.NotFound, "")
		if v, err = w.Climb(w.ctx, own, ActLadder, ref); err != nil || len(v.Paid) != 0 {
			t.Errorf("taken back, but %+v, %v", v.Paid, err)
		}
	})
}

// Whoever may still get a post has to know what a pass in PLAB 2 ends before it
// begins, also while the programme can only support them.
func TestWhoMayStillGetAPost(t *testing.T) {
	may := []casefile.Stage{casefile.StageReferred, casefile.StageApplying, casefile.StageAssessing, casefile.StageNotYet, casefile.StageSupported,
		casefile.StageEligible, casefile.StageMatched, casefile.StageChecking}
	for _, stage := range casefile.Stages() {
		if got, want := postOf(casefile.Case{Derived: casefile.Derived{Stage: stage}}, placement.Dates{}).Waiting, slices.Contains(may, stage); got != want {
			t.Errorf("%s: waits for a post %v, not %v", stage, got, want)
		}
	}
}
