package referral

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
)

// AllRoutes gives a tenant's routes, retired ones too, in their order. Those it
// began with need no row until they are changed.
func (s *Service) AllRoutes(ctx context.Context, tenant string) ([]Route, error) {
	stored, err := s.storedRoutes(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for _, first := range FirstRoutes() {
		if !slices.ContainsFunc(stored, func(r Route) bool { return r.Code == first.Code }) {
			stored = append(stored, first)
		}
	}
	slices.SortFunc(stored, func(a, b Route) int { return cmp.Or(a.Order-b.Order, cmp.Compare(a.Title, b.Title)) })
	return stored, nil
}

var routeCode = regexp.MustCompile(`[^a-z0-9]+`)

// SaveRoute changes a route, or adds one: without a code it is made of the
// title. A code never changes, since figures are kept by it.
func (s *Service) SaveRoute(ctx context.Context, call access.Call, r Route) (Route, error) {
	if err := s.access.May(call.Actor, ActRoutes, access.Resource{Kind: "route", Tenant: call.Actor.Tenant}); err != nil {
		return Route{}, err
	}
	r.Title = strings.TrimSpace(r.Title)
	var c problem.Check
	c.That(r.Title != "" && len([]rune(r.Title)) <= 80, "title", "Enter a title of 80 letters or fewer")
	c.That(r.Order >= 0 && r.Order <= 9999, "order", "Enter a place in the list from 0 to 9999")
	fresh := r.Code == ""
	if fresh {
		r.Code = strings.Trim(routeCode.ReplaceAllString(strings.ToLower(r.Title), "_"), "_")
		c.That(r.Code != "" || r.Title == "", "title", "Use at least one letter from a to z in the title")
	}
	if err := c.Err(); err != nil {
		return Route{}, err
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		all, err := s.AllRoutes(ctx, call.Actor.Tenant)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(old Route) bool { return old.Code == r.Code })
		switch {
		case fresh && i >= 0:
			return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "title", Message: "There is already a route with this title"}}}
		case !fresh && i < 0:
			return problem.Missing()
		case !fresh && all[i].Version != r.Version:
			return problem.Stale()
		}
		var before any
		if i >= 0 {
			before = all[i]
		}
		ok, err := s.saveRoute(ctx, call.Actor.Tenant, r)
		if err == nil && !ok {
			err = problem.Stale()
		}
		if err != nil {
			return err
		}
		r.Version++
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRoutes, Kind: "route", ID: r.Code, Before: before, After: r})
	})
	return r, err
}

// RouteFigure counts people by the way they were found. First counts each
// person once, by their earliest referral; Any counts a person under every
// route by which anyone referred them.
type RouteFigure struct {
	Code, Title string
	First, Any  int
}

// Routes gives the figures of a tenant by route. Referrals taken back do not
// count, and records linked as one person count once.
func (s *Service) Routes(ctx context.Context, tenant string) ([]RouteFigure, error) {
	all, err := s.AllRoutes(ctx, tenant)
	if err != nil {
		return nil, err
	}
	first, err := s.countFirst(ctx, tenant)
	if err != nil {
		return nil, err
	}
	every, err := s.countAny(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make([]RouteFigure, len(all))
	for i, r := range all {
		out[i] = RouteFigure{Code: r.Code, Title: r.Title, First: first[r.Code], Any: every[r.Code]}
	}
	return out, nil
}

// Found is how one person was found.
type Found struct {
	First string
	Any   []string // distinct, in the order they came
}

// OfDoctors gives, by person, the first route and any route. It asks no
// permission: for other services.
func (s *Service) OfDoctors(ctx context.Context, tenant string, doctors []string) (map[string]Found, error) {
	list, err := s.ofPersons(ctx, tenant, doctors)
	out := map[string]Found{}
	for _, r := range list {
		f := out[r.Person]
		if !r.WithdrawnOn.IsZero() || slices.Contains(f.Any, r.Route) {
			continue
		}
		if f.First == "" {
			f.First = r.Route
		}
		f.Any = append(f.Any, r.Route)
		out[r.Person] = f
	}
	return out, err
}

func routeTitle(routes []Route, code string) string {
	for _, r := range routes {
		if r.Code == code {
			return r.Title
		}
	}
	return code
}

// open keeps the routes that can be chosen.
func open(routes []Route) []Route {
	return slices.DeleteFunc(slices.Clone(routes), func(r Route) bool { return r.Retired })
}
