package demo

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/casefile"
	"msw/internal/doctor"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/signin"
)

// rounds makes a published round in London, one that takes choices everywhere,
// and one in which London's hosts rank, with the doctors who take part.
func (l *loader) rounds(ctx context.Context) error {
	day := l.o.Today
	declare := func(who string, d allocation.Declaration) (allocation.Round, error) {
		return l.Rounds.Declare(ctx, l.as(0, d.Opens-1, who), d)
	}
	past, err := declare("region", allocation.Declaration{Title: "London, autumn", Way: allocation.WayAllocation, Region: "Y56", Opens: day - 20, Closes: day - 6, Results: day,
		Rules: allocation.RoundRules{PriorityDays: 120, LeastChoices: 1, PrioritySource: "Fictional: the London board's paper of September",
			Limits: []allocation.RoundLimit{{Kind: allocation.LimitRegion, Of: "Y56", Number: 2, Source: "Fictional: the region keeps its other posts for the spring"}}}})
	if err != nil {
		return err
	}
	if err := l.Cases.Together(ctx, l.choices); err != nil {
		return err
	}
	if err := l.publishRound(ctx, past.ID); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if _, err := declare("national", allocation.Declaration{Title: "Spring round", Way: allocation.WayAllocation, Opens: day - 1, Closes: day + 20, Results: day + 30,
		Rules: allocation.RoundRules{PriorityDays: 180, PrioritySource: "Fictional: the programme board's paper of October", LeastChoices: 1,
			Limits: []allocation.RoundLimit{{Kind: allocation.LimitFloor, Of: allocation.GPPractice, Number: 2, Source: "Fictional: the programme board's paper of October"}}}}); err != nil {
		return err
	}
	ranked, err := declare("region", allocation.Declaration{Title: "London, after interviews", Way: allocation.WayRanked, Region: "Y56", Opens: day - 2, Closes: day + 9, Results: day + 16})
	if err != nil {
		return err
	}
	if err := l.ranking(ctx, ranked.ID); err != nil {
		return fmt.Errorf("ranking: %w", err)
	}
	return nil
}

// choices lets London's doctors who wait order London's open posts, each in
// their own way.
func (l *loader) choices(ctx context.Context) error {
	call := l.on(0, l.o.Today-10)
	waiting, openings, err := l.waiting(ctx)
	if err != nil {
		return err
	}
	for i, c := range waiting {
		list := allocation.WishList{Doctor: c.Doctor}
		for j := range min(len(openings), 2+i%3) {
			list.Wishes = append(list.Wishes, allocation.Wish{Post: openings[(i/2+j)%len(openings)].Post})
		}
		if i%4 == 1 {
			list.Wishes = append(list.Wishes, allocation.Wish{Region: "Y56", Setting: allocation.GPPractice})
		}
		if len(list.Wishes) == 0 {
			continue
		}
		if err := l.equality(ctx, c.Doctor, i); err != nil {
			return fmt.Errorf("equality: %w", err)
		}
		if err := l.Preferences.Rank(ctx, call, list); err != nil {
			return fmt.Errorf("choices: %w", err)
		}
	}
	return nil
}

// equality is what a doctor said so that groups can be compared; some prefer not
// to, some never came to the page.
func (l *loader) equality(ctx context.Context, id string, i int) error {
	if i%8 == 7 {
		return nil
	}
	call := l.on(0, l.o.Today-12)
	call.Actor = access.Actor{Tenant: call.Actor.Tenant, Account: call.Actor.Account, Doctor: id}
	e := doctor.Equality{Sex: doctor.Sexes()[i%2].Code, Nationality: doctor.NationalityGroups()[i%3].Code}
	if i%8 == 6 {
		e.Sex = doctor.PreferNotToSay
	}
	return l.Doctors.SayEquality(ctx, call, e)
}

// How many take part: some of them with papers that have run out since.
const mostTakers, fewOthers = 14, 2

// waiting gives some of London's doctors without a post, the longest waiting
// first, and London's open posts.
func (l *loader) waiting(ctx context.Context) ([]casefile.Placeable, []post.Opening, error) {
	all, err := l.Cases.Placeable(ctx, programme.National)
	if err != nil {
		return nil, nil, err
	}
	var here []casefile.Placeable
	holding, others := 0, 0
	for _, c := range all {
		if c.Region != "Y56" || c.Paused || holding >= mostTakers && others >= fewOthers {
			continue
		}
		ok, _, _, err := l.Eligibility.Holds(ctx, l.on(0, l.o.Today), c.Doctor, l.o.Today)
		if err != nil {
			return nil, nil, err
		}
		if ok && holding < mostTakers || !ok && others < fewOthers {
			here = append(here, c)
		}
		if ok {
			holding++
		} else {
			others++
		}
	}
	openings, _, err := l.Preferences.Openings(ctx, l.on(0, l.o.Today))
	var london []post.Opening
	for _, o := range openings {
		if o.Region == "Y56" {
			london = append(london, o)
		}
	}
	return here, london, err
}

// publishRound tries a round out, and has it published by two people.
func (l *loader) publishRound(ctx context.Context, id string) error {
	day := l.o.Today
	run, err := l.Rounds.Try(ctx, l.as(0, day-4, "region"), id)
	if err != nil {
		return err
	}
	if err := l.Rounds.Work(ctx, l.on(0, day-4), run.ID); err != nil {
		return err
	}
	if err := l.Rounds.Propose(ctx, l.as(0, day-3, "region"), id, run.ID); err != nil {
		return err
	}
	if err := l.Rounds.Publish(ctx, l.as(0, day-2, "national2"), id); err != nil {
		return err
	}
	return l.waits(ctx, id, run.ID)
}

// waits makes a doctor for whom the round found no post, although they could
// have taken one, a person one can be.
func (l *loader) waits(ctx context.Context, round, run string) error {
	call := l.on(0, l.o.Today)
	people, err := l.Rounds.People(ctx, call, round, run, "", 100)
	if err != nil {
		return err
	}
	for _, p := range people {
		ok, _, _, err := l.Eligibility.Holds(ctx, call, p.Doctor, call.Today)
		if err != nil {
			return err
		}
		if !ok || p.Placed {
			continue
		}
		account := l.accounts[p.Doctor]
		if account == "" {
			continue
		}
		l.personas = append(l.personas, signin.Persona{ID: "doctor-waiting", Title: "Doctor, waiting for a post", Name: p.Name, Account: account, Tenant: programme.National,
			Explains: "Took part in a round, reads why, and waits"})
		return nil
	}
	return nil
}

// ranking is the order of doctors a London trust interviewed.
func (l *loader) ranking(ctx context.Context, round string) error {
	waiting, openings, err := l.waiting(ctx)
	if err != nil {
		return err
	}
	trust := l.first("Y56", false)
	for _, o := range openings {
		if o.Host != trust.code {
			continue
		}
		call := l.as(0, l.o.Today-1, "trusthr")
		call.Actor.Members = []access.Membership{{Role: organisation.RoleEmployerHR, Organisation: trust.code}}
		for i, c := range waiting[:min(3, len(waiting))] {
			if err := l.Rounds.Rank(ctx, call, allocation.RankStep{Round: round, Post: o.Post, Version: i, Ref: c.Ref, Do: "add"}); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}
