package fact_test

import (
	"context"
	"testing"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/rules"
)

// An employer checks identity and the right to work. What makes somebody
// eligible for its own post is not its to say.
func TestAnEmployerSaysOnlyWhatItChecks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		var grants []access.Grant
		for _, act := range []access.Action{fact.ActRead, fact.ActRecord, fact.ActVerify, fact.ActEnter} {
			grants = append(grants, access.Grant{Role: organisation.RoleEmployerHR, Action: act, Relation: access.Tenant},
				access.Grant{Role: organisation.RoleAssessor, Action: act, Relation: access.Tenant})
		}
		table, err := access.NewTable(grants...)
		must(t, err)
		log, err := audit.New(db)
		must(t, err)
		book, err := rulebook.Load(rules.Files, ".")
		must(t, err)
		s, err := fact.New(fact.Options{DB: db, Access: table, Audit: log, Schema: book.Schema()})
		must(t, err)
		hr := w.call(organisation.RoleEmployerHR)
		exam := passed
		exam.Doctor = w.id
		if _, err := s.Record(ctx, hr, exam); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an employer recorded an exam: %v", err)
		}
		id := w.record(access.Doctor, passed)
		for what, err := range map[string]error{"verified": s.Verify(ctx, hr, id, rulebook.Verified), "took back": s.Withdraw(ctx, hr, id), "replaced": second(s.Supersede(ctx, hr, id, exam))} {
			if problem.KindOf(err) != problem.Forbidden {
				t.Errorf("an employer %s a doctor's exam: %v", what, err)
			}
		}
		right := fact.NewFact{Doctor: w.id, Kind: fact.RightToWork, On: date("2025-03-04"), State: rulebook.Seen, Fields: map[string]any{"category": "refugee", "may_work": true, "may_reside": true, "visitor": false}}
		if _, err := s.Record(ctx, hr, right); err != nil {
			t.Errorf("an employer could not record the right to work: %v", err)
		}
	})
}

// A doctor who also works for the programme proves nothing of themselves.
func TestNobodyProvesTheirOwnFacts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		both := w.call(organisation.RoleAssessor)
		both.Actor.Doctor = w.id
		id := w.record(access.Doctor, passed)
		if err := w.s.Verify(ctx, both, id, rulebook.Verified); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an assessor verified their own exam: %v", err)
		}
		sure := passed
		sure.Doctor, sure.State = w.id, rulebook.Verified
		if _, err := w.s.Record(ctx, both, sure); problem.KindOf(err) != problem.NotFound {
			t.Errorf("an assessor recorded a verified exam of their own: %v", err)
		}
	})
}

// Two roles do not add up: who leads the person's region and works for some
// other employer sees what the region's lead may.
func TestRolesDoNotAddUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w, ctx := build(t, db), t.Context()
		table, err := access.NewTable(access.Grant{Role: organisation.RoleEmployerHR, Action: fact.ActRead, Relation: access.Organisation},
			access.Grant{Role: organisation.RoleRegionalLead, Action: fact.ActRead, Relation: access.Region})
		must(t, err)
		log, err := audit.New(db)
		must(t, err)
		book, err := rulebook.Load(rules.Files, ".")
		must(t, err)
		s, err := fact.New(fact.Options{DB: db, Access: table, Audit: log, Schema: book.Schema(), Resource: func(_ context.Context, tenant, id string) (access.Resource, error) {
			return access.Resource{Kind: "case", ID: id, Tenant: tenant, Doctor: id, Regions: []string{"Y56"}, Organisations: []string{"RX1"}}, nil
		}})
		must(t, err)
		w.record(access.Doctor, passed)
		both := w.call("nobody")
		lead := access.Membership{Role: organisation.RoleRegionalLead, Region: "Y56"}
		for org, want := range map[string]int{"RX1": 1, "RX2": 0} {
			both.Actor.Members = []access.Membership{lead, {Role: organisation.RoleEmployerHR, Organisation: org}}
			list, err := s.Read(ctx, both, w.id)
			must(t, err)
			if len(list) != want {
				t.Errorf("region's lead and employer of %s: %d exams", org, len(list))
			}
		}
	})
}
