// Package onboarding brings an eligible doctor and an open post together: the
// team proposes, the employer offers, the doctor answers, and the employer
// ticks off the employment checks before the start.
//
// It decides nothing about eligibility (it asks again, at the offer) and does
// not keep people in post: that is placement. It copies no document: evidence
// of the right to work stays with the employer.
package onboarding

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/post"
)

// What can be done with offers.
const (
	ActSee      access.Action = "offer.see"      // lists and pages of offers
	ActPropose  access.Action = "offer.propose"  // put a doctor forward for a post
	ActOffer    access.Action = "offer.make"     // the employer offers
	ActAnswer   access.Action = "offer.answer"   // the doctor accepts or declines
	ActWithdraw access.Action = "offer.withdraw" // end a proposal, or ask for an offer's end
	ActSecond   access.Action = "offer.second"   // be the second person of a withdrawal
	ActSeeCheck access.Action = "check.see"      // outcome and dates of the checks
	ActTick     access.Action = "check.tick"     // tick off the checks
	ActEvidence access.Action = "check.evidence" // the employer's notes on the evidence
	ActReply    access.Action = "check.reply"    // the doctor says what is sent, lost or safe to ask for
	ActBoard    access.Action = "check.board"    // all checks under way, and how long they take
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActSee, ActPropose, ActOffer, ActAnswer, ActWithdraw, ActSecond, ActSeeCheck, ActTick, ActEvidence, ActReply, ActBoard, ActRecruit, ActScore, ActApply}
}

// State is how far a proposal or offer has come.
type State string

// The states.
const (
	Proposed  State = "proposed"
	Offered   State = "offered"
	Held      State = "held"     // the doctor keeps it and hopes for a better one
	Accepted  State = "accepted" // employment checks under way
	Checked   State = "checked"  // all checks done
	Started   State = "started"
	Declined  State = "declined"
	Withdrawn State = "withdrawn"
	Lapsed    State = "lapsed" // no answer came
)

// States lists them in the order of the road.
func States() []State {
	return []State{Proposed, Offered, Held, Accepted, Checked, Started, Declined, Withdrawn, Lapsed}
}

// Words is the state as a person reads it.
func (s State) Words() string {
	switch s {
	case Proposed:
		return "Proposed to the employer"
	case Offered:
		return "Offered, waiting for an answer"
	case Held:
		return "Held by the doctor"
	case Accepted:
		return "Accepted, checks under way"
	case Checked:
		return "Checks complete"
	case Started:
		return "Started"
	case Declined:
		return "Turned down"
	case Withdrawn:
		return "Withdrawn"
	case Lapsed:
		return "Ended, no answer came"
	}
	return ""
}

// Live tells whether the offer may still lead to a start.
func (s State) Live() bool { return s == Proposed || s.Open() || s == Accepted || s == Checked }

// Open tells whether the doctor can answer.
func (s State) Open() bool { return s == Offered || s == Held }

// Reason is a coded reason with its words.
type Reason struct{ Code, Words string }

// DeclineReasons are why a doctor may turn an offer down; nobody has to give one.
func DeclineReasons() []Reason {
	return []Reason{
		{"another_post", "I took another post"},
		{"place", "The place is too far or does not suit me"},
		{"pay", "The pay"},
		{"hours", "The hours"},
		{"dates", "The dates"},
		{"not_ready", "I am not ready yet"},
		{"family_or_health", "Family or health"},
		{"not_said", "I do not want to say"},
	}
}

// WithdrawReasons are why a proposal or offer may be ended by the programme or
// the employer.
func WithdrawReasons() []Reason {
	return []Reason{
		{"no_longer_eligible", "No longer eligible for the programme"},
		{"checks_not_met", "Employment checks could not be completed"},
		{"post_gone", "The post is no longer there"},
		{"post_taken", "The post went to someone else"},
		{"another_post", "The doctor took another post"},
		{"no_answer", "No answer in time"},
		{"doctor_withdrew", "The doctor no longer wants it"},
		{"not_chosen", "The employer did not make an offer"},
		{"mistake", "Made by mistake"},
	}
}

// ReasonWords is the reason as a person reads it; a code no longer listed is
// shown as it stands.
func ReasonWords(code string) string {
	for _, r := range append(DeclineReasons(), WithdrawReasons()...) {
		if r.Code == code {
			return r.Words
		}
	}
	return sentence(code)
}

func sentence(code string) string {
	s := strings.ReplaceAll(code, "_", " ")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func knownReason(list []Reason, code string) bool {
	return slices.ContainsFunc(list, func(r Reason) bool { return r.Code == code })
}

// Terms are what is offered: the post as it stood when the offer was made.
type Terms struct {
	post.Details
	WholeTime int // thousandths
}

// Offer is one doctor put forward for one post, from the proposal to the start.
type Offer struct {
	ID             string
	Version        int
	State          State
	Doctor, Post   string
	Employer, Host string
	Region         string
	Clinical       string
	ProposedOn     clock.Date
	OfferedOn      clock.Date
	ReplyBy        clock.Date // by when the doctor is asked to answer
	AnsweredOn     clock.Date
	CheckedOn      clock.Date
	StartedOn      clock.Date
	WithdrawnOn    clock.Date
	Reason         string // code
	Rule           string // version of the eligibility rules asked at the offer
	Checks         []string
	Terms          Terms // empty before the offer
	Since          clock.Date
	HeldOn         clock.Date
	Conditions     []Condition
	Reminded       []string // rungs of the ladder that were taken
	Ask            Asked    // a withdrawal that waits for a second person
}

// ConditionState is how a condition of an offer stands.
type ConditionState string

// The states of a condition. Anything but met keeps the start away.
const (
	Pending ConditionState = "pending"
	Met     ConditionState = "met"
	NotMet  ConditionState = "not_met"
)

// Words is the state as a person reads it.
func (s ConditionState) Words() string {
	switch s {
	case Met:
		return "Met"
	case NotMet:
		return "Not met"
	}
	return "Waiting"
}

// Condition is one thing an offer depends on, by its code in the rules.
type Condition struct {
	Code  string
	State ConditionState
	On    clock.Date // since when it is met or not met
}

// Asked is who asked for an offer's end, why and when; By is an account.
type Asked struct {
	Reason, By string
	On         clock.Date
}

// Source names the offer in milestones and tasks.
func (o Offer) Source() string { return "offer:" + o.ID }

// resourceFor is Resource, or EmployerResource for what only the employer of
// record does.
func (o Offer) resourceFor(act access.Action, tenant string) access.Resource {
	switch act {
	case ActOffer, ActWithdraw, ActTick, ActEvidence:
		return o.EmployerResource(tenant)
	}
	return o.Resource(tenant)
}

// EmployerResource is the offer for what is the employer's of record alone: the
// place of work may look, but does not employ.
func (o Offer) EmployerResource(tenant string) access.Resource {
	r := o.Resource(tenant)
	r.Organisations = []string{o.Employer}
	return r
}

// Resource is the offer as access sees it.
func (o Offer) Resource(tenant string) access.Resource {
	r := access.Resource{Kind: "offer", ID: o.ID, Tenant: tenant, Doctor: o.Doctor, Organisations: []string{o.Employer, o.Host}}
	if o.Region != "" {
		r.Regions = []string{o.Region}
	}
	if o.Clinical != "" {
		r.Supervisors = []string{o.Clinical}
	}
	return r
}
