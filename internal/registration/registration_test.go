package registration

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/rules"
)

// grants are the rows this package proposes for the permission table, and the
// few it needs of the facts.
const grants = `doctor registration.see own
caseworker registration.see tenant
assessor registration.see tenant
national_lead registration.see tenant
operator registration.see tenant
regional_lead registration.see region
employer_hr registration.see organisation
supervisor registration.see supervised
doctor registration.step own
caseworker registration.step tenant
assessor registration.step tenant
operator registration.step tenant
caseworker registration.propose tenant
assessor registration.propose tenant
national_lead registration.propose tenant
operator registration.propose tenant
caseworker registration.confirm tenant
assessor registration.confirm tenant
national_lead registration.confirm tenant
operator registration.confirm tenant
doctor registration.tell_post own
caseworker registration.tell_post tenant
national_lead registration.tell_post tenant
operator registration.tell_post tenant
caseworker registration.post tenant
national_lead registration.post tenant
operator registration.post tenant
caseworker registration.leave tenant
national_lead registration.leave tenant
operator registration.leave tenant
operator registration.import_register tenant
caseworker registration.differences tenant
assessor registration.differences tenant
national_lead registration.differences tenant
operator registration.differences tenant
caseworker registration.settle tenant
assessor registration.settle tenant
national_lead registration.settle tenant
operator registration.settle tenant
doctor registration.ladder own
caseworker registration.ladder tenant
assessor registration.ladder tenant
national_lead registration.ladder tenant
operator registration.ladder tenant
regional_lead registration.ladder region
employer_hr registration.ladder organisation
supervisor registration.ladder supervised
doctor registration.working own
caseworker registration.working tenant
assessor registration.working tenant
operator registration.working tenant
caseworker registration.lapses tenant
assessor registration.lapses tenant
national_lead registration.lapses tenant
operator registration.lapses tenant
regional_lead registration.lapses region
doctor registration.calendar own
- registration.feed public
caseworker case.list tenant
doctor case.read own
doctor fact.record own
caseworker fact.record tenant
operator fact.record tenant
caseworker fact.verify tenant
operator fact.verify tenant`

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
	london     = by(organisation.RoleRegionalLead, "", "Y56")
	north      = by(organisation.RoleRegionalLead, "", "Y62")
	employer   = by(organisation.RoleEmployerHR, "RX1", "")
	other      = by(organisation.RoleEmployerHR, "RX2", "")
	finance    = by(organisation.RoleEmployerFinance, "RX1", "")
	supervisor = by(organisation.RoleSupervisor, "RX1", "")
	charity    = by(organisation.RoleReferrer, "CH1", "")
	board      = by(organisation.RoleBoard, "", "")
)

type quiet struct{}

func (quiet) Enqueue(context.Context, string, string, map[string]string) error { return nil }

type world struct {
	*Service
	t   *testing.T
	ctx context.Context
}

