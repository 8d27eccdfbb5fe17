package demo

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/placement/card"
	"msw/internal/post"
)

// inPost gives a few people in post what supervision leaves behind: a hospital
// and a GP practice whose levels are said, an induction under way, meetings,
// goals, and tasks signed off.
func (l *loader) inPost(ctx context.Context) error {
	chosen, err := l.carded(ctx)
	if err != nil {
		return err
	}
	said := map[string]bool{}
	for i, p := range chosen {
		if !said[p.Host] {
			said[p.Host] = true
			if err := l.levels(ctx, p); err != nil {
				return err
			}
		}
		if err := l.supervised(ctx, p, i); err != nil {
			return fmt.Errorf("%s: %w", p.Specialty, err)
		}
	}
	return nil
}

// carded are the people whose cards can be looked at: the doctor one can be, one
// at the trust and one at a practice whose staff one can be.
func (l *loader) carded(ctx context.Context) ([]placement.Placement, error) {
	var out []placement.Placement
	add := func(p placement.Placement) {
		for _, one := range out {
			if one.ID == p.ID {
				return
			}
		}
		if p.ID != "" && p.EndedOn.IsZero() && p.Clinical != "" {
			out = append(out, p)
		}
	}
	for _, persona := range l.personas {
		for doctor, account := range l.accounts {
			if persona.ID != "doctor-in-post" || account != persona.Account {
				continue
			}
			list, err := l.Placements.Of(ctx, persona.Tenant, doctor)
			if err != nil {
				return nil, err
			}
			for _, p := range list {
				add(p)
			}
		}
	}
	rows, err := l.Placements.List(ctx, l.on(0, l.o.Today), placement.Query{Which: placement.Now, Limit: 400})
	if err != nil {
		return nil, err
	}
	for _, setting := range []post.Setting{post.Hospital, post.GPPractice} { // those who keep a portfolio
		if p, found := l.settled(rows, setting); found {
			add(p.Placement)
		}
	}
	trust, practice := l.first("Y56", false).code, l.first("Y56", true).code
	for _, q := range []placement.Query{{Host: trust, Limit: 4}, {Host: practice, Limit: 1}, {Limit: 200}} {
		q.Which = placement.Now
		list, err := l.Placements.List(ctx, l.on(0, l.o.Today), q)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if q.Host != "" || r.Setting == post.GPPractice && !hasPractice(out) {
				add(r.Placement)
			}
		}
		if hasPractice(out) {
			break
		}
	}
	return out, nil
}

func hasPractice(list []placement.Placement) bool {
	for _, p := range list {
		if p.Setting == post.GPPractice {
			return true
		}
	}
	return false
}

func (l *loader) levels(ctx context.Context, p placement.Placement) error {
	levels := map[string]card.Level{}
	for _, t := range l.Placements.Tasks().Tasks {
		levels[t.ID] = t.Highest
	}
	levels["simple_procedures"], levels["history_examination"] = card.Watch, card.Direct
	if p.Setting == post.GPPractice {
		levels["theatre"], levels["preop"], levels["ward_round"] = 0, 0, card.Direct
	}
	return l.Placements.SetLevels(ctx, l.on(0, p.StartedOn), p.Host, levels)
}

// by is one of the two who meet, acting for themselves.
func (l *loader) by(p placement.Placement, doctor bool, on clock.Date) access.Call {
	call := l.on(0, on)
	call.Actor = access.Actor{Account: p.Clinical, Tenant: call.Actor.Tenant, Name: "Supervisor", Members: []access.Membership{{Role: organisation.RoleSupervisor, Organisation: p.Host}}}
	if doctor {
		call.Actor = access.Actor{Account: l.accounts[p.Doctor], Tenant: call.Actor.Tenant, Doctor: p.Doctor}
	}
	return call
}

func (l *loader) supervised(ctx context.Context, p placement.Placement, i int) error {
	today := l.o.Today
	at := func(days int) clock.Date { return min(p.StartedOn.AddDays(days), today) }
	for n, step := range []string{"it_access", "buddy", "tour", "living", "role_known", "records", "nhs_ethics", "phrases", "ukprac", "talking"} {
		if n >= 7 && p.StartedOn.AddDays(14*(n-5)) > today {
			continue // still to come
		}
		on := at(2 * n)
		if err := l.Placements.Tick(ctx, l.by(p, false, on), p.ID, step, on); err != nil {
			return err
		}
	}
	on := at(6)
	m, err := l.Placements.Meet(ctx, l.by(p, false, on), placement.Meeting{Placement: p.ID, Kind: placement.MeetingStart, On: on,
		Notes: "We went through the induction and agreed a rhythm of meetings.", Needs: map[string]string{"worries": "Local abbreviations, and when to call for help.", "hopes": "To be ready for work as a registered doctor."}})
	if err != nil {
		return err
	}
	if err := l.Placements.Agree(ctx, l.by(p, true, on), p.ID, m.ID); err != nil {
		return err
	}
	if half := p.StartedOn.AddDays(182); half < today {
		middle, err := l.Placements.Meet(ctx, l.by(p, false, half), placement.Meeting{Placement: p.ID, Kind: placement.MeetingMiddle, On: half, Notes: "Half way. On the way to level 3 for taking blood."})
		if err != nil {
			return err
		}
		if err := l.Placements.Agree(ctx, l.by(p, true, half), p.ID, middle.ID); err != nil {
			return err
		}
	}
	later := max(at(40), today.AddDays(-9))
	if m, err = l.Placements.Meet(ctx, l.by(p, false, later), placement.Meeting{Placement: p.ID, Kind: placement.MeetingRhythm, On: later, Notes: "Going well. Present one patient a week."}); err != nil {
		return err
	}
	if i > 2 { // those whom one cannot be have agreed: they are on track
		if err := l.Placements.Agree(ctx, l.by(p, true, later), p.ID, m.ID); err != nil {
			return err
		}
	}
	goal := l.by(p, false, later)
	if err := l.Placements.SetGoal(ctx, goal, placement.Goal{Placement: p.ID, Due: later.AddDays(42), Text: "Present one patient a week and ask for feedback each time."}); err != nil {
		return err
	}
	role := "consultant"
	if p.Setting == post.GPPractice {
		role = "GP"
	}
	for n, s := range []struct {
		task  string
		level card.Level
		ago   int
	}{{"observations", card.Indirect, 35}, {"venepuncture", card.Indirect, 21}, {"ecg_record", card.Indirect, 20}, {"ecg_read", card.Direct, 14}, {"history_examination", card.Direct, 10}, {"cannula_insert", card.Watch, 7}} {
		if p.Setting == post.GPPractice && s.task == "cannula_insert" {
			continue
		}
		on := max(p.StartedOn, today.AddDays(-s.ago))
		cmd := placement.SignOff{Doctor: p.Doctor, Task: s.task, Level: s.level, On: on, Assessor: placement.Assessor{Account: p.Clinical, Role: role}}
		if n == 1 && i == 0 { // one whose re-check has passed
			cmd.Recheck = max(on.AddDays(1), today.AddDays(-2))
		}
		if _, err := l.Placements.SignOff(ctx, l.on(0, on), cmd); err != nil {
			return err
		}
	}
	return nil
}
