package onboarding

import (
	"context"
	"maps"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Kinds lists the checks an acceptance on a day begins: the six standards, the
// programme's own and the start gates.
func (s *Service) Kinds(ctx context.Context, tenant string, accepted clock.Date) ([]CheckKind, error) {
	kinds := slices.Clone(s.o.Rules.Owed(accepted))
	if s.o.MoreChecks == nil {
		return kinds, nil
	}
	more, err := s.o.MoreChecks(ctx, tenant)
	return append(kinds, more...), err
}

// Ticking says how checks of one offer stand.
type Ticking struct {
	ID      string
	Version int
	On      clock.Date // the day it is said, today when none
	Ticks   []Tick
}

// Tick records how checks stand. When the last of the standards is done the
// checks are complete; when one is taken back before the start, they are not
// any more.
func (s *Service) Tick(ctx context.Context, call access.Call, cmd Ticking) (Offer, error) {
	today := call.On(cmd.On)
	return s.onChecks(ctx, call, ActTick, target{cmd.ID, cmd.Version}, today, func(ctx context.Context, o Offer, old []Check) ([]Check, error) {
		owed, err := s.owed(ctx, call.Actor.Tenant, o)
		if err != nil {
			return nil, err
		}
		history := call.Actor.Has(operator)
		if err := CheckTicks(owed, old, cmd.Ticks, today, !history); err != nil {
			return nil, err
		}
		if !history {
			if err := s.trained(ctx, call.Actor.Tenant, o, cmd.Ticks, today); err != nil {
				return nil, err
			}
		}
		return apply(old, cmd.Ticks, call, o, today), nil
	})
}

// onChecks is one use case on the checks of an offer between the acceptance and
// the start: load, change, save, settle, move the doctor's task.
func (s *Service) onChecks(ctx context.Context, call access.Call, act access.Action, t target, today clock.Date,
	change func(ctx context.Context, o Offer, old []Check) ([]Check, error)) (Offer, error) {
	tenant := call.Actor.Tenant
	return s.change(ctx, call, act, t, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		if o.State != Accepted && o.State != Checked {
			return "", problem.Refuse("These checks cannot be changed.", "The checks can be ticked off between the acceptance and the start only.")
		}
		old, err := s.checks(ctx, tenant, *o, true)
		if err != nil {
			return "", err
		}
		changed, err := change(ctx, *o, old)
		if err != nil || len(changed) == 0 {
			return "", err
		}
		if err := s.saveChecks(ctx, tenant, *o, changed); err != nil {
			return "", err
		}
		now := merge(old, changed)
		if err := s.doctorTask(ctx, call, *o, old, now); err != nil {
			return "", err
		}
		return s.settle(ctx, call, o, now, today)
	})
}

// apply turns ticks into the checks that differ from what stands.
func apply(old []Check, ticks []Tick, call access.Call, o Offer, today clock.Date) []Check {
	var changed []Check
	for _, t := range ticks {
		c := checkOf(old, t.Kind)
		next := ticked(c, t, o, today)
		if next.State == "" || next.same(c) || next.State == Waiting && c.Version == 0 && next.Turn == TurnEmployer && next.Lane == "" && next.Evidence == "" {
			continue
		}
		next.Version, next.By, next.ByName = c.Version+1, call.Actor.Account, call.Actor.Name
		changed = append(changed, next)
	}
	return changed
}

// ticked is a check after a tick.
func ticked(c Check, t Tick, o Offer, today clock.Date) Check {
	next := c
	next.State, next.DoneOn, next.Until = t.State, t.On, t.Until
	if t.State != Done {
		next.DoneOn, next.Until, next.Reused = 0, 0, ""
	}
	switch {
	case t.State == Done:
		next.Turn, next.TurnOn, next.Cannot = "", 0, ""
	case t.Turn != "" && t.Turn != c.Turn:
		next.Turn, next.TurnOn = t.Turn, today
	case c.Turn == "":
		next.Turn, next.TurnOn = TurnEmployer, today
		if c.Version == 0 {
			next.TurnOn = o.AnsweredOn
		}
	}
	if t.Lane != "" && t.Lane != c.Lane {
		next.Lane, next.LaneOn = t.Lane, today
	}
	if !t.NoNote {
		next.Note, next.Evidence, next.Detail = t.Note, t.Evidence, maps.Clone(t.Detail)
		if code := t.Detail["share_code"]; code != "" {
			next.Detail["share_code"] = mask(code)
		}
	}
	return next
}

