package onboarding

import (
	"context"
	"fmt"

	"msw/internal/clock"
)

// TrainingOf lists a doctor's mandatory training, for another station: no
// permission asked, no look recorded.
func (s *Service) TrainingOf(ctx context.Context, tenant, doctor string) ([]Trained, error) {
	return s.training(ctx, tenant, doctor)
}

// DoneCheck is an employment check that was finished: that, and when.
type DoneCheck struct {
	Kind, Employer string
	On             clock.Date
}

// DoneChecks lists the finished checks of a doctor, for another station: no
// permission asked, no look recorded, and nothing of what was found.
func (s *Service) DoneChecks(ctx context.Context, tenant, doctor string) ([]DoneCheck, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT c.kind, o.employer_id, c.done_on FROM onboarding_check c JOIN onboarding_offer o ON o.tenant_id = c.tenant_id AND o.id = c.offer_id
		WHERE c.tenant_id = $1 AND c.doctor_id = $2 AND o.doctor_id = $3 AND c.state = 'done' ORDER BY c.done_on, c.kind`, tenant, doctor, doctor)
	if err != nil {
		return nil, fmt.Errorf("finished checks: %w", err)
	}
	defer rows.Close()
	var list []DoneCheck
	for rows.Next() {
		var c DoneCheck
		if err := rows.Scan(&c.Kind, &c.Employer, &c.On); err != nil {
			return nil, fmt.Errorf("finished checks: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}
