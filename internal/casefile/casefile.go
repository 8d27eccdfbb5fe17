// Package casefile is the doctor's journey through the programme: what
// happened and when, whose turn it is and since when, what waits for whom,
// messages, and the case page with the panels other stations hang on it.
//
// One doctor has one case in a tenant, and the case's id is the doctor's id.
// Stage and turn are derived from milestones (derive.go) and written by nobody
// else. The package is not the place for what is known about a doctor (fact),
// nor for any decision: a station decides, then records a milestone here.
package casefile

import (
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
)

// What can be done with a case; internal/app grants them to roles.
const (
	ActHome    access.Action = "case.home"    // see what waits for oneself
	ActList    access.Action = "case.list"    // list cases
	ActRead    access.Action = "case.read"    // open a case page
	ActCoarse  access.Action = "case.coarse"  // see only received, being checked, in post, registered or closed
	ActWork    access.Action = "case.work"    // assign and close tasks, put on hold
	ActClose   access.Action = "case.close"   // close and reopen a case
	ActMessage access.Action = "case.message" // read and write messages
	ActApply   access.Action = "case.apply"   // fill in and send the application
	ActPause   access.Action = "case.pause"   // pause and resume
	ActUrgent  access.Action = "case.urgent"  // say that someone is not safe
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActHome, ActList, ActRead, ActCoarse, ActWork, ActClose, ActMessage, ActApply, ActPause, ActUrgent}
}

// Party is someone who can owe the next step.
type Party string

// The parties. Nobody means that nothing is awaited.
const (
	PartyDoctor     Party = "doctor"
	PartyReferrer   Party = "referrer"
	PartyCaseworker Party = "caseworker"
	PartyAssessor   Party = "assessor"
	PartyProgramme  Party = "programme"
	PartyEmployer   Party = "employer"
	PartySupervisor Party = "supervisor"
	PartyGMC        Party = "gmc"
	PartyNobody     Party = "nobody"
)

// Parties lists all parties in the order lists offer them.
func Parties() []Party {
	return []Party{PartyDoctor, PartyReferrer, PartyCaseworker, PartyAssessor, PartyProgramme,
		PartyEmployer, PartySupervisor, PartyGMC, PartyNobody}
}

// Words names the party in a sentence such as "waiting for …".
func (p Party) Words() string {
	switch p {
	case PartyDoctor:
		return "the doctor"
	case PartyReferrer:
		return "the referrer"
	case PartyCaseworker:
		return "the caseworker"
	case PartyAssessor:
		return "the assessor"
	case PartyProgramme:
		return "the programme team"
	case PartyEmployer:
		return "the employer"
	case PartySupervisor:
		return "the supervisor"
	case PartyGMC:
		return "the GMC"
	case PartyNobody:
		return "nobody"
	}
	return ""
}

// Known tells whether the party is one of Parties.
func (p Party) Known() bool { return p.Words() != "" }

// Stage is where on the road a case stands.
type Stage string

// The stages, in the order of the road.
const (
	StageReferred   Stage = "referred"
	StageApplying   Stage = "applying"
	StageAssessing  Stage = "assessing"
	StageNotYet     Stage = "not_yet"
	StageSupported  Stage = "supported" // supported but cannot be employed yet
	StageEligible   Stage = "eligible"
	StageMatched    Stage = "matched"
	StageChecking   Stage = "checking"
	StageInPost     Stage = "in_post"
	StageEnded      Stage = "ended"
	StageRegistered Stage = "registered"
	StageDoctorPost Stage = "doctor_post"
	StageClosed     Stage = "closed"
)

// Stages lists all stages in the order of the road.
func Stages() []Stage {
	return []Stage{StageReferred, StageApplying, StageAssessing, StageNotYet, StageSupported, StageEligible,
		StageMatched, StageChecking, StageInPost, StageEnded, StageRegistered, StageDoctorPost, StageClosed}
}

// Words names the stage on a tag.
func (s Stage) Words() string {
	switch s {
	case StageReferred:
		return "Referred"
	case StageApplying:
		return "Applying"
	case StageAssessing:
		return "Being assessed"
	case StageNotYet:
		return "Not ready yet"
	case StageSupported:
		return "Supported, cannot be employed yet"
	case StageEligible:
		return "Eligible"
	case StageMatched:
		return "Matched to a post"
	case StageChecking:
		return "Employment checks"
	case StageInPost:
		return "In post"
	case StageEnded:
		return "Post ended"
	case StageRegistered:
		return "Registered"
	case StageDoctorPost:
		return "In a doctor post"
	case StageClosed:
		return "Closed"
	}
	return ""
}

