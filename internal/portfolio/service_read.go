package portfolio

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/problem"
)

// viewer is how somebody stands to a portfolio.
type viewer int

const (
	nobody viewer = iota
	employer
	supervisor
	theDoctor
)

// Sight is a portfolio as one person may see it.
type Sight struct {
	Ref, Doctor, Name string
	Own               bool
	OnlySignOffs      bool
	Items             []Item
	Tasks             map[string]string // titles of tasks
	Trained           []Trained         // on the first page
}

// stands tells how the actor stands to the portfolio of a case.
func (s *Service) stands(call access.Call, r access.Resource) viewer {
	switch {
	case s.access.May(call.Actor, ActOwn, r) == nil:
		return theDoctor
	case s.access.May(call.Actor, ActSee, r) == nil:
		return supervisor
	case s.access.May(call.Actor, ActSignOffs, r) == nil:
		return employer
	}
	return nobody
}

// see finds the case and how the actor stands to it; nobody gets the answer of
// a case that is not there.
func (s *Service) see(ctx context.Context, call access.Call, ref string) (casefile.Case, viewer, error) {
	c, err := s.o.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return c, nobody, err
	}
	who := s.stands(call, c.Resource())
	if who == nobody {
		return casefile.Case{}, nobody, problem.Missing()
	}
	return c, who, nil
}

// Look gives one page of a portfolio.
func (s *Service) Look(ctx context.Context, call access.Call, ref string, q Query) (Sight, error) {
	c, who, err := s.see(ctx, call, ref)
	if err != nil {
		return Sight{}, err
	}
	v := Sight{Ref: c.Ref, Doctor: c.Doctor, Own: who == theDoctor, OnlySignOffs: who == employer}
	if v.Items, err = s.items(ctx, call.Actor.Tenant, c.Doctor, who, q); err != nil {
		return v, err
	}
	if who == employer {
		for i := range v.Items {
			v.Items[i] = v.Items[i].forEmployer()
		}
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{c.Doctor})
	if err != nil {
		return v, err
	}
	v.Name = names[c.Doctor]
	if v.Tasks, err = s.taskTitles(ctx, call.Actor.Tenant, v.Items); err != nil {
		return v, err
	}
	if len(q.After) == 0 && (q.Kind == "" || q.Kind == Training) {
		if v.Trained, err = s.trained(ctx, call.Actor.Tenant, c.Doctor); err != nil {
			return v, err
		}
	}
	ids := make([]string, len(v.Items))
	for i, item := range v.Items {
		ids[i] = item.ID
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Query: string(q.Kind), Kind: "portfolio item", IDs: ids, Person: c.Doctor})
}

// forEmployer leaves of an item what an employer sees: what was signed at which
// level by whom, and no word of how it went (domain 5.2).
func (i Item) forEmployer() Item {
	i.Story = Story{Title: i.Title, Subject: i.Subject}
	if i.Signature != nil {
		g := Signature{Name: i.Signature.Name, Role: i.Signature.Role, GMC: i.Signature.GMC, At: i.Signature.At, VouchOn: i.Signature.VouchOn}
		i.Signature = &g
	}
	return i
}

// taskTitles names the tasks of items, asking once for each host.
func (s *Service) taskTitles(ctx context.Context, tenant string, items []Item) (map[string]string, error) {
	out, asked := map[string]string{}, map[string]bool{}
	for _, item := range items {
		if s.o.Tasks == nil || item.Task == "" || asked[item.Host] {
			continue
		}
		asked[item.Host] = true
		tasks, err := s.o.Tasks(ctx, tenant, item.Host)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			out[t.ID] = t.Title
		}
	}
	return out, nil
}

// LookItem gives one item as the actor may see it.
func (s *Service) LookItem(ctx context.Context, call access.Call, id string) (Item, Sight, error) {
	item, err := s.item(ctx, call.Actor.Tenant, id)
	if err != nil {
		return item, Sight{}, err
	}
	c, err := s.o.Cases.Get(ctx, item.Doctor, call.Actor.Tenant)
	if err != nil {
		return item, Sight{}, err
	}
	who := s.stands(call, c.Resource())
	if !item.visible(who) {
		return Item{}, Sight{}, problem.Missing()
	}
	if who == employer {
		item = item.forEmployer()
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{c.Doctor})
	if err != nil {
		return item, Sight{}, err
	}
	v := Sight{Ref: c.Ref, Doctor: c.Doctor, Name: names[c.Doctor], Own: who == theDoctor, OnlySignOffs: who == employer}
	if v.Tasks, err = s.taskTitles(ctx, call.Actor.Tenant, []Item{item}); err != nil {
		return item, v, err
	}
	return item, v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "portfolio item", IDs: []string{id}, Person: c.Doctor})
}

// visible is what items asks the store, for one item.
func (i Item) visible(who viewer) bool {
	switch who {
	case theDoctor:
		return true
	case supervisor:
		return i.Shared && i.State != Draft && i.State != Declined
	case employer:
		return slices.Contains([]Kind{DOPS, MiniCEX, CBD, Training}, i.Kind) && slices.Contains([]State{Signed, Vouched, Kept}, i.State)
	}
	return false
}

// CoverageSight is the picture of one framework for a page.
type CoverageSight struct {
	Coverage
	Ref, Name string
	Own       bool
}

// Coverage works out what a portfolio shows of a framework.
func (s *Service) Coverage(ctx context.Context, call access.Call, ref, code string) (CoverageSight, error) {
	f, ok := s.o.Frameworks.Find(code)
	if !ok {
		return CoverageSight{}, problem.Missing()
	}
	c, who, err := s.see(ctx, call, ref)
	if err != nil {
		return CoverageSight{}, err
	}
	if who == employer {
		return CoverageSight{}, problem.Missing()
	}
	marks, err := s.marks(ctx, call.Actor.Tenant, c.Doctor, who)
	if err != nil {
		return CoverageSight{}, err
	}
	times, err := s.times(ctx, call.Actor.Tenant, c.Doctor)
	if err != nil {
		return CoverageSight{}, err
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{c.Doctor})
	if err != nil {
		return CoverageSight{}, err
	}
	v := CoverageSight{Coverage: Picture(f, marks, times, call.Today), Ref: c.Ref, Name: names[c.Doctor], Own: who == theDoctor}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Query: code, Kind: "portfolio coverage", IDs: []string{c.Doctor}, Person: c.Doctor})
}

// times are the stretches of work of a doctor in the programme, with whom.
func (s *Service) times(ctx context.Context, tenant, doctor string) ([]Time, error) {
	spells, err := s.o.Placements.SpellsOf(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	var out []Time
	for _, v := range spells {
		if v.To.IsZero() || v.To >= v.From {
			out = append(out, Time{From: v.From, To: v.To, Share: v.WholeTime, MSW: true, With: v.Clinical})
		}
	}
	return out, nil
}

// TasksNow are the tasks of where the actor, a doctor, is in post today.
func (s *Service) TasksNow(ctx context.Context, call access.Call) ([]Task, error) {
	if s.o.Tasks == nil || call.Actor.Doctor == "" {
		return nil, nil
	}
	p, err := s.placementOn(ctx, call.Actor.Tenant, call.Actor.Doctor, call.Today)
	if err != nil || p.Host == "" {
		return nil, err
	}
	return s.o.Tasks(ctx, call.Actor.Tenant, p.Host)
}

// organisationNames gives names by organisation id; none where nobody gives names.
func (s *Service) organisationNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	if s.o.OrganisationNames == nil || len(ids) == 0 {
		return nil, nil
	}
	return s.o.OrganisationNames(ctx, tenant, ids)
}
