package onboarding

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/post"
	"msw/internal/problem"
)

// Get reads an offer for another station: no permission asked, no look recorded.
func (s *Service) Get(ctx context.Context, tenant, id string) (Offer, error) {
	return s.load(ctx, tenant, id)
}

// Query asks for one page of offers. Empty fields do not narrow.
type Query struct {
	State        State
	Doctor, Post string
	After        []string // since and id of the last row shown
	Limit        int
}

// Row is an offer as a list shows it.
type Row struct {
	Offer
	Name, EmployerName, HostName, Specialty string
}

// List gives one page of the offers the actor may see, the latest first.
func (s *Service) List(ctx context.Context, call access.Call, q Query) ([]Row, error) {
	if q.Limit == 0 {
		q.Limit = 51
	}
	list, err := s.list(ctx, s.access.Scope(call.Actor, ActSee), q)
	if err != nil {
		return nil, err
	}
	rows, err := s.dress(ctx, call.Actor.Tenant, list)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = o.ID
	}
	return rows, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "offer", IDs: ids, Person: q.Doctor,
		Query: "state=" + string(q.State) + " post=" + q.Post})
}

// dress adds the words a list shows, each kind of them in one query.
func (s *Service) dress(ctx context.Context, tenant string, list []Offer) ([]Row, error) {
	var doctors, places, posts []string
	for _, o := range list {
		doctors, places, posts = append(doctors, o.Doctor), append(places, o.Employer, o.Host), append(posts, o.Post)
	}
	names, err := s.names(ctx, tenant, doctors)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	where, err := s.posts.Places(ctx, tenant, distinct(places))
	if err != nil {
		return nil, err
	}
	what, err := s.posts.GetMany(ctx, tenant, distinct(posts))
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(list))
	for i, o := range list {
		rows[i] = Row{o, names[o.Doctor], where[o.Employer].Name, where[o.Host].Name, what[o.Post].Specialty}
	}
	return rows, nil
}

func distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	var out []string
	for _, v := range list {
		if v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// names gives how to address doctors; the case's reference where no name is.
func (s *Service) names(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	doctors = distinct(doctors)
	if len(doctors) == 0 {
		return map[string]string{}, nil
	}
	if s.o.Names != nil {
		return s.o.Names(ctx, tenant, doctors)
	}
	cases, err := s.cases.Many(ctx, tenant, doctors)
	names := make(map[string]string, len(cases))
	for id, c := range cases {
		names[id] = c.Ref
	}
	return names, err
}

// Names gives how to address doctors, for later stations' pages.
func (s *Service) Names(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	return s.names(ctx, tenant, doctors)
}

// Sight is an offer with all that its page shows.
type Sight struct {
	Row
	CaseRef         string
	Practice        string    // what the next employer must know of the entry in the register
	Now             post.Post // the post as it is today; Terms hold what was offered
	Supervisors     map[string]post.Supervisor
	Kinds           []CheckKind
	Checks          []Check
	OwnOffer        bool // the actor is the doctor
	MayOffer        bool
	MayAnswer       bool
	MayWithdraw     bool
	MaySeeChecks    bool
	MayTick         bool
	MaySeeEvidence  bool
	MaySeeDecisions bool // why it was turned down
	Withheld        bool // checks between the doctor and the employer are left out
}

// Look shows one offer, with the checks when the actor may see them.
func (s *Service) Look(ctx context.Context, call access.Call, id string) (Sight, error) {
	return s.look(ctx, call, ActSee, id)
}

// LookChecks shows the checks of one offer.
func (s *Service) LookChecks(ctx context.Context, call access.Call, id string) (Sight, error) {
	return s.look(ctx, call, ActSeeCheck, id)
}

func (s *Service) look(ctx context.Context, call access.Call, act access.Action, id string) (Sight, error) {
	tenant := call.Actor.Tenant
	o, err := s.load(ctx, tenant, id)
	if err != nil {
		return Sight{}, err
	}
	r := o.Resource(tenant)
	if s.access.May(call.Actor, act, r) != nil {
		return Sight{}, problem.Missing()
	}
	rows, err := s.dress(ctx, tenant, []Offer{o})
	if err != nil {
		return Sight{}, err
	}
	v := Sight{Row: rows[0], OwnOffer: o.Doctor == call.Actor.Doctor}
	may := func(act access.Action) bool {
		return s.access.May(call.Actor, act, o.resourceFor(act, tenant)) == nil
	}
	v.MayOffer = may(ActOffer) && o.State == Proposed
	v.MayAnswer = may(ActAnswer) && o.State == Offered
	v.MayWithdraw = may(ActWithdraw) && o.State.Live()
	v.MaySeeChecks, v.MaySeeEvidence = may(ActSeeCheck), may(ActEvidence)
	v.MayTick = may(ActTick) && (o.State == Accepted || o.State == Checked)
	v.MaySeeDecisions = v.OwnOffer || may(ActWithdraw)
	if err := s.furnish(ctx, call, &v); err != nil {
		return Sight{}, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: act, Kind: "offer", IDs: []string{o.ID}, Person: o.Doctor})
}

