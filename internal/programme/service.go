package programme

import (
	"context"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// The actions of this package.
const (
	ActCreate         access.Action = "programme.create"         // set up a programme; choose the public one
	ActPhases         access.Action = "programme.phases"         // look at phases and claims
	ActChangePhase    access.Action = "programme.change_phase"   // add or change a phase
	ActSettings       access.Action = "programme.settings"       // look at settings
	ActChangeSetting  access.Action = "programme.change_setting" // set one
	ActRuleSets       access.Action = "programme.rule_sets"      // read the rule sets
	ActProposeRuleSet access.Action = "programme.propose_rule_set"
	ActApproveRuleSet access.Action = "programme.approve_rule_set" // by another person than the proposer
)

// Actions lists them for the permission table's test.
func Actions() []access.Action {
	return []access.Action{ActCreate, ActPhases, ActChangePhase, ActSettings, ActChangeSetting, ActRuleSets, ActProposeRuleSet, ActApproveRuleSet, ActTry}
}

// Service is what may be done with programmes.
type Service struct {
	store  store
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	rules  Reader

	library library
	bench   Workbench
}

// Options are what the service needs. Rules may be nil: rule sets are then
// shown as text only and none can be proposed.
type Options struct {
	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Rules  Reader
}

// New makes the service.
func New(o Options) (*Service, error) {
	return &Service{store: store{o.DB}, db: o.DB, access: o.Access, audit: o.Audit, rules: o.Rules,
		library: library{sets: map[string]*rulebook.Set{}, books: map[string]*rulebook.Book{}}}, nil
}

func (s *Service) may(call access.Call, act access.Action, id string) error {
	return s.access.May(call.Actor, act, access.Resource{Kind: "programme", ID: id, Tenant: call.Actor.Tenant})
}

func (s *Service) record(ctx context.Context, call access.Call, act access.Action, kind, id string, before, after any) error {
	return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: kind, ID: id, Before: before, After: after})
}

// NewTenant is a programme to set up.
type NewTenant struct {
	Code, Name, Kind string
	Published        bool       // put in the published national phases and claims
	Opened           clock.Date // zero = today
}

// CreateTenant sets up a programme with the first value of every setting. The
// call's actor must act in the new tenant (the operator does). A code in use
// is Invalid.
func (s *Service) CreateTenant(ctx context.Context, call access.Call, n NewTenant) (Tenant, error) {
	if n.Opened.IsZero() {
		n.Opened = call.Today
	}
	t := Tenant{ID: n.Code, Code: n.Code, Name: strings.TrimSpace(n.Name), Kind: n.Kind, Opened: n.Opened}
	var c problem.Check
	c.That(codeShape.MatchString(t.Code) && len(t.Code) <= 20, "code", "Enter a short code: small letters, numbers and dashes")
	c.That(t.Name != "", "name", "Enter the programme's name")
	c.That(t.Kind == KindNational || t.Kind == KindLocal, "kind", "Choose national or local")
	if err := c.Err(); err != nil {
		return Tenant{}, err
	}
	if err := s.access.May(call.Actor, ActCreate, access.Resource{Kind: "programme", ID: t.ID, Tenant: t.ID}); err != nil {
		return Tenant{}, err
	}
	return t, s.db.Tx(ctx, func(ctx context.Context) error { return s.create(ctx, call, t, n.Published) })
}

func (s *Service) create(ctx context.Context, call access.Call, t Tenant, published bool) error {
	added, err := s.store.addTenant(ctx, t)
	if err != nil {
		return err
	}
	if !added {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "code", Message: "There is already a programme with this code"}}}
	}
	var first []Setting
	for _, d := range Catalogue() {
		first = append(first, Setting{Name: d.Name, Value: d.First, SetOn: t.Opened, Note: "First value, set with the programme"})
	}
	if err := s.store.addSettings(ctx, t.ID, first); err != nil {
		return err
	}
	if published {
		if err := s.putPublished(ctx, t.ID); err != nil {
			return err
		}
	}
	return s.record(ctx, call, ActCreate, "programme", t.ID, nil, t)
}

