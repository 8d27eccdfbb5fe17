package doctor_test

import (
	"context"
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
	"msw/internal/problem"
)

const tenant = "msw"

func grants(t testing.TB) *access.Table {
	t.Helper()
	g := func(role access.Role, act access.Action, rel access.Relation) access.Grant {
		return access.Grant{Role: role, Action: act, Relation: rel}
	}
	table, err := access.NewTable(
		g("doctor", doctor.ActRead, access.Own), g("doctor", doctor.ActChange, access.Own), g("doctor", doctor.ActCarry, access.Own), g("doctor", doctor.ActEquality, access.Own), g("doctor", doctor.ActAsking, access.Own), g("caseworker", doctor.ActAsking, access.Tenant),
		g("caseworker", doctor.ActCreate, access.Tenant), g("caseworker", doctor.ActRead, access.Tenant), g("caseworker", doctor.ActChange, access.Tenant),
		g("caseworker", doctor.ActSearch, access.Tenant), g("caseworker", doctor.ActCompare, access.Tenant), g("caseworker", doctor.ActSeal, access.Tenant),
		g("regional_lead", doctor.ActRead, access.Region))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func service(t testing.TB, db *database.DB) *doctor.Service {
	t.Helper()
	log, err := audit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	s, err := doctor.New(doctor.Options{DB: db, Access: grants(t), Audit: log, Resource: func(_ context.Context, tenant, id string) (access.Resource, error) {
		return access.Resource{Kind: "case", ID: id, Tenant: tenant, Doctor: id, Regions: []string{"Y56"}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func call(role access.Role, own string) access.Call {
	a := access.Actor{Account: "account-" + string(role) + own, Tenant: tenant, Doctor: own}
	if role != "doctor" {
		a.Members = []access.Membership{{Role: role, Region: "Y56"}}
	}
	now := clock.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	return access.Call{Actor: a, Now: now, Today: now.Local()}
}

func create(t testing.TB, s *doctor.Service, d doctor.NewDoctor) (string, string) {
	t.Helper()
	id, ref, err := s.Create(t.Context(), call("caseworker", ""), d)
	if err != nil {
		t.Fatal(err)
	}
	return id, ref
}

var amina = doctor.NewDoctor{Given: "Amina Khalid", Family: "Al-Canary", Preferred: "Amina", Native: "أمينة خالد الكناري",
	BirthDate: clock.MustDate("1988-05-14"), Email: "amina.canary@example.org", Mobile: "07700 900123", Outcode: "LS1", Note: "canary-note"}

func TestCreateReadChange(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, ref := create(t, s, amina)
		if got, err := s.ByRef(ctx, tenant, strings.ToLower(ref)); err != nil || got != id {
			t.Fatalf("by reference %q: %q, %v", ref, got, err)
		}
		d, err := s.Read(ctx, call("caseworker", ""), id)
		if err != nil || d.Given != amina.Given || d.BirthDate != amina.BirthDate || d.Ref != ref {
			t.Fatalf("read %+v, %v", d, err)
		}
		change := doctor.Change{Doctor: id, Version: d.Version, Details: d.Details}
		change.Mobile = "+44 7700 900999"
		if err := s.Change(ctx, call("doctor", id), change); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(ctx, call("caseworker", ""), change); problem.KindOf(err) != problem.Conflict {
			t.Fatalf("a stale change answered %v", err)
		}
		again, err := s.Get(ctx, tenant, id)
		if err != nil || again.Mobile != change.Mobile || again.Version != 2 {
			t.Fatalf("after the change: %+v, %v", again, err)
		}
		other, _ := create(t, s, doctor.NewDoctor{Given: "Other"})
		if _, err := s.Read(ctx, call("doctor", other), id); problem.KindOf(err) != problem.NotFound {
			t.Fatalf("another doctor's read answered %v", err)
		}
		if _, err := s.Read(ctx, call("regional_lead", ""), id); err != nil {
			t.Fatalf("the region's lead: %v", err)
		}
	})
}

func TestDetailsRefuseEveryFaultAtOnce(t *testing.T) {
	s := service(t, dbtest.SQLite(t))
	_, _, err := s.Create(t.Context(), call("caseworker", ""), doctor.NewDoctor{Email: "not an address", Mobile: "call me", QuietFrom: "9pm", BirthDate: clock.MustDate("2030-01-01"), Outcode: "Leeds"})
	for _, field := range []string{"given", "email", "mobile", "quiet-from", "quiet-to", "birth-date", "outcode"} {
		if err == nil || !strings.Contains(err.Error(), field+": ") {
			t.Errorf("nothing is said about %s: %v", field, err)
		}
	}
	if d := (doctor.Details{Outcode: "ls1 4ap"}).Tidy(); d.Outcode != "LS1" {
		t.Errorf("a whole postcode became %q", d.Outcode)
	}
}

func TestSearchFindsInAnyScriptAndOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, ref := create(t, s, amina)
		create(t, s, doctor.NewDoctor{Given: "Oleksandr", Family: "Shevchenko", Native: "Олександр Шевченко"})
		staff := call("caseworker", "")
		for _, text := range []string{"amina", "Aminah", "ameena khaled", "khalid amina", "أمينة", "كناري", "AL-CANARY amina", "ami", "cana", "khali", ref} {
			hits, err := s.Search(ctx, staff, text, 10)
			if err != nil || len(hits) == 0 || hits[0].ID != id {
				t.Errorf("search %q: %+v, %v", text, hits, err)
			}
		}
		if hits, err := s.Search(ctx, staff, "she oleh", 10); err != nil || len(hits) != 0 {
			t.Errorf("half a match: %+v, %v", hits, err)
		}
		moh, _ := create(t, s, doctor.NewDoctor{Native: "محمد"})
		if hits, err := s.Search(ctx, staff, "moh", 10); err != nil || len(hits) != 1 || hits[0].ID != moh {
			t.Errorf("a name being typed: %+v, %v", hits, err)
		}
		for _, text := range []string{"", "zzz", "amina shevchenko", "-"} {
			if hits, err := s.Search(ctx, staff, text, 10); err != nil || len(hits) != 0 {
				t.Errorf("search %q: %+v, %v", text, hits, err)
			}
		}
		hidden := staff
		hidden.Actor.Hidden = []string{id}
		for _, text := range []string{"amina", ref} {
			if hits, err := s.Search(ctx, hidden, text, 10); err != nil || len(hits) != 0 {
				t.Errorf("a hidden doctor is found by %q: %+v, %v", text, hits, err)
			}
		}
		elsewhere := staff
		elsewhere.Actor.Tenant = "scheme"
		if hits, err := s.Search(ctx, elsewhere, "amina", 10); err != nil || len(hits) != 0 {
			t.Errorf("found in another tenant: %+v, %v", hits, err)
		}
	})
}

func TestSimilarNamesReasonsAndRemembersTheDecision(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx, staff := service(t, db), t.Context(), call("caseworker", "")
		id, _ := create(t, s, doctor.NewDoctor{Given: "Mohammed", Family: "Rahimi", BirthDate: clock.MustDate("1985-01-01")})
		twin, _ := create(t, s, doctor.NewDoctor{Given: "Rahimi", Family: "Muhammad", Native: "محمد رحیمی", BirthDate: clock.MustDate("1985-01-01")})
		create(t, s, doctor.NewDoctor{Given: "Mohammed", Family: "Karimi", BirthDate: clock.MustDate("1985-01-01")})
		list, err := s.SimilarTo(ctx, staff, id)
		if err != nil || len(list) != 1 || list[0].ID != twin {
			t.Fatalf("similar: %+v, %v", list, err)
		}
		if why := strings.Join(list[0].Reasons, "; "); !strings.Contains(why, "proves nothing") || strings.Contains(why, "The same date of birth") {
			t.Errorf("1 January counts as proof: %s", why)
		}
		if err := s.Decide(ctx, staff, twin, id, doctor.Same); err != nil {
			t.Fatal(err)
		}
		if same, err := s.SamePerson(ctx, tenant, id); err != nil || len(same) != 1 || same[0] != twin {
			t.Fatalf("linked: %v, %v", same, err)
		}
		if err := s.Decide(ctx, staff, id, twin, doctor.Different); err != nil {
			t.Fatal(err)
		}
		if list, err = s.SimilarTo(ctx, staff, id); err != nil || list[0].Verdict != doctor.Different {
			t.Fatalf("the decision is not remembered: %+v, %v", list, err)
		}
		if same, _ := s.SamePerson(ctx, tenant, id); len(same) != 0 {
			t.Error("the link was not undone")
		}
		by, err := s.Similar(ctx, staff, doctor.NewDoctor{Given: "X", Mobile: "+447700900123"})
		if err != nil || len(by) != 0 {
			t.Fatalf("a number nobody has: %+v, %v", by, err)
		}
		create(t, s, amina)
		if by, err = s.Similar(ctx, staff, doctor.NewDoctor{Given: "X", Mobile: "+44 7700 900 123"}); err != nil || len(by) != 1 {
			t.Fatalf("by mobile: %+v, %v", by, err)
		}
	})
}

