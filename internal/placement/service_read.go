package placement

import (
	"context"
	"iter"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/problem"
)

// SpellQuery asks for spells that touch a time. Empty fields do not narrow; To
// is included.
type SpellQuery struct {
	From, To                clock.Date
	Phase, Region, Employer string
}

// Spells streams the spells of a tenant by their first day, for figures and
// money. It asks no permission: its callers publish totals.
func (s *Service) Spells(ctx context.Context, tenant string, q SpellQuery) iter.Seq2[Spell, error] {
	const page = 500
	return func(yield func(Spell, error) bool) {
		var last Spell
		for {
			list, err := s.spellPage(ctx, tenant, q, last, page)
			if err != nil {
				yield(Spell{}, err)
				return
			}
			for _, v := range list {
				if !yield(v, nil) {
					return
				}
			}
			if len(list) < page {
				return
			}
			last = list[page-1]
		}
	}
}

// Get reads a placement for another station: no permission asked, no look
// recorded.
func (s *Service) Get(ctx context.Context, tenant, id string) (Placement, error) {
	return s.load(ctx, tenant, id)
}

// Of lists a doctor's placements, the latest first, for another station.
func (s *Service) Of(ctx context.Context, tenant, doctor string) ([]Placement, error) {
	return s.list(ctx, access.Scope{Tenant: tenant, All: true}, Query{Doctor: doctor, Limit: 50})
}

// CertificatesOf lists a doctor's certificates that nothing replaced, for another
// station.
func (s *Service) CertificatesOf(ctx context.Context, tenant, doctor string) ([]Certificate, error) {
	return s.queryCertificates(ctx, tenant, `SELECT `+certificateColumns+` FROM placement_certificate c WHERE tenant_id = $1 AND doctor_id = $2
		AND NOT EXISTS (SELECT 1 FROM placement_certificate n WHERE n.tenant_id = $3 AND n.replaces = c.number) ORDER BY issued_on, number`, tenant, doctor, tenant)
}

// Elsewhere answers whether the same person was placed in another programme:
// yes or no, and nothing else.
func (s *Service) Elsewhere(ctx context.Context, call access.Call, doctor string) (bool, error) {
	c, err := s.cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return false, err
	}
	if err := s.access.May(call.Actor, ActMatch, c.Resource()); err != nil {
		return false, err
	}
	if s.o.PersonToken == nil {
		return false, nil
	}
	token, err := s.o.PersonToken(ctx, call.Actor.Tenant, doctor)
	if err != nil || token == "" {
		return false, err
	}
	found, err := s.elsewhere(ctx, call.Actor.Tenant, token)
	if err != nil {
		return false, err
	}
	return found, s.audit.Look(ctx, call, audit.Look{Action: ActMatch, Kind: "placement", Person: doctor, Query: "elsewhere"})
}

// Which chooses placements by whether they run.
type Which string

// The choices; the empty one is all.
const (
	Now  Which = "now"
	Over Which = "ended"
)

// Query asks for one page of placements.
type Query struct {
	Which  Which
	Region string
	Doctor string
	Host   string
	Light  string   // only those with this light as kept
	After  []string // start date and id of the last row shown
	Limit  int
	// HostOnly counts an organisation's people where they work, not whom it pays.
	HostOnly bool
}

// Row is a placement as a list shows it.
type Row struct {
	Placement
	Name, EmployerName, HostName string
	Terms                        Terms
	SupervisorName               string
}

// List gives one page of the placements the actor may see, latest start first.
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
	for i, p := range list {
		ids[i] = p.ID
	}
	return rows, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "placement", IDs: ids, Person: q.Doctor,
		Query: "which=" + string(q.Which) + " region=" + q.Region})
}

func (s *Service) dress(ctx context.Context, tenant string, list []Placement) ([]Row, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var doctors, places, accounts []string
	for _, p := range list {
		doctors, places, accounts = append(doctors, p.Doctor), append(places, p.Employer, p.Host), append(accounts, p.Clinical)
	}
	names, err := s.offers.Names(ctx, tenant, doctors)
	if err != nil {
		return nil, err
	}
	where, err := s.posts.Places(ctx, tenant, places)
	if err != nil {
		return nil, err
	}
	who, err := s.posts.SupervisorNames(ctx, tenant, accounts...)
	if err != nil {
		return nil, err
	}
	spells, err := s.latestSpells(ctx, tenant, list)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(list))
	for i, p := range list {
		rows[i] = Row{p, names[p.Doctor], where[p.Employer].Name, where[p.Host].Name, spells[p.ID].Terms, who[p.Clinical].Name}
	}
	return rows, nil
}

