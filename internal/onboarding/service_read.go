package onboarding

import (
	"context"
	"slices"
	"sort"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/request"
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
	where, err := s.posts.Places(ctx, tenant, places)
	if err != nil {
		return nil, err
	}
	what, err := s.posts.GetMany(ctx, tenant, posts)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(list))
	for i, o := range list {
		rows[i] = Row{o, names[o.Doctor], where[o.Employer].Name, where[o.Host].Name, what[o.Post].Specialty}
	}
	return rows, nil
}

// names gives how to address doctors; the case's reference where no name is.
func (s *Service) names(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	doctors = database.Distinct(doctors)
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
	MaySecond       bool // may be the second person of a withdrawal
	MayDecide       bool // may say how conditions stand
	MayReply        bool // may say what was sent or lost
	Withheld        bool // checks between the doctor and the employer are left out
	Training        []Trained
	Standing        map[string]Standing // checks done elsewhere that still stand
	References      []request.Request   // of the history check: how they stand
	MayReference    bool                // may ask for one more
	private         []string
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
	v.MayAnswer = may(ActAnswer) && o.State.Open()
	v.MayWithdraw = may(ActWithdraw) && o.State.Live() && o.Ask.By == ""
	v.MaySecond = may(ActSecond) && len(StopsSecond(o, call.Actor.Account)) == 0
	v.MayDecide = may(ActOffer) && o.State.Live() && len(o.Conditions) > 0
	v.MayReply = may(ActReply) && (o.State == Accepted || o.State == Checked)
	v.private = s.privateKinds()
	v.MaySeeChecks, v.MaySeeEvidence = may(ActSeeCheck), may(ActEvidence)
	v.MayTick = may(ActTick) && (o.State == Accepted || o.State == Checked)
	v.MaySeeDecisions = v.OwnOffer || may(ActWithdraw)
	if !v.MaySeeDecisions || v.OwnOffer {
		v.Ask = Asked{} // the doctor hears of an end when two people have decided it
	}
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
	if v.Checks, err = s.checks(ctx, tenant, v.Offer, v.MaySeeEvidence || v.OwnOffer); err != nil {
		return err
	}
	if !v.MaySeeEvidence && !v.OwnOffer {
		v.withhold()
	}
	if !v.MaySeeEvidence { // of what is sealed the doctor sees their own words only
		for i, c := range v.Checks {
			v.Checks[i].secret = secret{Cannot: c.Cannot, ContactSafe: c.ContactSafe}
		}
	}
	if v.MayTick || v.OwnOffer {
		if err := s.beside(ctx, call, v); err != nil {
			return err
		}
	}
	return nil
}

// beside loads training and what still stands from elsewhere: an employer
// learns of the latter only when the doctor agreed.
func (s *Service) beside(ctx context.Context, call access.Call, v *Sight) (err error) {
	if v.Training, err = s.training(ctx, call.Actor.Tenant, v.Doctor); err != nil || v.State == Started {
		return err
	}
	if v.References, err = s.references(ctx, call.Actor.Tenant, v.Offer); err != nil {
		return err
	}
	was := checkOf(v.Checks, CheckHistory)
	v.MayReference = v.MayTick && s.o.MakeReference != nil && was.State != Done && was.Cannot == ""
	if v.Standing, err = s.standing(ctx, call.Actor.Tenant, v.Offer, call.Today); err != nil || v.OwnOffer {
		return err
	}
	for kind := range v.Standing {
		if checkOf(v.Checks, kind).AgreedOn.IsZero() {
			delete(v.Standing, kind)
		}
	}
	return nil
}

// withhold takes out what is between the doctor and the employer only: health
// and criminal record checks, their outcome included (domain 5.2).
func (v *Sight) withhold() {
	private := func(kind string) bool {
		return slices.ContainsFunc(v.private, func(k string) bool { return k == kind })
	}
	v.Withheld = slices.ContainsFunc(v.Kinds, func(k CheckKind) bool { return private(k.Code) })
	v.Kinds = slices.DeleteFunc(v.Kinds, func(k CheckKind) bool { return private(k.Code) })
	v.Checks = slices.DeleteFunc(v.Checks, func(c Check) bool { return private(c.Kind) })
}

