package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
	"msw/internal/clock"
	"msw/internal/onboarding"
	"msw/internal/programme"
)

// A round in which hosts rank: a trust ranks after interviews, a dry run is
// stable, two people publish, each doctor reads why, and a declined offer goes
// to the next of the host's ranking whom no hard rule keeps from it.
func TestARankedRoundFromTheInterviewsToTheNextDoctor(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &rankedJourney{roundJourney: roundJourney{site: newSite(t, database, 700, demoDay), t: t, doctors: map[string]*visitor{}}}
		j.found()
		j.interviewed()
		j.stable()
		j.told()
		j.next()
		j.sealed()
	})
}

type rankedJourney struct {
	roundJourney
	closes clock.Date
	post   string   // a trust's post that several wanted
	late   []string // interviewed last, and want nothing else
	result *runfile.Result
	refs   map[string]string // reference -> doctor
}

// found is the demo's ranked round and a free post of the trust in it.
func (j *rankedJourney) found() {
	list, err := j.Rounds.List(j.t.Context(), operator(programme.National, j.Now()), nil, 20)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, r := range list {
		if r.Published != "" && r.Region == "" { // everybody who may read figures reads how it treated groups
			lead := j.as(j.t, "region")
			lead.open("/rounds/" + r.ID + "/fairness")
			j.must(lead, "Too few to show")
		}
	}
	i := slices.IndexFunc(list, func(r allocation.Round) bool { return r.Way == allocation.WayRanked })
	if i < 0 {
		j.t.Fatal("the demo has no ranked round")
	}
	j.id, j.round, j.closes = list[i].ID, "/rounds/"+list[i].ID, list[i].Closes
	taken, err := j.Offers.Taken(j.t.Context(), programme.National)
	if err != nil {
		j.t.Fatal(err)
	}
	call := access.Call{Actor: j.actorOf(j.t, "trusthr"), Now: j.Now(), Today: j.Now().Local()}
	sheets, err := j.Rounds.Rankable(j.t.Context(), call)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, s := range sheets {
		if s.Round.ID == j.id && s.Ranked > 0 && !slices.Contains(taken, s.Post) {
			j.post = s.Post
		}
	}
	if j.post == "" {
		j.t.Fatalf("the trust ranked nobody for a free post: %+v", sheets)
	}
}

// interviewed lets the trust put two more doctors on its list, by the references
// they read out, after meeting them.
func (j *rankedJourney) interviewed() {
	call := operator(programme.National, j.Now())
	all, err := j.Cases.Placeable(j.t.Context(), programme.National)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, c := range all {
		if c.Region != "Y56" || c.Paused || len(j.late) == 2 || !j.stillEligible(j.t, call, c.Doctor) {
			continue
		}
		was, err := j.Preferences.Wishes(j.t.Context(), call, []string{c.Doctor})
		if err != nil {
			j.t.Fatal(err)
		}
		if len(was[c.Doctor].List.Wishes) > 0 {
			continue
		}
		pref := was[c.Doctor].Preference
		pref.Doctor, pref.Travel, pref.Regions = c.Doctor, 0, []string{"Y56"}
		if err := j.Preferences.Prefer(j.t.Context(), call, pref); err != nil {
			j.t.Fatal(err)
		}
		if err := j.Preferences.Rank(j.t.Context(), call, allocation.WishList{Doctor: c.Doctor, Wishes: []allocation.Wish{{Post: j.post}}}); err != nil {
			j.t.Fatal(err)
		}
		j.late = append(j.late, c.Doctor)
		hr := j.as(j.t, "trusthr")
		at := "/ranking/" + j.id + "/" + j.post
		hr.open(at)
		if p := hr.attempt(at, fill{"ref": c.Ref, "reason": ""}); p.status != http.StatusOK || !p.has(c.Ref) {
			j.t.Fatalf("the trust cannot rank %s: %d %s", c.Ref, p.status, p.text())
		}
	}
	if len(j.late) < 2 {
		j.t.Fatal("too few eligible doctors in London for this journey")
	}
}

// stable does the dry run: some are placed, none whom the host did not rank, and
// nobody and a host would both rather have each other.
func (j *rankedJourney) stable() {
	j.on(j.closes.AddDays(1).String())
	j.region = j.as(j.t, "region")
	j.dryRun()
	text := j.region.page.text()
	if i := strings.Index(text, "Doctors and hosts who would both rather have each other"); i < 0 || !strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(text[i:], "Doctors and hosts who would both rather have each other")), "0") {
		j.t.Errorf("blocking pairs are not shown as 0:\n%s", text)
	}
	run := strings.TrimPrefix(j.region.page.url.Path, j.round+"/runs/")
	call := access.Call{Actor: j.actorOf(j.t, "region"), Now: j.Now(), Today: j.Now().Local()}
	var input *runfile.Run
	for which, read := range map[string]func(text string) error{
		"run": func(text string) (err error) { input, err = runfile.Decode(strings.NewReader(text)); return err },
		"result": func(text string) (err error) {
			j.result, err = runfile.DecodeResult(strings.NewReader(text))
			return err
		},
	} {
		f, err := j.Rounds.Export(j.t.Context(), call, j.id, run, which)
		if err == nil {
			err = read(string(f.Text))
		}
		if err != nil {
			j.t.Fatal(err)
		}
	}
	if faults := verify.Check(input, j.result); len(faults) > 0 || j.result.Rule != runfile.Ranked {
		j.t.Errorf("verify of %s: %v", j.result.Rule, faults)
	}
	// Who of the demo's own rankings gets a post is drawn; the trust's post has
	// doctors who listed nothing else, so it is filled whatever was drawn.
	if !slices.ContainsFunc(j.result.Placements, func(p runfile.Placement) bool { return p.Post == j.post }) {
		j.t.Fatalf("the trust's post is not filled: %+v", j.result.Placements)
	}
	for _, p := range j.result.Placements {
		k := slices.IndexFunc(input.Posts, func(x runfile.Post) bool { return x.ID == p.Post })
		if !slices.ContainsFunc(input.Posts[k].Ranking, func(step []string) bool { return slices.Contains(step, p.Doctor) }) {
			j.t.Errorf("%s got %s, whose host did not rank them", p.Doctor, p.Post)
		}
	}
}

