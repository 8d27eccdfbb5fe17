// Package consent is who may know what of a doctor, and for how long: what the
// doctor agreed to share with an organisation, withdrawal that counts at once,
// from whom the doctor hides, and what the doctor declared. It also has the
// doctor's own page.
//
// Consent to a published story is newsroom's. What a role may see without
// consent is access's and fact's.
package consent

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/problem"
)

// What can be done here; internal/app grants it to roles.
const (
	ActGive     access.Action = "consent.give"     // record what the doctor agreed to share
	ActWithdraw access.Action = "consent.withdraw" // take it back
	ActRead     access.Action = "consent.read"     // see what a doctor agreed to
	ActHide     access.Action = "consent.hide"     // hide from a person, organisation or place
	ActDeclare  access.Action = "consent.declare"  // make the declarations of the application
	ActSelf     access.Action = "consent.self"     // the doctor's own page
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActGive, ActWithdraw, ActRead, ActHide, ActDeclare, ActSelf}
}

// Scopes of what can be shared with an organisation. ScopeProgress is the
// coarse answer (received, being checked, in post …) and how long they waited.
const (
	ScopeProgress    = "progress"
	ScopeContact     = "contact"
	ScopeApplication = fact.ShareApplication
	ScopeExams       = fact.ShareExams
	ScopeImmigration = fact.ShareImmigration
)

// Scopes lists them in the order forms offer them.
func Scopes() []string {
	return []string{ScopeProgress, ScopeContact, ScopeApplication, ScopeExams, ScopeImmigration}
}

// ScopeWords says to the doctor what a scope shares.
func ScopeWords(scope string) string {
	switch scope {
	case ScopeProgress:
		return "How far you are, in a few words, and how long you have waited"
	case ScopeContact:
		return "Your name and how to reach you"
	case ScopeApplication:
		return "Your qualification and experience"
	case ScopeExams:
		return "Your exams and English tests, with results"
	case ScopeImmigration:
		return "Your right to work"
	}
	return scope
}

// Consent is what one doctor agreed that one organisation may know.
type Consent struct {
	ID           string        `json:"id"`
	Doctor       string        `json:"-"`
	Organisation string        `json:"organisation"`
	Scope        []string      `json:"scope"`
	GivenOn      clock.Date    `json:"given_on"`
	Until        clock.Date    `json:"until"` // last day, none for no end
	Source       string        `json:"source,omitempty"`
	RecordedAt   clock.Instant `json:"recorded_at"`
	WithdrawnOn  clock.Date    `json:"withdrawn_on"`
	Version      int           `json:"-"`
}

// Live tells whether the consent holds on a day.
func (c Consent) Live(on clock.Date) bool {
	return c.WithdrawnOn.IsZero() && c.GivenOn <= on && (c.Until.IsZero() || on <= c.Until)
}

// Covers tells whether the consent shares a scope.
func (c Consent) Covers(scope string) bool { return slices.Contains(c.Scope, scope) }

func (c Consent) check() error {
	var p problem.Check
	p.That(c.Doctor != "", "doctor", "Say who gave the consent")
	p.That(c.Organisation != "", "organisation", "Say which organisation may know")
	p.That(len(c.Scope) > 0, "scope", "Choose what may be shared")
	for _, s := range c.Scope {
		p.That(slices.Contains(Scopes(), s), "scope", "There is no scope called "+s)
	}
	p.That(c.Until.IsZero() || c.Until >= c.GivenOn, "until", "The last day must not be before the first")
	return p.Err()
}

// The kinds of subject a doctor can hide from.
const (
	FromAccount      = "account"
	FromOrganisation = "org"
	FromPlace        = "place" // an outcode: everyone whose organisation is there
	FromRegion       = "region"
)

// Subject is someone or somewhere a doctor hides from. ID is an account's id,
// an organisation's, an outcode or a region's code. Label is what the doctor
// calls it; it is stored sealed.
type Subject struct{ Kind, ID, Label string }

// Key is the subject as actors carry it: "org:RJ1".
func (s Subject) Key() string { return s.Kind + ":" + s.ID }

func (s Subject) check() error {
	var p problem.Check
	p.That(slices.Contains([]string{FromAccount, FromOrganisation, FromPlace, FromRegion}, s.Kind), "kind", "Choose whom or what to hide from")
	p.That(s.ID != "" && !strings.ContainsAny(s.ID, ", :"), "id", "Say whom or what to hide from")
	return p.Err()
}

// Hidden is one subject a doctor hides from, since when.
type Hidden struct {
	Subject
	Since clock.Instant
}

// The declarations of the application.
const (
	DeclareTrue          = "true_and_complete"
	DeclareNotRegistered = "not_registered"
	DeclareChecks        = "checks"
)

// Declarations lists them in the order of the page.
func Declarations() []string {
	return []string{DeclareTrue, DeclareNotRegistered, DeclareChecks}
}

// DeclarationWords is the sentence the doctor agrees to.
func DeclarationWords(code string) string {
	switch code {
	case DeclareTrue:
		return "What I have told you is true and complete, as far as I know"
	case DeclareNotRegistered:
		return "I understand that a Medical Support Worker is not a registered doctor, and does not work as one"
	case DeclareChecks:
		return "You may check what I have told you with the people and places I named, and do the employment checks before a post"
	}
	return code
}
