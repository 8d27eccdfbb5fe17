package doctor

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// Say records one word on whom one may ask. The doctor says yes or no and is
// asked for no reason; a caseworker can only forbid, with a reason, or take
// that back. What rests on it is told in the same transaction.
func (s *Service) Say(ctx context.Context, call access.Call, n NewSaid) error {
	if err := s.May(ctx, call, ActAsking, n.Doctor); err != nil {
		return err
	}
	n = n.tidy()
	own := call.Actor.Doctor == n.Doctor
	if err := n.Check(own); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if !own && n.Allowed {
			said, err := s.Asked(ctx, call.Actor.Tenant, n.Doctor)
			if err != nil {
				return err
			}
			if !forbidden(said, n.Subject) {
				return problem.Refuse("Only the doctor can say yes.", "You can take back what a caseworker marked as not safe. You cannot allow anything.")
			}
		}
		w := Said{ID: database.NewID(), Subject: n.Subject, Allowed: n.Allowed, Staff: !own, On: call.Today, At: call.Now, By: call.Actor.Account, Reason: n.Reason}
		if err := s.insertSaid(ctx, call, n.Doctor, w); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActAsking, Kind: "asking", ID: w.ID, Person: n.Doctor, After: w}); err != nil {
			return err
		}
		if s.askingChanged == nil {
			return nil
		}
		return s.askingChanged(ctx, call, n.Doctor)
	})
}

// forbidden tells whether staff marked exactly this subject.
func forbidden(said []Said, subject Subject) bool {
	for _, w := range Standing(said) {
		if w.Staff && !w.Allowed && w.Party == subject.Party && plainName(w.Name) == plainName(subject.Name) && w.Country == subject.Country && w.Email == subject.Email {
			return true
		}
	}
	return false
}

// Asked gives all that was said about whom one may ask, oldest first, also what
// was said before these words had a table of their own. It asks no permission.
func (s *Service) Asked(ctx context.Context, tenant, doctor string) ([]Said, error) {
	return database.Once(ctx, s.db, "doctor asking "+tenant+" "+doctor, func() ([]Said, error) {
		all, err := s.SaidOf(ctx, tenant, []string{doctor})
		said := all[doctor]
		if err != nil || s.earlier == nil {
			return said, err
		}
		before, err := s.earlier(ctx, tenant, doctor)
		return append(before, said...), err
	})
}

// Asking decides whether a subject may be asked about a doctor now.
func (s *Service) Asking(ctx context.Context, tenant, doctor string, subject Subject) (Verdict, error) {
	said, err := s.Asked(ctx, tenant, doctor)
	return Asking(said, subject), err
}

// Words gives, for its page, what stands.
func (s *Service) Words(ctx context.Context, call access.Call, doctor string) ([]Said, error) {
	if err := s.May(ctx, call, ActAsking, doctor); err != nil {
		return nil, err
	}
	said, err := s.Asked(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return nil, err
	}
	return Standing(said), s.audit.Look(ctx, call, audit.Look{Action: ActAsking, Kind: "asking", IDs: []string{doctor}, Person: doctor})
}
