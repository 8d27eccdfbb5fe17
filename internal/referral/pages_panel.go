package referral

import (
	"context"
	"crypto/rand"
	"net/url"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Panel shows staff, on the case page, every referral of the doctor and how the
// invitation stands. Nobody else sees it: a referrer must not learn of another,
// and an employer not of a charity.
func (s *Service) Panel() casefile.Panel {
	return casefile.Panel{ID: "referral", Title: "How this doctor was found", Order: 20,
		Render: func(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
			sh, err := s.Sheet(ctx, call, doctor)
			if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Forbidden {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return panel(panelView{Sheet: sh, Today: call.Today}), nil
		}}
}

type panelView struct {
	Sheet
	Today clock.Date
}

// key makes a form's idempotency key.
func (v panelView) key() string { return rand.Text() }

func (v panelView) url(more string) string { return "/cases/" + url.PathEscape(v.CaseRef) + more }
