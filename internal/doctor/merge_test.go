package doctor_test

import (
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
)

// Linked records are read as one, field by field as chosen; a change made
// meanwhile stays, and undoing the link leaves both as they were.
func TestAMergeIsReadEverywhereAndCanBeUndone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx, staff := service(t, db), t.Context(), call("caseworker", "")
		kept, _ := create(t, s, doctor.NewDoctor{Given: "Mohammed", Family: "Rahimi", Email: "old@doctor.example", BirthDate: clock.MustDate("1985-01-01")})
		other, _ := create(t, s, doctor.NewDoctor{Given: "Muhammad", Family: "Rahimi", Email: "new@doctor.example", Mobile: "07700900555", BirthDate: clock.MustDate("1985-06-03")})
		if err := s.Merge(ctx, staff, doctor.Merge{Kept: kept, Other: other, Fields: []string{"story"}}); err == nil {
			t.Error("a field nobody knows was taken")
		}
		if err := s.Merge(ctx, staff, doctor.Merge{Kept: kept, Other: other, Fields: []string{"email", "birth"}}); err != nil {
			t.Fatal(err)
		}
		d, err := s.Read(ctx, staff, kept)
		if err != nil || d.Email != "new@doctor.example" || d.BirthDate != clock.MustDate("1985-06-03") || d.Given != "Mohammed" || d.Mobile != "" {
			t.Fatalf("read as one: %+v, %v", d, err)
		}
		if c, err := s.Contact(ctx, tenant, kept); err != nil || c.Email != "new@doctor.example" {
			t.Errorf("a message would go to %q, %v", c.Email, err)
		}
		if goes, err := s.Linked(ctx, tenant, other); err != nil || goes != kept {
			t.Errorf("the other record goes on as %q, %v", goes, err)
		}
		change := doctor.Change{Doctor: kept, Version: d.Version, Details: d.Details}
		change.Preferred = "Mo"
		if err := s.Change(ctx, staff, change); err != nil {
			t.Fatal(err)
		}
		if err := s.Decide(ctx, staff, kept, other, ""); err != nil {
			t.Fatal(err)
		}
		if d, err = s.Read(ctx, staff, kept); err != nil || d.Email != "old@doctor.example" || d.BirthDate != clock.MustDate("1985-01-01") || d.Preferred != "Mo" {
			t.Errorf("after the undoing: %+v, %v", d, err)
		}
		if goes, _ := s.Linked(ctx, tenant, other); goes != "" {
			t.Error("still linked")
		}
	})
}

func TestTheSameNumberUnderTwoPeopleIsShown(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, ctx, staff := service(t, db), t.Context(), call("caseworker", "")
		one, _ := create(t, s, doctor.NewDoctor{Given: "Amina", Family: "Canary"})
		two, _ := create(t, s, doctor.NewDoctor{Given: "Peter", Family: "Olsen"})
		if err := s.SetNumbers(ctx, tenant, one, []string{"ab 12-345", "12"}); err != nil {
			t.Fatal(err)
		}
		if list, err := s.SimilarTo(ctx, staff, two); err != nil || len(list) != 0 {
			t.Fatalf("without a number: %+v, %v", list, err)
		}
		if err := s.SetNumbers(ctx, tenant, two, []string{"AB12345", "12"}); err != nil {
			t.Fatal(err)
		}
		list, err := s.SimilarTo(ctx, staff, two)
		if err != nil || len(list) != 1 || list[0].ID != one || !strings.Contains(strings.Join(list[0].Reasons, " "), "same number") {
			t.Fatalf("%+v, %v", list, err)
		}
		d, err := s.Read(ctx, staff, two)
		if err != nil {
			t.Fatal(err)
		}
		d.Details.Preferred = "Pete"
		if err := s.Change(ctx, staff, doctor.Change{Doctor: two, Version: d.Version, Details: d.Details}); err != nil {
			t.Fatal(err)
		}
		if list, err = s.SimilarTo(ctx, staff, two); err != nil || len(list) != 1 {
			t.Errorf("a change of the name loses the number: %+v, %v", list, err)
		}
	})
}
