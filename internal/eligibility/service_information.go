package eligibility

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/eligibility/assessment"
	"msw/internal/problem"
	"msw/internal/request"
)

// jobTold tells a doctor, in words that give nothing away, that there is
// something new on their page.
const jobTold = "eligibility.told"

// TaskAnswer is the doctor's task to answer questions.
const TaskAnswer = "information"

// Question is one thing asked of a doctor.
type Question struct {
	Kind     assessment.ItemKind
	Question string
	Code     string // the coded reason an answer would cure, "" for none
}

// Ask opens a round of further information. Each question is answered and
// judged alone; the programme says how many rounds there may be.
func (s *Service) Ask(ctx context.Context, call access.Call, ref string, seen int64, list []Question) (Round, error) {
	var round Round
	c, err := s.permitted(ctx, call, ActDecide, ref)
	if err != nil {
		return round, err
	}
	if err := checkQuestions(list); err != nil {
		return round, err
	}
	limits, err := s.limits(ctx, c.Tenant)
	if err != nil {
		return round, err
	}
	err = s.change(ctx, call, c, seen, DidAsk, questionWords(list), func(ctx context.Context, w *Work) error {
		if !w.Assessing {
			return problem.Refuse("No question can be asked now.", "The application is not being assessed. Write a message instead.")
		}
		rounds, err := s.store.rounds(ctx, c.Tenant, c.Doctor)
		if err != nil {
			return err
		}
		mine := slices.DeleteFunc(rounds, func(r Round) bool { return r.Number != w.Number })
		open := slices.ContainsFunc(mine, Round.Open)
		if no := assessment.MayAsk(len(mine), open, limits.Rounds); no != nil {
			return problem.Refuse("No further question can be asked now.", no...)
		}
		round = Round{Doctor: c.Doctor, Number: w.Number, Round: len(mine) + 1, By: call.Actor.Account, Asked: call.Today}
		for _, q := range list {
			round.Items = append(round.Items, Item{ID: database.NewID(), Doctor: c.Doctor, Kind: q.Kind, State: assessment.ItemAsked, sealedItem: sealedItem{Code: q.Code, Question: q.Question}})
		}
		w.Looked = true
		return s.asked(ctx, call, c, &round)
	})
	return round, err
}

func (s *Service) asked(ctx context.Context, call access.Call, c casefile.Case, r *Round) error {
	made, err := s.Requests.Keep(ctx, call, r.asRequest(call))
	if err != nil {
		return err
	}
	r.Request, r.Due = made.ID, made.Expires
	if err := s.store.addRound(ctx, c.Tenant, *r); err != nil {
		return err
	}
	if err := s.Cases.OpenTask(ctx, call, casefile.Task{Doctor: c.Doctor, Kind: TaskAnswer, Source: "round", Party: casefile.PartyDoctor, Title: "Answer our questions", URL: "/information", Since: call.Today, Due: r.Due}); err != nil {
		return err
	}
	if err := s.Jobs.Enqueue(ctx, c.Tenant, jobTold, map[string]string{"doctor": c.Doctor}); err != nil {
		return err
	}
	return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "information", ID: c.Doctor, Person: c.Doctor, After: map[string]any{"round": r.Round, "items": len(r.Items), "due": r.Due}})
}

func checkQuestions(list []Question) error {
	var check problem.Check
	check.That(len(list) > 0, "question-1", "Write at least one question")
	for i, q := range list {
		field := "question-" + strconv.Itoa(i+1)
		check.That(slices.Contains(assessment.ItemKinds(), q.Kind), "kind-"+strconv.Itoa(i+1), "Choose what kind of answer you need")
		check.That(strings.TrimSpace(q.Question) != "", field, "Write the question")
		check.That(len([]rune(q.Question)) <= 500, field, "Use 500 characters or fewer")
	}
	return check.Err()
}

func questionWords(list []Question) string {
	var out []string
	for _, q := range list {
		out = append(out, q.Question)
	}
	return strings.Join(out, "\n")
}

// Asked gives the doctor's own rounds of this application, newest first.
func (s *Service) Asked(ctx context.Context, call access.Call) ([]Round, Limits, error) {
	c, err := s.own(ctx, call, ActAnswer)
	if err != nil {
		return nil, Limits{}, err
	}
	limits, err := s.limits(ctx, c.Tenant)
	if err != nil {
		return nil, limits, err
	}
	rounds, err := s.store.rounds(ctx, c.Tenant, c.Doctor)
	slices.Reverse(rounds)
	return rounds, limits, err
}

