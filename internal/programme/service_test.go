package programme_test

import (
	"context"
	"errors"
	"testing"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/problem"
	"msw/internal/programme"
)

// table is the package's rows of internal/app/permissions.go.
func table(t testing.TB) *access.Table {
	t.Helper()
	var grants []access.Grant
	for _, role := range []access.Role{"operator", "national_lead", "administrator"} {
		for _, act := range programme.Actions() {
			if act == programme.ActCreate && role != "operator" {
				continue
			}
			grants = append(grants, access.Grant{Role: role, Action: act, Relation: access.Tenant})
		}
	}
	for _, act := range []access.Action{programme.ActPhases, programme.ActSettings, programme.ActRuleSets} {
		grants = append(grants, access.Grant{Role: "caseworker", Action: act, Relation: access.Tenant})
	}
	tab, err := access.NewTable(grants...)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func as(account, tenant string, role access.Role) access.Call {
	now, err := clock.ParseInstant("2026-11-22T10:00:00.000000Z")
	if err != nil {
		panic(err)
	}
	return access.Call{Actor: access.Actor{Account: account, Tenant: tenant, Name: account, Members: []access.Membership{{Role: role}}},
		Now: now, Today: clock.MustDate("2026-11-22")}
}

type fewRules struct{}

func (fewRules) Read(text string) (programme.Reading, error) {
	if text == "broken" {
		return programme.Reading{}, errors.New("rules.yaml:3:1: unknown key")
	}
	return programme.Reading{Purpose: "eligibility", Name: "C", Title: "Newer", Text: text, Hash: "hash of " + text, From: clock.MustDate("2027-01-01")}, nil
}

func (fewRules) Sets() []programme.Reading {
	return []programme.Reading{
		{Purpose: "eligibility", Name: "A", Title: "First", Text: "a", Hash: "1", From: clock.MustDate("2020-12-15"), Until: clock.MustDate("2022-03-31")},
		{Purpose: "eligibility", Name: "B", Title: "Second", Text: "b", Hash: "2", From: clock.MustDate("2022-04-01")},
	}
}

func service(t testing.TB, db *database.DB) *programme.Service { return serviceWith(t, db, fewRules{}) }

func serviceWith(t testing.TB, db *database.DB, rules programme.Reader) *programme.Service {
	t.Helper()
	log, err := audit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	s, err := programme.New(programme.Options{DB: db, Access: table(t), Audit: log, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func national(t testing.TB, s *programme.Service) {
	t.Helper()
	_, err := s.CreateTenant(context.Background(), as("op", programme.National, "operator"),
		programme.NewTenant{Code: programme.National, Name: "Medical Support Worker programme", Kind: programme.KindNational, Published: true})
	if err != nil {
		t.Fatal(err)
	}
}

func TestProgrammesApart(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		s := service(t, db)
		national(t, s)
		if _, err := s.CreateTenant(ctx, as("op", programme.GPScheme, "operator"),
			programme.NewTenant{Code: programme.GPScheme, Name: "Local scheme", Kind: programme.KindLocal}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPublic(ctx, as("op", programme.GPScheme, "operator"), programme.GPScheme); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPublic(ctx, as("op", programme.National, "operator"), programme.National); err != nil {
			t.Fatal(err)
		}
		if p, ok, err := s.PublicTenant(ctx); err != nil || !ok || p.Code != programme.National {
			t.Errorf("public programme %v %v %v", p, ok, err)
		}
		phases, err := s.Phases(ctx, programme.National)
		if err != nil || len(phases) != 3 {
			t.Fatalf("%d phases, %v", len(phases), err)
		}
		if other, _ := s.Phases(ctx, programme.GPScheme); len(other) != 0 {
			t.Errorf("the local scheme shows %d national phases", len(other))
		}
		lead := as("lead", programme.GPScheme, "national_lead")
		if _, err := s.Phase(ctx, lead, phases[0].ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another programme's phase: %v", err)
		}
		if p, ok, _ := s.PhaseOn(ctx, programme.National, clock.MustDate("2022-06-20")); !ok || p.Code != "2022-23" || p.Marks[programme.FieldMoney].Status != programme.Confirmed {
			t.Errorf("phase on 20 June 2022: %+v", p)
		}
		if claims, _ := s.Claims(ctx, programme.National, clock.MustDate("2021-12-31")); len(claims) != 1 || claims[0].Code != "roles_given" {
			t.Errorf("claims by the end of 2021: %+v", claims)
		}
		if _, err := s.CreateTenant(ctx, as("op", programme.National, "operator"), programme.NewTenant{Code: programme.National, Name: "Again", Kind: programme.KindLocal}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a code twice: %v", err)
		}
	})
}

func TestPhasesAreChangedByThoseWhoMay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		s := service(t, db)
		national(t, s)
		lead := as("lead", programme.National, "national_lead")
		p, err := s.SavePhase(ctx, lead, programme.Phase{Code: "2026-27", Title: "Local money", Starts: clock.MustDate("2026-04-01"), Ends: clock.MustDate("2027-03-31"), Places: 40})
		if err != nil {
			t.Fatal(err)
		}
		if m := p.Marks[programme.FieldPlaces]; m.Status != programme.Own || m.On != lead.Today {
			t.Errorf("a value without a source is marked %+v", m)
		}
		p.Places = 50
		again, err := s.SavePhase(ctx, lead, p)
		if err != nil || again.Version != 2 {
			t.Fatalf("change: %+v %v", again, err)
		}
		if _, err := s.SavePhase(ctx, lead, p); problem.KindOf(err) != problem.Conflict {
			t.Errorf("a second change of the same version: %v", err)
		}
		if _, err := s.SavePhase(ctx, as("case", programme.National, "caseworker"), again); err == nil {
			t.Error("a caseworker changed a phase")
		}
		_, err = s.SavePhase(ctx, lead, programme.Phase{Code: "2026-27", Title: "Twice", Starts: clock.MustDate("2026-04-01")})
		if problem.KindOf(err) != problem.Invalid {
			t.Errorf("the same code twice: %v", err)
		}
		_, err = s.SavePhase(ctx, lead, programme.Phase{Code: "Bad Code", Ends: clock.MustDate("2020-01-01"), Starts: clock.MustDate("2021-01-01"),
			Marks: map[programme.Field]programme.Mark{programme.FieldMoney: {Status: programme.Confirmed}}})
		var e *problem.Error
		if !errors.As(err, &e) || len(e.Fields) != 4 {
			t.Errorf("all that is wrong at once: %v", err)
		}
	})
}

