package learning

import (
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/fact"
	"msw/internal/problem"
)

// The last place goes to one, however many ask at once, and the others wait.
func TestTheLastPlaceIsGivenOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.course(2)
		var all sync.WaitGroup
		states := make([]BookingState, 8)
		for i := range states {
			all.Go(func() {
				b, err := w.Book(w.ctx, byDoctor("d"+strconv.Itoa(i/2)), e.ID) // each doctor twice at once
				if err != nil && problem.KindOf(err) != problem.Conflict {
					t.Error(err)
				}
				states[i] = b.State
			})
		}
		all.Wait()
		w.counts(e.ID, 2, 2)
		if booked := len(must[[]Booking](t)(w.bookings(w.ctx, tenant, e.ID, []BookingState{Booked}, nil, nil, 10))); booked != 2 {
			t.Errorf("%d booked of 2 places: %q", booked, states)
		}
		// Not even a mistake in the program takes a place that is not there.
		err := w.db.Tx(w.ctx, func(ctx ctx) error { return w.count(ctx, tenant, e.ID, 1, 0) })
		w.is(problem.Conflict, err)
		err = w.db.Tx(w.ctx, func(ctx ctx) error {
			_, err := w.db.Q(ctx).Exec(ctx, `UPDATE learning_event SET taken = taken + 1 WHERE tenant_id = $1 AND id = $2`, tenant, e.ID)
			return err
		})
		if err == nil {
			t.Error("the engine keeps more taken than places")
		}
	})
}

func TestAFreedPlaceIsOfferedToWhoAskedFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.course(1)
		w.mail.sent = nil
		for i, want := range []BookingState{Booked, Waiting, Waiting, Waiting} {
			if got := w.book(e.ID, "d"+strconv.Itoa(i), i); got != want {
				t.Fatalf("d%d is %s", i, got)
			}
		}
		if again := w.book(e.ID, "d1", 9); again != Waiting {
			t.Errorf("asked twice: %s", again)
		}
		w.counts(e.ID, 1, 3)
		w.ok(w.Cancel(w.ctx, byDoctor("d0"), e.ID))
		w.ok(w.Cancel(w.ctx, byDoctor("d0"), e.ID)) // sent twice
		w.wasTold("learning.offered d1")
		w.counts(e.ID, 1, 2)
		if w.book(e.ID, "d9", 20) != Waiting {
			t.Error("somebody passed the waiting list")
		}
		soon := must[[]string](t)(lines(w.Soon(w.ctx, byDoctor("d1"))))
		if !strings.Contains(strings.Join(soon, ";"), "A place is free for you. Answer by 25 November 2026 at 9:00am") {
			t.Errorf("d1's first page says %q", soon)
		}
		// d1 does not answer; d2 is offered it, says no; d3 takes it.
		late := after(byDoctor("d1"), 72*time.Hour)
		w.is(problem.Refused, w.Answer(w.ctx, late, e.ID, true))
		if n := must[int](t)(w.Sweep(w.ctx, after(system, 71*time.Hour))); n != 0 {
			t.Errorf("%d offers ended too early", n)
		}
		if n := must[int](t)(w.Sweep(w.ctx, after(system, 72*time.Hour))); n != 1 || w.state(e.ID, "d1") != TimedOut {
			t.Errorf("%d ended, d1 is %s", n, w.state(e.ID, "d1"))
		}
		w.wasTold("learning.offered d2")
		w.ok(w.Answer(w.ctx, after(byDoctor("d2"), 73*time.Hour), e.ID, false))
		w.ok(w.Answer(w.ctx, after(byDoctor("d3"), 74*time.Hour), e.ID, true))
		w.wasTold("learning.offered d3")
		w.counts(e.ID, 1, 1)
		if w.state(e.ID, "d3") != Booked || w.state(e.ID, "d9") != Waiting {
			t.Errorf("d3 %s, d9 %s", w.state(e.ID, "d3"), w.state(e.ID, "d9"))
		}
		w.is(problem.Refused, w.Answer(w.ctx, byDoctor("d9"), e.ID, true))
		if _, err := w.Sweep(w.ctx, scheme); err == nil {
			t.Error("anybody sweeps")
		}
		// More places: who waits is offered one; fewer than taken is refused.
		now := w.get(e.ID)
		now.Places = 3
		now = must[Event](t)(w.SaveEvent(w.ctx, scheme, now))
		w.wasTold("learning.offered d9")
		now = w.get(e.ID)
		now.Places = 1
		_, err := w.SaveEvent(w.ctx, scheme, now)
		w.is(problem.Invalid, err)
	})
}

func TestAnEventIsCancelledAndOpenedAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.course(0)
		w.book(e.ID, "d2", 1)
		w.mail.sent = nil
		w.ok(w.SetState(w.ctx, scheme, e.ID, e.Version, Cancelled))
		w.is(problem.Conflict, w.SetState(w.ctx, scheme, e.ID, e.Version, Open)) // seen before it changed
		_, err := w.Book(w.ctx, byDoctor("d3"), e.ID)
		w.is(problem.Refused, err)
		w.ok(w.SetState(w.ctx, scheme, e.ID, e.Version+1, Open))
		w.wasTold("learning.changed d2", "learning.changed d2")
		if w.state(e.ID, "d2") != Booked {
			t.Error("the booking did not stand")
		}
		for _, c := range []access.Call{other, employer, byDoctor("d2")} {
			w.is(problem.NotFound, w.SetState(w.ctx, c, e.ID, e.Version+2, Cancelled))
		}
		draft := must[Event](t)(w.SaveEvent(w.ctx, scheme, Event{Kind: "plab", Title: "Draft", About: "x", Organisation: "s1", Way: WayOnline, Takes: "all"}))
		w.is(problem.Refused, w.SetState(w.ctx, scheme, draft.ID, 1, Open)) // no dates
		if _, err := w.LookEvent(w.ctx, byDoctor("d2"), draft.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a doctor opens a draft: %v", err)
		}
		_, err = w.SaveEvent(w.ctx, other, Event{Kind: "plab", Title: "Theirs", About: "x", Organisation: "s1", Way: WayOnline, Takes: "all"})
		w.is(problem.NotFound, err)
	})
}

func TestWhoCameIsRecordedByTheOrganiser(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.course(5)
		w.book(e.ID, "d1", 0)
		w.book(e.ID, "d2", 1)
		list := must[People](t)(w.LookPeople(w.ctx, scheme, e.ID, nil, 10))
		if len(list.Booked) != 2 || list.Booked[0].Name != "Canary of d1" {
			t.Fatalf("%+v", list.Booked)
		}
		mark := []Mark{{list.Booked[0].ID, cameYes, true}, {list.Booked[1].ID, cameNo, false}}
		w.is(problem.Refused, w.Attend(w.ctx, scheme, e.ID, mark, 0)) // not begun
		then := after(scheme, 21*24*time.Hour)
		w.is(problem.Invalid, w.Attend(w.ctx, then, e.ID, []Mark{{list.Booked[1].ID, cameNo, true}}, 0))
		w.is(problem.Invalid, w.Attend(w.ctx, then, e.ID, mark, today))
		w.is(problem.NotFound, w.Attend(w.ctx, after(other, 21*24*time.Hour), e.ID, mark, 0))
		w.ok(w.Attend(w.ctx, then, e.ID, mark, 0))
		b := must[*Booking](t)(w.bookingOf(w.ctx, tenant, e.ID, "d1"))
		if b.Attended != cameYes || b.CertificateOn != then.Today {
			t.Errorf("%+v", b)
		}
		w.ok(w.Attend(w.ctx, then, e.ID, []Mark{{list.Booked[0].ID, notMarked, false}}, 0)) // put right
		if b := must[*Booking](t)(w.bookingOf(w.ctx, tenant, e.ID, "d1")); b.Attended != "" || !b.CertificateOn.IsZero() {
			t.Errorf("%+v", b)
		}
		w.is(problem.Refused, w.Cancel(w.ctx, after(byDoctor("d1"), 21*24*time.Hour), e.ID)) // begun
		hidden := scheme
		hidden.Actor.Hidden = []string{"d1"}
		if list := must[People](t)(w.LookPeople(w.ctx, hidden, e.ID, nil, 10)); len(list.Booked) != 1 {
			t.Errorf("somebody who hides is listed: %+v", list.Booked)
		}
	})
}

