package casefile

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Sheet is a case page as one actor may see it.
type Sheet struct {
	Case     Case // as the views may know it
	Views    Views
	Name     string
	Timeline []Line
	Tasks    []Task
	Holds    []Hold // only for those from whom nothing of the journey is kept
	Threads  []Thread
	Places   map[string]string // names of the organisations in it
}

// permit finds a case by reference and asks permission for it.
func (s *Service) permit(ctx context.Context, call access.Call, act access.Action, ref string) (Case, error) {
	c, err := s.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return Case{}, err
	}
	return c, s.access.May(call.Actor, act, c.Resource())
}

// own is permit for the doctor's own case.
func (s *Service) own(ctx context.Context, call access.Call, act access.Action) (Case, error) {
	if call.Actor.Doctor == "" {
		return Case{}, problem.Missing()
	}
	c, err := s.Get(ctx, call.Actor.Doctor, call.Actor.Tenant)
	if err != nil {
		return Case{}, err
	}
	return c, s.access.May(call.Actor, act, c.Resource())
}

// Sheet reads the case page and records that it was looked at.
func (s *Service) Sheet(ctx context.Context, call access.Call, ref string) (Sheet, error) {
	c, err := s.permit(ctx, call, ActRead, ref)
	if err != nil {
		return Sheet{}, err
	}
	sh := Sheet{Views: ViewsOf(call.Actor, c)}
	sh.Case = sh.Views.See(c)
	if sh.Name, err = s.name(ctx, c); err != nil {
		return Sheet{}, err
	}
	list, err := s.Milestones(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Sheet{}, err
	}
	sh.Timeline = sh.Views.Timeline(list)
	tasks, err := s.openTasks(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Sheet{}, err
	}
	sh.Tasks = sh.Views.Tasks(tasks)
	for i, t := range sh.Tasks {
		sh.Tasks[i] = s.reachable(call, c, t)
	}
	if sh.Views.Full() {
		if sh.Holds, err = s.openHolds(ctx, c.Tenant, c.Doctor); err != nil {
			return Sheet{}, err
		}
	}
	if s.access.May(call.Actor, ActMessage, c.Resource()) == nil {
		threads, err := s.threads(ctx, c.Tenant, c.Doctor)
		if err != nil {
			return Sheet{}, err
		}
		sh.Threads = sh.Views.Threads(threads)
	}
	if sh.Places, err = s.places(ctx, c.Tenant, sh); err != nil {
		return Sheet{}, err
	}
	return sh, s.audit.Look(ctx, call, audit.Look{Action: ActRead, Kind: "case", IDs: []string{c.Doctor}, Person: c.Doctor})
}

// name gives how to address one doctor.
func (s *Service) name(ctx context.Context, c Case) (string, error) {
	names, err := s.names(ctx, c.Tenant, []string{c.Doctor})
	if err != nil {
		return "", err
	}
	if n := names[c.Doctor]; n != "" {
		return n, nil
	}
	return c.Ref, nil
}

func (s *Service) names(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	if s.Names == nil || len(doctors) == 0 {
		return nil, nil
	}
	return s.Names(ctx, tenant, doctors)
}

func (s *Service) places(ctx context.Context, tenant string, sh Sheet) (map[string]string, error) {
	var ids []string
	seen := map[string]bool{"": true}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, l := range sh.Timeline {
		add(l.Organisation)
	}
	for _, t := range sh.Threads {
		add(t.Organisation)
	}
	if sh.Views.Full() {
		add(sh.Case.Organisation)
	}
	if s.OrganisationNames == nil || len(ids) == 0 {
		return nil, nil
	}
	return s.OrganisationNames(ctx, tenant, ids)
}

// Settle closes a task by hand, urgent ones too. A task already closed is no error.
func (s *Service) Settle(ctx context.Context, call access.Call, ref, kind, source string) error {
	return s.work(ctx, call, ActWork, ref, func(ctx context.Context, f *file) (any, error) {
		return map[string]string{"task": kind, "source": source, "now": "closed"}, s.settle(ctx, call, f, kind, source)
	})
}

// Assign gives an open task to one account; "" gives it back to the party.
func (s *Service) Assign(ctx context.Context, call access.Call, ref, kind, source, account string) error {
	return s.work(ctx, call, ActWork, ref, func(ctx context.Context, f *file) (any, error) {
		ok, err := s.assignTask(ctx, f.Tenant, f.Doctor, kind, source, account)
		if err == nil && !ok {
			err = problem.New(problem.Conflict, "This task is already closed.")
		}
		return map[string]string{"task": kind, "source": source, "owner": account}, err
	})
}

