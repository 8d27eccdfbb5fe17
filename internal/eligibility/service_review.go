package eligibility

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/eligibility/assessment"
	"msw/internal/problem"
)

// TaskReview is the task of somebody who did not decide: look at it again.
const TaskReview = "review"

// Answered is the standing answer of a doctor: the newest decision that was made, with what can
// be done about it.
type Answered struct {
	Case     casefile.Case
	Decision Decision
	Found    bool
	Letter   assessment.Letter
	Review   *Review  // of this decision
	Late     bool     // a review now needs a reason for being late
	NoReview []string // why none can be asked
	Last     clock.Date
	Days     int
	NoReturn []string // why the doctor cannot apply again
}

// Answered gives the doctor their own answer and what they can do about it.
func (s *Service) Answered(ctx context.Context, call access.Call) (Answered, error) {
	if call.Actor.Doctor == "" {
		return Answered{}, problem.Missing()
	}
	d, found, err := s.Latest(ctx, call, call.Actor.Doctor)
	if err != nil {
		return Answered{}, err
	}
	out := Answered{Decision: d, Found: found}
	if out.Case, err = s.Cases.Get(ctx, call.Actor.Doctor, call.Actor.Tenant); err != nil || !found {
		return out, err
	}
	return out, s.choices(ctx, call, &out)
}

func (s *Service) choices(ctx context.Context, call access.Call, out *Answered) error {
	limits, err := s.limits(ctx, call.Actor.Tenant)
	if err != nil {
		return err
	}
	reviews, err := s.store.reviews(ctx, call.Actor.Tenant, out.Decision.Doctor)
	if err != nil {
		return err
	}
	open := false
	for i, r := range reviews {
		open = open || r.State == ReviewOpen
		if r.Decision == out.Decision.ID {
			out.Review = &reviews[i]
		}
	}
	d := out.Decision
	out.Days, out.Last, out.Letter = limits.ReviewDays, assessment.LastDay(d.On, limits.ReviewDays), d.letter(limits.ReviewDays)
	out.Late, out.NoReview = assessment.MayAppeal(given(d, nil), open, call.Today, limits.ReviewDays)
	until := assessment.BarredUntil(s.Reasons.Named(d.Codes), d.On)
	switch {
	case d.Outcome != NotEligible || out.Case.Stage != casefile.StageClosed:
		out.NoReturn = []string{"There is nothing to come back from: your application is open."}
	case call.Today < until:
		out.NoReturn = []string{"You can apply again after " + until.Long() + ". If you think this is wrong, ask for a review."}
	}
	return nil
}

func given(d Decision, judgements []Judgement) assessment.Given {
	g := assessment.Given{On: d.On, Yes: d.Outcome == Eligible, ByReview: d.Review != "", By: d.By}
	for _, j := range judgements {
		for _, v := range j.Voices {
			g.Voices = append(g.Voices, v.By)
		}
	}
	return g
}

// Appeal is a doctor's wish for a review: what was wrong, and if it is late why.
type Appeal struct{ Text, Why string }

// Appeal asks for a review of the answer that stands. A late one is taken with
// its reason; a second one of the same answer is not.
func (s *Service) Appeal(ctx context.Context, call access.Call, in Appeal) (Review, error) {
	var r Review
	if _, err := s.own(ctx, call, ActAppeal); err != nil {
		return r, err
	}
	a, err := s.Answered(ctx, call)
	if err != nil {
		return r, err
	}
	if !a.Found {
		return r, problem.Missing()
	}
	if a.NoReview != nil {
		return r, problem.Refuse("A review cannot be asked for.", a.NoReview...)
	}
	if field, message := assessment.CheckAppeal(in.Text, in.Why, a.Late); field != "" {
		return r, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: field, Message: message}}}
	}
	r = Review{ID: database.NewID(), Doctor: a.Case.Doctor, Decision: a.Decision.ID, Asked: call.Today, Late: a.Late, State: ReviewOpen, sealedReview: sealedReview{in.Text, in.Why}}
	return r, s.change(ctx, call, a.Case, 0, DidAppeal, in.Text, func(ctx context.Context, w *Work) error {
		if err := s.store.addReview(ctx, a.Case.Tenant, r); err != nil {
			return err
		}
		if a.Case.Stage == casefile.StageClosed {
			if err := s.Cases.Record(ctx, call, casefile.Milestone{Doctor: a.Case.Doctor, Kind: casefile.Reopened, On: call.Today, Owing: casefile.PartyAssessor, Code: "review", Source: "eligibility:" + r.ID}); err != nil {
				return err
			}
		}
		if err := s.Cases.OpenTask(ctx, call, casefile.Task{Doctor: a.Case.Doctor, Kind: TaskReview, Source: "review", Party: casefile.PartyAssessor, Title: "Review a decision", URL: "/assess/" + a.Case.Ref + "/review", Since: call.Today}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAppeal, Kind: "review", ID: r.ID, Person: a.Case.Doctor, After: map[string]any{"decision": r.Decision, "late": r.Late}})
	})
}

