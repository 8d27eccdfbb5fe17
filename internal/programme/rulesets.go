package programme

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Reader understands rule texts; the app fills it from the rulebook.
type Reader interface {
	// Read checks a text as the newest version beside the sets in force, and
	// tells what it is. The error lists every fault with its line.
	Read(text string) (Reading, error)
	// Sets gives the sets that came with the software, each with its text.
	Sets() []Reading
}

// Reading is a rule set in plain words.
type Reading struct {
	Purpose, Name, Title, Text, Hash string
	From, Until                      clock.Date
	Requirements                     []ReadRequirement
}

// ReadRequirement is one condition in plain words, with its sources.
type ReadRequirement struct {
	ID, Title string
	Exclusion bool              // joining is refused when this is true of a person
	Accepts   string            // the least proof state
	Proof     string            // what counts as proof
	Reasons   []string          // what staff are told when it is not met
	Doctor    string            // what a doctor is told then
	Condition string            // as it is written for the computer
	Values    []string          // the values by date that it reads, in words
	Ways      []ReadRequirement // alternatives, of which one is enough
	Sources   []ReadSource
}

// ReadSource is where a condition comes from.
type ReadSource struct {
	Words, URL string
	Status     Status
	On         clock.Date
}

// InstallRuleSets puts in the rule sets that came with the software, approved
// as of their own dates. Those already there are left as they are.
func (s *Service) InstallRuleSets(ctx context.Context, call access.Call) (added int, err error) {
	if err := s.may(call, ActCreate, ""); err != nil {
		return 0, err
	}
	if s.rules == nil {
		return 0, nil
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		var names []string
		here, err := s.store.ruleRows(ctx, call.Actor.Tenant)
		if err != nil {
			return err
		}
		for _, r := range s.rules.Sets() {
			v := newRuleSet(call, r)
			v.State, v.Embedded, v.ApprovedOn = RuleSetApproved, true, call.Today
			v.Note = "Came with the software"
			if slices.ContainsFunc(here, func(o RuleSet) bool { return o.Purpose == r.Purpose && o.Name == r.Name }) {
				v.State, v.Embedded, v.ApprovedOn, v.ProposedBy = RuleSetProposed, false, 0, ""
				v.Note = "Came with a newer version of the software. It has no effect until somebody switches it on."
			}
			ok, err := s.store.addRuleSet(ctx, v)
			if err != nil {
				return err
			}
			if ok {
				names = append(names, v.Purpose+" "+v.Name)
			}
		}
		if added = len(names); added == 0 {
			return nil
		}
		s.db.Again(ctx, rowsKey)
		return s.record(ctx, call, ActCreate, "rule_set", "embedded", nil, names)
	})
	return added, err
}

func newRuleSet(call access.Call, r Reading) RuleSet {
	return RuleSet{Tenant: call.Actor.Tenant, ID: database.NewID(), Purpose: r.Purpose, Name: r.Name, Title: r.Title,
		Text: r.Text, Hash: r.Hash, From: r.From, Until: r.Until, ProposedBy: call.Actor.Account, ProposedOn: call.Today}
}

// RuleSet gives the approved rule set for a purpose on a day.
func (s *Service) RuleSet(ctx context.Context, tenant, purpose string, on clock.Date) (RuleSet, bool, error) {
	all, err := s.store.ruleSets(ctx, tenant, purpose)
	if err != nil {
		return RuleSet{}, false, err
	}
	r, ok := ruleSetOn(all, on)
	return r, ok, nil
}

// RuleSets lists every version of every rule set without its text, newest first
// in each purpose.
func (s *Service) RuleSets(ctx context.Context, call access.Call) ([]RuleSet, error) {
	if err := s.may(call, ActRuleSets, ""); err != nil {
		return nil, err
	}
	rows, err := s.store.ruleRows(ctx, call.Actor.Tenant)
	sort.SliceStable(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		return cmp.Or(strings.Compare(a.Purpose, b.Purpose), cmp.Compare(b.Effective(), a.Effective()), strings.Compare(b.ID, a.ID)) < 0
	})
	return rows, err
}

// ReadRuleSet gives one version and what it says in plain words. The reading
// is empty when no reader is wired or the text is of an older grammar.
func (s *Service) ReadRuleSet(ctx context.Context, call access.Call, id string) (RuleSet, Reading, error) {
	if err := s.may(call, ActRuleSets, id); err != nil {
		return RuleSet{}, Reading{}, err
	}
	v, err := s.store.ruleSet(ctx, call.Actor.Tenant, id)
	if err != nil || s.rules == nil {
		return v, Reading{}, err
	}
	if _, ok := s.rules.(Compiler); ok {
		set, _, err := s.Candidate(ctx, call.Actor.Tenant, id)
		if err != nil {
			return v, Reading{}, nil
		}
		return v, readingOf(set), nil
	}
	for _, r := range s.rules.Sets() {
		if r.Hash == v.Hash {
			return v, r, nil
		}
	}
	return v, Reading{}, nil
}

