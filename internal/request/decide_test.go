package request

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
	"msw/internal/doctor"
)

// draws makes requests and words from a small world, so that they meet.
func drawRequest(t *rapid.T, k Kind) Request {
	day := func(label string) clock.Date {
		return clock.Date(rapid.IntRange(0, 1).Draw(t, label+"?")) * (today + clock.Date(rapid.IntRange(-80, 0).Draw(t, label)))
	}
	r := Request{Kind: k.ID, Made: today - 90, Asked: day("asked"), Agreed: day("agreed"), Received: day("received"), Declined: day("declined"), Judged: day("judged"), Gone: day("gone"),
		Whom: drawWhom(t), Round: 1}
	r.Verdict = rapid.SampledFrom([]string{Accepted, NotEnough}).Draw(t, "verdict")
	if !r.Asked.IsZero() {
		r.Expires = ExpiresOn(r.Asked, 42, nil)
	}
	return r
}

func drawWhom(t *rapid.T) Whom {
	return Whom{Name: rapid.SampledFrom([]string{"", "Samir Nasser", "Hana Aziz", "سمير ناصر"}).Draw(t, "name"), Place: rapid.SampledFrom([]string{"", "Aleppo Hospital", "Homs Hospital"}).Draw(t, "place"),
		Country: rapid.SampledFrom([]string{"", "SY", "TR"}).Draw(t, "country"), Email: rapid.SampledFrom([]string{"", "a@x.example", "b@y.example"}).Draw(t, "email"), From: today - 3000}
}

func drawSaid(t *rapid.T) doctor.Said {
	party := rapid.SampledFrom(doctor.AskedParties()).Draw(t, "party")
	w := drawWhom(t)
	s := doctor.Said{Subject: doctor.Subject{Party: party, Name: rapid.SampledFrom([]string{w.Name, w.Place}).Draw(t, "called"), Country: w.Country, Email: w.Email},
		Allowed: rapid.Bool().Draw(t, "allowed"), Staff: rapid.IntRange(0, 3).Draw(t, "staff") == 0, On: today - clock.Date(rapid.IntRange(0, 60).Draw(t, "said"))}
	if party == doctor.PartyCountry {
		s.Name, s.Allowed = "", s.Allowed && s.Staff
	}
	return s
}

func TestARequestNeverWaitsForSomebodyWhoMustNotBeAsked(t *testing.T) {
	set := loadRules(t)
	times := Times{Days: 42, Remind: []int{28, 14}}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(set.Kinds).Draw(t, "kind")
		r := drawRequest(t, k)
		said := rapid.SliceOfN(rapid.Custom(drawSaid), 0, 6).Draw(t, "said")
		d := Derive(r, k, said, times, today)
		answer, _ := Allowed(r, k, said)
		if d.Owes == OwesOther && answer != doctor.MayAsk {
			t.Fatalf("waits for an answer of somebody of whom the word is %s", answer)
		}
		if d.State == Waiting && (r.Asked.IsZero() || d.Next <= today || d.Next > r.Expires+1) {
			t.Fatalf("waiting: asked %s, next %s, expires %s", r.Asked, d.Next, r.Expires)
		}
		if d.State.Words() == "" || d.Owes.Words() == "" || d.Why == "" || d.Since.IsZero() || d.Since > today {
			t.Fatalf("not complete: %+v", d)
		}
		if d != Derive(r, k, said, times, today) {
			t.Fatal("not the same twice")
		}
		// One more no never makes anything more allowed.
		no := rapid.Custom(drawSaid).Draw(t, "no")
		no.Allowed, no.On = false, today
		if after, _ := Allowed(r, k, append(slices.Clone(said), no)); answer != doctor.MayAsk && after == doctor.MayAsk {
			t.Fatalf("a no made %s into a yes", answer)
		}
		// Without any word of the doctor nobody outside is asked.
		if alone, _ := Allowed(r, k, nil); k.Party != "" && alone == doctor.MayAsk {
			t.Fatal("asked without a yes")
		}
		// A forbidden country forbids all in it.
		if where := r.Whom.Country; k.Party != "" && where != "" {
			all := append(slices.Clone(said), doctor.Said{Subject: doctor.Subject{Party: doctor.PartyCountry, Country: where}, On: today, At: clock.At(today.Time())})
			if a, _ := Allowed(r, k, all); a != doctor.MustNot {
				t.Fatalf("in a forbidden country the word is %s", a)
			}
		}
	})
}

func TestTheLadderTakesEachRungOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := Times{Days: rapid.IntRange(1, 300).Draw(t, "days"), Remind: rapid.SliceOfNDistinct(rapid.IntRange(1, 100), 0, 4, rapid.ID[int]).Draw(t, "remind")}
		r := Request{Asked: today, Expires: ExpiresOn(today, times.Days, nil)}
		taken := map[string]int{}
		for day := today; day <= r.Expires+10; day = day.AddDays(rapid.IntRange(1, 9).Draw(t, "step")) {
			for _, rung := range Due(r, times, day) {
				taken[rung.ID]++
				r.Reminded = append(r.Reminded, rung.ID)
				if rung.On <= r.Asked || rung.On >= r.Expires {
					t.Fatalf("rung %s on %s", rung.ID, rung.On)
				}
			}
		}
		for _, rung := range Ladder(r, times) {
			if taken[rung.ID] != 1 {
				t.Fatalf("rung %s was taken %d times", rung.ID, taken[rung.ID])
			}
		}
	})
}

func TestWorkingAgeCountsAsACalendarDoes(t *testing.T) {
	holidays := loadRules(t).Holidays
	rapid.Check(t, func(t *rapid.T) {
		since := today + clock.Date(rapid.IntRange(-100, 100).Draw(t, "since"))
		to := since + clock.Date(rapid.IntRange(-5, 120).Draw(t, "days"))
		n := 0
		for d := since.AddDays(1); d <= to; d = d.AddDays(1) {
			if clock.WorkingDay(d, holidays) {
				n++
			}
		}
		if got := WorkingAge(since, to, holidays); got != n {
			t.Fatalf("%s to %s: %d, not %d", since, to, got, n)
		}
	})
	if on := ExpiresOn(clock.MustDate("2026-11-13"), 42, holidays); on != clock.MustDate("2026-12-29") {
		t.Errorf("42 days to Christmas Day end on %s", on)
	}
}

func TestAlternativesOpenOneAfterTheOther(t *testing.T) {
	k, _ := loadRules(t).Kind("qualification")
	blocked := Request{Derived: Derived{State: CannotStart, Why: WhyMustNot}}
	for name, c := range map[string]struct {
		r     Request
		tried []Tried
		open  string
		shown int
	}{
		"may be asked":        {Request{Derived: Derived{State: Waiting}}, nil, "", 0},
		"must not be asked":   {blocked, nil, "contemporaries", 6},
		"no yes":              {Request{Derived: Derived{State: CannotStart, Why: WhyNoYes}}, nil, "contemporaries", 6},
		"lost":                {Request{Whom: Whom{Lost: true}, Derived: Derived{State: Waiting}}, nil, "contemporaries", 6},
		"no answer":           {Request{Derived: Derived{State: Overdue}}, nil, "contemporaries", 6},
		"first cannot be had": {blocked, []Tried{{"contemporaries", AltCannot}}, "charity", 6},
		"second not enough":   {blocked, []Tried{{"contemporaries", AltCannot}, {"charity", AltNotEnough}}, "unhcr", 6},
		"one is looked at":    {blocked, []Tried{{"contemporaries", AltGiven}}, "", 6},
		"taken back":          {Request{Whom: Whom{Lost: true}, Derived: Derived{State: Withdrawn}}, nil, "", 0},
	} {
		list := Alternatives(c.r, k, c.tried)
		var open []string
		for _, t := range list {
			if t.State == AltOpen {
				open = append(open, t.Code)
			}
		}
		if len(list) != c.shown || c.open == "" && len(open) > 0 || c.open != "" && !slices.Equal(open, []string{c.open}) {
			t.Errorf("%s: %d shown, open %v", name, len(list), open)
		}
	}
}

