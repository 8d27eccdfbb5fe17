package registration

import (
	"context"
	"errors"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/learning"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Climb is one doctor's ladder as one actor may see it.
type Climb struct {
	Doctor, Ref, Name string
	Own               bool
	Ladder            Ladder
	Exams             []learning.Ahead // booked, as far as the reader may see exams
	Costs             Ledger
	Paid              []stored // what was recorded as paid, for those who may know all
	View              View
	History           bool // the programme's own history could be asked
	Fictional         bool // the history is a demonstration's
	MayStep, MayWork  bool // may add facts; may see the working and try changes
	MayCalendar       bool
	Stage             casefile.Stage
}

// Climb shows one doctor's ladder and notes the look.
func (s *Service) Climb(ctx context.Context, call access.Call, act access.Action, ref string) (Climb, error) {
	c, err := s.cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return Climb{}, err
	}
	v, err := s.climb(ctx, call, act, c)
	if err != nil {
		return Climb{}, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: act, Kind: "ladder", IDs: []string{c.Doctor}, Person: c.Doctor})
}

// climb is Climb without the look: for a part of a page that is noted itself.
func (s *Service) climb(ctx context.Context, call access.Call, act access.Action, c casefile.Case) (Climb, error) {
	if s.o.Road == nil {
		return Climb{}, problem.New(problem.Unavailable, "The rules of registration are not loaded.")
	}
	may := func(act access.Action) bool { return s.access.May(call.Actor, act, c.Resource()) == nil }
	if !may(act) {
		return Climb{}, problem.Missing()
	}
	in, err := s.inputs(ctx, call, c)
	if err != nil {
		return Climb{}, err
	}
	road, err := s.roadOf(ctx, c.Tenant)
	if err != nil {
		return Climb{}, err
	}
	// What they may know of one person by a role, they may not of another.
	view := ViewOf(s.access.As(call.Actor, act, c.Resource()), c.Doctor)
	v := Climb{Doctor: c.Doctor, Ref: c.Ref, Name: c.Ref, Own: view.Own, View: view, Ladder: road.Climb(in).For(view), Stage: casefile.ViewsOf(call.Actor, c).Stage(c.Stage),
		MayStep: may(ActStep), MayWork: may(ActWorking), MayCalendar: view.Own && may(ActCalendar), History: len(in.History) > 0, Fictional: s.fictional(c.Tenant)}
	v.Exams = learning.Countdown(fact.VisibleTo(s.access.As(call.Actor, act, c.Resource()), in.Facts), call.Today)
	if view.May(RightAll) {
		v.Costs = road.Costs(in)
		if v.Paid, err = s.payments(ctx, c.Tenant, c.Doctor); err != nil {
			return v, err
		}
	} else {
		v.Costs.Hidden = true
	}
	if s.o.Names != nil {
		names, err := s.o.Names(ctx, c.Tenant, []string{c.Doctor})
		if err != nil {
			return v, err
		}
		if names[c.Doctor] != "" {
			v.Name = names[c.Doctor]
		}
	}
	return v, nil
}

func (s *Service) fictional(tenant string) bool { return s.o.Fictional != nil && s.o.Fictional(tenant) }

// inputs gathers what one ladder is made from.
func (s *Service) inputs(ctx context.Context, call access.Call, c casefile.Case) (Inputs, error) {
	records, err := s.known(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Inputs{}, err
	}
	dates, err := s.running(ctx, c.Tenant, []string{c.Doctor})
	if err != nil {
		return Inputs{}, err
	}
	in := Inputs{Facts: records, On: call.Today, Post: postOf(c, dates[c.Doctor])}
	if in.History, err = s.history(ctx, c.Tenant); err != nil {
		return in, err
	}
	if in.Given, err = s.given(ctx, c.Tenant); err != nil {
		return in, err
	}
	paid, err := s.payments(ctx, c.Tenant, c.Doctor)
	for _, p := range paid {
		p.Payment.Payer = words(Payers(), p.Payer)
		in.Paid = append(in.Paid, p.Payment)
	}
	return in, err
}

func (s *Service) running(ctx context.Context, tenant string, doctors []string) (map[string]placement.Dates, error) {
	if s.o.Placements == nil {
		return nil, nil
	}
	return s.o.Placements.Running(ctx, tenant, doctors)
}

func postOf(c casefile.Case, d placement.Dates) Post {
	switch c.Stage {
	case casefile.StageReferred, casefile.StageApplying, casefile.StageAssessing, casefile.StageNotYet, casefile.StageSupported,
		casefile.StageEligible, casefile.StageMatched, casefile.StageChecking: // all who may still get a post
		return Post{Waiting: true}
	}
	return Post{Starts: d.Started, Ends: d.ContractEnd, Funded: d.FundedUntil}
}

// history gives the programme's own medians; nothing of a demonstration's.
func (s *Service) history(ctx context.Context, tenant string) ([]Usual, error) {
	if s.fictional(tenant) {
		return nil, nil
	}
	all, err := s.usuals(ctx, tenant)
	var enough []Usual
	for _, u := range all {
		if u.N >= enoughCases {
			enough = append(enough, u)
		}
	}
	return enough, err
}

