package placement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
)

// permit loads a running or ended placement for a use case on it; whoever may
// not is told that there is none.
func (s *Service) permit(ctx context.Context, call access.Call, act access.Action, id string) (Placement, error) {
	p, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return p, err
	}
	if s.access.May(call.Actor, act, p.Resource(call.Actor.Tenant)) != nil {
		return Placement{}, problem.Missing()
	}
	return p, nil
}

// within does one change to a placement: permit, check that it runs, do, write
// down, renew its light.
func (s *Service) within(ctx context.Context, call access.Call, act access.Action, id string, do func(ctx context.Context, p Placement) (audit.Entry, error)) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.permit(ctx, call, act, id)
		if err != nil {
			return err
		}
		if !p.EndedOn.IsZero() {
			return problem.Refuse("Nothing can be recorded any more.", "The placement has ended, on "+p.EndedOn.Long()+".")
		}
		e, err := do(ctx, p)
		if err != nil {
			return err
		}
		e.Action, e.Person = act, p.Doctor
		if err := s.audit.Record(ctx, call, e); err != nil {
			return err
		}
		return s.renew(ctx, call, p)
	})
}

// past checks a day on which something is said to have happened.
func past(c *problem.Check, field string, on clock.Date, p Placement, today clock.Date) {
	c.That(!on.IsZero(), field, "Enter the date")
	c.That(on.IsZero() || on <= today, field, "The date is in the future. Record it on the day or after")
	c.That(on.IsZero() || on >= p.StartedOn, field, "The date is before the start, on "+p.StartedOn.Long())
}

// Tick says that a step of the induction was done.
func (s *Service) Tick(ctx context.Context, call access.Call, placement, step string, on clock.Date) error {
	return s.within(ctx, call, ActMeet, placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		var c problem.Check
		c.That(slices.ContainsFunc(s.o.Induction.Steps, func(x Step) bool { return x.ID == step }), "step", "Choose a step of the plan")
		c.That(!on.IsZero(), "on", "Enter the date")
		c.That(on <= call.Today, "on", "The date is in the future. Record it on the day or after")
		if err := c.Err(); err != nil {
			return audit.Entry{}, err
		}
		return audit.Entry{Kind: "induction", ID: p.ID + ":" + step, After: on.String()}, s.tick(ctx, call.Actor.Tenant, call.Actor.Account, p, step, on, call.Now)
	})
}

// Meet records a meeting that was held. Who writes it agrees to it; the other
// one of the two agrees later.
func (s *Service) Meet(ctx context.Context, call access.Call, m Meeting) (Meeting, error) {
	err := s.within(ctx, call, ActMeet, m.Placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		var c problem.Check
		c.That(MeetingWords(m.Kind) != "", "kind", "Choose which meeting it was")
		past(&c, "on", m.On, p, call.Today)
		longText(&c, "notes", m.Notes, "Write what you talked about and agreed")
		for id, text := range m.Needs {
			c.That(len(text) <= 2000, "need-"+id, "Write 2,000 characters or fewer")
		}
		if err := c.Err(); err != nil {
			return audit.Entry{}, err
		}
		agenda, err := s.agenda(ctx, call, p)
		if err != nil {
			return audit.Entry{}, err
		}
		m.ID, m.Version, m.Doctor, m.By, m.RecordedAt, m.Agenda = database.NewID(), 1, p.Doctor, call.Actor.Account, call.Now, agenda
		m.agree(call, p)
		return audit.Entry{Kind: "meeting", ID: m.ID, After: m}, s.insertMeeting(ctx, call.Actor.Tenant, m)
	})
	return m, err
}

// agree puts the actor's yes where they stand.
func (m *Meeting) agree(call access.Call, p Placement) {
	switch {
	case call.Actor.Doctor == p.Doctor && p.Doctor != "":
		m.DoctorAt = call.Now
	case call.Actor.Account == p.Clinical || call.Actor.Account == p.Educational:
		m.SupervisorAt, m.Supervisor = call.Now, call.Actor.Account
	}
}

