package onboarding

import (
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
)

// StopsProposal gives every reason why a doctor cannot be proposed for a post.
func StopsProposal(stage casefile.Stage, p post.Post) []string {
	var out []string
	switch stage {
	case casefile.StageEligible, casefile.StageMatched:
	case casefile.StageSupported:
		out = append(out, "The doctor is supported, but cannot be employed yet.")
	case casefile.StageChecking:
		out = append(out, "The doctor has accepted another post.")
	case casefile.StageInPost:
		out = append(out, "The doctor is in post.")
	default:
		out = append(out, "The doctor has not been found eligible.")
	}
	switch p.Status {
	case post.Open:
	case post.Filled:
		out = append(out, "The post is filled.")
	default:
		out = append(out, "The post is not open.")
	}
	return out
}

// Ruling is the answer of the eligibility rules when asked again.
type Ruling struct {
	OK      bool
	Reasons []string
	Rule    string // version that answered
}

// StopsOffer gives every reason why a proposal cannot become an offer.
func StopsOffer(o Offer, p post.Post, ruling Ruling) []string {
	var out []string
	if o.State != Proposed {
		out = append(out, "This doctor is not waiting for an offer: "+lowerWords(o.State)+".")
	}
	if p.Status != post.Open {
		out = append(out, "The post is no longer open.")
	}
	return append(out, ruling.stops()...)
}

// StopsAnswer gives every reason why an offer cannot be answered.
func StopsAnswer(o Offer, accept bool, on clock.Date) []string {
	var out []string
	if !o.State.Open() {
		out = append(out, "There is no offer waiting for your answer: "+lowerWords(o.State)+".")
	}
	if accept && !o.Terms.ContractEnd.IsZero() && on > o.Terms.ContractEnd {
		out = append(out, "The contract that was offered has already ended.")
	}
	return out
}

// StopsHold gives every reason why an offer cannot be held.
func StopsHold(o Offer, on clock.Date) []string {
	out := StopsAnswer(o, false, on)
	if o.State == Held {
		out = append(out, "You are holding this offer already.")
	}
	return out
}

// StopsConditions gives, for a start, every condition that is not met.
func StopsConditions(o Offer, words []Choice) []string {
	var out []string
	for _, c := range o.Conditions {
		if c.State != Met {
			out = append(out, "A condition of the offer is not met: "+lowerFirst(choiceWords(words, c.Code))+".")
		}
	}
	return out
}

// StopsSecond gives every reason why somebody cannot be the second person of a
// withdrawal.
func StopsSecond(o Offer, account string) []string {
	switch {
	case o.Ask.By == "":
		return []string{"Nobody has asked for this offer to be withdrawn."}
	case !o.State.Live():
		return StopsWithdrawal(o)
	case o.Ask.By == account:
		return []string{"You asked for it. A second person has to agree."}
	}
	return nil
}

// Rung is one step of the ladder around the day an answer is due.
type Rung struct {
	ID string
	On clock.Date
}

// The rungs after the reminders: somebody asks why no answer came, then the
// offer ends.
const (
	RungDue   = "due"
	RungLapse = "lapse"
)

// Ladder lists what happens around the day an answer is due, by working days:
// reminders that lie after the day of the offer, then the end.
func Ladder(r *Rules, offered, due clock.Date) []Rung {
	var out []Rung
	if due.IsZero() {
		return nil
	}
	for _, m := range r.Reminders {
		on := due
		for n := m.Before; n > 0; {
			if on--; clock.WorkingDay(on, r.Holidays) {
				n--
			}
		}
		if on > offered {
			out = append(out, Rung{m.ID, on})
		}
	}
	return append(out, Rung{RungDue, clock.AddWorkingDays(due, 1, r.Holidays)}, Rung{RungLapse, clock.AddWorkingDays(due, 1+r.Grace, r.Holidays)})
}

// StopsWithdrawal gives the reason why an offer cannot be withdrawn.
func StopsWithdrawal(o Offer) []string {
	if o.State.Live() {
		return nil
	}
	return []string{"It has already ended: " + lowerWords(o.State) + "."}
}

// StopsStart gives every reason, as far as offer and checks go, why the doctor
// cannot start; titles gives each outstanding check its words.
func StopsStart(o Offer, checks []Check, titles map[string]string) []string {
	var out []string
	switch o.State {
	case Checked, Accepted:
		for _, kind := range Outstanding(o.Checks, checks) {
			out = append(out, "The check is not done: "+wordsOf(titles, kind)+".")
		}
	default:
		out = append(out, "The offer is not ready for a start: "+lowerWords(o.State)+".")
	}
	return out
}

// stops are the reasons of a ruling that says no; one always has a reason.
func (r Ruling) stops() []string {
	if r.OK {
		return nil
	}
	if len(r.Reasons) == 0 {
		return []string{"The doctor is no longer eligible for the programme."}
	}
	return r.Reasons
}

// Stops are the reasons why a ruling keeps someone from going on; none when it
// says yes.
func (r Ruling) Stops() []string { return r.stops() }

func wordsOf(titles map[string]string, kind string) string {
	if t := titles[kind]; t != "" {
		return t
	}
	return sentence(kind)
}

func lowerWords(s State) string {
	w := s.Words()
	if w == "" {
		return "not known"
	}
	return string(w[0]|0x20) + w[1:]
}
