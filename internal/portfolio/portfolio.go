// Package portfolio is the doctor's own evidence of competence: what they did
// and who saw it, the sign-off by somebody without an account, feedback from
// colleagues, reports of supervisors, and the passport they carry away.
//
// It holds no scope of practice: what a sign-off lets somebody do is decided in
// placement, which is told of it. It holds no fact: what the passport says is
// read from fact and onboarding, and what a passport of elsewhere says becomes
// a fact only when a person accepts it.
package portfolio

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
)

// What can be done with portfolios.
const (
	ActOwn      access.Action = "portfolio.own"       // keep one's own portfolio
	ActSee      access.Action = "portfolio.see"       // read what a doctor shared
	ActSignOffs access.Action = "portfolio.sign_offs" // read sign-offs and training only
	ActAssess   access.Action = "portfolio.assess"    // sign by a link or code, without an account
	ActPassport access.Action = "portfolio.passport"  // one's own passport
	ActCheck    access.Action = "portfolio.check"     // ask whether a passport is valid
	ActKeys     access.Action = "portfolio.keys"      // make a new signing key
	ActVouch    access.Action = "portfolio.vouch"     // say for the host who an assessor is
	ActExport   access.Action = "portfolio.export"    // take a whole portfolio along
	ActImport   access.Action = "portfolio.import"    // take in a portfolio from elsewhere
	ActTakeIn   access.Action = "portfolio.take_in"   // take in a passport a doctor hands over
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActOwn, ActSee, ActSignOffs, ActAssess, ActVouch, ActPassport, ActCheck, ActKeys, ActExport, ActImport, ActFeedback, ActRate, ActFeedbackRead, ActReports, ActReport, ActBody, ActTakeIn}
}

// Kind is what sort of evidence an item is. The list is recalled (domain 4.1).
type Kind string

// The kinds of evidence.
const (
	MiniCEX    Kind = "mini_cex"
	DOPS       Kind = "dops"
	CBD        Kind = "cbd"
	Procedure  Kind = "procedure"
	Reflection Kind = "reflection"
	Course     Kind = "course"
	Training   Kind = "training"
	Audit      Kind = "audit"
	Teaching   Kind = "teaching"
	Compliment Kind = "compliment"
	Colleagues Kind = "colleagues" // made of a round of feedback
	ReportItem Kind = "report"     // made of a supervisor's report
	English    Kind = "english"    // made of a structured English reference
)

// Made tells whether items of a kind are made of something else, and not written
// by the doctor. Such an item has the id of what it was made of.
func (k Kind) Made() bool { return k == Colleagues || k == ReportItem || k == English }

// KindWords describes a kind for its page.
type KindWords struct {
	Kind        Kind
	Title, Hint string
	Signed      bool // somebody else signs it
	Private     bool // not seen by others until the doctor shares it
}

// Kinds lists the kinds in the order they are offered.
func Kinds() []KindWords {
	return []KindWords{
		{DOPS, "Procedure observed (DOPS)", "Somebody watched you do a procedure.", true, false},
		{MiniCEX, "Clinical work observed (mini-CEX)", "Somebody watched you with a patient.", true, false},
		{CBD, "Case discussed (CbD)", "You talked through a patient's care with a senior.", true, false},
		{Procedure, "Procedure for my logbook", "One you did or helped with. Nobody has to sign it.", false, false},
		{Reflection, "Reflection", "What you learnt. Private until you share it.", false, true},
		{Training, "Mandatory training", "Such as fire safety. We work out when it is due again.", false, false},
		{Course, "Course", "Any other course you finished.", false, false},
		{Audit, "Audit or quality improvement", "What you measured and what became better.", false, false},
		{Teaching, "Teaching", "What you taught, and to whom.", false, false},
		{Compliment, "Compliment", "Kind words from a patient or colleague.", false, false},
		{Colleagues, "Feedback from colleagues", "What several colleagues said, none of them by name.", false, true},
		{ReportItem, "Supervisor's report", "Written and signed by your supervisor.", false, false},
		{English, "English reference", "Written and signed by your supervisor, for the GMC.", false, false},
	}
}

// WordsOf gives the words of a kind; false for one that is not known.
func WordsOf(k Kind) (KindWords, bool) {
	all := Kinds()
	i := slices.IndexFunc(all, func(w KindWords) bool { return w.Kind == k })
	if i < 0 {
		return KindWords{}, false
	}
	return all[i], true
}

// State is how far an item is.
type State string

// The states of an item.
const (
	Draft    State = "draft"    // begun, only the doctor's
	Asked    State = "asked"    // waits for an assessor
	Signed   State = "signed"   // an assessor signed; the host has not said who they are
	Vouched  State = "vouched"  // signed, and the host vouches for the assessor
	Declined State = "declined" // the assessor would not sign
	Refused  State = "refused"  // the host does not know the assessor
	Kept     State = "kept"     // complete, needs nobody's signature

	Elsewhere State = "elsewhere" // a file says it was signed elsewhere; nobody here could check it
)

