package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/document"
	"msw/internal/eligibility"
	"msw/internal/fact"
	"msw/internal/funding"
	"msw/internal/learning"
	"msw/internal/newsroom"
	"msw/internal/onboarding"
	"msw/internal/organisation"
	"msw/internal/outcome"
	"msw/internal/placement"
	"msw/internal/portfolio"
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/referral"
	"msw/internal/registration"
	"msw/internal/request"
	"msw/internal/signin"
	"msw/internal/support"
)

// Notice stands on every page, export and answer of the demo.
const Notice = "Demonstration: fictional people; published figures reproduced. Regional splits are invented."

// Services are what the history is made through: the same as people use.
type Services struct {
	DB            *database.DB
	SignIn        *signin.Service
	Programme     *programme.Service
	Organisations *organisation.Service
	Doctors       *doctor.Service
	Facts         *fact.Service
	Cases         *casefile.Service
	Documents     *document.Service
	Requests      *request.Service
	Referrals     *referral.Service
	Eligibility   *eligibility.Service
	Posts         *post.Service
	Preferences   *allocation.Service
	Rounds        *allocation.Rounds
	Offers        *onboarding.Service
	Placements    *placement.Service
	Portfolios    *portfolio.Service
	Learning      *learning.Service
	Registrations *registration.Service
	Funding       *funding.Service
	Outcomes      *outcome.Service
	Newsroom      *newsroom.Service
	Support       *support.Service
}

// Options say how much history and until when.
type Options struct {
	People int
	Seed   uint64
	Today  clock.Date
}

// batchSize is how many lives are stored in one transaction.
const batchSize = 330

// smallHistory is how many people fit in memory several times over.
const smallHistory = 10_000

// loader keeps what the making needs to remember.
type loader struct {
	Services
	o          Options
	r          *rand.Rand
	hosts      map[string][]host // by region
	referrers  []string          // organisation ids, in the order of life.charity
	schemes    []string
	staff      map[string]string // persona -> account
	phases     map[string]string // phase code -> id
	clinical   map[string]string // organisation -> supervisor's account
	personas   []signin.Persona
	persona    map[string]bool
	accounts   map[string]string // doctor -> account
	numbers    int
	postSerial int
	applying   string // the doctor one can be who applies, and their region
	near       string
	eligible   []string     // doctors outside London who wait for a post
	registered []registered // who the fictional register extract lists
	guides     []string     // registered doctors who offer to be mentors
}

