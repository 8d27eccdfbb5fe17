package onboarding

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/problem"
)

func TestAssessAndShortlist(t *testing.T) {
	r := theRules(t).Recruitment
	wanted := []Wanted{{"acute", true}, {"team", false}}
	give := func(acute, team int) Marks { return Marks{Marks: map[string]int{"acute": acute, "team": team}} }
	got := Assess(r, wanted, []Marks{give(4, 2), give(2, 2)})
	if got.Score != 62 || len(got.Below) != 0 || !slices.Equal(got.Apart, []string{"acute"}) {
		t.Errorf("assessed %+v", got)
	}
	if low := Assess(r, wanted, []Marks{give(1, 4), give(2, 4)}); !slices.Equal(low.Below, []string{"acute"}) {
		t.Errorf("a mean below enough: %+v", low)
	}
	list := []Application{{ID: "A", State: Applied}, {ID: "B", State: Applied}, {ID: "C", State: Applied}, {ID: "D", State: PulledOut}}
	assessed := map[string]Assessed{"A": {Score: 60}, "B": {Score: 90, Below: []string{"acute"}}, "C": {Score: 70}, "D": {Score: 100}}
	byID := map[string]Application{}
	for _, a := range Shortlist(list, assessed, 1) {
		byID[a.ID] = a
	}
	if len(byID) != 3 || byID["C"].State != Shortlisted || byID["A"].State != NotShortlisted || byID["B"].State != NotShortlisted {
		t.Fatalf("shortlisted %+v", byID)
	}
	if why := ReasonSentences(r, byID["A"]); len(why) != 1 || !strings.Contains(why[0], "Those invited scored 70 of 100 or more. You scored 60") {
		t.Errorf("why not A: %v", why)
	}
	if why := ReasonSentences(r, byID["B"]); len(why) != 1 || !strings.Contains(why[0], "acutely ill") {
		t.Errorf("why not B: %v", why)
	}
}

// The order of rows never matters, nobody invited is worse than somebody who
// meets the essentials and is not, and everyone left out reads a reason.
func TestShortlistIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		var list []Application
		assessed := map[string]Assessed{}
		for i := range n {
			id := fmt.Sprint("A", i)
			list = append(list, Application{ID: id, State: Applied})
			a := Assessed{Score: rapid.IntRange(0, 100).Draw(t, "score")}
			if rapid.Bool().Draw(t, "below") {
				a.Below = []string{"acute"}
			}
			assessed[id] = a
		}
		places := rapid.IntRange(1, 12).Draw(t, "places")
		one := Shortlist(list, assessed, places)
		slices.Reverse(list)
		if fmt.Sprint(one) != fmt.Sprint(Shortlist(list, assessed, places)) {
			t.Fatal("the order of rows decides")
		}
		worst, in := 101, 0
		for _, a := range one {
			if a.State == Shortlisted {
				worst, in = min(worst, a.Score), in+1
				if len(assessed[a.ID].Below) > 0 {
					t.Fatal("invited without an essential criterion")
				}
			}
		}
		for _, a := range one {
			if a.State == NotShortlisted && (len(a.Reasons) == 0 || len(assessed[a.ID].Below) == 0 && (a.Score > worst || in < places)) {
				t.Fatalf("%+v was left out; %d of %d places", a, in, places)
			}
		}
	})
}

