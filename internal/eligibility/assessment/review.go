package assessment

import (
	"slices"
	"strings"

	"msw/internal/clock"
)

// Given is a decision as a review sees it.
type Given struct {
	On       clock.Date
	Yes      bool     // there is nothing to appeal against
	ByReview bool     // it was itself given by a review
	By       string   // who decided
	Voices   []string // who judged evidence it rests on
}

// LastDay is the last day on which a review can be asked without a reason for
// being late.
func LastDay(decided clock.Date, days int) clock.Date { return decided.AddDays(days) }

// MayAppeal tells why no review can be asked; late says that the doctor must
// give a reason for coming late, which is always allowed.
func MayAppeal(d Given, open bool, today clock.Date, days int) (late bool, no []string) {
	switch {
	case d.Yes:
		no = append(no, "The answer was yes, so there is nothing to review.")
	case d.ByReview:
		no = append(no, "This answer was itself given after a review. You can come back when something has changed.")
	}
	if open {
		no = append(no, "You have asked for a review already. Somebody is looking at it.")
	}
	return today > LastDay(d.On, days), no
}

// MayReview tells why somebody may not decide a review: whoever decided, or
// judged evidence for the decision, does not look at it again.
func MayReview(d Given, account string) []string {
	if d.By == account || slices.Contains(d.Voices, account) {
		return []string{"You took part in the decision. Somebody else must review it."}
	}
	return nil
}

// CheckAppeal says what is missing of what the doctor wrote.
func CheckAppeal(text, why string, late bool) (field, message string) {
	switch {
	case len([]rune(strings.TrimSpace(text))) < 10:
		return "text", "Tell us what we got wrong, in a sentence or more"
	case len([]rune(text)) > 4000:
		return "text", "Use 4,000 characters or fewer"
	case late && len([]rune(strings.TrimSpace(why))) < 5:
		return "late", "Tell us why you ask only now"
	}
	return "", ""
}
