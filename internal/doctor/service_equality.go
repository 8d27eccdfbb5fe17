package doctor

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
)

// SayEquality keeps a doctor's own answers; Version is the one they were shown.
// The audit tells that somebody answered, never what.
func (s *Service) SayEquality(ctx context.Context, call access.Call, e Equality) error {
	id := call.Actor.Doctor
	if err := s.May(ctx, call, ActEquality, id); err != nil {
		return err
	}
	if err := e.Check(); err != nil {
		return err
	}
	e.Wording = EqualityWording
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.saveEquality(ctx, call.Actor.Tenant, id, e); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActEquality, Kind: "doctor", ID: id, Person: id})
	})
}

// TakeBackEquality forgets a doctor's answers.
func (s *Service) TakeBackEquality(ctx context.Context, call access.Call) error {
	id := call.Actor.Doctor
	if err := s.May(ctx, call, ActEquality, id); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.dropEquality(ctx, call.Actor.Tenant, id); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActEquality, Kind: "doctor", ID: id, Person: id})
	})
}

// OwnEquality gives the actor's own answers.
func (s *Service) OwnEquality(ctx context.Context, call access.Call) (Equality, error) {
	id := call.Actor.Doctor
	if err := s.May(ctx, call, ActEquality, id); err != nil {
		return Equality{}, err
	}
	list, err := s.equalities(ctx, call.Actor.Tenant, []string{id})
	return list[id], err
}

// EqualityState is for the doctor's own list of tasks.
func (s *Service) EqualityState(ctx context.Context, call access.Call, id string) (string, error) {
	if id == "" || id != call.Actor.Doctor {
		return NotStarted, nil
	}
	e, err := s.OwnEquality(ctx, call)
	return state(e.Version > 0, false), err
}

// Equalities gives what doctors said, for figures in which small numbers are
// hidden and for nothing else. It asks no permission.
func (s *Service) Equalities(ctx context.Context, tenant string, ids []string) (map[string]Equality, error) {
	return s.equalities(ctx, tenant, ids)
}
