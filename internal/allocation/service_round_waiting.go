package allocation

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

// The codes of why somebody left the list.
const (
	leftPlaced = "placed" // proposed, offered or in post
	leftPaused = "paused" // the doctor's own pause; the waiting goes on counting
)

// RefreshWaiting works out the waiting list anew: who joined, who left, the
// order, and a sentence for everybody whose band moved. It asks no permission:
// it is msw's own work, done hourly and after each publication.
func (s *Rounds) RefreshWaiting(ctx context.Context, call access.Call) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		cases, err := s.o.Casefile.Placeable(ctx, tenant)
		if err != nil {
			return err
		}
		stored, err := s.allWaiting(ctx, tenant)
		if err != nil {
			return err
		}
		newest, found, err := s.newest(ctx, tenant, call.Today)
		if err != nil {
			return err
		}
		rules := RoundRules{}
		if found {
			rules = newest.Rules
		}
		now, regions := waitingNow(cases, stored, rules, call.Today)
		now = OrderWaiting(now, s.lotOf(tenant))
		changed, left := moved(stored, now, call.Today)
		if err := s.saveWaiting(ctx, tenant, append(changed, left...), regions); err != nil {
			return err
		}
		return s.saveWaitingEvents(ctx, tenant, append(Changes(stored, now, call.Today), leaving(left)...))
	})
}

// waitingNow is the list as it should be: everybody eligible without a post,
// with what is remembered of their refusals.
func waitingNow(cases []casefile.Placeable, stored []WaitingEntry, rules RoundRules, today clock.Date) ([]WaitingEntry, map[string]string) {
	was := make(map[string]WaitingEntry, len(stored))
	for _, e := range stored {
		was[e.Doctor] = e
	}
	regions := make(map[string]string, len(cases))
	var now []WaitingEntry
	for _, c := range cases {
		if c.Paused {
			continue // a pause loses no place: the waiting counts on, and the doctor comes back to it
		}
		e := was[c.Doctor]
		e.Doctor, e.Since, e.LeftOn, e.LeftWhy = c.Doctor, c.Eligible, 0, ""
		e.Priority = rules.PriorityDays > 0 && e.counts().DaysUntil(today) >= rules.PriorityDays
		now, regions[c.Doctor] = append(now, e), c.Region
	}
	return now, regions
}

// moved picks the entries that must be written: those that changed, and those
// that left.
func moved(stored, now []WaitingEntry, today clock.Date) (changed, left []WaitingEntry) {
	was := make(map[string]WaitingEntry, len(stored))
	for _, e := range stored {
		was[e.Doctor] = e
	}
	still := make(map[string]bool, len(now))
	for _, e := range now {
		still[e.Doctor] = true
		if was[e.Doctor] != e {
			changed = append(changed, e)
		}
	}
	for _, e := range stored {
		if !still[e.Doctor] && e.LeftOn.IsZero() {
			e.LeftOn, e.LeftWhy, e.Place, e.Of = today, leftPlaced, 0, 0
			left = append(left, e)
		}
	}
	return changed, left
}

func leaving(left []WaitingEntry) []WaitingEvent {
	var out []WaitingEvent
	for _, e := range left {
		out = append(out, WaitingEvent{Doctor: e.Doctor, Kind: WaitLeft, On: e.LeftOn,
			Why: "You are not on the list now: you were put forward for a post, you paused, or your eligibility changed. If you come back, your waiting still counts from the same day."})
	}
	return out
}

