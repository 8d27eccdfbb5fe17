package eligibility

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/eligibility/assessment"
	"msw/internal/programme"
)

// remindPage is how many rounds one step of reminding takes.
const remindPage = 200

// Remind reminds doctors of questions that wait for their answer, on the rungs
// of the programme's ladder, each once, and tells how many it reminded. It asks
// no permission: it is regular work. The message says only that something is new.
func (s *Service) Remind(ctx context.Context, call access.Call) (n int, err error) {
	tenant := call.Actor.Tenant
	before, err := s.Programme.Numbers(ctx, tenant, programme.RequestRemindDays)
	if err != nil || len(before) == 0 {
		return 0, err
	}
	last := call.Today.AddDays(slices.Max(before))
	for after := [2]string{call.Today.AddDays(-1).String(), "~"}; ; {
		list, err := s.store.waitingRounds(ctx, tenant, last, after, remindPage)
		if err != nil || len(list) == 0 {
			return n, err
		}
		for _, r := range list {
			after = [2]string{r.Due.String(), r.Doctor}
			rungs := assessment.Remind(r.Asked, r.Due, before, strings.Fields(r.Reminded), call.Today)
			if len(rungs) == 0 {
				continue
			}
			done, err := s.remind(ctx, call, r, rungs)
			if err != nil {
				return n, err
			}
			if done {
				n++
			}
		}
	}
}

func (s *Service) remind(ctx context.Context, call access.Call, r Round, rungs []string) (done bool, err error) {
	tenant := call.Actor.Tenant
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		taken := strings.Join(append(strings.Fields(r.Reminded), rungs...), " ")
		if done, err = s.store.saveReminded(ctx, tenant, r, taken); err != nil || !done { // somebody answered, or another server was first
			return err
		}
		if err := s.Jobs.Enqueue(ctx, tenant, jobTold, map[string]string{"doctor": r.Doctor}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAnswer, Kind: "information", ID: r.Doctor, Person: r.Doctor, After: map[string]any{"round": r.Round, "reminded": rungs}})
	})
	return done, err
}
