package casefile

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/organisation"
	"msw/internal/problem"
)

// grants are the rows this package proposes for the permission table.
const grants = `doctor case.home self
referrer case.home self
caseworker case.home self
assessor case.home self
regional_lead case.home self
national_lead case.home self
employer_hr case.home self
employer_finance case.home self
supervisor case.home self
board case.home self
editor case.home self
administrator case.home self
operator case.home self
caseworker case.list tenant
assessor case.list tenant
national_lead case.list tenant
operator case.list tenant
regional_lead case.list region
employer_hr case.list organisation
supervisor case.list supervised
doctor case.read own
caseworker case.read tenant
assessor case.read tenant
national_lead case.read tenant
operator case.read tenant
regional_lead case.read region
employer_hr case.read organisation
supervisor case.read supervised
referrer case.coarse referred
caseworker case.work tenant
assessor case.work tenant
national_lead case.work tenant
operator case.work tenant
caseworker case.close tenant
national_lead case.close tenant
operator case.close tenant
doctor case.message own
caseworker case.message tenant
assessor case.message tenant
national_lead case.message tenant
employer_hr case.message organisation
supervisor case.message supervised
doctor case.apply own
doctor case.pause own
caseworker case.pause tenant
national_lead case.pause tenant
operator case.pause tenant
doctor case.urgent own`

func table(t testing.TB) *access.Table {
	t.Helper()
	var rows []access.Grant
	for _, line := range strings.Split(grants, "\n") {
		f := strings.Fields(line)
		rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
	}
	tab, err := access.NewTable(rows...)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

type sent struct{ list []string }

func (s *sent) Enqueue(_ context.Context, _, kind string, ids map[string]string) error {
	s.list = append(s.list, kind+" "+ids["doctor"])
	return nil
}

const tenant = "msw"

var today = clock.MustDate("2026-11-22")

func by(role access.Role, org, region string) access.Call {
	a := access.Actor{Account: "acc-" + string(role), Tenant: tenant, Members: []access.Membership{{Role: role, Organisation: org, Region: region}}}
	return access.Call{Actor: a, Now: clock.At(today.Time().Add(10 * time.Hour)), Today: today}
}

func byDoctor(id string) access.Call {
	c := by("", "", "")
	c.Actor.Account, c.Actor.Doctor, c.Actor.Members = "acc-"+id, id, nil
	return c
}

var (
	system     = by(organisation.RoleOperator, "", "")
	caseworker = by(organisation.RoleCaseworker, "", "")
	national   = by(organisation.RoleNationalLead, "", "")
	assessor   = by(organisation.RoleAssessor, "", "")
	london     = by(organisation.RoleRegionalLead, "", "Y56")
	north      = by(organisation.RoleRegionalLead, "", "Y62")
	employer   = by(organisation.RoleEmployerHR, "RX1", "")
	other      = by(organisation.RoleEmployerHR, "RX2", "")
	supervisor = by(organisation.RoleSupervisor, "RX1", "")
	charity    = by(organisation.RoleReferrer, "CH1", "")
	board      = by("board", "", "")
)

type world struct {
	*Service
	t    *testing.T
	ctx  context.Context
	sent *sent
}

func inWorld(t *testing.T, fn func(t *testing.T, w world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		log, err := audit.New(db)
		if err != nil {
			t.Fatal(err)
		}
		out := &sent{}
		s, err := New(Options{DB: db, Access: table(t), Audit: log, Jobs: out,
			Names: func(_ context.Context, _ string, ids []string) (map[string]string, error) {
				names := map[string]string{}
				for _, id := range ids {
					names[id] = "Name of " + id
				}
				return names, nil
			},
			ReplyDays: func(context.Context, string) (int, error) { return 5, nil }})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, world{s, t, context.Background(), out})
	})
}

