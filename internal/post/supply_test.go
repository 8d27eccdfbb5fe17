package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

func day(s string) clock.Date { return clock.MustDate(s) }

func codes(list []Stop) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Code)
	}
	return out
}

func TestASupervisorsApprovalAndAbsence(t *testing.T) {
	for name, c := range map[string]struct {
		change         func(*Supervisor)
		stops, warning []string
	}{
		"in force":              {func(*Supervisor) {}, nil, nil},
		"lapses before start":   {func(v *Supervisor) { v.ApprovedUntil = day("2022-08-31") }, []string{"supervisor_lapsed"}, nil},
		"lapses on the start":   {func(v *Supervisor) { v.ApprovedUntil = day("2022-09-01") }, nil, []string{"lapses"}},
		"lapses after the end":  {func(v *Supervisor) { v.ApprovedUntil = day("2023-09-01") }, nil, nil},
		"away at the start":     {func(v *Supervisor) { v.AwayFrom, v.AwayUntil = day("2022-08-20"), day("2022-09-01") }, []string{"supervisor_away"}, nil},
		"back in time":          {func(v *Supervisor) { v.AwayFrom, v.AwayUntil = day("2022-08-20"), day("2022-08-31") }, nil, nil},
		"away during":           {func(v *Supervisor) { v.AwayFrom, v.AwayUntil = day("2022-12-01"), day("2023-02-01") }, nil, []string{"absence"}},
		"full, lapsed and away": {func(v *Supervisor) { v.Holding, v.ApprovedUntil, v.AwayFrom = 2, today, today }, []string{"no_room", "supervisor_lapsed", "supervisor_away"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, around := readyPost()
			c.change(around.Clinical)
			if got := codes(Stops(p, around)); !slices.Equal(got, c.stops) {
				t.Errorf("stops %v, want %v", got, c.stops)
			}
			if got := codes(Warnings(p, around)); c.stops == nil && !slices.Equal(got, c.warning) {
				t.Errorf("warnings %v, want %v", got, c.warning)
			}
		})
	}
}

func TestAPracticesPostWarnsOfTheDesignatedBody(t *testing.T) {
	p, around := readyPost()
	if got := codes(Warnings(p, around)); len(got) != 0 {
		t.Errorf("a trust's post warns: %v", got)
	}
	around.Host.Practice = true
	if got := codes(Warnings(p, around)); !slices.Equal(got, []string{"designated_host"}) {
		t.Errorf("a trust employs, a practice hosts: %v", got)
	}
	around.Employer.Practice = true
	if got := codes(Warnings(p, around)); !slices.Equal(got, []string{"designated_body"}) {
		t.Errorf("a practice employs: %v", got)
	}
}

