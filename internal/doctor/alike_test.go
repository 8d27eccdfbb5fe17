package doctor_test

import (
	"context"
	"slices"
	"testing"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
)

// More people bear one name than are ever read for it, and the one who was born
// on the same day is found among them all the same.
func TestOneIsFoundAmongManyNamesakes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s, staff := service(t, db), call("caseworker", "")
		person := doctor.NewDoctor{Given: "Mohammed", Family: "Ahmed", BirthDate: clock.MustDate("1985-06-03")}
		var right string
		err := db.Tx(t.Context(), func(ctx context.Context) (err error) {
			if right, _, err = s.Create(ctx, staff, person); err != nil {
				return err
			}
			for i := range 300 { // all newer, and none born that day
				other := person
				other.BirthDate = clock.MustDate("1960-02-02") + clock.Date(20*i)
				if _, _, err := s.Create(ctx, staff, other); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Similar(t.Context(), staff, doctor.NewDoctor{Given: "Ahmad", Family: "Muhamad", BirthDate: person.BirthDate})
		if err != nil || len(list) == 0 || list[0].ID != right || len(list) > 100 {
			t.Fatalf("%d found, first %+v, want %s: %v", len(list), slices.Clone(list[:min(1, len(list))]), right, err)
		}
	})
}
