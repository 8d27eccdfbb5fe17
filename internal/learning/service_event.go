package learning

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// EventSight is an event as one actor may see it.
type EventSight struct {
	Event
	Organiser   string // name
	Sessions    []Session
	Mine        *Booking // the latest of the actor's own
	Stops       []string // why the actor, a doctor, cannot book
	MayOrganise bool
	MayPeople   bool
	TellsPlace  bool
}

// LookEvent shows one event. Where it is is told to those booked and to the
// organiser.
func (s *Service) LookEvent(ctx context.Context, call access.Call, id string) (EventSight, error) {
	e, err := s.visible(ctx, call, id)
	if err != nil {
		return EventSight{}, err
	}
	tenant := call.Actor.Tenant
	v := EventSight{Event: e, MayOrganise: s.may(call, ActOrganise, e), MayPeople: s.may(call, ActPeople, e)}
	if v.Sessions, err = s.sessions(ctx, tenant, e.ID); err != nil {
		return v, err
	}
	if v.Organiser, err = s.organiser(ctx, tenant, e.Organisation); err != nil {
		return v, err
	}
	if doctor := call.Actor.Doctor; doctor != "" {
		if v.Mine, err = s.bookingOf(ctx, tenant, e.ID, doctor); err != nil {
			return v, err
		}
		stage, err := s.o.Stage(ctx, tenant, doctor)
		if err != nil {
			return v, err
		}
		v.Stops = Stops(e, stage, call.Now)
	}
	v.TellsPlace = v.MayOrganise || v.Mine != nil && v.Mine.State == Booked
	if !v.TellsPlace {
		v.Place = ""
		if v.Way != WayOutside {
			v.Link = ""
		}
	}
	return v, nil
}

// visible loads an event the actor may know of: a draft is its organiser's, and
// a doctor does not meet what is run by somebody they hide from.
func (s *Service) visible(ctx context.Context, call access.Call, id string) (Event, error) {
	e, err := s.event(ctx, call.Actor.Tenant, id)
	if err != nil {
		return e, err
	}
	if !s.may(call, ActSee, e) || e.State == Draft && !s.may(call, ActOrganise, e) {
		return Event{}, problem.Missing()
	}
	list, err := s.unhidden(ctx, call, []Event{e})
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	return e, err
}

// unhidden leaves out what is run by organisations the actor, a doctor, hides from.
func (s *Service) unhidden(ctx context.Context, call access.Call, list []Event) ([]Event, error) {
	doctor := call.Actor.Doctor
	if doctor == "" {
		return list, nil
	}
	hides := func(organisations ...string) (bool, error) {
		var subjects []string
		for _, id := range organisations {
			subjects = append(subjects, "org:"+id)
		}
		hidden, err := s.o.HiddenFrom(ctx, call.Actor.Tenant, subjects)
		return slices.Contains(hidden, doctor), err
	}
	var all []string
	for _, e := range list {
		all = append(all, e.Organisation)
	}
	all = database.Distinct(all)
	if len(all) == 0 {
		return list, nil
	}
	any, err := hides(all...)
	if err != nil || !any { // most hide from nobody
		return list, err
	}
	for _, id := range all {
		hidden, err := hides(id)
		if err != nil {
			return nil, err
		}
		if hidden {
			list = slices.DeleteFunc(list, func(e Event) bool { return e.Organisation == id })
		}
	}
	return list, nil
}

func (s *Service) organiser(ctx context.Context, tenant, id string) (string, error) {
	names, err := s.organisers(ctx, tenant, []string{id})
	return names[id], err
}

func (s *Service) organisers(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	out := map[string]string{"": "The programme"}
	found, err := s.o.Organisations(ctx, tenant, database.Distinct(ids))
	for id, o := range found {
		out[id] = o.Name
	}
	return out, err
}

// EventQuery asks for one page of events.
type EventQuery struct {
	Kind  string
	Past  bool
	After []string // first_at and id of the last row shown
	Limit int
}

// EventRow is an event in a list: without the place.
type EventRow struct {
	Event
	Organiser string
}

