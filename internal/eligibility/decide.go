package eligibility

import (
	"slices"

	"msw/internal/eligibility/assessment"
	"msw/internal/rulebook"
)

// Suggestion is what the rules' answer comes to. The decision is the
// assessor's own; this is shown beside it.
type Suggestion struct {
	Outcome Outcome
	Staff   []string // why, for the assessor
	Doctor  []string // why and what to do, in words the doctor receives
}

// Suggest turns an answer into an outcome, giving every reason at once:
// eligible only when all is met; not eligible when something fatal is unmet;
// supported when all that is unmet is the right to work of somebody who waits
// for it; else not yet.
func Suggest(r rulebook.Result, moment Moment) Suggestion {
	s := Suggestion{Outcome: Eligible}
	fatal, waits, other := false, false, false
	for _, o := range Asked(r, moment) {
		if o.State == rulebook.Met || o.Reason == nil {
			continue
		}
		s.Staff = append(s.Staff, o.ID+": "+o.Reason.Staff)
		text := o.Reason.Doctor
		if o.Reason.Bring != "" {
			text += " What to bring: " + o.Reason.Bring
		}
		s.Doctor = append(s.Doctor, text)
		switch {
		case o.State == rulebook.Unmet && o.Reason.Outcome == string(Supported):
			waits = true
		case o.State == rulebook.Unmet && o.Reason.Kind == "fatal":
			fatal = true
		case o.State == rulebook.Unmet:
			other = true
		default:
			other = other || !waits
		}
	}
	switch {
	case fatal:
		s.Outcome = NotEligible
	case waits && !anyUnmetBesides(r, moment):
		s.Outcome = Supported
	case other || waits || len(s.Staff) > 0:
		s.Outcome = NotYet
	}
	return s
}

func anyUnmetBesides(r rulebook.Result, moment Moment) bool {
	return slices.ContainsFunc(Asked(r, moment), func(o rulebook.Outcome) bool {
		return o.State == rulebook.Unmet && o.Reason != nil && o.Reason.Outcome != string(Supported)
	})
}

// Asked keeps the requirements that hold at a moment; one that names no moment
// holds at all.
func Asked(r rulebook.Result, moment Moment) []rulebook.Outcome {
	var out []rulebook.Outcome
	for _, o := range r.Requirements {
		if len(o.CheckedAt) == 0 || slices.Contains(o.CheckedAt, string(moment)) {
			out = append(out, o)
		}
	}
	return out
}

// Allowed tells whether an assessor may decide so, and if not every reason.
// Nobody is found eligible over a condition that is not met, and only somebody
// whose right to work is what is missing is supported; the harder answers are
// the assessor's judgement, with a note where the rules say otherwise.
func Allowed(want Outcome, s Suggestion, note string) []string {
	var no []string
	if want == Eligible && s.Outcome != Eligible {
		no = append(no, s.Staff...)
	}
	if want == Supported && s.Outcome != Supported {
		no = append(no, "Only somebody whose right to work is all that is missing can be supported. Choose another answer.")
	}
	if want != Eligible && want != s.Outcome && len(note) < 10 {
		no = append(no, "The rules come to a different answer ("+s.Outcome.Words()+"). Say in the note why you decide otherwise.")
	}
	return no
}

// unmet lists what is asked at a decision and is not met, with its reason.
func unmet(a Assessment) []rulebook.Outcome {
	return slices.DeleteFunc(Asked(a.Result, AtDecision), func(o rulebook.Outcome) bool { return o.State == rulebook.Met || o.Reason == nil })
}

// ahead lists what would stand in the way even if all that is claimed were
// proved: what a doctor should know before they spend money on papers.
func ahead(a Assessment) []assessment.LetterReason {
	var out []assessment.LetterReason
	for _, o := range unmet(a) {
		if o.State == rulebook.Unmet || o.IfProved == rulebook.Unmet {
			out = append(out, assessment.LetterReason{Code: o.ID, Kind: assessment.Kind(o.Reason.Kind), Why: o.Reason.Doctor, Cure: o.Reason.Bring})
		}
	}
	return out
}
