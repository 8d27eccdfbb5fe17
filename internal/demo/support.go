package demo

import (
	"context"
	"fmt"

	"msw/internal/programme"
	"msw/internal/support"
)

// support gives somebody one can be a few check-ins, and the desks something to
// do: mentors who offer help, one who looks for a mentor, a call, a request for
// help with money, and a directory.
func (l *loader) support(ctx context.Context) error {
	if err := l.help(ctx); err != nil {
		return fmt.Errorf("directory of help: %w", err)
	}
	for i, id := range l.guides {
		call := l.self(id, l.o.Today-60)
		o := support.Offer{Offered: true, Places: 1 + i, Languages: []string{"English", []string{"Arabic", "Ukrainian", "Burmese"}[i%3]}, Area: []string{"General medicine", "Paediatrics", ""}[i%3],
			Ways: []string{"phone", "video"}, Contact: "mentor@doctor.example"}
		if err := l.Support.SaveOffer(ctx, call, o); err != nil {
			return fmt.Errorf("mentor: %w", err)
		}
	}
	for _, p := range l.personas {
		if p.ID != "doctor-in-post" && p.ID != "doctor-waiting" || p.Tenant != programme.National {
			continue
		}
		id, err := l.Doctors.OfAccount(ctx, p.Tenant, p.Account)
		if err != nil {
			return err
		}
		if err := l.lookedAfter(ctx, id, p.ID == "doctor-in-post"); err != nil {
			return fmt.Errorf("looking after %s: %w", p.ID, err)
		}
	}
	return nil
}

func (l *loader) lookedAfter(ctx context.Context, id string, inPost bool) error {
	day := l.o.Today - 45
	if err := l.Support.WantMentor(ctx, l.self(id, day), support.Wish{Languages: []string{"English"}, Ways: []string{"phone"}, Contact: "By text first, please"}); err != nil {
		return err
	}
	if !inPost {
		return nil
	}
	if err := l.Support.SavePlan(ctx, l.self(id, day), support.Plan{Rhythm: support.Fortnightly, Answers: true, Told: support.TellTeam}); err != nil {
		return err
	}
	for i, a := range []map[string]support.Answer{
		{"workload": support.Mixed, "mood": support.Well, "housing": support.Hard, "fairness": support.Well, "money": support.Mixed},
		{"workload": support.Well, "mood": support.Mixed, "housing": support.Mixed, "fairness": support.Well},
		{"workload": support.Well, "mood": support.Well, "housing": support.Well, "fairness": support.Well, "money": support.Mixed},
	} {
		if _, err := l.Support.CheckIn(ctx, l.self(id, day.AddDays(14*i)), support.CheckIn{Answers: a}); err != nil {
			return err
		}
	}
	if err := l.Support.Ask(ctx, l.self(id, l.o.Today-1), support.TellTeam); err != nil {
		return err
	}
	return l.Support.AskMoney(ctx, l.self(id, l.o.Today-4), support.Hardship{Kind: "travel", Pence: 8640, NeededBy: l.o.Today + 20, Why: "The exam is in another city."})
}

// help is a directory of invented services: the demo names nobody real.
func (l *loader) help(ctx context.Context) error {
	for i, h := range []support.Help{
		{Name: "Harbour Light Advice (fictional)", Topic: "law", Takes: "Refugees and people who wait for an asylum decision", Does: "Free advice on immigration and family reunion.", Reach: "Ask your caseworker for a time"},
		{Name: "Quiet Room (fictional)", Topic: "health", Takes: "Everybody who works in the NHS", Does: "Somebody to talk to, in private, without your employer knowing.", Reach: "Leave a message at any hour; they call back within two days"},
		{Name: "Roof and Door (fictional)", Topic: "housing", Takes: "Doctors who move for a post", Does: "Help with a deposit and with landlords.", Reach: "Weekdays, by phone"},
	} {
		h.CheckedOn = l.o.Today.AddDays(-30 - 90*i)
		if err := l.Support.KeepHelp(ctx, l.as(0, h.CheckedOn, "caseworker"), h); err != nil {
			return err
		}
	}
	return nil
}