// must runs a write in one transaction and fails the test on an error.
func (w world) must(fn func(ctx context.Context) error) {
	w.t.Helper()
	if err := w.db.Tx(w.ctx, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w world) open(id string, kinds ...Kind) string {
	w.t.Helper()
	ref := database.NewRef()
	list := path(kinds...)
	for i := range list {
		list[i].On = today.AddDays(i - 100)
	}
	w.must(func(ctx context.Context) error {
		return w.Open(ctx, system, NewCase{Doctor: id, Ref: ref, Region: "Y56", Caseworker: caseworker.Actor.Account,
			Opened: today.AddDays(-100), First: list, Referrers: []string{"CH1"}})
	})
	return ref
}

func (w world) get(id string) Case {
	w.t.Helper()
	c, err := w.Get(w.ctx, id, tenant)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w world) check() {
	w.t.Helper()
	if n, err := w.Recheck(w.ctx, tenant); n != 0 || err != nil {
		w.t.Errorf("%d cases differ from what they derive from (%v)", n, err)
	}
	sum, err := w.totals(w.ctx, access.Scope{Tenant: tenant, All: true})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, st := range Stages() {
		list, err := w.cases(w.ctx, "SELECT "+caseColumns+" FROM casefile_case c WHERE c.tenant_id = $1 AND c.stage = $2", tenant, string(st))
		if err != nil || len(list) != sum[st] {
			w.t.Errorf("total of %s is %d, there are %d (%v)", st, sum[st], len(list), err)
		}
	}
}

func TestRecordDerivesAndTotals(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1")
		w.must(func(ctx context.Context) error {
			for _, m := range path(Referred, Invited, TakenOver, Submitted) {
				m.Doctor = "d1"
				if err := w.Record(ctx, system, m); err != nil {
					return err
				}
			}
			return w.RecordAll(ctx, system, "d1", []Milestone{{Kind: FoundEligible, On: today}, {Kind: Offered, On: today, Organisation: "RX1", Due: today.AddDays(7)}})
		})
		c := w.get("d1")
		if c.Stage != StageMatched || c.Turn != PartyDoctor || c.Organisation != "RX1" || c.NextDate != today.AddDays(7) || c.Referrers[0] != "CH1" {
			t.Errorf("got %+v", c)
		}
		w.check()
		w.must(func(ctx context.Context) error {
			return w.Supersede(ctx, system, "d1", Offered, "", &Milestone{Kind: Offered, On: today, Organisation: "RX2"})
		})
		if c := w.get("d1"); c.Organisation != "RX2" {
			t.Errorf("after the correction the employer is %q", c.Organisation)
		}
		w.must(func(ctx context.Context) error { return w.Supersede(ctx, system, "d1", Offered, "", nil) })
		if c := w.get("d1"); c.Stage != StageEligible {
			t.Errorf("after withdrawing the milestone the stage is %s", c.Stage)
		}
		w.must(func(ctx context.Context) error {
			return w.Place(ctx, system, "d1", Placing{Region: "Y62", Supervisors: []string{"s1", "s2"}, Referrers: []string{}})
		})
		if c := w.get("d1"); c.Region != "Y62" || len(c.Supervisors) != 2 || len(c.Referrers) != 0 {
			t.Errorf("placed: %+v", c)
		}
		w.check()
	})
}

func TestRecheckFindsATamperedRow(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", Referred, Submitted)
		w.must(func(ctx context.Context) error {
			_, err := w.db.Q(ctx).Exec(ctx, "UPDATE casefile_case SET stage = 'eligible' WHERE tenant_id = $1", tenant)
			return err
		})
		if n, err := w.Recheck(w.ctx, tenant); n != 1 || err != nil {
			t.Errorf("found %d, %v", n, err)
		}
	})
}

func TestStoredIsRecomputed(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			if n > 25 {
				return
			}
			id := "d" + string(rune('a'+n))
			w.open(id)
			list := anyMilestones.Draw(r, "milestones")
			w.must(func(ctx context.Context) error { return w.RecordAll(ctx, system, id, list) })
		})
		w.check()
	})
}

