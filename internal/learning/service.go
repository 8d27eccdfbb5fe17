package learning

import (
	"context"
	"errors"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/problem"
)

// The jobs that tell a doctor, in neutral words, that something is new.
const (
	JobOffered = "learning.offered"
	JobChanged = "learning.changed"
)

// Outbox takes messages in the transaction of the context.
type Outbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
}

// Options for New; all are needed.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Jobs   Outbox
	Names  func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// Organisations gives those of the ids that there are.
	Organisations func(ctx context.Context, tenant string, ids []string) (map[string]organisation.Organisation, error)
	// Stage is where on the road a doctor is.
	Stage func(ctx context.Context, tenant, doctor string) (casefile.Stage, error)
	Facts func(ctx context.Context, tenant, doctor string) ([]fact.Record, error)
	// HiddenFrom lists the doctors who hide from any of some subjects.
	HiddenFrom func(ctx context.Context, tenant string, subjects []string) ([]string, error)
	// AnswerDays is how long an offered place waits, as the programme set it.
	AnswerDays   func(ctx context.Context, tenant string) (int, error)
	Placement    func(ctx context.Context, tenant, id string) (placement.Placement, error)
	PlacementsOf func(ctx context.Context, tenant, doctor string) ([]placement.Placement, error)
	// Certified is told when somebody got a certificate, or when it was taken back:
	// then on is no day.
	Certified func(ctx context.Context, call access.Call, e Event, doctor string, on clock.Date) error
}

// Service is the use cases of learning. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Jobs == nil || o.Names == nil || o.Organisations == nil || o.Stage == nil || o.Facts == nil ||
		o.HiddenFrom == nil || o.AnswerDays == nil || o.Placement == nil || o.PlacementsOf == nil {
		return nil, errors.New("learning: every option is needed")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit}, nil
}

// own asks whether the actor may do something with what is their own, and gives
// their doctor's id; to everybody else it does not exist.
func (s *Service) own(call access.Call, act access.Action) (string, error) {
	id := call.Actor.Doctor
	if id == "" {
		return "", problem.Missing()
	}
	return id, s.access.May(call.Actor, act, access.Resource{Kind: "learning", ID: id, Tenant: call.Actor.Tenant, Doctor: id})
}

// may is the answer on an event: one of somebody else's is one that is not there.
func (s *Service) may(call access.Call, act access.Action, e Event) bool {
	return s.access.May(call.Actor, act, e.Resource(call.Actor.Tenant)) == nil
}

// Mine is all a doctor sees of their own learning.
type Mine struct {
	Ahead    []Ahead
	Bookings []Attended
	Study    *StudySight // of the post that runs
}

// Attended is a booking with its event.
type Attended struct {
	Booking
	Event Event
}

// Look gives the actor's own page.
func (s *Service) Look(ctx context.Context, call access.Call) (Mine, error) {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return Mine{}, err
	}
	var m Mine
	if m.Ahead, err = s.ahead(ctx, call, id); err != nil {
		return m, err
	}
	if m.Bookings, err = s.bookingsOf(ctx, call.Actor.Tenant, id); err != nil {
		return m, err
	}
	p, err := s.running(ctx, call.Actor.Tenant, id)
	if err != nil || p == nil {
		return m, err
	}
	v, err := s.study(ctx, call, *p)
	m.Study = &v
	return m, err
}

func (s *Service) ahead(ctx context.Context, call access.Call, doctor string) ([]Ahead, error) {
	records, err := s.o.Facts(ctx, call.Actor.Tenant, doctor)
	return Countdown(fact.VisibleTo(call.Actor, records), call.Today), err
}

// running is the post a doctor is in, nil for none.
func (s *Service) running(ctx context.Context, tenant, doctor string) (*placement.Placement, error) {
	list, err := s.o.PlacementsOf(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.EndedOn.IsZero() {
			return &p, nil
		}
	}
	return nil, nil
}

// Soon is what a doctor reads on their first page: exams that come, a place that
// waits for their answer, study time to answer. Nobody else is told.
func (s *Service) Soon(ctx context.Context, call access.Call) ([]casefile.Soon, error) {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return nil, nil //nolint:nilerr // who has no page of their own has nothing soon
	}
	list, err := s.ahead(ctx, call, id)
	if err != nil {
		return nil, err
	}
	var out []casefile.Soon
	for _, a := range list {
		out = append(out, casefile.Soon{Text: a.Words(), URL: "/learning"})
	}
	offered, err := s.offeredTo(ctx, call.Actor.Tenant, id, call.Now)
	if err != nil {
		return nil, err
	}
	for _, b := range offered {
		out = append(out, casefile.Soon{Text: "A place is free for you. Answer by " + moment(b.Until), URL: "/events/" + b.Event})
	}
	p, err := s.running(ctx, call.Actor.Tenant, id)
	if err != nil || p == nil {
		return out, err
	}
	open, err := s.openStudy(ctx, call.Actor.Tenant, p.ID)
	if err == nil && open != nil && open.Side == SideEmployer {
		out = append(out, casefile.Soon{Text: "Your employer proposes study time. Please answer", URL: "/placements/" + p.ID + "/study-time"})
	}
	return out, err
}

// moment writes an instant as a person reads it.
func moment(i clock.Instant) string { return i.Local().Long() + " at " + i.LocalTime() }
