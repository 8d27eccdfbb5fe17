package placement

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

// running loads a placement with the terms that hold, for a use case on it.
func (s *Service) running(ctx context.Context, call access.Call, act access.Action, id string, version int) (Placement, Spell, error) {
	tenant := call.Actor.Tenant
	p, err := s.load(ctx, tenant, id)
	if err != nil {
		return p, Spell{}, err
	}
	if err := s.access.May(call.Actor, act, p.resourceFor(act, tenant)); err != nil {
		return p, Spell{}, err
	}
	if version != 0 && version != p.Version {
		return p, Spell{}, problem.Stale()
	}
	v, err := s.spell(ctx, tenant, p.ID, p.Spell)
	return p, v, err
}

// Change gives a placement new terms from a day; the old ones stay as history.
func (s *Service) Change(ctx context.Context, call access.Call, cmd Change) (Placement, error) {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	var p Placement
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		old, spell, err := s.running(ctx, call, ActChange, cmd.ID, cmd.Version)
		if err != nil {
			return err
		}
		next, err := s.next(ctx, tenant, old, spell.Terms, cmd)
		if err != nil {
			return err
		}
		if stops := StopsChange(old, spell, next, on, call.Today); len(stops) > 0 {
			return problem.Refuse("This change cannot be made.", stops...)
		}
		p = old
		p.Host, p.Region, p.Clinical, p.Educational, p.Spell = next.Host, next.Region, next.Clinical, next.Educational, old.Spell+1
		if err := s.supervisors(ctx, call, p, spell.Terms); err != nil {
			return err
		}
		if err := s.respell(ctx, call, p, spell, next, on); err != nil {
			return err
		}
		p.Version++
		if p.Host != old.Host || p.Clinical != old.Clinical || p.Educational != old.Educational {
			if err := s.place(ctx, call, p); err != nil {
				return err
			}
		}
		if p.Region != old.Region && s.o.Moved != nil {
			if err := s.o.Moved(ctx, call, p, on); err != nil {
				return err
			}
		}
		if err := s.renew(ctx, call, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActChange, Kind: "placement", ID: p.ID, Person: p.Doctor, Before: spell.Terms, After: next})
	})
	return p, err
}

// next works out the new terms in full, and keeps a doctor from being moved to
// somebody they hid from.
func (s *Service) next(ctx context.Context, tenant string, p Placement, now Terms, cmd Change) (Terms, error) {
	next := cmd.Apply(now)
	if next.MinutesWeek != now.MinutesWeek {
		share, err := s.posts.Share(ctx, tenant, next.MinutesWeek)
		if err != nil {
			return next, err
		}
		next.WholeTime = share
	}
	if next.Host == now.Host && next.Clinical == now.Clinical && next.Educational == now.Educational {
		return next, nil
	}
	var where post.Post
	where.Employer, where.Host, where.Clinical, where.Educational = p.Employer, next.Host, next.Clinical, next.Educational
	if err := s.offers.Visible(ctx, tenant, p.Doctor, where); err != nil {
		return next, err
	}
	if next.Host != now.Host {
		places, err := s.posts.Places(ctx, tenant, []string{next.Host})
		if err != nil {
			return next, err
		}
		host := places[next.Host]
		var c problem.Check
		c.That(host.Found, "host", "Choose the place of work from the list")
		c.That(!host.Found || host.England, "host", "The place of work must be in England")
		if err := c.Err(); err != nil {
			return next, err
		}
		next.Region = host.Region
	}
	return next, nil
}

func (s *Service) respell(ctx context.Context, call access.Call, p Placement, old Spell, next Terms, on clock.Date) error {
	tenant := call.Actor.Tenant
	if err := s.update(ctx, tenant, p); err != nil {
		return err
	}
	if err := s.endSpell(ctx, tenant, p.ID, old.Number, on.AddDays(-1)); err != nil {
		return err
	}
	v := old
	v.Number, v.From, v.To, v.Terms = p.Spell, on, 0, next
	v.Changed = join(Differences(old.Terms, next))
	v.By, v.RecordedAt = call.Actor.Account, call.Now
	return s.insertSpell(ctx, tenant, v)
}

func join(codes []string) string {
	text := ""
	for _, c := range codes {
		if text != "" {
			text += " "
		}
		text += c
	}
	return text
}

// Ending records the last day in post. Leaves says that the person also leaves
// the programme by it: only then are they counted as having left.
type Ending struct {
	ID      string
	Version int
	On      clock.Date
	Code    string
	Leaves  bool
}

