package placement

import (
	"net/url"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
)

func TestMeetingIsPreparedHeldAndAgreedByBoth(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		if err := w.SetGoal(w.ctx, supervisor, Goal{Placement: p.ID, Due: today + 20, Text: "Present a patient"}); err != nil {
			t.Fatal(err)
		}
		_, agenda, err := w.PrepareMeeting(w.ctx, byDoctor("d1"), p.ID)
		if text := strings.Join(agenda, "|"); err != nil || !strings.Contains(text, "IT access works before the first shift, was due") || !strings.Contains(text, "Goal: Present a patient") {
			t.Errorf("the agenda: %v %s", err, text)
		}
		if _, err := w.Meet(w.ctx, supervisor, Meeting{Placement: p.ID, Kind: "coffee", On: today + 1}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("nonsense: %v", err)
		}
		m := must[Meeting](t)(w.Meet(w.ctx, supervisor, Meeting{Placement: p.ID, Kind: MeetingStart, On: today - 90, Notes: "Canary talk", Needs: map[string]string{"worries": "Canary worry"}}))
		if _, err := w.Meet(w.ctx, supervisor, Meeting{Placement: p.ID, Kind: MeetingStart, On: today - 90, Notes: "Again"}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("a second first meeting: %v", err)
		}
		if m.Agreed() || m.SupervisorAt.IsZero() {
			t.Errorf("after it was written: %+v", m)
		}
		for name, c := range map[string]access.Call{"HR": employer, "stranger": stranger, "again": supervisor} {
			if err := w.Agree(w.ctx, c, p.ID, m.ID); err == nil {
				t.Errorf("%s agreed", name)
			}
		}
		if err := w.Agree(w.ctx, byDoctor("d1"), p.ID, m.ID); err != nil {
			t.Fatal(err)
		}
		_, m, err = w.LookMeeting(w.ctx, byDoctor("d1"), p.ID, m.ID)
		if err != nil || !m.Agreed() || m.Notes != "Canary talk" || m.Needs["worries"] != "Canary worry" || len(m.Agenda) == 0 {
			t.Errorf("agreed by both: %+v %v", m, err)
		}
		for _, c := range []access.Call{stranger, other, shift, north, board} {
			if _, _, err := w.LookMeeting(w.ctx, c, p.ID, m.ID); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s read a meeting: %v", c.Actor.Account, err)
			}
		}
	})
}

func TestStandInShowsOnTheCardAndOnlyWhoCan(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		w.gone["sup"] = true
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.Nobody {
			t.Errorf("the supervisor left: %s", l.State)
		}
		must[int](t)(w.RenewDay(w.ctx, system))
		if team := must[Team](t)(w.LookTeam(w.ctx, employer, Query{Limit: 10})); team.Rows[0].Light != Red || !strings.Contains(strings.Join(team.Rows[0].Reasons, " "), "Clinical supervisor: has left.") {
			t.Errorf("the employer is not told: %+v", team.Rows[0].Judged)
		}
		if w.tasks("d1", TaskSupervisor) != 1 {
			t.Error("no task to name a supervisor")
		}
		must[post.Supervisor](t)(w.posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: "old", Organisation: "RX1", Name: "Senior old", Capacity: 1, ApprovedUntil: today + 1}))
		must[post.Supervisor](t)(w.posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: "far", Organisation: "RX2", Name: "Senior far", Capacity: 1}))
		for name, c := range map[string]Cover{
			"lapses within": {Account: "old", From: today, To: today + 2}, "has left": {Account: "sup", From: today, To: today + 2}, "elsewhere": {Account: "far", From: today, To: today + 2},
			"unknown": {Account: "nobody", From: today, To: today + 2}, "over": {Account: "sup2", From: today - 4, To: today - 2}, "backwards": {Account: "sup2", From: today, To: today - 1}, "no days": {Account: "sup2"},
		} {
			c.Placement, c.Role = p.ID, Clinical
			if err := w.StandIn(w.ctx, employer, c); problem.KindOf(err) != problem.Refused && problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.hidden["account:sup2"] = []string{"d1"}
		cover := Cover{Placement: p.ID, Role: Clinical, Account: "sup2", From: today, To: today + 3}
		if err := w.StandIn(w.ctx, employer, cover); problem.KindOf(err) != problem.NotFound {
			t.Errorf("somebody the person hides from stands in: %v", err)
		}
		delete(w.hidden, "account:sup2")
		if err := w.StandIn(w.ctx, employer, cover); err != nil {
			t.Fatal(err)
		}
		c := must[card.Card](t)(w.CardOf(w.ctx, tenant, "d1", supervisor.Now))
		if len(c.Under) != 1 || c.Under[0].Name != "Senior sup2" || !c.Under[0].Stands || len(c.Allowed(supervisor.Now)) != 1 {
			t.Errorf("with somebody standing in: %+v", c.Under)
		}
		if w.tasks("d1", TaskSupervisor) != 0 {
			t.Error("the task stayed")
		}
	})
}

