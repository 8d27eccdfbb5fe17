package eligibility

import (
	"context"

	"msw/internal/access"
	"msw/internal/clock"
)

// Holds asks the rules of an offer without keeping the answer: whether a doctor
// could be offered a post on a day, with the reasons as staff and as the doctor
// read them. It asks no permission.
func (s *Service) Holds(ctx context.Context, call access.Call, doctor string, on clock.Date) (ok bool, staff, own []string, err error) {
	a, err := s.evaluate(ctx, call, doctor, AtOffer, on)
	if err != nil {
		return false, nil, nil, err
	}
	return a.Suggestion.Outcome == Eligible, a.Suggestion.Staff, a.Suggestion.Doctor, nil
}
