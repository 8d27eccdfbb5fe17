package funding

import (
	"context"
	"slices"
	"sort"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/programme"
)

// reach says which totals an actor may see: all, those of some regions, or
// those of some employers.
type reach struct{ regions, employers []string }

// own tells whether only an employer's own figures are in reach.
func (r reach) own() bool { return r.employers != nil }

func reachOf(s access.Scope) (reach, bool) {
	switch {
	case s.All:
		return reach{}, true
	case len(s.Regions) > 0:
		return reach{regions: s.Regions}, true
	case len(s.Organisations) > 0:
		return reach{employers: s.Organisations}, true
	}
	return reach{}, false
}

// Overview is the money of every phase as far as the actor may see it.
type Overview struct {
	AsAt
	Own     bool // an employer's own figures: no budget is shown
	Regions []string
	Phases  []PhaseFigures
}

// PhaseFigures are the figures of one phase.
type PhaseFigures struct {
	programme.Phase
	Figures
	ByRegion []RegionFigures // filled for the page of one phase
}

// RegionFigures are the figures of one region, or of one employer in it.
type RegionFigures struct {
	Region, Employer, EmployerName string
	Figures
	Budget Budget
}

// Look gives the figures of all phases.
func (s *Service) Look(ctx context.Context, call access.Call) (Overview, error) {
	v, err := s.look(ctx, call, ActSee, nil)
	if err != nil {
		return v, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "money", Query: "phases"})
}

// LookPhase gives the figures of one phase by region, or by employer for an
// employer. code is the phase's code.
func (s *Service) LookPhase(ctx context.Context, call access.Call, code string) (Overview, error) {
	phase, err := s.phase(ctx, call.Actor.Tenant, code)
	if err != nil {
		return Overview{}, err
	}
	v, err := s.look(ctx, call, ActPlace, &phase)
	if err != nil {
		return v, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActPlace, Kind: "money", Query: "phase=" + code})
}

func (s *Service) phase(ctx context.Context, tenant, code string) (programme.Phase, error) {
	phases, err := s.o.Phases(ctx, tenant)
	if err != nil {
		return programme.Phase{}, err
	}
	i := slices.IndexFunc(phases, func(p programme.Phase) bool { return p.Code == code })
	if i < 0 {
		return programme.Phase{}, problem.Missing()
	}
	return phases[i], nil
}

func (s *Service) look(ctx context.Context, call access.Call, act access.Action, only *programme.Phase) (Overview, error) {
	tenant := call.Actor.Tenant
	r, ok := reachOf(s.access.Scope(call.Actor, act))
	if !ok {
		return Overview{}, problem.Missing()
	}
	v := Overview{Own: r.own(), Regions: r.regions}
	phases, id := []programme.Phase(nil), ""
	var err error
	if only != nil {
		phases, id = []programme.Phase{*only}, only.ID
	} else if phases, err = s.o.Phases(ctx, tenant); err != nil {
		return v, err
	}
	if v.AsAt, err = s.asAt(ctx, tenant); err != nil {
		return v, err
	}
	lines, err := s.lines(ctx, tenant, id, r)
	if err != nil {
		return v, err
	}
	for _, p := range phases {
		f := PhaseFigures{Phase: p}
		for _, l := range lines[p.ID] {
			f.Figures.add(l.Figures)
		}
		if only != nil {
			f.ByRegion = lines[p.ID]
		}
		v.Phases = append(v.Phases, f)
	}
	return v, s.nameEmployers(ctx, tenant, v.Phases)
}

// lines puts budgets and totals side by side, by phase.
func (s *Service) lines(ctx context.Context, tenant, phase string, r reach) (map[string][]RegionFigures, error) {
	totals, err := s.totals(ctx, tenant, phase, r)
	if err != nil {
		return nil, err
	}
	lines := map[string][]RegionFigures{}
	for _, t := range totals {
		if t.Figures != (Figures{}) {
			lines[t.phase] = append(lines[t.phase], RegionFigures{Region: t.region, Employer: t.employer, Figures: t.Figures})
		}
	}
	if r.own() {
		return lines, nil
	}
	budgets, err := s.budgetsOf(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for _, b := range budgets {
		if phase != "" && b.Phase != phase || r.regions != nil && !slices.Contains(r.regions, b.Region) {
			continue
		}
		list := lines[b.Phase]
		i := slices.IndexFunc(list, func(l RegionFigures) bool { return l.Region == b.Region })
		if i < 0 {
			list, i = append(list, RegionFigures{Region: b.Region}), len(list)
		}
		l := &list[i]
		l.Budget = b
		l.Figures.Budgeted, l.Figures.Places, l.Figures.Budget, l.Committed = true, b.Places, b.Pence, b.Committed
		lines[b.Phase] = list
	}
	for _, list := range lines {
		sort.Slice(list, func(i, j int) bool {
			a, b := list[i], list[j]
			return compare(organisation.RegionName(a.Region)+a.Employer, organisation.RegionName(b.Region)+b.Employer) < 0
		})
	}
	return lines, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *Service) nameEmployers(ctx context.Context, tenant string, phases []PhaseFigures) error {
	var ids []string
	for _, p := range phases {
		for _, l := range p.ByRegion {
			ids = append(ids, l.Employer)
		}
	}
	names, err := s.employers(ctx, tenant, ids)
	for _, p := range phases {
		for i := range p.ByRegion {
			p.ByRegion[i].EmployerName = names[p.ByRegion[i].Employer]
		}
	}
	return err
}

func (s *Service) employers(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
	names := map[string]string{}
	if s.o.OrganisationNames != nil && len(ids) > 0 {
		var err error
		if names, err = s.o.OrganisationNames(ctx, tenant, ids); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if names[id] == "" {
			names[id] = id
		}
	}
	return names, nil
}

// PlacesQuery asks for one page of the places of a phase.
type PlacesQuery struct {
	Phase  string // code
	Region string // "" = all in reach
	After  string // id of the last placement shown
	Limit  int
	phase  string
}

// PlaceRow is a place as its list shows it.
type PlaceRow struct {
	Place
	EmployerName string
}

// Places lists placements by their reference, never by a person's name.
func (s *Service) Places(ctx context.Context, call access.Call, q PlacesQuery) ([]PlaceRow, error) {
	phase, err := s.phase(ctx, call.Actor.Tenant, q.Phase)
	if err != nil {
		return nil, err
	}
	q.phase = phase.ID
	if q.Limit == 0 {
		q.Limit = 51
	}
	list, err := s.listPlaces(ctx, s.access.Scope(call.Actor, ActPlace), q)
	if err != nil {
		return nil, err
	}
	rows, ids := make([]PlaceRow, len(list)), make([]string, len(list))
	var employers []string
	for i, p := range list {
		rows[i].Place, ids[i] = p, p.Placement
		employers = append(employers, p.Employer)
	}
	names, err := s.employers(ctx, call.Actor.Tenant, employers)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].EmployerName = names[rows[i].Employer]
	}
	return rows, s.audit.Look(ctx, call, audit.Look{Action: ActPlace, Kind: "money", IDs: ids, Query: "places phase=" + q.Phase + " region=" + q.Region})
}

