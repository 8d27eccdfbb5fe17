package demo

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/portfolio"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/signin"
)

// portfolios gives a doctor in a hospital and one in a practice a portfolio that
// lives: signed, waiting, private, with a link in the demo's mailbox and a
// passport to check.
func (l *loader) portfolios(ctx context.Context) error {
	if l.Portfolios == nil {
		return nil
	}
	rows, err := l.Placements.List(ctx, l.on(0, l.o.Today), placement.Query{Which: placement.Now, Limit: 400})
	if err != nil {
		return err
	}
	for _, want := range []struct {
		id, title, explains string
		setting             post.Setting
		open                bool
	}{
		{"doctor-hospital", "Doctor, in a hospital", "Keeps a portfolio, asks for signatures, carries a passport", post.Hospital, true},
		{"doctor-practice", "Doctor, in a GP practice", "Keeps a portfolio in general practice", post.GPPractice, false},
	} {
		p, found := l.settled(rows, want.setting)
		if !found {
			continue // a very small demo has nobody there
		}
		if want.setting == post.GPPractice {
			if err := l.manager(ctx, p); err != nil {
				return err
			}
		}
		account, err := l.accountOf(ctx, p.Doctor)
		if err != nil {
			return err
		}
		if err := l.living(ctx, p, want.open); err != nil {
			return fmt.Errorf("%s: %w", want.id, err)
		}
		if err := l.evidenced(ctx, p, want.open); err != nil {
			return fmt.Errorf("%s: %w", want.id, err)
		}
		names, err := l.Doctors.Names(ctx, programme.National, []string{p.Doctor})
		if err != nil {
			return err
		}
		l.personas = append(l.personas, signin.Persona{ID: want.id, Title: want.title, Name: names[p.Doctor].Shown(), Account: account, Tenant: programme.National, Explains: want.explains})
	}
	return nil
}

// manager makes the manager of the practice where somebody is in post: the other
// practice one can be has nobody there.
func (l *loader) manager(ctx context.Context, p placement.Row) error {
	const email = "meera.shah@practice.example"
	account, err := l.SignIn.Ensure(ctx, email)
	if err != nil {
		return err
	}
	m := organisation.Member{Account: account, Organisation: p.Host, Role: organisation.RoleEmployerHR, From: firstDay}
	if _, err := l.Organisations.AddMember(ctx, l.on(0, firstDay), m); err != nil {
		return err
	}
	l.personas = append(l.personas, signin.Persona{ID: "practicehr-in-post", Title: "Employer: GP practice with somebody in post", Name: nameOf(email), Account: account, Tenant: programme.National, Explains: "Looks after one person: supervision, levels, lists to sign"})
	return nil
}

// settled finds somebody who has been in post for some months, under the
// supervisor one can be where there is one.
func (l *loader) settled(rows []placement.Row, setting post.Setting) (placement.Row, bool) {
	var best placement.Row
	rank := 0
	for _, p := range rows {
		if p.Setting != setting || p.StartedOn > l.o.Today-60 || l.shown(l.accounts[p.Doctor]) && l.accounts[p.Doctor] != "" {
			continue
		}
		r := 1
		if p.Clinical == l.staff["supervisor"] || p.Employer == l.first("Y56", setting == post.GPPractice).code {
			r = 2
		}
		if p.StartedOn <= l.o.Today-120 {
			r += 2
		}
		if r > rank {
			best, rank = p, r
		}
	}
	return best, rank > 0
}

func (l *loader) accountOf(ctx context.Context, doctor string) (string, error) {
	if a := l.accounts[doctor]; a != "" {
		return a, nil
	}
	l.numbers++
	account, err := l.SignIn.Ensure(ctx, fmt.Sprintf("portfolio.doctor%d@doctor.example", l.numbers))
	if err != nil {
		return "", err
	}
	l.accounts[doctor] = account
	return account, l.Doctors.Link(ctx, l.on(0, l.o.Today), doctor, account)
}

// evidence is one thing a fictional doctor did, some days ago.
type evidence struct {
	kind        portfolio.Kind
	ago         int
	title, what string
	tags        []string
	task        string
	level       portfolio.Level
	by          *portfolio.Signing // who signed
}

