package registration

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/problem"
)

// Payers are who can pay for a step.
func Payers() []Coded {
	return []Coded{{"doctor", "The doctor"}, {"charity", "A charity or network"}, {"employer", "The employer"}, {"programme", "The programme"}, {"other", "Somebody else"}}
}

// Pay records that something of a doctor's road was paid for, in the words of
// one of the fees or in its own.
func (s *Service) Pay(ctx context.Context, call access.Call, ref string, p Payment) error {
	var check problem.Check
	p.What = strings.TrimSpace(p.What)
	check.That(p.What != "" || p.Fee != "", "what", "Enter what was paid for")
	check.That(len([]rune(p.What)) <= 100, "what", "This must be 100 characters or fewer")
	check.That(p.Pence > 0 && p.Pence <= 10_000_00, "amount", "Enter an amount between 1p and £10,000")
	check.That(!p.On.IsZero(), "on", "Enter the date")
	check.That(p.On <= call.Today, "on", "The date must not be in the future")
	check.That(known(Payers(), p.Payer), "payer", "Choose who paid")
	if err := check.Err(); err != nil {
		return err
	}
	return s.changePayment(ctx, call, ref, stored{database.NewID(), p}, func(ctx context.Context, c casefile.Case, p stored) error {
		return s.insertPayment(ctx, call, c.Doctor, p)
	})
}

// TakeBack says that a payment was recorded by mistake.
func (s *Service) TakeBack(ctx context.Context, call access.Call, ref, id string) error {
	return s.changePayment(ctx, call, ref, stored{ID: id}, func(ctx context.Context, c casefile.Case, p stored) error {
		return s.takeBackPayment(ctx, c.Tenant, c.Doctor, p.ID, call.Today)
	})
}

func (s *Service) changePayment(ctx context.Context, call access.Call, ref string, p stored, do func(context.Context, casefile.Case, stored) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.cases.ByRef(ctx, call.Actor.Tenant, ref)
		if err != nil {
			return err
		}
		if err := s.access.May(call.Actor, ActStep, c.Resource()); err != nil {
			return err
		}
		if err := do(ctx, c, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActStep, Kind: "payment", ID: p.ID, Person: c.Doctor, After: p})
	})
}
