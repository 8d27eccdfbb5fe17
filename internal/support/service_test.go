package support

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/web"
)

const tenant = "msw"

var today = clock.MustDate("2026-11-22")

type world struct {
	*Service
	t      *testing.T
	ctx    context.Context
	db     *database.DB
	table  *access.Table
	fails  map[string][]clock.Date
	hidden map[string][]string
	refs   map[string]string
}

type noMail struct{}

func (noMail) Enqueue(context.Context, string, string, map[string]string) error { return nil }

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func inWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := &world{t: t, ctx: t.Context(), db: db, fails: map[string][]clock.Date{}, hidden: map[string][]string{}, refs: map[string]string{}}
		var grants []access.Grant
		give := func(role access.Role, rel access.Relation, acts ...access.Action) {
			for _, a := range acts {
				grants = append(grants, access.Grant{Role: role, Action: a, Relation: rel})
			}
		}
		give("doctor", access.Own, ActOwn, ActMentor, casefile.ActHome, casefile.ActRead)
		give("doctor", access.Tenant, ActCall, ActHelp)
		give("caseworker", access.Tenant, ActCall, ActPair, ActHelp, ActKeepHelp, ActHardship, casefile.ActHome, casefile.ActRead, casefile.ActList)
		give("assessor", access.Tenant, casefile.ActHome, casefile.ActRead, casefile.ActList)
		give("employer_hr", access.Organisation, casefile.ActHome, casefile.ActRead, casefile.ActList)
		give("operator", access.Tenant, slices.Concat(Actions(), casefile.Actions())...)
		w.table = must[*access.Table](t)(access.NewTable(grants...))
		log := must[*audit.Log](t)(audit.New(db))
		names := func(_ context.Context, _ string, ids []string) (map[string]string, error) {
			out := map[string]string{}
			for _, id := range ids {
				out[id] = "Canary of " + id
			}
			return out, nil
		}
		cases := must[*casefile.Service](t)(casefile.New(casefile.Options{DB: db, Access: w.table, Audit: log, Jobs: noMail{}, Names: names}))
		numbers := map[string]int{SettingHard: 2, SettingFails: 2, SettingMonths: 6}
		w.Service = must[*Service](t)(New(Options{DB: db, Access: w.table, Audit: log, Cases: cases, Names: names,
			Setting: func(_ context.Context, _, name string) (int, error) { return numbers[name], nil },
			Account: func(_ context.Context, _, doctor string) (string, error) { return "acc-" + doctor, nil },
			Staff: func(_ context.Context, ids []string) (map[string]string, error) {
				out := map[string]string{}
				for _, id := range ids {
					out[id] = "Worker " + id
				}
				return out, nil
			},
			Fails: func(_ context.Context, _, doctor string) ([]clock.Date, error) { return w.fails[doctor], nil },
			HiddenFrom: func(_ context.Context, _ string, subjects []string) ([]string, error) {
				var out []string
				for _, s := range subjects {
					out = append(out, w.hidden[s]...)
				}
				return out, nil
			},
			Directory: func() []Help { return nil }}))
		fn(t, w)
	})
}

func at(a access.Actor) access.Call {
	a.Tenant = tenant
	return access.Call{Actor: a, Today: today, Now: clock.StartOf(today)}
}

func byDoctor(id string) access.Call { return at(access.Actor{Account: "acc-" + id, Doctor: id}) }

func staff(account string, role access.Role) access.Call {
	return at(access.Actor{Account: account, Members: []access.Membership{{Role: role, Organisation: "RX1"}}})
}

