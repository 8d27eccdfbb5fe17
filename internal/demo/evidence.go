package demo

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/portfolio"
	"msw/internal/programme"
)

// evidenced gives a doctor feedback from colleagues: in the hospital one round
// that was shown and one that waits for the supervisor; in the practice one that
// takes answers.
func (l *loader) evidenced(ctx context.Context, p placement.Row, hospital bool) error {
	today := l.o.Today
	if !hospital {
		_, err := l.feedback(ctx, p.Doctor, today.AddDays(-5), today.AddDays(16), 4)
		return err
	}
	if err := l.reported(ctx, p); err != nil {
		return err
	}
	if p.StartedOn < today.AddDays(-118) {
		id, err := l.feedback(ctx, p.Doctor, today.AddDays(-117), today.AddDays(-100), 11)
		if err != nil {
			return err
		}
		if err := l.Portfolios.SettleRounds(ctx, l.on(0, today.AddDays(-99))); err != nil {
			return err
		}
		if p.Educational != "" {
			reader := l.on(0, today.AddDays(-98))
			reader.Actor = access.Actor{Account: p.Educational, Tenant: programme.National, Members: []access.Membership{{Role: organisation.RoleSupervisor, Organisation: p.Host}}}
			if err := l.Portfolios.Release(ctx, reader, portfolio.Releasing{Round: id}); err != nil {
				return err
			}
		}
	}
	if _, err := l.feedback(ctx, p.Doctor, max(p.StartedOn, today.AddDays(-8)), today.AddDays(-1), 10); err != nil {
		return err
	}
	return l.Portfolios.SettleRounds(ctx, l.on(0, today))
}

// feedback opens a round on a day, in which so many of 12 colleagues answer.
func (l *loader) feedback(ctx context.Context, doctor string, from, closes clock.Date, answer int) (string, error) {
	var people []string
	for i := range 12 {
		people = append(people, fmt.Sprintf("colleague.%d@trust.nhs.uk", i+1))
	}
	call := l.self(doctor, from)
	f, links, err := l.Portfolios.OpenRound(ctx, call, portfolio.NewRound{People: people, ClosesOn: closes, Tags: []string{"ukfp/2021/fpc8", "gmp/2024/d3"}})
	if err != nil {
		return "", err
	}
	for i, link := range links[:answer] {
		a := portfolio.Answer{Said: map[string]string{"patients": portfolio.Strong, "explains": portfolio.Strong, "team": portfolio.Strong, "limits": portfolio.Strong, "reliable": portfolio.Fine}}
		switch i % 4 {
		case 0:
			a.Said["help"], a.Well = portfolio.Better, [...]string{"Sits down with people.", "Never rushes a frightened patient.", "Knows every relative by name."}[i/4]
		case 1:
			a.Said["help"], a.Said["explains"] = portfolio.Better, portfolio.Fine
		case 2:
			a.Said["help"], a.Better = portfolio.Strong, [...]string{"Call earlier, we do not mind.", "Ask us when an order is not clear.", "Notes could be shorter."}[i/4]
		}
		if err := l.Portfolios.Rate(ctx, access.Call{Actor: access.Actor{Tenant: programme.National}, Now: call.Now, Today: call.Today}, portfolio.Rating{Link: link, Answer: a}); err != nil {
			return "", err
		}
	}
	return f.ID, l.Portfolios.RateSelf(ctx, call, f.ID, 0, portfolio.Answer{Said: map[string]string{"patients": portfolio.Strong, "team": portfolio.Fine, "help": portfolio.Strong}})
}

// reported gives the doctor a signed report and a draft that takes its place, and
// says that their employer is a designated body.
func (l *loader) reported(ctx context.Context, p placement.Row) error {
	hr := l.on(0, l.o.Today.AddDays(-40))
	hr.Actor.Account, hr.Actor.Members = l.staff["trusthr"], []access.Membership{{Role: organisation.RoleEmployerHR, Organisation: p.Employer}}
	if err := l.Portfolios.StateBody(ctx, hr, p.Employer, "1-1RUZV1D"); err != nil {
		return err
	}
	c, err := l.Cases.Get(ctx, p.Doctor, programme.National)
	if err != nil {
		return err
	}
	writer := l.on(0, l.o.Today.AddDays(-21))
	writer.Actor = access.Actor{Account: p.Clinical, Tenant: programme.National, Members: []access.Membership{{Role: organisation.RoleSupervisor, Organisation: p.Host}}}
	r, err := l.Portfolios.BeginReport(ctx, writer, portfolio.Beginning{Ref: c.Ref, Kind: portfolio.SupervisorReport})
	if err != nil {
		return err
	}
	v, err := l.Portfolios.LookReport(ctx, writer, r.Number)
	if err != nil {
		return err
	}
	_, err = l.Portfolios.WriteReport(ctx, writer, portfolio.Writing{Number: r.Number, Sign: true, Read: true, Hash: v.Hash, Name: "Helen Marsden", Role: "consultant", GMC: "9000002",
		Written: portfolio.Written{Concern: "no", Shows: []portfolio.Tag{"ukfp/2021/fpc1", "crest/2024/care"}, Text: map[string]string{
			"work": "Took histories, examined and presented on the acute unit. Reliable from the second month.", "patients": "Explains in plain words and checks what was understood.",
			"safety": "Stops at the limits of the role and asks early.", "next": "Written hand-over: shorter, with the plan first."}}})
	if err != nil {
		return err
	}
	_, err = l.Portfolios.BeginReport(ctx, writer, portfolio.Beginning{Ref: c.Ref, Kind: portfolio.SupervisorReport, Replaces: r.Number})
	return err
}