func TestFlags(t *testing.T) {
	d := doctor.Contact{Email: "layla.haddad@gmail.com", Mobile: "07700 900123"}
	for _, c := range []struct {
		w    Whom
		want int
	}{{Whom{Email: "s@hospital.example"}, 0}, {Whom{Email: "x@GMAIL.com"}, 1}, {Whom{Email: "laylahaddad+ref@gmail.com"}, 2}, {Whom{Phone: "+44 7700 900123"}, 1}, {Whom{}, 0},
		{Whom{Email: "x@yahoo.co.uk"}, 1}, {Whom{Email: "x@me.ac.uk"}, 0}, {Whom{Email: "prof@mail.university.example"}, 0}} {
		if got := Flags(c.w, d); len(got) != c.want {
			t.Errorf("%+v: %v", c.w, got)
		}
	}
}

// Over any history of words, requests, jobs and days, nothing is ever sent to
// somebody who, at the moment of sending, has no standing yes or a standing no.
func TestNothingIsEverSentToSomebodyWhoMustNotBeAsked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		people := []Whom{{Name: "Samir Nasser", Country: "SY", Email: "samir@a.example"}, {Name: "Hana Aziz", Country: "TR", Place: "Homs Hospital", Email: "hana@b.example"}}
		for i := range people {
			people[i].From = today - 3000
		}
		rapid.Check(t, func(rt *rapid.T) {
			w.drain()  // what was allowed in the history before
			w.person() // each history has a doctor of its own, of whom nothing was said
			var ids []string
			seen := len(w.box.Newest(tenant, 5000))
			for range rapid.IntRange(4, 14).Draw(rt, "steps") {
				i := rapid.IntRange(0, 1).Draw(rt, "who")
				pick := func() string {
					if len(ids) == 0 {
						return "none"
					}
					return rapid.SampledFrom(ids).Draw(rt, "request")
				}
				switch rapid.SampledFrom([]string{"make", "yes", "no", "send", "send", "mark", "country", "days", "drain", "change"}).Draw(rt, "step") {
				case "make":
					r, err := w.Make(w.ctx, w.own(), Fresh{Doctor: w.id, Kind: "reference", Whom: people[i]})
					fatal(t, err)
					ids = append(ids, r.ID)
				case "yes":
					_ = w.Permit(w.ctx, w.own(), pick(), true)
				case "no":
					_ = w.Permit(w.ctx, w.own(), pick(), false)
				case "send":
					_, _ = w.Service.Send(w.ctx, w.own(), pick(), 0)
				case "change":
					_, _ = w.Change(w.ctx, w.own(), pick(), 0, people[i])
				case "mark":
					fatal(t, w.doctors.Say(w.ctx, w.caseworker(), doctor.NewSaid{Doctor: w.id, Reason: "x", Subject: doctor.Subject{Party: doctor.PartyPerson, Name: people[i].Name}}))
				case "country":
					fatal(t, w.doctors.Say(w.ctx, w.own(), doctor.NewSaid{Doctor: w.id, Subject: doctor.Subject{Party: doctor.PartyCountry, Country: people[i].Country}}))
				case "days":
					w.at = w.at.AddDays(rapid.IntRange(1, 20).Draw(rt, "days"))
					_, err := w.Sweep(w.ctx, w.operator())
					fatal(t, err)
				case "drain":
					w.drain()
				}
				all := w.box.Newest(tenant, 5000)
				said, err := w.doctors.Asked(w.ctx, tenant, w.id)
				fatal(t, err)
				for _, m := range all[:len(all)-min(seen, len(all))] { // the newest come first
					for _, who := range people {
						s := doctor.Subject{Party: doctor.PartyPerson, Name: who.Name, Country: who.Country, Email: who.Email}
						if m.To == who.Email && doctor.Asking(said, s).Answer != doctor.MayAsk {
							rt.Fatalf("a message left for %s", who.Name)
						}
					}
				}
				seen = len(all)
			}
			for _, id := range ids { // what waits for this doctor's referees is not the next one's
				if r := w.get(id); !r.State.Over() {
					_, err := w.Withdraw(w.ctx, w.own(), id, 0)
					fatal(t, err)
				}
			}
		})
	})
}
