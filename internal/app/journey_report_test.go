package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/portfolio"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
)

var reportLink = regexp.MustCompile(`/portfolio/reports/([0-9A-Z]{9})`)

// reporting is the hospital's doctor, whose supervisor one can be.
type reporting struct {
	*living
	boss *visitor
	call access.Call // of that supervisor
}

func TestSupervisorsReports(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r := &reporting{living: living1(t, database)}
		r.boss = r.as(t, "supervisor")
		r.call = r.supervisor
		if r.call.Actor.Account != r.actorOf(t, "supervisor").Account {
			t.Fatal("the supervisor one can be is not the hospital doctor's")
		}
		r.englishIsRefused()
		number := r.englishIsSigned()
		r.neverChanged(number)
		r.replaced(number)
		r.onlyRightReaders(number)
		r.lapsed()
	})
}

func (r *reporting) desk() string { return "/portfolios/" + r.ref + "/reports/english" }

// englishIsRefused: every condition that does not hold is there before anybody
// writes, and nothing was begun.
func (r *reporting) englishIsRefused() {
	if err := r.Portfolios.StateBody(r.t.Context(), r.employer, r.host, ""); err != nil {
		r.t.Fatal(err)
	}
	p := r.boss.open(r.desk())
	for _, said := range []string{"No code is recorded for", "Please say below", "It cannot be used to take PLAB", "We do not tell you about exams", "Can sign."} {
		if !p.has(said) {
			r.t.Errorf("the conditions do not say %q: %s", said, p.text())
		}
	}
	p = r.boss.attempt("/reports/english", fill{"share": "74", "hours": "30", "offer": "no"})
	for _, said := range []string{"No code is recorded for", "below 75%", "Without one, do not begin", "Say whether this holds: You are the appointing doctor"} {
		if !p.has(said) {
			r.t.Errorf("refused without %q: %s", said, p.text())
		}
	}
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `value="74"`) {
		r.t.Errorf("refused with %d, and what was typed is lost", p.status)
	}
	if list, err := r.Portfolios.LookReports(r.t.Context(), r.call, r.ref); err != nil || len(list.List) != 2 {
		r.t.Errorf("after a refusal there are %d reports: %v", len(list.List), err)
	}
}

// englishIsSigned: with the code and a work address it is begun, edited and
// signed; whoever signs has read the record as it is.
func (r *reporting) englishIsSigned() string {
	hr := r.as(r.t, "trusthr")
	hr.open("/designated-body")
	if p := hr.attempt("/designated-body", fill{"organisation": r.host, "code": "trust"}); !p.has("Enter the code as the GMC writes it") || !strings.Contains(p.body, `value="trust"`) {
		r.t.Errorf("a wrong code: %s", p.text())
	}
	hr.send("/designated-body", fill{"organisation": r.host, "code": "1-1ruzv1d"})
	if err := r.Portfolios.StateBody(r.t.Context(), r.employer, "ZZZ", "1-AIIDR8"); err == nil {
		r.t.Error("an employer states another's code")
	}
	call := r.call
	made, err := r.Portfolios.BeginReport(r.t.Context(), call, portfolio.Beginning{Ref: r.ref, Kind: portfolio.EnglishReference, Share: 90, Hours: 30, Offer: portfolio.Yes, Appoints: portfolio.Yes})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.Portfolios.BeginReport(r.t.Context(), call, portfolio.Beginning{Ref: r.ref, Kind: portfolio.EnglishReference, Share: 90, Offer: portfolio.Yes, Appoints: portfolio.Yes}); problem.KindOf(err) != problem.Conflict {
		r.t.Errorf("two drafts at once: %v", err)
	}
	at := "/portfolio/reports/" + made.Number
	if p := r.me.try(at); p.status != http.StatusNotFound {
		r.t.Errorf("the doctor opens a draft about them: %d", p.status)
	}
	r.boss.open(at)
	p := r.boss.attempt(at, fill{"s-listening": "Canary-listening: took a history on the telephone.", "do": "sign"})
	for _, said := range []string{"Answer: Reading", "Answer: Writing", "Answer: Speaking", "Say whether you know of a concern", "Enter your full name", "7 numbers", "Tick that you have read it"} {
		if !p.has(said) {
			r.t.Errorf("signing too early does not say %q: %s", said, p.text())
		}
	}
	if !strings.Contains(p.body, "Canary-listening") {
		r.t.Error("what was written is lost")
	}
	answer := fill{"s-listening": "Canary-listening: took a history on the telephone.", "s-reading": "Read the guideline and applied it.", "s-writing": "Wrote clear notes.", "s-speaking": "Spoke to a family.",
		"concern": "no", "name": "Helen Marsden", "role": "consultant", "gmc": "9000002", "read": "yes", "do": "sign"}
	r.recordMoved(made.Number)
	r.boss.send(at, answer)
	p = r.me.open(at)
	for _, said := range []string{"Canary-listening", "90%", "1-1RUZV1D", "9000002", "not internship for the GMC", "None known"} {
		if !p.has(said) {
			r.t.Errorf("signed, without %q: %s", said, p.text())
		}
	}
	return made.Number
}

