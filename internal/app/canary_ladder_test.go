package app

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/registration"
	"msw/internal/rulebook"
)

// secret is a change of the facts that some roles may not know of in any way:
// neither read it nor see that anything is different.
type secret struct {
	what  string
	do    func(t *testing.T, s *site, x specimen)
	blind []string // personas to whom nothing may change
	seen  []string // personas who must see a change, or the test looks in the wrong place
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

func secrets(today clock.Date) []secret {
	everyone := []string{"national", "national2", "region", "trusthr", "supervisor", "charity", "finance", "board", "practicehr"}
	team := []string{"caseworker", "assessor"}
	without := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(everyone), func(n string) bool { return slices.Contains(names, n) })
	}
	exam := func(name, outcome string, attempt int, on clock.Date) fact.NewFact {
		return fact.NewFact{Kind: fact.Exam, On: on, State: rulebook.Verified, Fields: map[string]any{"name": name, "outcome": outcome, "attempt": attempt}}
	}
	english := fact.NewFact{Kind: fact.EnglishTest, On: today - 3, State: rulebook.Verified, Fields: map[string]any{"test": "IELTS", "outcome": "failed", "overall": 60, "listening": 60, "reading": 60, "writing": 55, "speaking": 60}}
	return []secret{
		{"a failed PLAB 2", record(exam("PLAB2", "failed", 1, today-9)), everyone, team, true},
		{"a fourth failed PLAB 2", record(exam("PLAB2", "failed", 4, today-8)), everyone, team, true},
		{"a failed PLAB 1", record(exam("PLAB1", "failed", 3, today-7)), everyone, team, true},
		{"a failed English test", record(english), everyone, team, true},
		{"a permission that ends in 40 days", permission(today+40, nil), without("trusthr"), team, false},
		{"help with fees", permission(0, map[string]any{"fee_help": true}), everyone, nil, false},
		{"another category of permission", permission(0, map[string]any{"category": "other_leave"}), without("trusthr", "national", "national2"), team, false},
		{"a certificate that cannot be asked for", record(fact.NewFact{Kind: fact.GoodStanding, On: today - 2, State: rulebook.Seen, Fields: map[string]any{"regulator": "Canary council", "certificate": "not_possible"}}), everyone, team, false},
		{"what they said about equality", func(t *testing.T, s *site, x specimen) {
			call := operator(x.tenant, s.Now())
			call.Actor.Doctor, call.Actor.Members = x.doctor, nil
			if err := s.Doctors.SayEquality(t.Context(), call, doctor.Equality{Sex: "female", Nationality: "central_asia"}); err != nil {
				t.Fatal(err)
			}
		}, append(slices.Clone(everyone), team...), nil, false},
		{"somebody not to be asked", record(fact.NewFact{Kind: fact.Contact, On: today - 1, State: rulebook.Claimed, Fields: map[string]any{"party": "regulator", "allowed": false}}), everyone, nil, false},
	}
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
	for _, path := range []string{"/home", "/cases/" + x.ref, base, base + "/ladder", base + "/timeline", base + "/forecast", base + "/costs", base + "/working", base + "/what-if",
		base + "/calendar", "/running-out?days=30", "/running-out?days=90", "/running-out?days=90&kind=english", "/running-out?days=90&kind=right_to_work", "/assess/" + x.ref, "/cases?q=" + x.ref,
		"/placements/" + x.placement, "/offers/" + x.offer} {
		p := v.try(path)
		if p.status >= http.StatusInternalServerError {
			t.Errorf("%s opens %s: %d", persona, path, p.status)
		}
		out[path] = hidden.ReplaceAllString(aKey.ReplaceAllString(tidy(p.body), ""), "")
	}
	return out
}

// Nothing on any page of the ladder, the forecast, tasks, the board or the
// calendar changes for a role that may not know what changed.
func TestTheRoadTellsNobodyWhatTheyMayNotKnow(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	if err := s.keepRoads(t.Context(), s.Now()); err != nil {
		t.Fatal(err)
	}
	x := s.specimens(t)[0]
	today := clock.MustDate(demoDay)
	before := map[string]map[string]string{}
	personas := []string{"national", "national2", "region", "trusthr", "supervisor", "charity", "finance", "board", "practicehr", "caseworker", "assessor"}
	for _, who := range personas {
		before[who] = s.looks(t, who, x)
	}
	for _, c := range secrets(today) {
		c.do(t, s, x)
		if err := s.keepRoads(t.Context(), s.Now()); err != nil {
			t.Fatal(err)
		}
		for _, who := range personas {
			after := s.looks(t, who, x)
			changed := []string{}
			for path, text := range after {
				if before[who][path] != text && !(c.eligible && strings.HasPrefix(who, "national") && strings.HasPrefix(path, "/assess/")) {
					changed = append(changed, path)
				}
			}
			slices.Sort(changed)
			if slices.Contains(c.blind, who) && len(changed) > 0 {
				t.Errorf("%s: for %s this changed: %s\n%s", c.what, who, strings.Join(changed, ", "), firstDifference(before[who][changed[0]], after[changed[0]]))
			}
			if slices.Contains(c.seen, who) && len(changed) == 0 {
				t.Errorf("%s: not even %s sees it: the test looks in the wrong place", c.what, who)
			}
			before[who] = after
		}
	}
	s.calendarSaysNothing(t, x)
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
	call := operator(x.tenant, s.Now())
	call.Actor.Doctor, call.Actor.Members = x.doctor, nil
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
