package programme

import (
	"context"
	"errors"
	"strconv"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// ActTry is trying a version on all cases and reading whom it would change:
// for those who may read every case's eligibility.
const ActTry access.Action = "programme.try_rule_set"

// JobTrial goes on with a trial; ids: trial.
const JobTrial = "programme.trial"

// Outbox takes work to be done after the transaction; jobs.Outbox is one.
type Outbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
}

// Person is how a doctor is named in a list.
type Person struct{ Ref, Name string }

// Workbench is what trials need of later stations; the app fills it.
type Workbench struct {
	Stations []Station
	Jobs     Outbox
	People   func(ctx context.Context, tenant string, doctors []string) (map[string]Person, error)
	// Fit tells whether stations can work with all rules together; asked before
	// a version is switched on.
	Fit func(book *rulebook.Book) error
}

// SetWorkbench names the stations on whose cases versions can be tried. It is
// called once, before any use.
func (s *Service) SetWorkbench(w Workbench) { s.bench = w }

// StationsFor lists where a version of a purpose can be tried.
func (s *Service) StationsFor(purpose string) []Station {
	var out []Station
	for _, st := range s.bench.Stations {
		if st.Purpose == purpose {
			out = append(out, st)
		}
	}
	return out
}

func (s *Service) station(id string) (Station, bool) {
	for _, st := range s.bench.Stations {
		if st.ID == id {
			return st, true
		}
	}
	return Station{}, false
}

// AskTrial begins a trial of one version; it is worked off in the background.
func (s *Service) AskTrial(ctx context.Context, call access.Call, ruleSet, station string) (string, error) {
	if err := s.may(call, ActTry, ruleSet); err != nil {
		return "", err
	}
	id := database.NewID()
	return id, s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		set, row, err := s.Candidate(ctx, tenant, ruleSet)
		if err != nil {
			return err
		}
		st, found := s.station(station)
		if !found || st.Purpose != row.Purpose || s.bench.Jobs == nil {
			return problem.Refuse("This version cannot be tried here.", "No station has cases for rules of "+set.ID()+" yet.")
		}
		t := Trial{ID: id, RuleSet: ruleSet, Station: station, State: TrialWaiting, By: call.Actor.Account, At: call.Now, On: call.Today}
		if t.Total, err = st.Count(ctx, call); err != nil {
			return err
		}
		if err := s.store.addTrial(ctx, tenant, t); err != nil {
			return err
		}
		if err := s.bench.Jobs.Enqueue(ctx, tenant, JobTrial, map[string]string{"trial": id}); err != nil {
			return err
		}
		return s.record(ctx, call, ActTry, "rule_trial", id, nil, t)
	})
}

// pagesATime is how many pages one job does before it makes room for others.
const pagesATime = 20

// WorkTrial goes on with a trial, page by page, each saved with its place: a
// job that is done twice goes on where the first stopped. call acts for the
// programme itself.
func (s *Service) WorkTrial(ctx context.Context, call access.Call, id string) error {
	for range pagesATime {
		done, err := s.trialPage(ctx, call, id)
		if done || err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		return s.bench.Jobs.Enqueue(ctx, call.Actor.Tenant, JobTrial, map[string]string{"trial": id})
	})
}

