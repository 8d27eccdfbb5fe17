package demo

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/clock"
	"msw/internal/registration"
)

// registered is one entry of the fictional register extract.
type registered struct {
	number, family, given string
	on                    clock.Date
}

func (l *loader) enter(p *life, number string) {
	if p.scheme == 0 {
		l.registered = append(l.registered, registered{number, p.name.family, p.name.given, p.registered})
	}
}

// extract takes in a fictional register extract in which a few entries differ
// from what two people read, and lets colleagues work on those.
func (l *loader) extract(ctx context.Context) error {
	day := l.o.Today.AddDays(-18)
	var b strings.Builder
	b.WriteString("GMC Ref No,Surname,Given Name,PR Date,FR Date,Specialist Register Date,GP Register Date,Registration Status,Approved Practice Setting\n")
	odd := 0
	for _, r := range l.registered {
		if r.on > day {
			continue
		}
		status, aps, family := "Registered with Licence", "Y", r.family
		switch odd++; odd { // the first ones are odd
		case 2:
			status = "Registered without a licence"
		case 4, 6:
			aps = "N"
		case 8:
			family = "Fictionalname"
		}
		date := fmt.Sprintf("%d%02d%04d", r.on.Day(), int(r.on.Month()), r.on.Year())
		fmt.Fprintf(&b, "%s,%q,%q,,%s,,,%s,%s\n", r.number, family, r.given, date, status, aps)
	}
	if odd == 0 {
		return nil
	}
	call := l.on(0, l.o.Today.AddDays(-17))
	if _, err := l.Registrations.ImportRegister(ctx, call, strings.NewReader(b.String()), "register-"+day.String()+".csv", registration.ImportOptions{}); err != nil {
		return err
	}
	found, err := l.Registrations.Queue(ctx, call, registration.QueueQuery{})
	if err != nil {
		return err
	}
	for i, d := range found.Rows {
		switch i {
		case 1:
			err = l.Registrations.Snooze(ctx, l.as(0, l.o.Today.AddDays(-16), "caseworker"), registration.Snooze{ID: d.ID, Until: l.o.Today.AddDays(20), Reason: "asked_gmc"})
		case 2, 3:
			err = l.Registrations.Answer(ctx, l.as(0, l.o.Today.AddDays(-15), "caseworker"), registration.Settlement{ID: d.ID, Way: registration.WayOurs, Note: "The register online says the same as we read, on the day we looked."})
		}
		if err == nil && i == 3 {
			err = l.Registrations.Agree(ctx, l.as(0, l.o.Today.AddDays(-14), "assessor"), d.ID, 0, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