func (s *Service) putPublished(ctx context.Context, tenant string) error {
	known, err := ReadPublished()
	if err != nil {
		return err
	}
	for _, p := range known.Phases {
		p.Tenant, p.ID = tenant, database.NewID()
		if err := s.store.addPhase(ctx, p); err != nil {
			return err
		}
	}
	for _, c := range known.Claims {
		if err := s.store.addClaim(ctx, tenant, c); err != nil {
			return err
		}
	}
	return nil
}

// Tenants lists every programme, for choosing one at sign-in and on the
// command line.
func (s *Service) Tenants(ctx context.Context) ([]Tenant, error) { return s.store.tenants(ctx) }

// TenantByCode finds a programme by its code.
func (s *Service) TenantByCode(ctx context.Context, code string) (Tenant, bool, error) {
	return s.find(ctx, func(t Tenant) bool { return t.Code == code })
}

// PublicTenant is the programme whose pages are the public site.
func (s *Service) PublicTenant(ctx context.Context) (Tenant, bool, error) {
	return s.find(ctx, func(t Tenant) bool { return t.Public })
}

func (s *Service) find(ctx context.Context, is func(Tenant) bool) (Tenant, bool, error) {
	all, err := s.store.tenants(ctx)
	if err != nil {
		return Tenant{}, false, err
	}
	for _, t := range all {
		if is(t) {
			return t, true, nil
		}
	}
	return Tenant{}, false, nil
}

// SetPublic makes a programme's pages the public site, and no other's.
func (s *Service) SetPublic(ctx context.Context, call access.Call, code string) error {
	if err := s.access.May(call.Actor, ActCreate, access.Resource{Kind: "programme", ID: code, Tenant: code}); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.store.setPublic(ctx, code); err != nil {
			return err
		}
		return s.record(ctx, call, ActCreate, "programme", code, nil, map[string]bool{"public": true})
	})
}

// Phases gives a programme's phases by start. No permission is asked: public
// pages show them.
func (s *Service) Phases(ctx context.Context, tenant string) ([]Phase, error) {
	return s.store.phases(ctx, tenant)
}

// PhaseOn gives the phase that runs on a day; of two, the later begun.
func (s *Service) PhaseOn(ctx context.Context, tenant string, d clock.Date) (Phase, bool, error) {
	all, err := s.store.phases(ctx, tenant)
	if err != nil {
		return Phase{}, false, err
	}
	p, ok := phaseOn(all, d)
	return p, ok, nil
}

// Phase gives one phase for its page.
func (s *Service) Phase(ctx context.Context, call access.Call, id string) (Phase, error) {
	if err := s.may(call, ActPhases, id); err != nil {
		return Phase{}, err
	}
	return s.store.phase(ctx, call.Actor.Tenant, id)
}

// SavePhase adds a phase (no ID) or changes one (ID and Version as read). A
// value without a mark is marked as set by this programme today.
func (s *Service) SavePhase(ctx context.Context, call access.Call, p Phase) (Phase, error) {
	if err := s.may(call, ActChangePhase, p.ID); err != nil {
		return Phase{}, err
	}
	p.Tenant = call.Actor.Tenant
	marks := map[Field]Mark{}
	for _, f := range fields {
		m, ok := p.Marks[f]
		if !ok {
			m = Mark{Status: Own}
		}
		if m.Status == Own && m.On.IsZero() {
			m.On = call.Today
		}
		marks[f] = m
	}
	p.Marks = marks
	if err := checkPhase(p); err != nil {
		return Phase{}, err
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if p.ID == "" {
			p.ID, p.Version = database.NewID(), 1
			if err := s.store.addPhase(ctx, p); err != nil {
				return err
			}
			return s.record(ctx, call, ActChangePhase, "phase", p.ID, nil, p)
		}
		before, err := s.store.phase(ctx, p.Tenant, p.ID)
		if err != nil {
			return err
		}
		if err := s.store.changePhase(ctx, p); err != nil {
			return err
		}
		p.Version++
		return s.record(ctx, call, ActChangePhase, "phase", p.ID, before, p)
	})
	return p, err
}

// Claims gives the claims dated on or before a day, oldest first. A zero day
// gives all.
func (s *Service) Claims(ctx context.Context, tenant string, on clock.Date) ([]Claim, error) {
	all, err := s.store.claims(ctx, tenant)
	var out []Claim
	for _, c := range all {
		if on.IsZero() || c.AsAt <= on {
			out = append(out, c)
		}
	}
	return out, err
}