func TestTasksAreIdempotentAndHome(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted)
		task := Task{Doctor: "d1", Kind: "offer", Source: "offer:1", Title: "Answer the offer", Party: PartyEmployer, Owner: "RX1", Since: today.AddDays(-3)}
		w.must(func(ctx context.Context) error { return w.OpenTask(ctx, system, task) })
		again := task
		again.Since, again.Title = today, "Answer this offer"
		w.must(func(ctx context.Context) error { return w.OpenTask(ctx, system, again) })
		h, err := w.Home(w.ctx, employer)
		if err != nil || len(h.Items) != 1 || h.Items[0].Title != "Answer this offer" || h.Items[0].Days(today) != 3 || h.Items[0].Ref != ref {
			t.Fatalf("home %+v, %v", h, err)
		}
		if h.Items[0].Name != "" {
			t.Error("an employer to whom the doctor is not matched saw their name")
		}
		for _, c := range []access.Call{other, charity, board, caseworker, london, byDoctor("d1")} {
			if h, err := w.Home(w.ctx, c); err != nil || len(h.Items) != 0 {
				t.Errorf("%s sees %+v, %v", c.Actor.Account, h.Items, err)
			}
		}
		w.must(func(ctx context.Context) error { return w.CloseTask(ctx, system, "d1", "offer", "offer:1") })
		if h, _ := w.Home(w.ctx, employer); len(h.Items) != 0 {
			t.Error("a closed task still waits")
		}
	})
}

func TestHiddenDoctorsAreNotThere(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred)
		w.open("d2", Referred)
		w.must(func(ctx context.Context) error {
			return w.OpenTask(ctx, system, Task{Doctor: "d1", Kind: "call", Title: "Call", Party: PartyCaseworker})
		})
		blind := caseworker
		blind.Actor.Hidden = []string{"d1"}
		found, err := w.List(w.ctx, blind, Query{})
		if err != nil || len(found.Rows) != 1 || found.Rows[0].Doctor != "d2" || found.Sums[StageReferred] != 1 {
			t.Errorf("list: %+v, %v", found, err)
		}
		if h, _ := w.Home(w.ctx, blind); len(h.Items) != 0 {
			t.Error("a task of a hidden doctor is shown")
		}
		found, err = w.List(w.ctx, blind, Query{Text: ref})
		if err != nil || len(found.Rows) != 0 {
			t.Errorf("search by reference finds the hidden doctor: %v", err)
		}
		_, hidden := w.Sheet(w.ctx, blind, ref)
		_, missing := w.Sheet(w.ctx, blind, database.NewRef())
		if hidden == nil || hidden.Error() != missing.Error() {
			t.Errorf("hidden %v differs from missing %v", hidden, missing)
		}
	})
}

func TestListScopesAndPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		for i := range 25 {
			w.open("d"+string(rune('a'+i)), Referred, Submitted)
		}
		w.open("e1", Referred, Submitted, FoundEligible, OfferAccepted)
		w.must(func(ctx context.Context) error {
			return w.Place(ctx, system, "da", Placing{Region: "Y62", Supervisors: []string{supervisor.Actor.Account}, Organisations: []string{"RX1"}})
		})
		for _, c := range []struct {
			call access.Call
			q    Query
			rows int
			next bool
		}{
			{caseworker, Query{}, 20, true},
			{caseworker, Query{Mine: true, Stage: StageAssessing}, 20, true},
			{national, Query{Mine: true}, 0, false},
			{caseworker, Query{Turn: PartyEmployer}, 1, false},
			{caseworker, Query{Region: "Y62"}, 1, false},
			{caseworker, Query{Closed: true}, 0, false},
			{north, Query{}, 1, false},
			{london, Query{}, 20, true},
			{employer, Query{}, 2, false},
			{other, Query{}, 0, false},
			{supervisor, Query{}, 1, false},
			{charity, Query{}, 0, false},
			{board, Query{}, 0, false},
		} {
			found, err := w.List(w.ctx, c.call, c.q)
			if err != nil || len(found.Rows) != c.rows || found.Next != c.next {
				t.Errorf("%s %+v: %d rows, next %v, %v", c.call.Actor.Account, c.q, len(found.Rows), found.Next, err)
			}
		}
		first, _ := w.List(w.ctx, caseworker, Query{})
		last := first.Rows[19]
		second, err := w.List(w.ctx, caseworker, Query{After: [2]string{last.Since.String(), last.Ref}})
		if err != nil || len(second.Rows) != 6 {
			t.Errorf("second page: %d rows, %v", len(second.Rows), err)
		}
		w.check()
	})
}

