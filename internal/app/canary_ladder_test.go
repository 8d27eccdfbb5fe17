package app

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/placement"
	"msw/internal/programme"
	"msw/internal/registration"
	"msw/internal/rulebook"
	"msw/internal/signin"
)

// secret is a change of the facts that some roles may not know of in any way:
// neither read it nor see that anything is different.
type secret struct {
	what  string
	do    func(t *testing.T, s *site, x specimen)
	blind []string // personas to whom nothing may change
	seen  []string // personas who must see a change where they may open the doctor, or the test looks in the wrong place
	// eligible: it decides about eligibility, of which national leads are told
	// case by case (domain 5.2).
	eligible bool
}

func record(n fact.NewFact) func(*testing.T, *site, specimen) {
	return func(t *testing.T, s *site, x specimen) {
		t.Helper()
		n.Doctor = x.doctor
		if _, err := s.Facts.Record(t.Context(), operator(x.tenant, s.Now()), n); err != nil {
			t.Fatal(err)
		}
	}
}

// permission puts another permission in the place of the present one.
func permission(until clock.Date, change map[string]any) func(*testing.T, *site, specimen) {
	return func(t *testing.T, s *site, x specimen) {
		t.Helper()
		call := operator(x.tenant, s.Now())
		facts, err := s.Facts.For(t.Context(), x.tenant, x.doctor)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			if f.Kind != fact.RightToWork {
				continue
			}
			n := fact.NewFact{Doctor: x.doctor, Kind: f.Kind, On: f.On, Until: f.Until, State: f.State, Source: f.Source, Fields: f.Fields}
			if !until.IsZero() {
				n.Until = until
			}
			for k, v := range change {
				n.Fields[k] = v
			}
			if _, err := s.Facts.Supersede(t.Context(), call, f.ID, n); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Fatal("no permission to change")
	}
}

// Who may know nothing of an exam, a permission or a wish, who works on the
// case, and the doctor, whom every one of these changes reaches.
var (
	outsiders = []string{"national", "national2", "region", "trusthr", "practicehr-in-post", "supervisor", "charity", "finance", "board"}
	caseTeam  = []string{"caseworker", "assessor"}
)

const themselves = "the doctor"

func without(list []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(n string) bool { return slices.Contains(names, n) })
}

func secrets(today clock.Date) []secret {
	ours := append([]string{themselves}, caseTeam...)
	exam := func(name, outcome string, attempt int, on clock.Date) fact.NewFact {
		return fact.NewFact{Kind: fact.Exam, On: on, State: rulebook.Verified, Fields: map[string]any{"name": name, "outcome": outcome, "attempt": attempt}}
	}
	english := fact.NewFact{Kind: fact.EnglishTest, On: today - 3, State: rulebook.Verified, Fields: map[string]any{"test": "IELTS", "outcome": "failed", "overall": 60, "listening": 60, "reading": 60, "writing": 55, "speaking": 60}}
	employers := []string{"trusthr", "practicehr-in-post"} // they check the right to work (domain 5.2)
	nationals := []string{"national", "national2"}         // the category only
	return []secret{
		{"a failed PLAB 2", record(exam("PLAB2", "failed", 1, today-9)), outsiders, ours, true},
		{"a fourth failed PLAB 2", record(exam("PLAB2", "failed", 4, today-8)), outsiders, ours, true},
		{"a failed PLAB 1", record(exam("PLAB1", "failed", 3, today-7)), outsiders, ours, true},
		{"a failed English test", record(english), outsiders, ours, true},
		{"a permission that ends in 40 days", permission(today+40, nil), without(outsiders, employers...), append(slices.Clone(employers), ours...), false},
		{"another category of permission", permission(0, map[string]any{"category": "other_leave"}), without(outsiders, append(nationals, employers...)...), append(slices.Clone(employers), ours...), false},
		{"help with fees", permission(0, map[string]any{"fee_help": true}), outsiders, ours, false},
		{"a certificate that cannot be asked for", record(fact.NewFact{Kind: fact.GoodStanding, On: today - 2, State: rulebook.Seen, Fields: map[string]any{"regulator": "Canary council", "certificate": "not_possible"}}), outsiders, ours, false},
		{"what they said about equality", func(t *testing.T, s *site, x specimen) {
			if err := s.Doctors.SayEquality(t.Context(), s.own(x), doctor.Equality{Sex: "female", Nationality: "central_asia"}); err != nil {
				t.Fatal(err)
			}
		}, append(slices.Clone(outsiders), caseTeam...), []string{themselves}, false},
		{"somebody not to be asked", func(t *testing.T, s *site, x specimen) {
			if err := s.Doctors.Say(t.Context(), s.own(x), doctor.NewSaid{Doctor: x.doctor, Subject: doctor.Subject{Party: doctor.PartyInstitution, Name: "Canary school"}}); err != nil {
				t.Fatal(err)
			}
		}, outsiders, ours, false},
	}
}

