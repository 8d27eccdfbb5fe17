package clock

import (
	"time"
	_ "time/tzdata" // the binary must know London's summer time on any machine
)

var london = mustLoad("Europe/London")

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // cannot happen: tzdata is linked in
	}
	return loc
}

// WorkingDay tells whether English employers work on a date: not at weekends
// and not on the given bank holidays. The holidays are data, not code.
func WorkingDay(d Date, holidays map[Date]bool) bool {
	switch d.Time().Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	return !holidays[d]
}

// AddWorkingDays moves n working days on from d; n = 0 gives d itself.
func AddWorkingDays(d Date, n int, holidays map[Date]bool) Date {
	for n > 0 {
		d++
		if WorkingDay(d, holidays) {
			n--
		}
	}
	return d
}