func TestMessagesAndTheirReaders(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted, FoundEligible, OfferAccepted)
		doctor := byDoctor("d1")
		id, err := w.Start(w.ctx, doctor, NewThread{Ref: ref, Readers: ReadersTeam, Subject: "Canary subject", Text: "Canary text"})
		if err != nil {
			t.Fatal(err)
		}
		h, err := w.Home(w.ctx, caseworker)
		if err != nil || len(h.Items) != 1 || h.Items[0].Due != clock.MustDate("2026-11-27") {
			t.Fatalf("the caseworker's home: %+v, %v", h, err)
		}
		k, err := w.Conversation(w.ctx, caseworker, ref, id)
		if err != nil || k.Thread.Subject != "Canary subject" || k.Messages[0].Text != "Canary text" || k.Messages[0].Party != PartyDoctor {
			t.Fatalf("conversation %+v, %v", k, err)
		}
		for _, c := range []access.Call{employer, supervisor, london, charity, board, byDoctor("d2")} {
			if _, err := w.Conversation(w.ctx, c, ref, id); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s reads a thread of the team: %v", c.Actor.Account, err)
			}
		}
		if err := w.Reply(w.ctx, caseworker, NewReply{Ref: ref, Thread: id, Text: "Answer"}); err != nil {
			t.Fatal(err)
		}
		if h, _ := w.Home(w.ctx, doctor); len(h.Items) != 1 || h.Own == nil {
			t.Errorf("the doctor's home: %+v", h)
		}
		if err := w.Reply(w.ctx, doctor, NewReply{Ref: ref, Thread: id, Text: "Thanks", Last: true}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []access.Call{doctor, caseworker} {
			if h, _ := w.Home(w.ctx, c); len(h.Items) != 0 {
				t.Errorf("%s still has %+v", c.Actor.Account, h.Items)
			}
		}
		if len(w.sent.list) != 1 || w.sent.list[0] != "casefile.message d1" { // of the caseworker's answer only
			t.Errorf("sent %v", w.sent.list)
		}
		_, err = w.Start(w.ctx, employer, NewThread{Ref: ref, Readers: ReadersTeam, Subject: "a", Text: "b"})
		if problem.KindOf(err) != problem.Invalid {
			t.Errorf("an employer starts a thread they could not read: %v", err)
		}
		_, err = w.Start(w.ctx, doctor, NewThread{Ref: ref, Subject: strings.Repeat("é", 101), ReplyBy: today})
		if p, _ := errors.AsType[*problem.Error](err); p == nil || len(p.Fields) != 4 {
			t.Errorf("all that is wrong at once: %v", err)
		}
	})
}

func TestUrgent(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted)
		w.must(func(ctx context.Context) error {
			return w.OpenTask(ctx, system, Task{Doctor: "d1", Kind: "old", Title: "Older", Party: PartyCaseworker, Since: today.AddDays(-50)})
		})
		if err := w.Urgent(w.ctx, byDoctor("d1"), "d1", ""); err != nil {
			t.Fatal(err)
		}
		for _, c := range []access.Call{caseworker, national} {
			h, err := w.Home(w.ctx, c)
			if err != nil || len(h.Items) == 0 || !h.Items[0].Urgent {
				t.Errorf("%s: %+v, %v", c.Actor.Account, h.Items, err)
			}
		}
		if !w.get("d1").Flags.Has(FlagUrgent) {
			t.Error("the case is not marked urgent")
		}
		if !slices.Contains(w.sent.list, "casefile.urgent d1") {
			t.Errorf("sent %v", w.sent.list)
		}
		sheet, err := w.Sheet(w.ctx, national, ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range sheet.Tasks {
			if task.Urgent {
				if err := w.Settle(w.ctx, national, ref, task.Kind, task.Source); err != nil {
					t.Fatal(err)
				}
			}
		}
		if w.get("d1").Flags.Has(FlagUrgent) {
			t.Error("the case is still marked urgent")
		}
		if err := w.Urgent(w.ctx, employer, "d1", ""); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an employer raises the doctor's alarm: %v", err)
		}
		w.check()
	})
}

