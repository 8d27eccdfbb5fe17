package demo

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/allocation"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/doctor"
	"msw/internal/eligibility"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/referral"
	"msw/internal/rulebook"
	"msw/internal/signin"
)

func (l *loader) lives(ctx context.Context, part []life) error {
	for i := range part {
		if err := l.live(ctx, &part[i]); err != nil {
			return fmt.Errorf("demo: a life from %s: %w", part[i].referred, err)
		}
	}
	return nil
}

// live writes one life, use case by use case, each on its own day.
func (l *loader) live(ctx context.Context, p *life) error {
	r, err := l.refer(ctx, p)
	if err != nil {
		return fmt.Errorf("referral: %w", err)
	}
	id := r.Doctor
	for _, step := range []struct {
		name string
		when clock.Date
		do   func() error
	}{
		{"second referral", p.referred, func() error { return l.second(ctx, p, id) }},
		{"application", p.taken, func() error { return l.apply(ctx, p, id, r.CaseRef) }},
		{"account", p.taken, func() error { return l.account(ctx, p, id) }},
		{"decision", p.decided, func() error { return l.decide(ctx, p, id) }},
		{"wishes", p.decided, func() error { return l.wish(ctx, p, id) }},
		{"placement", p.proposed, func() error { return l.place(ctx, p, id) }},
		{"outcome", p.referred, func() error { return l.after(ctx, p, id) }},
	} {
		if step.when == 0 {
			continue
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (l *loader) refer(ctx context.Context, p *life) (referral.Referral, error) {
	n := referral.NewReferral{Route: p.route, Country: p.origin.country, Region: p.region, On: p.referred, KnownNew: true,
		Person: doctor.NewDoctor{Given: p.name.given, Family: p.name.family, Native: p.name.native, BirthDate: p.born, Outcode: p.outcode,
			Email: address(p.name, l.numbers), Languages: []string{p.origin.language}, AboutSaid: p.taken != 0, ContactSaid: p.taken != 0}}
	l.numbers++
	if p.charity >= 0 {
		n.Referrer = l.charities(p.scheme)[p.charity]
		n.ConsentScope = []string{consent.ScopeProgress}
		n.ConsentUntil = clock.AddMonths(p.referred, 12+l.r.IntN(18))
	}
	call := l.on(p.scheme, p.referred)
	if p.scheme == 0 {
		n.Caseworker = l.staff["caseworker"]
	}
	return l.Referrals.Refer(ctx, call, n)
}

func (l *loader) charities(scheme int) []string {
	if scheme == 1 {
		return l.schemes
	}
	return l.referrers
}

// address is a fictional mailbox; nothing is ever sent from the demo.
func address(n name, serial int) string {
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}
	return strings.Map(keep, strings.ToLower(n.latin())) + fmt.Sprint(serial) + "@doctor.example"
}

func (l *loader) second(ctx context.Context, p *life, id string) error {
	if p.second < 0 || p.second == p.charity || p.referred+30 > l.o.Today {
		return nil
	}
	on := p.referred + 30
	_, err := l.Referrals.Refer(ctx, l.on(p.scheme, on), referral.NewReferral{Referrer: l.charities(p.scheme)[p.second], Route: "refugee_charity", Doctor: id, On: on, KnownNew: true,
		Region: p.region, ConsentScope: []string{consent.ScopeProgress}, ConsentUntil: clock.AddMonths(on, 12),
		Person: doctor.NewDoctor{Given: p.name.given, Family: p.name.family}})
	return err
}

// apply is the doctor taking the record over, filling it in and sending it.
func (l *loader) apply(ctx context.Context, p *life, id, ref string) error {
	steps := []casefile.Milestone{{Doctor: id, Kind: casefile.Invited, On: p.invited}, {Doctor: id, Kind: casefile.TakenOver, On: p.taken}}
	last := p.taken
	if p.submitted != 0 {
		steps = append(steps, casefile.Milestone{Doctor: id, Kind: casefile.Submitted, On: p.submitted, Source: "application"})
		last = p.submitted
	}
	if err := l.Cases.RecordAll(ctx, l.on(p.scheme, last), id, steps); err != nil {
		return err
	}
	task := casefile.Task{Doctor: id, Source: "application", Since: last}
	switch {
	case p.submitted == 0:
		task.Kind, task.Title, task.URL, task.Party = casefile.TaskApply, "Finish your application", "/apply", casefile.PartyDoctor
	case p.decided == 0:
		task.Kind, task.Title, task.URL, task.Party = casefile.TaskAssess, "Assess an application", "/assess/"+ref, casefile.PartyAssessor
	default:
		task.Kind = ""
	}
	if task.Kind != "" {
		if err := l.Cases.OpenTask(ctx, l.on(p.scheme, last), task); err != nil {
			return err
		}
	}
	if p.submitted == 0 {
		return nil
	}
	if err := l.facts(ctx, p, id); err != nil {
		return err
	}
	return l.Preferences.Prefer(ctx, l.on(p.scheme, p.submitted), allocation.Preference{Doctor: id, Regions: []string{p.region},
		Settings: []string{first(p.setting, "hospital")}, Travel: 10 + 5*l.r.IntN(6), Hours: p.hours / 60})
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// facts are what the doctor said and, once decided, what was seen of it.
func (l *loader) facts(ctx context.Context, p *life, id string) error {
	state, english := rulebook.Claimed, rulebook.Claimed
	if p.decided != 0 {
		state, english = rulebook.Seen, rulebook.Verified
	}
	var list []fact.NewFact
	add := func(kind string, on, until clock.Date, s rulebook.State, fields map[string]any) {
		list = append(list, fact.NewFact{Doctor: id, Kind: kind, On: on, Until: until, State: s, Source: "application", Fields: fields})
	}
	add(fact.Qualification, p.graduated, 0, state, map[string]any{"institution": pick(l.r, p.origin.schools), "country": p.origin.country, "registrable": "yes"})
	for group, months := range map[string]int{"medicine": p.medicine, "surgery": p.surgery, "other": p.other} {
		if months > 0 {
			add(fact.Experience, clock.AddMonths(p.graduated, 30), 0, state, map[string]any{"specialty_group": group, "months_full_time": int64(months), "postgraduate": true, "country": p.origin.country})
		}
	}
	for _, e := range p.english {
		add(fact.EnglishTest, e.on, 0, english, scores(e))
	}
	category := "refugee"
	if !p.mayWork {
		category = "asylum_applicant"
	} else if !p.origin.refugee {
		category = "family"
	}
	add(fact.RightToWork, p.arrived, p.rightEnds, state, map[string]any{"category": category, "may_work": p.mayWork, "may_reside": true, "visitor": false})
	add(fact.Residence, p.arrived, 0, state, map[string]any{"in_uk": true})
	add(fact.Practice, p.submitted, 0, state, map[string]any{"last_practised": p.arrived - 60, "needs_supervision": true})
	if p.decided != 0 {
		add(fact.Registration, p.decided, 0, rulebook.Verified, map[string]any{"kind": "none"})
		add(fact.Exam, p.decided, 0, rulebook.Seen, map[string]any{"name": "PLAB2", "outcome": "not_taken"})
		add(fact.Placement, p.decided, 0, rulebook.Seen, map[string]any{"placed": false})
	}
	_, err := l.Facts.RecordAll(ctx, l.on(p.scheme, max(p.submitted, p.decided)), list)
	return err
}

func scores(s sitting) map[string]any {
	out := map[string]any{"test": s.test, "outcome": "failed"}
	if s.passed {
		out["outcome"] = "passed"
	}
	for i, name := range []string{"overall", "listening", "reading", "writing", "speaking"} {
		if s.scores[i] > 0 {
			out[name] = int64(s.scores[i])
		}
	}
	return out
}

func (l *loader) decide(ctx context.Context, p *life, id string) error {
	call := l.as(p.scheme, p.decided, "assessor")
	d := eligibility.Decide{Doctor: id, Outcome: eligibility.Outcome(p.decision), On: p.decided}
	if d.Outcome != eligibility.Eligible {
		d.Note = "Decided in the fictional history."
	}
	_, err := l.Eligibility.Decide(ctx, call, d)
	if problem.KindOf(err) == problem.Refused && d.Outcome == eligibility.Supported {
		d.Outcome = eligibility.NotYet // something besides the right to work is missing too
		_, err = l.Eligibility.Decide(ctx, call, d)
	}
	return err
}

// account lets the doctor sign in with their own address, and the first fitting
// lives be the doctors one can be with one click.
func (l *loader) account(ctx context.Context, p *life, id string) error {
	email := address(p.name, l.numbers-1)
	persona := l.one(p)
	if persona.ID != "" {
		l.persona[persona.ID] = true
		email = persona.ID + "@doctor.example"
		if persona.ID == "doctor-applying" {
			l.applying, l.near = id, p.region
		}
	}
	account, err := l.SignIn.Ensure(ctx, email)
	if err != nil {
		return err
	}
	if persona.ID != "" {
		persona.Account = account
		l.personas = append(l.personas, persona)
	}
	l.accounts[id] = account
	return l.Doctors.Link(ctx, l.on(p.scheme, p.taken), id, account)
}

func (l *loader) one(p *life) signin.Persona {
	if p.scheme != 0 || p.referred < l.o.Today-400 && p.begins == 0 {
		return signin.Persona{}
	}
	kind, title, explains := "", "", ""
	switch {
	case p.submitted == 0:
		kind, title, explains = "doctor-applying", "Doctor, applying", "Fills in an application that can be left and come back to"
	case p.decision == "supported":
		kind, title, explains = "doctor-supported", "Doctor, supported", "May not work yet; everything else stays open"
	case p.begins != 0 && p.ended == 0 && p.registered == 0 && p.region == "Y56" && p.setting == "hospital" && p.begins > l.o.Today-500:
		kind, title, explains = "doctor-in-post", "Doctor, in post", "Works as a Medical Support Worker"
	}
	if kind == "" || l.persona[kind] {
		return signin.Persona{}
	}
	return signin.Persona{ID: kind, Title: title, Name: p.name.latin(), Tenant: tenantOf(0), Explains: explains}
}