// Reviewing is what somebody decides about a review.
type Reviewing struct {
	Ref     string
	Seen    int64
	Changed bool    // the earlier answer is changed
	Outcome Outcome // to what, if so
	Words   string  // to the doctor: needed, it says why
	Note    string
}

// DecideReview answers a review, by somebody who took no part in the decision. A
// changed answer is a new decision, the written opposite of the one before, and
// nothing is taken away.
func (s *Service) DecideReview(ctx context.Context, call access.Call, in Reviewing) (Decision, error) {
	var out Decision
	c, err := s.permitted(ctx, call, ActReview, in.Ref)
	if err != nil {
		return out, err
	}
	if len([]rune(strings.TrimSpace(in.Words))) < 10 {
		return out, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "words", Message: "Tell the doctor why, in a sentence or more"}}}
	}
	err = s.change(ctx, call, c, in.Seen, DidReview, in.Words, func(ctx context.Context, w *Work) error {
		r, old, err := s.underReview(ctx, call, c)
		if err != nil {
			return err
		}
		if out, err = s.reviewed(ctx, call, c, r, old, in); err != nil {
			return err
		}
		r.State, r.DecidedBy, r.DecidedOn = map[bool]string{true: ReviewChanged, false: ReviewSame}[in.Changed], call.Actor.Account, call.Today
		if err := s.store.endReview(ctx, c.Tenant, r); err != nil {
			return err
		}
		if err := s.Cases.CloseTask(ctx, call, c.Doctor, TaskReview, "review"); err != nil {
			return err
		}
		w.Again = 0
		return s.save(ctx, call, c, out)
	})
	return out, err
}

// underReview gives the open review of a case with the decision it is about,
// and refuses whoever took part in that.
func (s *Service) underReview(ctx context.Context, call access.Call, c casefile.Case) (Review, Decision, error) {
	reviews, err := s.store.reviews(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Review{}, Decision{}, err
	}
	i := slices.IndexFunc(reviews, func(r Review) bool { return r.State == ReviewOpen })
	if i < 0 {
		return Review{}, Decision{}, problem.New(problem.Conflict, "No review is open. Somebody may have decided it already.")
	}
	all, err := s.store.decisions(ctx, c.Tenant, c.Doctor, s.Book.Schema())
	if err != nil {
		return Review{}, Decision{}, err
	}
	j := slices.IndexFunc(all, func(d Decision) bool { return d.ID == reviews[i].Decision })
	if j < 0 {
		return Review{}, Decision{}, problem.Missing()
	}
	judgements, err := s.store.judgements(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Review{}, Decision{}, err
	}
	if no := assessment.MayReview(given(all[j], judgements), call.Actor.Account); no != nil {
		return Review{}, Decision{}, problem.Refuse("You cannot decide this review.", no...)
	}
	return reviews[i], all[j], nil
}

// reviewed works out the decision that answers a review.
func (s *Service) reviewed(ctx context.Context, call access.Call, c casefile.Case, r Review, old Decision, in Reviewing) (Decision, error) {
	a, err := s.evaluate(ctx, call, c.Doctor, AtDecision, call.Today)
	if err != nil {
		return Decision{}, err
	}
	want := old.Outcome
	if in.Changed {
		want = in.Outcome
		var no []string
		if !slices.Contains(Outcomes(), want) || want == old.Outcome {
			no = append(no, "Choose another answer than the one that is under review.")
		}
		if want == Eligible && a.Suggestion.Outcome != Eligible {
			no = append(no, a.Suggestion.Staff...)
		}
		if want == Supported && a.Suggestion.Outcome != Supported {
			no = append(no, Allowed(Supported, a.Suggestion, in.Note)...)
		}
		if no != nil {
			return Decision{}, problem.Refuse("The answer cannot be changed so.", no...)
		}
	}
	out := s.decision(call, c.Doctor, AtDecision, want, a)
	out.Review, out.Note = r.ID, in.Note
	reasons := old.letter(0).Reasons
	if in.Changed {
		out.Reverses = old.ID
		reasons = lines(a, nil)
	} else {
		out.Codes = old.Codes
	}
	if want != Eligible {
		for _, line := range reasons {
			out.Reasons = append(out.Reasons, strings.TrimSpace(line.Why+" "+line.Cure))
		}
	}
	out.Reasons = append(out.Reasons, in.Words)
	out.Letter, err = s.letter(ctx, c, out, reasons, in.Words)
	return out, err
}

