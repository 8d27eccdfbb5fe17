package doctor_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
)

// The same passport under two people is found, however it is written, and the
// number itself is kept nowhere: not in the record, not in the audit, not on a page.
func TestTheSamePassportIsFoundAndTheNumberKeptNowhere(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx, staff := service(t, db), t.Context(), call("caseworker", "")
		first, firstRef := create(t, s, amina)
		second, secondRef := create(t, s, doctor.NewDoctor{Given: "Peter", Family: "Olsen"})
		alike := func(id string) []doctor.Candidate {
			list, err := s.SimilarTo(ctx, staff, id)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		own := browse(t, db, s, call("doctor", first))
		form := url.Values{"version": {"1"}, "given": {amina.Given}, "family": {amina.Family}, "passport": {"N12"}}
		if code, body := own("POST", "/apply/about-you", form); code != 422 || !strings.Contains(body, "Enter the whole number") || !strings.Contains(body, `value="N12"`) {
			t.Errorf("half a number: %d", code)
		}
		form.Set("passport", "N 0077-CANARY")
		if code, _ := own("POST", "/apply/about-you", form); code != 303 {
			t.Fatalf("save: %d", code)
		}
		if list := alike(second); len(list) != 0 {
			t.Errorf("alike before the second number: %v", list)
		}
		if code, _ := browse(t, db, s, staff)("POST", "/cases/"+secondRef+"/about-you", url.Values{"version": {"1"}, "given": {"Peter"}, "family": {"Olsen"}, "passport": {"n0077canary"}, "licence": {"4711 X"}}); code != 303 {
			t.Fatalf("staff save: %d", code)
		}
		for id, other := range map[string]string{first: second, second: first} {
			if list := alike(id); len(list) != 1 || list[0].ID != other || !list[0].Likely || !strings.Contains(strings.Join(list[0].Reasons, ";"), "passport") {
				t.Errorf("alike: %+v", list)
			}
		}
		if list, err := s.Similar(ctx, staff, doctor.NewDoctor{Given: "Somebody", Papers: doctor.Papers{Passport: "N0077 CANARY"}}); err != nil || len(list) != 2 {
			t.Errorf("before saving: %v, %v", list, err)
		}
		_, body := browse(t, db, s, staff)("GET", "/cases/"+firstRef+"/same", nil)
		if !strings.Contains(body, "The same number") || strings.Contains(strings.ToUpper(body), "0077") {
			t.Error("side by side: the numbers are not compared, or are shown")
		}
		watch := func() string {
			code, body := browse(t, db, s, staff)("GET", "/same-numbers", nil)
			if code != 200 || strings.Contains(strings.ToUpper(body), "0077") {
				t.Errorf("the list of shared numbers: %d, or a number is shown", code)
			}
			return body
		}
		if body = watch(); !strings.Contains(body, firstRef) || !strings.Contains(body, secondRef) || !strings.Contains(body, "The same number of a passport") || strings.Contains(body, "degree certificate") {
			t.Error("the list of shared numbers does not name both")
		}
		if code, _ := own("GET", "/same-numbers", nil); code != 404 && code != 403 {
			t.Errorf("a doctor opens the list: %d", code)
		}
		if err := s.Decide(ctx, staff, first, second, doctor.Different); err != nil || strings.Contains(watch(), firstRef) {
			t.Errorf("who was decided about is still on the list: %v", err)
		}
		if err := s.Decide(ctx, staff, first, second, ""); err != nil || !strings.Contains(watch(), firstRef) {
			t.Errorf("taken back, and not on the list: %v", err)
		}
		if _, body = own("GET", "/apply/about-you", nil); !strings.Contains(body, "We have a code of a number already") || strings.Contains(body, "0077") {
			t.Error("the doctor is not told what is kept, or is shown it")
		}
		for _, query := range []string{`SELECT id, sealed FROM doctor_person WHERE tenant_id = $1`, `SELECT id, sealed FROM audit_entry WHERE tenant_id = $1`} {
			nowhere(t, db, query)
		}

		d, err := s.Get(ctx, tenant, second)
		if err != nil {
			t.Fatal(err)
		}
		d.Given = "Petr"
		if err := s.Change(ctx, staff, doctor.Change{Doctor: second, Version: d.Version, Details: d.Details}); err != nil || len(alike(first)) != 1 {
			t.Errorf("a change of something else lost the number: %v", err)
		}
		form = url.Values{"version": {"2"}, "given": {amina.Given}, "family": {amina.Family}, "forget": {"yes"}}
		if code, _ := own("POST", "/apply/about-you", form); code != 303 || len(alike(first))+len(alike(second)) != 0 {
			t.Errorf("forget: %d, and still alike", code)
		}
	})
}

// nowhere looks for the number in everything sealed.
func nowhere(t *testing.T, db *database.DB, query string) {
	t.Helper()
	rows, err := db.Q(t.Context()).Query(t.Context(), query, tenant)
	if err != nil {
		t.Fatal(err)
	}
	table := strings.Fields(query[strings.Index(query, "FROM")+4:])[0]
	type row struct {
		id     string
		sealed []byte
	}
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.sealed); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := rows.Close(); err != nil || len(all) == 0 {
		t.Fatalf("%s: %d rows, %v", table, len(all), err)
	}
	opened := 0
	for _, r := range all {
		for version := range 4 {
			for _, person := range []string{"", r.id} {
				plain, err := db.Vault().Open(t.Context(), database.Place{Tenant: tenant, Person: person, Table: table, Row: r.id, Column: "sealed", Version: version}, slices.Clone(r.sealed))
				if err != nil {
					continue
				}
				if opened++; strings.Contains(string(plain), "0077") {
					t.Errorf("%s keeps the number: %s", table, plain)
				}
			}
		}
	}
	if table == "doctor_person" && opened != len(all) {
		t.Errorf("%s: %d of %d opened", table, opened, len(all))
	}
}