func (s *Service) own(ctx context.Context, call access.Call, act access.Action) (casefile.Case, error) {
	if call.Actor.Doctor == "" {
		return casefile.Case{}, problem.Missing()
	}
	c, err := s.Cases.Get(ctx, call.Actor.Doctor, call.Actor.Tenant)
	if err != nil {
		return c, err
	}
	return c, s.Access.May(call.Actor, act, c.Resource())
}

// Answer is a doctor's answer to one question.
type Answer struct {
	Item     string
	Version  int64
	Text     string
	Day      clock.Date
	Document string
}

// Answer keeps one answer at once, so that nothing is lost; it can be changed
// until the answers are sent. A late answer is taken too.
func (s *Service) Answer(ctx context.Context, call access.Call, in Answer) error {
	c, err := s.own(ctx, call, ActAnswer)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		it, round, err := s.itemOf(ctx, c, in.Item)
		if err != nil {
			return err
		}
		if !round.Open() || !round.Answered.IsZero() {
			return problem.New(problem.Conflict, "Your answers have been sent already. Write us a message to add something.")
		}
		if in.Version != 0 && in.Version != it.Version {
			return problem.Stale()
		}
		if err := assessment.CheckAnswer(it.Kind, in.Text, in.Document, in.Day, call.Today); err != nil {
			return err
		}
		it.Answer, it.Day, it.Document, it.State = in.Text, in.Day, in.Document, assessment.ItemAnswered
		if err := s.store.saveItem(ctx, c.Tenant, it); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAnswer, Kind: "information", ID: it.ID, Person: c.Doctor})
	})
}

func (s *Service) itemOf(ctx context.Context, c casefile.Case, id string) (Item, Round, error) {
	rounds, err := s.store.rounds(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Item{}, Round{}, err
	}
	for _, r := range rounds {
		for _, it := range r.Items {
			if it.ID == id {
				return it, r, nil
			}
		}
	}
	return Item{}, Round{}, problem.Missing()
}

// Send gives the answers of the open round to the assessor. Whatever is not
// answered is named; partly says that the doctor sends what there is.
func (s *Service) Send(ctx context.Context, call access.Call, partly bool) error {
	c, err := s.own(ctx, call, ActAnswer)
	if err != nil {
		return err
	}
	return s.change(ctx, call, c, 0, DidAnswer, "", func(ctx context.Context, w *Work) error {
		round, found, err := s.openRound(ctx, c)
		if err != nil {
			return err
		}
		if !found || !round.Answered.IsZero() {
			return problem.New(problem.Conflict, "There is nothing to send now.")
		}
		var left []string
		for _, it := range round.Items {
			if it.State == assessment.ItemAsked {
				left = append(left, it.Question)
			}
		}
		if len(left) > 0 && !partly {
			return problem.Refuse("Some questions have no answer yet. Answer them, or choose to send what you have.", left...)
		}
		round.Answered = call.Today
		if err := s.saveRound(ctx, call, round); err != nil {
			return err
		}
		return s.turnBack(ctx, call, c, "Read the answers of a doctor")
	})
}

// turnBack gives an application that waited for the doctor back to the assessor.
func (s *Service) turnBack(ctx context.Context, call access.Call, c casefile.Case, title string) error {
	if err := s.Cases.CloseTask(ctx, call, c.Doctor, TaskAnswer, "round"); err != nil {
		return err
	}
	if err := s.Cases.OpenTask(ctx, call, casefile.Task{Doctor: c.Doctor, Kind: casefile.TaskAssess, Source: "round", Party: casefile.PartyAssessor, Title: title, URL: "/assess/" + c.Ref, Since: call.Today}); err != nil {
		return err
	}
	return s.Audit.Record(ctx, call, audit.Entry{Action: ActAnswer, Kind: "information", ID: c.Doctor, Person: c.Doctor, After: "answers sent"})
}

func (s *Service) openRound(ctx context.Context, c casefile.Case) (Round, bool, error) {
	rounds, err := s.store.rounds(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Round{}, false, err
	}
	i := slices.IndexFunc(rounds, Round.Open)
	if i < 0 {
		return Round{}, false, nil
	}
	return rounds[i], true, nil
}