// own is a doctor who acts on their own record.
func (s *site) own(x specimen) access.Call {
	call := operator(x.tenant, s.Now())
	call.Actor.Doctor, call.Actor.Members = x.doctor, nil
	return call
}

var (
	aKey   = regexp.MustCompile(`name="key" value="[^"]*"|id="[^"]*key[^"]*"`)
	hidden = regexp.MustCompile(`value="[0-9A-Za-z_-]{20,}"|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}`) // keys, and ids of facts
)

// looks gives what each page of a doctor says to somebody, without what differs
// at every look.
func (s *site) looks(t *testing.T, persona string, x specimen) map[string]string {
	t.Helper()
	v := s.as(t, persona)
	out := map[string]string{}
	base := "/registration/" + x.ref
	paths := []string{"/home", "/cases/" + x.ref, base, base + "/ladder", base + "/timeline", base + "/forecast", base + "/costs", base + "/working", base + "/what-if",
		base + "/calendar", "/running-out?days=30", "/running-out?days=90", "/running-out?days=90&kind=english", "/running-out?days=90&kind=right_to_work", "/assess/" + x.ref, "/cases?q=" + x.ref,
		"/cases/" + x.ref + "/asking", "/placements/" + x.placement, "/offers/" + x.offer, "/checks/" + x.offer}
	if strings.HasPrefix(persona, themselves) {
		paths = append(paths, "/me", "/apply/equality", doctor.AskingPath)
	}
	for _, path := range paths {
		p := v.try(path)
		if p.status >= http.StatusInternalServerError {
			t.Errorf("%s opens %s: %d", persona, path, p.status)
		}
		out[path] = mark(p) + hidden.ReplaceAllString(aKey.ReplaceAllString(tidy(p.body), ""), "")
	}
	return out
}

// watched gives doctors in post such that everybody who may open any doctor at
// all opens one of them: one of the trust, one of the practice, one whom the
// charity referred. It adds each as a persona, to see what they themselves see.
func (s *site) watched(t *testing.T) []specimen {
	t.Helper()
	var out []specimen
	missing := []string{"trusthr", "practicehr-in-post", "charity", "supervisor", "region"}
	rows, err := s.Placements.List(t.Context(), operator(programme.National, s.Now()), placement.Query{Limit: 3000})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range rows {
		c, err := s.Cases.Get(t.Context(), p.Doctor, programme.National)
		if err != nil {
			t.Fatal(err)
		}
		opens := func(persona string) bool {
			a := s.actorOf(t, persona)
			return s.Access.May(a, casefile.ActRead, c.Resource()) == nil || s.Access.May(a, casefile.ActCoarse, c.Resource()) == nil
		}
		if !slices.ContainsFunc(missing, opens) {
			continue
		}
		missing = slices.DeleteFunc(missing, opens)
		x := s.specimen(t, "watched", c, p.Placement)
		account := s.ownerOf(t, x)
		s.personas = append(s.personas, signin.Persona{ID: themselves + " " + x.ref, Account: account, Tenant: x.tenant})
		out = append(out, x)
	}
	if len(missing) > 0 {
		t.Fatalf("nobody in post whom these may open: %s", strings.Join(missing, ", "))
	}
	return out
}

// ownerOf is the account of a doctor, made where there is none.
func (s *site) ownerOf(t *testing.T, x specimen) (account string) {
	t.Helper()
	err := s.DB.Q(t.Context()).QueryRow(t.Context(), `SELECT account_id FROM doctor_account WHERE tenant_id = $1 AND doctor_id = $2`, x.tenant, x.doctor).Scan(&account)
	if err == nil {
		return account
	}
	if account, err = s.SignIn.Ensure(t.Context(), "watched-"+strings.ToLower(x.ref)+"@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := s.Doctors.Link(t.Context(), operator(x.tenant, s.Now()), x.doctor, account); err != nil {
		t.Fatal(err)
	}
	return account
}

