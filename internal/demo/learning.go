package demo

import (
	"context"
	"fmt"
	"time"

	"msw/internal/access"
	"msw/internal/learning"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/programme"
)

// learning shows events and courses of the programme and of a charity, one
// of them full with people who wait, and the study time of the doctor in
// post.
func (l *loader) learning(ctx context.Context) error {
	scheme := l.as(0, l.o.Today-6, "charity")
	scheme.Actor.Members = []access.Membership{{Role: organisation.RoleReferrer, Organisation: l.referrers[0]}}
	course, err := l.events(ctx, scheme)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	for i, id := range l.eligible[:min(3, len(l.eligible))] { // two places, so that the last waits
		call := l.self(id, l.o.Today-5)
		call.Now = call.Now.Add(time.Duration(i) * time.Minute)
		if _, err := l.Learning.Book(ctx, call, course); err != nil {
			return fmt.Errorf("booking: %w", err)
		}
	}
	if err := l.studies(ctx, course); err != nil {
		return err
	}
	return l.studyAsked(ctx)
}

// events are a few of each kind; it gives the small course of the charity.
func (l *loader) events(ctx context.Context, scheme access.Call) (string, error) {
	team := l.on(0, l.o.Today-6)
	small := ""
	for _, x := range []struct {
		call   access.Call
		e      learning.Event
		in, at int // days from today, minutes of the day
		times  int
	}{
		{team, learning.Event{Kind: learning.KindWelcome, Title: "Welcome to UK Practice", About: "A workshop of the GMC about how doctors work here. You book on the GMC's own page.",
			Way: learning.WayOutside, Takes: "all", Link: "https://www.gmc-uk.org/registration-and-licensing/join-the-register/plab/plab-2-guide/what-do-you-do-after-you-get-your-results"}, 0, 0, 0},
		{team, learning.Event{Kind: "workshop", Title: "Getting your papers ready for the GMC", About: "How to fill in the forms and which papers to send. Bring your questions.",
			Way: learning.WayOnline, Takes: "all", Link: "https://meet.example/papers"}, 12, 18 * 60, 1},
		{team, learning.Event{Kind: "induction", Title: "Induction day for new Medical Support Workers", About: "Meet others who started this season.\nHow a ward works, who does what, and how to ask for help.",
			Way: learning.WayPlace, Region: "Y56", Place: "Education centre, 2 Invented Road, London", Takes: "in_post", Places: 30}, 20, 9 * 60, 1},
		{scheme, learning.Event{Kind: "english", Title: "English for the ward, evenings", About: "Speaking with patients and writing notes. One evening a week in a small group.",
			Way: learning.WayPlace, Region: "Y62", Place: "Room 4, The Fictional Library, Invented Street, Manchester", Takes: "all", Places: 2}, 9, 18 * 60, 6},
		{scheme, learning.Event{Kind: "plab", Title: "PLAB 2 practice day", About: "Practise stations with feedback.", Way: learning.WayPlace, Region: "Y62",
			Place: "Skills lab, 8 Invented Way, Salford", Takes: "all", Places: 12, Pence: 2000}, 16, 10 * 60, 1},
	} {
		if x.call.Actor.Account == scheme.Actor.Account {
			x.e.Organisation = scheme.Actor.Members[0].Organisation
		}
		e, err := l.Learning.SaveEvent(ctx, x.call, x.e)
		if err != nil {
			return "", err
		}
		version := 1
		if x.times > 0 {
			version++
			if err := l.Learning.AddSessions(ctx, x.call, e.ID, l.o.Today.AddDays(x.in), x.at, 120, x.times); err != nil {
				return "", err
			}
		}
		if err := l.Learning.SetState(ctx, x.call, e.ID, version, learning.Open); err != nil {
			return "", err
		}
		if x.e.Places == 2 {
			small = e.ID
		}
	}
	return small, nil
}

// studies lets the doctor in post one can be have study time, agreed and proposed
// anew, and a turn on a waiting list.
func (l *loader) studies(ctx context.Context, course string) error {
	id, err := l.Doctors.OfAccount(ctx, programme.National, l.personaAccount("doctor-in-post"))
	if err != nil || id == "" {
		return err // a very small demo has nobody in post
	}
	posts, err := l.Placements.Of(ctx, programme.National, id)
	if err != nil || len(posts) == 0 || !posts[0].EndedOn.IsZero() {
		return err
	}
	p := posts[0]
	hr := l.on(0, max(p.StartedOn, l.o.Today-90))
	hr.Actor = access.Actor{Account: "operator", Tenant: programme.National, Members: []access.Membership{{Role: organisation.RoleEmployerHR, Organisation: p.Employer}}}
	x, err := l.Learning.Propose(ctx, hr, p.ID, 180, hr.Today+7)
	if err != nil {
		return err
	}
	if err := l.Learning.AnswerStudy(ctx, l.self(id, hr.Today+1), p.ID, x.ID, x.Version, true); err != nil {
		return err
	}
	if _, err := l.Learning.Propose(ctx, l.self(id, l.o.Today-2), p.ID, 300, l.o.Today+14); err != nil {
		return err
	}
	_, err = l.Learning.Book(ctx, l.self(id, l.o.Today-1), course)
	return err
}

// personaAccount gives the account of somebody one can be, "" when a small demo has
// nobody like that.
func (l *loader) personaAccount(persona string) string {
	for _, p := range l.personas {
		if p.ID == persona {
			return p.Account
		}
	}
	return ""
}

// studyAsked lets somebody in post at the first trust propose study time, so that its
// HR has something to answer.
func (l *loader) studyAsked(ctx context.Context) error {
	hr := l.on(0, l.o.Today-3)
	hr.Actor = access.Actor{Account: l.staff["trusthr"], Tenant: programme.National, Members: []access.Membership{{Role: organisation.RoleEmployerHR, Organisation: l.first("Y56", false).code}}}
	list, err := l.Placements.List(ctx, hr, placement.Query{Which: placement.Now, Limit: 5})
	if err != nil {
		return err
	}
	own := l.personaAccount("doctor-in-post")
	for _, p := range list {
		if p.Employer == hr.Actor.Members[0].Organisation && l.accounts[p.Doctor] != "" && l.accounts[p.Doctor] != own { // who has proposed already
			_, err := l.Learning.Propose(ctx, l.self(p.Doctor, l.o.Today-3), p.ID, 240, l.o.Today+10)
			return err
		}
	}
	return nil
}
