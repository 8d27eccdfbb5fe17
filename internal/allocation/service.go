package allocation

import (
	"context"
	"errors"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/document"
	"msw/internal/post"
)

// Options for New. Resource, when set, tells how a doctor's case lies; Outcodes
// gives where doctors live, as postcode districts, and leaves out who is not
// known to live anywhere.
type Options struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Posts    *post.Service
	Resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)
	Outcodes func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// Documents keeps papers, to which evidence for a protected reason points; nil:
	// evidence is told in words only.
	Documents *document.Service
}

// Service is the use cases on preferences. Safe for many goroutines.
type Service struct {
	db       *database.DB
	access   *access.Table
	audit    *audit.Log
	resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)
	posts    *post.Service
	outcodes func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	docs     *document.Service
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil {
		return nil, errors.New("allocation: DB, Access and Audit are needed")
	}
	return &Service{o.DB, o.Access, o.Audit, o.Resource, o.Posts, o.Outcodes, o.Documents}, nil
}

func (s *Service) may(ctx context.Context, call access.Call, act access.Action, doctor string) error {
	err := s.access.May(call.Actor, act, access.Resource{Kind: "preference", ID: doctor, Tenant: call.Actor.Tenant, Doctor: doctor})
	if err == nil || s.resource == nil || !s.access.Can(call.Actor, act) {
		return err
	}
	full, found := s.resource(ctx, call.Actor.Tenant, doctor)
	if found != nil {
		return err
	}
	return s.access.May(call.Actor, act, full)
}

// Prefer saves what a doctor wishes for over the version that was read
// (0 when nothing was said yet).
func (s *Service) Prefer(ctx context.Context, call access.Call, p Preference) error {
	if err := s.may(ctx, call, ActPrefer, p.Doctor); err != nil {
		return err
	}
	if err := p.Check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.save(ctx, call, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPrefer, Kind: "preference", ID: p.Doctor, Person: p.Doctor, After: p})
	})
}

// Of gives the wishes of many doctors in one statement; who said nothing is
// not in the map. It asks no permission.
func (s *Service) Of(ctx context.Context, tenant string, doctors []string) (map[string]Preference, error) {
	return s.load(ctx, tenant, doctors)
}

// Get gives one doctor's wishes, empty when nothing was said.
func (s *Service) Get(ctx context.Context, tenant, doctor string) (Preference, error) {
	all, err := s.load(ctx, tenant, []string{doctor})
	p := all[doctor]
	p.Doctor = doctor
	return p, err
}

// State tells how far the preferences are, for the task list.
func (s *Service) State(ctx context.Context, call access.Call, doctor string) (string, error) {
	p, err := s.Get(ctx, call.Actor.Tenant, doctor)
	switch {
	case err != nil:
		return "", err
	case p.Version == 0:
		return "not started", nil
	case len(p.Regions) > 0 && len(p.Settings) > 0:
		return "done", nil
	}
	return "in progress", nil
}

// CarryOver copies the actor's own wishes into their record in another tenant.
func (s *Service) CarryOver(ctx context.Context, call, there access.Call) error {
	from, err := s.Get(ctx, call.Actor.Tenant, call.Actor.Doctor)
	if err != nil || from.Version == 0 {
		return err
	}
	to, err := s.Get(ctx, there.Actor.Tenant, there.Actor.Doctor)
	if err != nil {
		return err
	}
	from.Doctor, from.Version = there.Actor.Doctor, to.Version
	return s.Prefer(ctx, there, from)
}