// End ends a placement for a coded reason. Its post is free again while its
// contract still has time, else closed.
func (s *Service) End(ctx context.Context, call access.Call, cmd Ending) (Placement, error) {
	tenant := call.Actor.Tenant
	if err := CheckEnding(cmd.Code, cmd.On); err != nil {
		return Placement{}, err
	}
	var p Placement
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		old, spell, err := s.running(ctx, call, ActEnd, cmd.ID, cmd.Version)
		if err != nil {
			return err
		}
		if stops := StopsEnd(old, spell, cmd.On, call.Today); len(stops) > 0 {
			return problem.Refuse("This end cannot be recorded.", stops...)
		}
		p = old
		p.EndedOn, p.EndCode = cmd.On, cmd.Code
		if p.Fact, err = s.facts.Supersede(ctx, asProgramme(call), old.Fact, p.fact(tenant)); err != nil {
			return err
		}
		if err := s.update(ctx, tenant, p); err != nil {
			return err
		}
		if err := s.endSpell(ctx, tenant, p.ID, p.Spell, cmd.On); err != nil {
			return err
		}
		p.Version++
		if err := s.posts.Vacate(ctx, call, p.Post, p.Offer, p.Clinical, cmd.On); err != nil {
			return err
		}
		if err := s.cases.RecordAll(ctx, call, p.Doctor, ended(p, cmd.Leaves)); err != nil {
			return err
		}
		if err := s.endDone(ctx, call, p, cmd.Leaves); err != nil {
			return err
		}
		// Who hosted and supervised sees the placement as it was for some days more, and
		// the case no more.
		if err := s.cases.Place(ctx, call, p.Doctor, casefile.Placing{Organisations: []string{}, Supervisors: []string{}}); err != nil {
			return err
		}
		if s.o.Over != nil {
			if err := s.o.Over(ctx, call, p); err != nil {
				return err
			}
		}
		if err := s.renew(ctx, call, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActEnd, Kind: "placement", ID: p.ID, Person: p.Doctor, Before: old, After: p})
	})
	return p, err
}

// ended are the milestones of an end.
func ended(p Placement, leaves bool) []casefile.Milestone {
	m := casefile.Milestone{Doctor: p.Doctor, Kind: casefile.Ended, On: p.EndedOn, Code: p.EndCode, Organisation: p.Employer, Source: p.Source()}
	if !leaves {
		return []casefile.Milestone{m}
	}
	left := m
	left.Kind = casefile.Left
	return []casefile.Milestone{m, left}
}

// FollowUp says what became of somebody whose placement has ended: that they
// left, for a coded reason, or that nobody knows.
type FollowUp struct {
	ID      string
	On      clock.Date
	Unknown bool
	Code    string // of leaving; ignored when Unknown
}

// Follow records it. What is unknown stays unknown until somebody knows.
func (s *Service) Follow(ctx context.Context, call access.Call, cmd FollowUp) error {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.load(ctx, tenant, cmd.ID)
		if err != nil {
			return err
		}
		if err := s.access.May(call.Actor, ActFollowUp, p.Resource(tenant)); err != nil {
			return err
		}
		m := casefile.Milestone{Doctor: p.Doctor, Kind: casefile.OutcomeUnknown, On: on, Code: CodeUnknown, Organisation: p.Employer, Source: p.Source()}
		if !cmd.Unknown {
			m.Kind, m.Code = casefile.Left, cmd.Code
		}
		if err := s.mayFollow(ctx, tenant, p, m, call.Today); err != nil {
			return err
		}
		if err := s.cases.Record(ctx, call, m); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActFollowUp, Kind: "placement", ID: p.ID, Person: p.Doctor, After: m})
	})
}

func (s *Service) mayFollow(ctx context.Context, tenant string, p Placement, m casefile.Milestone, today clock.Date) error {
	var c problem.Check
	c.That(m.Kind == casefile.OutcomeUnknown || knownEnd(m.Code) && m.Code != CodeUnknown, "code", "Choose why they left")
	c.That(m.On <= today, "on", "The date must be today or earlier")
	c.That(p.EndedOn.IsZero() || m.On >= p.EndedOn, "on", "The date must be on or after the last day in post")
	if err := c.Err(); err != nil {
		return err
	}
	var stops []string
	if p.EndedOn.IsZero() {
		stops = append(stops, "The placement has not ended.")
	}
	file, err := s.cases.Get(ctx, p.Doctor, tenant)
	if err != nil {
		return err
	}
	switch file.Stage {
	case casefile.StageRegistered, casefile.StageDoctorPost:
		stops = append(stops, "The doctor is registered with the GMC: the outcome is known.")
	case casefile.StageClosed:
		stops = append(stops, "The case is closed: the outcome is known.")
	case casefile.StageEnded:
	default:
		stops = append(stops, "The doctor is on the road again: there is no outcome yet.")
	}
	if file.Flags.Has(casefile.FlagUnknown) && m.Kind == casefile.OutcomeUnknown {
		stops = append(stops, "It is already recorded that nobody knows.")
	}
	if len(stops) > 0 {
		return problem.Refuse("This cannot be recorded.", stops...)
	}
	return nil
}
