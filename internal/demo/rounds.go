package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/casefile"
	"msw/internal/doctor"
	"msw/internal/onboarding"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/signin"
)

// rounds makes a published round of every region but London, one of London, one
// that takes choices everywhere, and one in which London's hosts rank, with the
// doctors who take part.
func (l *loader) rounds(ctx context.Context) error {
	day := l.o.Today
	declare := func(who string, d allocation.Declaration) (allocation.Round, error) {
		return l.Rounds.Declare(ctx, l.as(0, d.Opens-1, who), d)
	}
	if err := l.everywhere(ctx, declare); err != nil {
		return fmt.Errorf("everywhere: %w", err)
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
	if err := l.publishRound(ctx, past.ID, "region", "national2"); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := l.takers(ctx, past.ID); err != nil {
		return fmt.Errorf("who took part: %w", err)
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

// everywhere is a round large enough that groups can be compared: those outside
// London who said what they want, for the posts outside London, some of which
// each region keeps back.
func (l *loader) everywhere(ctx context.Context, declare func(string, allocation.Declaration) (allocation.Round, error)) error {
	day := l.o.Today
	rules := allocation.RoundRules{PriorityDays: 300, LeastChoices: 4, PrioritySource: "Fictional: the programme board's paper of August"}
	for _, r := range regions {
		limit := allocation.RoundLimit{Kind: allocation.LimitRegion, Of: r.code, Number: 3, Source: "Fictional: each region keeps posts for the spring"}
		if r.code == "Y56" {
			limit.Number, limit.Source = 0, "Fictional: London has a round of its own"
		}
		rules.Limits = append(rules.Limits, limit)
	}
	round, err := declare("national", allocation.Declaration{Title: "England, autumn", Way: allocation.WayAllocation, Opens: day - 24, Closes: day - 7, Results: day - 1, Rules: rules})
	if err != nil {
		return err
	}
	err = l.Cases.Together(ctx, func(ctx context.Context) error {
		for i, id := range l.eligible {
			if err := l.equality(ctx, id, i); err != nil {
				return fmt.Errorf("equality: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := l.publishRound(ctx, round.ID, "national", "national2"); err != nil {
		return err
	}
	if err := l.passedOver(ctx, round.ID); err != nil {
		return err
	}
	return l.closing(ctx, declare)
}

// closing is a round whose choices have closed and whose results are due: the
// doctors and posts that England's autumn left. It can be tried out, compared and
// published at once.
func (l *loader) closing(ctx context.Context, declare func(string, allocation.Declaration) (allocation.Round, error)) error {
	day := l.o.Today
	rules := allocation.RoundRules{PriorityDays: 240, LeastChoices: 1, PrioritySource: "Fictional: the programme board's paper of September",
		Limits: []allocation.RoundLimit{{Kind: allocation.LimitRegion, Of: "Y56", Number: 0, Source: "Fictional: London has rounds of its own"}}}
	round, err := declare("national", allocation.Declaration{Title: "England, winter", Way: allocation.WayAllocation, Opens: day - 14, Closes: day - 2, Results: day + 5, Rules: rules})
	if err != nil {
		return err
	}
	run, err := l.Rounds.Try(ctx, l.as(0, day-1, "national"), round.ID)
	if err != nil {
		return err
	}
	if err := l.Rounds.Work(ctx, l.on(0, day-1), run.ID); err != nil {
		return err
	}
	people, _, err := l.Rounds.People(ctx, l.on(0, day-1), round.ID, run.ID, "", 100)
	if err != nil {
		return err
	}
	for _, p := range people {
		if account := l.accounts[p.Doctor]; p.Placed && account != "" && !l.shown(account) {
			l.personas = append(l.personas, signin.Persona{ID: "doctor-in-round", Title: "Doctor, in a round that closed", Name: p.Name, Account: account, Tenant: programme.National,
				Explains: "Chose posts in England's winter round, whose result two people have still to publish"})
			return nil
		}
	}
	return nil
}

// mostDeclined is how many say no before somebody was passed over.
const mostDeclined = 3

// passedOver lets one of those placed say no. A rule keeps some who would be next
// from the post on that day, so that it goes on to the one after, and staff read
// why.
func (l *loader) passedOver(ctx context.Context, round string) error {
	call := l.on(0, l.o.Today-1)
	sight, err := l.Rounds.Look(ctx, call, round)
	if err != nil {
		return err
	}
	people, _, err := l.Rounds.People(ctx, call, round, sight.Published, "", 100)
	if err != nil {
		return err
	}
	for declined := 0; len(people) > 0 && declined < mostDeclined && len(sight.Passed) == 0; people = people[1:] {
		p := people[0]
		if !p.Placed || l.shown(l.accounts[p.Doctor]) {
			continue
		}
		list, err := l.Offers.List(ctx, call, onboarding.Query{Doctor: p.Doctor, Limit: 5})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(o onboarding.Row) bool { return o.State == onboarding.Offered })
		if i < 0 {
			continue
		}
		declined++
		if _, err := l.Offers.Decline(ctx, call, onboarding.Answer{ID: list[i].ID, On: l.o.Today - 1, Reason: "not_said"}); err != nil {
			return err
		}
		if err := l.Rounds.Cascade(ctx, call, list[i].Post); err != nil {
			return err
		}
		if sight, err = l.Rounds.Look(ctx, call, round); err != nil {
			return err
		}
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
	kept := l.keptPost(openings)
	openings = slices.DeleteFunc(openings, func(o post.Opening) bool { return o.Post == kept })
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
	e := doctor.Equality{Sex: doctor.Sexes()[i/3%2].Code, Nationality: doctor.NationalityGroups()[i%3].Code}
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
func (l *loader) publishRound(ctx context.Context, id, first, second string) error {
	day := l.o.Today
	run, err := l.Rounds.Try(ctx, l.as(0, day-4, first), id)
	if err != nil {
		return err
	}
	if err := l.Rounds.Work(ctx, l.on(0, day-4), run.ID); err != nil {
		return err
	}
	if err := l.Rounds.Propose(ctx, l.as(0, day-3, first), id, run.ID); err != nil {
		return err
	}
	return l.Rounds.Publish(ctx, l.as(0, day-2, second), id)
}

// takers makes two doctors of the round people one can be: one for whom it found
// a post, so that an offer waits for their answer, and one for whom it found
// none, although they could have taken one.
func (l *loader) takers(ctx context.Context, round string) error {
	call := l.on(0, l.o.Today)
	sight, err := l.Rounds.Look(ctx, call, round)
	if err != nil {
		return err
	}
	people, _, err := l.Rounds.People(ctx, call, round, sight.Published, "", 100)
	if err != nil {
		return err
	}
	// One can be that practice's manager too: offer, answer and checks from both sides.
	practice := l.first("Y56", true).name
	slices.SortStableFunc(people, func(a, b allocation.PersonLine) int {
		return cmp.Compare(strings.Index(b.Title, practice), strings.Index(a.Title, practice))
	})
	for _, p := range people {
		as := signin.Persona{ID: "doctor-waiting", Title: "Doctor, waiting for a post", Explains: "Took part in a round, reads why, and waits"}
		if p.Placed {
			as = signin.Persona{ID: "doctor-matched", Title: "Doctor, with an offer", Explains: "Was found a post by a round; says yes, no or not yet"}
		}
		ok, _, _, err := l.Eligibility.Holds(ctx, call, p.Doctor, call.Today)
		if err != nil {
			return err
		}
		as.Name, as.Account, as.Tenant = p.Name, l.accounts[p.Doctor], programme.National
		if !ok || as.Account == "" || l.shown(as.Account) || slices.ContainsFunc(l.personas, func(o signin.Persona) bool { return o.ID == as.ID }) {
			continue
		}
		l.personas = append(l.personas, as)
	}
	return nil
}

// ranking is the order of the doctors whom London's hosts interviewed: those who
// still wait and listed the post. For the post that the trust kept for this round
// they put it first after they had met.
func (l *loader) ranking(ctx context.Context, round string) error {
	waiting, openings, err := l.waiting(ctx)
	if err != nil {
		return err
	}
	taken, err := l.Offers.Taken(ctx, programme.National)
	if err != nil {
		return err
	}
	return l.Cases.Together(ctx, func(ctx context.Context) error {
		if err := l.afterMeeting(ctx, waiting, l.keptPost(openings)); err != nil {
			return err
		}
		var ids []string
		for _, c := range waiting {
			ids = append(ids, c.Doctor)
		}
		wishes, err := l.Preferences.Wishes(ctx, l.on(0, l.o.Today-1), ids)
		if err != nil {
			return err
		}
		for i, o := range openings {
			var met []string
			for j := range waiting {
				c := waiting[(j+3*i)%len(waiting)]
				if slices.ContainsFunc(wishes[c.Doctor].List.Wishes, func(w allocation.Wish) bool { return w.Post == o.Post }) && !slices.Contains(taken, o.Post) && len(met) < mostInterviewed {
					met = append(met, c.Ref)
				}
			}
			if err := l.rankThose(ctx, round, o, met); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *loader) rankThose(ctx context.Context, round string, o post.Opening, met []string) error {
	call := l.as(0, l.o.Today-1, "trusthr")
	call.Actor.Members = []access.Membership{{Role: organisation.RoleEmployerHR, Organisation: o.Host}}
	for i, ref := range met {
		if err := l.Rounds.Rank(ctx, call, allocation.RankStep{Round: round, Post: o.Post, Version: i, Ref: ref, Do: "add"}); err != nil {
			return err
		}
	}
	return nil
}

// keptPost is the post of London's trust that it keeps for the round in which it
// ranks.
func (l *loader) keptPost(openings []post.Opening) string {
	trust := l.first("Y56", false)
	kept := ""
	for _, o := range openings {
		if o.Host == trust.code && (kept == "" || o.Specialty == "General medicine") {
			kept = o.Post
		}
	}
	return kept
}

// afterMeeting puts a post first on the lists of the last who could have it: they
// liked the ward.
func (l *loader) afterMeeting(ctx context.Context, waiting []casefile.Placeable, kept string) error {
	for _, c := range waiting[max(0, len(waiting)-mostInterviewed):] {
		call := l.on(0, l.o.Today-2)
		was, err := l.Preferences.WishListOf(ctx, call, c.Doctor)
		if err != nil {
			return err
		}
		was.Wishes = append([]allocation.Wish{{Post: kept}}, was.Wishes...)
		if err := l.Preferences.Rank(ctx, call, was); err != nil {
			return err
		}
	}
	return nil
}

// mostInterviewed is how many doctors one host met for one post.
const mostInterviewed = 3
