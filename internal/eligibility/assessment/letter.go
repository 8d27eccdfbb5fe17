package assessment

import (
	"strconv"

	"msw/internal/clock"
)

// LetterReason is one reason in a letter: why, and what would cure it.
type LetterReason struct {
	Code string `json:"code,omitempty"`
	Kind Kind   `json:"kind,omitempty"`
	Why  string `json:"why"`
	Cure string `json:"cure,omitempty"`
}

// Letter is what a doctor receives, kept as it was written.
type Letter struct {
	Opening string         `json:"opening"`
	Reasons []LetterReason `json:"reasons,omitempty"`
	Words   string         `json:"words,omitempty"` // added by hand
	Next    []string       `json:"next"`
	Review  string         `json:"review,omitempty"`
	Return  string         `json:"return,omitempty"`
	Closing string         `json:"closing"`
}

// Answer is what a letter is about.
type Answer struct {
	Outcome    string // eligible, not_yet, not_eligible or supported
	On         clock.Date
	Rules      string
	Reasons    []LetterReason
	Words      string
	ReviewDays int
	ByReview   bool
	Reversed   bool
	Barred     clock.Date // last day before coming back; zero for none
}

// OnlyIfSafe stands beside everything that a doctor is told to send: a rule does
// not know whom this doctor cannot turn to.
const OnlyIfSafe = "Do not turn to anybody for a paper if that is not safe for you or for others. Tell us instead: you need not say why, and there are other ways to show it."

// Compose writes the letter in plain words from coded reasons.
func Compose(a Answer) Letter {
	l := Letter{Opening: opening(a), Reasons: a.Reasons, Words: a.Words, Next: next(a.Outcome)}
	if a.Outcome == "eligible" {
		l.Reasons = nil
	} else {
		l.Review, l.Return = reviewWords(a), returnWords(a)
		if len(a.Reasons) > 0 {
			l.Next = append([]string{OnlyIfSafe}, l.Next...)
		}
	}
	l.Closing = "We answered on " + a.On.Long() + ", by the rules called " + a.Rules + ". This is the programme’s answer. It is not a decision of the General Medical Council (GMC)."
	return l
}

func opening(a Answer) string {
	first := map[string]string{
		"eligible":     "You can join the programme.",
		"not_yet":      "You cannot join yet. Something is missing, and you can still send it.",
		"supported":    "We will support you. We cannot offer you a paid post yet.",
		"not_eligible": "You cannot join the programme now.",
	}[a.Outcome]
	switch {
	case a.Reversed:
		return "Somebody else looked at your application again. Our earlier answer is changed. " + first
	case a.ByReview:
		return "Somebody else looked at your application again. Our answer stays the same. " + first
	}
	return first
}

func next(outcome string) []string {
	switch outcome {
	case "eligible":
		return []string{"We look for a post that fits what you told us. You do not need to do anything now.",
			"If something changes, tell us, because we check again before an offer and before you start."}
	case "not_yet":
		return []string{"Send what is missing. You keep your place. Someone will look at your application again as soon as it is here."}
	case "supported":
		return []string{"Courses, mentoring and everything else stays open to you.",
			"When your permission to work changes, tell us on your page. We will look again at once."}
	}
	return []string{"Your caseworker can talk with you about what else may help you."}
}

func reviewWords(a Answer) string {
	if a.ByReview {
		return ""
	}
	return "If you think this is wrong, you can ask for a review until " + LastDay(a.On, a.ReviewDays).Long() +
		". Somebody who did not decide will look at it. The time of " + strconv.Itoa(a.ReviewDays) + " days is set by this programme. If you are late, tell us why, and you can still ask."
}

func returnWords(a Answer) string {
	switch {
	case a.Outcome != "not_eligible":
		return ""
	case !a.Barred.IsZero():
		return "You can apply again after " + a.Barred.Long() + ". What you have told us is kept."
	}
	return "You can apply again when something has changed. What you have told us is kept, so you do not have to write it again."
}