func TestSettingsSayWhoAndWhen(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		s := service(t, db)
		national(t, s)
		first, err := s.Setting(ctx, programme.National, programme.SuppressBelow)
		if err != nil || first.Value != "5" || first.SetOn != clock.MustDate("2026-11-22") {
			t.Fatalf("first value %+v %v", first, err)
		}
		lead := as("lead", programme.National, "national_lead")
		if _, err := s.SetSetting(ctx, lead, programme.SetSetting{Name: programme.SuppressBelow, Value: "10", Note: "To be safe", Version: first.Version}); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Int(ctx, programme.National, programme.SuppressBelow); err != nil || n != 10 {
			t.Errorf("now %d %v", n, err)
		}
		if _, err := s.SetSetting(ctx, lead, programme.SetSetting{Name: programme.SuppressBelow, Value: "12", Version: first.Version}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("someone else was first: %v", err)
		}
		if _, err := s.SetSetting(ctx, lead, programme.SetSetting{Name: programme.SuppressBelow, Value: "4", Anyway: true}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("below the least: %v", err)
		}
		if _, err := s.SetSetting(ctx, as("case", programme.National, "caseworker"), programme.SetSetting{Name: programme.SuppressBelow, Value: "9", Anyway: true}); err == nil {
			t.Error("a caseworker changed a setting")
		}
		changes, err := s.Changes(ctx, lead, programme.SuppressBelow)
		if err != nil || len(changes) != 1 || changes[0].SetBy != "lead" || changes[0].Value != "10" {
			t.Errorf("changes %+v %v", changes, err)
		}
		if _, err := s.Setting(ctx, programme.National, "no_such"); err == nil {
			t.Error("a setting nobody declared has a value")
		}
		if v, err := s.Setting(ctx, "elsewhere", programme.PostMonths); err != nil || v.Value != "12" {
			t.Errorf("a programme without rows: %+v %v", v, err)
		}
	})
}

func TestARuleSetNeedsASecondPerson(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		s := service(t, db)
		national(t, s)
		operator := as("op", programme.National, "operator")
		if n, err := s.InstallRuleSets(ctx, operator); err != nil || n != 2 {
			t.Fatalf("installed %d, %v", n, err)
		}
		if n, err := s.InstallRuleSets(ctx, operator); err != nil || n != 0 {
			t.Fatalf("installed again %d, %v", n, err)
		}
		on := func(d string) string {
			r, _, err := s.RuleSet(ctx, programme.National, "eligibility", clock.MustDate(d))
			if err != nil {
				t.Fatal(err)
			}
			return r.Name
		}
		if on("2022-03-31") != "A" || on("2022-04-01") != "B" || on("2019-01-01") != "" {
			t.Errorf("rule sets by date: %s %s %s", on("2022-03-31"), on("2022-04-01"), on("2019-01-01"))
		}
		lead, other := as("lead", programme.National, "national_lead"), as("other", programme.National, "national_lead")
		if _, err := s.ProposeRuleSet(ctx, lead, "broken", "try"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a faulty text: %v", err)
		}
		v, err := s.ProposeRuleSet(ctx, lead, "c", "A newer version")
		if err != nil {
			t.Fatal(err)
		}
		if on("2027-01-01") != "B" {
			t.Error("a proposal has effect before it is approved")
		}
		if err := s.DecideRuleSet(ctx, lead, v.ID, 1, true); problem.KindOf(err) != problem.Refused {
			t.Errorf("the proposer approved: %v", err)
		}
		if err := s.DecideRuleSet(ctx, other, v.ID, 1, true); err != nil {
			t.Fatal(err)
		}
		if on("2027-01-01") != "C" || on("2026-12-31") != "B" {
			t.Errorf("after approval: %s, the day before %s", on("2027-01-01"), on("2026-12-31"))
		}
		if err := s.DecideRuleSet(ctx, other, v.ID, 2, false); problem.KindOf(err) != problem.Conflict {
			t.Errorf("decided twice: %v", err)
		}
	})
}