// WhatIf gives what changes would move, and saves nothing. Only those who may
// know all of the ladder can try.
func (s *Service) WhatIf(ctx context.Context, call access.Call, ref string, changes ...Change) (Climb, Difference, error) {
	c, err := s.cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return Climb{}, Difference{}, err
	}
	v, err := s.climb(ctx, call, ActWorking, c)
	if err != nil {
		return Climb{}, Difference{}, err
	}
	if !v.View.May(RightAll) {
		return Climb{}, Difference{}, problem.Missing()
	}
	if err := s.checkChanges(v.Ladder, changes); err != nil {
		return v, Difference{}, err
	}
	in, err := s.inputs(ctx, call, c)
	if err != nil {
		return v, Difference{}, err
	}
	road, err := s.roadOf(ctx, c.Tenant)
	if err != nil {
		return v, Difference{}, err
	}
	return v, road.WhatIf(in, changes...), nil
}

// Working gives the live facts of a doctor and how the rules came from them to
// their answers, step by step. The look was noted with the ladder.
func (s *Service) Working(ctx context.Context, call access.Call, doctor string) ([]fact.Record, rulebook.Explanation, error) {
	c, err := s.permit(ctx, call, ActWorking, doctor)
	if err != nil {
		return nil, rulebook.Explanation{}, err
	}
	records, err := s.facts.For(ctx, c.Tenant, doctor)
	if err != nil {
		return nil, rulebook.Explanation{}, err
	}
	road, err := s.roadOf(ctx, c.Tenant)
	if err != nil {
		return nil, rulebook.Explanation{}, err
	}
	set, err := road.book.Set(RoadRuleSet, call.Today)
	if err != nil {
		return nil, rulebook.Explanation{}, err
	}
	records = settled(records, call.Today)
	return records, set.Explain(fact.Rules(records), call.Today), nil
}

// checkChanges sees to it that what is tried could be recorded.
func (s *Service) checkChanges(_ Ladder, changes []Change) error {
	var check problem.Check
	for _, ch := range changes {
		if ch.Kind == "" {
			continue
		}
		r := fact.Record{Kind: ch.Kind, On: ch.On, Until: ch.Until, State: rulebook.Verified, Fields: ch.Fields}
		check.Add(s.facts.Schema().Check(r.Rule()))
	}
	return check.Err()
}

// later marks a context in which changed facts are looked at by the next Keep
// of all cases instead of at once.
type later struct{}

// Later lets changes of facts wait for KeepAll: for imports and histories of
// many doctors.
func Later(ctx context.Context) context.Context { return context.WithValue(ctx, later{}, true) }

// FactsChanged looks again at the road of a doctor whose facts changed, in the
// transaction of the change: warnings open and close, and the board follows.
func (s *Service) FactsChanged(ctx context.Context, call access.Call, doctor string) error {
	if ctx.Value(later{}) != nil || s.o.Road == nil {
		return nil
	}
	return s.Keep(ctx, call, []string{doctor})
}

// KeepAll looks at every case of a tenant, as windows move with the days, and
// makes the history anew. It goes on from where it was when it is cut off: each
// part is a transaction of its own.
func (s *Service) KeepAll(ctx context.Context, call access.Call) error {
	const part = 60
	if s.o.Road == nil {
		return nil
	}
	after := ""
	for {
		doctors, err := s.cases.Walk(ctx, call.Actor.Tenant, after, part)
		if err != nil {
			return err
		}
		if len(doctors) == 0 {
			break
		}
		after = doctors[len(doctors)-1]
		if err := s.db.Tx(ctx, func(ctx context.Context) error { return s.Keep(ctx, call, doctors) }); err != nil {
			return err
		}
	}
	return s.refreshHistory(ctx, call.Actor.Tenant, call.Today)
}

var errTooMany = errors.New("registration: at most 100 doctors at a time")