// doctor opens a case whose caseworker is "cw" and whose supervisor is "acc-boss".
func (w *world) doctor(id string) {
	w.t.Helper()
	w.refs[id] = database.NewRef()
	err := w.db.Tx(w.ctx, func(ctx context.Context) error {
		if err := w.cases.Open(ctx, staff("op", "operator"), casefile.NewCase{Doctor: id, Ref: w.refs[id], Region: "Y62", Caseworker: "cw", Opened: today - 200}); err != nil {
			return err
		}
		return w.cases.Place(ctx, staff("op", "operator"), id, casefile.Placing{Region: "Y62", Organisations: []string{"RX1"}, Supervisors: []string{"acc-boss"}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) checkIn(id string, answers ...Answer) bool {
	w.t.Helper()
	return must[bool](w.t)(w.CheckIn(w.ctx, byDoctor(id), checkIn("", answers...)))
}

// A doctor's two hard check-ins ask the chosen person to call, once, and nobody
// learns why: not the person called, not an assessor, not the employer.
func TestPleaseCallNeverSaysWhy(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.doctor("d1")
		if w.checkIn("d1", VeryHard) || w.checkIn("d1", VeryHard) {
			t.Fatal("somebody was called although nothing was switched on")
		}
		if err := w.SavePlan(w.ctx, byDoctor("d1"), Plan{Rhythm: Weekly, Answers: true, Told: TellCaseworker}); err != nil {
			t.Fatal(err)
		}
		if !w.checkIn("d1", VeryHard) {
			t.Fatal("nobody was called")
		}
		list := must[[]Ring](t)(w.Calls(w.ctx, staff("cw", "caseworker")))
		if len(list) != 1 || list[0].Ref != w.refs["d1"] {
			t.Fatalf("the caseworker sees %+v", list)
		}
		for _, c := range []access.Call{staff("cw2", "caseworker"), byDoctor("d2")} {
			if list, err := w.Calls(w.ctx, c); err != nil || len(list) > 0 {
				t.Errorf("%s sees %v, %v", c.Actor.Account, list, err)
			}
		}
		for _, role := range []access.Role{"assessor", "employer_hr"} {
			if _, err := w.Calls(w.ctx, staff("x", role)); err == nil {
				t.Errorf("%s reads the calls", role)
			}
		}
		for account, sees := range map[string]bool{"cw": true, "cw2": false, "as": false, "hr": false} {
			role := map[string]access.Role{"cw": "caseworker", "cw2": "caseworker", "as": "assessor", "hr": "employer_hr"}[account]
			v := casefile.ViewsOf(staff(account, role).Actor, must[casefile.Case](t)(w.cases.Get(w.ctx, "d1", tenant)))
			task := casefile.Task{Kind: casefile.TaskCall, Owner: "cw", Party: casefile.PartyCaseworker}
			if got := len(v.Tasks([]casefile.Task{task})) == 1; got != sees {
				t.Errorf("%s sees the task to call: %v", account, got)
			}
		}
		if err := w.Called(w.ctx, staff("cw2", "caseworker"), list[0].ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("somebody else's call: %v", err)
		}
		if err := w.Called(w.ctx, staff("cw", "caseworker"), list[0].ID); err != nil {
			t.Fatal(err)
		}
		if list := must[[]Ring](t)(w.Calls(w.ctx, staff("cw", "caseworker"))); len(list) != 0 {
			t.Errorf("still to call: %v", list)
		}
	})
}

// The check-in task is the doctor's alone, and comes and goes with its day.
func TestRemindDue(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.doctor("d1")
		if err := w.SavePlan(w.ctx, byDoctor("d1"), Plan{Rhythm: Weekly}); err != nil {
			t.Fatal(err)
		}
		op := staff("op", "operator")
		if n := must[int](t)(w.RemindDue(w.ctx, op)); n != 0 {
			t.Errorf("%d were asked on the first day", n)
		}
		op.Today = today.AddDays(7)
		if n := must[int](t)(w.RemindDue(w.ctx, op)); n != 1 {
			t.Errorf("%d were asked after a week", n)
		}
		task := casefile.Task{Kind: casefile.TaskCheckIn, Party: casefile.PartyDoctor}
		c := must[casefile.Case](t)(w.cases.Get(w.ctx, "d1", tenant))
		if casefile.ViewsOf(staff("cw", "caseworker").Actor, c).Tasks([]casefile.Task{task}) != nil {
			t.Error("a caseworker sees that a check-in waits")
		}
		later := byDoctor("d1")
		later.Today = op.Today
		must[bool](t)(w.CheckIn(w.ctx, later, checkIn("", Well)))
		if n := must[int](t)(w.RemindDue(w.ctx, op)); n != 0 {
			t.Errorf("asked again on the same day: %d", n)
		}
	})
}