// recordMoved: a record that changed after it was read is not signed unread.
func (r *reporting) recordMoved(number string) {
	text := map[string]string{"listening": "a", "reading": "b", "writing": "c", "speaking": "d"}
	_, err := r.Portfolios.WriteReport(r.t.Context(), r.call, portfolio.Writing{Number: number, Sign: true, Read: true, Hash: "of another record", Name: "Helen Marsden", Role: "consultant", GMC: "9000002",
		Written: portfolio.Written{Text: text, Concern: "no", Share: 90, Hours: 30}})
	if problem.KindOf(err) != problem.Conflict {
		r.t.Errorf("signed with a record nobody read: %v", err)
	}
}

func (r *reporting) neverChanged(number string) {
	before := r.me.open("/portfolio/reports/" + number).text()
	if _, err := r.Portfolios.WriteReport(r.t.Context(), r.call, portfolio.Writing{Number: number, Written: portfolio.Written{Text: map[string]string{"listening": "Changed"}}}); problem.KindOf(err) != problem.Refused {
		r.t.Errorf("a signed one is written again: %v", err)
	}
	if err := r.Portfolios.DropDraft(r.t.Context(), r.call, number); problem.KindOf(err) != problem.Refused {
		r.t.Errorf("a signed one is deleted: %v", err)
	}
	if after := r.me.open("/portfolio/reports/" + number).text(); after != before {
		r.t.Errorf("a signed report changed:\n%s\n%s", before, after)
	}
}

// replaced: the new one names the old, the old one says so and no longer counts.
func (r *reporting) replaced(number string) {
	r.boss.open("/portfolio/reports/" + number)
	r.boss.send("/reports/english", nil)
	r.boss.send("/reports/english", fill{"share": "80", "hours": "30", "offer": "yes", "appointing": "yes"})
	next := reportLink.FindStringSubmatch(r.boss.page.url.Path)[1]
	r.boss.send("/portfolio/reports/"+next, fill{"s-speaking": "Spoke to two families.", "concern": "no", "name": "Helen Marsden", "role": "consultant", "gmc": "9000002", "read": "yes", "do": "sign"})
	if p := r.me.open("/portfolio/reports/" + number); !p.has("This one no longer counts") || !strings.Contains(p.body, next) {
		r.t.Errorf("the one that was replaced: %s", p.text())
	}
	old, _, err := r.Portfolios.LookItem(r.t.Context(), r.supervisor, number)
	if err != nil || old.State.Counts() {
		r.t.Errorf("evidence that was replaced counts: %s %v", old.State, err)
	}
	fresh, _, err := r.Portfolios.LookItem(r.t.Context(), r.supervisor, next)
	if err != nil || !fresh.State.Counts() || fresh.Signature.GMC != "9000002" {
		r.t.Errorf("the one in its place: %s %v", fresh.State, err)
	}
	if list, err := r.Portfolios.ReportsOf(r.t.Context(), programme.National, r.doctor); err != nil || len(list) != 3 {
		r.t.Errorf("carried away: %d %v", len(list), err)
	}
}