// Known tells whether the stage is one of Stages.
func (s Stage) Known() bool { return s.Words() != "" }

// Coarse is all a referrer may know of a case.
type Coarse string

// The coarse answers.
const (
	CoarseReceived   Coarse = "received"
	CoarseChecked    Coarse = "being checked"
	CoarseInPost     Coarse = "in post"
	CoarseRegistered Coarse = "registered"
	CoarseClosed     Coarse = "closed"
)

// Coarse folds the stage into what a referrer may know. A finding, an offer
// or the end of a post all read "being checked": the programme is working on it.
func (s Stage) Coarse() Coarse {
	switch s {
	case StageReferred:
		return CoarseReceived
	case StageInPost:
		return CoarseInPost
	case StageRegistered, StageDoctorPost:
		return CoarseRegistered
	case StageClosed:
		return CoarseClosed
	}
	return CoarseChecked
}

// Kind is what sort of thing happened.
type Kind string

// The kinds of milestone.
const (
	Referred           Kind = "referred"
	Invited            Kind = "invited"
	TakenOver          Kind = "taken_over" // the doctor signed in and took over their own record
	ApplicationStarted Kind = "application_started"
	Submitted          Kind = "submitted"
	FoundEligible      Kind = "found_eligible"
	FoundNotYet        Kind = "found_not_yet"
	FoundNotEligible   Kind = "found_not_eligible"
	FoundSupported     Kind = "found_supported"
	Proposed           Kind = "proposed"
	Offered            Kind = "offered"
	OfferAccepted      Kind = "offer_accepted"
	OfferDeclined      Kind = "offer_declined"
	OfferWithdrawn     Kind = "offer_withdrawn"
	ChecksComplete     Kind = "checks_complete"
	Started            Kind = "started"
	Ended              Kind = "ended"
	Registered         Kind = "registered"
	DoctorPost         Kind = "doctor_post"
	Left               Kind = "left"
	OutcomeUnknown     Kind = "outcome_unknown"
	Paused             Kind = "paused"
	Resumed            Kind = "resumed"
	Closed             Kind = "closed"
	Reopened           Kind = "reopened"
)

// Kinds lists all kinds in the order of the road.
func Kinds() []Kind {
	return []Kind{Referred, Invited, TakenOver, ApplicationStarted, Submitted, FoundEligible, FoundNotYet,
		FoundNotEligible, FoundSupported, Proposed, Offered, OfferAccepted, OfferDeclined, OfferWithdrawn,
		ChecksComplete, Started, Ended, Registered, DoctorPost, Left, OutcomeUnknown, Paused, Resumed, Closed, Reopened}
}

// Words says what happened, as a line of the timeline.
func (k Kind) Words() string {
	switch k {
	case Referred:
		return "Referred to the programme"
	case Invited:
		return "Invited to apply"
	case TakenOver:
		return "Took over their own record"
	case ApplicationStarted:
		return "Started the application"
	case Submitted:
		return "Sent the application"
	case FoundEligible:
		return "Found eligible"
	case FoundNotYet:
		return "Found not ready yet"
	case FoundNotEligible:
		return "Found not eligible"
	case FoundSupported:
		return "Supported, but cannot be employed yet"
	case Proposed:
		return "Proposed to an employer"
	case Offered:
		return "Offered a post"
	case OfferAccepted:
		return "Accepted the offer"
	case OfferDeclined:
		return "Turned the offer down"
	case OfferWithdrawn:
		return "Offer withdrawn"
	case ChecksComplete:
		return "Employment checks complete"
	case Started:
		return "Started in post"
	case Ended:
		return "Post ended"
	case Registered:
		return "Registered with the GMC"
	case DoctorPost:
		return "Started a first doctor post"
	case Left:
		return "Left the programme"
	case OutcomeUnknown:
		return "Outcome not known"
	case Paused:
		return "Paused"
	case Resumed:
		return "Carried on after a pause"
	case Closed:
		return "Case closed"
	case Reopened:
		return "Case opened again"
	}
	return ""
}