// SaveClaim adds a claim or changes the one with its code.
func (s *Service) SaveClaim(ctx context.Context, call access.Call, c Claim) error {
	if err := s.may(call, ActChangePhase, c.Code); err != nil {
		return err
	}
	var check problem.Check
	check.That(c.Code != "", "code", "Enter a code")
	check.That(c.Text != "", "text", "Enter the claim in words")
	check.That(!c.AsAt.IsZero(), "as_at", "Enter the date of the claim")
	check.That(webAddress(c.Source), "source", "Enter the web address where it was published")
	if err := check.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.store.addClaim(ctx, call.Actor.Tenant, c); err != nil {
			return err
		}
		return s.record(ctx, call, ActChangePhase, "claim", c.Code, nil, c)
	})
}

// Setting gives the value of a setting: what this programme set, else the
// catalogue's first value with the day the programme was set up.
func (s *Service) Setting(ctx context.Context, tenant, name string) (Setting, error) {
	v, found, err := s.store.setting(ctx, tenant, name)
	if err != nil || found {
		return v, err
	}
	d, known := Define(name)
	if !known {
		return Setting{}, problem.New(problem.Unknown, "there is no setting "+strconv.Quote(name))
	}
	return Setting{Name: name, Value: d.First}, nil
}

// Int is Setting for a number.
func (s *Service) Int(ctx context.Context, tenant, name string) (int, error) {
	v, err := s.Setting(ctx, tenant, name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(v.Value)
}

// Numbers gives the numbers of a setting that has several.
func (s *Service) Numbers(ctx context.Context, tenant, name string) ([]int, error) {
	v, err := s.Setting(ctx, tenant, name)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, text := range strings.Split(v.Value, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
			out = append(out, n)
		}
	}
	return out, nil
}

// Stored gives the settings that this programme has set, by name.
func (s *Service) Stored(ctx context.Context, tenant string) (map[string]Setting, error) {
	all, err := s.store.settings(ctx, tenant)
	out := make(map[string]Setting, len(all))
	for _, v := range all {
		out[v.Name] = v
	}
	return out, err
}

// Settings gives every setting of the catalogue with its present value.
func (s *Service) Settings(ctx context.Context, call access.Call) (map[string]Setting, error) {
	if err := s.may(call, ActSettings, ""); err != nil {
		return nil, err
	}
	all, err := s.store.settings(ctx, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	out := map[string]Setting{}
	for _, d := range Catalogue() {
		out[d.Name] = Setting{Name: d.Name, Value: d.First}
	}
	for _, v := range all {
		out[v.Name] = v
	}
	return out, nil
}

// Changes gives the values a setting has had, newest first.
func (s *Service) Changes(ctx context.Context, call access.Call, name string) ([]Change, error) {
	if err := s.may(call, ActSettings, name); err != nil {
		return nil, err
	}
	return s.store.changes(ctx, call.Actor.Tenant, name)
}

// SetSetting is a new value for a setting. Version is the version the person
// saw; a setting never stored has 0. Anyway leaves the version unchecked (for
// the demo and commands).
type SetSetting struct {
	Name, Value, Note string
	Version           int64
	Anyway            bool
}

// SetSetting sets a value, on today's date, by the caller.
func (s *Service) SetSetting(ctx context.Context, call access.Call, n SetSetting) (Setting, error) {
	if err := s.may(call, ActChangeSetting, n.Name); err != nil {
		return Setting{}, err
	}
	d, ok := Define(n.Name)
	if !ok {
		return Setting{}, problem.Missing()
	}
	value, err := d.clean(n.Value)
	if err != nil {
		return Setting{}, err
	}
	v := Setting{Name: n.Name, Value: value, Note: n.Note, SetOn: call.Today, SetBy: call.Actor.Account, Version: n.Version}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		before, _, err := s.store.setting(ctx, call.Actor.Tenant, n.Name)
		if err != nil {
			return err
		}
		if n.Anyway {
			v.Version = before.Version
		}
		if err := s.store.saveSetting(ctx, call.Actor.Tenant, v, call.Now); err != nil {
			return err
		}
		v.Version++
		return s.record(ctx, call, ActChangeSetting, "setting", n.Name, before, v)
	})
	return v, err
}