// Refused counts an offer a doctor turned down, in the caller's transaction. The
// first keeps the place. It asks no permission: the refusal did.
func (s *Rounds) Refused(ctx context.Context, call access.Call, doctor string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		e, found, err := s.waitingOf(ctx, tenant, doctor)
		if err != nil {
			return err
		}
		if !found {
			c, err := s.o.Casefile.Get(ctx, doctor, tenant)
			if err != nil {
				return err
			}
			e = WaitingEntry{Doctor: doctor, Since: c.Since}
		}
		e = e.Refuse(call.Today)
		c, err := s.o.Casefile.Get(ctx, doctor, tenant)
		if err != nil {
			return err
		}
		if err := s.saveWaiting(ctx, tenant, []WaitingEntry{e}, map[string]string{doctor: c.Region}); err != nil {
			return err
		}
		if e.Refused > 1 {
			return nil // the next order says where that leads
		}
		return s.saveWaitingEvents(ctx, tenant, []WaitingEvent{{Doctor: doctor, Kind: WaitKept, On: call.Today, Before: e.Place, Now: e.Place,
			Why: "You turned down an offer and kept your place. You can do that once."}})
	})
}

// WaitingPlace is a doctor's own place on the waiting list, as they read it.
type WaitingPlace struct {
	On      bool // on the list
	Band    string
	Reasons []string
	Events  []WaitingEvent
}

// OwnPlace shows the actor their own place.
func (s *Rounds) OwnPlace(ctx context.Context, call access.Call) (WaitingPlace, error) {
	tenant, doctor := call.Actor.Tenant, call.Actor.Doctor
	if doctor == "" {
		return WaitingPlace{}, problem.Missing()
	}
	if err := s.access.May(call.Actor, ActWaiting, access.Resource{Kind: "waiting", ID: doctor, Tenant: tenant, Doctor: doctor}); err != nil {
		return WaitingPlace{}, err
	}
	var st WaitingPlace
	e, found, err := s.waitingOf(ctx, tenant, doctor)
	if err != nil {
		return st, err
	}
	if st.Events, err = s.waitingEvents(ctx, tenant, doctor); err != nil {
		return st, err
	}
	if st.On = found && e.LeftOn.IsZero() && e.Place > 0; st.On {
		st.Band, st.Reasons = BandWords(e.Place), e.Reasons(call.Today)
	}
	return st, s.audit.Look(ctx, call, audit.Look{Action: ActWaiting, Kind: "waiting", IDs: []string{doctor}, Person: doctor})
}

// WaitingRow is one line of the list as staff read it.
type WaitingRow struct {
	WaitingEntry
	Ref, Name, Region string
}

// WaitList gives one page of the waiting list to staff, from after a place on.
func (s *Rounds) WaitList(ctx context.Context, call access.Call, after, limit int) ([]WaitingRow, error) {
	scope := s.access.Scope(call.Actor, ActWaitList)
	if scope.None() {
		return nil, nil
	}
	var regions []string
	if !scope.All {
		regions = scope.Regions
	}
	list, err := s.waitingPage(ctx, call.Actor.Tenant, regions, after, limit)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(e WaitingEntry) bool { return slices.Contains(scope.Hidden, e.Doctor) })
	ids := make([]string, len(list))
	for i, e := range list {
		ids[i] = e.Doctor
	}
	rows := make([]WaitingRow, len(list))
	people, err := s.people(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		p := people[e.Doctor]
		rows[i] = WaitingRow{WaitingEntry: e, Ref: p.Ref, Name: p.Name, Region: p.Region}
	}
	return rows, s.audit.Look(ctx, call, audit.Look{Action: ActWaitList, Query: "waiting list", Kind: "waiting", IDs: ids})
}

type person struct{ Ref, Name, Region string }

// people gives references and names of doctors, two statements for every 150.
func (s *Rounds) people(ctx context.Context, tenant string, doctors []string) (map[string]person, error) {
	out := make(map[string]person, len(doctors))
	for from := 0; from < len(doctors); from += batch {
		part := doctors[from:min(from+batch, len(doctors))]
		cases, err := s.o.Casefile.Many(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		names := map[string]string{}
		if s.o.Names != nil {
			if names, err = s.o.Names(ctx, tenant, part); err != nil {
				return nil, err
			}
		}
		for id, c := range cases {
			p := person{Ref: c.Ref, Name: names[id], Region: c.Region}
			if p.Name == "" {
				p.Name = c.Ref
			}
			out[id] = p
		}
	}
	return out, nil
}
