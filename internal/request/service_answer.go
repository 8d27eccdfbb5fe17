package request

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Asked is all that the page of a link shows: a name, a time and a question.
// Nothing tells a status, an address, an employer, a programme or a place.
type Asked struct {
	Name     string
	From, To clock.Date
	Question string
	Choose   bool // chooses whether the doctor may read the answer
	Agree    bool // must agree before being asked
	Charity  bool // may sign through a charity
	TakeBack bool // the link is for taking a statement back
	Until    clock.Date
}

// Look gives what a link asks. Every link that does not work answers as one
// that does not exist.
func (s *Service) Look(ctx context.Context, call access.Call, link string) (Asked, error) {
	_, l, r, k, err := s.open(ctx, call, link)
	if err != nil {
		return Asked{}, err
	}
	out := Asked{Name: r.Whom.DoctorName, From: r.Whom.From, To: r.Whom.To, Question: k.Asks, Choose: k.Private, Charity: k.Charity,
		Agree: k.Agrees && r.Agreed.IsZero(), TakeBack: l.Purpose == PurposeWithdraw, Until: l.Expires}
	return out, nil
}

// open finds a link that works, with its request: one that still waits, or of
// which a statement can be taken back.
func (s *Service) open(ctx context.Context, call access.Call, text string) (access.Call, Link, Request, Kind, error) {
	tenant, l, err := s.find(ctx, call, text)
	if err != nil {
		return call, l, Request{}, Kind{}, err
	}
	call.Actor = access.Actor{Tenant: tenant} // whoever is signed in here: the link alone answers
	r, err := s.load(ctx, tenant, l.Request)
	if err != nil {
		return call, l, r, Kind{}, err
	}
	k, _ := s.o.Rules.Kind(r.Kind)
	now := r
	if err := s.derive(ctx, call, &now); err != nil { // not what is stored: what holds at this moment
		return call, l, r, k, err
	}
	waits := now.State == Waiting || now.State == Overdue
	if l.Purpose == PurposeAnswer && !waits || l.Purpose == PurposeWithdraw && (now.State != Received && now.State != Verified) {
		return call, l, r, k, problem.Missing()
	}
	return call, l, r, k, nil
}

// Agree says that somebody agrees to be asked for a statement.
func (s *Service) Agree(ctx context.Context, call access.Call, link string) error {
	call, l, r, k, err := s.open(ctx, call, link)
	if err != nil {
		return err
	}
	if !k.Agrees || l.Purpose != PurposeAnswer {
		return problem.Missing()
	}
	_, err = s.change(ctx, call, ActAnswer, target{id: r.ID}, func(_ context.Context, r *Request, _ Kind) error {
		r.Agreed = call.Today
		return nil
	})
	return err
}

// Check says all that is missing in an answer from a link.
func (a Answer) Check(k Kind, today clock.Date) error {
	var c problem.Check
	c.That(slices.Contains([]string{SaysConfirm, SaysCorrect, SaysDecline, SaysUnknown}, a.Says), "says", "Choose your answer")
	if a.Says == SaysCorrect {
		c.That(!a.From.IsZero() || !a.To.IsZero() || a.Text != "", "text", "Say what was different, or enter the dates")
	}
	c.That(a.From.IsZero() || a.From <= today, "from", "The first day must be in the past")
	c.That(a.To.IsZero() || a.From.IsZero() || a.To >= a.From, "to", "The last day must be after the first day")
	if a.yes() {
		c.That(a.Role != "", "role", "Say how you know this person")
		c.That(a.Signed != "", "signed", "Write your name")
	}
	c.That(!a.yes() || !k.Agrees || k.Charity || a.Charity == "", "charity", "This cannot be signed through a charity")
	for field, text := range map[string]string{"role": a.Role, "signed": a.Signed, "charity": a.Charity} {
		c.That(len([]rune(text)) <= 150, field, "This must be 150 characters or fewer")
	}
	c.That(len([]rune(a.Text)) <= 4000, "text", "This must be 4,000 characters or fewer")
	return c.Err()
}

func (a Answer) yes() bool { return a.Says == SaysConfirm || a.Says == SaysCorrect }

// Reply takes the answer of a link, once. Of a statement it gives the text of a
// second link, by which it can be taken back; "" otherwise.
func (s *Service) Reply(ctx context.Context, call access.Call, link string, a Answer) (back string, err error) {
	call, l, r, k, err := s.open(ctx, call, link)
	if err != nil {
		return "", err
	}
	if l.Purpose != PurposeAnswer || k.Agrees && r.Agreed.IsZero() && a.yes() {
		return "", problem.Missing()
	}
	if err := a.Check(k, call.Today); err != nil {
		return "", err
	}
	if !k.Private {
		a.MayRead = true
	}
	a.ByLink = true
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		first, err := s.useLink(ctx, call.Actor.Tenant, l, call.Now)
		if err != nil {
			return err
		}
		if !first {
			return problem.Missing()
		}
		if _, err = s.change(ctx, call, ActAnswer, target{id: r.ID}, func(_ context.Context, r *Request, _ Kind) error {
			r.Answer = a
			if a.yes() {
				r.Received = call.Today
			} else {
				r.Declined = call.Today
			}
			return nil
		}); err != nil || !k.Agrees || !a.yes() {
			return err
		}
		made, err := s.newLink(ctx, call, r.ID, PurposeWithdraw)
		back = call.Actor.Tenant + "-" + s.secret(call.Actor.Tenant, made.ID)
		return err
	})
	return back, err
}

