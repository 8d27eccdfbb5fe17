package fact_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
	"msw/rules"
)

const tenant = "msw"

// world is one store with its services and one doctor.
type world struct {
	t      *testing.T
	db     *database.DB
	s      *fact.Service
	people *doctor.Service
	table  *access.Table
	id     string
	ref    string
	told   []string
}

func build(t *testing.T, db *database.DB) *world {
	t.Helper()
	var grants []access.Grant
	for _, act := range append(fact.Actions(), doctor.Actions()...) {
		grants = append(grants, access.Grant{Role: "operator", Action: act, Relation: access.Tenant})
		if act != fact.ActVerify && act != fact.ActSeal && act != fact.ActEnter {
			grants = append(grants, access.Grant{Role: "doctor", Action: act, Relation: access.Own})
		}
		grants = append(grants, access.Grant{Role: "assessor", Action: act, Relation: access.Tenant})
	}
	for _, role := range []access.Role{organisation.RoleEmployerHR, organisation.RoleSupervisor} {
		grants = append(grants, access.Grant{Role: role, Action: fact.ActRead, Relation: access.Tenant})
	}
	table, err := access.NewTable(grants...)
	must(t, err)
	log, err := audit.New(db)
	must(t, err)
	book, err := rulebook.Load(rules.Files, ".")
	must(t, err)
	w := &world{t: t, db: db, table: table}
	w.people, err = doctor.New(doctor.Options{DB: db, Access: table, Audit: log})
	must(t, err)
	w.s, err = fact.New(fact.Options{DB: db, Access: table, Audit: log, Schema: book.Schema(),
		Changed: func(_ context.Context, _ access.Call, _ string, kinds []string) error {
			w.told = append(w.told, kinds...)
			return nil
		}})
	must(t, err)
	w.id, w.ref, err = w.people.Create(t.Context(), w.call("assessor"), doctor.NewDoctor{Given: "Test"})
	must(t, err)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var now = clock.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))

func (w *world) call(role access.Role) access.Call {
	a := access.Actor{Account: "a-" + string(role), Tenant: tenant}
	if role == access.Doctor {
		a.Doctor = w.id
	} else {
		a.Members = []access.Membership{{Role: role}}
	}
	return access.Call{Actor: a, Now: now, Today: now.Local()}
}

func (w *world) record(role access.Role, n fact.NewFact) string {
	w.t.Helper()
	n.Doctor = w.id
	id, err := w.s.Record(w.t.Context(), w.call(role), n)
	must(w.t, err)
	return id
}

func date(s string) clock.Date { return clock.MustDate(s) }

var passed = fact.NewFact{Kind: fact.Exam, On: date("2025-03-04"), Fields: map[string]any{"name": "PLAB1", "outcome": "passed", "attempt": 3}}

func TestRecordKeepsTypesAndSupersedes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		first := w.record(access.Doctor, passed)
		w.record(access.Doctor, fact.NewFact{Kind: fact.Qualification, On: date("2010-07-01"), Fields: map[string]any{"awarded": date("2010-07-01"), "country": "SY", "taught_in_english": false}})
		second, err := w.s.Supersede(ctx, w.call(access.Doctor), first, fact.NewFact{On: date("2025-03-05"), Fields: passed.Fields})
		must(t, err)
		live, err := w.s.For(ctx, tenant, w.id)
		must(t, err)
		if len(live) != 2 || live[1].ID != second || live[1].Int("attempt") != 3 || live[0].Day("awarded") != date("2010-07-01") {
			t.Fatalf("live: %+v", live)
		}
		if v, known := live[0].Bool("taught_in_english"); v || !known {
			t.Error("a no is not known as one")
		}
		all, err := w.s.History(ctx, tenant, w.id)
		must(t, err)
		if len(all) != 3 {
			t.Fatalf("the superseded one is gone: %+v", all)
		}
		if _, err := w.s.Supersede(ctx, w.call(access.Doctor), first, passed); problem.KindOf(err) != problem.Conflict {
			t.Errorf("superseding the old one again: %v", err)
		}
		rule, err := w.s.ForRules(ctx, tenant, w.id)
		must(t, err)
		if len(rule) != 2 || rule[1].Fields["attempt"] != int64(3) || rule[1].State != rulebook.Claimed {
			t.Errorf("rules read %+v", rule)
		}
		many, err := w.s.ForMany(ctx, tenant, []string{w.id, "nobody"})
		if err != nil || len(many[w.id]) != 2 || len(many) != 1 {
			t.Errorf("many: %+v, %v", many, err)
		}
		if strings.Join(w.told, " ") != "exam medical_qualification exam" {
			t.Errorf("told of %v", w.told)
		}
	})
}

