package app

import (
	"context"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/jobs"
	"msw/internal/onboarding"
	"msw/internal/request"
	"msw/rules"
)

// makeRequests makes what asks others for proof, and sets its guard at the one
// door by which messages leave.
func (a *App) makeRequests(o Options) error {
	set, err := request.LoadRules(rules.Checks, a.Holidays)
	if err != nil {
		return err
	}
	a.Requests, err = request.New(request.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Cases: a.Cases, Doctors: a.Doctors, Facts: a.Facts,
		Sender: a.Once, Rules: set, Setting: a.Programme.Int, Numbers: a.Programme.Numbers, Now: a.Now, Address: o.Config.Address, Changed: a.requestChanged})
	if err != nil {
		return err
	}
	a.Once.SetGuard(a.Requests.May)
	for _, kind := range []string{request.JobSend, request.JobRemind} {
		a.Worker.Handle(kind, a.Requests.Deliver)
	}
	a.Worker.Handle(request.JobRemindDoctor, func(ctx context.Context, job jobs.Job) error { return a.tellDoctor(ctx, job) })
	a.Worker.Every("request.sweep", hour, a.sweepRequests)
	return nil
}

// makeReference makes the request for a reference in an employer's name, whose
// right to the check was asked. It names nobody: the doctor does.
func (a *App) makeReference(ctx context.Context, call access.Call, o onboarding.Offer) error {
	_, err := a.Requests.Make(ctx, a.as(call), request.Fresh{Doctor: o.Doctor, Kind: "employer_reference", Organisation: o.Employer, Source: o.ReferenceSource()})
	return err
}

// references are the requests that serve one offer's history check.
func (a *App) references(ctx context.Context, tenant, id, source string) ([]request.Request, error) {
	return a.Requests.Of(ctx, tenant, id, func(r request.Request) bool { return r.Source == source })
}

// requestChanged lets the station whose check a request serves look again.
func (a *App) requestChanged(ctx context.Context, call access.Call, r request.Request) error {
	return a.Offers.ReferenceChanged(ctx, operator(call.Actor.Tenant, call.Now), r)
}

// sweepRequests does what time alone brings to requests.
func (a *App) sweepRequests(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		for {
			n, err := a.Requests.Sweep(ctx, operator(t.ID, now))
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}

// askingChanged lets what rests on whom one may ask look again.
func (a *App) askingChanged(ctx context.Context, call access.Call, id string) error {
	if err := a.Requests.AskingChanged(ctx, call, id); err != nil {
		return err
	}
	return a.Registrations.FactsChanged(ctx, call, id)
}

// earlierAsking gives the answers that were kept as facts before doctor kept
// them: they count on, until a newer word on the same.
func (a *App) earlierAsking(ctx context.Context, tenant, id string) ([]doctor.Said, error) {
	facts, err := a.Facts.For(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	told := fact.Of(facts, fact.Contact)
	if len(told) == 0 {
		return nil, nil
	}
	d, err := a.Doctors.Get(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	var out []doctor.Said
	for _, f := range told {
		yes, known := f.Bool("allowed")
		if !known {
			continue
		}
		out = append(out, doctor.Said{ID: f.ID, Subject: doctor.Subject{Party: doctor.Party(f.Text("party")), Name: f.Text("name"), Country: f.Text("country")},
			Allowed: yes, Staff: f.RecordedBy != d.Account, On: f.On, At: f.RecordedAt, By: f.RecordedBy})
	}
	return out, nil
}

// abroad are the police of wherever a doctor lived: employers may take a
// certificate from there only when the doctor says that asking is safe.
func abroad() doctor.Subject { return doctor.Subject{Party: doctor.PartyPolice} }

func (a *App) mayAskAbroad(ctx context.Context, tenant, id string) (bool, error) {
	v, err := a.Doctors.Asking(ctx, tenant, id, abroad())
	return v.Answer == doctor.MayAsk, err
}

func (a *App) sayAbroad(ctx context.Context, call access.Call, id string, yes bool) error {
	return a.Doctors.Say(ctx, call, doctor.NewSaid{Doctor: id, Subject: abroad(), Allowed: yes})
}