func (w world) tasks(doctor, kind string) int {
	w.t.Helper()
	var n int
	err := w.db.Q(w.ctx).QueryRow(w.ctx, `SELECT count(*) FROM casefile_task WHERE tenant_id = $1 AND doctor_id = $2 AND kind = $3 AND closed_on = ''`, tenant, doctor, kind).Scan(&n)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestAbsenceStopsTheCardAndIsTheReasonOfFew(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		must[Signed](t)(w.SignOff(w.ctx, supervisor, blood("d1")))
		if err := w.StayAway(w.ctx, employer, Absence{Placement: p.ID, Kind: "sickness", From: today - 1}); err != nil {
			t.Fatal(err)
		}
		h := w.site()
		for who, sees := range map[string]bool{"employer": true, "supervisor": true, "d1": true} {
			status, body, _ := ask(h, who, "/placements/"+p.ID+"/supervision", nil)
			if status != 200 || strings.Contains(body, "Sickness from") != sees {
				t.Errorf("%s sees why: %d", who, status)
			}
		}
		_, body, _ := ask(h, "shift", "/placements/"+p.ID+"/card", nil)
		if !strings.Contains(body, "not recorded as at work today") || strings.Contains(strings.ToLower(body), "sick") || strings.Contains(body, "Not valid after") {
			t.Errorf("the card of somebody away:\n%s", body)
		}
		v := must[Supervision](t)(w.LookSupervision(w.ctx, employer, p.ID))
		if err := w.Return(w.ctx, employer, p.ID, v.Absences[0].ID, today+1); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a return in the future: %v", err)
		}
		if err := w.Return(w.ctx, employer, p.ID, v.Absences[0].ID, today); err != nil {
			t.Fatal(err)
		}
		if l := w.says("d1", "venepuncture", supervisor.Now); l.State != card.Allowed {
			t.Errorf("after the return: %s", l.State)
		}
	})
}

func TestConcernsAreForTheNamedFew(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		const secret = "Canary concern about handover"
		if err := w.Raise(w.ctx, shift, Concern{Placement: p.ID, Text: secret}, AboutWork); err != nil {
			t.Fatal(err)
		}
		if err := w.Raise(w.ctx, shift, Concern{Placement: p.ID}, AboutWork); problem.KindOf(err) != problem.Invalid {
			t.Errorf("empty: %v", err)
		}
		h, at := w.site(), "/placements/"+p.ID
		for who, may := range map[string]bool{"employer": true, "supervisor": true, "educator": true, "shift": false, "d1": false, "d2": false, "caseworker": false, "board": false, "london": false, "stranger": false, "other": false} {
			status, body, _ := ask(h, who, at+"/concerns", nil)
			if (status == 200) != may || strings.Contains(body, secret) != may {
				t.Errorf("%s: %d, sees %v", who, status, strings.Contains(body, secret))
			}
			for _, path := range []string{at, at + "/supervision", at + "/card", "/placements", "/team", at + "/sign-offs"} {
				if _, body, _ := ask(h, who, path, nil); strings.Contains(body, "Canary concern") {
					t.Errorf("%s %s tells of the concern", who, path)
				}
			}
		}
		_, list, _ := w.Concerns(w.ctx, employer, p.ID)
		if err := w.Raise(w.ctx, shift, Concern{Placement: p.ID, About: list[0].ID, Text: "More"}, ""); problem.KindOf(err) != problem.NotFound {
			t.Errorf("who cannot read added to it: %v", err)
		}
		if err := w.Raise(w.ctx, employer, Concern{Placement: p.ID, About: "other", Text: "More"}, ""); problem.KindOf(err) != problem.NotFound {
			t.Errorf("added to one that is not there: %v", err)
		}
		if err := w.Raise(w.ctx, employer, Concern{Placement: p.ID, About: list[0].ID, Closes: true, Text: "Talked it over"}, ""); err != nil {
			t.Fatal(err)
		}
		var looks int
		err := w.db.Q(w.ctx).QueryRow(w.ctx, `SELECT count(*) FROM audit_entry WHERE tenant_id = $1 AND action = $2 AND look = true`, tenant, string(ActConcern)).Scan(&looks)
		if err != nil || looks < 3 {
			t.Errorf("%d looks at concerns are written down: %v", looks, err)
		}
	})
}

