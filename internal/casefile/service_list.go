package casefile

import (
	"context"
	"maps"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/organisation"
)

const (
	pageRows = 20 // cases on a page
	homeRows = 50 // tasks on a home page
)

// Query is what a list of cases is asked for; empty parts do not narrow it.
type Query struct {
	Stage  Stage
	Region string
	Turn   Party
	Mine   bool   // of which the actor is the caseworker
	Closed bool   // those for which nothing is awaited, instead of the others
	Text   string // name or reference as typed
	After  [2]string

	Doctors    []string // filled in from Text
	Caseworker string   // filled in from Mine
}

// Row is a case in a list, as its reader may know it.
type Row struct {
	Case
	Name string
}

// Found is one page of a list.
type Found struct {
	Rows []Row
	Next bool          // there are more after the last row
	Sums map[Stage]int // cases by stage where the reader sees whole regions, else nil
}

// List gives one page of the cases the actor may see, the longest waiting
// first, and records which were shown.
func (s *Service) List(ctx context.Context, call access.Call, q Query) (Found, error) {
	sc := s.access.Scope(call.Actor, ActList)
	if q.Mine {
		q.Caseworker = call.Actor.Account
	}
	narrow := !seesImmigration(call.Actor)
	stages, ok := stagesAs(q.Stage, narrow)
	if !ok {
		return Found{}, nil
	}
	list, err := s.asked(ctx, call, sc, q, stages)
	if err != nil {
		return Found{}, err
	}
	var found Found
	if found.Next = len(list) > pageRows; found.Next {
		list = list[:pageRows]
	}
	if found.Rows, err = s.rows(ctx, call, list); err != nil {
		return Found{}, err
	}
	if sc.All || len(sc.Regions) > 0 {
		if found.Sums, err = s.totals(ctx, sc); err != nil {
			return Found{}, err
		}
		if narrow {
			found.Sums[StageNotYet] += found.Sums[StageSupported]
			delete(found.Sums, StageSupported)
		}
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.Doctor
	}
	return found, s.audit.Look(ctx, call, audit.Look{Action: ActList, Query: q.words(), Kind: "case", IDs: ids})
}

// asked runs the query. A search that finds nobody and one that finds only
// people the reader may not know of go on alike from here.
func (s *Service) asked(ctx context.Context, call access.Call, sc access.Scope, q Query, stages []string) ([]Case, error) {
	if q.Text != "" {
		var err error
		if q.Doctors, err = s.search(ctx, call, q.Text); err != nil || len(q.Doctors) == 0 {
			return nil, err
		}
		same, err := s.Same(ctx, call.Actor.Tenant, q.Doctors)
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Sorted(maps.Values(same)) { // whom only the other record names is found as the one that goes on
			if !slices.Contains(q.Doctors, id) {
				q.Doctors = append(q.Doctors, id)
			}
		}
	}
	return s.listed(ctx, sc, q, stages)
}

// rows puts names to cases, and to each case the reader's own view of it.
func (s *Service) rows(ctx context.Context, call access.Call, list []Case) ([]Row, error) {
	if err := s.withParties(ctx, call.Actor.Tenant, list); err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.Doctor
	}
	names, err := s.names(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(list))
	for i, c := range list {
		rows[i] = Row{Case: ViewsOf(call.Actor, c).See(c), Name: names[c.Doctor]}
		if rows[i].Name == "" {
			rows[i].Name = c.Ref
		}
	}
	return rows, nil
}

// seesImmigration tells whether the actor may know that someone cannot be
// employed yet, which tells of their immigration status.
func seesImmigration(a access.Actor) bool {
	return a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator)
}

// stagesAs turns the stage asked for into stored ones: for a reader who may not
// tell "supported" from "not ready yet" the two are one stage.
func stagesAs(stage Stage, narrow bool) (stages []string, ok bool) {
	switch {
	case stage == "":
		return nil, true
	case !stage.Known(), narrow && stage == StageSupported:
		return nil, false
	case narrow && stage == StageNotYet:
		return []string{string(StageNotYet), string(StageSupported)}, true
	}
	return []string{string(stage)}, true
}

func (s *Service) search(ctx context.Context, call access.Call, text string) ([]string, error) {
	if ref, ok := database.CheckRef(text); ok {
		if c, err := s.ByRef(ctx, call.Actor.Tenant, ref); err == nil {
			return []string{c.Doctor}, nil
		}
	}
	if s.Search == nil {
		return nil, nil
	}
	ids, err := s.Search(ctx, call, text)
	return ids[:min(len(ids), 100)], err
}

// words describes the query for the record of looks; what was typed is not
// kept, since it may be a name.
func (q Query) words() string {
	parts := []string{"cases"}
	for _, p := range [][2]string{{"stage", string(q.Stage)}, {"region", q.Region}, {"turn", string(q.Turn)}, {"caseworker", q.Caseworker}, {"after", q.After[1]}} {
		if p[1] != "" {
			parts = append(parts, p[0]+"="+p[1])
		}
	}
	if q.Text != "" {
		parts = append(parts, "search")
	}
	if q.Closed {
		parts = append(parts, "closed")
	}
	return strings.Join(parts, " ")
}

// Item is one thing that waits for the actor.
type Item struct {
	Task
	Ref  string
	Name string // "" where the reader may not know it
}

// Days counts how long it has waited.
func (i Item) Days(today clock.Date) int { return max(0, i.Since.DaysUntil(today)) }

// Link is where it is done.
func (i Item) Link() string {
	if i.URL != "" {
		return i.URL
	}
	return "/cases/" + i.Ref
}