func TestVacancyAndOverlap(t *testing.T) {
	p := Post{Status: Open, Details: Details{StartFrom: day("2022-07-01"), ContractEnd: day("2023-06-30")}}
	for want, change := range map[string]func(*Post){
		"Empty since 1 July 2022, 32 days":            func(*Post) {},
		"Starts in 31 days":                           func(p *Post) { p.StartFrom = day("2022-09-01") },
		"Empty since 21 July 2022, 12 days":           func(p *Post) { p.VacatedOn = day("2022-07-20") },
		"Stood empty for 10 days before it was taken": func(p *Post) { p.Status, p.FilledOn = Filled, day("2022-07-11") },
		"Taken before it stood empty":                 func(p *Post) { p.Status, p.FilledOn = Filled, day("2022-06-11") },
		"Not recorded":                                func(p *Post) { p.Status = Filled },
		"The contract is over":                        func(p *Post) { p.ContractEnd = day("2022-07-31") },
		"Empty since 1 August 2022, 1 day":            func(p *Post) { p.StartFrom = today },
	} {
		q := p
		change(&q)
		if got := VacancyOf(q, today).Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	next := Post{Details: Details{StartFrom: day("2023-06-21")}}
	if o := OverlapOf(p, next); o.Days != 10 || o.Gap != 0 {
		t.Errorf("overlap %+v", o)
	}
	next.StartFrom = day("2023-07-01")
	if o := OverlapOf(p, next); o.Days != 0 || o.Gap != 0 {
		t.Errorf("one after the other: %+v", o)
	}
	next.StartFrom = day("2023-07-11")
	if o := OverlapOf(p, next); o.Gap != 10 {
		t.Errorf("gap %+v", o)
	}
}

func TestSpecialtiesInEmployersWords(t *testing.T) {
	for text, want := range map[string]string{"Trauma and orthopaedics": "surgery", "General practice": "general_practice", "Psychiatry": "mental_health", "General medicine": "general_medicine",
		"Emergency medicine": "acute", "Anaesthetics": "anaesthetics", "Care of older people": "elderly", "Paediatrics": "paediatrics", "basket weaving": "", "": "", "Children's medicine": "paediatrics"} {
		if got := SpecialtyCode(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestMilesAreWholeAndTheSameBothWays(t *testing.T) {
	atlas := Atlas{"E1": {534700, 181700}, "SE5": {532600, 176700}, "M6": {380000, 400000}}
	if miles, known := atlas.Miles("se5 9rs", "E1"); !known || miles != 3 {
		t.Errorf("SE5 to E1: %d, %v", miles, known)
	}
	if miles, _ := atlas.Miles("M6", "M6"); miles != 0 {
		t.Errorf("M6 to itself: %d", miles)
	}
	if _, known := atlas.Miles("ZZ9", "E1"); known {
		t.Error("an unknown district has a distance")
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Atlas{"A1": {rapid.IntRange(0, 700000).Draw(t, "x"), rapid.IntRange(0, 1200000).Draw(t, "y")}, "B1": {rapid.IntRange(0, 700000).Draw(t, "u"), rapid.IntRange(0, 1200000).Draw(t, "v")}}
		one, _ := a.Miles("A1", "B1")
		two, _ := a.Miles("B1", "A1")
		if one != two || one < 0 || one > 900 {
			t.Fatalf("%d there, %d back", one, two)
		}
		n := rapid.Uint64Range(0, 1<<50).Draw(t, "n")
		if r := root(n); r*r > n || (r+1)*(r+1) <= n {
			t.Fatalf("root of %d is %d", n, r)
		}
	})
	for text, want := range map[string]string{"SE5 9RS": "SE5", "se59rs": "SE5", " e1 ": "E1", "EC1A1BB": "EC1A"} {
		if got := Outcode(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestWhoHostsCannotChangeTheEmployersPost(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		w.supervisor("sup", 3)
		p := w.register(details()) // RX1 employs, G1 hosts
		host := call("practice", access.Membership{Role: "employer_hr", Organisation: "G1"})
		if _, err := w.Look(ctx, host, p.ID); err != nil {
			t.Fatalf("the host cannot see the post: %v", err)
		}
		takeover := p.Details
		takeover.Employer, takeover.Clinical, takeover.Educational = "G1", "", ""
		if _, err := w.Amend(ctx, host, Amendment{ID: p.ID, Version: p.Version, Details: takeover}); problem.KindOf(err) != problem.Forbidden {
			t.Fatalf("the host made itself the employer: %v", err)
		}
		if _, err := w.Close(ctx, host, Step{ID: p.ID}); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("the host closed the employer's post: %v", err)
		}
		if _, err := w.Approve(ctx, london, Step{ID: p.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Open(ctx, host, Step{ID: p.ID}); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("the host opened the employer's post: %v", err)
		}
		if v, err := w.Look(ctx, host, p.ID); err != nil || v.MayChange || v.MayOpen {
			t.Errorf("the host is offered buttons: %+v, %v", v, err)
		}
		if v, err := w.Look(ctx, employer, p.ID); err != nil || !v.MayChange || !v.MayOpen {
			t.Errorf("the employer is not: %v", err)
		}
		now, err := w.Get(ctx, tenant, p.ID)
		if err != nil || now.Employer != "RX1" || now.Status != Approved {
			t.Errorf("the post is %+v", now)
		}
	})
}

func TestOpeningsKnowTheirLimits(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		w.supervisor("sup", 3)
		for range 3 {
			p := w.register(details())
			for _, err := range []error{second(w.Approve(ctx, london, Step{ID: p.ID})), second(w.Open(ctx, employer, Step{ID: p.ID}))} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		list, err := w.Openings(ctx, tenant, today)
		if err != nil || len(list) != 3 {
			t.Fatal(len(list), err)
		}
		for _, o := range list {
			if o.Room != 3 || o.HostName != "Canal Practice" || o.Region != "Y56" || o.Funder != Programme || o.Supervisor != "sup" {
				t.Errorf("%+v", o)
			}
		}
		if !slices.IsSortedFunc(list, func(a, b Opening) int { return strings.Compare(a.Post, b.Post) }) {
			t.Error("not in the order of references")
		}
		if err := w.Fill(ctx, employer, list[0].Post, "offer"); err != nil {
			t.Fatal(err)
		}
		set := func(v NewSupervisor) {
			v.Account, v.Organisation, v.Name = "sup", "RX1", "Senior sup"
			if _, err := w.SetSupervisor(ctx, employer, v); err != nil {
				t.Fatal(err)
			}
		}
		room := func() int {
			list, err := w.Openings(ctx, tenant, today)
			if err != nil || len(list) != 2 {
				t.Fatal(len(list), err)
			}
			return list[0].Room
		}
		if got := room(); got != 2 {
			t.Errorf("room %d after one was filled, want 2", got)
		}
		if set(NewSupervisor{Capacity: 2}); room() != 1 {
			t.Errorf("room %d when two at once are allowed and one is there, want 1", room())
		}
		if set(NewSupervisor{Capacity: 3, ApprovedUntil: day("2022-08-15")}); room() != 0 {
			t.Errorf("room %d when the approval lapses before the start", room())
		}
		if p, err := w.Get(ctx, tenant, list[0].Post); err != nil || p.FilledOn != today {
			t.Errorf("filled on %s, %v", p.FilledOn, err)
		}
		if err := w.Vacate(ctx, employer, list[0].Post, "offer", "sup", day("2022-10-01")); err != nil {
			t.Fatal(err)
		}
		if p, err := w.Get(ctx, tenant, list[0].Post); err != nil || p.VacatedOn != day("2022-10-01") || !p.FilledOn.IsZero() {
			t.Errorf("vacated on %s, %v", p.VacatedOn, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestInterestIsEachOnesOwn(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		said, err := w.SayInterest(ctx, employer, Interest{Organisation: "RX1", Answer: Looking, Places: 3})
		if err != nil || said.Region != "Y56" {
			t.Fatal(said, err)
		}
		if _, err := w.SayInterest(ctx, employer, Interest{Organisation: "RX2", Answer: NotNow}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("an employer answered for another: %v", err)
		}
		if _, err := w.SayInterest(ctx, employer, Interest{Organisation: "RX1", Answer: NotNow}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("an old version was saved: %v", err)
		}
		if _, err := w.SayInterest(ctx, london, Interest{Organisation: "G1", Answer: Interested}); err != nil {
			t.Errorf("the region cannot write down a call: %v", err)
		}
		for who, want := range map[string]int{"lon": 2, "nor": 0, "nat": 2, "hr2": 0} {
			c := map[string]access.Call{"lon": london, "nor": north, "nat": national, "hr2": other}[who]
			if list, err := w.Interests(ctx, c, InterestQuery{Limit: 50}); err != nil || len(list) != want {
				t.Errorf("%s sees %d answers, want %d, %v", who, len(list), want, err)
			}
		}
	})
}

var tenAnswers = map[string]string{"setting": "gp_practice", "employer-value": "RX1", "employer": "Riverside Trust", "elsewhere": "yes", "host-value": "G1", "host": "Canal Practice",
	"specialty": "General practice", "least_after": "24", "count": "2", "start-day": "1", "start-month": "Oct", "start-year": "2022", "hours": "37:30", "pay": "local", "amount": "£38,000", "indemnity": "practice_scheme",
	"clinical": "", "clinical_said": "yes"}

func TestAPostIsOfferedInTenAnswers(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		d, err := w.BeginOffer(ctx, employer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.SubmitOffer(ctx, employer, d.ID); problem.KindOf(err) != problem.Invalid {
			t.Fatalf("an empty offer was registered: %v", err)
		}
		if len(Questions()) != 10 {
			t.Errorf("%d questions", len(Questions()))
		}
		for i, q := range Questions() {
			if got := d.Next(); got != i+1 {
				t.Errorf("before %s the next question is %d", q.Name, got)
			}
			part := map[string]string{}
			for name, text := range tenAnswers {
				base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "-day"), "-month"), "-year")
				if slices.Contains(q.Fields, base) || strings.HasPrefix(name, "clinical") && q.Name == "supervisor" {
					part[name] = text
				}
			}
			if d, err = w.AnswerOffer(ctx, employer, d.ID, part); err != nil {
				t.Fatal(err)
			}
			if err := w.Mistakes(ctx, employer, d, q); err != nil {
				t.Errorf("%s: %v", q.Name, err)
			}
		}
		if _, err := w.DraftOf(ctx, other, d.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("somebody else reads the answers: %v", err)
		}
		made, err := w.SubmitOffer(ctx, employer, d.ID)
		if err != nil || len(made) != 2 {
			t.Fatal(len(made), err)
		}
		p := made[0]
		if p.Employer != "RX1" || p.Host != "G1" || p.StartFrom != day("2022-10-01") || p.MinutesWeek != 2250 || p.Pay.Pence != 3_800_000 || p.Requires != (Requires{After: 24}) || p.Status != Draft || made[1].ID == p.ID {
			t.Errorf("%+v", p)
		}
		if left, err := w.Drafts(ctx, employer); err != nil || len(left) != 0 {
			t.Errorf("%d drafts are left, %v", len(left), err)
		}
	})
}

func TestNothingTypedIsLost(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		d, err := w.BeginOffer(ctx, employer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.AnswerOffer(ctx, employer, d.ID, map[string]string{"hours": "lots", "start-day": "32", "start-month": "1", "start-year": "2027", "amount": "a penny", "pay": "local", "least_surgery": "some"}); err != nil {
			t.Fatal(err)
		}
		d, err = w.DraftOf(ctx, employer, d.ID)
		if err != nil || d.Answers["hours"] != "lots" || d.Answers["start-day"] != "32" {
			t.Fatalf("%v, %v", d.Answers, err)
		}
		_, err = d.Offer(FullTimeWeek)
		var named []string
		for _, f := range asProblem(err).Fields {
			named = append(named, f.Name)
		}
		for _, want := range []string{"setting", "employer", "specialty", "count", "start", "hours", "amount", "indemnity", "least_surgery"} {
			if n := count(named, want); n != 1 {
				t.Errorf("%s is said %d times in %v", want, n, named)
			}
		}
	})
}

func count(list []string, s string) (n int) {
	for _, x := range list {
		if x == s {
			n++
		}
	}
	return n
}

func TestPostsThatOneSupervisorWouldOpen(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		w.supervisor("sup", 1)
		w.o.Funded = func(context.Context, access.Call) ([]Funded, error) {
			return []Funded{{Phase: "ph", Title: "2022/23", Ends: day("2023-03-31"), Region: "Y56", Places: 10, Taken: 4}, {Phase: "x", Ends: day("2024-03-31"), Region: "Y56", Places: 9},
				{Phase: "ph", Ends: day("2023-03-31"), Region: "Y62", Places: 5}}, nil
		}
		d := details()
		for i, clinical := range []string{"sup", "", "sup"} {
			d.Clinical = clinical
			if i == 2 {
				d.Pay = Pay{} // lacks more than a supervisor
			}
			p := w.register(d)
			if _, err := w.Approve(ctx, london, Step{ID: p.ID}); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				if _, err := w.Open(ctx, employer, Step{ID: p.ID}); err != nil {
					t.Fatal(err)
				}
			}
		}
		g, err := w.LookGaps(ctx, london)
		if err != nil || g.Posts != 1 || len(g.Hosts) != 1 || g.Hosts[0].Name != "Canal Practice" || g.YearEnd != day("2023-03-31") {
			t.Fatalf("%+v, %v", g, err)
		}
		if len(g.Risks) != 1 || g.Risks[0].Open != 1 || g.Risks[0].Unused != 5 {
			t.Errorf("risks %+v", g.Risks)
		}
		if g, err := w.LookGaps(ctx, north); err != nil || g.Posts != 0 || len(g.Risks) != 1 || g.Risks[0].Region != "Y62" {
			t.Errorf("the north sees %+v, %v", g, err)
		}
	})
}