// Name names the case's caseworker, an account; "" = nobody yet.
func (s *Service) Name(ctx context.Context, call access.Call, ref, account string) error {
	return s.work(ctx, call, ActWork, ref, func(_ context.Context, f *file) (any, error) {
		f.Caseworker = account
		return map[string]string{"caseworker": account}, nil
	})
}

// NewHold is what staff say when a case waits for something outside.
type NewHold struct {
	Ref, Reason string
	Party       Party      // whom one waits for
	Until       clock.Date // expected end, needed
}

// Hold puts a case on hold. Its place in the order of waiting is kept.
func (s *Service) Hold(ctx context.Context, call access.Call, n NewHold) error {
	var check problem.Check
	check.That(knownReason(HoldReasons(), n.Reason), "reason", "Choose why the case is on hold")
	check.That(n.Party.Known() && n.Party != PartyNobody, "party", "Choose whom the case waits for")
	check.That(n.Until > call.Today, "until", "Enter a date in the future when you expect the hold to end")
	if err := check.Err(); err != nil {
		return err
	}
	return s.work(ctx, call, ActWork, n.Ref, func(ctx context.Context, f *file) (any, error) {
		h := Hold{ID: database.NewID(), Doctor: f.Doctor, Reason: n.Reason, Party: n.Party, From: call.Today, Until: n.Until}
		f.holds = append(f.holds, h)
		return h, s.insertHold(ctx, f.Tenant, h)
	})
}

// EndHold lets the case go on.
func (s *Service) EndHold(ctx context.Context, call access.Call, ref, id string) error {
	return s.work(ctx, call, ActWork, ref, func(ctx context.Context, f *file) (any, error) {
		f.holds = slices.DeleteFunc(f.holds, func(h Hold) bool { return h.ID == id })
		ok, err := s.endHold(ctx, f.Tenant, f.Doctor, id, call.Today)
		if err == nil && !ok {
			err = problem.New(problem.Conflict, "This hold has already ended.")
		}
		return map[string]string{"hold": id, "now": "ended"}, err
	})
}

// Pause stops the clock for a doctor without losing their place. Reason may be
// empty; until, the date they expect to carry on, may be zero.
func (s *Service) Pause(ctx context.Context, call access.Call, ref, reason string, until clock.Date) error {
	var check problem.Check
	check.That(reason == "" || knownReason(PauseReasons(), reason), "reason", "Choose one of the reasons, or none")
	check.That(until == 0 || until > call.Today, "until", "Enter a date in the future, or leave it empty")
	if err := check.Err(); err != nil {
		return err
	}
	return s.mark(ctx, call, ActPause, ref, Milestone{Kind: Paused, Code: reason, Due: until})
}

// Resume ends the pause.
func (s *Service) Resume(ctx context.Context, call access.Call, ref string) error {
	return s.mark(ctx, call, ActPause, ref, Milestone{Kind: Resumed})
}

// Close closes a case for a coded reason; only Reopen moves it again.
func (s *Service) Close(ctx context.Context, call access.Call, ref, reason string) error {
	if !knownReason(CloseReasons(), reason) {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "reason", Message: "Choose why the case is closed"}}}
	}
	return s.mark(ctx, call, ActClose, ref, Milestone{Kind: Closed, Code: reason})
}

// Reopen opens a closed case again, where it stood.
func (s *Service) Reopen(ctx context.Context, call access.Call, ref string) error {
	return s.mark(ctx, call, ActClose, ref, Milestone{Kind: Reopened})
}

// mark records a milestone of today by hand, if it changes anything.
func (s *Service) mark(ctx context.Context, call access.Call, act access.Action, ref string, m Milestone) error {
	m.On = call.Today
	return s.work(ctx, call, act, ref, func(ctx context.Context, f *file) (any, error) {
		before := f.derive()
		if err := f.take([]Milestone{m}); err != nil {
			return nil, err
		}
		if f.derive() == before {
			return nil, problem.New(problem.Conflict, "This is already so. Go back to the case to see where it stands.")
		}
		return m, s.insertMilestones(ctx, f.Tenant, f.Doctor, call.Now, f.live[len(f.live)-1:])
	})
}

// work is one use case on one case by hand: permit, load, change, save, record.
func (s *Service) work(ctx context.Context, call access.Call, act access.Action, ref string, fn func(ctx context.Context, f *file) (any, error)) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, act, ref)
		if err != nil {
			return err
		}
		var after any
		if err := s.change(ctx, call, c.Doctor, func(ctx context.Context, f *file) (err error) {
			after, err = fn(ctx, f)
			return err
		}); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "case", ID: c.Doctor, Person: c.Doctor, Before: c.Derived, After: after})
	})
}