// Nothing on any page of the ladder, the forecast, tasks, the board or the
// calendar changes for a role that may not know what changed.
func TestTheRoadTellsNobodyWhatTheyMayNotKnow(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newSite(t, database, 800, demoDay)
		if err := s.keepRoads(t.Context(), s.Now()); err != nil {
			t.Fatal(err)
		}
		doctors := s.watched(t)
		opened := map[string]bool{}
		if t.Name() != "TestTheRoadTellsNobodyWhatTheyMayNotKnow/sqlite" { // what is read does not depend on the engine; that it is read does
			doctors = doctors[:1]
			for _, who := range without(outsiders, "national", "region") {
				opened[who] = true
			}
		}
		for _, x := range doctors {
			s.keepsSecrets(t, x, opened)
		}
		s.calendarSaysNothing(t, doctors[0])
	})
}

// keepsSecrets changes one doctor's facts one after another, and reads for each
// change what everybody's pages say now that they did not say before. Of the
// first doctor all read, who opens one or not; of the next ones those who have
// not opened one yet, the doctor, and a caseworker.
func (s *site) keepsSecrets(t *testing.T, x specimen, opened map[string]bool) {
	t.Helper()
	today := clock.MustDate(demoDay)
	permission(today+400, nil)(t, s, x) // in force, whatever the demo drew
	before := map[string]map[string]string{}
	opens := func(who string) bool { return strings.HasPrefix(before[who]["/cases/"+x.ref], "Y") }
	own := themselves + " " + x.ref
	var watching []string
	for _, who := range append(slices.Concat(outsiders, caseTeam), own) {
		before[who] = s.looks(t, who, x)
		if first := len(opened) == 0; first || opens(who) && !opened[who] || who == own || who == "caseworker" {
			watching = append(watching, who)
		}
	}
	for _, who := range watching {
		opened[who] = opened[who] || opens(who)
	}
	for _, c := range secrets(today) {
		c.do(t, s, x)
		if err := s.Registrations.Keep(t.Context(), operator(x.tenant, s.Now()), []string{x.doctor}); err != nil {
			t.Fatal(err)
		}
		for _, who := range watching {
			after := s.looks(t, who, x)
			changed := differing(before[who], after, c.eligible && strings.HasPrefix(who, "national"))
			if slices.Contains(c.blind, who) && len(changed) > 0 {
				t.Errorf("%s: for %s this changed: %s\n%s", c.what, who, strings.Join(changed, ", "), firstDifference(before[who][changed[0]], after[changed[0]]))
			}
			if (slices.Contains(c.seen, who) && opens(who) || who == own && slices.Contains(c.seen, themselves)) && len(changed) == 0 {
				t.Errorf("%s: not even %s sees it: the test looks in the wrong place", c.what, who)
			}
			before[who] = after
		}
	}
}

// differing gives the addresses whose pages say something else; told leaves out
// the assessment, where somebody is told whether the doctor is eligible.
func differing(before, after map[string]string, told bool) []string {
	var out []string
	for path, text := range after {
		if before[path] != text && !(told && strings.HasPrefix(path, "/assess/")) {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, min(i, len(s))-120):min(len(s), i+200)] }
	return "before: …" + cut(a) + "…\nafter: …" + cut(b) + "…"
}

// calendarSaysNothing reads a doctor's feed as a colleague would who sees their
// telephone.
func (s *site) calendarSaysNothing(t *testing.T, x specimen) {
	t.Helper()
	call := s.own(x)
	if err := s.Registrations.NewCalendar(t.Context(), call, x.ref); err != nil {
		t.Fatal(err)
	}
	a, err := s.Registrations.Calendar(t.Context(), call, x.ref)
	if err != nil {
		t.Fatal(err)
	}
	p := s.visitor(t, "nobody").try(strings.TrimPrefix(a.URL, s.url) + ".ics")
	if p.status != http.StatusOK || !strings.HasPrefix(p.body, "BEGIN:VCALENDAR") {
		t.Fatalf("the feed answers %d %q", p.status, p.body)
	}
	events := 0
	for _, line := range strings.Split(p.body, "\r\n") {
		if title, ok := strings.CutPrefix(line, "SUMMARY:"); ok {
			events++
			if title != registration.TitleExamDay && title != registration.TitleRunsOut {
				t.Errorf("the calendar says %q", title)
			}
		}
		if strings.HasPrefix(line, "DESCRIPTION:") && !strings.Contains(line, registration.TitleExamDay) && !strings.Contains(line, registration.TitleRunsOut) {
			t.Errorf("the calendar says %q", line)
		}
	}
	if events == 0 {
		t.Error("the calendar is empty: the test looks in the wrong place")
	}
}
