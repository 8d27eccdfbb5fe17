package request

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// consent is the doctor's yes or no to being asked about; no answer is no.
func (s *Service) consent(ctx context.Context, call access.Call, r *Request, yes, own bool) error {
	if !own {
		return problem.Refuse("Only the doctor can answer this.")
	}
	w := r.Whom
	if err := s.o.Doctors.Say(ctx, call, doctor.NewSaid{Doctor: r.Doctor, Allowed: yes,
		Subject: doctor.Subject{Party: doctor.Party(w.Party), Name: w.Name, Country: w.Country, Email: w.Email}}); err != nil {
		return err
	}
	r.Received, r.Judged, r.JudgedBy, r.Verdict = call.Today, call.Today, call.Actor.Account, NotEnough
	r.Answer = Answer{Says: SaysDecline, MayRead: true}
	if yes {
		r.Verdict, r.Answer.Says = Accepted, SaysConfirm
	}
	return nil
}

// Permit records the doctor's yes or no to asking whom a request names. The
// request follows in the same transaction.
func (s *Service) Permit(ctx context.Context, call access.Call, id string, yes bool) error {
	r, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return err
	}
	if err := s.may(call, ActMake, r); err != nil {
		return err
	}
	k, _ := s.o.Rules.Kind(r.Kind)
	subjects := r.Subjects(k)
	if len(subjects) == 0 || subjects[0].Name == "" {
		return problem.Refuse("Say first who could be asked.")
	}
	return s.o.Doctors.Say(ctx, call, doctor.NewSaid{Doctor: r.Doctor, Subject: subjects[0], Allowed: yes})
}

// Judging is what a person thinks of what came back.
type Judging struct {
	ID      string
	Version int
	Verdict string // Accepted or NotEnough
	Note    string
	Fact    string // which it proves, where the request names none
}

// Judge says that what came back is enough, or not. Only then does the fact it
// was asked for count as verified, with this request as its source. Nobody
// judges for themselves.
func (s *Service) Judge(ctx context.Context, call access.Call, j Judging) (Request, error) {
	return s.change(ctx, call, ActJudge, target{j.ID, j.Version}, func(ctx context.Context, r *Request, k Kind) error {
		var c problem.Check
		c.That(j.Verdict == Accepted || j.Verdict == NotEnough, "verdict", "Choose if this is enough")
		c.That(len([]rune(j.Note)) <= 1000, "note", "This must be 1,000 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		if call.Actor.Doctor == r.Doctor {
			return problem.Missing()
		}
		if r.State != Received || r.Instead != "" {
			return problem.Refuse("There is nothing to judge.", "No answer has come, or other evidence was given and is judged on its own.")
		}
		r.Fact = cmp.Or(r.Fact, j.Fact)
		r.Judged, r.JudgedBy, r.Verdict, r.Judgement = call.Today, call.Actor.Account, j.Verdict, Judgement{Note: j.Note}
		return s.prove(ctx, call, r)
	})
}

// prove makes the fact of an accepted request verified.
func (s *Service) prove(ctx context.Context, call access.Call, r *Request) error {
	if r.Verdict != Accepted || r.Fact == "" {
		return nil
	}
	facts, err := s.o.Facts.For(ctx, call.Actor.Tenant, r.Doctor)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(facts, func(f fact.Record) bool { return f.ID == r.Fact })
	if i < 0 { // it was changed meanwhile: what came back is about something else
		return problem.Refuse("The fact this was asked for was changed meanwhile.", "Look at what the doctor says now, and make a new request.")
	}
	f := facts[i]
	id, err := s.o.Facts.Supersede(ctx, call, f.ID, fact.NewFact{Doctor: r.Doctor, Kind: f.Kind, On: f.On, Until: f.Until, State: rulebook.Verified,
		Source: r.SourceID(), Fields: f.Fields, Note: f.Note})
	r.Fact = id
	return err
}

// Instead is other evidence as the doctor gives it.
type Instead struct {
	ID        string
	Version   int
	Code      string
	Text      string
	Documents []string
	Cannot    bool // the doctor cannot have this: the next opens
}

