package doctor_test

import (
	"bytes"
	"testing"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/problem"
)

// What somebody said about equality is theirs: no member of staff reaches it,
// nothing in the store reads as an answer, and it can be taken back.
func TestWhatWasSaidAboutEqualityIsTheDoctorsOwn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx := service(t, db), t.Context()
		id, _ := create(t, s, amina)
		own := call("doctor", id)
		answer := doctor.Equality{Sex: "female", Nationality: "south_asia"}
		for _, role := range []access.Role{"caseworker", "assessor", "regional_lead"} {
			staff := call(role, "")
			if err := s.SayEquality(ctx, staff, answer); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s answers for somebody: %v", role, err)
			}
			if _, err := s.OwnEquality(ctx, staff); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s reads answers: %v", role, err)
			}
		}
		if err := s.SayEquality(ctx, own, doctor.Equality{Sex: "x"}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a wrong answer: %v", err)
		}
		if err := s.SayEquality(ctx, own, answer); err != nil {
			t.Fatal(err)
		}
		if err := s.SayEquality(ctx, own, answer); problem.KindOf(err) != problem.Conflict {
			t.Errorf("an answer over one that was not seen: %v", err)
		}
		var sealed []byte
		if err := db.Q(ctx).QueryRow(ctx, `SELECT sealed FROM doctor_equality WHERE tenant_id = $1 AND doctor_id = $2`, tenant, id).Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(sealed, []byte("female")) || bytes.Contains(sealed, []byte("south_asia")) {
			t.Error("the store holds the answer as it is")
		}
		got, err := s.OwnEquality(ctx, own)
		if err != nil || got.Sex != "female" || got.Nationality != "south_asia" || got.Wording != doctor.EqualityWording || got.Version != 1 {
			t.Errorf("read back: %+v %v", got, err)
		}
		got.Sex = doctor.PreferNotToSay
		if err := s.SayEquality(ctx, own, got); err != nil {
			t.Errorf("changed: %v", err)
		}
		if state, err := s.EqualityState(ctx, own, id); err != nil || state != doctor.Done {
			t.Errorf("not to say is no answer: %s %v", state, err)
		}
		if err := s.TakeBackEquality(ctx, own); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Equalities(ctx, tenant, []string{id}); err != nil || len(list) != 0 {
			t.Errorf("taken back, and yet %v %v", list, err)
		}
	})
}
