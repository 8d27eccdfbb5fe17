package placement

import (
	"context"
	"errors"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/problem"
)

// TaskConcern asks to read a concern. Its title says nothing of it.
const TaskConcern = "concern"

// Abouts lists whom a concern on a post may be about, with who would read it.
func (s *Service) Abouts(ctx context.Context, call access.Call, placement string) ([]About, error) {
	p, err := s.permit(ctx, call, ActWorry, placement)
	if err != nil {
		return nil, err
	}
	return s.aboutsOf(ctx, call.Actor.Tenant, p)
}

func (s *Service) aboutsOf(ctx context.Context, tenant string, p Placement) ([]About, error) {
	names, err := s.posts.SupervisorNames(ctx, tenant, p.Clinical, p.Educational)
	return p.abouts(func(account string) string { return names[account].Name }), err
}

// Raise writes a concern down, or adds to one. about is whom a new one is about:
// they never read it.
func (s *Service) Raise(ctx context.Context, call access.Call, c Concern, about string) error {
	act := ActWorry
	if c.About != "" {
		act = ActConcern // who cannot read it cannot add to it
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.permit(ctx, call, act, c.Placement)
		if err != nil {
			return err
		}
		var check problem.Check
		if c.About == "" {
			list, err := s.aboutsOf(ctx, call.Actor.Tenant, p)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(list, func(a About) bool { return a.ID == about })
			check.That(i >= 0, "whom", "Choose what or whom it is about")
			if i >= 0 {
				c.KeptFrom = list[i].KeptFrom
			}
		}
		longText(&check, "text", c.Text, "Write what worries you")
		if err := check.Err(); err != nil {
			return err
		}
		c.ID, c.Doctor, c.By, c.RecordedAt = database.NewID(), p.Doctor, call.Actor.Account, call.Now
		if c.About == "" {
			c.About, c.Closes = c.ID, false
		} else if known, err := s.concernsFor(ctx, call.Actor, p); err != nil {
			return err
		} else if !slices.ContainsFunc(known, func(k Concern) bool { return k.ID == c.About && k.About == k.ID }) {
			return problem.Missing()
		}
		if err := s.insertConcern(ctx, call.Actor.Tenant, c); err != nil {
			return err
		}
		if err := s.tellReaders(ctx, call, p, c); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "concern", ID: c.ID, Person: p.Doctor, After: c})
	})
}

// tellReaders keeps the tasks of a concern, one for the HR team and one for a
// supervisor who may read it, until it is settled.
func (s *Service) tellReaders(ctx context.Context, call access.Call, p Placement, c Concern) error {
	source := "concern:" + c.About
	switch {
	case c.Closes:
		return errors.Join(s.cases.CloseTask(ctx, call, p.Doctor, TaskConcern, source),
			s.cases.CloseTask(ctx, call, p.Doctor, TaskConcern, source+":supervisor"))
	case c.About != c.ID:
		return nil
	}
	t := casefile.Task{Doctor: p.Doctor, Kind: TaskConcern, Title: "Read a concern and say what was done", Source: source, URL: "/placements/" + p.ID, Since: call.Today}
	r := c.resource(p, call.Actor.Tenant)
	if len(r.Organisations) > 0 {
		t.Party, t.Owner = casefile.PartyEmployer, p.Employer
		if err := s.cases.OpenTask(ctx, call, t); err != nil {
			return err
		}
	}
	r.Supervisors = slices.DeleteFunc(r.Supervisors, func(a string) bool { return a == call.Actor.Account })
	if len(r.Supervisors) == 0 {
		return nil
	}
	t.Party, t.Owner, t.Source = casefile.PartySupervisor, r.Supervisors[0], source+":supervisor"
	return s.cases.OpenTask(ctx, call, t)
}

// concernsFor reads the concerns on a post that somebody may read.
func (s *Service) concernsFor(ctx context.Context, a access.Actor, p Placement) ([]Concern, error) {
	list, err := s.concernsOf(ctx, a.Tenant, p)
	return readable(s.access, a, p, list), err
}

// Concerns reads the concerns on somebody's post, for the named few; every look is
// written down.
func (s *Service) Concerns(ctx context.Context, call access.Call, placement string) (Placement, []Concern, error) {
	p, err := s.permit(ctx, call, ActConcern, placement)
	if err != nil {
		return p, nil, err
	}
	list, err := s.concernsFor(ctx, call.Actor, p)
	if err != nil {
		return p, nil, err
	}
	var by []string
	for _, c := range list {
		by = append(by, c.By)
	}
	if s.o.AccountNames != nil {
		names, err := s.o.AccountNames(ctx, call.Actor.Tenant, database.Distinct(by))
		if err != nil {
			return p, nil, err
		}
		for i := range list {
			list[i].ByName = names[list[i].By]
		}
	}
	return p, list, s.audit.Look(ctx, call, audit.Look{Action: ActConcern, Kind: "concern", IDs: []string{p.ID}, Person: p.Doctor})
}
