package registration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
	"msw/rules"
)

// ladderRoad is the road of the embedded rules and tables.
func ladderRoad(t testing.TB) *Road {
	t.Helper()
	book, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	road, err := NewRoad(book, rules.Road)
	if err != nil {
		t.Fatal(err)
	}
	return road
}

func day(s string) clock.Date { return clock.MustDate(s) }

// rec makes a verified record; fields come as name and value in turn.
func rec(kind, on string, fields ...any) fact.Record {
	r := fact.Record{Kind: kind, On: day(on), State: rulebook.Verified, Fields: map[string]any{}}
	for i := 0; i < len(fields); i += 2 {
		v := fields[i+1]
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		r.Fields[fields[i].(string)] = v
	}
	return r
}

func (in Inputs) with(list ...fact.Record) Inputs {
	in.Facts = slices.Concat(in.Facts, list)
	for i := range in.Facts {
		in.Facts[i].ID = fmt.Sprintf("f%d", i+1)
	}
	return in
}

func until(r fact.Record, on string) fact.Record {
	r.Until = day(on)
	return r
}

func ielts(on string) fact.Record {
	return rec(fact.EnglishTest, on, "test", "IELTS", "overall", 80, "listening", 80, "reading", 80, "writing", 75, "speaking", 75, "outcome", "passed")
}

func poorIELTS(on string) fact.Record {
	return rec(fact.EnglishTest, on, "test", "IELTS", "overall", 70, "listening", 70, "reading", 70, "writing", 65, "speaking", 75, "outcome", "failed")
}

func plab(n int, on, outcome string) fact.Record {
	return rec(fact.Exam, on, "name", fmt.Sprintf("PLAB%d", n), "outcome", outcome)
}

func practised() []fact.Record {
	return []fact.Record{
		rec(fact.Qualification, "2014-07-01", "registrable", "yes"),
		until(rec(fact.Experience, "2014-08-01", "specialty_group", "medicine", "months_full_time", 6, "internship", true, "postgraduate", true), "2015-01-31"),
		until(rec(fact.Experience, "2015-02-01", "specialty_group", "surgery", "months_full_time", 6, "internship", true, "postgraduate", true), "2015-07-31"),
	}
}

func papers() []fact.Record {
	return []fact.Record{
		rec("registration_step", "2026-06-01", "name", "psv", "outcome", "done"),
		rec("good_standing", "2026-10-20", "regulator", "One", "certificate", "signed"),
		until(rec("activity", "2014-08-01", "kind", "practice"), "2025-01-05"),
		rec("activity", "2025-01-06", "kind", "support_role", "reference", "received"),
	}
}

func applied() []fact.Record {
	return []fact.Record{
		rec("registration_step", "2026-11-01", "name", "application", "outcome", "sent"),
		rec("registration_step", "2026-11-01", "name", "declaration", "outcome", "done"),
		rec("registration_step", "2026-11-01", "name", "fee", "outcome", "done"),
	}
}

func refugee(end string) fact.Record {
	r := rec(fact.RightToWork, "2023-03-02", "category", "refugee", "may_work", true, "may_reside", true, "visitor", false)
	if end != "" {
		r.Until = day(end)
	}
	return r
}

// onDay is a day for most cases.
var onDay = Inputs{On: clock.MustDate("2026-11-22")}

func collision(l Ladder, code string) *Collision {
	for i := range l.Collisions {
		if l.Collisions[i].Code == code {
			return &l.Collisions[i]
		}
	}
	return nil
}

func state(t *testing.T, l Ladder, id string, want RungState) {
	t.Helper()
	if r := l.Rung(id); r == nil || r.State != want {
		t.Errorf("%s is %+v, want %s", id, r, want)
	}
}

