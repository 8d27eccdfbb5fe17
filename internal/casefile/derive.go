package casefile

import (
	"sort"

	"msw/internal/clock"
)

// Derived is everything a case shows that follows from what was recorded.
type Derived struct {
	Stage        Stage
	Turn         Party
	TurnOwner    string     // organisation or account owing the step; "" = anyone of the party
	Since        clock.Date // since when it has been this turn; a pause or hold keeps it
	NextDate     clock.Date // by when the next step is owed; zero = no date
	Organisation string     // the employer the case is matched to or placed with
	Flags        Flags
}

// Active tells whether anything is still awaited.
func (d Derived) Active() bool { return d.Turn != PartyNobody || d.Flags.Has(FlagUrgent) }

// Input is what a case is derived from. Milestones are the live ones only;
// their order does not matter, except that Seq decides among those of one day.
type Input struct {
	Opened     clock.Date
	Caseworker string
	Milestones []Milestone
	Tasks      []Task // open ones; only urgent ones matter
	Holds      []Hold // open ones
}

// Derive says where a case stands. It is total: every case has a stage and a
// turn, whatever was recorded.
func Derive(in Input) Derived {
	list := append([]Milestone(nil), in.Milestones...)
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].On != list[j].On {
			return list[i].On < list[j].On
		}
		return list[i].Seq < list[j].Seq
	})
	r := road{Derived: Derived{Stage: StageReferred, Turn: PartyCaseworker}}
	for _, m := range list {
		r.overlay(m)
		r.move(m)
	}
	return r.result(in)
}

// road is the state of the fold: where the case stands beneath a pause or a
// closure, the matches still open, and those two lids themselves.
type road struct {
	Derived
	matches  []match
	before   Stage // the stage a finding or leaving closed, to go back to
	closed   clock.Date
	reopened bool
	paused   bool
	pauseEnd clock.Date
}

type match struct {
	organisation string
	stage        Stage
	turn         Party
	on, due      clock.Date
}

// overlay lays and lifts the lids: closing, which only reopening lifts, and a
// pause, which also ends by anything that shows the doctor has gone on.
func (r *road) overlay(m Milestone) {
	switch m.Kind {
	case Closed:
		if r.closed == 0 {
			r.closed = m.On
		}
	case Reopened:
		if r.closed != 0 || r.Stage == StageClosed {
			r.closed, r.reopened = 0, true
			r.Since = m.On
		}
		if r.Stage == StageClosed {
			r.set(m, r.before, PartyCaseworker)
		}
	case Paused:
		r.paused, r.pauseEnd = true, m.Due
	case Resumed, Submitted, OfferAccepted, Started, Registered, DoctorPost:
		r.paused = false
	}
}

// move takes one step along the road. Kinds of an earlier station never pull a
// case back from a later one: a second referral of a doctor in post is only
// one more line of the timeline.
func (r *road) move(m Milestone) {
	switch m.Kind {
	case Referred:
		r.early(m, StageReferred, PartyCaseworker, StageReferred)
	case Invited:
		r.early(m, StageReferred, PartyDoctor, StageReferred)
	case TakenOver, ApplicationStarted:
		r.early(m, StageApplying, PartyDoctor, StageReferred, StageApplying)
	case Submitted:
		if !r.at(StageMatched, StageChecking, StageInPost, StageRegistered, StageDoctorPost) {
			r.set(m, StageAssessing, PartyAssessor)
		}
	case FoundEligible:
		if !r.at(StageMatched, StageChecking, StageInPost, StageRegistered, StageDoctorPost) {
			r.set(m, StageEligible, PartyProgramme)
		}
	case FoundNotYet:
		r.finding(m, StageNotYet, PartyDoctor)
	case FoundSupported:
		r.finding(m, StageSupported, PartyDoctor)
	case FoundNotEligible:
		r.finding(m, StageClosed, PartyNobody)
	case Proposed, Offered, OfferAccepted, ChecksComplete, OfferDeclined, OfferWithdrawn:
		r.match(m)
	case Started, Ended:
		r.post(m)
	case Registered:
		if !r.at(StageDoctorPost) {
			r.set(m, StageRegistered, PartyDoctor)
		}
	case DoctorPost:
		r.set(m, StageDoctorPost, PartyNobody)
	case Left:
		if !r.at(StageRegistered, StageDoctorPost) {
			r.set(m, StageClosed, PartyNobody)
		}
	case OutcomeUnknown:
		r.Flags |= FlagUnknown
		if !r.at(StageRegistered, StageDoctorPost, StageInPost) {
			r.set(m, r.Stage, PartyNobody)
		}
	}
	switch m.Kind {
	case Registered, DoctorPost, Left, Started:
		r.Flags &^= FlagUnknown
	}
}

func (r *road) at(stages ...Stage) bool {
	for _, s := range stages {
		if r.Stage == s {
			return true
		}
	}
	return false
}

