package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/document"
	"msw/internal/eligibility"
	"msw/internal/fact"
	"msw/internal/funding"
	"msw/internal/jobs"
	"msw/internal/learning"
	"msw/internal/newsroom"
	"msw/internal/notify"
	"msw/internal/onboarding"
	"msw/internal/organisation"
	"msw/internal/outcome"
	"msw/internal/placement"
	"msw/internal/placement/card"
	"msw/internal/portfolio"
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/referral"
	"msw/internal/registration"
	"msw/internal/request"
	"msw/internal/rulebook"
	"msw/internal/signin"
	"msw/internal/support"
	"msw/rules"
)

// App is everything joined: one store, one permission table, one service a
// station. Make it with New and Close it.
type App struct {
	Config Config
	Log    *slog.Logger
	Now    func() clock.Instant

	DB     *database.DB
	Access *access.Table
	Audit  *audit.Log
	Outbox *jobs.Outbox
	Worker *jobs.Worker
	Sender notify.Sender
	Once   *notify.Once
	SignIn *signin.Service
	Book   *rulebook.Book
	Road   *registration.Road
	roads  roads // by other rules than those that came with the software

	Checks   *onboarding.Rules
	Holidays map[clock.Date]bool // English bank holidays

	Programme     *programme.Service
	Organisations *organisation.Service
	Doctors       *doctor.Service
	Facts         *fact.Service
	Consents      *consent.Service
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
	Support       *support.Service
	Newsroom      *newsroom.Service
}

// Options choose what differs between serving in earnest, the demo and tests.
type Options struct {
	Config   Config
	Log      *slog.Logger
	Key      []byte
	Now      func() clock.Instant // the machine's clock when nil
	Sender   notify.Sender        // from the configuration when nil
	Personas func(ctx context.Context) []signin.Persona
	Version  string // of the build, written into run files
	Fast     bool   // do not wait for the disk: demo and tests
	// Fictional says that the history is invented, as in the demo: it is never
	// offered as evidence.
	Fictional bool
}

// New opens the store, brings its schema up to date and makes every service.
func New(ctx context.Context, o Options) (*App, error) {
	a := &App{Config: o.Config, Log: o.Log, Now: o.Now}
	if a.Now == nil {
		a.Now = now
	}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if a.DB, err = database.Open(ctx, o.Config.Database, database.Options{Key: o.Key, Fast: o.Fast}); err != nil {
		return nil, err
	}
	if err := a.wire(ctx, o); err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	return a, nil
}

// Close ends the connections.
func (a *App) Close() error { return a.DB.Close() }

func (a *App) wire(ctx context.Context, o Options) (err error) {
	if err = a.DB.Migrate(ctx); err != nil {
		return err
	}
	if err = a.DB.Vault().CheckKey(ctx); err != nil {
		return err
	}
	if a.Access, err = Permissions(); err != nil {
		return err
	}
	if a.Audit, err = audit.New(a.DB); err != nil {
		return err
	}
	if a.Book, err = rulebook.Load(rules.Files, "."); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	if a.Checks, err = onboarding.LoadRules(rules.Checks); err != nil {
		return err
	}
	a.Holidays = a.Checks.Holidays
	a.Outbox = jobs.NewOutbox(a.DB, a.Now)
	a.Worker = jobs.NewWorker(a.Outbox, a.Log)
	if a.Sender = o.Sender; a.Sender == nil {
		if a.Sender, err = senders(o.Config); err != nil {
			return err
		}
	}
	a.Once = notify.NewOnce(a.DB, a.Sender, a.Now)
	if a.Road, err = registration.NewRoad(a.Book, rules.Road); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	for _, make := range []func(Options) error{a.makeGround, a.makePeople, a.makeDocuments, a.makeRequests, a.makeRoad, a.makePortfolio, a.makeRounds, a.makeSupport, a.makeLearning, a.makeAfter} {
		if err := make(o); err != nil {
			return err
		}
	}
	a.Programme.SetWorkbench(programme.Workbench{Stations: append(a.Eligibility.Stations(), a.Registrations.Stations(a.registrationRules)...), Jobs: a.Outbox, People: a.people, Fit: a.rulesFit})
	a.hang()
	a.work()
	return nil
}

// makeGround makes what has no doctor in it: sign-in, programmes, organisations.
func (a *App) makeGround(o Options) (err error) {
	a.SignIn, err = signin.New(signin.Options{DB: a.DB, Audit: a.Audit, Jobs: a.Outbox, Sender: a.Once, Now: a.Now, Actors: a.actors,
		Programme: a.programmeName, Personas: o.Personas, Secure: secure(o.Config)})
	if err != nil {
		return err
	}
	reader, err := programme.NewReader(rules.Files)
	if err != nil {
		return err
	}
	if a.Programme, err = programme.New(programme.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Rules: reader}); err != nil {
		return err
	}
	a.Organisations, err = organisation.New(organisation.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, EnsureAccount: a.SignIn.Ensure, Emails: a.emails,
		Invited: a.colleagueInvited})
	return err
}

