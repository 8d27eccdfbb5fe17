package placement

import (
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// ActCode reads one scope card by its short code: anybody may try.
const ActCode access.Action = "placement.code"

// mostOpens is how often one code can be opened. A code that went round a ward
// or was copied down serves nobody for long.
const mostOpens = 10

// Code is a short code for one card. Its text is known only when it is made.
type Code struct {
	ID        string
	Tenant    string
	Doctor    string
	Placement string
	Text      string
	MadeAt    clock.Instant
	By        string
	EndsAt    clock.Instant
	Opens     int
	Revoked   clock.Instant
}

// works tells whether a code can be opened at an instant.
func (c Code) works(at clock.Instant) bool {
	return c.Revoked.IsZero() && at.Before(c.EndsAt) && !at.Before(c.MadeAt) && c.Opens < mostOpens
}

// errNoCode is the one answer to a code that never was, has ended, was used up
// or replaced: it tells nobody which.
func errNoCode() error {
	return problem.New(problem.NotFound, "This code shows nothing. It may be mistyped, used up or out of time. Ask the person for a new one. Until then, treat every task as not allowed.")
}

// BareName is a name without a title of a doctor before it, however somebody
// wrote it down: it would suggest a registration that is not there.
func BareName(name string) string {
	for {
		first, rest, more := strings.Cut(strings.TrimSpace(name), " ")
		switch strings.ToLower(strings.Trim(first, ".,")) {
		case "dr", "doctor", "prof", "professor", "drmed", "med":
			if more && strings.TrimSpace(rest) != "" {
				name = rest
				continue
			}
		}
		if tail, ok := cutTitle(first); ok {
			name = strings.TrimSpace(tail + " " + rest)
			continue
		}
		return strings.TrimSpace(name)
	}
}

// cutTitle takes a title off that was written together with the name: "Dr.Sara".
func cutTitle(word string) (string, bool) {
	lower := strings.ToLower(word)
	for _, title := range []string{"dr.", "prof."} {
		if strings.HasPrefix(lower, title) && len(word) > len(title) {
			return word[len(title):], true
		}
	}
	return word, false
}