func TestLinkIsOneEachWay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, _ := create(t, s, amina)
		other, _ := create(t, s, doctor.NewDoctor{Given: "Other"})
		staff := call("caseworker", "")
		for range 2 { // linking again is no error
			if err := s.Link(ctx, staff, id, "acc"); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range [][2]string{{id, "acc2"}, {other, "acc"}} {
			if err := s.Link(ctx, staff, c[0], c[1]); problem.KindOf(err) != problem.Conflict {
				t.Errorf("link %v answered %v", c, err)
			}
		}
		if got, err := s.OfAccount(ctx, tenant, "acc"); err != nil || got != id {
			t.Errorf("of account: %q, %v", got, err)
		}
	})
}

func TestCarryOverCopiesOnlyWhatWasChosen(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, _ := create(t, s, amina)
		own := call("doctor", id)
		if err := s.Link(ctx, call("caseworker", ""), id, own.Actor.Account); err != nil {
			t.Fatal(err)
		}
		c, err := s.CarryOver(ctx, own, "scheme", []string{"given", "family", "email"})
		if err != nil || !c.New {
			t.Fatalf("carry: %+v, %v", c, err)
		}
		there, err := s.Get(ctx, "scheme", c.Doctor)
		if err != nil || there.Email != amina.Email || there.Mobile != "" || there.Native != "" || there.Account != own.Actor.Account {
			t.Fatalf("arrived: %+v, %v", there, err)
		}
		if c, err = s.CarryOver(ctx, own, "scheme", []string{"mobile"}); err != nil || c.New || c.Doctor != there.ID {
			t.Fatalf("second carry: %+v, %v", c, err)
		}
		if there, _ = s.Get(ctx, "scheme", c.Doctor); there.Mobile != amina.Mobile || there.Given != amina.Given {
			t.Fatalf("after the second carry: %+v", there)
		}
		if _, err := s.CarryOver(ctx, own, tenant, []string{"given"}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("carrying to the same scheme answered %v", err)
		}
		if d, err := s.Get(ctx, tenant, c.Doctor); err == nil {
			t.Errorf("the record of one scheme is in the other: %+v", d)
		}
	})
}

