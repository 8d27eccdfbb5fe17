package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/jobs"
	"msw/internal/onboarding"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// makeRounds makes the allocation rounds: what they need of stations before and
// after them on the road.
func (a *App) makeRounds(o Options) (err error) {
	a.Rounds, err = allocation.NewRounds(a.roundOptions(o))
	return err
}

func (a *App) roundOptions(o Options) allocation.RoundOptions {
	return allocation.RoundOptions{DB: a.DB, Access: a.Access, Audit: a.Audit, Casefile: a.Cases, Posts: a.Posts, Wishes: a.Preferences,
		Jobs: a.Outbox, Build: o.Version, HiddenFrom: a.Consents.HiddenFrom, Recorded: a.recordedOf, Names: a.doctorNames, AccountNames: a.accountNames,
		Publish: a.publishPlacements, Withdraw: a.withdrawPlacements, Tried: a.triedFor, Taken: a.Offers.Taken, Groups: a.fairGroups, Suppress: a.setting(programme.SuppressBelow),
		Holds: func(ctx context.Context, call access.Call, id string) (bool, []string, []string, error) {
			return a.Eligibility.Holds(ctx, call, id, call.Today)
		}}
}

// as is msw's own deed in somebody's name: their right to the whole was asked.
func (a *App) as(call access.Call) access.Call {
	self := operator(call.Actor.Tenant, call.Now)
	self.Actor.Account, self.Today, self.Request = call.Actor.Account, call.Today, call.Request
	return self
}

// publishPlacements puts a round's placements to their employers: proposals, and
// offers on the posts' terms where the round's order decides.
func (a *App) publishPlacements(ctx context.Context, call access.Call, placed []allocation.RoundPlacement, offer bool) error {
	self := a.as(call)
	for _, p := range placed {
		o, err := a.Offers.Propose(ctx, self, onboarding.Proposal{Doctor: p.Doctor, Post: p.Post})
		if err != nil {
			return err
		}
		if !offer {
			continue
		}
		if _, err := a.Offers.Offer(ctx, self, onboarding.Making{ID: o.ID}); err != nil {
			return err
		}
	}
	return nil
}

// withdrawPlacements ends what is live of placements that a move takes back.
func (a *App) withdrawPlacements(ctx context.Context, call access.Call, fell []allocation.RoundPlacement) error {
	self := a.as(call)
	for _, p := range fell {
		list, err := a.Offers.List(ctx, self, onboarding.Query{Doctor: p.Doctor, Post: p.Post, Limit: 20})
		if err != nil {
			return err
		}
		for _, o := range list {
			if !o.State.Live() {
				continue
			}
			if _, err := a.Offers.Withdraw(ctx, self, onboarding.Withdrawal{ID: o.ID, Reason: "another_post"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// triedFor gives who was proposed for a post before, and whether one still is.
func (a *App) triedFor(ctx context.Context, tenant, post string) ([]string, bool, error) {
	list, err := a.Offers.List(ctx, operator(tenant, a.Now()), onboarding.Query{Post: post, Limit: 200})
	var doctors []string
	live := false
	for _, o := range list {
		doctors = append(doctors, o.Doctor)
		live = live || o.State.Live() || o.State == onboarding.Started
	}
	return doctors, live, err
}

// recordedOf gives what is recorded of doctors that a round's hard rules ask for.
func (a *App) recordedOf(ctx context.Context, tenant string, doctors []string) (map[string]allocation.Recorded, error) {
	const batch = 150
	out := make(map[string]allocation.Recorded, len(doctors))
	for from := 0; from < len(doctors); from += batch {
		facts, err := a.Facts.ForMany(ctx, tenant, doctors[from:min(from+batch, len(doctors))])
		if err != nil {
			return nil, err
		}
		for id, list := range facts {
			out[id] = allocation.Recorded{RightEnds: rightEnds(list), Months: fact.Count(list)}
		}
	}
	return out, nil
}

// rightEnds gives the last day of the newest permission to work, none when it
// has no end or none is recorded.
func rightEnds(list []fact.Record) clock.Date {
	var newest fact.Record
	for _, f := range fact.Of(list, fact.RightToWork) {
		if f.Live() && f.State != rulebook.Refused && f.On >= newest.On {
			newest = f
		}
	}
	return newest.Until
}

// fairGroups gives what is recorded of doctors that groups can be compared by.
// It is the only reader of what they said about equality.
func (a *App) fairGroups(ctx context.Context, tenant string, doctors []string) (map[string]allocation.Groups, error) {
	const batch = 150
	today := a.Now().Local()
	routes := map[string]string{}
	list, err := a.Referrals.AllRoutes(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		routes[r.Code] = r.Title
	}
	out := map[string]allocation.Groups{}
	for from := 0; from < len(doctors); from += batch {
		part := doctors[from:min(from+batch, len(doctors))]
		cases, err := a.Cases.Many(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		births, err := a.Doctors.Births(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		said, err := a.Doctors.Equalities(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		for id, c := range cases {
			route := routes[c.Route]
			if route == "" {
				route = c.Route
			}
			out[id] = allocation.Groups{Nationality: said[id].NationalityWords(), Sex: said[id].SexWords(), Age: ageBand(births[id], today), Region: c.Region, Route: route}
		}
	}
	return out, nil
}

func ageBand(birth, today clock.Date) string {
	if birth.IsZero() {
		return ""
	}
	for _, b := range []struct {
		years int
		words string
	}{{30, "Under 30"}, {40, "30 to 39"}, {50, "40 to 49"}} {
		if clock.AddMonths(birth, 12*b.years) > today {
			return b.words
		}
	}
	return "50 and over"
}

// roundWork names what the worker does for rounds: dry runs, lists taken as they
// stand when preferences close, the waiting list, the next doctor for a post.
func (a *App) roundWork() {
	a.Worker.Handle(allocation.JobDryRun, func(ctx context.Context, job jobs.Job) error {
		return a.Rounds.Work(ctx, operator(job.Tenant, a.Now()), job.IDs["run"])
	})
	a.Worker.Handle(allocation.JobNext, func(ctx context.Context, job jobs.Job) error {
		return a.Rounds.Cascade(ctx, operator(job.Tenant, a.Now()), job.IDs["post"])
	})
	a.Worker.Handle(allocation.JobResult, a.tellDoctor)
	a.Worker.Every("allocation.rounds", hour, func(ctx context.Context, now clock.Instant) error {
		tenants, err := a.Programme.Tenants(ctx)
		for _, t := range tenants {
			call := operator(t.ID, now)
			if err == nil {
				err = a.Rounds.Freeze(ctx, call)
			}
			if err == nil {
				err = a.Rounds.RefreshWaiting(ctx, call)
			}
		}
		return err
	})
}

// offerFell tells the rounds that an offer ended before it was accepted.
func (a *App) offerFell(ctx context.Context, call access.Call, o onboarding.Offer) error {
	return a.Rounds.OfferFell(ctx, call, o.Doctor, o.Post, o.State == onboarding.Declined)
}