// Make writes the whole history and gives the people one can be with one click.
// The same seed and day give the same history. together runs many use cases in
// one transaction.
func Make(ctx context.Context, s Services, o Options) ([]signin.Persona, error) {
	if o.People <= smallHistory {
		defer debug.SetGCPercent(debug.SetGCPercent(400)) // the little that lives is marked less often
	}
	l := &loader{Services: s, o: o, r: rand.New(rand.NewPCG(o.Seed, 0x64656d6f)), hosts: map[string][]host{}, staff: map[string]string{},
		phases: map[string]string{}, clinical: map[string]string{}, persona: map[string]bool{}, accounts: map[string]string{}}
	if err := l.Cases.Together(ctx, l.ground); err != nil {
		return nil, fmt.Errorf("demo: ground: %w", err)
	}
	lives := plan(o.People, o.Seed, o.Today)
	for from := 0; from < len(lives); from += batchSize {
		part := lives[from:min(from+batchSize, len(lives))]
		if err := l.Cases.Together(ctx, func(ctx context.Context) error { return l.lives(ctx, part) }); err != nil {
			return nil, err
		}
	}
	if err := l.Cases.Together(ctx, l.supply); err != nil {
		return nil, fmt.Errorf("demo: supply: %w", err)
	}
	if err := l.rounds(ctx); err != nil {
		return nil, fmt.Errorf("demo: rounds: %w", err)
	}
	if err := l.Cases.Together(ctx, l.recruiting); err != nil {
		return nil, fmt.Errorf("demo: recruiting: %w", err)
	}
	if err := l.Cases.Together(ctx, l.papers); err != nil {
		return nil, fmt.Errorf("demo: documents: %w", err)
	}
	if err := l.Cases.Together(ctx, l.inPost); err != nil {
		return nil, fmt.Errorf("demo: in post: %w", err)
	}
	if err := l.Cases.Together(ctx, l.portfolios); err != nil {
		return nil, fmt.Errorf("demo: portfolios: %w", err)
	}
	if err := l.Cases.Together(ctx, l.proof); err != nil {
		return nil, fmt.Errorf("demo: proof: %w", err)
	}
	if err := l.Cases.Together(ctx, l.learning); err != nil {
		return nil, fmt.Errorf("demo: learning: %w", err)
	}
	if err := l.publish(ctx); err != nil {
		return nil, err
	}
	if err := l.Cases.Together(ctx, l.extract); err != nil {
		return nil, fmt.Errorf("demo: register extract: %w", err)
	}
	if err := l.stepTimes(ctx); err != nil {
		return nil, fmt.Errorf("demo: step times: %w", err)
	}
	if err := l.DB.Tx(ctx, l.assessments); err != nil {
		return nil, fmt.Errorf("demo: assessments: %w", err)
	}
	if err := l.workbench(ctx); err != nil {
		return nil, fmt.Errorf("demo: rule workbench: %w", err)
	}
	if err := l.Cases.Together(ctx, l.ends); err != nil {
		return nil, fmt.Errorf("demo: ends of posts: %w", err)
	}
	if err := l.Cases.Together(ctx, l.support); err != nil {
		return nil, fmt.Errorf("demo: support: %w", err)
	}
	return l.personas, keep(ctx, l.DB, History{Options: o, Personas: l.personas})
}

func tenantOf(scheme int) string {
	if scheme == 1 {
		return programme.GPScheme
	}
	return programme.National
}

// on is the operator acting on a day of the history, at nine in the morning.
func (l *loader) on(scheme int, d clock.Date) access.Call {
	return access.Call{Actor: access.Actor{Account: "operator", Tenant: tenantOf(scheme), Name: "Operator",
		Members: []access.Membership{{Role: organisation.RoleOperator}}}, Now: clock.StartOf(d).Add(9 * time.Hour), Today: d}
}

// as is the operator's work done under a colleague's name, so that the history
// shows more than one hand where two are needed.
func (l *loader) as(scheme int, d clock.Date, who string) access.Call {
	c := l.on(scheme, d)
	c.Actor.Account = l.staff[who]
	return c
}

func (l *loader) publish(ctx context.Context) error {
	if err := l.newsroom(ctx); err != nil {
		return fmt.Errorf("demo: newsroom: %w", err)
	}
	for scheme := range 2 {
		call := l.on(scheme, l.o.Today)
		if _, err := l.Outcomes.PublishDue(ctx, call); err != nil {
			return fmt.Errorf("demo: publish: %w", err)
		}
	}
	return nil
}