func TestTheLadderOfSomebodyReadyNeverSaysAccepted(t *testing.T) {
	road := ladderRoad(t)
	in := onDay.with(practised()...).with(papers()...).with(applied()...).with(ielts("2026-02-01"), plab(1, "2026-03-10", "passed"), plab(2, "2026-09-10", "passed"))
	l := road.Climb(in)
	if !l.Complete || l.Registered {
		t.Errorf("complete %v, registered %v; missing %v", l.Complete, l.Registered, (&climber{}).in)
	}
	for _, r := range l.Rungs {
		if r.State == RungAccepted || strings.Contains(r.Why, "accepted") {
			t.Errorf("%s says accepted: %s", r.ID, r.Why)
		}
	}
	for id, want := range map[string]RungState{"PMQ-OK": RungLikely, "INT": RungLikely, "ENG": RungMetUntil, "PLAB1": RungMet, "PLAB2": RungMet,
		"PLAB2-VAL": RungMetUntil, "CGS": RungMetUntil, "ENG-PLAB": RungNotNeeded, "REG-FULL": RungUnknown, "ACT-5Y": RungLikely} {
		state(t, l, id, want)
	}
	said := in.with(rec("gmc_decision", "2026-11-20", "about", "internship", "accepted", true))
	state(t, road.Climb(said), "INT", RungAccepted)
	number := in.with(rec(fact.Registration, "2026-11-20", "kind", "none", "number", "7654321"))
	if l := road.Climb(number); l.Registered {
		t.Error("a reference number is taken for registration")
	}
	one := in.with(rec(fact.Registration, "2026-11-20", "kind", "full", "licence", true, "aps", true, "number", "7654321"))
	if l := road.Climb(one); !l.Registered || l.Rung("APS") == nil || len(l.Next) != 1 {
		t.Errorf("registered: %v, next %v", l.Registered, l.Next)
	}
}

func TestEnglishThatLapsesBeforeTheExamIsForetold(t *testing.T) {
	road := ladderRoad(t)
	in := onDay.with(practised()...).with(ielts("2025-01-10"), plab(1, "2027-02-20", "booked"))
	l := road.Climb(in)
	x := collision(l, CollisionEnglishPLAB1)
	if x == nil || !strings.Contains(x.Text, "9 January 2027, 6 weeks before PLAB 1 on 20 February 2027") || !strings.Contains(x.Do, "16 February 2027") || len(x.Risk) != 3 {
		t.Fatalf("%+v", x)
	}
	state(t, l, "ENG-PLAB", RungLapses)
	cured := onDay.with(practised()...).with(ielts("2025-01-10"), plab(1, "2027-01-05", "booked"))
	if x := collision(road.Climb(cured), CollisionEnglishPLAB1); x != nil {
		t.Errorf("an earlier exam does not cure it: %+v", x)
	}
}

func TestSittingAgainIsNeverTheNextBestStepWhileASaferOneStands(t *testing.T) {
	road := ladderRoad(t)
	in := onDay.with(practised()...).with(ielts("2025-01-10"), plab(1, "2027-02-20", "booked"))
	l := road.Climb(in)
	for i, a := range l.Next {
		if a.Resits && i == 0 {
			t.Errorf("the first advice is to sit again: %+v", a)
		}
	}
	bare := Inputs{On: onDay.On}.with(ielts("2025-01-10"), plab(1, "2026-10-10", "passed"), rec(fact.Exam, "2027-03-20", "name", "PLAB2", "outcome", "booked")).
		with(practised()...).with(papers()...)
	for i, a := range road.Climb(bare).Next {
		if a.Resits {
			if i < len(road.Climb(bare).Next)-1 {
				t.Error("sitting again stands before something safer")
			}
			if len(a.Risk) < 3 || !strings.Contains(a.Risk[0], "most recent sitting") || !strings.Contains(a.Risk[1], "9 January 2027") || len(a.Ways) == 0 {
				t.Errorf("%+v", a)
			}
		}
	}
}

func TestAnOldBetterResultIsNotUsed(t *testing.T) {
	l := ladderRoad(t).Climb(onDay.with(ielts("2026-02-01"), poorIELTS("2026-06-01")))
	state(t, l, "ENG", RungToDo)
	if w := l.Windows; slices.ContainsFunc(w, func(w Window) bool { return w.Kind == WindowProof }) {
		t.Errorf("the timeline shows the old result as proof: %+v", w)
	}
}

