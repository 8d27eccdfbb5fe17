package casefile

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
)

// View is as whom an actor looks at a case; it decides which lines, codes and
// tasks they may know. access decides before it whether they see the case at all.
type View string

// The views.
const (
	ViewDoctor     View = "doctor"
	ViewTeam       View = "team" // caseworkers, assessors, national leads
	ViewRegion     View = "region"
	ViewEmployer   View = "employer"
	ViewSupervisor View = "supervisor"
)

// Views are all ways in which one actor looks at one case.
type Views struct {
	List          []View
	Account       string
	Organisations []string // for which the actor is an employer
	works         bool     // works on the case itself: caseworker, assessor, operator
	calls         bool     // looks after doctors: caseworker, operator
}

// ViewsOf tells as whom an actor looks at a case. A referrer has no view: they
// know only Coarse.
func ViewsOf(a access.Actor, c Case) Views {
	v := Views{Account: a.Account}
	if slices.Contains(a.Hidden, c.Doctor) || c.Tenant != a.Tenant {
		return v
	}
	if a.Doctor != "" && a.Doctor == c.Doctor {
		v.List = append(v.List, ViewDoctor)
	}
	if a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator) {
		v.List = append(v.List, ViewTeam)
		v.works = a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator)
		v.calls = a.HasAny(organisation.RoleCaseworker, organisation.RoleOperator)
	}
	if slices.Contains(a.Regions(organisation.RoleRegionalLead), c.Region) {
		v.List = append(v.List, ViewRegion)
	}
	for _, o := range a.Organisations(organisation.RoleEmployerHR) {
		if o == c.Organisation || slices.Contains(c.Organisations, o) {
			v.Organisations = append(v.Organisations, o)
		}
	}
	if len(v.Organisations) > 0 {
		v.List = append(v.List, ViewEmployer)
	}
	if a.Account != "" && slices.Contains(c.Supervisors, a.Account) && a.Has(organisation.RoleSupervisor) {
		v.List = append(v.List, ViewSupervisor)
	}
	return v
}

// Has tells whether one of the views is among them.
func (v Views) Has(views ...View) bool {
	return slices.ContainsFunc(views, func(w View) bool { return slices.Contains(v.List, w) })
}

// Full tells whether nothing of the journey is kept from the actor.
func (v Views) Full() bool { return v.Has(ViewDoctor, ViewTeam) }

// Stage is the stage as the views may know it: that someone can not be
// employed yet tells of their immigration status, so others read "not ready".
func (v Views) Stage(s Stage) Stage {
	if s == StageSupported && !v.Full() {
		return StageNotYet
	}
	return s
}

// Flags are the marks the views may know: an alarm is for the doctor, the
// programme team and the region, not for those it may be about.
func (v Views) Flags(f Flags) Flags {
	if !v.Has(ViewDoctor, ViewTeam, ViewRegion) {
		return f &^ FlagUrgent
	}
	return f
}

// See is the case as the views may know it.
func (v Views) See(c Case) Case {
	c.Stage, c.Flags = v.Stage(c.Stage), v.Flags(c.Flags)
	return c
}

// Line is a milestone as one reader sees it.
type Line struct {
	On           clock.Date
	Kind         Kind
	Words        string
	Code         string // "" where the reader may not know it
	Organisation string
}

// Timeline keeps of the milestones what the views may know, newest first.
func (v Views) Timeline(list []Milestone) []Line {
	var lines []Line
	for _, m := range list {
		if line, ok := v.line(m); ok {
			lines = append(lines, line)
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return int(b.On - a.On) })
	return lines
}

// line decides one line. What a view does not name here it does not see.
func (v Views) line(m Milestone) (Line, bool) {
	line := Line{On: m.On, Kind: m.Kind, Words: m.Kind.Words(), Code: m.Code, Organisation: m.Organisation}
	if v.Full() {
		return line, true
	}
	line.Code = ""
	if v.Has(ViewRegion) {
		if m.Kind == FoundSupported {
			line.Kind, line.Words = FoundNotYet, FoundNotYet.Words()
		}
		// Who referred a doctor can tell that they are a refugee.
		if m.Kind == Referred || m.Kind == Invited {
			line.Organisation = ""
		}
		return line, true
	}
	if v.Has(ViewEmployer) {
		switch m.Kind {
		case Proposed, Offered, OfferAccepted, OfferDeclined, OfferWithdrawn, ChecksComplete, Started:
			if slices.Contains(v.Organisations, m.Organisation) {
				return line, true
			}
		case Ended:
			if slices.Contains(v.Organisations, m.Organisation) {
				line.Code = m.Code // the employer gave that reason
				return line, true
			}
		case Registered:
			return line, true
		}
	}
	if v.Has(ViewSupervisor) {
		switch m.Kind {
		case Started, Ended, Registered:
			line.Organisation = ""
			return line, true
		}
	}
	return Line{}, false
}

