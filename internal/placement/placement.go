// Package placement keeps people in post: the start, who supervises, every
// change with its date, and the end with its reason.
//
// It holds no money (funding reads its spells) and no evidence of competence.
// A placement elsewhere is answered yes or no, and nothing else is told.
package placement

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/post"
)

// What can be done with placements.
const (
	ActSee      access.Action = "placement.see"       // lists and pages of people in post
	ActPay      access.Action = "placement.pay"       // what somebody is paid
	ActStart    access.Action = "placement.start"     // record a start
	ActChange   access.Action = "placement.change"    // hours, site, supervisor, dates
	ActEnd      access.Action = "placement.end"       // record an end
	ActFollowUp access.Action = "placement.follow_up" // say that somebody left, or that nobody knows
	ActMatch    access.Action = "placement.match"     // ask whether there was a placement elsewhere
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return append([]access.Action{ActSee, ActPay, ActStart, ActChange, ActEnd, ActFollowUp, ActMatch, ActCard, ActLevels, ActSign, ActVouch, ActCode,
		ActMeet, ActAgree, ActCover, ActWorry, ActConcern, ActTeam, ActRoll, ActRollSign}, endActions()...)
}

// Heading stands above a person in post wherever what they may do is shown.
const Heading = "Medical Support Worker, not registered with the GMC"

// EndCode is a coded reason for an end. The list is a proposal (derived, domain
// 5.3): no source publishes one.
type EndCode struct {
	Code, Words string
	Leaves      bool // usually means that the person leaves the programme
}

// EndCodes lists the reasons for an end.
func EndCodes() []EndCode {
	return []EndCode{
		{"registered_and_hired", "Registered and hired as a doctor", false},
		{"moved_to_other_nhs_role", "Moved to another role in the NHS, not as a doctor", true},
		{"moved_country", "Moved to another country", true},
		{"exams_exhausted", "No exam attempts left", true},
		{"family_or_health", "Family or health", true},
		{"right_to_work_ended", "Right to work ended", true},
		{"contract_ended_unfunded", "Contract ended, no more funding", false},
		{"conduct_or_capability", "Conduct or capability", true},
		{CodeTransferred, "Moved to another host of the programme", false},
		{CodeUnknown, "Not known", false},
	}
}

// CodeUnknown is the reason nobody knows: it stays unknown until somebody does.
const CodeUnknown = "unknown"

// EndWords is the reason as a person reads it.
func EndWords(code string) string {
	for _, c := range EndCodes() {
		if c.Code == code {
			return c.Words
		}
	}
	return strings.ReplaceAll(code, "_", " ")
}

func knownEnd(code string) bool {
	return slices.ContainsFunc(EndCodes(), func(c EndCode) bool { return c.Code == code })
}

// Terms are what may change during a placement.
type Terms struct {
	Host, Region          string
	MinutesWeek           int
	WholeTime             int // thousandths of full time
	Pay                   post.Pay
	Clinical, Educational string // accounts
	ContractEnd           clock.Date
	FundedUntil           clock.Date
}

// Spell is a time of unchanged terms within one placement. To is the last day,
// included; none while it runs.
type Spell struct {
	Placement, Doctor, Post, Employer, Phase string
	Setting                                  post.Setting
	Number                                   int
	From, To                                 clock.Date
	Terms
	Changed    string // what changed from the one before, as codes with spaces; "" for the first
	By         string // account
	RecordedAt clock.Instant
}

// Placement is one person in one post.
type Placement struct {
	ID                     string
	Version                int
	Doctor, Post, Offer    string
	Employer, Host, Region string
	Phase                  string
	Setting                post.Setting
	Specialty              string
	Clinical, Educational  string
	StartedOn, EndedOn     clock.Date // EndedOn is the last day in post
	EndCode                string
	Fact                   string     // the fact that says so to the rules
	Rule                   string     // version of the rules asked at the start
	Spell                  int        // number of the latest
	ClosedOn               clock.Date // from then on the employer of record alone still sees it
}

// Source names the placement in milestones and facts.
func (p Placement) Source() string { return "placement:" + p.ID }

// resourceFor is Resource, without the place of work where only the employer of
// record acts: it changes, ends and pays.
func (p Placement) resourceFor(act access.Action, tenant string) access.Resource {
	r := p.Resource(tenant)
	switch act {
	case ActChange, ActEnd, ActPay, ActCertify, ActCertificate:
		r.Organisations = []string{p.Employer}
	}
	return r
}

// Resource is the placement as access sees it.
func (p Placement) Resource(tenant string) access.Resource {
	r := access.Resource{Kind: "placement", ID: p.ID, Tenant: tenant, Doctor: p.Doctor, Organisations: []string{p.Employer, p.Host}}
	if p.Region != "" {
		r.Regions = []string{p.Region}
	}
	if !p.ClosedOn.IsZero() {
		r.Organisations = []string{p.Employer}
		return r
	}
	for _, account := range []string{p.Clinical, p.Educational} {
		if account != "" {
			r.Supervisors = append(r.Supervisors, account)
		}
	}
	return r
}
