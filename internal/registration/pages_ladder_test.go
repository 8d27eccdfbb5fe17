package registration

import (
	"net/url"
	"testing"

	"msw/internal/fact"
	"msw/internal/rulebook"
)

func TestTheLadderOnPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.open("d1", inPost[:5]...)
		for _, n := range []fact.NewFact{
			{Kind: fact.Exam, On: today.AddDays(-300), State: rulebook.Seen, Fields: map[string]any{"name": "PLAB1", "outcome": "failed", "attempt": 1}},
			{Kind: fact.Exam, On: today.AddDays(-200), State: rulebook.Verified, Fields: map[string]any{"name": "PLAB1", "outcome": "passed", "attempt": 2}},
			{Kind: fact.RightToWork, On: today.AddDays(-500), Until: today.AddDays(77), State: rulebook.Seen, Fields: map[string]any{"category": "refugee", "may_work": true}},
		} {
			n.Doctor = "d1"
			_, err := w.facts.Record(w.ctx, system, n)
			w.must(err)
		}
		h := w.site()
		at := "/registration/" + ref
		until := today.AddDays(77).Long()
		tryOut := func(what string, day ...string) url.Values {
			v := typed("what1", what)
			for i, name := range []string{"on1-day", "on1-month", "on1-year"} {
				if i < len(day) {
					v.Set(name, day[i])
				}
			}
			return v
		}
		before, err := w.facts.For(w.ctx, tenant, "d1")
		w.must(err)
		w.play(h, []scene{
			{who: "d1", path: "/registration", status: 303}, {who: "d2", path: "/registration", status: 404}, {who: "caseworker", path: "/registration", status: 404},
			{who: "d1", path: at + "/ladder", status: 200, must: []string{"Your way to registration", "PLAB 2", "Print this page"}},
			{who: "d1", path: at + "/timeline", status: 200, must: []string{"<svg", "as a table", "Permission to live and work", until}},
			{who: "d1", path: at + "/forecast", status: 200, must: []string{"never a promise", "Earliest"}},
			{who: "d1", path: at + "/costs", status: 200, must: []string{"Paid so far", "Add something that was paid"}},
			{who: "caseworker", path: at + "/ladder", status: 200, must: []string{"What is needed for registration"}},
			{who: "caseworker", path: at + "/working", status: 200, must: []string{"Fingerprint of the rules", "Step by step", "Where this rule comes from"}},
			{who: "national", path: at + "/ladder", status: 200, must: []string{"Pass recorded", "Nothing follows from what is not shown"}, not: []string{until, "attempt 2", "The working"}},
			{who: "national", path: at + "/timeline", status: 200, not: []string{until, "Not passed", "not passed"}},
			{who: "london", path: at + "/timeline", status: 200, not: []string{until, "PLAB 1"}},
			{who: "supervisor", path: at + "/ladder", status: 200, not: []string{until, "refugee", "attempt 2"}},
			{who: "employer", path: at + "/timeline", status: 200, not: []string{"not passed"}},
			{who: "national", path: at + "/working", status: 404}, {who: "national", path: at + "/costs", status: 404}, {who: "national", path: at + "/what-if", status: 404},
			{who: "employer", path: at + "/costs", status: 404}, {who: "london", path: at + "/costs", status: 404}, {who: "other", path: at + "/ladder", status: 404},
			{who: "charity", path: at + "/ladder", status: 404}, {who: "board", path: at + "/ladder", status: 404}, {who: "d2", path: at + "/ladder", status: 404},
			{who: "caseworker", path: at + "/calendar", status: 404}, {who: "", path: "/calendar/nonsense.ics", status: 404},
			{who: "d1", path: at + "/what-if", status: 422, form: tryOut("", ""), must: []string{"Choose what to try"}},
			{who: "d1", path: at + "/what-if", status: 422, form: tryOut("plab2-passed", "31", "2", "2027"), must: []string{"what1"}},
			{who: "d1", path: at + "/what-if", status: 200, form: tryOut("plab2-passed", "3", "2", "2027"), must: []string{"PLAB 2 passed on 3 February 2027", "What would be different"}},
			{who: "d1", path: at + "/what-if", status: 200, form: tryOut("permission", "3", "2", "2030"), must: []string{"If this were so"}},
			{who: "employer", path: at + "/what-if", status: 404, form: tryOut("plab2-passed", "3", "2", "2027")},
			{who: "d1", path: at + "/costs", status: 422, form: typed("what", "PLAB 1"), must: []string{"Enter an amount", "Choose who paid", `value="PLAB 1"`}},
			{who: "d1", path: at + "/calendar", status: 303, form: typed("do", "new")},
			{who: "d1", path: at + "/calendar", status: 200, must: []string{"https://msw.example/calendar/", "Keep it to yourself"}},
		})
		after, err := w.facts.For(w.ctx, tenant, "d1")
		w.must(err)
		if len(after) != len(before) {
			t.Errorf("trying things out left %d facts of %d", len(after), len(before))
		}
	})
}
