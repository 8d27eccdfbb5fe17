package app

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/placement"
	"msw/internal/placement/card"
	"msw/internal/portfolio"
	"msw/internal/problem"
	"msw/rules"
)

// makePortfolio makes the doctor's own evidence and passport.
func (a *App) makePortfolio(o Options) error {
	frameworks, err := portfolio.LoadFrameworks(rules.Portfolio)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	questions, err := portfolio.LoadQuestions(rules.Portfolio, frameworks)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	reports, err := portfolio.LoadReportRules(rules.Portfolio)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	var subjects []portfolio.Subject
	for _, s := range a.Checks.Subjects {
		subjects = append(subjects, portfolio.Subject{ID: s.ID, Title: s.Title, Mark: string(s.Mark), Months: s.Months})
	}
	a.Portfolios, err = portfolio.New(portfolio.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Cases: a.Cases, Facts: a.Facts, Placements: a.Placements,
		Jobs: a.Outbox, Sender: a.Once, Frameworks: frameworks, Questions: questions, Reports: reports, Subjects: subjects, Address: o.Config.Address, Setting: a.Programme.Int, Names: a.doctorNames,
		OrganisationNames: a.organisationNames, AccountNames: a.colleagues, Email: a.SignIn.Email, Contact: a.portfolioContact, Programme: a.programmeName,
		Tenants: a.tenantIDs, Checks: a.checksDone, Arrive: a.comesWithPortfolio, CheckStands: a.checkStands, Trained: a.trained})
	if err != nil {
		return err
	}
	a.Portfolios.Tell(a.takeSignOff, a.hostTasks)
	return nil
}

// takeSignOff puts a signature that counts on the scope card, in the place of
// the one that stands there.
func (a *App) takeSignOff(ctx context.Context, call access.Call, s portfolio.SignOff) error {
	list, err := a.Placements.SignedOf(ctx, call.Actor.Tenant, s.Doctor)
	if err != nil {
		return err
	}
	replaces := ""
	for _, v := range list {
		if v.Stands() && v.Task == s.Task && v.Host == s.Host {
			replaces = v.ID
		}
	}
	_, err = a.Placements.TakeSignOff(ctx, call, placement.SignOff{Doctor: s.Doctor, Task: s.Task, Level: card.Level(s.Level), On: s.On, Recheck: s.Recheck,
		Assessor: placement.Assessor{Name: s.Name, Role: s.Role, GMC: s.GMC}, Source: "portfolio:" + s.ID, Confirmed: s.VouchedBy, Replaces: replaces})
	return err
}

// hostTasks are the named tasks somebody in post can be signed off for.
func (a *App) hostTasks(context.Context, string, string) ([]portfolio.Task, error) {
	var out []portfolio.Task
	for _, t := range a.Placements.Tasks().Tasks {
		out = append(out, portfolio.Task{ID: t.ID, Title: t.Title, Highest: portfolio.Level(t.Highest)})
	}
	return out, nil
}

// portfolioContact is where a doctor can be reached, as they said.
func (a *App) portfolioContact(ctx context.Context, tenant, id string) (portfolio.Contact, error) {
	c, err := a.Doctors.Contact(ctx, tenant, id)
	if problem.KindOf(err) == problem.NotFound {
		return portfolio.Contact{}, nil
	}
	return contactAddresses(c), err
}

func contactAddresses(c doctor.Contact) portfolio.Contact {
	return portfolio.Contact{Emails: []string{c.Email}, Phones: []string{c.Mobile}}
}

func (a *App) tenantIDs(ctx context.Context) ([]string, error) {
	list, err := a.Programme.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, t := range list {
		out = append(out, t.ID)
	}
	return out, nil
}

// checksDone lists the employment checks of a doctor that were finished, for
// their passport: that, when and by whom, and nothing of what was found.
func (a *App) checksDone(ctx context.Context, tenant, id string) ([]portfolio.Checked, error) {
	list, err := a.Offers.DoneChecks(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	var employers []string
	for _, c := range list {
		employers = append(employers, c.Employer)
	}
	names, err := a.organisationNames(ctx, tenant, employers)
	if err != nil {
		return nil, err
	}
	var out []portfolio.Checked
	for _, c := range list {
		if kind, ok := a.Checks.Kind(c.Kind); ok {
			out = append(out, portfolio.Checked{Kind: c.Kind, Title: kind.Title, Employer: names[c.Employer], On: c.On})
		}
	}
	return out, nil
}

func (a *App) portfolioPages() *portfolio.Pages {
	return portfolio.NewPages(a.Portfolios, secure(a.Config))
}

func (a *App) portfolioWork() {
	a.Worker.Handle(portfolio.JobAsk, a.Portfolios.SendAsk)
	a.Worker.Handle(portfolio.JobRate, a.Portfolios.SendRate)
	a.Worker.Handle(portfolio.JobRead, a.Portfolios.SendRead)
	a.Worker.Every("portfolio.settle", hour, a.settleRounds)
}

// settleRounds closes the rounds of feedback whose last day is over.
func (a *App) settleRounds(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := a.Portfolios.SettleRounds(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}