func TestPauseHoldAndClose(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, Submitted)
		doctor, since := byDoctor("d1"), w.get("d1").Since
		steps := []struct {
			name  string
			do    func() error
			turn  Party
			stage Stage
			flags Flags
		}{
			{"pause", func() error { return w.Pause(w.ctx, doctor, ref, "study", today.AddDays(30)) }, PartyDoctor, StageAssessing, FlagPaused},
			{"resume", func() error { return w.Resume(w.ctx, doctor, ref) }, PartyAssessor, StageAssessing, 0},
			{"hold", func() error {
				return w.Hold(w.ctx, caseworker, NewHold{Ref: ref, Reason: "gmc_answer", Party: PartyGMC, Until: today.AddDays(9)})
			}, PartyGMC, StageAssessing, FlagHeld},
		}
		for _, st := range steps {
			if err := st.do(); err != nil {
				t.Fatalf("%s: %v", st.name, err)
			}
			if c := w.get("d1"); c.Turn != st.turn || c.Stage != st.stage || c.Flags != st.flags || c.Since != since {
				t.Errorf("%s: %+v, since was %s", st.name, c.Derived, since)
			}
		}
		sheet, _ := w.Sheet(w.ctx, caseworker, ref)
		if len(sheet.Holds) != 1 {
			t.Fatalf("holds %+v", sheet.Holds)
		}
		if err := w.EndHold(w.ctx, caseworker, ref, sheet.Holds[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(w.ctx, caseworker, ref, "no_contact"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(w.ctx, caseworker, ref, "no_contact"); problem.KindOf(err) != problem.Conflict {
			t.Errorf("closed twice: %v", err)
		}
		if err := w.Reopen(w.ctx, caseworker, ref); err != nil {
			t.Fatal(err)
		}
		if c := w.get("d1"); c.Stage != StageAssessing || !c.Flags.Has(FlagReopened) {
			t.Errorf("reopened: %+v", c.Derived)
		}
		if err := w.Close(w.ctx, assessor, ref, "no_contact"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an assessor closes a case: %v", err)
		}
		w.check()
	})
}

func TestSubmit(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred, TakenOver)
		state := StateInProgress
		of := func(_ context.Context, _ access.Call, _ string) (string, error) { return state, nil }
		w.SetSections(Section{ID: "b", Title: "Exams", Order: 2, State: of}, Section{ID: "a", Title: "About you", Order: 1, State: of},
			Section{ID: "c", Title: "Wishes", Order: 3, Optional: true, State: func(context.Context, access.Call, string) (string, error) { return StateNotStarted, nil }})
		doctor := byDoctor("d1")
		w.must(func(ctx context.Context) error { return w.Begin(ctx, doctor, "d1") })
		w.must(func(ctx context.Context) error { return w.Begin(ctx, doctor, "d1") })
		err := w.Submit(w.ctx, doctor)
		p, _ := errors.AsType[*problem.Error](err)
		if p == nil || p.Kind != problem.Refused || len(p.Reasons) != 2 || p.Reasons[0] != "About you: in progress" {
			t.Fatalf("sent unfinished: %v", err)
		}
		state = StateDone
		if err := w.Submit(w.ctx, doctor); err != nil {
			t.Fatal(err)
		}
		h, _ := w.Home(w.ctx, assessor)
		if len(h.Items) != 1 || h.Items[0].Link() != "/assess/"+ref {
			t.Errorf("the assessor's home: %+v", h.Items)
		}
		if err := w.Submit(w.ctx, doctor); problem.KindOf(err) != problem.Conflict {
			t.Errorf("sent twice: %v", err)
		}
		list, _ := w.Milestones(w.ctx, tenant, "d1")
		if len(list) != 4 {
			t.Errorf("milestones %+v", list)
		}
	})
}

func TestTenantsDoNotMeet(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", Referred)
		stranger := caseworker
		stranger.Actor.Tenant = "gp-scheme"
		if _, err := w.Sheet(w.ctx, stranger, ref); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another tenant opens the case: %v", err)
		}
		if found, _ := w.List(w.ctx, stranger, Query{}); len(found.Rows) != 0 || found.Sums[StageReferred] != 0 {
			t.Errorf("another tenant lists %+v", found)
		}
	})
}

func TestWaitingIsCoarseAndOnlyWithConsent(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", Referred, Submitted, FoundSupported)
		got, err := w.Waiting(w.ctx, charity, []string{"d1", "nobody"})
		if err != nil || len(got) != 1 || got["d1"].Answer != CoarseChecked {
			t.Fatalf("got %+v, %v", got, err)
		}
		w.must(func(ctx context.Context) error { return w.RemoveParty(ctx, system, "d1", RelReferrer, "CH1") })
		if got, _ := w.Waiting(w.ctx, charity, []string{"d1"}); len(got) != 0 {
			t.Errorf("consent has ended, yet %+v", got)
		}
	})
}
