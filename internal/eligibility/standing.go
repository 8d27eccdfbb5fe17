package eligibility

import (
	"crypto/sha256"
	"encoding/hex"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// Standing is what the rules say of one case now. Mark changes whenever the
// state or last day of any requirement does.
type Standing struct {
	Doctor  string
	Outcome Outcome
	Mark    string
	Until   clock.Date
	Version string // of the rules by which it last changed
	On      clock.Date
}

// same tells whether nothing that anybody could act on is different.
func (s Standing) same(o Standing) bool {
	return s.Outcome == o.Outcome && s.Mark == o.Mark && s.Until == o.Until
}

// standingOf takes from an answer what is kept of it.
func standingOf(doctor string, r *rulebook.Result, version string, on clock.Date) Standing {
	s := Standing{Doctor: doctor, Outcome: outcomeOf(r), Version: version, On: on}
	var buf [4096]byte
	text := buf[:0]
	var walk func(list []rulebook.Outcome)
	walk = func(list []rulebook.Outcome) {
		for i := range list {
			o := &list[i]
			if !o.Until.IsZero() && (s.Until.IsZero() || o.Until < s.Until) {
				s.Until = o.Until
			}
			text = append(append(text, o.ID...), 0, byte(o.State), byte(o.IfProved), flag(o.Waiting), flag(o.Refused))
			text = append(text, byte(o.Until), byte(o.Until>>8), byte(o.Until>>16), byte(o.Until>>24))
			walk(o.Alternatives)
		}
	}
	walk(r.Requirements)
	sum := sha256.Sum256(text)
	s.Mark = hex.EncodeToString(sum[:12])
	return s
}

func flag(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

// outcomeOf is Suggest without its words.
func outcomeOf(r *rulebook.Result) Outcome {
	fatal, waits, unmet, left := false, false, false, false
	for i := range r.Requirements {
		o := &r.Requirements[i]
		if len(o.CheckedAt) > 0 && !contains(o.CheckedAt, string(AtDecision)) || o.State == rulebook.Met || o.Reason == nil {
			continue
		}
		left = true
		switch supported := o.Reason.Outcome == string(Supported); {
		case o.State == rulebook.Unmet && supported:
			waits = true
		case o.State == rulebook.Unmet && o.Reason.Kind == "fatal":
			fatal, unmet = true, true
		case o.State == rulebook.Unmet:
			unmet = true
		}
	}
	switch {
	case fatal:
		return NotEligible
	case waits && !unmet:
		return Supported
	case left:
		return NotYet
	}
	return Eligible
}

func contains(list []string, text string) bool {
	for _, s := range list {
		if s == text {
			return true
		}
	}
	return false
}