// Return lets a doctor whose case was closed by a no apply again: the case is
// opened, and all they told before is still there.
func (s *Service) Return(ctx context.Context, call access.Call) error {
	if _, err := s.own(ctx, call, ActAppeal); err != nil {
		return err
	}
	a, err := s.Answered(ctx, call)
	if err != nil {
		return err
	}
	if !a.Found {
		return problem.Missing()
	}
	if a.NoReturn != nil {
		return problem.Refuse("You cannot apply again now.", a.NoReturn...)
	}
	c := a.Case
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		for _, m := range []casefile.Milestone{{Kind: casefile.Reopened, Owing: casefile.PartyDoctor, Code: "return"}, {Kind: casefile.FoundNotYet, Code: "return"}} {
			m.Doctor, m.On, m.Source = c.Doctor, call.Today, "eligibility:return"
			if err := s.Cases.Record(ctx, call, m); err != nil {
				return err
			}
		}
		if err := s.Cases.OpenTask(ctx, call, casefile.Task{Doctor: c.Doctor, Kind: casefile.TaskApply, Source: "application", Party: casefile.PartyDoctor, Title: "Look at your answers and send your application", URL: "/apply", Since: call.Today}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAppeal, Kind: "case", ID: c.Doctor, Person: c.Doctor, After: "applies again"})
	})
}

// AskEarly asks an assessor to look at what a doctor has told so far, before
// money is spent on papers. It is no decision.
func (s *Service) AskEarly(ctx context.Context, call access.Call) error {
	c, err := s.own(ctx, call, ActAnswer)
	if err != nil {
		return err
	}
	if !slices.Contains([]casefile.Stage{casefile.StageReferred, casefile.StageApplying, casefile.StageNotYet}, c.Stage) {
		return problem.Refuse("An early check is not needed now.", "It is for before you send your application.")
	}
	return s.change(ctx, call, c, 0, DidEarly, "", func(ctx context.Context, w *Work) error {
		if !w.Early.IsZero() {
			return problem.New(problem.Conflict, "You have asked already. Somebody will look soon.")
		}
		w.Early = call.Today
		if err := s.store.saveEarly(ctx, c.Tenant, Early{ID: database.NewID(), Doctor: c.Doctor, Asked: call.Today}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAnswer, Kind: "early", ID: c.Doctor, Person: c.Doctor})
	})
}

// AnswerEarly tells the doctor what an early look found.
func (s *Service) AnswerEarly(ctx context.Context, call access.Call, ref string, codes []string, words string) error {
	c, err := s.permitted(ctx, call, ActDecide, ref)
	if err != nil {
		return err
	}
	return s.change(ctx, call, c, 0, DidEarly, words, func(ctx context.Context, w *Work) error {
		list, err := s.store.earlies(ctx, c.Tenant, c.Doctor)
		if err != nil {
			return err
		}
		if w.Early.IsZero() || len(list) == 0 || !list[0].Answered.IsZero() {
			return problem.New(problem.Conflict, "No early check waits. Somebody may have answered it already.")
		}
		e := list[0]
		e.Answered, e.By, e.Codes, e.Words, e.Clear = call.Today, call.Actor.Account, codes, words, len(codes) == 0
		w.Early = 0
		if err := s.store.saveEarly(ctx, c.Tenant, e); err != nil {
			return err
		}
		if err := s.Jobs.Enqueue(ctx, c.Tenant, jobTold, map[string]string{"doctor": c.Doctor}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "early", ID: e.ID, Person: c.Doctor, After: map[string]any{"codes": codes}})
	})
}

// Earlies gives the doctor their own early checks, and what stands in the way
// if all they claim were proved.
func (s *Service) Earlies(ctx context.Context, call access.Call) (casefile.Case, []Early, []assessment.LetterReason, error) {
	c, err := s.own(ctx, call, ActAnswer)
	if err != nil {
		return c, nil, nil, err
	}
	list, err := s.store.earlies(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return c, nil, nil, err
	}
	a, err := s.evaluate(ctx, call, c.Doctor, AtDecision, call.Today)
	if err != nil {
		return c, nil, nil, err
	}
	return c, list, ahead(a), nil
}