func TestTotalsFollowTheLights(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		must[int](t)(w.RenewDay(w.ctx, system))
		total := func(c access.Call) map[Light]int {
			out := map[Light]int{}
			for _, h := range must[[]HostTotal](t)(w.HostTotals(w.ctx, c, "")) {
				for l, n := range h.Number {
					out[l] += n
				}
			}
			return out
		}
		if got := total(employer); got[Red] != 1 || got[Green] != 0 {
			t.Errorf("with the whole induction overdue: %v", got)
		}
		for _, s := range w.o.Induction.Steps {
			if err := w.Tick(w.ctx, supervisor, p.ID, s.ID, today-5); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range []Meeting{{Kind: MeetingStart, On: today - 95}, {Kind: MeetingRhythm, On: today - 2}} {
			m.Placement, m.Notes = p.ID, "Talked"
			m = must[Meeting](t)(w.Meet(w.ctx, supervisor, m))
			if err := w.Agree(w.ctx, byDoctor("d1"), p.ID, m.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := total(london); got[Red] != 0 || got[Green] != 1 {
			t.Errorf("after all was done, for the region: %v", got)
		}
		if got := total(north); len(got) != 0 {
			t.Errorf("another region: %v", got)
		}
		if n := must[int](t)(w.RenewDay(w.ctx, system)); n != 0 {
			t.Errorf("%d lights were worked out twice a day", n)
		}
		must[Placement](t)(w.End(w.ctx, employer, Ending{ID: p.ID, On: today, Code: CodeUnknown}))
		if got := total(employer); len(got) != 0 {
			t.Errorf("after the end: %v", got)
		}
	})
}

func TestAHostSignsItsListAndCorrectsItAfterwards(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.ready("d1")
		if n := must[int](t)(w.OpenRolls(w.ctx, system)); n != 1 {
			t.Fatalf("%d lists were opened", n)
		}
		if n := must[int](t)(w.OpenRolls(w.ctx, system)); n != 0 {
			t.Fatalf("%d lists were opened again", n)
		}
		list, _, err := w.Rolls(w.ctx, employer, nil, 10)
		if err != nil || len(list) != 1 || list[0].Ends != clock.MustDate("2022-09-30") || list[0].Due != today+14 {
			t.Fatalf("the list: %+v %v", list, err)
		}
		h, at := w.site(), "/lists/"+list[0].ID
		for _, sc := range []struct {
			who, path string
			form      url.Values
			status    int
			must, not []string
		}{
			{who: "employer", path: at, status: 200, must: []string{"Canary of d1", "Look at these first", "Sign the list"}},
			{who: "london", path: at, status: 200, must: []string{"Canary of d1"}, not: []string{"Sign the list"}},
			{who: "north", path: at, status: 404, not: []string{"Canary"}},
			{who: "other", path: at, status: 404, not: []string{"Canary"}},
			{who: "london", path: at, form: url.Values{"name": {"L"}, "role": {"Lead"}}, status: 404},
			{who: "employer", path: at, form: url.Values{"version": {"1"}, "text": {"typed words"}}, status: 422, must: []string{"Enter your name", "Enter your role", "typed words"}},
			{who: "employer", path: at, form: url.Values{"version": {"1"}, "name": {"Ann Hill"}, "role": {"HR manager"}}, status: 303},
			{who: "employer", path: at, form: url.Values{"version": {"1"}, "name": {"Bea Low"}, "role": {"HR"}}, status: 409},
			{who: "employer", path: at, form: url.Values{"version": {"2"}, "name": {"Ann Hill"}, "role": {"HR manager"}}, status: 422, must: []string{"Write what you correct"}},
			{who: "employer", path: at, form: url.Values{"version": {"2"}, "name": {"Ann Hill"}, "role": {"HR manager"}, "text": {"One more was here"}}, status: 303},
			{who: "employer", path: at, status: 200, must: []string{"Ann Hill, HR manager", "1 people on the list", "Corrected", "One more was here", "Correct the list"}},
			{who: "employer", path: "/lists", status: 200, must: []string{"Signed", "Quarter 3 of 2022"}},
			{who: "employer", path: "/team", status: 200, must: []string{"Canary of d1", "Needs action", "Supervisors", "Senior sup"}},
			{who: "employer", path: "/team?light=green", status: 200, not: []string{"Canary of d1"}},
			{who: "london", path: "/team", status: 200, must: []string{"Canary of d1"}},
			{who: "north", path: "/team", status: 200, not: []string{"Canary"}},
			{who: "supervisor", path: "/team", status: 404},
			{who: "london", path: "/team/hosts", status: 200},
		} {
			status, body, _ := ask(h, sc.who, sc.path, sc.form)
			if status != sc.status {
				t.Errorf("%s %s %v: status %d, want %d", sc.who, sc.path, sc.form, status, sc.status)
			}
			for _, m := range sc.must {
				if !strings.Contains(body, m) {
					t.Errorf("%s %s: %q is missing\n%s", sc.who, sc.path, m, body)
				}
			}
			for _, m := range append(sc.not, "Dr ") {
				if strings.Contains(body, m) {
					t.Errorf("%s %s: %q must not be there", sc.who, sc.path, m)
				}
			}
		}
	})
}

func TestSupervisionFormsKeepWhatWasTyped(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		h, at := w.site(), "/placements/"+p.ID+"/"
		for path, form := range map[string]url.Values{
			"meetings/new":           {"notes": {"typed words"}, "on": {"2022-13-01"}},
			"goal":                   {"text": {"typed words"}, "to": {"2021-01-01"}},
			"concern":                {"text": {strings.Repeat("typed words", 400)}},
			"sign-offs/venepuncture": {"assessor": {"outside"}, "name": {"typed words"}, "level": {"3"}, "on": {"2030-01-01"}},
		} {
			status, body, _ := ask(h, "supervisor", at+path, form)
			if status != 422 || !strings.Contains(body, "typed words") {
				t.Errorf("%s: %d\n%s", path, status, body)
			}
		}
	})
}