func merge(old, changed []Check) []Check {
	out := slices.Clone(old)
	for _, c := range changed {
		if i := slices.IndexFunc(out, func(o Check) bool { return o.Kind == c.Kind }); i >= 0 {
			out[i] = c
		} else {
			out = append(out, c)
		}
	}
	return out
}

// paperTask waits for the doctor while any check does; its title tells nothing
// of which.
func paperTask(o Offer, since clock.Date) casefile.Task {
	return casefile.Task{Doctor: o.Doctor, Kind: "check_papers", Title: "Something is needed for your employment checks", Source: o.Source(),
		URL: "/checks/" + o.ID, Party: casefile.PartyDoctor, Since: since}
}

func oldestWith(checks []Check, turn Turn) (since clock.Date) {
	for _, c := range checks {
		if c.Turn == turn && c.State != Done && (since.IsZero() || c.TurnOn < since) {
			since = c.TurnOn
		}
	}
	return since
}

func (s *Service) doctorTask(ctx context.Context, call access.Call, o Offer, old, now []Check) error {
	before, after := oldestWith(old, TurnDoctor), oldestWith(now, TurnDoctor)
	switch {
	case before == after:
		return nil
	case after.IsZero():
		return s.cases.CloseTask(ctx, call, o.Doctor, paperTask(o, 0).Kind, o.Source())
	case !before.IsZero() || s.o.Jobs == nil || call.Actor.Has(operator):
		return s.cases.OpenTask(ctx, call, paperTask(o, after))
	}
	if err := s.cases.OpenTask(ctx, call, paperTask(o, after)); err != nil {
		return err
	}
	return s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobOffered, map[string]string{"doctor": o.Doctor, "offer": o.ID})
}

// settle moves the offer between under way and complete, as the checks say, and
// keeps how long they took.
func (s *Service) settle(ctx context.Context, call access.Call, o *Offer, checks []Check, today clock.Date) (casefile.Kind, error) {
	done := CompletedOn(o.Checks, checks)
	switch {
	case o.State == Accepted && !done.IsZero():
		// A check may have been done before the acceptance; the step cannot.
		o.State, o.CheckedOn = Checked, max(done, o.AnsweredOn)
		o.Since = o.CheckedOn
		return casefile.ChecksComplete, s.took(ctx, call.Actor.Tenant, *o, 1)
	case o.State == Checked && done.IsZero():
		if err := s.took(ctx, call.Actor.Tenant, *o, -1); err != nil {
			return "", err
		}
		o.State, o.CheckedOn, o.Since = Accepted, 0, today
		return "", s.cases.Supersede(ctx, call, o.Doctor, casefile.ChecksComplete, o.Source(), nil)
	}
	return "", nil
}

// StartStops gives, as far as offer and checks go, every reason why a start
// cannot be recorded.
func (s *Service) StartStops(ctx context.Context, tenant string, o Offer) ([]string, error) {
	checks, err := s.checks(ctx, tenant, o, false)
	if err != nil {
		return nil, err
	}
	kinds, err := s.owed(ctx, tenant, o)
	if err != nil {
		return nil, err
	}
	return append(StopsStart(o, checks, titles(kinds)), StopsConditions(o, s.o.Rules.Conditions)...), nil
}

func titles(kinds []CheckKind) map[string]string {
	byCode := make(map[string]string, len(kinds))
	for _, k := range kinds {
		byCode[k.Code] = k.Title
	}
	return byCode
}

// MarkStarted closes the offer because the placement has begun. It asks no
// permission and writes no milestone: the start did both.
func (s *Service) MarkStarted(ctx context.Context, call access.Call, o Offer, on clock.Date) error {
	before := o
	o.State, o.StartedOn, o.Since = Started, on, on
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.update(ctx, call.Actor.Tenant, o); err != nil {
			return err
		}
		return s.moveTask(ctx, call, before, o)
	})
}