func TestPLAB2BeforeTheStartSaysWhatAPassMeans(t *testing.T) {
	road := ladderRoad(t)
	waiting := onDay
	waiting.Post = Post{Waiting: true}
	l := road.Climb(waiting.with(practised()...).with(ielts("2026-05-01"), plab(1, "2026-09-10", "passed")))
	found := false
	for i, a := range l.Next {
		if a.Rung == "PLAB2" {
			found = true
			if i == 0 && len(l.Next) > 1 {
				t.Error("booking PLAB 2 comes first though it ends a place in the programme")
			}
			if len(a.Risk) != 2 || !strings.Contains(a.Risk[0], "ends your eligibility") || !strings.Contains(a.Risk[1], "jobs as a doctor") {
				t.Errorf("%+v", a)
			}
		}
	}
	if now := l.Rung("PLAB2").Now; !strings.Contains(now, "ends your eligibility") {
		t.Errorf("the rung does not warn: %s", now)
	}
	if !found {
		t.Errorf("no advice on PLAB 2: %+v", l.Next)
	}
	booked := waiting.with(practised()...).with(ielts("2026-05-01"), plab(1, "2026-09-10", "passed"), plab(2, "2027-01-20", "booked"))
	if x := collision(road.Climb(booked), CollisionStart); x == nil || len(x.Risk) != 2 {
		t.Errorf("a booking before the start is not told: %+v", x)
	}
	started := booked
	started.Post = Post{Starts: day("2026-10-01"), Ends: day("2027-09-30")}
	if x := collision(road.Climb(started), CollisionStart); x != nil {
		t.Errorf("told although the post has begun: %+v", x)
	}
}

func TestNobodyIsAskedWithoutAYes(t *testing.T) {
	road := ladderRoad(t)
	base := onDay.with(practised()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2026-09-10", "passed"))
	says := func(l Ladder) string {
		var b strings.Builder
		for _, a := range l.Next {
			b.WriteString(a.Title + " " + a.Why + "\n")
		}
		b.WriteString(l.Rung("CGS").Now + l.Rung("PMQ-PSV").Now + l.Rung("EMPREF").Now + l.Rung("CGS").Why + l.Rung("PMQ-PSV").Why + l.Rung("EMPREF").Why)
		return b.String()
	}
	for name, in := range map[string]Inputs{"silent": base,
		"no": base.with(rec("contact_permission", "2026-01-01", "party", "regulator", "allowed", false), rec("contact_permission", "2026-01-01", "party", "institution", "allowed", false)),
		"yes, then no": base.with(rec("contact_permission", "2026-01-01", "party", "regulator", "allowed", true), rec("contact_permission", "2026-02-01", "party", "regulator", "allowed", false),
			rec("contact_permission", "2026-02-01", "party", "institution", "allowed", false))} {
		text := says(road.Climb(in))
		for _, bad := range []string{"Ask for your certificate", "Start the verification", "Ask for a new one", "asked for when all", "Ask the employers", "Ask for it"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: sends the doctor to ask: %s", name, text)
			}
		}
	}
	two := base.with(rec("contact_permission", "2026-01-01", "party", "regulator", "name", "One", "allowed", true),
		rec("good_standing", "2026-01-01", "regulator", "one ", "certificate", "not_asked"), rec("good_standing", "2026-01-01", "regulator", "Two", "certificate", "not_asked"))
	if text := says(road.Climb(two)); strings.Contains(text, "Ask for your certificate") {
		t.Errorf("a yes for one regulator is taken for the other: %s", text)
	}
	if text := says(road.Climb(two.with(rec("contact_permission", "2026-01-01", "party", "regulator", "name", "Two", "allowed", true)))); !strings.Contains(text, "Ask for your certificate") {
		t.Errorf("a yes for each: %s", text)
	}
	allowed := base.with(rec("contact_permission", "2026-01-01", "party", "regulator", "allowed", true), rec("contact_permission", "2026-01-01", "party", "institution", "allowed", true))
	if text := says(road.Climb(allowed)); !strings.Contains(text, "Ask for your certificate") || !strings.Contains(text, "Start the verification") {
		t.Errorf("with a yes: %s", text)
	}
}

