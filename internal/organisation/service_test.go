package organisation_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/organisation"
	"msw/internal/problem"
)

func ids(f organisation.Found) []string {
	var out []string
	for _, o := range f.Organisations {
		out = append(out, o.ID)
	}
	return out
}

func row(code, name, region, icb, postcode, status string) string {
	return `"` + strings.Join([]string{code, name, region, icb, "1 HIGH STREET", "", "", "LEEDS", "", postcode, "19740401", "", status, "B", "16C", "20200401", "", "", "", "", "", "0", "", "16C", "", "4", ""}, `","`) + `"` + "\n"
}

func small(t testing.TB, s *organisation.Service) {
	t.Helper()
	text := row("A10001", "NORTH STREET SURGERY", "Y63", "QHM", "TS18 1HU", "A") + row("A10002", "SOUTH STREET SURGERY", "Y56", "QMJ", "N1 9GU", "A") +
		row("A10003", "NORTH NORTHERN PRACTICE", "Y63", "QHM", "TS18 1HX", "A") + row("A10004", "NORTH GATE (DORMANT)", "Y63", "QHM", "TS1 1AA", "D") +
		row("W10005", "NORTH WALES SURGERY", "W00", "Q99", "CF1 1AA", "A") + row("A10006", "ST ÉLOI MEDICAL CENTRE", "Y56", "QMJ", "SE1 7EH", "A")
	if _, err := s.ImportFile(context.Background(), as("op", organisation.RoleOperator), strings.NewReader(text), "epraccur-2025-11.csv", organisation.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestSearchAsYouType(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		small(t, s)
		ctx := context.Background()
		admin := as("admin", organisation.RoleAdministrator)
		charity, err := s.Create(ctx, admin, organisation.NewOrganisation{Kind: organisation.Charity, Name: "North Star Refugee Doctors", Region: "Y62", Postcode: "m11aa"})
		if err != nil {
			t.Fatal(err)
		}
		cases := []struct {
			name string
			q    organisation.Query
			want []string
		}{
			{"beginning of a word, each once", organisation.Query{Text: "nor"}, []string{charity.ID, "A10001", "A10003", "A10004", "W10005"}},
			{"two words in any order", organisation.Query{Text: "surg north"}, []string{"A10001", "W10005"}},
			{"code", organisation.Query{Text: "a10002"}, []string{"A10002"}},
			{"postcode with its space", organisation.Query{Text: "TS18 1h"}, []string{"A10001", "A10003"}},
			{"district", organisation.Query{Text: "ts18"}, []string{"A10001", "A10003"}},
			{"accents do not matter", organisation.Query{Text: "eloi"}, []string{"A10006"}},
			{"region by name", organisation.Query{Text: "london"}, []string{"A10002", "A10006"}},
			{"region by code and a word", organisation.Query{Text: "street", Region: "Y63"}, []string{"A10001"}},
			{"a word of a region narrows", organisation.Query{Text: "surgery lond"}, []string{"A10002"}},
			{"hosts only", organisation.Query{Text: "north", Hostable: true}, []string{"A10001", "A10003"}},
			{"kind", organisation.Query{Text: "north", Kinds: []organisation.Kind{organisation.Charity}}, []string{charity.ID}},
			{"open only", organisation.Query{Text: "north", Open: true}, []string{charity.ID, "A10001", "A10003", "W10005"}},
			{"nothing typed", organisation.Query{Kinds: []organisation.Kind{organisation.GPPractice}, Region: "Y56"}, []string{"A10002", "A10006"}},
			{"signs that mean something in SQL", organisation.Query{Text: "%_'"}, nil},
			{"nothing found", organisation.Query{Text: "zebra"}, nil},
		}
		for _, c := range cases {
			found, err := s.Search(ctx, as("case", organisation.RoleCaseworker), c.q)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			got := ids(found)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		for _, text := range []string{"nor", ""} {
			all, _ := s.Search(ctx, admin, organisation.Query{Text: text, Limit: 100})
			var paged []string
			for after, n := "", 0; n < 20; n++ {
				f, err := s.Search(ctx, admin, organisation.Query{Text: text, Limit: 1, After: after})
				if err != nil {
					t.Fatal(err)
				}
				paged = append(paged, ids(f)...)
				if after = f.Next; after == "" {
					break
				}
			}
			if !slices.Equal(paged, ids(all)) {
				t.Errorf("one by one %v, at once %v", paged, ids(all))
			}
		}
		other := admin
		other.Actor.Tenant = "gp-scheme"
		if f, _ := s.Search(ctx, other, organisation.Query{Text: "refugee"}); len(f.Organisations) != 0 {
			t.Error("another programme sees the charity")
		}
		if _, err := s.Get(ctx, "gp-scheme", charity.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another programme reads the charity: %v", err)
		}
	})
}

func TestMadeByHand(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		small(t, s)
		ctx := context.Background()
		admin := as("admin", organisation.RoleAdministrator)
		_, err := s.Create(ctx, admin, organisation.NewOrganisation{Kind: organisation.NHSTrust, Postcode: "nowhere", Region: "Y54", Website: "javascript:x"})
		if e, ok := err.(*problem.Error); !ok || len(e.Fields) != 5 {
			t.Errorf("all that is wrong at once: %v", err)
		}
		pcn, err := s.Create(ctx, admin, organisation.NewOrganisation{Kind: organisation.PCN, Name: "Riverside PCN", Region: "Y63"})
		if err != nil || !pcn.Hostable(today) {
			t.Fatalf("%+v %v", pcn, err)
		}
		if err := s.Close(ctx, as("case", organisation.RoleCaseworker), pcn.ID, today, 1); err == nil {
			t.Error("a caseworker closed it")
		}
		if err := s.Close(ctx, admin, pcn.ID, today, 1); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(ctx, admin, pcn.ID, today, 1); problem.KindOf(err) != problem.Conflict {
			t.Errorf("closed twice: %v", err)
		}
		if o, _ := s.Get(ctx, "msw", pcn.ID); o.Hostable(today) || !o.Hostable(today.AddDays(-1)) {
			t.Errorf("closed today: %+v", o)
		}
		if err := s.Close(ctx, admin, "A10001", today, 1); problem.KindOf(err) != problem.Refused {
			t.Errorf("a national one: %v", err)
		}
		many, err := s.GetMany(ctx, "msw", []string{"A10001", pcn.ID, "", "ZZZ", "A10001"})
		if err != nil || len(many) != 2 || many["A10001"].Name != "North Street Surgery" {
			t.Errorf("many: %+v %v", many, err)
		}
	})
}

