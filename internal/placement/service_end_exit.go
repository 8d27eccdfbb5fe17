package placement

import (
	"context"
	"strconv"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

// exitOf loads the actor's own placement and what they said of it. Everybody else
// learns nothing, whatever their role.
func (s *Service) exitOf(ctx context.Context, call access.Call, id string) (Placement, Exit, error) {
	tenant := call.Actor.Tenant
	p, err := s.load(ctx, tenant, id)
	if err != nil {
		return p, Exit{}, err
	}
	if p.Doctor == "" || p.Doctor != call.Actor.Doctor || s.access.May(call.Actor, ActExit, access.Resource{Kind: "exit", ID: p.ID, Tenant: tenant, Doctor: p.Doctor}) != nil {
		return p, Exit{}, problem.Missing()
	}
	e, err := s.exit(ctx, tenant, p)
	return p, e, err
}

// LookExit gives the doctor's own answers, and the post they are about.
func (s *Service) LookExit(ctx context.Context, call access.Call, id string) (Row, Exit, error) {
	p, e, err := s.exitOf(ctx, call, id)
	if err != nil {
		return Row{}, e, err
	}
	rows, err := s.dress(ctx, call.Actor.Tenant, []Placement{p})
	if err != nil {
		return Row{}, e, err
	}
	return rows[0], e, nil
}

// SayExit keeps a doctor's exit answers, once, when an end is set.
func (s *Service) SayExit(ctx context.Context, call access.Call, in Exit) error {
	if err := checkExit(in); err != nil {
		return err
	}
	in.State = ExitAnswered
	return s.keepExit(ctx, call, in)
}

// SkipExit says that the doctor does not want to answer; they still can later.
func (s *Service) SkipExit(ctx context.Context, call access.Call, id string) error {
	return s.keepExit(ctx, call, Exit{Placement: id, State: ExitSkipped, Reader: ReadNobody})
}

func (s *Service) keepExit(ctx context.Context, call access.Call, in Exit) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, old, err := s.exitOf(ctx, call, in.Placement)
		if err != nil {
			return err
		}
		l, err := s.leaving(ctx, tenant, p.ID)
		if err != nil {
			return err
		}
		switch {
		case p.EndedOn.IsZero() && !l.Planned():
			return problem.Refuse("You cannot answer yet.", "These questions are for the end of the post. No end is set.")
		case old.State == ExitAnswered:
			return problem.New(problem.Conflict, "You have answered already. Thank you.")
		}
		in.Doctor, in.Version, in.GivenAt = p.Doctor, old.Version, call.Now
		if err := s.saveExit(ctx, tenant, in); err != nil {
			return err
		}
		// Only answers that nobody reads are counted: figures with the readable ones in
		// them would tell the others by subtraction.
		if in.State == ExitAnswered && in.Reader == ReadNobody {
			if err := s.countExit(ctx, tenant, in.codes()); err != nil {
				return err
			}
		}
		// Who answered is recorded, what they said is not.
		return s.audit.Record(ctx, call, audit.Entry{Action: ActExit, Kind: "exit", ID: p.ID, Person: p.Doctor, After: map[string]any{"state": in.State}})
	})
}

// ExitFigures are how often each answer was given. They move only when as many
// new answers have come as the programme's number, so that nobody can tell one
// answer by looking before and after.
type ExitFigures struct {
	Least int
	Count map[string]int
}

// Words is a figure as a page shows it: small numbers could point to a person.
func (f ExitFigures) Words(code string) string {
	n := f.Count[code]
	if n < f.Least {
		return "fewer than " + strconv.Itoa(f.Least)
	}
	return strconv.Itoa(n)
}

// Said is one doctor's answers, for the team.
type Said struct {
	Exit
	Name string
}

// ReadExits gives the programme team the figures, and one page of the answers
// whose doctors let the team read them, latest first.
func (s *Service) ReadExits(ctx context.Context, call access.Call, after []string, limit int) (ExitFigures, []Said, error) {
	var f ExitFigures
	tenant := call.Actor.Tenant
	scope := s.access.Scope(call.Actor, ActExitRead)
	if !scope.All {
		return f, nil, problem.Missing()
	}
	var err error
	if f.Least, err = s.suppress(ctx, tenant); err != nil {
		return f, nil, err
	}
	if f.Count, err = s.exitShown(ctx, tenant); err != nil {
		return f, nil, err
	}
	list, err := s.exits(ctx, scope, after, limit)
	if err != nil {
		return f, nil, err
	}
	var doctors, ids []string
	for _, e := range list {
		doctors, ids = append(doctors, e.Doctor), append(ids, e.Placement)
	}
	names, err := s.offers.Names(ctx, tenant, doctors)
	if err != nil {
		return f, nil, err
	}
	said := make([]Said, len(list))
	for i, e := range list {
		said[i] = Said{e, names[e.Doctor]}
	}
	return f, said, s.audit.Look(ctx, call, audit.Look{Action: ActExitRead, Kind: "exit", IDs: ids})
}

func (s *Service) suppress(ctx context.Context, tenant string) (int, error) {
	const never = 5 // what the programme's setting cannot go below
	if s.o.Suppress == nil {
		return never, nil
	}
	n, err := s.o.Suppress(ctx, tenant)
	return max(n, never), err
}
