package placement

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
)

// Tasks are the named tasks, the levels, and what is never allowed.
func (s *Service) Tasks() *card.Rules { return s.o.Tasks }

// SetLevels says for a host which level it gives for some tasks, from now on; 0
// says that nobody in this role does the task there.
func (s *Service) SetLevels(ctx context.Context, call access.Call, host string, levels map[string]card.Level) error {
	if err := s.access.May(call.Actor, ActLevels, hostResource(call.Actor.Tenant, host)); err != nil {
		return err
	}
	var c problem.Check
	var rows []card.HostLevel
	for _, t := range s.o.Tasks.Tasks {
		level, said := levels[t.ID]
		if !said {
			continue
		}
		c.That(level == 0 || level.Known() && level <= t.Highest, "level-"+t.ID, t.Title+": choose a level from 1 to "+levelDigit(t.Highest)+", or not here")
		rows = append(rows, card.HostLevel{Host: host, Task: t.ID, Level: level, At: call.Now})
	}
	c.That(len(rows) == len(levels), "levels", "A task is not in the list of tasks")
	if err := c.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		known, _, err := s.levelsOf(ctx, call.Actor.Tenant, host)
		if err != nil {
			return err
		}
		now := current(known)
		rows = slices.DeleteFunc(rows, func(l card.HostLevel) bool { old, said := now[l.Task]; return said && old.Level == l.Level })
		if len(rows) == 0 {
			return nil
		}
		if err := s.saveLevels(ctx, call.Actor.Tenant, call.Actor.Account, rows); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActLevels, Kind: "host", ID: host, Before: now, After: rows})
	})
}

// LookLevels shows what a host says of each task now, with all the hosts the
// actor may speak for.
func (s *Service) LookLevels(ctx context.Context, call access.Call, host string) (map[string]card.HostLevel, []post.Place, error) {
	tenant := call.Actor.Tenant
	if s.access.May(call.Actor, ActLevels, hostResource(tenant, host)) != nil {
		return nil, nil, problem.Missing()
	}
	list, _, err := s.levelsOf(ctx, tenant, host)
	if err != nil {
		return nil, nil, err
	}
	ids := []string{host}
	for _, id := range call.Actor.Organisations() {
		if s.access.May(call.Actor, ActLevels, hostResource(tenant, id)) == nil {
			ids = append(ids, id)
		}
	}
	ids = database.Distinct(ids)
	known, err := s.posts.Places(ctx, tenant, ids)
	var places []post.Place
	for _, id := range ids {
		if place, ok := known[id]; ok {
			places = append(places, place)
		}
	}
	return current(list), places, err
}

func hostResource(tenant, host string) access.Resource {
	return access.Resource{Kind: "host", ID: host, Tenant: tenant, Organisations: []string{host}}
}

// current leaves the latest of each task.
func current(list []card.HostLevel) map[string]card.HostLevel {
	out := map[string]card.HostLevel{}
	for _, l := range list { // oldest first
		out[l.Task] = l
	}
	return out
}

// SignOff records that a task was seen done, by whoever supervises the person.
func (s *Service) SignOff(ctx context.Context, call access.Call, cmd SignOff) (Signed, error) {
	return s.signOff(ctx, call, cmd, func(p Placement) error {
		return s.access.May(call.Actor, ActSign, p.Resource(call.Actor.Tenant))
	})
}

// SignOffFaults tells everything that is in the way of a sign-off that a form
// could not read whole. Typed is what it could not read; nothing is recorded.
func (s *Service) SignOffFaults(ctx context.Context, call access.Call, cmd SignOff, typed error) error {
	p, err := s.latestOf(ctx, call.Actor.Tenant, cmd.Doctor)
	if err != nil {
		return err
	}
	if err := s.access.May(call.Actor, ActSign, p.Resource(call.Actor.Tenant)); err != nil {
		return err
	}
	facts, err := s.signing(ctx, call, p, cmd)
	if err != nil {
		return err
	}
	return withTyped(typed, decideSignOff(cmd, facts))
}

