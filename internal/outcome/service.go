package outcome

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/programme"
)

// The actions of this package.
const (
	ActTracker access.Action = "outcome.tracker" // the published figures
	ActFigures access.Action = "outcome.figures" // the exact figures of today
	ActPublish access.Action = "outcome.publish"
)

// Actions lists them for the permission table's test.
func Actions() []access.Action { return []access.Action{ActTracker, ActFigures, ActPublish} }

// Service is what may be asked of the figures.
type Service struct {
	store     store
	db        *database.DB
	access    *access.Table
	audit     *audit.Log
	programme *programme.Service
}

// Options are what the service needs.
type Options struct {
	DB        *database.DB
	Access    *access.Table
	Audit     *audit.Log
	Programme *programme.Service
}

// New makes the service.
func New(o Options) (*Service, error) {
	return &Service{store: store{o.DB}, db: o.DB, access: o.Access, audit: o.Audit, programme: o.Programme}, nil
}

// Live are the exact figures of a day from the records as they now stand, for
// staff. A scope narrower than the whole programme counts its own people only.
func (s *Service) Live(ctx context.Context, call access.Call, on clock.Date) (Figures, map[string]Figures, error) {
	scope := s.access.Scope(call.Actor, ActFigures)
	if scope.None() {
		return nil, nil, problem.Missing()
	}
	total, regions, err := s.count(ctx, scope, on)
	if err != nil {
		return nil, nil, err
	}
	err = s.audit.Look(ctx, call, audit.Look{Action: ActFigures, Kind: "figures", Query: "as at " + on.String()})
	return total, regions, err
}

func (s *Service) count(ctx context.Context, scope access.Scope, on clock.Date) (Figures, map[string]Figures, error) {
	total, regions := none(), map[string]Figures{}
	err := s.store.eachHistory(ctx, scope, func(h History) { countBoth(total, regions, h, on) })
	if err != nil {
		return nil, nil, fmt.Errorf("count figures: %w", err)
	}
	phases, err := s.phases(ctx, scope.Tenant)
	if err != nil {
		return nil, nil, err
	}
	total[FundedPlaces] = Places(phases, on)
	return total, regions, nil
}

func countBoth(total Figures, regions map[string]Figures, h History, on clock.Date) {
	if regions[h.Region] == nil {
		regions[h.Region] = none()
	}
	total.Count(h, on)
	regions[h.Region].Count(h, on)
}

func (s *Service) phases(ctx context.Context, tenant string) ([]PhasePlaces, error) {
	phases, err := s.programme.Phases(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var out []PhasePlaces
	for _, p := range phases {
		if p.Known(programme.FieldPlaces) {
			out = append(out, PhasePlaces{Announced: p.Announced, Starts: p.Starts, Ends: p.Ends, Places: int64(p.Places)})
		}
	}
	return out, nil
}

// PublishDue publishes every day that is due by call.Today and was not yet:
// month ends and the programme's fixed list. It reads the records once for all
// of them, and answers how many it published.
func (s *Service) PublishDue(ctx context.Context, call access.Call) (int, error) {
	tenant := call.Actor.Tenant
	if err := s.access.May(call.Actor, ActPublish, access.Resource{Tenant: tenant}); err != nil {
		return 0, err
	}
	published := 0
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		before, err := s.store.publications(ctx, tenant)
		if err != nil {
			return err
		}
		due, err := s.due(ctx, call, before)
		if err != nil || len(due) == 0 {
			return err
		}
		small, err := s.small(ctx, tenant)
		if err != nil {
			return err
		}
		published, err = s.publish(ctx, call, before, due, small)
		return err
	})
	return published, err
}

func (s *Service) publish(ctx context.Context, call access.Call, before []Publication, due []clock.Date, small int64) (int, error) {
	tenant := call.Actor.Tenant
	totals, regions := make([]Figures, len(due)), make([]map[string]Figures, len(due))
	for i := range due {
		totals[i], regions[i] = none(), map[string]Figures{}
	}
	err := s.store.eachHistory(ctx, access.Scope{Tenant: tenant, All: true}, func(h History) {
		for i, on := range due {
			countBoth(totals[i], regions[i], h, on)
		}
	})
	if err != nil {
		return 0, err
	}
	phases, err := s.phases(ctx, tenant)
	if err != nil {
		return 0, err
	}
	for i, on := range due {
		totals[i][FundedPlaces] = Places(phases, on)
		p := Publish(before, on, call.Today, totals[i], regions[i], small)
		if err := s.store.insert(ctx, tenant, p); err != nil {
			return i, fmt.Errorf("publish figures as at %s: %w", on, err)
		}
		before = append(before, p)
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActPublish, Kind: "publication", ID: on.String(), After: p}); err != nil {
			return i, err
		}
	}
	return len(due), nil
}

// due gives the days to publish now. The first is the first phase's first
// month; a day before the latest publication that was missed is published too.
func (s *Service) due(ctx context.Context, call access.Call, before []Publication) ([]clock.Date, error) {
	phases, err := s.programme.Phases(ctx, call.Actor.Tenant)
	if err != nil || len(phases) == 0 {
		return nil, err
	}
	list, err := s.programme.Setting(ctx, call.Actor.Tenant, "publication_dates")
	if err != nil {
		return nil, err
	}
	var fixed []clock.Date
	for _, word := range strings.FieldsFunc(list.Value, func(r rune) bool { return r == ',' || r == ' ' }) {
		d, err := clock.ParseDate(word)
		if err != nil {
			return nil, fmt.Errorf("setting publication_dates: %w", err)
		}
		fixed = append(fixed, d)
	}
	t, found, err := s.programme.TenantByCode(ctx, call.Actor.Tenant)
	if err != nil || !found {
		return nil, err
	}
	// Nothing is said of days before these records began: zero would be a claim.
	days := Due(max(phases[0].Starts, t.Opened), call.Today, fixed)
	return slices.DeleteFunc(days, func(d clock.Date) bool {
		return slices.ContainsFunc(before, func(p Publication) bool { return p.AsAt == d })
	}), nil
}

func (s *Service) small(ctx context.Context, tenant string) (int64, error) {
	below, err := s.programme.Int(ctx, tenant, "suppress_below")
	if err != nil {
		return 0, err
	}
	return max(Small, int64(below)-1), nil
}

// Tracker gives what was published of a day, or of the latest published day
// before it; false when nothing was.
func (s *Service) Tracker(ctx context.Context, call access.Call, by clock.Date) (Publication, bool, error) {
	if err := s.access.May(call.Actor, ActTracker, access.Resource{Tenant: call.Actor.Tenant}); err != nil {
		return Publication{}, false, err
	}
	return s.store.latest(ctx, call.Actor.Tenant, by)
}

// Publications gives all that was published, by day.
func (s *Service) Publications(ctx context.Context, call access.Call) ([]Publication, error) {
	if err := s.access.May(call.Actor, ActTracker, access.Resource{Tenant: call.Actor.Tenant}); err != nil {
		return nil, err
	}
	return s.store.publications(ctx, call.Actor.Tenant)
}
