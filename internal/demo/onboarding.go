package demo

import (
	"context"
	"fmt"
	"time"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/signin"
)

// recruiting shows open recruitment and the days before a start at the first
// trust: a vacancy that led to an offer whose checks are under way, one that
// takes applications, and somebody who can start today.
func (l *loader) recruiting(ctx context.Context) error {
	people, err := l.free(ctx, 3)
	if err != nil || len(people) < 3 {
		return err // a very small demo has nobody to spare
	}
	day := l.o.Today
	first, err := l.vacancyWith(ctx, day-30, people[:2])
	if err != nil {
		return err
	}
	if err := l.checksOpen(ctx, first, people[0], day); err != nil {
		return fmt.Errorf("checks under way: %w", err)
	}
	if _, err := l.vacancyWith(ctx, day-4, people[2:]); err != nil {
		return err
	}
	ready, err := l.takes(ctx, people[1], day-25)
	if err != nil {
		return err
	}
	return l.allDone(ctx, ready, day-1)
}

// free finds doctors who are eligible today and take part in nothing else.
func (l *loader) free(ctx context.Context, n int) ([]casefile.Placeable, error) {
	all, err := l.Cases.Placeable(ctx, programme.National)
	if err != nil {
		return nil, err
	}
	var out []casefile.Placeable
	for i := len(all) - 1; i >= 0 && len(out) < n; i-- {
		c := all[i]
		if c.Paused || c.Region == "Y56" || c.Eligible > l.o.Today-45 || l.shown(l.accounts[c.Doctor]) {
			continue
		}
		ok := true
		for _, on := range []clock.Date{l.o.Today - 30, l.o.Today} { // the story begins a month ago
			holds, _, _, err := l.Eligibility.Holds(ctx, l.on(0, on), c.Doctor, on)
			if err != nil {
				return nil, err
			}
			if ok = holds; !ok {
				break
			}
		}
		if ok {
			out = append(out, c)
		}
	}
	return out, nil
}

func (l *loader) shown(account string) bool {
	for _, p := range l.personas {
		if account != "" && p.Account == account {
			return true
		}
	}
	return false
}

// trustPost is one more open post at the first trust.
func (l *loader) trustPost(ctx context.Context, day, starts clock.Date) (post.Post, error) {
	trust := l.first("Y56", false)
	call := l.on(0, day)
	p, err := l.Posts.Register(ctx, call, post.Registration{On: day, Details: post.Details{Setting: post.Hospital, Employer: trust.code, Host: trust.code,
		Specialty: "Acute medicine", MinutesWeek: post.FullTimeWeek, Pay: post.Pay{Kind: post.AgendaForChange, Point: post.Entry, HCAS: post.Inner},
		StartFrom: starts, ContractEnd: starts + 364, FundedUntil: l.o.Today + 120, Phase: l.phases[tenantOf(0)+"local-2026-27"], Indemnity: post.TrustScheme,
		Clinical: l.clinical[trust.code], Educational: l.clinical[trust.code]}})
	if err != nil {
		return p, fmt.Errorf("post: %w", err)
	}
	for _, step := range []func(context.Context, access.Call, post.Step) (post.Post, error){l.Posts.Approve, l.Posts.Open} {
		if p, err = step(ctx, call, post.Step{ID: p.ID, On: day}); err != nil {
			return p, fmt.Errorf("post: %w", err)
		}
	}
	return p, nil
}

func (l *loader) self(doctor string, day clock.Date) access.Call {
	c := l.on(0, day)
	c.Actor = access.Actor{Account: l.accounts[doctor], Tenant: programme.National, Doctor: doctor, Name: "Doctor"}
	return c
}

// vacancyWith is a vacancy some doctors apply to; when it is old enough the
// marks are given, people are invited and choose a time.
func (l *loader) vacancyWith(ctx context.Context, day clock.Date, people []casefile.Placeable) (onboarding.Vacancy, error) {
	p, err := l.trustPost(ctx, day, l.o.Today+28)
	if err != nil {
		return onboarding.Vacancy{}, err
	}
	v, err := l.Offers.Advertise(ctx, l.as(0, day, "trusthr"), onboarding.NewVacancy{Post: p.ID, Criteria: []string{"acute", "safety", "team"}, Essential: []string{"acute"}, ClosesOn: day + 12})
	if err != nil {
		return v, fmt.Errorf("vacancy: %w", err)
	}
	var list []onboarding.Application
	for i, c := range people {
		a, err := l.Offers.Apply(ctx, l.self(c.Doctor, day+2), onboarding.Applying{Vacancy: v.ID, Answers: map[string]string{
			"acute": "I worked 4 years in an emergency department. I saw about 30 people in a shift and led the team when somebody's heart stopped.",
			"team":  []string{"I ask the nurses first: they know the patient longer than I do.", "I like to work with others."}[i%2]}})
		if err != nil {
			return v, fmt.Errorf("application: %w", err)
		}
		list = append(list, a)
		if err := l.Offers.Mark(ctx, l.as(0, day+13, "trusthr"), v.ID, a.ID, map[string]int{"acute": 4 - i, "safety": 3, "team": 3}); err != nil {
			return v, fmt.Errorf("marks: %w", err)
		}
	}
	if day+13 > l.o.Today-5 {
		return v, nil
	}
	for _, a := range list {
		if err := l.Offers.Mark(ctx, l.as(0, day+13, "supervisor"), v.ID, a.ID, map[string]int{"acute": 3, "safety": 2, "team": 3}); err != nil {
			return v, fmt.Errorf("marks: %w", err)
		}
	}
	hr := l.as(0, day+14, "trusthr")
	for _, hour := range []time.Duration{10, 11} {
		if err := l.Offers.AddSlot(ctx, hr, v.ID, onboarding.NewSlot{Starts: clock.StartOf(day + 16).Add(hour * time.Hour), Minutes: 30, Place: "Online"}); err != nil {
			return v, fmt.Errorf("interview time: %w", err)
		}
	}
	return v, l.Offers.Invite(ctx, hr, v.ID, len(list))
}