func TestSealedNoteIsTheDoctorsOnly(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx, staff := service(t, db), t.Context(), call("caseworker", "")
		id, _ := create(t, s, amina)
		if err := s.SealNote(ctx, staff, id); err != nil {
			t.Fatal(err)
		}
		d, err := s.Read(ctx, staff, id)
		if err != nil || d.Note != "" {
			t.Fatalf("staff still read %q, %v", d.Note, err)
		}
		d.Mobile = ""
		if err := s.Change(ctx, staff, doctor.Change{Doctor: id, Version: d.Version, Details: d.Details}); err != nil {
			t.Fatal(err)
		}
		if own, err := s.Own(ctx, call("doctor", id)); err != nil || own.Note != amina.Note || !own.NoteSealed {
			t.Fatalf("the doctor reads %q, %v", own.Note, err)
		}
	})
}

func TestPersonTokenMeetsAcrossSpellings(t *testing.T) {
	s := service(t, dbtest.SQLite(t))
	born := clock.MustDate("1985-03-02")
	a, b := s.PersonToken(t.Context(), "Mohammed Al-Rahimi", born), s.PersonToken(t.Context(), "Rahimi, Muhammad", born)
	if a == "" || a != b {
		t.Errorf("%q and %q are not one", a, b)
	}
	if s.PersonToken(t.Context(), "Mohammed", clock.MustDate("1985-01-01")) != "" || s.PersonToken(t.Context(), "Mohammed", 0) != "" {
		t.Error("a birth date that proves nothing gave a token")
	}
	if s.PersonToken(t.Context(), "Mohammed Rahimi", born.AddDays(1)) == a {
		t.Error("another birth date gave the same token")
	}
}

func TestNothingSensitiveIsReadableInTheFile(t *testing.T) {
	path := t.TempDir() + "/canary.db"
	db, err := database.Open(t.Context(), "sqlite:"+path, database.Options{Key: []byte("a master key for tests, 32 bytes"), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := service(t, db)
	id, _ := create(t, s, amina)
	if _, err := s.Search(t.Context(), call("caseworker", ""), "amina canary", 10); err != nil {
		t.Fatal(err)
	}
	if err := s.SealNote(t.Context(), call("caseworker", ""), id); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, suffix := range []string{"", "-wal"} {
		bytes, err := os.ReadFile(path + suffix)
		if err != nil {
			continue
		}
		text := strings.ToLower(string(bytes))
		found = found || strings.Contains(text, "doctor_person")
		for _, secret := range []string{"amina", "canary", "900123", "1988-05-14", "أمينة", "ls1"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q stands in the file", secret)
			}
		}
	}
	if !found {
		t.Error("the file was not read: this test proves nothing")
	}
}

func BenchmarkCreate(b *testing.B) {
	s := service(b, dbtest.SQLite(b))
	for b.Loop() {
		create(b, s, amina)
	}
}
