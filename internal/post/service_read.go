package post

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Texts are the stops as sentences.
func Texts(stops []Stop) []string {
	out := make([]string, len(stops))
	for i, s := range stops {
		out[i] = s.Text
	}
	return out
}

// AgreedAnew tells whether a change touches what the programme agreed to: who
// pays for how much, where and until when. Supervisor, indemnity and what would
// help may be completed without asking again.
func AgreedAnew(before, after Details) bool {
	after.Clinical, after.Educational, after.Indemnity = before.Clinical, before.Educational, before.Indemnity
	after.Wished, after.Follows = before.Wished, before.Follows
	return before != after
}

func lower(s string) string { return strings.ToLower(s) }

// Get reads a post for another station: no permission asked, no look recorded.
func (s *Service) Get(ctx context.Context, tenant, id string) (Post, error) {
	return s.load(ctx, tenant, id)
}

// GetMany reads several posts at once; those that are not there are left out.
func (s *Service) GetMany(ctx context.Context, tenant string, ids []string) (map[string]Post, error) {
	return s.loadMany(ctx, tenant, database.Distinct(ids))
}

// Places gives organisations by id, for other stations' pages.
func (s *Service) Places(ctx context.Context, tenant string, ids []string) (map[string]Place, error) {
	return s.o.Places(ctx, tenant, database.Distinct(ids))
}

// FindPlace gives the organisation of a form's field: the one with the id
// chosen from the list or, without the type-ahead, the one whose code was typed
// or the only one that fits the text. Else Invalid, naming those that fit.
func (s *Service) FindPlace(ctx context.Context, call access.Call, field, text, id string) (Place, error) {
	var check problem.Check
	if id == "" && text == "" {
		check.That(false, field, "Choose an organisation")
		return Place{}, check.Err()
	}
	ask := []string{id}
	if id == "" {
		ask = []string{strings.ToUpper(text), text}
	}
	known, err := s.o.Places(ctx, call.Actor.Tenant, ask)
	if err != nil {
		return Place{}, err
	}
	for _, code := range ask {
		if place, ok := known[code]; ok {
			return place, nil
		}
	}
	if id != "" || s.o.FindPlaces == nil {
		check.That(false, field, "Enter the organisation's code")
		return Place{}, check.Err()
	}
	list, err := s.o.FindPlaces(ctx, call, text)
	if err != nil {
		return Place{}, err
	}
	check.That(len(list) > 0, field, "We found no organisation called that. Check the spelling, or enter its code")
	check.That(len(list) < 2, field, "More than one organisation fits. Enter its code: "+listed(list))
	if len(list) == 1 {
		return list[0], nil
	}
	return Place{}, check.Err()
}

func listed(list []Place) string {
	var out []string
	for _, place := range list[:min(5, len(list))] {
		out = append(out, place.Name+" ("+place.ID+")")
	}
	return strings.Join(out, ", ")
}

// Phases lists the programme's phases; none when the programme has none.
func (s *Service) Phases(ctx context.Context, tenant string) ([]Phase, error) {
	if s.o.Phases == nil {
		return nil, nil
	}
	return s.o.Phases(ctx, tenant)
}

// Share is the whole-time share in thousandths of minutes a week in a tenant.
// Invalid when it is more than a full-time week.
func (s *Service) Share(ctx context.Context, tenant string, minutes int) (int, error) {
	full, err := s.full(ctx, tenant)
	if err != nil {
		return 0, err
	}
	var c problem.Check
	c.That(minutes > 0 && minutes <= full, "hours", "Hours a week must be more than 0 and no more than "+Hours(full))
	return WholeTime(minutes, full), c.Err()
}

// Query asks for one page of posts. Empty fields do not narrow.
type Query struct {
	Status  Status
	Setting Setting
	Region  string
	Phase   string
	From    clock.Date // only posts that start later than this day
	After   []string   // start date and id of the last row shown
	Limit   int
}

// List gives one page of the posts the actor may see, latest start first.
func (s *Service) List(ctx context.Context, call access.Call, q Query) ([]Post, error) {
	if q.Limit == 0 {
		q.Limit = 51
	}
	list, err := s.list(ctx, s.access.Scope(call.Actor, ActSee), q)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "post", IDs: ids,
		Query: "status=" + string(q.Status) + " setting=" + string(q.Setting) + " region=" + q.Region})
}

// Sight is a post with all that its page shows.
type Sight struct {
	Post
	EmployerName, HostName string
	PhaseEnds              Phase
	Supervisors            map[string]Supervisor
	Stops                  []Stop // what keeps it from opening
	Warnings               []Stop
	Vacancy                Vacancy
	Before                 Post    // the post it takes over from, without an ID when none
	Overlap                Overlap // with Before
	MayChange, MayApprove  bool
	MayOpen                bool
}

// Look shows one post to the actor.
func (s *Service) Look(ctx context.Context, call access.Call, id string) (Sight, error) {
	tenant := call.Actor.Tenant
	p, err := s.load(ctx, tenant, id)
	if err != nil {
		return Sight{}, err
	}
	if err := s.may(call, ActSee, p); err != nil {
		return Sight{}, err
	}
	around, err := s.around(ctx, tenant, p, call.Today)
	if err != nil {
		return Sight{}, err
	}
	v := Sight{Post: p, EmployerName: around.Employer.Name, HostName: around.Host.Name, Stops: Stops(p, around), Warnings: Warnings(p, around), Vacancy: VacancyOf(p, call.Today)}
	if p.Follows != "" {
		if v.Before, err = s.load(ctx, tenant, p.Follows); err != nil {
			return Sight{}, err
		}
		v.Overlap = OverlapOf(v.Before, p)
	}
	if v.Supervisors, err = s.SupervisorNames(ctx, tenant, p.Clinical, p.Educational); err != nil {
		return Sight{}, err
	}
	phases, err := s.Phases(ctx, tenant)
	if err != nil {
		return Sight{}, err
	}
	for _, phase := range phases {
		if phase.ID == p.Phase {
			v.PhaseEnds = phase
		}
	}
	v.MayChange = s.mayAsEmployer(call, ActRegister, p) == nil && (p.Status == Draft || p.Status == Approved)
	v.MayApprove = s.may(call, ActApprove, p) == nil && p.Status == Draft
	v.MayOpen = s.mayAsEmployer(call, ActOpen, p) == nil
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "post", IDs: []string{p.ID}})
}