func TestRecordRefusesWhatTheSchemaDoesNotKnow(t *testing.T) {
	w := build(t, dbtest.SQLite(t))
	for _, n := range []fact.NewFact{
		{Doctor: w.id, Kind: "asylum_story"}, {Doctor: w.id, Kind: fact.Exam, Fields: map[string]any{"name": "PLAB9"}},
		{Doctor: w.id, Kind: fact.Exam, Fields: map[string]any{"reason": "x"}}, {Doctor: w.id, Kind: fact.Exam, On: date("2025-01-02"), Until: date("2025-01-01")},
		{Doctor: w.id, Kind: fact.Registration, Fields: map[string]any{"number": "12"}},
	} {
		if _, err := w.s.Record(t.Context(), w.call("assessor"), n); problem.KindOf(err) != problem.Invalid {
			t.Errorf("%+v: %v", n, err)
		}
	}
}

func TestOnlyThoseWhoMayCheckDo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		claimed := passed
		claimed.Doctor, claimed.State = w.id, rulebook.Verified
		if _, err := w.s.Record(ctx, w.call(access.Doctor), claimed); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a doctor verified their own exam: %v", err)
		}
		id := w.record(access.Doctor, passed)
		if err := w.s.Verify(ctx, w.call(access.Doctor), id, rulebook.Seen); err == nil {
			t.Error("a doctor verified their own exam")
		}
		must(t, w.s.Verify(ctx, w.call("assessor"), id, rulebook.Seen))
		live, err := w.s.For(ctx, tenant, w.id)
		must(t, err)
		if live[0].State != rulebook.Seen || live[0].CheckedBy != "a-assessor" || live[0].Version != 2 || live[0].Int("attempt") != 3 {
			t.Errorf("after the check: %+v", live[0])
		}
		for name, err := range map[string]error{"withdraw": w.s.Withdraw(ctx, w.call(access.Doctor), id), "supersede": second(w.s.Supersede(ctx, w.call(access.Doctor), id, passed))} {
			if problem.KindOf(err) != problem.Refused {
				t.Errorf("a doctor's %s of a checked fact: %v", name, err)
			}
		}
		must(t, w.s.Withdraw(ctx, w.call("assessor"), id))
		if live, _ = w.s.For(ctx, tenant, w.id); len(live) != 0 {
			t.Error("a withdrawn fact is live")
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestSealedNoteIsTheDoctorsOnly(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		n := passed
		n.Note = "a canary story"
		id := w.record("assessor", n)
		must(t, w.s.SealNarrative(ctx, w.call("assessor"), id))
		list, err := w.s.Read(ctx, w.call("assessor"), w.id)
		must(t, err)
		if list[0].Note != "" || !list[0].NoteSealed {
			t.Errorf("staff read %q", list[0].Note)
		}
		list, err = w.s.Read(ctx, w.call(access.Doctor), w.id)
		must(t, err)
		if list[0].Note != n.Note {
			t.Errorf("the doctor reads %q", list[0].Note)
		}
	})
}

