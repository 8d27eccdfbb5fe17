// Package registration is the road to the GMC's register and what stands on it
// in the end: exams and other steps as they are recorded, the entry in the
// register as two people read it, the first doctor post, and who left.
//
// It keeps no fact of its own: steps and the registration are facts, read by
// rules. It does not say what the GMC will decide; what a doctor still needs for
// registration belongs to a later station of this folder.
package registration

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/placement"
)

// What can be done on the road to registration.
const (
	ActSee     access.Action = "registration.see"       // the page of one doctor's road
	ActStep    access.Action = "registration.step"      // add exams, tests and other steps
	ActPropose access.Action = "registration.propose"   // write down what the register says, as first reader
	ActConfirm access.Action = "registration.confirm"   // read it a second time: confirm or dispute
	ActTell    access.Action = "registration.tell_post" // say where the first doctor post is
	ActPost    access.Action = "registration.post"      // record it
	ActLeave   access.Action = "registration.leave"     // record that somebody left, or that nobody knows

	ActLadder   access.Action = "registration.ladder"   // the ladder of one doctor, as far as the role may know it
	ActWorking  access.Action = "registration.working"  // how the rules came to it, with what may move it
	ActLapses   access.Action = "registration.lapses"   // the board of what runs out
	ActCalendar access.Action = "registration.calendar" // one's own calendar address
	ActFeed     access.Action = "registration.feed"     // the feed behind such an address
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActSee, ActStep, ActPropose, ActConfirm, ActTell, ActPost, ActLeave, ActImport, ActDifferences, ActSettle,
		ActLadder, ActWorking, ActLapses, ActCalendar, ActFeed}
}

// Kind is the kind of registration (confirmed, domain 2.0).
type Kind string

// The kinds of registration. None is a stated answer: a reference number alone,
// which shows no registration.
const (
	None        Kind = "none"
	Provisional Kind = "provisional"
	Full        Kind = "full"
	GP          Kind = "gp"
	Specialist  Kind = "specialist"
)

// Kinds lists those that the register knows.
func Kinds() []Kind { return []Kind{Provisional, Full, GP, Specialist} }

// Words is the kind as a person reads it.
func (k Kind) Words() string {
	switch k {
	case None:
		return "Not on the register"
	case Provisional:
		return "Provisional registration"
	case Full:
		return "Full registration"
	case GP:
		return "Full registration and on the GP register"
	case Specialist:
		return "Full registration and on the specialist register"
	}
	return ""
}

// Answer is a stated yes or no; an empty one was not answered.
type Answer string

// The answers.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// State is how far an outcome has come.
type State string

// The states of an outcome.
const (
	Proposed   State = "proposed"   // one person read the register
	Confirmed  State = "confirmed"  // a second person read the same
	Disputed   State = "disputed"   // it was not right; the register must be read again
	Superseded State = "superseded" // a newer one is confirmed
)

// Reading is what one person read in the register on one day. Registration and
// licence are two things, and both are needed to practise (confirmed, 2.0).
type Reading struct {
	Number     string
	Kind       Kind
	Licence    Answer     // holds a licence to practise
	APS        Answer     // must work in an approved practice setting
	Registered clock.Date // the day registration of this kind began
	ReadOn     clock.Date // none means today
}

// Outcome is an entry in the register as msw knows it.
type Outcome struct {
	ID, Doctor      string
	Version         int
	State           State
	Reading                // the first reader's
	First, Second   string // accounts
	SecondReadOn    clock.Date
	Objection, Fact string
	token           string
}

// outcomeSource names the registration in milestones: a doctor registers once,
// whatever changes in the entry later.
const outcomeSource = "registration:outcome"

// Source names the outcome in facts and tasks.
func (o Outcome) Source() string { return "registration:" + o.ID }

// Coded is a code with its words.
type Coded struct{ Code, Words string }

func words(list []Coded, code string) string {
	for _, c := range list {
		if c.Code == code {
			return c.Words
		}
	}
	return strings.ReplaceAll(code, "_", " ")
}

func known(list []Coded, code string) bool {
	return slices.ContainsFunc(list, func(c Coded) bool { return c.Code == code })
}

// Objections are why an outcome is disputed.
func Objections() []Coded {
	return []Coded{{"different_entry", "The register shows something else"}, {"other_person", "It is the entry of another person"},
		{"not_found", "The register has no such entry"}, {"other", "Another reason"}}
}

// The titles of a first doctor post.
const (
	TitleLocallyEmployed = "locally_employed_doctor"
	TitleClinicalFellow  = "clinical_fellow"
	TitleFoundation      = "foundation"
	TitleGPTraining      = "gp_training"
	TitleOther           = "other"
)

// Titles lists them as pages show them.
func Titles() []Coded {
	return []Coded{{TitleLocallyEmployed, "Locally employed doctor"}, {TitleClinicalFellow, "Clinical fellow"},
		{TitleFoundation, "Foundation doctor"}, {TitleGPTraining, "Doctor in GP training"}, {TitleOther, "Another doctor post"}}
}

// DoctorPost is the first post as a doctor: an event of its own, later than
// registration. Employer is an organisation's id; where there is none, as
// abroad, EmployerName says who.
type DoctorPost struct {
	Doctor, Employer, EmployerName, Title string
	On                                    clock.Date // first day
	Version                               int        // 0 = whichever stands
	State                                 string     // PostTold or PostRecorded; set by the service
}

// The states of a doctor post.
const (
	PostTold     = "told"     // by the doctor; the team has not looked at it yet
	PostRecorded = "recorded" // counted
)

// postSource names the doctor post in milestones and tasks; a doctor has one.
const postSource = "registration:post"

// LeavingReasons are why somebody leaves the programme: the reasons for the end
// of a post, one list for both, less success and less what nobody knows.
func LeavingReasons() []Coded {
	var list []Coded
	for _, c := range placement.EndCodes() {
		if c.Code != "registered_and_hired" && c.Code != placement.CodeUnknown && c.Code != placement.CodeTransferred {
			list = append(list, Coded{c.Code, c.Words})
		}
	}
	return list
}

// Leaving says that somebody left, for a coded reason, or that nobody knows
// what became of them (no code).
type Leaving struct {
	Doctor string
	On     clock.Date // none means today
	Code   string
}

const leavingSource = "registration:leaving"

// The kinds of task this package opens.
const (
	TaskConfirm  = "confirm_registration"
	TaskReread   = "read_register_again"
	TaskPost     = "doctor_post"
	TaskTold     = "check_doctor_post"
	stepFactKind = "registration_step"
)
