package demo

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/programme"
	"msw/internal/request"
	"msw/internal/signin"
)

// proof makes two roads of asking for proof: one doctor whose university was
// destroyed, about whom nobody is asked, and one who let people be asked.
func (l *loader) proof(ctx context.Context) error {
	people, err := l.assessed(ctx, 4)
	if err != nil || len(people) < 2 {
		return err // a very small demo has nobody to spare
	}
	if err := l.nobodyAsked(ctx, people[0]); err != nil {
		return fmt.Errorf("nobody is asked: %w", err)
	}
	if err := l.peopleAsked(ctx, people[1]); err != nil {
		return fmt.Errorf("people are asked: %w", err)
	}
	if len(people) == 4 {
		if err := l.samePassport(ctx, people[2:]); err != nil {
			return fmt.Errorf("the same passport: %w", err)
		}
	}
	for i, about := range []struct{ id, title, explains string }{
		{"doctor-proof-lost", "Doctor, proof lost", "The university was destroyed: nobody is asked, and other evidence counts"},
		{"doctor-referees", "Doctor, with referees", "Let people be asked: one answered, one is late, one is being asked"}} {
		d, err := l.Doctors.Get(ctx, programme.National, people[i])
		if err != nil {
			return err
		}
		l.personas = append(l.personas, signin.Persona{ID: about.id, Title: about.title, Name: d.Shown(), Tenant: tenantOf(0), Explains: about.explains, Account: l.accounts[people[i]]})
	}
	_, err = l.Requests.Sweep(ctx, l.on(0, l.o.Today))
	return err
}

// assessed finds doctors whose application is being assessed and who sign in.
func (l *loader) assessed(ctx context.Context, n int) ([]string, error) {
	found, err := l.Cases.List(ctx, l.on(0, l.o.Today), casefile.Query{Stage: casefile.StageAssessing})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, row := range found.Rows {
		if len(out) < n && l.accounts[row.Doctor] != "" && !l.shown(l.accounts[row.Doctor]) {
			out = append(out, row.Doctor)
		}
	}
	return out, nil
}

// samePassport gives two people the same number, for the watch list.
func (l *loader) samePassport(ctx context.Context, people []string) error {
	for _, id := range people {
		d, err := l.Doctors.Get(ctx, programme.National, id)
		if err != nil {
			return err
		}
		d.Papers.Passport = "N 0000000"
		if err := l.Doctors.Change(ctx, l.on(0, l.o.Today-2), doctor.Change{Doctor: id, Version: d.Version, Details: d.Details}); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) nobodyAsked(ctx context.Context, id string) error {
	day := l.o.Today - 40
	degree, err := l.toProve(ctx, id, fact.Qualification)
	if err != nil {
		return err
	}
	r, err := l.Requests.Make(ctx, l.on(0, day), request.Fresh{Doctor: id, Kind: "qualification", Fact: degree.ID, Whom: request.Whom{Name: degree.Text("institution"), Country: degree.Text("country"),
		From: clock.AddMonths(degree.On, -72), To: degree.On}})
	if err != nil {
		return err
	}
	if err := l.Doctors.Say(ctx, l.self(id, day+1), doctor.NewSaid{Doctor: id, Subject: doctor.Subject{Party: doctor.PartyCountry, Country: degree.Text("country")}}); err != nil {
		return err
	}
	if r, err = l.Requests.Lost(ctx, l.self(id, day+1), r.ID, 0, true); err != nil {
		return err
	}
	if _, err = l.Requests.GiveInstead(ctx, l.self(id, day+2), request.Instead{ID: r.ID, Code: "contemporaries", Cannot: true}); err != nil {
		return err
	}
	if _, err = l.Requests.GiveInstead(ctx, l.self(id, day+9), request.Instead{ID: r.ID, Code: "charity", Text: "A letter of the charity that copied my certificate when I arrived."}); err != nil {
		return err
	}
	if _, err = l.Requests.JudgeInstead(ctx, l.as(0, day+20, "assessor"), request.Judging{ID: r.ID, Verdict: request.NotEnough, Note: "The copy shows the first page only."}); err != nil {
		return err
	}
	_, err = l.Requests.GiveInstead(ctx, l.self(id, day+30), request.Instead{ID: r.ID, Code: "unhcr", Text: "My registration with the UN refugee agency names the university and the year."})
	return err
}

// toProve gives the fullest fact of a kind that a doctor told.
func (l *loader) toProve(ctx context.Context, id, kind string) (best fact.Record, err error) {
	facts, err := l.Facts.For(ctx, programme.National, id)
	for _, f := range fact.Of(facts, kind) {
		if len(f.Fields) > len(best.Fields) {
			best = f
		}
	}
	return best, err
}

func (l *loader) peopleAsked(ctx context.Context, id string) error {
	from, to := clock.MustDate("2015-02-01"), clock.MustDate("2019-08-31")
	work, err := l.toProve(ctx, id, fact.Experience)
	if err != nil {
		return err
	}
	degree, err := l.toProve(ctx, id, fact.Qualification)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		kind, name, place, country, email string
		day                               clock.Date
		answer                            bool
	}{
		{"reference", "Hana Sample", "Testfield General Hospital", "TR", "hana@testfield-hospital.example", l.o.Today - 60, false},
		{"reference", "Omar Example", "Testfield General Hospital", "DE", "omar.example@gmail.com", l.o.Today - 30, true},
		{"qualification", degree.Text("institution"), "", degree.Text("country"), "", l.o.Today - 12, false},
	} {
		whom := request.Whom{Name: one.name, Place: one.place, Country: one.country, Email: one.email, From: from, To: to}
		proves := work.ID
		if one.kind == "qualification" {
			proves, whom.From, whom.To = degree.ID, clock.AddMonths(degree.On, -72), degree.On
		}
		r, err := l.Requests.Make(ctx, l.on(0, one.day), request.Fresh{Doctor: id, Kind: one.kind, Fact: proves, Whom: whom})
		if err != nil {
			return err
		}
		if err := l.Requests.Permit(ctx, l.self(id, one.day+1), r.ID, true); err != nil {
			return err
		}
		if _, err := l.Requests.HandOver(ctx, l.self(id, one.day+2), r.ID, 0); err != nil {
			return err
		}
		if one.answer {
			if err := l.answered(ctx, id, r.ID, one.day+5); err != nil {
				return err
			}
		}
	}
	_, err = l.Requests.Make(ctx, l.on(0, l.o.Today-3), request.Fresh{Doctor: id, Kind: "employer_reference"})
	return err
}

// answered lets the person asked answer by the link the doctor handed over.
func (l *loader) answered(ctx context.Context, id, req string, day clock.Date) error {
	sight, err := l.Requests.See(ctx, l.self(id, day), req)
	if err != nil {
		return err
	}
	call := l.on(0, day)
	call.Actor = access.Actor{Tenant: programme.National}
	link := sight.Link.Address[strings.LastIndexByte(sight.Link.Address, '/')+1:]
	_, err = l.Requests.Reply(ctx, call, link, request.Answer{Says: request.SaysConfirm, Role: "Head of the ward", Signed: "O Example",
		Text: "We worked on the same ward for four years. Reliable, and kind to patients.", MayRead: true})
	return err
}
