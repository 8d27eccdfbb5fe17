package placement

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/placement/card"
	"msw/internal/problem"
)

// TaskVouch asks the host to confirm who an assessor is.
const TaskVouch = "confirm_assessor"

func (s *Service) askToVouch(ctx context.Context, call access.Call, v Signed) error {
	if !v.ConfirmedAt.IsZero() {
		return nil
	}
	return s.cases.OpenTask(ctx, call, casefile.Task{Doctor: v.Doctor, Kind: TaskVouch, Title: "Confirm who an assessor is", Source: "sign-off:" + v.ID,
		URL: "/placements/" + v.Placement + "/sign-offs", Party: casefile.PartyEmployer, Owner: v.Host, Since: call.Today})
}

// latestOf is a doctor's latest placement; Missing when there was none.
func (s *Service) latestOf(ctx context.Context, tenant, doctor string) (Placement, error) {
	list, err := s.list(ctx, access.Scope{Tenant: tenant, All: true}, Query{Doctor: doctor, Limit: 1})
	if err != nil || len(list) == 0 {
		return Placement{}, cmpErr(err, problem.Missing())
	}
	return list[0], nil
}

// CardOf decides what a doctor may do at an instant, for another station: no
// permission asked, no look recorded. It is read anew each time and never kept.
func (s *Service) CardOf(ctx context.Context, tenant, doctor string, at clock.Instant) (card.Card, error) {
	p, err := s.latestOf(ctx, tenant, doctor)
	if err != nil {
		return card.Card{}, err
	}
	h, _, err := s.history(ctx, tenant, p, at)
	return s.o.Tasks.At(h, at), err
}

// SignedOf lists a doctor's sign-offs, oldest first, for another station.
func (s *Service) SignedOf(ctx context.Context, tenant, doctor string) ([]Signed, error) {
	return s.signedOf(ctx, tenant, doctor)
}

// history reads all a card is decided from, as it stands at now.
func (s *Service) history(ctx context.Context, tenant string, p Placement, now clock.Instant) (card.History, []Signed, error) {
	h := card.History{ReadAt: now}
	signed, err := s.signedOf(ctx, tenant, p.Doctor)
	if err != nil {
		return h, nil, err
	}
	for _, v := range signed {
		h.SignOffs = append(h.SignOffs, v.SignOff)
	}
	spells, err := s.spells(ctx, tenant, p.ID)
	if err != nil {
		return h, nil, err
	}
	for _, v := range spells {
		h.Stints = append(h.Stints, v.stint())
	}
	if err := s.cutStints(ctx, tenant, p, h.Stints); err != nil {
		return h, nil, err
	}
	for _, host := range hostsOf(spells) {
		levels, _, err := s.levelsOf(ctx, tenant, host)
		if err != nil {
			return h, nil, err
		}
		h.Levels = append(h.Levels, levels...)
	}
	if h.Away, err = s.awayOf(ctx, tenant, p.ID); err != nil {
		return h, nil, err
	}
	if h.Covers, err = s.clinicalCover(ctx, tenant, p, spells, now.Local()); err != nil {
		return h, nil, err
	}
	h.Registered, err = s.registeredOn(ctx, tenant, p.Doctor)
	return h, signed, err
}

// stint is a spell as a card sees it: it ends with the contract.
func (v Spell) stint() card.Stint {
	to := v.To
	if !v.ContractEnd.IsZero() && (to.IsZero() || v.ContractEnd < to) {
		to = v.ContractEnd
	}
	return card.Stint{Host: v.Host, From: v.From, To: to}
}

func hostsOf(spells []Spell) []string {
	var out []string
	seen := map[string]bool{}
	for _, v := range spells {
		if !seen[v.Host] {
			seen[v.Host] = true
			out = append(out, v.Host)
		}
	}
	return out
}