// GiveInstead takes other evidence in, or that it cannot be had, in the order
// of the list. Nobody is asked.
func (s *Service) GiveInstead(ctx context.Context, call access.Call, in Instead) (Request, error) {
	in.Text = strings.TrimSpace(in.Text)
	return s.change(ctx, call, ActMake, target{in.ID, in.Version}, func(ctx context.Context, r *Request, k Kind) error {
		tried, err := s.alternatives(ctx, call.Actor.Tenant, r.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(Alternatives(*r, k, triedOf(tried)), func(t Tried) bool { return t.Code == in.Code && t.State == AltOpen })
		if i < 0 {
			return problem.Refuse("This is not the next way to try.", "The ways open in order. Go back and look which is open now.")
		}
		var c problem.Check
		c.That(in.Cannot || in.Text != "" || len(in.Documents) > 0, "text", "Say what you send, or that you cannot have it")
		c.That(len([]rune(in.Text)) <= 4000, "text", "This must be 4,000 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		if !in.Cannot {
			if err := s.enough(ctx, call, *r, in.Code, in.Documents); err != nil {
				return err
			}
		}
		a := alternative{Request: r.ID, Code: in.Code, Doctor: r.Doctor, State: AltGiven, Given: call.Today, alternativePart: alternativePart{Text: in.Text, Documents: in.Documents}}
		if in.Cannot {
			a.State = AltCannot
		} else {
			r.Instead, r.Received, r.Declined = in.Code, call.Today, 0
			r.Judged, r.Verdict, r.JudgedBy = 0, "", ""
		}
		return s.saveAlternative(ctx, call, a)
	})
}

// enough refuses other evidence of several people while fewer have sworn a
// statement: by their own link, or on paper among the documents.
func (s *Service) enough(ctx context.Context, call access.Call, r Request, code string, documents []string) error {
	rule, _ := s.o.Rules.Alternative(code)
	if rule.Statements == 0 {
		return nil
	}
	sworn, err := s.sworn(ctx, call.Actor.Tenant, r)
	if err != nil {
		return err
	}
	papers := slices.Compact(slices.Sorted(slices.Values(documents)))
	if n := sworn + len(papers); n < rule.Statements {
		return problem.Refuse("There are not enough statements yet.", fmt.Sprintf("%d people or more must have sworn one, and %d have. Name somebody else who was there, or choose the papers that were sworn.", rule.Statements, n))
	}
	return nil
}

// sworn counts the people whose statement for a request stands.
func (s *Service) sworn(ctx context.Context, tenant string, r Request) (int, error) {
	all, err := s.ofDoctor(ctx, tenant, r.Doctor)
	people := map[string]bool{}
	for _, other := range all {
		if other.Parent == r.ID && other.Kind == kindStatement && (other.State == Received || other.State == Verified) {
			people[strings.ToLower(strings.Join(strings.Fields(other.Whom.Name), " "))] = true
		}
	}
	return len(people), err
}

func triedOf(list []alternative) []Tried {
	out := make([]Tried, len(list))
	for i, a := range list {
		out[i] = Tried{a.Code, a.State}
	}
	return out
}

// JudgeInstead says that other evidence is enough, or not. Where the rules ask
// for a second person, one yes only waits for the other's, and where the second
// says no a third decides.
func (s *Service) JudgeInstead(ctx context.Context, call access.Call, j Judging) (Request, error) {
	return s.change(ctx, call, ActJudge, target{j.ID, j.Version}, func(ctx context.Context, r *Request, k Kind) error {
		if call.Actor.Doctor == r.Doctor {
			return problem.Missing()
		}
		tried, err := s.alternatives(ctx, call.Actor.Tenant, r.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(tried, func(a alternative) bool { return a.Code == r.Instead && a.State == AltGiven })
		if i < 0 {
			return problem.Refuse("There is no other evidence to judge.")
		}
		var c problem.Check
		c.That(j.Verdict == Accepted || j.Verdict == NotEnough, "verdict", "Choose if this is enough")
		c.That(len([]rune(j.Note)) <= 1000, "note", "This must be 1,000 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		if j.Verdict == Accepted {
			if err := s.enough(ctx, call, *r, tried[i].Code, tried[i].Documents); err != nil {
				return err
			}
		}
		return s.judgeInstead(ctx, call, r, tried[i], j)
	})
}

func (s *Service) judgeInstead(ctx context.Context, call access.Call, r *Request, a alternative, j Judging) error {
	rule, _ := s.o.Rules.Alternative(a.Code)
	a.Note = strings.Trim(a.Note+" / "+j.Note, " /")
	r.Fact = cmp.Or(r.Fact, j.Fact)
	switch {
	case rule.Second && (a.JudgedBy == call.Actor.Account || a.SecondBy == call.Actor.Account):
		return problem.Refuse("You cannot judge this twice.", "You have said what you think already. Somebody else must look too.")
	case rule.Second && j.Verdict == NotEnough && a.JudgedBy != "" && a.SecondBy == "":
		a.Judged, a.SecondBy = call.Today, call.Actor.Account // they disagree: a third decides
	case j.Verdict == NotEnough:
		a.State, a.Judged, a.JudgedBy = AltNotEnough, call.Today, call.Actor.Account
		r.Instead, r.Received = "", 0
	case rule.Second && a.JudgedBy == "":
		a.Judged, a.JudgedBy = call.Today, call.Actor.Account
	default:
		a.State, a.Judged = AltAccepted, call.Today
		if rule.Second {
			a.SecondBy = cmp.Or(a.SecondBy, call.Actor.Account)
		} else {
			a.JudgedBy = call.Actor.Account
		}
		r.Judged, r.JudgedBy, r.Verdict, r.Judgement = call.Today, call.Actor.Account, Accepted, Judgement{Note: j.Note}
	}
	if err := s.saveAlternative(ctx, call, a); err != nil {
		return err
	}
	return s.prove(ctx, call, r)
}