// Exam results call only where the doctor switched that on, and each once.
func TestExamsCallOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.doctor("d1")
		w.fails["d1"] = []clock.Date{today - 5, today - 90}
		look := func() int {
			if err := w.ExamsChanged(w.ctx, staff("op", "operator"), "d1", []string{fact.Exam}); err != nil {
				t.Fatal(err)
			}
			return len(must[[]Call](t)(w.callsOf(w.ctx, tenant, "d1")))
		}
		if look() != 0 {
			t.Fatal("called although nothing was switched on")
		}
		if err := w.SavePlan(w.ctx, byDoctor("d1"), Plan{Rhythm: Never, Exams: true, Told: TellTeam}); err != nil {
			t.Fatal(err)
		}
		if look() != 1 {
			t.Fatal("nobody was called")
		}
		call := must[[]Ring](t)(w.Calls(w.ctx, staff("cw9", "caseworker")))[0]
		if err := w.Called(w.ctx, staff("cw9", "caseworker"), call.ID); err != nil {
			t.Fatal(err)
		}
		if look() != 1 {
			t.Error("the same exams called again")
		}
	})
}

func TestAMentorIsFoundWithBothSayingYes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, id := range []string{"d1", "guide", "boss", "feared"} {
			w.doctor(id)
		}
		w.hidden["account:acc-feared"] = []string{"d1"}
		for _, id := range []string{"guide", "boss", "feared"} {
			o := Offer{Places: 1, Offered: true, Languages: []string{"English"}, Ways: []string{"phone"}, Contact: "call " + id}
			if err := w.SaveOffer(w.ctx, byDoctor(id), o); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WantMentor(w.ctx, byDoctor("d1"), Wish{Languages: []string{"English"}, Ways: []string{"phone"}, Contact: "call d1"}); err != nil {
			t.Fatal(err)
		}
		cw := staff("cw", "caseworker")
		pair := must[[]PairSight](t)(w.Wanting(w.ctx, cw, nil, 10))[0]
		if pair.Wish.Contact != "" {
			t.Error("a caseworker reads what is for the mentor alone")
		}
		_, list, err := w.Candidates(w.ctx, cw, pair.ID)
		if err != nil || len(list) != 1 || list[0].Mentor != "guide" {
			t.Fatalf("candidates %+v, %v: neither a supervisor nor somebody hidden from may be among them", list, err)
		}
		if err := w.Propose(w.ctx, cw, pair.ID, "boss", pair.Version); problem.KindOf(err) != problem.Refused {
			t.Errorf("a supervisor was proposed: %v", err)
		}
		if err := w.Propose(w.ctx, cw, pair.ID, "guide", pair.Version); err != nil {
			t.Fatal(err)
		}
		if m := must[Mentoring](t)(w.MyMentoring(w.ctx, byDoctor("guide"))); len(m.Pairs) != 1 || m.Pairs[0].DoctorName != "" || m.Pairs[0].Contact != "" {
			t.Errorf("before both said yes the mentor reads %+v", m.Pairs)
		}
		if err := w.AnswerPair(w.ctx, byDoctor("boss"), pair.ID, true); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a stranger answered: %v", err)
		}
		for _, id := range []string{"d1", "guide"} {
			if err := w.AnswerPair(w.ctx, byDoctor(id), pair.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		m := must[Mine](t)(w.Look(w.ctx, byDoctor("d1")))
		if m.Mentor != "Canary of guide" {
			t.Errorf("together with %q", m.Mentor)
		}
		if err := w.Ask(w.ctx, byDoctor("d1"), TellMentor); err != nil {
			t.Fatal(err)
		}
		if calls := must[[]Ring](t)(w.Calls(w.ctx, byDoctor("guide"))); len(calls) != 1 || calls[0].Contact != "call d1" || calls[0].Ref != "" {
			t.Errorf("the mentor is asked to call %+v", calls)
		}
		if err := w.EndPair(w.ctx, byDoctor("guide"), pair.ID); err != nil {
			t.Fatal(err)
		}
		if o := must[Offer](t)(w.offer(w.ctx, tenant, "guide")); o.Taken != 0 || o.Contact != "call guide" {
			t.Errorf("after the end the offer is %+v", o)
		}
		if err := w.Ask(w.ctx, byDoctor("d1"), TellMentor); err == nil {
			t.Error("a mentor who is none any more was asked to call")
		}
	})
}