// Tasks keeps of the open tasks what the views may know.
func (v Views) Tasks(list []Task) []Task {
	var seen []Task
	for _, t := range list {
		if v.task(t) {
			seen = append(seen, t)
		}
	}
	return seen
}

func (v Views) task(t Task) bool {
	switch {
	case t.Kind == TaskCheckIn:
		return v.Has(ViewDoctor)
	case t.Kind == TaskCall:
		return t.Owner != "" && t.Owner == v.Account || t.Owner == "" && v.calls
	case t.Kind == TaskRoad && !v.works:
		return t.Party == PartyDoctor && v.Has(ViewDoctor)
	case v.Has(ViewTeam), v.Account != "" && t.Owner == v.Account:
		return true
	case t.Party == PartyDoctor:
		return v.Has(ViewDoctor)
	case t.Party == PartyEmployer:
		return slices.Contains(v.Organisations, t.Owner)
	case t.Party == PartySupervisor:
		return v.Has(ViewSupervisor) && t.Owner == ""
	case t.Party == PartyProgramme:
		return v.Has(ViewRegion)
	}
	return false
}

// Threads keeps of the threads those whose stated readership has the actor.
func (v Views) Threads(list []Thread) []Thread {
	var seen []Thread
	for _, t := range list {
		if v.thread(t) {
			seen = append(seen, t)
		}
	}
	return seen
}

func (v Views) thread(t Thread) bool {
	switch {
	case v.Full():
		return true
	case t.Readers == ReadersEmployer:
		return slices.Contains(v.Organisations, t.Organisation)
	case t.Readers == ReadersSupervisor:
		return v.Has(ViewSupervisor)
	}
	return false
}

// writes tells as which party the actor writes in a thread or starts one.
func (v Views) writes() Party {
	switch {
	case v.Has(ViewDoctor):
		return PartyDoctor
	case v.Has(ViewTeam):
		return PartyCaseworker
	case v.Has(ViewEmployer):
		return PartyEmployer
	case v.Has(ViewSupervisor):
		return PartySupervisor
	}
	return PartyNobody
}

// CoarseView is all that a referrer with a running consent may know.
type CoarseView struct {
	Answer Coarse
	On     string     // whom one waits for, in words; "" when for nobody
	Since  clock.Date // since when
}

// Coarse folds the case into what a referrer may know. A pause, a hold and who
// of the programme has the turn stay unsaid.
func (c Case) Coarse() CoarseView {
	v := CoarseView{Answer: c.Stage.Coarse(), Since: c.Since}
	switch c.Turn {
	case PartyNobody:
	case PartyDoctor:
		v.On = PartyDoctor.Words()
	case PartyEmployer, PartySupervisor:
		v.On = PartyEmployer.Words()
	case PartyReferrer:
		v.On = "you"
	default:
		v.On = PartyProgramme.Words()
	}
	if v.Answer == CoarseInPost || v.Answer == CoarseRegistered || v.Answer == CoarseClosed {
		v.On = ""
	}
	return v
}

// codeWords are the coded reasons this package itself offers.
func codeWords(code string) string {
	for _, list := range [][]Reason{PauseReasons(), HoldReasons(), CloseReasons()} {
		for _, r := range list {
			if r.Code == code {
				return r.Words
			}
		}
	}
	return sentence(strings.ReplaceAll(code, "-", "_"))
}

// Reason is a coded reason with its words.
type Reason struct{ Code, Words string }

// PauseReasons are what a doctor may give; none must be given.
func PauseReasons() []Reason {
	return []Reason{{"not_said", "I would rather not say"}, {"study", "Time to study"}, {"family", "Family"},
		{"away", "I am away"}, {"rest", "I need a break"}}
}

// HoldReasons are why a case waits for something outside.
func HoldReasons() []Reason {
	return []Reason{{"evidence", "Waiting for evidence from another body"}, {"gmc_answer", "Waiting for the GMC"},
		{"public_body", "Waiting for a decision by a public body"}, {"employer_answer", "Waiting for an employer"},
		{"programme_closed", "The programme is not taking decisions now"}, {"other", "Another reason"}}
}

// CloseReasons are why staff close a case.
func CloseReasons() []Reason {
	return []Reason{{"asked_to_stop", "The doctor asked to stop"}, {"no_contact", "We could not reach the doctor"},
		{"duplicate", "The doctor has another case"}, {"opened_in_error", "Opened by mistake"}, {"other", "Another reason"}}
}

func knownReason(list []Reason, code string) bool {
	return slices.ContainsFunc(list, func(r Reason) bool { return r.Code == code })
}