// Known tells whether the kind is one of Kinds.
func (k Kind) Known() bool { return k.Words() != "" }

// Milestone is one thing that happened to a doctor on a civil date.
type Milestone struct {
	Doctor       string
	Kind         Kind
	On           clock.Date
	Due          clock.Date // by when the next step is owed; zero = no date
	Owing        Party      // who owes the next step; "" = as usual for the kind
	Code         string     // coded reason or detail, never free text
	Organisation string     // the organisation it concerns, if any
	Source       string     // the record that says so, as "placement:ID"

	Seq int64 // position in order of recording; set by Record, decides among milestones of one day
}

// Task is one thing that waits for one party. Title is plain words without
// anything its readers may not know: no reason, no finding, no name.
type Task struct {
	Doctor, Kind, Title, Source string
	URL                         string // where it is done; "" = the case page
	Party                       Party
	Owner                       string // organisation id, account, or "" = anyone of that party
	Since, Due                  clock.Date
	Urgent                      bool // a person may not be safe: shown first, in red
}

// Hold says that a case waits for something outside, for a coded reason.
type Hold struct {
	ID, Doctor, Reason string
	Party              Party // whom one waits for
	From, Until        clock.Date
	Ended              clock.Date // zero while it lasts
}

// Flags are short marks on a case, as bits.
type Flags int64

// The flags.
const (
	FlagUrgent Flags = 1 << iota
	FlagPaused
	FlagHeld
	FlagUnknown  // the outcome is not known
	FlagReopened // was closed before
)

// Has tells whether all bits of g are set.
func (f Flags) Has(g Flags) bool { return f&g == g }

// Words lists the flags in the order of importance.
func (f Flags) Words() []string {
	var words []string
	for _, w := range []struct {
		flag Flags
		text string
	}{{FlagUrgent, "Urgent"}, {FlagPaused, "Paused"}, {FlagHeld, "On hold"}, {FlagUnknown, "Outcome not known"}, {FlagReopened, "Opened again"}} {
		if f.Has(w.flag) {
			words = append(words, w.text)
		}
	}
	return words
}

// Case is the narrow row lists are made of, with the parties allowed to it.
type Case struct {
	Tenant, Doctor, Ref string
	Region, Route       string
	Caseworker          string // account
	Opened              clock.Date
	Derived
	Version int64
	SameAs  string // the doctor whose record goes on as the same person, "" for this one

	Organisations, Referrers, Supervisors []string // filled by Get, Many and ByRef
}

// Resource is the case as access sees it. A referrer stands in it only while
// the doctor's consent to that organisation runs.
func (c Case) Resource() access.Resource {
	r := access.Resource{Kind: "case", ID: c.Doctor, Tenant: c.Tenant, Doctor: c.Doctor,
		Referrers: c.Referrers, Supervisors: c.Supervisors}
	if c.Region != "" {
		r.Regions = []string{c.Region}
	}
	if c.Organisation != "" {
		r.Organisations = append(r.Organisations, c.Organisation)
	}
	r.Organisations = append(r.Organisations, c.Organisations...)
	return r
}

// Days counts how long the case has waited for its present turn.
func (c Case) Days(today clock.Date) int { return max(0, c.Since.DaysUntil(today)) }

// NewCase is what a case needs to begin.
type NewCase struct {
	Doctor, Ref, Region, Route string
	Caseworker                 string     // account, "" = not named yet
	Opened                     clock.Date // zero = today
	First                      []Milestone
	Referrers                  []string // organisations whose consent runs
}

// Placing carries what later stations know and the case copies for scoping.
// An empty text or a nil list leaves what stands; an empty list clears it.
type Placing struct {
	Region, Route, Caseworker string
	Organisations             []string // besides the one its milestones name: a host site, a second employer
	Referrers                 []string // organisations whose consent runs
	Supervisors               []string // accounts
}

// Relation of a casefile_party row.
type Relation string

// The relations a party can have to a case.
const (
	RelReferrer     Relation = "referrer"
	RelOrganisation Relation = "organisation"
	RelSupervisor   Relation = "supervisor"
)

// sentence makes coded text readable where no words are listed for it.
func sentence(code string) string {
	s := strings.ReplaceAll(code, "_", " ")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