// Events lists what a doctor can go to, or an organiser's own, and whether
// there are more.
func (s *Service) Events(ctx context.Context, call access.Call, q EventQuery) (rows []EventRow, next []string, err error) {
	scope := s.access.Scope(call.Actor, ActSee)
	if call.Actor.Doctor != "" {
		scope = access.Scope{Tenant: call.Actor.Tenant, All: true}
	}
	list, err := s.eventPage(ctx, scope, q, call.Actor.Doctor != "", call.Now)
	if err != nil {
		return nil, nil, err
	}
	if len(list) > q.Limit {
		list = list[:q.Limit]
		next = []string{list[q.Limit-1].FirstAt.String(), list[q.Limit-1].ID}
	}
	if list, err = s.unhidden(ctx, call, list); err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, e := range list {
		ids = append(ids, e.Organisation)
	}
	names, err := s.organisers(ctx, call.Actor.Tenant, ids)
	for _, e := range list {
		rows = append(rows, EventRow{e, names[e.Organisation]})
	}
	return rows, next, err
}

// MayOfferFor lists for whom the actor can run events: the programme, or
// organisations of theirs, by id and name.
func (s *Service) MayOfferFor(ctx context.Context, call access.Call) ([]Code, error) {
	scope := s.access.Scope(call.Actor, ActOrganise)
	var out []Code
	if scope.All {
		out = append(out, Code{"", "The programme"})
	}
	found, err := s.o.Organisations(ctx, call.Actor.Tenant, database.Distinct(scope.Organisations))
	for _, id := range database.Distinct(scope.Organisations) {
		if o, ok := found[id]; ok {
			out = append(out, Code{id, o.Name})
		}
	}
	return out, err
}

// SaveEvent makes an event, as a draft, or changes one. Who offers it and its
// state stay as they are.
func (s *Service) SaveEvent(ctx context.Context, call access.Call, e Event) (Event, error) {
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if e.ID == "" {
			return s.makeEvent(ctx, call, &e)
		}
		old, err := s.lockedEvent(ctx, call, e.ID)
		if err != nil {
			return err
		}
		if old.Version != e.Version {
			return problem.Stale()
		}
		if (e.Way == WayOutside) != (old.Way == WayOutside) && old.Taken+old.Waiting > 0 {
			return problem.Refuse("How doctors book cannot change now.", "People have booked here. Cancel this event and make another.")
		}
		e.Organisation, e.State, e.Taken, e.Waiting, e.FirstAt, e.LastAt, e.MadeAt, e.By = old.Organisation, old.State, old.Taken, old.Waiting, old.FirstAt, old.LastAt, old.MadeAt, old.By
		if err := e.check(); err != nil {
			return err
		}
		if err := s.updateEvent(ctx, call.Actor.Tenant, e); err != nil {
			return err
		}
		e.Version++
		if old.Place != e.Place || old.Link != e.Link || old.Way != e.Way {
			if err := s.tellBooked(ctx, call, e); err != nil {
				return err
			}
		}
		if err := s.settle(ctx, call, e, ""); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOrganise, Kind: "event", ID: e.ID, Before: old, After: e})
	})
	return e, err
}

func (s *Service) makeEvent(ctx context.Context, call access.Call, e *Event) error {
	e.State, e.MadeAt, e.By, e.Version = Draft, call.Now, call.Actor.Account, 1
	if !s.may(call, ActOrganise, *e) {
		return problem.Missing()
	}
	if err := e.check(); err != nil {
		return err
	}
	e.ID = database.NewRef()
	if err := s.insertEvent(ctx, call.Actor.Tenant, *e); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActOrganise, Kind: "event", ID: e.ID, After: *e})
}

// lockedEvent loads an event the actor organises; until the transaction ends
// nobody else books or changes it.
func (s *Service) lockedEvent(ctx context.Context, call access.Call, id string) (Event, error) {
	e, err := s.lock(ctx, call.Actor.Tenant, id)
	if err == nil && !s.may(call, ActOrganise, e) {
		err = problem.Missing()
	}
	return e, err
}