// What a doctor can say of a check that waits for them.
const (
	SaidSent   = "sent"   // it is on its way
	SaidLost   = "lost"   // it was lost
	SaidCannot = "cannot" // it cannot be had, or asking for it is not safe
	SaidSafe   = "safe"   // asking the country abroad is safe
)

// Saying is the doctor's word on one check.
type Saying struct {
	ID      string
	Version int
	Kind    string
	Said    string
}

// Say records the doctor's word; then it is the employer's turn.
func (s *Service) Say(ctx context.Context, call access.Call, cmd Saying) (Offer, error) {
	return s.onChecks(ctx, call, ActReply, target{cmd.ID, cmd.Version}, call.Today, func(ctx context.Context, o Offer, old []Check) ([]Check, error) {
		var c problem.Check
		c.That(slices.Contains(o.Checks, cmd.Kind), "said", "This check does not belong to your offer")
		c.That(slices.Contains([]string{SaidSent, SaidLost, SaidCannot, SaidSafe}, cmd.Said), "said", "Choose what you want to say")
		if err := c.Err(); err != nil {
			return nil, err
		}
		was := checkOf(old, cmd.Kind)
		if was.State == Done {
			return nil, problem.Refuse("This check is done.", "There is nothing more to send.")
		}
		next := was
		next.Turn, next.TurnOn = TurnEmployer, call.Today
		switch cmd.Said {
		case SaidSafe:
			next.ContactSafe = true
		case SaidLost, SaidCannot:
			next.Cannot, next.ContactSafe = cmd.Said, false
		default:
			next.Cannot = ""
		}
		next.Version, next.By = was.Version+1, call.Actor.Account
		return []Check{next}, s.sayAbroad(ctx, call, o.Doctor, cmd)
	})
}

// sayAbroad keeps the doctor's word on asking abroad where all of msw reads it.
func (s *Service) sayAbroad(ctx context.Context, call access.Call, doctor string, cmd Saying) error {
	k, _ := s.o.Rules.Kind(cmd.Kind)
	abroad := slices.ContainsFunc(k.Evidence, func(e Evidence) bool { return e.Contact })
	if !abroad || s.o.SayAbroad == nil || cmd.Said != SaidSafe && cmd.Said != SaidCannot {
		return nil
	}
	return s.o.SayAbroad(ctx, call, doctor, cmd.Said == SaidSafe)
}

// Standing is a check done for another offer that may be used again.
type Standing struct {
	Kind, Offer string
	DoneOn      clock.Date
	Until       clock.Date // the first day it no longer stands
}

// standing lists what still stands for an offer, by kind, the latest of each.
func (s *Service) standing(ctx context.Context, tenant string, o Offer, today clock.Date) (map[string]Standing, error) {
	list, err := s.doneElsewhere(ctx, tenant, o)
	if err != nil {
		return nil, err
	}
	out := map[string]Standing{}
	for _, c := range list {
		k, _ := s.o.Rules.Kind(c.Kind)
		until := Stands(k, c, today)
		if until.IsZero() || out[c.Kind].DoneOn > c.DoneOn {
			continue
		}
		out[c.Kind] = Standing{c.Kind, c.Reused, c.DoneOn, until}
	}
	return out, nil
}

// Agree lets the employer of this offer use a check done for another one; only
// the doctor can.
func (s *Service) Agree(ctx context.Context, call access.Call, cmd Saying) (Offer, error) {
	return s.onChecks(ctx, call, ActReply, target{cmd.ID, cmd.Version}, call.Today, func(ctx context.Context, o Offer, old []Check) ([]Check, error) {
		if _, err := s.stands(ctx, call, o, cmd.Kind); err != nil {
			return nil, err
		}
		next := checkOf(old, cmd.Kind)
		next.AgreedOn, next.Version, next.By = call.Today, next.Version+1, call.Actor.Account
		if next.Turn == "" {
			next.Turn, next.TurnOn = TurnEmployer, o.AnsweredOn
		}
		return []Check{next}, nil
	})
}

