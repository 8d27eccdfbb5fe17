package casefile

import (
	"slices"

	"msw/internal/clock"
)

// NextStep is what a doctor reads about where they stand and what is best done
// next.
type NextStep struct {
	Heading, Text string
	Link, URL     string // "" when there is nothing to press
}

// Next tells the doctor, in plain words, where their own case stands.
func Next(c Case) NextStep {
	if c.Flags.Has(FlagPaused) {
		return NextStep{"You have paused", "Your place is kept. Carry on when you are ready.", "Carry on", "/cases/" + c.Ref + "/pause"}
	}
	if c.Flags.Has(FlagHeld) {
		return NextStep{"We are waiting for someone else", "You do not need to do anything now. Your place is kept. We will write to you when we have news.", "", ""}
	}
	switch c.Stage {
	case StageReferred, StageApplying:
		return NextStep{"Fill in your application", "You can stop at any time and come back. What you saved is kept.", "Go to your application", "/apply"}
	case StageAssessing:
		return NextStep{"We are reading your application", "You do not need to do anything now. We will tell you what we decide and why.", "See your application", "/apply"}
	case StageNotYet:
		return NextStep{"You are not ready to join yet", "Your page shows what is still needed. When something changes, send your application again.", "See what is needed", "/apply"}
	case StageSupported:
		return NextStep{"We support you, but you cannot be employed yet", "You can keep preparing with us. Tell us when your right to work changes.", "Go to your application", "/apply"}
	case StageEligible:
		return NextStep{"You can join the programme", "We are looking for a post for you. You can say which posts you want, and change it at any time.", "Choose the posts you want", "/apply/wishes"}
	case StageMatched:
		if c.Turn == PartyDoctor {
			return NextStep{"You have an offer to answer", "Read the offer below. You can say yes or no.", "", ""}
		}
		return NextStep{"We have put you forward for a post", "The employer will answer. You do not need to do anything now.", "", ""}
	case StageChecking:
		if c.Turn == PartyDoctor {
			return NextStep{"The employer needs something from you", "What they need is in the list below.", "", ""}
		}
		return NextStep{"Your employer is doing its checks", "They will write to you if they need something. You do not need to do anything now.", "", ""}
	case StageInPost:
		return NextStep{"You are in post", "Use this time to get ready for registration. Talk to your supervisor about your next step.", "Your post, scope card and supervision", "/placements"}
	case StageEnded:
		return NextStep{"Your post has ended", "Your caseworker will talk to you about what comes next.", "Your post and how it ended", "/placements"}
	case StageRegistered:
		return NextStep{"You are registered", "Tell us when you start your first post as a doctor.", "Your post and what comes next", "/placements"}
	case StageDoctorPost:
		return NextStep{"You work as a doctor", "Well done. There is nothing left to do here.", "", ""}
	}
	return NextStep{"Your case is closed", "If you had an answer from us, it is below: you can ask for a review, or apply again later. If something has changed, write to us.", "Send a message", "/messages"}
}

// answered tells whether a doctor at a stage may have had an answer that they can
// do something about.
func answered(s Stage) bool {
	return slices.Contains([]Stage{StageAssessing, StageNotYet, StageSupported, StageEligible, StageClosed}, s)
}

// turnWords says whose turn it is to the doctor.
func turnWords(c Case) string {
	switch c.Turn {
	case PartyDoctor:
		return "It is your turn"
	case PartyNobody:
		return "Nothing is waiting"
	}
	return "Waiting for " + c.Turn.Words()
}

// days writes how long something has waited.
func days(n int) string {
	if n == 0 {
		return "today"
	}
	return clock.HowLong(n)
}

// dueWords writes a due date and warns when it has passed.
func dueWords(due, today clock.Date) string {
	switch {
	case due == 0:
		return "No date"
	case due < today:
		return due.Long() + " (late)"
	}
	return due.Long()
}

// colour is the tag colour of a stage.
func (s Stage) colour() string {
	switch s {
	case StageReferred, StageApplying:
		return "grey"
	case StageAssessing:
		return "purple"
	case StageNotYet, StageSupported:
		return "orange"
	case StageEligible, StageMatched, StageChecking:
		return "blue"
	case StageInPost:
		return "aqua-green"
	case StageRegistered, StageDoctorPost:
		return "green"
	}
	return "white"
}

func (f Flags) colour() string {
	if f.Has(FlagUrgent) {
		return "red"
	}
	return "yellow"
}
