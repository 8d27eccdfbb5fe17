package demo

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/onboarding"
	"msw/internal/placement"
	"msw/internal/post"
	"msw/internal/registration"
	"msw/internal/rulebook"
)

var specialties = []string{"Acute medicine", "General medicine", "General surgery", "Emergency medicine", "Anaesthetics", "Care of older people", "Paediatrics", "Trauma and orthopaedics", "Psychiatry", "Obstetrics and gynaecology"}

// host chooses where somebody works: in their region, the kind of place they
// went to.
func (l *loader) host(p *life) (employer, site host) {
	var trusts, practices []host
	for _, h := range l.hosts[p.region] {
		if h.practice {
			practices = append(practices, h)
		} else {
			trusts = append(trusts, h)
		}
	}
	trust := trusts[l.r.IntN(len(trusts))]
	if p.setting == "hospital" && p.region == "Y56" && l.r.IntN(9) == 0 {
		trust = trusts[0]
	}
	if p.setting != "gp_practice" {
		return trust, trust
	}
	site = practices[l.r.IntN(len(practices))]
	if l.r.IntN(3) == 0 {
		return trust, site // a trust employs, a practice hosts
	}
	return site, site
}

// startOf is the first day of somebody's post: what the post said when they were
// proposed, and for who still waits to begin a day that lies ahead.
func (l *loader) startOf(p *life) clock.Date {
	if p.begins == 0 && p.left == 0 {
		return max(p.proposed+20, l.o.Today+10+p.proposed%20)
	}
	return max(p.begins, p.proposed+20)
}

// place is the way from a post to the end of the placement, as far as it went.
func (l *loader) place(ctx context.Context, p *life, id string) error {
	employer, site := l.host(p)
	posted := p.decided
	d := post.Details{Setting: post.Setting(p.setting), Employer: employer.code, Host: site.code, Specialty: pick(l.r, specialties), MinutesWeek: p.hours,
		Pay: post.Pay{Kind: post.AgendaForChange, Point: post.Entry, HCAS: post.NoZone}, StartFrom: l.startOf(p), ContractEnd: p.contractEnds,
		FundedUntil: p.fundedUntil, Indemnity: post.TrustScheme, Clinical: l.clinical[site.code], Educational: l.clinical[employer.code]}
	if p.region == "Y56" {
		d.Pay.HCAS = post.Inner
	}
	if employer.practice {
		d.Pay, d.Indemnity = post.Pay{Kind: post.LocalPay, Pence: 3_600_000 + int64(l.r.IntN(20))*20_000}, post.PracticeScheme
	}
	if p.setting == "gp_practice" {
		d.Specialty = "General practice"
	}
	if p.cohort >= 0 {
		d.Phase = l.phases[tenantOf(p.scheme)+cohorts[p.cohort].phase]
	}
	call := l.on(p.scheme, posted)
	made, err := l.Posts.Register(ctx, call, post.Registration{Details: d, On: posted})
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	for _, step := range []func(context.Context, access.Call, post.Step) (post.Post, error){l.Posts.Approve, l.Posts.Open} {
		if _, err := step(ctx, call, post.Step{ID: made.ID, On: posted}); err != nil {
			return fmt.Errorf("post: %w", err)
		}
	}
	return l.offer(ctx, p, id, made.ID)
}

func (l *loader) offer(ctx context.Context, p *life, id, postID string) error {
	o, err := l.Offers.Propose(ctx, l.on(p.scheme, p.proposed), onboarding.Proposal{Doctor: id, Post: postID, On: p.proposed})
	if err != nil || p.offered == 0 {
		return err
	}
	if _, err := l.Offers.Offer(ctx, l.on(p.scheme, p.offered), onboarding.Making{ID: o.ID, On: p.offered}); err != nil || p.accepted == 0 {
		return err
	}
	taken, err := l.Offers.Accept(ctx, l.on(p.scheme, p.accepted), onboarding.Answer{ID: o.ID, On: p.accepted})
	if err != nil || p.checked == 0 {
		return err
	}
	ticks := onboarding.Ticking{ID: o.ID, On: p.checked}
	for _, kind := range taken.Checks {
		t := onboarding.Tick{Kind: kind, State: onboarding.Done, On: p.checked}
		if kind == onboarding.CheckRightToWork {
			t.Until = p.rightEnds
		}
		ticks.Ticks = append(ticks.Ticks, t)
	}
	if _, err := l.Offers.Tick(ctx, l.on(p.scheme, p.checked), ticks); err != nil || p.begins == 0 {
		return err
	}
	started, err := l.Placements.Start(ctx, l.on(p.scheme, p.begins), placement.Starting{Offer: o.ID, On: p.begins})
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return l.work(ctx, p, id, started)
}

