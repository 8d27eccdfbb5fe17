package fact

import (
	"context"
	"slices"

	"msw/internal/access"
)

// CarryOver copies chosen live facts of the actor's own record into the record
// that there's actor has in another tenant. What was proved in one scheme is
// only claimed in the other: each scheme looks for itself.
func (s *Service) CarryOver(ctx context.Context, call, there access.Call, ids []string) (n int, err error) {
	own, err := s.For(ctx, call.Actor.Tenant, call.Actor.Doctor)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var list []NewFact
	for _, r := range own {
		if slices.Contains(ids, r.ID) {
			list = append(list, NewFact{Doctor: there.Actor.Doctor, Kind: r.Kind, On: r.On, Until: r.Until, Source: "carried over", Fields: r.Fields})
		}
	}
	_, err = s.RecordAll(ctx, there, list)
	return len(list), err
}
