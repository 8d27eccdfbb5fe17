package app

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/consent"
	"msw/internal/onboarding"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
)

// Killed in mid-publish: nothing or everything. The death comes after the first
// placement has been put to its employer, as a panic and as an ended context.
func TestAPublicationIsWholeOrNotAtAll(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &roundJourney{site: newSite(t, database, 300, demoDay), t: t}
		j.announced()
		j.chosen()
		j.on("2026-11-06")
		j.region = j.as(t, "region")
		j.dryRun()
		j.region.open(j.round)
		j.region.send("/propose", nil)
		call := access.Call{Actor: j.actorOf(t, "national"), Now: j.Now(), Today: j.Now().Local()}
		before := j.footprint()
		for name, die := range map[string]func(stop context.CancelFunc){"panic": func(context.CancelFunc) { panic("the machine is switched off") }, "context": func(stop context.CancelFunc) { stop() }} {
			ctx, stop := context.WithCancel(t.Context())
			options := j.roundOptions(Options{})
			began := 0
			options.Publish = func(inner context.Context, call access.Call, placed []allocation.RoundPlacement, offer bool) error {
				if len(placed) < 2 {
					t.Fatal("one placement cannot be half")
				}
				if err := j.publishPlacements(inner, call, placed[:1], offer); err != nil {
					return err
				}
				began++
				die(stop)
				return j.publishPlacements(inner, call, placed[1:], offer)
			}
			rounds, err := allocation.NewRounds(options)
			if err != nil {
				t.Fatal(err)
			}
			err = func() (err error) {
				defer func() {
					if v := recover(); v != nil {
						err = fmt.Errorf("died: %v", v)
					}
				}()
				return rounds.Publish(ctx, call, j.id)
			}()
			stop()
			if err == nil || began != 1 {
				t.Errorf("%s: %v, %d began", name, err, began)
			}
			if after := j.footprint(); after != before {
				t.Errorf("%s: something is left of it:\nbefore %s\nafter  %s", name, before, after)
			}
		}
		if err := j.Rounds.Publish(t.Context(), access.Call{Actor: j.actorOf(t, "region"), Now: j.Now(), Today: j.Now().Local()}, j.id); problem.KindOf(err) != problem.Refused {
			t.Errorf("the first person published: %v", err)
		}
		if err := j.Rounds.Publish(t.Context(), call, j.id); err != nil {
			t.Fatal(err)
		}
		placed, _ := j.lastRun()
		for _, p := range placed {
			list, err := j.Offers.List(t.Context(), operator(programme.National, j.Now()), onboarding.Query{Doctor: p.Doctor, Post: p.Post, Limit: 5})
			if err != nil || len(list) != 1 || list[0].State != onboarding.Offered {
				t.Errorf("%v has %+v, %v", p.Post, list, err)
			}
		}
		if err := j.Rounds.Publish(t.Context(), call, j.id); problem.KindOf(err) != problem.Conflict {
			t.Errorf("published twice: %v", err)
		}
		j.moved()
	})
}

// A single proposal asks what a round asks: who lacks the months that a post
// needs is not put forward, and the staff member reads why.
func TestASingleProposalAsksTheHardRules(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newSite(t, database, 300, demoDay)
		team := s.as(t, "national")
		d := s.newcomers(t, "Y56", 1)[0]
		trust := s.actorOf(t, "trusthr").Organisations()[0]
		p := s.openPost(t, trust, post.Hospital, func(d *post.Details) { d.Requires = post.Requires{Surgery: 120} })
		other := s.openPost(t, trust, post.Hospital)
		team.open("/offers/new?case=" + d.ref)
		const why = "The post needs at least 120 months in surgery"
		if !team.page.has(why) {
			t.Errorf("the form does not say %q:\n%s", why, team.page.text())
		}
		if page := team.attempt("/offers/new", fill{"post": p.ID}); page.status == http.StatusOK || !page.has(why) {
			t.Errorf("proposed although: %d %s", page.status, page.text())
		}
		team.open("/offers/new?case=" + d.ref)
		team.send("/offers/new", fill{"post": other.ID})
	})
}