// owed lists the checks of an offer with their words; a check the programme no
// longer asks for keeps its code as its title.
func (s *Service) owed(ctx context.Context, tenant string, o Offer) ([]CheckKind, error) {
	var more []CheckKind
	if s.o.MoreChecks != nil {
		var err error
		if more, err = s.o.MoreChecks(ctx, tenant); err != nil {
			return nil, err
		}
	}
	var out []CheckKind
	for _, code := range o.Checks {
		k, known := s.o.Rules.Kind(code)
		if i := slices.IndexFunc(more, func(m CheckKind) bool { return m.Code == code }); !known && i >= 0 {
			k = more[i]
		}
		out = append(out, k)
	}
	return out, nil
}

func (s *Service) privateKinds() []string {
	var out []string
	for _, k := range s.o.Rules.Checks {
		if k.Private {
			out = append(out, k.Code)
		}
	}
	return out
}

// Owing is one check of somebody on the board.
type Owing struct {
	Kind, Title string
	State       CheckState
	Turn        Turn
	Since       clock.Date
	Late        string // why it takes long, "" when it does not
}

// BoardRow is one person whose checks are under way.
type BoardRow struct {
	Row
	Done, Of int
	Owing    []Owing
	Days     int // since the acceptance
}

// Board gives one page of the offers whose checks are under way, as far as the
// actor may see them, those accepted first first.
func (s *Service) Board(ctx context.Context, call access.Call, after []string, most int) ([]BoardRow, error) {
	tenant := call.Actor.Tenant
	list, err := s.board(ctx, s.access.Scope(call.Actor, ActBoard), after, most)
	if err != nil {
		return nil, err
	}
	checks, err := s.checksOf(ctx, tenant, list)
	if err != nil {
		return nil, err
	}
	dressed, err := s.dress(ctx, tenant, list)
	if err != nil {
		return nil, err
	}
	out := make([]BoardRow, len(list))
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = o.ID
		all := s.access.May(call.Actor, ActEvidence, o.resourceFor(ActEvidence, tenant)) == nil
		out[i] = s.boardRow(dressed[i], checks[o.ID], all, call.Today)
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActBoard, Kind: "offer", IDs: ids})
}

// boardRow counts what one may know: without the employer's rights the private
// checks are not among it.
func (s *Service) boardRow(row Row, checks []Check, all bool, today clock.Date) BoardRow {
	out := BoardRow{Row: row, Days: row.AnsweredOn.DaysUntil(today)}
	for _, code := range row.Checks {
		k, _ := s.o.Rules.Kind(code)
		if k.Private && !all {
			continue
		}
		out.Of++
		c := checkOf(checks, code)
		if c.State == Done {
			out.Done++
			continue
		}
		w := Owing{Kind: code, Title: k.Title, State: c.State, Turn: c.Turn, Since: c.TurnOn}
		if w.Turn == "" {
			w.Turn, w.Since = TurnEmployer, row.AnsweredOn
		}
		if l, ok := k.lane(c.Lane); ok && today > clock.AddWorkingDays(c.LaneOn, l.Days, s.o.Rules.Holidays) {
			w.Late = lowerFirst(l.Words) + ", longer than usual"
		}
		out.Owing = append(out.Owing, w)
	}
	sort.SliceStable(out.Owing, func(i, j int) bool {
		a, b := out.Owing[i], out.Owing[j]
		return int(a.Since-b.Since) < 0
	})
	return out
}

// HostTime is how long checks took at one host.
type HostTime struct {
	Host, Name string
	Median     int
	Shown      bool // enough people for a number
}

// Times gives the median days from acceptance to complete checks, by host, for
// the hosts the actor may see; hosts with few people have no number.
func (s *Service) Times(ctx context.Context, call access.Call, after string, most int) ([]HostTime, error) {
	least := 5
	if s.o.Least != nil {
		var err error
		if least, err = s.o.Least(ctx, call.Actor.Tenant); err != nil {
			return nil, err
		}
	}
	byHost, order, err := s.times(ctx, s.access.Scope(call.Actor, ActBoard), after, (most+1)*maxDays)
	if err != nil {
		return nil, err
	}
	if len(order) > most {
		order = order[:most]
	}
	places, err := s.posts.Places(ctx, call.Actor.Tenant, order)
	if err != nil {
		return nil, err
	}
	var out []HostTime
	for _, host := range order {
		median, shown := Median(byHost[host], max(least, 5))
		out = append(out, HostTime{host, places[host].Name, median, shown})
	}
	return out, nil
}