// TestRolesSeeOnlyTheirFields plants canaries in what each role may not know.
func TestRolesSeeOnlyTheirFields(t *testing.T) {
	failed := map[string]any{"name": "PLAB2", "outcome": "failed", "attempt": int64(4)}
	pass := map[string]any{"name": "PLAB1", "outcome": "passed", "attempt": int64(3)}
	right := map[string]any{"category": "refugee", "may_work": true, "may_reside": true, "visitor": false}
	school := map[string]any{"institution": "School"}
	see := func(role access.Role, kind string, fields map[string]any, shared ...string) string {
		a := access.Actor{Account: "x", Tenant: tenant, Members: []access.Membership{{Role: role}}}
		got, ok := fact.Visible(a, "d1", kind, fields, shared...)
		if !ok {
			return "-"
		}
		return fmt.Sprint(got)
	}
	for _, c := range []struct {
		role      access.Role
		fail      bool   // may know of fails
		attempt   bool   // may know attempts of a pass
		pass      bool   // may know of a pass
		right     string // all, category or none
		education bool
	}{
		{organisation.RoleAssessor, true, true, true, "all", true}, {organisation.RoleCaseworker, true, true, true, "all", true},
		{organisation.RoleNationalLead, false, false, true, "category", true}, {organisation.RoleRegionalLead, false, false, false, "none", true},
		{organisation.RoleEmployerHR, false, false, true, "all", true}, {organisation.RoleSupervisor, false, false, true, "none", true},
		{organisation.RoleEmployerFinance, false, false, false, "none", false}, {organisation.RoleBoard, false, false, false, "none", false},
		{organisation.RoleEditor, false, false, false, "none", false}, {organisation.RoleReferrer, false, false, false, "none", false},
		{organisation.RoleAdministrator, false, false, false, "none", false},
	} {
		if got := see(c.role, fact.Exam, failed); (got != "-") != c.fail {
			t.Errorf("%s sees a fail as %s", c.role, got)
		}
		got := see(c.role, fact.Exam, pass)
		if (got != "-") != c.pass || strings.Contains(got, "attempt") != c.attempt {
			t.Errorf("%s sees a pass as %s", c.role, got)
		}
		got = see(c.role, fact.RightToWork, right)
		want := map[string][2]bool{"all": {true, true}, "category": {true, false}, "none": {false, false}}[c.right]
		if strings.Contains(got, "refugee") != want[0] || strings.Contains(got, "may_reside") != want[1] {
			t.Errorf("%s sees the right to work as %s", c.role, got)
		}
		if got = see(c.role, fact.Qualification, school); (got != "-") != c.education {
			t.Errorf("%s sees a qualification as %s", c.role, got)
		}
	}
	if see(organisation.RoleReferrer, fact.Exam, failed, fact.ShareExams) == "-" || see(organisation.RoleReferrer, fact.RightToWork, right, fact.ShareExams) != "-" {
		t.Error("a referrer sees what was not shared, or not what was")
	}
	if got, ok := fact.Visible(access.Actor{Doctor: "d2"}, "d1", fact.Qualification, school); ok {
		t.Errorf("another doctor sees %v", got)
	}
}

func TestMonthsCountMedicineAndSurgeryApart(t *testing.T) {
	r := func(group string, months int64, after bool, state rulebook.State) fact.Record {
		return fact.Record{Kind: fact.Experience, State: state, Fields: map[string]any{"specialty_group": group, "months_full_time": months, "postgraduate": after}}
	}
	got := fact.Count([]fact.Record{r("medicine", 4, true, rulebook.Claimed), r("surgery", 3, true, rulebook.Seen), r("other", 12, false, rulebook.Claimed), r("medicine", 90, true, rulebook.Refused)})
	if want := (fact.Months{Medicine: 4, Surgery: 3, Other: 12, Total: 19, After: 7}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, c := range []struct {
		from, to string
		hours    int
		want     int
	}{{"2020-01-01", "2020-12-31", 38, 12}, {"2020-01-01", "2020-12-30", 38, 11}, {"2020-01-01", "2020-12-31", 60, 12}, {"2020-01-01", "2020-12-31", 20, 6}, {"2020-01-31", "2020-02-27", 38, 0}, {"2020-02-01", "2020-01-01", 38, 0}} {
		if got := fact.FullTime(date(c.from), date(c.to), c.hours); got != c.want {
			t.Errorf("%s to %s at %d hours: %d months, want %d", c.from, c.to, c.hours, got, c.want)
		}
	}
}

func TestNothingSensitiveIsReadableInTheFile(t *testing.T) {
	path := t.TempDir() + "/canary.db"
	db, err := database.Open(t.Context(), "sqlite:"+path, database.Options{Key: []byte("a master key for tests, 32 bytes"), Fast: true})
	must(t, err)
	must(t, db.Migrate(t.Context()))
	w := build(t, db)
	w.record("assessor", fact.NewFact{Kind: fact.RightToWork, Fields: map[string]any{"category": "asylum_applicant"}, Note: "canary story"})
	w.record("assessor", fact.NewFact{Kind: fact.EnglishTest, Fields: map[string]any{"test": "OET", "outcome": "failed", "report_number": "CANARY77"}})
	must(t, db.Close())
	var text string
	for _, suffix := range []string{"", "-wal"} {
		bytes, _ := os.ReadFile(path + suffix)
		text += string(bytes)
	}
	if !strings.Contains(text, "right_to_work") {
		t.Error("the file was not read: this test proves nothing")
	}
	for _, secret := range []string{"asylum_applicant", "canary", "CANARY77", "\"failed\""} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in the file", secret)
		}
	}
}

