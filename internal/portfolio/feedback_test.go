package portfolio

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"msw/rules"
)

func questions(t testing.TB) *Questions {
	t.Helper()
	q, err := LoadQuestions(rules.Portfolio, frameworks(t))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// of makes the answers of a round in which so many said each thing to the first
// question.
func (q *Questions) of(strong, fine, better, unseen int) (out []Answer) {
	add := func(n int, said string) {
		for range n {
			a := Answer{Said: map[string]string{}}
			if said != "" {
				a.Said[q.List[0].ID] = said
			}
			out = append(out, a)
		}
	}
	add(strong, Strong)
	add(fine, Fine)
	add(better, Better)
	add(unseen, "")
	return out
}

// Whatever a round of up to 16 colleagues shows, each of them may have said any
// of the things one can say: nothing follows about one person. And below the
// minimum nothing is shown at all, whatever was said.
func TestNothingFollowsAboutOneRater(t *testing.T) {
	q := questions(t)
	for people := 1; people <= 16; people++ {
		possible := map[string][4]bool{} // what is shown to who may have said what
		for strong := 0; strong <= people; strong++ {
			for fine := 0; strong+fine <= people; fine++ {
				for better := 0; strong+fine+better <= people; better++ {
					unseen := people - strong - fine - better
					r, shown := Tally(q, q.of(strong, fine, better, unseen), LeastMinimum)
					if shown != (people >= LeastMinimum) {
						t.Fatalf("%d people: shown %v", people, shown)
					}
					if !shown {
						if !reflect.DeepEqual(r, Result{}) {
							t.Fatalf("%d people, below the minimum: %+v", people, r)
						}
						continue
					}
					key := fmt.Sprintf("%+v", r.Heard[0])
					p := possible[key]
					for i, n := range []int{strong, fine, better, unseen} {
						p[i] = p[i] || n > 0
					}
					possible[key] = p
				}
			}
		}
		for shown, p := range possible {
			if p != [4]bool{true, true, true, true} {
				t.Errorf("%d people: from %s it follows what nobody said: %v", people, shown, p)
			}
		}
	}
}

// The minimum of a round counts, and never one below the least.
func TestOneRaterMoreOrLessThanTheMinimum(t *testing.T) {
	q := questions(t)
	for _, minimum := range []int{1, LeastMinimum, 10} {
		need := max(minimum, LeastMinimum)
		for people := need - 1; people <= need+1; people++ {
			_, shown := Tally(q, q.of(people, 0, 0, 0), minimum)
			if shown != (people >= need) {
				t.Errorf("minimum %d, %d people: shown %v", minimum, people, shown)
			}
		}
	}
}

// The order in which people answered leaves no trace, and what they wrote stands
// apart from what else they said.
func TestTallyKnowsNoOrder(t *testing.T) {
	q := questions(t)
	rapid.Check(t, func(r *rapid.T) {
		answer := rapid.Custom(func(r *rapid.T) Answer {
			a := Answer{Said: map[string]string{}, Well: rapid.SampledFrom([]string{"", "calm", "Calm", "kind"}).Draw(r, "well"), Better: rapid.SampledFrom([]string{"", "notes"}).Draw(r, "better")}
			for _, one := range q.List {
				if v := rapid.SampledFrom([]string{"", Strong, Fine, Better}).Draw(r, one.ID); v != "" {
					a.Said[one.ID] = v
				}
			}
			return a
		})
		list := rapid.SliceOfN(answer, 0, 14).Draw(r, "answers")
		a, shown := Tally(q, list, LeastMinimum)
		b, again := Tally(q, rapid.Permutation(slices.Clone(list)).Draw(r, "other order"), LeastMinimum)
		if shown != again || !reflect.DeepEqual(a, b) {
			r.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func TestAnswersKeepOnlyWhatIsAsked(t *testing.T) {
	q := questions(t)
	a := q.clean(Answer{Said: map[string]string{q.List[0].ID: Strong, q.List[1].ID: "excellent", "who": Fine}, Well: "  kind "})
	if !reflect.DeepEqual(a, Answer{Said: map[string]string{q.List[0].ID: Strong}, Well: "kind"}) {
		t.Errorf("%+v", a)
	}
	r := Result{Well: []Comment{{Text: "a"}, {Text: "b"}}}
	if err := r.holdBack(map[string]string{"well-1": "because"}); err == nil {
		t.Error("a comment is held back without a known reason")
	}
	if err := r.holdBack(map[string]string{"well-1": "names_writer"}); err != nil || r.Well[1].Text != "" || r.Well[0].Text != "a" || r.held() != 1 {
		t.Errorf("%+v %v", r, err)
	}
}
