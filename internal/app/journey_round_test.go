package app

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"msw/internal/allocation"
	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/programme"
)

// roundJourney is an allocation round as a regional lead, doctors and hosts go
// through it; its steps are done by TestFromTheAnnouncementToTwoFirstDays.
type roundJourney struct {
	*site
	t       *testing.T
	round   string // address
	id      string
	takers  []string // doctors' ids
	posts   []string
	doctors map[string]*visitor
	region  *visitor
	gone    string // the doctor who hides meanwhile
	winner  string // gets a post and turns it down
}

func (j *roundJourney) on(day string) {
	j.clock.move(clock.StartOf(clock.MustDate(day)).Add(9 * time.Hour))
}

func (j *roundJourney) must(v *visitor, said string) {
	j.t.Helper()
	if !v.page.has(said) {
		j.t.Fatalf("%s: %s does not say %q:\n%s", v.name, v.page.url, said, v.page.text())
	}
}

func (j *roundJourney) drain() {
	j.t.Helper()
	if err := j.Worker.Drain(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
}

func (j *roundJourney) announced() {
	j.on("2026-10-30")
	j.region = j.as(j.t, "region")
	j.region.open("/rounds")
	j.region.follow("Announce a round")
	in := fill{"title": "London, winter", "way": "allocation", "region": "Y56", "priority_days": "100"}.day("opens", "2026-10-31").day("closes", "2026-11-05").day("results", "2026-11-12")
	if p := j.region.attempt("/rounds/new", in); p.status != http.StatusUnprocessableEntity || !p.has("Say who decided on the priority class") || !strings.Contains(p.body, `value="London, winter"`) {
		j.t.Fatalf("a priority class without a source: %d %s", p.status, p.text())
	}
	all := fill{"title": "", "way": "allocation", "region": "Y56", "least_choices": "some"}.day("opens", "2026-10-31").day("closes", "2026-11-05").day("results", "2026-11-12")
	all["opens-month"] = "13"
	if p := j.region.attempt("/rounds/new", all); !p.has("Give the round a name") || !p.has("Enter a real date") || !p.has("Enter a whole number") || p.has("Enter the day on which preferences open") {
		j.t.Fatalf("not all that is wrong is told at once: %s", p.text())
	}
	j.region.open("/rounds/new")
	in["priority_source"] = "The region's paper of October"
	j.region.send("/rounds/new", in)
	j.round = j.region.page.url.Path
	j.id = strings.TrimPrefix(j.round, "/rounds/")
	j.must(j.region, "Announced")
	j.must(j.region, "Shown from 6 November 2026")
	doctor := j.as(j.t, "doctor-waiting")
	doctor.open(j.round + "/rules")
	j.must(doctor, "The region's paper of October")
	if p := doctor.try(j.round); p.status != http.StatusNotFound && p.status != http.StatusForbidden {
		j.t.Errorf("a doctor opens the round's desk: %d", p.status)
	}
}

// chosen lets eligible doctors of London order the two posts that are left, in
// the same order, so that one of three must go without.
func (j *roundJourney) chosen() {
	j.on("2026-11-01")
	call := operator(programme.National, j.Now())
	openings, _, err := j.Preferences.Openings(j.t.Context(), call)
	if err != nil {
		j.t.Fatal(err)
	}
	taken, err := j.Offers.Taken(j.t.Context(), programme.National)
	if err != nil {
		j.t.Fatal(err)
	}
	openings = slices.DeleteFunc(openings, func(o post.Opening) bool { return o.Region != "Y56" || slices.Contains(taken, o.Post) })
	for _, o := range openings {
		if o.Region == "Y56" {
			j.posts = append(j.posts, o.Post)
		}
	}
	waiting, err := j.Cases.Placeable(j.t.Context(), programme.National)
	if err != nil {
		j.t.Fatal(err)
	}
	j.doctors = map[string]*visitor{}
	for _, c := range waiting {
		ok, _, _, err := j.Eligibility.Holds(j.t.Context(), call, c.Doctor, clock.MustDate("2026-11-06"))
		if err != nil {
			j.t.Fatal(err)
		}
		if !ok || c.Paused || !j.stillEligible(j.t, call, c.Doctor) || len(j.takers) == len(j.posts)+2 { // one hides later, one more waits to be next
			continue
		}
		was, err := j.Preferences.Wishes(j.t.Context(), call, []string{c.Doctor})
		if err != nil {
			j.t.Fatal(err)
		}
		list := allocation.WishList{Doctor: c.Doctor, Version: was[c.Doctor].List.Version}
		for _, p := range j.posts {
			list.Wishes = append(list.Wishes, allocation.Wish{Post: p})
		}
		if err := j.Preferences.Prefer(j.t.Context(), call, allocation.Preference{Doctor: c.Doctor, Regions: []string{"Y56"}, Version: was[c.Doctor].Preference.Version}); err != nil {
			j.t.Fatal(err) // no limit of miles: they would move to London
		}
		j.takers = append(j.takers, c.Doctor)
		if err := j.Preferences.Rank(j.t.Context(), call, list); err != nil {
			j.t.Fatal(err)
		}
		j.doctors[c.Doctor] = j.become(c.Doctor)
	}
	j.t.Logf("takers %v posts %v waiting %d", j.takers, j.posts, len(waiting))
	if len(j.posts) == 0 || len(j.takers) < len(j.posts)+2 {
		j.t.Fatalf("%d posts and %d doctors in the demo: too few for this journey", len(j.posts), len(j.takers))
	}
}

// become signs a doctor in with a code, over an account of their own.
func (j *roundJourney) become(doctor string) *visitor {
	j.t.Helper()
	email := "taker" + doctor[len(doctor)-6:] + "@doctor.example"
	d, err := j.Doctors.Get(j.t.Context(), programme.National, doctor)
	if err != nil {
		j.t.Fatal(err)
	}
	if d.Account != "" {
		if email, err = j.SignIn.Email(j.t.Context(), d.Account); err != nil {
			j.t.Fatal(err)
		}
	} else {
		account, err := j.SignIn.Ensure(j.t.Context(), email)
		if err != nil {
			j.t.Fatal(err)
		}
		if err := j.Doctors.Link(j.t.Context(), operator(programme.National, j.Now()), doctor, account); err != nil {
			j.t.Fatal(err)
		}
	}
	v := j.visitor(j.t, email)
	v.open("/sign-in")
	v.send("/sign-in", fill{"email": email})
	j.drain()
	for _, m := range j.mailbox.Newest("msw", 500) {
		if m.To == email {
			v.send("/sign-in/code", fill{"code": signInCode.FindString(m.Text)})
			return v
		}
	}
	j.t.Fatalf("no code for %s", email)
	return nil
}

// ranked lets a trust put a doctor on its list of a ranked round by reference;
// a reference that is nobody's answers like one it must not know.
func (j *roundJourney) ranked() {
	hr := j.as(j.t, "trusthr")
	hr.open("/ranking")
	hr.follow("/ranking/")
	at := hr.page.url.Path
	refOf := func(id string) string {
		c, err := j.Cases.Get(j.t.Context(), id, programme.National)
		if err != nil {
			j.t.Fatal(err)
		}
		return c.Ref
	}
	trust := j.actorOf(j.t, "trusthr").Organisations()[0]
	shy := j.takers[len(j.takers)-1]
	if err := j.Consents.Hide(j.t.Context(), operator(programme.National, j.Now()), shy, consent.Subject{Kind: consent.FromOrganisation, ID: trust, Label: "the trust"}); err != nil {
		j.t.Fatal(err)
	}
	hr = j.as(j.t, "trusthr")
	hr.open(at)
	add := func(ref string) string {
		hr.open(at)
		p := hr.attempt(at, fill{"ref": ref, "reason": ""})
		return strings.ReplaceAll(p.text(), ref, "")
	}
	if a, b := add(refOf(shy)), add("ABCDEFGH1"); a != b || !strings.Contains(a, "No doctor who waits for a post has this reference") {
		j.t.Errorf("a doctor who hides is told apart from nobody:\n%s\n%s", a, b)
	}
	add(refOf(j.takers[0]))
	hr.open(at)
	for _, c := range j.takers {
		for _, secret := range []string{"choice", "Choice 1", "First choice", c} {
			if secret != "choice" && hr.page.has(secret) {
				j.t.Errorf("the host reads %q", secret)
			}
		}
	}
	if err := j.Consents.Show(j.t.Context(), operator(programme.National, j.Now()), shy, consent.Subject{Kind: consent.FromOrganisation, ID: trust}); err != nil {
		j.t.Fatal(err)
	}
}

// tried does the first dry run; nobody is told of it.
func (j *roundJourney) tried() {
	if p := j.region.open(j.round); p.has("Do a dry run") {
		j.t.Error("a dry run is offered while preferences are open")
	}
	j.on("2026-11-06")
	j.region = j.as(j.t, "region")
	j.dryRun()
	j.must(j.region, "This is the first dry run")
	j.must(j.region, "Every post is filled")
	d := j.doctors[j.takers[0]]
	if p := d.open("/me/result"); p.has("London, winter") {
		j.t.Error("a doctor reads of a dry run")
	}
}

func (j *roundJourney) dryRun() {
	j.t.Helper()
	j.region.open(j.round)
	j.region.send(j.round+"/runs", nil)
	run := j.region.page.url.Path
	j.must(j.region, "Look again")
	j.drain()
	j.region.open(run)
	j.must(j.region, "found nothing wrong")
}

// compared lets one of those placed hide from the region's posts: the next dry
// run says who changed and why, and not that somebody hides.
func (j *roundJourney) compared() {
	placed, _ := j.lastRun()
	j.gone = placed[0].Doctor
	p, err := j.Posts.Get(j.t.Context(), programme.National, placed[0].Post)
	if err != nil {
		j.t.Fatal(err)
	}
	if err := j.Consents.Hide(j.t.Context(), operator(programme.National, j.Now()), j.gone, consent.Subject{Kind: consent.FromOrganisation, ID: p.Host, Label: "somewhere"}); err != nil {
		j.t.Fatal(err)
	}
	j.dryRun()
	j.must(j.region, "Who would get something else than in dry run 1")
	if text := strings.ToLower(j.region.page.text()); strings.Contains(text, " hid") {
		j.t.Errorf("the page tells that somebody hides:\n%s", text)
	}
	j.paged()
	now, _ := j.lastRun()
	if slices.ContainsFunc(now, func(r allocation.Reading) bool { return r.Doctor == j.gone && r.Post == placed[0].Post }) {
		j.t.Error("a doctor gets a post whose people they hide from")
	}
}

// paged reads the people of the last dry run as somebody from whom the first
// is hidden: they are left out, and the list goes on behind them.
func (j *roundJourney) paged() {
	j.t.Helper()
	call := operator(programme.National, j.Now())
	sight, err := j.Rounds.Look(j.t.Context(), call, j.id)
	if err != nil {
		j.t.Fatal(err)
	}
	all, next, err := j.Rounds.People(j.t.Context(), call, j.id, sight.Last.ID, "", 1000)
	if err != nil || next != "" || len(all) < 2 {
		j.t.Fatalf("%d people, next %q: %v", len(all), next, err)
	}
	call.Actor.Hidden = []string{all[0].Doctor}
	var seen []string
	for after, pages := "", 0; pages == 0 || after != ""; pages++ {
		page, next, err := j.Rounds.People(j.t.Context(), call, j.id, sight.Last.ID, after, 1)
		if err != nil {
			j.t.Fatal(err)
		}
		for _, l := range page {
			seen = append(seen, l.Doctor)
		}
		after = next
	}
	if len(seen) != len(all)-1 || slices.Contains(seen, all[0].Doctor) {
		j.t.Errorf("%d of %d people are reached when one is hidden", len(seen), len(all))
	}
}

// lastRun gives those placed and those without a post in the last dry run.
func (j *roundJourney) lastRun() (placed, without []allocation.Reading) {
	j.t.Helper()
	call := operator(programme.National, j.Now())
	sight, err := j.Rounds.Look(j.t.Context(), call, j.id)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, id := range j.takers {
		c, err := j.Cases.Get(j.t.Context(), id, programme.National)
		if err != nil {
			j.t.Fatal(err)
		}
		r, err := j.Rounds.ReadingFor(j.t.Context(), call, j.id, sight.Last.ID, c.Ref)
		if err != nil {
			j.t.Fatal(err)
		}
		if r.Post != "" {
			placed = append(placed, r.Reading)
		} else {
			without = append(without, r.Reading)
		}
	}
	return placed, without
}

func (j *roundJourney) published() {
	j.region.open(j.round)
	j.region.send("/propose", nil)
	j.must(j.region, "so somebody else must publish")
	if p := j.region.page.form("/publish", nil); p != nil {
		j.t.Error("the first person is offered to publish")
	}
	second := j.as(j.t, "national")
	second.open(j.round)
	second.send("/publish", nil)
	j.must(second, "Published")
	j.drain()
}

func (j *roundJourney) read() {
	for id := range j.doctors { // days have gone by: they sign in again
		j.doctors[id] = j.become(id)
	}
	placed, without := j.lastRun()
	if len(placed) == 0 || len(without) == 0 {
		j.t.Fatalf("%d placed, %d not", len(placed), len(without))
	}
	for _, r := range placed {
		d := j.doctors[r.Doctor]
		d.open("/me/result")
		j.must(d, "You got this")
		if r.Choice > 1 && r.Choices[0].Why == "" && len(r.Choices[0].Stops) == 0 {
			j.t.Errorf("no reason for a better choice: %+v", r)
		}
	}
	for _, r := range without {
		d := j.doctors[r.Doctor]
		d.open("/me/result")
		j.must(d, "did not find a post for you")
		for _, c := range r.Choices {
			if c.Why == "" && len(c.Stops) == 0 {
				j.t.Errorf("no reason for %s: %+v", c.Title, r)
			}
		}
		for _, other := range j.takers {
			c, err := j.Cases.Get(j.t.Context(), other, programme.National)
			if err != nil {
				j.t.Fatal(err)
			}
			if d.page.has(c.Ref) {
				j.t.Error("a doctor reads another's reference")
			}
		}
	}
	hidden := j.doctors[j.gone]
	hidden.open("/me/result")
	j.must(hidden, "This post is not in this round.")
	j.winner = placedBefore(placed, without)
	if j.winner == "" {
		j.t.Fatal("nobody without a post may take one of those placed")
	}
	j.region.open(j.round)
	j.region.follow("Was it fair?")
	j.must(j.region, "Nationality group")
}

// placedBefore gives a placed doctor whose post somebody without one listed and
// may take: who hides from a host is not next for its posts.
func placedBefore(placed, without []allocation.Reading) string {
	for _, p := range placed {
		for _, w := range without {
			if slices.ContainsFunc(w.Choices, func(c allocation.ReadChoice) bool { return c.Post == p.Post && len(c.Stops) == 0 }) {
				return p.Doctor
			}
		}
	}
	return ""
}

// exported: the file that left gives the same bytes again, and a host cannot
// have it.
func (j *roundJourney) exported() {
	j.region.open(j.round)
	j.region.follow("Dry run 2")
	files := map[string]string{}
	for _, which := range []string{"run", "result"} {
		for _, l := range j.region.page.links() {
			if strings.HasSuffix(l, "/file/"+which) {
				files[which] = l
			}
		}
	}
	run := j.region.try(files["run"]).body
	result := j.region.try(files["result"]).body
	read, err := runfile.Decode(strings.NewReader(run))
	if err != nil {
		j.t.Fatal(err)
	}
	if runfile.Commit(read.Seed) != read.Commitment {
		j.t.Error("the seed is not the one whose hash was published")
	}
	slices.Reverse(read.Doctors)
	slices.Reverse(read.Posts)
	again, err := match.Solve(read, match.Options{Build: read.Build})
	if err != nil {
		j.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := runfile.Encode(&b, again); err != nil || b.String() != result {
		j.t.Errorf("the file solved again gives other bytes: %v", err)
	}
	for _, who := range []string{"trusthr", "caseworker", "doctor-waiting", "board"} {
		if p := j.as(j.t, who).try(files["run"]); p.status != http.StatusNotFound && p.status != http.StatusForbidden {
			j.t.Errorf("%s downloads the run file: %d", who, p.status)
		}
	}
}

// declined: who turns an offer down keeps the place once, and the next doctor
// of the round gets the offer.
func (j *roundJourney) declined() {
	d := j.doctors[j.winner]
	d.open("/offers")
	d.follow("/offers/")
	d.send("/decline", fill{"reason": "not_said"})
	offer := strings.TrimPrefix(d.page.url.Path, "/offers/")
	j.drain()
	call := operator(programme.National, j.Now())
	list, err := j.Offers.List(j.t.Context(), call, onboarding.Query{Doctor: j.winner, Limit: 10})
	if err != nil || len(list) == 0 {
		j.t.Fatalf("%v, %v", list, err)
	}
	var at string
	for _, o := range list {
		if o.ID == offer {
			at = o.Post
		}
	}
	after, err := j.Offers.List(j.t.Context(), call, onboarding.Query{Post: at, Limit: 10})
	if err != nil {
		j.t.Fatal(err)
	}
	next := ""
	for _, o := range after {
		if o.State == onboarding.Offered {
			next = o.Doctor
		}
	}
	if next == "" || next == j.winner {
		j.t.Fatalf("nobody else was offered the post: %+v", after)
	}
	if other := j.doctors[next]; other != nil {
		other.open("/offers")
		other.follow("/offers/")
		j.must(other, "offers you this work")
	}
	if err := j.Rounds.RefreshWaiting(j.t.Context(), call); err != nil {
		j.t.Fatal(err)
	}
	d.open("/me/waiting")
	j.must(d, "You turned down one offer and kept your place")
	if p, err := j.Posts.Get(j.t.Context(), programme.National, at); err != nil || p.Status != post.Open {
		j.t.Errorf("%+v, %v", p.Status, err)
	}
}

func (j *roundJourney) sealed() {
	j.t.Helper()
	if err := j.linkAudit(j.t.Context(), j.Now()); err != nil {
		j.t.Fatal(err)
	}
	report, err := j.Audit.Verify(j.t.Context(), "msw")
	if err != nil || !report.OK() {
		j.t.Errorf("the audit does not hold: %+v, %v", report, err)
	}
}
