package placement

import (
	"testing"

	"msw/internal/casefile"
	"msw/internal/problem"
)

func TestStartsWithNobodyTheDoctorHidesFrom(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.tick(w.offer("d1", w.post()))
		w.hidden["account:sup2"] = []string{"d1"}
		for _, cmd := range []Starting{{Offer: o.ID, On: today - 100, Clinical: "sup2"}, {Offer: o.ID, On: today - 100, Educational: "sup2"}} {
			if _, err := w.Start(w.ctx, employer, cmd); problem.KindOf(err) != problem.NotFound {
				t.Errorf("started with a supervisor hidden from: %v", err)
			}
		}
	})
}

func TestAfterTheEndNobodyOfTheOldPlaceStandsOnTheCase(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		p := w.inPost("d1")
		p = must[Placement](t)(w.Change(w.ctx, employer, Change{ID: p.ID, On: today - 50, Host: "G1"}))
		if _, err := w.End(w.ctx, host, Ending{ID: p.ID, On: today - 5, Code: "unknown"}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the place of work ended the employer's contract: %v", err)
		}
		if v := must[Sight](t)(w.Look(w.ctx, host, p.ID)); v.MaySeePay || v.MayChange || v.MayEnd {
			t.Errorf("the place of work may see pay %v, change %v, end %v", v.MaySeePay, v.MayChange, v.MayEnd)
		}
		must[Placement](t)(w.End(w.ctx, employer, Ending{ID: p.ID, On: today - 5, Code: "unknown"}))
		c := must[casefile.Case](t)(w.cases.Get(w.ctx, "d1", tenant))
		if r := c.Resource(); len(r.Organisations)+len(r.Supervisors) != 0 {
			t.Errorf("after the end the case is still open to %v and %v", r.Organisations, r.Supervisors)
		}
		if v := must[Sight](t)(w.Look(w.ctx, employer, p.ID)); v.CaseRef != "" {
			t.Error("the old employer has a link to the case")
		}
	})
}