// set moves the case; while stage, party and owner stay, so does the day the
// turn began.
func (r *road) set(m Milestone, stage Stage, usual Party) {
	turn := usual
	if m.Owing != "" && stage != StageClosed {
		turn = m.Owing
	}
	owner := ownerOf(turn, m.Organisation)
	if stage != r.Stage || turn != r.Turn || owner != r.TurnOwner || r.Since == 0 {
		r.Since = m.On
	}
	if stage == StageClosed && r.Stage != StageClosed {
		r.before = r.Stage
	}
	r.Stage, r.Turn, r.TurnOwner, r.NextDate = stage, turn, owner, m.Due
}

// ownerOf names the organisation that owes, for parties that are organisations.
func ownerOf(p Party, organisation string) string {
	if p == PartyEmployer || p == PartyReferrer {
		return organisation
	}
	return ""
}

func (r *road) early(m Milestone, stage Stage, usual Party, from ...Stage) {
	if r.at(from...) {
		r.set(m, stage, usual)
	}
}

// finding is a decision that ends any match under way, but not a post that has
// begun: what it does to a post is the placement's to record.
func (r *road) finding(m Milestone, stage Stage, usual Party) {
	if r.at(StageInPost, StageRegistered, StageDoctorPost) {
		return
	}
	r.matches, r.Organisation = nil, ""
	r.set(m, stage, usual)
}

// match follows proposals and offers of several organisations at once; the
// furthest decides, and when the last one falls the doctor is eligible again.
func (r *road) match(m Milestone) {
	if r.at(StageInPost, StageRegistered, StageDoctorPost) {
		return
	}
	i := len(r.matches)
	for j := range r.matches {
		if r.matches[j].organisation == m.Organisation {
			i = j
		}
	}
	if m.Kind == OfferDeclined || m.Kind == OfferWithdrawn {
		if i == len(r.matches) {
			return
		}
		r.matches = append(r.matches[:i:i], r.matches[i+1:]...)
	} else {
		next := matchOf(m)
		if i == len(r.matches) {
			r.matches = append(r.matches, next)
		} else {
			r.matches[i] = next
		}
	}
	if len(r.matches) == 0 {
		r.Organisation = ""
		r.set(Milestone{On: m.On, Due: m.Due, Owing: m.Owing}, StageEligible, PartyProgramme)
		return
	}
	best := r.matches[0]
	for _, c := range r.matches[1:] {
		if further(c, best) {
			best = c
		}
	}
	r.Organisation = best.organisation
	r.set(Milestone{On: best.on, Due: best.due, Owing: best.turn, Organisation: best.organisation}, best.stage, best.turn)
}

func matchOf(m Milestone) match {
	c := match{organisation: m.Organisation, on: m.On, due: m.Due}
	switch m.Kind {
	case Proposed:
		c.stage, c.turn = StageMatched, PartyEmployer
	case Offered:
		c.stage, c.turn = StageMatched, PartyDoctor
	default:
		c.stage, c.turn = StageChecking, PartyEmployer
	}
	if m.Owing != "" {
		c.turn = m.Owing
	}
	return c
}

// further prefers checks to offers, and an offer awaiting the doctor to one
// that awaits anybody else; the earlier recorded wins otherwise.
func further(a, b match) bool {
	rank := func(c match) int {
		switch {
		case c.stage == StageChecking:
			return 2
		case c.turn == PartyDoctor:
			return 1
		}
		return 0
	}
	return rank(a) > rank(b)
}

// post begins or ends employment. Registration outlasts the post: once
// registered, the end of the post no longer moves the case.
func (r *road) post(m Milestone) {
	switch {
	case m.Kind == Started:
		r.matches, r.Organisation = nil, m.Organisation
	case r.Organisation == m.Organisation: // who no longer employs has no more business with the case
		r.Organisation = ""
	}
	switch {
	case r.at(StageRegistered, StageDoctorPost):
	case m.Kind == Started:
		r.set(m, StageInPost, PartyDoctor)
	case r.at(StageInPost):
		r.set(m, StageEnded, PartyCaseworker)
	}
}

// result puts the lids on: hold, pause, closure, and marks what is urgent.
func (r *road) result(in Input) Derived {
	d := r.Derived
	if d.Since == 0 {
		d.Since = in.Opened
	}
	if r.reopened {
		d.Flags |= FlagReopened
	}
	var hold *Hold
	for i := range in.Holds {
		h := &in.Holds[i]
		if h.Ended == 0 && (hold == nil || h.From > hold.From || h.From == hold.From && h.ID > hold.ID) {
			hold = h
		}
	}
	switch {
	case r.closed != 0:
		d.Stage, d.Turn, d.TurnOwner, d.NextDate, d.Since = StageClosed, PartyNobody, "", 0, r.closed
	case d.Turn == PartyNobody:
	case r.paused:
		d.Flags |= FlagPaused
		d.Turn, d.TurnOwner, d.NextDate = PartyDoctor, "", r.pauseEnd
	case hold != nil:
		d.Flags |= FlagHeld
		d.Turn, d.TurnOwner, d.NextDate = hold.Party, "", hold.Until
	}
	for _, t := range in.Tasks {
		if t.Urgent {
			d.Flags |= FlagUrgent
		}
	}
	if d.Turn == PartyCaseworker {
		d.TurnOwner = in.Caseworker
	}
	return d
}
