package placement

import (
	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/post"
)

// The two supervisors: the clinical one answers for daily work, the educational
// one for the whole post.
const (
	Clinical    = "clinical"
	Educational = "educational"
)

// Cover says that somebody stands in for a supervisor, first day to last.
type Cover struct {
	ID         string
	Version    int
	Placement  string
	Doctor     string
	Role       string
	Account    string
	From, To   clock.Date
	By         string
	RecordedAt clock.Instant
}

// fit gives the times within a span in which a supervisor can cover: not before
// they are known, not while away, not after their approval ends, and not at all
// once they have left.
func fit(v post.Supervisor, there, stands bool, from, to clock.Date) []card.Cover {
	if v.Account == "" || !there {
		return nil
	}
	if !v.ApprovedUntil.IsZero() && (to.IsZero() || v.ApprovedUntil < to) {
		to = v.ApprovedUntil
	}
	cover := card.Cover{Account: v.Account, Name: v.Name, From: from, To: to, Stands: stands}
	if v.AwayFrom.IsZero() {
		return valid(cover)
	}
	before, after := cover, cover
	if end := v.AwayFrom.AddDays(-1); before.To.IsZero() || end < before.To {
		before.To = end
	}
	if v.AwayUntil.IsZero() {
		return valid(before)
	}
	after.From = max(after.From, v.AwayUntil.AddDays(1))
	return valid(before, after)
}

// valid drops spans that end before they begin.
func valid(list ...card.Cover) []card.Cover {
	var out []card.Cover
	for _, c := range list {
		if c.To.IsZero() || c.From <= c.To {
			out = append(out, c)
		}
	}
	return out
}
