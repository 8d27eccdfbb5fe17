package organisation_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/organisation"
	"msw/internal/problem"
)

func table(t testing.TB) *access.Table {
	t.Helper()
	var grants []access.Grant
	for _, act := range organisation.Actions() {
		grants = append(grants, access.Grant{Role: organisation.RoleOperator, Action: act, Relation: access.Tenant},
			access.Grant{Role: organisation.RoleAdministrator, Action: act, Relation: access.Tenant})
	}
	grants = append(grants, access.Grant{Role: organisation.RoleCaseworker, Action: organisation.ActSearch, Relation: access.Tenant},
		access.Grant{Role: organisation.RoleEmployerHR, Action: organisation.ActMembers, Relation: access.Organisation})
	tab, err := access.NewTable(grants...)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

var today = clock.MustDate("2026-11-22")

func as(account string, role access.Role, organisations ...string) access.Call {
	members := []access.Membership{{Role: role}}
	for _, o := range organisations {
		members = append(members, access.Membership{Role: role, Organisation: o})
	}
	return access.Call{Actor: access.Actor{Account: account, Tenant: "msw", Members: members}, Now: clock.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)), Today: today}
}

func service(t testing.TB, db *database.DB) *organisation.Service {
	t.Helper()
	log, err := audit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	s, err := organisation.New(organisation.Options{DB: db, Access: table(t), Audit: log,
		EnsureAccount: func(_ context.Context, email string) (string, error) { return "account of " + email, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var realFiles = []string{"epraccur-2025-11.csv", "etr-2025-12.csv", "eccg-2025-12.csv", "icb_names_codes_dec_2024.csv", "etrust-trusts-and-sites-2018-09.csv.gz", "egpam-2015-12-18.csv"}

func realFile(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "ods", name))
	if os.IsNotExist(err) {
		t.Skip("left out: the real ODS files are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func take(t testing.TB, s *organisation.Service, name string) organisation.Report {
	t.Helper()
	r, err := s.ImportFile(context.Background(), as("op", organisation.RoleOperator), realFile(t, name), name, organisation.ImportOptions{Delta: strings.HasPrefix(name, "egpam")})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if r.Read != r.Added+r.Changed+r.Unchanged+r.Closed+r.Refused {
		t.Errorf("%s does not add up: %s", name, r.Summary())
	}
	sum := 0
	for _, n := range r.Reasons {
		sum += n
	}
	if sum != r.Refused {
		t.Errorf("%s: reasons give %d of %d refused", name, sum, r.Refused)
	}
	return r
}

// contents is a hash over all that the tables hold, but for how often a row
// was written.
func contents(t testing.TB, db *database.DB) string {
	t.Helper()
	h := sha256.New()
	for _, q := range []struct {
		sql   string
		width int
	}{
		{`SELECT code, kind, name, name_key, said_region, said_icb, address, postcode, opened, status, closed, commissioner, phone, setting, parent, ons, stamps,
			CASE WHEN listed = true THEN 'listed' ELSE '' END, country, region, icb, closes FROM organisation_ods ORDER BY code`, 22},
		{`SELECT token, code FROM organisation_ods_token ORDER BY token, code`, 2},
	} {
		rows, err := db.Q(context.Background()).Query(context.Background(), q.sql)
		if err != nil {
			t.Fatal(err)
		}
		cells, into := make([]string, q.width), make([]any, q.width)
		for i := range cells {
			into[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(h, strings.Join(cells, "\x1f"))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func count(t testing.TB, db *database.DB, where string) (n int) {
	t.Helper()
	if err := db.Q(context.Background()).QueryRow(context.Background(), `SELECT count(*) FROM organisation_ods WHERE listed = true AND `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheRealFilesInAnyOrder(t *testing.T) {
	realFile(t, realFiles[0])
	end := ""
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		first := map[string]organisation.Report{}
		for _, name := range realFiles {
			first[name] = take(t, s, name)
			t.Log(name, first[name].Summary(), first[name].Reasons)
		}
		if r := first["epraccur-2025-11.csv"]; r.Read != 16685 || r.Refused != 16685-8655 || r.Content != organisation.Practices || r.AsAt != clock.MustDate("2025-11-30") {
			t.Errorf("practices: %+v", r)
		}
		if r := first["egpam-2015-12-18.csv"]; r.Reasons["a prescriber (G-code), not an organisation"] != 1002 || r.Added != 0 || r.Closed != 0 {
			t.Errorf("amendments of 2015: %+v", r)
		}
		if got := count(t, db, `kind = 'gp_practice' AND status = 'A'`); got != 6618 {
			t.Errorf("%d active practices", got)
		}
		if got := count(t, db, `kind = 'gp_practice' AND status = 'A' AND country = 'England'`); got != 6220 {
			t.Errorf("%d active practices in England", got)
		}
		if got := count(t, db, `kind = 'gp_practice' AND status = 'A' AND country = 'England' AND (region = '' OR icb = '')`); got != 0 {
			t.Errorf("%d active English practices without region or board", got)
		}
		if got := count(t, db, `kind = 'icb' AND region = ''`); got != 0 {
			t.Errorf("%d boards without region", got)
		}
		if got := count(t, db, `kind = 'nhs_trust'`); got != 273 {
			t.Errorf("%d trusts", got)
		}
		if got := count(t, db, `region IN ('Y54','Y55','Y57')`); got != 0 {
			t.Errorf("%d organisations in a region that is no more", got)
		}
		state := contents(t, db)
		if end != "" && state != end {
			t.Error("the engines end in different states")
		}
		end = state
		for _, name := range []string{"egpam-2015-12-18.csv", "epraccur-2025-11.csv", "icb_names_codes_dec_2024.csv"} {
			if r := take(t, s, name); r.Added+r.Changed+r.Closed != 0 {
				t.Errorf("%s again: %s", name, r.Summary())
			}
		}
		if contents(t, db) != end {
			t.Error("the same files again changed something")
		}
	})
	for _, order := range [][]int{{5, 4, 3, 2, 1, 0}, {3, 4, 0, 5, 2, 1}, {4, 1, 5, 0, 3, 2}} {
		other := dbtest.SQLite(t)
		s := service(t, other)
		for _, i := range order {
			take(t, s, realFiles[i])
		}
		if contents(t, other) != end {
			t.Errorf("order %v ends in another state", order)
		}
	}
}

func TestImportRefusesWhatItDoesNotKnow(t *testing.T) {
	db := dbtest.SQLite(t)
	s := service(t, db)
	ctx := context.Background()
	operator := as("op", organisation.RoleOperator)
	good := `"A81001","THE DENSHAM SURGERY","Y63","QHM","1","2","","","","TS18 1HU","19740401","","A","B","16C","20200401","","01642 672351","","","","0","","16C","","4",""` + "\n"
	for _, c := range []struct {
		name, text, file string
		o                organisation.ImportOptions
		kind             problem.Kind
	}{
		{"no date", good, "epraccur.csv", organisation.ImportOptions{}, problem.Refused},
		{"a date to come", good, "epraccur-2030-01.csv", organisation.ImportOptions{}, problem.Refused},
		{"another table", "name,age\nx,1\n", "x-2025-01.csv", organisation.ImportOptions{}, problem.Refused},
		{"nothing", "", "x-2025-01.csv", organisation.ImportOptions{}, problem.Invalid},
	} {
		if _, err := s.ImportFile(ctx, operator, strings.NewReader(c.text), c.file, c.o); problem.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := s.ImportFile(ctx, as("case", organisation.RoleCaseworker), strings.NewReader(good), "epraccur-2025-11.csv", organisation.ImportOptions{}); err == nil {
		t.Error("a caseworker imported a file")
	}
	r, err := s.ImportFile(ctx, operator, strings.NewReader(good), "epraccur.csv", organisation.ImportOptions{AsAt: clock.MustDate("2025-11-30"), DryRun: true})
	if err != nil || r.Added != 1 || count(t, db, `1 = 1`) != 0 {
		t.Errorf("dry run: %+v %v", r, err)
	}
	bad := good + strings.Replace(good, "A81001", "a bad code", 1) + strings.Replace(good, "A81001", "A81002", 1)
	if r, err = s.ImportFile(ctx, operator, strings.NewReader(bad), "C:\\files\\epraccur-2025-11.csv", organisation.ImportOptions{}); err != nil || r.Added != 2 || r.Refused != 1 {
		t.Errorf("one bad row: %+v %v", r, err)
	}
	closing := strings.Replace(strings.Replace(good, `"19740401",""`, `"19740401","20260331"`, 1), `"A","B"`, `"C","B"`, 1)
	if r, err = s.ImportFile(ctx, operator, strings.NewReader(closing), "epraccur-2026-04.csv", organisation.ImportOptions{Delta: true}); err != nil || r.Closed != 1 {
		t.Errorf("a closing: %+v %v", r, err)
	}
	o, err := s.Get(ctx, "msw", "A81001")
	if err != nil || o.Hostable(today) || !o.Hostable(clock.MustDate("2026-03-30")) && o.Status == "A" {
		t.Errorf("closed %+v %v", o, err)
	}
	found, err := s.Search(ctx, operator, organisation.Query{Text: "densham", Hostable: true})
	if err != nil || len(found.Organisations) != 1 || found.Organisations[0].ID != "A81002" {
		t.Errorf("only the open one can be chosen: %+v %v", found, err)
	}
}
