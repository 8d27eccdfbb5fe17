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

// Book gives the actor a place, or the next on the waiting list. Who has booked
// already is told so and nothing is done twice.
func (s *Service) Book(ctx context.Context, call access.Call, event string) (Booking, error) {
	doctor, err := s.own(call, ActBook)
	if err != nil {
		return Booking{}, err
	}
	var b Booking
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		if _, err := s.lock(ctx, tenant, event); err != nil {
			return err
		}
		e, err := s.visible(ctx, call, event)
		if err != nil {
			return err
		}
		mine, err := s.bookingOf(ctx, tenant, event, doctor)
		if err != nil {
			return err
		}
		if mine != nil && mine.State.live() {
			b = *mine
			return nil
		}
		stage, err := s.o.Stage(ctx, tenant, doctor)
		if err != nil {
			return err
		}
		if stops := Stops(e, stage, call.Now); len(stops) > 0 {
			return problem.Refuse("You cannot book this.", stops...)
		}
		b = Booking{ID: database.NewID(), Version: 1, Event: event, Doctor: doctor, State: Waiting, AskedAt: call.Now}
		if err := s.insertBooking(ctx, tenant, b); err != nil {
			return err
		}
		if err := s.count(ctx, tenant, event, 0, 1); err != nil {
			return err
		}
		e.Waiting++
		if err := s.settle(ctx, call, e, b.ID); err != nil {
			return err
		}
		if b, err = s.booking(ctx, tenant, b.ID); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActBook, Kind: "booking", ID: b.ID, Person: doctor, After: b})
	})
	return b, err
}

// settle gives free places to those who wait, in their order. Whoever asks at
// this moment is booked; the others are offered the place for some days.
func (s *Service) settle(ctx context.Context, call access.Call, e Event, asking string) error {
	if e.State != Open || e.Waiting == 0 || begun(e, call.Now) {
		return nil
	}
	free := e.Waiting
	if e.Places > 0 {
		free = min(free, e.Places-e.Taken)
	}
	if free <= 0 {
		return nil
	}
	tenant := call.Actor.Tenant
	list, err := s.waiting(ctx, tenant, e.ID, free)
	if err != nil {
		return err
	}
	days, err := s.o.AnswerDays(ctx, tenant)
	if err != nil {
		return err
	}
	for _, b := range Next(list, free) {
		to := b
		to.State = Booked
		if b.ID != asking {
			to.State, to.Until = Offered, answerBy(e, call.Now, days)
			if err := s.o.Jobs.Enqueue(ctx, tenant, JobOffered, map[string]string{"doctor": b.Doctor}); err != nil {
				return err
			}
		}
		if err := s.move(ctx, tenant, b, to); err != nil {
			return err
		}
	}
	return nil
}

// move saves a booking's new state with the counters of its event.
func (s *Service) move(ctx context.Context, tenant string, from, to Booking) error {
	taken, waiting := 0, 0
	count := func(b Booking, by int) {
		if b.State.holds() {
			taken += by
		} else if b.State == Waiting {
			waiting += by
		}
	}
	count(from, -1)
	count(to, 1)
	if err := s.count(ctx, tenant, from.Event, taken, waiting); err != nil {
		return err
	}
	return s.updateBooking(ctx, tenant, to)
}

// Answer says yes or no to a place that was offered.
func (s *Service) Answer(ctx context.Context, call access.Call, event string, yes bool) error {
	return s.changeOwn(ctx, call, event, func(e Event, b Booking) (Booking, error) {
		if b.State == Booked && yes {
			return b, nil // answered before
		}
		if b.State != Offered {
			return b, problem.Refuse("There is no place to answer.", "Look at the event again.")
		}
		if !yes {
			b.State = Declined
			return b, nil
		}
		if !b.Until.After(call.Now) {
			return b, problem.Refuse("The time to answer is over.", "The place goes to the next who waits. You can book again to go on the list.")
		}
		if e.State == Cancelled {
			return b, problem.Refuse("You cannot take this place.", "This was cancelled.")
		}
		b.State = Booked
		return b, nil
	})
}

// Cancel gives up a place, or a turn on the waiting list; the place goes to the
// next who waits.
func (s *Service) Cancel(ctx context.Context, call access.Call, event string) error {
	return s.changeOwn(ctx, call, event, func(e Event, b Booking) (Booking, error) {
		if !b.State.live() {
			return b, nil // cancelled before
		}
		if b.State == Booked && begun(e, call.Now) {
			return b, problem.Refuse("This has begun.", "Tell the organiser that you cannot come.")
		}
		b.State = Left
		return b, nil
	})
}

func (s *Service) changeOwn(ctx context.Context, call access.Call, event string, fn func(Event, Booking) (Booking, error)) error {
	doctor, err := s.own(call, ActBook)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		e, err := s.lock(ctx, tenant, event)
		if err != nil {
			return err
		}
		mine, err := s.bookingOf(ctx, tenant, event, doctor)
		if err != nil {
			return err
		}
		if mine == nil {
			return problem.Missing()
		}
		to, err := fn(e, *mine)
		if err != nil || to == *mine {
			return err
		}
		if err := s.move(ctx, tenant, *mine, to); err != nil {
			return err
		}
		if err := s.resettle(ctx, call, event); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActBook, Kind: "booking", ID: to.ID, Person: doctor, Before: *mine, After: to})
	})
}

// resettle is settle after the counters changed.
func (s *Service) resettle(ctx context.Context, call access.Call, event string) error {
	e, err := s.event(ctx, call.Actor.Tenant, event)
	if err != nil {
		return err
	}
	return s.settle(ctx, call, e, "")
}

