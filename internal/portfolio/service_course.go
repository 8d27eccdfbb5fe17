package portfolio

import (
	"context"
	"sort"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Certified is a certificate that the organiser of an event gave, or took back:
// then On is no day.
type Certified struct {
	Doctor, Event, Title string
	On                   clock.Date
}

// Certify puts a certificate of an event among a doctor's items, once, and takes
// it away when the organiser does. It asks no permission: who calls it did.
func (s *Service) Certify(ctx context.Context, call access.Call, c Certified) error {
	tenant, source := call.Actor.Tenant, "event:"+c.Event
	item, err := s.itemFrom(ctx, tenant, c.Doctor, source)
	was := item
	switch {
	case problem.KindOf(err) == problem.NotFound:
		if c.On.IsZero() {
			return nil
		}
		item = Item{ID: database.NewRef(), Doctor: c.Doctor, Kind: Course, State: Kept, Shared: true, Source: source, Recorded: call.Now}
	case err != nil:
		return err
	case c.On.IsZero():
		if err := s.deleteItem(ctx, tenant, item.ID, item.Version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "portfolio item", ID: item.ID, Person: c.Doctor, Before: item})
	}
	p, err := s.placementOn(ctx, tenant, c.Doctor, c.On)
	if err != nil {
		return err
	}
	item.On, item.Title, item.Placement, item.Host = c.On, c.Title, p.ID, p.Host
	if err := s.saveItem(ctx, tenant, &item, was.Version); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "portfolio item", ID: item.ID, Person: c.Doctor, After: item})
}

// Attested tells whether somebody else than the doctor says that it happened.
func (i Item) Attested() bool { return i.Source != "" && i.Origin == nil }

// Trained is mandatory training that an employer recorded.
type Trained struct {
	Subject, Employer string
	On, Until         clock.Date // Until is the first day it is due again
}

// trained lists what employers recorded, what is due first at the top.
func (s *Service) trained(ctx context.Context, tenant, doctor string) ([]Trained, error) {
	if s.o.Trained == nil {
		return nil, nil
	}
	list, err := s.o.Trained(ctx, tenant, doctor)
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return int(a.Until-b.Until) < 0
	})
	return list, err
}