// Sight is a placement with all that its page shows.
type Sight struct {
	Row
	CaseRef      string
	Registered   bool   // with the GMC, as the case says
	Practice     string // what an employer must know of the entry in the register
	Phase        post.Phase
	Spells       []Spell // oldest first
	Supervisors  map[string]post.Supervisor
	Places       map[string]post.Place
	Choices      []post.Supervisor // who may supervise here; only for those who may change it
	OwnPlacement bool
	MayChange    bool
	MayEnd       bool
	MayFollow    bool
	MayCard      bool
	MayMeet      bool
	MaySeePay    bool
	MaySeeReason bool
	Links        []Link
}

// Heading stands above the person's name, so that nobody takes them for what
// they are not.
func (v Sight) Heading() string {
	if v.Registered {
		return "Medical Support Worker"
	}
	return Heading
}

// Look shows one placement to the actor.
func (s *Service) Look(ctx context.Context, call access.Call, id string) (Sight, error) {
	tenant := call.Actor.Tenant
	p, err := s.load(ctx, tenant, id)
	if err != nil {
		return Sight{}, err
	}
	r := p.Resource(tenant)
	if s.access.May(call.Actor, ActSee, r) != nil {
		return Sight{}, problem.Missing()
	}
	rows, err := s.dress(ctx, tenant, []Placement{p})
	if err != nil {
		return Sight{}, err
	}
	may := func(act access.Action) bool {
		return s.access.May(call.Actor, act, p.resourceFor(act, tenant)) == nil
	}
	v := Sight{Row: rows[0], OwnPlacement: p.Doctor == call.Actor.Doctor, MaySeePay: may(ActPay)}
	running := p.EndedOn.IsZero()
	v.MayChange, v.MayEnd = running && may(ActChange), running && may(ActEnd)
	v.MayMeet = may(ActMeet)
	v.MayCard = running && s.access.May(call.Actor, ActCard, p.cardResource(call.Actor)) == nil
	v.MayFollow = !running && may(ActFollowUp)
	v.MaySeeReason = v.OwnPlacement || may(ActEnd) || may(ActFollowUp)
	if err := s.furnish(ctx, call, &v); err != nil {
		return Sight{}, err
	}
	if s.o.Links != nil {
		v.Links = s.o.Links(call, p)
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "placement", IDs: []string{p.ID}, Person: p.Doctor})
}

func (s *Service) furnish(ctx context.Context, call access.Call, v *Sight) error {
	tenant := call.Actor.Tenant
	var err error
	if v.Spells, err = s.spells(ctx, tenant, v.ID); err != nil {
		return err
	}
	var accounts, places []string
	for _, spell := range v.Spells {
		accounts, places = append(accounts, spell.Clinical, spell.Educational), append(places, spell.Host)
	}
	if v.Supervisors, err = s.posts.SupervisorNames(ctx, tenant, accounts...); err != nil {
		return err
	}
	if v.Places, err = s.posts.Places(ctx, tenant, append(places, v.Employer)); err != nil {
		return err
	}
	if v.MayChange {
		if v.Choices, err = s.posts.SupervisorsOf(ctx, tenant, []string{v.Employer, v.Host}...); err != nil {
			return err
		}
	}
	phases, err := s.posts.Phases(ctx, tenant)
	if err != nil {
		return err
	}
	for _, phase := range phases {
		if phase.ID == v.Placement.Phase {
			v.Phase = phase
		}
	}
	c, err := s.cases.Get(ctx, v.Doctor, tenant)
	v.Registered = c.Stage == casefile.StageRegistered || c.Stage == casefile.StageDoctorPost
	if v.EndedOn.IsZero() || s.access.May(call.Actor, casefile.ActRead, c.Resource()) == nil {
		v.CaseRef = c.Ref // who employed them once has no way to the case any more
	}
	if err == nil && v.CaseRef != "" && s.o.Practice != nil {
		v.Practice, err = s.o.Practice(ctx, tenant, v.Doctor)
	}
	return err
}

// Doorstep is what the page of a start shows before it is recorded.
type Doorstep struct {
	onboarding.Sight
	Stops   []string // what offer and checks already say
	Choices []post.Supervisor
}

// LookStart shows the page on which a start is recorded. The eligibility rules
// are asked when it is sent, not here: looking must change nothing.
func (s *Service) LookStart(ctx context.Context, call access.Call, offer string) (Doorstep, error) {
	tenant := call.Actor.Tenant
	o, err := s.offers.Get(ctx, tenant, offer)
	if err != nil {
		return Doorstep{}, err
	}
	if err := s.access.May(call.Actor, ActStart, o.EmployerResource(tenant)); err != nil {
		return Doorstep{}, err
	}
	var v Doorstep
	if v.Sight, err = s.offers.Look(ctx, call, offer); err != nil {
		return v, err
	}
	if v.Stops, err = s.offers.StartStops(ctx, tenant, o); err != nil {
		return v, err
	}
	v.Choices, err = s.posts.SupervisorsOf(ctx, tenant, []string{o.Employer, o.Host}...)
	return v, err
}
