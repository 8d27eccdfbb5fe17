package allocation

import (
	"fmt"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/post"
)

// RoundDoctor is one doctor as a round sees them.
type RoundDoctor struct {
	Doctor, Ref, Region string
	Since               clock.Date // found eligible
	Priority, Paused    bool
	Eligible            bool        // the rules asked again today
	EligibleWhy         []Stop      // why not
	RightEnds           clock.Date  // permission to work ends, none = no end or not said
	FreeFrom            clock.Date  // could start then
	Months              fact.Months // of experience, for posts that ask for some
	Choices             []RoundChoice
	Travel              int               // most miles, 0 = any
	Far                 []RoundChoice     // posts of their list that lie farther
	Protected           bool              // a protected reason was agreed
	Pinned              string            // a post decided before the others are placed
	First               map[string]string // why not a better one, for who is pinned
	Private             map[string]bool   // posts that something private rules out: see private
}

// RoundChoice is one post a doctor listed, in their order.
type RoundChoice struct {
	Post  string
	Miles int // straight line, -1 = not known
}

// RoundPost is one post as a round sees it: one place for one doctor.
type RoundPost struct {
	ID, Host, Employer, HostName   string
	Region, Setting, Specialty     string
	Phase, Clinical, Outcode       string
	Starts, ContractEnd, FundedEnd clock.Date
	Requires                       post.Requires
	Room                           bool     // its supervisor has room
	SupervisorRoom                 int      // for how many of the supervisor's posts
	Ranking                        []string // doctors, best first, in a ranked round
}

// Stop is one hard rule that keeps a doctor and a post apart. Staff reads the
// one sentence, Doctor the other, which harms nobody.
type Stop struct {
	Code   string `json:"code"`
	Staff  string `json:"staff"`
	Doctor string `json:"doctor"`
}

// ToHost is the stop as an employer reads it: nothing of a person's papers or
// plans is in it.
func (s Stop) ToHost() string {
	switch s.Code {
	case "paused":
		return "The doctor is not looking for a post at the moment."
	case "dates":
		return "The dates do not fit."
	case "supervision":
		return s.Staff
	}
	return coarse(s)
}

// gone is the stop of a post that is not in the round. A doctor reads the same
// of one whose people they hide from.
func gone() Stop {
	return Stop{"gone", "This post is not in this round.", "This post is not in this round."}
}

// private is the stop of a post of the round that a reason of the doctor's own
// rules out: that they hide, a protected reason, what they do not accept, how far
// they travel. Staff may know that the post is there, so the sentence is true of
// each, and tells none from the others.
func private() Stop {
	const words = "This post is ruled out for this doctor. Why is not shown, because it can be private."
	return Stop{"private", words, words}
}

// Private tells whether the stop is that of a private reason.
func (s Stop) Private() bool { return s.Code == "private" }

// HardRules gives every rule that keeps the pair apart, all at once; none means
// that the round may bring them together. A pair that something private keeps
// apart is told nothing else.
func HardRules(d RoundDoctor, p *RoundPost, r Round) []Stop {
	if p == nil || r.Region != "" && p.Region != r.Region {
		return []Stop{gone()}
	}
	if d.Private[p.ID] {
		return []Stop{private()}
	}
	var out []Stop
	stop := func(bad bool, code, staff, doctor string) {
		if bad {
			out = append(out, Stop{code, staff, doctor})
		}
	}
	if !d.Eligible {
		out = append(out, d.EligibleWhy...)
		stop(len(d.EligibleWhy) == 0, "eligible", "Not eligible today.", "You cannot take up a post at the moment. Ask your caseworker why.")
	}
	stop(d.Paused, "paused", "The doctor has paused.", "You paused, so nothing is decided for you now. You lose nothing by it.")
	stop(!d.RightEnds.IsZero() && d.RightEnds <= p.Starts, "right_to_work",
		fmt.Sprintf("Permission to work ends on %s, before the start on %s.", d.RightEnds.Long(), p.Starts.Long()),
		fmt.Sprintf("Your permission to work ends on %s, before this post starts. If it has been extended, tell your caseworker.", d.RightEnds.Long()))
	stop(!d.FreeFrom.IsZero() && !p.ContractEnd.IsZero() && d.FreeFrom >= p.ContractEnd, "dates",
		fmt.Sprintf("Free from %s, after the contract ends on %s.", d.FreeFrom.Long(), p.ContractEnd.Long()),
		fmt.Sprintf("You said you are free from %s. This post ends before that.", d.FreeFrom.Long()))
	for _, l := range p.Requires.Lacks(d.Months) {
		stop(true, "specialty", l.Staff, l.Doctor)
	}
	stop(!p.Room, "supervision", "The supervisor of this post has no room.", "The supervisor of this post has no room for another person.")
	for _, l := range r.Rules.Limits {
		if l.Number > 0 || l.Kind == LimitFloor {
			continue
		}
		stop(l.Kind == LimitRegion && l.Of == p.Region, "region_cap", "No doctor can be placed in this region in this round: "+l.Source, "No doctor can be placed in this region in this round.")
		stop(l.Kind == LimitFunder && l.Of == p.Phase, "funder_cap", "No money of this phase is left for this round: "+l.Source, "There is no money for this post in this round.")
	}
	return out
}

// RankReason is why a host says that a doctor would not do for a post.
type RankReason struct{ Code, Words string }

// RankReasons lists them. None is about the person.
func RankReasons() []RankReason {
	return []RankReason{{"experience", "The post needs experience that was not shown"}, {"dates", "The dates do not fit"},
		{"hours", "The hours do not fit"}, {"did_not_come", "Did not come to the interview"}, {"declined", "The doctor said no at the interview"}}
}

// RankReasonWords is a reason as a person reads it.
func RankReasonWords(code string) string {
	for _, r := range RankReasons() {
		if r.Code == code {
			return r.Words
		}
	}
	return "Not said"
}