func TestOtherCollisions(t *testing.T) {
	road := ladderRoad(t)
	post := onDay
	post.Post = Post{Starts: day("2026-05-01"), Ends: day("2027-04-30"), Funded: day("2027-03-31")}
	for name, c := range map[string]struct {
		in   Inputs
		code string
		says string
	}{
		"PLAB 1 runs out without PLAB 2":        {onDay.with(ielts("2026-05-01"), plab(1, "2025-02-10", "passed")), CollisionPLAB1, "PLAB 2 is not booked"},
		"English ends and PLAB 1 is not booked": {onDay.with(ielts("2025-02-10")), CollisionEnglishBook, "PLAB 1 is not booked"},
		"English ends before the application":   {onDay.with(ielts("2025-02-10"), plab(1, "2026-03-10", "passed"), plab(2, "2026-06-10", "passed")), CollisionEnglishEnds, "9 February 2027"},
		"PLAB 2 is booked too late":             {onDay.with(ielts("2026-05-01"), plab(1, "2025-02-10", "passed"), plab(2, "2027-03-10", "booked")), CollisionPLAB1, "29 days before PLAB 2"},
		"permission gone before contract":       {post.with(refugee("2026-09-01")), CollisionPermissionPost, "that we have on record ended on 1 September 2026"},
		"permission before contract":            {post.with(refugee("2027-03-01")), CollisionPermissionPost, "60 days before your contract ends"},
		"permission ends":                       {onDay.with(refugee("2027-03-01")), CollisionPermissionEnds, "1 March 2027"},
		"money before contract":                 {post, CollisionFunding, "30 days before the contract ends"},
		"certificate too early":                 {onDay.with(papers()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2027-03-10", "booked")), CollisionGoodStanding, "too early"},
		"the application closes":                {onDay.with(applied()...).with(plab(2, "2026-09-10", "passed")), CollisionApplication, "29 January 2027"},
		"the identity check":                    {onDay.with(rec("registration_step", "2026-11-01", "name", "identity_invitation", "outcome", "done")), CollisionIdentity, "1 November 2026"},
		"PLAB 2 runs out":                       {onDay.with(plab(1, "2024-03-10", "passed"), plab(2, "2025-03-10", "passed")), CollisionPLAB2, "9 March 2027"},
		"English counts only by the extension":  {onDay.with(ielts("2024-02-01"), plab(1, "2025-12-10", "passed"), plab(2, "2026-10-10", "passed"), rec("good_standing", "2026-10-01", "certificate", "asked")), "", ""},
		"the contract ends before registration": {post.with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2027-06-10", "booked")), CollisionContract, "30 April 2027"},
		"permission ends before registration":   {onDay.with(refugee("2027-06-20"), ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2027-07-10", "booked")), CollisionPermissionFirst, "20 June 2027"},
	} {
		l := road.Climb(c.in)
		if c.code == "" {
			continue
		}
		x := collision(l, c.code)
		if x == nil || !strings.Contains(x.Text+x.Do, c.says) {
			t.Errorf("%s: %+v\n%+v", name, x, l.Collisions)
		} else if x.By < c.in.On || x.Title == "" || x.Do == "" {
			t.Errorf("%s: not whole: %+v", name, x)
		}
	}
}

func TestTheForecast(t *testing.T) {
	road := ladderRoad(t)
	bare := road.Foresee(onDay)
	if bare.Earliest != day("2027-01-03") || !bare.Likely.IsZero() || !bare.Latest.IsZero() || len(bare.Unknown) < 4 {
		t.Errorf("from nothing: %+v", bare) // six weeks to the result of PLAB 1 and nothing else is stated
	}
	in := onDay.with(practised()...).with(papers()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"))
	in.History = []Usual{{Step: "plab1_plab2", Short: 200, Median: 300, Long: 400, N: 12, AsAt: day("2026-11-01")}, {Step: "plab2_registered", Short: 60, Median: 90, Long: 150, N: 11, AsAt: day("2026-11-01")}}
	f := road.Foresee(in)
	if f.Earliest != onDay.On.AddDays(60) || f.Likely != day("2026-03-10").AddDays(390) || f.Latest != day("2026-03-10").AddDays(550) || len(f.Unknown) != 0 {
		t.Errorf("with history: %+v", f)
	}
	if len(f.CriticalPath) != 2 || !strings.Contains(f.CriticalPath[0].Why, "12 people") {
		t.Errorf("critical path: %+v", f.CriticalPath)
	}
	for i := range in.History {
		in.History[i].Demonstration = true
	}
	if g := road.Foresee(in); !g.Likely.IsZero() || strings.Contains(fmt.Sprint(g), "people, as at") {
		t.Errorf("a demonstration's history is used: %+v", g)
	}
	booked := onDay.with(practised()...).with(papers()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2027-02-10", "booked"))
	if f := road.Foresee(booked); f.Earliest != day("2027-02-10") || f.CriticalPath[0].Title != "PLAB 2" {
		t.Errorf("booked: %+v", f)
	}
	last := onDay.with(plab(1, "2025-03-10", "passed"), rec(fact.Exam, "2026-05-10", "name", "PLAB2", "outcome", "failed", "attempt", 5))
	if f := road.Foresee(last); !f.Likely.IsZero() || !strings.Contains(fmt.Sprint(f.CriticalPath), "last attempt") {
		t.Errorf("after the fifth fail: %+v", f)
	}
	other := last.with(rec("route", "2026-08-01", "way", "PGQ", "stage", "held", "verified", true))
	l := road.Climb(other)
	i := slices.IndexFunc(l.Routes, func(r RouteProgress) bool { return r.ID == "PGQ" })
	if !l.Routes[i].First || l.Routes[0].State != RungBlocked {
		t.Errorf("routes: %+v", l.Routes)
	}
	state(t, l, "PLAB2", RungNotNeeded)
}

// TestTheForecastTakesWhatTheProgrammeSetWhereNoPageSays: never in the place of
// a published time, and always told.
func TestTheForecastTakesWhatTheProgrammeSetWhereNoPageSays(t *testing.T) {
	road := ladderRoad(t)
	in := onDay
	set := day("2026-09-23")
	in.Given = map[string]Given{"english": {30, 120, 365, set}, "english_verified": {0, 9, 14, set}, "plab1_sitting": {5, 99, 120, set}, "plab1_result": {1, 2, 49, set},
		"plab2_sitting": {30, 90, 180, set}, "plab2_result": {21, 28, 42, set}, "verification": {14, 60, 180, set}, "papers": {14, 42, 90, set}, "decision": {14, 40, 900, set}}
	f := road.Foresee(in)
	if want := onDay.On.AddDays(30 + 42 + 30 + 21 + 14); f.Earliest != want {
		t.Errorf("earliest %s, want %s", f.Earliest, want)
	}
	if want := onDay.On.AddDays(120 + 2 + 46 + 42 + 90 + 28 + 40); f.Likely != want { // 2, 46 and 42 are published
		t.Errorf("likely %s, want %s", f.Likely, want)
	}
	if want := onDay.On.AddDays(365 + 14 + 120 + 49 + 180 + 42 + 90); f.Latest != want { // 90 is published
		t.Errorf("late %s, want %s", f.Latest, want)
	}
	if len(f.Unknown) != 0 || !strings.Contains(fmt.Sprint(f.Reasons), "set by this programme") {
		t.Errorf("unknown %v, reasons %v", f.Unknown, f.Reasons)
	}
	for _, l := range f.CriticalPath {
		if l.Set != strings.Contains(l.Why, "Set by this programme on 23 September 2026") || !l.Set {
			t.Errorf("%s: %q", l.Title, l.Why)
		}
	}
	blind := road.Climb(in).For(View{Rights: RightExperience | RightPost})
	if text := fmt.Sprint(blind.Forecast); strings.Contains(text, "2027") {
		t.Errorf("a reader who may not know gets %s", text)
	}
	delete(in.Given, "papers")
	if f := road.Foresee(in); !f.Likely.IsZero() || len(f.Unknown) != 1 {
		t.Errorf("with one step not known: %+v", f)
	}
}

func TestWhatIf(t *testing.T) {
	road := ladderRoad(t)
	in := onDay.with(practised()...).with(papers()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2027-02-10", "booked"))
	booking := in.Facts[len(in.Facts)-1].ID
	d := road.WhatIf(in, Change{Fact: booking, On: day("2027-05-10")})
	if len(d.Moved) == 0 || d.Moved[0].What != "Earliest day of registration" || !d.Moved[0].Worse || d.Moved[0].To != "10 May 2027" {
		t.Errorf("a later exam: %+v", d.Moved)
	}
	if in.Facts[len(in.Facts)-1].On != day("2027-02-10") {
		t.Error("what if changed the inputs")
	}
	worse := road.WhatIf(in, Change{Kind: fact.EnglishTest, On: day("2026-11-22"), Fields: map[string]any{"test": "IELTS", "overall": 65, "listening": 65, "reading": 65, "writing": 65, "speaking": 65}})
	if i := slices.IndexFunc(worse.Moved, func(m Moved) bool { return m.Rung == "ENG" }); i < 0 || !worse.Moved[i].Worse {
		t.Errorf("a worse sitting: %+v", worse.Moved)
	}
	gone := road.WhatIf(in, Change{Fact: booking})
	if i := slices.IndexFunc(gone.Moved, func(m Moved) bool { return m.Rung == "PLAB2" }); i < 0 || !gone.Moved[i].Worse {
		t.Errorf("without the booking: %+v", gone.Moved)
	}
}

func climbed(road *Road, in Inputs, id string) *Rung {
	l := road.Climb(in)
	return l.Rung(id)
}

func TestAResultSettlesItsBooking(t *testing.T) {
	road := ladderRoad(t)
	base := onDay.with(practised()...).with(papers()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"))
	booked := plab(2, "2026-10-01", "booked")
	booked.Fields["booked"] = day("2026-06-01")
	failed := base.with(booked, plab(2, "2026-10-01", "failed"))
	if r := climbed(road, failed, "PLAB2"); r.State != RungToDo {
		t.Errorf("after the result, PLAB 2 is %v: %s", r.State, r.Why)
	}
	if r := climbed(road, base.with(booked), "PLAB2"); r.State != RungWaiting {
		t.Errorf("before the result, PLAB 2 is %v: %s", r.State, r.Why)
	}
	attempts := func(in Inputs) (n int, on clock.Date) {
		for _, line := range road.Costs(in).Lines {
			if line.Fee == "PLAB2" && line.Paid {
				n, on = n+1, line.On
			}
		}
		return n, on
	}
	if n, on := attempts(failed); n != 1 || on != day("2026-06-01") {
		t.Errorf("a booking and its result are %d attempts, paid on %s", n, on)
	}
	if n, _ := attempts(failed.with(plab(2, "2027-02-10", "booked"))); n != 2 {
		t.Errorf("the next booking is another attempt: %d", n)
	}
	if n, _ := attempts(base.with(plab(2, "2026-09-01", "failed"), booked)); n != 2 {
		t.Errorf("an earlier result says nothing of a later booking: %d", n)
	}
	if failed.Facts[len(failed.Facts)-1].Fields["booked"] != nil {
		t.Error("the inputs were changed")
	}
	ahead := base.with(plab(2, "2027-02-10", "booked"))
	for name, ch := range map[string]Change{"failed": {Kind: fact.Exam, On: day("2027-02-10"), Fields: map[string]any{"name": "PLAB2", "outcome": "failed"}},
		"later": {Kind: fact.Exam, On: day("2027-05-10"), Fields: map[string]any{"name": "PLAB2", "outcome": "booked"}}} {
		if d := road.WhatIf(ahead, ch); len(d.Moved) == 0 || !d.Moved[0].Worse || d.Moved[0].Better {
			t.Errorf("what if %s: %+v", name, d.Moved)
		}
	}
	sooner := road.WhatIf(ahead, Change{Kind: fact.Exam, On: day("2027-01-10"), Fields: map[string]any{"name": "PLAB2", "outcome": "booked"}})
	if len(sooner.Moved) == 0 || !sooner.Moved[0].Better || sooner.Moved[0].Worse {
		t.Errorf("an earlier exam: %+v", sooner.Moved)
	}
}

func TestARegulatorThatCannotBeAsked(t *testing.T) {
	road := ladderRoad(t)
	base := onDay.with(practised()...).with(ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2026-09-10", "passed"),
		rec("good_standing", "2026-06-30", "regulator", "One", "certificate", "not_possible"))
	if now := climbed(road, base, "CGS").Now; !strings.Contains(now, "Do not ask the regulator") {
		t.Errorf("asked again for what is on record: %s", now)
	}
	later := base.with(rec("contact_permission", "2026-07-30", "party", "regulator", "name", "one", "allowed", true))
	if now := climbed(road, later, "CGS").Now; strings.Contains(now, "Do not ask the regulator") {
		t.Errorf("a later yes does not count: %s", now)
	}
	signed := base.with(rec("good_standing", "2026-10-20", "regulator", "One", "certificate", "signed"), rec("contact_permission", "2026-01-30", "party", "regulator", "allowed", true))
	if now := climbed(road, signed, "CGS").Now; strings.Contains(now, "Do not ask the regulator") {
		t.Errorf("a certificate came, and still: %s", now)
	}
}

func TestTheLedger(t *testing.T) {
	road := ladderRoad(t)
	in := Inputs{On: day("2025-10-01")}.with(refugee("2028-03-01"), ielts("2024-05-01"), plab(1, "2024-08-10", "failed"), plab(1, "2024-11-10", "failed"), plab(1, "2025-03-10", "passed"))
	l := road.Costs(in)
	want := []int64{0, 0, 26800}
	for i, w := range want {
		if l.Lines[i].Pence != w || !l.Lines[i].Paid || l.Lines[i].Full != 26800 {
			t.Errorf("attempt %d: %+v", i+1, l.Lines[i])
		}
	}
	i := slices.IndexFunc(l.Lines, func(x CostLine) bool { return x.Fee == "PLAB2" })
	if l.Lines[i].Pence != 49900 || l.Lines[i].Full != 99800 || l.Lines[i].Paid || l.Lines[i].Concession == "" {
		t.Errorf("PLAB 2: %+v", l.Lines[i])
	}
	if l.Spent != 26800 || l.Saved < 2*26800+49900 {
		t.Errorf("totals: %+v", l)
	}
	// V12: the third attempt at PLAB 2 is at the full fee, and so is the first
	// of somebody who is a citizen by then
	third := in.with(plab(2, "2025-04-10", "failed"), plab(2, "2025-06-10", "failed"))
	l = road.Costs(third)
	i = slices.IndexFunc(l.Lines, func(x CostLine) bool { return x.Fee == "PLAB2" && !x.Paid })
	if l.Lines[i].Pence != 99800 || l.Lines[i].Concession != "" {
		t.Errorf("third attempt: %+v", l.Lines[i])
	}
	citizen := in.with(rec(fact.RightToWork, "2025-09-01", "category", "citizen", "may_work", true))
	l = road.Costs(citizen)
	i = slices.IndexFunc(l.Lines, func(x CostLine) bool { return x.Fee == "PLAB2" })
	if l.Lines[i].Pence != 99800 {
		t.Errorf("naturalised: %+v", l.Lines[i])
	}
	if l.Lines[0].Pence != 0 {
		t.Errorf("what was free stays free: %+v", l.Lines[0])
	}
	// the whole path of a refugee at the fees of April 2025 (domain 2.14)
	path := Inputs{On: day("2025-05-01")}.with(refugee("2028-03-01"))
	var sum, full int64
	for _, x := range road.Costs(path).Lines {
		if x.Fee == "PLAB1" || x.Fee == "PLAB2" || x.Fee == "FULL" {
			sum, full = sum+x.Pence, full+x.Full
		}
	}
	if sum != 96200 || full != 173400 {
		t.Errorf("refugee %d, standard %d; want 96200 and 173400", sum, full)
	}
	paid := in
	paid.Paid = []Payment{{Fee: "PLAB1", On: day("2024-07-01"), Pence: 26800, Payer: "a charity"}, {What: "Translation", On: day("2024-01-05"), Pence: 4500}}
	l = road.Costs(paid)
	if l.Lines[0].What != "Translation" || l.Lines[1].Payer != "a charity" || l.Lines[1].Pence != 26800 {
		t.Errorf("recorded payments: %+v", l.Lines[:2])
	}
	now := Inputs{On: onDay.On}.with(refugee("2028-03-01"))
	for _, x := range road.Costs(now).Lines {
		if x.Fee == "PLAB2" && (x.Pence != -1 || !strings.Contains(x.Says, "£998")) {
			t.Errorf("a fee nobody knows: %+v", x)
		}
	}
}

func BenchmarkClimb(b *testing.B) {
	road := ladderRoad(b)
	in := onDay.with(practised()...).with(papers()...).with(refugee("2028-03-01"), ielts("2026-05-01"), plab(1, "2026-03-10", "passed"), plab(2, "2027-02-10", "booked"))
	b.ReportAllocs()
	for b.Loop() {
		if l := road.Climb(in); len(l.Rungs) == 0 {
			b.Fatal("empty")
		}
	}
}

func TestWhatAnotherStepWaitsForStandsBeforeIt(t *testing.T) {
	l := ladderRoad(t).Climb(Inputs{On: onDay.On}.with(practised()...).with(ielts("2025-02-10")))
	at := func(rung string) int { return slices.IndexFunc(l.Next, func(a Advice) bool { return a.Rung == rung }) }
	if account, book := at("GMC-ACC"), at("PLAB1"); account < 0 || book < 0 || account > book {
		t.Errorf("PLAB 1 is booked without an account: %+v", l.Next)
	}
}

// TestTheLedgerForeseesWhatLapses: what a collision foretells may have to be paid
// once more, and is kept apart from what is certainly to pay.
func TestTheLedgerForeseesWhatLapses(t *testing.T) {
	road := ladderRoad(t)
	again := func(in Inputs, fee string) *CostLine {
		l := road.Costs(in)
		var sum int64
		for _, x := range l.Lines {
			if !x.Paid && !x.If && x.Pence > 0 {
				sum += x.Pence
			}
		}
		if sum != l.ToPay {
			t.Errorf("%d is certainly to pay, and %d shown", sum, l.ToPay)
		}
		i := slices.IndexFunc(l.Lines, func(x CostLine) bool { return x.Fee == fee && x.If })
		if i < 0 {
			return nil
		}
		return &l.Lines[i]
	}
	lapses := onDay.with(practised()...).with(ielts("2025-01-10"), plab(1, "2027-02-20", "booked"))
	if x := again(lapses, "ENGLISH"); x == nil || !strings.Contains(x.Says, "9 January 2027") || !strings.Contains(x.What, "once more") || x.Paid {
		t.Errorf("English that lapses before PLAB 1: %+v", x)
	}
	if x := again(onDay.with(practised()...).with(ielts("2026-09-10"), plab(1, "2027-02-20", "booked")), "ENGLISH"); x != nil {
		t.Errorf("English that serves: %+v", x)
	}
	if x := again(onDay.with(practised()...), "ENGLISH"); x != nil {
		t.Errorf("no English yet is a first test, not one more: %+v", x)
	}
	// a refugee's third attempt at PLAB 1 is at the full fee, also when the pass lapsed
	at := Inputs{On: day("2025-10-01")}.with(refugee("2028-03-01"), ielts("2024-12-01"), plab(1, "2023-11-10", "failed"), plab(1, "2023-12-01", "passed"), plab(2, "2026-03-01", "booked"))
	if x := again(at, "PLAB1"); x == nil || x.Pence != x.Full || x.Pence < 26800 || x.Concession != "" || road.Costs(at).Again < x.Pence {
		t.Errorf("PLAB 1 that lapses before PLAB 2: %+v", x)
	}
}
