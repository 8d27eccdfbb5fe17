package placement

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"msw/internal/clock"
)

func TestLateStepsAreAskedForOnceAndTheTaskClosesWhenTheyAreDone(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		w.plan(p, EndLeft, "moved_country", 1)
		night := func(days int) {
			t.Helper()
			call := system
			call.Now, call.Today = clock.StartOf(today.AddDays(days)), today.AddDays(days)
			if err := w.EndDue(w.ctx, call); err != nil {
				t.Fatal(err)
			}
		}
		if night(1); w.tasks("d1", TaskLeaving) != 0 {
			t.Error("a task before anything is late")
		}
		night(2)
		if n := w.tasks("d1", TaskLeaving); n != 3 { // employer, supervisor, doctor: one each
			t.Errorf("%d tasks the day after the last day, want 3", n)
		}
		night(3)
		if n := w.tasks("d1", TaskLeaving); n != 3 {
			t.Errorf("%d tasks after another night, want the same 3", n)
		}
		for _, step := range []string{"it_access", "leave_balance"} {
			call := employer
			call.Now, call.Today = clock.StartOf(today.AddDays(3)), today.AddDays(3)
			if err := w.TickStep(w.ctx, call, p.ID, step, true); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.tasks("d1", TaskLeaving); n != 2 {
			t.Errorf("%d tasks when the employer did their part, want 2", n)
		}
		if night(40); w.tasks("d1", TaskMeeting) != 0 {
			t.Error("an ended post still asks for meetings")
		}
	})
}

func TestAnOverdueMeetingIsAskedForOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		later := system
		later.Now, later.Today = clock.StartOf(today.AddDays(120)), today.AddDays(120)
		for range 2 {
			must[int](t)(w.RenewDay(w.ctx, later))
		}
		if n := w.tasks("d1", TaskMeeting); n != 1 {
			t.Fatalf("%d tasks for an overdue meeting, want 1", n)
		}
		for _, kind := range []string{MeetingStart, MeetingMiddle, MeetingRhythm, MeetingEnd} {
			call := supervisor
			call.Now, call.Today = later.Now, later.Today
			must[Meeting](t)(w.Meet(w.ctx, call, Meeting{Placement: p.ID, Kind: kind, On: later.Today, Notes: "We met."}))
		}
		if n := w.tasks("d1", TaskMeeting); n != 0 {
			t.Errorf("%d tasks after the meetings were held, want 0", n)
		}
	})
}

func TestAnybodyAsksWhetherACertificateIsGenuineAndLearnsNothingElse(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		must[Placement](t)(w.End(w.ctx, employer, Ending{ID: p.ID, On: today, Code: "moved_country", Leaves: true}))
		in := Issuing{Placement: p.ID, Name: "Canary of d1", IssuedBy: "Pat Clerk", IssuedAs: "HR manager"}
		first := must[Certificate](t)(w.IssueCertificate(w.ctx, employer, in))
		h := w.site()
		get := func(number string) (int, string, http.Header) {
			r := httptest.NewRequest(http.MethodGet, "/certificate-check?number="+number, nil)
			r.RemoteAddr = "192.0.2.9:1"
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			return answer.Code, answer.Body.String(), answer.Header()
		}
		status, body, header := get(first.Number)
		if status != http.StatusOK || !strings.Contains(body, "Genuine.") || !strings.Contains(header.Get("X-Robots-Tag"), "noindex") {
			t.Fatalf("%d %v %s", status, header, body)
		}
		for _, secret := range []string{"Canary", "Pat Clerk", "RX1", "moved"} {
			if strings.Contains(body, secret) {
				t.Errorf("the page tells %q", secret)
			}
		}
		in.Replaces, in.IssuedBy = first.Number, "Sam Clerk"
		second := must[Certificate](t)(w.IssueCertificate(w.ctx, employer, in))
		for number, genuine := range map[string]bool{first.Number: false, second.Number: true, "000000000": false} {
			if _, body, _ := get(number); strings.Contains(body, "Genuine.") != genuine {
				t.Errorf("%s genuine: %v, want %v", number, !genuine, genuine)
			}
		}
		for range 20 {
			status, _, _ = get("ABCDEFGHJ")
		}
		if status != http.StatusTooManyRequests {
			t.Errorf("numbers can be tried as fast as one likes: %d", status)
		}
	})
}