func TestOutcodesAreTakenIn(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ctx := context.Background()
		operator := call("op", access.Membership{Role: "operator"})
		var file strings.Builder
		file.WriteString("postcode,eastings,northings,town\n")
		for i := range 130 {
			fmt.Fprintf(&file, "AB%d,%d,%d,Aberdeen\n", i%99, 392900+i, 804900)
		}
		file.WriteString("E1,534700,181700,Poplar\nNOWHERE,1,2,x\nE2,0,0,y\nE3,far,1,z\n")
		if _, err := w.ImportOutcodes(ctx, employer, strings.NewReader(file.String()), "a.csv", false); err == nil {
			t.Error("an employer took in a table")
		}
		r, err := w.ImportOutcodes(ctx, operator, strings.NewReader(file.String()), "a.csv", true)
		if err != nil || r.Read != 134 || r.Stored != 100 || r.Refused != 3 || len(r.Why) != 3 {
			t.Fatalf("%+v, %v", r, err)
		}
		if atlas, err := w.Atlas(ctx); err != nil || len(atlas) != 0 {
			t.Errorf("a dry run stored %d, %v", len(atlas), err)
		}
		for range 2 {
			if _, err := w.ImportOutcodes(ctx, operator, strings.NewReader(file.String()), "a.csv", false); err != nil {
				t.Fatal(err)
			}
		}
		if atlas, err := w.Atlas(ctx); err != nil || len(atlas) != 100 || atlas["E1"] != (Spot{534700, 181700}) {
			t.Errorf("%d districts, %v, %v", len(atlas), atlas["E1"], err)
		}
		if _, err := w.ImportOutcodes(ctx, operator, strings.NewReader("a,b\n1,2\n"), "a.csv", false); problem.KindOf(err) != problem.Refused {
			t.Errorf("another table was taken: %v", err)
		}
	})
}