// Where an event is and who comes reach only those booked, the organiser and the team.
func TestPlaceAndPeopleReachOnlyThoseConcerned(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		e := w.course(2)
		w.book(e.ID, "d1", 0)
		w.facts = []fact.Record{{Doctor: "d1", Kind: fact.Exam, On: today + 23, Fields: map[string]any{"name": "PLAB2", "outcome": "booked"}}}
		h := w.site()
		const place, name, exam = "Hidden Street", "Canary of d", "PLAB 2 in 23 days"
		url := "/events/" + e.ID
		for _, x := range []struct {
			who, path string
			code      int
			has, not  []string
		}{
			{"d1", url, 200, []string{place, "Booked", "Put the dates"}, []string{name, "For the organiser"}},
			{"d2", url, 200, []string{"Book a place", "You see the address when you are booked", "House s1 will see your name"}, []string{place, name, "/people"}},
			{"scheme", url, 200, []string{place, "Who comes"}, []string{name, "Book a place"}},
			{"caseworker", url, 200, []string{place}, []string{name}},
			{"other", url, 404, nil, []string{place, "English for the ward"}},
			{"employer", url, 404, nil, []string{place, "English for the ward"}},
			{"boss", url, 404, nil, []string{place}},
			{"scheme", url + "/people", 200, []string{"Canary of d1"}, nil},
			{"caseworker", url + "/people", 200, []string{"Canary of d1"}, nil},
			{"d1", url + "/people", 404, nil, []string{name}},
			{"other", url + "/people", 404, nil, []string{name}},
			{"employer", url + "/people", 404, nil, []string{name}},
			{"d2", "/events", 200, []string{"English for the ward", "1 of 2 places free"}, []string{place, name}},
			{"scheme", "/events", 200, []string{"English for the ward", "Add an event"}, []string{place, name}},
			{"other", "/events", 200, []string{"Nothing here"}, []string{"English for the ward"}},
			{"employer", "/events", 200, []string{"Nothing here"}, []string{"English for the ward"}},
			{"d1", "/learning", 200, []string{exam, "English for the ward"}, []string{place}},
			{"employer", "/learning", 404, nil, []string{exam}},
			{"d1", url + "/calendar", 200, []string{"BEGIN:VEVENT", "DTSTART:20261212T180000Z", "DTEND:20261212T193000Z"}, []string{place, "English"}},
			{"d2", url + "/calendar", 404, nil, []string{"VEVENT"}},
			{"scheme", url + "/change", 200, []string{place}, nil},
			{"other", url + "/change", 404, nil, []string{place}},
			{"d1", "/placements/p1/study-time", 200, []string{"Propose study time"}, nil},
			{"employer", "/placements/p1/study-time", 200, []string{"Propose study time", "not registered with the GMC"}, []string{"PLAB", "English for the ward"}},
			{"host", "/placements/p1/study-time", 200, []string{"No study time is agreed"}, []string{"Propose"}},
			{"boss", "/placements/p1/study-time", 200, []string{"No study time is agreed"}, []string{"Propose", "PLAB"}},
			{"caseworker", "/placements/p1/study-time", 404, nil, []string{"Study time"}},
			{"d2", "/placements/p1/study-time", 404, nil, []string{"Study time"}},
			{"scheme", "/placements/p1/study-time", 404, nil, []string{"Study time"}},
		} {
			code, body := ask(h, x.who, x.path, nil)
			if code != x.code {
				t.Errorf("%s opens %s: %d", x.who, x.path, code)
			}
			for _, text := range x.has {
				if !strings.Contains(body, text) {
					t.Errorf("%s does not read %q on %s", x.who, text, x.path)
				}
			}
			for _, text := range x.not {
				if strings.Contains(body, text) {
					t.Errorf("%s reads %q on %s", x.who, text, x.path)
				}
			}
		}
		// Who hides from the organiser does not meet its events.
		w.hidden["org:s1"] = []string{"d2"}
		if code, _ := ask(h, "d2", url, nil); code != 404 {
			t.Errorf("d2 hides and opens the event: %d", code)
		}
		if _, body := ask(h, "d2", "/events", nil); strings.Contains(body, "English for the ward") {
			t.Error("d2 hides and is shown the event")
		}
	})
}

func TestFormsKeepWhatWasTyped(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		h := w.site()
		code, body := ask(h, "scheme", "/events/new", url.Values{"offer": {"s1"}, "title": {"My course"}, "places": {"many"}, "way": {"place"}, "version": {"0"}})
		for _, text := range []string{"Enter a whole number", "Choose what it is", "Say where it is", "Choose whom it is for", `value="My course"`, `value="many"`} {
			if code != 422 || !strings.Contains(body, text) {
				t.Errorf("%d without %q", code, text)
			}
		}
		e := w.course(3)
		code, body = ask(h, "scheme", "/events/"+e.ID+"/dates", url.Values{"on-day": {"31"}, "on-month": {"2"}, "on-year": {"2027"}, "at": {"half past"}, "minutes": {"60"}, "times": {"1"}})
		for _, text := range []string{"Enter a real date", "Enter a time, like 14:30", `value="half past"`} {
			if code != 422 || !strings.Contains(body, text) {
				t.Errorf("%d without %q", code, text)
			}
		}
		if code, _ = ask(h, "scheme", "/events/"+e.ID+"/dates", url.Values{"on": {"2027-01-05"}, "at": {"2pm"}, "minutes": {"60"}, "times": {"3"}}); code != 303 {
			t.Errorf("adding dates: %d", code)
		}
		if n := len(must[[]Session](t)(w.sessions(w.ctx, tenant, e.ID))); n != 5 {
			t.Errorf("%d dates", n)
		}
		code, body = ask(h, "d1", "/placements/p1/study-time", url.Values{"hours": {"lots"}, "from-day": {"1"}, "from-month": {"1"}, "from-year": {"27"}})
		for _, text := range []string{"The year must have 4 numbers", "Enter hours a week", `value="lots"`} {
			if code != 422 || !strings.Contains(body, text) {
				t.Errorf("%d without %q", code, text)
			}
		}
	})
}

