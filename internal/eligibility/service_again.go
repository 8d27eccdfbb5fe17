package eligibility

import (
	"context"
	"runtime"
	"sync"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/rulebook"
)

// Again tells what asking the rules of every case once more found.
type Again struct {
	Version string         `json:"version"` // of the rules
	RuleSet string         `json:"rule_set"`
	On      clock.Date     `json:"on"`
	Cases   int            `json:"cases"`
	Changed int            `json:"changed"` // answers kept anew
	First   int            `json:"first"`   // of those, cases that had none
	Woken   int            `json:"woken"`   // tasks for the assessor
	DryRun  bool           `json:"dry_run"`
	Now     map[string]int `json:"now"` // cases by what the rules come to
}

// AgainOptions say how to go through the cases.
type AgainOptions struct {
	DryRun bool
	// Progress is told of none when the rules are read and the work begins, and
	// then after each page.
	Progress func(done, total int)
}

// againPage is how many cases are loaded, evaluated and saved at a time: the
// memory it takes does not grow with the number of cases.
const againPage = 250

// held is one case as loaded.
type held struct {
	casefile.Standing
	facts []rulebook.Fact
}

// caseLoad is one page of cases, and how loading it went.
type caseLoad struct {
	list        []held
	first, last string
	kept        map[string]Standing
	err         error
}

// Reevaluate asks the rules in force of every case once more: load, evaluate,
// save what changed. While one page is evaluated the next are loaded. Where an
// answer other than yes stands and the kept answer changed, the assessor gets a
// task. Nothing is decided.
func (s *Service) Reevaluate(ctx context.Context, call access.Call, o AgainOptions) (Again, error) {
	if err := s.Access.May(call.Actor, ActAgain, access.Resource{Kind: "rules", Tenant: call.Actor.Tenant}); err != nil {
		return Again{}, err
	}
	tenant := call.Actor.Tenant
	set, err := s.ruleSet(ctx, tenant, call.Today)
	if err != nil {
		return Again{}, err
	}
	out := Again{Version: set.Version(), RuleSet: set.ID() + " " + set.Name(), On: call.Today, DryRun: o.DryRun, Now: map[string]int{}}
	total, err := s.Cases.HowMany(ctx, tenant)
	if err != nil {
		return out, err
	}
	if o.Progress != nil {
		o.Progress(0, total)
	}
	ctx, stop := context.WithCancel(ctx)
	pages := make(chan chan caseLoad, 1)
	var loading sync.WaitGroup
	loading.Go(func() { s.loadPages(ctx, call, pages) })
	defer loading.Wait()
	defer stop()
	for next := range pages {
		p := <-next
		if p.err != nil {
			return out, p.err
		}
		if err := s.again(ctx, call, set, p, &out); err != nil {
			return out, err
		}
		if o.Progress != nil {
			o.Progress(out.Cases, total)
		}
	}
	if err := ctx.Err(); err != nil || o.DryRun {
		return out, err
	}
	return out, s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.store.addRun(ctx, tenant, out, call.Now); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAgain, Kind: "rules", ID: out.Version, After: out})
	})
}

// loadPages begins to load page after page, of which a few at a time are under
// way, and hands each on in turn until the end or a fault.
func (s *Service) loadPages(ctx context.Context, call access.Call, to chan<- chan caseLoad) {
	defer close(to)
	for after := ""; ; {
		cases, err := s.Cases.Standings(ctx, call.Actor.Tenant, after, againPage)
		if err == nil && len(cases) == 0 {
			return
		}
		next := make(chan caseLoad, 1)
		select {
		case to <- next:
		case <-ctx.Done():
			return
		}
		if err != nil {
			next <- caseLoad{err: err}
			return
		}
		after = cases[len(cases)-1].Doctor
		go func() {
			p := s.loadCases(ctx, call, cases)
			if p.err == nil {
				p.kept, p.err = s.store.standings(ctx, call.Actor.Tenant, p.first, p.last)
			}
			next <- p
		}()
	}
}

// loadPage loads the facts of the next cases after one.
func (s *Service) loadPage(ctx context.Context, call access.Call, after string, limit int) caseLoad {
	cases, err := s.Cases.Standings(ctx, call.Actor.Tenant, after, limit)
	if err != nil || len(cases) == 0 {
		return caseLoad{err: err}
	}
	return s.loadCases(ctx, call, cases)
}

