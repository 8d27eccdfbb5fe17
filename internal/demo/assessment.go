package demo

import (
	"context"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/eligibility/assessment"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// assessments leaves a few applications half assessed, so that each step of the
// queue has somebody at it.
func (l *loader) assessments(ctx context.Context) error {
	call := l.byAssessor(l.o.Today.AddDays(-1))
	found, err := l.Eligibility.Queue(ctx, l.on(0, call.Today), eligibility.QueueQuery{Step: assessment.StepFirst}, nil)
	if err != nil {
		return err
	}
	does := []func(context.Context, access.Call, eligibility.Work) error{l.halfAssessed, l.furtherAsked, l.secondAwaited}
	for i, do := range does {
		if i >= len(found.Rows) {
			return nil
		}
		if err := do(ctx, call, found.Rows[i].Work); err != nil {
			return err
		}
	}
	return nil
}

// byAssessor is a call of the demo's assessor, with no more than their role.
func (l *loader) byAssessor(day clock.Date) access.Call {
	c := l.as(0, day, "assessor")
	c.Actor.Tenant = programme.National
	c.Actor.Members = []access.Membership{{Role: organisation.RoleAssessor}}
	return c
}

func (l *loader) halfAssessed(ctx context.Context, call access.Call, w eligibility.Work) error {
	return l.Eligibility.Find(ctx, call, w.Ref, 0, assessment.Finding{Section: assessment.Qualification, Codes: []string{"QUAL_NO_TRANSLATION"}, Note: "Fictional: page two is in Arabic only."})
}

func (l *loader) furtherAsked(ctx context.Context, call access.Call, w eligibility.Work) error {
	_, err := l.Eligibility.Ask(ctx, call, w.Ref, 0, []eligibility.Question{
		{Kind: assessment.AskDocument, Question: "Please send the second page of your certificate. Tell us if it is lost.", Code: "QUAL_UNREADABLE"},
		{Kind: assessment.AskDate, Question: "When did you begin your first job as a doctor?"},
		{Kind: assessment.AskYesNo, Question: "Was this job full time?"}})
	return err
}

func (l *loader) secondAwaited(ctx context.Context, call access.Call, w eligibility.Work) error {
	records, err := l.Facts.For(ctx, programme.National, w.Doctor)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Kind == fact.Qualification {
			_, err := l.Eligibility.Judge(ctx, call, eligibility.Judge{Ref: w.Ref, Fact: r.ID, State: rulebook.Verified, Holds: true, Why: "Fictional: two sworn statements agree with photos from the course."})
			return err
		}
	}
	return nil
}
