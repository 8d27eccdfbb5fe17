package app

import (
	"context"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/newsroom"
	"msw/internal/support"
)

// makeSupport makes what looks after people.
func (a *App) makeSupport(Options) (err error) {
	schemes, err := newsroom.ReadDirectory()
	if err != nil {
		return err
	}
	known := helpOf(schemes)
	a.Support, err = support.New(support.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Cases: a.Cases, Setting: a.Programme.Int,
		Names: a.doctorNames, Account: a.accountOfDoctor, Staff: a.accountNames, Fails: a.examFails, HiddenFrom: a.Consents.HiddenFrom,
		Directory: func() []support.Help { return known }})
	return err
}

// helpOf are the schemes of the public directory as help; each keeps the day on
// which it was last compared with its source.
func helpOf(d newsroom.Directory) []support.Help {
	var out []support.Help
	for _, s := range d.Schemes {
		h := support.Help{Name: s.Name, Topic: "registration", Takes: s.Who, Does: s.Does, CheckedOn: s.CheckedOn(), Found: true}
		if s.Area != "" {
			h.Takes += " " + s.Area + "."
		}
		if len(s.Sources) > 0 {
			h.Link = s.Sources[0]
		}
		out = append(out, h)
	}
	return out
}

func (a *App) accountOfDoctor(ctx context.Context, tenant, doctor string) (string, error) {
	d, err := a.Doctors.Get(ctx, tenant, doctor)
	return d.Account, err
}

// examFails are the days of exams a doctor did not pass. Only support asks, for
// a doctor who switched that on.
func (a *App) examFails(ctx context.Context, tenant, doctor string) ([]clock.Date, error) {
	list, err := a.Facts.For(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	var out []clock.Date
	for _, r := range list {
		if r.Kind == fact.Exam && r.Fields["outcome"] == "failed" {
			out = append(out, r.On)
		}
	}
	return out, nil
}

// remindCheckIns asks the doctors who want to be asked.
func (a *App) remindCheckIns(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Support.RemindDue(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}
