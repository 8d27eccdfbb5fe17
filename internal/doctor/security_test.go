package doctor_test

import (
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/database/dbtest"
)

// What was typed to find somebody may be their name: kept under the
// programme's key it would outlive the person's erasure.
func TestASearchIsRecordedWithoutItsWords(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		create(t, s, amina)
		if hits, err := s.Search(ctx, call("caseworker", ""), "Al-Canary", 5); err != nil || len(hits) != 1 {
			t.Fatalf("search: %v, %v", hits, err)
		}
		var id string
		var sealed []byte
		if err := db.Q(ctx).QueryRow(ctx, `SELECT id, sealed FROM audit_entry WHERE tenant_id = $1 AND action = $2`, tenant, "doctor.search").Scan(&id, &sealed); err != nil {
			t.Fatal(err)
		}
		plain, err := db.Vault().Open(ctx, database.Place{Tenant: tenant, Table: "audit_entry", Row: id, Column: "sealed"}, sealed)
		if err != nil || strings.Contains(string(plain), "Canary") {
			t.Errorf("the record of a search holds %s (%v)", plain, err)
		}
	})
}

func TestHowToReachSomebodyIsForThoseWhoWriteToThem(t *testing.T) {
	for role, may := range map[access.Role]bool{"caseworker": true, "assessor": true, "regional_lead": false, "employer_hr": false, "supervisor": false, "referrer": false, "national_lead": false} {
		seen := amina.For(access.Actor{Account: "a", Tenant: tenant, Members: []access.Membership{{Role: role}}}, "d1")
		if (seen.Note != "") != may {
			t.Errorf("%s reads the note: %q", role, seen.Note)
		}
	}
}
