package registration

import "msw/internal/clock"

// Change is one thing to try without saving: a fact added or moved, a fact left
// out, or another date of the post.
type Change struct {
	Kind   string     // kind of the fact to add
	On     clock.Date // its date, or the new date of Fact
	Until  clock.Date
	Fields map[string]any // fields of the fact to add
	Fact   string         // id of a fact to move to On, or to leave out when On is none
	Post   *Post          // another post
}

// Moved is one thing that is different after a change.
type Moved struct {
	What     string // a rung's title, or "Earliest date" and the like
	Rung     string
	From, To string // as a page says them
	Worse    bool
}

// Difference is what a change would move.
type Difference struct {
	Before, After Ladder
	Moved         []Moved
}
