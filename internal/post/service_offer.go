package post

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

func asProblem(err error) *problem.Error {
	e, _ := errors.AsType[*problem.Error](err)
	return e
}

// mayOffer tells whether the actor can register a post anywhere. A draft is
// its writer's own: nobody else finds it.
func (s *Service) mayOffer(call access.Call) error {
	if call.Actor.Account == "" || !s.access.Can(call.Actor, ActRegister) {
		return problem.Missing()
	}
	return nil
}

// BeginOffer begins a draft. Who has one organisation need not say which.
func (s *Service) BeginOffer(ctx context.Context, call access.Call) (Offering, error) {
	if err := s.mayOffer(call); err != nil {
		return Offering{}, err
	}
	d := Offering{ID: database.NewRef(), Answers: map[string]string{}, Updated: call.Now, Version: 1}
	text, err := json.Marshal(d.Answers)
	if err == nil {
		err = s.db.Tx(ctx, func(ctx context.Context) error {
			return s.insertDraft(ctx, call.Actor.Tenant, call.Actor.Account, d, text)
		})
	}
	return d, err
}

// Drafts lists what the actor has half written, the latest first.
func (s *Service) Drafts(ctx context.Context, call access.Call) ([]Offering, error) {
	if err := s.mayOffer(call); err != nil {
		return nil, err
	}
	return s.drafts(ctx, call.Actor.Tenant, call.Actor.Account, "")
}

// DraftOf gives one of the actor's own drafts.
func (s *Service) DraftOf(ctx context.Context, call access.Call, id string) (Offering, error) {
	if err := s.mayOffer(call); err != nil {
		return Offering{}, err
	}
	list, err := s.drafts(ctx, call.Actor.Tenant, call.Actor.Account, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Offering{}, err
	}
	return list[0], nil
}

// AnswerOffer keeps what was typed for some fields, right or wrong, over what
// was there; other fields stay.
func (s *Service) AnswerOffer(ctx context.Context, call access.Call, id string, fields map[string]string) (Offering, error) {
	var d Offering
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		var err error
		if d, err = s.DraftOf(ctx, call, id); err != nil {
			return err
		}
		for name, text := range fields {
			if len(text) > 500 {
				text = text[:500]
			}
			d.Answers[name] = text
		}
		d.Updated = call.Now
		text, err := json.Marshal(d.Answers)
		if err != nil {
			return fmt.Errorf("write answers: %w", err)
		}
		if err := s.saveDraft(ctx, call.Actor.Tenant, call.Actor.Account, d, text); err != nil {
			return err
		}
		d.Version++
		return nil
	})
	return d, err
}

// Mistakes are what is wrong with the answers to one question so far.
func (s *Service) Mistakes(ctx context.Context, call access.Call, d Offering, q Question) error {
	full, err := s.full(ctx, call.Actor.Tenant)
	if err != nil {
		return err
	}
	_, err = d.Offer(full)
	var c problem.Check
	if e := asProblem(err); e != nil {
		for _, f := range e.Fields {
			c.That(!slices.Contains(q.Fields, f.Name), f.Name, f.Message)
		}
	}
	return c.Err()
}

// DropOffer throws a draft away.
func (s *Service) DropOffer(ctx context.Context, call access.Call, id string) error {
	if err := s.mayOffer(call); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		return s.deleteDraft(ctx, call.Actor.Tenant, call.Actor.Account, id)
	})
}

// SubmitOffer registers the posts of a draft, all or none, and ends it.
func (s *Service) SubmitOffer(ctx context.Context, call access.Call, id string) ([]Post, error) {
	var made []Post
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.DraftOf(ctx, call, id)
		if err != nil {
			return err
		}
		full, err := s.full(ctx, call.Actor.Tenant)
		if err != nil {
			return err
		}
		o, err := d.Offer(full)
		if err != nil {
			return err
		}
		if made, err = s.RegisterSeveral(ctx, call, Registration{Details: o.Details}, o.Count); err != nil {
			return err
		}
		return s.deleteDraft(ctx, call.Actor.Tenant, call.Actor.Account, id)
	})
	return made, err
}