// evidence is what a doctor did where they work: a practice has no ward.
func (l *loader) evidence(setting post.Setting) []evidence {
	ward, unit, room := "Blood from a vein, ward 4", "Chest pain in the acute unit", "A cannula in the day unit"
	task, last := "cannula_insert", "Placed one cannula at the first try, and flushed it."
	if setting == post.GPPractice {
		ward, unit, room = "Blood from a vein, morning clinic", "Chest pain, seen with the GP", "Spirometry in the breathing clinic"
		task, last = "spirometry", "Explained it, took 3 good blows, and wrote down the best."
	}

	consultant := &portfolio.Signing{Name: "Kavita Rao", Role: "consultant", GMC: "9000001", Saw: true, Level: 2, Well: "Calm, explains every step."}
	nurse := &portfolio.Signing{Name: "Bo Lind", Role: "nurse", Saw: true, Level: 3, Well: "Asks before going on."}
	return []evidence{
		{portfolio.DOPS, 52, ward, "Took blood from 3 people. Labelled the tubes at the bedside.", []string{"ukfp/2021/fpc1", "crest/2024/care"}, "", 0, nurse},
		{portfolio.MiniCEX, 41, unit, "Took the history, examined, and presented to the senior doctor.", []string{"ukfp/2021/fpc1", "ukfp/2021/fpc2", "crest/2024/acute"}, "ward_round", 2, consultant},
		{portfolio.CBD, 30, "When to ask for help", "Talked through a patient who got worse at night.", []string{"ukfp/2021/fpc7", "crest/2024/colleagues"}, "", 0, consultant},
		{portfolio.Reflection, 25, "Saying that I do not know", "I told a family that I had to ask. They were glad.", []string{"ukfp/2021/fpc4"}, "", 0, nil},
		{portfolio.Procedure, 20, "ECG recorded", "The lead on the right arm was loose at first.", nil, "", 0, nil},
		{portfolio.Audit, 16, "Are allergies written down?", "Looked at 40 charts: 31 had them. After a poster: 38.", []string{"ukfp/2021/fpc9"}, "", 0, nil},
		{portfolio.Teaching, 12, "Taught two students to take a pulse", "Ten minutes, with questions at the end.", []string{"ukfp/2021/fpc10", "crest/2024/teaching"}, "", 0, nil},
		{portfolio.DOPS, 2, room, last, []string{"ukfp/2021/fpc1"}, task, 2, nil},
	}
}

func (l *loader) living(ctx context.Context, p placement.Row, open bool) error {
	for _, e := range l.evidence(p.Setting) {
		day := l.o.Today.AddDays(-e.ago)
		if day < p.StartedOn {
			continue
		}
		call := l.self(p.Doctor, day)
		item, err := l.Portfolios.Save(ctx, call, portfolio.Saving{Kind: e.kind, On: day, Tags: e.tags, Task: e.task, Level: e.level, Story: portfolio.Story{Title: e.title, What: e.what}})
		if err != nil {
			return err
		}
		if words, _ := portfolio.WordsOf(e.kind); !words.Signed || e.by == nil && !open {
			continue
		}
		if err := l.asked(ctx, call, p, item, e.by); err != nil {
			return err
		}
	}
	for i, subject := range []string{"fire", "infection", "safeguarding_adults"} {
		day := max(p.StartedOn, l.o.Today.AddDays(-330+i*40))
		if _, err := l.Portfolios.Save(ctx, l.self(p.Doctor, day), portfolio.Saving{Kind: portfolio.Training, On: day, Story: portfolio.Story{Subject: subject}}); err != nil {
			return err
		}
	}
	return nil
}

// asked asks for a signature and, where somebody signs, lets them and the host
// say who they are; else the link waits in the demo's mailbox.
func (l *loader) asked(ctx context.Context, call access.Call, p placement.Row, item portfolio.Item, by *portfolio.Signing) error {
	to, name := "kavita.rao@trust.nhs.uk", "Kavita Rao"
	if by != nil && by.Role == "nurse" {
		to, name = "bo.lind@trust.nhs.uk", "Bo Lind"
	}
	given, err := l.Portfolios.Ask(ctx, call, portfolio.Asking{Item: item.ID, To: to, Name: name})
	if err != nil || by == nil {
		return err
	}
	signing := *by
	_, signing.Link, _ = strings.Cut(given.Link, "/sign-off/")
	if err := l.Portfolios.Sign(ctx, access.Call{Actor: access.Actor{Tenant: programme.National}, Now: call.Now, Today: call.Today}, signing); err != nil {
		return err
	}
	hr := l.on(0, call.Today)
	hr.Actor.Account, hr.Actor.Members = l.staff["trusthr"], []access.Membership{{Role: "employer_hr", Organisation: p.Host}}
	err = l.Portfolios.Vouch(ctx, hr, portfolio.Vouching{Item: item.ID, Known: true})
	if problem.KindOf(err) == problem.Refused {
		return nil // the host knew them already: it counted at once
	}
	return err
}
