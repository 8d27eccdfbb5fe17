package access

import (
	"testing"

	"msw/internal/problem"
)

var table = must(NewTable(
	Grant{"doctor", "case.see", Own},
	Grant{"lead", "case.see", Region},
	Grant{"team", "case.see", Tenant},
	Grant{"host", "case.see", Organisation},
	Grant{"charity", "case.see", Referred},
	Grant{"ward", "case.see", Supervised},
	Grant{"", "site.read", Public},
	Grant{"host", "place.change", Organisation},
))

func must(t *Table, err error) *Table {
	if err != nil {
		panic(err)
	}
	return t
}

func member(role Role, organisation, region string) Actor {
	return Actor{Account: "a1", Tenant: "t", Members: []Membership{{role, organisation, region}}}
}

func TestMayFollowsTheTable(t *testing.T) {
	record := Resource{Tenant: "t", Doctor: "d1", Organisations: []string{"RJ1"}, Regions: []string{"Y56"}, Referrers: []string{"C1"}, Supervisors: []string{"a1"}}
	hidden := member("team", "", "")
	hidden.Hidden = []string{"d1"}
	elsewhere := member("team", "", "")
	elsewhere.Tenant = "u"
	for name, c := range map[string]struct {
		actor Actor
		want  bool
	}{
		"own":                 {Actor{Account: "a9", Tenant: "t", Doctor: "d1"}, true},
		"another doctor":      {Actor{Account: "a9", Tenant: "t", Doctor: "d2"}, false},
		"region":              {member("lead", "", "Y56"), true},
		"another region":      {member("lead", "", "Y60"), false},
		"organisation":        {member("host", "RJ1", ""), true},
		"another host":        {member("host", "RJ2", ""), false},
		"referrer":            {member("charity", "C1", ""), true},
		"another referrer":    {member("charity", "C2", ""), false},
		"supervisor":          {member("ward", "", ""), true},
		"team":                {member("team", "", ""), true},
		"hidden from team":    {hidden, false},
		"team of another":     {elsewhere, false},
		"nobody":              {Actor{Tenant: "t"}, false},
		"role without grant":  {member("board", "", "Y56"), false},
		"empty region member": {member("lead", "", ""), false},
	} {
		err := table.May(c.actor, "case.see", record)
		if (err == nil) != c.want {
			t.Errorf("%s: may = %v, want %v", name, err == nil, c.want)
		}
		if err != nil && problem.KindOf(err) != problem.NotFound {
			t.Errorf("%s: a no about a person must read as missing, not %v", name, err)
		}
	}
}

func TestPublicActionsNeedNobody(t *testing.T) {
	if table.May(Actor{Tenant: "t"}, "site.read", Resource{}) != nil {
		t.Error("a public page was refused to a visitor")
	}
	if !table.Can(Actor{}, "site.read") || table.Can(Actor{}, "case.see") {
		t.Error("Can does not tell public from private")
	}
}

func TestDeniedOnlyWhereTheRecordIsNoSecret(t *testing.T) {
	err := table.May(member("host", "RJ2", ""), "place.change", Resource{Tenant: "t", Organisations: []string{"RJ1"}})
	if problem.KindOf(err) != problem.Forbidden {
		t.Errorf("want forbidden, got %v", err)
	}
}

func TestScopeOfNobodyIsEmpty(t *testing.T) {
	if !table.Scope(Actor{}, "case.see").None() || !table.Scope(member("board", "", ""), "case.see").None() {
		t.Error("an actor without a grant has a scope")
	}
	if s := table.Scope(member("host", "RJ1", ""), "case.see"); s.All || len(s.Organisations) != 1 {
		t.Errorf("host's scope is %+v", s)
	}
}

func TestNewTableRefusesBrokenRows(t *testing.T) {
	for _, g := range []Grant{{"team", "", Tenant}, {"team", "x", "nearby"}, {"", "x", Tenant}} {
		if _, err := NewTable(g); err == nil {
			t.Errorf("row %+v was taken", g)
		}
	}
	if _, err := NewTable(Grant{"a", "x", Tenant}, Grant{"a", "x", Tenant}); err == nil {
		t.Error("a row given twice was taken")
	}
}