// Words names a state.
func (s State) Words() string {
	return map[State]string{Draft: "Draft", Asked: "Waiting for signature", Signed: "Signed, assessor not confirmed yet", Vouched: "Signed",
		Declined: "Not signed", Refused: "Not counted", Kept: "Saved", Elsewhere: "Signed elsewhere, not checked here"}[s]
}

// Counts tells whether an item is evidence at all.
func (s State) Counts() bool { return s == Vouched || s == Kept }

// Level is how closely somebody was supervised in a task; the same numbers as
// on the scope card. There is no fourth.
type Level int

// Words names a level.
func (l Level) Words() string {
	switch l {
	case 1:
		return "Observe only"
	case 2:
		return "Do it with the supervisor in the room"
	case 3:
		return "Do it with the supervisor on site"
	}
	return ""
}

// Tag points to one heading of one version of a framework: "ukfp/2021/fpc1".
type Tag string

// Story is what an item says; sealed as a whole.
type Story struct {
	Title   string `json:"title"`             // what it was, in a few words
	What    string `json:"what,omitempty"`    // what was done
	Learnt  string `json:"learnt,omitempty"`  // what was learnt, what next
	Where   string `json:"where,omitempty"`   // ward, clinic
	Subject string `json:"subject,omitempty"` // of mandatory training
}

// Signature is what an assessor said; sealed with the item.
type Signature struct {
	Name     string        `json:"name"`
	Role     string        `json:"role"` // coded, see Roles
	GMC      string        `json:"gmc"`  // seven digits, as text
	Email    string        `json:"email,omitempty"`
	Well     string        `json:"well,omitempty"`   // what went well
	Better   string        `json:"better,omitempty"` // what to work on
	Reason   string        `json:"reason,omitempty"` // why it was not signed
	Changed  []string      `json:"changed,omitempty"`
	NoTask   []string      `json:"no_task,omitempty"` // why it opens no task on the scope card
	At       clock.Instant `json:"at"`
	Flags    []string      `json:"flags,omitempty"` // what a host must look at
	VouchBy  string        `json:"vouch_by,omitempty"`
	VouchOn  clock.Date    `json:"vouch_on"`
	VouchSay string        `json:"vouch_say,omitempty"`
}

// Item is one piece of evidence.
type Item struct {
	ID        string
	Version   int
	Doctor    string
	Kind      Kind
	On        clock.Date
	State     State
	Shared    bool
	Placement string // where the doctor was in post on that day, "" for nowhere
	Host      string
	Task      string // of the host's list, where a sign-off lets one do it
	Level     Level  // asked for, or given once signed
	Until     clock.Date
	Tags      []Tag
	SignedOn  clock.Date
	Role      string // of who signed, coded
	Recorded  clock.Instant

	Story
	Signature *Signature
	Source    string  // the event it is the certificate of, "" for what the doctor wrote
	Origin    *Origin // nil for what was written here
}

// Resource is the item as access sees it, in the case it belongs to.
func (i Item) Resource(of access.Resource) access.Resource {
	of.Kind, of.ID = "portfolio item", i.ID
	return of
}

// Due is the last day training counts, or no day.
func (i Item) Due(today clock.Date) (day clock.Date, over bool) {
	return i.Until, !i.Until.IsZero() && i.Until < today
}

// Role of an assessor.
type Role struct {
	Code, Words string
	Senior      bool // may be a CREST signatory: consultant or equivalent
}

// Roles lists who may sign. Senior follows domain 4.2; the rest is ours.
func Roles() []Role {
	return []Role{
		{"consultant", "Consultant", true},
		{"gp", "GP", true},
		{"specialist", "Specialty doctor or specialist", false},
		{"registrar", "Registrar", false},
		{"foundation", "Foundation doctor", false},
		{"nurse", "Nurse, midwife or practitioner", false},
		{"other", "Another health professional", false},
	}
}

// RoleWords names a role.
func RoleWords(code string) string {
	for _, r := range Roles() {
		if r.Code == code {
			return r.Words
		}
	}
	return strings.ReplaceAll(code, "_", " ")
}

// rolesOfMany stands for everybody who gave feedback: none of them by name, and
// none a signatory.
const rolesOfMany = "Colleagues"

// Senior tells whether a role can be a CREST signatory.
func Senior(code string) bool {
	return slices.ContainsFunc(Roles(), func(r Role) bool { return r.Code == code && r.Senior })
}

// NeedsGMC tells whether somebody of a role has a GMC number.
func NeedsGMC(code string) bool { return code != "nurse" && code != "other" }

// GMCNumber brings a number as typed into its one form: seven digits as text.
// No check digit is known (domain 7.6, recalled), so that only the form is held.
func GMCNumber(s string) (string, bool) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	s = strings.TrimPrefix(s, "C")
	if len(s) != 7 || strings.Trim(s, "0123456789") != "" || s == "0000000" {
		return "", false
	}
	return s, true
}
