package app

import (
	"strings"
	"testing"

	"msw/internal/allocation"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/programme"
)

// The whole of it, as new users would try it: a regional lead announces a round,
// a practice manager says that they look for somebody and offers a post in ten
// answers, doctors order their lists, dry runs are compared and published by two
// people, every doctor reads why, a declined offer goes to the next, checks are
// completed, and two doctors start: one in a hospital, one in a GP practice.
func TestFromTheAnnouncementToTwoFirstDays(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &firstDays{roundJourney: roundJourney{site: newSite(t, database, 300, demoDay), t: t}}
		j.announced()
		j.offeredPosts()
		j.chosen()
		j.ranked()
		j.onPhone()
		j.tried()
		j.compared()
		j.published()
		j.read()
		j.exported()
		j.declined()
		for post, who := range map[string]string{j.practice: "practicehr", j.hospital: "trusthr"} {
			j.started(post, who)
		}
		j.sealed()
	})
}

type firstDays struct {
	roundJourney
	practice, hospital string // posts
}

// offeredPosts: the practice through its pages, the trust beside it.
func (j *firstDays) offeredPosts() {
	j.on("2026-10-31")
	manager := j.as(j.t, "practicehr")
	manager.open("/interest")
	manager.send("/interest", fill{"answer": string(post.Looking), "places": "1"})
	j.must(manager, "You can offer a post now")
	manager.open("/offer-a-post")
	manager.send("/offer-a-post", nil)
	org := j.actorOf(j.t, "practicehr").Organisations()[0]
	seniors, err := j.Posts.SupervisorsOf(j.t.Context(), programme.National, org)
	if err != nil || len(seniors) == 0 {
		j.t.Fatal(len(seniors), err)
	}
	for _, in := range []fill{{"setting": "gp_practice"}, {}, {"elsewhere": "no"}, {"specialty": "General practice"}, {"count": "1"},
		fill{}.day("start", "2027-02-01").day("contract_end", "2028-01-31"), {"hours": "37.5"}, {"pay": "local", "amount": "38,000"}, {"indemnity": "practice_scheme"}, {"clinical": seniors[0].Account}} {
		at := manager.page.url.Path
		manager.send(at[strings.LastIndex(at, "/"):], in)
	}
	j.must(manager, "Check your answers")
	at := manager.page.url.Path
	manager.send(at, nil)
	j.must(manager, "Post offered")
	page := manager.page.url.Path
	j.practice = strings.TrimPrefix(page, "/posts/")
	team := j.as(j.t, "national")
	team.open(page)
	team.send("/approve", nil)
	manager.open(page)
	manager.send("/open", nil)
	j.hospital = j.openPost(j.t, j.actorOf(j.t, "trusthr").Organisations()[0], post.Hospital).ID
}

// onPhone: two of the doctors, who want nothing else, put the two posts on their
// lists on the pages.
func (j *firstDays) onPhone() {
	call := operator(programme.National, j.Now())
	for i, at := range []string{j.practice, j.hospital} {
		id := j.takers[i]
		was, err := j.Preferences.Wishes(j.t.Context(), call, []string{id})
		if err != nil {
			j.t.Fatal(err)
		}
		if err := j.Preferences.Rank(j.t.Context(), call, allocation.WishList{Doctor: id, Version: was[id].List.Version}); err != nil {
			j.t.Fatal(err)
		}
		d := j.doctors[id]
		d.open("/apply/wishes/add?region=Y56")
		d.send("/apply/wishes/add", fill{"post": at})
		j.must(d, "Added as number 1")
	}
}

// started: whoever has the offer of a post accepts, the employer completes the
// checks, and the first day is recorded.
func (j *firstDays) started(at, who string) {
	j.t.Helper()
	call := operator(programme.National, j.Now())
	list, err := j.Offers.List(j.t.Context(), call, onboarding.Query{Post: at, State: onboarding.Offered, Limit: 5})
	if err != nil || len(list) != 1 {
		j.t.Fatalf("%d offers for %s, %v", len(list), at, err)
	}
	d := j.become(list[0].Doctor)
	d.open("/offers/" + list[0].ID)
	d.send("/accept", nil)
	hr := j.as(j.t, who)
	ticksAll(hr, "/checks/"+list[0].ID, j.Now().Local().String())
	hr.open("/checks/" + list[0].ID + "/interview-day")
	j.must(hr, "travel document")
	hr.open("/checks/" + list[0].ID)
	hr.follow("Record the start")
	hr.send("/starts/"+list[0].ID, fill{}.day("on", j.Now().Local().String()))
	o, err := j.Offers.Get(j.t.Context(), programme.National, list[0].ID)
	if err != nil || o.State != onboarding.Started {
		j.t.Fatalf("the offer is %s, %v", o.State, err)
	}
	c, err := j.Cases.Get(j.t.Context(), o.Doctor, programme.National)
	if err != nil || c.Stage != "in_post" {
		j.t.Errorf("the case is %s, %v", c.Stage, err)
	}
}