func (s *Service) loadCases(ctx context.Context, call access.Call, cases []casefile.Standing) (p caseLoad) {
	p.first, p.last = cases[0].Doctor, cases[len(cases)-1].Doctor
	facts, err := s.Facts.Between(ctx, call.Actor.Tenant, p.first, p.last)
	if err != nil {
		return caseLoad{err: err}
	}
	derived, err := s.derivedBetween(ctx, call, cases)
	if err != nil {
		return caseLoad{err: err}
	}
	p.list = make([]held, len(cases))
	for i, c := range cases {
		p.list[i] = held{c, append(facts[c.Doctor], derived[c.Doctor]...)}
	}
	return p
}

func (s *Service) derivedBetween(ctx context.Context, call access.Call, cases []casefile.Standing) (map[string][]rulebook.Fact, error) {
	if s.DerivedMany != nil {
		return s.DerivedMany(ctx, call, cases[0].Doctor, cases[len(cases)-1].Doctor)
	}
	out := map[string][]rulebook.Fact{}
	if s.Derived == nil {
		return out, nil
	}
	for _, c := range cases {
		list, err := s.Derived(ctx, call, c.Doctor)
		if err != nil {
			return nil, err
		}
		out[c.Doctor] = list
	}
	return out, nil
}

// again evaluates one page on every core and saves what changed of it.
func (s *Service) again(ctx context.Context, call access.Call, set *rulebook.Set, p caseLoad, out *Again) error {
	now := answers(set, p.list, call.Today)
	var changed []Standing
	var wake, again []held
	outcomes := map[string]Outcome{}
	for i, k := range now {
		out.Cases++
		out.Now[string(k.Outcome)]++
		old, found := p.kept[k.Doctor]
		if found && old.same(k) {
			continue
		}
		out.Changed++
		changed = append(changed, k)
		if found && improved(old.Outcome, k.Outcome) && answeredNo(p.list[i].Stage) {
			again, outcomes[k.Doctor] = append(again, p.list[i]), k.Outcome
		}
		switch {
		case !found:
			out.First++
		case old.Mark != k.Mark && waits(p.list[i].Stage):
			wake = append(wake, p.list[i])
		}
	}
	out.Woken += len(wake)
	if out.DryRun || len(changed) == 0 {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.store.keep(ctx, call.Actor.Tenant, changed); err != nil {
			return err
		}
		if err := s.lookAgain(ctx, call, again, outcomes); err != nil {
			return err
		}
		for _, c := range wake {
			if err := s.wakeTask(ctx, call, c.Doctor, c.Ref); err != nil {
				return err
			}
		}
		return nil
	})
}

// answers evaluates cases on every core, in their order.
func answers(set *rulebook.Set, list []held, on clock.Date) []Standing {
	out := make([]Standing, len(list))
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			var c rulebook.Case
			var r rulebook.Result
			for i := w * len(list) / workers; i < (w+1)*len(list)/workers; i++ {
				set.Schema().Prepare(list[i].facts, &c)
				set.EvaluateInto(&c, on, &r)
				out[i] = standingOf(list[i].Doctor, &r, set.Version(), on)
			}
		})
	}
	group.Wait()
	return out
}

// ReevaluateDue keeps the answers true as days pass: all of them when other
// rules came into force, else only those whose last day is over. Nothing is
// done in a programme whose cases were never gone through.
func (s *Service) ReevaluateDue(ctx context.Context, call access.Call) (Again, error) {
	version, found, err := s.store.lastRun(ctx, call.Actor.Tenant)
	if err != nil || !found {
		return Again{}, err
	}
	set, err := s.ruleSet(ctx, call.Actor.Tenant, call.Today)
	if err != nil {
		return Again{}, err
	}
	if set.Version() != version {
		return s.Reevaluate(ctx, call, AgainOptions{})
	}
	out := Again{Version: version, RuleSet: set.ID() + " " + set.Name(), On: call.Today, Now: map[string]int{}}
	for after := ""; ; {
		list, err := s.store.due(ctx, call.Actor.Tenant, call.Today, after, 200)
		if err != nil || len(list) == 0 {
			return out, err
		}
		after = list[len(list)-1]
		for _, doctor := range list {
			out.Cases++
			if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.Wake(ctx, call, doctor, nil) }); err != nil {
				return out, err
			}
		}
	}
}

// StartKeeping says of a programme that has no case yet that answers are kept
// from now on: each case is then looked at when its facts change.
func (s *Service) StartKeeping(ctx context.Context, call access.Call) error {
	set, err := s.ruleSet(ctx, call.Actor.Tenant, call.Today)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.store.addRun(ctx, call.Actor.Tenant, Again{Version: set.Version(), On: call.Today}, call.Now)
	})
}
