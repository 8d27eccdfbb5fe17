package post

import (
	"strconv"

	"msw/internal/clock"
)

// Vacancy is how long a post stands empty: since its start, or since it was
// last left. Ahead is how long it is until a start that is still to come.
type Vacancy struct {
	Empty bool       // nobody holds it
	Since clock.Date // first empty day, none before the start
	Days  int        // empty days up to and including today; for a held post, before it was taken
	Ahead int        // days until the start
	Known bool       // false for a held post from before this was kept
	Over  bool       // the contract has ended: nothing stands empty any more
}

// VacancyOf works out how long a post stands or stood empty.
func VacancyOf(p Post, today clock.Date) Vacancy {
	since := p.StartFrom
	if !p.VacatedOn.IsZero() {
		since = max(since, p.VacatedOn.AddDays(1))
	}
	switch p.Status {
	case Filled:
		return Vacancy{Since: since, Days: max(0, since.DaysUntil(p.FilledOn)), Known: !p.FilledOn.IsZero()}
	case Closed:
		return Vacancy{}
	}
	if !p.ContractEnd.IsZero() && p.ContractEnd < today {
		return Vacancy{Over: true, Known: true}
	}
	if since > today {
		return Vacancy{Empty: true, Ahead: today.DaysUntil(since), Known: true}
	}
	return Vacancy{Empty: true, Since: since, Days: since.DaysUntil(today) + 1, Known: true}
}

// Words is the vacancy as a person reads it.
func (v Vacancy) Words() string {
	switch {
	case v.Over:
		return "The contract is over"
	case !v.Known:
		return "Not recorded"
	case v.Empty && v.Since.IsZero():
		return "Starts in " + days(v.Ahead)
	case v.Empty:
		return "Empty since " + v.Since.Long() + ", " + days(v.Days)
	case v.Days == 0:
		return "Taken before it stood empty"
	}
	return "Stood empty for " + days(v.Days) + " before it was taken"
}

// Overlap is how a post lies to the one it takes over from: days with both, or
// days with neither.
type Overlap struct {
	From, To clock.Date // the days with both
	Days     int        // of those
	Gap      int        // days between the end of one and the start of the other
	Open     bool       // the earlier contract has no end: it cannot be said
}

// OverlapOf compares a post with the one it takes over from.
func OverlapOf(before, after Post) Overlap {
	switch {
	case before.ContractEnd.IsZero():
		return Overlap{Open: true}
	case after.StartFrom > before.ContractEnd:
		return Overlap{Gap: before.ContractEnd.DaysUntil(after.StartFrom) - 1}
	}
	to := before.ContractEnd
	if !after.ContractEnd.IsZero() {
		to = min(to, after.ContractEnd)
	}
	from := max(after.StartFrom, before.StartFrom)
	return Overlap{From: from, To: to, Days: from.DaysUntil(to) + 1}
}

// Words is the overlap as a person reads it.
func (o Overlap) Words() string {
	switch {
	case o.Open:
		return "The earlier contract has no end, so an overlap cannot be worked out"
	case o.Days > 0:
		return days(o.Days) + " with both, from " + o.From.Long() + " to " + o.To.Long() + ": the supervisor needs room for both"
	case o.Gap > 0:
		return days(o.Gap) + " with nobody between the two"
	}
	return "One follows the other without a gap"
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}
