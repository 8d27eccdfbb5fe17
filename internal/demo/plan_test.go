package demo

import (
	"reflect"
	"testing"

	"msw/internal/clock"
)

var today = clock.MustDate("2026-10-30")

func TestPlanReproducesThePublishedPosition(t *testing.T) {
	on := clock.MustDate(published2022)
	happened := func(d clock.Date) bool { return d != 0 && d <= on }
	for _, seed := range []uint64{1, 2, 3, 99} {
		var started, london, inPost, doctors, left, december int
		for _, l := range plan(standardPeople, seed, today) {
			if l.scheme != 0 || !happened(l.begins) {
				continue
			}
			started++
			if l.begins <= clock.MustDate("2021-12-06") {
				december++
			}
			if l.region == "Y56" {
				london++
			}
			switch {
			case happened(l.doctorPost):
				doctors++
			case happened(l.left) || happened(l.ended):
				left++
			default:
				inPost++
			}
		}
		if started != 471 || inPost != 350 || doctors != 121 || left != 0 || london <= 140 || december <= 400 {
			t.Errorf("seed %d: started %d (London %d, by December %d), in post %d, doctor posts %d, left %d", seed, started, london, december, inPost, doctors, left)
		}
	}
}

func TestPlanIsTheSameForTheSameSeed(t *testing.T) {
	if !reflect.DeepEqual(plan(300, 7, today), plan(300, 7, today)) {
		t.Error("two plans of one seed differ")
	}
	if reflect.DeepEqual(plan(300, 7, today), plan(300, 8, today)) {
		t.Error("plans of two seeds are the same")
	}
}

func TestEveryLifeIsInOrder(t *testing.T) {
	for _, l := range plan(standardPeople, 1, today) {
		steps := []clock.Date{l.graduated, l.arrived, l.referred, l.invited, l.taken, l.submitted, l.decided, l.proposed, l.offered, l.accepted, l.checked, l.begins, l.ended}
		var last clock.Date
		for i, d := range steps {
			if d == 0 {
				continue
			}
			if d < last {
				t.Fatalf("step %d of %s is on %s, before %s", i, l.name.latin(), d, last)
			}
			if d > today {
				t.Fatalf("step %d of %s is on %s, after the demo's day", i, l.name.latin(), d)
			}
			last = d
		}
		for _, e := range l.exams {
			if l.begins != 0 && e.test == "PLAB2" && e.passed && e.on <= l.begins {
				t.Fatalf("%s passed PLAB 2 on %s and started on %s", l.name.latin(), e.on, l.begins)
			}
			if l.registered != 0 && e.on > l.registered {
				t.Fatalf("%s sat %s after registration", l.name.latin(), e.test)
			}
		}
		if l.doctorPost != 0 && (l.registered == 0 || l.doctorPost < l.registered) {
			t.Fatalf("%s has a doctor post before registration", l.name.latin())
		}
	}
}

func TestNobodyBearsAPublishedName(t *testing.T) {
	for _, l := range plan(20_000, 1, today) {
		for _, p := range published {
			if l.name.latin() == p {
				t.Fatalf("the plan names %s", p)
			}
		}
	}
}
