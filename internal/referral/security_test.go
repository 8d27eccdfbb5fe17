package referral

import (
	"strings"
	"testing"

	"msw/internal/problem"
)

// To an organisation a doctor hides from they do not exist: referring them again
// is answered as for somebody new.
func TestReferringSomebodyHiddenTellsNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := w.refer(w.charityA(), amina)
		if _, err := w.Refer(w.ctx, w.charityA(), w.referral(w.a, amina)); problem.KindOf(err) != problem.Refused {
			t.Fatalf("the same person twice: %v", err)
		}
		blind := w.charityA()
		blind.Actor.Hidden = []string{first.Person}
		if _, err := w.Refer(w.ctx, blind, w.referral(w.a, amina)); err != nil {
			t.Errorf("a hidden person is known: %v", err)
		}
		file := "given,family,email\nAmina,Al-Hadi,amina@example.org\n"
		o := ImportOptions{Name: "a.csv", Referrer: w.a, ConsentScope: []string{"progress"}, ConsentUntil: today.AddDays(100), DryRun: true}
		blind.Actor.Hidden = nil
		report, err := w.ImportFile(w.ctx, blind, strings.NewReader(file), o)
		fatal(t, err)
		if len(report.Rows) == 0 {
			t.Fatal("somebody referred before is not said to be")
		}
		for _, a := range w.desk(w.charityA(), GroupAll) {
			r, err := w.byRef(w.ctx, tenant, a.Ref)
			fatal(t, err)
			blind.Actor.Hidden = append(blind.Actor.Hidden, r.Person)
		}
		report, err = w.ImportFile(w.ctx, blind, strings.NewReader(file), o)
		fatal(t, err)
		if len(report.Rows) != 0 || report.Added != 1 {
			t.Errorf("a file tells of somebody hidden: %+v", report.Rows)
		}
	})
}
