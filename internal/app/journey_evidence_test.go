package app

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/portfolio"
	"msw/internal/problem"
	"msw/internal/programme"
)

var rateLink = regexp.MustCompile(`/feedback/[a-z0-9-]+\.[A-Z2-7]{26}`)

// colleague is the doctor whose colleagues are asked: the demo has nobody ask
// theirs.
const colleague = "doctor-in-post"

// evident is that doctor, and who stands around them.
func evident(t *testing.T, database string) *living {
	r := &living{site: newSite(t, database, 300, demoDay), t: t}
	r.me, r.doctor = r.as(t, colleague), r.actorOf(t, colleague).Doctor
	c, err := r.Cases.Get(t.Context(), r.doctor, programme.National)
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Placements.Of(t.Context(), programme.National, r.doctor)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	r.ref, r.host, r.placementRef = c.Ref, list[0].Host, list[0].ID
	call := func(account string, role access.Role, host string) access.Call {
		k := operator(programme.National, r.Now())
		k.Actor = access.Actor{Account: account, Tenant: programme.National, Name: account, Members: []access.Membership{{Role: role, Organisation: host}}}
		return k
	}
	r.employer = call("hr", "employer_hr", r.host)
	r.supervisor = call(list[0].Clinical, "supervisor", r.host)
	r.stranger = call("elsewhere", "supervisor", "ZZZ")
	return r
}

// asked opens a round among so many colleagues and gives their links.
func (r *living) asked(people int, closes string) (id string, links []string) {
	r.t.Helper()
	var to []string
	for i := range people {
		to = append(to, fmt.Sprintf("colleague%d@trust.nhs.uk", i))
	}
	r.me.open("/portfolio/feedback")
	r.me.send("/portfolio/feedback", fill{"people": strings.Join(to, "\n"), "tags": "ukfp/2021/fpc8"}.day("closes", closes))
	id = regexp.MustCompile(`/portfolio/feedback/([0-9A-Z]{9})`).FindStringSubmatch(r.me.page.url.Path)[1]
	for _, one := range to {
		links = append(links, rateLink.FindString(r.mailTo(one)))
	}
	return id, links
}

// rate has somebody without an account answer by a link.
func (r *living) rate(link string, in fill) *visitor {
	r.t.Helper()
	v := r.visitor(r.t, "a colleague")
	v.open(link)
	v.send(link, in)
	return v
}

// later moves the clock to a day, and has the hourly work done.
func (r *living) later(day string) {
	r.t.Helper()
	r.clock.move(clock.StartOf(clock.MustDate(day)).Add(9 * time.Hour))
	if err := r.settleRounds(r.t.Context(), r.Now()); err != nil {
		r.t.Fatal(err)
	}
	r.me = r.as(r.t, colleague)
}

func (r *living) educational() access.Call {
	r.t.Helper()
	list, err := r.Placements.Of(r.t.Context(), programme.National, r.doctor)
	if err != nil || list[0].Educational == "" {
		r.t.Fatal("no educational supervisor", err)
	}
	call := r.supervisor
	call.Actor.Account, call.Now, call.Today = list[0].Educational, r.Now(), r.Now().Local()
	return call
}

func TestFeedbackFromColleagues(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r := evident(t, database)
		r.wronglyAsked()
		id, links := r.asked(11, "2026-11-10")
		r.answered(id, links)
		r.tooFew(id)
		r.goesOn(id)
		r.readFirst(id)
		r.shownOnce(id, links)
	})
}

// wronglyAsked says all that is wrong at once and loses nothing.
func (r *living) wronglyAsked() {
	own, err := r.SignIn.Email(r.t.Context(), r.actorOf(r.t, colleague).Account)
	if err != nil {
		r.t.Fatal(err)
	}
	r.me.open("/portfolio/feedback")
	p := r.me.attempt("/portfolio/feedback", fill{"people": "one@nhs.net\nnobody\n" + own}.day("closes", "2026-10-30"))
	for _, said := range []string{"“nobody” is your own, or is not", "“" + own + "” is your own", "Choose a day in the future"} {
		if !p.has(said) {
			r.t.Errorf("wrong input does not say %q: %s", said, p.text())
		}
	}
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "one@nhs.net") {
		r.t.Errorf("%d, and what was typed is lost", p.status)
	}
	p = r.me.attempt("/portfolio/feedback", fill{"people": "nobody"}.day("closes", "2026-02-31"))
	for _, said := range []string{"Enter a real date", "“nobody” is your own, or is not"} {
		if !p.has(said) {
			r.t.Errorf("a day that is none hides %q: %s", said, p.text())
		}
	}
	if p.has("Enter the last day") {
		r.t.Errorf("the day is told twice: %s", p.text())
	}
	p = r.me.attempt("/portfolio/feedback", fill{"people": "one@nhs.net\nONE+x@nhs.net"}.day("closes", "2026-11-10"))
	if !p.has("You named 1") {
		r.t.Errorf("one address written in two ways counts twice: %s", p.text())
	}
}

