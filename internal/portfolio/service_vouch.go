package portfolio

import (
	"context"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
)

// tell passes a signature that counts on to placement. What placement refuses
// stays evidence, with its reasons, and opens no task.
func (s *Service) tell(ctx context.Context, call access.Call, item *Item) error {
	err := s.pass(ctx, call, *item)
	if e, ok := errors.AsType[*problem.Error](err); ok && (e.Kind == problem.Refused || e.Kind == problem.Invalid || e.Kind == problem.Conflict) {
		g := *item.Signature
		g.NoTask = append([]string{}, e.Reasons...)
		for _, f := range e.Fields {
			g.NoTask = append(g.NoTask, f.Message+".")
		}
		if len(g.NoTask) == 0 {
			g.NoTask = []string{e.Message}
		}
		item.Signature = &g
		return nil
	}
	return err
}

func (s *Service) pass(ctx context.Context, call access.Call, item Item) error {
	if s.o.SignedOff == nil || item.Task == "" || item.Placement == "" || item.Level == 0 || item.Signature == nil {
		return nil
	}
	months, err := s.o.Setting(ctx, call.Actor.Tenant, SettingRecheck)
	if err != nil {
		return err
	}
	return s.o.SignedOff(ctx, call, SignOff{ID: item.ID, Doctor: item.Doctor, Placement: item.Placement, Host: item.Host, Task: item.Task, Level: item.Level, On: item.On,
		Recheck: clock.AddMonths(item.On, months).AddDays(-1), Name: item.Signature.Name, Role: RoleWords(item.Signature.Role), GMC: item.Signature.GMC, VouchedBy: item.Signature.VouchBy})
}

// Vouching is a host's word about who signed.
type Vouching struct {
	Item    string
	Version int
	Known   bool
	Say     string // why not
}

// Vouch says for the host whether it knows the assessor. Only then a signature
// counts; somebody it knows need not be vouched for again.
func (s *Service) Vouch(ctx context.Context, call access.Call, cmd Vouching) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		item, err := s.item(ctx, tenant, cmd.Item)
		if err != nil {
			return err
		}
		if err := s.access.May(call.Actor, ActVouch, s.vouchResource(tenant, item)); err != nil {
			return err
		}
		if item.State != Signed || item.Signature == nil {
			return problem.Refuse("There is nothing to confirm here.", "It was confirmed already, or is not signed yet.")
		}
		if cmd.Version != 0 && cmd.Version != item.Version {
			return problem.Stale()
		}
		if !cmd.Known && strings.TrimSpace(cmd.Say) == "" {
			return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "say", Message: "Say in a few words why it does not count"}}}
		}
		before, g := item, *item.Signature
		g.VouchBy, g.VouchOn, g.VouchSay = call.Actor.Account, call.Today, strings.TrimSpace(cmd.Say)
		item.Signature, item.State = &g, Refused
		if cmd.Known {
			item.State = Vouched
		}
		if cmd.Known {
			if err := s.remember(ctx, call, item); err != nil {
				return err
			}
			if err := s.tell(ctx, call, &item); err != nil {
				return err
			}
		}
		if err := s.saveItem(ctx, tenant, &item, before.Version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActVouch, Kind: "portfolio item", ID: item.ID, Person: item.Doctor, Before: before, After: item})
	})
}

func (s *Service) vouchResource(tenant string, item Item) access.Resource {
	return access.Resource{Kind: "portfolio item", ID: item.ID, Tenant: tenant, Doctor: item.Doctor, Organisations: []string{item.Host}}
}

// remember keeps an assessor a host vouched for, by the address they were
// written to: the one thing an impostor does not have.
func (s *Service) remember(ctx context.Context, call access.Call, item Item) error {
	g := item.Signature
	if g.Email == "" || slices.Contains(g.Flags, FlagDevice) {
		return nil
	}
	tenant := call.Actor.Tenant
	return s.saveAssessor(ctx, tenant, assessor{Host: item.Host, Token: s.hash(tenant, "address", g.Email), Role: g.Role, By: call.Actor.Account, On: call.Today,
		Sealed: assessorWords{Name: g.Name, GMC: g.GMC, Email: g.Email}})
}

// ToVouch is one signature that waits for its host.
type ToVouch struct {
	Item
	Name, HostName string
}

// Waiting lists what waits for the actor's organisations to say who signed.
func (s *Service) Waiting(ctx context.Context, call access.Call, q Query) ([]ToVouch, error) {
	scope := s.access.Scope(call.Actor, ActVouch)
	if scope.None() {
		return nil, problem.Missing()
	}
	items, err := s.toVouch(ctx, call.Actor.Tenant, scope.Organisations, q)
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(i Item) bool { return slices.Contains(scope.Hidden, i.Doctor) })
	var doctors, hosts, ids []string
	for _, i := range items {
		doctors, hosts, ids = append(doctors, i.Doctor), append(hosts, i.Host), append(ids, i.ID)
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, doctors)
	if err != nil {
		return nil, err
	}
	places, err := s.organisationNames(ctx, call.Actor.Tenant, hosts)
	if err != nil {
		return nil, err
	}
	out := make([]ToVouch, len(items))
	for i, item := range items {
		out[i] = ToVouch{item, names[item.Doctor], places[item.Host]}
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActVouch, Kind: "portfolio item", IDs: ids})
}