// Agree says yes to the record of a meeting: the doctor and a named supervisor,
// each for themselves.
func (s *Service) Agree(ctx context.Context, call access.Call, placement, id string) error {
	return s.within(ctx, call, ActAgree, placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		m, err := s.loadMeeting(ctx, call.Actor.Tenant, id)
		if err != nil || m.Placement != p.ID {
			return audit.Entry{}, cmpErr(err, problem.Missing())
		}
		before := m.Agreed()
		was := m
		m.agree(call, p)
		if before || m.DoctorAt == was.DoctorAt && m.SupervisorAt == was.SupervisorAt {
			return audit.Entry{}, problem.Refuse("There is nothing to agree.", "You agreed already, or it is not yours to agree.")
		}
		return audit.Entry{Kind: "meeting", ID: m.ID, Before: was, After: m}, s.agreeMeeting(ctx, call.Actor.Tenant, m)
	})
}

// SetGoal writes down a goal with the day by which it should be met.
func (s *Service) SetGoal(ctx context.Context, call access.Call, g Goal) error {
	return s.within(ctx, call, ActMeet, g.Placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		var c problem.Check
		longText(&c, "text", g.Text, "Write the goal")
		c.That(g.Due > call.Today, "due", "Enter a day in the future by which it should be met")
		if err := c.Err(); err != nil {
			return audit.Entry{}, err
		}
		g.ID, g.Doctor, g.By, g.RecordedAt = database.NewID(), p.Doctor, call.Actor.Account, call.Now
		return audit.Entry{Kind: "goal", ID: g.ID, After: g}, s.insertGoal(ctx, call.Actor.Tenant, g)
	})
}

// MeetGoal says that a goal was met today.
func (s *Service) MeetGoal(ctx context.Context, call access.Call, placement, id string) error {
	return s.within(ctx, call, ActMeet, placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		return audit.Entry{Kind: "goal", ID: id, After: call.Today.String()}, s.meetGoal(ctx, call.Actor.Tenant, p.ID, id, call.Today)
	})
}

// StandIn names who covers for a supervisor for some days. Whoever has left, or
// whose approval ends before, cannot.
func (s *Service) StandIn(ctx context.Context, call access.Call, v Cover) error {
	return s.within(ctx, call, ActCover, v.Placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		tenant := call.Actor.Tenant
		var c problem.Check
		c.That(v.Role == Clinical || v.Role == Educational, "role", "Choose for whom they stand in")
		c.That(v.Account != "", "account", "Choose who stands in")
		c.That(!v.From.IsZero(), "from", "Enter the first day")
		c.That(!v.To.IsZero(), "to", "Enter the last day")
		c.That(v.To.IsZero() || v.From <= v.To, "to", "The last day must not be before the first")
		if err := c.Err(); err != nil {
			return audit.Entry{}, err
		}
		who, err := s.posts.SupervisorNames(ctx, tenant, v.Account)
		if err != nil {
			return audit.Entry{}, err
		}
		there, err := s.there(ctx, tenant, p, call.Today)
		if err != nil {
			return audit.Entry{}, err
		}
		if stops := stopsCover(v, who[v.Account], there(v.Account), p, call.Today); len(stops) > 0 {
			return audit.Entry{}, problem.Refuse("They cannot stand in.", stops...)
		}
		var where post.Post
		where.Employer, where.Host, where.Clinical, where.Educational = p.Employer, p.Host, v.Account, v.Account
		if err := s.offers.Visible(ctx, tenant, p.Doctor, where); err != nil {
			return audit.Entry{}, err
		}
		v.ID, v.Doctor, v.By, v.RecordedAt = database.NewID(), p.Doctor, call.Actor.Account, call.Now
		return audit.Entry{Kind: "cover", ID: v.ID, After: v}, s.insertCover(ctx, tenant, v)
	})
}

