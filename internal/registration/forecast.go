package registration

import "msw/internal/clock"

// Forecast is when registration can come: a range, never a promise. A zero date
// means that it cannot be told; Hidden that this reader may not know.
type Forecast struct {
	Earliest, Likely, Latest clock.Date
	CriticalPath             []Leg
	// Unknown are the steps whose length nobody has sourced; they make the
	// range wider, and Latest is then not known.
	Unknown []string
	Reasons []string
	Hidden  bool
	Needs   Right
	// People is what others' roads took, or that there are too few to say.
	People string
}

// Leg is one step of the critical path.
type Leg struct {
	Rung, Title            string
	From, Earliest, Likely clock.Date
	Latest                 clock.Date
	Short, Usual, Long     int // days, -1 where not known
	Why                    string
	Known                  bool
}
