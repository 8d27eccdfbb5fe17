// Package referral is how doctors are found: the routes, a charity's or
// network's referral and its desk, files of referrals, a doctor who comes by
// themself, and the invitation by which a doctor takes over their own record.
//
// Several referrals of one person stay apart and none learns of another. What
// the doctor agreed to share is consent's, the person is doctor's, where they
// stand is casefile's: a referrer sees a coarse answer of it, while the consent
// runs.
package referral

import (
	"slices"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/organisation"
)

// What can be done here; internal/app grants it to roles.
const (
	ActRefer    access.Action = "referral.refer"     // refer a doctor for an organisation
	ActDesk     access.Action = "referral.desk"      // see an organisation's referrals and their coarse answers
	ActWithdraw access.Action = "referral.withdraw"  // take a referral back
	ActRenew    access.Action = "referral.renew"     // say that the doctor agreed to go on sharing
	ActImport   access.Action = "referral.import"    // take in a file of referrals
	ActAgree    access.Action = "referral.agree"     // answer an organisation that asks to go on knowing
	ActSelf     access.Action = "referral.self"      // refer oneself
	ActTakeOver access.Action = "referral.take_over" // take over one's own record with a code
	ActStaff    access.Action = "referral.staff"     // see every referral of a doctor, and the state of the invitation
	ActInvite   access.Action = "referral.invite"    // invite, print a paper code, call first
	ActFollow   access.Action = "referral.follow"    // let a referral follow another record of the same person
	ActRoutes   access.Action = "referral.routes"    // change the list of routes
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActRefer, ActDesk, ActWithdraw, ActRenew, ActImport, ActAgree, ActSelf, ActTakeOver, ActStaff, ActInvite, ActFollow, ActRoutes}
}

// The work enqueued, with the ids doctor and invitation.
const JobInvite = "referral.invite"

// Kinds of task this package opens.
const (
	TaskDuplicate = "duplicate"        // caseworker: this may be someone we know
	TaskInvite    = "invite"           // caseworker: invite this doctor
	TaskCall      = "call_first"       // caseworker: call before anything is written
	TaskAgree     = "agree"            // doctor or caseworker: an organisation asks to go on knowing
	TaskWithdrawn = "referral_stopped" // caseworker: a referral was taken back
)

// The routes every programme begins with.
const (
	RouteNetwork  = "bma_network"
	RouteCharity  = "refugee_charity"
	RouteScheme   = "local_scheme"
	RouteEmployer = "employer"
	RouteSelf     = "self"
)

// Route is one way in which doctors are found. A retired one is kept for the
// figures and cannot be chosen.
type Route struct {
	Code, Title string
	Order       int
	Retired     bool
	Version     int // 0 = never changed by this programme
}

// FirstRoutes lists the routes a programme begins with.
func FirstRoutes() []Route {
	return []Route{
		{Code: RouteNetwork, Title: "BMA network", Order: 10},
		{Code: RouteCharity, Title: "Refugee charity", Order: 20},
		{Code: RouteScheme, Title: "Local scheme", Order: 30},
		{Code: RouteEmployer, Title: "Employer", Order: 40},
		{Code: RouteSelf, Title: "The doctor came by themself", Order: 50},
	}
}

// RouteOf is the usual route of an organisation of a kind.
func RouteOf(k organisation.Kind) string {
	switch k {
	case organisation.Network:
		return RouteNetwork
	case organisation.Charity:
		return RouteCharity
	case organisation.LocalScheme:
		return RouteScheme
	}
	return RouteEmployer
}

// How the doctor is to be reached first.
const (
	FirstUsual = ""      // by email or text where that is safe, else by a person
	FirstEmail = "email" // send the invitation by email
	FirstText  = "text"
	FirstPaper = "paper" // a caseworker hands over a paper code
	FirstCall  = "call"  // a caseworker calls before anything is written
	FirstNone  = "none"  // nobody is told; for imports of history by the operator
)

// NewReferral is what a referrer knows of a doctor and what the doctor agreed
// to share with them.
type NewReferral struct {
	Referrer string // organisation id; "" only from the operator, for a doctor nobody referred
	Route    string // "" = the usual one of the organisation
	Person   doctor.NewDoctor
	Country  string // of the medical qualification, two-letter ISO code, "" when not known
	Region   string // of England, "" when not known

	ConsentScope []string
	ConsentUntil clock.Date
	First        string

	On         clock.Date // zero = today; in the past only for the operator
	Doctor     string     // staff only: an earlier record of this very person
	Caseworker string     // staff only: account
	KnownNew   bool       // operator only: nobody alike can be here, so do not look
}

