package onboarding

import (
	"context"
	"slices"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

// conditions turns the codes an employer chose into conditions that wait.
func (s *Service) conditions(codes []string) ([]Condition, error) {
	var c problem.Check
	var out []Condition
	for _, k := range s.o.Rules.Conditions {
		if slices.Contains(codes, k.ID) {
			out = append(out, Condition{Code: k.ID, State: Pending})
		}
	}
	c.That(len(out) == len(codes), "conditions", "Choose conditions from the list")
	return out, c.Err()
}

// fell tells whoever keeps the order of a round or list that a proposal or an
// offer ended before the start.
func (s *Service) fell(ctx context.Context, call access.Call, o Offer) error {
	if s.o.Fell == nil || call.Actor.Has(operator) && o.State != Lapsed {
		return nil
	}
	return s.o.Fell(ctx, call, o)
}

// Hold keeps an offer open for longer, since the doctor hopes for a better one.
// Only one offer at a time can be held, once.
func (s *Service) Hold(ctx context.Context, call access.Call, cmd Answer) (Offer, error) {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	return s.change(ctx, call, ActAnswer, target{cmd.ID, cmd.Version}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		if stops := StopsHold(*o, on); len(stops) > 0 {
			return "", problem.Refuse("This offer cannot be held.", stops...)
		}
		held, err := s.heldBy(ctx, tenant, o.Doctor)
		if err != nil {
			return "", err
		}
		if held != "" {
			return "", problem.Refuse("This offer cannot be held.", "You are holding another offer. Answer that one first.")
		}
		o.State, o.HeldOn, o.Since, o.Reminded = Held, on, on, nil
		if o.ReplyBy, err = s.holdUntil(ctx, tenant, on, o.ReplyBy); err != nil {
			return "", err
		}
		return "", s.climb(ctx, call, *o, on)
	})
}

func (s *Service) holdUntil(ctx context.Context, tenant string, on, due clock.Date) (clock.Date, error) {
	if s.o.HoldDays == nil {
		return due, nil
	}
	days, err := s.o.HoldDays(ctx, tenant)
	if err != nil || days <= 0 {
		return due, err
	}
	return clock.AddWorkingDays(max(on, due), days, s.o.Rules.Holidays), nil
}

// climb enqueues the rungs around the day an answer is due. A rung whose day
// has changed meanwhile does nothing when its time comes.
func (s *Service) climb(ctx context.Context, call access.Call, o Offer, on clock.Date) error {
	if s.o.Jobs == nil || call.Actor.Has(operator) {
		return nil
	}
	const morning = 9 * time.Hour
	for _, r := range Ladder(s.o.Rules, on, o.ReplyBy) {
		ids := map[string]string{"doctor": o.Doctor, "offer": o.ID, "rung": r.ID, "due": o.ReplyBy.String()}
		if err := s.o.Jobs.EnqueueAt(ctx, call.Actor.Tenant, JobRung, ids, clock.StartOf(r.On).Add(morning)); err != nil {
			return err
		}
	}
	return nil
}

// Rung takes one rung of an offer's ladder: a reminder to the doctor, a task
// for the caseworker when no answer came, and then the offer's end. Each is
// taken once; one that is out of date does nothing.
func (s *Service) Rung(ctx context.Context, call access.Call, ids map[string]string) error {
	tenant, rung := call.Actor.Tenant, ids["rung"]
	return s.db.Tx(ctx, func(ctx context.Context) error {
		o, err := s.load(ctx, tenant, ids["offer"])
		if problem.KindOf(err) == problem.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if !o.State.Open() || o.ReplyBy.String() != ids["due"] || slices.Contains(o.Reminded, rung) {
			return nil
		}
		before := o
		o.Reminded = append(slices.Clone(o.Reminded), rung)
		switch rung {
		case RungLapse:
			o.State, o.Since, o.Reason = Lapsed, call.Today, "no_answer"
			if err := s.endRung(ctx, call, before, o); err != nil {
				return err
			}
		case RungDue:
			t := dueTask(o, call.Today)
			if err := s.cases.OpenTask(ctx, call, t); err != nil {
				return err
			}
		default:
			if err := s.o.Jobs.Enqueue(ctx, tenant, JobOffered, map[string]string{"doctor": o.Doctor, "offer": o.ID, "rung": rung}); err != nil {
				return err
			}
		}
		return s.update(ctx, tenant, o)
	})
}

func (s *Service) endRung(ctx context.Context, call access.Call, before, o Offer) error {
	if err := s.record(ctx, call, ActWithdraw, before, o, casefile.OfferWithdrawn); err != nil {
		return err
	}
	return s.fell(ctx, call, o)
}