func table(t testing.TB) *access.Table {
	t.Helper()
	var rows []access.Grant
	for _, line := range strings.Split(grants, "\n") {
		f := strings.Fields(line)
		rows = append(rows, access.Grant{Role: access.Role(strings.TrimPrefix(f[0], "-")), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
	}
	tab, err := access.NewTable(rows...)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func names(label string) func(context.Context, string, []string) (map[string]string, error) {
	return func(_ context.Context, _ string, ids []string) (map[string]string, error) {
		out := map[string]string{}
		for _, id := range ids {
			if id != "nowhere" {
				out[id] = label + " " + id
			}
		}
		return out, nil
	}
}

func inWorld(t *testing.T, fn func(t *testing.T, w world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		log, err := audit.New(db)
		ok(err)
		tab := table(t)
		cases, err := casefile.New(casefile.Options{DB: db, Access: tab, Audit: log, Jobs: quiet{}})
		ok(err)
		book, err := rulebook.Load(rules.Files, ".")
		ok(err)
		facts, err := fact.New(fact.Options{DB: db, Access: tab, Audit: log, Schema: book.Schema()})
		ok(err)
		road, err := NewRoad(book, rules.Road)
		ok(err)
		s, err := New(Options{Road: road, Address: "https://msw.example", DB: db, Access: tab, Audit: log, Casefile: cases, Facts: facts, Names: names("Name of"), AccountNames: names("Reader"),
			OrganisationNames: func(_ context.Context, _ string, ids []string) (map[string]string, error) {
				out := map[string]string{}
				for _, id := range ids {
					if strings.HasPrefix(id, "RX") {
						out[id] = "Trust " + id
					}
				}
				return out, nil
			}})
		ok(err)
		fn(t, world{s, t, context.Background()})
	})
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// open makes a case in post at RX1 in London, and gives its reference.
func (w world) open(id string, kinds ...casefile.Kind) string {
	w.t.Helper()
	ref := database.NewRef()
	var first []casefile.Milestone
	for i, k := range kinds {
		first = append(first, casefile.Milestone{Kind: k, On: today.AddDays(i - 400), Organisation: "RX1"})
	}
	w.must(w.db.Tx(w.ctx, func(ctx context.Context) error {
		if err := w.cases.Open(ctx, system, casefile.NewCase{Doctor: id, Ref: ref, Region: "Y56", Opened: today.AddDays(-500), First: first}); err != nil {
			return err
		}
		// An employer stands on the case as host: the one whose post has ended does not any more.
		return w.cases.Place(ctx, system, id, casefile.Placing{Supervisors: []string{supervisor.Actor.Account}, Organisations: []string{employer.Actor.Members[0].Organisation}})
	}))
	return ref
}

func (w world) get(id string) casefile.Case {
	w.t.Helper()
	c, err := w.cases.Get(w.ctx, id, tenant)
	w.must(err)
	return c
}

var inPost = []casefile.Kind{casefile.Referred, casefile.Submitted, casefile.FoundEligible, casefile.OfferAccepted, casefile.Started, casefile.Ended}

func entryOf(number string) Reading {
	return Reading{Number: number, Kind: Full, Licence: Yes, APS: Yes, Registered: today.AddDays(-60), ReadOn: today.AddDays(-10)}
}

func wants(t *testing.T, err error, kind problem.Kind, text string) {
	t.Helper()
	if problem.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v (%s), want %s with %q", err, problem.KindOf(err), kind, text)
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"1234567": "1234567", " 0123456 ": "0123456", "C1234567": "1234567", "c 123 4567": "1234567", "7 654 321": "7654321",
		"": "!Enter", "123456": "!7 digits", "12345678": "!7 digits", "C12345678": "!7 digits", "L123456": "!limited registration", "l12 3456": "!limited",
		"G1234567": "!prescribing", "１２３４５６７": "!7 digits", "123456O": "!7 digits", "CC123456": "!7 digits", "-123456": "!7 digits",
	} {
		got, err := ParseNumber(in)
		if text, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%q: got %q, %v; want an error with %q", in, got, err, text)
			}
		} else if got != want || err != nil {
			t.Errorf("%q: got %q, %v; want %q", in, got, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{7}`).Draw(t, "number")
		for _, as := range []string{number, "C" + number, "c" + number[:3] + " " + number[3:]} {
			if got, err := ParseNumber(as); got != number || err != nil {
				t.Fatalf("%q became %q (%v)", as, got, err)
			}
		}
	})
}

func TestTwoPeopleReadTheRegister(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		_, err := w.Propose(w.ctx, caseworker, Proposal{"d1", Reading{Kind: None}})
		for _, text := range []string{"Enter the GMC number", "a number alone does not show registration", "licence", "approved practice setting", "date of registration"} {
			wants(t, err, problem.Invalid, text)
		}
		late := entryOf("1234567")
		late.Registered, late.ReadOn = today.AddDays(1), today.AddDays(-100)
		_, err = w.Propose(w.ctx, caseworker, Proposal{"d1", late})
		wants(t, err, problem.Invalid, "must not be in the future")

		o, err := w.Propose(w.ctx, caseworker, Proposal{"d1", entryOf("C0234567")})
		w.must(err)
		if w.get("d1").Stage == casefile.StageRegistered {
			t.Error("one reading must not count")
		}
		_, err = w.Propose(w.ctx, national, Proposal{"d1", entryOf("0234567")})
		wants(t, err, problem.Conflict, "second person")
		_, err = w.Confirm(w.ctx, caseworker, Confirmation{Doctor: "d1", Reading: entryOf("0234567")})
		wants(t, err, problem.Refused, "You were the first")
		wrong := entryOf("7654321")
		wrong.Licence = No
		_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: "d1", Reading: wrong})
		wants(t, err, problem.Refused, "differ on the GMC number")
		wants(t, err, problem.Refused, "differ on the licence")
		if strings.Contains(err.Error(), "0234567") {
			t.Error("the second reader must not be told the first reading")
		}
		_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: "d1", Version: 7, Reading: entryOf("0234567")})
		wants(t, err, problem.Conflict, "Someone else")
		_, err = w.Confirm(w.ctx, employer, Confirmation{Doctor: "d1", Reading: entryOf("0234567")})
		wants(t, err, problem.NotFound, "")
		o, err = w.Confirm(w.ctx, national, Confirmation{Doctor: "d1", Version: o.Version, Reading: entryOf("0234567")})
		w.must(err)
		if c := w.get("d1"); c.Stage != casefile.StageRegistered || c.Since != today.AddDays(-60) {
			t.Errorf("case is %+v", c.Derived)
		}
		facts, err := w.facts.ForRules(w.ctx, tenant, "d1")
		w.must(err)
		f := facts[0]
		if len(facts) != 1 || f.State != rulebook.Verified || f.Fields["number"] != "0234567" || f.Fields["licence"] != true || f.Fields["kind"] != "full" || f.Date != today.AddDays(-60) {
			t.Errorf("facts are %+v", facts)
		}
		if o.State != Confirmed || o.Second != national.Actor.Account {
			t.Errorf("outcome is %+v", o)
		}
		_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: "d1", Reading: entryOf("0234567")})
		wants(t, err, problem.Refused, "no reading")
		w.sealed("0234567")
	})
}

// sealed fails when the number stands in the open in the store.
func (w world) sealed(number string) {
	w.t.Helper()
	rows, err := w.db.Q(w.ctx).Query(w.ctx, "SELECT number_token, sealed FROM registration_outcome WHERE tenant_id = $1", tenant)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var token string
		var sealed []byte
		w.must(rows.Scan(&token, &sealed))
		if strings.Contains(token, number) || strings.Contains(string(sealed), number) {
			w.t.Error("the number is stored in the open")
		}
	}
}

func (w world) register(id, number string) {
	w.t.Helper()
	_, err := w.Propose(w.ctx, caseworker, Proposal{id, entryOf(number)})
	w.must(err)
	_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: id, Reading: entryOf(number)})
	w.must(err)
}

func TestOneNumberOnePerson(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		w.open("d2", inPost...)
		_, err := w.Propose(w.ctx, caseworker, Proposal{"d2", entryOf("1111111")})
		w.must(err)
		w.register("d1", "1111111")
		_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: "d2", Reading: entryOf("1111111")})
		wants(t, err, problem.Refused, "another person")
		w.must(w.Dispute(w.ctx, national, Objection{Doctor: "d2", Code: "other_person"}))
		_, err = w.Propose(w.ctx, caseworker, Proposal{"d2", entryOf("1111111")})
		wants(t, err, problem.Refused, "another person")
		w.register("d2", "2222222")

		wants(t, w.Dispute(w.ctx, national, Objection{Doctor: "d1"}), problem.Invalid, "Choose what is not right")
		w.must(w.Dispute(w.ctx, national, Objection{Doctor: "d1", Code: "different_entry"}))
		if c := w.get("d1"); c.Stage != casefile.StageEnded {
			t.Errorf("after the dispute the case stands at %s", c.Stage)
		}
		if facts, _ := w.facts.ForRules(w.ctx, tenant, "d1"); len(facts) != 0 {
			t.Errorf("facts stay: %+v", facts)
		}
		w.register("d1", "1111112")
		if n, err := w.cases.Recheck(w.ctx, tenant); n != 0 || err != nil {
			t.Errorf("%d cases differ (%v)", n, err)
		}
	})
}

func TestANewerEntryReplacesTheFact(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		w.register("d1", "1111111")
		full := entryOf("1111111")
		full.Kind, full.APS, full.Registered = GP, No, today.AddDays(-5)
		full.ReadOn = today
		_, err := w.Propose(w.ctx, national, Proposal{"d1", full})
		w.must(err)
		_, err = w.Confirm(w.ctx, caseworker, Confirmation{Doctor: "d1", Reading: full})
		w.must(err)
		facts, _ := w.facts.ForRules(w.ctx, tenant, "d1")
		list, err := w.cases.Milestones(w.ctx, tenant, "d1")
		w.must(err)
		n := 0
		for _, m := range list {
			if m.Kind == casefile.Registered {
				n++
			}
		}
		if len(facts) != 1 || facts[0].Fields["kind"] != "gp" || n != 1 {
			t.Errorf("facts %+v, %d milestones", facts, n)
		}
	})
}

func TestFirstDoctorPost(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		post := DoctorPost{Doctor: "d1", Employer: "RX2", Title: TitleClinicalFellow, On: today.AddDays(-3)}
		wants(t, w.RecordDoctorPost(w.ctx, caseworker, post), problem.Refused, "No registration is confirmed")
		w.register("d1", "1111111")
		wants(t, w.RecordDoctorPost(w.ctx, caseworker, DoctorPost{Doctor: "d1", Employer: "nowhere", On: today.AddDays(-100)}), problem.Invalid, "cannot start before")
		wants(t, w.RecordDoctorPost(w.ctx, caseworker, DoctorPost{Doctor: "d1"}), problem.Invalid, "Choose the kind of post")
		wants(t, w.RecordDoctorPost(w.ctx, byDoctor("d1"), post), problem.NotFound, "")
		told := DoctorPost{Doctor: "d1", EmployerName: "Clinic abroad", Title: TitleOther, On: today.AddDays(-4)}
		w.must(w.TellDoctorPost(w.ctx, byDoctor("d1"), told))
		if w.get("d1").Stage != casefile.StageRegistered {
			t.Error("the doctor's word alone must not count")
		}
		w.must(w.RecordDoctorPost(w.ctx, caseworker, post))
		if w.get("d1").Stage != casefile.StageDoctorPost {
			t.Error("a recorded post must count")
		}
		wants(t, w.RecordDoctorPost(w.ctx, caseworker, post), problem.Refused, "already recorded")
		wants(t, w.TellDoctorPost(w.ctx, byDoctor("d1"), told), problem.Refused, "already recorded")
		post.Version, post.On = 2, today.AddDays(-2)
		w.must(w.RecordDoctorPost(w.ctx, caseworker, post))
		wants(t, w.RecordDoctorPost(w.ctx, caseworker, post), problem.Conflict, "")
		list, err := w.cases.Milestones(w.ctx, tenant, "d1")
		w.must(err)
		last := list[len(list)-1]
		if last.Kind != casefile.DoctorPost || last.On != today.AddDays(-2) || last.Organisation != "RX2" || last.Code != TitleClinicalFellow {
			t.Errorf("the milestone is %+v", last)
		}
	})
}

func TestLeaving(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost[:5]...)
		w.open("d2", inPost...)
		w.open("d3", inPost...)
		wants(t, w.RecordLeft(w.ctx, caseworker, Leaving{Doctor: "d1", Code: "moved_country"}), problem.Refused, "Record the end of the post first")
		wants(t, w.RecordLeft(w.ctx, caseworker, Leaving{Doctor: "d2", Code: "unknown"}), problem.Invalid, "Choose why")
		wants(t, w.RecordLeft(w.ctx, caseworker, Leaving{Doctor: "d2", Code: "registered_and_hired"}), problem.Invalid, "Choose why")
		wants(t, w.RecordLeft(w.ctx, caseworker, Leaving{Doctor: "d2", Code: "moved_country", On: today.AddDays(1)}), problem.Invalid, "future")
		w.must(w.RecordUnknown(w.ctx, caseworker, Leaving{Doctor: "d2", On: today.AddDays(-9)}))
		if !w.get("d2").Flags.Has(casefile.FlagUnknown) {
			t.Error("unknown must stay unknown")
		}
		wants(t, w.RecordUnknown(w.ctx, caseworker, Leaving{Doctor: "d2"}), problem.Refused, "already recorded")
		w.must(w.RecordLeft(w.ctx, caseworker, Leaving{Doctor: "d2", Code: "moved_country"}))
		if c := w.get("d2"); c.Stage != casefile.StageClosed || c.Flags.Has(casefile.FlagUnknown) {
			t.Errorf("the case is %+v", c.Derived)
		}
		wants(t, w.RecordLeft(w.ctx, caseworker, Leaving{Doctor: "d2", Code: "moved_country"}), problem.Refused, "already recorded")
		w.register("d3", "1111111")
		wants(t, w.RecordUnknown(w.ctx, caseworker, Leaving{Doctor: "d3"}), problem.Refused, "the doctor is registered")
		wants(t, w.RecordLeft(w.ctx, employer, Leaving{Doctor: "d3", Code: "moved_country"}), problem.NotFound, "")
	})
}

func TestStepsAreFacts(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.open("d1", inPost...)
		own := byDoctor("d1")
		_, err := w.AddStep(w.ctx, own, Step{Doctor: "d1", Name: "PLAB1", Outcome: "passed", On: today.AddDays(1), Attempt: 21})
		wants(t, err, problem.Invalid, "must not be in the future")
		wants(t, err, problem.Invalid, "from 1 to 20")
		_, err = w.AddStep(w.ctx, own, Step{Doctor: "d1", Name: "psv", Outcome: "passed", On: today})
		wants(t, err, problem.Invalid, "how far it is")
		_, err = w.AddStep(w.ctx, own, Step{Doctor: "d1", Name: "PLAB1", Outcome: "passed", On: today, State: rulebook.Verified})
		wants(t, err, problem.NotFound, "")
		_, err = w.AddStep(w.ctx, own, Step{Doctor: "d1", Name: "PLAB2", Outcome: "booked", On: today.AddDays(40)})
		w.must(err)
		_, err = w.AddStep(w.ctx, caseworker, Step{Doctor: "d1", Name: "psv", Outcome: "sent", On: today, State: rulebook.Seen})
		w.must(err)
		_, err = w.AddEnglish(w.ctx, caseworker, Sitting{Doctor: "d1", Test: "IELTS", Outcome: "passed", On: today, Overall: 75, Writing: 95})
		wants(t, err, problem.Invalid, "not one the test gives")
		_, err = w.AddEnglish(w.ctx, caseworker, Sitting{Doctor: "d1", Test: "OET", Outcome: "passed", On: today, Listening: 350})
		w.must(err)
		facts, err := w.facts.ForRules(w.ctx, tenant, "d1")
		w.must(err)
		kinds := map[string]rulebook.State{}
		for _, f := range facts {
			kinds[f.Kind] = f.State
		}
		if len(facts) != 3 || kinds["exam"] != rulebook.Claimed || kinds["registration_step"] != rulebook.Seen || kinds["english_test"] != rulebook.Claimed {
			t.Errorf("facts are %+v", facts)
		}
		_, err = w.AddStep(w.ctx, byDoctor("d2"), Step{Doctor: "d1", Name: "PLAB1", Outcome: "passed", On: today})
		wants(t, err, problem.NotFound, "")
	})
}

func TestEveryActionHasARow(t *testing.T) {
	tab := table(t)
	for _, act := range Actions() {
		if !tab.Known(act) {
			t.Errorf("no row names %s", act)
		}
	}
}