// SetState opens, closes or cancels an event. Each can be undone: a cancelled one
// can be opened again, and its bookings stand as they were.
func (s *Service) SetState(ctx context.Context, call access.Call, id string, version int, to State) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		e, err := s.lockedEvent(ctx, call, id)
		if err != nil {
			return err
		}
		if e.Version != version {
			return problem.Stale()
		}
		switch {
		case to != Open && to != Closed && to != Cancelled || to == Closed && e.State != Open:
			return problem.Refuse("This cannot be done now.", "Look at the event again.")
		case to == e.State:
			return nil
		case to == Open && e.Way != WayOutside && (e.FirstAt.IsZero() || begun(e, call.Now)):
			return problem.Refuse("This cannot be opened yet.", "Add its dates first. The first must be in the future.")
		}
		old := e
		e.State = to
		if err := s.updateEvent(ctx, call.Actor.Tenant, e); err != nil {
			return err
		}
		if to == Cancelled || old.State == Cancelled {
			if err := s.tellBooked(ctx, call, e); err != nil {
				return err
			}
		}
		if err := s.settle(ctx, call, e, ""); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOrganise, Kind: "event", ID: id, Before: old, After: e})
	})
}

const mostSessions = 60

// AddSessions adds a meeting, and the same a week later as often as asked.
func (s *Service) AddSessions(ctx context.Context, call access.Call, id string, on clock.Date, minuteOfDay, minutes, times int) error {
	var c problem.Check
	c.That(on > call.Today, "on", "Enter a day after today")
	c.That(minuteOfDay >= 0 && minuteOfDay < 24*60, "at", "Enter a time, like 14:30")
	c.That(minutes >= 15 && minutes <= 12*60, "minutes", "Enter how long it takes, from 15 to 720 minutes")
	c.That(times >= 1 && times <= 52, "times", "Enter how many weeks, from 1 to 52")
	if err := c.Err(); err != nil {
		return err
	}
	return s.changeSessions(ctx, call, id, func(ctx context.Context, list []Session) ([]Session, error) {
		for i := range times {
			x := Session{Starts: clock.OnDay(on.AddDays(7*i), minuteOfDay), Minutes: minutes}
			if slices.ContainsFunc(list, func(have Session) bool { return have.Starts == x.Starts }) {
				continue // sent twice
			}
			if err := s.insertSession(ctx, call.Actor.Tenant, id, x); err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		if len(list) > mostSessions {
			return nil, problem.Refuse("These are too many dates.", "An event can have 60 dates.")
		}
		return list, nil
	})
}

// RemoveSession takes a meeting away.
func (s *Service) RemoveSession(ctx context.Context, call access.Call, id string, starts clock.Instant) error {
	return s.changeSessions(ctx, call, id, func(ctx context.Context, list []Session) ([]Session, error) {
		rest := slices.DeleteFunc(slices.Clone(list), func(x Session) bool { return x.Starts == starts })
		if len(rest) == len(list) {
			return list, nil // taken away before
		}
		return rest, s.deleteSession(ctx, call.Actor.Tenant, id, starts)
	})
}

func (s *Service) changeSessions(ctx context.Context, call access.Call, id string, fn func(context.Context, []Session) ([]Session, error)) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		e, err := s.lockedEvent(ctx, call, id)
		if err != nil {
			return err
		}
		old, err := s.sessions(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		list, err := fn(ctx, old)
		if err != nil {
			return err
		}
		e.FirstAt, e.LastAt = clock.Instant{}, clock.Instant{}
		for _, x := range list {
			if e.FirstAt.IsZero() || x.Starts.Before(e.FirstAt) {
				e.FirstAt = x.Starts
			}
			if x.Starts.After(e.LastAt) {
				e.LastAt = x.Starts
			}
		}
		if len(list) == 0 && e.State != Draft && e.Way != WayOutside {
			return problem.Refuse("The last date cannot be taken away.", "Add another date first, or cancel the event.")
		}
		if err := s.updateEvent(ctx, call.Actor.Tenant, e); err != nil {
			return err
		}
		if len(list) != len(old) {
			if err := s.tellBooked(ctx, call, e); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOrganise, Kind: "event", ID: id, Before: old, After: list})
	})
}

// tellBooked tells everybody with a place or on the list that something changed.
func (s *Service) tellBooked(ctx context.Context, call access.Call, e Event) error {
	doctors, err := s.liveDoctors(ctx, call.Actor.Tenant, e.ID)
	for _, id := range doctors {
		if err := s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobChanged, map[string]string{"doctor": id}); err != nil {
			return err
		}
	}
	return err
}
