package registration

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

const extractHeader = "GMC Ref No,Surname,Given Name,Other Names,Gender,Qualification,Year Of Qualification,Place of Qualification,PR Date,FR Date,Specialist Register Date,GP Register Date,Registration Status,Approved Practice Setting\n"

// compact writes a date as the extract does, its first zero lost.
func compact(d clock.Date) string {
	return strings.TrimPrefix(fmt.Sprintf("%02d%02d%04d", d.Day(), int(d.Month()), d.Year()), "0")
}

func extractLine(number, family, given, full, status, aps string) string {
	return fmt.Sprintf("%s,%s,%s,N,W,MB BCh,2010,canary school,,%s,,,%s,%s\n", number, family, given, full, status, aps)
}

// comparable lets the world compare names: a key is the name in small letters,
// and a doctor is called by their id.
func (w world) comparable() {
	keys := func(_, name string) []string { return strings.Fields(strings.ToLower(name)) }
	w.o.NameKeys = keys
	w.o.NameKeysOf = func(_ context.Context, _ string, ids []string) (map[string][]string, error) {
		out := map[string][]string{}
		for _, id := range ids {
			out[id] = keys("", "haddad "+id)
		}
		return out, nil
	}
}

func (w world) registered(id, number string) string {
	w.t.Helper()
	ref := w.open(id, inPost...)
	_, err := w.Propose(w.ctx, caseworker, Proposal{Doctor: id, Reading: entryOf(number)})
	w.must(err)
	_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: id, Reading: entryOf(number)})
	w.must(err)
	return ref
}

func (w world) take(day clock.Date, body string, change ...func(*ImportOptions)) ImportReport {
	w.t.Helper()
	o := ImportOptions{AsAt: day}
	for _, f := range change {
		f(&o)
	}
	r, err := w.ImportRegister(w.ctx, system, strings.NewReader(body), "register.csv", o)
	w.must(err)
	return r
}

func (w world) waiting(show string) []QueueRow {
	w.t.Helper()
	q, err := w.Queue(w.ctx, caseworker, QueueQuery{Show: show})
	w.must(err)
	return q.Rows
}

var (
	full      = compact(today.AddDays(-60))
	delta     = func(o *ImportOptions) { o.Delta = true }
	secondDay = today.AddDays(-1)
)

const licensed = "Registered with Licence"

