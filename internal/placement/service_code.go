package placement

import (
	"context"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// minutes is how long a code works when the programme has not said.
const minutes = 15

// MakeCode makes a short code for the card of somebody in post; the one before
// shows nothing from then on.
func (s *Service) MakeCode(ctx context.Context, call access.Call, placement string) (Code, error) {
	tenant := call.Actor.Tenant
	var c Code
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.cardPlacement(ctx, call, placement)
		if err != nil {
			return err
		}
		if !p.EndedOn.IsZero() {
			return problem.Refuse("There is no card to show.", "The placement has ended, on "+p.EndedOn.Long()+".")
		}
		life := minutes
		if s.o.CodeMinutes != nil {
			if life, err = s.o.CodeMinutes(ctx, tenant); err != nil {
				return err
			}
		}
		if err := s.revokeCodes(ctx, tenant, p.ID, call.Now); err != nil {
			return err
		}
		c = Code{ID: database.NewID(), Tenant: tenant, Doctor: p.Doctor, Placement: p.ID, Text: database.NewRef(), MadeAt: call.Now, By: call.Actor.Account,
			EndsAt: call.Now.Add(time.Duration(life) * time.Minute)}
		if err := s.insertCode(ctx, c); err != nil {
			return err
		}
		kept := c
		kept.Text = "" // the record keeps who and when, never the code
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCard, Kind: "card-code", ID: c.ID, Person: p.Doctor, After: kept})
	})
	return c, err
}

// cardPlacement loads a placement whose card the actor may see.
func (s *Service) cardPlacement(ctx context.Context, call access.Call, id string) (Placement, error) {
	p, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return p, err
	}
	if s.access.May(call.Actor, ActCard, p.cardResource(call.Actor)) != nil {
		return Placement{}, problem.Missing()
	}
	return p, nil
}

// ShownCode finds a code that somebody made a moment ago, for the page that
// shows it to them; it counts as no opening.
func (s *Service) ShownCode(ctx context.Context, call access.Call, placement, text string) (Code, error) {
	clean, ok := database.CheckRef(text)
	if !ok {
		return Code{}, errNoCode()
	}
	c, found, err := s.codeByText(ctx, clean)
	if err != nil {
		return Code{}, err
	}
	if !found || c.Tenant != call.Actor.Tenant || c.Placement != placement || c.By != call.Actor.Account || !c.works(call.Now) {
		return Code{}, errNoCode()
	}
	return c, nil
}

// OpenCode shows a card to whoever has its code. Every opening is counted and
// written down; a code that does not work tells nothing.
func (s *Service) OpenCode(ctx context.Context, call access.Call, text string) (CardSight, error) {
	clean, ok := database.CheckRef(text)
	if !ok {
		return CardSight{}, errNoCode()
	}
	var v CardSight
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		c, found, err := s.codeByText(ctx, clean)
		if err != nil {
			return err
		}
		if !found || !c.works(call.Now) {
			return errNoCode()
		}
		counted, err := s.countOpen(ctx, c)
		if err != nil {
			return err
		}
		if !counted {
			return errNoCode()
		}
		call.Actor.Tenant = c.Tenant
		p, err := s.load(ctx, c.Tenant, c.Placement)
		if err != nil {
			return err
		}
		if v, err = s.cardSight(ctx, call, p); err != nil {
			return err
		}
		v.Signed = nil
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCode, Kind: "card", ID: p.ID, Person: p.Doctor})
	})
	return v, err
}

// Cards lists the people whose card the actor may see, latest start first.
func (s *Service) Cards(ctx context.Context, call access.Call, q Query) ([]Row, error) {
	q.Which = Now
	if q.Limit == 0 {
		q.Limit = 51
	}
	scope := s.access.Scope(call.Actor, ActCard)
	q.HostOnly = hostOnly(call.Actor)
	list, err := s.list(ctx, scope, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.dress(ctx, call.Actor.Tenant, list)
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	if err != nil {
		return nil, err
	}
	return rows, s.audit.Look(ctx, call, audit.Look{Action: ActCard, Kind: "card", IDs: ids, Query: "list"})
}