// TakeBack takes a statement back: it counts for nothing any more, and the
// doctor can ask somebody else.
func (s *Service) TakeBack(ctx context.Context, call access.Call, link string) error {
	call, l, r, _, err := s.open(ctx, call, link)
	if err != nil {
		return err
	}
	if l.Purpose != PurposeWithdraw {
		return problem.Missing()
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		first, err := s.useLink(ctx, call.Actor.Tenant, l, call.Now)
		if err != nil {
			return err
		}
		if !first {
			return problem.Missing()
		}
		_, err = s.change(ctx, call, ActAnswer, target{id: r.ID}, func(_ context.Context, r *Request, _ Kind) error {
			r.Answer = Answer{Says: SaysDecline, TakenBack: call.Today, ByLink: true}
			r.Received, r.Judged, r.Verdict, r.JudgedBy, r.Declined = 0, 0, "", "", call.Today
			return nil
		})
		if err != nil || r.Parent == "" {
			return err
		}
		return s.unsworn(ctx, call, r.Parent)
	})
}

// unsworn opens again what rested on a statement that was taken back, when too
// few are left: the other evidence is to be given anew, nobody's yes to it
// counts, and what it proved is seen, not verified.
func (s *Service) unsworn(ctx context.Context, call access.Call, parent string) error {
	_, err := s.change(ctx, call, ActAnswer, target{id: parent}, func(ctx context.Context, r *Request, _ Kind) error {
		tried, err := s.alternatives(ctx, call.Actor.Tenant, r.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(tried, func(a alternative) bool {
			rule, _ := s.o.Rules.Alternative(a.Code)
			return a.Code == r.Instead && rule.Statements > 0
		})
		if i < 0 || s.enough(ctx, call, *r, tried[i].Code, tried[i].Documents) == nil {
			return nil
		}
		a := tried[i]
		a.State, a.Judged, a.JudgedBy, a.SecondBy = AltOpen, 0, "", ""
		if err := s.saveAlternative(ctx, call, a); err != nil {
			return err
		}
		r.Instead, r.Received, r.Judged, r.Verdict, r.JudgedBy, r.Judgement = "", 0, 0, "", "", Judgement{}
		return s.o.Facts.Unproved(ctx, call, r.Doctor, r.SourceID())
	})
	return err
}

// Telling is an answer of the doctor, or of staff who received one by other
// means: to a question, a paper that came, or yes and no to being asked.
type Telling struct {
	ID        string
	Version   int
	Text      string
	Yes       bool // of a consent request
	Documents []string
}

// Tell takes it in. Nobody tells for somebody who was asked by a link.
func (s *Service) Tell(ctx context.Context, call access.Call, t Telling) (Request, error) {
	return s.change(ctx, call, ActMake, target{t.ID, t.Version}, func(ctx context.Context, r *Request, k Kind) error {
		own := call.Actor.Doctor == r.Doctor
		if r.State.Over() || r.State == Received {
			return problem.Refuse("An answer has come already, or this request is over.")
		}
		if k.Link && own {
			return problem.Refuse("Only the person who was asked can answer this.")
		}
		if k.ID == kindConsent {
			return s.consent(ctx, call, r, t.Yes, own)
		}
		var c problem.Check
		c.That(t.Text != "" || len(t.Documents) > 0, "text", "Write an answer")
		c.That(len([]rune(t.Text)) <= 4000, "text", "This must be 4,000 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		r.Answer = Answer{Says: SaysConfirm, Text: t.Text, Documents: t.Documents, MayRead: own || !k.Private, RecordedBy: call.Actor.Account}
		r.Received = call.Today
		return nil
	})
}

const kindConsent = "consent"

// Sweep does what time alone brings: reminders, each once, and what is overdue.
// It gives how many requests it changed.
func (s *Service) Sweep(ctx context.Context, call access.Call) (int, error) {
	const most = 200
	list, err := s.due(ctx, call.Actor.Tenant, call.Today, most)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		if err := s.db.Tx(ctx, func(ctx context.Context) error { return s.sweep(ctx, call, r) }); err != nil && problem.KindOf(err) != problem.Conflict {
			return 0, err
		}
	}
	return len(list), nil
}

func (s *Service) sweep(ctx context.Context, call access.Call, r Request) error {
	k, _ := s.o.Rules.Kind(r.Kind)
	next := r
	t, err := s.times(ctx, call.Actor.Tenant, r, k)
	if err != nil {
		return err
	}
	due := Due(r, t, call.Today)
	for _, rung := range due {
		next.Reminded = append(slices.Clone(next.Reminded), rung.ID)
	}
	if err := s.settle(ctx, call, r, &next, k); err != nil {
		return err
	}
	switch {
	case len(due) > 0 && next.State == Waiting:
		err = s.remind(ctx, call, next, k)
	case next.State == Overdue && r.State != Overdue && next.Owes == OwesDoctor:
		err = s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobRemindDoctor, map[string]string{"doctor": r.Doctor, "request": r.ID})
	}
	if err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActAsk, Kind: "request", ID: r.ID, Person: r.Doctor,
		After: map[string]any{"state": next.State, "reminded": next.Reminded}})
}

// JobRemindDoctor tells the doctor that something waits; app sends it.
const JobRemindDoctor = "request.remind_doctor"

// remind reminds who was asked where the doctor let us write to them; else the
// doctor, who handed the link over or owes the answer.
func (s *Service) remind(ctx context.Context, call access.Call, r Request, k Kind) error {
	switch {
	case k.From == "team":
		return nil
	case k.Link && r.Whom.SendByUs:
		return s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobRemind, map[string]string{"request": r.ID})
	}
	return s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobRemindDoctor, map[string]string{"doctor": r.Doctor, "request": r.ID})
}