// Sweep ends offers of a place that nobody answered in time and gives the place
// to the next. It tells how many it ended; call it until that is none.
func (s *Service) Sweep(ctx context.Context, call access.Call) (int, error) {
	if err := s.access.May(call.Actor, ActSweep, access.Resource{Kind: "learning", Tenant: call.Actor.Tenant}); err != nil {
		return 0, err
	}
	const batch = 200
	list, err := s.overdue(ctx, call.Actor.Tenant, call.Now, batch)
	if err != nil {
		return 0, err
	}
	for _, b := range list {
		err := s.db.Tx(ctx, func(ctx context.Context) error {
			if _, err := s.lock(ctx, call.Actor.Tenant, b.Event); err != nil {
				return err
			}
			now, err := s.booking(ctx, call.Actor.Tenant, b.ID)
			if err != nil || now.State != Offered {
				return err // answered meanwhile
			}
			to := now
			to.State = TimedOut
			if err := s.move(ctx, call.Actor.Tenant, now, to); err != nil {
				return err
			}
			if err := s.resettle(ctx, call, b.Event); err != nil {
				return err
			}
			return s.audit.Record(ctx, call, audit.Entry{Action: ActSweep, Kind: "booking", ID: b.ID, Person: b.Doctor, Before: now, After: to})
		})
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// PersonRow is one line of an attendance list.
type PersonRow struct {
	Booking
	Name string
}

// People is who has a place at an event, for its organiser and the team.
type People struct {
	Event    Event
	Sessions []Session
	Booked   []PersonRow // one page
	Next     []string
	Waiting  []PersonRow // the first who wait, in their order; with the first page only
	Begun    bool
}

// LookPeople shows who booked, a page at a time, and who waits.
func (s *Service) LookPeople(ctx context.Context, call access.Call, event string, after []string, limit int) (People, error) {
	tenant := call.Actor.Tenant
	e, err := s.event(ctx, tenant, event)
	if err != nil {
		return People{}, err
	}
	if !s.may(call, ActPeople, e) {
		return People{}, problem.Missing()
	}
	v := People{Event: e, Begun: begun(e, call.Now)}
	if v.Sessions, err = s.sessions(ctx, tenant, event); err != nil {
		return v, err
	}
	booked, err := s.bookings(ctx, tenant, event, []BookingState{Booked}, call.Actor.Hidden, after, limit+1)
	if err != nil {
		return v, err
	}
	if len(booked) > limit {
		booked = booked[:limit]
		v.Next = []string{booked[limit-1].AskedAt.String(), booked[limit-1].ID}
	}
	var waiting []Booking
	if len(after) == 0 {
		if waiting, err = s.bookings(ctx, tenant, event, []BookingState{Waiting, Offered}, call.Actor.Hidden, nil, 100); err != nil {
			return v, err
		}
	}
	var doctors []string
	for _, b := range slices.Concat(booked, waiting) {
		doctors = append(doctors, b.Doctor)
	}
	names, err := s.o.Names(ctx, tenant, doctors)
	if err != nil {
		return v, err
	}
	for _, b := range booked {
		v.Booked = append(v.Booked, PersonRow{b, names[b.Doctor]})
	}
	for _, b := range waiting {
		v.Waiting = append(v.Waiting, PersonRow{b, names[b.Doctor]})
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActPeople, Kind: "booking", IDs: doctors, Query: "event=" + event})
}

// Mark is what an organiser says of one who booked.
type Mark struct {
	Booking     string
	Attended    string // yes, no or nothing
	Certificate bool
}

// Attend records who came and who got a certificate, on a day. What was marked
// wrongly is marked again.
func (s *Service) Attend(ctx context.Context, call access.Call, event string, marks []Mark, on clock.Date) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		e, err := s.lock(ctx, tenant, event)
		if err != nil {
			return err
		}
		if !s.may(call, ActPeople, e) {
			return problem.Missing()
		}
		if err := checkMarks(e, marks, on, call); err != nil {
			return err
		}
		for _, m := range marks {
			b, err := s.booking(ctx, tenant, m.Booking)
			if err != nil {
				return err
			}
			if b.Event != event || b.State != Booked || slices.Contains(call.Actor.Hidden, b.Doctor) {
				return problem.Missing()
			}
			to := b
			to.Attended, to.NotedBy = m.Attended, call.Actor.Account
			switch {
			case !m.Certificate:
				to.CertificateOn = 0
			case b.CertificateOn.IsZero() && on.IsZero():
				to.CertificateOn = call.Today
			case b.CertificateOn.IsZero():
				to.CertificateOn = on
			}
			if to.Attended == b.Attended && to.CertificateOn == b.CertificateOn {
				continue
			}
			if err := s.updateBooking(ctx, tenant, to); err != nil {
				return err
			}
			if err := s.audit.Record(ctx, call, audit.Entry{Action: ActPeople, Kind: "booking", ID: b.ID, Person: b.Doctor, Before: b, After: to}); err != nil {
				return err
			}
			if s.o.Certified != nil && to.CertificateOn != b.CertificateOn {
				if err := s.o.Certified(ctx, call, e, b.Doctor, to.CertificateOn); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func checkMarks(e Event, marks []Mark, on clock.Date, call access.Call) error {
	if !begun(e, call.Now) {
		return problem.Refuse("Who came cannot be recorded yet.", "Come back when it has begun.")
	}
	var c problem.Check
	for _, m := range marks {
		c.That(slices.Contains([]string{cameYes, cameNo, notMarked}, m.Attended), "came-"+m.Booking, "Choose whether they came")
		c.That(!m.Certificate || m.Attended == cameYes, "came-"+m.Booking, "A certificate is only for somebody who came")
	}
	c.That(on.IsZero() || on >= e.FirstAt.Local() && on <= call.Today, "on", "The day of the certificates must be between the first date and today")
	return c.Err()
}
