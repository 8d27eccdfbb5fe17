package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/casefile"
	"msw/internal/clock"
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
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/referral"
	"msw/internal/registration"
	"msw/internal/request"
	"msw/internal/signin"
	"msw/internal/support"
	"msw/internal/web"
	"msw/internal/web/assets"
)

// Face is what differs in how the service is shown.
type Face struct {
	Version string
	Notice  string          // said on every page and in every answer: the demo's
	Mailbox *notify.Mailbox // the demo's mail, nil otherwise
}

// pagesOf is a station's browser face.
type pagesOf interface{ Routes() []web.Route }

// Server makes the web server with every station's routes.
func (a *App) Server(f Face) (*web.Server, error) {
	files, err := assets.Open()
	if err != nil {
		return nil, err
	}
	return a.server(f, files)
}

func (a *App) server(f Face, files *assets.Assets) (*web.Server, error) {
	s, err := web.New(web.Options{DB: a.DB, Access: a.Access, Assets: files, Log: a.Log, Now: a.Now, Actor: a.actor, Navigation: a.navigation,
		Brand: a.Config.Brand, Notice: f.Notice, Secure: secure(a.Config), Proxied: a.Config.Proxied, Metrics: web.NewMetrics(f.Version)})
	if err != nil {
		return nil, err
	}
	if err := s.Metrics().Gauge("msw_outbox_waiting", func() float64 {
		waiting, _, err := a.Outbox.Depth(context.Background())
		if err != nil {
			return -1
		}
		return float64(waiting)
	}); err != nil {
		return nil, err
	}
	for _, p := range a.faces(f) {
		if err := s.Handle(p.Routes()...); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// faces lists every station's pages, in the order of the road.
func (a *App) faces(f Face) []pagesOf {
	list := []pagesOf{
		signin.NewPages(a.SignIn), programme.NewPages(a.Programme, a.accountNames), organisation.NewPages(a.Organisations),
		doctor.NewPages(a.Doctors), fact.NewPages(a.Facts, a.Doctors), a.consentPages(), a.preferencePages(), allocation.NewRoundPages(a.Rounds), casefile.NewPages(a.Cases), document.NewPages(a.Documents), request.NewPages(a.Requests, a.Documents),
		referral.NewPages(a.Referrals, a.referralSignIn()), eligibility.NewPages(a.Eligibility, a.doctorNames).Showing(a.besides()), post.NewPages(a.Posts, regions()), onboarding.NewPages(a.Offers),
		placement.NewPages(a.Placements), a.portfolioPages(), support.NewPages(a.Support), learning.NewPages(a.Learning), registration.NewPages(a.Registrations), funding.NewPages(a.Funding), outcome.NewPages(a.Outcomes, a.Programme, f.Notice),
		newsroom.NewPages(a.Newsroom, newsroom.PagesOptions{Address: a.Config.Address, Edition: f.Version, Notice: f.Notice, Brand: a.Config.Brand}), jobs.NewPages(a.Outbox),
	}
	if f.Mailbox != nil {
		list = append(list, notify.NewPages(f.Mailbox))
	}
	return list
}

func (a *App) referralSignIn() referral.SignIn {
	return referral.SignIn{Ensure: a.SignIn.Ensure, Ask: a.SignIn.Ask, Answer: a.SignIn.Answer, Start: a.SignIn.Begin, Secure: secure(a.Config)}
}

func regions() []post.Region {
	var out []post.Region
	for _, r := range organisation.Regions() {
		out = append(out, post.Region{Code: r.Code, Name: r.Name})
	}
	return out
}

// hang puts the stations' panels on the case page and their sections on the
// application's task list.
func (a *App) hang() {
	panels := []casefile.Panel{
		{ID: "details", Title: "About the doctor", Order: 10, Render: doctor.NewPages(a.Doctors).Panel},
		{ID: "facts", Title: "What we know", Order: 20, Render: fact.NewPages(a.Facts, a.Doctors).Panel},
		{ID: "eligibility", Title: "Eligibility", Order: 30, Render: eligibility.NewPages(a.Eligibility, a.doctorNames).Panel},
	}
	panels = append(panels, document.NewPages(a.Documents).Panels()...)
	panels = append(panels, request.NewPages(a.Requests, a.Documents).Panels()...)
	panels = append(panels, onboarding.NewPages(a.Offers).Panels()...)
	panels = append(panels, placement.NewPages(a.Placements).Panels()...)
	panels = append(panels, a.portfolioPages().Panels()...)
	panels = append(panels, registration.NewPages(a.Registrations).Panels()...)
	panels = append(panels, casefile.Panel{ID: "preferences", Title: "What the doctor would like", Order: 45, Render: a.preferencePages().Panel},
		a.Referrals.Panel())
	a.Cases.SetPanels(panels...)
	section := func(order int, id, title, url string, state func(context.Context, access.Call, string) (string, error)) casefile.Section {
		return casefile.Section{ID: id, Title: title, URL: url, Order: order, State: state}
	}
	preferences := section(80, "preferences", "What kind of post you would like", "/apply/preferences", a.Preferences.State)
	wishes := section(85, "wishes", "Rank the posts you want", "/apply/wishes", a.Preferences.WishState)
	wishes.Optional = true
	documents := section(75, "documents", "Your documents", "/documents", a.Documents.State)
	documents.Optional = true
	equality := section(95, "equality", "Questions about equality", "/apply/equality", a.Doctors.EqualityState)
	equality.Optional = true
	a.Cases.SetSections(
		section(10, "about-you", "About you", "/apply/about-you", a.Doctors.AboutState),
		section(20, "contact", "How to reach you", "/apply/contact", a.Doctors.ContactState),
		section(30, fact.SectionQualification, "Your medical qualification", "/apply/qualification", a.Facts.State(fact.SectionQualification)),
		section(40, fact.SectionExperience, "Your work as a doctor", "/apply/experience", a.Facts.State(fact.SectionExperience)),
		section(50, fact.SectionEnglish, "English test", "/apply/english", a.Facts.State(fact.SectionEnglish)),
		section(60, fact.SectionExams, "Exams", "/apply/exams", a.Facts.State(fact.SectionExams)),
		section(70, fact.SectionRightToWork, "Right to work in the UK", "/apply/right-to-work", a.Facts.State(fact.SectionRightToWork)),
		documents,
		preferences,
		wishes,
		equality,
		section(90, "declarations", "Declarations", "/apply/declarations", a.Consents.State),
	)
}

// housekeeping clears away what is no longer needed.
func (a *App) housekeeping(s *web.Server) {
	const days = 7
	before := func(now clock.Instant) clock.Instant { return clock.StartOf(now.Local().AddDays(-days)) }
	a.Worker.Every("web.forget", hour, func(ctx context.Context, now clock.Instant) error { return s.ForgetCommands(ctx, before(now)) })
	a.Worker.Every("referral.forget", hour, func(ctx context.Context, now clock.Instant) error {
		return a.Referrals.ForgetUploads(ctx, now.Add(-24*hour))
	})
	a.Worker.Every("notify.forget", hour, func(ctx context.Context, now clock.Instant) error { return a.Once.Forget(ctx, before(now)) })
}