func TestMembers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		small(t, s)
		ctx := context.Background()
		admin := as("admin", organisation.RoleAdministrator)
		m, err := s.Invite(ctx, admin, " hr@example.org ", organisation.Member{Organisation: "A10001", Role: organisation.RoleEmployerHR})
		if err != nil || m.Account != "account of hr@example.org" {
			t.Fatalf("%+v %v", m, err)
		}
		if _, err := s.Invite(ctx, admin, "hr@example.org", organisation.Member{Organisation: "A10001", Role: organisation.RoleEmployerHR}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("the same role twice: %v", err)
		}
		for name, bad := range map[string]organisation.Member{
			"a role that is not for practices": {Account: "x", Organisation: "A10001", Role: organisation.RoleNationalLead},
			"a regional lead without region":   {Account: "x", Role: organisation.RoleRegionalLead},
			"a region for a caseworker":        {Account: "x", Role: organisation.RoleCaseworker, Region: "Y56"},
			"a doctor":                         {Account: "x", Role: organisation.RoleDoctor},
			"a closed organisation":            {Account: "x", Organisation: "A10004", Role: organisation.RoleEmployerHR},
		} {
			if _, err := s.AddMember(ctx, admin, bad); problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.AddMember(ctx, admin, organisation.Member{Account: "x", Organisation: "nothing", Role: organisation.RoleReferrer}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("no such organisation: %v", err)
		}
		if _, err := s.AddMember(ctx, admin, organisation.Member{Account: m.Account, Role: organisation.RoleRegionalLead, Region: "Y56", From: today.AddDays(3)}); err != nil {
			t.Fatal(err)
		}
		of := func(on clock.Date) int {
			all, err := s.MembersOf(ctx, m.Account, on)
			if err != nil {
				t.Fatal(err)
			}
			return len(all["msw"])
		}
		if of(today) != 1 || of(today.AddDays(3)) != 2 || of(today.AddDays(-1)) != 0 {
			t.Errorf("memberships %d %d %d", of(today), of(today.AddDays(3)), of(today.AddDays(-1)))
		}
		hr := as("account of hr@example.org", organisation.RoleEmployerHR, "A10001")
		if list, err := s.Members(ctx, hr, "A10001"); err != nil || len(list) != 1 {
			t.Errorf("own organisation: %v %v", list, err)
		}
		if _, err := s.Members(ctx, hr, "A10002"); err == nil {
			t.Error("another organisation's members are shown")
		}
		if _, err := s.AddMember(ctx, hr, organisation.Member{Account: "y", Organisation: "A10001", Role: organisation.RoleEmployerHR}); err == nil {
			t.Error("HR added a member")
		}
		if list, err := s.AccountsWith(ctx, "msw", organisation.RoleEmployerHR, "A10001", today); err != nil || len(list) != 1 {
			t.Errorf("accounts: %v %v", list, err)
		}
		if err := s.RemoveMember(ctx, admin, m.ID); err != nil {
			t.Fatal(err)
		}
		if of(today) != 0 {
			t.Error("a removed member still has the role today")
		}
		if _, err := s.Invite(ctx, admin, "hr@example.org", organisation.Member{Organisation: "A10001", Role: organisation.RoleEmployerHR}); err != nil {
			t.Errorf("the role again after it was removed: %v", err)
		}
		own, err := s.AddMember(ctx, admin, organisation.Member{Account: "admin", Role: organisation.RoleAdministrator})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveMember(ctx, admin, own.ID); problem.KindOf(err) != problem.Refused {
			t.Errorf("removed own administration: %v", err)
		}
	})
}
