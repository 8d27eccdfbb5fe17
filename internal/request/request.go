// Package request is one shape for every outside proof: what is asked of a
// referee, an employer, an issuer, a regulator or the doctor, on which clock,
// who owes the next step, what came back and what a person judged of it; and
// what counts instead where nobody may be asked or the proof was destroyed.
//
// Nobody is asked without the doctor's yes: that word is doctor's, the guard
// that asks it is here. Papers are document's, facts are fact's, and whether
// somebody may join is eligibility's: no decision is made here.
package request

import (
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
)

// What can be done with requests; internal/app grants them to roles.
const (
	ActBoard  access.Action = "request.board"  // the list of all requests
	ActSee    access.Action = "request.see"    // see a doctor's requests
	ActOwn    access.Action = "request.own"    // the doctor's own pages
	ActMake   access.Action = "request.make"   // make, change and withdraw a request
	ActAsk    access.Action = "request.ask"    // hand over a link, or let it be sent
	ActJudge  access.Action = "request.judge"  // say what came back is enough
	ActAnswer access.Action = "request.answer" // answer by a link; the link is the permission
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActBoard, ActSee, ActOwn, ActMake, ActAsk, ActJudge, ActAnswer}
}

// State is how a request stands.
type State string

// The states.
const (
	CannotStart State = "cannot_start"
	Waiting     State = "waiting"
	Overdue     State = "overdue"
	Received    State = "received"
	Verified    State = "verified"
	Refused     State = "refused"
	Withdrawn   State = "withdrawn"
)

// States lists the states in the order lists offer them.
func States() []State {
	return []State{CannotStart, Waiting, Overdue, Received, Verified, Refused, Withdrawn}
}

// Words names a state on a tag.
func (s State) Words() string {
	switch s {
	case CannotStart:
		return "Cannot start"
	case Waiting:
		return "Waiting"
	case Overdue:
		return "Overdue"
	case Received:
		return "Received"
	case Verified:
		return "Verified"
	case Refused:
		return "Not given"
	case Withdrawn:
		return "Withdrawn"
	}
	return ""
}

// Over tells whether nothing more comes of it.
func (s State) Over() bool { return s == Verified || s == Refused || s == Withdrawn }

// Owes is who owes the next step.
type Owes string

// Who can owe the next step.
const (
	OwesDoctor     Owes = "doctor"
	OwesCaseworker Owes = "caseworker"
	OwesAssessor   Owes = "assessor"
	OwesOther      Owes = "other" // who was asked
	OwesNobody     Owes = "nobody"
)

// Words names who owes the next step.
func (o Owes) Words() string {
	switch o {
	case OwesDoctor:
		return "The doctor"
	case OwesCaseworker:
		return "The caseworker"
	case OwesAssessor:
		return "The assessor"
	case OwesOther:
		return "Who was asked"
	case OwesNobody:
		return "Nobody"
	}
	return ""
}

// Why a request cannot start, or what it waits for: coded.
const (
	WhyNoYes    = "no_yes"    // the doctor has not said yes
	WhyMustNot  = "must_not"  // must not be asked
	WhyWhom     = "whom"      // it is not known whom to ask, or about when
	WhyNotAsked = "not_asked" // may be asked, and was not yet
	WhyAgree    = "agree"     // somebody must agree first
	WhyAnswer   = "answer"
	WhySilence  = "silence" // no answer in time: somebody else, or another way
	WhyJudge    = "judge"
	WhyDeclined = "declined" // said no, or does not know the doctor
	WhyDone     = "done"
)

// The verdicts of a person on what came back.
const (
	Accepted  = "accepted"
	NotEnough = "not_enough"
)

// What somebody can answer on the page of a link.
const (
	SaysConfirm = "confirm"
	SaysCorrect = "correct" // yes, and something is different
	SaysDecline = "decline"
	SaysUnknown = "unknown" // does not know this person
)

// Whom is who is asked and about what; all of it is sealed.
type Whom struct {
	Name       string     `json:"name,omitempty"` // the person, or the place where no person is named
	Place      string     `json:"place,omitempty"`
	Country    string     `json:"country,omitempty"` // two letters
	Email      string     `json:"email,omitempty"`
	Phone      string     `json:"phone,omitempty"`
	How        string     `json:"how,omitempty"` // how they know the doctor: a code
	From       clock.Date `json:"from"`
	To         clock.Date `json:"to"`
	SendByUs   bool       `json:"send_by_us,omitempty"`  // the doctor said that msw may write to this person
	Ask        string     `json:"ask,omitempty"`         // further information as it was asked before rounds of questions
	Lost       bool       `json:"lost,omitempty"`        // the doctor says that the proof is lost or destroyed
	DoctorName string     `json:"doctor_name,omitempty"` // the name the doctor was known by there
	Party      string     `json:"party,omitempty"`       // of a consent request: whom the question is about
}

// Answer is what came back; sealed.
type Answer struct {
	Says       string     `json:"says,omitempty"`
	From       clock.Date `json:"from"` // as corrected
	To         clock.Date `json:"to"`
	Text       string     `json:"text,omitempty"`
	Role       string     `json:"role,omitempty"` // of who answers, in their words
	Signed     string     `json:"signed,omitempty"`
	Charity    string     `json:"charity,omitempty"` // signed through a charity
	MayRead    bool       `json:"may_read,omitempty"`
	Documents  []string   `json:"documents,omitempty"`
	TakenBack  clock.Date `json:"taken_back"`
	ByLink     bool       `json:"by_link,omitempty"`
	RecordedBy string     `json:"recorded_by,omitempty"`
}

// Judgement is what a person thought of it; sealed.
type Judgement struct {
	Note string `json:"note,omitempty"`
}

// Request is one proof asked of somebody.
type Request struct {
	ID, Doctor, Kind     string
	Version              int
	Fact, Parent, Source string
	Region, Organisation string

	Made, Asked, Expires, Agreed, Received, Declined, Judged, Gone, Blocked clock.Date
	Reminded                                                                []string
	Verdict, JudgedBy                                                       string
	Round                                                                   int
	Instead                                                                 string // the alternative that was given

	Whom      Whom
	Answer    Answer
	Judgement Judgement

	Derived
}

// SourceID is how facts and tasks name a request.
func (r Request) SourceID() string { return fact.AnsweredBy + r.ID }

// Subjects are those of whom the doctor's word is asked: the first must be
// allowed by name, none of them may be forbidden.
func (r Request) Subjects(k Kind) []doctor.Subject {
	if k.Party == "" {
		return nil
	}
	w := r.Whom
	first := doctor.Subject{Party: k.Party, Name: w.Name, Country: w.Country, Email: w.Email}
	list := []doctor.Subject{first}
	switch k.Party {
	case doctor.PartyPerson, doctor.PartyEmployer:
		if w.Place != "" && w.Place != w.Name { // the hospital or school of a referee must not be a forbidden one
			list = append(list, doctor.Subject{Party: doctor.PartyInstitution, Name: w.Place, Country: w.Country}, doctor.Subject{Party: doctor.PartyEmployer, Name: w.Place, Country: w.Country})
		}
	}
	return list
}

// complete tells whether it is known whom to ask about what.
func (r Request) complete(k Kind) bool {
	w := r.Whom
	switch {
	case k.Link:
		return w.Name != "" && !w.From.IsZero() && (k.Party != doctor.PartyPerson || w.Country != "")
	case k.Party != "":
		return w.Name != ""
	}
	return true
}

// tags split and join the rungs.
func rungs(s string) []string { return strings.Fields(s) }