func (s *Service) trialPage(ctx context.Context, call access.Call, id string) (done bool, err error) {
	tenant := call.Actor.Tenant
	t, err := s.store.trial(ctx, tenant, id)
	if err != nil || t.State != TrialWaiting {
		return true, err
	}
	st, found := s.station(t.Station)
	set, row, err := s.Candidate(ctx, tenant, t.RuleSet)
	var bad *rulebook.LoadError
	if !found || errors.As(err, &bad) {
		t.State, t.Finished = TrialFailed, call.Now
		return true, s.db.Tx(ctx, func(ctx context.Context) error { return s.store.saveTrial(ctx, tenant, t, nil, t.version) })
	}
	if err != nil {
		return true, err
	}
	call.Today = t.On
	page, err := st.Try(ctx, call, Candidate{row, set}, t.after)
	if err != nil {
		return true, err
	}
	before := t.version
	var changes []TrialChange
	for _, x := range page.Tried {
		t.count(x)
		if x.From != x.To {
			changes = append(changes, TrialChange{Serial: int64(t.Changed), Doctor: x.Doctor, What: x.What, On: x.On, From: x.From, To: x.To, Why: x.Why})
		}
	}
	t.Cases += page.Cases
	if t.after = page.Next; page.Next == "" {
		t.State, t.Finished = TrialDone, call.Now
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error { return s.store.saveTrial(ctx, tenant, t, changes, before) })
	if problem.KindOf(err) == problem.Conflict { // another node does this very page
		return true, nil
	}
	return t.State != TrialWaiting, err
}

// Trials lists the trials of one version, newest first.
func (s *Service) Trials(ctx context.Context, call access.Call, ruleSet string) ([]Trial, error) {
	if s.may(call, ActTry, ruleSet) != nil {
		return nil, nil
	}
	return s.store.trials(ctx, call.Actor.Tenant, ruleSet)
}

// TrialSight is a trial with one page of whom it would change.
type TrialSight struct {
	Trial
	Row    RuleSet
	Title  string
	Replay bool
	// Withheld: the reader may know how many, and not who.
	Withheld bool
	Changes  []TrialChange
	Next     int64 // the serial after which the list goes on, 0 at its end
}

const trialRows = 25

// Trial shows one trial, as far as the reader may know the cases, and notes the
// look.
func (s *Service) Trial(ctx context.Context, call access.Call, id string, after int64) (TrialSight, error) {
	if err := s.may(call, ActTry, id); err != nil {
		return TrialSight{}, err
	}
	tenant := call.Actor.Tenant
	t, err := s.store.trial(ctx, tenant, id)
	if err != nil {
		return TrialSight{}, err
	}
	v := TrialSight{Trial: t}
	if v.Row, err = s.store.ruleSet(ctx, tenant, t.RuleSet); err != nil {
		return v, err
	}
	scope := s.access.Scope(call.Actor, ActTry)
	if st, found := s.station(t.Station); found {
		v.Title, v.Replay = st.Title, st.Replay
		if st.List != "" {
			scope = s.access.Scope(call.Actor, st.List)
			v.Withheld = !scope.All
		}
	}
	if v.Withheld {
		return v, nil
	}
	if v.Changes, err = s.store.trialChanges(ctx, scope, id, after, trialRows+1); err != nil {
		return v, err
	}
	if len(v.Changes) > trialRows {
		v.Changes = v.Changes[:trialRows]
		v.Next = v.Changes[trialRows-1].Serial
	}
	ids := make([]string, len(v.Changes))
	for i, c := range v.Changes {
		ids[i] = c.Doctor
	}
	if len(ids) == 0 {
		return v, nil
	}
	if s.bench.People != nil {
		people, err := s.bench.People(ctx, tenant, ids)
		if err != nil {
			return v, err
		}
		for i := range v.Changes {
			p := people[v.Changes[i].Doctor]
			v.Changes[i].Ref, v.Changes[i].Name = p.Ref, p.Name
		}
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActTry, Query: "rule trial " + id + " after " + strconv.FormatInt(after, 10), Kind: "case", IDs: ids})
}

// Percent is how far a trial is.
func (t Trial) Percent() int {
	if t.State == TrialDone || t.Total == 0 {
		return 100
	}
	return min(99, t.Cases*100/t.Total)
}

// Took is how long a finished trial ran, in seconds; 0 while it runs.
func (t Trial) Took() float64 {
	if t.Finished.IsZero() {
		return 0
	}
	return t.Finished.Time().Sub(t.At.Time()).Seconds()
}
