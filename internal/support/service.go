package support

import (
	"context"
	"errors"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/programme"
)

// The programme settings that are asked for.
const (
	SettingHard   = programme.SupportHardInARow
	SettingFails  = programme.SupportExamFails
	SettingMonths = programme.HelpCheckedMonths
)

// Options for New; all are needed.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Cases  *casefile.Service
	// Setting is a number the programme set.
	Setting func(ctx context.Context, tenant, name string) (int, error)
	Names   func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// Account is a doctor's own account, "" while they have none.
	Account func(ctx context.Context, tenant, doctor string) (string, error)
	// Staff names accounts.
	Staff func(ctx context.Context, accounts []string) (map[string]string, error)
	// Fails are the days of exams a doctor did not pass; asked only when the
	// doctor switched on that their exams may call somebody.
	Fails func(ctx context.Context, tenant, doctor string) ([]clock.Date, error)
	// HiddenFrom lists the doctors who hide from any of some subjects.
	HiddenFrom func(ctx context.Context, tenant string, subjects []string) ([]string, error)
	// Directory is the public directory of schemes, kept elsewhere with sources.
	Directory func() []Help
}

// Service is the use cases of looking after people. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	cases  *casefile.Service
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Cases == nil || o.Setting == nil || o.Names == nil || o.Account == nil ||
		o.Staff == nil || o.Fails == nil || o.HiddenFrom == nil || o.Directory == nil {
		return nil, errors.New("support: every option is needed")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, cases: o.Cases}, nil
}

// own asks whether the actor may do something with what is their own, and gives
// their doctor's id; everybody else learns nothing.
func (s *Service) own(call access.Call, act access.Action) (string, error) {
	id := call.Actor.Doctor
	if id == "" {
		return "", problem.Missing()
	}
	return id, s.access.May(call.Actor, act, access.Resource{Kind: "support", ID: id, Tenant: call.Actor.Tenant, Doctor: id})
}

func (s *Service) may(call access.Call, act access.Action) error {
	return s.access.May(call.Actor, act, access.Resource{Kind: "support", Tenant: call.Actor.Tenant})
}

// Mine is all a doctor sees of how they are looked after.
type Mine struct {
	Plan       Plan
	Due        bool // a check-in waits
	CheckIns   []CheckIn
	Calls      []Call // newest first
	Caseworker string // name
	Mentor     string // name
	Pair       *Pair
	Hardship   []Hardship
}

// Look gives the actor's own page. It is no look at somebody else's record.
func (s *Service) Look(ctx context.Context, call access.Call) (Mine, error) {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return Mine{}, err
	}
	var m Mine
	tenant := call.Actor.Tenant
	if m.Plan, err = s.plan(ctx, tenant, id); err != nil {
		return m, err
	}
	m.Due = !m.Plan.Next.IsZero() && m.Plan.Next <= call.Today
	const shown = 12
	if m.CheckIns, err = s.checkIns(ctx, tenant, id, shown); err != nil {
		return m, err
	}
	if m.Calls, err = s.callsOf(ctx, tenant, id); err != nil {
		return m, err
	}
	if _, m.Caseworker, err = s.caseworker(ctx, tenant, id); err != nil {
		return m, err
	}
	if m.Pair, err = s.pairOf(ctx, tenant, id); err != nil {
		return m, err
	}
	if m.Pair != nil && m.Pair.State == Together {
		names, err := s.o.Names(ctx, tenant, []string{m.Pair.Mentor})
		if err != nil {
			return m, err
		}
		m.Mentor = names[m.Pair.Mentor]
	}
	m.Hardship, err = s.hardshipOf(ctx, tenant, id)
	return m, err
}

// SavePlan keeps how the doctor wants to be looked after. Version is that of
// the plan the doctor saw, 0 for the first.
func (s *Service) SavePlan(ctx context.Context, call access.Call, p Plan) error {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return err
	}
	if !p.Answers && !p.Exams {
		p.Told = ""
	}
	if err := p.check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.plan(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if old.Version != p.Version {
			return problem.Stale()
		}
		p.Doctor, p.warned, p.ChangedAt, p.Next = id, old.warned, call.Now, old.Next
		if p.Rhythm != old.Rhythm || old.Version == 0 {
			p.Next = p.Rhythm.After(call.Today)
		}
		if p.Told == TellMentor {
			if _, ok, err := s.target(ctx, call.Actor.Tenant, id, TellMentor); err != nil || !ok {
				return problem.Refuse("You have no mentor yet.", "Choose someone else for now. You can change it when you have a mentor.")
			}
		}
		if err := s.savePlan(ctx, call.Actor.Tenant, p); err != nil {
			return err
		}
		if p.Next.IsZero() || p.Next > call.Today {
			if err := s.cases.CloseTask(ctx, call, id, casefile.TaskCheckIn, "support"); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "support_plan", ID: id, Person: id, Before: old, After: p})
	})
}