// answered has 9 of 11 colleagues answer, one fewer than the minimum: once each,
// and never the doctor.
func (r *living) answered(id string, links []string) {
	p := r.me.try(links[0])
	if p.status == http.StatusOK || !p.has("This is about you") {
		r.t.Errorf("the doctor opens a link to rate themself: %d %s", p.status, p.text())
	}
	v := r.rate(links[0], fill{"q-team": "strong", "q-help": "better", "well": "Canary-well: calm"})
	if v.page.header.Get("X-Robots-Tag") == "" || !v.page.has("Nobody learns who said what") {
		r.t.Errorf("after answering: %s", v.page.text())
	}
	empty := r.visitor(r.t, "a colleague")
	empty.open(links[1])
	if p := empty.attempt(links[1], fill{"well": "Kept words"}); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "Kept words") {
		r.t.Errorf("nothing answered: %d %s", p.status, p.text())
	}
	for _, link := range links[1:9] {
		r.rate(link, fill{"q-team": "strong", "q-help": "fine", "q-limits": "strong"})
	}
	call := access.Call{Actor: access.Actor{Tenant: programme.National}, Now: r.Now(), Today: r.Now().Local()}
	for name, link := range map[string]string{"used": links[0], "in another request": links[3]} {
		_, secret, _ := strings.Cut(link, "/feedback/")
		if err := r.Portfolios.Rate(r.t.Context(), call, portfolio.Rating{Link: secret, Answer: portfolio.Answer{Said: map[string]string{"team": "better"}}}); problem.KindOf(err) != problem.Refused {
			r.t.Errorf("a link that was %s works: %v", name, err)
		}
	}
	r.fromTheDoctorsBrowser(links[9])
	p = r.me.open("/portfolio/feedback/" + id)
	if !p.has("9 of 11 have answered") || strings.Contains(p.body, "Canary-well") || strings.Contains(p.body, "A strength") {
		r.t.Errorf("an open round: %s", p.text())
	}
	for who, call := range map[string]access.Call{"the educational supervisor": r.educational(), "employer": r.employer, "stranger": r.stranger, "operator": operator(programme.National, r.Now())} {
		if _, err := r.Portfolios.LookRound(r.t.Context(), call, id); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s looks at an open round: %v", who, err)
		}
	}
}

// fromTheDoctorsBrowser: whoever answers there is sent to their own device, and
// their link still works.
func (r *living) fromTheDoctorsBrowser(link string) {
	r.me.read(r.me.client.PostForm(r.me.base+"/sign-out", nil))
	r.me.open(link)
	if p := r.me.attempt(link, fill{"q-team": "strong"}); p.status == http.StatusOK || !p.has("Open the link on your own device") {
		r.t.Errorf("answered in the doctor's browser: %d %s", p.status, p.text())
	}
	r.me = r.as(r.t, colleague)
}

// tooFew: closed one below the minimum, nothing is shown to anybody.
func (r *living) tooFew(id string) {
	r.later("2026-11-11")
	p := r.me.open("/portfolio/feedback/" + id)
	for _, said := range []string{"too few, so nothing is shown", "9 of 11", "Give it more time"} {
		if !p.has(said) {
			r.t.Errorf("below the minimum the page does not say %q: %s", said, p.text())
		}
	}
	for _, never := range []string{"Canary-well", "A strength", "Some", "Most or all", "Could be better"} {
		if strings.Contains(p.body, never) {
			r.t.Errorf("below the minimum the page says %q", never)
		}
	}
	if list, err := r.Portfolios.FeedbackOf(r.t.Context(), programme.National, r.doctor); err != nil || len(list) > 0 {
		r.t.Errorf("below the minimum it is carried away: %v %v", list, err)
	}
	r.me.send("/unused", nil)
	if !r.me.page.has("Nobody reads what was said") {
		r.t.Errorf("closed unused: %s", r.me.page.text())
	}
}

// goesOn: with a later day the 9 answers still count, and the tenth is enough.
func (r *living) goesOn(id string) {
	r.me.open("/portfolio/feedback/" + id)
	if p := r.me.attempt("/extend", fill{}.day("closes", "2026-11-11")); !p.has("Choose a day in the future") {
		r.t.Errorf("extended to today: %s", p.text())
	}
	r.me.send("/extend", fill{}.day("closes", "2026-11-20"))
	link := rateLink.FindString(r.mailTo("colleague9@trust.nhs.uk"))
	r.rate(link, fill{"q-team": "strong", "q-help": "fine", "better": "Canary-better: Ask Kim on bed 4"})
	r.me.open("/portfolio/feedback/" + id + "/self")
	r.me.send("/self", fill{"q-team": "fine", "q-help": "strong"})
	r.later("2026-11-21")
	p := r.me.open("/portfolio/feedback/" + id)
	if !p.has("reads it first") || strings.Contains(p.body, "Canary-") || strings.Contains(p.body, "Most or all") {
		r.t.Errorf("before the supervisor has read it: %s", p.text())
	}
}