// checksOpen makes the first applicant's offer, accepted, with checks that wait
// for everybody in turn; the doctor can be looked at as a person of their own.
func (l *loader) checksOpen(ctx context.Context, v onboarding.Vacancy, who casefile.Placeable, day clock.Date) error {
	mine, err := l.Offers.OpenVacancies(ctx, l.self(who.Doctor, day-15), 50)
	if err != nil {
		return err
	}
	for _, row := range mine {
		if row.ID != v.ID || row.Mine == nil {
			continue
		}
		own, err := l.Offers.Own(ctx, l.self(who.Doctor, day-15), row.Mine.ID)
		if err != nil {
			return err
		}
		if err := l.Offers.Book(ctx, l.self(who.Doctor, day-15), own.ID, own.Free[0].ID); err != nil {
			return err
		}
		o, err := l.Offers.Choose(ctx, l.as(0, day-12, "trusthr"), v.ID, own.ID)
		if err != nil {
			return err
		}
		if _, err := l.Offers.Accept(ctx, l.on(0, day-10), onboarding.Answer{ID: o.ID, On: day - 10}); err != nil {
			return err
		}
		return l.waitsForEverybody(ctx, o.ID, who, day)
	}
	return fmt.Errorf("the vacancy %s is not among those of its applicant", v.ID)
}

func (l *loader) waitsForEverybody(ctx context.Context, offer string, who casefile.Placeable, day clock.Date) error {
	hr := l.as(0, day-8, "trusthr")
	if _, err := l.Offers.Tick(ctx, hr, onboarding.Ticking{ID: offer, Ticks: []onboarding.Tick{
		{Kind: onboarding.CheckIdentity, State: onboarding.Done, On: day - 8, Evidence: "travel_document"},
		{Kind: onboarding.CheckHistory, State: onboarding.Waiting, Turn: onboarding.TurnDoctor},
		{Kind: onboarding.CheckCriminalRecord, State: onboarding.Waiting, Turn: onboarding.TurnOther, Lane: "fingerprints"},
	}}); err != nil {
		return err
	}
	if _, err := l.Offers.Train(ctx, hr, onboarding.Training{ID: offer, Subjects: []string{"data_security", "fire"}, On: day - 40}); err != nil {
		return err
	}
	account := l.accounts[who.Doctor]
	if account == "" {
		return nil
	}
	names, err := l.Doctors.Names(ctx, programme.National, []string{who.Doctor})
	if err != nil {
		return err
	}
	l.personas = append(l.personas, signin.Persona{ID: "doctor-in-checks", Title: "Doctor, in checks", Name: names[who.Doctor].Shown(), Account: account,
		Tenant: programme.National, Explains: "Said yes to an offer; the employer checks papers"})
	return nil
}

// takes is an offer to somebody, accepted.
func (l *loader) takes(ctx context.Context, who casefile.Placeable, day clock.Date) (onboarding.Offer, error) {
	p, err := l.trustPost(ctx, day, l.o.Today+3)
	if err != nil {
		return onboarding.Offer{}, err
	}
	o, err := l.Offers.Propose(ctx, l.on(0, day), onboarding.Proposal{Doctor: who.Doctor, Post: p.ID, On: day})
	if err != nil {
		return o, err
	}
	if _, err := l.Offers.Offer(ctx, l.on(0, day), onboarding.Making{ID: o.ID, On: day, Conditions: []string{"money"}}); err != nil {
		return o, err
	}
	if _, err := l.Offers.Decide(ctx, l.on(0, day), onboarding.Deciding{ID: o.ID, Code: "money", State: onboarding.Met, On: day}); err != nil {
		return o, err
	}
	return l.Offers.Accept(ctx, l.on(0, day+2), onboarding.Answer{ID: o.ID, On: day + 2})
}

// allDone ticks everything off, so that only the start is left.
func (l *loader) allDone(ctx context.Context, o onboarding.Offer, day clock.Date) error {
	ticks := onboarding.Ticking{ID: o.ID, On: day}
	for _, kind := range o.Checks {
		ticks.Ticks = append(ticks.Ticks, onboarding.Tick{Kind: kind, State: onboarding.Done, On: day})
	}
	_, err := l.Offers.Tick(ctx, l.on(0, day), ticks)
	return err
}