func TestStudyTimeIsAgreedByBoth(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		doctor := byDoctor("d1")
		x := must[Study](t)(w.Propose(w.ctx, doctor, "p1", 240, today+5))
		_, err := w.Propose(w.ctx, employer, "p1", 120, today+5)
		w.is(problem.Refused, err) // one waits already
		_, err = w.Propose(w.ctx, host, "p1", 120, today+5)
		w.is(problem.NotFound, err) // the place of work does not agree
		_, err = w.Propose(w.ctx, boss, "p1", 120, today+5)
		w.is(problem.NotFound, err)
		_, err = w.Propose(w.ctx, doctor, "p1", 17, today-200)
		w.is(problem.Invalid, err)
		w.is(problem.Refused, w.AnswerStudy(w.ctx, doctor, "p1", x.ID, 1, true)) // their own
		if rows := must[[]StudyRow](t)(w.StudyWaiting(w.ctx, employer, nil, 10)); len(rows) != 1 || rows[0].Name != "Canary of d1" {
			t.Errorf("the employer's list: %+v", rows)
		}
		_, err = w.StudyWaiting(w.ctx, byDoctor("d1"), nil, 10)
		w.is(problem.NotFound, err)
		for _, c := range []access.Call{host, staff("x", "employer_hr", "RX9")} {
			if rows := must[[]StudyRow](t)(w.StudyWaiting(w.ctx, c, nil, 10)); len(rows) != 0 {
				t.Errorf("%s's list: %+v", c.Actor.Account, rows)
			}
		}
		w.wasTold()
		w.ok(w.AnswerStudy(w.ctx, employer, "p1", x.ID, 1, true))
		w.wasTold("learning.changed d1")
		w.is(problem.Conflict, w.AnswerStudy(w.ctx, employer, "p1", x.ID, 1, true)) // sent twice
		// The employer proposes more; the doctor agrees: the first ends the day before.
		y := must[Study](t)(w.Propose(w.ctx, employer, "p1", 300, today+30))
		if soon := must[[]string](t)(lines(w.Soon(w.ctx, doctor))); len(soon) != 1 || !strings.Contains(soon[0], "proposes study time") {
			t.Errorf("%q", soon)
		}
		w.ok(w.AnswerStudy(w.ctx, doctor, "p1", y.ID, 1, true))
		v := must[StudySight](t)(w.LookStudy(w.ctx, boss, "p1"))
		if len(v.History) != 2 || v.History[1].To != today+29 || v.History[0].MinutesWeek != 300 || v.Side != "" {
			t.Errorf("%+v", v)
		}
		z := must[Study](t)(w.Propose(w.ctx, doctor, "p1", 60, today+10)) // before what is agreed
		w.is(problem.Refused, w.AnswerStudy(w.ctx, employer, "p1", z.ID, 1, true))
		w.ok(w.TakeBack(w.ctx, doctor, "p1", z.ID, 1))
		w.is(problem.Invalid, w.EndStudy(w.ctx, doctor, "p1", y.ID, 2, today))
		w.ok(w.EndStudy(w.ctx, doctor, "p1", y.ID, 2, today+60))
		w.is(problem.Conflict, w.EndStudy(w.ctx, employer, "p1", y.ID, 3, today+61))
		for _, c := range []access.Call{caseworks, byDoctor("d2"), scheme} {
			if _, err := w.LookStudy(w.ctx, c, "p1"); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s sees study time: %v", c.Actor.Account, err)
			}
		}
		w.post.EndedOn = today
		_, err = w.Propose(w.ctx, doctor, "p1", 60, today+90)
		w.is(problem.Refused, err)
	})
}