// browser sends requests as one role.
type browser struct {
	*world
	server *web.Server
	role   access.Role
}

func (w *world) browse(role access.Role) *browser {
	w.t.Helper()
	b := &browser{world: w, role: role}
	var err error
	b.server, err = web.New(web.Options{DB: w.db, Access: w.table, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return now },
		Actor: func(*http.Request) (access.Actor, bool, error) { return w.call(role).Actor, true, nil }})
	must(w.t, err)
	must(w.t, b.server.Handle(fact.NewPages(w.s, w.people).Routes()...))
	return b
}

func (b *browser) get(path string) (int, string) {
	rec := httptest.NewRecorder()
	b.server.ServeHTTP(rec, httptest.NewRequestWithContext(b.t.Context(), "GET", path, nil))
	return rec.Code, rec.Body.String()
}

func (b *browser) post(path string, form url.Values) (int, string) {
	form.Set("idempotency-key", database.NewID())
	r := httptest.NewRequestWithContext(b.t.Context(), "POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	b.server.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

func TestSectionsSaveWhatIsIncompleteAndLoseNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		b, ctx := w.browse(access.Doctor), t.Context()
		for _, s := range []string{fact.SectionQualification, fact.SectionExperience, fact.SectionEnglish, fact.SectionExams, fact.SectionRightToWork} {
			if state, err := w.s.SectionState(ctx, w.call(access.Doctor), w.id, s); err != nil || state != fact.NotStarted {
				t.Errorf("%s before: %s, %v", s, state, err)
			}
			code, body := b.get("/apply/" + s)
			if code != 200 || strings.Count(body, "<h1") != 1 || !strings.Contains(body, "Have you finished this section?") {
				t.Errorf("%s: %d\n%.400s", s, code, body)
			}
		}
		if code, body := b.post("/apply/experience", url.Values{"experience-specialty_group": {"surgery"}, "experience-on-year": {"2015"}, "experience-on-month": {"1"}, "experience-on-day": {"1"},
			"experience-until-year": {"2015"}, "experience-until-month": {"6"}, "experience-until-day": {"30"}, "experience-hours": {"40"}}); code != 303 {
			t.Fatalf("experience: %d %.300s", code, body)
		}
		if _, body := b.get("/apply/experience"); !strings.Contains(body, "6 months") {
			t.Error("the months are not counted on the page")
		}
		if state, _ := w.s.SectionState(ctx, w.call(access.Doctor), w.id, fact.SectionExperience); state != fact.InProgress {
			t.Errorf("experience is %s", state)
		}
		code, body := b.post("/apply/english", url.Values{"english_test-test": {"IELTS"}, "english_test-overall": {"99"}, "english_test-report_number": {"TRF-KEPT"}})
		if code != 422 || !strings.Contains(body, "TRF-KEPT") || !strings.Contains(body, "There is a problem") || !strings.Contains(body, `href="#english_test-overall"`) {
			t.Fatalf("a wrong score: %d %.300s", code, body)
		}
		if facts, _ := w.s.For(ctx, tenant, w.id); len(facts) != 1 {
			t.Errorf("something was half saved: %+v", facts)
		}
		if code, body = b.post("/apply/english", url.Values{"english_test-test": {"IELTS"}, "english_test-overall": {"7.5"}, "finished": {"yes"}}); code != 303 {
			t.Fatalf("english: %d %.300s", code, body)
		}
		if state, _ := w.s.SectionState(ctx, w.call(access.Doctor), w.id, fact.SectionEnglish); state != fact.Done {
			t.Errorf("english is %s", state)
		}
	})
}