// TakeSignOff is SignOff for another station, which has asked its own
// permission: a signed assessment that came by a link, for example.
func (s *Service) TakeSignOff(ctx context.Context, call access.Call, cmd SignOff) (Signed, error) {
	return s.signOff(ctx, call, cmd, func(Placement) error { return nil })
}

func (s *Service) signOff(ctx context.Context, call access.Call, cmd SignOff, may func(Placement) error) (Signed, error) {
	tenant := call.Actor.Tenant
	var v Signed
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.latestOf(ctx, tenant, cmd.Doctor)
		if err != nil {
			return err
		}
		if err := may(p); err != nil {
			return err
		}
		facts, err := s.signing(ctx, call, p, cmd)
		if err != nil {
			return err
		}
		if err := decideSignOff(cmd, facts); err != nil {
			return err
		}
		v = signed(call, p, cmd, facts)
		return s.recordSigned(ctx, call, cmd, &v)
	})
	return v, err
}

// signing loads what a sign-off is decided from.
func (s *Service) signing(ctx context.Context, call access.Call, p Placement, cmd SignOff) (signing, error) {
	tenant := call.Actor.Tenant
	out := signing{Placement: p, Longest: s.o.Tasks.Longest.Months, Today: call.Today}
	out.Task, out.Known = s.o.Tasks.Task(cmd.Task)
	levels, _, err := s.levelsOf(ctx, tenant, p.Host)
	if err != nil {
		return out, err
	}
	given, said := current(levels)[cmd.Task]
	out.Given, out.Said = given.Level, said
	account := cmd.Assessor.Account
	if account == "" {
		return out, nil
	}
	out.OwnAccount = p.Doctor == call.Actor.Doctor && account == call.Actor.Account
	who, err := s.posts.SupervisorNames(ctx, tenant, account)
	if err != nil {
		return out, err
	}
	out.Supervisor, out.Found = who[account]
	there, err := s.there(ctx, tenant, p, call.Today)
	out.There = there(account)
	return out, err
}

// there tells who of the supervisors still works at a placement's host or
// employer.
func (s *Service) there(ctx context.Context, tenant string, p Placement, today clock.Date) (func(account string) bool, error) {
	if s.o.Gone == nil {
		return func(string) bool { return true }, nil
	}
	gone, err := s.o.Gone(ctx, tenant, database.Distinct([]string{p.Host, p.Employer}), today)
	return func(account string) bool { return err == nil && !slices.Contains(gone, account) }, err
}

// signed makes the row. A supervisor whom the host has named needs no more
// words; somebody from outside, or anything that looks odd, waits for the host.
func signed(call access.Call, p Placement, cmd SignOff, facts signing) Signed {
	v := Signed{Version: 1, Doctor: p.Doctor, Placement: p.ID, Assessor: cmd.Assessor, Source: cmd.Source, Flagged: cmd.Flagged, By: call.Actor.Account}
	v.SignOff = card.SignOff{ID: database.NewID(), Task: cmd.Task, Host: p.Host, Level: cmd.Level, On: cmd.On, Recheck: cmd.Recheck, RecordedAt: call.Now}
	if v.Recheck.IsZero() {
		v.Recheck = facts.last(cmd)
	}
	if facts.Found {
		v.Assessor.Name = facts.Supervisor.Name
		if v.Assessor.Role == "" {
			v.Assessor.Role = "supervisor"
		}
		if !cmd.Flagged {
			v.ConfirmedAt, v.ConfirmedBy = call.Now, call.Actor.Account
		}
	}
	if cmd.Confirmed != "" && !cmd.Flagged {
		v.ConfirmedAt, v.ConfirmedBy = call.Now, cmd.Confirmed
	}
	v.SignOff.Assessor = v.Assessor.Words()
	return v
}