// CheckIn keeps a check-in. It tells whether somebody was asked to call, which
// happens only by what the doctor switched on. The audit says that a check-in
// was made, not what was said.
func (s *Service) CheckIn(ctx context.Context, call access.Call, c CheckIn) (called bool, err error) {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return false, err
	}
	c.ID, c.Doctor, c.On = database.NewID(), id, call.Today
	if err := c.check(); err != nil {
		return false, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		p, err := s.plan(ctx, tenant, id)
		if err != nil {
			return err
		}
		if err := s.insertCheckIn(ctx, call, c); err != nil {
			return err
		}
		p.Next = p.Rhythm.After(call.Today)
		if called, err = s.watch(ctx, call, &p); err != nil {
			return err
		}
		if p.Version > 0 {
			if err := s.savePlan(ctx, tenant, p); err != nil {
				return err
			}
		}
		if err := s.cases.CloseTask(ctx, call, id, casefile.TaskCheckIn, "support"); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "support_checkin", ID: c.ID, Person: id, After: map[string]string{"on": c.On.String()}})
	})
	return called, err
}

// Forget deletes a check-in of the actor's own: what was private can be gone.
func (s *Service) Forget(ctx context.Context, call access.Call, checkIn string) error {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		gone, err := s.deleteCheckIn(ctx, call.Actor.Tenant, id, checkIn)
		if err != nil {
			return err
		}
		if !gone {
			return problem.Missing()
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "support_checkin", ID: checkIn, Person: id, Before: map[string]string{"forgotten": call.Today.String()}})
	})
}

// watch looks for an early warning by what the doctor switched on and, where
// there is one that was not told before, asks the chosen person to call.
func (s *Service) watch(ctx context.Context, call access.Call, p *Plan) (bool, error) {
	if !p.Answers && !p.Exams || p.Told == "" {
		return false, nil
	}
	tenant := call.Actor.Tenant
	w, limits, err := s.watched(ctx, tenant, *p, call.Today)
	if err != nil {
		return false, err
	}
	rest := basis(Warn(*p, w, limits), w)
	if rest == "" || rest == p.warned {
		return false, nil
	}
	if _, ok, err := s.target(ctx, tenant, p.Doctor, p.Told); err != nil || !ok {
		return false, err // whom the doctor chose is not there any more: nobody else is told
	}
	p.warned = rest
	return true, s.ring(ctx, call, p.Doctor, p.Told)
}

func (s *Service) watched(ctx context.Context, tenant string, p Plan, today clock.Date) (w Watched, l Limits, err error) {
	w.Today = today
	if l.HardInARow, err = s.o.Setting(ctx, tenant, SettingHard); err != nil {
		return w, l, err
	}
	if l.Fails, err = s.o.Setting(ctx, tenant, SettingFails); err != nil {
		return w, l, err
	}
	if p.Answers {
		const most = 20
		if w.CheckIns, err = s.checkIns(ctx, tenant, p.Doctor, most); err != nil {
			return w, l, err
		}
	}
	if p.Exams {
		w.Fails, err = s.o.Fails(ctx, tenant, p.Doctor)
	}
	return w, l, err
}

// ExamsChanged looks again when a doctor's exams changed: a result may
// ask for a call. Most doctors never switched that on.
func (s *Service) ExamsChanged(ctx context.Context, call access.Call, doctor string, kinds []string) error {
	if !slices.Contains(kinds, fact.Exam) {
		return nil
	}
	p, err := s.plan(ctx, call.Actor.Tenant, doctor)
	if err != nil || p.Version == 0 || !p.Exams {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		called, err := s.watch(ctx, call, &p)
		if err != nil || !called {
			return err
		}
		return s.savePlan(ctx, call.Actor.Tenant, p)
	})
}

// RemindDue opens a task for every doctor whose check-in is due; the task is
// seen by nobody else.
func (s *Service) RemindDue(ctx context.Context, call access.Call) (int, error) {
	if err := s.may(call, ActLook); err != nil {
		return 0, err
	}
	total := 0
	for after := ""; ; {
		const batch = 200
		list, err := s.due(ctx, call.Actor.Tenant, call.Today, after, batch)
		if err != nil || len(list) == 0 {
			return total, err
		}
		err = s.db.Tx(ctx, func(ctx context.Context) error {
			for _, p := range list {
				t := casefile.Task{Doctor: p.Doctor, Kind: casefile.TaskCheckIn, Source: "support", Title: "How are you? Your own check-in, read by nobody else",
					URL: "/support/check-in", Party: casefile.PartyDoctor, Since: p.Next}
				if err := s.cases.OpenTask(ctx, call, t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		total, after = total+len(list), list[len(list)-1].Doctor
	}
}