// InForce gives the version in force today that a version would take over from
// or has taken over from, and what the two do not say alike; none where it is
// in force itself.
func (s *Service) InForce(ctx context.Context, call access.Call, id string) (now *rulebook.Set, differences []rulebook.Difference, err error) {
	if err := s.may(call, ActRuleSets, id); err != nil {
		return nil, nil, err
	}
	if _, ok := s.rules.(Compiler); !ok {
		return nil, nil, nil
	}
	own, row, err := s.Candidate(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, nil, nil // a text of an older grammar is shown as text
	}
	now, err = s.Rules(ctx, call.Actor.Tenant, row.Purpose, call.Today)
	if problem.KindOf(err) == problem.Unavailable || err == nil && now.Version() == row.Hash {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return now, rulebook.Diff(now, own), nil
}

// ProposeRuleSet offers a new version. It must read without fault; it has no
// effect until another person approves it.
func (s *Service) ProposeRuleSet(ctx context.Context, call access.Call, text, note string) (RuleSet, error) {
	if err := s.may(call, ActProposeRuleSet, ""); err != nil {
		return RuleSet{}, err
	}
	if s.rules == nil {
		return RuleSet{}, problem.New(problem.Unavailable, "Rule sets cannot be proposed here.")
	}
	invalid := func(field, message string) error {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: field, Message: message}}}
	}
	r, err := s.rules.Read(text)
	var c problem.Check
	for _, fault := range faultsOf(err) {
		c.That(false, "text", fault)
	}
	c.That(strings.TrimSpace(note) != "", "note", "Say what is new and why")
	if err := c.Err(); err != nil {
		return RuleSet{}, err
	}
	v := newRuleSet(call, r)
	v.State, v.Note = RuleSetProposed, strings.TrimSpace(note)
	return v, s.db.Tx(ctx, func(ctx context.Context) error {
		added, err := s.store.addRuleSet(ctx, v)
		s.db.Again(ctx, rowsKey)
		if err != nil {
			return err
		}
		if !added {
			return invalid("text", "This very version is here already")
		}
		return s.record(ctx, call, ActProposeRuleSet, "rule_set", v.ID, nil, v)
	})
}

// faultsOf tells each fault of a rule text with its line and column.
func faultsOf(err error) []string {
	if err == nil {
		return nil
	}
	var load *rulebook.LoadError
	if !errors.As(err, &load) {
		return []string{"The rules could not be read: " + err.Error()}
	}
	var out []string
	for _, i := range load.Issues {
		where := fmt.Sprintf("Line %d, column %d", i.Line, i.Column)
		if i.File != proposedFile {
			where += " of " + i.File
		}
		out = append(out, where+": "+i.Message)
	}
	return out
}

// DecideRuleSet switches a proposed version on from its own first day, or from
// today where that is over; or turns it down. The person who proposed it cannot
// decide.
func (s *Service) DecideRuleSet(ctx context.Context, call access.Call, id string, version int64, approve bool) error {
	return s.decideRuleSet(ctx, call, id, version, approve, 0)
}

// SwitchOn is DecideRuleSet for yes, from a day: today or later, and not before
// the version's own first day. Every version ever switched on is kept.
func (s *Service) SwitchOn(ctx context.Context, call access.Call, id string, version int64, from clock.Date) error {
	return s.decideRuleSet(ctx, call, id, version, true, from)
}

func (s *Service) decideRuleSet(ctx context.Context, call access.Call, id string, version int64, approve bool, from clock.Date) error {
	if err := s.may(call, ActApproveRuleSet, id); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.store.ruleSet(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if v.State != RuleSetProposed || v.Version != version {
			return problem.Stale()
		}
		if v.ProposedBy != "" && v.ProposedBy == call.Actor.Account {
			return problem.Refuse("You cannot decide on this version.", "You proposed it. Another person must approve or turn it down.")
		}
		before := v
		v.State = RuleSetRejected
		if approve {
			if v.SwitchedFrom, err = switchDay(v, from, call.Today); err != nil {
				return err
			}
			v.State = RuleSetApproved
			if err := s.fits(ctx, v); err != nil {
				return err
			}
		}
		v.ApprovedBy, v.ApprovedOn = call.Actor.Account, call.Today
		if err := s.store.decideRuleSet(ctx, v); err != nil {
			return err
		}
		s.db.Again(ctx, rowsKey)
		return s.record(ctx, call, ActApproveRuleSet, "rule_set", id, before, v)
	})
}

// fits refuses a version with which, beside what is switched on already, some
// station could not work.
func (s *Service) fits(ctx context.Context, v RuleSet) error {
	c, ok := s.rules.(bookmaker)
	if !ok {
		return nil
	}
	changed, err := s.changedRows(ctx, v.Tenant, v.Effective())
	if err != nil {
		return err
	}
	book, err := c.Whole(append(changed, v))
	if err == nil && s.bench.Fit != nil {
		err = s.bench.Fit(book)
	}
	if err != nil {
		return problem.Refuse("This version does not fit with the other rules, so it cannot be switched on.", err.Error())
	}
	return nil
}

// switchDay checks the day from which a version is to be used. Days that are
// over keep the rules they had: what was decided on them stands.
func switchDay(v RuleSet, from, today clock.Date) (clock.Date, error) {
	if from.IsZero() {
		return max(v.From, today), nil
	}
	var c problem.Check
	c.That(from >= today, "from", "The first day must be today or later. What was decided on earlier days keeps the rules of those days.")
	c.That(from >= v.From, "from", "This version says it applies from "+v.From.Long()+". Choose that day or a later one.")
	c.That(v.Until.IsZero() || from <= v.Until, "from", "This version says it applies until "+v.Until.Long()+".")
	return from, c.Err()
}
