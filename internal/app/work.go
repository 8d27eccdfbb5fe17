package app

import (
	"context"
	"time"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/onboarding"
	"msw/internal/organisation"
	"msw/internal/programme"
)

const hour = time.Hour

// work names what the worker does: messages out, the audit chain, figures on
// the first of a month, consents that end.
func (a *App) work() {
	a.SignIn.Jobs(a.Worker)
	for _, kind := range []string{"eligibility.decided", "eligibility.told", "casefile.message", "onboarding.offered"} {
		a.Worker.Handle(kind, a.tellDoctor)
	}
	a.Worker.Handle(onboarding.JobRung, func(ctx context.Context, job jobs.Job) error {
		return a.Offers.Rung(ctx, operator(job.Tenant, a.Now()), job.IDs)
	})
	a.Worker.Handle("casefile.urgent", a.tellStaff)
	a.Worker.Handle(colleagueJob, a.tellColleague)
	a.Worker.Handle(programme.JobTrial, a.workTrial)
	a.Worker.Handle("referral.invite", a.Referrals.Invite)
	a.roundWork()
	a.documentWork()
	a.portfolioWork()
	a.Worker.Every("audit.link", 5*time.Second, a.linkAudit)
	a.Worker.Every("outcome.publish", hour, a.publishFigures)
	a.Worker.Every("funding.refresh", hour, a.refreshMoney)
	a.Worker.Every("consent.ended", hour, a.endConsents)
	a.Worker.Every("eligibility.again", hour, a.reevaluateDue)
	a.Worker.Every("eligibility.night", 24*hour, a.nightly)
	a.Worker.Every("eligibility.rounds", hour, a.joinRounds)
	a.Worker.Every("doctor.tokens", hour, a.retoken)
	a.Worker.Every("registration.differences", hour, a.wakeDifferences)
	a.Worker.Every("support.remind", hour, a.remindCheckIns)
	a.Worker.Every("placement.end", hour, a.endDue)
	a.Worker.Every("placement.lights", hour, a.keepLights)
	a.Worker.Every("registration.keep", 24*hour, a.keepRoads)
}

// tellDoctor says that something is new. The words and the sender tell nothing
// of a programme, a status or a place: others may see the screen.
func (a *App) tellDoctor(ctx context.Context, job jobs.Job) error {
	c, channel, to, err := a.contactOf(ctx, job.Tenant, job.IDs["doctor"])
	if err != nil || to == "" {
		return err
	}
	if at := a.Now(); c.Quiet(londonTime(at)) {
		return a.later(ctx, job, at)
	}
	return a.Once.Send(ctx, notify.Message{Tenant: job.Tenant, ID: job.ID, Channel: channel, To: to, Subject: "You have a message",
		Text: "There is something new on your page. Sign in to read it:\n" + a.Config.Address + "/sign-in\n\nIf you did not expect this, you do not need to do anything."})
}

// colleagueJob tells somebody that they were given a role.
const colleagueJob = "organisation.invited"

func (a *App) colleagueInvited(ctx context.Context, call access.Call, m organisation.Member) error {
	return a.Outbox.Enqueue(ctx, call.Actor.Tenant, colleagueJob, map[string]string{"account": m.Account})
}

// tellColleague writes to somebody who was given a role, with how to sign in.
func (a *App) tellColleague(ctx context.Context, job jobs.Job) error {
	to, err := a.SignIn.Email(ctx, job.IDs["account"])
	if err != nil {
		return err
	}
	return a.Once.Send(ctx, notify.Message{Tenant: job.Tenant, ID: job.ID, Channel: notify.Mail, To: to, Subject: "You can sign in now",
		Text: "You were given access to work here:\n" + a.Config.Address + "/sign-in\n\nSign in with this email address. We send you a code each time, so there is no password to remember." +
			"\n\nIf you did not expect this, you do not need to do anything."})
}

// londonTime is the time of day in London as 15:04: quiet hours are the
// doctor's, in summer too.
func londonTime(at clock.Instant) string {
	t, err := time.Parse("3:04pm", at.LocalTime())
	if err != nil {
		return "" // cannot happen: it reads what LocalTime writes
	}
	return t.Format("15:04")
}

// later puts a message off to the end of the quiet hours: it looks again in an
// hour, since the hours may change meanwhile.
func (a *App) later(ctx context.Context, job jobs.Job, at clock.Instant) error {
	return a.DB.Tx(ctx, func(ctx context.Context) error {
		first, err := a.Outbox.First(ctx, job, "later")
		if err != nil || !first {
			return err
		}
		return a.Outbox.EnqueueAt(ctx, job.Tenant, "casefile.message", job.IDs, at.Add(hour))
	})
}

// tellStaff sends an urgent alarm to the named caseworker and, since somebody
// must see it at once, to the national team.
func (a *App) tellStaff(ctx context.Context, job jobs.Job) error {
	c, err := a.Cases.Get(ctx, job.IDs["doctor"], job.Tenant)
	if err != nil {
		return err
	}
	accounts, err := a.Organisations.AccountsWith(ctx, job.Tenant, "national_lead", "", a.Now().Local())
	if err != nil {
		return err
	}
	if c.Caseworker != "" {
		accounts = append(accounts, c.Caseworker)
	}
	emails, err := a.emails(ctx, accounts)
	if err != nil {
		return err
	}
	for account, to := range emails {
		err := a.Once.Send(ctx, notify.Message{Tenant: job.Tenant, ID: job.ID + ":" + account, Channel: "mail", To: to, Subject: "Please look at your desk now",
			Text: "Somebody asked for help and it cannot wait. It is at the top of your desk:\n" + a.Config.Address + "/home"})
		if err != nil {
			return err
		}
	}
	return nil
}

// linkAudit joins new audit rows to each programme's chain.
func (a *App) linkAudit(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	full := now.Time().Minute() == 0 // once an hour also what a long transaction left behind
	for _, t := range tenants {
		if _, err := a.Audit.Link(ctx, t.ID, now, full); err != nil {
			return err
		}
	}
	return nil
}

// publishFigures publishes the days that have come due in each programme.
func (a *App) publishFigures(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		call := operator(t.ID, now)
		call.Today = call.Today.AddDays(-1) // a day's figures are published when it is over
		if _, err := a.Outcomes.PublishDue(ctx, call); err != nil {
			return err
		}
	}
	return nil
}

// refreshMoney makes the estimates anew as at today.
func (a *App) refreshMoney(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := a.Funding.Refresh(ctx, t.ID, now.Local()); err != nil {
			return err
		}
	}
	return nil
}

// keepRoads looks at every doctor's road to registration again: what was right
// yesterday can run out too early today.
func (a *App) keepRoads(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := a.Registrations.KeepAll(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}

// endConsents takes referrers off the cases of doctors whose agreement with
// them has run out in the last week.
func (a *App) endConsents(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		call := operator(t.ID, now)
		if err := a.Referrals.EndConsents(ctx, call, call.Today.AddDays(-7)); err != nil {
			return err
		}
	}
	return nil
}

// wakeDifferences puts differences with the register back on the desk whose
// snooze is over.
func (a *App) wakeDifferences(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Registrations.WakeDifferences(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}

// reevaluateDue keeps what the rules say of each case true as days pass and as
// other rules come into force.
func (a *App) reevaluateDue(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Eligibility.ReevaluateDue(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}

// workTrial goes on with the trial of a version of rules.
func (a *App) workTrial(ctx context.Context, job jobs.Job) error {
	return a.Programme.WorkTrial(ctx, operator(job.Tenant, a.Now()), job.IDs["trial"])
}
