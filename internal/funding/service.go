package funding

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/programme"
)

// Options for New; all but the names are needed.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Rates  *Rates

	// Phases are the phases of a programme: programme.Service.Phases.
	Phases func(ctx context.Context, tenant string) ([]programme.Phase, error)
	// Spells streams the times of unchanged terms: placement.Service.Spells.
	Spells func(ctx context.Context, tenant string, q placement.SpellQuery) iter.Seq2[placement.Spell, error]
	// OrganisationNames gives names by organisation id. Without it the id stands.
	OrganisationNames func(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	// AccountNames gives names by account. Without it they stay unnamed.
	AccountNames func(ctx context.Context, tenant string, accounts []string) (map[string]string, error)
}

// Service keeps the money. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	rates  *Rates
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Rates == nil || o.Phases == nil || o.Spells == nil {
		return nil, errors.New("funding needs a database, a permission table, an audit log, rates, phases and spells")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, rates: o.Rates}, nil
}

// Rates gives the rate table in use.
func (s *Service) Rates() *Rates { return s.rates }

// SetBudget sets what a region may spend in a phase and keeps the version.
// Refused below what is already committed.
func (s *Service) SetBudget(ctx context.Context, call access.Call, b Budget) (Budget, error) {
	tenant := call.Actor.Tenant
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.access.May(call.Actor, ActBudget, access.Resource{Kind: "budget", Tenant: tenant, Regions: []string{b.Region}}); err != nil {
			return err
		}
		phases, err := s.o.Phases(ctx, tenant)
		if err != nil {
			return err
		}
		if err := checkBudget(b, phases); err != nil {
			return err
		}
		if err := s.saveBudget(ctx, call, &b); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActBudget, Kind: "budget", ID: b.Phase + "/" + b.Region, After: b})
	})
	return b, err
}

// Commit takes one funded place for a placement, in the transaction of its
// start. Refused when no place is left; the same source again changes nothing.
// A placement without a phase costs the programme nothing. It asks no
// permission: the start that calls it did.
func (s *Service) Commit(ctx context.Context, call access.Call, c Commitment) error {
	if c.Phase == "" {
		return nil
	}
	if c.Source == "" || c.On.IsZero() {
		return fmt.Errorf("commitment of %q from %q is not complete", c.Source, c.On)
	}
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		fresh, err := s.bind(ctx, call, c)
		if err != nil || !fresh {
			return err
		}
		left, err := s.takePlace(ctx, tenant, c.Phase, c.Region)
		if err != nil {
			return fmt.Errorf("commit %s: %w", c.Source, err)
		}
		if !left {
			return s.noPlace(c.Region)
		}
		return s.count(ctx, tenant, c, 1)
	})
}

func (s *Service) noPlace(region string) error {
	name := organisation.RegionName(region)
	if name == "" {
		name = "this region"
	}
	return problem.Refuse("No funded place is left.", "Every place that this phase pays for in "+name+" is taken, or no budget is set. Ask the national team for more places, or start without programme money.")
}

// Release frees the place of a placement from a day on: it has ended, or moved.
// A source that holds none is no error.
func (s *Service) Release(ctx context.Context, call access.Call, source string, on clock.Date) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, held, err := s.unbind(ctx, tenant, source, on)
		if err != nil || !held {
			return err
		}
		if err := s.freePlace(ctx, tenant, c.Phase, c.Region); err != nil {
			return err
		}
		return s.count(ctx, tenant, c, -1)
	})
}

// key is where one placement's days are counted.
type key struct{ phase, region, placement string }

// Refresh makes every estimate anew as at a day, in one pass over the spells,
// and stores the totals that pages show. Rows that did not change are not
// written.
func (s *Service) Refresh(ctx context.Context, tenant string, today clock.Date) error {
	places := map[key]*Place{}
	for spell, err := range s.o.Spells(ctx, tenant, placement.SpellQuery{To: today}) {
		if err != nil {
			return fmt.Errorf("refresh estimates: %w", err)
		}
		if spell.Phase == "" {
			continue
		}
		w := Estimate(spell, s.rates, today)
		k := key{spell.Phase, spell.Region, spell.Placement}
		p := places[k]
		if p == nil {
			p = &Place{Phase: spell.Phase, Region: spell.Region, Placement: spell.Placement, doctor: spell.Doctor, From: spell.From}
			places[k] = p
		}
		p.Employer, p.To = spell.Employer, spell.To
		p.Days, p.UnknownDays, p.Pence = p.Days+w.Days, p.UnknownDays+w.UnknownDays, p.Pence+w.Pence
	}
	return s.store(ctx, tenant, today, places)
}

func (s *Service) store(ctx context.Context, tenant string, today clock.Date, places map[key]*Place) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.allPlaces(ctx, tenant)
		if err != nil {
			return err
		}
		same := map[key]bool{}
		for _, o := range old {
			k := key{o.Phase, o.Region, o.Placement}
			p, ok := places[k]
			if !ok {
				if err := s.dropPlace(ctx, tenant, o); err != nil {
					return err
				}
			}
			same[k] = ok && *p == o
		}
		var changed []Place
		sums := map[[3]string]*total{}
		for k, p := range places {
			if !same[k] {
				changed = append(changed, *p)
			}
			sumUp(sums, *p, "")
			sumUp(sums, *p, p.Employer)
		}
		if err := s.savePlaces(ctx, tenant, changed); err != nil {
			return err
		}
		list := make([]total, 0, len(sums))
		for _, t := range sums {
			list = append(list, *t)
		}
		if err := s.saveTotals(ctx, tenant, list); err != nil {
			return err
		}
		return s.markRefresh(ctx, tenant, AsAt{today, s.rates.Version})
	})
}

func sumUp(sums map[[3]string]*total, p Place, employer string) {
	k := [3]string{p.Phase, p.Region, employer}
	t := sums[k]
	if t == nil {
		t = &total{phase: p.Phase, region: p.Region, employer: employer}
		sums[k] = t
	}
	t.add(Figures{Started: 1, Days: p.Days, UnknownDays: p.UnknownDays, Estimated: p.Pence})
}
