// Package access decides who may do what: one table of roles, actions and
// relations, asked by pages, commands, exports and jobs alike.
//
// It knows no role and no action of the programme: those are declared by the
// capabilities and joined into one table in internal/app/permissions.go. It is
// not a session store; it is handed an Actor that someone else made.
package access

import (
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Role, Action and Relation are the three columns of the table.
type (
	Role     string
	Action   string
	Relation string
)

// The ways an actor can stand to a record.
const (
	Own          Relation = "own"          // the record is about the actor
	Referred     Relation = "referred"     // the actor's organisation referred this person and the consent is live
	Supervised   Relation = "supervised"   // the actor supervises this person
	Organisation Relation = "organisation" // the record belongs to the actor's organisation
	Region       Relation = "region"       // the record lies in the actor's region
	Tenant       Relation = "tenant"       // any record of the actor's programme
	Self         Relation = "self"         // the record belongs to the actor's own account
	Public       Relation = "public"       // anyone, signed in or not
)

// Relations lists every relation in the order documents print them.
var relations = [...]Relation{Own, Referred, Supervised, Organisation, Region, Tenant, Self, Public}

// Doctor is the role an actor has by being the person a record is about; it is
// never given by membership.
const Doctor Role = "doctor"

// Membership gives an actor a role, for an organisation or a region where the
// role is bound to one.
type Membership struct {
	Role                 Role
	Organisation, Region string
}

// Actor is who acts, in exactly one tenant.
type Actor struct {
	Account string // "" when nobody is signed in
	Tenant  string
	Name    string // for the page's header; never logged
	Doctor  string // the actor's own doctor record, if they are one
	Members []Membership
	// Subjects name the actor as people may hide from them: "account:ID",
	// "org:ID", "place:OUTCODE", "region:CODE".
	Subjects []string
	// Hidden are the doctors who hid themselves from any of the Subjects: to
	// this actor they do not exist.
	Hidden []string
}

// Has tells whether the actor holds the role in any way.
func (a Actor) Has(role Role) bool {
	if role == Doctor {
		return a.Doctor != ""
	}
	return slices.ContainsFunc(a.Members, func(m Membership) bool { return m.Role == role })
}

// HasAny tells whether the actor holds one of the roles.
func (a Actor) HasAny(roles ...Role) bool { return slices.ContainsFunc(roles, a.Has) }

// Organisations lists the organisations for which the actor holds one of the
// roles, or any role when none is named.
func (a Actor) Organisations(roles ...Role) []string {
	var ids []string
	for _, m := range a.Members {
		if m.Organisation != "" && (len(roles) == 0 || slices.Contains(roles, m.Role)) && !slices.Contains(ids, m.Organisation) {
			ids = append(ids, m.Organisation)
		}
	}
	return ids
}

// Regions lists the regions for which the actor holds one of the roles.
func (a Actor) Regions(roles ...Role) []string {
	var codes []string
	for _, m := range a.Members {
		if m.Region != "" && (len(roles) == 0 || slices.Contains(roles, m.Role)) && !slices.Contains(codes, m.Region) {
			codes = append(codes, m.Region)
		}
	}
	return codes
}

// Call is one use of msw: who acts, when, why, and under which idempotency key.
// Every use case takes one, so that no service reads a clock or a session.
type Call struct {
	Actor   Actor
	Now     clock.Instant
	Today   clock.Date
	Key     string // idempotency key of the form or API command, "" for none
	Request string // id of the request, found again in the log and the audit
	Purpose string // why, where the actor was asked
}

// On is the day a command speaks of: its own, or today where it names none.
func (c Call) On(day clock.Date) clock.Date {
	if day.IsZero() {
		return c.Today
	}
	return day
}

// Resource is what an action is done to, as far as permission needs to know.
type Resource struct {
	Kind, ID string
	Tenant   string
	Doctor   string // the person the record is about, "" for none
	Account  string // the account it belongs to, "" for none

	Organisations []string
	Regions       []string
	Referrers     []string // only those whose consent is live today
	Supervisors   []string // account ids
}

// Grant is one row of the table.
type Grant struct {
	Role     Role
	Action   Action
	Relation Relation
}

// Table is the permission table; make it once with NewTable. Safe for use by
// many goroutines.
type Table struct {
	byAction map[Action][]Grant
	grants   []Grant
}

// NewTable checks the rows and makes the table. A row with an unknown relation
// or an empty part, or one given twice, is an error naming the row.
func NewTable(grants ...Grant) (*Table, error) {
	t := &Table{byAction: map[Action][]Grant{}}
	seen := map[Grant]bool{}
	for _, g := range grants {
		if g.Action == "" || !slices.Contains(relations[:], g.Relation) || (g.Role == "" && g.Relation != Public) {
			return nil, fmt.Errorf("permission row %+v is not complete", g)
		}
		if seen[g] {
			return nil, fmt.Errorf("permission row %+v is given twice", g)
		}
		seen[g] = true
		t.byAction[g.Action] = append(t.byAction[g.Action], g)
		t.grants = append(t.grants, g)
	}
	return t, nil
}

// Grants gives every row, for the generated document and the matrix test.
func (t *Table) Grants() []Grant { return slices.Clone(t.grants) }

// Known tells whether any row names the action; a route whose action is not
// known must not be served.
func (t *Table) Known(act Action) bool { return len(t.byAction[act]) > 0 }

// IsPublic tells whether anyone at all may do the action.
func (t *Table) IsPublic(act Action) bool {
	return slices.ContainsFunc(t.byAction[act], func(g Grant) bool { return g.Relation == Public })
}

// May decides. It answers nil for yes; problem.Missing when the actor may not
// know that the record exists, which is every no on a record about a person.
func (t *Table) May(a Actor, act Action, r Resource) error {
	public := t.IsPublic(act)
	if a.Account == "" && !public {
		return problem.Missing()
	}
	if r.Doctor != "" && slices.Contains(a.Hidden, r.Doctor) {
		return problem.Missing()
	}
	if r.Tenant != "" && r.Tenant != a.Tenant {
		return problem.Missing()
	}
	if public {
		return nil
	}
	for _, g := range t.byAction[act] {
		if matches(a, g, r) {
			return nil
		}
	}
	if r.Doctor == "" && t.Can(a, act) {
		return problem.Denied("Your role lets you do this for other records, but not for this one.")
	}
	return problem.Missing()
}

// As gives the actor with only those memberships by which they may do the action
// on the record: who leads a region and works for an employer in another sees a
// person of the region as its lead, not as an employer.
func (t *Table) As(a Actor, act Action, r Resource) Actor {
	var kept []Membership
	for _, m := range a.Members {
		one := a
		one.Doctor, one.Members = "", []Membership{m}
		if t.May(one, act, r) == nil {
			kept = append(kept, m)
		}
	}
	a.Members = kept
	return a
}

func matches(a Actor, g Grant, r Resource) bool {
	if !a.Has(g.Role) {
		return false
	}
	switch g.Relation {
	case Own:
		return a.Doctor != "" && r.Doctor == a.Doctor
	case Self:
		return a.Account != "" && r.Account == a.Account
	case Supervised:
		return a.Account != "" && slices.Contains(r.Supervisors, a.Account)
	case Referred:
		return overlap(a.Organisations(g.Role), r.Referrers)
	case Organisation:
		return overlap(a.Organisations(g.Role), r.Organisations)
	case Region:
		return overlap(a.Regions(g.Role), r.Regions)
	case Tenant:
		return true
	}
	return false
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return s != "" && slices.Contains(b, s) })
}