func TestBlankTakesNamesOut(t *testing.T) {
	for text, want := range map[string]string{
		"I am Samira, SAMIRA Testwala from Aleppo.": "I am […], […] […] from Aleppo.",
		"Nothing here":        "Nothing here",
		"Samirana is a plant": "Samirana is a plant",
		"سميرة worked":        "[…] worked",
		"":                    "",
	} {
		if got := blank(text, []string{"Samira", "Testwala", "Al", "سميرة"}); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// From the vacancy to the offer: blind marks by two, invitations by the marks,
// a time chosen on a phone.
func TestOpenRecruitment(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := w.ctx
		for _, d := range []string{"d1", "d2"} {
			w.doctor(d)
		}
		p := w.post()
		v := must[Vacancy](t)(w.Advertise(ctx, employer, NewVacancy{Post: p.ID, Criteria: []string{"acute", "team"}, Essential: []string{"acute"}, ClosesOn: today + 10}))
		if _, err := w.Advertise(ctx, other, NewVacancy{Post: p.ID, Criteria: []string{"acute"}, ClosesOn: today + 10}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another trust advertised: %v", err)
		}
		if _, err := w.Apply(ctx, byDoctor("d1"), Applying{Vacancy: v.ID, Answers: map[string]string{"team": "Well"}}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("without the essential answer: %v", err)
		}
		answers := map[string]string{"acute": "I, Canary of d1, ran an emergency room. School canary.", "team": "Well"}
		one := must[Application](t)(w.Apply(ctx, byDoctor("d1"), Applying{Vacancy: v.ID, Answers: answers}))
		two := must[Application](t)(w.Apply(ctx, byDoctor("d2"), Applying{Vacancy: v.ID, Answers: map[string]string{"acute": "Canary of d2 did too."}}))
		if _, err := w.Apply(ctx, byDoctor("d1"), Applying{Vacancy: v.ID, Answers: answers}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("applied twice: %v", err)
		}
		if err := w.Invite(ctx, employer, v.ID, 1); !strings.Contains(reasons(err), "has marks of 0 of 2 people") {
			t.Errorf("invited without marks: %v", err)
		}
		senior := call("sup", supervisor.Actor.Members...)
		for i, a := range []Application{one, two} {
			marks := map[string]int{"acute": 3, "team": 4 - i}
			if err := w.Mark(ctx, employer, v.ID, a.ID, marks); err != nil {
				t.Fatal(err)
			}
			if sheet := must[Sheet](t)(w.Read(ctx, senior, v.ID, a.ID)); len(sheet.Others) != 0 || strings.Contains(sheet.Answers["acute"], "anary") {
				t.Errorf("before giving marks the second reader sees %+v", sheet)
			}
			if err := w.Mark(ctx, senior, v.ID, a.ID, marks); err != nil {
				t.Fatal(err)
			}
			if err := w.Mark(ctx, employer, v.ID, a.ID, marks); problem.KindOf(err) != problem.Refused {
				t.Errorf("marks changed after those of the other were seen: %v", err)
			}
		}
		run := must[Running](t)(w.Run(ctx, employer, v.ID))
		for _, a := range run.Applicants {
			if a.Name != "" || a.Doctor != "" {
				t.Errorf("not blind: %+v", a)
			}
		}
		if err := w.Invite(ctx, employer, v.ID, 1); err != nil {
			t.Fatal(err)
		}
		if a := must[OwnApplication](t)(w.Own(ctx, byDoctor("d2"), two.ID)); a.State != NotShortlisted || len(a.Reasons) != 1 {
			t.Errorf("the other: %+v", a.Application)
		}
		w.picksTimeAndOffer(v, one)
	})
}

func (w world) picksTimeAndOffer(v Vacancy, one Application) {
	t, ctx := w.t, w.ctx
	t.Helper()
	for i := range 2 {
		n := NewSlot{Starts: employer.Now.Add(time.Duration(24+i) * time.Hour), Minutes: 30, Place: "Online"}
		if err := w.AddSlot(ctx, employer, v.ID, n); err != nil {
			t.Fatal(err)
		}
	}
	mine := must[OwnApplication](t)(w.Own(ctx, byDoctor("d1"), one.ID))
	if len(mine.Free) != 2 {
		t.Fatalf("times to choose: %+v", mine.Free)
	}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = w.Book(ctx, byDoctor("d1"), one.ID, mine.Free[0].ID) })
	}
	wg.Wait()
	if errs[0] != nil && errs[1] != nil {
		t.Errorf("no time booked: %v", errs)
	}
	if err := w.Book(ctx, byDoctor("d1"), one.ID, mine.Free[1].ID); err != nil {
		t.Errorf("another time: %v", err)
	}
	if err := w.Book(ctx, byDoctor("d2"), one.ID, mine.Free[0].ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("somebody else booked: %v", err)
	}
	w.rulings["d1 offer"] = []string{"Right to work ended on 1 July 2022."}
	if _, err := w.Choose(ctx, employer, v.ID, one.ID); !strings.Contains(reasons(err), "Right to work ended") {
		t.Errorf("offered although no longer eligible: %v", err)
	}
	delete(w.rulings, "d1 offer")
	o := must[Offer](t)(w.Choose(ctx, employer, v.ID, one.ID))
	if o.State != Offered || o.Doctor != "d1" || o.ReplyBy != clock.AddWorkingDays(today, 7, w.o.Rules.Holidays) {
		t.Errorf("the offer: %+v", o)
	}
	later := must[Vacancy](t)(w.Advertise(ctx, employer, NewVacancy{Post: w.post().ID, Criteria: []string{"team"}, ClosesOn: today + 10}))
	also := must[Application](t)(w.Apply(ctx, byDoctor("d1"), Applying{Vacancy: later.ID, Answers: map[string]string{"team": "Well"}}))
	if _, err := w.Advertise(ctx, employer, NewVacancy{Post: w.post().ID, Criteria: []string{"team"}, Essential: []string{"acute"}, ClosesOn: today + 10}); !strings.Contains(err.Error(), "essential") {
		t.Errorf("essential and yet not scored: %v", err)
	}
	must[Offer](t)(w.Accept(ctx, byDoctor("d1"), Answer{ID: o.ID}))
	if a := must[OwnApplication](t)(w.Own(ctx, byDoctor("d1"), also.ID)); a.State != PulledOut || !slices.Equal(ReasonSentences(w.o.Rules.Recruitment, a.Application), []string{"You accepted a post, so this application ended."}) || a.Answers["team"] != "Well" {
		t.Errorf("another application goes on after a post was taken: %+v", a.Application)
	}
	if a := must[OwnApplication](t)(w.Own(ctx, byDoctor("d1"), one.ID)); a.State != JobOffer {
		t.Errorf("the application that led there: %+v", a.Application)
	}
	if err := w.Shut(ctx, employer, v.ID); err != nil {
		t.Error(err)
	}
	if n, err := w.cases.Recheck(ctx, tenant); n != 0 || err != nil {
		t.Errorf("%d cases differ from what they derive from (%v)", n, err)
	}
}