func (s *Service) stands(ctx context.Context, call access.Call, o Offer, kind string) (Standing, error) {
	list, err := s.standing(ctx, call.Actor.Tenant, o, call.Today)
	if err != nil {
		return Standing{}, err
	}
	got, ok := list[kind]
	if !ok || !slices.Contains(o.Checks, kind) {
		return got, problem.Refuse("This check cannot be used again.", "No check done elsewhere still stands.")
	}
	return got, nil
}

// Reuse takes a check done for another offer, to which the doctor agreed, as
// this one's.
func (s *Service) Reuse(ctx context.Context, call access.Call, cmd Saying) (Offer, error) {
	return s.onChecks(ctx, call, ActTick, target{cmd.ID, cmd.Version}, call.Today, func(ctx context.Context, o Offer, old []Check) ([]Check, error) {
		got, err := s.stands(ctx, call, o, cmd.Kind)
		if err != nil {
			return nil, err
		}
		next := checkOf(old, cmd.Kind)
		if next.AgreedOn.IsZero() {
			return nil, problem.Refuse("This check cannot be used again.", "The doctor has not agreed to it.")
		}
		next.State, next.DoneOn, next.Reused, next.Turn, next.TurnOn, next.Cannot = Done, got.DoneOn, got.Offer, "", 0, ""
		next.Version, next.By, next.ByName = next.Version+1, call.Actor.Account, call.Actor.Name
		return []Check{next}, nil
	})
}

// Trained is one subject of training of a doctor.
type Trained struct {
	Subject       string
	Title         string
	Version       int
	DoneOn, Until clock.Date // Until is the first day it is due again
	Employer, By  string
}

// Training says which subjects were done on a day.
type Training struct {
	ID       string
	Subjects []string
	On       clock.Date
}

// Train records training; the refresh dates follow from the rules. Older
// records give way to newer ones only.
func (s *Service) Train(ctx context.Context, call access.Call, cmd Training) (Offer, error) {
	tenant := call.Actor.Tenant
	return s.change(ctx, call, ActTick, target{id: cmd.ID}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		var c problem.Check
		c.That(len(cmd.Subjects) > 0, "subjects", "Choose at least one subject")
		c.That(!cmd.On.IsZero(), "on", "Enter the date the training was done")
		c.That(cmd.On <= call.Today, "on", "The date must be today or earlier")
		var list []Trained
		for _, id := range cmd.Subjects {
			sub, known := s.o.Rules.Subject(id)
			c.That(known, "subjects", "Choose subjects from the list")
			if known {
				list = append(list, Trained{Subject: id, DoneOn: cmd.On, Until: clock.AddMonths(cmd.On, sub.Months), Employer: o.Employer, By: call.Actor.Account})
			}
		}
		if err := c.Err(); err != nil {
			return "", err
		}
		return "", s.saveTraining(ctx, tenant, o.Doctor, list)
	})
}

// trained keeps the training gate from being ticked while a subject that comes
// before the first day is missing or out of date.
func (s *Service) trained(ctx context.Context, tenant string, o Offer, ticks []Tick, today clock.Date) error {
	i := slices.IndexFunc(ticks, func(t Tick) bool { return t.Kind == GateTraining && t.State == Done })
	if i < 0 {
		return nil
	}
	list, err := s.training(ctx, tenant, o.Doctor)
	if err != nil {
		return err
	}
	if missing := MissingTraining(s.o.Rules, list, today); len(missing) > 0 {
		return problem.Refuse("Training is not complete.", "Still to do before the first day: "+strings.Join(missing, ", ")+".")
	}
	return nil
}

// MissingTraining lists the subjects that come before the first day and are not
// in date.
func MissingTraining(r *Rules, list []Trained, today clock.Date) []string {
	var out []string
	for _, sub := range r.Subjects {
		if sub.First && !slices.ContainsFunc(list, func(t Trained) bool { return t.Subject == sub.ID && t.Until > today }) {
			out = append(out, sub.Title)
		}
	}
	return out
}