// Can tells whether there is any record on which the actor could do the action:
// what decides if a link is shown and if a route answers at all.
func (t *Table) Can(a Actor, act Action) bool {
	for _, g := range t.byAction[act] {
		if g.Relation == Public || (a.Account != "" && a.Has(g.Role)) {
			return true
		}
	}
	return false
}

// Scope says which records of a list an actor may see; database.Narrow turns
// it into SQL. An empty scope shows nothing.
type Scope struct {
	Tenant        string
	All           bool   // every record of the tenant, less Hidden
	Doctor        string // records about this person
	Account       string // records that belong to this account
	Supervisor    string // records supervised by this account
	Organisations []string
	Regions       []string
	Referrers     []string
	Hidden        []string // people who must not appear whatever else matches
}

// None tells whether the scope shows nothing at all.
func (s Scope) None() bool {
	return !s.All && s.Doctor == "" && s.Account == "" && s.Supervisor == "" &&
		len(s.Organisations) == 0 && len(s.Regions) == 0 && len(s.Referrers) == 0
}

// Scope gathers every relation by which the actor may do the action.
func (t *Table) Scope(a Actor, act Action) Scope {
	s := Scope{Tenant: a.Tenant, Hidden: a.Hidden}
	for _, g := range t.byAction[act] {
		if g.Relation != Public && (a.Account == "" || !a.Has(g.Role)) {
			continue
		}
		switch g.Relation {
		case Tenant, Public:
			s.All = true
		case Own:
			s.Doctor = a.Doctor
		case Self:
			s.Account = a.Account
		case Supervised:
			s.Supervisor = a.Account
		case Organisation:
			s.Organisations = append(s.Organisations, a.Organisations(g.Role)...)
		case Region:
			s.Regions = append(s.Regions, a.Regions(g.Role)...)
		case Referred:
			s.Referrers = append(s.Referrers, a.Organisations(g.Role)...)
		}
	}
	return s
}