// stopsCover gives every reason why somebody cannot stand in.
func stopsCover(v Cover, who post.Supervisor, there bool, p Placement, today clock.Date) []string {
	var out []string
	stop := func(bad bool, text string) {
		if bad {
			out = append(out, text)
		}
	}
	stop(v.To < today, "The days are over already.")
	stop(who.Account == "", "This person is not a supervisor in this programme.")
	stop(who.Account != "" && who.Organisation != p.Host && who.Organisation != p.Employer, "This person does not supervise for this host or employer.")
	stop(who.Account != "" && !there, "This person has left.")
	stop(who.Lapsed(v.To), "Their approval to supervise ends on "+who.ApprovedUntil.Long()+".")
	stop(!who.AwayFrom.IsZero() && who.AwayFrom <= v.To && (who.AwayUntil.IsZero() || v.From <= who.AwayUntil), "They are away themselves on some of these days.")
	return out
}

// StayAway records a time without work, as a category only.
func (s *Service) StayAway(ctx context.Context, call access.Call, v Absence) error {
	return s.within(ctx, call, ActCover, v.Placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		var c problem.Check
		c.That(slices.ContainsFunc(AbsenceKinds(), func(k Named) bool { return k.ID == v.Kind }), "kind", "Choose what it is")
		c.That(!v.From.IsZero(), "from", "Enter the first day")
		c.That(v.From.IsZero() || v.From >= p.StartedOn, "from", "The first day is before the start, on "+p.StartedOn.Long())
		c.That(v.To.IsZero() || v.From <= v.To, "to", "The last day must not be before the first")
		if err := c.Err(); err != nil {
			return audit.Entry{}, err
		}
		v.ID, v.Doctor, v.By, v.RecordedAt = database.NewID(), p.Doctor, call.Actor.Account, call.Now
		return audit.Entry{Kind: "absence", ID: v.ID, After: v}, s.insertAbsence(ctx, call.Actor.Tenant, v)
	})
}

// Return records the first day back at work.
func (s *Service) Return(ctx context.Context, call access.Call, placement, id string, back clock.Date) error {
	return s.within(ctx, call, ActCover, placement, func(ctx context.Context, p Placement) (audit.Entry, error) {
		var c problem.Check
		past(&c, "back", back, p, call.Today)
		if err := c.Err(); err != nil {
			return audit.Entry{}, err
		}
		return audit.Entry{Kind: "absence", ID: id, After: back.String()}, s.endAbsence(ctx, call.Actor.Tenant, p.ID, id, back.AddDays(-1))
	})
}

// agenda is prepared from the record: what is late, what comes, goals, and what
// is to be seen again. It holds nothing of exams, health or concerns.
func (s *Service) agenda(ctx context.Context, call access.Call, p Placement) ([]string, error) {
	_, dues, err := s.duesOf(ctx, call, p)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range dues {
		switch {
		case d.Overdue(call.Today):
			out = append(out, d.Title+", was due "+d.By.Long())
		case d.Done.IsZero() && d.By <= call.Today.AddDays(2*soon):
			out = append(out, d.Title+", due "+d.By.Long())
		}
	}
	goals, err := s.goalsOf(ctx, call.Actor.Tenant, p)
	if err != nil {
		return nil, err
	}
	for _, g := range goals {
		if g.Met.IsZero() {
			out = append(out, "Goal: "+strings.TrimSpace(g.Text)+", by "+g.Due.Long())
		}
	}
	h, _, err := s.history(ctx, call.Actor.Tenant, p, call.Now)
	if err != nil {
		return nil, err
	}
	again := 0
	for _, l := range s.o.Tasks.At(h, call.Now).Lines {
		if l.State == card.Expired {
			again++
		}
	}
	if again > 0 {
		out = append(out, fmt.Sprintf("Tasks to see again: %d", again))
	}
	return append(out, "How is it going? What helps, what is hard?"), nil
}
