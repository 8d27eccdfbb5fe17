package eligibility

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/eligibility/assessment"
	"msw/internal/organisation"
	"msw/internal/problem"
)

// Decide is what an assessor decided, with the words the doctor receives.
type Decide struct {
	Doctor  string
	Outcome Outcome
	Words   string // added to the reasons the doctor receives
	Note    string // for staff
	On      clock.Date
	Seen    int64 // the work's version that the assessor had before them; 0 = none asked
}

// Decide records a decision, moves the case and tells the doctor. It refuses,
// with every reason, what the rules do not allow, and answers Stale when
// somebody else was first.
func (s *Service) Decide(ctx context.Context, call access.Call, d Decide) (Decision, error) {
	var out Decision
	c, err := s.mayDecide(ctx, call, &d)
	if err != nil {
		return out, err
	}
	if call.Actor.Has(organisation.RoleOperator) { // history and imports: no letter, and the queue only follows the case
		err = s.DB.Tx(ctx, func(ctx context.Context) error {
			out, err = s.draft(ctx, call, c, d, 0)
			if err != nil {
				return err
			}
			return s.save(ctx, call, c, out)
		})
		return out, err
	}
	err = s.change(ctx, call, c, d.Seen, DidDecide, d.Outcome.Words()+". "+d.Words, func(ctx context.Context, w *Work) error {
		out, err = s.draft(ctx, call, c, d, w.Number)
		if err != nil {
			return err
		}
		if err := s.closeRound(ctx, call, c); err != nil {
			return err
		}
		w.Looked, w.Again, w.Early = true, 0, 0
		if w.Assessor == "" {
			w.Assessor = call.Actor.Account
		}
		return s.save(ctx, call, c, out)
	})
	return out, err
}

// Preview is the letter that a decision would send; nothing is kept. It refuses
// what Decide would.
func (s *Service) Preview(ctx context.Context, call access.Call, d Decide) (Decision, error) {
	c, err := s.mayDecide(ctx, call, &d)
	if err != nil {
		return Decision{}, err
	}
	w, _, err := s.store.work(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Decision{}, err
	}
	if d.Seen != 0 && d.Seen != w.Version {
		return Decision{}, problem.Stale()
	}
	return s.draft(ctx, call, c, d, max(1, w.Number))
}

func (s *Service) mayDecide(ctx context.Context, call access.Call, d *Decide) (casefile.Case, error) {
	if d.On.IsZero() {
		d.On = call.Today
	}
	if !slices.Contains(Outcomes(), d.Outcome) {
		return casefile.Case{}, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "outcome", Message: "Choose what you decide"}}}
	}
	c, err := s.Cases.Get(ctx, d.Doctor, call.Actor.Tenant)
	if err != nil {
		return c, err
	}
	if err := s.Access.May(call.Actor, ActDecide, c.Resource()); err != nil {
		return c, err
	}
	if call.Actor.Doctor == d.Doctor {
		return c, problem.Refuse("Nobody decides about themselves.", "Ask another assessor.")
	}
	return c, nil
}

// draft works a decision out, with its letter. number is the application's; 0
// for history, which has neither sections nor a letter.
func (s *Service) draft(ctx context.Context, call access.Call, c casefile.Case, d Decide, number int) (Decision, error) {
	a, err := s.evaluate(ctx, call, d.Doctor, AtDecision, d.On)
	if err != nil {
		return Decision{}, err
	}
	var codes []assessment.Reason
	var no []string
	if number > 0 {
		if codes, no, err = s.open(ctx, c, number); err != nil {
			return Decision{}, err
		}
	}
	joined := Joined(a.Suggestion, codes)
	if no = append(no, Allowed(d.Outcome, joined, d.Note)...); len(no) > 0 {
		return Decision{}, problem.Refuse("This cannot be decided yet.", no...)
	}
	out := s.decision(call, d.Doctor, AtDecision, d.Outcome, a)
	out.Note = d.Note
	if d.Outcome != Eligible {
		out.Reasons = joined.Doctor
		for _, r := range codes {
			out.Codes = append(out.Codes, r.Code)
		}
	}
	if d.Words != "" {
		out.Reasons = append(slices.Clone(out.Reasons), d.Words)
	}
	if number > 0 {
		out.Letter, err = s.letter(ctx, c, out, lines(a, codes), d.Words)
	}
	return out, err
}

// open gives the coded reasons of an application, and what must be ended first.
func (s *Service) open(ctx context.Context, c casefile.Case, number int) ([]assessment.Reason, []string, error) {
	found, err := s.store.sections(ctx, c.Tenant, c.Doctor, number)
	if err != nil {
		return nil, nil, err
	}
	judgements, err := s.store.judgements(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return nil, nil, err
	}
	no := unsettled(judgements)
	reviews, err := s.store.reviews(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(reviews, func(r Review) bool { return r.State == ReviewOpen }) {
		no = append(no, "The doctor asked for a review. Somebody who did not decide answers it, on the page of the review.")
	}
	return s.codes(found), no, nil
}

// lines are the reasons of a letter: the rules' own, then the coded ones.
func lines(a Assessment, codes []assessment.Reason) []assessment.LetterReason {
	var out []assessment.LetterReason
	for _, o := range unmet(a) {
		out = append(out, assessment.LetterReason{Code: o.ID, Kind: assessment.Kind(o.Reason.Kind), Why: o.Reason.Doctor, Cure: o.Reason.Bring})
	}
	for _, r := range codes {
		out = append(out, assessment.LetterReason{Code: r.Code, Kind: r.Kind, Why: r.Doctor, Cure: r.Cure})
	}
	return out
}

// letter writes the letter of a decision.
func (s *Service) letter(ctx context.Context, c casefile.Case, d Decision, reasons []assessment.LetterReason, words string) (*assessment.Letter, error) {
	limits, err := s.limits(ctx, c.Tenant)
	if err != nil {
		return nil, err
	}
	l := assessment.Compose(assessment.Answer{Outcome: string(d.Outcome), On: d.On, Rules: d.RuleSet, Reasons: reasons, Words: words, ReviewDays: limits.ReviewDays,
		ByReview: d.Review != "", Reversed: d.Reverses != "", Barred: assessment.BarredUntil(s.Reasons.Named(d.Codes), d.On)})
	return &l, nil
}

// letter is the letter of a decision as it was sent; one from before letters
// were kept is written from its sentences.
func (d Decision) letter(reviewDays int) assessment.Letter {
	if d.Letter != nil {
		return *d.Letter
	}
	var reasons []assessment.LetterReason
	for _, r := range d.Reasons {
		reasons = append(reasons, assessment.LetterReason{Why: r})
	}
	return assessment.Compose(assessment.Answer{Outcome: string(d.Outcome), On: d.On, Rules: d.RuleSet, Reasons: reasons, ReviewDays: reviewDays})
}