// Referral is one referral. Ref is the referrer's own reference and tells
// nothing of the doctor's.
type Referral struct {
	ID, Ref      string
	Doctor       string // the record made for it
	Person       string // the record it follows
	Organisation string
	Route        string
	On           clock.Date
	Account      string
	Consent      string // consent id
	AskScope     []string
	AskUntil     clock.Date
	WithdrawnOn  clock.Date
	Said         Said
	Version      int

	CaseRef string // filled in by Refer only: staff's reference of the case
}

// Said is the referrer's own text; it is stored sealed and never changed.
type Said struct {
	Given     string     `json:"given,omitempty"`
	Family    string     `json:"family,omitempty"`
	Native    string     `json:"native,omitempty"`
	Email     string     `json:"email,omitempty"`
	Mobile    string     `json:"mobile,omitempty"`
	BirthDate clock.Date `json:"birth_date"`
	Country   string     `json:"country,omitempty"`
	Languages []string   `json:"languages,omitempty"`
	Ways      []string   `json:"ways,omitempty"`
	Note      string     `json:"note,omitempty"`
	First     string     `json:"first,omitempty"`
}

// Name is the person as the referrer wrote them.
func (s Said) Name() string {
	return doctor.Details{Given: s.Given, Family: s.Family, Native: s.Native}.Shown()
}

// Answer is all a referrer learns of a referral on one day.
type Answer struct {
	Ref          string
	Name         string // "" once the agreement has ended
	Organisation string
	Route        string
	On           clock.Date
	Ended        bool            // the agreement with the doctor has ended
	Withdrawn    clock.Date      // the referrer took it back
	Coarse       casefile.Coarse // "" when the doctor did not agree to share progress
	Waits        string          // on whom, in words; "" for nobody
	Since        clock.Date
	Days         int

	CaseRef string // for staff only
}

// Group puts answers together for the tabs of the desk.
func (a Answer) Group() Group {
	switch {
	case a.Ended || !a.Withdrawn.IsZero():
		return GroupEnded
	case a.Coarse == casefile.CoarseInPost:
		return GroupInPost
	case a.Coarse == casefile.CoarseRegistered:
		return GroupRegistered
	case a.Coarse == casefile.CoarseClosed:
		return GroupClosed
	}
	return GroupWaiting
}

// Group is a tab of the desk.
type Group string

// The groups of the desk.
const (
	GroupWaiting    Group = "waiting"
	GroupInPost     Group = "in-post"
	GroupRegistered Group = "registered"
	GroupClosed     Group = "closed"
	GroupEnded      Group = "ended"
	GroupAll        Group = "all"
)

// Groups lists them in the order of the page.
func Groups() []Group {
	return []Group{GroupWaiting, GroupInPost, GroupRegistered, GroupClosed, GroupEnded, GroupAll}
}

// Known tells whether it is one of the groups.
func (g Group) Known() bool { return slices.Contains(Groups(), g) }

// Words names the group on its tab.
func (g Group) Words() string {
	switch g {
	case GroupInPost:
		return "In post"
	case GroupRegistered:
		return "Registered"
	case GroupClosed:
		return "Closed"
	case GroupEnded:
		return "Agreement ended"
	case GroupAll:
		return "All"
	}
	return "Waiting"
}

// Invitation is one invitation of a doctor to take over their record.
type Invitation struct {
	ID, Doctor, Way string
	Made            clock.Instant
	By              string // account
	Expires         clock.Date
	Sent, Used      clock.Instant
	Revoked         clock.Instant
	Version         int

	tenant, hash string
}

// Ways of an invitation.
const (
	ByEmail = "email"
	ByText  = "text"
	ByPaper = "paper"
	ByCall  = "call" // no code yet: a caseworker calls first
)

// Live tells whether the invitation can still be used on a day.
func (i Invitation) Live(today clock.Date) bool {
	return i.hash != "" && i.Used.IsZero() && i.Revoked.IsZero() && today <= i.Expires
}

// Words says how the invitation stands.
func (i Invitation) Words(today clock.Date) string {
	switch {
	case !i.Used.IsZero():
		return "Used on " + i.Used.Local().Long()
	case i.Way == ByCall && i.Revoked.IsZero():
		return "Waiting for a caseworker to call"
	case !i.Revoked.IsZero():
		return "Replaced or stopped on " + i.Revoked.Local().Long()
	case today > i.Expires:
		return "Ran out on " + i.Expires.Long()
	case i.Way == ByPaper:
		return "Printed, works until " + i.Expires.Long()
	case i.Sent.IsZero():
		return "About to be sent"
	}
	return "Sent on " + i.Sent.Local().Long() + ", works until " + i.Expires.Long()
}

// WayWords names a way on a page.
func (i Invitation) WayWords() string {
	switch i.Way {
	case ByEmail:
		return "Email"
	case ByText:
		return "Text message"
	case ByPaper:
		return "Paper code"
	}
	return "Call first"
}