func TestRegisterDates(t *testing.T) {
	for in, want := range map[string]string{"5071978": "1978-07-05", "8021980": "1980-02-08", "25122001": "2001-12-25", "": "", "05/07/1978": "1978-07-05", "1978-07-05": "1978-07-05",
		"29022024": "2024-02-29", "29022023": "!", "31042020": "!", "507197": "!", "71978": "!", "99999999": "!", "20240105": "!", "yesterday": "!", "00000000": "!"} {
		got, err := registerDate(in)
		if want == "!" {
			if err == nil {
				t.Errorf("%q is taken as %s", in, got)
			}
		} else if err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestStatuses(t *testing.T) {
	for in, want := range map[string]struct {
		s Standing
		a Answer
	}{"Registered with Licence": {StandsOn, Yes}, "registered  WITH a licence": {StandsOn, Yes}, "Registered without a licence": {StandsOn, No},
		"Not Registered - Administrative Reason": {StandsOff, No}, "Suspended": {StandsOff, No}, "Registered with Licence, suspended": {StandsOff, No},
		"Registered": {StandsUnknown, ""}, "": {StandsUnknown, ""}, "Temporarily something": {StandsUnknown, ""}} {
		if s, a := ReadStatus(in); s != want.s || a != want.a {
			t.Errorf("%q: %s %q, want %s %q", in, s, a, want.s, want.a)
		}
	}
}

func TestCompare(t *testing.T) {
	day := clock.MustDate("2026-09-01")
	ours := Reading{Number: "1234567", Kind: Full, Licence: Yes, APS: Yes, Registered: day}
	same := Entry{Status: licensed, Full: day, APS: Yes, SameName: Yes, Listed: true, AsAt: day.AddDays(30)}
	for name, c := range map[string]struct {
		change func(*Entry)
		want   string
	}{
		"the same":             {func(*Entry) {}, "agrees"},
		"no extract":           {func(e *Entry) { *e = Entry{} }, "no_extract"},
		"older than the entry": {func(e *Entry) { *e = Entry{AsAt: day.AddDays(-1)} }, "too_old"},
		"not in it":            {func(e *Entry) { *e = Entry{AsAt: day} }, "not_found"},
		"another name":         {func(e *Entry) { e.SameName = No }, "name"},
		"name not compared":    {func(e *Entry) { e.SameName = "" }, "agrees"},
		"no licence":           {func(e *Entry) { e.Status = "Registered without a licence" }, "licence"},
		"off the register":     {func(e *Entry) { e.Status = "Not Registered - Erased" }, "not_registered"},
		"a status not known":   {func(e *Entry) { e.Status = "Something new" }, "unknown_status"},
		"provisional only":     {func(e *Entry) { e.Full, e.Provisional = 0, day }, "kind"},
		"a GP now":             {func(e *Entry) { e.GP = day }, "kind"},
		"another day":          {func(e *Entry) { e.Full = day.AddDays(1) }, "registered"},
		"no dates":             {func(e *Entry) { e.Full = 0 }, "agrees"},
		"setting not said":     {func(e *Entry) { e.APS = "" }, "agrees"},
		"setting ended":        {func(e *Entry) { e.APS = No }, "aps"},
		"all at once":          {func(e *Entry) { e.SameName, e.Status, e.Full, e.APS = No, "Registered without licence", day+1, No }, "name licence registered aps"},
	} {
		e := same
		c.change(&e)
		verdict, list := Compare(ours, e)
		got := string(verdict)
		if verdict == Differs {
			var codes []string
			for _, d := range list {
				codes = append(codes, d.Code)
			}
			got = strings.Join(codes, " ")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestImportRegister(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.comparable()
		w.registered("d1", "0123456")
		body := extractHeader + extractLine("0123456", "Haddad", "d1", full, licensed, "Y") + extractLine("C7654321", "Other", "Person", "5071978", licensed, "N") +
			extractLine("123456", "Short", "Number", "", licensed, "") + extractLine("7654322", "Bad", "Date", "31042020", licensed, "") +
			extractLine("7654321", "Twice", "Person", "", licensed, "") + extractLine("7654323", "", "", "", licensed, "") + extractLine("7654324", "No", "Status", "", "", "")
		dry := w.take(secondDay, body, func(o *ImportOptions) { o.DryRun = true })
		if r := w.take(secondDay, body); r.Read != 7 || r.Added != 2 || r.Refused != 5 || r.Ours != 1 || r.Agreeing != 1 || r.Differing != 0 || r.Summary() != dry.Summary() {
			t.Fatalf("%+v\n%+v", r, dry)
		} else if r.Reasons[reasonZero] != 1 || r.Reasons[reasonTwice] != 1 || r.Reasons[reasonName] != 1 || r.Reasons[reasonStatus] != 1 {
			t.Errorf("%v", r.Reasons)
		} else if len(r.NotKept) != 5 {
			t.Errorf("columns not kept: %v", r.NotKept)
		}
		if r := w.take(secondDay, body); r.Added != 0 || r.Unchanged != 2 || r.Gone != 0 {
			t.Errorf("again: %+v", r)
		}
		// UTF-16 with tabs and no header, as spreadsheets write it, says the same.
		rows := strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(body, extractHeader), ",Y\n", "\n"), ",N\n", "\n")
		rows = strings.ReplaceAll(strings.ReplaceAll(rows, ",\n", "\n"), ",", "\t")
		if r := w.take(today, encode16(rows)); r.Read != 7 || r.Changed != 2 || r.Refused != 5 {
			t.Errorf("UTF-16: %+v", r)
		}
		_, err := w.ImportRegister(w.ctx, system, strings.NewReader(body), "register-2026-01-05.csv", ImportOptions{})
		wants(t, err, problem.Refused, "newer extract")
		for name, o := range map[string]ImportOptions{"register.csv": {}, "register-2027-01-01.csv": {}} {
			_, err = w.ImportRegister(w.ctx, system, strings.NewReader(body), name, o)
			wants(t, err, problem.Refused, "")
		}
		_, err = w.ImportRegister(w.ctx, system, strings.NewReader("a,b\n1,2\n"), "register.csv", ImportOptions{AsAt: today})
		wants(t, err, problem.Refused, "not an extract")
		_, err = w.ImportRegister(w.ctx, caseworker, strings.NewReader(body), "register.csv", ImportOptions{AsAt: today})
		wants(t, err, problem.NotFound, "")
	})
}

func encode16(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

// Nothing that names anybody may be kept of the register.
func TestTheRegisterIsKeptWithoutNames(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.o.NameKeys = func(tenant, name string) []string { return []string{w.db.Vault().Token(tenant, "x", name)[:12]} }
		w.take(secondDay, extractHeader+extractLine("7654321", "Canaryfamily", "Canarygiven", full, licensed, "Y"))
		rows, err := w.db.Q(w.ctx).Query(w.ctx, "SELECT * FROM registration_register_entry WHERE tenant_id = $1", tenant)
		w.must(err)
		defer rows.Close()
		columns, err := rows.Columns()
		w.must(err)
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		found := false
		for rows.Next() {
			w.must(rows.Scan(values...))
			for i, v := range values {
				text := strings.ToLower(fmt.Sprint(*v.(*any)))
				for _, secret := range []string{"canary", "7654321", "mb bch"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s holds %s", columns[i], secret)
					}
				}
			}
			found = true
		}
		if !found {
			t.Error("nothing was kept at all")
		}
	})
}