// PlaceWorking is how the estimate of one place was made.
type PlaceWorking struct {
	AsAt
	programme.Phase
	Places       []Place // one for each region worked in
	EmployerName string
	Spells       []SpellWorking
	Pence        int64
}

// SpellWorking is a spell with its lines.
type SpellWorking struct {
	placement.Spell
	Working
}

// LookPlace opens the days, share, rates and sources of one place's estimate,
// as at the day of the stored figures.
func (s *Service) LookPlace(ctx context.Context, call access.Call, code, id string) (PlaceWorking, error) {
	tenant := call.Actor.Tenant
	var v PlaceWorking
	var err error
	if v.Phase, err = s.phase(ctx, tenant, code); err != nil {
		return v, err
	}
	if v.Places, err = s.placesOf(ctx, s.access.Scope(call.Actor, ActPlace), v.Phase.ID, id); err != nil {
		return v, err
	}
	if len(v.Places) == 0 {
		return v, problem.Missing()
	}
	if v.AsAt, err = s.asAt(ctx, tenant); err != nil {
		return v, err
	}
	for _, p := range v.Places {
		v.Pence += p.Pence
		if err := s.openPlace(ctx, tenant, &v, p); err != nil {
			return v, err
		}
	}
	first := v.Places[0]
	names, err := s.employers(ctx, tenant, []string{first.Employer})
	if err != nil {
		return v, err
	}
	v.EmployerName = names[first.Employer]
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActPlace, Kind: "money", IDs: []string{id}, Query: "place"})
}

func (s *Service) openPlace(ctx context.Context, tenant string, v *PlaceWorking, p Place) error {
	// The employer's spells of these days are few; there is no index by placement.
	q := placement.SpellQuery{From: p.From, To: last(p.To, v.AsAt.On), Phase: p.Phase, Region: p.Region, Employer: p.Employer}
	for spell, err := range s.o.Spells(ctx, tenant, q) {
		if err != nil {
			return err
		}
		if spell.Placement == p.Placement {
			v.Spells = append(v.Spells, SpellWorking{spell, Estimate(spell, s.rates, v.AsAt.On)})
		}
	}
	return nil
}

func last(to, asAt clock.Date) clock.Date {
	if to.IsZero() {
		return asAt
	}
	return min(to, asAt)
}

// BudgetSight is one budget with its versions, for the form.
type BudgetSight struct {
	programme.Phase
	Budget  Budget
	History []Budget
	Names   map[string]string // of accounts
}

// LookBudget gives the budget of a region in a phase, to be set or changed.
func (s *Service) LookBudget(ctx context.Context, call access.Call, code, region string) (BudgetSight, error) {
	tenant := call.Actor.Tenant
	var v BudgetSight
	if err := s.access.May(call.Actor, ActBudget, access.Resource{Kind: "budget", Tenant: tenant, Regions: []string{region}}); err != nil {
		return v, err
	}
	var err error
	if v.Phase, err = s.phase(ctx, tenant, code); err != nil {
		return v, err
	}
	if region == "" {
		return v, nil
	}
	if v.Budget, err = s.budget(ctx, tenant, v.Phase.ID, region); err != nil {
		return v, err
	}
	if v.History, err = s.history(ctx, tenant, v.Phase.ID, region); err != nil {
		return v, err
	}
	var accounts []string
	for _, h := range v.History {
		accounts = append(accounts, h.SetBy)
	}
	if s.o.AccountNames != nil && len(accounts) > 0 {
		v.Names, err = s.o.AccountNames(ctx, tenant, accounts)
	}
	return v, err
}