// onlyRightReaders: nobody but the doctor and the supervisors of the post reads a
// word of it, on any page about the doctor (domain 5.2).
func (r *reporting) onlyRightReaders(number string) {
	read := map[string]bool{}
	for _, persona := range append([]string{"nobody"}, r.ids()...) {
		v := r.visitor(r.t, "nobody")
		if persona != "nobody" {
			v = r.as(r.t, persona)
		}
		for _, path := range []string{"/home", "/cases/" + r.ref, "/portfolios/" + r.ref, "/portfolios/" + r.ref + "/reports", "/portfolio/reports/" + number, "/portfolio/items/" + number, "/placements/" + r.placementRef} {
			p := v.try(path)
			if p.status >= http.StatusInternalServerError {
				r.t.Errorf("%s opens %s: %d", persona, path, p.status)
			}
			if strings.Contains(p.body, "Canary-listening") {
				read[persona] = true
			}
		}
	}
	for persona := range read {
		if persona != "supervisor" && r.actorOf(r.t, persona).Doctor != r.doctor {
			r.t.Errorf("%s reads the reference", persona)
		}
	}
	if !read["doctor-hospital"] || !read["supervisor"] {
		r.t.Errorf("the test looks in the wrong place: %v", read)
	}
	for who, call := range map[string]access.Call{"employer": r.employer, "stranger": r.stranger, "operator": operator(programme.National, r.Now())} {
		if _, err := r.Portfolios.LookReport(r.t.Context(), call, number); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s reads a reference: %v", who, err)
		}
		if _, err := r.Portfolios.BeginReport(r.t.Context(), call, portfolio.Beginning{Ref: r.ref, Kind: portfolio.SupervisorReport}); problem.KindOf(err) != problem.NotFound {
			r.t.Errorf("%s begins a report: %v", who, err)
		}
	}
	other := r.supervisor
	other.Actor.Account = "another supervisor"
	if _, err := r.Portfolios.LookReport(r.t.Context(), other, number); problem.KindOf(err) != problem.NotFound {
		r.t.Errorf("a supervisor of other people reads a reference: %v", err)
	}
}

// lapsed: whoever may no longer supervise can write on, and cannot sign.
func (r *reporting) lapsed() {
	ctx := r.t.Context()
	if _, err := r.Posts.SetSupervisor(ctx, operator(programme.National, r.Now()), post.NewSupervisor{Account: r.call.Actor.Account, Organisation: r.host, Name: "Helen Marsden", Capacity: 50, ApprovedUntil: r.Now().Local() - 1}); err != nil {
		r.t.Fatal(err)
	}
	list, err := r.Portfolios.LookReports(ctx, r.call, r.ref)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, one := range list.List {
		if !one.Draft {
			continue
		}
		p := r.boss.open("/portfolio/reports/" + one.Number)
		if !p.has("The approval ended") && !p.has("the approval ended") {
			r.t.Errorf("a lapsed approval is not shown: %s", p.text())
		}
		p = r.boss.attempt("/portfolio/reports/"+one.Number, fill{"concern": "no", "name": "Helen Marsden", "role": "consultant", "gmc": "9000002", "read": "yes", "do": "sign"})
		if p.status == http.StatusOK || !p.has("You cannot sign this today") {
			r.t.Errorf("signed with a lapsed approval: %d %s", p.status, p.text())
		}
		return
	}
	r.t.Error("no draft to sign")
}