func TestAnImportOpensAndClosesDifferences(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.comparable()
		w.registered("d1", "0123456")
		w.registered("d2", "0123457")
		good1, good2 := extractLine("0123456", "Haddad", "d1", full, licensed, "Y"), extractLine("0123457", "HADDAD", "D2", full, licensed, "Y")
		w.take(secondDay, extractHeader+good1+good2)
		if n := len(w.waiting(ShowWaiting)); n != 0 {
			t.Fatalf("%d differences where all is the same", n)
		}
		r := w.take(secondDay, extractHeader+extractLine("0123456", "Haddad", "d1", full, "Suspended", "Y"), delta)
		if r.Differing != 1 || r.Gone != 0 {
			t.Errorf("%+v", r)
		}
		list := w.waiting(ShowWaiting)
		if len(list) != 1 || list[0].Doctor != "d1" || list[0].Differences[0].Code != "not_registered" || list[0].Name != "Name of d1" {
			t.Fatalf("%+v", list)
		}
		w.take(secondDay, extractHeader+extractLine("0123456", "Haddad", "d1", full, "Suspended", "Y"), delta)
		if again := w.waiting(ShowWaiting); len(again) != 1 || again[0].Version != list[0].Version {
			t.Errorf("the same extract changed it: %+v", again)
		}
		w.take(today, extractHeader+good1) // d2 is gone from it, d1 is well again
		list = w.waiting(ShowWaiting)
		if len(list) != 1 || list[0].Doctor != "d2" || list[0].Differences[0].Code != "not_found" {
			t.Fatalf("%+v", list)
		}
		if done := w.waiting(ShowSettled); len(done) != 1 || done[0].Way != WayAgrees || done[0].Doctor != "d1" {
			t.Errorf("%+v", done)
		}
		tasks := 0
		w.must(w.db.Q(w.ctx).QueryRow(w.ctx, "SELECT count(*) FROM casefile_task WHERE tenant_id = $1 AND doctor_id = 'd2' AND kind = $2 AND closed_on = ''", tenant, TaskDifference).Scan(&tasks))
		if tasks != 1 {
			t.Errorf("%d tasks for d2", tasks)
		}
	})
}