// Keep brings board, warnings and their tasks in line with the ladders of some
// doctors, at most 100. Doing it twice does nothing more. It asks no permission.
func (s *Service) Keep(ctx context.Context, call access.Call, doctors []string) error {
	if len(doctors) > 100 {
		return errTooMany
	}
	if len(doctors) == 0 || s.o.Road == nil {
		return nil
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		b, err := s.batch(ctx, call.Actor.Tenant, doctors)
		if err != nil {
			return err
		}
		road, err := s.roadOf(ctx, call.Actor.Tenant)
		if err != nil {
			return err
		}
		given, err := s.given(ctx, call.Actor.Tenant)
		if err != nil {
			return err
		}
		var changed []lapseRow
		for _, id := range doctors {
			c, ok := b.cases[id]
			if !ok {
				continue
			}
			var full Ladder
			if c.Active() {
				full = road.Climb(Inputs{Facts: b.facts[id], On: call.Today, Post: postOf(c, b.posts[id]), Given: given})
			}
			changed = append(changed, b.moved(c, full, call.Today)...)
			if err := s.warn(ctx, call, c, full, b.warned[id]); err != nil {
				return err
			}
			if err := s.measure(ctx, c, b); err != nil {
				return err
			}
		}
		if err := s.saveLapses(ctx, call.Actor.Tenant, changed); err != nil {
			return err
		}
		for k := range b.stored { // what is left of it runs out no more
			if err := s.dropLapse(ctx, call.Actor.Tenant, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// keeping is what Keep reads of some doctors, in a handful of statements.
type keeping struct {
	cases    map[string]casefile.Case
	facts    map[string][]fact.Record
	posts    map[string]placement.Dates
	stored   map[lapseKey]lapseRow
	warned   map[string]map[string]warning
	measured map[string]bool
}

func (s *Service) batch(ctx context.Context, tenant string, doctors []string) (b keeping, err error) {
	if b.cases, err = s.cases.Many(ctx, tenant, doctors); err != nil {
		return b, err
	}
	var active []string
	for id, c := range b.cases {
		if c.Active() || registered(c) {
			active = append(active, id)
		}
	}
	if b.facts, err = s.facts.ForMany(ctx, tenant, active); err != nil {
		return b, err
	}
	if s.o.Asked != nil {
		said, err := s.o.Asked(ctx, tenant, active)
		if err != nil {
			return b, err
		}
		for id, words := range said {
			b.facts[id] = withWords(b.facts[id], words)
		}
	}
	if b.posts, err = s.running(ctx, tenant, doctors); err != nil {
		return b, err
	}
	if b.stored, err = s.lapses(ctx, tenant, doctors); err != nil {
		return b, err
	}
	if b.warned, err = s.warnings(ctx, tenant, doctors); err != nil {
		return b, err
	}
	b.measured, err = s.measured(ctx, tenant, doctors)
	return b, err
}

func registered(c casefile.Case) bool {
	return c.Stage == casefile.StageRegistered || c.Stage == casefile.StageDoctorPost
}

// moved gives the rows of the board that are new or different, and takes those
// that stand out of stored.
func (b keeping) moved(c casefile.Case, full Ladder, today clock.Date) []lapseRow {
	var out []lapseRow
	for _, reader := range Readers() {
		view := ViewOf(reader.actor(c.Tenant), c.Doctor)
		for _, l := range lapsesIn(full.windowsFor(view), today) {
			row := lapseRow{Doctor: c.Doctor, Reader: reader, Lapse: l, Region: c.Region}
			if b.stored[row.key()] != row {
				out = append(out, row)
			}
			delete(b.stored, row.key())
		}
	}
	return out
}

// warn opens a task for each collision foretold that was not told yet, renews
// those that moved and closes those that are cured.
func (s *Service) warn(ctx context.Context, call access.Call, c casefile.Case, full Ladder, told map[string]warning) error {
	stands := map[string]bool{}
	for _, x := range full.Collisions {
		stands[x.Code] = true
		t := s.taskOf(call, c, x)
		now := warning{Doctor: c.Doctor, Code: x.Code, Party: string(t.Party), Due: t.Due}
		if was, ok := told[x.Code]; ok && was == now {
			continue // told, and still so: whoever closed the task by hand has read it
		}
		if err := s.cases.OpenTask(ctx, call, t); err != nil {
			return err
		}
		if err := s.saveWarning(ctx, c.Tenant, now, call.Today); err != nil {
			return err
		}
	}
	for code, was := range told {
		if stands[code] || was.Cured {
			continue
		}
		if err := s.cases.CloseTask(ctx, call, c.Doctor, TaskRoad, s.taskSource(c, code)); err != nil {
			return err
		}
		was.Cured = true
		if err := s.saveWarning(ctx, c.Tenant, was, call.Today); err != nil {
			return err
		}
	}
	return nil
}

// TaskRoad is the kind of every task that a collision opens: one kind, so that
// it does not tell them apart.
const TaskRoad = casefile.TaskRoad

// taskSource tells two collisions of a doctor apart without saying what they
// are: tasks are seen by some who may not know.
func (s *Service) taskSource(c casefile.Case, code string) string {
	return "registration:" + s.db.Vault().Token(c.Tenant, "registration warning "+c.Doctor, code)[:16]
}

// taskOf is the task of a collision. Only the doctor and those who work on the
// case are shown it (casefile.TaskRoad), and still its title tells nothing that
// a screen seen by others may not show.
func (s *Service) taskOf(call access.Call, c casefile.Case, x Collision) casefile.Task {
	t := casefile.Task{Doctor: c.Doctor, Kind: TaskRoad, Source: s.taskSource(c, x.Code), Title: "Look at a doctor's road to registration: two dates do not fit",
		URL: "/registration/" + c.Ref + "/ladder", Party: casefile.PartyCaseworker, Since: call.Today, Due: x.By}
	if x.Who == WhoDoctor {
		t.Party, t.Title = casefile.PartyDoctor, "Look at your road to registration: two dates do not fit"
	}
	if RightPost.covers(x.Needs) {
		t.Title += ": " + strings.ToLower(x.Title[:1]) + x.Title[1:]
	}
	return t
}

// covers tells whether nothing more is needed.
func (r Right) covers(need Right) bool { return need&^r == 0 }

func hash(db *database.DB, secret string) string {
	return db.Vault().Token("", "registration calendar", secret)
}