// ground sets up the programmes, phases, organisations and colleagues.
func (l *loader) ground(ctx context.Context) error {
	for i, t := range []programme.NewTenant{
		{Code: programme.National, Name: "NHS England Medical Support Worker programme", Kind: programme.KindNational, Published: true, Opened: clock.MustDate("2020-12-15")},
		{Code: programme.GPScheme, Name: "Fictional scheme for refugee doctors heading for general practice", Kind: programme.KindLocal, Opened: clock.MustDate("2020-12-15")},
	} {
		call := l.on(i, clock.MustDate("2020-12-15"))
		if _, err := l.Programme.CreateTenant(ctx, call, t); err != nil {
			return err
		}
		if _, err := l.Programme.InstallRuleSets(ctx, call); err != nil {
			return err
		}
	}
	if err := l.Programme.SetPublic(ctx, l.on(0, clock.MustDate("2020-12-15")), programme.National); err != nil {
		return err
	}
	if err := l.laterPhases(ctx); err != nil {
		return err
	}
	for i, step := range []func(context.Context) error{l.organisations, l.colleagues, l.budgets} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

// laterPhases adds plainly fictional phases after the published ones, paid for
// locally, and those of the local scheme.
func (l *loader) laterPhases(ctx context.Context) error {
	own := programme.Mark{Status: programme.Own, Note: "Invented for the demonstration.", On: clock.MustDate("2023-04-01")}
	marks := map[programme.Field]programme.Mark{}
	for _, f := range []programme.Field{programme.FieldDates, programme.FieldAnnounced, programme.FieldMoney, programme.FieldPlaces, programme.FieldApplications, programme.FieldWaiting, programme.FieldEligibility} {
		marks[f] = own
	}
	for scheme := range 2 {
		for year := 2023; year <= 2026; year++ {
			if scheme == 1 && year == 2023 {
				continue
			}
			p := programme.Phase{Code: fmt.Sprintf("local-%d-%02d", year, (year+1)%100), Title: fmt.Sprintf("Local money %d to %d (fictional)", year, year+1),
				Summary: "A fictional phase: nothing published was found for these years.", Announced: clock.MakeDate(year, 3, 1),
				Starts: clock.MakeDate(year, 4, 1), Ends: clock.MakeDate(year+1, 3, 31), ApplicationsOpen: clock.MakeDate(year, 3, 1),
				ApplicationsClose: clock.MakeDate(year+1, 1, 31), Money: 900_000_000, Places: 240, Eligibility: "B", Marks: marks}
			if scheme == 1 {
				p.Money, p.Places = 90_000_000, 24
			}
			if _, err := l.Programme.SavePhase(ctx, l.on(scheme, clock.MakeDate(year, 3, 1)), p); err != nil {
				return err
			}
		}
		phases, err := l.Programme.Phases(ctx, tenantOf(scheme))
		if err != nil {
			return err
		}
		for _, p := range phases {
			l.phases[tenantOf(scheme)+p.Code] = p.ID
		}
	}
	return nil
}

func (l *loader) organisations(ctx context.Context) error {
	list := hosts()
	icbs, trusts, practices := odsFiles(list)
	for _, f := range []struct{ name, text string }{{"icbs.csv", icbs}, {"trusts.csv", trusts}, {"practices.csv", practices}} {
		if _, err := l.Organisations.ImportFile(ctx, l.on(0, clock.MustDate("2020-12-15")), strings.NewReader(f.text), f.name, organisation.ImportOptions{AsAt: clock.MustDate("2020-12-01")}); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	for _, h := range list {
		l.hosts[h.region] = append(l.hosts[h.region], h)
	}
	for i, n := range []organisation.NewOrganisation{
		{Kind: organisation.Charity, Name: "Harbour Light Refugee Support", Region: "Y62"}, {Kind: organisation.Charity, Name: "New Start Doctors", Region: "Y56"},
		{Kind: organisation.Charity, Name: "Bridge to Practice", Region: "Y60"}, {Kind: organisation.Charity, Name: "Welcome House Leeds", Region: "Y63"},
		{Kind: organisation.Charity, Name: "Open Door Bristol", Region: "Y58"}, {Kind: organisation.Charity, Name: "Coastal Refugee Action", Region: "Y59"},
		{Kind: organisation.Network, Name: "BMA network for refugee doctors"}, {Kind: organisation.LocalScheme, Name: "Northern Doctors Scheme", Region: "Y62"},
		{Kind: organisation.LocalScheme, Name: "Capital Skills Scheme", Region: "Y56"},
	} {
		for scheme := range 2 {
			o, err := l.Organisations.Create(ctx, l.on(scheme, clock.MustDate("2020-12-15")), n)
			if err != nil {
				return fmt.Errorf("organisation %d: %w", i, err)
			}
			if scheme == 0 {
				l.referrers = append(l.referrers, o.ID)
			} else {
				l.schemes = append(l.schemes, o.ID)
			}
		}
	}
	return nil
}