// recordSigned puts a sign-off in the place of the one that was on the screen.
func (s *Service) recordSigned(ctx context.Context, call access.Call, cmd SignOff, v *Signed) error {
	tenant := call.Actor.Tenant
	before, err := s.standing(ctx, tenant, *v)
	if err != nil {
		return err
	}
	if before.ID != cmd.Replaces {
		return alreadySigned(before)
	}
	if before.ID != "" {
		old := before
		old.ReplacedBy = v.ID
		if err := s.updateSigned(ctx, tenant, old); problem.KindOf(err) == problem.Conflict {
			return alreadySigned(Signed{})
		} else if err != nil {
			return err
		}
	}
	fresh, err := s.insertSigned(ctx, tenant, *v)
	if err != nil {
		return err
	}
	if !fresh { // somebody else came between the look and the row
		first, err := s.standing(ctx, tenant, *v)
		return cmpErr(err, alreadySigned(first))
	}
	if err := s.askToVouch(ctx, call, *v); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActSign, Kind: "sign-off", ID: v.ID, Person: v.Doctor, Before: before, After: *v})
}

// standing is the sign-off of the same task and host that holds now, if any.
func (s *Service) standing(ctx context.Context, tenant string, v Signed) (Signed, error) {
	list, err := s.signedOf(ctx, tenant, v.Doctor)
	for _, one := range list {
		if one.Stands() && one.Task == v.Task && one.Host == v.Host {
			return one, nil
		}
	}
	return Signed{}, err
}

// alreadySigned tells the second of two what the first one did.
func alreadySigned(first Signed) error {
	text := "This task was changed while you were writing. Look at it again."
	if first.ID != "" {
		text = "This task was signed off meanwhile: level " + levelDigit(first.Level) + ", seen on " + first.On.Long() + " by " + first.Assessor.Words() +
			". Yours is not recorded. Look at it, then sign again if yours should replace it."
	}
	return problem.New(problem.Conflict, text)
}

// WithdrawSignOff takes a sign-off back for a coded reason: from now on the task
// is not allowed, and no older sign-off comes back.
func (s *Service) WithdrawSignOff(ctx context.Context, call access.Call, id, code string) error {
	if WithdrawalWords(code) == "" {
		return problem.Refuse("This sign-off cannot be taken back.", "Choose why it is taken back.")
	}
	return s.onSigned(ctx, call, ActSign, id, func(v *Signed) error {
		v.WithdrawnAt, v.WithdrawnBy, v.Why = call.Now, call.Actor.Account, code
		return nil
	})
}

// Vouch says for the host that an assessor is who the sign-off says, with the
// role and GMC number recorded. Only then does the sign-off count.
func (s *Service) Vouch(ctx context.Context, call access.Call, id string) error {
	return s.onSigned(ctx, call, ActVouch, id, func(v *Signed) error {
		if !v.ConfirmedAt.IsZero() {
			return problem.Refuse("This assessor is confirmed already.")
		}
		v.ConfirmedAt, v.ConfirmedBy = call.Now, call.Actor.Account
		return nil
	})
}

// onSigned changes a sign-off that stands, with permission of its placement.
func (s *Service) onSigned(ctx context.Context, call access.Call, act access.Action, id string, change func(*Signed) error) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.loadSigned(ctx, tenant, id)
		if err != nil {
			return err
		}
		p, err := s.load(ctx, tenant, v.Placement)
		if err != nil {
			return err
		}
		if s.access.May(call.Actor, act, p.Resource(tenant)) != nil {
			return problem.Missing()
		}
		if !v.Stands() {
			return problem.Stale()
		}
		before := v
		if err := change(&v); err != nil {
			return err
		}
		if err := s.updateSigned(ctx, tenant, v); err != nil {
			return err
		}
		if err := s.cases.CloseTask(ctx, call, v.Doctor, TaskVouch, "sign-off:"+v.ID); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "sign-off", ID: v.ID, Person: v.Doctor, Before: before, After: v})
	})
}