// told: two people publish, every doctor of the round reads why on a page, and
// the host reads that its post is filled, and by no choice of anybody's.
func (j *rankedJourney) told() {
	j.published()
	j.refs = map[string]string{}
	for _, e := range j.result.Explanations {
		c, err := j.Cases.ByRef(j.t.Context(), programme.National, e.Doctor)
		if err != nil {
			j.t.Fatal(err)
		}
		j.refs[e.Doctor] = c.Doctor
		own := operator(programme.National, j.Now())
		own.Actor.Doctor, own.Actor.Members = c.Doctor, nil
		told, err := j.Rounds.Result(j.t.Context(), own, j.id)
		if err != nil || told.Reading.Post != e.Post || told.Reading.Sentence == "" {
			j.t.Errorf("%s reads %+v, %v", e.Doctor, told.Reading, err)
		}
		for _, choice := range told.Reading.Choices {
			if better := told.Reading.Choice == 0 || slices.IndexFunc(told.Reading.Choices, func(x allocation.ReadChoice) bool { return x.Post == choice.Post }) < told.Reading.Choice-1; better && choice.Why == "" && len(choice.Stops) == 0 {
				j.t.Errorf("%s is not told why not %s", e.Doctor, choice.Title)
			}
		}
	}
	for _, id := range j.late {
		v := j.become(id)
		v.open("/me/result/" + j.id)
		j.must(v, "ranking")
	}
	hr := j.as(j.t, "trusthr")
	hr.open("/round-results")
	j.must(hr, "London, after interviews")
}

// next: the winner of the trust's post turns it down. The next of the ranking
// has become free only after the contract's end and is passed over, which staff
// read with the sentence; the one after has the offer.
func (j *rankedJourney) next() {
	i := slices.IndexFunc(j.result.Placements, func(p runfile.Placement) bool { return p.Post == j.post })
	if i < 0 {
		j.t.Fatalf("nobody got %s: %+v", j.post, j.result.Placements)
	}
	winner := j.refs[j.result.Placements[i].Doctor]
	call := access.Call{Actor: j.actorOf(j.t, "trusthr"), Now: j.Now(), Today: j.Now().Local()}
	sheet, err := j.Rounds.RankSheet(j.t.Context(), call, j.id, j.post)
	if err != nil {
		j.t.Fatal(err)
	}
	var order []string
	for _, line := range sheet.Lines {
		if slices.ContainsFunc(j.result.Placements, func(p runfile.Placement) bool { return p.Doctor == line.Ref }) || j.refs[line.Ref] == "" {
			continue
		}
		own := operator(programme.National, j.Now())
		own.Actor.Doctor, own.Actor.Members = line.Doctor, nil
		told, err := j.Rounds.Result(j.t.Context(), own, j.id)
		if err != nil {
			j.t.Fatal(err)
		}
		if slices.ContainsFunc(told.Reading.Choices, func(c allocation.ReadChoice) bool { return c.Post == j.post && len(c.Stops) == 0 }) {
			order = append(order, line.Doctor)
		}
	}
	if len(order) < 2 {
		j.t.Fatalf("%d could be next", len(order))
	}
	staff := operator(programme.National, j.Now())
	p, err := j.Posts.Get(j.t.Context(), programme.National, j.post)
	if err != nil {
		j.t.Fatal(err)
	}
	pref, err := j.Preferences.Get(j.t.Context(), programme.National, order[0])
	if err != nil {
		j.t.Fatal(err)
	}
	pref.FreeFrom = p.ContractEnd + 1
	if err := j.Preferences.Prefer(j.t.Context(), staff, pref); err != nil {
		j.t.Fatal(err)
	}
	d := j.become(winner)
	d.open("/offers")
	d.follow("/offers/")
	d.send("/decline", fill{"reason": "not_said"})
	j.drain()
	after, err := j.Offers.List(j.t.Context(), staff, onboarding.Query{Post: j.post, Limit: 10})
	if err != nil {
		j.t.Fatal(err)
	}
	if !slices.ContainsFunc(after, func(o onboarding.Row) bool { return o.Doctor == order[1] && o.State == onboarding.Offered }) || slices.ContainsFunc(after, func(o onboarding.Row) bool { return o.Doctor == order[0] }) {
		j.t.Fatalf("want an offer to %s and none to %s: %+v", order[1], order[0], after)
	}
	j.region.open(j.round)
	j.must(j.region, "Passed over when a post came free")
	j.must(j.region, "after the contract ends on "+p.ContractEnd.Long())
	for _, who := range []string{"trusthr", "doctor-waiting"} {
		if v := j.as(j.t, who).try(j.round); v.has("after the contract ends") {
			j.t.Errorf("%s reads who was passed over", who)
		}
	}
	free := j.become(order[1])
	free.open("/offers")
	free.follow("/offers/")
	j.must(free, "offers you this work")
}