func TestAnsweringAgainReplacesAndTheSameAnswerDoesNot(t *testing.T) {
	w := build(t, dbtest.SQLite(t))
	b := w.browse(access.Doctor)
	form := func(category string) url.Values {
		return url.Values{"right_to_work-category": {category}, "right_to_work-may_work": {"no"}, "residence-in_uk": {"yes"}}
	}
	for _, category := range []string{"asylum_applicant", "asylum_applicant", "refugee"} {
		if code, body := b.post("/apply/right-to-work", form(category)); code != 303 {
			t.Fatalf("%s: %d %.300s", category, code, body)
		}
	}
	all, err := w.s.History(t.Context(), tenant, w.id)
	must(t, err)
	if n := len(fact.Of(all, fact.RightToWork)); n != 2 || len(fact.Of(all, fact.Residence)) != 1 {
		t.Errorf("%d rights to work and %d residences are stored", n, len(fact.Of(all, fact.Residence)))
	}
	live, _ := w.s.For(t.Context(), tenant, w.id)
	if got := fact.Of(live, fact.RightToWork); len(got) != 1 || got[0].Text("category") != "refugee" {
		t.Errorf("live: %+v", got)
	}
}

func TestStaffAddCheckChangeAndTakeBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		b, ctx := w.browse("assessor"), t.Context()
		home := "/cases/" + w.ref
		if code, body := b.get(home + "/facts/new"); code != 200 || !strings.Contains(body, "Earlier programme placement") {
			t.Fatalf("choose: %d", code)
		}
		for _, k := range []string{fact.Placement, fact.Registration, fact.Identity, fact.Exam, fact.Qualification} {
			if code, _ := b.get(home + "/facts/new?kind=" + k); code != 200 {
				t.Errorf("%s: %d", k, code)
			}
		}
		if code, body := b.post(home+"/facts/new", url.Values{"kind": {fact.Placement}, "placed": {"no"}, "state": {"seen"}, "note": {"canary"}}); code != 303 {
			t.Fatalf("add: %d %.300s", code, body)
		}
		live, err := w.s.For(ctx, tenant, w.id)
		must(t, err)
		if len(live) != 1 || live[0].State != rulebook.Seen || live[0].On != now.Local() {
			t.Fatalf("added: %+v", live)
		}
		at := home + "/facts/" + live[0].ID
		if code, body := b.get(at); code != 200 || !strings.Contains(body, "canary") {
			t.Errorf("check: %d", code)
		}
		if code, _ := b.post(at, url.Values{"state": {"verified"}, "version": {"9"}}); code != 409 {
			t.Errorf("a stale check answered %d", code)
		}
		if code, _ := b.post(at, url.Values{"state": {"verified"}, "version": {"1"}}); code != 303 {
			t.Errorf("check answered %d", code)
		}
		if code, _ := b.post(at+"/seal", url.Values{}); code != 303 {
			t.Errorf("seal answered %d", code)
		}
		if _, body := b.get(at); strings.Contains(body, "canary") {
			t.Error("a sealed note is shown")
		}
		if code, body := b.post(at+"/change", url.Values{"kind": {fact.Placement}, "placed": {"yes"}, "state": {"verified"}}); code != 303 {
			t.Errorf("change: %d %.300s", code, body)
		}
		if live, _ = w.s.For(ctx, tenant, w.id); len(live) != 1 {
			t.Fatalf("after the change: %+v", live)
		}
		if code, _ := b.post(home+"/facts/"+live[0].ID+"/withdraw", url.Values{}); code != 303 {
			t.Errorf("take back answered %d", code)
		}
		if code, _ := w.browse(organisation.RoleBoard).get(at); code != 404 {
			t.Errorf("a board member got %d", code)
		}
	})
}

func TestPanelShowsEachRoleItsOwn(t *testing.T) {
	w := build(t, dbtest.SQLite(t))
	w.record(access.Doctor, passed)
	w.record(access.Doctor, fact.NewFact{Kind: fact.Exam, On: date("2024-03-04"), Fields: map[string]any{"name": "PLAB2", "outcome": "failed"}})
	show := func(role access.Role) string {
		c, err := fact.NewPages(w.s, w.people).Panel(t.Context(), w.call(role), w.id)
		must(t, err)
		var b strings.Builder
		if c != nil {
			must(t, c.Render(t.Context(), &b))
		}
		return b.String()
	}
	if s := show("assessor"); !strings.Contains(s, "Not passed") || !strings.Contains(s, "Check") {
		t.Errorf("assessor: %s", s)
	}
	if s := show(organisation.RoleEmployerHR); strings.Contains(s, "Not passed") || strings.Contains(s, "PLAB 2") || !strings.Contains(s, "PLAB 1") || strings.Contains(s, "3</") {
		t.Errorf("employer: %s", s)
	}
	if s := show(organisation.RoleBoard); s != "" {
		t.Errorf("board: %s", s)
	}
}