// dueTask asks the caseworker to find out why nobody answered, before the offer
// ends by itself.
func dueTask(o Offer, today clock.Date) casefile.Task {
	return casefile.Task{Doctor: o.Doctor, Kind: "unanswered_offer", Title: "Find out why nobody answered", Source: o.Source(), URL: "/offers/" + o.ID,
		Party: casefile.PartyCaseworker, Since: today}
}

func secondTask(o Offer) casefile.Task {
	return casefile.Task{Doctor: o.Doctor, Kind: "second_withdrawal", Title: "Be the second person to decide", Source: o.Source(), URL: "/offers/" + o.ID,
		Party: casefile.PartyCaseworker, Since: o.Ask.On}
}

// Deciding says whether a condition of an offer is met.
type Deciding struct {
	ID      string
	Version int
	Code    string
	State   ConditionState
	On      clock.Date
}

// Decide says how a condition of an offer stands, until the start.
func (s *Service) Decide(ctx context.Context, call access.Call, cmd Deciding) (Offer, error) {
	on := call.On(cmd.On)
	return s.change(ctx, call, ActOffer, target{cmd.ID, cmd.Version}, func(_ context.Context, o *Offer) (casefile.Kind, error) {
		i := slices.IndexFunc(o.Conditions, func(c Condition) bool { return c.Code == cmd.Code })
		var c problem.Check
		c.That(i >= 0, "condition", "This offer has no such condition")
		c.That(cmd.State == Pending || cmd.State == Met || cmd.State == NotMet, "state", "Say whether the condition is met")
		if err := c.Err(); err != nil {
			return "", err
		}
		if !o.State.Live() {
			return "", problem.Refuse("This condition cannot be changed.", StopsWithdrawal(*o)...)
		}
		o.Conditions = slices.Clone(o.Conditions)
		o.Conditions[i] = Condition{cmd.Code, cmd.State, on}
		return "", nil
	})
}

// Withdrawal ends a proposal, or asks for the end of an offer.
type Withdrawal struct {
	ID      string
	Version int
	On      clock.Date
	Reason  string
}

// Withdraw ends a proposal. An offer that was made it only asks to end: a
// second person has to agree with Second. What the operator enters is history,
// which had its second person.
func (s *Service) Withdraw(ctx context.Context, call access.Call, cmd Withdrawal) (Offer, error) {
	on := call.On(cmd.On)
	return s.change(ctx, call, ActWithdraw, target{cmd.ID, cmd.Version}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		var c problem.Check
		c.That(knownReason(WithdrawReasons(), cmd.Reason), "reason", "Choose why it is withdrawn")
		if err := c.Err(); err != nil {
			return "", err
		}
		if stops := StopsWithdrawal(*o); len(stops) > 0 {
			return "", problem.Refuse("This cannot be withdrawn.", stops...)
		}
		if o.State == Proposed || call.Actor.Has(operator) {
			return s.end(ctx, call, o, cmd.Reason, on)
		}
		if o.Ask.By != "" {
			return "", problem.Refuse("This cannot be asked for again.", "Somebody has asked for it already. It waits for a second person.")
		}
		o.Ask = Asked{cmd.Reason, call.Actor.Account, on}
		return "", s.cases.OpenTask(ctx, call, secondTask(*o))
	})
}

// end withdraws; a post the offer had filled is open again.
func (s *Service) end(ctx context.Context, call access.Call, o *Offer, reason string, on clock.Date) (casefile.Kind, error) {
	filled := o.State == Accepted || o.State == Checked
	o.State, o.WithdrawnOn, o.Since, o.Reason = Withdrawn, on, on, reason
	if filled {
		if err := s.posts.Reopen(ctx, call, o.Post, o.ID); err != nil {
			return "", err
		}
	}
	return casefile.OfferWithdrawn, s.fell(ctx, call, *o)
}

// Seconding is the second person's word on a withdrawal.
type Seconding struct {
	ID      string
	Version int
	On      clock.Date
	Agree   bool
}

// Second agrees to a withdrawal somebody else asked for, which ends the offer,
// or does not, and then it stands as before.
func (s *Service) Second(ctx context.Context, call access.Call, cmd Seconding) (Offer, error) {
	on := call.On(cmd.On)
	return s.change(ctx, call, ActSecond, target{cmd.ID, cmd.Version}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		if stops := StopsSecond(*o, call.Actor.Account); len(stops) > 0 {
			return "", problem.Refuse("You cannot decide about this withdrawal.", stops...)
		}
		if err := s.cases.CloseTask(ctx, call, o.Doctor, secondTask(*o).Kind, o.Source()); err != nil {
			return "", err
		}
		reason := o.Ask.Reason
		if cmd.Agree {
			return s.end(ctx, call, o, reason, on) // Ask stays: who asked, beside who agreed in the audit
		}
		o.Ask = Asked{}
		return "", s.audit.Record(ctx, call, audit.Entry{Action: ActSecond, Kind: "offer", ID: o.ID, Person: o.Doctor, After: map[string]any{"refused": reason}})
	})
}