// readFirst: the educational supervisor alone reads it, and may hold back with a
// reason.
func (r *living) readFirst(id string) {
	ed := r.educational()
	other := ed
	other.Actor.Account = "another supervisor"
	for who, call := range map[string]access.Call{"another supervisor": other, "employer": r.employer, "stranger": r.stranger, "operator": operator(programme.National, r.Now())} {
		if _, err := r.Portfolios.LookRound(r.t.Context(), call, id); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s reads feedback: %v", who, err)
		}
		if err := r.Portfolios.Release(r.t.Context(), call, portfolio.Releasing{Round: id}); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s shows feedback: %v", who, err)
		}
	}
	v, err := r.Portfolios.LookRound(r.t.Context(), ed, id)
	if err != nil || !v.MayRelease || v.OwnTries != 1 || len(v.People) > 0 || len(v.Result.Better) != 1 {
		r.t.Fatalf("the educational supervisor: %+v %v", v, err)
	}
	if err := r.Portfolios.Release(r.t.Context(), ed, portfolio.Releasing{Round: id, Version: v.Version, Held: map[string]string{"better-0": "names_patient"}}); err != nil {
		r.t.Fatal(err)
	}
}

// shownOnce: the doctor reads it, once and for ever as it is, and nothing is left
// of who was asked and what single people said.
func (r *living) shownOnce(id string, links []string) {
	p := r.me.open("/portfolio/feedback/" + id)
	for _, said := range []string{"10 colleagues answered", "Most or all", "Canary-well: calm", "It may tell who a patient is", "Too few could say"} {
		if !p.has(said) {
			r.t.Errorf("shown, but without %q: %s", said, p.text())
		}
	}
	for _, never := range []string{"Canary-better", "@trust.nhs.uk", "Give it more time"} {
		if strings.Contains(p.body, never) {
			r.t.Errorf("shown, with %q", never)
		}
	}
	before := p.text()
	me := r.actorOf(r.t, colleague)
	call := access.Call{Actor: me, Now: r.Now(), Today: r.Now().Local()}
	for what, err := range map[string]error{
		"extended": r.Portfolios.Extend(r.t.Context(), call, id, 0, call.Today+20),
		"unused":   r.Portfolios.LeaveUnused(r.t.Context(), call, id, 0),
		"asked":    r.Portfolios.AskMore(r.t.Context(), call, id, []string{"more@nhs.net"}),
		"self":     r.Portfolios.RateSelf(r.t.Context(), call, id, 0, portfolio.Answer{Said: map[string]string{"team": "fine"}}),
		"opened": func() error {
			_, _, err := r.Portfolios.OpenRound(r.t.Context(), call, portfolio.NewRound{})
			return err
		}(),
		"a late answer": r.Portfolios.Rate(r.t.Context(), access.Call{Actor: access.Actor{Tenant: programme.National}, Now: call.Now}, portfolio.Rating{
			Link: strings.TrimPrefix(links[10], "/feedback/"), Answer: portfolio.Answer{Said: map[string]string{"team": "better"}}}),
	} {
		if err == nil {
			r.t.Errorf("after it was shown: %s", what)
		}
	}
	r.later("2026-12-10")
	if after := r.me.open("/portfolio/feedback/" + id).text(); after != before {
		r.t.Errorf("what is shown changed:\n%s\n%s", before, after)
	}
	for table, cond := range map[string]string{"portfolio_answer": "round_id = $2", "portfolio_rater": "round_id = $2 AND (to_token <> '' OR sealed IS NOT NULL)"} {
		var n int
		if err := r.DB.Q(r.t.Context()).QueryRow(r.t.Context(), "SELECT COUNT(*) FROM "+table+" WHERE tenant_id = $1 AND "+cond, programme.National, id).Scan(&n); err != nil || n > 0 {
			r.t.Errorf("%s keeps %d rows of who said what: %v", table, n, err)
		}
	}
	r.sharedByTheDoctor(id)
}

func (r *living) sharedByTheDoctor(id string) {
	ed := r.educational()
	if _, err := r.Portfolios.LookRound(r.t.Context(), ed, id); problem.KindOf(err) != problem.NotFound {
		r.t.Errorf("a supervisor reads feedback that is not shared: %v", err)
	}
	r.me.open("/portfolio/items/" + id)
	r.me.send("/share", nil)
	if v, err := r.Portfolios.LookRound(r.t.Context(), ed, id); err != nil || v.MayRelease || v.Result == nil {
		r.t.Errorf("shared by the doctor: %+v %v", v, err)
	}
	call := r.employer
	if _, err := r.Portfolios.LookRound(r.t.Context(), call, id); problem.KindOf(err) != problem.NotFound {
		r.t.Errorf("the employer reads shared feedback: %v", err)
	}
	item, _, err := r.Portfolios.LookItem(r.t.Context(), ed, id)
	if err != nil || !item.State.Counts() || len(item.Tags) != 1 {
		r.t.Errorf("the item of the round: %+v %v", item, err)
	}
	if p := r.me.try("/portfolio/items/" + id + "/change"); p.status == http.StatusOK {
		if q := r.me.attempt("/change", fill{"title": "Better feedback"}); q.status == http.StatusOK {
			r.t.Error("the doctor changes what colleagues said")
		}
	}
}
