package support

import (
	"strconv"
	"strings"

	"msw/internal/clock"
)

// Limits are the numbers of an early warning, as the programme set them.
type Limits struct {
	HardInARow int // check-ins one after the other in which an area is hard or very hard
	Fails      int // exams not passed within a year
}

// Watched is what an early warning may rest on: only what the doctor switched on.
type Watched struct {
	CheckIns []CheckIn    // newest first
	Fails    []clock.Date // days of exams that were not passed
	Today    clock.Date
}

// Pattern is one thing that an early warning rests on, in words for the doctor
// alone.
type Pattern struct{ Code, Words string }

// Warn finds the patterns that ask for a call. What the doctor has not switched
// on counts as not there.
func Warn(plan Plan, w Watched, l Limits) []Pattern {
	var out []Pattern
	if plan.Answers {
		out = append(out, hardInARow(w.CheckIns, l.HardInARow)...)
	}
	if plan.Exams && l.Fails > 0 {
		since, n := clock.AddMonths(w.Today, -12), 0
		for _, on := range w.Fails {
			if on > since && on <= w.Today {
				n++
			}
		}
		if n >= l.Fails {
			out = append(out, Pattern{"exams", "Exams that you did not pass in the last 12 months: " + strconv.Itoa(n)})
		}
	}
	return out
}

// hardInARow finds the areas that were hard or very hard in the last so many
// check-ins. One that was left out neither adds to a row nor breaks it.
func hardInARow(list []CheckIn, least int) []Pattern {
	var out []Pattern
	for _, area := range Areas() {
		row := 0
		for _, c := range list {
			a := c.Answers[area.Value]
			if a == NotSaid {
				continue
			}
			if a < Hard {
				break
			}
			row++
		}
		if least > 0 && row >= least {
			out = append(out, Pattern{area.Value, area.Words + ": hard or very hard " + strconv.Itoa(row) + " times in a row"})
		}
	}
	return out
}

// basis is what a warning rests on: the same patterns on the same newest
// check-in and the same exams call nobody twice.
func basis(found []Pattern, w Watched) string {
	if len(found) == 0 {
		return ""
	}
	var b strings.Builder
	for _, p := range found {
		b.WriteString(p.Code + " ")
	}
	if len(w.CheckIns) > 0 {
		b.WriteString(w.CheckIns[0].ID)
	}
	for _, on := range w.Fails {
		b.WriteString(" " + on.String())
	}
	return b.String()
}