// Home is what waits for one actor.
type Home struct {
	Items []Item
	More  bool  // there are more than are shown
	Own   *Case // the actor's own case, if they are a doctor
	Soon  []Soon
	First []FirstStep
}

// FirstStep is one thing that sets a new programme up.
type FirstStep struct {
	Title, Hint, URL string
	Done             bool
}

// Home gathers what waits for the actor: their own steps, their organisations',
// their role's, and what was given to their account.
func (s *Service) Home(ctx context.Context, call access.Call) (Home, error) {
	var h Home
	seen := map[[3]string]bool{}
	for _, d := range s.desks(call.Actor) {
		items, err := s.waiting(ctx, d)
		if err != nil {
			return Home{}, err
		}
		for _, it := range items {
			if key := [3]string{it.Doctor, it.Kind, it.Source}; !seen[key] {
				seen[key] = true
				h.Items = append(h.Items, it)
			}
		}
	}
	slices.SortStableFunc(h.Items, func(a, b Item) int {
		if a.Urgent != b.Urgent {
			return int(calm(a.Urgent) - calm(b.Urgent))
		}
		return int(a.Since - b.Since)
	})
	if h.More = len(h.Items) > homeRows; h.More {
		h.Items = h.Items[:homeRows]
	}
	if err := s.nameItems(ctx, call, h.Items); err != nil {
		return Home{}, err
	}
	if call.Actor.Doctor != "" {
		list, err := s.Many(ctx, call.Actor.Tenant, []string{call.Actor.Doctor})
		if err != nil {
			return Home{}, err
		}
		if c, ok := list[call.Actor.Doctor]; ok {
			h.Own = &c
		}
		if s.Soon != nil {
			if h.Soon, err = s.Soon(ctx, call); err != nil {
				return Home{}, err
			}
		}
	}
	ids := make([]string, 0, len(h.Items))
	for _, it := range h.Items {
		ids = append(ids, it.Doctor)
	}
	if len(ids) == 0 {
		if s.FirstSteps != nil && h.Own == nil {
			var err error
			if h.First, err = s.FirstSteps(ctx, call); err != nil {
				return Home{}, err
			}
		}
		return h, nil
	}
	return h, s.audit.Look(ctx, call, audit.Look{Action: ActHome, Query: "what waits", Kind: "case", IDs: ids})
}

// desks are the piles an actor works from.
func (s *Service) desks(a access.Actor) []desk {
	everyone := access.Scope{Tenant: a.Tenant, All: true, Hidden: a.Hidden}
	role := s.access.Scope(a, ActList)
	var list []desk
	if a.Doctor != "" {
		list = append(list, desk{party: PartyDoctor, owner: a.Doctor, scope: everyone})
	}
	for _, org := range a.Organisations(organisation.RoleReferrer) {
		list = append(list, desk{party: PartyReferrer, owner: org, scope: everyone})
	}
	for _, org := range a.Organisations(organisation.RoleEmployerHR) {
		list = append(list, desk{party: PartyEmployer, owner: org, scope: everyone})
	}
	if a.Account != "" {
		list = append(list, desk{all: true, owner: a.Account, scope: everyone})
	}
	if a.Has(organisation.RoleCaseworker) {
		list = append(list, desk{party: PartyCaseworker, scope: role})
	}
	if a.Has(organisation.RoleAssessor) {
		list = append(list, desk{party: PartyAssessor, scope: role})
	}
	if a.HasAny(organisation.RoleNationalLead, organisation.RoleRegionalLead) {
		list = append(list, desk{party: PartyProgramme, scope: role})
	}
	return list
}

// nameItems puts names to tasks of cases the reader may open, or, as a
// referrer, may follow.
func (s *Service) nameItems(ctx context.Context, call access.Call, items []Item) error {
	var ids []string
	for _, it := range items {
		if !slices.Contains(ids, it.Doctor) {
			ids = append(ids, it.Doctor)
		}
	}
	cases, err := s.Many(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		r := cases[id].Resource()
		return id == call.Actor.Doctor || s.access.May(call.Actor, ActRead, r) != nil && s.access.May(call.Actor, ActCoarse, r) != nil
	})
	names, err := s.names(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return err
	}
	for i := range items {
		items[i].Name = names[items[i].Doctor]
		items[i].Task = s.reachable(call, cases[items[i].Doctor], items[i].Task)
	}
	return nil
}

// reachable takes the link out of a task about a message that the reader may
// not open: a regional lead knows of an alarm, but not what was written.
func (s *Service) reachable(call access.Call, c Case, t Task) Task {
	if (t.Kind == TaskUrgent || t.Kind == TaskMessage) && s.access.May(call.Actor, ActMessage, c.Resource()) != nil {
		t.URL = ""
	}
	return t
}

// Waiting gives the coarse answer for doctors the actor's organisation referred
// and whose consent to it runs; the others are left out.
func (s *Service) Waiting(ctx context.Context, call access.Call, doctors []string) (map[string]CoarseView, error) {
	cases, err := s.Many(ctx, call.Actor.Tenant, doctors)
	if err != nil {
		return nil, err
	}
	answers := map[string]CoarseView{}
	for id, c := range cases {
		if s.access.May(call.Actor, ActCoarse, c.Resource()) == nil {
			answers[id] = c.Coarse()
		}
	}
	return answers, nil
}

// Placeable is a case that waits for a post.
type Placeable struct {
	Doctor, Ref, Region string
	Eligible            clock.Date // first found eligible
	Paused              bool
}

// Placeable lists every case that is eligible and has no post, for rounds and
// the waiting list. It asks no permission.
func (s *Service) Placeable(ctx context.Context, tenant string) ([]Placeable, error) {
	return s.placeable(ctx, tenant)
}