func TestVacancyHiddenFromWhoHides(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		v := must[Vacancy](t)(w.Advertise(w.ctx, employer, NewVacancy{Post: w.post().ID, Criteria: []string{"acute"}, ClosesOn: today + 10}))
		w.hidden["org:RX1"] = []string{"d1"}
		if rows := must[[]VacancyRow](t)(w.OpenVacancies(w.ctx, byDoctor("d1"), 10)); len(rows) != 0 {
			t.Errorf("a place the doctor hides from is listed: %+v", rows)
		}
		if _, err := w.Apply(w.ctx, byDoctor("d1"), Applying{Vacancy: v.ID}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("applied to a place the doctor hides from: %v", err)
		}
	})
}

func TestRecruitmentPagesAreBlind(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		v := must[Vacancy](t)(w.Advertise(w.ctx, employer, NewVacancy{Post: w.post().ID, Criteria: []string{"acute"}, Essential: []string{"acute"}, ClosesOn: today + 10}))
		a := must[Application](t)(w.Apply(w.ctx, byDoctor("d1"), Applying{Vacancy: v.ID, Answers: map[string]string{"acute": "Canary of d1 did it."}}))
		at, sheet := "/recruitment/"+v.ID, "/recruitment/"+v.ID+"/"+a.ID
		w.play([]scene{
			{who: "d1", path: "/vacancies", status: 200, must: []string{"General medicine at Riverside Trust", "Sent"}},
			{who: "d2", path: "/vacancies/" + v.ID, status: 200, must: []string{"without knowing who you are", "suddenly very ill"}},
			{who: "employer", path: "/vacancies", status: 404},
			{who: "d1", path: "/applications/" + a.ID, status: 200, must: []string{"Canary of d1 did it."}},
			{who: "d2", path: "/applications/" + a.ID, status: 404, not: []string{"Canary"}},
			{who: "d1", path: "/recruitment", status: 404},
			{who: "employer", path: "/recruitment/new", status: 200, must: []string{"Advertise a post", "acutely ill"}},
			{who: "employer", path: "/recruitment/new", form: url.Values{}, status: 422, must: []string{"Choose a post"}},
			{who: "employer", path: at, status: 200, must: []string{a.ID, "0 of 2 people"}, not: []string{"Canary", "d1"}},
			{who: "supervisor", path: sheet, status: 200, must: []string{"[…] did it."}, not: []string{"Canary"}},
			{who: "supervisor", path: sheet, form: url.Values{}, status: 422, must: []string{"Choose a mark from 0 to 4"}},
			{who: "supervisor", path: sheet, form: url.Values{"mark-acute": {"3"}}, status: 303},
			{who: "supervisor", path: at + "/invitations", form: url.Values{"places": {"1"}}, status: 404},
			{who: "other", path: at, status: 404, not: []string{"Canary"}},
			{who: "other", path: sheet, status: 404},
			{who: "caseworker", path: at, status: 404},
			{who: "employer", path: at + "/times", form: url.Values{"on-day": {"2"}, "time": {"soon"}}, status: 422, must: []string{"such as 14:30"}},
			{who: "employer", path: at + "/times", form: url.Values{"on": {"2022-08-09"}, "time": {"14:30"}, "minutes": {"30"}, "place": {"Online"}}, status: 303},
			{who: "employer", path: sheet, form: url.Values{"mark-acute": {"4"}}, status: 303},
			{who: "employer", path: sheet, status: 200, must: []string{"Marks cannot be changed"}},
			{who: "employer", path: at + "/invitations", form: url.Values{"places": {"2"}}, status: 303},
			{who: "employer", path: at, status: 200, must: []string{"Canary of d1", "Make an offer", "2:30pm"}},
			{who: "supervisor", path: at, status: 200, not: []string{"Canary", "Make an offer"}},
			{who: "employer", path: at + "/offer", form: url.Values{}, status: 422, must: []string{"Choose a person"}},
			{who: "supervisor", path: at + "/offer", form: url.Values{"application": {a.ID}}, status: 404},
			{who: "d1", path: "/applications/" + a.ID, status: 200, must: []string{"Choose a time", "2:30pm"}},
			{who: "d1", path: "/applications/" + a.ID + "/time", form: url.Values{}, status: 422, must: []string{"Choose a time"}},
		})
	})
}
