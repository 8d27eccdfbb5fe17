package eligibility

import (
	"testing"

	"msw/internal/clock"
	"msw/internal/rulebook"
	"msw/rules"
)

var on = clock.MustDate("2022-09-01")

func book(t *testing.T) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func f(kind string, date string, fields map[string]any) rulebook.Fact {
	return rulebook.Fact{Kind: kind, Date: clock.MustDate(date), State: rulebook.Verified, Fields: fields}
}

// complete is somebody who meets every condition of version B.
func complete() map[string]rulebook.Fact {
	return map[string]rulebook.Fact{
		"qualification": f("medical_qualification", "2012-06-01", map[string]any{"registrable": "yes"}),
		"medicine":      f("experience", "2014-06-01", map[string]any{"specialty_group": "medicine", "months_full_time": int64(8), "postgraduate": true}),
		"surgery":       f("experience", "2015-06-01", map[string]any{"specialty_group": "surgery", "months_full_time": int64(6), "postgraduate": true}),
		"english": f("english_test", "2022-03-01", map[string]any{"test": "IELTS", "overall": int64(75), "listening": int64(75), "reading": int64(75),
			"writing": int64(70), "speaking": int64(75), "outcome": "passed"}),
		"work":       f("right_to_work", "2021-01-01", map[string]any{"category": "refugee", "may_work": true, "may_reside": true, "visitor": false}),
		"residence":  f("residence", "2021-01-01", map[string]any{"in_uk": true}),
		"register":   f("gmc_registration", "2022-08-30", map[string]any{"kind": "none"}),
		"plab2":      f("exam", "2022-08-30", map[string]any{"name": "PLAB2", "outcome": "not_taken"}),
		"placements": f("programme_placement", "2022-08-30", map[string]any{"placed": false}),
	}
}

func suggest(t *testing.T, change map[string]*rulebook.Fact, moment Moment) Suggestion {
	t.Helper()
	facts := complete()
	for k, v := range change {
		if v == nil {
			delete(facts, k)
		} else {
			facts[k] = *v
		}
	}
	var list []rulebook.Fact
	for _, v := range facts {
		list = append(list, v)
	}
	set, err := book(t).Named("eligibility", "B")
	if err != nil {
		t.Fatal(err)
	}
	return Suggest(set.Evaluate(list, on), moment)
}

func TestSuggest(t *testing.T) {
	asylum := f("right_to_work", "2021-01-01", map[string]any{"category": "asylum_applicant", "may_work": false, "may_reside": true, "visitor": false})
	visitor := f("right_to_work", "2021-01-01", map[string]any{"category": "visitor", "may_work": false, "may_reside": false, "visitor": true})
	plab2 := f("exam", "2022-08-20", map[string]any{"name": "PLAB2", "outcome": "passed"})
	few := f("experience", "2015-06-01", map[string]any{"specialty_group": "surgery", "months_full_time": int64(2), "postgraduate": true})
	earlier := f("programme_placement", "2021-08-30", map[string]any{"placed": true})
	for name, c := range map[string]struct {
		change  map[string]*rulebook.Fact
		want    Outcome
		reasons int
	}{
		"everything met":                 {nil, Eligible, 0},
		"nothing known of the register":  {map[string]*rulebook.Fact{"register": nil}, NotYet, 1},
		"two things missing, both shown": {map[string]*rulebook.Fact{"register": nil, "english": nil}, NotYet, 2},
		"waits for an asylum decision":   {map[string]*rulebook.Fact{"work": &asylum}, Supported, 1},
		"asylum and too little surgery":  {map[string]*rulebook.Fact{"work": &asylum, "surgery": &few}, NotYet, 2},
		"has passed PLAB 2":              {map[string]*rulebook.Fact{"plab2": &plab2}, NotEligible, 1},
		"an earlier placement":           {map[string]*rulebook.Fact{"placements": &earlier}, NotEligible, 1},
		"fatal beside a gap, all shown":  {map[string]*rulebook.Fact{"plab2": &plab2, "english": nil}, NotEligible, 2},
	} {
		s := suggest(t, c.change, AtDecision)
		if s.Outcome != c.want || len(s.Staff) != c.reasons || len(s.Doctor) != c.reasons {
			t.Errorf("%s: %s with %d reasons %q, want %s with %d", name, s.Outcome, len(s.Staff), s.Staff, c.want, c.reasons)
		}
	}
	if s := suggest(t, map[string]*rulebook.Fact{"work": &visitor}, AtDecision); s.Outcome == Eligible || s.Outcome == Supported {
		t.Errorf("a visitor is %s", s.Outcome)
	}
}

func TestAPassBeforeTheStartEndsEligibility(t *testing.T) {
	plab2 := f("exam", "2022-08-20", map[string]any{"name": "PLAB2", "outcome": "passed"})
	for _, m := range []Moment{AtOffer, AtStart} {
		if s := suggest(t, map[string]*rulebook.Fact{"plab2": &plab2}, m); s.Outcome != NotEligible {
			t.Errorf("at %s a PLAB 2 pass gives %s", m, s.Outcome)
		}
	}
}

func TestAllowedGuardsTheYes(t *testing.T) {
	not := Suggestion{Outcome: NotYet, Staff: []string{"B3: no English", "X1: register not read"}}
	if no := Allowed(Eligible, not, "I am sure about this person"); len(no) != 2 {
		t.Errorf("eligible over two gaps: %q", no)
	}
	if no := Allowed(Supported, not, "I am sure about this person"); len(no) != 1 {
		t.Errorf("supported where work is not the matter: %q", no)
	}
	if no := Allowed(NotEligible, Suggestion{Outcome: Eligible}, ""); len(no) != 1 {
		t.Errorf("a no against the rules without a note: %q", no)
	}
	if no := Allowed(NotEligible, Suggestion{Outcome: Eligible}, "Identity could not be shown."); len(no) != 0 {
		t.Errorf("a no with a note was refused: %q", no)
	}
}