// work is what happened in post: exams, registration, the end.
func (l *loader) work(ctx context.Context, p *life, id string, at placement.Placement) error {
	if err := l.sat(ctx, p, id); err != nil {
		return err
	}
	if p.registered != 0 {
		if err := l.register(ctx, p, id); err != nil {
			return fmt.Errorf("registration: %w", err)
		}
	}
	if p.ended != 0 {
		_, err := l.Placements.End(ctx, l.on(p.scheme, p.ended), placement.Ending{ID: at.ID, On: p.ended, Code: p.endReason, Leaves: p.left != 0})
		if err != nil {
			return fmt.Errorf("end: %w", err)
		}
	}
	if p.unknown != 0 {
		if err := l.Placements.Follow(ctx, l.on(p.scheme, p.unknown), placement.FollowUp{ID: at.ID, On: p.unknown, Unknown: true}); err != nil {
			return fmt.Errorf("follow up: %w", err)
		}
	}
	return nil
}

func (l *loader) sat(ctx context.Context, p *life, id string) error {
	var list []fact.NewFact
	attempts := map[string]int64{}
	last := p.referred
	for _, e := range p.exams {
		attempts[e.test]++
		outcome := "failed"
		if e.passed {
			outcome = "passed"
		}
		list = append(list, fact.NewFact{Doctor: id, Kind: fact.Exam, On: e.on, State: rulebook.Seen, Source: "account",
			Fields: map[string]any{"name": e.test, "attempt": attempts[e.test], "outcome": outcome}})
		last = max(last, e.on)
	}
	if l.climbing(p) {
		list = append(list, l.climb(p, id)...)
		last = l.o.Today - 7
	}
	if len(list) == 0 {
		return nil
	}
	_, err := l.Facts.RecordAll(ctx, l.on(p.scheme, max(last, p.begins)), list)
	return err
}

func (l *loader) register(ctx context.Context, p *life, id string) error {
	l.postSerial++
	read := registration.Reading{Number: fmt.Sprintf("9%06d", l.postSerial), Kind: registration.Full, Licence: registration.Yes, APS: registration.Yes,
		Registered: p.registered, ReadOn: p.registered}
	if _, err := l.Registrations.Propose(ctx, l.as(p.scheme, p.registered, "caseworker"), registration.Proposal{Doctor: id, Reading: read}); err != nil {
		return err
	}
	read.ReadOn = p.confirmed
	if _, err := l.Registrations.Confirm(ctx, l.as(p.scheme, p.confirmed, "assessor"), registration.Confirmation{Doctor: id, Reading: read}); err != nil {
		return err
	}
	l.enter(p, read.Number)
	if len(l.guides) < 3 && p.scheme == 0 && l.accounts[id] != "" {
		l.guides = append(l.guides, id)
	}
	return nil
}

// after is what became of people, in post or never placed.
func (l *loader) after(ctx context.Context, p *life, id string) error {
	if p.doctorPost != 0 {
		err := l.Registrations.RecordDoctorPost(ctx, l.on(p.scheme, p.doctorPost), registration.DoctorPost{Doctor: id,
			Employer: l.hosts[p.region][0].code, Title: pick(l.r, []string{registration.TitleClinicalFellow, registration.TitleLocallyEmployed}), On: p.doctorPost})
		if err != nil {
			return fmt.Errorf("doctor post: %w", err)
		}
	}
	if p.begins == 0 && len(p.exams) > 0 {
		if err := l.sat(ctx, p, id); err != nil {
			return err
		}
	}
	if p.begins == 0 && p.left != 0 {
		return l.Cases.Record(ctx, l.on(p.scheme, p.left), casefile.Milestone{Doctor: id, Kind: casefile.Left, On: p.left, Code: p.leftReason})
	}
	return nil
}