func TestHelpWithMoney(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.doctor("d1")
		ask := Hardship{Kind: "travel", Pence: 4500, Why: "Canary of why"}
		if err := w.AskMoney(w.ctx, byDoctor("d1"), ask); err != nil {
			t.Fatal(err)
		}
		if err := w.AskMoney(w.ctx, byDoctor("d1"), ask); problem.KindOf(err) != problem.Refused {
			t.Errorf("asked twice: %v", err)
		}
		for _, role := range []access.Role{"assessor", "employer_hr"} {
			if _, err := w.Requests(w.ctx, staff("x", role), nil, 10); err == nil {
				t.Errorf("%s reads the requests", role)
			}
		}
		cw := staff("cw", "caseworker")
		list := must[[]HardshipSight](t)(w.Requests(w.ctx, cw, nil, 10))
		if len(list) != 1 || list[0].Why != "Canary of why" {
			t.Fatalf("waiting: %+v", list)
		}
		hiding := cw
		hiding.Actor.Hidden = []string{"d1"}
		if l := must[[]HardshipSight](t)(w.Requests(w.ctx, hiding, nil, 10)); len(l) != 0 {
			t.Error("somebody the doctor hides from reads the request")
		}
		if err := w.Decide(w.ctx, hiding, list[0].ID, true, "", 1); problem.KindOf(err) != problem.NotFound {
			t.Errorf("somebody the doctor hides from decided: %v", err)
		}
		if err := w.Decide(w.ctx, cw, list[0].ID, false, "", 1); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a no without a reason: %v", err)
		}
		if err := w.Decide(w.ctx, cw, list[0].ID, false, "no_fund", 1); err != nil {
			t.Fatal(err)
		}
		if err := w.Decide(w.ctx, cw, list[0].ID, true, "", 1); problem.KindOf(err) != problem.Conflict {
			t.Errorf("decided twice: %v", err)
		}
		if err := w.AskMoney(w.ctx, byDoctor("d1"), ask); err != nil {
			t.Errorf("asking again after an answer: %v", err)
		}
	})
}

func TestSupportPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.doctor("d1")
		w.checkIn("d1", Hard)
		must[bool](t)(w.CheckIn(w.ctx, byDoctor("d1"), CheckIn{Note: "Canary of note"}))
		people := map[string]access.Call{"d1": byDoctor("d1"), "d2": byDoctor("d2"), "cw": staff("cw", "caseworker"), "as": staff("as", "assessor"), "hr": staff("hr", "employer_hr")}
		s := must[*web.Server](t)(web.New(web.Options{DB: w.db, Access: w.table, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return clock.StartOf(today) },
			Actor: func(r *http.Request) (access.Actor, bool, error) {
				c, ok := people[r.Header.Get("Who")]
				return c.Actor, ok, nil
			}}))
		if err := s.Handle(NewPages(w.Service).Routes()...); err != nil {
			t.Fatal(err)
		}
		ask := func(who, path string, form url.Values) (int, string) {
			r := httptest.NewRequest("GET", path, nil)
			if form != nil {
				form.Set("idempotency-key", database.NewID())
				r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
			}
			r.Header.Set("Who", who)
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, r)
			return rec.Code, rec.Body.String()
		}
		for _, c := range []struct {
			who, path  string
			form       url.Values
			code       int
			has, hasNo string
		}{
			{"d1", "/support", nil, 200, "Canary of note", "Dr "},
			{"d2", "/support", nil, 200, "call 999", "Canary of note"},
			{"cw", "/support", nil, 404, "", "Canary"},
			{"as", "/support/calls", nil, 404, "", "Canary"},
			{"hr", "/support/requests", nil, 404, "", "Canary"},
			{"cw", "/support/calls", nil, 200, "Nobody to call", "Canary"},
			{"d1", "/support/check-in", url.Values{}, 422, "Answer at least one question", ""},
			{"d1", "/support/plan", url.Values{"rhythm": {"month"}, "watch": {"answers"}, "version": {"0"}}, 422, "Choose who is asked to call you", ""},
			{"d1", "/support/hardship", url.Values{"kind": {"travel"}, "pence": {"abc"}, "why": {"what I typed"}}, 422, "what I typed", ""},
			{"d1", "/support/mentor", url.Values{"languages": {"Dari"}}, 422, "Choose at least one way to talk", ""},
			{"cw", "/support/help/new", url.Values{"name": {"Helpers"}, "link": {"javascript:alert(1)"}}, 422, "begins with https://", ""},
		} {
			code, body := ask(c.who, c.path, c.form)
			if code != c.code || !strings.Contains(body, c.has) || c.hasNo != "" && strings.Contains(body, c.hasNo) {
				t.Errorf("%s %s %v: %d, has %q: %v, has %q: %v", c.who, c.path, c.form, code, c.has, strings.Contains(body, c.has), c.hasNo, strings.Contains(body, c.hasNo))
			}
		}
	})
}