// JudgeItem says whether one answer is enough. When none is left to judge, the
// round is closed.
func (s *Service) JudgeItem(ctx context.Context, call access.Call, ref, id string, enough bool, words string) error {
	c, err := s.permitted(ctx, call, ActDecide, ref)
	if err != nil {
		return err
	}
	if !enough && len([]rune(strings.TrimSpace(words))) < 5 {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "words", Message: "Say what is missing, in words the doctor can read"}}}
	}
	return s.change(ctx, call, c, 0, DidJudge, words, func(ctx context.Context, w *Work) error {
		it, round, err := s.itemOf(ctx, c, id)
		if err != nil {
			return err
		}
		if !round.Open() || round.Answered.IsZero() {
			return problem.New(problem.Conflict, "These answers are not yours to judge now: they were not sent, or have been judged.")
		}
		it.State, it.Verdict = assessment.ItemAccepted, words
		if !enough {
			it.State = assessment.ItemRefused
		}
		if err := s.store.saveItem(ctx, c.Tenant, it); err != nil {
			return err
		}
		states := []assessment.ItemState{it.State}
		for _, other := range round.Items {
			if other.ID != it.ID {
				states = append(states, other.State)
			}
		}
		if _, toJudge := assessment.RoundDone(states); toJudge == 0 {
			if err := s.closeRound(ctx, call, c); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "information", ID: it.ID, Person: c.Doctor, After: map[string]any{"state": it.State}})
	})
}

// closeRound ends the open round, if there is one; its answers stay.
func (s *Service) closeRound(ctx context.Context, call access.Call, c casefile.Case) error {
	round, found, err := s.openRound(ctx, c)
	if err != nil || !found {
		return err
	}
	round.Closed = call.Today
	if err := s.saveRound(ctx, call, round); err != nil {
		return err
	}
	if err := s.Cases.CloseTask(ctx, call, c.Doctor, casefile.TaskAssess, "round"); err != nil {
		return err
	}
	return s.Cases.CloseTask(ctx, call, c.Doctor, TaskAnswer, "round")
}

// saveRound saves what became of a round, and brings its request there.
func (s *Service) saveRound(ctx context.Context, call access.Call, r Round) error {
	made, err := s.Requests.Keep(ctx, call, r.asRequest(call))
	if err != nil {
		return err
	}
	r.Request = made.ID
	return s.store.saveRound(ctx, call.Actor.Tenant, r)
}

// asRequest is a round as its request is told of it.
func (r Round) asRequest(call access.Call) request.Questions {
	q := request.Questions{Request: r.Request, Doctor: r.Doctor, Round: r.Round, Asked: r.Asked, Due: r.Due, Answered: r.Answered, Closed: r.Closed, By: call.Actor.Account, Reminded: strings.Fields(r.Reminded)}
	for _, it := range r.Items {
		switch it.State {
		case assessment.ItemAnswered: // closed before it was judged
			q.Verdict = ""
			return q
		case assessment.ItemRefused:
			q.Verdict = request.NotEnough
		case assessment.ItemAccepted:
			q.Verdict = cmp.Or(q.Verdict, request.Accepted)
		}
	}
	return q
}

const joinPage = 100

// JoinRounds gives a request to each round that was asked before rounds had one,
// and tells how many. It asks no permission: it is regular work.
func (s *Service) JoinRounds(ctx context.Context, call access.Call) (n int, err error) {
	tenant := call.Actor.Tenant
	for {
		list, err := s.store.unjoined(ctx, tenant, joinPage)
		if err != nil || len(list) == 0 {
			return n, err
		}
		for _, id := range list {
			err := s.DB.Tx(ctx, func(ctx context.Context) error {
				rounds, err := s.store.rounds(ctx, tenant, id)
				if err != nil {
					return err
				}
				for _, r := range rounds {
					if r.Request != "" {
						continue
					}
					if err := s.saveRound(ctx, call, r); err != nil {
						return err
					}
					n++
				}
				return nil
			})
			if err != nil {
				return n, err
			}
		}
	}
}

// CloseRound ends a round by hand, answered or not: the assessor goes on with
// what there is.
func (s *Service) CloseRound(ctx context.Context, call access.Call, ref string) error {
	c, err := s.permitted(ctx, call, ActDecide, ref)
	if err != nil {
		return err
	}
	return s.change(ctx, call, c, 0, DidJudge, "The round was closed.", func(ctx context.Context, w *Work) error {
		if err := s.closeRound(ctx, call, c); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "information", ID: c.Doctor, Person: c.Doctor, After: "round closed"})
	})
}
