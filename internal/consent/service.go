package consent

import (
	"context"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Options for New. Changed, when set, is called in the same transaction after
// a doctor's consents or hides changed, so that copies of them (a case's
// referrers, actors' hidden people) follow at once.
type Options struct {
	DB      *database.DB
	Access  *access.Table
	Audit   *audit.Log
	Changed func(ctx context.Context, call access.Call, doctor string) error
}

// Service is the use cases on consent. Safe for many goroutines.
type Service struct {
	db      *database.DB
	access  *access.Table
	audit   *audit.Log
	changed func(ctx context.Context, call access.Call, doctor string) error
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil {
		return nil, errors.New("consent: DB, Access and Audit are needed")
	}
	return &Service{o.DB, o.Access, o.Audit, o.Changed}, nil
}

func (s *Service) may(call access.Call, act access.Action, doctor string) error {
	return s.access.May(call.Actor, act, access.Resource{Kind: "consent", ID: doctor, Tenant: call.Actor.Tenant, Doctor: doctor})
}

func (s *Service) tell(ctx context.Context, call access.Call, doctor string) error {
	if s.changed == nil {
		return nil
	}
	return s.changed(ctx, call, doctor)
}

// Give records that a doctor agreed to share something with an organisation
// and gives the consent's id. GivenOn is today when not stated.
func (s *Service) Give(ctx context.Context, call access.Call, c Consent) (string, error) {
	if err := s.may(call, ActGive, c.Doctor); err != nil {
		return "", err
	}
	if c.GivenOn.IsZero() {
		c.GivenOn = call.Today
	}
	if err := c.check(); err != nil {
		return "", err
	}
	c.ID, c.RecordedAt = database.NewID(), call.Now
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, call.Actor.Tenant, c); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActGive, Kind: "consent", ID: c.ID, Person: c.Doctor, After: c}); err != nil {
			return err
		}
		return s.tell(ctx, call, c.Doctor)
	})
	return c.ID, err
}

// Withdraw ends a consent today: from then on nobody may rely on it. Taking
// back what was taken back already is no error.
func (s *Service) Withdraw(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.query(ctx, `id = $2`, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return problem.Missing()
		}
		c := list[0]
		if err := s.may(call, ActWithdraw, c.Doctor); err != nil || !c.WithdrawnOn.IsZero() {
			return err
		}
		if err := s.withdraw(ctx, call.Actor.Tenant, c, call.Today); err != nil {
			return err
		}
		after := c
		after.WithdrawnOn = call.Today
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActWithdraw, Kind: "consent", ID: id, Person: c.Doctor, Before: c, After: after}); err != nil {
			return err
		}
		return s.tell(ctx, call, c.Doctor)
	})
}

// Live gives the consents of a doctor that hold on a day. It asks no permission.
func (s *Service) Live(ctx context.Context, tenant, doctor string, on clock.Date) ([]Consent, error) {
	return s.query(ctx, liveOn+` AND doctor_id = $3 ORDER BY given_on, id`, tenant, on, doctor)
}

// All gives every consent of a doctor, withdrawn and ended ones too.
func (s *Service) All(ctx context.Context, tenant, doctor string) ([]Consent, error) {
	return s.query(ctx, `doctor_id = $2 ORDER BY given_on, id`, tenant, doctor)
}

// LiveFor gives, for one organisation, the scopes it may rely on today for
// each of the doctors; a doctor without live consent is not in the map.
func (s *Service) LiveFor(ctx context.Context, tenant, organisation string, doctors []string, on clock.Date) (map[string][]string, error) {
	out := map[string][]string{}
	if len(doctors) == 0 {
		return out, nil
	}
	list, err := s.query(ctx, liveOn+` AND organisation_id = $3 AND doctor_id IN `+database.In(4, len(doctors)),
		append([]any{tenant, on, organisation}, database.Args(doctors)...)...)
	for _, c := range list {
		for _, scope := range c.Scope {
			if !slices.Contains(out[c.Doctor], scope) {
				out[c.Doctor] = append(out[c.Doctor], scope)
			}
		}
	}
	return out, err
}

// Ending gives the consents whose last day lies in a span, for reminders and
// for taking their effect back when they end.
func (s *Service) Ending(ctx context.Context, tenant string, from, to clock.Date) ([]Consent, error) {
	return s.query(ctx, `withdrawn_on = '' AND until >= $2 AND until <= $3 ORDER BY until, id`, tenant, from, to)
}

// Hide makes the doctor not exist for a person, organisation, place or region.
func (s *Service) Hide(ctx context.Context, call access.Call, doctor string, from Subject) error {
	if err := s.may(call, ActHide, doctor); err != nil {
		return err
	}
	from.ID = strings.TrimSpace(from.ID)
	if from.Kind == FromPlace {
		from.ID = strings.ToUpper(from.ID)
	}
	if err := from.check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.saveHide(ctx, call, doctor, from); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActHide, Kind: "hide", ID: doctor, Person: doctor, After: from}); err != nil {
			return err
		}
		return s.tell(ctx, call, doctor)
	})
}

// Show ends a hide.
func (s *Service) Show(ctx context.Context, call access.Call, doctor string, to Subject) error {
	if err := s.may(call, ActHide, doctor); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		ended, err := s.endHide(ctx, call, doctor, to.Key())
		if err != nil || !ended {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActHide, Kind: "hide", ID: doctor, Person: doctor, Before: to}); err != nil {
			return err
		}
		return s.tell(ctx, call, doctor)
	})
}

// Hides lists whom the actor themself hides from; nobody else may know.
func (s *Service) Hides(ctx context.Context, call access.Call) ([]Hidden, error) {
	if call.Actor.Doctor == "" {
		return nil, problem.Missing()
	}
	return s.hides(ctx, call.Actor.Tenant, call.Actor.Doctor)
}

// HiddenFrom gives the doctors who hide from any of the subjects
// ("account:ID", "org:ID", "place:OUTCODE", "region:CODE"): an actor's Hidden.
func (s *Service) HiddenFrom(ctx context.Context, tenant string, subjects []string) ([]string, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	return s.hiddenFrom(ctx, tenant, subjects)
}

// Declare saves which declarations the doctor makes; those not given are
// taken back.
func (s *Service) Declare(ctx context.Context, call access.Call, doctor string, codes []string) error {
	if err := s.may(call, ActDeclare, doctor); err != nil {
		return err
	}
	given := map[string]bool{}
	for _, code := range codes {
		given[code] = slices.Contains(Declarations(), code)
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.declare(ctx, call, doctor, given); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActDeclare, Kind: "declaration", ID: doctor, Person: doctor, After: given})
	})
}

// Declared gives the declarations a doctor made, each with when.
func (s *Service) Declared(ctx context.Context, tenant, doctor string) (map[string]clock.Instant, error) {
	return s.declared(ctx, tenant, doctor)
}

// State tells how far the declarations are, for the task list.
func (s *Service) State(ctx context.Context, call access.Call, doctor string) (string, error) {
	made, err := s.declared(ctx, call.Actor.Tenant, doctor)
	switch {
	case err != nil:
		return "", err
	case len(made) == len(Declarations()):
		return "done", nil
	case len(made) > 0:
		return "in progress", nil
	}
	return "not started", nil
}

// noteCopy notes that a doctor took a copy of their record.
func (s *Service) noteCopy(ctx context.Context, call access.Call, doctor string) error {
	return s.audit.Look(ctx, call, audit.Look{Action: ActSelf, Query: "copy of own record", Kind: "doctor", IDs: []string{doctor}, Person: doctor})
}