// makePeople makes what a doctor's record and case consist of.
func (a *App) makePeople(Options) (err error) {
	if a.Doctors, err = doctor.New(doctor.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Resource: a.resource,
		AskingChanged: a.askingChanged, SameAs: a.sameAs, Earlier: a.earlierAsking}); err != nil {
		return err
	}
	if a.Facts, err = fact.New(fact.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Schema: a.Book.Schema(), Resource: a.resource, Changed: a.factsChanged, Asking: a.Doctors.Asking}); err != nil {
		return err
	}
	if a.Consents, err = consent.New(consent.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Changed: a.consentsChanged}); err != nil {
		return err
	}
	a.Cases, err = casefile.New(casefile.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Names: a.doctorNames, Search: a.findDoctors,
		ReplyDays: a.setting(programme.MessageReplyDays), SafetyPhone: a.safetyPhone, OrganisationNames: a.organisationNames, Staff: a.staff, FirstSteps: a.firstSteps, Holidays: a.Holidays, Moved: a.caseMoved, Soon: a.soon})
	return err
}

// makeRoad makes the stations from referral to the end of a placement.
func (a *App) makeRoad(o Options) (err error) {
	a.Referrals, err = referral.New(referral.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Organisations: a.Organisations,
		Doctors: a.Doctors, Facts: a.Facts, Consents: a.Consents, Cases: a.Cases, Sender: a.Once, Setting: a.Programme.Int, Now: a.Now, Address: o.Config.Address, Holidays: a.Holidays})
	if err != nil {
		return err
	}
	if err = a.makeEligibility(); err != nil {
		return err
	}
	a.Posts, err = post.New(post.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Places: a.places, FindPlaces: a.findPlaces, Phases: a.postPhases, Account: a.supervisorAccount, Funded: a.fundedPlaces})
	if err != nil {
		return err
	}
	a.Preferences, err = allocation.New(allocation.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Posts: a.Posts, Resource: a.resource, Outcodes: a.Doctors.Outcodes, Documents: a.Documents})
	if err != nil {
		return err
	}
	a.Offers, err = onboarding.New(onboarding.Options{Practice: a.practice, DB: a.DB, Access: a.Access, Audit: a.Audit, Casefile: a.Cases, Posts: a.Posts, Jobs: a.Outbox,
		CheckAgain: a.checkAgain, HiddenFrom: a.Consents.HiddenFrom, Names: a.doctorNames, ReplyDays: a.setting(programme.OfferReplyDays),
		HoldDays: a.setting(programme.OfferHoldDays), Least: a.setting(programme.SuppressBelow), Rules: a.Checks, Fell: a.offerFell, Telling: a.telling, Fits: a.fits, Apart: a.apart, MakeReference: a.makeReference, References: a.references,
		MayAskAbroad: a.mayAskAbroad, SayAbroad: a.sayAbroad})
	if err != nil {
		return err
	}
	tasks, err := card.LoadRules(rules.Placement)
	if err != nil {
		return err
	}
	ends, err := placement.LoadEndRules(rules.Placement)
	if err != nil {
		return err
	}
	induction, err := placement.LoadInduction(rules.Placement)
	if err != nil {
		return err
	}
	a.Placements, err = placement.New(placement.Options{Practice: a.practice, DB: a.DB, Access: a.Access, Audit: a.Audit, Casefile: a.Cases, Facts: a.Facts, Posts: a.Posts,
		Offers: a.Offers, PersonToken: a.Doctors.PersonTokenOf, Begun: a.bindMoney, Over: a.freeMoney, Moved: a.moveMoney,
		Ends: ends, AccessDays: a.setting(programme.PlacementAccessDays), DoctorPost: a.doctorPostOn, Suppress: a.setting(programme.SuppressBelow),
		Tasks: tasks, Gone: a.supervisorsGone, CodeMinutes: a.setting(programme.CardCodeMinutes), Address: o.Config.Address,
		Induction: induction, MeetingWeeks: a.setting(programme.SupervisionWeeks), RollDays: a.setting(programme.RollDays), AccountNames: a.anyones, Links: a.placementLinks, Tenants: a.tenantIDs})
	return err
}

// makeAfter makes what follows a placement and what looks at all of them.
func (a *App) makeAfter(o Options) (err error) {
	a.Registrations, err = registration.New(registration.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Casefile: a.Cases, Facts: a.Facts, Asked: a.Doctors.SaidOf,
		Road: a.Road, RoadOf: a.roadOf, StepTimes: a.stepTimes, Placements: a.Placements, Address: o.Config.Address, Fictional: func(string) bool { return o.Fictional },
		Names: a.doctorNames, OrganisationNames: a.organisationNames, AccountNames: a.colleagues,
		NameKeys: a.Doctors.NameKeys, NameKeysOf: a.Doctors.NameKeysOf})
	if err != nil {
		return err
	}
	rates, err := funding.LoadRates(rules.Funding, "funding/pay.yaml")
	if err != nil {
		return err
	}
	a.Funding, err = funding.New(funding.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Rates: rates, Phases: a.Programme.Phases,
		Spells: a.Placements.Spells, OrganisationNames: a.organisationNames, AccountNames: a.colleagues})
	if err != nil {
		return err
	}
	if a.Outcomes, err = outcome.New(outcome.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Programme: a.Programme}); err != nil {
		return err
	}
	a.Newsroom, err = newsroom.New(newsroom.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Programme: a.Programme, Book: a.Book,
		Figures: a.latestFigures})
	return err
}