func TestADifferenceNeedsTwoPeople(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.comparable()
		w.registered("d1", "0123456")
		bad := extractHeader + extractLine("0123456", "Haddad", "d1", full, "Registered without a licence", "Y")
		w.take(secondDay, bad)
		d := w.waiting(ShowWaiting)[0]
		w.must(w.Answer(w.ctx, caseworker, Settlement{ID: d.ID, Way: WayOurs, Note: "The GMC wrote to us that the licence holds."}))
		wants(t, w.Agree(w.ctx, caseworker, d.ID, 0, false), problem.Refused, "second person")
		wants(t, w.Agree(w.ctx, national, d.ID, d.Version, false), problem.Conflict, "")
		w.must(w.Agree(w.ctx, national, d.ID, 0, false))
		wants(t, w.Agree(w.ctx, national, d.ID, 0, false), problem.Refused, "settled already")
		w.take(secondDay, bad)
		if len(w.waiting(ShowWaiting)) != 0 {
			t.Error("a difference settled as ours came back with the same entry")
		}
		w.take(secondDay, extractHeader+extractLine("0123456", "Another", "Person", full, "Registered without a licence", "Y"))
		d = w.waiting(ShowWaiting)[0]
		w.must(w.Answer(w.ctx, national, Settlement{ID: d.ID, Way: WayPerson, Note: "Date of birth in the register is another."}))
		w.must(w.Agree(w.ctx, caseworker, d.ID, 0, false))
		if c := w.get("d1"); c.Stage == casefile.StageRegistered {
			t.Error("the registration of another person still counts")
		}
		for name, err := range map[string]error{"empty answer": w.Answer(w.ctx, caseworker, Settlement{ID: d.ID}), "nobody's": w.Answer(w.ctx, caseworker, Settlement{ID: "none"}),
			"an employer": w.Answer(w.ctx, employer, Settlement{ID: d.ID, Way: WayOurs, Note: "It is quite all right."})} {
			if err == nil {
				t.Errorf("%s was taken", name)
			}
		}
	})
}

func TestSnooze(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.comparable()
		w.registered("d1", "0123456")
		w.take(secondDay, extractHeader+extractLine("0123456", "Haddad", "d1", full, licensed, "N"))
		d := w.waiting(ShowWaiting)[0]
		wants(t, w.Snooze(w.ctx, caseworker, Snooze{ID: d.ID, Until: today}), problem.Invalid, "after today")
		wants(t, w.Snooze(w.ctx, caseworker, Snooze{ID: d.ID, Until: today.AddDays(400), Reason: "other"}), problem.Invalid, "6 months")
		w.must(w.Snooze(w.ctx, caseworker, Snooze{ID: d.ID, Until: today.AddDays(7), Reason: "asked_gmc"}))
		if len(w.waiting(ShowWaiting)) != 0 || w.waiting(ShowSnoozed)[0].Turn != casefile.PartyGMC {
			t.Errorf("%+v", w.waiting(ShowSnoozed))
		}
		later := system
		later.Today = today.AddDays(7)
		if n, err := w.WakeDifferences(w.ctx, later); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if n, err := w.WakeDifferences(w.ctx, later); err != nil || n != 0 {
			t.Fatal("woken twice", n, err)
		}
		call := caseworker
		call.Today = later.Today
		q, err := w.Queue(w.ctx, call, QueueQuery{})
		w.must(err)
		if len(q.Rows) != 1 {
			t.Errorf("not back on its day: %+v", q.Rows)
		}
		// A change in the register wakes it early.
		w.must(w.Snooze(w.ctx, caseworker, Snooze{ID: d.ID, Until: today.AddDays(9), Reason: "asked_doctor"}))
		w.take(today, extractHeader+extractLine("0123456", "Haddad", "d1", full, "Suspended", "N"))
		if len(w.waiting(ShowWaiting)) != 1 {
			t.Error("a worse entry stayed asleep")
		}
	})
}