// clinicalCover gives when somebody answers for daily work: the supervisor of
// each spell, and those who stand in.
func (s *Service) clinicalCover(ctx context.Context, tenant string, p Placement, spells []Spell, today clock.Date) ([]card.Cover, error) {
	covers, err := s.coversOf(ctx, tenant, p.ID)
	if err != nil {
		return nil, err
	}
	var accounts []string
	for _, v := range spells {
		accounts = append(accounts, v.Clinical)
	}
	for _, v := range covers {
		accounts = append(accounts, v.Account)
	}
	who, err := s.posts.SupervisorNames(ctx, tenant, accounts...)
	if err != nil {
		return nil, err
	}
	there, err := s.there(ctx, tenant, p, today)
	if err != nil {
		return nil, err
	}
	var out []card.Cover
	for _, v := range spells {
		out = append(out, fit(who[v.Clinical], there(v.Clinical), false, v.From, v.To)...)
	}
	for _, v := range covers {
		if v.Role == Clinical {
			out = append(out, fit(who[v.Account], there(v.Account), true, v.From, v.To)...)
		}
	}
	return out, nil
}

// registeredOn is the day of registration, or none.
func (s *Service) registeredOn(ctx context.Context, tenant, doctor string) (clock.Date, error) {
	list, err := s.cases.Milestones(ctx, tenant, doctor)
	var on clock.Date
	for _, m := range list {
		if m.Kind == casefile.Registered && (on.IsZero() || m.On < on) {
			on = m.On
		}
	}
	return on, err
}

// hostOnly tells whether an actor reads cards as a shift lead alone: then only of
// the place where the work is done, never of an employer's people elsewhere.
func hostOnly(a access.Actor) bool {
	return a.Has(organisation.RoleShiftLead) && !a.HasAny(organisation.RoleEmployerHR, organisation.RoleOperator)
}

// cardResource is the placement as whoever reads its card stands to it.
func (p Placement) cardResource(a access.Actor) access.Resource {
	r := p.Resource(a.Tenant)
	if hostOnly(a) {
		r.Organisations = []string{p.Host}
		if !p.ClosedOn.IsZero() {
			r.Organisations = nil
		}
	}
	return r
}

// CardSight is a card with what its page shows.
type CardSight struct {
	card.Card
	Placement
	Name, HostName string
	Rules          *card.Rules
	Own            bool
	MaySee         bool // the whole placement, not the card alone
	MaySign        bool
	MayVouch       bool
	Signed         []Signed // newest first
}

// LookCard shows what somebody in post may do now.
func (s *Service) LookCard(ctx context.Context, call access.Call, id string) (CardSight, error) {
	tenant := call.Actor.Tenant
	p, err := s.cardPlacement(ctx, call, id)
	if err != nil {
		return CardSight{}, err
	}
	v, err := s.cardSight(ctx, call, p)
	if err != nil {
		return CardSight{}, err
	}
	v.Own = p.Doctor == call.Actor.Doctor
	v.MaySee = s.access.May(call.Actor, ActSee, p.Resource(tenant)) == nil
	running := p.EndedOn.IsZero()
	v.MaySign = running && s.access.May(call.Actor, ActSign, p.Resource(tenant)) == nil
	v.MayVouch = s.access.May(call.Actor, ActVouch, p.Resource(tenant)) == nil
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActCard, Kind: "card", IDs: []string{p.ID}, Person: p.Doctor})
}

func (s *Service) cardSight(ctx context.Context, call access.Call, p Placement) (CardSight, error) {
	tenant := call.Actor.Tenant
	v := CardSight{Placement: p, Rules: s.o.Tasks}
	h, signed, err := s.history(ctx, tenant, p, call.Now)
	if err != nil {
		return v, err
	}
	v.Card = s.o.Tasks.At(h, call.Now)
	for i := range signed {
		v.Signed = append(v.Signed, signed[len(signed)-1-i])
	}
	names, err := s.offers.Names(ctx, tenant, []string{p.Doctor})
	if err != nil {
		return v, err
	}
	v.Name = BareName(names[p.Doctor])
	host := v.Card.Host
	if host == "" {
		host = p.Host
	}
	places, err := s.posts.Places(ctx, tenant, []string{host})
	v.HostName = places[host].Name
	return v, err
}
