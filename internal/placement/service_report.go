package placement

import (
	"context"

	"msw/internal/access"
	"msw/internal/clock"
)

// Reported is what a supervisor's report takes from the record of a post. It
// holds nothing of exams, health or concerns: time away is a number of days,
// whatever the reason.
type Reported struct {
	Served
	Meetings int // held and agreed by both
	Away     int // days not at work, until today
	Signers  []Signer
}

// Signer is a named supervisor of a post; Stops says why they cannot sign today,
// "" when they can.
type Signer struct{ Account, Name, Role, Stops string }

// Reported reads a post for a report about it: no permission asked, no look
// recorded.
func (s *Service) Reported(ctx context.Context, call access.Call, id string) (Reported, error) {
	tenant := call.Actor.Tenant
	p, err := s.load(ctx, tenant, id)
	if err != nil {
		return Reported{}, err
	}
	var v Reported
	if v.Served, err = s.served(ctx, tenant, p); err != nil {
		return v, err
	}
	meetings, err := s.meetingsOf(ctx, tenant, []string{id})
	if err != nil {
		return v, err
	}
	for _, m := range meetings[id] {
		if m.Agreed() {
			v.Meetings++
		}
	}
	away, err := s.absences(ctx, tenant, p, false)
	if err != nil {
		return v, err
	}
	v.Away = daysAway(away, p, call.Today)
	who, err := s.posts.SupervisorNames(ctx, tenant, p.Clinical, p.Educational)
	if err != nil {
		return v, err
	}
	there, err := s.there(ctx, tenant, p, call.Today)
	if err != nil {
		return v, err
	}
	for _, one := range []Signer{{Account: p.Educational, Role: Educational}, {Account: p.Clinical, Role: Clinical}} {
		if one.Account == "" {
			continue
		}
		known := who[one.Account]
		known.AwayFrom = 0 // being away from the ward keeps nobody from signing
		one.Name, one.Stops = known.Name, supervisorProblem(one.Role, one.Account, known, there(one.Account), call.Today)
		v.Signers = append(v.Signers, one)
	}
	return v, nil
}

// daysAway counts the days not at work until a day, each once.
func daysAway(list []Absence, p Placement, today clock.Date) int {
	last := today
	if !p.EndedOn.IsZero() {
		last = min(last, p.EndedOn)
	}
	days := map[clock.Date]bool{}
	for _, a := range list {
		to := a.To
		if to.IsZero() || to > last {
			to = last
		}
		for d := max(a.From, p.StartedOn); d <= to; d++ {
			days[d] = true
		}
	}
	return len(days)
}
