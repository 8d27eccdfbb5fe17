package post

import (
	"fmt"

	"msw/internal/fact"
)

// Requires is the least experience that a post asks for, in months counted as
// full time, of the kinds that facts tell apart. 0 asks for nothing. What else
// somebody must bring is text that people read; this is what is compared.
type Requires struct {
	Medicine, Surgery int
	After             int // of any kind, after the medical qualification
}

// mostMonths is more than any post may ask for.
const mostMonths = 120

// Lack is one thing that a doctor's record does not show enough of, as staff and
// as the doctor read it.
type Lack struct{ Staff, Doctor string }

// need is one of the three, beside what is recorded.
type need struct {
	least, has int
	of         string
}

func (r Requires) needs(m fact.Months) []need {
	return []need{{r.Medicine, m.Medicine, "in medicine"}, {r.Surgery, m.Surgery, "in surgery"}, {r.After, m.After, "as a doctor after the medical qualification"}}
}

// Lacks says all that is missing; none when the record shows enough.
func (r Requires) Lacks(m fact.Months) []Lack {
	var out []Lack
	for _, n := range r.needs(m) {
		if n.has >= n.least {
			continue
		}
		out = append(out, Lack{
			fmt.Sprintf("The post needs at least %s %s, and %s recorded.", Months(n.least), n.of, areMonths(n.has)),
			fmt.Sprintf("This post needs at least %s %s, and your application shows %s. If you have worked longer, add it to your application.", Months(n.least), n.of, Months(n.has)),
		})
	}
	return out
}

// Lines says what is asked for, each as a line.
func (r Requires) Lines() []string {
	var out []string
	for _, n := range r.needs(fact.Months{}) {
		if n.least > 0 {
			out = append(out, "At least "+Months(n.least)+" "+n.of)
		}
	}
	return out
}

// Months writes a number of months.
func Months(n int) string {
	if n == 1 {
		return "1 month"
	}
	return fmt.Sprintf("%d months", n)
}

func areMonths(n int) string {
	if n == 1 {
		return "1 month is"
	}
	return Months(n) + " are"
}