// furnish loads what stands around an offer.
func (s *Service) furnish(ctx context.Context, call access.Call, v *Sight) (err error) {
	tenant := call.Actor.Tenant
	if v.Now, err = s.posts.Get(ctx, tenant, v.Post); err != nil {
		return err
	}
	if v.Terms.Employer == "" {
		v.Terms = Terms{Details: v.Now.Details, WholeTime: v.Now.WholeTime}
	}
	if v.Supervisors, err = s.posts.SupervisorNames(ctx, tenant, v.Terms.Clinical, v.Terms.Educational); err != nil {
		return err
	}
	c, err := s.cases.Get(ctx, v.Doctor, tenant)
	if err != nil {
		return err
	}
	if s.access.May(call.Actor, casefile.ActRead, c.Resource()) == nil {
		v.CaseRef = c.Ref // whose offer came to nothing has no way to the case any more
	}
	if v.CaseRef != "" && s.o.Practice != nil {
		if v.Practice, err = s.o.Practice(ctx, tenant, v.Doctor); err != nil {
			return err
		}
	}
	if !v.MaySeeChecks {
		return nil
	}
	if v.Kinds, err = s.owed(ctx, tenant, v.Offer); err != nil {
		return err
	}
	if v.Checks, err = s.checks(ctx, tenant, v.Offer, v.MaySeeEvidence); err != nil {
		return err
	}
	if !v.MaySeeEvidence && !v.OwnOffer {
		v.withhold()
	}
	return nil
}

// withhold takes out what is between the doctor and the employer only: health
// and criminal record checks, their outcome included (domain 5.2).
func (v *Sight) withhold() {
	private := func(kind string) bool { return kind == CheckWorkHealth || kind == CheckCriminalRecord }
	v.Withheld = slices.ContainsFunc(v.Kinds, func(k CheckKind) bool { return private(k.Code) })
	v.Kinds = slices.DeleteFunc(v.Kinds, func(k CheckKind) bool { return private(k.Code) })
	v.Checks = slices.DeleteFunc(v.Checks, func(c Check) bool { return private(c.Kind) })
}

// owed lists the checks of an offer with their words; a check the programme no
// longer asks for keeps its code as its title.
func (s *Service) owed(ctx context.Context, tenant string, o Offer) ([]CheckKind, error) {
	kinds, err := s.Kinds(ctx, tenant)
	if err != nil {
		return nil, err
	}
	byCode := make(map[string]CheckKind, len(kinds))
	for _, k := range kinds {
		byCode[k.Code] = k
	}
	var out []CheckKind
	for _, code := range o.Checks {
		k, ok := byCode[code]
		if !ok {
			k = CheckKind{Code: code, Title: sentence(code)}
		}
		out = append(out, k)
	}
	return out, nil
}
