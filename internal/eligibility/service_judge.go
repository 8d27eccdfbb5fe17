package eligibility

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/eligibility/assessment"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Judge is what one person thinks of evidence that no issuer confirms, for
// example of a destroyed university.
type Judge struct {
	Ref   string
	Fact  string
	State rulebook.State // as which the fact would count, seen or verified
	Holds bool
	Why   string
}

// Judge speaks about one fact: the first voice opens a judgement, others follow.
// The fact's proof changes only once two people agree.
func (s *Service) Judge(ctx context.Context, call access.Call, j Judge) (assessment.Verdict, error) {
	var verdict assessment.Verdict
	c, err := s.permitted(ctx, call, ActJudge, j.Ref)
	if err != nil {
		return verdict, err
	}
	var check problem.Check
	check.That(len([]rune(strings.TrimSpace(j.Why))) >= 10, "why", "Say in a sentence what your judgement rests on")
	check.That(len([]rune(j.Why)) <= 2000, "why", "Use 2,000 characters or fewer")
	if err := check.Err(); err != nil {
		return verdict, err
	}
	rec, err := s.factOf(ctx, c, j.Fact)
	if err != nil {
		return verdict, err
	}
	text := fact.Words(rec.Kind) + ": " + map[bool]string{true: "holds. ", false: "does not hold. "}[j.Holds] + j.Why
	err = s.change(ctx, call, c, 0, DidVoice, text, func(ctx context.Context, w *Work) error {
		w.Looked = true
		verdict, err = s.speak(ctx, call, c, j)
		return err
	})
	return verdict, err
}

func (s *Service) factOf(ctx context.Context, c casefile.Case, id string) (fact.Record, error) {
	records, err := s.Facts.For(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return fact.Record{}, err
	}
	i := slices.IndexFunc(records, func(r fact.Record) bool { return r.ID == id })
	if i < 0 {
		return fact.Record{}, problem.Missing()
	}
	return records[i], nil
}

// speak adds one voice to the open judgement of a fact, or to a new one.
func (s *Service) speak(ctx context.Context, call access.Call, c casefile.Case, in Judge) (assessment.Verdict, error) {
	list, err := s.store.judgements(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return assessment.Verdict{}, err
	}
	i := slices.IndexFunc(list, func(j Judgement) bool { return j.Fact == in.Fact && j.State == JudgementOpen })
	j := Judgement{ID: database.NewID(), Doctor: c.Doctor, Fact: in.Fact, To: in.State.String(), State: JudgementOpen, Second: call.Today}
	if i >= 0 {
		j = list[i]
	} else {
		if in.State != rulebook.Seen && in.State != rulebook.Verified {
			return assessment.Verdict{}, problem.New(problem.Invalid, "Choose as what the evidence would count, then try again.")
		}
		if err := s.store.addJudgement(ctx, c.Tenant, j); err != nil {
			return assessment.Verdict{}, err
		}
	}
	if no := assessment.MaySit(j.spoken(), call.Actor.Account); no != nil {
		return assessment.Verdict{}, problem.Refuse("You cannot judge this.", no...)
	}
	v := Voice{Voice: assessment.Voice{Seat: assessment.Settle(j.spoken()).Next, By: call.Actor.Account, Holds: in.Holds}, At: call.Now, Why: in.Why}
	if err := s.store.addVoice(ctx, c.Tenant, c.Doctor, j.ID, v); err != nil {
		return assessment.Verdict{}, err
	}
	j.Voices = append(j.Voices, v)
	return s.settle(ctx, call, c, j)
}

// settle keeps what a judgement comes to; when it holds, the fact's proof
// changes now and not before.
func (s *Service) settle(ctx context.Context, call access.Call, c casefile.Case, j Judgement) (assessment.Verdict, error) {
	verdict := assessment.Settle(j.spoken())
	switch {
	case verdict.Settled && verdict.Holds:
		j.State = JudgementHolds
	case verdict.Settled:
		j.State = JudgementFails
	case verdict.Next == assessment.Third:
		j.Third = call.Today
	}
	if err := s.store.saveJudgement(ctx, c.Tenant, j); err != nil {
		return verdict, err
	}
	if j.State == JudgementHolds {
		state, err := rulebook.ParseState(j.To)
		if err != nil {
			return verdict, err
		}
		if err := s.Facts.Judged(ctx, call, j.Fact, state); err != nil {
			return verdict, err
		}
	}
	return verdict, s.Audit.Record(ctx, call, audit.Entry{Action: ActJudge, Kind: "judgement", ID: j.ID, Person: c.Doctor,
		After: map[string]any{"fact": j.Fact, "voices": len(j.Voices), "state": j.State}})
}

// unsettled names what keeps a yes from being given: judgements that are open.
func unsettled(list []Judgement) []string {
	var out []string
	for _, j := range list {
		if j.State != JudgementOpen {
			continue
		}
		if j.Third.IsZero() {
			out = append(out, "A second person has to judge evidence before this can be decided.")
		} else {
			out = append(out, "Two people disagree about evidence. A third has to judge it before this can be decided.")
		}
	}
	return out
}