// The second person reads blind: neither the first reading nor the extract is
// shown to them, and a disagreement of a pending reading is nowhere.
func TestTheExtractKeepsTheSecondReaderBlind(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.comparable()
		ref := w.open("d1", inPost...)
		w.take(secondDay, extractHeader+extractLine("0123456", "Haddad", "d1", full, "Suspended", "Y"))
		_, err := w.Propose(w.ctx, caseworker, Proposal{Doctor: "d1", Reading: entryOf("0123456")})
		w.must(err)
		for who, sees := range map[*access.Call]bool{&caseworker: true, &national: false} {
			v, err := w.Look(w.ctx, *who, ref)
			w.must(err)
			if (v.Beside != nil) != sees {
				t.Errorf("%s sees the extract: %v", who.Actor.Account, v.Beside)
			}
		}
		if len(w.waiting(ShowWaiting)) != 0 {
			t.Error("the queue tells of a reading that waits for its second person")
		}
		_, err = w.Confirm(w.ctx, national, Confirmation{Doctor: "d1", Reading: entryOf("0123456")})
		w.must(err)
		v, err := w.Look(w.ctx, national, ref)
		w.must(err)
		if v.Beside == nil || v.Beside.Verdict != Differs || v.Beside.Queue == "" || len(w.waiting(ShowWaiting)) != 1 {
			t.Errorf("%+v", v.Beside)
		}
		if p, err := w.PracticeOf(w.ctx, tenant, "d1"); err != nil || !p.Approved || p.ReadOn.IsZero() {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestWhoSeesTheQueue(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.comparable()
		ref := w.registered("d1", "0123456")
		w.take(secondDay, extractHeader+extractLine("0123456", "Haddad", "d1", full, "Suspended canary", "N"))
		d := w.waiting(ShowWaiting)[0]
		h, at := w.site(), "/register-differences/"+d.ID
		scenes := []scene{
			{who: "caseworker", path: "/register-differences", status: 200, must: []string{"Name of d1", "Status, Must work in an approved practice setting", "The team", "newest extract is of"}, not: []string{"0123456"}},
			{who: "caseworker", path: at, status: 200, must: []string{"Suspended canary", "Settle it", "put it off"}, not: []string{"0123456"}},
			{who: "national", path: "/registration/" + ref, status: 200, must: []string{"What the register extract says", "Suspended canary", "Settle this difference", "Differs"}},
			{who: "caseworker", path: at + "/answer", form: typed("way", "ours", "note", "short"), status: 422, must: []string{"in a sentence", "short"}},
			{who: "caseworker", path: at + "/snooze", form: typed("until-day", "40", "until-month", "1", "until-year", "2027"), status: 422, must: []string{"Choose why it can wait"}},
			{who: "caseworker", path: at + "/answer", form: typed("way", "ours", "note", "Written by the GMC today."), status: 303},
			{who: "caseworker", path: at, status: 200, must: []string{"a colleague must agree", "Send it back"}, not: []string{`value="agree"`}},
			{who: "national", path: at, status: 200, must: []string{"Reader acc-caseworker says", `value="agree"`}},
			{who: "national", path: "/register-differences?show=second", status: 200, must: []string{"Name of d1"}},
			{who: "national", path: at + "/agree", form: typed("decision", "agree"), status: 303},
			{who: "national", path: at, status: 200, must: []string{"Said by Reader acc-caseworker and agreed by Reader acc-national_lead"}},
			{who: "national", path: "/register-differences?show=settled", status: 200, must: []string{"Name of d1"}},
			{who: "national", path: "/register-differences", status: 200, must: []string{"No differences"}},
		}
		for _, who := range []string{"employer", "other", "supervisor", "london", "north", "finance", "charity", "board", "d1", "d2"} {
			scenes = append(scenes, scene{who: who, path: "/register-differences", status: 404}, scene{who: who, path: at, status: 404},
				scene{who: who, path: at + "/answer", form: typed("way", "ours", "note", "I want it away."), status: 404})
			if who != "d2" && who != "charity" && who != "board" && who != "finance" && who != "north" && who != "other" {
				scenes = append(scenes, scene{who: who, path: "/registration/" + ref, status: 200, not: []string{"extract", "canary", "difference"}})
			}
		}
		w.play(h, scenes)
		hidden := national
		hidden.Actor.Hidden = []string{"d1"}
		if q, err := w.Queue(w.ctx, hidden, QueueQuery{Show: ShowSettled}); err != nil || len(q.Rows) != 0 {
			t.Errorf("somebody hidden is listed: %v, %v", q.Rows, err)
		}
	})
}