// footprint is everything a publication would leave.
func (j *roundJourney) footprint() string {
	j.t.Helper()
	var b strings.Builder
	for _, q := range []string{"SELECT count(*) FROM allocation_placed", "SELECT count(*) FROM onboarding_offer", "SELECT count(*) FROM casefile_milestone", "SELECT count(*) FROM jobs_outbox",
		"SELECT count(*) FROM audit_entry", "SELECT count(*) FROM allocation_round WHERE published <> ''", "SELECT count(*) FROM allocation_waiting_event"} {
		var n int
		if err := j.DB.Q(j.t.Context()).QueryRow(j.t.Context(), q).Scan(&n); err != nil {
			j.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%d ", n)
	}
	return b.String()
}

// moved: a named move shows its cost, takes a second person, and is refused
// where it breaks a rule.
func (j *roundJourney) moved() {
	placed, without := j.lastRun()
	region := j.as(j.t, "region")
	region.open(j.round)
	region.follow("Change the published round")
	refOf := func(id string) string {
		c, err := j.Cases.Get(j.t.Context(), id, programme.National)
		if err != nil {
			j.t.Fatal(err)
		}
		return c.Ref
	}
	if p := region.attempt("/moves", fill{"kind": "place", "doctor": "nobody", "reason": "mistake"}); p.status != http.StatusUnprocessableEntity || !p.has("Choose a doctor who took part") {
		j.t.Errorf("a move of nobody: %d %s", p.status, p.text())
	}
	region.open(j.round + "/moves")
	region.send("/moves", fill{"kind": "take_out", "doctor": refOf(placed[0].Doctor), "reason": "circumstances"})
	j.must(region, fmt.Sprintf("places filled: %d before, %d after", len(placed), len(placed)-1))
	j.must(region, "without a post also listed")
	region.send("/moves", fill{"sure": "yes"})
	j.must(region, "A second person must confirm it")
	second := j.as(j.t, "national2")
	second.open(j.round)
	second.send("/confirm", nil)
	j.must(second, "The move is done")
	region.open(j.round + "/moves")
	region.send("/moves", fill{"kind": "place", "doctor": refOf(without[0].Doctor), "post": placed[0].Post, "reason": "circumstances"})
	j.must(region, fmt.Sprintf("places filled: %d before, %d after", len(placed)-1, len(placed)))
	region.send("/moves", fill{"sure": "yes"})
	second.open(j.round)
	second.send("/confirm", nil)
	list, err := j.Offers.List(j.t.Context(), operator(programme.National, j.Now()), onboarding.Query{Post: placed[0].Post, Limit: 9})
	if err != nil || !slices.ContainsFunc(list, func(o onboarding.Row) bool { return o.Doctor == without[0].Doctor && o.State == onboarding.Offered }) {
		j.t.Errorf("the moved doctor has no offer: %+v, %v", list, err)
	}
}

// What rules a post out for a doctor reads the same to staff whatever private
// reason it is, and nothing that staff read of it is false: they may know that
// the post is in the round.
func TestAPrivateReasonIsNotToldFromAnother(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &roundJourney{site: newSite(t, database, 300, demoDay), t: t}
		j.announced()
		j.chosen()
		j.on("2026-11-06")
		j.region = j.as(t, "region")
		j.dryRun()
		placed, _ := j.lastRun()
		who, was := placed[0].Doctor, placed[0].Title()
		own := access.Call{Actor: access.Actor{Tenant: programme.National, Account: "d", Doctor: who}, Now: j.Now(), Today: j.Now().Local()}
		call := operator(programme.National, j.Now())
		openings, _, err := j.Preferences.Openings(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		hides := func(do func(context.Context, access.Call, string, consent.Subject) error) {
			for _, o := range openings {
				if o.Region != "Y56" {
					continue
				}
				if err := do(t.Context(), call, who, consent.Subject{Kind: consent.FromOrganisation, ID: o.Host, Label: "a place"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		hides(j.Consents.Hide)
		hidden := j.toldOf(who)
		hides(j.Consents.Show)
		j.dryRun() // as before, so that the next is compared with the same
		asked, err := j.Preferences.AskProtected(t.Context(), own, who, allocation.Asking{Ground: allocation.GroundSafety, Regions: regionsBut("Y56")})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Preferences.Vouch(t.Context(), access.Call{Actor: j.actorOf(t, "caseworker"), Now: j.Now(), Today: j.Now().Local()}, asked.ID, asked.Version, ""); err != nil {
			t.Fatal(err)
		}
		protected := j.toldOf(who)
		for page, text := range hidden {
			if text != protected[page] {
				t.Errorf("%s tells one private reason from another:\n--- hides\n%s\n--- protected\n%s", page, text, protected[page])
			}
			if proposal := page == "a single proposal"; strings.Contains(text, "ruled out for this doctor") == proposal || strings.Contains(text, was) == proposal {
				t.Errorf("%s: of %s\n%s", page, was, text)
			}
			for _, not := range []string{"not in this round", "agreed for you", "own list changed", "Choice 1 of the doctor"} {
				if strings.Contains(text, not) {
					t.Errorf("%s says %q:\n%s", page, not, text)
				}
			}
		}
	})
}

// Who goes before all wishes is placed before the others, on their best choice
// that a rule lets them have; the independent check agrees, and staff do not read
// that it was so.
func TestAProtectedReasonIsPlacedFirst(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &roundJourney{site: newSite(t, database, 300, demoDay), t: t}
		j.announced()
		j.chosen()
		j.on("2026-11-06")
		j.region = j.as(t, "region")
		j.dryRun()
		placed, without := j.lastRun()
		open := func(c allocation.ReadChoice) bool { return len(c.Stops) == 0 }
		i := slices.IndexFunc(without, func(r allocation.Reading) bool { return slices.ContainsFunc(r.Choices, open) })
		if i < 0 {
			t.Fatal("nobody without a post could take one")
		}
		who, best := without[i].Doctor, without[i].Choices[slices.IndexFunc(without[i].Choices, open)]
		own := access.Call{Actor: access.Actor{Tenant: programme.National, Account: "d", Doctor: who}, Now: j.Now(), Today: j.Now().Local()}
		asked, err := j.Preferences.AskProtected(t.Context(), own, who, allocation.Asking{Ground: allocation.GroundSafety, Regions: []string{"Y56"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Preferences.Vouch(t.Context(), access.Call{Actor: j.actorOf(t, "caseworker"), Now: j.Now(), Today: j.Now().Local()}, asked.ID, asked.Version, ""); err != nil {
			t.Fatal(err)
		}
		told := j.toldOf(who)
		now, _ := j.lastRun()
		if len(now) != len(placed) {
			t.Errorf("%d placed before, %d now", len(placed), len(now))
		}
		if !slices.ContainsFunc(now, func(r allocation.Reading) bool { return r.Doctor == who && r.Post == best.Post && r.Pinned }) {
			t.Errorf("%s did not get %s first: %+v", who, best.Title, now)
		}
		for page, text := range told {
			if strings.Contains(text, "set aside") || strings.Contains(text, "panel") {
				t.Errorf("%s tells of a protected reason:\n%s", page, text)
			}
		}
		j.published()
		d := j.become(who)
		d.open("/me/result")
		j.must(d, "was set aside for you before the round")
	})
}

// Whose own limit of miles keeps them from the only post they want reads how many
// more miles would have done; the post stays empty for nobody else wants it.
func TestOneMoreMileIsTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &roundJourney{site: newSite(t, database, 300, demoDay), t: t}
		j.announced()
		j.chosen()
		call := operator(programme.National, j.Now())
		wishes, err := j.Preferences.Wishes(t.Context(), call, j.takers)
		if err != nil {
			t.Fatal(err)
		}
		who, far, miles := j.farFrom(call, wishes)
		for _, id := range j.takers {
			w := wishes[id]
			list := allocation.WishList{Doctor: id, Version: w.List.Version}
			for _, p := range j.posts {
				if (p == far) == (id == who) {
					list.Wishes = append(list.Wishes, allocation.Wish{Post: p})
				}
			}
			if err := j.Preferences.Rank(t.Context(), call, list); err != nil {
				t.Fatal(err)
			}
		}
		p := wishes[who].Preference
		p.Travel = 1
		if err := j.Preferences.Prefer(t.Context(), call, p); err != nil {
			t.Fatal(err)
		}
		j.on("2026-11-06")
		j.region = j.as(t, "region")
		j.dryRun()
		_, without := j.lastRun()
		i := slices.IndexFunc(without, func(r allocation.Reading) bool { return r.Doctor == who })
		if want := fmt.Sprintf("With a travel limit of %d miles in place of 1 you could have your first choice", miles); i < 0 || !strings.Contains(strings.Join(without[i].Unplaced, " "), want) {
			t.Fatalf("it is not said: %s: %+v", want, without)
		}
		j.published()
		d := j.become(who)
		d.open("/me/result")
		j.must(d, "in place of 1 you could have your first choice")
		j.must(d, fmt.Sprintf("It is %d miles from your home and your limit is 1.", miles))
	})
}

// farFrom finds a doctor and a post they could take but for a limit of one mile.
func (j *roundJourney) farFrom(call access.Call, wishes map[string]allocation.Wishes) (doctor, far string, miles int) {
	j.t.Helper()
	openings, atlas, err := j.Preferences.Openings(j.t.Context(), call)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, id := range j.takers {
		stops, err := j.Rounds.Between(j.t.Context(), call, id, j.posts)
		if err != nil {
			j.t.Fatal(err)
		}
		for _, o := range openings {
			n, known := atlas.Miles(wishes[id].Outcode, o.Outcode)
			if slices.Contains(j.posts, o.Post) && known && n > 1 && len(stops[o.Post]) == 0 {
				return id, o.Post, n
			}
		}
	}
	j.t.Fatal("everybody lives next to every post")
	return "", "", 0
}

func regionsBut(code string) (out []string) {
	for _, r := range organisation.Regions() {
		if r.Code != code {
			out = append(out, r.Code)
		}
	}
	return out
}

var anyRun = regexp.MustCompile(`(?i)dry run \d+|[0-9a-f]{64}`)

// toldOf is what staff read of a doctor after one more dry run.
func (j *roundJourney) toldOf(doctor string) map[string]string {
	j.t.Helper()
	j.dryRun()
	c, err := j.Cases.Get(j.t.Context(), doctor, programme.National)
	if err != nil {
		j.t.Fatal(err)
	}
	run := j.region.page.url.Path
	out := map[string]string{"the run, compared": anyRun.ReplaceAllString(j.region.page.text(), "")}
	for _, who := range []string{"region", "national"} {
		v := j.as(j.t, who)
		v.open(run + "/people/" + c.Ref)
		out[who+", the doctor's choices"] = v.page.text()
	}
	v := j.as(j.t, "national")
	v.open("/offers/new?case=" + c.Ref)
	out["a single proposal"] = v.page.text()
	return out
}

// A floor that cannot be met stops the dry run, with the sentence that binds.
func TestAFloorThatCannotBeMetStopsTheDryRun(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		j := &roundJourney{site: newSite(t, database, 120, demoDay), t: t}
		j.on("2026-10-30")
		j.region = j.as(t, "region")
		j.region.open("/rounds/new")
		j.region.send("/rounds/new", fill{"title": "London, floor", "way": "allocation", "region": "Y56", "limit_of1": "floor:gp_practice", "limit_number1": "50",
			"limit_source1": "The region's paper"}.day("opens", "2026-10-31").day("closes", "2026-11-05").day("results", "2026-11-12"))
		j.round = j.region.page.url.Path
		j.on("2026-11-06")
		j.region = j.as(t, "region")
		j.region.open(j.round)
		j.region.send(j.round+"/runs", nil)
		run := j.region.page.url.Path
		j.drain()
		j.region.open(run)
		j.must(j.region, "This dry run stopped")
		j.must(j.region, "The floor GP practice must take at least 50")
		j.region.open(j.round)
		if j.region.page.has("Ask for it to be published") {
			t.Error("a run that stopped can be published")
		}
	})
}
